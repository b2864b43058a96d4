//! What a person can ask for, and what comes of it.

use crate::model::{Answer, Basis, Booking, Conflict, Draft, RecordId};

/// What a person asks for, whatever key or click it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The candidate at this index, from 0.
    Take(usize),
    /// A value typed in full; `-` leaves the field empty.
    Type(String),
    /// The suggestion.
    Accept,
    /// What stands is right, though nothing is suggested.
    Keep,
    /// This is no booking.
    Reject,
    /// Not now, with a note.
    Later(String),
    /// These records belong to the booking; none: those that the question names.
    Attach(Vec<RecordId>),
    /// It is one booking with another, named by its reference or id.
    Merge(String),
    /// These records, by their place among the booking's from 0, tell of another booking.
    Part(Vec<usize>),
    /// The same answer to every case that is like this one; the number is what the person was shown.
    All(Same, usize),
    /// Takes back the last act of this person that stands.
    Undo,
    /// Brings back what was taken back last.
    Redo,
    /// Takes back the act with this number, whoever took it.
    Revoke(u64),
    /// The next case, nothing decided.
    Skip,
    /// The case before.
    Back,
}

/// An answer that can be given to many cases at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Same {
    Accept,
    Keep,
    Later(String),
}

/// What an input led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To be committed at once; the queue moves on when the decisions come back through [`Queue::record`].
    Commit(Act),
    /// Moved to another case.
    Moved,
    /// Nothing happened, and why.
    Refused(String),
}

/// Decisions that are committed together and undone together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub drafts: Vec<Draft>,
    /// What the person should know at once: what it goes against.
    pub remarks: Vec<String>,
}

pub(super) fn commit(act: Result<Act, String>) -> Step {
    match act {
        Ok(act) => Step::Commit(act),
        Err(why) => Step::Refused(why),
    }
}

pub(super) fn draft(
    booking: &Booking,
    conflict: &Conflict,
    answer: Answer,
    followed: Option<bool>,
    why: String,
) -> Draft {
    Draft {
        booking: booking.id.clone(),
        conflict: conflict.id.clone(),
        evidence: conflict.evidence.clone(),
        answer,
        basis: Basis {
            kind: Some(conflict.kind),
            followed,
            why,
        },
    }
}
