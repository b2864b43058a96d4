//! Things that a text names in an inflected form: `Kipinälle` is the raft Kipinä, `E룸으로` room E. No rule reads them so, and
//! what stands in such a form is enough for a question alone.

use crate::mapping::squash;
use crate::model::{BaselineResource, Document, Scalar};
use crate::reading::is_word_char;
use std::collections::BTreeMap;

/// An ending has so many letters at most, and the word before it this many at least; one in signs may be as short as a name
/// with a letter is.
const ENDING: usize = 4;
const WORD: usize = 4;
const SIGNS: usize = 2;

/// The names of things, cut into words.
#[derive(Debug, Default)]
pub struct Names<'a>(Vec<(&'a str, Vec<String>)>);

impl<'a> Names<'a> {
    pub fn of(resources: &'a [BaselineResource]) -> Self {
        let names = resources
            .iter()
            .filter_map(|row| Some((row.key.as_str(), words(row.name.as_deref()?))));
        Self(names.filter(|(_, name)| !name.is_empty()).collect())
    }
}

/// The things that the text of a message names with an ending, each by its key, with the words that do.
pub fn things(document: &Document, Names(names): &Names<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for item in &document.items {
        let (Scalar::Text(text), "text" | "html") = (&item.value, item.place.as_str()) else {
            continue;
        };
        let said = words(text);
        for at in 0..said.len() {
            let matches = |name: &[String]| {
                let here = said.get(at..at + name.len());
                here.is_some_and(|here| here.iter().zip(name).all(|(said, word)| is_form(said, word)))
            };
            let longest = names.iter().filter(|(_, name)| matches(name));
            // What is a name as it stands is no form of another.
            let is_plain = names
                .iter()
                .any(|(_, name)| said.get(at..at + name.len()) == Some(name));
            let longest = longest.max_by_key(|(_, name)| name.iter().map(String::len).sum::<usize>());
            if let Some((key, name)) = longest.filter(|_| !is_plain) {
                found.insert((*key).to_owned(), said[at..at + name.len()].join(" "));
            }
        }
    }
    found
}

fn words(text: &str) -> Vec<String> {
    let parts = text.split(|char: char| !is_word_char(char));
    parts.map(squash).filter(|word| !word.is_empty()).collect()
}

/// Whether a word is a name's, as it stands or with an ending.
fn is_form(said: &str, word: &str) -> bool {
    let Some(ending) = said.strip_prefix(word) else {
        return false;
    };
    let least = if word.is_ascii() { WORD } else { SIGNS };
    ending.is_empty()
        || ending.chars().count() <= ENDING
            && ending.chars().all(char::is_alphabetic)
            && word.chars().next_back().is_some_and(char::is_alphabetic)
            && word.chars().count() >= least
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let row = |(key, name): (usize, &&str)| BaselineResource {
            key: key.to_string(),
            name: Some((*name).to_owned()),
            ..BaselineResource::default()
        };
        let names = ["Kipinä", "E룸", "Vespa Rot", "Vespa", "Kajak 1"];
        let resources: Vec<BaselineResource> = names.iter().enumerate().map(row).collect();
        let document = Document::message("m1").saying("text", text);
        things(&document, &Names::of(&resources)).into_keys().collect()
    }

    #[test]
    fn a_name_with_an_ending_is_found() {
        assert_eq!(named("Siirsimme varauksen Kipinälle."), ["0"]);
        assert_eq!(named("같은 시간에 E룸으로 변경해 드렸습니다."), ["1"]);
    }

    #[test]
    fn a_name_as_it_stands_and_another_number_are_none() {
        assert!(named("Vespa Rot, Kajak 12, Kipinä").is_empty());
        assert!(named("Kipinäsaunalautta").is_empty(), "another word");
    }
}
