//! What somebody booked of whom nothing but a line in a list tells: the same as the others who are listed there.

use super::question::candidate;
use super::{Context, Fused, free};
use crate::model::{Conflict, ConflictKind, FieldName, Listing, RecordId, Resource, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Puts what the others of a list booked to the questions of what was.
pub fn suggest(context: &Context<'_>, fused: &mut [Fused]) {
    let told = context.input.told.iter();
    let lists = told.filter(|told| matches!(told.document.listing, Listing::Party(_)));
    let lists: BTreeSet<&RecordId> = lists.map(|told| &told.document.record).collect();
    let is_asked = |conflict: &Conflict| {
        conflict.kind == ConflictKind::MissingField && conflict.field == Some(FieldName::ResourceKey)
    };
    let mut listed: BTreeMap<&RecordId, Vec<usize>> = BTreeMap::new();
    for (at, of) in fused.iter().enumerate() {
        for record in &of.booking.records {
            if let Some(record) = lists.get(record) {
                listed.entry(*record).or_default().push(at);
            }
        }
    }
    let mut found: BTreeMap<usize, (Resource, RecordId)> = BTreeMap::new();
    for (record, of) in listed {
        for at in &of {
            let open = &fused[*at].booking;
            if !open.conflicts.iter().any(is_asked) {
                continue;
            }
            // One who was moved to another day stands in the list of the first one still.
            let others = of.iter().map(|other| &fused[*other].booking);
            let others =
                others.filter(|other| other.starts_at.is_some() && other.starts_at == open.starts_at);
            let mut booked: Vec<&Resource> = others
                .map(|other| &other.resource)
                .filter(|resource| resource.key.is_some())
                .collect();
            booked.dedup_by(|a, b| a.key == b.key);
            if let [resource] = booked.as_slice() {
                found.insert(*at, ((*resource).clone(), record.clone()));
            }
        }
    }
    for (at, (resource, record)) in found {
        let booking = &mut fused[at].booking;
        let key = resource.key.clone().unwrap_or_default();
        let name = resource.name.clone().unwrap_or_else(|| key.clone());
        let asked = Conflict::new(
            &booking.id,
            ConflictKind::MissingField,
            Some(FieldName::ResourceKey),
            format!("No record tells what was booked; the others in the same list booked {name}."),
            vec![candidate(Value::Text(key), vec![record], 1000)],
            Some(0),
        );
        booking.resource = resource;
        for conflict in booking.conflicts.iter_mut().filter(|conflict| is_asked(conflict)) {
            *conflict = asked.clone();
        }
        free::price(context, booking);
    }
}
