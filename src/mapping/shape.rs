//! What a booking's reference looks like, as those of the backup do.
//!
//! A code in a hand-typed title may be a model or a plate; only what looks like the known references is
//! taken for one. Separators and case are left out: people type both as they like.

use crate::mapping::squash;
use crate::reading::is_word_char;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

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
    /// The letters that every reference begins with, folded.
    letters: String,
    /// How references are written, `9-9`, to how long each run is.
    written: BTreeMap<String, Vec<RangeInclusive<usize>>>,
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
            let folded = squash(reference);
            let letters = folded.find(char::is_numeric).map_or("", |end| &folded[..end]);
            if count == 1 {
                letters.clone_into(&mut shape.letters);
            } else {
                shape.letters.truncate(common(&shape.letters, letters));
            }
            let (form, lengths) = written(reference);
            let known = shape
                .written
                .entry(form)
                .or_insert_with(|| lengths.iter().map(|length| *length..=*length).collect());
            for (known, length) in known.iter_mut().zip(lengths) {
                *known = length.min(*known.start())..=length.max(*known.end());
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

    /// Whether a word is written as the references are, down to the letters that all of them begin with: a flight's number
    /// may have the form of a booking's.
    pub fn is_number(&self, word: &str) -> bool {
        // Dates and phones are digits with marks between them.
        let bare = word.trim_start_matches(|char: char| !is_word_char(char));
        let plain = word.chars().any(char::is_alphabetic) || bare.chars().all(char::is_numeric);
        self.fits(word) && squash(word).starts_with(&self.letters) && (plain || self.is_written_so(word))
    }

    fn is_written_so(&self, word: &str) -> bool {
        let (form, lengths) = written(word);
        self.written.get(&form).is_some_and(|known| {
            let mut runs = known.iter().zip(&lengths);
            // Numbers grow by a digit.
            runs.all(|(known, length)| (*known.start()..=known.end() + 1).contains(length))
        })
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

/// How many bytes two texts begin with alike.
fn common(a: &str, b: &str) -> usize {
    let mut alike = a.char_indices().zip(b.chars());
    let end = alike.find(|((_, a), b)| a != b).map(|((at, _), _)| at);
    end.unwrap_or(a.len().min(b.len()))
}

/// A number's form: letters, digits, each run as one, and the marks between them; and how long each run is.
fn written(text: &str) -> (String, Vec<usize>) {
    let (mut form, mut lengths) = (String::new(), Vec::new());
    for char in text.trim().chars() {
        let class = match char {
            char if char.is_numeric() => '9',
            char if char.is_alphabetic() => 'a',
            mark => mark,
        };
        match lengths.last_mut() {
            Some(last) if form.ends_with(class) => *last += 1,
            _ => {
                form.push(class);
                lengths.push(1);
            }
        }
    }
    (form, lengths)
}

/// What stands before a number's first letter or digit.
pub fn leading_marks(text: &str) -> &str {
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
    fn a_flight_has_other_letters() {
        let known = ["DT3101", "DT3102A", "DT3102R", "DT3103", "DT3104"];
        let shape = Shape::new(known.into_iter());
        assert!(shape.is_number("DT3205") && shape.is_number("dt3205a"));
        assert!(shape.fits("BJ8423") && !shape.is_number("BJ8423"));
    }

    #[test]
    fn digits_with_marks_are_a_number_where_the_backup_writes_its_own_so() {
        let known = ["50101-1", "50101-2", "50102-1", "50103-1", "50104-12"];
        let shape = Shape::new(known.into_iter());
        assert!(shape.is_number("50342-3"));
        assert!(!shape.is_number("740-5566") && !shape.is_number("2026-07-1"));
        let bare = ["501011", "501012", "501021", "501031", "501041"];
        assert!(!Shape::new(bare.into_iter()).is_number("50342-3"));
    }

    #[test]
    fn without_known_references_every_text_may_be_one() {
        assert!(Shape::new(std::iter::empty()).fits("XC90"));
    }
}
