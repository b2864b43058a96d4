//! Whom a message is sent to is not always whom it is about: parents write for children, firms for their people. A
//! backup knows them; without one, what the records call a booking by is all there is.

use super::{Fused, Input};
use crate::mapping::{ideograph, squash};
use crate::model::{
    Candidate, Conflict, ConflictKind, Document, FieldName, RecordId, Scalar, SourceKind, Standing, Value,
};
use crate::reading;
use std::collections::{BTreeMap, BTreeSet};

/// A word of so many people in a hundred, and of so many at least, is nobody's: what is booked, a place.
const COMMON: (usize, usize) = (25, 5);

/// What fewer people than this have is one's own, or of those who come together.
const FEW: usize = 3;
/// So many bookings of one address that are called by different names are of its guests, and a word of no more than one booking in
/// so many names a guest.
const GUESTS: usize = 4;
const RARE: usize = 50;

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
    /// The pairs of which both words are written like names, and how these are written.
    fn names_in_pairs(&self) -> impl Iterator<Item = (&(String, String), String)> {
        self.written.iter().filter_map(|pair| {
            let (first, second) = (self.names.get(&pair.0)?, self.names.get(&pair.1)?);
            Some((pair, format!("{first} {second}")))
        })
    }

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
                    .or_else(|| half_entered(&name, &records, &is_own, &is_ones))
                    .or_else(|| named_twice(&name, &records, &is_own, &is_ones))
                    .or_else(|| somebody_else(&name, &records, &is_ones))?;
                Some((name, word))
            })
            .collect()
    };
    let called: Vec<Called> = fused.iter().map(|fused| called(fused, &said)).collect();
    let guests = guests(&called);
    let of_guest = |at: usize| Some((called[at].name?.to_owned(), guests.get(&at)?.clone()));
    let heard: Vec<Option<(String, String)>> = (heard.into_iter().enumerate())
        .map(|(at, heard)| heard.or_else(|| of_guest(at)))
        .collect();
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

/// What the calendar and another record call a booking by, beside whom it is sent to.
struct Called<'a> {
    email: Option<&'a str>,
    name: Option<&'a str>,
    /// Folded, and as they are written.
    words: BTreeMap<String, String>,
}

fn called<'a>(fused: &'a Fused, said: &BTreeMap<&RecordId, Said>) -> Called<'a> {
    let customer = &fused.booking.customer;
    let whole = customer.name.as_deref().map(squash).unwrap_or_default();
    let records = fused.booking.records.iter().filter_map(|record| said.get(record));
    let (entries, others): (Vec<&Said>, Vec<&Said>) =
        records.partition(|said| said.kind == Some(SourceKind::GoogleCalendar));
    let is_elsewhere = |word: &str| others.iter().any(|said| said.words.contains(word));
    let names = entries.iter().flat_map(|said| &said.names);
    let words = names.filter(|(word, _)| !whole.contains(word.as_str()) && is_elsewhere(word));
    Called {
        email: customer.email.as_deref(),
        name: customer.name.as_deref(),
        words: words
            .map(|(word, written)| (word.clone(), written.clone()))
            .collect(),
    }
}

/// A booking, with the words that hardly any other is called by, folded and as they are written.
type Guest<'a> = (usize, BTreeMap<&'a str, &'a String>);

/// The bookings of an address of which several are each called by a name of their own, with these: a firm books for its guests.
fn guests(all: &[Called<'_>]) -> BTreeMap<usize, String> {
    let mut with: BTreeMap<&str, usize> = BTreeMap::new();
    for word in all.iter().flat_map(|called| called.words.keys()) {
        *with.entry(word).or_default() += 1;
    }
    let is_rare = |word: &str| {
        with.get(word)
            .is_some_and(|count| *count < FEW || count * RARE <= all.len())
    };
    let mut desks: BTreeMap<&str, Vec<Guest<'_>>> = BTreeMap::new();
    for (at, called) in all.iter().enumerate() {
        let own = called.words.iter().filter(|(word, _)| is_rare(word));
        let own: BTreeMap<&str, &String> = own.map(|(word, written)| (word.as_str(), written)).collect();
        if let Some(email) = called.email.filter(|_| !own.is_empty()) {
            desks.entry(email).or_default().push((at, own));
        }
    }
    let mut guests = BTreeMap::new();
    for of in desks.into_values() {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut different = 0;
        for (_, own) in &of {
            different += usize::from(own.keys().all(|word| !seen.contains(word)));
            seen.extend(own.keys());
        }
        if different >= GUESTS {
            let first =
                |(at, own): (usize, BTreeMap<&str, &String>)| Some((at, own.into_values().next()?.clone()));
            guests.extend(of.into_iter().filter_map(first));
        }
    }
    guests
}

/// Asks about addresses at which all messages are addressed to somebody who is not the customer: a firm's desk, whoever plans
/// the day out. The backup's row may hold the customer's own.
pub fn doubt_address(fused: &mut [Fused], input: &Input<'_>) {
    let mut read: BTreeMap<&RecordId, (&str, &str)> = BTreeMap::new();
    for document in input.told.iter().map(|told| told.document) {
        if let (Standing::Business, Some(email), Some(name)) = (
            document.standing,
            document.recipient(),
            document.text(Document::ADDRESSEE),
        ) && !name.contains('@')
        {
            read.insert(&document.record, (email, name));
        }
    }
    for fused in fused.iter_mut() {
        let booking = &mut fused.booking;
        let (Some(name), Some(email)) = (&booking.customer.name, &booking.customer.email) else {
            continue;
        };
        let field = Some(FieldName::CustomerEmail);
        let sent = booking
            .records
            .iter()
            .filter_map(|record| Some((record, *read.get(record)?)));
        let there: Vec<(&RecordId, &str)> = sent
            .filter(|(_, (to, _))| to.trim().eq_ignore_ascii_case(email.trim()))
            .map(|(record, (_, reader))| (record, reader))
            .collect();
        let Some((_, reader)) = there
            .first()
            .filter(|_| there.iter().all(|(_, reader)| !share_a_part(name, reader)))
        else {
            continue;
        };
        let reason = format!(
            "The messages to {email} are addressed to {reader}, and the booking is for {name}: whose address is it?"
        );
        let records = there.iter().map(|(record, _)| (*record).clone()).collect();
        let there = Candidate {
            value: Some(Value::Text(email.clone())),
            records,
            millibits: 0,
        };
        let asked = Conflict::new(
            &booking.id,
            ConflictKind::FieldContradicts,
            field,
            reason,
            vec![there],
            None,
        );
        booking.conflicts.push(asked);
    }
}

/// Whether two names have a part in common, or one is written within the other.
fn share_a_part(name: &str, other: &str) -> bool {
    let (whole, others) = (squash(name), squash(other));
    let held = |text: &str, whole: &str| {
        let mut parts = text.split_whitespace().map(squash);
        parts.any(|part| part.chars().count() >= 2 && whole.contains(&part))
    };
    held(name, &others) || held(other, &whole)
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
    let (entries, others) = without_name(name, records);
    let mut pairs = entries.iter().flat_map(|entry| entry.names_in_pairs());
    let is_elsewhere = |pair: &(String, String)| others.iter().any(|said| said.written.contains(pair));
    pairs
        .find(|(pair, _)| is_own(pair) && is_elsewhere(pair))
        .map(|(_, written)| written)
}

/// A name in another record that an entry has a half of, and nothing of the customer's.
fn half_entered(
    name: &str,
    records: &[&Said],
    is_own: &impl Fn(&(String, String)) -> bool,
    is_ones: &impl Fn(&str) -> bool,
) -> Option<String> {
    let parts: Vec<String> = name.split_whitespace().map(squash).collect();
    let (entries, others) = without_name(name, records);
    let entered = |word: &String| is_ones(word) && entries.iter().any(|entry| entry.names.contains_key(word));
    let mut pairs = others.iter().flat_map(|said| said.names_in_pairs());
    pairs
        .find(|(pair, _)| {
            is_own(pair)
                && (entered(&pair.0) && is_ones(&pair.1) || entered(&pair.1) && is_ones(&pair.0))
                && !parts.contains(&pair.0)
                && !parts.contains(&pair.1)
        })
        .map(|(_, written)| written)
}

/// Two words side by side in an entry and in another record, in whatever order, that are no part of the customer's name: an
/// agency's guest stands beside the agency.
fn named_twice(
    name: &str,
    records: &[&Said],
    is_own: &impl Fn(&(String, String)) -> bool,
    is_ones: &impl Fn(&str) -> bool,
) -> Option<String> {
    let whole = squash(name);
    let is_entry = |said: &&&Said| said.kind == Some(SourceKind::GoogleCalendar);
    let turned = |(first, second): &(String, String)| (second.clone(), first.clone());
    let elsewhere = |pair: &(String, String)| {
        let mut others = records.iter().filter(|said| !is_entry(said));
        others.any(|said| said.pairs.contains(pair))
    };
    let entries = records.iter().filter(is_entry);
    let mut pairs = entries.flat_map(|entry| entry.names_in_pairs());
    let found = pairs.find(|(pair, _)| {
        let is_others = |word: &String| !whole.contains(word.as_str()) && is_ones(word);
        is_others(&pair.0) && is_others(&pair.1) && is_own(pair) && is_own(&turned(pair)) && elsewhere(pair)
    });
    found.map(|(_, written)| written)
}

/// The entries that say no part of a name, and the other records.
fn without_name<'a>(name: &str, records: &[&'a Said]) -> (Vec<&'a Said>, Vec<&'a Said>) {
    let parts: Vec<String> = name.split_whitespace().map(squash).collect();
    let (mut entries, others): (Vec<&Said>, Vec<&Said>) = records
        .iter()
        .copied()
        .partition(|said| said.kind == Some(SourceKind::GoogleCalendar));
    entries.retain(|entry| {
        let mut words = entry.words.iter();
        !words.any(|word| parts.iter().any(|part| word.contains(part)))
    });
    (entries, others)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: SourceKind, text: &str) -> Said {
        let mut said = Said {
            kind: Some(kind),
            ..Said::default()
        };
        said.hear(text);
        said
    }

    #[test]
    fn a_half_of_a_name_in_an_entry_is_found_whole_in_a_message() {
        let letter = said(SourceKind::Mail, "Hello Petra, we keep Heron for Jonna Berg.");
        let found = |title: &str| {
            let entry = said(SourceKind::GoogleCalendar, title);
            let own = |pair: &(String, String)| pair.0 != "heron";
            let ones = |word: &str| word != "heron";
            half_entered("Petra Lindholm", &[&letter, &entry], &own, &ones)
        };
        assert_eq!(found("Berg, Heron").as_deref(), Some("Jonna Berg"));
        assert_eq!(found("Lindholm Berg, Heron"), None);
        assert_eq!(found("Heron"), None);
    }

    #[test]
    fn an_agencys_guest_is_named_in_the_entry_and_in_the_message() {
        let letter = said(SourceKind::Mail, "Guest: Jonna Berg. Canoe: Heron");
        let found = |title: &str| {
            let entry = said(SourceKind::GoogleCalendar, title);
            named_twice("Creek Tours", &[&letter, &entry], &|_| true, &|word| {
                word != "heron"
            })
        };
        assert_eq!(found("Berg Jonna / Creek").as_deref(), Some("Berg Jonna"));
        assert_eq!(found("Ida Lowell / Creek"), None);
        assert_eq!(found("Berg, Jonna / Creek"), None, "not side by side");
        assert_eq!(found("Creek Tours, Heron"), None);
    }

    #[test]
    fn a_firm_that_books_for_others_is_none_of_its_guests() {
        let called = |email: &'static str, words: &[&str]| Called {
            email: Some(email),
            name: Some("Creek Tours"),
            words: words
                .iter()
                .map(|word| (squash(word), (*word).to_owned()))
                .collect(),
        };
        let guests = |words: &[&str]| {
            let mut all: Vec<Called> = words
                .iter()
                .map(|word| called("desk@tours.example", &["Heron", word]))
                .collect();
            all.push(called("petra@mail.example", &["Heron"]));
            super::guests(&all).into_values().collect::<Vec<_>>()
        };
        let four = ["Berg", "Lowell", "Post", "Dahl"];
        assert_eq!(guests(&four), four);
        assert!(guests(&four[..3]).is_empty(), "too few");
        assert!(
            guests(&["Berg", "Berg", "Lowell", "Post"]).is_empty(),
            "one comes back"
        );
    }

    #[test]
    fn names_share_a_part_however_they_are_written() {
        assert!(share_a_part("Petra Lindholm", "LINDHOLM, P."));
        assert!(share_a_part(
            "\u{91d1} \u{3042}\u{3086}\u{307f}",
            "\u{91d1}\u{3042}\u{3086}\u{307f} \u{69d8}"
        ));
        assert!(!share_a_part("Petra Lindholm", "Karin Post"));
    }
}
