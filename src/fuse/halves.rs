//! One booking that may stand here in two halves: a message without an entry, and an entry without a first message,
//! both made on one day for the same person. It was moved since, and the message about that was lost, or names nobody.

use super::Fused;
use super::Input;
use crate::mapping::{Told, ideograph, part_of_name, squash};
use crate::model::{
    Candidate, Conflict, ConflictKind, FieldName, Listing, RecordId, SourceKind, Status, Value,
};
use crate::reading::{is_word_char, phone_tail};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// The first message about a booking is sent within this of making its entry, also where somebody writes it later that day.
const TOGETHER: TimeDelta = TimeDelta::hours(24);

/// Asks about both halves.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    let linked = input.linked;
    let known = linked.clusters.iter().flat_map(|cluster| &cluster.members);
    let told: BTreeMap<&RecordId, &Told<'_>> = known
        .chain(&linked.loose)
        .map(|at| &input.told[*at])
        .filter(|told| told.document.kind != SourceKind::Stripe && told.speaks())
        .map(|told| (&told.document.record, told))
        .collect();
    // What a person set apart is asked about no more.
    let settled = linked
        .clusters
        .iter()
        .filter(|cluster| cluster.set_apart.is_some())
        .flat_map(|cluster| &cluster.members);
    let settled: BTreeSet<&RecordId> = settled.map(|at| &input.told[*at].document.record).collect();
    let mut home: BTreeMap<&RecordId, usize> = BTreeMap::new();
    for (at, fused) in fused.iter().enumerate() {
        home.extend(fused.booking.records.iter().map(|record| (record, at)));
    }
    let mut entries: Vec<(DateTime<Utc>, &Told<'_>)> = told
        .values()
        .filter(|told| may_stand_for_one(told))
        .filter_map(|told| Some((told.document.made_at?, *told)))
        .collect();
    entries.sort_by_key(|(made, told)| (*made, &told.document.record));
    let firsts: Vec<Option<DateTime<Utc>>> = fused.iter().map(|fused| first_message(fused, &told)).collect();
    let mut asked: Vec<(usize, String, Vec<RecordId>)> = Vec::new();
    for (at, one) in fused.iter().enumerate() {
        let Some(first) = firsts[at].filter(|_| may_lack_its_entry(one, &told)) else {
            continue;
        };
        let from = entries.partition_point(|(made, _)| *made < first - TOGETHER);
        let near = entries[from..]
            .iter()
            .take_while(|(made, _)| *made <= first + TOGETHER);
        for (made, entry) in near.filter(|(_, entry)| is_theirs(entry, one)) {
            let record = &entry.document.record;
            let is_settled = |record: &RecordId| settled.contains(record);
            if is_settled(record) || one.booking.records.iter().any(is_settled) {
                continue;
            }
            let title = entry.document.title().unwrap_or_default();
            let other = home.get(record).copied();
            if let Some(other) = other {
                let booking = &fused[other].booking;
                let has_own = firsts[other].is_some_and(|first| (first - *made).abs() <= TOGETHER);
                if has_own || booking.baseline_key.is_some() {
                    continue;
                }
                let reason = format!(
                    "{} was sent about when its entry was made, to the same person, and has no entry: is it the same booking?",
                    one.booking.records[0]
                );
                asked.push((other, reason, one.booking.records.clone()));
            }
            let reason = format!(
                "It has no entry, and \"{title}\" was entered about then for the same person: is it the same booking?"
            );
            asked.push((at, reason, vec![record.clone()]));
        }
    }
    for (at, reason, records) in asked {
        let booking = &mut fused[at].booking;
        let mut open = booking.conflicts.iter().flat_map(|conflict| &conflict.candidates);
        if open.any(|candidate| {
            records
                .iter()
                .any(|record| candidate.value.is_none() && candidate.records.contains(record))
        }) {
            continue;
        }
        let there = Candidate {
            value: None,
            records,
            millibits: 0,
        };
        let kind = ConflictKind::AmbiguousLink;
        let conflict = Conflict::new(&booking.id, kind, None, reason, vec![there], None);
        if !booking.conflicts.iter().any(|other| other.id == conflict.id) {
            booking.conflicts.push(conflict);
        }
    }
}

/// Whether an entry may be that of a booking: most of its kind are, where that is known.
fn may_stand_for_one(told: &Told<'_>) -> bool {
    let claims = &told.claims;
    let is_party = matches!(told.document.listing, Listing::Party(_));
    told.document.object == "event"
        && !is_party
        && !claims.aside
        && claims
            .booked
            .is_none_or(|(booked, support)| booked * 2 >= support)
}

/// When the first message about a booking was sent.
fn first_message(fused: &Fused, told: &BTreeMap<&RecordId, &Told<'_>>) -> Option<DateTime<Utc>> {
    let records = fused.booking.records.iter().filter_map(|record| told.get(record));
    let messages = records.filter(|told| told.document.object == "message");
    messages.filter_map(|told| told.document.said_at).min()
}

/// A new booking that stands, of which no entry is known.
fn may_lack_its_entry(fused: &Fused, told: &BTreeMap<&RecordId, &Told<'_>>) -> bool {
    let booking = &fused.booking;
    let mut records = booking.records.iter().filter_map(|record| told.get(record));
    booking.baseline_key.is_none()
        && booking.status != Some(Status::Cancelled)
        && !records.any(|told| told.document.object == "event")
}

/// Whether an entry is for the customer of a booking, as far as it says for whom.
fn is_theirs(entry: &Told<'_>, of: &Fused) -> bool {
    let customer = &of.booking.customer;
    let name = customer.name.as_deref().unwrap_or_default();
    let words = |text: &str| -> BTreeSet<String> {
        let parts = text.split(|char: char| !is_word_char(char)).map(squash);
        // A name of one sign or two is whole in scripts that have a sign a word.
        parts
            .filter(|word| word.chars().count() > 2 || !word.is_empty() && word.chars().all(ideograph))
            .collect()
    };
    let own = words(name);
    let mut names = 0;
    for claim in &entry.claims.claims {
        let Value::Text(text) = &claim.value else { continue };
        let same = match claim.field {
            FieldName::CustomerPhone => {
                customer.phone.as_deref().map(phone_tail).as_deref() == Some(phone_tail(text).as_str())
            }
            FieldName::CustomerEmail => customer.email.as_deref() == Some(text.as_str()),
            FieldName::CustomerName | FieldName::CustomerCalled => {
                names += 1;
                let said = words(text);
                let inside =
                    !said.is_empty() && (said.is_subset(&own) || !own.is_empty() && own.is_subset(&said));
                inside || part_of_name(text, name).is_some()
            }
            _ => false,
        };
        if same {
            return true;
        }
    }
    let title = entry.document.title().unwrap_or_default();
    names == 0 && !words(title).is_disjoint(&own)
}
