//! Collects a booking's conflicts, each with a stable id and the hash of its evidence.

use crate::model::{
    BookingId, Candidate, Conflict, ConflictId, ConflictKind, FieldName, RecordId, Value, stable_hash,
};

pub struct Questions {
    booking: BookingId,
    asked: Vec<Conflict>,
}

pub fn candidate(value: Value, records: Vec<RecordId>, millibits: i64) -> Candidate {
    Candidate {
        value: Some(value),
        records,
        millibits,
    }
}

impl Questions {
    pub fn new(booking: &BookingId) -> Self {
        Self {
            booking: booking.clone(),
            asked: Vec::new(),
        }
    }

    /// Asks once per kind and field.
    /// Whether a question of this kind is open about a field.
    pub fn asks(&self, kind: ConflictKind, field: FieldName) -> bool {
        self.asked
            .iter()
            .any(|conflict| conflict.kind == kind && conflict.field == Some(field))
    }

    pub fn ask(
        &mut self,
        kind: ConflictKind,
        field: Option<FieldName>,
        reason: String,
        candidates: Vec<Candidate>,
        suggested: Option<usize>,
    ) {
        if self
            .asked
            .iter()
            .any(|conflict| conflict.kind == kind && conflict.field == field)
        {
            return;
        }
        self.asked.push(conflict(
            &self.booking,
            kind,
            field,
            reason,
            candidates,
            suggested,
        ));
    }

    pub fn done(self) -> Vec<Conflict> {
        self.asked
    }
}

/// A conflict with its id and evidence hash.
pub fn conflict(
    booking: &BookingId,
    kind: ConflictKind,
    field: Option<FieldName>,
    reason: String,
    candidates: Vec<Candidate>,
    suggested: Option<usize>,
) -> Conflict {
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
    Conflict {
        id,
        kind,
        field,
        reason,
        candidates,
        suggested,
        evidence,
    }
}
