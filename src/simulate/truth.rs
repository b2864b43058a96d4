//! What is true, for scoring: every booking with its history, and whose each record is.

use super::business::Business;
use super::life::{Life, Revision};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Whose each surviving record is, and what tells of each booking.
#[derive(Debug, Default)]
pub struct Ledger {
    records: Vec<(String, Option<usize>, &'static str)>,
    evidence: BTreeMap<usize, BTreeSet<&'static str>>,
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
}

/// `records.jsonl`: whose each record is.
pub fn records(business: &Business, life: &Life, ledger: &Ledger) -> String {
    ledger
        .records
        .iter()
        .map(|(record, booking, role)| {
            let booking = booking.map(|place| key(business, &life.bookings[place].key));
            json!({"record": record, "booking": booking, "role": role}).to_string() + "\n"
        })
        .collect()
}

/// `bookings.jsonl`: every booking as it was when the data was lost.
pub fn bookings(business: &Business, life: &Life, ledger: &Ledger) -> String {
    let window = life.window;
    let mut lines = String::new();
    for (place, booking) in life.bookings.iter().enumerate() {
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
            "id": key(business, &booking.key), "reference": booking.reference,
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
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines
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
