//! The people of a place: names, addresses, telephone numbers.
//!
//! Family names are few and unevenly spread, as real ones, so that namesakes happen; where a world is large, made-up
//! compounds are added to the lists.

use super::random::Random;
use std::collections::BTreeSet;

/// Who people are in one country.
#[derive(Debug, Clone)]
pub struct People {
    /// As written, and in Latin letters where that differs.
    pub given: Vec<Word>,
    pub family: Vec<Word>,
    /// Fore and hind parts of further family names.
    pub family_parts: (Vec<Word>, Vec<Word>),
    pub family_first: bool,
    pub separator: &'static str,
    /// Patterns for [`Random::pattern`].
    pub phones: Vec<String>,
    /// Under `.example`.
    pub mail_hosts: Vec<String>,
    /// Company names that pay for their people.
    pub companies: Vec<String>,
}

/// A name as written, and in Latin letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    pub written: String,
    pub latin: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub given: Word,
    pub family: Word,
    pub written: String,
}

impl Name {
    /// As it stands on a card.
    pub fn on_card(&self) -> String {
        if self.written.is_ascii() || self.given.written.chars().all(|c| (c as u32) < 0x250) {
            self.written.clone()
        } else {
            format!("{} {}", self.given.latin, self.family.latin).to_uppercase()
        }
    }
}

/// Names whose Latin letters are the written ones without their marks.
pub fn words(list: &str) -> Vec<Word> {
    list.split_whitespace()
        .map(|word| {
            let (written, latin) = word.split_once('/').unwrap_or((word, ""));
            let written = written.replace('_', " ");
            let latin = if latin.is_empty() {
                unmark(&written)
            } else {
                latin.to_owned()
            };
            Word { written, latin }
        })
        .collect()
}

/// Latin letters without marks; German ones as mail addresses spell them.
fn unmark(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'ä' | 'Ä' => "ae".to_owned(),
            'ö' | 'Ö' => "oe".to_owned(),
            'ü' | 'Ü' => "ue".to_owned(),
            'ß' => "ss".to_owned(),
            'á' | 'à' | 'â' | 'ã' => "a".to_owned(),
            'Á' | 'À' | 'Â' => "A".to_owned(),
            'é' | 'è' | 'ê' | 'ë' => "e".to_owned(),
            'É' | 'È' | 'Ê' => "E".to_owned(),
            'í' | 'ì' | 'î' | 'ï' => "i".to_owned(),
            'Í' | 'Î' => "I".to_owned(),
            'ó' | 'ò' | 'ô' | 'õ' => "o".to_owned(),
            'Ó' | 'Ô' => "O".to_owned(),
            'ú' | 'ù' | 'û' => "u".to_owned(),
            'ç' => "c".to_owned(),
            'Ç' => "C".to_owned(),
            'ñ' => "n".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

impl People {
    /// A person's name; `crowded` worlds also draw made-up compounds.
    pub fn name(&self, random: &mut Random, crowded: bool) -> Name {
        let given = random.pick(&self.given).clone();
        let (fore, hind) = &self.family_parts;
        let family = if crowded && !fore.is_empty() && random.chance(0.8) {
            let (fore, hind) = (random.pick(fore), random.pick(hind));
            Word {
                written: format!("{}{}", fore.written, hind.written),
                latin: format!("{}{}", fore.latin, hind.latin),
            }
        } else {
            // The smaller of two draws: the first names of the list are the common ones.
            let place = random
                .below(self.family.len())
                .min(random.below(self.family.len()));
            self.family[place].clone()
        };
        let (first, second) = if self.family_first {
            (&family, &given)
        } else {
            (&given, &family)
        };
        let written = format!("{}{}{}", first.written, self.separator, second.written);
        Name {
            given,
            family,
            written,
        }
    }

    /// A mail address that nobody has yet.
    pub fn address(&self, random: &mut Random, name: &Name, taken: &mut BTreeSet<String>) -> String {
        let given = letters(&name.given.latin);
        let family = letters(&name.family.latin);
        let initial: String = given.chars().take(1).collect();
        let local = match random.below(6) {
            0 | 1 => format!("{given}.{family}"),
            2 => format!("{initial}{family}"),
            3 => format!("{family}.{given}"),
            4 => format!("{given}_{family}"),
            _ => format!("{given}{family}"),
        };
        let mut address = format!("{local}@{}", random.pick(&self.mail_hosts));
        while !taken.insert(address.clone()) {
            address = format!(
                "{local}{}@{}",
                random.between(2, 9999),
                random.pick(&self.mail_hosts)
            );
        }
        address
    }

    pub fn phone(&self, random: &mut Random) -> String {
        let pattern = random.pick(&self.phones).clone();
        random.pattern(&pattern)
    }
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphabetic)
        .collect::<String>()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_script_and_its_latin_letters_apart() {
        let people = People {
            given: words("健一/Kenichi"),
            family: words("山田/Yamada"),
            family_parts: (Vec::new(), Vec::new()),
            family_first: true,
            separator: " ",
            phones: vec!["090-####-####".to_owned()],
            mail_hosts: vec!["post.example".to_owned()],
            companies: Vec::new(),
        };
        let mut random = Random::new(1);
        let name = people.name(&mut random, false);
        assert_eq!(name.written, "山田 健一");
        assert_eq!(name.on_card(), "KENICHI YAMADA");
        let mut taken = BTreeSet::new();
        let first = people.address(&mut random, &name, &mut taken);
        let second = people.address(&mut random, &name, &mut taken);
        assert!(first.is_ascii() && first != second);
    }
}
