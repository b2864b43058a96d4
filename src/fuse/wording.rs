//! What stands in the titles of entries whose bookings were held: a title made of nothing else is worded as usual, be its
//! kind as rare as it may.

use super::Input;
use crate::mapping::{ideograph, squash, words_of};
use crate::model::{About, Status};
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet};

/// A word stood with so many bookings at least, and at most one in so many of those that had it was called off.
const STOOD: u32 = 3;
const OFF_IN: u32 = 20;

#[derive(Debug, Default)]
pub struct Wording {
    usual: BTreeSet<String>,
}

impl Wording {
    pub fn learn(input: &Input<'_>) -> Self {
        let names: BTreeMap<&str, &str> = (input.baseline.customers.iter())
            .filter_map(|row| Some((row.key.as_str(), row.name.as_deref()?)))
            .collect();
        let mut seen: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let row = &input.baseline.bookings[at];
            let name = row.customer.as_deref().and_then(|key| names.get(key));
            let entries = cluster.members.iter().map(|at| input.told[*at].document);
            let entries = entries.filter(|document| {
                document.object == "event"
                    && document.text("/status") != Some("cancelled")
                    && document.said_at.is_some_and(|said| said <= input.window.backup)
            });
            let titles = entries.filter_map(|document| document.title());
            let words: BTreeSet<String> = titles
                .flat_map(|title| pieces(title, name.copied().unwrap_or_default()))
                .collect();
            for word in words {
                let (stood, off) = seen.entry(word).or_default();
                let is_off = row.status == Some(Status::Cancelled);
                *stood += u32::from(!is_off);
                *off += u32::from(is_off);
            }
        }
        seen.retain(|_, (stood, off)| *stood >= STOOD && *off * OFF_IN <= *stood);
        Self {
            usual: seen.into_keys().collect(),
        }
    }

    /// Whether all that a title says besides a name stood with bookings that were held.
    pub fn is_usual(&self, title: &str, name: &str) -> bool {
        pieces(title, name).iter().all(|piece| self.usual.contains(piece))
    }
}

/// The words and marks of a title but for numbers and those of a name; of scripts without spaces each two signs that stand
/// side by side.
fn pieces(title: &str, name: &str) -> BTreeSet<String> {
    let own: BTreeSet<String> = words_of(name).into_iter().map(|(word, _)| word).collect();
    let whole = squash(name);
    let mut pieces: BTreeSet<String> = title
        .chars()
        .filter(|char| !is_word_char(*char) && !char.is_whitespace())
        .map(String::from)
        .collect();
    // A sign, and where it ends.
    let mut last: Option<(String, usize)> = None;
    for (word, range) in words_of(title) {
        let is_sign = word.chars().all(ideograph);
        let is_own = own.contains(&word) || is_sign && whole.contains(&word);
        let is_number = word.chars().any(char::is_numeric);
        if is_own || is_number {
            last = None;
            continue;
        }
        if !is_sign {
            pieces.insert(word);
            last = None;
            continue;
        }
        let before = last.take().filter(|(_, end)| *end == range.start);
        pieces.insert(before.map_or_else(|| word.clone(), |(before, _)| before + &word));
        last = Some((word, range.end));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    fn of(title: &str, name: &str) -> Vec<String> {
        pieces(title, name).into_iter().collect()
    }

    #[test]
    fn a_name_and_numbers_say_nothing() {
        assert_eq!(of("S11 Neumann 3d NO SHOW", "Jan Neumann"), ["no", "show"]);
        assert_eq!(of("❌ Neumann", "Jan Neumann"), ["❌"]);
    }

    #[test]
    fn signs_are_read_two_by_two() {
        assert_eq!(
            of("鈴木太一 来院なし", "鈴木 太一"),
            ["来", "来院", "院な", "なし"]
                .map(String::from)
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
    }
}
