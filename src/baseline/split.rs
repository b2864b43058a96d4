//! Splits a dump into pieces on its bytes, before anything is parsed.
//!
//! A stream in; statements, the tuples of an INSERT one by one, and the lines of a COPY block out. What
//! is held in memory is one piece: an INSERT of many megabytes is never held whole. Comments are
//! dropped, MySQL's conditional comments are opened, psql's and mysql's own commands are obeyed.

use super::statement;
use super::token::{Syntax, is_name_byte};
use crate::model::Dialect;
use memchr::{memchr, memchr2};
use std::io::{self, BufRead};

/// What has been read; its bytes are in `Splitter::text`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A whole statement without its delimiter.
    Statement,
    /// An INSERT up to VALUES: tuples follow.
    Insert,
    /// The inside of one `( … )`.
    Tuple,
    /// `COPY … FROM stdin`: lines follow.
    Copy,
    Line,
}

pub(super) struct Splitter<R> {
    input: R,
    pub syntax: Syntax,
    delimiter: Vec<u8>,
    /// Bytes at which the walk over a statement has to look closer.
    special: [bool; 256],
    piece: Vec<u8>,
    /// The two bytes before the one looked at: `E'` and `a$b` need them.
    tail: [u8; 2],
    in_conditional: bool,
    state: State,
    offset: u64,
    /// The input ended inside a statement, a string or a COPY block.
    pub cut_off: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Between,
    /// Behind the opening bracket of a tuple.
    InTuple,
    AfterTuple,
    Lines,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Bytes,
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Delimiter,
    Open,
    Close,
    EndOfInput,
}

impl<R: BufRead> Splitter<R> {
    pub fn new(input: R, syntax: Syntax) -> Self {
        let mut splitter = Self {
            input,
            syntax,
            delimiter: b";".to_vec(),
            special: [false; 256],
            piece: Vec::new(),
            tail: [b' '; 2],
            in_conditional: false,
            state: State::Between,
            offset: 0,
            cut_off: false,
        };
        splitter.mark_special();
        splitter
    }

    /// The bytes of the piece that `next` told of.
    pub fn text(&self) -> &[u8] {
        &self.piece
    }

    /// How many bytes have been read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    pub fn next(&mut self) -> io::Result<Option<Piece>> {
        match self.state {
            State::Between => self.next_statement(),
            State::InTuple | State::AfterTuple => self.next_tuple(),
            State::Lines => self.next_line(),
        }
    }

    /// Passes over the tuples or lines that are left.
    pub fn skip(&mut self) -> io::Result<()> {
        match self.state {
            State::Between => {}
            State::InTuple | State::AfterTuple => {
                self.state = State::Between;
                self.skip_statement()?;
            }
            State::Lines => while self.read_copy_line()? {},
        }
        Ok(())
    }

    fn next_statement(&mut self) -> io::Result<Option<Piece>> {
        loop {
            self.piece.clear();
            self.in_conditional = false;
            if !self.skip_blank()? {
                return Ok(None);
            }
            if self.syntax.dialect == Dialect::Postgres && self.peek()? == Some(b'\\') {
                self.read_line()?;
                continue;
            }
            self.keep_word()?;
            if self.syntax.dialect == Dialect::Mysql && self.piece.eq_ignore_ascii_case(b"DELIMITER") {
                self.change_delimiter()?;
                continue;
            }
            let is_insert = [&b"INSERT"[..], b"REPLACE"]
                .iter()
                .any(|word| self.piece.eq_ignore_ascii_case(word));
            if let Some(piece) = self.finish_statement(is_insert)? {
                return Ok(Some(piece));
            }
        }
    }

    /// Reads on to the delimiter, or to the first tuple; None where the statement is empty.
    fn finish_statement(&mut self, is_insert: bool) -> io::Result<Option<Piece>> {
        loop {
            match self.walk(Keep::Bytes)? {
                Stop::Open if is_insert && statement::ends_with_values(&self.piece) => {
                    self.state = State::InTuple;
                    return Ok(Some(Piece::Insert));
                }
                Stop::Open => self.piece.push(b'('),
                Stop::Close => self.piece.push(b')'),
                Stop::Delimiter if statement::is_inside_body(&self.piece, self.syntax) => {
                    self.piece.push(b';');
                }
                Stop::Delimiter => break,
                Stop::EndOfInput => {
                    self.cut_off |= !self.piece.trim_ascii().is_empty();
                    break;
                }
            }
        }
        if self.piece.trim_ascii().is_empty() {
            return Ok(None);
        }
        if statement::is_copy_from_stdin(&self.piece, self.syntax) {
            self.drop_line()?;
            self.state = State::Lines;
            return Ok(Some(Piece::Copy));
        }
        Ok(Some(Piece::Statement))
    }

    fn next_tuple(&mut self) -> io::Result<Option<Piece>> {
        if self.state == State::AfterTuple && !self.open_tuple()? {
            self.state = State::Between;
            return self.next_statement();
        }
        self.piece.clear();
        let mut depth = 1;
        loop {
            match self.walk(Keep::Bytes)? {
                Stop::Open => {
                    depth += 1;
                    self.piece.push(b'(');
                }
                Stop::Close => {
                    depth -= 1;
                    if depth == 0 {
                        self.state = State::AfterTuple;
                        return Ok(Some(Piece::Tuple));
                    }
                    self.piece.push(b')');
                }
                // A delimiter inside a tuple: the dump is damaged here; the next statement is not.
                Stop::Delimiter | Stop::EndOfInput => {
                    self.cut_off = true;
                    self.state = State::Between;
                    return self.next_statement();
                }
            }
        }
    }

    /// Moves behind the next tuple's opening bracket; false where the statement ends (`ON CONFLICT …` too).
    fn open_tuple(&mut self) -> io::Result<bool> {
        self.skip_blank()?;
        if self.peek()? == Some(b',') {
            self.advance(1);
            self.skip_blank()?;
            if self.peek()? == Some(b'(') {
                self.advance(1);
                self.tail = [b' ', b'('];
                return Ok(true);
            }
        }
        self.skip_statement()?;
        Ok(false)
    }

    fn skip_statement(&mut self) -> io::Result<()> {
        loop {
            match self.walk(Keep::Nothing)? {
                Stop::Delimiter => return Ok(()),
                Stop::EndOfInput => {
                    self.cut_off = true;
                    return Ok(());
                }
                Stop::Open | Stop::Close => {}
            }
        }
    }

    fn next_line(&mut self) -> io::Result<Option<Piece>> {
        if self.read_copy_line()? {
            Ok(Some(Piece::Line))
        } else {
            self.next_statement()
        }
    }

    /// Reads a line of a COPY block; false behind its last one.
    fn read_copy_line(&mut self) -> io::Result<bool> {
        if !self.read_line()? {
            self.cut_off = true;
            self.state = State::Between;
            return Ok(false);
        }
        if self.piece == b"\\." {
            self.state = State::Between;
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads a line into the piece, without its end; false at the end of the input.
    fn read_line(&mut self) -> io::Result<bool> {
        self.piece.clear();
        let length = self.input.read_until(b'\n', &mut self.piece)?;
        self.offset += length as u64;
        if self.piece.last() == Some(&b'\n') {
            self.piece.pop();
            // COPY escapes a carriage return that is data.
            if self.piece.last() == Some(&b'\r') {
                self.piece.pop();
            }
        }
        Ok(length > 0)
    }

    fn drop_line(&mut self) -> io::Result<()> {
        self.copy_through(b'\n', Keep::Nothing)?;
        Ok(())
    }

    fn change_delimiter(&mut self) -> io::Result<()> {
        self.read_line()?;
        let given = self.piece.trim_ascii();
        if !given.is_empty() {
            self.delimiter = given.to_vec();
            self.mark_special();
        }
        Ok(())
    }

    fn mark_special(&mut self) {
        self.special = [false; 256];
        let by_dialect: &[u8] = match self.syntax.dialect {
            Dialect::Postgres => b"$",
            Dialect::Mysql => b"`#*",
            Dialect::Sqlite => b"`[",
        };
        for byte in b"'\"-/()".iter().chain(by_dialect).chain(self.delimiter.first()) {
            self.special[usize::from(*byte)] = true;
        }
    }

    /// Walks to a bracket or delimiter outside quotes and comments, and consumes it.
    fn walk(&mut self, keep: Keep) -> io::Result<Stop> {
        loop {
            let Some(byte) = self.copy_plain(keep)? else {
                return Ok(Stop::EndOfInput);
            };
            if self.delimiter.first() == Some(&byte) {
                match self.match_delimiter(keep)? {
                    Match::Whole => return Ok(Stop::Delimiter),
                    Match::Part => continue,
                    Match::FirstAlone => {}
                }
            }
            match byte {
                b'(' => return Ok(self.stop(Stop::Open, byte)),
                b')' => return Ok(self.stop(Stop::Close, byte)),
                b'\'' => {
                    let backslash = self.syntax.backslash || self.is_behind_e();
                    self.put(byte, keep);
                    self.copy_quoted(byte, backslash, keep)?;
                }
                b'"' => {
                    self.put(byte, keep);
                    self.copy_quoted(
                        byte,
                        self.syntax.dialect == Dialect::Mysql && self.syntax.backslash,
                        keep,
                    )?;
                }
                b'`' => {
                    self.put(byte, keep);
                    self.copy_quoted(byte, false, keep)?;
                }
                b'[' => {
                    self.put(byte, keep);
                    self.copy_through(b']', keep)?;
                }
                b'$' if !is_name_byte(self.tail[1]) => self.copy_dollar_quoted(keep)?,
                b'-' | b'/' | b'#' if self.skip_comment(byte)? => self.put_space(keep),
                b'*' if self.in_conditional && self.peek()? == Some(b'/') => {
                    self.advance(1);
                    self.in_conditional = false;
                    self.put_space(keep);
                }
                _ => self.put(byte, keep),
            }
        }
    }

    fn stop(&mut self, stop: Stop, byte: u8) -> Stop {
        self.tail = [self.tail[1], byte];
        stop
    }

    /// Copies up to a special byte and consumes that too; None at the end of the input.
    fn copy_plain(&mut self, keep: Keep) -> io::Result<Option<u8>> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let found = buffer.iter().position(|byte| self.special[usize::from(*byte)]);
            let length = found.unwrap_or(buffer.len());
            let plain = &buffer[..length];
            if keep == Keep::Bytes {
                self.piece.extend_from_slice(plain);
            }
            match plain {
                [.., before, last] => self.tail = [*before, *last],
                [last] => self.tail = [self.tail[1], *last],
                [] => {}
            }
            let special = found.map(|index| buffer[index]);
            self.advance(length + usize::from(special.is_some()));
            if special.is_some() {
                return Ok(special);
            }
        }
    }

    fn advance(&mut self, length: usize) {
        self.input.consume(length);
        self.offset += length as u64;
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    fn put(&mut self, byte: u8, keep: Keep) {
        if keep == Keep::Bytes {
            self.piece.push(byte);
        }
        self.tail = [self.tail[1], byte];
    }

    fn put_space(&mut self, keep: Keep) {
        self.put(b' ', keep);
    }

    /// The quote just met belongs to an `E'…'`, not to a name that ends with an e.
    fn is_behind_e(&self) -> bool {
        self.syntax.dialect == Dialect::Postgres
            && matches!(self.tail[1], b'E' | b'e')
            && !is_name_byte(self.tail[0])
    }

    /// Copies through a byte; false where the input ends before it.
    fn copy_through(&mut self, byte: u8, keep: Keep) -> io::Result<bool> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let found = memchr(byte, buffer);
            let length = found.map_or(buffer.len(), |index| index + 1);
            if keep == Keep::Bytes {
                self.piece.extend_from_slice(&buffer[..length]);
            }
            self.advance(length);
            if found.is_some() {
                return Ok(true);
            }
        }
    }

    /// Copies a quoted text whose opening quote has been read.
    fn copy_quoted(&mut self, quote: u8, backslash: bool, keep: Keep) -> io::Result<()> {
        self.tail = [b' ', quote];
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                self.cut_off = true;
                return Ok(());
            }
            let found = if backslash {
                memchr2(quote, b'\\', buffer)
            } else {
                memchr(quote, buffer)
            };
            let length = found.map_or(buffer.len(), |index| index + 1);
            if keep == Keep::Bytes {
                self.piece.extend_from_slice(&buffer[..length]);
            }
            let special = found.map(|index| buffer[index]);
            self.advance(length);
            let Some(special) = special else { continue };
            let next = self.peek()?;
            if special == quote && next != Some(quote) {
                return Ok(());
            }
            // The second half of a doubled quote, or the byte that a backslash protects.
            if let Some(next) = next {
                if keep == Keep::Bytes {
                    self.piece.push(next);
                }
                self.advance(1);
            }
        }
    }

    /// Copies `$tag$ … $tag$` whose first `$` has been read; where it opens nothing, only that `$`.
    fn copy_dollar_quoted(&mut self, keep: Keep) -> io::Result<()> {
        self.put(b'$', keep);
        let tag = self.copy_name(keep)?;
        if self.peek()? != Some(b'$') || tag.first().is_some_and(u8::is_ascii_digit) {
            return Ok(());
        }
        self.copy_through(b'$', keep)?;
        loop {
            if !self.copy_through(b'$', keep)? {
                self.cut_off = true;
                return Ok(());
            }
            let name = self.copy_name(keep)?;
            if name == tag && self.peek()? == Some(b'$') {
                self.advance(1);
                self.put(b'$', keep);
                self.tail = [b' '; 2];
                return Ok(());
            }
        }
    }

    fn copy_name(&mut self, keep: Keep) -> io::Result<Vec<u8>> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek()?.filter(|byte| is_name_byte(*byte)) {
            name.push(byte);
            self.put(byte, keep);
            self.advance(1);
        }
        Ok(name)
    }

    fn keep_word(&mut self) -> io::Result<()> {
        self.tail = [b' '; 2];
        self.copy_name(Keep::Bytes)?;
        Ok(())
    }

    /// Skips white space and comments, and opens conditional comments; false at the end of the input.
    fn skip_blank(&mut self) -> io::Result<bool> {
        while let Some(byte) = self.peek()? {
            match byte {
                b'-' | b'/' | b'#' => {
                    self.advance(1);
                    if !self.skip_comment(byte)? {
                        self.piece.push(byte);
                        return Ok(true);
                    }
                }
                _ if byte.is_ascii_whitespace() => self.advance(1),
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Skips the comment that the byte just read opens; false where it opens none.
    fn skip_comment(&mut self, byte: u8) -> io::Result<bool> {
        let next = self.peek()?;
        match (byte, next) {
            (b'-', Some(b'-')) | (b'#', _) if byte == b'-' || self.syntax.dialect == Dialect::Mysql => {
                self.drop_line()?;
                Ok(true)
            }
            (b'/', Some(b'*')) => {
                self.advance(1);
                if !self.opens_conditional()? {
                    self.skip_block_comment()?;
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Reads the mark of `/*!40101 …` or `/*M!100100 …`, whose inside is read as SQL.
    fn opens_conditional(&mut self) -> io::Result<bool> {
        if self.syntax.dialect != Dialect::Mysql {
            return Ok(false);
        }
        if self.peek()? == Some(b'M') {
            self.advance(1);
        }
        if self.peek()? != Some(b'!') {
            return Ok(false);
        }
        self.advance(1);
        let version = self.copy_name(Keep::Nothing)?;
        // A version that no server has: meant for nobody (mariadb-dump's first line).
        self.in_conditional = version != b"999999";
        Ok(self.in_conditional)
    }

    fn skip_block_comment(&mut self) -> io::Result<()> {
        let mut depth = 1;
        while depth > 0 {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let Some(index) = memchr2(b'*', b'/', buffer) else {
                let length = buffer.len();
                self.advance(length);
                continue;
            };
            let byte = buffer[index];
            self.advance(index + 1);
            match (byte, self.peek()?) {
                (b'*', Some(b'/')) => depth -= 1,
                (b'/', Some(b'*')) if self.syntax.dialect == Dialect::Postgres => depth += 1,
                _ => continue,
            }
            self.advance(1);
        }
        Ok(())
    }

    fn match_delimiter(&mut self, keep: Keep) -> io::Result<Match> {
        for index in 1..self.delimiter.len() {
            if self.peek()? != Some(self.delimiter[index]) {
                if index == 1 {
                    return Ok(Match::FirstAlone);
                }
                for position in 0..index {
                    self.put(self.delimiter[position], keep);
                }
                return Ok(Match::Part);
            }
            self.advance(1);
        }
        Ok(Match::Whole)
    }
}

enum Match {
    Whole,
    /// Its beginning, which has been put into the piece.
    Part,
    /// Its first byte, which is still to be looked at.
    FirstAlone,
}
