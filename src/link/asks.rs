//! What a customer was asked to pay: an amount beside the price that a message of a booking names before it is paid.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use crate::mapping::{SlotType, Told};
use crate::model::{Money, Standing};
use crate::reading::{self, Amount, SpanValue};
use chrono::{DateTime, TimeDelta, Utc};

/// Whoever is asked for an amount pays it within so long; clocks differ a little.
const WITHIN: TimeDelta = TimeDelta::days(14);
const EARLY: TimeDelta = TimeDelta::minutes(10);
/// What it tells at most that just this was paid, and what it must tell to tell anything: what all messages name is asked of
/// nobody.
const MOST: f64 = 7.0;
const LEAST: f64 = 2.0;

/// An amount that a message named, and when.
#[derive(Debug, Clone)]
pub struct Asked {
    /// ISO code; None where no currency is named.
    currency: Option<String>,
    /// All that it may be in minor units, with the decimals of the currencies that have so many: worked out once, as it is
    /// held against each payment.
    worth: Vec<(u32, i64)>,
    said_at: DateTime<Utc>,
}

/// How many decimals currencies have.
const DECIMALS: [u32; 3] = [0, 2, 3];

impl Asked {
    pub fn of(facts: &Facts) -> Vec<Self> {
        let Some(said_at) = facts.made_at else {
            return Vec::new();
        };
        let worth = |amount: &Amount| {
            let all = DECIMALS.into_iter().flat_map(|decimals| {
                let minors = amount
                    .readings
                    .iter()
                    .filter_map(move |reading| reading.minor(decimals));
                minors.map(move |minor| (decimals, minor))
            });
            all.collect()
        };
        let asked = facts.asks.iter().map(|amount| Self {
            currency: amount.currency.clone(),
            worth: worth(amount),
            said_at,
        });
        asked.collect()
    }

    /// Whether it was named when something was paid, or so soon after; clocks differ a little.
    pub fn is_said_within(&self, paid: DateTime<Utc>, within: TimeDelta) -> bool {
        (paid - EARLY..=paid + within).contains(&self.said_at)
    }

    pub fn is(&self, money: Money) -> bool {
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
    let in_time = |said: DateTime<Utc>| said <= paid + EARLY && paid <= said + WITHIN;
    let mut asks = booking.asks.iter();
    asks.any(|asked| asked.is(amount) && in_time(asked.said_at))
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
