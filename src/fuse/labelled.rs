//! A place of messages and titles that says the customer's name as a rule, and another one here: whoever is written to books for a
//! band, for a guest, for a child. A backup knows whom the row names then; without one a person is asked.

use super::{Fused, Input};
use crate::mapping::squash;
use crate::model::{
    Booking, Candidate, Conflict, ConflictKind, Document, FieldName, RecordId, Scalar, SourceKind, Standing,
    Value,
};
use crate::reading::{self, is_word_char};
use std::collections::{BTreeMap, BTreeSet};

/// A place says the customer's name where it says that of so many people, and of so many in a hundred.
const NAMED: (usize, usize) = (5, 20);
/// A word there of so many people, and of so many in a hundred, is nobody's name.
const COMMON: (usize, usize) = (5, 10);
/// A name is not longer, in words.
const WORDS: usize = 6;

/// What stands before a value: in its line, or the whole line above where it is a line of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Label {
    above: bool,
    text: String,
}

/// A line of a record, the one above it, and whether it is an entry's title.
struct Line<'a> {
    record: &'a RecordId,
    text: String,
    above: String,
    title: bool,
}

/// Asks about bookings whose records say another name where others say the customer's.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let documents = input.told.iter().map(|told| told.document);
    let documents = documents.filter(|document| document.standing == Standing::Business);
    let mut of_record: BTreeMap<&RecordId, Vec<&Document>> = BTreeMap::new();
    for document in documents.filter(|document| document.kind != SourceKind::Stripe) {
        of_record.entry(&document.record).or_default().push(document);
    }
    let lines: Vec<Vec<Line<'_>>> = fused
        .iter()
        .map(|fused| {
            let booking = &fused.booking;
            let documents = booking.records.iter().filter_map(|record| of_record.get(record));
            let reference = booking.reference.as_deref();
            documents
                .flatten()
                .flat_map(|document| lines(document, reference))
                .collect()
        })
        .collect();
    let places = places(fused, &lines);
    let common = common(fused, &lines, &places);
    for (fused, lines) in fused.iter_mut().zip(&lines) {
        let booking = &mut fused.booking;
        let Some(name) = booking.customer.name.clone() else {
            continue;
        };
        let asked = booking
            .conflicts
            .iter()
            .any(|conflict| conflict.field == Some(FieldName::CustomerName));
        let found = lines.iter().filter(|_| !asked).find_map(|line| {
            let (label, value) = places
                .iter()
                .find_map(|label| Some((label, value(label, line)?)))?;
            let other = is_another(&name, value, line.title, &common);
            other.then(|| (line.record.clone(), label, value.to_owned()))
        });
        let Some((record, label, other)) = found else {
            continue;
        };
        let reason = format!(
            "{record} says \"{other}\" behind \"{}\", where others say the customer's name, and not \"{name}\": for whom is it?",
            label.text
        );
        ask(booking, name, (record, other), reason);
    }
}

/// Asks whether the booking is for whom it is kept, or for the other whom a record names; that one is suggested.
pub(super) fn ask(booking: &mut Booking, name: String, (record, other): (RecordId, String), reason: String) {
    let weigh = |text: String, records, millibits| Candidate {
        value: Some(Value::Text(text)),
        records,
        millibits,
    };
    let candidates = vec![weigh(other, vec![record], 1000), weigh(name, Vec::new(), 500)];
    let (kind, field) = (ConflictKind::FieldContradicts, Some(FieldName::CustomerName));
    let asked = Conflict::new(&booking.id, kind, field, reason, candidates, Some(0));
    booking.conflicts.push(asked);
}

/// The lines of a message, or the title of an entry, with a mark in place of the booking's number.
fn lines<'a>(document: &'a Document, reference: Option<&str>) -> Vec<Line<'a>> {
    let mut above = String::new();
    let mut lines = Vec::new();
    for item in &document.items {
        let title = item.place == "/summary";
        let (true, Scalar::Text(text)) = (
            title || matches!(item.place.as_str(), "text" | "html"),
            &item.value,
        ) else {
            continue;
        };
        let text = match reference.filter(|reference| !reference.is_empty()) {
            Some(reference) => text.replace(reference, "#"),
            None => text.clone(),
        };
        lines.push(Line {
            record: &document.record,
            above: std::mem::replace(&mut above, text.trim().to_owned()),
            text,
            title,
        });
    }
    lines
}

/// What stands before a whole name in a line, or above it.
fn label(line: &Line<'_>, name: &str) -> Option<Label> {
    let (before, _) = line.text.split_once(name)?;
    let before = before.trim_end();
    let (above, text) = if before.is_empty() {
        (true, line.above.as_str())
    } else {
        (false, before)
    };
    (!text.is_empty()).then(|| Label {
        above,
        text: text.to_owned(),
    })
}

/// What stands behind a label, as far as it may be a name.
fn value<'l>(label: &Label, line: &'l Line<'_>) -> Option<&'l str> {
    let rest = if label.above {
        (line.above == label.text).then_some(line.text.as_str())?
    } else {
        // A label of one word is no beginning of a longer one: "An" is none of "Ankunft".
        let rest = line.text.strip_prefix(label.text.as_str())?;
        let goes_on = label.text.ends_with(is_word_char) && rest.starts_with(is_word_char);
        (!goes_on).then_some(rest)?
    };
    let value = rest.split([',', ';', '(', '|', '\t', '<']).next()?.trim();
    let few = reading::words(value).len() <= WORDS;
    (few && !value.is_empty()).then_some(value)
}

/// The places that say the customer's name as a rule.
fn places(fused: &[Fused], lines: &[Vec<Line<'_>>]) -> BTreeSet<Label> {
    let mut named: BTreeMap<Label, BTreeSet<&str>> = BTreeMap::new();
    for (fused, lines) in fused.iter().zip(lines) {
        let Some(name) = fused.booking.customer.name.as_deref() else {
            continue;
        };
        for label in lines.iter().filter_map(|line| label(line, name)) {
            named.entry(label).or_default().insert(name);
        }
    }
    named.retain(|_, people| people.len() >= NAMED.0);
    let mut all: BTreeMap<&Label, BTreeSet<&str>> = BTreeMap::new();
    for (fused, lines) in fused.iter().zip(lines) {
        let Some(name) = fused.booking.customer.name.as_deref() else {
            continue;
        };
        for label in named.keys() {
            if lines.iter().any(|line| value(label, line).is_some()) {
                all.entry(label).or_default().insert(name);
            }
        }
    }
    let is_place = |label: &Label, people: &BTreeSet<&str>| {
        let all = all.get(label).map_or(0, BTreeSet::len);
        people.len() * 100 >= all * NAMED.1
    };
    let places = named.iter().filter(|(label, people)| is_place(label, people));
    places.map(|(label, _)| label.clone()).collect()
}

/// The words of many people's values: how people are addressed, what is booked.
fn common(fused: &[Fused], lines: &[Vec<Line<'_>>], places: &BTreeSet<Label>) -> BTreeSet<String> {
    let mut people: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for (fused, lines) in fused.iter().zip(lines) {
        let Some(name) = fused.booking.customer.name.as_deref() else {
            continue;
        };
        for line in lines {
            for value in places.iter().filter_map(|label| value(label, line)) {
                all.insert(name);
                for (start, end) in reading::words(value) {
                    people.entry(squash(&value[start..end])).or_default().insert(name);
                }
            }
        }
    }
    let many = COMMON.0.max(all.len() * COMMON.1 / 100);
    let common = people.into_iter().filter(|(_, people)| people.len() >= many);
    common.map(|(word, _)| word).collect()
}

/// Whether a value holds a word that is written like a name and is none of this one, and not the whole of this one. People
/// are called in titles by a part of their name, and what they booked stands beside it.
fn is_another(name: &str, value: &str, title: bool, common: &BTreeSet<String>) -> bool {
    let parts: Vec<String> = name
        .split_whitespace()
        .map(squash)
        .filter(|part| !part.is_empty())
        .collect();
    let folded = squash(value);
    let said = parts.iter().filter(|part| folded.contains(part.as_str())).count();
    if said == parts.len() || title && said > 0 {
        return false;
    }
    let whole = squash(name);
    reading::words(value).into_iter().any(|(start, end)| {
        let written = &value[start..end];
        let word = squash(written);
        let first = written.chars().next();
        // A script without capitals writes everything like names.
        let like_a_name = first.is_some_and(|first| first.is_alphabetic() && !first.is_lowercase());
        like_a_name
            && word.chars().count() >= 2
            && !word.chars().any(char::is_numeric)
            && !whole.contains(&word)
            && !common.contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(record: &RecordId, above: &str, text: &str) -> (Label, Option<String>) {
        let line = Line {
            record,
            text: text.to_owned(),
            above: above.to_owned(),
            title: false,
        };
        let of_name = label(&line, "Ida Lowell").unwrap_or(Label {
            above: false,
            text: "Booked for:".to_owned(),
        });
        let said = value(&of_name, &line).map(str::to_owned);
        (of_name, said)
    }

    #[test]
    fn a_label_stands_before_a_name_or_above_it() {
        let record = RecordId::new("mail", "a");
        let (label, said) = line(&record, "Hello,", "Booked for: Ida Lowell (4 people)");
        assert_eq!((label.above, label.text.as_str()), (false, "Booked for:"));
        assert_eq!(said.as_deref(), Some("Ida Lowell"));
        let (label, said) = line(&record, "Booked for", "Ida Lowell");
        assert_eq!((label.above, label.text.as_str()), (true, "Booked for"));
        assert_eq!(said.as_deref(), Some("Ida Lowell"));
        let (_, said) = line(&record, "Hello,", "Booked for: Rusty Oars, Ida");
        assert_eq!(said.as_deref(), Some("Rusty Oars"));
    }

    #[test]
    fn a_label_is_no_beginning_of_a_longer_word() {
        let record = RecordId::new("mail", "a");
        let said = |text: &str| {
            let label = Label {
                above: false,
                text: "An".to_owned(),
            };
            let line = Line {
                record: &record,
                text: text.to_owned(),
                above: String::new(),
                title: false,
            };
            value(&label, &line).map(str::to_owned)
        };
        assert_eq!(said("An Ida Lowell").as_deref(), Some("Ida Lowell"));
        assert_eq!(said("Ankunft Samstag"), None);
    }

    #[test]
    fn another_name_is_told_from_a_part_of_the_same_and_from_wording() {
        let common: BTreeSet<String> = ["mrs".to_owned(), "guest".to_owned()].into();
        let is = |value: &str, title| is_another("Ida Lowell", value, title, &common);
        assert!(is("Rusty Oars", false));
        assert!(is("Max Lowell", false));
        assert!(is("\u{5c0f}\u{6797}", false));
        for same in [
            "Ida",
            "Mrs Lowell",
            "Guest",
            "IDA LOWELL",
            "Lowell Ida x4",
            "4 people",
        ] {
            assert!(!is(same, false), "{same}");
        }
        // What was booked stands beside a part of a name in a title.
        assert!(is("Rusty Oars", true));
        assert!(!is("Lowell Heron", true));
    }
}
