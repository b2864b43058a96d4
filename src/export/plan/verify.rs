//! Counts before, assertions after, and the summary: all that was planned stands, and nothing else changed.

use super::{BOOKINGS, CUSTOMERS, PAYMENTS, Plan};
use crate::export::relation::Relation;
use crate::export::script::{Own, Temporary, Writer};
use crate::model::EntityKind;

impl<W: Writer> Plan<'_, W> {
    /// Remembers how many rows there are before anything is written.
    pub(super) fn count(&mut self) {
        self.title("What stands before.");
        self.create(&Temporary {
            name: "rebook_counts",
            own: &[
                ("rebook_what", Own::Text),
                ("rebook_rows", Own::Number),
                ("rebook_sum", Own::Sum),
            ],
            like: None,
            indexes: Vec::new(),
        });
        let counts = self.w.temporary("rebook_counts");
        for relation in self.relations.written() {
            let sum = self
                .summed(relation, "t")
                .map_or("0".to_owned(), |amount| format!("coalesce(sum({amount}), 0)"));
            let line = format!(
                "INSERT INTO {counts} SELECT '{}', count(*), {sum} FROM {} AS t;",
                relation.kind.as_str(),
                self.w.table(&relation.name)
            );
            self.say(&line);
        }
        for (at, (table, _, _)) in self.companion_tables().into_iter().enumerate() {
            let line = format!(
                "INSERT INTO {counts} SELECT 'beside {at}', count(*), 0 FROM {};",
                self.w.table(&table)
            );
            self.say(&line);
        }
    }

    /// All that was planned stands, and nothing else changed.
    pub(super) fn check(&mut self) {
        self.title("What must hold now, or nothing is loaded.");
        self.w.settle(&mut self.out);
        self.check_companions();
        let relations = self.relations;
        let counts = self.w.temporary("rebook_counts");
        for relation in relations.written() {
            let (temporary, kind) = match relation.kind {
                EntityKind::Customer => (CUSTOMERS, "customers"),
                EntityKind::Payment => (PAYMENTS, "payments"),
                _ => (BOOKINGS, "bookings"),
            };
            let (from, target) = (self.w.temporary(temporary), self.w.table(&relation.name));
            let before = |column: &str| {
                format!(
                    "(SELECT {column} FROM {counts} WHERE rebook_what = '{}')",
                    relation.kind.as_str()
                )
            };
            self.require(
                &format!("{kind}_grew_by_what_was_inserted"),
                &format!(
                    "(SELECT count(*) FROM {target}) = {} + (SELECT count(*) FROM {from} WHERE rebook_state = 'insert')",
                    before("rebook_rows")
                ),
            );
            if let (Some(amount), Some(ours)) = (self.summed(relation, "t"), self.summed(relation, "s")) {
                self.require(
                    "money_grew_by_what_was_inserted",
                    &format!(
                        "(SELECT abs(coalesce(sum({amount}), 0) - {} - (SELECT coalesce(sum({ours}), 0) FROM {from} AS s WHERE s.rebook_state = 'insert')) < 0.0005 FROM {target} AS t)",
                        before("rebook_sum")
                    ),
                );
            }
            let stands = self.stands(relation, "t", "s");
            let keyed = self.keyed(relation, "t", "s");
            self.require(
                &format!("all_new_{kind}_stand"),
                &format!(
                    "NOT EXISTS (SELECT 1 FROM {from} AS s WHERE s.rebook_state = 'insert' AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {stands}))"
                ),
            );
            let changes = match relation.kind {
                EntityKind::Customer => false,
                EntityKind::Payment => self.has_refunds(),
                EntityKind::Booking | EntityKind::Resource => self.has_changes(),
            };
            if changes {
                let untouched = self.untouched(relation, "t", "s");
                self.require(
                    &format!("all_changed_{kind}_stand"),
                    &format!(
                        "NOT EXISTS (SELECT 1 FROM {from} AS s WHERE s.rebook_state = 'update' AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {untouched}))"
                    ),
                );
            }
        }
    }

    /// As many rows stand beside the new ones as were written.
    fn check_companions(&mut self) {
        let counts = self.w.temporary("rebook_counts");
        for (at, (table, temporary, each)) in self.companion_tables().into_iter().enumerate() {
            self.require(
                &format!("rows_beside_grew_by_what_was_inserted_{at}"),
                &format!(
                    "(SELECT count(*) FROM {}) = (SELECT rebook_rows FROM {counts} WHERE rebook_what = 'beside {at}') + {each} * (SELECT count(*) FROM {} WHERE rebook_state = 'insert')",
                    self.w.table(&table),
                    self.w.temporary(temporary)
                ),
            );
        }
    }

    /// The amount of a payment, where its type adds up.
    fn summed(&self, relation: &Relation<'_>, alias: &str) -> Option<String> {
        let slot = relation.field("amount")?;
        slot.kind
            .sums_exactly(slot.dialect)
            .then(|| self.col(alias, &slot.column))
    }

    /// What was done, and what was not.
    pub(super) fn tell(&mut self) {
        self.title(
            "What was done; `held` and `live` rows were not touched and are listed with their reasons.",
        );
        let mut sorted = vec![
            (CUSTOMERS, "customers"),
            (BOOKINGS, "bookings"),
            (PAYMENTS, "payments"),
        ];
        sorted.retain(|(table, _)| match *table {
            CUSTOMERS => self.relations.customer.is_some(),
            PAYMENTS => self.relations.payment.is_some(),
            _ => true,
        });
        for (table, what) in &sorted {
            let line = format!(
                "SELECT '{what}' AS rebook, coalesce(rebook_state, 'not needed') AS state, count(*) AS how_many FROM {} GROUP BY rebook_state ORDER BY 2;",
                self.w.temporary(table)
            );
            self.say(&line);
        }
        let listed = |table: &str, state: &str, payment: &str| {
            format!(
                "SELECT {state} AS state, rebook_id AS id, rebook_reference AS reference, {payment} AS payment, rebook_reason AS reason FROM {}",
                self.w.temporary(table)
            )
        };
        let mut lists = vec![
            listed("rebook_held", "'held'", "rebook_payment"),
            format!(
                "{} WHERE rebook_reason IS NOT NULL",
                listed(BOOKINGS, "rebook_state", "NULL")
            ),
        ];
        if self.relations.payment.is_some() {
            lists.push(format!(
                "{} WHERE rebook_reason IS NOT NULL",
                listed(PAYMENTS, "rebook_state", "rebook_payment")
            ));
        }
        let line = format!("{} ORDER BY 2, 4;", lists.join(" UNION ALL "));
        self.say(&line);
    }
}
