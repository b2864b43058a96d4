//! Names that a message prints in capitals, as the backup would have them.
//!
//! Where the backup's names are hardly ever in capitals, a word of a name that is (`Nilgün YILMAZ`) is written as the backup
//! writes it, or with one capital. A capital `I` may be an `i` or, where the backup has such names, an `ı`: of a word that
//! it does not know, that is not guessed.

use crate::mapping::squash;
use crate::reading::is_word_char;
use std::collections::HashMap;

/// So many words of names show how the backup writes them, and one in so many may be in capitals.
const WORDS: usize = 50;
const CAPITALS_ONE_IN: usize = 50;
/// Shorter words may be initials.
const INITIALS: usize = 3;

#[derive(Debug, Default)]
pub struct Spelling {
    /// Words as the backup has them, by what they are folded to; None where it has several ways.
    words: HashMap<String, Option<String>>,
    /// The backup's names are not in capitals.
    is_cased: bool,
    has_dotless: bool,
}

impl Spelling {
    pub fn learn<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut spelling = Self::default();
        let (mut all, mut capitals) = (0, 0);
        for word in names.flat_map(str::split_whitespace) {
            if word.chars().count() >= INITIALS {
                all += 1;
                capitals += usize::from(in_capitals(word));
            }
            spelling.has_dotless |= word.contains('ı');
            let known = spelling.words.entry(folded(word));
            known
                .and_modify(|known| {
                    if known.as_deref() != Some(word) {
                        *known = None;
                    }
                })
                .or_insert_with(|| Some(word.to_owned()));
        }
        spelling.is_cased = all >= WORDS && capitals * CAPITALS_ONE_IN <= all;
        spelling
    }

    /// A name with its words in capitals as the backup would have them.
    pub fn of(&self, name: &str) -> String {
        let mut words = name.split_whitespace().peekable();
        if !self.is_cased || !words.clone().any(in_capitals) {
            return name.to_owned();
        }
        let mut spelt = String::with_capacity(name.len());
        while let Some(word) = words.next() {
            let known = || self.words.get(&folded(word)).cloned().flatten();
            let is_ambiguous = self.has_dotless && word.contains('I');
            let lowered = || (!is_ambiguous).then(|| with_one_capital(word));
            let own = in_capitals(word).then(|| known().or_else(lowered)).flatten();
            spelt.push_str(own.as_deref().unwrap_or(word));
            if words.peek().is_some() {
                spelt.push(' ');
            }
        }
        spelt
    }
}

fn folded(word: &str) -> String {
    squash(word).replace('ı', "i")
}

fn in_capitals(word: &str) -> bool {
    word.chars().filter(|char| char.is_alphabetic()).count() >= INITIALS
        && word
            .chars()
            .all(|char| !char.is_alphabetic() || char.is_uppercase())
}

/// Each part of a word with its first letter in capitals: `Smith-Jones`.
fn with_one_capital(word: &str) -> String {
    let mut begins = true;
    let mut out = String::with_capacity(word.len());
    for char in word.chars() {
        match (begins, char) {
            (true, _) => out.push(char),
            (false, 'İ') => out.push('i'),
            (false, _) => out.extend(char.to_lowercase()),
        }
        begins = !is_word_char(char) || char.is_numeric();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Spelling;

    fn spelling(names: &[&str]) -> Spelling {
        let many = std::iter::repeat_n(names, 60).flatten().copied();
        Spelling::learn(many)
    }

    #[test]
    fn capitals_are_written_as_the_backup_writes_them() {
        let spelling = spelling(&["Ayşe Yılmaz", "Jan van der Berg"]);
        assert_eq!(spelling.of("Nilgün YILMAZ"), "Nilgün Yılmaz");
        assert_eq!(spelling.of("Eva VAN DER BERG"), "Eva van der Berg");
        assert_eq!(spelling.of("Eva SMOLL-HEYD"), "Eva Smoll-Heyd");
    }

    #[test]
    fn a_letter_that_may_be_one_of_two_is_not_guessed() {
        assert_eq!(spelling(&["Ayşe Yılmaz"]).of("Oğuz KILIÇ"), "Oğuz KILIÇ");
        assert_eq!(spelling(&["Anna Weber"]).of("Oğuz KILIÇ"), "Oğuz Kiliç");
    }

    #[test]
    fn where_the_backup_has_names_in_capitals_they_stay() {
        assert_eq!(spelling(&["Anna WEBER"]).of("Eva SMOLL"), "Eva SMOLL");
    }

    #[test]
    fn initials_stay() {
        assert_eq!(spelling(&["Anna Weber"]).of("JP SMOLL"), "JP Smoll");
    }
}
