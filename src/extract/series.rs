//! When a series of events ends: with its last one, on the clock of the first.

use crate::model::Scalar;
use crate::reading::series;
use chrono::{NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The end of the last event, by the start and end of the first one and the rule.
pub(super) fn last_end(start: &Scalar, end: &Scalar, zone: Tz, rule: &str) -> Option<Scalar> {
    match (start, end) {
        (Scalar::Instant(start), Scalar::Instant(end)) => {
            let local = start.with_timezone(&zone).naive_local();
            let last = local + series::last(local, zone, rule)?;
            let at = zone.from_local_datetime(&last).earliest()?.with_timezone(&Utc);
            Some(Scalar::Instant(at + (*end - *start)))
        }
        (Scalar::Date(start), Scalar::Date(end)) => {
            let later = series::last(start.and_time(NaiveTime::MIN), zone, rule)?;
            Some(Scalar::Date(*end + later))
        }
        _ => None,
    }
}
