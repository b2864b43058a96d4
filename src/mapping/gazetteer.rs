//! Finds the backup's resources in text, by name and by code, the longest mention first.

use super::lex::ideograph;
use crate::model::{BaselineResource, Document, Scalar};
use crate::reading;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Names and codes of all resources, as sequences of folded words.
#[derive(Debug, Default, Clone)]
pub struct Gazetteer {
    /// By first word, longest sequences first.
    entries: BTreeMap<String, Vec<Entry>>,
    /// Words in capitals that come back in many records: wording, though they look like codes.
    constants: BTreeSet<String>,
    /// Whose a resource is, by its key, where the backup says so.
    tenants: BTreeMap<String, String>,
}

/// A word in capitals is wording where it stands in this many records of a kind, and in this share of them.
const RECORDS: usize = 20;
const ONE_IN: usize = 50;

/// The words of a name or code, and what has it.
type Entry = (Vec<String>, Named);

/// Resources of one name.
#[derive(Debug, Default, Clone)]
struct Named {
    keys: BTreeSet<String>,
    /// Marks that stand in the name itself.
    marks: BTreeSet<char>,
}

impl Named {
    /// Whether what stands between two words of a text can stand within the name: no bracket or stop that it has not
    /// itself, so that "Room 2" is not found in "Room (2 guests)".
    fn spans(&self, between: &str) -> bool {
        let parts = |char: char| {
            matches!(
                char,
                '(' | ')' | '[' | ']' | '（' | '）' | '「' | '」' | ':' | ';' | ',' | '、' | '\n' | '|'
            )
        };
        between
            .chars()
            .all(|char| !parts(char) || self.marks.contains(&char))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub range: Range<usize>,
    /// Several where two resources share the name.
    pub keys: Vec<String>,
}

impl Gazetteer {
    pub fn new(resources: &[BaselineResource]) -> Self {
        let mut found: BTreeMap<Vec<String>, Named> = BTreeMap::new();
        for resource in resources {
            for text in [&resource.name, &resource.code].into_iter().flatten() {
                let words: Vec<String> = words(text).into_iter().map(|(word, _)| word).collect();
                // A single digit or letter stands everywhere: it names nothing.
                let length: usize = words.iter().map(|word| word.chars().count()).sum();
                let ideographs = text.chars().any(ideograph);
                let number = words
                    .iter()
                    .all(|word| word.chars().all(|char| char.is_ascii_digit()));
                if length >= if ideographs { 2 } else { 3 } && !number {
                    let named = found.entry(words).or_default();
                    named.keys.insert(resource.key.clone());
                    named
                        .marks
                        .extend(text.chars().filter(|char| !char.is_alphanumeric()));
                }
            }
        }
        let mut entries: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for (words, named) in found {
            entries.entry(words[0].clone()).or_default().push((words, named));
        }
        for sequences in entries.values_mut() {
            sequences.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        }
        Self {
            entries,
            constants: BTreeSet::new(),
            tenants: resources
                .iter()
                .filter_map(|row| Some((row.key.clone(), row.tenant.clone()?)))
                .collect(),
        }
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

    /// All mentions in order, none overlapping.
    pub fn find(&self, text: &str) -> Vec<Mention> {
        let mut mentions = Vec::new();
        if self.entries.is_empty() {
            return mentions;
        }
        let words = words(text);
        let mut at = 0;
        while at < words.len() {
            let hit = self.entries.get(&words[at].0).and_then(|sequences| {
                sequences.iter().find(|(sequence, named)| {
                    let Some(here) = words.get(at..at + sequence.len()) else {
                        return false;
                    };
                    let gaps = here.windows(2).map(|pair| &text[pair[0].1.end..pair[1].1.start]);
                    sequence.iter().zip(here).all(|(want, (have, _))| want == have)
                        && gaps.into_iter().all(|gap| named.spans(gap))
                })
            });
            if let Some((sequence, named)) = hit {
                let range = words[at].1.start..words[at + sequence.len() - 1].1.end;
                mentions.push(Mention {
                    range,
                    keys: named.keys.iter().cloned().collect(),
                });
                at += sequence.len();
            } else {
                at += 1;
            }
        }
        mentions
    }
}

/// Folded words; letters and digits part ("AB12" stays one, "#4" is "4"), ideographs stand alone.
fn words(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        let alone = ideograph(char);
        if !alone && (char.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&char)) {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            let folded = reading::fold(&text[from..at]);
            if !folded.is_empty() {
                words.push((folded, from..at));
            }
        }
        if alone {
            words.push((char.to_string(), at..at + char.len_utf8()));
        }
    }
    words
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
            .find(text)
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
