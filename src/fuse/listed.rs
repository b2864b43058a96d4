//! A price beside a list of several bookings: nothing tells whether it is of each of them or of all, unless it is what they
//! cost together by what was said of each before.

use super::timeline::Timeline;
use super::{Context, Fused, Input, prices};
use crate::mapping::{Mapping, Told};
use crate::model::{Booking, Candidate, Claim, Conflict, ConflictKind, FieldName, Money, RecordId, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    let told: HashMap<&RecordId, &Told<'_>> = (input.told.iter())
        .map(|told| (&told.document.record, told))
        .collect();
    let agreed: BTreeMap<(RecordId, String), BTreeMap<usize, Claim>> = (of.iter())
        .filter_map(|(place, all)| Some((place.clone(), apart(fused, &told, place, all)?)))
        .collect();
    for (at, fused) in fused.iter_mut().enumerate() {
        let own = prices(fused).find_map(|claim| {
            let all = agreed.get(&(claim.record.clone(), claim.place.clone()))?;
            all.get(&at).cloned()
        });
        let asks = |booking: &Booking| {
            let mut conflicts = booking.conflicts.iter();
            conflicts.any(|conflict| conflict.field == Some(FieldName::Total))
        };
        if let Some(claim) = own.filter(|_| fused.booking.baseline_key.is_none() && !asks(&fused.booking)) {
            if let Value::Money(price) = claim.value {
                fused.booking.total = Some(price);
                fused.booking.claims.insert(FieldName::Total, vec![claim]);
            }
            continue;
        }
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

/// What each of several bookings was said to cost before, where that comes to the price of the place that they share.
fn apart(
    fused: &[Fused],
    told: &HashMap<&RecordId, &Told<'_>>,
    (record, _): &(RecordId, String),
    all: &BTreeSet<usize>,
) -> Option<BTreeMap<usize, Claim>> {
    let shared = told.get(record)?;
    let before = |at: usize| {
        let records = fused[at].booking.records.iter().filter(|other| *other != record);
        let others = records.filter_map(|other| told.get(other).copied());
        let others = others.filter(|other| {
            other.document.object == "message" && other.document.said_at < shared.document.said_at
        });
        let stated = others.flat_map(|other| other.claims.of(FieldName::Total));
        stated.max_by_key(|claim| claim.said_at).cloned()
    };
    let each: Option<BTreeMap<usize, Claim>> = all.iter().map(|at| Some((*at, before(*at)?))).collect();
    let each = each.filter(|each| each.len() > 1)?;
    let money = |claim: &Claim| match claim.value {
        Value::Money(money) => Some(money),
        _ => None,
    };
    let prices: Option<Vec<Money>> = each.values().map(money).collect();
    let prices = prices?;
    let sum: i64 = prices.iter().map(|price| price.minor).sum();
    let mut said = shared.claims.of(FieldName::Total).filter_map(money);
    said.all(|total| total.minor == sum && prices.iter().all(|price| price.currency == total.currency))
        .then_some(each)
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
