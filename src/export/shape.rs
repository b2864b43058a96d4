//! How the backup writes moments in columns that hold plain text, so that new rows look like the old ones.
//!
//! SQLite has no type for time: one application writes `2026-02-20 08:00:00`, the next
//! `2026-02-20T08:00:00.000Z`, and each finds its rows by comparing that text.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TimeShape {
    /// `T`, or a space.
    pub separator: char,
    pub seconds: bool,
    /// Digits of a second's fraction.
    pub fraction: usize,
    pub suffix: Suffix,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Suffix {
    None,
    Zulu,
    /// `+02:00`
    Colon,
    /// `+0200`
    Plain,
    /// `+02`
    Hours,
}

impl TimeShape {
    pub(super) const COMMON: Self = Self {
        separator: ' ',
        seconds: true,
        fraction: 0,
        suffix: Suffix::None,
    };

    /// The shape that most of the backup's values have.
    pub(super) fn learn<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut seen: BTreeMap<Self, usize> = BTreeMap::new();
        for shape in texts.take(1000).filter_map(Self::read) {
            *seen.entry(shape).or_default() += 1;
        }
        seen.into_iter()
            .max_by_key(|(_, count)| *count)
            .map_or(Self::COMMON, |(shape, _)| shape)
    }

    fn read(text: &str) -> Option<Self> {
        let digits = |range: std::ops::Range<usize>| {
            text.get(range)
                .is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let separator = text.get(10..11)?.chars().next()?;
        let dated = digits(0..4) && digits(5..7) && digits(8..10);
        let timed = digits(11..13) && digits(14..16) && matches!(separator, ' ' | 'T');
        if !dated || !timed {
            return None;
        }
        let rest = text.get(16..)?;
        let seconds = rest.starts_with(':');
        let rest = if seconds { rest.get(3..)? } else { rest };
        let fraction = match rest.strip_prefix('.') {
            Some(rest) => rest.bytes().take_while(u8::is_ascii_digit).count(),
            None => 0,
        };
        let rest = if fraction > 0 {
            rest.get(fraction + 1..)?
        } else {
            rest
        };
        let suffix = match (rest, rest.len()) {
            ("", _) => Suffix::None,
            ("Z", _) => Suffix::Zulu,
            (_, 6) => Suffix::Colon,
            (_, 5) => Suffix::Plain,
            (_, 3) => Suffix::Hours,
            _ => return None,
        };
        Some(Self {
            separator,
            seconds,
            fraction,
            suffix,
        })
    }

    /// A moment in this shape; its offset is the wanted one, UTC where a `Z` is written.
    pub(super) fn write(&self, at: DateTime<FixedOffset>) -> String {
        let at = match self.suffix {
            Suffix::Zulu => at.to_utc().fixed_offset(),
            _ => at,
        };
        // By hand: chrono reads a format anew for every moment.
        let mut text = String::with_capacity(36);
        let (year, month, day) = (at.year(), at.month(), at.day());
        let _ = write!(text, "{year:04}-{month:02}-{day:02}{}", self.separator);
        let _ = write!(text, "{:02}:{:02}", at.hour(), at.minute());
        if self.seconds {
            let _ = write!(text, ":{:02}", at.second());
        }
        if self.fraction > 0 {
            let nanos = format!("{:09}", at.timestamp_subsec_nanos() % 1_000_000_000);
            text.push('.');
            text.push_str(&nanos[..self.fraction.min(9)]);
        }
        let minutes = at.offset().local_minus_utc() / 60;
        let (sign, hours, minutes) = (
            if minutes < 0 { '-' } else { '+' },
            minutes.abs() / 60,
            minutes.abs() % 60,
        );
        let _ = match self.suffix {
            Suffix::None => Ok(()),
            Suffix::Zulu => write!(text, "Z"),
            Suffix::Colon => write!(text, "{sign}{hours:02}:{minutes:02}"),
            Suffix::Plain => write!(text, "{sign}{hours:02}{minutes:02}"),
            Suffix::Hours => write!(text, "{sign}{hours:02}"),
        };
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_written_as_it_was_read() {
        for text in [
            "2026-02-20 08:00:00",
            "2026-02-20 08:00",
            "2026-02-20T08:00:00.000",
            "2026-02-20T08:00:00-07:00",
            "2026-02-20T08:00:00.000000-0700",
            "2026-02-20 08:00:00-07",
        ] {
            let shape = TimeShape::learn(std::iter::once(text));
            let at = DateTime::parse_from_rfc3339("2026-02-20T08:00:00-07:00").expect("a moment");
            assert_eq!(shape.write(at), text);
        }
        let shape = TimeShape::learn(std::iter::once("2026-02-20T15:00:00Z"));
        let at = DateTime::parse_from_rfc3339("2026-02-20T08:00:00-07:00").expect("a moment");
        assert_eq!(shape.write(at), "2026-02-20T15:00:00Z");
    }

    #[test]
    fn most_values_decide_and_strange_ones_are_passed_over() {
        let texts = [
            "2026-02-20T08:00",
            "n/a",
            "2026-02-21 09:00:00",
            "2026-02-22 10:30:00",
            "日本語の日付です",
        ];
        assert_eq!(TimeShape::learn(texts.into_iter()), TimeShape::COMMON);
        assert_eq!(TimeShape::learn(std::iter::empty()), TimeShape::COMMON);
    }
}
