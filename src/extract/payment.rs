//! Reads Stripe objects: every scalar by its JSON pointer, money and times typed as Stripe publishes them.
//!
//! Source: the Stripe API reference. Amounts are integers in minor units of the nearest `currency`; times
//! are epoch seconds. A customer's id is no kin: one customer has many bookings.

use super::json::{Json, Leaf, Reading, items};
use super::{Context, item};
use crate::model::{Currency, Document, Money, Record, RecordId, Scalar, Standing};
use chrono::{DateTime, Utc};

/// Fields that hold the id of another object of the same payment.
const REFERENCES: [&str; 9] = [
    "payment_intent",
    "charge",
    "latest_charge",
    "invoice",
    "refund",
    "subscription",
    "setup_intent",
    "source_transaction",
    "originating_transaction",
];
/// Kinds that are kin wherever they stand inside an object.
const KIN_KINDS: [&str; 3] = ["charge", "refund", "payment_intent"];
/// Amounts that are not named `amount…`.
const AMOUNTS: [&str; 11] = [
    "unit_amount",
    "application_fee_amount",
    "subtotal",
    "subtotal_excluding_tax",
    "total",
    "total_excluding_tax",
    "tax",
    "balance",
    "starting_balance",
    "ending_balance",
    "tax_amount",
];
/// Times that are not named `…_at`.
const TIMES: [&str; 10] = [
    "created",
    "available_on",
    "period_start",
    "period_end",
    "current_period_start",
    "current_period_end",
    "trial_start",
    "trial_end",
    "due_date",
    "arrival_date",
];
const METADATA: &str = "metadata";

/// Reads one Stripe object.
pub(super) fn read(record: &Record, context: &Context, document: &mut Document) {
    let json: Json = match serde_json::from_slice(&record.bytes) {
        Ok(json) => json,
        Err(error) => {
            document.problems.push(format!("not readable as JSON: {error}"));
            return;
        }
    };
    document.standing = Standing::Business;
    document.tenant =
        context.tenant_of(|tenant| tenant.stripe_account.as_deref() == Some(record.container.as_str()));
    document.said_at = json.get("created").and_then(instant);
    document.made_at = document.said_at;
    document.items = items(&json, "", &reading);
    if !record.container.is_empty() {
        document
            .items
            .push(item("/container", Scalar::Text(record.container.clone())));
    }
    collect_kin(&json, record.id.source(), &mut document.kin);
    document.kin.retain(|kin| *kin != record.id);
}

fn reading(leaf: &Leaf<'_>) -> Reading {
    if leaf.place.split('/').any(|part| part == METADATA) {
        return Reading::Plain;
    }
    if is_amount(leaf.key)
        && let Some(minor) = leaf.value.integer()
        && let Some(currency) = leaf
            .nearest("currency")
            .and_then(Json::text)
            .and_then(Currency::parse)
    {
        return Reading::As(Scalar::Money(Money::new(minor, currency)));
    }
    if (leaf.key.ends_with("_at") || TIMES.contains(&leaf.key))
        && let Some(at) = instant(leaf.value)
    {
        return Reading::As(Scalar::Instant(at));
    }
    Reading::Plain
}

fn is_amount(key: &str) -> bool {
    key == "amount" || key.starts_with("amount_") || AMOUNTS.contains(&key)
}

fn instant(json: &Json) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(json.integer()?, 0)
}

fn collect_kin(json: &Json, source: &str, kin: &mut Vec<RecordId>) {
    let mut add = |id: &str| {
        let id = RecordId::new(source, id);
        if !kin.contains(&id) {
            kin.push(id);
        }
    };
    if let Json::Map(entries) = json {
        for (key, value) in entries {
            if REFERENCES.contains(&key.as_str()) {
                if let Some(id) = value
                    .text()
                    .or_else(|| value.text_at("id"))
                    .filter(|id| is_id(id))
                {
                    add(id);
                }
            } else if let (Some(kind), Some(id)) = (value.text_at("object"), value.text_at("id"))
                && KIN_KINDS.contains(&kind)
            {
                add(id);
            }
        }
    }
    if let Json::List(values) = json {
        for value in values {
            if let (Some(kind), Some(id)) = (value.text_at("object"), value.text_at("id"))
                && KIN_KINDS.contains(&kind)
            {
                add(id);
            }
        }
    }
    match json {
        Json::Map(entries) => {
            for (_, value) in entries.iter().filter(|(key, _)| key != METADATA) {
                collect_kin(value, source, kin);
            }
        }
        other => other.children().for_each(|value| collect_kin(value, source, kin)),
    }
}

/// `ch_…`, `pi_…`: a kind, an underscore, and the rest.
fn is_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(kind, rest)| {
        !kind.is_empty() && !rest.is_empty() && kind.bytes().all(|byte| byte.is_ascii_lowercase())
    })
}
