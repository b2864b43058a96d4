//! Which words belong to the wording of a source, and which to one record alone.

use super::{Lexed, Truth};
use crate::mapping::{Line, Token, ideograph};
use std::collections::{BTreeMap, BTreeSet};

/// Words by how many people's records of a kind hold them: what is told of one regular alone is no wording, however often
/// they come.
pub struct Vocabulary {
    /// Object kind to (people, word to people). A record that is nobody's counts as somebody's.
    counts: BTreeMap<String, (usize, BTreeMap<String, usize>)>,
    /// Words of customers' names: they vary even where they are frequent.
    people: BTreeSet<String>,
}

/// Whose record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who<'a> {
    Customer(&'a str),
    Address(&'a str),
    Record(usize),
}

impl Vocabulary {
    pub fn new(documents: &[&Lexed<'_>], links: &[Option<&Truth<'_>>], truths: &[Truth<'_>]) -> Self {
        let names = truths
            .iter()
            .filter_map(|truth| truth.customer.and_then(|row| row.name.as_deref()));
        let linked = links
            .iter()
            .map(|link| link.and_then(|truth| truth.booking.customer.as_deref()));
        Self::of_people(documents, linked, names)
    }

    /// With the people that are known by name.
    pub fn of_names<'n>(documents: &[&Lexed<'_>], names: impl Iterator<Item = &'n str>) -> Self {
        Self::of_people(documents, std::iter::repeat(None), names)
    }

    fn of_people<'n, 'l>(
        documents: &[&Lexed<'_>],
        linked: impl Iterator<Item = Option<&'l str>>,
        names: impl Iterator<Item = &'n str>,
    ) -> Self {
        let mut told: BTreeMap<String, (BTreeSet<Who<'_>>, BTreeMap<String, BTreeSet<Who<'_>>>)> =
            BTreeMap::new();
        let mut people = BTreeSet::new();
        for name in names {
            // Scripts without spaces are cut into signs: those of names vary like names.
            people.extend(name.chars().filter(|char| ideograph(*char)).map(String::from));
            people.extend(
                name.split(|char: char| !char.is_alphanumeric())
                    .map(crate::mapping::squash),
            );
        }
        for ((at, lexed), linked) in documents.iter().enumerate().zip(linked) {
            let (people, words) = told.entry(lexed.document.object.clone()).or_default();
            let to = || lexed.document.text("header:to.email").map(Who::Address);
            let who = linked.map(Who::Customer).or_else(to).unwrap_or(Who::Record(at));
            people.insert(who);
            let keys = lexed
                .document
                .items
                .iter()
                .filter_map(|item| item.place.strip_prefix("/metadata/"));
            for word in keys.flat_map(|key| key.split(|char: char| !char.is_alphanumeric())) {
                words.entry(crate::mapping::squash(word)).or_default().insert(who);
            }
            for (_, line) in &lexed.lines {
                for (token, _) in &line.tokens {
                    if let Token::Word(word) = token {
                        match words.get_mut(word) {
                            Some(people) => people.insert(who),
                            None => words.entry(word.clone()).or_default().insert(who),
                        };
                    }
                }
            }
        }
        people.remove("");
        let counts = told
            .into_iter()
            .map(|(object, (people, words))| {
                let words = words.into_iter().map(|(word, people)| (word, people.len()));
                (object, (people.len(), words.collect()))
            })
            .collect();
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

    /// Whether a line holds a word of a customer's name.
    pub fn names_somebody(&self, line: &Line) -> bool {
        line.tokens.iter().any(|(token, _)| match token {
            Token::Word(word) => self.people.contains(word),
            _ => false,
        })
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
