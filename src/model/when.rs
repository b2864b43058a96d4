//! A point in time as records state it: an instant, or a bare date whose time nothing tells.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    Instant(DateTime<Utc>),
    Date(NaiveDate),
}

impl When {
    /// The local calendar day in the business's zone.
    pub fn date(&self, zone: Tz) -> NaiveDate {
        match self {
            Self::Instant(at) => at.with_timezone(&zone).date_naive(),
            Self::Date(date) => *date,
        }
    }

    pub fn instant(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Instant(at) => Some(*at),
            Self::Date(_) => None,
        }
    }

    /// How long it is to another of the same kind: an instant, or a day.
    pub fn until(self, end: Self) -> Option<TimeDelta> {
        match (self, end) {
            (Self::Instant(from), Self::Instant(to)) => Some(to - from),
            (Self::Date(from), Self::Date(to)) => Some(to - from),
            _ => None,
        }
    }

    /// RFC 3339 with the zone's offset, or a plain date.
    pub fn render(&self, zone: Tz) -> String {
        match self {
            Self::Instant(at) => at
                .with_timezone(&zone)
                .to_rfc3339_opts(SecondsFormat::AutoSi, false),
            Self::Date(date) => date.to_string(),
        }
    }

    /// Reads what `render` wrote; also accepts `Z`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Some(Self::Instant(at.with_timezone(&Utc)));
        }
        text.parse().ok().map(Self::Date)
    }
}
