//! What a message states just after a charge: that just this was received.
//!
//! A customer who pays first and is written to then is named by no number and, where an agency pays, by no address. Whether the
//! only booking whose messages state the amount is the one that was paid for is seen where that is known.

use super::facts::Facts;
use super::hypothesis::Hypotheses;
use chrono::TimeDelta;

/// What was paid is stated within this.
const WITHIN: TimeDelta = TimeDelta::hours(12);
/// So many payments that one booking alone states tell, and one in so many may be another's.
const ENOUGH: u32 = 12;
const SELDOM: u32 = 20;
/// What the only booking is worth that states it, in bits.
const ALONE: f64 = 6.0;
/// What tells for another one by so much, in bits, may be right.
const OTHERS: f64 = 1.5;

/// Whether what one booking alone states was paid for it, as far as that is known.
pub fn are_telling(facts: &[Facts], home: &[Option<usize>], hypotheses: &Hypotheses) -> bool {
    let (mut right, mut wrong) = (0u32, 0u32);
    for (facts, home) in facts.iter().zip(home) {
        if let (Some(home), Some(only)) = (home, only(facts, hypotheses)) {
            if only == *home {
                right += 1;
            } else {
                wrong += 1;
            }
        }
    }
    right >= ENOUGH && wrong * SELDOM <= right
}

/// The only booking whose messages state, just after a charge, what it took.
fn only(facts: &Facts, hypotheses: &Hypotheses) -> Option<usize> {
    let ([(_, amount)], Some(paid)) = (facts.amounts.as_slice(), facts.made_at) else {
        return None;
    };
    let all = hypotheses.all.iter().enumerate();
    let mut stating = all.filter(|(_, booking)| booking.asks.name_after(*amount, paid, WITHIN));
    let (Some((at, _)), None) = (stating.next(), stating.next()) else {
        return None;
    };
    Some(at)
}

/// The booking that a charge without a number was for, with what that is worth: it alone states the amount, owes as much, and
/// no other charge of it took that.
pub fn stated(facts: &Facts, hypotheses: &Hypotheses) -> Option<(usize, f64)> {
    let names_one = !facts.references.is_empty() || !facts.keys.is_empty();
    if !hypotheses.habits.receipts || names_one || !facts.pays {
        return None;
    }
    let at = only(facts, hypotheses)?;
    let booking = &hypotheses.all[at];
    let [(_, amount)] = facts.amounts.as_slice() else {
        return None;
    };
    let tenant = booking.tenant.is_none() || facts.tenant.is_none() || booking.tenant == facts.tenant;
    let owes = |total: i64| booking.paid() + amount.minor <= total;
    let is_due = booking.totals.is_empty() || booking.totals.iter().any(|total| owes(total.minor));
    let is_taken = booking.taken().contains(&amount.minor);
    (tenant && is_due && !is_taken && !booking.off).then_some((at, ALONE))
}

/// Marks that booking, unless something else tells for another.
pub fn prefer((at, worth): (usize, f64), ranked: &mut [(usize, f64)]) {
    if ranked.iter().any(|(to, bits)| *to != at && *bits > OTHERS) {
        return;
    }
    for (_, bits) in ranked.iter_mut().filter(|(to, _)| *to == at) {
        *bits = bits.max(worth);
    }
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::samples::{booking, money};
    use super::*;
    use crate::reading::{SpanValue, spans};
    use chrono::{DateTime, TimeZone, Utc};

    fn at(minutes: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 5, 9, 0, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn stated_for(bookings: &[(i64, &str, i64)], amount: i64) -> Option<usize> {
        let mut hypotheses = Hypotheses::default();
        hypotheses.habits.receipts = true;
        for (minutes, stated, paid) in bookings {
            let amounts = spans(stated).into_iter().filter_map(|span| match span.value {
                SpanValue::Amount(amount) => Some(amount),
                _ => None,
            });
            let message = Facts {
                asks: amounts.collect(),
                made_at: Some(at(*minutes)),
                ..Facts::default()
            };
            let mut made = booking(30_000, *paid);
            made.asks.add(&message);
            hypotheses.add(made);
        }
        let charge = Facts {
            amounts: vec![("ch".to_owned(), money(amount))],
            made_at: Some(at(0)),
            pays: true,
            ..Facts::default()
        };
        stated(&charge, &hypotheses).map(|(at, _)| at)
    }

    #[test]
    fn what_one_booking_alone_says_it_received_was_for_it() {
        assert_eq!(
            stated_for(&[(64, "EUR 120.00", 0), (30, "EUR 90.00", 0)], 12_000),
            Some(0)
        );
        assert_eq!(
            stated_for(&[(64, "EUR 120.00", 0), (30, "EUR 120.00", 0)], 12_000),
            None,
            "two say so"
        );
        assert_eq!(stated_for(&[(1600, "EUR 120.00", 0)], 12_000), None, "much later");
        assert_eq!(
            stated_for(&[(-64, "EUR 120.00", 0)], 12_000),
            None,
            "it asks for that"
        );
        assert_eq!(
            stated_for(&[(64, "EUR 120.00", 30_000)], 12_000),
            None,
            "it was paid before"
        );
    }
}
