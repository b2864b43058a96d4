//! One field's value that one record states.

use super::{FieldName, Money, RecordId, Status, When};
use chrono::{DateTime, Utc};

/// Whose word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Its own sender with no failed authentication, its own calendar, its own Stripe account.
    Business,
    /// A customer's word: what a person typed at the provider, a reply.
    Customer,
    /// Failed authentication, a stranger, a forward: evidence for nothing.
    Nobody,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Customer => "customer",
            Self::Nobody => "nobody",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Business, Self::Customer, Self::Nobody]
            .into_iter()
            .find(|standing| standing.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Text(String),
    When(When),
    Money(Money),
    Status(Status),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    pub record: RecordId,
    pub field: FieldName,
    pub value: Value,
    /// The item's place in the record, and the bytes of the value in it: `text:7[9..29]`.
    pub place: String,
    /// The mapping rule that read it: `<mapping>#<rule number>`.
    pub rule: String,
    pub standing: Standing,
    /// When it was said.
    pub said_at: Option<DateTime<Utc>>,
}

impl Claim {
    /// Which of its mapping's rules read it, from 0; None where no rule did.
    pub fn rule_index(&self) -> Option<usize> {
        let (_, number) = self.rule.rsplit_once('#')?;
        number.parse::<usize>().ok()?.checked_sub(1)
    }
}
