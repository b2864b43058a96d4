//! The message around the words: headers, MIME parts, transfer encodings, and the mbox line before it.

use crate::simulate::business::{Business, Encoding};
use crate::simulate::random::{LETTERS_AND_DIGITS, Random};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone)]
pub struct Letter {
    /// The Message-ID without brackets.
    pub id: String,
    pub at: DateTime<Utc>,
    /// Name and address.
    pub from: (String, String),
    pub to: (String, String),
    pub subject: String,
    pub answers: Option<String>,
    pub authentic: bool,
    pub text: Option<String>,
    pub html: Option<String>,
    pub calendar: Option<String>,
    pub encoding: Encoding,
    pub spoilt: Spoilt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoilt {
    No,
    /// Ends in the middle.
    Cut,
    /// The bytes are of another charset than the header says.
    Garbled,
}

impl Letter {
    /// The words as a mail program quotes them.
    pub fn readable(&self) -> String {
        match (&self.text, &self.html) {
            (Some(text), _) => text.clone(),
            (None, Some(html)) => strip_tags(html),
            (None, None) => String::new(),
        }
    }
}

/// What a mail program shows of HTML: a line for each row, a blank between its cells.
fn strip_tags(html: &str) -> String {
    let body = html.find("<body").map_or(html, |start| &html[start..]);
    let mut text = String::new();
    let mut rest = body;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('>') else {
            break;
        };
        let tag = &rest[open + 1..open + close];
        if ["/tr", "/p", "/h1", "/h2", "br", "/dd"]
            .iter()
            .any(|end| tag.starts_with(end))
        {
            text.push('\n');
        } else if tag.starts_with("/td") || tag.starts_with("/dt") {
            text.push(' ');
        }
        rest = &rest[open + close + 1..];
    }
    let text = text
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    let text = text.replace("&nbsp;", "\u{a0}");
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// A letter as an entry of an mbox file.
pub fn mbox_entry(letter: &Letter, business: &Business, random: &mut Random) -> Vec<u8> {
    let mut entry = format!(
        "From {} {}\n",
        letter.from.1,
        letter.at.format("%a %b %e %H:%M:%S %Y")
    )
    .into_bytes();
    for line in message(letter, business, random).split_inclusive(|byte| *byte == b'\n') {
        let unquoted = line.iter().position(|byte| *byte != b'>').unwrap_or(line.len());
        if line[unquoted..].starts_with(b"From ") {
            entry.push(b'>');
        }
        entry.extend_from_slice(line);
    }
    entry.extend_from_slice(if entry.ends_with(b"\n") { b"\n" } else { b"\n\n" });
    entry
}

fn message(letter: &Letter, business: &Business, random: &mut Random) -> Vec<u8> {
    let verdict = if letter.authentic { "pass" } else { "fail" };
    let host = letter.from.1.split('@').next_back().unwrap_or_default();
    let mut head = format!(
        "Return-Path: <{from}>\nAuthentication-Results: mx.{domain}; dkim={verdict} header.d={host}; \
         spf={verdict} smtp.mailfrom={host}; dmarc={verdict}\nDate: {date}\nFrom: {sender}\nTo: {to}\nSubject: {subject}\n\
         Message-ID: <{id}>\nMIME-Version: 1.0\n",
        from = letter.from.1,
        domain = business.domain,
        date = letter
            .at
            .with_timezone(&business.zone)
            .format("%a, %d %b %Y %H:%M:%S %z"),
        sender = mailbox(&letter.from),
        to = mailbox(&letter.to),
        subject = encoded_words(&letter.subject),
        id = letter.id,
    );
    if let Some(answered) = &letter.answers {
        head.extend(["In-Reply-To: <", answered, ">\nReferences: <", answered, ">\n"]);
    }
    let parts: Vec<(&str, &str)> = [
        ("text/plain", letter.text.as_deref()),
        ("text/html", letter.html.as_deref()),
        ("text/calendar", letter.calendar.as_deref()),
    ]
    .into_iter()
    .filter_map(|(kind, body)| Some((kind, body?)))
    .collect();
    let mut bytes = head.into_bytes();
    if let [(kind, body)] = parts[..] {
        bytes.extend(part(kind, body, letter));
    } else {
        let boundary = random.token(28, LETTERS_AND_DIGITS);
        bytes
            .extend(format!("Content-Type: multipart/alternative; boundary=\"{boundary}\"\n\n").into_bytes());
        for (kind, body) in parts {
            bytes.extend(format!("--{boundary}\n").into_bytes());
            bytes.extend(part(kind, body, letter));
            bytes.push(b'\n');
        }
        bytes.extend(format!("--{boundary}--\n").into_bytes());
    }
    if letter.spoilt == Spoilt::Cut {
        let head = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(0) + 2;
        let body = bytes.len().saturating_sub(head);
        bytes.truncate(head + body * random.between(15, 70) as usize / 100);
    }
    bytes
}

fn part(kind: &str, body: &str, letter: &Letter) -> Vec<u8> {
    let latin = match letter.encoding {
        Encoding::Latin if kind != "text/calendar" => to_latin(body),
        _ => None,
    };
    let charset = if latin.is_some() { "iso-8859-15" } else { "utf-8" };
    let mut octets = latin.unwrap_or_else(|| body.as_bytes().to_vec());
    let mut declared = charset;
    if letter.spoilt == Spoilt::Garbled {
        // What others call latin-1 is often UTF-8, and the other way about.
        match to_latin(body) {
            Some(other) if charset == "utf-8" && !body.is_ascii() => octets = other,
            _ => declared = if charset == "utf-8" { "iso-8859-1" } else { "utf-8" },
        }
    }
    let extra = if kind == "text/calendar" {
        "; method=REQUEST"
    } else {
        ""
    };
    let extra = if letter
        .calendar
        .as_deref()
        .is_some_and(|ics| ics.contains("METHOD:CANCEL"))
        && !extra.is_empty()
    {
        "; method=CANCEL"
    } else {
        extra
    };
    let (name, coded) = match letter.encoding {
        Encoding::Base64 => ("base64", base64_lines(&octets)),
        Encoding::EightBit => ("8bit", octets),
        Encoding::QuotedPrintable | Encoding::Latin => ("quoted-printable", quoted_printable(&octets)),
    };
    let mut bytes =
        format!("Content-Type: {kind}; charset={declared}{extra}\nContent-Transfer-Encoding: {name}\n\n")
            .into_bytes();
    bytes.extend(coded);
    if !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    bytes
}

fn to_latin(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|c| match c {
            '€' => Some(0xa4),
            'Œ' => Some(0xbc),
            'œ' => Some(0xbd),
            '¤' | '¦' | '¨' | '´' | '¸' | '¼' | '½' | '¾' => None,
            other => u8::try_from(other as u32).ok(),
        })
        .collect()
}

fn mailbox((name, address): &(String, String)) -> String {
    if name.is_ascii() {
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ') {
            format!("{name} <{address}>")
        } else {
            format!("\"{}\" <{address}>", name.replace(['"', '\\'], ""))
        }
    } else {
        format!("{} <{address}>", encoded_words(name))
    }
}

/// A header's text, in encoded words of RFC 2047 where it is not plain.
fn encoded_words(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut piece = String::new();
    for c in text.chars() {
        if piece.len() + c.len_utf8() > 42 {
            words.push(std::mem::take(&mut piece));
        }
        piece.push(c);
    }
    words.push(piece);
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("=?utf-8?b?{}?=", base64(word.as_bytes())))
        .collect();
    words.join("\n ")
}

fn base64_lines(octets: &[u8]) -> Vec<u8> {
    let coded = base64(octets);
    coded
        .as_bytes()
        .chunks(76)
        .flat_map(|line| line.iter().copied().chain([b'\n']))
        .collect()
}

fn base64(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut coded = String::with_capacity(octets.len() * 4 / 3 + 4);
    for chunk in octets.chunks(3) {
        let group = chunk
            .iter()
            .fold(0_u32, |group, &byte| group << 8 | u32::from(byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                coded.push(char::from(ALPHABET[(group >> (18 - 6 * place)) as usize & 63]));
            } else {
                coded.push('=');
            }
        }
    }
    coded
}

fn quoted_printable(octets: &[u8]) -> Vec<u8> {
    let mut coded = Vec::with_capacity(octets.len() * 5 / 4);
    let mut width = 0;
    for (place, &byte) in octets.iter().enumerate() {
        if byte == b'\n' {
            coded.push(b'\n');
            width = 0;
            continue;
        }
        let at_end = octets.get(place + 1).is_none_or(|next| *next == b'\n');
        let plain = matches!(byte, 33..=60 | 62..=126) || (matches!(byte, b' ' | b'\t') && !at_end);
        let length = if plain { 1 } else { 3 };
        if width + length > 75 {
            coded.extend_from_slice(b"=\n");
            width = 0;
        }
        if plain {
            coded.push(byte);
        } else {
            coded.extend(format!("={byte:02X}").into_bytes());
        }
        width += length;
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_coded_as_the_standards_have_it() {
        assert_eq!(base64(b"M"), "TQ==");
        assert_eq!(base64(b"Ma"), "TWE=");
        assert_eq!(base64(b"Man"), "TWFu");
        assert_eq!(quoted_printable("é = x \n".as_bytes()), b"=C3=A9 =3D x=20\n");
        let long = quoted_printable("a".repeat(200).as_bytes());
        assert!(long.split(|byte| *byte == b'\n').all(|line| line.len() <= 76));
    }

    #[test]
    fn a_header_of_many_letters_is_split_between_letters() {
        let coded = encoded_words(&"予約".repeat(20));
        assert!(coded.lines().count() > 1);
        assert!(coded.lines().all(|line| line.trim().len() <= 75), "{coded}");
    }

    #[test]
    fn latin_has_no_place_for_other_scripts() {
        assert_eq!(to_latin("10 €"), Some(vec![b'1', b'0', b' ', 0xa4]));
        assert_eq!(to_latin("午後"), None);
    }
}
