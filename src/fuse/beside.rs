//! Charges beside the price, of a kind too rare to be known: firewood, a late departure.
//!
//! Where all the others come to the stated price exactly, one of a kind of which the overlap has some, and none paid for a
//! booking, is no payment of it.

use super::Context;
use super::money::Charge;
use crate::mapping::{ChargeRole, Told};
use crate::model::{BaselineBooking, Cluster, FieldName, Money, Value};
use std::collections::BTreeSet;

/// Takes away what was charged beside the price.
pub fn leave_out(
    context: &Context<'_>,
    cluster: &Cluster,
    baseline: Option<&BaselineBooking>,
    charges: &mut Vec<Charge<'_>>,
) {
    // What the backup has of it pays for it.
    let is_beside = |(told, payment, _): &Charge<'_>| never_paid(told) && payment.baseline_refunded.is_none();
    let pays = charges.iter().filter(|charge| !is_beside(charge));
    let paid: Vec<Money> = pays.map(|(_, payment, _)| payment.amount).collect();
    if paid.is_empty() || paid.len() == charges.len() {
        return;
    }
    let members = cluster.members.iter().map(|at| &context.input.told[*at]);
    let stated = members.flat_map(|told| told.claims.of(FieldName::Total));
    let stated = stated.filter_map(|claim| match claim.value {
        Value::Money(money) => Some(money),
        _ => None,
    });
    let prices: BTreeSet<Money> = stated.chain(baseline.and_then(|row| row.total)).collect();
    if comes_to_one(&paid, &prices) {
        charges.retain(|charge| !is_beside(charge));
    }
}

/// Whether charges of a kind are known, too few to be sure, and none of them paid for a booking. What has no words is no kind.
fn never_paid(told: &Told<'_>) -> bool {
    let claims = &told.claims;
    let is_worded = claims.kind.as_ref().is_some_and(|kind| !kind.0.is_empty());
    is_worded && claims.charge == ChargeRole::Unknown && matches!(claims.pays, Some((0, 1..)))
}

fn comes_to_one(paid: &[Money], prices: &BTreeSet<Money>) -> bool {
    prices.iter().any(|price| {
        let of_one = paid.iter().all(|money| money.currency == price.currency);
        of_one && paid.iter().map(|money| money.minor).sum::<i64>() == price.minor
    })
}
