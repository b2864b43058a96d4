//! Staging: one SQLite file that holds what was received, what was made of it, and what people decided.
//!
//! In and out: the model's nouns. This module alone names rusqlite. Received bytes are only ever added;
//! the results of a build are replaced in one transaction; decisions are append-only. A process that is
//! killed at any point leaves a state from which the next run ends where an uninterrupted one would.

mod backup;
mod bookings;
mod days;
mod decisions;
mod headings;
mod migrations;
mod pulls;
mod records;
mod runs;
pub mod sqlite_file;

pub use decisions::Kept;
pub use headings::Taken;
pub use pulls::PullId;
pub use records::{Packed, PutCount};
pub use runs::RunId;

use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot open staging at {}: {error}", .path.display())]
    Unopened { path: PathBuf, error: std::io::Error },
    #[error("{} is there already, and is no staging database of rebook; nothing was changed in it", .path.display())]
    Foreign { path: PathBuf },
    #[error("{} was written by a newer rebook (layout {found}, this one knows up to {known})", .path.display())]
    Newer {
        path: PathBuf,
        found: usize,
        known: usize,
    },
    #[error("{}", in_words(.0))]
    Sqlite(#[from] rusqlite::Error),
    #[error("staging holds something unreadable: {what}")]
    Unreadable { what: String },
    #[error("{} has changes beside it that are not yet in it ({})", .path.display(), .beside.display())]
    NotSettled { path: PathBuf, beside: PathBuf },
    #[error("{message}")]
    Refused { message: String },
}

impl StoreError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unopened { .. } => "choose a place that can be written to with --staging FILE",
            Self::Foreign { .. } => "name another file with --staging FILE; a new one is made where none is",
            Self::Newer { .. } => "use that version, or another file with --staging FILE",
            Self::Sqlite(error) if is_busy(error) => {
                "try again when it is done; nothing that was read or decided is lost"
            }
            Self::Sqlite(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) => {
                "make room, or choose another disk with --staging FILE; nothing half-done was kept"
            }
            Self::Sqlite(_) => "check the disk's free space and the file's owner; nothing half-done was kept",
            Self::Unreadable { .. } => {
                "move the staging file aside and rebuild; keep it, it holds the decisions that were made"
            }
            Self::NotSettled { .. } => "make a copy that is whole: sqlite3 FILE \".backup copy.db\"",
            Self::Refused { .. } => "see the decisions with `rebook review`",
        }
    }

    fn unreadable(what: impl Into<String>) -> Self {
        Self::Unreadable { what: what.into() }
    }
}

fn in_words(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        _ if is_busy(error) => "another rebook is at work in the staging database".to_owned(),
        Some(rusqlite::ErrorCode::DiskFull) => "the disk of the staging database is full".to_owned(),
        _ => format!("the staging database: {error}"),
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    )
}

/// "rebk": tells a staging database from anybody else's.
const APPLICATION_ID: i32 = 0x7265_626B;

/// An open staging database.
pub struct Staging {
    connection: Connection,
    path: PathBuf,
}

impl Staging {
    /// Opens the file, or makes it, readable by its owner alone, and brings its layout up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let unopened = |error| StoreError::Unopened {
            path: path.to_path_buf(),
            error,
        };
        create_private(path).map_err(unopened)?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        let mut staging = Self {
            connection,
            path: path.to_path_buf(),
        };
        staging.recognise()?;
        shut(path).map_err(unopened)?;
        // A decision must survive the power cut a second later, hence FULL. Ids come in no order, so each batch of a pull
        // touches pages all over the indexes: with room for 100,000 records' (16 MB) none is read twice, and what is
        // written again and again goes into the file once for 32 MB, not for 4.
        staging.connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8000;",
        )?;
        migrations::apply(&mut staging.connection, migrations::ALL).map_err(|error| staging.name(error))?;
        Ok(staging)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses a database that somebody else made before anything is written to it.
    fn recognise(&self) -> Result<(), StoreError> {
        let foreign = || StoreError::Foreign {
            path: self.path.clone(),
        };
        let read = |sql| self.connection.query_row(sql, [], |row| row.get::<_, i32>(0));
        match read("PRAGMA application_id") {
            Ok(APPLICATION_ID) => Ok(()),
            Ok(0) if read("SELECT count(*) FROM sqlite_schema")? == 0 => Ok(()),
            Ok(_) => Err(foreign()),
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
                Err(foreign())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn name(&self, error: migrations::MigrationError) -> StoreError {
        match error {
            migrations::MigrationError::Newer { found, known } => StoreError::Newer {
                path: self.path.clone(),
                found,
                known,
            },
            migrations::MigrationError::Sqlite(error) => error.into(),
        }
    }
}

/// Makes the file before SQLite does: it and its journals then are the owner's alone.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

/// Shuts others out of a staging file that was made by hand or copied.
fn shut(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if path.metadata()?.permissions().mode() & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
