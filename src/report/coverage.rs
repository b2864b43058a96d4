//! How much came back, day by day, beside what was to be expected.
//!
//! Expected is counted in the backup and nowhere else: how many bookings were made on the same weekday in the weeks before
//! it; or, where the backup reaches a year back, around the same day of the year before.

use crate::model::{Action, Booking, State};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// Weeks before the backup that are averaged at most.
const WEEKS_MAX: u64 = 26;
/// A year of whole weeks, so that a Saturday is compared with a Saturday.
const YEAR_DAYS: u64 = 364;

/// One day of the stretch that was lost.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageDay {
    pub date: NaiveDate,
    pub recovered: u64,
    pub held: u64,
    /// None where the backup cannot tell.
    pub expected: Option<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    pub days: Vec<CoverageDay>,
    /// New bookings of which it is not known when they were made.
    pub undated: u64,
    pub basis: Basis,
}

/// What the expectation was counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The same weeks of the year before.
    YearBefore,
    /// The same weekdays of this many weeks before the backup.
    WeeksBefore(u64),
    /// The backup holds too little.
    Nothing,
}

impl Basis {
    /// How it is expected, in a sentence.
    pub fn text(self) -> String {
        match self {
            Self::YearBefore => "Expected is how many bookings the backup holds that were made around the same day \
                                 a year before: the mean of that weekday and those a week before and after it."
                .to_owned(),
            Self::WeeksBefore(weeks) => format!(
                "Expected is how many bookings the backup holds that were made on the same weekday, on average over \
                 the {weeks} weeks before it. Seasons are not reckoned in."
            ),
            Self::Nothing => "There is no backup of at least a week that could tell how many were to be expected.".to_owned(),
        }
    }
}

impl Coverage {
    /// Recovered, held, expected in all.
    pub fn sums(&self) -> (u64, u64, Option<f64>) {
        let recovered = self.days.iter().map(|day| day.recovered).sum();
        let held = self.days.iter().map(|day| day.held).sum();
        let expected: Option<f64> = self.days.iter().map(|day| day.expected).sum();
        (recovered, held, expected)
    }
}

/// Counts new bookings by the day on which they were made. `made` is when the bookings of the backup were.
pub fn coverage<'a>(
    bookings: impl Iterator<Item = &'a Booking>,
    made: &[DateTime<Utc>],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    zone: Tz,
) -> Coverage {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let (first, last) = (local(from), local(to));
    let mut counts: BTreeMap<NaiveDate, (u64, u64)> = BTreeMap::new();
    let mut undated = 0;
    for booking in bookings.filter(|booking| booking.action == Action::Insert) {
        let day = booking
            .created_at
            .map(local)
            .filter(|day| (first..=last).contains(day));
        match (day, booking.state) {
            (_, State::Rejected) => {}
            (None, _) => undated += 1,
            (Some(day), State::Clean) => counts.entry(day).or_default().0 += 1,
            (Some(day), State::Flagged) => counts.entry(day).or_default().1 += 1,
        }
    }
    let mut before: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    for at in made.iter().filter(|at| **at < from) {
        *before.entry(local(*at)).or_default() += 1;
    }
    let basis = basis(&before, first);
    let days = first
        .iter_days()
        .take_while(|day| *day <= last)
        .map(|date| {
            let (recovered, held) = counts.get(&date).copied().unwrap_or_default();
            CoverageDay {
                date,
                recovered,
                held,
                expected: expected(date, first, &before, basis),
            }
        })
        .collect();
    Coverage { days, undated, basis }
}

fn basis(before: &BTreeMap<NaiveDate, u64>, backup: NaiveDate) -> Basis {
    let Some(earliest) = before.keys().next() else {
        return Basis::Nothing;
    };
    let weeks = u64::try_from((backup - *earliest).num_days()).unwrap_or(0) / 7;
    match weeks {
        0 => Basis::Nothing,
        weeks if weeks * 7 >= YEAR_DAYS + 7 => Basis::YearBefore,
        weeks => Basis::WeeksBefore(weeks.min(WEEKS_MAX)),
    }
}

fn expected(
    date: NaiveDate,
    backup: NaiveDate,
    before: &BTreeMap<NaiveDate, u64>,
    basis: Basis,
) -> Option<f64> {
    let count = |day: Option<NaiveDate>| day.and_then(|day| before.get(&day)).copied().unwrap_or(0);
    match basis {
        Basis::Nothing => None,
        Basis::YearBefore => {
            let around = [YEAR_DAYS - 7, YEAR_DAYS, YEAR_DAYS + 7];
            // A gap of more than a year has nothing before it to compare with.
            date.checked_sub_days(Days::new(YEAR_DAYS - 7))
                .filter(|day| *day < backup)?;
            let sum: u64 = around
                .iter()
                .map(|days| count(date.checked_sub_days(Days::new(*days))))
                .sum();
            Some(sum as f64 / around.len() as f64)
        }
        Basis::WeeksBefore(weeks) => {
            // The last such weekday before the backup, and back from it.
            let back = (i64::from(backup.weekday().num_days_from_monday())
                - i64::from(date.weekday().num_days_from_monday()))
            .rem_euclid(7);
            let back = if back == 0 { 7 } else { back } as u64;
            let sum: u64 = (0..weeks)
                .map(|week| count(backup.checked_sub_days(Days::new(back + 7 * week))))
                .sum();
            Some(sum as f64 / weeks as f64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BookingId;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}T12:00:00Z").parse().expect("a moment")
    }

    fn made(days: &[&str]) -> Vec<DateTime<Utc>> {
        days.iter().map(|day| at(day)).collect()
    }

    #[test]
    fn a_weekday_is_expected_as_it_was_before() {
        // Two Mondays with one and three bookings; the Tuesdays are empty.
        let before = made(&["2026-01-05", "2026-01-12", "2026-01-12", "2026-01-12"]);
        let none: [&Booking; 0] = [];
        let found = coverage(
            none.into_iter(),
            &before,
            at("2026-01-19"),
            at("2026-01-27"),
            chrono_tz::UTC,
        );
        assert_eq!(found.basis, Basis::WeeksBefore(2));
        let of = |day: usize| found.days[day].expected;
        assert_eq!((of(0), of(1), of(7)), (Some(2.0), Some(0.0), Some(2.0)));
        assert_eq!(found.sums().2, Some(4.0));
    }

    #[test]
    fn a_backup_of_years_is_asked_for_the_year_before() {
        let before = made(&["2024-12-01", "2025-01-20", "2025-01-20", "2025-01-27"]);
        let none: [&Booking; 0] = [];
        let found = coverage(
            none.into_iter(),
            &before,
            at("2026-01-19"),
            at("2026-01-20"),
            chrono_tz::UTC,
        );
        assert_eq!(found.basis, Basis::YearBefore);
        assert_eq!(
            found.days[0].expected,
            Some(1.0),
            "20 and 27 January 2025 were Mondays"
        );
    }

    #[test]
    fn a_booking_counts_on_the_day_on_which_it_was_made() {
        let mut booking = Booking::bare(BookingId("b_1".into()), State::Flagged, Action::Insert);
        booking.created_at = Some(at("2026-01-20"));
        let mut strange = booking.clone();
        strange.created_at = None;
        let all = [booking, strange];
        let found = coverage(
            all.iter(),
            &[],
            at("2026-01-19"),
            at("2026-01-21"),
            chrono_tz::UTC,
        );
        let held: Vec<u64> = found.days.iter().map(|day| day.held).collect();
        assert_eq!((held, found.undated), (vec![0, 1, 0], 1));
        assert_eq!(found.days[1].expected, None);
    }
}
