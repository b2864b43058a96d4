//! Writes new customers, then new bookings, and reads back the keys that the database gave them.

use super::inserts::FIELDS;
use super::{BOOKINGS, CUSTOMERS, Plan};
use crate::export::cell::Cell;
use crate::export::relation::{Absent, Relation};
use crate::export::script::Writer;
use crate::export::staged::RowAction;

impl<W: Writer> Plan<'_, W> {
    /// New customers, then new bookings, and the keys that the database gave them.
    pub(super) fn write_bookings(&mut self) {
        self.title("New rows; the database gives the keys.");
        let relation = &self.relations.booking;
        if let Some(customers) = &self.relations.customer {
            let bookings = self.w.temporary(BOOKINGS);
            self.set(
                CUSTOMERS,
                "rebook_state = 'insert'",
                &format!(
                    "s.rebook_state IS NULL AND EXISTS (SELECT 1 FROM {bookings} AS b WHERE b.rebook_customer = s.rebook_no AND b.rebook_state = 'insert')"
                ),
            );
            let cells: Vec<&Vec<Cell>> = self
                .staged
                .customers
                .iter()
                .filter(|row| !row.known)
                .filter_map(|row| row.cells.as_ref().ok())
                .collect();
            self.insert(customers, CUSTOMERS, &cells);
            let matching = self.customer_match(customers, "t");
            self.lookup_new(
                customers,
                ("rebook_live_customers", "rebook_new_customers"),
                &[],
                Some(&matching),
            );
            let keys = self.taken_keys(customers, "l");
            self.take(
                CUSTOMERS,
                ("rebook_new_customers", "l"),
                &keys,
                "s.rebook_state = 'insert' AND l.rebook_match = s.rebook_match",
            );
            if let Some(slot) = relation.field("customer") {
                let parent = self.relations.parent_column(relation, &slot.column, customers);
                self.take(
                    BOOKINGS,
                    (CUSTOMERS, "c"),
                    &[(slot.column.clone(), self.col("c", &parent))],
                    "s.rebook_state = 'insert' AND c.rebook_no = s.rebook_customer AND c.rebook_state = 'insert'",
                );
            }
        }
        let cells: Vec<&Vec<Cell>> = self
            .staged
            .bookings
            .iter()
            .filter(|row| row.action == RowAction::Insert)
            .map(|row| &row.cells)
            .collect();
        self.insert(relation, BOOKINGS, &cells);
        let matching = self.booking_match("t");
        self.lookup_new(
            relation,
            ("rebook_live_bookings", "rebook_new_bookings"),
            &FIELDS,
            matching.as_deref(),
        );
        let keys = self.taken_keys(relation, "l");
        let natural = self.natural("l", "s");
        let found = [
            ("s.rebook_match IS NOT NULL", "l.rebook_match = s.rebook_match"),
            ("s.rebook_match IS NULL AND l.rebook_match IS NULL", &natural),
        ];
        for (which, found) in found {
            self.take(
                BOOKINGS,
                ("rebook_new_bookings", "l"),
                &keys,
                &format!("s.rebook_state = 'insert' AND {which} AND {found}"),
            );
        }
    }

    pub(super) fn insert(&mut self, relation: &Relation<'_>, temporary: &str, rows: &[&Vec<Cell>]) {
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for slot in &relation.slots {
            columns.push(self.w.name(&slot.column));
            let column = self.col("s", &slot.column);
            let lacking = relation
                .position(&slot.column)
                .is_some_and(|at| rows.iter().any(|cells| cells[at].is_null()));
            values.push(match slot.absent {
                Absent::Default(default) if lacking => format!("coalesce({column}, {default})"),
                _ => column,
            });
        }
        for (column, expression) in &relation.entity.expressions {
            columns.push(self.w.name(column));
            values.push(self.filled_in(relation, "s", expression));
        }
        let keeps = temporary == BOOKINGS && !self.kept_ids().is_empty();
        if keeps {
            self.insert_kept(&columns, &values);
        }
        let line = format!(
            "INSERT INTO {} ({}) SELECT {} FROM {} AS s WHERE s.rebook_state = 'insert'{} ORDER BY s.rebook_no;",
            self.w.table(&relation.name),
            columns.join(", "),
            values.join(", "),
            self.w.temporary(temporary),
            if keeps { " AND s.rebook_kept IS NULL" } else { "" }
        );
        self.say(&line);
    }

    /// The rows that were not there before, with the keys that they were given.
    pub(super) fn lookup_new(
        &mut self,
        relation: &Relation<'_>,
        (live, new): (&str, &str),
        fields: &[&str],
        matching: Option<&str>,
    ) {
        let condition = format!(
            " WHERE NOT EXISTS (SELECT 1 FROM {} AS l WHERE {})",
            self.w.temporary(live),
            self.keyed(relation, "l", "t")
        );
        self.lookup(new, relation, fields, matching, &condition);
    }
}
