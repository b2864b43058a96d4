//! The target's tables as the exporter needs them: every column that is written, and by what.
//!
//! In: the configuration's target and the backup's schema. Out: relations that were checked against that
//! schema, so that what the database would refuse for every row is said before anything is written.

use super::cell::{Charset, ColumnType};
use super::check;
use super::shape::TimeShape;
use super::{ExportError, Options};
use crate::model::{
    Baseline, ColumnMap, Dialect, Entity, EntityKind, ForeignKey, KeyRule, RawRow, Schema, Table, Target,
    Unique,
};
use std::collections::BTreeSet;

pub(super) struct Relations<'a> {
    pub booking: Relation<'a>,
    pub customer: Option<Relation<'a>>,
    pub resource: Option<Relation<'a>>,
    pub payment: Option<Relation<'a>>,
    schema: Option<&'a Schema>,
}

/// One table of the target.
pub(super) struct Relation<'a> {
    pub kind: EntityKind,
    pub entity: &'a Entity,
    /// As the schema spells it, `public.bookings`.
    pub name: String,
    /// None where there is no backup to read the schema from: the database is then the only judge.
    pub table: Option<&'a Table>,
    /// What an INSERT writes, in order.
    pub slots: Vec<Slot<'a>>,
    /// The key's columns, then the written ones, each once: what is staged.
    pub columns: Vec<String>,
    /// Of customers: an e-mail address may be of several people, so that it tells who somebody is with the name alone.
    pub households: bool,
}

/// One column that is written, and the form that it wants.
pub(super) struct Slot<'a> {
    pub column: String,
    pub source: Source<'a>,
    /// What fills it where the records say nothing.
    pub constant: Option<&'a str>,
    pub kind: ColumnType,
    pub labels: &'a [String],
    pub charset: Charset,
    pub absent: Absent<'a>,
    pub time: TimeShape,
    /// The backup writes currency codes in capitals.
    pub upper: bool,
    pub dialect: Dialect,
}

#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Field(&'a str, &'a ColumnMap),
    Constant,
    /// The key, where the application makes UUIDs.
    Uuid,
}

/// Columns whose values no two rows may share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UniqueKey<'a> {
    pub columns: &'a [String],
    /// Among the rows alone for which this condition holds.
    pub only: Option<&'a str>,
}

/// When two bookings of one resource are in each other's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Overlaps {
    /// Cancelled ones too.
    pub cancelled: bool,
    /// One that begins when the other ends too.
    pub touching: bool,
}

/// What a row without a value gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent<'a> {
    Null,
    /// The column must be filled and has a default, as the schema writes it.
    Default(&'a str),
    Refused,
}

impl<'a> Relations<'a> {
    pub(super) fn resolve(target: &'a Target, baseline: Option<&'a Baseline>) -> Result<Self, ExportError> {
        let resolve = |kind: EntityKind| {
            target
                .entity(kind)
                .map(|entity| Relation::resolve(kind, entity, target.dialect, baseline))
                .transpose()
        };
        let mut relations = Self {
            booking: Relation::resolve(EntityKind::Booking, &target.booking, target.dialect, baseline)?,
            customer: resolve(EntityKind::Customer)?,
            resource: resolve(EntityKind::Resource)?,
            payment: resolve(EntityKind::Payment)?,
            schema: baseline.map(|baseline| &baseline.schema),
        };
        relations.add_pointed_columns();
        check::relations(&relations)?;
        Ok(relations)
    }

    /// A child may point at another column than the key; then that one is staged too.
    fn add_pointed_columns(&mut self) {
        let pointed = |child: &Relation<'_>, field: &str, parent: &Relation<'_>| {
            let slot = child.field(field)?;
            let column = self.parent_column(child, &slot.column, parent);
            (!parent.columns.contains(&column)).then_some(column)
        };
        let of_customer = self
            .customer
            .as_ref()
            .and_then(|parent| pointed(&self.booking, "customer", parent));
        let of_booking = self
            .payment
            .as_ref()
            .and_then(|child| pointed(child, "booking", &self.booking));
        if let Some(customer) = &mut self.customer {
            customer.columns.extend(of_customer);
        }
        self.booking.columns.extend(of_booking);
    }

    pub(super) fn table(&self, name: &str) -> Option<&'a Table> {
        self.schema?.table(name)
    }

    /// The schema shows any table at all.
    pub(super) fn has_schema(&self) -> bool {
        self.schema.is_some_and(|schema| !schema.tables.is_empty())
    }

    /// Every table that the schema knows.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&'a String, &'a Table)> + use<'a> {
        self.schema.into_iter().flat_map(|schema| &schema.tables)
    }

    /// The tables that rows are written to, parents first.
    pub(super) fn written(&self) -> impl Iterator<Item = &Relation<'a>> {
        self.customer
            .iter()
            .chain(std::iter::once(&self.booking))
            .chain(&self.payment)
    }

    /// Their names, and those of the tables that get rows beside them, each once.
    pub(super) fn all_written(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for relation in self.written() {
            let beside = relation.entity.companions.iter();
            let beside = beside.map(|companion| self.full_name(&companion.table));
            for name in std::iter::once(relation.name.clone()).chain(beside) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The column of the parent that a child's column points at.
    pub(super) fn parent_column(&self, child: &Relation<'_>, column: &str, parent: &Relation<'_>) -> String {
        let declared = child.foreign_keys().find_map(|foreign| {
            let at = foreign.columns.iter().position(|name| name == column)?;
            (self.full_name(&foreign.table) == parent.name).then(|| foreign.referenced.get(at).cloned())?
        });
        // Without a declared key, the part of a composite one that is its own: `(tenant_id, id)`.
        declared
            .or_else(|| parent.entity.key.last().cloned())
            .unwrap_or_default()
    }

    /// Two bookings of one resource may never overlap, and the target says enough to tell.
    pub(super) fn exclusive(&self, options: &Options) -> Option<Overlaps> {
        let relation = &self.booking;
        let told = ["resource", "starts_at", "ends_at"]
            .iter()
            .all(|field| relation.field(field).is_some());
        let learned = options.exclusive_resources.then(Overlaps::default);
        relation.excluded_overlaps().or(learned).filter(|_| told)
    }

    /// A table's name as the schema spells it.
    pub(super) fn full_name(&self, name: &str) -> String {
        self.schema
            .map_or_else(|| name.to_owned(), |schema| full_name(schema, name))
    }

    /// What every table will get.
    pub(super) fn described(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for relation in self.written() {
            let written = relation.slots.len() + relation.entity.expressions.len();
            let left: Vec<&str> = relation
                .table
                .into_iter()
                .flat_map(|table| &table.columns)
                .filter(|column| !relation.inserts(&column.name))
                .filter(|column| !relation.entity.expressions.contains_key(&column.name))
                .map(|column| column.name.as_str())
                .collect();
            let left = if left.is_empty() {
                "no column is left to the database".to_owned()
            } else {
                format!("left to the database: {}", left.join(", "))
            };
            lines.push(format!(
                "{}: {written} columns are written; {left}",
                relation.name
            ));
            for companion in &relation.entity.companions {
                lines.push(format!(
                    "{}: a row beside every new one of {}",
                    companion.table, relation.name
                ));
            }
        }
        lines
    }

    /// What a careful reader should know about the tables.
    pub(super) fn notes(&self) -> Vec<String> {
        self.written()
            .filter_map(|relation| {
                let triggers = &relation.table?.triggers;
                (!triggers.is_empty()).then(|| {
                    format!(
                        "triggers on {} will fire, as the configuration allows: {}",
                        relation.name,
                        triggers.join(", ")
                    )
                })
            })
            .collect()
    }
}

impl<'a> Relation<'a> {
    fn resolve(
        kind: EntityKind,
        entity: &'a Entity,
        dialect: Dialect,
        baseline: Option<&'a Baseline>,
    ) -> Result<Self, ExportError> {
        let schema = baseline.map(|baseline| &baseline.schema);
        let table = schema.and_then(|schema| schema.table(&entity.table));
        // A backup that shows no schema at all cannot contradict the configuration.
        if table.is_none() && schema.is_some_and(|schema| !schema.tables.is_empty()) {
            return Err(ExportError::UnknownTable {
                entity: kind.as_str(),
                table: entity.table.clone(),
            });
        }
        let name = schema.map_or_else(|| entity.table.clone(), |schema| full_name(schema, &entity.table));
        let slot = |column: &str, source| {
            let raws = move || raw_rows(kind, baseline).filter_map(move |raw| raw.get(column)?.as_deref());
            let described = table.and_then(|table| table.column(column));
            Slot {
                column: column.to_owned(),
                source,
                constant: entity.constants.get(column).map(String::as_str),
                kind: ColumnType::parse(described.map_or("", |column| &column.sql_type)),
                labels: described.map_or(&[], |column| &column.labels),
                charset: Charset::parse(described.and_then(|column| column.charset.as_deref()), dialect),
                absent: match described {
                    Some(column) if column.not_null => {
                        column.default.as_deref().map_or(Absent::Refused, Absent::Default)
                    }
                    _ => Absent::Null,
                },
                time: TimeShape::learn(raws()),
                upper: mostly_upper(raws()),
                dialect,
            }
        };
        let mut slots: Vec<Slot<'a>> = Vec::new();
        for (field, map) in &entity.columns {
            slots.push(slot(&map.column, Source::Field(field, map)));
        }
        for column in entity.constants.keys() {
            if slots.iter().all(|slot| slot.column != *column) {
                slots.push(slot(column, Source::Constant));
            }
        }
        if entity.key_rule == KeyRule::Uuid {
            let free = entity
                .key
                .iter()
                .find(|key| slots.iter().all(|slot| slot.column != **key));
            if let Some(key) = free {
                slots.push(slot(key, Source::Uuid));
            }
        }
        let mut columns = entity.key.clone();
        for slot in &slots {
            if !columns.contains(&slot.column) {
                columns.push(slot.column.clone());
            }
        }
        Ok(Self {
            kind,
            entity,
            name,
            table,
            slots,
            columns,
            households: kind == EntityKind::Customer && baseline.is_some_and(Baseline::has_households),
        })
    }

    /// What an EXCLUDE constraint says of two bookings of one resource at one time.
    pub(super) fn excluded_overlaps(&self) -> Option<Overlaps> {
        let resource = self.field("resource")?;
        let mut found: Option<Overlaps> = None;
        for check in self.table.into_iter().flat_map(|table| &table.checks) {
            let upper = check.to_uppercase();
            if upper.contains("EXCLUDE") && upper.contains("&&") && check.contains(&resource.column) {
                let overlaps = found.get_or_insert_default();
                overlaps.cancelled |= !upper.contains("WHERE");
                overlaps.touching |= upper.contains("'[]'");
            }
        }
        found
    }

    /// The canonical fields that have a column.
    pub(super) fn mapped(&self) -> impl Iterator<Item = &'a str> {
        self.slots.iter().filter_map(|slot| match slot.source {
            Source::Field(field, _) => Some(field),
            Source::Constant | Source::Uuid => None,
        })
    }

    pub(super) fn field(&self, field: &str) -> Option<&Slot<'a>> {
        self.slots
            .iter()
            .find(|slot| matches!(slot.source, Source::Field(name, _) if name == field))
    }

    pub(super) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    pub(super) fn inserts(&self, column: &str) -> bool {
        self.slots.iter().any(|slot| slot.column == column)
    }

    pub(super) fn foreign_keys(&self) -> impl Iterator<Item = &'a ForeignKey> + use<'a> {
        self.table.into_iter().flat_map(|table| &table.foreign_keys)
    }

    /// Column lists that no two rows may share.
    pub(super) fn uniques(&self) -> Vec<UniqueKey<'a>> {
        let Some(table) = self.table else {
            return Vec::new();
        };
        let primary = UniqueKey {
            columns: &table.primary_key,
            only: None,
        };
        let mut uniques: Vec<UniqueKey<'_>> = std::iter::once(primary)
            .chain(table.uniques.iter().map(|unique| UniqueKey {
                columns: &unique.columns,
                only: unique.only.as_deref(),
            }))
            .filter(|unique| !unique.columns.is_empty())
            .collect();
        uniques.sort();
        uniques.dedup();
        uniques
    }

    /// Keys over expressions or computed columns that the load settles: their parts as SQL over the bare names of columns, and
    /// the condition of the rows that they are about. `name` quotes a column's name.
    pub(super) fn computed_uniques(
        &self,
        name: impl Fn(&str) -> String,
    ) -> Vec<(Vec<String>, Option<&'a str>)> {
        let Some(table) = self.table else {
            return Vec::new();
        };
        let part = |column: &String| match table.column(column)?.expression.as_ref() {
            Some(expression) => Some(expression.clone()),
            None => Some(name(column)),
        };
        let is_computed = |column: &String| table.column(column).is_some_and(|column| column.computed);
        let parts = |unique: &Unique| -> Option<Vec<String>> {
            if !unique.expressions.is_empty() {
                return Some(unique.expressions.clone());
            }
            let computed = unique.columns.iter().any(is_computed);
            computed.then(|| unique.columns.iter().map(part).collect())?
        };
        let uniques = table.uniques.iter();
        uniques
            .filter_map(|unique| Some((parts(unique)?, unique.only.as_deref())))
            .filter(|(parts, _)| parts.iter().all(|part| self.settles(part)))
            .collect()
    }

    /// The load writes every column that SQL speaks of; or it has no default, and is NULL.
    fn settles(&self, sql: &str) -> bool {
        let words: BTreeSet<String> = sql
            .split(|char: char| !char.is_alphanumeric() && char != '_')
            .map(str::to_lowercase)
            .collect();
        let columns = self.table.into_iter().flat_map(|table| &table.columns);
        columns
            .filter(|column| words.contains(&column.name.to_lowercase()))
            .all(|column| {
                let given = column.default.is_some() || column.generated_key || column.computed;
                self.inserts(&column.name) || !given
            })
    }

    /// Those that an INSERT writes in full.
    pub(super) fn written_uniques(&self) -> Vec<UniqueKey<'a>> {
        let mut uniques = self.uniques();
        uniques.retain(|unique| unique.columns.iter().all(|column| self.inserts(column)));
        uniques
    }

    /// The value that the target has for a canonical one: `completed` → `terminee`.
    pub(super) fn word<'b>(&'b self, field: &str, canonical: &'b str) -> &'b str {
        self.entity
            .values
            .get(field)
            .and_then(|values| values.get(canonical))
            .map_or(canonical, String::as_str)
    }

    /// The parts of a key that is written as one text.
    pub(super) fn key_parts<'b>(&'b self, key: &'b str) -> impl Iterator<Item = (&'b str, &'b str)> {
        // A single key may itself hold the sign that joins the parts of a composite one.
        let parts = self.entity.key.len().max(1);
        self.entity
            .key
            .iter()
            .map(String::as_str)
            .zip(key.splitn(parts, '|'))
    }
}

fn full_name(schema: &Schema, name: &str) -> String {
    if schema.tables.contains_key(name) {
        return name.to_owned();
    }
    let mut found = schema
        .tables
        .keys()
        .filter(|full| full.rsplit('.').next() == Some(name));
    match (found.next(), found.next()) {
        (Some(full), None) => full.clone(),
        _ => name.to_owned(),
    }
}

/// The backup's rows of one table, as the dump states them.
fn raw_rows(kind: EntityKind, baseline: Option<&Baseline>) -> Box<dyn Iterator<Item = &RawRow> + '_> {
    let Some(baseline) = baseline else {
        return Box::new(std::iter::empty());
    };
    match kind {
        EntityKind::Booking => Box::new(baseline.bookings.iter().map(|row| &row.raw)),
        EntityKind::Customer => Box::new(baseline.customers.iter().map(|row| &row.raw)),
        EntityKind::Resource => Box::new(baseline.resources.iter().map(|row| &row.raw)),
        EntityKind::Payment => Box::new(baseline.payments.iter().map(|row| &row.raw)),
    }
}

fn mostly_upper<'b>(texts: impl Iterator<Item = &'b str>) -> bool {
    let mut balance = 0i64;
    for text in texts.take(1000) {
        balance += if text.contains(char::is_uppercase) { 1 } else { -1 };
    }
    balance > 0
}
