//! Reads the content lines of iCalendar (RFC 5545, 3.1): names, parameters, values, moments.
//!
//! A zone's name is handed on as it stands; what it means is the caller's matter, for some files bring
//! their own zones along.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

const DATE_TIME: &str = "%Y%m%dT%H%M%S";
const DATE: &str = "%Y%m%d";

/// `DTSTART;TZID=Asia/Tokyo:20260422T170000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentLine<'l> {
    /// In lower case, as are the parameters' names.
    pub name: String,
    pub parameters: Vec<(String, &'l str)>,
    pub value: &'l str,
}

/// A point in time as far as its line alone tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineMoment {
    Utc(DateTime<Utc>),
    /// On the clock of the zone that the line names, or of whoever reads it.
    Local(NaiveDateTime),
    Day(NaiveDate),
}

impl<'l> ContentLine<'l> {
    /// Reads one unfolded line; None where it has no colon.
    pub fn read(line: &'l str) -> Option<Self> {
        let mut is_quoted = false;
        let colon = line.find(|char| {
            is_quoted ^= char == '"';
            char == ':' && !is_quoted
        })?;
        let (head, value) = (&line[..colon], &line[colon + 1..]);
        let mut is_quoted = false;
        let mut parts = head.split(move |char| {
            is_quoted ^= char == '"';
            char == ';' && !is_quoted
        });
        let name = parts.next()?.trim().to_ascii_lowercase();
        let parameters = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches('"')))
            .collect();
        Some(Self {
            name,
            parameters,
            value: value.trim(),
        })
    }

    pub fn parameter(&self, name: &str) -> Option<&'l str> {
        self.parameters
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| *value)
    }

    /// The value as a moment.
    pub fn moment(&self) -> Option<LineMoment> {
        moment(self.value)
    }
}

/// One value of a moment's line.
pub fn moment(value: &str) -> Option<LineMoment> {
    if let Some(utc) = value.strip_suffix(['Z', 'z']) {
        let at = NaiveDateTime::parse_from_str(utc, DATE_TIME).ok()?;
        return Some(LineMoment::Utc(at.and_utc()));
    }
    if let Ok(local) = NaiveDateTime::parse_from_str(value, DATE_TIME) {
        return Some(LineMoment::Local(local));
    }
    NaiveDate::parse_from_str(value, DATE).ok().map(LineMoment::Day)
}

/// Lines as they were before they were folded.
pub fn unfold(calendar: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// `P1DT2H30M`.
pub fn duration(value: &str) -> Option<TimeDelta> {
    let mut total = TimeDelta::zero();
    let mut digits = String::new();
    for char in value.trim_start_matches('+').strip_prefix('P')?.chars() {
        if char.is_ascii_digit() {
            digits.push(char);
            continue;
        }
        if char == 'T' {
            continue;
        }
        let count: i64 = digits.parse().ok()?;
        digits.clear();
        let unit = match char {
            'W' => TimeDelta::try_weeks(count)?,
            'D' => TimeDelta::try_days(count)?,
            'H' => TimeDelta::try_hours(count)?,
            'M' => TimeDelta::try_minutes(count)?,
            'S' => TimeDelta::try_seconds(count)?,
            _ => return None,
        };
        total = total.checked_add(&unit)?;
    }
    Some(total)
}

/// Text as it was before it was escaped.
pub fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(char) = chars.next() {
        match (char, char == '\\') {
            (_, true) => match chars.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(escaped) => plain.push(escaped),
                None => {}
            },
            (char, false) => plain.push(char),
        }
    }
    plain
}
