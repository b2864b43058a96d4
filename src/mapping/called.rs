//! Parts by which people are called: a word of their name, its beginning, initials.

use super::{Part, squash};

/// A nickname shares at least so many letters with the name that it is short for.
const ALIKE: usize = 2;

/// Which part of a person's name a text is; none where it is no part of it, or all of it.
pub fn part_of_name(said: &str, name: &str) -> Option<Part> {
    NameWords::new(name).part(said)
}

/// A person's name, made ready to look for its parts.
#[derive(Debug, Clone, Default)]
pub struct NameWords {
    /// Folded, none of them empty.
    words: Vec<String>,
    /// The name from each of its words on.
    behind: Vec<String>,
}

impl NameWords {
    pub fn new(name: &str) -> Self {
        let words = name.split_whitespace().map(squash);
        let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
        Self {
            behind: (0..words.len()).map(|from| words[from..].concat()).collect(),
            words,
        }
    }

    /// Which part of the name a text is; none where it is no part of it, or all of it.
    pub fn part(&self, said: &str) -> Option<Part> {
        if !self.may_begin(said) {
            return None;
        }
        if let Some((rest, letter)) = abbreviated(said) {
            let part = self.part(rest)?;
            let behind = squash(rest);
            let mut others = self.words.iter().filter(|word| !behind.contains(word.as_str()));
            let of_name = matches!(part, Part::FirstWord | Part::LastWord);
            return (of_name && others.any(|word| word.starts_with(&letter))).then_some(part);
        }
        let said = squash(said);
        let words = &self.words;
        let (first, last) = (words.first()?, words.last()?);
        if said.is_empty() || said == self.behind[0] && words.len() > 1 {
            return None;
        }
        // Somebody of one name is called by it, whichever half it is.
        if said == *last || self.behind[1..].contains(&said) {
            return Some(Part::LastWord);
        }
        if said == *first {
            return Some(Part::FirstWord);
        }
        let initials = || words.iter().filter_map(|word| word.chars().next());
        if words.len() > 1 && (said.chars().eq(initials()) || said.chars().eq(initials().rev())) {
            return Some(Part::Initials);
        }
        if words.iter().any(|word| begin_alike(&said, word)) {
            return Some(Part::Beginning);
        }
        // A small word that the family's name begins with.
        words.contains(&said).then_some(Part::LastWord)
    }

    /// Whether a word of the name begins as the text does, as far as that is plain: most texts are no part of it, and need
    /// not be folded to know that.
    fn may_begin(&self, said: &str) -> bool {
        if !said.is_ascii() {
            return true;
        }
        let mut letters = said.bytes().filter(u8::is_ascii_alphanumeric);
        let first = letters.next().map(|byte| byte.to_ascii_lowercase());
        first.is_some_and(|first| self.words.iter().any(|word| word.as_bytes()[0] == first))
    }
}

/// A part of a name and the initial behind it: `Marić L.`, `de la Cruz M`.
pub fn abbreviated(said: &str) -> Option<(&str, String)> {
    let said = said.trim().trim_end_matches('.');
    let (rest, last) = said.rsplit_once(char::is_whitespace)?;
    let is_letter = |char: char| char.is_alphabetic() && !super::ideograph(char);
    let mut letters = last.chars();
    let is_initial = letters.next().is_some_and(is_letter) && letters.next().is_none();
    let is_word = || rest.split_whitespace().all(|word| word.chars().count() > 1);
    (is_initial && is_word() && !rest.trim().is_empty()).then(|| (rest.trim(), squash(last)))
}

/// Zsuzsi and Zsuzsanna, Évi and Éva: half of the shorter one, two letters at least.
fn begin_alike(a: &str, b: &str) -> bool {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let shorter = a.chars().count().min(b.chars().count());
    shorter > ALIKE && same >= ALIKE && same * 2 >= shorter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_told_by_its_kind() {
        for (said, name, part) in [
            ("Piotrowska", "Maria Piotrowska", Some(Part::LastWord)),
            ("PIOTROWSKA", "Piotrowska", Some(Part::LastWord)),
            ("Zsuzsa", "Fekete Zsuzsa", Some(Part::LastWord)),
            ("de la Cruz", "Ana de la Cruz", Some(Part::LastWord)),
            ("de", "Ana de la Cruz", Some(Part::LastWord)),
            ("d'Arcy", "Ana d’Arcy", Some(Part::LastWord)),
            ("Maria", "Maria Piotrowska", Some(Part::FirstWord)),
            ("湊", "清水 湊", Some(Part::LastWord)),
            ("M.P.", "Maria Piotrowska", Some(Part::Initials)),
            ("KZs", "Zsuzsa Kovács", None),
            ("Zsuzsi", "Fekete Zsuzsanna", Some(Part::Beginning)),
            ("Évi", "Kiss Éva", Some(Part::Beginning)),
            ("Maria Piotrowska", "Maria Piotrowska", None),
            ("Nowak", "Maria Piotrowska", None),
            ("Piotrowska M.", "Maria Piotrowska", Some(Part::LastWord)),
            ("de la Cruz A", "Ana de la Cruz", Some(Part::LastWord)),
            ("Piotrowska K.", "Maria Piotrowska", None),
            ("", "Maria Piotrowska", None),
        ] {
            assert_eq!(part_of_name(said, name), part, "{said} of {name}");
        }
    }
}
