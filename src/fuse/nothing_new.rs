//! Messages that tell nothing new of a booking, whether they belong to it or not: a thank-you of a known kind that states
//! neither time nor price, what was sent long after it was over and speaks of no time to come, and what was agreed on before its
//! first message, which says the same.

use super::borne_out::explains_amounts;
use super::timeline::AT_ONCE;
use super::{Input, hours};
use crate::mapping::{SlotType, Told, squash};
use crate::model::{Booking, Claim, Cluster, FieldName, Status, Value, When};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Who did not come is written to within so many days: then something may be new.
const LONG: TimeDelta = TimeDelta::days(7);
/// Nobody is given another day for what was over so long ago.
const FORGOTTEN: TimeDelta = TimeDelta::days(30);

/// Whether a message can tell nothing new of this booking.
pub fn is_told(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    told.document.object == "message"
        && (is_afterword(input, told, booking)
            || states_nothing(input, told, booking)
            || states_the_same(input, told, booking)
            || was_asked_before(told, booking)
            || was_told_since(input, told, booking)
            || asks_for_another(input, told, booking))
}

/// Whether a message of a known kind told since when the booking begins, as it does: whatever a message before it said, if it
/// said it of this booking at all, it was held to take place then.
pub fn was_held_since(input: &Input<'_>, told: &Told<'_>, cluster: &Cluster, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let stands = |later: &Told<'_>| {
        let claims = &later.claims;
        let states =
            |claim: &Claim| matches!(claim.value, Value::When(when) if is_at(booking.starts_at, when, zone));
        later.document.object == "message"
            && later.speaks()
            && claims.known
            && !claims.request
            && !calls_off(later)
            && claims.of(FieldName::StartsAt).next().is_some()
            && claims.of(FieldName::StartsAt).all(states)
    };
    let is_later = |later: &Told<'_>| {
        let both = told.document.said_at.zip(later.document.said_at);
        both.is_some_and(|(said, since)| since > said + AT_ONCE)
    };
    let mut members = cluster.members.iter().map(|at| &input.told[*at]);
    told.document.object == "message" && members.any(|later| is_later(later) && stands(later))
}

/// Whether an entry was made when a booking had long been forgotten, and is for another day.
pub fn is_for_later(told: &Told<'_>, booking: &Booking, zone: Tz) -> bool {
    let last = booking.ends_at.or(booking.starts_at).map(|end| end.date(zone));
    let made = told
        .document
        .made_at
        .map(|at| at.with_timezone(&zone).date_naive());
    let mut days = told.claims.of(FieldName::StartsAt).peekable();
    let is_own = |claim: &Claim| match claim.value {
        Value::When(when) => booking
            .starts_at
            .is_none_or(|start| start.date(zone) == when.date(zone)),
        _ => true,
    };
    told.document.object == "event"
        && made.zip(last).is_some_and(|(made, last)| made > last + FORGOTTEN)
        && days.peek().is_some()
        && !days.any(is_own)
}

/// Whether it is a request for another day and another thing than the booking's: that is another booking, if it ever becomes one.
fn asks_for_another(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let mut days = told.claims.of(FieldName::StartsAt).peekable();
    let mut things = told.claims.of(FieldName::ResourceKey).peekable();
    let is_own_day = |claim: &Claim| match claim.value {
        Value::When(when) => booking
            .starts_at
            .is_none_or(|start| start.date(zone) == when.date(zone)),
        _ => true,
    };
    let is_own_thing = |claim: &Claim| match &claim.value {
        Value::Text(key) => booking.resource.key.as_ref().is_none_or(|own| own == key),
        _ => true,
    };
    told.claims.request
        && !calls_off(told)
        && days.peek().is_some()
        && things.peek().is_some()
        && !days.any(is_own_day)
        && !things.any(is_own_thing)
}

/// Whether it is a request, and what was booked was told since: whatever was asked for, that is what it came to.
fn was_asked_before(told: &Told<'_>, booking: &Booking) -> bool {
    let later = |claim: &Claim| claim.said_at > told.document.said_at && claim.record != told.document.record;
    let told_since = booking.claims.get(&FieldName::StartsAt);
    told.claims.request && !calls_off(told) && told_since.is_some_and(|claims| claims.iter().any(later))
}

/// Whether it names just this booking, and all messages that the booking's start is known from came later: in whichever words it
/// was offered, that is what was booked then. A message between two others might have called it off.
fn was_told_since(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let record = &told.document.record;
    let stated = booking.claims.get(&FieldName::StartsAt).into_iter().flatten();
    let mut messages = stated
        .filter(|claim| claim.record.source() == record.source() && claim.record != *record)
        .peekable();
    told.document.said_at.is_some()
        && messages.peek().is_some()
        && messages.all(|claim| claim.said_at > told.document.said_at)
        && is_just_of(input, told, booking)
}

/// Whether all that it states is what the booking has, so that nothing changes whether it belongs to it or not.
fn states_the_same(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    (told.claims.known || told.claims.request) && repeats(input, told, booking)
}

/// Whether a message, whatever its kind, states nothing that the booking has not.
pub fn repeats(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let claims = &told.claims;
    let is_own_time = |when: When| is_at(booking.starts_at, when, zone) || is_at(booking.ends_at, when, zone);
    let is_own = |claim: &Claim| match (claim.field, &claim.value) {
        (FieldName::StartsAt, Value::When(when)) => is_at(booking.starts_at, *when, zone),
        (FieldName::EndsAt, Value::When(when)) => is_at(booking.ends_at, *when, zone),
        (FieldName::Total, Value::Money(money)) => booking.total == Some(*money),
        (FieldName::ResourceKey, Value::Text(key)) => booking.resource.key.as_ref() == Some(key),
        (FieldName::Reference, Value::Text(number)) => {
            booking.reference.as_deref().map(squash) == Some(squash(number))
        }
        (field, _) => field.is_of_customer(),
    };
    let is_value = |slot: &SlotType| matches!(slot, SlotType::Moment | SlotType::Amount);
    let strange: BTreeSet<&str> = claims
        .strange
        .iter()
        .map(|strange| strange.text.as_str())
        .collect();
    let open = claims.unexplained.iter().chain(&claims.unread);
    let own_hours: BTreeSet<NaiveTime> = [booking.starts_at, booking.ends_at]
        .into_iter()
        .filter_map(|when| match when? {
            When::Instant(at) => Some(at.with_timezone(&zone).time()),
            When::Date(_) => None,
        })
        .collect();
    !calls_off(told)
        && claims.doubled.is_empty()
        && claims.claims.iter().all(is_own)
        && claims
            .strange
            .iter()
            .all(|strange| strange.whens.iter().any(|when| is_own_time(*when)))
        && open.filter(|(slot, _)| is_value(slot)).all(|(_, text)| {
            strange.contains(text.as_str()) || claims.no_prices.contains(text) || hours::are(text, &own_hours)
        })
}

/// Whether a time is this one, as far as it is told.
fn is_at(now: Option<When>, when: When, zone: Tz) -> bool {
    match (now, when) {
        (Some(When::Instant(now)), When::Instant(when)) => now == when,
        (Some(now), when) => now.date(zone) == when.date(zone),
        (None, _) => false,
    }
}

/// Whether a message tells of just this booking, in words of whatever kind: of its day, and of its price or of what is booked,
/// and of nothing else that could be another's.
pub fn is_just_of(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let claims = &told.claims;
    let own = |when: &When| is_at(booking.starts_at, *when, zone) || is_at(booking.ends_at, *when, zone);
    let own_thing = |key: &String| booking.resource.key.as_ref() == Some(key);
    let is_own = |claim: &Claim| match (claim.field, &claim.value) {
        (FieldName::StartsAt | FieldName::EndsAt, Value::When(when)) => own(when),
        (FieldName::Total, Value::Money(money)) => booking.total == Some(*money),
        (FieldName::ResourceKey, Value::Text(key)) => own_thing(key),
        (field, _) => field.is_of_customer(),
    };
    let says_when = |claim: &Claim| claim.field == FieldName::StartsAt;
    let says_what = |claim: &Claim| matches!(claim.field, FieldName::Total | FieldName::ResourceKey);
    let open = claims.unexplained.iter().chain(&claims.unread);
    let mut amounts = open
        .filter(|(slot, _)| *slot == SlotType::Amount)
        .map(|(_, text)| text)
        .peekable();
    let names_what = amounts.peek().is_some() || !claims.mentions.is_empty();
    told.document.object == "message"
        && told.speaks()
        && !calls_off(told)
        && claims.doubled.is_empty()
        && (claims.claims.iter().any(says_when) || !claims.strange.is_empty())
        && (claims.claims.iter().any(says_what) || names_what)
        && claims.claims.iter().all(is_own)
        && claims.strange.iter().all(|strange| strange.whens.iter().any(own))
        && claims.mentions.iter().all(|keys| keys.iter().any(own_thing))
        && amounts.all(|text| explains_amounts(text, booking))
}

/// Whether a number in it, that looks like one which the booking's own records state, is another: it is of something else.
pub fn is_of_another(input: &Input<'_>, told: &Told<'_>, cluster: &Cluster) -> bool {
    if told.document.object != "message" || told.claims.request && numbers(told).is_empty() {
        return false;
    }
    let own: BTreeSet<String> = cluster
        .members
        .iter()
        .flat_map(|at| numbers(&input.told[*at]))
        .collect();
    let forms: BTreeSet<String> = own.iter().map(|number| form(number)).collect();
    let stated = numbers(told);
    stated.iter().any(|number| forms.contains(&form(number))) && stated.is_disjoint(&own)
}

/// So many digits make a number that tells things apart, with a letter: a postal code has none in most countries.
const DIGITS: usize = 4;

/// The numbers of a record, folded, as far as they are no amounts and no phones.
fn numbers(told: &Told<'_>) -> BTreeSet<String> {
    let codes = told
        .claims
        .unexplained
        .iter()
        .filter(|(slot, _)| *slot == SlotType::Code);
    let stated = told
        .claims
        .claims
        .iter()
        .filter_map(|claim| match (claim.field, &claim.value) {
            (FieldName::Reference, Value::Text(text)) => Some(text),
            _ => None,
        });
    let tells = |number: &String| {
        number.chars().filter(char::is_ascii_digit).count() >= DIGITS
            && number.chars().any(char::is_alphabetic)
    };
    let all = codes.map(|(_, text)| text).chain(stated);
    all.map(|text| squash(text)).filter(tells).collect()
}

/// A number with all its digits alike.
fn form(number: &str) -> String {
    let digit = |char: char| if char.is_ascii_digit() { '0' } else { char };
    number.chars().map(digit).collect()
}

/// Whether it was sent long after the booking was over, and names no day to come, or so long after that it is about another.
/// What was given back may be told of late.
pub fn is_afterword(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let Some(said) = said_on(told, zone) else {
        return false;
    };
    let has_refund = booking.payments.iter().any(|payment| payment.refunded.minor != 0);
    is_over(booking, said - LONG, zone)
        && !calls_off(told)
        && !has_refund
        && (is_over(booking, said - FORGOTTEN, zone) || days(told, zone).all(|day| day < said))
}

/// Whether messages of its kind called nothing off, and it states nothing that could be another value; a resource only
/// where that is the booking's, or the booking was over.
fn states_nothing(input: &Input<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = input.business.zone;
    let claims = &told.claims;
    let states = |fields: &[FieldName]| claims.claims.iter().any(|claim| fields.contains(&claim.field));
    let is_value = |slot: &SlotType| matches!(slot, SlotType::Moment | SlotType::Amount);
    let mut values = claims.unexplained.iter().chain(&claims.unread);
    let mut resources = claims.of(FieldName::ResourceKey);
    let own = booking.resource.key.as_deref();
    let is_own =
        |claim: &crate::model::Claim| matches!(&claim.value, Value::Text(key) if Some(key.as_str()) == own);
    let over = || said_on(told, zone).is_some_and(|said| is_over(booking, said, zone));
    claims.known
        && !calls_off(told)
        && !states(&[
            FieldName::StartsAt,
            FieldName::EndsAt,
            FieldName::Total,
            FieldName::Status,
        ])
        && claims.strange.is_empty()
        && !values.any(|(slot, _)| is_value(slot))
        && (resources.all(is_own) || over())
}

fn said_on(told: &Told<'_>, zone: Tz) -> Option<NaiveDate> {
    told.document
        .said_at
        .map(|at| at.with_timezone(&zone).date_naive())
}

fn is_over(booking: &Booking, by: NaiveDate, zone: Tz) -> bool {
    let last = booking.ends_at.or(booking.starts_at);
    last.is_some_and(|last| last.date(zone) < by)
}

fn calls_off(told: &Told<'_>) -> bool {
    told.claims.meaning == Some(Status::Cancelled) || told.claims.perhaps_off
}

/// All days that a record names, as far as they can be read.
fn days(told: &Told<'_>, zone: Tz) -> impl Iterator<Item = NaiveDate> {
    let claims = told.claims.claims.iter().filter_map(|claim| match &claim.value {
        Value::When(when) => Some(*when),
        _ => None,
    });
    let strange = told
        .claims
        .strange
        .iter()
        .flat_map(|strange| strange.whens.iter().copied());
    let idle = told.claims.idle.iter().copied();
    claims
        .chain(strange)
        .chain(idle)
        .map(move |when: When| when.date(zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Claims;
    use crate::model::{Action, BookingId, Document, State};
    use chrono::{DateTime, Utc};

    #[test]
    fn an_entry_made_long_after_a_visit_for_another_day_is_not_of_it() {
        let day = |number: i64| DateTime::UNIX_EPOCH + TimeDelta::days(number) + TimeDelta::hours(9);
        let mut booking = Booking::bare(BookingId("b_1".to_owned()), State::Clean, Action::Insert);
        booking.starts_at = Some(When::Instant(day(10)));
        booking.ends_at = Some(When::Instant(day(11)));
        let is = |made: i64, starts: Option<DateTime<Utc>>| {
            let document = Document {
                made_at: Some(day(made)),
                ..Document::event("e")
            };
            let stated = starts.map(|at| Claim {
                record: document.record.clone(),
                field: FieldName::StartsAt,
                value: Value::When(When::Instant(at)),
                place: "/start/dateTime".to_owned(),
                rule: "calendar#1".to_owned(),
                standing: document.standing,
                said_at: document.said_at,
            });
            let mut told = Told {
                document: &document,
                claims: Claims::default(),
            };
            told.claims.claims.extend(stated);
            is_for_later(&told, &booking, Tz::UTC)
        };
        assert!(is(60, Some(day(70))));
        assert!(
            !is(20, Some(day(70))),
            "whoever did not come is given another day"
        );
        assert!(!is(60, Some(day(10))), "entered late");
        assert!(!is(60, None), "no day is told");
    }
}
