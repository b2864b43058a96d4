//! Names as sequences of folded words, and where they stand in a text.

use super::lex::ideograph;
use crate::reading::{self, is_word_char};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Names by their first word, the longest first, each with what it is a name of.
#[derive(Debug, Clone)]
pub struct Phrases<K> {
    by_word: BTreeMap<String, Vec<Phrase<K>>>,
}

#[derive(Debug, Clone)]
struct Phrase<K> {
    words: Vec<String>,
    of: BTreeSet<K>,
    /// Marks that stand in the name itself.
    marks: BTreeSet<char>,
    guard: Guard,
}

/// What a short name asks of the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Guard {
    /// No letter, sign or digit touches it.
    alone: bool,
    /// It is written so: `IT` is no `it`.
    written: Option<String>,
}

/// A name that stands at some word.
#[derive(Debug)]
pub struct Hit<'p, K> {
    /// In words.
    pub length: usize,
    pub keys: &'p BTreeSet<K>,
}

impl<K> Clone for Hit<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Hit<'_, K> {}

impl<K> Default for Phrases<K> {
    fn default() -> Self {
        Self {
            by_word: BTreeMap::new(),
        }
    }
}

/// Letters or digits that a name has at least if it is to be known wherever it stands, and signs of a script in which
/// each is a word.
const LETTERS: usize = 3;
const SIGNS: usize = 2;
/// A number of so many digits, in groups, is a plate: no other number is by chance the same.
const PLATE: usize = 7;

/// Whether a name is known wherever it stands. A single digit or letter stands everywhere, and a number may be any but
/// for a long one in groups.
pub fn is_telling(text: &str) -> bool {
    let words = words(text);
    let mut chars = words.iter().flat_map(|(word, _)| word.chars());
    let is_number = chars.clone().all(|char| char.is_ascii_digit());
    let length = chars.clone().count();
    let least = if chars.any(ideograph) { SIGNS } else { LETTERS };
    let is_plate = words.len() > 1 && length >= PLATE;
    length >= least && (!is_number || is_plate)
}

impl<K: Ord> Phrases<K> {
    pub fn is_empty(&self) -> bool {
        self.by_word.is_empty()
    }

    /// A name that is known wherever it stands.
    pub fn add(&mut self, text: &str, key: K) {
        self.put(text, key, Guard::default());
    }

    /// A name of any length: a short one has to stand alone and, in a script with capitals, as it is written here.
    pub fn add_guarded(&mut self, text: &str, key: K) {
        let words = words(text);
        let length = words.iter().map(|(word, _)| word.chars().count()).sum::<usize>();
        let signs = text.chars().any(ideograph);
        let is_short = length < LETTERS;
        let written = (is_short && !signs).then(|| text.trim().to_owned());
        let guard = Guard {
            alone: is_short,
            written,
        };
        self.put(text, key, guard);
    }

    fn put(&mut self, text: &str, key: K, guard: Guard) {
        let words: Vec<String> = words(text).into_iter().map(|(word, _)| word).collect();
        let Some(first) = words.first() else { return };
        let marks = text.chars().filter(|char| !is_word_char(*char));
        let phrases = self.by_word.entry(first.clone()).or_default();
        match phrases
            .iter_mut()
            .find(|phrase| phrase.words == words && phrase.guard == guard)
        {
            Some(phrase) => {
                phrase.of.insert(key);
                phrase.marks.extend(marks);
            }
            None => phrases.push(Phrase {
                marks: marks.collect(),
                words,
                of: BTreeSet::from([key]),
                guard,
            }),
        }
        phrases.sort_by(|a, b| {
            let longest = b.words.len().cmp(&a.words.len());
            longest.then_with(|| (&a.words, &a.guard.written).cmp(&(&b.words, &b.guard.written)))
        });
    }

    /// The names that stand at one of a text's words, the longest first.
    pub fn at<'p>(
        &'p self,
        text: &str,
        words: &[(String, Range<usize>)],
        at: usize,
    ) -> impl Iterator<Item = Hit<'p, K>> {
        let here = self.by_word.get(&words[at].0).into_iter().flatten();
        here.filter(move |phrase| phrase.stands(text, words, at))
            .map(|phrase| Hit {
                length: phrase.words.len(),
                keys: &phrase.of,
            })
    }
}

impl<K> Phrase<K> {
    fn stands(&self, text: &str, words: &[(String, Range<usize>)], at: usize) -> bool {
        let Some(here) = words.get(at..at + self.words.len()) else {
            return false;
        };
        let mut gaps = here.windows(2).map(|pair| &text[pair[0].1.end..pair[1].1.start]);
        self.words.iter().zip(here).all(|(want, (have, _))| want == have)
            && gaps.all(|gap| self.spans(gap))
            && self
                .guard
                .admits(text, here[0].1.start..here[here.len() - 1].1.end)
    }

    /// Whether what stands between two words of a text can stand within the name: no bracket or stop that it has not
    /// itself, so that "Room 2" is not found in "Room (2 guests)".
    fn spans(&self, between: &str) -> bool {
        let parts = |char: char| {
            matches!(
                char,
                '(' | ')' | '[' | ']' | '（' | '）' | '「' | '」' | ':' | ';' | ',' | '、' | '\n' | '|'
            )
        };
        between
            .chars()
            .all(|char| !parts(char) || self.marks.contains(&char))
    }
}

impl Guard {
    fn admits(&self, text: &str, range: Range<usize>) -> bool {
        let touches = |char: Option<char>| char.is_some_and(is_word_char);
        let alone = || {
            !touches(text[..range.start].chars().next_back()) && !touches(text[range.end..].chars().next())
        };
        (!self.alone || alone())
            && self
                .written
                .as_ref()
                .is_none_or(|written| *written == text[range.clone()])
    }
}

/// Folded words; letters and digits part ("AB12" stays one, "#4" is "4"), ideographs stand alone.
pub fn words(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        let alone = ideograph(char);
        if !alone && is_word_char(char) {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            let folded = reading::fold(&text[from..at]);
            if !folded.is_empty() {
                words.push((folded, from..at));
            }
        }
        if alone {
            words.push((char.to_string(), at..at + char.len_utf8()));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(name: &str, text: &str) -> bool {
        let mut phrases = Phrases::default();
        phrases.add_guarded(name, 1);
        let words = words(text);
        (0..words.len()).any(|at| phrases.at(text, &words, at).next().is_some())
    }

    #[test]
    fn a_sign_is_a_name_only_where_it_touches_no_other() {
        assert!(stands("藤", "藤 佐藤 陽子様"));
        assert!(stands("藤", "桜→藤"));
        assert!(!stands("藤", "佐藤様"));
        assert!(!stands("藤", "藤2"));
    }

    #[test]
    fn a_short_code_is_known_as_it_is_written() {
        assert!(stands("FD", "Foster x2 FD"));
        assert!(stands("FD", "(FD)"));
        assert!(!stands("FD", "fd"));
        assert!(!stands("FD", "FD2"));
    }

    #[test]
    fn a_number_is_known_everywhere_where_it_is_long_and_grouped() {
        assert!(is_telling("530-51-638"));
        assert!(!is_telling("51-638"));
        assert!(!is_telling("53051638"));
    }

    #[test]
    fn a_longer_name_is_known_in_any_case() {
        assert!(stands("Team B", "team b, please"));
        assert!(!stands("Team B", "team (b)"));
    }
}
