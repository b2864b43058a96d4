//! Bundles: bookings that share a number, paid for by charges of which each pays for some of them, a package in two rates.
//!
//! Which of them a charge is for the backup's payments show: where each was always for whole prices, and for those that came
//! first of what was not paid yet, the next one is too.

use super::hypothesis::{Hypotheses, Hypothesis};
use crate::model::{Money, When};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// A habit shows in so many charges at least, and one in so many may be otherwise.
const CHARGES: usize = 8;
const RARE: usize = 20;

/// How the backup's charges for several bookings were shared out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bundles {
    /// Each booking's share was its price.
    whole: bool,
    /// They were for the first bookings of their number that were not paid yet.
    in_order: bool,
    /// Where the prices were not the same, the shares were not either.
    uneven: bool,
}

/// What a charge of the backup took for each of its bookings.
struct Joint {
    made_at: Option<DateTime<Utc>>,
    bookings: BTreeSet<usize>,
    is_whole: bool,
    /// Whether the shares were the same though the prices were not; None where the prices were.
    is_even: Option<bool>,
}

impl Bundles {
    pub fn of(hypotheses: &Hypotheses) -> Self {
        let several = hypotheses.by_charge.iter().filter(|(_, of)| of.len() > 1);
        let joint: Vec<Joint> = several
            .map(|(charge, bookings)| Joint::of(charge, bookings, hypotheses))
            .collect();
        let mut of_booking: BTreeMap<usize, Vec<&Joint>> = BTreeMap::new();
        for of in &joint {
            of_booking.entry(of.first()).or_default().push(of);
        }
        let (mut followed, mut broken) = (0, 0);
        for group in hypotheses.groups().filter(|group| group.len() > 1) {
            let begun = group.iter().filter_map(|at| of_booking.get(at)).flatten();
            let mut paid: Vec<&Joint> = begun.copied().filter(|of| of.bookings.is_subset(group)).collect();
            paid.sort_by(|a, b| (a.made_at, &a.bookings).cmp(&(b.made_at, &b.bookings)));
            let mut left = group.clone();
            for of in paid {
                left.retain(|at| !of.bookings.contains(at));
                if left.is_empty() {
                    break;
                }
                let last = of.bookings.iter().map(|at| start(&hypotheses.all[*at])).max();
                let next = left.iter().map(|at| start(&hypotheses.all[*at])).min();
                if last < next {
                    followed += 1;
                } else {
                    broken += 1;
                }
            }
        }
        let whole = joint.iter().filter(|of| of.is_whole).count();
        let count = |is_even: Option<bool>| joint.iter().filter(|of| of.is_even == is_even).count();
        let is_usual = |of: usize, others: usize| of >= CHARGES && others * RARE <= of;
        Self {
            whole: is_usual(whole, joint.len() - whole),
            in_order: is_usual(followed, broken),
            uneven: is_usual(count(Some(false)), count(Some(true))),
        }
    }

    /// Whether a charge for several bookings never pays parts of their prices.
    pub fn pay_whole_prices(self) -> bool {
        self.whole
    }

    /// Whether a charge for bookings of other prices is never shared out evenly.
    pub fn are_uneven(self) -> bool {
        self.uneven
    }

    /// What each booking owes, by its place, of those that a charge pays for: all that owe anything, or the first of them.
    pub fn split(self, amount: Money, bookings: &[&Hypothesis]) -> Option<Vec<i64>> {
        let mut owing: BTreeMap<Option<When>, Vec<(usize, i64)>> = BTreeMap::new();
        for (at, booking) in bookings.iter().enumerate() {
            let due = booking.owes(amount.currency)?;
            if due > 0 {
                owing.entry(start(booking)).or_default().push((at, due));
            }
        }
        let mut shares = vec![0; bookings.len()];
        let mut sum = 0;
        let count = owing.len();
        for (place, of_time) in owing.into_values().enumerate() {
            for (at, due) in of_time {
                shares[at] = due;
                sum += due;
            }
            if sum >= amount.minor {
                let is_last = place + 1 == count;
                return (sum == amount.minor && (is_last || self.in_order)).then_some(shares);
            }
        }
        None
    }
}

impl Joint {
    /// The first of its bookings: it has several.
    fn first(&self) -> usize {
        self.bookings.first().copied().unwrap_or_default()
    }

    fn of(charge: &str, bookings: &[usize], hypotheses: &Hypotheses) -> Self {
        let took = |at: &usize| hypotheses.all[*at].charges.get(charge);
        let is_price = |at: &usize| {
            let totals = &hypotheses.all[*at].totals;
            let taken = took(at).map(|taken| taken.minor);
            totals.len() == 1 && totals.first().map(|total| total.minor) == taken
        };
        let shares: BTreeSet<i64> = bookings
            .iter()
            .filter_map(took)
            .map(|taken| taken.minor)
            .collect();
        let prices = bookings
            .iter()
            .filter_map(|at| hypotheses.all[*at].totals.first());
        let prices: BTreeSet<&Money> = prices.collect();
        Self {
            made_at: bookings.iter().find_map(|at| took(at)?.made_at),
            bookings: bookings.iter().copied().collect(),
            is_whole: bookings.iter().all(is_price),
            is_even: (prices.len() > 1).then_some(shares.len() == 1),
        }
    }
}

/// When a booking was to begin first.
fn start(booking: &Hypothesis) -> Option<When> {
    booking.starts.first().copied()
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::samples::{booking, money};
    use super::*;

    /// A lesson of 100 on a day, paid or not.
    fn lesson(day: u32, paid: bool) -> Hypothesis {
        let mut made = booking(100, if paid { 100 } else { 0 });
        let day = chrono::NaiveDate::from_ymd_opt(2026, 5, day).expect("a day");
        made.starts.insert(When::Date(day));
        made
    }

    fn split(in_order: bool, amount: i64, lessons: &[Hypothesis]) -> Option<Vec<i64>> {
        let bundles = Bundles {
            in_order,
            ..Bundles::default()
        };
        bundles.split(money(amount), &lessons.iter().collect::<Vec<_>>())
    }

    #[test]
    fn what_is_left_is_for_those_that_owe_it() {
        let lessons = [lesson(1, true), lesson(9, false), lesson(5, false)];
        assert_eq!(split(false, 200, &lessons), Some(vec![0, 100, 100]));
        assert_eq!(split(false, 100, &lessons), None, "one of two");
        assert_eq!(split(true, 100, &lessons), Some(vec![0, 0, 100]), "the first");
        assert_eq!(split(true, 150, &lessons), None);
        assert_eq!(split(true, 300, &lessons), None, "more than is owed");
    }

    #[test]
    fn of_those_at_one_time_none_is_first() {
        let lessons = [lesson(1, false), lesson(1, false), lesson(5, false)];
        assert_eq!(split(true, 100, &lessons), None);
        assert_eq!(split(true, 200, &lessons), Some(vec![100, 100, 0]));
    }
}
