//! A name that nothing but titles in the calendar say, beside messages that are addressed to somebody else: whoever types titles puts
//! a firm there, a form of the name, or what is celebrated.

use super::Context;
use super::family::one_person;
use super::question::{Questions, candidate};
use crate::mapping::Told;
use crate::model::{Booking, Claim, Cluster, ConflictKind, Document, FieldName, SourceKind, Value};

/// Asks who the customer is then, unless such titles never were wrong.
pub fn doubt(context: &Context<'_>, cluster: &Cluster, booking: &mut Booking, questions: &mut Questions) {
    let field = FieldName::CustomerName;
    let claims: &[Claim] = booking.claims.get(&field).map_or(&[], Vec::as_slice);
    let (Some(name), Some(email)) = (&booking.customer.name, &booking.customer.email) else {
        return;
    };
    if questions.asks_about(field) || context.customers.told_apart.proves(claims) {
        return;
    }
    let told = || cluster.members.iter().map(|at| &context.input.told[*at]);
    let is_title = |claim: &Claim| {
        let mut stated = told().filter(|told| told.document.record == claim.record);
        stated.any(|told| told.document.kind == SourceKind::GoogleCalendar)
    };
    if claims.is_empty() || !claims.iter().all(is_title) {
        return;
    }
    let is_whole =
        |name: &str| name.split_whitespace().nth(1).is_some() || context.customers.may_be_one_word(name);
    let addressed = told().find_map(|told| {
        let name = addressee(told, email).filter(|name| is_whole(name))?;
        Some((name, told))
    });
    let Some((other, message)) = addressed.filter(|(other, _)| !one_person(name, other)) else {
        return;
    };
    let record = message.document.record.clone();
    let reason =
        format!("Only the calendar names {name}, and {record} is addressed to {other}: who is it for?");
    let there = candidate(Value::Text(other.to_owned()), vec![record], 1000);
    let titles = claims.iter().map(|claim| claim.record.clone()).collect();
    let here = candidate(Value::Text(name.clone()), titles, 500);
    let other = other.to_owned();
    questions.ask(
        ConflictKind::FieldContradicts,
        Some(field),
        reason,
        vec![there, here],
        Some(0),
    );
    booking.customer.name = Some(other);
}

/// The name to which a message of the business went at this address.
fn addressee<'a>(told: &Told<'a>, email: &str) -> Option<&'a str> {
    let document = told.document;
    let is_theirs = document.kind == SourceKind::Mail
        && told.speaks()
        && document
            .recipient()
            .is_some_and(|to| to.trim().eq_ignore_ascii_case(email.trim()));
    document.text(Document::ADDRESSEE).filter(|_| is_theirs)
}
