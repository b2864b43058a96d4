//! Keys that new bookings had before the loss: kept where they are free, and the sequence is moved forward only.

use super::{BOOKINGS, Plan};
use crate::export::script::Writer;
use crate::export::staged::RowAction;
use crate::model::BookingId;
use std::collections::BTreeMap;

impl<W: Writer> Plan<'_, W> {
    /// The numbers that new bookings had; one that two of them claim is nobody's.
    pub(super) fn kept_ids(&self) -> BTreeMap<BookingId, i64> {
        if !self.relations.booking.entity.keep_ids {
            return BTreeMap::new();
        }
        let mut owners: BTreeMap<i64, Vec<&BookingId>> = BTreeMap::new();
        let new = self
            .staged
            .bookings
            .iter()
            .filter(|row| row.action == RowAction::Insert);
        for row in new {
            let id = self.options.kept_ids.get(&row.booking.id);
            if let Some(id) = id
                .and_then(|id| id.trim().parse::<i64>().ok())
                .filter(|id| *id > 0)
            {
                owners.entry(id).or_default().push(&row.booking.id);
            }
        }
        owners
            .into_iter()
            .filter_map(|(id, owners)| match owners.as_slice() {
                [only] => Some(((*only).clone(), id)),
                _ => None,
            })
            .collect()
    }

    /// Inserts what keeps its number, and moves the sequence behind it; the others come after.
    pub(super) fn insert_kept(&mut self, columns: &[String], values: &[String]) {
        let relation = &self.relations.booking;
        let Some(key) = relation.entity.key.first() else {
            return;
        };
        let (target, temporary) = (self.w.table(&relation.name), self.w.temporary(BOOKINGS));
        self.set(
            BOOKINGS,
            "rebook_kept = NULL, rebook_reason = 'its number has been given to another booking: it gets a new one'",
            &format!(
                "s.rebook_state = 'insert' AND s.rebook_kept IS NOT NULL AND EXISTS (SELECT 1 FROM {target} AS t WHERE {} = s.rebook_kept)",
                self.col("t", key)
            ),
        );
        let line = format!(
            "INSERT INTO {target} ({}, {}){} SELECT s.rebook_kept, {} FROM {temporary} AS s WHERE s.rebook_state = 'insert' AND s.rebook_kept IS NOT NULL ORDER BY s.rebook_no;",
            self.w.name(key),
            columns.join(", "),
            self.w.overriding(),
            values.join(", ")
        );
        self.say(&line);
        self.w.advance(&relation.name, key, &mut self.out);
    }
}
