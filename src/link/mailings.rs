//! Mailings: one text that went to many people within a day or two, as newsletters do, or to a list.

use crate::mapping::{SlotType, Told};
use crate::model::{FieldName, Value};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer people than this get the same words by chance.
const PEOPLE: usize = 4;
/// What says itself that it goes to a list, and states nothing of a booking, is a mailing where it went to so many.
const LISTED_PEOPLE: usize = 2;
/// A mailing goes out within this.
const WITHIN: TimeDelta = TimeDelta::days(2);

/// Groups of messages, by index, that say the same to different people.
pub fn find(told: &[Told<'_>]) -> Vec<Vec<usize>> {
    let mut alike: BTreeMap<(String, BTreeSet<String>), Vec<usize>> = BTreeMap::new();
    for (at, told) in told.iter().enumerate() {
        // What states a booking's number is no mailing. What is of a known kind may be: a mailing goes to those who have
        // booked, and is tied to their bookings as a confirmation is.
        let numbered = told
            .claims
            .claims
            .iter()
            .any(|claim| matches!(claim.field, FieldName::Reference | FieldName::BookingKey));
        if told.document.object == "message" && told.speaks() && !numbered {
            alike.entry(said(told)).or_default().push(at);
        }
    }
    let mut groups = Vec::new();
    for mut group in alike.into_values() {
        group.sort_by_key(|at| (told[*at].document.said_at, *at));
        let mut run: Vec<usize> = Vec::new();
        for at in group {
            let apart = run.first().is_some_and(|first| {
                // What goes to a list, as its header says, may go out bit by bit.
                match (told[*first].document.said_at, told[at].document.said_at) {
                    _ if is_listed(&told[*first]) && is_listed(&told[at]) => false,
                    (Some(first), Some(here)) => here - first > WITHIN,
                    _ => true,
                }
            });
            if apart {
                groups.push(std::mem::take(&mut run));
            }
            run.push(at);
        }
        groups.push(run);
    }
    groups.retain(|group| {
        let people: BTreeSet<Option<&str>> = group.iter().map(|at| told[*at].document.recipient()).collect();
        // A mailer for lists may send confirmations too: what a rule reads of a booking is none of few.
        let is_bulk = |at: &usize| is_listed(&told[*at]) && !states_booking(&told[*at]);
        people.len() >= PEOPLE || people.len() >= LISTED_PEOPLE && group.iter().all(is_bulk)
    });
    groups
}

/// Whether its header says that it goes to a list of people.
pub fn is_listed(told: &Told<'_>) -> bool {
    told.document.flag("header:list") == Some(true)
}

/// Whether a rule reads when a booking is, or what it costs.
fn states_booking(told: &Told<'_>) -> bool {
    let mut claims = told.claims.claims.iter();
    claims.any(|claim| {
        matches!(
            claim.field,
            FieldName::StartsAt | FieldName::EndsAt | FieldName::Total
        )
    })
}

/// The subject, and every time, amount and code: in messages about bookings they differ.
fn said(told: &Told<'_>) -> (String, BTreeSet<String>) {
    let subject = told.document.subject().unwrap_or_default();
    let loose = told
        .claims
        .unexplained
        .iter()
        .chain(&told.claims.unread)
        .filter(|(slot, _)| matches!(slot, SlotType::Moment | SlotType::Amount | SlotType::Code))
        .map(|(_, text)| text.clone());
    let claimed = told.claims.claims.iter().filter_map(|claim| match &claim.value {
        Value::When(when) => Some(format!("{when:?}")),
        Value::Money(money) => Some(money.to_string()),
        _ => None,
    });
    (subject.to_owned(), loose.chain(claimed).collect())
}
