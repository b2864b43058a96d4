//! A record taken apart by its published format alone; nothing here depends on one business.

use super::{Money, RecordId, SourceKind, Standing, When};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::ops::Range;

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
    pub listing: Listing,
}

/// Whether a record tells of several bookings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Listing {
    /// Nothing shows that it does.
    #[default]
    One,
    /// This is what it says of one of those that it lists.
    Part(Listed),
    /// This is one line of those who come to what it stands for: that line is to it what its title is to another entry.
    Party(Listed),
    /// It names several, by these numbers, and could not be taken apart.
    Mixed(Vec<String>),
}

/// One booking's part of a record that lists several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listed {
    /// How many bookings the record lists.
    pub of: u32,
    /// They are told apart by their days alone, not by numbers.
    pub by_day: bool,
    /// The lines of each place that are about this one alone; all others are said of all of them.
    pub own: Vec<(String, Range<u32>)>,
    /// Where words that are of people's names stand in the line of a party, and no others between them.
    pub name: Option<Range<usize>>,
}

impl Listed {
    /// Whether what stands there is said of this booking alone.
    fn is_own(&self, item: &Item) -> bool {
        let mut own = self.own.iter();
        own.any(|(place, lines)| *place == item.place && lines.contains(&item.line))
    }

    /// Whether what stands there, before or behind the list, is said of all bookings that the record lists.
    pub fn is_of_all(&self, item: &Item) -> bool {
        let here = || self.own.iter().filter(|(place, _)| *place == item.place);
        here().next().is_some() && !self.is_own(item)
    }
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

impl Item {
    /// Its place, with the line.
    pub fn named(&self) -> String {
        if self.place.starts_with('/') && self.line == 0 {
            return self.place.clone();
        }
        format!("{}:{}", self.place, self.line + 1)
    }
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
    /// Where the title of an entry stands, and what whoever wrote it for one booking wrote.
    pub const TITLE: &str = "/summary";
    /// Where a message says what it is about, and to whom it went.
    pub const SUBJECT: &str = "header:subject";
    pub const RECIPIENT: &str = "header:to.email";
    pub const ADDRESSEE: &str = "header:to.name";
    /// The places of Stripe's published format that name who pays.
    pub const PAYER: [&str; 3] = ["/name", "/billing_details/name", "/customer_details/name"];

    /// Whether an item is the title, or in an entry that lists who comes the line of this party.
    pub fn is_title(&self, item: &Item) -> bool {
        match &self.listing {
            Listing::Party(listed) => listed.is_own(item),
            _ => item.place == Self::TITLE,
        }
    }

    /// The title, or in an entry that lists who comes the line of this party.
    pub fn title(&self) -> Option<&str> {
        match &self.title_item()?.value {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What an entry that lists who comes is called, said of all of them.
    pub fn heading(&self) -> Option<&str> {
        match self.listing {
            Listing::Party(_) => self.text(Self::TITLE),
            _ => None,
        }
    }

    pub fn title_item(&self) -> Option<&Item> {
        self.items.iter().find(|item| self.is_title(item))
    }

    /// What a message is about, in its own words.
    pub fn subject(&self) -> Option<&str> {
        self.text(Self::SUBJECT)
    }

    /// The address to which a message went, the first of several.
    pub fn recipient(&self) -> Option<&str> {
        self.text(Self::RECIPIENT)
    }

    /// Its part of a list, where it is what a record says of one of several bookings.
    pub fn listed(&self) -> Option<&Listed> {
        match &self.listing {
            Listing::Part(listed) | Listing::Party(listed) => Some(listed),
            Listing::One | Listing::Mixed(_) => None,
        }
    }

    /// The moment that decides whether a record lies in the window: when it was said; of a calendar entry,
    /// when it was changed or begins, whichever is later.
    pub fn last_of_it(&self) -> Option<DateTime<Utc>> {
        let begins = self.begins().map(|begins| match begins {
            When::Instant(at) => at,
            When::Date(date) => date.and_time(NaiveTime::MIN).and_utc(),
        });
        self.said_at.max(begins)
    }

    /// When a calendar entry begins, by the format's own word.
    pub fn begins(&self) -> Option<When> {
        match (self.kind, self.item("/start/dateTime"), self.item("/start/date")) {
            (SourceKind::GoogleCalendar, Some(Scalar::Instant(at)), _) => Some(When::Instant(*at)),
            (SourceKind::GoogleCalendar, _, Some(Scalar::Date(day))) => Some(When::Date(*day)),
            _ => None,
        }
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

    /// What a charge took: of an amount held, what was captured.
    pub fn taken(&self) -> Option<Money> {
        let captured = self.money("/amount_captured").filter(|money| money.minor > 0);
        captured.or_else(|| self.money("/amount"))
    }

    /// What was given back of what a charge took, in minor units; `listed` is what refunds of their own come to.
    ///
    /// Stripe counts what was held and never captured as refunded too.
    pub fn given_back(&self, listed: i64) -> i64 {
        let stated = self.money("/amount_refunded").map_or(0, |money| money.minor);
        let held = self.money("/amount").map_or(0, |money| money.minor);
        let released = held - self.taken().map_or(held, |money| money.minor);
        let back = stated.max(listed);
        if back >= released { back - released } else { back }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;

    fn given_back(amount: i64, captured: i64, refunded: i64, listed: i64) -> i64 {
        let money = |minor| Scalar::Money(Money::new(minor, Currency::parse("cad").unwrap()));
        let document = Document::charge("ch_1")
            .with("/amount", money(amount))
            .with("/amount_captured", money(captured))
            .with("/amount_refunded", money(refunded));
        document.given_back(listed)
    }

    #[test]
    fn what_was_held_and_released_was_not_given_back() {
        assert_eq!(given_back(60_000, 10_000, 50_000, 0), 0);
        assert_eq!(given_back(60_000, 10_000, 54_000, 0), 4_000);
        assert_eq!(given_back(60_000, 10_000, 4_000, 4_000), 4_000);
        assert_eq!(given_back(10_000, 10_000, 0, 2_500), 2_500);
    }
}
