//! Whose a refund is, of a charge that pays for several bookings: of the one that was called off and cost just that, or
//! became cheaper by just that. Where no record tells of either, it is likely that of the only one which cost just that:
//! whether that one is off, a person is asked there.

use super::hypothesis::Hypotheses;
use super::units::Unit;
use crate::mapping::Told;
use crate::model::{About, Baseline, FieldName, Money, Status, Value};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// What of each booking's share the backup knows to have been given back, by unit.
pub type Known = BTreeMap<usize, Vec<i64>>;

/// Money goes back within this of the word that something is off; the nearer word counts before the farther one.
const NEAR: [TimeDelta; 2] = [TimeDelta::hours(1), TimeDelta::days(2)];

/// What the whole run has placed so far.
pub struct Scene<'s> {
    pub told: &'s [Told<'s>],
    pub units: &'s [Unit],
    pub hypotheses: &'s Hypotheses,
    pub baseline: &'s Baseline,
}

impl Scene<'_> {
    /// What of each share was given back, in minor units; None where that is not sure.
    pub fn given_back(
        &self,
        unit: usize,
        shares: &[(usize, Money)],
        known: Option<&Vec<i64>>,
    ) -> Option<Vec<i64>> {
        let members = || self.units[unit].members.iter().map(|at| &self.told[*at]);
        let charge = members().find(|told| told.document.object == "charge")?;
        let mut refunds: Vec<(DateTime<Utc>, i64)> = members()
            .filter(|told| {
                told.document.object == "refund" && told.document.text("/status") != Some("failed")
            })
            .filter_map(|told| Some((told.document.said_at?, told.document.money("/amount")?.minor)))
            .collect();
        refunds.sort_unstable();
        let listed: i64 = refunds.iter().map(|(_, minor)| minor).sum();
        let mut back = known.cloned().unwrap_or_else(|| vec![0; shares.len()]);
        let before: i64 = back.iter().sum();
        let given_back = charge.document.given_back(listed);
        if before == given_back {
            return Some(back);
        }
        // What was never captured, and released, is no refund of any of them.
        if listed != given_back {
            return None;
        }
        // What the backup knows of was given back first.
        let mut settled = 0;
        let mut fresh = refunds.into_iter().skip_while(|(_, minor)| {
            let is_old = settled + minor <= before;
            settled += if is_old { *minor } else { 0 };
            is_old
        });
        let fresh: Vec<(DateTime<Utc>, i64)> = fresh.by_ref().collect();
        if settled != before {
            return None;
        }
        for (at, minor) in fresh {
            let fits = |place: &usize| shares[*place].1.minor - back[*place] == minor;
            let fitting: Vec<usize> = (0..shares.len()).filter(fits).collect();
            let place = self
                .called_off(&fitting, shares, at)
                .or_else(|| self.made_cheaper(shares, minor, at))
                .or_else(|| self.only_one(&fitting, shares, at))?;
            back[place] += minor;
        }
        Some(back)
    }

    /// The one of these bookings of which a message stated, when the money went back, a price that is less by just that.
    fn made_cheaper(&self, shares: &[(usize, Money)], minor: i64, at: DateTime<Utc>) -> Option<usize> {
        let is_less = |to: usize, now: Money| {
            let before = Money::new(now.minor + minor, now.currency);
            self.hypotheses.all[to].totals.contains(&before)
        };
        let states = |to: usize| {
            let mut told = self.told_of(to).filter(|told| {
                let said = told.document.said_at;
                said.is_some_and(|said| (said - at).abs() <= NEAR[1])
            });
            told.any(|told| {
                let mut totals = told.claims.of(FieldName::Total);
                told.document.object == "message"
                    && totals.any(|claim| matches!(claim.value, Value::Money(now) if is_less(to, now)))
            })
        };
        let mut found = (0..shares.len()).filter(|place| states(shares[*place].0));
        found.next().filter(|_| found.next().is_none())
    }

    /// The only one of which it is just the share, where nothing else was called off then.
    fn only_one(&self, places: &[usize], shares: &[(usize, Money)], at: DateTime<Utc>) -> Option<usize> {
        let [place] = places else { return None };
        let is_off = |(to, _): &(usize, Money)| {
            let mut words = self.words(*to);
            words.any(|(said, _)| (said - at).abs() <= NEAR[1]) || self.is_off(*to)
        };
        (!shares.iter().any(is_off)).then_some(*place)
    }

    /// The records of a booking.
    fn told_of(&self, to: usize) -> impl Iterator<Item = &Told<'_>> {
        let units = self.hypotheses.all[to].units.iter();
        let told = units.flat_map(|unit| &self.units[*unit].members);
        told.map(|at| &self.told[*at])
    }

    /// The one of these bookings that was called off when the money went back.
    fn called_off(&self, places: &[usize], shares: &[(usize, Money)], at: DateTime<Utc>) -> Option<usize> {
        let only = |of: &dyn Fn(usize) -> bool| {
            let mut found = places.iter().copied().filter(|place| of(shares[*place].0));
            Some((found.next()?, found.next().is_some()))
        };
        let near = |within: TimeDelta| {
            only(&|to| {
                let mut words = self.words(to);
                words.any(|(said, _)| (said - at).abs() <= within)
            })
        };
        // Money may go back days before or after somebody marks the entry.
        let off = || only(&|to| self.is_off(to) || self.words(to).next().is_some());
        match NEAR.into_iter().find_map(near).or_else(off) {
            Some((place, false)) => Some(place),
            _ => None,
        }
    }

    /// When messages said that a booking is off.
    fn words(&self, to: usize) -> impl Iterator<Item = (DateTime<Utc>, &Told<'_>)> {
        let off = self
            .told_of(to)
            .filter(|told| told.claims.meaning == Some(Status::Cancelled));
        off.filter_map(|told| Some((told.document.said_at?, told)))
    }

    /// Whether its entry or the backup says that it is off, and no message does that would tell when.
    fn is_off(&self, to: usize) -> bool {
        let booking = &self.hypotheses.all[to];
        let entry = self.told_of(to).any(|told| {
            told.document.object == "event" && told.document.text("/status") == Some("cancelled")
        });
        let stood = match booking.about {
            About::Baseline(at) => self.baseline.bookings[at].status == Some(Status::Cancelled),
            About::New => false,
        };
        (entry && !booking.planned || stood) && self.words(to).next().is_none()
    }
}
