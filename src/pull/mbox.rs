//! Tells the messages of an mbox apart while it streams by; only one message is in memory at a time.
//!
//! A message begins at a line `From <sender> <date>` behind an empty line. Where the file was cut and
//! mended, the empty line may be missing; then only a line with the whole classic date counts. What the
//! mailbox format added is taken away again: the `From ` line, the empty line at the end, and one `>` of
//! every `>From `, `>>From ` (mboxrd). Source: RFC 4155 and the mboxrd convention.

use std::io::{self, BufRead, Read};

/// No mail server takes larger mails; what is longer is not a mail.
const MESSAGE_BYTES_MAX: usize = 160 << 20;
/// Longer lines are read in pieces.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// One message, unquoted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Of the message's first byte, behind the `From ` line.
    pub offset: u64,
    pub bytes: Vec<u8>,
    /// It was longer than any mail, and its end was left out.
    pub is_cut: bool,
}

/// Reads an mbox message by message.
pub(super) struct Mbox<R> {
    reader: R,
    /// Bytes read so far.
    offset: u64,
    line: Vec<u8>,
    is_line_start: bool,
    is_after_blank: bool,
    message: Option<Message>,
}

impl<R: BufRead> Mbox<R> {
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            offset: 0,
            line: Vec::new(),
            is_line_start: true,
            is_after_blank: true,
            message: None,
        }
    }

    /// The next message; what stands before the first `From ` line is a message too, unless it is empty.
    pub fn next_message(&mut self) -> io::Result<Option<Message>> {
        loop {
            self.line.clear();
            let read = (&mut self.reader)
                .take(LINE_BYTES_MAX)
                .read_until(b'\n', &mut self.line)?;
            if read == 0 {
                return Ok(self.message.take().and_then(without_blank_end));
            }
            self.offset += read as u64;
            let begins = self.is_line_start && is_separator(&self.line, self.is_after_blank);
            let finished = if begins { self.message.take() } else { None };
            if begins {
                self.message = Some(Message {
                    offset: self.offset,
                    bytes: Vec::new(),
                    is_cut: false,
                });
            } else {
                self.keep_line();
            }
            self.is_after_blank = self.is_line_start && is_blank(&self.line);
            self.is_line_start = self.line.ends_with(b"\n");
            if let Some(message) = finished.and_then(without_blank_end) {
                return Ok(Some(message));
            }
        }
    }

    fn keep_line(&mut self) {
        let line_offset = self.offset - self.line.len() as u64;
        let message = self.message.get_or_insert_with(|| Message {
            offset: line_offset,
            bytes: Vec::new(),
            is_cut: false,
        });
        if message.bytes.len() + self.line.len() > MESSAGE_BYTES_MAX {
            message.is_cut = true;
            return;
        }
        let is_quoted = self.is_line_start && is_quoted_separator(&self.line);
        message
            .bytes
            .extend_from_slice(&self.line[usize::from(is_quoted)..]);
    }
}

/// Takes away the empty line that divides messages; None for a message that is empty.
fn without_blank_end(mut message: Message) -> Option<Message> {
    for end in [b"\n\n".as_slice(), b"\n\r\n"] {
        if message.bytes.ends_with(end) {
            message.bytes.truncate(message.bytes.len() - end.len() + 1);
            break;
        }
    }
    let is_empty = message
        .bytes
        .iter()
        .all(|byte| byte.is_ascii_whitespace() || *byte == 0);
    (!is_empty).then_some(message)
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

/// `>From `, `>>From `, …
fn is_quoted_separator(line: &[u8]) -> bool {
    let unquoted = line.iter().position(|byte| *byte != b'>').unwrap_or(0);
    unquoted > 0 && line[unquoted..].starts_with(b"From ")
}

/// Whether a line begins a message: prose may begin with the word, but does not hold a time and a year.
fn is_separator(line: &[u8], is_after_blank: bool) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else {
        return false;
    };
    let Ok(rest) = std::str::from_utf8(rest) else {
        return false;
    };
    let words: Vec<&str> = rest.split_ascii_whitespace().take(16).collect();
    let has_time = words.iter().any(|word| is_time(word));
    let has_year = words.iter().any(|word| word.len() == 4 && is_digits(word));
    if !(has_time && has_year) {
        return false;
    }
    is_after_blank || words.get(1..4).is_some_and(is_classic_date)
}

/// `Mon Oct 27`: the date that follows the sender in a classic `From ` line.
fn is_classic_date(words: &[&str]) -> bool {
    let is_name = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_name(words[0]) && is_name(words[1]) && words[2].len() <= 2 && is_digits(words[2])
}

fn is_time(word: &str) -> bool {
    let mut parts = word.split(':');
    let is_part = |part: Option<&str>| part.is_some_and(|part| part.len() == 2 && is_digits(part));
    is_part(parts.next()) && is_part(parts.next()) && parts.next().is_none_or(is_digits)
}

fn is_digits(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(u64, String)> {
        let mut mbox = Mbox::new(text.as_bytes());
        let mut messages = Vec::new();
        while let Some(message) = mbox.next_message().expect("reading from memory") {
            messages.push((message.offset, String::from_utf8(message.bytes).expect("text")));
        }
        messages
    }

    const FROM: &str = "From a@shop.example Mon Oct 27 00:58:42 2025\n";

    #[test]
    fn one_level_of_quoting_is_taken_away() {
        let text = format!("{FROM}A: 1\n\n>From here\n>>From there\n> From afar\n\n{FROM}A: 2\n\nx\n");
        assert_eq!(
            split(&text),
            [
                (
                    FROM.len() as u64,
                    "A: 1\n\nFrom here\n>From there\n> From afar\n".to_owned()
                ),
                (
                    (text.len() - "A: 2\n\nx\n".len()) as u64,
                    "A: 2\n\nx\n".to_owned()
                )
            ]
        );
    }

    #[test]
    fn prose_that_begins_with_from_stays_in_its_mail() {
        let text = format!("{FROM}A: 1\n\nHello\n\nFrom 10:00 on we are there.\n\nFrom us all\n");
        assert_eq!(split(&text).len(), 1);
    }

    #[test]
    fn a_cut_mail_does_not_swallow_the_next_one() {
        let text = format!("{FROM}A: 1\n\ncut he\n{FROM}A: 2\n\nx\n");
        assert_eq!(split(&text).len(), 2);
    }

    #[test]
    fn windows_line_ends_and_thunderbirds_dash_are_known() {
        let text = "From - Mon Oct 27 00:58:42 2025\r\nA: 1\r\n\r\nx\r\n\r\nFrom - Tue Oct 28 00:58:42 2025\r\nA: 2\r\n";
        assert_eq!(
            split(text),
            [(33, "A: 1\r\n\r\nx\r\n".to_owned()), (79, "A: 2\r\n".to_owned())]
        );
    }
}
