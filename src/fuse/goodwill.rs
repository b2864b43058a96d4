//! Money that was given back and made nothing cheaper: a broken shower, a late start.
//!
//! The backup's rows show what a refund in part meant: that the price was lowered, that the booking was called off
//! against a fee, or neither.

use super::money::Paid;
use super::{Context, Input};
use crate::model::{Booking, Status, When};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Fewer refunds in part than this prove nothing of what is given back when a booking is over.
const KNOWN: u32 = 8;
/// Nor fewer than this of what is given back before, when it may have been called off.
const KNOWN_BEFORE: u32 = 20;
/// So many in a hundred of them left the price as it was.
const PERCENT: u32 = 95;

/// What refunds in part meant for the backup's bookings.
#[derive(Debug, Default)]
pub struct Goodwill {
    /// Bookings that stood, and those of them whose price was lowered to what was kept.
    stood: u32,
    lowered: u32,
    cancelled: u32,
    /// Bookings that stood and kept their price though more was paid and kept.
    over: u32,
}

impl Goodwill {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut paid: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for payment in &input.baseline.payments {
            if let Some(booking) = &payment.booking {
                let (taken, given_back) = paid.entry(booking).or_default();
                *taken += payment.amount.minor;
                *given_back += payment.refunded.minor;
            }
        }
        let mut learned = Self::default();
        for row in &input.baseline.bookings {
            let Some((taken, given_back)) = paid.get(row.key.as_str()).copied() else {
                continue;
            };
            let stood = row.status != Some(Status::Cancelled);
            let is_over = row.total.is_some_and(|total| total.minor < taken - given_back);
            learned.over += u32::from(stood && is_over);
            let Some(total) = row.total.filter(|_| given_back > 0 && given_back < taken) else {
                continue;
            };
            if row.status == Some(Status::Cancelled) {
                learned.cancelled += 1;
            } else {
                learned.stood += 1;
                learned.lowered += u32::from(total.minor <= taken - given_back);
            }
        }
        learned
    }

    /// Whether a refund in part leaves a booking and its price as they were; `is_over`: it was given back after the end.
    fn leaves_price(&self, is_over: bool) -> bool {
        let keeps = (self.stood - self.lowered) * 100 >= self.stood * PERCENT;
        let is_known = is_over && self.stood >= KNOWN
            || self.stood >= KNOWN_BEFORE && self.cancelled == 0 && self.lowered == 0;
        keeps && is_known
    }
}

/// Whether bookings of the backup were paid more than they cost.
pub fn is_paid_over(context: &Context<'_>) -> bool {
    context.goodwill.over >= KNOWN
}

/// Whether a part of what was paid was given back as it was for bookings of the backup that stood at their price.
pub fn is_goodwill(context: &Context<'_>, paid: &Paid<'_>, booking: &Booking) -> bool {
    let learned = &context.goodwill;
    let (Some(total), Some(kept)) = (booking.total, paid.kept()) else {
        return false;
    };
    let is_over = ended(booking, context)
        .zip(paid.given_back())
        .is_some_and(|(end, at)| at > end);
    kept.minor > 0 && kept.minor < total.minor && learned.leaves_price(is_over)
}

fn ended(booking: &Booking, context: &Context<'_>) -> Option<DateTime<Utc>> {
    match booking.ends_at? {
        When::Instant(at) => Some(at),
        When::Date(day) => {
            let next = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
            let at = next.and_local_timezone(context.input.business.zone).earliest()?;
            Some(at.with_timezone(&Utc))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Goodwill;

    #[test]
    fn a_refund_after_the_end_makes_nothing_cheaper_where_none_ever_did() {
        let learned = |stood, lowered, cancelled| Goodwill {
            stood,
            lowered,
            cancelled,
            over: 0,
        };
        assert!(learned(8, 0, 30).leaves_price(true));
        assert!(!learned(7, 0, 0).leaves_price(true), "too few");
        assert!(!learned(20, 2, 0).leaves_price(true), "some were made cheaper");
    }

    #[test]
    fn before_the_end_it_may_have_been_called_off() {
        let learned = |cancelled| Goodwill {
            stood: 30,
            lowered: 0,
            cancelled,
            over: 0,
        };
        assert!(learned(0).leaves_price(false));
        assert!(!learned(1).leaves_price(false));
    }
}
