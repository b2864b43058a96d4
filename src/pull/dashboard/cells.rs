//! Reads the cells of an export: amounts, times, words. Nothing is guessed: what is written in another way is not read.

use crate::model::Currency;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// What a cell is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A word of the API: `Requires payment method` is `requires_payment_method`.
    Word,
    Flag,
    Money,
    Time,
}

impl Shape {
    pub(super) fn read(self, cell: &str, currency: Option<Currency>, zone: Option<Tz>) -> Option<Value> {
        match self {
            Self::Text => Some(json!(cell)),
            Self::Word => Some(json!(word(cell))),
            Self::Flag => match cell.to_ascii_lowercase().as_str() {
                "true" => Some(json!(true)),
                "false" => Some(json!(false)),
                _ => None,
            },
            Self::Money => minor(cell, currency?.decimals()).map(|minor| json!(minor)),
            Self::Time => epoch(cell, zone?).map(|epoch| json!(epoch)),
        }
    }
}

pub(super) fn word(cell: &str) -> String {
    cell.to_ascii_lowercase().replace([' ', '-'], "_")
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(40).collect()
}

/// `-1,234.50` with two decimals: -123450. Commas must stand between thousands, and no digit may be lost.
fn minor(text: &str, decimals: u32) -> Option<i64> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = rest.is_empty() || first.len() <= 3;
    if !is_digits(first) || !is_grouped || rest.iter().any(|group| group.len() != 3 || !is_digits(group)) {
        return None;
    }
    let part = part.trim_end_matches('0');
    if !(part.is_empty() || is_digits(part)) || part.len() > decimals as usize {
        return None;
    }
    let digits = format!(
        "{first}{}{part:0<width$}",
        rest.concat(),
        width = decimals as usize
    );
    let minor: i64 = digits.parse().ok()?;
    Some(if is_negative { -minor } else { minor })
}

/// `2026-01-05 14:03`, with seconds or without, or a day.
fn epoch(text: &str, zone: Tz) -> Option<i64> {
    let text = text.replacen('T', " ", 1);
    let at = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .or_else(|| {
            let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?;
            Some(day.and_time(NaiveTime::MIN))
        })?;
    let at: DateTime<Utc> = zone.from_local_datetime(&at).earliest()?.to_utc();
    Some(at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::super::columns::Column;
    use super::*;

    #[test]
    fn an_amount_is_read_without_losing_a_digit_or_not_at_all() {
        assert_eq!(minor("1,234.50", 2), Some(123_450));
        assert_eq!(minor("-0.05", 2), Some(-5));
        assert_eq!(minor("12,000", 0), Some(12_000));
        assert_eq!(minor("12000.00", 0), Some(12_000));
        assert_eq!(minor("1.5", 3), Some(1_500));
        for text in ["1.234,50", "1,23", "12,34.00", "0.005", "$5", "", "1234,567"] {
            assert_eq!(minor(text, 2), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_read_in_the_zone_of_its_column() {
        let column = Column::of("\u{feff}Created date (Europe/Vienna)");
        assert_eq!(column.name, "created date");
        let epoch = |text| epoch(text, column.zone.expect("a zone"));
        assert_eq!(epoch("2026-01-05 14:03"), Some(1_767_618_180));
        assert_eq!(epoch("5/1/2026 14:03"), None);
    }
}
