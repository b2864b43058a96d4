//! Turns an `.ics` export of a calendar into the events that the calendar's API would give.
//!
//! In: the file's bytes. Out: `calendar#event` objects as JSON: single events, series, and every instance of
//! a series, under the ids that Google's API gives them, so that an event told by both is one record. The
//! instances of a series without an end are made up to a year past the newest stamp in the file. Sources: RFC 5545; the
//! Calendar API's reference of the Event resource.

mod clock;
mod cut;
mod part;
mod zones;

use crate::reading::content_line::{ContentLine, LineMoment, duration, moment, unescape, unfold};
use crate::reading::series::{INSTANCES_MAX, expand};
use chrono::{DateTime, Days, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use clock::{Clock, Original};
use cut::{Calendar, cut};
use part::{Part, person};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use zones::{own_zone, zone_named};

const AHEAD: Days = Days::new(366);
const GOOGLE_DOMAIN: &str = "@google.com";

/// One event, as the API would tell it.
pub(super) struct Event {
    pub id: String,
    pub offset: u64,
    pub updated: Option<DateTime<Utc>>,
    pub json: Vec<u8>,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct Events {
    /// The id of the calendar.
    pub calendar: String,
    pub list: Vec<Event>,
    /// Offset and message.
    pub problems: Vec<(u64, String)>,
}

pub(super) fn is_ics(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    start
        .get(.."BEGIN:VCALENDAR".len())
        .is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:VCALENDAR"))
}

/// Reads a file. `calendar`: the id of a calendar that calls itself so.
pub(super) fn read(bytes: &[u8], calendar: &dyn Fn(Option<&str>) -> String) -> Events {
    let file = cut(bytes);
    let mut found = Events {
        problems: file.problems,
        ..Events::default()
    };
    for block in &file.calendars {
        let frame = Frame::of(block, calendar);
        if found.calendar.is_empty() {
            found.calendar.clone_from(&frame.calendar);
        }
        // Blocks of one event stand apart in a file; the order is that of their first.
        let mut order: Vec<String> = Vec::new();
        let mut by_uid: BTreeMap<String, Vec<Part>> = BTreeMap::new();
        for event in &block.events {
            let part = Part::read(event);
            let parts = by_uid.entry(part.uid.clone()).or_default();
            if parts.is_empty() {
                order.push(part.uid.clone());
            }
            parts.push(part);
        }
        for uid in order {
            let parts = by_uid.remove(&uid).unwrap_or_default();
            frame.events_of(&uid, &parts, &mut found);
        }
    }
    found
}

/// What holds for every event of a calendar.
struct Frame {
    name: Option<String>,
    calendar: String,
    zone: Option<Tz>,
    is_google: bool,
    is_cancelled: bool,
    /// Names of zones that the file explains itself.
    zones: BTreeMap<String, Tz>,
    horizon: NaiveDateTime,
}

impl Frame {
    fn of(calendar: &Calendar, id: &dyn Fn(Option<&str>) -> String) -> Self {
        let property = |name: &str| {
            calendar.properties.iter().find_map(|line| {
                let line = ContentLine::read(line)?;
                (line.name == name).then(|| unescape(line.value))
            })
        };
        let newest = calendar
            .events
            .iter()
            .flat_map(|block| unfold(&block.text))
            .filter_map(|line| {
                let line = ContentLine::read(&line)?;
                match (line.name.as_str(), line.moment()?) {
                    ("dtstamp" | "last-modified" | "created", LineMoment::Utc(at)) => Some(at.naive_utc()),
                    _ => None,
                }
            })
            .max();
        let name = property("x-wr-calname");
        Self {
            calendar: id(name.as_deref()),
            name,
            zone: property("x-wr-timezone").and_then(|name| zone_named(&name)),
            is_google: property("prodid").is_some_and(|id| id.contains("//Google ")),
            is_cancelled: property("method").is_some_and(|method| method.eq_ignore_ascii_case("CANCEL")),
            zones: calendar.zones.iter().filter_map(|text| own_zone(text)).collect(),
            horizon: newest
                .and_then(|newest| newest.checked_add_days(AHEAD))
                .unwrap_or(NaiveDateTime::MAX),
        }
    }

    fn zone_of(&self, line: &ContentLine<'_>) -> Option<Tz> {
        let name = line.parameter("tzid")?;
        self.zones.get(name).copied().or_else(|| zone_named(name))
    }

    /// Google's own events carry their id in the UID; events that came from elsewhere are known there by
    /// their UID in base32hex behind an underscore.
    fn event_id(&self, uid: &str) -> String {
        match uid.strip_suffix(GOOGLE_DOMAIN) {
            Some(id) => id.to_owned(),
            None if self.is_google => format!("_{}", base32hex(uid.as_bytes())),
            None => uid.to_owned(),
        }
    }

    /// All events of one UID: a single one, or a series with its instances.
    fn events_of(&self, uid: &str, parts: &[Part], found: &mut Events) {
        let id = self.event_id(uid);
        let (changes, masters): (Vec<&Part>, Vec<&Part>) = parts
            .iter()
            .partition(|part| part.line("recurrence-id").is_some());
        // A file that was put together of several holds an event in several states.
        let master = masters.into_iter().max_by_key(|part| part.state());
        let mut changed: BTreeMap<String, &Part> = BTreeMap::new();
        for change in changes {
            let Some(original) = change.line("recurrence-id").and_then(|line| self.original(&line)) else {
                found.problems.push((
                    change.offset,
                    "a changed instance of a series does not tell which it is".to_owned(),
                ));
                continue;
            };
            let line = change.line("recurrence-id");
            if line.is_some_and(|line| line.parameter("range").is_some()) {
                found.problems.push((
                    change.offset,
                    "a change of an instance and all that follow is read for that instance alone".to_owned(),
                ));
            }
            let key = original.suffix();
            if changed
                .get(&key)
                .is_none_or(|other| other.state() <= change.state())
            {
                changed.insert(key, change);
            }
        }
        if let Some(master) = master {
            let body = self.body(uid, &id, master, found);
            Self::push(&id, master, body.clone(), found);
            if master.is_series() {
                self.push_instances(&id, master, &body, &mut changed, found);
            }
        }
        for (suffix, change) in changed {
            self.push_change(uid, &id, &suffix, change, found);
        }
    }

    fn push(id: &str, part: &Part, body: Map<String, Value>, found: &mut Events) {
        let json = serde_json::to_vec(&Value::Object(body)).expect("a tree of texts can be written");
        found.list.push(Event {
            id: id.to_owned(),
            offset: part.offset,
            updated: part.updated(),
            json,
        });
    }

    fn push_change(&self, uid: &str, id: &str, suffix: &str, change: &Part, found: &mut Events) {
        let own = format!("{id}_{suffix}");
        let mut body = self.body(uid, &own, change, found);
        body.insert("recurringEventId".to_owned(), json!(id));
        if let Some(line) = change.line("recurrence-id") {
            body.insert(
                "originalStartTime".to_owned(),
                self.time(&line, found, change.offset),
            );
        }
        Self::push(&own, change, body, found);
    }

    fn push_instances(
        &self,
        id: &str,
        master: &Part,
        body: &Map<String, Value>,
        changed: &mut BTreeMap<String, &Part>,
        found: &mut Events,
    ) {
        let Some((start_line, first)) = master
            .line("dtstart")
            .and_then(|line| Some((line.clone(), line.moment()?)))
        else {
            return;
        };
        let zone = self.zone_of(&start_line);
        if matches!(first, LineMoment::Local(_)) && zone.is_none() && start_line.parameter("tzid").is_some() {
            return; // Told already where its start was read.
        }
        let clock = Clock { first, zone };
        let dates = match self.dates(master, clock) {
            Ok(dates) => dates,
            Err(message) => {
                found.problems.push((master.offset, message));
                return;
            }
        };
        if dates.len() >= INSTANCES_MAX {
            found.problems.push((
                master.offset,
                format!("a series has more than {INSTANCES_MAX} instances; the later ones were left out"),
            ));
        }
        let except: BTreeSet<String> = master
            .lines("exdate")
            .flat_map(|line| self.originals(&line))
            .map(Original::suffix)
            .collect();
        let length = self.length(master, first);
        for local in dates {
            let original = clock.at(local);
            let suffix = original.suffix();
            if let Some(change) = changed.remove(&suffix) {
                self.push_change(master.uid.as_str(), id, &suffix, change, found);
                continue;
            }
            let own = format!("{id}_{suffix}");
            let mut instance = if except.contains(&suffix) {
                let mut gone = Map::new();
                gone.insert("kind".to_owned(), json!("calendar#event"));
                gone.insert("status".to_owned(), json!("cancelled"));
                gone
            } else {
                let mut instance = body.clone();
                instance.remove("recurrence");
                instance.insert("start".to_owned(), self.shown(original));
                if let Some(end) = length.and_then(|length| original.later(length)) {
                    instance.insert("end".to_owned(), self.shown(end));
                }
                instance
            };
            instance.insert("id".to_owned(), json!(own));
            instance.insert("recurringEventId".to_owned(), json!(id));
            instance.insert("originalStartTime".to_owned(), self.shown(original));
            Self::push(&own, master, instance, found);
        }
    }

    /// The starts of a series on its own clock.
    fn dates(&self, master: &Part, clock: Clock) -> Result<BTreeSet<NaiveDateTime>, String> {
        let start = clock.local();
        let mut dates = BTreeSet::from([start]);
        for rule in master.lines("rrule") {
            let rule = clock.local_rule(rule.value);
            dates.extend(expand(start, &rule, self.horizon)?);
        }
        let added = master.lines("rdate").flat_map(|line| self.originals(&line));
        dates.extend(added.map(|original| clock.local_of(original)));
        Ok(dates)
    }

    fn length(&self, part: &Part, first: LineMoment) -> Option<TimeDelta> {
        if let Some(line) = part.line("duration") {
            return duration(line.value);
        }
        let start = self.original(&part.line("dtstart")?)?;
        let end = part.line("dtend").and_then(|line| self.original(&line));
        match (end, first) {
            (Some(end), _) => Some(end.naive() - start.naive()),
            (None, LineMoment::Day(_)) => Some(TimeDelta::days(1)),
            (None, _) => Some(TimeDelta::zero()),
        }
    }

    /// An event's fields under the API's names; what has none there stays under `ics`.
    fn body(&self, uid: &str, id: &str, part: &Part, found: &mut Events) -> Map<String, Value> {
        let mut body = Map::new();
        let mut other: Map<String, Value> = Map::new();
        let mut attendees = Vec::new();
        let mut recurrence = Vec::new();
        body.insert("kind".to_owned(), json!("calendar#event"));
        body.insert("id".to_owned(), json!(id));
        body.insert("iCalUID".to_owned(), json!(uid));
        body.insert("status".to_owned(), json!("confirmed"));
        for text in &part.lines {
            let Some(line) = ContentLine::read(text) else {
                continue;
            };
            let plain = || json!(unescape(line.value));
            match line.name.as_str() {
                "summary" | "location" | "description" => {
                    body.insert(line.name.clone(), plain());
                }
                "status" => {
                    body.insert("status".to_owned(), json!(line.value.to_ascii_lowercase()));
                }
                "class" if !line.value.eq_ignore_ascii_case("PUBLIC") => {
                    body.insert("visibility".to_owned(), json!(line.value.to_ascii_lowercase()));
                }
                "transp" if line.value.eq_ignore_ascii_case("TRANSPARENT") => {
                    body.insert("transparency".to_owned(), json!("transparent"));
                }
                // The rest of these says nothing, or is said elsewhere.
                "class" | "transp" | "uid" | "dtstamp" | "recurrence-id" | "duration" | "begin" | "end" => {}
                "sequence" => {
                    body.insert(
                        "sequence".to_owned(),
                        line.value.parse::<i64>().map_or_else(|_| plain(), |n| json!(n)),
                    );
                }
                "created" | "last-modified" => {
                    let key = if line.name == "created" {
                        "created"
                    } else {
                        "updated"
                    };
                    if let Some(LineMoment::Utc(at)) = line.moment() {
                        body.insert(
                            key.to_owned(),
                            json!(at.to_rfc3339_opts(SecondsFormat::Millis, true)),
                        );
                    }
                }
                "dtstart" => {
                    body.insert("start".to_owned(), self.time(&line, found, part.offset));
                }
                "dtend" => {
                    body.insert("end".to_owned(), self.time(&line, found, part.offset));
                }
                "rrule" | "rdate" | "exdate" | "exrule" => recurrence.push(json!(text)),
                "organizer" => {
                    body.insert("organizer".to_owned(), person(&line));
                }
                "attendee" => attendees.push(person(&line)),
                name => {
                    let values = other.entry(name.to_owned()).or_insert_with(|| json!([]));
                    if let Value::Array(values) = values {
                        values.push(plain());
                    }
                }
            }
        }
        if self.is_cancelled {
            body.insert("status".to_owned(), json!("cancelled"));
        }
        if !body.contains_key("end")
            && let Some(line) = part.line("dtstart")
            && let Some(first) = line.moment()
            && let Some(start) = self.original(&line)
            && let Some(end) = self.length(part, first).and_then(|length| start.later(length))
        {
            body.insert("end".to_owned(), self.shown(end));
        }
        // An export names the organiser only where others are invited; else it is the calendar itself.
        if self.is_google && !body.contains_key("organizer") && self.calendar.contains('@') {
            let mut organizer = json!({"email": self.calendar, "self": true});
            if let Some(name) = self.name.as_ref().filter(|name| !name.contains('@')) {
                organizer["displayName"] = json!(name);
            }
            body.insert("organizer".to_owned(), organizer);
        }
        let lists = [("attendees", attendees), ("recurrence", recurrence)];
        for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            body.insert(key.to_owned(), Value::Array(list));
        }
        if !other.is_empty() {
            body.insert("ics".to_owned(), Value::Object(other));
        }
        body
    }

    /// A moment as the API shows it. One in a zone that nobody knows keeps its text, for its hour is not known.
    fn time(&self, line: &ContentLine<'_>, found: &mut Events, offset: u64) -> Value {
        if let Some(original) = self.original(line) {
            return self.shown(original);
        }
        let zone = line.parameter("tzid").unwrap_or_default();
        let message = match line.moment() {
            Some(_) => format!("no time zone is called \"{zone}\"; a time in it was not read"),
            None => format!("\"{}\" is no time", line.value),
        };
        found.problems.push((offset, message));
        json!({"dateTime": line.value, "timeZone": zone})
    }

    fn shown(&self, original: Original) -> Value {
        match original {
            Original::Day(date) => json!({"date": date.to_string()}),
            Original::Floating(at) => json!({"dateTime": at.format("%Y-%m-%dT%H:%M:%S").to_string()}),
            Original::Moment(at, zone) => match zone.or(self.zone) {
                Some(zone) => json!({
                    "dateTime": at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true),
                    "timeZone": zone.name(),
                }),
                None => json!({"dateTime": at.to_rfc3339_opts(SecondsFormat::Secs, true)}),
            },
        }
    }

    fn original(&self, line: &ContentLine<'_>) -> Option<Original> {
        self.originals(line).into_iter().next()
    }

    /// The moments of a line, which may be a list; a period counts by its start.
    fn originals(&self, line: &ContentLine<'_>) -> Vec<Original> {
        let zone = self.zone_of(line);
        line.value
            .split(',')
            .filter_map(|value| moment(value.split('/').next().unwrap_or(value).trim()))
            .filter_map(|moment| match moment {
                LineMoment::Local(_) if zone.is_none() && line.parameter("tzid").is_some() => None,
                moment => Some(Clock { first: moment, zone }.first()),
            })
            .collect()
    }
}

/// Lower case, without padding. Source: RFC 4648, 7.
fn base32hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut whole = [0_u8; 8];
        whole[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(whole);
        for index in 0..(chunk.len() * 8).div_ceil(5) {
            text.push(DIGITS[(bits >> (35 - 5 * index) & 31) as usize].into());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base32hex;

    #[test]
    fn a_foreign_uid_is_known_by_its_digits() {
        assert_eq!(base32hex(b"04000000"), "60q30c1g60o30");
        assert_eq!(base32hex(b"foobar"), "cpnmuoj1e8");
        assert_eq!(base32hex(b"fo"), "cpng");
    }
}
