//! Values that can be found again in other records: words in order, whatever stands between them.
//!
//! An atom is a value's words in lower case. Letters of scripts without spaces are words of their own. A number
//! as of a phone is known by its last digits.

use std::collections::{BTreeMap, BTreeSet};

const WORDS_MAX: usize = 8;
const TAIL_DIGITS: usize = 8;

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for char in text.chars() {
        if is_unspaced(char) {
            words.push(char.to_string());
            words.push(String::new());
        } else if char.is_alphanumeric() {
            if let Some(word) = words.last_mut() {
                word.extend(char.to_lowercase());
            }
        } else {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Han, Kana, Thai and the like are written without spaces. Source: Unicode's blocks.
fn is_unspaced(char: char) -> bool {
    matches!(u32::from(char), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// A value's atom; None where it is too short to be found again, or too long.
pub(super) fn atom(value: &str) -> Option<String> {
    let words = words(value);
    let length: usize = words.iter().map(|word| word.chars().count()).sum();
    let is_dense = value.chars().any(is_unspaced);
    ((length >= 4 || is_dense && length >= 2) && words.len() <= WORDS_MAX).then(|| words.join(" "))
}

/// Whether a value looks like a phone number: digits and the marks that people put between them.
pub(super) fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let others = value.chars().filter(|char| !char.is_ascii_digit());
    (7..=15).contains(&digits) && others.clone().all(|char| " +-./()".contains(char)) && !value.contains(':')
}

/// The last digits of a number.
pub(super) fn tail(value: &str) -> Option<String> {
    let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 7).then(|| {
        let from = digits.len().saturating_sub(TAIL_DIGITS);
        format!("#{}", digits[from..].iter().collect::<String>())
    })
}

/// The atoms among the known ones that a text holds.
pub(super) fn found_in(text: &str, known: &Known) -> BTreeSet<String> {
    let words = words(text);
    let mut found = BTreeSet::new();
    for from in 0..words.len() {
        let Some(longest) = known.longest.get(&words[from]) else {
            continue;
        };
        let mut joined = String::new();
        for word in words[from..].iter().take(*longest) {
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined += word;
            if known.atoms.contains(&joined) {
                found.insert(joined.clone());
            }
        }
    }
    for number in text.split(|char: char| !char.is_ascii_digit() && !" +-./()".contains(char)) {
        if let Some(tail) = tail(number).filter(|tail| known.atoms.contains(tail)) {
            found.insert(tail);
        }
    }
    found
}

/// Atoms to look for.
#[derive(Default)]
pub(super) struct Known {
    atoms: BTreeSet<String>,
    /// First word to the most words of an atom that begins so.
    longest: BTreeMap<String, usize>,
}

impl Known {
    pub fn add(&mut self, atom: &str) {
        let mut words = atom.split(' ');
        if let Some(first) = words.next() {
            let longest = self.longest.entry(first.to_owned()).or_default();
            *longest = (*longest).max(1 + words.count());
        }
        self.atoms.insert(atom.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_any_spacing() {
        let mut known = Known::default();
        for value in ["HB-4111", "山田 太郎", "ann.lee@post.example"] {
            known.add(&atom(value).expect("long enough"));
        }
        known.add(&tail("0171/0604219").expect("a number"));
        let found = |text: &str| found_in(text, &known).into_iter().collect::<Vec<_>>();
        assert_eq!(found("(hb 4111) for 山田太郎様"), ["hb 4111", "山 田 太 郎"]);
        assert_eq!(
            found("Ann.Lee@post.example, +49 171 0604219"),
            ["#10604219", "ann lee post example"]
        );
        assert_eq!(found("HB-41110"), [""; 0]);
    }
}
