//! A rebuilt booking: what the records of one cluster say, fused.

use super::{BookingId, Claim, Conflict, FieldName, Money, RecordId, Value, Waterfall, When};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Confirmed,
    Cancelled,
    Completed,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Confirmed, Self::Cancelled, Self::Completed]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Clean,
    /// A conflict is open; the values are the suggested ones.
    Flagged,
    /// A person said that this is no booking.
    Rejected,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Flagged => "flagged",
            Self::Rejected => "rejected",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Clean, Self::Flagged, Self::Rejected]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// What the booking's own row needs in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Insert,
    Update,
    Unchanged,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Insert, Self::Update, Self::Unchanged]
            .into_iter()
            .find(|action| action.as_str() == text)
    }
}

/// Who the booking is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Customer {
    pub name: Option<String>,
    /// Only where a record or the backup states the halves apart.
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The row in the backup, where this customer stands in it; composite keys joined by `|`.
    pub baseline_key: Option<String>,
}

impl Customer {
    /// Whether both may be one person: an address, a phone, a name or a row of the backup is the same.
    pub fn is_like(&self, other: &Self) -> bool {
        let same = |one: &Option<String>, two: &Option<String>| match (one, two) {
            (Some(one), Some(two)) => one.eq_ignore_ascii_case(two),
            _ => false,
        };
        same(&self.email, &other.email)
            || same(&self.phone, &other.phone)
            || same(&self.baseline_key, &other.baseline_key)
            || same(&self.name, &other.name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resource {
    pub name: Option<String>,
    /// The row in the backup.
    pub key: Option<String>,
}

/// A succeeded charge that pays for a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The provider's charge id, `ch_…`.
    pub id: String,
    pub amount: Money,
    pub refunded: Money,
    pub paid_at: DateTime<Utc>,
    /// Stands in the backup's payments with this refunded amount; None where it does not stand there.
    pub baseline_refunded: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    pub id: BookingId,
    pub state: State,
    pub action: Action,
    /// The row in the backup, where the booking stands in it; composite keys joined by `|`.
    pub baseline_key: Option<String>,
    pub tenant: Option<String>,
    pub reference: Option<String>,
    pub status: Option<Status>,
    pub customer: Customer,
    pub resource: Resource,
    pub starts_at: Option<When>,
    pub ends_at: Option<When>,
    pub total: Option<Money>,
    pub created_at: Option<DateTime<Utc>>,
    /// By `paid_at`, then id.
    pub payments: Vec<Payment>,
    /// All records that tell of it, sorted.
    pub records: Vec<RecordId>,
    pub conflicts: Vec<Conflict>,
    /// For every field with a value, the claims for it; what explains the value to a person.
    pub claims: BTreeMap<FieldName, Vec<Claim>>,
    /// Why the records were put together, a line each: `mail:… reference AW-1 (12.3 bits)`.
    pub links: Vec<String>,
    /// What each comparison told for its records, and for records that may be its.
    pub waterfalls: Vec<Waterfall>,
}

impl Booking {
    pub fn is_open(&self) -> bool {
        self.state == State::Flagged
    }

    /// Whether a person can mean it by this: its id, or its reference in either case.
    pub fn is_called(&self, name: &str) -> bool {
        let reference = self.reference.as_deref();
        self.id.as_str() == name || reference.is_some_and(|reference| reference.eq_ignore_ascii_case(name))
    }

    /// A booking of which nothing is known yet.
    pub fn bare(id: BookingId, state: State, action: Action) -> Self {
        Self {
            id,
            state,
            action,
            baseline_key: None,
            tenant: None,
            reference: None,
            status: None,
            customer: Customer::default(),
            resource: Resource::default(),
            starts_at: None,
            ends_at: None,
            total: None,
            created_at: None,
            payments: Vec::new(),
            records: Vec::new(),
            conflicts: Vec::new(),
            claims: BTreeMap::new(),
            links: Vec::new(),
            waterfalls: Vec::new(),
        }
    }

    /// The reverse of `fields`; a pair that `fields` never gives changes nothing.
    pub fn set_field(&mut self, name: FieldName, value: Value) {
        match (name, value) {
            (FieldName::BookingKey, Value::Text(text)) => self.baseline_key = Some(text),
            (FieldName::Tenant, Value::Text(text)) => self.tenant = Some(text),
            (FieldName::Reference, Value::Text(text)) => self.reference = Some(text),
            (FieldName::Status, Value::Status(status)) => self.status = Some(status),
            (FieldName::CustomerName, Value::Text(text)) => self.customer.name = Some(text),
            (FieldName::CustomerFirstName, Value::Text(text)) => self.customer.first_name = Some(text),
            (FieldName::CustomerLastName, Value::Text(text)) => self.customer.last_name = Some(text),
            (FieldName::CustomerEmail, Value::Text(text)) => self.customer.email = Some(text),
            (FieldName::CustomerPhone, Value::Text(text)) => self.customer.phone = Some(text),
            (FieldName::CustomerKey, Value::Text(text)) => self.customer.baseline_key = Some(text),
            (FieldName::ResourceName, Value::Text(text)) => self.resource.name = Some(text),
            (FieldName::ResourceKey, Value::Text(text)) => self.resource.key = Some(text),
            (FieldName::StartsAt, Value::When(when)) => self.starts_at = Some(when),
            (FieldName::EndsAt, Value::When(when)) => self.ends_at = Some(when),
            (FieldName::Total, Value::Money(money)) => self.total = Some(money),
            (FieldName::CreatedAt, Value::When(when)) => self.created_at = when.instant(),
            _ => {}
        }
    }

    /// Every field that has a value, under its canonical name, in the order of reading.
    pub fn fields(&self) -> Vec<(FieldName, Value)> {
        let text = |name, text: &Option<String>| text.clone().map(|text| (name, Value::Text(text)));
        [
            text(FieldName::BookingKey, &self.baseline_key),
            text(FieldName::Tenant, &self.tenant),
            text(FieldName::Reference, &self.reference),
            self.status
                .map(|status| (FieldName::Status, Value::Status(status))),
            text(FieldName::CustomerName, &self.customer.name),
            text(FieldName::CustomerFirstName, &self.customer.first_name),
            text(FieldName::CustomerLastName, &self.customer.last_name),
            text(FieldName::CustomerEmail, &self.customer.email),
            text(FieldName::CustomerPhone, &self.customer.phone),
            text(FieldName::CustomerKey, &self.customer.baseline_key),
            text(FieldName::ResourceName, &self.resource.name),
            text(FieldName::ResourceKey, &self.resource.key),
            self.starts_at
                .map(|when| (FieldName::StartsAt, Value::When(when))),
            self.ends_at.map(|when| (FieldName::EndsAt, Value::When(when))),
            self.total.map(|total| (FieldName::Total, Value::Money(total))),
            self.created_at
                .map(|moment| (FieldName::CreatedAt, Value::When(When::Instant(moment)))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
