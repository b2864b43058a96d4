//! What messages mean, from what became of the bookings that they tell of.
//!
//! A line that stands only in messages of bookings that were cancelled means that. Its own minimum
//! support: meaning fails first when the overlap is small, so what is not sure stays unknown.

use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{Meaning, Pattern};
use crate::model::{Standing, Status};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

const SUPPORT: u32 = 4;

/// What became of the bookings whose messages hold a line.
#[derive(Default)]
struct Line<'a> {
    bookings: BTreeSet<&'a str>,
    cancelled: BTreeSet<&'a str>,
    /// Messages with the line, and those of them that were the first about their booking.
    messages: u32,
    first: u32,
}

/// Learns which lines mean what. `since`: bookings made after it have all their messages in the overlap.
pub fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    vocabulary: &Vocabulary,
    since: DateTime<Utc>,
) -> Vec<Meaning> {
    let firsts = first_messages(documents, links);
    let mut lines: BTreeMap<(String, String, Pattern), Line<'_>> = BTreeMap::new();
    for (at, (lexed, truth)) in documents.iter().zip(links).enumerate() {
        let Some(truth) = truth else { continue };
        let Some(status) = truth.booking.status else {
            continue;
        };
        let object = &lexed.document.object;
        // A payment means nothing by its own words: refunds are counted, not read.
        if lexed.document.standing != Standing::Business || !matches!(object.as_str(), "message" | "event") {
            continue;
        }
        let whole = truth.booking.created_at.is_some_and(|made| made >= since);
        for (index, (_, line)) in lexed.lines.iter().enumerate() {
            let pattern = Pattern::mask(line, &|word| vocabulary.knows(object, word));
            if pattern.weight() == 0 {
                continue;
            }
            let key = (object.clone(), lexed.place(index).to_owned(), pattern);
            let line = lines.entry(key).or_default();
            line.bookings.insert(&truth.booking.key);
            if status == Status::Cancelled {
                line.cancelled.insert(&truth.booking.key);
            }
            if whole {
                line.messages += 1;
                line.first += u32::from(firsts.contains(&at));
            }
        }
    }
    lines
        .into_iter()
        .filter_map(|((object, place, line), told)| meaning(object, place, line, &told))
        .collect()
}

fn meaning(object: String, place: String, line: Pattern, told: &Line<'_>) -> Option<Meaning> {
    let (seen, off) = (told.bookings.len() as u32, told.cancelled.len() as u32);
    let subject = place == "header:subject" || place == "/summary";
    let status = if off >= SUPPORT && off * 100 >= seen * 95 {
        Status::Cancelled
    // A cancellation never leaves its booking standing: two that stood are enough to know it is none.
    } else if subject && seen - off >= 2 && off * 4 <= seen {
        Status::Confirmed
    } else {
        return None;
    };
    let agree = if status == Status::Cancelled {
        off
    } else {
        seen - off
    };
    // Where the first message was lost, a later one looks like the first: hence the slack.
    let follows = (told.messages >= SUPPORT).then_some(told.first * 10 <= told.messages * 3);
    Some(Meaning {
        object,
        place,
        line,
        status,
        follows,
        support: seen,
        agree,
    })
}

/// The records that were the first message about their booking.
fn first_messages(documents: &[&Lexed<'_>], links: &[Option<&Truth<'_>>]) -> BTreeSet<usize> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (lexed, truth)) in documents.iter().zip(links).enumerate() {
        let Some(truth) = truth else { continue };
        if lexed.document.object != "message" || lexed.document.standing != Standing::Business {
            continue;
        }
        let earliest = first.entry(&truth.booking.key).or_insert(at);
        if lexed.document.said_at < documents[*earliest].document.said_at {
            *earliest = at;
        }
    }
    first.into_values().collect()
}
