//! Bookings that one message lists, and the charge that names none of them but comes to what they cost together.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use super::shared::{self, Usual};
use super::units::Unit;
use crate::mapping::Told;
use crate::model::{Money, RecordId, SourceKind};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// A list is paid for within this of being sent.
const NEAR: TimeDelta = TimeDelta::days(45);
/// What is charged within this of a list goes with it, rather than with another.
const THEN: TimeDelta = TimeDelta::days(1);

/// The bookings that each message lists.
pub struct Parties {
    of: Vec<(usize, Vec<usize>)>,
}

impl Parties {
    /// Out of the messages that were taken apart and placed.
    pub fn find(told: &[Told<'_>], units: &[Unit], home: &[Option<usize>]) -> Self {
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
        Self {
            of: several
                .map(|(at, party)| (at, party.into_iter().collect()))
                .collect(),
        }
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
