//! The price of a booking that was changed after its price was last stated.
//!
//! What takes longer, or is something else, hardly ever costs the same. The backup's prices say what it costs now; that
//! is suggested, and the stated price stands beside it.

use super::money::Paid;
use super::question::{Questions, candidate};
use super::restated::{self, Restated};
use super::timeline::Timeline;
use super::trial::Change;
use super::{Context, gratis, prices, stale};
use crate::model::{BaselineBooking, Booking, Candidate, ConflictKind, FieldName, Money, Value, When};
use crate::reading::{self, SpanValue};
use std::collections::BTreeSet;

/// Asks for the price where a message changed the booking after the price was stated.
pub fn noticed(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    paid: &Paid<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let field = FieldName::Total;
    if let Some(total) = booking.total
        && stale::is_doubtful(context, timeline, field, booking)
        && !is_listed(context, timeline, booking, total)
        && !is_settled(timeline, paid, booking, total)
        && !gratis::is_said_since(timeline, booking)
    {
        let is_other = stale::of(timeline, field, booking).change != Change::Time;
        let restated = restated::of(context, timeline, (paid, booking), total, is_other);
        if take(
            restated,
            ConflictKind::UnexplainedEvidence,
            total,
            booking,
            questions,
        ) {
            return;
        }
        let was = as_it_was(booking, |field| timeline.before(field));
        let now = now(context, paid, (&was, booking), total).filter(|_| is_other);
        let same = candidate(Value::Money(total), timeline.records(field), 1000);
        ask(
            ConflictKind::UnexplainedEvidence,
            now,
            same,
            total,
            booking,
            questions,
        );
    }
}

/// Takes what a message says of the price beside the change, or asks whether that is the price; whether it says anything.
fn take(
    restated: Option<Restated>,
    kind: ConflictKind,
    total: Money,
    booking: &mut Booking,
    questions: &mut Questions,
) -> bool {
    match restated {
        None => return false,
        Some(Restated::Same) => {}
        Some(Restated::Sure(money, claim)) => {
            booking.total = Some(money);
            booking.claims.insert(FieldName::Total, vec![claim]);
        }
        Some(Restated::Perhaps(money, record)) => {
            let reason = format!(
                "It was changed after its price, {total}, was last stated; {record} names {money}: is that the price now?"
            );
            let there = candidate(Value::Money(money), vec![record], 1000);
            let same = candidate(Value::Money(total), Vec::new(), 500);
            questions.ask(kind, Some(FieldName::Total), reason, vec![there, same], Some(0));
            booking.total = Some(money);
        }
    }
    true
}

/// Whether a booking of which only the time was changed costs what was stated by the backup's prices too, where such a change
/// left the price as it was nearly always, or always and the backup's prices are nearly always right.
fn is_listed(context: &Context<'_>, timeline: &Timeline<'_>, booking: &Booking, total: Money) -> bool {
    let stale = stale::of(timeline, FieldName::Total, booking);
    let trial = context.input.trial;
    let is_right = |price: prices::Price| {
        trial.mostly_stays(stale) && price.is_mostly_right()
            || trial.never_changes(stale) && price.is_right_but_for_one_in(20)
    };
    stale.change == Change::Time
        && prices::of(context, booking).is_some_and(|price| price.money == total && is_right(price))
}

/// Whether a booking of which only the time was changed was paid for since, so that all its payments come to what was stated.
fn is_settled(timeline: &Timeline<'_>, paid: &Paid<'_>, booking: &Booking, total: Money) -> bool {
    let stale = stale::of(timeline, FieldName::Total, booking);
    let times = [FieldName::StartsAt, FieldName::EndsAt];
    let changed = times
        .into_iter()
        .filter_map(|field| timeline.changed_at(field))
        .max();
    let mut payments = booking.payments.iter();
    stale.change == Change::Time
        && paid.kept() == Some(total)
        && changed.is_some_and(|changed| payments.any(|payment| payment.paid_at > changed))
}

/// Asks for the price where the calendar alone tells that the booking takes longer or shorter, or is for something else.
pub fn unnoticed(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    paid: &Paid<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let field = FieldName::Total;
    let kind = ConflictKind::ChangedWithoutNotice;
    let borne = |field| timeline.borne_out(field);
    let before = |field, now: Option<When>| match questions.was(field) {
        Some(Value::When(when)) => Some(*when),
        _ => match borne(field).map(|borne| borne.before) {
            Some(Value::When(when)) => Some(when),
            _ => now,
        },
    };
    // A message that tells of the change may name the price, old or new.
    let times = [FieldName::StartsAt, FieldName::EndsAt];
    let told = times.into_iter().find_map(borne).map(|borne| borne.message);
    let is_told = told.is_some_and(|message| message.best(field).is_some());

    let length = |from: Option<When>, to: Option<When>| from?.until(to?);
    let was = length(
        before(FieldName::StartsAt, booking.starts_at),
        before(FieldName::EndsAt, booking.ends_at),
    );
    let is_other =
        was != length(booking.starts_at, booking.ends_at) || questions.asks(kind, FieldName::ResourceKey);
    let is_asked = [kind, ConflictKind::UnexplainedEvidence]
        .into_iter()
        .any(|kind| questions.asks(kind, field));
    if let Some(total) = booking.total
        && is_other
        && !is_asked
        && !timeline.is_priced_after_entries()
        && !is_told
        && prices::of(context, booking).is_none_or(|price| price.money != total || !price.is_mostly_right())
    {
        let restated = told.and_then(|_| restated::of(context, timeline, (paid, booking), total, true));
        if take(restated, kind, total, booking, questions) {
            return;
        }
        let same = candidate(Value::Money(total), Vec::new(), 1000);
        let was = as_it_was(booking, |field| questions.was(field).cloned());
        ask(
            kind,
            now(context, paid, (&was, booking), total),
            same,
            total,
            booking,
            questions,
        );
    }
}

/// Asks what else was changed where a record states a new price that the same thing costs at another length, the old
/// one is what such bookings mostly cost, and nothing but the price differs: how long it takes now may be said in words
/// that no rule reads.
pub fn alone(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &Booking,
    questions: &mut Questions,
) {
    let times = [FieldName::StartsAt, FieldName::EndsAt, FieldName::ResourceKey];
    let stood = baseline.is_none_or(|row| {
        (row.starts_at, row.ends_at) == (booking.starts_at, booking.ends_at)
            && row.resource.is_some() == booking.resource.key.is_some()
            && row.resource == booking.resource.key
    });
    let old = match timeline.before(FieldName::Total) {
        Some(Value::Money(money)) => Some(money),
        _ => baseline.and_then(|row| row.total),
    };
    let (Some(old), Some(total), Some(ends_at)) = (old, booking.total, booking.ends_at) else {
        return;
    };
    let listed = prices::of(context, booking).filter(|price| price.is_mostly_right());
    if old == total
        || !stood
        || times.into_iter().any(|field| timeline.before(field).is_some())
        || listed.is_none_or(|price| price.money != old)
        || !prices::is_of_other_length(context, booking, total)
    {
        return;
    }
    let reason = format!(
        "Its price was changed from {old} to {total}, which it costs at another length, and nothing else: does it still end then?"
    );
    let same = candidate(Value::When(ends_at), timeline.records(FieldName::EndsAt), 500);
    let kind = ConflictKind::UnexplainedEvidence;
    questions.ask(kind, Some(FieldName::EndsAt), reason, vec![same], None);
}

/// Asks for the price where a later message speaks of an amount that no rule reads and nothing explains: a new price may be
/// said in words that the overlap did not teach.
pub fn doubt_amount(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    paid: &Paid<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let field = FieldName::Total;
    let Some(total) = booking.total else { return };
    if questions.asks_about(field) {
        return;
    }
    // What the backup has was the price then.
    let known_at = booking.baseline_key.as_ref().map(|_| context.input.window.backup);
    let Some((record, text)) = timeline.other_amount(total, &booking.payments, known_at) else {
        return;
    };
    if let Some(now) = agreed(context, timeline, (paid, booking), total, &text)
        && let Some(spoken) = timeline
            .messages
            .iter()
            .find(|spoken| spoken.document.record == record)
    {
        booking.total = Some(now);
        booking
            .claims
            .insert(field, vec![restated::claim(spoken, &text, now)]);
        return;
    }
    let reason = format!("{record} speaks of {text}, which no rule reads: is that the price now?");
    let there = amount(&text, total).map(|now| candidate(Value::Money(now), vec![record], 1000));
    let suggested = Some(0);
    let kept = candidate(Value::Money(total), timeline.records(field), 500);
    if let Some(Value::Money(now)) = there.as_ref().and_then(|there| there.value.clone()) {
        booking.total = Some(now);
    }
    let candidates = there.into_iter().chain([kept]).collect();
    questions.ask(
        ConflictKind::UnexplainedEvidence,
        Some(field),
        reason,
        candidates,
        suggested,
    );
}

/// What an amount is, where the backup's prices say that it costs that as it is now, or, of a booking that was changed, all
/// that was paid comes to it.
fn agreed(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    (paid, booking): (&Paid<'_>, &Booking),
    total: Money,
    text: &str,
) -> Option<Money> {
    let minors = restated::readings(text, total.currency);
    let listed = prices::of(context, booking).filter(|price| price.is_mostly_right());
    let times = [FieldName::StartsAt, FieldName::EndsAt];
    let is_changed =
        || timeline.has_changed() || times.into_iter().any(|field| timeline.borne_out(field).is_some());
    let kept = paid
        .kept()
        .filter(|kept| kept.minor > total.minor && is_changed());
    let proven = [listed.map(|price| price.money), kept].into_iter().flatten();
    let mut of_currency = proven
        .into_iter()
        .filter(|money| money.currency == total.currency);
    of_currency.find(|money| minors.contains(&money.minor))
}

/// The amount that a text states, where it can be read in one way only.
fn amount(text: &str, like: Money) -> Option<Money> {
    let spans = reading::spans(text);
    let [span] = spans.as_slice() else { return None };
    let SpanValue::Amount(amount) = &span.value else {
        return None;
    };
    let decimals = like.currency.decimals();
    let minors: BTreeSet<i64> = (amount.readings.iter())
        .filter_map(|reading| reading.minor(decimals))
        .collect();
    let minor = minors.first().filter(|_| minors.len() == 1)?;
    Some(Money {
        minor: *minor,
        ..like
    })
}

/// The booking as it was before it was changed, as far as its price hangs on that.
fn as_it_was(booking: &Booking, before: impl Fn(FieldName) -> Option<Value>) -> Booking {
    let mut was = booking.clone();
    if let Some(Value::When(when)) = before(FieldName::StartsAt) {
        was.starts_at = Some(when);
    }
    if let Some(Value::When(when)) = before(FieldName::EndsAt) {
        was.ends_at = Some(when);
    }
    if let Some(Value::Text(key)) = before(FieldName::ResourceKey) {
        was.resource.key = Some(key);
    }
    was
}

/// What it costs now, where that is likelier than what was stated before: what was paid, if that is the whole price or
/// more than the old one, else what the backup's prices say, if they knew the old one.
fn now(
    context: &Context<'_>,
    paid: &Paid<'_>,
    (was, booking): (&Booking, &Booking),
    total: Money,
) -> Option<Now> {
    let kept = paid.kept();
    let kept = kept.filter(|kept| kept.currency == total.currency && *kept != total);
    if let Some(kept) = kept.filter(|kept| kept.minor > total.minor || paid.is_whole(context)) {
        return Some(Now::Paid(kept));
    }
    let listed = prices::of(context, booking).filter(|price| price.money != total);
    let knew = || prices::of(context, was).is_some_and(|price| price.money == total);
    let is_likely =
        |price: &prices::Price| price.is_right_in_one_of(4) && knew() || Some(price.money) == kept;
    let listed = listed.filter(is_likely).map(|price| price.money);
    let listed = listed.or_else(|| prices::scaled(context, was, booking, total));
    listed.map(Now::Listed)
}

/// Where a new price is taken from.
#[derive(Clone, Copy)]
enum Now {
    Paid(Money),
    Listed(Money),
}

fn ask(
    kind: ConflictKind,
    now: Option<Now>,
    mut same: Candidate,
    total: Money,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let changed = format!("It was changed after its price, {total}, was last stated");
    let (reason, now) = match now {
        Some(Now::Paid(now)) => (format!("{changed}; {now} was paid."), Some(now)),
        Some(Now::Listed(now)) => (
            format!("{changed}; by the backup's prices it is {now} now."),
            Some(now),
        ),
        None => (format!("{changed}: is that still the price?"), None),
    };
    let mut candidates = Vec::new();
    if let Some(now) = now {
        same.millibits = 500;
        booking.total = Some(now);
        candidates.push(candidate(Value::Money(now), Vec::new(), 1000));
    }
    candidates.push(same);
    questions.ask(kind, Some(FieldName::Total), reason, candidates, Some(0));
}
