//! Tells by content alone which files hold which source, for whoever was given a folder and no names.

use super::files::FileSource;
use super::input::Input;
use super::{PullError, dashboard};
use crate::model::SourceKind;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

const HEAD_BYTES: u64 = 64 << 10;

/// How files begin that zstd, xz and bzip2 wrote.
const PACKED: [&[u8]; 3] = [b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh"];

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    Records(SourceKind),
    /// A dump or a database file.
    Backup,
    Unknown,
}

/// A file or a whole folder of one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub content: Content,
    pub path: PathBuf,
    /// Files of other content lie in the folder too, and are passed over.
    pub is_mixed: bool,
    /// The zones that pages of calendars name, with how many pages name each.
    pub zones: BTreeMap<String, usize>,
}

/// Looks at every file below a path: one place for each content, the smallest folder that holds all of it.
pub fn sniff(path: &Path) -> Result<Vec<Place>, PullError> {
    let source = FileSource {
        name: "init".to_owned(),
        kind: SourceKind::Mail,
        path: path.to_path_buf(),
    };
    let mut files: Vec<(Content, PathBuf)> = Vec::new();
    let mut zones: BTreeMap<String, usize> = BTreeMap::new();
    for input in source.everything()?.files {
        let content = match content(&input) {
            // A backup is read where it lies, not out of an archive.
            Content::Backup if input.is_member() => Content::Unknown,
            content => content,
        };
        if content == Content::Records(SourceKind::GoogleCalendar)
            && let Some(zone) = page_zone(&input)
        {
            *zones.entry(zone).or_default() += 1;
        }
        files.push((content, input.path().to_path_buf()));
    }
    let mut contents: Vec<Content> = files.iter().map(|(content, _)| *content).collect();
    contents.sort();
    contents.dedup();
    contents.retain(|content| *content != Content::Unknown);
    let places = contents.into_iter().flat_map(|content| {
        let mut own: Vec<&PathBuf> = files
            .iter()
            .filter(|(other, _)| *other == content)
            .map(|(_, path)| path)
            .collect();
        // An archive is one file, however much it holds.
        own.dedup();
        // Two backups are a choice that a person makes.
        let paths: Vec<PathBuf> = if content == Content::Backup {
            own.into_iter().cloned().collect()
        } else {
            vec![common(&own)]
        };
        paths.into_iter().map(move |path| (content, path))
    });
    Ok(places
        .map(|(content, path)| Place {
            is_mixed: path.is_dir()
                && files
                    .iter()
                    .any(|(other, file)| *other != content && file.starts_with(&path)),
            zones: if content == Content::Records(SourceKind::GoogleCalendar) {
                zones.clone()
            } else {
                BTreeMap::new()
            },
            content,
            path,
        })
        .collect())
}

/// The file itself where there is one, else the folder that holds all.
fn common(paths: &[&PathBuf]) -> PathBuf {
    let [first, rest @ ..] = paths else {
        return PathBuf::new();
    };
    if rest.is_empty() {
        // A folder's own file may be named anew by the next export: the folder is what is meant.
        return first
            .parent()
            .map_or_else(|| (*first).clone(), |folder| alone_in(folder, first));
    }
    let mut folder = first.parent().unwrap_or(Path::new("")).to_path_buf();
    while !rest.iter().all(|path| path.starts_with(&folder)) {
        folder = folder.parent().map(Path::to_path_buf).unwrap_or_default();
    }
    folder
}

fn alone_in(folder: &Path, file: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).map_or(0, Iterator::count);
    if entries == 1 && !folder.as_os_str().is_empty() {
        folder.to_path_buf()
    } else {
        file.to_path_buf()
    }
}

/// What a file's beginning shows it to be. What is not clear is unknown.
pub(super) fn content(input: &Input) -> Content {
    let mut head = Vec::new();
    let Ok(file) = input.open() else {
        return Content::Unknown;
    };
    if file.take(HEAD_BYTES).read_to_end(&mut head).is_err() {
        return Content::Unknown;
    }
    if dashboard::is_csv(&input.shown) {
        return if dashboard::begins_like_one(&head) {
            Content::Records(SourceKind::Stripe)
        } else {
            Content::Unknown
        };
    }
    if [&b"SQLite format 3\0"[..], b"PGDMP"]
        .iter()
        .any(|magic| head.starts_with(magic))
    {
        return Content::Backup;
    }
    // Packed in ways that are not unpacked here: whoever reads the backup says how to unpack it.
    let name = input.shown.to_ascii_lowercase();
    let is_named_like_dump = [".sql.", ".dump.", ".sqlite.", ".db."]
        .iter()
        .any(|ending| name.contains(ending));
    if is_named_like_dump && PACKED.iter().any(|magic| head.starts_with(magic)) {
        return Content::Backup;
    }
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[']) {
        let dense: String = text.chars().filter(|char| !char.is_whitespace()).collect();
        if dense.contains("\"kind\":\"calendar#event") {
            return Content::Records(SourceKind::GoogleCalendar);
        }
        return if dashboard::names_an_object(&dense) {
            Content::Records(SourceKind::Stripe)
        } else {
            Content::Unknown
        };
    }
    if text.starts_with("BEGIN:VCALENDAR") {
        return Content::Records(SourceKind::GoogleCalendar);
    }
    let opens_dump = text.starts_with("--") || text.starts_with("/*") || text.starts_with("PRAGMA");
    if opens_dump
        || ["CREATE TABLE", "INSERT INTO"]
            .iter()
            .any(|word| text.starts_with(word))
    {
        return Content::Backup;
    }
    if text.starts_with("From ") || begins_with_header(text) {
        return Content::Records(SourceKind::Mail);
    }
    Content::Unknown
}

/// `Return-Path: …`: a mail's first line, with a header behind that every mail has.
fn begins_with_header(text: &str) -> bool {
    let is_header = text
        .lines()
        .next()
        .and_then(|line| line.split_once(':'))
        .is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    let has_from = text.lines().take_while(|line| !line.is_empty()).any(|line| {
        line.get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("from:"))
    });
    is_header && has_from
}

/// The zone that a page of events names for the calendar itself.
fn page_zone(input: &Input) -> Option<String> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(rename = "timeZone")]
        zone: Option<String>,
    }
    let bytes = input.read().ok()?;
    serde_json::from_slice::<Page>(&bytes).ok()?.zone
}
