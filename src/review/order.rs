//! The order of cases: what starts soonest is asked first.

use crate::model::{Booking, Conflict, FieldName, Value, When};
use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;

/// Where a case stands in the queue; smaller comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// Today or later.
    Coming(DateTime<Utc>),
    /// No start is known, so it may be tomorrow.
    Unknown,
    Past(DateTime<Utc>),
}

/// The urgency of one case. Where the start itself is in question, the soonest candidate counts.
pub(super) fn urgency(booking: &Booking, conflict: &Conflict, now: DateTime<Utc>, zone: Tz) -> Urgency {
    let candidates = conflict
        .candidates
        .iter()
        .filter(|_| conflict.field == Some(FieldName::StartsAt));
    let starts = candidates.filter_map(|candidate| match candidate.value {
        Some(Value::When(when)) => Some(when),
        _ => None,
    });
    let place = |start: When| {
        let at = first_moment(start, zone);
        let is_coming = match start {
            When::Instant(at) => at >= now,
            When::Date(date) => date >= now.with_timezone(&zone).date_naive(),
        };
        if is_coming {
            Urgency::Coming(at)
        } else {
            Urgency::Past(at)
        }
    };
    starts
        .chain(booking.starts_at)
        .map(place)
        .min()
        .unwrap_or(Urgency::Unknown)
}

fn first_moment(when: When, zone: Tz) -> DateTime<Utc> {
    match when {
        When::Instant(at) => at,
        When::Date(date) => {
            let midnight = date.and_time(NaiveTime::MIN);
            midnight
                .and_local_timezone(zone)
                .earliest()
                .map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
        }
    }
}
