//! What a new booking lacks that nearly every booking of the backup has.

use super::Context;
use super::question::Questions;
use crate::model::{Booking, Cluster, ConflictKind, FieldName};

/// Asks for what no record tells.
pub fn ask(context: &Context<'_>, cluster: &Cluster, booking: &Booking, questions: &mut Questions) {
    let zone = context.input.business.zone;
    let customer = &booking.customer;
    let is_known = customer.baseline_key.is_some() || !context.customers.are_named();
    let missing = [
        (FieldName::Reference, booking.reference.is_none(), "its number"),
        (FieldName::StartsAt, booking.starts_at.is_none(), "when it starts"),
        (FieldName::EndsAt, booking.ends_at.is_none(), "when it ends"),
        (
            FieldName::ResourceKey,
            booking.resource.key.is_none()
                && !context.unassigned.is_usual_of(context.input, cluster, booking),
            "what was booked",
        ),
        (
            FieldName::CustomerName,
            customer.name.is_none() && !(customer.email.is_some() && is_known),
            "who it is for",
        ),
    ];
    for (field, empty, what) in missing {
        if empty && context.required.contains(&field) {
            let reason = format!("No record tells {what}.");
            questions.ask(ConflictKind::MissingField, Some(field), reason, Vec::new(), None);
        }
    }
    if context.wants_total && booking.total.is_none() {
        let reason = "No record tells the agreed price.".to_owned();
        questions.ask(
            ConflictKind::MissingField,
            Some(FieldName::Total),
            reason,
            Vec::new(),
            None,
        );
    }
    if let (Some(from), Some(to)) = (booking.starts_at, booking.ends_at)
        && from.date(zone) > to.date(zone)
    {
        let reason = "It would end before it starts.".to_owned();
        questions.ask(
            ConflictKind::FieldContradicts,
            Some(FieldName::EndsAt),
            reason,
            Vec::new(),
            None,
        );
    }
}
