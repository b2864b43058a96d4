//! Mappings: data that says how a kind of record is read into claims.
//!
//! A mapping is learned from the overlap with the backup, shipped, or written by hand; all in one
//! format that a person can read and edit. A rule names a slot (place, type, the words around it) and
//! the field that stands in it. Nothing here knows a business: the words are data.

mod apply;
mod behind;
mod blocks;
mod called;
mod charges;
mod claims;
mod day_letters;
mod days_listed;
mod edges;
pub mod entry_length;
mod estimates;
mod file;
mod gazetteer;
mod groups;
mod key_numbers;
mod length;
mod lex;
mod lists;
mod misread;
mod monies;
mod nights;
mod no_days;
mod other_numbers;
mod particles;
mod parts;
mod pattern;
mod phone_forms;
mod phrases;
mod plain_codes;
mod render;
mod requests;
mod roster_kinds;
mod rosters;
mod series;
mod shape;
mod short_days;
mod spare;
mod sure_days;
mod told;
mod trade_name;
mod value;
mod words;

pub use apply::{Reader, may_number};
pub use called::{NameWords, abbreviated, part_of_name};
pub use claims::{ChargeRole, Claims, Strange};
pub use days_listed::take_apart as take_days_apart;
pub use edges::{besides_letter, of_letter, spelled};
pub use file::{MappingError, parse, schema};
pub use gazetteer::{Gazetteer, Mention};
pub use groups::Groups;
pub use key_numbers::KeyNumbers;
pub use length::{Length, Stated, beside as length_surroundings, lengths};
pub use lex::{Found, Lexer, Line, Lines, SlotType, Token, ideograph, squash};
pub use lists::Lists;
pub use monies::Monies;
pub use nights::evening_before;
pub use other_numbers::OtherNumbers;
pub use parts::split;
pub use pattern::{Anchor, Pattern, Piece, around, initial};
pub use phone_forms::PhoneForms;
pub use phrases::{Phrases, is_telling, words as words_of};
pub use plain_codes::PlainCodes;
pub use render::render;
pub use rosters::{stated as stated_of_party, take_apart as take_rosters_apart};

pub use shape::{Shape, leading_marks};
pub use told::Told;
pub use value::{Hour, Way, amount_value, amounts, instant, names_day, resolve};
pub use words::words;

use crate::model::{FieldName, LengthUnit, Status};
use crate::reading::{DateOrder, DecimalMark};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was learned of one source, or written by hand for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// The source's name in rebook.toml.
    pub source: String,
    /// The business writes the family's name first.
    pub family_first: bool,
    /// Hours before this are counted to the evening before.
    pub late_until: Option<NaiveTime>,
    pub rules: Vec<Rule>,
    /// Where messages state moments that are no field of a booking.
    pub idle: Vec<Idle>,
    /// What messages mean, by a line that only such messages hold.
    pub meanings: Vec<Meaning>,
    /// Words that stand where a booking was called off.
    pub off: Vec<OffWords>,
    /// Which kinds of charge pay for bookings.
    pub charges: Vec<ChargeKind>,
    /// What charges of which kinds come to together.
    pub settlements: Vec<Settlement>,
    pub instalments: Vec<Instalment>,
    /// Which kinds of event stand for a booking.
    pub events: Vec<EventKind>,
    /// Which kinds of message are of no booking.
    pub messages: Vec<MessageKind>,
    /// Words at the edge of a title that are no part of the name beside them.
    pub marks: Vec<Mark>,
    /// What else the resources are called in these records, wherever it stands in them.
    pub nicknames: Vec<Nickname>,
    /// What a price is that messages state of all the bookings that they list.
    pub lists: Lists,
}

/// A name of a resource that the backup does not have, or one too short to be known wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nickname {
    /// As records write it.
    pub text: String,
    /// The resource's key.
    pub resource: String,
    /// How many records of the overlap it stood in, and how many of these were of a booking of the resource.
    pub support: u32,
    pub agree: u32,
}

/// A slot and the field that stands in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// `message`, `event`, `charge`, …
    pub object: String,
    /// An item's place: `text`, `/metadata/kind`, `header:to.name`.
    pub place: String,
    /// The record's template, where the same place means different things in different templates.
    pub template: Option<Pattern>,
    pub slot: SlotType,
    pub anchor: Anchor,
    pub field: FieldName,
    pub reading: Reading,
    /// How many records of the overlap had the slot, and in how many it agreed with the backup.
    pub support: u32,
    pub agree: u32,
    pub samples: Vec<String>,
    /// What each value stands for, folded value to key, where the values are names of their own.
    pub values: BTreeMap<String, String>,
    /// What stands there and is wording, nobody's name: folded. `<initial>`: a surname with an initial is no whole name. Of days,
    /// hours that are wording.
    pub except: BTreeSet<String>,
    /// Words that stand in its records where it was wrong, and in none where it was right: there it says nothing.
    pub unless: BTreeSet<Pattern>,
    /// It names whoever booked. Where another rule names the customer, it says nothing.
    pub behind: bool,
    /// It names the price of bookings that are not over yet; what they came to is told at the end.
    pub until_over: bool,
}

impl Rule {
    /// A rule that was wrong oftener than once in so many records is not sure.
    const WRONG_ONCE_IN: u32 = 50;

    /// In how many records of the overlap it was wrong.
    pub fn wrong(&self) -> u32 {
        self.support - self.agree.min(self.support)
    }

    /// Whether it was right in nearly all records. What a person wrote by hand states no support, and is taken to be.
    pub fn is_sure(&self) -> bool {
        self.wrong() * Self::WRONG_ONCE_IN <= self.support
    }
}

/// A slot whose moments never are a booking's: when a bill is due, since when a firm exists. Or one whose resource is not
/// what was booked: a footer may be signed with the name of a room. Or one whose amounts are no price: a deposit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Idle {
    pub object: String,
    pub place: String,
    /// A moment, a resource or an amount.
    pub slot: SlotType,
    pub left: Vec<Piece>,
    pub support: u32,
}

/// The one way in which a slot's values are read, out of all that are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Reading {
    pub order: Option<DateOrder>,
    pub decimal: Option<DecimalMark>,
    /// Days to add to a date: -1 where the end is written as the day after the last.
    pub days: i8,
    pub part: Part,
    /// Which day is meant where the slot names none: tomorrow, or the Friday that comes.
    pub after: Option<After>,
    /// The halves of a name stand the other way round than the business writes them.
    pub reversed: bool,
    /// It is no moment but a length, which counts these from the start on.
    pub unit: Option<LengthUnit>,
    /// Which of several values holds that one record has there: a message of a change shows the old ones and the new.
    pub twice: Option<Twice>,
    /// What a price is of that stands beside a list of bookings; None: as all such prices of the source are.
    pub list: Option<OfList>,
}

/// What a price beside a list of bookings is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfList {
    /// Each of them.
    Each,
    /// All together, and each costs as much as the others.
    Alike,
}

/// One of several values in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Twice {
    First,
    Last,
}

impl Reading {
    /// Hours alone are read.
    pub fn is_hours(self) -> bool {
        self.part == Part::Time || self.after.is_some()
    }
}

/// A day that is told by the one on which the record was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum After {
    /// So many days later.
    Days(u8),
    /// The next one of the weekday that stands there.
    Weekday,
}

impl After {
    /// The day, for a record of a day; a weekday that stands beside it must agree.
    pub fn day(self, made: NaiveDate, weekday: Option<Weekday>) -> Option<NaiveDate> {
        match self {
            Self::Days(days) => {
                let day = made + TimeDelta::days(i64::from(days));
                weekday
                    .is_none_or(|weekday| day.weekday() == weekday)
                    .then_some(day)
            }
            Self::Weekday => next(made.succ_opt()?, weekday?),
        }
    }
}

/// Among a rule's exceptions: a surname with an initial, which is no whole name.
pub const ABBREVIATED: &str = "<initial>";
/// Stands in `except` for whatever has a digit, where no name in the slot has one.
pub const NUMBERED: &str = "<number>";

/// The first day of this name that is not before another.
pub fn next(from: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    from.iter_days().take(7).find(|day| day.weekday() == weekday)
}

/// What a slot states: of a moment, or of a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Part {
    #[default]
    Whole,
    Date,
    Time,
    /// The day, and its time where one is written.
    Written,
    /// The first word of a name as the backup has it, and the last one, or the words behind the first.
    FirstWord,
    LastWord,
    /// A nickname: it begins as a word of the name does.
    Beginning,
    Initials,
}

/// Messages that hold this line mean this status.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Meaning {
    pub object: String,
    pub place: String,
    pub line: Pattern,
    pub status: Status,
    /// Such messages come after another about the same booking: changes, reminders, cancellations.
    /// None: too few were seen to know.
    pub follows: Option<bool>,
    pub support: u32,
    pub agree: u32,
}

impl Meaning {
    /// Fewer bookings than this, or a smaller share of them, make a cancellation likely at most.
    pub const SUPPORT: u32 = 4;
    pub const PERCENT: u32 = 95;

    /// Whether the line may be taken at its word. What a person wrote by hand states no support, and is.
    pub fn is_sure(&self) -> bool {
        self.status != Status::Cancelled
            || self.support == 0
            || self.agree >= Self::SUPPORT && self.agree * 100 >= self.support * Self::PERCENT
    }
}

/// Words that stood in messages of bookings that were called off, and in none of the others: what has them is asked about,
/// however it is worded besides. Of entries it is their titles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OffWords {
    pub object: String,
    pub words: Pattern,
    /// With how many bookings they stood.
    pub support: u32,
}

/// How often a kind of charge stands in the backup's payments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ChargeKind {
    pub template: Pattern,
    pub support: u32,
    pub pays: u32,
    /// How often it was the last payment of a booking, and how often the payments came to the price then.
    pub last: u32,
    pub whole: u32,
}

/// What bookings of the backup paid that were paid by charges of just these kinds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Settlement {
    /// The kinds' templates, sorted; one that was charged twice stands there twice.
    pub kinds: Vec<Pattern>,
    pub support: u32,
    /// How often they came to the price.
    pub whole: u32,
    /// The part of the price that they usually came to, in hundredths of a percent, and how often.
    pub part: u32,
    pub agree: u32,
}

/// A part of the price that bookings of the backup paid first: a deposit, or all of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instalment {
    /// In hundredths of a percent of the price.
    pub part: u32,
    /// How many bookings paid it first, of how many that paid.
    pub support: u32,
    pub of: u32,
    /// How many of them paid something more, and how often those first two charges came to the price.
    pub followed: u32,
    pub whole: u32,
}

/// Whether a part is of whole or half percents. A fixed sum is another part of each price, and only about that.
fn is_round(part: u32) -> bool {
    part.is_multiple_of(50)
}

impl Instalment {
    /// Whether it was paid first often enough to be expected again.
    pub fn is_usual(&self) -> bool {
        self.support >= Settlement::KNOWN
    }

    /// Whether what is paid next is the rest of the price.
    pub fn is_followed_by_the_rest(&self) -> bool {
        self.followed >= Settlement::KNOWN && self.whole * 100 >= self.followed * 95
    }

    /// The price of which a sum is this part, in minor units; None where the part does not tell it to the unit.
    pub fn price(&self, sum: i64) -> Option<i64> {
        let part = i64::from(self.part.max(1));
        is_round(self.part).then_some((sum * 10_000 + part / 2) / part)
    }
}

impl Settlement {
    /// Fewer bookings than this prove nothing of the next one.
    const KNOWN: u32 = 5;

    /// Whether charges of these kinds come to the whole price.
    pub fn is_whole(&self) -> bool {
        self.support >= Self::KNOWN && self.whole * 100 >= self.support * 95
    }

    /// The price of which a sum is the usual part, in minor units.
    pub fn price(&self, sum: i64) -> Option<i64> {
        let usual = self.part > 0 && self.support >= Self::KNOWN && self.agree * 10 >= self.support * 8;
        (usual && is_round(self.part))
            .then(|| (sum * 10_000 + i64::from(self.part) / 2) / i64::from(self.part))
    }
}

/// How often a kind of message that states a number, or a day, stated that of a booking of the backup.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageKind {
    /// Its subject.
    pub template: Pattern,
    /// Whether those that are meant say when something starts.
    pub dated: bool,
    /// They are known by their numbers. Otherwise by the days that they name, as offers are: none ever came true. What has neither
    /// is a letter.
    pub numbered: bool,
    /// They ask for a booking or speak of one that may come: who got nothing else never had one (`requests`).
    pub request: bool,
    pub support: u32,
    pub booked: u32,
}

/// A word that stands at the edge of titles, mostly beside the names of several people, and in nobody's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub object: String,
    pub place: String,
    /// `^ x` where titles begin with it, `x $` where they end so. `y * <initial> $` where titles of that kind end with some
    /// letter or other.
    pub line: Pattern,
    /// How many people's titles have it there, beside their names.
    pub support: u32,
    /// How many bookings whose titles have it were not called off.
    pub stood: u32,
    /// It may be of the name beside it, an initial: it is only known to stand there.
    pub of_name: bool,
}

impl MessageKind {
    /// Fewer than this prove nothing.
    pub const KNOWN: u32 = 8;
    /// What has the same words for so many people is a letter.
    pub const LETTERS: u32 = 5;

    /// Whether they say the same to everybody, and nothing of a booking.
    pub fn is_letter(&self) -> bool {
        !self.request && !self.numbered && !self.dated
    }

    /// Whether such messages are of no booking, whatever number they state.
    pub fn is_nobodys(&self) -> bool {
        let enough = if self.is_letter() {
            Self::LETTERS
        } else {
            Self::KNOWN
        };
        !self.request && self.support >= enough && self.booked == 0
    }
}

/// How often a kind of event belonged to a booking of the backup. A template that begins with `^` or ends with `$` is no
/// title, but what was written before or behind titles of bookings none of which was called off.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKind {
    pub template: Pattern,
    pub support: u32,
    pub booked: u32,
    /// How many of those that belonged to one began when it did.
    pub timed: u32,
}

impl EventKind {
    /// A kind of which none was seen yet.
    pub fn new(template: Pattern) -> Self {
        Self {
            template,
            support: 0,
            booked: 0,
            timed: 0,
        }
    }

    /// A kind that was seen so often before the backup is worded as entries are.
    pub const USUAL: u32 = 8;
    /// Fewer than this that belonged to bookings tell nothing of the kind.
    const KNOWN: u32 = 10;

    /// Whether entries of this kind stand beside bookings, not for them: a follow-up, a task. They never say when
    /// a booking is.
    pub fn is_aside(&self) -> bool {
        self.booked >= Self::KNOWN && self.timed * 10 < self.booked
    }
}
