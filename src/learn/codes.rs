//! Resources by their codes: where a slot holds the code that the backup has of what was booked, it names that.
//!
//! A code of a digit or two (a room's number) is no name that is known wherever it stands. But where it was seen to be one,
//! so are the codes that stood there too seldom to be learned one by one, or never yet.

use crate::mapping::{Rule, squash};
use crate::model::{BaselineResource, FieldName};
use std::collections::BTreeMap;

/// So many different codes show that it is not one thing's that stands beside the words.
const DIFFERENT: usize = 3;
/// In so many records at least; how many in a hundred must hold the code of what was booked.
const ENOUGH: u32 = 6;
const PERCENT: u32 = 95;

/// Makes rules that read codes name the resources that have them; a code that several have stays one. Out of the tables that
/// were learned value by value goes what says no more.
pub fn learn(rules: &mut Vec<Rule>, labelled: &mut Vec<Rule>, resources: &[BaselineResource]) {
    let values = table(resources);
    if values.len() < DIFFERENT {
        return;
    }
    let is_proven = |rule: &&Rule| {
        rule.field == FieldName::ResourceCode
            // In a text a bare number may count the things: `Room 1: …, Room 2: …`.
            && rule.object != "message"
            && rule.support >= ENOUGH
            && rule.agree * 100 >= rule.support * PERCENT
            && rule.samples.len() >= DIFFERENT
    };
    let proven: Vec<Rule> = (rules.iter().filter(is_proven))
        .map(|rule| Rule {
            field: FieldName::ResourceKey,
            values: values.clone(),
            ..rule.clone()
        })
        .collect();
    labelled.retain(|label| {
        let holds_more = |rule: &Rule| {
            let mut said = label.values.iter();
            !said.all(|(said, key)| rule.values.get(said) == Some(key))
        };
        let mut same = proven.iter().filter(|rule| is_same_slot(rule, label));
        same.all(holds_more)
    });
    // Of two rules that fit one value the first is taken.
    rules.splice(0..0, proven);
}

fn is_same_slot(a: &Rule, b: &Rule) -> bool {
    (&a.object, &a.place, &a.template, a.slot, &a.anchor)
        == (&b.object, &b.place, &b.template, b.slot, &b.anchor)
}

/// The resources' keys by their codes, of those that one alone has.
fn table(resources: &[BaselineResource]) -> BTreeMap<String, String> {
    let mut keys: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for row in resources {
        if let Some(code) = row.code.as_deref().map(squash).filter(|code| !code.is_empty()) {
            keys.entry(code).or_default().push(&row.key);
        }
    }
    let own = keys.into_iter().filter_map(|(code, keys)| match keys.as_slice() {
        [key] => Some((code, (*key).to_owned())),
        _ => None,
    });
    own.collect()
}
