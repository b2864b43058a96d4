//! The single events of a series that a page of the API tells as one: the event that repeats, without its dates.
//!
//! Whoever exports a calendar without `singleEvents` has the series and its exceptions alone. The dates are worked out
//! as those of an `.ics` export are, under the ids that the API gives them; what the file tells itself stands.

use super::ics;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// What the dates of a series have of their own.
const OWN: [&str; 5] = ["id", "start", "end", "originalStartTime", "recurringEventId"];

/// The event that repeats, if this is one that stands.
pub(super) fn series(raw: &str) -> Option<Map<String, Value>> {
    if !raw.contains("\"recurrence\"") {
        return None;
    }
    let event: Map<String, Value> = serde_json::from_str(raw).ok()?;
    let repeats = event.get("recurrence").and_then(Value::as_array);
    let stands = event.get("status").and_then(Value::as_str) != Some("cancelled");
    (stands && repeats.is_some_and(|rules| !rules.is_empty())).then_some(event)
}

/// Its dates, each by its id: all of them, and those without an end up to a year past `newest`.
pub(super) fn dates(series: &Map<String, Value>, newest: Option<DateTime<Utc>>) -> Vec<(String, Vec<u8>)> {
    let Some(text) = as_export(series, newest) else {
        return Vec::new();
    };
    let found = ics::read(text.as_bytes(), &|name| name.unwrap_or_default().to_owned());
    let dates = found.list.into_iter().filter_map(|event| {
        let date: Map<String, Value> = serde_json::from_slice(&event.json).ok()?;
        date.get("recurringEventId")?;
        let mut whole = if date.get("status").and_then(Value::as_str) == Some("cancelled") {
            date.clone()
        } else {
            series.clone()
        };
        whole.remove("recurrence");
        whole.extend(
            OWN.iter()
                .filter_map(|key| Some(((*key).to_owned(), date.get(*key)?.clone()))),
        );
        Some((event.id, serde_json::to_vec(&whole).ok()?))
    });
    dates.collect()
}

/// The series as an `.ics` export has it, with what tells of its dates alone.
fn as_export(series: &Map<String, Value>, newest: Option<DateTime<Utc>>) -> Option<String> {
    let id = series.get("id")?.as_str()?;
    let mut text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Google Inc//\r\nBEGIN:VEVENT\r\nUID:{id}@google.com\r\n"
    );
    for (key, name) in [("start", "DTSTART"), ("end", "DTEND")] {
        write!(text, "{name}{}\r\n", moment(series.get(key)?)?).ok()?;
    }
    if let Some(newest) = newest {
        write!(text, "DTSTAMP:{}\r\n", newest.format("%Y%m%dT%H%M%SZ")).ok()?;
    }
    for rule in series.get("recurrence")?.as_array()? {
        write!(text, "{}\r\n", rule.as_str()?.trim()).ok()?;
    }
    text.push_str("END:VEVENT\r\nEND:VCALENDAR\r\n");
    Some(text)
}

/// A start or an end behind its property's name, on the clock of its zone.
fn moment(value: &Value) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    if let Some(day) = text("date") {
        let day: NaiveDate = day.parse().ok()?;
        return Some(format!(";VALUE=DATE:{}", day.format("%Y%m%d")));
    }
    let at = DateTime::parse_from_rfc3339(text("dateTime")?).ok()?;
    Some(match text("timeZone").and_then(|zone| zone.parse::<Tz>().ok()) {
        Some(zone) => {
            let local = at.with_timezone(&zone);
            format!(";TZID={}:{}", zone.name(), local.format("%Y%m%dT%H%M%S"))
        }
        None => format!(":{}", at.to_utc().format("%Y%m%dT%H%M%SZ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_has_a_date_for_each_week_on_its_own_clock() {
        let raw = r#"{"kind":"calendar#event","id":"abc123","status":"confirmed","summary":"Visit",
            "start":{"dateTime":"2026-03-23T09:00:00+01:00","timeZone":"Europe/Copenhagen"},
            "end":{"dateTime":"2026-03-23T09:30:00+01:00","timeZone":"Europe/Copenhagen"},
            "recurrence":["RRULE:FREQ=WEEKLY;COUNT=3","EXDATE;TZID=Europe/Copenhagen:20260406T090000"]}"#;
        let dates = dates(&series(raw).expect("a series"), None);
        let ids: Vec<&str> = dates.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "abc123_20260323T080000Z",
                "abc123_20260330T070000Z",
                "abc123_20260406T070000Z"
            ],
            "summer time begins between the first two"
        );
        let told: Vec<Value> = dates
            .iter()
            .map(|(_, bytes)| serde_json::from_slice(bytes).expect("JSON"))
            .collect();
        assert_eq!(told[1]["summary"], "Visit");
        assert_eq!(told[1]["start"]["dateTime"], "2026-03-30T09:00:00+02:00");
        assert_eq!(told[1]["recurringEventId"], "abc123");
        assert_eq!(told[1].get("recurrence"), None);
        assert_eq!(told[2]["status"], "cancelled", "left out");
    }

    #[test]
    fn what_does_not_repeat_or_was_cancelled_has_none() {
        assert_eq!(series(r#"{"id":"a","recurrence":[]}"#), None);
        assert_eq!(
            series(r#"{"id":"a","status":"cancelled","recurrence":["RRULE:FREQ=DAILY"]}"#),
            None
        );
    }
}
