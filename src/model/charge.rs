//! Where each succeeded charge ended up: the account of the money.

use super::{BookingId, Money};
use chrono::{DateTime, Utc};

/// Every succeeded charge of the window is in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    OnBooking,
    /// Named as a payment for no booking: a sale of something else, a double charge given back whole.
    BelongsToNone,
    /// A person is asked.
    InConflict,
}

impl Bucket {
    pub const ALL: [Self; 3] = [Self::OnBooking, Self::BelongsToNone, Self::InConflict];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnBooking => "on_booking",
            Self::BelongsToNone => "belongs_to_none",
            Self::InConflict => "in_conflict",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The provider's id, `ch_…`.
    pub id: String,
    pub amount: Money,
    pub refunded: Money,
    pub paid_at: DateTime<Utc>,
    pub bucket: Bucket,
    /// The booking it is on, or that the question is about.
    pub booking: Option<BookingId>,
    /// Why it is in its bucket, in a sentence for a bookkeeper.
    pub reason: String,
}
