//! Times of day: `4:00 PM`, `10 h 00`, `14.30 Uhr`, `午後2時半`, noon.

use super::fold::is_unspaced;
use super::lexicon::{Meaning, Role};
use super::money::is_sign;
use super::token::{Gap, Tokens};
use chrono::{FixedOffset, NaiveTime, Timelike};

/// A time of day as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clock {
    pub times: Vec<TimeReading>,
    pub offset: Option<FixedOffset>,
    /// Looks like something else where no date stands beside it: 14.30, 10 in the morning.
    pub weak: bool,
    /// The hour can still be moved by a part of the day that stands behind the other end of a range.
    pub open_hour: bool,
    /// A part of the day was written; the range's other end can share it.
    pub afternoon: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeReading {
    pub time: NaiveTime,
    pub next_day: bool,
}

/// What stands around a time that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Alone,
    /// A date or weekday stands before it.
    Dated,
    /// Written onto a date with `T`: an offset may follow.
    Iso,
}

/// Reads a time that begins at a token; gives it and the first token behind it.
pub(super) fn clock(tokens: &Tokens, at: usize, setting: Setting) -> Option<(Clock, usize)> {
    if let Some(meaning) = tokens.meaning(at) {
        if let Some(hour) = meaning.at {
            return named_hour(tokens, at, hour);
        }
        if meaning.is(Role::BeforeHour) && setting == Setting::Dated {
            return announced_hour(tokens, at);
        }
        if !meaning.periods.is_empty() && stands_before_hour(tokens, at) {
            let digits = at + 1 + usize::from(tokens.is_dotted(at));
            let (hour, minute, end, _) = hour_and_minute(tokens, digits)?;
            return finish(hour, minute, &meaning.periods, false).map(|clock| (clock, end));
        }
        return None;
    }
    let (hour, minute, mut end, mut strength) = match hour_and_minute(tokens, at) {
        Some(found) => found,
        None => bare_hour(tokens, at)?,
    };
    if is_hour_mark(tokens, end) && !tokens.has_role(end - 1, Role::Hour) && strength != Strength::Bare {
        end += 1;
        strength = Strength::Certain;
    }
    if strength == Strength::Dotted && is_announced(tokens, at) {
        strength = Strength::Certain;
    }
    if strength == Strength::Dotted && is_shy_mark(tokens, end - 1) && stands_by_date(tokens, end, setting) {
        strength = Strength::Certain;
    }
    let mut periods: &[(u8, u8)] = &[];
    let about;
    if let Some((meaning, after, certain)) = period_behind(tokens, end, strength) {
        match meaning.at.filter(|_| meaning.periods.is_empty()) {
            Some(noon) if hour == 12 && noon % 12 == 0 => {
                let clock = finish(u32::from(noon), minute, &[], false)?;
                return Some((clock, after));
            }
            Some(_) if strength == Strength::Bare => return None,
            // 11h30 trưa: the hours about noon are called by it. A word farther off is of something else.
            Some(noon) => {
                about = [((noon + 22) % 24, (noon + 2) % 24)];
                if is_within(hour, about[0]) {
                    periods = &about;
                    end = after;
                    strength = Strength::Certain;
                }
            }
            None => {
                periods = &meaning.periods;
                end = after;
                if certain || strength == Strength::Dotted {
                    strength = Strength::Certain;
                }
            }
        }
    }
    if strength == Strength::Bare && periods.is_empty() {
        return None;
    }
    let weak = strength != Strength::Certain;
    let mut clock = finish(hour, minute, periods, weak)?;
    let seconds = seconds(tokens, at);
    if let Some((seconds, _)) = seconds {
        set_seconds(&mut clock, seconds);
    }
    if setting == Setting::Iso || seconds.is_some_and(|(_, after)| after == end) {
        if let Some((offset, after)) = offset(tokens, end, setting) {
            clock.offset = Some(offset);
            end = after;
        }
    } else if let Some((offset, after)) = named_zone(tokens, end) {
        clock.offset = Some(offset);
        end = after;
    }
    Some((clock, end))
}

/// Whether a time begins here that looks like nothing else: announced, or with its mark behind it.
pub(super) fn is_certain(tokens: &Tokens, at: usize) -> bool {
    clock(tokens, at, Setting::Alone).is_some_and(|(clock, _)| !clock.weak)
}

/// The first hour of a range whose last hour alone says what it is: `9 – 10 Uhr`, `9.30-11am`.
pub(super) fn open_hour(tokens: &Tokens, at: usize) -> Option<(Clock, usize)> {
    if let Some((hour, minute, end, Strength::Dotted)) = hour_and_minute(tokens, at) {
        return finish(hour, minute, &[], true).map(|clock| (clock, end));
    }
    let hour = tokens.small(at).filter(|&hour| hour <= 24)?;
    finish(hour, 0, &[], true).map(|clock| (clock, at + 1))
}

/// The two hours of a span that says neither `am` nor `pm`: 8-10, 11-1, between 10 and noon. A visit begins by day, and its
/// end is the next hour of that name; at 6 or 7 a day and an evening begin alike, and neither is chosen.
pub(super) fn span_by_day(tokens: &Tokens, first: usize, last: usize) -> Option<(Clock, Clock, usize)> {
    const NOON: u32 = 12;
    let bare = |at: usize| {
        let hour = tokens.small(at).filter(|hour| (1..=NOON).contains(hour))?;
        (!tokens.text(at).starts_with('0')).then_some(hour)
    };
    let named = tokens.meaning(last).and_then(|meaning| meaning.at);
    let noon = named == Some(NOON as u8) && tokens.text(last).chars().count() > 3;
    let hour = bare(first)?;
    let (start, end) = if noon {
        (hour, NOON)
    } else {
        let start = match hour {
            8..=NOON => hour,
            1..=5 => hour + NOON,
            _ => return None,
        };
        let behind = (bare(last)? + NOON - start % NOON) % NOON;
        (start, start + behind)
    };
    if start >= end || end >= 2 * NOON {
        return None;
    }
    let clock = |hour| {
        let clock = finish(hour, 0, &[], false)?;
        Some(Clock {
            open_hour: false,
            ..clock
        })
    };
    Some((clock(start)?, clock(end)?, last + 1))
}

/// Whether what stands behind a small number makes it an hour: `:30`, `.30`, h, am.
pub(super) fn takes_hour(tokens: &Tokens, at: usize) -> bool {
    let is_minute = tokens.glued_digits(at + 1).is_some_and(|(_, len)| len == 2);
    let minute = is_minute && (matches!(tokens.glued_mark(at), Some(':' | '.')) || is_shy_mark(tokens, at));
    minute || is_hour_mark(tokens, at) || is_half_name(tokens.text(at)) && !is_far(tokens, at)
}

/// Reads the digits of ISO's compact form: 0900, 090000.
pub(super) fn compact(tokens: &Tokens, at: usize) -> Option<(Clock, usize)> {
    let (value, len) = tokens.digits(at)?;
    let (hour, minute) = match len {
        4 => (value / 100, value % 100),
        6 => (value / 10_000, value / 100 % 100),
        _ => return None,
    };
    let mut clock = finish(hour as u32, minute as u32, &[], false)?;
    if len == 6 {
        set_seconds(&mut clock, (value % 100) as u32);
    }
    let mut end = at + 1;
    if let Some((offset, after)) = offset(tokens, end, Setting::Iso) {
        clock.offset = Some(offset);
        end = after;
    }
    Some((clock, end))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// A number alone: no time until a part of the day says so.
    Bare,
    /// 14.30, which is an amount as well.
    Dotted,
    Certain,
}

/// Hour, minute, the token behind, and how sure it is that this is a time.
fn hour_and_minute(tokens: &Tokens, at: usize) -> Option<(u32, u32, usize, Strength)> {
    let (value, len) = tokens.digits(at)?;
    if len == 4
        && tokens.has_role(at + 1, Role::Hour)
        && !is_far(tokens, at + 1)
        && value % 100 < 60
        && value <= 2400
    {
        return Some((
            (value / 100) as u32,
            (value % 100) as u32,
            at + 2,
            Strength::Dotted,
        ));
    }
    let hour = tokens.small(at).filter(|&hour| hour <= 24)?;
    let glued_minute = tokens.digits(at + 2).filter(|&(minute, len)| {
        len == 2 && minute < 60 && tokens.is_glued(at + 1) && tokens.is_glued(at + 2)
    });
    match (tokens.mark(at + 1), glued_minute) {
        (Some(':'), Some((minute, _))) => {
            let end = seconds(tokens, at).map_or(at + 3, |(_, end)| end);
            return Some((hour, minute as u32, end, Strength::Certain));
        }
        (Some('.'), Some((minute, _))) => return Some((hour, minute as u32, at + 3, Strength::Dotted)),
        _ => {}
    }
    let is_shy = is_shy_mark(tokens, at + 1);
    if !is_hour_mark(tokens, at + 1) && !is_shy {
        return None;
    }
    let (minute, end) = if is_shy && !tokens.is_glued(at + 2) {
        (0, at + 2)
    } else {
        minute_behind(tokens, at + 2)
    };
    // 24 h is a day's length, and 14 g a weight.
    let strength = if hour == 24 && minute == 0 || is_shy && end == at + 2 {
        Strength::Dotted
    } else {
        Strength::Certain
    };
    Some((hour, minute, end, strength))
}

/// `h`, `Uhr`, 時, but not 時間, a length of time, nor what counts minutes in most languages, as `20 min` does. A letter other
/// than h is a word where it stands apart.
fn is_hour_mark(tokens: &Tokens, at: usize) -> bool {
    let letter = tokens.text(at).len() == 1 && !tokens.text(at).eq_ignore_ascii_case("h");
    tokens.has_role(at, Role::Hour)
        && !tokens.has_role(at, Role::Minute)
        && !is_far(tokens, at)
        && (!letter || tokens.is_glued(at))
        && !tokens.has_role(at + 1, Role::Duration)
}

/// A letter that stands for the hour in one language and for something else in most: 14g00. It is written on to its hour.
fn is_shy_mark(tokens: &Tokens, at: usize) -> bool {
    tokens.has_role(at, Role::ShyHour) && tokens.is_glued(at) && at > 0 && tokens.digits(at - 1).is_some()
}

/// Whether a date stands right before or behind what looks like something else without it: 14g 8/4.
fn stands_by_date(tokens: &Tokens, end: usize, setting: Setting) -> bool {
    setting != Setting::Alone || !is_far(tokens, end) && super::date::date(tokens, end).is_some()
}

/// 10 h *00*, 14時*30分*, 2時*半*.
fn minute_behind(tokens: &Tokens, at: usize) -> (u32, usize) {
    if tokens.has_role(at, Role::HalfHour) && tokens.is_glued(at) {
        return (30, at + 1);
    }
    let Some((minute, len)) = tokens
        .digits(at)
        .filter(|&(minute, len)| len <= 2 && minute < 60 && !is_far(tokens, at))
    else {
        return (0, at);
    };
    if tokens.has_role(at + 1, Role::Minute) && !is_far(tokens, at + 1) {
        let mut end = at + 2;
        if tokens.small(end).is_some() && tokens.text(end + 1).chars().next().is_some_and(is_unspaced) {
            end += 2; // 05秒
        }
        return (minute as u32, end);
    }
    let joined = tokens.is_glued(at + 1)
        && (tokens.is_word(at + 1) || matches!(tokens.mark(at + 1), Some('.' | '/' | ':')))
        && (tokens.digits(at + 2).is_some() || tokens.is_spaced_word(at + 1));
    let dated = super::date::is_day_of_month(tokens, at);
    if len == 2 && !joined && !dated && !is_sign(tokens, at + 1) {
        (minute as u32, at + 1)
    } else {
        (0, at)
    }
}

/// 10:30:*45*
fn seconds(tokens: &Tokens, at: usize) -> Option<(u32, usize)> {
    if tokens.mark(at + 1) != Some(':') {
        return None;
    }
    let at = at + 3;
    let (seconds, len) = tokens.digits(at + 1)?;
    let glued = tokens.mark(at) == Some(':') && tokens.is_glued(at) && tokens.is_glued(at + 1);
    if !glued || len != 2 || seconds > 60 {
        return None;
    }
    let fraction = matches!(tokens.mark(at + 2), Some('.' | ','))
        && tokens.is_glued(at + 2)
        && tokens.is_glued(at + 3)
        && tokens.digits(at + 3).is_some();
    Some((seconds as u32, at + if fraction { 4 } else { 2 }))
}

/// A leap second counts as the one before.
fn set_seconds(clock: &mut Clock, seconds: u32) {
    for reading in &mut clock.times {
        reading.time = reading.time.with_second(seconds.min(59)).unwrap_or(reading.time);
    }
}

/// An hour alone, which only a part of the day behind it makes a time.
fn bare_hour(tokens: &Tokens, at: usize) -> Option<(u32, u32, usize, Strength)> {
    let hour = tokens.small(at).filter(|hour| (1..=12).contains(hour))?;
    Some((hour, 0, at + 1, Strength::Bare))
}

/// `kl. 14` behind a date.
fn announced_hour(tokens: &Tokens, at: usize) -> Option<(Clock, usize)> {
    let digits = at + 1 + usize::from(tokens.is_dotted(at));
    if let Some((mut clock, end)) = clock(tokens, digits, Setting::Dated) {
        clock.weak = false;
        return Some((clock, end));
    }
    // Italian ore 14,30
    let minute = tokens
        .digits(digits + 2)
        .filter(|&(minute, len)| len == 2 && minute < 60 && tokens.mark(digits + 1) == Some(','))
        .filter(|_| tokens.is_glued(digits + 1) && tokens.is_glued(digits + 2));
    if let Some((minute, _)) = minute {
        let hour = tokens.small(digits).filter(|&hour| hour < 24)?;
        return finish(hour, minute as u32, &[], false).map(|clock| (clock, digits + 3));
    }
    // Norwegian kl 1430
    let joined = tokens
        .digits(digits)
        .filter(|&(value, len)| len == 4 && value < 2400 && value % 100 < 60);
    let (hour, minute) = match joined {
        Some((value, _)) => ((value / 100) as u32, (value % 100) as u32),
        None => (tokens.small(digits).filter(|&hour| hour <= 24)?, 0),
    };
    if is_sign(tokens, digits + 1) || tokens.is_glued(digits + 1) && tokens.is_spaced_word(digits + 1) {
        return None;
    }
    finish(hour, minute, &[], false).map(|clock| (clock, digits + 1))
}

/// A word that announces an hour stands before it: kl. 14.30
pub(super) fn is_announced(tokens: &Tokens, at: usize) -> bool {
    let word = at.checked_sub(if tokens.mark(at.wrapping_sub(1)) == Some('.') {
        2
    } else {
        1
    });
    word.is_some_and(|word| tokens.has_role(word, Role::BeforeHour))
}

fn named_hour(tokens: &Tokens, at: usize, hour: u8) -> Option<(Clock, usize)> {
    let letters = tokens.text(at).chars().count();
    let latin = tokens.text(at).is_ascii();
    let mut clock = finish(u32::from(hour), 0, &[], letters < if latin { 4 } else { 2 })?;
    clock.open_hour = false;
    Some((clock, at + 1))
}

/// 午後2時, du. 2:30, PM 2:30: in Latin letters only with a dot or in capitals, since `du` and `de` are words.
fn stands_before_hour(tokens: &Tokens, at: usize) -> bool {
    let text = tokens.text(at);
    let latin = text.chars().next().is_some_and(is_latin);
    let digits = at + 1 + usize::from(tokens.is_dotted(at));
    tokens.digits(digits).is_some()
        && !is_far(tokens, digits)
        && (!latin || tokens.is_dotted(at) || (text.len() == 2 && is_upper(text)))
}

/// A part of the day behind the hour, the token behind it, and whether it makes a bare hour a time.
fn period_behind(tokens: &Tokens, at: usize, strength: Strength) -> Option<(&'static Meaning, usize, bool)> {
    let is_letter = match strength {
        // By itself 12a is a house or a seat, and 4p a table for four.
        Strength::Bare => is_half_letter(tokens, at) && is_lettered(tokens, at),
        _ => tokens.is_glued(at) && matches!(tokens.text(at), "a" | "p" | "A" | "P"),
    };
    if is_letter {
        let name = if tokens.text(at).eq_ignore_ascii_case("a") {
            "am"
        } else {
            "pm"
        };
        return Some((super::lexicon::lexicon().word(name)?, at + 1, true));
    }
    let meaning = tokens.meaning(at)?;
    if is_far(tokens, at) || (meaning.periods.is_empty() && meaning.at.is_none()) {
        return None;
    }
    let text = tokens.text(at);
    let dotted = tokens.is_dotted(at);
    let letters = text.chars().filter(|char| char.is_alphabetic()).count();
    let half = is_half_name(text);
    let phrase = text.contains(char::is_whitespace) || text.contains('-');
    let latin = text.chars().next().is_some_and(is_latin);
    // `sera`, `este`, `du` are parts of the day in one language and other words in the next.
    let trusted = half
        || meaning.at.is_some()
        || phrase
        || !latin
        || letters >= 6
        || (strength != Strength::Bare && (letters >= 5 || is_period_alone(text)))
        || (letters <= 4 && (dotted || (letters == 2 && is_upper(text))));
    if !trusted {
        return None;
    }
    // 10 am 5. Mai: German for "on". Nobody writes that onto the number, nor has it a range's word behind it.
    let may_be_on = text == "am" && !tokens.is_glued(at) && !tokens.has_role(at + 1, Role::Range);
    if half && may_be_on && strength == Strength::Bare && next_is_date(tokens, at + 1) {
        return None;
    }
    let end = at + 1 + usize::from(dotted && letters <= 5 && !text.ends_with('.'));
    Some((meaning, end, half))
}

/// The `a` of 9a, with nothing written on to it.
fn is_half_letter(tokens: &Tokens, at: usize) -> bool {
    let ends = !tokens.is_glued(at + 1) || !tokens.is_word(at + 1) && tokens.digits(at + 1).is_none();
    tokens.is_glued(at) && matches!(tokens.text(at), "a" | "p") && ends
}

/// Whether the line writes other hours with such a letter: a time with minutes anywhere in it, or the other end of 9a-5p.
fn is_lettered(tokens: &Tokens, at: usize) -> bool {
    let has_minutes = |letter: usize| {
        letter >= 3
            && is_half_letter(tokens, letter)
            && tokens.mark(letter - 2) == Some(':')
            && tokens.is_glued(letter - 2)
            && tokens
                .digits(letter - 1)
                .is_some_and(|(minute, len)| len == 2 && minute < 60)
            && tokens.is_glued(letter - 1)
            && tokens.small(letter - 3).is_some()
    };
    let is_pair = |first: usize| {
        let last = first + 3;
        is_half_letter(tokens, first)
            && is_half_letter(tokens, last)
            && matches!(tokens.mark(first + 1), Some('-' | '–' | '—'))
            && tokens.small(last - 1).is_some()
            && (tokens.text(first), tokens.text(last)) == ("a", "p")
    };
    is_pair(at) || at.checked_sub(3).is_some_and(is_pair) || (0..tokens.all.len()).any(has_minutes)
}

/// Letters that make no common word in another language: `chiều`, `ptg`.
fn is_period_alone(text: &str) -> bool {
    let letters = text.chars().count();
    let vowel = |char: char| "aeiouy".contains(char.to_ascii_lowercase());
    letters >= 3 && (!text.is_ascii() || letters == 3 && !text.chars().any(vowel))
}

/// `am`, `p.m.`
fn is_half_name(text: &str) -> bool {
    let letters = || text.chars().filter(|char| char.is_alphabetic());
    let is = |name: &str| letters().map(|char| char.to_ascii_lowercase()).eq(name.chars());
    is("am") || is("pm")
}

fn next_is_date(tokens: &Tokens, at: usize) -> bool {
    tokens.digits(at).is_some() && tokens.mark(at + 1) == Some('.')
        || tokens.meaning(at).is_some_and(|meaning| meaning.weekdays != 0)
}

/// Puts the hour where the part of the day wants it; there are several readings where languages differ.
fn finish(hour: u32, minute: u32, periods: &[(u8, u8)], weak: bool) -> Option<Clock> {
    let mut hours: Vec<u32> = Vec::new();
    let mut nearest = u32::MAX;
    for &(from, before) in periods {
        let (distance, placed) = match hour {
            13.. => (0, hour),
            _ => place(hour % 12, u32::from(from), u32::from(before)),
        };
        if distance < nearest {
            hours.clear();
            nearest = distance;
        }
        if distance == nearest && !hours.contains(&placed) {
            hours.push(placed);
        }
    }
    let afternoon = hours
        .first()
        .filter(|_| hours.len() == 1 && hour <= 12)
        .map(|&hour| hour >= 12);
    if hours.is_empty() {
        hours.push(hour);
    }
    let times = hours
        .into_iter()
        .map(|hour| match hour {
            24 if minute == 0 => Some(TimeReading {
                time: NaiveTime::MIN,
                next_day: true,
            }),
            _ => Some(TimeReading {
                time: NaiveTime::from_hms_opt(hour, minute, 0)?,
                next_day: false,
            }),
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Clock {
        open_hour: periods.is_empty() && (1..=12).contains(&hour),
        times,
        offset: None,
        weak,
        afternoon,
    })
}

/// The one of `hour` and `hour + 12` that lies in the part of the day, or nearest to it; and how near.
fn place(hour: u32, from: u32, before: u32) -> (u32, u32) {
    let length = (before + 24 - from - 1) % 24 + 1;
    let distance = |hour: u32| {
        let behind_start = (hour + 24 - from) % 24;
        if behind_start < length {
            0
        } else {
            (behind_start - length + 1).min(24 - behind_start)
        }
    };
    (distance(hour), hour).min((distance(hour + 12), hour + 12))
}

/// Whether an hour, or the same of the other half of the day, lies in a part of the day.
fn is_within(hour: u32, (from, before): (u8, u8)) -> bool {
    let (from, before) = (u32::from(from), u32::from(before));
    let is_later = |hour: u32| (hour + 24 - from) % 24 < (before + 24 - from) % 24;
    is_later(hour) || hour < 12 && is_later(hour + 12)
}

/// Moves an open first hour of a range to the half of the day that its last hour states: 9–11am, 10–2pm.
pub(super) fn close_hour(first: &mut Clock, last: &Clock) {
    let (Some(afternoon), Some(end)) = (last.afternoon, last.times.first()) else {
        return;
    };
    if !first.open_hour {
        return;
    }
    for reading in &mut first.times {
        let halves = [0, 12].map(|half| move_to(reading.time, half));
        let same = halves[usize::from(afternoon)];
        let other = halves[usize::from(!afternoon)];
        reading.time = if same <= end.time { same } else { other };
    }
}

/// Gives the last hour of a range the half of the day that stands before the first: 午後2時〜4時, 9pm–12.
pub(super) fn carry_half(first: &Clock, last: &mut Clock) {
    let (Some(true), Some(start)) = (first.afternoon, first.times.first()) else {
        return;
    };
    if last.open_hour
        && last
            .times
            .iter()
            .all(|reading| reading.time < start.time && !reading.next_day)
    {
        for reading in &mut last.times {
            let later = move_to(reading.time, 12);
            if later > start.time {
                reading.time = later;
            } else if reading.time.hour() == 12 && reading.time.minute() == 0 {
                // 晚上9点到12点: the next twelve o'clock is midnight.
                *reading = TimeReading {
                    time: NaiveTime::MIN,
                    next_day: true,
                };
            }
        }
    }
}

fn move_to(time: NaiveTime, half: u32) -> NaiveTime {
    time.with_hour(time.hour() % 12 + half).unwrap_or(time)
}

/// `Z`, `-07:00`, `+0200`, behind ISO's time or behind seconds.
fn offset(tokens: &Tokens, at: usize, setting: Setting) -> Option<(FixedOffset, usize)> {
    if tokens.is_glued(at) && tokens.text(at).eq_ignore_ascii_case("z") {
        return Some((FixedOffset::east_opt(0)?, at + 1));
    }
    let signed = matches!(tokens.mark(at), Some('+' | '-'))
        && tokens.is_glued(at + 1)
        && (tokens.is_glued(at)
            || (setting != Setting::Iso && tokens.digits(at + 1).is_some_and(|(_, len)| len == 4)));
    if signed {
        return signed_offset(tokens, at);
    }
    named_zone(tokens, at)
}

fn signed_offset(tokens: &Tokens, at: usize) -> Option<(FixedOffset, usize)> {
    let sign = if tokens.mark(at)? == '-' { -1 } else { 1 };
    let (value, len) = tokens.digits(at + 1)?;
    let minutes = tokens.digits(at + 3).filter(|&(_, len)| {
        len == 2 && tokens.mark(at + 2) == Some(':') && tokens.is_glued(at + 2) && tokens.is_glued(at + 3)
    });
    let (hours, minutes, end) = match (len, minutes) {
        (1 | 2, Some((minutes, _))) => (value, minutes, at + 4),
        (1 | 2, None) => (value, 0, at + 2),
        (4, _) => (value / 100, value % 100, at + 2),
        _ => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    Some((
        FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60) as i32)?,
        end,
    ))
}

/// `UTC`, `(GMT+1)`
fn named_zone(tokens: &Tokens, at: usize) -> Option<(FixedOffset, usize)> {
    let inner = at + usize::from(tokens.mark(at) == Some('('));
    if !tokens.has_role(inner, Role::Zone) || is_far(tokens, at) {
        return None;
    }
    let signed = matches!(tokens.mark(inner + 1), Some('+' | '-'))
        && tokens.is_glued(inner + 1)
        && tokens.is_glued(inner + 2);
    let (offset, mut end) = if signed {
        signed_offset(tokens, inner + 1)?
    } else {
        (FixedOffset::east_opt(0)?, inner + 1)
    };
    if inner > at {
        if tokens.mark(end) != Some(')') {
            return None;
        }
        end += 1;
    }
    Some((offset, end))
}

/// More than one space away.
pub(super) fn is_far(tokens: &Tokens, at: usize) -> bool {
    tokens.get(at).is_none_or(|token| token.gap == Gap::Wide)
}

pub(super) fn is_latin(char: char) -> bool {
    char.is_ascii_alphabetic() || matches!(char, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')
}

fn is_upper(text: &str) -> bool {
    text.chars().all(char::is_uppercase)
}
