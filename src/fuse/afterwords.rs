//! Afterwords: what was sent long after a booking was over, and speaks of no time to come: that it is time to come again,
//! how it was. Whatever it says, the booking stays what it was.

use super::Input;
use crate::mapping::Told;
use crate::model::{Booking, Status, Value, When};
use chrono::{NaiveDate, TimeDelta};

/// Who did not come is written to within so many days: then something may be new.
const OVER: TimeDelta = TimeDelta::days(7);

/// Whether a message can tell nothing new of this booking. What was given back may be told of late.
pub fn is_one(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let Some(said) = told.document.said_at.map(|at| at.with_timezone(&zone).date_naive()) else {
        return false;
    };
    let last = booking.ends_at.or(booking.starts_at);
    let is_over = last.is_some_and(|last| last.date(zone) + OVER < said);
    let calls_off = told.claims.meaning == Some(Status::Cancelled) || told.claims.perhaps_off;
    let has_refund = booking.payments.iter().any(|payment| payment.refunded.minor != 0);
    is_over
        && told.document.object == "message"
        && !calls_off
        && !has_refund
        && days(told, zone).all(|day| day < said)
}

/// All days that a record names, as far as they can be read.
fn days(told: &Told<'_>, zone: chrono_tz::Tz) -> impl Iterator<Item = NaiveDate> {
    let claims = told.claims.claims.iter().filter_map(|claim| match &claim.value {
        Value::When(when) => Some(*when),
        _ => None,
    });
    let strange = told.claims.strange.iter().flat_map(|strange| strange.whens.iter().copied());
    let idle = told.claims.idle.iter().copied();
    claims.chain(strange).chain(idle).map(move |when: When| when.date(zone))
}

