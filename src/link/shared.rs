//! Charges that pay for several bookings: a couple, a group, two rooms at once.
//!
//! A charge pays for one booking unless it names several and its amount is what they come to together. Each booking's
//! share is then its price, what was left to pay of it, or its deposit. Where two ways to share it out are as likely, it
//! is a question.

use super::bundles::Bundles;
use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use crate::model::{Currency, Money};
use std::collections::{BTreeMap, BTreeSet};

/// What of a charge, by unit, is for which booking.
pub type Shares = BTreeMap<usize, Vec<(usize, Money)>>;

/// More bookings than this are not paid for at once.
const TOGETHER: usize = 8;
/// An amount, or a share of the price, is usual when so many charges for one booking are of it.
const USUAL: usize = 3;

/// What charges for one booking are of, as a rule.
#[derive(Debug, Default)]
pub struct Usual {
    amounts: BTreeMap<Money, Seen>,
    /// Parts of the price, in whole per cent.
    parts: BTreeMap<i64, Seen>,
}

/// How many charges were of this, and which prices these bookings had.
#[derive(Debug, Default)]
struct Seen {
    count: usize,
    prices: BTreeSet<i64>,
}

impl Seen {
    fn add(&mut self, price: Option<i64>) {
        self.count += 1;
        self.prices.extend(price);
    }

    fn is_usual(&self) -> bool {
        self.count >= USUAL
    }

    /// Whether bookings of several prices had it: no price explains it.
    fn is_of_any_price(&self) -> bool {
        self.is_usual() && self.prices.len() > 1
    }
}

impl Usual {
    /// Out of charges and the one booking that each is for.
    pub fn of<'a>(paid: impl Iterator<Item = (&'a Facts, &'a Hypothesis)>) -> Self {
        let mut usual = Self::default();
        for (facts, booking) in paid {
            let [(_, amount)] = facts.amounts.as_slice() else {
                continue;
            };
            let price = booking.totals.first().filter(|_| booking.totals.len() == 1);
            let price = price.map(|price| price.minor);
            usual.amounts.entry(*amount).or_default().add(price);
            if let Some(part) = price.and_then(|price| part(amount.minor, price)) {
                usual.parts.entry(part).or_default().add(price);
            }
        }
        usual
    }

    fn has_amount(&self, amount: Money) -> bool {
        self.amounts.get(&amount).is_some_and(Seen::is_usual)
    }

    /// Whether an amount is usual of the prices that it is a part of, and of no other, while the part is usual of any price: then
    /// nobody pays just that amount.
    fn is_part_alone(&self, amount: Money, part: i64) -> bool {
        let any = |seen: Option<&Seen>| seen.is_some_and(Seen::is_of_any_price);
        any(self.parts.get(&part)) && !any(self.amounts.get(&amount))
    }

    fn is_part(&self, amount: i64, price: i64) -> bool {
        part(amount, price).is_some_and(|part| self.has_part(part))
    }

    fn has_part(&self, part: i64) -> bool {
        self.parts.get(&part).is_some_and(Seen::is_usual)
    }
}

/// An amount in whole per cent of a price.
fn part(amount: i64, price: i64) -> Option<i64> {
    (price > 0 && amount * 100 % price == 0).then(|| amount * 100 / price)
}

/// The bookings that a charge names by their numbers, keys or in the backup's payments, or by the number that they share, in
/// the order of their hypotheses.
pub fn named(facts: &Facts, hypotheses: &Hypotheses) -> BTreeSet<usize> {
    let number = |text: &String| {
        let mut found = hypotheses.numbered(text, facts.tenant.as_deref());
        if found.len() > 1 {
            found.retain(|at| hypotheses.all[*at].same_person(facts));
        }
        found
    };
    let keys = facts.keys.iter().filter_map(|key| hypotheses.by_key.get(key));
    let references = facts.references.iter().flat_map(|(folded, _)| number(folded));
    let codes = facts.codes.iter().flat_map(number);
    let outright: BTreeSet<usize> = keys.copied().chain(references).chain(codes).collect();
    if !outright.is_empty() {
        return outright;
    }
    facts.of_group(hypotheses)
}

/// A booking's price in the currency of a charge, and what was paid of it, where one is known.
fn price(amount: Money, booking: &Hypothesis) -> Option<(i64, i64)> {
    Some((booking.price(amount.currency)?, booking.paid()))
}

/// Whether a message names several bookings of its reader, and says no more of them than what they cost together.
pub fn sums_up(facts: &Facts, hypotheses: &Hypotheses) -> bool {
    if facts.totals.is_empty() || facts.is_word_of_change() {
        return false;
    }
    let named = named(facts, hypotheses);
    let bookings = || named.iter().map(|to| &hypotheses.all[*to]);
    let price =
        |currency: Currency| -> Option<i64> { bookings().map(|booking| booking.price(currency)).sum() };
    named.len() > 1
        && bookings().all(|booking| booking.same_person(facts))
        && (facts.totals.iter()).all(|total| price(total.currency) == Some(total.minor))
}

/// Whether an amount is what one booking costs, or owes.
pub fn fits(amount: Money, booking: &Hypothesis) -> bool {
    price(amount, booking).is_some_and(|(total, paid)| amount.minor == total || amount.minor == total - paid)
}

/// What each booking costs, or owes, where a charge comes to just that.
pub fn sums(amount: Money, bookings: &[&Hypothesis]) -> Option<Vec<i64>> {
    let known: Option<Vec<(i64, i64)>> = bookings.iter().map(|booking| price(amount, booking)).collect();
    let known = known?;
    let whole: Vec<i64> = known.iter().map(|(total, _)| *total).collect();
    let due: Vec<i64> = known.iter().map(|(total, paid)| total - paid).collect();
    let is_it = |shares: &Vec<i64>| {
        shares.iter().sum::<i64>() == amount.minor && shares.iter().all(|share| *share > 0)
    };
    [whole, due].into_iter().find(is_it)
}

/// Each booking's part of a deposit for all of them: a usual part of what they cost together, and of what none costs alone.
pub fn deposits(amount: Money, bookings: &[&Hypothesis], usual: &Usual) -> Option<Vec<i64>> {
    let totals: Option<Vec<i64>> = bookings
        .iter()
        .map(|booking| price(amount, booking).and_then(|(total, paid)| (paid == 0).then_some(total)))
        .collect();
    let totals = totals?;
    let sum: i64 = totals.iter().sum();
    let is_part = sum > amount.minor && usual.is_part(amount.minor, sum);
    let shares = is_part.then(|| by_price(amount.minor, &totals)).flatten();
    shares.or_else(|| each_rounded(amount.minor, &totals, usual))
}

/// Units of money in minor ones to which a part of a price may be rounded, beside the minor unit itself.
const ROUND: [i64; 2] = [1, 100];

/// Each booking's part of a deposit that is the sum of the same usual part of each price, each rounded by itself; none
/// where there are two ways.
fn each_rounded(amount: i64, prices: &[i64], usual: &Usual) -> Option<Vec<i64>> {
    let usual = usual.parts.iter().filter(|(_, seen)| seen.is_usual());
    let ways = usual.flat_map(|(part, _)| {
        let units = ROUND
            .into_iter()
            .filter(|unit| prices.iter().all(|price| price % unit == 0));
        units.flat_map(move |unit| {
            let whole = 100 * unit;
            [0, whole / 2, whole - 1].map(move |more| {
                let share = |price: &i64| (price * part + more) / whole * unit;
                prices.iter().map(share).collect::<Vec<i64>>()
            })
        })
    });
    let fitting: BTreeSet<Vec<i64>> = ways
        .filter(|shares| shares.iter().sum::<i64>() == amount)
        .collect();
    only(fitting.into_iter()).filter(|shares| shares.iter().all(|share| *share > 0))
}

/// An amount shared out as the prices are, where that leaves nothing over.
fn by_price(amount: i64, prices: &[i64]) -> Option<Vec<i64>> {
    let sum: i64 = prices.iter().sum();
    let share = |price: &i64| {
        let share = amount * price / sum;
        (share * sum == amount * price).then_some(share)
    };
    prices.iter().map(share).collect()
}

/// Whether an amount is a usual part of what one booking costs.
pub fn is_deposit(amount: Money, booking: &Hypothesis, usual: &Usual) -> bool {
    price(amount, booking)
        .is_some_and(|(total, _)| amount.minor < total && usual.is_part(amount.minor, total))
}

/// So many ways to take one of its prices for each booking are tried.
const WAYS: usize = 256;

/// The prices that bookings may have had when a charge was made, where some of them cost something else before or later; none
/// where the charge is just what one of them cost.
fn prices_then(amount: Money, bookings: &[&Hypothesis]) -> Vec<Vec<i64>> {
    let mut ways: Vec<Vec<i64>> = vec![Vec::new()];
    for booking in bookings {
        let prices = booking.totals.iter();
        let prices: Vec<i64> = prices
            .filter(|total| total.currency == amount.currency && total.minor > 0)
            .map(|total| total.minor)
            .collect();
        if prices.contains(&amount.minor) || ways.len() * prices.len() > WAYS {
            return Vec::new();
        }
        let longer = |way: &Vec<i64>, price: &i64| way.iter().chain([price]).copied().collect();
        ways = ways
            .iter()
            .flat_map(|way| prices.iter().map(move |price| longer(way, price)))
            .collect();
    }
    ways
}

/// The only prices that the bookings had to which a charge comes.
fn sums_then(amount: Money, bookings: &[&Hypothesis]) -> Option<Vec<i64>> {
    let ways = prices_then(amount, bookings).into_iter();
    only(ways.filter(|way| way.iter().sum::<i64>() == amount.minor))
}

/// Each booking's part of a deposit, by the only prices that they had of which the deposit is a usual part.
fn deposits_then(amount: Money, bookings: &[&Hypothesis], usual: &Usual) -> Option<Vec<i64>> {
    if bookings.iter().any(|booking| booking.paid() > 0) {
        return None;
    }
    let part = |prices: Vec<i64>| {
        let sum: i64 = prices.iter().sum();
        let is_part = sum > amount.minor && usual.is_part(amount.minor, sum);
        is_part.then(|| by_price(amount.minor, &prices)).flatten()
    };
    only(prices_then(amount, bookings).into_iter().filter_map(part))
}

fn only<T>(mut of: impl Iterator<Item = T>) -> Option<T> {
    let first = of.next();
    first.filter(|_| of.next().is_none())
}

/// What each of these took of a charge that is for others too, of which nothing else tells: its price, where each share always
/// was one.
pub fn split_known(amount: Money, bookings: &[&Hypothesis], bundles: Bundles) -> Option<Vec<i64>> {
    let whole =
        |booking: &&Hypothesis| price(amount, booking).and_then(|(total, paid)| (paid == 0).then_some(total));
    let prices: Vec<i64> = bookings.iter().map(whole).collect::<Option<_>>()?;
    (bundles.pay_whole_prices() && prices.iter().sum::<i64>() < amount.minor).then_some(prices)
}

/// The whole prices of which one alone is not known: it is what is left.
fn rest_of_whole(amount: Money, bookings: &[&Hypothesis], bundles: Bundles) -> Option<Vec<i64>> {
    let prices: Vec<Option<i64>> = bookings
        .iter()
        .map(|booking| booking.price(amount.currency))
        .collect();
    let is_open = |booking: &&&Hypothesis| booking.totals.is_empty();
    let is_fresh = bookings.iter().all(|booking| booking.charges.is_empty());
    let open = bookings.iter().filter(is_open).count();
    if !bundles.pay_whole_prices()
        || !is_fresh
        || open != 1
        || prices.iter().flatten().count() + 1 != prices.len()
    {
        return None;
    }
    let rest = amount.minor - prices.iter().flatten().sum::<i64>();
    (rest > 0).then(|| prices.into_iter().map(|price| price.unwrap_or(rest)).collect())
}

/// Each booking's share of a charge for all of them, or for those that are not paid yet; None where it fits one of them alone,
/// or it is not sure how it is shared out.
pub fn split(amount: Money, bookings: &[&Hypothesis], usual: &Usual, bundles: Bundles) -> Option<Vec<i64>> {
    if bookings.len() < 2 || bookings.iter().any(|booking| fits(amount, booking)) {
        return None;
    }
    if let Some(shares) = bundles.split(amount, bookings) {
        return Some(shares);
    }
    if bookings.len() > TOGETHER {
        return None;
    }
    if let Some(shares) = sums(amount, bookings).or_else(|| sums_then(amount, bookings)) {
        return Some(shares);
    }
    if let Some(shares) = rest_of_whole(amount, bookings, bundles) {
        return Some(shares);
    }
    let prices: Vec<Option<(i64, i64)>> = bookings.iter().map(|booking| price(amount, booking)).collect();
    let known: Option<Vec<(i64, i64)>> = prices.iter().copied().collect();
    let count = i64::try_from(bookings.len()).ok()?;
    let each = amount.minor / count;
    let room = |share: i64, price: &Option<(i64, i64)>| {
        let is_part = |total: i64, paid: i64| share < total - paid;
        price.is_none_or(|(total, paid)| {
            share <= total - paid && !(bundles.pay_whole_prices() && is_part(total, paid))
        })
    };
    let even = (each * count == amount.minor && prices.iter().all(|price| room(each, price)))
        .then(|| vec![each; bookings.len()]);
    let sum: i64 = known.iter().flatten().map(|(total, _)| *total).sum();
    let known = known.filter(|_| sum > amount.minor && !bundles.pay_whole_prices());
    let by_price = known.and_then(|known| {
        let totals: Vec<i64> = known.iter().map(|(total, _)| *total).collect();
        let shares = by_price(amount.minor, &totals)?;
        let is_left = |(share, (total, paid)): (&i64, &(i64, i64))| *share <= total - paid;
        shares.iter().zip(&known).all(is_left).then_some(shares)
    });
    match (even, by_price) {
        (Some(even), Some(by_price)) if even == by_price => Some(even),
        (even, by_price) => {
            let even =
                even.filter(|_| !bundles.are_uneven() && usual.has_amount(Money::new(each, amount.currency)));
            let by_price = by_price.filter(|_| usual.is_part(amount.minor, sum));
            match (even, by_price) {
                (Some(shares), None) | (None, Some(shares)) => Some(shares),
                (Some(_), Some(by_price)) => {
                    let each = Money::new(each, amount.currency);
                    let is_part = part(amount.minor, sum).is_some_and(|part| usual.is_part_alone(each, part));
                    is_part.then_some(by_price)
                }
                (None, None) if bundles.pay_whole_prices() => None,
                (None, None) => {
                    deposits_then(amount, bookings, usual).or_else(|| deposits(amount, bookings, usual))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::samples::{booking, money};
    use super::*;

    fn shares(amount: i64, bookings: &[Hypothesis], usual: &Usual) -> Option<Vec<i64>> {
        let bookings: Vec<&Hypothesis> = bookings.iter().collect();
        split(money(amount), &bookings, usual, Bundles::default())
    }

    fn seen(prices: &[i64]) -> Seen {
        Seen {
            count: 5,
            prices: prices.iter().copied().collect(),
        }
    }

    /// Deposits of 3000, or of a fifth.
    fn usual(amounts: bool, parts: bool) -> Usual {
        let mut usual = Usual::default();
        if amounts {
            usual.amounts.insert(money(3000), seen(&[15_000, 9000]));
        }
        if parts {
            usual.parts.insert(20, seen(&[15_000, 9000]));
        }
        usual
    }

    #[test]
    fn whole_prices_and_what_is_left_of_them_are_shares() {
        let none = Usual::default();
        assert_eq!(
            shares(15_000, &[booking(9000, 0), booking(6000, 0)], &none),
            Some(vec![9000, 6000])
        );
        assert_eq!(
            shares(9000, &[booking(8000, 3000), booking(7000, 3000)], &none),
            Some(vec![5000, 4000])
        );
    }

    #[test]
    fn what_comes_to_more_than_a_booking_costs_is_no_deposit_for_it() {
        let mut usual = Usual::default();
        usual.parts.insert(20, seen(&[15_000, 9000]));
        usual.parts.insert(200, seen(&[4000]));
        assert!(is_deposit(money(800), &booking(4000, 0), &usual));
        assert!(!is_deposit(money(8000), &booking(4000, 0), &usual));
    }

    #[test]
    fn what_fits_one_booking_alone_is_not_shared() {
        assert_eq!(
            shares(9000, &[booking(9000, 0), booking(6000, 0)], &Usual::default()),
            None
        );
        assert_eq!(
            shares(
                6000,
                &[booking(9000, 3000), booking(9000, 3000)],
                &Usual::default()
            ),
            None
        );
    }

    #[test]
    fn what_one_of_them_cost_when_it_was_paid_is_its_share() {
        let mut changed = booking(5000, 0);
        changed.totals.insert(money(7000));
        let two = [booking(9000, 0), changed];
        assert_eq!(shares(16_000, &two, &Usual::default()), Some(vec![9000, 7000]));
        assert_eq!(shares(15_000, &two, &Usual::default()), None);
        assert_eq!(shares(7000, &two, &Usual::default()), None, "it is one's alone");
        let mut other = booking(7000, 0);
        other.totals.insert(money(9000));
        assert_eq!(
            shares(16_000, &[other.clone(), other], &Usual::default()),
            None,
            "either may be the dearer one"
        );
    }

    #[test]
    fn equal_prices_have_equal_deposits() {
        assert_eq!(
            shares(5000, &[booking(8000, 0), booking(8000, 0)], &Usual::default()),
            Some(vec![2500, 2500])
        );
    }

    #[test]
    fn deposits_for_unequal_prices_go_by_what_is_usual() {
        let two = [booking(20_000, 0), booking(10_000, 0)];
        assert_eq!(shares(6000, &two, &usual(true, false)), Some(vec![3000, 3000]));
        assert_eq!(shares(6000, &two, &usual(false, true)), Some(vec![4000, 2000]));
        assert_eq!(shares(6000, &two, &usual(true, true)), None, "both are");
        assert_eq!(shares(6000, &two, &Usual::default()), None, "neither is");
        let mut fifths = usual(true, true);
        fifths.amounts.insert(money(3000), seen(&[15_000]));
        assert_eq!(
            shares(6000, &two, &fifths),
            Some(vec![4000, 2000]),
            "just 3000 was only paid as a fifth of 15000"
        );
    }

    #[test]
    fn a_deposit_for_a_list_is_a_usual_part_of_all_its_prices() {
        let deposits = |amount: i64, bookings: &[Hypothesis], parts: bool| {
            deposits(
                money(amount),
                &bookings.iter().collect::<Vec<_>>(),
                &usual(false, parts),
            )
        };
        let two = [booking(20_000, 0), booking(10_000, 0)];
        assert_eq!(deposits(6000, &two, true), Some(vec![4000, 2000]));
        assert_eq!(deposits(6000, &two, false), None, "no part is usual");
        assert_eq!(deposits(9000, &two, true), None, "nor is this one");
        let odd = [booking(10_099, 0), booking(20_099, 0)];
        assert_eq!(deposits(6038, &odd, true), Some(vec![2019, 4019]), "each cut off");
        assert_eq!(deposits(6041, &odd, true), None, "nothing is rounded so");
        let paid = [booking(20_000, 4000), booking(10_000, 0)];
        assert_eq!(deposits(6000, &paid, true), None, "one has paid its own");
        assert!(is_deposit(money(4000), &two[0], &usual(false, true)));
        assert!(!is_deposit(money(4000), &two[1], &usual(false, true)));
    }

    #[test]
    fn a_deposit_is_of_the_prices_that_they_had_then() {
        let mut changed = booking(10_000, 0);
        changed.totals.insert(money(30_000));
        let two = [booking(20_000, 0), changed.clone()];
        assert_eq!(shares(6000, &two, &usual(false, true)), Some(vec![4000, 2000]));
        assert_eq!(shares(6000, &two, &Usual::default()), None, "no part is usual");
        let either = [changed.clone(), changed];
        assert_eq!(
            shares(8000, &either, &usual(false, true)),
            None,
            "either was the dearer one"
        );
    }

    #[test]
    fn no_share_is_more_than_what_is_left_to_pay() {
        assert_eq!(
            shares(25_000, &[booking(8000, 0), booking(8000, 0)], &usual(true, true)),
            None
        );
    }
}
