//! Ranges: the two ends of a stay or a visit, where each leaves out what the other one says.

use super::clock::{self, Setting};
use super::date::{self, Date};
use super::lexicon::{Meaning, Role};
use super::moment::{Parts, add_parts_behind, hour_parts, is_free_behind, is_joining_word, joints, parts};
use super::money::is_sign;
use super::token::Tokens;
use super::{DateOrder, PartialDate};

/// Reads a range whose first end begins at a token, where `first` is the moment found there.
pub(super) fn range(tokens: &Tokens, at: usize, first: Option<&Parts>) -> Option<(Parts, Parts)> {
    // 9.30-17.00 Uhr and 7-9 PM are hours before they are days.
    let doubtful =
        first.filter(|first| first.weekdays == 0 && first.date.as_ref().is_some_and(|date| date.weak));
    let (mut first, mut last) = first
        .and_then(|first| closed_range(tokens, first))
        .or_else(|| open_range(tokens, at, first))
        .or_else(|| doubtful.and_then(|_| open_range(tokens, at, None)))?;
    complete(&mut first, &mut last);
    Some((first, last))
}

/// The first end is a moment by itself.
fn closed_range(tokens: &Tokens, first: &Parts) -> Option<(Parts, Parts)> {
    let (place, sure) = range_joint(tokens, first.end)?;
    let last = parts(tokens, place).map(|last| hours_sooner(tokens, first, last));
    let last = last
        .filter(|last| sure || last.date.is_none() && last.weekdays == 0)
        .filter(|last| is_pair(tokens, first, last))
        .or_else(|| announced_hour(tokens, first, place).filter(|_| sure))
        .or_else(|| last_day(tokens, first, place).filter(|_| sure))?;
    Some((first.clone(), last))
}

/// 10.00 – 12.30: what stands behind a time and may be a date or a time is a time.
fn hours_sooner(tokens: &Tokens, first: &Parts, last: Parts) -> Parts {
    let doubtful = last.clock.is_none() && last.date.as_ref().is_some_and(|date| date.weak);
    let hours = (doubtful && first.clock.is_some()).then(|| hour_parts(tokens, last.start));
    hours.flatten().unwrap_or(last)
}

/// Both say a date or both say a time, and not both of them in a doubtful way.
fn is_pair(tokens: &Tokens, first: &Parts, last: &Parts) -> bool {
    let timed = first.clock.is_some() && last.clock.is_some();
    let dated = first.date.is_some() && last.date.is_some();
    let slashed = dated && !timed && first.is_slashed(tokens);
    (timed || dated) && (slashed || !first.is_weak() || !last.is_weak())
}

/// `kl. 9-11`: what announces the first hour announces the last.
fn announced_hour(tokens: &Tokens, first: &Parts, at: usize) -> Option<Parts> {
    let announced = (first.start..first.end).any(|at| tokens.has_role(at, Role::BeforeHour));
    let (clock, end) = clock::open_hour(tokens, at).filter(|_| announced && first.clock.is_some())?;
    let free = is_free_behind(tokens, end) && !is_sign(tokens, end);
    free.then(|| Parts {
        start: at,
        end,
        clock: Some(clock),
        ..Parts::default()
    })
}

/// Mar 3-*5, 2026*: a day alone behind a month-first date.
fn last_day(tokens: &Tokens, first: &Parts, at: usize) -> Option<Parts> {
    let date = first
        .date
        .as_ref()
        .filter(|date| date.day_last && first.clock.is_none())?;
    let (day, year, end) = date::last_day(tokens, at).filter(|&(_, _, end)| is_free_behind(tokens, end))?;
    // Mar 3 - 5 guests
    let counts = year.is_none() && tokens.is_spaced_word(end) && !is_joining_word(tokens, end);
    if counts && !tokens.is_glued(at) || is_sign(tokens, end) {
        return None;
    }
    let readings = date.readings.iter();
    let readings = readings
        .filter_map(|(order, first)| Some((*order, date::partial(year.or(first.year), first.month, day)?)));
    let date = date_of(readings.collect())?;
    let mut last = Parts {
        start: at,
        end,
        date: Some(date),
        ..Parts::default()
    };
    add_parts_behind(tokens, &mut last);
    Some(last)
}

/// The first end is a number that only the last end explains: 9 – 10 Uhr, 3 to 5 March, du 26 au 28/03.
fn open_range(tokens: &Tokens, at: usize, first: Option<&Parts>) -> Option<(Parts, Parts)> {
    let first = match first {
        // 26/03 9 – 10 Uhr
        Some(first) if first.clock.is_none() => first.clone(),
        Some(_) => return None,
        // Sat 14 – Mon 16 March
        None => Parts {
            start: at,
            end: at,
            weekdays: leading_weekday(tokens, at),
            ..Parts::default()
        },
    };
    let mut places = joints(
        tokens,
        first.end + usize::from(first.end == at && first.weekdays != 0),
        &first,
    );
    let (number, _) = places.find(|&(place, _)| tokens.digits(place).is_some())?;
    tokens.small(number)?;
    if first.end == at && first.weekdays == 0 && number > at {
        return None;
    }
    open_days(tokens, &first, number)
        .or_else(|| open_hours(tokens, first.clone(), number))
        .or_else(|| hours_by_day(tokens, first, number))
}

/// Both ends are bare hours, which only what stands around them says: `March 5, 8-10`, `tomorrow between 1 and 3`.
fn hours_by_day(tokens: &Tokens, mut first: Parts, at: usize) -> Option<(Parts, Parts)> {
    let is_article = |at: usize| {
        tokens.digits(at).is_none() && is_lower_word(tokens, at) && tokens.digits(at + 1).is_some()
    };
    let mut opening = at;
    if opening > 0 && is_article(opening - 1) && !tokens.has_role(opening - 1, Role::Between) {
        opening -= 1;
    }
    let between = opening > 0 && tokens.has_role(opening - 1, Role::Between);
    let opening = if between { opening - 1 } else { at };
    let joint = range_joint(tokens, at + 1).filter(|&(_, sure)| sure);
    // das 9 *às* 11
    let announced = || (between && tokens.has_role(at + 1, Role::BeforeHour)).then_some((at + 2, true));
    let (place, _) = joint.or_else(announced)?;
    let signed = tokens.mark(place - 1).is_some();
    // entre las 9 y *las* 11
    let place = place + usize::from(is_article(place));
    let (start, clock, end) = clock::span_by_day(tokens, at, place)?;
    let named = tokens.small(place).is_none();
    let continued = matches!(tokens.glued_mark(end), Some('-' | '–' | '/' | '.' | ':' | ','))
        && tokens.glued_digits(end + 1).is_some();
    if !(between || signed)
        || continued
        || !is_free_behind(tokens, end)
        || is_sign(tokens, end)
        || counts(tokens, end, between)
    {
        return None;
    }
    let mut last = Parts {
        start: place,
        end,
        clock: Some(clock),
        ..Parts::default()
    };
    let before = opening.checked_sub(1);
    let told = first.date.is_some() && !first.is_weak()
        || named && between
        || before.is_some_and(|before| {
            let comma = usize::from(tokens.mark(before) == Some(','));
            before >= comma && tokens.has_role(before - comma, Role::NamedDay)
        });
    if first.date.is_none() {
        add_parts_behind(tokens, &mut last);
    }
    if !told {
        let begins = before
            .is_none_or(|before| matches!(tokens.mark(before), Some(',' | ';' | ':' | '(' | '·' | '|')));
        let worded = tokens.is_word(end);
        if last.date.is_none() || last.is_weak() || !(between || begins && worded) {
            return None;
        }
    }
    first.clock = Some(start);
    first.end = at + 1;
    Some((first, last))
}

/// Whether the word behind two numbers may be what they count: 2-4 people.
fn counts(tokens: &Tokens, at: usize, between: bool) -> bool {
    let has = |role| tokens.has_role(at, role);
    let joins = [Role::With, Role::Range, Role::Inner, Role::BeforeHour]
        .into_iter()
        .any(has);
    let measures = [Role::Duration, Role::Hour, Role::Minute, Role::Day]
        .into_iter()
        .any(has);
    let short = tokens.text(at).chars().count() <= 2;
    tokens.is_word(at) && !joins && (measures || !between && !short)
}

/// A weekday by which a range may begin; two letters need their dot.
fn leading_weekday(tokens: &Tokens, at: usize) -> u8 {
    let short = tokens.is_spaced_word(at) && tokens.text(at).chars().count() < 3 && !tokens.is_dotted(at);
    tokens
        .meaning(at)
        .filter(|_| !short)
        .map_or(0, |meaning| meaning.weekdays)
}

fn open_hours(tokens: &Tokens, mut first: Parts, at: usize) -> Option<(Parts, Parts)> {
    let (clock, end) = clock::open_hour(tokens, at)?;
    let (place, _) = range_joint(tokens, end).filter(|&(_, sure)| sure)?;
    let last = parts(tokens, place)?;
    let explains = tokens.small(place).is_some()
        && last.clock.as_ref().is_some_and(|clock| !clock.weak)
        && starts_with_clock(tokens, place);
    // 3 – 10:30 is no range of hours; 9.30 – 10:30 is, and so is `from 9 to 10:30`.
    let opened = at > 0 && is_lower_word(tokens, at - 1) && is_lower_word(tokens, end);
    let alike = tokens.mark(place + 1) != Some(':') || end > at + 1 || opened;
    first.clock = Some(clock);
    first.end = end;
    (explains && alike).then_some((first, last))
}

fn open_days(tokens: &Tokens, first: &Parts, at: usize) -> Option<(Parts, Parts)> {
    // 6am to Sat 18th April
    let is_hour = |at: usize| {
        let is_period = |meaning: &Meaning| !meaning.periods.is_empty() && !meaning.is(Role::Range);
        tokens.meaning(at).is_some_and(is_period)
    };
    let (day, end) = date::open_day(tokens, at).filter(|(_, end)| first.date.is_none() && !is_hour(*end))?;
    let (place, _) = range_joint(tokens, end).filter(|&(_, sure)| sure)?;
    let last = parts(tokens, place)?;
    let date = last.date.as_ref().filter(|date| !date.day_last)?;
    let year_leads = tokens.digits(place).is_some_and(|(_, len)| len == 4);
    let doubtful = date.weak && !tokens.is_glued(place) && last.weekdays == 0;
    if year_leads || doubtful || last.clock.is_some() && starts_with_clock(tokens, place) {
        return None;
    }
    let readings = date.readings.iter();
    let readings = readings
        .filter(|(order, _)| matches!(order, DateOrder::Certain | DateOrder::DayMonth))
        .filter_map(|(order, date)| Some((*order, date::partial(date.year, date.month, day)?)));
    let date = date_of(readings.collect())?;
    Some((
        Parts {
            end,
            date: Some(date),
            ..first.clone()
        },
        last,
    ))
}

fn date_of(readings: Vec<(DateOrder, PartialDate)>) -> Option<Date> {
    let day_last = false;
    (!readings.is_empty()).then_some(Date {
        readings,
        weak: false,
        day_last,
    })
}

fn is_lower_word(tokens: &Tokens, at: usize) -> bool {
    let text = tokens.text(at);
    tokens.is_word(at) && text.chars().count() <= 5 && !text.chars().any(char::is_uppercase)
}

fn starts_with_clock(tokens: &Tokens, at: usize) -> bool {
    date::date(tokens, at).is_none_or(|(date, _)| date.weak && clock::is_certain(tokens, at))
        && clock::clock(tokens, at, Setting::Alone).is_some()
}

const SIGNS: &str = "-–~～→›»➔⇒➜";

/// A sign or a word that stands between the ends of a range.
pub(super) fn is_range(tokens: &Tokens, at: usize) -> bool {
    tokens.mark(at).is_some_and(|mark| SIGNS.contains(mark)) || tokens.has_role(at, Role::Range)
}

/// Where the last end of a range begins, and whether a range sign or a word for it says so.
fn range_joint(tokens: &Tokens, at: usize) -> Option<(usize, bool)> {
    let mark = tokens.mark(at);
    // ISO's 2026-03-14/2026-03-16
    if tokens.glued_mark(at) == Some('/') && is_iso_year(tokens, at + 1) {
        return Some((at + 1, true));
    }
    if mark.is_some_and(|mark| SIGNS.contains(mark)) {
        let doubled = matches!(tokens.glued_mark(at + 1), Some('-' | '>'));
        return Some((at + 1 + usize::from(doubled), true));
    }
    let short = |at: usize| is_lower_word(tokens, at);
    // One comma or short word may stand before it: `, bis`, `fino al`.
    let word = [at, at + 1]
        .into_iter()
        .find(|&word| tokens.has_role(word, Role::Range));
    match word {
        Some(word) if word == at || mark == Some(',') || short(at) => {
            Some((word + 1 + usize::from(tokens.is_dotted(word)), true))
        }
        _ => (short(at) && tokens.digits(at + 1).is_some()).then_some((at + 1, false)),
    }
}

/// A year as ISO begins a date with it: `2026-`.
pub(super) fn is_iso_year(tokens: &Tokens, at: usize) -> bool {
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
                let same = end
                    .readings
                    .iter()
                    .find(|(other, _)| other == order)
                    .or(end.readings.first());
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
