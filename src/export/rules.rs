//! A table's own CHECK constraints, held against rows before anything is written.

use super::cell::Cell;
use super::checks::{self, Value, read_check};
use super::relation::{Absent, Relation, Slot, Source};
use crate::model::When;
use chrono_tz::Tz;

/// The conditions of one table.
pub(super) struct Rules<'a> {
    relation: &'a Relation<'a>,
    /// Name and condition.
    checks: Vec<(String, String)>,
    zone: Tz,
}

impl<'a> Rules<'a> {
    pub(super) fn of(relation: &'a Relation<'a>, zone: Tz) -> Self {
        let checks = relation.table.into_iter().flat_map(|table| &table.checks);
        Self {
            relation,
            checks: checks.filter_map(|check| read_check(check)).collect(),
            zone,
        }
    }

    /// Why the database is sure to refuse the row. `when` tells the moments that the cells spell.
    pub(super) fn refusal(&self, cells: &[Cell], when: &dyn Fn(&str) -> Option<When>) -> Option<String> {
        self.checks
            .iter()
            .find(|(_, condition)| self.denies(condition, cells, when))
            .map(|(name, _)| format!("the table's rule {name} refuses it"))
    }

    /// The condition is sure not to hold for the row.
    pub(super) fn denies(
        &self,
        condition: &str,
        cells: &[Cell],
        when: &dyn Fn(&str) -> Option<When>,
    ) -> bool {
        checks::refuses(condition, &|name| self.value(name, cells, when))
    }

    /// A column's value as a condition sees it; of what is not written nothing is known.
    fn value(&self, name: &str, cells: &[Cell], when: &dyn Fn(&str) -> Option<When>) -> Value {
        let slot = self
            .relation
            .slots
            .iter()
            .find(|slot| slot.column == name || slot.column.eq_ignore_ascii_case(name));
        let Some((slot, at)) = slot.and_then(|slot| Some((slot, self.relation.position(&slot.column)?)))
        else {
            return Value::Unknown;
        };
        match slot.source {
            // Given when the file runs.
            Source::Field("customer" | "resource" | "booking", _) => Value::Unknown,
            Source::Field(field, _) if field.ends_with("_at") && slot.length_unit().is_none() => {
                self.moment(slot, when(field))
            }
            _ => written(slot, &cells[at]),
        }
    }

    fn moment(&self, slot: &Slot<'_>, when: Option<When>) -> Value {
        match (when, slot.is_day()) {
            (Some(when), true) => Value::Day(when.date(self.zone)),
            (Some(When::Instant(at)), false) => Value::Moment(at),
            _ => Value::Unknown,
        }
    }
}

fn written(slot: &Slot<'_>, cell: &Cell) -> Value {
    match cell {
        Cell::Null if slot.absent == Absent::Null => Value::Null,
        Cell::Text(text) if slot.kind.is_text() || !slot.labels.is_empty() => Value::Text(text.clone()),
        Cell::Text(text) | Cell::Number(text) if slot.kind.sums_exactly(slot.dialect) => {
            text.parse().map_or(Value::Unknown, Value::Number)
        }
        _ => Value::Unknown,
    }
}
