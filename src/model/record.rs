//! One thing as a source gave it: raw bytes, never edited.

use super::RecordId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    Stripe,
    GoogleCalendar,
    Mail,
}

impl SourceKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::GoogleCalendar => "google-calendar",
            Self::Mail => "mail",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Stripe, Self::GoogleCalendar, Self::Mail]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// One revision of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: RecordId,
    pub kind: SourceKind,
    /// Stripe: the `object`; calendar: `event`; mail: `message`.
    pub object: String,
    /// Where it stood: Stripe account (or ""), calendar id, mail folder or file.
    pub container: String,
    /// File and byte offset, or URL, for messages to people.
    pub origin: String,
    /// Exactly as received.
    pub bytes: Vec<u8>,
}

/// Damage that was met and passed over: shown, never silent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub source: String,
    /// File and byte offset, or record id and place.
    pub place: String,
    pub message: String,
    /// What a person can do about it.
    pub hint: String,
}
