//! Finds the parts of a mail that are its sender's word, and decodes them even where their labels lie.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{ContentType, Encoding, Message, MessagePart, MimeHeaders, PartType};
use std::borrow::Cow;

pub(super) enum Kind {
    /// `format=flowed` wraps lines; with `delsp`, the space at the wrap goes too.
    Plain {
        is_flowed: bool,
        deletes_space: bool,
    },
    Html,
    Calendar,
}

pub(super) struct Part<'m> {
    pub kind: Kind,
    pub text: Cow<'m, str>,
    /// The mail ends inside it: its last line is not whole.
    pub is_cut: bool,
}

/// The parts to read, in the order in which they stand. Attached messages are left out.
pub(super) fn parts<'m>(
    message: &'m Message<'m>,
    bytes: &'m [u8],
    problems: &mut Vec<String>,
) -> Vec<Part<'m>> {
    let is_cut = is_cut(message, bytes);
    if is_cut {
        problems.push("the mail ends before its last part does".to_owned());
    }
    let mut found = Vec::new();
    for (id, part) in (0..).zip(&message.parts) {
        let is_cut = is_cut && id as usize + 1 == message.parts.len();
        if part.is_encoding_problem && is_cut {
            found.extend(cut_part(part, bytes));
            continue;
        }
        let Some(kind) = kind(message, id, part) else {
            continue;
        };
        if part.is_encoding_problem && part.content_transfer_encoding().is_some_and(is_base64) {
            problems.push("a part is not proper base64; it was not read".to_owned());
            continue;
        }
        let text = match &part.body {
            PartType::Text(text) | PartType::Html(text) => decoded(part, text, bytes, problems),
            PartType::Binary(raw) | PartType::InlineBinary(raw) => String::from_utf8_lossy(raw),
            PartType::Message(_) | PartType::Multipart(_) => continue,
        };
        found.push(Part { kind, text, is_cut });
    }
    found
}

/// What there is of a part in which the mail ends; the parser gives such a part up.
fn cut_part<'m>(part: &MessagePart<'_>, bytes: &[u8]) -> Option<Part<'m>> {
    let content_type = part.content_type();
    let kind = match content_type.map(|kind| (kind.ctype(), kind.subtype())) {
        None | Some(("text", Some("plain"))) => Kind::Plain {
            is_flowed: false,
            deletes_space: false,
        },
        Some(("text", Some("html"))) => Kind::Html,
        _ => return None,
    };
    let body = bytes.get(part.offset_body as usize..)?;
    let whole_lines = memchr::memrchr(b'\n', body.trim_ascii_end()).map_or(0, |newline| newline + 1);
    let encoding = part.content_transfer_encoding().unwrap_or_default();
    let raw = if is_base64(encoding) {
        base64_decode(&body[..whole_lines])?
    } else if encoding.eq_ignore_ascii_case("quoted-printable") {
        quoted_printable_decode(&body[..whole_lines])?
    } else {
        body.to_vec()
    };
    let charset = content_type.and_then(|kind| kind.attribute("charset"));
    let text = match charset.and_then(|name| charset_decoder(name.as_bytes())) {
        Some(decode) => decode(&raw),
        None => String::from_utf8_lossy(&raw).into_owned(),
    };
    Some(Part {
        kind,
        text: text.into(),
        is_cut: true,
    })
}

fn is_base64(encoding: &str) -> bool {
    encoding.eq_ignore_ascii_case("base64")
}

fn kind(message: &Message<'_>, id: u32, part: &MessagePart<'_>) -> Option<Kind> {
    let content_type = part.content_type();
    let is_type = |main: &str, sub: &str| {
        content_type.is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case(main)
                && kind.subtype().is_some_and(|name| name.eq_ignore_ascii_case(sub))
        })
    };
    if is_type("text", "calendar") || is_type("application", "ics") {
        return Some(Kind::Calendar);
    }
    match &part.body {
        PartType::Html(_) if message.html_body.contains(&id) => Some(Kind::Html),
        PartType::Text(_) if message.text_body.contains(&id) => {
            let says = |name: &str, value: &str| {
                content_type
                    .and_then(|kind| kind.attribute(name))
                    .is_some_and(|stated| stated.eq_ignore_ascii_case(value))
            };
            Some(Kind::Plain {
                is_flowed: says("format", "flowed"),
                deletes_space: says("delsp", "yes"),
            })
        }
        _ => None,
    }
}

/// A multipart whose closing line is missing.
fn is_cut(message: &Message<'_>, bytes: &[u8]) -> bool {
    let boundary = message
        .root_part()
        .content_type()
        .filter(|kind| kind.ctype().eq_ignore_ascii_case("multipart"))
        .and_then(|kind| kind.attribute("boundary"));
    boundary
        .is_some_and(|boundary| memchr::memmem::rfind(bytes, format!("--{boundary}--").as_bytes()).is_none())
}

/// The text as meant: a label that the bytes belie is passed over.
fn decoded<'m>(
    part: &MessagePart<'_>,
    text: &'m Cow<'m, str>,
    bytes: &[u8],
    problems: &mut Vec<String>,
) -> Cow<'m, str> {
    let charset = part
        .content_type()
        .and_then(|kind: &ContentType<'_>| kind.attribute("charset"));
    if charset.is_none_or(is_ascii_superset)
        && (text.contains("\u{1b}$") || text.contains("\u{1b}("))
        && let Some(decode) = charset_decoder(b"iso-2022-jp")
    {
        return decode(text.as_bytes()).into();
    }
    let is_broken = text.contains('\u{fffd}');
    if text.is_ascii() || !(is_broken || charset.is_some_and(is_single_byte)) {
        return Cow::Borrowed(text);
    }
    let Some(raw) = raw(part, bytes) else {
        return Cow::Borrowed(text);
    };
    // Text in a one-byte charset is never by chance proper UTF-8.
    if let Ok(proper) = std::str::from_utf8(&raw) {
        return if proper == text.as_ref() {
            Cow::Borrowed(text)
        } else {
            proper.to_owned().into()
        };
    }
    if !is_broken {
        return Cow::Borrowed(text);
    }
    if looks_western(&raw)
        && let Some(decode) = charset_decoder(b"windows-1252")
    {
        problems.push("its charset is missing or wrong; it was read as windows-1252".to_owned());
        return decode(&raw).into();
    }
    problems.push("its charset is missing or wrong; some characters could not be read".to_owned());
    Cow::Borrowed(text)
}

/// Labels under which the escapes of ISO-2022-JP pass unseen.
fn is_ascii_superset(charset: &str) -> bool {
    ["us-ascii", "utf-8"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(charset))
}

fn is_single_byte(charset: &str) -> bool {
    let name = charset.to_ascii_lowercase();
    name.starts_with("iso-8859") || name.starts_with("windows-125") || name == "us-ascii" || name == "latin1"
}

/// Accented letters stand alone between plain ones; other scripts come in runs.
fn looks_western(raw: &[u8]) -> bool {
    raw.split(u8::is_ascii).all(|run| run.len() <= 2)
}

/// The part's bytes, its transfer encoding undone.
fn raw<'m>(part: &MessagePart<'_>, bytes: &'m [u8]) -> Option<Cow<'m, [u8]>> {
    let body = bytes.get(part.offset_body as usize..part.offset_end as usize)?;
    match part.encoding {
        Encoding::None => Some(Cow::Borrowed(body)),
        Encoding::QuotedPrintable => quoted_printable_decode(body).map(Cow::Owned),
        Encoding::Base64 => base64_decode(body).map(Cow::Owned),
    }
}

/// Undoes the wrapping of `format=flowed` (RFC 3676); quoted lines and the signature's mark stay as they are.
pub(super) fn unflowed(text: &str, deletes_space: bool) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut is_open = false;
    for line in text.lines() {
        let is_quoted = line.starts_with('>');
        if is_open && is_quoted {
            joined.push('\n');
        }
        let line = if is_quoted {
            line
        } else {
            line.strip_prefix(' ').unwrap_or(line)
        };
        is_open = line.ends_with(' ') && line != "-- " && !is_quoted;
        let kept = if is_open && deletes_space {
            &line[..line.len() - 1]
        } else {
            line
        };
        joined.push_str(kept);
        if !is_open {
            joined.push('\n');
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_are_whole_again() {
        let text = "Your table \nis booked.\n> old \n> words\n-- \nUs\n From here\n";
        assert_eq!(
            unflowed(text, false),
            "Your table is booked.\n> old \n> words\n-- \nUs\nFrom here\n"
        );
        assert_eq!(unflowed("予約 \n番号\n", true), "予約番号\n");
    }

    #[test]
    fn only_lone_accents_look_western() {
        assert!(looks_western(b"r\xe9servation \xe0 No\xebl"));
        assert!(!looks_western(b"\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9"));
    }
}
