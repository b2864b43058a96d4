//! Turns the Dashboard's CSV exports into the objects that Stripe's API would give.
//!
//! In: one export. Out: an object for each row, told by the prefix of its id, with money in minor units and
//! times as epoch seconds; a column that has no field in the API stays under `export`, as it stands. Rows
//! name some objects beside their own: a checkout session is an object too. Nothing is guessed: what cannot be read stays text and is
//! told. Source: the exports themselves, and Stripe's API reference for the fields.

use crate::model::Currency;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value, json};
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

/// What a cell is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    /// A word of the API: `Requires payment method` is `requires_payment_method`.
    Word,
    Flag,
    Money,
    Time,
}

/// Kinds of objects by the prefix of their ids.
const KINDS: [(&str, &str); 16] = [
    ("ch", "charge"),
    ("py", "charge"),
    ("pi", "payment_intent"),
    ("cus", "customer"),
    ("gcus", "customer"),
    ("re", "refund"),
    ("pyr", "refund"),
    ("in", "invoice"),
    ("du", "dispute"),
    ("dp", "dispute"),
    ("txn", "balance_transaction"),
    ("cs", "checkout.session"),
    ("po", "payout"),
    ("sub", "subscription"),
    ("prod", "product"),
    ("price", "price"),
];

/// Columns of every export, in lower case and without a zone: the field, as a pointer, and its shape.
const COLUMNS: &[(&str, &str, Shape)] = &[
    ("amount", "amount", Shape::Money),
    ("amount refunded", "amount_refunded", Shape::Money),
    ("amount due", "amount_due", Shape::Money),
    ("amount paid", "amount_paid", Shape::Money),
    ("amount remaining", "amount_remaining", Shape::Money),
    ("subtotal", "subtotal", Shape::Money),
    ("tax", "tax", Shape::Money),
    ("total", "total", Shape::Money),
    ("fee", "fee", Shape::Money),
    ("net", "net", Shape::Money),
    ("captured", "captured", Shape::Flag),
    ("delinquent", "delinquent", Shape::Flag),
    ("created date", "created", Shape::Time),
    ("created", "created", Shape::Time),
    ("date", "created", Shape::Time),
    ("available on", "available_on", Shape::Time),
    ("arrival date", "arrival_date", Shape::Time),
    ("due date", "due_date", Shape::Time),
    ("period start", "period_start", Shape::Time),
    ("period end", "period_end", Shape::Time),
    ("description", "description", Shape::Text),
    ("name", "name", Shape::Text),
    ("email", "email", Shape::Text),
    ("phone", "phone", Shape::Text),
    ("number", "number", Shape::Text),
    ("reason", "reason", Shape::Word),
    ("type", "type", Shape::Word),
    ("source", "source", Shape::Text),
    ("customer", "customer", Shape::Text),
    ("customer id", "customer", Shape::Text),
    ("subscription", "subscription", Shape::Text),
    ("charge", "charge", Shape::Text),
    ("charge id", "charge", Shape::Text),
    ("invoice", "invoice", Shape::Text),
    ("invoice id", "invoice", Shape::Text),
    ("payment intent", "payment_intent", Shape::Text),
    ("paymentintent id", "payment_intent", Shape::Text),
    ("payment intent id", "payment_intent", Shape::Text),
    ("statement descriptor", "statement_descriptor", Shape::Text),
    ("seller message", "outcome/seller_message", Shape::Text),
    ("payment source type", "payment_method_details/type", Shape::Word),
    ("card id", "payment_method", Shape::Text),
    ("card name", "billing_details/name", Shape::Text),
    ("card address line1", "billing_details/address/line1", Shape::Text),
    ("card address line2", "billing_details/address/line2", Shape::Text),
    ("card address city", "billing_details/address/city", Shape::Text),
    ("card address state", "billing_details/address/state", Shape::Text),
    (
        "card address country",
        "billing_details/address/country",
        Shape::Text,
    ),
    (
        "card address zip",
        "billing_details/address/postal_code",
        Shape::Text,
    ),
    ("card last4", "payment_method_details/card/last4", Shape::Text),
    ("card brand", "payment_method_details/card/brand", Shape::Word),
    ("card funding", "payment_method_details/card/funding", Shape::Word),
    ("shipping name", "shipping/name", Shape::Text),
    ("shipping address line1", "shipping/address/line1", Shape::Text),
    ("shipping address line2", "shipping/address/line2", Shape::Text),
    ("shipping address city", "shipping/address/city", Shape::Text),
    ("shipping address state", "shipping/address/state", Shape::Text),
    (
        "shipping address country",
        "shipping/address/country",
        Shape::Text,
    ),
    (
        "shipping address postal code",
        "shipping/address/postal_code",
        Shape::Text,
    ),
];
/// Where the address of who pays stands, by kind.
const CUSTOMER_EMAIL: [(&str, &str); 3] = [
    ("charge", "billing_details/email"),
    ("payment_intent", "receipt_email"),
    ("checkout.session", "customer_details/email"),
];
/// Columns about the checkout session that a payment was made in.
const SESSION: &str = "checkout session id";
const CLIENT_REFERENCE: &str = "client reference id";
const CUSTOM_FIELD: &str = "checkout custom field ";
const METADATA: &str = "metadata";

struct Column {
    /// As the export spells it.
    title: String,
    /// In lower case, without what stands in brackets.
    name: String,
    /// `X (metadata)`: X.
    metadata: Option<String>,
    /// `X (UTC)`.
    zone: Option<Tz>,
}

impl Column {
    fn of(title: &str) -> Self {
        let title = title.trim_start_matches('\u{feff}').trim();
        let (plain, inside) = match title.strip_suffix(')').and_then(|title| title.rsplit_once(" (")) {
            Some((plain, inside)) => (plain, inside),
            None => (title, ""),
        };
        let zone = inside.parse().ok();
        let metadata = inside.eq_ignore_ascii_case(METADATA).then(|| plain.to_owned());
        let is_known = zone.is_some() || metadata.is_some();
        Self {
            title: title.to_owned(),
            name: if is_known { plain } else { title }.to_ascii_lowercase(),
            metadata,
            zone,
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

/// Where a column's value stands in the API, and how it is read.
fn field_of(column: &Column, object: &str) -> Option<(&'static str, Shape)> {
    if column.name == "customer email" {
        let own = CUSTOMER_EMAIL.iter().find(|(kind, _)| *kind == object);
        return Some((own.map_or("customer_email", |(_, field)| field), Shape::Text));
    }
    COLUMNS
        .iter()
        .find(|(name, _, shape)| {
            // A time whose zone is not told is no time.
            *name == column.name && (*shape != Shape::Time || column.zone.is_some())
        })
        .map(|(_, field, shape)| (*field, *shape))
}

impl Shape {
    fn read(self, cell: &str, currency: Option<Currency>, zone: Option<Tz>) -> Option<Value> {
        match self {
            Self::Text => Some(json!(cell)),
            Self::Word => Some(json!(word(cell))),
            Self::Flag => match cell.to_ascii_lowercase().as_str() {
                "true" => Some(json!(true)),
                "false" => Some(json!(false)),
                _ => None,
            },
            Self::Money => minor(cell, currency?.decimals()).map(|minor| json!(minor)),
            Self::Time => epoch(cell, zone?).map(|epoch| json!(epoch)),
        }
    }
}

fn word(cell: &str) -> String {
    cell.to_ascii_lowercase().replace([' ', '-'], "_")
}

fn shortened(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(40).collect()
}

/// `-1,234.50` with two decimals: -123450. Commas must stand between thousands, and no digit may be lost.
fn minor(text: &str, decimals: u32) -> Option<i64> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = rest.is_empty() || first.len() <= 3;
    if !is_digits(first) || !is_grouped || rest.iter().any(|group| group.len() != 3 || !is_digits(group)) {
        return None;
    }
    let part = part.trim_end_matches('0');
    if !(part.is_empty() || is_digits(part)) || part.len() > decimals as usize {
        return None;
    }
    let digits = format!(
        "{first}{}{part:0<width$}",
        rest.concat(),
        width = decimals as usize
    );
    let minor: i64 = digits.parse().ok()?;
    Some(if is_negative { -minor } else { minor })
}

/// `2026-01-05 14:03`, with seconds or without, or a day.
fn epoch(text: &str, zone: Tz) -> Option<i64> {
    let text = text.replacen('T', " ", 1);
    let at = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .or_else(|| {
            let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?;
            Some(day.and_time(NaiveTime::MIN))
        })?;
    let at: DateTime<Utc> = zone.from_local_datetime(&at).earliest()?.to_utc();
    Some(at.timestamp())
}

/// An object in the making.
struct Fields {
    id: String,
    object: &'static str,
    filled: usize,
    body: Map<String, Value>,
}

impl Fields {
    fn new(id: &str, object: &'static str) -> Self {
        let mut body = Map::new();
        body.insert("id".to_owned(), json!(id));
        body.insert("object".to_owned(), json!(object));
        Self {
            id: id.to_owned(),
            object,
            filled: 0,
            body,
        }
    }

    /// Sets a field by its path, maps made on the way.
    fn set(&mut self, path: &str, value: Value) {
        let mut map = &mut self.body;
        let (above, key) = path.rsplit_once('/').unwrap_or(("", path));
        for part in above.split('/').filter(|part| !part.is_empty()) {
            let below = map.entry(part.to_owned()).or_insert_with(|| json!({}));
            let Value::Object(below) = below else { return };
            map = below;
        }
        map.entry(key.to_owned()).or_insert(value);
    }

    fn set_below(&mut self, map: &str, key: &str, value: Value) {
        if let Value::Object(map) = self.body.entry(map.to_owned()).or_insert_with(|| json!({})) {
            map.insert(key.to_owned(), value);
        }
    }

    /// What the Dashboard calls a payment's state, in the API's words; false where it is not known.
    fn set_status(&mut self, cell: &str) -> bool {
        let word = word(cell);
        if self.object == "payment_intent" {
            let is_paid =
                ["paid", "refunded", "partially_refunded", "partial_refund"].contains(&word.as_str());
            self.set("status", json!(if is_paid { "succeeded" } else { &word }));
            return true;
        }
        let status = match word.as_str() {
            "paid" | "succeeded" | "refunded" | "partial_refund" | "partially_refunded" | "disputed"
            | "partially_captured" => "succeeded",
            // An amount that was only held succeeded as a charge and was not captured.
            "uncaptured" | "requires_capture" | "canceled" | "cancelled" => {
                self.body.insert("captured".to_owned(), json!(false));
                "succeeded"
            }
            "failed" | "blocked" | "declined" => "failed",
            "pending" | "processing" => "pending",
            _ => return false,
        };
        self.set("status", json!(status));
        self.set("paid", json!(status == "succeeded"));
        true
    }

    fn number(&self, field: &str) -> Option<i64> {
        self.body.get(field).and_then(Value::as_i64)
    }

    /// What follows from other fields by the API's own definition.
    fn derive(&mut self) {
        if self.object != "charge" {
            return;
        }
        if let (Some(amount), Some(refunded)) = (self.number("amount"), self.number("amount_refunded")) {
            self.set("refunded", json!(amount > 0 && refunded >= amount));
        }
        let disputed = self
            .body
            .get("export")
            .and_then(|export| export.get("Disputed Amount"));
        let is_disputed = disputed
            .and_then(Value::as_str)
            .is_some_and(|text| text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)));
        if is_disputed {
            self.set("disputed", json!(true));
        }
    }

    fn row(self, offset: u64) -> Row {
        let rank = (self.number("amount_refunded").unwrap_or(0), self.filled);
        Row {
            id: self.id,
            object: self.object,
            offset,
            rank,
            json: serde_json::to_vec(&Value::Object(self.body)).expect("a tree of texts can be written"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_without_losing_a_digit_or_not_at_all() {
        assert_eq!(minor("1,234.50", 2), Some(123_450));
        assert_eq!(minor("-0.05", 2), Some(-5));
        assert_eq!(minor("12,000", 0), Some(12_000));
        assert_eq!(minor("12000.00", 0), Some(12_000));
        assert_eq!(minor("1.5", 3), Some(1_500));
        for text in ["1.234,50", "1,23", "12,34.00", "0.005", "$5", "", "1234,567"] {
            assert_eq!(minor(text, 2), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_read_in_the_zone_of_its_column() {
        let column = Column::of("\u{feff}Created date (Europe/Vienna)");
        assert_eq!(column.name, "created date");
        let epoch = |text| epoch(text, column.zone.expect("a zone"));
        assert_eq!(epoch("2026-01-05 14:03"), Some(1_767_618_180));
        assert_eq!(epoch("5/1/2026 14:03"), None);
    }
}
