//! Messages that state what is to be paid, an invoice or a receipt, and not the price: words that were the price less
//! often than those of another message, and now are what one payment took.

use super::money::Paid;
use super::question::{Questions, candidate};
use super::spoken::{Spoken, TRUSTED};
use super::timeline::Timeline;
use super::{Context, Input, prices};
use crate::model::{BaselineBooking, Booking, Cluster, ConflictKind, FieldName, Money, RecordId, Value};
use std::collections::BTreeSet;

/// So much less often such words were the price.
const LESS: f64 = 0.04;

/// So many times words must have been the price, nearly always, to show that they are not less often.
const ENOUGH: u32 = 75;

/// Takes the price from messages that state what a payment took, where words that were right more often state another, or
/// the backup does: `stood`.
pub(super) fn give_way(
    input: &Input<'_>,
    cluster: &Cluster,
    stood: Option<Money>,
    messages: &mut [Spoken<'_>],
) {
    let taken = taken(input, cluster);
    let mut told: Vec<(Money, f64)> = messages.iter().filter_map(price).collect();
    told.extend(stood.map(|money| (money, TRUSTED)));
    for spoken in messages {
        let Some((money, trust)) = price(spoken).filter(|(money, _)| taken.contains(money)) else {
            continue;
        };
        if told
            .iter()
            .any(|(other, sure)| *other != money && *sure >= trust + LESS)
        {
            spoken.claims.retain(|(claim, _)| claim.field != FieldName::Total);
        }
    }
}

/// A price that only less sure words state, after surer ones stated a higher one: a demand for a part of it, or a new price. The
/// surer one first.
pub(super) fn doubtful<'b>(messages: &'b [Spoken<'_>]) -> Option<[(Money, &'b RecordId); 2]> {
    let mut told = messages
        .iter()
        .filter_map(|spoken| Some((price(spoken)?, &spoken.document.record)));
    let ((last, trust), record) = told.next_back()?;
    let ((sure, _), by) = told.rfind(|((money, sure), _)| *sure >= trust + LESS && *money != last)?;
    (sure.currency == last.currency && last.minor < sure.minor).then_some([(sure, by), (last, record)])
}

/// Asks for a price that is just what a payment took, where messages state it in words of which too few were seen to tell one from
/// the other and a higher one was known before, or where it is above all that such bookings cost and another was stated.
pub(super) fn doubt(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    paid: &Paid<'_>,
    booking: &mut Booking,
    told: Money,
    questions: &mut Questions,
) {
    let mut payments = paid.kinds.iter().map(|(_, claim)| claim);
    if !payments.any(|claim| claim.value == Value::Money(told)) {
        return;
    }
    if let Some(usual) = usual(context, timeline, booking, told) {
        let reason = format!(
            "{told} is what a payment took, and more than such a booking ever cost: is it for something else as well?"
        );
        let records = timeline.records(FieldName::Total);
        let there = candidate(Value::Money(told), records, 500);
        let candidates = vec![candidate(Value::Money(usual), Vec::new(), 1000), there];
        let kind = ConflictKind::WeakEvidence;
        questions.ask(kind, Some(FieldName::Total), reason, candidates, Some(0));
        booking.total = Some(usual);
        let claims = timeline.claims_for(FieldName::Total, &Value::Money(usual));
        booking.claims.insert(FieldName::Total, claims);
        return;
    }
    let is_known = |spoken: &Spoken<'_>| {
        let best = spoken.best(FieldName::Total);
        let rule = best.filter(|(claim, _)| claim.value == Value::Money(told));
        let (_, support) = rule
            .and_then(|(claim, _)| context.reliability.get(&claim.rule).copied())
            .unwrap_or_default();
        support >= ENOUGH
    };
    let messages = &timeline.messages;
    if messages.iter().chain(&timeline.events).any(is_known) {
        return;
    }
    let before = messages.iter().filter_map(price).map(|(money, _)| money);
    let before = before.chain(baseline.and_then(|row| row.total));
    let higher = before
        .filter(|money| money.currency == told.currency && money.minor > told.minor)
        .max_by_key(|money| money.minor);
    let Some(higher) = higher else { return };
    let reason = format!("{told} is what a payment took: is that the whole price?");
    let records = timeline.records(FieldName::Total);
    let there = candidate(Value::Money(told), records, 500);
    let candidates = vec![candidate(Value::Money(higher), Vec::new(), 1000), there];
    let kind = ConflictKind::WeakEvidence;
    questions.ask(kind, Some(FieldName::Total), reason, candidates, Some(0));
}

/// The last price that messages stated and that is in the range of what such bookings cost, where this one is above it: a
/// receipt for a book of tickets, the first of which is used here.
fn usual(context: &Context<'_>, timeline: &Timeline<'_>, booking: &Booking, told: Money) -> Option<Money> {
    let range = prices::range(context, booking).filter(|range| *range.end() < told.minor)?;
    let before = timeline.messages.iter().rev().filter_map(price);
    let mut before = before.map(|(money, _)| money);
    before.find(|money| money.currency == told.currency && range.contains(&money.minor))
}

/// The price that a message states, and how often its words were right.
fn price(spoken: &Spoken<'_>) -> Option<(Money, f64)> {
    let (claim, trust) = spoken.best(FieldName::Total)?;
    match claim.value {
        Value::Money(money) => Some((money, *trust)),
        _ => None,
    }
}

/// What each payment of the booking took.
fn taken(input: &Input<'_>, cluster: &Cluster) -> BTreeSet<Money> {
    let members = cluster.members.iter().map(|at| &input.told[*at]);
    let charges = members.filter(|told| told.may_pay());
    charges.filter_map(|told| told.document.taken()).collect()
}
