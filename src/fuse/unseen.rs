//! Bookings that are over, and that messages alone tell of, where nearly all that took place stand in the calendar and were
//! paid: who was called off leaves neither an entry nor a payment.

use super::over;
use super::timeline::Timeline;
use super::{Context, Input};
use crate::model::{About, Booking, Status, When};
use chrono::{TimeDelta, Utc};

/// Bookings of the backup that took place, and what tells of them besides messages.
#[derive(Debug, Default, Clone, Copy)]
pub struct Unseen {
    all: u32,
    planned: u32,
    paid: u32,
    neither: u32,
}

impl Unseen {
    /// Fewer prove nothing.
    const KNOWN: u32 = 40;
    /// So many in a hundred have an entry, and so many a payment; and at most so many have neither.
    const USUAL: u32 = 80;
    const RARE: u32 = 3;
    /// What is said so long before the start, or later, is said of what takes place.
    const EVE: TimeDelta = TimeDelta::days(2);
    /// Whoever pays has paid so long after the end.
    const LATE: TimeDelta = TimeDelta::days(3);

    pub fn learn(input: &Input<'_>) -> Self {
        let mut seen = Self::default();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let row = &input.baseline.bookings[at];
            let is_over = row.ends_at.or(row.starts_at).is_some_and(|end| match end {
                When::Instant(at) => at < input.window.backup,
                When::Date(date) => date < input.window.backup.with_timezone(&Utc).date_naive(),
            });
            // Of older ones the first message is not in the overlap.
            let is_known = row.created_at.is_some_and(|made| made >= input.window.learn_from);
            if !is_over || !is_known || row.status == Some(Status::Cancelled) {
                continue;
            }
            let has = |holds: &dyn Fn(&crate::mapping::Told<'_>) -> bool| {
                cluster.members.iter().any(|at| holds(&input.told[*at]))
            };
            if !has(&|told| told.document.object == "message" && told.speaks()) {
                continue;
            }
            let planned = has(&|told| told.document.object == "event");
            let paid = has(&|told| told.took_money());
            seen.all += 1;
            seen.planned += u32::from(planned);
            seen.paid += u32::from(paid);
            seen.neither += u32::from(!planned && !paid);
        }
        seen
    }

    fn is_odd(self) -> bool {
        self.all >= Self::KNOWN
            && self.planned * 100 >= self.all * Self::USUAL
            && self.paid * 100 >= self.all * Self::USUAL
            && self.neither * 100 <= self.all * Self::RARE
    }
}

/// Why a new booking may not have taken place as its messages say.
pub fn doubt(context: &Context<'_>, timeline: &Timeline<'_>, booking: &Booking) -> Option<String> {
    // Not in the test itself: what is known from messages alone would count as untested.
    let is_tested = context.input.trial.backtest.clean > 0;
    let is_unseen = is_tested && booking.payments.is_empty() && timeline.entries().next().is_none();
    // Who is reminded on the eve has not called it off by then.
    let zone = context.input.business.zone;
    let eve = booking.starts_at.map(|start| start.date(zone) - Unseen::EVE);
    let said = timeline
        .last_said()
        .map(|at| at.with_timezone(&zone).date_naive());
    let is_late = said.is_some() && said >= eve;
    let is_over = || over::ended(context, booking).is_some_and(|ago| ago >= Unseen::LATE);
    (is_unseen && !is_late && context.unseen.is_odd() && is_over()).then(|| {
        "It should be over by now, and neither the calendar nor a payment shows it, as they do of nearly all that \
         took place: please look at it."
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::Unseen;

    #[test]
    fn what_neither_calendar_nor_payments_show_is_odd_where_nearly_all_have_both() {
        let usual = Unseen {
            all: 100,
            planned: 90,
            paid: 85,
            neither: 2,
        };
        assert!(usual.is_odd());
        assert!(!Unseen { paid: 70, ..usual }.is_odd(), "many pay in cash");
        assert!(!Unseen { planned: 70, ..usual }.is_odd());
        assert!(!Unseen { neither: 4, ..usual }.is_odd());
        assert!(
            !Unseen {
                all: 39,
                planned: 39,
                paid: 39,
                neither: 0
            }
            .is_odd()
        );
    }
}
