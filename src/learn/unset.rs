//! Lengths that entries have because nobody gave them one.
//!
//! Whoever types an entry in a hurry leaves it at the calendar's hour. Where entries that take so long begin as their
//! bookings do, and hardly any ends so, their ends say nothing; those of other lengths are judged without them.
//! Of several entries, one for each day of a booking, none says when it begins and ends where all of them together do.

use super::names::pairs;
use super::occurrences::{Occurrence, Stands};
use super::slots::Study;
use super::{Lexed, Truth};
use crate::mapping::{Rule, SlotType, entry_length};
use crate::model::{Document, FieldName, Scalar, When};
use std::collections::{BTreeMap, BTreeSet};

/// As many entries of a length show what it says, of which one in so many may end as its booking does.
const ENTRIES: u32 = 4;
const ONE_IN: u32 = 10;
/// As many entries of which only the whole tells.
const WHOLES: u32 = 2;

/// The lengths of entries, in minutes, that are not their bookings'.
pub fn lengths(study: &Study<'_>) -> BTreeSet<i64> {
    let mut seen: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
    for (lexed, truth) in pairs(study) {
        let Some(minutes) = entry_length::minutes(lexed.document) else {
            continue;
        };
        let is = |place: &str, field: FieldName| states(lexed.document, place, truth, field);
        if truth.when(FieldName::EndsAt).is_some() && is(START, FieldName::StartsAt) {
            let (all, right) = seen.entry(minutes).or_default();
            *all += 1;
            *right += u32::from(is(entry_length::END, FieldName::EndsAt));
        }
    }
    seen.into_iter()
        .filter(|(_, (all, right))| *all >= ENTRIES && right * ONE_IN <= *all)
        .map(|(minutes, _)| minutes)
        .collect()
}

const START: &str = "/start/dateTime";

/// Where an entry states its own edges, and which.
const OWN: [(&str, FieldName); 4] = [
    (START, FieldName::StartsAt),
    ("/start/date", FieldName::StartsAt),
    (entry_length::END, FieldName::EndsAt),
    ("/end/date", FieldName::EndsAt),
];

/// Whether all entries that were made together, one after the other, say when their booking begins or ends, and most of
/// them by themselves do not.
fn is_of_all(study: &Study<'_>, (place, field): (&str, FieldName)) -> bool {
    let series = format!("/series{place}");
    let (mut own, mut whole) = (0_u32, 0_u32);
    for (lexed, truth) in pairs(study) {
        let states = |place: &str| states(lexed.document, place, truth, field);
        if lexed.document.item(&series).is_some() {
            own += u32::from(states(place) && !states(&series));
            whole += u32::from(!states(place) && states(&series));
        }
    }
    whole >= WHOLES && whole > own
}

/// Whether an entry's place has just the start or end of its booking.
fn states(document: &Document, place: &str, truth: &Truth<'_>, field: FieldName) -> bool {
    match (document.item(place), truth.when(field)) {
        (Some(Scalar::Instant(here)), Some(When::Instant(there))) => *here == there,
        (Some(Scalar::Instant(here)), Some(When::Date(there))) => {
            here.with_timezone(&truth.zone()).date_naive() == there
        }
        (Some(Scalar::Date(here)), Some(there)) => *here == there.date(truth.zone()),
        _ => false,
    }
}

/// What rules of these places leave to others: lengths that nobody gave, and the parts of a whole.
pub fn except(study: &Study<'_>, unset: &BTreeSet<i64>, rules: &mut [Rule]) {
    for rule in rules.iter_mut().filter(|rule| rule.slot == SlotType::Item) {
        let Some(own) = OWN
            .iter()
            .find(|(place, field)| *place == rule.place && *field == rule.field)
        else {
            continue;
        };
        if own.0 == entry_length::END {
            rule.except = unset.iter().copied().map(entry_length::exception).collect();
        }
        if is_of_all(study, *own) {
            rule.except.insert(entry_length::SERIES.to_owned());
        }
    }
}

/// Takes away the edges of an entry that are no word on its booking's.
pub fn leave_out(found: &mut Vec<Occurrence<'_>>, lexed: &Lexed<'_>, unset: &BTreeSet<i64>) {
    let minutes = || entry_length::minutes(lexed.document);
    let is_unset = !unset.is_empty() && minutes().is_some_and(|minutes| unset.contains(&minutes));
    let stands_at = |occurrence: &Occurrence<'_>| match occurrence.stands {
        Stands::Item {
            place,
            kind: SlotType::Item,
        } => Some(place.to_owned()),
        _ => None,
    };
    let is_right = |occurrence: &Occurrence<'_>, field: FieldName| {
        let mut labels = occurrence.labels.iter();
        labels.any(|(of, _)| *of == field)
    };
    let whole: BTreeSet<&str> = OWN
        .iter()
        .filter(|(place, field)| {
            let series = format!("/series{place}");
            let mut all = found.iter();
            all.any(|one| stands_at(one).as_deref() == Some(&*series) && is_right(one, *field))
        })
        .map(|(place, _)| *place)
        .collect();
    if whole.is_empty() && !is_unset {
        return;
    }
    found.retain(|occurrence| {
        let Some(place) = stands_at(occurrence) else {
            return true;
        };
        let Some((place, field)) = OWN.iter().find(|(own, _)| *own == place) else {
            return true;
        };
        let is_part = whole.contains(place) && !is_right(occurrence, *field);
        let is_unsaid = is_unset && *place == entry_length::END;
        !is_part && !is_unsaid
    });
}
