//! Cancellations of which two sources tell, neither of which is known to mean one by itself: a message with words that stood
//! only where bookings were called off, and the calendar or the money that says the same at that time.

use super::spoken::Spoken;
use super::timeline::Timeline;
use crate::model::{Claim, FieldName, Payment, RecordId, Value, When};
use chrono::TimeDelta;

/// Who calls a booking off strikes its entry within this.
const ABOUT_THEN: TimeDelta = TimeDelta::days(3);

fn is_off(entry: &Spoken<'_>) -> bool {
    entry.cancelled() || entry.told.claims.perhaps_off
}

impl Timeline<'_> {
    /// What calls the booking off, where a message is worded so, nothing was said or paid after it, and all of its entries were struck
    /// about then, or are worded so too, or all that was paid was given back.
    pub(super) fn agreed_off(&self, payments: &[Payment]) -> Option<Vec<Claim>> {
        let worded = |spoken: &&Spoken<'_>| self.is_worded(spoken) && !self.states_new_start(spoken);
        let message = self.messages.last().filter(worded)?;
        let said = message.at?;
        let kept = |payment: &Payment| payment.refunded != payment.amount;
        if payments
            .iter()
            .any(|payment| payment.paid_at > said && kept(payment))
        {
            return None;
        }
        let stands = self
            .events
            .iter()
            .any(|entry| !is_off(entry) && entry.at.is_some_and(|at| at > said));
        let repaid = !payments.is_empty() && !payments.iter().any(kept);
        (self.is_struck_with(message) || repaid && !stands).then(|| message.status_claims())
    }

    /// Whether all entries were struck, or are worded as such are, and one of them about when a message was sent.
    fn is_struck_with(&self, message: &Spoken<'_>) -> bool {
        let then = |entry: &Spoken<'_>| {
            let apart = entry.at.zip(message.at).map(|(at, said)| at - said);
            apart.is_some_and(|apart| apart.abs() <= ABOUT_THEN)
        };
        !self.events.is_empty() && self.events.iter().all(is_off) && self.events.iter().any(then)
    }

    /// Whether a message, the last one, was sent when all entries were struck, and names no other start: in whatever words it
    /// does so, what is off is not given another price by it.
    pub(super) fn is_sent_when_struck(&self, message: &Spoken<'_>) -> bool {
        let last = self.messages.last().map(|last| &last.document.record);
        last == Some(&message.document.record)
            && self.is_struck_with(message)
            && !self.states_new_start(message)
    }

    /// Whether a message has words that stood only where bookings were called off, and names no day but what messages had told of
    /// this one: which one it calls off, and none to which it is moved.
    pub(super) fn is_worded(&self, spoken: &Spoken<'_>) -> bool {
        let claims = &spoken.told.claims;
        let is_told = |value: &Value| {
            [FieldName::StartsAt, FieldName::EndsAt].into_iter().any(|field| {
                let earlier = self.messages.iter().filter(|other| other.at < spoken.at);
                let told = earlier.flat_map(|other| &other.claims);
                let mut told = told.filter(|(claim, _)| claim.field == field);
                told.any(|(claim, _)| self.same(&claim.value, value))
                    || self.stood(field).is_some_and(|stood| self.same(&stood, value))
            })
        };
        let is_own = |whens: &[When]| whens.iter().any(|when| is_told(&Value::When(*when)));
        claims.perhaps_off || claims.worded_off && claims.strange.iter().all(|day| is_own(&day.whens))
    }

    /// Whether a message is worded as those of bookings that were called off are: where its booking is off, that is what it says.
    pub(super) fn is_worded_off(&self, record: &RecordId) -> bool {
        let mut messages = self.messages.iter();
        messages.any(|spoken| spoken.document.record == *record && self.is_worded(spoken))
    }
}
