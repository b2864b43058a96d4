//! Copies of what identifies live rows, indexed: every search in the plan stays linear, whatever indexes
//! the target itself has.

use super::Plan;
use crate::export::customers::{NAMES, match_columns};
use crate::export::relation::Relation;
use crate::export::script::{Own, Temporary, Writer};

/// What a booking without a reference is known by, by field.
const IDENTITY: [&str; 4] = ["tenant", "customer", "starts_at", "resource"];

impl<W: Writer> Plan<'_, W> {
    /// A copy of what identifies the live rows of one table, indexed.
    pub(super) fn lookup(
        &mut self,
        name: &str,
        relation: &Relation<'_>,
        fields: &[&str],
        matching: Option<&str>,
        condition: &str,
    ) {
        let (columns, _) = self.lookup_columns(relation, fields);
        let listed: Vec<String> = columns.iter().map(|column| self.w.name(column)).collect();
        let taken: Vec<String> = columns.iter().map(|column| self.col("t", column)).collect();
        let line = format!(
            "INSERT INTO {} (rebook_match, {}) SELECT {}, {} FROM {} AS t{condition};",
            self.w.temporary(name),
            listed.join(", "),
            matching.unwrap_or("NULL"),
            taken.join(", "),
            self.w.table(&relation.name)
        );
        self.say(&line);
        self.w.analyze(name, &mut self.out);
    }

    pub(super) fn create_lookup(&mut self, name: &str, relation: &Relation<'_>, fields: &[&str]) {
        let (columns, indexed) = self.lookup_columns(relation, fields);
        let mut indexes = vec![vec!["rebook_match".to_owned()], relation.entity.key.clone()];
        indexes.extend(indexed);
        self.create(&Temporary {
            name,
            own: &[("rebook_match", Own::Match)],
            like: Some((&relation.name, Some(columns))),
            indexes,
        });
    }

    pub(super) fn lookup_columns(
        &self,
        relation: &Relation<'_>,
        fields: &[&str],
    ) -> (Vec<String>, Vec<Vec<String>>) {
        let mut columns = self.keys(relation);
        for field in fields {
            if let Some(slot) = relation.field(field)
                && !columns.contains(&slot.column)
            {
                columns.push(slot.column.clone());
            }
        }
        let column = |field: &str| {
            let wanted = fields.contains(&field);
            relation
                .field(field)
                .filter(|_| wanted)
                .map(|slot| slot.column.clone())
        };
        let starts = column("starts_at");
        let indexed = [column("customer"), column("resource")]
            .into_iter()
            .flatten()
            .map(|first| std::iter::once(first).chain(starts.clone()).collect())
            .collect();
        (columns, indexed)
    }

    /// What a customer is found by: the e-mail address, with the name where households share one, else names and phone.
    pub(super) fn customer_match(&self, relation: &Relation<'_>, alias: &str) -> String {
        let plain: Vec<String> = match_columns(relation)
            .into_iter()
            .map(|at| self.w.text(&self.col(alias, &relation.columns[at])))
            .collect();
        let named = (!plain.is_empty()).then(|| self.w.matching(&plain, true));
        let Some(email) = self.field(relation, alias, "email") else {
            return named.unwrap_or_else(|| "NULL".to_owned());
        };
        let mut by_email = vec![email.clone()];
        by_email.extend(
            self.field(relation, alias, "tenant")
                .map(|tenant| self.w.text(&tenant)),
        );
        let names = NAMES.iter().filter(|_| relation.households);
        by_email.extend(
            names
                .filter_map(|name| self.field(relation, alias, name))
                .map(|name| self.w.text(&name)),
        );
        let by_email = self.w.matching(&by_email, true);
        match named {
            None => by_email,
            Some(named) => {
                format!("CASE WHEN {email} IS NOT NULL AND {email} <> '' THEN {by_email} ELSE {named} END")
            }
        }
    }

    /// What a booking is found by: its reference, which each tenant numbers for itself. NULL where it has none.
    pub(super) fn booking_match(&self, alias: &str) -> Option<String> {
        let relation = &self.relations.booking;
        let reference = self.field(relation, alias, "reference")?;
        let mut texts = vec![format!("NULLIF({}, '')", self.w.text(&reference))];
        texts.extend(
            self.field(relation, alias, "tenant")
                .map(|tenant| self.w.text(&tenant)),
        );
        Some(self.w.matching(&texts, true))
    }

    /// The charge's id, exactly as the provider writes it.
    pub(super) fn payment_match(&self, alias: &str) -> Option<String> {
        let provider = self.field(self.relations.payment.as_ref()?, alias, "provider_id")?;
        Some(self.w.matching(&[provider], false))
    }

    /// One customer, one start, one resource, at one tenant.
    pub(super) fn natural(&self, left: &str, right: &str) -> String {
        let relation = &self.relations.booking;
        let parts: Vec<String> = IDENTITY
            .iter()
            .filter_map(|field| {
                Some((
                    field,
                    self.field(relation, left, field)?,
                    self.field(relation, right, field)?,
                ))
            })
            .map(|(field, theirs, ours)| match *field {
                "resource" | "tenant" => self.w.same(&theirs, &ours),
                _ => format!("{theirs} = {ours}"),
            })
            .collect();
        parts.join(" AND ")
    }
}
