//! Numbers that several bookings share: there and back are AB-17A and AB-17R, an order's lines 1017-1 and 1017-2, and
//! what is paid for them says AB-17 or 1017.
//!
//! The backup tells whether a business numbers like that: some of its numbers are told apart by their last letter or
//! digit alone, and what these have in common is never a booking's number itself.

use super::{Told, squash};
use crate::model::{FieldName, Value};
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet};

/// How numbers of a business belong together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Groups {
    /// What the numbers of the backup have in common, folded.
    known: BTreeSet<String>,
    /// All numbers of the backup: none of them is a group's.
    numbers: BTreeSet<String>,
    taught: bool,
}

/// Fewer groups than this in the backup show no habit.
const ENOUGH: usize = 3;
/// What has more members than this is no group: a year, a branch.
const MEMBERS: usize = 8;
/// What tells the members of a group apart is no longer than this.
const TAIL: usize = 2;

impl Groups {
    /// Out of the numbers of the backup.
    pub fn new<'a>(references: impl Iterator<Item = &'a str>) -> Self {
        let mut made = Self::default();
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for reference in references {
            made.numbers.insert(squash(reference));
            if let Some(head) = head(reference) {
                let members = groups.entry(squash(head)).or_default();
                members.insert(squash(reference));
            }
        }
        let several = || groups.iter().filter(|(_, members)| members.len() > 1);
        let clear = |(head, members): (&String, &BTreeSet<String>)| {
            members.len() <= MEMBERS && !made.numbers.contains(head)
        };
        made.taught = several().count() >= ENOUGH && several().all(clear);
        made.known = groups.into_keys().collect();
        made
    }

    /// The folded number of the group that a booking's number is of; None where the business does not number so.
    pub fn of(&self, number: &str) -> Option<String> {
        let head = head(number).filter(|_| self.taught).map(squash)?;
        (!self.numbers.contains(&head)).then_some(head)
    }

    /// Takes the numbers of groups out of what records claim: a group is no booking. They are noted where a record names
    /// none of its bookings itself.
    pub fn part(&self, told: &mut [Told<'_>]) {
        if !self.taught {
            return;
        }
        let new = told.iter().flat_map(numbers).filter_map(|number| self.of(number));
        let mut groups: BTreeSet<String> = new.collect();
        groups.extend(self.known.difference(&self.numbers).cloned());
        for told in told {
            let members: BTreeSet<String> = numbers(told).filter_map(|number| self.of(number)).collect();
            let stated: BTreeSet<String> = numbers(told).map(squash).collect();
            let of: BTreeSet<String> = stated.intersection(&groups).cloned().collect();
            told.claims.groups.extend(of.difference(&members).cloned());
            told.claims
                .claims
                .retain(|claim| match (claim.field, &claim.value) {
                    (FieldName::Reference, Value::Text(text)) => !of.contains(&squash(text)),
                    _ => true,
                });
        }
    }
}

/// The numbers of bookings that a record states.
fn numbers<'t>(told: &'t Told<'_>) -> impl Iterator<Item = &'t str> {
    told.claims
        .claims
        .iter()
        .filter_map(|claim| match (claim.field, &claim.value) {
            (FieldName::Reference, Value::Text(text)) => Some(text.as_str()),
            _ => None,
        })
}

/// What a number has in common with others of its group, where it may be of one: all but the last letters behind
/// digits, or what stands behind its last mark.
fn head(number: &str) -> Option<&str> {
    let number = number.trim();
    let last = number.chars().next_back()?;
    let of_tail = |char: char| char.is_alphanumeric() && char.is_numeric() == last.is_numeric();
    let head = number.trim_end_matches(of_tail);
    let tail = number[head.len()..].chars().count();
    let before = head.chars().next_back()?;
    // Digits behind letters are the number itself.
    let parted = !before.is_alphanumeric() || !last.is_numeric();
    let head = head.trim_end_matches(|char: char| !is_word_char(char));
    let counts = head.chars().filter(|char| char.is_numeric()).count() > 1;
    ((1..=TAIL).contains(&tail) && parted && counts).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_the_number_tells_the_members_of_a_group_apart() {
        assert_eq!(head("AB1017R"), Some("AB1017"));
        assert_eq!(head("1017-2"), Some("1017"));
        assert_eq!(head("AB-1017/b"), Some("AB-1017"));
        assert_eq!(head("AB1017"), None);
        assert_eq!(head("AB-1017"), None, "that is the number itself");
        assert_eq!(head("KQWZPT"), None);
    }

    #[test]
    fn a_habit_is_shown_by_several_groups_of_which_none_is_a_booking() {
        let pairs = ["A10A", "A10R", "A11A", "A11R", "A12", "A13A", "A13R"];
        let known = Groups::new(pairs.into_iter());
        assert_eq!(known.of("A27R").as_deref(), Some("a27"));
        assert_eq!(
            Groups::new(pairs[..4].iter().copied()).of("A27R"),
            None,
            "too few"
        );
        let of_their_own = pairs.into_iter().chain(["A11"]);
        assert_eq!(Groups::new(of_their_own).of("A27R"), None, "a change of A11, say");
    }
}
