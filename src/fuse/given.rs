//! Given names that are clearly those of two people: neither one's other spelling, nor short for the other, nor mistyped.

use crate::mapping::{ideograph, squash};
use std::collections::BTreeSet;

/// Words that share so many first letters may be forms of one name.
const ALIKE: usize = 3;

/// Whether the given names of two people are clearly different, whatever the family's.
pub fn differ(one: &str, other: &str, family_first: bool) -> bool {
    let (Some(mut one), Some(mut other)) = (given(one, family_first), given(other, family_first)) else {
        return false;
    };
    let shared: BTreeSet<String> = within(&one, family_first)
        .iter()
        .filter(|word| within(&other, family_first).contains(word))
        .cloned()
        .collect();
    for words in [&mut one, &mut other] {
        let anchor = if family_first { words.len() - 1 } else { 0 };
        let mut at = 0..;
        words.retain(|word| at.next() == Some(anchor) || !shared.contains(word));
    }
    let all = || one.iter().chain(&other);
    let scripts: BTreeSet<Script> = all().flat_map(|word| word.chars().map(Script::of)).collect();
    // What is written in two ways may be read as one.
    let [script] = scripts.into_iter().collect::<Vec<_>>()[..] else {
        return false;
    };
    let clear = |a: &String, b: &String| match script {
        Script::Kana | Script::Han => !a.chars().any(|char| b.contains(char)),
        _ => is_clear(a, b),
    };
    one.iter().all(|a| other.iter().all(|b| clear(a, b)))
}

/// Whether two people of one family's name, in signs, have given names of other signs: 洋子, 裕子. Where names are never
/// mistyped these are two people.
pub fn differ_in_signs(one: &str, other: &str) -> bool {
    let halves = |name: &str| -> Vec<String> { name.split_whitespace().map(squash).collect() };
    let (one, other) = (halves(one), halves(other));
    let ([family, given], [others, other]) = (one.as_slice(), other.as_slice()) else {
        return false;
    };
    // Katakana is how a name is heard.
    let is_sign = |char: char| Script::of(char) == Script::Han || ('\u{3041}'..='\u{3096}').contains(&char);
    let is_in_signs = |word: &String| !word.is_empty() && word.chars().all(is_sign);
    family == others
        && [given, other].into_iter().all(is_in_signs)
        && !given.contains(other.as_str())
        && !other.contains(given.as_str())
}

/// Those of the given names that stand within the whole name, neither first nor last: that two people are both an Al or a de is
/// no likeness, nor is a second name that both have.
fn within(given: &[String], family_first: bool) -> &[String] {
    if family_first {
        &given[..given.len() - 1]
    } else {
        &given[1..]
    }
}

/// The given names, folded.
fn given(name: &str, family_first: bool) -> Option<Vec<String>> {
    let words: Vec<String> = name.split_whitespace().map(squash).collect();
    let (_, given) = if family_first || name.chars().any(ideograph) {
        words.split_first()?
    } else {
        words.split_last()?
    };
    (!given.is_empty() && given.iter().all(|word| !word.is_empty())).then(|| given.to_vec())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Kana,
    Han,
    /// A block of so many signs.
    Other(u32),
}

impl Script {
    fn of(char: char) -> Self {
        match char {
            '\u{3040}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9d}' => Self::Kana,
            char if ideograph(char) => Self::Han,
            '\0'..'\u{250}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{ac00}'..='\u{d7af}' => Self::Other(0xac),
            char => Self::Other(u32::from(char) >> 8),
        }
    }
}

/// Whether two words of one script have too little in common to be one name: at least half of their letters would have
/// to be changed, neither holds the other, and without vowels they are not the same.
fn is_clear(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let holds = long.windows(short.len()).any(|part| part == short.as_slice());
    let (bones, others) = (consonants(short), consonants(long));
    short.len() > 1
        && same < ALIKE
        && !holds
        && (bones != others || bones.len() < 2)
        && distance(short, long) * 2 >= long.len()
}

/// Without vowels, and doubled letters once.
fn consonants(word: &[char]) -> Vec<char> {
    let mut kept: Vec<char> = word.to_vec();
    kept.retain(|char| !matches!(char, 'a' | 'e' | 'i' | 'o' | 'u' | 'y'));
    kept.dedup();
    kept
}

/// How many letters have to be changed, put in or left out.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, one) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (there, other) in b.iter().enumerate() {
            let changed = corner + usize::from(one != other);
            corner = row[there + 1];
            row[there + 1] = changed.min(corner + 1).min(row[there] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{differ, differ_in_signs};

    #[test]
    fn members_of_a_family_are_told_apart() {
        for (one, other) in [
            ("Lone Nygaard", "Hans Nygaard"),
            ("Kaj Ravn", "Mikkel Ravn"),
            ("Ole Olsen", "Sofie Olsen"),
            ("Anna Maria Kis", "Péter Kis"),
            ("吉田 翔太", "吉田 湊"),
            ("Иван Петров", "Ольга Петрова"),
            ("Huda Al Fassi", "Karim Al Naddaf"),
        ] {
            assert!(differ(one, other, false), "{one}, {other}");
        }
        assert!(differ("Kis Anna", "Kis Péter", true));
    }

    #[test]
    fn one_sign_tells_given_names_apart() {
        assert!(differ_in_signs("吉田 洋子", "吉田 裕子"));
        assert!(differ_in_signs("吉田 洋子", "吉田 さくら"));
        assert!(
            !differ_in_signs("吉田 洋", "吉田 洋子"),
            "it may be short for the other"
        );
        assert!(
            !differ_in_signs("吉田 ヨウコ", "吉田 洋子"),
            "it may be spelt otherwise"
        );
        assert!(!differ_in_signs("Anna Ravn", "Hanna Ravn"));
    }

    #[test]
    fn forms_of_one_name_are_not() {
        for (one, other) in [
            ("Sofia Ravn", "Sofie Ravn"),
            ("Mia Ravn", "Pia Ravn"),
            ("K. Ravn", "Mikkel Ravn"),
            ("Sandra Ravn", "Alexandra Ravn"),
            ("Mehmed Ravn", "Muhammad Ravn"),
            ("Michael Ravn", "Mikael Ravn"),
            ("Anna Ravn", "Anna Kjær"),
            ("Anna Ravn", "Maria Anna Ravn"),
            ("Ravn", "Mikkel Ravn"),
            ("Ivan Petrov", "Ольга Петрова"),
            ("ヨシダ ミナト", "吉田 翔太"),
        ] {
            assert!(!differ(one, other, false), "{one}, {other}");
        }
    }
}
