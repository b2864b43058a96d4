//! The keys of `rebook review`: a line in, what it asks for out.

use crate::model::RecordId;
use crate::review::{Input, Same, half_width};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Do(Input),
    Enter,
    /// Accept, or put off where nothing is suggested.
    Yes,
    /// A value is to be asked for.
    Edit,
    /// To be confirmed.
    Reject,
    /// A note is to be asked for.
    Later,
    /// The other booking is to be asked for.
    Merge,
    /// The records are to be listed and asked for.
    Part,
    /// The same answer to all that are alike; None: the usual one.
    All(Option<Same>),
    /// None: to be asked for.
    Filter(Option<String>),
    History,
    /// The records are to be shown.
    View,
    /// What each answer leads to, and why the records were put together.
    Why,
    Help,
    Quit,
    Unknown,
}

/// Reads a line: a number, or a letter, which may be followed by its value or note.
pub(super) fn read(line: &str) -> Key {
    let line = half_width(line);
    let line = line.trim();
    if let Ok(number) = line.parse::<usize>() {
        return number
            .checked_sub(1)
            .map_or(Key::Unknown, |index| Key::Do(Input::Take(index)));
    }
    let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    match (key, rest) {
        ("", _) => Key::Enter,
        ("e", "") => Key::Edit,
        ("e", value) => Key::Do(Input::Type(value.to_owned())),
        ("l", "") => Key::Later,
        ("l", note) => Key::Do(Input::Later(note.to_owned())),
        ("y", "") => Key::Yes,
        ("a", "") => Key::Do(Input::Accept),
        ("k", "") => Key::Do(Input::Keep),
        ("r", "") => Key::Reject,
        ("v", "") => Key::View,
        ("w", "") => Key::Why,
        ("m", "") => Key::Merge,
        ("m", other) => Key::Do(Input::Merge(other.to_owned())),
        ("p", "") => Key::Part,
        ("p", numbers) => places(numbers).map_or(Key::Unknown, |places| Key::Do(Input::Part(places))),
        ("t", "") => Key::Do(Input::Attach(Vec::new())),
        ("t", record) if record.contains(':') => Key::Do(Input::Attach(vec![RecordId(record.to_owned())])),
        ("A", "") => Key::All(None),
        ("A", "a" | "y") => Key::All(Some(Same::Accept)),
        ("A", "k") => Key::All(Some(Same::Keep)),
        ("A", rest) => match rest.split_once(' ').unwrap_or((rest, "")) {
            ("l", note) => Key::All(Some(Same::Later(note.trim().to_owned()))),
            _ => Key::Unknown,
        },
        ("u", "") => Key::Do(Input::Undo),
        ("u", number) => number
            .parse()
            .map_or(Key::Unknown, |act| Key::Do(Input::Revoke(act))),
        ("U", "") => Key::Do(Input::Redo),
        ("s" | "n", "") => Key::Do(Input::Skip),
        ("b", "") => Key::Do(Input::Back),
        ("h", "") => Key::History,
        ("q", "") => Key::Quit,
        ("?", "") => Key::Help,
        _ => match line.strip_prefix('/') {
            Some("") => Key::Filter(None),
            Some(text) => Key::Filter(Some(text.trim().to_owned())),
            None => Key::Unknown,
        },
    }
}

/// Numbers from 1, parted by commas or blanks, as places from 0.
pub(super) fn places(text: &str) -> Option<Vec<usize>> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    words
        .map(|word| word.parse::<usize>().ok()?.checked_sub(1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_width_key_is_the_key() {
        assert_eq!(read("２"), Key::Do(Input::Take(1)));
        assert_eq!(read("　ｙ "), Key::Yes);
    }

    #[test]
    fn a_word_is_never_taken_for_its_first_letter() {
        for word in [
            "reject",
            "accept it",
            "0",
            "-1",
            "1 2",
            "R",
            "rr",
            "p 0",
            "A r",
            "u x",
            "merge",
        ] {
            assert_eq!(read(word), Key::Unknown, "{word}");
        }
    }

    #[test]
    fn a_value_or_note_may_follow_its_letter() {
        assert_eq!(read("e 10:30"), Key::Do(Input::Type("10:30".into())));
        assert_eq!(read("l  call back"), Key::Do(Input::Later("call back".into())));
    }
}
