//! Finds the backup's resources in text, by name and by code, the longest mention first.

use super::phrases::{self, Hit, Phrases, is_telling};
use super::{Mapping, Nickname};
use crate::model::{BaselineResource, Document, Scalar};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Names and codes of all resources, and what else records call them.
#[derive(Debug, Default, Clone)]
pub struct Gazetteer {
    /// The backup's names and codes, each with the keys that have it.
    names: Phrases<String>,
    /// What resources are called besides in one source.
    nicknames: BTreeMap<String, Called>,
    /// Words in capitals that come back in many records: wording, though they look like codes.
    constants: BTreeSet<String>,
    /// Whose a resource is, by its key, where the backup says so.
    tenants: BTreeMap<String, String>,
}

/// The nicknames of one source.
#[derive(Debug, Default, Clone)]
struct Called {
    list: Vec<Nickname>,
    phrases: Phrases<String>,
}

/// A word in capitals is wording where it stands in this many records of a kind, and in this share of them.
const RECORDS: usize = 20;
const ONE_IN: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub range: Range<usize>,
    /// Several where two resources share the name.
    pub keys: Vec<String>,
    /// It is no name of the backup that is long enough to be known wherever it stands.
    pub is_nickname: bool,
}

impl Gazetteer {
    pub fn new(resources: &[BaselineResource]) -> Self {
        let mut names = Phrases::default();
        for resource in resources {
            for text in [&resource.name, &resource.code].into_iter().flatten() {
                if is_telling(text) {
                    names.add(text, resource.key.clone());
                }
            }
        }
        Self {
            names,
            nicknames: BTreeMap::new(),
            constants: BTreeSet::new(),
            tenants: resources
                .iter()
                .filter_map(|row| Some((row.key.clone(), row.tenant.clone()?)))
                .collect(),
        }
    }

    /// Takes over what resources are called in the sources of these mappings, each in its own records.
    #[must_use]
    pub fn calling<'m>(mut self, mappings: impl IntoIterator<Item = &'m Mapping>) -> Self {
        for mapping in mappings {
            self.nicknames.remove(&mapping.source);
            if !mapping.nicknames.is_empty() {
                let mut called = Called::default();
                for nickname in &mapping.nicknames {
                    called
                        .phrases
                        .add_guarded(&nickname.text, nickname.resource.clone());
                    called.list.push(nickname.clone());
                }
                self.nicknames.insert(mapping.source.clone(), called);
            }
        }
        self
    }

    /// What resources are called in a source, besides their names in the backup.
    pub fn nicknames(&self, source: &str) -> &[Nickname] {
        self.nicknames
            .get(source)
            .map_or(&[][..], |called| called.list.as_slice())
    }

    /// Those of some resources that are this tenant's; all where it is not known whose record it is.
    pub fn within<'k>(&self, keys: &'k [String], tenant: Option<&str>) -> Vec<&'k String> {
        let is_theirs = |key: &&String| {
            tenant.is_none_or(|tenant| self.tenants.get(*key).is_none_or(|owner| owner == tenant))
        };
        keys.iter().filter(is_theirs).collect()
    }

    /// Takes over which words in capitals are the records' wording: PICKUP in every second title is no code.
    #[must_use]
    pub fn knowing(mut self, documents: &[Document]) -> Self {
        let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut records: BTreeMap<&str, usize> = BTreeMap::new();
        for document in documents {
            *records.entry(&document.object).or_default() += 1;
            let texts = document.items.iter().filter_map(|item| match &item.value {
                Scalar::Text(text) => Some(text.as_str()),
                _ => None,
            });
            let words: BTreeSet<&str> = texts
                .flat_map(|text| text.split(|char: char| !char.is_alphabetic()))
                .filter(|word| word.chars().nth(1).is_some() && !word.chars().any(char::is_lowercase))
                .collect();
            for word in words {
                *seen.entry((&document.object, word)).or_default() += 1;
            }
        }
        let enough = |object: &str| RECORDS.max(records[object] / ONE_IN);
        let known = seen
            .into_iter()
            .filter(|((object, _), count)| *count >= enough(object));
        self.constants = known.map(|((_, word), _)| word.to_owned()).collect();
        self
    }

    /// Whether what looks like a code is wording.
    pub fn is_wording(&self, code: &str) -> bool {
        self.constants.contains(code)
    }

    /// All mentions in a text of a source, in order, none overlapping.
    pub fn find(&self, source: &str, text: &str) -> Vec<Mention> {
        let mut mentions = Vec::new();
        let called = self.nicknames.get(source);
        if self.names.is_empty() && called.is_none() {
            return mentions;
        }
        let words = phrases::words(text);
        let mut at = 0;
        while at < words.len() {
            let name = self.names.at(text, &words, at).next();
            let nickname = called.and_then(|called| called.phrases.at(text, &words, at).next());
            let length = |hit: Option<Hit<'_, String>>| hit.map_or(0, |hit| hit.length);
            let is_nickname = length(nickname) > length(name);
            let Some(hit) = nickname.filter(|_| is_nickname).or(name) else {
                at += 1;
                continue;
            };
            mentions.push(Mention {
                range: words[at].1.start..words[at + hit.length - 1].1.end,
                keys: hit.keys.iter().cloned().collect(),
                is_nickname,
            });
            at += hit.length;
        }
        mentions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Vec<String>> {
        let room = |key: &str, name: &str| BaselineResource {
            key: key.to_owned(),
            name: Some(name.to_owned()),
            ..BaselineResource::default()
        };
        let gazetteer = Gazetteer::new(&[
            room("1", "Room Flood"),
            room("2", "Room Flood 3"),
            room("3", "Polo (red)"),
        ]);
        gazetteer
            .find("mail", text)
            .into_iter()
            .map(|mention| mention.keys)
            .collect()
    }

    #[test]
    fn the_longest_name_wins() {
        assert_eq!(found("You have Room Flood 3."), [["2"]]);
    }

    #[test]
    fn a_bracket_or_a_comma_ends_a_name() {
        assert_eq!(found("Room Flood (3 guests)"), [["1"]]);
        assert_eq!(found("Room Flood, 3 nights"), [["1"]]);
    }

    #[test]
    fn a_bracket_of_the_name_itself_does_not() {
        assert_eq!(found("a Polo (red) for you"), [["3"]]);
    }
}
