//! A business as data: what it hires out, how its people are called, and in which words each third party and its own
//! database tell of a booking. `businesses/` draws one of each kind; every other module only reads it.
//!
//! Texts are patterns: `{reference}`, `{name}`, `{start}` … are filled by [`super::facts`].

use super::people::People;
use super::random::Random;
use super::speech::{Currency, Language, MoneyStyle};
use chrono_tz::Tz;

#[derive(Debug, Clone)]
pub struct Business {
    pub name: String,
    /// Under `.example`.
    pub domain: String,
    pub zone: Tz,
    pub country: &'static str,
    pub language: Language,
    pub currency: Currency,
    pub address: String,
    pub phone: String,
    pub people: People,
    pub trade: Trade,
    pub reference: ReferenceShape,
    /// Empty where the system serves one business.
    pub tenants: Vec<Tenant>,
    pub mail: MailWords,
    pub calendar: CalendarWords,
    pub stripe: StripeWords,
    pub schema: Schema,
}

#[derive(Debug, Clone)]
pub struct Tenant {
    pub name: String,
    pub sender: String,
    pub account: String,
    pub calendar: String,
}

#[derive(Debug, Clone)]
pub struct Trade {
    pub classes: Vec<ResourceClass>,
    /// Names a unit where its class has no list of names: `{class} #{n}`.
    pub naming: String,
    /// How many units there are at least.
    pub fleet_min: usize,
    pub stay: Stay,
    /// The minutes that a rate pays for.
    pub rate_minutes: i64,
    /// Seats a party takes, where several share one departure.
    pub seats: Option<(i64, i64)>,
    pub plans: Vec<(u32, Plan)>,
    /// Longest time between the booking and its start.
    pub lead_days_max: i64,
    pub returning: f64,
    /// Share of bookings that are changed, and of those cancelled.
    pub changed: f64,
    pub cancelled: f64,
}

#[derive(Debug, Clone)]
pub struct ResourceClass {
    pub class: String,
    pub names: Vec<String>,
    /// Minor units for every `rate_minutes`, or for a seat.
    pub rate: i64,
    /// A pattern for [`Random::pattern`], or nothing.
    pub code: String,
}

#[derive(Debug, Clone)]
pub enum Stay {
    /// Lengths in minutes by weight, within opening hours; a length of days ends at any open hour.
    Timed {
        minutes: Vec<(u32, i64)>,
        opens: u32,
        closes: u32,
        step: u32,
    },
    /// Dates without a time; the end is the day of leaving.
    Nights { min: i64, max: i64 },
    /// Fixed departures, several parties on each.
    Departures { times: Vec<(u32, u32)>, minutes: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    Full,
    /// In hundredths; the rest is charged before the start.
    Deposit(i64),
    /// Cash or the card terminal, when they come.
    OnSite,
}

#[derive(Debug, Clone)]
pub enum ReferenceShape {
    /// There is none, in the database neither.
    None,
    Sequential {
        prefix: String,
        first: usize,
    },
    Code {
        prefix: String,
        length: usize,
        alphabet: &'static str,
    },
    /// Year and month, then a number that starts again each month.
    Monthly {
        separator: &'static str,
    },
}

/// What a mail is about; also the index into the lists of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Message {
    Confirmation,
    Modification,
    Cancellation,
    Reminder,
}

impl Message {
    pub fn role(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Modification => "modification",
            Self::Cancellation => "cancellation",
            Self::Reminder => "reminder",
        }
    }
}

/// Patterns for [`super::speech::say_moment`].
#[derive(Debug, Clone)]
pub struct DateWords {
    pub moment: String,
    pub date: String,
    pub time: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Always,
    WhileBooked,
    WhenCancelled,
    /// Where something was paid and something is due.
    WithBalance,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub label: String,
    pub value: String,
    pub shown: Shown,
}

#[derive(Debug, Clone)]
pub struct MailWords {
    pub sender: String,
    pub sender_name: String,
    pub subjects: [String; 4],
    pub headlines: [String; 4],
    pub greeting: String,
    pub lines: Vec<Line>,
    /// Where it is not empty, the letter is prose, one phrasing of several, in place of the lines.
    pub prose: [Vec<String>; 4],
    pub closing: Vec<String>,
    pub dates: DateWords,
    pub money: MoneyStyle,
    pub text: TextStyle,
    pub html: HtmlStyle,
    pub structured: Structured,
    /// A change shows what was, struck through, before what is.
    pub strikes_out: bool,
    pub reminds: bool,
    pub replies: Vec<String>,
    /// Stands above what a reply quotes; `{sent}` is the date of the quoted letter.
    pub quotes: String,
    pub forwards: String,
    /// Subject and text of mail about no booking.
    pub unrelated: Vec<(String, String)>,
    pub encodings: Vec<(u32, Encoding)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextStyle {
    /// Label, this, value.
    Pairs(&'static str),
    /// Labels padded to one width.
    Aligned,
    /// The value stands on the line below its label.
    Below,
    /// No plain part at all.
    Absent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HtmlStyle {
    Absent,
    Table,
    Builder,
    Definitions,
    Paragraphs,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Structured {
    None,
    /// schema.org JSON-LD of this type.
    JsonLd(&'static str),
    Microdata(&'static str),
    Calendar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    QuotedPrintable,
    Base64,
    EightBit,
    /// ISO-8859-15, quoted-printable; only where every letter has a place in it.
    Latin,
}

#[derive(Debug, Clone)]
pub struct CalendarWords {
    pub split: CalendarSplit,
    /// The calendar's id before the `@`, and its name; of each resource where they are split.
    pub id: String,
    pub summary: String,
    pub shape: EventShape,
    pub title: String,
    /// The second event's title, where there are two.
    pub return_title: String,
    /// What people type by hand.
    pub informal: Vec<String>,
    pub description: String,
    pub informal_description: String,
    pub location: String,
    /// Private extended properties.
    pub properties: Vec<(String, String)>,
    pub invites: bool,
    pub dates: DateWords,
    /// A cancelled booking's event: deleted, or kept under this prefix.
    pub cancelled_prefix: Option<String>,
    pub unrelated: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarSplit {
    One,
    PerResource,
    PerTenant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventShape {
    Timed,
    /// All day; with the last day the end is one day later.
    AllDay {
        covers_last_day: bool,
    },
    /// One event for the start, one for the end, half an hour each.
    OutAndReturn,
}

#[derive(Debug, Clone)]
pub struct StripeWords {
    pub metadata: Vec<(String, String)>,
    /// What the charge is for: full, deposit, balance, difference.
    pub purposes: [String; 4],
    pub description: String,
    /// Descriptions of charges that were typed by hand; empty strings stand for none.
    pub informal: Vec<String>,
    pub terminal: String,
    pub hold: String,
    pub incidentals: Vec<(String, i64, i64)>,
    pub unrelated: Vec<(String, i64, i64)>,
    pub carrier: Carrier,
}

/// Which object carries the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// The charge and its payment intent.
    Charge,
    /// The checkout session alone.
    Session,
    /// The payment intent alone.
    Intent,
    /// An invoice, paid by the charge.
    Invoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Mysql,
    Sqlite,
}

impl Dialect {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
        }
    }
}

/// How the business's own database spells it.
#[derive(Debug, Clone)]
pub struct Schema {
    pub dialect: Dialect,
    pub resource: Table,
    pub customer: Table,
    pub booking: Table,
    pub payment: Table,
    /// Where there are tenants.
    pub tenant: Option<Table>,
    /// Confirmed, cancelled, completed.
    pub statuses: [String; 3],
    /// Random ids in place of numbers, for all but resources and tenants.
    pub uuids: bool,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    /// A column of its own, or several joined by `+`, of which at most one is its own.
    pub key: String,
    pub columns: Vec<Column>,
    /// A second table with more rows about the same thing, which the configuration does not know: the changes of a
    /// booking, the addresses of a customer.
    pub beside: Option<Box<Table>>,
}

impl Table {
    pub fn key_columns(&self) -> Vec<&str> {
        self.key.split('+').collect()
    }

    /// The part of the key that no other column holds.
    pub fn own_key(&self) -> Option<&str> {
        let is_own = |key: &&str| self.columns.iter().all(|column| column.name != *key);
        self.key_columns().into_iter().find(is_own)
    }

    pub fn has_composite_key(&self) -> bool {
        self.key.contains('+')
    }

    /// The same with a second table.
    pub fn with(self, beside: Table) -> Self {
        Self {
            beside: Some(Box::new(beside)),
            ..self
        }
    }
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub holds: Holds,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    Reference,
    Customer,
    Resource,
    Booking,
    Tenant,
    StartsAt(TimeColumn),
    EndsAt(TimeColumn),
    CreatedAt(TimeColumn),
    PaidAt(TimeColumn),
    Status,
    Total(MoneyColumn),
    Amount(MoneyColumn),
    Refunded(MoneyColumn),
    Rate(MoneyColumn),
    Currency,
    Name,
    FirstName,
    LastName,
    Email,
    Phone,
    Code,
    Class,
    ProviderId,
    /// Nothing tells of it: the value that rows have, and the one for rebuilt rows.
    Constant(String, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeColumn {
    Zoned,
    Local,
    Utc,
    Date,
    Epoch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyColumn {
    Minor,
    Major,
}

impl Business {
    /// Whether bookings are of dates alone.
    pub fn knows_only_dates(&self) -> bool {
        matches!(self.trade.stay, Stay::Nights { .. })
    }

    pub fn has_reference(&self) -> bool {
        !matches!(self.reference, ReferenceShape::None)
    }

    /// The name under which a tenant, or the business, writes.
    pub fn trading_name(&self, tenant: Option<usize>) -> &str {
        tenant.map_or(&self.name, |tenant| &self.tenants[tenant].name)
    }

    pub fn sender(&self, tenant: Option<usize>) -> &str {
        tenant.map_or(&self.mail.sender, |tenant| &self.tenants[tenant].sender)
    }
}

/// A labelled line, one label of several.
pub fn line(words: &mut Random, labels: &[&str], value: &str, shown: Shown) -> Line {
    Line {
        label: words.word(labels),
        value: value.to_owned(),
        shown,
    }
}

/// A table and its columns in order, each name one of several: `name|label`.
pub fn table(words: &mut Random, names: &str, key: &str, columns: Vec<(&str, Holds)>) -> Table {
    let mut choose = |names: &str| words.word(&names.split('|').collect::<Vec<_>>());
    Table {
        name: choose(names),
        key: choose(key),
        columns: columns
            .into_iter()
            .map(|(names, holds)| Column {
                name: choose(names),
                holds,
            })
            .collect(),
        beside: None,
    }
}

/// A column that nothing tells of.
pub fn constant(usual: &str, rebuilt: &str) -> Holds {
    Holds::Constant(usual.to_owned(), rebuilt.to_owned())
}

/// A class of resources with the names of its units, or none where they are numbered.
pub fn class(class: &str, names: &[&str], rate: i64, code: &str) -> ResourceClass {
    ResourceClass {
        class: class.to_owned(),
        names: texts(names),
        rate,
        code: code.to_owned(),
    }
}

/// Owned copies of a list of texts.
pub fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

/// Owned copies of pairs of texts.
pub fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Sales with the range of their price.
pub fn sales(list: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    list.iter()
        .map(|&(text, low, high)| (text.to_owned(), low, high))
        .collect()
}
