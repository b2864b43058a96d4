//! Walks over the tokens of one statement.

use super::token::{Lexeme, Syntax, Token, lossy, tokens};

/// The tokens of a statement, with its text for what is kept as written.
pub(super) struct Parsed<'a> {
    text: &'a str,
    lexemes: Vec<Lexeme>,
}

impl<'a> Parsed<'a> {
    pub fn new(text: &'a str, syntax: Syntax) -> Self {
        Self {
            text,
            lexemes: tokens(text.as_bytes(), syntax),
        }
    }

    pub fn cursor(&self) -> Cursor<'_> {
        Cursor {
            text: self.text,
            lexemes: &self.lexemes,
            at: 0,
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    lexemes: &'a [Lexeme],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor over a part of the same statement.
    pub fn over(&self, lexemes: &'a [Lexeme]) -> Self {
        Self {
            text: self.text,
            lexemes,
            at: 0,
        }
    }

    pub fn rest(&self) -> &'a [Lexeme] {
        &self.lexemes[self.at..]
    }

    pub fn peek(&self) -> Option<&'a Lexeme> {
        self.lexemes.get(self.at)
    }

    pub fn next(&mut self) -> Option<&'a Lexeme> {
        let lexeme = self.peek()?;
        self.at += 1;
        Some(lexeme)
    }

    pub fn is(&self, keyword: &str) -> bool {
        self.peek().is_some_and(|lexeme| lexeme.is_word(keyword))
    }

    pub fn is_symbol(&self, symbol: u8) -> bool {
        self.peek().is_some_and(|lexeme| lexeme.is_symbol(symbol))
    }

    /// Passes a keyword if it comes next.
    pub fn eat(&mut self, keyword: &str) -> bool {
        let is_next = self.is(keyword);
        self.at += usize::from(is_next);
        is_next
    }

    /// Passes a phrase, given with single spaces, if all of it comes next.
    pub fn eat_all(&mut self, phrase: &str) -> bool {
        let mut ahead = *self;
        let is_next = phrase.split(' ').all(|keyword| ahead.eat(keyword));
        if is_next {
            self.at = ahead.at;
        }
        is_next
    }

    pub fn eat_symbol(&mut self, symbol: u8) -> bool {
        let is_next = self.is_symbol(symbol);
        self.at += usize::from(is_next);
        is_next
    }

    /// Moves behind the next occurrence of a keyword outside brackets.
    pub fn seek(&mut self, keyword: &str) -> bool {
        while self.peek().is_some() {
            if self.eat(keyword) {
                return true;
            }
            self.skip_one();
        }
        false
    }

    /// Passes one token, or a whole bracket.
    pub fn skip_one(&mut self) {
        if self.group().is_none() {
            self.next();
        }
    }

    /// A name, bare or quoted. SQLite allows a string in its place.
    pub fn name(&mut self) -> Option<String> {
        let name = match &self.peek()?.token {
            Token::Word(name) | Token::Name(name) => name.clone(),
            Token::Text(text) => lossy(text),
            Token::Symbol(_) => return None,
        };
        self.at += 1;
        Some(name)
    }

    /// A name with its schema or database, joined by a point.
    pub fn qualified_name(&mut self) -> Option<String> {
        let mut name = self.name()?;
        while self.eat_symbol(b'.') {
            name.push('.');
            name += &self.name()?;
        }
        Some(name)
    }

    /// The inside of the bracket that comes next; moves behind it.
    pub fn group(&mut self) -> Option<&'a [Lexeme]> {
        if !self.is_symbol(b'(') {
            return None;
        }
        let mut depth = 0;
        for (index, lexeme) in self.rest().iter().enumerate() {
            match lexeme.token {
                Token::Symbol(b'(') => depth += 1,
                Token::Symbol(b')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inside = &self.lexemes[self.at + 1..self.at + index];
                self.at += index + 1;
                return Some(inside);
            }
        }
        let inside = &self.lexemes[self.at + 1..];
        self.at = self.lexemes.len();
        Some(inside)
    }

    /// The stretch of the statement that lexemes cover, as written.
    pub fn source(&self, lexemes: &[Lexeme]) -> &'a str {
        match lexemes {
            [first, .., last] => &self.text[first.start..last.end],
            [only] => &self.text[only.start..only.end],
            [] => "",
        }
    }

    /// From another position of this cursor to here, as written.
    pub fn source_since(&self, earlier: &Self) -> &'a str {
        self.source(&self.lexemes[earlier.at..self.at])
    }

    pub fn since(&self, earlier: &Self) -> &'a [Lexeme] {
        &self.lexemes[earlier.at..self.at]
    }
}
