//! Phrases that may be a resource's name: what stands where values do, in records that name the resource in no other way.
//!
//! A letter or two with a number (`e2`) is a name in titles alone, where its siblings are names of other resources: with `x2`,
//! `x4` and `x6` people are counted, and these go with anything. A number that opens a value and says how many there are of it
//! (`2x kayak`, `3 kayak`) is no part of the name: a name is looked for behind it.

use super::{Chance, PERCENT_OF_ALL, RECORDS, Record};
use crate::mapping::{Line, SlotType, Token, ideograph, is_telling, squash};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// What is worth looking up stands with so many people, who are so many bits against chance.
const WORTH: usize = 3;
const WORTH_BITS: f64 = 6.0;
/// Names are few words, in a script without spaces few signs, and at the ends of a title fewer.
const LENGTH: usize = 4;
const SIGNS: usize = 8;
const AT_AN_END: usize = 2;
/// Records of a source that are enough to find phrases in.
const ENOUGH: usize = 3000;

/// Phrases that go with one resource in records that name it in no other way, as they are mostly written.
pub(super) fn phrases(records: &[Record<'_>], chance: &Chance<'_>) -> Vec<String> {
    let nameless: Vec<&Record<'_>> = records.iter().filter(|record| !record.names_it).collect();
    if nameless.len() < RECORDS {
        return Vec::new();
    }
    let nameless: Vec<&Record<'_>> = nameless
        .iter()
        .step_by(nameless.len().div_ceil(ENOUGH))
        .copied()
        .collect();
    // A phrase is no commoner than its words.
    let mut common: HashMap<&str, (usize, usize)> = HashMap::new();
    for (at, record) in nameless.iter().enumerate() {
        for (token, _) in record.lexed.lines.iter().flat_map(|(_, line)| &line.tokens) {
            if let Token::Word(word) = token {
                let (count, last) = common.entry(word.as_str()).or_insert((0, usize::MAX));
                if *last != at {
                    (*count, *last) = (*count + 1, at);
                }
            }
        }
    }
    let is_common = |word: &str| common.get(word).is_some_and(|(count, _)| *count >= WORTH);
    let mut found: HashMap<String, Count<'_>> = HashMap::new();
    for record in &nameless {
        let mut here: BTreeMap<String, &str> = BTreeMap::new();
        for (index, (_, line)) in record.lexed.lines.iter().enumerate() {
            let text = record.lexed.text(index);
            let is_title = record.lexed.is_title(index);
            for range in values(line, text, is_title, &is_common) {
                let text = &text[range];
                if is_telling(text) || is_title && stem(text).is_some() {
                    here.entry(squash(text)).or_insert(text);
                }
            }
        }
        for (squashed, text) in here {
            let count = found.entry(squashed).or_default();
            *count.written.entry(text).or_default() += 1;
            let (records, people) = count.by.entry(record.resource).or_default();
            *records += 1;
            people.insert(record.who);
        }
    }
    let counting = counting(&found);
    let counts = |text: &str| stem(text).is_some_and(|stem| counting.contains(&stem));
    let mut phrases: Vec<String> = found
        .into_iter()
        .filter(|(text, count)| count.is_worth_it(chance) && !counts(text))
        .filter_map(|(_, count)| {
            let mostly = count
                .written
                .into_iter()
                .max_by_key(|(text, count)| (*count, std::cmp::Reverse(*text)));
            mostly.map(|(text, _)| text.to_owned())
        })
        .collect();
    phrases.sort_unstable();
    phrases
}

/// What a phrase stood with where no name of the backup stands.
#[derive(Default)]
struct Count<'a> {
    /// In which spellings.
    written: BTreeMap<&'a str, usize>,
    /// By resource: records and people.
    by: BTreeMap<&'a str, (usize, BTreeSet<&'a str>)>,
}

/// The letters of a short code that a number ends: `e` of `e2`; None of anything else.
pub(super) fn stem(text: &str) -> Option<String> {
    let letters = text.trim_end_matches(char::is_numeric);
    let is_code =
        !letters.is_empty() && letters.len() < text.len() && letters.chars().all(char::is_alphabetic);
    (is_code && !is_telling(text)).then(|| squash(letters))
}

/// The stems of short codes that count something: one of them goes with several resources, or two with the same one.
fn counting(found: &HashMap<String, Count<'_>>) -> BTreeSet<String> {
    let mut of: BTreeMap<String, Vec<Option<&str>>> = BTreeMap::new();
    for (text, count) in found {
        if let (Some(stem), true) = (stem(text), count.people() >= WORTH) {
            of.entry(stem).or_default().push(count.mostly());
        }
    }
    let is_counting = |resources: &Vec<Option<&str>>| {
        let different: BTreeSet<&str> = resources.iter().flatten().copied().collect();
        different.len() < resources.len()
    };
    of.retain(|_, resources| is_counting(resources));
    of.into_keys().collect()
}

impl<'a> Count<'a> {
    fn people(&self) -> usize {
        let people = self.by.values().flat_map(|(_, people)| people);
        people.collect::<BTreeSet<_>>().len()
    }

    /// The resource that nearly all of its records are of.
    fn mostly(&self) -> Option<&'a str> {
        let all: usize = self.by.values().map(|(records, _)| records).sum();
        let mut by = self.by.iter();
        let most = by.find(|(_, (records, _))| records * 100 >= all * PERCENT_OF_ALL);
        most.map(|(key, _)| *key)
    }
}

impl Count<'_> {
    fn is_worth_it(&self, chance: &Chance<'_>) -> bool {
        let all: usize = self.by.values().map(|(records, _)| records).sum();
        self.by.iter().any(|(key, (records, people))| {
            people.len() >= WORTH
                && records * 100 >= all * PERCENT_OF_ALL
                && chance.bits(key, people.len(), 0) >= WORTH_BITS
        })
    }
}

/// The token behind a number that says how many there are of what follows: 2x, 2 x, 2×, 2.
fn count(line: &Line, text: &str, at: usize) -> Option<usize> {
    let word = |at: usize| line.tokens.get(at).map(|(_, range)| &text[range.clone()]);
    let number = word(at)?;
    let digits = number.trim_end_matches(['x', 'X']);
    let is_number =
        !digits.is_empty() && digits.len() < 3 && digits.chars().all(|char| char.is_ascii_digit());
    let is_times = digits.len() == number.len() && matches!(word(at + 1), Some("x" | "X" | "×"));
    let behind = at + 1 + usize::from(is_times);
    (is_number && word(behind).is_some()).then_some(behind)
}

/// Stretches of a line that may be a name: what stands between marks or the line's ends, and what a title begins or ends
/// with.
fn values(line: &Line, text: &str, is_title: bool, is_common: &dyn Fn(&str) -> bool) -> Vec<Range<usize>> {
    let tokens = &line.tokens;
    let is_mark = |at: usize| matches!(tokens[at].0, Token::Mark(_));
    // A hyphen joins, a dash parts.
    let joins = |at: usize| {
        let (token, range) = &tokens[at];
        matches!(token, Token::Mark('-' | '.' | '\'' | '&' | '#'))
            && !(text[..range.start].ends_with(char::is_whitespace)
                && text[range.end..].starts_with(char::is_whitespace))
    };
    let may_stand = |at: usize| match &tokens[at].0 {
        Token::Word(word) => is_common(word),
        Token::Span(slot) => *slot == SlotType::Code,
        Token::Mark(_) => joins(at),
    };
    let mut found = Vec::new();
    let mut put = |start: usize, mut end: usize| {
        while end > start && is_mark(end - 1) {
            end -= 1;
        }
        let within = &tokens[start..end];
        let words = within
            .iter()
            .filter(|(token, _)| !matches!(token, Token::Mark(_)));
        let is_sign =
            |(token, _): &(Token, _)| matches!(token, Token::Word(word) if word.chars().all(ideograph));
        let most = if within.iter().any(is_sign) { SIGNS } else { LENGTH };
        if end > start && words.count() <= most {
            found.push(tokens[start].1.start..tokens[end - 1].1.end);
        }
    };
    let opens = |at: usize| at == 0 || is_mark(at - 1);
    let counts: BTreeMap<usize, usize> = (0..tokens.len())
        .filter(|at| opens(*at))
        .filter_map(|at| Some((count(line, text, at)?, at)))
        .collect();
    for start in (0..tokens.len()).filter(|at| !is_mark(*at)) {
        let run = (start..tokens.len()).take_while(|at| may_stand(*at)).count();
        let end = start + run;
        let counted = counts.get(&start);
        let begins = opens(start) || counted.is_some();
        let ends = end == tokens.len() || is_mark(end);
        if begins && ends {
            put(start, end);
        }
        if is_title && (start == 0 || counted == Some(&0)) {
            (1..=run.min(AT_AN_END)).for_each(|length| put(start, start + length));
        }
        if is_title && end == tokens.len() && run <= AT_AN_END {
            put(start, end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Gazetteer, Lexer};

    fn values_of(title: &str) -> Vec<String> {
        let gazetteer = Gazetteer::default();
        let line = Lexer {
            gazetteer: &gazetteer,
        }
        .line("calendar", title);
        let found = values(&line, title, true, &|_| true);
        found.into_iter().map(|range| title[range].to_owned()).collect()
    }

    #[test]
    fn a_name_is_looked_for_behind_how_many_there_are() {
        for title in [
            "2x kayak Marsh",
            "2 x kayak Marsh",
            "2× kayak Marsh",
            "2 kayak Marsh",
        ] {
            assert!(values_of(title).contains(&"kayak".to_owned()), "{title}");
        }
        assert!(values_of("Marsh Ann - 4x tandem kayak - paid").contains(&"tandem kayak".to_owned()));
        assert!(
            !values_of("Marsh kayak 2x").contains(&"kayak".to_owned()),
            "nothing is counted"
        );
    }
}
