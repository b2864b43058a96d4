//! Calendars of which each is for one resource: an entry in one of them, for just the hours of a booking of that, is its, in
//! whatever words somebody typed it.

use super::{Lexed, Seed, Truth};
use crate::model::{Document, SourceKind};
use std::collections::BTreeMap;

/// So many entries that name their bookings show what a calendar is for.
const KNOWN: usize = 8;

/// Calendar to the one resource that its entries are for, where at least two calendars are for different ones.
pub(super) fn of_one_resource<'a>(
    lexed: &[&Lexed<'a>],
    seeds: &[Option<Seed>],
    truths: &[Truth<'a>],
) -> BTreeMap<&'a str, &'a str> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (lexed, seed) in lexed.iter().zip(seeds) {
        let resource = seed.and_then(|seed| truths[seed.booking].booking.resource.as_deref());
        if let (Some(container), Some(resource)) = (container(lexed.document), resource) {
            *counts.entry(container).or_default().entry(resource).or_default() += 1;
        }
    }
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for (container, counts) in counts {
        let all: usize = counts.values().sum();
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        if let Some((resource, _)) = most.filter(|(_, count)| all >= KNOWN && count * 20 >= all * 19) {
            known.insert(container, resource);
        }
    }
    let mut resources: Vec<&str> = known.values().copied().collect();
    resources.sort_unstable();
    resources.dedup();
    if resources.len() < 2 {
        known.clear();
    }
    known
}

/// The calendar in which an entry stands.
pub(super) fn container(document: &Document) -> Option<&str> {
    let is_entry = document.kind == SourceKind::GoogleCalendar;
    is_entry.then(|| document.text("/container")).flatten()
}
