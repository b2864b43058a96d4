//! Reads what a person typed as the value of one field, and says what to write where it does not fit.
//!
//! Nothing is guessed here either: a date is written year first, an amount without thousands marks.

use super::{Terms, current};
use crate::model::{Booking, Conflict, Currency, FieldName, Money, Status, Value, When};
use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Mistyped {
    #[error("nothing was typed")]
    Nothing,
    #[error("“{0}” is not a date and time: write it as 2026-11-21 09:00")]
    Moment(String),
    #[error("“{0}” is not a date: write it as 2026-11-21; the target stores whole days")]
    Day(String),
    #[error("“{0}” is a time alone and the date is in question too: write both, as 2026-11-21 09:00")]
    TimeAlone(String),
    #[error("{0} does not exist in {1}: the clocks are put forward then")]
    Skipped(String, String),
    #[error("{0} comes twice in {1}, when the clocks are put back: write {2} or {3}")]
    Twice(String, String, String, String),
    #[error("“{0}” is not an amount in {1}: write it as {2}, without thousands marks")]
    Amount(String, String, String),
    #[error("“{0}” is not a status: write confirmed, cancelled or completed")]
    Status(String),
    #[error("“{0}” is not an e-mail address: write it as name@example.com")]
    Email(String),
    #[error("“{0}” is not a phone number: write it as +43 660 1234567")]
    Phone(String),
    #[error("“{0}” is not a currency: write its three letters, as {1}")]
    Currency(String, String),
}

/// Reads the text as a value of the field that the conflict is about; `-` leaves the field empty.
pub(super) fn read(
    text: &str,
    field: FieldName,
    booking: &Booking,
    conflict: &Conflict,
    terms: &Terms<'_>,
) -> Result<Option<Value>, Mistyped> {
    let text = half_width(text);
    let text = text.trim();
    match text {
        "" => return Err(Mistyped::Nothing),
        "-" => return Ok(None),
        _ => {}
    }
    let value = match field {
        FieldName::StartsAt | FieldName::EndsAt | FieldName::CreatedAt => {
            let is_day = terms.date_only && field != FieldName::CreatedAt;
            Value::When(moment(
                text,
                is_day,
                shared_date(field, booking, conflict, terms),
                terms,
            )?)
        }
        FieldName::Total => {
            let usual = booking
                .total
                .map_or(terms.business.currency, |total| total.currency);
            Value::Money(amount(text, usual)?)
        }
        FieldName::Status => Status::parse(&text.to_lowercase())
            .map(Value::Status)
            .ok_or_else(|| Mistyped::Status(text.to_owned()))?,
        FieldName::Currency => {
            let usual = terms.business.currency.as_str().to_owned();
            let currency = Currency::parse(text).ok_or_else(|| Mistyped::Currency(text.to_owned(), usual))?;
            Value::Text(currency.as_str().to_owned())
        }
        FieldName::CustomerEmail if !is_email(text) => return Err(Mistyped::Email(text.to_owned())),
        FieldName::CustomerPhone if !is_phone(text) => return Err(Mistyped::Phone(text.to_owned())),
        _ => Value::Text(text.to_owned()),
    };
    Ok(Some(value))
}

/// Full-width letters, digits and marks as the narrow ones: an input method writes them where a keyboard
/// would not. Control characters are dropped.
pub fn half_width(text: &str) -> String {
    text.chars()
        .filter(|char| !char.is_control())
        .map(|char| match char {
            '\u{3000}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
            _ => char,
        })
        .collect()
}

fn moment(
    text: &str,
    is_day: bool,
    shared_date: Option<NaiveDate>,
    terms: &Terms<'_>,
) -> Result<When, Mistyped> {
    let unread = || {
        if is_day {
            Mistyped::Day(text.to_owned())
        } else {
            Mistyped::Moment(text.to_owned())
        }
    };
    // Year first is read one way only, whatever stands between.
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time.trim())),
        None => (text, None),
    };
    let date: Option<NaiveDate> = date.replace(['/', '.'], "-").parse().ok();
    match (date, time) {
        (Some(date), None) if is_day => Ok(When::Date(date)),
        _ if is_day => Err(unread()),
        (Some(date), Some(time)) => match clock(time) {
            Some(time) => local(date.and_time(time), terms),
            None => DateTime::parse_from_rfc3339(&with_seconds(date, time))
                .map(|at| When::Instant(at.with_timezone(&Utc)))
                .map_err(|_| unread()),
        },
        (None, None) => {
            let time = clock(text).ok_or_else(unread)?;
            let date = shared_date.ok_or_else(|| Mistyped::TimeAlone(text.to_owned()))?;
            local(date.and_time(time), terms)
        }
        _ => Err(unread()),
    }
}

fn clock(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

/// A time with an offset, as RFC 3339 wants it: `09:00-06:00` has no seconds.
fn with_seconds(date: NaiveDate, time: &str) -> String {
    let time = time.replace(' ', "");
    let (clock, offset) = time.split_at(time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len()));
    let seconds = if clock.len() == "09:00".len() { ":00" } else { "" };
    format!("{date}T{clock}{seconds}{offset}")
}

/// The moment that a clock on the business's wall shows.
fn local(at: NaiveDateTime, terms: &Terms<'_>) -> Result<When, Mistyped> {
    let zone = terms.business.zone;
    let written = || at.format("%Y-%m-%d %H:%M").to_string();
    match zone.from_local_datetime(&at) {
        LocalResult::Single(at) => Ok(When::Instant(at.with_timezone(&Utc))),
        LocalResult::None => Err(Mistyped::Skipped(written(), zone.name().to_owned())),
        LocalResult::Ambiguous(first, second) => {
            let [first, second] = [first, second].map(|at| at.format("%Y-%m-%d %H:%M%:z").to_string());
            Err(Mistyped::Twice(written(), zone.name().to_owned(), first, second))
        }
    }
}

/// The date that a time alone is about: known only where all candidates and the present value agree on it.
fn shared_date(
    field: FieldName,
    booking: &Booking,
    conflict: &Conflict,
    terms: &Terms<'_>,
) -> Option<NaiveDate> {
    let present = current(booking, field);
    let candidates = conflict
        .candidates
        .iter()
        .filter_map(|candidate| candidate.value.as_ref());
    let mut dates = candidates.chain(&present).filter_map(|value| match value {
        Value::When(when) => Some(when.date(terms.business.zone)),
        _ => None,
    });
    let first = dates.next()?;
    dates.all(|date| date == first).then_some(first)
}

/// Reads `397`, `397.00`, `397,00`, `EUR 397` and `397 EUR`. A mark with other than the currency's decimals
/// behind it may be a thousands mark, and is refused.
fn amount(text: &str, usual: Currency) -> Result<Money, Mistyped> {
    let (code, digits) = split_code(text);
    let currency = code.map_or(Some(usual), Currency::parse);
    let unread = || {
        let shown = currency.unwrap_or(usual);
        let sample = Money::new(1234 * 10_i64.pow(shown.decimals()), shown);
        Mistyped::Amount(
            text.to_owned(),
            shown.as_str().to_ascii_uppercase(),
            sample.major(),
        )
    };
    let currency = currency.ok_or_else(unread)?;
    let decimals = currency.decimals() as usize;
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let has_mark = whole.len() < digits.len();
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_plain(whole) || !is_plain(fraction) {
        return Err(unread());
    }
    if has_mark && (fraction.len() != decimals || decimals == 0) {
        return Err(unread());
    }
    format!("{whole}{fraction:0<decimals$}")
        .parse()
        .map(|minor| Money::new(minor, currency))
        .map_err(|_| unread())
}

/// Parts a currency's letters from the digits, on either side.
fn split_code(text: &str) -> (Option<&str>, &str) {
    let is_letter = |char: char| char.is_ascii_alphabetic();
    let before = text.trim_start_matches(is_letter);
    if before.len() < text.len() {
        return (Some(&text[..text.len() - before.len()]), before.trim());
    }
    let behind = text.trim_end_matches(is_letter);
    if behind.len() < text.len() {
        return (Some(&text[behind.len()..]), behind.trim());
    }
    (None, text)
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    }) && !text.contains(char::is_whitespace)
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (5..=15).contains(&digits)
        && text
            .chars()
            .all(|char| char.is_ascii_digit() || "+-()./ ".contains(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(text: &str, usual: &str) -> Option<i64> {
        let usual = Currency::parse(usual).expect("a currency");
        amount(text, usual).ok().map(|money| money.minor)
    }

    #[test]
    fn an_amount_is_read_only_where_its_mark_can_be_one_thing() {
        assert_eq!(minor("397", "eur"), Some(39_700));
        assert_eq!(minor("397,05", "eur"), Some(39_705));
        assert_eq!(minor("USD 0.50", "eur"), Some(50));
        assert_eq!(minor("12000", "jpy"), Some(12_000));
        assert_eq!(minor("4.500", "kwd"), Some(4_500));
        for text in [
            "1.234",
            "1,234.50",
            "1 234",
            "12.5",
            "-5",
            ".50",
            "€5",
            "5 euros",
            "99999999999999999999",
        ] {
            assert_eq!(minor(text, "eur"), None, "{text}");
        }
        assert_eq!(minor("12.00", "jpy"), None);
    }

    #[test]
    fn an_address_and_a_number_are_what_they_look_like() {
        assert!(is_email("ann@guest.example"));
        for text in [
            "ann",
            "ann@",
            "ann@guest",
            "a b@guest.example",
            "a@b@guest.example",
            "ann@guest.example.",
        ] {
            assert!(!is_email(text), "{text}");
        }
        assert!(is_phone("+43 (660) 123-4567"));
        assert!(!is_phone("1234") && !is_phone("call me 12345"));
    }

    #[test]
    fn an_offset_may_follow_a_time() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a date");
        for text in ["01:30-06:00", "01:30 -06:00", "01:30:00-06:00"] {
            assert_eq!(with_seconds(date, text), "2026-11-01T01:30:00-06:00", "{text}");
        }
    }
}
