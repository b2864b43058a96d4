//! Places that name customers to the letter as the backup does, also those whom it knows by one word alone: a first name that
//! was given by telephone is all there is to write.

use super::Input;
use crate::mapping::squash;
use crate::model::{About, Claim, FieldName, Value};
use std::collections::{BTreeMap, BTreeSet};

/// So many customers show that a place writes names as the backup does, and so many with a name that may be a part of one that it
/// leaves nothing out.
const KNOWN: usize = 30;
const SHORT: usize = 4;

/// The customers whom a rule named.
#[derive(Debug, Default)]
struct Named<'a> {
    all: BTreeSet<&'a str>,
    otherwise: BTreeSet<&'a str>,
    /// Those of whom it said what may be a part of a name.
    short: BTreeSet<&'a str>,
}

impl Named<'_> {
    fn is_whole(&self) -> bool {
        self.all.len() >= KNOWN
            && self.otherwise.len() * 50 <= self.all.len()
            && self.short.len() >= SHORT
            && self.short.is_disjoint(&self.otherwise)
    }
}

/// The rules whose short names are whole.
#[derive(Debug, Default)]
pub struct AsWritten<'a>(BTreeSet<&'a str>);

impl<'a> AsWritten<'a> {
    /// Holds what rules read in the records of the backup's bookings against its names. `short`: whether a name may be a part of one.
    pub fn learn(input: &'a Input<'a>, short: impl Fn(&str) -> bool) -> Self {
        let names: BTreeMap<&str, &str> = (input.baseline.customers.iter())
            .filter_map(|row| Some((row.key.as_str(), row.name.as_deref()?)))
            .collect();
        let mut rules: BTreeMap<&str, Named<'a>> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let Some(key) = input.baseline.bookings[at].customer.as_deref() else {
                continue;
            };
            let Some(name) = names.get(key) else { continue };
            let members = cluster.members.iter().map(|at| &input.told[*at].claims.claims);
            for claim in members
                .flatten()
                .filter(|claim| claim.field == FieldName::CustomerName)
            {
                let Value::Text(said) = &claim.value else { continue };
                let named = rules.entry(&claim.rule).or_default();
                named.all.insert(key);
                if squash(said) != squash(name) {
                    named.otherwise.insert(key);
                }
                if short(said) {
                    named.short.insert(key);
                }
            }
        }
        rules.retain(|_, named| named.is_whole());
        Self(rules.into_keys().collect())
    }

    /// Whether one of the claims that state a name was read where short names are whole.
    pub fn holds(&self, claims: &[Claim]) -> bool {
        claims.iter().any(|claim| self.0.contains(claim.rule.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(all: usize, otherwise: &[&'static str], short: &[&'static str]) -> bool {
        let keys: Vec<String> = (0..all).map(|at| at.to_string()).collect();
        Named {
            all: keys.iter().map(String::as_str).collect(),
            otherwise: otherwise.iter().copied().collect(),
            short: short.iter().copied().collect(),
        }
        .is_whole()
    }

    #[test]
    fn a_few_short_names_that_were_whole_prove_the_next_where_all_names_are_as_the_backups() {
        let short = ["1", "2", "3", "4"];
        assert!(named(60, &["9"], &short));
        assert!(!named(60, &["9"], &short[1..]), "too few");
        assert!(!named(60, &["3"], &short), "one of them had another");
        assert!(!named(60, &["7", "8"], &short), "names differ there");
        assert!(!named(20, &[], &short));
    }
}
