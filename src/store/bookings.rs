//! The results of the last build: bookings with their fields, claims, links and conflicts.
//!
//! What is stored is what fusion said, before any decision: decisions are applied when bookings are
//! read, so that an answer counts at once and an undo needs no rebuild.

use super::records::replace_problems;
use super::{Staging, StoreError};
use crate::model::{
    Action, Booking, BookingId, Bucket, Charge, Claim, Conflict, ConflictId, ConflictKind, Currency,
    FieldName, Money, Payment, Problem, RecordId, Standing, State, Value,
};
use crate::wire;
use chrono::NaiveDate;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};
use std::collections::BTreeMap;

/// Those that refer to others first.
const RESULT_TABLES: [&str; 9] = [
    "charge",
    "conflict",
    "waterfall",
    "link",
    "claim",
    "booking_record",
    "payment",
    "field",
    "booking",
];

impl Staging {
    /// Replaces all results by these, and the facts that come with them, in one transaction.
    pub fn put_results(
        &mut self,
        bookings: &[Booking],
        charges: &[Charge],
        problems: &[Problem],
        facts: &[(&str, String)],
    ) -> Result<(), StoreError> {
        self.put_build(bookings, &[], charges, problems, facts)
    }

    /// As `put_results`, with the bookings of the backup that stand as they were, each with its first and last day.
    pub fn put_build(
        &mut self,
        bookings: &[Booking],
        standing: &[(NaiveDate, NaiveDate, Booking)],
        charges: &[Charge],
        problems: &[Problem],
        facts: &[(&str, String)],
    ) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in RESULT_TABLES {
            transaction.execute(&format!("DELETE FROM {table}"), [])?;
        }
        write_bookings(&transaction, bookings)?;
        write_charges(&transaction, charges)?;
        super::days::write_standing(&transaction, standing)?;
        replace_problems(&transaction, "build", problems)?;
        for (key, value) in facts {
            super::runs::set_fact(&transaction, key, value)?;
        }
        super::headings::grow(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    /// All bookings, in the order in which they were put; without waterfalls.
    pub fn bookings(&self) -> Result<Vec<Booking>, StoreError> {
        read_bookings(&self.connection, None, Depth::Whole)
    }

    /// The same, without the claims and links that explain them.
    pub fn booking_values(&self) -> Result<Vec<Booking>, StoreError> {
        read_bookings(&self.connection, None, Depth::Values)
    }

    /// One booking with everything that is known of it.
    pub fn booking(&self, id: &BookingId) -> Result<Option<Booking>, StoreError> {
        let mut statement = self.connection.prepare("SELECT seq FROM booking WHERE id = ?1")?;
        let mut rows = statement.query([id.as_str()])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let found = read_bookings(&self.connection, Some(&[row.get(0)?]), Depth::Explained)?;
        Ok(found.into_iter().next())
    }

    /// Where each succeeded charge ended up, in the order in which they were put.
    pub fn charges(&self) -> Result<Vec<Charge>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT * FROM charge ORDER BY position")?;
        let mut rows = statement.query([])?;
        let mut charges = Vec::new();
        while let Some(row) = rows.next()? {
            charges.push(charge(row)?);
        }
        Ok(charges)
    }

    /// The bookings that a person can mean by an id, a reference (in either case) or a record's id.
    pub fn find_bookings(&self, id: &str) -> Result<Vec<Booking>, StoreError> {
        let reference = wire::encode_value(&Value::Text(id.to_owned()));
        let mut statement = self.connection.prepare(
            "SELECT seq FROM booking WHERE id = ?1
             UNION SELECT booking FROM booking_record WHERE record = ?1
             UNION SELECT booking FROM payment WHERE id = ?1
             UNION SELECT booking FROM field WHERE name = 'reference' AND lower(value) = lower(?2)",
        )?;
        let found = statement.query_map([id, &reference], |row| row.get::<_, i64>(0))?;
        let seqs: Vec<i64> = found.collect::<Result<_, _>>()?;
        read_bookings(&self.connection, Some(&seqs), Depth::Explained)
    }
}

fn write_bookings(transaction: &Transaction<'_>, bookings: &[Booking]) -> Result<(), StoreError> {
    let mut booking_row = transaction.prepare("INSERT INTO booking VALUES (?1, ?2, ?3, ?4)")?;
    let mut field_row = transaction.prepare("INSERT INTO field VALUES (?1, ?2, ?3)")?;
    let mut payment_row =
        transaction.prepare("INSERT INTO payment VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    let mut record_row = transaction.prepare("INSERT INTO booking_record VALUES (?1, ?2, ?3)")?;
    let mut claim_row =
        transaction.prepare("INSERT INTO claim VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?;
    let mut link_row = transaction.prepare("INSERT INTO link VALUES (?1, ?2, ?3)")?;
    let mut waterfall_row = transaction.prepare("INSERT INTO waterfall VALUES (?1, ?2, ?3)")?;
    let mut conflict_row =
        transaction.prepare("INSERT INTO conflict VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for (seq, booking) in bookings.iter().enumerate() {
        booking_row.execute(params![
            seq,
            booking.id.as_str(),
            booking.state.as_str(),
            booking.action.as_str()
        ])?;
        for (name, value) in booking.fields() {
            field_row.execute(params![seq, name.as_str(), wire::encode_value(&value)])?;
        }
        for (position, payment) in booking.payments.iter().enumerate() {
            payment_row.execute(params![
                seq,
                position,
                payment.id,
                payment.amount.minor,
                payment.refunded.minor,
                payment.amount.currency.as_str(),
                wire::encode_moment(payment.paid_at),
                payment.baseline_refunded
            ])?;
        }
        for (position, record) in booking.records.iter().enumerate() {
            record_row.execute(params![seq, position, record.as_str()])?;
        }
        for (field, claims) in &booking.claims {
            for (position, claim) in claims.iter().enumerate() {
                claim_row.execute(params![
                    seq,
                    field.as_str(),
                    position,
                    claim.record.as_str(),
                    claim.field.as_str(),
                    wire::encode_value(&claim.value),
                    claim.place,
                    claim.rule,
                    claim.standing.as_str(),
                    claim.said_at.map(wire::encode_moment)
                ])?;
            }
        }
        for (position, reason) in booking.links.iter().enumerate() {
            link_row.execute(params![seq, position, reason])?;
        }
        for (position, waterfall) in booking.waterfalls.iter().enumerate() {
            waterfall_row.execute(params![seq, position, wire::encode_waterfall(waterfall)])?;
        }
        for (position, conflict) in booking.conflicts.iter().enumerate() {
            conflict_row.execute(params![
                seq,
                position,
                conflict.id.as_str(),
                conflict.kind.as_str(),
                conflict.field.map(FieldName::as_str),
                conflict.reason,
                wire::encode_candidates(&conflict.candidates),
                conflict.suggested,
                conflict.evidence
            ])?;
        }
    }
    Ok(())
}

fn write_charges(transaction: &Transaction<'_>, charges: &[Charge]) -> Result<(), StoreError> {
    let mut insert = transaction.prepare("INSERT INTO charge VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for (position, charge) in charges.iter().enumerate() {
        insert.execute(params![
            position,
            charge.id,
            charge.amount.minor,
            charge.refunded.minor,
            charge.amount.currency.as_str(),
            wire::encode_moment(charge.paid_at),
            charge.bucket.as_str(),
            charge.booking.as_ref().map(BookingId::as_str),
            charge.reason
        ])?;
    }
    Ok(())
}

/// How much of a booking is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Depth<'d> {
    /// With the waterfalls too, of which there is one for every record.
    Explained,
    Whole,
    /// Without the claims and links that explain it.
    Values,
    /// Values, and the claims of those bookings that have a question of one of these kinds about one of these fields.
    Asked {
        kinds: &'d [ConflictKind],
        fields: &'d [FieldName],
    },
}

/// Reads some bookings, or all of them: each table once, in the order of its key, whatever their number.
pub(super) fn read_bookings(
    connection: &Connection,
    only: Option<&[i64]>,
    depth: Depth<'_>,
) -> Result<Vec<Booking>, StoreError> {
    Ok(read_placed(connection, only, depth)?.into_values().collect())
}

/// The same, each by its number in the order in which they were put.
pub(super) fn read_placed(
    connection: &Connection,
    only: Option<&[i64]>,
    depth: Depth<'_>,
) -> Result<BTreeMap<i64, Booking>, StoreError> {
    let mut reading = Reading {
        connection,
        // SQLite reads a list of numbers as JSON does.
        only: only.map(|seqs| format!("{seqs:?}")),
        bookings: BTreeMap::new(),
    };
    reading.begin()?;
    reading.add_values()?;
    reading.add("conflict", conflict, |booking, conflict| {
        booking.conflicts.push(conflict);
    })?;
    match depth {
        Depth::Values => {}
        Depth::Whole | Depth::Explained => {
            reading.add("claim", claim, put_claim)?;
            reading.add(
                "link",
                |row| Ok(row.get(2)?),
                |booking, reason| booking.links.push(reason),
            )?;
        }
        Depth::Asked { kinds, fields } => {
            let is_asked = |conflict: &Conflict| {
                kinds.contains(&conflict.kind) && conflict.field.is_some_and(|field| fields.contains(&field))
            };
            let asked = reading.bookings.iter();
            let asked = asked.filter(|(_, booking)| booking.conflicts.iter().any(is_asked));
            let asked: Vec<i64> = asked.map(|(seq, _)| *seq).collect();
            reading.only = Some(format!("{asked:?}"));
            reading.add("claim", claim, put_claim)?;
        }
    }
    if matches!(depth, Depth::Explained) {
        reading.add(
            "waterfall",
            |row| word(row, 2, wire::decode_waterfall),
            |booking, waterfall| booking.waterfalls.push(waterfall),
        )?;
    }
    Ok(reading.bookings)
}

fn put_claim(booking: &mut Booking, (field, claim): (FieldName, Claim)) {
    booking.claims.entry(field).or_default().push(claim);
}

struct Reading<'a> {
    connection: &'a Connection,
    only: Option<String>,
    bookings: BTreeMap<i64, Booking>,
}

impl Reading<'_> {
    fn begin(&mut self) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT * FROM booking WHERE {} ORDER BY seq",
            self.wanted("seq")
        ))?;
        let mut rows = statement.query([&self.only])?;
        while let Some(row) = rows.next()? {
            self.bookings.insert(row.get(0)?, empty_booking(row)?);
        }
        Ok(())
    }

    /// Two texts: with `?1 IS NULL OR` the planner would read the whole table for one booking.
    fn wanted(&self, column: &str) -> String {
        if self.only.is_some() {
            format!("{column} IN (SELECT value FROM json_each(?1))")
        } else {
            "?1 IS NULL".to_owned()
        }
    }

    /// Values, payments and the names of records.
    fn add_values(&mut self) -> Result<(), StoreError> {
        self.add("field", field, |booking, (name, value)| {
            booking.set_field(name, value);
        })?;
        self.add("payment", payment, |booking, payment| {
            booking.payments.push(payment);
        })?;
        self.add(
            "booking_record",
            |row| Ok(RecordId(row.get(2)?)),
            |booking, id| booking.records.push(id),
        )
    }

    /// Reads the rows of a table and puts each on its booking.
    fn add<T>(
        &mut self,
        table: &str,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
        put: impl Fn(&mut Booking, T),
    ) -> Result<(), StoreError> {
        let wanted = self.wanted("booking");
        // Its primary key orders the rows of every such table.
        let sql = format!("SELECT * FROM {table} WHERE {wanted} ORDER BY booking, 2, 3");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([&self.only])?;
        while let Some(row) = rows.next()? {
            if let Some(booking) = self.bookings.get_mut(&row.get(0)?) {
                put(booking, read(row)?);
            }
        }
        Ok(())
    }
}

fn damaged(what: &str, text: &str) -> StoreError {
    StoreError::unreadable(format!("the {what} \"{text}\""))
}

/// Reads a word by its parser; an unknown one is damage.
pub(super) fn word<T>(row: &Row<'_>, column: usize, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| damaged("word", &text))
}

fn empty_booking(row: &Row<'_>) -> Result<Booking, StoreError> {
    Ok(Booking::bare(
        BookingId(row.get(1)?),
        word(row, 2, State::parse)?,
        word(row, 3, Action::parse)?,
    ))
}

fn field(row: &Row<'_>) -> Result<(FieldName, Value), StoreError> {
    Ok((word(row, 1, FieldName::parse)?, word(row, 2, wire::decode_value)?))
}

fn payment(row: &Row<'_>) -> Result<Payment, StoreError> {
    let currency = word(row, 5, Currency::parse)?;
    Ok(Payment {
        id: row.get(2)?,
        amount: Money::new(row.get(3)?, currency),
        refunded: Money::new(row.get(4)?, currency),
        paid_at: word(row, 6, wire::decode_moment)?,
        baseline_refunded: row.get(7)?,
    })
}

fn charge(row: &Row<'_>) -> Result<Charge, StoreError> {
    let currency = word(row, 4, Currency::parse)?;
    let booking: Option<String> = row.get(7)?;
    Ok(Charge {
        id: row.get(1)?,
        amount: Money::new(row.get(2)?, currency),
        refunded: Money::new(row.get(3)?, currency),
        paid_at: word(row, 5, wire::decode_moment)?,
        bucket: word(row, 6, Bucket::parse)?,
        booking: booking.map(BookingId),
        reason: row.get(8)?,
    })
}

fn claim(row: &Row<'_>) -> Result<(FieldName, Claim), StoreError> {
    let said_at: Option<String> = row.get(9)?;
    let claim = Claim {
        record: RecordId(row.get(3)?),
        field: word(row, 4, FieldName::parse)?,
        value: word(row, 5, wire::decode_value)?,
        place: row.get(6)?,
        rule: row.get(7)?,
        standing: word(row, 8, Standing::parse)?,
        said_at: said_at
            .map(|text| wire::decode_moment(&text).ok_or_else(|| damaged("moment", &text)))
            .transpose()?,
    };
    Ok((word(row, 1, FieldName::parse)?, claim))
}

fn conflict(row: &Row<'_>) -> Result<Conflict, StoreError> {
    let field: Option<String> = row.get(4)?;
    Ok(Conflict {
        id: ConflictId(row.get(2)?),
        kind: word(row, 3, ConflictKind::parse)?,
        field: field
            .map(|text| FieldName::parse(&text).ok_or_else(|| damaged("field", &text)))
            .transpose()?,
        reason: row.get(5)?,
        candidates: word(row, 6, wire::decode_candidates)?,
        suggested: row.get(7)?,
        evidence: row.get(8)?,
    })
}
