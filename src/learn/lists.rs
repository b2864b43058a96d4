//! What a price is that a message states of all the bookings that it lists: each one's, or what they cost together.

use super::{Lexed, Truth};
use crate::mapping::{Lists, Reader};
use crate::model::{Money, RecordId};
use std::collections::{BTreeMap, BTreeSet};

/// Compares the prices that stand before or behind lists with what the backup says of the bookings listed.
pub fn learn(documents: &[&Lexed<'_>], links: &[Option<&Truth<'_>>], reader: &Reader<'_>) -> Lists {
    // By record: the prices stated of all, how many bookings it lists, and what those of the backup cost.
    type Prices = (BTreeSet<Money>, u32, Vec<Option<Money>>);
    let mut records: BTreeMap<&RecordId, Prices> = BTreeMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        let (Some(listed), Some(truth)) = (lexed.document.listed(), truth) else {
            continue;
        };
        let claims = reader.read_lines(lexed.document, &lexed.lines, lexed.defining.as_ref());
        let (stated, of, prices) = records.entry(&lexed.document.record).or_default();
        stated.extend(claims.of_all);
        *of = listed.of;
        prices.push(truth.total());
    }
    let mut lists = Lists::default();
    for (stated, of, prices) in records.into_values() {
        let (Some(stated), 1) = (stated.first(), stated.len()) else {
            continue;
        };
        // A list of which some could not be tied says nothing of their sum.
        let (Some(first), true) = (prices[0], prices.len() == of as usize) else {
            continue;
        };
        // Of one booking both are the same.
        if of < 2 {
            continue;
        }
        lists.support += 1;
        let same = prices.iter().all(|price| *price == Some(first));
        // One of them may have been changed since, with its price.
        let told = prices.iter().filter(|price| **price == Some(*stated)).count();
        lists.each += u32::from(told * 2 >= prices.len());
        lists.alike += u32::from(
            same && stated.currency == first.currency && stated.minor == first.minor * i64::from(of),
        );
    }
    lists
}
