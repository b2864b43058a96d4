//! The shape of the target's tables, as the backup shows it.

use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    Postgres,
    Mysql,
    Sqlite,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// By name; PostgreSQL names keep their schema (`public.bookings`).
    pub tables: BTreeMap<String, Table>,
    /// PostgreSQL enum types by name, with their labels.
    pub enums: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    pub primary_key: Vec<String>,
    pub uniques: Vec<Unique>,
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK and EXCLUDE constraints as written.
    pub checks: Vec<String>,
    /// Names of triggers that fire when rows are inserted or changed.
    pub triggers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    pub name: String,
    /// As declared, in lower case: `timestamp with time zone`, `enum('a','b')`, `decimal(10,2)`.
    pub sql_type: String,
    pub not_null: bool,
    /// The default expression as written.
    pub default: Option<String>,
    /// The database gives the value: identity, serial, AUTO_INCREMENT, INTEGER PRIMARY KEY.
    pub generated_key: bool,
    /// A computed column: never written.
    pub computed: bool,
    /// What it is computed by, as written.
    pub expression: Option<String>,
    /// The labels where the type is an enum.
    pub labels: Vec<String>,
    /// MySQL: the character set, in lower case, of the column or else of its table.
    pub charset: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unique {
    pub name: String,
    /// Of a key over expressions only those that fold the case of a column: that of `lower(code)`; none where one does more.
    pub columns: Vec<String>,
    /// All its parts as written, where one of them is an expression.
    pub expressions: Vec<String>,
    /// Unique among the rows alone for which this condition holds, as written.
    pub only: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ForeignKey {
    pub columns: Vec<String>,
    pub table: String,
    pub referenced: Vec<String>,
}

impl Schema {
    /// The table by the name that the configuration uses: `bookings` finds `public.bookings`, and then that of
    /// another schema if it is the only one.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let public = format!("public.{name}");
        self.tables
            .get(name)
            .or_else(|| self.tables.get(&public))
            .or_else(|| {
                let mut found = self
                    .tables
                    .iter()
                    .filter(|(full, _)| full.rsplit('.').next() == Some(name));
                match (found.next(), found.next()) {
                    (Some((_, table)), None) => Some(table),
                    _ => None,
                }
            })
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
