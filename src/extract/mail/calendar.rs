//! Reads the calendar parts of mails (RFC 5545): each property of an event by its name, times typed.
//!
//! A time in UTC or in a named zone is an instant, a date a date; a floating time stays text, for nothing
//! here tells its zone. The second event of a part has places `ics:1/…`.

use super::super::{item, line_items, series, text};
use crate::model::{Item, Scalar};
use crate::reading::content_line::{ContentLine, LineMoment, duration, unescape, unfold};
use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The items of a calendar part.
pub(super) fn items(calendar: &str) -> Vec<Item> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut events = 0_usize;
    let mut start = None;
    let (mut zone, mut rule) = (Tz::UTC, String::new());
    for line in unfold(calendar) {
        let Some(property) = ContentLine::read(&line) else {
            continue;
        };
        match property.name.as_str() {
            "begin" => {
                open.push(property.value.to_ascii_lowercase());
                start = None;
            }
            "end" => {
                if open.pop().as_deref() == Some("vevent") {
                    found.extend(end_of_series(&prefix(events), zone, &rule, &found));
                    (zone, rule) = (Tz::UTC, String::new());
                    events += 1;
                }
            }
            name => {
                let prefix = match open.last().map(String::as_str) {
                    Some("vcalendar") if name == "method" => "ics:".to_owned(),
                    Some("vevent") => prefix(events),
                    _ => continue,
                };
                if name == "rrule" {
                    property.value.clone_into(&mut rule);
                }
                if let ("dtstart", Some(LineMoment::Local(_))) = (name, property.moment()) {
                    zone = property.zone().unwrap_or(Tz::UTC);
                }
                property.push_items(&prefix, &mut start, &mut found);
            }
        }
    }
    found
}

fn prefix(event: usize) -> String {
    match event {
        0 => "ics:".to_owned(),
        event => format!("ics:{event}"),
    }
}

/// When the last event of a series ends; its own end is that of the first.
fn end_of_series(prefix: &str, zone: Tz, rule: &str, found: &[Item]) -> Option<Item> {
    let of = |name: &str| {
        let place = format!("{prefix}/{name}");
        let mut items = found.iter().rev();
        items.find(|item| item.place == place).map(|item| &item.value)
    };
    let end = series::last_end(of("dtstart")?, of("dtend")?, zone, rule)?;
    Some(item(format!("{prefix}/series/dtend"), end))
}

/// What a line tells, as items.
trait Push {
    fn zone(&self) -> Option<Tz>;
    fn push_items(&self, prefix: &str, start: &mut Option<Scalar>, found: &mut Vec<Item>);
    fn time(&self) -> Option<Scalar>;
}

impl Push for ContentLine<'_> {
    fn push_items(&self, prefix: &str, start: &mut Option<Scalar>, found: &mut Vec<Item>) {
        let place = format!("{prefix}/{}", self.name);
        match self.name.as_str() {
            "dtstart" | "dtend" | "dtstamp" | "created" | "last-modified" | "recurrence-id" => {
                let value = self.time().unwrap_or_else(|| Scalar::Text(self.value.to_owned()));
                if self.name == "dtstart" {
                    *start = Some(value.clone());
                }
                found.push(item(place, value));
            }
            "duration" => {
                if let (Some(Scalar::Instant(start)), Some(length)) = (start, duration(self.value)) {
                    found.push(item(format!("{prefix}/dtend"), Scalar::Instant(*start + length)));
                }
            }
            "attendee" | "organizer" => {
                let address = self
                    .value
                    .split_once(':')
                    .map_or(self.value, |(_, address)| address);
                found.extend(
                    text::visible(address)
                        .map(|email| item(format!("{place}/email"), Scalar::Text(email.to_lowercase()))),
                );
                let name = self.parameter("cn").and_then(text::visible);
                found.extend(name.map(|name| item(format!("{place}/cn"), Scalar::Text(name))));
            }
            _ => {
                let lines = unescape(self.value);
                found.extend(line_items(&place, lines.lines().filter_map(text::visible)));
                // What stands before the host is what the system calls the event.
                let own = self.value.split_once('@').filter(|_| self.name == "uid");
                let own = own.and_then(|(own, _)| text::visible(own));
                found.extend(own.map(|own| item(format!("{place}/own"), Scalar::Text(own))));
            }
        }
    }

    fn zone(&self) -> Option<Tz> {
        self.parameter("tzid")?.trim_start_matches('/').parse().ok()
    }

    fn time(&self) -> Option<Scalar> {
        match self.moment()? {
            LineMoment::Utc(at) => Some(Scalar::Instant(at)),
            LineMoment::Local(local) => {
                let at: DateTime<Tz> = self.zone()?.from_local_datetime(&local).single()?;
                Some(Scalar::Instant(at.with_timezone(&Utc)))
            }
            LineMoment::Day(date) => Some(Scalar::Date(date)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: &str) -> Vec<(String, Scalar)> {
        let calendar = format!(
            "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        items(&calendar)
            .into_iter()
            .skip(1)
            .map(|item| (item.place, item.value))
            .collect()
    }

    fn instant(text: &str) -> Scalar {
        Scalar::Instant(text.parse().expect("a moment"))
    }

    #[test]
    fn times_are_typed_as_far_as_their_zone_is_told() {
        let items = read(
            "DTSTART;TZID=\"Asia/Tokyo\":20260422T170000\r\nDURATION:PT1H30M\r\nDTSTAMP:20260101T000000Z\r\n\
             RECURRENCE-ID:20260422T170000\r\nCREATED;VALUE=DATE:20260102",
        );
        let moment = |text| instant(text);
        assert_eq!(
            items,
            [
                ("ics:/dtstart".to_owned(), moment("2026-04-22T08:00:00Z")),
                ("ics:/dtend".to_owned(), moment("2026-04-22T09:30:00Z")),
                ("ics:/dtstamp".to_owned(), moment("2026-01-01T00:00:00Z")),
                (
                    "ics:/recurrence-id".to_owned(),
                    Scalar::Text("20260422T170000".to_owned())
                ),
                (
                    "ics:/created".to_owned(),
                    Scalar::Date("2026-01-02".parse().expect("a date"))
                ),
            ]
        );
    }

    #[test]
    fn folded_and_escaped_text_is_read_line_by_line() {
        let items =
            read("DESCRIPTION:Room\\, 2\\nGu\r\n est\r\nATTENDEE;CN=\"A: B\":mailto:Ann@guests.example");
        let texts: Vec<_> = items
            .iter()
            .map(|(place, value)| (place.as_str(), value.clone()))
            .collect();
        assert_eq!(
            texts,
            [
                ("ics:/description", Scalar::Text("Room, 2".to_owned())),
                ("ics:/description", Scalar::Text("Guest".to_owned())),
                (
                    "ics:/attendee/email",
                    Scalar::Text("ann@guests.example".to_owned())
                ),
                ("ics:/attendee/cn", Scalar::Text("A: B".to_owned())),
            ]
        );
    }

    #[test]
    fn alarms_and_zones_are_not_the_event() {
        assert!(read("BEGIN:VALARM\r\nTRIGGER:-PT1H\r\nEND:VALARM").is_empty());
    }
}
