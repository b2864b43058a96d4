//! Cuts calendar events out of files: `calendar#events` pages, arrays of them, JSON Lines, single events.
//!
//! The calendar's id is the file's name (`team@example.com.json`), or the folder's where only that looks
//! like one. An event that stands in two calendars is kept twice: the copy that is met second is known as
//! `<event id>@<calendar id>`.

use super::PullError;
use super::files::{Found, Input, Intake};
use super::json::{Piece, children, offset_in, pieces};
use serde::Deserialize;
use serde_json::value::RawValue;
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
    items: Option<&'a RawValue>,
}

impl<'a> Head<'a> {
    fn of(raw: &'a RawValue) -> Result<Self, serde_json::Error> {
        serde_json::from_str(raw.get())
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
    // Event id to the calendar in which it was met first.
    let mut first_in: BTreeMap<String, String> = BTreeMap::new();
    for input in inputs {
        match input.read() {
            Ok(bytes) => read_file(&bytes, input, &mut first_in, intake)?,
            Err(error) => intake.unreadable(input, &error)?,
        }
        intake.finish(input)?;
    }
    Ok(())
}

fn read_file(
    bytes: &[u8],
    input: &Input,
    first_in: &mut BTreeMap<String, String>,
    intake: &mut Intake<'_, '_>,
) -> Result<(), PullError> {
    let calendar = calendar_id(input);
    for piece in pieces(bytes) {
        let (raw, is_whole) = match piece {
            Piece::Whole(raw) => (raw, true),
            Piece::Recovered(raw) => (raw, false),
            Piece::Damage { offset, message } => {
                intake.problem(input, offset as u64, message, HINT_FETCH)?;
                continue;
            }
        };
        let mut cut = Cut::default();
        cut.value(raw, 0);
        // Recovered pieces may be parts of a broken event: only what breaks an event's own form is damage.
        for unknown in cut
            .unknown
            .iter()
            .filter(|raw| is_whole || Head::of(raw).is_err())
        {
            let offset = offset_in(bytes, unknown) as u64;
            intake.problem(input, offset, "neither an event nor a page of events", HINT_MOVE)?;
        }
        for (id, raw) in cut.events {
            let first = first_in
                .entry(id.clone().into_owned())
                .or_insert_with(|| calendar.clone());
            let native = if *first == calendar {
                id
            } else {
                format!("{id}@{calendar}").into()
            };
            let offset = offset_in(bytes, raw) as u64;
            intake.record(
                input,
                Found {
                    native: &native,
                    object: "event",
                    container: &calendar,
                    offset,
                    bytes: raw.get().into(),
                },
            )?;
        }
    }
    Ok(())
}

/// What a value was cut into.
#[derive(Default)]
struct Cut<'a> {
    events: Vec<(Cow<'a, str>, &'a RawValue)>,
    unknown: Vec<&'a RawValue>,
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
                items: Some(items), ..
            }) if depth < DEPTH_MAX => self.value(items, depth + 1),
            Some(Head { kind: Some(kind), .. }) if kind == "calendar#events" => {}
            None if raw.get().starts_with('[') && depth < DEPTH_MAX => {
                for item in children(raw) {
                    self.value(item, depth + 1);
                }
            }
            _ => self.unknown.push(raw),
        }
    }
}

fn calendar_id(input: &Input) -> String {
    let stem = input.stem();
    if stem.contains('@') {
        return stem;
    }
    input
        .folders
        .iter()
        .rev()
        .find(|folder| folder.contains('@'))
        .cloned()
        .unwrap_or(stem)
}
