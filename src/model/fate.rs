//! What has become of a booking of the backup.

use super::{BaselineBooking, Status, When};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Ahead,
    Off,
    /// Or nobody knows.
    Over,
}

impl Fate {
    /// As the backup has it, which was made at this moment.
    pub fn of(row: &BaselineBooking, backup: DateTime<Utc>, zone: Tz) -> Self {
        let is_ahead = row.ends_at.or(row.starts_at).is_some_and(|edge| match edge {
            When::Instant(at) => at > backup,
            When::Date(date) => date > backup.with_timezone(&zone).date_naive(),
        });
        match row.status {
            Some(Status::Cancelled) => Self::Off,
            Some(Status::Completed) => Self::Over,
            _ if is_ahead => Self::Ahead,
            _ => Self::Over,
        }
    }
}
