//! Short names of weekdays that people use and the published tables do not have: `pn. 13.04` where those say `pon.`
//!
//! Such a word stands where the known names of other days stand, before dates of one day of the week throughout, and that
//! day has hardly ever another name there.

use crate::model::{Document, Scalar};
use crate::reading::{self, is_word_char};
use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// More letters than a short name has.
const LETTERS: usize = 4;
/// Fewer dates behind a word show nothing, and fewer days whose names stand there.
const DATES: usize = 4;
const DAYS: usize = 4;
/// So many in a hundred must agree, and the known name of the day stands there once in so many times at most.
const PERCENT: usize = 97;
const ONE_IN: usize = 4;

/// What such words of each source mean, as they are written.
#[derive(Debug, Default, Clone)]
pub(super) struct ShortDays(BTreeMap<String, BTreeMap<String, Weekday>>);

/// A word before a date, and what stands around it.
pub(super) struct Dated<'t> {
    pub word: &'t str,
    pub range: Range<usize>,
    /// What stands before it, and whether a full stop shortens it.
    around: (Option<char>, bool),
    /// Day and month, in whichever order.
    pub date: (u32, u32),
}

/// What was seen of a word, in one surrounding or in all.
#[derive(Default)]
pub(super) struct Seen {
    pub dates: BTreeSet<NaiveDate>,
    pub times: usize,
    /// On how many of them its dates may fall on a day.
    pub days: HashMap<Weekday, usize>,
}

impl ShortDays {
    /// Learns from all that the records say.
    pub(super) fn learn(documents: &[Document]) -> Self {
        type Place<'d> = (&'d str, &'d str, (Option<char>, bool));
        let mut known: HashMap<Place<'_>, HashMap<Weekday, usize>> = HashMap::new();
        let mut strange: BTreeMap<Place<'_>, BTreeMap<&str, Seen>> = BTreeMap::new();
        for document in documents {
            let Some(near) = document.said_at.map(|at| at.date_naive()) else {
                continue;
            };
            for item in &document.items {
                let Scalar::Text(text) = &item.value else { continue };
                for dated in dated(text) {
                    let place = (document.record.source(), item.place.as_str(), dated.around);
                    let dates = dates(dated.date, near);
                    let on = |day: &Weekday| dates.iter().any(|date| date.weekday() == *day);
                    // What is a day's name in another language may be another day's here.
                    let names: Vec<Weekday> = reading::weekdays(dated.word).into_iter().filter(on).collect();
                    for day in &names {
                        *known.entry(place).or_default().entry(*day).or_default() += 1;
                    }
                    if names.is_empty() && !dates.is_empty() {
                        let seen = strange.entry(place).or_default().entry(dated.word).or_default();
                        seen.times += 1;
                        let days: BTreeSet<u8> = dates.iter().map(|date| date.weekday() as u8).collect();
                        for day in days {
                            let day = Weekday::try_from(day).unwrap_or(Weekday::Mon);
                            *seen.days.entry(day).or_default() += 1;
                        }
                        seen.dates.extend(dates);
                    }
                }
            }
        }
        let mut learned: BTreeMap<String, BTreeMap<String, Weekday>> = BTreeMap::new();
        for (place, words) in strange {
            let Some(names) = known.get(&place) else { continue };
            for (word, seen) in words {
                let day = seen.day().filter(|day| {
                    let others = names.keys().filter(|name| *name != day).count();
                    let own = names.get(day).copied().unwrap_or_default();
                    others >= DAYS && own * ONE_IN <= seen.times
                });
                if let Some(day) = day {
                    let of_source = learned.entry(place.0.to_owned()).or_default();
                    of_source.insert(word.to_owned(), day);
                }
            }
        }
        Self(learned)
    }

    /// Where such words stand before dates.
    pub(super) fn find(&self, source: &str, text: &str) -> Vec<(Range<usize>, Weekday)> {
        self.0
            .get(source)
            .map_or_else(Vec::new, |words| known(words, text))
    }
}

/// Where the known words of a source stand before dates.
pub(super) fn known(words: &BTreeMap<String, Weekday>, text: &str) -> Vec<(Range<usize>, Weekday)> {
    let known = dated(text).filter_map(|dated| Some((dated.range, *words.get(dated.word)?)));
    known.collect()
}

impl Seen {
    /// The one day on which nearly all of its dates fall, of enough different ones.
    pub fn day(&self) -> Option<Weekday> {
        let on = |day: Weekday| {
            self.dates
                .iter()
                .filter(move |date| date.weekday() == day)
                .count()
        };
        let enough =
            |(day, count): &(&Weekday, &usize)| **count * 100 >= self.times * PERCENT && on(**day) >= DATES;
        let mut days = self.days.iter().filter(enough).map(|(day, _)| *day);
        days.next().filter(|_| days.next().is_none())
    }
}

/// The dates nearest to a day that two numbers may be.
pub(super) fn dates((one, other): (u32, u32), near: NaiveDate) -> Vec<NaiveDate> {
    let nearest = |day: u32, month: u32| {
        let years = near.year() - 1..=near.year() + 1;
        let dates = years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
        dates.min_by_key(|date| (*date - near).num_days().abs())
    };
    let mut dates: Vec<NaiveDate> = [nearest(one, other), nearest(other, one)]
        .into_iter()
        .flatten()
        .collect();
    dates.dedup();
    dates
}

/// Short words right before two numbers that a dot or a slash joins, or a dot and a blank.
pub(super) fn dated(text: &str) -> impl Iterator<Item = Dated<'_>> {
    let digits = text.char_indices().filter(|(_, char)| char.is_ascii_digit());
    let begins = digits.filter(|(at, _)| !text[..*at].ends_with(is_word_char));
    begins.filter_map(|(at, _)| {
        let (one, rest) = number(&text[at..])?;
        let (other, behind) = number(rest.strip_prefix(['.', '/'])?.trim_start_matches([' ', '\u{A0}']))?;
        let goes_on = behind
            .strip_prefix(['.', '/'])
            .map(|rest| rest.trim_start_matches([' ', '\u{A0}']))
            .is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
        let before = text[..at].trim_end();
        let is_apart = before.len() < at;
        let name = before.strip_suffix('.');
        let end = name.unwrap_or(before).len();
        let start = text[..end]
            .char_indices()
            .rev()
            .take_while(|(_, char)| char.is_alphabetic())
            .last()?
            .0;
        let word = &text[start..end];
        let is_short = is_apart && word.chars().count() <= LETTERS && !text[..start].ends_with(is_word_char);
        let around = (text[..start].trim_end().chars().next_back(), name.is_some());
        (is_short && !goes_on).then_some(Dated {
            word,
            range: start..end,
            around,
            date: (one, other),
        })
    })
}

/// A number of one or two digits, and what follows it.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(text.len());
    let value = text[..end].parse().ok().filter(|_| (1..=2).contains(&end))?;
    Some((value, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone, Utc};

    /// Five weeks of messages, each of which names the next day.
    fn learned(name: impl Fn(Weekday) -> &'static str) -> ShortDays {
        let letter = |after: i64| {
            let at = Utc.with_ymd_and_hms(2026, 6, 1, 9, 0, 0).unwrap() + TimeDelta::days(after);
            let day = at.date_naive().succ_opt().unwrap();
            let line = format!(
                "Jutro ({}. {}), godz. 18",
                name(day.weekday()),
                day.format("%d.%m")
            );
            let blank = Document {
                said_at: Some(at),
                ..Document::message(&format!("m{after}"))
            };
            blank.with_lines("text", &[line])
        };
        ShortDays::learn(&(0..35).map(letter).collect::<Vec<_>>())
    }

    fn polish(day: Weekday) -> &'static str {
        ["pn", "wt", "śr", "czw", "pt", "sob", "ndz"][day.num_days_from_monday() as usize]
    }

    #[test]
    fn a_word_in_the_place_of_weekdays_is_the_one_that_is_missing() {
        let days = learned(polish);
        let found = days.find("mail", "Do zobaczenia (pn. 13.07), godz. 18");
        assert_eq!(found, [(15..17, Weekday::Mon)]);
        assert!(days.find("mail", "(do. 13.07)").is_empty());
        assert!(days.find("kalendarz", "(pn. 13.07)").is_empty(), "another source");
    }

    #[test]
    fn a_word_that_stands_with_any_day_is_none() {
        let days = learned(|day| {
            if day.num_days_from_monday() % 2 == 0 {
                "od"
            } else {
                polish(day)
            }
        });
        assert!(days.find("mail", "(od. 13.07)").is_empty());
    }
}
