//! Rows into SQL: stage, sort, write, check. The same steps in every dialect.
//!
//! Every staged row has a `rebook_state`: undecided (NULL), `insert`, `update`, `keep` (the parent of new
//! payments), `loaded` (already as it should be), `live` (already there, and different: left as it is) or
//! `held`, with its reason. The first reason stands. A temporary table stands at most once in a
//! statement, which MySQL demands.

mod changes;
mod companions;
mod constraints;
mod customers;
mod decimal;
mod guard;
mod inserts;
mod journal;
mod kept;
mod lookup;
mod payments;
mod stage;
mod undo;
mod verify;
mod writing;

use super::Options;
use super::cell::Cell;
use super::relation::{Absent, Relation, Relations, Source};
use super::script::{Change, Temporary, Writer};
use super::staged::{RowAction, Staged};
use crate::model::{EntityKind, stable_hash};
use guard::plural;
use std::fmt::Write as _;

const CUSTOMERS: &str = "rebook_customers";
const BOOKINGS: &str = "rebook_bookings";
const BOOKINGS_BEFORE: &str = "rebook_bookings_before";
const PAYMENTS: &str = "rebook_payments";
const PAYMENTS_BEFORE: &str = "rebook_payments_before";

/// What is below the header.
pub(super) struct Body {
    pub sql: String,
    /// Stable hash of the staged rows.
    pub batch: String,
    /// Takes the batch back.
    pub undo: String,
}

/// Writes everything below the header.
pub(super) fn write<W: Writer>(
    relations: &Relations<'_>,
    staged: &Staged<'_>,
    writer: &W,
    options: &Options,
) -> Body {
    let mut plan = Plan {
        w: writer,
        relations,
        staged,
        options,
        batch: String::new(),
        tables: String::new(),
        out: String::new(),
        assertions: vec![super::mysql::ENGINES.to_owned()],
    };
    plan.stage();
    plan.batch = stable_hash(&[relations.booking.name.as_str(), &plan.out]);
    let batch = plan.batch.clone();
    writer.lock(relations, &mut plan.out);
    plan.guard();
    plan.count();
    plan.sort_customers();
    plan.sort_changes();
    plan.sort_inserts();
    plan.write_bookings();
    plan.write_payments();
    plan.write_refunds();
    plan.write_companions();
    plan.journal();
    plan.check();
    plan.tell();
    let Plan {
        tables,
        out,
        assertions,
        ..
    } = plan;
    let mut body = String::with_capacity(out.len() + tables.len() + 4096);
    body.push_str("\n-- Settings of this session alone.\n");
    writer.open(relations, &mut body);
    body.push_str("\n-- Temporary tables, typed as the target's columns are.\n");
    body.push_str(&tables);
    writer.begin(relations, &assertions, &mut body);
    body.push_str(&out);
    body.push_str("\n-- The end.\n");
    writer.close(options, assertions.len() - 1, &mut body);
    let undo = undo::write(relations, staged, writer, options, &batch);
    Body {
        sql: body,
        batch,
        undo,
    }
}

struct Plan<'a, W> {
    w: &'a W,
    relations: &'a Relations<'a>,
    staged: &'a Staged<'a>,
    options: &'a Options,
    batch: String,
    tables: String,
    out: String,
    assertions: Vec<String>,
}

impl<W: Writer> Plan<'_, W> {
    /// Whether any booking of the backup is changed, or gets payments.
    fn has_changes(&self) -> bool {
        self.staged
            .bookings
            .iter()
            .any(|row| row.action != RowAction::Insert)
    }

    /// Whether any payment of the backup is refunded.
    fn has_refunds(&self) -> bool {
        self.staged.payments.iter().any(|row| row.booking.is_none())
    }

    fn say(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn title(&mut self, title: &str) {
        let _ = writeln!(self.out, "\n-- {title}");
    }

    fn require(&mut self, assertion: &str, condition: &str) {
        self.w.require(assertion, condition, &mut self.out);
        self.assertions.push(assertion.to_owned());
    }

    /// `UPDATE <temporary> AS s SET … WHERE …`
    fn set(&mut self, temporary: &str, assignments: &str, condition: &str) {
        let name = self.w.temporary(temporary);
        let _ = writeln!(
            self.out,
            "UPDATE {name} AS s SET {assignments} WHERE {condition};"
        );
    }

    fn hold(&mut self, temporary: &str, reason: &str, condition: &str) {
        let mut literal = String::new();
        self.w.literal(&Cell::Text(reason.to_owned()), &mut literal);
        self.set(
            temporary,
            &format!("rebook_state = 'held', rebook_reason = {literal}"),
            condition,
        );
    }

    fn col(&self, alias: &str, column: &str) -> String {
        format!("{alias}.{}", self.w.name(column))
    }

    /// The column of a field, if it is mapped.
    fn field(&self, relation: &Relation<'_>, alias: &str, field: &str) -> Option<String> {
        relation.field(field).map(|slot| self.col(alias, &slot.column))
    }

    /// The column of a field in two tables.
    fn pair(
        &self,
        relation: &Relation<'_>,
        field: &str,
        left: &str,
        right: &str,
    ) -> Option<(String, String)> {
        Some((
            self.field(relation, left, field)?,
            self.field(relation, right, field)?,
        ))
    }

    fn keyed(&self, relation: &Relation<'_>, left: &str, right: &str) -> String {
        let parts: Vec<String> = relation
            .entity
            .key
            .iter()
            .map(|key| format!("{} = {}", self.col(left, key), self.col(right, key)))
            .collect();
        parts.join(" AND ")
    }

    /// All written columns are equal; one that takes its default where nothing is known may hold anything.
    fn stands(&self, relation: &Relation<'_>, left: &str, right: &str) -> String {
        let parts: Vec<String> = relation
            .slots
            .iter()
            .map(|slot| {
                let ours = self.col(right, &slot.column);
                let same = self.w.same(&self.col(left, &slot.column), &ours);
                match slot.absent {
                    Absent::Default(_) => format!("({ours} IS NULL OR {same})"),
                    _ => same,
                }
            })
            .collect();
        parts.join(" AND ")
    }

    /// The mapped columns are equal, constants aside: nobody has touched what we read.
    fn untouched(&self, relation: &Relation<'_>, left: &str, right: &str) -> String {
        let parts: Vec<String> = relation
            .slots
            .iter()
            .filter(|slot| matches!(slot.source, Source::Field(..)))
            .map(|slot| {
                self.w
                    .same(&self.col(left, &slot.column), &self.col(right, &slot.column))
            })
            .collect();
        parts.join(" AND ")
    }

    /// The key's columns, and those that children point at.
    fn keys(&self, relation: &Relation<'_>) -> Vec<String> {
        let mut keys = relation.entity.key.clone();
        keys.extend(
            self.pointed(relation)
                .filter(|column| !relation.entity.key.contains(column)),
        );
        keys
    }

    fn pointed(&self, parent: &Relation<'_>) -> impl Iterator<Item = String> {
        let of = |child: &Relation<'_>, field: &str| {
            let slot = child.field(field)?;
            Some(self.relations.parent_column(child, &slot.column, parent))
        };
        match parent.kind {
            EntityKind::Customer => of(&self.relations.booking, "customer"),
            EntityKind::Booking => self
                .relations
                .payment
                .as_ref()
                .and_then(|child| of(child, "booking")),
            _ => None,
        }
        .into_iter()
    }

    /// Sets columns of `temporary AS s` from the row of `from` that the condition finds.
    fn take(
        &mut self,
        temporary: &str,
        (from, alias): (&str, &str),
        sets: &[(String, String)],
        condition: &str,
    ) {
        let (target, from) = (self.w.temporary(temporary), self.w.temporary(from));
        self.w.update(
            &Change {
                target: (&target, "s"),
                from: (&from, alias),
                sets,
                condition,
            },
            &mut self.out,
        );
    }

    /// Keys, as they are taken from a row of a lookup table.
    fn taken_keys(&self, relation: &Relation<'_>, alias: &str) -> Vec<(String, String)> {
        self.keys(relation)
            .iter()
            .map(|key| (key.clone(), self.col(alias, key)))
            .collect()
    }

    fn create(&mut self, table: &Temporary<'_>) {
        self.w.create(table, &mut self.tables);
    }
}

fn number(number: usize) -> Cell {
    Cell::Number(number.to_string())
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// Text that is only shown: what no database can hold is taken out.
fn shown(text: Option<&str>) -> Cell {
    text.map_or(Cell::Null, |text| {
        Cell::Text(text.chars().filter(|char| *char != '\0').collect())
    })
}
