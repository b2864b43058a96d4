//! Titles that call what was booked by a short form of its name: "half day", "singles", "sunset" for names of several words.
//!
//! Such a form is too rare to be learned, but it names one thing and no other: it shows that the entry is still of that. It is
//! never taken for what was booked where nothing else says so.

use crate::mapping::{squash, words_of};
use crate::model::BaselineResource;
use std::collections::BTreeSet;

/// A part of a word that is as long names it; what a word ends with, where there are several of a thing, is no longer than that.
const STEM: usize = 4;
const ENDING: usize = 2;

/// Whether a title has a short form of a resource's name, and of no other one's. What belongs to a name is the customer's.
pub fn says(title: &str, name: &str, key: &str, resources: &[BaselineResource]) -> bool {
    let own: BTreeSet<String> = words_of(name).into_iter().map(|(word, _)| word).collect();
    let said = words_of(title).into_iter().map(|(word, _)| word);
    let said = said.filter(|word| !own.contains(word) && !word.chars().any(char::is_numeric));
    let names: Vec<(&str, Vec<String>)> = resources
        .iter()
        .filter_map(|row| {
            let words = words_of(row.name.as_deref()?);
            Some((
                row.key.as_str(),
                words.into_iter().map(|(word, _)| squash(&word)).collect(),
            ))
        })
        .collect();
    let meant = |word: &String| -> Option<&str> {
        let of = names
            .iter()
            .filter(|(_, words)| words.iter().any(|whole| is_short(word, whole)));
        let keys: BTreeSet<&str> = of.map(|(key, _)| *key).collect();
        keys.first().copied().filter(|_| keys.len() == 1)
    };
    let meant: BTreeSet<&str> = said
        .map(|word| squash(&word))
        .filter_map(|word| meant(&word))
        .collect();
    meant == BTreeSet::from([key])
}

/// Whether a word is another one, begins it, or is it with another ending.
fn is_short(word: &str, whole: &str) -> bool {
    let common = word
        .chars()
        .zip(whole.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let (word, whole) = (word.chars().count(), whole.chars().count());
    let is_whole = common == word && common == whole && common > 2;
    is_whole || common >= STEM && word - common <= ENDING
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says_so(title: &str, key: &str) -> bool {
        let named = [
            ("1", "Half-Day Canyon Walk"),
            ("2", "Full-Day Canyon Walk"),
            ("3", "Single Bicycle"),
            ("4", "Moonlight Walk"),
        ];
        let resources = named.map(|(key, name)| BaselineResource {
            key: key.to_owned(),
            name: Some(name.to_owned()),
            ..BaselineResource::default()
        });
        says(title, "Ann Half", key, &resources)
    }

    #[test]
    fn a_word_of_one_name_alone_says_that_it_is_still_that() {
        assert!(says_so("full day x6 Half", "2"));
        assert!(says_so("singles x2 Half", "3"));
        assert!(says_so("moonl. Half", "4"));
        assert!(!says_so("full day x6 Half", "1"));
        assert!(!says_so("canyon x6 Half", "1"), "two have it");
        assert!(!says_so("half x2", "1"), "it is the customer's");
        assert!(
            !says_so("full day, not moonlight", "2"),
            "it names another one too"
        );
    }
}
