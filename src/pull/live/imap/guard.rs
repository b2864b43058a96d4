//! Stands between the IMAP client and the wire: no command that could change a mailbox leaves.
//!
//! What is written is taken apart into lines, and each must be on the list below; all else is an error before
//! a byte of it is sent. `SELECT` is not on it: under it, fetching marks mails as seen and moves files.

use std::io::{self, Read, Write};

/// Commands that read, by their first words.
const ALLOWED: [&str; 9] = [
    "CAPABILITY",
    "LOGIN",
    "AUTHENTICATE",
    "LIST",
    "EXAMINE",
    "STATUS",
    "MYRIGHTS",
    "NOOP",
    "LOGOUT",
];
/// What may be fetched of a mail: nothing that marks it as seen.
const ITEMS: [&str; 5] = ["UID", "INTERNALDATE", "RFC822.SIZE", "X-GM-MSGID", "BODY.PEEK[]"];
/// No command of ours is longer.
const LINE_BYTES_MAX: usize = 64 << 10;

/// A stream through which only reading commands pass.
#[derive(Debug)]
pub struct Guard<S> {
    stream: S,
    line: Vec<u8>,
    /// After AUTHENTICATE the server asks, and lines without a tag answer.
    answers: bool,
}

impl<S> Guard<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            line: Vec::new(),
            answers: false,
        }
    }
}

impl<S: Read> Read for Guard<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl<S: Write> Write for Guard<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.line.push(*byte);
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.pass(&line)?;
            } else if self.line.len() > LINE_BYTES_MAX {
                return Err(refused("a line without an end"));
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl<S: Write> Guard<S> {
    fn pass(&mut self, line: &[u8]) -> io::Result<()> {
        let text = std::str::from_utf8(line).map_err(|_| refused("bytes that are no text"))?;
        let text = text
            .strip_suffix("\r\n")
            .filter(|text| !text.contains(['\r', '\0']))
            .ok_or_else(|| refused("a line that does not end as lines do"))?;
        if self.answers && is_answer(text) {
            return self.stream.write_all(line);
        }
        let command = text.split_once(' ').map_or("", |(_, command)| command);
        if !is_allowed(command) {
            // The command's own name and nothing behind it: what follows may be a secret.
            let name = command.split(' ').next().unwrap_or_default();
            return Err(refused(name));
        }
        self.answers = starts_with(command, "AUTHENTICATE ");
        self.stream.write_all(line)
    }
}

fn refused(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("not sent, for it does not only read: {what}"),
    )
}

/// Base64, or nothing, or `*`: an answer while logging in.
fn is_answer(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'*'))
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(start))
}

fn is_allowed(command: &str) -> bool {
    if starts_with(command, "UID SEARCH ") {
        return is_plain(&command["UID SEARCH ".len()..]);
    }
    if starts_with(command, "UID FETCH ") {
        let rest = &command["UID FETCH ".len()..];
        return rest.split_once(' ').is_some_and(|(uids, items)| {
            is_set(uids)
                && items
                    .strip_prefix('(')
                    .and_then(|items| items.strip_suffix(')'))
                    .is_some_and(|items| items.split(' ').all(|item| ITEMS.contains(&item)))
        });
    }
    let name = command.split(' ').next().unwrap_or_default();
    // A literal would carry on in lines that are not looked at as commands.
    !command.ends_with('}') && ALLOWED.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
}

fn is_set(uids: &str) -> bool {
    !uids.is_empty()
        && uids
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b',' | b'*'))
}

/// Words and numbers alone.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b':' | b',' | b'*' | b'(' | b')')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&str]) -> (String, bool) {
        let mut guard = Guard::new(Vec::new());
        let passed = lines.iter().all(|line| guard.write_all(line.as_bytes()).is_ok());
        (String::from_utf8(guard.stream).expect("text"), passed)
    }

    #[test]
    fn what_reads_passes_as_it_is() {
        let lines = [
            "a1 CAPABILITY\r\n",
            "a2 LOGIN \"ann\" \"hush\"\r\n",
            "a3 LIST \"\" \"*\" RETURN (SPECIAL-USE)\r\n",
            "a4 EXAMINE \"INBOX\"\r\n",
            "a5 UID SEARCH UID 7:* OR SINCE 1-Jan-2026 SENTSINCE 1-Jan-2026\r\n",
            "a6 UID FETCH 7:9,12 (UID INTERNALDATE RFC822.SIZE BODY.PEEK[])\r\n",
            "a7 UID FETCH 7:9 (UID RFC822.SIZE X-GM-MSGID)\r\n",
            "a8 LOGOUT\r\n",
        ];
        assert_eq!(sent(&lines), (lines.concat(), true));
        // In whatever pieces it is written.
        assert_eq!(sent(&["a1 NO", "OP\r", "\n"]), ("a1 NOOP\r\n".to_owned(), true));
    }

    #[test]
    fn nothing_that_changes_a_mailbox_leaves() {
        for line in [
            "a1 SELECT \"INBOX\"\r\n",
            "a1 STORE 1 +FLAGS (\\Deleted)\r\n",
            "a1 UID STORE 1 +FLAGS (\\Seen)\r\n",
            "a1 UID FETCH 1 (BODY[])\r\n",
            "a1 UID FETCH 1 BODY.PEEK[]\r\n",
            "a1 FETCH 1 (BODY.PEEK[])\r\n",
            "a1 EXPUNGE\r\n",
            "a1 APPEND \"INBOX\" {3}\r\n",
            "a1 LOGIN {3}\r\n",
            "a1 UID SEARCH SUBJECT {3}\r\n",
            "a1 UID MOVE 1 \"Trash\"\r\n",
            "a1 CREATE \"x\"\r\n",
            "a1 NOOP\na2 EXPUNGE\r\n",
            "bmV2ZXI=\r\n",
        ] {
            assert_eq!(sent(&[line]), (String::new(), false), "{line}");
        }
    }

    #[test]
    fn answers_pass_only_while_logging_in() {
        let (text, passed) = sent(&[
            "a1 AUTHENTICATE XOAUTH2\r\n",
            "dXNlcj0=\r\n",
            "\r\n",
            "a2 NOOP\r\n",
            "dXNlcj0=\r\n",
        ]);
        assert!(!passed);
        assert_eq!(text, "a1 AUTHENTICATE XOAUTH2\r\ndXNlcj0=\r\n\r\na2 NOOP\r\n");
        assert!(!sent(&["a1 AUTHENTICATE PLAIN\r\n", "a2 EXPUNGE\r\n"]).1);
    }
}
