//! Names that a message writes on: "Ida Lowell Photography" where others say "Ida Lowell". Whoever is written to may have a firm of
//! that name, and be booked under it. A backup knows which of the two the row has; without one a person is asked.

use super::{Fused, Input, labelled};
use crate::mapping::squash;
use crate::model::{Document, FieldName, RecordId, Scalar, SourceKind, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// A firm's name goes on by no more words.
const WORDS: usize = 4;
/// A word that follows the names of so many people, and of so many in a hundred, is the message's own.
const COMMON: (usize, usize) = (5, 15);

/// Asks about bookings of whose customer a message writes a longer name.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let documents = input.told.iter().map(|told| told.document);
    let written = documents
        .filter(|document| document.standing == Standing::Business && document.kind == SourceKind::Mail);
    let mut of_record: BTreeMap<&RecordId, Vec<&Document>> = BTreeMap::new();
    for document in written {
        of_record.entry(&document.record).or_default().push(document);
    }
    let longer = |fused: &Fused| -> Vec<(RecordId, String)> {
        let Some(name) = fused.booking.customer.name.as_deref() else {
            return Vec::new();
        };
        let records = fused.booking.records.iter();
        let documents = records.filter_map(|record| of_record.get(record)).flatten();
        documents
            .flat_map(|document| {
                let found = texts(document).filter_map(|text| goes_on(text, name));
                found.map(|longer| (document.record.clone(), longer.to_owned()))
            })
            .collect()
    };
    let all: Vec<Vec<(RecordId, String)>> = fused.iter().map(longer).collect();
    let common = common(fused, &all);
    for (fused, longer) in fused.iter_mut().zip(all) {
        let booking = &mut fused.booking;
        let Some(name) = booking.customer.name.clone() else {
            continue;
        };
        let mut conflicts = booking.conflicts.iter();
        if conflicts.any(|conflict| conflict.field == Some(FieldName::CustomerName)) {
            continue;
        }
        let own = |(_, longer): &(RecordId, String)| {
            first_behind(longer, &name).is_some_and(|word| !common.contains(&word))
        };
        let Some((record, longer)) = longer.into_iter().find(own) else {
            continue;
        };
        let reason =
            format!("{record} says \"{longer}\", where others say \"{name}\": which is the customer's name?");
        labelled::ask(booking, name, (record, longer), reason);
    }
}

fn texts(document: &Document) -> impl Iterator<Item = &str> {
    let items = document.items.iter();
    items.filter_map(|item| match &item.value {
        Scalar::Text(text) if matches!(item.place.as_str(), "text" | "html") => Some(text.as_str()),
        _ => None,
    })
}

/// The name with the words behind it, where all of these are written like names. A script without capitals cannot tell.
fn goes_on<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let at = text.find(name).filter(|_| name.contains(' '))?;
    let rest = &text[at + name.len()..];
    let end = rest.find(|char: char| !(char.is_alphanumeric() || matches!(char, ' ' | '&' | '\'' | '’')));
    let more = &rest[..end.unwrap_or(rest.len())];
    let is_like_a_name = |word: &str| word == "&" || word.chars().next().is_some_and(char::is_uppercase);
    let words: Vec<&str> = more.split_whitespace().collect();
    let ends = words.last().is_some_and(|word| *word != "&");
    let goes_on = more.starts_with(' ') && ends && words.len() <= WORDS;
    (goes_on && words.into_iter().all(is_like_a_name))
        .then(|| text[at..at + name.len() + more.len()].trim_end())
}

/// The first word, folded, by which a longer name goes on.
fn first_behind(longer: &str, name: &str) -> Option<String> {
    let mut words = longer.strip_prefix(name)?.split_whitespace().map(squash);
    words.find(|word| !word.is_empty())
}

/// What follows many people's names.
fn common(fused: &[Fused], all: &[Vec<(RecordId, String)>]) -> BTreeSet<String> {
    let mut people: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for (fused, longer) in fused.iter().zip(all) {
        let Some(name) = fused.booking.customer.name.as_deref() else {
            continue;
        };
        named.insert(name);
        for word in longer.iter().filter_map(|(_, longer)| first_behind(longer, name)) {
            people.entry(word).or_default().insert(name);
        }
    }
    let many = COMMON.0.max(named.len() * COMMON.1 / 100);
    let common = people.into_iter().filter(|(_, people)| people.len() >= many);
    common.map(|(word, _)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_on_by_words_that_are_written_like_names() {
        let on = |text| goes_on(text, "Ida Lowell");
        assert_eq!(
            on("Bill to: Ida Lowell Photography, 4 Mill Lane"),
            Some("Ida Lowell Photography")
        );
        assert_eq!(
            on("Bill to Ida Lowell Film & Sound (ida@lowell.example)"),
            Some("Ida Lowell Film & Sound")
        );
        for plain in [
            "Dear Ida Lowell, Thank you",
            "Dear Ida Lowell",
            "for Ida Lowell on Friday",
            "Ida Lowell Thank You For The Very Nice Day",
            "Ida Lowell 4 People",
            "Ida Lowell & ",
            "Ida Lowells Boat",
        ] {
            assert_eq!(on(plain), None, "{plain}");
        }
        // Of one word nobody knows where a name ends.
        assert_eq!(goes_on("Ida Lowell", "Ida"), None);
    }
}
