//! Whether the `*` of a line stands for whatever comes, or for the few words that were seen there.
//!
//! What is masked is a word too rare to be wording: somebody's name, or the verb of a kind of message of which few were
//! seen. A name is another one each time. Where the same few words come back, a word that never stood there may be the
//! very one that decides.

use super::Truth;
use super::variables::is_free;
use crate::mapping::{Line, Pattern, Piece, Token, ideograph, squash};
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// So many different words in one place, and the next one may be any.
const MANY: usize = 4;
/// As many customers called by their own name in one place, and names stand there.
const NAMES: usize = 2;

/// What stood for each `*` of one line, by whose booking it was.
pub(super) struct Stars<'a>(Vec<Star<'a>>);

#[derive(Default)]
struct Star<'a> {
    /// Customers whose own name stood there.
    own: BTreeSet<&'a str>,
    /// Other words, with those in whose messages they stood.
    other: BTreeMap<String, BTreeSet<&'a str>>,
}

impl<'a> Stars<'a> {
    /// From lines of one pattern, each with the tokens of its `*`s.
    pub(super) fn of<'l>(
        lines: impl Iterator<Item = (&'l Line, &'l Vec<Range<usize>>, &'l Truth<'a>)>,
    ) -> Self
    where
        'a: 'l,
    {
        let mut stars: Vec<Star<'a>> = Vec::new();
        for (line, fills, truth) in lines {
            stars.resize_with(fills.len(), Star::default);
            let booking = truth.booking;
            let who = booking.customer.as_deref().unwrap_or(&booking.key);
            for (star, fill) in stars.iter_mut().zip(fills) {
                let words = words(line, fill).filter(|word| !is_of_name(word, truth));
                let said = words.collect::<Vec<_>>().join(" ");
                if said.is_empty() {
                    star.own.insert(who);
                } else {
                    star.other.entry(said).or_default().insert(who);
                }
            }
        }
        Self(stars)
    }

    /// Whether every `*` may stand for a word that was never seen there.
    pub(super) fn are_open(&self) -> bool {
        self.0.iter().all(Star::is_open)
    }

    /// The line with the words that stand for its `*`s, but for names and for whatever comes.
    pub(super) fn spelt(
        &self,
        pattern: &Pattern,
        line: &Line,
        fills: &[Range<usize>],
        truth: &Truth<'_>,
    ) -> Pattern {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut stars = self.0.iter().zip(fills);
        for piece in &pattern.0 {
            let closed = match piece {
                Piece::Any => stars.next().filter(|(star, _)| !star.is_open()),
                _ => None,
            };
            let Some((_, fill)) = closed else {
                pieces.push(piece.clone());
                continue;
            };
            for (token, _) in &line.tokens[fill.clone()] {
                match token {
                    Token::Word(word) if is_of_name(word, truth) => {
                        if pieces.last() != Some(&Piece::Any) {
                            pieces.push(Piece::Any);
                        }
                    }
                    _ => pieces.push(Piece::Is(token.clone())),
                }
            }
        }
        Pattern(pieces)
    }
}

impl Star<'_> {
    fn is_open(&self) -> bool {
        let told: usize = self.other.values().map(BTreeSet::len).sum::<usize>() + self.own.len();
        let different = self.own.len() + self.other.len();
        let varies = self.own.len() >= NAMES || different >= MANY;
        let most = self.other.values().map(BTreeSet::len).max().unwrap_or(0);
        self.other.is_empty() || varies && different * 2 >= told || is_free(different, most, told)
    }
}

/// Whether many different words stood for each `*` of a pattern: whoever they are, the next one may be any.
pub(super) fn vary<'l>(pattern: &Pattern, lines: impl Iterator<Item = &'l Line>) -> bool {
    let mut seen: Vec<BTreeSet<String>> = Vec::new();
    for line in lines {
        let fills = pattern.fills(line).unwrap_or_default();
        seen.resize_with(fills.len().max(seen.len()), BTreeSet::new);
        for (seen, fill) in seen.iter_mut().zip(&fills) {
            seen.insert(words(line, fill).collect::<Vec<_>>().join(" "));
        }
    }
    seen.iter().all(|seen| seen.len() >= MANY)
}

fn words<'l>(line: &'l Line, fill: &Range<usize>) -> impl Iterator<Item = &'l str> {
    line.tokens[fill.clone()]
        .iter()
        .filter_map(|(token, _)| match token {
            Token::Word(word) => Some(word.as_str()),
            _ => None,
        })
}

/// Whether it is a word of the customer's own name; of scripts without spaces, a sign of it.
pub(super) fn is_of_name(word: &str, truth: &Truth<'_>) -> bool {
    let name = truth.customer.and_then(|row| row.name.as_deref());
    name.is_some_and(|name| {
        let parts = name.split(|char: char| !is_word_char(char));
        let mut words = parts.chain(name.split_whitespace());
        let is_sign = word.chars().all(ideograph);
        words.any(|part| squash(part) == word) || is_sign && squash(name).contains(word)
    })
}
