//! Where a telephone number begins that has another number before it: of `90 092-448-9830`, minutes and a number.
//!
//! Which of both it is, is told by how long the backup's numbers are, and whether they begin with `+` or a zero.

use std::collections::BTreeMap;

/// A form of the backup's numbers: what they begin with, and how many digits they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Form {
    plus: bool,
    zero: bool,
    digits: usize,
}

/// The forms of the backup's telephone numbers, each with how many have it.
#[derive(Debug, Default, Clone)]
pub struct PhoneForms(BTreeMap<Form, usize>);

/// A form that so many numbers have is usual.
const USUAL: usize = 5;
/// What stands before a number and is none of its groups has at most so many digits.
const BEFORE: usize = 3;

impl Form {
    fn of(text: &str) -> Self {
        let text = text.trim();
        Self {
            plus: text.starts_with('+'),
            zero: text.trim_start_matches('(').starts_with('0'),
            digits: text.chars().filter(char::is_ascii_digit).count(),
        }
    }
}

impl PhoneForms {
    pub fn learn<'p>(phones: impl Iterator<Item = &'p str>) -> Self {
        let mut forms: BTreeMap<Form, usize> = BTreeMap::new();
        for phone in phones {
            *forms.entry(Form::of(phone)).or_default() += 1;
        }
        Self(forms)
    }

    /// The byte at which the number begins, where its first group is none of it: a space parts that alone, no number of the
    /// backup looks like the whole, and many like the rest.
    pub fn begins(&self, text: &str) -> Option<usize> {
        if text.starts_with('+') || self.0.contains_key(&Form::of(text)) {
            return None;
        }
        let (before, rest) = text.split_once(char::is_whitespace)?;
        let is_count = before.len() <= BEFORE && before.bytes().all(|byte| byte.is_ascii_digit());
        let is_whole = !rest.trim_start().contains(char::is_whitespace);
        let is_usual = self.0.get(&Form::of(rest)).is_some_and(|count| *count >= USUAL);
        (is_count && is_whole && is_usual).then(|| text.len() - rest.trim_start().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_group_of_the_number_stands_before_it() {
        let forms = PhoneForms::learn(["092-448-9830"; USUAL].into_iter());
        assert_eq!(forms.begins("90 092-448-9830"), Some(3));
        assert_eq!(forms.begins("120 0924489830"), Some(4));
        assert_eq!(forms.begins("90 092 448 9830"), None, "parted as its groups are");
        assert_eq!(forms.begins("092 448 9830"), None, "as the backup's are");
        assert_eq!(forms.begins("90 92-448-983"), None, "none of the backup's are so");
        assert_eq!(forms.begins("+66 92 448 9830"), None);
    }

    #[test]
    fn few_numbers_show_no_form() {
        let forms = PhoneForms::learn(["092-448-9830"; USUAL - 1].into_iter());
        assert_eq!(forms.begins("90 092-448-9830"), None);
    }

    #[test]
    fn numbers_that_are_as_long_as_the_whole_are_not_parted() {
        let phones = ["092-448-9830"; USUAL].into_iter().chain(["49 030 1234567"]);
        let forms = PhoneForms::learn(phones);
        assert_eq!(forms.begins("49 0172-123456"), None);
    }
}
