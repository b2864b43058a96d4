//! Names that somebody typed into an entry, where the customer's name stands mostly, and often not all of it: a second
//! surname is left out in haste.

use super::question::{Questions, candidate};
use super::spoken::TRUSTED;
use super::timeline::Timeline;
use crate::model::{Booking, ConflictKind, FieldName, SourceKind, Value};

/// Asks for the name of somebody new where no record states it in a place that held the whole name nearly always.
pub fn doubt(timeline: &Timeline<'_>, booking: &Booking, questions: &mut Questions) {
    let field = FieldName::CustomerName;
    if booking.customer.baseline_key.is_some() || questions.asks_about(field) {
        return;
    }
    let Some((Value::Text(name), _, trust)) = timeline.person(field) else {
        return;
    };
    let typed = timeline.source(field) == Some(SourceKind::GoogleCalendar);
    if trust >= TRUSTED || !typed || booking.customer.name.as_ref() != Some(&name) {
        return;
    }
    let reason = format!("Entries often leave out a part of names in that place: is {name} the whole name?");
    let whole = candidate(Value::Text(name), timeline.records(field), 1000);
    questions.ask(
        ConflictKind::WeakEvidence,
        Some(field),
        reason,
        vec![whole],
        Some(0),
    );
}
