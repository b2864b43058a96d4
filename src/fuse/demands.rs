//! Messages that state what is to be paid, an invoice or a receipt, and not the price: words that were the price less
//! often than those of another message, and now are what one payment took.

use super::Input;
use super::spoken::{Spoken, TRUSTED};
use crate::model::{Cluster, FieldName, Money, RecordId, Value};
use std::collections::BTreeSet;

/// So much less often such words were the price.
const LESS: f64 = 0.04;

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
