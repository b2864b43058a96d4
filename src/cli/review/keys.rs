//! The keys of `rebook review`: a line in, what it asks for out.

use crate::review::{Input, half_width};

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
    /// The records are to be shown.
    View,
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
        ("u", "") => Key::Do(Input::Undo),
        ("s", "") => Key::Do(Input::Skip),
        ("q", "") => Key::Quit,
        ("?" | "h", "") => Key::Help,
        _ => Key::Unknown,
    }
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
        for word in ["reject", "accept it", "0", "-1", "1 2", "R", "rr"] {
            assert_eq!(read(word), Key::Unknown, "{word}");
        }
    }

    #[test]
    fn a_value_or_note_may_follow_its_letter() {
        assert_eq!(read("e 10:30"), Key::Do(Input::Type("10:30".into())));
        assert_eq!(read("l  call back"), Key::Do(Input::Later("call back".into())));
    }
}
