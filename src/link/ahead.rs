//! Bookings that are ahead of somebody when a record about them is made.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use super::mailings;
use super::units::Unit;
use crate::mapping::Told;
use crate::model::Value;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// What is entered late is entered within so many days of when it was to begin.
const LATE: Days = Days::new(7);

/// A word of a name that tells people apart has so many letters.
const WORD: usize = 3;
/// A family's name that more bookings without an entry share tells nothing.
const NAMESAKES: usize = 2;

/// Bookings with no entry, each with one of the same person that was entered while it was ahead, or late, and that no
/// first message tells of: they may be two halves of one booking that was moved. Those with a number each are two bookings.
pub fn halves(hypotheses: &Hypotheses, facts: &[Facts], zone: Tz) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (half, entered) in hypotheses.all.iter().enumerate() {
        let (true, false, Some(made)) = (entered.planned, entered.opened, entered.made_at) else {
            continue;
        };
        let day = made.with_timezone(&zone).date_naive();
        let since = day.checked_sub_days(LATE).unwrap_or(day);
        let people = entered.emails.iter().chain(&entered.phones).chain(&entered.names);
        // A title may have no more of a name than the family's.
        let words = entered.units.iter().flat_map(|unit| &facts[*unit].words);
        let words = words.filter(|word| word.chars().count() >= WORD && hypotheses.people.contains(*word));
        let called = entered.names.is_empty().then_some(words).into_iter().flatten();
        let of: BTreeSet<usize> = people
            .chain(called)
            .filter_map(|text| hypotheses.texts.get(text))
            .flatten()
            .copied()
            .filter(|at| {
                let booking = &hypotheses.all[*at];
                let tenant =
                    booking.tenant.is_none() || entered.tenant.is_none() || booking.tenant == entered.tenant;
                let numbers = (&booking.references, &entered.references);
                let is_another =
                    !numbers.0.is_empty() && !numbers.1.is_empty() && numbers.0.is_disjoint(numbers.1);
                tenant
                    && !is_another
                    && booking.opened
                    && !booking.planned
                    && booking.made_at.is_none_or(|at| at <= made)
                    && booking.starts.iter().any(|start| start.date(zone) >= since)
            })
            .collect();
        if !entered.names.is_empty() || of.len() <= NAMESAKES {
            out.extend(of.into_iter().map(|whole| (whole, half)));
        }
    }
    out
}

pub fn same_start(facts: &Facts, hypothesis: &Hypothesis) -> bool {
    hypothesis.starts.intersection(&facts.starts).next().is_some()
}

/// Marks what is a mailing. A text that goes to those above all who have a booking ahead is about their bookings.
pub fn mark_mailings(
    told: &[Told<'_>],
    units: &[Unit],
    facts: &mut [Facts],
    hypotheses: &Hypotheses,
    zone: Tz,
) {
    let unit_of: BTreeMap<usize, usize> = units
        .iter()
        .enumerate()
        .flat_map(|(at, unit)| unit.members.iter().map(move |member| (*member, at)))
        .collect();
    for group in mailings::find(told) {
        let of: Vec<usize> = group.iter().filter_map(|at| unit_of.get(at).copied()).collect();
        // The days that it names: what concerns bookings names one of theirs.
        let days: BTreeSet<NaiveDate> = group.iter().flat_map(|at| named_days(&told[*at], zone)).collect();
        let on_one = |to: &usize| {
            let booking = &hypotheses.all[*to];
            let edges: Vec<NaiveDate> = booking
                .starts
                .iter()
                .chain(&booking.ends)
                .map(|when| when.date(zone))
                .collect();
            let span = edges.iter().min().zip(edges.iter().max());
            span.is_some_and(|(from, to)| days.range(*from..=*to).next().is_some())
        };
        // What goes to a list, and names no day, is about no booking, unless it may call some off.
        let is_bulk =
            group.iter().all(|at| mailings::is_listed(&told[*at])) && !of.iter().any(|at| facts[*at].off);
        let concerned = of
            .iter()
            .filter(|at| {
                let bookings = ahead(&facts[**at], hypotheses, zone);
                bookings
                    .iter()
                    .any(|to| days.is_empty() && !is_bulk || on_one(to))
            })
            .count();
        if concerned * 2 < of.len() {
            for at in of {
                facts[at].mailing = true;
            }
        }
    }
}

/// Every day that a message names, read or not.
fn named_days(told: &Told<'_>, zone: Tz) -> Vec<NaiveDate> {
    let strange = told
        .claims
        .strange
        .iter()
        .flat_map(|strange| strange.whens.iter().copied());
    let claimed = told.claims.claims.iter().filter_map(|claim| match claim.value {
        Value::When(when) => Some(when),
        _ => None,
    });
    strange.chain(claimed).map(|when| when.date(zone)).collect()
}

/// The bookings of the person to whom a later message went that were to start when it says, in words that no rule reads: it
/// may move them.
pub fn named(facts: &Facts, hypotheses: &Hypotheses) -> Vec<usize> {
    let people = facts.emails.iter().chain(&facts.phones).chain(&facts.names);
    let of: BTreeSet<usize> = people
        .filter_map(|text| hypotheses.texts.get(text))
        .flatten()
        .copied()
        .filter(|at| {
            let booking = &hypotheses.all[*at];
            let tenant = booking.tenant.is_none() || facts.tenant.is_none() || booking.tenant == facts.tenant;
            let known = booking
                .made_at
                .zip(facts.made_at)
                .is_some_and(|(made, said)| made <= said);
            tenant && known && booking.starts.intersection(&facts.named).next().is_some()
        })
        .collect();
    of.into_iter().collect()
}

/// The bookings ahead of the person to whom a later message went; of several, those that start when it says.
pub fn ahead(facts: &Facts, hypotheses: &Hypotheses, zone: Tz) -> Vec<usize> {
    let Some(said) = facts.made_at else {
        return Vec::new();
    };
    let today = said.with_timezone(&zone).date_naive();
    let people = facts
        .emails
        .iter()
        .chain(&facts.phones)
        .filter_map(|text| hypotheses.texts.get(text));
    let mut found: BTreeSet<usize> = people.flatten().copied().collect();
    found.retain(|at| {
        let hypothesis = &hypotheses.all[*at];
        let known = hypothesis.made_at.is_none_or(|made| made <= said);
        let tenant =
            hypothesis.tenant.is_none() || facts.tenant.is_none() || hypothesis.tenant == facts.tenant;
        known && tenant && hypothesis.starts.iter().any(|start| start.date(zone) >= today)
    });
    let starting = |at: &&usize| {
        hypotheses.all[**at]
            .starts
            .intersection(&facts.starts)
            .next()
            .is_some()
    };
    let same: Vec<usize> = found.iter().filter(starting).copied().collect();
    if same.is_empty() {
        found.into_iter().collect()
    } else {
        same
    }
}
