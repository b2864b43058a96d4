//! Changes that two sources tell of, though no rule reads the one: the entry was moved, and a message of that day names the
//! moment to which it was.

use super::spoken::Spoken;
use super::timeline::{AT_ONCE, Timeline};
use crate::mapping::{Strange, Told, instant, resolve};
use crate::model::{Booking, Claim, FieldName, RecordId, Scalar, SourceKind, Status, Value, When};
use crate::reading::{self, SpanValue};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// An entry is moved within this of the message about it.
const FOLLOWS: TimeDelta = TimeDelta::days(1);

/// A change that a message bears out.
pub(super) struct Borne<'b, 'a> {
    /// What was known before.
    pub before: Value,
    pub message: &'b Spoken<'a>,
}

impl<'a> Timeline<'a> {
    /// A message that was sent when an entry was changed and names a moment of it in words that no rule reads, no earlier
    /// than the last one that says otherwise, with that moment: where the entry tells the day alone, with its time.
    pub(super) fn bears_out(
        &self,
        field: FieldName,
        value: &Value,
        entry: &Spoken<'a>,
    ) -> Option<(&Spoken<'a>, Claim)> {
        let Value::When(when) = value else { return None };
        let said = self
            .messages
            .iter()
            .rposition(|spoken| spoken.best(field).is_some());
        let since = &self.messages[said.unwrap_or_default()..];
        let mut near = since.iter().rev().filter(|spoken| is_with(spoken, entry));
        near.find_map(|spoken| {
            if let Some(claim) = self.one_of_two(spoken, field, value, entry) {
                return Some((spoken, claim));
            }
            let (when, place) = self
                .named(spoken, field, *when)
                .filter(|_| !spoken.told.claims.offers)?;
            Some((spoken, claim(spoken, field, when, place)))
        })
    }

    /// The claim of a message that states two values in the same words, the old one and the new, where an entry that was changed
    /// with it has the one.
    fn one_of_two(
        &self,
        spoken: &Spoken<'a>,
        field: FieldName,
        value: &Value,
        entry: &Spoken<'a>,
    ) -> Option<Claim> {
        let is_changed = !entry.untouched() && !spoken.told.claims.doubled.is_empty();
        let mut claims = spoken.claims.iter().filter(|_| is_changed);
        let shown = claims.find(|(claim, _)| claim.field == field && self.same(&claim.value, value));
        shown.map(|(claim, _)| claim.clone().into_owned())
    }

    /// The only time that messages name on a day of which no rule reads the time: where nothing else is known of that day, it is
    /// when the booking begins, or ends. `is_vague`: a rule that reads the day alone was learned of few records, and the time
    /// beside it counts as well.
    pub(super) fn hour_named(
        &self,
        field: FieldName,
        date: NaiveDate,
        is_vague: &dyn Fn(&str) -> bool,
    ) -> Option<Claim> {
        let other = match field {
            FieldName::StartsAt => FieldName::EndsAt,
            _ => FieldName::StartsAt,
        };
        let of_other: BTreeSet<When> = (self.all())
            .flat_map(|spoken| &spoken.claims)
            .filter_map(|(claim, _)| match claim.value {
                Value::When(when) if claim.field == other => Some(when),
                _ => None,
            })
            .collect();
        let mut named: BTreeMap<When, (&Spoken<'a>, &str)> = BTreeMap::new();
        for spoken in &self.messages {
            let days = spoken.claims.iter().filter(|(claim, _)| {
                claim.field == field && claim.value == Value::When(When::Date(date)) && is_vague(&claim.rule)
            });
            for (claim, _) in days {
                for at in written(spoken, claim, self.zone) {
                    if at.date(self.zone) == date && !of_other.contains(&at) {
                        named.insert(at, (spoken, claim.place.as_str()));
                    }
                }
            }
            for strange in &spoken.told.claims.strange {
                let of_day = strange.whens.iter().filter(|when| when.date(self.zone) == date);
                for when in of_day.filter(|when| !of_other.contains(when)) {
                    named.insert(*when, (spoken, &strange.place));
                }
            }
        }
        let mut only = named.into_iter();
        let (when, (spoken, place)) = only.next().filter(|(when, _)| matches!(when, When::Instant(_)))?;
        let is_plain = !spoken.told.claims.offers && is_plain(spoken.told);
        (is_plain && only.next().is_none()).then(|| claim(spoken, field, when, place.to_owned()))
    }

    /// What a message bears out of a field that the calendar alone changed.
    pub(super) fn borne_out(&self, field: FieldName) -> Option<Borne<'_, 'a>> {
        let planned = self.values(&self.events, field);
        let (value, entry) = Self::event_value(&planned)?;
        let before = self.stated(field).or_else(|| self.stood(field))?;
        if entry.cancelled() || self.same(&before, &value) {
            return None;
        }
        let (message, _) = self.bears_out(field, &value, entry)?;
        Some(Borne { before, message })
    }

    /// The moment that a message names, or its day and, in words of that field, its hour; of a day the only time that it
    /// names on it. With the place where that stands.
    fn named(&self, spoken: &Spoken<'_>, field: FieldName, when: When) -> Option<(When, String)> {
        let claims = &spoken.told.claims;
        let date = when.date(self.zone);
        let local = when.instant().map(|at| at.with_timezone(&self.zone).time());
        let mut hours = claims.hours.iter();
        let is_hour = hours.any(|hour| hour.field == field && Some(hour.time.0) == local);
        let is_it = |strange: &Strange| {
            strange.whens.contains(&when) || is_hour && strange.whens.contains(&When::Date(date))
        };
        let mut stated = claims.strange.iter();
        if let Some(strange) = stated.find(|strange| is_it(strange)) {
            return Some((when, strange.place.clone()));
        }
        let all = claims.strange.iter();
        let all = all.flat_map(|strange| strange.whens.iter().map(move |other| (*other, &strange.place)));
        let of_day: BTreeMap<When, &String> =
            all.filter(|(other, _)| other.date(self.zone) == date).collect();
        let mut only = of_day.into_iter();
        let (when, place) = only.next().filter(|_| matches!(when, When::Date(_)))?;
        only.next().is_none().then(|| (when, place.clone()))
    }

    /// Whether a message of which nobody knows what it means says what the booking is, in words of whatever kind: the entry
    /// that stands was changed with it, and shows the same.
    pub(super) fn explains(&self, record: &RecordId, booking: &Booking) -> bool {
        let mut messages = self.messages.iter();
        let Some(message) = messages.find(|spoken| spoken.document.record == *record) else {
            return false;
        };
        let stands = booking.status != Some(Status::Cancelled);
        stands
            && is_plain(message.told)
            && (self.shown_with(message, booking) || self.entered_since(message, booking))
            && self.says_the_same(message, booking)
    }

    /// Whether the entry that stands was changed with a message, which names its start or its end, and is where the booking is.
    fn shown_with(&self, message: &Spoken<'a>, booking: &Booking) -> bool {
        let entry = self.changed_entry().filter(|entry| is_with(message, entry));
        let fields = [
            (FieldName::StartsAt, booking.starts_at),
            (FieldName::EndsAt, booking.ends_at),
        ];
        let shows = |entry: &Spoken<'a>, (field, now): (FieldName, Option<When>)| {
            let shown = entry.value(field, &|a, b| self.same(a, b));
            shown.is_none_or(|shown| now.is_some_and(|now| self.same(&shown, &Value::When(now))))
        };
        let names = |(field, now): (FieldName, Option<When>)| {
            let stated = message.value(field, &|a, b| self.same(a, b));
            now.is_some_and(|now| {
                stated.is_some_and(|stated| self.same(&stated, &Value::When(now)))
                    || self.named(message, field, now).is_some()
            })
        };
        entry.is_some_and(|entry| {
            entry.best(FieldName::StartsAt).is_some()
                && fields.into_iter().all(|field| shows(entry, field))
                && fields.into_iter().any(names)
        })
    }

    /// Whether an entry that stands was made or changed since a message and shows what this was the first to say: nobody
    /// enters another day for what is called off, nor what was declined. Where nothing was said before, it must have been made since.
    fn entered_since(&self, message: &Spoken<'a>, booking: &Booking) -> bool {
        let now = |field: FieldName| match field {
            FieldName::StartsAt => booking.starts_at.map(Value::When),
            FieldName::EndsAt => booking.ends_at.map(Value::When),
            _ => booking.resource.key.clone().map(Value::Text),
        };
        let value = |spoken: &Spoken<'_>, field: FieldName| spoken.value(field, &|a, b| self.same(a, b));
        let is_now = |shown: &Value, field: FieldName| now(field).is_some_and(|now| self.same(shown, &now));
        let follows =
            |at: Option<DateTime<Utc>>| at.zip(message.at).is_some_and(|(at, said)| at + AT_ONCE >= said);
        let is_new = |entry: &Spoken<'_>, field: FieldName| {
            let before = self.messages.iter().filter(|spoken| spoken.at < message.at);
            let mut before = before.filter_map(|spoken| value(spoken, field)).peekable();
            match before.peek() {
                Some(_) => !before.any(|said| is_now(&said, field)),
                None => match self.stood(field) {
                    Some(row) => !is_now(&row, field),
                    None => follows(entry.document.made_at),
                },
            }
        };
        let fields = [FieldName::StartsAt, FieldName::EndsAt, FieldName::ResourceKey];
        let shows =
            |spoken: &Spoken<'_>, field: FieldName| value(spoken, field).map(|shown| is_now(&shown, field));
        let since = |entry: &&Spoken<'a>| !entry.cancelled() && follows(entry.at);
        self.events.iter().filter(since).any(|entry| {
            fields.iter().all(|field| shows(entry, *field) != Some(false))
                && fields.iter().any(|field| {
                    shows(entry, *field) == Some(true)
                        && shows(message, *field) == Some(true)
                        && is_new(entry, *field)
                })
        })
    }

    /// Whether all that a message states or names is the booking's, or was. Beside the price that it states, other amounts are
    /// what that is made up of, or what is left of it.
    fn says_the_same(&self, message: &Spoken<'a>, booking: &Booking) -> bool {
        let claims = &message.told.claims;
        let known = self.moments();
        let days = self.days();
        let is_known = |when: &When| match when {
            When::Instant(_) => known.contains(when),
            When::Date(day) => days.contains(day),
        };
        let is_own = |claim: &Claim| match (claim.field, &claim.value) {
            (FieldName::Total, Value::Money(money)) => booking.total == Some(*money),
            (FieldName::ResourceKey, Value::Text(key)) => booking.resource.key.as_ref() == Some(key),
            _ => true,
        };
        let own = booking.resource.key.as_ref();
        let is_own_thing = |keys: &Vec<String>| own.is_some_and(|own| keys.contains(own));
        claims.claims.iter().all(is_own)
            && claims.mentions.iter().all(is_own_thing)
            && claims
                .strange
                .iter()
                .all(|strange| strange.whens.iter().any(is_known))
            && (claims.of(FieldName::Total).next().is_some()
                || claims
                    .unexplained
                    .iter()
                    .all(|(_, text)| explains_amounts(text, booking)))
    }
}

/// The times in the text of which a rule read the day alone.
fn written(spoken: &Spoken<'_>, claim: &Claim, zone: Tz) -> Vec<When> {
    let text = spoken.document.items.iter().find_map(|item| {
        let range = claim.place.strip_prefix(&item.named())?;
        let (from, to) = range.strip_prefix('[')?.strip_suffix(']')?.split_once("..")?;
        match &item.value {
            Scalar::Text(text) => text.get(from.parse().ok()?..to.parse().ok()?),
            _ => None,
        }
    });
    let spans = reading::spans(text.unwrap_or_default()).into_iter();
    let ways = spans.flat_map(|span| match span.value {
        SpanValue::Moment(moment) => resolve(&moment, spoken.at),
        _ => Vec::new(),
    });
    let at = ways.filter_map(|way| instant(way.date?, way.time?, way.offset, zone));
    at.map(When::Instant).collect()
}

/// What a message says in words that no rule reads.
fn claim(spoken: &Spoken<'_>, field: FieldName, when: When, place: String) -> Claim {
    Claim {
        record: spoken.document.record.clone(),
        field,
        value: Value::When(when),
        place,
        rule: "agreement".to_owned(),
        standing: spoken.document.standing,
        said_at: spoken.at,
    }
}

/// Whether a message means nothing by itself, as far as anybody knows.
fn is_plain(told: &Told<'_>) -> bool {
    let claims = &told.claims;
    told.document.kind == SourceKind::Mail
        && claims.meaning != Some(Status::Cancelled)
        && !claims.perhaps_off
        && !claims.offers
        && !claims.nobodys
}

/// Whether the amounts in a text are the price, or what was paid or given back of it.
pub(super) fn explains_amounts(text: &str, booking: &Booking) -> bool {
    let Some(total) = booking.total else { return false };
    let decimals = total.currency.decimals();
    let paid = booking
        .payments
        .iter()
        .flat_map(|payment| [payment.amount, payment.refunded]);
    let known: Vec<i64> = paid.map(|money| money.minor).chain([total.minor]).collect();
    reading::spans(text).iter().all(|span| match &span.value {
        SpanValue::Amount(amount) if amount.currency.is_some() || amount.time.is_none() => {
            let mut minors = amount
                .readings
                .iter()
                .filter_map(|reading| reading.minor(decimals));
            minors.any(|minor| known.contains(&minor))
        }
        _ => true,
    })
}

/// Whether an entry was changed with a message: at once, or within the day after it.
pub(super) fn is_with(message: &Spoken<'_>, entry: &Spoken<'_>) -> bool {
    let changed = message.at.zip(entry.at);
    changed.is_some_and(|(said, at)| at + AT_ONCE >= said && at - said <= FOLLOWS)
}
