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
//!  staged     bookings → rows to stage; `customers`, `payments` the same for theirs
//!  rules      the table's CHECK constraints held against rows; `checks` reads a condition
//!  clashes    rebuilt bookings that cannot be loaded, or not both of them
//!  merge      rows against a fresh dump of production; `live` finds its rows
//!  plan       rows → SQL steps, the same for every dialect
//!  postgres, mysql, sqlite, quote   how each dialect says it
//!  header     what a person reads first; `listing` what stands beside the file
//! ```

mod cell;
mod check;
mod checks;
mod clashes;
mod contacts;
mod customers;
mod doubles;
mod error;
mod fates;
mod header;
mod listing;
mod live;
mod merge;
mod mysql;
mod names;
mod payments;
mod plan;
mod postgres;
mod quote;
mod relation;
mod rules;
mod script;
mod shape;
mod sqlite;
mod staged;
mod uuid;

pub use error::ExportError;
pub use fates::{Fate, Outcome};
pub use listing::Rows;

use crate::model::{Baseline, Booking, BookingId, Business, Currency, Dialect, EntityKind, State, Target};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

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
    /// Hash of the bookings and decisions that it is made of, for the header.
    pub staging: String,
    /// How far to trust it, in one sentence, for the header.
    pub backtest: Option<String>,
    /// The live state that the plan was made against, in words.
    pub live: Option<String>,
    /// Keep a journal of what is loaded, in a table of the target: for `verify`, and for the undo file.
    pub journal: bool,
    /// Give all rows beside the SQL too.
    pub rows: bool,
    /// The keys that new bookings had, where their records tell and the target is configured to keep them.
    pub kept_ids: BTreeMap<BookingId, String>,
}

/// The file, and everything that is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reload {
    pub sql: String,
    /// Takes the batch back, where nobody has touched it since; of no use without a journal.
    pub undo: String,
    /// Stable hash of what the file stages: the same rows give the same batch.
    pub batch: String,
    /// Rows that would be clean but cannot be written, in order of booking.
    pub held: Vec<Held>,
    /// Flagged bookings that `skip_flagged` left out.
    pub left_out: Vec<LeftOut>,
    /// Differences that were passed over, a sentence each.
    pub notes: Vec<String>,
    pub counts: Counts,
    /// What becomes of every row: with a live state all five outcomes, else those that are known without one.
    pub fates: Vec<Fate>,
    /// All staged rows, where they were asked for.
    pub rows: Vec<Rows>,
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
    /// By how much the refunds of payments of the backup rise, in minor units.
    pub refunded: BTreeMap<Currency, i64>,
}

/// Writes the reload of all clean bookings; what is live is found out when the file runs.
pub fn export(
    bookings: &[Booking],
    target: &Target,
    business: &Business,
    baseline: Option<&Baseline>,
    options: &Options,
) -> Result<Reload, ExportError> {
    export_beside(
        bookings,
        target,
        business,
        Sides {
            backup: baseline,
            live: None,
        },
        options,
    )
}

/// What production was, and what it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sides<'a> {
    pub backup: Option<&'a Baseline>,
    /// A fresh dump of production. Its schema is the one that counts.
    pub live: Option<&'a Baseline>,
}

/// Writes the reload of all clean bookings, sorted by what is live where that is known.
pub fn export_beside(
    bookings: &[Booking],
    target: &Target,
    business: &Business,
    sides: Sides<'_>,
    options: &Options,
) -> Result<Reload, ExportError> {
    let open = bookings.iter().filter(|booking| booking.is_open()).count();
    if open > 0 && !options.skip_flagged {
        return Err(ExportError::Open { open });
    }
    let relations = relation::Relations::resolve(target, sides.live.or(sides.backup))?;
    let mut staged = staged::stage(bookings, &relations, business, sides.backup)?;
    let fates = match sides.live {
        None => fates::before(&staged, &relations),
        Some(live) => merge::merge(&mut staged, &relations, business, sides.backup, live, options),
    };
    let body = match target.dialect {
        Dialect::Postgres => plan::write(&relations, &staged, &postgres::Postgres, options),
        Dialect::Mysql => plan::write(&relations, &staged, &mysql::Mysql, options),
        Dialect::Sqlite => plan::write(&relations, &staged, &sqlite::Sqlite, options),
    };
    check::triggers(&relations, |kind| match kind {
        EntityKind::Customer => staged.customers.iter().filter(|row| !row.known).count(),
        EntityKind::Payment => staged.payments.len(),
        _ => staged
            .bookings
            .iter()
            .filter(|row| row.action != staged::RowAction::Keep)
            .count(),
    })?;
    let mut reload = Reload {
        rows: if options.rows {
            listing::rows(&relations, &staged)
        } else {
            Vec::new()
        },
        batch: body.batch,
        left_out: left_out(bookings),
        ..Reload::default()
    };
    reload.fates = fates;
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
    reload.sql.push_str(&body.sql);
    reload.undo = header::write_undo(&reload, business, options, target.dialect);
    reload.undo.push_str(&body.undo);
    Ok(reload)
}

/// Holds the configured target against a schema; what every table will get, a line each.
pub fn check_target(target: &Target, schema: &Baseline) -> Result<Vec<String>, ExportError> {
    let relations = relation::Relations::resolve(target, Some(schema))?;
    // As if there were a row for each table.
    check::triggers(&relations, |_| 1)?;
    Ok(relations.described())
}

/// Whether a file that begins so was written by `export`: SQL, undo, plan or list of held rows.
pub fn is_reload(beginning: &[u8]) -> bool {
    [
        header::SIGNATURE,
        header::UNDO_SIGNATURE,
        listing::HELD_HEAD,
        listing::PLAN_HEAD,
    ]
    .iter()
    .any(|signature| beginning.starts_with(signature.as_bytes()))
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
