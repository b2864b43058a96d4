//! Values out of typed spans, by the one reading that a rule asks for.

use super::lex::Found;
use super::{Line, Part, Reading};
use crate::model::{FieldName, Money};
use crate::reading::{Amount, DateOrder, DecimalMark, Moment, MomentReading, SpanValue, is_word_char};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// A piece of a moment, before date and time are put together.
#[derive(Debug, Default)]
pub(super) struct PartOf {
    pub date: Option<NaiveDate>,
    pub time: Option<(NaiveTime, bool)>,
    pub offset: Option<FixedOffset>,
    pub exact: Option<DateTime<Utc>>,
    /// The day's name, where it stands for the day.
    pub weekday: Option<Weekday>,
    /// It stands behind a range sign: it ends what the moment before it begins.
    pub behind: bool,
}

/// A person's name as the business writes it: the halves in its order, none in capitals. `reversed`: they stand in the
/// other one. Given names come first, or the family's does.
pub(super) fn person(text: &str, reversed: bool, family_first: bool) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !reversed {
        return text;
    }
    let words: Vec<&str> = text.split(' ').collect();
    if family_first {
        // A text of given names and the family's behind them: it moves to the front.
        let last = words.iter().rev().take_while(|word| capital(word)).count();
        let last = if last == 0 || last == words.len() { 1 } else { last };
        let (given, family) = words.split_at(words.len() - last.min(words.len()));
        let family: Vec<String> = family.iter().map(|word| uncapital(word)).collect();
        return format!("{} {}", family.join(" "), given.join(" "))
            .trim()
            .to_owned();
    }
    let last = words.iter().take_while(|word| capital(word)).count();
    let last = if last == 0 || last == words.len() { 1 } else { last };
    let (back, front) = words.split_at(last.min(words.len()));
    let back: Vec<String> = back.iter().map(|word| uncapital(word)).collect();
    format!("{} {}", front.join(" "), back.join(" "))
        .trim()
        .to_owned()
}

/// A word that stands in capitals, as a name is written.
fn uncapital(word: &str) -> String {
    if !capital(&word) {
        return word.to_owned();
    }
    let mut up = true;
    word.to_lowercase()
        .chars()
        .map(|char| {
            let made = if up {
                char.to_uppercase().to_string()
            } else {
                char.to_string()
            };
            up = !is_word_char(char);
            made
        })
        .collect()
}

fn capital(word: &&str) -> bool {
    word.chars().any(char::is_alphabetic) && word.to_uppercase() == **word
}

/// An hour that a rule read in a record that names no day, or none but that of the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hour {
    pub field: FieldName,
    pub time: (NaiveTime, bool),
    pub place: String,
    pub rule: String,
}

/// The day that stands before the end of a range which is a time alone, and the time on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    pub date: NaiveDate,
    time: Option<NaiveTime>,
}

impl Day {
    /// The day of a moment that can be read in one way; no moment leaves the day before it.
    pub fn of(ways: &[Way], before: Option<Self>) -> Option<Self> {
        match ways {
            [] => before,
            [way] => Some(Self {
                date: way.date?,
                time: way.time.map(|(time, _)| time),
            }),
            _ => None,
        }
    }

    /// The day that a rule read.
    pub fn read(part: &PartOf) -> Option<Self> {
        Some(Self {
            date: part.date?,
            time: part.time.map(|(time, _)| time),
        })
    }

    /// The day of a time behind it: a party from seven to two ends on the next day.
    fn of_time(self, time: NaiveTime) -> NaiveDate {
        let next = self.time.is_some_and(|began| time < began);
        self.date + TimeDelta::days(i64::from(next))
    }
}

/// The reading of a moment that a rule asks for. `before`: the day before it, where it is the end of a range.
pub(super) fn read_moment(
    moment: &Moment,
    reading: Reading,
    said_at: Option<DateTime<Utc>>,
    zone: Tz,
    before: Option<Day>,
) -> Option<PartOf> {
    let made = said_at.map(|at| at.with_timezone(&zone).date_naive());
    resolve(moment, said_at)
        .into_iter()
        .filter(|way| agrees(way.order, reading.order))
        .find_map(|way| {
            let date = way.date.or_else(|| Some(before?.of_time(way.time?.0)));
            let date = date
                .map(|date| date + TimeDelta::days(i64::from(reading.days)))
                .or_else(|| reading.after?.day(made?, moment.weekday));
            let part = PartOf {
                weekday: moment.weekday.filter(|_| way.date.is_none()),
                date,
                time: way.time,
                offset: way.offset,
                exact: None,
                behind: moment.continues,
            };
            let fits = match reading.part {
                Part::Whole => part.date.is_some() && part.time.is_some(),
                Part::Date | Part::Written => part.date.is_some(),
                Part::Time => part.time.is_some(),
                Part::FirstWord | Part::LastWord | Part::Beginning | Part::Initials => false,
            };
            fits.then_some(part)
        })
}

/// The time at which each day of a range begins, where hours from and to stand behind the days: 14 Mar - 16 Mar,
/// 13:00-16:00. `at` is the first day's token.
pub(super) fn each_day(line: &Line, at: usize) -> Option<NaiveTime> {
    let behind = line.spans.iter().filter(|(token, _)| *token > at);
    let mut moments = behind.filter_map(|(_, found)| match found {
        Found::Read(SpanValue::Moment(moment)) => Some(moment),
        _ => None,
    });
    let (last_day, until) = (moments.next()?, moments.next()?);
    let is_time = |reading: &MomentReading| reading.date.is_none() && reading.time.is_some();
    match last_day.readings.as_slice() {
        [only] if only.date.is_some() && until.readings.iter().all(is_time) => only.time,
        _ => None,
    }
}

/// A day on which a rule asks for a time, with the time that stands elsewhere.
pub(super) fn on_clock(
    moment: &Moment,
    reading: Reading,
    said_at: Option<DateTime<Utc>>,
    zone: Tz,
    time: NaiveTime,
) -> Option<PartOf> {
    if reading.part != Part::Whole {
        return None;
    }
    let of_day = Reading {
        part: Part::Date,
        ..reading
    };
    let part = read_moment(moment, of_day, said_at, zone, None)?;
    Some(PartOf {
        time: Some((time, false)),
        ..part
    })
}

impl PartOf {
    /// The time of day alone, of an amount that may be one: 18.30
    pub fn time_of(amount: &Amount) -> Option<Self> {
        Some(Self {
            date: None,
            time: Some((amount.time?, false)),
            offset: None,
            exact: None,
            weekday: None,
            behind: false,
        })
    }

    /// What of it is taken, where a slot's rule says what it states.
    pub fn taken(&self, part: Part) -> Part {
        match (part, self.time) {
            (Part::Written, Some(_)) => Part::Whole,
            (Part::Written, None) => Part::Date,
            (part, _) => part,
        }
    }
}

fn agrees(order: DateOrder, wanted: Option<DateOrder>) -> bool {
    matches!(order, DateOrder::Certain | DateOrder::None) || wanted.is_none_or(|wanted| wanted == order)
}

/// One way to read a moment, its year completed.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    pub order: DateOrder,
    pub date: Option<NaiveDate>,
    /// With whether midnight ends the day.
    pub time: Option<(NaiveTime, bool)>,
    pub offset: Option<FixedOffset>,
}

/// Whether a moment names a day, in any of its readings.
pub fn names_day(moment: &Moment) -> bool {
    moment.readings.iter().any(|reading| reading.date.is_some())
}

/// All ways to read a moment. A year that was left out is the one nearest to four months after the
/// record was made: people book ahead, seldom by more than ten months.
pub fn resolve(moment: &Moment, said_at: Option<DateTime<Utc>>) -> Vec<Way> {
    moment
        .readings
        .iter()
        .filter_map(|reading| {
            let date = match reading.date {
                None => None,
                Some(partial) => {
                    let near = match (partial.year, said_at) {
                        (None, None) => return None,
                        (_, said_at) => {
                            said_at.map_or(NaiveDate::MIN, |at| at.date_naive() + TimeDelta::days(120))
                        }
                    };
                    Some(partial.resolve(near, moment.weekday)?)
                }
            };
            let time = reading.time.map(|time| (time, reading.next_day));
            Some(Way {
                order: reading.order,
                date,
                time,
                offset: reading.offset,
            })
        })
        .collect()
}

/// A local date and time as an instant; the earlier of two where the clock is set back, none where the
/// hour does not exist.
pub fn instant(
    date: NaiveDate,
    (time, next_day): (NaiveTime, bool),
    offset: Option<FixedOffset>,
    zone: Tz,
) -> Option<DateTime<Utc>> {
    let date = if next_day { date.succ_opt()? } else { date };
    let local = date.and_time(time);
    match offset {
        Some(offset) => offset
            .from_local_datetime(&local)
            .single()
            .map(|at| at.with_timezone(&Utc)),
        None => zone
            .from_local_datetime(&local)
            .earliest()
            .map(|at| at.with_timezone(&Utc)),
    }
}

/// What an amount may be in minor units, however it may be meant.
pub fn amounts(amount: &Amount, currency: crate::model::Currency) -> impl Iterator<Item = i64> {
    let decimals = [DecimalMark::None, DecimalMark::Point, DecimalMark::Comma];
    decimals.into_iter().filter_map(move |decimal| {
        let reading = Reading {
            decimal: Some(decimal),
            ..Reading::default()
        };
        amount_value(amount, reading, currency).map(|money| money.minor)
    })
}

/// An amount read with a slot's decimal mark.
pub fn amount_value(amount: &Amount, reading: Reading, currency: crate::model::Currency) -> Option<Money> {
    let currency = match &amount.currency {
        Some(code) => crate::model::Currency::parse(code)?,
        None => currency,
    };
    amount
        .readings
        .iter()
        .find(|way| {
            // What can be read in one way alone needs no choice: 472,50 in a slot that held whole units so far.
            amount.readings.len() == 1 || reading.decimal.is_none_or(|wanted| wanted == way.decimal)
        })
        // Whole units carry no mark: 690 beside 472,50.
        .or_else(|| {
            amount
                .readings
                .iter()
                .find(|way| way.decimal == DecimalMark::None)
        })
        .and_then(|way| way.minor(currency.decimals()))
        .map(|minor| Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_name_are_put_in_the_order_of_the_business() {
        assert_eq!(person("KOVÁCS János", true, false), "János Kovács");
        assert_eq!(person("János KOVÁCS", true, true), "Kovács János");
        assert_eq!(person("Anna Mária Kis", true, true), "Kis Anna Mária");
        assert_eq!(person("Kovács  János", false, true), "Kovács János");
    }
}
