//! What a booking cost that was called off: a message that calls it off may name a fee in the words of a price.
//!
//! The backup's rows show which of both became the price. Where they do not, a person is asked.

use super::question::{Questions, candidate};
use super::timeline::Timeline;
use super::{Context, Input, prices};
use crate::mapping::Told;
use crate::model::{
    About, BaselineBooking, Booking, ConflictKind, FieldName, Money, RecordId, SourceKind, Status, Value,
};
use chrono::{DateTime, Utc};

/// Fewer prove nothing.
const KNOWN: u32 = 8;
/// So many in a hundred show what becomes of the price.
const PERCENT: u32 = 95;

/// Bookings of the backup that were called off by a message that states another price than those before, and which of both
/// their rows have.
#[derive(Debug, Default)]
pub struct Fees {
    seen: u32,
    stayed: u32,
    replaced: u32,
}

impl Fees {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut learned = Self::default();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let row = &input.baseline.bookings[at];
            let members = cluster.members.iter().map(|at| &input.told[*at]);
            let stated = Stated::of(members);
            if let (Some(Status::Cancelled), Some(total), Some(price), Some(fee)) =
                (row.status, row.total, stated.price, stated.fee)
                && price != fee.0
            {
                learned.seen += 1;
                learned.stayed += u32::from(total == price);
                learned.replaced += u32::from(total == fee.0);
            }
        }
        learned
    }

    fn mostly(&self, agree: u32) -> bool {
        agree >= KNOWN && agree * 100 >= self.seen * PERCENT
    }
}

/// The last price that was stated before a message called the booking off, and the last since.
#[derive(Debug, Default)]
struct Stated {
    price: Option<Money>,
    fee: Option<(Money, RecordId)>,
    /// Nothing up to the message that called it off states one.
    is_late: bool,
}

impl Stated {
    fn of<'a, 't: 'a>(told: impl Iterator<Item = &'a Told<'t>>) -> Self {
        let is_message = |told: &&Told<'_>| told.document.kind == SourceKind::Mail && told.speaks();
        let mut messages: Vec<&Told<'_>> = told.filter(is_message).collect();
        messages.sort_by_key(|told| (told.document.said_at, &told.document.record));
        let off = messages
            .iter()
            .filter(|told| told.claims.meaning == Some(Status::Cancelled))
            .filter_map(|told| told.document.said_at)
            .min();
        let mut stated = Self::default();
        let Some(off) = off else { return stated };
        stated.is_late = true;
        for told in messages {
            let prices = told
                .claims
                .of(FieldName::Total)
                .filter_map(|claim| match claim.value {
                    Value::Money(money) => Some(money),
                    _ => None,
                });
            let Some(price) = prices.last() else { continue };
            stated.is_late &= told.document.said_at > Some(off);
            if is_before(told.document.said_at, off) {
                stated.price = Some(price);
            } else {
                stated.fee = Some((price, told.document.record.clone()));
            }
        }
        stated
    }
}

fn is_before(said_at: Option<DateTime<Utc>>, off: DateTime<Utc>) -> bool {
    said_at.is_some_and(|at| at < off)
}

/// Asks for the price of a booking that was called off, where only a message that called it off, or a later one, states the
/// price that was taken, and it is neither what was agreed before nor what such bookings cost.
pub fn doubt(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let field = FieldName::Total;
    let (Some(Status::Cancelled), Some(total)) = (booking.status, booking.total) else {
        return;
    };
    let stated = Stated::of(timeline.all().map(|spoken| spoken.told));
    let Some((fee, record)) = stated.fee.filter(|(fee, _)| *fee == total) else {
        return;
    };
    let listed = prices::of(context, booking).filter(|price| price.is_mostly_right());
    let listed = listed.map(|price| price.money);
    let agreed = stated.price.or(baseline.and_then(|row| row.total));
    let learned = &context.fees;
    // What is more than the price is no fee: it was changed before it was called off.
    let is_more = |price: &Money| price.currency == fee.currency && price.minor > fee.minor;
    let Some(price) = agreed.or(listed).filter(is_more) else {
        // What only a bill for the fee is left of cost more, where such bills were seen.
        if agreed.is_none() && stated.is_late && learned.stayed > 0 && !questions.asks_about(field) {
            let reason = format!(
                "It was called off, and only {record} since speaks of {fee}: is that a fee, or the price?"
            );
            let given = candidate(Value::Money(fee), vec![record], 500);
            questions.ask(
                ConflictKind::FieldContradicts,
                Some(field),
                reason,
                vec![given],
                None,
            );
        }
        return;
    };
    if agreed.is_some() && learned.mostly(learned.replaced) {
        return;
    }
    booking.total = Some(price);
    let claims = timeline.all().flat_map(|spoken| spoken.told.claims.of(field));
    let claims = claims.filter(|claim| claim.value == Value::Money(price));
    booking.claims.insert(field, claims.cloned().collect());
    if agreed.is_some() && learned.mostly(learned.stayed) {
        return;
    }
    if questions.asks_about(field) {
        return;
    }
    let reason =
        format!("It was called off, and {record} speaks of {fee} since: is that a fee, or the price?");
    let candidates = vec![
        candidate(Value::Money(price), Vec::new(), 1000),
        candidate(Value::Money(fee), vec![record], 500),
    ];
    questions.ask(
        ConflictKind::FieldContradicts,
        Some(field),
        reason,
        candidates,
        Some(0),
    );
}
