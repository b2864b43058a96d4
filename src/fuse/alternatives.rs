//! Says of a record that may belong to several bookings what the others are.

use super::{Fused, Input, nothing_new};
use crate::model::{
    Action, Booking, BookingId, Cluster, Conflict, ConflictKind, FieldName, RecordId, Value, When,
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// More bookings than this are counted, not named.
const NAMED: usize = 3;

/// Takes questions about messages that name a day to come off the bookings that were over when they were sent, where
/// others are asked about them too.
pub fn forget_over(fused: &mut Vec<Fused>, input: &Input<'_>) {
    let zone = input.business.zone;
    let mut ahead: BTreeMap<&RecordId, NaiveDate> = BTreeMap::new();
    for told in input.told.iter().filter(|told| told.document.object == "message") {
        let Some(said) = told.document.said_at else {
            continue;
        };
        let said = said.with_timezone(&zone).date_naive();
        let mut starts = told
            .claims
            .of(FieldName::StartsAt)
            .filter_map(|claim| match claim.value {
                Value::When(when) => Some(when.date(zone)),
                _ => None,
            });
        if starts.next().is_some_and(|first| first >= said) && starts.all(|start| start >= said) {
            ahead.insert(&told.document.record, said);
        }
    }
    let is_over = |booking: &Booking, said: NaiveDate| {
        let last = booking.ends_at.or(booking.starts_at);
        last.is_some_and(|last| last.date(zone) < said)
    };
    let mut open: BTreeSet<RecordId> = BTreeSet::new();
    for booking in fused.iter().map(|fused| &fused.booking) {
        let of = booking.conflicts.iter().filter_map(about);
        let standing = of.filter(|record| ahead.get(record).is_some_and(|said| !is_over(booking, *said)));
        open.extend(standing.cloned());
    }
    forget(fused, |booking, conflict| {
        let of_past = |record: &RecordId| {
            let said = ahead.get(record).filter(|_| open.contains(record));
            said.is_some_and(|said| is_over(booking, *said))
        };
        let records = conflict.candidates.first().map(|there| &there.records);
        about(conflict).is_some() && records.is_some_and(|records| records.iter().all(of_past))
    });
}

/// The messages that may belong to several bookings and tell of just one of them, with that booking.
pub fn told_of(fused: &[(&Cluster, Fused)], input: &Input<'_>) -> BTreeMap<RecordId, BookingId> {
    let mut told_of: BTreeMap<RecordId, Option<BookingId>> = BTreeMap::new();
    for (cluster, fused) in fused {
        let told = cluster.possible.iter().map(|(at, _)| &input.told[*at]);
        for told in told.filter(|told| nothing_new::is_just_of(input, told, &fused.booking)) {
            let only = told_of.entry(told.document.record.clone());
            only.and_modify(|only| *only = None)
                .or_insert_with(|| Some(fused.booking.id.clone()));
        }
    }
    let only = told_of.into_iter();
    only.filter_map(|(record, only)| Some((record, only?))).collect()
}

/// Takes questions about such messages off all other bookings.
pub fn forget_told(fused: &mut Vec<Fused>, told_of: &BTreeMap<RecordId, BookingId>) {
    forget(fused, |booking, conflict| {
        let records = conflict.candidates.first().map(|there| &there.records);
        let of_another = |record: &RecordId| told_of.get(record).is_some_and(|only| *only != booking.id);
        about(conflict).is_some() && records.is_some_and(|records| records.iter().all(of_another))
    });
}

/// Takes such questions off. A row of which nothing else is new stays as it is.
fn forget(fused: &mut Vec<Fused>, is_needless: impl Fn(&Booking, &Conflict) -> bool) {
    fused.retain_mut(|fused| {
        let booking = &mut fused.booking;
        let before = booking.conflicts.len();
        let mut conflicts = std::mem::take(&mut booking.conflicts);
        conflicts.retain(|conflict| !is_needless(booking, conflict));
        booking.conflicts = conflicts;
        let nothing_new = booking.conflicts.is_empty()
            && booking.conflicts.len() < before
            && booking.baseline_key.is_some()
            && booking.action == Action::Unchanged
            && booking.payments.is_empty();
        !nothing_new
    });
}

/// Puts the other bookings into the reasons of questions about records that are asked about at several.
pub fn name(fused: &mut [Fused], zone: chrono_tz::Tz) {
    let mut asked: BTreeMap<RecordId, Vec<usize>> = BTreeMap::new();
    for (at, fused) in fused.iter().enumerate() {
        for record in fused.booking.conflicts.iter().filter_map(about) {
            asked.entry(record.clone()).or_default().push(at);
        }
    }
    let names: Vec<String> = fused.iter().map(|fused| called(&fused.booking, zone)).collect();
    for (at, fused) in fused.iter_mut().enumerate() {
        let booking = &mut fused.booking;
        for conflict in &mut booking.conflicts {
            let Some(record) = about(conflict) else { continue };
            let others = asked
                .get(record)
                .into_iter()
                .flatten()
                .filter(|other| **other != at);
            let mut others: Vec<&str> = others.map(|other| names[*other].as_str()).collect();
            others.sort_unstable();
            let of_others = match others.as_slice() {
                [] => continue,
                few if few.len() <= NAMED => few.join(" or "),
                many => format!("one of {} others", many.len()),
            };
            let reason = format!(
                "{record} may belong to this booking or to {of_others}; the records do not say which."
            );
            *conflict = Conflict::new(
                &booking.id,
                conflict.kind,
                conflict.field,
                reason,
                std::mem::take(&mut conflict.candidates),
                conflict.suggested,
            );
        }
    }
}

/// The record that a question is about which asks where it belongs.
fn about(conflict: &Conflict) -> Option<&RecordId> {
    if conflict.kind != ConflictKind::UnlinkedRecord {
        return None;
    }
    conflict.candidates.first()?.records.first()
}

/// What a person would call a booking.
fn called(booking: &Booking, zone: chrono_tz::Tz) -> String {
    if let Some(reference) = &booking.reference {
        return reference.clone();
    }
    let starts = booking.starts_at.map(|starts| match starts {
        When::Instant(at) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
        When::Date(date) => date.to_string(),
    });
    match (&booking.customer.name, starts) {
        (Some(name), Some(starts)) => format!("that of {name} on {starts}"),
        (None, Some(starts)) => format!("the one on {starts}"),
        (Some(name), None) => format!("that of {name}"),
        (None, None) => booking.id.to_string(),
    }
}
