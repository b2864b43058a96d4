//! What a booking's reference looks like, as those of the backup do.
//!
//! A code in a hand-typed title may be a model or a plate; only what looks like the known references is
//! taken for one. Separators and case are left out: people type both as they like.

use crate::mapping::squash;
use std::collections::{BTreeMap, BTreeSet};

/// The classes of characters that references hold, place by place.
#[derive(Debug, Default)]
pub struct Shape {
    /// Length to the classes seen at each place.
    places: BTreeMap<usize, Vec<BTreeSet<Class>>>,
    /// Sequences of classes, runs taken as one.
    runs: BTreeSet<Vec<Class>>,
    /// Some hold letters beyond ASCII.
    foreign: bool,
    /// The marks that every reference begins with: records may leave them out.
    marks: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Letter,
    Digit,
}

/// Fewer references than this show no shape.
const ENOUGH: usize = 5;

impl Shape {
    pub fn new<'a>(references: impl Iterator<Item = &'a str>) -> Self {
        let mut shape = Self::default();
        let mut count = 0;
        for reference in references {
            count += 1;
            let marks = leading_marks(reference);
            if count == 1 {
                marks.clone_into(&mut shape.marks);
            } else if shape.marks != marks {
                shape.marks.clear();
            }
            shape.foreign |= !reference.is_ascii();
            let classes = classes(reference);
            shape.runs.insert(runs(&classes));
            let places = shape
                .places
                .entry(classes.len())
                .or_insert_with(|| vec![BTreeSet::new(); classes.len()]);
            for (place, class) in places.iter_mut().zip(&classes) {
                place.insert(*class);
            }
        }
        if count < ENOUGH { Self::default() } else { shape }
    }

    /// A reference as the backup would write it: with the marks that all of its own begin with.
    pub fn dress(&self, text: &str) -> String {
        let text = text.trim();
        if text.starts_with(char::is_alphanumeric) {
            format!("{}{text}", self.marks)
        } else {
            text.to_owned()
        }
    }

    /// Whether enough references were seen to know what they look like.
    pub fn is_known(&self) -> bool {
        !self.places.is_empty()
    }

    /// Whether a text may be a reference. Where no shape is known, every text may.
    pub fn fits(&self, text: &str) -> bool {
        let (Some((shortest, _)), Some((longest, _))) =
            (self.places.first_key_value(), self.places.last_key_value())
        else {
            return true;
        };
        if !self.foreign && !text.is_ascii() {
            return false;
        }
        let classes = classes(text);
        match self.places.get(&classes.len()) {
            Some(places) => places
                .iter()
                .zip(&classes)
                .all(|(place, class)| place.contains(class)),
            // Numbers grow by a digit.
            None => {
                classes.contains(&Class::Digit)
                    && (*shortest..=longest + 1).contains(&classes.len())
                    && self.runs.contains(&runs(&classes))
            }
        }
    }
}

fn leading_marks(text: &str) -> &str {
    let end = text.find(char::is_alphanumeric).unwrap_or(0);
    text[..end].trim_start()
}

fn classes(text: &str) -> Vec<Class> {
    squash(text)
        .chars()
        .map(|char| {
            if char.is_numeric() {
                Class::Digit
            } else {
                Class::Letter
            }
        })
        .collect()
}

fn runs(classes: &[Class]) -> Vec<Class> {
    let mut runs = classes.to_vec();
    runs.dedup();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_all_begin_with_are_put_back() {
        let shape = Shape::new(["#7401", "#7402", "#7403", "#7404", "#7405"].into_iter());
        assert_eq!(shape.dress("7406"), "#7406");
        assert_eq!(shape.dress("#7406"), "#7406");
    }

    #[test]
    fn marks_that_some_begin_with_are_not() {
        let shape = Shape::new(["#7401", "#7402", "#7403", "7404", "#7405"].into_iter());
        assert_eq!(shape.dress("7406"), "7406");
    }

    #[test]
    fn a_model_is_no_reference() {
        let known = ["QB-10001", "QB-10002", "QB-10003", "QB-10004", "QB-99998"];
        let shape = Shape::new(known.into_iter());
        assert!(shape.fits("qb 10877"));
        assert!(shape.fits("QB-100000"), "numbers grow by a digit");
        assert!(!shape.fits("XC90"));
        assert!(!shape.fits("2026"));
    }

    #[test]
    fn without_known_references_every_text_may_be_one() {
        assert!(Shape::new(std::iter::empty()).fits("XC90"));
    }
}
