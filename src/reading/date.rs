//! Dates: `Nov 9, 2025`, `27 novembre 2025`, `26/03`, `2026-05-04`, `2026年3月5日`, with every order they can be read in.

use super::clock::{self, Setting, is_far};
use super::lexicon::{Meaning, Role};
use super::moment::is_ending;
use super::money::is_sign;
use super::token::Tokens;
use super::{DateOrder, PartialDate};
use chrono::NaiveDate;

/// A date as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Date {
    pub readings: Vec<(DateOrder, PartialDate)>,
    /// Looks like something else where neither a time nor a weekday stands beside it: 3/5, 26.03.
    pub weak: bool,
    /// The month stands before the day: the last day of a range may follow without its month.
    pub day_last: bool,
}

/// Reads a date that begins at a token; gives it and the first token behind it. Of several ways the longest.
pub(super) fn date(tokens: &Tokens, at: usize) -> Option<(Date, usize)> {
    if tokens.digits(at).is_none() {
        let meaning = tokens.meaning(at)?;
        if let Some(years) = meaning.era {
            return era_date(tokens, at, years);
        }
        let before = meaning.is(Role::MonthBefore) || meaning.months != 0;
        return before.then(|| month_day(tokens, at)).flatten();
    }
    [marked, numeric, day_month, year_first]
        .into_iter()
        .filter_map(|read| read(tokens, at))
        .max_by_key(|(_, end)| *end)
}

/// The first day of a range whose month stands behind its last day: *3* – 5 March, *26* au 28/03.
pub(super) fn open_day(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    let (day, mut end) = day(tokens, at)?;
    end += usize::from(tokens.glued_mark(end) == Some('.'));
    Some((day, end))
}

/// The last day of a range whose month stands before its first day: Mar 3 – *5, 2026*, 3月5日〜*8日*.
pub(super) fn last_day(tokens: &Tokens, at: usize) -> Option<(u32, Option<i32>, usize)> {
    let (day, end) = day(tokens, at)?;
    let (year, end) = match year_behind(tokens, end) {
        Some((year, end)) => (Some(year), end),
        None => (None, end),
    };
    Some((day, year, end))
}

/// Whether a number is the day of a month that is named behind it.
pub(super) fn is_day_of_month(tokens: &Tokens, at: usize) -> bool {
    tokens.has_role(at + 1, Role::MonthAfter)
        || day(tokens, at).is_some_and(|(_, end)| {
            fillers(tokens, end).any(|place| tokens.meaning(place).is_some_and(|meaning| meaning.months != 0))
        })
}

/// A day's number with what is written onto it: 3, 3rd, 1er, 5日, 1º.
fn day(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    day_with(tokens, at, false)
}

/// The same behind a month's name: an ending is no month again, though some language calls one so. május 1-jén
fn day_of_month(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    day_with(tokens, at, true)
}

fn day_with(tokens: &Tokens, at: usize, has_month: bool) -> Option<(u32, usize)> {
    let day = tokens.small(at).filter(|day| (1..=31).contains(day))?;
    if tokens.has_role(at + 1, Role::Day) && !tokens.is_spaced_word(at + 1) {
        return Some((day, at + 2));
    }
    let ordinal = |at: usize, may_be_month: bool| {
        let letters = tokens.text(at).chars().count();
        let other = tokens.meaning(at).is_some_and(|meaning| {
            let is_hour = meaning.is(Role::Hour) || !meaning.periods.is_empty();
            is_hour || meaning.months != 0 && may_be_month || meaning.is(Role::Duration)
        });
        tokens.is_word(at) && tokens.is_glued(at) && letters <= 3 && !other
    };
    if ordinal(at + 1, true) {
        return Some((day, at + 2));
    }
    // mar 5-apr 8
    let counts = |at: usize| tokens.digits(at).is_some() && !clock::is_certain(tokens, at);
    let may_be_month = !has_month || !is_ending(tokens.text(at + 2)) || counts(at + 3) || counts(at + 4);
    // Russian 3-го, Swedish 14:e
    if matches!(tokens.glued_mark(at + 1), Some('-' | ':')) && ordinal(at + 2, may_be_month) {
        return Some((day, at + 3));
    }
    Some((day, at + 1))
}

fn era_date(tokens: &Tokens, at: usize, years: i32) -> Option<(Date, usize)> {
    let at = at + 1 + usize::from(tokens.is_dotted(at));
    let (value, len) = tokens.digits(at).filter(|&(_, len)| len <= 4)?;
    if !tokens.has_role(at + 1, Role::Year) || (len == 4 && years > 0) {
        return None;
    }
    let year = value as i32 + years;
    month_and_day_marked(tokens, at + 2, Some(year))
}

/// 2026年3月5日, 3월 5일
fn marked(tokens: &Tokens, at: usize) -> Option<(Date, usize)> {
    if tokens.has_role(at + 1, Role::Year) && !tokens.is_spaced_word(at + 1) {
        let (value, len) = tokens.digits(at)?;
        return month_and_day_marked(tokens, at + 2, Some(full_year(value, len)?));
    }
    month_and_day_marked(tokens, at, None)
}

fn month_and_day_marked(tokens: &Tokens, at: usize, year: Option<i32>) -> Option<(Date, usize)> {
    let month = tokens.small(at)?;
    let marked = tokens.has_role(at + 1, Role::MonthAfter);
    let day = tokens.small(at + 2)?;
    if !marked || is_far(tokens, at) && year.is_some() || is_far(tokens, at + 2) {
        return None;
    }
    let end = if tokens.has_role(at + 3, Role::Day) && !tokens.is_spaced_word(at + 3) {
        at + 4
    } else {
        year?;
        at + 3
    };
    let date = partial(year, month, day)?;
    Some((certain(vec![date], true), end))
}

/// 03/04/2026, 26.03., 2026-05-04, 5. 3. 2026
fn numeric(tokens: &Tokens, at: usize) -> Option<(Date, usize)> {
    let (first, first_len) = tokens.digits(at)?;
    let mark = tokens
        .mark(at + 1)
        .filter(|mark| matches!(mark, '/' | '.' | '-'))?;
    let (second, second_len) = tokens.digits(at + 2)?;
    if second_len > 2 || !joined(tokens, at + 1, mark) {
        return None;
    }
    let third = tokens
        .digits(at + 4)
        .filter(|_| tokens.mark(at + 3) == Some(mark) && joined(tokens, at + 3, mark))
        // 26.03. 14:30: what stands apart behind the month is a year only with all its digits.
        .filter(|&(_, len)| len == 4 || first_len == 4 || tokens.is_glued(at + 4));
    if first_len == 4 {
        let (day, day_len) = third?;
        let year = full_year(first, 4).filter(|_| day_len <= 2)?;
        let date = partial(Some(year), second as u32, day as u32)?;
        let trailing = mark == '.' && tokens.is_dotted(at + 4);
        return Some((certain(vec![date], false), at + 5 + usize::from(trailing)));
    }
    if first_len == 3 && mark == '/' {
        let (day, _) = third.filter(|&(_, len)| len <= 2)?;
        let date = partial(full_year(first, 3), second as u32, day as u32)?;
        let readings = vec![(DateOrder::YearMonthDay, date)];
        let (weak, day_last) = (false, false);
        return Some((
            Date {
                readings,
                weak,
                day_last,
            },
            at + 5,
        ));
    }
    let (first, second) = (tokens.small(at)?, second as u32);
    match third {
        Some((year, len @ (2 | 4))) => {
            let written = full_year(year, len)?;
            let mut readings = both_orders(Some(written), first, second);
            if len == 2 && first_len == 2 {
                let date = full_year(u64::from(first), 2)
                    .and_then(|year_first| partial(Some(year_first), second, year as u32));
                readings.extend(date.map(|date| (DateOrder::YearMonthDay, date)));
            }
            (!readings.is_empty()).then_some((
                Date {
                    readings,
                    weak: false,
                    day_last: false,
                },
                at + 5,
            ))
        }
        // 26/3/5
        Some((day, 1)) if first_len == 2 && mark == '/' => {
            let date = partial(full_year(u64::from(first), 2), second, day as u32)?;
            Some((
                Date {
                    readings: vec![(DateOrder::YearMonthDay, date)],
                    weak: false,
                    day_last: false,
                },
                at + 5,
            ))
        }
        Some(_) => None,
        None => without_year(tokens, at, mark),
    }
}

fn without_year(tokens: &Tokens, at: usize, mark: char) -> Option<(Date, usize)> {
    let (first, second) = (tokens.small(at)?, tokens.small(at + 2)?);
    if tokens.glued_mark(at + 3) == Some(mark) && tokens.glued_digits(at + 4).is_some() {
        return None;
    }
    let readings = both_orders(None, first, second);
    if readings.is_empty() || !tokens.is_glued(at + 1) && mark != '.' {
        return None;
    }
    let dotted = mark == '.' && tokens.is_dotted(at + 2);
    let two_digits = |at: usize| tokens.digits(at).is_some_and(|(_, len)| len == 2);
    // 24/7 is no day; 1/2 and 3/5 are fractions more often than days.
    let slashed = mark == '/' && (two_digits(at) || two_digits(at + 2)) && (first, second) != (24, 7);
    // 1.5. may be the number of a paragraph, 12.50. the end of a sentence.
    let weak = !(slashed || dotted && two_digits(at) && two_digits(at + 2) && !tokens.is_word(at + 4));
    Some((
        Date {
            readings,
            weak,
            day_last: false,
        },
        at + 3 + usize::from(dotted && !ends_sentence(tokens, at + 3)),
    ))
}

/// A dot at the end of the line closes a sentence, or the date: the span is the same to a reader either way.
fn ends_sentence(tokens: &Tokens, at: usize) -> bool {
    tokens.get(at + 1).is_none()
}

/// `/` and `-` stand close; dots may have a space behind them (5. 3. 2026), and slashes one on both sides.
fn joined(tokens: &Tokens, at: usize, mark: char) -> bool {
    let before = tokens.is_glued(at);
    let after = tokens.is_glued(at + 1);
    match mark {
        '.' => before && !is_far(tokens, at + 1),
        '/' => before == after && !is_far(tokens, at) && !is_far(tokens, at + 1),
        _ => before && after,
    }
}

fn both_orders(year: Option<i32>, first: u32, second: u32) -> Vec<(DateOrder, PartialDate)> {
    let orders = [
        (DateOrder::DayMonth, second, first),
        (DateOrder::MonthDay, first, second),
    ];
    orders
        .into_iter()
        .filter_map(|(order, month, day)| Some((order, partial(year, month, day)?)))
        .collect()
}

/// 27 novembre 2025, 1er mai, 16 de março de 2026, 04-May-2026, ngày 14 tháng 3 năm 2026
fn day_month(tokens: &Tokens, at: usize) -> Option<(Date, usize)> {
    let (day, end) = day(tokens, at)?;
    let glued = tokens.is_glued(end);
    let (months, end) =
        fillers(tokens, end).find_map(|place| month(tokens, place, |meaning| meaning.months))?;
    // 04MAY26 is a date, 4May is not one more than R4may.
    let short_end = glued && tokens.is_glued(end) && tokens.is_spaced_word(end);
    if short_end {
        return None;
    }
    with_year(tokens, months, day, end, false)
}

/// Nov 9, 2025; kovo 14 d.
fn month_day(tokens: &Tokens, at: usize) -> Option<(Date, usize)> {
    if at > 0 && tokens.is_glued(at) && matches!(tokens.mark(at - 1), Some('-' | '/' | '_' | '.')) {
        return None; // Check-out 11
    }
    // Short names are words as well (check out 3): they lead where their language writes them so, or a year follows.
    let long = tokens.text(at).chars().count() > 4;
    let leads = long || tokens.meaning(at).is_some_and(|meaning| meaning.month_first != 0);
    let (months, end) = month(tokens, at, |meaning| {
        if long || !leads {
            meaning.months
        } else {
            meaning.month_first
        }
    })?;
    let dotted = tokens.glued_mark(end) == Some('.');
    let dashed = matches!(tokens.mark(end), Some('-' | '/')) && tokens.is_glued(end + 1);
    let place = end + usize::from(dotted || dashed || tokens.has_role(end, Role::Inner));
    if is_far(tokens, place) {
        return None;
    }
    let (day, end) = day_of_month(tokens, place)?;
    if clock::takes_hour(tokens, end) {
        return None;
    }
    with_year(tokens, months, day, end, true)
        .filter(|(date, _)| leads || date.readings.iter().all(|(_, date)| date.year.is_some()))
}

/// 2026. március 5., 2026 m. kovo 14 d., 2026. gada 14. marts
fn year_first(tokens: &Tokens, at: usize) -> Option<(Date, usize)> {
    let (value, len) = tokens.digits(at).filter(|&(_, len)| len == 4)?;
    let year = full_year(value, len)?;
    for place in fillers(tokens, at + 1) {
        if let Some((months, end)) = month(tokens, place, |meaning| meaning.months) {
            let place = end + usize::from(tokens.mark(end) == Some('.') || tokens.mark(end) == Some('-'));
            if let Some((day, end)) = day_of_month(tokens, place).filter(|_| !is_far(tokens, place)) {
                return named(months, day, Some(year), true).map(|date| (date, end));
            }
        }
        if let Some((day, end)) = day(tokens, place) {
            let found = fillers(tokens, end).find_map(|place| month(tokens, place, |meaning| meaning.months));
            if let Some((months, end)) = found {
                return named(months, day, Some(year), false).map(|date| (date, end));
            }
        }
    }
    None
}

/// A month's name or number: its bits, and the token behind.
fn month(tokens: &Tokens, at: usize, bits: impl Fn(&Meaning) -> u16) -> Option<(u16, usize)> {
    let meaning = tokens.meaning(at)?;
    if meaning.is(Role::MonthBefore) {
        let number = tokens
            .small(at + 1)
            .filter(|month| (1..=12).contains(month) && !is_far(tokens, at + 1));
        if let Some(number) = number {
            return Some((1 << (number - 1), at + 2));
        }
    }
    let months = bits(meaning);
    (months != 0).then_some((months, at + 1))
}

/// The places at which the next part of a date can stand: behind a dot, a comma, a dash, `de`, `of`, `gada`.
fn fillers(tokens: &Tokens, at: usize) -> impl Iterator<Item = usize> {
    const LONGEST: usize = 3;
    let passes = move |at: usize| match tokens.mark(at) {
        Some(mark) => matches!(mark, '.' | ',' | '-' | '/' | '\''),
        None => [Role::Inner, Role::Year, Role::Day]
            .into_iter()
            .any(|role| tokens.has_role(at, role)),
    };
    (at..=at + LONGEST).take_while(move |&place| !is_far(tokens, place) && (place == at || passes(place - 1)))
}

fn with_year(tokens: &Tokens, months: u16, day: u32, end: usize, day_last: bool) -> Option<(Date, usize)> {
    let year = year_behind(tokens, end);
    let (year, end) = year.map_or((None, end), |(year, end)| (Some(year), end));
    named(months, day, year, day_last).map(|date| (date, end))
}

fn named(months: u16, day: u32, year: Option<i32>, day_last: bool) -> Option<Date> {
    let dates: Vec<PartialDate> = (1..=12)
        .filter(|month| months & (1 << (month - 1)) != 0)
        .filter_map(|month| partial(year, month, day))
        .collect();
    (!dates.is_empty()).then(|| certain(dates, day_last))
}

fn certain(dates: Vec<PartialDate>, day_last: bool) -> Date {
    Date {
        readings: dates.into_iter().map(|date| (DateOrder::Certain, date)).collect(),
        weak: false,
        day_last,
    }
}

/// `, 2025`, ` de 2026`, ` '26`, and two digits where nothing says that they are something else.
fn year_behind(tokens: &Tokens, at: usize) -> Option<(i32, usize)> {
    for place in fillers(tokens, at) {
        let quoted = place > at && tokens.mark(place - 1) == Some('\'');
        let Some((value, len)) = tokens.digits(place) else {
            continue;
        };
        let time = matches!(tokens.glued_mark(place + 1), Some(':' | '.' | '/'))
            && tokens.glued_digits(place + 2).is_some();
        let year = full_year(value, len).filter(|_| len == 4);
        if time
            || year.is_none()
                && tokens.has_role(place + 1, Role::Hour)
                && !is_far(tokens, place + 1)
                && !tokens.has_role(place + 1, Role::Year)
        {
            return None;
        }
        return match len {
            4 => year.map(|year| (year, place + 1)),
            2 if quoted || two_digit_year_fits(tokens, at, place) => {
                full_year(value, len).map(|year| (year, place + 1))
            }
            _ => None,
        };
    }
    None
}

/// 14 March 26, 04-MAY-26, 04MAY26: nothing but the end, punctuation or a time behind it.
fn two_digit_year_fits(tokens: &Tokens, month_end: usize, at: usize) -> bool {
    let separated = at > month_end && matches!(tokens.mark(at - 1), Some('-' | '/' | '.'));
    let glued = tokens.is_glued(at);
    let comma = at > month_end && tokens.mark(at - 1) == Some(',');
    let ended = match tokens.get(at + 1) {
        None => true,
        Some(_) if tokens.mark(at + 1).is_some() => {
            matches!(tokens.mark(at + 1), Some(',' | '.' | ')' | ';')) && !is_sign(tokens, at + 1)
        }
        Some(_) => clock::clock(tokens, at + 1, Setting::Dated).is_some_and(|(clock, _)| !clock.weak),
    };
    let joined = separated && glued;
    let close = glued && at == month_end;
    (joined || close || (ended && !comma)) && clock::clock(tokens, at, Setting::Alone).is_none()
}

/// The year of so many digits; Buddhist years are told by being five centuries off, Taiwan's by having three digits.
fn full_year(value: u64, len: usize) -> Option<i32> {
    let value = i32::try_from(value).ok()?;
    match (len, value) {
        (2, 0..=59) => Some(2000 + value),
        // 69 is no year of a booking, but for 2569, which is 2026.
        (2, 60..=79) => Some(2500 + value - 543),
        (2, _) => Some(1900 + value),
        (4, 1900..=2199) => Some(value),
        (4, 2443..=2699) => Some(value - 543),
        (3, 100..=199) => Some(value + 1911),
        _ => None,
    }
}

/// A day that exists; 29 February stands where the year is left out.
pub(super) fn partial(year: Option<i32>, month: u32, day: u32) -> Option<PartialDate> {
    NaiveDate::from_ymd_opt(year.unwrap_or(2024), month, day)?;
    Some(PartialDate { year, month, day })
}
