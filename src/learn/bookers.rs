//! Slots that name whoever booked: a parent, where the booking is for a child.
//!
//! A rule of the customer's name gives way to the others (`behind`) where the overlap shows that it names somebody else
//! beside them: it was wrong for several people, and wherever another rule read another name in the same record, that
//! one was right.
//!
//! Whom a message is sent to is often the customer, and seems so always once words of the other messages, and the names of
//! whoever they went to, excuse what was wrong (`unless`, `except`). The next secretary is in no list, and a reminder has
//! none of the words: such a rule is held against what it would read without its excuses.

use super::names::pairs;
use super::slots::Study;
use super::{Lexed, Truth};
use crate::mapping::{Line, Rule, SlotType, squash};
use crate::model::{Document, FieldName};
use std::collections::BTreeSet;

/// So many people must have been named by another name beside it.
const PEOPLE: usize = 3;
/// Of so many records in which the two read different names, one may speak against it.
const SPOKEN: usize = 20;

/// So seldom that it is not noticed people were named by a name that is only excused: once in so many records.
const NOTICED: usize = 50;

/// Two rules in the records in which they read different names.
#[derive(Default)]
struct Beside<'a> {
    /// People who were named by the other rule, and not by this one.
    people: BTreeSet<&'a str>,
    told: usize,
    against: usize,
}

/// Marks the rules that give way.
pub fn learn(study: &Study<'_>, rules: &mut [Rule]) {
    let names: Vec<usize> = (0..rules.len())
        .filter(|at| rules[*at].field == FieldName::CustomerName && rules[*at].slot == SlotType::Words)
        .collect();
    let behind: Vec<usize> = names
        .iter()
        .copied()
        .filter(|at| rules[*at].wrong() > 0)
        .filter(|at| gives_way(study, rules, &names, *at, &rules[*at]))
        .collect();
    let excused: Vec<usize> = names
        .iter()
        .copied()
        .filter(|at| rules[*at].place == Document::ADDRESSEE && !behind.contains(at))
        .filter(|at| {
            let bare = Rule {
                except: BTreeSet::new(),
                unless: BTreeSet::new(),
                ..rules[*at].clone()
            };
            let untold = untold(study, &rules[*at], &bare);
            let is_noticed = untold >= PEOPLE && untold * NOTICED >= rules[*at].support as usize;
            is_noticed && gives_way(study, rules, &names, *at, &bare)
        })
        .collect();
    for at in behind.into_iter().chain(excused) {
        rules[at].behind = true;
    }
}

/// Whether a rule, the one of that place or as it would be without its excuses, gives way to one of the others.
fn gives_way(study: &Study<'_>, rules: &[Rule], names: &[usize], at: usize, rule: &Rule) -> bool {
    let mut others = names.iter().filter(|other| **other != at);
    others.any(|other| rules[*other].is_sure() && is_behind(study, rule, &rules[*other]))
}

/// How many people were named by somebody else's name in messages whose words do not tell that: one may be excused by
/// its name, or by what another message of the booking says.
fn untold(study: &Study<'_>, rule: &Rule, bare: &Rule) -> usize {
    let mut people: BTreeSet<&str> = BTreeSet::new();
    for (lexed, truth) in pairs(study).filter(|(lexed, _)| lexed.document.object == rule.object) {
        if is_silent(lexed, rule) {
            continue;
        }
        if name(lexed, bare).is_some_and(|name| !is_right(bare, &name, truth)) {
            people.insert(truth.name.as_str());
        }
    }
    people.len()
}

fn is_behind(study: &Study<'_>, rule: &Rule, other: &Rule) -> bool {
    if rule.object != other.object {
        return false;
    }
    let mut beside = Beside::default();
    for (lexed, truth) in pairs(study).filter(|(lexed, _)| lexed.document.object == rule.object) {
        let (Some(here), Some(there)) = (name(lexed, rule), name(lexed, other)) else {
            continue;
        };
        if squash(&here) == squash(&there) {
            continue;
        }
        beside.told += 1;
        if is_right(other, &there, truth) {
            beside.people.insert(truth.name.as_str());
        } else {
            beside.against += 1;
        }
    }
    beside.people.len() >= PEOPLE && beside.against * SPOKEN <= beside.told
}

/// The one name that a rule reads in a record.
fn name(lexed: &Lexed<'_>, rule: &Rule) -> Option<String> {
    if is_silent(lexed, rule) {
        return None;
    }
    let mut values = lexed.words(rule);
    values.retain(|value| !rule.except.contains(&squash(value)));
    let one = values.first()?;
    let is_one = values.iter().all(|value| squash(value) == squash(one));
    is_one.then(|| one.clone())
}

/// Whether a record has words by which a rule is silent.
fn is_silent(lexed: &Lexed<'_>, rule: &Rule) -> bool {
    let silent = |line: &Line| rule.unless.iter().any(|cue| cue.stands_in(line));
    !rule.unless.is_empty() && lexed.lines.iter().any(|(_, line)| silent(line))
}

fn is_right(rule: &Rule, value: &str, truth: &Truth<'_>) -> bool {
    let name = if rule.reading.reversed {
        &truth.reversed
    } else {
        &truth.name
    };
    squash(value) == *name
}
