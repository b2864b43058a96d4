//! Weekdays of one letter before dates, `E 06.04.2026`: which letter is which day is told by the dates themselves.
//!
//! A letter before a date may be a court or a floor. It is a weekday where the letters of a source go with the same days
//! of the week throughout, and together with most of them.

use crate::model::{Document, Scalar};
use crate::reading::{self, Moment, SpanValue};
use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Fewer dates with a letter than this show nothing, and fewer with one of the letters.
const DATES: usize = 20;
const EACH: usize = 4;
/// The letters of as many different days must be known.
const DAYS: usize = 5;
/// How many in a hundred must agree: somebody types a letter wrong now and then.
const PERCENT: usize = 97;
/// Two days may begin with the same letter, and no more.
const SAME: usize = 2;

/// What the letters of each source mean.
#[derive(Debug, Default, Clone)]
pub struct DayLetters(BTreeMap<String, BTreeMap<char, Vec<Weekday>>>);

/// How often a letter stood before a date, and how often that may have been each day.
#[derive(Default)]
struct Count {
    seen: usize,
    days: HashMap<Weekday, usize>,
}

impl Count {
    /// The day, or the two days, that explain the letter nearly everywhere.
    fn days(&self) -> Option<Vec<Weekday>> {
        let mut days: Vec<(usize, Weekday)> = self.days.iter().map(|(day, count)| (*count, *day)).collect();
        days.sort_by_key(|(count, day)| (std::cmp::Reverse(*count), day.num_days_from_monday()));
        let mut sum = 0;
        let enough = days.iter().take(SAME).position(|(count, _)| {
            sum += count;
            sum * 100 >= self.seen * PERCENT
        });
        let days = days.into_iter().take(enough? + 1).map(|(_, day)| day);
        (self.seen >= EACH).then(|| days.collect())
    }
}

impl DayLetters {
    /// Learns from all that the records say.
    pub fn learn(documents: &[Document]) -> Self {
        let mut sources: BTreeMap<&str, BTreeMap<char, Count>> = BTreeMap::new();
        for document in documents {
            for item in &document.items {
                let Scalar::Text(text) = &item.value else { continue };
                let letters = before_numbers(text);
                if letters.is_empty() {
                    continue;
                }
                for span in reading::spans(text) {
                    let SpanValue::Moment(moment) = &span.value else {
                        continue;
                    };
                    let Some((_, letter)) = letters.iter().find(|(at, _)| *at == span.start) else {
                        continue;
                    };
                    let days = weekdays(moment);
                    if !days.is_empty() {
                        let source = sources.entry(document.record.source()).or_default();
                        let count = source.entry(*letter).or_default();
                        count.seen += 1;
                        for day in days {
                            *count.days.entry(day).or_default() += 1;
                        }
                    }
                }
            }
        }
        let known = sources.into_iter().filter_map(|(source, letters)| {
            let all: usize = letters.values().map(|count| count.seen).sum();
            let known: BTreeMap<char, Vec<Weekday>> = letters
                .iter()
                .filter_map(|(letter, count)| Some((*letter, count.days()?)))
                .collect();
            let told: usize = known.keys().map(|letter| letters[letter].seen).sum();
            let days: BTreeSet<u32> = known
                .values()
                .flatten()
                .map(Weekday::num_days_from_monday)
                .collect();
            let sure = all >= DATES && told * 100 >= all * PERCENT && days.len() >= DAYS;
            sure.then(|| (source.to_owned(), known))
        });
        Self(known.collect())
    }

    /// Whether a letter is the weekday of the date behind it.
    pub fn fits(&self, source: &str, letter: &str, moment: &Moment) -> bool {
        let mut chars = letter.chars();
        let (Some(char), None) = (chars.next(), chars.next()) else {
            return false;
        };
        let Some(days) = self.0.get(source).and_then(|letters| letters.get(&char)) else {
            return false;
        };
        weekdays(moment).iter().any(|day| days.contains(day))
    }
}

/// The days of the week on which a date may fall, where its year is written and no weekday beside it.
fn weekdays(moment: &Moment) -> Vec<Weekday> {
    let mut days: Vec<Weekday> = Vec::new();
    for date in moment.readings.iter().filter_map(|reading| reading.date) {
        let date = date
            .year
            .and_then(|year| NaiveDate::from_ymd_opt(year, date.month, date.day));
        let day = date
            .map(|date| date.weekday())
            .filter(|_| moment.weekday.is_none());
        if let Some(day) = day.filter(|day| !days.contains(day)) {
            days.push(day);
        }
    }
    days
}

/// Capitals that stand alone right before a number, each with where the number begins.
fn before_numbers(text: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let (mut before, mut letter, mut blank) = (None::<char>, None::<char>, false);
    for (at, char) in text.char_indices() {
        if char.is_whitespace() {
            blank = true;
            continue;
        }
        if let Some(letter) = letter.filter(|_| blank && char.is_numeric()) {
            found.push((at, letter));
        }
        let alone = blank || before.is_none_or(|before| !before.is_alphanumeric());
        letter = Some(char).filter(|char| alone && char.is_uppercase());
        (before, blank) = (Some(char), false);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four weeks of days, each with a letter.
    fn days(letter: impl Fn(Weekday, u32) -> char) -> DayLetters {
        let first = NaiveDate::from_ymd_opt(2026, 6, 1).expect("a Monday");
        let lines = (0..28).map(|after| {
            let day = first + chrono::TimeDelta::days(after);
            let letter = letter(day.weekday(), after as u32);
            format!("Hall 2  {letter} {}", day.format("%d.%m.%Y 18:00"))
        });
        let lines: Vec<String> = lines.collect();
        DayLetters::learn(&[Document::message("a@b.example").with_lines("text", &lines)])
    }

    fn is_day(letters: &DayLetters, letter: &str, date: &str) -> bool {
        reading::spans(date).iter().any(|span| match &span.value {
            SpanValue::Moment(moment) => letters.fits("mail", letter, moment),
            _ => false,
        })
    }

    #[test]
    fn letters_that_go_with_the_days_of_the_week_are_weekdays() {
        // Tuesday and Thursday begin alike.
        let letters = days(|day, _| ['M', 'T', 'K', 'T', 'P', 'L', 'S'][day.num_days_from_monday() as usize]);
        assert!(is_day(&letters, "M", "27.07.2026"));
        assert!(is_day(&letters, "T", "28.07.2026") && is_day(&letters, "T", "30.07.2026"));
        assert!(!is_day(&letters, "M", "28.07.2026"), "another day's");
        assert!(!is_day(&letters, "Z", "27.07.2026"));
    }

    #[test]
    fn letters_of_courts_are_none() {
        let letters = days(|_, after| ['A', 'B', 'C', 'D', 'E'][after as usize * 3 % 5]);
        assert!(!is_day(&letters, "A", "27.07.2026"));
    }
}
