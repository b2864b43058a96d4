//! Applies standing decisions to bookings as fused.

use super::field::{self, Unfit};
use super::{Log, Terms, current};
use crate::model::{
    Action, Answer, Booking, Claim, Conflict, Decision, FieldName, RecordId, Standing, State, Value,
};

/// Applies every decision that stands. A question that was answered on its present evidence is closed; one
/// that was put off, or whose evidence has changed since, stays open.
pub fn apply(bookings: Vec<Booking>, decisions: &[Decision], terms: &Terms<'_>) -> Vec<Booking> {
    let log = Log::new(decisions.to_vec());
    bookings
        .into_iter()
        .map(|booking| settle(booking, &log, terms))
        .collect()
}

/// Applies to one booking what stands in the log about it.
pub(super) fn settle(mut booking: Booking, log: &Log, terms: &Terms<'_>) -> Booking {
    let mut answered: Vec<(usize, &Decision)> = booking
        .conflicts
        .iter()
        .enumerate()
        .filter_map(|(index, conflict)| Some((index, log.answer(conflict)?)))
        .collect();
    if answered.is_empty() {
        return booking;
    }
    if answered
        .iter()
        .any(|(_, decision)| decision.answer == Answer::Reject)
    {
        booking.state = State::Rejected;
        booking.conflicts.clear();
        return booking;
    }
    answered.sort_by_key(|(_, decision)| decision.seq);
    let mut closed = vec![false; booking.conflicts.len()];
    for (index, decision) in answered {
        let conflict = booking.conflicts[index].clone();
        if answer(&mut booking, &conflict, &decision.answer, terms).is_ok() {
            closed[index] = !matches!(decision.answer, Answer::Later(_));
            cite(&mut booking, &conflict, decision);
        }
    }
    let mut closed = closed.into_iter();
    booking.conflicts.retain(|_| !closed.next().unwrap_or(false));
    if booking.conflicts.is_empty() {
        booking.state = State::Clean;
    }
    booking
}

/// Puts one answer into the booking. On an error the booking is as it was, and the question stays open.
pub(super) fn answer(
    booking: &mut Booking,
    conflict: &Conflict,
    answer: &Answer,
    terms: &Terms<'_>,
) -> Result<(), Unfit> {
    let suggested = conflict
        .suggested
        .and_then(|index| conflict.candidates.get(index))
        .map(|candidate| &candidate.value);
    let (value, is_suggested) = match answer {
        Answer::Accept => match suggested {
            Some(value) => (value, true),
            None => return Ok(()),
        },
        Answer::Take(value) => (value, suggested == Some(value)),
        Answer::Reject | Answer::Later(_) | Answer::Undo(_) => return Ok(()),
    };
    let Some(name) = conflict.field else {
        // A question about the booking as a whole: what is suggested stands already.
        return if is_suggested { Ok(()) } else { Err(Unfit::Whole) };
    };
    if holds(booking, name, value.as_ref(), terms) {
        return Ok(());
    }
    let before = row(booking);
    match field::set(booking, name, value.as_ref(), terms) {
        Ok(()) => {}
        // The value of a flagged booking is the suggested one already, as far as fusing could resolve it.
        Err(_) if is_suggested && is_filled(booking, name, terms) => {}
        Err(unfit) => return Err(unfit),
    }
    if booking.action == Action::Unchanged && row(booking) != before {
        booking.action = Action::Update;
    }
    Ok(())
}

/// The field has the value already, its row included.
fn holds(booking: &Booking, field: FieldName, value: Option<&Value>, terms: &Terms<'_>) -> bool {
    current(booking, field).as_ref() == value && (value.is_none() || is_filled(booking, field, terms))
}

/// The field has a value; a resource that the backup could tell has its row too.
fn is_filled(booking: &Booking, field: FieldName, terms: &Terms<'_>) -> bool {
    match field {
        FieldName::ResourceName
        | FieldName::ResourceCode
        | FieldName::ResourceClass
        | FieldName::ResourceKey
            if terms.has_rows() =>
        {
            booking.resource.key.is_some()
        }
        FieldName::ResourceCode | FieldName::ResourceClass => booking.resource.name.is_some(),
        _ => current(booking, field).is_some(),
    }
}

/// What the booking's own row in the target is made of.
fn row(booking: &Booking) -> impl PartialEq + use<> {
    (
        (booking.reference.clone(), booking.tenant.clone(), booking.status),
        booking.customer.baseline_key.clone(),
        booking.resource.clone(),
        (booking.starts_at, booking.ends_at, booking.created_at),
        booking.total,
    )
}

/// A value that a person gave cites the decision beside the records that say the same.
fn cite(booking: &mut Booking, conflict: &Conflict, decision: &Decision) {
    let (Some(field), Answer::Take(value)) = (conflict.field, &decision.answer) else {
        return;
    };
    let claims = booking.claims.entry(field).or_default();
    claims.retain(|claim| Some(&claim.value) == value.as_ref());
    if let Some(value) = value {
        claims.push(Claim {
            record: RecordId::new("decision", &decision.seq.to_string()),
            field,
            value: value.clone(),
            place: format!("by {}", decision.who),
            rule: "review".to_owned(),
            standing: Standing::Business,
            said_at: Some(decision.at),
        });
    } else {
        booking.claims.remove(&field);
    }
}
