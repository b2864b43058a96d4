//! Mapping files: the format, its reading with line and caret, its writing with comments.

use super::pattern::{self, Anchor, Pattern};
use super::{ChargeKind, EventKind, Mapping, Meaning, Part, Reading, Rule, SlotType, squash};
use crate::model::{FieldName, Status};
use crate::reading::{DateOrder, DecimalMark};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The user's: the file is not of the format.
    #[error("{file}: {message}")]
    Format { file: String, message: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    #[serde(default)]
    rule: Vec<FileRule>,
    #[serde(default)]
    meaning: Vec<FileMeaning>,
    #[serde(default)]
    charge: Vec<FileCharge>,
    #[serde(default)]
    event: Vec<FileEvent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    object: String,
    place: String,
    #[serde(default)]
    template: Option<String>,
    slot: String,
    #[serde(default)]
    left: String,
    #[serde(default)]
    right: Option<String>,
    field: String,
    #[serde(default)]
    order: Option<String>,
    #[serde(default)]
    decimal: Option<String>,
    #[serde(default)]
    days: i8,
    #[serde(default)]
    part: Option<String>,
    #[serde(default)]
    reversed: bool,
    #[serde(default)]
    support: u32,
    #[serde(default)]
    agree: u32,
    #[serde(default)]
    samples: Vec<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileMeaning {
    object: String,
    place: String,
    line: String,
    status: String,
    #[serde(default)]
    follows: Option<bool>,
    #[serde(default)]
    support: u32,
    #[serde(default)]
    agree: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCharge {
    template: String,
    support: u32,
    pays: u32,
    #[serde(default)]
    last: u32,
    #[serde(default)]
    whole: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEvent {
    template: String,
    support: u32,
    booked: u32,
    #[serde(default)]
    timed: Option<u32>,
}

/// Reads a mapping file; `file` is its name, for messages.
pub fn parse(file: &str, text: &str) -> Result<Mapping, MappingError> {
    let bad = |message: String| MappingError::Format {
        file: file.to_owned(),
        message,
    };
    let read: File = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
    let pattern = |text: &str| {
        Pattern::parse(text)
            .ok_or_else(|| bad(format!("`{text}` is no pattern: write words, `*`, `<moment>` …")))
    };
    let mut mapping = Mapping {
        source: read.source,
        ..Mapping::default()
    };
    for rule in read.rule {
        let field = FieldName::parse(&rule.field).ok_or_else(|| {
            bad(format!(
                "`{}` is no field; the fields are {}",
                rule.field,
                fields()
            ))
        })?;
        let slot = SlotType::parse(&rule.slot).ok_or_else(|| {
            bad(format!(
                "`{}` is no slot type; the types are {}",
                rule.slot,
                slots()
            ))
        })?;
        let left = pattern(&rule.left)?.0;
        let right = rule
            .right
            .as_deref()
            .map(pattern)
            .transpose()?
            .and_then(|pattern| pattern.0.into_iter().next());
        let order = match rule.order.as_deref() {
            None => None,
            Some("day-month") => Some(DateOrder::DayMonth),
            Some("month-day") => Some(DateOrder::MonthDay),
            Some("year-month-day") => Some(DateOrder::YearMonthDay),
            Some(other) => {
                return Err(bad(format!(
                    "order `{other}`: write day-month, month-day or year-month-day"
                )));
            }
        };
        let decimal = match rule.decimal.as_deref() {
            None => None,
            Some("point") => Some(DecimalMark::Point),
            Some("comma") => Some(DecimalMark::Comma),
            Some("none") => Some(DecimalMark::None),
            Some(other) => return Err(bad(format!("decimal `{other}`: write point, comma or none"))),
        };
        let part = match rule.part.as_deref() {
            None => Part::Whole,
            Some("date") => Part::Date,
            Some("time") => Part::Time,
            Some("written") => Part::Written,
            Some(other) => {
                return Err(bad(format!(
                    "part `{other}`: write date, time or written, or leave it out"
                )));
            }
        };
        mapping.rules.push(Rule {
            object: rule.object,
            place: rule.place,
            template: rule.template.as_deref().map(pattern).transpose()?,
            slot,
            anchor: Anchor { left, right },
            field,
            reading: Reading {
                order,
                decimal,
                days: rule.days,
                part,
                reversed: rule.reversed,
            },
            support: rule.support,
            agree: rule.agree,
            samples: rule.samples,
            values: rule
                .values
                .into_iter()
                .map(|(value, key)| (squash(&value), key))
                .collect(),
        });
    }
    for meaning in read.meaning {
        let status = Status::parse(&meaning.status).ok_or_else(|| {
            bad(format!(
                "status `{}`: write confirmed or cancelled",
                meaning.status
            ))
        })?;
        mapping.meanings.push(Meaning {
            object: meaning.object,
            place: meaning.place,
            line: pattern(&meaning.line)?,
            status,
            follows: meaning.follows,
            support: meaning.support,
            agree: meaning.agree,
        });
    }
    for charge in read.charge {
        let template = pattern(&charge.template)?;
        mapping.charges.push(ChargeKind {
            template,
            support: charge.support,
            pays: charge.pays,
            last: charge.last,
            whole: charge.whole,
        });
    }
    for event in read.event {
        let template = pattern(&event.template)?;
        mapping.events.push(EventKind {
            template,
            support: event.support,
            booked: event.booked,
            timed: event.timed.unwrap_or(event.booked),
        });
    }
    Ok(mapping)
}

fn fields() -> String {
    FieldName::ALL.map(FieldName::as_str).join(", ")
}

fn slots() -> String {
    SlotType::ALL.map(SlotType::as_str).join(", ")
}

/// Writes a mapping as a person would want to check it.
pub fn render(mapping: &Mapping) -> String {
    let mut out = String::new();
    let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let _ = writeln!(
        out,
        "# How rebook reads `{}`: learned from the records that tell of bookings in the backup.\n\
         # Edit it if it is wrong; `left` and `right` are the words around a value (`*` any word, `^` line\n\
         # start, `$` line end, `¶` the line above), `support` how many records had the slot, `agree` in how\n\
         # many it was what the backup says.\nsource = {}",
        mapping.source,
        text(&mapping.source)
    );
    for rule in &mapping.rules {
        let _ = writeln!(out, "\n[[rule]]\nfield = {}", text(rule.field.as_str()));
        let _ = writeln!(
            out,
            "object = {}\nplace = {}",
            text(&rule.object),
            text(&rule.place)
        );
        if let Some(template) = &rule.template {
            let _ = writeln!(out, "template = {}", text(&template.render()));
        }
        let _ = writeln!(
            out,
            "slot = {}\nleft = {}",
            text(rule.slot.as_str()),
            text(&pattern::render(&rule.anchor.left))
        );
        if let Some(right) = &rule.anchor.right {
            let _ = writeln!(
                out,
                "right = {}",
                text(&pattern::render(std::slice::from_ref(right)))
            );
        }
        match rule.reading.order {
            Some(DateOrder::DayMonth) => out.push_str("order = \"day-month\"\n"),
            Some(DateOrder::MonthDay) => out.push_str("order = \"month-day\"\n"),
            Some(DateOrder::YearMonthDay) => out.push_str("order = \"year-month-day\"\n"),
            _ => {}
        }
        match rule.reading.decimal {
            Some(DecimalMark::Point) => out.push_str("decimal = \"point\"\n"),
            Some(DecimalMark::Comma) => out.push_str("decimal = \"comma\"\n"),
            Some(DecimalMark::None) => out.push_str("decimal = \"none\"\n"),
            None => {}
        }
        if rule.reading.days != 0 {
            let _ = writeln!(out, "days = {}", rule.reading.days);
        }
        match rule.reading.part {
            Part::Whole => {}
            Part::Date => out.push_str("part = \"date\"\n"),
            Part::Time => out.push_str("part = \"time\"\n"),
            Part::Written => out.push_str("part = \"written\"\n"),
        }
        if rule.reading.reversed {
            out.push_str("reversed = true\n");
        }
        let samples: Vec<String> = rule.samples.iter().map(|sample| text(sample)).collect();
        let _ = writeln!(
            out,
            "support = {}\nagree = {}\nsamples = [{}]",
            rule.support,
            rule.agree,
            samples.join(", ")
        );
        if !rule.values.is_empty() {
            let values: Vec<String> = rule
                .values
                .iter()
                .map(|(value, key)| format!("{} = {}", text(value), text(key)))
                .collect();
            let _ = writeln!(out, "values = {{ {} }}", values.join(", "));
        }
    }
    for meaning in &mapping.meanings {
        let _ = writeln!(
            out,
            "\n[[meaning]]\nstatus = {}\nobject = {}\nplace = {}\nline = {}\n{}support = {}\nagree = {}",
            text(meaning.status.as_str()),
            text(&meaning.object),
            text(&meaning.place),
            text(&meaning.line.render()),
            meaning
                .follows
                .map(|follows| format!("follows = {follows}\n"))
                .unwrap_or_default(),
            meaning.support,
            meaning.agree
        );
    }
    for charge in &mapping.charges {
        let _ = writeln!(
            out,
            "\n[[charge]]\ntemplate = {}\nsupport = {}\npays = {}\nlast = {}\nwhole = {}",
            text(&charge.template.render()),
            charge.support,
            charge.pays,
            charge.last,
            charge.whole
        );
    }
    for event in &mapping.events {
        let _ = writeln!(
            out,
            "\n[[event]]\ntemplate = {}\nsupport = {}\nbooked = {}\ntimed = {}",
            text(&event.template.render()),
            event.support,
            event.booked,
            event.timed
        );
    }
    out
}
