//! What was booked, where no rule reads it: the only thing that the messages name is likely it.
//!
//! A name in words that the overlap did not teach may be that of a sight, or of what somebody else has: it is suggested, never
//! taken as told.

use super::question::{Questions, candidate};
use super::timeline::Timeline;
use super::{Context, Resource};
use crate::model::{Booking, ConflictKind, FieldName, RecordId, Value};
use std::collections::BTreeMap;

/// Asks what was booked, where the messages name one thing alone, which is the suggestion.
pub fn suggest(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    if !context.required.contains(&FieldName::ResourceKey) || questions.asks_about(FieldName::ResourceKey) {
        return;
    }
    let mut named: BTreeMap<&str, (&str, &RecordId)> = BTreeMap::new();
    for (keys, text, record) in timeline.mentions() {
        let [key] = keys else { return };
        named.entry(key).or_insert((text, record));
    }
    let mut named = named.into_iter();
    let (Some((key, (text, record))), None) = (named.next(), named.next()) else {
        return;
    };
    let reason = format!("No record tells what was booked; {record} names \"{text}\", which no rule reads.");
    let there = candidate(Value::Text(key.to_owned()), vec![record.clone()], 1000);
    let mut rows = context.input.baseline.resources.iter();
    booking.resource = Resource {
        name: rows.find(|row| row.key == key).and_then(|row| row.name.clone()),
        key: Some(key.to_owned()),
    };
    let field = Some(FieldName::ResourceKey);
    questions.ask(ConflictKind::MissingField, field, reason, vec![there], Some(0));
}

impl Timeline<'_> {
    /// The things that messages about the booking name, with the words that do.
    fn mentions(&self) -> impl Iterator<Item = (&[String], &str, &RecordId)> {
        let messages = self.messages.iter().filter(|spoken| {
            let claims = &spoken.told.claims;
            !claims.offers && !claims.nobodys
        });
        messages.flat_map(|spoken| {
            let claims = &spoken.told.claims;
            let mentions = claims.mentions.iter().zip(&claims.mentioned);
            mentions.map(|(keys, text)| (keys.as_slice(), text.as_str(), &spoken.document.record))
        })
    }
}
