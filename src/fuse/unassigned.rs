//! What is booked may be decided later: a room at arrival, a car with its driver on the eve.
//!
//! Where the backup's bookings that were ahead had mostly nothing assigned, those that are ahead at the loss need none either;
//! nor do those that were called off, where such rows mostly have none. An entry must stand for the booking: it would
//! name what had been assigned by then.

use super::Input;
use crate::model::{Booking, Cluster, Fate, Status, When};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// So many rows must have nothing assigned, and so large a share in percent of all that are as far ahead.
const ROWS: usize = 6;
const SHARE: usize = 50;

/// When bookings have nothing assigned yet.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Unassigned {
    /// From so long before the start on.
    ahead: Option<TimeDelta>,
    /// Where they were called off.
    off: bool,
}

impl Unassigned {
    pub fn learn(input: &Input<'_>) -> Self {
        let (backup, zone) = (input.window.backup, input.business.zone);
        let of = |fate: Fate| {
            let rows = input.baseline.bookings.iter();
            rows.filter(move |row| Fate::of(row, backup, zone) == fate)
        };
        let ahead = of(Fate::Ahead).filter_map(|row| {
            let lead = lead(row.starts_at?, backup, zone)?;
            Some((lead, row.resource.is_none()))
        });
        let ahead: Vec<(TimeDelta, bool)> = ahead.collect();
        let least = ahead.iter().filter(|(_, none)| *none).map(|(lead, _)| *lead);
        let least = least.filter(|lead| *lead > TimeDelta::zero()).min();
        let as_far = |least: &TimeDelta| {
            let none = ahead
                .iter()
                .filter(|(lead, _)| lead >= least)
                .map(|(_, none)| *none);
            is_usual(none)
        };
        Self {
            ahead: least.filter(as_far),
            off: is_usual(of(Fate::Off).map(|row| row.resource.is_none())),
        }
    }

    /// Whether a booking, as far as its records tell, has nothing assigned yet.
    pub fn is_usual_of(self, input: &Input<'_>, cluster: &Cluster, booking: &Booking) -> bool {
        let mut documents = cluster.members.iter().map(|at| input.told[*at].document);
        if !documents.any(|document| document.object == "event") {
            return false;
        }
        if booking.status == Some(Status::Cancelled) {
            return self.off;
        }
        let starts_in = booking
            .starts_at
            .and_then(|start| lead(start, input.window.loss, input.business.zone));
        starts_in
            .zip(self.ahead)
            .is_some_and(|(lead, least)| lead >= least)
    }
}

/// Whether of these rows enough have nothing.
fn is_usual(none: impl Iterator<Item = bool>) -> bool {
    let (mut all, mut without) = (0, 0);
    for none in none {
        all += 1;
        without += usize::from(none);
    }
    without >= ROWS && without * 100 >= all * SHARE
}

/// How long it is until a start; of a day, until it begins.
fn lead(start: When, now: DateTime<Utc>, zone: Tz) -> Option<TimeDelta> {
    let at = match start {
        When::Instant(at) => at,
        When::Date(date) => {
            let midnight = date.and_time(NaiveTime::MIN).and_local_timezone(zone);
            midnight.earliest()?.with_timezone(&Utc)
        }
    };
    Some(at - now)
}
