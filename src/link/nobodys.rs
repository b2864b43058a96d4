//! Numbers that are known to be no booking's: a shop's orders that count on with the same numbers.

use super::facts::Facts;
use super::hypothesis::Hypotheses;
use super::units::Unit;
use crate::model::{About, SourceKind};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// As many readers of offers are not told of one booking.
const SEVERAL: usize = 3;

/// A number, and whose it may be; None where the record does not tell.
type Numbers = BTreeMap<String, BTreeSet<Option<String>>>;

/// Marks all records whose numbers only messages of such kinds state. What the backup has under a number, or any other
/// message or entry tells of, is a booking's.
pub fn mark(units: &[Unit], facts: &mut [Facts], hypotheses: &Hypotheses) {
    let mut nobodys = Numbers::new();
    for of in facts.iter().filter(|of| of.nobodys) {
        for (number, _) in &of.references {
            if hypotheses.numbered(number, of.tenant.as_deref()).is_empty() {
                let tenants = nobodys.entry(number.clone()).or_default();
                tenants.insert(of.tenant.clone());
            }
        }
    }
    // What stands beside the numbers of several bookings is their customer's.
    let mut beside: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for of in facts.iter() {
        for code in of.codes.iter().filter(|code| nobodys.contains_key(*code)) {
            let own = of.references.iter().map(|(number, _)| number.as_str());
            beside
                .entry(code)
                .or_default()
                .extend(own.filter(|number| number != code));
        }
    }
    let is_customers = |number: &String| beside.get(number.as_str()).is_some_and(|own| own.len() > 1);
    for (unit, of) in units.iter().zip(facts.iter()) {
        if unit.kind != SourceKind::Stripe && !of.nobodys {
            let stated = of.references.iter().map(|(number, _)| number);
            // What stands beside a booking's own number is another thing's, the customer's say.
            let loose = of.codes.iter().filter(|_| of.references.is_empty());
            for number in stated.chain(loose).filter(|number| !is_customers(number)) {
                if let Some(tenants) = nobodys.get_mut(number) {
                    tenants.retain(|tenant| !may_be(tenant.as_ref(), of.tenant.as_ref()));
                }
            }
        }
    }
    for of in facts {
        let is_nobodys = |(number, _): &(String, String)| {
            let tenants = nobodys.get(number);
            tenants.is_some_and(|tenants| {
                tenants
                    .iter()
                    .any(|tenant| may_be(tenant.as_ref(), of.tenant.as_ref()))
            })
        };
        of.nobodys = !of.references.is_empty() && of.references.iter().all(is_nobodys);
    }
}

/// Marks the offers of which nothing came: no other record and no row of the backup has a number or, for the same
/// person, a day that they name.
pub fn mark_offers(facts: &mut [Facts], hypotheses: &Hypotheses, zone: Tz) {
    if facts.iter().all(|of| !of.offers) {
        return;
    }
    let mut numbers: BTreeSet<&str> = BTreeSet::new();
    let mut days: BTreeSet<(&str, NaiveDate)> = BTreeSet::new();
    for of in facts.iter().filter(|of| !of.offers) {
        numbers.extend(of.references.iter().map(|(number, _)| number.as_str()));
        numbers.extend(of.codes.iter().map(String::as_str));
        let starts: BTreeSet<NaiveDate> = of.starts.iter().map(|when| when.date(zone)).collect();
        let who = of.emails.iter().chain(&of.phones).chain(&of.names);
        days.extend(who.flat_map(|who| starts.iter().map(|day| (who.as_str(), *day))));
    }
    let rows = hypotheses.all.iter();
    for row in rows.filter(|row| row.about != About::New) {
        let who = row.emails.iter().chain(&row.phones).chain(&row.names);
        let starts = row.starts.iter().map(|when| when.date(zone));
        let starts: BTreeSet<NaiveDate> = starts.collect();
        days.extend(who.flat_map(|who| starts.iter().map(|day| (who.as_str(), *day))));
    }
    // What several readers of offers are told is nobody's number: a house's, a year.
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for of in facts.iter().filter(|of| of.offers) {
        for code in &of.codes {
            let readers = told.entry(code).or_default();
            readers.extend(of.emails.iter().map(String::as_str));
        }
    }
    let is_own = |code: &&String| {
        told.get(code.as_str())
            .is_none_or(|readers| readers.len() < SEVERAL)
    };
    let came_true = |of: &Facts| {
        let codes = of.codes.iter().filter(is_own);
        let mut stated = of.references.iter().map(|(number, _)| number).chain(codes);
        let mut who = of.emails.iter().chain(&of.phones).chain(&of.names);
        let starts = || of.starts.iter().chain(&of.hints).map(|when| when.date(zone));
        stated.any(|number| {
            numbers.contains(number.as_str()) || !hypotheses.numbered(number, of.tenant.as_deref()).is_empty()
        }) || who.any(|who| starts().any(|day| days.contains(&(who.as_str(), day))))
    };
    let nobodys: Vec<bool> = facts.iter().map(|of| of.offers && !came_true(of)).collect();
    for (of, is_nobodys) in facts.iter_mut().zip(nobodys) {
        of.nobodys |= is_nobodys;
    }
}

/// Whoever pays in the last moment pays within this of the word that it has lapsed.
const LATE: TimeDelta = TimeDelta::days(2);

/// Marks what lapsed: a number whose last word is a message of a kind that no booking of the backup ever got, though it
/// repeats what other messages said before it. No payment and no entry tells of it, nor could one.
pub fn mark_lapsed(units: &[Unit], facts: &mut [Facts], hypotheses: &Hypotheses) {
    if facts.iter().all(|of| !of.offers) {
        return;
    }
    let mut holders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, of) in facts.iter().enumerate() {
        let numbers = of.references.iter().map(|(number, _)| number);
        let numbers: BTreeSet<&str> = numbers.chain(&of.codes).map(String::as_str).collect();
        for number in numbers {
            holders.entry(number).or_default().push(at);
        }
    }
    let tells_only = |of: &Facts, number: &str| {
        let mut numbers = of.references.iter().map(|(number, _)| number).chain(&of.codes);
        numbers.all(|other| other == number)
    };
    let lapsed = |number: &str, of: &Facts| {
        let told = &holders[number];
        let first = told.iter().filter_map(|at| facts[*at].made_at).min()?;
        let last = of.made_at?;
        let is_before = |at: &usize| {
            units[*at].kind == SourceKind::Mail
                && tells_only(&facts[*at], number)
                && facts[*at].made_at.is_some_and(|made| made <= last)
        };
        let may_be_its = |(unit, other): (&Unit, &Facts)| match unit.kind {
            SourceKind::Mail => false,
            SourceKind::Stripe => {
                let is_then = other
                    .made_at
                    .is_some_and(|made| made >= first && made <= last + LATE);
                is_then && !other.emails.is_disjoint(&of.emails)
            }
            SourceKind::GoogleCalendar => told.iter().any(|at| {
                let known = &facts[*at];
                !known.starts.is_disjoint(&other.starts) && !known.words.is_disjoint(&other.words)
            }),
        };
        let is_lapsed = told.len() > 1
            && told.iter().all(is_before)
            && hypotheses.numbered(number, of.tenant.as_deref()).is_empty()
            && !units.iter().zip(facts.iter()).any(may_be_its);
        is_lapsed.then(|| told.clone())
    };
    let last_words = facts.iter().filter(|of| of.offers && !of.nobodys);
    let numbers = last_words.flat_map(|of| {
        let stated = of.references.iter().map(|(number, _)| number);
        stated.chain(&of.codes).map(move |number| (number, of))
    });
    let found: BTreeSet<usize> = numbers
        .filter_map(|(number, of)| lapsed(number, of))
        .flatten()
        .collect();
    for at in found {
        facts[at].nobodys = true;
    }
}

/// Whether two records may be of one tenant.
fn may_be(a: Option<&String>, b: Option<&String>) -> bool {
    a.is_none() || b.is_none() || a == b
}
