//! Doubts that a booking's own values raise, whoever gave them: asked when records are fused, and again when a
//! person's answer has changed a value.

use super::{Booking, Candidate, Conflict, ConflictKind, FieldName, Money, Status, Value};

/// More was kept than the price, a part was given back with no reason, or the currencies differ. Where the booking
/// was changed and no message priced that, what was kept is the likelier price; else the stated one stands.
pub fn money_doubt(booking: &Booking, changed: bool) -> Option<Conflict> {
    let total = booking.total?;
    if booking.status == Some(Status::Cancelled) {
        return None;
    }
    let asked = |reason: String, candidates: Vec<Candidate>, suggested| {
        let kind = ConflictKind::MoneyDoesNotAddUp;
        let field = Some(FieldName::Total);
        Some(Conflict::new(
            &booking.id,
            kind,
            field,
            reason,
            candidates,
            suggested,
        ))
    };
    let foreign = booking
        .payments
        .iter()
        .find(|payment| payment.amount.currency != total.currency);
    let sum = |of: &dyn Fn(&super::Payment) -> i64| booking.payments.iter().map(of).sum::<i64>();
    let kept = sum(&|payment| payment.amount.minor - payment.refunded.minor);
    let taken = sum(&|payment| payment.amount.minor);
    let offer = |minor: i64, millibits: i64| Candidate {
        value: Some(Value::Money(Money::new(minor, total.currency))),
        records: Vec::new(),
        millibits,
    };
    if let Some(payment) = foreign {
        let reason = format!(
            "The price is {total}, but {} was paid in another currency.",
            payment.amount
        );
        asked(reason, Vec::new(), None)
    } else if kept > total.minor {
        let paid = Money::new(kept, total.currency);
        let reason = format!("{paid} was paid and kept, but the price is {total}.");
        // What is suggested weighs more, whichever it is.
        let (likelier, other) = if changed {
            (kept, total.minor)
        } else {
            (total.minor, kept)
        };
        asked(reason, vec![offer(likelier, 1000), offer(other, 500)], Some(0))
    } else if kept < taken && kept != total.minor {
        let back = Money::new(taken - kept, total.currency);
        let reason = format!(
            "{back} of what was paid was given back, but no record says why: cancelled, or made cheaper?"
        );
        let candidates = vec![offer(kept, 500), offer(total.minor, 500)];
        asked(reason, candidates, changed.then_some(0))
    } else {
        None
    }
}
