//! Who is written to: a person, or a firm whose people and bookkeepers have addresses at one domain.

use super::facts::Unit;
use std::collections::{BTreeMap, BTreeSet};

/// A domain at which more people than this have an address is open to all: no firm books with so many.
const PEOPLE_MAX: usize = 10;

/// The domains at which whoever has an address is taken for one party.
#[derive(Debug, Default)]
pub(super) struct Parties {
    firms: BTreeSet<String>,
}

impl Parties {
    pub fn of(units: &[Unit]) -> Self {
        let mut people: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for email in units.iter().flat_map(|unit| &unit.emails) {
            if let Some(domain) = domain(email) {
                people.entry(domain).or_default().insert(email);
            }
        }
        let firms = people
            .into_iter()
            .filter(|(_, people)| (2..=PEOPLE_MAX).contains(&people.len()));
        Self {
            firms: firms.map(|(domain, _)| domain.to_owned()).collect(),
        }
    }

    /// Whether no two of these addresses are of different parties.
    pub fn is_one<'a>(&self, emails: impl Iterator<Item = &'a String>) -> bool {
        let parties: BTreeSet<&str> = emails.map(|email| self.party(email)).collect();
        parties.len() <= 1
    }

    fn party<'a>(&self, email: &'a str) -> &'a str {
        domain(email)
            .filter(|domain| self.firms.contains(*domain))
            .unwrap_or(email)
    }
}

fn domain(email: &str) -> Option<&str> {
    email.rsplit_once('@').map(|(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_to(emails: &[&str]) -> Unit {
        Unit {
            emails: emails.iter().map(|email| (*email).to_owned()).collect(),
            ..Unit::default()
        }
    }

    #[test]
    fn a_firm_and_its_bookkeepers_are_one_and_neighbours_at_an_open_domain_are_not() {
        let everybody = (b'a'..=b'z').map(|letter| format!("{}@post.example", char::from(letter)));
        let mut units: Vec<Unit> = everybody.map(|email| written_to(&[&email])).collect();
        units.push(written_to(&["hanna@mill.example"]));
        units.push(written_to(&["accounts@mill.example"]));
        let parties = Parties::of(&units);
        let is_one = |emails: &[&str]| parties.is_one(written_to(emails).emails.iter());
        assert!(is_one(&["hanna@mill.example", "accounts@mill.example"]));
        assert!(is_one(&["a@post.example"]));
        assert!(!is_one(&["a@post.example", "b@post.example"]));
        assert!(!is_one(&["hanna@mill.example", "a@post.example"]));
    }
}
