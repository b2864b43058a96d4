//! What each of several things costs of which one message states the price of all.
//!
//! `Deluxe room Rs. 15,232, garden room Rs. 5,376`: amounts that stand behind the things' names, one for each, and come to the
//! price of all, are the prices of each.

use crate::mapping::{Told, squash};
use crate::model::{BaselineResource, Claim, FieldName, Money, Scalar, Value};
use crate::reading::{Amount, SpanValue, spans};
use std::collections::BTreeMap;

/// An amount beside the price of all, with what stands before it in its line, folded.
struct Stated {
    minor: i64,
    label: String,
    place: String,
}

/// The price of each of these things, in their order, and what all cost; None where no message that states a price tells
/// them apart, or several prices were stated.
pub fn each(messages: &[&Told<'_>], things: &[&BaselineResource]) -> Option<(Money, Vec<Claim>)> {
    let stated: Vec<(&Told<'_>, &Claim, Money)> = (messages.iter())
        .flat_map(|told| told.claims.of(FieldName::Total).map(move |claim| (*told, claim)))
        .filter_map(|(told, claim)| match claim.value {
            Value::Money(money) => Some((told, claim, money)),
            _ => None,
        })
        .collect();
    let (_, _, whole) = *stated.first()?;
    if stated.iter().any(|(_, _, money)| *money != whole) {
        return None;
    }
    let mut found = stated.iter().filter_map(|(told, claim, _)| {
        let own = ["text", "html"].into_iter().find_map(|place| {
            let stated = stated_at(told, place, whole);
            by_name(&stated, things, whole).or_else(|| all_alike(&stated, things.len(), whole))
        })?;
        let claims = own.into_iter().map(|(minor, place)| Claim {
            value: Value::Money(Money::new(minor, whole.currency)),
            place,
            ..(*claim).clone()
        });
        Some(claims.collect::<Vec<Claim>>())
    });
    Some((whole, found.next()?))
}

fn stated_at(told: &Told<'_>, place: &str, whole: Money) -> Vec<Stated> {
    let mut out = Vec::new();
    for item in told.document.items.iter().filter(|item| item.place == place) {
        let Scalar::Text(text) = &item.value else { continue };
        let mut from = 0;
        for span in spans(text) {
            let SpanValue::Amount(amount) = &span.value else {
                continue;
            };
            let label = squash(&text[from..span.start]);
            from = span.end;
            if let Some(minor) = minor(amount, whole).filter(|minor| *minor != whole.minor) {
                let place = format!("{}[{}..{}]", item.named(), span.start, span.end);
                out.push(Stated { minor, label, place });
            }
        }
    }
    out
}

fn minor(amount: &Amount, whole: Money) -> Option<i64> {
    let decimals = whole.currency.decimals();
    let ways = amount.readings.iter().filter_map(|way| way.minor(decimals));
    ways.max()
}

/// Each thing's amount, behind its name or its kind's, where there are as many behind each name as things of that name, all
/// alike, and they come to the whole.
fn by_name(stated: &[Stated], things: &[&BaselineResource], whole: Money) -> Option<Vec<(i64, String)>> {
    let called = |thing: &BaselineResource| {
        let names = [thing.name.as_deref(), thing.class.as_deref()]
            .into_iter()
            .flatten();
        names
            .map(squash)
            .filter(|name| !name.is_empty())
            .collect::<Vec<String>>()
    };
    let mut names: Vec<String> = things.iter().flat_map(|thing| called(thing)).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut of: BTreeMap<&str, Vec<&Stated>> = BTreeMap::new();
    for stated in stated {
        if let Some(name) = names.iter().find(|name| stated.label.contains(name.as_str())) {
            of.entry(name).or_default().push(stated);
        }
    }
    let all = || of.values().flatten();
    let sum = all().fold(0, |sum: i64, stated| sum.saturating_add(stated.minor));
    let alike = |of: &Vec<&Stated>| of.iter().all(|stated| stated.minor == of[0].minor);
    if all().count() != things.len() || sum != whole.minor || !of.values().all(alike) {
        return None;
    }
    let mut own = Vec::new();
    for thing in things {
        let next = called(thing)
            .iter()
            .find_map(|name| of.get_mut(name.as_str())?.pop())?;
        own.push((next.minor, next.place.clone()));
    }
    Some(own)
}

/// As many equal amounts as there are things, behind the same words but for a number, that come to the whole.
fn all_alike(stated: &[Stated], things: usize, whole: Money) -> Option<Vec<(i64, String)>> {
    let mut of: BTreeMap<String, Vec<&Stated>> = BTreeMap::new();
    for stated in stated {
        let words: String = stated.label.chars().filter(|char| !char.is_numeric()).collect();
        of.entry(words).or_default().push(stated);
    }
    let fits = |(words, of): &(String, Vec<&Stated>)| {
        let is_part = |stated: &&Stated| stated.minor.saturating_mul(things as i64) == whole.minor;
        !words.is_empty() && of.len() == things && of.iter().all(is_part)
    };
    let (_, found) = of.into_iter().find(fits)?;
    Some(
        found
            .into_iter()
            .map(|stated| (stated.minor, stated.place.clone()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;

    fn whole(minor: i64) -> Money {
        Money::new(minor, Currency::parse("gbp").expect("a currency"))
    }

    fn stated(label: &str, minor: i64) -> Stated {
        Stated {
            minor,
            label: squash(label),
            place: label.to_owned(),
        }
    }

    fn thing(name: &str, class: &str) -> BaselineResource {
        BaselineResource {
            key: name.to_owned(),
            name: Some(name.to_owned()),
            class: Some(class.to_owned()),
            ..BaselineResource::default()
        }
    }

    #[test]
    fn amounts_behind_what_they_are_for_are_the_prices_of_each() {
        let things = [
            thing("Nook", "Studio"),
            thing("Barn", "Large hall"),
            thing("Attic", "Studio"),
        ];
        let things: Vec<&BaselineResource> = things.iter().collect();
        let own = |lines: &[(&str, i64)], all: i64| {
            let lines: Vec<Stated> = lines.iter().map(|(label, minor)| stated(label, *minor)).collect();
            let own = by_name(&lines, &things, whole(all))?;
            Some(own.into_iter().map(|(minor, _)| minor).collect::<Vec<i64>>())
        };
        let lines = [
            ("1 Studio:", 3000),
            ("2 Large hall:", 7500),
            ("3 Studio:", 3000),
            ("Paid", 500),
        ];
        assert_eq!(own(&lines, 13_500), Some(vec![3000, 7500, 3000]));
        assert_eq!(own(&lines, 14_000), None, "they do not come to it");
        let unlike = [("1 Studio:", 3000), ("2 Large hall:", 7500), ("3 Studio:", 4000)];
        assert_eq!(own(&unlike, 14_500), None, "which studio is the dearer one?");
    }

    #[test]
    fn equal_amounts_that_are_counted_are_the_price_of_each() {
        let lines = [
            stated("Room 1", 4000),
            stated("Room 2", 4000),
            stated("Deposit", 4000),
        ];
        let own = all_alike(&lines, 2, whole(8000)).expect("two rooms");
        assert!(own.iter().all(|(minor, _)| *minor == 4000));
        assert!(
            all_alike(&lines, 3, whole(12_000)).is_none(),
            "a deposit is no room"
        );
    }
}
