//! E-mail addresses and URLs.

use super::fold::is_unspaced;
use super::{Span, SpanValue};

/// All addresses of a line, in order, none overlapping.
pub(super) fn addresses(line: &str) -> Vec<Span> {
    let mut found = urls(line, schemes(line));
    found.extend(urls(line, bare_hosts(line)));
    found.extend(urls(line, bare_paths(line)));
    found.extend(memchr::memchr_iter(b'@', line.as_bytes()).filter_map(|at| email(line, at)));
    found.sort_by_key(|span| span.start);
    let mut free = 0;
    found.retain(|span| {
        let keep = span.start >= free;
        free = free.max(span.end);
        keep
    });
    found
}

/// URLs that begin at the given places; each place comes with the first byte behind `://` or `www.`.
fn urls(line: &str, places: impl Iterator<Item = (usize, usize)>) -> Vec<Span> {
    let mut found = Vec::new();
    let mut free = 0;
    for (start, rest) in places {
        let joined = start > 0 && line.as_bytes()[start - 1].is_ascii_alphanumeric();
        if start < free || joined || start + 3 >= rest {
            continue;
        }
        let end = url_end(line, rest);
        if end > rest {
            free = end;
            found.push(Span {
                start,
                end,
                value: SpanValue::Url(line[start..end].to_owned()),
            });
        }
    }
    found
}

/// Where `://` stands.
fn schemes(line: &str) -> impl Iterator<Item = (usize, usize)> {
    memchr::memchr_iter(b':', line.as_bytes())
        .filter(|&at| line.as_bytes()[at..].starts_with(b"://"))
        .map(|at| (scheme_start(line, at), at + 3))
}

/// Where `www.` stands.
fn bare_hosts(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = line.as_bytes();
    memchr::memchr_iter(b'.', bytes)
        .filter(move |&dot| dot >= 3 && bytes[dot - 3..dot].eq_ignore_ascii_case(b"www"))
        .map(|dot| (dot - 3, dot + 1))
}

/// A shorter path may be what stands behind any stroke.
const PATH: usize = 4;

/// Where a host stands that has a path and nothing before it, as in a text message: `pay.shop.example/r/AB-1204`. What is no
/// link may look like one but for the digits of its path: `incl.tax/person`.
fn bare_paths(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = line.as_bytes();
    memchr::memchr_iter(b'/', bytes).filter_map(move |at| {
        let is_of_host =
            |byte: &&u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(byte);
        let start = at - bytes[..at].iter().rev().take_while(is_of_host).count();
        let (name, top) = line[start..at].rsplit_once('.')?;
        let is_host = name.len() >= 3
            && name
                .split('.')
                .all(|label| !label.is_empty() && !label.starts_with('-'))
            && name.bytes().any(|byte| byte.is_ascii_lowercase())
            && top.len() >= 2
            && top.bytes().all(|byte| byte.is_ascii_lowercase());
        let joined = start > 0 && matches!(bytes[start - 1], b'@' | b'/' | b':' | b'_');
        let path = &line[at + 1..url_end(line, at + 1)];
        let is_path = path.len() >= PATH && path.bytes().any(|byte| byte.is_ascii_digit());
        (is_host && !joined && is_path).then_some((start, at + 1))
    })
}

/// Where the letters before `://` begin.
fn scheme_start(line: &str, end: usize) -> usize {
    let letters = line.as_bytes()[..end]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric());
    end - letters.count()
}

/// Up to a space or a bracket, without the punctuation of the sentence around it.
fn url_end(line: &str, from: usize) -> usize {
    let stop = |char: char| {
        char.is_whitespace()
            || is_unspaced(char)
            || matches!(char, '<' | '>' | '"' | '“' | '”' | '«' | '»' | '）' | '、' | '。')
    };
    let url = &line[from..];
    let url = &url[..url.find(stop).unwrap_or(url.len())];
    let opens = url.contains('(');
    let url = url.trim_end_matches(|char| ".,;:!?'*_]}|".contains(char) || (char == ')' && !opens));
    from + url.len()
}

fn email(line: &str, at: usize) -> Option<Span> {
    let is_local = |char: char| (char.is_alphanumeric() && !is_unspaced(char)) || "._%+-'&=~".contains(char);
    let local = line[..at].rfind(|char| !is_local(char)).map_or(0, |before| {
        before + line[before..].chars().next().map_or(1, char::len_utf8)
    });
    let start = at
        - line[local..at]
            .trim_start_matches(['.', '\'', '=', '&', '-'])
            .len();
    let is_domain = |char: char| (char.is_alphanumeric() && !is_unspaced(char)) || char == '.' || char == '-';
    let domain = &line[at + 1..];
    let domain = &domain[..domain.find(|char| !is_domain(char)).unwrap_or(domain.len())];
    let domain = domain.trim_end_matches(['.', '-']);
    let (host, top) = domain.rsplit_once('.')?;
    let fine = start < at
        && !host.is_empty()
        && !host.starts_with(['.', '-'])
        && !domain.contains("..")
        && top.chars().count() >= 2
        && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"));
    let end = at + 1 + domain.len();
    fine.then(|| Span {
        start,
        end,
        value: SpanValue::Email(line[start..end].to_lowercase()),
    })
}
