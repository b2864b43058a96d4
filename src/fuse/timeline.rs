//! A cluster's records in the order in which they were said, and what they settle.

use super::Context;
use super::beside_names::BesideNames;
use super::bookers::is_bookers;
use super::borne_out::is_with;
use super::demands;
use super::hours;
use super::moved::{self, Moved};
use super::other_script::begin_alike;
use super::question::candidate;
use super::rows;
use super::spoken::{Spoken, TRUSTED, preference};
use super::stated_ends;
use super::strange::is_day;
use crate::mapping::{SlotType, Told, part_of_name, squash};
use crate::model::{
    BaselineBooking, BaselineResource, Candidate, Claim, Cluster, ConflictKind, Document, FieldName, Money,
    Payment, RecordId, SourceKind, Status, Value, When,
};
use crate::reading::{self, SpanValue};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

mod off;
mod resolve;

pub use off::Off;

/// What says how much was paid is sent within this of the payment.
const WHEN_PAID: TimeDelta = TimeDelta::days(1);
/// The calendar is brought up to date within this of the message about it.
pub(super) const AT_ONCE: TimeDelta = TimeDelta::minutes(30);

/// What a change of a booking changes.
const CHANGES: [FieldName; 3] = [FieldName::StartsAt, FieldName::EndsAt, FieldName::ResourceKey];

/// Whoever changes an entry writes to the customer within this.
const BEFORE: TimeDelta = TimeDelta::days(1);

pub struct Timeline<'a> {
    pub(super) zone: Tz,
    resources: &'a [BaselineResource],
    /// What the backup says, where the booking stands in it.
    row: Option<&'a BaselineBooking>,
    /// Messages of the business, by when they were said.
    pub(super) messages: Vec<Spoken<'a>>,
    /// Calendar entries, by when they were last changed.
    pub(super) events: Vec<Spoken<'a>>,
    /// Everything of the payment provider.
    charges: Vec<Spoken<'a>>,
    pub tenant: Option<String>,
    pub made_at: Option<DateTime<Utc>>,
    /// Where a message moved it to a time which no rule reads.
    pub moved: Option<Moved>,
    /// What messages from before the backup stated of its row.
    superseded: Vec<(FieldName, &'a Value)>,
}

/// What the records say of a field.
pub enum Resolved {
    Silent,
    Agreed(Value, Vec<Claim>),
    Contradicted {
        kind: ConflictKind,
        reason: String,
        candidates: Vec<Candidate>,
        suggested: Option<usize>,
        claims: Vec<Claim>,
    },
}

/// What a row of the backup says of what changes.
fn stood_of(row: &BaselineBooking) -> BTreeMap<FieldName, Value> {
    let times = [
        (FieldName::StartsAt, row.starts_at),
        (FieldName::EndsAt, row.ends_at),
    ];
    let times = times
        .into_iter()
        .filter_map(|(field, when)| Some((field, Value::When(when?))));
    let thing = row
        .resource
        .clone()
        .map(|key| (FieldName::ResourceKey, Value::Text(key)));
    let total = row.total.map(|total| (FieldName::Total, Value::Money(total)));
    times.chain(thing).chain(total).collect()
}

impl<'a> Timeline<'a> {
    /// For bookings of the backup only what was said after it counts.
    pub fn new(context: &Context<'a>, cluster: &Cluster, row: Option<&'a BaselineBooking>) -> Self {
        let input = context.input;
        let since = row.map(|_| input.window.backup);
        let mut made = Self {
            zone: input.business.zone,
            resources: &input.baseline.resources,
            row,
            messages: Vec::new(),
            events: Vec::new(),
            charges: Vec::new(),
            tenant: None,
            made_at: None,
            moved: None,
            superseded: Vec::new(),
        };
        for at in &cluster.members {
            let told = &input.told[*at];
            let document = told.document;
            made.tenant = made.tenant.take().or_else(|| document.tenant.clone());
            let first = document.made_at.or(document.said_at);
            if document.kind != SourceKind::Stripe {
                made.made_at = [made.made_at, first].into_iter().flatten().min();
            }
            if since.is_some_and(|since| document.said_at.is_none_or(|at| at <= since)) {
                let told = told
                    .claims
                    .claims
                    .iter()
                    .filter(|_| document.kind == SourceKind::Mail);
                made.superseded
                    .extend(told.map(|claim| (claim.field, &claim.value)));
                continue;
            }
            let mut claims: Vec<(Cow<'a, Claim>, f64)> = told
                .claims
                .claims
                .iter()
                .map(|claim| (Cow::Borrowed(claim), context.reliability(&claim.rule)))
                .collect();
            if cluster.shares.contains_key(at) {
                // A charge for several bookings says of each who paid, and of none what else it states.
                claims.retain(|(claim, _)| claim.field.is_of_customer());
            }
            if let Some(row) = cluster.row.as_ref().filter(|_| document.kind == SourceKind::Mail) {
                rows::own(row, &document.record, &mut claims);
            }
            claims.sort_by(|a, b| {
                preference(b)
                    .total_cmp(&preference(a))
                    .then_with(|| a.0.cmp(&b.0))
            });
            stated_ends::put_first(context, &mut claims);
            let spoken = Spoken {
                document,
                told,
                at: document.said_at,
                claims,
            };
            match document.kind {
                SourceKind::Mail => made.messages.push(spoken),
                // What stands beside bookings decides nothing of one.
                SourceKind::GoogleCalendar if spoken.told.claims.aside => {}
                SourceKind::GoogleCalendar => made.events.push(spoken),
                SourceKind::Stripe => made.charges.push(spoken),
            }
        }
        context
            .bookers
            .give_way(context, [&mut made.messages, &mut made.events]);
        context.firms.give_way([&mut made.messages, &mut made.events]);
        if made.made_at.is_none() {
            made.made_at = made.charges.iter().filter_map(|spoken| spoken.at).min();
        }
        for list in [&mut made.messages, &mut made.events, &mut made.charges] {
            list.sort_by(|a, b| (a.at, &a.document.record).cmp(&(b.at, &b.document.record)));
        }
        let price = row.and_then(|row| row.total);
        demands::give_way(input, cluster, price, &mut made.messages);
        hours::complete(context, row, &mut made.messages, &made.events);
        if input.untaught.is_none() {
            moved::drop_old(
                &mut made.messages,
                row.map(stood_of).unwrap_or_default(),
                made.zone,
            );
            let stood = row.map_or([None; 2], |row| [row.starts_at, row.ends_at]);
            made.moved = moved::put_right(&mut made.messages, stood);
        }
        made
    }

    /// The first value that any record gives, messages first.
    pub fn first(&self, field: FieldName) -> Option<String> {
        self.all()
            .find_map(|spoken| match spoken.best(field).map(|(claim, _)| &claim.value) {
                Some(Value::Text(text)) => Some(text.clone()),
                _ => None,
            })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Spoken<'a>> {
        self.messages.iter().chain(&self.events).chain(&self.charges)
    }

    /// The records that say anything of a field.
    pub fn records(&self, field: FieldName) -> Vec<RecordId> {
        self.all()
            .filter(|spoken| spoken.best(field).is_some())
            .map(|spoken| spoken.document.record.clone())
            .collect()
    }

    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        match self.messages.len() {
            0 => {}
            1 => kinds.push("message"),
            _ => kinds.push("messages"),
        }
        match self.events.len() {
            0 => {}
            1 if self.events[0].document.item("/start/date").is_some() => kinds.push("all-day event"),
            1 => kinds.push("event"),
            _ => kinds.push("events"),
        }
        kinds
    }

    /// The backup's value of a field.
    pub(super) fn stood(&self, field: FieldName) -> Option<Value> {
        let row = self.row?;
        match field {
            FieldName::StartsAt => row.starts_at.map(Value::When),
            FieldName::EndsAt => row.ends_at.map(Value::When),
            FieldName::ResourceKey => row.resource.clone().map(Value::Text),
            FieldName::Total => row.total.map(Value::Money),
            FieldName::Reference => row.reference.clone().map(Value::Text),
            _ => None,
        }
    }

    /// A booking of the backup whose entry was changed since, with no message about it.
    fn moved(&self, field: FieldName, stood: &Value, now: &Value, spoken: &Spoken<'a>) -> Resolved {
        if self.same(stood, now) {
            return Resolved::Silent;
        }
        let reason = format!(
            "The calendar was changed after the backup with no message: it says {}, the backup {}.",
            self.show(field, now),
            self.show(field, stood)
        );
        let there = candidate(now.clone(), vec![spoken.document.record.clone()], 2000);
        let here = candidate(stood.clone(), Vec::new(), 1000);
        Resolved::Contradicted {
            kind: ConflictKind::ChangedWithoutNotice,
            reason,
            candidates: vec![there, here],
            suggested: Some(0),
            claims: self.claims_for(field, now),
        }
    }

    /// A booking of the backup that was changed since as far as a payment tells, and nothing else: the price may have been
    /// changed with it.
    fn moved_by_payment(&self, field: FieldName, stood: Value, now: Value, spoken: &Spoken<'a>) -> Resolved {
        let reason = format!(
            "A payment made after the backup is for {}, the backup says {}; no message tells of a change.",
            self.show(field, &now),
            self.show(field, &stood)
        );
        let claims = self.claims_for(field, &now);
        let there = candidate(now, vec![spoken.document.record.clone()], 2000);
        let here = candidate(stood, Vec::new(), 1000);
        Resolved::Contradicted {
            kind: ConflictKind::ChangedWithoutNotice,
            reason,
            candidates: vec![there, here],
            suggested: Some(0),
            claims,
        }
    }

    /// What the calendar says: the entry that stands, the last changed of several.
    pub(super) fn event_value<'b>(planned: &'b [(Value, &'b Spoken<'a>)]) -> Option<(Value, &'b Spoken<'a>)> {
        let standing = planned.iter().rev().find(|(_, spoken)| !spoken.cancelled());
        standing
            .or(planned.last())
            .map(|(value, spoken)| (value.clone(), *spoken))
    }

    /// A day becomes a time where another record gives the time of that day.
    fn sharpen(&self, value: Value, known: &[Value]) -> Value {
        let Value::When(When::Date(date)) = value else {
            return value;
        };
        known
            .iter()
            .find_map(|other| match other {
                Value::When(When::Instant(at)) if at.with_timezone(&self.zone).date_naive() == date => {
                    Some(other.clone())
                }
                _ => None,
            })
            .unwrap_or(value)
    }

    /// Whether a message states another start than all that was known before: who moves a booking keeps it.
    pub(super) fn states_new_start(&self, spoken: &Spoken<'_>) -> bool {
        let field = FieldName::StartsAt;
        let same = |a: &Value, b: &Value| self.same(a, b);
        let Some(stated) = spoken.value(field, &same) else {
            return false;
        };
        let before = self.messages.iter().filter(|earlier| earlier.at < spoken.at);
        let known: Vec<Value> = before
            .filter_map(|earlier| earlier.value(field, &same))
            .chain(self.stood(field))
            .collect();
        !known.is_empty() && !known.iter().any(|value| self.same(value, &stated))
    }

    pub(super) fn values<'b>(
        &self,
        spoken: &'b [Spoken<'a>],
        field: FieldName,
    ) -> Vec<(Value, &'b Spoken<'a>)> {
        spoken
            .iter()
            .filter_map(|spoken| Some((spoken.value(field, &|a, b| self.same(a, b))?, spoken)))
            .collect()
    }

    pub(super) fn claims_for(&self, field: FieldName, value: &Value) -> Vec<Claim> {
        self.all()
            .flat_map(|spoken| spoken.claims.iter())
            .filter(|(claim, _)| claim.field == field && self.same(&claim.value, value))
            .map(|(claim, _)| claim.clone().into_owned())
            .collect()
    }

    /// Whether two values are the same as far as both tell.
    pub(super) fn same(&self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::When(When::Instant(a)), Value::When(When::Instant(b))) => a == b,
            (Value::When(a), Value::When(b)) => a.date(self.zone) == b.date(self.zone),
            (Value::Text(a), Value::Text(b)) => squash(a) == squash(b),
            (a, b) => a == b,
        }
    }

    /// A value in words; a resource's key by its name.
    fn show(&self, field: FieldName, value: &Value) -> String {
        match value {
            Value::When(When::Instant(at)) => {
                at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string()
            }
            Value::When(When::Date(date)) => date.to_string(),
            Value::Text(key) if field == FieldName::ResourceKey => {
                let row = self.resources.iter().find(|row| row.key == *key);
                row.and_then(|row| row.name.clone())
                    .unwrap_or_else(|| key.clone())
            }
            Value::Text(text) => text.clone(),
            Value::Money(money) => money.to_string(),
            Value::Status(status) => status.as_str().to_owned(),
        }
    }

    /// The best claim for a field of a person: what messages and the calendar say, by how often the rule
    /// was right, the latest among equals; the payer only where nothing else speaks. An address is theirs first of all
    /// where their name stands too: a bill may go to somebody else.
    pub fn person(&self, field: FieldName) -> Option<(Value, Vec<Claim>, f64)> {
        let name = match field {
            FieldName::CustomerEmail | FieldName::CustomerPhone => self.person(FieldName::CustomerName),
            _ => None,
        };
        let name = name.map(|(name, ..)| name);
        let names = |spoken: &Spoken<'_>| {
            let mut claims = spoken.told.claims.claims.iter();
            let is_name = |claim: &Claim| claim.field == FieldName::CustomerName;
            claims.any(|claim| is_name(claim) && Some(&claim.value) == name.as_ref())
        };
        let names = &names;
        // Of addresses that messages went to, that to which they went under the customer's name.
        let is_addressed = |spoken: &Spoken<'_>, claim: &Claim| {
            let to = spoken.document.text(Document::ADDRESSEE).map(squash);
            let is_name = |name: &Value| matches!(name, Value::Text(name) if to == Some(squash(name)));
            !claim.place.starts_with(Document::RECIPIENT) || name.as_ref().is_some_and(is_name)
        };
        let is_addressed = &is_addressed;
        // Five of five are no surer than 431 of 432.
        let level = |trust: f64| (trust * 50.0).round() as i64;
        let sources = [(2, &self.messages), (1, &self.events), (0, &self.charges)];
        let stated = sources.into_iter().flat_map(|(rank, list)| {
            list.iter()
                .filter_map(move |spoken| Some((spoken, spoken.best(field)?)))
                .map(move |(spoken, claim)| (rank, (is_addressed(spoken, &claim.0), names(spoken)), claim))
        });
        let (_, _, (claim, trust)) = stated.max_by_key(|(rank, named, (claim, trust))| {
            (*rank > 0, level(*trust), *named, *rank, claim.said_at)
        })?;
        let claims = self.claims_for(field, &claim.value);
        Some((claim.value.clone(), claims, *trust))
    }

    /// Another name that a trusted place states, where it is not a part of the first.
    pub fn other_name(&self, name: &str, beside: &BesideNames) -> Option<(String, RecordId)> {
        let words = |text: &str| -> Vec<String> { text.split_whitespace().map(squash).collect() };
        let known = words(name);
        self.messages.iter().chain(&self.events).find_map(|spoken| {
            let (claim, trust) = spoken.best(FieldName::CustomerName)?;
            let Value::Text(other) = &claim.value else {
                return None;
            };
            let theirs = words(other);
            let messages = || self.messages.iter().map(|spoken| spoken.document);
            let may_be = || {
                spoken.document.object == "event"
                    && (begin_alike(&theirs, &known) || beside.states_aside(messages(), other))
            };
            let same =
                squash(other) == squash(name) || theirs.iter().any(|word| known.contains(word)) || may_be();
            (*trust >= TRUSTED && !same).then(|| (other.clone(), spoken.document.record.clone()))
        })
    }

    /// What a trusted place calls the customer, where it is no part of this name.
    pub fn called_otherwise(&self, context: &Context<'_>, name: &str) -> Option<(String, &'a Document)> {
        let is_other = |said: &str| squash(said) != squash(name) && part_of_name(said, name).is_none();
        let is_beside = |said: &str, entry: &Document| {
            let title = entry.title().filter(|_| entry.object == "event");
            title.is_some_and(|title| context.wording.is_beside_name(title, name, said))
        };
        self.called(context)
            .find(|(said, entry)| is_other(said) && !is_beside(said, entry))
    }

    /// Whether a trusted place tells a word of the customer's name.
    pub fn calls_by_name(&self, context: &Context<'_>) -> bool {
        self.called(context).next().is_some()
    }

    fn called(&self, context: &Context<'_>) -> impl Iterator<Item = (String, &'a Document)> {
        self.messages.iter().chain(&self.events).filter_map(|spoken| {
            let (claim, trust) = spoken.best(FieldName::CustomerCalled)?;
            let Value::Text(said) = &claim.value else {
                return None;
            };
            let holds = *trust >= TRUSTED && context.is_word_of_name(&claim.rule);
            // Whoever booked is greeted.
            let holds =
                holds && !is_bookers(spoken.told, said) && !context.bookers.is_of_desk(spoken.told, said);
            holds.then(|| (said.clone(), spoken.document))
        })
    }

    /// Whether a message that no server vouched for is all that tells of it.
    pub fn unvouched(&self) -> Option<RecordId> {
        let none = |spoken: &&Spoken<'_>| spoken.document.text("header:auth") == Some("none");
        let message = self.messages.iter().find(none)?;
        let vouched = self
            .messages
            .iter()
            .any(|spoken| spoken.document.text("header:auth") == Some("pass"));
        (!vouched && self.events.is_empty()).then(|| message.document.record.clone())
    }

    /// The price as messages and the calendar state it; what was charged is weighed elsewhere.
    pub fn resolve_stated_total(&self) -> Resolved {
        let told = self.values(&self.messages, FieldName::Total);
        let planned = self.values(&self.events, FieldName::Total);
        if told.is_empty() && planned.is_empty() {
            return Resolved::Silent;
        }
        if let Some([(sure, by), (last, record)]) = demands::doubtful(&self.messages) {
            let reason = format!(
                "A message says {sure}, a later one {last}, in words that were the price less often."
            );
            let offer = |money, record: &RecordId, millibits| {
                candidate(Value::Money(money), vec![record.clone()], millibits)
            };
            return Resolved::Contradicted {
                kind: ConflictKind::FieldContradicts,
                reason,
                candidates: vec![offer(sure, by, 2000), offer(last, record, 1000)],
                suggested: Some(0),
                claims: self.claims_for(FieldName::Total, &Value::Money(sure)),
            };
        }
        self.resolve(FieldName::Total)
    }

    /// The kind of record that a field of a person was taken from.
    pub fn source(&self, field: FieldName) -> Option<SourceKind> {
        let (_, claims, _) = self.person(field)?;
        let record = &claims.first()?.record;
        self.all()
            .find(|spoken| spoken.document.record == *record)
            .map(|spoken| spoken.document.kind)
    }

    /// The full name of a payer who has this word in their name.
    pub fn payer_named(&self, word: &str) -> Option<String> {
        let word = squash(word);
        self.charges.iter().rev().find_map(|spoken| {
            let name = spoken.document.text("/billing_details/name")?;
            name.split_whitespace()
                .any(|part| squash(part) == word)
                .then(|| name.to_owned())
        })
    }

    /// Whether a message changed something else after this field was last stated, so that the field may have
    /// changed with it.
    pub fn stale(&self, field: FieldName) -> bool {
        self.changed_since(field, |other| self.changed_at(other))
    }

    /// Whether that was changed before the field was last stated all the same: an entry that was written by then says so.
    pub fn was_restated(&self, field: FieldName) -> bool {
        let same = |a: &Value, b: &Value| self.same(a, b);
        let shown = |other| {
            let (told, new) = (self.changed_at(other)?, self.stated(other)?);
            let shows =
                |entry: &&Spoken<'a>| entry.value(other, &same).is_some_and(|value| same(&value, &new));
            let written = self.events.iter().filter(shows).filter_map(|entry| entry.at);
            Some(written.fold(told, DateTime::min))
        };
        self.last_told(field).is_some() && !self.changed_since(field, shown)
    }

    /// Whether a message stated a price after the calendar's entries were last changed.
    pub fn is_priced_after_entries(&self) -> bool {
        let priced = self.messages.iter();
        let priced = priced.filter(|spoken| spoken.best(FieldName::Total).is_some());
        let priced = priced.filter_map(|spoken| spoken.at).max();
        let entered = self.events.iter().filter_map(|spoken| spoken.at).max();
        priced
            .zip(entered)
            .is_some_and(|(priced, entered)| priced > entered + AT_ONCE)
    }

    /// Whether a message changed one of these since a field was last stated.
    pub fn is_any_changed_since_told(&self, field: FieldName, others: [FieldName; 2]) -> bool {
        let told = self.last_told(field);
        let mut changed = others.into_iter().filter_map(|other| self.changed_at(other));
        changed.any(|changed| told.is_none_or(|told| told + AT_ONCE < changed))
    }

    fn changed_since(&self, field: FieldName, at: impl Fn(FieldName) -> Option<DateTime<Utc>>) -> bool {
        let others = CHANGES.into_iter().chain([FieldName::Total]);
        let changed = others.filter(|other| *other != field).filter_map(at);
        let Some(changed) = changed.max() else {
            return false;
        };
        let stated = self.last_told(field);
        stated.is_none_or(|stated| stated + AT_ONCE < changed)
    }

    /// When a message or an entry last stated a field.
    pub fn last_told(&self, field: FieldName) -> Option<DateTime<Utc>> {
        let spoken = self.messages.iter().chain(&self.events);
        let told = spoken.filter(|spoken| spoken.best(field).is_some());
        told.filter_map(|spoken| spoken.at).max()
    }

    /// When the last message was sent.
    pub fn last_said(&self) -> Option<DateTime<Utc>> {
        self.messages.iter().filter_map(|spoken| spoken.at).max()
    }

    /// What the last message that states a field says.
    pub fn stated(&self, field: FieldName) -> Option<Value> {
        self.values(&self.messages, field).pop().map(|(value, _)| value)
    }

    /// The start that a message told last, and when.
    pub fn last_start(&self) -> Option<(Value, DateTime<Utc>)> {
        let (start, spoken) = self.values(&self.messages, FieldName::StartsAt).pop()?;
        Some((start, spoken.at?))
    }

    /// The last message that states a field.
    pub fn last_telling(&self, field: FieldName) -> Option<&Told<'a>> {
        let mut telling = self.messages.iter().filter(|spoken| spoken.best(field).is_some());
        telling.next_back().map(|spoken| spoken.told)
    }

    /// Whether any message states a field.
    pub fn told(&self, field: FieldName) -> bool {
        self.messages.iter().any(|spoken| spoken.best(field).is_some())
    }

    /// When a message last stated another value than the one before it, or than the backup.
    pub fn changed_at(&self, field: FieldName) -> Option<DateTime<Utc>> {
        self.change(field).map(|(_, at)| at)
    }

    /// The last change that a message told, with the value before it. A bare day on which nothing was told to begin,
    /// before as after, is no change where an entry says so too: a receipt's, say.
    fn change(&self, field: FieldName) -> Option<(Value, DateTime<Utc>)> {
        let mut before = self.stood(field);
        let mut change = None;
        let told = self.values(&self.messages, field);
        let (last, _) = told.last()?;
        let planned = self.values(&self.events, field);
        let stands = Self::event_value(&planned)
            .is_some_and(|(value, entry)| !entry.cancelled() && self.same(&value, last));
        let of_old = before.as_ref().is_some_and(|before| self.same(before, last));
        let first = told.iter().take_while(|(value, _)| !self.same(value, last));
        let settled = if of_old { 0 } else { first.count() + 1 };
        let is_bare =
            |(value, _): &(Value, _)| self.same(value, last) || matches!(value, Value::When(When::Date(_)));
        let counted = if stands && told.iter().skip(settled).all(is_bare) {
            settled
        } else {
            told.len()
        };
        for (value, spoken) in told.into_iter().take(counted) {
            if let (Some(before), Some(at)) = (&before, spoken.at)
                && !self.same(before, &value)
            {
                change = Some((before.clone(), at));
            }
            before = Some(value);
        }
        change
    }

    /// Whether a message changed what another had told.
    pub fn has_changed(&self) -> bool {
        let fields = CHANGES.into_iter().chain([FieldName::Total]);
        fields.into_iter().any(|field| self.before(field).is_some())
    }

    /// What a field was before a message last changed it.
    pub fn before(&self, field: FieldName) -> Option<Value> {
        self.change(field).map(|(before, _)| before)
    }

    /// The start before a message moved it, where nothing has told the end since.
    pub fn moved_from(&self) -> Option<When> {
        self.moved_before(self.messages.iter().chain(&self.events))
    }

    /// The start before a message moved it, where no message has told the end since.
    fn moved_unless_told(&self) -> Option<When> {
        self.moved_before(self.messages.iter())
    }

    fn moved_before<'b>(&self, spoken: impl Iterator<Item = &'b Spoken<'a>>) -> Option<When>
    where
        'a: 'b,
    {
        let (before, at) = self.change(FieldName::StartsAt)?;
        let mut told = spoken
            .filter(|spoken| spoken.best(FieldName::EndsAt).is_some())
            .filter_map(|spoken| spoken.at);
        match before {
            Value::When(before) if !told.any(|told| told + AT_ONCE >= at) => Some(before),
            _ => None,
        }
    }

    /// The start that stands beside an end in the records that tell it: from there it takes as long.
    pub fn start_with(&self, end: When) -> Option<When> {
        let spoken = self.messages.iter().chain(&self.events).rev();
        let mut telling = spoken.filter(|spoken| {
            let told = spoken.best(FieldName::EndsAt);
            told.is_some_and(|(claim, _)| claim.value == Value::When(end))
        });
        telling.find_map(|spoken| match spoken.best(FieldName::StartsAt)?.0.value {
            Value::When(when) => Some(when),
            _ => None,
        })
    }

    /// A value in a message that stands where a field is known to stand, and could not be read. An hour without its day is read
    /// well enough where an entry that was brought up to date since begins or ends then.
    pub fn unread(&self) -> Option<(RecordId, String)> {
        self.messages.iter().find_map(|spoken| {
            let mut unread = spoken.told.claims.unread.iter();
            let (_, text) = unread.find(|(slot, text)| {
                *slot != SlotType::Moment || !hours::are(text, &self.hours_since(spoken))
            })?;
            Some((spoken.document.record.clone(), text.clone()))
        })
    }

    /// When the entry that stands begins and ends, where it was changed since a message, or just before that was sent.
    fn hours_since(&self, spoken: &Spoken<'a>) -> BTreeSet<NaiveTime> {
        let of_time = |entry: &&Spoken<'a>| !entry.cancelled() && entry.at >= spoken.at.map(|at| at - BEFORE);
        let entry = self.events.last().filter(of_time);
        let times = [FieldName::StartsAt, FieldName::EndsAt].into_iter();
        times
            .filter_map(|field| match &entry?.best(field)?.0.value {
                Value::When(When::Instant(at)) => Some(at.with_timezone(&self.zone).time()),
                _ => None,
            })
            .collect()
    }

    /// A message that holds different values in the same words, and nobody knows which of them holds: nor does an entry show
    /// it that was brought up to date since.
    pub fn doubled(&self) -> Option<RecordId> {
        let planned = |fields: &[FieldName], spoken: &Spoken<'a>| {
            fields.iter().all(|field| {
                let planned = self.values(&self.events, *field);
                let entry = Self::event_value(&planned);
                let changed =
                    |entry: &Spoken<'a>| entry.at > spoken.at || is_with(spoken, entry) && !entry.untouched();
                let is_later = entry.as_ref().is_some_and(|(_, entry)| changed(entry));
                let mut claims = spoken.claims.iter().filter(|(claim, _)| claim.field == *field);
                let shown = entry.map(|(value, _)| value);
                is_later && claims.any(|(claim, _)| Some(&claim.value) == shown.as_ref())
            })
        };
        let is_open = |slot: &SlotType, spoken: &Spoken<'a>| match slot {
            SlotType::Moment => !planned(&[FieldName::StartsAt, FieldName::EndsAt], spoken),
            SlotType::Resource => !planned(&[FieldName::ResourceKey], spoken),
            _ => true,
        };
        let mut messages = self.messages.iter();
        let doubled = messages.find(|spoken| {
            let mut doubled = spoken.told.claims.doubled.iter();
            doubled.any(|(slot, _)| is_open(slot, spoken))
        })?;
        Some(doubled.document.record.clone())
    }

    /// When the entry that stands starts.
    pub fn planned_start(&self) -> Option<When> {
        match Self::event_value(&self.values(&self.events, FieldName::StartsAt))? {
            (Value::When(when), _) => Some(when),
            _ => None,
        }
    }

    /// A calendar entry that was not struck.
    pub fn standing_entry(&self) -> Option<RecordId> {
        let entry = self.events.iter().find(|entry| !entry.cancelled())?;
        Some(entry.document.record.clone())
    }

    pub fn is_planned(&self) -> bool {
        !self.events.is_empty()
    }

    /// An amount in a message after the one that stated the price, where that message states no price itself and
    /// nothing explains the amount: neither what was paid, nor what is left to pay. `known_at`: since when the price is known
    /// where no message states it.
    pub fn other_amount(
        &self,
        total: Money,
        payments: &[Payment],
        known_at: Option<DateTime<Utc>>,
    ) -> Option<(RecordId, String)> {
        let mut messages = self.messages.iter();
        let stated = messages.rposition(|spoken| spoken.best(FieldName::Total).is_some());
        let since = match (stated, known_at) {
            (Some(stated), _) => stated + 1,
            (None, Some(known_at)) => self
                .messages
                .iter()
                .position(|spoken| spoken.at > Some(known_at))?,
            (None, None) => return None,
        };
        let paid: i64 = payments
            .iter()
            .map(|payment| payment.amount.minor - payment.refunded.minor)
            .sum();
        let known = |amount: &crate::reading::Amount| {
            amount.readings.iter().any(|reading| {
                let minor = reading.minor(total.currency.decimals()).unwrap_or_default();
                let of_payment =
                    |payment: &Payment| minor == payment.amount.minor || minor == payment.refunded.minor;
                minor == total.minor || minor == total.minor - paid || payments.iter().any(of_payment)
            })
        };
        // What is kept of the price of what is off, or given back.
        let is_part = |text: &str| {
            let minors = super::restated::readings(text, total.currency);
            minors.iter().any(|minor| *minor < total.minor)
        };
        // What stood beside the price already is the letterhead's: opening hours with a point, a limit.
        let before: BTreeSet<&str> = self.messages[..since]
            .iter()
            .flat_map(|spoken| &spoken.told.claims.unexplained)
            .map(|(_, text)| text.as_str())
            .collect();
        let days = self.days();
        self.messages[since..].iter().find_map(|spoken| {
            let claims = &spoken.told.claims;
            // A fee for what was called off is no price.
            let is_off = claims.meaning == Some(Status::Cancelled);
            if is_off || claims.offers || claims.nobodys || claims.letter {
                return None;
            }
            let struck = self.is_sent_when_struck(spoken);
            let mut strange = claims.unexplained.iter().filter(|(slot, text)| {
                *slot == SlotType::Amount
                    && !before.contains(text.as_str())
                    && !claims.no_prices.contains(text)
                    && !days.iter().any(|day| is_day(text, *day))
                    && reading::spans(text).iter().any(|span| match &span.value {
                        SpanValue::Amount(amount) => !(known(amount) || struck && is_part(text)),
                        _ => false,
                    })
            });
            let (_, text) = strange.next()?;
            Some((spoken.document.record.clone(), text.clone()))
        })
    }

    /// Whether a message that states this price, sent when it was paid, names by how much what was paid is more: a tip, say.
    pub fn tells_why_more(&self, total: Money, paid: Money, paid_at: DateTime<Utc>) -> bool {
        let more = paid.minor - total.minor;
        let is_more = |(slot, text): &(SlotType, String)| {
            let spans = reading::spans(text);
            *slot == SlotType::Amount
                && spans.iter().any(|span| match &span.value {
                    SpanValue::Amount(amount) => {
                        let mut readings = amount.readings.iter();
                        readings.any(|reading| reading.minor(total.currency.decimals()) == Some(more))
                    }
                    _ => false,
                })
        };
        self.messages.iter().any(|spoken| {
            let price = spoken.best(FieldName::Total).map(|(claim, _)| &claim.value);
            let is_near = spoken.at.is_some_and(|at| (at - paid_at).abs() <= WHEN_PAID);
            is_near
                && price == Some(&Value::Money(total))
                && spoken.told.claims.unexplained.iter().any(is_more)
        })
    }

    /// Messages of kinds that were not seen often enough before the backup to know what they mean: they may be
    /// cancellations. The last one first, without those of which another says the same.
    pub fn unknown_messages(
        &self,
        matters: impl Fn(&Told<'_>) -> bool,
    ) -> impl Iterator<Item = (RecordId, String)> {
        let unknown = self
            .messages
            .iter()
            .rev()
            .filter(move |spoken| self.is_unknown(spoken) && matters(spoken.told))
            .filter(|spoken| !self.stood_since(spoken));
        unknown.map(|spoken| {
            let subject = spoken.document.subject().unwrap_or_default();
            (spoken.document.record.clone(), subject.to_owned())
        })
    }

    /// Whether a later message of a kind that is known tells just the start that this one tells: whatever it says, it was held to
    /// take place then.
    fn stood_since(&self, spoken: &Spoken<'a>) -> bool {
        let start = |spoken: &Spoken<'a>| {
            let best = spoken.best(FieldName::StartsAt)?;
            Some(best.0.value.clone())
        };
        let told = start(spoken);
        let is_so = |later: &&Spoken<'a>| {
            let claims = &later.told.claims;
            let stands = claims.known && !claims.perhaps_off && claims.meaning != Some(Status::Cancelled);
            stands
                && start(later)
                    .zip(told.as_ref())
                    .is_some_and(|(a, b)| self.same(&a, b))
        };
        let mut later = self
            .messages
            .iter()
            .filter(|later| later.at > spoken.at.map(|at| at + AT_ONCE));
        later.any(|later| is_so(&later))
    }

    fn is_unknown(&self, spoken: &Spoken<'a>) -> bool {
        let twins = |twin: &Spoken<'a>| spoken.has_twin_in(twin, self.zone);
        let claims = &spoken.told.claims;
        !claims.known && !claims.letter && !self.messages.iter().any(twins)
    }

    /// The last message, where nobody knows what it means and it was sent when an entry was struck.
    pub(super) fn unknown_with(&self, entry: &Spoken<'a>) -> Option<&Spoken<'a>> {
        let last = self.messages.last()?;
        let near = last
            .at
            .zip(entry.at)
            .is_some_and(|(a, b)| (a - b).abs() <= AT_ONCE);
        (near && self.is_unknown(last)).then_some(last)
    }

    /// Whether an entry that stands, or a later message, says that it starts then.
    pub fn confirms(&self, moved: &Moved) -> bool {
        let starts_then = |spoken: &Spoken<'_>| {
            let start = spoken.best(FieldName::StartsAt);
            start.is_some_and(|(claim, _)| claim.value == Value::When(moved.to))
        };
        let later = self.messages.iter().filter(|spoken| spoken.at > moved.said_at);
        let standing = self.events.iter().filter(|entry| !entry.cancelled());
        later.chain(standing).any(starts_then)
    }
}
