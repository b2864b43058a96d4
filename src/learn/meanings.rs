//! What messages mean, from what became of the bookings that they tell of.
//!
//! A line that stands only in messages of bookings that were cancelled means that. Its own minimum
//! support: meaning fails first when the overlap is small, so what is not sure stays unknown.

use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{Meaning, Pattern};
use crate::model::{Standing, Status};
use std::collections::{BTreeMap, BTreeSet};

const SUPPORT: u32 = 4;

/// Learns which lines mean what.
pub fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    vocabulary: &Vocabulary,
) -> Vec<Meaning> {
    // Line to (bookings, cancelled bookings).
    let mut lines: BTreeMap<(String, String, Pattern), (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        let Some(truth) = truth else { continue };
        let Some(status) = truth.booking.status else {
            continue;
        };
        let object = &lexed.document.object;
        // A payment means nothing by its own words: refunds are counted, not read.
        if lexed.document.standing != Standing::Business || !matches!(object.as_str(), "message" | "event") {
            continue;
        }
        for (index, (_, line)) in lexed.lines.iter().enumerate() {
            let pattern = Pattern::mask(line, &|word| vocabulary.knows(object, word));
            if pattern.weight() == 0 {
                continue;
            }
            let key = (object.clone(), lexed.place(index).to_owned(), pattern);
            let (all, cancelled) = lines.entry(key).or_default();
            all.insert(&truth.booking.key);
            if status == Status::Cancelled {
                cancelled.insert(&truth.booking.key);
            }
        }
    }
    let mut meanings = Vec::new();
    for ((object, place, line), (all, cancelled)) in lines {
        let (seen, off) = (all.len() as u32, cancelled.len() as u32);
        let subject = place == "header:subject" || place == "/summary";
        let status = if off >= SUPPORT && off * 100 >= seen * 95 {
            Status::Cancelled
        } else if subject && seen >= SUPPORT && off * 4 <= seen {
            Status::Confirmed
        } else {
            continue;
        };
        let agree = if status == Status::Cancelled {
            off
        } else {
            seen - off
        };
        meanings.push(Meaning {
            object,
            place,
            line,
            status,
            support: seen,
            agree,
        });
    }
    meanings
}
