//! What the target's own rules would refuse, found before anything is written.

use super::changes::CHANGING;
use super::{BOOKINGS, Plan, text};
use crate::export::checks::read_check;
use crate::export::relation::Relation;
use crate::export::script::Writer;
use std::collections::BTreeSet;

impl<W: Writer> Plan<'_, W> {
    /// New rows whose unique columns a live row has.
    pub(super) fn hold_taken(&mut self, temporary: &str, relation: &Relation<'_>, which: &str, whose: &str) {
        for unique in relation.written_uniques() {
            let taken = self.equal(unique);
            self.hold(
                temporary,
                &format!("{whose}{} is taken by another live row", unique.join(" and ")),
                &format!(
                    "{which} AND EXISTS (SELECT 1 FROM {} AS t WHERE {taken})",
                    self.w.table(&relation.name)
                ),
            );
        }
    }

    /// Changed bookings whose new values another live row has.
    pub(super) fn hold_moved(&mut self, relation: &Relation<'_>, which: &str) {
        let moves = |column: &String| {
            CHANGING
                .iter()
                .any(|field| relation.field(field).is_some_and(|slot| slot.column == *column))
        };
        for unique in relation.uniques() {
            let staged = unique.iter().all(|column| relation.columns.contains(column));
            if !staged || !unique.iter().any(moves) {
                continue;
            }
            let taken = self.equal(unique);
            self.hold(
                BOOKINGS,
                &format!("{} is taken by another live row", unique.join(" and ")),
                &format!(
                    "{which} AND EXISTS (SELECT 1 FROM {} AS t WHERE {taken} AND NOT ({}))",
                    self.w.table(&relation.name),
                    self.keyed(relation, "t", "s")
                ),
            );
        }
    }

    fn equal(&self, columns: &[String]) -> String {
        let equal: Vec<String> = columns
            .iter()
            .map(|column| format!("{} = {}", self.col("t", column), self.col("s", column)))
            .collect();
        equal.join(" AND ")
    }

    /// Rows that a CHECK constraint refuses.
    pub(super) fn hold_refused(
        &mut self,
        temporary: &str,
        relation: &Relation<'_>,
        which: &str,
        whose: &str,
    ) {
        for check in relation.table.into_iter().flat_map(|table| &table.checks) {
            if let Some((name, condition)) = read_check(check) {
                self.hold(
                    temporary,
                    &format!("{whose}the table's rule {name} refuses it"),
                    &format!("{which} AND NOT ({condition})"),
                );
            }
        }
    }

    /// Rows whose parent is not there.
    pub(super) fn hold_orphans(
        &mut self,
        temporary: &str,
        relation: &Relation<'_>,
        which: &str,
        whose: &str,
    ) {
        let mut parents: BTreeSet<(String, Vec<(String, String)>)> = BTreeSet::new();
        for foreign in relation.foreign_keys() {
            // A new customer or booking is not there yet when its children are looked at.
            let ours = |column: &String| {
                ["customer", "booking"]
                    .iter()
                    .any(|field| relation.field(field).is_some_and(|slot| slot.column == *column))
            };
            if foreign.columns.iter().all(|column| relation.inserts(column))
                && !foreign.columns.iter().any(ours)
            {
                let pairs = foreign
                    .columns
                    .iter()
                    .cloned()
                    .zip(foreign.referenced.iter().cloned())
                    .collect();
                parents.insert((self.relations.full_name(&foreign.table), pairs));
            }
        }
        if let (Some(slot), Some(parent)) = (relation.field("resource"), &self.relations.resource)
            && parents
                .iter()
                .all(|(_, pairs)| pairs.iter().all(|(column, _)| *column != slot.column))
        {
            let column = self.relations.parent_column(relation, &slot.column, parent);
            parents.insert((parent.name.clone(), vec![(slot.column.clone(), column)]));
        }
        for (table, pairs) in parents {
            let given: Vec<String> = pairs
                .iter()
                .map(|(ours, _)| format!("{} IS NOT NULL", self.col("s", ours)))
                .collect();
            let found: Vec<String> = pairs
                .iter()
                .map(|(ours, theirs)| format!("{} = {}", self.col("p", theirs), self.col("s", ours)))
                .collect();
            let columns: Vec<&str> = pairs.iter().map(|(ours, _)| ours.as_str()).collect();
            self.hold(
                temporary,
                &format!(
                    "{whose}what {} points at is not there any more",
                    columns.join(" and ")
                ),
                &format!(
                    "{which} AND {} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})",
                    given.join(" AND "),
                    self.w.table(&table),
                    found.join(" AND ")
                ),
            );
        }
    }

    /// Bookings whose resource a live booking has at that time.
    pub(super) fn hold_overlaps(&mut self, lookup: &str, which: &str) {
        let relation = &self.relations.booking;
        let pair = |field: &str| self.pair(relation, field, "l", "s");
        let (Some((their_resource, resource)), Some((their_start, start)), Some((their_end, end))) =
            (pair("resource"), pair("starts_at"), pair("ends_at"))
        else {
            return;
        };
        let (mut ours_stands, mut theirs_stands) = (String::new(), String::new());
        if let Some((theirs, ours)) = pair("status") {
            let mut cancelled = String::new();
            self.w
                .literal(&text(relation.word("status", "cancelled")), &mut cancelled);
            ours_stands = format!(" AND ({ours} IS NULL OR {ours} <> {cancelled})");
            theirs_stands = format!(" AND ({theirs} IS NULL OR {theirs} <> {cancelled})");
        }
        let from = self.w.temporary(lookup);
        self.hold(
            BOOKINGS,
            "double booking: a live booking has its resource at that time",
            &format!(
                "{which}{ours_stands} AND EXISTS (SELECT 1 FROM {from} AS l WHERE {their_resource} = {resource} AND {their_start} < {end} AND {their_end} > {start}{theirs_stands})"
            ),
        );
    }
}
