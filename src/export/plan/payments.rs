//! Writes payments: new ones on their bookings, and refunds where the payment still is as the backup had it.

use super::{BOOKINGS, PAYMENTS, PAYMENTS_BEFORE, Plan};
use crate::export::cell::Cell;
use crate::export::script::{Change, Writer};

/// A live payment's columns that new ones are held against, by field.
pub(super) const FIELDS: [&str; 3] = ["booking", "amount", "refunded"];

impl<W: Writer> Plan<'_, W> {
    pub(super) fn write_payments(&mut self) {
        let Some(relation) = &self.relations.payment else {
            return;
        };
        self.title("Payments follow their bookings; a refund is set where the payment still is as the backup had it.");
        let bookings = &self.relations.booking;
        let Some(slot) = relation.field("booking") else {
            return;
        };
        let parent = self.relations.parent_column(relation, &slot.column, bookings);
        self.take(
            PAYMENTS,
            (BOOKINGS, "b"),
            &[(slot.column.clone(), self.col("b", &parent))],
            "b.rebook_no = s.rebook_booking AND b.rebook_state <> 'held'",
        );
        let column = self.col("s", &slot.column);
        self.hold(
            PAYMENTS,
            "its booking is held",
            &format!("s.rebook_booking IS NOT NULL AND {column} IS NULL"),
        );

        let live = self.w.temporary("rebook_live_payments");
        let undecided = "s.rebook_booking IS NOT NULL AND s.rebook_state IS NULL";
        let same: Vec<String> = FIELDS
            .iter()
            .filter_map(|field| {
                Some(self.w.same(
                    &self.field(relation, "l", field)?,
                    &self.field(relation, "s", field)?,
                ))
            })
            .collect();
        let found = "l.rebook_match = s.rebook_match";
        self.set(
            PAYMENTS,
            "rebook_state = 'loaded'",
            &format!(
                "{undecided} AND EXISTS (SELECT 1 FROM {live} AS l WHERE {found} AND {})",
                same.join(" AND ")
            ),
        );
        self.hold(
            PAYMENTS,
            "live already, on another booking or with another amount",
            &format!("{undecided} AND EXISTS (SELECT 1 FROM {live} AS l WHERE {found})"),
        );
        self.hold_taken(PAYMENTS, relation, undecided, "");
        self.hold_computed(PAYMENTS, relation, undecided, "");
        self.hold_orphans(PAYMENTS, relation, undecided, "");
        self.hold_refused(PAYMENTS, relation, undecided, "");
        self.set(PAYMENTS, "rebook_state = 'insert'", undecided);
        let cells: Vec<&Vec<Cell>> = self
            .staged
            .payments
            .iter()
            .filter(|row| row.booking.is_some())
            .map(|row| &row.cells)
            .collect();
        self.insert(relation, PAYMENTS, &cells);
        let matching = self.payment_match("t");
        self.lookup_new(
            relation,
            ("rebook_live_payments", "rebook_new_payments"),
            &FIELDS,
            matching.as_deref(),
        );
        let keys = self.taken_keys(relation, "l");
        // A charge for several bookings has a row for each.
        let booking = self
            .w
            .same(&self.col("l", &slot.column), &self.col("s", &slot.column));
        self.take(
            PAYMENTS,
            ("rebook_new_payments", "l"),
            &keys,
            &format!("s.rebook_state = 'insert' AND l.rebook_match = s.rebook_match AND {booking}"),
        );
    }

    pub(super) fn write_refunds(&mut self) {
        let Some(relation) = &self.relations.payment else {
            return;
        };
        let Some(slot) = relation.field("refunded").filter(|_| self.has_refunds()) else {
            return;
        };
        let target = self.w.table(&relation.name);
        let keyed = self.keyed(relation, "t", "s");
        let undecided = "s.rebook_booking IS NULL AND s.rebook_state IS NULL";
        let stands = self.untouched(relation, "t", "s");
        self.set(
            PAYMENTS,
            "rebook_state = 'loaded'",
            &format!("{undecided} AND EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {stands})"),
        );
        let before = self.w.temporary(PAYMENTS_BEFORE);
        let untouched = self.untouched(relation, "t", "o");
        self.set(
            PAYMENTS,
            "rebook_state = 'update'",
            &format!(
                "{undecided} AND EXISTS (SELECT 1 FROM {target} AS t, {before} AS o WHERE {keyed} AND o.rebook_no = s.rebook_no AND {untouched})"
            ),
        );
        self.hold(
            PAYMENTS,
            "the payment was changed or deleted since the backup",
            undecided,
        );
        self.w.update(
            &Change {
                target: (&target, "t"),
                from: (&self.w.temporary(PAYMENTS), "s"),
                sets: &[(slot.column.clone(), self.col("s", &slot.column))],
                condition: &format!("{keyed} AND s.rebook_state = 'update'"),
            },
            &mut self.out,
        );
    }
}
