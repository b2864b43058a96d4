//! A person's answer: append-only, undoable, bound to the evidence it was about.

use super::{BookingId, ConflictId, ConflictKind, RecordId, Value};
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
    /// What belongs together, or does not. It answers no question by itself: the bookings are fused anew.
    Tie(Tie),
    /// Takes an earlier decision back, by its sequence number.
    Undo(u64),
}

/// Which records tell of one booking, by a person's word. It is about records alone, so that it holds in every
/// later rebuild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    pub bond: Bond,
    /// Sorted.
    pub records: Vec<RecordId>,
    /// The records that they go to, or leave; sorted.
    pub with: Vec<RecordId>,
    /// The backup's row that `with` is about.
    pub row: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bond {
    Together,
    Apart,
}

/// What an answer rested on, for whoever asks later.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Basis {
    /// None in logs that were begun before it was kept.
    pub kind: Option<ConflictKind>,
    /// Whether the suggestion was taken; None where there was none.
    pub followed: Option<bool>,
    /// How it was chosen, in words, and the note that the person left.
    pub why: String,
}

/// A decision that is not yet committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub booking: BookingId,
    pub conflict: ConflictId,
    pub evidence: String,
    pub answer: Answer,
    pub basis: Basis,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Given by staging, rising.
    pub seq: u64,
    /// The first number of those that were taken in one act; they are undone in one.
    pub act: u64,
    pub booking: BookingId,
    pub conflict: ConflictId,
    /// `Conflict::evidence` when it was answered.
    pub evidence: String,
    pub answer: Answer,
    pub basis: Basis,
    pub who: String,
    pub at: DateTime<Utc>,
}

impl Decision {
    /// A draft as it was kept.
    pub fn of(draft: Draft, seq: u64, act: u64, who: &str, at: DateTime<Utc>) -> Self {
        Self {
            seq,
            act,
            booking: draft.booking,
            conflict: draft.conflict,
            evidence: draft.evidence,
            answer: draft.answer,
            basis: draft.basis,
            who: who.to_owned(),
            at,
        }
    }
}
