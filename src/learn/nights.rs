//! Whether hours after midnight are counted to the evening before.

use super::{Lexed, Truth};
use crate::mapping::Reader;
use crate::model::{FieldName, Standing, Value};
use chrono::{NaiveTime, TimeDelta, Timelike};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// So many bookings began on the day after the one that their records state.
const ENOUGH: usize = 5;
/// And at most one in so many that began so early, on the day itself.
const ON_THE_DAY_IN: usize = 20;
/// The day begins behind the time in which nothing begins; where that is shorter than this, nobody knows when.
const NIGHT: TimeDelta = TimeDelta::hours(3);

/// Until when hours are of the day after the one that is stated with them: those between midnight and the time in which
/// nothing begins, where the backup says so of enough bookings, and of hardly any that it began on the day itself.
pub fn learn(
    documents: &[&Lexed<'_>],
    (links, truths): (&[Option<&Truth<'_>>], &[Truth<'_>]),
    reader: &Reader<'_>,
    zone: Tz,
) -> Option<NaiveTime> {
    let until = night(truths, zone)?;
    let mut after: BTreeSet<&str> = BTreeSet::new();
    let mut on_the_day: BTreeSet<&str> = BTreeSet::new();
    for (lexed, truth) in documents.iter().zip(links) {
        let Some(truth) = truth.filter(|_| lexed.document.standing == Standing::Business) else {
            continue;
        };
        let Some(began) = truth.instant(FieldName::StartsAt) else {
            continue;
        };
        let began = began.with_timezone(&zone).naive_local();
        if began.time() >= until {
            continue;
        }
        // What the record's own format says is a moment, and no hour of a day.
        let claims = reader.read_lines(lexed.document, &lexed.lines, lexed.defining.as_ref());
        let stated = claims
            .of(FieldName::StartsAt)
            .filter(|claim| claim.place.ends_with(']'));
        for claim in stated {
            let Value::When(when) = claim.value else { continue };
            let Some(stated) = when.instant() else { continue };
            let stated = stated.with_timezone(&zone).naive_local();
            let key = truth.booking.key.as_str();
            if stated == began {
                on_the_day.insert(key);
            } else if stated + TimeDelta::days(1) == began {
                after.insert(key);
            }
        }
    }
    (after.len() >= ENOUGH && on_the_day.len() * ON_THE_DAY_IN <= after.len()).then_some(until)
}

/// The middle of the longest time between midnight and noon in which no booking of the backup begins, where some begin before
/// it.
fn night(truths: &[Truth<'_>], zone: Tz) -> Option<NaiveTime> {
    let starts = truths
        .iter()
        .filter_map(|truth| truth.instant(FieldName::StartsAt));
    let starts: BTreeSet<NaiveTime> = starts.map(|at| at.with_timezone(&zone).time()).collect();
    let gaps = starts.iter().zip(starts.iter().skip(1));
    let (from, to) = gaps.max_by_key(|(from, to)| (**to - **from, std::cmp::Reverse(**from)))?;
    let is_night = *to - *from >= NIGHT && from.hour() < 12;
    is_night.then(|| *from + (*to - *from) / 2)
}
