//! A question for a person.

use super::{BookingId, ConflictId, FieldName, RecordId, Value, stable_hash};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictKind {
    FieldContradicts,
    AmbiguousLink,
    MissingField,
    MoneyDoesNotAddUp,
    DoubleBooked,
    ChangedWithoutNotice,
    NoStanding,
    UnexplainedEvidence,
    UnlinkedRecord,
    ReferenceReused,
    WeakEvidence,
}

impl ConflictKind {
    pub const ALL: [Self; 11] = [
        Self::FieldContradicts,
        Self::AmbiguousLink,
        Self::MissingField,
        Self::MoneyDoesNotAddUp,
        Self::DoubleBooked,
        Self::ChangedWithoutNotice,
        Self::NoStanding,
        Self::UnexplainedEvidence,
        Self::UnlinkedRecord,
        Self::ReferenceReused,
        Self::WeakEvidence,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::FieldContradicts => "field_contradicts",
            Self::AmbiguousLink => "ambiguous_link",
            Self::MissingField => "missing_field",
            Self::MoneyDoesNotAddUp => "money_does_not_add_up",
            Self::DoubleBooked => "double_booked",
            Self::ChangedWithoutNotice => "changed_without_notice",
            Self::NoStanding => "no_standing",
            Self::UnexplainedEvidence => "unexplained_evidence",
            Self::UnlinkedRecord => "unlinked_record",
            Self::ReferenceReused => "reference_reused",
            Self::WeakEvidence => "weak_evidence",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// None stands for "leave it empty".
    pub value: Option<Value>,
    /// The records that say so.
    pub records: Vec<RecordId>,
    /// Match weight in thousandths of a bit (integers, so that answers are the same on every machine).
    pub millibits: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub id: ConflictId,
    pub kind: ConflictKind,
    /// None where the question is about the booking as a whole.
    pub field: Option<FieldName>,
    /// One sentence in plain words, for a clerk.
    pub reason: String,
    /// Strongest first.
    pub candidates: Vec<Candidate>,
    /// Index of the candidate that is suggested.
    pub suggested: Option<usize>,
    /// Hash of the records and values the question is about: an answer holds as long as it is the same.
    pub evidence: String,
}

impl Conflict {
    /// A question with its stable id and the hash of its evidence.
    pub fn new(
        booking: &BookingId,
        kind: ConflictKind,
        field: Option<FieldName>,
        reason: String,
        candidates: Vec<Candidate>,
        suggested: Option<usize>,
    ) -> Self {
        let name = field.map_or("", FieldName::as_str);
        let id = ConflictId(format!(
            "c_{}",
            stable_hash(&[booking.as_str(), kind.as_str(), name])
        ));
        let mut evidence: Vec<String> = vec![reason.clone()];
        for candidate in &candidates {
            evidence.push(format!("{:?}", candidate.value));
            let mut records: Vec<&str> = candidate.records.iter().map(RecordId::as_str).collect();
            records.sort_unstable();
            evidence.push(records.join(" "));
        }
        let parts: Vec<&str> = evidence.iter().map(String::as_str).collect();
        let evidence = stable_hash(&parts);
        Self {
            id,
            kind,
            field,
            reason,
            candidates,
            suggested,
            evidence,
        }
    }

    /// The candidates that are answers, with their numbers from 0. Others only name records: of a question about
    /// the booking as a whole, and what a double booking is with.
    pub fn offers(&self) -> impl Iterator<Item = (usize, &Candidate)> {
        let has_any = self.field.is_some() && self.kind != ConflictKind::DoubleBooked;
        self.candidates.iter().enumerate().filter(move |_| has_any)
    }

    /// The suggested candidate.
    pub fn suggestion(&self) -> Option<&Candidate> {
        self.candidates.get(self.suggested?)
    }

    /// The records that the question names, each once, in its order.
    pub fn records(&self) -> Vec<&RecordId> {
        let mut named: Vec<&RecordId> = Vec::new();
        for record in self.candidates.iter().flat_map(|candidate| &candidate.records) {
            if !named.contains(&record) {
                named.push(record);
            }
        }
        named
    }
}
