//! Rows into SQL: stage, sort, write, check. The same steps in every dialect.
//!
//! Every staged row has a `rebook_state`: undecided (NULL), `insert`, `update`, `keep` (the parent of new
//! payments), `loaded` (already as it should be), `live` (already there, and different: left as it is) or
//! `held`, with its reason. The first reason stands. A temporary table stands at most once in a
//! statement, which MySQL demands.

use super::Options;
use super::cell::Cell;
use super::customers::match_columns;
use super::relation::{Absent, Relation, Relations, Source};
use super::script::{Own, Temporary, Writer};
use super::staged::{RowAction, Staged};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Fields of a booking that may change after it was made.
const CHANGING: [&str; 7] = [
    "customer",
    "resource",
    "starts_at",
    "ends_at",
    "status",
    "total",
    "currency",
];

/// Rows and bytes of one INSERT into a temporary table: far below any server's limit on a statement.
const CHUNK_ROWS: usize = 500;
const CHUNK_BYTES: usize = 200_000;

const CUSTOMERS: &str = "rebook_customers";
const BOOKINGS: &str = "rebook_bookings";
const BOOKINGS_BEFORE: &str = "rebook_bookings_before";
const PAYMENTS: &str = "rebook_payments";
const PAYMENTS_BEFORE: &str = "rebook_payments_before";

/// Writes everything below the header.
pub(super) fn write<W: Writer>(
    relations: &Relations<'_>,
    staged: &Staged<'_>,
    writer: &W,
    options: &Options,
) -> String {
    let mut plan = Plan {
        w: writer,
        relations,
        staged,
        options,
        tables: String::new(),
        out: String::new(),
        assertions: vec![super::mysql::ENGINES.to_owned()],
    };
    plan.stage();
    plan.count();
    plan.sort_customers();
    plan.sort_changes();
    plan.sort_inserts();
    plan.write_bookings();
    plan.write_payments();
    plan.check();
    plan.tell();
    let Plan {
        tables,
        out,
        assertions,
        ..
    } = plan;
    let mut body = String::with_capacity(out.len() + tables.len() + 4096);
    body.push_str("\n-- Settings of this session alone.\n");
    writer.open(relations, &mut body);
    body.push_str("\n-- Temporary tables, typed as the target's columns are.\n");
    body.push_str(&tables);
    writer.begin(relations, &assertions, &mut body);
    body.push_str(&out);
    body.push_str("\n-- The end.\n");
    writer.close(options, assertions.len() - 1, &mut body);
    body
}

struct Plan<'a, W> {
    w: &'a W,
    relations: &'a Relations<'a>,
    staged: &'a Staged<'a>,
    options: &'a Options,
    tables: String,
    out: String,
    assertions: Vec<String>,
}

/// Columns of a live booking that identify it, by field.
const IDENTITY: [&str; 3] = ["customer", "starts_at", "resource"];

impl<W: Writer> Plan<'_, W> {
    fn say(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn title(&mut self, title: &str) {
        let _ = writeln!(self.out, "\n-- {title}");
    }

    fn require(&mut self, assertion: &str, condition: &str) {
        self.w.require(assertion, condition, &mut self.out);
        self.assertions.push(assertion.to_owned());
    }

    /// `UPDATE <temporary> AS s SET … WHERE …`
    fn set(&mut self, temporary: &str, assignments: &str, condition: &str) {
        let name = self.w.temporary(temporary);
        let _ = writeln!(
            self.out,
            "UPDATE {name} AS s SET {assignments} WHERE {condition};"
        );
    }

    fn hold(&mut self, temporary: &str, reason: &str, condition: &str) {
        let mut literal = String::new();
        self.w.literal(&Cell::Text(reason.to_owned()), &mut literal);
        self.set(
            temporary,
            &format!("rebook_state = 'held', rebook_reason = {literal}"),
            condition,
        );
    }

    fn col(&self, alias: &str, column: &str) -> String {
        format!("{alias}.{}", self.w.name(column))
    }

    /// The column of a field, if it is mapped.
    fn field(&self, relation: &Relation<'_>, alias: &str, field: &str) -> Option<String> {
        relation.field(field).map(|slot| self.col(alias, &slot.column))
    }

    fn keyed(&self, relation: &Relation<'_>, left: &str, right: &str) -> String {
        let parts: Vec<String> = relation
            .entity
            .key
            .iter()
            .map(|key| format!("{} = {}", self.col(left, key), self.col(right, key)))
            .collect();
        parts.join(" AND ")
    }

    /// All written columns are equal; one that takes its default where nothing is known may hold anything.
    fn stands(&self, relation: &Relation<'_>, left: &str, right: &str) -> String {
        let parts: Vec<String> = relation
            .slots
            .iter()
            .map(|slot| {
                let ours = self.col(right, &slot.column);
                let same = self.w.same(&self.col(left, &slot.column), &ours);
                match slot.absent {
                    Absent::Default(_) => format!("({ours} IS NULL OR {same})"),
                    _ => same,
                }
            })
            .collect();
        parts.join(" AND ")
    }

    /// The mapped columns are equal, constants aside: nobody has touched what we read.
    fn untouched(&self, relation: &Relation<'_>, left: &str, right: &str) -> String {
        let parts: Vec<String> = relation
            .slots
            .iter()
            .filter(|slot| matches!(slot.source, Source::Field(..)))
            .map(|slot| {
                self.w
                    .same(&self.col(left, &slot.column), &self.col(right, &slot.column))
            })
            .collect();
        parts.join(" AND ")
    }

    /// The key's columns, and those that children point at.
    fn keys(&self, relation: &Relation<'_>) -> Vec<String> {
        let mut keys = relation.entity.key.clone();
        keys.extend(
            self.pointed(relation)
                .filter(|column| !relation.entity.key.contains(column)),
        );
        keys
    }

    fn pointed(&self, parent: &Relation<'_>) -> impl Iterator<Item = String> {
        let of = |child: &Relation<'_>, field: &str| {
            let slot = child.field(field)?;
            Some(self.relations.parent_column(child, &slot.column, parent))
        };
        match parent.kind {
            crate::model::EntityKind::Customer => of(&self.relations.booking, "customer"),
            crate::model::EntityKind::Booking => self
                .relations
                .payment
                .as_ref()
                .and_then(|child| of(child, "booking")),
            _ => None,
        }
        .into_iter()
    }

    /// `SET` of keys from a row of a lookup table, which the condition finds.
    fn fetch(&self, relation: &Relation<'_>, lookup: &str, condition: &str) -> String {
        let from = self.w.temporary(lookup);
        let sets: Vec<String> = self
            .keys(relation)
            .iter()
            .map(|key| {
                let name = self.w.name(key);
                format!("{name} = (SELECT l.{name} FROM {from} AS l WHERE {condition} LIMIT 1)")
            })
            .collect();
        sets.join(", ")
    }

    fn create(&mut self, table: &Temporary<'_>) {
        self.w.create(table, &mut self.tables);
    }

    fn rows<'r>(
        &mut self,
        temporary: &str,
        own: &[&str],
        relation: Option<&Relation<'_>>,
        rows: impl Iterator<Item = (Vec<Cell>, &'r [Cell])>,
    ) {
        let mut columns: Vec<String> = own.iter().map(|&name| name.to_owned()).collect();
        columns.extend(
            relation
                .into_iter()
                .flat_map(|relation| &relation.columns)
                .map(|column| self.w.name(column)),
        );
        let head = format!(
            "INSERT INTO {} ({}) VALUES",
            self.w.temporary(temporary),
            columns.join(", ")
        );
        let (mut count, mut begun) = (0, self.out.len());
        for (mine, cells) in rows {
            if count == 0 {
                begun = self.out.len();
                self.out.push_str(&head);
            } else {
                self.out.push(',');
            }
            self.out.push_str("\n(");
            for (at, cell) in mine.iter().chain(cells).enumerate() {
                if at > 0 {
                    self.out.push_str(", ");
                }
                self.w.literal(cell, &mut self.out);
            }
            self.out.push(')');
            count += 1;
            if count == CHUNK_ROWS || self.out.len() - begun > CHUNK_BYTES {
                self.out.push_str(";\n");
                count = 0;
            }
        }
        if count > 0 {
            self.out.push_str(";\n");
        }
        self.w.analyze(temporary, &mut self.out);
    }

    /// Puts the rows into temporary tables, and makes sure that the file is whole.
    fn stage(&mut self) {
        let (relations, staged) = (self.relations, self.staged);
        self.title("The rows, as the records tell them.");
        self.create(&Temporary {
            name: "rebook_held",
            own: &[
                ("rebook_id", Own::Text),
                ("rebook_reference", Own::Text),
                ("rebook_payment", Own::Text),
                ("rebook_reason", Own::Text),
            ],
            like: None,
            indexes: Vec::new(),
        });
        let held = staged.held.iter().map(|held| {
            let own = vec![
                text(held.booking.as_str()),
                shown(held.reference.as_deref()),
                shown(held.payment.as_deref()),
                shown(Some(&held.reason)),
            ];
            (own, &[][..])
        });
        self.rows(
            "rebook_held",
            &["rebook_id", "rebook_reference", "rebook_payment", "rebook_reason"],
            None,
            held,
        );
        if let Some(relation) = &relations.customer {
            self.stage_customers(relation);
        }
        self.stage_bookings();
        if let Some(relation) = &relations.payment {
            self.stage_payments(relation);
        }
    }

    fn stage_customers(&mut self, relation: &Relation<'_>) {
        self.create(&Temporary {
            name: CUSTOMERS,
            own: &[
                ("rebook_no", Own::Number),
                ("rebook_known", Own::Number),
                ("rebook_match", Own::Match),
                ("rebook_found", Own::Number),
                ("rebook_state", Own::Text),
                ("rebook_reason", Own::Text),
            ],
            like: Some((&relation.name, None)),
            indexes: vec![vec!["rebook_no".into()]],
        });
        let rows = self.staged.customers.iter().filter_map(|row| {
            let cells = row.cells.as_ref().ok()?;
            Some((
                vec![number(row.no), number(usize::from(row.known))],
                cells.as_slice(),
            ))
        });
        self.rows(CUSTOMERS, &["rebook_no", "rebook_known"], Some(relation), rows);
        let matching = self.customer_match(relation, "s");
        self.set(
            CUSTOMERS,
            &format!("rebook_match = {matching}"),
            "s.rebook_known = 0",
        );
        let expected = self.staged.customers.len();
        let from = self.w.temporary(CUSTOMERS);
        self.require(
            "all_customers_of_the_file_are_staged",
            &format!("(SELECT count(*) FROM {from}) = {expected}"),
        );
    }

    fn stage_bookings(&mut self) {
        let relation = &self.relations.booking;
        let staged = self.staged;
        self.create(&Temporary {
            name: BOOKINGS,
            own: &[
                ("rebook_no", Own::Number),
                ("rebook_id", Own::Text),
                ("rebook_reference", Own::Text),
                ("rebook_action", Own::Text),
                ("rebook_customer", Own::Number),
                ("rebook_twin", Own::Number),
                ("rebook_match", Own::Match),
                ("rebook_state", Own::Text),
                ("rebook_reason", Own::Text),
            ],
            like: Some((&relation.name, None)),
            indexes: vec![vec!["rebook_no".into()], vec!["rebook_customer".into()]],
        });
        self.create(&Temporary {
            name: BOOKINGS_BEFORE,
            own: &[("rebook_no", Own::Number)],
            like: Some((&relation.name, None)),
            indexes: vec![vec!["rebook_no".into()]],
        });
        let own = [
            "rebook_no",
            "rebook_id",
            "rebook_reference",
            "rebook_action",
            "rebook_customer",
            "rebook_twin",
        ];
        let rows = staged.bookings.iter().map(|row| {
            let action = match row.action {
                RowAction::Insert => "insert",
                RowAction::Update => "update",
                RowAction::Keep => "keep",
            };
            let own = vec![
                number(row.no),
                text(row.booking.id.as_str()),
                shown(row.booking.reference.as_deref()),
                text(action),
                row.customer.map_or(Cell::Null, number),
                number(usize::from(row.twin)),
            ];
            (own, row.cells.as_slice())
        });
        self.rows(BOOKINGS, &own, Some(relation), rows);
        let before = staged
            .bookings
            .iter()
            .filter_map(|row| Some((vec![number(row.no)], row.before.as_deref()?)));
        self.rows(BOOKINGS_BEFORE, &["rebook_no"], Some(relation), before);
        if let Some(reference) = self.field(relation, "s", "reference") {
            let matching = self.w.matching(&[reference], true);
            self.set(
                BOOKINGS,
                &format!("rebook_match = {matching}"),
                "s.rebook_action = 'insert'",
            );
        }
        let from = self.w.temporary(BOOKINGS);
        self.require(
            "all_bookings_of_the_file_are_staged",
            &format!("(SELECT count(*) FROM {from}) = {}", staged.bookings.len()),
        );
        let totals = staged.bookings.iter().map(|row| &row.cells);
        self.require_sum(relation, "total", BOOKINGS, totals, "the_totals_add_up");
    }

    fn stage_payments(&mut self, relation: &Relation<'_>) {
        let staged = self.staged;
        self.create(&Temporary {
            name: PAYMENTS,
            own: &[
                ("rebook_no", Own::Number),
                ("rebook_id", Own::Text),
                ("rebook_reference", Own::Text),
                ("rebook_payment", Own::Text),
                ("rebook_booking", Own::Number),
                ("rebook_match", Own::Match),
                ("rebook_state", Own::Text),
                ("rebook_reason", Own::Text),
            ],
            like: Some((&relation.name, None)),
            indexes: vec![vec!["rebook_no".into()], vec!["rebook_booking".into()]],
        });
        self.create(&Temporary {
            name: PAYMENTS_BEFORE,
            own: &[("rebook_no", Own::Number)],
            like: Some((&relation.name, None)),
            indexes: vec![vec!["rebook_no".into()]],
        });
        let own = [
            "rebook_no",
            "rebook_id",
            "rebook_reference",
            "rebook_payment",
            "rebook_booking",
        ];
        let rows = staged.payments.iter().enumerate().map(|(no, row)| {
            let own = vec![
                number(no),
                text(row.owner.id.as_str()),
                shown(row.owner.reference.as_deref()),
                shown(Some(&row.payment.id)),
                row.booking.map_or(Cell::Null, number),
            ];
            (own, row.cells.as_slice())
        });
        self.rows(PAYMENTS, &own, Some(relation), rows);
        let before = staged
            .payments
            .iter()
            .enumerate()
            .filter_map(|(no, row)| Some((vec![number(no)], row.before.as_deref()?)));
        self.rows(PAYMENTS_BEFORE, &["rebook_no"], Some(relation), before);
        if let Some(provider) = self.field(relation, "s", "provider_id") {
            let matching = self.w.matching(&[provider], false);
            self.set(
                PAYMENTS,
                &format!("rebook_match = {matching}"),
                "s.rebook_booking IS NOT NULL",
            );
        }
        let from = self.w.temporary(PAYMENTS);
        self.require(
            "all_payments_of_the_file_are_staged",
            &format!("(SELECT count(*) FROM {from}) = {}", staged.payments.len()),
        );
        let amounts = staged.payments.iter().map(|row| &row.cells);
        self.require_sum(relation, "amount", PAYMENTS, amounts, "the_amounts_add_up");
    }

    /// The staged sum of a money column is the one that was exported.
    fn require_sum<'r>(
        &mut self,
        relation: &Relation<'_>,
        field: &str,
        temporary: &str,
        rows: impl Iterator<Item = &'r Vec<Cell>>,
        assertion: &str,
    ) {
        let Some(slot) = relation.field(field) else { return };
        let Some(at) = relation.position(&slot.column) else {
            return;
        };
        let mut sum = Decimal::default();
        for cells in rows {
            match &cells[at] {
                Cell::Text(text) | Cell::Number(text) => match sum.plus(text) {
                    Some(more) => sum = more,
                    // The backup's own spelling of money, which is not for us to read: `$1,200.00`.
                    None => return,
                },
                Cell::Null | Cell::Bytes(_) => {}
            }
        }
        let (column, from) = (self.col("s", &slot.column), self.w.temporary(temporary));
        self.require(
            assertion,
            &format!("(SELECT abs(coalesce(sum({column}), 0) - ({sum})) < 0.0005 FROM {from} AS s)"),
        );
    }

    /// What a customer is found by: the e-mail address, else names and phone.
    fn customer_match(&self, relation: &Relation<'_>, alias: &str) -> String {
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
        let by_email = self.w.matching(&by_email, true);
        match named {
            None => by_email,
            Some(named) => {
                format!("CASE WHEN {email} IS NOT NULL AND {email} <> '' THEN {by_email} ELSE {named} END")
            }
        }
    }

    /// Remembers how many rows there are before anything is written.
    fn count(&mut self) {
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
                .field(relation, "t", "amount")
                .map_or("0".to_owned(), |amount| format!("coalesce(sum({amount}), 0)"));
            let line = format!(
                "INSERT INTO {counts} SELECT '{}', count(*), {sum} FROM {} AS t;",
                relation.kind.as_str(),
                self.w.table(&relation.name)
            );
            self.say(&line);
        }
    }

    /// A copy of what identifies the live rows of one table, indexed.
    fn lookup(
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

    fn create_lookup(&mut self, name: &str, relation: &Relation<'_>, fields: &[&str]) {
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

    fn lookup_columns(&self, relation: &Relation<'_>, fields: &[&str]) -> (Vec<String>, Vec<Vec<String>>) {
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

    fn sort_customers(&mut self) {
        let Some(relation) = &self.relations.customer else {
            return;
        };
        self.title("Customers: those of the backup must still be who they were; new ones may have come back already.");
        self.create_lookup("rebook_live_customers", relation, &[]);
        self.create_lookup("rebook_new_customers", relation, &[]);
        let matching = self.customer_match(relation, "t");
        self.lookup("rebook_live_customers", relation, &[], Some(&matching), "");
        let live = self.w.temporary("rebook_live_customers");

        let names: Vec<(String, String)> = ["email", "name", "first_name", "last_name", "phone"]
            .iter()
            .filter_map(|field| {
                Some((
                    self.field(relation, "t", field)?,
                    self.field(relation, "s", field)?,
                ))
            })
            .collect();
        let alike: Vec<String> = names
            .iter()
            .map(|(live, ours)| format!("{live} = {ours}"))
            .collect();
        let nameless: Vec<String> = names.iter().map(|(_, ours)| format!("{ours} IS NULL")).collect();
        self.hold(
            CUSTOMERS,
            "its customer is gone, or is somebody else now",
            &format!(
                "s.rebook_known = 1 AND NOT EXISTS (SELECT 1 FROM {} AS t WHERE {} AND ({} OR ({})))",
                self.w.table(&relation.name),
                self.keyed(relation, "t", "s"),
                alike.join(" OR "),
                nameless.join(" AND ")
            ),
        );
        self.set(
            CUSTOMERS,
            "rebook_state = 'live'",
            "s.rebook_known = 1 AND s.rebook_state IS NULL",
        );
        self.set(
            CUSTOMERS,
            &format!(
                "rebook_found = (SELECT count(*) FROM {live} AS l WHERE l.rebook_match = s.rebook_match)"
            ),
            "s.rebook_known = 0",
        );
        self.hold(
            CUSTOMERS,
            "several live customers could be its customer",
            "s.rebook_known = 0 AND s.rebook_found > 1",
        );
        let fetched = self.fetch(
            relation,
            "rebook_live_customers",
            "l.rebook_match = s.rebook_match",
        );
        self.set(
            CUSTOMERS,
            &format!("rebook_state = 'live', {fetched}"),
            "s.rebook_known = 0 AND s.rebook_found = 1",
        );
        let undecided = "s.rebook_state IS NULL";
        self.hold_what_constraints_refuse(CUSTOMERS, relation, undecided, "its customer: ");
    }

    /// Unique columns that are taken, parents that are gone, and checks, as the backup's schema has them.
    fn hold_what_constraints_refuse(
        &mut self,
        temporary: &str,
        relation: &Relation<'_>,
        which: &str,
        whose: &str,
    ) {
        for unique in relation.written_uniques() {
            let taken: Vec<String> = unique
                .iter()
                .map(|column| format!("{} = {}", self.col("t", column), self.col("s", column)))
                .collect();
            self.hold(
                temporary,
                &format!("{whose}{} is taken by another live row", unique.join(" and ")),
                &format!(
                    "{which} AND EXISTS (SELECT 1 FROM {} AS t WHERE {})",
                    self.w.table(&relation.name),
                    taken.join(" AND ")
                ),
            );
        }
        self.hold_orphans(temporary, relation, which, whose);
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

    fn hold_orphans(&mut self, temporary: &str, relation: &Relation<'_>, which: &str, whose: &str) {
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

    /// Bookings of the backup: compare and set.
    fn sort_changes(&mut self) {
        let relation = &self.relations.booking;
        let target = self.w.table(&relation.name);
        let keyed = self.keyed(relation, "t", "s");
        self.title("Bookings of the backup: changed only where the row still is as the backup had it.");
        let of_backup = "s.rebook_action <> 'insert'";
        self.hold(
            BOOKINGS,
            "deleted since the backup",
            &format!("{of_backup} AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed})"),
        );
        let undecided = "s.rebook_action = 'update' AND s.rebook_state IS NULL";
        let stands = self.untouched(relation, "t", "s");
        self.set(
            BOOKINGS,
            "rebook_state = 'loaded'",
            &format!("{undecided} AND EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {stands})"),
        );
        let before = self.w.temporary(BOOKINGS_BEFORE);
        let untouched = self.untouched(relation, "t", "o");
        self.set(
            BOOKINGS,
            "rebook_state = 'update'",
            &format!(
                "{undecided} AND EXISTS (SELECT 1 FROM {target} AS t, {before} AS o WHERE {keyed} AND o.rebook_no = s.rebook_no AND {untouched})"
            ),
        );
        self.hold(
            BOOKINGS,
            "changed since the backup, by somebody else too",
            undecided,
        );
        let same: Vec<String> = ["reference", "customer"]
            .iter()
            .filter_map(|field| {
                Some(self.w.same(
                    &self.field(relation, "t", field)?,
                    &self.field(relation, "s", field)?,
                ))
            })
            .collect();
        let same = if same.is_empty() {
            "1 = 1".to_owned()
        } else {
            same.join(" AND ")
        };
        self.set(
            BOOKINGS,
            "rebook_state = 'keep'",
            &format!(
                "s.rebook_action = 'keep' AND s.rebook_state IS NULL AND EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {same})"
            ),
        );
        self.hold(
            BOOKINGS,
            "its row in the backup belongs to another booking now",
            "s.rebook_action = 'keep' AND s.rebook_state IS NULL",
        );
        let updates = "s.rebook_state = 'update'";
        self.hold_orphans(BOOKINGS, relation, updates, "");
        for check in relation.table.into_iter().flat_map(|table| &table.checks) {
            if let Some((name, condition)) = read_check(check) {
                self.hold(
                    BOOKINGS,
                    &format!("the table's rule {name} refuses it"),
                    &format!("{updates} AND NOT ({condition})"),
                );
            }
        }
        if self.exclusive() {
            self.create_lookup(
                "rebook_other_bookings",
                relation,
                &["resource", "starts_at", "ends_at", "status"],
            );
            let others = self.w.temporary(BOOKINGS);
            // What this file moves away is out of the way, and does not move into it: the rebuilt bookings agree.
            let condition = format!(
                " WHERE NOT EXISTS (SELECT 1 FROM {others} AS s WHERE {keyed} AND s.rebook_state = 'update')"
            );
            self.lookup(
                "rebook_other_bookings",
                relation,
                &["resource", "starts_at", "ends_at", "status"],
                None,
                &condition,
            );
            self.hold_overlaps("rebook_other_bookings", updates);
        }
        let columns: Vec<String> = CHANGING
            .iter()
            .filter_map(|field| relation.field(field))
            .map(|slot| slot.column.clone())
            .collect();
        self.w.update(
            &relation.name,
            BOOKINGS,
            &columns,
            &format!("{keyed} AND s.rebook_state = 'update'"),
            &mut self.out,
        );
    }

    fn exclusive(&self) -> bool {
        let relation = &self.relations.booking;
        let declared = relation.table.is_some_and(|table| {
            table
                .checks
                .iter()
                .any(|check| check.to_uppercase().contains("EXCLUDE"))
        });
        (self.options.exclusive_resources || declared)
            && ["resource", "starts_at", "ends_at"]
                .iter()
                .all(|field| relation.field(field).is_some())
    }

    fn hold_overlaps(&mut self, lookup: &str, which: &str) {
        let relation = &self.relations.booking;
        let pair = |field: &str| {
            Some((
                self.field(relation, "l", field)?,
                self.field(relation, "s", field)?,
            ))
        };
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

    /// New bookings: which are live already, which would collide, which go in.
    fn sort_inserts(&mut self) {
        let relation = &self.relations.booking;
        self.title("New bookings: found by reference, else by customer, start and resource.");
        if let (Some(customers), Some(slot)) = (&self.relations.customer, relation.field("customer")) {
            let from = self.w.temporary(CUSTOMERS);
            let parent = self.relations.parent_column(relation, &slot.column, customers);
            let column = self.w.name(&slot.column);
            self.set(
                BOOKINGS,
                &format!(
                    "{column} = (SELECT c.{} FROM {from} AS c WHERE c.rebook_no = s.rebook_customer)",
                    self.w.name(&parent)
                ),
                "s.rebook_customer IS NOT NULL",
            );
            let of = "c.rebook_no = s.rebook_customer AND c.rebook_state = 'held'";
            self.set(
                BOOKINGS,
                &format!("rebook_state = 'held', rebook_reason = (SELECT c.rebook_reason FROM {from} AS c WHERE {of})"),
                &format!("s.rebook_customer IS NOT NULL AND EXISTS (SELECT 1 FROM {from} AS c WHERE {of})"),
            );
        }
        let fields = ["customer", "resource", "starts_at", "ends_at", "status"];
        self.create_lookup("rebook_live_bookings", relation, &fields);
        self.create_lookup("rebook_new_bookings", relation, &fields);
        let matching = self.booking_match("t");
        self.lookup("rebook_live_bookings", relation, &fields, matching.as_deref(), "");
        let live = self.w.temporary("rebook_live_bookings");
        let undecided = "s.rebook_action = 'insert' AND s.rebook_state IS NULL";

        if matching.is_some() {
            let same = self.same_booking();
            let fetched = self.fetch(relation, "rebook_live_bookings", &same);
            self.set(
                BOOKINGS,
                &format!("rebook_state = 'live', {fetched}"),
                &format!("{undecided} AND EXISTS (SELECT 1 FROM {live} AS l WHERE {same})"),
            );
            self.hold(
                BOOKINGS,
                "its reference has been given to another booking",
                &format!(
                    "{undecided} AND EXISTS (SELECT 1 FROM {live} AS l WHERE l.rebook_match = s.rebook_match)"
                ),
            );
        }
        let natural = self.natural("l", "s");
        let unnamed = format!("{undecided} AND s.rebook_match IS NULL");
        self.hold(
            BOOKINGS,
            "several live bookings have its customer, start and resource",
            &format!("{unnamed} AND (SELECT count(*) FROM {live} AS l WHERE {natural}) > 1"),
        );
        let fetched = self.fetch(relation, "rebook_live_bookings", &natural);
        self.set(
            BOOKINGS,
            &format!("rebook_state = 'live', {fetched}"),
            &format!("{unnamed} AND EXISTS (SELECT 1 FROM {live} AS l WHERE {natural})"),
        );
        if self.field(relation, "s", "customer").is_some() {
            self.hold(
                BOOKINGS,
                "its customer has a live booking of that resource at that time, under another reference",
                &format!(
                    "{undecided} AND s.rebook_twin = 0 AND EXISTS (SELECT 1 FROM {live} AS l WHERE {natural})"
                ),
            );
        }
        self.hold_paid_elsewhere(undecided);
        self.hold_what_constraints_refuse(BOOKINGS, relation, undecided, "");
        if self.exclusive() {
            self.hold_overlaps("rebook_live_bookings", undecided);
        }
        self.set(BOOKINGS, "rebook_state = 'insert'", undecided);

        let stands = self.stands(relation, "t", "s");
        let keyed = self.keyed(relation, "t", "s");
        let target = self.w.table(&relation.name);
        self.set(
            BOOKINGS,
            "rebook_state = 'loaded'",
            &format!(
                "s.rebook_state = 'live' AND EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {stands})"
            ),
        );
        self.set(
            BOOKINGS,
            "rebook_reason = 'live already, and different now: left as it is'",
            "s.rebook_state = 'live'",
        );
    }

    fn booking_match(&self, alias: &str) -> Option<String> {
        let reference = self.field(&self.relations.booking, alias, "reference")?;
        Some(self.w.matching(&[reference], true))
    }

    /// A live booking with our reference is ours if customer and start agree.
    fn same_booking(&self) -> String {
        let relation = &self.relations.booking;
        let mut parts = vec!["l.rebook_match = s.rebook_match".to_owned()];
        for field in ["customer", "starts_at"] {
            if let (Some(theirs), Some(ours)) =
                (self.field(relation, "l", field), self.field(relation, "s", field))
            {
                parts.push(self.w.same(&theirs, &ours));
            }
        }
        parts.join(" AND ")
    }

    fn natural(&self, left: &str, right: &str) -> String {
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
                "resource" => self.w.same(&theirs, &ours),
                _ => format!("{theirs} = {ours}"),
            })
            .collect();
        parts.join(" AND ")
    }

    /// A charge that is live already pays for a live booking: somebody has entered this one again by hand.
    fn hold_paid_elsewhere(&mut self, undecided: &str) {
        let Some(relation) = &self.relations.payment else {
            return;
        };
        self.create_lookup(
            "rebook_live_payments",
            relation,
            &["booking", "amount", "refunded"],
        );
        let matching = self
            .field(relation, "t", "provider_id")
            .map(|provider| self.w.matching(&[provider], false));
        self.lookup(
            "rebook_live_payments",
            relation,
            &["booking", "amount", "refunded"],
            matching.as_deref(),
            "",
        );
        let (ours, live) = (
            self.w.temporary(PAYMENTS),
            self.w.temporary("rebook_live_payments"),
        );
        self.hold(
            BOOKINGS,
            "its payment stands on another live booking",
            &format!(
                "{undecided} AND EXISTS (SELECT 1 FROM {ours} AS p, {live} AS l WHERE p.rebook_booking = s.rebook_no AND l.rebook_match = p.rebook_match)"
            ),
        );
    }

    /// New customers, then new bookings, and the keys that the database gave them.
    fn write_bookings(&mut self) {
        self.title("New rows; the database gives the keys.");
        let relation = &self.relations.booking;
        if let Some(customers) = &self.relations.customer {
            let bookings = self.w.temporary(BOOKINGS);
            self.set(
                CUSTOMERS,
                "rebook_state = 'insert'",
                &format!(
                    "s.rebook_state IS NULL AND EXISTS (SELECT 1 FROM {bookings} AS b WHERE b.rebook_customer = s.rebook_no AND b.rebook_state = 'insert')"
                ),
            );
            let cells: Vec<&Vec<Cell>> = self
                .staged
                .customers
                .iter()
                .filter(|row| !row.known)
                .filter_map(|row| row.cells.as_ref().ok())
                .collect();
            self.insert(customers, CUSTOMERS, &cells);
            let matching = self.customer_match(customers, "t");
            self.learn_keys(
                customers,
                CUSTOMERS,
                "rebook_live_customers",
                "rebook_new_customers",
                &[],
                Some(&matching),
                "l.rebook_match = s.rebook_match",
            );
            if let Some(slot) = relation.field("customer") {
                let from = self.w.temporary(CUSTOMERS);
                let parent = self.relations.parent_column(relation, &slot.column, customers);
                let column = self.w.name(&slot.column);
                self.set(
                    BOOKINGS,
                    &format!(
                        "{column} = (SELECT c.{} FROM {from} AS c WHERE c.rebook_no = s.rebook_customer)",
                        self.w.name(&parent)
                    ),
                    &format!(
                        "s.rebook_state = 'insert' AND s.rebook_customer IS NOT NULL AND s.{column} IS NULL"
                    ),
                );
            }
        }
        let cells: Vec<&Vec<Cell>> = self
            .staged
            .bookings
            .iter()
            .filter(|row| row.action == RowAction::Insert)
            .map(|row| &row.cells)
            .collect();
        self.insert(relation, BOOKINGS, &cells);
        let matching = self.booking_match("t");
        let found = if matching.is_some() {
            format!(
                "(l.rebook_match = s.rebook_match OR (s.rebook_match IS NULL AND l.rebook_match IS NULL AND {}))",
                self.natural("l", "s")
            )
        } else {
            self.natural("l", "s")
        };
        let fields = ["customer", "resource", "starts_at", "ends_at", "status"];
        self.learn_keys(
            relation,
            BOOKINGS,
            "rebook_live_bookings",
            "rebook_new_bookings",
            &fields,
            matching.as_deref(),
            &found,
        );
    }

    fn insert(&mut self, relation: &Relation<'_>, temporary: &str, rows: &[&Vec<Cell>]) {
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for slot in &relation.slots {
            columns.push(self.w.name(&slot.column));
            let column = self.col("s", &slot.column);
            let lacking = relation
                .position(&slot.column)
                .is_some_and(|at| rows.iter().any(|cells| cells[at].is_null()));
            values.push(match slot.absent {
                Absent::Default(default) if lacking => format!("coalesce({column}, {default})"),
                _ => column,
            });
        }
        let line = format!(
            "INSERT INTO {} ({}) SELECT {} FROM {} AS s WHERE s.rebook_state = 'insert' ORDER BY s.rebook_no;",
            self.w.table(&relation.name),
            columns.join(", "),
            values.join(", "),
            self.w.temporary(temporary)
        );
        self.say(&line);
    }

    /// Reads back the keys of the rows that were not there before.
    #[expect(clippy::too_many_arguments, reason = "one table's lookup, in full")]
    fn learn_keys(
        &mut self,
        relation: &Relation<'_>,
        temporary: &str,
        live: &str,
        new: &str,
        fields: &[&str],
        matching: Option<&str>,
        found: &str,
    ) {
        let condition = format!(
            " WHERE NOT EXISTS (SELECT 1 FROM {} AS l WHERE {})",
            self.w.temporary(live),
            self.keyed(relation, "l", "t")
        );
        self.lookup(new, relation, fields, matching, &condition);
        let fetched = self.fetch(relation, new, found);
        self.set(temporary, &fetched, "s.rebook_state = 'insert'");
    }

    fn write_payments(&mut self) {
        let Some(relation) = &self.relations.payment else {
            return;
        };
        self.title("Payments follow their bookings; a refund is set where the payment still is as the backup had it.");
        let bookings = &self.relations.booking;
        let Some(slot) = relation.field("booking") else {
            return;
        };
        let from = self.w.temporary(BOOKINGS);
        let parent = self
            .w
            .name(&self.relations.parent_column(relation, &slot.column, bookings));
        let column = self.w.name(&slot.column);
        let of = "b.rebook_no = s.rebook_booking AND b.rebook_state <> 'held'";
        let new = "s.rebook_booking IS NOT NULL";
        self.set(
            PAYMENTS,
            &format!("{column} = (SELECT b.{parent} FROM {from} AS b WHERE {of})"),
            new,
        );
        self.hold(
            PAYMENTS,
            "its booking is held",
            &format!("{new} AND s.{column} IS NULL"),
        );

        let live = self.w.temporary("rebook_live_payments");
        let undecided = "s.rebook_booking IS NOT NULL AND s.rebook_state IS NULL";
        let same: Vec<String> = ["booking", "amount", "refunded"]
            .iter()
            .filter_map(|field| {
                Some(self.w.same(
                    &self.field(relation, "l", field)?,
                    &self.field(relation, "s", field)?,
                ))
            })
            .collect();
        let found = "l.rebook_match = s.rebook_match";
        self.set(
            PAYMENTS,
            "rebook_state = 'loaded'",
            &format!(
                "{undecided} AND EXISTS (SELECT 1 FROM {live} AS l WHERE {found} AND {})",
                same.join(" AND ")
            ),
        );
        self.hold(
            PAYMENTS,
            "live already, on another booking or with another amount",
            &format!("{undecided} AND EXISTS (SELECT 1 FROM {live} AS l WHERE {found})"),
        );
        self.hold_what_constraints_refuse(PAYMENTS, relation, undecided, "");
        self.set(PAYMENTS, "rebook_state = 'insert'", undecided);
        let cells: Vec<&Vec<Cell>> = self
            .staged
            .payments
            .iter()
            .filter(|row| row.booking.is_some())
            .map(|row| &row.cells)
            .collect();
        self.insert(relation, PAYMENTS, &cells);
        self.write_refunds(relation);
    }

    fn write_refunds(&mut self, relation: &Relation<'_>) {
        let Some(slot) = relation.field("refunded") else {
            return;
        };
        let target = self.w.table(&relation.name);
        let keyed = self.keyed(relation, "t", "s");
        let undecided = "s.rebook_booking IS NULL AND s.rebook_state IS NULL";
        let stands = self.untouched(relation, "t", "s");
        self.set(
            PAYMENTS,
            "rebook_state = 'loaded'",
            &format!("{undecided} AND EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {stands})"),
        );
        let before = self.w.temporary(PAYMENTS_BEFORE);
        let untouched = self.untouched(relation, "t", "o");
        self.set(
            PAYMENTS,
            "rebook_state = 'update'",
            &format!(
                "{undecided} AND EXISTS (SELECT 1 FROM {target} AS t, {before} AS o WHERE {keyed} AND o.rebook_no = s.rebook_no AND {untouched})"
            ),
        );
        self.hold(
            PAYMENTS,
            "the payment was changed or deleted since the backup",
            undecided,
        );
        self.w.update(
            &relation.name,
            PAYMENTS,
            std::slice::from_ref(&slot.column),
            &format!("{keyed} AND s.rebook_state = 'update'"),
            &mut self.out,
        );
    }

    /// All that was planned stands, and nothing else changed.
    fn check(&mut self) {
        self.title("What must hold now, or nothing is loaded.");
        let relations = self.relations;
        let counts = self.w.temporary("rebook_counts");
        for relation in relations.written() {
            let (temporary, kind) = match relation.kind {
                crate::model::EntityKind::Customer => (CUSTOMERS, "customers"),
                crate::model::EntityKind::Payment => (PAYMENTS, "payments"),
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
            if let Some(amount) = self.field(relation, "t", "amount") {
                let ours = self.field(relation, "s", "amount").unwrap_or_default();
                self.require(
                    "money_grew_by_what_was_inserted",
                    &format!(
                        "(SELECT abs(coalesce(sum({amount}), 0) - {} - (SELECT coalesce(sum({ours}), 0) FROM {from} AS s WHERE s.rebook_state = 'insert')) < 0.0005 FROM {target} AS t)",
                        before("rebook_sum")
                    ),
                );
            }
            let stands = self.stands(relation, "t", "s");
            // A payment's key is not read back; it is found by the provider's id.
            let inserted =
                match self
                    .field(relation, "t", "provider_id")
                    .zip(self.field(relation, "s", "provider_id"))
                {
                    Some((theirs, ours)) => format!("{theirs} = {ours}"),
                    None => self.keyed(relation, "t", "s"),
                };
            self.require(
                &format!("all_new_{kind}_stand"),
                &format!(
                    "NOT EXISTS (SELECT 1 FROM {from} AS s WHERE s.rebook_state = 'insert' AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {inserted} AND {stands}))"
                ),
            );
            if relation.kind != crate::model::EntityKind::Customer {
                let (keyed, untouched) = (self.keyed(relation, "t", "s"), self.untouched(relation, "t", "s"));
                self.require(
                    &format!("all_changed_{kind}_stand"),
                    &format!(
                        "NOT EXISTS (SELECT 1 FROM {from} AS s WHERE s.rebook_state = 'update' AND NOT EXISTS (SELECT 1 FROM {target} AS t WHERE {keyed} AND {untouched}))"
                    ),
                );
            }
        }
    }

    /// What was done, and what was not.
    fn tell(&mut self) {
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
        let listed = |table: &str, payment: &str| {
            format!(
                "SELECT rebook_id AS held, rebook_reference AS reference, {payment} AS payment, rebook_reason AS reason FROM {}",
                self.w.temporary(table)
            )
        };
        let mut lists = vec![
            listed("rebook_held", "rebook_payment"),
            format!("{} WHERE rebook_reason IS NOT NULL", listed(BOOKINGS, "NULL")),
        ];
        if self.relations.payment.is_some() {
            lists.push(format!(
                "{} WHERE rebook_reason IS NOT NULL",
                listed(PAYMENTS, "rebook_payment")
            ));
        }
        let line = format!("{} ORDER BY 1, 3;", lists.join(" UNION ALL "));
        self.say(&line);
    }
}

fn number(number: usize) -> Cell {
    Cell::Number(number.to_string())
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// Text that is only shown: what no database can hold is taken out.
fn shown(text: Option<&str>) -> Cell {
    text.map_or(Cell::Null, |text| {
        Cell::Text(text.chars().filter(|char| *char != '\0').collect())
    })
}

/// The name and the condition of a CHECK constraint as the schema writes it; None for one that is not a plain condition.
fn read_check(check: &str) -> Option<(String, String)> {
    // What a client program could take for its own is not copied into the file.
    if check.contains(['\\', ';', '\n', '\r']) || check.contains("--") {
        return None;
    }
    let at = check.to_ascii_uppercase().find("CHECK")?;
    let name: String = check[..at]
        .split_whitespace()
        .last()
        .map_or("of this column", |name| name.trim_matches(['"', '`']))
        .to_owned();
    let rest = check[at + "CHECK".len()..].trim_start();
    let mut depth = 0usize;
    let mut quoted = None;
    for (end, char) in rest.char_indices() {
        match (quoted, char) {
            (Some(sign), _) if char == sign => quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quoted = Some(char),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some((name, rest[1..end].to_owned()));
                }
            }
            (None, _) if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// A sum of decimal texts, exact.
#[derive(Debug, Clone, Copy, Default)]
struct Decimal {
    /// In millionths.
    micros: i128,
}

impl Decimal {
    fn plus(self, text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('-').unwrap_or(text.trim());
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 18 || part.len() > 6 || !plain(whole) || !plain(part) {
            return None;
        }
        let micros: i128 = format!("{whole}{part:0<6}").parse().ok()?;
        let sign = if text.trim().starts_with('-') { -1 } else { 1 };
        Some(Self {
            micros: self.micros + sign * micros,
        })
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.micros < 0 { "-" } else { "" };
        let micros = self.micros.unsigned_abs();
        write!(f, "{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_gives_its_name_and_its_condition() {
        let read = |check: &str| read_check(check).map(|(name, condition)| format!("{name}: {condition}"));
        assert_eq!(
            read("CONSTRAINT ends_later CHECK ((ends_on > starts_on))").as_deref(),
            Some("ends_later: (ends_on > starts_on)")
        );
        assert_eq!(
            read("CHECK (`a` <> ')')").as_deref(),
            Some("of this column: `a` <> ')'")
        );
        assert_eq!(read("EXCLUDE USING gist (room WITH =)"), None);
        assert_eq!(read("CHECK (a > 0); \\! rm"), None);
        assert_eq!(read("CHECK (a > 0"), None);
    }

    #[test]
    fn sums_are_exact_and_refuse_what_is_no_number() {
        let sum = |texts: &[&str]| {
            texts
                .iter()
                .try_fold(Decimal::default(), |sum, text| sum.plus(text))
                .map(|sum| sum.to_string())
        };
        assert_eq!(sum(&["239.80", "-0.1", "12"]).as_deref(), Some("251.700000"));
        assert_eq!(sum(&["-3"]).as_deref(), Some("-3.000000"));
        assert_eq!(sum(&["$1,200.00"]), None);
        assert_eq!(sum(&[]).as_deref(), Some("0.000000"));
    }
}
