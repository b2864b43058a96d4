//! The rows that are held against each other: answers of `bookings --json`, and a world's truth.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};

/// What the configuration of a world says of its truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    pub zone: Tz,
    /// The target stores whole days: bookings are compared by their days.
    pub date_only: bool,
    pub backup: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The user's: a line is not of the format.
    #[error("line {line} of {what}: {error}")]
    Line {
        what: &'static str,
        line: usize,
        error: serde_json::Error,
    },
    /// The user's: the two files of a truth do not belong together.
    #[error("{record} belongs to booking {booking}, which is not among the true ones")]
    Owner { record: String, booking: String },
}

/// A key: a number or a text, compared as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(String);

impl Key {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        Written::deserialize(deserializer).map(|key| match key {
            Written::Number(number) => Self(number.to_string()),
            Written::Text(text) => Self(text),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Clean,
    Flagged,
    Rejected,
}

/// One rebuilt booking, as `bookings --json` answers it.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
    #[serde(default)]
    pub(super) id: String,
    pub(super) state: State,
    action: Option<String>,
    pub(super) baseline_key: Option<Key>,
    pub(super) tenant: Option<Key>,
    pub(super) reference: Option<String>,
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) customer: Person,
    #[serde(default)]
    pub(super) resource: Resource,
    pub(super) starts_at: Option<String>,
    pub(super) ends_at: Option<String>,
    #[serde(default)]
    pub(super) total: Option<Total>,
    #[serde(default)]
    pub(super) payments: Vec<AnswerPayment>,
    #[serde(default)]
    pub(super) records: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Person {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Truth alone: the address before the last change.
    pub old_email: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Resource {
    pub key: Option<Key>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Total {
    pub amount: Option<i64>,
    pub currency: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct AnswerPayment {
    pub id: String,
}

impl Answer {
    pub(super) fn is_insert(&self) -> bool {
        self.action.as_deref().is_none_or(|action| action == "insert")
    }

    pub(super) fn is_unchanged(&self) -> bool {
        self.action.as_deref() == Some("unchanged")
    }
}

/// One true booking, as it was when the data was lost.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Row {
    id: Key,
    pub reference: Option<String>,
    pub tenant: Option<Key>,
    pub customer: Person,
    pub resource: Option<Key>,
    pub starts_at: Option<String>,
    pub ends_at: Option<String>,
    pub status: Option<String>,
    pub total: Option<i64>,
    pub currency: String,
    pub in_backup: bool,
    pub changed_since_backup: bool,
    evidence: Vec<String>,
    pub payments: Vec<RowPayment>,
    #[serde(default)]
    revisions: Vec<Told>,
}

/// Who was told of a change.
#[derive(Debug, Clone, Deserialize)]
struct Told {
    #[serde(default = "yes")]
    notified: bool,
    #[serde(default = "yes")]
    on_calendar: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RowPayment {
    pub id: String,
    #[serde(deserialize_with = "moment")]
    pub at: DateTime<Utc>,
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

impl Row {
    /// Whether any surviving record tells of it.
    pub fn is_told_of(&self) -> bool {
        !self.evidence.is_empty()
    }
}

/// Whose a record is.
#[derive(Debug, Clone, Deserialize)]
struct Owned {
    record: String,
    booking: Option<Key>,
    role: String,
}

/// What befell a booking.
#[derive(Debug, Clone, Deserialize)]
struct Damaged {
    booking: Key,
    damage: BTreeSet<String>,
}

/// What is true of a world.
#[derive(Debug, Clone)]
pub struct Truth {
    pub world: World,
    bookings: BTreeMap<String, Row>,
    owners: BTreeMap<String, Owned>,
    /// In upper case; only references that one booking has.
    references: BTreeMap<String, String>,
    /// What befell each booking, by its key.
    harms: BTreeMap<String, BTreeSet<String>>,
}

impl Truth {
    /// Reads `truth/bookings.jsonl`, `truth/records.jsonl` and, where there is one, `truth/damage.jsonl`. Without that,
    /// what befell a booking is read from the roles of its records and from its revisions, as far as they tell.
    pub fn parse(
        world: World,
        bookings: &str,
        records: &str,
        damage: Option<&str>,
    ) -> Result<Self, EvaluateError> {
        let bookings: BTreeMap<String, Row> = lines::<Row>("the true bookings", bookings)?
            .into_iter()
            .map(|row| (row.id.0.clone(), row))
            .collect();
        let owners: BTreeMap<String, Owned> = lines::<Owned>("the records' owners", records)?
            .into_iter()
            .map(|owned| (owned.record.clone(), owned))
            .collect();
        for owned in owners.values() {
            if let Some(key) = &owned.booking
                && !bookings.contains_key(key.as_str())
            {
                return Err(EvaluateError::Owner {
                    record: owned.record.clone(),
                    booking: key.0.clone(),
                });
            }
        }
        let harms = match damage {
            Some(damage) => lines::<Damaged>("the damage", damage)?
                .into_iter()
                .map(|hit| (hit.booking.0, hit.damage))
                .collect(),
            None => harms_told_by(&bookings, &owners),
        };
        Ok(Self {
            world,
            references: unique_references(&bookings),
            bookings,
            owners,
            harms,
        })
    }

    pub(super) fn bookings(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.bookings.iter().map(|(key, row)| (key.as_str(), row))
    }

    pub(super) fn booking(&self, key: &str) -> Option<(&str, &Row)> {
        self.bookings
            .get_key_value(key)
            .map(|(key, row)| (key.as_str(), row))
    }

    pub(super) fn by_reference(&self, reference: &str) -> Option<(&str, &Row)> {
        self.booking(self.references.get(&reference.to_uppercase())?)
    }

    /// The kinds of damage that befell a booking.
    pub(super) fn harms(&self, key: &str) -> impl Iterator<Item = &str> {
        self.harms.get(key).into_iter().flatten().map(String::as_str)
    }

    /// The booking that a record tells of.
    pub(super) fn owner(&self, record: &str) -> Option<&str> {
        Some(self.owners.get(record)?.booking.as_ref()?.as_str())
    }

    /// A charge for something beside the booking: no payment for it, and no harm on it.
    pub(super) fn is_incidental(&self, charge: &str) -> bool {
        self.owners
            .get(&format!("stripe:{charge}"))
            .is_some_and(|owned| owned.role == "incidental")
    }
}

/// What the roles of records and the revisions of bookings tell of damage.
fn harms_told_by(
    bookings: &BTreeMap<String, Row>,
    owners: &BTreeMap<String, Owned>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut harms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut hurt = |key: &str, harm: &str| {
        harms.entry(key.to_owned()).or_default().insert(harm.to_owned());
    };
    for owned in owners.values() {
        let harm = match owned.role.as_str() {
            "customer reply" => "mail-replied",
            "forward" => "mail-forwarded",
            "event, twice" => "event-doubled",
            "failed attempt" => "failed-attempt",
            "duplicate charge, refunded" => "double-charge",
            "security hold" => "hold",
            "incidental" => "incidental",
            _ => continue,
        };
        if let Some(key) = &owned.booking {
            hurt(key.as_str(), harm);
        }
    }
    for (key, row) in bookings {
        if row.revisions.iter().any(|revision| !revision.notified) {
            hurt(key, "moved-silently");
        }
        if row.revisions.iter().any(|revision| !revision.on_calendar) {
            hurt(key, "event-stale");
        }
        if row.customer.old_email.is_some() {
            hurt(key, "address-changed");
        }
    }
    harms
}

fn unique_references(bookings: &BTreeMap<String, Row>) -> BTreeMap<String, String> {
    let mut keys: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for (key, row) in bookings {
        if let Some(reference) = row.reference.as_ref().filter(|text| !text.is_empty()) {
            keys.entry(reference.to_uppercase()).or_default().push(key);
        }
    }
    keys.into_iter()
        .filter_map(|(reference, keys)| match keys.as_slice() {
            [key] => Some((reference, (*key).clone())),
            _ => None,
        })
        .collect()
}

/// Reads what `bookings --json` answered.
pub fn answers(text: &str) -> Result<Vec<Answer>, EvaluateError> {
    lines("the bookings", text)
}

fn lines<T: for<'de> Deserialize<'de>>(what: &'static str, text: &str) -> Result<Vec<T>, EvaluateError> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            serde_json::from_str(line).map_err(|error| EvaluateError::Line {
                what,
                line: at + 1,
                error,
            })
        })
        .collect()
}
