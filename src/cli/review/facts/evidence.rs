//! The evidence itself: the records that a question names, each with the value marked where it stands.

use super::super::Setting;
use super::super::screen::{self, moment};
use super::TEXT_MAX;
use crate::cli::terminal::safe;
use crate::cli::words;
use crate::model::{Booking, Claim, Document, FieldName, Item, RecordId, Scalar, SourceKind, Value, When};
use crate::review::View;
use std::collections::BTreeMap;

/// Records that are opened for one question.
const OPENED_MAX: usize = 4;
/// Lines of a record that are shown where no single one is known to matter.
const LINES_MAX: usize = 12;

/// A place in a record, with what it says.
#[derive(Debug, Clone, Default)]
pub(in crate::cli::review) struct Snippet {
    pub title: String,
    pub lines: Vec<Quote>,
}

/// A line of a record; `hit` is the value where it stands.
#[derive(Debug, Clone, Default)]
pub(in crate::cli::review) struct Quote {
    pub before: String,
    pub hit: String,
    pub after: String,
}

/// Records as they are opened for one case.
pub(super) struct Opened<'a> {
    setting: Setting<'a>,
    documents: BTreeMap<RecordId, Option<Document>>,
}

impl<'a> Opened<'a> {
    pub fn new(setting: Setting<'a>) -> Self {
        Self {
            setting,
            documents: BTreeMap::new(),
        }
    }

    fn document(&mut self, record: &RecordId) -> Option<&Document> {
        let open = self.setting.document;
        self.documents
            .entry(record.clone())
            .or_insert_with(|| open(record))
            .as_ref()
    }

    /// What the record is, and when it was said.
    pub fn title(&mut self, record: &RecordId, booking: &Booking) -> String {
        let setting = self.setting;
        let mut claims = booking.claims.values().flatten();
        let claimed = claims
            .find(|claim| claim.record == *record)
            .and_then(|claim| claim.said_at);
        let document = self.document(record);
        let at = claimed.or(document.and_then(|document| document.said_at));
        let at = at.map(|at| moment(When::Instant(at), setting));
        let gist = document.map_or_else(|| safe(record.as_str(), TEXT_MAX), words::gist);
        at.into_iter().chain([gist]).collect::<Vec<_>>().join("  ")
    }

    /// The records that the question names, each at the place that matters.
    pub fn evidence(&mut self, view: &View<'_>) -> Vec<Snippet> {
        let conflict = view.conflict;
        let mut snippets = Vec::new();
        for (at, candidate) in conflict.candidates.iter().enumerate() {
            for record in &candidate.records {
                if snippets.len() == OPENED_MAX {
                    return snippets;
                }
                let claims = view.booking.claims.values().flatten();
                let of_it = claims.filter(|claim| claim.record == *record);
                let claim = of_it
                    .filter(|claim| Some(claim.field) == conflict.field)
                    .find(|claim| candidate.value.as_ref().is_none_or(|value| *value == claim.value));
                let number = conflict.offers().any(|(offered, _)| offered == at);
                let number = if number {
                    format!("[{}] ", at + 1)
                } else {
                    String::new()
                };
                let title = format!("{number}{}", self.title(record, view.booking));
                let lines = self.quotes(record, claim, candidate.value.as_ref());
                snippets.push(Snippet { title, lines });
            }
        }
        if snippets.is_empty() {
            snippets = self.statements(view);
        }
        snippets
    }

    /// Where the question names no record: what tells of the field, of the money where that is asked, or else the
    /// first record.
    fn statements(&mut self, view: &View<'_>) -> Vec<Snippet> {
        let booking = view.booking;
        let known = view.conflict.field.and_then(|field| booking.claims.get(&field));
        let mut stated: Vec<(&RecordId, Option<&Claim>)> = Vec::new();
        for claim in known.into_iter().flatten() {
            let is_new = !stated.iter().any(|(record, _)| **record == claim.record);
            if is_new && claim.record.source() != "decision" {
                stated.push((&claim.record, Some(claim)));
            }
        }
        if view.conflict.field == Some(FieldName::Total) {
            let is_payment = |record: &&RecordId| {
                let mut payments = booking.payments.iter();
                payments.any(|payment| record.as_str().ends_with(&payment.id))
            };
            stated.extend(
                booking
                    .records
                    .iter()
                    .filter(is_payment)
                    .map(|record| (record, None)),
            );
        }
        if stated.is_empty() {
            let mut records = booking.records.iter();
            stated.extend(
                records
                    .find(|record| record.source() != "decision")
                    .map(|record| (record, None)),
            );
        }
        let first = stated.into_iter().take(OPENED_MAX);
        first
            .map(|(record, claim)| Snippet {
                title: self.title(record, booking),
                lines: self.quotes(record, claim, None),
            })
            .collect()
    }

    /// The line where a value stands with its neighbours, or how the record begins.
    fn quotes(&mut self, record: &RecordId, claim: Option<&Claim>, wanted: Option<&Value>) -> Vec<Quote> {
        let setting = self.setting;
        let Some(document) = self.document(record) else {
            return vec![Quote {
                before: "the record cannot be opened".to_owned(),
                ..Quote::default()
            }];
        };
        let shown: Vec<_> = screen::shown_items(document)
            .filter(|item| matters(item, document.kind))
            .collect();
        if let Some(claim) = claim {
            let place = Place::parse(&claim.place);
            let at = document
                .items
                .iter()
                .position(|item| item.place == place.item && item.line == place.line);
            if let Some(at) = at {
                let item = &document.items[at];
                let around = |at: Option<usize>| {
                    let item = document.items.get(at?)?;
                    (item.place == place.item && item.place.starts_with(['t', 'h']))
                        .then(|| plain(screen::stated(item, setting)))
                };
                let hit = match (&item.value, &place.range) {
                    (Scalar::Text(text), Some(range)) => marked(text, range.clone()),
                    _ => Quote {
                        before: format!("{} ", screen::place(item)),
                        hit: screen::stated(item, setting),
                        after: String::new(),
                    },
                };
                let before = around(at.checked_sub(1));
                return before
                    .into_iter()
                    .chain([hit])
                    .chain(around(Some(at + 1)))
                    .collect();
            }
        }
        shown
            .into_iter()
            .take(LINES_MAX)
            .map(|item| {
                let stated = screen::stated(item, setting);
                let place = match screen::place(item) {
                    place if place.is_empty() => place,
                    place => format!("{place} "),
                };
                let is_wanted = matches!((&item.value, wanted), (Scalar::Money(one), Some(Value::Money(two))) if one == two);
                if is_wanted {
                    return Quote {
                        before: place,
                        hit: stated,
                        after: String::new(),
                    };
                }
                plain(format!("{place}{stated}"))
            })
            .collect()
    }
}

/// What a person looks for in a record, by the published format of its kind; the rest is behind `v`.
fn matters(item: &Item, kind: SourceKind) -> bool {
    let place = item.place.as_str();
    match kind {
        SourceKind::Stripe => {
            [
                "/amount",
                "/amount_refunded",
                "/description",
                "/receipt_email",
                "/status",
                "/created",
            ]
            .contains(&place)
                || [
                    "/metadata/",
                    "/billing_details/name",
                    "/billing_details/email",
                    "/billing_details/phone",
                ]
                .iter()
                .any(|begin| place.starts_with(begin))
        }
        SourceKind::GoogleCalendar => {
            ["/summary", "/description", "/location", "/status", "/updated"].contains(&place)
                || place.starts_with("/start") && !place.ends_with("/timeZone")
                || place.starts_with("/end") && !place.ends_with("/timeZone")
        }
        SourceKind::Mail => {
            [
                Document::SUBJECT,
                "header:from.email",
                Document::RECIPIENT,
                "header:auth",
            ]
            .contains(&place)
                || !place.starts_with("header:")
        }
    }
}

fn plain(text: String) -> Quote {
    Quote {
        before: text,
        ..Quote::default()
    }
}

/// Each part is made safe by itself, so that no sequence can hide in the seam.
fn marked(text: &str, range: std::ops::Range<usize>) -> Quote {
    let spaced = |part: &str, safe: String| {
        let starts = part.starts_with(char::is_whitespace) && !safe.is_empty();
        let ends = part.ends_with(char::is_whitespace) && !safe.is_empty();
        format!(
            "{}{safe}{}",
            if starts { " " } else { "" },
            if ends { " " } else { "" }
        )
    };
    match (
        text.get(..range.start),
        text.get(range.clone()),
        text.get(range.end..),
    ) {
        (Some(before), Some(hit), Some(after)) => Quote {
            before: spaced(before, safe(before, TEXT_MAX)),
            hit: safe(hit, TEXT_MAX),
            after: spaced(after, safe(after, TEXT_MAX)),
        },
        _ => plain(safe(text, TEXT_MAX)),
    }
}

/// A claim's place, taken apart: `text:7[9..29]`, `/metadata/x`.
struct Place {
    item: String,
    /// From 0.
    line: u32,
    range: Option<std::ops::Range<usize>>,
}

impl Place {
    fn parse(text: &str) -> Self {
        let (rest, range) = match text.rsplit_once('[') {
            Some((rest, range)) => {
                let ends = range.trim_end_matches(']').split_once("..");
                let range = ends.and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
                (rest, range)
            }
            None => (text, None),
        };
        let (item, line) = match rest.rsplit_once(':') {
            Some((item, number)) => match number.parse::<u32>() {
                Ok(number) => (item, number.saturating_sub(1)),
                Err(_) => (rest, 0),
            },
            None => (rest, 0),
        };
        Self {
            item: item.to_owned(),
            line,
            range,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_apart() {
        let read = |text: &str| {
            let place = Place::parse(text);
            (place.item, place.line, place.range)
        };
        assert_eq!(read("text:7[9..29]"), ("text".to_owned(), 6, Some(9..29)));
        assert_eq!(
            read("header:subject:1[0..3]"),
            ("header:subject".to_owned(), 0, Some(0..3))
        );
        assert_eq!(read("/start/dateTime"), ("/start/dateTime".to_owned(), 0, None));
        assert_eq!(read("/summary[0..4]"), ("/summary".to_owned(), 0, Some(0..4)));
    }

    #[test]
    fn what_stands_at_a_value_cannot_touch_the_terminal() {
        let quote = marked("at \u{1b}[2J09:00\u{202e} \u{7}now", 3..12);
        let text = format!("{}{}{}", quote.before, quote.hit, quote.after);
        assert!(
            !text.contains(|char: char| char.is_control() || char == '\u{202e}'),
            "{text:?}"
        );
        assert!(text.contains("09:00"));
        // A range that cuts a character in two is passed over.
        assert_eq!(marked("é", 1..2).before, "é");
    }
}
