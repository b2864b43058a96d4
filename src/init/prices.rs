//! Which column holds what a booking costs, and which its currency.

use super::Ground;
use super::evidence::Charge;
use super::links::{Doc, Links};
use super::rows::{Guess, View, amounts, carries, share};
use std::collections::{BTreeMap, BTreeSet};

/// The agreed price: what was paid, or an amount that the booking's records state.
pub(super) fn total(
    view: View<'_>,
    ground: &Ground<'_>,
    charges: &[Vec<&str>],
    links: &Links<'_>,
    is_free: &dyn Fn(&str) -> bool,
) -> Result<Guess, String> {
    let currency = ground.currency.ok_or("the currency is not known")?;
    let paid: Vec<i64> = charges
        .iter()
        .map(|ids| {
            ids.iter()
                .filter_map(|id| ground.facts.charges.get(id))
                .map(Charge::taken)
                .sum()
        })
        .collect();
    let rows: Vec<usize> = (0..view.len()).filter(|row| paid[*row] > 0).collect();
    let mut found = Vec::new();
    for column in view.columns().filter(|column| is_free(column)) {
        for major in [false, true] {
            if major && currency.decimals() == 0 {
                continue;
            }
            let Some(values) = amounts(view, column, currency, major) else {
                continue;
            };
            let equal = rows
                .iter()
                .filter(|row| values[**row] == Some(paid[**row]))
                .count();
            // What was paid in part is below the total; ten times as much is another unit.
            let fits = |row: &&usize| {
                values[**row].is_some_and(|value| value >= paid[**row] && value <= 20 * paid[**row])
            };
            let is_near = rows.iter().filter(fits).count() * 10 >= rows.len() * 8;
            let said = said_amounts(&values, currency.decimals(), links);
            if is_near
                && !rows.is_empty()
                && (carries(equal, rows.len(), 0.2) || carries(said.0, said.1, 0.4) && said.0 > 2 * said.2)
            {
                found.push((equal + said.0, equal, said, column, major));
            }
        }
    }
    found.sort_by_key(|(both, ..)| std::cmp::Reverse(*both));
    match found.as_slice() {
        [] => Err("no column agrees with what was paid or with the amounts in the records".to_owned()),
        [first, second, ..] if first.0 * 9 < second.0 * 10 => {
            Err(format!("columns {} and {} agree alike", first.3, second.3))
        }
        [(_, equal, said, column, major), ..] => Ok(Guess {
            column: (*column).to_owned(),
            time: None,
            major: *major,
            why: format!(
                "{} rows hold what was paid for them, and {} an amount in their records; in {} units",
                share(*equal, rows.len()),
                share(said.0, said.1),
                if *major { "major" } else { "minor" }
            ),
        }),
    }
}

/// In how many rows the amount stands in the row's mails and events; of how many; by chance.
fn said_amounts(values: &[Option<i64>], decimals: u32, links: &Links<'_>) -> (usize, usize, usize) {
    let unit = 10_i64.pow(decimals);
    let rows: Vec<usize> = links
        .rows()
        .into_iter()
        .filter(|row| values[*row].is_some_and(|value| value > 0))
        .collect();
    let numbers: BTreeMap<usize, BTreeSet<String>> = rows
        .iter()
        .map(|row| {
            let docs = links.of(*row).filter(|(doc, _)| !matches!(doc, Doc::Charge(_)));
            (*row, docs.flat_map(|(doc, _)| numbers_in(doc.text())).collect())
        })
        .collect();
    let says = |value: i64, row: &usize| {
        let whole = (value % unit == 0).then(|| (value / unit).to_string());
        numbers[row].contains(&value.to_string()) || whole.is_some_and(|whole| numbers[row].contains(&whole))
    };
    let (mut agree, mut chance) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        let Some(value) = values[*row] else { continue };
        agree += usize::from(says(value, row));
        chance += usize::from(says(value, &rows[(at + rows.len() / 2) % rows.len()]));
    }
    (agree, rows.len(), chance)
}

/// Numbers of a text, their separators left out.
fn numbers_in(text: &str) -> impl Iterator<Item = String> {
    let is_part = |char: char| char.is_ascii_digit() || ".,'’\u{a0}\u{202f}".contains(char);
    text.split(move |char| !is_part(char))
        .map(|part| part.chars().filter(char::is_ascii_digit).collect::<String>())
        .filter(|digits| !digits.is_empty())
}

pub(super) fn currency(view: View<'_>, is_free: &dyn Fn(&str) -> bool) -> Option<Guess> {
    view.columns()
        .filter(|column| is_free(column))
        .find_map(|column| {
            let values: Vec<&str> = view.values(column).into_iter().flatten().map(str::trim).collect();
            let distinct: BTreeSet<&str> = values.iter().copied().collect();
            let codes = distinct.iter().all(|value| value.len() == 3 && iso(value));
            (values.len() >= 4 && codes && distinct.len() <= 3).then(|| Guess {
                column: column.to_owned(),
                time: None,
                major: false,
                why: format!(
                    "every row holds a currency's code: {}",
                    distinct.into_iter().collect::<Vec<_>>().join(", ")
                ),
            })
        })
}

/// Currencies that a column may be told by. A made-up code of three letters is none.
fn iso(code: &str) -> bool {
    const CODES: &str = "aed ars aud bgn brl cad chf clp cny cop crc czk dkk egp eur gbp hkd huf idr ils inr isk jpy \
                         kes krw mad mxn myr nok nzd pen php pln ron sar sek sgd thb tnd try twd uah usd uyu vnd zar";
    CODES
        .split_ascii_whitespace()
        .any(|known| known.eq_ignore_ascii_case(code))
}
