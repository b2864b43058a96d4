//! One slot that stands several times in one record with different values: a message of a change that shows what was and
//! what is, one block under the other.
//!
//! Which of them holds is learned. Where it was not, each may, and a person is asked.

use super::Claims;
use super::value::PartOf;
use super::{Part, Rule, SlotType, Twice};
use crate::model::{Claim, FieldName, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A part of a moment as it was read: its field, what it is of it, where it stands, and by which rule.
pub(super) type Read = (FieldName, PartOf, Part, String, usize);

/// Keeps of each rule's values the one that holds. Where nobody knows which, all stand, and the record has something
/// that cannot be read. `rules` are the mapping's, `forced` is the choice that is tried.
pub(super) fn settle(rules: &[Rule], forced: Option<Twice>, parts: &mut Vec<Read>, out: &mut Claims) {
    let mut doubled: BTreeSet<usize> = BTreeSet::new();
    let mut last: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, (_, part, _, _, rule)) in parts.iter().enumerate() {
        if let Some(before) = last.insert(*rule, at)
            && differ(&parts[before].1, part)
        {
            doubled.insert(*rule);
        }
    }
    let choice = |rule: usize| forced.or(rules[rule].reading.twice);
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut at = 0;
    parts.retain(|(_, _, _, place, rule)| {
        at += 1;
        if !doubled.contains(rule) {
            return true;
        }
        let is_first = seen.insert(*rule);
        match choice(*rule) {
            Some(Twice::First) => is_first,
            Some(Twice::Last) => last[rule] == at - 1,
            None => {
                if is_first {
                    out.doubled.push((SlotType::Moment, place.clone()));
                }
                true
            }
        }
    });
    settle_amounts(rules, &choice, out);
    out.twice = !doubled.is_empty() || out.twice;
}

/// The same of prices.
fn settle_amounts(rules: &[Rule], choice: &dyn Fn(usize) -> Option<Twice>, out: &mut Claims) {
    let number = |claim: &Claim| -> Option<usize> {
        let number = claim.rule.rsplit_once('#')?.1.parse::<usize>().ok()?;
        (claim.field == FieldName::Total && number <= rules.len()).then(|| number - 1)
    };
    let mut values: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for claim in &out.claims {
        if let Some(rule) = number(claim) {
            values.entry(rule).or_default().push(claim.value.clone());
        }
    }
    values.retain(|_, values| values.iter().any(|value| *value != values[0]));
    if values.is_empty() {
        return;
    }
    out.twice = true;
    let mut asked: Vec<(SlotType, String)> = Vec::new();
    out.claims.retain(|claim| {
        let Some((rule, all)) = number(claim).and_then(|rule| Some((rule, values.get(&rule)?))) else {
            return true;
        };
        match choice(rule) {
            Some(Twice::First) => Some(&claim.value) == all.first(),
            Some(Twice::Last) => Some(&claim.value) == all.last(),
            None => {
                asked.push((SlotType::Amount, claim.place.clone()));
                true
            }
        }
    });
    asked.truncate(1);
    out.doubled.extend(asked);
}

/// Whether two parts cannot both be of one moment.
fn differ(a: &PartOf, b: &PartOf) -> bool {
    fn other<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
        a.zip(b).is_some_and(|(a, b)| a != b)
    }
    other(a.exact.as_ref(), b.exact.as_ref())
        || other(a.date.as_ref(), b.date.as_ref())
        || other(a.time.as_ref(), b.time.as_ref())
}
