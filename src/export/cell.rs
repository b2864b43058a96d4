//! One value as one column wants it, or the reason why the column cannot hold it.
//!
//! A database in a lenient mode would cut, round or empty such a value in silence; in a strict one a
//! single bad row would stop the whole load. So what does not fit is held back here, with its reason.

use super::relation::{Absent, Slot, Source};
use super::shape::{Suffix, TimeShape};
use crate::model::{Dialect, LengthUnit, Money, TimeAs, When};
use chrono::{DateTime, FixedOffset, Timelike, Utc};
use chrono_tz::Tz;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    Null,
    Text(String),
    /// Digits, with a point and a sign at most.
    Number(String),
    Bytes(Vec<u8>),
}

impl Cell {
    pub(super) fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// What two values share that a database may hold for equal; None for NULL.
    pub(super) fn folded(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) | Self::Number(text) => Some(text.to_lowercase()),
            Self::Bytes(bytes) => Some(format!("{bytes:?}")),
        }
    }

    /// Its text; none for NULL and bytes.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Null | Self::Bytes(_) => None,
        }
    }

    /// A value as the backup's dump states it.
    pub(super) fn raw(text: Option<&str>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.to_owned()))
    }
}

/// One value in two spellings: padding, `t` and `true` and `1`, and zeros behind a point are nothing.
pub(super) fn same_text(ours: Option<&str>, theirs: Option<&str>) -> bool {
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours.trim_end(), theirs.trim_end()),
        (ours, theirs) => return ours.is_none_or(str::is_empty) && theirs.is_none_or(str::is_empty),
    };
    let flag = |text: &str| match text {
        "t" | "true" => Some("1"),
        "f" | "false" => Some("0"),
        _ => None,
    };
    let number = |text: &str| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = !whole.is_empty() && digits(whole) && digits(part);
        is_number.then(|| (whole.to_owned(), part.trim_end_matches('0').to_owned()))
    };
    ours == theirs
        || flag(ours).unwrap_or(ours) == flag(theirs).unwrap_or(theirs)
        || number(ours).is_some() && number(ours) == number(theirs)
}

/// What a declared type says about the values it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ColumnType {
    /// Lower case, without the parentheses: `character varying`, `int unsigned`.
    name: String,
    /// The numbers in the parentheses: length, or precision and scale.
    sizes: Vec<usize>,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl ColumnType {
    pub(super) fn parse(sql_type: &str) -> Self {
        let lower = sql_type.trim().to_lowercase();
        let Some((head, rest)) = lower.split_once('(') else {
            return Self {
                name: lower,
                sizes: Vec::new(),
            };
        };
        let (inside, tail) = rest.rsplit_once(')').unwrap_or((rest, ""));
        Self {
            name: format!("{} {}", head.trim(), tail.trim()).trim().to_owned(),
            sizes: inside
                .split(',')
                .map_while(|size| size.trim().parse().ok())
                .collect(),
        }
    }

    fn word(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or("")
    }

    pub(super) fn is_text(&self) -> bool {
        self.word().contains("char") || self.word().contains("text") || self.word().contains("clob")
    }

    /// Text comes back byte for byte: no padding, and no digits that become a number.
    pub(super) fn keeps_text(&self, dialect: Dialect) -> bool {
        let padded = matches!(self.word(), "char" | "nchar" | "bpchar")
            || self.word() == "character" && !self.name.contains("varying");
        self.is_text() && !padded && !(dialect == Dialect::Sqlite && self.name.contains("int"))
    }

    /// What a column of this type is for.
    pub(super) fn holds(&self) -> Holds {
        match self.word() {
            _ if self.is_text() => Holds::Text,
            "timestamp" | "timestamptz" | "datetime" => Holds::Moment,
            "date" => Holds::Day,
            "time" | "timetz" => Holds::Clock,
            "bool" | "boolean" => Holds::Truth,
            "decimal" | "numeric" | "dec" | "fixed" | "double" | "float" | "real" | "float4" | "float8" => {
                Holds::Number
            }
            _ if self.bounds(Dialect::Mysql).is_some() => Holds::Whole,
            _ => Holds::Other,
        }
    }

    fn is_zoned(&self, dialect: Dialect) -> bool {
        self.name.contains("with time zone")
            || self.word() == "timestamptz"
            || (dialect == Dialect::Mysql && self.word() == "timestamp")
    }

    fn is_binary(&self) -> bool {
        matches!(self.word(), "binary" | "varbinary" | "blob")
    }

    /// Sums of it can be held against exact ones.
    pub(super) fn sums_exactly(&self, dialect: Dialect) -> bool {
        match dialect {
            // Any column adds up there.
            Dialect::Sqlite => true,
            _ => {
                self.bounds(dialect).is_some()
                    || matches!(self.word(), "decimal" | "numeric" | "dec" | "double" | "float8")
            }
        }
    }

    /// Smallest and largest value of an integer type; SQLite's hold anything.
    fn bounds(&self, dialect: Dialect) -> Option<(i128, i128)> {
        let bits = match self.word() {
            "tinyint" => 8,
            "smallint" | "int2" | "smallserial" => 16,
            "mediumint" => 24,
            "int" | "integer" | "int4" | "serial" => 32,
            "bigint" | "int8" | "bigserial" => 64,
            _ => return None,
        };
        let span = 1i128 << if dialect == Dialect::Sqlite { 64 } else { bits };
        Some(if self.name.contains("unsigned") {
            (0, span - 1)
        } else {
            (-span / 2, span / 2 - 1)
        })
    }
}

/// What a column is for, by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Whole,
    Number,
    Truth,
    Moment,
    Day,
    Clock,
    /// Enums, UUIDs, and whatever else there may be.
    Other,
}

/// What characters a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// All, or nobody knows: the server judges when the file runs.
    Any,
    Ascii,
    /// What MySQL calls latin1: code page 1252.
    Latin1,
    /// The characters of the basic plane: no emoji.
    Basic,
}

impl Charset {
    pub(super) fn parse(name: Option<&str>, dialect: Dialect) -> Self {
        match name.filter(|_| dialect == Dialect::Mysql) {
            Some("ascii") => Self::Ascii,
            Some("latin1") => Self::Latin1,
            Some("utf8" | "utf8mb3" | "ucs2") => Self::Basic,
            _ => Self::Any,
        }
    }

    fn holds(self, char: char) -> bool {
        match self {
            Self::Any => true,
            Self::Ascii => char.is_ascii(),
            Self::Latin1 => {
                char.is_ascii()
                    || ('\u{a0}'..='\u{ff}').contains(&char)
                    || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(char)
            }
            Self::Basic => u32::from(char) <= 0xffff,
        }
    }
}

/// Hours in a column that limits none are written with so many decimals: to three minutes, and as people do.
const HOUR_DECIMALS: u32 = 2;

type Fitted = Result<Cell, String>;

impl Slot<'_> {
    /// The column holds whole days.
    pub(super) fn is_day(&self) -> bool {
        matches!(self.source, Source::Field(_, map) if map.time == Some(TimeAs::Date))
    }

    /// What a row gets where the records say nothing.
    pub(super) fn missing(&self, what: &str) -> Fitted {
        if let Some(constant) = self.constant {
            return Ok(Cell::Text(self.flag(constant).unwrap_or(constant).to_owned()));
        }
        match self.absent {
            Absent::Null | Absent::Default(_) => Ok(Cell::Null),
            Absent::Refused => Err(format!(
                "no record tells its {what}, and column {} must be filled",
                self.column
            )),
        }
    }

    /// `true` and `false` in a column of numbers.
    pub(super) fn flag(&self, text: &str) -> Option<&'static str> {
        let is_counted = match self.dialect {
            Dialect::Postgres => false,
            Dialect::Mysql => self.kind.bounds(self.dialect).is_some(),
            Dialect::Sqlite => !self.kind.is_text(),
        };
        match text {
            "true" if is_counted => Some("1"),
            "false" if is_counted => Some("0"),
            _ => None,
        }
    }

    /// Why the column cannot hold a word or constant of the configuration.
    pub(super) fn refuses(&self, value: &str) -> Option<String> {
        let number = |fits: bool| (!fits).then(|| "it holds numbers alone".to_owned());
        let text = |text: &str| {
            let reason = self.text(text).err()?;
            Some(reason.replacen(&format!("column {}", self.column), "it", 1))
        };
        match self.kind.holds() {
            _ if self.dialect == Dialect::Sqlite => text(value),
            Holds::Text | Holds::Other => text(value),
            Holds::Whole => match (value.parse::<i128>(), self.kind.bounds(self.dialect)) {
                (Ok(number), Some((least, most))) => {
                    (!(least..=most).contains(&number)).then(|| format!("it holds {least} to {most}"))
                }
                (found, _) => number(found.is_ok()),
            },
            Holds::Number => number(value.parse::<f64>().is_ok()),
            Holds::Truth => {
                let known = ["t", "f", "true", "false", "1", "0", "yes", "no", "on", "off"];
                (!known.contains(&value)).then(|| "it holds true or false".to_owned())
            }
            Holds::Moment | Holds::Day | Holds::Clock => None,
        }
    }

    /// The most characters that the column holds, where that is limited.
    pub(super) fn longest(&self) -> Option<usize> {
        self.kind
            .sizes
            .first()
            .copied()
            .filter(|_| self.kind.is_text() && self.dialect != Dialect::Sqlite)
    }

    pub(super) fn text(&self, text: &str) -> Fitted {
        if text.contains('\0') {
            return Err(format!("column {} cannot hold a NUL character", self.column));
        }
        let length = text.chars().count();
        if let Some(limit) = self.longest()
            && length > limit
        {
            return Err(format!(
                "column {} holds {limit} characters, not {length}",
                self.column
            ));
        }
        if let Some(char) = text.chars().find(|char| !self.charset.holds(*char)) {
            return Err(format!("column {} cannot hold `{char}`", self.column));
        }
        if !self.labels.is_empty() && self.labels.iter().all(|label| label != text) {
            return Err(format!("column {} has no label `{text}`", self.column));
        }
        Ok(Cell::Text(text.to_owned()))
    }

    pub(super) fn time(&self, when: When, zone: Tz) -> Fitted {
        let Source::Field(_, map) = self.source else {
            return Ok(Cell::Null);
        };
        if map.time == Some(TimeAs::Date) {
            return Ok(Cell::Text(when.date(zone).to_string()));
        }
        let Some(at) = when.instant() else {
            return Err(format!("the time of day for column {} is not known", self.column));
        };
        Ok(match map.time {
            Some(TimeAs::Epoch) if self.kind.is_text() => Cell::Text(at.timestamp().to_string()),
            Some(TimeAs::Epoch) => Cell::Number(at.timestamp().to_string()),
            kept => Cell::Text(self.moment(at, kept, zone)),
        })
    }

    /// What the column counts from the start.
    pub(super) fn length_unit(&self) -> Option<LengthUnit> {
        match self.source {
            Source::Field(_, map) => match map.time {
                Some(TimeAs::Since(unit)) => Some(unit),
                _ => None,
            },
            _ => None,
        }
    }

    /// How many decimals of a number of this unit the column keeps.
    fn decimals(&self, unit: LengthUnit) -> u32 {
        let fits = match (self.kind.word(), self.kind.sizes.as_slice()) {
            _ if self.dialect == Dialect::Sqlite || self.kind.is_text() => HOUR_DECIMALS,
            ("decimal" | "numeric" | "dec" | "fixed", [_, scale, ..]) => *scale as u32,
            ("decimal" | "numeric" | "dec" | "fixed", [_]) => 0,
            // There, one of which no more is said holds whole numbers.
            ("decimal" | "numeric" | "dec" | "fixed", []) if self.dialect == Dialect::Mysql => 0,
            _ if self.kind.bounds(self.dialect).is_some() => 0,
            _ => HOUR_DECIMALS,
        };
        fits.min(unit.decimals()).min(HOUR_DECIMALS)
    }

    /// How long it is from a start to an end.
    pub(super) fn length(&self, unit: LengthUnit, starts: Option<When>, ends: When, zone: Tz) -> Fitted {
        let Some(count) = starts.and_then(|starts| unit.between(starts, ends, zone)) else {
            return Err(format!("the length for column {} is not known", self.column));
        };
        let decimals = self.decimals(unit);
        let name = unit.as_str();
        let Some(text) = count.written(decimals) else {
            let holds = match decimals {
                0 => format!("whole {name} alone"),
                _ => format!("{name} with {decimals} decimals, which this length is not"),
            };
            let on_clock = if unit.is_of_days() {
                ": it ends at another time of day than it begins, or before"
            } else {
                ""
            };
            return Err(format!("column {} holds {holds}{on_clock}", self.column));
        };
        let whole = text.split('.').next().unwrap_or(&text);
        let most = match (self.kind.bounds(self.dialect), self.kind.sizes.first()) {
            (Some((_, most)), _) => Some(most),
            (None, Some(digits)) if self.dialect != Dialect::Sqlite && !self.kind.is_text() => {
                let scale = self.kind.sizes.get(1).copied().unwrap_or_default();
                10_i128
                    .checked_pow(digits.saturating_sub(scale) as u32)
                    .map(|most| most - 1)
            }
            _ => None,
        };
        if let (Some(most), Ok(number)) = (most, whole.parse::<i128>())
            && number > most
        {
            return Err(format!("column {} holds {most} {name}, not {text}", self.column));
        }
        Ok(if self.kind.is_text() {
            Cell::Text(text)
        } else {
            Cell::Number(text)
        })
    }

    fn moment(&self, at: DateTime<Utc>, kept: Option<TimeAs>, zone: Tz) -> String {
        let local: DateTime<FixedOffset> = at.with_timezone(&zone).fixed_offset();
        let utc = at.fixed_offset();
        if self.dialect == Dialect::Sqlite || self.kind.is_text() {
            let learned = self.time;
            let own = matches!(learned.suffix, Suffix::Colon | Suffix::Plain | Suffix::Hours);
            return learned.write(if kept == Some(TimeAs::Local) || own {
                local
            } else {
                utc
            });
        }
        let zoned = self.dialect == Dialect::Postgres && self.kind.is_zoned(self.dialect);
        let fraction = match self.dialect {
            // MySQL rounds what a column has no digits for, and 59.9 seconds would become the next minute.
            Dialect::Mysql => self.kind.sizes.first().copied().unwrap_or(0),
            _ if at.nanosecond() == 0 => 0,
            _ => 6,
        };
        TimeShape {
            fraction,
            // With its offset, a literal means the same whatever the session's zone is.
            suffix: if zoned || (kept.is_none() && self.dialect == Dialect::Postgres) {
                Suffix::Colon
            } else {
                Suffix::None
            },
            ..TimeShape::COMMON
        }
        .write(if zoned || kept == Some(TimeAs::Local) {
            local
        } else {
            utc
        })
    }

    pub(super) fn money(&self, money: Money) -> Fitted {
        let Source::Field(_, map) = self.source else {
            return Ok(Cell::Null);
        };
        let text = if map.major {
            money.major()
        } else {
            money.minor.to_string()
        };
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let kept = match (self.kind.word(), self.kind.sizes.as_slice()) {
            ("decimal" | "numeric" | "dec", [precision, rest @ ..]) if self.dialect != Dialect::Sqlite => {
                let scale = rest.first().copied().unwrap_or(0);
                let digits = whole.trim_start_matches('-').trim_start_matches('0').len();
                if digits + scale > *precision {
                    return Err(format!("{money} is too large for column {}", self.column));
                }
                scale
            }
            _ if self.kind.bounds(self.dialect).is_some() => 0,
            _ => part.len(),
        };
        if part.bytes().skip(kept).any(|digit| digit != b'0') {
            return Err(format!("column {} would lose decimals of {money}", self.column));
        }
        let part = &part[..kept.min(part.len())];
        let text = if part.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{part}")
        };
        if let Some((least, most)) = self.kind.bounds(self.dialect)
            && !text
                .parse::<i128>()
                .is_ok_and(|value| (least..=most).contains(&value))
        {
            return Err(format!("{money} is too large for column {}", self.column));
        }
        // A number in an SQLite column of text would lose its last zeros.
        Ok(if self.kind.is_text() {
            Cell::Text(text)
        } else {
            Cell::Number(text)
        })
    }

    pub(super) fn uuid(&self, uuid: &[u8; 16]) -> Cell {
        if self.kind.is_binary() {
            Cell::Bytes(uuid.to_vec())
        } else {
            Cell::Text(super::uuid::spell(uuid))
        }
    }
}
