//! Which of several values of one slot holds: a message of a change may show what was and what is in the same words, one
//! block under the other.

use super::{Lexed, Truth};
use crate::mapping::{Gazetteer, Mapping, Reader, Twice};
use crate::model::{Business, Fate, FieldName, Standing, Value};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// So many messages with different values show which of them holds.
const ENOUGH: u32 = 3;

/// How often each choice was right, of how many.
#[derive(Default)]
struct Count {
    seen: u32,
    first: u32,
    last: u32,
}

/// Sets, for each rule that reads different values in one message, which of them is taken.
pub fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    mapping: &mut Mapping,
    gazetteer: &Gazetteer,
    (business, backup): (&Business, DateTime<Utc>),
) {
    let plain = Reader::new(mapping, gazetteer, business);
    let twice: Vec<(&Lexed<'_>, &Truth<'_>)> = documents
        .iter()
        .zip(links)
        .filter_map(|(lexed, truth)| Some((*lexed, (*truth)?)))
        .filter(|(lexed, _)| {
            lexed.document.object == "message" && lexed.document.standing == Standing::Business
        })
        .filter(|(lexed, _)| read(&plain, lexed).twice)
        .collect();
    if twice.is_empty() {
        return;
    }
    let [first, last] =
        [Twice::First, Twice::Last].map(|choice| Reader::new(mapping, gazetteer, business).taking(choice));
    let mut counts: BTreeMap<usize, Count> = BTreeMap::new();
    for (lexed, truth) in twice {
        let [first, last] = [&first, &last].map(|reader| {
            let claims = read(reader, lexed).claims.into_iter();
            let claims = claims.filter_map(|claim| Some((claim.rule_index()?, (claim.field, claim.value))));
            claims.collect::<BTreeMap<usize, (FieldName, Value)>>()
        });
        let is_over = Fate::of(truth.booking, backup, truth.zone()) == Fate::Over;
        for (rule, taken) in &first {
            // What it came to says nothing of what was estimated.
            if is_over && mapping.rules[*rule].until_over {
                continue;
            }
            let Some(other) = last.get(rule).filter(|other| *other != taken) else {
                continue;
            };
            let count = counts.entry(*rule).or_default();
            count.seen += 1;
            count.first += u32::from(is_true(taken, truth));
            count.last += u32::from(is_true(other, truth));
        }
    }
    for (rule, count) in counts {
        let holds = |right: u32, wrong: u32| right * 10 >= count.seen * 9 && wrong * 2 <= count.seen;
        let choice = if count.seen < ENOUGH {
            None
        } else if holds(count.first, count.last) {
            Some(Twice::First)
        } else if holds(count.last, count.first) {
            Some(Twice::Last)
        } else {
            None
        };
        mapping.rules[rule].reading.twice = choice;
    }
}

fn read(reader: &Reader<'_>, lexed: &Lexed<'_>) -> crate::mapping::Claims {
    reader.read_lines(lexed.document, &lexed.lines, lexed.defining.as_ref())
}

fn is_true((field, value): &(FieldName, Value), truth: &Truth<'_>) -> bool {
    match value {
        Value::When(when) => truth.when(*field).is_some_and(|of| {
            of == *when || of.date(truth.zone()) == when.date(truth.zone()) && when.instant().is_none()
        }),
        Value::Money(money) => truth.total() == Some(*money),
        _ => false,
    }
}
