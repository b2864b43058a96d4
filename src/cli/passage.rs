//! The passage of a record that a claim was read from.

use super::terminal::safe;
use crate::model::{Claim, Document, Scalar};

/// Shown around the value on each side.
const AROUND_MAX: usize = 34;
/// Longest value that is shown.
const VALUE_MAX: usize = 80;

/// A line of a record, cut where the value stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passage {
    pub before: String,
    pub value: String,
    pub after: String,
}

impl Passage {
    /// The passage at a claim's place; None where the record does not have it any more.
    pub fn of(claim: &Claim, document: &Document) -> Option<Self> {
        let (place, range) = match claim
            .place
            .strip_suffix(']')
            .and_then(|place| place.rsplit_once('['))
        {
            Some((place, range)) => (place, Some(range.split_once("..")?)),
            None => (claim.place.as_str(), None),
        };
        let text = text_at(document, place)?;
        let Some((from, to)) = range else {
            return Some(Self {
                before: String::new(),
                value: safe(&text, VALUE_MAX),
                after: String::new(),
            });
        };
        let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
        Some(Self {
            before: tail(text.get(..from)?),
            value: safe(text.get(from..to)?, VALUE_MAX),
            after: head(text.get(to..)?),
        })
    }

    /// On one line, the value between bars.
    pub fn marked(&self) -> String {
        format!("{}▐{}▌{}", self.before, self.value, self.after)
    }
}

/// The text of an item by its place as claims write it: `text:7`, `/metadata/kind`, `header:subject:1`.
fn text_at(document: &Document, place: &str) -> Option<String> {
    let numbered = place.rsplit_once(':').and_then(|(place, line)| {
        let line = line.parse::<u32>().ok()?.checked_sub(1)?;
        document
            .items
            .iter()
            .find(|item| item.place == place && item.line == line)
    });
    let item = numbered.or_else(|| document.items.iter().find(|item| item.place == place))?;
    Some(match &item.value {
        Scalar::Text(text) | Scalar::Number(text) => text.clone(),
        Scalar::Flag(flag) => flag.to_string(),
        Scalar::Money(money) => money.to_string(),
        Scalar::Instant(at) => at.to_rfc3339(),
        Scalar::Date(date) => date.to_string(),
    })
}

/// The last of a text, without what could steer a terminal; a space before the value stays.
fn tail(text: &str) -> String {
    let count = text.chars().count();
    let skipped: String = text.chars().skip(count.saturating_sub(AROUND_MAX)).collect();
    let cut = if count > AROUND_MAX { "…" } else { "" };
    let space = if text.ends_with(char::is_whitespace) {
        " "
    } else {
        ""
    };
    format!("{cut}{}{space}", safe(&skipped, AROUND_MAX))
}

fn head(text: &str) -> String {
    let space = if text.starts_with(char::is_whitespace) {
        " "
    } else {
        ""
    };
    format!("{space}{}", safe(text, AROUND_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FieldName, Standing, Value};

    fn document(place: &str, line: usize, text: &str) -> Document {
        let mut lines = vec![""; line];
        lines.push(text);
        Document::message("1@x.example").with_lines(place, &lines)
    }

    fn marked(document: &Document, place: &str) -> Option<String> {
        let claim = Claim {
            record: document.record.clone(),
            field: FieldName::StartsAt,
            value: Value::Text(String::new()),
            place: place.to_owned(),
            rule: String::new(),
            standing: Standing::Business,
            said_at: None,
        };
        Passage::of(&claim, document).map(|passage| passage.marked())
    }

    #[test]
    fn the_value_is_marked_where_it_stands() {
        let mail = document("text", 6, "Collect - 9.00 am, at the pier");
        assert_eq!(
            marked(&mail, "text:7[10..17]").as_deref(),
            Some("Collect - ▐9.00 am▌, at the pier")
        );
        assert_eq!(marked(&mail, "text:8[10..17]"), None, "no such line");
        assert_eq!(marked(&mail, "text:7[10..99]"), None, "no such bytes");
    }

    #[test]
    fn a_place_with_a_colon_is_found_and_an_item_is_its_own_passage() {
        let header = document("header:subject", 0, "Booking R-1");
        assert_eq!(
            marked(&header, "header:subject:1[8..11]").as_deref(),
            Some("Booking ▐R-1▌")
        );
        let charge = document("/metadata/ref", 0, "R-1");
        assert_eq!(marked(&charge, "/metadata/ref").as_deref(), Some("▐R-1▌"));
    }

    #[test]
    fn a_passage_cannot_steer_the_terminal() {
        let mail = document("text", 0, "\u{1b}[2Ja\u{202e} b c");
        assert_eq!(marked(&mail, "text:1[9..10]").as_deref(), Some("a ▐b▌ c"));
    }
}
