//! The backup's tables as guesses need them: cells by column, joins, what a column can hold.

use super::atoms;
use crate::baseline::{Grid, Whole, minor_units, read_time};
use crate::model::{Currency, Table, TimeAs, When};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// One column that a field was found in.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    pub column: String,
    pub time: Option<TimeAs>,
    pub major: bool,
    /// The evidence, in words.
    pub why: String,
}

/// A table that holds one kind of thing.
#[derive(Debug, Clone, Default)]
pub(super) struct Entity {
    /// The schema's full name.
    pub table: String,
    pub why: String,
    pub key: Vec<String>,
    pub is_uuid: bool,
    pub columns: BTreeMap<&'static str, Guess>,
    /// Fields that were not told, with what is known of them.
    pub open: Vec<(&'static str, String)>,
    pub constants: Vec<(String, String, String)>,
    /// Columns that must be filled and that nothing tells.
    pub unfilled: Vec<(String, String)>,
}

impl Entity {
    pub fn join(&mut self, field: &'static str, column: Result<Guess, String>) {
        match column {
            Ok(guess) => {
                self.columns.insert(field, guess);
            }
            Err(why) => self.open.push((field, why)),
        }
    }

    pub fn holds(&self, column: &str) -> bool {
        self.key.iter().any(|key| key == column) || self.columns.values().any(|guess| guess.column == column)
    }
}

/// All tables.
pub(super) struct Book<'a> {
    pub whole: &'a Whole,
    pub zone: Option<Tz>,
    /// Whether the dump declares any foreign key.
    declares_keys: bool,
}

/// One table with its rows.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub name: &'a str,
    pub table: &'a Table,
    pub grid: &'a Grid,
}

impl<'a> View<'a> {
    pub fn place(&self, column: &str) -> Option<usize> {
        self.grid.columns.iter().position(|name| name == column)
    }

    pub fn values(&self, column: &str) -> Vec<Option<&'a str>> {
        let place = self.place(column);
        let cell = |row: &'a Vec<Option<String>>| place.and_then(|place| row[place].as_deref());
        self.grid.rows.iter().map(cell).collect()
    }

    pub fn sql_type(&self, column: &str) -> &'a str {
        self.table
            .column(column)
            .map_or("", |column| column.sql_type.as_str())
    }

    pub fn columns(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.table
            .columns
            .iter()
            .filter(|column| !column.computed)
            .map(|column| column.name.as_str())
    }

    pub fn len(&self) -> usize {
        self.grid.rows.len()
    }

    /// Row by the value of its sole key.
    pub fn by_key(&self) -> BTreeMap<&'a str, usize> {
        let [key] = self.table.primary_key.as_slice() else {
            return BTreeMap::new();
        };
        let values = self.values(key).into_iter().enumerate();
        values.filter_map(|(row, value)| Some((value?, row))).collect()
    }
}

impl<'a> Book<'a> {
    pub fn new(whole: &'a Whole, zone: Option<Tz>) -> Self {
        Self {
            whole,
            zone,
            declares_keys: whole
                .schema
                .tables
                .values()
                .any(|table| !table.foreign_keys.is_empty()),
        }
    }

    pub fn views(&self) -> impl Iterator<Item = View<'a>> {
        let whole = self.whole;
        whole.grids.iter().filter_map(|(name, grid)| {
            let (name, table) = whole.schema.tables.get_key_value(name)?;
            Some(View { name, table, grid })
        })
    }

    pub fn view(&self, name: &str) -> Option<View<'a>> {
        self.views().find(|view| view.name == name)
    }

    /// Columns that hold keys of other tables: as declared, or where nothing is declared at all, as contained.
    pub fn references(&self, view: View<'a>) -> Vec<(String, View<'a>)> {
        if self.declares_keys {
            return view
                .table
                .foreign_keys
                .iter()
                .filter_map(|key| match key.columns.as_slice() {
                    [column] => {
                        let full = |other: &View<'_>| {
                            other.name == key.table || crate::baseline::is_named(&key.table, other.name)
                        };
                        Some((column.clone(), self.views().find(full)?))
                    }
                    _ => None,
                })
                .collect();
        }
        let mut found = Vec::new();
        for other in self.views().filter(|other| other.name != view.name) {
            let keys = other.by_key();
            for column in view
                .columns()
                .filter(|column| !view.table.primary_key.iter().any(|key| key == column))
            {
                let distinct: BTreeSet<&str> = view.values(column).into_iter().flatten().collect();
                if distinct.len() >= 3 && distinct.iter().all(|value| keys.contains_key(value)) {
                    found.push((column.to_owned(), other));
                }
            }
        }
        found
    }

    /// The ways in which a column may hold times; empty where it holds none.
    pub fn time_readings(&self, view: View<'_>, column: &str) -> Vec<Option<TimeAs>> {
        let values: Vec<&str> = view.values(column).into_iter().flatten().collect();
        let sql_type = view.sql_type(column);
        let all = |test: &dyn Fn(&str) -> bool| !values.is_empty() && values.iter().all(|value| test(value));
        if all(&is_epoch) && !sql_type.contains("char") {
            return vec![Some(TimeAs::Epoch)];
        }
        let reads = |time| all(&|value| self.time(view, column, time, value).is_some());
        if !reads(Some(TimeAs::Date)) {
            return Vec::new();
        }
        if all(&|value| value.trim().len() == 10) {
            return vec![Some(TimeAs::Date)];
        }
        if reads(None) {
            let has_zone = sql_type.contains("time zone") && !sql_type.contains("without")
                || sql_type.starts_with("timestamp");
            return vec![if has_zone { None } else { Some(TimeAs::Utc) }];
        }
        vec![Some(TimeAs::Local), Some(TimeAs::Utc)]
    }

    pub fn time(&self, view: View<'_>, column: &str, time: Option<TimeAs>, text: &str) -> Option<When> {
        let zone = self.zone.unwrap_or(Tz::UTC);
        read_time(text, time, view.sql_type(column), self.whole.session_zone, zone)
    }

    pub fn instants(&self, view: View<'_>, column: &str, time: Option<TimeAs>) -> Vec<Option<DateTime<Utc>>> {
        let read = |value: Option<&str>| self.time(view, column, time, value?)?.instant();
        view.values(column).into_iter().map(read).collect()
    }

    /// Fills in what needs no evidence of the sources: key, and columns that must be filled.
    pub fn complete(&self, entity: &mut Entity, makes_rows: bool) {
        let Some(view) = self.view(&entity.table) else {
            return;
        };
        entity.key.clone_from(&view.table.primary_key);
        if let [key] = entity.key.as_slice()
            && let Some(column) = view.table.column(key)
            && !column.generated_key
            && column.default.is_none()
        {
            let values: Vec<&str> = view.values(key).into_iter().flatten().collect();
            entity.is_uuid = !values.is_empty() && values.iter().all(|value| is_uuid(value));
        }
        // Rows of resources are never made.
        if !makes_rows {
            return;
        }
        for column in &view.table.columns {
            let is_free = column.not_null
                && column.default.is_none()
                && !column.computed
                && !column.generated_key
                && !entity.holds(&column.name);
            if !is_free {
                continue;
            }
            let distinct: BTreeSet<&str> = view.values(&column.name).into_iter().flatten().collect();
            let rows = view.len();
            match (distinct.first(), distinct.len()) {
                (Some(only), 1) if rows >= 10 => entity.constants.push((
                    column.name.clone(),
                    (*only).to_owned(),
                    format!("NOT NULL without a default; all {rows} rows hold it"),
                )),
                _ => {
                    let examples: Vec<String> = distinct
                        .iter()
                        .take(3)
                        .map(|value| format!("{value:?}"))
                        .collect();
                    let why = format!("NOT NULL without a default; rows hold {}", examples.join(", "));
                    entity.unfilled.push((column.name.clone(), why));
                }
            }
        }
    }
}

/// Seconds since 1970, of this century so far and a little beyond.
fn is_epoch(value: &str) -> bool {
    value
        .parse::<i64>()
        .is_ok_and(|seconds| (946_684_800..4_102_444_800).contains(&seconds))
}

pub(super) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A column's values as money, in minor units or read as major; None where a value is none.
pub(super) fn amounts(
    view: View<'_>,
    column: &str,
    currency: Currency,
    major: bool,
) -> Option<Vec<Option<i64>>> {
    let decimals = if major { currency.decimals() } else { 0 };
    let sql_type = view.sql_type(column);
    if ["char", "text", "bool", "enum"]
        .iter()
        .any(|kind| sql_type.contains(kind))
    {
        return None;
    }
    let read = |value: Option<&str>| match value {
        None => Some(None),
        Some(text) => minor_units(text, decimals).map(Some),
    };
    view.values(column).into_iter().map(read).collect()
}

/// Whether most values of a column look so.
pub(super) fn mostly(view: View<'_>, column: &str, test: impl Fn(&str) -> bool) -> bool {
    let values: Vec<&str> = view
        .values(column)
        .into_iter()
        .flatten()
        .filter(|value| !value.is_empty())
        .collect();
    let fits = values.iter().filter(|value| test(value)).count();
    !values.is_empty() && fits * 10 >= values.len() * 9
}

pub(super) fn is_email(value: &str) -> bool {
    value
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !value.contains(' '))
}

/// Atoms of a cell: its words, and its last digits where it is a number to call.
pub(super) fn atoms_of(value: &str) -> Vec<String> {
    let tail = atoms::is_phone(value).then(|| atoms::tail(value)).flatten();
    atoms::atom(value).into_iter().chain(tail).collect()
}

/// `12 of 13`, and how much that is.
pub(super) fn share(agree: usize, of: usize) -> String {
    format!("{agree} of {of}")
}

/// Whether an agreement carries a guess: enough cases, and far more than half of them.
pub(super) fn carries(agree: usize, of: usize, least: f64) -> bool {
    agree >= 4 && agree as f64 >= least * of as f64
}
