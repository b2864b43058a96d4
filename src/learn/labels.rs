//! What else resources are called: a calendar's id, a translated name, a nickname, a colour.
//!
//! The backup knows one name of a resource; records may have another, and the calendar in which an entry stands may
//! be all that tells. What stands at a place, or between two anchors, is taken for a resource's label where each
//! value goes with one key in nearly all bookings of the overlap, and different values with different keys. What is
//! learned is a table: a value that is not in it says nothing.

use super::slots::{Study, masked};
use crate::mapping::{Anchor, Line, Piece, Reading, Rule, SlotType, Token, around, squash};
use crate::model::{FieldName, Standing};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// A value must have been seen with so many people to be known, and all of them together in so many records.
const ONE: usize = 3;
const ALL: u32 = 12;
/// How many in a hundred must go with the key of their value: bookings change their resource now and then.
const PERCENT: u32 = 95;
const PERCENT_OF_ONE: u32 = 85;
/// Labels are few words.
const LENGTH: usize = 8;
/// Wordier lines are prose of which no part is worth the search.
const LINE: usize = 40;
/// Records of a source that are enough to learn from.
const RECORDS: usize = 3000;

/// Where a label may stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Spot<'a> {
    object: &'a str,
    place: &'a str,
    left: Vec<Piece>,
    right: Piece,
}

/// Value to key to how often, and in whose bookings: a regular's name goes with what they always book.
type Table<'a> = BTreeMap<String, BTreeMap<&'a str, Count<'a>>>;

#[derive(Debug, Default)]
struct Count<'a> {
    records: u32,
    people: BTreeSet<&'a str>,
}

/// Learns which words, at which places, name which resource.
pub fn learn(study: &Study<'_>) -> Vec<Rule> {
    let mut spots: HashMap<Spot<'_>, Table<'_>> = HashMap::new();
    let told: Vec<_> = study
        .documents
        .iter()
        .zip(study.links)
        .filter(|(lexed, _)| lexed.document.standing == Standing::Business)
        .filter_map(|(lexed, truth)| {
            let row = truth.as_ref()?.booking;
            let who = row.customer.as_deref().unwrap_or(&row.key);
            Some((lexed, row.resource.as_deref()?, who))
        })
        .collect();
    let keys: BTreeSet<&str> = told.iter().map(|(_, key, _)| *key).collect();
    if keys.len() < 2 {
        return Vec::new();
    }
    let known = nicknames(study);
    for (lexed, key, who) in told.iter().step_by(told.len().div_ceil(RECORDS)) {
        let mut here: HashMap<Spot<'_>, String> = HashMap::new();
        for (index, (_, line)) in lexed.lines.iter().enumerate() {
            if line.tokens.len() > LINE {
                continue;
            }
            for (left, right, value) in values(
                study,
                &known,
                &lexed.document.object,
                line,
                lexed.above(index),
                lexed.text(index),
            ) {
                let spot = Spot {
                    object: &lexed.document.object,
                    place: lexed.place(index),
                    left,
                    right,
                };
                here.entry(spot).or_insert(value);
            }
        }
        for (spot, value) in here {
            let table = spots.entry(spot).or_default();
            let count = table.entry(value).or_default().entry(key).or_default();
            count.records += 1;
            count.people.insert(who);
        }
    }
    let mut spots: Vec<(Spot<'_>, Table<'_>)> = spots.into_iter().collect();
    spots.sort_by(|a, b| a.0.cmp(&b.0));
    let mut rules: Vec<Rule> = spots
        .into_iter()
        .filter_map(|(spot, table)| rule(spot, &table, keys.len()))
        // Where all values are nicknames, the slot is one of resources.
        .filter(|rule| !rule.values.keys().all(|value| known.contains(value)))
        .collect();
    // The spot that holds most, and of those that hold the same the one with the fewest words around it.
    rules.sort_by_key(|rule| (std::cmp::Reverse(rule.support), rule.anchor.left.len()));
    let mut kept: Vec<Rule> = Vec::new();
    for rule in rules {
        let covers = |other: &Rule| {
            (&other.object, &other.place) == (&rule.object, &rule.place)
                && rule
                    .values
                    .iter()
                    .all(|(value, key)| other.values.get(value) == Some(key))
        };
        if !kept.iter().any(covers) {
            kept.push(rule);
        }
    }
    kept.sort();
    kept
}

/// What resources are called in the records of the source, folded.
fn nicknames(study: &Study<'_>) -> BTreeSet<String> {
    let source = study
        .documents
        .first()
        .map(|lexed| lexed.document.record.source());
    let list = source.map_or(&[][..], |source| study.gazetteer.nicknames(source));
    list.iter().map(|nickname| squash(&nickname.text)).collect()
}

/// Everything in a line that may be a label, with what stands around it.
fn values(
    study: &Study<'_>,
    known: &BTreeSet<String>,
    object: &str,
    line: &Line,
    above: Option<&Line>,
    text: &str,
) -> Vec<(Vec<Piece>, Piece, String)> {
    let mut out = Vec::new();
    for start in 0..line.tokens.len() {
        if matches!(line.tokens[start].0, Token::Mark(_)) {
            continue;
        }
        let (left, _) = around(line, start, above);
        let left: Vec<Piece> = left
            .iter()
            .map(|piece| masked(piece, object, study.vocabulary))
            .collect();
        if matches!(left.last(), None | Some(Piece::Any)) {
            continue;
        }
        let left = left[left.len().saturating_sub(2)..].to_vec();
        let rest = &line.tokens[start..];
        let stop = rest
            .iter()
            .position(|(token, _)| matches!(token, Token::Mark(mark) if !matches!(mark, '-' | '.' | '\'' | '&' | '#' | '@')));
        let mut put = |length: usize, right: Piece| {
            let tokens = &rest[..length];
            if length == 0 || length > LENGTH || !may_name(tokens, text, object, known) {
                return;
            }
            let value = squash(&text[tokens[0].1.start..tokens[length - 1].1.end]);
            if !value.is_empty() {
                out.push((left.clone(), right, value));
            }
        };
        put(rest.len(), Piece::End);
        if let Some(stop) = stop {
            put(stop, Piece::Is(rest[stop].0.clone()));
        }
    }
    out
}

/// Names in the backup are found as they are; times and prices name nothing, and in a text no bare number does. A nickname
/// is known wherever it stands too, but others of its table may be too rare for that.
fn may_name(tokens: &[(Token, Range<usize>)], text: &str, object: &str, known: &BTreeSet<String>) -> bool {
    let mut words = object != "message";
    for (token, range) in tokens {
        match token {
            Token::Word(_) => words = true,
            Token::Span(SlotType::Resource) if known.contains(&squash(&text[range.clone()])) => words = true,
            Token::Span(SlotType::Resource | SlotType::Moment | SlotType::Amount | SlotType::Phone) => {
                return false;
            }
            _ => {}
        }
    }
    words
}

fn rule(spot: Spot<'_>, table: &Table<'_>, resources: usize) -> Option<Rule> {
    let counts = table.values().flat_map(BTreeMap::values);
    let total: u32 = counts.map(|count| count.records).sum();
    let (mut seen, mut agree) = (0, 0);
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut by_key: BTreeMap<&str, u32> = BTreeMap::new();
    for (value, keys) in table {
        let all: u32 = keys.values().map(|count| count.records).sum();
        let people: BTreeSet<&str> = keys
            .values()
            .flat_map(|count| count.people.iter().copied())
            .collect();
        if people.len() < ONE {
            continue;
        }
        let keys = keys.iter().map(|(key, count)| (*key, count.records));
        let keys: BTreeMap<&str, u32> = keys.collect();
        let (key, most) = keys
            .iter()
            .max_by_key(|(key, count)| (**count, std::cmp::Reverse(**key)))?;
        seen += all;
        agree += most;
        for (key, count) in &keys {
            *by_key.entry(key).or_default() += count;
        }
        if most * 100 >= all * PERCENT_OF_ONE {
            values.insert(value.clone(), (*key).to_owned());
        }
    }
    let distinct: BTreeSet<&String> = values.values().collect();
    let commonest = by_key.values().max().copied().unwrap_or_default();
    let sure = seen >= ALL
        && agree * 100 >= seen * PERCENT
        // Most of what stands there is known: where every record has another value, a person's name stands there.
        && seen * 10 >= total * 6
        && distinct.len() >= 2
        && values.len() <= resources * 3
        // Whoever always says the commonest is not to be nearly as good.
        && (seen - agree) * 3 <= seen - commonest;
    sure.then(|| Rule {
        except: BTreeSet::new(),
        unless: BTreeSet::new(),
        behind: false,
        object: spot.object.to_owned(),
        place: spot.place.to_owned(),
        template: None,
        slot: SlotType::Words,
        anchor: Anchor {
            left: spot.left,
            right: Some(spot.right),
        },
        field: FieldName::ResourceKey,
        reading: Reading::default(),
        support: seen,
        agree,
        samples: values.keys().take(3).cloned().collect(),
        values,
    })
}
