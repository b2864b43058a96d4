//! Takes a batch back: what it inserted, and what it changed, and nothing else.
//!
//! The journal names the rows. The file refuses, and takes nothing back, where any of them has been edited or
//! deleted since, and where somebody has added to them: a payment on a loaded booking, a booking of a
//! loaded customer. What depends on a row is looked for in every table that points at it, so that no cascade of
//! the database can take a stranger's row along.

use super::changes::CHANGING;
use super::journal::content;
use super::{BOOKINGS_BEFORE, PAYMENTS_BEFORE, Plan, number, plural};
use crate::export::Options;
use crate::export::relation::{Relation, Relations};
use crate::export::script::{Change, Own, Temporary, Writer};
use crate::export::staged::Staged;
use crate::model::EntityKind;
use std::collections::BTreeSet;

/// A child's table, and its columns with those of the parent that they point at.
type Link = (String, Vec<(String, String)>);

/// Writes everything below the header of the undo file.
pub(super) fn write<W: Writer>(
    relations: &Relations<'_>,
    staged: &Staged<'_>,
    writer: &W,
    options: &Options,
    batch: &str,
) -> String {
    let mut plan = Plan {
        w: writer,
        relations,
        staged,
        options,
        batch: batch.to_owned(),
        tables: String::new(),
        out: String::new(),
        assertions: vec![crate::export::mysql::ENGINES.to_owned()],
    };
    plan.stage_before();
    writer.lock(relations, &mut plan.out);
    plan.guard();
    plan.find_loaded();
    plan.require_untouched();
    plan.put_back();
    plan.tell_undone();
    let assertions = std::mem::take(&mut plan.assertions);
    let mut body = String::with_capacity(plan.out.len() + plan.tables.len() + 4096);
    body.push_str("\n-- Settings of this session alone.\n");
    writer.open(relations, &mut body);
    body.push_str("\n-- Temporary tables, typed as the target's columns are.\n");
    body.push_str(&plan.tables);
    writer.begin(relations, &assertions, &mut body);
    body.push_str(&plan.out);
    body.push_str("\n-- The end.\n");
    writer.close(options, assertions.len() - 1, &mut body);
    body
}

fn loaded(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Customer => "rebook_undo_customers",
        EntityKind::Payment => "rebook_undo_payments",
        EntityKind::Booking | EntityKind::Resource => "rebook_undo_bookings",
    }
}

impl<W: Writer> Plan<'_, W> {
    /// The changed rows as the backup had them.
    fn stage_before(&mut self) {
        self.title("Changed rows, as they were.");
        let staged = self.staged;
        let bookings = staged
            .bookings
            .iter()
            .filter_map(|row| Some((vec![number(row.no)], row.before.as_deref()?)));
        let payments = staged
            .payments
            .iter()
            .enumerate()
            .filter_map(|(no, row)| Some((vec![number(no)], row.before.as_deref()?)));
        let relations = self.relations;
        self.create_before(BOOKINGS_BEFORE, &relations.booking);
        self.rows(
            BOOKINGS_BEFORE,
            &["rebook_no"],
            Some(&relations.booking),
            bookings,
        );
        if let Some(relation) = &relations.payment {
            self.create_before(PAYMENTS_BEFORE, relation);
            self.rows(PAYMENTS_BEFORE, &["rebook_no"], Some(relation), payments);
        }
    }

    fn create_before(&mut self, name: &str, relation: &Relation<'_>) {
        self.create(&Temporary {
            name,
            own: &[("rebook_no", Own::Number)],
            like: Some((&relation.name, None)),
            indexes: vec![relation.entity.key.clone()],
        });
    }

    /// The rows that the journal names, and whether they still are as they were loaded.
    fn find_loaded(&mut self) {
        self.title("The rows of the batch, by the journal.");
        let (relations, place) = (self.relations, self.journal_place());
        let of_batch = format!("j.batch = '{}'", self.batch);
        self.require(
            "the_batch_was_loaded_and_not_taken_back_since",
            &format!("(SELECT count(*) > 0 FROM {place} AS j WHERE {of_batch})"),
        );
        for relation in relations.written() {
            let name = loaded(relation.kind);
            let mut columns = relation.entity.key.clone();
            for (_, parent) in self.links(relation).into_iter().flat_map(|(_, pairs)| pairs) {
                if !columns.contains(&parent) {
                    columns.push(parent);
                }
            }
            self.create(&Temporary {
                name,
                own: &[
                    ("rebook_action", Own::Text),
                    ("rebook_was", Own::Text),
                    ("rebook_is", Own::Text),
                ],
                like: Some((&relation.name, Some(columns.clone()))),
                indexes: vec![relation.entity.key.clone()],
            });
            let listed: Vec<String> = columns.iter().map(|column| self.w.name(column)).collect();
            let taken: Vec<String> = columns.iter().map(|column| self.col("t", column)).collect();
            let which = format!("{of_batch} AND j.what = '{}'", relation.kind.as_str());
            let line = format!(
                "INSERT INTO {} (rebook_action, rebook_was, rebook_is, {}) SELECT j.action, j.checksum, {}, {} FROM {place} AS j JOIN {} AS t ON {} = j.row_key WHERE {which};",
                self.w.temporary(name),
                listed.join(", "),
                self.w.checksum("t", &content(relation)),
                taken.join(", "),
                self.w.table(&relation.name),
                self.w.key_text("t", &relation.entity.key)
            );
            self.say(&line);
            let (kind, from) = (plural(relation.kind), self.w.temporary(name));
            self.require(
                &format!("none_of_the_loaded_{kind}_was_deleted_since"),
                &format!("(SELECT count(*) FROM {from}) = (SELECT count(*) FROM {place} AS j WHERE {which})"),
            );
            self.require(
                &format!("none_of_the_loaded_{kind}_was_edited_since"),
                &format!("NOT EXISTS (SELECT 1 FROM {from} AS u WHERE u.rebook_was <> u.rebook_is)"),
            );
        }
    }

    /// Everything that points at rows of this table: declared, or mapped.
    fn links(&self, parent: &Relation<'_>) -> BTreeSet<Link> {
        let mut links = BTreeSet::new();
        for (name, table) in self.relations.tables() {
            for foreign in &table.foreign_keys {
                if self.relations.full_name(&foreign.table) == parent.name {
                    let pairs = foreign
                        .columns
                        .iter()
                        .cloned()
                        .zip(foreign.referenced.iter().cloned());
                    links.insert((name.clone(), pairs.collect::<Vec<_>>()));
                }
            }
        }
        let child = match parent.kind {
            EntityKind::Customer => Some((&self.relations.booking, "customer")),
            EntityKind::Booking => self.relations.payment.as_ref().map(|child| (child, "booking")),
            _ => None,
        };
        if let Some((child, field)) = child
            && let Some(slot) = child.field(field)
        {
            let declared = links.iter().any(|(table, pairs)| {
                *table == child.name && pairs.iter().any(|(ours, _)| *ours == slot.column)
            });
            if !declared {
                let column = self.relations.parent_column(child, &slot.column, parent);
                links.insert((child.name.clone(), vec![(slot.column.clone(), column)]));
            }
        }
        links
    }

    /// Nobody has added anything to what would be taken back.
    fn require_untouched(&mut self) {
        let relations = self.relations;
        for parent in relations.written() {
            let kind = plural(parent.kind);
            for (at, (table, pairs)) in self.links(parent).into_iter().enumerate() {
                if parent
                    .entity
                    .companions
                    .iter()
                    .any(|companion| relations.full_name(&companion.table) == table)
                {
                    continue;
                }
                let own = relations.written().find(|child| child.name == table);
                let but_ours = own.map_or(String::new(), |child| {
                    format!(
                        " AND NOT EXISTS (SELECT 1 FROM {} AS v WHERE {} AND v.rebook_action = 'insert')",
                        self.w.temporary(loaded(child.kind)),
                        self.keyed(child, "v", "c")
                    )
                });
                let points: Vec<String> = pairs
                    .iter()
                    .map(|(ours, theirs)| format!("{} = {}", self.col("c", ours), self.col("u", theirs)))
                    .collect();
                let condition = format!(
                    "NOT EXISTS (SELECT 1 FROM {} AS c, {} AS u WHERE u.rebook_action = 'insert' AND {}{but_ours})",
                    self.w.table(&table),
                    self.w.temporary(loaded(parent.kind)),
                    points.join(" AND ")
                );
                self.require(
                    &format!("nothing_was_added_to_loaded_{kind}_since_{at}"),
                    &condition,
                );
            }
            for (at, (table, links, count)) in self.beside(parent).into_iter().enumerate() {
                let condition = format!(
                    "(SELECT count(*) FROM {} AS c, {} AS u WHERE u.rebook_action = 'insert' AND {links}) = {count} * (SELECT count(*) FROM {} AS u WHERE u.rebook_action = 'insert')",
                    self.w.table(&table),
                    self.w.temporary(loaded(parent.kind)),
                    self.w.temporary(loaded(parent.kind)),
                );
                // MySQL reads a temporary table once in a statement: the second count is of the journal.
                let condition = if self.w.ddl_commits() {
                    condition.replacen(
                        &format!(
                            "(SELECT count(*) FROM {} AS u WHERE u.rebook_action = 'insert')",
                            self.w.temporary(loaded(parent.kind))
                        ),
                        &format!(
                            "(SELECT count(*) FROM {} AS j WHERE j.batch = '{}' AND j.what = '{}' AND j.action = 'insert')",
                            self.journal_place(),
                            self.batch,
                            parent.kind.as_str()
                        ),
                        1,
                    )
                } else {
                    condition
                };
                self.require(
                    &format!("the_rows_beside_loaded_{kind}_are_the_loaded_ones_{at}"),
                    &condition,
                );
            }
        }
    }

    /// The tables of companions, how they are linked to the row, and how many each row has.
    fn beside(&self, parent: &Relation<'_>) -> Vec<(String, String, usize)> {
        let mut tables: Vec<(String, String, usize)> = Vec::new();
        for companion in &parent.entity.companions {
            let name = self.relations.full_name(&companion.table);
            let links: Vec<String> = companion
                .columns
                .iter()
                .filter(|(_, sql)| sql.trim() == "{key}")
                .map(|(column, _)| {
                    let key = parent.entity.key.last().map_or("", String::as_str);
                    format!("{} = {}", self.col("c", column), self.col("u", key))
                })
                .collect();
            if links.is_empty() {
                continue;
            }
            let link = links.join(" AND ");
            match tables
                .iter_mut()
                .find(|(table, known, _)| *table == name && *known == link)
            {
                Some((_, _, count)) => *count += 1,
                None => tables.push((name, link, 1)),
            }
        }
        tables
    }

    fn put_back(&mut self) {
        self.title("Changed rows get what they had; inserted rows go, children first.");
        let relations = self.relations;
        let sets: Vec<(String, String)> = CHANGING
            .iter()
            .filter_map(|field| relations.booking.field(field))
            .map(|slot| (slot.column.clone(), self.col("o", &slot.column)))
            .collect();
        self.put_back_changes(&relations.booking, BOOKINGS_BEFORE, &sets);
        if let Some(relation) = &relations.payment
            && let Some(slot) = relation.field("refunded")
        {
            let sets = [(slot.column.clone(), self.col("o", &slot.column))];
            self.put_back_changes(relation, PAYMENTS_BEFORE, &sets);
        }
        let written: Vec<&Relation<'_>> = relations.written().collect();
        for relation in written.into_iter().rev() {
            let from = self.w.temporary(loaded(relation.kind));
            for (table, links, _) in self.beside(relation) {
                self.w.delete(
                    (&self.w.table(&table), "c"),
                    (&from, "u"),
                    &format!("u.rebook_action = 'insert' AND {links}"),
                    &mut self.out,
                );
            }
            let keyed = self.keyed(relation, "t", "u");
            self.w.delete(
                (&self.w.table(&relation.name), "t"),
                (&from, "u"),
                &format!("{keyed} AND u.rebook_action = 'insert'"),
                &mut self.out,
            );
        }
        let line = format!(
            "DELETE FROM {} WHERE batch = '{}';",
            self.journal_place(),
            self.batch
        );
        self.say(&line);
    }

    fn put_back_changes(&mut self, relation: &Relation<'_>, before: &str, sets: &[(String, String)]) {
        if sets.is_empty() {
            return;
        }
        let condition = format!(
            "{} AND EXISTS (SELECT 1 FROM {} AS u WHERE {} AND u.rebook_action = 'update')",
            self.keyed(relation, "t", "o"),
            self.w.temporary(loaded(relation.kind)),
            self.keyed(relation, "u", "o")
        );
        self.w.update(
            &Change {
                target: (&self.w.table(&relation.name), "t"),
                from: (&self.w.temporary(before), "o"),
                sets,
                condition: &condition,
            },
            &mut self.out,
        );
    }

    fn tell_undone(&mut self) {
        self.title("What was taken back.");
        let relations = self.relations;
        for relation in relations.written() {
            let line = format!(
                "SELECT '{}' AS rebook, rebook_action AS taken_back, count(*) AS how_many FROM {} GROUP BY rebook_action ORDER BY 2;",
                plural(relation.kind),
                self.w.temporary(loaded(relation.kind))
            );
            self.say(&line);
        }
    }
}
