//! Charges on which nothing is written that stand among a booking's records.
//!
//! Sales at the counter have no text either, so that nothing is written tells of no kind. Such a charge pays for the booking
//! where it is the price, a usual part of it or what was open; else a person is asked. What was paid before the backup stands
//! in its payments, or was for something else.

use super::Context;
use super::question::Questions;
use crate::mapping::{ChargeRole, Instalment, Told};
use crate::model::{Candidate, Cluster, ConflictKind, FieldName, Money, Value};
use std::collections::BTreeSet;

/// Whether such a charge pays for the booking.
pub fn pays(context: &Context<'_>, cluster: &Cluster, told: &Told<'_>) -> bool {
    let (true, Some(amount)) = (is_unsaid(context, told), told.document.taken()) else {
        return false;
    };
    let members = || cluster.members.iter().map(|at| &context.input.told[*at]);
    let prices: BTreeSet<Money> = members()
        .filter(|told| told.document.object == "message")
        .flat_map(|told| told.claims.of(FieldName::Total))
        .filter_map(|claim| match claim.value {
            Value::Money(price) if price.currency == amount.currency => Some(price),
            _ => None,
        })
        .collect();
    let others = cluster.members.iter().filter_map(|at| {
        let other = &context.input.told[*at];
        let taken = other.document.taken().filter(|_| other.may_pay())?;
        Some(cluster.shares.get(at).map_or(taken, |share| share.amount).minor)
    });
    let others: i64 = others.sum();
    let source = told.document.record.source();
    let mut mappings = context.input.mappings.iter();
    let mapping = mappings.find(|mapping| mapping.source == source);
    let usual = mapping.map_or(&[][..], |mapping| mapping.instalments.as_slice());
    prices
        .iter()
        .any(|price| is_of(price.minor, amount.minor, others, usual))
}

/// Whether an amount is a price, what others left of it, or the part of it that is usually paid first.
fn is_of(price: i64, amount: i64, others: i64, usual: &[Instalment]) -> bool {
    let part = |known: &Instalment| (price * i64::from(known.part) + 5_000) / 10_000;
    let mut usual = usual.iter().filter(|known| known.is_usual());
    amount + others == price || others == 0 && usual.any(|known| part(known) == amount)
}

/// Asks about such charges since the backup that do not fit.
pub fn doubt(context: &Context<'_>, cluster: &Cluster, questions: &mut Questions) {
    for at in &cluster.members {
        let told = &context.input.told[*at];
        let went_back = told.document.flag("/refunded") == Some(true);
        if !is_unsaid(context, told) || went_back || pays(context, cluster, told) {
            continue;
        }
        let record = told.document.record.clone();
        let Some(amount) = told.document.taken() else {
            continue;
        };
        let reason = format!("Nothing is written on {record}, {amount}: was it paid for this booking?");
        let there = Candidate {
            value: None,
            records: vec![record],
            millibits: 0,
        };
        questions.ask(ConflictKind::UnlinkedRecord, None, reason, vec![there], None);
    }
}

fn is_unsaid(context: &Context<'_>, told: &Told<'_>) -> bool {
    let backup = context.input.window.backup;
    let is_new = told.document.said_at.is_some_and(|at| at > backup);
    is_new && told.took_money() && told.claims.charge == ChargeRole::Unsaid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deposit_the_rest_and_the_price_fit() {
        let usual = [Instalment {
            part: 5_000,
            support: 40,
            of: 60,
            followed: 30,
            whole: 30,
        }];
        assert!(is_of(12_110, 12_110, 0, &usual));
        assert!(is_of(12_110, 6_055, 0, &usual));
        assert!(is_of(12_110, 6_060, 6_050, &usual));
        assert!(!is_of(12_110, 6_055, 6_050, &usual), "too much or too little");
        assert!(!is_of(12_110, 450, 0, &usual));
    }
}
