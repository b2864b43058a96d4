//! Subjects that name what was booked, of things whose names the overlap did not teach: few booked them then, or they are
//! called otherwise there than in the backup.
//!
//! `Your stay – <resource>` is a kind of message. Where several such subjects have other words in that place, the words are
//! names too, and the kind is known with any. A kind that ever went with a change of what was booked is left as it is: there
//! the name that could not be read may be the new one.

use super::{Lexed, Truth};
use crate::mapping::{Found, Line, Meaning, Pattern, Piece, SlotType, Token};
use crate::model::{Document, Standing, Status};
use std::collections::{BTreeMap, BTreeSet};

/// Subjects of so many different wordings, of all kinds, show that names stand there which nobody learned.
const OTHERS: usize = 2;
/// Of so many of the kind one at most named another thing than was known: the message before it is lost.
const RARE: usize = 20;
/// So many words and values are left to know the kind by: one word says it where words are put together.
const LEFT: usize = 2;

/// The kinds with any words where a resource stands.
pub(super) fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    meanings: &[Meaning],
) -> Vec<Meaning> {
    let mut found = Vec::new();
    let mut others: BTreeSet<String> = BTreeSet::new();
    let of_subjects = |meaning: &&Meaning| meaning.object == "message" && meaning.place == Document::SUBJECT;
    let all: Vec<&Meaning> = meanings.iter().filter(of_subjects).collect();
    let subjects: Vec<(usize, &Line)> = documents
        .iter()
        .enumerate()
        .filter(|(_, lexed)| {
            lexed.document.object == "message" && lexed.document.standing == Standing::Business
        })
        .filter_map(|(at, lexed)| Some((at, subject(lexed)?)))
        .collect();
    let mut news = None;
    for meaning in all
        .iter()
        .filter(|meaning| meaning.is_sure() && meaning.status != Status::Cancelled)
    {
        let Some(line) = with_any(&meaning.line) else {
            continue;
        };
        let mut own = Vec::new();
        for (at, subject) in &subjects {
            if meaning.line.matches(subject) {
                own.push(*at);
            } else if line.matches(subject) {
                others.insert(Pattern::mask(subject, &|_| true).render());
            }
        }
        let says_otherwise = |other: &&&Meaning| {
            other.status != meaning.status && line.0.len() == other.line.0.len() && covers(&line, &other.line)
        };
        let news = news.get_or_insert_with(|| self::news(documents, links));
        let changes = own.iter().filter(|at| news.contains(at)).count();
        if !all.iter().any(|other| says_otherwise(&other)) && changes * RARE <= own.len() {
            found.push(Meaning {
                line,
                ..(*meaning).clone()
            });
        }
    }
    if others.len() < OTHERS {
        found.clear();
    }
    found
}

fn subject<'l>(lexed: &'l Lexed<'_>) -> Option<&'l Line> {
    let mut lines = lexed.lines.iter().enumerate();
    lines
        .find(|(index, _)| lexed.place(*index) == Document::SUBJECT)
        .map(|(_, (_, line))| &**line)
}

fn is_resource(piece: &Piece) -> bool {
    *piece == Piece::Is(Token::Span(SlotType::Resource))
}

/// The same with any words for each resource; None where it names none, or too little else.
fn with_any(line: &Pattern) -> Option<Pattern> {
    let is_word = |piece: &Piece| matches!(piece, Piece::Is(Token::Word(_)));
    let is_value = |piece: &Piece| matches!(piece, Piece::Is(Token::Span(_))) && !is_resource(piece);
    let tells = |piece: &&Piece| is_word(piece) || is_value(piece);
    if !line.0.iter().any(is_resource)
        || !line.0.iter().any(is_word)
        || line.0.contains(&Piece::Any)
        || line.0.iter().filter(tells).count() < LEFT
    {
        return None;
    }
    let any = |piece: &Piece| {
        if is_resource(piece) {
            Piece::Any
        } else {
            piece.clone()
        }
    };
    Some(Pattern(line.0.iter().map(any).collect()))
}

/// Whether a pattern says what another does but for its words in place of any.
fn covers(line: &Pattern, other: &Pattern) -> bool {
    let mut both = line.0.iter().zip(&other.0);
    both.all(|(a, b)| a == b || *a == Piece::Any)
}

/// The records that name another thing than all that was said of their booking before: they may tell of a change.
fn news(documents: &[&Lexed<'_>], links: &[Option<&Truth<'_>>]) -> BTreeSet<usize> {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, truth) in links.iter().enumerate() {
        if let Some(truth) = truth {
            of.entry(&truth.booking.key).or_default().push(at);
        }
    }
    let mut news = BTreeSet::new();
    for mut said in of.into_values() {
        said.sort_by_key(|at| documents[*at].document.said_at);
        let mut known: BTreeSet<&[String]> = BTreeSet::new();
        for at in said {
            let named = named(documents[at]);
            if !known.is_empty() && !named.is_subset(&known) {
                news.insert(at);
            }
            known.extend(named);
        }
    }
    news
}

/// The things that a record names.
fn named<'l>(lexed: &'l Lexed<'_>) -> BTreeSet<&'l [String]> {
    let spans = lexed.lines.iter().flat_map(|(_, line)| &line.spans);
    let keys = spans.filter_map(|(_, found)| match found {
        Found::Resource(keys) => Some(keys.as_slice()),
        Found::Read(_) => None,
    });
    keys.collect()
}
