//! What of a line of text a reader sees.

/// The line without what has no looks: control characters, zero-width fillers, direction marks, spaces at
/// its ends. No-break spaces inside stay. None where nothing is left to see.
pub(super) fn visible(line: &str) -> Option<String> {
    let shown: String = line.chars().filter(|char| !is_invisible(*char)).collect();
    let shown = shown.trim();
    shown
        .chars()
        .any(|char| !char.is_whitespace() && !is_joiner(char))
        .then(|| shown.to_owned())
}

/// Characters that change the order in which a line is shown: a line with one reads otherwise than it looks.
pub(super) fn is_override(char: char) -> bool {
    matches!(char, '\u{202d}' | '\u{202e}')
}

fn is_invisible(char: char) -> bool {
    (char.is_control() && char != '\t')
        || matches!(
            char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// Seen only in what they join; alone they fill a mail's preview with nothing.
fn is_joiner(char: char) -> bool {
    matches!(char, '\u{200c}' | '\u{200d}' | '\u{2800}' | '\u{3164}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        let line = " \u{1b}[31mA\u{200b}W-\u{202e}7\u{a0}\u{20ac} \u{0}";
        assert_eq!(visible(line).as_deref(), Some("[31mAW-7\u{a0}\u{20ac}"));
        assert_eq!(visible("\u{200c}\u{a0}\u{200c}\u{a0}\u{34f}"), None);
    }

    #[test]
    fn joiners_inside_words_stay() {
        assert_eq!(visible("می\u{200c}خواهم").as_deref(), Some("می\u{200c}خواهم"));
    }
}
