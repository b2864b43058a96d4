//! Questions by their headings: what is kept of each after a build, so that a queue need not open every booking.

use super::alike::likeness;
use crate::model::{Booking, Conflict, Heading, Wording};
use crate::reading::fold;

/// The heading of every question, with what a filter looks for in it; by the booking's place, then its own.
pub fn headings(bookings: &[Booking]) -> Vec<(Heading, Wording)> {
    let asked = bookings.iter().enumerate().flat_map(|(place, booking)| {
        let questions = booking.conflicts.iter().enumerate();
        questions.map(move |(position, conflict)| {
            (
                heading(place, position, booking, conflict),
                wording(booking, conflict),
            )
        })
    });
    asked.collect()
}

/// The headings of one booking's questions.
pub(super) fn of_booking(place: usize, booking: &Booking) -> Vec<Heading> {
    let questions = booking.conflicts.iter().enumerate();
    questions
        .map(|(position, conflict)| heading(place, position, booking, conflict))
        .collect()
}

fn heading(place: usize, position: usize, booking: &Booking, conflict: &Conflict) -> Heading {
    Heading {
        place,
        position,
        booking: booking.id.clone(),
        conflict: conflict.id.clone(),
        evidence: conflict.evidence.clone(),
        kind: conflict.kind,
        field: conflict.field,
        starts: conflict.offered_starts().chain(booking.starts_at).collect(),
        gap_millibits: conflict.gap_millibits(),
        likeness: likeness(conflict),
    }
}

pub(super) fn wording(booking: &Booking, conflict: &Conflict) -> Wording {
    let folded = |texts: &[Option<&str>]| -> String {
        let folded: Vec<String> = texts.iter().flatten().map(|text| fold(text)).collect();
        folded.join("\n")
    };
    let (customer, resource) = (&booking.customer, &booking.resource);
    let customer = folded(&[
        customer.name.as_deref(),
        customer.email.as_deref(),
        customer.phone.as_deref(),
    ]);
    let mut text = vec![
        booking.reference.as_deref(),
        resource.name.as_deref(),
        Some(conflict.reason.as_str()),
    ];
    text.extend(booking.records.iter().map(|record| Some(record.as_str())));
    Wording {
        text: format!("{customer}\n{}", folded(&text)),
        customer,
        resource: folded(&[resource.name.as_deref(), resource.key.as_deref()]),
        tenant: booking.tenant.as_deref().map(fold),
    }
}
