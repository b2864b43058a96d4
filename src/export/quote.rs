//! Literals and names per dialect: text from strangers goes in, and comes out as data and nothing else.
//!
//! Two readers see every literal: the server, and before it the client program, which splits the file
//! into statements and obeys commands of its own (`\!` in psql and mysql, `.shell` in sqlite3). So a
//! literal never contains a line break, whatever the text has: no line of data begins anywhere, and no
//! client command can stand at one. Text holds no NUL here; `cell` holds such rows back.

use std::fmt::Write as _;

/// A PostgreSQL literal, read the same whatever `standard_conforming_strings` says.
pub(super) fn postgres(text: &str, out: &mut String) {
    if !text.contains(|char: char| char == '\\' || char.is_control()) {
        return doubled(text, out);
    }
    out.push_str("E'");
    for char in text.chars() {
        match char {
            '\'' => out.push_str("''"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if char.is_ascii_control() => {
                let _ = write!(out, "\\x{:02x}", char as u32);
            }
            char => out.push(char),
        }
    }
    out.push('\'');
}

/// A MySQL or MariaDB literal, read the same with and without `NO_BACKSLASH_ESCAPES`: what a backslash
/// could change is written in hexadecimal.
pub(super) fn mysql(text: &str, out: &mut String) {
    if !text.contains(|char: char| char == '\\' || char.is_control()) {
        return doubled(text, out);
    }
    out.push_str("_utf8mb4 ");
    bytes(text.as_bytes(), out);
}

/// An SQLite literal; control characters are joined in by number.
pub(super) fn sqlite(text: &str, out: &mut String) {
    if !text.contains(char::is_control) {
        return doubled(text, out);
    }
    out.push('(');
    for (at, run) in text.split_inclusive(char::is_control).enumerate() {
        if at > 0 {
            out.push_str(" || ");
        }
        let control = run.chars().next_back().filter(|char| char.is_control());
        let plain = &run[..run.len() - control.map_or(0, char::len_utf8)];
        doubled(plain, out);
        if let Some(control) = control {
            let _ = write!(out, " || char({})", control as u32);
        }
    }
    out.push(')');
}

/// A binary literal, as MySQL and SQLite write it.
pub(super) fn bytes(bytes: &[u8], out: &mut String) {
    out.push_str("x'");
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('\'');
}

/// A name, with the dialect's quote sign doubled.
pub(super) fn name(name: &str, sign: char) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    out.push(sign);
    for char in name.chars() {
        if char == sign {
            out.push(sign);
        }
        out.push(char);
    }
    out.push(sign);
    out
}

/// Text for a comment line: nothing in it can end the line or look like a client's command.
pub(super) fn comment(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\\' => '/',
            '\u{2028}' | '\u{2029}' => ' ',
            char if char.is_control() => ' ',
            char => char,
        })
        .collect()
}

fn doubled(text: &str, out: &mut String) {
    out.push('\'');
    for (at, run) in text.split('\'').enumerate() {
        if at > 0 {
            out.push_str("''");
        }
        out.push_str(run);
    }
    out.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(quote: fn(&str, &mut String), text: &str) -> String {
        let mut out = String::new();
        quote(text, &mut out);
        out
    }

    #[test]
    fn plain_text_is_quoted_alike_everywhere() {
        for quote in [postgres, mysql, sqlite] {
            assert_eq!(written(quote, "Zoë O'Neil 🚲"), "'Zoë O''Neil 🚲'");
            assert_eq!(written(quote, ""), "''");
            assert_eq!(written(quote, "'"), "''''");
        }
    }

    #[test]
    fn postgres_spells_backslashes_and_line_breaks() {
        assert_eq!(
            written(postgres, "a\\'; \\! x\n\\."),
            "E'a\\\\''; \\\\! x\\n\\\\.'"
        );
        assert_eq!(written(postgres, "\u{1}f"), "E'\\x01f'");
    }

    #[test]
    fn mysql_writes_what_a_backslash_could_change_in_hexadecimal() {
        assert_eq!(written(mysql, "\\'"), "_utf8mb4 x'5c27'");
        assert_eq!(written(mysql, "é\n"), "_utf8mb4 x'c3a90a'");
    }

    #[test]
    fn sqlite_joins_control_characters_by_number() {
        assert_eq!(
            written(sqlite, "a\nb'\r"),
            "('a' || char(10) || 'b''' || char(13))"
        );
        assert_eq!(written(sqlite, "\n"), "('' || char(10))");
        assert_eq!(written(sqlite, "\\"), "'\\'");
    }

    #[test]
    fn no_literal_has_a_line_break() {
        let hostile = "x\n\\! rm\r\n.shell rm\ndelimiter //\n'\n$$\u{85}\u{b}";
        for quote in [postgres, mysql, sqlite] {
            let literal = written(quote, hostile);
            assert!(!literal.contains(['\n', '\r']), "{literal}");
        }
    }

    #[test]
    fn names_and_comments_cannot_break_out() {
        assert_eq!(name("a`b", '`'), "`a``b`");
        assert_eq!(name("a\"b", '"'), "\"a\"\"b\"");
        assert_eq!(comment("x\n\\! rm\u{2028}y"), "x /! rm y");
    }
}
