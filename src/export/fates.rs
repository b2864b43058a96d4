//! What becomes of every row: exactly one of five outcomes.

use super::relation::{Relation, Relations};
use super::staged::{BookingRow, RowAction, Staged};
use crate::model::{Booking, BookingId, EntityKind};
use std::collections::BTreeMap;

/// What becomes of one row, as far as can be told before the file runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    pub entity: EntityKind,
    /// Whose it is; of a customer the first booking that needs it.
    pub booking: BookingId,
    pub reference: Option<String>,
    /// The provider's charge id, of a payment.
    pub payment: Option<String>,
    pub outcome: Outcome,
    /// Why it is held, what changes, what differs, what is special; else empty.
    pub reason: String,
    /// The key of the live row, where there is one.
    pub key: Option<String>,
    /// Where it is staged.
    pub(super) place: Option<(EntityKind, usize)>,
}

/// Every row ends in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Insert,
    /// Only where the row still is as the backup had it.
    Update,
    /// Live already, just so.
    Loaded,
    /// Live already, and different in something: left as it is.
    Live,
    /// Not written, for a reason that is said.
    Held,
}

impl Outcome {
    pub const ALL: [Self; 5] = [Self::Insert, Self::Update, Self::Loaded, Self::Live, Self::Held];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Loaded => "already loaded",
            Self::Live => "already live",
            Self::Held => "held",
        }
    }
}

/// What becomes of the rows where nothing is known of what is live.
pub(super) fn before(staged: &Staged<'_>, relations: &Relations<'_>) -> Vec<Fate> {
    let fate = |entity, booking: &Booking, outcome, place| Fate {
        entity,
        booking: booking.id.clone(),
        reference: booking.reference.clone(),
        payment: None,
        outcome,
        reason: String::new(),
        key: None,
        place: Some((entity, place)),
    };
    let mut fates = Vec::new();
    let mut first: BTreeMap<usize, &Booking> = BTreeMap::new();
    for row in &staged.bookings {
        if let Some(no) = row.customer {
            first.entry(no).or_insert(row.booking);
        }
    }
    for customer in staged.customers.iter().filter(|customer| !customer.known) {
        let needed = first.get(&customer.no).copied();
        fates.extend(needed.map(|booking| fate(EntityKind::Customer, booking, Outcome::Insert, customer.no)));
    }
    for row in &staged.bookings {
        let outcome = match row.action {
            RowAction::Insert => Outcome::Insert,
            RowAction::Update => Outcome::Update,
            // Its own row needs nothing.
            RowAction::Keep => continue,
        };
        fates.push(Fate {
            key: row.booking.baseline_key.clone(),
            reason: changes(row, &relations.booking),
            ..fate(EntityKind::Booking, row.booking, outcome, row.no)
        });
    }
    for (no, row) in staged.payments.iter().enumerate() {
        let outcome = match row.booking {
            Some(_) => Outcome::Insert,
            None => Outcome::Update,
        };
        fates.push(Fate {
            payment: Some(row.payment.id.clone()),
            ..fate(EntityKind::Payment, row.owner, outcome, no)
        });
    }
    fates.extend(staged.held.iter().map(|held| Fate {
        entity: match held.payment {
            Some(_) => EntityKind::Payment,
            None => EntityKind::Booking,
        },
        booking: held.booking.clone(),
        reference: held.reference.clone(),
        payment: held.payment.clone(),
        outcome: Outcome::Held,
        reason: held.reason.clone(),
        key: None,
        place: None,
    }));
    fates
}

/// The columns that an update changes, in words; nothing of another row.
fn changes(row: &BookingRow<'_>, relation: &Relation<'_>) -> String {
    let Some(before) = &row.before else {
        return String::new();
    };
    let columns = relation.columns.iter().zip(before.iter().zip(&row.cells));
    let changed: Vec<&str> = columns
        .filter(|(_, (before, now))| before != now)
        .map(|(column, _)| column.as_str())
        .collect();
    format!("changes {}", changed.join(", "))
}
