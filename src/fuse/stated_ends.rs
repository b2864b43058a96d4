//! Of an end that a record states and one that is reckoned from a length in it, the surer one: how long a part of it takes may stand
//! beside when all of it is over.

use super::Context;
use crate::model::{Claim, FieldName};
use std::borrow::Cow;

/// Puts a stated end before a length that was right in so few records that it is no surer. The claims are a record's, best first.
/// Source of the half: Krichevsky & Trofimov (1981).
pub fn put_first(context: &Context<'_>, claims: &mut [(Cow<'_, Claim>, f64)]) {
    let is_end = |(claim, _): &(Cow<'_, Claim>, f64)| claim.field == FieldName::EndsAt;
    let Some(best) = claims.iter().position(is_end) else {
        return;
    };
    if !is_length(context, &claims[best].0) {
        return;
    }
    let Some((agree, support)) = context.reliability.get(&claims[best].0.rule) else {
        return;
    };
    // These are kept in thousandths of a record.
    let surely = (f64::from(*agree) / 1000.0 + 0.5) / (f64::from(*support) / 1000.0 + 1.0);
    let is_stated = |at: &usize| is_end(&claims[*at]) && !is_length(context, &claims[*at].0);
    if let Some(stated) = (best + 1..claims.len()).find(is_stated)
        && claims[stated].1 >= surely
    {
        claims[best..=stated].rotate_right(1);
    }
}

/// Whether an end was reckoned from a length.
fn is_length(context: &Context<'_>, claim: &Claim) -> bool {
    let (source, _) = claim.rule.rsplit_once('#').unwrap_or_default();
    let mut mappings = context.input.mappings.iter();
    let mapping = mappings.find(|mapping| mapping.source == source);
    let rule = mapping
        .zip(claim.rule_index())
        .and_then(|(mapping, at)| mapping.rules.get(at));
    rule.is_some_and(|rule| rule.reading.unit.is_some())
}
