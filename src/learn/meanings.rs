//! What messages mean, from what became of the bookings that they tell of.
//!
//! A line that stands only in messages of bookings that were cancelled means that. Its own minimum
//! support: meaning fails first when the overlap is small, so what is not sure stays unknown.

use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{self, Meaning, Pattern, Piece, Token};
use crate::model::{Standing, Status};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What became of the bookings whose messages hold a line.
#[derive(Default)]
struct Line<'a> {
    bookings: BTreeSet<&'a str>,
    cancelled: BTreeSet<&'a str>,
    /// Messages with the line, and those of them that were the first about their booking.
    messages: u32,
    first: u32,
}

/// Learns which lines mean what. `since`: bookings made after it have all their messages in the overlap.
pub fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    vocabulary: &Vocabulary,
    since: DateTime<Utc>,
) -> Vec<Meaning> {
    let openers = openers(documents, links);
    let seen = subjects(documents, vocabulary);
    let mut lines: HashMap<(&str, &str, Pattern), Line<'_>> = HashMap::new();
    for (at, (lexed, truth)) in documents.iter().zip(links).enumerate() {
        let Some(truth) = truth else { continue };
        let Some(status) = truth.booking.status else {
            continue;
        };
        let object = &lexed.document.object;
        // A payment means nothing by its own words: refunds are counted, not read.
        if lexed.document.standing != Standing::Business || !matches!(object.as_str(), "message" | "event") {
            continue;
        }
        let whole = truth.booking.created_at.is_some_and(|made| made >= since);
        for (index, (_, line)) in lexed.lines.iter().enumerate() {
            let mut pattern = Pattern::mask(line, &|word| vocabulary.knows(object, word));
            let is_rare = seen.get(&pattern).is_some_and(|count| *count < Meaning::SUPPORT);
            if lexed.place(index) == SUBJECT && is_rare {
                pattern = Pattern::mask(line, &|word| vocabulary.is_frequent(object, word, 20));
            }
            if pattern.weight() == 0 {
                continue;
            }
            // The verb that decides may be somebody's name too, and be masked as one.
            let exact = Pattern::mask(line, &|word| {
                vocabulary.knows(object, word) || vocabulary.recurs(object, word, Meaning::SUPPORT as usize)
            });
            let exact = Some(exact).filter(|exact| *exact != pattern);
            for pattern in [Some(pattern), exact].into_iter().flatten() {
                let key = (object.as_str(), lexed.place(index), pattern);
                let line = lines.entry(key).or_default();
                line.bookings.insert(&truth.booking.key);
                if status == Status::Cancelled {
                    line.cancelled.insert(&truth.booking.key);
                }
                if let (true, Some(opens)) = (whole, openers.get(&at)) {
                    line.messages += 1;
                    line.first += u32::from(*opens);
                }
            }
        }
    }
    let mut meanings: Vec<Meaning> = lines
        .into_iter()
        .filter_map(|((object, place, line), told)| meaning(object.to_owned(), place.to_owned(), line, &told))
        .collect();
    meanings.sort_by(|a, b| (&a.object, &a.place, &a.line).cmp(&(&b.object, &b.place, &b.line)));
    let is_open =
        |meaning: &Meaning| meaning.status == Status::Cancelled && meaning.line.0.contains(&Piece::Any);
    if meanings.iter().any(is_open) {
        let said = Said::of(documents, links);
        meanings.retain(|meaning| !is_open(meaning) || said.bears_out(meaning));
    }
    meanings
}

/// A line of a message of a known booking.
type Told<'a> = (&'a mapping::Line, &'a Truth<'a>);

/// Lines by the token with which they begin.
type ByFirst<'a> = HashMap<Option<&'a Token>, Vec<Told<'a>>>;

/// The lines of a kind of record at a place, by the token with which they begin.
#[derive(Default)]
struct Said<'a> {
    places: HashMap<(&'a str, &'a str), ByFirst<'a>>,
}

impl<'a> Said<'a> {
    fn of(documents: &[&'a Lexed<'a>], links: &[Option<&'a Truth<'a>>]) -> Self {
        let mut said = Self::default();
        for (lexed, truth) in documents.iter().zip(links) {
            let Some(truth) = truth.filter(|_| lexed.document.standing == Standing::Business) else {
                continue;
            };
            for (index, (_, line)) in lexed.lines.iter().enumerate() {
                let place = (lexed.document.object.as_str(), lexed.place(index));
                let first = line.tokens.first().map(|(token, _)| token);
                let lines = said.places.entry(place).or_default();
                lines.entry(first).or_default().push((line, truth));
            }
        }
        said
    }

    /// Whether a line that means a cancellation stands, as its pattern reads, in no more messages of bookings that
    /// stood than it may: a `*` in it may stand for the very word that decides.
    fn bears_out(&self, meaning: &Meaning) -> bool {
        let mut line = Line::default();
        let place = self
            .places
            .get(&(meaning.object.as_str(), meaning.place.as_str()));
        let begins = |first: Option<&Token>| match (meaning.line.0.first(), first) {
            (Some(Piece::Is(want)), Some(first)) => want == first,
            (Some(Piece::Any), Some(first)) => matches!(first, Token::Word(_)),
            _ => true,
        };
        let alike = place.into_iter().flatten().filter(|(first, _)| begins(**first));
        for (told, truth) in alike.flat_map(|(_, lines)| lines) {
            if meaning.line.matches(told) {
                line.bookings.insert(&truth.booking.key);
                if truth.booking.status == Some(Status::Cancelled) {
                    line.cancelled.insert(&truth.booking.key);
                }
            }
        }
        let (seen, off) = (line.bookings.len() as u32, line.cancelled.len() as u32);
        if meaning.is_sure() {
            off * 100 >= seen * Meaning::PERCENT
        } else {
            off * 2 >= seen
        }
    }
}

/// Whether messages with the line come after another about the same booking.
fn follows(told: &Line<'_>) -> Option<bool> {
    // Where the first message was lost, a later one may look like the first; a kind that does both is not known.
    match (told.messages, told.first) {
        (..Meaning::SUPPORT, _) => None,
        (all, first) if first * 10 <= all * 4 => Some(true),
        (all, first) if first * 10 >= all * 6 => Some(false),
        _ => None,
    }
}

const SUBJECT: &str = "header:subject";

/// How often each subject line stands there. Rare ones may hold a word that comes back, a pet's name: they are told
/// by their frequent words.
fn subjects(documents: &[&Lexed<'_>], vocabulary: &Vocabulary) -> HashMap<Pattern, u32> {
    let mut seen: HashMap<Pattern, u32> = HashMap::new();
    for lexed in documents {
        for (index, (_, line)) in lexed.lines.iter().enumerate() {
            if lexed.place(index) == SUBJECT {
                let object = &lexed.document.object;
                let pattern = Pattern::mask(line, &|word| vocabulary.knows(object, word));
                *seen.entry(pattern).or_default() += 1;
            }
        }
    }
    seen
}

fn meaning(object: String, place: String, line: Pattern, told: &Line<'_>) -> Option<Meaning> {
    let (seen, off) = (told.bookings.len() as u32, told.cancelled.len() as u32);
    let subject = place == SUBJECT || place == "/summary";
    let sure = off >= Meaning::SUPPORT && off * 100 >= seen * Meaning::PERCENT;
    // Too seldom to be taken at its word, but a person should look.
    let likely = subject && off >= 2 && off * 2 >= seen;
    let follows = follows(told);
    // What opens the talk about a booking is no cancellation, however many of them were called off later.
    let opens = subject && follows == Some(false) && told.first * 10 >= told.messages * 9;
    let status = if sure || likely && !(opens && off * 2 <= seen) {
        Status::Cancelled
    // A cancellation never leaves its booking standing: two that stood are enough to know it is none.
    } else if subject && seen - off >= 2 && off * if opens { 2 } else { 4 } <= seen {
        Status::Confirmed
    } else {
        return None;
    };
    let agree = if status == Status::Cancelled {
        off
    } else {
        seen - off
    };
    Some(Meaning {
        object,
        place,
        line,
        status,
        follows,
        support: seen,
        agree,
    })
}

/// A business that confirms more slowly than this by hand gives no hint by how fast it does.
const PROMPT: TimeDelta = TimeDelta::hours(6);

/// Whether each message opens the talk about its booking or follows another one. Most are told by how soon after
/// the booking they were sent, since the first message of a booking that was changed may not be tied to it:
/// it states what is no longer true. Where the backup does not say when bookings were made, or messages are
/// not prompt, the earliest of those that were tied to it opens.
fn openers(documents: &[&Lexed<'_>], links: &[Option<&Truth<'_>>]) -> BTreeMap<usize, bool> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut messages: Vec<(usize, &Truth<'_>)> = Vec::new();
    for (at, (lexed, truth)) in documents.iter().zip(links).enumerate() {
        let Some(truth) = truth else { continue };
        if lexed.document.object != "message" || lexed.document.standing != Standing::Business {
            continue;
        }
        messages.push((at, truth));
        let earliest = first.entry(&truth.booking.key).or_insert(at);
        if lexed.document.said_at < documents[*earliest].document.said_at {
            *earliest = at;
        }
    }
    let delay =
        |at: usize, truth: &Truth<'_>| Some(documents[at].document.said_at? - truth.booking.created_at?);
    let mut delays: Vec<TimeDelta> = messages
        .iter()
        .filter(|(at, truth)| first[truth.booking.key.as_str()] == *at)
        .filter_map(|(at, truth)| delay(*at, truth))
        .collect();
    delays.sort_unstable();
    let usual = delays
        .get(delays.len() / 2)
        .copied()
        .filter(|usual| *usual <= PROMPT);
    messages
        .into_iter()
        .map(|(at, truth)| {
            let opens = match (usual, delay(at, truth)) {
                (Some(usual), Some(delay)) => delay <= (usual * 4).max(TimeDelta::minutes(10)),
                _ => first[truth.booking.key.as_str()] == at,
            };
            (at, opens)
        })
        .collect()
}
