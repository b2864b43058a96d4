//! The layout of staging: a list of SQL texts that only grows; `user_version` counts those applied.

use super::APPLICATION_ID;
use rusqlite::{Connection, TransactionBehavior};

/// Never edited once released; a change is a new entry.
pub(super) const ALL: &[&str] = &[
    include_str!("migrations/0001_staging.sql"),
    include_str!("migrations/0002_days.sql"),
    include_str!("migrations/0003_acts.sql"),
    include_str!("migrations/0004_pulls.sql"),
    include_str!("migrations/0005_waterfalls.sql"),
    include_str!("migrations/0006_headings.sql"),
];

pub(super) enum MigrationError {
    Newer { found: usize, known: usize },
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for MigrationError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Applies what is missing, each in a transaction together with its number.
pub(super) fn apply(connection: &mut Connection, migrations: &[&str]) -> Result<(), MigrationError> {
    // Who only looks must not wait for one who writes.
    let found: usize = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found == migrations.len() {
        return Ok(());
    }
    loop {
        // Read under the write lock: two processes may open a new file at once.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: usize = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > migrations.len() {
            return Err(MigrationError::Newer {
                found,
                known: migrations.len(),
            });
        }
        let Some(sql) = migrations.get(found) else {
            return Ok(());
        };
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", found + 1)?;
        transaction.commit()?;
    }
}
