//! What a price is that a message states of all the bookings that it lists: each one's, or what they cost together.

use super::{Lexed, Truth};
use crate::mapping::{Lists, Reader};
use crate::model::{Claim, Money, RecordId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A price that a record states of all: what it is, by which rules (it may stand in the text and in the HTML), how many
/// bookings the record lists, and what those of the backup cost.
#[derive(Default)]
struct Stated {
    prices: BTreeMap<Money, BTreeSet<usize>>,
    of: u32,
    cost: Vec<Option<Money>>,
}

/// Compares the prices that stand before or behind lists with what the backup says of the bookings listed: of all such prices,
/// and of those that each rule reads.
pub fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    reader: &Reader<'_>,
) -> (Lists, BTreeMap<usize, Lists>) {
    let mut records: BTreeMap<&RecordId, Stated> = BTreeMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        let (Some(listed), Some(truth)) = (lexed.document.listed(), truth) else {
            continue;
        };
        let claims = reader.read_lines(lexed.document, &lexed.lines, lexed.defining.as_ref());
        let stated = records.entry(&lexed.document.record).or_default();
        for (rule, price) in claims.of_all.iter().filter_map(price) {
            stated.prices.entry(price).or_default().insert(rule);
        }
        stated.of = listed.of;
        stated.cost.push(truth.total());
    }
    let mut lists = Lists::default();
    let mut rules: BTreeMap<usize, Lists> = BTreeMap::new();
    for stated in records.into_values() {
        let mut prices = stated.prices.iter();
        let (Some((price, by)), None) = (prices.next(), prices.next()) else {
            continue;
        };
        // A list of which some could not be tied says nothing of their sum.
        let (Some(first), true) = (stated.cost[0], stated.cost.len() == stated.of as usize) else {
            continue;
        };
        // Of one booking both are the same.
        if stated.of < 2 {
            continue;
        }
        let same = stated.cost.iter().all(|cost| *cost == Some(first));
        // One of them may have been changed since, with its price.
        let told = stated.cost.iter().filter(|cost| **cost == Some(*price)).count();
        let sum = Money::new(first.minor * i64::from(stated.of), first.currency);
        let seen = Lists {
            support: 1,
            each: u32::from(told * 2 >= stated.cost.len()),
            alike: u32::from(same && *price == sum),
        };
        lists += seen;
        for rule in by {
            *rules.entry(*rule).or_default() += seen;
        }
    }
    (lists, rules)
}

fn price(claim: &Claim) -> Option<(usize, Money)> {
    match claim.value {
        Value::Money(money) => Some((claim.rule_index()?, money)),
        _ => None,
    }
}
