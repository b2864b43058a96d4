//! Foreign text made safe for a terminal.
//!
//! In: text out of mails, titles and payments, which anybody may have written. Out: one line that cannot move the
//! cursor, change colours, reverse the reading order or run on for ever.

/// One line of at most `max` characters: escape sequences, control characters and marks that change the
/// reading order are taken out, line breaks become spaces.
pub fn safe(text: &str, max: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let char = match char {
            '\u{1b}' | '\u{9b}' | '\u{9d}' | '\u{90}' => {
                skip_sequence(char, &mut chars);
                continue;
            }
            _ if is_break(char) => ' ',
            _ if is_unseen(char) => continue,
            _ => char,
        };
        if char == ' ' && line.ends_with(' ') {
            continue;
        }
        if length == max {
            line.pop();
            line.push('…');
            break;
        }
        line.push(char);
        length += 1;
    }
    line.trim().to_owned()
}

/// Passes over the rest of an escape sequence, so that its letters are not shown either. Source: ECMA-48.
fn skip_sequence(introducer: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let kind = match introducer {
        '\u{1b}' => match chars.next_if(|next| !next.is_control()) {
            Some(kind) => kind,
            None => return,
        },
        '\u{9b}' => '[',
        '\u{9d}' => ']',
        _ => 'P',
    };
    match kind {
        '[' => {
            while chars
                .next_if(|next| matches!(next, '\u{20}'..='\u{3f}'))
                .is_some()
            {}
            chars.next_if(|next| matches!(next, '\u{40}'..='\u{7e}'));
        }
        // Strings run up to a bell or a terminator; where neither comes, the text behind is kept.
        ']' | 'P' | 'X' | '^' | '_' => {
            let ends = |char: char| matches!(char, '\u{7}' | '\u{9c}' | '\u{1b}');
            if chars.clone().any(ends) {
                while chars.next_if(|next| !ends(*next)).is_some() {}
                if chars.next() == Some('\u{1b}') {
                    chars.next_if_eq(&'\\');
                }
            }
        }
        // Two more characters belong to a choice of character set.
        '(' | ')' | '*' | '+' => {
            chars.next_if(|next| !next.is_control());
        }
        _ => {}
    }
}

fn is_break(char: char) -> bool {
    matches!(
        char,
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    ) || char.is_whitespace()
}

/// Control characters, and format characters that reorder or hide text. The joiners of Persian and Indic
/// scripts and of emoji stay.
fn is_unseen(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn escape_sequences_are_taken_out_whole() {
        assert_eq!(safe("a\u{1b}[31;1mred\u{1b}[0m b", 80), "ared b");
        assert_eq!(safe("\u{1b}]0;title\u{7}text", 80), "text");
        assert_eq!(safe("\u{1b}]8;;https://x.example\u{1b}\\link", 80), "link");
        assert_eq!(safe("\u{9b}2Jcleared", 80), "cleared");
        assert_eq!(safe("\u{1b}cwiped\u{8}\u{7f}", 80), "wiped");
    }

    #[test]
    fn an_unfinished_sequence_does_not_swallow_the_rest() {
        assert_eq!(safe("\u{1b}]0;kept", 80), "0;kept");
        assert_eq!(safe("end\u{1b}", 80), "end");
        assert_eq!(safe("\u{1b}[", 80), "");
    }

    #[test]
    fn reading_order_and_lines_are_the_screens_own() {
        assert_eq!(safe("x\u{202e}10:90\u{2066}y\u{200f}", 80), "x10:90y");
        assert_eq!(safe("one\r\n  two\u{2028}three", 80), "one two three");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(safe("abcdef", 6), "abcdef");
        assert_eq!(safe("abcdefg", 6), "abcde…");
        assert_eq!(safe("予約番号です", 3), "予約…");
    }

    #[test]
    fn scripts_and_emoji_stay_as_they_are() {
        assert_eq!(safe("山田 太郎 👩‍🔧", 80), "山田 太郎 👩‍🔧");
    }
}
