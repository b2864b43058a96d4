//! Names the parents of rows by the keys that the parents' own rows have.
//!
//! A child may point at one part of its parent's key (`booking_id`, where the key is `club_id` and `id`), at all of it in several
//! columns, or at another column that no two parents share. All who join rows join them by whole keys, so the rows say those.
//! What names no parent, or several, stays as it stands.

use super::canonical::unpadded;
use crate::model::{Baseline, EntityKind, RawRow, Schema, Table, Target};
use std::collections::BTreeMap;

/// Writes whole keys into the rows that point at others.
pub(super) fn name(baseline: &mut Baseline, target: &Target, schema: &Schema) {
    use EntityKind::{Booking, Customer, Payment, Resource};
    let link = |child, field, parent| Link::find(target, schema, child, field, parent);
    if let Some(link) = link(Booking, "customer", Customer) {
        let keys = link.keys(baseline.customers.iter().map(|row| (&row.key, &row.raw)));
        for row in &mut baseline.bookings {
            link.resolve(&mut row.customer, &row.raw, &keys);
        }
    }
    if let Some(link) = link(Booking, "resource", Resource) {
        let keys = link.keys(baseline.resources.iter().map(|row| (&row.key, &row.raw)));
        for row in &mut baseline.bookings {
            link.resolve(&mut row.resource, &row.raw, &keys);
        }
    }
    if let Some(link) = link(Payment, "booking", Booking) {
        let keys = link.keys(baseline.bookings.iter().map(|row| (&row.key, &row.raw)));
        for row in &mut baseline.payments {
            link.resolve(&mut row.booking, &row.raw, &keys);
        }
    }
}

/// How a child's column names a parent, where it is not by the parent's whole key.
struct Link<'a> {
    parent: &'a Table,
    /// The parent's column that the child's points at.
    referenced: String,
    /// Other columns that a child shares with its parent: the rest of a composite key, the tenant.
    shared: Vec<(String, String)>,
}

/// Parents by what children call them: their keys, and what they may share.
type Keys = BTreeMap<String, Vec<(String, Vec<Option<String>>)>>;

impl<'a> Link<'a> {
    /// None: the column holds the whole key, or one of the two is not mapped.
    fn find(
        target: &Target,
        schema: &'a Schema,
        child: EntityKind,
        field: &str,
        parent: EntityKind,
    ) -> Option<Self> {
        let (child, parent) = (target.entity(child)?, target.entity(parent)?);
        let column = child.column(field)?;
        let (children, parents) = (schema.table(&child.table)?, schema.table(&parent.table)?);
        let declared = children.foreign_keys.iter().find_map(|foreign| {
            let is_parent = schema
                .table(&foreign.table)
                .is_some_and(|table| std::ptr::eq(table, parents));
            let at = foreign.columns.iter().position(|name| name == column)?;
            Some((foreign, foreign.referenced.get(at)?)).filter(|_| is_parent)
        });
        let referenced = match declared {
            Some((_, referenced)) => referenced,
            // Of a composite key the part that is its own: the last.
            None => parent.key.last()?,
        };
        if parent.key.len() == 1 && *referenced == parent.key[0] {
            return None;
        }
        let mut shared: Vec<(String, String)> = declared
            .into_iter()
            .flat_map(|(foreign, _)| {
                foreign
                    .columns
                    .iter()
                    .cloned()
                    .zip(foreign.referenced.iter().cloned())
            })
            .filter(|(ours, _)| ours != column)
            .collect();
        if let (Some(ours), Some(theirs)) = (child.column("tenant"), parent.column("tenant")) {
            shared.push((ours.to_owned(), theirs.to_owned()));
        }
        Some(Self {
            parent: parents,
            referenced: referenced.clone(),
            shared,
        })
    }

    fn keys<'r>(&self, rows: impl Iterator<Item = (&'r String, &'r RawRow)>) -> Keys {
        let mut keys = Keys::new();
        let column = self.parent.column(&self.referenced);
        for (key, raw) in rows {
            if let (Some(column), Some(Some(text))) = (column, raw.get(&self.referenced)) {
                let shared = self.shared.iter().map(|(_, theirs)| cell(raw, theirs));
                let name = unpadded(text, column).to_owned();
                keys.entry(name)
                    .or_default()
                    .push((key.clone(), shared.collect()));
            }
        }
        keys
    }

    fn resolve(&self, named: &mut Option<String>, raw: &RawRow, keys: &Keys) {
        let Some(parents) = named.as_ref().and_then(|name| keys.get(name)) else {
            return;
        };
        let ours: Vec<Option<String>> = self.shared.iter().map(|(ours, _)| cell(raw, ours)).collect();
        let agrees = |theirs: &Vec<Option<String>>| {
            ours.iter()
                .zip(theirs)
                .all(|(ours, theirs)| ours.is_none() || theirs.is_none() || ours == theirs)
        };
        let mut found = parents.iter().filter(|(_, theirs)| agrees(theirs));
        if let (Some((key, _)), None) = (found.next(), found.next()) {
            *named = Some(key.clone());
        }
    }
}

fn cell(raw: &RawRow, column: &str) -> Option<String> {
    raw.get(column).cloned().flatten()
}

#[cfg(test)]
mod tests {
    use crate::model::{Baseline, Business, ColumnMap, Currency, Dialect, Entity, Target};

    fn entity(table: &str, key: &[&str], columns: &[(&str, &str)]) -> Entity {
        let map = |column: &str| ColumnMap {
            column: column.to_owned(),
            time: None,
            major: false,
        };
        Entity {
            table: table.to_owned(),
            key: key.iter().map(|&name| name.to_owned()).collect(),
            columns: columns
                .iter()
                .map(|(field, column)| ((*field).to_owned(), map(column)))
                .collect(),
            ..Entity::default()
        }
    }

    fn read(dump: &str) -> Baseline {
        let target = Target {
            dialect: Dialect::Sqlite,
            booking: entity(
                "hours",
                &["club", "id"],
                &[("tenant", "club"), ("customer", "player"), ("resource", "court")],
            ),
            customer: Some(entity("players", &["id"], &[("name", "name"), ("phone", "card")])),
            resource: Some(entity(
                "courts",
                &["club", "no"],
                &[("tenant", "club"), ("name", "name")],
            )),
            payment: Some(entity(
                "paid",
                &["id"],
                &[
                    ("booking", "hour"),
                    ("provider_id", "charge"),
                    ("amount", "cents"),
                ],
            )),
        };
        let business = Business {
            name: "Example".to_owned(),
            zone: chrono_tz::Tz::UTC,
            country: "IE".to_owned(),
            currency: Currency::parse("eur").expect("a code"),
        };
        crate::baseline::read(dump.as_bytes(), &target, &business).expect("a dump that can be read")
    }

    const TABLES: &str = "CREATE TABLE players (id INTEGER PRIMARY KEY, name TEXT, card TEXT UNIQUE);
         CREATE TABLE courts (club INTEGER NOT NULL, no INTEGER NOT NULL, name TEXT, PRIMARY KEY (club, no));
         CREATE TABLE hours (club INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, player TEXT REFERENCES players (card), court INTEGER, PRIMARY KEY (club, id), FOREIGN KEY (club, court) REFERENCES courts (club, no));
         CREATE TABLE paid (id INTEGER PRIMARY KEY, hour TEXT REFERENCES hours (id), charge TEXT, cents INTEGER);
         INSERT INTO players VALUES (7, 'Ann', 'C-1'), (8, 'Bo', 'C-2');
         INSERT INTO courts VALUES (1, 1, 'Left'), (1, 2, 'Right'), (2, 1, 'Only');
         INSERT INTO hours VALUES (1, 'h1', 'C-2', 1), (2, 'h2', 'C-1', 1), (2, 'h3', 'C-9', 9);
         INSERT INTO paid VALUES (1, 'h2', 'ch_1', 500), (2, 'h9', 'ch_2', 500);";

    #[test]
    fn children_name_their_parents_by_whole_keys() {
        let baseline = read(TABLES);
        let hours: Vec<_> = baseline
            .bookings
            .iter()
            .map(|row| (row.key.as_str(), row.customer.as_deref(), row.resource.as_deref()))
            .collect();
        assert_eq!(
            hours,
            [
                ("1|h1", Some("8"), Some("1|1")),
                ("2|h2", Some("7"), Some("2|1")),
                // No such player, no such court: as it stands.
                ("2|h3", Some("C-9"), Some("9")),
            ]
        );
        let paid: Vec<_> = baseline
            .payments
            .iter()
            .map(|row| row.booking.as_deref())
            .collect();
        assert_eq!(paid, [Some("2|h2"), Some("h9")]);
    }

    #[test]
    fn a_part_that_several_parents_share_names_none_of_them() {
        let undeclared = TABLES
            .replace(" REFERENCES hours (id)", "")
            .replace(" UNIQUE, player", ", player")
            .replace("(2, 'h3'", "(1, 'h2'");
        let baseline = read(&undeclared);
        let paid: Vec<_> = baseline
            .payments
            .iter()
            .map(|row| row.booking.as_deref())
            .collect();
        assert_eq!(paid, [Some("h2"), Some("h9")]);
    }
}
