//! Whether the records of a timeline call the booking off.

use super::super::spoken::Spoken;
use super::super::struck::Struck;
use super::{AT_ONCE, Timeline};
use crate::model::{Claim, FieldName, Money, Payment, RecordId, Status};

/// Whether a booking was called off.
pub enum Off {
    No,
    Yes(Vec<Claim>),
    Perhaps {
        reason: String,
        records: Vec<RecordId>,
        likely: bool,
    },
}

impl<'a> Timeline<'a> {
    /// Whether the booking is off: a message says so, the calendar does, or all money went back.
    /// `known`: what the backup shows of struck entries; `is_usual`: an entry says nothing but what is usual and names.
    pub fn status(
        &self,
        payments: &[Payment],
        total: Option<Money>,
        (known, is_usual): (Struck, &dyn Fn(&Spoken<'_>) -> bool),
    ) -> Off {
        let off = |spoken: &&Spoken<'_>| spoken.told.claims.meaning == Some(Status::Cancelled);
        let notice = self.messages.iter().rev().find(off);
        let entries: Vec<&Spoken<'_>> = self.events.iter().filter(|spoken| spoken.cancelled()).collect();
        let struck = !entries.is_empty() && entries.len() == self.events.len();
        let repaid =
            !payments.is_empty() && payments.iter().all(|payment| payment.refunded == payment.amount);
        if let Some(notice) = notice {
            let later = self.messages.iter().rev().find(|spoken| spoken.at > notice.at);
            let later = later.filter(|spoken| spoken.best(FieldName::StartsAt).is_some());
            // The desk and the customer are told of it one after the other, in words of their own.
            let is_of_it = later.is_some_and(|later| self.is_said_with(notice, later));
            let agrees = repaid || struck && entries.iter().all(|entry| is_at_once(notice, entry));
            if let Some(later) = later.filter(|_| !(is_of_it && agrees)) {
                return Off::Perhaps {
                    reason: "A message cancelled it, but a later one speaks of it as if it stood.".to_owned(),
                    records: vec![notice.document.record.clone(), later.document.record.clone()],
                    likely: is_of_it,
                };
            }
            return Off::Yes(notice.status_claims());
        }
        if let Some(claims) = self.agreed_off(payments) {
            return Off::Yes(claims);
        }
        // What is worded as if it was off is no word that it stands.
        let mut standing = self.messages.iter().rev();
        let standing = standing
            .find(|spoken| !self.is_worded(spoken))
            .map(|spoken| spoken.at);
        if struck {
            let entry = entries[entries.len() - 1];
            let later_word = standing.is_some_and(|at| at > entry.at);
            let with_it = self.unknown_with(entry);
            // A part may be kept when it is called off: that money went back at all is a second word.
            let means_off = entry.told.claims.meaning == Some(Status::Cancelled);
            let returned = means_off && payments.iter().any(|payment| payment.refunded.minor > 0);
            // What was paid in full after it was struck may have been held; a part of it is a fee.
            let is_later = |payment: &&Payment| entry.at.is_some_and(|at| payment.paid_at > at);
            let kept = |payment: &Payment| payment.amount.minor - payment.refunded.minor;
            let later: i64 = payments.iter().filter(is_later).map(kept).sum();
            let all: i64 = payments.iter().map(kept).sum();
            let is_paid_later = later > 0 && total.is_none_or(|total| all >= total.minor);
            let means_off = known.means_off() && !is_paid_later;
            if (repaid || returned || means_off) && !later_word {
                return Off::Yes(entry.status_claims());
            }
            if let Some(message) = with_it {
                if known.means_off_with_a_word() && !is_paid_later && !self.states_new_start(message) {
                    return Off::Yes(entry.status_claims());
                }
                let subject = message.document.subject().unwrap_or_default();
                return Off::Perhaps {
                    reason: format!(
                        "The calendar's entry was cancelled when \"{subject}\" was sent, which is of a kind that was \
                         hardly seen before the backup: is it a cancellation?"
                    ),
                    records: vec![message.document.record.clone(), entry.document.record.clone()],
                    likely: true,
                };
            }
            return Off::Perhaps {
                reason: "The calendar's entry was cancelled, but no message says so.".to_owned(),
                records: vec![entry.document.record.clone()],
                likely: !later_word,
            };
        }
        if let Some(entry) = entries
            .iter()
            .rev()
            .filter(|entry| !self.has_twin(entry))
            .find(|entry| standing.is_none_or(|at| entry.at > at))
        {
            return Off::Perhaps {
                reason: "One of its calendar entries was cancelled after the last message.".to_owned(),
                records: vec![entry.document.record.clone()],
                likely: true,
            };
        }
        let worded = self.messages.iter().filter(|spoken| self.is_worded(spoken));
        let entries = self.events.iter().filter(|spoken| spoken.told.claims.perhaps_off);
        let may_be_off = |spoken: &&Spoken<'_>| !self.states_new_start(spoken) && !is_usual(spoken);
        if let Some(odd) = entries.rev().chain(worded.rev()).find(may_be_off) {
            return Off::Perhaps {
                reason: "It is worded like those of bookings that were cancelled.".to_owned(),
                records: vec![odd.document.record.clone()],
                likely: true,
            };
        }
        if repaid {
            return Off::Perhaps {
                reason: "All its payments were refunded, but nothing says that it was cancelled.".to_owned(),
                records: Vec::new(),
                likely: true,
            };
        }
        Off::No
    }

    /// Whether a message came at once with the one that calls the booking off, and says nothing new of when it is. What comes first
    /// about bookings may be of another one.
    fn is_said_with(&self, notice: &Spoken<'a>, later: &Spoken<'a>) -> bool {
        is_at_once(notice, later) && !later.opens() && !self.states_new_start(later)
    }

    /// Whether another entry stands for just what a struck one said, or was made as that was struck: it was in the calendar
    /// twice, or was moved to another calendar.
    fn has_twin(&self, struck: &Spoken<'a>) -> bool {
        let value = |spoken: &Spoken<'a>, field| spoken.value(field, &|a, b| self.same(a, b));
        let fields = [FieldName::StartsAt, FieldName::EndsAt, FieldName::ResourceKey];
        self.events.iter().any(|other| {
            let both = other.document.made_at.zip(struck.at);
            let remade = both.is_some_and(|(made, struck)| (made - struck).abs() <= AT_ONCE);
            !other.cancelled()
                && (remade
                    || fields
                        .iter()
                        .all(|field| value(other, *field) == value(struck, *field)))
        })
    }
}

fn is_at_once(a: &Spoken<'_>, b: &Spoken<'_>) -> bool {
    let both = a.at.zip(b.at);
    both.is_some_and(|(a, b)| (a - b).abs() <= AT_ONCE)
}
