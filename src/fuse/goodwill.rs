//! Money that was given back and made nothing cheaper: a broken shower, a late start.
//!
//! The backup's rows show what a refund in part meant: that the price was lowered, that the booking was called off
//! against a fee, or neither.

use super::money::Paid;
use super::{Context, Input, prices};
use crate::model::{About, Booking, Status, When};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Fewer refunds in part than this prove nothing of what is given back when a booking is over.
const KNOWN: u32 = 8;
/// Fewer do, where none of them did anything else.
const FEW: u32 = 4;
/// Still fewer do of a sum that is nobody's share of the price: neither a half of it, nor up to so many equal parts, and leaves
/// nothing that another length costs.
const SOME: u32 = 2;
const SHARES: i64 = 4;
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
    /// The same of what was given back when they were over.
    late: Late,
    /// Bookings that stood and kept their price though more was paid and kept.
    over: u32,
}

/// Refunds in part after the end.
#[derive(Debug, Default)]
struct Late {
    stood: u32,
    lowered: u32,
    cancelled: u32,
}

impl Late {
    /// Whether they left nearly every booking and its price as they were.
    fn leaves_price(&self) -> bool {
        let others = self.lowered + self.cancelled;
        let kept = self.stood - self.lowered;
        kept >= KNOWN && kept * 100 >= (kept + others) * PERCENT || self.leave_price_alone(FEW)
    }

    /// Whether so many of them left their booking and its price as they were, and none did not.
    fn leave_price_alone(&self, enough: u32) -> bool {
        self.lowered + self.cancelled == 0 && self.stood >= enough
    }
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
        let mut back: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let told = cluster.members.iter().map(|at| input.told[*at].document);
            let refunds = told
                .filter(|document| document.object == "refund" && document.text("/status") != Some("failed"));
            let first = refunds.filter_map(|document| document.said_at).min();
            back.extend(first.map(|moment| (input.baseline.bookings[at].key.as_str(), moment)));
        }
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
            let end = row.ends_at.and_then(|end| over(end, input));
            let given = back.get(row.key.as_str());
            let is_late = end.zip(given).is_some_and(|(end, at)| *at > end);
            let is_lowered = total.minor <= taken - given_back;
            if row.status == Some(Status::Cancelled) {
                learned.cancelled += 1;
                learned.late.cancelled += u32::from(is_late);
            } else {
                learned.stood += 1;
                learned.lowered += u32::from(is_lowered);
                learned.late.stood += u32::from(is_late);
                learned.late.lowered += u32::from(is_late && is_lowered);
            }
        }
        learned
    }

    /// Whether a refund in part leaves a booking and its price as they were; `is_over`: it was given back after the end.
    fn leaves_price(&self, is_over: bool) -> bool {
        let keeps = (self.stood - self.lowered) * 100 >= self.stood * PERCENT;
        let is_known = is_over && self.stood >= KNOWN
            || self.stood >= KNOWN_BEFORE && self.cancelled == 0 && self.lowered == 0;
        keeps && is_known || is_over && self.late.leaves_price()
    }
}

/// Whether what was given back came when the booking was over, and such never was known to lower a price: if anything, it stands.
pub fn is_late(context: &Context<'_>, paid: &Paid<'_>, booking: &Booking) -> bool {
    context.goodwill.late.lowered == 0 && is_over(context, paid, booking)
}

fn is_over(context: &Context<'_>, paid: &Paid<'_>, booking: &Booking) -> bool {
    let end = booking.ends_at.and_then(|end| over(end, context.input));
    end.zip(paid.given_back()).is_some_and(|(end, at)| at > end)
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
    let is_over = is_over(context, paid, booking);
    let is_gift = || {
        let is_price = prices::is_of_other_length(context, booking, kept);
        is_over && !is_share(total.minor - kept.minor, total.minor) && !is_price
    };
    kept.minor > 0
        && kept.minor < total.minor
        && (learned.leaves_price(is_over) || learned.late.leave_price_alone(SOME) && is_gift())
}

/// Whether a sum is an equal part of a price, or all of it but such a part.
fn is_share(part: i64, price: i64) -> bool {
    (2..=SHARES).any(|parts| {
        let share = price / parts;
        price % parts == 0 && (part == share || price - part == share)
    })
}

/// When a booking with this end is over.
fn over(end: When, input: &Input<'_>) -> Option<DateTime<Utc>> {
    match end {
        When::Instant(at) => Some(at),
        When::Date(day) => {
            let next = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
            let at = next.and_local_timezone(input.business.zone).earliest()?;
            Some(at.with_timezone(&Utc))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Goodwill, Late, SOME, is_share};

    #[test]
    fn a_refund_after_the_end_makes_nothing_cheaper_where_none_ever_did() {
        let learned = |stood, lowered, cancelled| Goodwill {
            stood,
            lowered,
            cancelled,
            ..Goodwill::default()
        };
        assert!(learned(8, 0, 30).leaves_price(true));
        assert!(!learned(7, 0, 0).leaves_price(true), "too few");
        assert!(!learned(20, 2, 0).leaves_price(true), "some were made cheaper");
    }

    #[test]
    fn what_was_given_back_before_says_nothing_of_what_was_given_back_late() {
        let learned = |stood, lowered, cancelled| Goodwill {
            stood: 40,
            lowered: 20,
            late: Late {
                stood,
                lowered,
                cancelled,
            },
            ..Goodwill::default()
        };
        assert!(learned(8, 0, 0).leaves_price(true));
        assert!(!learned(8, 0, 0).leaves_price(false));
        assert!(learned(4, 0, 0).leaves_price(true), "few, but all");
        assert!(!learned(3, 0, 0).leaves_price(true), "too few");
        assert!(!learned(7, 0, 1).leaves_price(true), "few, and not all");
        assert!(!learned(20, 0, 2).leaves_price(true), "some were called off");
    }

    #[test]
    fn a_part_that_is_nobodys_share_needs_fewer_to_be_known() {
        let late = |stood, lowered| Late {
            stood,
            lowered,
            cancelled: 0,
        };
        assert!(late(2, 0).leave_price_alone(SOME));
        assert!(!late(1, 0).leave_price_alone(SOME) && !late(3, 1).leave_price_alone(SOME));
        assert!(is_share(4500, 9000) && is_share(9006, 27_018) && is_share(18_012, 27_018));
        assert!(!is_share(2000, 13_500) && !is_share(8000, 30_000));
    }

    #[test]
    fn before_the_end_it_may_have_been_called_off() {
        let learned = |cancelled| Goodwill {
            stood: 30,
            lowered: 0,
            cancelled,
            ..Goodwill::default()
        };
        assert!(learned(0).leaves_price(false));
        assert!(!learned(1).leaves_price(false));
    }
}
