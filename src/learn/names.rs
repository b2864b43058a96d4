//! Where names and other free text stand: between words that repeat.
//!
//! The customer's name is looked for in the text of each record of a known booking; where it stands
//! gives the words around it. Then every pair of anchors is tried on all records, and kept where what
//! stands between them is the customer often enough. Whole values (a header, a metadata entry) are
//! the same with nothing around them.

use super::cues::{cover, telling};
use super::kinds::Templates;
use super::quick::{Map, Set};
use super::slots::{Study, masked, passes};
use super::{Lexed, Truth};
use crate::mapping::{
    ABBREVIATED, Anchor, Line, NUMBERED, Part, Pattern, Piece, Reading, Rule, SlotType, Token, abbreviated,
    around, squash,
};
use crate::model::{FieldName, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// A candidate is tried when it was found this often.
const ENOUGH: u32 = 4;

/// Learns the rules of free-text slots.
pub fn learn<'a>(study: &'a Study<'a>, templates: &Templates) -> Vec<Rule> {
    let mut found: BTreeMap<(Rule, Rule), u32> = BTreeMap::new();
    for (lexed, truth) in pairs(study) {
        let mut here: BTreeSet<(Rule, Rule)> = BTreeSet::new();
        for index in 0..lexed.lines.len() {
            for (anchor, field, reversed) in places(study, lexed, index, truth) {
                let make = |anchor: Anchor| Rule {
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
                    except: BTreeSet::new(),
                    unless: BTreeSet::new(),
                    behind: false,
                    until_over: false,
                };
                let mut near = anchor.clone();
                near.left = tail(&anchor.left, 2);
                here.insert((make(near), make(anchor)));
            }
        }
        for rules in here {
            *found.entry(rules).or_default() += 1;
        }
    }
    let mut near: BTreeMap<Rule, (u32, BTreeMap<Rule, u32>)> = BTreeMap::new();
    for ((rule, far), count) in found {
        let (all, fars) = near.entry(rule).or_default();
        *all += count;
        *fars.entry(far).or_default() += count;
    }
    let of_kinds = by_kind(study, templates);
    let latest = latest(study);
    near.retain(|_, (count, _)| *count >= ENOUGH);
    let rules = || {
        near.iter()
            .flat_map(|(rule, (_, fars))| fars.keys().chain([rule]))
    };
    let found = Found::new(&latest, rules());
    let events = || rules().filter(|rule| rule.object == "event");
    let of_kinds: Vec<(&Pattern, Found<'_>)> = of_kinds
        .iter()
        .map(|(template, latest)| (*template, Found::new(latest, events())))
        .collect();
    let mut kept = Vec::new();
    let mut failed: Vec<&Rule> = Vec::new();
    for (rule, (_, fars)) in &near {
        let before = kept.len();
        let further = || {
            let fars = fars.iter();
            let fars = fars.filter(|(far, count)| **count >= ENOUGH && *far != rule);
            fars.filter_map(|(far, _)| verify(&found, far.clone()))
        };
        // Marks alone are before any row of a table, and every row that nobody has met yet would be a name.
        if rule.anchor.left.iter().all(is_mark) {
            kept.extend(further());
            if kept.len() > before {
                continue;
            }
        }
        if let Some(rule) = verify(&found, rule.clone()) {
            kept.push(rule);
            continue;
        }
        failed.push(rule);
        // Two words before it are too few where they stand before something else too.
        kept.extend(further());
        // One kind of title may hold the whole name where another has the surname alone.
        if kept.len() == before && rule.object == "event" {
            kept.extend(of_kinds.iter().filter_map(|(template, found)| {
                let template = Some((*template).clone());
                verify(
                    found,
                    Rule {
                        template,
                        ..rule.clone()
                    },
                )
            }));
        }
    }
    let named = named_by(&found, &kept);
    let of_messages = failed.into_iter().filter(|rule| rule.object == "message");
    let behind = of_messages.filter_map(|rule| {
        let named = named.get(rule.object.as_str())?;
        verify_behind(study, &found, rule.clone(), named)
    });
    let behind: Vec<Rule> = behind.collect();
    kept.extend(behind);
    kept.sort();
    kept
}

/// So many bookings must have the name that gives way for their own.
const OWN: u32 = 10;

/// The bookings whose customer a sure rule names somewhere, by object: a firm, where it has a line of its own.
fn named_by<'a>(found: &Found<'a>, rules: &[Rule]) -> BTreeMap<String, Set<&'a str>> {
    let mut named: BTreeMap<String, Set<&str>> = BTreeMap::new();
    let sure = |rule: &&Rule| rule.field == FieldName::CustomerName && rule.support >= OWN && rule.is_sure();
    for rule in rules.iter().filter(sure) {
        let of = named.entry(rule.object.clone()).or_default();
        for (values, truth) in found.of(rule) {
            if values.iter().any(|value| is_own(rule, value, truth)) {
                of.insert(&truth.booking.key);
            }
        }
    }
    named
}

/// Tries a candidate that is wrong too often on the bookings of which no sure rule names the customer: whoever orders is
/// the customer there, and elsewhere somebody of the firm that another line names. Such a rule gives way to the others. It
/// must never be wrong where no words tell that it is.
fn verify_behind<'a>(
    study: &'a Study<'a>,
    found: &Found<'a>,
    candidate: Rule,
    named: &Set<&str>,
) -> Option<Rule> {
    let elsewhere = found.of(&candidate).into_iter().filter(|(values, truth)| {
        let is_others = !values.iter().any(|value| is_own(&candidate, value, truth));
        is_others && named.contains(truth.booking.key.as_str())
    });
    let people: BTreeSet<&str> = elsewhere.map(|(_, truth)| truth.name.as_str()).collect();
    if people.len() < STRANGERS {
        return None;
    }
    let told: Vec<_> = told(found, &candidate)
        .into_iter()
        .filter(|(_, truth)| !named.contains(truth.booking.key.as_str()))
        .collect();
    let (right, wrong): (Vec<_>, Vec<_>) = told
        .iter()
        .partition(|(values, truth)| values.iter().all(|value| is_own(&candidate, value, truth)));
    let keys = |of: &[&(Vec<String>, &'a Truth<'a>)]| -> BTreeSet<&'a str> {
        of.iter().map(|(_, truth)| truth.booking.key.as_str()).collect()
    };
    let (right, failed) = (keys(&right), keys(&wrong));
    let people: BTreeMap<&str, &str> = wrong
        .iter()
        .map(|(_, truth)| (truth.booking.key.as_str(), truth.name.as_str()))
        .collect();
    // Words of one customer's letters alone tell of that customer.
    let mut signs = telling(
        study,
        &candidate.object,
        |_, truth| &truth.booking.key,
        &right,
        &failed,
    );
    signs.retain(|_, keys| {
        let names: BTreeSet<&str> = keys.iter().filter_map(|key| people.get(key).copied()).collect();
        names.len() >= STRANGERS
    });
    let excused: BTreeSet<&str> = signs.values().flatten().copied().collect();
    let unless: BTreeSet<Pattern> = cover(&signs, |words| words.0.len()).into_keys().collect();
    let told = told
        .into_iter()
        .filter(|(_, truth)| !excused.contains(truth.booking.key.as_str()))
        .collect();
    let rule = judge(told, candidate)?;
    (rule.agree >= OWN && rule.wrong() == 0).then_some(Rule {
        behind: true,
        unless,
        ..rule
    })
}

/// The same by the kind of entry.
fn by_kind<'a>(study: &'a Study<'_>, templates: &'a Templates) -> BTreeMap<&'a Pattern, Latest<'a>> {
    let mut of: BTreeMap<&Pattern, Latest<'a>> = BTreeMap::new();
    for (at, (lexed, link)) in study.documents.iter().zip(study.links).enumerate() {
        if let (Some(truth), Some(template), "event") =
            (link, templates.of(at), lexed.document.object.as_str())
        {
            let kind = of.entry(template).or_default();
            kind.entry("event").or_default().push((*lexed, *truth));
        }
    }
    for kind in of.values_mut().flat_map(BTreeMap::values_mut) {
        kind.sort_by_key(|(lexed, _)| std::cmp::Reverse(lexed.document.said_at));
    }
    of
}

fn is_mark(piece: &Piece) -> bool {
    matches!(piece, Piece::Is(Token::Mark(_)))
}

pub(super) fn tail(pieces: &[Piece], length: usize) -> Vec<Piece> {
    pieces[pieces.len().saturating_sub(length)..].to_vec()
}

pub(super) fn pairs<'a>(study: &'a Study<'_>) -> impl Iterator<Item = (&'a Lexed<'a>, &'a Truth<'a>)> {
    study
        .documents
        .iter()
        .zip(study.links)
        .filter(|(lexed, _)| lexed.document.standing == Standing::Business)
        .filter_map(|(lexed, truth)| truth.map(|truth| (*lexed, truth)))
}

/// From here on signs of two tokens may be folded into one: jamo into a syllable, kana and its voicing. Below, what
/// is folded together begins with its first word, folded.
const JOINING: char = '\u{1100}';

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
    let is_plain = text.chars().all(|char| char < JOINING);
    for start in 0..line.tokens.len() {
        let (token, range) = &line.tokens[start];
        let begins = |word: &str| truth.name.starts_with(word) || truth.reversed.starts_with(word);
        let may_begin = match token {
            Token::Mark(_) => false,
            Token::Word(word) => !is_plain || begins(word),
            Token::Span(_) => !is_plain || begins(&squash(&text[range.clone()])),
        };
        if !may_begin {
            continue;
        }
        for end in start + 1..=line.tokens.len().min(start + 12) {
            // What parts a name from the next thing is no part of it.
            if matches!(line.tokens[end - 1].0, Token::Mark(mark) if mark != '.') {
                continue;
            }
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

/// Records of known bookings by their object, the last first: the last record of each booking tells; earlier ones may hold
/// what was corrected since.
pub(super) type Latest<'a> = BTreeMap<&'a str, Vec<(&'a Lexed<'a>, &'a Truth<'a>)>>;

pub(super) fn latest<'a>(study: &'a Study<'_>) -> Latest<'a> {
    let mut latest: Latest<'a> = BTreeMap::new();
    for (lexed, truth) in pairs(study) {
        let of = latest.entry(lexed.document.object.as_str()).or_default();
        of.push((lexed, truth));
    }
    for of in latest.values_mut() {
        of.sort_by_key(|(lexed, _)| std::cmp::Reverse(lexed.document.said_at));
    }
    latest
}

/// Where rules may find something in such records: hundreds of them are tried, each of which reads a few lines.
pub(super) struct Found<'a> {
    documents: &'a Latest<'a>,
    /// The lines of an object's place, and those of them in which a token stands.
    lines: Map<Spot<'a>, Vec<Row<'a>>>,
}

type Spot<'a> = (&'a str, &'a str, Option<&'a Token>);

/// The place of a record among those of the object, and of a line in it; the line, the one above it, and its text.
type Row<'a> = ((usize, usize), &'a Line, Option<&'a Line>, &'a str);

impl<'a> Found<'a> {
    /// For rules of these places.
    pub fn new(documents: &'a Latest<'a>, rules: impl Iterator<Item = &'a Rule>) -> Self {
        let mut wanted: BTreeMap<&str, Map<&str, Set<Option<&Token>>>> = BTreeMap::new();
        for rule in rules {
            let (object, place, token) = spot(rule);
            let places = wanted.entry(object).or_default();
            places.entry(place).or_default().insert(token);
        }
        let mut lines: Map<Spot<'_>, Vec<Row<'_>>> = Map::default();
        for (object, places) in &wanted {
            for (record, (lexed, _)) in documents.get(object).into_iter().flatten().enumerate() {
                for (index, (_, line)) in lexed.lines.iter().enumerate() {
                    let Some((place, tokens)) = places.get_key_value(lexed.place(index)) else {
                        continue;
                    };
                    let at = (record, index);
                    let row: Row<'_> = (at, line, lexed.above(index), lexed.text(index));
                    let anywhere = tokens.get(&None).into_iter();
                    let behind = line
                        .tokens
                        .iter()
                        .filter_map(|(token, _)| tokens.get(&Some(token)));
                    for token in anywhere.chain(behind) {
                        let rows = lines.entry((object, place, *token)).or_default();
                        if rows.last().is_none_or(|(last, ..)| *last != at) {
                            rows.push(row);
                        }
                    }
                }
            }
        }
        Self { documents, lines }
    }

    /// The records in which a rule finds something, each with what it is, line by line.
    pub fn of(&self, rule: &Rule) -> Vec<(Vec<String>, &'a Truth<'a>)> {
        let mut told: Vec<(usize, Vec<String>)> = Vec::new();
        let rows = self.lines.get(&spot(rule)).into_iter().flatten();
        let Some(documents) = self.documents.get(rule.object.as_str()) else {
            return Vec::new();
        };
        for ((record, _), line, above, text) in rows {
            let Some(range) = crate::mapping::words(line, *above, rule, text) else {
                continue;
            };
            let value = text[range].to_owned();
            match told.last_mut().filter(|(last, _)| last == record) {
                Some((_, values)) => values.push(value),
                None => told.push((*record, vec![value])),
            }
        }
        told.into_iter()
            .map(|(record, values)| (values, documents[record].1))
            .collect()
    }
}

/// The place of a rule, and the token behind which it finds something; any, where it may stand at the start of a line.
fn spot(rule: &Rule) -> Spot<'_> {
    let token = match rule.anchor.left.last() {
        Some(Piece::Is(token)) => Some(token),
        _ => None,
    };
    (&rule.object, &rule.place, token)
}

/// Tries a candidate on all records of known bookings: what stands in its slot more than once must be one value.
fn verify(documents: &Found<'_>, candidate: Rule) -> Option<Rule> {
    judge(told(documents, &candidate), candidate)
}

/// What a candidate finds, booking by booking.
fn told<'a>(documents: &Found<'a>, candidate: &Rule) -> Vec<(Vec<String>, &'a Truth<'a>)> {
    let mut told: Vec<(Vec<String>, &Truth<'_>)> = Vec::new();
    let mut of: Set<&str> = Set::default();
    for (values, truth) in documents.of(candidate) {
        if of.insert(&truth.booking.key) {
            told.push((values, truth));
        }
    }
    told
}

fn is_own(rule: &Rule, value: &str, truth: &Truth<'_>) -> bool {
    let name = if rule.reading.reversed {
        &truth.reversed
    } else {
        &truth.name
    };
    squash(value) == *name
}

/// Whether a candidate is right in nearly all of the bookings of which it tells.
fn judge(told: Vec<(Vec<String>, &Truth<'_>)>, candidate: Rule) -> Option<Rule> {
    let mut except = wording(&told);
    let is_half = |value: &String, truth: &Truth<'_>| {
        let squashed = squash(value);
        abbreviated(value).is_some() && squashed != truth.name && squashed != truth.reversed
    };
    let halves = told
        .iter()
        .filter(|(values, truth)| values.iter().any(|value| is_half(value, truth)));
    let whole = told.iter().filter(|(values, truth)| {
        values
            .iter()
            .any(|value| abbreviated(value).is_some() && !is_half(value, truth))
    });
    // Surnames with an initial, which the backup writes out.
    let is_short = halves.count() > 0 && whole.count() == 0;
    if is_short {
        except.insert(ABBREVIATED.to_owned());
    }
    // A postal code and its town, where nobody's name has a digit.
    let is_a_name = |value: &String, truth: &Truth<'_>| {
        let squashed = squash(value);
        squashed == truth.name || squashed == truth.reversed
    };
    let numbered = || {
        let each = told
            .iter()
            .flat_map(|(values, truth)| values.iter().map(move |value| (value, *truth)));
        each.filter(|(value, _)| has_digit(value))
    };
    let is_plain = numbered().next().is_some() && !numbered().any(|(value, truth)| is_a_name(value, truth));
    if is_plain {
        except.insert(NUMBERED.to_owned());
    }
    let (mut seen, mut agree) = (0, 0);
    let mut samples: Vec<String> = Vec::new();
    for (mut values, truth) in told {
        values.retain(|value| {
            !(except.contains(&squash(value))
                || is_short && abbreviated(value).is_some()
                || is_plain && has_digit(value))
        });
        let Some(text) = values.first() else { continue };
        seen += 1;
        agree += u32::from(values.iter().all(|value| is_own(&candidate, value, truth)));
        if samples.len() < 3 {
            samples.push(text.clone());
        }
    }
    passes(candidate.field, seen, agree).then_some(Rule {
        support: seen,
        agree,
        samples,
        except,
        ..candidate
    })
}

fn has_digit(value: &str) -> bool {
    value.chars().any(char::is_numeric)
}

/// As many different people, none of whom is called so, and a word in a name's place is wording.
const STRANGERS: usize = 3;

/// Values that stand in the slot with many people's bookings, and are nobody's name: `Airport transfer -`.
fn wording(told: &[(Vec<String>, &Truth<'_>)]) -> BTreeSet<String> {
    let mut of: BTreeMap<String, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for (values, truth) in told {
        for value in values {
            let squashed = squash(value);
            let is_name = squashed == truth.name || squashed == truth.reversed;
            let (people, named) = of.entry(squashed).or_default();
            people.insert(&truth.name);
            *named |= is_name;
        }
    }
    of.into_iter()
        .filter(|(_, (people, named))| !named && people.len() >= STRANGERS)
        .map(|(value, _)| value)
        .collect()
}

impl Lexed<'_> {
    /// What stands between a rule's anchors, line by line.
    pub(super) fn words(&self, rule: &Rule) -> Vec<String> {
        (0..self.lines.len())
            .filter(|index| self.place(*index) == rule.place)
            .filter_map(|index| {
                let (_, line) = &self.lines[index];
                let text = self.text(index);
                let range = crate::mapping::words(line, self.above(index), rule, text)?;
                Some(text[range].to_owned())
            })
            .collect()
    }
}
