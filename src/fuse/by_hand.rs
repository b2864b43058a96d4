//! What was put into the calendar by hand: an entry that was struck, a letter beside a name.

use super::timeline::Timeline;
use crate::mapping::{ideograph, squash};
use crate::model::{FieldName, RecordId, SourceKind};
use std::collections::BTreeSet;

impl Timeline<'_> {
    /// Whether a message that nobody knows was sent when its entry was struck: it told of that.
    pub fn tells_of_the_striking(&self, record: &RecordId) -> bool {
        let struck = self.events.iter().all(super::spoken::Spoken::cancelled);
        let entry = self.events.last().filter(|_| struck);
        let message = entry.and_then(|entry| self.unknown_with(entry));
        message.is_some_and(|message| message.document.record == *record)
    }

    /// Whom a message is addressed to, where that is this name without a letter that only entries have beside it: it may be
    /// a mark that somebody put there.
    pub fn plainer_name(&self, name: &str) -> Option<(String, RecordId)> {
        if self.source(FieldName::CustomerName) != Some(SourceKind::GoogleCalendar) {
            return None;
        }
        let words = |text: &str| -> BTreeSet<String> { text.split_whitespace().map(squash).collect() };
        let all = words(name);
        let is_letter = |word: &&String| word.chars().count() == 1 && !word.chars().any(ideograph);
        self.messages.iter().find_map(|spoken| {
            let to = spoken.document.text("header:to.name")?;
            let plain = words(to);
            let mut more = all.difference(&plain);
            let adds_a_letter = plain.len() > 1 && more.next().is_some_and(|word| is_letter(&word));
            let is_it = adds_a_letter && more.next().is_none() && plain.is_subset(&all);
            is_it.then(|| (to.to_owned(), spoken.document.record.clone()))
        })
    }
}
