//! Where names and other free text stand: between words that repeat.
//!
//! The customer's name is looked for in the text of each record of a known booking; where it stands
//! gives the words around it. Then every pair of anchors is tried on all records, and kept where what
//! stands between them is the customer often enough. Whole values (a header, a metadata entry) are
//! the same with nothing around them.

use super::slots::{Study, masked, passes};
use super::{Lexed, Truth};
use crate::mapping::{Anchor, Part, Piece, Reading, Rule, SlotType, Token, around, squash};
use crate::model::{FieldName, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// Learns the rules of free-text slots.
pub fn learn(study: &Study<'_>) -> Vec<Rule> {
    let mut found: BTreeMap<Rule, u32> = BTreeMap::new();
    for (lexed, truth) in pairs(study) {
        let mut here: BTreeSet<Rule> = BTreeSet::new();
        for index in 0..lexed.lines.len() {
            for (anchor, field, reversed) in places(study, lexed, index, truth) {
                here.insert(Rule {
                    object: lexed.document.object.clone(),
                    place: lexed.place(index).to_owned(),
                    template: None,
                    slot: SlotType::Words,
                    anchor,
                    field,
                    reading: Reading {
                        reversed,
                        part: Part::Whole,
                        ..Reading::default()
                    },
                    support: 0,
                    agree: 0,
                    samples: Vec::new(),
                    values: BTreeMap::new(),
                });
            }
        }
        for rule in here {
            *found.entry(rule).or_default() += 1;
        }
    }
    let candidates: Vec<Rule> = found
        .into_iter()
        .filter(|(_, count)| *count >= 4)
        .map(|(rule, _)| rule)
        .collect();
    verify(study, candidates)
}

fn pairs<'a>(study: &'a Study<'_>) -> impl Iterator<Item = (&'a Lexed<'a>, &'a Truth<'a>)> {
    study
        .documents
        .iter()
        .zip(study.links)
        .filter(|(lexed, _)| lexed.document.standing == Standing::Business)
        .filter_map(|(lexed, truth)| truth.map(|truth| (*lexed, truth)))
}

/// The anchors around the customer's name in one line.
fn places(
    study: &Study<'_>,
    lexed: &Lexed<'_>,
    index: usize,
    truth: &Truth<'_>,
) -> Vec<(Anchor, FieldName, bool)> {
    let (_, line) = &lexed.lines[index];
    let text = lexed.text(index);
    let object = &lexed.document.object;
    let mut out = Vec::new();
    let longest = truth.name.len().max(truth.reversed.len());
    if longest == 0 {
        return out;
    }
    for start in 0..line.tokens.len() {
        if matches!(line.tokens[start].0, Token::Mark(_)) {
            continue;
        }
        for end in start + 1..=line.tokens.len().min(start + 12) {
            let range = line.tokens[start].1.start..line.tokens[end - 1].1.end;
            let joined = squash(&text[range]);
            if joined.len() > longest {
                break;
            }
            let field = if joined == truth.name {
                Some((FieldName::CustomerName, false))
            } else if joined == truth.reversed {
                Some((FieldName::CustomerName, true))
            } else {
                None
            };
            let Some((field, reversed)) = field else { continue };
            let (left, _) = around(line, start, lexed.above(index));
            let left: Vec<Piece> = left
                .iter()
                .map(|piece| masked(piece, object, study.vocabulary))
                .collect();
            let right = line.tokens.get(end).map_or(Piece::End, |(token, _)| {
                masked(&Piece::Is(token.clone()), object, study.vocabulary)
            });
            // A word that is anybody's cannot end a name.
            if right == Piece::Any || matches!(left.last(), Some(Piece::Any)) {
                continue;
            }
            let left = left[left.len().saturating_sub(2)..].to_vec();
            out.push((
                Anchor {
                    left,
                    right: Some(right),
                },
                field,
                reversed,
            ));
        }
    }
    out
}

/// Tries every candidate on all records of known bookings.
fn verify(study: &Study<'_>, candidates: Vec<Rule>) -> Vec<Rule> {
    let mut kept = Vec::new();
    // The last record of each booking tells; earlier ones may hold what was corrected since.
    let mut documents: Vec<(&Lexed<'_>, &Truth<'_>)> = pairs(study).collect();
    documents.sort_by_key(|(lexed, _)| std::cmp::Reverse(lexed.document.said_at));
    for candidate in candidates {
        let (mut seen, mut agree) = (0, 0);
        let mut samples: Vec<String> = Vec::new();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (lexed, truth) in &documents {
            if lexed.document.object != candidate.object || told.contains(truth.booking.key.as_str()) {
                continue;
            }
            let Some(text) = lexed.words(&candidate) else {
                continue;
            };
            told.insert(&truth.booking.key);
            seen += 1;
            let squashed = squash(&text);
            let right = if candidate.reading.reversed {
                &truth.reversed
            } else {
                &truth.name
            };
            if squashed == *right {
                agree += 1;
            }
            if samples.len() < 3 {
                samples.push(text);
            }
        }
        if passes(candidate.field, seen, agree) {
            kept.push(Rule {
                support: seen,
                agree,
                samples,
                ..candidate
            });
        }
    }
    kept.sort();
    kept
}

impl Lexed<'_> {
    /// What stands between a rule's anchors, in the first line that has them.
    fn words(&self, rule: &Rule) -> Option<String> {
        (0..self.lines.len())
            .filter(|index| self.place(*index) == rule.place)
            .find_map(|index| {
                let (_, line) = &self.lines[index];
                crate::mapping::words(line, self.above(index), rule, self.text(index))
                    .map(|range| self.text(index)[range].to_owned())
            })
    }
}
