//! Tokens of SQL text held in memory: one statement, or one tuple of an INSERT.
//!
//! Bytes in, tokens with their spans out. Nothing is rejected: what is not understood becomes a
//! symbol, since a dump holds far more SQL than the schema needs.

use crate::model::Dialect;
use memchr::{memchr, memchr2};

/// How quotes and comments are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    pub dialect: Dialect,
    /// A backslash escapes in a plain `'…'`: MySQL's habit, and PostgreSQL's of old.
    pub backslash: bool,
}

impl Syntax {
    pub fn of(dialect: Dialect) -> Self {
        Self {
            dialect,
            backslash: dialect == Dialect::Mysql,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Bare: a keyword, a name or a number.
    Word(String),
    /// A quoted name.
    Name(String),
    /// A string with its escapes resolved; not always UTF-8.
    Text(Vec<u8>),
    Symbol(u8),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub token: Token,
    pub start: usize,
    pub end: usize,
}

impl Lexeme {
    pub fn is_word(&self, keyword: &str) -> bool {
        matches!(&self.token, Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    pub fn is_symbol(&self, symbol: u8) -> bool {
        self.token == Token::Symbol(symbol)
    }
}

/// All tokens of a text, comments left out.
pub(super) fn tokens(text: &[u8], syntax: Syntax) -> Vec<Lexeme> {
    let mut lexer = Lexer { text, at: 0, syntax };
    std::iter::from_fn(|| lexer.next()).collect()
}

/// A byte that can stand in a bare name. Bytes above ASCII do: names may be in any script.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Splits lexemes at commas that stand outside brackets.
pub(super) fn split_commas(lexemes: &[Lexeme]) -> Vec<&[Lexeme]> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0i32, 0);
    for (index, lexeme) in lexemes.iter().enumerate() {
        match lexeme.token {
            Token::Symbol(b'(' | b'[') => depth += 1,
            Token::Symbol(b')' | b']') => depth -= 1,
            Token::Symbol(b',') if depth == 0 => {
                parts.push(&lexemes[from..index]);
                from = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&lexemes[from..]);
    parts
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Doubling,
    Mysql,
    /// PostgreSQL's `E'…'`.
    C,
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    syntax: Syntax,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<Lexeme> {
        self.skip_blank();
        let start = self.at;
        let byte = self.peek(0)?;
        let token = match byte {
            b'\'' => Token::Text(self.string(b'\'', self.plain_escapes())),
            b'"' if self.syntax.dialect == Dialect::Mysql => {
                Token::Name(lossy(&self.string(b'"', self.plain_escapes())))
            }
            b'"' | b'`' => Token::Name(lossy(&self.string(byte, Escapes::Doubling))),
            b'[' if self.syntax.dialect == Dialect::Sqlite => Token::Name(self.bracketed()),
            b'E' | b'e' if self.syntax.dialect == Dialect::Postgres && self.peek(1) == Some(b'\'') => {
                self.at += 1;
                Token::Text(self.string(b'\'', Escapes::C))
            }
            b'$' if self.syntax.dialect == Dialect::Postgres => match self.dollar_quoted() {
                Some(body) => Token::Text(body),
                None => self.symbol(byte),
            },
            b'0'..=b'9' => Token::Word(self.number()),
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => Token::Word(self.number()),
            _ if is_name_byte(byte) => Token::Word(self.word()),
            _ => self.symbol(byte),
        };
        Some(Lexeme {
            token,
            start,
            end: self.at,
        })
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn symbol(&mut self, byte: u8) -> Token {
        self.at += 1;
        Token::Symbol(byte)
    }

    fn plain_escapes(&self) -> Escapes {
        match (self.syntax.backslash, self.syntax.dialect) {
            (false, _) => Escapes::Doubling,
            (true, Dialect::Mysql) => Escapes::Mysql,
            (true, _) => Escapes::C,
        }
    }

    fn skip_blank(&mut self) {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'-', Some(b'-')) => {
                    self.at =
                        memchr(b'\n', &self.text[self.at..]).map_or(self.text.len(), |end| self.at + end);
                }
                (b'/', Some(b'*')) => {
                    let body = &self.text[self.at + 2..];
                    self.at = memchr::memmem::find(body, b"*/")
                        .map_or(self.text.len(), |end| self.at + 2 + end + 2);
                }
                _ if byte.is_ascii_whitespace() => self.at += 1,
                _ => return,
            }
        }
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> String {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len());
        self.at += length;
        lossy(&rest[..length])
    }

    fn word(&mut self) -> String {
        self.take_while(|byte| is_name_byte(byte) || byte == b'$')
    }

    /// Also a name that begins with a digit, which MySQL allows.
    fn number(&mut self) -> String {
        let mut text = self.take_while(|byte| is_name_byte(byte) || byte == b'.');
        let is_float = text.ends_with(['e', 'E']) && !text.starts_with("0x");
        if is_float && matches!(self.peek(0), Some(b'+' | b'-')) {
            text.push(char::from(self.text[self.at]));
            self.at += 1;
            text += &self.take_while(|byte| byte.is_ascii_digit());
        }
        text
    }

    fn bracketed(&mut self) -> String {
        self.at += 1;
        let rest = &self.text[self.at..];
        let length = memchr(b']', rest).unwrap_or(rest.len());
        self.at = (self.at + length + 1).min(self.text.len());
        lossy(&rest[..length])
    }

    /// The body behind the opening quote at `at`; ends at the closing one or at the end of the text.
    fn string(&mut self, quote: u8, escapes: Escapes) -> Vec<u8> {
        self.at += 1;
        let mut body = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let found = match escapes {
                Escapes::Doubling => memchr(quote, rest),
                Escapes::Mysql | Escapes::C => memchr2(quote, b'\\', rest),
            };
            let Some(length) = found else {
                body.extend_from_slice(rest);
                self.at = self.text.len();
                return body;
            };
            body.extend_from_slice(&rest[..length]);
            self.at += length + 1;
            if rest[length] == b'\\' {
                self.escape(escapes, &mut body);
            } else if self.peek(0) == Some(quote) {
                body.push(quote);
                self.at += 1;
            } else {
                return body;
            }
        }
    }

    /// What a backslash and the bytes behind it stand for.
    fn escape(&mut self, escapes: Escapes, body: &mut Vec<u8>) {
        let Some(byte) = self.peek(0) else { return };
        self.at += 1;
        if escapes == Escapes::Mysql {
            match byte {
                b'0' => body.push(0),
                b'b' => body.push(8),
                b'n' => body.push(b'\n'),
                b'r' => body.push(b'\r'),
                b't' => body.push(b'\t'),
                b'Z' => body.push(26),
                b'%' | b'_' => body.extend([b'\\', byte]),
                _ => body.push(byte),
            }
            return;
        }
        let rest = &self.text[self.at - 1..];
        let length = unescape_c(rest, body);
        self.at += length - 1;
    }

    fn dollar_quoted(&mut self) -> Option<Vec<u8>> {
        let rest = &self.text[self.at..];
        let tag = 1 + rest[1..].iter().position(|byte| !is_name_byte(*byte))?;
        if rest.get(tag) != Some(&b'$') || rest[1].is_ascii_digit() {
            return None;
        }
        let mark = &rest[..=tag];
        let body = &rest[mark.len()..];
        let length = memchr::memmem::find(body, mark)?;
        self.at += mark.len() + length + mark.len();
        Some(body[..length].to_vec())
    }
}

/// Resolves one C-style escape whose backslash has been read; the number of bytes used. COPY writes
/// the same escapes.
pub(super) fn unescape_c(rest: &[u8], body: &mut Vec<u8>) -> usize {
    let Some(&byte) = rest.first() else { return 0 };
    let run = |most: usize, radix: u32, from: usize| {
        rest[from..]
            .iter()
            .take(most)
            .take_while(|byte| char::from(**byte).is_digit(radix))
            .count()
    };
    let value = |from: usize, length: usize, radix: u32| {
        std::str::from_utf8(&rest[from..from + length])
            .ok()
            .and_then(|digits| u32::from_str_radix(digits, radix).ok())
    };
    match byte {
        b'b' => body.push(8),
        b'f' => body.push(12),
        b'n' => body.push(b'\n'),
        b'r' => body.push(b'\r'),
        b't' => body.push(b'\t'),
        b'v' => body.push(11),
        b'0'..=b'7' => {
            let length = run(3, 8, 0);
            body.extend(value(0, length, 8).map(|code| code as u8));
            return length;
        }
        b'x' if run(2, 16, 1) > 0 => {
            let length = run(2, 16, 1);
            body.extend(value(1, length, 16).map(|code| code as u8));
            return 1 + length;
        }
        b'u' | b'U' => {
            let wanted = if byte == b'u' { 4 } else { 8 };
            let code = (run(wanted, 16, 1) == wanted)
                .then(|| value(1, wanted, 16))
                .flatten();
            let Some(char) = code.and_then(char::from_u32) else {
                body.push(byte);
                return 1;
            };
            body.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            return 1 + wanted;
        }
        _ => body.push(byte),
    }
    1
}

pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Vec<Token> {
        tokens(text.as_bytes(), Syntax::of(dialect))
            .into_iter()
            .map(|lexeme| lexeme.token)
            .collect()
    }

    fn text(body: &str) -> Token {
        Token::Text(body.as_bytes().to_vec())
    }

    #[test]
    fn a_backslash_escapes_by_dialect() {
        assert_eq!(read(r"'a\'b'", Dialect::Mysql), [text("a'b")]);
        assert_eq!(
            read(r"'a\' b", Dialect::Postgres),
            [text(r"a\"), Token::Word("b".into())]
        );
        assert_eq!(read(r"E'a\'\x41\101\u00e9'", Dialect::Postgres), [text("a'AAé")]);
        assert_eq!(read(r"'C:\'", Dialect::Sqlite), [text(r"C:\")]);
        assert_eq!(read("'it''s'", Dialect::Sqlite), [text("it's")]);
    }

    #[test]
    fn dollar_quotes_hold_quotes_and_other_tags() {
        assert_eq!(
            read("$f$ it's $$; $f$ x", Dialect::Postgres),
            [text(" it's $$; "), Token::Word("x".into())]
        );
    }

    #[test]
    fn numbers_keep_their_spelling() {
        assert_eq!(
            read("1.5e+03, .5 0x1F", Dialect::Sqlite),
            [
                Token::Word("1.5e+03".into()),
                Token::Symbol(b','),
                Token::Word(".5".into()),
                Token::Word("0x1F".into()),
            ]
        );
    }

    #[test]
    fn names_come_in_every_kind_of_quote() {
        let names = [
            Token::Name("a b".into()),
            Token::Name("c\"d".into()),
            Token::Name("e".into()),
        ];
        assert_eq!(read("`a b` \"c\"\"d\" [e] -- rest", Dialect::Sqlite), names);
    }
}
