//! Records that list several bookings: what they say of each in their place, and what a price is that they state of all.

use super::Claims;
use crate::model::{Document, FieldName, Item, Money, Value};
use std::collections::BTreeMap;

/// Puts what documents say of each of their bookings in the place of the whole. `parts`: by index, those that were taken apart.
pub(super) fn put_in_place(documents: &mut Vec<Document>, mut parts: BTreeMap<usize, Vec<Document>>) {
    if parts.is_empty() {
        return;
    }
    *documents = std::mem::take(documents)
        .into_iter()
        .enumerate()
        .flat_map(|(at, document)| parts.remove(&at).unwrap_or_else(|| vec![document]))
        .collect();
}

/// How often a price that a record states of all the bookings that it lists was what each of them cost, and how often
/// what they cost together, each as much as the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Lists {
    pub support: u32,
    pub each: u32,
    pub alike: u32,
}

impl Lists {
    /// Fewer than this prove nothing.
    const KNOWN: u32 = 4;

    /// Whether enough were seen to tell what such a price is.
    pub fn is_known(self) -> bool {
        self.support >= Self::KNOWN
    }

    /// What each of `of` bookings costs by such a price; None where that is not known.
    pub fn price(self, stated: Money, of: u32) -> Option<Money> {
        let mostly = |agree: u32| agree >= Self::KNOWN && agree * 100 >= self.support * 95;
        let of = i64::from(of.max(1));
        if mostly(self.each) {
            Some(stated)
        } else if mostly(self.alike) && stated.minor % of == 0 {
            Some(Money::new(stated.minor / of, stated.currency))
        } else {
            None
        }
    }

    /// What a value says of one of the bookings that a record lists: a price that stands before or behind the list may be
    /// what each of them costs, or what they cost together.
    pub(super) fn of_one(
        self,
        document: &Document,
        item: &Item,
        (field, value): (FieldName, Value),
        out: &mut Claims,
    ) -> Option<Value> {
        let (Some(listed), Value::Money(price)) = (document.listed(), &value) else {
            return Some(value);
        };
        if field != FieldName::Total || !listed.is_of_all(item) {
            return Some(value);
        }
        out.of_all.push(*price);
        if !self.is_known() {
            // Whether it is each one's or that of all is asked.
            return Some(value);
        }
        self.price(*price, listed.of).map(Value::Money)
    }
}
