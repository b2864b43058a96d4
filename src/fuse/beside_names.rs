//! Other names in a booking's records that speak of nobody else: what the messages state under words of their own, as a firm,
//! beside the customer.

use super::Input;
use super::family::with_customers;
use crate::mapping::squash;
use crate::model::{Document, Scalar};
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet};

/// So many bookings, with so many different names, show what stands under a label; one in so many may be the customer's.
const BOOKINGS: usize = 5;
const NAMES: usize = 3;
const RARE: usize = 20;
/// A label has so many letters at most.
const LABEL: usize = 40;

/// What the overlap shows of names beside the customer's.
#[derive(Debug, Default)]
pub struct BesideNames {
    /// Under which words messages state names that are nobody's the booking is for.
    labels: BTreeSet<String>,
}

#[derive(Default)]
struct Under {
    values: BTreeSet<String>,
    own: usize,
    others: usize,
}

impl BesideNames {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut under: BTreeMap<String, Under> = BTreeMap::new();
        for (cluster, name) in with_customers(input) {
            let documents = cluster.members.iter().map(|at| input.told[*at].document);
            let messages = documents.filter(|document| document.object == "message");
            let stated: BTreeSet<(String, String)> = messages.flat_map(labelled).collect();
            for (label, value) in stated {
                let of = under.entry(label).or_default();
                if words(&value).is_disjoint(&words(name)) {
                    of.others += 1;
                    of.values.insert(value);
                } else {
                    of.own += 1;
                }
            }
        }
        under.retain(|_, of| of.others >= BOOKINGS && of.values.len() >= NAMES && of.own * RARE <= of.others);
        Self {
            labels: under.into_keys().collect(),
        }
    }

    /// Whether a message states this name where such never is the customer's.
    pub fn states_aside<'d>(&self, mut messages: impl Iterator<Item = &'d Document>, name: &str) -> bool {
        let name = squash(name);
        !self.labels.is_empty()
            && messages.any(|document| {
                labelled(document)
                    .iter()
                    .any(|(label, value)| self.labels.contains(label) && squash(value) == name)
            })
    }
}

/// The lines of a message that state something under a label, with the first part of what they state.
fn labelled(document: &Document) -> Vec<(String, String)> {
    let lines = document.items.iter().filter_map(|item| match &item.value {
        Scalar::Text(text) if matches!(item.place.as_str(), "text" | "html") => Some(text),
        _ => None,
    });
    let parted = lines.filter_map(|text| {
        let (label, value) = text.split_once([':', '\u{ff1a}', '\t'])?;
        let value = value.trim_start_matches([':', '\u{ff1a}', '\t', ' ']);
        let value = value
            .split([',', '\u{3001}', '('])
            .next()
            .unwrap_or_default()
            .trim();
        let label = squash(label);
        let is_label = !label.is_empty() && label.chars().count() <= LABEL;
        (is_label && !value.is_empty() && !label.chars().any(char::is_numeric))
            .then(|| (label, value.to_owned()))
    });
    parted.collect()
}

fn words(text: &str) -> BTreeSet<String> {
    let parts = text.split(|char: char| !is_word_char(char));
    parts
        .map(squash)
        .filter(|word| word.chars().count() >= 2 && !word.chars().any(char::is_numeric))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_states_under_a_label_is_its_first_part() {
        let document = Document::message("m1").with_lines(
            "text",
            &[
                "Dear Ann Moss",
                "Firm: Reed & Sons Ltd, 4 Mill Lane",
                "Account 4: Ann",
            ],
        );
        let one = [("firm".to_owned(), "Reed & Sons Ltd".to_owned())];
        assert_eq!(labelled(&document), one);
        let aside = BesideNames {
            labels: BTreeSet::from(["firm".to_owned()]),
        };
        let states = |name| aside.states_aside([&document].into_iter(), name);
        assert!(states("Reed & Sons Ltd"));
        assert!(!states("Ann Moss") && !states("Reed"));
    }
}
