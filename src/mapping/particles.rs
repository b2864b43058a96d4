//! Small words of family names, `de Vries`, `van der Berg`: which words are such is told by the names that records state whole.

use crate::model::Document;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// In so many different names a word stands that is one.
const NAMES: usize = 2;

/// The small words, as they are written.
#[derive(Debug, Default, Clone)]
pub(super) struct Particles(BTreeSet<String>);

impl Particles {
    /// Learns from the names of all whom records name outright: in small letters between words that are not.
    pub(super) fn learn(documents: &[Document]) -> Self {
        let places = || Document::PAYER.into_iter().chain([Document::ADDRESSEE]);
        let names = |document| places().filter_map(move |place| Document::text(document, place));
        let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for name in documents.iter().flat_map(names) {
            let words: Vec<&str> = name.split_whitespace().collect();
            let ([first, between @ .., last], true) = (words.as_slice(), words.len() > 2) else {
                continue;
            };
            if [first, last]
                .into_iter()
                .all(|word| word.starts_with(char::is_uppercase))
            {
                for word in between.iter().filter(|word| word.chars().all(char::is_lowercase)) {
                    seen.entry(word).or_default().insert(name);
                }
            }
        }
        let often = seen.into_iter().filter(|(_, names)| names.len() >= NAMES);
        Self(often.map(|(word, _)| word.to_owned()).collect())
    }

    /// A word of a text, with the words behind it where it only begins a family's name.
    pub(super) fn whole(&self, text: &str, word: Range<usize>) -> Range<usize> {
        let mut whole = word;
        let mut last = whole.clone();
        while self.0.contains(&text[last.clone()])
            && let Some(rest) = text[last.end..].strip_prefix(' ')
            && rest.starts_with(char::is_alphabetic)
        {
            let length = rest
                .find(|char: char| !char.is_alphabetic())
                .unwrap_or(rest.len());
            last = last.end + 1..last.end + 1 + length;
            whole.end = last.end;
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_small_within_names_belongs_to_the_word_behind_it() {
        let payer = |(at, name): (usize, &&str)| {
            Document::charge(&format!("ch_{at}")).saying("/billing_details/name", name)
        };
        let names = [
            "Jan van der Berg",
            "Ida van der Linden",
            "rosa auf sylt",
            "Kai zu Hof",
            "Tom Paid",
        ];
        let documents: Vec<Document> = names.iter().enumerate().map(payer).collect();
        let particles = Particles::learn(&documents);
        let whole = |text: &str| {
            let end = text.find(' ').unwrap_or(text.len());
            text[particles.whole(text, 0..end)].to_owned()
        };
        assert_eq!(whole("van der Berg 4p"), "van der Berg");
        assert_eq!(whole("van (4p)"), "van");
        assert_eq!(whole("Berg Paid"), "Berg");
        assert_eq!(whole("zu Hof"), "zu", "it was seen in one name");
    }
}
