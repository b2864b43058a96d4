//! One record of a cluster, with what it states.

use crate::mapping::Told;
use crate::model::{Claim, Document, FieldName, SourceKind, Status, Value, When};
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// A claim that differs only in trust is not a contradiction below this.
pub(super) const TRUSTED: f64 = 0.95;

/// A record with the one value that it states for each field.
pub(super) struct Spoken<'a> {
    pub document: &'a Document,
    pub told: &'a Told<'a>,
    pub at: Option<DateTime<Utc>>,
    /// Best claim first, by how often its rule was right.
    pub claims: Vec<(Cow<'a, Claim>, f64)>,
}

/// Typed places of a calendar entry beat its description: people move the entry, not the text.
pub(super) fn preference((claim, trust): &(Cow<'_, Claim>, f64)) -> f64 {
    let typed = ["/start", "/end", "/series"]
        .iter()
        .any(|place| claim.place.starts_with(place));
    trust + if typed { 1.0 } else { 0.0 }
}

impl<'a> Spoken<'a> {
    pub fn best(&self, field: FieldName) -> Option<&(Cow<'a, Claim>, f64)> {
        self.claims.iter().find(|(claim, _)| claim.field == field)
    }

    /// The record's value; a bare day is completed by a time that the same record gives for that day.
    pub fn value(&self, field: FieldName, same: &dyn Fn(&Value, &Value) -> bool) -> Option<Value> {
        let best = self.best(field)?.0.value.clone();
        if matches!(best, Value::When(When::Date(_))) {
            let finer = self.claims.iter().find(|(claim, _)| {
                claim.field == field
                    && matches!(claim.value, Value::When(When::Instant(_)))
                    && same(&claim.value, &best)
            });
            return Some(finer.map_or(best, |(claim, _)| claim.value.clone()));
        }
        Some(best)
    }

    /// Another value for the field in the same record.
    pub fn says_otherwise(
        &self,
        field: FieldName,
        value: &Value,
        same: &dyn Fn(&Value, &Value) -> bool,
    ) -> Option<Value> {
        self.claims
            .iter()
            .find(|(claim, trust)| claim.field == field && *trust >= TRUSTED && !same(&claim.value, value))
            .map(|(claim, _)| claim.value.clone())
    }

    pub fn cancelled(&self) -> bool {
        self.document.text("/status") == Some("cancelled")
            || self.told.claims.meaning == Some(Status::Cancelled)
    }

    /// Whether it is of a kind of message that comes first.
    pub fn opens(&self) -> bool {
        self.told.claims.follows == Some(false)
    }

    /// An entry that nobody changed since it was made, give or take the seconds of making it.
    pub fn untouched(&self) -> bool {
        match (self.document.made_at, self.at) {
            (Some(made), Some(at)) => (at - made).num_minutes() <= 5,
            _ => false,
        }
    }

    pub fn status_claims(&self) -> Vec<Claim> {
        vec![Claim {
            record: self.document.record.clone(),
            field: FieldName::Status,
            value: Value::Status(Status::Cancelled),
            place: if self.document.kind == SourceKind::Mail {
                "text".into()
            } else {
                "/status".into()
            },
            rule: "meaning".to_owned(),
            standing: self.document.standing,
            said_at: self.at,
        }]
    }
}
