//! From when on a booking that has ended counts as completed.
//!
//! Where only days are known the last of them may count as over from its morning, or from the next; some systems complete
//! bookings once a night. How it was in the backup tells: by how long before it had the last bookings ended that it has as
//! completed, and those that it still has as confirmed.

use super::Context;
use super::question::{Questions, candidate};
use crate::model::{BaselineBooking, Booking, ConflictKind, FieldName, Status, Value, When};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// So few rows, ended and still confirmed, may have been forgotten.
const ROWS: usize = 2;
/// Rows that ended longer ago tell nothing of the last ones.
const RECENT: TimeDelta = TimeDelta::days(3);

/// How long ago bookings had ended when the backup was made.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Over {
    /// The longest, of those that it has as confirmed, and the shortest, of those that it has as completed. None where
    /// whatever had ended was completed.
    open: Option<(TimeDelta, TimeDelta)>,
}

impl Over {
    pub fn learn(bookings: &[BaselineBooking], backup: DateTime<Utc>, zone: Tz) -> Self {
        let ages = |status: Status| {
            let rows = bookings.iter().filter(move |row| row.status == Some(status));
            rows.filter_map(move |row| age(row.ends_at?, backup, zone))
                .filter(|age| (TimeDelta::zero()..RECENT).contains(age))
        };
        let still = ages(Status::Confirmed);
        let (rows, longest) = still.fold((0, TimeDelta::zero()), |(rows, longest), age| {
            (rows + 1, longest.max(age))
        });
        let shortest = ages(Status::Completed).min().unwrap_or(RECENT);
        // Some businesses have no word for it: their rows stay as they are, and show nothing of when anybody completes one.
        let completes = bookings.iter().any(|row| row.status == Some(Status::Completed));
        Self {
            open: (completes && rows >= ROWS && longest < shortest).then_some((longest, shortest)),
        }
    }
}

/// How long ago something ended; a day, how long ago it began.
fn age(end: When, now: DateTime<Utc>, zone: Tz) -> Option<TimeDelta> {
    let at = match end {
        When::Instant(at) => at,
        When::Date(date) => {
            let midnight = date.and_time(NaiveTime::MIN).and_local_timezone(zone);
            midnight.earliest()?.with_timezone(&Utc)
        }
    };
    Some(now - at)
}

/// How long ago a booking had ended at the loss. Where nothing says when it ends, the usual length is reckoned with.
pub fn ended(context: &Context<'_>, booking: &Booking) -> Option<TimeDelta> {
    let ends_at = booking.ends_at.or_else(|| match booking.starts_at? {
        When::Instant(at) => Some(When::Instant(at + context.usual.middle())),
        When::Date(date) => Some(When::Date(date + context.usual.middle())),
    });
    let ended = age(ends_at?, context.input.window.loss, context.input.business.zone)?;
    (ended >= TimeDelta::zero()).then_some(ended)
}

/// Confirmed, or completed once it has ended.
pub fn status(context: &Context<'_>, booking: &Booking) -> Status {
    match (ended(context, booking), context.over.open) {
        (None, _) => Status::Confirmed,
        (Some(age), Some((longest, _))) if age <= longest => Status::Confirmed,
        _ => Status::Completed,
    }
}

/// Asks whether what had just ended was completed by then, where the backup has some that were not.
pub fn doubt(context: &Context<'_>, booking: &Booking, questions: &mut Questions) {
    let (Some(age), Some((longest, shortest))) = (ended(context, booking), context.over.open) else {
        return;
    };
    if age > longest && age < shortest {
        let reason = "It had just ended at the loss. What had just ended when the backup was made was not completed yet: was it?";
        let offer = |status| candidate(Value::Status(status), Vec::new(), 500);
        questions.ask(
            ConflictKind::WeakEvidence,
            Some(FieldName::Status),
            reason.to_owned(),
            vec![offer(Status::Confirmed), offer(Status::Completed)],
            None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn learned(rows: &[(i64, Status)]) -> Option<(i64, i64)> {
        let backup = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        let row = |(hours, status): &(i64, Status)| BaselineBooking {
            key: hours.to_string(),
            tenant: None,
            reference: None,
            customer: None,
            resource: None,
            starts_at: None,
            ends_at: Some(When::Instant(backup - TimeDelta::hours(*hours))),
            status: Some(*status),
            total: None,
            created_at: None,
            raw: BTreeMap::new(),
        };
        let rows: Vec<BaselineBooking> = rows.iter().map(row).collect();
        let open = Over::learn(&rows, backup, Tz::UTC).open;
        open.map(|(longest, shortest)| (longest.num_hours(), shortest.num_hours()))
    }

    #[test]
    fn what_had_just_ended_may_still_stand_as_confirmed() {
        use Status::{Completed, Confirmed};
        assert_eq!(
            learned(&[(5, Confirmed), (4, Confirmed), (29, Completed), (-3, Confirmed)]),
            Some((5, 29))
        );
        assert_eq!(
            learned(&[(5, Confirmed), (4, Completed), (29, Completed), (3, Confirmed)]),
            None
        );
        assert_eq!(learned(&[(-5, Confirmed), (4, Completed)]), None);
    }

    #[test]
    fn a_business_that_completes_nothing_shows_nothing_of_when() {
        use Status::{Cancelled, Completed, Confirmed};
        let open = [(5, Confirmed), (4, Confirmed), (400, Confirmed), (30, Cancelled)];
        assert_eq!(learned(&open), None);
        let once = [(5, Confirmed), (4, Confirmed), (400, Completed)];
        assert_eq!(learned(&once), Some((5, 72)), "one long ago shows that it does");
    }
}
