//! Words that stand where the price stands otherwise: `Price: free of charge`, where others read `Price: 75 €`.
//!
//! Which words stand before the price is known from the amounts that rules read rightly. What stands behind them instead, in
//! messages of bookings of the backup that cost nothing, and hardly ever in those of others, says that there is no price. A
//! phrase that was seen in this way a few times does, and so does a rarer one, of another language, where nothing else ever
//! stood there.

use super::super::Input;
use super::is_of_one;
use crate::mapping::{Told, words_of};
use crate::model::{About, BaselineBooking, Document, FieldName, Item, Listing, SourceKind, Standing, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The messages of so many bookings have an amount behind a label.
const LABELLED: usize = 3;
/// So many bookings that cost nothing show a phrase, of so many people; and so many all of them together.
const BOOKINGS: usize = 3;
const PEOPLE: usize = 3;
const TOGETHER: usize = 8;
/// One in so many may have cost something.
const WRONG_IN: usize = 20;
/// A label and a phrase are of so many words.
const LABEL: usize = 3;
const PHRASE: usize = 4;

/// Folded words.
type Words = Vec<String>;

#[derive(Debug, Default)]
pub(super) struct InPlace {
    labels: BTreeSet<Words>,
    phrases: BTreeSet<Words>,
}

/// The bookings whose last word on the price was a phrase.
#[derive(Default)]
struct Seen<'a> {
    free: BTreeSet<&'a str>,
    people: BTreeSet<&'a str>,
    others: BTreeSet<&'a str>,
}

impl Seen<'_> {
    fn shows(&self, bookings: usize, people: usize) -> bool {
        self.free.len() >= bookings
            && self.people.len() >= people
            && self.others.len() * WRONG_IN <= self.free.len()
    }
}

impl InPlace {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut labelled: BTreeMap<Words, BTreeSet<&str>> = BTreeMap::new();
        for (row, told) in of_rows(input) {
            for claim in told.claims.of(FieldName::Total) {
                if row.total.map(Value::Money).as_ref() != Some(&claim.value) {
                    continue;
                }
                let label = read(told.document, &claim.place).and_then(|(text, at)| label(text, at));
                if let Some(label) = label {
                    labelled.entry(label).or_default().insert(&row.key);
                }
            }
        }
        labelled.retain(|_, rows| rows.len() >= LABELLED);
        let mut known = Self {
            labels: labelled.into_keys().collect(),
            phrases: BTreeSet::new(),
        };
        // The last word on each booking's price.
        let mut last = BTreeMap::new();
        for (row, told) in of_rows(input) {
            let phrases: BTreeSet<Words> = texts(told.document)
                .flat_map(|(_, text)| known.behind_labels(text))
                .map(|(phrase, _)| phrase)
                .collect();
            let states = told.claims.of(FieldName::Total).next().is_some();
            if states || !phrases.is_empty() {
                let said = (told.document.said_at, !states, phrases);
                let last = last.entry(&row.key).or_insert_with(|| (row, said.clone()));
                if said.0 >= last.1.0 {
                    last.1 = said;
                }
            }
        }
        let mut seen: BTreeMap<Words, Seen<'_>> = BTreeMap::new();
        let mut together = Seen::default();
        for (row, (_, alone, phrases)) in last.values() {
            for phrase in phrases.iter().filter(|_| *alone) {
                for seen in [seen.entry(phrase.clone()).or_default(), &mut together] {
                    if row.total.is_some_and(|total| total.minor == 0) {
                        seen.free.insert(&row.key);
                        seen.people.insert(row.customer.as_deref().unwrap_or(&row.key));
                    } else {
                        seen.others.insert(&row.key);
                    }
                }
            }
        }
        let all = together.shows(TOGETHER, PEOPLE) && together.others.is_empty();
        let seen = seen.into_iter().filter(|(_, seen)| {
            seen.shows(BOOKINGS, PEOPLE) || all && !seen.free.is_empty() && seen.others.is_empty()
        });
        known.phrases = seen.map(|(phrase, _)| phrase).collect();
        known
    }

    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// Where a line says so.
    pub fn place(&self, document: &Document, item: &Item, text: &str) -> Option<Range<usize>> {
        if self.is_empty() {
            return None;
        }
        let mut behind = self.behind_labels(text).into_iter();
        let stated = behind.find(|(phrase, _)| self.phrases.contains(phrase));
        stated
            .map(|(_, range)| range)
            .or_else(|| is_own_line(document, item).then(|| self.between_marks(text))?)
    }

    /// What stands behind labels in a line, each up to a mark or the line's end.
    fn behind_labels(&self, text: &str) -> Vec<(Words, Range<usize>)> {
        let words = words_of(text);
        let found = (0..words.len()).filter_map(|at| {
            let is_label = |length: &usize| {
                let label = words.get(at..at + length).into_iter().flatten();
                let label: Words = label.map(|(word, _)| word.clone()).collect();
                self.labels.contains(&label)
            };
            let length = (1..=LABEL).rev().find(is_label)?;
            let is_whole = at == 0 || !are_joined(text, &words[at - 1].1, &words[at].1);
            let from = at + length;
            let gap = text.get(words[from - 1].1.end..words.get(from)?.1.start)?;
            (is_whole && gap.chars().all(is_between)).then(|| phrase(text, &words, from))?
        });
        found.collect()
    }

    /// A phrase that stands between marks: in its own line of a list a booking's price has no label.
    fn between_marks(&self, text: &str) -> Option<Range<usize>> {
        let words = words_of(text);
        (0..words.len()).find_map(|at| {
            let is_first = at == 0 || !are_joined(text, &words[at - 1].1, &words[at].1);
            let (phrase, range) = is_first.then(|| phrase(text, &words, at))??;
            self.phrases.contains(&phrase).then_some(range)
        })
    }
}

/// The business's messages of the overlap, each with the backup's row that it is of.
fn of_rows<'i>(input: &'i Input<'_>) -> impl Iterator<Item = (&'i BaselineBooking, &'i Told<'i>)> {
    input.linked.clusters.iter().flat_map(|cluster| {
        let row = match cluster.about {
            About::Baseline(at) => Some(&input.baseline.bookings[at]),
            About::New => None,
        };
        let members = cluster.members.iter().map(|at| &input.told[*at]);
        let messages = members.filter(|told| {
            let document = told.document;
            let is_of_overlap = document.said_at.is_some_and(|at| at <= input.window.backup);
            document.kind == SourceKind::Mail
                && document.standing == Standing::Business
                && is_of_overlap
                && is_of_one(told)
        });
        row.filter(|row| row.total.is_some())
            .into_iter()
            .flat_map(move |row| messages.clone().map(move |told| (row, told)))
    })
}

/// The lines that a message says to its reader.
fn texts(document: &Document) -> impl Iterator<Item = (&Item, &str)> {
    super::texts(document)
}

/// The line that a claim was read from, and where in it.
fn read<'d>(document: &'d Document, place: &str) -> Option<(&'d str, usize)> {
    let (name, range) = place.strip_suffix(']')?.rsplit_once('[')?;
    let from = range.split_once("..")?.0.parse().ok()?;
    let (_, text) = texts(document).find(|(item, _)| item.named() == name)?;
    Some((text, from))
}

/// The words right before an amount, up to a mark.
fn label(text: &str, at: usize) -> Option<Words> {
    let before = text.get(..at)?;
    let words = words_of(before);
    let (_, last) = words.last()?;
    if !before[last.end..].chars().all(is_between) {
        return None;
    }
    let mut first = words.len() - 1;
    while first > 0 && are_joined(before, &words[first - 1].1, &words[first].1) {
        first -= 1;
    }
    let label: Words = words[first..].iter().map(|(word, _)| word.clone()).collect();
    (label.len() <= LABEL && label.iter().all(|word| is_plain(word))).then_some(label)
}

/// The words from one on, up to a mark or the line's end.
fn phrase(text: &str, words: &[(String, Range<usize>)], from: usize) -> Option<(Words, Range<usize>)> {
    let mut to = from + 1;
    while to < words.len() && are_joined(text, &words[to - 1].1, &words[to].1) {
        to += 1;
    }
    let said = words.get(from..to)?;
    let phrase: Words = said.iter().map(|(word, _)| word.clone()).collect();
    let is_short = phrase.len() <= PHRASE && phrase.iter().all(|word| is_plain(word));
    is_short.then(|| (phrase, said[0].1.start..said[said.len() - 1].1.end))
}

/// Whether nothing but blanks stands between two words.
fn are_joined(text: &str, before: &Range<usize>, behind: &Range<usize>) -> bool {
    text[before.end..behind.start].chars().all(char::is_whitespace)
}

/// What stands between a label and the amount: the sign of a currency, say.
fn is_between(char: char) -> bool {
    char.is_whitespace() || matches!(char, ':' | '：' | '=' | '$' | '£' | '¥' | '\u{20a0}'..='\u{20cf}')
}

fn is_plain(word: &str) -> bool {
    !word.chars().any(char::is_numeric)
}

/// Whether a line is one booking's own, of a message that lists several.
pub(super) fn is_own_line(document: &Document, item: &Item) -> bool {
    match &document.listing {
        Listing::Part(listed) => {
            let mut own = listed.own.iter();
            own.any(|(place, lines)| *place == item.place && lines.contains(&item.line))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> InPlace {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Words>();
        InPlace {
            labels: ["price", "the price is"].map(words).into(),
            phrases: ["free of charge"].map(words).into(),
        }
    }

    fn said(text: &str) -> Vec<String> {
        let behind = known().behind_labels(text).into_iter();
        behind.map(|(phrase, _)| phrase.join(" ")).collect()
    }

    #[test]
    fn a_label_is_what_stands_right_before_the_amount() {
        let of =
            |text: &str, amount: &str| label(text, text.find(amount).unwrap()).map(|words| words.join(" "));
        assert_eq!(of("Price: €75.00 (BGN 146.69)", "75").as_deref(), Some("price"));
        assert_eq!(
            of("See you (room 3). The price is 75 €", "75").as_deref(),
            Some("the price is")
        );
        assert_eq!(of("Crown – 320 €", "320"), None);
        assert_eq!(of("what you will have to pay is 75 €", "75"), None);
    }

    #[test]
    fn words_behind_a_label_are_told_up_to_a_mark() {
        assert_eq!(said("Price: free of charge"), ["free of charge"]);
        assert_eq!(
            said("Room 3. The price is free of charge, as agreed"),
            ["free of charge"]
        );
        assert!(said("Price: 75 €").is_empty());
    }

    #[test]
    fn only_in_a_line_of_a_list_a_price_needs_no_label() {
        let text = "2. Crown – free of charge – No. 7";
        assert_eq!(known().between_marks(text), Some(13..27));
        assert!(known().between_marks("Parking is free of charge").is_none());
    }
}
