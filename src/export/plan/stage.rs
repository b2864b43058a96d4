//! Puts the rows into temporary tables, and makes sure that the file is whole.

use super::decimal::Decimal;
use super::{BOOKINGS, BOOKINGS_BEFORE, CUSTOMERS, PAYMENTS, PAYMENTS_BEFORE, Plan, number, shown, text};
use crate::export::cell::{Cell, ColumnType};
use crate::export::relation::Relation;
use crate::export::script::{Own, Temporary, Writer};
use crate::export::staged::RowAction;
use std::collections::BTreeSet;

/// Rows and bytes of one INSERT: far below any server's limit on a statement.
const CHUNK_ROWS: usize = 500;
const CHUNK_BYTES: usize = 200_000;

/// Texts that are staged apart.
const TEXTS: &str = "rebook_texts";

/// Our own columns that hold text.
const OWN_TEXTS: [&str; 8] = [
    "rebook_id",
    "rebook_reference",
    "rebook_action",
    "rebook_payment",
    "rebook_reason",
    "rebook_table",
    "rebook_column",
    "rebook_text",
];

impl<W: Writer> Plan<'_, W> {
    /// Puts the rows into temporary tables, and makes sure that the file is whole.
    pub(super) fn stage(&mut self) {
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
        if self.w.narrows_text() {
            self.create(&Temporary {
                name: TEXTS,
                own: &[
                    ("rebook_table", Own::Text),
                    ("rebook_no", Own::Number),
                    ("rebook_column", Own::Text),
                    ("rebook_text", Own::Text),
                ],
                like: None,
                indexes: vec![vec!["rebook_no".into()]],
            });
        }
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
        self.new_rows(CUSTOMERS, &["rebook_no", "rebook_known"], relation, rows);
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
                ("rebook_kept", Own::Number),
                ("rebook_match", Own::Match),
                ("rebook_state", Own::Text),
                ("rebook_reason", Own::Text),
            ],
            like: Some((&relation.name, None)),
            indexes: vec![vec!["rebook_no".into()], vec!["rebook_customer".into()]],
        });
        let own = [
            "rebook_no",
            "rebook_id",
            "rebook_reference",
            "rebook_action",
            "rebook_customer",
            "rebook_twin",
            "rebook_kept",
        ];
        let kept = self.kept_ids();
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
                kept.get(&row.booking.id)
                    .map_or(Cell::Null, |id| Cell::Number(id.to_string())),
            ];
            (own, row.cells.as_slice())
        });
        self.new_rows(BOOKINGS, &own, relation, rows);
        if self.has_changes() {
            self.create(&Temporary {
                name: BOOKINGS_BEFORE,
                own: &[("rebook_no", Own::Number)],
                like: Some((&relation.name, None)),
                indexes: vec![vec!["rebook_no".into()]],
            });
            let before = staged
                .bookings
                .iter()
                .filter_map(|row| Some((vec![number(row.no)], row.before.as_deref()?)));
            self.rows(BOOKINGS_BEFORE, &["rebook_no"], Some(relation), before);
            self.stage_expressions();
        }
        if let Some(matching) = self.booking_match("s") {
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
        self.new_rows(PAYMENTS, &own, relation, rows);
        if self.has_refunds() {
            self.create(&Temporary {
                name: PAYMENTS_BEFORE,
                own: &[("rebook_no", Own::Number)],
                like: Some((&relation.name, None)),
                indexes: vec![vec!["rebook_no".into()]],
            });
            let before = staged
                .payments
                .iter()
                .enumerate()
                .filter_map(|(no, row)| Some((vec![number(no)], row.before.as_deref()?)));
            self.rows(PAYMENTS_BEFORE, &["rebook_no"], Some(relation), before);
        }
        if let Some(matching) = self.payment_match("s") {
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

    /// As `rows`, with texts apart that a column's character set may lack letters for.
    fn new_rows<'r>(
        &mut self,
        temporary: &str,
        own: &[&str],
        relation: &Relation<'_>,
        rows: impl Iterator<Item = (Vec<Cell>, &'r [Cell])>,
    ) {
        if !self.w.narrows_text() {
            return self.rows(temporary, own, Some(relation), rows);
        }
        let (mut plain, mut apart) = (Vec::new(), Vec::new());
        for (mine, cells) in rows {
            let mut cells = cells.to_vec();
            for (at, cell) in cells.iter_mut().enumerate() {
                if matches!(cell, Cell::Text(text) if !text.is_ascii()) {
                    apart.push((mine[0].clone(), at, std::mem::replace(cell, Cell::Null)));
                }
            }
            plain.push((mine, cells));
        }
        let plain = plain.iter().map(|(mine, cells)| (mine.clone(), cells.as_slice()));
        self.rows(temporary, own, Some(relation), plain);
        let columns: BTreeSet<usize> = apart.iter().map(|(_, at, _)| *at).collect();
        if columns.is_empty() {
            return;
        }
        let columns: Vec<&str> = columns.iter().map(|&at| relation.columns[at].as_str()).collect();
        let apart = apart.into_iter().map(|(no, at, cell)| {
            let own = vec![text(temporary), no, text(&relation.columns[at]), cell];
            (own, &[][..])
        });
        let own = ["rebook_table", "rebook_no", "rebook_column", "rebook_text"];
        let signature = self.fill(TEXTS, &own, None, apart);
        let these = format!("(SELECT * FROM {TEXTS} WHERE rebook_table = '{temporary}')");
        self.require_whole(&format!("{temporary}_apart"), &these, &signature);
        self.w.set_texts(temporary, &columns, &mut self.out);
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
        let Some(slot) = relation
            .field(field)
            .filter(|slot| slot.kind.sums_exactly(slot.dialect))
        else {
            return;
        };
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

    /// Stages rows, and makes sure that their texts came through whole: no byte was cut, lost or read in another encoding.
    pub(super) fn rows<'r>(
        &mut self,
        temporary: &str,
        own: &[&str],
        relation: Option<&Relation<'_>>,
        rows: impl Iterator<Item = (Vec<Cell>, &'r [Cell])>,
    ) {
        let signature = self.fill(temporary, own, relation, rows);
        let from = self.w.temporary(temporary);
        self.require_whole(temporary, &from, &signature);
    }

    fn require_whole(&mut self, what: &str, from: &str, signature: &Signature) {
        if signature.rows > 0 && !signature.columns.is_empty() {
            let signed = self.w.signed(from, &signature.columns);
            self.require(
                &format!("the_texts_of_{what}_came_through_whole"),
                &format!("{signed} = {}", signature.sum),
            );
        }
    }

    /// The places of columns in which text comes back byte for byte.
    fn texts(&self, own: &[&str], relation: Option<&Relation<'_>>) -> Vec<(usize, String)> {
        let own_texts = own
            .iter()
            .enumerate()
            .filter(|(_, name)| OWN_TEXTS.contains(name));
        let own_texts = own_texts.map(|(at, name)| (at, format!("s.{name}")));
        let theirs = relation.into_iter().flat_map(|relation| {
            let kept = relation.columns.iter().enumerate().filter(|(_, name)| {
                relation
                    .table
                    .and_then(|table| table.column(name))
                    .is_some_and(|column| ColumnType::parse(&column.sql_type).keeps_text(self.w.dialect()))
            });
            kept.map(|(at, name)| (own.len() + at, self.col("s", name)))
        });
        own_texts.chain(theirs).collect()
    }

    fn fill<'r>(
        &mut self,
        temporary: &str,
        own: &[&str],
        relation: Option<&Relation<'_>>,
        rows: impl Iterator<Item = (Vec<Cell>, &'r [Cell])>,
    ) -> Signature {
        let texts = self.texts(own, relation);
        let mut signature = Signature {
            rows: 0,
            columns: texts.iter().map(|(_, column)| column.clone()).collect(),
            sum: 0,
        };
        let mut joined = String::new();
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
            joined.clear();
            for (nth, (at, _)) in texts.iter().enumerate() {
                if nth > 0 {
                    joined.push('|');
                }
                let cell = mine.get(*at).or_else(|| cells.get(at - mine.len()));
                joined.push_str(cell.and_then(Cell::text).unwrap_or_default());
            }
            signature.rows += 1;
            signature.sum += u128::from(self.w.sign(&joined));
            if count == CHUNK_ROWS || self.out.len() - begun > CHUNK_BYTES {
                self.out.push_str(";\n");
                count = 0;
            }
        }
        if count > 0 {
            self.out.push_str(";\n");
        }
        self.w.analyze(temporary, &mut self.out);
        signature
    }
}

/// What the texts of staged rows add up to.
struct Signature {
    rows: usize,
    columns: Vec<String>,
    sum: u128,
}
