//! An entry that is likelier of a booking than not: until somebody has said so, the booking is suggested as it would be
//! with it.

use super::{Context, Fused, Named, happened_since, one};
use crate::model::{Cluster, ConflictKind, Linked};
use std::collections::BTreeMap;

/// Records that may belong to several bookings.
pub fn contested(linked: &Linked) -> Vec<usize> {
    let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
    for (at, _) in linked.clusters.iter().flat_map(|cluster| &cluster.possible) {
        *counts.entry(*at).or_default() += 1;
    }
    counts.retain(|_, count| *count > 1);
    counts.into_keys().collect()
}

/// The booking with the values that it has if the entry is its own; the question whether it is stays.
pub fn suppose(context: &Context<'_>, cluster: &Cluster, named: Named, fused: Fused) -> Fused {
    let is_asked = |kind: ConflictKind| kind == ConflictKind::UnlinkedRecord;
    let question = fused
        .booking
        .conflicts
        .iter()
        .find(|conflict| is_asked(conflict.kind));
    let Some((question, as_if)) = question.cloned().zip(as_if(context, cluster)) else {
        return fused;
    };
    let Some(mut other) = one(context, &as_if, named).filter(|other| other.booking.id == fused.booking.id)
    else {
        return fused;
    };
    other.booking.records = fused.booking.records;
    other.booking.waterfalls = fused.booking.waterfalls;
    other.booking.links = fused.booking.links;
    other
        .booking
        .conflicts
        .retain(|conflict| !is_asked(conflict.kind));
    other.booking.conflicts.push(question);
    Fused {
        booking: other.booking,
        ..fused
    }
}

/// The cluster with the entries that are likelier its own than not and may be no other booking's, where it has none.
fn as_if(context: &Context<'_>, cluster: &Cluster) -> Option<Cluster> {
    let input = context.input;
    let is_event = |at: &usize| input.told[*at].document.object == "event";
    if cluster.members.iter().any(is_event) {
        return None;
    }
    let likely = |(at, bits): &(usize, f64)| {
        is_event(at)
            && *bits > 0.0
            && happened_since(&input.told[*at], input.window.backup)
            && context.contested.binary_search(at).is_err()
    };
    let entries: Vec<usize> = cluster
        .possible
        .iter()
        .filter(|possible| likely(possible))
        .map(|(at, _)| *at)
        .collect();
    let [entry] = entries.as_slice() else {
        return None;
    };
    let mut as_if = cluster.clone();
    as_if.possible.retain(|(at, _)| at != entry);
    as_if.members.push(*entry);
    as_if.members.sort_unstable();
    Some(as_if)
}
