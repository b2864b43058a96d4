//! Counts what could not be read, so that ten thousand rows with one flaw are one line.

use std::collections::BTreeMap;

/// Why a value or row was not read, and what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    CutOff,
    Width,
    NotUtf8,
    Expression,
    NoKey,
    NotATime,
    NoZone,
    SkippedHour,
    NotMoney,
    NoAmount,
    NotACurrency,
    UnknownWord,
    NotInDump,
}

impl Cause {
    fn in_words(self) -> &'static str {
        match self {
            Self::CutOff => {
                "the dump ends in the middle: rows may be missing; look for a complete copy of it"
            }
            Self::Width => "rows have more or fewer values than the table has columns, and were left out",
            Self::NotUtf8 => "values are not UTF-8, and were read with � in their place; dump again as UTF-8",
            Self::Expression => {
                "values are expressions that only the database could evaluate, and were left empty"
            }
            Self::NoKey => "rows have no key, and were left out",
            Self::NotATime => "values are no date or time, and were left empty",
            Self::NoZone => {
                "times have no zone, and were left empty; add time = \"local\" or time = \"utc\" to the column in [target]"
            }
            Self::SkippedHour => {
                "times fall into the hour that the clocks skip in the business's zone, and were left empty"
            }
            Self::NotMoney => {
                "values are no amount that the currency can have, and were left empty; money = \"major\" in [target] \
                 reads 397.00"
            }
            Self::NoAmount => "rows have no readable amount, and were left out",
            Self::NotACurrency => "values are no currency code, and the amounts beside them were left empty",
            Self::UnknownWord => "values have no meaning in [target]'s values, and were left empty",
            Self::NotInDump => {
                "values are not in the dump, as a database computes them anew; they were left empty"
            }
        }
    }
}

/// Every flaw with its count and its first example.
#[derive(Debug, Default)]
pub(super) struct Problems {
    seen: BTreeMap<(String, String, Cause), (u64, String)>,
}

impl Problems {
    /// Notes one more value of a column; of a row, where the column is empty.
    pub fn add(&mut self, table: &str, column: &str, cause: Cause, example: &str) {
        let place = (table.to_owned(), column.to_owned(), cause);
        self.seen
            .entry(place)
            .or_insert_with(|| (0, example.to_owned()))
            .0 += 1;
    }

    /// A sentence for each.
    pub fn in_words(&self) -> Vec<String> {
        self.seen
            .iter()
            .map(|((table, column, cause), (count, example))| {
                let place = if column.is_empty() {
                    table.clone()
                } else {
                    format!("{table}.{column}")
                };
                let example = if example.is_empty() {
                    String::new()
                } else {
                    format!(" (first: {example})")
                };
                let place = if place.is_empty() {
                    "backup".to_owned()
                } else {
                    place
                };
                format!("{place}: {count}×: {}{example}", cause.in_words())
            })
            .collect()
    }
}
