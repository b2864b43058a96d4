//! A price beside a list of several bookings: nothing tells whether it is of each of them or of all.

use super::timeline::Timeline;
use super::{Context, Fused, Input, prices};
use crate::mapping::Mapping;
use crate::model::{Booking, Candidate, Claim, Conflict, ConflictKind, FieldName, Money, RecordId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Asks about prices that stand at one place of one message for several bookings, unless bookings of the backup that were
/// made so showed what such a price is of.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let is_known = |claim: &Claim| {
        let mut mappings = input.mappings.iter();
        let of = mappings.find(|mapping| claim.record.source() == mapping.source);
        let is_known = |mapping: &Mapping| {
            let rule = claim.rule_index().and_then(|at| mapping.rules.get(at));
            mapping.lists.is_known() || rule.is_some_and(|rule| rule.reading.list.is_some())
        };
        input.untaught.is_none() && of.is_some_and(is_known)
    };
    let mut of: BTreeMap<(RecordId, String), BTreeSet<usize>> = BTreeMap::new();
    for (at, fused) in fused.iter().enumerate() {
        for claim in prices(fused).filter(|claim| !is_known(claim)) {
            let place = (claim.record.clone(), claim.place.clone());
            of.entry(place).or_default().insert(at);
        }
    }
    for (at, fused) in fused.iter_mut().enumerate() {
        let shared = prices(fused).find_map(|claim| {
            let all = of.get(&(claim.record.clone(), claim.place.clone()))?;
            (all.len() > 1 && all.contains(&at))
                .then(|| (claim.record.clone(), claim.value.clone(), all.len()))
        });
        let Some((record, Value::Money(price), count)) = shared else {
            continue;
        };
        let reason = format!(
            "{record} tells of {count} bookings and of {price}: is that the price of each, or of all?"
        );
        let weigh = |minor, millibits| Candidate {
            value: Some(Value::Money(Money::new(minor, price.currency))),
            records: vec![record.clone()],
            millibits,
        };
        let mut candidates = vec![weigh(price.minor, 500)];
        let parts = count as i64;
        if price.minor % parts == 0 {
            candidates.push(weigh(price.minor / parts, 500));
        }
        let (kind, field) = (ConflictKind::UnexplainedEvidence, Some(FieldName::Total));
        let booking = &mut fused.booking;
        let asked = Conflict::new(&booking.id, kind, field, reason, candidates, None);
        if !booking.conflicts.iter().any(|other| other.id == asked.id) {
            booking.conflicts.push(asked);
        }
    }
}

/// Takes a price that a message states of all the bookings that it lists, where nothing else tells one and the backup's prices
/// say that each costs just that.
pub fn price(context: &Context<'_>, timeline: &Timeline<'_>, booking: &mut Booking) {
    if booking.total.is_some() {
        return;
    }
    let Some(price) = prices::of(context, booking).filter(|price| price.is_mostly_right()) else {
        return;
    };
    let stated = timeline.all().flat_map(|spoken| &spoken.told.claims.of_all);
    let own: Vec<Claim> = stated
        .filter(|claim| claim.value == Value::Money(price.money))
        .cloned()
        .collect();
    if !own.is_empty() {
        booking.total = Some(price.money);
        booking.claims.insert(FieldName::Total, own);
    }
}

/// What messages say in words of a booking's price. Published data has a set for each booking.
fn prices(fused: &Fused) -> impl Iterator<Item = &Claim> {
    let claims = fused.booking.claims.get(&FieldName::Total).into_iter().flatten();
    claims.filter(|claim| claim.place.starts_with("text") || claim.place.starts_with("html"))
}
