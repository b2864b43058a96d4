//! How people are addressed: the word that stands before or behind nearly every name, and is of none.

use crate::mapping::{ideograph, squash};
use std::collections::BTreeMap;

/// Fewer different names than this show nothing.
const NAMES: usize = 10;
/// A word that so many of all names begin or end with is of none; the most frequent family names stay below.
const PERCENT: usize = 60;

/// The words that names are set between.
#[derive(Debug, Default)]
pub(super) struct Manners {
    before: Option<String>,
    behind: Option<String>,
}

impl Manners {
    pub fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut different: BTreeMap<String, &str> = BTreeMap::new();
        for name in names {
            different.entry(squash(name)).or_insert(name);
        }
        let common = |edge: fn(&str) -> Option<(&str, &str)>| {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for name in different.values() {
                if let Some((word, _)) = edge(name) {
                    *counts.entry(word).or_default() += 1;
                }
            }
            let (word, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
            (different.len() >= NAMES && count * 100 >= different.len() * PERCENT).then(|| word.to_owned())
        };
        Self {
            before: common(first),
            behind: common(last),
        }
    }

    /// A name without what people are addressed with.
    pub fn strip<'n>(&self, name: &'n str) -> &'n str {
        let mut name = name.trim();
        if let Some((_, rest)) = first(name).filter(|(word, _)| self.before.as_deref() == Some(*word)) {
            name = rest;
        }
        if let Some((_, rest)) = last(name).filter(|(word, _)| self.behind.as_deref() == Some(*word)) {
            name = rest;
        }
        name
    }
}

/// The first word, and what follows it.
fn first(name: &str) -> Option<(&str, &str)> {
    let (word, rest) = name.trim().split_once(char::is_whitespace)?;
    Some((word, rest.trim_start()))
}

/// The last word, or the last sign of a script without spaces, and what stands before it.
fn last(name: &str) -> Option<(&str, &str)> {
    let name = name.trim();
    if let Some((rest, word)) = name.rsplit_once(char::is_whitespace) {
        return Some((word, rest.trim_end()));
    }
    let (at, sign) = name.char_indices().next_back()?;
    (at > 0 && ideograph(sign)).then(|| (&name[at..], &name[..at]))
}
