//! When a booking was made: the record that founds it is sent or entered so long after, as the backup's rows show.
//!
//! The first record need not be that one: somebody asked for a price days before.

use super::Input;
use crate::model::{About, Cluster, SourceKind};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// So many rows show how long after a booking was made the first record is of which a rule reads something.
const ROWS: usize = 20;
/// Of so many in a hundred of them it is as long, give or take this.
const PERCENT: usize = 95;
const ABOUT: TimeDelta = TimeDelta::minutes(5);

/// The rules by which records that found bookings are known.
#[derive(Debug, Default)]
pub struct Founding {
    rules: BTreeMap<String, After>,
}

/// How long after bookings were made their first such record is. The best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct After {
    /// One row in so many thousands is otherwise.
    others: usize,
    /// How far apart the middle half of the rows is.
    spread: TimeDelta,
    usually: TimeDelta,
}

impl Founding {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut after: BTreeMap<&str, Vec<TimeDelta>> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            // Of what was made before the overlap the first records are missing.
            let made = input.baseline.bookings[at].created_at;
            let Some(made) = made.filter(|made| *made >= input.window.learn_from) else {
                continue;
            };
            for (rule, first) in firsts(input, cluster) {
                after.entry(rule).or_default().push(first - made);
            }
        }
        let rules = after
            .into_iter()
            .filter_map(|(rule, after)| Some((rule.to_owned(), After::of(after)?)));
        Self {
            rules: rules.collect(),
        }
    }

    /// When a booking was made, by the surest of its records.
    pub fn made_at(&self, input: &Input<'_>, cluster: &Cluster) -> Option<DateTime<Utc>> {
        let firsts = firsts(input, cluster).into_iter();
        let known = firsts.filter_map(|(rule, first)| Some((self.rules.get(rule)?, first)));
        let (after, first) = known.min()?;
        Some(first - after.usually)
    }
}

impl After {
    fn of(mut rows: Vec<TimeDelta>) -> Option<Self> {
        rows.sort_unstable();
        let usually = rows[rows.len() / 2];
        let is_otherwise = |after: &&TimeDelta| (**after - usually).abs() > ABOUT;
        let others = rows.iter().filter(is_otherwise).count();
        let is_known = rows.len() >= ROWS && (rows.len() - others) * 100 >= rows.len() * PERCENT;
        is_known.then(|| Self {
            others: others * 1000 / rows.len(),
            spread: rows[rows.len() * 3 / 4] - rows[rows.len() / 4],
            usually,
        })
    }
}

/// When the first of the business's records was made of which each rule reads something.
fn firsts<'a>(input: &'a Input<'_>, cluster: &Cluster) -> BTreeMap<&'a str, DateTime<Utc>> {
    let mut firsts: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    let members = cluster.members.iter().map(|at| &input.told[*at]);
    for told in members.filter(|told| told.document.kind != SourceKind::Stripe && told.speaks()) {
        let Some(made) = told.document.made_at.or(told.document.said_at) else {
            continue;
        };
        for claim in &told.claims.claims {
            let first = firsts.entry(claim.rule.as_str()).or_insert(made);
            *first = made.min(*first);
        }
    }
    firsts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: impl Iterator<Item = i64>) -> Option<i64> {
        After::of(seconds.map(TimeDelta::seconds).collect()).map(|after| after.usually.num_seconds())
    }

    #[test]
    fn what_is_always_as_long_after_tells_when_it_was() {
        assert_eq!(after((0..40).map(|at| 60 + at % 3)), Some(61));
    }

    #[test]
    fn what_comes_at_any_time_tells_nothing() {
        assert_eq!(after((0..40).map(|at| at * 3600)), None);
    }

    #[test]
    fn few_rows_tell_nothing() {
        assert_eq!(after((0..19).map(|_| 60)), None);
    }
}
