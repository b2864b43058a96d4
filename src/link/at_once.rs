//! A charge that names no booking, and comes to what somebody's bookings cost that were made at one time, or begin at one: a
//! family's, a trip's, two boats for one party.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use super::rhythm;
use super::shared::{self, Usual};
use crate::model::{Money, When};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What is booked within this of each other is booked at one time.
const TOGETHER: TimeDelta = TimeDelta::minutes(60);
/// It is paid within this, and hardly before, unless they begin together; a deposit is paid at once.
const WITHIN: TimeDelta = TimeDelta::days(14);
const EARLY: TimeDelta = TimeDelta::minutes(60);
const AT_ONCE: TimeDelta = TimeDelta::days(1);

/// The bookings that a charge is for, with what it is for each: all that its payer made at one time, or that begin at one time,
/// none of them paid or called off, and no booking of theirs costs or owes just that alone. None where there is more than one
/// way, and not just one of them is paid for as soon as such were before.
pub fn paid_by(facts: &Facts, hypotheses: &Hypotheses, usual: &Usual) -> Option<Vec<(usize, Money)>> {
    let ([(_, amount)], Some(paid)) = (facts.amounts.as_slice(), facts.made_at) else {
        return None;
    };
    let names_one = !facts.references.is_empty() || !facts.keys.is_empty();
    if names_one || facts.nobodys || facts.never_paid {
        return None;
    }
    let tenant = |booking: &Hypothesis| {
        booking.tenant.is_none() || facts.tenant.is_none() || booking.tenant == facts.tenant
    };
    let all = hypotheses.all.iter().enumerate();
    let theirs: Vec<(usize, &Hypothesis)> = all
        .filter(|(_, booking)| tenant(booking) && booking.is_by(facts))
        .collect();
    let alone =
        |booking: &Hypothesis| shared::fits(*amount, booking) || shared::is_deposit(*amount, booking, usual);
    if theirs.iter().any(|(_, booking)| alone(booking)) {
        return None;
    }
    // Each may be confirmed by itself, hours after it was paid: then the hour at which they begin holds them together.
    let made = groups(&theirs).into_iter().map(|group| (group, EARLY));
    let begin = beginning_together(&theirs)
        .into_iter()
        .map(|group| (group, AT_ONCE));
    let found: BTreeSet<Vec<(usize, Money)>> = made
        .chain(begin)
        .filter_map(|(group, early)| {
            let shares = shares(*amount, paid, &group, early, usual)?;
            let share =
                |((to, _), minor): (&(usize, &Hypothesis), i64)| (*to, Money::new(minor, amount.currency));
            let mut shares: Vec<(usize, Money)> = group.iter().zip(shares).map(share).collect();
            shares.sort_unstable_by_key(|(to, _)| *to);
            Some(shares)
        })
        .collect();
    let mut found: Vec<_> = found.into_iter().collect();
    if found.len() > 1 {
        found.retain(|shares| rhythm::is_in_step(paid, shares, &theirs, hypotheses));
    }
    let only = found.pop();
    only.filter(|_| found.is_empty())
}

/// Bookings that begin at one time, as far as one time is known of each.
fn beginning_together<'a>(theirs: &[(usize, &'a Hypothesis)]) -> Vec<Vec<(usize, &'a Hypothesis)>> {
    let mut at: BTreeMap<DateTime<Utc>, Vec<(usize, &Hypothesis)>> = BTreeMap::new();
    for (to, booking) in theirs {
        let mut starts = booking.starts.iter();
        if let (Some(When::Instant(start)), None) = (starts.next(), starts.next()) {
            at.entry(*start).or_default().push((*to, *booking));
        }
    }
    let mut groups: Vec<_> = at.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|(to, booking)| (booking.made_at, *to));
    }
    groups
}

/// Bookings that were made at one time.
fn groups<'a>(theirs: &[(usize, &'a Hypothesis)]) -> Vec<Vec<(usize, &'a Hypothesis)>> {
    let made = theirs
        .iter()
        .filter_map(|(at, booking)| Some((booking.made_at?, *at, *booking)));
    let mut made: Vec<_> = made.collect();
    made.sort_by_key(|(made, at, _)| (*made, *at));
    let groups = made.chunk_by(|(one, ..), (next, ..)| *next - *one <= TOGETHER);
    groups
        .map(|group| group.iter().map(|(_, at, booking)| (*at, *booking)).collect())
        .collect()
}

/// What a charge is for each booking of a group; None where it is not for all of it.
fn shares(
    amount: Money,
    paid: DateTime<Utc>,
    group: &[(usize, &Hypothesis)],
    early: TimeDelta,
    usual: &Usual,
) -> Option<Vec<i64>> {
    let bookings: Vec<&Hypothesis> = group.iter().map(|(_, booking)| *booking).collect();
    let is_open = |booking: &&Hypothesis| booking.charges.is_empty() && !booking.off;
    let since = paid - bookings.first()?.made_at?;
    if bookings.len() < 2 || !bookings.iter().all(is_open) || !(-early..=WITHIN).contains(&since) {
        return None;
    }
    let deposits = || shared::deposits(amount, &bookings, usual).filter(|_| since.abs() <= AT_ONCE);
    shared::sums(amount, &bookings)
        .or_else(|| sums_but_for(amount, &bookings))
        .or_else(deposits)
}

/// The prices that come to a charge, where a receipt for all of it stands with some of them as if that were its price.
fn sums_but_for(amount: Money, bookings: &[&Hypothesis]) -> Option<Vec<i64>> {
    let price = |booking: &&Hypothesis| {
        let mut totals = booking.totals.iter().filter(|total| **total != amount);
        let only = totals.next().filter(|total| total.currency == amount.currency);
        only.filter(|_| totals.next().is_none()).map(|total| total.minor)
    };
    let prices: Vec<i64> = bookings.iter().map(price).collect::<Option<_>>()?;
    (prices.iter().sum::<i64>() == amount.minor).then_some(prices)
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::samples::{booking, money};
    use super::*;
    use chrono::TimeZone;

    fn at(minutes: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 5, 9, 0, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    /// A booking of this price that was made so many minutes after nine.
    fn made(total: i64, paid: i64, minutes: i64) -> Hypothesis {
        let mut made = booking(total, paid);
        made.emails.insert("iris@mail.example".to_owned());
        made.made_at = Some(at(minutes));
        made
    }

    fn shares_of(amount: i64, minutes: i64, bookings: Vec<Hypothesis>) -> Option<Vec<(usize, i64)>> {
        let facts = Facts {
            emails: ["iris@mail.example".to_owned()].into(),
            amounts: vec![("ch".to_owned(), money(amount))],
            made_at: Some(at(minutes)),
            ..Facts::default()
        };
        let mut hypotheses = Hypotheses::default();
        for booking in bookings {
            hypotheses.add(booking);
        }
        let found = paid_by(&facts, &hypotheses, &Usual::default())?;
        Some(found.into_iter().map(|(to, money)| (to, money.minor)).collect())
    }

    #[test]
    fn what_comes_to_all_that_was_booked_at_one_time_is_for_each_of_it() {
        let two = || vec![made(9000, 0, 0), made(6000, 0, 2), made(5000, 0, 3000)];
        assert_eq!(shares_of(15_000, 5, two()), Some(vec![(0, 9000), (1, 6000)]));
        assert_eq!(shares_of(14_000, 5, two()), None, "they were not booked together");
        assert_eq!(shares_of(15_000, 50_000, two()), None, "nobody pays that late");
        let with = |other: Hypothesis| two().into_iter().chain([other]).collect();
        assert_eq!(
            shares_of(15_000, 5, with(made(15_000, 0, 9000))),
            None,
            "one costs just that"
        );
        let twice = || {
            vec![
                made(9000, 0, 0),
                made(6000, 0, 2),
                made(9000, 0, 300),
                made(6000, 0, 301),
            ]
        };
        assert_eq!(shares_of(15_000, 305, twice()), None, "there are two such pairs");
        assert_eq!(
            shares_of(15_000, 5, vec![made(9000, 9000, 0), made(6000, 0, 2)]),
            None,
            "one is paid"
        );
        let mut receipted = two();
        receipted[0].totals.insert(money(15_000));
        assert_eq!(
            shares_of(15_000, 5, receipted),
            Some(vec![(0, 9000), (1, 6000)]),
            "a receipt for both"
        );
        let begin = |at| {
            move |mut booking: Hypothesis| {
                booking.starts.insert(When::Instant(at));
                booking
            }
        };
        let apart = || vec![made(9000, 0, 160), made(6000, 0, 300)];
        assert_eq!(shares_of(15_000, 5, apart()), None, "they were made hours apart");
        let together = apart().into_iter().map(begin(at(9000))).collect();
        let both = Some(vec![(0, 9000), (1, 6000)]);
        assert_eq!(shares_of(15_000, 5, together), both, "they begin together");
        let mut off = two();
        off[1].off = true;
        assert_eq!(shares_of(15_000, 5, off), None, "one was called off");
    }
}
