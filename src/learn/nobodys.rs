//! Records that are worded like those of bookings, and never were of one: orders of a shop that counts on with the same
//! numbers, and entries that come back under the same title for nobody.

use super::stars::vary;
use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{EventKind, Found, Line, Mapping, MessageKind, Pattern, Reader, squash};
use crate::model::{FieldName, Scalar, Standing, Value};
use crate::reading::SpanValue;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Of a kind that is mostly tied to no booking so many are read first.
const SAMPLE: usize = 20;

/// The kinds of message that state a number which never was a booking's. Kinds are told by their subject, and by whether
/// they say when it starts: a shop's order says what is bought, and no day.
pub(super) fn messages(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    truths: &[Truth<'_>],
    reader: &Reader<'_>,
    vocabulary: &Vocabulary,
) -> Vec<MessageKind> {
    let mut alike: BTreeMap<Pattern, Vec<usize>> = BTreeMap::new();
    for (at, lexed) in documents.iter().enumerate() {
        if lexed.document.object == "message"
            && lexed.document.standing == Standing::Business
            && let Some(line) = subject(lexed)
        {
            let pattern = Pattern::mask(line, &|word| vocabulary.knows("message", word));
            alike.entry(pattern).or_default().push(at);
        }
    }
    let numbers: BTreeSet<&str> = truths.iter().map(|truth| truth.reference.as_str()).collect();
    // Whether a message says when it starts, and whether its number is a booking's; None where it states none.
    let read = |at: usize| {
        let claims = reader.read(documents[at].document);
        let mut stated = claims.of(FieldName::Reference).peekable();
        stated.peek()?;
        let is_booked = stated.any(|claim| match &claim.value {
            Value::Text(text) => numbers.contains(squash(text).as_str()),
            _ => false,
        });
        Some((claims.of(FieldName::StartsAt).next().is_some(), is_booked))
    };
    let mut kinds: Vec<MessageKind> = Vec::new();
    for (template, of) in alike {
        let (tied, loose): (Vec<usize>, Vec<usize>) = of.into_iter().partition(|at| links[*at].is_some());
        if template.weight() == 0 || loose.len() < MessageKind::KNOWN as usize {
            continue;
        }
        let all = tied.iter().chain(&loose);
        if !vary(&template, all.filter_map(|at| subject(documents[*at]))) {
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
            kinds.push(MessageKind {
                template: template.clone(),
                dated,
                numbered: true,
                support,
                booked,
            });
        }
    }
    kinds.retain(MessageKind::is_nobodys);
    kinds
}

pub(super) fn subject<'l>(lexed: &'l Lexed<'_>) -> Option<&'l Line> {
    let mut lines = lexed.lines.iter().enumerate();
    lines
        .find(|(index, _)| lexed.place(*index) == "header:subject")
        .map(|(_, (_, line))| line)
}

/// A title that comes back as often as this, for nobody, is a task.
pub(super) const AGAIN: usize = 5;

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
