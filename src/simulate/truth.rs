//! What is true, for scoring: every booking with its history, and whose each record is.

use super::business::Business;
use super::damage::{Harm, Harms};
use super::life::{Booking, Life, Revision};
use super::payments;
use chrono::{DateTime, SecondsFormat, Utc};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Whose each surviving record is, and what tells of each booking.
#[derive(Debug, Default)]
pub struct Ledger {
    records: Vec<(String, Option<usize>, &'static str)>,
    evidence: BTreeMap<usize, BTreeSet<&'static str>>,
    harms: BTreeMap<usize, Harms>,
}

impl Ledger {
    pub fn enter(&mut self, record: String, booking: Option<usize>, role: &'static str) {
        self.records.push((record, booking, role));
    }

    /// Notes that a surviving record of this sort tells of a booking.
    pub fn tell(&mut self, booking: Option<usize>, evidence: &'static str) {
        if let Some(booking) = booking {
            self.evidence.entry(booking).or_default().insert(evidence);
        }
    }

    /// Notes what befell a record of a booking, or one that is missing.
    pub fn hurt(&mut self, booking: usize, harm: Harm) {
        self.harms.entry(booking).or_default().insert(harm);
    }

    /// Takes in what another has noted, behind its own.
    pub fn absorb(&mut self, other: Self) {
        self.records.extend(other.records);
        for (booking, evidence) in other.evidence {
            self.evidence.entry(booking).or_default().extend(evidence);
        }
        for (booking, harms) in other.harms {
            let own = self.harms.entry(booking).or_default();
            *own = own.union(harms);
        }
    }
}

/// `damage.jsonl`: what befell each booking and its records. A booking that nothing befell has no line.
pub fn damage(business: &Business, life: &Life, ledger: &Ledger) -> String {
    let lines: Vec<String> = (0..life.bookings.len())
        .into_par_iter()
        .map(|place| {
            let noted = ledger.harms.get(&place).copied().unwrap_or_default();
            let names = noted.union(harms(life, place)).names();
            if names.is_empty() {
                return String::new();
            }
            json!({"booking": booking_key(business, &life.bookings[place]), "damage": names}).to_string()
                + "\n"
        })
        .collect();
    lines.concat()
}

/// What befell a booking in life.
fn harms(life: &Life, place: usize) -> Harms {
    let booking = &life.bookings[place];
    let customer = &life.customers[booking.customer];
    let mut harms = booking.harms.union(payments::harms(life, place));
    for (harm, befell) in [
        (
            Harm::MovedSilently,
            booking.revisions.iter().any(|revision| !revision.notified),
        ),
        (
            Harm::EventStale,
            booking.revisions.iter().any(|revision| !revision.on_calendar),
        ),
        (Harm::AddressChanged, customer.former.is_some()),
        (Harm::Namesake, customer.has_namesake),
    ] {
        if befell {
            harms.insert(harm);
        }
    }
    harms
}

/// `records.jsonl`: whose each record is.
pub fn records(business: &Business, life: &Life, ledger: &Ledger) -> String {
    let mut lines = String::with_capacity(ledger.records.len() * 96);
    for (record, booking, role) in &ledger.records {
        let booking = booking.map_or(Value::Null, |place| booking_key(business, &life.bookings[place]));
        // Its members in alphabetical order, as elsewhere.
        writeln!(
            lines,
            "{{\"booking\":{booking},\"record\":{},\"role\":{}}}",
            json!(record),
            json!(role)
        )
        .expect("a String takes all that is written");
    }
    lines
}

/// `bookings.jsonl`: every booking as it was when the data was lost.
pub fn bookings(business: &Business, life: &Life, ledger: &Ledger) -> String {
    let lines: Vec<String> = (0..life.bookings.len())
        .into_par_iter()
        .map(|place| booking_line(business, life, ledger, place))
        .collect();
    lines.concat()
}

fn booking_line(business: &Business, life: &Life, ledger: &Ledger, place: usize) -> String {
    let (window, booking) = (life.window, &life.bookings[place]);
    let last = booking.last();
    let customer = &life.customers[booking.customer];
    let resource = &life.resources[last.resource];
    let payments: Vec<Value> = life
        .charges_of(place)
        .filter(|charge| charge.pays())
        .map(|charge| {
            json!({"id": charge.id, "amount": charge.amount, "refunded": charge.refunded(),
                    "at": stamp(charge.created), "kind": charge.purpose.as_str()})
        })
        .collect();
    let revisions: Vec<Value> = booking
            .revisions
            .iter()
            .map(|revision| {
                json!({"at": stamp(revision.at), "starts_at": stamp(revision.starts_at),
                    "ends_at": stamp(revision.ends_at), "status": if revision.cancelled { "cancelled" } else { "confirmed" },
                    "resource": number(&life.resources[revision.resource].key), "total": revision.total,
                    "notified": revision.notified, "on_calendar": revision.on_calendar})
            })
            .collect();
    let in_backup = booking.created_at <= window.backup;
    let evidence: Vec<&str> = ledger
        .evidence
        .get(&place)
        .into_iter()
        .flatten()
        .copied()
        .collect();
    let line = json!({
        "id": booking_key(business, booking), "reference": booking.reference,
        "tenant": booking.tenant.map(|tenant| tenant + 1),
        "customer": {"id": key(business, &customer.key), "name": customer.name.written,
            "email": customer.email_at(window.loss), "old_email": customer.former.as_ref().map(|(old, _)| old),
            "phone": customer.phone},
        "resource": number(&resource.key), "resource_label": resource.name,
        "starts_at": stamp(last.starts_at), "ends_at": stamp(last.ends_at),
        "status": status(last, window.loss), "total": last.total, "currency": business.currency.code,
        "created_at": stamp(booking.created_at), "in_backup": in_backup,
        "changed_since_backup": in_backup && booking.changed_since(window.backup),
        "cash": booking.cash, "evidence": evidence, "payments": payments, "revisions": revisions,
    });
    line.to_string() + "\n"
}

/// The canonical status at a moment.
pub fn status(revision: &Revision, moment: DateTime<Utc>) -> &'static str {
    if revision.cancelled {
        "cancelled"
    } else if revision.ends_at <= moment {
        "completed"
    } else {
        "confirmed"
    }
}

/// The parts of a composite key are joined by `|`.
fn booking_key(business: &Business, booking: &Booking) -> Value {
    let table = &business.schema.booking;
    if !table.has_composite_key() {
        return key(business, &booking.key);
    }
    let own = table.own_key();
    let parts: Vec<String> = table
        .key_columns()
        .into_iter()
        .map(|column| match booking.tenant {
            Some(tenant) if Some(column) != own => (tenant + 1).to_string(),
            _ => booking.key.clone(),
        })
        .collect();
    parts.join("|").into()
}

fn key(business: &Business, key: &str) -> Value {
    if business.schema.uuids {
        key.into()
    } else {
        number(key)
    }
}

fn number(key: &str) -> Value {
    key.parse::<i64>().map_or_else(|_| key.into(), Into::into)
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}
