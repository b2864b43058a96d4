//! Lengths: how long a booking takes, where a record says that instead of when it ends.
//!
//! A line states a number, or hours with minutes (1 h 30); what the number counts is the business's word beside it,
//! which nothing here knows: a rule says it. The end is reckoned from the start that the same record states.

use super::lex::Found;
use super::value::instant;
use super::{Line, Piece, SlotType, Token, around};
use crate::model::{Claim, FieldName, LengthUnit, Value, When};
use crate::reading::SpanValue;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// A length as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Length {
    /// In hundredths of the unit: 150 is 1.5.
    Number(i64),
    /// Hours with their minutes, in minutes.
    Clock(i64),
}

/// A length in a line: the tokens that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    pub length: Length,
    pub kind: SlotType,
    pub first: usize,
    pub last: usize,
}

/// A number of more digits counts no minutes, days or nights.
const DIGITS_MAX: usize = 4;

/// A unit of more words than this has not been seen; a script without spaces writes each sign as one.
const UNIT_WORDS: usize = 2;

/// Minutes of a day.
const DAY: i64 = 24 * 60;

impl Length {
    /// In minutes, a day as 24 hours; None where it is no whole number of minutes, or of days.
    pub fn minutes(self, unit: LengthUnit) -> Option<i64> {
        let whole = |hundredths: i64| (hundredths % 100 == 0).then_some(hundredths / 100);
        let minutes = match (unit, self) {
            (LengthUnit::Minutes, Self::Number(number)) => whole(number)?,
            (LengthUnit::Hours, Self::Number(number)) => whole(number * 60)?,
            (LengthUnit::Hours, Self::Clock(minutes)) => minutes,
            (LengthUnit::Days | LengthUnit::Nights, Self::Number(number)) => whole(number)? * DAY,
            (_, Self::Clock(_)) => return None,
        };
        (minutes > 0).then_some(minutes)
    }

    /// When what starts then ends, `days` added to the day: -1 where the last day is counted too. Nights give the day
    /// alone: when people leave on it is said elsewhere.
    pub fn end(self, unit: LengthUnit, start: When, days: i8, zone: Tz) -> Option<When> {
        let minutes = self.minutes(unit)?;
        if !unit.is_of_days() {
            let at = start.instant()?;
            if minutes % DAY != 0 {
                return Some(When::Instant(at + TimeDelta::minutes(minutes)));
            }
            // Whole days are counted on the clock, also over the night in which it is changed.
            let local = at.with_timezone(&zone);
            let date = local.date_naive() + TimeDelta::minutes(minutes);
            return instant(date, (local.time(), false), None, zone).map(When::Instant);
        }
        let later = TimeDelta::minutes(minutes) + TimeDelta::days(i64::from(days));
        let date = start.date(zone).checked_add_signed(later)?;
        match (unit, start) {
            (LengthUnit::Days, When::Instant(at)) => {
                let time = at.with_timezone(&zone).time();
                instant(date, (time, false), None, zone).map(When::Instant)
            }
            _ => Some(When::Date(date)),
        }
    }
}

/// All that may be a length in a line. Of ranges (2–3 hours) and of what more is added to (1 hour 30 minutes) nothing:
/// a part of them is another length.
pub fn lengths(line: &Line) -> Vec<Stated> {
    let mut all = Vec::new();
    for (at, found) in &line.spans {
        let stated = match found {
            Found::Read(SpanValue::Number(_)) => number(line, *at),
            Found::Read(SpanValue::Moment(moment)) => match moment.readings.as_slice() {
                [reading]
                    if reading.date.is_none()
                        && moment.weekday.is_none()
                        && !moment.continues
                        && !reading.next_day
                        && !goes_on(line, *at) =>
                {
                    let minutes = reading
                        .time
                        .map(|time| i64::from(time.hour() * 60 + time.minute()));
                    minutes.filter(|minutes| *minutes > 0).map(|minutes| Stated {
                        length: Length::Clock(minutes),
                        kind: SlotType::Moment,
                        first: *at,
                        last: *at,
                    })
                }
                _ => None,
            },
            _ => None,
        };
        all.extend(stated.filter(|stated| !is_added_to(line, stated.last)));
    }
    all
}

/// The words around a length.
pub fn beside(line: &Line, stated: &Stated, above: Option<&Line>) -> (Vec<Piece>, Piece) {
    let (left, _) = around(line, stated.first, above);
    let (_, right) = around(line, stated.last, above);
    (left, right)
}

fn number(line: &Line, at: usize) -> Option<Stated> {
    let digits = |at: usize| digits(line, at);
    let mark = |at: usize| match line.tokens.get(at) {
        Some((Token::Mark(mark), _)) => Some(*mark),
        _ => None,
    };
    let joins = |at: usize| touch(line, at) && matches!(mark(at), Some('.' | ',' | '/' | ':'));
    let spans_to =
        |mark: Option<char>| matches!(mark, Some('-' | '‐' | '‑' | '–' | '—' | '~' | '〜' | '～' | '/'));
    // Not the cents of another number, and neither end of a range.
    let behind = at >= 2
        && digits(at - 2).is_some()
        && (spans_to(mark(at - 1)) || joins(at - 1) && touch(line, at - 2));
    if behind || digits(at + 2).is_some() && spans_to(mark(at + 1)) {
        return None;
    }
    let whole: i64 = digits(at)
        .filter(|digits| digits.len() <= DIGITS_MAX)?
        .parse()
        .ok()?;
    let fraction = digits(at + 2).filter(|_| touch(line, at) && joins(at + 1));
    let (hundredths, last) = match fraction {
        None => (0, at),
        Some(fraction) if matches!(mark(at + 1), Some('.' | ',')) && fraction.len() <= 2 => {
            (format!("{fraction:0<2}").parse().ok()?, at + 2)
        }
        Some(_) => return None,
    };
    Some(Stated {
        length: Length::Number(whole * 100 + hundredths),
        kind: SlotType::Code,
        first: at,
        last,
    })
}

/// The digits of a number that stands at a token.
fn digits(line: &Line, at: usize) -> Option<&str> {
    match line.spans.iter().find(|(span, _)| *span == at) {
        Some((_, Found::Read(SpanValue::Number(digits)))) => Some(digits),
        _ => None,
    }
}

/// Whether a token and the next one stand without a space between them.
fn touch(line: &Line, at: usize) -> bool {
    match (line.tokens.get(at), line.tokens.get(at + 1)) {
        (Some((_, a)), Some((_, b))) => a.end == b.start,
        _ => false,
    }
}

/// Whether a time is the first of a range.
fn goes_on(line: &Line, at: usize) -> bool {
    let next = line.spans.iter().find(|(span, _)| *span > at);
    matches!(next, Some((_, Found::Read(SpanValue::Moment(moment)))) if moment.continues)
}

/// Whether another number stands right behind the length's unit.
fn is_added_to(line: &Line, last: usize) -> bool {
    let behind = line.tokens[last + 1..].iter().map(|(token, _)| token);
    let mut words = 0;
    for token in behind {
        match token {
            Token::Word(_) if words < UNIT_WORDS => words += 1,
            Token::Span(SlotType::Code | SlotType::Amount) => return words > 0,
            _ => return false,
        }
    }
    false
}

/// A length that a rule read: how it is read, where it stands, and the rule's number.
pub(super) struct Told {
    pub length: Length,
    pub unit: LengthUnit,
    pub days: i8,
    pub place: String,
    pub rule: usize,
}

impl Told {
    pub fn end(&self, start: When, zone: Tz) -> Option<When> {
        self.length.end(self.unit, start, self.days, zone)
    }
}

/// The start that a record states, where it states one alone.
pub(super) fn only_start(claims: &[Claim], zone: Tz) -> Option<When> {
    let starts = claims
        .iter()
        .filter(|claim| claim.field == FieldName::StartsAt)
        .filter_map(|claim| match claim.value {
            Value::When(when) => Some(when),
            _ => None,
        });
    let starts: Vec<When> = starts.collect();
    let days: BTreeSet<_> = starts.iter().map(|when| when.date(zone)).collect();
    let times: BTreeSet<DateTime<Utc>> = starts.iter().filter_map(When::instant).collect();
    match (days.len(), times.first(), times.len()) {
        (1, None, _) => Some(When::Date(*days.first()?)),
        (1, Some(at), 1) => Some(When::Instant(*at)),
        _ => None,
    }
}

/// Whether a record's end says all that a reckoned one does.
pub(super) fn says(stated: When, reckoned: When, zone: Tz) -> bool {
    match reckoned {
        When::Instant(_) => stated == reckoned,
        When::Date(date) => stated.date(zone) == date,
    }
}

#[cfg(test)]
mod tests {
    use super::Length;
    use crate::model::{LengthUnit, When};
    use chrono::NaiveDate;
    use chrono_tz::Europe::Berlin;

    /// The end of what starts at ten on the day before the clocks are changed.
    fn end(unit: LengthUnit, count: i64, start: &str) -> String {
        let start = When::Instant(start.parse().expect("a moment"));
        let end = Length::Number(count * 100).end(unit, start, 0, Berlin);
        let at = end.and_then(|end| end.instant()).expect("a time");
        at.with_timezone(&Berlin).format("%d.%m. %H:%M").to_string()
    }

    #[test]
    fn whole_days_end_at_the_same_time_of_day_though_the_clocks_are_changed() {
        let (spring, autumn) = ("2026-03-28T09:00:00Z", "2026-10-24T08:00:00Z");
        assert_eq!(end(LengthUnit::Hours, 24, spring), "29.03. 10:00");
        assert_eq!(end(LengthUnit::Hours, 48, spring), "30.03. 10:00");
        assert_eq!(end(LengthUnit::Days, 1, spring), "29.03. 10:00");
        assert_eq!(end(LengthUnit::Hours, 24, autumn), "25.10. 10:00");
        assert_eq!(end(LengthUnit::Days, 2, autumn), "26.10. 10:00");
    }

    #[test]
    fn hours_that_make_no_whole_day_pass_as_they_are_counted() {
        assert_eq!(end(LengthUnit::Hours, 20, "2026-03-28T09:00:00Z"), "29.03. 07:00");
        assert_eq!(end(LengthUnit::Hours, 20, "2026-10-24T08:00:00Z"), "25.10. 05:00");
    }

    #[test]
    fn nights_end_on_a_day() {
        let start = When::Instant("2026-03-28T23:30:00Z".parse().expect("a moment"));
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).map(When::Date);
        assert_eq!(
            Length::Number(200).end(LengthUnit::Nights, start, 0, Berlin),
            day(31)
        );
    }
}
