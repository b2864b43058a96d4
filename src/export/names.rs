//! Splits a full name for targets that keep first and last name apart, as the backup's own customers are split.
//!
//! Where the records do not tell the halves apart, only three things may: a name of two words has one
//! border; a half that the backup knows shows the border and the order; and a rule that the backup's
//! longer names keep. Otherwise nothing is split, and the booking is held.

use crate::model::BaselineCustomer;
use crate::reading::fold;
use std::collections::BTreeSet;

#[derive(Default)]
pub(super) struct NameBorders {
    firsts: BTreeSet<String>,
    lasts: BTreeSet<String>,
    rule: Option<Rule>,
    /// The family's name stands first.
    family_first: bool,
}

/// What the backup's names of three words and more have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    FirstIsOneWord,
    LastIsOneWord,
}

/// Names of three words and more that must be seen, and all agree, before they make a rule.
const RULE_NAMES: usize = 5;

impl NameBorders {
    pub(super) fn learn(customers: &[BaselineCustomer]) -> Self {
        let mut borders = Self::default();
        let (mut long, mut short_first, mut short_last) = (0, 0, 0);
        let family_first = |row: &&BaselineCustomer| {
            let halves = row.last_name.as_ref().zip(row.first_name.as_ref());
            halves.map(|(last, first)| format!("{last} {first}")) == row.name
        };
        let turned = customers
            .iter()
            .filter(|row| row.name.is_some())
            .filter(family_first);
        borders.family_first = turned.count() * 2 > customers.len();
        for customer in customers {
            let (Some(first), Some(last)) = (&customer.first_name, &customer.last_name) else {
                continue;
            };
            borders.firsts.insert(fold(first));
            borders.lasts.insert(fold(last));
            let (firsts, lasts) = (first.split_whitespace().count(), last.split_whitespace().count());
            if firsts + lasts > 2 {
                long += 1;
                short_first += usize::from(firsts == 1);
                short_last += usize::from(lasts == 1);
            }
        }
        borders.rule = match long {
            0..RULE_NAMES => None,
            _ if short_first == long => Some(Rule::FirstIsOneWord),
            _ if short_last == long => Some(Rule::LastIsOneWord),
            _ => None,
        };
        borders
    }

    /// First and last name, or None where nothing shows the border.
    pub(super) fn split(&self, name: &str) -> Option<(String, String)> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let halves: Vec<(String, String)> = match words.as_slice() {
            [] => return None,
            [word] => word
                .char_indices()
                .skip(1)
                .map(|(at, _)| (word[..at].to_owned(), word[at..].to_owned()))
                .collect(),
            _ => (1..words.len())
                .map(|at| (words[..at].join(" "), words[at..].join(" ")))
                .collect(),
        };
        // Both orders: some write the family's name before the person's own.
        let mut scored: Vec<(usize, (String, String))> = halves
            .into_iter()
            .flat_map(|(left, right)| [(left.clone(), right.clone()), (right, left)])
            .map(|(first, last)| (self.known(&first, &last), (first, last)))
            .collect();
        let best = scored.iter().map(|(score, _)| *score).max()?;
        if best > 0 && (words.len() > 1 || best == 2) {
            scored.retain(|(score, _)| *score == best);
            if scored.len() == 1 {
                return scored.pop().map(|(_, halves)| halves);
            }
        }
        match (words.as_slice(), self.rule) {
            ([last, first], _) if self.family_first => Some(((*first).to_owned(), (*last).to_owned())),
            ([last, rest @ ..], Some(Rule::LastIsOneWord)) if self.family_first && !rest.is_empty() => {
                Some((rest.join(" "), (*last).to_owned()))
            }
            ([rest @ .., first], Some(Rule::FirstIsOneWord)) if self.family_first && !rest.is_empty() => {
                Some(((*first).to_owned(), rest.join(" ")))
            }
            (_, _) if self.family_first => None,
            ([first, last], _) => Some(((*first).to_owned(), (*last).to_owned())),
            ([first, rest @ ..], Some(Rule::FirstIsOneWord)) if !rest.is_empty() => {
                Some(((*first).to_owned(), rest.join(" ")))
            }
            ([rest @ .., last], Some(Rule::LastIsOneWord)) if !rest.is_empty() => {
                Some((rest.join(" "), (*last).to_owned()))
            }
            _ => None,
        }
    }

    fn known(&self, first: &str, last: &str) -> usize {
        usize::from(self.firsts.contains(&fold(first))) + usize::from(self.lasts.contains(&fold(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn borders(names: &[(&str, &str)]) -> NameBorders {
        let customers: Vec<BaselineCustomer> = names
            .iter()
            .map(|(first, last)| BaselineCustomer {
                first_name: Some((*first).to_owned()),
                last_name: Some((*last).to_owned()),
                ..BaselineCustomer::default()
            })
            .collect();
        NameBorders::learn(&customers)
    }

    fn split(borders: &NameBorders, name: &str) -> String {
        borders
            .split(name)
            .map_or("?".to_owned(), |(first, last)| format!("{first}|{last}"))
    }

    #[test]
    fn two_words_have_one_border() {
        assert_eq!(split(&borders(&[]), "Ines Marchetti"), "Ines|Marchetti");
    }

    #[test]
    fn the_familys_name_stands_first_where_the_backup_is_read_so() {
        let row = |first: &str, last: &str| BaselineCustomer {
            name: Some(format!("{last} {first}")),
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            ..BaselineCustomer::default()
        };
        let known = NameBorders::learn(&[row("János", "Kovács"), row("Anna", "Kis")]);
        assert_eq!(split(&known, "Balogh Réka"), "Réka|Balogh");
        assert_eq!(split(&known, "Anna Szabó"), "Anna|Szabó");
    }

    #[test]
    fn a_known_half_shows_the_border_and_the_order() {
        let known = borders(&[("Ana María", "Ruiz"), ("太郎", "山田"), ("Jan", "de Wit")]);
        assert_eq!(split(&known, "Ana Maria López García"), "Ana Maria|López García");
        assert_eq!(split(&known, "Piet de Wit"), "Piet|de Wit");
        assert_eq!(split(&known, "山田太郎"), "太郎|山田");
        assert_eq!(split(&known, "Ruiz Carmen"), "Carmen|Ruiz");
    }

    #[test]
    fn three_unknown_words_are_split_by_the_backups_rule_alone() {
        assert_eq!(split(&borders(&[]), "Joana Alves Pinto"), "?");
        let ruled = borders(&[
            ("A", "B C"),
            ("D", "E F"),
            ("G", "H I"),
            ("J", "K L"),
            ("M", "N O"),
        ]);
        assert_eq!(split(&ruled, "Joana Alves Pinto"), "Joana|Alves Pinto");
        let broken = borders(&[
            ("A", "B C"),
            ("D", "E F"),
            ("G H", "I"),
            ("J", "K L"),
            ("M", "N O"),
        ]);
        assert_eq!(split(&broken, "Joana Alves Pinto"), "?");
    }

    #[test]
    fn one_word_that_the_backup_does_not_know_is_not_split() {
        assert_eq!(split(&borders(&[("太郎", "山田")]), "佐藤花子"), "?");
        assert_eq!(split(&borders(&[]), "Cher"), "?");
        assert_eq!(split(&borders(&[]), " "), "?");
    }
}
