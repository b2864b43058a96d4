//! What a dialect must be able to say for the plan to be written in it.

use super::Options;
use super::cell::Cell;
use super::relation::Relations;
use crate::model::{Dialect, LengthUnit};
use sha2::{Digest, Sha256};

/// How long a load waits for a lock before it gives up.
pub(super) const LOCK_SECONDS: u32 = 10;
/// How long one statement may take.
pub(super) const STATEMENT_MINUTES: u32 = 10;

/// The type of a column of our own in a temporary table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    Number,
    Sum,
    Text,
    /// Text that rows are found by: exact, indexed, of any length.
    Match,
}

/// A temporary table: columns of our own, then columns typed as the target's are.
pub(super) struct Temporary<'a> {
    pub name: &'a str,
    pub own: &'a [(&'a str, Own)],
    /// The target's table, and which of its columns; None: all of them.
    pub like: Option<(&'a str, Option<Vec<String>>)>,
    /// Column lists to find rows by.
    pub indexes: Vec<Vec<String>>,
}

/// Columns of one table that are set from the row of another that the condition finds.
pub(super) struct Change<'a> {
    /// The table as it is written, and its alias.
    pub target: (&'a str, &'a str),
    pub from: (&'a str, &'a str),
    /// Column and expression.
    pub sets: &'a [(String, String)],
    pub condition: &'a str,
}

/// What a table is expected to be.
pub(super) struct Guard<'a> {
    pub table: &'a str,
    pub columns: Vec<Expected<'a>>,
    /// Triggers that may fire.
    pub allowed: &'a [String],
}

pub(super) struct Expected<'a> {
    pub name: &'a str,
    /// As the dump declares it.
    pub kind: &'a str,
    pub not_null: bool,
    pub computed: bool,
}

/// The name of the journal's table.
pub(super) const JOURNAL: &str = "rebook_journal";

/// One SQL dialect. Conditions and expressions that are the same everywhere are written by `plan`.
pub(super) trait Writer {
    fn dialect(&self) -> Dialect;

    /// Quotes a column's name.
    fn name(&self, name: &str) -> String;

    /// Quotes a table's name, schema and all.
    fn table(&self, name: &str) -> String;

    /// Names one of our temporary tables.
    fn temporary(&self, name: &str) -> String {
        name.to_owned()
    }

    fn literal(&self, cell: &Cell, out: &mut String);

    /// Equal, where two NULLs are equal too.
    fn same(&self, left: &str, right: &str) -> String;

    /// An expression of type `Own::Match` over texts, NULL where one of them is; `folded`: without regard to case.
    fn matching(&self, texts: &[String], folded: bool) -> String;

    /// A moment, and one that is so much later, to be compared with others. Days are counted as the database counts them:
    /// where it keeps moments, not local times, those on which clocks are changed are an hour off.
    fn span(&self, start: &str, length: &str, unit: LengthUnit) -> (String, String);

    /// An expression of any type as text.
    fn spelled(&self, expression: &str) -> String {
        format!("({expression})")
    }

    /// A column as text, the empty one for NULL.
    fn text(&self, column: &str) -> String;

    fn create(&self, table: &Temporary<'_>, out: &mut String);

    /// Settings, and what must happen before the temporary tables are made.
    fn open(&self, relations: &Relations<'_>, out: &mut String);

    /// Begins the transaction, where the temporary tables must be made outside of it, and locks.
    fn begin(&self, relations: &Relations<'_>, assertions: &[String], out: &mut String);

    /// Keeps other writers out of the target's tables, now that all rows are staged.
    fn lock(&self, _relations: &Relations<'_>, _out: &mut String) {}

    /// Tells the planner that a temporary table has been filled.
    fn analyze(&self, _temporary: &str, _out: &mut String) {}

    fn update(&self, change: &Change<'_>, out: &mut String);

    /// A column's character set may lack characters that text has: such text is staged apart, and set by `set_texts`.
    fn narrows_text(&self) -> bool {
        false
    }

    /// Sets columns of a staged table from the texts that were staged apart, and holds rows that lose any.
    fn set_texts(&self, _temporary: &str, _columns: &[&str], _out: &mut String) {}

    /// The sum of `sign` over the texts of all rows of a temporary table, each row's joined by `|`.
    fn signed(&self, from: &str, columns: &[String]) -> String;

    /// A number that a text gives, here and on the server: of another text it gives another one.
    fn sign(&self, text: &str) -> u64 {
        let digest = Sha256::digest(text.as_bytes());
        digest[..6]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    /// Aborts the load unless the condition holds. The name is said when it does not.
    fn require(&self, assertion: &str, condition: &str, out: &mut String);

    /// The table has these columns and no others.
    fn unchanged(&self, guard: &Guard<'_>) -> String;

    /// No trigger but the allowed ones fires when rows are inserted or changed.
    fn quiet(&self, guard: &Guard<'_>) -> String;

    /// Text and a text behind it.
    fn joined(&self, left: &str, right: &str) -> String {
        format!("{left} || {right}")
    }

    /// A statement that makes a table ends the transaction; a temporary table stands at most once in a statement.
    fn ddl_commits(&self) -> bool {
        false
    }

    /// What must stand in an INSERT that gives a key which the database would give.
    fn overriding(&self) -> &'static str {
        ""
    }

    /// Moves the sequence of a key behind the highest one, never back; MySQL and SQLite do so by themselves.
    fn advance(&self, _table: &str, _key: &str, _out: &mut String) {}

    /// Makes the journal, where it is not there yet; in MySQL before the transaction, which DDL would end.
    fn create_journal(&self, place: &str, options: &Options, out: &mut String);

    /// A row's content, in a form that two equal rows share and two different ones do not.
    fn checksum(&self, alias: &str, columns: &[String]) -> String;

    /// The parts of a key as one text, joined by `|`.
    fn key_text(&self, alias: &str, keys: &[String]) -> String;

    /// Deletes rows of a target that a temporary table names.
    fn delete(&self, target: (&str, &str), from: (&str, &str), condition: &str, out: &mut String);

    /// Has constraints judged now that the database would judge at the end: a rehearsal has no end.
    fn settle(&self, _out: &mut String) {}

    /// Commits or rolls back.
    fn close(&self, options: &Options, assertions: usize, out: &mut String);
}
