//! Numbers of letters alone: where bookings are called by random codes as `u6523gp`, some have no digit by chance, `ppmbxvd`,
//! and look like words.
//!
//! Such a word is a number where it stands behind what the backup's own numbers stand behind in that place, and hardly
//! anything else does; if no more records and people have it than one booking has, and its letters do not follow each
//! other like those of the business's words. What is found so is a number wherever it stands.

use super::{misread, squash};
use crate::model::{Document, Scalar};
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Fewer numbers than this show no form; so many in a hundred must be of one length; and what may be a code's length.
const REFERENCES: usize = 20;
const ALIKE: usize = 95;
const LENGTH: std::ops::RangeInclusive<usize> = 5..=24;
/// Where fewer than one in so many would have no digit, none is looked for.
const RARE: f64 = 1000.0;
/// So many different bookings must stand behind the same, and at most one in so many times something else.
const BOOKINGS: usize = 5;
const ONE_IN: usize = 20;

/// The words that are numbers.
#[derive(Debug, Default, Clone)]
pub struct PlainCodes {
    length: usize,
    words: BTreeSet<String>,
    /// Letters and digits that would be read as something else.
    misread: BTreeSet<String>,
}

/// How the backup's numbers look.
struct Form {
    length: usize,
    /// How many of all have no digit.
    share: f64,
    known: HashSet<String>,
}

/// What stands before a word in a place of a source: one token or two; and whether the line is that word alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Context<'d> {
    pub(super) source: &'d str,
    pub(super) place: &'d str,
    pub(super) before: String,
    pub(super) whole: bool,
}

/// What follows a context.
#[derive(Default)]
struct Followed<'d> {
    coded: BTreeSet<&'d str>,
    times: usize,
    others: usize,
    plain: BTreeMap<&'d str, usize>,
}

/// Where a word was seen.
#[derive(Default)]
struct Seen<'d> {
    records: usize,
    people: BTreeSet<&'d str>,
}

impl PlainCodes {
    /// Learns from all that the records say, and the backup's numbers.
    pub fn learn<'r>(documents: &[Document], references: impl Iterator<Item = &'r str> + Clone) -> Self {
        Self {
            misread: misread::learn(documents, references.clone()),
            ..Self::plain(documents, references)
        }
    }

    fn plain<'r>(documents: &[Document], references: impl Iterator<Item = &'r str>) -> Self {
        let Some(form) = Form::of(references) else {
            return Self::default();
        };
        let contexts = contexts(documents, &form);
        if contexts.is_empty() {
            return Self::default();
        }
        let followed = followed(documents, &form, &contexts);
        let candidates: HashSet<&str> = followed
            .values()
            .flat_map(|followed| followed.plain.keys().copied())
            .collect();
        let (seen, letters) = survey(documents, &form, &candidates);
        let (records, people) = most(&seen, &form);
        let may_be = |word: &str| {
            let seen = &seen[word];
            seen.records <= records * 2
                && seen.people.len() <= people
                && (form.known.contains(word) || !letters.is_wording(word))
        };
        let mut words = BTreeSet::new();
        for followed in followed.values() {
            let (codes, wording): (Vec<_>, Vec<_>) =
                followed.plain.iter().partition(|(word, _)| may_be(word));
            let others = followed.others + wording.iter().map(|(_, count)| **count).sum::<usize>();
            let new = codes.iter().filter(|(word, _)| !form.known.contains(**word));
            let expected = followed.coded.len() as f64 * form.share;
            if others * ONE_IN <= followed.times && new.count() as f64 <= expected * 3.0 + BOOKINGS as f64 {
                words.extend(codes.into_iter().map(|(word, _)| (*word).to_owned()));
            }
        }
        Self {
            length: form.length,
            words,
            misread: BTreeSet::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.misread.is_empty()
    }

    /// Whether a word is a number.
    pub fn contains(&self, word: &str) -> bool {
        word.len() == self.length && self.words.contains(word) || self.misread.contains(word)
    }

    /// Where numbers stand in a text that would be read as something else.
    pub fn misread(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        if self.misread.is_empty() {
            return Vec::new();
        }
        misread::find(&self.misread, text).collect()
    }

    /// Where such numbers stand in a text.
    pub fn find<'t>(&'t self, text: &'t str) -> impl Iterator<Item = std::ops::Range<usize>> + 't {
        let words = (!self.words.is_empty())
            .then(|| words(text))
            .into_iter()
            .flatten();
        words
            .filter(|(start, word)| self.contains(word) && !is_joined(text, *start, start + word.len()))
            .map(|(start, word)| start..start + word.len())
    }

    /// Those that stand in these documents alone.
    #[must_use]
    pub fn within<'d>(&self, documents: impl Iterator<Item = &'d Document>) -> Self {
        let mut within = Self {
            length: self.length,
            ..Self::default()
        };
        if !self.is_empty() {
            for text in documents.flat_map(texts) {
                let found = words(text).filter(|(_, word)| self.words.contains(*word));
                within.words.extend(found.map(|(_, word)| word.to_owned()));
                let misread = self.misread(text).into_iter();
                within.misread.extend(misread.map(|range| text[range].to_owned()));
            }
        }
        within
    }
}

impl Form {
    /// None where the backup's numbers are not random letters and digits of one length, small letters among them.
    fn of<'r>(references: impl Iterator<Item = &'r str>) -> Option<Self> {
        let all: Vec<&str> = references.map(str::trim).collect();
        let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
        let plain = |text: &&&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        for text in all.iter().filter(plain) {
            *lengths.entry(text.len()).or_default() += 1;
        }
        let (length, count) = lengths.into_iter().max_by_key(|(_, count)| *count)?;
        let fits = |text: &&&str| plain(text) && text.len() == length;
        let small = all
            .iter()
            .filter(fits)
            .any(|text| text.bytes().any(|byte| byte.is_ascii_lowercase()));
        if count < REFERENCES || count * 100 < all.len() * ALIKE || !LENGTH.contains(&length) || !small {
            return None;
        }
        let letters = |at: usize| {
            let letters = all
                .iter()
                .filter(fits)
                .filter(|text| text.as_bytes()[at].is_ascii_alphabetic());
            letters.count() as f64 / count as f64
        };
        let without = all.iter().filter(fits).filter(|text| is_plain(text)).count();
        let by_chance: f64 = (0..length).map(letters).product();
        let share = by_chance.max(without as f64 / count as f64);
        // Words are no codes: those have digits as a rule.
        (share * RARE >= 1.0 && share <= 0.5).then(|| Self {
            length,
            share,
            known: all.iter().filter(fits).map(|text| (*text).to_owned()).collect(),
        })
    }

    /// Whether a word has the length and the letters of a number.
    fn fits(&self, word: &str) -> bool {
        word.len() == self.length && word.is_ascii()
    }
}

/// A word of a line, and what stands above that line in its place.
struct Word<'d> {
    source: &'d str,
    place: &'d str,
    line: &'d str,
    above: &'d str,
    text: &'d str,
    start: usize,
}

impl<'d> Word<'d> {
    /// With nearer and with further surroundings.
    fn contexts(&self) -> [Context<'d>; 2] {
        let whole = self.line.trim().len() == self.text.len();
        before(self.line, self.start, self.above).map(|before| Context {
            source: self.source,
            place: self.place,
            before,
            whole,
        })
    }
}

/// All words of a document.
fn read<'d>(document: &'d Document, mut take: impl FnMut(Word<'d>)) {
    let mut above = ("", 0, "");
    for item in &document.items {
        let (Scalar::Text(line) | Scalar::Number(line)) = &item.value else {
            continue;
        };
        let follows = above.0 == item.place && above.1 + 1 == item.line;
        for (start, text) in words(line) {
            if !is_joined(line, start, start + text.len()) {
                take(Word {
                    source: document.record.source(),
                    place: &item.place,
                    line,
                    above: if follows { above.2 } else { "" },
                    text,
                    start,
                });
            }
        }
        above = (&item.place, item.line, line);
    }
}

/// What at least so many of the backup's numbers stand behind.
fn contexts<'d>(documents: &'d [Document], form: &Form) -> HashSet<Context<'d>> {
    let mut known: HashMap<Context<'d>, BTreeSet<&str>> = HashMap::new();
    for document in documents {
        read(document, |word| {
            if form.known.contains(word.text) {
                for context in word.contexts() {
                    known.entry(context).or_default().insert(word.text);
                }
            }
        });
    }
    let enough = known.into_iter().filter(|(_, known)| known.len() >= BOOKINGS);
    enough.map(|(context, _)| context).collect()
}

/// What follows these contexts, in the contexts' order.
fn followed<'d>(
    documents: &'d [Document],
    form: &Form,
    contexts: &HashSet<Context<'d>>,
) -> BTreeMap<Context<'d>, Followed<'d>> {
    let places: HashSet<(&str, &str)> = contexts
        .iter()
        .map(|context| (context.source, context.place))
        .collect();
    let mut followed: BTreeMap<Context<'d>, Followed<'d>> = BTreeMap::new();
    for document in documents {
        read(document, |word| {
            if !places.contains(&(word.source, word.place)) {
                return;
            }
            for context in word.contexts() {
                if !contexts.contains(&context) {
                    continue;
                }
                let followed = followed.entry(context).or_default();
                followed.times += 1;
                if !form.fits(word.text) {
                    followed.others += 1;
                } else if is_plain(word.text) {
                    *followed.plain.entry(word.text).or_default() += 1;
                } else {
                    followed.coded.insert(word.text);
                }
            }
        });
    }
    followed
}

/// In how many records, of how many people, the backup's numbers and these words stand, and how letters follow
/// each other in all other words.
fn survey<'d>(
    documents: &'d [Document],
    form: &Form,
    candidates: &HashSet<&str>,
) -> (HashMap<&'d str, Seen<'d>>, Letters) {
    let mut seen: HashMap<&str, Seen<'_>> = HashMap::new();
    let mut vocabulary: HashSet<&str> = HashSet::new();
    for document in documents {
        let mut here: HashSet<&str> = HashSet::new();
        for (_, word) in texts(document).flat_map(words) {
            if form.fits(word) && (candidates.contains(word) || form.known.contains(word)) {
                here.insert(word);
            } else if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
                vocabulary.insert(word);
            }
        }
        for word in here {
            let seen = seen.entry(word).or_default();
            seen.records += 1;
            seen.people.extend(document.recipient());
        }
    }
    (seen, Letters::of(vocabulary.into_iter()))
}

/// In how many records the backup's own numbers stand, and of how many people, but for one in a hundred of them.
fn most(seen: &HashMap<&str, Seen<'_>>, form: &Form) -> (usize, usize) {
    let of = |count: fn(&Seen<'_>) -> usize| {
        let known = seen.iter().filter(|(word, _)| form.known.contains(**word));
        let mut counts: Vec<usize> = known.map(|(_, seen)| count(seen)).collect();
        counts.sort_unstable();
        counts
            .get(counts.len().saturating_sub(1 + counts.len() / 100))
            .copied()
    };
    (
        of(|seen| seen.records).unwrap_or_default(),
        of(|seen| seen.people.len()).unwrap_or_default(),
    )
}

/// Small letters, and the edge of a word.
const SIGNS: usize = 27;

/// How often letters follow each other in the words that the business writes.
struct Letters(Vec<[f64; SIGNS]>);

impl Letters {
    fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut pairs = vec![[1.0; SIGNS]; SIGNS];
        for word in words {
            for (from, to) in steps(word) {
                pairs[from][to] += 1.0;
            }
        }
        for row in &mut pairs {
            let sum: f64 = row.iter().sum();
            for count in row {
                *count /= sum;
            }
        }
        Self(pairs)
    }

    /// Whether the letters of a word follow each other rather like those of the known words than by chance.
    fn is_wording(&self, word: &str) -> bool {
        let steps = steps(word).filter(|(_, to)| *to + 1 < SIGNS);
        let bits: f64 = steps
            .map(|(from, to)| (self.0[from][to] * (SIGNS - 1) as f64).log2())
            .sum();
        bits > 0.0
    }
}

/// Which letters follow which, from edge to edge.
fn steps(word: &str) -> impl Iterator<Item = (usize, usize)> {
    let edge = SIGNS - 1;
    let letters = word
        .bytes()
        .map(|byte| usize::from(byte.to_ascii_lowercase() - b'a'));
    let signs: Vec<usize> = [edge].into_iter().chain(letters).chain([edge]).collect();
    (1..signs.len()).map(move |at| (signs[at - 1], signs[at]))
}

/// All texts of a document.
fn texts(document: &Document) -> impl Iterator<Item = &str> {
    document.items.iter().filter_map(|item| match &item.value {
        Scalar::Text(text) | Scalar::Number(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The runs of letters and digits of a text, each with where it begins.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(char::is_alphanumeric)?;
        let length = text[start..].find(|char: char| !is_word_char(char));
        rest = length.map_or(text.len(), |length| start + length);
        Some((start, &text[start..rest]))
    })
}

fn is_plain(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphabetic()) && word.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether a word is a part of something longer: of an address, a file's name, a compound.
pub(super) fn is_joined(text: &str, start: usize, end: usize) -> bool {
    let mut behind = text[end..].chars();
    let joins = |char: char| matches!(char, '-' | '_' | '@' | '\'' | '’' | '.');
    text[..start].chars().next_back().is_some_and(joins)
        || behind
            .next()
            .is_some_and(|char| joins(char) || char == '/' || char == '=')
            && behind.next().is_some_and(is_word_char)
}

/// The one and the two tokens before a place of a line; before its beginning stands what the line above ends with.
pub(super) fn before(line: &str, start: usize, above: &str) -> [String; 2] {
    let (near, rest) = last(&line[..start]);
    let far = if near.is_empty() {
        last(above).0
    } else {
        last(rest).0
    };
    [format!("{near}\n"), format!("{far} {near}")]
}

/// The last token of a text, folded, any number as one, and what stands before it.
fn last(text: &str) -> (String, &str) {
    let text = text.trim_end();
    let Some(char) = text.chars().next_back() else {
        return (String::new(), "");
    };
    if !is_word_char(char) {
        return (char.to_string(), &text[..text.len() - char.len_utf8()]);
    }
    let start = text.rfind(|char: char| !is_word_char(char));
    let start = start.map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let word = &text[start..];
    let said = if word.contains(char::is_numeric) {
        "#".to_owned()
    } else {
        squash(word)
    };
    (said, &text[..start])
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 24] = [
        "u6523gp", "k3mm8vt", "hq7xz4c", "wy2dkfr", "ppmbxvd", "n9t4sae", "c8rvq2j", "zf5hw7m", "b4kkx9u",
        "gj3yt6n", "v7dqe2s", "mx8af4h", "t2wcz5k", "jyaazqt", "e9pnr3v", "s6hgu8b", "x4vtm7q", "d3jfk5y",
        "q8bez2w", "r5nsc9g", "f7ymh4x", "y2kpa6d", "hkpbwba", "a9gur3t",
    ];

    fn mail(at: usize, lines: &[String]) -> Document {
        Document::message(&format!("{at}@b.example"))
            .with_lines("text", lines)
            .saying(Document::RECIPIENT, &format!("p{at}@post.example"))
    }

    /// A message for each number, and what is known then.
    fn known(line: impl Fn(usize, &str) -> String, numbers: &[&str]) -> PlainCodes {
        let message = |(at, number): (usize, &&str)| {
            let lines = [
                line(at, number),
                "see you soon, your booking changed nothing".to_owned(),
            ];
            mail(at, &lines)
        };
        let documents: Vec<Document> = numbers.iter().enumerate().map(message).collect();
        PlainCodes::learn(&documents, KNOWN.into_iter())
    }

    fn with<'n>(new: &[&'n str]) -> Vec<&'n str> {
        KNOWN.into_iter().chain(new.iter().copied()).collect()
    }

    #[test]
    fn what_stands_behind_the_words_of_numbers_is_one() {
        let codes = known(
            |_, number| format!("Booking {number} is yours"),
            &with(&["qmjquxh", "r4tq8mz"]),
        );
        assert!(codes.contains("qmjquxh") && codes.contains("ppmbxvd"));
        assert!(!codes.contains("booking") && !codes.contains("changed"));
        let text = "https://x.example/b/qmjquxh, not a-qmjquxh or qmjquxh@b.example";
        let starts: Vec<usize> = codes.find(text).map(|range| range.start).collect();
        assert_eq!(starts, [20]);
    }

    #[test]
    fn a_number_alone_in_its_line_is_one() {
        let codes = known(|_, number| number.to_owned(), &with(&["qmjquxh"]));
        assert!(codes.contains("qmjquxh"));
    }

    #[test]
    fn a_word_is_none_whatever_it_stands_behind() {
        let codes = known(
            |_, number| format!("Booking {number}"),
            &with(&["changes", "qmjquxh"]),
        );
        assert!(codes.contains("qmjquxh") && !codes.contains("changes"));
    }

    #[test]
    fn what_many_people_are_told_is_none() {
        let numbers = with(&["zzqkvbx", "qmjquxh"]);
        let codes = known(|_, number| format!("Booking {number}"), &numbers);
        assert!(codes.contains("qmjquxh") && codes.contains("zzqkvbx"));
        let codes = known(|_, number| format!("Booking {number}, ask for zzqkvbx"), &numbers);
        assert!(codes.contains("qmjquxh") && !codes.contains("zzqkvbx"));
    }

    #[test]
    fn where_other_words_stand_there_too_nothing_is_known() {
        let line = |at: usize, number: &str| match at % 8 {
            0 => "Your hall".to_owned(),
            _ => format!("Your {number}"),
        };
        assert!(known(line, &with(&["qmjquxh"])).is_empty());
    }

    #[test]
    fn numbers_that_always_have_digits_have_none_without() {
        let message = |at: usize| mail(at, &[format!("Booking QB-{at}100")]);
        let documents: Vec<Document> = (10..60).map(message).collect();
        let numbers: Vec<String> = (10..60).map(|at| format!("QB-{at}100")).collect();
        assert!(PlainCodes::learn(&documents, numbers.iter().map(String::as_str)).is_empty());
    }
}
