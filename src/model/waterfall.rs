//! Why a record stands where it stands, comparison by comparison.

use super::{BookingId, RecordId};

/// What is compared between records and a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// The odds before anything is compared: one of all bookings.
    Prior,
    /// The booking's number, or another id that both state.
    Reference,
    /// The number by which the business calls the customer.
    Customer,
    Email,
    Phone,
    Name,
    Times,
    Resource,
    Money,
    /// How near in time both were made.
    Created,
    /// A booking has one calendar entry.
    Entry,
    /// What the kind of record tells: payments of some kinds are for bookings nearly always.
    Kind,
}

impl Comparison {
    /// In the order in which a waterfall is drawn.
    pub const ALL: [Self; 12] = [
        Self::Prior,
        Self::Reference,
        Self::Customer,
        Self::Email,
        Self::Phone,
        Self::Name,
        Self::Times,
        Self::Resource,
        Self::Money,
        Self::Created,
        Self::Entry,
        Self::Kind,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prior => "prior",
            Self::Reference => "reference",
            Self::Customer => "customer",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Times => "times",
            Self::Resource => "resource",
            Self::Money => "money",
            Self::Created => "created",
            Self::Entry => "entry",
            Self::Kind => "kind",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|comparison| comparison.as_str() == text)
    }
}

/// What one comparison tells; what is not stated weighs nothing and is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub comparison: Comparison,
    /// log2 of m/u in thousandths: integers, so that answers are the same on every machine.
    pub millibits: i64,
}

/// What the steps tell together, in thousandths of a bit.
pub fn sum(steps: &[Step]) -> i64 {
    steps.iter().map(|step| step.millibits).sum()
}

/// What each comparison told for the place of some records, and for the next best place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waterfall {
    /// The records that were weighed together: those that share a provider's id.
    pub records: Vec<RecordId>,
    /// They belong to the booking; otherwise they may, and nobody has said so yet.
    pub is_linked: bool,
    /// Posterior odds are their sum.
    pub steps: Vec<Step>,
    /// None where nothing else came into question, or an id said it outright.
    pub next: Option<NextBest>,
}

/// Another booking to which the records might have gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextBest {
    /// None where nothing new is told of it, so that it was not rebuilt.
    pub booking: Option<BookingId>,
    /// The row in the backup, where it stands in it.
    pub row: Option<String>,
    /// A record that tells of it.
    pub record: Option<RecordId>,
    pub steps: Vec<Step>,
}
