//! Gathers what a backup says: its DDL into a schema, the rows of the mapped tables beside it.
//!
//! Rows are kept as text and only in their mapped columns, since types and keys may be told after them
//! (pg_dump adds constraints last). `finish` puts both together.

use super::BaselineError;
use super::canonical;
use super::problems::{Cause, Problems};
use super::schema::Draft;
use super::token::Syntax;
use super::values::Cell;
use crate::model::{Baseline, Business, Dialect, Entity, EntityKind, Target};
use chrono::FixedOffset;
use std::collections::{BTreeMap, BTreeSet};

/// Takes in the DDL and rows of a backup, in any order that a dump may have them.
pub struct Collector<'a> {
    target: &'a Target,
    business: &'a Business,
    pub(super) draft: Draft,
    tables: BTreeMap<String, Rows>,
    pub(super) problems: Problems,
}

/// The rows of one table, in the mapped columns alone.
pub(super) struct Rows {
    pub columns: Vec<String>,
    pub cells: Vec<Vec<Cell>>,
    /// The zone of the session that wrote the rows.
    pub session_zone: Option<FixedOffset>,
}

/// Where the mapped columns stand in the rows that follow.
pub(super) struct Intake {
    table: String,
    layouts: Vec<Layout>,
}

/// How a row of so many values is laid out.
struct Layout {
    width: usize,
    /// For each mapped column its place in the row.
    places: Vec<Option<usize>>,
}

impl<'a> Collector<'a> {
    pub fn new(target: &'a Target, business: &'a Business, dialect: Dialect) -> Self {
        Self {
            target,
            business,
            draft: Draft::new(Syntax::of(dialect)),
            tables: BTreeMap::new(),
            problems: Problems::default(),
        }
    }

    /// Takes one statement in: CREATE TABLE and the like; others are passed over.
    pub fn ddl(&mut self, sql: &str) {
        self.draft.read(sql);
        for table in &self.draft.dropped {
            self.tables.remove(table);
        }
    }

    /// Whether the target's mapping needs this table's rows.
    pub fn wants(&self, table: &str) -> bool {
        let owner = self.draft.owner(table);
        self.entities().any(|entity| names_table(&entity.table, owner))
    }

    /// Takes one row in; None is NULL.
    pub fn row(&mut self, table: &str, columns: &[String], values: &[Option<String>]) {
        if let Some(intake) = self.open(table.to_owned(), Some(columns)) {
            let cells = values.iter().map(|value| match value {
                Some(text) => Cell::Text(text.clone()),
                None => Cell::Null,
            });
            self.take(&intake, cells.collect());
        }
    }

    /// Puts schema and rows together in canonical terms.
    pub fn finish(mut self) -> Result<Baseline, BaselineError> {
        for table in &self.draft.twice {
            if self.wants(table) {
                return Err(BaselineError::TableTwice { table: table.clone() });
            }
        }
        let tables = self
            .tables
            .into_iter()
            .map(|(name, rows)| (self.draft.short_name(&name).to_owned(), rows))
            .collect();
        let schema = self.draft.finish();
        let mut baseline = canonical::read(self.target, self.business, &schema, &tables, &mut self.problems)?;
        baseline.schema = schema;
        baseline.problems = self.problems.in_words();
        Ok(baseline)
    }

    /// Prepares for rows of a table; None where nothing needs them. Without columns, they are the table's own.
    pub(super) fn open(&mut self, table: String, columns: Option<&[String]>) -> Option<Intake> {
        let name = self.draft.full_name(table);
        if !self.wants(&name) {
            return None;
        }
        let owner = self.draft.owner(&name).to_owned();
        let mapped = self.mapped_columns(&owner);
        let lay_out = |given: Vec<&str>| Layout {
            width: given.len(),
            places: mapped
                .iter()
                .map(|column| given.iter().position(|name| name == column))
                .collect(),
        };
        let layouts = if let Some(columns) = columns {
            vec![lay_out(columns.iter().map(String::as_str).collect())]
        } else {
            let own = &self.draft.schema.tables.get(&name)?.columns;
            // sqlite3 leaves computed columns out of a row; PostgreSQL writes DEFAULT in their place.
            let all = own.iter().map(|column| column.name.as_str()).collect();
            let plain = own
                .iter()
                .filter(|column| !column.computed)
                .map(|column| column.name.as_str());
            vec![lay_out(all), lay_out(plain.collect())]
        };
        self.tables.entry(owner.clone()).or_insert_with(|| Rows {
            columns: mapped,
            cells: Vec::new(),
            session_zone: self.draft.session_zone,
        });
        Some(Intake {
            table: owner,
            layouts,
        })
    }

    pub(super) fn take(&mut self, intake: &Intake, mut row: Vec<Cell>) {
        let Some(rows) = self.tables.get_mut(&intake.table) else {
            return;
        };
        let Some(layout) = intake.layouts.iter().find(|layout| layout.width == row.len()) else {
            self.problems
                .add(&intake.table, "", Cause::Width, &format!("{} values", row.len()));
            return;
        };
        let mut cells = Vec::with_capacity(layout.places.len());
        for (place, column) in layout.places.iter().zip(&rows.columns) {
            let cell = place.map_or(Cell::Absent, |place| {
                std::mem::replace(&mut row[place], Cell::Absent)
            });
            match &cell {
                Cell::Damaged(text) => self.problems.add(&intake.table, column, Cause::NotUtf8, text),
                Cell::Unreadable => self.problems.add(&intake.table, column, Cause::Expression, ""),
                _ => {}
            }
            cells.push(cell);
        }
        rows.cells.push(cells);
    }

    fn entities(&self) -> impl Iterator<Item = &'a Entity> {
        let target = self.target;
        EntityKind::ALL.into_iter().filter_map(|kind| target.entity(kind))
    }

    fn mapped_columns(&self, table: &str) -> Vec<String> {
        let columns: BTreeSet<&String> = self
            .entities()
            .filter(|entity| names_table(&entity.table, table))
            .flat_map(|entity| entity.columns.values().map(|map| &map.column).chain(&entity.key))
            .collect();
        columns.into_iter().cloned().collect()
    }
}

/// Whether the configuration's `bookings` may mean the dump's `public.bookings`.
pub(super) fn names_table(configured: &str, full: &str) -> bool {
    configured == full || full.rsplit('.').next() == Some(configured)
}
