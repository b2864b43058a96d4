//! Which price bookings have of which no record tells more than what was paid first, or first and second.
//!
//! Where bookings of the backup paid some part of the price first and then the rest, two charges of which the first is
//! just that part of both are a deposit and its balance. Of one charge alone, each part that was ever usual gives a
//! price of its own; it is told where what such bookings cost leaves only one of them.

use super::money::Paid;
use super::{Context, prices};
use crate::mapping::Instalment;
use crate::model::{Booking, Money};

/// As many last payments of a kind tell whether such a charge is ever the whole price.
const KIND: u32 = 4;
/// Fewer bookings in a hundred than this must have paid one of the usual parts first.
const USUAL: u32 = 90;

/// The price, where only one is possible.
pub fn price(context: &Context<'_>, paid: &Paid<'_>, booking: &Booking) -> Option<Money> {
    let source = paid.kinds.first()?.0.document.record.source();
    let of_one = paid
        .kinds
        .iter()
        .all(|(told, _)| told.document.record.source() == source);
    let mut mappings = context.input.mappings.iter();
    let mapping = mappings.find(|mapping| of_one && mapping.source == source)?;
    let usual = &mapping.instalments;
    let whole = booking.payments.iter().all(|payment| payment.refunded.minor == 0);
    let mut payments: Vec<_> = booking.payments.iter().collect();
    payments.sort_by_key(|payment| payment.paid_at);
    let minor = match payments.as_slice() {
        _ if !whole => None,
        [only] if !paid.is_nameless() => {
            let told = paid.kinds.first()?.0;
            let mut kinds = mapping.charges.iter();
            let kind = kinds.find(|kind| Some(&kind.template) == told.claims.kind.as_ref());
            // What such a charge never was, it is not now.
            let may_be = |known: &Instalment| {
                kind.is_none_or(|kind| kind.last < KIND || known.part < 10_000 || kind.whole > 0)
            };
            let paid = only.amount.minor;
            let price = of_one_charge(usual, paid, |known, price| {
                let range = prices::range(context, booking)?;
                Some(may_be(known) && range.contains(&price))
            });
            price.filter(|price| is_only(usual, paid, *price, context.prices.grain))
        }
        [first, second] if first.amount.currency == second.amount.currency => {
            of_two(usual, first.amount.minor, second.amount.minor)
        }
        _ => None,
    }?;
    Some(Money::new(minor, payments[0].amount.currency))
}

/// A part of both that is usually paid first, and then the rest.
fn of_two(usual: &[Instalment], first: i64, second: i64) -> Option<i64> {
    let sum = first + second;
    let is = |known: &&Instalment| {
        let part = i64::from(known.part);
        known.is_followed_by_the_rest() && first == (sum * part + 5_000) / 10_000
    };
    usual.iter().find(is).map(|_| sum)
}

/// The only price that such bookings cost, of those of which the charge is a usual part.
fn of_one_charge(
    usual: &[Instalment],
    paid: i64,
    may_be: impl Fn(&Instalment, i64) -> Option<bool>,
) -> Option<i64> {
    let covered: u32 = usual.iter().map(|known| known.support).sum();
    let of = usual.first()?.of;
    if covered * 100 < of * USUAL {
        return None;
    }
    let mut only = None;
    for known in usual {
        let price = known.price(paid)?;
        if may_be(known, price)? && only.replace(price).is_some() {
            return None;
        }
    }
    only
}

/// Whether no other price as round as prices are has the same part, whichever way that part was rounded.
fn is_only(usual: &[Instalment], paid: i64, price: i64, grain: i64) -> bool {
    let mut parts = usual.iter().filter(|known| known.price(paid) == Some(price));
    parts.all(|known| {
        let may_be = |other: i64| {
            let exact = other * i64::from(known.part);
            let down = exact.div_euclid(10_000);
            down == paid || exact % 10_000 != 0 && down + 1 == paid
        };
        !may_be(price - grain) && !may_be(price + grain)
    })
}

#[cfg(test)]
mod tests {
    use super::{is_only, of_one_charge, of_two};
    use crate::mapping::Instalment;

    fn usual(part: u32, support: u32, whole: u32) -> Instalment {
        Instalment {
            part,
            support,
            of: 100,
            followed: support,
            whole,
        }
    }

    #[test]
    fn a_rounded_part_tells_the_price_where_prices_are_round() {
        let known = [usual(2000, 90, 90)];
        assert!(
            is_only(&known, 25_187, 125_935, 100),
            "of whole units one has that fifth"
        );
        assert!(!is_only(&known, 25_187, 125_935, 1), "so have the next cents");
    }

    #[test]
    fn a_deposit_and_its_balance_are_the_price() {
        let known = [usual(3000, 60, 59), usual(5000, 10, 4)];
        assert_eq!(of_two(&known, 8_100, 18_900), Some(27_000));
        assert_eq!(of_two(&known, 8_100, 19_000), None);
        assert_eq!(of_two(&known, 5_000, 5_000), None, "halves were often not all");
    }

    #[test]
    fn one_charge_tells_the_price_where_only_one_is_possible() {
        let known = [usual(3000, 60, 60), usual(10_000, 35, 0)];
        let price =
            |from: i64, to: i64| of_one_charge(&known, 30_000, |_, price| Some((from..=to).contains(&price)));
        assert_eq!(price(20_000, 50_000), Some(30_000));
        assert_eq!(price(80_000, 120_000), Some(100_000));
        assert_eq!(price(20_000, 120_000), None);
        let deposit = |known: &Instalment, _| Some(known.part < 10_000);
        assert_eq!(
            of_one_charge(&known, 30_000, deposit),
            Some(100_000),
            "such a charge never was all"
        );
        assert_eq!(
            of_one_charge(&known[..1], 30_000, |_, _| Some(true)),
            None,
            "the others paid what is not usual"
        );
    }
}
