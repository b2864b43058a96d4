//! Names beside the customer's that are not the customer's: of the firm that somebody books for, whose form stands in it, as
//! `Oy` or `Kft.` does, in any language.
//!
//! In the overlap such a word stood in several names, in none of the backup's customers', and the customer was named beside
//! it nearly always.

use super::Input;
use super::family::{one_person, with_customers};
use super::spoken::Spoken;
use crate::mapping::squash;
use crate::model::{Claim, FieldName, SourceKind, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// So many bookings, with so many different names, show that a word is of firms; one in so many may be without the customer's.
const BOOKINGS: usize = 5;
const NAMES: usize = 3;
const RARE: usize = 20;

/// Words of firms' names.
#[derive(Debug, Default)]
pub struct Firms {
    words: BTreeSet<String>,
}

#[derive(Default)]
struct Seen {
    names: BTreeSet<String>,
    beside: usize,
    alone: usize,
}

impl Firms {
    pub fn learn(input: &Input<'_>) -> Self {
        let names = input
            .baseline
            .customers
            .iter()
            .filter_map(|row| row.name.as_deref());
        let known: HashSet<String> = names.flat_map(words).collect();
        let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
        for (cluster, truth) in with_customers(input) {
            let told = cluster.members.iter().map(|at| &input.told[*at]);
            let told = told.filter(|told| told.document.kind != SourceKind::Stripe);
            let said: BTreeSet<&str> = told
                .flat_map(|told| told.claims.of(FieldName::CustomerName))
                .filter_map(name_of)
                .collect();
            let strange: BTreeSet<String> = said
                .iter()
                .flat_map(|name| words(name))
                .filter(|word| !known.contains(word))
                .collect();
            for word in strange {
                let (with, without): (Vec<&str>, Vec<&str>) =
                    said.iter().partition(|name| words(name).contains(&word));
                let seen = seen.entry(word).or_default();
                seen.names.extend(with.into_iter().map(squash));
                if without.iter().any(|name| one_person(name, truth)) {
                    seen.beside += 1;
                } else {
                    seen.alone += 1;
                }
            }
        }
        seen.retain(|_, seen| {
            seen.names.len() >= NAMES && seen.beside >= BOOKINGS && seen.alone * RARE <= seen.beside
        });
        Self {
            words: seen.into_keys().collect(),
        }
    }

    /// Takes the names of firms from records of which one names somebody else.
    pub(super) fn give_way(&self, records: [&mut Vec<Spoken<'_>>; 2]) {
        if self.words.is_empty() {
            return;
        }
        let is_of_firm = |claim: &Claim| {
            let name = (claim.field == FieldName::CustomerName)
                .then(|| name_of(claim))
                .flatten();
            name.is_some_and(|name| words(name).iter().any(|word| self.words.contains(word)))
        };
        let mut spoken = records.iter().flat_map(|list| list.iter());
        let is_named = spoken.any(|spoken| {
            let mut claims = spoken.claims.iter().map(|(claim, _)| claim);
            claims.any(|claim| claim.field == FieldName::CustomerName && !is_of_firm(claim))
        });
        if is_named {
            for spoken in records.into_iter().flatten() {
                spoken.claims.retain(|(claim, _)| !is_of_firm(claim));
            }
        }
    }
}

fn name_of(claim: &Claim) -> Option<&str> {
    match &claim.value {
        Value::Text(name) => Some(name),
        _ => None,
    }
}

fn words(name: &str) -> Vec<String> {
    name.split_whitespace()
        .map(squash)
        .filter(|word| !word.is_empty())
        .collect()
}
