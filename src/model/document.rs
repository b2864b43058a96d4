//! A record taken apart by its published format alone; nothing here depends on one business.

use super::{Money, RecordId, SourceKind, Standing};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// What a record holds, item by item, each with its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Document {
    pub record: RecordId,
    pub kind: SourceKind,
    pub object: String,
    pub container: String,
    /// The tenant whose account, calendar or sender this is; None where there is one business.
    pub tenant: Option<String>,
    /// When this was said: a mail's Date, an event's `updated`, a Stripe object's `created`.
    pub said_at: Option<DateTime<Utc>>,
    /// When the thing was first made: an event's `created`; else as `said_at`.
    pub made_at: Option<DateTime<Utc>>,
    pub standing: Standing,
    /// In reading order.
    pub items: Vec<Item>,
    /// Other records of the same matter, by published ids: `stripe:ch_…`, a mail's In-Reply-To.
    pub kin: Vec<RecordId>,
    /// What was repaired or could not be read, in words.
    pub problems: Vec<String>,
}

/// One value at one place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Item {
    /// JSON pointer (`/metadata/kind`), header (`header:to.email`), or `text` (a visible line of the
    /// plain text), `html` (a visible line or table row of the HTML; cells joined by a tab),
    /// `ld:/pickupTime` (JSON-LD), `micro:/pickupTime` (microdata), `ics:/dtstart` (a calendar part).
    pub place: String,
    /// Which line of a text place, from 0; 0 elsewhere.
    pub line: u32,
    pub value: Scalar,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scalar {
    Text(String),
    Number(String),
    Flag(bool),
    Money(Money),
    Instant(DateTime<Utc>),
    Date(NaiveDate),
}

impl Document {
    /// The moment that decides whether a record lies in the window: when it was said; of a calendar entry,
    /// when it was changed or begins, whichever is later.
    pub fn last_of_it(&self) -> Option<DateTime<Utc>> {
        let begins = match (self.kind, self.item("/start/dateTime"), self.item("/start/date")) {
            (SourceKind::GoogleCalendar, Some(Scalar::Instant(at)), _) => Some(*at),
            (SourceKind::GoogleCalendar, _, Some(Scalar::Date(date))) => {
                Some(date.and_time(NaiveTime::MIN).and_utc())
            }
            _ => None,
        };
        self.said_at.max(begins)
    }

    /// The first item at a place.
    pub fn item(&self, place: &str) -> Option<&Scalar> {
        self.items
            .iter()
            .find(|item| item.place == place)
            .map(|item| &item.value)
    }

    /// The first item at a place, where it is text.
    pub fn text(&self, place: &str) -> Option<&str> {
        match self.item(place) {
            Some(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn flag(&self, place: &str) -> Option<bool> {
        match self.item(place) {
            Some(Scalar::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub fn money(&self, place: &str) -> Option<Money> {
        match self.item(place) {
            Some(Scalar::Money(money)) => Some(*money),
            _ => None,
        }
    }
}
