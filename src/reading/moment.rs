//! Moments: weekday, date and time of one point in time.
//!
//! The parts stand in any order, each at most once, joined by punctuation or by a few short words of any language.
//! What looks like something else by itself (14.30, 3/5) is taken where another part stands beside it.

use super::clock::{self, Clock, Setting, TimeReading, is_far};
use super::date::{self, Date};
use super::lexicon::{Meaning, Role};
use super::money::is_sign;
use super::range::{is_iso_year, is_range, range};
use super::token::{Token, Tokens};
use super::{DateOrder, Moment, MomentReading, PartialDate, Span, SpanValue};
use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};

/// Weekday, date and time as they were found; token positions.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub start: usize,
    pub end: usize,
    /// A bit for each weekday that the name can mean.
    pub weekdays: u8,
    /// The weekday's name is written out.
    pub full_weekday: bool,
    /// A weekday may have been meant, in letters that are another word as well.
    pub perhaps_weekday: bool,
    pub date: Option<Date>,
    pub clock: Option<Clock>,
}

impl Parts {
    /// All of it looks like something else.
    pub fn is_weak(&self) -> bool {
        let alone = self.weekdays == 0 && !self.perhaps_weekday;
        match (&self.date, &self.clock) {
            (None, None) => true,
            (Some(date), Some(clock)) => date.weak && clock.weak && alone,
            (Some(date), None) => date.weak && alone,
            // Wednesday 14.30 is no amount; Wed 14.30 may be in a list of prices.
            (None, Some(clock)) => clock.weak && !self.full_weekday,
        }
    }

    pub fn is_slashed(&self, tokens: &Tokens) -> bool {
        (self.start..self.end).any(|at| tokens.mark(at) == Some('/'))
    }
}

/// Reads a moment or a range that begins at a token, and the first token behind it.
pub(super) fn moments(tokens: &Tokens, at: usize) -> Option<(Vec<Span>, usize)> {
    if !is_free_before(tokens, at) {
        return None;
    }
    let choices = weekday_choices(tokens, at);
    let found = choices
        .into_iter()
        .flatten()
        .filter_map(|weekday_first| whole(tokens, at, weekday_first));
    // The longer reading holds; of two that are as long, the one that begins with a weekday.
    let (ends, _) = found.max_by_key(|(ends, sure)| (*sure, ends.last().map(|last| last.end)))?;
    let end = ends.last()?.end;
    let mut continues = false;
    let mut spans = Vec::with_capacity(ends.len());
    let time = match ends.as_slice() {
        [one] => dotted_time(tokens, one),
        _ => None,
    };
    for parts in ends {
        spans.push(span(tokens, parts, continues)?);
        continues = true;
    }
    if let (Some(time), SpanValue::Moment(moment)) = (time, &mut spans[0].value) {
        moment.readings.push(time);
    }
    Some((spans, end))
}

/// 12.05. at the end of a sentence is a day, or five past twelve and the sentence's dot.
fn dotted_time(tokens: &Tokens, parts: &Parts) -> Option<MomentReading> {
    let two = |at: usize| tokens.digits(at).filter(|&(_, len)| len == 2);
    let dotted = tokens.mark(parts.start + 1) == Some('.') && tokens.is_dotted(parts.start + 2);
    let alone = parts.clock.is_none() && parts.weekdays == 0 && parts.end <= parts.start + 4;
    let ((hour, _), (minute, _)) = (two(parts.start)?, two(parts.start + 2)?);
    let time = NaiveTime::from_hms_opt(hour as u32, minute as u32, 0)?;
    (dotted && alone).then_some(MomentReading {
        order: DateOrder::None,
        date: None,
        time: Some(time),
        next_day: false,
        offset: None,
    })
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
pub(super) fn parts(tokens: &Tokens, at: usize) -> Option<Parts> {
    let choices = weekday_choices(tokens, at);
    let found = choices
        .into_iter()
        .flatten()
        .filter_map(|weekday_first| parts_from(tokens, at, weekday_first));
    found.max_by_key(|parts| (parts.date.as_ref().is_none_or(|date| !date.weak), parts.end))
}

fn parts_from(tokens: &Tokens, at: usize, weekday_first: bool) -> Option<Parts> {
    let mut parts = Parts {
        start: at,
        ..Parts::default()
    };
    parts.end = add_part(tokens, at, &mut parts, weekday_first, true)?;
    add_parts_behind(tokens, &mut parts);
    settle_weekday(tokens, &mut parts);
    (parts.date.is_some() || parts.clock.is_some()).then_some(parts)
}

/// The last end of a range of hours: 12.30 behind 10.00 is no day.
pub(super) fn hour_parts(tokens: &Tokens, at: usize) -> Option<Parts> {
    let (clock, end) =
        clock::clock(tokens, at, Setting::Dated).filter(|&(_, end)| is_free_behind(tokens, end))?;
    let mut parts = Parts {
        start: at,
        end,
        clock: Some(clock),
        ..Parts::default()
    };
    if is_sign(tokens, end) {
        return None;
    }
    add_parts_behind(tokens, &mut parts);
    Some(parts)
}

pub(super) fn add_parts_behind(tokens: &Tokens, parts: &mut Parts) {
    while parts.date.is_none() || parts.clock.is_none() || parts.weekdays == 0 {
        let found = joints(tokens, parts.end, parts)
            .find_map(|(next, worded)| with_part(tokens, next, parts, worded));
        match found {
            Some(longer) => *parts = longer,
            None => break,
        }
    }
}

/// The moment with the part that begins at a token, if one does that the moment does not have yet.
fn with_part(tokens: &Tokens, at: usize, parts: &Parts, worded: bool) -> Option<Parts> {
    if tokens.digits(at).is_none() && tokens.meaning(at).is_none() {
        return None;
    }
    let mut longer = parts.clone();
    let end = add_part(tokens, at, &mut longer, false, false)?;
    longer.end = end;
    let holds = if longer.weekdays == parts.weekdays {
        // 12.50 behind a weak date is a second amount.
        let amount = tokens.digits(at).is_some() && is_sign(tokens, end);
        let weak_date = parts.clock.is_none() && parts.date.as_ref().is_some_and(|date| date.weak);
        let measured = parts.date.is_none() && is_measure(tokens, (parts.end, at, end), &longer);
        !(amount || measured || weak_date && longer.is_weak() || ends_hours(tokens, at, parts, &longer))
    } else {
        // A weekday behind words or a dash begins something new, unless the date follows it or it fits the date.
        let dated = joints(tokens, end, &longer).any(|(next, _)| begins_date(tokens, next, &longer));
        let dashed = at > 0 && matches!(tokens.mark(at - 1), Some('-' | '–' | '/'));
        let trails = !dated && !worded && agrees(&longer) && (!dashed || has_year(&longer));
        trails || dated && parts.date.is_none()
    };
    holds.then_some(longer)
}

/// 8 PM (1.5 hours), 8點半，共1.5小時: a number that looks like a day, with what it counts behind it: in a bracket, or
/// written onto it.
fn is_measure(tokens: &Tokens, (before, at, end): (usize, usize, usize), longer: &Parts) -> bool {
    let is_weak = longer.date.as_ref().is_some_and(|date| date.weak);
    let opens = (before..at).any(|at| matches!(tokens.mark(at), Some('(' | '[')));
    is_weak && tokens.is_word(end) && (opens || tokens.is_glued(end))
}

/// kl. 10.00 – 12.30: the end of a range of hours, which looks like a day.
fn ends_hours(tokens: &Tokens, at: usize, parts: &Parts, longer: &Parts) -> bool {
    let fresh = parts.date.is_none() && longer.date.as_ref().is_some_and(|date| date.weak);
    fresh
        && parts.clock.is_some()
        && (tokens.is_glued(at) || !(parts.start..parts.end).any(|at| tokens.mark(at) == Some(':')))
        && (parts.end..at).any(|at| is_range(tokens, at))
        && clock::clock(tokens, at, Setting::Dated).is_some()
}

/// Whether another date begins here: 10.30 behind a date that can be nothing else is a time.
fn begins_date(tokens: &Tokens, at: usize, parts: &Parts) -> bool {
    let Some((found, _)) = date::date(tokens, at) else {
        return false;
    };
    let told = has_year(parts)
        || parts.date.as_ref().is_some_and(|date| {
            date.readings
                .iter()
                .all(|(order, _)| *order == DateOrder::Certain)
        });
    let timed = || clock::clock(tokens, at, Setting::Dated).is_some();
    !(found.weak && told && parts.date.is_some() && timed())
}

fn has_year(parts: &Parts) -> bool {
    parts
        .date
        .as_ref()
        .is_some_and(|date| date.readings.iter().all(|(_, date)| date.year.is_some()))
}

fn agrees(parts: &Parts) -> bool {
    let Some(date) = &parts.date else {
        return true;
    };
    let mut dates = date.readings.iter().map(|(_, date)| date);
    dates.any(|date| full(date).is_none_or(|date| parts.weekdays & weekday_bit(date.weekday()) != 0))
}

/// Adds the part that begins at a token; gives the first token behind it.
fn add_part(
    tokens: &Tokens,
    at: usize,
    parts: &mut Parts,
    weekday_first: bool,
    opening: bool,
) -> Option<usize> {
    if parts.date.is_none() && !weekday_first {
        let found = date::date(tokens, at).filter(|(found, end)| {
            // kl. 12.05.
            let doubtful =
                found.weak || clock::is_announced(tokens, at) && tokens.glued_mark(at + 1) == Some('.');
            let timed = doubtful && parts.clock.is_none() && clock::is_certain(tokens, at);
            !timed && is_free_behind(tokens, *end)
        });
        if let Some((found, end)) = found {
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
        let found =
            clock::clock(tokens, at, setting).or_else(|| iso.then(|| clock::compact(tokens, at)).flatten());
        if let Some((found, end)) =
            found.filter(|&(_, end)| is_free_behind(tokens, end) && !is_sign(tokens, end))
        {
            parts.clock = Some(found);
            return Some(end);
        }
    }
    if parts.weekdays == 0 {
        let weekdays = tokens.meaning(at).map_or(0, |meaning| meaning.weekdays);
        if weekdays != 0 && weekday_holds(tokens, at, parts) {
            parts.weekdays = weekdays;
            parts.full_weekday = tokens.is_spaced_word(at) && tokens.text(at).chars().count() > FULL;
            return Some(at + 1);
        }
    }
    None
}

/// A weekday's name of more letters than this is not shortened.
const FULL: usize = 4;

/// Names of one or two letters are words as well: they hold in brackets, with a dot, or right before a date.
fn weekday_holds(tokens: &Tokens, at: usize, parts: &Parts) -> bool {
    let letters = tokens.text(at).chars().count();
    let bracketed = at > 0 && tokens.mark(at - 1) == Some('(') && tokens.mark(at + 1) == Some(')');
    if !tokens.is_spaced_word(at) {
        return letters > 1 || bracketed || parts.date.is_some();
    }
    // 24.02 вт 17:00
    if letters > 2 || bracketed || parts.date.is_some() && is_own_script(tokens, at) {
        return true;
    }
    let pointed = matches!(tokens.mark(at + 1), Some('.' | ',')) && tokens.is_glued(at + 1);
    let behind = at + 1 + usize::from(pointed) + usize::from(pointed && tokens.mark(at + 2) == Some(','));
    parts.date.is_none() && parts.clock.is_none() && tokens.digits(behind).is_some()
}

/// Two letters of a script in which they are no other word: пн, вт.
fn is_own_script(tokens: &Tokens, at: usize) -> bool {
    let mut letters = tokens.text(at).chars();
    let meaning = tokens.meaning(at);
    letters.clone().count() == 2
        && !letters.any(clock::is_latin)
        && meaning.is_some_and(|meaning| meaning.weekdays != 0 && !is_joint_role(meaning))
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
    let is_day = pointed || is_own_script(tokens, at) || tokens.is_known_day(at);
    if fits || is_day && !has_year(parts) {
        return;
    }
    parts.weekdays = 0;
    // Di 24.02. 17:00
    let dotted = (parts.start..parts.end)
        .any(|at| tokens.glued_mark(at) == Some('.') && tokens.digits(at - 1).is_some());
    let doubtful = |date: &Date| date.weak || dotted && !has_year(parts);
    parts.perhaps_weekday = letters == 3 || capital && parts.date.as_ref().is_some_and(doubtful);
    if !parts.perhaps_weekday {
        parts.start += 1;
        parts.start += (parts.start..parts.end)
            .take_while(|&at| tokens.mark(at).is_some())
            .count();
    }
}

/// The places at which the next part can stand, and whether words stand before it.
pub(super) fn joints<'t>(
    tokens: &'t Tokens,
    at: usize,
    parts: &Parts,
) -> impl Iterator<Item = (usize, bool)> + use<'t> {
    const MARKS: usize = 3;
    const WORDS: usize = 2;
    let bare_weekday = parts.date.is_none() && parts.clock.is_none();
    let most_words = if bare_weekday { 1 } else { WORDS };
    let (mut place, mut marks, mut words, mut open) = (at, 0, 0, true);
    let mut worded = false;
    std::iter::from_fn(move || {
        if !open || tokens.get(place).is_none() {
            return None;
        }
        let here = (place, worded);
        if is_iso_joint(tokens, place) {
            place += 1;
            return Some(here);
        }
        match tokens.mark(place) {
            Some(mark) => {
                marks += 1;
                let joins = ",.()[]·|@•:-–/'".contains(mark);
                // Range signs between two moments are not looked through, but `Mar 14 – 10:30` is one.
                open = joins && marks <= MARKS;
            }
            None if tokens.is_word(place) => {
                words += 1;
                // `kovo 14 d. (šeštadienis)`: the word still belongs to the date.
                worded |= ![Role::Day, Role::Year]
                    .into_iter()
                    .any(|role| tokens.has_role(place, role));
                open = words <= most_words && is_joining_word(tokens, place);
            }
            None => open = false,
        }
        place += 1;
        Some(here)
    })
}

/// A word that can stand between a date and a time: known, or short and not a name.
pub(super) fn is_joining_word(tokens: &Tokens, at: usize) -> bool {
    if tokens.meaning(at).is_some_and(is_joint_role) {
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

fn is_joint_role(meaning: &Meaning) -> bool {
    [
        Role::Inner,
        Role::BeforeHour,
        Role::Year,
        Role::Day,
        Role::Range,
        Role::Between,
    ]
    .into_iter()
    .any(|role| meaning.is(role))
}

/// The `T` of 2026-05-04T09:00.
fn is_iso_joint(tokens: &Tokens, at: usize) -> bool {
    tokens.is_glued(at)
        && tokens.is_glued(at + 1)
        && tokens.text(at).eq_ignore_ascii_case("t")
        && tokens.digits(at + 1).is_some()
}

/// 20260504T090000Z
fn compact(tokens: &Tokens, at: usize) -> Option<(Date, Clock, usize)> {
    let (value, _) = tokens.digits(at).filter(|&(_, len)| len == 8)?;
    if !is_iso_joint(tokens, at + 1) {
        return None;
    }
    let date = date::partial(
        Some((value / 10_000) as i32),
        (value / 100 % 100) as u32,
        (value % 100) as u32,
    )?;
    let (clock, end) = clock::compact(tokens, at + 2)?;
    let date = Date {
        readings: vec![(DateOrder::Certain, date)],
        weak: false,
        day_last: false,
    };
    Some((date, clock, end))
}

fn span(tokens: &Tokens, parts: Parts, continues: bool) -> Option<Span> {
    let dates: Vec<(DateOrder, Option<PartialDate>)> = match parts.date {
        Some(date) => date
            .readings
            .into_iter()
            .map(|(order, date)| (order, Some(date)))
            .collect(),
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
        value: SpanValue::Moment(Moment {
            readings,
            weekday,
            continues,
        }),
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
    if weekdays.is_power_of_two() {
        return Weekday::try_from(weekdays.trailing_zeros() as u8).ok();
    }
    // A name of two weekdays: the one that the date falls on.
    let date = readings
        .first()
        .and_then(|reading| reading.date.as_ref().and_then(full));
    date.map(|date| date.weekday())
        .filter(|&day| weekdays & weekday_bit(day) != 0)
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
        None => tokens.is_unspaced_word(before),
        Some('#' | '_' | '+' | '=' | '&' | '*' | '%' | '°') => false,
        Some('/' | '-' | '.' | ',' | ':' | '\'') => {
            let joined = before > 0 && tokens.is_glued(before);
            let word = joined && tokens.is_spaced_word(before - 1);
            let digits = joined && tokens.digits(before - 1).is_some();
            let labelled = tokens.mark(before) == Some(':') && word;
            let labelled = labelled || joined && is_prefix(tokens, before - 1);
            let quoted = tokens.mark(before) == Some('\'') && tokens.is_word(at);
            labelled || quoted || !(word || digits)
        }
        Some(_) => !is_sign(tokens, before),
    }
}

/// Hebrew writes prepositions onto the number: ל-12:30
pub(super) fn is_prefix(tokens: &Tokens, at: usize) -> bool {
    let text = tokens.text(at);
    let hebrew = |char: char| ('\u{5D0}'..='\u{5EA}').contains(&char);
    tokens.is_word(at)
        && text.chars().count() <= 2
        && text.chars().all(hebrew)
        && matches!(tokens.glued_mark(at + 1), Some('-' | '–'))
}

/// Nothing is written onto the end that makes the whole part of something longer.
pub(super) fn is_free_behind(tokens: &Tokens, end: usize) -> bool {
    if !tokens.is_glued(end) {
        return true;
    }
    let digits = tokens.glued_digits(end + 1).is_some();
    let letters = tokens.is_glued(end + 1) && tokens.is_spaced_word(end + 1);
    match tokens.mark(end) {
        Some('/') => !digits || is_iso_year(tokens, end + 1),
        Some('.' | ':' | ',') => !digits || tokens.mark(end) == Some(','),
        // Hungarian 14:30-kor
        Some('-') => !letters || tokens.has_role(end + 1, Role::Range) || is_ending(tokens.text(end + 1)),
        Some('_' | '%' | '#' | '°') => false,
        Some(_) => !is_sign(tokens, end),
        None => {
            tokens.is_unspaced_word(end)
                || tokens.is_unspaced_word(end - 1)
                || is_iso_joint(tokens, end)
                || tokens.has_role(end, Role::Year)
        }
    }
}

/// A grammatical ending, as some languages write it onto numbers.
pub(super) fn is_ending(text: &str) -> bool {
    text.chars().count() <= 3 && text.chars().all(char::is_lowercase)
}

/// A weak date that is all there is on the line, or behind its label.
fn stands_alone(tokens: &Tokens, parts: &Parts) -> bool {
    let slashed = parts.date.is_some() && parts.clock.is_none() && parts.is_slashed(tokens);
    let before = parts.start == 0 || tokens.mark(parts.start - 1) == Some(':') || is_far(tokens, parts.start);
    let behind = tokens.get(parts.end).is_none();
    slashed && before && behind && tokens.text(parts.start) != "24"
}
