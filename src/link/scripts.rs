//! One name in two scripts, and names to which a form of address is written without a space.
//!
//! An entry is typed in whatever letters are at hand, and a message names the customer in others. Where both alphabets
//! write sounds, the consonants of a name tell whether it may be the same; of other scripts nothing does.

use super::facts::Facts;
use crate::mapping::ideograph;
use crate::reading::{in_latin, is_latin};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A name needs so many consonants that are heard in both scripts.
const HEARD: usize = 2;
/// What stands before or behind the names of so many people is how they are addressed.
const PEOPLE: usize = 5;

/// The words of a name that others spell in another script.
pub fn alike<'a>(said: &BTreeSet<String>, names: &'a BTreeSet<String>) -> Vec<&'a String> {
    let heard: Vec<(bool, String)> = said.iter().filter_map(|word| heard(word)).collect();
    let is_said = |name: &&String| {
        let own = self::heard(name);
        own.is_some_and(|(latin, sound)| {
            heard
                .iter()
                .any(|(other, said)| *other != latin && *said == sound)
        })
    };
    names.iter().filter(is_said).collect()
}

/// Whether names are in different scripts, and at least one of them in one that does not tell how a name sounds in another.
pub fn are_apart(mine: &BTreeSet<String>, theirs: &BTreeSet<String>) -> bool {
    let is_told = |words: &BTreeSet<String>| words.iter().flat_map(|word| word.chars()).all(is_sounded);
    differ(mine, theirs) && !(is_told(mine) && is_told(theirs))
}

/// Whether one of two names is written in Latin letters, and the other is not.
pub fn differ(mine: &BTreeSet<String>, theirs: &BTreeSet<String>) -> bool {
    script(mine)
        .zip(script(theirs))
        .is_some_and(|(mine, theirs)| mine != theirs)
}

/// Whether names are written in Latin letters; None where there are none, or both.
fn script(names: &BTreeSet<String>) -> Option<bool> {
    let letters = || {
        let chars = names.iter().flat_map(|name| name.chars());
        chars.filter(|char| char.is_alphabetic())
    };
    let first = is_latin(letters().next()?);
    letters().all(|char| is_latin(char) == first).then_some(first)
}

/// Letters of an alphabet of which each is a sound: Latin, Greek, Cyrillic, Armenian, Arabic, Georgian.
fn is_sounded(char: char) -> bool {
    is_latin(char)
        || ('\u{370}'..'\u{590}').contains(&char)
        || ('\u{600}'..'\u{700}').contains(&char)
        || ('\u{10a0}'..'\u{1100}').contains(&char)
}

/// Whether a word is in Latin letters, and its consonants as they sound, near enough: whoever spells a name in other
/// letters writes its vowels, and which of two like sounds it is, as they hear them.
fn heard(word: &str) -> Option<(bool, String)> {
    let is_latin = script(&BTreeSet::from([word.to_owned()]))?;
    if !word.chars().all(is_sounded) {
        return None;
    }
    let spelled = in_latin(word).to_lowercase();
    let spelled = ["sch", "sh", "zh", "ch", "ts", "tz", "cz"]
        .iter()
        .fold(spelled, |text, sound| text.replace(sound, "s"));
    let spelled = spelled.replace("ph", "f").replace("kh", "h").replace('x', "ks");
    let mut sounds = String::new();
    for char in spelled.chars() {
        let sound = match char {
            'c' | 'q' | 'g' => 'k',
            'z' => 's',
            'p' => 'b',
            't' => 'd',
            'f' => 'v',
            'b' | 'd' | 'k' | 'l' | 'm' | 'n' | 'r' | 's' | 'v' => char,
            _ => continue,
        };
        if !sounds.ends_with(sound) {
            sounds.push(sound);
        }
    }
    (sounds.chars().count() >= HEARD).then_some((is_latin, sounds))
}

/// Of scripts that put no space between words: takes names out of words of entries to which a form of address is written,
/// which is what stands beside the names of several people there.
pub fn part_address(all: &mut [Facts], people: &HashSet<String>) {
    let mut addressed: BTreeMap<(String, bool), BTreeSet<String>> = BTreeMap::new();
    let mut found: Vec<(usize, (String, bool), String)> = Vec::new();
    for (at, facts) in all.iter().enumerate() {
        for word in facts.words.iter().filter(|word| word.chars().all(is_unspaced)) {
            for (cut, _) in word.char_indices().skip(1) {
                let (before, behind) = word.split_at(cut);
                for (name, form) in [
                    (behind, (before.to_owned(), true)),
                    (before, (behind.to_owned(), false)),
                ] {
                    if name.chars().count() > 1 && people.contains(name) {
                        addressed.entry(form.clone()).or_default().insert(name.to_owned());
                        found.push((at, form, name.to_owned()));
                    }
                }
            }
        }
    }
    for (at, form, name) in found {
        if addressed[&form].len() >= PEOPLE {
            all[at].words.insert(name);
        }
    }
}

/// Letters of scripts that put no space between words: those of South East Asia, and signs that are words of their own.
fn is_unspaced(char: char) -> bool {
    ideograph(char)
        || ('\u{e00}'..'\u{f00}').contains(&char)
        || ('\u{1000}'..'\u{10a0}').contains(&char)
        || ('\u{1780}'..'\u{1800}').contains(&char)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::squash;

    fn words(text: &str) -> BTreeSet<String> {
        text.split(' ').map(squash).collect()
    }

    #[test]
    fn a_name_in_other_letters_is_heard() {
        let is_alike = |said: &str, name: &str| !alike(&words(said), &words(name)).is_empty();
        assert!(is_alike("party of Lebedev", "Дмитрий Лебедев"));
        assert!(is_alike("Mohamed", "محمد إبراهيم"));
        assert!(is_alike("Ibrahim", "محمد إبراهيم"));
        assert!(is_alike("Tsiklauri x2", "სალომე წიკლაური"));
        assert!(is_alike("Beridze", "ნინო ბერიძე"));
        assert!(is_alike("Khutsishvili", "ანა ხუციშვილი"));
        assert!(!is_alike("Tsiklauri", "ანა ხუციშვილი"));
        assert!(is_alike("Papadopoulos", "Γιώργος Παπαδόπουλος"));
        assert!(!is_alike("party of Lebedev", "Павел Соколов"));
        assert!(!is_alike("Lebedev", "Lebedew"), "one script");
    }

    #[test]
    fn scripts_that_tell_no_sounds_contradict_nothing() {
        assert!(are_apart(&words("Benjawan"), &words("เบญจวรรณ")));
        assert!(!are_apart(&words("Benjawan"), &words("Лебедев")));
        assert!(!are_apart(&words("Benjawan"), &words("Smith")));
    }

    #[test]
    fn a_form_of_address_is_what_several_names_have() {
        let names = ["ธัญญา", "ภาณุ", "หมวย", "จิราพร", "วีรยุทธ"];
        let people: HashSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let entry = |word: String| Facts {
            words: BTreeSet::from([word]),
            ..Facts::default()
        };
        let mut all: Vec<Facts> = names.iter().map(|name| entry(format!("คุณ{name}"))).collect();
        all.push(entry("xธัญญา".to_owned()));
        part_address(&mut all, &people);
        assert!(
            names
                .iter()
                .zip(&all)
                .all(|(name, facts)| facts.words.contains(*name))
        );
        let mut few = all[..4].to_vec();
        for (name, facts) in names.iter().zip(&mut few) {
            facts.words = BTreeSet::from([format!("คุณ{name}")]);
        }
        part_address(&mut few, &people);
        assert!(few.iter().all(|facts| facts.words.len() == 1), "too few people");
    }
}
