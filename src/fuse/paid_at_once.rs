//! What is always paid for in one payment of its whole price: where no record states the price, such a payment tells it.
//!
//! Kinds of charge show that only where all that a business hires out is paid for alike. Here each thing is looked at by itself:
//! a pitch is paid for when it is booked, a house by deposit and rest.

use super::Input;
use super::money::Paid;
use crate::model::{BaselineBooking, BaselinePayment, Booking, Money, Status, When};
use std::collections::{BTreeMap, BTreeSet};

/// So many rows show it, and one in so many may be otherwise.
const ROWS: usize = 20;
const OTHERWISE_IN: usize = 20;
/// So many rows of the thing cost just this for as long.
const ALIKE: usize = 2;

#[derive(Debug, Default)]
pub struct PaidAtOnce {
    /// What each thing that is paid for so cost, by how long it was booked in minutes.
    things: BTreeMap<String, BTreeMap<Priced, usize>>,
}

/// A price, and for how many minutes.
type Priced = (Option<i64>, Money);

/// Of a thing: what bookings cost that were paid for at once, and how many were not.
type Seen = (Vec<Priced>, usize);

impl PaidAtOnce {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut paid: BTreeMap<&str, Vec<&BaselinePayment>> = BTreeMap::new();
        for payment in &input.baseline.payments {
            if let Some(booking) = payment.booking.as_deref() {
                paid.entry(booking).or_default().push(payment);
            }
        }
        let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
        for row in &input.baseline.bookings {
            let (Some(thing), Some(total)) = (row.resource.as_deref(), row.total) else {
                continue;
            };
            let Some(payments) = paid
                .get(row.key.as_str())
                .filter(|_| row.status != Some(Status::Cancelled))
            else {
                continue;
            };
            let (at_once, otherwise) = seen.entry(thing).or_default();
            match payments.as_slice() {
                [only] if only.amount == total && only.refunded.minor == 0 => {
                    at_once.push((length_of(row), total));
                }
                _ => *otherwise += 1,
            }
        }
        let is_usual = |(_, (at_once, otherwise)): &(&str, Seen)| {
            at_once.len() >= ROWS && otherwise * OTHERWISE_IN <= at_once.len()
        };
        let things = seen.into_iter().filter(is_usual).map(|(thing, (at_once, _))| {
            let mut prices: BTreeMap<Priced, usize> = BTreeMap::new();
            for price in at_once {
                *prices.entry(price).or_default() += 1;
            }
            (thing.to_owned(), prices)
        });
        Self {
            things: things.collect(),
        }
    }

    /// Whether the only payment of a booking is its price: what it is for is always paid for so, and costs that.
    pub fn is_price(&self, booking: &Booking, paid: &Paid<'_>, value: Money) -> bool {
        let took: BTreeSet<Money> = paid.took().collect();
        let prices = booking.resource.key.as_ref().and_then(|key| self.things.get(key));
        let length = length(booking.starts_at, booking.ends_at);
        let alike = prices.and_then(|prices| prices.get(&(length, value)));
        paid.kinds.len() == 1
            && took.contains(&value)
            && paid.kept() == Some(value)
            && alike.is_some_and(|alike| *alike >= ALIKE)
    }
}

fn length_of(row: &BaselineBooking) -> Option<i64> {
    length(row.starts_at, row.ends_at)
}

fn length(from: Option<When>, to: Option<When>) -> Option<i64> {
    Some(from?.until(to?)?.num_minutes())
}
