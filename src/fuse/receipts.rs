//! Messages that do no more than acknowledge a payment: they name what a charge of their reader's took just before, and no time,
//! thing or number. Whichever booking that was for, the message tells nothing new of it, nor of any other.

use super::Input;
use crate::mapping::{SlotType, Told};
use crate::model::{FieldName, Money, Status, Value};
use crate::reading::{self, SpanValue};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// A receipt is sent within this time of its payment.
const SOON: TimeDelta = TimeDelta::hours(1);

/// Such messages, by their place in `told`.
#[derive(Debug, Default)]
pub(super) struct Receipts(BTreeSet<usize>);

impl Receipts {
    pub fn new(input: &Input<'_>) -> Self {
        let mut taken: BTreeMap<String, Vec<(DateTime<Utc>, Money)>> = BTreeMap::new();
        for told in input.told.iter().filter(|told| told.took_money()) {
            if let (Some(at), Some(money)) = (told.document.said_at, told.document.taken()) {
                for payer in addresses(told) {
                    taken.entry(payer).or_default().push((at, money));
                }
            }
        }
        let is_receipt = |told: &Told<'_>| {
            let (Some(said), Some(money)) = (told.document.said_at, acknowledged(told)) else {
                return false;
            };
            let is_it =
                |(at, took): &(DateTime<Utc>, Money)| *took == money && *at <= said && said - *at <= SOON;
            addresses(told).any(|reader| taken.get(&reader).is_some_and(|took| took.iter().any(is_it)))
        };
        let all = input.told.iter().enumerate();
        Self(
            all.filter(|(_, told)| is_receipt(told))
                .map(|(at, _)| at)
                .collect(),
        )
    }

    pub fn has(&self, at: usize) -> bool {
        self.0.contains(&at)
    }
}

fn addresses<'t>(told: &'t Told<'_>) -> impl Iterator<Item = String> + 't {
    let stated = told.claims.of(FieldName::CustomerEmail);
    stated.filter_map(|claim| match &claim.value {
        Value::Text(address) => Some(address.trim().to_lowercase()),
        _ => None,
    })
}

/// The one amount that a message of a known kind names, where it says nothing else that could be of a booking.
fn acknowledged(told: &Told<'_>) -> Option<Money> {
    let claims = &told.claims;
    let mut amounts = claims.of(FieldName::Total).filter_map(|claim| match claim.value {
        Value::Money(money) => Some(money),
        _ => None,
    });
    let amount = amounts.next()?;
    let is_plain = |field: FieldName| field == FieldName::Total || field.is_of_customer();
    let mut open = claims.unexplained.iter().chain(&claims.unread);
    let is_receipt = told.document.object == "message"
        && told.speaks()
        && claims.known
        && claims.meaning != Some(Status::Cancelled)
        && !claims.perhaps_off
        && claims.doubled.is_empty()
        && claims.strange.is_empty()
        && amounts.all(|other| other == amount)
        && claims.claims.iter().all(|claim| is_plain(claim.field))
        && !open.any(|(slot, text)| match slot {
            SlotType::Amount => true,
            SlotType::Moment => names_day(text),
            _ => false,
        });
    is_receipt.then_some(amount)
}

/// Whether a day is named: the desk's hours at the foot of a letter are nobody's time.
fn names_day(text: &str) -> bool {
    reading::spans(text).iter().any(|span| match &span.value {
        SpanValue::Moment(moment) => {
            moment.weekday.is_some() || moment.readings.iter().any(|reading| reading.date.is_some())
        }
        _ => false,
    })
}
