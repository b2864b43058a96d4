//! One name in two scripts, and names to which a form of address is written without a space.
//!
//! An entry is typed in whatever letters are at hand, and a message names the customer in others. Where both alphabets
//! write sounds, the consonants of a name tell whether it may be the same; of other scripts nothing does.

use super::facts::Facts;
use crate::mapping::ideograph;
use crate::reading::{OTHER_SIGNS, alphabet, in_latin, is_hebrew};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A name needs so many consonants that are heard in both scripts.
const HEARD: usize = 2;
/// What stands before or behind the names of so many people is how they are addressed.
const PEOPLE: usize = 5;

/// The words of a name that others spell in another script.
pub fn alike<'a>(said: &BTreeSet<String>, names: &'a BTreeSet<String>) -> Vec<&'a String> {
    let heard: Vec<(u8, String)> = said.iter().filter_map(|word| heard(word)).collect();
    let is_said = |name: &&String| {
        let own = self::heard(name);
        let is_heard = own.is_some_and(|(letters, sound)| {
            heard
                .iter()
                .any(|(other, said)| *other != letters && *said == sound)
        });
        is_heard || said.iter().any(|word| is_of_consonants(word, name))
    };
    names.iter().filter(is_said).collect()
}

/// Whether one of two words is in Hebrew letters, and the other in letters of sounds has its consonants.
fn is_of_consonants(one: &str, other: &str) -> bool {
    let (hebrew, spelt) = match (one.chars().all(is_hebrew), other.chars().all(is_hebrew)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return false,
    };
    spelt.chars().all(is_sounded) && {
        let spelt = [sounds(spelt, "s"), sounds(spelt, "h")].map(|sounds| sounds.replace('v', "b"));
        consonants(hebrew)
            .iter()
            .any(|sounds| sounds.len() >= HEARD && spelt.contains(sounds))
    }
}

/// A word with more letters that may be silent is no name.
const SILENT: usize = 4;

/// The ways in which the consonants of a word in Hebrew letters may sound: some of its letters write a vowel here and a consonant
/// there, and one sign is p and f, one b and v.
fn consonants(word: &str) -> Vec<String> {
    let mut ways = vec![String::new()];
    let push = |way: &String, sound: char| {
        let mut way = way.clone();
        if !way.ends_with(sound) {
            way.push(sound);
        }
        way
    };
    for char in word.chars() {
        let (sound, may_be_silent) = match char {
            'ב' | 'פ' | 'ף' => ('b', false),
            'ו' => ('b', true),
            'ג' | 'ק' => ('k', false),
            'כ' | 'ך' => ('k', true),
            'ד' | 'ט' | 'ת' => ('d', false),
            'ז' | 'ס' | 'צ' | 'ץ' | 'ש' => ('s', false),
            'ל' => ('l', false),
            'מ' | 'ם' => ('m', false),
            'נ' | 'ן' => ('n', false),
            'ר' => ('r', false),
            _ => continue,
        };
        let silent = ways.clone().into_iter().filter(|_| may_be_silent);
        let sounded = ways.iter().map(|way| push(way, sound)).collect::<Vec<_>>();
        ways = sounded.into_iter().chain(silent).collect();
        ways.truncate(1 << SILENT);
    }
    ways
}

/// Whether names are in different scripts, and at least one of them in one that does not tell how a name sounds in another.
pub fn are_apart(mine: &BTreeSet<String>, theirs: &BTreeSet<String>) -> bool {
    // Of a short name in Hebrew letters no more than one consonant may be written.
    let is_told = |words: &BTreeSet<String>| {
        let mut letters = words.iter().flat_map(|word| word.chars());
        letters.all(|char| is_sounded(char) && !is_hebrew(char))
    };
    differ(mine, theirs) && !(is_told(mine) && is_told(theirs))
}

/// Whether two names are written in different letters.
pub fn differ(mine: &BTreeSet<String>, theirs: &BTreeSet<String>) -> bool {
    script(mine)
        .zip(script(theirs))
        .is_some_and(|(mine, theirs)| mine != theirs)
}

/// In which letters names are written; None where there are none, or several.
fn script(names: &BTreeSet<String>) -> Option<u8> {
    let letters = || {
        let chars = names.iter().flat_map(|name| name.chars());
        chars.filter(|char| char.is_alphabetic())
    };
    let first = alphabet(letters().next()?);
    letters().all(|char| alphabet(char) == first).then_some(first)
}

/// Letters of an alphabet of which each is a sound: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Georgian.
fn is_sounded(char: char) -> bool {
    alphabet(char) != OTHER_SIGNS
}

/// In which letters a word is, and its consonants as they sound, near enough: whoever spells a name in other
/// letters writes its vowels, and which of two like sounds it is, as they hear them.
fn heard(word: &str) -> Option<(u8, String)> {
    let letters = script(&BTreeSet::from([word.to_owned()]))?;
    if !word.chars().all(|char| is_sounded(char) && !is_hebrew(char)) {
        return None;
    }
    let sounds = sounds(word, "s");
    (sounds.chars().count() >= HEARD).then_some((letters, sounds))
}

/// The consonants of a word as they sound, where `ch` sounds like this.
fn sounds(word: &str, ch: &str) -> String {
    let spelled = in_latin(word).to_lowercase();
    let hissed = |text: String, signs: [&str; 3]| {
        let signs = signs.iter();
        signs.fold(text, |text, sign| text.replace(sign, "s"))
    };
    let spelled = hissed(spelled, ["sch", "sh", "zh"]).replace("ch", ch);
    let spelled = hissed(spelled, ["ts", "tz", "cz"]);
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
    sounds
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
        assert!(is_alike("Levy Ronit", "לוי"));
        assert!(is_alike("Rachel", "רחל"));
        assert!(is_alike("Rabinovich", "רבינוביץ׳"));
        assert!(is_alike("Фельдман", "פלדמן"));
        assert!(is_alike("שולמן", "Шульман"));
        assert!(!is_alike("Kaplan", "פלדמן"));
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
