//! Days that what is written on a charge names without a year: `boat 28/3`.
//!
//! No rule reads them. Whether the first number is the day is learned: where it is, it is that of the booking as a rule.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use crate::model::{Document, When};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// So many charges show the order, and one in so many may name another day.
const SHOWN: u32 = 4;
const SELDOM: u32 = 10;
/// A day without a year is that of the coming twelve months, or just over.
const LATE: Days = Days::new(7);
const AHEAD: Days = Days::new(350);
/// So many of a hundred bookings are of the day that their charge names.
const PERCENT: f64 = 0.8;

/// Which of the two numbers comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    DayMonth,
    MonthDay,
}

/// Pairs of numbers that may be a day and a month, as they stand in what is written on a charge.
pub fn of_document(document: &Document) -> impl Iterator<Item = (u32, u32)> {
    document.text("/description").into_iter().flat_map(pairs)
}

fn pairs(text: &str) -> Vec<(u32, u32)> {
    let is_part = |char: char| char.is_ascii_digit() || "/.-".contains(char);
    let words = text.split(|char: char| !is_part(char));
    let pair = |word: &str| {
        let mut numbers = word.trim_matches(['.', '-', '/']).split(['/', '.', '-']);
        let (Some(first), Some(second), None) = (numbers.next(), numbers.next(), numbers.next()) else {
            return None;
        };
        let number = |text: &str| {
            text.parse::<u32>()
                .ok()
                .filter(|number| (1..=31).contains(number))
        };
        let short = first.len() <= 2 && second.len() <= 2;
        Some((number(first)?, number(second)?)).filter(|_| short)
    };
    words.filter_map(pair).collect()
}

/// The day of such a pair about when a charge was made.
fn day((first, second): (u32, u32), order: Order, made: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    let today = made.with_timezone(&zone).date_naive();
    let (day, month) = match order {
        Order::DayMonth => (first, second),
        Order::MonthDay => (second, first),
    };
    let near = today.checked_sub_days(LATE)?..=today.checked_add_days(AHEAD)?;
    let years = [today.year() - 1, today.year(), today.year() + 1];
    let mut days = years
        .into_iter()
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
    days.find(|day| near.contains(day))
}

fn days(facts: &Facts, order: Order, zone: Tz) -> BTreeSet<NaiveDate> {
    let Some(made) = facts.made_at else {
        return BTreeSet::new();
    };
    let pairs = facts.day_months.iter();
    pairs.filter_map(|pair| day(*pair, order, made, zone)).collect()
}

fn begins(booking: &Hypothesis, days: &BTreeSet<NaiveDate>, zone: Tz) -> bool {
    booking
        .starts
        .iter()
        .any(|start| days.contains(&start.date(zone)))
}

/// The order in which charges name the days of their bookings.
pub fn learn<'a>(
    paid: &(impl Iterator<Item = (&'a Facts, &'a Hypothesis)> + Clone),
    zone: Tz,
) -> Option<Order> {
    let shown = |order: Order| {
        let (mut right, mut wrong) = (0u32, 0u32);
        for (facts, booking) in paid.clone().filter(|(_, booking)| !booking.starts.is_empty()) {
            let days = days(facts, order, zone);
            if begins(booking, &days, zone) {
                right += 1;
            } else if !facts.day_months.is_empty() {
                wrong += 1;
            }
        }
        (right >= SHOWN && wrong * SELDOM <= right).then_some(order)
    };
    shown(Order::DayMonth).or_else(|| shown(Order::MonthDay))
}

/// What it tells for a booking, in bits, that a charge names its day: the fewer others begin then, the more. None where that
/// tells nothing.
pub fn bits(facts: &Facts, booking: &Hypothesis, all: &Hypotheses, zone: Tz) -> Option<f64> {
    let order = all.habits.day_months?;
    let days = days(facts, order, zone);
    if days.is_empty() || !facts.starts.is_empty() || booking.starts.is_empty() {
        return None;
    }
    if !begins(booking, &days, zone) {
        // It may have been moved since.
        return None;
    }
    let others = all.all.iter().filter(|other| begins(other, &days, zone)).count();
    Some((PERCENT * all.all.len() as f64 / others.max(1) as f64).log2())
}

/// The bookings of the days that a charge names.
pub fn near(facts: &Facts, all: &Hypotheses, zone: Tz) -> BTreeSet<usize> {
    let Some(order) = all.habits.day_months.filter(|_| facts.starts.is_empty()) else {
        return BTreeSet::new();
    };
    let days = days(facts, order, zone);
    let mut found = BTreeSet::new();
    for day in &days {
        found.extend(all.starts.get(&When::Date(*day)).into_iter().flatten());
        let resources = facts.resources.iter().flatten();
        let there = resources.filter_map(|key| all.days.get(&(key.clone(), *day)));
        found.extend(there.flatten());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::samples::booking;
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn a_day_without_a_year_is_the_next_one() {
        assert_eq!(pairs("boat 28/3"), [(28, 3)]);
        assert_eq!(pairs("boat 07.12. Lund"), [(7, 12)]);
        assert!(pairs("boat 28/3/26, 4-7-2026, 120/80, 9/45").is_empty());
        let made = Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap();
        let next = |pair, order| day(pair, order, made, chrono_tz::UTC).map(|day| day.to_string());
        assert_eq!(next((28, 3), Order::DayMonth).as_deref(), Some("2027-03-28"));
        assert_eq!(next((11, 19), Order::MonthDay).as_deref(), Some("2026-11-19"));
        assert_eq!(next((11, 19), Order::DayMonth), None);
    }

    #[test]
    fn the_order_is_that_of_the_bookings() {
        let paid: Vec<(Facts, Hypothesis)> = (1..=6)
            .map(|day| {
                let facts = Facts {
                    day_months: [(day, 4)].into(),
                    made_at: Some(Utc.with_ymd_and_hms(2026, 3, day, 9, 0, 0).unwrap()),
                    ..Facts::default()
                };
                let mut booking = booking(5000, 0);
                let date = NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
                booking.starts.insert(When::Date(date));
                (facts, booking)
            })
            .collect();
        let learned = |paid: &[(Facts, Hypothesis)]| learn(&paid.iter().map(|(a, b)| (a, b)), chrono_tz::UTC);
        assert_eq!(learned(&paid), Some(Order::DayMonth));
        assert_eq!(learned(&paid[..3]), None, "too few");
    }
}
