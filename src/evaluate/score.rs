//! The counts.

use std::collections::BTreeMap;
use std::fmt;

/// Bookings that no damage befell.
pub const UNDAMAGED: &str = "undamaged";
/// Rebuilt bookings that are no true one.
pub const NO_TRUE_BOOKING: &str = "no true booking";

/// A field that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Reference,
    StartsAt,
    EndsAt,
    Status,
    Customer,
    CustomerName,
    CustomerEmail,
    CustomerPhone,
    Resource,
    Total,
    Currency,
    Tenant,
}

impl Field {
    /// Whether a clean booking without it is wrong.
    pub fn is_required(self) -> bool {
        matches!(
            self,
            Self::Reference | Self::StartsAt | Self::EndsAt | Self::Status | Self::Customer
        )
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::StartsAt => "starts_at",
            Self::EndsAt => "ends_at",
            Self::Status => "status",
            Self::Customer => "customer",
            Self::CustomerName => "customer name",
            Self::CustomerEmail => "customer email",
            Self::CustomerPhone => "customer phone",
            Self::Resource => "resource",
            Self::Total => "total",
            Self::Currency => "currency",
            Self::Tenant => "tenant",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a rebuilt booking is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Differs(Field),
    /// Required, and left empty.
    Empty(Field),
    NoSuchBooking,
    NoRecord,
    AlreadyInTheBackup,
    SecondCopy,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs(field) => write!(f, "{field}"),
            Self::Empty(field) => write!(f, "{field} empty"),
            Self::NoSuchBooking => f.write_str("no such booking"),
            Self::NoRecord => f.write_str("no record cited"),
            Self::AlreadyInTheBackup => f.write_str("already in the backup"),
            Self::SecondCopy => f.write_str("second copy"),
        }
    }
}

/// True payments since the backup by where they ended up, and charges that are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Payments {
    /// On just their own bookings.
    pub own: u64,
    pub another: u64,
    pub none: u64,
    /// Holds, failed attempts and duplicates refunded whole that were put on a booking.
    pub not_a_payment: u64,
}

/// A clean booking that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub id: String,
    /// The key of the true booking that it is.
    pub truth: Option<String>,
    pub faults: Vec<Fault>,
}

/// How well the bookings were rebuilt that one kind of damage befell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub scope: u64,
    pub found: u64,
    pub clean: u64,
    pub silent: u64,
    pub flagged: u64,
    pub suggested_right: u64,
}

impl Tally {
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.scope)
    }

    pub fn flagged_rate(&self) -> Option<f64> {
        share(self.flagged, self.clean + self.flagged)
    }

    pub fn suggested_right_share(&self) -> Option<f64> {
        share(self.suggested_right, self.flagged)
    }
}

/// How well a world was rebuilt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Score {
    pub scope: u64,
    pub found: u64,
    pub rebuilt: u64,
    pub clean: u64,
    pub silent: u64,
    pub flagged: u64,
    /// Of the flagged ones, those whose suggested values are all true.
    pub suggested_right: u64,
    pub clean_right: u64,
    pub wrong_fields: BTreeMap<Fault, u64>,
    /// Optional values left empty in clean bookings although the truth has one.
    pub missing_fields: BTreeMap<Field, u64>,
    pub payments: Payments,
    /// The clean bookings that are wrong.
    pub wrong: Vec<Wrong>,
    /// By kind of damage; a booking that several befell counts in each. [`UNDAMAGED`] are those that none befell.
    pub by_damage: BTreeMap<String, Tally>,
}

impl Score {
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.scope)
    }

    pub fn silent_rate(&self) -> Option<f64> {
        share(self.silent, self.clean)
    }

    pub fn flagged_rate(&self) -> Option<f64> {
        share(self.flagged, self.rebuilt)
    }

    pub fn suggested_right_share(&self) -> Option<f64> {
        share(self.suggested_right, self.flagged)
    }

    pub fn clean_right_of_scope(&self) -> Option<f64> {
        share(self.clean_right, self.scope)
    }
}

/// A share with five decimals; None of nothing. Rounded in decimal, so that 1/64 is the same everywhere.
fn share(part: u64, whole: u64) -> Option<f64> {
    if whole == 0 {
        return None;
    }
    format!("{:.5}", part as f64 / whole as f64).parse().ok()
}
