//! The backup's rows of the mapped tables, in canonical terms.

use super::{Currency, Money, Schema, Status, TotalRatio, When};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Column to its text as the dump states it; None is NULL.
pub type RawRow = BTreeMap<String, Option<String>>;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Baseline {
    pub schema: Schema,
    pub customers: Vec<BaselineCustomer>,
    pub resources: Vec<BaselineResource>,
    pub bookings: Vec<BaselineBooking>,
    pub payments: Vec<BaselinePayment>,
    /// Rows that could not be read, in words.
    pub problems: Vec<String>,
    /// Whether names of two columns are put together with the family's first, as the business writes them.
    pub family_first: bool,
    /// How records state its totals, where they do not as they are kept: those of the bookings are as records state them.
    pub total_ratio: Option<TotalRatio>,
}

impl Baseline {
    /// What its bookings are called by.
    pub fn references(&self) -> impl Iterator<Item = &str> + Clone {
        self.bookings.iter().filter_map(|row| row.reference.as_deref())
    }

    /// Its customers' telephone numbers.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        self.customers.iter().filter_map(|row| row.phone.as_deref())
    }

    /// The currencies that its bookings' prices are in.
    pub fn currencies(&self) -> impl Iterator<Item = Currency> {
        self.bookings
            .iter()
            .filter_map(|row| row.total)
            .map(|total| total.currency)
    }

    /// Puts names together in this order, where the rows keep their halves alone.
    pub fn write_names(&mut self, family_first: bool) {
        self.family_first = family_first;
        for row in &mut self.customers {
            if let (Some(first), Some(last)) = (&row.first_name, &row.last_name) {
                row.name = Some(if family_first {
                    format!("{last} {first}")
                } else {
                    format!("{first} {last}")
                });
            }
        }
    }

    /// Turns the totals of its bookings, once, into what records state.
    pub fn state_totals(&mut self, ratio: TotalRatio) {
        if self.total_ratio.replace(ratio).is_none() {
            for row in &mut self.bookings {
                row.total = row.total.map(|total| ratio.stated(total));
            }
        }
    }

    /// Whether people of different names have one e-mail address, as families do, at several addresses: there it names
    /// nobody alone.
    pub fn has_households(&self) -> bool {
        let mut at: BTreeMap<String, Vec<BTreeSet<String>>> = BTreeMap::new();
        for row in &self.customers {
            if let (Some(email), Some(name)) = (&row.email, &row.name) {
                let words = name.split_whitespace().map(str::to_lowercase).collect();
                at.entry(email.trim().to_lowercase()).or_default().push(words);
            }
        }
        let other = |a: &BTreeSet<String>, b: &BTreeSet<String>| !a.is_subset(b) && !b.is_subset(a);
        let differ = |names: &&Vec<BTreeSet<String>>| names.iter().any(|name| other(&names[0], name));
        at.values().filter(differ).count() >= HOUSEHOLDS
    }
}

/// So many addresses that people share make it a habit.
const HOUSEHOLDS: usize = 3;

/// Keys: composite ones joined by `|`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BaselineCustomer {
    pub key: String,
    /// The one column, or the halves joined by a space, in the order in which the business writes them.
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    /// What else the business numbers them by, by column: a patient's card, a member's number.
    pub numbers: BTreeMap<String, String>,
    pub raw: RawRow,
}

impl BaselineCustomer {
    /// What records may call the row by: its key, and the number in each column that has one.
    pub fn called(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let numbers = self.numbers.iter();
        let numbers = numbers.map(|(column, number)| (Some(column.as_str()), number.as_str()));
        [(None, self.key.as_str())].into_iter().chain(numbers)
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct BaselineResource {
    pub key: String,
    pub name: Option<String>,
    pub code: Option<String>,
    pub class: Option<String>,
    pub tenant: Option<String>,
    /// What stands in columns that nothing is mapped to, by their names: one of them may name it in another language.
    pub besides: BTreeMap<String, String>,
    pub raw: RawRow,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct BaselineBooking {
    pub key: String,
    pub tenant: Option<String>,
    pub reference: Option<String>,
    pub customer: Option<String>,
    pub resource: Option<String>,
    pub starts_at: Option<When>,
    pub ends_at: Option<When>,
    pub status: Option<Status>,
    pub total: Option<Money>,
    pub created_at: Option<DateTime<Utc>>,
    pub raw: RawRow,
}

#[derive(Debug, Clone, PartialEq)]
pub struct BaselinePayment {
    pub key: String,
    pub booking: Option<String>,
    /// The provider's charge id.
    pub provider_id: Option<String>,
    pub amount: Money,
    pub refunded: Money,
    pub paid_at: Option<DateTime<Utc>>,
    pub raw: RawRow,
}
