//! Whose a booking is, where one system serves several businesses and none of its records tells.

use super::Context;
use super::question::{Questions, candidate};
use crate::model::{Baseline, Booking, ConflictKind, FieldName, Value};
use std::collections::BTreeSet;

/// With more businesses than these a list of all is no help.
const NAMED: usize = 9;

/// Takes the business that has what was booked; where that tells nothing either, asks: its row could not be written, or
/// would be nobody's.
pub fn complete(context: &Context<'_>, booking: &mut Booking, questions: &mut Questions) {
    let input = context.input;
    let is_kept = || input.target.is_some_and(|target| target.booking.has("tenant"));
    if booking.tenant.is_some() || !is_kept() || !has_several(input.baseline) {
        return;
    }
    booking.tenant = owner(input.baseline, booking).map(str::to_owned);
    if booking.tenant.is_none() {
        let rows = input.baseline.bookings.iter();
        let all: BTreeSet<&str> = rows.filter_map(|row| row.tenant.as_deref()).collect();
        let all = all.into_iter().take(NAMED);
        let candidates = all.map(|tenant| candidate(Value::Text(tenant.to_owned()), Vec::new(), 0));
        questions.ask(
            ConflictKind::MissingField,
            Some(FieldName::Tenant),
            "No record tells with which of the businesses it is booked.".to_owned(),
            candidates.collect(),
            None,
        );
    }
}

/// Whose the booked thing is.
fn owner<'a>(baseline: &'a Baseline, booking: &Booking) -> Option<&'a str> {
    let key = booking.resource.key.as_deref()?;
    let row = baseline.resources.iter().find(|row| row.key == key)?;
    row.tenant.as_deref()
}

/// Whether the backup has bookings of more than one business.
fn has_several(baseline: &Baseline) -> bool {
    let mut tenants = baseline.bookings.iter().filter_map(|row| row.tenant.as_deref());
    let first = tenants.next();
    tenants.any(|tenant| Some(tenant) != first)
}

#[cfg(test)]
mod tests {
    use super::owner;
    use crate::model::{Action, Baseline, BaselineResource, Booking, BookingId, Resource, State};

    #[test]
    fn a_booking_is_with_whom_the_booked_thing_is() {
        let row = |key: &str, tenant: Option<&str>| BaselineResource {
            key: key.to_owned(),
            tenant: tenant.map(str::to_owned),
            ..BaselineResource::default()
        };
        let baseline = Baseline {
            resources: vec![row("1", Some("north")), row("2", Some("south")), row("3", None)],
            ..Baseline::default()
        };
        let mut booking = Booking::bare(BookingId("b_1".to_owned()), State::Clean, Action::Insert);
        let mut of = |key: Option<&str>| {
            booking.resource = Resource {
                key: key.map(str::to_owned),
                ..Resource::default()
            };
            owner(&baseline, &booking).map(str::to_owned)
        };
        assert_eq!(of(Some("2")).as_deref(), Some("south"));
        assert_eq!(of(Some("3")), None, "both have it");
        assert_eq!(of(None), None);
    }
}
