//! When a series takes place: on the clock of its first start, hours that are left out or stand twice included.

use crate::reading::content_line::{LineMoment, moment};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// When something begins, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Original {
    /// With the zone that it was given in.
    Moment(DateTime<Utc>, Option<Tz>),
    Floating(NaiveDateTime),
    Day(NaiveDate),
}

impl Original {
    /// What the API appends to the series' id.
    pub(super) fn suffix(self) -> String {
        match self {
            Self::Moment(at, _) => at.format("%Y%m%dT%H%M%SZ").to_string(),
            Self::Floating(at) => at.format("%Y%m%dT%H%M%S").to_string(),
            Self::Day(date) => date.format("%Y%m%d").to_string(),
        }
    }

    pub(super) fn later(self, length: TimeDelta) -> Option<Self> {
        Some(match self {
            Self::Moment(at, zone) => Self::Moment(at.checked_add_signed(length)?, zone),
            Self::Floating(at) => Self::Floating(at.checked_add_signed(length)?),
            Self::Day(date) => Self::Day(date.checked_add_signed(length)?),
        })
    }

    /// For lengths alone.
    pub(super) fn naive(self) -> NaiveDateTime {
        match self {
            Self::Moment(at, _) => at.naive_utc(),
            Self::Floating(at) => at,
            Self::Day(date) => date.and_time(NaiveTime::MIN),
        }
    }
}

/// The clock that a series goes by: that of its first start.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub(super) first: LineMoment,
    pub(super) zone: Option<Tz>,
}

impl Clock {
    pub(super) fn first(self) -> Original {
        self.at(self.local())
    }

    pub(super) fn local(self) -> NaiveDateTime {
        match self.first {
            LineMoment::Utc(at) => at.naive_utc(),
            LineMoment::Local(at) => at,
            LineMoment::Day(date) => date.and_time(NaiveTime::MIN),
        }
    }

    /// An hour that stands twice is the first of the two; one that is left out is an hour later. Source: RFC 5545, 3.3.5.
    pub(super) fn at(self, local: NaiveDateTime) -> Original {
        match (self.first, self.zone) {
            (LineMoment::Day(_), _) => Original::Day(local.date()),
            (LineMoment::Utc(_), zone) => Original::Moment(local.and_utc(), zone),
            (LineMoment::Local(_), None) => Original::Floating(local),
            (LineMoment::Local(_), Some(zone)) => {
                let at = zone.from_local_datetime(&local).earliest().or_else(|| {
                    let before = local.checked_sub_signed(TimeDelta::hours(24))?;
                    let before = zone.from_local_datetime(&before).earliest()?;
                    before.checked_add_signed(TimeDelta::hours(24))
                });
                at.map_or(Original::Floating(local), |at| {
                    Original::Moment(at.with_timezone(&Utc), Some(zone))
                })
            }
        }
    }

    pub(super) fn local_of(self, original: Original) -> NaiveDateTime {
        match (original, self.first, self.zone) {
            (Original::Moment(at, _), LineMoment::Local(_), Some(zone)) => {
                at.with_timezone(&zone).naive_local()
            }
            (original, ..) => original.naive(),
        }
    }

    /// The rule with its end on this clock.
    pub(super) fn local_rule(self, rule: &str) -> String {
        let part = |part: &str| match part.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("UNTIL") => match moment(value) {
                Some(LineMoment::Utc(at)) => {
                    let local = self.local_of(Original::Moment(at, None));
                    format!("UNTIL={}", local.format("%Y%m%dT%H%M%S"))
                }
                // A day as the end means all of it.
                Some(LineMoment::Day(date)) if !matches!(self.first, LineMoment::Day(_)) => {
                    format!("UNTIL={}T235959", date.format("%Y%m%d"))
                }
                _ => part.to_owned(),
            },
            _ => part.to_owned(),
        };
        rule.split(';').map(part).collect::<Vec<_>>().join(";")
    }
}
