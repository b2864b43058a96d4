//! Messages after which no booking stood as it was: the boat stays in the harbour, the teacher is ill.
//!
//! Such a message names the time that was agreed, and what became of the booking is told by another, or by none: some were
//! called off and some moved. A kind of message, by its subject, is one where the backup has none of many bookings at the
//! time that the message names. Where it is the last word on that time, nobody knows what became of the booking.

use super::Context;
use super::Input;
use super::timeline::{Off, Timeline};
use crate::mapping::Told;
use crate::model::{About, Booking, FieldName, Status, Value, When};
use crate::reading;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer bookings prove nothing.
const KNOWN: usize = 8;

/// Subjects of such kinds, with what differs left out.
#[derive(Debug, Default)]
pub struct Undone(BTreeSet<String>);

impl Undone {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut kinds: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let mut stood: BTreeSet<String> = BTreeSet::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let row = &input.baseline.bookings[at];
            for told in cluster.members.iter().map(|at| &input.told[*at]) {
                let before = told
                    .document
                    .said_at
                    .is_some_and(|said| said < input.window.backup);
                let Some(kind) = kind(told).filter(|_| before) else {
                    continue;
                };
                if names(told, row.starts_at) && row.status != Some(Status::Cancelled) {
                    stood.insert(kind);
                } else if starts(told).next().is_some() {
                    kinds.entry(kind).or_default().insert(at);
                }
            }
        }
        kinds.retain(|kind, bookings| bookings.len() >= KNOWN && !stood.contains(kind));
        Self(kinds.into_keys().collect())
    }
}

/// Asks what became of a booking whose time such a message names, and nothing after it.
pub fn doubt(context: &Context<'_>, timeline: &Timeline<'_>, booking: &Booking, verdict: Off) -> Off {
    if !matches!(verdict, Off::No) || context.undone.0.is_empty() {
        return verdict;
    }
    match timeline.last_telling(FieldName::StartsAt) {
        Some(last) if kind(last).is_some_and(|kind| context.undone.0.contains(&kind)) => {
            let is_same = names(last, booking.starts_at);
            if !is_same {
                return verdict;
            }
            Off::Perhaps {
                reason: "After messages of this kind no booking stood at the time that they name: called off, or moved?"
                    .to_owned(),
                records: vec![last.document.record.clone()],
                likely: true,
            }
        }
        _ => verdict,
    }
}

fn starts<'t>(told: &'t Told<'_>) -> impl Iterator<Item = When> + 't {
    told.claims
        .of(FieldName::StartsAt)
        .filter_map(|claim| match claim.value {
            Value::When(when) => Some(when),
            _ => None,
        })
}

fn names(told: &Told<'_>, start: Option<When>) -> bool {
    starts(told).any(|when| Some(when) == start)
}

/// The subject of a message without numbers, times and amounts.
fn kind(told: &Told<'_>) -> Option<String> {
    if told.document.object != "message" || !told.speaks() {
        return None;
    }
    let subject = told.document.subject()?;
    let mut kept = String::new();
    let mut at = 0;
    for span in reading::spans(subject) {
        kept.push_str(&subject[at..span.start]);
        at = span.end;
    }
    kept.push_str(&subject[at..]);
    let kept = reading::fold(&kept);
    kept.chars().any(char::is_alphabetic).then_some(kept)
}
