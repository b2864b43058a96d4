//! Whether a message told when a booking begins shortly before it did. Whatever had been changed without a word by then
//! would have been told in it.

use super::Input;
use super::timeline::Timeline;
use crate::model::{Booking, Value};
use chrono::TimeDelta;

/// So long before at most.
const SHORTLY: TimeDelta = TimeDelta::days(2);

pub fn is_told(input: &Input<'_>, timeline: &Timeline<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let Some(start) = booking.starts_at else {
        return false;
    };
    timeline.last_start().is_some_and(|(told, at)| {
        let day = at.with_timezone(&zone).date_naive();
        let before = start.date(zone) - day;
        told == Value::When(start) && (TimeDelta::zero()..=SHORTLY).contains(&before)
    })
}
