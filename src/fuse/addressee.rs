//! Whom a message is sent to is not always whom it is about: parents write for children, firms for their people. A
//! backup knows them; without one, what the records call a booking by is all there is.

use super::{Fused, Input};
use crate::mapping::{ideograph, squash};
use crate::model::{Candidate, Conflict, ConflictKind, FieldName, RecordId, Scalar, SourceKind, Standing};
use crate::reading;
use std::collections::{BTreeMap, BTreeSet};

/// A word of so many people in a hundred, and of so many at least, is nobody's: what is booked, a place.
const COMMON: (usize, usize) = (25, 5);

/// What fewer people than this have is one's own, or of those who come together.
const FEW: usize = 3;

/// What a record calls its matter by: the words of a message's text, an entry's title, a payment's description.
#[derive(Default)]
struct Said {
    kind: Option<SourceKind>,
    /// Folded.
    words: BTreeSet<String>,
    /// Those that are written like names, folded, and as they are written.
    names: BTreeMap<String, String>,
    /// Words with nothing but a blank between them, both ways round.
    pairs: BTreeSet<(String, String)>,
    /// The same as they are written.
    written: BTreeSet<(String, String)>,
}

impl Said {
    fn hear(&mut self, text: &str) {
        let mut before: Option<(usize, String)> = None;
        for (start, end) in reading::words(text) {
            let written = &text[start..end];
            let word = squash(written);
            let like_a_name = written
                .chars()
                .next()
                .is_some_and(|first| first.is_uppercase() || ideograph(first));
            if like_a_name && word.chars().count() >= 2 && !word.chars().any(char::is_numeric) {
                self.names
                    .entry(word.clone())
                    .or_insert_with(|| written.to_owned());
            }
            if let Some((until, last)) = before.take()
                && text[until..start].chars().all(char::is_whitespace)
            {
                self.pairs.insert((last.clone(), word.clone()));
                self.written.insert((last.clone(), word.clone()));
                self.pairs.insert((word.clone(), last));
            }
            before = Some((end, word.clone()));
            self.words.insert(word);
        }
    }
}

/// Asks about bookings whose customer's name, or a part of it, stands in no record but as whom it was sent to, or who
/// paid, while the calendar and another record call them by a name that is no part of it.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let said = said(input);
    let heard: Vec<Option<(String, String)>> = {
        let mut people: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut pairs: BTreeMap<&(String, String), BTreeSet<&str>> = BTreeMap::new();
        let mut all: BTreeSet<&str> = BTreeSet::new();
        for fused in fused.iter() {
            let customer = &fused.booking.customer;
            let Some(who) = customer.email.as_deref().or(customer.name.as_deref()) else {
                continue;
            };
            all.insert(who);
            let records = fused.booking.records.iter().filter_map(|record| said.get(record));
            for said in records {
                for word in said.names.keys() {
                    people.entry(word).or_default().insert(who);
                }
                for pair in &said.written {
                    pairs.entry(pair).or_default().insert(who);
                }
            }
        }
        let many = COMMON.1.max(all.len() * COMMON.0 / 100);
        let is_ones = |word: &str| people.get(word).is_some_and(|people| people.len() < many);
        let is_own = |pair: &(String, String)| pairs.get(pair).is_some_and(|people| people.len() < FEW);
        fused
            .iter()
            .map(|fused| {
                let name = fused.booking.customer.name.clone()?;
                let records = fused.booking.records.iter().filter_map(|record| said.get(record));
                let records: Vec<&Said> = records.collect();
                let word = whoever_is_entered(&name, &records, &is_own)
                    .or_else(|| somebody_else(&name, &records, &is_ones))?;
                Some((name, word))
            })
            .collect()
    };
    for (fused, heard) in fused.iter_mut().zip(heard) {
        let Some((name, word)) = heard else { continue };
        let booking = &mut fused.booking;
        let reason = format!(
            "Its records speak of \"{word}\", and \"{name}\" is whom they were sent to or who paid: for whom is it?"
        );
        let calls = |record: &&RecordId| {
            said.get(*record)
                .is_some_and(|said| said.words.contains(&squash(&word)))
        };
        let there = Candidate {
            value: None,
            records: booking.records.iter().filter(calls).cloned().collect(),
            millibits: 0,
        };
        let (kind, field) = (ConflictKind::FieldContradicts, Some(FieldName::CustomerName));
        let asked = Conflict::new(&booking.id, kind, field, reason, vec![there], None);
        if !booking.conflicts.iter().any(|other| other.id == asked.id) {
            booking.conflicts.push(asked);
        }
    }
}

fn said<'a>(input: &Input<'a>) -> BTreeMap<&'a RecordId, Said> {
    let mut all: BTreeMap<&RecordId, Said> = BTreeMap::new();
    let documents = input.told.iter().map(|told| told.document);
    for document in documents.filter(|document| document.standing == Standing::Business) {
        let said = all.entry(&document.record).or_default();
        said.kind = Some(document.kind);
        for item in &document.items {
            if let (Scalar::Text(text), "text" | "html" | "/summary" | "/description") =
                (&item.value, item.place.as_str())
            {
                // An entry's notes are no title: a phone, an address, who took the call.
                if document.kind != SourceKind::GoogleCalendar || item.place == "/summary" {
                    said.hear(text);
                }
            }
        }
    }
    all
}

/// Two words that stand side by side in an entry that says nothing of the customer's name, as they do in another record, where
/// hardly anybody else's records have them: a band or a firm may be who books, whatever the message says of who calls.
fn whoever_is_entered(
    name: &str,
    records: &[&Said],
    is_own: &impl Fn(&(String, String)) -> bool,
) -> Option<String> {
    let parts: Vec<String> = name.split_whitespace().map(squash).collect();
    let (entries, others): (Vec<&Said>, Vec<&Said>) = records
        .iter()
        .copied()
        .partition(|said| said.kind == Some(SourceKind::GoogleCalendar));
    let says_nothing = |entry: &&&Said| {
        let mut words = entry.words.iter();
        !words.any(|word| parts.iter().any(|part| word.contains(part)))
    };
    let mut pairs = entries.iter().filter(says_nothing).flat_map(|entry| {
        entry.written.iter().filter_map(|pair| {
            let (first, second) = (entry.names.get(&pair.0)?, entry.names.get(&pair.1)?);
            Some((pair, first, second))
        })
    });
    let is_elsewhere = |pair: &(String, String)| others.iter().any(|said| said.written.contains(pair));
    pairs
        .find(|(pair, ..)| is_own(pair) && is_elsewhere(pair))
        .map(|(_, first, second)| format!("{first} {second}"))
}

/// A name that an entry and another record say, where none of them says the customer's, or a part of it stands beside that
/// name in place of the other.
fn somebody_else(name: &str, records: &[&Said], is_ones: &impl Fn(&str) -> bool) -> Option<String> {
    let parts: Vec<String> = name.split_whitespace().map(squash).collect();
    let says = |part: &str| {
        records
            .iter()
            .any(|said| said.words.iter().any(|word| word.contains(part)))
    };
    let long = parts.iter().filter(|part| part.chars().count() >= 2);
    let (told, untold): (Vec<&String>, Vec<&String>) = long.partition(|part| says(part));
    if untold.is_empty() {
        return None;
    }
    let elsewhere = |word: &str| {
        records
            .iter()
            .any(|said| said.kind != Some(SourceKind::GoogleCalendar) && said.words.contains(word))
    };
    for entry in records {
        if entry.kind != Some(SourceKind::GoogleCalendar) {
            continue;
        }
        let stands_for_it = |word: &String| {
            let beside = |part: &&String| entry.pairs.contains(&((*part).clone(), word.clone()));
            told.is_empty() || told.iter().any(beside)
        };
        let found = entry.names.iter().find(|(word, _)| {
            !parts.contains(word) && is_ones(word) && elsewhere(word) && stands_for_it(word)
        });
        if let Some((_, written)) = found {
            return Some(written.clone());
        }
    }
    None
}
