//! What the beginning of a statement tells about where it ends, and what follows it.

use super::token::{Syntax, is_name_byte, tokens};
use crate::model::Dialect;

/// Whether a `;` behind this text belongs to the body of a trigger or function that no quotes protect.
/// Source: the rule of sqlite3_complete(), such a body ends with `; END`.
pub(super) fn is_inside_body(text: &[u8], syntax: Syntax) -> bool {
    // MySQL's dumps change the delimiter instead.
    if syntax.dialect == Dialect::Mysql || !starts_with_word(text, b"CREATE") {
        return false;
    }
    let head = tokens(&text[..text.len().min(200)], syntax);
    let creates = |what: &str| head.iter().take(5).any(|lexeme| lexeme.is_word(what));
    let may_have_body = match syntax.dialect {
        Dialect::Sqlite => creates("TRIGGER"),
        _ => creates("FUNCTION") || creates("PROCEDURE"),
    };
    if !may_have_body {
        return false;
    }
    let all = tokens(text, syntax);
    let has_body = syntax.dialect == Dialect::Sqlite
        || all
            .windows(2)
            .any(|pair| pair[0].is_word("BEGIN") && pair[1].is_word("ATOMIC"));
    let is_ended = matches!(all.as_slice(), [.., semicolon, end]
        if semicolon.is_symbol(b';') && end.is_word("END"));
    has_body && !is_ended
}

/// Whether lines of data follow the statement.
pub(super) fn is_copy_from_stdin(text: &[u8], syntax: Syntax) -> bool {
    syntax.dialect == Dialect::Postgres
        && starts_with_word(text, b"COPY")
        && tokens(text, syntax)
            .windows(2)
            .any(|pair| pair[0].is_word("FROM") && pair[1].is_word("stdin"))
}

/// Whether a tuple follows the text.
pub(super) fn ends_with_values(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let start = text
        .iter()
        .rposition(|byte| !is_name_byte(*byte))
        .map_or(0, |index| index + 1);
    text[start..].eq_ignore_ascii_case(b"VALUES")
}

fn starts_with_word(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !text.get(word.len()).is_some_and(|byte| is_name_byte(*byte))
}
