//! Names of weekdays of one or two letters that are other words as well, and are weekdays in a source: `so 14. 3.`
//!
//! Where the date behind such a word has a year, the year tells whether it is the day. Without one the word would be left
//! outside of the date, and what is the same place to whoever writes would be another one on each day of the week. What
//! shows it is that such words stand right before dates that fall on their days throughout, and together name most days.

use super::short_days::{Dated, Seen, dated, dates, known};
use crate::model::{Document, Scalar};
use crate::reading;
use chrono::{Datelike, Weekday};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// More letters than such a word has: longer ones are known wherever they stand.
const LETTERS: usize = 2;
/// The words of so many days must be known.
const DAYS: usize = 5;

/// What such words of each source mean, as they are written.
#[derive(Debug, Default, Clone)]
pub(super) struct SureDays(BTreeMap<String, BTreeMap<String, Weekday>>);

impl SureDays {
    /// Learns from all that the records say.
    pub(super) fn learn(documents: &[Document]) -> Self {
        let mut seen: BTreeMap<&str, BTreeMap<&str, Seen>> = BTreeMap::new();
        for document in documents {
            let Some(near) = document.said_at.map(|at| at.date_naive()) else {
                continue;
            };
            for item in &document.items {
                let Scalar::Text(text) = &item.value else { continue };
                for Dated { word, date, .. } in dated(text).filter(|dated| is_short(dated.word)) {
                    let dates = dates(date, near);
                    let names = reading::weekdays(word);
                    if names.is_empty() || dates.is_empty() {
                        continue;
                    }
                    let words = seen.entry(document.record.source()).or_default();
                    let seen = words.entry(word).or_default();
                    seen.times += 1;
                    for day in names {
                        let falls = dates.iter().any(|date| date.weekday() == day);
                        *seen.days.entry(day).or_default() += usize::from(falls);
                    }
                    seen.dates.extend(dates);
                }
            }
        }
        let known = seen.into_iter().filter_map(|(source, words)| {
            let known: BTreeMap<String, Weekday> = words
                .into_iter()
                .filter_map(|(word, seen)| Some((word.to_owned(), seen.day()?)))
                .collect();
            let days: BTreeSet<u32> = known.values().map(Weekday::num_days_from_monday).collect();
            (days.len() >= DAYS).then(|| (source.to_owned(), known))
        });
        Self(known.collect())
    }

    /// Where such words stand before dates.
    pub(super) fn find(&self, source: &str, text: &str) -> Vec<(Range<usize>, Weekday)> {
        self.0
            .get(source)
            .map_or_else(Vec::new, |words| known(words, text))
    }
}

fn is_short(word: &str) -> bool {
    word.chars().count() <= LETTERS
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone, Utc};

    /// Five weeks of messages, each of which names the next day.
    fn learned(name: impl Fn(Weekday) -> &'static str) -> SureDays {
        let letter = |after: i64| {
            let at = Utc.with_ymd_and_hms(2026, 6, 1, 9, 0, 0).unwrap() + TimeDelta::days(after);
            let day = at.date_naive().succ_opt().unwrap();
            let line = format!(
                "zítra {} {}. {}. v 9:00",
                name(day.weekday()),
                day.day(),
                day.month()
            );
            let blank = Document {
                said_at: Some(at),
                ..Document::message(&format!("m{after}"))
            };
            blank.with_lines("text", &[line])
        };
        SureDays::learn(&(0..35).map(letter).collect::<Vec<_>>())
    }

    fn czech(day: Weekday) -> &'static str {
        ["po", "út", "st", "čt", "pá", "so", "ne"][day.num_days_from_monday() as usize]
    }

    #[test]
    fn words_before_dates_of_their_own_days_are_weekdays() {
        let days = learned(czech);
        assert_eq!(
            days.find("mail", "vrácení st 15. 7. do 17:00"),
            [(10..12, Weekday::Wed)]
        );
        assert!(days.find("mail", "st 15 lidí").is_empty(), "no date");
        assert!(days.find("kalendář", "st 15. 7.").is_empty(), "another source");
    }

    #[test]
    fn a_word_before_dates_of_any_day_is_none() {
        assert!(learned(|_| "do").0.is_empty());
    }

    #[test]
    fn two_words_before_their_days_are_no_week() {
        let days = learned(|day| match day {
            Weekday::Sat | Weekday::Sun => czech(day),
            _ => "od",
        });
        assert!(days.0.is_empty());
    }
}
