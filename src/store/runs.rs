//! Runs with their timings, and the facts that the last build left.

use super::{Staging, StoreError};
use crate::model::Timing;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

/// A run that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunId(i64);

impl Staging {
    /// Notes that a command has begun; a run without an end was killed.
    pub fn begin_run(&mut self, command: &str, version: &str, at: &str) -> Result<RunId, StoreError> {
        self.connection.execute(
            "INSERT INTO run (command, version, started_at) VALUES (?1, ?2, ?3)",
            params![command, version, at],
        )?;
        Ok(RunId(self.connection.last_insert_rowid()))
    }

    /// Notes that a command has ended, and how long its stages took.
    pub fn end_run(&mut self, run: RunId, timings: &[Timing], at: &str) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (position, timing) in timings.iter().enumerate() {
            transaction.execute(
                "INSERT INTO timing VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    run.0,
                    position,
                    timing.stage.as_str(),
                    timing.milliseconds,
                    timing.items
                ],
            )?;
        }
        transaction.execute(
            "UPDATE run SET finished_at = ?2 WHERE seq = ?1",
            params![run.0, at],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The last run of a command: when it began, and when it ended.
    pub fn last_run(&self, command: &str) -> Result<Option<(String, Option<String>)>, StoreError> {
        let sql = "SELECT started_at, finished_at FROM run WHERE command = ?1 ORDER BY seq DESC LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        Ok(self.connection.query_row(sql, [command], read).optional()?)
    }

    pub fn fact(&self, key: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT value FROM fact WHERE key = ?1";
        Ok(self
            .connection
            .query_row(sql, [key], |row| row.get(0))
            .optional()?)
    }

    pub fn set_fact(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        set_fact(&self.connection, key, value)
    }
}

pub(super) fn set_fact(connection: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO fact VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        params![key, value],
    )?;
    Ok(())
}
