//! In which order a business writes the two halves of a name that its backup keeps in two columns.

use crate::mapping::{ideograph, squash};
use crate::model::{Baseline, Document, Scalar, Standing};
use std::collections::BTreeSet;

/// Records that are looked at: the habit shows in few.
const RECORDS: usize = 2000;
/// A name has at most so many words.
const WORDS: usize = 4;

/// Whether the business's own records write the family's name before the person's own, more often than behind it.
pub fn family_first(documents: &[Document], baseline: &Baseline) -> bool {
    let (mut given, mut family) = (BTreeSet::new(), BTreeSet::new());
    for row in &baseline.customers {
        if let (Some(first), Some(last)) = (&row.first_name, &row.last_name) {
            given.insert(squash(&format!("{first}{last}")));
            family.insert(squash(&format!("{last}{first}")));
        }
    }
    // A name that is somebody's in either order shows nothing.
    let both: Vec<String> = given.intersection(&family).cloned().collect();
    for name in both.iter().map(String::as_str).chain([""]) {
        given.remove(name);
        family.remove(name);
    }
    if family.is_empty() {
        return false;
    }
    let own = documents.iter().filter(|document| {
        document.standing == Standing::Business && matches!(document.object.as_str(), "message" | "event")
    });
    let (mut as_given, mut as_family) = (0usize, 0usize);
    for document in own.take(RECORDS) {
        for item in &document.items {
            let Scalar::Text(text) = &item.value else { continue };
            for name in names(text) {
                as_given += usize::from(given.contains(&name));
                as_family += usize::from(family.contains(&name));
            }
        }
    }
    as_family > as_given
}

/// All that may be a name in a text: a few words together, or the beginning of a word that is written without spaces.
fn names(text: &str) -> Vec<String> {
    let words: Vec<String> = text
        .split_whitespace()
        .map(squash)
        .filter(|word| !word.is_empty())
        .collect();
    let mut names = Vec::new();
    for at in 0..words.len() {
        let mut name = String::new();
        for word in words[at..].iter().take(WORDS) {
            name.push_str(word);
            names.push(name.clone());
        }
        if words[at].chars().any(ideograph) {
            let ends = words[at].char_indices().map(|(end, _)| end).skip(2).take(WORDS);
            names.extend(ends.map(|end| words[at][..end].to_owned()));
        }
    }
    names
}
