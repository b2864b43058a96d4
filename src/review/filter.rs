//! Which cases are wanted: by kind, customer, resource, tenant, or any words.

use crate::model::{ConflictKind, Wording};
use crate::reading::fold;

/// What is wanted; every part must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    text: String,
    parts: Vec<(Part, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Kind,
    Customer,
    Resource,
    Tenant,
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("“{0}:” is no filter: write kind:, customer:, resource: or tenant:, or words alone")]
    Unknown(String),
    #[error("no kind of question is called “{0}”: there are {1}")]
    NoKind(String, String),
}

impl Filter {
    /// Reads `kind:double customer:"Ann Example" van`. Nothing at all wants everything.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut parts = Vec::new();
        for word in words(text) {
            let (part, wanted) = match word.split_once(':') {
                Some(("kind", wanted)) => (Part::Kind, wanted),
                Some(("customer", wanted)) => (Part::Customer, wanted),
                Some(("resource", wanted)) => (Part::Resource, wanted),
                Some(("tenant", wanted)) => (Part::Tenant, wanted),
                Some((name, rest))
                    if !rest.is_empty()
                        && name.chars().all(char::is_alphabetic)
                        && !is_record(name, rest) =>
                {
                    return Err(FilterError::Unknown(name.to_owned()));
                }
                _ => (Part::Text, word.as_str()),
            };
            let wanted = fold(wanted);
            if part == Part::Kind && !ConflictKind::ALL.into_iter().any(|kind| is_kind(kind, &wanted)) {
                let kinds: Vec<&str> = ConflictKind::ALL.iter().map(|kind| kind.as_str()).collect();
                return Err(FilterError::NoKind(wanted, kinds.join(", ")));
            }
            if !wanted.is_empty() {
                parts.push((part, wanted));
            }
        }
        Ok(Self {
            text: text.trim().to_owned(),
            parts,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a question of this kind is wanted; its wording is asked for only where a part needs it.
    pub(super) fn wants<'w>(&self, kind: ConflictKind, wording: impl Fn() -> &'w Wording) -> bool {
        self.parts.iter().all(|(part, wanted)| match part {
            Part::Kind => is_kind(kind, wanted),
            Part::Customer => wording().customer.contains(wanted.as_str()),
            Part::Resource => wording().resource.contains(wanted.as_str()),
            Part::Tenant => wording().tenant.as_deref() == Some(wanted.as_str()),
            Part::Text => wording().text.contains(wanted.as_str()),
        })
    }
}

/// A record's id has the form of a filter: `mail:…@…`, `stripe:ch_…`.
fn is_record(_name: &str, rest: &str) -> bool {
    rest.contains(['@', '_', '-'])
}

fn is_kind(kind: ConflictKind, wanted: &str) -> bool {
    fold(kind.as_str()).contains(wanted)
}

/// Words, those in quotation marks whole.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for char in text.chars() {
        match char {
            '"' => quoted = !quoted,
            char if char.is_whitespace() && !quoted => words.push(String::new()),
            char => words.last_mut().expect("begins with one").push(char),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_filter_is_refused_and_not_passed_over() {
        assert!(matches!(
            Filter::parse("kinds:double"),
            Err(FilterError::Unknown(_))
        ));
        assert!(matches!(
            Filter::parse("kind:doble"),
            Err(FilterError::NoKind(..))
        ));
        assert!(Filter::parse("kind:double customer:\"Ann Example\" 10:30 mail:a@b.example").is_ok());
        assert!(Filter::parse("  ").is_ok_and(|filter| filter.is_empty()));
    }
}
