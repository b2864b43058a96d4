//! Which of two revisions of one thing is the later one, by what they say themselves.
//!
//! What a server answers is how things are now. What lies in files was so once, and nobody knows when: neither the
//! file's own time nor the order of pulls tells. But events carry the moment of their last change, and a payment only ever
//! moves on: refunds grow, what was captured stays captured. Where neither tells, and both say otherwise of the same thing,
//! it is not known, and that is the answer.
//!
//! Sources: Google's reference of events (`updated`, `sequence`); Stripe's of each object's states.

use crate::model::{Later, Record, SourceKind};
use chrono::DateTime;
use serde_json::Value;
use std::cmp::Ordering;

/// Compares what is known with what came.
pub fn later(known: &Record, came: &Record) -> Later {
    let read = |record: &Record| serde_json::from_slice::<Value>(&record.bytes).ok();
    let (Some(old), Some(new)) = (read(known), read(came)) else {
        return Later::NotTold;
    };
    let told = match known.kind {
        SourceKind::Stripe => progress(&known.object, &old, &new),
        SourceKind::GoogleCalendar => version(&old, &new),
        // A mail never changes.
        SourceKind::Mail => return Later::Known,
    };
    match told {
        Some(Ordering::Less) => Later::Came,
        Some(Ordering::Greater) => Later::Known,
        Some(Ordering::Equal) => fuller(&old, &new),
        None if agree(&old, &new, known.kind) => fuller(&old, &new),
        None => Later::NotTold,
    }
}

/// Of two that say the same, the one that says more.
fn fuller(old: &Value, new: &Value) -> Later {
    if leaves(new) > leaves(old) {
        Later::Came
    } else {
        Later::Known
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(fields) => {
            // What an export tells beyond the API's fields is not read as evidence.
            let counted = fields.iter().filter(|(name, _)| *name != "export");
            counted.map(|(_, value)| leaves(value)).sum()
        }
        _ => 1,
    }
}

/// By the last change of an event, to the second: exports leave out the rest. None: one of them does not tell.
fn version(old: &Value, new: &Value) -> Option<Ordering> {
    let updated = |event: &Value| {
        let text = event["updated"].as_str()?;
        Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp())
    };
    let sequence = |event: &Value| event["sequence"].as_i64();
    let compared = |read: &dyn Fn(&Value) -> Option<i64>| Some(read(old)?.cmp(&read(new)?));
    match (compared(&updated), compared(&sequence)) {
        (Some(updated), Some(sequence)) => Some(updated.then(sequence)),
        (Some(updated), None) => Some(updated),
        (None, sequence) => sequence.filter(|order| *order != Ordering::Equal),
    }
}

/// What only grows.
const AMOUNTS: [&str; 5] = [
    "amount_refunded",
    "amount_captured",
    "amount_received",
    "amount_paid",
    "amount_credited",
];
/// What never becomes false again.
const FLAGS: [&str; 3] = ["captured", "refunded", "disputed"];

/// States of each kind of object that follow upon each other; what is not in it has no order.
fn step(object: &str, status: &str) -> Option<u8> {
    Some(match (object, status) {
        ("charge", "pending")
        | (
            "payment_intent",
            "requires_payment_method"
            | "requires_confirmation"
            | "requires_action"
            | "processing"
            | "requires_capture",
        )
        | ("refund", "pending" | "requires_action")
        | ("invoice", "draft")
        | ("checkout.session", "open")
        | ("dispute", "needs_response" | "warning_needs_response") => 0,
        ("invoice", "open")
        | ("dispute", "under_review" | "warning_under_review")
        | ("refund", "succeeded") => 1,
        ("charge", "succeeded" | "failed")
        | ("payment_intent", "succeeded" | "canceled")
        | ("refund", "failed" | "canceled")
        | ("invoice", "paid" | "void" | "uncollectible")
        | ("checkout.session", "complete" | "expired")
        | ("dispute", "won" | "lost" | "warning_closed") => 2,
        _ => return None,
    })
}

/// How far a payment has come. None: nothing that moves on differs, or it moved both ways.
fn progress(object: &str, old: &Value, new: &Value) -> Option<Ordering> {
    let mut told = Vec::new();
    for field in AMOUNTS {
        if let (Some(before), Some(after)) = (old[field].as_i64(), new[field].as_i64()) {
            told.push(before.cmp(&after));
        }
    }
    for field in FLAGS {
        if let (Some(before), Some(after)) = (old[field].as_bool(), new[field].as_bool()) {
            told.push(before.cmp(&after));
        }
    }
    let status = |value: &Value| value["status"].as_str().and_then(|status| step(object, status));
    if let (Some(before), Some(after)) = (status(old), status(new)) {
        told.push(before.cmp(&after));
    }
    let has = |order| told.contains(&order);
    match (has(Ordering::Less), has(Ordering::Greater)) {
        (true, false) => Some(Ordering::Less),
        (false, true) => Some(Ordering::Greater),
        _ => None,
    }
}

/// What exports say in words of their own, or to the minute; and what never changes.
const NOT_COMPARED: [&str; 12] = [
    "arrival_date",
    "available_on",
    "created",
    "due_date",
    "export",
    "object",
    "outcome",
    "payment_method_details",
    "period_end",
    "period_start",
    "source",
    "statement_descriptor",
];
/// What of an event a booking can be read from.
const OF_EVENTS: [&str; 6] = ["summary", "description", "location", "start", "end", "status"];

/// Whether neither contradicts the other in anything that both tell.
fn agree(old: &Value, new: &Value, kind: SourceKind) -> bool {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return false;
    };
    let counts = |field: &str| match kind {
        SourceKind::GoogleCalendar => OF_EVENTS.contains(&field),
        _ => !NOT_COMPARED.contains(&field),
    };
    new.iter()
        .filter(|(field, _)| counts(field))
        .all(|(field, after)| old.get(field).is_none_or(|before| same(before, after)))
}

fn same(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => after
            .iter()
            .all(|(field, after)| before.get(field).is_none_or(|before| same(before, after))),
        (Value::String(before), Value::String(after)) => {
            before.trim().is_empty() || after.trim().is_empty() || before.trim() == after.trim()
        }
        // Not told by one of them, or told in a form that cannot be compared: an id, and the thing itself.
        (Value::Null, _)
        | (_, Value::Null)
        | (Value::Object(_), Value::String(_))
        | (Value::String(_), Value::Object(_)) => true,
        _ => before == after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RecordId;

    fn compared(kind: SourceKind, object: &str, known: &str, came: &str) -> Later {
        let record = |json: &str| Record {
            id: RecordId::new("s", "1"),
            kind,
            object: object.to_owned(),
            container: String::new(),
            origin: String::new(),
            bytes: json.into(),
        };
        later(&record(known), &record(came))
    }

    #[test]
    fn a_payment_only_moves_on() {
        let of = |object: &str, known: &str, came: &str| {
            assert_ne!(
                compared(SourceKind::Stripe, object, known, came),
                compared(SourceKind::Stripe, object, came, known),
                "{known} {came}"
            );
            compared(SourceKind::Stripe, object, known, came)
        };
        let api = r#"{"amount": 500, "amount_refunded": 200, "status": "succeeded", "metadata": {"a": "b"}}"#;
        assert_eq!(
            of("charge", api, r#"{"amount": 500, "amount_refunded": 0}"#),
            Later::Known
        );
        assert_eq!(
            of("charge", api, r#"{"amount": 500, "amount_refunded": 500}"#),
            Later::Came
        );
        assert_eq!(
            of("charge", api, r#"{"amount": 500, "status": "pending"}"#),
            Later::Known
        );
        assert_eq!(
            of("invoice", r#"{"status": "open"}"#, r#"{"status": "paid"}"#),
            Later::Came
        );
        // An export that tells nothing else tells less.
        assert_eq!(
            of(
                "charge",
                api,
                r#"{"amount": 500, "amount_refunded": 200, "created": 60, "export": {"Fee": "1"}}"#
            ),
            Later::Known
        );
    }

    #[test]
    fn what_nothing_tells_is_not_guessed() {
        let of = |known: &str, came: &str| compared(SourceKind::Stripe, "customer", known, came);
        assert_eq!(
            of(
                r#"{"email": "old@x.example", "name": "Ann"}"#,
                r#"{"email": "new@x.example"}"#
            ),
            Later::NotTold
        );
        assert_eq!(
            of(r#"{"email": "a@x.example", "name": null}"#, r#"{"name": "Ann"}"#),
            Later::Known
        );
        assert_eq!(of("not json", r#"{"name": "Ann"}"#), Later::NotTold);
        // More refunded, and less captured.
        let charge = compared(
            SourceKind::Stripe,
            "charge",
            r#"{"amount_refunded": 0, "amount_captured": 9}"#,
            r#"{"amount_refunded": 5, "amount_captured": 5}"#,
        );
        assert_eq!(charge, Later::NotTold);
    }

    #[test]
    fn an_event_tells_when_it_changed() {
        let of = |known: &str, came: &str| compared(SourceKind::GoogleCalendar, "event", known, came);
        let api = r#"{"updated": "2026-03-02T10:00:00.480Z", "sequence": 2, "summary": "A", "etag": "x"}"#;
        assert_eq!(
            of(api, r#"{"updated": "2026-03-01T10:00:00Z", "summary": "B"}"#),
            Later::Known
        );
        assert_eq!(
            of(api, r#"{"updated": "2026-03-03T10:00:00Z", "summary": "B"}"#),
            Later::Came
        );
        assert_eq!(
            of(api, r#"{"updated": "2026-03-02T10:00:00Z", "summary": "A"}"#),
            Later::Known
        );
        assert_eq!(of(api, r#"{"sequence": 1, "summary": "B"}"#), Later::Known);
        assert_eq!(of(api, r#"{"summary": "A"}"#), Later::Known);
        assert_eq!(of(api, r#"{"summary": "B"}"#), Later::NotTold);
    }
}
