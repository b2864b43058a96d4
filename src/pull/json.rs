//! Cuts JSON values out of bytes exactly as they stand, and finds its way again after damage.
//!
//! A healthy file gives its top-level values (one, several concatenated, or one a line). Where a value is
//! broken, everything complete inside it is given instead, each object on its own, so that one cut item
//! costs one item. Time is linear: attempts that fail may scan only a fixed multiple of the file.

use memchr::memchr;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How often the whole file may be scanned by attempts that fail.
const FAILED_SCANS_MAX: usize = 16;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) enum Piece<'a> {
    /// A value of the file's top level.
    Whole(&'a RawValue),
    /// A complete object that stands inside or behind damage.
    Recovered(&'a RawValue),
    Damage {
        offset: usize,
        message: &'static str,
    },
}

/// Cuts a file into pieces.
pub(super) fn pieces(bytes: &[u8]) -> Pieces<'_> {
    Pieces {
        bytes,
        at: if bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        },
        damage: None,
        found_since_damage: false,
        budget: bytes.len().saturating_mul(FAILED_SCANS_MAX),
    }
}

/// Where a piece stands in the file it was cut from.
pub(super) fn offset_in(bytes: &[u8], raw: &RawValue) -> usize {
    raw.get().as_ptr() as usize - bytes.as_ptr() as usize
}

pub(super) struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Offset of the last damage that was told.
    damage: Option<usize>,
    found_since_damage: bool,
    /// Bytes that failing attempts may still scan.
    budget: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            self.skip()?;
            let rest = &self.bytes[self.at..];
            let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
            match values.next()? {
                Ok(raw) => {
                    let start = self.at;
                    self.at += values.byte_offset();
                    return Some(self.found(raw, start));
                }
                Err(error) => {
                    if let Some(damage) = self.failed(&error) {
                        return Some(damage);
                    }
                }
            }
        }
    }
}

impl<'a> Pieces<'a> {
    /// Moves to where the next value may begin.
    fn skip(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        self.at += if self.damage.is_some() {
            memchr(b'{', rest)?
        } else {
            rest.iter().position(|byte| !byte.is_ascii_whitespace())?
        };
        Some(())
    }

    fn found(&mut self, raw: &'a RawValue, start: usize) -> Piece<'a> {
        match self.damage {
            None => Piece::Whole(raw),
            Some(damage) => {
                self.found_since_damage |= start > damage;
                Piece::Recovered(raw)
            }
        }
    }

    /// Steps into the value that failed; tells the damage once, not again for everything that holds it.
    fn failed(&mut self, error: &serde_json::Error) -> Option<Piece<'a>> {
        let (offset, is_text) = error_offset(&self.bytes[self.at..], error);
        let broken_at = self.at + offset;
        let is_new = self
            .damage
            .is_none_or(|told| broken_at > told && self.found_since_damage);
        if offset >= self.budget {
            let offset = self.at;
            self.at = self.bytes.len();
            let message = "too much of the file is broken; the rest was not read";
            return Some(Piece::Damage { offset, message });
        }
        self.budget -= offset + 1;
        self.at += 1;
        if !is_new {
            return None;
        }
        self.damage = Some(broken_at);
        self.found_since_damage = false;
        let message = match (is_text, error.is_eof()) {
            (false, _) => "the text is not UTF-8",
            (true, true) => "the file ends in the middle of an item",
            (true, false) => "the JSON is broken",
        };
        Some(Piece::Damage {
            offset: broken_at,
            message,
        })
    }
}

/// Where in `bytes` reading stopped, and whether all before it is proper UTF-8.
fn error_offset(bytes: &[u8], error: &serde_json::Error) -> (usize, bool) {
    let line_start = memchr::memchr_iter(b'\n', bytes)
        .nth(error.line().saturating_sub(2))
        .filter(|_| error.line() > 1)
        .map_or(0, |newline| newline + 1);
    let end = (line_start + error.column()).min(bytes.len());
    match std::str::from_utf8(&bytes[..end]) {
        Err(broken) if broken.error_len().is_some() => (broken.valid_up_to(), false),
        _ => (end.saturating_sub(usize::from(!error.is_eof())), true),
    }
}

/// The values of an object or an array, uncut; empty for a scalar.
pub(super) fn children(raw: &RawValue) -> Vec<&RawValue> {
    let parsed = match raw.get().as_bytes().first() {
        Some(b'{') => serde_json::from_str::<Values<'_>>(raw.get()).map(|values| values.0),
        Some(b'[') => serde_json::from_str(raw.get()),
        _ => return Vec::new(),
    };
    parsed.unwrap_or_default()
}

struct Values<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut values = Vec::new();
                while let Some((_, value)) = map.next_entry::<IgnoredAny, &RawValue>()? {
                    values.push(value);
                }
                Ok(values)
            }
        }

        deserializer.deserialize_map(Collect).map(Values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &[u8]) -> (Vec<String>, Vec<usize>) {
        let (mut values, mut damages) = (Vec::new(), Vec::new());
        for piece in pieces(text) {
            match piece {
                Piece::Whole(raw) | Piece::Recovered(raw) => values.push(raw.get().to_owned()),
                Piece::Damage { offset, .. } => damages.push(offset),
            }
        }
        (values, damages)
    }

    #[test]
    fn concatenated_and_line_by_line_values_come_out_as_they_stand() {
        let (values, damages) = cut(b"\xef\xbb\xbf{\"a\": 1}\n[ 2 ] {\"b\":\"\\u00e9\"}\n");
        assert_eq!(values, ["{\"a\": 1}", "[ 2 ]", "{\"b\":\"\\u00e9\"}"]);
        assert!(damages.is_empty());
    }

    #[test]
    fn items_before_and_behind_a_cut_item_are_recovered() {
        let text = br#"{"data":[{"id":"a"},{"id":"b","x":12{"id":"c"},{"id":"d"}],"more":false}"#;
        let (values, damages) = cut(text);
        assert_eq!(values, [r#"{"id":"a"}"#, r#"{"id":"c"}"#, r#"{"id":"d"}"#]);
        assert_eq!(damages, [36]);
    }

    #[test]
    fn every_broken_byte_of_utf8_is_told_where_it_stands() {
        let text = b"[{\"id\":\"a\"},{\"id\":\"\xff\"},{\"id\":\"c\"},{\"id\":\"\xfe\"},{\"id\":\"e\"}]";
        let (values, damages) = cut(text);
        assert_eq!(values, [r#"{"id":"a"}"#, r#"{"id":"c"}"#, r#"{"id":"e"}"#]);
        assert_eq!(damages, [19, 41]);
    }

    #[test]
    fn a_file_that_ends_in_the_middle_keeps_what_is_complete() {
        let text = br#"{"data":[{"id":"a"},{"id":"b","x":{"y":1},"z"#;
        let (values, damages) = cut(text);
        assert_eq!(values, [r#"{"id":"a"}"#, r#"{"y":1}"#]);
        assert_eq!(damages, [text.len()]);
    }

    #[test]
    fn deep_garbage_is_given_up_in_linear_time() {
        let text = r#"{"a":"#.repeat(20_000);
        let (values, damages) = cut(text.as_bytes());
        assert!(values.is_empty());
        assert_eq!(damages.len(), 2);
    }
}
