//! What messages mean, from what became of the bookings that they tell of.
//!
//! A line, or a sentence of one, that stands only in messages of bookings that were cancelled means that. Its own minimum
//! support: meaning fails first when the overlap is small, so what is not sure stays unknown.

use super::quick::{Map, Set};
use super::stars::{Stars, is_of_name};
use super::subjects::template;
use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{self, Meaning, Pattern, Piece, Token};
use crate::model::{Document, Standing, Status};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// What became of the bookings whose messages hold a line.
#[derive(Default)]
struct Line<'a> {
    bookings: BTreeSet<&'a str>,
    cancelled: BTreeSet<&'a str>,
    /// Those of the cancelled ones whose record says so with this line alone: an entry that was deleted says so itself.
    shown: BTreeSet<&'a str>,
    /// Those of the cancelled ones of which a later message was sent: it may be that which called them off.
    talked_on: BTreeSet<&'a str>,
    /// Messages with the line, and those of them that were the first about their booking.
    messages: u32,
    first: u32,
}

/// A line as its kind of record words it, worked out once for all records that have it.
struct Masked {
    /// None where it says nothing.
    pattern: Option<Rc<Pattern>>,
    /// The same with names that recur; None where that depends on whom it is for.
    exact: Option<Rc<Pattern>>,
}

impl Masked {
    fn of(
        line: &mapping::Line,
        object: &str,
        vocabulary: &Vocabulary,
        subjects: &HashMap<Pattern, u32>,
        is_subject: bool,
    ) -> Self {
        let known = Pattern::mask(line, &|word| vocabulary.knows(object, word));
        let is_rare = || {
            subjects
                .get(&known)
                .is_some_and(|count| *count < Meaning::SUPPORT)
        };
        let pattern = if is_subject && is_rare() {
            Pattern::mask(line, &|word| vocabulary.is_frequent(object, word, 20))
        } else {
            known.clone()
        };
        let depends = line.tokens.iter().any(|(token, _)| match token {
            Token::Word(word) => {
                !vocabulary.knows(object, word) && vocabulary.recurs(object, word, Meaning::SUPPORT as usize)
            }
            _ => false,
        });
        Self {
            pattern: (pattern.weight() > 0).then(|| Rc::new(pattern)),
            exact: (!depends).then(|| Rc::new(known)),
        }
    }
}

/// The sentences of the lines of messages that have several, by the number of the line.
struct Sentences(Map<usize, Vec<mapping::Line>>);

impl Sentences {
    fn of(documents: &[&Lexed<'_>]) -> Self {
        let mut of: Map<usize, Vec<mapping::Line>> = Map::default();
        for lexed in documents
            .iter()
            .filter(|lexed| lexed.document.object == "message")
        {
            for (_, line) in &lexed.lines {
                of.entry(super::number(line)).or_insert_with(|| line.sentences());
            }
        }
        Self(of)
    }

    /// The lines of a record, each with its sentences, and which line it is. A subject says what it says as a whole.
    fn lines<'l>(&'l self, lexed: &'l Lexed<'_>) -> impl Iterator<Item = (usize, &'l mapping::Line)> {
        lexed.lines.iter().enumerate().flat_map(|(index, (_, line))| {
            let is_subject = lexed.place(index) == Document::SUBJECT;
            let parts = self.0.get(&super::number(line)).filter(|_| !is_subject);
            let parts = parts.into_iter().flatten();
            let whole: &mapping::Line = line;
            std::iter::once(whole).chain(parts).map(move |line| (index, line))
        })
    }
}

/// Learns which lines mean what. `since`: bookings made after it have all their messages in the overlap.
pub fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    vocabulary: &Vocabulary,
    since: DateTime<Utc>,
) -> Vec<Meaning> {
    let openers = openers(documents, links, since);
    let last = last_words(documents, links);
    let seen = subjects(documents, vocabulary);
    let sentences = Sentences::of(documents);
    let mut lines: Map<(&str, &str, bool, Rc<Pattern>), Line<'_>> = Map::default();
    let mut masked: Map<(usize, bool, &str), Masked> = Map::default();
    let standing = standing_words(documents);
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
        for (index, line) in sentences.lines(lexed) {
            let is_gone = is_deleted(lexed) && is_entitled(lexed, index);
            let is_subject = lexed.place(index) == Document::SUBJECT;
            let key = (super::number(line), is_subject, object.as_str());
            let masked = masked
                .entry(key)
                .or_insert_with(|| Masked::of(line, object, vocabulary, &seen, is_subject));
            let Some(pattern) = &masked.pattern else { continue };
            // The verb that decides may be somebody's name too, and be masked as one; the name of whom it is for decides nothing.
            let exact = || {
                Pattern::mask(line, &|word| {
                    vocabulary.knows(object, word)
                        || vocabulary.recurs(object, word, Meaning::SUPPORT as usize)
                            && !is_of_name(word, truth)
                })
            };
            let exact = masked.exact.clone().unwrap_or_else(|| Rc::new(exact()));
            let exact = Some(exact).filter(|exact| exact != pattern);
            for pattern in [Some(Rc::clone(pattern)), exact].into_iter().flatten() {
                if is_gone && !says_more(&pattern, &standing) {
                    continue;
                }
                let is_entitled = is_subject || is_entitled(lexed, index);
                let key = (object.as_str(), lexed.place(index), is_entitled, pattern);
                let line = lines.entry(key).or_default();
                line.bookings.insert(&truth.booking.key);
                if status == Status::Cancelled {
                    line.cancelled.insert(&truth.booking.key);
                    if !is_entitled || !is_deleted(lexed) {
                        line.shown.insert(&truth.booking.key);
                    }
                    if last.get(truth.booking.key.as_str()) > Some(&lexed.document.said_at) {
                        line.talked_on.insert(&truth.booking.key);
                    }
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
        .filter_map(|((object, place, subject, line), told)| {
            meaning(
                (object.to_owned(), place.to_owned(), subject),
                Pattern::clone(&line),
                &told,
            )
        })
        .collect();
    super::filled::leave_out(documents, &mut meanings);
    meanings.extend(edges(documents, links, vocabulary, &standing));
    meanings.sort_by(|a, b| (&a.object, &a.place, &a.line).cmp(&(&b.object, &b.place, &b.line)));
    if meanings
        .iter()
        .any(|meaning| is_open(meaning) || is_doubtful(meaning))
    {
        let said = Said::of(documents, links, &sentences);
        meanings.retain(|meaning| {
            !(is_open(meaning) && meaning.status == Status::Cancelled) || said.bears_out(meaning)
        });
        let counted = |at: usize, truth: &Truth<'_>| {
            let whole = truth.booking.created_at.is_some_and(|made| made >= since);
            openers.get(&at).copied().filter(|_| whole)
        };
        said.spell_out(&mut meanings, &counted);
        said.leave_out_explained(documents, &sentences, &mut meanings, &counted);
    }
    // Names are not spelled out: any may stand there.
    let mut also = super::unnamed::learn(documents, links, &meanings);
    also.extend(super::joined::learn(&meanings));
    if !also.is_empty() {
        meanings.extend(also);
        meanings.sort_by(|a, b| (&a.object, &a.place, &a.line).cmp(&(&b.object, &b.place, &b.line)));
        meanings.dedup_by(|a, b| (&a.object, &a.place, &a.line) == (&b.object, &b.place, &b.line));
    }
    meanings
}

/// The words that stand in titles of entries which were not deleted.
fn standing_words<'a>(documents: &[&'a Lexed<'a>]) -> Set<&'a str> {
    let entries = documents
        .iter()
        .filter(|lexed| lexed.document.object == "event" && !is_deleted(lexed));
    let titles = entries.flat_map(|lexed| {
        let lines = lexed.lines.iter().enumerate();
        lines.filter(|(index, _)| is_entitled(lexed, *index))
    });
    let tokens = titles.flat_map(|(_, (_, line))| &line.tokens);
    let words = tokens.filter_map(|(token, _)| match token {
        Token::Word(word) => Some(word.as_str()),
        _ => None,
    });
    words.collect()
}

/// Whether the title of a deleted entry has a word that those which stand have not. Else what calls it off is that it was deleted, and
/// its title is any other's: one that gets a mark once the booking is paid was called off without.
fn says_more(title: &Pattern, standing: &Set<&str>) -> bool {
    words_of(title).any(|word| !standing.contains(word))
}

/// Whether a line of a message may call a booking off, and often did not.
fn is_doubtful(meaning: &Meaning) -> bool {
    let is_message = meaning.object == "message";
    is_message && meaning.status == Status::Cancelled && !meaning.is_sure() && !meaning.line.is_edge()
}

/// So many bits by which chance must be unlikelier than one such edge among all that were looked at.
const EDGE_BITS: f64 = 6.0;
/// Titles of as many people begin or end so.
const EDGE_PEOPLE: usize = 3;
/// The same for one that is only asked about: all of its bookings were called off, though they were few.
const LIKELY_BITS: f64 = 3.0;
const LIKELY_PEOPLE: usize = 2;

/// What titles of entries begin or end with that only those of cancelled bookings do, whatever else they say: `X Tom Baker`.
fn edges(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    vocabulary: &Vocabulary,
    standing: &Set<&str>,
) -> Vec<Meaning> {
    let mut edges: BTreeMap<(&str, Pattern), (Line<'_>, BTreeSet<&str>)> = BTreeMap::new();
    let (mut all, mut off) = (BTreeSet::new(), BTreeSet::new());
    for (lexed, truth) in documents.iter().zip(links) {
        let Some(truth) = truth.filter(|_| lexed.document.standing == Standing::Business) else {
            continue;
        };
        let booking = truth.booking;
        let Some(status) = booking.status.filter(|_| lexed.document.object == "event") else {
            continue;
        };
        let is_off = status == Status::Cancelled;
        all.insert(&booking.key);
        if is_off {
            off.insert(&booking.key);
        }
        let titles = lexed.lines.iter().enumerate();
        for (index, (_, line)) in titles.filter(|(index, _)| is_entitled(lexed, *index)) {
            if line.tokens.len() < 3 {
                continue;
            }
            for edge in edges_of(line) {
                if is_deleted(lexed) && !says_more(&edge, standing) {
                    continue;
                }
                let is_own = words_of(&edge).any(|word| is_of_name(word, truth));
                let (told, people) = edges.entry((lexed.place(index), edge)).or_default();
                told.bookings.insert(&booking.key);
                if is_off {
                    told.cancelled.insert(&booking.key);
                }
                if is_off && !is_deleted(lexed) {
                    told.shown.insert(&booking.key);
                }
                // Where a title begins with the name of whom it is for, it is no sign.
                if !is_own {
                    people.insert(booking.customer.as_deref().unwrap_or(&booking.key));
                }
            }
        }
    }
    edges.retain(|_, (_, people)| !people.is_empty());
    let each = (all.len().max(1) as f64 / off.len().max(1) as f64).log2();
    let tried = (edges.len().max(1) as f64).log2();
    edges.retain(|_, (told, people)| {
        let bits = each * told.cancelled.len() as f64 - tried;
        let all_off = told.cancelled.len() == told.bookings.len();
        people.len() >= EDGE_PEOPLE && bits >= EDGE_BITS
            || people.len() >= LIKELY_PEOPLE && bits >= LIKELY_BITS && all_off
    });
    let means = |((place, line), (told, _)): ((&str, Pattern), (Line<'_>, _))| {
        // Without its accents a word may be somebody's name too (hủy and Huy): then it is asked about, and never sure.
        let is_name = words_of(&line).any(|word| vocabulary.is_of_people(word));
        let mut meaning = meaning(("event".to_owned(), place.to_owned(), true), line, &told)?;
        if is_name && meaning.is_sure() {
            meaning.support = Meaning::SUPPORT - 1;
            meaning.agree = meaning.support;
        }
        Some(meaning)
    };
    edges
        .into_iter()
        .filter_map(means)
        .filter(|meaning| meaning.status == Status::Cancelled)
        .filter(|meaning| meaning.is_sure() || meaning.agree == meaning.support)
        .collect()
}

/// The words of an edge.
fn words_of(edge: &Pattern) -> impl Iterator<Item = &str> {
    edge.0.iter().filter_map(|piece| match piece {
        Piece::Is(Token::Word(word)) => Some(word.as_str()),
        _ => None,
    })
}

/// What a title begins and ends with: a word or a sign, and a word with the bracket that closes or opens it.
fn edges_of(line: &mapping::Line) -> Vec<Pattern> {
    let is_sign = |token: &Token| !matches!(token, Token::Span(_));
    let mut edges = Vec::new();
    let ([(first, _), (second, _), ..], [.., (before, _), (last, _)]) =
        (line.tokens.as_slice(), line.tokens.as_slice())
    else {
        return edges;
    };
    let piece = |token: &Token| Piece::Is(token.clone());
    if is_sign(first) {
        edges.push(Pattern(vec![Piece::Start, piece(first)]));
    }
    if is_sign(last) {
        edges.push(Pattern(vec![piece(last), Piece::End]));
    }
    let is_marked = |mark: &Token, word: &Token| {
        matches!((mark, word), (Token::Mark(_), Token::Word(_))) && is_sign(word)
    };
    if line.tokens.len() > 3 && is_marked(first, second) {
        edges.push(Pattern(vec![Piece::Start, piece(first), piece(second)]));
    }
    if line.tokens.len() > 3 && is_marked(last, before) {
        edges.push(Pattern(vec![piece(before), piece(last), Piece::End]));
    }
    edges
}

/// Whether an entry was deleted, so that its title need not say that it is off: it may say the same of one that stands.
fn is_deleted(lexed: &Lexed<'_>) -> bool {
    lexed.document.object == "event" && lexed.document.text("/status") == Some("cancelled")
}

/// Whether somebody wrote there what an entry stands for: in its title, or in the line of one who comes.
fn is_entitled(lexed: &Lexed<'_>, index: usize) -> bool {
    lexed.document.object == "event" && (lexed.place(index) == Document::TITLE || lexed.is_title(index))
}

/// Whether a line may mean something else with another word in it. Of entries only what calls them off is taken at its word.
fn is_open(meaning: &Meaning) -> bool {
    meaning.line.0.contains(&Piece::Any)
        && (meaning.status == Status::Cancelled || meaning.object == "message")
}

/// A line of a message of a known booking, and which message it is of.
type Told<'a> = (usize, &'a mapping::Line, &'a Truth<'a>);

/// Lines by the token with which they begin.
type ByFirst<'a> = HashMap<Option<&'a Token>, Vec<Told<'a>>>;

/// The lines of a kind of record at a place, by the token with which they begin.
#[derive(Default)]
struct Said<'a> {
    places: HashMap<(&'a str, &'a str), ByFirst<'a>>,
    /// The entries that were deleted.
    deleted: BTreeSet<usize>,
}

impl<'a> Said<'a> {
    fn of(documents: &[&'a Lexed<'a>], links: &[Option<&'a Truth<'a>>], sentences: &'a Sentences) -> Self {
        let mut said = Self::default();
        for (at, (lexed, truth)) in documents.iter().zip(links).enumerate() {
            let Some(truth) = truth.filter(|_| lexed.document.standing == Standing::Business) else {
                continue;
            };
            if is_deleted(lexed) {
                said.deleted.insert(at);
            }
            for (index, line) in sentences.lines(lexed) {
                let place = (lexed.document.object.as_str(), lexed.place(index));
                let first = line.tokens.first().map(|(token, _)| token);
                let lines = said.places.entry(place).or_default();
                lines.entry(first).or_default().push((at, line, truth));
            }
        }
        said
    }

    /// The lines that may be of a meaning's, by how they begin.
    fn near<'s>(&'s self, meaning: &Meaning) -> impl Iterator<Item = &'s Told<'a>> + use<'s, 'a> {
        let first = meaning.line.0.first().cloned();
        let begins = move |token: Option<&Token>| match (&first, token) {
            (Some(Piece::Is(want)), Some(token)) => want == token,
            (Some(Piece::Any), Some(token)) => matches!(token, Token::Word(_)),
            _ => true,
        };
        let is_there = |(object, place): &(&str, &str)| *object == meaning.object && *place == meaning.place;
        let place = self.places.iter().find(|(at, _)| is_there(at));
        let alike = place.into_iter().flat_map(|(_, lines)| lines);
        let alike = alike.filter(move |(token, _)| begins(**token));
        alike.flat_map(|(_, lines)| lines)
    }

    /// Whether a line that means a cancellation stands, as its pattern reads, in no more messages of bookings that
    /// stood than it may: a `*` in it may stand for the very word that decides.
    fn bears_out(&self, meaning: &Meaning) -> bool {
        let mut line = Line::default();
        for (_, told, truth) in self.near(meaning) {
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

    /// Judges lines that were doubtful anew, by the messages in which no surer line says that the booking is off: a subject
    /// that changes and cancellations share means neither.
    fn leave_out_explained(
        &self,
        documents: &[&Lexed<'_>],
        sentences: &Sentences,
        meanings: &mut Vec<Meaning>,
        counted: &dyn Fn(usize, &Truth<'_>) -> Option<bool>,
    ) {
        let (doubtful, kept): (Vec<Meaning>, Vec<Meaning>) =
            std::mem::take(meanings).into_iter().partition(is_doubtful);
        let sure = |meaning: &&Meaning| meaning.status == Status::Cancelled && meaning.is_sure();
        let sure: Vec<&Meaning> = kept.iter().filter(sure).collect();
        let is_explained = |at: usize| {
            let lexed = documents[at];
            sentences.lines(lexed).any(|(index, line)| {
                let says = |meaning: &&Meaning| {
                    meaning.object == lexed.document.object
                        && meaning.place == lexed.place(index)
                        && meaning.line.matches(line)
                };
                sure.iter().any(says)
            })
        };
        let mut judged = Vec::new();
        for of in doubtful {
            let (mut rest, mut explained) = (Line::default(), false);
            for (at, line, truth) in self.near(&of) {
                let Some(status) = truth.booking.status.filter(|_| of.line.matches(line)) else {
                    continue;
                };
                if is_explained(*at) {
                    explained = true;
                    continue;
                }
                rest.bookings.insert(&truth.booking.key);
                if status == Status::Cancelled {
                    rest.cancelled.insert(&truth.booking.key);
                    rest.shown.insert(&truth.booking.key);
                }
                if let Some(opens) = counted(*at, truth) {
                    rest.messages += 1;
                    rest.first += u32::from(opens);
                }
            }
            if explained && !rest.bookings.is_empty() {
                let is_subject = of.place == Document::SUBJECT;
                judged.extend(meaning((of.object, of.place, is_subject), of.line, &rest));
            } else {
                judged.push(of);
            }
        }
        meanings.extend(kept);
        meanings.extend(judged);
        meanings.sort_by(|a, b| (&a.object, &a.place, &a.line).cmp(&(&b.object, &b.place, &b.line)));
    }

    /// Spells out each `*` that stands for the same few words wherever its line was seen: a word that never stood there
    /// may mean something else. `counted` says of messages that count whether they open the talk about their booking.
    fn spell_out(&self, meanings: &mut Vec<Meaning>, counted: &dyn Fn(usize, &Truth<'_>) -> Option<bool>) {
        let open: Vec<Meaning> = meanings
            .iter()
            .filter(|meaning| is_open(meaning))
            .cloned()
            .collect();
        let mut spelt: Vec<Meaning> = Vec::new();
        for of in open {
            let told: Vec<_> = self
                .near(&of)
                .filter_map(|told| Some((told, of.line.fills(told.1)?)))
                .collect();
            let stars = Stars::of(
                told.iter()
                    .map(|((_, line, truth), fills)| (*line, fills, *truth)),
            );
            if stars.are_open() {
                continue;
            }
            meanings.retain(|meaning| *meaning != of);
            let mut lines: BTreeMap<Pattern, Line<'_>> = BTreeMap::new();
            for ((at, line, truth), fills) in &told {
                let Some(status) = truth.booking.status else {
                    continue;
                };
                let told = lines
                    .entry(stars.spelt(&of.line, line, fills, truth))
                    .or_default();
                told.bookings.insert(&truth.booking.key);
                if status == Status::Cancelled {
                    told.cancelled.insert(&truth.booking.key);
                }
                if status == Status::Cancelled && (of.place != Document::TITLE || !self.deleted.contains(at))
                {
                    told.shown.insert(&truth.booking.key);
                }
                if let Some(opens) = counted(*at, truth) {
                    told.messages += 1;
                    told.first += u32::from(opens);
                }
            }
            let subject = matches!(of.place.as_str(), Document::SUBJECT | Document::TITLE);
            let means = |(line, told)| meaning((of.object.clone(), of.place.clone(), subject), line, &told);
            spelt.extend(lines.into_iter().filter_map(means));
        }
        for meaning in spelt {
            let known = |other: &Meaning| {
                (&other.object, &other.place, &other.line) == (&meaning.object, &meaning.place, &meaning.line)
            };
            if !meanings.iter().any(known) {
                meanings.push(meaning);
            }
        }
        meanings.sort_by(|a, b| (&a.object, &a.place, &a.line).cmp(&(&b.object, &b.place, &b.line)));
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

/// How often each subject line stands there. Rare ones may hold a word that comes back, a pet's name: they are told
/// by their frequent words.
fn subjects(documents: &[&Lexed<'_>], vocabulary: &Vocabulary) -> HashMap<Pattern, u32> {
    let mut seen: HashMap<Pattern, u32> = HashMap::new();
    for pattern in documents.iter().filter_map(|lexed| template(lexed, vocabulary)) {
        *seen.entry(pattern).or_default() += 1;
    }
    seen
}

/// What a line of a kind of record means at a place. `subject`: it says what the record is about.
fn meaning(
    (object, place, subject): (String, String, bool),
    line: Pattern,
    told: &Line<'_>,
) -> Option<Meaning> {
    let (seen, off) = (told.bookings.len() as u32, told.cancelled.len() as u32);
    // A change is no cancellation, though some of what is changed is called off after it.
    let last = off - told.talked_on.len() as u32;
    let sure = off >= Meaning::SUPPORT && off * 100 >= seen * Meaning::PERCENT;
    // Too seldom to be taken at its word, but a person should look.
    // One after which more was written about most of its bookings did not call them off: that did.
    let likely = subject && last * 2 >= off && off >= 2 && off * 2 >= seen;
    let follows = follows(told);
    // What opens the talk about a booking is no cancellation, however many of them were called off later.
    let opens = subject && follows == Some(false) && told.first * 10 >= told.messages * 9;
    let status = if sure || likely && !(opens && off * 2 <= seen) {
        Status::Cancelled
    // A cancellation never leaves its booking standing: two that stood are enough to know it is none.
    } else if subject && seen - off >= 2 && last * if opens { 2 } else { 4 } <= seen {
        Status::Confirmed
    } else {
        return None;
    };
    let (support, agree) = match status {
        // Asked about at most, where hardly any of its entries was left standing.
        Status::Cancelled if sure && told.shown.len() < Meaning::SUPPORT as usize => {
            (Meaning::SUPPORT - 1, Meaning::SUPPORT - 1)
        }
        Status::Cancelled => (seen, off),
        _ => (seen, seen - off),
    };
    Some(Meaning {
        object,
        place,
        line,
        status,
        follows,
        support,
        agree,
    })
}

/// When the last message about each booking was sent.
fn last_words<'a>(
    documents: &[&Lexed<'_>],
    links: &[Option<&'a Truth<'_>>],
) -> HashMap<&'a str, Option<DateTime<Utc>>> {
    let mut last: HashMap<&str, Option<DateTime<Utc>>> = HashMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        let own = lexed.document.standing == Standing::Business && lexed.document.object == "message";
        if let Some(truth) = truth.filter(|_| own) {
            let at = last.entry(truth.booking.key.as_str()).or_default();
            *at = (*at).max(lexed.document.said_at);
        }
    }
    last
}

/// A business that confirms more slowly than this by hand gives no hint by how fast it does.
const PROMPT: TimeDelta = TimeDelta::hours(6);

/// Whether each message opens the talk about its booking or follows another one. Most are told by how soon after
/// the booking they were sent, since the first message of a booking that was changed may not be tied to it:
/// it states what is no longer true. Where the backup does not say when bookings were made, or messages are
/// not prompt, the earliest of those that were tied to it opens.
fn openers(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    since: DateTime<Utc>,
) -> BTreeMap<usize, bool> {
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
        // Of one made before the overlap begins, the first message that is left may be one of its last.
        .filter(|(_, truth)| truth.booking.created_at.is_some_and(|made| made >= since))
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

#[cfg(test)]
mod tests {
    use super::{Line, meaning};
    use crate::mapping::{Pattern, Piece, Token};
    use crate::model::Status;

    #[test]
    fn what_was_followed_by_more_on_most_of_its_bookings_called_none_off() {
        let keys = ["1", "2", "3", "4"];
        let of = |cancelled: usize, talked_on: usize, seen: usize| {
            let told = Line {
                bookings: keys[..seen].iter().copied().collect(),
                cancelled: keys[..cancelled].iter().copied().collect(),
                shown: keys[..cancelled].iter().copied().collect(),
                talked_on: keys[..talked_on].iter().copied().collect(),
                ..Line::default()
            };
            let line = Pattern(vec![Piece::Is(Token::Word("held".into()))]);
            let place = ("message".to_owned(), "header:subject".to_owned(), true);
            meaning(place, line, &told).map(|meaning| meaning.status)
        };
        assert_eq!(of(2, 0, 2), Some(Status::Cancelled));
        assert_eq!(of(2, 1, 2), Some(Status::Cancelled), "one of them was not");
        assert_eq!(of(2, 2, 2), None);
        assert_eq!(of(3, 2, 4), None);
        assert_eq!(of(2, 2, 4), Some(Status::Confirmed));
    }

    #[test]
    fn titles_of_deleted_entries_are_asked_about_at_most() {
        let keys = ["1", "2", "3", "4", "5"];
        let is_sure = |shown: usize| {
            let told = Line {
                bookings: keys.into(),
                cancelled: keys.into(),
                shown: keys[..shown].iter().copied().collect(),
                ..Line::default()
            };
            let line = Pattern(vec![Piece::Is(Token::Word("held".into()))]);
            let place = ("event".to_owned(), "/summary".to_owned(), true);
            meaning(place, line, &told).map(|meaning| meaning.is_sure())
        };
        assert_eq!(is_sure(4), Some(true));
        assert_eq!(is_sure(0), Some(false));
    }
}
