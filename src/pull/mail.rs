//! Cuts mails out of files: mbox (packed or not), Maildir and single messages, told apart by content.
//!
//! A mail is known by its Message-ID without the brackets; one without is known by a hash of its bytes.
//! No more of a header is read here than that, and the boundary that shows whether the mail is complete.

use super::PullError;
use super::input::{Found, Input, Intake};
use super::mbox::Mbox;
use crate::model::stable_hash;
use std::borrow::Cow;
use std::io::{self, BufRead};
use std::path::Path;

/// How often progress is told inside one mailbox.
const PROGRESS_BYTES: u64 = 4 << 20;
const HINT_FETCH: &str = "the mails before and after it were kept; fetch this one from the mailbox again";

/// Reads all files of a source.
pub(super) fn read(inputs: &[Input], intake: &mut Intake<'_, '_>) -> Result<(), PullError> {
    for input in inputs {
        if is_mail_store_file(input)
            && let Err(Stop::Pull(error)) = read_file(input, intake)
        {
            return Err(error);
        }
        intake.finish(input)?;
    }
    Ok(())
}

enum Stop {
    Pull(PullError),
    /// Told already; the next file goes on.
    File,
}

impl From<PullError> for Stop {
    fn from(error: PullError) -> Self {
        Self::Pull(error)
    }
}

fn read_file(input: &Input, intake: &mut Intake<'_, '_>) -> Result<(), Stop> {
    let mut reader = told(input.open(), input, intake)?;
    let start = told(reader.fill_buf().map(<[u8]>::to_vec), input, intake)?;
    if start.is_empty() {
        return Ok(());
    }
    if start.starts_with(b"From ") || name_says_mbox(input) {
        return read_mbox(input, reader, intake);
    }
    if !begins_with_header(&start) || is_calendar(&start) {
        intake.problem(
            input,
            0,
            "not a mail and not a mailbox; left out",
            "if it holds mails, export them as mbox or .eml; else move it out of the source's folder",
        )?;
        return Ok(());
    }
    let mut bytes = Vec::with_capacity(input.bytes.min(PROGRESS_BYTES) as usize);
    told(reader.read_to_end(&mut bytes), input, intake)?;
    emit(input, &folder(input), 0, bytes, intake)?;
    Ok(())
}

fn read_mbox(input: &Input, reader: impl BufRead, intake: &mut Intake<'_, '_>) -> Result<(), Stop> {
    let mut container = input.folders.clone();
    container.push(input.stem());
    let container = container.join("/");
    let mut mbox = Mbox::new(reader);
    let mut told_at = 0;
    while let Some(message) = told(mbox.next_message(), input, intake)? {
        if message.is_cut {
            let text = "a mail is longer than any mail server takes; its end was left out";
            intake.problem(input, message.offset, text, HINT_FETCH)?;
        }
        emit(input, &container, message.offset, message.bytes, intake)?;
        if message.offset - told_at >= PROGRESS_BYTES {
            told_at = message.offset;
            intake.progress(told_at.min(input.bytes))?;
        }
    }
    Ok(())
}

fn emit(
    input: &Input,
    container: &str,
    offset: u64,
    bytes: Vec<u8>,
    intake: &mut Intake<'_, '_>,
) -> Result<(), PullError> {
    if !begins_with_header(&bytes) {
        return intake.problem(input, offset, "a mail without a header was left out", HINT_FETCH);
    }
    if is_truncated(&bytes) {
        intake.problem(input, offset, "a mail ends before its last part does", HINT_FETCH)?;
    }
    let native = native_id(&bytes);
    intake.record(
        input,
        Found {
            native: &native,
            object: "message",
            container,
            offset,
            bytes,
        },
    )
}

/// Turns an error of the file into a problem that has been told.
fn told<T>(result: io::Result<T>, input: &Input, intake: &mut Intake<'_, '_>) -> Result<T, Stop> {
    match result {
        Ok(value) => Ok(value),
        Err(error) => {
            intake.unreadable(input, &error)?;
            Err(Stop::File)
        }
    }
}

/// False for mails still being delivered and for the indexes that servers and programs keep beside mails.
fn is_mail_store_file(input: &Input) -> bool {
    let name = input.shown.rsplit('/').next().unwrap_or_default();
    let is_index = name.starts_with("dovecot") || name == "subscriptions" || name == "maildirfolder";
    let is_undelivered = input.folders.last().is_some_and(|folder| folder == "tmp");
    !is_index && !is_undelivered && !name.to_ascii_lowercase().ends_with(".msf")
}

fn name_says_mbox(input: &Input) -> bool {
    let name = input.shown.strip_suffix(".gz").unwrap_or(&input.shown);
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("mbox"))
}

/// The folder of a single mail: a Maildir's `cur` and `new` belong to the folder above.
fn folder(input: &Input) -> String {
    let folders: Vec<&str> = input.folders.iter().map(String::as_str).collect();
    match folders.as_slice() {
        [above @ .., "cur" | "new"] => above.join("/"),
        folders => folders.join("/"),
    }
}

/// Its first line looks like a header.
fn is_calendar(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BEGIN:")
}

/// The first line is `Name: …`, as in every mail.
fn begins_with_header(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.iter()
        .position(|byte| *byte == b':')
        .is_some_and(|colon| colon > 0 && line[..colon].iter().all(u8::is_ascii_graphic))
}

/// The unfolded value of the first header of a name.
fn header<'a>(bytes: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut end = line_end(rest);
        let line = &rest[..end];
        if line.trim_ascii().is_empty() {
            return None;
        }
        while matches!(rest.get(end), Some(b' ' | b'\t')) {
            end += line_end(&rest[end..]);
        }
        let field = &rest[..end];
        if field.len() > name.len()
            && field[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && let [b':', value @ ..] = field[name.len()..].trim_ascii_start()
        {
            return Some(String::from_utf8_lossy(value.trim_ascii()));
        }
        rest = &rest[end..];
    }
    None
}

fn line_end(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |newline| newline + 1)
}

fn message_id(bytes: &[u8]) -> Option<String> {
    let value = header(bytes, "Message-ID")?;
    let inner = value
        .split_once('<')
        .map_or(value.as_ref(), |(_, rest)| rest.split('>').next().unwrap_or(rest));
    let id: String = inner
        .chars()
        .filter(|char| !char.is_whitespace() && !char.is_control())
        .collect();
    (!id.is_empty()).then_some(id)
}

/// What a mail is known by, wherever it lies.
pub(super) fn native_id(bytes: &[u8]) -> String {
    message_id(bytes).unwrap_or_else(|| hash_id(bytes))
}

/// Two independent short hashes: one alone is too short for millions of mails. Line ends differ between
/// servers and files, and so does the empty line at the end.
fn hash_id(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let text = text.trim_end_matches('\n');
    format!("sha-{}{}", stable_hash(&["mail", text]), stable_hash(&[text]))
}

/// A multipart mail that never closes its outermost part.
pub(super) fn is_truncated(bytes: &[u8]) -> bool {
    let Some(kind) = header(bytes, "Content-Type") else {
        return false;
    };
    let lower = kind.to_ascii_lowercase();
    if !lower.starts_with("multipart/") {
        return false;
    }
    let Some(at) = lower.find("boundary=") else {
        return false;
    };
    let value = &kind[at + "boundary=".len()..];
    let boundary = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([';', ' ', '\t', '\r', '\n']).next(),
    };
    boundary.is_some_and(|boundary| {
        let close = format!("--{boundary}--");
        !boundary.is_empty() && memchr::memmem::rfind(bytes, close.as_bytes()).is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_message_id_in_any_case_loses_its_brackets() {
        let mail = b"X: y\r\nmessage-id:\r\n <a.1@\r\n shop.example>\r\n\r\nMessage-ID: <b@x.example>\r\n";
        assert_eq!(message_id(mail).as_deref(), Some("a.1@shop.example"));
    }

    #[test]
    fn a_mail_without_an_id_is_known_by_its_bytes() {
        assert_eq!(message_id(b"A: b\n\nMessage-ID: <x@y.example>\n"), None);
        assert_ne!(hash_id(b"A: b\n"), hash_id(b"A: c\n"));
        assert_eq!(hash_id(b"A: b\n\nx\n"), hash_id(b"A: b\r\n\r\nx\r\n\r\n"));
    }

    #[test]
    fn only_a_closed_multipart_is_complete() {
        let open = "Content-Type: multipart/mixed;\n boundary=\"b 1\"\n\n--b 1\n\nx\n";
        assert!(is_truncated(open.as_bytes()));
        assert!(!is_truncated(format!("{open}--b 1--\n").as_bytes()));
        assert!(!is_truncated(b"Content-Type: text/plain\n\nx"));
    }
}
