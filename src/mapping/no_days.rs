//! Words that are a weekday's short name in some language and are none in a source: `do 12.03.2026` is no Thursday where
//! `do` is Polish for until.
//!
//! Read as a weekday, such a word would be part of the date whenever that falls on the right day by chance, and would even
//! turn day and month around where only the other order falls on it. What shows it is that it stands before dates of other
//! days of the week as well.

use crate::model::{Document, Scalar};
use crate::reading::{self, is_word_char};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// More letters than such a word has.
const LETTERS: usize = 3;
/// As many dates that fall on other days, and one in so many of all, are no slips.
const OTHERS: usize = 4;
const ONE_IN: usize = 5;

/// Such words of each source, as they are written.
#[derive(Debug, Default, Clone)]
pub(super) struct NoDays(BTreeMap<String, BTreeSet<String>>);

impl NoDays {
    /// Learns from all that the records say.
    pub(super) fn learn(documents: &[Document]) -> Self {
        type Dates = BTreeSet<(u32, u32, i32)>;
        let mut seen: BTreeMap<(&str, &str), (Dates, Dates)> = BTreeMap::new();
        for document in documents {
            for item in &document.items {
                let Scalar::Text(text) = &item.value else { continue };
                for (word, date) in dated(text) {
                    let days = reading::weekdays(word);
                    let is_on = |date: NaiveDate| days.contains(&date.weekday());
                    if days.is_empty() || ways(date).next().is_none() {
                        continue;
                    }
                    let (own, others) = seen.entry((document.record.source(), word)).or_default();
                    let of = if ways(date).any(is_on) { own } else { others };
                    of.insert(date);
                }
            }
        }
        let mut learned: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for ((source, word), (own, others)) in seen {
            if others.len() >= OTHERS && others.len() * ONE_IN >= own.len() + others.len() {
                learned
                    .entry(source.to_owned())
                    .or_default()
                    .insert(word.to_owned());
            }
        }
        Self(learned)
    }

    /// Where such words stand in a text.
    pub(super) fn find(&self, source: &str, text: &str) -> Vec<Range<usize>> {
        let Some(words) = self.0.get(source) else {
            return Vec::new();
        };
        let whole = |range: &Range<usize>| {
            !text[..range.start].ends_with(is_word_char) && !text[range.end..].starts_with(is_word_char)
        };
        let places = words.iter().flat_map(|word| {
            let hits = text.match_indices(word.as_str());
            hits.map(|(at, word)| at..at + word.len())
        });
        places.filter(whole).collect()
    }
}

/// The dates that three numbers may be, the last of which is the year.
fn ways((one, other, year): (u32, u32, i32)) -> impl Iterator<Item = NaiveDate> {
    let both = [(one, other), (other, one)].into_iter();
    both.filter_map(move |(day, month)| NaiveDate::from_ymd_opt(year, month, day))
}

/// Short words right before dates in numbers with their year.
fn dated(text: &str) -> impl Iterator<Item = (&str, (u32, u32, i32))> {
    let begins = text.match_indices(|char: char| char.is_ascii_digit());
    let begins = begins.filter(|(at, _)| !text[..*at].ends_with(is_word_char));
    begins.filter_map(|(at, _)| {
        let (one, rest) = number(&text[at..], 1..=2)?;
        let sign = rest.chars().next().filter(|char| "./-".contains(*char))?;
        let rest = rest.strip_prefix(sign)?;
        let (other, rest) = number(rest.strip_prefix(' ').unwrap_or(rest), 1..=2)?;
        let rest = rest.strip_prefix(sign)?;
        let (year, _) = number(rest.strip_prefix(' ').unwrap_or(rest), 4..=4)?;
        let before = text[..at].strip_suffix(' ')?;
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, char)| char.is_alphabetic())
            .last()?
            .0;
        let word = &before[start..];
        let is_short = word.chars().count() <= LETTERS && !before[..start].ends_with(is_word_char);
        is_short.then_some((word, (one, other, i32::try_from(year).ok()?)))
    })
}

/// A number of so many digits, and what follows it.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<(u32, &str)> {
    let end = text
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(text.len());
    let value = text[..end].parse().ok().filter(|_| digits.contains(&end))?;
    Some((value, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    /// Bills of twenty days on end.
    fn learned(line: impl Fn(NaiveDate) -> String) -> NoDays {
        let first = NaiveDate::from_ymd_opt(2026, 6, 1).expect("a day");
        let bill = |after: i64| {
            let line = line(first + TimeDelta::days(after));
            Document::message(&format!("m{after}")).with_lines("text", &[line])
        };
        NoDays::learn(&(0..20).map(bill).collect::<Vec<_>>())
    }

    #[test]
    fn a_word_before_dates_of_any_day_is_no_weekday() {
        let days = learned(|day| format!("zaliczka płatna do {}", day.format("%d.%m.%Y")));
        let found = days.find("mail", "od 3 do 5, Dodo");
        assert!(
            found.len() == 1 && found[0] == (5..7),
            "the one that is a whole word"
        );
        assert!(days.find("kalendarz", "do 5").is_empty(), "another source");
    }

    #[test]
    fn a_word_before_dates_of_its_own_day_is_one() {
        let dutch = ["ma", "di", "wo", "do", "vr", "za", "zo"];
        let days = learned(|day| {
            let name = dutch[day.weekday().num_days_from_monday() as usize];
            format!("Uw afspraak: {name} {}", day.format("%d-%m-%Y"))
        });
        assert!(days.0.is_empty());
    }
}
