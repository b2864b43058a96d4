//! Columns that SQL fills, and rows of other tables that stand beside every new row.

use super::journal::staged_in;
use super::{BOOKINGS, BOOKINGS_BEFORE, Plan, plural};
use crate::export::relation::Relation;
use crate::export::script::{Change, Writer};

impl<W: Writer> Plan<'_, W> {
    /// An expression of the configuration over one table's columns.
    pub(super) fn filled_in(&self, relation: &Relation<'_>, alias: &str, expression: &str) -> String {
        let mut sql = String::new();
        let mut rest = expression;
        while let Some((before, after)) = rest.split_once('{') {
            let (field, after) = after.split_once('}').unwrap_or((after, ""));
            sql.push_str(before);
            let column = match field {
                "key" => relation.entity.key.last().cloned(),
                field => relation.field(field).map(|slot| slot.column.clone()),
            };
            sql.push_str(&column.map_or("NULL".to_owned(), |column| self.col(alias, &column)));
            rest = after;
        }
        sql.push_str(rest);
        sql
    }

    /// Computes the columns of changed bookings, as they are to be and as they were.
    pub(super) fn stage_expressions(&mut self) {
        let relation = &self.relations.booking;
        for (column, expression) in &relation.entity.expressions {
            let set = format!(
                "{} = {}",
                self.w.name(column),
                self.filled_in(relation, "s", expression)
            );
            self.set(BOOKINGS, &set, "s.rebook_action = 'update'");
            self.set(BOOKINGS_BEFORE, &set, "1 = 1");
        }
    }

    /// A computed column follows its booking, where it still is what it was computed to be; where nothing it is made of
    /// has changed, it stays as it is.
    pub(super) fn sort_expressions(&mut self) {
        let relation = &self.relations.booking;
        let (target, before) = (self.w.table(&relation.name), self.w.temporary(BOOKINGS_BEFORE));
        let keyed = self.keyed(relation, "t", "s");
        for column in relation.entity.expressions.keys() {
            let (live, ours, old) = (
                self.col("t", column),
                self.col("s", column),
                self.col("o", column),
            );
            self.hold(
                BOOKINGS,
                &format!("changed since the backup, by somebody else too: {column}"),
                &format!(
                    "s.rebook_state = 'update' AND EXISTS (SELECT 1 FROM {target} AS t, {before} AS o WHERE {keyed} AND o.rebook_no = s.rebook_no AND NOT ({}) AND NOT ({}))",
                    self.w.same(&ours, &old),
                    self.w.same(&live, &old)
                ),
            );
            let temporary = self.w.temporary(BOOKINGS);
            self.w.update(
                &Change {
                    target: (&temporary, "s"),
                    from: (&target, "t"),
                    sets: &[(column.clone(), live)],
                    condition: &format!(
                        "s.rebook_state = 'update' AND {keyed} AND EXISTS (SELECT 1 FROM {before} AS o WHERE o.rebook_no = s.rebook_no AND {})",
                        self.w.same(&ours, &old)
                    ),
                },
                &mut self.out,
            );
        }
    }

    /// Line items, ledger entries: one row for each new row and declaration.
    pub(super) fn write_companions(&mut self) {
        let relations = self.relations;
        for relation in relations.written() {
            if relation.entity.companions.is_empty() {
                continue;
            }
            self.title(&format!("Rows that stand beside new {}.", plural(relation.kind)));
            for companion in &relation.entity.companions {
                let columns: Vec<String> = companion
                    .columns
                    .keys()
                    .map(|column| self.w.name(column))
                    .collect();
                let values: Vec<String> = companion
                    .columns
                    .values()
                    .map(|sql| self.filled_in(relation, "s", sql))
                    .collect();
                let line = format!(
                    "INSERT INTO {} ({}) SELECT {} FROM {} AS s WHERE s.rebook_state = 'insert' ORDER BY s.rebook_no;",
                    self.w.table(&relations.full_name(&companion.table)),
                    columns.join(", "),
                    values.join(", "),
                    self.w.temporary(staged_in(relation.kind))
                );
                self.say(&line);
            }
        }
    }

    /// The tables that get companions, each once, with the kind of row that they stand beside and how many for each.
    pub(super) fn companion_tables(&self) -> Vec<(String, &'static str, usize)> {
        let mut tables: Vec<(String, &'static str, usize)> = Vec::new();
        for relation in self.relations.written() {
            for companion in &relation.entity.companions {
                let name = self.relations.full_name(&companion.table);
                let temporary = staged_in(relation.kind);
                match tables
                    .iter_mut()
                    .find(|(known, beside, _)| *known == name && *beside == temporary)
                {
                    Some((_, _, count)) => *count += 1,
                    None => tables.push((name, temporary, 1)),
                }
            }
        }
        tables
    }
}
