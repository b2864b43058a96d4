//! Bookings that one message lists, and the charge that names none of them but comes to what they cost together.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use super::shared::{self, Usual};
use super::units::Unit;
use crate::mapping::Told;
use crate::model::{Money, RecordId, SourceKind};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// A list is paid for within this of being sent.
const NEAR: TimeDelta = TimeDelta::days(45);
/// What is charged within this of a list goes with it, rather than with another.
const THEN: TimeDelta = TimeDelta::days(1);

/// A month of a list is paid for so long before its first booking begins at most, and so long after that.
const AHEAD: TimeDelta = TimeDelta::days(35);
const BEHIND: TimeDelta = TimeDelta::days(10);
/// So many charges of the backup that are each for all of a month show that lists are paid for by the month.
const MONTHS: usize = 3;

/// The bookings that each message lists, and where such lists are paid for by the month, those of each month.
pub struct Parties {
    of: Vec<(usize, Vec<usize>)>,
    months: Vec<(DateTime<Utc>, Vec<usize>)>,
}

impl Parties {
    /// Out of the messages that were taken apart and placed.
    pub fn find(
        told: &[Told<'_>],
        units: &[Unit],
        home: &[Option<usize>],
        (hypotheses, zone): (&Hypotheses, Tz),
    ) -> Self {
        let mut of: BTreeMap<&RecordId, (usize, BTreeSet<usize>)> = BTreeMap::new();
        for (at, unit) in units.iter().enumerate() {
            let document = told[unit.first()].document;
            if let (SourceKind::Mail, Some(_), Some(home)) = (unit.kind, document.listed(), home[at]) {
                let (_, party) = of
                    .entry(&document.record)
                    .or_insert_with(|| (at, BTreeSet::new()));
                party.insert(home);
            }
        }
        let several = of.into_values().filter(|(_, party)| party.len() > 1);
        let of: Vec<(usize, Vec<usize>)> = several
            .map(|(at, party)| (at, party.into_iter().collect()))
            .collect();
        let is_monthly = !of.is_empty() && are_paid_monthly(hypotheses, zone);
        let lists = of.iter().filter(|_| is_monthly);
        let mut months: Vec<(DateTime<Utc>, Vec<usize>)> = lists
            .flat_map(|(_, party)| by_month(party, hypotheses, zone))
            .collect();
        months.sort();
        months.dedup();
        Self { of, months }
    }

    /// The bookings of one month of a list that a charge is for: the first month that begins then, is not paid, and costs just
    /// that together.
    pub fn paid_monthly(&self, facts: &Facts, hypotheses: &Hypotheses) -> Option<Vec<(usize, Money)>> {
        let [(_, amount)] = facts.amounts.as_slice() else {
            return None;
        };
        let made_at = facts.made_at?;
        let near = self
            .months
            .iter()
            .filter(|(begins, _)| *begins - made_at <= AHEAD && made_at - *begins <= BEHIND);
        let mut fitting = near.filter_map(|(_, month)| {
            let bookings: Vec<&Hypothesis> = month.iter().map(|at| &hypotheses.all[*at]).collect();
            let is_due = bookings
                .iter()
                .all(|booking| booking.is_by(facts) && booking.charges.is_empty());
            let shares = shared::sums(*amount, &bookings).filter(|_| is_due)?;
            Some((month, shares))
        });
        let (month, shares) = fitting.next()?;
        let alone = |booking: &Hypothesis| booking.is_by(facts) && shared::fits(*amount, booking);
        if hypotheses.all.iter().any(alone) {
            return None;
        }
        let share = |(to, minor): (&usize, i64)| (*to, Money::new(minor, amount.currency));
        Some(month.iter().zip(shares).map(share).collect())
    }

    /// The bookings of one list that a charge is for, with what it is for each: it is by the same person, comes to what they
    /// cost together, or to a deposit for them where it was made with the list, and to nothing that is for another booking of
    /// that person.
    pub fn paid_by(
        &self,
        facts: &Facts,
        all: &[Facts],
        hypotheses: &Hypotheses,
        usual: &Usual,
    ) -> Option<Vec<(usize, Money)>> {
        let [(_, amount)] = facts.amounts.as_slice() else {
            return None;
        };
        let alone = |booking: &Hypothesis, is_deposit: bool| {
            let is_part = || is_deposit && shared::is_deposit(*amount, booking, usual);
            booking.is_by(facts) && (shared::fits(*amount, booking) || is_part())
        };
        let fitting = self.of.iter().filter_map(|(message, party)| {
            let apart = (facts.made_at? - all[*message].made_at?).abs();
            let bookings: Vec<&Hypothesis> = party.iter().map(|at| &hypotheses.all[*at]).collect();
            let theirs = apart <= NEAR && bookings.iter().all(|booking| booking.is_by(facts));
            let deposits = || shared::deposits(*amount, &bookings, usual).filter(|_| apart <= THEN);
            let sums = shared::sums(*amount, &bookings);
            let is_deposit = sums.is_none();
            let shares = sums.or_else(deposits).filter(|_| theirs)?;
            let is_due = |(booking, share): (&&Hypothesis, &i64)| {
                booking
                    .totals
                    .iter()
                    .all(|total| *share <= total.minor - booking.paid())
            };
            bookings
                .iter()
                .zip(&shares)
                .all(is_due)
                .then_some((apart, party, shares, is_deposit))
        });
        // Month by month the same comes to the same: the list that it goes with is the one sent then.
        let mut fitting: Vec<_> = fitting.collect();
        if fitting.iter().any(|(apart, ..)| *apart <= THEN) {
            fitting.retain(|(apart, ..)| *apart <= THEN);
        }
        let [(_, party, shares, is_deposit)] = fitting.as_slice() else {
            return None;
        };
        let sure = !hypotheses.all.iter().any(|booking| alone(booking, *is_deposit));
        let share = |(to, minor): (&usize, &i64)| (*to, Money::new(*minor, amount.currency));
        sure.then(|| party.iter().zip(shares).map(share).collect())
    }
}

/// Whether charges of the backup are each for all that begins in one month, on several days, as a rule.
fn are_paid_monthly(hypotheses: &Hypotheses, zone: Tz) -> bool {
    let days = |of: &Vec<usize>| -> BTreeSet<NaiveDate> {
        let starts = of.iter().filter_map(|at| hypotheses.all[*at].starts.first());
        starts.map(|start| start.date(zone)).collect()
    };
    let several = hypotheses
        .by_charge
        .values()
        .map(days)
        .filter(|days| days.len() > 1);
    let (of_month, others): (Vec<_>, Vec<_>) = several.partition(|days| {
        let months: BTreeSet<(i32, u32)> = days.iter().copied().map(month).collect();
        months.len() == 1
    });
    of_month.len() >= MONTHS && others.len() < of_month.len()
}

/// The bookings of a list that begin in each month, if it has several, and when the first of them begins.
fn by_month(party: &[usize], hypotheses: &Hypotheses, zone: Tz) -> Vec<(DateTime<Utc>, Vec<usize>)> {
    let mut months: BTreeMap<(i32, u32), Vec<(NaiveDate, usize)>> = BTreeMap::new();
    for at in party {
        let Some(start) = hypotheses.all[*at].starts.first() else {
            return Vec::new();
        };
        let date = start.date(zone);
        months.entry(month(date)).or_default().push((date, *at));
    }
    if months.len() < 2 {
        return Vec::new();
    }
    let of = months.into_values().filter(|of| of.len() > 1);
    of.filter_map(|of| {
        let (first, _) = of.iter().min()?;
        let begins = first.and_time(NaiveTime::MIN).and_utc();
        Some((begins, of.into_iter().map(|(_, at)| at).collect()))
    })
    .collect()
}

fn month(date: NaiveDate) -> (i32, u32) {
    (date.year(), date.month())
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::samples::{booking, money};
    use super::*;
    use crate::model::When;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).expect("a day")
    }

    /// A lesson of a choir that costs this.
    fn lesson(on: NaiveDate, total: i64, paid: i64) -> Hypothesis {
        let mut made = booking(total, paid);
        made.emails.insert("choir@mail.example".to_owned());
        made.starts.insert(When::Date(on));
        made
    }

    /// What each lesson of April and May has of a charge that was made on a day.
    fn shares_of(amount: i64, on: NaiveDate, lessons: Vec<Hypothesis>) -> Option<Vec<(usize, i64)>> {
        let facts = Facts {
            emails: ["choir@mail.example".to_owned()].into(),
            amounts: vec![("ch".to_owned(), money(amount))],
            made_at: Some(on.and_time(NaiveTime::MIN).and_utc()),
            ..Facts::default()
        };
        let mut hypotheses = Hypotheses::default();
        let party: Vec<usize> = (0..lessons.len()).collect();
        for lesson in lessons {
            hypotheses.add(lesson);
        }
        let parties = Parties {
            of: Vec::new(),
            months: by_month(&party, &hypotheses, Tz::UTC),
        };
        let found = parties.paid_monthly(&facts, &hypotheses)?;
        Some(found.into_iter().map(|(to, money)| (to, money.minor)).collect())
    }

    #[test]
    fn what_a_month_of_a_list_costs_is_for_its_lessons() {
        let days = [day(4, 9), day(4, 16), day(5, 7), day(5, 14)];
        let four = |paid: [i64; 4]| {
            let with = days.into_iter().zip(paid);
            with.map(|(on, paid)| lesson(on, 5000, paid)).collect::<Vec<_>>()
        };
        let april = Some(vec![(0, 5000), (1, 5000)]);
        assert_eq!(shares_of(10_000, day(4, 1), four([0; 4])), april);
        let may = Some(vec![(2, 5000), (3, 5000)]);
        assert_eq!(shares_of(10_000, day(4, 30), four([5000, 5000, 0, 0])), may);
        assert_eq!(shares_of(10_000, day(1, 5), four([0; 4])), None, "long before");
        assert_eq!(
            shares_of(5000, day(4, 1), four([0; 4])),
            None,
            "it is for one of them"
        );
        assert_eq!(shares_of(9000, day(4, 1), four([0; 4])), None);
        let one_month = vec![lesson(day(4, 9), 5000, 0), lesson(day(4, 16), 5000, 0)];
        assert_eq!(
            shares_of(10_000, day(4, 1), one_month),
            None,
            "that is the whole list"
        );
    }

    #[test]
    fn lists_are_paid_by_the_month_where_charges_of_the_backup_were() {
        let of = |pairs: &[[NaiveDate; 2]]| {
            let mut hypotheses = Hypotheses::default();
            for (number, pair) in pairs.iter().enumerate() {
                let both = pair.map(|on| hypotheses.add(lesson(on, 5000, 5000)));
                hypotheses.by_charge.insert(format!("ch{number}"), both.to_vec());
            }
            are_paid_monthly(&hypotheses, Tz::UTC)
        };
        let month = |month| [day(month, 3), day(month, 10)];
        assert!(of(&[month(1), month(2), month(3)]));
        assert!(!of(&[month(1), month(2)]), "too few");
        let over = [day(1, 30), day(2, 6)];
        assert!(!of(&[month(1), month(2), month(3), over, over, over]));
    }
}
