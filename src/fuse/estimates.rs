//! Prices that are stated beforehand, where what it came to is stated when it is over: an estimate, and then an invoice.
//!
//! Of a booking that is over and of which only an estimate is known, the last message is missing, and the price with it.

use super::money::Paid;
use super::question::{Questions, candidate};
use super::timeline::Timeline;
use super::{Context, over};
use crate::mapping::Told;
use crate::model::{
    BaselineBooking, Booking, Claim, Cluster, ConflictKind, Fate, FieldName, Money, Status, Value,
};

/// Asks what a booking came to that is over, where nothing but estimates was stated. Gives whether it did.
pub fn doubt(
    context: &Context<'_>,
    (cluster, timeline): (&Cluster, &Timeline<'_>),
    baseline: Option<&BaselineBooking>,
    paid: &Paid<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) -> bool {
    let field = FieldName::Total;
    let Some(total) = booking.total else { return false };
    let input = context.input;
    // What was over when the backup was made has its price there.
    let stood = baseline.is_some_and(|row| {
        row.total == Some(total) && Fate::of(row, input.window.backup, input.business.zone) == Fate::Over
    });
    let told = || cluster.members.iter().map(|at| &input.told[*at]);
    let states = |claim: &Claim| claim.value == Value::Money(total);
    let is_final = |told: &Told<'_>| !told.claims.estimate && told.claims.of(field).any(states);
    if stood
        || booking.status == Some(Status::Cancelled)
        || questions.asks_about(field)
        || over::ended(context, booking).is_none()
        || !told().any(|told| told.claims.estimate)
        || told().any(is_final)
    {
        return false;
    }
    let kept = paid.kept().filter(|kept| kept.currency == total.currency);
    // What was paid before it began may be the estimate; what was paid since is what it came to.
    let began = booking.starts_at.map(|at| at.date(context.input.business.zone));
    let is_settled = paid.kinds.iter().any(|(_, claim)| {
        let paid_on = claim
            .said_at
            .map(|at| at.with_timezone(&context.input.business.zone));
        paid_on.map(|at| at.date_naive()) >= began
    });
    if kept == Some(total) && is_settled {
        return false;
    }
    let there = |money: Money, millibits| candidate(Value::Money(money), Vec::new(), millibits);
    let estimate = candidate(Value::Money(total), timeline.records(field), 500);
    let mut candidates = vec![estimate];
    let is_likely = |kept: &Money| is_settled && (paid.is_whole(context) || kept.minor > total.minor);
    if let Some(kept) = kept.filter(is_likely) {
        candidates.insert(0, there(kept, 1000));
        booking.total = Some(kept);
    }
    let reason =
        format!("{total} was estimated beforehand. It is over, and no record states what it came to.");
    let kind = ConflictKind::MissingField;
    questions.ask(kind, Some(field), reason, candidates, Some(0));
    true
}
