//! Prices that are paid in another currency: a shop that counts in its own, and lets guests pay in theirs.
//!
//! What such payments were of the prices of the backup's bookings tells the rate, and which parts of a price are paid so: all
//! of it, a half. A system that charges at a rate of its own keeps to it for months; where rates move from day to day, payments
//! are too far apart to be of one, and a person is asked.

use super::money::Paid;
use super::{Context, Input};
use crate::model::{Booking, Currency, Status};
use std::collections::BTreeMap;

/// So many bookings must have paid one part of the price at one rate.
const BOOKINGS: usize = 5;
/// How far apart they may be, as a share of the rate.
const APART: f64 = 0.01;
/// So many in a hundred of those that paid in the currency must have paid such a part: of the others the price was changed.
const PERCENT: usize = 75;

/// What was paid in a currency for one minor unit of a price in another: the parts that are usual, rising.
#[derive(Debug, Default)]
pub struct Rates(BTreeMap<(Currency, Currency), Vec<f64>>);

impl Rates {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut paid: BTreeMap<&str, Vec<(Currency, i64)>> = BTreeMap::new();
        let mut bookings: BTreeMap<&str, u32> = BTreeMap::new();
        for payment in &input.baseline.payments {
            *bookings
                .entry(payment.provider_id.as_deref().unwrap_or(""))
                .or_default() += 1;
        }
        let amounts: BTreeMap<&str, _> = input
            .told
            .iter()
            .filter(|told| told.document.object == "charge")
            .filter_map(|told| Some((told.document.record.native(), told.document.taken()?)))
            .collect();
        for payment in &input.baseline.payments {
            let (Some(booking), Some(id)) = (&payment.booking, &payment.provider_id) else {
                continue;
            };
            // What was given back, or paid for several bookings, says nothing of a rate.
            let is_plain = payment.refunded.minor == 0 && bookings[id.as_str()] == 1;
            let taken = amounts.get(id.as_str()).filter(|_| is_plain);
            let taken = taken.map_or((payment.amount.currency, 0), |taken| {
                (taken.currency, taken.minor)
            });
            paid.entry(booking).or_default().push(taken);
        }
        let mut seen: BTreeMap<(Currency, Currency), Vec<f64>> = BTreeMap::new();
        for row in &input.baseline.bookings {
            let stood = row.status != Some(Status::Cancelled);
            let (Some(total), Some(paid)) = (row.total, paid.get(row.key.as_str())) else {
                continue;
            };
            let [(currency, minor)] = paid[..] else { continue };
            if stood && minor > 0 && total.minor > 0 && currency != total.currency {
                let rate = minor as f64 / total.minor as f64;
                seen.entry((total.currency, currency)).or_default().push(rate);
            }
        }
        Self(
            seen.into_iter()
                .map(|(pair, rates)| (pair, usual(rates)))
                .filter(|(_, usual)| !usual.is_empty())
                .collect(),
        )
    }
}

/// The rates that stand close to enough others; none where too many stand alone.
fn usual(mut rates: Vec<f64>) -> Vec<f64> {
    rates.sort_by(f64::total_cmp);
    let near = |rate: f64| rates.iter().filter(|other| is_near(rate, **other)).count();
    let usual: Vec<f64> = rates
        .iter()
        .copied()
        .filter(|rate| near(*rate) >= BOOKINGS)
        .collect();
    if usual.len() * 100 < rates.len() * PERCENT {
        return Vec::new();
    }
    usual
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= b * APART
}

/// Whether what was paid in another currency is a usual part of the price at the usual rate; with what was paid in the
/// price's own, all of it.
pub fn explain(context: &Context<'_>, paid: &Paid<'_>, booking: &Booking) -> bool {
    let Some(total) = booking.total.filter(|total| total.minor > 0) else {
        return false;
    };
    let is_given_back = booking.payments.iter().any(|payment| payment.refunded.minor > 0);
    let mut foreign = paid.took().filter(|money| money.currency != total.currency);
    let Some(first) = foreign
        .next()
        .filter(|_| !is_given_back && paid.given_back().is_none())
    else {
        return false;
    };
    if foreign.any(|money| money.currency != first.currency) {
        return false;
    }
    let sum = |currency: Currency| -> i64 {
        let of = paid.took().filter(|money| money.currency == currency);
        of.map(|money| money.minor).sum()
    };
    let (own, other) = (sum(total.currency) as f64, sum(first.currency) as f64);
    let price = total.minor as f64;
    let Some(usual) = context.rates.0.get(&(total.currency, first.currency)) else {
        return false;
    };
    if own == 0.0 {
        return usual.iter().any(|rate| is_near(other / price, *rate));
    }
    let whole = usual.last().copied().unwrap_or(f64::MAX);
    is_near(own + other / whole, price)
}

#[cfg(test)]
mod tests {
    use super::usual;

    #[test]
    fn a_rate_that_the_system_keeps_to_is_known_with_the_parts_that_are_paid() {
        let whole = [3937, 3938, 3937, 3936, 3937, 3937];
        let half = [1968, 1969, 1968, 1970, 1968];
        let paid = |of: &[i32]| of.iter().map(|part| f64::from(*part) / 1e6).collect::<Vec<_>>();
        assert_eq!(usual(paid(&[&whole[..], &half].concat())).len(), 11);
        assert_eq!(
            usual(paid(&[&whole[..], &half[..3]].concat())).len(),
            0,
            "3 of 9 are parts of their own"
        );
    }

    #[test]
    fn rates_that_move_from_day_to_day_are_none() {
        let moving = (0..12).map(|day| 0.9 + f64::from(day) / 100.0).collect();
        assert!(usual(moving).is_empty());
    }
}
