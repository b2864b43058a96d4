//! Names in another case, in languages that decline them: `Salmen` of Salmi, `Nováka` of Novák.
//!
//! What becomes of names is told by the entries that stand where a booking of the backup begins. An ending that was changed so
//! in the names of several customers who came then, and hardly ever where others came, is how their names are declined.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use crate::model::When;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// So many letters at least are left of a name, and so many at most are changed.
const STEM: usize = 3;
const ENDING: usize = 3;
/// So many names show how they are declined.
const NAMES: usize = 3;
/// So many times as often as not an ending must be that of who came.
const OFTEN: usize = 4;

/// Which endings of names become which, as entries have them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inflections(BTreeSet<Ending>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Ending {
    of_name: String,
    said: String,
}

impl Ending {
    /// What is changed in a name, where the rest is enough to know it by.
    fn between(name: &str, said: &str) -> Option<Self> {
        let same = name.chars().zip(said.chars()).take_while(|(a, b)| a == b);
        let stem: usize = same.clone().map(|(char, _)| char.len_utf8()).sum();
        let letters = same.count();
        let (of_name, said) = (&name[stem..], &said[stem..]);
        let longest = of_name.chars().count().max(said.chars().count());
        let is_known = letters >= STEM && (1..=ENDING).contains(&longest) && letters >= longest;
        is_known.then(|| Self {
            of_name: of_name.to_owned(),
            said: said.to_owned(),
        })
    }

    /// The name of which a word is made, if it is one of these.
    fn name(&self, word: &str, people: &HashSet<String>) -> Option<String> {
        let stem = word.strip_suffix(self.said.as_str())?;
        let name = format!("{stem}{}", self.of_name);
        (people.contains(&name) && Self::between(&name, word).as_ref() == Some(self)).then_some(name)
    }
}

/// How names are declined, by the entries that stand where bookings of the backup begin.
pub fn learn(entries: &[&Facts], all: &Hypotheses) -> Inflections {
    let mut begin: BTreeMap<When, Vec<&Hypothesis>> = BTreeMap::new();
    for booking in all.all.iter().filter(|booking| !booking.off) {
        for start in &booking.starts {
            begin.entry(*start).or_default().push(booking);
        }
    }
    // Where an entry has a name as it is, its other words are none.
    let told: Vec<(Vec<&String>, BTreeSet<&String>)> = entries
        .iter()
        .filter(|facts| facts.planned && !facts.party)
        .filter_map(|facts| {
            let here = facts.starts.iter().filter_map(|start| begin.get(start)).flatten();
            let names: BTreeSet<&String> = here.flat_map(|booking| &booking.words).collect();
            let is_told = !names.is_empty() && !facts.words.iter().any(|word| names.contains(word));
            let words = facts.words.iter().filter(|word| !all.people.contains(*word));
            is_told.then(|| (words.collect(), names))
        })
        .collect();
    let mut seen: BTreeMap<Ending, BTreeSet<&String>> = BTreeMap::new();
    for (words, names) in &told {
        for word in words {
            for name in names {
                if let Some(ending) = Ending::between(name, word) {
                    seen.entry(ending).or_default().insert(name);
                }
            }
        }
    }
    seen.retain(|_, names| names.len() >= NAMES);
    let is_usual = |ending: &Ending| {
        let made = told.iter().flat_map(|(words, names)| {
            let made = words.iter().filter_map(|word| ending.name(word, &all.people));
            made.map(|name| names.contains(&name))
        });
        let (of_them, of_others): (Vec<bool>, Vec<bool>) = made.partition(|is_here| *is_here);
        of_them.len() >= OFTEN * of_others.len()
    };
    Inflections(seen.into_keys().filter(is_usual).collect())
}

impl Inflections {
    /// Puts names as they are in the place of those that are declined, where only one can be meant.
    pub fn resolve(&self, facts: &mut Facts, people: &HashSet<String>) {
        if self.0.is_empty() {
            return;
        }
        let name = |word: String| {
            if people.contains(&word) {
                return word;
            }
            let names: BTreeSet<String> = self
                .0
                .iter()
                .filter_map(|ending| ending.name(&word, people))
                .collect();
            let mut names = names.into_iter();
            names.next().filter(|_| names.len() == 0).unwrap_or(word)
        };
        facts.words = std::mem::take(&mut facts.words).into_iter().map(name).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    fn hour(day: u32) -> When {
        When::Instant(Utc.with_ymd_and_hms(2026, 3, day, 10, 0, 0).unwrap())
    }

    /// Bookings of one person a day, and entries of one word a day.
    fn world(names: &[&str], words: &[&str]) -> (Hypotheses, Vec<Facts>) {
        let mut all = Hypotheses::default();
        for (day, name) in (1..).zip(names) {
            let mut booking = Hypothesis::about_new();
            booking.words.insert((*name).to_owned());
            booking.starts.insert(hour(day));
            all.add(booking);
            all.people.insert((*name).to_owned());
        }
        let entry = |(day, word): (u32, &&str)| Facts {
            planned: true,
            words: BTreeSet::from([(*word).to_owned()]),
            starts: BTreeSet::from([hour(day)]),
            ..Facts::default()
        };
        let entries = (1..).zip(words).map(entry).collect();
        (all, entries)
    }

    fn resolved(names: &[&str], words: &[&str], said: &str, people: &[&str]) -> String {
        let (mut all, entries) = world(names, words);
        let learned = learn(&entries.iter().collect::<Vec<_>>(), &all);
        all.people.extend(people.iter().map(|name| (*name).to_owned()));
        let mut facts = Facts {
            words: BTreeSet::from([said.to_owned()]),
            ..Facts::default()
        };
        learned.resolve(&mut facts, &all.people);
        facts.words.into_iter().next().unwrap()
    }

    const NAMES: [&str; 4] = ["tuominen", "manninen", "heinonen", "laine"];

    #[test]
    fn an_ending_that_several_names_had_is_that_of_others_too() {
        let declined = ["tuomisen", "mannisen", "heinosen", "laineen"];
        assert_eq!(resolved(&NAMES, &declined, "kinnusen", &["kinnunen"]), "kinnunen");
        assert_eq!(
            resolved(&NAMES, &declined, "kinnusen", &["kinnunen", "kinnusen"]),
            "kinnusen",
            "somebody is called so"
        );
        assert_eq!(
            resolved(&NAMES, &declined, "salmeen", &["salme"]),
            "salmeen",
            "one name shows nothing"
        );
        assert_eq!(
            resolved(&NAMES[..2], &declined[..2], "kinnusen", &["kinnunen"]),
            "kinnusen"
        );
    }

    #[test]
    fn an_ending_that_others_have_as_often_is_none() {
        let names = ["tuominen", "manninen", "heinonen", "laine", "virta", "salo"];
        let by_chance = [
            "tuomisen", "mannisen", "heinosen", "tuomisen", "mannisen", "heinosen",
        ];
        assert_eq!(
            resolved(&names, &by_chance, "kinnusen", &["kinnunen"]),
            "kinnusen"
        );
    }
}
