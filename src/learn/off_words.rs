//! Words that tell that a booking was called off, whatever stands around them.
//!
//! Somebody who writes by hand words each message anew, so that no line comes back; but the verb does. Words that stood in
//! messages of bookings that were called off and in no others are taken for a sign only where chance would hardly put any
//! there. What has such words is asked about, not taken at its word: it may say what is not to happen.

use super::slots::Study;
use super::{Lexed, Truth, cues, names};
use crate::mapping::{Mapping, OffWords, Pattern};
use crate::model::{Standing, Status};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

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
    let mut telling = cues::telling(study, MESSAGE, |_, truth| &truth.booking.key, &stood, &off);
    let letters = to_whom_all_stood(study);
    telling.retain(|words, seen| {
        let with = letters.iter().filter(|(_, lexed)| stands_in(words, lexed));
        let readers: BTreeSet<&str> = with.map(|(who, _)| who.as_str()).collect();
        readers.len() < seen.len()
    });
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

/// Messages that no booking is known of, which went to people none of whose bookings was called off, with whom they went to: what
/// thanks somebody for a visit calls nothing off.
fn to_whom_all_stood<'a>(study: &Study<'a>) -> Vec<(String, &'a Lexed<'a>)> {
    let mut stood: BTreeMap<&str, bool> = BTreeMap::new();
    for truth in study.truths.iter().filter(|truth| !truth.email.is_empty()) {
        let is_off = truth
            .booking
            .status
            .is_none_or(|status| status == Status::Cancelled);
        *stood.entry(truth.email.as_str()).or_insert(true) &= !is_off;
    }
    let both = study.documents.iter().zip(study.links);
    let untied = both.filter(|(lexed, link)| {
        let document = lexed.document;
        link.is_none() && document.object == MESSAGE && document.standing == Standing::Business
    });
    untied
        .filter_map(|(lexed, _)| {
            let who = lexed.document.recipient()?.to_lowercase();
            stood
                .get(who.as_str())
                .is_some_and(|stood| *stood)
                .then_some((who, *lexed))
        })
        .collect()
}

fn stands_in(words: &Pattern, lexed: &Lexed<'_>) -> bool {
    lexed.lines.iter().any(|(_, line)| words.stands_in(line))
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
