//! Messages that name days which never were a booking's: quotes, waiting lists, days that are still free.
//!
//! A kind of message is one where so many name a day, and hardly any names that of a booking of whoever it was sent to: of
//! those who ask, some have booked before, and may do so for that very day. A reminder names what is true, and so does a
//! word on any booking that became true.

use super::subjects::{Kind, Series};
use super::{Lexed, Truth};
use crate::mapping::{Claims, Found, MessageKind, Pattern, Reader, squash};
use crate::model::{FieldName, Value};
use crate::reading::{SpanValue, phone_tail};
use chrono::{NaiveDate, TimeDelta};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// A price that was named so long before or after the booking was made, or takes place, may be its price.
const NEAR: TimeDelta = TimeDelta::days(7);

/// Of so many offers one may be true of its reader by chance, and one of somebody.
const OWN: u32 = 10;
const ANYBODYS: u32 = 3;

/// The kinds of message that offer days.
pub(super) fn learn(
    kinds: &[Kind<'_, '_>],
    series: &[Series<'_, '_>],
    truths: &[Truth<'_>],
    reader: &Reader<'_>,
) -> Vec<MessageKind> {
    let is_often = |of: &[&Lexed<'_>]| of.len() >= MessageKind::KNOWN as usize;
    let mut found: BTreeMap<&Pattern, u32> = BTreeMap::new();
    let known = OnceCell::new();
    let known = || known.get_or_init(|| Known::new(truths));
    for Kind { template, of, .. } in kinds.iter().filter(|kind| is_often(&kind.of)) {
        let support = known().offered(of, reader);
        found.extend(support.map(|support| (template, support)));
    }
    for Series { subjects, of } in series.iter().filter(|series| is_often(&series.of)) {
        if let Some(support) = known().offered(of, reader) {
            for subject in subjects.keys() {
                found.entry(subject).or_insert(support);
            }
        }
    }
    let kind = |(template, support): (&Pattern, u32)| MessageKind {
        template: template.clone(),
        dated: true,
        numbered: false,
        request: false,
        support,
        booked: 0,
    };
    let kinds = found.into_iter().map(kind);
    kinds.filter(MessageKind::is_nobodys).collect()
}

/// The days that a message names, of what it is about or not.
fn days(claims: &Claims, truths: &[Truth<'_>]) -> BTreeSet<NaiveDate> {
    let Some(zone) = truths.first().map(Truth::zone) else {
        return BTreeSet::new();
    };
    let stated = claims.claims.iter().filter_map(|claim| match claim.value {
        Value::When(when) => Some(when),
        _ => None,
    });
    let strange = claims
        .strange
        .iter()
        .flat_map(|strange| strange.whens.iter().copied());
    stated.chain(strange).map(|when| when.date(zone)).collect()
}

/// The backup's bookings, by what names them.
struct Known<'a> {
    truths: &'a [Truth<'a>],
    numbers: BTreeSet<&'a str>,
    /// Addresses, phones and names, folded, to the bookings.
    people: BTreeMap<&'a str, Vec<usize>>,
    days: BTreeSet<NaiveDate>,
}

impl<'a> Known<'a> {
    fn new(truths: &'a [Truth<'a>]) -> Self {
        let mut known = Self {
            truths,
            numbers: BTreeSet::new(),
            people: BTreeMap::new(),
            days: BTreeSet::new(),
        };
        for (at, truth) in truths.iter().enumerate() {
            for who in [&truth.email, &truth.phone, &truth.name, &truth.reversed] {
                if !who.is_empty() {
                    known.people.entry(who).or_default().push(at);
                }
            }
            if !truth.reference.is_empty() {
                known.numbers.insert(&truth.reference);
            }
            known.days.extend(truth.date(FieldName::StartsAt));
        }
        known
    }

    /// How many messages of a kind name days, where these came true by chance at most.
    fn offered(&self, of: &[&Lexed<'_>], reader: &Reader<'_>) -> Option<u32> {
        let people: BTreeSet<&str> = of.iter().filter_map(|lexed| lexed.document.recipient()).collect();
        // What all goes to one address, as notices to the owner do, does not say by it whose it is.
        let to_people = people.len() * 2 > of.len();
        let (mut support, mut own, mut anybodys) = (0, 0, 0);
        let most = of.len() as u32;
        for lexed in of {
            if codes(lexed).any(|code| self.numbers.contains(code.as_str())) {
                return None;
            }
            let claims = reader.read_lines(lexed.document, &lexed.lines, lexed.defining.as_ref());
            let days = days(&claims, self.truths);
            own += u32::from(self.is_true_of_one(lexed, &claims, &days, to_people));
            anybodys += u32::from(self.is_true_of_anybody(&claims, &days));
            // Most kinds are told by their first few.
            if own * OWN > most || anybodys * ANYBODYS > most {
                return None;
            }
            support += u32::from(!days.is_empty());
        }
        let by_chance = own * OWN <= support && anybodys * ANYBODYS <= support;
        by_chance.then_some(support)
    }

    /// Whether a day and a price, or a time, that a message names are together those of a booking, whoever it is of.
    fn is_true_of_anybody(&self, claims: &Claims, days: &BTreeSet<NaiveDate>) -> bool {
        let said = |field: FieldName| claims.claims.iter().filter(move |claim| claim.field == field);
        let totals: Vec<&Value> = said(FieldName::Total).map(|claim| &claim.value).collect();
        let starts: Vec<&Value> = said(FieldName::StartsAt).map(|claim| &claim.value).collect();
        self.truths.iter().any(|truth| {
            if totals.is_empty() {
                let start = truth.when(FieldName::StartsAt).map(Value::When);
                return start.is_some_and(|start| starts.contains(&&start));
            }
            let price = truth.total().map(Value::Money);
            truth
                .date(FieldName::StartsAt)
                .is_some_and(|day| days.contains(&day))
                && price.is_some_and(|price| totals.contains(&&price))
        })
    }

    /// Whether a message tells what became true of a booking of its reader: a day or the price.
    fn is_true_of_one(
        &self,
        lexed: &Lexed<'_>,
        claims: &Claims,
        days: &BTreeSet<NaiveDate>,
        to_people: bool,
    ) -> bool {
        let mut who: BTreeSet<String> = BTreeSet::new();
        for claim in &claims.claims {
            match (claim.field, &claim.value) {
                (FieldName::CustomerName, Value::Text(text)) => {
                    who.insert(squash(text));
                }
                (FieldName::CustomerEmail, Value::Text(text)) => {
                    who.insert(text.trim().to_lowercase());
                }
                (FieldName::CustomerPhone, Value::Text(text)) => {
                    who.insert(phone_tail(text));
                }
                _ => {}
            }
        }
        if to_people {
            who.extend(lexed.document.recipient().map(str::to_lowercase));
            who.extend(lexed.document.text("header:to.name").map(squash));
        }
        if who.is_empty() {
            return !days.is_disjoint(&self.days);
        }
        let theirs = who
            .iter()
            .filter_map(|who| self.people.get(who.as_str()))
            .flatten();
        let said = lexed.document.said_at;
        theirs.into_iter().any(|at| {
            let truth = &self.truths[*at];
            let edges = [FieldName::StartsAt, FieldName::EndsAt].map(|field| truth.date(field));
            let near = [FieldName::CreatedAt, FieldName::StartsAt]
                .into_iter()
                .filter_map(|field| truth.instant(field).zip(said))
                .any(|(at, said)| (at - said).abs() <= NEAR);
            let costs = |claim: &crate::model::Claim| {
                claim.field == FieldName::Total
                    && matches!(claim.value, Value::Money(money) if Some(money) == truth.total())
            };
            edges.into_iter().flatten().any(|day| days.contains(&day))
                || near && claims.claims.iter().any(costs)
        })
    }
}

/// Whatever in a message may be a number, folded.
fn codes(lexed: &Lexed<'_>) -> impl Iterator<Item = String> {
    lexed
        .lines
        .iter()
        .enumerate()
        .flat_map(move |(index, (_, line))| {
            let is_code =
                |found: &Found| matches!(found, Found::Read(SpanValue::Code(_) | SpanValue::Number(_)));
            let of = line.spans.iter().filter(move |(_, found)| is_code(found));
            of.map(move |(at, _)| squash(&lexed.text(index)[line.tokens[*at].1.clone()]))
        })
}
