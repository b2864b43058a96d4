//! Whose an address of the backup is: a family's, an agency's, or somebody's who has another one now.

use super::question::{Questions, candidate};
use super::{Context, given};

use crate::mapping::squash;
use crate::model::{BaselineCustomer, Booking, ConflictKind, FieldName, Value};
use crate::reading::phone_tail;
use std::collections::BTreeSet;

/// Whether a booking is for somebody else than a customer of the address: their given names are clearly different, and
/// the booking's stands where names were always right; or they telephone from elsewhere.
pub(super) fn is_another(context: &Context<'_>, booking: &Booking, row: &BaselineCustomer) -> bool {
    let names = booking.customer.name.as_deref().zip(row.name.as_deref());
    let family_first = context.input.baseline.family_first;
    let told_apart = &context.customers.told_apart;
    let claims = || booking.claims.get(&FieldName::CustomerName);
    let in_signs = || claims().is_some_and(|claims| told_apart.proves(claims));
    let differ = |(one, other): (&str, &str)| {
        given::differ(one, other, family_first) || given::differ_in_signs(one, other) && in_signs()
    };
    context.households
        && (is_guest(context, booking) && names.is_some_and(differ) || told_apart.by_phone(booking, row))
}

/// Whether the booking's name stands where names were always right.
fn is_guest(context: &Context<'_>, booking: &Booking) -> bool {
    let claims = booking.claims.get(&FieldName::CustomerName);
    claims.is_some_and(|claims| {
        context.bookers.proves_guest(claims) || context.customers.told_apart.proves(claims)
    })
}

/// So many families' names at one address are an agency's customers.
const FAMILIES: usize = 4;

/// Whether an address tells of nobody: people of many families have it.
pub(super) fn is_agency(rows: &[&BaselineCustomer]) -> bool {
    let names = || rows.iter().filter_map(|row| row.name.as_deref());
    let first: BTreeSet<String> = names()
        .filter_map(|name| name.split_whitespace().next().map(squash))
        .collect();
    let last: BTreeSet<String> = names()
        .filter_map(|name| name.split_whitespace().next_back().map(squash))
        .collect();
    first.len() >= FAMILIES && last.len() >= FAMILIES
}

/// The same at an agency's address, where a given name or a family's alone comes back by chance: no spelling of one name is the
/// other's.
pub(super) fn is_somebody_else(context: &Context<'_>, booking: &Booking, row: &BaselineCustomer) -> bool {
    let names = booking.customer.name.as_deref().zip(row.name.as_deref());
    let family_first = context.input.baseline.family_first;
    let differ = |(one, other): (&str, &str)| {
        given::differ(one, other, family_first) || given::differ(one, other, !family_first)
    };
    context.households && is_guest(context, booking) && names.is_some_and(differ)
}

pub(super) fn whose_address(rows: &[&BaselineCustomer]) -> String {
    let names: Vec<&str> = rows.iter().filter_map(|row| row.name.as_deref()).collect();
    format!(
        "The backup knows the address as that of {}: which of them is it for?",
        names.join(" and of ")
    )
}

pub(super) fn another_address(booking: &Booking) -> String {
    let customer = &booking.customer;
    let name = customer.name.as_deref().unwrap_or_default();
    if customer.email.is_none() && customer.phone.is_none() {
        return format!("The backup knows {name}, and no record tells an address: is it the same person?");
    }
    format!("The backup knows {name} with another address: is it the same person?")
}

pub(super) fn another_number(row: &BaselineCustomer) -> String {
    let name = row.name.as_deref().unwrap_or_default();
    format!(
        "The backup knows a {name} at this address, which many share, with another number: is it the same person?"
    )
}

/// Whether a booking states another telephone number than the row's.
pub(super) fn calls_from_elsewhere(booking: &Booking, row: &BaselineCustomer) -> bool {
    let phones = booking.customer.phone.as_deref().zip(row.phone.as_deref());
    phones.is_some_and(|(one, other)| phone_tail(one) != phone_tail(other))
}

/// Asks which of several customers it is, if any.
pub(super) fn ask(reason: String, rows: &[&BaselineCustomer], questions: &mut Questions) {
    let candidates = rows
        .iter()
        .map(|row| candidate(Value::Text(row.key.clone()), Vec::new(), 500))
        .collect();
    questions.ask(
        ConflictKind::AmbiguousLink,
        Some(FieldName::CustomerKey),
        reason,
        candidates,
        None,
    );
}
