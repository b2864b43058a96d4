//! The journal: which rows this file wrote, under which keys, and what they were when it was done.
//!
//! `verify` reads it, and the undo file takes back what it names and nothing else. It lies beside the
//! bookings in a table of its own, which may be dropped when it is not needed any more.

use super::{BOOKINGS, CUSTOMERS, PAYMENTS, Plan};
use crate::export::relation::Relation;
use crate::export::script::{JOURNAL, Writer};
use crate::model::EntityKind;

impl<W: Writer> Plan<'_, W> {
    /// Where the journal lies: in the schema of the bookings.
    pub(super) fn journal_place(&self) -> String {
        match self.relations.booking.name.rsplit_once('.') {
            Some((schema, _)) => self.w.table(&format!("{schema}.{JOURNAL}")),
            None => self.w.table(JOURNAL),
        }
    }

    /// Notes every row that was written.
    pub(super) fn journal(&mut self) {
        if !self.options.journal {
            return;
        }
        self.title(
            "What was written, for `rebook verify` and the undo file; drop the table when neither is needed.",
        );
        let place = self.journal_place();
        if self.w.ddl_commits() {
            self.w.create_journal(&place, self.options, &mut self.tables);
        } else {
            self.w.create_journal(&place, self.options, &mut self.out);
        }
        let relations = self.relations;
        for relation in relations.written() {
            let temporary = staged_in(relation.kind);
            let id = self.w.text(match relation.kind {
                EntityKind::Customer => "s.rebook_no",
                EntityKind::Payment => "s.rebook_payment",
                _ => "s.rebook_id",
            });
            let line = format!(
                "INSERT INTO {place} (batch, what, id, action, row_key, checksum) SELECT '{}', '{}', {id}, s.rebook_state, {}, {} FROM {} AS t, {} AS s WHERE {} AND s.rebook_state IN ('insert', 'update');",
                self.batch,
                relation.kind.as_str(),
                self.w.key_text("t", &relation.entity.key),
                self.w.checksum("t", &content(relation)),
                self.w.table(&relation.name),
                self.w.temporary(temporary),
                self.keyed(relation, "t", "s")
            );
            self.say(&line);
        }
    }
}

/// The temporary table in which rows of a kind are staged.
pub(super) fn staged_in(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Customer => CUSTOMERS,
        EntityKind::Payment => PAYMENTS,
        EntityKind::Booking | EntityKind::Resource => BOOKINGS,
    }
}

/// The columns that make up a row's content: all that the schema knows, mapped or not.
pub(super) fn content(relation: &Relation<'_>) -> Vec<String> {
    match relation.table {
        Some(table) => table.columns.iter().map(|column| column.name.clone()).collect(),
        None => relation.columns.clone(),
    }
}
