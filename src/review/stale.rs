//! Whether a price is still the price after times were changed.

use super::Log;
use crate::model::{Answer, Booking, Candidate, Conflict, ConflictKind, FieldName, RecordId, Status, Value};
use chrono::{DateTime, Utc};

/// Kinds of question, and fields, whose answer may make the price stale: to tell, the claims must be known.
pub const MAY_MAKE_STALE: (ConflictKind, [FieldName; 2]) = (
    ConflictKind::ChangedWithoutNotice,
    [FieldName::StartsAt, FieldName::EndsAt],
);

/// Where a person said that the times were changed with no word from the business, a price that was stated before the
/// change may have been changed with them.
pub(super) fn stale_price<'f>(
    fused: &'f Booking,
    log: &Log,
    closed: &[&Conflict],
) -> Option<impl Fn(&Booking) -> Option<Conflict> + use<'f>> {
    let said = |record: &RecordId| {
        let claims = fused.claims.values().flatten();
        claims
            .filter(|claim| claim.record == *record)
            .filter_map(|claim| claim.said_at)
            .max()
    };
    let claims = fused.claims.get(&FieldName::Total).into_iter().flatten();
    let stated = match claims.filter_map(|claim| claim.said_at).max() {
        Some(stated) => stated,
        // The backup has it, and everything that is told of it now came later.
        None if fused.baseline_key.is_some() => DateTime::<Utc>::MIN_UTC,
        None => return None,
    };
    let is_about_price = |conflict: &Conflict| conflict.field == Some(FieldName::Total);
    // Who was asked about the price was asked.
    if fused.conflicts.iter().any(is_about_price) {
        return None;
    }
    let changed = closed.iter().find_map(|conflict| {
        let asked = conflict.kind == MAY_MAKE_STALE.0
            && conflict
                .field
                .is_some_and(|field| MAY_MAKE_STALE.1.contains(&field));
        let Answer::Take(taken) = &log.answer(conflict).filter(|_| asked)?.answer else {
            return None;
        };
        let candidate = conflict
            .candidates
            .iter()
            .find(|candidate| candidate.value == *taken)?;
        candidate
            .records
            .iter()
            .filter_map(said)
            .max()
            .filter(|at| *at > stated)
    })?;
    Some(move |now: &Booking| {
        let total = now.total.filter(|total| Some(*total) == fused.total)?;
        if now.status == Some(Status::Cancelled) {
            return None;
        }
        let date = changed.format("%Y-%m-%d");
        let reason = format!(
            "Its times were changed on {date}, after its price, {total}, was last stated: is that still the price?"
        );
        let same = Candidate {
            value: Some(Value::Money(total)),
            records: fused
                .claims
                .get(&FieldName::Total)
                .into_iter()
                .flatten()
                .map(|claim| claim.record.clone())
                .collect(),
            millibits: 0,
        };
        let (kind, field) = (ConflictKind::UnexplainedEvidence, Some(FieldName::Total));
        Some(Conflict::new(&now.id, kind, field, reason, vec![same], None))
    })
}
