//! An object of the API while it is put together from a row.

use super::Row;
use super::cells::word;
use serde_json::{Map, Value, json};

/// An object in the making.
pub(super) struct Fields {
    id: String,
    object: &'static str,
    pub(super) filled: usize,
    body: Map<String, Value>,
}

impl Fields {
    pub(super) fn new(id: &str, object: &'static str) -> Self {
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
    pub(super) fn set(&mut self, path: &str, value: Value) {
        let mut map = &mut self.body;
        let (above, key) = path.rsplit_once('/').unwrap_or(("", path));
        for part in above.split('/').filter(|part| !part.is_empty()) {
            let below = map.entry(part.to_owned()).or_insert_with(|| json!({}));
            let Value::Object(below) = below else { return };
            map = below;
        }
        map.entry(key.to_owned()).or_insert(value);
    }

    pub(super) fn set_below(&mut self, map: &str, key: &str, value: Value) {
        if let Value::Object(map) = self.body.entry(map.to_owned()).or_insert_with(|| json!({})) {
            map.insert(key.to_owned(), value);
        }
    }

    /// What the Dashboard calls a payment's state, in the API's words; false where it is not known.
    pub(super) fn set_status(&mut self, cell: &str) -> bool {
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
    pub(super) fn derive(&mut self) {
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

    pub(super) fn row(self, offset: u64) -> Row {
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
