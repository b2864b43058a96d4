//! Records that are worded like those of bookings, and never were of one: orders of a shop that counts on with the same
//! numbers, and entries that come back under the same title for nobody.

use super::subjects::Kind;
use super::vocabulary::Vocabulary;
use super::{Lexed, Seed, Truth};
use crate::mapping::{EventKind, Found, Mapping, MessageKind, Pattern, Reader, squash};
use crate::model::{FieldName, Scalar, Value};
use crate::reading::SpanValue;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Of a kind that is mostly tied to no booking so many are read first.
const SAMPLE: usize = 20;

/// The kinds of message that state a number which never was a booking's. Kinds are told by their subject, and by whether
/// they say when it starts: a shop's order says what is bought, and no day.
pub(super) fn messages(
    documents: &[&Lexed<'_>],
    kinds: &[Kind<'_, '_>],
    links: &[Option<&Truth<'_>>],
    truths: &[Truth<'_>],
    reader: &Reader<'_>,
) -> Vec<MessageKind> {
    let numbers: BTreeSet<&str> = truths.iter().map(|truth| truth.reference.as_str()).collect();
    // Whether a message says when it starts, and whether its number is a booking's; None where it states none.
    let read = |at: usize| {
        let lexed = documents[at];
        let claims = reader.read_lines(lexed.document, &lexed.lines, lexed.defining.as_ref());
        let mut stated = claims.of(FieldName::Reference).peekable();
        stated.peek()?;
        let is_booked = stated.any(|claim| match &claim.value {
            Value::Text(text) => numbers.contains(squash(text).as_str()),
            _ => false,
        });
        Some((claims.of(FieldName::StartsAt).next().is_some(), is_booked))
    };
    let mut nobodys: Vec<MessageKind> = Vec::new();
    for Kind { template, at, .. } in kinds {
        let (tied, loose): (Vec<usize>, Vec<usize>) = at.iter().partition(|at| links[**at].is_some());
        if loose.len() < MessageKind::KNOWN as usize {
            continue;
        }
        // Most kinds state no number, or hardly ever one that the backup does not know: a few tell.
        if !loose.iter().take(SAMPLE).any(|at| read(*at).is_some()) {
            continue;
        }
        let mut found: Vec<(bool, bool)> = loose.iter().filter_map(|at| read(*at)).collect();
        let strange = found.iter().filter(|(_, is_booked)| !is_booked).count();
        if strange < MessageKind::KNOWN as usize {
            continue;
        }
        found.extend(tied.iter().filter_map(|at| read(*at)));
        for dated in [false, true] {
            let of = found.iter().filter(|(says_when, _)| *says_when == dated);
            let (support, booked) = of.fold((0, 0), |(support, booked), (_, is_booked)| {
                (support + 1, booked + u32::from(*is_booked))
            });
            nobodys.push(MessageKind {
                template: template.clone(),
                dated,
                numbered: true,
                request: false,
                support,
                booked,
            });
        }
    }
    nobodys.retain(MessageKind::is_nobodys);
    nobodys
}

/// A title that comes back as often as this, for nobody, is a task.
pub(super) const AGAIN: usize = 5;

/// Unties entries whose title came back word for word where few of them could be tied, or most of those that were begin when
/// their booking neither begins nor ends: a lunch of every day meets somebody's visit now and then, and teaches nothing of visits.
pub(super) fn untie(lexed: &[&Lexed<'_>], seeds: &mut [Option<Seed>], truths: &[Truth<'_>]) {
    let mut alike: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, lexed) in lexed.iter().enumerate() {
        if let ("event", Some(title)) = (lexed.document.object.as_str(), lexed.document.title()) {
            let source = lexed.document.record.source();
            alike.entry((source, title)).or_default().push(at);
        }
    }
    for group in alike.into_values().filter(|group| group.len() >= AGAIN) {
        // An entry may stand for the end alone.
        let edges = [FieldName::StartsAt, FieldName::EndsAt];
        let begins_with = |at: usize, truth: &Truth<'_>| {
            let places = ["/start/dateTime", "/start/date"].map(|place| lexed[at].document.item(place));
            places.into_iter().flatten().any(|value| match value {
                Scalar::Instant(at) => edges.iter().any(|edge| truth.instant(*edge) == Some(*at)),
                Scalar::Date(date) => edges.iter().any(|edge| truth.date(*edge) == Some(*date)),
                _ => false,
            })
        };
        let tied: Vec<(usize, &Truth<'_>)> = group
            .iter()
            .filter_map(|at| Some((*at, &truths[seeds[*at]?.booking])))
            .collect();
        let people: BTreeSet<&str> = tied.iter().map(|(_, truth)| truth.name.as_str()).collect();
        let right = tied.iter().filter(|(at, truth)| begins_with(*at, truth)).count();
        if people.len() > 1 && (tied.len() * 2 < group.len() || right * 2 < tied.len()) {
            for at in group {
                seeds[at] = None;
            }
        }
    }
}

/// The titles that come back word for word and name nobody, in entries of which none began when a booking of the backup
/// did. Entries from before the overlap count as well: the backup knows their bookings.
pub(super) fn titles(
    entries: &[&Lexed<'_>],
    truths: &[Truth<'_>],
    mapping: &Mapping,
    vocabulary: &Vocabulary,
) -> Vec<EventKind> {
    let starts: BTreeSet<_> = truths
        .iter()
        .filter_map(|truth| truth.instant(FieldName::StartsAt))
        .collect();
    let days: BTreeSet<NaiveDate> = truths
        .iter()
        .filter_map(|truth| truth.date(FieldName::StartsAt))
        .collect();
    let mut alike: BTreeMap<Pattern, Vec<&Lexed<'_>>> = BTreeMap::new();
    for lexed in entries.iter().filter(|lexed| lexed.document.object == "event") {
        if let Some(line) = &lexed.defining {
            alike
                .entry(Pattern::mask(line, &|_| true))
                .or_default()
                .push(lexed);
        }
    }
    let begins_with_one = |lexed: &Lexed<'_>| {
        let at = ["/start/dateTime", "/start/date"].map(|place| lexed.document.item(place));
        at.into_iter().flatten().any(|value| match value {
            Scalar::Instant(at) => starts.contains(at),
            Scalar::Date(date) => days.contains(date),
            _ => false,
        })
    };
    alike
        .into_iter()
        .filter(|(_, of)| of.len() >= AGAIN && of.iter().all(|lexed| names_nobody(lexed, vocabulary)))
        .filter(|(_, of)| of.iter().filter(|lexed| begins_with_one(lexed)).count() * 5 <= of.len())
        .filter(|(template, _)| {
            let known = |kind: &EventKind| kind.template == *template && kind.booked > 0;
            !mapping.events.iter().any(known)
        })
        .map(|(template, of)| EventKind {
            template,
            support: of.len() as u32,
            booked: 0,
            timed: 0,
        })
        .collect()
}

/// Whether an entry holds no address, phone or code, and no word of a customer's name.
fn names_nobody(lexed: &Lexed<'_>, vocabulary: &Vocabulary) -> bool {
    lexed.lines.iter().enumerate().all(|(index, (_, line))| {
        !matches!(lexed.place(index), "/summary" | "/description")
            || line.spans.iter().all(|(_, found)| {
                !matches!(
                    found,
                    Found::Read(SpanValue::Email(_) | SpanValue::Phone(_) | SpanValue::Code(_))
                )
            }) && !vocabulary.names_somebody(line)
    })
}
