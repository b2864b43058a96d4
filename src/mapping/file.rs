//! Mapping files: the format, and its reading with line and caret.

use super::pattern::{Anchor, Pattern};
use super::{
    After, ChargeKind, EventKind, Idle, Instalment, Lists, Mapping, Mark, Meaning, MessageKind, Nickname,
    OfList, OffWords, Part, Reading, Rule, Settlement, SlotType, Twice, squash,
};
use crate::model::{FieldName, LengthUnit, Status};
use crate::reading::{DateOrder, DecimalMark};
use chrono::NaiveTime;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Digits of a nickname that is a number: the end of a plate. A shorter one may be anything.
const LONG_NUMBER: usize = 3;

#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The user's: the file is not of the format.
    #[error("{file}: {message}")]
    Format { file: String, message: String },
}

/// How the records of one source are read. It is learned, or written by hand.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// The source's name in rebook.toml.
    source: String,
    /// The business writes the family's name first.
    #[serde(default)]
    family_first: bool,
    /// Until when hours after midnight are counted to the evening before: `03:00` where Friday at 1:30 am is Saturday.
    late_until: Option<String>,
    #[serde(default)]
    rule: Vec<FileRule>,
    #[serde(default)]
    idle: Vec<FileIdle>,
    #[serde(default)]
    meaning: Vec<FileMeaning>,
    #[serde(default)]
    charge: Vec<FileCharge>,
    #[serde(default)]
    settlement: Vec<FileSettlement>,
    #[serde(default)]
    instalment: Vec<FileInstalment>,
    #[serde(default)]
    event: Vec<FileEvent>,
    #[serde(default)]
    message: Vec<FileMessage>,
    #[serde(default)]
    off: Vec<FileOff>,
    #[serde(default)]
    mark: Vec<FileMark>,
    #[serde(default)]
    nickname: Vec<FileNickname>,
    list: Option<FileList>,
}

/// A slot, and the field that stands in it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileRule {
    /// The kind of record: `message`, `event`, `charge`, …
    object: String,
    /// Where in it: `text`, `html`, `/metadata/kind`, `header:to.name`, …
    place: String,
    /// The template of one `[[charge]]` or `[[event]]`, word for word, where one place means different things in different
    /// kinds. Default: any record.
    #[serde(default)]
    template: Option<String>,
    /// The type of the value; `item` is a typed item of the record's own format.
    #[schemars(extend("enum" = SlotType::ALL.map(SlotType::as_str)))]
    slot: String,
    /// The words before the value, three at most: a pattern. Default: nothing is asked of them.
    #[serde(default)]
    left: String,
    /// The word behind it: a pattern.
    #[serde(default)]
    right: Option<String>,
    /// Which field of a booking.
    #[schemars(extend("enum" = FieldName::ALL.map(FieldName::as_str)))]
    field: String,
    /// How 03/04 is read. Default: only what can be read in one way is read.
    #[serde(default)]
    #[schemars(extend("enum" = ["day-month", "month-day", "year-month-day"]))]
    order: Option<String>,
    /// What divides the units from the cents. Default: only what can be read in one way is read.
    #[serde(default)]
    #[schemars(extend("enum" = ["point", "comma", "none"]))]
    decimal: Option<String>,
    /// Days to add: `-1` where an end is written as the day after the last. Default: 0.
    #[serde(default)]
    days: i8,
    /// Where date and time stand apart, which of them it is. Default: both. Of `customer.called`, which part of the name.
    #[serde(default)]
    #[schemars(extend("enum" = ["date", "time", "first-word", "last-word", "beginning", "initials"]))]
    part: Option<String>,
    /// Which day is meant where the slot names none: `1` for the day after the record was made, `weekday` for the next
    /// day of the name that stands there.
    #[serde(default)]
    after: Option<String>,
    /// Which of several values holds that one record has there: `first` or `last`. Default: a person is asked.
    twice: Option<String>,
    /// What a price is of that stands beside a list of bookings: `each` of them, or all together where each costs `alike`.
    /// Default: what `[list]` says.
    list: Option<String>,
    /// What is counted, where the slot holds a length and the field is `ends_at`: the end is so many minutes, hours, days
    /// or nights after the start that the same record states. Days end at the start's time of day, nights give the day of
    /// the end alone; with `days = -1` the last day is counted too. Default: the slot holds no length.
    #[serde(default)]
    #[schemars(extend("enum" = LengthUnit::ALL.map(LengthUnit::as_str)))]
    unit: Option<String>,
    /// The halves of a name stand the other way round than the business writes them. Default: `false`.
    #[serde(default)]
    reversed: bool,
    /// How many records of the overlap had the slot; 0 where a person wrote the rule.
    #[serde(default)]
    support: u32,
    /// In how many of them it was what the backup says.
    #[serde(default)]
    agree: u32,
    /// Values that it read.
    #[serde(default)]
    samples: Vec<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// What stands in the slot and is wording, no value. Of an entry's own start and end: `60min` for those that take an hour, `series` for one of several that were made together.
    #[serde(default)]
    except: Vec<String>,
    /// Words, a pattern each, of records in which the slot holds somebody else: there it is not read, and asked about.
    #[serde(default)]
    unless: Vec<String>,
    /// It names whoever booked, of `customer.name`: where another slot names the customer, it says nothing.
    /// Default: `false`.
    #[serde(default)]
    behind: bool,
    /// It is an estimate, of `total`: the price until the booking is over, and then asked about where no other record states
    /// what it came to. Default: `false`.
    #[serde(default)]
    until_over: bool,
}

/// Messages that hold this line mean this status.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileMeaning {
    /// The kind of record: `message`, …
    object: String,
    /// Where in it: `text`, `html`, `subject`, …
    place: String,
    /// The line: a pattern.
    line: String,
    /// What it means.
    #[schemars(extend("enum" = ["confirmed", "cancelled"]))]
    status: String,
    /// Such messages come after another about the same booking. Default: too few were seen to know.
    #[serde(default)]
    follows: Option<bool>,
    /// How many messages of the overlap held the line; 0 where a person wrote it.
    #[serde(default)]
    support: u32,
    /// For how many of them the backup says so.
    #[serde(default)]
    agree: u32,
}

/// A slot whose moments are no field of a booking, when a bill is due, whose resources are not what was booked, or whose amounts are no price.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileIdle {
    /// The kind of record.
    object: String,
    /// Where in it.
    place: String,
    /// What stands in it: `moment` or `resource`.
    #[serde(default = "moment")]
    slot: String,
    /// The words before it: a pattern.
    left: String,
    /// How many records of the overlap had it.
    #[serde(default)]
    support: u32,
}

/// A kind of charge: how often it paid for a booking, and for all of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileCharge {
    /// The description, then ` | key = value` for each key of the metadata: a pattern.
    template: String,
    /// How many charges of the overlap are of this kind.
    support: u32,
    /// How many of them pay for a booking.
    pays: u32,
    /// How often it was a booking's last payment.
    #[serde(default)]
    last: u32,
    /// How often the payments came to the whole price then.
    #[serde(default)]
    whole: u32,
}

/// What charges of these kinds, and no others, came to for the bookings that they paid.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileSettlement {
    /// The templates of the charges, word for word; one that was charged twice stands there twice.
    charges: Vec<String>,
    /// How many bookings of the backup were paid so.
    support: u32,
    /// How often the charges came to the price.
    whole: u32,
    /// The part of the price that they usually came to, in hundredths of a percent.
    #[serde(default)]
    part: u32,
    /// How often they came to that part.
    #[serde(default)]
    agree: u32,
}

/// A part of the price that bookings of the backup paid first: a deposit, or all of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileInstalment {
    /// The part, in hundredths of a percent of the price.
    part: u32,
    /// How many bookings of the backup paid it first.
    support: u32,
    /// How many bookings of the backup paid anything.
    of: u32,
    /// How many of them had a second charge.
    #[serde(default)]
    followed: u32,
    /// How often the first two charges came to the price.
    #[serde(default)]
    whole: u32,
}

/// A kind of event: how often it stood for a booking.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileEvent {
    /// The title, then ` @` where the event has times, or ` #` where it is of whole days: a pattern.
    template: String,
    /// How many events of the overlap are of this kind.
    support: u32,
    /// How many of them stood for a booking.
    booked: u32,
    #[serde(default)]
    timed: Option<u32>,
}

/// A word at the edge of titles that is no part of the name beside it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileMark {
    /// The kind of record: `event`, …
    object: String,
    /// Where in it: `/summary`, …
    place: String,
    /// `^ x` where titles begin with it, `x $` where they end so.
    line: String,
    /// How many people's titles of the overlap have it there, beside their names; 0 where a person wrote it.
    #[serde(default)]
    support: u32,
    /// How many of its bookings stood. A letter with which hardly any did is asked about, unless a person wrote it here.
    #[serde(default = "many")]
    stood: u32,
    /// Whether it may be of the name beside it, as an initial is: then it stays there.
    #[serde(default)]
    of_name: bool,
}

fn many() -> u32 {
    u32::MAX
}

/// A kind of message that is of no booking: it states other numbers, or offers days, or says the same to everybody.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileMessage {
    /// The subject: a pattern.
    template: String,
    /// Whether those that are meant say when something starts.
    dated: bool,
    /// Whether they are known by their numbers; otherwise by the days that they name, none of which came true; where `dated` is
    /// false too, they say the same to everybody, and nothing of a booking.
    #[serde(default = "is_numbered")]
    numbered: bool,
    /// They ask for a booking, or speak of one that may come: alone they are none.
    #[serde(default)]
    request: bool,
    /// How many messages of the overlap are of this kind; of requests, how many people got nothing else.
    support: u32,
    /// How many of them stated the number or the day of a booking. Only kinds of which none did count, but for requests.
    booked: u32,
}

/// Words that stood only where a booking was called off. A record that has them and no surer line is asked about.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileOff {
    /// The kind of record: `message`, or `event` for the titles of entries.
    object: String,
    /// The words, side by side: a pattern.
    words: String,
    /// With how many bookings of the backup they stood, all of them called off.
    support: u32,
}

fn is_numbered() -> bool {
    true
}

/// What else a resource is called in the records of this source: a name that the backup does not have, or one that is too
/// short to be known wherever it stands.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileNickname {
    /// The name. One of one or two letters or signs has to stand alone, and letters as they are written here.
    text: String,
    /// The resource's key in the backup.
    resource: String,
    /// How many records of the overlap it stood in; 0 where a person wrote it.
    #[serde(default)]
    support: u32,
    /// How many of them were of a booking of the resource.
    #[serde(default)]
    agree: u32,
}

/// What a price is that a record states of all the bookings that it lists. Without it no such price is read.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileList {
    /// How many records of the overlap stated one.
    support: u32,
    /// How often each booking cost that much.
    each: u32,
    /// How often they cost that much together, each as much as the others.
    alike: u32,
}

/// The format as JSON Schema.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<File>()
        .to_value()
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
        family_first: read.family_first,
        late_until: late_until(read.late_until.as_deref()).map_err(bad)?,
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
        let slot = slot_type(&rule.slot).map_err(bad)?;
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
            Some("first-word") => Part::FirstWord,
            Some("last-word") => Part::LastWord,
            Some("beginning") => Part::Beginning,
            Some("initials") => Part::Initials,
            Some(other) => {
                return Err(bad(format!(
                    "part `{other}`: write date, time or written, of a name first-word, last-word, beginning or \
                     initials, or leave it out"
                )));
            }
        };
        let after = match rule.after.as_deref() {
            None => None,
            Some("weekday") => Some(After::Weekday),
            Some(days) => Some(After::Days(days.parse().map_err(|_| {
                bad(format!(
                    "after `{days}`: write how many days after the record was made, or weekday"
                ))
            })?)),
        };
        let twice = match rule.twice.as_deref() {
            None => None,
            Some("first") => Some(Twice::First),
            Some("last") => Some(Twice::Last),
            Some(other) => {
                return Err(bad(format!(
                    "twice `{other}`: write first or last, or leave it out"
                )));
            }
        };
        let list = match rule.list.as_deref() {
            None => None,
            Some("each") => Some(OfList::Each),
            Some("alike") => Some(OfList::Alike),
            Some(other) => {
                return Err(bad(format!(
                    "list `{other}`: write each or alike, or leave it out"
                )));
            }
        };
        let behind = "behind: only a rule of customer.name gives way to another";
        let until_over = "until_over: only a rule of total does";
        let only = [
            (rule.behind, FieldName::CustomerName, behind),
            (rule.until_over, FieldName::Total, until_over),
        ];
        if let Some((.., what)) = only.iter().find(|(is_set, of, _)| *is_set && field != *of) {
            return Err(bad(format!("{what}, not one of {}", field.as_str())));
        }
        let unit = rule
            .unit
            .as_deref()
            .map(|unit| unit_of(unit, field, slot).map_err(bad));
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
                after,
                reversed: rule.reversed,
                unit: unit.transpose()?,
                twice,
                list,
            },
            support: rule.support,
            agree: rule.agree,
            samples: rule.samples,
            except: rule.except.iter().map(|text| squash(text)).collect(),
            unless: rule
                .unless
                .iter()
                .map(|text| pattern(text))
                .collect::<Result<_, _>>()?,
            behind: rule.behind,
            until_over: rule.until_over,
            values: rule
                .values
                .into_iter()
                .map(|(value, key)| (squash(&value), key))
                .collect(),
        });
    }
    for idle in read.idle {
        mapping.idle.push(Idle {
            object: idle.object,
            place: idle.place,
            slot: slot_type(&idle.slot).map_err(bad)?,
            left: pattern(&idle.left)?.0,
            support: idle.support,
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
    for settlement in read.settlement {
        let mut kinds: Vec<Pattern> = settlement
            .charges
            .iter()
            .map(|template| pattern(template))
            .collect::<Result<_, _>>()?;
        kinds.sort();
        mapping.settlements.push(Settlement {
            kinds,
            support: settlement.support,
            whole: settlement.whole,
            part: settlement.part,
            agree: settlement.agree,
        });
    }
    for instalment in read.instalment {
        mapping.instalments.push(Instalment {
            part: instalment.part,
            support: instalment.support,
            of: instalment.of,
            followed: instalment.followed,
            whole: instalment.whole,
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
    for message in read.message {
        mapping.messages.push(MessageKind {
            template: pattern(&message.template)?,
            dated: message.dated,
            numbered: message.numbered,
            request: message.request,
            support: message.support,
            booked: message.booked,
        });
    }
    for off in read.off {
        mapping.off.push(OffWords {
            object: off.object,
            words: pattern(&off.words)?,
            support: off.support,
        });
    }
    for mark in read.mark {
        mapping.marks.push(Mark {
            object: mark.object,
            place: mark.place,
            line: pattern(&mark.line)?,
            support: mark.support,
            stood: mark.stood,
            of_name: mark.of_name,
        });
    }
    for nickname in read.nickname {
        let digits = nickname.text.chars().filter(|char| char.is_numeric()).count();
        if !nickname.text.chars().any(char::is_alphabetic) && digits < LONG_NUMBER {
            return Err(bad(format!(
                "nickname `{}`: a name has at least one letter or {LONG_NUMBER} digits, since a short number may be anything",
                nickname.text
            )));
        }
        mapping.nicknames.push(Nickname {
            text: nickname.text,
            resource: nickname.resource,
            support: nickname.support,
            agree: nickname.agree,
        });
    }
    if let Some(FileList { support, each, alike }) = read.list {
        mapping.lists = Lists { support, each, alike };
    }
    Ok(mapping)
}

fn late_until(text: Option<&str>) -> Result<Option<NaiveTime>, String> {
    let read = |text| NaiveTime::parse_from_str(text, "%H:%M");
    let parsed = text.map(|text| read(text).map_err(|_| format!("late_until `{text}`: write a time, 03:00")));
    parsed.transpose()
}

/// A length's unit; a length ends a booking, and is a number or hours with minutes.
fn unit_of(text: &str, field: FieldName, slot: SlotType) -> Result<LengthUnit, String> {
    let unit = LengthUnit::parse(text).ok_or_else(|| {
        format!(
            "unit `{text}`: write {}",
            LengthUnit::ALL.map(LengthUnit::as_str).join(", ")
        )
    })?;
    if field != FieldName::EndsAt {
        return Err(format!(
            "unit `{text}`: a length is of the field ends_at, not of {}",
            field.as_str()
        ));
    }
    if !matches!(slot, SlotType::Code | SlotType::Moment) {
        return Err(format!(
            "unit `{text}`: a length is of the slot type code or moment, not {}",
            slot.as_str()
        ));
    }
    Ok(unit)
}

fn fields() -> String {
    FieldName::ALL.map(FieldName::as_str).join(", ")
}

fn moment() -> String {
    SlotType::Moment.as_str().to_owned()
}

fn slot_type(text: &str) -> Result<SlotType, String> {
    SlotType::parse(text).ok_or_else(|| format!("`{text}` is no slot type; the types are {}", slots()))
}

fn slots() -> String {
    SlotType::ALL.map(SlotType::as_str).join(", ")
}
