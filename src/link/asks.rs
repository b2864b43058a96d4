//! What a customer was asked to pay: an amount beside the price that a message of a booking names before it is paid.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use crate::mapping::{SlotType, Told};
use crate::model::{Money, Standing};
use crate::reading::{self, Amount, SpanValue};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Whoever is asked for an amount pays it within so long; clocks differ a little.
const WITHIN: TimeDelta = TimeDelta::days(14);
const EARLY: TimeDelta = TimeDelta::minutes(10);
/// What it tells at most that just this was paid, and what it must tell to tell anything: what all messages name is asked of
/// nobody.
const MOST: f64 = 7.0;
const LEAST: f64 = 2.0;

/// What a booking's messages named, by when they did: each payment is held against the messages of all bookings, of which hardly
/// any was written within days of it.
#[derive(Debug, Clone, Default)]
pub struct Asks(BTreeMap<DateTime<Utc>, Vec<Asked>>);

/// An amount that a message named.
#[derive(Debug, Clone)]
struct Asked {
    /// ISO code; None where no currency is named.
    currency: Option<String>,
    /// All that it may be in minor units, with the decimals of the currencies that have so many: worked out once, as it is
    /// held against each payment.
    worth: Vec<(u32, i64)>,
}

/// How many decimals currencies have.
const DECIMALS: [u32; 3] = [0, 2, 3];

impl Asks {
    /// Adds what a unit's messages named.
    pub fn add(&mut self, facts: &Facts) {
        if let Some(said_at) = facts.made_at
            && !facts.asks.is_empty()
        {
            let asked = facts.asks.iter().map(Asked::of);
            self.0.entry(said_at).or_default().extend(asked);
        }
    }

    /// Whether just this was named when it was paid, or so soon after; clocks differ a little.
    pub fn name_after(&self, money: Money, paid: DateTime<Utc>, within: TimeDelta) -> bool {
        self.name(money, paid - EARLY..=paid + within)
    }

    fn name(&self, money: Money, when: RangeInclusive<DateTime<Utc>>) -> bool {
        let mut asked = self.0.range(when).flat_map(|(_, asked)| asked);
        asked.any(|asked| asked.is(money))
    }
}

impl Asked {
    fn of(amount: &Amount) -> Self {
        let all = DECIMALS.into_iter().flat_map(|decimals| {
            let readings = amount.readings.iter();
            let minors = readings.filter_map(move |reading| reading.minor(decimals));
            minors.map(move |minor| (decimals, minor))
        });
        Self {
            currency: amount.currency.clone(),
            worth: all.collect(),
        }
    }

    fn is(&self, money: Money) -> bool {
        let in_it = self.currency.as_deref();
        self.worth.iter().any(|(_, minor)| *minor == money.minor)
            && in_it.is_none_or(|code| code.eq_ignore_ascii_case(money.currency.as_str()))
            && self.worth.contains(&(money.currency.decimals(), money.minor))
    }
}

/// The amounts of a message that no rule takes for the price.
pub fn amounts(told: &Told<'_>) -> Vec<Amount> {
    let claims = &told.claims;
    let is_of_none = claims.letter || claims.offers || claims.nobodys;
    // What stands beside a list may be asked for all that it lists.
    if told.document.standing != Standing::Business || is_of_none || told.document.listed().is_some() {
        return Vec::new();
    }
    let of_amounts = claims
        .unexplained
        .iter()
        .filter(|(slot, _)| *slot == SlotType::Amount);
    let spans = of_amounts.flat_map(|(_, text)| reading::spans(text));
    spans
        .filter_map(|span| match span.value {
            SpanValue::Amount(amount) => Some(amount),
            _ => None,
        })
        .collect()
}

/// Whether a booking's messages asked for what was paid, not long before.
pub fn asked_for(facts: &Facts, booking: &Hypothesis, amount: Money) -> bool {
    let Some(paid) = facts.made_at else { return false };
    booking.asks.name(amount, paid - WITHIN..=paid + EARLY)
}

/// What it tells for a booking, in bits, that its messages asked for just this: the fewer others were asked, the more. None
/// where they did not, or where all are.
pub fn bits(facts: &Facts, booking: &Hypothesis, amount: Money, all: &Hypotheses) -> Option<f64> {
    if !asked_for(facts, booking, amount) {
        return None;
    }
    let others = all
        .all
        .iter()
        .filter(|other| asked_for(facts, other, amount))
        .count();
    let bits = (0.9 * all.all.len() as f64 / others.max(1) as f64)
        .log2()
        .min(MOST);
    (bits >= LEAST).then_some(bits)
}
