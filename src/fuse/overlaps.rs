//! Two bookings of one resource at one time, where the backup shows that this does not happen.

use super::Fused;
use crate::model::{Baseline, BaselineBooking, Candidate, Conflict, ConflictKind, FieldName, Status, When};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Whether bookings of one resource exclude each other: in the backup hardly any two overlap.
pub fn exclusive(baseline: &Baseline) -> bool {
    let mut by: BTreeMap<&str, Vec<(When, When)>> = BTreeMap::new();
    for row in &baseline.bookings {
        if row.status == Some(Status::Cancelled) {
            continue;
        }
        if let (Some(resource), Some(from), Some(to)) = (&row.resource, row.starts_at, row.ends_at) {
            by.entry(resource).or_default().push((from, to));
        }
    }
    let (mut pairs, mut overlaps) = (0_usize, 0_usize);
    for spans in by.values_mut() {
        spans.sort();
        for pair in spans.windows(2) {
            pairs += 1;
            overlaps += usize::from(pair[1].0 < pair[0].1);
        }
    }
    pairs >= 20 && overlaps * 50 <= pairs
}

/// Two of a resource's bookings at one time are a mistake; so many, and one in so many of all, are how it is used.
const SHARED: usize = 3;
const SHARED_ONE_IN: usize = 10;

/// Resources of which the backup often has two at one time, a class of bicycles beside rooms. Where days are all that is
/// kept, what is taken and brought back on one day lasts no time: two of one day are two at one time.
fn shared(baseline: &Baseline, zone: Tz) -> BTreeSet<&str> {
    let mut by: BTreeMap<&str, Vec<(When, When)>> = BTreeMap::new();
    let standing = |row: &&BaselineBooking| row.status != Some(Status::Cancelled);
    for row in baseline.bookings.iter().filter(standing) {
        if let (Some(resource), Some(from), Some(to)) = (&row.resource, row.starts_at, row.ends_at) {
            by.entry(resource).or_default().push((from, to));
        }
    }
    let is_shared = |spans: &mut Vec<(When, When)>| {
        spans.sort();
        let is_day = |(from, to): (When, When)| matches!(from, When::Date(_)) && from == to;
        let overlap = |pair: &&[(When, When)]| {
            let (one, next) = (pair[0], pair[1]);
            moment(next.0, zone) < moment(one.1, zone) || is_day(one) && one == next
        };
        let overlaps = spans.windows(2).filter(overlap).count();
        overlaps >= SHARED && overlaps * SHARED_ONE_IN >= spans.len()
    };
    let mut resources: Vec<_> = by.into_iter().collect();
    resources.retain_mut(|(_, spans)| is_shared(spans));
    resources.into_iter().map(|(resource, _)| resource).collect()
}

/// Resource, from, to, and the index of the booking; None for rows of the backup that stand as they were.
type Occupied = (String, DateTime<Utc>, DateTime<Utc>, Option<usize>);

/// What stands when, in the order of resources and time.
pub fn occupied(fused: &[Fused], baseline: &Baseline, zone: Tz) -> Vec<Occupied> {
    let changed: BTreeSet<&str> = fused
        .iter()
        .filter_map(|fused| fused.booking.baseline_key.as_deref())
        .collect();
    let mut spans: Vec<Occupied> = Vec::new();
    for (at, fused) in fused.iter().enumerate() {
        let booking = &fused.booking;
        if booking.status == Some(Status::Cancelled) {
            continue;
        }
        if let (Some(key), Some(from), Some(to)) = (&booking.resource.key, booking.starts_at, booking.ends_at)
        {
            spans.push((key.clone(), moment(from, zone), moment(to, zone), Some(at)));
        }
    }
    for row in baseline
        .bookings
        .iter()
        .filter(|row| row.status != Some(Status::Cancelled))
    {
        if changed.contains(row.key.as_str()) {
            continue;
        }
        if let (Some(key), Some(from), Some(to)) = (&row.resource, row.starts_at, row.ends_at) {
            spans.push((key.clone(), moment(from, zone), moment(to, zone), None));
        }
    }
    spans.sort();
    spans
}

/// Flags bookings that overlap another one of the same resource.
pub fn flag(fused: &mut [Fused], baseline: &Baseline, zone: Tz) {
    let shared = shared(baseline, zone);
    let mut spans = occupied(fused, baseline, zone);
    spans.retain(|(resource, ..)| !shared.contains(resource.as_str()));
    let mut hits: Vec<(usize, Option<usize>)> = Vec::new();
    for (at, (resource, _, to, index)) in spans.iter().enumerate() {
        for (other, from, _, other_index) in &spans[at + 1..] {
            if other != resource || from >= to {
                break;
            }
            hits.extend(index.map(|index| (index, *other_index)));
            hits.extend(other_index.map(|other| (other, *index)));
        }
    }
    // Where it is asked when another one is, that one's answer comes first.
    let is_open = |at: usize| {
        let mut asked = fused[at].booking.conflicts.iter();
        asked.any(|asked| matches!(asked.field, Some(FieldName::StartsAt | FieldName::EndsAt)))
    };
    hits.retain(|(at, with)| is_open(*at) || with.is_none_or(|with| !is_open(with)));
    for (at, with) in hits {
        let other = with.map(|with| {
            let booking = &fused[with].booking;
            (
                booking
                    .reference
                    .clone()
                    .unwrap_or_else(|| booking.id.to_string()),
                booking.records.clone(),
            )
        });
        let booking = &mut fused[at].booking;
        let (name, records) = other.unwrap_or_else(|| ("a booking of the backup".to_owned(), Vec::new()));
        let reason = format!("The same thing is booked at the same time by {name}.");
        let with = Candidate {
            value: None,
            records,
            millibits: 0,
        };
        let asked = Conflict::new(
            &booking.id,
            ConflictKind::DoubleBooked,
            Some(FieldName::ResourceKey),
            reason,
            vec![with],
            None,
        );
        if !booking.conflicts.iter().any(|conflict| conflict.id == asked.id) {
            booking.conflicts.push(asked);
        }
    }
}

/// Days begin at noon, so that one guest may leave on the day on which the next arrives.
pub fn moment(when: When, zone: Tz) -> DateTime<Utc> {
    match when {
        When::Instant(at) => at,
        When::Date(date) => noon(date, zone),
    }
}

fn noon(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
    zone.from_local_datetime(&local)
        .earliest()
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(resource: &str, from: u32, to: u32) -> BaselineBooking {
        let day = |day| NaiveDate::from_ymd_opt(2026, 5, day).map(When::Date);
        BaselineBooking {
            resource: Some(resource.to_owned()),
            starts_at: day(from),
            ends_at: day(to),
            ..BaselineBooking::default()
        }
    }

    #[test]
    fn what_is_taken_by_several_on_one_day_is_shared() {
        let mut baseline = Baseline::default();
        for day in 1..9 {
            baseline
                .bookings
                .extend([row("bicycles", day, day), row("bicycles", day, day)]);
            baseline
                .bookings
                .extend([row("hut", 2 * day, 2 * day + 2), row("boat", day, day)]);
        }
        let shared = shared(&baseline, chrono_tz::Europe::Oslo);
        assert_eq!(shared, BTreeSet::from(["bicycles"]));
    }
}
