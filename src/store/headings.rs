//! What a review needs of a build before it opens a booking, and how it finds the few that it opens.
//!
//! Headings and the backup's rows are written after a build. Where a build has replaced the bookings since, they are of
//! bookings that are gone, which [`Staging::is_headed`] tells.

use super::bookings::{Depth, read_placed, word};
use super::{Staging, StoreError};
use crate::model::{
    Baseline, Booking, BookingId, ConflictId, ConflictKind, Currency, Customer, FieldName, Heading, Money,
    RecordId, Status, Value, When, Wording,
};
use crate::wire;
use rusqlite::{Connection, Row, ToSql, Transaction, TransactionBehavior, params};

/// Grows with every build.
const BUILT: &str = "generation";
/// The build that the headings are of.
const HEADED: &str = "headed";

const TABLES: [&str; 5] = [
    "heading",
    "wording",
    "backup_resource",
    "backup_customer",
    "backup_booking",
];

impl Staging {
    /// A number that grows with every build: what was read under another is of bookings that are gone.
    pub fn generation(&self) -> Result<i64, StoreError> {
        number(&self.connection, BUILT)
    }

    /// Whether the headings are of the last build.
    pub fn is_headed(&self) -> Result<bool, StoreError> {
        let headed = number(&self.connection, HEADED)?;
        Ok(headed > 0 && headed == number(&self.connection, BUILT)?)
    }

    /// Keeps the headings of the build with this generation, and the backup that answers are checked against.
    pub fn put_headings(
        &mut self,
        headings: &[(Heading, Wording)],
        baseline: Option<&Baseline>,
        generation: i64,
    ) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in TABLES {
            transaction.execute(&format!("DELETE FROM {table}"), [])?;
        }
        write_headings(&transaction, headings)?;
        if let Some(baseline) = baseline {
            super::backup::write(&transaction, baseline)?;
        }
        super::runs::set_fact(&transaction, HEADED, &generation.to_string())?;
        transaction.commit()?;
        Ok(())
    }

    /// How many bookings there are.
    pub fn extent(&self) -> Result<usize, StoreError> {
        let sql = "SELECT coalesce(max(seq) + 1, 0) FROM booking";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// The heading of every question, by the booking's place, then its own.
    pub fn headings(&self) -> Result<Vec<Heading>, StoreError> {
        let sql =
            "SELECT booking, position, booking_id, conflict, evidence, kind, field, starts, gap, likeness
                   FROM heading ORDER BY booking, position";
        self.all(sql, &[], heading)
    }

    /// What a filter looks for in each, in the same order.
    pub fn wordings(&self) -> Result<Vec<Wording>, StoreError> {
        let sql = "SELECT customer, resource, tenant, text FROM wording ORDER BY booking, position";
        self.all(sql, &[], |row| {
            Ok(Wording {
                customer: row.get(0)?,
                resource: row.get(1)?,
                tenant: row.get(2)?,
                text: row.get(3)?,
            })
        })
    }

    /// The places of bookings with these ids.
    pub fn places(&self, ids: &[&BookingId]) -> Result<Vec<usize>, StoreError> {
        let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
        let sql = "SELECT seq FROM booking WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY seq";
        self.all(sql, &[&wire::encode_names(&ids)], |row| Ok(row.get(0)?))
    }

    /// The bookings of a resource by its key, each with its time unless it is cancelled or has none.
    pub fn places_of_resource(&self, key: &str) -> Result<Vec<Taken>, StoreError> {
        let sql = "SELECT found.booking, starts.value, ends.value, status.value FROM field found
             LEFT JOIN field starts ON starts.booking = found.booking AND starts.name = 'starts_at'
             LEFT JOIN field ends ON ends.booking = found.booking AND ends.name = 'ends_at'
             LEFT JOIN field status ON status.booking = found.booking AND status.name = 'status'
             WHERE found.name = 'resource.key' AND lower(found.value) = lower(?1) AND found.value = ?1
             ORDER BY found.booking";
        let decode = |text: Option<String>| text.as_deref().and_then(wire::decode_value);
        self.all(sql, &[&text_of(key)], |row| {
            let when = |column| -> Result<Option<When>, StoreError> {
                Ok(match decode(row.get(column)?) {
                    Some(Value::When(when)) => Some(when),
                    _ => None,
                })
            };
            let is_off = decode(row.get(3)?) == Some(Value::Status(Status::Cancelled));
            let span = when(1)?.zip(when(2)?).filter(|_| !is_off);
            Ok((row.get(0)?, span))
        })
    }

    /// The bookings that share an address, a phone, a name or a row with this customer.
    pub fn places_of_customer(&self, customer: &Customer) -> Result<Vec<usize>, StoreError> {
        let known = [
            (FieldName::CustomerEmail, &customer.email),
            (FieldName::CustomerPhone, &customer.phone),
            (FieldName::CustomerName, &customer.name),
            (FieldName::CustomerKey, &customer.baseline_key),
        ];
        let mut places = Vec::new();
        for (field, value) in known {
            if let Some(value) = value {
                places.extend(self.places_with(field, value)?);
            }
        }
        Ok(places)
    }

    /// The bookings with this id, or this reference in either case.
    pub fn places_called(&self, name: &str) -> Result<Vec<usize>, StoreError> {
        let mut places = self.places(&[&BookingId(name.to_owned())])?;
        places.extend(self.places_with(FieldName::Reference, name)?);
        Ok(places)
    }

    /// The bookings that a record tells of.
    pub fn places_of_record(&self, record: &RecordId) -> Result<Vec<usize>, StoreError> {
        let sql = "SELECT booking FROM booking_record WHERE record = ?1";
        self.all(sql, &[&record.as_str()], |row| Ok(row.get(0)?))
    }

    /// The bookings with a question of a kind that may name a record; whoever asks looks again.
    pub fn places_asking(&self, kind: ConflictKind, record: &RecordId) -> Result<Vec<usize>, StoreError> {
        let sql = "SELECT booking FROM conflict WHERE kind = ?1 AND instr(candidates, ?2) > 0";
        let name = wire::encode_names(&[record.as_str()]);
        let name = name.trim_matches(['[', ']']);
        self.all(sql, &[&kind.as_str(), &name], |row| Ok(row.get(0)?))
    }

    /// Whether a booking is about this row of the backup.
    pub fn is_told(&self, row: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM field
                   WHERE name = 'booking.key' AND lower(value) = lower(?1) AND value = ?1 LIMIT 1";
        Ok(!self.all(sql, &[&text_of(row)], |_| Ok(()))?.is_empty())
    }

    /// The bookings at these places, in their order: with the claims of those alone that have a question of one of
    /// these kinds about one of these fields, and without links.
    pub fn bookings_at(
        &self,
        places: &[usize],
        kinds: &[ConflictKind],
        fields: &[FieldName],
    ) -> Result<Vec<Booking>, StoreError> {
        let seqs: Vec<i64> = places
            .iter()
            .filter_map(|place| i64::try_from(*place).ok())
            .collect();
        let depth = Depth::Asked { kinds, fields };
        let mut by_place = read_placed(&self.connection, Some(&seqs), depth)?;
        let missing = || StoreError::unreadable("a booking that is gone");
        seqs.iter()
            .map(|seq| by_place.remove(seq).ok_or_else(missing))
            .collect()
    }

    /// What waits on each booking for an answer: charges less what was given back.
    pub fn at_stake(&self) -> Result<Vec<(BookingId, Money)>, StoreError> {
        let sql = "SELECT booking, currency, sum(amount - refunded) FROM charge
                   WHERE bucket = 'in_conflict' AND booking IS NOT NULL GROUP BY booking, currency";
        self.all(sql, &[], |row| {
            let money = Money::new(row.get(2)?, word(row, 1, Currency::parse)?);
            Ok((BookingId(row.get(0)?), money))
        })
    }

    fn places_with(&self, field: FieldName, text: &str) -> Result<Vec<usize>, StoreError> {
        // The name stands in the text, so that the planner sees that the partial index fits.
        let sql = format!(
            "SELECT booking FROM field WHERE name = '{}' AND lower(value) = lower(?1) ORDER BY booking",
            field.as_str()
        );
        self.all(&sql, &[&text_of(text)], |row| Ok(row.get(0)?))
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        given: &[&dyn ToSql],
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(given)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }
}

/// A booking's place, with its time where it takes any.
pub type Taken = (usize, Option<(When, When)>);

/// Says that the bookings were replaced.
pub(super) fn grow(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let next = number(transaction, BUILT)? + 1;
    super::runs::set_fact(transaction, BUILT, &next.to_string())
}

fn number(connection: &Connection, fact: &str) -> Result<i64, StoreError> {
    let mut statement = connection.prepare("SELECT value FROM fact WHERE key = ?1")?;
    let mut rows = statement.query([fact])?;
    let Some(row) = rows.next()? else { return Ok(0) };
    let text: String = row.get(0)?;
    Ok(text.parse().unwrap_or(0))
}

fn text_of(text: &str) -> String {
    wire::encode_value(&Value::Text(text.to_owned()))
}

fn write_headings(transaction: &Transaction<'_>, headings: &[(Heading, Wording)]) -> Result<(), StoreError> {
    let mut heading_row =
        transaction.prepare("INSERT INTO heading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?;
    let mut wording_row = transaction.prepare("INSERT INTO wording VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (heading, wording) in headings {
        let starts: Vec<String> = heading.starts.iter().map(wire::encode_when).collect();
        heading_row.execute(params![
            heading.place,
            heading.position,
            heading.booking.as_str(),
            heading.conflict.as_str(),
            heading.evidence,
            heading.kind.as_str(),
            heading.field.map(FieldName::as_str),
            starts.join(" "),
            heading.gap_millibits,
            heading.likeness,
        ])?;
        wording_row.execute(params![
            heading.place,
            heading.position,
            wording.customer,
            wording.resource,
            wording.tenant,
            wording.text,
        ])?;
    }
    Ok(())
}

fn heading(row: &Row<'_>) -> Result<Heading, StoreError> {
    let field: Option<String> = row.get(6)?;
    let starts: String = row.get(7)?;
    let damaged = |what: &str, text: &str| StoreError::unreadable(format!("the {what} \"{text}\""));
    Ok(Heading {
        place: row.get(0)?,
        position: row.get(1)?,
        booking: BookingId(row.get(2)?),
        conflict: ConflictId(row.get(3)?),
        evidence: row.get(4)?,
        kind: word(row, 5, ConflictKind::parse)?,
        field: field
            .map(|text| FieldName::parse(&text).ok_or_else(|| damaged("field", &text)))
            .transpose()?,
        starts: starts
            .split_whitespace()
            .map(|text| When::parse(text).ok_or_else(|| damaged("moment", text)))
            .collect::<Result<_, _>>()?,
        gap_millibits: row.get(8)?,
        likeness: row.get(9)?,
    })
}
