//! Reads a backup whole: every table with all its columns, as the dump states them.
//!
//! For whoever does not know yet which tables matter. Of a table with more rows than `ROWS_MAX` the last ones
//! are kept: they are what other records still tell of.

use super::collect::names_table;
use super::cursor::Parsed;
use super::schema::Draft;
use super::split::{Piece, Splitter};
use super::time::TimeColumn;
use super::token::{self, Syntax};
use super::values::{self, Cell};
use super::{BaselineError, canonical, dialect};
use crate::model::{Dialect, Schema, TimeAs, When};
use chrono::FixedOffset;
use chrono_tz::Tz;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead, Read};

const ROWS_MAX: usize = 100_000;

/// All that a backup holds.
#[derive(Debug)]
pub struct Whole {
    pub schema: Schema,
    pub dialect: Dialect,
    /// By the name that the schema has.
    pub grids: BTreeMap<String, Grid>,
    /// The zone of the session that wrote a MySQL dump.
    pub session_zone: Option<FixedOffset>,
    /// What the dump's tool says about when it ran, as written.
    pub written_at: Option<String>,
}

/// The rows of one table.
#[derive(Debug, Default)]
pub struct Grid {
    pub columns: Vec<String>,
    /// None is NULL, or what the dump does not state.
    pub rows: VecDeque<Vec<Option<String>>>,
}

/// Takes DDL and rows in, in any order that a dump may have them.
pub struct WholeCollector {
    draft: Draft,
    grids: BTreeMap<String, Grid>,
    written_at: Option<String>,
    /// The table whose rows come, and the columns that its rows state.
    open: Option<(String, Vec<String>)>,
}

impl WholeCollector {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            draft: Draft::new(Syntax::of(dialect)),
            grids: BTreeMap::new(),
            written_at: None,
            open: None,
        }
    }

    /// Takes one statement in.
    pub fn ddl(&mut self, sql: &str) {
        self.open = None;
        self.draft.read(sql);
        for table in &self.draft.dropped {
            self.grids.remove(table);
        }
    }

    /// Takes one row in; None is NULL.
    pub fn row(&mut self, table: &str, columns: &[String], values: &[Option<String>]) {
        self.open(table, Some(columns.to_vec()));
        self.keep(values.to_vec());
    }

    /// The tables that the statements so far have made.
    pub fn tables(&self) -> Vec<String> {
        self.draft.schema.tables.keys().cloned().collect()
    }

    pub fn finish(self) -> Whole {
        let grids = self
            .grids
            .into_iter()
            .map(|(name, grid)| (self.draft.short_name(&name).to_owned(), grid))
            .collect();
        Whole {
            dialect: self.draft.syntax.dialect,
            session_zone: self.draft.session_zone,
            schema: self.draft.finish(),
            grids,
            written_at: self.written_at,
        }
    }

    fn open(&mut self, table: &str, columns: Option<Vec<String>>) {
        let full = self.draft.full_name(table.to_owned());
        let columns = columns.unwrap_or_else(|| {
            let table = self.draft.schema.tables.get(&full);
            let columns = table.into_iter().flat_map(|table| &table.columns);
            columns.map(|column| column.name.clone()).collect()
        });
        let owner = self.draft.owner(&full).to_owned();
        self.open = Some((owner, columns));
    }

    fn keep(&mut self, values: Vec<Option<String>>) {
        let Some((table, columns)) = &self.open else {
            return;
        };
        if columns.len() != values.len() {
            return;
        }
        let grid = self.grids.entry(table.clone()).or_insert_with(|| Grid {
            columns: columns.clone(),
            rows: VecDeque::new(),
        });
        let row = if grid.columns == *columns {
            values
        } else {
            let place = |name: &String| columns.iter().position(|column| column == name);
            let at = |name| place(name).and_then(|place| values[place].clone());
            grid.columns.iter().map(at).collect()
        };
        if grid.rows.len() == ROWS_MAX {
            grid.rows.pop_front();
        }
        grid.rows.push_back(row);
    }

    fn take(&mut self, cells: Vec<Cell>) {
        let text = |cell| match cell {
            Cell::Text(text) | Cell::Damaged(text) => Some(text),
            Cell::Absent | Cell::Null | Cell::Unreadable => None,
        };
        self.keep(cells.into_iter().map(text).collect());
    }
}

/// Reads a plain dump whole. Its dialect is told from its content; None where nothing tells it.
pub fn read_whole(mut input: impl BufRead) -> Result<Option<Whole>, BaselineError> {
    let unreadable = |offset| move |error| BaselineError::Unreadable { offset, error };
    let mut head = Vec::new();
    input
        .by_ref()
        .take(dialect::HEAD_LENGTH)
        .read_to_end(&mut head)
        .map_err(unreadable(0))?;
    dialect::refuse_others(&head)?;
    let Some(dialect) = dialect::recognise(&head) else {
        return Ok(None);
    };
    let start = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut collector = WholeCollector::new(dialect);
    let written_at = written_at(&String::from_utf8_lossy(&head));
    let mut splitter = Splitter::new(head[start..].chain(input), collector.draft.syntax);
    let outcome = collect(&mut splitter, &mut collector);
    outcome.map_err(unreadable(splitter.offset()))?;
    collector.written_at = written_at;
    Ok(Some(collector.finish()))
}

fn collect(splitter: &mut Splitter<impl BufRead>, collector: &mut WholeCollector) -> io::Result<()> {
    while let Some(piece) = splitter.next()? {
        match piece {
            Piece::Statement => {
                collector.ddl(&String::from_utf8_lossy(splitter.text()));
                splitter.syntax = collector.draft.syntax;
            }
            Piece::Insert | Piece::Copy => {
                let text = String::from_utf8_lossy(splitter.text()).into_owned();
                let parsed = Parsed::new(&text, collector.draft.syntax);
                let mut cursor = parsed.cursor();
                if !cursor.eat("COPY") {
                    cursor.seek("INTO");
                }
                let Some(table) = cursor.qualified_name() else {
                    splitter.skip()?;
                    continue;
                };
                let columns = cursor.group().map(|inside| {
                    let parts = token::split_commas(inside);
                    let names = parts.into_iter().filter_map(|part| cursor.over(part).name());
                    names.collect::<Vec<String>>()
                });
                collector.open(&table, columns);
            }
            Piece::Tuple => collector.take(values::tuple(splitter.text(), splitter.syntax)),
            Piece::Line => collector.take(values::copy_line(splitter.text()).collect()),
        }
    }
    Ok(())
}

/// `-- Started on 2026-01-24 20:03:00 UTC`: pg_dump's own word on when it ran, with --verbose alone.
fn written_at(head: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.strip_prefix("-- Started on "))
        .map(|rest| rest.trim().to_owned())
        .next()
}

/// Reads a time as a column of this type and this `time` would be read; None where it is none.
pub fn read_time(
    text: &str,
    time: Option<TimeAs>,
    sql_type: &str,
    session_zone: Option<FixedOffset>,
    business_zone: Tz,
) -> Option<When> {
    let column = TimeColumn {
        time,
        sql_type,
        session_zone,
        business_zone,
    };
    column.read(text).ok()
}

/// A decimal number in units of 10^-decimals, exactly; None where it has a finer fraction.
pub fn minor_units(text: &str, decimals: u32) -> Option<i64> {
    canonical::minor_units(text, decimals)
}

/// Whether a name without its schema may mean the dump's full one.
pub fn is_named(name: &str, full: &str) -> bool {
    names_table(name, full)
}
