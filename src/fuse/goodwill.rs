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

    fn keeps_price(&self) -> bool {
        (self.stood - self.lowered) * 100 >= self.stood * PERCENT
    }
}

/// Whether a part of what was paid was given back as it was for bookings of the backup that stood at their price.
pub fn is_goodwill(context: &Context<'_>, paid: &Paid<'_>, booking: &Booking) -> bool {
    let learned = &context.goodwill;
    let (Some(total), Some(kept)) = (booking.total, paid.kept()) else {
        return false;
    };
    let is_over = || {
        ended(booking, context)
            .zip(paid.given_back())
            .is_some_and(|(end, at)| at > end)
    };
    let is_known = learned.stood >= KNOWN && is_over()
        || learned.stood >= KNOWN_BEFORE && learned.cancelled == 0 && learned.lowered == 0;
    kept.minor > 0 && kept.minor < total.minor && learned.keeps_price() && is_known
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
