//! Sorts and writes changes of bookings that stand in the backup: compare and set.

use super::{BOOKINGS, BOOKINGS_BEFORE, Plan};
use crate::export::script::{Change, Writer};
use crate::export::staged::{BookingRow, RowAction};

/// Fields of a booking that may change after it was made.
pub(super) const CHANGING: [&str; 7] = [
    "customer",
    "resource",
    "starts_at",
    "ends_at",
    "status",
    "total",
    "currency",
];

impl<W: Writer> Plan<'_, W> {
    pub(super) fn sort_changes(&mut self) {
        if !self.has_changes() {
            return;
        }
        let relation = &self.relations.booking;
        let target = self.w.table(&relation.name);
        let keyed = self.keyed(relation, "t", "s");
        self.title("Bookings of the backup: changed only where the row still is as the backup had it.");
        self.hold(
            BOOKINGS,
            "deleted since the backup",
            &format!(
                "s.rebook_action <> 'insert' AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed})"
            ),
        );
        let undecided = "s.rebook_action = 'update' AND s.rebook_state IS NULL";
        let stands = self.untouched(relation, "t", "s");
        self.set(
            BOOKINGS,
            "rebook_state = 'loaded'",
            &format!("{undecided} AND EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {stands})"),
        );
        let before = self.w.temporary(BOOKINGS_BEFORE);
        let untouched = self.untouched(relation, "t", "o");
        self.set(
            BOOKINGS,
            "rebook_state = 'update'",
            &format!(
                "{undecided} AND EXISTS (SELECT 1 FROM {target} AS t, {before} AS o WHERE {keyed} AND o.rebook_no = s.rebook_no AND {untouched})"
            ),
        );
        self.hold(
            BOOKINGS,
            "changed since the backup, by somebody else too",
            undecided,
        );
        self.sort_expressions();
        self.sort_parents_of_payments();

        let updates = "s.rebook_state = 'update'";
        self.hold_moved(relation, updates);
        self.hold_computed(BOOKINGS, relation, updates, "");
        self.hold_orphans(BOOKINGS, relation, updates, "");
        self.hold_refused(BOOKINGS, relation, updates, "");
        self.hold_moved_into_others();
        self.write_changes();
    }

    /// A booking that only gets payments must still be the one that it was.
    fn sort_parents_of_payments(&mut self) {
        let relation = &self.relations.booking;
        let undecided = "s.rebook_action = 'keep' AND s.rebook_state IS NULL";
        let mut same: Vec<String> = ["reference", "customer"]
            .iter()
            .filter_map(|field| self.pair(relation, field, "t", "s"))
            .map(|(live, ours)| self.w.same(&live, &ours))
            .collect();
        same.push(self.keyed(relation, "t", "s"));
        let target = self.w.table(&relation.name);
        self.set(
            BOOKINGS,
            "rebook_state = 'keep'",
            &format!(
                "{undecided} AND EXISTS (SELECT 1 FROM {target} AS t WHERE {})",
                same.join(" AND ")
            ),
        );
        self.hold(
            BOOKINGS,
            "its row in the backup belongs to another booking now",
            undecided,
        );
    }

    fn hold_moved_into_others(&mut self) {
        let moving = |row: &BookingRow<'_>| row.action == RowAction::Update;
        if self.relations.exclusive(self.options).is_none() || !self.staged.bookings.iter().any(moving) {
            return;
        }
        let relation = &self.relations.booking;
        let fields = ["tenant", "resource", "starts_at", "ends_at", "status"];
        self.create_lookup("rebook_other_bookings", relation, &fields);
        // What this file itself moves is out of the way: the rebuilt bookings agree with each other.
        let condition = format!(
            " WHERE NOT EXISTS (SELECT 1 FROM {} AS s WHERE {} AND s.rebook_state = 'update')",
            self.w.temporary(BOOKINGS),
            self.keyed(relation, "t", "s")
        );
        self.lookup("rebook_other_bookings", relation, &fields, None, &condition);
        let moving = "s.rebook_state = 'update'";
        self.hold_overlaps("rebook_other_bookings", moving);
        // What is held now stays where it is, and others may have been about to move there.
        let stays = condition
            .replace("NOT EXISTS", "EXISTS")
            .replace("'update'", "'held'");
        for _ in 0..2 {
            self.lookup("rebook_other_bookings", relation, &fields, None, &stays);
            self.hold_overlaps("rebook_other_bookings", moving);
        }
        self.lookup("rebook_other_bookings", relation, &fields, None, &stays);
        if let Some(overlaps) = self.overlaps("rebook_other_bookings") {
            let from = self.w.temporary(BOOKINGS);
            self.require(
                "no_changed_booking_moves_onto_another",
                &format!("NOT EXISTS (SELECT 1 FROM {from} AS s WHERE {moving} AND {overlaps})"),
            );
        }
    }

    fn write_changes(&mut self) {
        let relation = &self.relations.booking;
        let sets: Vec<(String, String)> = CHANGING
            .iter()
            .filter_map(|field| relation.field(field))
            .map(|slot| slot.column.clone())
            .chain(relation.entity.expressions.keys().cloned())
            .map(|column| (column.clone(), self.col("s", &column)))
            .collect();
        self.w.update(
            &Change {
                target: (&self.w.table(&relation.name), "t"),
                from: (&self.w.temporary(BOOKINGS), "s"),
                sets: &sets,
                condition: &format!("{} AND s.rebook_state = 'update'", self.keyed(relation, "t", "s")),
            },
            &mut self.out,
        );
    }
}
