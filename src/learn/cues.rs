//! Words by which the failures of a rule are told: where a parent books for a child, the message says so; a bill goes to
//! the firm's accountant.
//!
//! A rule that holds the customer's name or address in most records, and somebody else's in some, may have words in its
//! failures that stand in none of the others. They are taken for a sign only where chance would hardly put any words into
//! so many failures alone.

use super::names::{Found, latest, pairs};
use super::quick::Set;
use super::slots::Study;
use super::{Lexed, Truth};
use crate::mapping::{Pattern, Piece, Rule, Token, around, squash};
use crate::model::FieldName;
use std::collections::{BTreeMap, BTreeSet};

/// A sign is so many words at most, and stands in so many failures at least.
const LENGTH: usize = 3;
const FAILURES: usize = 3;
/// So many bits by which chance must be unlikelier than one such sign among all that were looked at.
const BITS: f64 = 2.0;

/// Gives each rule the words in whose presence it is silent, and counts its failures without them.
pub fn learn(study: &Study<'_>, rules: &mut [Rule]) {
    let latest = latest(study);
    // What gives way is told by what it gives way to.
    let is_doubted = |rule: &Rule| rule.agree < rule.support && !rule.behind;
    let doubted: Vec<Rule> = rules.iter().filter(|rule| is_doubted(rule)).cloned().collect();
    let found = Found::new(&latest, doubted.iter());
    for rule in rules.iter_mut().filter(|rule| is_doubted(rule)) {
        let mut right: BTreeSet<&str> = BTreeSet::new();
        let mut wrong: BTreeSet<&str> = BTreeSet::new();
        for (values, truth) in found.of(rule) {
            let mut values = values
                .iter()
                .filter(|value| !rule.except.contains(&squash(value)));
            let Some(value) = values.next() else { continue };
            let holds = is_right(rule, value, truth);
            let of = if holds { &mut right } else { &mut wrong };
            of.insert(&truth.booking.key);
        }
        // A booking whose messages say both is told by neither.
        let wrong: BTreeSet<&str> = wrong.difference(&right).copied().collect();
        if wrong.len() < FAILURES {
            continue;
        }
        // What one message says of a booking says whose name it is in all of them.
        silence(study, rule, |_, truth| &truth.booking.key, &right, &wrong);
    }
}

/// The same of rules that hold addresses, message by message: the bill goes elsewhere than what was sent before.
pub fn of_addresses(study: &Study<'_>, rules: &mut [Rule]) {
    let holds_address =
        |rule: &&mut Rule| matches!(rule.field, FieldName::CustomerEmail | FieldName::CustomerPhone);
    for rule in rules.iter_mut().filter(holds_address) {
        if rule.support < rule.agree + FAILURES as u32 {
            continue;
        }
        let mut right: BTreeSet<&str> = BTreeSet::new();
        let mut wrong: BTreeSet<&str> = BTreeSet::new();
        for (lexed, truth) in pairs(study).filter(|(lexed, _)| lexed.document.object == rule.object) {
            let Some(value) = address(lexed, rule) else {
                continue;
            };
            let holds = truth.fields_of_text(value).contains(&rule.field);
            let of = if holds { &mut right } else { &mut wrong };
            of.insert(lexed.document.record.as_str());
        }
        if wrong.len() >= FAILURES {
            silence(
                study,
                rule,
                |lexed, _| lexed.document.record.as_str(),
                &right,
                &wrong,
            );
        }
    }
}

/// What a rule finds first in a record.
fn address<'a>(lexed: &'a Lexed<'_>, rule: &Rule) -> Option<&'a str> {
    let mut lines = lexed.lines.iter().enumerate();
    lines.find_map(|(index, (_, line))| {
        if lexed.place(index) != rule.place {
            return None;
        }
        let mut spans = line.spans.iter().map(|(at, _)| *at);
        spans.find_map(|at| {
            let (token, range) = &line.tokens[at];
            let (left, right) = around(line, at, lexed.above(index));
            let text = &lexed.text(index)[range.clone()];
            let fits = *token == Token::Span(rule.slot) && rule.anchor.fits(&left, &right);
            (fits && !rule.except.contains(&squash(text))).then_some(text)
        })
    })
}

/// Gives a rule the words of its failures, and counts no failure that they tell.
fn silence<'a>(
    study: &'a Study<'_>,
    rule: &mut Rule,
    key: impl Fn(&'a Lexed<'a>, &'a Truth<'a>) -> &'a str,
    right: &BTreeSet<&str>,
    wrong: &BTreeSet<&str>,
) {
    let cues = signs(study, &rule.object, key, right, wrong);
    let told: usize = cues.values().sum();
    rule.support -= u32::try_from(told).unwrap_or(0).min(rule.support - rule.agree);
    rule.unless = cues.into_keys().collect();
}

fn is_right(rule: &Rule, value: &str, truth: &Truth<'_>) -> bool {
    if rule.field == FieldName::CustomerCalled {
        return truth.words.part(value).is_some();
    }
    let name = if rule.reading.reversed {
        &truth.reversed
    } else {
        &truth.name
    };
    squash(value) == *name
}

/// The words that tell most failures, each with how many that no other tells. Failures are bookings or records, by their key.
fn signs<'a>(
    study: &'a Study<'_>,
    object: &str,
    key: impl Fn(&'a Lexed<'a>, &'a Truth<'a>) -> &'a str,
    right: &BTreeSet<&str>,
    wrong: &BTreeSet<&str>,
) -> BTreeMap<Pattern, usize> {
    let of = telling(study, object, key, right, wrong);
    cover(&of, |words| words.0.len())
}

/// Words that tell all that any tell, each with how many no other tells; of those that tell as many the first by `rank`.
pub(super) fn cover<R: Ord>(
    of: &BTreeMap<Pattern, BTreeSet<&str>>,
    rank: impl Fn(&Pattern) -> R,
) -> BTreeMap<Pattern, usize> {
    let mut cues = BTreeMap::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    loop {
        let fresh = |failures: &BTreeSet<&str>| failures.difference(&told).count();
        let best = of
            .iter()
            .map(|(words, failures)| (fresh(failures), failures.len(), rank(words), words))
            .max();
        match best {
            Some((fresh, _, _, words)) if fresh > 0 => {
                told.extend(of[words].iter().copied());
                cues.insert(words.clone(), fresh);
            }
            _ => return cues,
        }
    }
}

/// One to three words that stand in failures alone, and in so many that chance would hardly put any there; each with these
/// failures.
pub(super) fn telling<'a>(
    study: &'a Study<'_>,
    object: &str,
    key: impl Fn(&'a Lexed<'a>, &'a Truth<'a>) -> &'a str,
    right: &BTreeSet<&str>,
    wrong: &BTreeSet<&str>,
) -> BTreeMap<Pattern, BTreeSet<&'a str>> {
    let mut of: BTreeMap<Pattern, BTreeSet<&'a str>> = BTreeMap::new();
    let records = || {
        let of_object = pairs(study).filter(|(lexed, _)| lexed.document.object == object);
        of_object.map(|(lexed, truth)| (lexed, key(lexed, truth)))
    };
    for (lexed, key) in records().filter(|(_, key)| wrong.contains(key)) {
        for words in phrases(study, lexed, &|_| true) {
            of.entry(words).or_default().insert(key);
        }
    }
    of.retain(|_, failures| failures.len() >= FAILURES);
    let firsts = of.keys().filter_map(|words| match words.0.first() {
        Some(Piece::Is(token)) => Some(token.clone()),
        _ => None,
    });
    let firsts: Set<Token> = firsts.collect();
    let mut elsewhere: BTreeMap<Pattern, BTreeSet<&str>> = BTreeMap::new();
    for (lexed, key) in records().filter(|(_, key)| right.contains(key)) {
        for words in phrases(study, lexed, &|token| firsts.contains(token))
            .into_iter()
            .filter(|words| of.contains_key(words))
        {
            elsewhere.entry(words).or_default().insert(key);
        }
    }
    let outside = |words: &Pattern| elsewhere.get(words).map_or(0, BTreeSet::len);
    // What stands in most records cannot stand in failures alone by chance.
    let rare = of
        .iter()
        .filter(|(words, failures)| outside(words) <= failures.len());
    let tried = (rare.count().max(1) as f64).log2();
    let all = (right.len() + wrong.len()) as f64;
    let each = (all / wrong.len() as f64).log2();
    of.retain(|words, failures| outside(words) == 0 && each * failures.len() as f64 >= tried + BITS);
    of
}

/// One to three words side by side, none of them a person's, of which the first is one of those that are asked for.
fn phrases(study: &Study<'_>, lexed: &Lexed<'_>, may_begin: &dyn Fn(&Token) -> bool) -> BTreeSet<Pattern> {
    let mut out = BTreeSet::new();
    for (_, line) in &lexed.lines {
        for start in (0..line.tokens.len()).filter(|at| may_begin(&line.tokens[*at].0)) {
            let mut pieces = Vec::new();
            for (token, _) in line.tokens[start..].iter().take(LENGTH) {
                let Token::Word(word) = token else { break };
                if study.vocabulary.is_of_people(word) {
                    break;
                }
                pieces.push(Piece::Is(token.clone()));
                out.insert(Pattern(pieces.clone()));
            }
        }
    }
    out
}
