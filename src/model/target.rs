//! How bookings are written into the target's tables: `[target]` of the configuration.

use super::{Dialect, LengthUnit};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub dialect: Dialect,
    pub booking: Entity,
    pub customer: Option<Entity>,
    pub resource: Option<Entity>,
    pub payment: Option<Entity>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    Booking,
    Customer,
    Resource,
    Payment,
}

impl EntityKind {
    pub const ALL: [Self; 4] = [Self::Resource, Self::Customer, Self::Booking, Self::Payment];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Booking => "booking",
            Self::Customer => "customer",
            Self::Resource => "resource",
            Self::Payment => "payment",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entity {
    pub table: String,
    pub key: Vec<String>,
    pub key_rule: KeyRule,
    /// Canonical field (`starts_at`, `customer`, `name`, …) to its column.
    pub columns: BTreeMap<String, ColumnMap>,
    /// Field, then canonical value to the target's: `values["status"]["confirmed"]`.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Columns with no evidence that must be filled.
    pub constants: BTreeMap<String, String>,
    /// Columns that SQL fills, with `{field}` for what another mapped field has.
    pub expressions: BTreeMap<String, String>,
    /// Rows of other tables that every new row of this one needs: line items, ledger entries.
    pub companions: Vec<Companion>,
    /// Triggers that a person has read, and that may fire when rows are loaded.
    pub triggers_allowed: Vec<String>,
    pub taken_reference: TakenReference,
    /// A new row keeps the key that its records tell, where it is free.
    pub keep_ids: bool,
}

/// A row of another table that stands beside every new row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    pub table: String,
    /// Column to SQL, with `{field}` and `{key}` for what the row itself has.
    pub columns: BTreeMap<String, String>,
}

/// What becomes of a new booking whose reference a live one was given anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TakenReference {
    #[default]
    Held,
    /// It is loaded under its reference and this.
    Suffixed(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyRule {
    /// The database gives it.
    #[default]
    Database,
    /// A UUID (version 5, out of SHA-1) of the booking's (customer's, payment's) own id.
    Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMap {
    pub column: String,
    /// None: the column's type has a zone.
    pub time: Option<TimeAs>,
    /// The column holds major units (`397.00`); else minor.
    pub major: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeAs {
    Local,
    Utc,
    Date,
    /// Seconds since 1970.
    Epoch,
    /// Of an end alone: how long after the start, in minutes, hours, days or nights.
    Since(LengthUnit),
}

impl Target {
    pub fn entity(&self, kind: EntityKind) -> Option<&Entity> {
        match kind {
            EntityKind::Booking => Some(&self.booking),
            EntityKind::Customer => self.customer.as_ref(),
            EntityKind::Resource => self.resource.as_ref(),
            EntityKind::Payment => self.payment.as_ref(),
        }
    }

    /// The target stores whole days: bookings begin and end on dates.
    pub fn date_only(&self) -> bool {
        self.booking
            .columns
            .get("starts_at")
            .is_some_and(|map| map.time == Some(TimeAs::Date))
    }
}

impl Entity {
    /// What the end is counted in from the start; None where it is kept as a time.
    pub fn length_unit(&self) -> Option<LengthUnit> {
        match self.columns.get("ends_at")?.time {
            Some(TimeAs::Since(unit)) => Some(unit),
            _ => None,
        }
    }

    pub fn column(&self, field: &str) -> Option<&str> {
        self.columns.get(field).map(|map| map.column.as_str())
    }

    pub fn has(&self, field: &str) -> bool {
        self.columns.contains_key(field)
    }
}
