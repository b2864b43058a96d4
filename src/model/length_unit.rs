//! What an end is counted in, where a table or a message gives how long a booking takes instead of when it ends.

use super::When;
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// What is counted from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LengthUnit {
    Minutes,
    /// With decimals: 1.5.
    Hours,
    /// Of the calendar: to the same time of day, where the start has one.
    Days,
    /// As days; it is what a table calls them.
    Nights,
}

/// Finer than so many decimals no table keeps hours.
const HOUR_DECIMALS: u32 = 4;

impl LengthUnit {
    pub const ALL: [Self; 4] = [Self::Minutes, Self::Hours, Self::Days, Self::Nights];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Nights => "nights",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == text)
    }

    /// Whether it counts days of the calendar.
    pub fn is_of_days(self) -> bool {
        matches!(self, Self::Days | Self::Nights)
    }

    /// How long one is on the clock; days are so but for those on which clocks are changed.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 3_600,
            Self::Days | Self::Nights => 86_400,
        }
    }

    /// How many decimals a table may keep of it.
    pub fn decimals(self) -> u32 {
        match self {
            Self::Hours => HOUR_DECIMALS,
            Self::Minutes | Self::Days | Self::Nights => 0,
        }
    }

    /// The end so many of them after the start, `length` with `decimals` decimals. Hours are rounded to the minute: a third
    /// of one is kept as 0.33.
    pub fn end(self, start: When, length: i64, zone: Tz) -> Option<When> {
        let later = match self {
            Self::Minutes => TimeDelta::try_minutes(length)?,
            Self::Hours => {
                let unit = 10_i64.pow(self.decimals());
                TimeDelta::try_minutes((length.checked_mul(60)? + unit / 2) / unit)?
            }
            Self::Days | Self::Nights => TimeDelta::try_days(length)?,
        };
        match (start, self.is_of_days()) {
            (When::Date(date), true) => date.checked_add_signed(later).map(When::Date),
            (When::Date(_), false) => None,
            (When::Instant(at), false) => at.checked_add_signed(later).map(When::Instant),
            (When::Instant(at), true) => {
                let local = at.with_timezone(&zone).naive_local().checked_add_signed(later)?;
                on_clock(local, zone).map(When::Instant)
            }
        }
    }

    /// How many of them an end is after its start, in whole numbers of it or not; None where a time of day that matters is
    /// not known.
    pub fn between(self, start: When, end: When, zone: Tz) -> Option<Count> {
        let of = |length: TimeDelta| Count {
            seconds: length.num_seconds(),
            of: self.seconds(),
        };
        match (start, end) {
            (When::Date(start), When::Date(end)) if self.is_of_days() => Some(of(end - start)),
            (When::Instant(start), When::Instant(end)) if self.is_of_days() => {
                let local = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
                Some(of(local(end) - local(start)))
            }
            (When::Instant(start), When::Instant(end)) => Some(of(end - start)),
            _ => None,
        }
    }
}

/// So many seconds, counted in units of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    seconds: i64,
    of: i64,
}

impl Count {
    /// As text with so many decimals at most; None where it would need more, or is less than nothing.
    pub fn written(self, decimals: u32) -> Option<String> {
        let unit = 10_i64.checked_pow(decimals)?;
        let scaled = self.seconds.checked_mul(unit)?;
        if scaled < 0 || scaled % self.of != 0 {
            return None;
        }
        let scaled = scaled / self.of;
        let (whole, part) = (scaled / unit, scaled % unit);
        let part = format!("{part:0width$}", width = decimals as usize);
        let part = part.trim_end_matches('0');
        Some(if part.is_empty() {
            whole.to_string()
        } else {
            format!("{whole}.{part}")
        })
    }
}

/// Of an hour that comes twice, the first; one that is skipped is an hour later.
fn on_clock(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let at = |local: NaiveDateTime| zone.from_local_datetime(&local).earliest();
    let at = at(local).or_else(|| at(local + TimeDelta::hours(1)))?;
    Some(at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::LengthUnit;
    use crate::model::When;
    use chrono_tz::Europe::Vienna;

    fn at(text: &str) -> When {
        match text.parse() {
            Ok(date) => When::Date(date),
            Err(_) => When::Instant(text.parse().expect("a moment")),
        }
    }

    #[test]
    fn days_end_at_the_same_time_on_the_clock_and_on_dates_where_they_start_on_them() {
        for unit in [LengthUnit::Days, LengthUnit::Nights] {
            // In between, clocks are put an hour on.
            let (start, end) = (at("2026-03-28T09:00:00Z"), at("2026-03-30T08:00:00Z"));
            assert_eq!(unit.end(start, 2, Vienna), Some(end));
            let count = unit.between(start, end, Vienna);
            assert_eq!(count.and_then(|count| count.written(0)).as_deref(), Some("2"));
            assert_eq!(unit.end(at("2026-03-28"), 2, Vienna), Some(at("2026-03-30")));
            let later = unit.between(start, at("2026-03-30T09:00:00Z"), Vienna);
            assert_eq!(later.and_then(|count| count.written(0)), None);
        }
    }

    #[test]
    fn hours_have_decimals_and_are_read_to_the_minute() {
        let unit = LengthUnit::Hours;
        let (start, end) = (at("2026-05-03T09:00:00Z"), at("2026-05-03T10:30:00Z"));
        assert_eq!(unit.end(start, 15_000, Vienna), Some(end));
        assert_eq!(unit.end(start, 3_300, Vienna), Some(at("2026-05-03T09:20:00Z")));
        let count = unit.between(start, end, Vienna).expect("a length");
        assert_eq!(count.written(2).as_deref(), Some("1.5"));
        assert_eq!(count.written(0), None);
        let third = unit
            .between(start, at("2026-05-03T09:20:00Z"), Vienna)
            .expect("a length");
        assert_eq!(third.written(2), None);
        assert_eq!(unit.end(at("2026-05-03"), 15_000, Vienna), None);
        assert!(
            unit.between(start, at("2026-05-03T08:00:00Z"), Vienna)
                .is_some_and(|count| count.written(2).is_none())
        );
    }
}
