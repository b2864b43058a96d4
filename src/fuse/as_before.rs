//! A message that states the price as it was before, and beside it another that nothing explains: which of the two is the
//! price now, the backup cannot have taught where both were always the same.

use super::question::{Questions, candidate};
use super::timeline::Timeline;
use crate::mapping::amounts;
use crate::model::{
    BaselineBooking, Booking, Claim, ConflictKind, FieldName, Money, RecordId, Scalar, Value,
};
use crate::reading::{self, SpanValue};
use std::collections::BTreeSet;

/// Asks which is the price now.
pub fn doubt(
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let field = FieldName::Total;
    let Some(total) = booking.total.filter(|_| !questions.is_asked(field)) else {
        return;
    };
    let Some((record, other)) = timeline.other_beside(total, baseline, booking) else {
        return;
    };
    let reason =
        format!("{record} states {total}, as before, and beside it {other}: which is the price now?");
    let new = candidate(Value::Money(other), vec![record], 1000);
    let same = candidate(Value::Money(total), timeline.records(field), 500);
    let kind = ConflictKind::UnexplainedEvidence;
    questions.ask(kind, Some(field), reason, vec![new, same], Some(0));
    booking.total = Some(other);
}

impl Timeline<'_> {
    /// The only other amount, read or not, in the line of the last message that states this price, where it was stated before, and neither
    /// the amount stood in a message before nor was it paid.
    fn other_beside(
        &self,
        total: Money,
        baseline: Option<&BaselineBooking>,
        booking: &Booking,
    ) -> Option<(RecordId, Money)> {
        let of_total = |claim: &Claim| claim.value == Value::Money(total);
        let messages = &self.messages;
        let last = messages
            .iter()
            .rposition(|spoken| spoken.best(FieldName::Total).is_some())?;
        let (claim, _) = messages[last]
            .best(FieldName::Total)
            .filter(|(claim, _)| of_total(claim))?;
        let stated = |(claim, _): &(std::borrow::Cow<'_, Claim>, f64)| of_total(claim);
        let before = messages[..last]
            .iter()
            .any(|spoken| spoken.best(FieldName::Total).is_some_and(stated));
        if !before && baseline.is_none_or(|row| row.total != Some(total)) {
            return None;
        }
        let is_known = |said: &str| {
            let items = messages[..last].iter().flat_map(|spoken| &spoken.document.items);
            let mut texts = items.filter_map(|item| match &item.value {
                Scalar::Text(text) => Some(text),
                _ => None,
            });
            texts.any(|text| text.contains(said))
        };
        let document = messages[last].document;
        let (place, _) = claim.place.split_once('[')?;
        let item = document.items.iter().find(|item| item.named() == place)?;
        let Scalar::Text(text) = &item.value else {
            return None;
        };
        let is_paid = |minor: i64| {
            let paid: i64 = booking.payments.iter().map(|payment| payment.amount.minor).sum();
            let mut payments = booking.payments.iter();
            minor == paid
                || minor == total.minor - paid
                || payments.any(|payment| minor == payment.amount.minor || minor == payment.refunded.minor)
        };
        let spans = reading::spans(text).into_iter();
        let others: BTreeSet<i64> = spans
            .filter_map(|span| match &span.value {
                SpanValue::Amount(amount) => {
                    let said = &text[span.start..span.end];
                    let minor = amounts(amount, total.currency).next()?;
                    let is_other = minor > 0 && minor != total.minor && !is_paid(minor);
                    (is_other && !is_known(said)).then_some(minor)
                }
                _ => None,
            })
            .collect();
        match others.into_iter().collect::<Vec<_>>().as_slice() {
            [other] => Some((document.record.clone(), Money::new(*other, total.currency))),
            _ => None,
        }
    }
}
