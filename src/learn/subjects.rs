//! Kinds of message, told by their subjects: alike but for names, numbers and whatever else is no wording.
//!
//! Each learner of kinds asks something else of them: whether they offer days (`offers`), are letters (`letters`), or state
//! numbers that are no booking's (`nobodys`).

use super::Lexed;
use super::stars::vary;
use super::vocabulary::Vocabulary;
use crate::mapping::{Found, Line, MessageKind, Pattern, Piece, SlotType, Token};
use crate::model::{Document, Standing};
use crate::reading::SpanValue;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A line of fewer words is found in any text.
const WORDS: usize = 3;

/// Messages of the business with subjects that are alike.
pub(super) struct Kind<'l, 'd> {
    pub template: Pattern,
    /// By index, in order.
    pub at: Vec<usize>,
    /// The same messages.
    pub of: Vec<&'l Lexed<'d>>,
}

/// The kinds of which enough were seen to be letters at least, and whose subjects may have any name where they had several.
pub(super) fn kinds<'l, 'd>(documents: &[&'l Lexed<'d>], vocabulary: &Vocabulary) -> Vec<Kind<'l, 'd>> {
    let mut readers: HashMap<Pattern, BTreeSet<&str>> = HashMap::new();
    for (_, lexed) in messages(documents) {
        if let Some(said) = literal(lexed, vocabulary) {
            readers
                .entry(said)
                .or_default()
                .extend(lexed.document.recipient());
        }
    }
    let came_back = |said: &Pattern| {
        let readers = readers.get(said).map_or(0, BTreeSet::len);
        readers >= MessageKind::LETTERS as usize
    };
    let mut alike: BTreeMap<Pattern, Vec<usize>> = BTreeMap::new();
    for (at, lexed) in messages(documents) {
        let Some(mut template) = template(lexed, vocabulary) else {
            continue;
        };
        // Words that are rare elsewhere are wording where the very same subject went to several people.
        if template.0.contains(&Piece::Any)
            && let Some(said) = literal(lexed, vocabulary).filter(came_back)
        {
            template = said;
        }
        alike.entry(template).or_default().push(at);
    }
    let kind = |(template, at): (Pattern, Vec<usize>)| {
        let of: Vec<&Lexed<'_>> = at.iter().map(|at| documents[*at]).collect();
        let is_kind = template.weight() > 0
            && of.len() >= MessageKind::LETTERS as usize
            && vary(&template, of.iter().filter_map(|lexed| subject(lexed)));
        is_kind.then_some(Kind { template, at, of })
    };
    alike.into_iter().filter_map(kind).collect()
}

/// Of the messages with a subject of a series, so many in five are of it, or the subject is of other messages too.
const OF_FIVE: usize = 4;

/// Messages that name days in lines that are alike, whatever their subjects are.
#[derive(Default)]
pub(super) struct Series<'l, 'd> {
    /// Each with how many of the business's own messages in the series have it.
    pub subjects: BTreeMap<Pattern, usize>,
    pub of: Vec<&'l Lexed<'d>>,
}

/// The series in which the business writes. A newsletter has another subject each time, and often the same text; it may
/// come from the sender of a mailing service too, whose messages count, and whose subjects are nobody's word.
pub(super) fn series<'l, 'd>(documents: &[&'l Lexed<'d>], vocabulary: &Vocabulary) -> Vec<Series<'l, 'd>> {
    let mut alike: BTreeMap<BTreeSet<Pattern>, Series<'l, 'd>> = BTreeMap::new();
    let mut sent: HashMap<Pattern, usize> = HashMap::new();
    for lexed in documents
        .iter()
        .copied()
        .filter(|lexed| lexed.document.object == "message")
    {
        let Some(said) = literal(lexed, vocabulary) else {
            continue;
        };
        let is_own = lexed.document.standing == Standing::Business;
        if is_own {
            *sent.entry(said.clone()).or_default() += 1;
        }
        let dated = dated(lexed, vocabulary);
        if !dated.iter().any(is_telling) {
            continue;
        }
        let series = alike.entry(dated).or_default();
        if is_own {
            *series.subjects.entry(said).or_default() += 1;
        }
        series.of.push(lexed);
    }
    let of_it = |mut series: Series<'l, 'd>| {
        let is_of_it = |said: &Pattern, count: &mut usize| *count * 5 >= sent[said] * OF_FIVE;
        series.subjects.retain(is_of_it);
        series
    };
    alike.into_values().map(of_it).collect()
}

/// The lines of a text that name a time, from the word before the first: whoever is greeted stands further ahead.
fn dated(lexed: &Lexed<'_>, vocabulary: &Vocabulary) -> BTreeSet<Pattern> {
    let knows = |word: &str| vocabulary.knows(&lexed.document.object, word);
    let names_time = |line: &Line| {
        let mut spans = line.spans.iter();
        spans.any(|(_, found)| matches!(found, Found::Read(SpanValue::Moment(_))))
    };
    let lines = lexed.lines.iter().enumerate();
    let of_text = lines.filter(|(index, _)| matches!(lexed.place(*index), "text" | "html"));
    let dated = of_text.filter(|(_, (_, line))| names_time(line));
    let from_time = |line: &Line| {
        let mut pieces = Pattern::mask(line, &knows).0;
        let is_time = |piece: &Piece| *piece == Piece::Is(Token::Span(SlotType::Moment));
        let first = pieces.iter().position(is_time).unwrap_or_default();
        Pattern(pieces.split_off(first.saturating_sub(1)))
    };
    dated.map(|(_, (_, line))| from_time(line)).collect()
}

/// Whether enough words stand in a line to know it again.
fn is_telling(line: &Pattern) -> bool {
    let words = line
        .0
        .iter()
        .filter(|piece| matches!(piece, Piece::Is(Token::Word(_))));
    words.count() >= WORDS
}

/// The business's messages, by index.
fn messages<'l, 'd>(documents: &[&'l Lexed<'d>]) -> impl Iterator<Item = (usize, &'l Lexed<'d>)> {
    let all = documents.iter().copied().enumerate();
    all.filter(|(_, lexed)| {
        lexed.document.object == "message" && lexed.document.standing == Standing::Business
    })
}

/// The subject with all its words, but for those that vary.
fn literal(lexed: &Lexed<'_>, vocabulary: &Vocabulary) -> Option<Pattern> {
    Some(Pattern::mask(subject(lexed)?, &|word| !vocabulary.varies(word)))
}

/// The subject as its kind words it.
pub(super) fn template(lexed: &Lexed<'_>, vocabulary: &Vocabulary) -> Option<Pattern> {
    let knows = |word: &str| vocabulary.knows(&lexed.document.object, word);
    Some(Pattern::mask(subject(lexed)?, &knows))
}

fn subject<'l>(lexed: &'l Lexed<'_>) -> Option<&'l Line> {
    let mut lines = lexed.lines.iter().enumerate();
    lines
        .find(|(index, _)| lexed.place(*index) == Document::SUBJECT)
        .map(|(_, (_, line))| &**line)
}
