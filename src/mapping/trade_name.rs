//! The business's own name where it holds a resource's: a boat called Heron, of Grey Heron Charters.
//!
//! Letterheads, signatures and what charges are for name the business whatever was booked, so those words tell of no
//! resource. Whether they do is shown by the records: they stand beside the names of others.

use super::phrases::{self, Phrases};
use crate::model::{Document, Scalar};
use std::collections::BTreeMap;
use std::ops::Range;

/// Runs of words of the business's name, each with a resource's name and more.
#[derive(Debug, Clone, Default)]
pub(super) struct TradeName {
    runs: Phrases<()>,
}

/// So many records with the words name another resource too, and at least one in so many of all that have them.
const RECORDS: usize = 5;
const ONE_IN: usize = 4;

impl TradeName {
    /// Those runs that records show to say nothing of what was booked.
    pub fn learn(name: &str, resources: &Phrases<String>, documents: &[Document]) -> Self {
        let whole = phrases::words(name);
        let mut runs: Vec<&str> = Vec::new();
        for from in 0..whole.len() {
            for to in from + 2..=whole.len() {
                if holds_one(name, &whole[..to], from, resources) {
                    runs.push(&name[whole[from].1.start..whole[to - 1].1.end]);
                }
            }
        }
        let mut all = Phrases::default();
        for (at, run) in runs.iter().enumerate() {
            all.add(run, at);
        }
        let mut seen = vec![(0, 0); runs.len()];
        for document in documents.iter().filter(|_| !runs.is_empty()) {
            let (stand, others) = stand_in(document, &all, resources);
            for (run, of) in stand {
                seen[run].0 += 1;
                seen[run].1 += usize::from(others.iter().any(|keys| *keys != of));
            }
        }
        let mut telling_nothing = Self::default();
        for (run, (records, beside)) in runs.iter().zip(seen) {
            if beside >= RECORDS && beside * ONE_IN >= records {
                telling_nothing.runs.add(run, ());
            }
        }
        telling_nothing
    }

    /// How many words from this one on are the business's own.
    pub fn length_at(&self, text: &str, words: &[(String, Range<usize>)], at: usize) -> usize {
        self.runs.at(text, words, at).next().map_or(0, |hit| hit.length)
    }
}

/// Whether these words, from one of them on, are no resource's name and hold one.
fn holds_one(name: &str, words: &[(String, Range<usize>)], from: usize, resources: &Phrases<String>) -> bool {
    let within = |at: usize| resources.at(name, words, at).map(|hit| hit.length);
    let is_one = within(from).any(|length| from + length == words.len());
    !is_one && (from..words.len()).any(|at| within(at).next().is_some())
}

/// The runs that stand in a record, each with whose names it holds, and the keys of what is named besides.
fn stand_in<'p>(
    document: &Document,
    runs: &Phrases<usize>,
    resources: &'p Phrases<String>,
) -> (BTreeMap<usize, Vec<&'p String>>, Vec<Vec<&'p String>>) {
    let (mut stand, mut others) = (BTreeMap::new(), Vec::new());
    for item in &document.items {
        let Scalar::Text(text) = &item.value else { continue };
        let words = phrases::words(text);
        let mut at = 0;
        while at < words.len() {
            let named = |at| resources.at(text, &words, at).next();
            let run = runs.at(text, &words, at).next();
            match (run, named(at)) {
                (Some(run), _) => {
                    let held = (at..at + run.length).find_map(named);
                    let keys: Vec<_> = held.iter().flat_map(|hit| hit.keys).collect();
                    stand.extend(run.keys.iter().map(|run| (*run, keys.clone())));
                    at += run.length;
                }
                (None, Some(hit)) => {
                    others.push(hit.keys.iter().collect());
                    at += hit.length;
                }
                (None, None) => at += 1,
            }
        }
    }
    (stand, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boats() -> Phrases<String> {
        let mut names = Phrases::default();
        for name in ["Heron", "Teal", "Grey Goose"] {
            names.add(name, name.to_owned());
        }
        names
    }

    fn letters(of: impl Fn(usize) -> &'static str) -> Vec<Document> {
        let letter = |at: usize| {
            Document::message(&format!("m{at}"))
                .saying("text", of(at))
                .saying("text", "Grey Heron Charters")
        };
        (0..12).map(letter).collect()
    }

    fn own(name: &str, documents: &[Document], text: &str) -> usize {
        let words = phrases::words(text);
        TradeName::learn(name, &boats(), documents).length_at(text, &words, 0)
    }

    #[test]
    fn the_name_of_the_business_beside_other_boats_tells_of_none() {
        let documents = letters(|at| ["your boat is the Teal", "your boat is the Heron"][at % 2]);
        let own = |text: &str| own("Grey Heron Charters", &documents, text);
        assert_eq!(own("Grey Heron Charters, quay 4"), 3);
        assert_eq!(own("Heron, 2 hours"), 0);
    }

    #[test]
    fn where_it_stands_beside_no_other_it_may_be_what_was_booked() {
        let documents = letters(|_| "your boat is the Heron");
        assert_eq!(own("Grey Heron Charters", &documents, "Grey Heron Charters"), 0);
    }

    #[test]
    fn what_a_boat_is_called_is_its_name() {
        let documents = letters(|at| ["the Teal", "Grey Goose"][at % 2]);
        assert_eq!(own("Grey Goose", &documents, "Grey Goose"), 0);
    }
}
