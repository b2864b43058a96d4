//! A backup that is a SQLite file: its schema as text and its rows, read without changing a byte.

use super::StoreError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What a SQLite file holds, in the order in which a dump would tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A CREATE statement as written.
    Ddl(String),
    /// Values are the texts that SQL would show; None is NULL.
    Row {
        table: &'a str,
        columns: &'a [String],
        values: Vec<Option<String>>,
    },
}

/// Whether the file's first bytes are those of a SQLite database.
pub fn is_sqlite(path: &Path) -> std::io::Result<bool> {
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(16).read_to_end(&mut head)?;
    Ok(head == b"SQLite format 3\0")
}

/// Hands over the whole schema, then the rows of the named tables that exist, in rowid order.
pub fn dump<E: From<StoreError>>(
    path: &Path,
    tables: &[String],
    sink: &mut dyn FnMut(Event<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let connection = open_unchanged(path)?;
    let mut statements = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .map_err(StoreError::from)?;
    let mut rows = statements.query([]).map_err(StoreError::from)?;
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        sink(Event::Ddl(row.get(0).map_err(StoreError::from)?))?;
    }
    for table in tables {
        dump_rows(&connection, table, sink)?;
    }
    Ok(())
}

/// `immutable` keeps SQLite from making journals beside the file; it also hides what an unsettled journal
/// holds, so a file with one is refused.
fn open_unchanged(path: &Path) -> Result<Connection, StoreError> {
    for journal in ["-wal", "-journal"] {
        let beside = with_suffix(path, journal);
        if beside.metadata().is_ok_and(|found| found.len() > 0) {
            return Err(StoreError::NotSettled {
                path: path.to_path_buf(),
                beside,
            });
        }
    }
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            _ => write!(uri, "%{byte:02X}").expect("writing to a text does not fail"),
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(uri, flags)?)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn dump_rows<E: From<StoreError>>(
    connection: &Connection,
    table: &str,
    sink: &mut dyn FnMut(Event<'_>) -> Result<(), E>,
) -> Result<(), E> {
    // SQLite's names are case-insensitive; the schema's own spelling is handed on.
    let spelled: Option<String> = connection
        .query_row(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
            [table],
            |row| row.get(0),
        )
        .optional()
        .map_err(StoreError::from)?;
    let Some(spelled) = spelled else { return Ok(()) };
    let quoted = spelled.replace('"', "\"\"");
    let mut statement = connection
        .prepare(&format!("SELECT * FROM \"{quoted}\""))
        .map_err(StoreError::from)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).map_err(StoreError::from)?;
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        let values = (0..columns.len())
            .map(|column| row.get_ref(column).map(text_of))
            .collect::<Result<_, _>>()
            .map_err(StoreError::from)?;
        sink(Event::Row {
            table: &spelled,
            columns: &columns,
            values,
        })?;
    }
    Ok(())
}

fn text_of(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Some(bytes.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a text does not fail");
            hex
        })),
    }
}
