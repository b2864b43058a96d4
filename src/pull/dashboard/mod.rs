//! Turns the Dashboard's CSV exports into the objects that Stripe's API would give.
//!
//! In: one export. Out: an object for each row, told by the prefix of its id, with money in minor units and
//! times as epoch seconds; a column that has no field in the API stays under `export`, as it stands. Rows
//! name some objects beside their own: a checkout session is an object too. Nothing is guessed: what cannot be read stays text and is
//! told. Source: the exports themselves, and Stripe's API reference for the fields.

mod cells;
mod columns;
mod fields;

use crate::model::Currency;
use cells::{shortened, word};
use columns::{CLIENT_REFERENCE, CUSTOM_FIELD, Column, KINDS, METADATA, SESSION, field_of};
use csv::{ByteRecord, ReaderBuilder};
use fields::Fields;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// One object, as far as its row tells it.
pub(super) struct Row {
    pub id: String,
    pub object: &'static str,
    pub offset: u64,
    /// The later state of a charge has more refunded; the fuller export has more columns.
    pub rank: (i64, usize),
    pub json: Vec<u8>,
}

/// What reading an export gives, in its order.
pub(super) enum Told {
    Row(Row),
    Problem { offset: u64, message: String },
}

pub(super) fn is_csv(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

/// Whether a file begins like an export: a column of ids, and below it the id of an object.
pub(super) fn begins_like_one(head: &[u8]) -> bool {
    let mut rows = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(head)
        .into_byte_records()
        .map_while(Result::ok);
    let cell = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let Some(heads) = rows.next() else { return false };
    let heads: Vec<String> = heads.iter().map(cell).collect();
    let Some(at) = heads.iter().position(|name| {
        name.trim_start_matches('\u{feff}')
            .trim()
            .eq_ignore_ascii_case("id")
    }) else {
        return false;
    };
    rows.next().is_none_or(|row| {
        row.get(at)
            .map(cell)
            .and_then(|id| id.split_once('_').map(|(prefix, _)| prefix.to_owned()))
            .is_some_and(|prefix| KINDS.iter().any(|(known, _)| *known == prefix))
    })
}

/// Whether JSON without blanks names an object of the API.
pub(super) fn names_an_object(dense: &str) -> bool {
    dense.split("\"object\":\"").skip(1).any(|rest| {
        let name = rest.split('"').next().unwrap_or_default();
        name == "list" || KINDS.iter().any(|(_, known)| *known == name)
    })
}

/// Reads an export row by row.
pub(super) fn read<E>(input: impl Read, sink: &mut dyn FnMut(Told) -> Result<(), E>) -> Result<(), E> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(input);
    let mut record = ByteRecord::new();
    let mut sheet: Option<Sheet> = None;
    // What is wrong with a whole column is said once.
    let mut told = BTreeSet::new();
    loop {
        let problem = |offset, message| Told::Problem { offset, message };
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                let offset = reader.position().byte();
                return sink(problem(
                    offset,
                    format!("the export could not be read to its end: {error}"),
                ));
            }
        }
        let offset = record.position().map_or(0, csv::Position::byte);
        let cells: Vec<String> = record
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        let Some(sheet) = &sheet else {
            sheet = Sheet::of(&cells);
            if sheet.is_none() {
                let message = "no export of objects: it has no column `id`".to_owned();
                return sink(problem(offset, message));
            }
            continue;
        };
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let (rows, problems) = sheet.objects(&cells, offset);
        for row in rows {
            sink(Told::Row(row))?;
        }
        for message in problems {
            if told.insert(message.clone()) {
                sink(problem(offset, message))?;
            }
        }
    }
}

/// The columns of one export.
struct Sheet {
    columns: Vec<Column>,
    id: usize,
    currency: Option<usize>,
}

impl Sheet {
    fn of(cells: &[String]) -> Option<Self> {
        let columns: Vec<Column> = cells.iter().map(|cell| Column::of(cell)).collect();
        let at = |name: &str| columns.iter().position(|column| column.name == name);
        Some(Self {
            id: at("id")?,
            currency: at("currency"),
            columns,
        })
    }

    fn cell<'c>(&self, cells: &'c [String], name: &str) -> Option<&'c str> {
        let column = self.columns.iter().position(|column| column.name == name)?;
        cells
            .get(column)
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
    }

    /// The objects that a row tells of, and what could not be read of it.
    fn objects(&self, cells: &[String], offset: u64) -> (Vec<Row>, Vec<String>) {
        let mut problems = Vec::new();
        let id = cells.get(self.id).map_or("", |cell| cell.trim());
        let kind = id
            .split_once('_')
            .and_then(|(prefix, _)| KINDS.iter().find(|(known, _)| *known == prefix));
        let Some((_, object)) = kind else {
            problems.push(format!("a row's id is of no known kind: \"{}\"", shortened(id)));
            return (Vec::new(), problems);
        };
        if cells.len() != self.columns.len() {
            problems.push(format!(
                "{id} has {} cells in {} columns; the row was read as far as it goes",
                cells.len(),
                self.columns.len()
            ));
        }
        let mut fields = Fields::new(id, object);
        let currency = self
            .currency
            .and_then(|column| cells.get(column))
            .and_then(|text| Currency::parse(text));
        if let Some(currency) = currency {
            fields.set("currency", json!(currency.as_str()));
        }
        for (column, cell) in self.columns.iter().zip(cells) {
            let cell = cell.trim();
            if cell.is_empty() || ["id", "currency"].contains(&column.name.as_str()) {
                continue;
            }
            fields.filled += 1;
            if let Some(key) = &column.metadata {
                fields.set_below(METADATA, key, json!(cell));
                continue;
            }
            match field_of(column, object) {
                Some((field, shape)) => {
                    if let Some(value) = shape.read(cell, currency, column.zone) {
                        fields.set(field, value);
                        continue;
                    }
                    fields.set_below("export", &column.title, json!(cell));
                    problems.push(format!(
                        "`{}` is not written as Stripe writes it, here \"{}\"; was the export saved by another program?",
                        column.title,
                        shortened(cell)
                    ));
                }
                None if column.name == "status" && ["charge", "payment_intent"].contains(object) => {
                    if !fields.set_status(cell) {
                        problems.push(format!("a status is not known: \"{}\"", shortened(cell)));
                    }
                    fields.set_below("export", &column.title, json!(cell));
                }
                None if column.name == "status" => fields.set("status", json!(word(cell))),
                None => fields.set_below("export", &column.title, json!(cell)),
            }
        }
        fields.derive();
        let mut rows = vec![fields.row(offset)];
        rows.extend(self.session(id, cells, offset));
        (rows, problems)
    }

    /// The checkout session that a payment names: what its page asked, and the number that the shop gave it.
    fn session(&self, payment: &str, cells: &[String], offset: u64) -> Option<Row> {
        let id = self.cell(cells, SESSION).filter(|id| *id != payment)?;
        let mut fields = Fields::new(id, "checkout.session");
        if let Some(intent) = self.cell(cells, "paymentintent id") {
            fields.set("payment_intent", json!(intent));
        } else {
            fields.set("charge", json!(payment));
        }
        if let Some(number) = self.cell(cells, CLIENT_REFERENCE) {
            fields.set("client_reference_id", json!(number));
        }
        if let Some(customer) = self.cell(cells, "customer id") {
            fields.set("customer", json!(customer));
        }
        let mut asked = Vec::new();
        for index in 1..=3 {
            let key = self.cell(cells, &format!("{CUSTOM_FIELD}{index} key"));
            let value = self.cell(cells, &format!("{CUSTOM_FIELD}{index} value"));
            if let (Some(key), Some(value)) = (key, value) {
                asked.push(json!({"key": key, "text": {"value": value}}));
            }
        }
        if !asked.is_empty() {
            fields.set("custom_fields", json!(asked));
        }
        Some(fields.row(offset))
    }
}
