//! What a household's members are called in the business's records: who of them a booking is for, where one address is all
//! that the customer's row shares with it.
//!
//! In the overlap every booking of one member has some words that no booking of the others has: a pet name, a child's, a
//! pet's. Words of what they book are among them, which does no harm: a booking is theirs only if all of them stand in it.

use super::Input;
use crate::model::{About, Cluster, Document, Scalar, Standing};
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many bookings of a member tell what they are called, in so many of ten.
const BOOKINGS: usize = 4;
const OF_TEN: usize = 9;

/// Rows of customers to the words that call them, where others share their address.
#[derive(Debug, Default)]
pub struct Households<'a> {
    words: BTreeMap<&'a str, BTreeSet<String>>,
}

impl<'a> Households<'a> {
    pub fn learn(input: &Input<'a>) -> Self {
        let mut households: HashMap<String, BTreeSet<&str>> = HashMap::new();
        for row in &input.baseline.customers {
            if let Some(email) = &row.email {
                let home = households.entry(email.trim().to_lowercase()).or_default();
                home.insert(&row.key);
            }
        }
        households.retain(|_, rows| rows.len() > 1);
        let shared: BTreeSet<&str> = households.values().flatten().copied().collect();
        let mut said: BTreeMap<&str, Vec<BTreeSet<String>>> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let customer = input.baseline.bookings[at].customer.as_deref();
            if let Some(key) = customer.filter(|key| shared.contains(key)) {
                let words = words(input, cluster);
                if !words.is_empty() {
                    said.entry(key).or_default().push(words);
                }
            }
        }
        let mut called = Self::default();
        for home in households.values() {
            for row in home {
                let Some(own) = said.get(row).filter(|own| own.len() >= BOOKINGS) else {
                    continue;
                };
                let others: BTreeSet<&String> = home
                    .iter()
                    .filter(|other| *other != row)
                    .filter_map(|other| said.get(other))
                    .flatten()
                    .flatten()
                    .collect();
                let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
                for word in own.iter().flatten().filter(|word| !others.contains(word)) {
                    *counts.entry(word).or_default() += 1;
                }
                let always = counts
                    .into_iter()
                    .filter(|(_, count)| count * 10 >= own.len() * OF_TEN);
                let words: BTreeSet<String> = always.map(|(word, _)| word.clone()).collect();
                if !words.is_empty() {
                    called.words.insert(row, words);
                }
            }
        }
        called
    }

    /// The one of these rows that the records call, where they call no other.
    pub fn one<'k>(&self, input: &Input<'_>, cluster: &Cluster, rows: &[&'k str]) -> Option<&'k str> {
        let said = words(input, cluster);
        let is_called = |row: &&&str| self.words.get(**row).is_some_and(|words| words.is_subset(&said));
        let is_heard = |row: &&str| {
            self.words
                .get(*row)
                .is_some_and(|words| !words.is_disjoint(&said))
        };
        let mut called = rows.iter().filter(is_called);
        let (Some(one), None) = (called.next(), called.next()) else {
            return None;
        };
        let others = rows.iter().filter(|row| *row != one);
        (!others.copied().any(|row| is_heard(&row))).then_some(*one)
    }
}

/// The words in what the business wrote of a booking: in messages' texts, entries' titles and payments' descriptions.
fn words(input: &Input<'_>, cluster: &Cluster) -> BTreeSet<String> {
    let told = cluster.members.iter().map(|at| input.told[*at].document);
    let own = told.filter(|document| document.standing == Standing::Business);
    own.flat_map(of_document).collect()
}

fn of_document(document: &Document) -> impl Iterator<Item = String> + '_ {
    let texts = document.items.iter().filter_map(|item| match &item.value {
        // Addresses and headers are what the household shares.
        Scalar::Text(text) if !item.place.starts_with("header:to") => Some(text.as_str()),
        _ => None,
    });
    texts
        .flat_map(|text| text.split(|c: char| !is_word_char(c)))
        .filter(|word| word.chars().count() > 1 && !word.chars().any(char::is_numeric))
        .map(crate::mapping::squash)
}
