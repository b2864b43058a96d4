//! Lines of a list that is known by its days alone, of which nothing else tells though others of the list are in the calendar.
//!
//! The entry of a booking that was moved since may stand with another line, or with none: then its line founds a booking that
//! never was.

use super::Fused;
use super::Input;
use crate::model::{Action, Conflict, ConflictKind, Document, Listing, RecordId};
use std::collections::BTreeSet;

/// Asks about such bookings.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let documents = || input.told.iter().map(|told| told.document);
    let is_list = |document: &&Document| matches!(&document.listing, Listing::Part(listed) if listed.by_day);
    let lists: BTreeSet<&RecordId> = documents()
        .filter(is_list)
        .map(|document| &document.record)
        .collect();
    if lists.is_empty() {
        return;
    }
    let entries = documents().filter(|document| document.object == "event");
    let entries: BTreeSet<&RecordId> = entries.map(|document| &document.record).collect();
    let planned: BTreeSet<RecordId> = fused
        .iter()
        .map(|fused| &fused.booking.records)
        .filter(|records| records.iter().any(|record| entries.contains(record)))
        .flatten()
        .filter(|record| lists.contains(record))
        .cloned()
        .collect();
    for booking in fused.iter_mut().map(|fused| &mut fused.booking) {
        let mut records = booking.records.iter();
        let is_lone = records.all(|record| planned.contains(record)) && !booking.records.is_empty();
        if booking.action == Action::Insert && is_lone {
            booking.conflicts.push(Conflict::new(
                &booking.id,
                ConflictKind::WeakEvidence,
                None,
                "Only a line of a list tells of it, and others of that list are in the calendar: was it moved, or called off?"
                    .to_owned(),
                Vec::new(),
                None,
            ));
        }
    }
}
