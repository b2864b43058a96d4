//! Reads the values of one row: of an INSERT's tuple, or of a line of COPY.
//!
//! What a database would compute is computed only where a dump writes plain data that way: casts, hex,
//! and the calls with which sqlite3 spells line breaks. Any other expression is `Unreadable`, never a guess.

use super::token::{Lexeme, Syntax, Token, lossy, split_commas, tokens, unescape_c};
use crate::model::Dialect;
use std::fmt::Write as _;

/// One column of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// The dump does not say: a computed column, or one left to its default.
    Absent,
    Null,
    Text(String),
    /// Held bytes that are not UTF-8; they are replaced by `�`.
    Damaged(String),
    /// An expression that only a database could evaluate.
    Unreadable,
}

impl Cell {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Damaged(text) => Some(text),
            Self::Absent | Self::Null | Self::Unreadable => None,
        }
    }

    fn of_text(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Damaged(lossy(error.as_bytes())),
        }
    }

    /// Binary data: text where it is printable (a name in a VARBINARY), else `0x…`.
    fn of_binary(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.chars().any(char::is_control) => Self::Text(text.to_owned()),
            _ => Self::Text(bytes.iter().fold("0x".to_owned(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })),
        }
    }
}

/// The cells of what stands between the brackets of a tuple.
pub(super) fn tuple(text: &[u8], syntax: Syntax) -> Vec<Cell> {
    let lexemes = tokens(text, syntax);
    split_commas(&lexemes)
        .into_iter()
        .map(|value| evaluate(value, syntax))
        .collect()
}

/// The cells of a line of COPY, in PostgreSQL's text format.
pub(super) fn copy_line(line: &[u8]) -> impl Iterator<Item = Cell> {
    line.split(|byte| *byte == b'\t').map(copy_field)
}

fn copy_field(field: &[u8]) -> Cell {
    if field == b"\\N" {
        return Cell::Null;
    }
    let Some(mut backslash) = memchr::memchr(b'\\', field) else {
        return Cell::of_text(field.to_vec());
    };
    let mut body = Vec::with_capacity(field.len());
    let mut from = 0;
    loop {
        body.extend_from_slice(&field[from..backslash]);
        // COPY has no \u: such a backslash protects a plain letter.
        let rest = &field[backslash + 1..];
        from = backslash
            + 1
            + match rest.first() {
                Some(letter @ (b'u' | b'U')) => {
                    body.push(*letter);
                    1
                }
                _ => unescape_c(rest, &mut body),
            };
        match memchr::memchr(b'\\', &field[from..]) {
            Some(next) => backslash = from + next,
            None => break,
        }
    }
    body.extend_from_slice(&field[from..]);
    Cell::of_text(body)
}

/// The value of an expression, where it is plain data.
fn evaluate(expression: &[Lexeme], syntax: Syntax) -> Cell {
    let Some((cell, used)) = primary(expression, syntax) else {
        return if expression.is_empty() {
            Cell::Absent
        } else {
            Cell::Unreadable
        };
    };
    match &expression[used..] {
        [] => cell,
        // A cast changes no text: `'x'::public.kind`.
        [first, second, ..] if first.is_symbol(b':') && second.is_symbol(b':') => cell,
        [collate, ..] if collate.is_word("COLLATE") => cell,
        _ => Cell::Unreadable,
    }
}

/// The value at the start of an expression, and how many lexemes it takes.
fn primary(expression: &[Lexeme], syntax: Syntax) -> Option<(Cell, usize)> {
    let (first, rest) = expression.split_first()?;
    match &first.token {
        Token::Text(text) => Some((Cell::of_text(text.clone()), 1)),
        Token::Name(text) => Some((Cell::Text(text.clone()), 1)),
        Token::Symbol(sign @ (b'-' | b'+')) => match &rest.first()?.token {
            Token::Word(number) if is_number(number) => {
                let sign = if *sign == b'-' { "-" } else { "" };
                Some((Cell::Text(format!("{sign}{number}")), 2))
            }
            _ => None,
        },
        Token::Symbol(b'(') => {
            let inside = bracket(rest)?;
            Some((evaluate(inside, syntax), inside.len() + 2))
        }
        Token::Symbol(_) => None,
        Token::Word(word) => match rest.first().map(|next| &next.token) {
            Some(Token::Text(text)) => Some((prefixed(word, text, syntax)?, 2)),
            Some(Token::Symbol(b'(')) => {
                let inside = bracket(&rest[1..])?;
                Some((call(word, inside, syntax), inside.len() + 3))
            }
            // `_binary 0x…`
            Some(Token::Word(hex)) if word.starts_with('_') => Some((Cell::of_binary(&read_hex(hex)?), 2)),
            _ => Some((bare(word)?, 1)),
        },
    }
}

/// What stands up to the bracket that closes the one before.
fn bracket(behind_open: &[Lexeme]) -> Option<&[Lexeme]> {
    let mut depth = 1;
    let end = behind_open.iter().position(|lexeme| {
        match lexeme.token {
            Token::Symbol(b'(') => depth += 1,
            Token::Symbol(b')') => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some(&behind_open[..end])
}

fn bare(word: &str) -> Option<Cell> {
    match word.to_ascii_uppercase().as_str() {
        "NULL" => Some(Cell::Null),
        "DEFAULT" => Some(Cell::Absent),
        "TRUE" | "FALSE" => Some(Cell::Text(word.to_ascii_lowercase())),
        _ if is_number(word) => Some(Cell::Text(word.to_owned())),
        _ => read_hex(word).map(|bytes| Cell::of_binary(&bytes)),
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit() || first == '.') && word.parse::<f64>().is_ok()
}

/// `X'…'`, `B'…'`, `_utf8mb4'…'`, `DATE '…'`.
fn prefixed(word: &str, text: &[u8], syntax: Syntax) -> Option<Cell> {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "x" => Some(Cell::of_binary(&hex_digits(text)?)),
        "b" if syntax.dialect == Dialect::Mysql => {
            let bits = std::str::from_utf8(text).ok()?;
            u64::from_str_radix(bits, 2)
                .ok()
                .map(|number| Cell::Text(number.to_string()))
        }
        "_binary" => Some(Cell::of_binary(text)),
        "b" | "n" | "date" | "time" | "timestamp" | "timestamptz" | "interval" => {
            Some(Cell::of_text(text.to_vec()))
        }
        _ if lower.starts_with('_') => Some(Cell::of_text(text.to_vec())),
        _ => None,
    }
}

fn call(function: &str, inside: &[Lexeme], syntax: Syntax) -> Cell {
    let arguments = split_commas(inside);
    let text_of = |index: usize| -> Option<String> {
        evaluate(arguments.get(index)?, syntax).text().map(str::to_owned)
    };
    let value = match function.to_ascii_lowercase().as_str() {
        "cast" => {
            let as_at = inside.iter().rposition(|lexeme| lexeme.is_word("AS"));
            return as_at.map_or(Cell::Unreadable, |at| evaluate(&inside[..at], syntax));
        }
        "convert" => {
            let using = inside.iter().position(|lexeme| lexeme.is_word("USING"));
            return evaluate(using.map_or(arguments[0], |at| &inside[..at]), syntax);
        }
        "replace" if arguments.len() == 3 => {
            text_of(0)
                .zip(text_of(1))
                .zip(text_of(2))
                .map(|((text, from), to)| {
                    if from.is_empty() {
                        text
                    } else {
                        text.replace(&from, &to)
                    }
                })
        }
        "char" => (0..arguments.len())
            .map(|index| text_of(index)?.parse().ok().and_then(char::from_u32))
            .collect(),
        "unistr" => text_of(0).and_then(|text| unistr(&text)),
        _ => None,
    };
    value.map_or(Cell::Unreadable, Cell::Text)
}

/// SQLite's and PostgreSQL's `unistr`: `\XXXX`, `\+XXXXXX`, `\uXXXX`, `\UXXXXXXXX`, `\\`.
fn unistr(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out += &rest[..at];
        rest = &rest[at + 1..];
        let (skip, length) = match rest.chars().next()? {
            '\\' => {
                out.push('\\');
                rest = &rest[1..];
                continue;
            }
            '+' => (1, 6),
            'u' => (1, 4),
            'U' => (1, 8),
            _ => (0, 4),
        };
        let code = u32::from_str_radix(rest.get(skip..skip + length)?, 16).ok()?;
        out.push(char::from_u32(code)?);
        rest = &rest[skip + length..];
    }
    out += rest;
    Some(out)
}

/// `0x…`
fn read_hex(word: &str) -> Option<Vec<u8>> {
    hex_digits(
        word.strip_prefix("0x")
            .or_else(|| word.strip_prefix("0X"))?
            .as_bytes(),
    )
}

fn hex_digits(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Vec<Cell> {
        tuple(text.as_bytes(), Syntax::of(dialect))
    }

    fn text(value: &str) -> Cell {
        Cell::Text(value.into())
    }

    #[test]
    fn plain_data_is_read_in_every_spelling() {
        let cells = read(
            "1,-2.50,NULL,'a, b','x'::public.kind,true,DEFAULT,CAST('y' AS text),('z'),now()",
            Dialect::Postgres,
        );
        assert_eq!(
            cells,
            [
                text("1"),
                text("-2.50"),
                Cell::Null,
                text("a, b"),
                text("x"),
                text("true"),
                Cell::Absent,
                text("y"),
                text("z"),
                Cell::Unreadable,
            ]
        );
    }

    #[test]
    fn mysql_binary_is_text_where_it_is_text() {
        let cells = read(
            r"_binary 'Ann',0x416E6E,X'00ff',b'101',_utf8mb4'\'q',_binary '\0\1'",
            Dialect::Mysql,
        );
        assert_eq!(
            cells,
            [
                text("Ann"),
                text("Ann"),
                text("0x00ff"),
                text("5"),
                text("'q"),
                text("0x0031")
            ]
        );
    }

    #[test]
    fn sqlite_spells_line_breaks_with_calls() {
        let cells = read(
            r"replace(replace('a\r\nb','\r',char(13)),'\n',char(10)),unistr('c\u000ad')",
            Dialect::Sqlite,
        );
        assert_eq!(cells, [text("a\r\nb"), text("c\nd")]);
    }

    #[test]
    fn copy_escapes_are_resolved() {
        let cells: Vec<Cell> = copy_line(b"a\\tb\t\\N\t\\\\N\tC:\\\\u0041\t\t\\101\tcaf\xe9").collect();
        assert_eq!(
            cells,
            [
                text("a\tb"),
                Cell::Null,
                text("\\N"),
                text("C:\\u0041"),
                text(""),
                text("A"),
                Cell::Damaged("caf\u{fffd}".into()),
            ]
        );
    }
}
