//! The price of which only a part was paid, where messages name it in words that no rule reads: beside what was paid, and
//! nothing else.

use super::super::restated::{amounts, claim, is_of_booking};
use super::super::timeline::Timeline;
use crate::model::{Booking, Claim, Money};
use std::collections::BTreeSet;

/// The claim of a price that what was paid is the usual part of, where messages name it and no amount that is neither it, nor
/// what was paid, nor what is left of it.
pub(super) fn price(timeline: &Timeline<'_>, booking: &Booking, price: Money) -> Option<Claim> {
    let paid = booking.payments.iter().map(|payment| payment.amount.minor);
    let rest = price.minor - paid.clone().sum::<i64>();
    let known: BTreeSet<i64> = paid.chain([price.minor, rest]).collect();
    let messages = timeline.messages.iter().filter(|spoken| is_of_booking(spoken));
    let named: Vec<_> = messages
        .flat_map(|spoken| {
            let amounts = amounts(timeline, spoken, price.currency).into_iter();
            amounts.map(move |(text, minors)| (spoken, text, minors))
        })
        .collect();
    let is_known = |minors: &BTreeSet<i64>| !minors.is_disjoint(&known);
    let (spoken, text, _) = named
        .iter()
        .find(|(_, _, minors)| minors.contains(&price.minor))?;
    let are_known = named.iter().all(|(_, _, minors)| is_known(minors));
    are_known.then(|| claim(spoken, text, price))
}
