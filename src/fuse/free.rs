//! What may have been booked, where no record tells: what was free then and costs as much.
//!
//! One thing alone is suggested; a few are listed. What is free is so by what was rebuilt, so it is never taken as told.

use super::overlaps::{moment, occupied};
use super::prices::Booked;
use super::{Context, Fused, usual};
use crate::model::{
    BaselineResource, Booking, Candidate, Conflict, ConflictKind, FieldName, Resource, Value,
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// From when to when.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// More than this are no help.
const LISTED: usize = 6;

/// Puts what may have been booked to the questions of what was.
pub fn suggest(context: &Context<'_>, fused: &mut [Fused]) {
    let (baseline, zone) = (context.input.baseline, context.input.business.zone);
    let is_asked = |conflict: &Conflict| {
        conflict.kind == ConflictKind::MissingField
            && conflict.field == Some(FieldName::ResourceKey)
            && conflict.candidates.is_empty()
    };
    let open: Vec<usize> = (0..fused.len())
        .filter(|at| fused[*at].booking.conflicts.iter().any(is_asked))
        .collect();
    if open.is_empty() {
        return;
    }
    let booked: BTreeSet<&str> = baseline
        .bookings
        .iter()
        .filter_map(|row| row.resource.as_deref())
        .collect();
    let mut taken: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for (resource, from, to, _) in occupied(fused, baseline, zone) {
        taken.entry(resource).or_default().push((from, to));
    }
    for at in open {
        let booking = &fused[at].booking;
        let (Some(from), Some(to)) = (booking.starts_at, booking.ends_at) else {
            continue;
        };
        let span = (moment(from, zone), moment(to, zone));
        // A price that is asked about says nothing of what it is for.
        let is_of_price = |conflict: &Conflict| conflict.field == Some(FieldName::Total);
        let priced = booking.total.is_some() && !booking.conflicts.iter().any(is_of_price);
        let fits = |row: &&BaselineResource| {
            let own = booking.tenant.is_none() || row.tenant.is_none() || row.tenant == booking.tenant;
            let mut spans = taken.get(&row.key).into_iter().flatten();
            let is_free = !spans.any(|(from, to)| *from < span.1 && span.0 < *to);
            own && booked.contains(row.key.as_str()) && is_free && (!priced || costs(context, row, booking))
        };
        let rows: Vec<&BaselineResource> = baseline.resources.iter().filter(fits).collect();
        if rows.is_empty() || rows.len() > LISTED {
            continue;
        }
        let candidates: Vec<Candidate> = rows
            .iter()
            .map(|row| super::candidate(Value::Text(row.key.clone()), Vec::new(), 500))
            .collect();
        let names: Vec<&str> = rows
            .iter()
            .map(|row| row.name.as_deref().unwrap_or(&row.key))
            .collect();
        let asked = if priced {
            format!("what was free then and costs as much is {}", names.join(", "))
        } else {
            format!("what was free then is {}", names.join(", "))
        };
        let only = (rows.len() == 1).then_some(0);
        let booking = &mut fused[at].booking;
        let asked = Conflict::new(
            &booking.id,
            ConflictKind::MissingField,
            Some(FieldName::ResourceKey),
            format!("No record tells what was booked; {asked}."),
            candidates,
            only,
        );
        if let [row] = rows.as_slice() {
            booking.resource = Resource {
                key: Some(row.key.clone()),
                name: row.name.clone(),
            };
            taken.entry(row.key.clone()).or_default().push(span);
        }
        for conflict in booking.conflicts.iter_mut().filter(|conflict| is_asked(conflict)) {
            *conflict = asked.clone();
        }
        if only.is_some() {
            price(context, booking);
        }
    }
}

/// Reckons a price that no record tells once more, for what may have been booked.
pub(super) fn price(context: &Context<'_>, booking: &mut Booking) {
    let is_reckoned = |conflict: &Conflict| {
        let of_price = conflict.field == Some(FieldName::Total);
        let told = conflict.candidates.iter().any(|one| !one.records.is_empty());
        of_price && conflict.kind == ConflictKind::MissingField && !told
    };
    let Some(at) = booking.conflicts.iter().position(is_reckoned) else {
        return;
    };
    if let Some((asked, price)) = usual::listed_price(context, booking) {
        booking.conflicts[at] = asked;
        booking.total = Some(price);
    }
}

/// Whether a thing costs as much as the booking does, as far as the backup's prices tell.
fn costs(context: &Context<'_>, row: &BaselineResource, booking: &Booking) -> bool {
    let (Some(total), Some(from), Some(to)) = (booking.total, booking.starts_at, booking.ends_at) else {
        return true;
    };
    let price = context.prices.of(&Booked {
        resource: Some(&row.key),
        from,
        to,
        currency: total.currency,
    });
    price.is_none_or(|price| price.money == total || !price.is_right_in_one_of(2))
}
