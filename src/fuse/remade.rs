//! Entries that may have been made in the stead of a struck one.
//!
//! Whoever keeps a calendar for each room or person moves a booking by striking its entry and making another. Where the backup
//! has bookings that were moved so, an entry that was struck when another was made with a word in its title that few titles
//! have, a name as a rule, is no proof that its booking is off: the message about it may be lost.

use super::Input;
use super::struck::Struck;
use super::timeline::{AT_ONCE, Timeline};
use crate::mapping::words_of;
use crate::model::Document;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// A word is of few titles where it stands in no more than so many, or one in so many of all.
const FEW: usize = 5;
const FEW_IN: usize = 50;
/// Shorter words are no names.
const LETTERS: usize = 3;

#[derive(Debug, Default)]
pub struct Remade<'a> {
    /// Entries that stand, by when they were made.
    made: BTreeMap<DateTime<Utc>, Vec<&'a Document>>,
    /// Words of many titles.
    common: BTreeSet<String>,
}

impl<'a> Remade<'a> {
    pub fn learn(input: &Input<'a>, struck: Struck) -> Self {
        if !struck.moves() {
            return Self::default();
        }
        let entries = || {
            input
                .told
                .iter()
                .map(|told| told.document)
                .filter(|document| document.object == "event")
        };
        let mut titles: BTreeMap<String, usize> = BTreeMap::new();
        for word in entries().flat_map(words) {
            *titles.entry(word).or_default() += 1;
        }
        let many = FEW.max(entries().count() / FEW_IN);
        let mut made: BTreeMap<_, Vec<&Document>> = BTreeMap::new();
        for document in entries().filter(|document| document.text("/status") != Some("cancelled")) {
            if let Some(at) = document.made_at {
                made.entry(at).or_default().push(document);
            }
        }
        Self {
            made,
            common: titles
                .into_iter()
                .filter(|(_, count)| *count > many)
                .map(|(word, _)| word)
                .collect(),
        }
    }

    /// Whether another entry with such a word was made when the last of these was struck.
    pub fn may_stand_for(&self, timeline: &Timeline<'_>) -> bool {
        let Some(struck) = timeline.events.iter().rev().find(|entry| entry.cancelled()) else {
            return false;
        };
        let Some(at) = struck.at else { return false };
        let own = self.rare(struck.document);
        let near = self
            .made
            .range(at - AT_ONCE..=at + AT_ONCE)
            .flat_map(|(_, made)| made);
        let others = near.filter(|other| {
            timeline
                .events
                .iter()
                .all(|own| own.document.record != other.record)
        });
        others
            .into_iter()
            .any(|other| !own.is_disjoint(&self.rare(other)))
    }

    fn rare(&self, document: &Document) -> BTreeSet<String> {
        words(document)
            .into_iter()
            .filter(|word| !self.common.contains(word))
            .collect()
    }
}

/// The words of an entry's title, once each. Some are written with a digit for a letter, but none in digits alone.
fn words(document: &Document) -> BTreeSet<String> {
    let words = words_of(document.title().unwrap_or_default())
        .into_iter()
        .map(|(word, _)| word);
    let is_name = |word: &String| word.chars().count() >= LETTERS && word.chars().any(char::is_alphabetic);
    words.filter(is_name).collect()
}
