//! What the target's own rules would refuse, found before anything is written.

use super::changes::CHANGING;
use super::{BOOKINGS, Plan, text};
use crate::export::checks::{copied, read_check};
use crate::export::relation::{Absent, Relation, Source, UniqueKey};
use crate::export::script::{Own, Temporary, Writer};
use crate::model::TimeAs;
use std::collections::BTreeSet;

impl<W: Writer> Plan<'_, W> {
    /// New rows whose unique columns a live row has.
    pub(super) fn hold_taken(&mut self, temporary: &str, relation: &Relation<'_>, which: &str, whose: &str) {
        for unique in relation.written_uniques() {
            let taken = self.equal(unique.columns);
            let (ours, theirs) = among(unique);
            self.hold(
                temporary,
                &format!(
                    "{whose}{} is taken by another live row",
                    unique.columns.join(" and ")
                ),
                &format!(
                    "{which}{ours} AND EXISTS (SELECT 1 FROM {} AS t WHERE {taken}{theirs})",
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
            let staged = unique
                .columns
                .iter()
                .all(|column| relation.columns.contains(column));
            if !staged || !unique.columns.iter().any(moves) {
                continue;
            }
            let taken = self.equal(unique.columns);
            let (ours, theirs) = among(unique);
            self.hold(
                BOOKINGS,
                &format!("{} is taken by another live row", unique.columns.join(" and ")),
                &format!(
                    "{which}{ours} AND EXISTS (SELECT 1 FROM {} AS t WHERE {taken}{theirs} AND NOT ({}))",
                    self.w.table(&relation.name),
                    self.keyed(relation, "t", "s")
                ),
            );
        }
    }

    /// Rows whose unique expressions a live row has, or another of ours.
    pub(super) fn hold_computed(
        &mut self,
        temporary: &str,
        relation: &Relation<'_>,
        which: &str,
        whose: &str,
    ) {
        let moves = which.contains("'update'");
        for (no, (parts, only)) in relation
            .computed_uniques(|column| self.w.name(column))
            .into_iter()
            .enumerate()
        {
            if parts
                .iter()
                .map(String::as_str)
                .chain(only)
                .any(|sql| copied(sql).is_none())
            {
                continue;
            }
            let kind = relation.kind.as_str();
            let (ours, theirs) = if moves {
                (
                    format!("rebook_moved_{kind}_{no}"),
                    format!("rebook_unmoved_{kind}_{no}"),
                )
            } else {
                (
                    format!("rebook_ours_{kind}_{no}"),
                    format!("rebook_theirs_{kind}_{no}"),
                )
            };
            let spelled: Vec<String> = parts.iter().map(|part| self.w.spelled(part)).collect();
            // What an index compares without case is the same without case.
            let folded = parts
                .iter()
                .any(|part| part.to_uppercase().contains("COLLATE NOCASE"));
            let value = self.w.matching(&spelled, folded);
            let only = only.map_or_else(String::new, |only| format!(" WHERE ({only})"));
            self.create(&Temporary {
                name: &ours,
                own: &[("rebook_no", Own::Number), ("rebook_match", Own::Match)],
                like: None,
                indexes: vec![vec!["rebook_no".into()]],
            });
            self.create_lookup(&theirs, relation, &[]);
            self.lookup(&theirs, relation, &[], Some(&value), &only);
            let (from, ours, lookup) = (
                self.w.temporary(temporary),
                self.w.temporary(&ours),
                self.w.temporary(&theirs),
            );
            let and = only.replacen(" WHERE ", " AND ", 1);
            self.say(&format!(
                "INSERT INTO {ours} (rebook_no, rebook_match) SELECT s.rebook_no, {value} FROM {from} AS s WHERE {which}{and};"
            ));
            // A key of ours that is not given yet is NULL, and equals none.
            let another = if moves {
                format!(" AND NOT ({})", self.keyed(relation, "l", "s"))
            } else {
                self.say(&format!(
                    "INSERT INTO {lookup} (rebook_match) SELECT rebook_match FROM {ours} GROUP BY rebook_match HAVING count(*) > 1;"
                ));
                String::new()
            };
            self.hold(
                temporary,
                &format!("{whose}{} is taken by another row", parts.join(" and ")),
                &format!(
                    "{which} AND EXISTS (SELECT 1 FROM {ours} AS o, {lookup} AS l WHERE o.rebook_no = s.rebook_no AND l.rebook_match = o.rebook_match{another})"
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
            if let Some((name, condition)) =
                read_check(check).filter(|(_, condition)| settled(relation, condition))
            {
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
        if let Some(overlaps) = self.overlaps(lookup) {
            let reason = "double booking: a live booking has its resource at that time";
            self.hold(BOOKINGS, reason, &format!("{which} AND {overlaps}"));
        }
    }

    /// The condition that a live booking of a lookup table is in the way of a staged one.
    pub(super) fn overlaps(&self, lookup: &str) -> Option<String> {
        let relation = &self.relations.booking;
        let rules = self.relations.exclusive(self.options)?;
        let pair = |field: &str| self.pair(relation, field, "l", "s");
        let ((their_resource, resource), (their_start, start), (their_end, end)) =
            (pair("resource")?, pair("starts_at")?, pair("ends_at")?);
        let (their_start, their_end) = self.span(their_start, their_end);
        let (start, end) = self.span(start, end);
        let (mut ours_stands, mut theirs_stands) = (String::new(), String::new());
        // Each tenant numbers its own resources.
        let numbered = self
            .relations
            .resource
            .as_ref()
            .is_some_and(|parent| parent.entity.key.len() > 1);
        let of_tenant = pair("tenant").filter(|_| numbered);
        let same_tenant =
            of_tenant.map_or_else(String::new, |(theirs, ours)| format!("{theirs} = {ours} AND "));
        if let Some((theirs, ours)) = pair("status").filter(|_| !rules.cancelled) {
            let mut cancelled = String::new();
            self.w
                .literal(&text(relation.word("status", "cancelled")), &mut cancelled);
            ours_stands = format!("({ours} IS NULL OR {ours} <> {cancelled}) AND ");
            theirs_stands = format!(" AND ({theirs} IS NULL OR {theirs} <> {cancelled})");
        }
        let from = self.w.temporary(lookup);
        let or_at = if rules.touching { "=" } else { "" };
        Some(format!(
            "{ours_stands}EXISTS (SELECT 1 FROM {from} AS l WHERE {same_tenant}{their_resource} = {resource} AND {their_start} <{or_at} {end} AND {their_end} >{or_at} {start}{theirs_stands})"
        ))
    }
}

impl<W: Writer> Plan<'_, W> {
    /// Start and end, to be compared with others; an end that is kept as a length is reckoned.
    fn span(&self, start: String, end: String) -> (String, String) {
        let relation = &self.relations.booking;
        let Some(unit) = relation.entity.length_unit() else {
            return (start, end);
        };
        match relation.field("starts_at").map(|slot| slot.source) {
            Some(Source::Field(_, map)) if map.time == Some(TimeAs::Epoch) => {
                let end = format!("({start} + {} * {end})", unit.seconds());
                (start, end)
            }
            _ => self.w.span(&start, &end, unit),
        }
    }
}

/// All that a condition speaks of is staged; a column that is left to its default is NULL until it is written.
fn settled(relation: &Relation<'_>, condition: &str) -> bool {
    let words: BTreeSet<String> = condition
        .split(|char: char| !char.is_alphanumeric() && char != '_')
        .map(str::to_lowercase)
        .collect();
    // Of anything else, NULL makes nothing that is sure to be false.
    if !words.contains("null") && !words.contains("coalesce") {
        return true;
    }
    let columns = relation.table.into_iter().flat_map(|table| &table.columns);
    columns
        .filter(|column| words.contains(&column.name.to_lowercase()))
        .all(|column| {
            let slot = relation.slots.iter().find(|slot| slot.column == column.name);
            slot.is_some_and(|slot| !matches!(slot.absent, Absent::Default(_)))
        })
}

/// Conditions that hold a staged row and a live one to those that a unique key is about; a column that the load leaves
/// to its default is not known.
fn among(unique: UniqueKey<'_>) -> (String, String) {
    match unique.only.and_then(copied) {
        Some(only) => (format!(" AND ({only}) IS NOT FALSE"), format!(" AND ({only})")),
        None => (String::new(), String::new()),
    }
}
