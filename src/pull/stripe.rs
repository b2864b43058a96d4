//! Cuts Stripe objects out of files: list pages, arrays, JSON Lines, single objects, in any mixture, and the
//! Dashboard's CSV exports.
//!
//! An object is told by its `object` and its `id`. Objects that stand inside others (a payment intent's
//! charges, a charge's refunds) are records of their own where no file holds them at its top: the copy
//! inside may be older than the object itself. So are rows of CSV exports, which tell less than the API.

use super::PullError;
use super::dashboard::{self, Row, Told};
use super::input::{Found, Input, Intake};
use super::json::{Piece, children, offset_in, pieces};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// Kinds that are records even inside another object.
const NESTED_KINDS: [&str; 3] = ["charge", "refund", "payment_intent"];
/// Stripe nests four levels at most; a wrapper around it adds a few.
const DEPTH_MAX: usize = 24;
const ACCOUNT_PREFIX: &str = "acct_";

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    object: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    amount_refunded: Option<&'a RawValue>,
}

/// Reads all files of a source.
pub(super) fn read(inputs: &[Input], intake: &mut Intake<'_, '_>) -> Result<(), PullError> {
    let mut harvest = Harvest::default();
    let mut exports = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        if dashboard::is_csv(&input.shown) {
            exports.push(input);
            continue;
        }
        match input.read() {
            Ok(bytes) => read_file(&bytes, (index, input), &mut harvest, intake)?,
            Err(error) => intake.unreadable(input, &error)?,
        }
        intake.finish(input)?;
    }
    harvest.emit_nested(inputs, intake)?;
    let mut rows = BTreeMap::new();
    for input in exports {
        read_export(input, &harvest, &mut rows, intake)?;
        intake.finish(input)?;
    }
    Ok(())
}

/// An export's rows, but for objects that the API told already. `rows`: what was given so far, and its rank.
fn read_export(
    input: &Input,
    harvest: &Harvest,
    rows: &mut BTreeMap<String, (i64, usize)>,
    intake: &mut Intake<'_, '_>,
) -> Result<(), PullError> {
    let account = account(input, intake);
    let reader = match input.open() {
        Ok(reader) => reader,
        Err(error) => return intake.unreadable(input, &error),
    };
    dashboard::read(reader, &mut |told| {
        let row = match told {
            Told::Row(row) => row,
            Told::Problem { offset, message } => {
                return intake.problem(input, offset, message, HINT_EXPORT);
            }
        };
        if let Some(refunded) = harvest.seen.get(&row.id) {
            return match refunded {
                Some(refunded) if row.rank.0 > *refunded => {
                    intake.problem(input, row.offset, older(&row), HINT_EXPORT)
                }
                _ => Ok(()),
            };
        }
        let is_better = rows.get(&row.id).is_none_or(|rank| *rank <= row.rank);
        if !is_better {
            return Ok(());
        }
        rows.insert(row.id.clone(), row.rank);
        intake.record(
            input,
            Found {
                native: &row.id,
                object: row.object,
                container: &account,
                offset: row.offset,
                bytes: row.json,
            },
        )
    })
}

fn older(row: &Row) -> String {
    format!(
        "{} has more refunded here than in the other file that holds it, which is older",
        row.id
    )
}

fn read_file(
    bytes: &[u8],
    (index, input): (usize, &Input),
    harvest: &mut Harvest,
    intake: &mut Intake<'_, '_>,
) -> Result<(), PullError> {
    let account = account(input, intake);
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
        // Recovered pieces may be parts of a broken object: only what breaks Stripe's own form is damage.
        for unknown in cut
            .unknown
            .iter()
            .filter(|raw| is_whole || Head::of(raw).is_err())
        {
            let offset = offset_in(bytes, unknown) as u64;
            intake.problem(
                input,
                offset,
                "neither a Stripe object nor a list of them",
                HINT_MOVE,
            )?;
        }
        for (head, raw) in cut.objects {
            let (Some(id), Some(object)) = (head.id, head.object) else {
                continue;
            };
            let offset = offset_in(bytes, raw) as u64;
            harvest.note_nested(index, bytes, raw);
            intake.record(
                input,
                Found {
                    native: &id,
                    object: &object,
                    container: &account,
                    offset,
                    bytes: raw.get().into(),
                },
            )?;
            let refunded = head.amount_refunded.and_then(|raw| raw.get().parse().ok());
            harvest.seen.insert(id.into_owned(), refunded);
        }
    }
    Ok(())
}

const HINT_FETCH: &str =
    "what is complete before and after it was kept; export this object from Stripe again";
const HINT_EXPORT: &str = "export it from the Dashboard again, with all columns, and the other files with it";
const HINT_MOVE: &str = "if the file is no export from Stripe, move it out of the source's folder";

impl<'a> Head<'a> {
    fn of(raw: &'a RawValue) -> Result<Self, serde_json::Error> {
        serde_json::from_str(raw.get())
    }

    fn is_list(&self) -> bool {
        matches!(self.object.as_deref(), Some("list" | "search_result"))
    }
}

/// What a value was cut into.
#[derive(Default)]
struct Cut<'a> {
    objects: Vec<(Head<'a>, &'a RawValue)>,
    unknown: Vec<&'a RawValue>,
}

impl<'a> Cut<'a> {
    /// Cuts a value: an object, a list, an array, or a wrapper that holds some of them.
    fn value(&mut self, raw: &'a RawValue, depth: usize) {
        let head = if raw.get().starts_with('{') {
            Head::of(raw).ok()
        } else {
            None
        };
        match head {
            Some(head) if head.is_list() => {
                if let Some(data) = head.data {
                    self.value(data, depth + 1);
                }
            }
            Some(head) if head.id.is_some() && head.object.is_some() => self.objects.push((head, raw)),
            Some(_) => self.wrapper(raw, depth),
            None if raw.get().starts_with('[') && depth < DEPTH_MAX => {
                for item in children(raw) {
                    self.value(item, depth + 1);
                }
            }
            None => self.unknown.push(raw),
        }
    }

    /// `{"charges": […], "refunds": […]}`: some exporter's own frame around lists.
    fn wrapper(&mut self, raw: &'a RawValue, depth: usize) {
        let before = self.objects.len();
        if depth < DEPTH_MAX {
            for child in children(raw)
                .into_iter()
                .filter(|child| child.get().starts_with(['{', '[']))
            {
                self.value(child, depth + 1);
            }
        }
        if self.objects.len() == before {
            self.unknown.push(raw);
        }
    }
}

/// The first folder that is named like an account; else the source's own folder, if it is.
fn account(input: &Input, intake: &Intake<'_, '_>) -> String {
    let own = intake
        .source
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    input
        .folders
        .iter()
        .map(String::as_str)
        .chain([own.as_ref()])
        .find(|folder| folder.starts_with(ACCOUNT_PREFIX))
        .unwrap_or_default()
        .to_owned()
}

/// What has been met so far, and the objects inside others that may have to be emitted at the end.
#[derive(Default)]
struct Harvest {
    /// Id to how much of it is refunded.
    seen: BTreeMap<String, Option<i64>>,
    /// Id to its kind, its file and the bytes in it: the copy met last.
    nested: BTreeMap<String, (String, usize, Range<usize>)>,
}

impl Harvest {
    fn note_nested(&mut self, index: usize, bytes: &[u8], raw: &RawValue) {
        // Cheap filter: nearly no object holds another.
        if memchr::memmem::find_iter(raw.get().as_bytes(), b"\"object\"")
            .nth(1)
            .is_none()
        {
            return;
        }
        self.note_children(index, bytes, raw, 0);
    }

    fn note_children(&mut self, index: usize, bytes: &[u8], raw: &RawValue, depth: usize) {
        for child in children(raw) {
            if child.get().starts_with('{')
                && let Ok(Head {
                    id: Some(id),
                    object: Some(object),
                    ..
                }) = Head::of(child)
                && NESTED_KINDS.contains(&object.as_ref())
            {
                let start = offset_in(bytes, child);
                let range = start..start + child.get().len();
                self.nested
                    .insert(id.into_owned(), (object.into_owned(), index, range));
            }
            if depth < DEPTH_MAX {
                self.note_children(index, bytes, child, depth + 1);
            }
        }
    }

    /// Emits the objects that only stand inside others, file by file.
    fn emit_nested(&mut self, inputs: &[Input], intake: &mut Intake<'_, '_>) -> Result<(), PullError> {
        let mut by_file: BTreeMap<usize, Vec<(Range<usize>, String, String)>> = BTreeMap::new();
        for (id, (object, index, range)) in std::mem::take(&mut self.nested) {
            if !self.seen.contains_key(&id) {
                self.seen.insert(id.clone(), None);
                by_file.entry(index).or_default().push((range, id, object));
            }
        }
        for (index, mut objects) in by_file {
            let input = &inputs[index];
            let account = account(input, intake);
            let bytes = match input.read() {
                Ok(bytes) => bytes,
                Err(error) => {
                    intake.unreadable(input, &error)?;
                    continue;
                }
            };
            objects.sort_by_key(|(range, ..)| range.start);
            for (range, native, object) in objects {
                let offset = range.start as u64;
                let Some(bytes) = bytes.get(range) else { continue };
                let bytes = bytes.to_vec();
                intake.record(
                    input,
                    Found {
                        native: &native,
                        object: &object,
                        container: &account,
                        offset,
                        bytes,
                    },
                )?;
            }
        }
        Ok(())
    }
}
