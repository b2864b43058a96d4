//! Makes rows, as a backup would have them, of the bookings on which the sources agree.

use super::facts::{Stated, Unit};
use super::groups::Group;
use super::money::Prices;
use super::reference::References;
use super::times::Edges;
use crate::mapping::squash;
use crate::model::{
    Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, Business, FieldName, RawRow, Status, When,
};
use crate::reading::phone_tail;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// The rows, and what is known of each group.
pub(super) struct Rows {
    pub baseline: Baseline,
    pub statuses: Vec<Option<Status>>,
    /// Whether each group made a row.
    pub kept: Vec<bool>,
}

pub(super) fn rows(
    groups: &[Group],
    units: &[Unit],
    references: &References,
    edges: &Edges,
    prices: &Prices,
    business: &Business,
) -> Rows {
    let mut made = Baseline::default();
    let (mut statuses, mut all_kept) = (Vec::new(), Vec::new());
    let states = tells_states(groups, units);
    for (at, group) in groups.iter().enumerate() {
        // No text holds such a key by chance.
        let key = format!("standin{at}row");
        let span = edges.span(group, units, business);
        let status = span.and_then(|(from, _)| status(group, units, from, states, business));
        statuses.push(status);
        let total = prices.of(group, units);
        let priced = total.is_some() || !prices.known() || prices.silent(group, units);
        let kept = span.is_some() && priced;
        all_kept.push(kept);
        for (id, amount, back) in group.payments.iter().flat_map(|at| &units[*at].charges) {
            made.payments.push(BaselinePayment {
                key: id.clone(),
                booking: kept.then(|| key.clone()),
                provider_id: Some(id.clone()),
                amount: *amount,
                refunded: crate::model::Money::new(*back, amount.currency),
                paid_at: None,
                raw: RawRow::default(),
            });
        }
        let (Some((from, to)), true) = (span, kept) else {
            continue;
        };
        let customer = customer(group, units, format!("{key}person"));
        made.bookings.push(BaselineBooking {
            key,
            tenant: group.tenant.clone(),
            reference: group
                .reference
                .as_ref()
                .and_then(|folded| references.written(group.tenant.as_deref(), folded))
                .map(str::to_owned),
            customer: Some(customer.key.clone()),
            resource: None,
            starts_at: Some(from),
            ends_at: to,
            status,
            total,
            created_at: group
                .messages
                .iter()
                .chain(&group.events)
                .filter_map(|at| units[*at].made_at)
                .min(),
            raw: RawRow::default(),
        });
        made.customers.push(customer);
    }
    Rows {
        baseline: made,
        statuses,
        kept: all_kept,
    }
}

/// Whom the messages go to; whoever published data names goes first.
fn customer(group: &Group, units: &[Unit], key: String) -> BaselineCustomer {
    let messages = || group.messages.iter().rev().map(|at| &units[*at]);
    let stated = |field| {
        messages().find_map(|unit| match unit.stated.get(&field) {
            Some(Stated::Text(text)) => Some(text.clone()),
            _ => None,
        })
    };
    let addressed = messages().find_map(|unit| unit.names.values().next().cloned());
    let email = messages().find_map(|unit| unit.emails.first().cloned());
    BaselineCustomer {
        key,
        name: stated(FieldName::CustomerName).or(addressed),
        email: stated(FieldName::CustomerEmail).or(email),
        phone: phone(group, units),
        ..BaselineCustomer::default()
    }
}

/// A phone number of the calendar's entry that hardly any other entry has, or that a payment knows too.
fn phone(group: &Group, units: &[Unit]) -> Option<String> {
    let of = |list: &[usize]| -> BTreeSet<String> {
        let phones = list.iter().flat_map(|at| units[*at].phones.iter());
        // A booking's number may look like a telephone's.
        let number = group.reference.as_deref().map(phone_tail);
        phones
            .filter(|phone| Some(*phone) != number.as_ref())
            .cloned()
            .collect()
    };
    let (planned, told, paid) = (of(&group.events), of(&group.messages), of(&group.payments));
    let shared = planned
        .iter()
        .find(|phone| told.contains(*phone) || paid.contains(*phone))
        .or_else(|| told.iter().find(|phone| paid.contains(*phone)))?;
    (squash(shared).len() >= 7).then(|| shared.clone())
}

/// An entry is made within this, give or take.
const MAKING: TimeDelta = TimeDelta::minutes(5);

/// Who never calls a booking off in published data may call all of them on, whatever became of them.
const STATES: usize = 3;

/// Whether published data calls some bookings on and others off.
fn tells_states(groups: &[Group], units: &[Unit]) -> bool {
    let said = groups.iter().filter_map(|group| published(group, units));
    let (off, all) = said.fold((0, 0), |(off, all), said| (off + usize::from(said), all + 1));
    off >= STATES && all - off >= STATES
}

/// Whether the last message of a booking calls it off in published data, or on.
fn published(group: &Group, units: &[Unit]) -> Option<bool> {
    group.messages.last().and_then(|at| units[*at].off)
}

/// What the calendar and the payments show of it; None where they do not show the same, or where the entry was
/// changed and nothing tells how. Of what no entry stands for, what published data says and no refund contradicts.
fn status(group: &Group, units: &[Unit], from: When, states: bool, business: &Business) -> Option<Status> {
    let entries: Vec<&Unit> = group.events.iter().map(|at| &units[*at]).collect();
    let charges = || group.payments.iter().flat_map(|at| &units[*at].charges);
    let paid_back = charges().next().is_some() && charges().all(|(_, amount, back)| amount.minor == *back);
    let struck = entries.iter().filter(|entry| entry.struck).count();
    if entries.is_empty() && states {
        let off = published(group, units)?;
        return match (off, paid_back) {
            (true, _) => Some(Status::Cancelled),
            (false, false) => Some(Status::Confirmed),
            (false, true) => None,
        };
    }
    if entries.is_empty() || struck > 0 && struck < entries.len() {
        return None;
    }
    if struck > 0 {
        return Some(Status::Cancelled);
    }
    let touched = entries.iter().any(|entry| {
        entry
            .made_at
            .zip(entry.said_at)
            .is_some_and(|(made, said)| said - made > MAKING)
    });
    let followed = group.messages.len() > 1;
    // Another message told of another start: that is what was changed.
    let moved = group
        .messages
        .iter()
        .any(|at| !units[*at].dates.is_empty() && !units[*at].tells(from, business));
    match (paid_back, touched && followed && !moved) {
        (true, true) => Some(Status::Cancelled),
        (false, false) => Some(Status::Confirmed),
        _ => None,
    }
}
