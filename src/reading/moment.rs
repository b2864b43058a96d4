//! Moments: weekday, date and time of one point in time, and the two ends of a range.
//!
//! The parts stand in any order, each at most once, joined by punctuation or by a few short words of any language.
//! What looks like something else by itself (14.30, 3/5) is taken where another part stands beside it.

use super::clock::{self, Clock, Setting, TimeReading, is_far};
use super::date::{self, Date};
use super::lexicon::Role;
use super::money::is_sign;
use super::token::{Token, Tokens};
use super::{DateOrder, Moment, MomentReading, PartialDate, Span, SpanValue};
use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};

/// Weekday, date and time as they were found; token positions.
#[derive(Debug, Clone, Default)]
struct Parts {
    start: usize,
    end: usize,
    weekdays: u8,
    /// A weekday may have been meant, in letters that are another word as well.
    perhaps_weekday: bool,
    date: Option<Date>,
    clock: Option<Clock>,
}

impl Parts {
    fn is_weak(&self) -> bool {
        let alone = self.weekdays == 0 && !self.perhaps_weekday;
        match (&self.date, &self.clock) {
            (None, None) => true,
            (Some(date), Some(clock)) => date.weak && clock.weak && alone,
            (Some(date), None) => date.weak && alone,
            (None, Some(clock)) => clock.weak,
        }
    }
}

/// Reads a moment or a range that begins at a token, and the first token behind it.
pub(super) fn moments(tokens: &Tokens, at: usize) -> Option<(Vec<Span>, usize)> {
    if !is_free_before(tokens, at) {
        return None;
    }
    let choices = weekday_choices(tokens, at);
    let found = choices.into_iter().flatten().filter_map(|weekday_first| whole(tokens, at, weekday_first));
    // The longer reading holds; of two that are as long, the one that begins with a weekday.
    let (ends, _) = found.max_by_key(|(ends, sure)| (*sure, ends.last().map(|last| last.end)))?;
    let end = ends.last()?.end;
    let mut continues = false;
    let mut spans = Vec::with_capacity(ends.len());
    for parts in ends {
        spans.push(span(tokens, parts, continues)?);
        continues = true;
    }
    Some((spans, end))
}

/// `mar 14` is a Tuesday or a March: both are tried where a word is both.
fn weekday_choices(tokens: &Tokens, at: usize) -> [Option<bool>; 2] {
    let meaning = tokens.meaning(at);
    let both = meaning.is_some_and(|meaning| meaning.weekdays != 0 && meaning.months != 0);
    [Some(false), both.then_some(true)]
}

/// One moment or the two ends of a range, and whether no part of it is a doubtful date.
fn whole(tokens: &Tokens, at: usize, weekday_first: bool) -> Option<(Vec<Parts>, bool)> {
    let first = parts_from(tokens, at, weekday_first);
    let sure = |parts: &Parts| parts.date.as_ref().is_none_or(|date| !date.weak);
    if let Some((first, last)) = range(tokens, at, first.as_ref()) {
        let sure = sure(&first) && sure(&last);
        return Some((vec![first, last], sure));
    }
    let first = first.filter(|parts| !parts.is_weak() || stands_alone(tokens, parts))?;
    let sure = sure(&first);
    Some((vec![first], sure))
}

/// Collects the parts of one moment from a token on.
fn parts(tokens: &Tokens, at: usize) -> Option<Parts> {
    let choices = weekday_choices(tokens, at);
    let found = choices.into_iter().flatten().filter_map(|weekday_first| parts_from(tokens, at, weekday_first));
    found.max_by_key(|parts| (parts.date.as_ref().is_none_or(|date| !date.weak), parts.end))
}

fn parts_from(tokens: &Tokens, at: usize, weekday_first: bool) -> Option<Parts> {
    let mut parts = Parts { start: at, ..Parts::default() };
    parts.end = add_part(tokens, at, &mut parts, weekday_first, true)?;
    add_parts_behind(tokens, &mut parts);
    settle_weekday(tokens, &mut parts);
    (parts.date.is_some() || parts.clock.is_some()).then_some(parts)
}

fn add_parts_behind(tokens: &Tokens, parts: &mut Parts) {
    while parts.date.is_none() || parts.clock.is_none() || parts.weekdays == 0 {
        let found = joints(tokens, parts.end, parts).find_map(|(next, worded)| with_part(tokens, next, parts, worded));
        match found {
            Some(longer) => *parts = longer,
            None => break,
        }
    }
}

/// The moment with the part that begins at a token, if one does that the moment does not have yet.
fn with_part(tokens: &Tokens, at: usize, parts: &Parts, worded: bool) -> Option<Parts> {
    tokens.digits(at).is_some().then_some(()).or(tokens.meaning(at).map(|_| ()))?;
    let mut longer = parts.clone();
    let end = add_part(tokens, at, &mut longer, false, false)?;
    longer.end = end;
    let holds = if longer.weekdays == parts.weekdays {
        // 12.50 behind a weak date is a second amount.
        let amount = tokens.digits(at).is_some() && is_sign(tokens, end);
        let weak_date = parts.clock.is_none() && parts.date.as_ref().is_some_and(|date| date.weak);
        !amount && !(weak_date && longer.is_weak())
    } else {
        // A weekday behind words or a dash begins something new, unless the date follows it or it fits the date.
        let dated = joints(tokens, end, &longer).any(|(next, _)| date::date(tokens, next).is_some());
        let dashed = at > 0 && matches!(tokens.mark(at - 1), Some('-' | '–' | '/'));
        let trails = !dated && !worded && agrees(&longer) && (!dashed || has_year(&longer));
        if parts.date.is_none() { dated || trails } else { trails }
    };
    holds.then_some(longer)
}

fn has_year(parts: &Parts) -> bool {
    parts.date.as_ref().is_some_and(|date| date.readings.iter().all(|(_, date)| date.year.is_some()))
}

fn agrees(parts: &Parts) -> bool {
    let Some(date) = &parts.date else {
        return true;
    };
    let mut dates = date.readings.iter().map(|(_, date)| date);
    dates.any(|date| full(date).is_none_or(|date| parts.weekdays & weekday_bit(date.weekday()) != 0))
}

/// Adds the part that begins at a token; gives the first token behind it.
fn add_part(tokens: &Tokens, at: usize, parts: &mut Parts, weekday_first: bool, opening: bool) -> Option<usize> {
    if parts.date.is_none() && !weekday_first {
        if let Some((found, end)) = date::date(tokens, at).filter(|&(_, end)| is_free_behind(tokens, end)) {
            parts.date = Some(found);
            return Some(end);
        }
        if let Some((found, clock, end)) = compact(tokens, at).filter(|_| parts.clock.is_none()) {
            parts.date = Some(found);
            parts.clock = Some(clock);
            return Some(end);
        }
    }
    if parts.clock.is_none() && !weekday_first {
        let iso = at > 0 && is_iso_joint(tokens, at - 1);
        let setting = match (opening, iso) {
            (true, _) => Setting::Alone,
            (false, true) => Setting::Iso,
            (false, false) => Setting::Dated,
        };
        let found = clock::clock(tokens, at, setting).or_else(|| iso.then(|| clock::compact(tokens, at)).flatten());
        if let Some((found, end)) = found.filter(|&(_, end)| is_free_behind(tokens, end) && !is_sign(tokens, end)) {
            parts.clock = Some(found);
            return Some(end);
        }
    }
    if parts.weekdays == 0 {
        let weekdays = tokens.meaning(at).map_or(0, |meaning| meaning.weekdays);
        if weekdays != 0 && weekday_holds(tokens, at, parts) {
            parts.weekdays = weekdays;
            return Some(at + 1);
        }
    }
    None
}

/// Names of one or two letters are words as well: they hold in brackets, with a dot, or right before a date.
fn weekday_holds(tokens: &Tokens, at: usize, parts: &Parts) -> bool {
    let letters = tokens.text(at).chars().count();
    let bracketed = at > 0 && tokens.mark(at - 1) == Some('(') && tokens.mark(at + 1) == Some(')');
    if !tokens.is_spaced_word(at) {
        return letters > 1 || bracketed || parts.date.is_some();
    }
    if letters > 2 || bracketed {
        return true;
    }
    let pointed = matches!(tokens.mark(at + 1), Some('.' | ',')) && tokens.is_glued(at + 1);
    let behind = at + 1 + usize::from(pointed) + usize::from(pointed && tokens.mark(at + 2) == Some(','));
    parts.date.is_none() && parts.clock.is_none() && tokens.digits(behind).is_some()
}

/// Takes a short weekday back where it may be another word: `Le 5 mai` is no Saturday of the Faroes.
fn settle_weekday(tokens: &Tokens, parts: &mut Parts) {
    let at = parts.start;
    let letters = tokens.text(at).chars().count();
    let capital = tokens.text(at).chars().next().is_some_and(char::is_uppercase);
    let short = tokens.is_spaced_word(at) && (letters <= 2 || letters == 3 && !capital);
    if parts.weekdays == 0 || !short || tokens.meaning(at).is_none_or(|meaning| meaning.weekdays == 0) {
        return;
    }
    let pointed = matches!(tokens.mark(at + 1), Some('.' | ',')) && tokens.is_glued(at + 1);
    let fits = has_year(parts) && agrees(parts);
    if fits || (pointed && !has_year(parts)) {
        return;
    }
    parts.weekdays = 0;
    parts.perhaps_weekday = letters == 3 || capital && parts.date.as_ref().is_some_and(|date| date.weak);
    if !parts.perhaps_weekday {
        parts.start += 1;
        parts.start += (parts.start..parts.end).take_while(|&at| tokens.mark(at).is_some()).count();
    }
}

/// The places at which the next part can stand, and whether words stand before it.
fn joints<'t>(tokens: &'t Tokens, at: usize, parts: &Parts) -> impl Iterator<Item = (usize, bool)> + use<'t> {
    const MARKS: usize = 3;
    const WORDS: usize = 2;
    let bare_weekday = parts.date.is_none() && parts.clock.is_none();
    let (mut place, mut marks, mut words, mut open) = (at, 0, 0, true);
    std::iter::from_fn(move || {
        if !open || tokens.get(place).is_none() {
            return None;
        }
        let here = (place, words > 0);
        if is_iso_joint(tokens, place) {
            place += 1;
            return Some(here);
        }
        match tokens.mark(place) {
            Some(mark) => {
                marks += 1;
                let joins = match mark {
                    ',' | '.' | '(' | ')' | '·' | '|' | '@' | '•' | ':' | '-' | '–' | '/' | '[' | ']' | '\'' => true,
                    _ => false,
                };
                // Range signs between two moments are not looked through, but `Mar 14 – 10:30` is one.
                open = joins && marks <= MARKS;
            }
            None if tokens.is_word(place) => {
                words += 1;
                open = words <= if bare_weekday { 1 } else { WORDS } && is_joining_word(tokens, place);
            }
            None => open = false,
        }
        place += 1;
        Some(here)
    })
}

/// A word that can stand between a date and a time: known, or short and not a name.
fn is_joining_word(tokens: &Tokens, at: usize) -> bool {
    if [Role::Inner, Role::BeforeHour, Role::Year, Role::Day, Role::Range].into_iter().any(|role| tokens.has_role(at, role)) {
        return true;
    }
    let text = tokens.text(at);
    let letters = text.chars().count();
    if tokens.is_spaced_word(at) {
        letters <= 4 && (letters <= 2 || !text.chars().any(char::is_uppercase))
    } else {
        letters <= 2
    }
}

/// The `T` of 2026-05-04T09:00.
fn is_iso_joint(tokens: &Tokens, at: usize) -> bool {
    tokens.is_glued(at) && tokens.is_glued(at + 1) && tokens.text(at).eq_ignore_ascii_case("t") && tokens.digits(at + 1).is_some()
}

/// 20260504T090000Z
fn compact(tokens: &Tokens, at: usize) -> Option<(Date, Clock, usize)> {
    let (value, _) = tokens.digits(at).filter(|&(_, len)| len == 8)?;
    if !is_iso_joint(tokens, at + 1) {
        return None;
    }
    let date = date::partial(Some((value / 10_000) as i32), (value / 100 % 100) as u32, (value % 100) as u32)?;
    let (clock, end) = clock::compact(tokens, at + 2)?;
    let date = Date { readings: vec![(DateOrder::Certain, date)], weak: false, day_last: false };
    Some((date, clock, end))
}

/// Reads a range whose first end begins at a token.
fn range(tokens: &Tokens, at: usize, first: Option<&Parts>) -> Option<(Parts, Parts)> {
    if let Some(first) = first {
        if let Some(found) = closed_range(tokens, first) {
            return Some(found);
        }
    }
    open_range(tokens, at, first).or_else(|| {
        // 9.30-17.00 Uhr and 7-9 PM are hours before they are days.
        let doubtful = first.is_some_and(|first| first.weekdays == 0 && first.date.as_ref().is_some_and(|date| date.weak));
        doubtful.then(|| open_range(tokens, at, None)).flatten()
    })
}

/// Both ends are moments, or the last is a day alone behind a month-first date.
fn closed_range(tokens: &Tokens, first: &Parts) -> Option<(Parts, Parts)> {
    let (place, sure) = range_joint(tokens, first.end)?;
    if let Some(mut last) = parts(tokens, place) {
        let timed = first.clock.is_some() && last.clock.is_some();
        let dated = first.date.is_some() && last.date.is_some();
        let weak = first.is_weak() && last.is_weak() && !(dated && !timed && is_slashed(tokens, first));
        if (sure || last.date.is_none() && last.weekdays == 0) && (timed || dated) && !weak {
            let mut first = first.clone();
            complete(&mut first, &mut last);
            return Some((first, last));
        }
    }
    if let Some(last) = announced_end(tokens, first, place).filter(|_| sure) {
        let (mut first, mut last) = (first.clone(), last);
        complete(&mut first, &mut last);
        return Some((first, last));
    }
    let date = first.date.as_ref().filter(|date| date.day_last && sure && first.clock.is_none())?;
    let (day, year, end) = date::last_day(tokens, place).filter(|&(_, _, end)| is_free_behind(tokens, end))?;
    let close = tokens.is_glued(place);
    let followed_by_word = tokens.is_spaced_word(end) && !is_joining_word(tokens, end) && year.is_none();
    if !close && followed_by_word || is_sign(tokens, end) {
        return None;
    }
    let readings = date.readings.iter().filter_map(|(order, first)| Some((*order, date::partial(year, first.month, day)?)));
    let mut last = Parts {
        start: place,
        end,
        date: Some(Date { readings: readings.collect(), weak: false, day_last: true }),
        ..Parts::default()
    };
    last.date.as_ref().filter(|date| !date.readings.is_empty())?;
    add_parts_behind(tokens, &mut last);
    let mut first = first.clone();
    complete(&mut first, &mut last);
    Some((first, last))
}

/// `kl. 9-11`: what announces the first hour announces the last.
fn announced_end(tokens: &Tokens, first: &Parts, at: usize) -> Option<Parts> {
    let announced = (first.start..first.end).any(|at| tokens.has_role(at, Role::BeforeHour));
    let (clock, end) = clock::open_hour(tokens, at).filter(|_| announced && first.clock.is_some())?;
    let free = is_free_behind(tokens, end) && !is_sign(tokens, end);
    free.then(|| Parts { start: at, end, clock: Some(clock), ..Parts::default() })
}

/// The first end is a number that only the last end explains: 9 – 10 Uhr, 3 to 5 March, du 26 au 28/03.
fn open_range(tokens: &Tokens, at: usize, first: Option<&Parts>) -> Option<(Parts, Parts)> {
    let (mut first, digits) = match first {
        // A weekday or a date before the open number: Sat 14 – Mon 16 March, 26/03 9 – 10 Uhr.
        Some(parts) if parts.clock.is_none() => {
            let (next, _) = joints(tokens, parts.end, parts).find(|&(next, _)| tokens.digits(next).is_some())?;
            (parts.clone(), next)
        }
        Some(_) => return None,
        None if tokens.meaning(at).is_some_and(|meaning| meaning.weekdays != 0) => {
            if tokens.is_spaced_word(at) && tokens.text(at).chars().count() < 3 && !tokens.is_dotted(at) {
                return None;
            }
            let mut parts = Parts { start: at, end: at + 1, ..Parts::default() };
            parts.weekdays = tokens.meaning(at)?.weekdays;
            let (next, _) = joints(tokens, at + 1, &parts).find(|&(next, _)| tokens.digits(next).is_some())?;
            (parts, next)
        }
        None => (Parts { start: at, ..Parts::default() }, at),
    };
    tokens.small(digits)?;
    if first.date.is_none() {
        if let Some(found) = open_day_range(tokens, &first, digits) {
            return Some(found);
        }
    }
    let (clock, end) = clock::open_hour(tokens, digits)?;
    let (place, _) = range_joint(tokens, end).filter(|&(_, sure)| sure)?;
    let mut last = parts(tokens, place)?;
    let marked = tokens.small(place).is_some() && last.clock.as_ref().is_some_and(|last| !last.weak) && starts_with_clock(tokens, place);
    // 3 – 10:30 is no range of hours, 9.30 – 10:30 is.
    let hour_only = tokens.mark(place + 1) != Some(':');
    if !marked || !(hour_only || end > digits + 1) {
        return None;
    }
    first.clock = Some(clock);
    first.end = end;
    complete(&mut first, &mut last);
    Some((first, last))
}

fn starts_with_clock(tokens: &Tokens, at: usize) -> bool {
    date::date(tokens, at).is_none() && clock::clock(tokens, at, Setting::Alone).is_some()
}

fn open_day_range(tokens: &Tokens, first: &Parts, at: usize) -> Option<(Parts, Parts)> {
    let (day, end) = date::open_day(tokens, at)?;
    let (place, _) = range_joint(tokens, end).filter(|&(_, sure)| sure)?;
    let mut last = parts(tokens, place)?;
    let date = last.date.as_ref().filter(|date| !date.day_last && last.clock.is_none() || !starts_with_clock(tokens, place) && !date.day_last)?;
    let readings: Vec<(DateOrder, PartialDate)> = date
        .readings
        .iter()
        .filter(|(order, _)| matches!(order, DateOrder::Certain | DateOrder::DayMonth))
        .filter_map(|(order, date)| Some((*order, date::partial(date.year, date.month, day)?)))
        .collect();
    let year_leads = tokens.digits(place).is_some_and(|(_, len)| len == 4);
    if readings.is_empty() || year_leads || last.date.as_ref().is_some_and(|date| date.weak) && !tokens.is_glued(place) && last.weekdays == 0 {
        return None;
    }
    let mut first = Parts { end, date: Some(Date { readings, weak: false, day_last: false }), ..first.clone() };
    complete(&mut first, &mut last);
    Some((first, last))
}

/// Where the last end of a range begins, and whether a range sign says so.
fn range_joint(tokens: &Tokens, at: usize) -> Option<(usize, bool)> {
    let next = tokens.mark(at);
    // ISO's 2026-03-14/2026-03-16
    if next == Some('/') && tokens.is_glued(at) && is_full_year(tokens, at + 1) {
        return Some((at + 1, true));
    }
    if let Some('-' | '–' | '~' | '～' | '→' | '›' | '»' | '➔' | '⇒' | '➜') = next {
        let doubled = matches!(tokens.mark(at + 1), Some('-' | '>')) && tokens.is_glued(at + 1);
        return Some((at + 1 + usize::from(doubled), true));
    }
    if tokens.has_role(at, Role::Range) {
        let dotted = usize::from(tokens.is_dotted(at));
        return Some((at + 1 + dotted, true));
    }
    let comma = usize::from(next == Some(','));
    let short = |at: usize| {
        let text = tokens.text(at);
        tokens.is_word(at) && text.chars().count() <= 5 && !text.chars().any(char::is_uppercase)
    };
    if comma == 1 && tokens.has_role(at + 1, Role::Range) {
        return Some((at + 2, true));
    }
    if short(at) && tokens.has_role(at + 1, Role::Range) {
        return Some((at + 2, true));
    }
    (short(at) && tokens.digits(at + 1).is_some()).then_some((at + 1, false))
}

/// A grammatical ending, as some languages write it onto numbers.
fn is_ending(text: &str) -> bool {
    text.chars().count() <= 3 && text.chars().all(char::is_lowercase)
}

fn is_full_year(tokens: &Tokens, at: usize) -> bool {
    tokens.digits(at).is_some_and(|(_, len)| len == 4) && tokens.mark(at + 1) == Some('-')
}

/// Gives each end what the other one leaves out and says for both.
fn complete(first: &mut Parts, last: &mut Parts) {
    if let (Some(start), Some(end)) = (&mut first.clock, &mut last.clock) {
        clock::close_hour(start, end);
        clock::carry_half(start, end);
    }
    match (&mut first.date, &last.date) {
        (Some(start), Some(end)) => {
            for (order, date) in &mut start.readings {
                let same = end.readings.iter().find(|(other, _)| other == order).or(end.readings.first());
                if let (None, Some((_, end))) = (date.year, same) {
                    // A range runs forward: 28 December – 3 January 2027 began the year before.
                    let wraps = (date.month, date.day) > (end.month, end.day);
                    date.year = end.year.map(|year| year - i32::from(wraps));
                }
            }
        }
        (start @ None, Some(end)) if first.clock.is_some() && last.clock.is_some() => {
            *start = Some(end.clone());
            if first.weekdays == 0 {
                first.weekdays = last.weekdays;
            }
        }
        _ => {}
    }
}

fn span(tokens: &Tokens, parts: Parts, continues: bool) -> Option<Span> {
    let dates: Vec<(DateOrder, Option<PartialDate>)> = match parts.date {
        Some(date) => date.readings.into_iter().map(|(order, date)| (order, Some(date))).collect(),
        None => vec![(DateOrder::None, None)],
    };
    let offset = parts.clock.as_ref().and_then(|clock| clock.offset);
    let times: Vec<Option<TimeReading>> = match parts.clock {
        Some(clock) => clock.times.into_iter().map(Some).collect(),
        None => vec![None],
    };
    let mut readings = Vec::with_capacity(dates.len() * times.len());
    for &(order, date) in &dates {
        for time in &times {
            let reading = MomentReading {
                order,
                date,
                time: time.map(|reading: TimeReading| -> NaiveTime { reading.time }),
                next_day: time.is_some_and(|reading| reading.next_day),
                offset,
            };
            if !readings.contains(&reading) {
                readings.push(reading);
            }
        }
    }
    let weekday = keep_agreeing(&mut readings, parts.weekdays);
    let Token { start, .. } = *tokens.get(parts.start)?;
    let Token { end, .. } = *tokens.get(parts.end.checked_sub(1)?)?;
    Some(Span {
        start,
        end,
        value: SpanValue::Moment(Moment { readings, weekday, continues }),
    })
}

/// Leaves out the readings that the weekday contradicts, unless it contradicts all: then it is told as written.
fn keep_agreeing(readings: &mut Vec<MomentReading>, weekdays: u8) -> Option<Weekday> {
    if weekdays == 0 {
        return None;
    }
    let agreeing = |reading: &MomentReading| {
        let date = reading.date.as_ref().and_then(full);
        date.is_none_or(|date| weekdays & weekday_bit(date.weekday()) != 0)
    };
    if readings.iter().any(agreeing) {
        readings.retain(agreeing);
    }
    if weekdays.count_ones() == 1 {
        return Weekday::try_from(weekdays.trailing_zeros() as u8).ok();
    }
    // A name of two weekdays: the one that the date falls on.
    let date = readings.first().and_then(|reading| reading.date.as_ref().and_then(full));
    date.map(|date| date.weekday()).filter(|&day| weekdays & weekday_bit(day) != 0)
}

fn full(date: &PartialDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(date.year?, date.month, date.day)
}

fn weekday_bit(day: Weekday) -> u8 {
    1 << day.num_days_from_monday()
}

/// Nothing is written onto the token that makes it part of a longer code, number or amount.
fn is_free_before(tokens: &Tokens, at: usize) -> bool {
    if at == 0 || !tokens.is_glued(at) {
        return true;
    }
    let before = at - 1;
    match tokens.mark(before) {
        None => tokens.is_word(at) != tokens.is_word(before) && tokens.is_word(before) && !tokens.is_spaced_word(before)
            || tokens.is_word(before) && !tokens.is_spaced_word(before),
        Some('#' | '_' | '+' | '=' | '&' | '*' | '%' | '°') => false,
        Some('/' | '-' | '.' | ',' | ':' | '\'') => {
            let joined = before > 0 && tokens.is_glued(before);
            let word = joined && tokens.is_spaced_word(before - 1);
            let digits = joined && tokens.digits(before - 1).is_some();
            let labelled = tokens.mark(before) == Some(':') && word;
            let quoted = tokens.mark(before) == Some('\'') && tokens.is_word(at);
            labelled || quoted || !(word || digits)
        }
        Some(_) => !is_sign(tokens, before),
    }
}

/// Nothing is written onto the end that makes the whole part of something longer.
fn is_free_behind(tokens: &Tokens, end: usize) -> bool {
    if !tokens.is_glued(end) {
        return true;
    }
    let glued_on = tokens.is_glued(end + 1);
    let digits = glued_on && tokens.digits(end + 1).is_some();
    let letters = glued_on && tokens.is_spaced_word(end + 1);
    match tokens.mark(end) {
        Some('/') => !digits || is_full_year(tokens, end + 1),
        Some('.' | ':' | ',') => !digits || tokens.mark(end) == Some(','),
        // Hungarian 14:30-kor
        Some('-') => !letters || tokens.has_role(end + 1, Role::Range) || is_ending(tokens.text(end + 1)),
        Some('_' | '%' | '#' | '°') => false,
        Some(_) => !is_sign(tokens, end),
        None => {
            let unspaced = |at: usize| tokens.is_word(at) && !tokens.is_spaced_word(at);
            unspaced(end) || unspaced(end - 1) || is_iso_joint(tokens, end) || tokens.has_role(end, Role::Year)
        }
    }
}

/// A weak date that is all there is on the line, or behind its label.
fn stands_alone(tokens: &Tokens, parts: &Parts) -> bool {
    let slashed = parts.date.is_some() && parts.clock.is_none() && is_slashed(tokens, parts);
    let before = parts.start == 0 || tokens.mark(parts.start - 1) == Some(':') || is_far(tokens, parts.start);
    let behind = tokens.get(parts.end).is_none();
    slashed && before && behind && tokens.text(parts.start) != "24"
}

fn is_slashed(tokens: &Tokens, parts: &Parts) -> bool {
    (parts.start..parts.end).any(|at| tokens.mark(at) == Some('/'))
}
