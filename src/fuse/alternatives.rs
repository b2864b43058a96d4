//! Says of a record that may belong to several bookings what the others are.

use super::Fused;
use crate::model::{Booking, Conflict, ConflictKind, RecordId, When};
use std::collections::BTreeMap;

/// More bookings than this are counted, not named.
const NAMED: usize = 3;

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
