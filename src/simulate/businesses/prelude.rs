//! What every business is made of.

pub use crate::simulate::business::{
    Business, CalendarSplit, CalendarWords, Carrier, DateWords, Dialect, Encoding, EventShape, Holds,
    HtmlStyle, Line, MailWords, MoneyColumn, Plan, ReferenceShape, Schema, Shown, Stay, StripeWords,
    Structured, Tenant, TextStyle, TimeColumn, Trade, class, constant, line, pairs, sales, table, texts,
};
pub use crate::simulate::people::{People, words as names};
pub use crate::simulate::random::Random;
pub use crate::simulate::speech::{Currency, Language, MoneyStyle};

/// Letters and digits that nobody confuses.
pub const PLAIN: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
pub const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

pub fn dates(moment: &str, date: &str, time: &str) -> DateWords {
    DateWords {
        moment: moment.to_owned(),
        date: date.to_owned(),
        time: time.to_owned(),
    }
}

/// The four subjects or headlines, in the order of the messages.
pub fn four(list: [&str; 4]) -> [String; 4] {
    list.map(str::to_owned)
}

/// The words for confirmed, cancelled and completed.
pub fn three(list: [&str; 3]) -> [String; 3] {
    list.map(str::to_owned)
}
