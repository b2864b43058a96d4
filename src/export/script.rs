//! What a dialect must be able to say for the plan to be written in it.

use super::Options;
use super::cell::Cell;
use super::relation::Relations;

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

/// One SQL dialect. Conditions and expressions that are the same everywhere are written by `plan`.
pub(super) trait Writer {
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

    /// Aborts the load unless the condition holds. The name is said when it does not.
    fn require(&self, assertion: &str, condition: &str, out: &mut String);

    /// Commits or rolls back.
    fn close(&self, options: &Options, assertions: usize, out: &mut String);
}
