//! Makes rows, as a backup would have them, of the bookings on which the sources agree.

use super::facts::{Stated, Unit};
use super::groups::Group;
use super::money::Prices;
use super::reference::References;
use super::times::Edges;
use crate::mapping::squash;
use crate::model::{
    Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, Business, FieldName, Status,
};
use std::collections::BTreeSet;

pub(super) fn rows(
    groups: &[Group],
    units: &[Unit],
    references: &References,
    edges: &Edges,
    prices: &Prices,
    business: &Business,
) -> Baseline {
    let mut made = Baseline::default();
    for (at, group) in groups.iter().enumerate() {
        // No text holds such a key by chance.
        let key = format!("standin{at}row");
        let span = edges.span(group, units, business);
        let total = prices.of(group, units);
        let kept = span.is_some() && (total.is_some() || !prices.known());
        for (id, amount, back) in group.payments.iter().flat_map(|at| &units[*at].charges) {
            made.payments.push(BaselinePayment {
                key: id.clone(),
                booking: kept.then(|| key.clone()),
                provider_id: Some(id.clone()),
                amount: *amount,
                refunded: crate::model::Money::new(*back, amount.currency),
                paid_at: None,
                raw: Default::default(),
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
                .and_then(|folded| references.known.get(folded).cloned()),
            customer: Some(customer.key.clone()),
            resource: None,
            starts_at: Some(from),
            ends_at: to,
            status: status(group, units),
            total,
            created_at: group
                .messages
                .iter()
                .chain(&group.events)
                .filter_map(|at| units[*at].made_at)
                .min(),
            raw: Default::default(),
        });
        made.customers.push(customer);
    }
    made
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
        list.iter().flat_map(|at| units[*at].phones.iter().cloned()).collect()
    };
    let (planned, told, paid) = (of(&group.events), of(&group.messages), of(&group.payments));
    let shared = planned
        .iter()
        .find(|phone| told.contains(*phone) || paid.contains(*phone))
        .or_else(|| told.iter().find(|phone| paid.contains(*phone)))?;
    (squash(shared).len() >= 7).then(|| shared.clone())
}

/// What the calendar and the payments show of it; None where they do not show the same.
fn status(group: &Group, units: &[Unit]) -> Option<Status> {
    let mut entries = group.events.iter().map(|at| units[*at].struck).peekable();
    let charges = || group.payments.iter().flat_map(|at| &units[*at].charges);
    let paid_back = charges().next().is_some() && charges().all(|(_, amount, back)| amount.minor == *back);
    entries.peek()?;
    let struck: BTreeSet<bool> = entries.collect();
    match (struck.len(), struck.contains(&true), paid_back) {
        (1, true, _) => Some(Status::Cancelled),
        (1, false, false) => Some(Status::Confirmed),
        _ => None,
    }
}
