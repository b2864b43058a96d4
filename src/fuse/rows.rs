//! Of several things that were booked under one number: what is said of all, and what of one.

use crate::model::{Claim, FieldName, RecordId, Row, Value};
use std::borrow::Cow;

/// Leaves of what a record says of all the things what holds for one: not which of them it is, and its own price for that of
/// all, where that was stated.
pub(super) fn own(row: &Row, record: &RecordId, claims: &mut Vec<(Cow<'_, Claim>, f64)>) {
    claims.retain(|(claim, _)| claim.field != FieldName::ResourceKey);
    let Some(whole) = row.whole.map(Value::Money) else {
        return;
    };
    let is_of_all = |claim: &Claim| claim.field == FieldName::Total && claim.value == whole;
    let trust = claims
        .iter()
        .find(|(claim, _)| is_of_all(claim))
        .map(|(_, trust)| *trust);
    claims.retain(|(claim, _)| !is_of_all(claim));
    let own = row.price.as_ref().filter(|price| price.record == *record);
    claims.extend(
        own.zip(trust)
            .map(|(price, trust)| (Cow::Owned(price.clone()), trust)),
    );
}
