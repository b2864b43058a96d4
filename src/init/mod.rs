//! Drafts a rebook.toml from the files alone, for a person to confirm.
//!
//! In: a backup with all its tables, and the sources' records taken apart. Out: the draft's text, each line with
//! its evidence, and what could not be told. No name of a table or column counts, in any language: what a column
//! holds is told by agreement with the sources, by types and by foreign keys. A thing that is not told clearly
//! stays commented out and is listed.

mod atoms;
mod bookings;
mod business;
mod evidence;
mod links;
mod party;
mod payments;
mod prices;
mod rows;
mod statuses;
mod tenants;
mod write;
mod zones;

pub use write::Draft;

use crate::baseline::Whole;
use crate::model::{Currency, Document, SourceKind};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// What a person said, which needs no evidence.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub name: Option<String>,
    pub timezone: Option<String>,
    pub country: Option<String>,
    pub currency: Option<String>,
    pub learn_from: Option<String>,
    pub backup: Option<String>,
    pub loss: Option<String>,
    pub senders: Vec<String>,
}

/// A source as it is to be named in the draft.
#[derive(Debug, Clone)]
pub struct SourceAt {
    pub kind: SourceKind,
    pub path: String,
    /// Files of other kinds lie there too.
    pub is_mixed: bool,
}

#[derive(Debug)]
pub struct Input<'a> {
    pub given: &'a Given,
    pub backup: Option<&'a Whole>,
    pub backup_path: &'a str,
    pub sources: &'a [SourceAt],
    pub documents: &'a [Document],
    /// The zones that calendars name for themselves, with how many name each.
    pub zones: &'a BTreeMap<String, usize>,
}

/// Drafts the configuration.
pub fn draft(input: &Input<'_>) -> Draft {
    let facts = evidence::Facts::of(input.documents);
    let zone = business::zone(input, &facts);
    let currency = business::currency(input, &facts);
    let ground = Ground {
        zone: zone.value.as_deref().and_then(|zone| zone.parse().ok()),
        currency: currency.value.as_deref().and_then(Currency::parse),
        facts: &facts,
    };
    let target = input.backup.map(|whole| target(whole, &ground));
    write::draft(input, &facts, &zone, &currency, target.as_ref())
}

/// What every guess about a column leans on.
struct Ground<'a> {
    /// None where nothing tells it: then no time without a zone can be read.
    zone: Option<Tz>,
    currency: Option<Currency>,
    facts: &'a evidence::Facts<'a>,
}

/// What was found in the backup.
#[derive(Default)]
struct Found {
    booking: Option<rows::Entity>,
    customer: Option<rows::Entity>,
    resource: Option<rows::Entity>,
    payment: Option<rows::Entity>,
    statuses: Vec<statuses::StatusGuess>,
    tenants: Vec<tenants::TenantGuess>,
    /// The last change that a row of the backup tells of.
    last_change: Option<chrono::DateTime<chrono::Utc>>,
    /// Addresses of the backup's customers.
    customer_emails: std::collections::BTreeSet<String>,
}

fn target(whole: &Whole, ground: &Ground<'_>) -> Found {
    let book = rows::Book::new(whole, ground.zone);
    let mut found = Found::default();
    let payment = payments::find(&book, ground);
    let Some(bookings) = bookings::find(&book, ground, payment.as_ref()) else {
        found.payment = payment.map(|payment| payment.entity);
        return found;
    };
    found.last_change = bookings.last_change;
    found.statuses = bookings.statuses;
    found.customer_emails = bookings.customer_emails;
    found.tenants = tenants::find(&bookings.tenants, ground);
    found.payment = payment.map(|payment| {
        let mut entity = payment.entity;
        entity.join(
            "booking",
            payments::booking_of(&book, &entity.table, &bookings.entity.table),
        );
        entity
    });
    found.booking = Some(bookings.entity);
    found.customer = bookings.customer;
    found.resource = bookings.resource;
    for (entity, makes_rows) in [
        (&mut found.booking, true),
        (&mut found.customer, true),
        (&mut found.resource, false),
        (&mut found.payment, true),
    ] {
        if let Some(entity) = entity {
            book.complete(entity, makes_rows);
        }
    }
    found
}
