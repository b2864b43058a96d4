//! What each comparison told for the places of records, kept for whoever asks why.
//!
//! A unit that was placed by weight keeps the weights by which it was, and those of the next best. One that an id
//! placed is weighed afterwards, against what was known before it, so that its waterfall shows what else agrees.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use super::units::Unit;
use super::weigh;
use crate::model::{About, Baseline, Comparison, Place, Step, Weighing};
use chrono_tz::Tz;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The steps for one place, and for the next best: an index into the hypotheses.
#[derive(Debug, Clone)]
pub struct Weighed {
    steps: Vec<Step>,
    next: Option<(usize, Vec<Step>)>,
}

/// Those of units that weights placed, by unit; those of units that may belong, by hypothesis and unit.
#[derive(Debug, Default)]
pub struct Kept {
    /// Units that a number or id placed.
    pub outright: BTreeSet<usize>,
    pub placed: BTreeMap<usize, Weighed>,
    pub doubted: BTreeMap<(usize, usize), Weighed>,
    /// The best place of each unit that was weighed, and the bits by which a link would be just made.
    pub tried: BTreeMap<usize, (usize, f64)>,
}

/// What weighing needs beside the unit and the booking.
#[derive(Debug, Clone, Copy)]
pub struct Scales<'a> {
    pub units: &'a [Unit],
    pub facts: &'a [Facts],
    pub resources: usize,
    pub zone: Tz,
}

impl Scales<'_> {
    fn steps(&self, at: usize, to: &Hypothesis, all: &Hypotheses) -> Vec<Step> {
        let (facts, kind) = (&self.facts[at], self.units[at].kind);
        weigh::weigh(facts, kind, to, all, self.resources, self.zone).steps(all)
    }

    /// The weights of a unit for a booking, and for the best of the others.
    pub fn weighed(&self, at: usize, to: usize, ranked: &[(usize, f64)], all: &Hypotheses) -> Weighed {
        let next = ranked.iter().map(|(other, _)| *other).find(|other| *other != to);
        Weighed {
            steps: self.steps(at, &all.all[to], all),
            next: next.map(|other| (other, self.steps(at, &all.all[other], all))),
        }
    }

    /// The weighings of each hypothesis, in their order.
    pub fn weighings(&self, kept: &Kept, all: &Hypotheses, baseline: &Baseline) -> Vec<Vec<Weighing>> {
        let said = self.bits_of_a_reference(all);
        let before = Hypotheses::of_baseline(baseline);
        let of_one = |(place, hypothesis): (usize, &Hypothesis)| {
            let mut known = match hypothesis.about {
                About::Baseline(_) => before.all[place].clone(),
                About::New => Hypothesis::about_new(),
            };
            let mut weighings = Vec::new();
            for (number, at) in hypothesis.units.iter().copied().enumerate() {
                let is_first = number == 0 && hypothesis.about == About::New;
                if let Some(weighed) = kept.placed.get(&at) {
                    weighings.push(self.weighing(at, true, weighed, all));
                } else if !is_first {
                    let mut steps = self.steps(at, &known, all);
                    if kept.outright.contains(&at) {
                        // The number is told once, wherever else it stands.
                        steps.retain(|step| step.comparison != Comparison::Reference);
                        let slot = steps.partition_point(|step| step.comparison < Comparison::Reference);
                        let told = Step {
                            comparison: Comparison::Reference,
                            millibits: said,
                        };
                        steps.insert(slot, told);
                    }
                    weighings.push(self.weighing(at, true, &Weighed { steps, next: None }, all));
                }
                known.learn(&self.facts[at]);
            }
            let doubted = kept.doubted.range((place, 0)..(place + 1, 0));
            weighings.extend(doubted.map(|((_, at), weighed)| self.weighing(*at, false, weighed, all)));
            weighings
        };
        all.all.par_iter().enumerate().map(of_one).collect()
    }

    /// How much a shared number or id tells: as good as no pair that does not belong together shares one. The pairs
    /// that do are the numbers that were given out twice. Source of the half: Krichevsky & Trofimov (1981).
    fn bits_of_a_reference(&self, all: &Hypotheses) -> i64 {
        let states = |facts: &&Facts| !facts.references.is_empty() || !facts.keys.is_empty();
        let stating = self.facts.iter().filter(states).count().max(1);
        let pairs = stating as f64 * all.all.len().max(2) as f64;
        let shared = all
            .all
            .iter()
            .filter(|hypothesis| hypothesis.reused.is_some())
            .count();
        let bits = (pairs / (shared as f64 + 0.5)).log2();
        (bits * 1000.0).round() as i64
    }

    fn weighing(&self, at: usize, is_linked: bool, weighed: &Weighed, all: &Hypotheses) -> Weighing {
        let place = |to: usize| Place {
            about: all.all[to].about,
            record: all.all[to].units.first().map(|unit| self.units[*unit].first()),
        };
        Weighing {
            members: self.units[at].members.clone(),
            is_linked,
            steps: weighed.steps.clone(),
            next: weighed
                .next
                .as_ref()
                .map(|(to, steps)| (place(*to), steps.clone())),
        }
    }
}
