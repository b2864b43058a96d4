//! Gathers what a backup says: its DDL into a schema, the rows of the mapped tables beside it.
//!
//! Rows are kept as text, since types and keys may be told after them (pg_dump adds constraints last), and only in their mapped
//! columns, but for those of customers and resources: one that no config names may number or name them. `finish` puts both together.

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
    intake: Option<Intake>,
    pub(super) problems: Problems,
}

/// The rows of one table, in the mapped columns, and in all where they may number people.
pub(super) struct Rows {
    /// The mapped ones first.
    pub columns: Vec<String>,
    mapped: usize,
    pub cells: Vec<Vec<Cell>>,
    /// The zone of the session that wrote the rows.
    pub session_zone: Option<FixedOffset>,
}

/// Where the mapped columns stand in the rows that follow, which table and columns they were told for.
struct Intake {
    table: String,
    columns: Option<Vec<String>>,
    /// The table whose rows they are, and how they are laid out; None where nothing needs them.
    rows: Option<(String, Vec<Layout>)>,
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
            intake: None,
            problems: Problems::default(),
        }
    }

    /// Takes one statement in: CREATE TABLE and the like; others are passed over.
    pub fn ddl(&mut self, sql: &str) {
        self.intake = None;
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
        if self.open(table, Some(columns)) {
            let cells = values.iter().map(|value| match value {
                Some(text) => Cell::Text(text.clone()),
                None => Cell::Null,
            });
            self.take(cells.collect());
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

    /// Prepares for rows of a table; false where nothing needs them. Without columns, they are the table's own.
    pub(super) fn open(&mut self, table: &str, columns: Option<&[String]>) -> bool {
        // A dump may state the same again for every row.
        let is_open = self
            .intake
            .as_ref()
            .is_some_and(|intake| intake.table == table && intake.columns.as_deref() == columns);
        if !is_open {
            let rows = self.lay_out(table, columns);
            self.intake = Some(Intake {
                table: table.to_owned(),
                columns: columns.map(<[_]>::to_vec),
                rows,
            });
        }
        self.intake.as_ref().is_some_and(|intake| intake.rows.is_some())
    }

    fn lay_out(&mut self, table: &str, columns: Option<&[String]>) -> Option<(String, Vec<Layout>)> {
        let name = self.draft.full_name(table.to_owned());
        if !self.wants(&name) {
            return None;
        }
        let owner = self.draft.owner(&name).to_owned();
        let mapped = self.mapped_columns(&owner);
        let own = self.draft.schema.tables.get(&name);
        let known = self.tables.get(&owner).map(|rows| rows.columns.clone());
        let kept = known.unwrap_or_else(|| {
            let own = || {
                own.into_iter()
                    .flat_map(|table| table.columns.iter().map(|column| &column.name))
            };
            let all: Vec<&String> =
                columns.map_or_else(|| own().collect(), |columns| columns.iter().collect());
            let others = all.into_iter().filter(|column| !mapped.contains(column));
            let others = others.filter(|_| self.is_kept_whole(&owner)).cloned();
            mapped.iter().cloned().chain(others).collect()
        });
        let layout = |given: Vec<&str>| Layout {
            width: given.len(),
            places: kept
                .iter()
                .map(|column| given.iter().position(|name| name == column))
                .collect(),
        };
        let layouts = if let Some(columns) = columns {
            vec![layout(columns.iter().map(String::as_str).collect())]
        } else {
            let own = &own?.columns;
            // sqlite3 leaves computed columns out of a row; PostgreSQL writes DEFAULT in their place.
            let all = own.iter().map(|column| column.name.as_str()).collect();
            let plain = own
                .iter()
                .filter(|column| !column.computed)
                .map(|column| column.name.as_str());
            vec![layout(all), layout(plain.collect())]
        };
        self.tables.entry(owner.clone()).or_insert_with(|| Rows {
            columns: kept,
            mapped: mapped.len(),
            cells: Vec::new(),
            session_zone: self.draft.session_zone,
        });
        Some((owner, layouts))
    }

    /// Takes one row of the table that was opened last.
    pub(super) fn take(&mut self, mut row: Vec<Cell>) {
        let Some((table, layouts)) = self.intake.as_ref().and_then(|intake| intake.rows.as_ref()) else {
            return;
        };
        let Some(rows) = self.tables.get_mut(table) else {
            return;
        };
        let Some(layout) = layouts.iter().find(|layout| layout.width == row.len()) else {
            self.problems
                .add(table, "", Cause::Width, &format!("{} values", row.len()));
            return;
        };
        let mut cells = Vec::with_capacity(layout.places.len());
        for (at, (place, column)) in layout.places.iter().zip(&rows.columns).enumerate() {
            let cell = place.map_or(Cell::Absent, |place| {
                std::mem::replace(&mut row[place], Cell::Absent)
            });
            match &cell {
                _ if at >= rows.mapped => {}
                Cell::Damaged(text) => self.problems.add(table, column, Cause::NotUtf8, text),
                Cell::Unreadable => self.problems.add(table, column, Cause::Expression, ""),
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

    /// Whether a table has customers, or resources, and nothing else.
    fn is_kept_whole(&self, table: &str) -> bool {
        let mut entities = EntityKind::ALL.into_iter().filter(|kind| {
            let entity = self.target.entity(*kind);
            entity.is_some_and(|entity| names_table(&entity.table, table))
        });
        let first = entities.next();
        matches!(first, Some(EntityKind::Customer | EntityKind::Resource)) && entities.next().is_none()
    }

    fn mapped_columns(&self, table: &str) -> Vec<String> {
        let columns: BTreeSet<&String> = self
            .entities()
            .filter(|entity| names_table(&entity.table, table))
            .flat_map(|entity| {
                let mapped = entity.columns.values().map(|map| &map.column);
                mapped.chain(&entity.key).chain(entity.constants.keys())
            })
            .collect();
        columns.into_iter().cloned().collect()
    }
}

/// Whether the configuration's `bookings` may mean the dump's `public.bookings`.
pub(super) fn names_table(configured: &str, full: &str) -> bool {
    configured == full || full.rsplit('.').next() == Some(configured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Currency, KeyRule};

    #[test]
    fn rows_can_be_handed_over_without_a_dump() {
        let name = crate::model::ColumnMap {
            column: "label".to_owned(),
            time: None,
            major: false,
        };
        let booking = Entity {
            table: "trips".to_owned(),
            key: vec!["id".to_owned()],
            key_rule: KeyRule::Database,
            columns: BTreeMap::from([("reference".to_owned(), name)]),
            values: BTreeMap::new(),
            ..Entity::default()
        };
        let target = Target {
            dialect: Dialect::Sqlite,
            booking,
            customer: None,
            resource: None,
            payment: None,
        };
        let business = Business {
            name: "Example".to_owned(),
            zone: chrono_tz::Tz::UTC,
            country: "IS".to_owned(),
            currency: Currency::parse("isk").expect("a code"),
        };
        let mut collector = Collector::new(&target, &business, Dialect::Sqlite);
        collector.ddl("CREATE TABLE trips (id INTEGER PRIMARY KEY, seats INT, label TEXT /* ours */)");
        assert!(collector.wants("trips") && !collector.wants("logs"));
        let columns = ["id", "seats", "label"].map(str::to_owned);
        let row = |values: [Option<&str>; 3]| values.map(|value| value.map(str::to_owned));
        collector.row("trips", &columns, &row([Some("7"), Some("2"), Some("Dawn")]));
        collector.row("logs", &columns, &row([Some("1"), None, None]));
        collector.row("trips", &columns, &row([Some("8"), None, None]));
        let baseline = collector.finish().expect("all that is mapped is there");
        let read: Vec<_> = baseline
            .bookings
            .iter()
            .map(|row| (row.key.as_str(), row.reference.as_deref()))
            .collect();
        assert_eq!(read, [("7", Some("Dawn")), ("8", None)]);
        assert!(baseline.schema.tables["trips"].columns[0].generated_key);
    }
}
