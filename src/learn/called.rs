//! Where a part of the customer's name stands: titles that somebody typed as they liked, `Kowalski x4`, `Zsuzsi 15:00`.
//!
//! As with whole names, the part is looked for in the records of known bookings, and where it stands gives the words
//! around it. A slot holds one kind of part: the first word of a name, the last one, a nickname, initials. What holds
//! it as often for other customers is no name.

use super::names::{Found, latest, pairs, tail};
use super::slots::{Study, masked, passes};
use super::{Lexed, Truth};
use crate::mapping::{Anchor, Part, Piece, Reading, Rule, SlotType, Token, around, squash};
use crate::model::FieldName;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A part of a name is so many tokens at most, and so many letters at least.
const TOKENS: usize = 4;
const LETTERS: usize = 2;
/// Wordier lines are prose of which no part is worth the search.
const LINE: usize = 60;
/// A candidate is tried when it was found this often.
const FOUND: u32 = 4;
/// What begins as a name does may do so by chance.
const NICKNAMES: u32 = 10;
/// As many people whom no slot of their own calls by a word, and it is wording.
const STRANGERS: usize = 3;

/// Learns the rules of slots that hold a part of the customer's name.
pub fn learn(study: &Study<'_>) -> Vec<Rule> {
    let mut found: BTreeMap<Rule, u32> = BTreeMap::new();
    for (lexed, truth) in pairs(study) {
        if !matches!(lexed.document.object.as_str(), "event" | "message") {
            continue;
        }
        let mut here: BTreeSet<Rule> = BTreeSet::new();
        // Whom a mail is addressed to has their own name there, whole: a parent's shares its surname with the customer's.
        let lines = (0..lexed.lines.len()).filter(|index| lexed.place(*index) != "header:to.name");
        for index in lines {
            for (part, anchor) in places(study, lexed, index, truth) {
                let mut near = anchor.clone();
                near.left = tail(&anchor.left, 2);
                here.extend([near, anchor].map(|anchor| rule(lexed, index, anchor, part)));
            }
        }
        for rule in here {
            *found.entry(rule).or_default() += 1;
        }
    }
    let latest = latest(study);
    let others = others(study.truths);
    // The most general first: what an anchor reads that asks less need not be read again.
    let mut candidates: Vec<Rule> = found
        .into_iter()
        .filter(|(_, count)| *count >= FOUND)
        .map(|(rule, _)| rule)
        .collect();
    candidates.sort_by_key(|rule| {
        let nickname = matches!(rule.reading.part, Part::Beginning | Part::Initials);
        let shortened = rule.anchor.right == Some(Piece::Initial);
        (
            nickname,
            !shortened,
            rule.anchor.weight(),
            rule.anchor.right.is_some(),
        )
    });
    let found = Found::new(&latest, candidates.iter());
    let mut kept: Vec<Rule> = Vec::new();
    for candidate in &candidates {
        let covered = kept.iter().any(|rule| {
            (&rule.object, &rule.place) == (&candidate.object, &candidate.place)
                && candidate.anchor.left.ends_with(&rule.anchor.left)
                && (rule.anchor.right.is_none() || rule.anchor.right == candidate.anchor.right)
        });
        if !covered {
            kept.extend(verify(&found, &others, candidate.clone()));
        }
    }
    kept.sort();
    kept
}

fn rule(lexed: &Lexed<'_>, index: usize, anchor: Anchor, part: Part) -> Rule {
    Rule {
        object: lexed.document.object.clone(),
        place: lexed.place(index).to_owned(),
        template: None,
        slot: SlotType::Words,
        anchor,
        field: FieldName::CustomerCalled,
        reading: Reading {
            part,
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
    }
}

/// The anchors around a part of the customer's name in one line that does not hold all of it.
fn places(study: &Study<'_>, lexed: &Lexed<'_>, index: usize, truth: &Truth<'_>) -> Vec<(Part, Anchor)> {
    let (_, line) = &lexed.lines[index];
    let text = lexed.text(index);
    let name = truth.customer.and_then(|row| row.name.as_deref());
    let name = name.unwrap_or_default();
    let holds_all = || {
        let whole = squash(text);
        let mut names = [&truth.name, &truth.reversed].into_iter();
        name.trim().contains(char::is_whitespace) && names.any(|name| whole.contains(name.as_str()))
    };
    // Hardly any line holds a part: only those are looked at for the whole name.
    let mut is_whole: Option<bool> = None;
    if name.is_empty() || line.tokens.len() > LINE {
        return Vec::new();
    }
    let object = &lexed.document.object;
    let mut out = Vec::new();
    for start in 0..line.tokens.len() {
        for end in start + 1..=line.tokens.len().min(start + TOKENS) {
            if !matches!(line.tokens[end - 1].0, Token::Word(_)) {
                break;
            }
            let said = &text[line.tokens[start].1.start..line.tokens[end - 1].1.end];
            let ideograph = said.chars().any(crate::mapping::ideograph);
            if said.chars().count() < LETTERS && !ideograph {
                continue;
            }
            let Some(part) = truth.words.part(said) else {
                continue;
            };
            if *is_whole.get_or_insert_with(holds_all) {
                return Vec::new();
            }
            // An initial is what the name ends before.
            if end > start + 1 && crate::mapping::abbreviated(said).is_some() {
                continue;
            }
            if end > start + 1 && !matches!(part, Part::FirstWord | Part::LastWord) {
                continue;
            }
            let (left, _) = around(line, start, lexed.above(index));
            let left: Vec<Piece> = left
                .iter()
                .map(|piece| masked(piece, object, study.vocabulary))
                .collect();
            if matches!(left.last(), Some(Piece::Any)) {
                continue;
            }
            let is_word = matches!(part, Part::FirstWord | Part::LastWord);
            let shortened = crate::mapping::initial(line, end)
                .filter(|_| is_word)
                .and_then(|count| {
                    let whole = &text[line.tokens[start].1.start..line.tokens[end + count - 1].1.end];
                    truth.words.part(whole)
                });
            let right = line.tokens.get(end).map_or(Piece::End, |(token, _)| {
                masked(&Piece::Is(token.clone()), object, study.vocabulary)
            });
            let right = if shortened.is_some() {
                Piece::Initial
            } else {
                right
            };
            let mut put = |right| {
                let left = left.clone();
                out.push((part, Anchor { left, right }));
            };
            if right != Piece::Any {
                put(Some(right));
            }
            if end == start + 1 && !ideograph {
                put(None);
            }
        }
    }
    out
}

/// Tries a candidate on all records of known bookings, and on those of other people.
fn verify(documents: &Found<'_>, others: &HashMap<&str, &Truth<'_>>, candidate: Rule) -> Option<Rule> {
    // One regular's bookings, each with the same word, are one piece of evidence.
    let mut of: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut told: Vec<(String, &Truth<'_>)> = Vec::new();
    for (values, truth) in documents.of(&candidate) {
        for value in values {
            if of.insert((&truth.name, squash(&value))) {
                told.push((value, truth));
            }
        }
    }
    let wanted = candidate.reading.part;
    // Some titles hold the whole name where others hold a part of it.
    let is_all = |said: &str, truth: &Truth<'_>| [&truth.name, &truth.reversed].contains(&&squash(said));
    let has_one = |truth: &Truth<'_>| {
        let name = truth.customer.and_then(|row| row.name.as_deref());
        !name.is_some_and(|name| name.contains(' '))
    };
    let is = |said: &str, truth: &Truth<'_>| match truth.words.part(said) {
        None => is_all(said, truth),
        // Who has one name is called by it, whichever word of others stands there.
        Some(Part::LastWord) if has_one(truth) => {
            matches!(wanted, Part::FirstWord | Part::LastWord)
        }
        Some(Part::FirstWord | Part::LastWord) if wanted == Part::Beginning => true,
        part => part == Some(wanted),
    };
    let except = wording(&told);
    let (mut seen, mut agree, mut chance) = (0, 0, 0);
    let mut samples: Vec<String> = Vec::new();
    for (said, truth) in told.iter().filter(|(said, _)| !except.contains(&squash(said))) {
        seen += 1;
        agree += u32::from(is(said, truth));
        let other = others.get(truth.booking.key.as_str());
        chance += u32::from(other.is_some_and(|other| is(said, other)));
        if samples.len() < 3 && !samples.contains(said) {
            samples.push(said.clone());
        }
    }
    let nickname = matches!(wanted, Part::Beginning | Part::Initials);
    let enough = passes(candidate.field, seen, agree) && (!nickname || agree >= NICKNAMES);
    (enough && chance * 3 <= agree).then_some(Rule {
        support: seen,
        agree,
        samples,
        except,
        ..candidate
    })
}

/// Another booking for each, drawn blindly.
fn others<'t>(truths: &'t [Truth<'t>]) -> HashMap<&'t str, &'t Truth<'t>> {
    let other = |at: usize| &truths[(at + truths.len() / 2 + 1) % truths.len()];
    let all = truths.iter().enumerate();
    all.map(|(at, truth)| (truth.booking.key.as_str(), other(at)))
        .collect()
}

/// Words that stand in the slot with many people's bookings, and are no part of any of their names.
fn wording(told: &[(String, &Truth<'_>)]) -> BTreeSet<String> {
    let mut of: BTreeMap<String, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for (said, truth) in told {
        let (people, named) = of.entry(squash(said)).or_default();
        people.insert(&truth.name);
        *named |= truth.words.part(said).is_some() || squash(said) == truth.name;
    }
    of.into_iter()
        .filter(|(_, (people, named))| !named && people.len() >= STRANGERS)
        .map(|(said, _)| said)
        .collect()
}
