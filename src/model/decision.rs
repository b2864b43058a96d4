//! A person's answer: append-only, undoable, bound to the evidence it was about.

use super::{BookingId, ConflictId, Value};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Take a value: a candidate's, or one that was typed. None: leave the field empty.
    Take(Option<Value>),
    /// The question needs no other value: what is suggested, or what stands, is right.
    Accept,
    /// This is no booking.
    Reject,
    /// Not now, with a note.
    Later(String),
    /// Takes an earlier decision back, by its sequence number.
    Undo(u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Given by staging, rising.
    pub seq: u64,
    pub booking: BookingId,
    pub conflict: ConflictId,
    /// `Conflict::evidence` when it was answered.
    pub evidence: String,
    pub answer: Answer,
    pub who: String,
    pub at: DateTime<Utc>,
}
