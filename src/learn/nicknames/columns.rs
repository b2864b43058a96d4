//! Names of resources in columns of their own table that nothing is mapped to: in another language, short, for the calendar.
//!
//! A few of a column's values that go with the bookings of their rows show that it holds names: then all of it does, also those
//! that nobody met in the overlap. A column in which values come back, or stand with other rows' bookings, is none.

use super::{AGAINST, BITS, Chance, Nickname, Record, Told, Tried, people};
use crate::mapping::squash;
use crate::model::Baseline;
use std::collections::{BTreeMap, BTreeSet};

/// Values of so many rows must stand with bookings of so many people each.
const ROWS: usize = 2;
const PEOPLE: usize = 2;
/// At most one person in so many had booked something else.
const ONE_IN: usize = 20;

/// A name that a resource may have, and its key.
pub(super) type Called = Vec<(String, String)>;

/// The columns that may name resources: all that is in them is different, has letters, and is no name of the backup's.
pub(super) fn of(baseline: &Baseline) -> Vec<Called> {
    let known: BTreeSet<String> = baseline
        .resources
        .iter()
        .flat_map(|row| [&row.name, &row.code])
        .flatten()
        .map(|text| squash(text))
        .collect();
    let mut columns: BTreeMap<&str, Called> = BTreeMap::new();
    for row in &baseline.resources {
        for (column, text) in &row.besides {
            let called = columns.entry(column).or_default();
            called.push((text.clone(), row.key.clone()));
        }
    }
    let may_name = |called: &Called| {
        let different: BTreeSet<String> = called.iter().map(|(text, _)| squash(text)).collect();
        different.len() == called.len()
            && called
                .iter()
                .all(|(text, _)| text.chars().any(char::is_alphabetic))
    };
    let columns = columns.into_values().filter(may_name);
    columns
        .map(|called| {
            called
                .into_iter()
                .filter(|(text, _)| !known.contains(&squash(text)))
                .collect()
        })
        .filter(|called: &Called| called.len() >= ROWS)
        .collect()
}

impl Told<'_> {
    /// What a column calls resources, where it is shown to hold names.
    pub(super) fn column(
        &self,
        column: &[Tried],
        records: &[Record<'_>],
        chance: &Chance<'_>,
    ) -> Vec<Nickname> {
        let (mut rows, mut all, mut others, mut bits) = (0, 0, 0, 0.0);
        let mut found = Vec::new();
        for tried in column {
            let Some(key) = tried.own.as_deref() else { continue };
            let (agree, against) = self.sides(tried, key, records);
            let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
            found.push(Nickname {
                text: tried.text.clone(),
                resource: key.to_owned(),
                support: count(agree.len() + against.len()),
                agree: count(agree.len()),
            });
            let (own, other) = (people(&agree, records), people(&against, records));
            rows += usize::from(own >= PEOPLE);
            all += own;
            others += other;
            bits += chance.bits(key, own, 0) - other as f64 * AGAINST;
        }
        let is_proven = rows >= ROWS && others * ONE_IN <= all && bits >= BITS;
        if is_proven { found } else { Vec::new() }
    }
}
