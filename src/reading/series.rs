//! When the events of a series begin, by its rule (RFC 5545, RRULE).

use super::content_line::{LineMoment, moment};
use calcard::common::timezone::Tz as AnyZone;
use calcard::{Entry, Parser};
use chrono::{NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// More instances than this are not counted.
pub const INSTANCES_MAX: usize = 20_000;
/// A series whose rule ends it no earlier than this many years on is one that goes on.
const YEARS: i64 = 10;

/// How much later than its first event the last one of a series begins; None where the rule does not end it.
pub fn last(start: NaiveDateTime, zone: Tz, rule: &str) -> Option<TimeDelta> {
    let mut ended = false;
    let part = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        ended |= ["COUNT", "UNTIL"]
            .iter()
            .any(|end| name.eq_ignore_ascii_case(end));
        match moment(value).filter(|_| name.eq_ignore_ascii_case("UNTIL")) {
            Some(LineMoment::Utc(at)) => {
                let local = zone.from_utc_datetime(&at.naive_utc()).naive_local();
                format!("UNTIL={}", local.format("%Y%m%dT%H%M%S"))
            }
            // A day as the end means all of it.
            Some(LineMoment::Day(date)) => format!("UNTIL={}T235959", date.format("%Y%m%d")),
            _ => part.to_owned(),
        }
    };
    let rule = rule.split(';').map(part).collect::<Vec<_>>().join(";");
    let horizon = start + TimeDelta::days(365 * YEARS);
    let starts = if ended {
        expand(start, &rule, horizon).ok()?
    } else {
        return None;
    };
    starts.into_iter().max().map(|last| last - start)
}

/// The starts that a rule gives, on a clock without a zone, up to the horizon.
pub fn expand(
    start: NaiveDateTime,
    rule: &str,
    horizon: NaiveDateTime,
) -> Result<Vec<NaiveDateTime>, String> {
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:{}\r\nRRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        start.format("%Y%m%dT%H%M%S")
    );
    let unknown = || format!("the rule of a series is not understood: {rule}");
    let Entry::ICalendar(calendar) = Parser::new(&text).entry() else {
        return Err(unknown());
    };
    let expanded = calendar.expand_dates(AnyZone::Floating, INSTANCES_MAX);
    // A rule that cannot be read gives a single event.
    if !expanded.errors.is_empty() || !calendar.components.iter().any(has_rule) {
        return Err(unknown());
    }
    Ok(expanded
        .events
        .iter()
        .map(|event| event.start.naive_local())
        .filter(|at| *at <= horizon)
        .collect())
}

fn has_rule(component: &calcard::icalendar::ICalendarComponent) -> bool {
    component.entries.iter().any(|entry| {
        let value = entry.values.first();
        matches!(value, Some(calcard::icalendar::ICalendarValue::RecurrenceRule(_)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn a_series_lasts_until_its_last_event() {
        let start = NaiveDate::from_ymd_opt(2026, 6, 8)
            .unwrap()
            .and_hms_opt(9, 30, 0)
            .unwrap();
        let days = |rule| last(start, chrono_tz::Europe::Lisbon, rule).map(|length| length.num_days());
        assert_eq!(days("FREQ=DAILY;COUNT=5"), Some(4));
        assert_eq!(days("FREQ=WEEKLY;UNTIL=20260629T083000Z"), Some(21));
        assert_eq!(days("FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260617"), Some(9));
        assert_eq!(days("FREQ=WEEKLY"), None);
        assert_eq!(days("nonsense;COUNT=3"), None);
    }
}
