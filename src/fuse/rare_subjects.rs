//! Messages that stand out where hardly any kind of message is known. What most bookings got is how they are told of, and what few
//! got may say that one was changed or called off; where nearly all have an entry or a payment, one that has none may be no booking.

use super::Input;
use crate::mapping::squash;
use crate::model::{Document, RecordId};
use crate::reading;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer bookings than this show nothing of what most of them got.
const BOOKINGS: usize = 20;
/// A subject of fewer than one booking in so many is rare.
const RARE: usize = 5;

/// What stands out where hardly any kind of message is known.
#[derive(Debug, Default)]
pub struct Unknown {
    /// The messages of bookings that have a rare subject.
    rare: BTreeSet<RecordId>,
    /// Nearly all bookings have an entry or a payment beside their messages.
    seconded: bool,
}

impl Unknown {
    pub fn learn(input: &Input<'_>) -> Self {
        let names: BTreeSet<String> = (input.baseline.resources.iter())
            .filter_map(|row| row.name.as_deref())
            .flat_map(words)
            .collect();
        let mut bookings = Vec::new();
        let mut seconded = 0;
        for cluster in &input.linked.clusters {
            let members = || cluster.members.iter().map(|at| input.told[*at].document);
            let messages = members().filter(|document| document.object == "message");
            let messages: Vec<(RecordId, String)> = messages
                .map(|document| (document.record.clone(), subject(document, &names)))
                .collect();
            if !messages.is_empty() {
                seconded += usize::from(
                    members().any(|document| matches!(document.object.as_str(), "event" | "charge")),
                );
                bookings.push(messages);
            }
        }
        Self {
            seconded: bookings.len() >= BOOKINGS && seconded * 10 >= bookings.len() * 8,
            rare: rare(bookings),
        }
    }

    /// Whether a message of an unknown kind is asked about. `alone`: messages alone tell of its booking.
    pub fn stands_out(&self, record: &RecordId, alone: bool) -> bool {
        alone && self.seconded || self.rare.contains(record)
    }
}

/// Of the messages of bookings, with their subjects, those with a rare one.
fn rare(bookings: Vec<Vec<(RecordId, String)>>) -> BTreeSet<RecordId> {
    let mut with: BTreeMap<String, usize> = BTreeMap::new();
    for messages in &bookings {
        let subjects: BTreeSet<&String> = messages.iter().map(|(_, subject)| subject).collect();
        for subject in subjects {
            *with.entry(subject.clone()).or_default() += 1;
        }
    }
    let all = bookings.len();
    let is_rare = |subject: &String| all >= BOOKINGS && with[subject] * RARE < all;
    let messages = bookings.into_iter().flatten();
    messages
        .filter(|(_, subject)| is_rare(subject))
        .map(|(record, _)| record)
        .collect()
}

/// The words of a subject but for its reader's name, what is booked, times and numbers.
fn subject(document: &Document, names: &BTreeSet<String>) -> String {
    let text = document.subject().unwrap_or_default();
    let reader: BTreeSet<String> = document
        .text(Document::ADDRESSEE)
        .map_or_else(BTreeSet::new, words);
    let spans = reading::spans(text);
    let is_value = |from: usize| spans.iter().any(|span| (span.start..span.end).contains(&from));
    let kept = reading::words(text)
        .into_iter()
        .filter(|(from, _)| !is_value(*from))
        .map(|(from, to)| squash(&text[from..to]))
        .filter(|word| !word.chars().any(char::is_numeric))
        .filter(|word| !reader.contains(word) && !names.contains(word));
    kept.collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> BTreeSet<String> {
    reading::words(text)
        .into_iter()
        .map(|(from, to)| squash(&text[from..to]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scalar;

    /// Whether the last subject is rare, of messages that each went to a booking of its own.
    fn is_rare(subjects: &[String]) -> bool {
        let names = words("Heron");
        let message = |(at, text): (usize, &String)| {
            let document = Document::message(&format!("m{at}"))
                .with(Document::SUBJECT, Scalar::Text(text.clone()))
                .with(Document::ADDRESSEE, Scalar::Text(format!("Guest Berg{at}")));
            vec![(document.record.clone(), subject(&document, &names))]
        };
        let bookings: Vec<Vec<(RecordId, String)>> = subjects.iter().enumerate().map(message).collect();
        let last = bookings.last().unwrap()[0].0.clone();
        rare(bookings).contains(&last)
    }

    #[test]
    fn a_subject_is_rare_where_few_bookings_have_it_whoever_reads_it_and_whatever_its_number() {
        let subjects = |count: usize, last: &str| -> Vec<String> {
            let usual = (0..count).map(|at| format!("Dear Guest Berg{at}, the Heron waits (no. 3{at})"));
            usual.chain([last.to_owned()]).collect()
        };
        assert!(is_rare(&subjects(24, "The Heron waits for nobody")));
        assert!(!is_rare(&subjects(
            24,
            "Dear Guest Berg24, the Heron waits (no. 777)"
        )));
        assert!(
            !is_rare(&subjects(9, "The Heron waits for nobody")),
            "too few bookings"
        );
    }
}
