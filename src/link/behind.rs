//! What lies behind somebody when a later message is sent: a request for a review, a receipt, a bill for fuel are about
//! the visit that is over, and say nothing of the next.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// What a message names without a day was over for so many days at most.
const OVER: Days = Days::new(7);

/// The bookings that a later message looks back on; None where it may be about what is ahead.
pub fn behind(facts: &Facts, ahead: &[usize], hypotheses: &Hypotheses, zone: Tz) -> Option<Vec<usize>> {
    let today = facts.made_at?.with_timezone(&zone).date_naive();
    if !facts.hints.is_empty() || facts.off {
        return None;
    }
    let days: BTreeSet<NaiveDate> = facts.starts.iter().map(|start| start.date(zone)).collect();
    if !days.is_empty() {
        if days.iter().any(|day| *day >= today) {
            return None;
        }
        let began = |booking: &Hypothesis| {
            booking
                .starts
                .iter()
                .any(|start| days.contains(&start.date(zone)))
        };
        return Some(
            of_person(facts, hypotheses)
                .filter(|at| began(&hypotheses.all[*at]))
                .collect(),
        );
    }
    let named: BTreeSet<&String> = facts.resources.iter().flatten().collect();
    let is_named = |booking: &Hypothesis| booking.resources.iter().any(|key| named.contains(key));
    let is_other = |at: &usize| !hypotheses.all[*at].resources.is_empty() && !is_named(&hypotheses.all[*at]);
    if named.is_empty() || !ahead.iter().all(is_other) {
        return None;
    }
    // The last of them, if it is over, and not for long.
    let ended = |at: &usize| {
        let Hypothesis { starts, ends, .. } = &hypotheses.all[*at];
        let last = starts.iter().chain(ends).map(|when| when.date(zone)).max();
        last.filter(|day| *day <= today && today <= *day + OVER)
    };
    let of_it = of_person(facts, hypotheses).filter(|at| is_named(&hypotheses.all[*at]));
    let last = of_it.filter_map(|at| Some((ended(&at)?, at))).max()?;
    Some(vec![last.1])
}

/// The bookings of the person to whom a message went.
fn of_person<'h>(facts: &'h Facts, hypotheses: &'h Hypotheses) -> impl Iterator<Item = usize> + use<'h> {
    let people = facts.emails.iter().chain(&facts.phones);
    let of: BTreeSet<usize> = people
        .filter_map(|text| hypotheses.texts.get(text))
        .flatten()
        .copied()
        .collect();
    of.into_iter().filter(|at| {
        let Hypothesis { tenant, made_at, .. } = &hypotheses.all[*at];
        let is_told = made_at.is_none_or(|made| facts.made_at.is_some_and(|said| made <= said));
        is_told && (tenant.is_none() || facts.tenant.is_none() || *tenant == facts.tenant)
    })
}
