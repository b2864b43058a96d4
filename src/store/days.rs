//! What stands around some days, found without reading the whole of staging; and how staging as a whole differs from what
//! the last build was made of.

use super::bookings::{Depth, read_bookings};
use super::{Staging, StoreError};
use crate::model::Booking;
use crate::wire;
use chrono::{Days, NaiveDate};
use rusqlite::{Connection, Transaction, params};
use std::collections::BTreeMap;

impl Staging {
    /// Bookings that may be under way on a day: those that begin before its end and end after its beginning, those that a
    /// question or an answer puts there, and those in question of which no day is known. A few of the days
    /// around are among them, for staging knows no time zone.
    pub fn bookings_around(&self, day: NaiveDate) -> Result<Vec<Booking>, StoreError> {
        let days = [-1_i64, 0, 1, 2].map(|offset| shifted(day, offset).to_string());
        let (from, to) = (when_text(&days[0]), when_text(&days[3]));
        let mut statement = self.connection.prepare(AROUND)?;
        let found = statement.query_map(params![from, to, days[0], days[1], days[2]], |row| {
            row.get::<_, i64>(0)
        })?;
        let seqs: Vec<i64> = found.collect::<Result<_, _>>()?;
        read_bookings(&self.connection, Some(&seqs), Depth::Values)
    }

    /// Bookings of the backup that no record has told of since, and that are under way on a day.
    pub fn standing_around(&self, day: NaiveDate) -> Result<Vec<Booking>, StoreError> {
        let sql = "SELECT booking FROM standing WHERE last_day >= ?1 AND first_day <= ?1 ORDER BY position";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([day.to_string()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            let damaged = || StoreError::unreadable("a booking of the backup");
            found.push(wire::decode_standing(&text).ok_or_else(damaged)?);
        }
        Ok(found)
    }

    /// A number that grows with everything that is received.
    pub fn last_revision(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM revision";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Every booking's id with its state and a text that differs where one of its values or payments does.
    pub fn outline(&self) -> Result<BTreeMap<String, (String, String)>, StoreError> {
        let mut statement = self.connection.prepare(OUTLINE)?;
        let rows = statement.query_map([], |row| {
            let (fields, payments): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
            let values = fields.unwrap_or_default() + &payments.unwrap_or_default();
            Ok((row.get(0)?, (row.get(1)?, values)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What SQLite finds wrong with the file; empty where it is whole.
    pub fn faults(&self) -> Result<Vec<String>, StoreError> {
        let mut faults = texts(&self.connection, "PRAGMA integrity_check(20)")?;
        faults.retain(|fault| fault != "ok");
        faults.extend(texts(
            &self.connection,
            "SELECT 'a row of ' || \"table\" || ' refers to a row of ' || parent || ' that is missing'
             FROM pragma_foreign_key_check LIMIT 20",
        )?);
        faults.extend(texts(
            &self.connection,
            "SELECT 'record ' || id || ' has no bytes' FROM record WHERE current IS NULL LIMIT 20",
        )?);
        Ok(faults)
    }

    /// How many problems each source met.
    pub fn problems_by_source(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = "SELECT source, count(*) FROM problem GROUP BY source";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Text compares as time does: what staging keeps of a moment begins with its UTC date.
const AROUND: &str = "
    SELECT e.booking FROM field e WHERE e.name = 'ends_at' AND e.value >= ?1
       AND EXISTS (SELECT 1 FROM field s WHERE s.booking = e.booking AND s.name = 'starts_at' AND s.value < ?2)
    UNION SELECT booking FROM field WHERE name = 'starts_at' AND value >= ?1 AND value < ?2
    UNION SELECT booking FROM conflict WHERE field IN ('starts_at', 'ends_at')
       AND (instr(candidates, ?3) OR instr(candidates, ?4) OR instr(candidates, ?5))
    UNION SELECT booking.seq FROM booking JOIN decision ON decision.booking = booking.id
       WHERE instr(answer, ?3) OR instr(answer, ?4) OR instr(answer, ?5)
    UNION SELECT seq FROM booking WHERE state = 'flagged'
       AND NOT EXISTS (SELECT 1 FROM field WHERE booking = seq AND name = 'starts_at')";

const OUTLINE: &str = "
    SELECT id, state,
       (SELECT group_concat(name || value, '') FROM field WHERE booking = seq),
       (SELECT group_concat(payment.id || amount || ' ' || refunded, '') FROM payment WHERE booking = booking.seq)
    FROM booking";

fn shifted(day: NaiveDate, by: i64) -> NaiveDate {
    let days = Days::new(by.unsigned_abs());
    let moved = if by < 0 {
        day.checked_sub_days(days)
    } else {
        day.checked_add_days(days)
    };
    moved.unwrap_or(day)
}

/// How a moment of that day begins in `field.value`.
fn when_text(day: &str) -> String {
    format!("{{\"when\":\"{day}")
}

fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Replaces the standing bookings: each with its first and last day.
pub(super) fn write_standing(
    transaction: &Transaction<'_>,
    standing: &[(NaiveDate, NaiveDate, Booking)],
) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM standing", [])?;
    let mut insert = transaction.prepare("INSERT INTO standing VALUES (?1, ?2, ?3, ?4)")?;
    for (position, (first_day, last_day, booking)) in standing.iter().enumerate() {
        insert.execute(params![
            position,
            first_day.to_string(),
            last_day.to_string(),
            wire::encode_standing(booking)
        ])?;
    }
    Ok(())
}
