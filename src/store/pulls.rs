//! Pulls over the network: their manifests, their cursors, and the pages that are kept together with them.

use super::records::{RecordWriter, note_source, replace_problems};
use super::{PutCount, Staging, StoreError};
use crate::model::{Bookmark, Manifest, Memory, Page, Part, PartState, Problem, SourceKind};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

/// A pull that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullId(i64);

impl Staging {
    /// Begins a pull, or goes on with the last one of this source: if it was cut short, asked for the same
    /// and was begun at `oldest` or later. Moments are RFC 3339 in UTC, all in one form.
    pub fn begin_pull(
        &mut self,
        source: &str,
        kind: SourceKind,
        asked: &str,
        at: &str,
        oldest: &str,
    ) -> Result<(PullId, Memory), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        note_source(&transaction, source, kind, None)?;
        let last: Option<(i64, String, String, Option<String>)> = transaction
            .query_row(
                "SELECT seq, asked, begun_at, finished_at FROM pull WHERE source = ?1 ORDER BY seq DESC LIMIT 1",
                [source],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .optional()?;
        let seq = match last {
            Some((seq, known, begun_at, None)) if known == asked && begun_at.as_str() >= oldest => {
                transaction.execute("UPDATE pull SET failure = NULL WHERE seq = ?1", [seq])?;
                seq
            }
            _ => {
                clear_problems(&transaction, source)?;
                transaction.execute(
                    "INSERT INTO pull (source, asked, begun_at) VALUES (?1, ?2, ?3)",
                    [source, asked, at],
                )?;
                transaction.last_insert_rowid()
            }
        };
        let memory = Memory {
            parts: parts(&transaction, seq)?,
            bookmarks: bookmarks(&transaction, source)?,
            containers: match kind {
                SourceKind::GoogleCalendar => containers(&transaction, source)?,
                SourceKind::Stripe | SourceKind::Mail => Vec::new(),
            },
        };
        transaction.commit()?;
        Ok((PullId(seq), memory))
    }

    /// Stores pages and the cursors behind them in one transaction.
    pub fn put_pages(&mut self, source: &str, pull: PullId, pages: &[Page]) -> Result<PutCount, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut count = PutCount::default();
        {
            let mut writer = RecordWriter::new(&transaction)?;
            for page in pages {
                for record in &page.records {
                    writer.put(source, record, &mut count)?;
                }
                put_part(&transaction, pull, &page.part)?;
                add_problems(&transaction, source, &page.part.name, &page.problems)?;
                for bookmark in &page.bookmarks {
                    put_bookmark(&transaction, source, bookmark)?;
                }
            }
        }
        transaction.commit()?;
        Ok(count)
    }

    /// Notes how a pull ended: at its end, or with a failure, from which the next one goes on.
    pub fn end_pull(&mut self, pull: PullId, at: &str, failure: Option<&str>) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let finished_at = failure.is_none().then_some(at);
        transaction.execute(
            "UPDATE pull SET finished_at = ?2, failure = ?3 WHERE seq = ?1",
            params![pull.0, finished_at, failure],
        )?;
        if finished_at.is_some() {
            transaction.execute(
                "UPDATE source SET finished_at = ?2 WHERE name = (SELECT source FROM pull WHERE seq = ?1)",
                params![pull.0, at],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Notes that a source was read from files to its end, and replaces the problems of its earlier pulls.
    pub fn finish_files(
        &mut self,
        source: &str,
        kind: SourceKind,
        problems: &[Problem],
        at: &str,
    ) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        note_source(&transaction, source, kind, None)?;
        clear_problems(&transaction, source)?;
        replace_problems(&transaction, &problem_scope(source), problems)?;
        transaction.execute("UPDATE source SET finished_at = ?2 WHERE name = ?1", [source, at])?;
        transaction.commit()?;
        Ok(())
    }

    /// The manifest of the last pull of every source that is read over the network, by source.
    pub fn manifests(&self) -> Result<Vec<Manifest>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT seq, source, asked, begun_at, finished_at, failure FROM pull
             WHERE seq IN (SELECT max(seq) FROM pull GROUP BY source) ORDER BY source",
        )?;
        let rows = statement.query_map([], |row| {
            let manifest = Manifest {
                source: row.get(1)?,
                asked: row.get(2)?,
                begun_at: row.get(3)?,
                finished_at: row.get(4)?,
                failure: row.get(5)?,
                parts: Vec::new(),
            };
            Ok((row.get::<_, i64>(0)?, manifest))
        })?;
        let mut manifests = Vec::new();
        for row in rows {
            let (seq, mut manifest) = row?;
            manifest.parts = parts(&self.connection, seq)?;
            manifests.push(manifest);
        }
        Ok(manifests)
    }
}

/// Takes away what an earlier pull of a source met, over the network or in files.
fn clear_problems(transaction: &Transaction<'_>, source: &str) -> Result<(), StoreError> {
    transaction.execute(
        "DELETE FROM problem WHERE scope = ?1 OR substr(scope, 1, length(?2)) = ?2",
        [problem_scope(source), problem_scope(source) + "/"],
    )?;
    Ok(())
}

/// Where the problems of a source's pull are kept; those of a part stand below it.
fn problem_scope(source: &str) -> String {
    format!("pull {source}")
}

fn parts(connection: &rusqlite::Connection, pull: i64) -> Result<Vec<Part>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT name, asked, cursor, pages, objects, first, last, expected, state FROM part WHERE pull = ?1 ORDER BY name",
    )?;
    let rows = statement.query_map([pull], |row| {
        let state: String = row.get(8)?;
        Ok(Part {
            name: row.get(0)?,
            asked: row.get(1)?,
            cursor: row.get(2)?,
            pages: row.get(3)?,
            objects: row.get(4)?,
            first: row.get(5)?,
            last: row.get(6)?,
            expected: row.get(7)?,
            // What is not known to be whole is read again.
            state: PartState::parse(&state).unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn bookmarks(transaction: &Transaction<'_>, source: &str) -> Result<Vec<Bookmark>, StoreError> {
    let mut statement =
        transaction.prepare("SELECT scope, value FROM bookmark WHERE source = ?1 ORDER BY scope")?;
    let rows = statement.query_map([source], |row| {
        Ok(Bookmark {
            scope: row.get(0)?,
            value: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn containers(transaction: &Transaction<'_>, source: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = transaction
        .prepare("SELECT substr(id, length(?1) + 2), container FROM record WHERE source = ?1 ORDER BY id")?;
    let rows = statement.query_map([source], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn put_part(transaction: &Transaction<'_>, pull: PullId, part: &Part) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO part VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (pull, name) DO UPDATE SET asked = ?3, cursor = ?4, pages = ?5, objects = ?6,
             first = ?7, last = ?8, expected = ?9, state = ?10",
        params![
            pull.0,
            part.name,
            part.asked,
            part.cursor,
            part.pages,
            part.objects,
            part.first,
            part.last,
            part.expected,
            part.state.as_str()
        ],
    )?;
    Ok(())
}

fn put_bookmark(transaction: &Transaction<'_>, source: &str, bookmark: &Bookmark) -> Result<(), StoreError> {
    match &bookmark.value {
        Some(value) => transaction.execute(
            "INSERT INTO bookmark VALUES (?1, ?2, ?3) ON CONFLICT (source, scope) DO UPDATE SET value = ?3",
            [source, &bookmark.scope, value],
        )?,
        None => transaction.execute(
            "DELETE FROM bookmark WHERE source = ?1 AND scope = ?2",
            [source, &bookmark.scope],
        )?,
    };
    Ok(())
}

/// Appends: a page that is read again after a kill was not committed, so its problems were not either.
fn add_problems(
    transaction: &Transaction<'_>,
    source: &str,
    part: &str,
    problems: &[Problem],
) -> Result<(), StoreError> {
    if problems.is_empty() {
        return Ok(());
    }
    let scope = format!("{}/{part}", problem_scope(source));
    let known: i64 = transaction.query_row(
        "SELECT coalesce(max(position) + 1, 0) FROM problem WHERE scope = ?1",
        [&scope],
        |row| row.get(0),
    )?;
    let mut insert = transaction.prepare("INSERT INTO problem VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (position, problem) in (known..).zip(problems) {
        insert.execute(params![
            scope,
            position,
            problem.source,
            problem.place,
            problem.message,
            problem.hint
        ])?;
    }
    Ok(())
}
