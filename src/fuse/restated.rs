//! The price that a message names beside a change, in words that no rule reads: the only amount in it that was not paid.

use super::Context;
use super::money::Paid;
use super::prices;
use super::spoken::Spoken;
use super::strange::is_day;
use super::timeline::Timeline;
use crate::mapping::SlotType;
use crate::model::{Booking, Claim, Currency, FieldName, Money, RecordId, Scalar, Status, Value};
use crate::reading::{self, SpanValue};
use std::collections::BTreeSet;

/// What such a message says of the price.
pub(super) enum Restated {
    /// What it was.
    Same,
    /// Another one, which the backup's prices or the payments come to as well.
    Sure(Money, Claim),
    /// Another one.
    Perhaps(Money, RecordId),
}

/// What the messages since the price was last stated say of it, where they name one amount besides what was paid. `is_other`: it
/// takes longer than before, or is for something else.
pub(super) fn of(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    (paid, booking): (&Paid<'_>, &Booking),
    total: Money,
    is_other: bool,
) -> Option<Restated> {
    let mut messages = timeline.messages.iter();
    let stated = messages.rposition(|spoken| spoken.best(FieldName::Total).is_some());
    let later = timeline.messages[stated.map_or(0, |at| at + 1)..].iter();
    let named: Vec<(&Spoken<'_>, &str, BTreeSet<i64>)> = later
        .filter(|spoken| is_of_booking(spoken))
        .flat_map(|spoken| {
            amounts(timeline, spoken, total.currency)
                .into_iter()
                .map(move |(text, minors)| (spoken, text, minors))
        })
        .collect();
    let listed = prices::of(context, booking).filter(|price| price.is_mostly_right());
    let listed = listed.map(|price| price.money.minor);
    let is_paid = |minors: &BTreeSet<i64>| paid.took().any(|money| minors.contains(&money.minor));
    if named.iter().any(|(_, _, minors)| minors.contains(&total.minor)) {
        let alone = named
            .iter()
            .all(|(_, _, minors)| minors.contains(&total.minor) || is_paid(minors));
        // What was paid already is no word on what something else costs now.
        let is_word = !is_other || !paid.took().any(|money| money == total) || listed == Some(total.minor);
        return (alone && is_word).then_some(Restated::Same);
    }
    let mut others = named.iter().filter(|(_, _, minors)| !is_paid(minors));
    let (spoken, text, minors) = others.next()?;
    if others.any(|(_, _, other)| other != minors) {
        return None;
    }
    let kept = paid.kept().filter(|kept| kept.currency == total.currency);
    let proven = [listed, kept.map(|kept| kept.minor)].into_iter().flatten();
    let sure = proven.into_iter().find(|minor| minors.contains(minor));
    if let Some(minor) = sure {
        let money = Money::new(minor, total.currency);
        return Some(Restated::Sure(money, claim(spoken, text, money)));
    }
    let only = minors.first().filter(|_| minors.len() == 1)?;
    let money = Money::new(*only, total.currency);
    Some(Restated::Perhaps(money, spoken.document.record.clone()))
}

/// Whether a message speaks of the booking as one that stands.
pub(super) fn is_of_booking(spoken: &Spoken<'_>) -> bool {
    let claims = &spoken.told.claims;
    let is_off = claims.meaning == Some(Status::Cancelled);
    !(is_off || claims.offers || claims.nobodys || claims.letter)
}

/// The amounts of a message that no rule reads, each in all its readings.
pub(super) fn amounts<'b>(
    timeline: &Timeline<'_>,
    spoken: &'b Spoken<'_>,
    currency: Currency,
) -> Vec<(&'b str, BTreeSet<i64>)> {
    let claims = &spoken.told.claims;
    let days = timeline.days();
    let open = claims.unexplained.iter().filter(|(slot, text)| {
        *slot == SlotType::Amount
            && !claims.no_prices.contains(text)
            && !days.iter().any(|day| is_day(text, *day))
    });
    let read = open.filter_map(|(_, text)| {
        let minors = readings(text, currency);
        (!minors.is_empty()).then_some((text.as_str(), minors))
    });
    read.collect()
}

/// What an amount may be, in minor units.
pub(super) fn readings(text: &str, currency: Currency) -> BTreeSet<i64> {
    let spans = reading::spans(text);
    let amounts = spans.iter().filter_map(|span| match &span.value {
        SpanValue::Amount(amount) => Some(amount),
        _ => None,
    });
    amounts
        .flat_map(|amount| amount.readings.iter())
        .filter_map(|reading| reading.minor(currency.decimals()))
        .collect()
}

/// The claim of an amount that no rule reads.
pub(super) fn claim(spoken: &Spoken<'_>, text: &str, money: Money) -> Claim {
    let document = spoken.document;
    let place = document.items.iter().find_map(|item| match &item.value {
        Scalar::Text(all) => {
            let from = all.find(text)?;
            Some(format!("{}[{from}..{}]", item.named(), from + text.len()))
        }
        _ => None,
    });
    Claim {
        record: document.record.clone(),
        field: FieldName::Total,
        value: Value::Money(money),
        place: place.unwrap_or_else(|| "text".to_owned()),
        rule: "agreement".to_owned(),
        standing: document.standing,
        said_at: spoken.at,
    }
}
