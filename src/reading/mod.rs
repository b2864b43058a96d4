//! Reads values out of text in any language: moments, money, phones, e-mail addresses, codes.
//!
//! A value that can be read in several ways is a *set of readings* (03/04, 1.234): nothing here
//! chooses. One reading per slot is chosen by `learn`, by agreement with the known truth.
//! Positions are byte offsets into the line as given.

mod address;
mod clock;
mod code;
pub mod content_line;
mod date;
#[cfg(test)]
mod describe;
mod fold;
mod lexicon;
mod moment;
mod money;
mod powers;
mod range;
pub mod series;
mod shared;
#[cfg(test)]
mod tests;
mod token;

pub use fold::{
    OTHER_SIGNS, alphabet, fold, in_latin, is_accent, is_geresh, is_hebrew, is_latin, is_unspaced,
    is_word_char, phone_tail, words,
};

pub use shared::currencies;

use chrono::{FixedOffset, NaiveDate, NaiveTime, Weekday};
use lexicon::Role;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use token::{Kind, Tokens};

/// Whether a word is a month's name in any language.
pub fn is_month(word: &str) -> bool {
    const SHORT: usize = 3;
    let meaning = lexicon::lexicon().word(&token::lookup_key(word));
    word.chars().count() >= SHORT && meaning.is_some_and(|meaning| meaning.months != 0)
}

/// The weekdays whose name a word may be in any language.
pub fn weekdays(word: &str) -> Vec<Weekday> {
    let meaning = lexicon::lexicon().word(&token::lookup_key(word));
    let days = meaning.map_or(0, |meaning| meaning.weekdays);
    let all = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).take(7);
    all.filter(|day| days & (1 << day.num_days_from_monday()) != 0)
        .collect()
}

/// A text with the digits of any script in ASCII: one number is written in several.
pub fn with_plain_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(plain_digit).collect())
}

fn plain_digit(char: char) -> char {
    if char.is_ascii() || !char.is_numeric() {
        return char;
    }
    let digit = lexicon::lexicon().digit(char);
    digit.map_or(char, |digit| char::from(b'0' + digit))
}

/// A typed stretch of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub value: SpanValue,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SpanValue {
    /// A date, a time of day, or both.
    Moment(Moment),
    /// An amount: with a currency sign or code, or with two or three decimals.
    Amount(Amount),
    /// Lower case.
    Email(String),
    /// Digits, with a leading `+` where written.
    Phone(String),
    Url(String),
    /// Letters and digits mixed, joined by `-`, `_`, `/` or `#`; five or more digits joined so; or an upper-case
    /// word of four or more letters.
    Code(String),
    /// Digits alone.
    Number(String),
}

/// Every way in which a date or time can be read. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    pub readings: Vec<MomentReading>,
    /// A weekday that was written beside the date; readings that contradict it are left out where the
    /// year is known.
    pub weekday: Option<Weekday>,
    /// Stands behind a range sign (`9:00 – 10:00`, `du 26/03 au 28/03`): what it leaves out (date, year)
    /// is the same as in the span before.
    pub continues: bool,
}

/// The order in which day, month and year were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateOrder {
    /// The month has a name, or the year stands first with four digits: only one way to read it.
    Certain,
    DayMonth,
    MonthDay,
    /// Two-digit year first.
    YearMonthDay,
    /// No date, a time alone.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MomentReading {
    pub order: DateOrder,
    pub date: Option<PartialDate>,
    /// 24:00 is read as 00:00 with `next_day`.
    pub time: Option<NaiveTime>,
    pub next_day: bool,
    /// An offset or zone that was written: `-07:00`, `Z`.
    pub offset: Option<FixedOffset>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialDate {
    pub year: Option<i32>,
    pub month: u32,
    pub day: u32,
}

impl PartialDate {
    /// The full date; a year that was left out is the one that puts it nearest to `near`, and a weekday
    /// that was written must agree.
    pub fn resolve(&self, near: NaiveDate, weekday: Option<Weekday>) -> Option<NaiveDate> {
        use chrono::Datelike;
        if let Some(year) = self.year {
            return NaiveDate::from_ymd_opt(year, self.month, self.day);
        }
        (near.year() - 1..=near.year() + 1)
            .filter_map(|year| NaiveDate::from_ymd_opt(year, self.month, self.day))
            .filter(|date| weekday.is_none_or(|day| date.weekday() == day))
            .min_by_key(|date| (*date - near).num_days().abs())
    }
}

/// An amount in every way it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// ISO code in lower case where a code was written, or a sign that belongs to one currency alone;
    /// None for `$`, `kr` and the like.
    pub currency: Option<String>,
    /// A currency sign or code was written at all.
    pub marked: bool,
    pub readings: Vec<AmountReading>,
    /// The time of day that it may be as well: 18.30 with nothing beside it that says which.
    pub time: Option<NaiveTime>,
}

/// Digits before and behind the decimal separator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AmountReading {
    pub decimal: DecimalMark,
    pub negative: bool,
    /// Digits alone, no separators.
    pub whole: String,
    /// Digits behind the decimal mark; empty where there is none.
    pub fraction: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecimalMark {
    /// No decimal mark in the text: whole units.
    None,
    Point,
    Comma,
}

impl AmountReading {
    /// Minor units for a currency with so many decimals; None where the fraction is longer than that.
    pub fn minor(&self, decimals: u32) -> Option<i64> {
        let decimals = decimals as usize;
        if self.fraction.len() > decimals && self.fraction[decimals..].bytes().any(|digit| digit != b'0') {
            return None;
        }
        let fraction: String = self
            .fraction
            .chars()
            .chain(std::iter::repeat('0'))
            .take(decimals)
            .collect();
        let minor: i64 = format!("{}{fraction}", self.whole).parse().ok()?;
        Some(if self.negative { -minor } else { minor })
    }
}

/// All typed spans of a line, in order, none overlapping. E-mail addresses and URLs win over dates,
/// dates over money, money over phones, phones over codes and numbers.
pub fn spans(line: &str) -> Vec<Span> {
    spans_knowing(line, &[], &[], &BTreeSet::new())
}

/// The same where these stretches of the line, in order, are known to be codes, these words to be weekdays' names or none, and these
/// currencies to be what prices are in.
pub fn spans_knowing(
    line: &str,
    codes: &[Range<usize>],
    days: &[(Range<usize>, Option<Weekday>)],
    money: &BTreeSet<String>,
) -> Vec<Span> {
    let mut spans = address::addresses(line);
    let codes = codes.iter().filter(|code| {
        let mut others = spans.iter();
        others.all(|span| code.end <= span.start || span.end <= code.start)
    });
    let codes: Vec<Span> = codes
        .map(|code| Span {
            start: code.start,
            end: code.end,
            value: SpanValue::Code(line[code.clone()].to_owned()),
        })
        .collect();
    spans.extend(codes);
    spans.sort_by_key(|span| span.start);
    let taken: Vec<(usize, usize)> = spans.iter().map(|span| (span.start, span.end)).collect();
    let tokens = Tokens::new(line, &taken, days).paid_in(money);
    let mut at = 0;
    while at < tokens.all.len() {
        match read_at(&tokens, at) {
            Some((found, end)) => {
                spans.extend(found);
                at = end;
            }
            None => at += 1,
        }
    }
    if !taken.is_empty() {
        spans.sort_by_key(|span| span.start);
    }
    spans
}

/// Reads what begins at a token: one span or, of a range, two; and the first token behind.
fn read_at(tokens: &Tokens, at: usize) -> Option<(Vec<Span>, usize)> {
    let one = |(span, end)| (vec![span], end);
    let number_near = (at + 1..at + 5).any(|at| tokens.digits(at).is_some());
    match tokens.all[at].kind {
        Kind::Digits { .. } => moment::moments(tokens, at)
            .or_else(|| money::amount(tokens, at).map(one))
            .or_else(|| code::phone(tokens, at).map(one))
            .or_else(|| code::code_or_number(tokens, at).map(one)),
        Kind::Word(meaning) => meaning
            .filter(|meaning| meaning.opens_moment() || meaning.is(Role::MonthBefore))
            .and_then(|_| moment::moments(tokens, at))
            .or_else(|| number_near.then(|| money::amount(tokens, at).map(one)).flatten())
            .or_else(|| {
                (code::may_begin(tokens, at) && !moment::is_prefix(tokens, at))
                    .then(|| code::code_or_number(tokens, at).map(one))
                    .flatten()
            }),
        Kind::Mark(_) if number_near => money::amount(tokens, at)
            .or_else(|| code::phone(tokens, at).filter(|_| matches!(tokens.mark(at), Some('+' | '('))))
            .map(one),
        Kind::Mark(_) => None,
    }
}
