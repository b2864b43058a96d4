//! Words before numbers that are written as the backup's are, and never are any of them: a shop counts its orders as it
//! counts its bookings, and a letter states both.
//!
//! They are told by records that state a number of the backup too: what stands there under words of its own, and is none of
//! the backup's as good as always, counts something else, whatever number comes after them since.

use crate::model::Document;
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet};

/// So many different numbers under the same words, of which one in so many may be a booking's by chance.
const NUMBERS: usize = 5;
const RARE: usize = 20;
/// So many words before a number tell what it counts.
const WORDS: usize = 2;

/// The words under which other things are counted.
#[derive(Debug, Default)]
pub struct OtherNumbers(BTreeSet<Vec<String>>);

impl OtherNumbers {
    /// `stated`: what in a record looks like a number, folded, each with the text before it in its line.
    pub fn learn<'d>(
        documents: impl Iterator<Item = &'d Document>,
        known: &BTreeSet<String>,
        stated: impl Fn(&'d Document) -> Vec<(String, &'d str)>,
    ) -> Self {
        let mut under: BTreeMap<Vec<String>, [BTreeSet<String>; 2]> = BTreeMap::new();
        for document in documents {
            let numbers = stated(document);
            if !numbers.iter().any(|(number, _)| known.contains(number)) {
                continue;
            }
            for (number, before) in numbers {
                let Some(words) = words(before) else { continue };
                let of = usize::from(known.contains(&number));
                under.entry(words).or_default()[of].insert(number);
            }
        }
        under.retain(|_, [others, own]| others.len() >= NUMBERS && own.len() * RARE <= others.len());
        Self(under.into_keys().collect())
    }

    /// Whether what follows this text counts something else.
    pub fn follows(&self, before: &str) -> bool {
        !self.0.is_empty() && words(before).is_some_and(|words| self.0.contains(&words))
    }
}

/// The last words of a text, folded, with an empty one for its beginning. None where it has no words.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = text.rsplit(|char: char| !is_word_char(char));
    let mut last: Vec<String> = words
        .by_ref()
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .map(super::squash)
        .collect();
    if last.is_empty() {
        return None;
    }
    last.resize(WORDS, String::new());
    Some(last)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_words_before_a_number_are_the_last_two_of_its_line() {
        let two = |text| words(text).expect("words");
        assert_eq!(two("Your order number: "), ["number", "order"]);
        assert_eq!(two("Order\t#"), ["order", ""]);
        assert_eq!(words(" # "), None);
    }
}
