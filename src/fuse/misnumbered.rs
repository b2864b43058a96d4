//! A booking whose number looks unlike the others', while its records hold one that looks like theirs: where a message
//! states a customer's number beside the booking's, no backup tells them apart.

use super::{Fused, Input};
use crate::mapping::squash;
use crate::model::{Candidate, Conflict, ConflictKind, Document, FieldName, RecordId, Scalar, Value};
use crate::reading::{self, SpanValue};
use std::collections::BTreeMap;

/// The bookings' numbers look like one where so many in a hundred do, of so many at least.
const ALIKE: (usize, usize) = (80, 20);
/// Shorter numbers are anything: a year, a price.
const LENGTH: usize = 5;

pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = 0;
    for reference in fused
        .iter()
        .filter_map(|fused| fused.booking.reference.as_deref())
    {
        *shapes.entry(shape(reference)).or_default() += 1;
        all += 1;
    }
    let usual = shapes
        .into_iter()
        .filter(|(shape, _)| shape.chars().count() >= LENGTH)
        .find(|(_, count)| all >= ALIKE.1 && count * 100 >= all * ALIKE.0);
    let Some((usual, _)) = usual else { return };
    let documents: BTreeMap<&RecordId, &Document> = input
        .told
        .iter()
        .filter(|told| told.speaks())
        .map(|told| (&told.document.record, told.document))
        .collect();
    for fused in fused {
        let booking = &mut fused.booking;
        let Some(reference) = booking
            .reference
            .as_deref()
            .filter(|reference| shape(reference) != usual)
        else {
            continue;
        };
        let of = booking.records.iter().filter_map(|record| documents.get(record));
        let Some((record, other)) = of
            .flat_map(|document| codes(document))
            .find(|(_, code)| shape(code) == usual)
        else {
            continue;
        };
        let reason = format!(
            "{record} has {other}, which looks like the other bookings' numbers: is that its number?"
        );
        let weigh = |text: &str, records, millibits| Candidate {
            value: Some(Value::Text(text.to_owned())),
            records,
            millibits,
        };
        let candidates = vec![
            weigh(other, vec![record.clone()], 1000),
            weigh(reference, Vec::new(), 500),
        ];
        let (kind, field) = (ConflictKind::FieldContradicts, Some(FieldName::Reference));
        let asked = Conflict::new(&booking.id, kind, field, reason, candidates, Some(0));
        if !booking.conflicts.iter().any(|other| other.id == asked.id) {
            booking.conflicts.push(asked);
        }
    }
}

/// The codes and numbers of a message.
fn codes(document: &Document) -> Vec<(&RecordId, &str)> {
    let mut found = Vec::new();
    for item in &document.items {
        let (true, Scalar::Text(line)) = (matches!(item.place.as_str(), "text" | "html"), &item.value) else {
            continue;
        };
        for span in reading::spans(line) {
            if matches!(span.value, SpanValue::Code(_) | SpanValue::Number(_)) {
                found.push((&document.record, &line[span.start..span.end]));
            }
        }
    }
    found
}

/// A digit for every digit and a letter for every letter.
fn shape(code: &str) -> String {
    let folded = squash(code);
    let kind = |char: char| if char.is_numeric() { '0' } else { 'a' };
    folded.chars().map(kind).collect()
}
