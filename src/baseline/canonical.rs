//! Turns the rows of the mapped tables into canonical terms.
//!
//! A value that cannot be read with certainty is left empty and counted; the row's own text stays in
//! `raw`, since the export compares with it.

use super::BaselineError;
use super::collect::{Rows, names_table};
use super::problems::{Cause, Problems};
use super::time::TimeColumn;
use super::values::Cell;
use super::{numbers, parents};
use crate::model::{
    Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, BaselineResource, Business, Column,
    Currency, Entity, EntityKind, LengthUnit, Money, RawRow, Schema, Status, Table, Target, When,
};
use crate::reading::{AmountReading, DecimalMark};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The rows of every entity that the target maps.
pub(super) fn read(
    target: &Target,
    business: &Business,
    schema: &Schema,
    tables: &BTreeMap<String, Rows>,
    problems: &mut Problems,
) -> Result<Baseline, BaselineError> {
    let mut baseline = Baseline::default();
    for kind in EntityKind::ALL {
        let Some(entity) = target.entity(kind) else {
            continue;
        };
        let (name, table) = find_table(kind, entity, schema)?;
        check_columns(kind, entity, table)?;
        let Some(rows) = tables.get(name) else { continue };
        note_absent(entity, name, rows, problems);
        let mut reader = Reader {
            entity,
            name,
            table,
            rows,
            business,
            problems,
        };
        let mut of_customers = Vec::new();
        for cells in &rows.cells {
            let Some(key) = reader.key(cells) else { continue };
            match kind {
                EntityKind::Customer => {
                    baseline.customers.push(reader.customer(key, cells));
                    of_customers.push(cells);
                }
                EntityKind::Resource => baseline.resources.push(reader.resource(key, cells)),
                EntityKind::Booking => baseline.bookings.push(reader.booking(key, cells)),
                EntityKind::Payment => baseline.payments.extend(reader.payment(key, cells)),
            }
        }
        if kind == EntityKind::Customer {
            numbers::add(&mut baseline.customers, &of_customers, rows, entity);
        }
    }
    parents::name(&mut baseline, target, schema);
    Ok(baseline)
}

fn find_table<'a>(
    kind: EntityKind,
    entity: &Entity,
    schema: &'a Schema,
) -> Result<(&'a str, &'a Table), BaselineError> {
    // PostgreSQL looks a bare name up in `public` unless told otherwise.
    let public = format!("public.{}", entity.table);
    let exact = schema
        .tables
        .get_key_value(&entity.table)
        .or_else(|| schema.tables.get_key_value(&public));
    let mut found = schema
        .tables
        .iter()
        .filter(|(full, _)| names_table(&entity.table, full));
    match (exact, found.next(), found.next()) {
        (Some((name, table)), ..) | (None, Some((name, table)), None) => Ok((name, table)),
        (None, Some((first, _)), Some((second, _))) => Err(BaselineError::TableAmbiguous {
            entity: kind.as_str(),
            table: entity.table.clone(),
            first: first.clone(),
            second: second.clone(),
        }),
        (None, None, _) => Err(BaselineError::NoTable {
            entity: kind.as_str(),
            table: entity.table.clone(),
            hint: nearest(&entity.table, schema.tables.keys().map(String::as_str)),
        }),
    }
}

fn check_columns(kind: EntityKind, entity: &Entity, table: &Table) -> Result<(), BaselineError> {
    let mapped = entity
        .columns
        .iter()
        .map(|(field, map)| (field.as_str(), &map.column));
    let key = entity.key.iter().map(|column| ("key", column));
    let constants = entity.constants.keys().map(|column| ("constants", column));
    for (field, column) in key.chain(mapped).chain(constants) {
        if table.column(column).is_none() {
            return Err(BaselineError::NoColumn {
                entity: kind.as_str(),
                field: field.to_owned(),
                table: entity.table.clone(),
                column: column.clone(),
                hint: nearest(column, table.columns.iter().map(|column| column.name.as_str())),
            });
        }
    }
    Ok(())
}

/// Notes the mapped columns that rows do not state.
fn note_absent(entity: &Entity, name: &str, rows: &Rows, problems: &mut Problems) {
    for (place, column) in rows.columns.iter().enumerate() {
        let is_mapped = entity.columns.values().any(|map| map.column == *column);
        for _ in rows
            .cells
            .iter()
            .filter(|row| is_mapped && row[place] == Cell::Absent)
        {
            problems.add(name, column, Cause::NotInDump, "");
        }
    }
}

/// The known name that is spelled most alike, or all of them where none is.
fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let likeness = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        strsim::normalized_damerau_levenshtein(&wanted.to_lowercase(), &last.to_lowercase())
    };
    let best = known.clone().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best {
        None => "it has none at all; was it dumped without its schema?".to_owned(),
        Some(name) if likeness(name) > 0.4 => format!("did you mean `{name}`?"),
        Some(_) => format!("it has {}", known.take(20).collect::<Vec<_>>().join(", ")),
    }
}

/// Reads the rows of one entity.
struct Reader<'a> {
    entity: &'a Entity,
    /// The table's full name.
    name: &'a str,
    table: &'a Table,
    rows: &'a Rows,
    business: &'a Business,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn customer(&mut self, key: String, row: &[Cell]) -> BaselineCustomer {
        let first_name = self.text(row, "first_name");
        let last_name = self.text(row, "last_name");
        let halves: Vec<&str> = [&first_name, &last_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let joined = (!halves.is_empty()).then(|| halves.join(" "));
        BaselineCustomer {
            key,
            name: self.text(row, "name").or(joined),
            first_name,
            last_name,
            email: self.text(row, "email"),
            phone: self.text(row, "phone"),
            created_at: self.instant(row, "created_at"),
            numbers: BTreeMap::new(),
            raw: self.raw(row),
        }
    }

    fn resource(&mut self, key: String, row: &[Cell]) -> BaselineResource {
        BaselineResource {
            key,
            name: self.text(row, "name"),
            code: self.text(row, "code"),
            class: self.text(row, "class"),
            tenant: self.reference(row, "tenant"),
            besides: self.besides(row),
            raw: self.raw(row),
        }
    }

    fn booking(&mut self, key: String, row: &[Cell]) -> BaselineBooking {
        let starts_at = self.when(row, "starts_at");
        let ends_at = match self.entity.length_unit() {
            Some(unit) => self.end(unit, row, starts_at),
            None => self.when(row, "ends_at"),
        };
        BaselineBooking {
            key,
            tenant: self.reference(row, "tenant"),
            reference: self.text(row, "reference"),
            customer: self.reference(row, "customer"),
            resource: self.reference(row, "resource"),
            starts_at,
            ends_at,
            status: self.status(row),
            total: self.money(row, "total"),
            created_at: self.instant(row, "created_at"),
            raw: self.raw(row),
        }
    }

    /// None where the amount cannot be read: a payment of an unknown sum adds up to nothing.
    fn payment(&mut self, key: String, row: &[Cell]) -> Option<BaselinePayment> {
        let Some(amount) = self.money(row, "amount") else {
            self.problems
                .add(self.name, "", Cause::NoAmount, &format!("row {key}"));
            return None;
        };
        let refunded = match self.cell(row, "refunded") {
            Some((Cell::Text(_) | Cell::Damaged(_), _)) => self.money(row, "refunded")?,
            _ => Money::new(0, amount.currency),
        };
        Some(BaselinePayment {
            key,
            booking: self.reference(row, "booking"),
            provider_id: self.text(row, "provider_id"),
            amount,
            refunded,
            paid_at: self.instant(row, "paid_at"),
            raw: self.raw(row),
        })
    }

    /// The row's key, composite ones joined by `|`.
    fn key(&mut self, row: &[Cell]) -> Option<String> {
        let parts: Option<Vec<&str>> = self
            .entity
            .key
            .iter()
            .map(|name| {
                let column = self.table.column(name)?;
                self.cell_of(row, name)?.text().map(|text| unpadded(text, column))
            })
            .collect();
        let key = parts
            .filter(|parts| !parts.is_empty())
            .map(|parts| parts.join("|"));
        if key.is_none() {
            self.problems.add(self.name, "", Cause::NoKey, "");
        }
        key
    }

    fn cell_of<'c>(&self, row: &'c [Cell], column: &str) -> Option<&'c Cell> {
        let place = self.rows.columns.iter().position(|name| name == column)?;
        row.get(place)
    }

    /// The cell of a mapped field, and its column.
    fn cell<'c>(&self, row: &'c [Cell], field: &str) -> Option<(&'c Cell, &Column)> {
        let column = self.entity.column(field)?;
        Some((self.cell_of(row, column)?, self.table.column(column)?))
    }

    fn note(&mut self, field: &str, cause: Cause, row: &[Cell], value: &str) {
        let key: Vec<&str> = self
            .entity
            .key
            .iter()
            .filter_map(|name| self.cell_of(row, name)?.text())
            .collect();
        let column = self.entity.column(field).unwrap_or(field);
        self.problems.add(
            self.name,
            column,
            cause,
            &format!("{value:?} in row {}", key.join("|")),
        );
    }

    /// A key of another table, exactly as it stands there.
    fn reference(&self, row: &[Cell], field: &str) -> Option<String> {
        let (cell, column) = self.cell(row, field)?;
        cell.text().map(|text| unpadded(text, column).to_owned())
    }

    /// Text without the white space around it; empty is none. A value of the target's that has a canonical
    /// word is that word.
    fn text(&self, row: &[Cell], field: &str) -> Option<String> {
        let (cell, column) = self.cell(row, field)?;
        let text = cell.text()?.trim();
        let word = self.canonical(field, text, column).unwrap_or(text);
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// The canonical word for a value of the target's.
    fn canonical(&self, field: &str, text: &str, column: &Column) -> Option<&str> {
        let values = self.entity.values.get(field)?;
        let is_truth = column.sql_type.starts_with("bool");
        values
            .iter()
            .find(|(_, theirs)| {
                *theirs == text || is_truth && truth(theirs).is_some() && truth(theirs) == truth(text)
            })
            .map(|(ours, _)| ours.as_str())
    }

    fn status(&mut self, row: &[Cell]) -> Option<Status> {
        let (cell, column) = self.cell(row, "status")?;
        let text = cell.text()?.trim();
        let word = match self.entity.values.get("status") {
            Some(_) => self.canonical("status", text, column),
            None => Some(text),
        };
        let status = word.and_then(Status::parse);
        if status.is_none() {
            self.note("status", Cause::UnknownWord, row, text);
        }
        status
    }

    fn when(&mut self, row: &[Cell], field: &str) -> Option<When> {
        let (cell, column) = self.cell(row, field)?;
        let text = cell.text()?;
        let time_column = TimeColumn {
            time: self.entity.columns.get(field).and_then(|map| map.time),
            sql_type: &column.sql_type,
            session_zone: self.rows.session_zone,
            business_zone: self.business.zone,
        };
        let read = time_column.read(text);
        read.map_err(|cause| self.note(field, cause, row, text)).ok()
    }

    /// An end that is kept as how long it is after the start.
    fn end(&mut self, unit: LengthUnit, row: &[Cell], starts_at: Option<When>) -> Option<When> {
        let (cell, _) = self.cell(row, "ends_at")?;
        let text = cell.text()?;
        let length = minor_units(text, unit.decimals());
        let length = length.filter(|length| (0..=i64::from(u32::MAX)).contains(length));
        if length.is_none() {
            self.note("ends_at", Cause::NotATime, row, text);
        }
        unit.end(starts_at?, length?, self.business.zone)
    }

    /// Where the target has only the day, no instant is made up.
    fn instant(&mut self, row: &[Cell], field: &str) -> Option<DateTime<Utc>> {
        self.when(row, field)?.instant()
    }

    fn money(&mut self, row: &[Cell], field: &str) -> Option<Money> {
        let (cell, _) = self.cell(row, field)?;
        let text = cell.text()?;
        let currency = self.currency(row)?;
        let is_major = self.entity.columns.get(field).is_some_and(|map| map.major);
        let minor = minor_units(text, if is_major { currency.decimals() } else { 0 });
        if minor.is_none() {
            self.note(field, Cause::NotMoney, row, text);
        }
        Some(Money::new(minor?, currency))
    }

    /// The row's own currency, or the business's where the row names none.
    fn currency(&mut self, row: &[Cell]) -> Option<Currency> {
        let Some(text) = self.text(row, "currency") else {
            return Some(self.business.currency);
        };
        let currency = Currency::parse(&text);
        if currency.is_none() {
            self.note("currency", Cause::NotACurrency, row, &text);
        }
        currency
    }

    /// The texts of a row that the target says nothing of.
    fn besides(&self, row: &[Cell]) -> BTreeMap<String, String> {
        let is_known = |column: &String| {
            self.entity.columns.values().any(|map| map.column == *column)
                || self.entity.key.contains(column)
                || self.entity.constants.contains_key(column)
        };
        let columns = self.rows.columns.iter().zip(row);
        let texts = columns
            .filter(|(column, _)| !is_known(column))
            .filter_map(|(column, cell)| {
                let text = cell.text()?.trim();
                (!text.is_empty()).then(|| (column.clone(), text.to_owned()))
            });
        texts.collect()
    }

    fn raw(&self, row: &[Cell]) -> RawRow {
        let mapped = self
            .entity
            .columns
            .values()
            .map(|map| &map.column)
            .chain(&self.entity.key)
            .chain(self.entity.constants.keys());
        mapped
            .filter_map(|column| match self.cell_of(row, column)? {
                Cell::Text(text) | Cell::Damaged(text) => Some((column.clone(), Some(text.clone()))),
                Cell::Null => Some((column.clone(), None)),
                Cell::Absent | Cell::Unreadable => None,
            })
            .collect()
    }
}

/// PostgreSQL pads CHAR(n) with spaces that mean nothing.
pub(super) fn unpadded<'a>(text: &'a str, column: &Column) -> &'a str {
    let is_padded = ["character(", "char(", "bpchar"]
        .iter()
        .any(|kind| column.sql_type.starts_with(kind));
    if is_padded {
        text.trim_end_matches(' ')
    } else {
        text
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "t" | "true" | "1" => Some(true),
        "f" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// A decimal number in units of 10^-decimals, exactly; None where it has a finer fraction.
pub(super) fn minor_units(text: &str, decimals: u32) -> Option<i64> {
    let text = text.trim();
    let shortest;
    let plain = if is_float(text) {
        // sqlite3 writes a REAL with more digits than it has: 39.99 as 39.990000000000001989.
        shortest = text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())?
            .to_string();
        shortest.as_str()
    } else {
        text
    };
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let reading = AmountReading {
        decimal: DecimalMark::Point,
        negative: plain.starts_with('-'),
        whole: whole.to_owned(),
        fraction: fraction.to_owned(),
    };
    reading.minor(decimals)
}

fn is_float(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.contains(['e', 'E']) || text.contains('.') && digits > 17
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_none() {
        let cases = [
            ("397.00", 2, Some(39_700)),
            ("397", 2, Some(39_700)),
            ("397.5", 2, Some(39_750)),
            ("-12.30", 2, Some(-1_230)),
            ("12000", 0, Some(12_000)),
            ("12000.00", 0, Some(12_000)),
            ("4.500", 3, Some(4_500)),
            ("39.990000000000001989", 2, Some(3_999)),
            ("1.0e+05", 2, Some(10_000_000)),
            ("39.995", 2, None),
            ("12.5", 0, None),
            ("1,234.50", 2, None),
            ("$12.00", 2, None),
            ("NaN", 2, None),
            ("", 2, None),
            ("99999999999999999999", 2, None),
        ];
        for (text, decimals, expected) in cases {
            assert_eq!(minor_units(text, decimals), expected, "{text}");
        }
    }
}
