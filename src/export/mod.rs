//! Writes bookings as SQL that a careful person runs on living production.
//!
//! In: rebuilt bookings, the target's mapping, the backup. Out: one SQL file's text, and a list of what
//! it does not touch. Production was restored from the backup and takes bookings again, so the file is a
//! three-way merge that finds out at run time what is there now: it stages the rows in temporary tables,
//! sorts every row into insert, update, already there or held, writes in one transaction, and checks
//! before and after. It only adds, or updates rows that still are as the backup had them. Running it
//! again changes nothing.
//!
//! ```text
//!  relation   the target's tables: what must be written into which column, checked against the backup
//!  cell       one value as one column wants it; `shape` and `names` learn the wanted form from the backup
//!  staged     bookings → rows to stage, and rows held before anything is written
//!  plan       rows → SQL steps, the same for every dialect
//!  postgres, mysql, sqlite, quote   how each dialect says it
//!  header     what a person reads first
//! ```

mod cell;
mod check;
mod customers;
mod doubles;
mod header;
mod mysql;
mod names;
mod payments;
mod plan;
mod postgres;
mod quote;
mod relation;
mod script;
mod shape;
mod sqlite;
mod staged;
mod uuid;

use crate::model::{Baseline, Booking, BookingId, Business, Currency, Dialect, State, Target, stable_hash};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use thiserror::Error;

/// What a run of the exporter depends on beside the bookings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Write what is clean although conflicts are open.
    pub skip_flagged: bool,
    /// MySQL and SQLite: write the variant that ends in ROLLBACK. PostgreSQL's file always rehearses
    /// unless it is run with `-v commit=1`.
    pub rehearse: bool,
    /// No resource is ever booked twice at one time: a live booking in the way holds ours.
    pub exclusive_resources: bool,
    /// When the data was lost; stated in the header.
    pub loss: DateTime<Utc>,
    /// Name and version of the program, for the header.
    pub tool: String,
    /// Hash of the configuration, for the header.
    pub config: String,
    /// How far to trust it, in one sentence, for the header.
    pub backtest: Option<String>,
}

/// The file, and everything that is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reload {
    pub sql: String,
    /// Stable hash of what the file stages: the same rows give the same batch.
    pub batch: String,
    /// Rows that would be clean but cannot be written, in order of booking.
    pub held: Vec<Held>,
    /// Flagged bookings that `skip_flagged` left out.
    pub left_out: Vec<LeftOut>,
    /// Differences that were passed over, a sentence each.
    pub notes: Vec<String>,
    pub counts: Counts,
}

/// A row that is held back before anything is written. The file itself holds back more at run time, and lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    pub booking: BookingId,
    pub reference: Option<String>,
    /// The provider's charge id, where only a payment is held.
    pub payment: Option<String>,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    pub booking: BookingId,
    pub reference: Option<String>,
    pub reason: String,
}

/// What the file stages, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    pub customers: usize,
    pub inserts: usize,
    pub updates: usize,
    pub payments: usize,
    pub refunds: usize,
    pub held: usize,
    pub left_out: usize,
    pub rejected: usize,
    /// Totals of new bookings in minor units.
    pub booked: BTreeMap<Currency, i64>,
    /// Amounts of new payments in minor units.
    pub paid: BTreeMap<Currency, i64>,
}

/// Why nothing was written.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ExportError {
    #[error(
        "{open} bookings wait for a decision: answer them with `rebook review`, or leave them out with --skip-flagged"
    )]
    Open { open: usize },
    #[error("the backup has no table `{table}`: check `table` under [target.{entity}] in rebook.toml")]
    UnknownTable { entity: &'static str, table: String },
    #[error(
        "table `{table}` has no column `{column}`: check [target.{entity}.columns] and .constants in rebook.toml"
    )]
    UnknownColumn {
        entity: &'static str,
        table: String,
        column: String,
    },
    #[error(
        "column `{column}` of `{table}` is computed by the database and cannot be written: take it out of [target.{entity}] in rebook.toml"
    )]
    ComputedColumn {
        entity: &'static str,
        table: String,
        column: String,
    },
    #[error(
        "column `{column}` of `{table}` must be filled and nothing fills it: write `{column} = \"…\"` under [target.{entity}.constants] in rebook.toml, or map a field to it under [target.{entity}.columns]"
    )]
    UnfilledColumn {
        entity: &'static str,
        table: String,
        column: String,
    },
    #[error("column `{column}` takes one of {labels}, not `{value}`: write {place} in rebook.toml")]
    UnknownLabel {
        /// With its table.
        column: String,
        value: String,
        labels: String,
        /// What to write, and where.
        place: String,
    },
    #[error(
        "[target.{entity}.columns] in rebook.toml has no `{field}`, and without it a row cannot be found again"
    )]
    UnmappedField {
        entity: &'static str,
        field: &'static str,
    },
    #[error(
        "[target.booking.columns] in rebook.toml maps `{field}`, but there is no [target.{field}] that says where it stands"
    )]
    NoEntity { field: &'static str },
}

/// Writes the reload of all clean bookings.
pub fn export(
    bookings: &[Booking],
    target: &Target,
    business: &Business,
    baseline: Option<&Baseline>,
    options: &Options,
) -> Result<Reload, ExportError> {
    let open = bookings.iter().filter(|booking| booking.is_open()).count();
    if open > 0 && !options.skip_flagged {
        return Err(ExportError::Open { open });
    }
    let relations = relation::Relations::resolve(target, baseline)?;
    let staged = staged::stage(bookings, &relations, business, baseline)?;
    let body = match target.dialect {
        Dialect::Postgres => plan::write(&relations, &staged, &postgres::Postgres, options),
        Dialect::Mysql => plan::write(&relations, &staged, &mysql::Mysql, options),
        Dialect::Sqlite => plan::write(&relations, &staged, &sqlite::Sqlite, options),
    };
    let mut reload = Reload {
        batch: stable_hash(&[&body]),
        left_out: left_out(bookings),
        ..Reload::default()
    };
    reload.counts = staged.counts();
    reload.counts.left_out = reload.left_out.len();
    reload.counts.rejected = bookings
        .iter()
        .filter(|booking| booking.state == State::Rejected)
        .count();
    reload.notes = relations.notes();
    reload.notes.extend(staged.notes);
    reload.held = staged.held;
    reload.held.sort();
    reload.sql = header::write(&reload, &relations, business, options, target.dialect);
    reload.sql.push_str(&body);
    Ok(reload)
}

/// Whether a file that begins so was written by `export`.
pub fn is_reload(beginning: &[u8]) -> bool {
    beginning.starts_with(header::SIGNATURE.as_bytes())
}

fn left_out(bookings: &[Booking]) -> Vec<LeftOut> {
    let mut left_out: Vec<LeftOut> = bookings
        .iter()
        .filter(|booking| booking.is_open())
        .map(|booking| LeftOut {
            booking: booking.id.clone(),
            reference: booking.reference.clone(),
            reason: booking
                .conflicts
                .iter()
                .map(|conflict| conflict.reason.as_str())
                .collect::<Vec<_>>()
                .join("; "),
        })
        .collect();
    left_out.sort();
    left_out
}
