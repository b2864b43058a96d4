//! Writes the files of a business from a table of its bookings and the texts that it sends.
//!
//! `bookings.tsv` has a row for each booking. A file `NAME.each` becomes `NAME`, with its text once for every row:
//! `«column»` is the row's value, `«column|form»` the value in a form:
//!
//! | form | gives |
//! | --- | --- |
//! | `%d.%m.%Y` and the like | the local time, as chrono formats it |
//! | `utc`, `rfc3339`, `rfc2822`, `epoch` | the moment |
//! | `major.`, `major,` | a hundredth of the amount, with a point or a comma |
//!
//! A text that asks for an empty value is left out for that row: who did not cancel gets no letter about it. In a
//! file with lines of `---`, what stands above the first is written once, and each part below is a text of its own.
//! All other files are copied.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeZone};
use chrono_tz::Tz;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A booking: column to value.
type Row = BTreeMap<String, String>;

/// What the backup is called: it holds the rows of the business alone, not those of a case.
const BACKUP: &str = "backup.sql";

/// Writes a business into a folder, and what a case adds to it. Local times are read in `zone`.
pub fn write(business: &Path, case: Option<&Path>, zone: Tz, folder: &Path) {
    let old = rows(business);
    let mut all = old.clone();
    if let Some(case) = case {
        all.extend(rows(case));
        expand(case, case, &rows(case), &rows(case), zone, folder);
    }
    expand(business, business, &old, &all, zone, folder);
}

fn expand(root: &Path, from: &Path, old: &[Row], all: &[Row], zone: Tz, folder: &Path) {
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            expand(root, &path, old, all, zone, folder);
            continue;
        }
        let target = folder.join(path.strip_prefix(root).expect("below the root"));
        let text = || fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        fs::create_dir_all(target.parent().expect("a file in a folder")).expect("a new folder");
        if path.extension().is_some_and(|end| end == "each") {
            let target = target.with_extension("");
            let rows = if target.ends_with(BACKUP) { old } else { all };
            fs::write(&target, repeat(&text(), rows, zone, &path)).expect("a new file");
        } else if path.file_name().is_some_and(|name| name != "bookings.tsv") {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

fn rows(folder: &Path) -> Vec<Row> {
    let Ok(text) = fs::read_to_string(folder.join("bookings.tsv")) else {
        return Vec::new();
    };
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), columns.len(), "{}: {line}", folder.display());
            let cell = |(column, cell): (&&str, &&str)| ((*column).to_owned(), (*cell).to_owned());
            columns.iter().zip(&cells).map(cell).collect()
        })
        .collect()
}

fn repeat(text: &str, rows: &[Row], zone: Tz, path: &Path) -> String {
    let mut parts: Vec<&str> = text.split("---\n").collect();
    let mut written = if parts.len() > 1 {
        parts.remove(0).to_owned()
    } else {
        String::new()
    };
    for row in rows {
        for part in &parts {
            if let Some(text) = fill(part, row, zone, path) {
                written.push_str(&text);
            }
        }
    }
    written
}

/// One row's text; None where a value that it asks for is empty.
fn fill(text: &str, row: &Row, zone: Tz, path: &Path) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('«') {
        let (slot, after) = behind.split_once('»').expect("« is closed");
        let (column, form) = slot.split_once('|').unwrap_or((slot, ""));
        let value = row.get(column).map_or("", String::as_str);
        if value.is_empty() {
            return None;
        }
        filled.push_str(before);
        let formed = shape(value, form, zone);
        filled.push_str(&formed.unwrap_or_else(|| panic!("{}: {slot}: {value}", path.display())));
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

fn shape(value: &str, form: &str, zone: Tz) -> Option<String> {
    if form.is_empty() {
        return Some(value.to_owned());
    }
    if let Some(mark) = form.strip_prefix("major") {
        let minor: i64 = value.parse().ok()?;
        return Some(format!("{}{mark}{:02}", minor / 100, minor % 100));
    }
    let local = NaiveDateTime::parse_from_str(value, "%Y-%m-%d %H:%M").ok()?;
    let at: DateTime<Tz> = zone.from_local_datetime(&local).single()?;
    Some(match form {
        "utc" => at.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true),
        "rfc3339" => at.to_rfc3339(),
        "rfc2822" => at.to_rfc2822(),
        "epoch" => at.timestamp().to_string(),
        format => at.format(format).to_string(),
    })
}

/// All folders in a folder, sorted.
pub fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn a_text_is_written_for_every_row_that_has_its_values() {
    let row = |name: &str, at: &str| -> Row {
        [("name", name), ("at", at), ("sum", "1205")]
            .map(|(column, value)| (column.to_owned(), value.to_owned()))
            .into()
    };
    let rows = [row("Ada", "2026-03-01 09:30"), row("Bo", "")];
    let text = "head\n---\n«name» «sum|major,»\n---\n«name» at «at|%d.%m. %H:%M»\n";
    assert_eq!(
        repeat(text, &rows, chrono_tz::UTC, Path::new("x")),
        "head\nAda 12,05\nAda at 01.03. 09:30\nBo 12,05\n"
    );
}
