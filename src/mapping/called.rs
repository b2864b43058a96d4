//! Parts by which people are called: a word of their name, its beginning, initials.

use super::{Part, squash};

/// A nickname shares at least so many letters with the name that it is short for.
const ALIKE: usize = 2;

/// Which part of a person's name a text is; none where it is no part of it, or all of it.
pub fn part_of_name(said: &str, name: &str) -> Option<Part> {
    if let Some((rest, letter)) = abbreviated(said) {
        let part = part_of_name(rest, name)?;
        let behind = squash(rest);
        let words = name.split_whitespace().map(squash);
        let mut others = words.filter(|word| !behind.contains(word.as_str()));
        let of_name = matches!(part, Part::FirstWord | Part::LastWord);
        return (of_name && others.any(|word| word.starts_with(&letter))).then_some(part);
    }
    let said = squash(said);
    let words: Vec<String> = name
        .split_whitespace()
        .map(squash)
        .filter(|word| !word.is_empty())
        .collect();
    let (first, last) = (words.first()?, words.last()?);
    if said.is_empty() || said == words.concat() && words.len() > 1 {
        return None;
    }
    // Somebody of one name is called by it, whichever half it is.
    let behind = |from: usize| words[from..].concat();
    if said == *last || (1..words.len()).any(|from| said == behind(from)) {
        return Some(Part::LastWord);
    }
    if said == *first {
        return Some(Part::FirstWord);
    }
    let initials = || words.iter().filter_map(|word| word.chars().next());
    if words.len() > 1 && (said.chars().eq(initials()) || said.chars().eq(initials().rev())) {
        return Some(Part::Initials);
    }
    words
        .iter()
        .any(|word| begin_alike(&said, word))
        .then_some(Part::Beginning)
}

/// A part of a name and the initial behind it: `Marić L.`, `de la Cruz M`.
pub fn abbreviated(said: &str) -> Option<(&str, String)> {
    let said = said.trim().trim_end_matches('.');
    let (rest, last) = said.rsplit_once(char::is_whitespace)?;
    let letter = squash(last);
    let is_letter = |char: char| char.is_alphabetic() && !super::ideograph(char);
    let is_initial = last.chars().count() == 1 && last.chars().all(is_letter);
    let is_word = rest.split_whitespace().all(|word| word.chars().count() > 1);
    (is_initial && is_word && !rest.trim().is_empty()).then_some((rest.trim(), letter))
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
