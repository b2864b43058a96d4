//! Reads the shape of the tables from DDL, one statement at a time.
//!
//! CREATE TABLE, CREATE TYPE … AS ENUM, ALTER TABLE, CREATE UNIQUE INDEX, CREATE TRIGGER and DROP TABLE
//! build the schema; SET and USE change how what follows is read. Everything else is passed over.

use super::cursor::{Cursor, Parsed};
use super::table::{self, Addition};
use super::token::{Syntax, Token, lossy, split_commas};
use crate::model::{Dialect, Schema, Table};
use chrono::FixedOffset;
use std::collections::{BTreeMap, BTreeSet};

/// The schema so far, and the settings that the statements so far have made.
pub(super) struct Draft {
    pub schema: Schema,
    pub syntax: Syntax,
    /// Partition or child table to its parent.
    parents: BTreeMap<String, String>,
    /// What an unqualified name is in: of USE, or of search_path.
    namespace: Option<String>,
    /// The databases that USE has named.
    databases: BTreeSet<String>,
    /// The zone in which MySQL's TIMESTAMP columns are written.
    pub session_zone: Option<FixedOffset>,
    /// Tables that were created a second time without being dropped.
    pub twice: BTreeSet<String>,
    /// Tables that the statement just read has dropped.
    pub dropped: Vec<String>,
}

impl Draft {
    pub fn new(syntax: Syntax) -> Self {
        Self {
            schema: Schema::default(),
            syntax,
            parents: BTreeMap::new(),
            namespace: None,
            databases: BTreeSet::new(),
            session_zone: None,
            twice: BTreeSet::new(),
            dropped: Vec::new(),
        }
    }

    /// Takes one statement in.
    pub fn read(&mut self, sql: &str) {
        self.dropped.clear();
        let parsed = Parsed::new(sql, self.syntax);
        let mut cursor = parsed.cursor();
        // What a statement lacks makes it one that tells nothing about the schema.
        let _ = match cursor.name().map(|word| word.to_ascii_uppercase()).as_deref() {
            Some("CREATE") => self.create(cursor),
            Some("ALTER") => self.alter(cursor),
            Some("DROP") => self.drop_tables(cursor),
            Some("USE") => self.change_database(cursor),
            Some("SET") => {
                self.set(cursor);
                None
            }
            Some("SELECT") => self.set_config(cursor),
            _ => None,
        };
    }

    /// The full name of a table as a statement names it.
    pub fn full_name(&self, name: String) -> String {
        match &self.namespace {
            Some(namespace) if !name.contains('.') => format!("{namespace}.{name}"),
            _ => name,
        }
    }

    /// The table whose rows a table holds: of a partition, the one that it is a partition of.
    pub fn owner<'a>(&'a self, table: &'a str) -> &'a str {
        let mut owner = table;
        for _ in 0..self.parents.len() {
            match self.parents.get(owner) {
                Some(parent) => owner = parent,
                None => break,
            }
        }
        owner
    }

    /// A table's name for the reader: where there is only one database, nobody names it.
    pub fn short_name<'a>(&self, full: &'a str) -> &'a str {
        match (self.databases.first(), self.databases.len()) {
            (Some(only), 1) => full
                .strip_prefix(only.as_str())
                .and_then(|rest| rest.strip_prefix('.'))
                .unwrap_or(full),
            _ => full,
        }
    }

    fn shorten_names(&mut self) {
        let mut tables = std::mem::take(&mut self.schema.tables);
        for key in tables.values_mut().flat_map(|table| &mut table.foreign_keys) {
            key.table = self.short_name(&key.table).to_owned();
        }
        self.schema.tables = tables
            .into_iter()
            .map(|(name, table)| (self.short_name(&name).to_owned(), table))
            .collect();
    }

    /// The schema, with what could only be told once all of it was read.
    pub fn finish(mut self) -> Schema {
        self.shorten_names();
        let names: Vec<String> = self.schema.tables.keys().cloned().collect();
        for table in self.schema.tables.values_mut() {
            for key in &mut table.foreign_keys {
                // SQLite and MySQL on some systems compare table names without case.
                if !names.contains(&key.table)
                    && let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case(&key.table))
                {
                    key.table.clone_from(name);
                }
            }
            for column in table.columns.iter_mut().filter(|column| column.labels.is_empty()) {
                let plain = column.sql_type.replace('"', "");
                let found = self.schema.enums.iter().find(|(name, _)| {
                    name.eq_ignore_ascii_case(&plain)
                        || name
                            .rsplit('.')
                            .next()
                            .is_some_and(|last| last.eq_ignore_ascii_case(&plain))
                });
                if let Some((_, labels)) = found {
                    column.labels.clone_from(labels);
                }
            }
        }
        fill_referenced(&mut self.schema);
        self.schema
    }

    fn create(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        let mut is_unique = false;
        loop {
            let Token::Word(word) = &cursor.next()?.token else {
                continue;
            };
            match word.to_ascii_uppercase().as_str() {
                "TABLE" => return self.create_table(cursor),
                "TYPE" => return self.create_type(cursor),
                "INDEX" if is_unique => return self.create_unique_index(cursor),
                "TRIGGER" => return self.create_trigger(cursor),
                "UNIQUE" => is_unique = true,
                "INDEX" | "VIEW" | "FUNCTION" | "PROCEDURE" | "VIRTUAL" => return None,
                _ => {}
            }
        }
    }

    fn create_table(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        let if_new = cursor.eat_all("IF NOT EXISTS");
        let name = self.full_name(cursor.qualified_name()?);
        if if_new && self.schema.tables.contains_key(&name) {
            return None;
        }
        if cursor.eat_all("PARTITION OF") {
            let parent = self.full_name(cursor.qualified_name()?);
            let columns = self.schema.tables.get(&parent)?.columns.clone();
            self.parents.insert(name.clone(), parent);
            self.schema.tables.insert(
                name,
                Table {
                    columns,
                    ..Table::default()
                },
            );
            return Some(());
        }
        let body = cursor.group()?;
        let mut table = table::read(cursor.over(body), self.syntax.dialect, |other| {
            self.full_name(other)
        });
        match self.syntax.dialect {
            Dialect::Sqlite => {
                let mut options = cursor;
                table::mark_rowid_key(&mut table, options.seek("WITHOUT"));
            }
            Dialect::Mysql => table::mark_charset(&mut table, cursor),
            Dialect::Postgres => {}
        }
        if cursor.eat("INHERITS") {
            let parents = cursor.group()?;
            let parent = self.full_name(cursor.over(parents).qualified_name()?);
            let mut columns = self
                .schema
                .tables
                .get(&parent)
                .map(|table| table.columns.clone())
                .unwrap_or_default();
            columns.retain(|column| table.column(&column.name).is_none());
            columns.append(&mut table.columns);
            table.columns = columns;
            self.parents.insert(name.clone(), parent);
        }
        if self.schema.tables.insert(name.clone(), table).is_some() {
            self.twice.insert(name);
        }
        Some(())
    }

    fn create_type(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        let name = self.full_name(cursor.qualified_name()?);
        if cursor.eat_all("AS ENUM") {
            let labels = cursor
                .group()?
                .iter()
                .filter_map(|lexeme| match &lexeme.token {
                    Token::Text(label) => Some(lossy(label)),
                    _ => None,
                })
                .collect();
            self.schema.enums.insert(name, labels);
        }
        Some(())
    }

    fn create_unique_index(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        cursor.eat("CONCURRENTLY");
        cursor.eat_all("IF NOT EXISTS");
        let name = if cursor.is("ON") {
            String::new()
        } else {
            cursor.qualified_name()?
        };
        cursor.eat("ON");
        cursor.eat("ONLY");
        let table = self.full_name(cursor.qualified_name()?);
        while !cursor.is_symbol(b'(') {
            cursor.next()?;
        }
        let columns = cursor.group()?;
        let mut unique = table::unique(name, cursor.over(columns), self.syntax.dialect)?;
        if cursor.seek("WHERE") {
            unique.only = Some(cursor.source(cursor.rest()).to_owned());
        }
        self.schema.tables.get_mut(&table)?.uniques.push(unique);
        Some(())
    }

    fn create_trigger(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        cursor.eat_all("IF NOT EXISTS");
        let name = cursor.qualified_name()?;
        // Of an UPDATE OF, the columns stand before the table.
        let mut fires = false;
        while !cursor.eat("ON") {
            fires |= cursor.is("INSERT") || cursor.is("UPDATE");
            cursor.next()?;
        }
        let table = self.full_name(cursor.qualified_name()?);
        if fires {
            self.schema.tables.get_mut(&table)?.triggers.push(name);
        }
        Some(())
    }

    fn drop_tables(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        cursor.eat("TABLE").then_some(())?;
        cursor.eat_all("IF EXISTS");
        loop {
            let name = self.full_name(cursor.qualified_name()?);
            self.schema.tables.remove(&name);
            self.dropped.push(name);
            cursor.eat_symbol(b',').then_some(())?;
        }
    }

    fn alter(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        cursor.eat("TABLE").then_some(())?;
        cursor.eat_all("IF EXISTS");
        cursor.eat("ONLY");
        let name = self.full_name(cursor.qualified_name()?);
        for action in split_commas(cursor.rest()) {
            self.alter_table(&name, cursor.over(action));
        }
        Some(())
    }

    fn alter_table(&mut self, name: &str, mut cursor: Cursor<'_>) -> Option<()> {
        if cursor.eat_all("ATTACH PARTITION") {
            let partition = self.full_name(cursor.qualified_name()?);
            self.parents.insert(partition, name.to_owned());
            return Some(());
        }
        if cursor.eat("INHERIT") {
            let parent = self.full_name(cursor.qualified_name()?);
            self.parents.insert(name.to_owned(), parent);
            return Some(());
        }
        let dialect = self.syntax.dialect;
        let addition = table::alteration(cursor, dialect, |other| self.full_name(other))?;
        let table = self.schema.tables.get_mut(name)?;
        match addition {
            Addition::Column(column) => {
                match table.columns.iter_mut().find(|known| known.name == column.name) {
                    Some(known) => *known = column,
                    None => table.columns.push(column),
                }
            }
            Addition::Change(column, change) => {
                let column = table.columns.iter_mut().find(|known| known.name == column)?;
                change.apply(column);
            }
            Addition::Constraint(constraint) => constraint.apply(table),
        }
        Some(())
    }

    fn change_database(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        let database = cursor.name()?;
        self.databases.insert(database.clone());
        self.namespace = Some(database);
        Some(())
    }

    /// SET: the settings that change how values are read. MySQL sets several at once.
    fn set(&mut self, cursor: Cursor<'_>) {
        for setting in split_commas(cursor.rest()) {
            let mut cursor = cursor.over(setting);
            cursor.eat("SESSION");
            let name = cursor.name().unwrap_or_default().to_ascii_lowercase();
            if !cursor.eat_symbol(b'=') {
                cursor.eat("TO");
            }
            let value = cursor.name().unwrap_or_default();
            match name.as_str() {
                "time_zone" if self.syntax.dialect == Dialect::Mysql => {
                    // The dump's last lines set it back from a variable, which tells no zone.
                    if let Some(zone) = read_offset(&value) {
                        self.session_zone = Some(zone);
                    }
                }
                "standard_conforming_strings" => {
                    self.syntax.backslash = ["off", "false", "0"].contains(&value.to_lowercase().as_str());
                }
                "sql_mode" if value.contains("NO_BACKSLASH_ESCAPES") => self.syntax.backslash = false,
                "search_path" => {
                    self.namespace = Some(value).filter(|first| !first.is_empty() && first != "pg_catalog");
                    return;
                }
                _ => {}
            }
        }
    }

    /// `SELECT pg_catalog.set_config('search_path', '', false)`: names are qualified from here on.
    fn set_config(&mut self, mut cursor: Cursor<'_>) -> Option<()> {
        cursor.qualified_name()?.ends_with("set_config").then_some(())?;
        let arguments = cursor.group()?;
        match arguments {
            [name, _, value, ..] => {
                let (Token::Text(name), Token::Text(value)) = (&name.token, &value.token) else {
                    return None;
                };
                if name == b"search_path" {
                    self.namespace = Some(lossy(value)).filter(|value| !value.is_empty());
                }
                Some(())
            }
            _ => None,
        }
    }
}

/// A foreign key that names no columns refers to the other table's primary key.
fn fill_referenced(schema: &mut Schema) {
    let keys: BTreeMap<String, Vec<String>> = schema
        .tables
        .iter()
        .map(|(name, table)| (name.clone(), table.primary_key.clone()))
        .collect();
    for key in schema
        .tables
        .values_mut()
        .flat_map(|table| &mut table.foreign_keys)
    {
        if key.referenced.is_empty()
            && let Some(primary) = keys.get(&key.table)
        {
            key.referenced.clone_from(primary);
        }
    }
}

/// `+00:00`, `-7:00`, `UTC`.
fn read_offset(text: &str) -> Option<FixedOffset> {
    if text.eq_ignore_ascii_case("utc") {
        return FixedOffset::east_opt(0);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let seconds = i32::from(hours.parse::<i8>().ok()?) * 3600 + i32::from(minutes.parse::<i8>().ok()?) * 60;
    FixedOffset::east_opt(sign * seconds)
}
