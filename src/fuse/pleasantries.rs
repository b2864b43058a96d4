//! Messages that say nothing of a booking, and are sent to those whose booking has just ended: thanks, a wish for a review. Which
//! of two bookings they belong to need not be known. The overlap may have too few of a kind, where hardly anybody leaves in
//! winter; what went out since shows it as well.

use super::Input;
use crate::mapping::{SlotType, Told, squash};
use crate::model::{About, Claim, Document, FieldName, SourceKind, Standing, Status, Value};
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many people had one, and one in so many may have had it at another time.
const ENOUGH: usize = 8;
const ELSE_IN: usize = 10;
/// It is sent within this of the end.
const AFTER: TimeDelta = TimeDelta::days(7);

/// Their subjects, folded.
#[derive(Debug, Default)]
pub struct Pleasantries(BTreeSet<String>);

impl Pleasantries {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut told: BTreeSet<String> = BTreeSet::new();
        let mut telling: BTreeSet<String> = BTreeSet::new();
        for one in input.told {
            let Some(subject) = subject(one.document) else {
                continue;
            };
            let of = if says_nothing(one) {
                &mut told
            } else {
                &mut telling
            };
            of.insert(subject);
        }
        told.retain(|subject| !telling.contains(subject));
        let ends = ends(input);
        let mut seen: BTreeMap<String, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
        for one in input.told {
            let document = one.document;
            let Some(subject) = subject(document).filter(|subject| told.contains(subject)) else {
                continue;
            };
            let (Some(said), Some(reader)) = (document.said_at, document.text("header:to.email")) else {
                continue;
            };
            let said = said.with_timezone(&input.business.zone).date_naive();
            let mut ended = ends.get(&reader.to_lowercase()).into_iter().flatten();
            let is_after = ended.any(|end| *end <= said && said - *end <= AFTER);
            let (after, others) = seen.entry(subject).or_default();
            let of = if is_after { after } else { others };
            of.insert(reader);
        }
        let are_after = |(after, others): &(BTreeSet<&str>, BTreeSet<&str>)| {
            after.len() >= ENOUGH && others.len() * ELSE_IN <= after.len()
        };
        let kinds = seen.into_iter().filter(|(_, readers)| are_after(readers));
        Self(kinds.map(|(subject, _)| subject).collect())
    }

    pub fn has(&self, told: &Told<'_>) -> bool {
        subject(told.document).is_some_and(|subject| self.0.contains(&subject))
    }
}

/// What a message of the business is headed with, without a number in it.
fn subject(document: &Document) -> Option<String> {
    let is_own = document.kind == SourceKind::Mail && document.standing == Standing::Business;
    let subject = document.subject().filter(|_| is_own)?;
    let is_plain = !subject.chars().any(char::is_numeric);
    let folded = squash(subject);
    (is_plain && !folded.is_empty()).then_some(folded)
}

/// Whether a message states no time, no price and no number, and means nothing that is known.
fn says_nothing(told: &Told<'_>) -> bool {
    let claims = &told.claims;
    let is_value = |slot: &SlotType| matches!(slot, SlotType::Moment | SlotType::Amount);
    let mut values = claims.unexplained.iter().chain(&claims.unread);
    claims.claims.iter().all(|claim| claim.field.is_of_customer())
        && claims.strange.is_empty()
        && claims.hours.is_empty()
        && claims.mentions.is_empty()
        && claims.meaning.is_none()
        && !claims.perhaps_off
        && !values.any(|(slot, _)| is_value(slot))
}

/// When bookings that stood ended, by the addresses that their records state.
fn ends(input: &Input<'_>) -> BTreeMap<String, BTreeSet<NaiveDate>> {
    let zone = input.business.zone;
    let customers = input.baseline.customers.iter();
    let emails: HashMap<&str, &str> = customers
        .filter_map(|row| Some((row.key.as_str(), row.email.as_deref()?)))
        .collect();
    let mut ends: BTreeMap<String, BTreeSet<NaiveDate>> = BTreeMap::new();
    for cluster in &input.linked.clusters {
        let row = match cluster.about {
            About::Baseline(at) => Some(&input.baseline.bookings[at]),
            About::New => None,
        };
        if row.is_some_and(|row| row.status == Some(Status::Cancelled)) {
            continue;
        }
        let told = cluster.members.iter().map(|at| &input.told[*at]);
        let claims: Vec<&Claim> = told.flat_map(|told| &told.claims.claims).collect();
        let stated = claims.iter().filter_map(|claim| match claim.value {
            Value::When(when) if claim.field == FieldName::EndsAt => Some(when),
            _ => None,
        });
        let days: BTreeSet<NaiveDate> = stated
            .chain(row.and_then(|row| row.ends_at))
            .map(|when| when.date(zone))
            .collect();
        let key = row.and_then(|row| row.customer.as_deref());
        let known = key.and_then(|key| emails.get(key).map(|&email| email.to_owned()));
        let addresses = claims.iter().filter_map(|claim| match &claim.value {
            Value::Text(text) if claim.field == FieldName::CustomerEmail => Some(text.clone()),
            _ => None,
        });
        let addresses: BTreeSet<String> = addresses
            .chain(known)
            .map(|address| address.to_lowercase())
            .collect();
        for address in addresses {
            ends.entry(address).or_default().extend(&days);
        }
    }
    ends
}
