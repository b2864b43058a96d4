//! Which amount is the price: the one that the payments come to, and never less than they do.

use super::facts::{Slot, Stated, Unit};
use super::groups::Group;
use crate::model::{FieldName, Money};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer agreements than this show nothing.
const SUPPORT: usize = 8;

/// The slots that state the price.
#[derive(Debug, Default)]
pub(super) struct Prices {
    slots: BTreeSet<Slot>,
    published: bool,
}

#[derive(Default)]
struct Tally {
    seen: usize,
    /// The payments came to it, to the cent.
    whole: usize,
    /// They came to more: it is no price.
    less: usize,
    /// Another amount of the message is larger: it is a part.
    part: usize,
    /// Another booking's payments came to it.
    chance: usize,
}

/// What was paid and not given back; None where nothing was, or in two currencies.
fn paid(group: &Group, units: &[Unit]) -> Option<Money> {
    let charges = group.payments.iter().flat_map(|at| &units[*at].charges);
    let mut sum: Option<Money> = None;
    for (_, amount, back) in charges {
        let kept = amount.minor - back;
        sum = match sum {
            None => Some(Money::new(kept, amount.currency)),
            Some(sum) if sum.currency == amount.currency => Some(Money::new(sum.minor + kept, sum.currency)),
            Some(_) => return None,
        };
    }
    sum.filter(|sum| sum.minor > 0)
}

pub(super) fn learn(groups: &[Group], units: &[Unit]) -> Prices {
    let sums: Vec<Option<Money>> = groups.iter().map(|group| paid(group, units)).collect();
    let known: Vec<Money> = sums.iter().flatten().copied().collect();
    let mut tallies: BTreeMap<&Slot, Tally> = BTreeMap::new();
    let mut number = 0;
    for (group, sum) in groups.iter().zip(&sums) {
        let (Some(sum), Some(last)) = (sum, group.messages.last()) else {
            continue;
        };
        number += 1;
        let decoy = known[(number + known.len() / 2) % known.len()];
        let mut here: BTreeSet<&Slot> = BTreeSet::new();
        for (slot, ways) in &units[*last].amounts {
            if !here.insert(slot) {
                continue;
            }
            let tally = tallies.entry(slot).or_default();
            tally.seen += 1;
            tally.whole += usize::from(ways.contains(sum));
            tally.less += usize::from(
                ways.iter()
                    .all(|way| way.currency != sum.currency || way.minor < sum.minor),
            );
            let least = |ways: &BTreeSet<Money>| ways.iter().map(|way| way.minor).min();
            let larger = units[*last]
                .amounts
                .iter()
                .any(|(_, other)| least(other) > ways.iter().map(|way| way.minor).max());
            tally.part += usize::from(larger);
            tally.chance += usize::from(ways.contains(&decoy));
        }
    }
    let is_price = |tally: &Tally| {
        tally.whole >= SUPPORT
            && tally.whole * 10 >= tally.seen * 3
            && tally.less * 100 <= tally.seen * 6
            && tally.part * 10 <= tally.seen
            && tally.chance * 2 <= tally.whole
    };
    let stated = |unit: &Unit| matches!(unit.stated.get(&FieldName::Total), Some(Stated::Money(_)));
    Prices {
        slots: tallies
            .into_iter()
            .filter(|(_, tally)| is_price(tally))
            .map(|(slot, _)| slot.clone())
            .collect(),
        published: units.iter().filter(|unit| stated(unit)).count() >= SUPPORT,
    }
}

impl Prices {
    pub fn known(&self) -> bool {
        self.published || !self.slots.is_empty()
    }

    /// The price that the last message to state one states, where it can be read in one way.
    pub fn of(&self, group: &Group, units: &[Unit]) -> Option<Money> {
        let paid = paid(group, units);
        group.messages.iter().rev().find_map(|at| {
            let unit = &units[*at];
            if let Some(Stated::Money(money)) = unit.stated.get(&FieldName::Total) {
                return Some(*money);
            }
            let here = unit.amounts.iter().filter(|(slot, _)| self.slots.contains(slot));
            let mut all: Option<BTreeSet<Money>> = None;
            for (_, ways) in here {
                all = Some(match all {
                    None => ways.clone(),
                    Some(all) => all.intersection(ways).copied().collect(),
                });
            }
            let all = all?;
            paid.filter(|paid| all.contains(paid))
                .or_else(|| (all.len() == 1).then(|| all.first().copied()).flatten())
        })
    }
}
