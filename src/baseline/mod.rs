//! Reads the backup: the schema of its tables, and the rows of the mapped ones in canonical terms.
//!
//! A plain dump comes in as bytes, of pg_dump, mysqldump, mariadb-dump or `sqlite3 .dump`, and may be
//! larger than memory: it is read once, and only the mapped tables' rows are kept. A `Baseline` comes
//! out. The way: `split` (bytes to pieces), `token`, then `schema` for DDL and `values` for rows,
//! `collect` for both, `canonical` in the end.

mod canonical;
mod collect;
mod cursor;
mod dialect;
mod numbers;
mod parents;
mod problems;
mod schema;
mod split;
mod statement;
mod table;
mod time;
mod token;
mod values;
mod whole;

#[cfg(test)]
mod tests;

pub use collect::Collector;
pub use whole::{Grid, Whole, WholeCollector, is_named, minor_units, read_time, read_whole};

use crate::model::{Baseline, Business, Target};
use cursor::Parsed;
use problems::Cause;
use split::{Piece, Splitter};
use std::io::{self, BufRead, Read};

#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    #[error("the backup could not be read at byte {offset}: {error}")]
    Unreadable { offset: u64, error: io::Error },
    #[error("the backup is {what}, not a plain SQL dump; {hint}")]
    NotPlain { what: &'static str, hint: &'static str },
    #[error("the backup has no table `{table}`, which [target.{entity}] names; {hint}")]
    NoTable {
        entity: &'static str,
        table: String,
        hint: String,
    },
    #[error(
        "`{table}` of [target.{entity}] may be `{first}` or `{second}` of the backup; write the full name of the right one"
    )]
    TableAmbiguous {
        entity: &'static str,
        table: String,
        first: String,
        second: String,
    },
    #[error(
        "the backup's table `{table}` has no column `{column}`, which [target.{entity}] names for {field}; {hint}"
    )]
    NoColumn {
        entity: &'static str,
        field: String,
        table: String,
        column: String,
        hint: String,
    },
    #[error(
        "the backup creates table `{table}` twice; it seems to hold several databases: give a dump of the right one alone"
    )]
    TableTwice { table: String },
}

/// Reads a plain dump. Its dialect is told from its content.
pub fn read(
    mut input: impl BufRead,
    target: &Target,
    business: &Business,
) -> Result<Baseline, BaselineError> {
    let mut head = Vec::new();
    input
        .by_ref()
        .take(dialect::HEAD_LENGTH)
        .read_to_end(&mut head)
        .map_err(|error| BaselineError::Unreadable { offset: 0, error })?;
    dialect::refuse_others(&head)?;
    let dialect = dialect::recognise(&head).unwrap_or(target.dialect);
    let start = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut collector = Collector::new(target, business, dialect);
    let mut splitter = Splitter::new(head[start..].chain(input), collector.draft.syntax);
    let outcome = collect_pieces(&mut splitter, &mut collector);
    outcome.map_err(|error| BaselineError::Unreadable {
        offset: splitter.offset(),
        error,
    })?;
    if splitter.cut_off {
        collector.problems.add("", "", Cause::CutOff, "");
    }
    collector.finish()
}

fn collect_pieces(splitter: &mut Splitter<impl BufRead>, collector: &mut Collector<'_>) -> io::Result<()> {
    // sqlite3 begins a new INSERT for every row: what begins alike need not be read again.
    let (mut head, mut is_wanted) = (Vec::new(), false);
    while let Some(piece) = splitter.next()? {
        match piece {
            Piece::Statement => {
                collector.ddl(&String::from_utf8_lossy(splitter.text()));
                splitter.syntax = collector.draft.syntax;
                head.clear();
            }
            Piece::Insert | Piece::Copy => {
                if head != splitter.text() {
                    head = splitter.text().to_vec();
                    is_wanted = open(collector, &head);
                }
                if !is_wanted {
                    splitter.skip()?;
                }
            }
            Piece::Tuple => collector.take(values::tuple(splitter.text(), splitter.syntax)),
            Piece::Line => collector.take(values::copy_line(splitter.text()).collect()),
        }
    }
    Ok(())
}

/// Opens the table of `INSERT INTO name [(columns)] VALUES` or `COPY name [(columns)] FROM stdin`; false where
/// its rows are not needed.
fn open(collector: &mut Collector<'_>, head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let parsed = Parsed::new(&text, collector.draft.syntax);
    let mut cursor = parsed.cursor();
    if !cursor.eat("COPY") {
        cursor.seek("INTO");
    }
    let Some(table) = cursor.qualified_name() else {
        return false;
    };
    let columns = cursor.group().map(|inside| {
        let parts = token::split_commas(inside);
        parts
            .into_iter()
            .filter_map(|part| cursor.over(part).name())
            .collect::<Vec<String>>()
    });
    collector.open(&table, columns.as_deref())
}
