//! Names the records and bookings of weighings: what was weighed by number is shown by id.

use super::{Fused, Input};
use crate::model::{About, BookingId, Cluster, NextBest, RecordId, Waterfall};
use std::collections::BTreeMap;

/// What each comparison told for the records of a cluster; the ids of other bookings are not known yet.
pub fn of(cluster: &Cluster, input: &Input<'_>) -> Vec<Waterfall> {
    let record = |at: &usize| input.told[*at].document.record.clone();
    let weighings = cluster.weighings.iter();
    weighings
        .map(|weighing| Waterfall {
            records: weighing.members.iter().map(record).collect(),
            is_linked: weighing.is_linked,
            steps: weighing.steps.clone(),
            next: weighing.next.as_ref().map(|(place, steps)| NextBest {
                booking: None,
                row: match place.about {
                    About::Baseline(at) => Some(input.baseline.bookings[at].key.clone()),
                    About::New => None,
                },
                record: place.record.as_ref().map(record),
                steps: steps.clone(),
            }),
        })
        .collect()
}

/// Puts the ids of the bookings that were next best, where they were rebuilt.
pub fn name_next(fused: &mut [Fused]) {
    let mut by_row: BTreeMap<String, BookingId> = BTreeMap::new();
    let mut by_record: BTreeMap<RecordId, BookingId> = BTreeMap::new();
    let mut wanted: Vec<RecordId> = Vec::new();
    for fused in fused.iter() {
        let waterfalls = fused.booking.waterfalls.iter();
        wanted.extend(waterfalls.filter_map(|waterfall| waterfall.next.as_ref()?.record.clone()));
        if let Some(row) = &fused.booking.baseline_key {
            by_row.insert(row.clone(), fused.booking.id.clone());
        }
    }
    wanted.sort();
    for fused in fused.iter() {
        for record in &fused.booking.records {
            if wanted.binary_search(record).is_ok() {
                by_record.insert(record.clone(), fused.booking.id.clone());
            }
        }
    }
    for fused in fused {
        for next in fused
            .booking
            .waterfalls
            .iter_mut()
            .filter_map(|waterfall| waterfall.next.as_mut())
        {
            let of_row = next.row.as_ref().and_then(|row| by_row.get(row));
            let of_record = next.record.as_ref().and_then(|record| by_record.get(record));
            next.booking = of_row.or(of_record.filter(|_| next.row.is_none())).cloned();
        }
    }
}
