//! What was put into the calendar by hand: an entry that was struck.

use super::timeline::Timeline;
use crate::model::RecordId;

impl Timeline<'_> {
    /// Whether a message that nobody knows was sent when its entry was struck: it told of that.
    pub fn tells_of_the_striking(&self, record: &RecordId) -> bool {
        let struck = self.events.iter().all(super::spoken::Spoken::cancelled);
        let entry = self.events.last().filter(|_| struck);
        let message = entry.and_then(|entry| self.unknown_with(entry));
        message.is_some_and(|message| message.document.record == *record)
    }
}
