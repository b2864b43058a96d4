//! Cancellations of which two sources tell, neither of which is known to mean one by itself: a message with words that stood
//! only where bookings were called off, and the calendar or the money that says the same at that time.

use super::timeline::Timeline;
use crate::model::{Claim, Payment, RecordId};
use chrono::TimeDelta;

/// Who calls a booking off strikes its entry within this.
const ABOUT_THEN: TimeDelta = TimeDelta::days(3);

impl Timeline<'_> {
    /// What calls the booking off, where a message is worded so, nothing was said or paid after it, and all of its entries were struck
    /// about then, or are worded so too, or all that was paid was given back.
    pub(super) fn agreed_off(&self, payments: &[Payment]) -> Option<Vec<Claim>> {
        let worded = |spoken: &&super::spoken::Spoken<'_>| {
            spoken.told.claims.perhaps_off && !self.states_new_start(spoken)
        };
        let message = self.messages.last().filter(worded)?;
        let said = message.at?;
        let kept = |payment: &Payment| payment.refunded != payment.amount;
        if payments
            .iter()
            .any(|payment| payment.paid_at > said && kept(payment))
        {
            return None;
        }
        let is_off = |entry: &super::spoken::Spoken<'_>| entry.cancelled() || entry.told.claims.perhaps_off;
        let then =
            |entry: &super::spoken::Spoken<'_>| entry.at.is_some_and(|at| (at - said).abs() <= ABOUT_THEN);
        let struck =
            !self.events.is_empty() && self.events.iter().all(is_off) && self.events.iter().any(then);
        let stands = self
            .events
            .iter()
            .any(|entry| !is_off(entry) && entry.at.is_some_and(|at| at > said));
        let repaid = !payments.is_empty() && !payments.iter().any(kept);
        (struck || repaid && !stands).then(|| message.status_claims())
    }

    /// Whether a message is worded as those of bookings that were called off are: where its booking is off, that is what it says.
    pub(super) fn is_worded_off(&self, record: &RecordId) -> bool {
        let mut messages = self.messages.iter();
        messages.any(|spoken| spoken.document.record == *record && spoken.told.claims.perhaps_off)
    }
}
