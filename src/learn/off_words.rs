//! Words that tell that a booking was called off, whatever stands around them.
//!
//! Somebody who writes by hand words each message anew, so that no line comes back; but the verb does. Words that stood in
//! messages of bookings that were called off and in no others are taken for a sign only where chance would hardly put any
//! there. What has such words is asked about, not taken at its word: it may say what is not to happen.

use super::slots::Study;
use super::{Lexed, Truth, cues, names};
use crate::mapping::{Mapping, OffWords, Pattern};
use crate::model::Status;
use std::cmp::Reverse;
use std::collections::BTreeSet;

const MESSAGE: &str = "message";
const EVENT: &str = "event";

/// The words of one source's messages.
pub(super) fn learn(study: &Study<'_>) -> Vec<OffWords> {
    let mut stood: BTreeSet<&str> = BTreeSet::new();
    let mut off: BTreeSet<&str> = BTreeSet::new();
    for (lexed, truth) in names::pairs(study) {
        if lexed.document.object != MESSAGE {
            continue;
        }
        match truth.booking.status {
            Some(Status::Cancelled) => off.insert(&truth.booking.key),
            Some(_) => stood.insert(&truth.booking.key),
            None => continue,
        };
    }
    if off.is_empty() {
        return Vec::new();
    }
    let telling = cues::telling(study, MESSAGE, |_, truth| &truth.booking.key, &stood, &off);
    // A word alone tells it in whatever sentence, and the longest says most.
    let rank = |words: &Pattern| (Reverse(words.0.len()), words.plain().chars().count());
    cues::cover(&telling, rank)
        .into_keys()
        .map(|words| OffWords {
            object: MESSAGE.to_owned(),
            support: telling[&words].len() as u32,
            words,
        })
        .collect()
}

/// Words of messages are looked for in titles too, where no title of a booking that stood has them.
pub(super) fn lend(mappings: &mut [Mapping], lexed: &[&Lexed<'_>], of: &[Option<&Truth<'_>>]) {
    let words: BTreeSet<OffWords> = mappings
        .iter()
        .flat_map(|mapping| &mapping.off)
        .filter(|off| off.words.0.len() == 1)
        .cloned()
        .collect();
    for mapping in mappings {
        let titles: Vec<_> = (lexed.iter().zip(of))
            .filter(|(lexed, _)| lexed.document.object == EVENT)
            .filter(|(lexed, _)| lexed.document.record.source() == mapping.source)
            .flat_map(|(lexed, truth)| {
                let titles = (lexed.lines.iter().enumerate()).filter(|(index, _)| lexed.is_title(*index));
                titles.map(move |(_, (_, line))| (line, truth))
            })
            .collect();
        if titles.is_empty() {
            continue;
        }
        let stands_with = |words: &Pattern| {
            let mut with = titles.iter().filter(|(line, _)| words.stands_in(line));
            with.any(|(_, truth)| truth.is_some_and(|truth| truth.booking.status != Some(Status::Cancelled)))
        };
        let lent = words.iter().filter(|off| !stands_with(&off.words));
        mapping.off.extend(lent.map(|off| OffWords {
            object: EVENT.to_owned(),
            ..off.clone()
        }));
    }
}
