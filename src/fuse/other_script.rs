//! A name that staff write in the letters at hand, and its owner in others: Michael is 마이클 in the calendar.
//!
//! What such a name sounds like is no proof of whose it is. Where it begins alike, it is no word against either.

use crate::mapping::ideograph;
use crate::reading::{alphabet, in_latin};

/// Whether two names are in different letters, and a word of each begins with like sounds.
pub fn begin_alike(mine: &[String], theirs: &[String]) -> bool {
    let script = |words: &[String]| {
        let mut letters = words
            .iter()
            .flat_map(|word| word.chars())
            .filter(|char| char.is_alphabetic());
        let first = alphabet(letters.next()?);
        letters.all(|char| alphabet(char) == first).then_some(first)
    };
    let differ = script(mine)
        .zip(script(theirs))
        .is_some_and(|(mine, theirs)| mine != theirs);
    let sounds = |words: &[String]| -> Vec<char> { words.iter().filter_map(|word| begins(word)).collect() };
    let theirs = sounds(theirs);
    differ && sounds(mine).iter().any(|sound| theirs.contains(sound))
}

/// The first sound of a word, one for those that alphabets do not tell apart; None where signs stand for whole words.
fn begins(word: &str) -> Option<char> {
    if word.chars().any(ideograph) {
        return None;
    }
    // Thai and Lao write some vowels before the consonant that they follow.
    let is_before = |char: char| matches!(char, '\u{e40}'..='\u{e44}' | '\u{ec0}'..='\u{ec4}');
    let first = in_latin(word.trim_start_matches(is_before))
        .chars()
        .find(char::is_ascii_alphabetic)?;
    let sound = match first.to_ascii_lowercase() {
        'a' | 'e' | 'i' | 'o' | 'u' | 'w' | 'y' => 'a',
        'c' | 'q' | 'g' | 'x' => 'k',
        'z' | 'j' => 's',
        'p' | 'f' | 'v' => 'b',
        't' => 'd',
        'l' => 'r',
        other => other,
    };
    Some(sound)
}

#[cfg(test)]
mod tests {
    use super::begin_alike;
    use crate::mapping::squash;

    fn are_alike(mine: &str, theirs: &str) -> bool {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(squash).collect() };
        begin_alike(&words(mine), &words(theirs))
    }

    #[test]
    fn a_name_in_other_letters_begins_alike() {
        assert!(are_alike("Michael Dubois", "마이클"));
        assert!(are_alike("Rachel Lim", "레이첼"));
        assert!(are_alike("Zoe Park", "조이"));
        assert!(are_alike("Дмитрий Лебедев", "Lebedev"));
        assert!(are_alike("Thomas Green", "โทมัส"));
        assert!(are_alike("Леонид Фельдман", "לאוניד פלדמן"));
    }

    #[test]
    fn another_name_does_not() {
        assert!(!are_alike("Michael Dubois", "한나"));
        assert!(!are_alike("Michael Dubois", "Martin"), "one script");
        assert!(!are_alike("Michael Dubois", "美咲"), "signs tell no sounds");
    }
}
