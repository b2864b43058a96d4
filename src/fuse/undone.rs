//! Messages after which no booking stood as it was: the boat stays in the harbour, the teacher is ill.
//!
//! Such a message names the time that was agreed, and what became of the booking is told by another, or by none: some were
//! called off and some moved. A kind of message, by its subject, is one where the backup has none of many bookings at the
//! time that the message names. Where it is the last word on that time, nobody knows what became of the booking: what is
//! suggested is what became of most, if of most the same.

use super::Context;
use super::Input;
use super::over;
use super::question::{Questions, candidate};
use super::timeline::{Off, Timeline};
use crate::mapping::Told;
use crate::model::{About, Booking, ConflictKind, FieldName, RecordId, Status, Value, When};
use crate::reading;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer bookings prove nothing.
const KNOWN: usize = 8;
/// What became of so many times as many bookings as the other is what becomes of them.
const CLEAR: usize = 2;

/// What became of bookings after messages of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Off,
    Moved,
    Either,
}

impl Fate {
    fn of(off: usize, moved: usize) -> Self {
        if off >= moved * CLEAR {
            Self::Off
        } else if moved >= off * CLEAR {
            Self::Moved
        } else {
            Self::Either
        }
    }
}

/// Subjects of such kinds, with what differs left out, and what became of their bookings.
#[derive(Debug, Default)]
pub struct Undone(BTreeMap<String, Fate>);

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
        let fate = |bookings: BTreeSet<usize>| {
            let status = |at: &&usize| input.baseline.bookings[**at].status;
            let is_off = |at: &&usize| status(at) == Some(Status::Cancelled);
            let off = bookings.iter().filter(is_off).count();
            Fate::of(off, bookings.len() - off)
        };
        Self(
            kinds
                .into_iter()
                .map(|(kind, bookings)| (kind, fate(bookings)))
                .collect(),
        )
    }
}

/// Asks what became of a booking whose time such a message names, and nothing after it.
pub fn doubt(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    booking: &Booking,
    questions: &mut Questions,
    verdict: Off,
) -> Off {
    if !matches!(verdict, Off::No) || context.undone.0.is_empty() {
        return verdict;
    }
    let last = timeline.last_telling(FieldName::StartsAt);
    let Some(last) = last.filter(|last| names(last, booking.starts_at)) else {
        return verdict;
    };
    let records = vec![last.document.record.clone()];
    let reason = "After messages of this kind no booking stood at the time that they name";
    match kind(last).and_then(|kind| context.undone.0.get(&kind)) {
        None => verdict,
        Some(Fate::Off) => Off::Perhaps {
            reason: format!("{reason}: called off, or moved?"),
            records,
            likely: true,
        },
        Some(Fate::Moved) => {
            let reason = format!("{reason}, and most were moved: does it stand, and when does it start?");
            ask(context, booking, questions, &reason, &records, Some(0));
            Off::No
        }
        Some(Fate::Either) => {
            let reason = format!("{reason}: called off, or moved, and when does it start?");
            ask(context, booking, questions, &reason, &records, None);
            Off::No
        }
    }
}

/// Asks whether a booking stands, and when it starts: to have been moved is to take place at a time that nobody told.
fn ask(
    context: &Context<'_>,
    booking: &Booking,
    questions: &mut Questions,
    reason: &str,
    records: &[RecordId],
    suggested: Option<usize>,
) {
    let stands = candidate(Value::Status(over::status(context, booking)), Vec::new(), 0);
    let off = candidate(Value::Status(Status::Cancelled), records.to_vec(), 0);
    let kept = booking
        .starts_at
        .map(|start| candidate(Value::When(start), records.to_vec(), 0));
    let mut put = |field, candidates, suggested| {
        let kind = ConflictKind::ChangedWithoutNotice;
        questions.ask(kind, Some(field), reason.to_owned(), candidates, suggested);
    };
    put(FieldName::Status, vec![stands, off], suggested);
    put(FieldName::StartsAt, kept.into_iter().collect(), None);
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

#[cfg(test)]
mod tests {
    use super::Fate;

    #[test]
    fn what_became_of_most_bookings_becomes_of_the_next() {
        assert_eq!(Fate::of(8, 0), Fate::Off);
        assert_eq!(Fate::of(8, 4), Fate::Off);
        assert_eq!(Fate::of(2, 9), Fate::Moved);
        assert_eq!(Fate::of(7, 4), Fate::Either);
        assert_eq!(Fate::of(4, 7), Fate::Either);
    }
}
