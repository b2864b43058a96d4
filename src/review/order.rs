//! The order of cases: what starts soonest is asked first; of what has begun or has no start, what is double
//! booked, then where money is at risk, then near-ties, then the rest.

use super::strength::{Strength, of_gap};
use crate::model::{ConflictKind, FieldName, Heading, When};
use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use std::cmp::Reverse;

/// Where a case stands in the queue; smaller comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// Today or later.
    Coming(DateTime<Utc>, Risk),
    /// No start is known, so it may be tomorrow.
    Unknown(Risk),
    /// What began last is remembered best.
    Past(Risk, Reverse<DateTime<Utc>>),
}

/// What is at stake, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Risk {
    DoubleBooked,
    Money,
    NearTie,
    Rest,
}

impl Urgency {
    /// When it starts, where it is still to come.
    pub fn starts_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Coming(at, _) => Some(at),
            _ => None,
        }
    }
}

/// The urgency of one case. Where the start itself is in question, the soonest candidate counts.
pub(super) fn urgency(heading: &Heading, now: DateTime<Utc>, zone: Tz) -> Urgency {
    let risk = risk(heading);
    let place = |start: When| {
        let at = first_moment(start, zone);
        let is_coming = match start {
            When::Instant(at) => at >= now,
            When::Date(date) => date >= now.with_timezone(&zone).date_naive(),
        };
        if is_coming {
            Urgency::Coming(at, risk)
        } else {
            Urgency::Past(risk, Reverse(at))
        }
    };
    let starts = heading.starts.iter().copied();
    starts.map(place).min().unwrap_or(Urgency::Unknown(risk))
}

fn risk(heading: &Heading) -> Risk {
    match heading.kind {
        ConflictKind::DoubleBooked => Risk::DoubleBooked,
        ConflictKind::MoneyDoesNotAddUp => Risk::Money,
        _ if heading.field == Some(FieldName::Total) => Risk::Money,
        ConflictKind::AmbiguousLink | ConflictKind::UnlinkedRecord => Risk::NearTie,
        _ if heading.gap_millibits.map(of_gap) == Some(Strength::Weak) => Risk::NearTie,
        _ => Risk::Rest,
    }
}

pub(super) fn first_moment(when: When, zone: Tz) -> DateTime<Utc> {
    match when {
        When::Instant(at) => at,
        When::Date(date) => {
            let midnight = date.and_time(NaiveTime::MIN);
            midnight
                .and_local_timezone(zone)
                .earliest()
                .map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
        }
    }
}
