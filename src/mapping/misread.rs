//! Numbers that read as something else: of random codes as `LW4H27` some hold a time, `KMF58` begins like a currency.
//!
//! Such a word is a number where it is written just as the backup's numbers are, letters and digits, and stands at least
//! once behind what several of those stand behind. Words that differ in their digits alone are amounts or hours, unless
//! the backup's numbers do so too. What is found so is a number wherever it stands.

use super::plain_codes::{Context, before, is_joined, words};
use crate::model::{Document, Scalar};
use crate::reading::{self, SpanValue, is_word_char};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Fewer numbers of a form than this do not show it; and at a place in which no more signs were seen it takes just these.
const REFERENCES: usize = 20;
const FIXED: usize = 3;
/// So many of the backup's numbers must stand behind the same.
const BOOKINGS: usize = 5;
/// So many new words that differ in their digits alone may be numbers, besides so many for each that the backup has.
const ALIKE: usize = 3;
const NEW: usize = 4;

/// The words of these records that are numbers, and are read as something else.
pub(super) fn learn<'r>(
    documents: &[Document],
    references: impl Iterator<Item = &'r str>,
) -> BTreeSet<String> {
    let known: BTreeSet<&str> = references.map(str::trim).collect();
    let forms = Forms::of(&known);
    if forms.0.is_empty() {
        return BTreeSet::new();
    }
    let mut contexts: HashMap<Context<'_>, BTreeSet<&str>> = HashMap::new();
    let mut new: BTreeMap<&str, BTreeSet<Context<'_>>> = BTreeMap::new();
    for document in documents {
        let mut above = ("", 0, "");
        for item in &document.items {
            let (Scalar::Text(line) | Scalar::Number(line)) = &item.value else {
                continue;
            };
            let follows = above.0 == item.place && above.1 + 1 == item.line;
            let said_above = if follows { above.2 } else { "" };
            above = (&item.place, item.line, line);
            for (start, word) in stretches(line, forms.0.keys().copied()) {
                if !forms.fit(word) {
                    continue;
                }
                let [near, _] = before(line, start, said_above);
                let context = Context {
                    source: document.record.source(),
                    place: &item.place,
                    before: near,
                    whole: line.trim().len() == word.len(),
                };
                if known.contains(word) {
                    let of = contexts.entry(context).or_default();
                    if of.len() < BOOKINGS {
                        of.insert(word);
                    }
                } else {
                    new.entry(word).or_default().insert(context);
                }
            }
        }
    }
    let mut alike: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for word in &known {
        alike.entry(masked(word)).or_default().0 += 1;
    }
    for word in new.keys() {
        alike.entry(masked(word)).or_default().1 += 1;
    }
    let stands = |context: &Context<'_>| contexts.get(context).is_some_and(|of| of.len() >= BOOKINGS);
    let is_one = |word: &str, of: &BTreeSet<Context<'_>>| {
        let (known, new) = alike[&masked(word)];
        new <= ALIKE + known * NEW && of.iter().any(stands)
    };
    let new = new.iter().filter(|(word, of)| is_one(word, of));
    let words = known
        .iter()
        .filter(|word| forms.fit(word))
        .chain(new.map(|(word, _)| word));
    words
        .filter(|word| is_misread(word))
        .map(|word| (*word).to_owned())
        .collect()
}

/// Where such words stand in a text.
pub(super) fn find<'t>(
    misread: &'t BTreeSet<String>,
    text: &'t str,
) -> impl Iterator<Item = std::ops::Range<usize>> + 't {
    let lengths: BTreeSet<usize> = misread.iter().map(String::len).collect();
    let mut end = 0;
    stretches(text, lengths).filter_map(move |(start, word)| {
        let is_one = start >= end && misread.contains(word);
        is_one.then(|| {
            end = start + word.len();
            start..end
        })
    })
}

/// Whether a word alone is read as anything but one code.
fn is_misread(word: &str) -> bool {
    match reading::spans(word).as_slice() {
        [span] => !matches!(span.value, SpanValue::Code(_)) || (span.start, span.end) != (0, word.len()),
        _ => true,
    }
}

/// The stretches of a text of these lengths from the beginning of one word to the end of one.
fn stretches(text: &str, lengths: impl IntoIterator<Item = usize>) -> impl Iterator<Item = (usize, &str)> {
    let lengths: Vec<usize> = lengths.into_iter().collect();
    words(text).flat_map(move |(start, _)| {
        let of_length = move |length: usize| {
            let word = text.get(start..start + length)?;
            let rest = &text[start + length..];
            let ends = word.ends_with(is_word_char) && !rest.starts_with(is_word_char);
            (ends && !is_joined(text, start, start + length)).then_some((start, word))
        };
        lengths.iter().copied().filter_map(of_length).collect::<Vec<_>>()
    })
}

/// A word with each of its digits as one.
fn masked(word: &str) -> String {
    let mask = |char: char| if char.is_ascii_digit() { '9' } else { char };
    word.chars().map(mask).collect()
}

/// How the backup's numbers are written: what was seen at each place, by length.
struct Forms(BTreeMap<usize, Vec<BTreeSet<u8>>>);

impl Forms {
    fn of(known: &BTreeSet<&str>) -> Self {
        let mut forms: BTreeMap<usize, (usize, Vec<BTreeSet<u8>>)> = BTreeMap::new();
        let is_code = |word: &&&str| {
            let bytes = || word.bytes();
            let edges = word.starts_with(is_word_char) && word.ends_with(is_word_char);
            edges && word.is_ascii() && bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        for word in known.iter().filter(is_code) {
            let (count, places) = forms
                .entry(word.len())
                .or_insert_with(|| (0, vec![BTreeSet::new(); word.len()]));
            *count += 1;
            for (place, byte) in places.iter_mut().zip(word.bytes()) {
                place.insert(byte);
            }
        }
        let enough = forms.into_iter().filter(|(_, (count, _))| *count >= REFERENCES);
        Self(enough.map(|(length, (_, places))| (length, places)).collect())
    }

    /// Whether a word holds letters and digits, each where the numbers have such.
    fn fit(&self, word: &str) -> bool {
        let is_mixed = || {
            word.bytes().any(|byte| byte.is_ascii_digit())
                && word.bytes().any(|byte| byte.is_ascii_alphabetic())
        };
        let class = |byte: u8| match byte {
            b'0'..=b'9' => 0,
            b'A'..=b'Z' => 1,
            b'a'..=b'z' => 2,
            mark => mark,
        };
        let takes = |(place, byte): (&BTreeSet<u8>, u8)| {
            if place.len() <= FIXED {
                place.contains(&byte)
            } else {
                place.iter().any(|seen| class(*seen) == class(byte))
            }
        };
        let places = self.0.get(&word.len());
        places
            .is_some_and(|places| word.is_ascii() && is_mixed() && places.iter().zip(word.bytes()).all(takes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of these forms, `DIL-A0D00` and `ADG00`, that look random; the first begin like a weekday in Breton.
    fn numbers() -> Vec<String> {
        let letter = |at: usize| char::from(b'A' + (at % 26) as u8);
        let long = |at: usize| {
            format!(
                "DIL-{}{}{}{}",
                letter(at * 7),
                at % 10,
                letter(at * 11 + 3),
                10 + at * 2
            )
        };
        let short = |at: usize| {
            format!(
                "{}{}{}{}",
                letter(at),
                letter(at * 7),
                letter(at * 5),
                10 + at * 2
            )
        };
        (0..40).flat_map(|at| [long(at), short(at)]).collect()
    }

    fn learned(lines: &[&str]) -> BTreeSet<String> {
        let known = numbers();
        let told = known.iter().map(|number| format!("Berth {number} is yours"));
        let all: Vec<String> = told.chain(lines.iter().map(|line| (*line).to_owned())).collect();
        let message = |(at, line): (usize, &String)| {
            Document::message(&format!("m{at}")).with_lines("text", std::slice::from_ref(line))
        };
        let documents: Vec<Document> = all.iter().enumerate().map(message).collect();
        let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
        let learned = learn(&documents, known.iter().copied());
        learned
            .into_iter()
            .filter(|word| !known.contains(word.as_str()))
            .collect()
    }

    #[test]
    fn a_number_that_holds_a_time_or_a_currency_is_one_where_it_stands_as_they_do() {
        let learned = learned(&[
            "Berth DIL-W4H27 is yours",
            "Berth KMF58 is yours",
            "Berth DIL-W4K27 is yours",
        ]);
        assert_eq!(
            Vec::from_iter(learned),
            ["DIL-W4H27", "KMF58"],
            "the third is read as a code by itself"
        );
    }

    #[test]
    fn what_stands_elsewhere_is_what_it_reads_as() {
        assert!(learned(&["Please pay KMF58", "Berth 4h27 is yours"]).is_empty());
    }

    #[test]
    fn words_that_differ_in_their_digits_alone_are_amounts() {
        let lines: Vec<String> = (50..60).map(|at| format!("Berth KMF{at}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert!(learned(&lines).is_empty());
    }

    #[test]
    fn they_are_found_wherever_they_stand_by_themselves() {
        let misread = BTreeSet::from(["DIL-W4H27".to_owned()]);
        let found = |text: &str| find(&misread, text).map(|range| range.start).collect::<Vec<_>>();
        assert_eq!(found("(DIL-W4H27), DIL-W4H278, ADIL-W4H27"), [1]);
    }
}
