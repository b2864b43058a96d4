//! Telephone numbers in an entry that names several people, each with their own: a class, a departure.
//!
//! Where such entries are too few to show a habit they stay whole, and a rule reads the first number for everybody.

use crate::mapping::squash;
use crate::model::{Document, Listing, Scalar};
use crate::reading::{self, SpanValue, is_word_char, phone_tail};
use std::collections::BTreeSet;

/// Whether a number in an entry is somebody else's: another line has this name, and a number of its own.
pub fn is_anothers(entry: &Document, phone: &str, name: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|char: char| !is_word_char(char)).map(squash);
        words.filter(|word| word.chars().nth(1).is_some()).collect()
    };
    if entry.listing != Listing::One {
        return false;
    }
    let (own, phone) = (words(name), phone_tail(phone));
    let (mut here, mut elsewhere) = (false, false);
    for item in &entry.items {
        let Scalar::Text(text) = &item.value else { continue };
        if words(text).is_disjoint(&own) {
            continue;
        }
        let phones = reading::spans(text)
            .into_iter()
            .filter_map(|span| match span.value {
                SpanValue::Phone(said) => Some(phone_tail(&said)),
                _ => None,
            });
        let phones: BTreeSet<String> = phones.collect();
        here |= phones.contains(&phone);
        elsewhere |= !phones.is_empty() && !phones.contains(&phone);
    }
    elsewhere && !here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_beside_another_name_is_not_of_whom_another_line_names() {
        let lines = ["Ann Abel x2 +1 202 555 0101", "Burr x3 +1 202 555 0102"];
        let entry = Document::event("e1")
            .saying(Document::TITLE, "Tour of the bay")
            .with_lines("/description", &lines.map(str::to_owned));
        assert!(is_anothers(&entry, "+12025550101", "Bob Burr"));
        assert!(!is_anothers(&entry, "+12025550102", "Bob Burr"), "their own");
        assert!(
            !is_anothers(&entry, "+12025550101", "Cid Cole"),
            "no line names them"
        );
        let lines = ["Bob Burr", "+1 202 555 0102", "office +1 202 555 0199"];
        let alone = Document::event("e2").with_lines("/description", &lines.map(str::to_owned));
        assert!(
            !is_anothers(&alone, "+12025550102", "Bob Burr"),
            "one party's numbers"
        );
    }
}
