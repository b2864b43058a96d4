//! Collects a booking's conflicts, each with a stable id and the hash of its evidence.

use crate::model::{BookingId, Candidate, Conflict, ConflictKind, FieldName, RecordId, Value};

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

    /// Whether a question of this kind is open about a field.
    pub fn asks(&self, kind: ConflictKind, field: FieldName) -> bool {
        self.asked
            .iter()
            .any(|conflict| conflict.kind == kind && conflict.field == Some(field))
    }

    /// Whether anything is asked about a field.
    pub fn asks_about(&self, field: FieldName) -> bool {
        self.asked.iter().any(|conflict| conflict.field == Some(field))
    }

    /// What a field was, where only the calendar tells that it changed.
    pub fn was(&self, field: FieldName) -> Option<&Value> {
        let kind = ConflictKind::ChangedWithoutNotice;
        let mut of = self.asked.iter();
        let asked = of.find(|conflict| conflict.kind == kind && conflict.field == Some(field))?;
        asked.candidates.get(1)?.value.as_ref()
    }

    /// Whether a question about a field puts a record before the person.
    pub fn cites(&self, field: FieldName, record: &RecordId) -> bool {
        let of_field = self.asked.iter().filter(|conflict| conflict.field == Some(field));
        let mut candidates = of_field.flat_map(|conflict| &conflict.candidates);
        candidates.any(|candidate| candidate.records.contains(record))
    }

    /// Asks once per kind and field.
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
        self.put(Conflict::new(
            &self.booking,
            kind,
            field,
            reason,
            candidates,
            suggested,
        ));
    }

    /// Adds a question that is made already.
    pub fn put(&mut self, conflict: Conflict) {
        self.asked.push(conflict);
    }

    pub fn done(self) -> Vec<Conflict> {
        self.asked
    }
}
