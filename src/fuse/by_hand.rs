//! What was put into the calendar by hand: an entry that was struck, a letter beside a name.

use super::question::Questions;
use super::spoken::Spoken;
use super::timeline::Timeline;
use super::{Input, read};
use crate::mapping::{ideograph, squash};
use crate::model::{
    About, Booking, ConflictKind, Document, FieldName, RecordId, SourceKind, Status, Value, When,
};
use crate::reading::is_word_char;
use std::collections::BTreeSet;

/// Asks what a letter beside a name means that never stood there before: as an initial it would be one of the name's.
pub fn doubt_letter(timeline: &Timeline<'_>, booking: &Booking, questions: &mut Questions) {
    let name = booking.customer.name.as_deref().unwrap_or_default();
    let Some((letter, record)) = timeline.odd_letter(name) else {
        return;
    };
    if booking.status == Some(Status::Cancelled) {
        return;
    }
    let letter = letter.to_uppercase();
    let reason = format!(
        "The calendar's entry has the letter {letter} beside the name, and hardly any before the backup had it: \
         was it called off?"
    );
    let kind = ConflictKind::UnexplainedEvidence;
    questions.ask(kind, Some(FieldName::Status), reason, vec![read(record)], None);
}

/// Asks about a party whose line ends otherwise than those of others who came then, where that is when it is held to come.
pub fn doubt_end(timeline: &Timeline<'_>, booking: &Booking, questions: &mut Questions) {
    if booking.status == Some(Status::Cancelled) {
        return;
    }
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|char: char| !is_word_char(char)).map(squash);
        words.filter(|word| !word.is_empty()).collect()
    };
    let mut own = words(booking.customer.name.as_deref().unwrap_or_default());
    own.extend(words(booking.reference.as_deref().unwrap_or_default()));
    let odd = timeline.listed().find_map(|(entry, starts)| {
        let end = entry.told.claims.odd_end.as_ref()?;
        let is_then = starts.is_none() || starts == booking.starts_at;
        (is_then && !words(end).is_subset(&own)).then(|| (end.clone(), entry.document.record.clone()))
    });
    if let Some((end, record)) = odd {
        let reason = format!(
            "Its line in the calendar's entry ends with \"{end}\", as hardly any of those did who came then: was it changed?"
        );
        let kind = ConflictKind::UnexplainedEvidence;
        questions.ask(kind, Some(FieldName::StartsAt), reason, vec![read(record)], None);
    }
}

/// As many bookings of the overlap, and one in so many of those with an entry, had later messages alone.
const HEADLESS: usize = 20;
const ONE_IN: usize = 5;

/// Whether many bookings of the overlap have an entry and later messages, and never had a first one.
pub fn headless(input: &Input<'_>) -> bool {
    let (mut planned, mut headless) = (0, 0);
    for cluster in &input.linked.clusters {
        let About::Baseline(at) = cluster.about else {
            continue;
        };
        let made = input.baseline.bookings[at].created_at;
        // Of older ones the first message is not in the overlap.
        if made.is_none_or(|made| made < input.window.learn_from) {
            continue;
        }
        let told = || cluster.members.iter().map(|at| &input.told[*at]);
        if !told().any(|told| told.document.object == "event") {
            continue;
        }
        planned += 1;
        let mut messages = told()
            .filter(|told| told.document.object == "message" && told.speaks())
            .peekable();
        let some = messages.peek().is_some();
        headless += usize::from(some && messages.all(|told| told.claims.follows == Some(true)));
    }
    headless >= HEADLESS && headless * ONE_IN >= planned
}

impl Timeline<'_> {
    /// Whether an entry stands, and no message says otherwise, or of a change.
    pub fn stands_as_told(&self) -> bool {
        let Some(planned) = self.planned_start() else {
            return false;
        };
        let agrees = |spoken: &Spoken<'_>| {
            let claims = &spoken.told.claims;
            let start = spoken.best(FieldName::StartsAt);
            let is_other = start.is_some_and(|(claim, _)| claim.value != Value::When(planned));
            !is_other && !claims.twice && claims.idle.is_empty() && claims.strange.is_empty()
        };
        self.standing_entry().is_some() && self.messages.iter().all(agrees)
    }

    /// The calendar entries.
    pub fn entries(&self) -> impl Iterator<Item = &Document> {
        self.events.iter().map(|entry| entry.document)
    }

    /// The entries, each with when it begins.
    fn listed(&self) -> impl Iterator<Item = (&Spoken<'_>, Option<When>)> {
        self.events.iter().map(|entry| {
            let start = entry.best(FieldName::StartsAt);
            let start = start.and_then(|(claim, _)| match claim.value {
                Value::When(when) => Some(when),
                _ => None,
            });
            (entry, start)
        })
    }

    /// A letter at the edge of the entry's title that is no initial of this name.
    pub fn odd_letter(&self, name: &str) -> Option<(String, RecordId)> {
        let words: Vec<String> = name.split(|char: char| !is_word_char(char)).map(squash).collect();
        let longer = words.iter().filter(|word| word.chars().count() > 1);
        let several = longer.clone().count() > 1;
        self.events.iter().rev().find_map(|entry| {
            let letter = entry.told.claims.odd_letter.as_ref()?;
            let is_initial = longer.clone().any(|word| word.starts_with(letter.as_str()));
            (several && !is_initial).then(|| (letter.clone(), entry.document.record.clone()))
        })
    }

    /// Whether a message that nobody knows was sent when its entry was struck: it told of that.
    pub fn tells_of_the_striking(&self, record: &RecordId) -> bool {
        let struck = self.events.iter().all(super::spoken::Spoken::cancelled);
        let entry = self.events.last().filter(|_| struck);
        let message = entry.and_then(|entry| self.unknown_with(entry));
        message.is_some_and(|message| message.document.record == *record)
    }

    /// Whom a message is addressed to, where that is this name without a letter that only entries have beside it, or a word
    /// of nobody's name before or behind it: it may be a mark that somebody put there.
    pub fn plainer_name(&self, name: &str, is_of_names: impl Fn(&str) -> bool) -> Option<(String, RecordId)> {
        if self.source(FieldName::CustomerName) != Some(SourceKind::GoogleCalendar) {
            return None;
        }
        let words = |text: &str| -> BTreeSet<String> { text.split_whitespace().map(squash).collect() };
        let all = words(name);
        let mut edges = name.split_whitespace().map(squash);
        let edges = [edges.next(), edges.next_back()];
        let is_mark = |word: &String| {
            let letters = word.chars().count();
            let at_edge = edges.iter().flatten().any(|edge| edge == word);
            !word.chars().any(ideograph) && (letters == 1 || at_edge && !is_of_names(word))
        };
        self.messages.iter().find_map(|spoken| {
            let to = spoken.document.text("header:to.name")?;
            let plain = words(to);
            let mut more = all.difference(&plain);
            let adds_a_mark = plain.len() > 1 && more.next().is_some_and(is_mark);
            let is_it = adds_a_mark && more.next().is_none() && plain.is_subset(&all);
            is_it.then(|| (to.to_owned(), spoken.document.record.clone()))
        })
    }
}
