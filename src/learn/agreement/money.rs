//! Which amount is the price: the one that the payments come to, and never less than they do.

use super::facts::{Slot, Stated, Unit};
use super::groups::Group;
use crate::model::{FieldName, Money};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer agreements than this show nothing.
const SUPPORT: usize = 8;

/// An amount beside the price is told to so many, of whom so many in a hundred paid different sums.
const BESIDE: (usize, usize) = (8, 40);

/// The slots that state the price.
#[derive(Debug, Default)]
pub(super) struct Prices {
    slots: BTreeSet<Slot>,
    published: bool,
    /// Of several ways to read an amount, the least or the most is the one that agrees with the payments: one mark parts
    /// thousands here, and another the decimals.
    reading: Option<Extreme>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extreme {
    Least,
    Most,
}

#[derive(Default)]
struct Tally {
    seen: usize,
    /// The payments came to it, to the cent.
    whole: usize,
    /// They came to less, and the message says what is left to pay.
    balanced: usize,
    /// Two other amounts of the message come to it: it is no part.
    sum: usize,
    /// They came to more: it is no price.
    less: usize,
    /// Another amount of the message is larger: it is a part.
    part: usize,
    /// Another booking's payments came to it.
    chance: usize,
    /// Of those where another booking's payments came to something else: this one's came to it, or the other's did.
    only_own: usize,
    only_others: usize,
    /// What share of it was paid, in thousandths, where that was not all.
    shares: BTreeMap<i64, usize>,
    /// What shares of it were paid where they came to all of it.
    parts: BTreeMap<i64, usize>,
}

/// What is paid ahead, by the thousandth of the price, and no round price is it by chance.
const USUAL_SHARES: std::ops::RangeInclusive<i64> = 50..=900;

impl Tally {
    /// Whether payments come to it for no other reason than that prices are few: it goes with the booking's own payments
    /// where another's are different.
    fn is_own(&self) -> bool {
        self.chance * 2 <= self.whole || self.only_own >= SUPPORT / 2 && self.only_own >= self.only_others * 4
    }

    fn is_price(&self) -> bool {
        self.whole >= SUPPORT
            && self.whole * 10 >= self.seen * 3
            && self.less * 100 <= self.seen * 6
            && (self.is_seldom_part() || self.sum * 10 >= self.seen * 8)
            && self.is_own()
    }

    /// Whether hardly any message names a larger amount. Where it is all but always what was paid, some may: what the list
    /// price was before a discount.
    fn is_seldom_part(&self) -> bool {
        self.part * 10 <= self.seen || self.whole * 100 >= self.seen * 95 && self.part * 5 <= self.seen
    }

    /// Whether messages say of it that what was paid and another amount come to it.
    fn is_price_by_balance(&self) -> bool {
        self.balanced >= SUPPORT
            && (self.balanced + self.whole) * 10 >= self.seen * 8
            && self.less * 50 <= self.seen
            && self.part * 10 <= self.seen
    }

    /// Whether payments come to the whole of it, or to a share that is usual here: the rest is paid later.
    fn is_price_in_part(&self, usual: i64) -> bool {
        let share = self.shares.get(&usual).copied().unwrap_or(0);
        share >= SUPPORT
            && (share + self.whole) * 10 >= self.seen * 8
            && self.less == 0
            && self.part * 10 <= self.seen
    }
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

/// An amount at its place, in all ways to read it.
type Placed<'u> = (&'u Slot, &'u BTreeSet<Money>);

/// Amounts that go with no price: one that is told at its place to so many who paid different sums is left as a security, or is a
/// fee that may fall due.
fn beside<'u>(groups: &[Group], units: &'u [Unit], sums: &[Option<Money>]) -> BTreeSet<Placed<'u>> {
    let mut paid: BTreeMap<Placed<'u>, Vec<Money>> = BTreeMap::new();
    for (group, sum) in groups.iter().zip(sums) {
        let Some(sum) = sum else { continue };
        let messages = group.messages.iter().map(|at| &units[*at]);
        let stated = messages.flat_map(|unit| unit.amounts.iter().map(|(slot, ways)| (slot, ways)));
        for placed in stated.collect::<BTreeSet<Placed<'u>>>() {
            paid.entry(placed).or_default().push(*sum);
        }
    }
    paid.retain(|_, sums| {
        let different: BTreeSet<&Money> = sums.iter().collect();
        sums.len() >= BESIDE.0 && different.len() * 100 >= sums.len() * BESIDE.1
    });
    paid.into_keys().collect()
}

/// Which messages of a booking are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// What the last one says holds.
    Last,
    /// What each place said last: a reminder or a crew list after the confirmation names no price.
    Every,
}

/// What is known of each place, and how often the least and the most of several ways to read an amount were meant.
type Tallied<'u> = (BTreeMap<&'u Slot, Tally>, usize, usize);

fn tally<'u>(
    look: Look,
    groups: &[Group],
    units: &'u [Unit],
    (sums, beside): (&[Option<Money>], &BTreeSet<Placed<'u>>),
) -> Tallied<'u> {
    let known: Vec<Money> = sums.iter().flatten().copied().collect();
    let mut tallies: BTreeMap<&Slot, Tally> = BTreeMap::new();
    let mut number = 0;
    let (mut least_read, mut most_read) = (0, 0);
    for (group, sum) in groups.iter().zip(sums) {
        let Some(sum) = sum else {
            continue;
        };
        number += 1;
        let decoy = known[(number + known.len() / 2) % known.len()];
        let mut here: BTreeSet<&Slot> = BTreeSet::new();
        let most = if look == Look::Last { 1 } else { usize::MAX };
        let messages = group.messages.iter().rev().take(most).map(|at| &units[*at]);
        let stated = messages
            .filter(|unit| !unit.part)
            .flat_map(|unit| unit.amounts.iter().map(move |stated| (unit, stated)));
        for (unit, (slot, ways)) in stated {
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
            let price = ways
                .first()
                .filter(|first| first.minor > 0 && ways.iter().all(|way| way.minor == first.minor));
            let share = |part: i64, price: &Money| {
                (part * 1000 % price.minor == 0).then_some(part * 1000 / price.minor)
            };
            if let Some(price) = price.filter(|price| price.minor > sum.minor) {
                *tally
                    .shares
                    .entry(share(sum.minor, price).unwrap_or(0))
                    .or_default() += 1;
            } else if let Some(price) = price.filter(|price| *price == sum) {
                let charges = group.payments.iter().flat_map(|at| &units[*at].charges);
                for part in charges.filter_map(|(_, amount, _)| share(amount.minor, price)) {
                    *tally.parts.entry(part).or_default() += 1;
                }
            }
            let others = || unit.amounts.iter().map(|(_, other)| other);
            let rest = |way: &Money| Money::new(way.minor - sum.minor, sum.currency);
            let balanced = ways
                .iter()
                .find(|way| way.currency == sum.currency && others().any(|other| other.contains(&rest(way))))
                .filter(|way| way.minor > sum.minor);
            tally.balanced += usize::from(balanced.is_some());
            // What the payments agree with is how it is meant.
            let meant = ways.get(sum).or(balanced);
            if let (Some(meant), true) = (meant, ways.len() > 1) {
                least_read += usize::from(ways.first() == Some(meant));
                most_read += usize::from(ways.last() == Some(meant));
            }
            let meant = meant.or(ways.last());
            // Of several ways to read both, the same mark means the same.
            let is_most = ways.len() > 1 && meant == ways.last();
            let meant = meant.map(|way| way.minor);
            let minors = |ways: &BTreeSet<Money>| -> Vec<i64> {
                let ways = ways.iter().filter(|way| way.currency == sum.currency);
                ways.map(|way| way.minor).collect()
            };
            let least = |ways: &BTreeSet<Money>| minors(ways).first().copied();
            let alike = |ways: &BTreeSet<Money>| match minors(ways)[..] {
                [_, .., most] if is_most => Some(most),
                [least, ..] => Some(least),
                [] => None,
            };
            let larger = unit
                .amounts
                .iter()
                .any(|stated| alike(&stated.1) > meant && !beside.contains(&(&stated.0, &stated.1)));
            let stated: Vec<i64> = others().filter_map(least).filter(|part| *part > 0).collect();
            let is_sum = |whole: i64| {
                let mut first = stated.iter().enumerate();
                first.any(|(at, a)| stated[at + 1..].iter().any(|b| a + b == whole))
            };
            tally.sum += usize::from(meant.is_some_and(is_sum));
            tally.part += usize::from(larger);
            tally.chance += usize::from(ways.contains(&decoy));
            tally.only_own += usize::from(ways.contains(sum) && !ways.contains(&decoy));
            tally.only_others += usize::from(ways.contains(&decoy) && !ways.contains(sum));
        }
    }
    (tallies, least_read, most_read)
}

pub(super) fn learn(groups: &[Group], units: &[Unit]) -> Prices {
    let sums: Vec<Option<Money>> = groups.iter().map(|group| paid(group, units)).collect();
    let beside = beside(groups, units, &sums);
    let known = (sums.as_slice(), &beside);
    // A place that proves itself in either is one: what was changed counts against it among all, and a reminder that came last
    // among the last.
    let (last, least_read, most_read) = tally(Look::Last, groups, units, known);
    let (every, ..) = tally(Look::Every, groups, units, known);
    // The share that is paid ahead is known from messages whose price is known.
    let mut shares: BTreeMap<i64, usize> = BTreeMap::new();
    for tally in last.values().filter(|tally| tally.is_price()) {
        for (share, count) in tally.shares.iter().chain(&tally.parts) {
            *shares.entry(*share).or_default() += count;
        }
    }
    let usual = shares
        .into_iter()
        .filter(|(share, count)| USUAL_SHARES.contains(share) && *count >= SUPPORT)
        .max_by_key(|(share, count)| (*count, std::cmp::Reverse(*share)))
        .map(|(share, _)| share);
    let stated = |unit: &Unit| matches!(unit.stated.get(&FieldName::Total), Some(Stated::Money(_)));
    Prices {
        slots: last
            .into_iter()
            .chain(every)
            .filter(|(_, tally)| {
                tally.is_price()
                    || tally.is_price_by_balance()
                    || usual.is_some_and(|usual| tally.is_price_in_part(usual))
            })
            .map(|(slot, _)| slot.clone())
            .collect(),
        published: units.iter().filter(|unit| stated(unit)).count() >= SUPPORT,
        reading: match (least_read, most_read) {
            (least, 0) if least >= SUPPORT => Some(Extreme::Least),
            (0, most) if most >= SUPPORT => Some(Extreme::Most),
            _ => None,
        },
    }
}

impl Prices {
    pub fn known(&self) -> bool {
        self.published || !self.slots.is_empty()
    }

    /// Whether no message of a booking has a place for what it costs.
    pub fn silent(&self, group: &Group, units: &[Unit]) -> bool {
        let priced = |unit: &Unit| {
            unit.stated.contains_key(&FieldName::Total)
                || unit.amounts.iter().any(|(slot, _)| self.slots.contains(slot))
        };
        !group.messages.iter().any(|at| priced(&units[*at]))
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
            paid.filter(|paid| all.contains(paid)).or_else(|| {
                let only = || all.first().filter(|_| all.len() == 1);
                match self.reading {
                    Some(Extreme::Least) => all.first(),
                    Some(Extreme::Most) => all.last(),
                    None => only(),
                }
                .copied()
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;

    fn slot(label: &str) -> Slot {
        Slot {
            place: label.to_owned(),
            left: Vec::new(),
            lettered: false,
        }
    }

    /// A label, and the amount behind it in all ways to read it.
    type Said = (&'static str, Vec<i64>);

    /// The labels behind which the price is found to stand: of bookings, each with what was paid and a letter's amounts, which
    /// may be read in several ways.
    fn prices(bookings: &[(i64, Vec<Said>)]) -> Vec<String> {
        let yen = |minor: &i64| Money::new(*minor, Currency::parse("jpy").expect("a code"));
        let mut units: Vec<Unit> = Vec::new();
        let mut groups: Vec<Group> = Vec::new();
        for (at, (paid, amounts)) in bookings.iter().enumerate() {
            let amounts = amounts.iter();
            units.push(Unit {
                amounts: amounts
                    .map(|(label, ways)| (slot(label), ways.iter().map(yen).collect()))
                    .collect(),
                ..Unit::default()
            });
            units.push(Unit {
                charges: vec![(format!("ch_{at}"), yen(paid), 0)],
                ..Unit::default()
            });
            groups.push(Group {
                messages: vec![2 * at],
                payments: vec![2 * at + 1],
                ..Group::default()
            });
        }
        let found = learn(&groups, &units).slots;
        found.into_iter().map(|slot| slot.place).collect()
    }

    #[test]
    fn a_price_stays_one_where_some_have_a_discount() {
        let booking = |at: i64| {
            let paid = 9_000 + at * 130;
            let mut amounts = vec![("total", vec![paid])];
            if at % 8 == 0 {
                amounts.push(("before", vec![paid + 1_000]));
            }
            (paid, amounts)
        };
        let bookings: Vec<_> = (0..40).map(booking).collect();
        assert_eq!(prices(&bookings), ["total"]);
    }

    #[test]
    fn a_security_is_larger_than_many_a_price_and_goes_with_none() {
        let booking = |at: i64| {
            let paid = 9_000 + at * 130;
            (paid, vec![("total", vec![paid]), ("security", vec![50_000])])
        };
        let bookings: Vec<_> = (0..40).map(booking).collect();
        assert_eq!(prices(&bookings), ["total"]);
        // What is always a fifth of the same price is paid ahead.
        let booking = |at: i64| {
            let price = 50_000 + at % 3 * 10_000;
            (
                price / 5,
                vec![("total", vec![price]), ("ahead", vec![price / 5])],
            )
        };
        let bookings: Vec<_> = (0..40).map(booking).collect();
        assert_eq!(prices(&bookings), [""; 0]);
    }

    #[test]
    fn what_is_paid_ahead_is_no_price_where_a_mark_may_part_thousands_or_decimals() {
        let booking = |at: i64| {
            let (price, ahead) = (60_000 + at * 1_000, 20_000 + (at % 3) * 1_000);
            let both = |minor: i64| vec![minor / 1_000, minor];
            let amounts = vec![
                ("price", both(price)),
                ("ahead", both(ahead)),
                ("rest", both(price - ahead)),
            ];
            (ahead, amounts)
        };
        let bookings: Vec<_> = (0..40).map(booking).collect();
        assert_eq!(prices(&bookings), ["price"]);
    }
}
