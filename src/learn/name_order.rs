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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BaselineCustomer;

    /// `people`: given name and family's name.
    fn order(texts: &[&str], people: &[(&str, &str)]) -> bool {
        let row = |(first, last): &(&str, &str)| BaselineCustomer {
            first_name: Some((*first).to_owned()),
            last_name: Some((*last).to_owned()),
            ..BaselineCustomer::default()
        };
        let baseline = Baseline {
            customers: people.iter().map(row).collect(),
            ..Baseline::default()
        };
        let documents: Vec<Document> = texts
            .iter()
            .map(|text| Document::message("1@studio.example").saying("text", text))
            .collect();
        family_first(&documents, &baseline)
    }

    #[test]
    fn the_order_is_the_one_in_which_more_records_write_names() {
        let people = [("Réka", "Balogh"), ("Tamás", "Szűcs")];
        assert!(order(&["Kedves Balogh Réka!", "Szűcs Tamás, 10:30"], &people));
        assert!(!order(&["Dear Réka Balogh,", "Tamás Szűcs, 10:30"], &people));
        assert!(order(&["Balogh Réka", "Szűcs Tamás", "Réka Balogh"], &people));
        assert!(!order(&["Balogh Réka", "Tamás Szűcs"], &people));
        assert!(!order(&["10:30"], &people));
    }

    #[test]
    fn a_name_may_stand_without_a_space_and_with_a_title_right_behind() {
        assert!(order(&["山口澪様 10:30"], &[("澪", "山口")]));
    }

    #[test]
    fn a_name_that_is_somebodys_in_either_order_shows_nothing() {
        let people = [("Tamás", "Pál"), ("Pál", "Tamás"), ("Réka", "Balogh")];
        assert!(!order(
            &["Pál Tamás", "Tamás Pál", "Pál Tamás", "Réka Balogh"],
            &people
        ));
    }
}
