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

impl Head<'_> {
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
        let mut events = Vec::new();
        let is_understood = collect(raw, 0, &mut events);
        if is_whole && !is_understood {
            let offset = offset_in(bytes, raw) as u64;
            intake.problem(input, offset, "neither an event nor a page of events", HINT_MOVE)?;
        }
        for (id, raw) in events {
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

/// Finds the events of a value. False where it is neither a page nor an event nor a list of them.
fn collect<'a>(raw: &'a RawValue, depth: usize, found: &mut Vec<(Cow<'a, str>, &'a RawValue)>) -> bool {
    if raw.get().starts_with('{') {
        let Ok(head) = serde_json::from_str::<Head<'_>>(raw.get()) else {
            return false;
        };
        if head.is_event() {
            found.extend(head.id.map(|id| (id, raw)));
            return true;
        }
        let is_page = head.kind.as_deref() == Some("calendar#events");
        return match head.items {
            Some(items) if depth < DEPTH_MAX => collect(items, depth + 1, found) || is_page,
            _ => is_page,
        };
    }
    let items = children(raw);
    let is_empty_list = raw.get().starts_with('[') && items.is_empty();
    depth < DEPTH_MAX
        && items
            .into_iter()
            .fold(is_empty_list, |any, item| collect(item, depth + 1, found) || any)
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
