//! The account of the money: by bucket and day, to the cent; and what lies open on either side.

use crate::model::{Action, Booking, Bucket, Charge, Currency, State, Status};
use chrono::NaiveDate;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Sums in minor units: on bookings, waiting for a decision, on none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub on_bookings: i64,
    pub in_conflict: i64,
    pub none: i64,
}

impl Sums {
    pub fn total(self) -> i64 {
        self.on_bookings + self.in_conflict + self.none
    }

    fn add(&mut self, charge: &Charge) {
        *match charge.bucket {
            Bucket::OnBooking => &mut self.on_bookings,
            Bucket::InConflict => &mut self.in_conflict,
            Bucket::BelongsToNone => &mut self.none,
        } += charge.amount.minor;
    }
}

/// By currency, each day with a payment.
pub fn money_by_day(charges: &[&Charge], zone: Tz) -> BTreeMap<Currency, BTreeMap<NaiveDate, Sums>> {
    let mut by: BTreeMap<Currency, BTreeMap<NaiveDate, Sums>> = BTreeMap::new();
    for charge in charges {
        let day = charge.paid_at.with_timezone(&zone).date_naive();
        by.entry(charge.amount.currency)
            .or_default()
            .entry(day)
            .or_default()
            .add(charge);
    }
    by
}

/// All days of one currency together.
pub fn sum<'a>(days: impl Iterator<Item = &'a Sums>) -> Sums {
    days.fold(Sums::default(), |sum, day| Sums {
        on_bookings: sum.on_bookings + day.on_bookings,
        in_conflict: sum.in_conflict + day.in_conflict,
        none: sum.none + day.none,
    })
}

/// New bookings that stand and for which no payment was found, although they cost something.
pub fn unpaid<'a>(bookings: &[&'a Booking]) -> Vec<&'a Booking> {
    bookings
        .iter()
        .filter(|booking| booking.action == Action::Insert && booking.state != State::Rejected)
        .filter(|booking| booking.status != Some(Status::Cancelled) && booking.payments.is_empty())
        .filter(|booking| booking.total.is_none_or(|total| total.minor > 0))
        .copied()
        .collect()
}

/// Payments that are on no booking and were not given back whole.
pub fn unbooked<'a>(charges: &[&'a Charge]) -> Vec<&'a Charge> {
    charges
        .iter()
        .filter(|charge| {
            charge.bucket == Bucket::BelongsToNone && charge.refunded.minor < charge.amount.minor
        })
        .copied()
        .collect()
}

/// The charges of one tenant: those on its bookings, and of the rest those that its own records hold.
pub fn of_tenant<'a>(
    charges: &'a [Charge],
    bookings: &[&Booking],
    own: &BTreeSet<String>,
) -> Vec<&'a Charge> {
    let ids: BTreeSet<&str> = bookings.iter().map(|booking| booking.id.as_str()).collect();
    charges
        .iter()
        .filter(|charge| match &charge.booking {
            Some(booking) => ids.contains(booking.as_str()),
            None => own.contains(&charge.id),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Money;

    #[test]
    fn days_and_buckets_add_up_to_what_was_received() {
        let eur = Currency::parse("eur").expect("a currency");
        let charge = |id: &str, day: u32, minor, bucket| Charge {
            id: id.to_owned(),
            amount: Money::new(minor, eur),
            refunded: Money::new(0, eur),
            paid_at: format!("2026-01-{day:02}T23:30:00Z").parse().expect("a moment"),
            bucket,
            booking: None,
            reason: String::new(),
        };
        let all = [
            charge("1", 1, 105, Bucket::OnBooking),
            charge("2", 1, 7, Bucket::BelongsToNone),
            charge("3", 2, 11, Bucket::InConflict),
        ];
        let by = money_by_day(&all.iter().collect::<Vec<_>>(), chrono_tz::Europe::Paris);
        let days = &by[&eur];
        assert_eq!(days.len(), 2);
        assert!(
            days.contains_key(&"2026-01-02".parse().expect("a date")),
            "half past midnight in Paris"
        );
        assert_eq!(sum(days.values()).total(), 123);
        assert_eq!(sum(days.values()).none, 7);
    }
}
