//! What the queue of a review must know of a question before it is shown.

use super::{BookingId, Conflict, ConflictId, ConflictKind, FieldName, Value, When};

/// One question, as far as its place in the queue and the count of what is open need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The booking's place among all, as they were put.
    pub place: usize,
    /// The question's place among the booking's.
    pub position: usize,
    pub booking: BookingId,
    pub conflict: ConflictId,
    pub evidence: String,
    pub kind: ConflictKind,
    pub field: Option<FieldName>,
    /// When the booking may start: what is offered where the start is asked, and what stands.
    pub starts: Vec<When>,
    /// How far the suggestion stands above the next best, in thousandths of a bit; None where nothing is suggested.
    pub gap_millibits: Option<i64>,
    /// The same for questions that can be given one answer together.
    pub likeness: String,
}

/// What a filter looks for in one question; without case, accents and punctuation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wording {
    pub customer: String,
    pub resource: String,
    pub tenant: Option<String>,
    /// All of it, with the question and the names of the records.
    pub text: String,
}

impl Conflict {
    /// How far the suggestion stands above its runner-up, in thousandths of a bit; None where nothing is suggested.
    ///
    /// Mere chance, at 0 bits, always stands beside the candidates: one that is alone must beat that.
    pub fn gap_millibits(&self) -> Option<i64> {
        let suggested = self.suggested?;
        let weight = self.candidates.get(suggested)?.millibits;
        let others = self.candidates.iter().enumerate();
        let runner_up = others
            .filter(|(index, _)| *index != suggested)
            .map(|(_, candidate)| candidate.millibits)
            .fold(0, i64::max);
        Some(weight.saturating_sub(runner_up))
    }

    /// The moments that are offered where the start is asked.
    pub fn offered_starts(&self) -> impl Iterator<Item = When> {
        let is_asked = self.field == Some(FieldName::StartsAt);
        let offered = self.candidates.iter().filter(move |_| is_asked);
        offered.filter_map(|candidate| match candidate.value {
            Some(Value::When(when)) => Some(when),
            _ => None,
        })
    }
}
