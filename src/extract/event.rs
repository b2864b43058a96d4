//! Reads Google Calendar events: titles, times with their zones, people, extended properties.
//!
//! Source: the Calendar API's reference of the Event resource. A description may be HTML, as people who
//! paste into a calendar make it; its visible lines are read.

use super::html::{Page, looks_like_html};
use super::json::{Json, Leaf, Reading, items};
use super::{Context, item, series, text};
use crate::model::{Document, Record, RecordId, Scalar, Standing};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Top-level fields that say nothing of the event itself.
const WRAPPING: [&str; 5] = ["kind", "etag", "htmlLink", "reminders", "sequence"];

/// Reads one event; a cancelled one may hold no more than its id.
pub(super) fn read(record: &Record, context: &Context, document: &mut Document) {
    let json: Json = match serde_json::from_slice(&record.bytes) {
        Ok(json) => json,
        Err(error) => {
            document.problems.push(format!("not readable as JSON: {error}"));
            return;
        }
    };
    let at = |key| json.text_at(key).and_then(rfc3339);
    document.standing = Standing::Business;
    document.tenant = context.tenant_of(|tenant| tenant.calendars.contains(&record.container));
    document.said_at = at("updated").or_else(|| at("created"));
    document.made_at = at("created").or(document.said_at);
    let zone = context.business.zone;
    document.items = items(&json, "", &|leaf| reading(leaf, zone));
    document
        .items
        .push(item("/container", Scalar::Text(record.container.clone())));
    end_of_series(&json, document, zone);
    let source = record.id.source();
    let series = json.text_at("recurringEventId");
    // The copy in a second calendar is known as `<event id>@<calendar id>`.
    let first_copy = json.text_at("id").filter(|id| *id != record.id.native());
    document.kin = series
        .into_iter()
        .chain(first_copy)
        .map(|id| RecordId::new(source, id))
        .collect();
}

/// Of a series as a whole, when its last event ends: its own end is that of the first.
fn end_of_series(json: &Json, document: &mut Document, business_zone: Tz) {
    let zone = json.get("start").and_then(|start| start.text_at("timeZone"));
    let zone = zone.and_then(|zone| zone.parse().ok()).unwrap_or(business_zone);
    let rules = document.items.iter().filter_map(|item| match &item.value {
        Scalar::Text(text) if item.place.starts_with("/recurrence/") => text.strip_prefix("RRULE:"),
        _ => None,
    });
    let ends = rules.filter_map(|rule| {
        let sides = [("/start/dateTime", "/end/dateTime"), ("/start/date", "/end/date")];
        sides.into_iter().find_map(|(start, end)| {
            let last = series::last_end(document.item(start)?, document.item(end)?, zone, rule)?;
            Some(item(format!("/series{end}"), last))
        })
    });
    let ends: Vec<_> = ends.collect();
    document.items.extend(ends);
}

fn reading(leaf: &Leaf<'_>, business_zone: Tz) -> Reading {
    let top = leaf.place[1..].split('/').next().unwrap_or_default();
    if WRAPPING.contains(&top) {
        return Reading::Skip;
    }
    let Some(value) = leaf.value.text() else {
        return Reading::Plain;
    };
    let scalar = match (top, leaf.key) {
        ("created" | "updated", _) => rfc3339(value).map(Scalar::Instant),
        ("start" | "end" | "originalStartTime", "dateTime") => {
            let zone = leaf.nearest("timeZone").and_then(Json::text);
            date_time(value, zone, business_zone).map(Scalar::Instant)
        }
        ("start" | "end" | "originalStartTime", "date") => value.parse().ok().map(Scalar::Date),
        ("description", _) => return Reading::Lines(description_lines(value)),
        _ => None,
    };
    scalar.map_or(Reading::Plain, Reading::As)
}

fn rfc3339(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| at.with_timezone(&Utc))
}

/// A time without an offset is in the zone that stands beside it, else in the business's.
fn date_time(text: &str, zone: Option<&str>, business_zone: Tz) -> Option<DateTime<Utc>> {
    rfc3339(text).or_else(|| {
        let local: NaiveDateTime = text.parse().ok()?;
        let zone = match zone {
            Some(name) => name.parse().ok()?,
            None => business_zone,
        };
        let at = zone.from_local_datetime(&local).single()?;
        Some(at.with_timezone(&Utc))
    })
}

fn description_lines(value: &str) -> Vec<String> {
    if looks_like_html(value) {
        Page::parse(value).note_lines()
    } else {
        value.lines().filter_map(text::visible).collect()
    }
}
