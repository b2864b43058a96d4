//! The tables are those that the plan was made for, and nothing of the user's own runs when they are written.

use super::Plan;
use crate::export::script::{Expected, Guard, Writer};
use crate::model::EntityKind;

impl<W: Writer> Plan<'_, W> {
    /// Refuses another schema than the known one, and triggers that nobody allowed.
    pub(super) fn guard(&mut self) {
        self.title("The tables are as they were when this file was written, and no trigger fires unasked.");
        let relations = self.relations;
        for relation in relations.written() {
            let kind = super::plural(relation.kind);
            if let Some(table) = relation.table {
                let columns = table
                    .columns
                    .iter()
                    .map(|column| Expected {
                        name: &column.name,
                        kind: &column.sql_type,
                        not_null: column.not_null || table.primary_key.contains(&column.name),
                        computed: column.computed,
                    })
                    .collect();
                let condition = self.w.unchanged(&Guard {
                    table: &relation.name,
                    columns,
                    allowed: &[],
                });
                self.require(
                    &format!("the_table_of_{kind}_is_as_it_was_when_this_file_was_written"),
                    &condition,
                );
            }
            let condition = self.w.quiet(&Guard {
                table: &relation.name,
                columns: Vec::new(),
                allowed: &relation.entity.triggers_allowed,
            });
            self.require(&format!("no_unknown_trigger_fires_on_{kind}"), &condition);
            for (at, companion) in relation.entity.companions.iter().enumerate() {
                let condition = self.w.quiet(&Guard {
                    table: &relations.full_name(&companion.table),
                    columns: Vec::new(),
                    allowed: &relation.entity.triggers_allowed,
                });
                self.require(
                    &format!("no_unknown_trigger_fires_beside_{kind}_{at}"),
                    &condition,
                );
            }
        }
    }
}

/// As the summary and the assertions call them.
pub(super) fn plural(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Booking => "bookings",
        EntityKind::Customer => "customers",
        EntityKind::Resource => "resources",
        EntityKind::Payment => "payments",
    }
}
