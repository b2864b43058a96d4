//! Messages that tell nothing new of a booking, whether they belong to it or not: a thank-you of a known kind that states
//! neither time nor price, and what was sent long after it was over and speaks of no time to come.

use super::Input;
use crate::mapping::{SlotType, Told};
use crate::model::{Booking, FieldName, Status, Value, When};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

/// Who did not come is written to within so many days: then something may be new.
const LONG: TimeDelta = TimeDelta::days(7);
/// Nobody is given another day for what was over so long ago.
const FORGOTTEN: TimeDelta = TimeDelta::days(30);

/// Whether a message can tell nothing new of this booking.
pub fn is_told(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    told.document.object == "message"
        && (is_afterword(input, told, booking) || states_nothing(input, told, booking))
}

/// Whether it was sent long after the booking was over, and names no day to come, or so long after that it is about another.
/// What was given back may be told of late.
pub fn is_afterword(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let Some(said) = said_on(told, zone) else {
        return false;
    };
    let has_refund = booking.payments.iter().any(|payment| payment.refunded.minor != 0);
    is_over(booking, said - LONG, zone)
        && !calls_off(told)
        && !has_refund
        && (is_over(booking, said - FORGOTTEN, zone) || days(told, zone).all(|day| day < said))
}

/// Whether messages of its kind called nothing off, and it states nothing that could be another value; a resource only
/// where that is the booking's, or the booking was over.
fn states_nothing(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let claims = &told.claims;
    let states = |fields: &[FieldName]| claims.claims.iter().any(|claim| fields.contains(&claim.field));
    let is_value = |slot: &SlotType| matches!(slot, SlotType::Moment | SlotType::Amount);
    let mut values = claims.unexplained.iter().chain(&claims.unread);
    let mut resources = claims.of(FieldName::ResourceKey);
    let own = booking.resource.key.as_deref();
    let is_own =
        |claim: &crate::model::Claim| matches!(&claim.value, Value::Text(key) if Some(key.as_str()) == own);
    let over = || said_on(told, zone).is_some_and(|said| is_over(booking, said, zone));
    claims.known
        && !calls_off(told)
        && !states(&[
            FieldName::StartsAt,
            FieldName::EndsAt,
            FieldName::Total,
            FieldName::Status,
        ])
        && claims.strange.is_empty()
        && !values.any(|(slot, _)| is_value(slot))
        && (resources.all(is_own) || over())
}

fn said_on(told: &Told<'_>, zone: Tz) -> Option<NaiveDate> {
    told.document
        .said_at
        .map(|at| at.with_timezone(&zone).date_naive())
}

fn is_over(booking: &Booking, by: NaiveDate, zone: Tz) -> bool {
    let last = booking.ends_at.or(booking.starts_at);
    last.is_some_and(|last| last.date(zone) < by)
}

fn calls_off(told: &Told<'_>) -> bool {
    told.claims.meaning == Some(Status::Cancelled) || told.claims.perhaps_off
}

/// All days that a record names, as far as they can be read.
fn days(told: &Told<'_>, zone: Tz) -> impl Iterator<Item = NaiveDate> {
    let claims = told.claims.claims.iter().filter_map(|claim| match &claim.value {
        Value::When(when) => Some(*when),
        _ => None,
    });
    let strange = told
        .claims
        .strange
        .iter()
        .flat_map(|strange| strange.whens.iter().copied());
    let idle = told.claims.idle.iter().copied();
    claims
        .chain(strange)
        .chain(idle)
        .map(move |when: When| when.date(zone))
}
