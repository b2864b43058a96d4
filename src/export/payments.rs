//! Payments into rows to stage: new ones on their booking, and refunds of payments that stand in the backup.
//!
//! A new payment follows its booking: where that is held, so is the payment. A refund needs no booking: it
//! is a fact about a row that stands, and changes that row's one column. A charge that pays for several bookings is a
//! row for each, with its share, where the table takes a charge more than once.

use super::Held;
use super::cell::Cell;
use super::relation::{Relation, Slot, Source};
use super::rules::Rules;
use super::staged::{BookingRow, Stager, currency, hold};
use crate::model::{Baseline, BaselinePayment, Booking, BookingId, Money, Payment, State, When};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct PaymentRow<'a> {
    pub payment: &'a Payment,
    pub owner: &'a Booking,
    /// The staged booking of a new payment; None for a refund of one in the backup.
    pub booking: Option<usize>,
    pub cells: Vec<Cell>,
    pub before: Option<Vec<Cell>>,
}

/// Turns the payments of clean bookings into rows.
pub(super) fn stage<'a>(
    bookings: &'a [Booking],
    rows: &[BookingRow<'a>],
    refused: &BTreeSet<&BookingId>,
    stager: &Stager<'a>,
    baseline: Option<&'a Baseline>,
) -> (Vec<PaymentRow<'a>>, Vec<Held>) {
    let Some(relation) = &stager.relations.payment else {
        return (Vec::new(), Vec::new());
    };
    let mut backup: BTreeMap<&str, Vec<&BaselinePayment>> = BTreeMap::new();
    for payment in baseline.into_iter().flat_map(|baseline| &baseline.payments) {
        if let Some(id) = &payment.provider_id {
            backup.entry(id).or_default().push(payment);
        }
    }
    let staged: BTreeMap<&BookingId, usize> = rows.iter().map(|row| (&row.booking.id, row.no)).collect();
    let mut payers: BTreeMap<&str, usize> = BTreeMap::new();
    for booking in bookings.iter().filter(|booking| booking.state != State::Rejected) {
        for payment in &booking.payments {
            *payers.entry(&payment.id).or_default() += 1;
        }
    }
    let mut clean: Vec<&Booking> = bookings
        .iter()
        .filter(|booking| booking.state == State::Clean)
        .collect();
    clean.sort_by_key(|booking| (booking.created_at, booking.starts_at, &booking.id));

    let takes_shares = takes_shares(relation);
    let rules = Rules::of(relation, stager.business.zone);
    let mut made = Vec::new();
    let mut held = Vec::new();
    let mut refunded = BTreeSet::new();
    for booking in clean {
        for payment in &booking.payments {
            let standing = backup.get(payment.id.as_str()).map_or(&[][..], Vec::as_slice);
            let is_shared = payers.get(payment.id.as_str()).is_some_and(|count| *count > 1);
            let row = if payment.baseline_refunded.is_some() {
                if !refunded.insert((&payment.id, &booking.baseline_key)) {
                    continue;
                }
                refund(relation, booking, payment, standing)
            } else if refused.contains(&booking.id) {
                Err("its booking is held".to_owned())
            } else if is_shared && !takes_shares {
                Err("it pays for several bookings, and the table takes a charge once".to_owned())
            } else if !standing.is_empty() {
                Err("it stands in the backup on another booking".to_owned())
            } else if let Some(&no) = staged.get(&booking.id) {
                new(relation, booking, payment, (no, is_shared), stager).map(Some)
            } else {
                Err("its booking's row in the backup is not known".to_owned())
            };
            let paid_at = |field: &str| (field == "paid_at").then_some(When::Instant(payment.paid_at));
            let row = row.and_then(|row| {
                let refusal = row.as_ref().and_then(|row| rules.refusal(&row.cells, &paid_at));
                refusal.map_or(Ok(row), Err)
            });
            match row {
                Ok(row) => made.extend(row),
                Err(reason) => held.push(Held {
                    payment: Some(payment.id.clone()),
                    ..hold(booking, reason)
                }),
            }
        }
    }
    (made, held)
}

/// Whether a charge may stand in several rows: no key of the table holds it without the booking.
fn takes_shares(relation: &Relation<'_>) -> bool {
    let (Some(charge), Some(booking)) = (relation.field("provider_id"), relation.field("booking")) else {
        return false;
    };
    let uniques = relation.uniques();
    !uniques.is_empty()
        && !uniques.iter().any(|unique| {
            unique.columns.contains(&charge.column) && !unique.columns.contains(&booking.column)
        })
}

fn new<'a>(
    relation: &Relation<'_>,
    owner: &'a Booking,
    payment: &'a Payment,
    (booking, is_shared): (usize, bool),
    stager: &Stager<'_>,
) -> Result<PaymentRow<'a>, String> {
    let mut cells = vec![Cell::Null; relation.columns.len()];
    for slot in &relation.slots {
        let cell = match slot.source {
            Source::Constant => slot.missing("constant")?,
            Source::Uuid if is_shared => slot.uuid(&super::uuid::of(
                "payment",
                &format!("{} {}", payment.id, owner.id),
            )),
            Source::Uuid => slot.uuid(&super::uuid::of("payment", &payment.id)),
            Source::Field(field, _) => match field {
                // Given at run time.
                "booking" => Cell::Null,
                "provider_id" => slot.text(&payment.id)?,
                "amount" => priced(relation, slot, payment.amount, stager)?,
                "refunded" => priced(relation, slot, payment.refunded, stager)?,
                "currency" => currency(slot, relation.word("currency", payment.amount.currency.as_str()))?,
                "paid_at" => slot.time(When::Instant(payment.paid_at), stager.business.zone)?,
                "tenant" => match &owner.tenant {
                    Some(tenant) => slot.text(tenant)?,
                    None => slot.missing("tenant")?,
                },
                other => slot.missing(other)?,
            },
        };
        if let Some(at) = relation.position(&slot.column) {
            cells[at] = cell;
        }
    }
    Ok(PaymentRow {
        payment,
        owner,
        booking: Some(booking),
        cells,
        before: None,
    })
}

fn priced(
    relation: &Relation<'_>,
    slot: &Slot<'_>,
    money: Money,
    stager: &Stager<'_>,
) -> Result<Cell, String> {
    if money.currency != stager.business.currency && relation.field("currency").is_none() {
        return Err(format!(
            "it is {money}, and the table has no column for a currency"
        ));
    }
    slot.money(money)
}

/// The backup's row with the new refunded amount, where that rose.
fn refund<'a>(
    relation: &Relation<'_>,
    owner: &'a Booking,
    payment: &'a Payment,
    standing: &[&BaselinePayment],
) -> Result<Option<PaymentRow<'a>>, String> {
    let Some(slot) = relation.field("refunded") else {
        return Ok(None);
    };
    let known = payment.baseline_refunded.unwrap_or(0);
    if payment.refunded.minor == known {
        return Ok(None);
    }
    if payment.refunded.minor < known {
        return Err("the backup has a larger refund than the provider".to_owned());
    }
    let of_booking = |base: &&&BaselinePayment| base.booking == owner.baseline_key;
    let standing: Vec<&&BaselinePayment> = standing.iter().filter(of_booking).collect();
    let [base] = standing.as_slice() else {
        return Err(format!("{} rows of the backup have this charge", standing.len()));
    };
    let parts: BTreeMap<&str, &str> = relation.key_parts(&base.key).collect();
    let before: Vec<Cell> = relation
        .columns
        .iter()
        .map(|column| match base.raw.get(column) {
            Some(raw) => Cell::raw(raw.as_deref()),
            None => Cell::raw(parts.get(column.as_str()).copied()),
        })
        .collect();
    let mut cells = before.clone();
    if let Some(at) = relation.position(&slot.column) {
        cells[at] = slot.money(payment.refunded)?;
    }
    Ok(Some(PaymentRow {
        payment,
        owner,
        booking: None,
        cells,
        before: Some(before),
    }))
}
