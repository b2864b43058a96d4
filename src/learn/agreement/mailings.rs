//! Mailings: a text that goes to many people at once tells of no booking.

use super::facts::Unit;
use super::reference::References;
use crate::mapping::Pattern;
use crate::model::SourceKind;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer people than this get the same words at once by chance.
const PEOPLE: usize = 4;
/// A mailing goes out within this.
const WITHIN: TimeDelta = TimeDelta::hours(1);
/// Of a kind of message, so many in a hundred go out in mailings, or it is none.
const PERCENT: usize = 80;

/// The messages of mailings, by index: of kinds that hold no number and nearly always go to several people at once with
/// the same times, amounts and codes.
pub(super) fn find(units: &[Unit], references: &References) -> Vec<usize> {
    let mut kinds: BTreeMap<&Pattern, Vec<usize>> = BTreeMap::new();
    for (at, unit) in units.iter().enumerate() {
        if let (true, Some(title)) = (unit.is(SourceKind::Mail), &unit.title) {
            kinds.entry(title).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    for mut kind in kinds.into_values() {
        if kind.iter().any(|at| !references.all_of(&units[*at]).is_empty()) {
            continue;
        }
        kind.sort_by_key(|at| (units[*at].said_at, *at));
        let said = |at: &usize| units[*at].said_at;
        let is_mailed = |at: &&usize| {
            let Some(here) = said(at) else { return false };
            let unit = &units[**at];
            // In the order of time; those without one come first.
            let from = kind.partition_point(|other| said(other).is_none_or(|there| there < here - WITHIN));
            let to = kind.partition_point(|other| said(other).is_none_or(|there| there <= here + WITHIN));
            let others = kind[from..to].iter().map(|other| &units[*other]);
            let people: BTreeSet<&String> = others
                .filter(|other| unit.dates == other.dates && unit.times == other.times && same(unit, other))
                .flat_map(|other| &other.emails)
                .collect();
            people.len() >= PEOPLE
        };
        let mailed: Vec<usize> = kind.iter().filter(is_mailed).copied().collect();
        if !mailed.is_empty() && mailed.len() * 100 >= kind.len() * PERCENT {
            found.extend(kind);
        }
    }
    found
}

fn same(a: &Unit, b: &Unit) -> bool {
    let codes =
        |unit: &'_ Unit| -> BTreeSet<String> { unit.codes.iter().map(|code| code.folded.clone()).collect() };
    let amounts = |unit: &'_ Unit| -> Vec<_> { unit.amounts.iter().map(|(_, ways)| ways.clone()).collect() };
    amounts(a) == amounts(b) && codes(a) == codes(b)
}
