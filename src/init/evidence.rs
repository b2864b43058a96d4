//! The sources' facts that columns are compared with: charges, events, mails.

use crate::model::{Document, Money, Scalar, SourceKind, When};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

pub(super) struct Facts<'a> {
    /// By the provider's id.
    pub charges: BTreeMap<&'a str, Charge<'a>>,
    pub events: Vec<Event<'a>>,
    pub mails: Vec<Mail<'a>>,
}

pub(super) struct Charge<'a> {
    pub amount: Money,
    pub captured: Option<Money>,
    pub refunded: i64,
    pub created: DateTime<Utc>,
    pub account: &'a str,
    pub country: Option<&'a str>,
    pub text: String,
}

pub(super) struct Event<'a> {
    pub calendar: &'a str,
    pub starts: Option<When>,
    pub ends: Option<When>,
    pub zone: Option<&'a str>,
    pub cancelled: bool,
    pub made: Option<DateTime<Utc>>,
    pub said: Option<DateTime<Utc>>,
    pub text: String,
}

pub(super) struct Mail<'a> {
    /// None where the header does not name exactly one, or its authentication failed.
    pub from: Option<&'a str>,
    pub from_name: Option<&'a str>,
    pub to: Vec<&'a str>,
    pub said: Option<DateTime<Utc>>,
    pub text: String,
}

impl<'a> Facts<'a> {
    pub fn of(documents: &'a [Document]) -> Self {
        let mut facts = Self {
            charges: BTreeMap::new(),
            events: Vec::new(),
            mails: Vec::new(),
        };
        for document in documents {
            match document.kind {
                SourceKind::Stripe if document.object == "charge" => {
                    if let Some(charge) = Charge::of(document) {
                        facts.charges.insert(document.record.native(), charge);
                    }
                }
                SourceKind::Stripe => {}
                SourceKind::GoogleCalendar => facts.events.push(Event::of(document)),
                SourceKind::Mail => facts.mails.push(Mail::of(document)),
            }
        }
        facts
    }

    /// When the first and the last word of charges and mails was said.
    pub fn span(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let said = || {
            let mails = self.mails.iter().filter_map(|mail| mail.said);
            self.charges.values().map(|charge| charge.created).chain(mails)
        };
        Some((said().min()?, said().max()?))
    }

    /// The last word of all sources.
    pub fn last_word(&self) -> Option<DateTime<Utc>> {
        let events = self.events.iter().filter_map(|event| event.said).max();
        self.span().map(|(_, last)| last).max(events)
    }
}

impl<'a> Charge<'a> {
    /// None of a failed attempt.
    fn of(document: &'a Document) -> Option<Self> {
        if document
            .text("/status")
            .is_some_and(|status| status != "succeeded")
        {
            return None;
        }
        Some(Self {
            amount: document.money("/amount")?,
            captured: document.money("/amount_captured"),
            refunded: document.given_back(0),
            created: document.said_at?,
            account: &document.container,
            country: document.text("/billing_details/address/country"),
            text: text(document),
        })
    }

    /// What was taken in the end.
    pub fn taken(&self) -> i64 {
        self.captured.unwrap_or(self.amount).minor
    }
}

impl<'a> Event<'a> {
    fn of(document: &'a Document) -> Self {
        let when = |side: &str| match document.item(&format!("/{side}/dateTime")) {
            Some(Scalar::Instant(at)) => Some(When::Instant(*at)),
            _ => match document.item(&format!("/{side}/date")) {
                Some(Scalar::Date(date)) => Some(When::Date(*date)),
                _ => None,
            },
        };
        Self {
            calendar: &document.container,
            starts: when("start"),
            ends: when("end"),
            zone: document.text("/start/timeZone"),
            cancelled: document.text("/status") == Some("cancelled"),
            made: document.made_at,
            said: document.said_at,
            text: text(document),
        }
    }
}

impl<'a> Mail<'a> {
    fn of(document: &'a Document) -> Self {
        let is_genuine =
            document.text("header:auth") != Some("fail") && document.item("header:from.1.email").is_none();
        let to = document.items.iter().filter(|item| {
            item.place.rsplit('.').next() == Some("email")
                && ["header:to", "header:cc"]
                    .iter()
                    .any(|head| item.place.starts_with(head))
        });
        Self {
            from: document.text("header:from.email").filter(|_| is_genuine),
            from_name: document.text("header:from.name"),
            to: to
                .filter_map(|item| match &item.value {
                    Scalar::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect(),
            said: document.said_at,
            text: text(document),
        }
    }
}

/// All that a record says, in one text; lines do not run into each other.
fn text(document: &Document) -> String {
    let mut text = String::new();
    for item in &document.items {
        if let Scalar::Text(value) | Scalar::Number(value) = &item.value {
            text.push_str(value);
            text.push_str("\n|\n");
        }
    }
    text
}
