//! Numbers by which a business calls its customers beside the rows' keys: a patient's card, a member's number. No config names
//! their column: it is one that has another number in every row.

use super::collect::Rows;
use super::values::Cell;
use crate::model::{BaselineCustomer, Entity};
use crate::reading::phone_tail;
use std::collections::BTreeSet;

/// So many rows with values that are all different show that a column numbers them.
const ROWS: usize = 20;
const LENGTH: std::ops::RangeInclusive<usize> = 3..=40;

/// Gives each customer the numbers of their row, which has their place in `cells`.
pub(super) fn add(customers: &mut [BaselineCustomer], cells: &[&Vec<Cell>], rows: &Rows, entity: &Entity) {
    for (place, column) in rows.columns.iter().enumerate() {
        let is_mapped = entity.columns.values().any(|map| map.column == *column);
        let is_known = is_mapped || entity.key.contains(column) || entity.constants.contains_key(column);
        let texts: Vec<Option<&str>> = cells
            .iter()
            .map(|row| {
                row.get(place)
                    .and_then(Cell::text)
                    .map(str::trim)
                    .filter(|text| !text.is_empty())
            })
            .collect();
        let different: BTreeSet<&str> = texts.iter().copied().flatten().collect();
        let count = texts.iter().flatten().count();
        let mut rows = customers.iter().zip(texts.iter().copied());
        let mut are_numbers = || rows.all(|(row, text)| text.is_none_or(|text| may_number(row, text)));
        if is_known || count < ROWS || different.len() < count || !are_numbers() {
            continue;
        }
        for (row, text) in customers.iter_mut().zip(texts) {
            row.numbers
                .extend(text.map(|text| (column.clone(), text.to_owned())));
        }
    }
}

/// Whether a text may be a row's number: no phone, address, day, moment or amount.
fn may_number(row: &BaselineCustomer, text: &str) -> bool {
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '/' | '#');
    let groups: Vec<&str> = text.split(['-', '/']).collect();
    let is_digits = |part: &&str| part.chars().all(|char| char.is_ascii_digit());
    let is_day = groups.len() == 3 && groups.iter().all(is_digits);
    let phone = row.phone.as_deref().map(phone_tail);
    LENGTH.contains(&text.chars().count())
        && text.chars().any(char::is_numeric)
        && text.chars().all(is_plain)
        && !is_day
        && phone.is_none_or(|phone| phone != phone_tail(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_number(text: &str) -> bool {
        let row = BaselineCustomer {
            phone: Some("+49 341 5550177".to_owned()),
            ..BaselineCustomer::default()
        };
        may_number(&row, text)
    }

    #[test]
    fn a_card_or_a_membership_numbers_people() {
        assert!(is_number("019415"));
        assert!(is_number("M-0042"));
        assert!(is_number("0b5e2c1a-7a2f-4f0c-9a37-5d2f8f6f1c11"));
    }

    #[test]
    fn days_moments_amounts_names_and_their_phone_do_not() {
        for text in [
            "1980-01-31",
            "2026-01-02 10:11:12",
            "12.50",
            "Anna",
            "0341 5550177",
            "03415550177",
            "7",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
