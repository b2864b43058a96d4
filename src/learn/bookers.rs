//! Slots that name whoever booked: a parent, where the booking is for a child.
//!
//! A rule of the customer's name gives way to the others (`behind`) where the overlap shows that it names somebody else
//! beside them: it was wrong for several people, and wherever another rule read another name in the same record, that
//! one was right.

use super::names::pairs;
use super::slots::Study;
use super::{Lexed, Truth};
use crate::mapping::{Line, Rule, SlotType, squash};
use crate::model::FieldName;
use std::collections::BTreeSet;

/// So many people must have been named by another name beside it.
const PEOPLE: usize = 3;
/// Of so many records in which the two read different names, one may speak against it.
const SPOKEN: usize = 20;

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
        .filter(|at| {
            let mut others = names.iter().filter(|other| **other != *at);
            others.any(|other| rules[*other].is_sure() && is_behind(study, &rules[*at], &rules[*other]))
        })
        .collect();
    for at in behind {
        rules[at].behind = true;
    }
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
    let silent = |line: &Line| rule.unless.iter().any(|cue| cue.stands_in(line));
    if !rule.unless.is_empty() && lexed.lines.iter().any(|(_, line)| silent(line)) {
        return None;
    }
    let mut values = lexed.words(rule);
    values.retain(|value| !rule.except.contains(&squash(value)));
    let one = values.first()?;
    let is_one = values.iter().all(|value| squash(value) == squash(one));
    is_one.then(|| one.clone())
}

fn is_right(rule: &Rule, value: &str, truth: &Truth<'_>) -> bool {
    let name = if rule.reading.reversed {
        &truth.reversed
    } else {
        &truth.name
    };
    squash(value) == *name
}
