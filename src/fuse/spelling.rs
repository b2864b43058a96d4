//! Names that a message prints in capitals, as the backup would have them.
//!
//! Where the backup's names are hardly ever in capitals, a word of a name that is (`Nilgün YILMAZ`) is written as the backup
//! writes it, or with one capital. A capital `I` may be an `i` or, where the backup has such names, an `ı`: of a word that
//! it does not know, that is not guessed. Where names that messages print so mostly stand so in the backup, they were typed so by
//! whoever booked, and stay.

use super::Input;
use super::family::with_customers;
use crate::mapping::squash;
use crate::model::{Cluster, FieldName, Value};
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

    /// Takes over how names that messages state in capitals stand in the backup: each as it was said, and as the row has it.
    #[must_use]
    pub fn heard<'n>(mut self, names: impl Iterator<Item = (&'n str, &'n str)>) -> Self {
        let (mut kept, mut written_anew) = (0, 0);
        let loud = names.filter(|(said, _)| said.split_whitespace().any(in_capitals));
        for (said, row) in loud.filter(|(said, row)| folded(said) == folded(row)) {
            let same = said.split_whitespace().eq(row.split_whitespace());
            kept += usize::from(same);
            written_anew += usize::from(!same);
        }
        self.is_cased &= kept <= written_anew;
        self
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

/// The customers' names that messages state of the backup's bookings, each with the row's.
pub fn names_heard<'i>(input: &'i Input<'_>) -> impl Iterator<Item = (&'i str, &'i str)> {
    let told = |cluster: &'i Cluster| cluster.members.iter().map(|at| &input.told[*at]);
    with_customers(input).into_iter().flat_map(move |(cluster, row)| {
        let messages = told(cluster).filter(|told| told.document.object == "message");
        let names = messages.flat_map(|told| told.claims.of(FieldName::CustomerName));
        names.filter_map(move |claim| match &claim.value {
            Value::Text(name) => Some((name.as_str(), row)),
            _ => None,
        })
    })
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
    fn names_that_the_backup_has_as_they_were_said_stay() {
        let names = [("NILGÜN YILMAZ", "NILGÜN YILMAZ"), ("Eva Smoll", "Eva Smoll")];
        let kept = spelling(&["Anna Weber"]).heard(names.into_iter());
        assert_eq!(kept.of("EVA SMOLL"), "EVA SMOLL");
        let names = [("Nilgün YILMAZ", "Nilgün Yılmaz")];
        let printed = spelling(&["Anna Weber"]).heard(names.into_iter());
        assert_eq!(printed.of("Eva SMOLL"), "Eva Smoll");
    }

    #[test]
    fn initials_stay() {
        assert_eq!(spelling(&["Anna Weber"]).of("JP SMOLL"), "JP Smoll");
    }
}
