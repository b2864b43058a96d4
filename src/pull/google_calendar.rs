//! Cuts calendar events out of files: `calendar#events` pages, arrays of them, JSON Lines, single events,
//! and `.ics` exports.
//!
//! A series that a page tells without its dates is given with them.
//! An event that stands in an export and in a page of the API is given as the API tells it, unless the
//! export is newer.
//! The calendar's id is the file's name (`team@example.com.json`), or the folder's where only that looks
//! like one. An event that stands in two calendars is kept twice: the copy that is met second is known as
//! `<event id>@<calendar id>`.

use super::PullError;
use super::ics;
use super::input::{Found, Input, Intake};
use super::instances;
use super::json::{Piece, children, offset_in, pieces};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

const DEPTH_MAX: usize = 8;
const HINT_FETCH: &str = "what is complete before and after it was kept; export this calendar again";
const HINT_MOVE: &str = "if the file is no export of a calendar, move it out of the source's folder";

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    updated: Option<Cow<'a, str>>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
}

impl<'a> Head<'a> {
    fn of(raw: &'a RawValue) -> Result<Self, serde_json::Error> {
        serde_json::from_str(raw.get())
    }

    fn updated(&self) -> Option<DateTime<Utc>> {
        let at = DateTime::parse_from_rfc3339(self.updated.as_deref()?).ok()?;
        Some(at.to_utc())
    }

    /// Every event has an id and says what it is; older exports leave `kind` out.
    fn is_event(&self) -> bool {
        self.id.is_some()
            && match &self.kind {
                Some(kind) => kind == "calendar#event",
                None => self.status.is_some(),
            }
    }
}

/// Reads all files of a source.
pub(super) fn read(inputs: &[Input], intake: &mut Intake<'_, '_>) -> Result<(), PullError> {
    let mut met = Met::default();
    let mut exports = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        match input.read() {
            Ok(bytes) if ics::is_ics(&bytes) => exports.push(input),
            Ok(bytes) => read_file(&bytes, (at, input), &mut met, intake)?,
            Err(error) => intake.unreadable(input, &error)?,
        }
        intake.finish(input)?;
    }
    put_dates(inputs, &mut met, intake)?;
    for input in exports {
        match input.read() {
            Ok(bytes) => read_export(&bytes, input, &mut met, intake)?,
            Err(error) => intake.unreadable(input, &error)?,
        }
    }
    Ok(())
}

/// What has been met so far.
#[derive(Default)]
struct Met {
    /// Event id to the calendar in which it was met first.
    first_in: BTreeMap<String, String>,
    /// Native id to when it was changed last.
    updated: BTreeMap<String, Option<DateTime<Utc>>>,
    /// Events that repeat: the file's place among all, its calendar, the byte, and the event.
    series: Vec<(usize, String, u64, Map<String, Value>)>,
}

impl Met {
    /// An export that does not tell its calendar's id is of the one that the API named.
    fn calendar_of<'m>(&'m self, id: &str, calendar: &'m str) -> &'m str {
        match self.first_in.get(id) {
            Some(first) if first.contains('@') && !calendar.contains('@') => first,
            _ => calendar,
        }
    }

    /// The copy in a second calendar is known by that calendar too.
    fn native(&mut self, id: &str, calendar: &str) -> String {
        let first = self
            .first_in
            .entry(id.to_owned())
            .or_insert_with(|| calendar.to_owned());
        if first == calendar {
            id.to_owned()
        } else {
            format!("{id}@{calendar}")
        }
    }
}

fn read_file(
    bytes: &[u8],
    (at, input): (usize, &Input),
    met: &mut Met,
    intake: &mut Intake<'_, '_>,
) -> Result<(), PullError> {
    let calendar = calendar_id(input);
    let mut cut = Cut::default();
    let mut broken = Vec::new();
    for piece in pieces(bytes) {
        let (raw, is_whole) = match piece {
            Piece::Whole(raw) => (raw, true),
            Piece::Recovered(raw) => (raw, false),
            Piece::Damage { offset, message } => {
                broken.push((offset, message, HINT_FETCH));
                continue;
            }
        };
        let known = cut.unknown.len();
        cut.value(raw, 0);
        // Recovered pieces may be parts of a broken event: only what breaks an event's own form is damage.
        for unknown in cut.unknown[known..]
            .iter()
            .filter(|raw| is_whole || Head::of(raw).is_err())
        {
            let message = "neither an event nor a page of events";
            broken.push((offset_in(bytes, unknown), message, HINT_MOVE));
        }
    }
    // An archive holds files of other kinds as well.
    if input.is_member() && cut.events.is_empty() && !cut.is_page {
        return Ok(());
    }
    broken.sort_by_key(|(offset, ..)| *offset);
    for (offset, message, hint) in broken {
        intake.problem(input, offset as u64, message, hint)?;
    }
    for (id, raw) in cut.events {
        let native = met.native(&id, &calendar);
        let offset = offset_in(bytes, raw) as u64;
        let updated = Head::of(raw).ok().and_then(|head| head.updated());
        let known = met.updated.entry(native.clone()).or_default();
        *known = updated.max(*known);
        if let Some(series) = instances::series(raw.get()) {
            met.series.push((at, calendar.clone(), offset, series));
        }
        let bytes = raw.get().into();
        put(input, (&native, &calendar, offset), bytes, intake)?;
    }
    Ok(())
}

/// The single dates of the series that the files tell without them.
fn put_dates(inputs: &[Input], met: &mut Met, intake: &mut Intake<'_, '_>) -> Result<(), PullError> {
    let newest = met.updated.values().flatten().max().copied();
    for (at, calendar, offset, series) in std::mem::take(&mut met.series) {
        for (id, bytes) in instances::dates(&series, newest) {
            let native = met.native(&id, &calendar);
            // Of a date that was moved or called off the file tells itself.
            if met.updated.contains_key(&native) {
                continue;
            }
            put(&inputs[at], (&native, &calendar, offset), bytes, intake)?;
            met.updated.insert(native, newest);
        }
    }
    Ok(())
}

fn put(
    input: &Input,
    (native, container, offset): (&str, &str, u64),
    bytes: Vec<u8>,
    intake: &mut Intake<'_, '_>,
) -> Result<(), PullError> {
    intake.record(
        input,
        Found {
            native,
            object: "event",
            container,
            offset,
            bytes,
        },
    )
}

/// An `.ics` export. What the API told already, and later, stands.
fn read_export(
    bytes: &[u8],
    input: &Input,
    met: &mut Met,
    intake: &mut Intake<'_, '_>,
) -> Result<(), PullError> {
    let found = ics::read(bytes, &|name| exported_id(calendar_id(input), name));
    for (offset, message) in found.problems {
        intake.problem(input, offset, message, HINT_FETCH)?;
    }
    for event in found.list {
        let calendar = met.calendar_of(&event.id, &found.calendar).to_owned();
        let native = met.native(&event.id, &calendar);
        let is_told = match met.updated.get(&native) {
            // The API tells thousandths, the export whole seconds.
            Some(Some(told)) => event.updated.is_none_or(|updated| updated <= *told),
            Some(None) => true,
            None => false,
        };
        if !is_told {
            put(input, (&native, &calendar, event.offset), event.json, intake)?;
            met.updated.insert(native, event.updated);
        }
    }
    Ok(())
}

/// What a value was cut into.
#[derive(Default)]
struct Cut<'a> {
    events: Vec<(Cow<'a, str>, &'a RawValue)>,
    unknown: Vec<&'a RawValue>,
    /// A page of events was met, perhaps an empty one.
    is_page: bool,
}

impl<'a> Cut<'a> {
    /// Cuts a value: an event, a page, or an array of them.
    fn value(&mut self, raw: &'a RawValue, depth: usize) {
        let head = if raw.get().starts_with('{') {
            Head::of(raw).ok()
        } else {
            None
        };
        match head {
            Some(head) if head.is_event() => self.events.extend(head.id.map(|id| (id, raw))),
            Some(Head {
                items: Some(items),
                kind,
                ..
            }) if depth < DEPTH_MAX => {
                self.is_page |= kind.is_some_and(|kind| kind == "calendar#events");
                self.value(items, depth + 1);
            }
            Some(Head { kind: Some(kind), .. }) if kind == "calendar#events" => self.is_page = true,
            None if raw.get().starts_with('[') && depth < DEPTH_MAX => {
                for item in children(raw) {
                    self.value(item, depth + 1);
                }
            }
            _ => self.unknown.push(raw),
        }
    }
}

/// The domain of calendars that are nobody's own.
const GROUP: &str = "@group.calendar.google.com";

fn calendar_id(input: &Input) -> String {
    let stem = input.stem();
    if stem.contains('@') {
        return own_id(&stem).to_owned();
    }
    input
        .folders
        .iter()
        .rev()
        .find(|folder| folder.contains('@'))
        .cloned()
        .unwrap_or(stem)
}

/// The id of an exported calendar, by the file's name and the calendar's own: `Name_<calendar id>`, or an id for a name.
fn exported_id(file: String, name: Option<&str>) -> String {
    let Some(name) = name else { return file };
    let behind = file
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|rest| rest.contains('@'));
    match behind {
        Some(id) => id.to_owned(),
        None if name.contains('@') && !file.contains('@') => name.to_owned(),
        None => file,
    }
}

/// An export is named `Name_<calendar id>`; ids of group calendars are letters and digits, some behind `c_`.
fn own_id(stem: &str) -> &str {
    let Some(local) = stem.strip_suffix(GROUP) else {
        return stem;
    };
    let Some((before, id)) = local.rsplit_once('_') else {
        return stem;
    };
    let is_id = id.len() >= 20 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_id || before == "c" {
        return stem;
    }
    let prefix = if before.ends_with("_c") { "c_".len() } else { 0 };
    &stem[before.len() + 1 - prefix..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exports_name_is_taken_off_its_calendars_id() {
        let id = format!("{}{GROUP}", "a1b2c3d4e5f6a7b8c9d0e1f2a3");
        assert_eq!(own_id(&id), id);
        assert_eq!(own_id(&format!("Boats_{id}")), id);
        assert_eq!(own_id(&format!("c_{id}")), format!("c_{id}"));
        assert_eq!(own_id(&format!("Big_Boats_c_{id}")), format!("c_{id}"));
        assert_eq!(own_id("a_b@shop.example"), "a_b@shop.example");
        let by_name = |file: &str, name| exported_id(file.to_owned(), Some(name));
        assert_eq!(by_name("Boats_a_b@shop.example", "Boats"), "a_b@shop.example");
        assert_eq!(by_name("basic", "boats@shop.example"), "boats@shop.example");
        assert_eq!(by_name("Boats", "Boats"), "Boats");
    }
}
