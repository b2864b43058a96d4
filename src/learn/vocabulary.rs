//! Which words belong to the wording of a source, and which to one record alone.

use super::{Lexed, Truth};
use crate::mapping::{Token, ideograph};
use std::collections::{BTreeMap, BTreeSet};

/// Words by how many records of a kind hold them.
pub struct Vocabulary {
    /// Object kind to (records, word to records).
    counts: BTreeMap<String, (usize, BTreeMap<String, usize>)>,
    /// Words of customers' names: they vary even where they are frequent.
    people: BTreeSet<String>,
}

impl Vocabulary {
    pub fn new(documents: &[&Lexed<'_>], truths: &[Truth<'_>]) -> Self {
        let names = truths
            .iter()
            .filter_map(|truth| truth.customer.and_then(|row| row.name.as_deref()));
        Self::of_names(documents, names)
    }

    /// With the people that are known by name.
    pub fn of_names<'n>(documents: &[&Lexed<'_>], names: impl Iterator<Item = &'n str>) -> Self {
        let mut counts: BTreeMap<String, (usize, BTreeMap<String, usize>)> = BTreeMap::new();
        let mut people = BTreeSet::new();
        for name in names {
            // Scripts without spaces are cut into signs: those of names vary like names.
            people.extend(name.chars().filter(|char| ideograph(*char)).map(String::from));
            people.extend(
                name.split(|char: char| !char.is_alphanumeric())
                    .map(crate::mapping::squash),
            );
        }
        for lexed in documents {
            let (records, words) = counts.entry(lexed.document.object.clone()).or_default();
            *records += 1;
            let mut seen = BTreeSet::new();
            let keys = lexed
                .document
                .items
                .iter()
                .filter_map(|item| item.place.strip_prefix("/metadata/"));
            for word in keys.flat_map(|key| key.split(|char: char| !char.is_alphanumeric())) {
                *words.entry(crate::mapping::squash(word)).or_default() += 1;
            }
            for (_, line) in &lexed.lines {
                for (token, _) in &line.tokens {
                    if let Token::Word(word) = token
                        && seen.insert(word)
                    {
                        *words.entry(word.clone()).or_default() += 1;
                    }
                }
            }
        }
        people.remove("");
        Self { counts, people }
    }

    /// Whether a word stands in one record in so many of a kind: a pet's name that comes back each month does not.
    pub fn is_frequent(&self, object: &str, word: &str, one_in: usize) -> bool {
        let Some((records, words)) = self.counts.get(object) else {
            return false;
        };
        self.knows(object, word) && words.get(word).copied().unwrap_or(0) * one_in >= *records
    }

    /// Whether a word stands in so many records of a kind, be it somebody's name as well.
    pub fn recurs(&self, object: &str, word: &str, least: usize) -> bool {
        self.counts
            .get(object)
            .is_some_and(|(_, words)| words.get(word).copied().unwrap_or(0) >= least)
    }

    /// Whether a word is part of the wording of this kind of record.
    pub fn knows(&self, object: &str, word: &str) -> bool {
        let Some((records, words)) = self.counts.get(object) else {
            return false;
        };
        let count = words.get(word).copied().unwrap_or(0);
        let enough = if self.people.contains(word) {
            records / 5
        } else {
            records / 250
        };
        count >= enough.max(3)
    }
}
