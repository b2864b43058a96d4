//! Which table holds the payments: the one with a column of charge ids; its other columns are compared with the charges.

use super::Ground;
use super::evidence::Charge;
use super::rows::{Book, Entity, Guess, View, amounts, carries, share};
use chrono::TimeDelta;
use std::collections::BTreeSet;

pub(super) struct Payments<'a> {
    pub entity: Entity,
    pub view: View<'a>,
    /// Each row's charge, where the sources hold it.
    pub charges: Vec<Option<&'a str>>,
}

/// Finds the table of payments.
pub(super) fn find<'a>(book: &Book<'a>, ground: &Ground<'a>) -> Option<Payments<'a>> {
    let mut best: Option<(usize, View<'a>, &'a str)> = None;
    let mut is_tied = false;
    for view in book.views() {
        for column in view.columns() {
            let distinct: BTreeSet<&str> = view.values(column).into_iter().flatten().collect();
            let hits = distinct
                .iter()
                .filter(|value| ground.facts.charges.contains_key(*value))
                .count();
            if hits >= 3 {
                is_tied = best.as_ref().is_some_and(|(most, ..)| *most == hits);
                if best.as_ref().is_none_or(|(most, ..)| hits > *most) {
                    best = Some((hits, view, column));
                }
            }
        }
    }
    let (hits, view, column) = best.filter(|_| !is_tied)?;
    let known = |value: Option<&'a str>| value.filter(|value| ground.facts.charges.contains_key(value));
    let charges: Vec<Option<&'a str>> = view.values(column).into_iter().map(known).collect();
    let mut entity = Entity {
        table: view.name.to_owned(),
        why: format!("{hits} charges of Stripe stand in its column {column}"),
        ..Entity::default()
    };
    let why = format!("{hits} of its values are ids of charges in the files");
    entity.columns.insert(
        "provider_id",
        Guess {
            column: column.to_owned(),
            time: None,
            major: false,
            why,
        },
    );
    let pairs: Vec<(usize, &Charge<'_>)> = charges
        .iter()
        .enumerate()
        .filter_map(|(row, id)| Some((row, ground.facts.charges.get((*id)?)?)))
        .collect();
    let amount = money(
        view,
        ground,
        &entity,
        &pairs,
        |charge| charge.captured.unwrap_or(charge.amount).minor,
        false,
    );
    entity.join("amount", amount);
    let refunded = money(view, ground, &entity, &pairs, |charge| charge.refunded, true);
    entity.join("refunded", refunded);
    if let Some(guess) = currency(view, &pairs) {
        entity.columns.insert("currency", guess);
    }
    let paid_at = paid_at(book, view, &entity, &pairs);
    entity.join("paid_at", paid_at);
    Some(Payments {
        entity,
        view,
        charges,
    })
}

/// The column whose amounts are the charges'. With `any`, zeros say nothing: what is not zero must agree.
fn money(
    view: View<'_>,
    ground: &Ground<'_>,
    entity: &Entity,
    pairs: &[(usize, &Charge<'_>)],
    of: impl Fn(&Charge<'_>) -> i64,
    any: bool,
) -> Result<Guess, String> {
    let currency = ground.currency.ok_or("the currency is not known")?;
    let mut found: Vec<(usize, usize, &str, bool)> = Vec::new();
    for column in view.columns().filter(|column| !entity.holds(column)) {
        for major in [false, true] {
            let Some(values) = amounts(view, column, currency, major) else {
                continue;
            };
            let told: Vec<(i64, i64)> = pairs
                .iter()
                .filter_map(|(row, charge)| Some((values[*row]?, of(charge))))
                .filter(|(value, _)| !any || *value != 0)
                .collect();
            let agree = told.iter().filter(|(value, charge)| value == charge).count();
            let least = if any { 2 } else { 4 };
            if agree >= least && agree * 10 >= told.len() * if any { 9 } else { 8 } {
                found.push((agree, told.len(), column, major));
            }
        }
    }
    found.sort_by_key(|(agree, ..)| std::cmp::Reverse(*agree));
    // Where a currency has no decimals, minor and major are the same.
    if currency.decimals() == 0 {
        found.retain(|(.., major)| !major);
    }
    match found.as_slice() {
        [] => Err("no column agrees with the charges often enough".to_owned()),
        [first, second, ..] if first.0 == second.0 => Err(format!(
            "columns {} and {} agree with the charges alike",
            first.2, second.2
        )),
        [(agree, of, column, major), ..] => Ok(Guess {
            column: (*column).to_owned(),
            time: None,
            major: *major,
            why: format!(
                "{} amounts{} are the charge's, in {} units",
                share(*agree, *of),
                if any { " above zero" } else { "" },
                if *major { "major" } else { "minor" }
            ),
        }),
    }
}

fn currency(view: View<'_>, pairs: &[(usize, &Charge<'_>)]) -> Option<Guess> {
    view.columns().find_map(|column| {
        let values = view.values(column);
        let told: Vec<bool> = pairs
            .iter()
            .filter_map(|(row, charge)| {
                Some(
                    values[*row]?
                        .trim()
                        .eq_ignore_ascii_case(charge.amount.currency.as_str()),
                )
            })
            .collect();
        let agree = told.iter().filter(|is| **is).count();
        (agree >= 4 && agree == told.len()).then(|| Guess {
            column: column.to_owned(),
            time: None,
            major: false,
            why: format!("{} name the charge's currency", share(agree, told.len())),
        })
    })
}

fn paid_at(
    book: &Book<'_>,
    view: View<'_>,
    entity: &Entity,
    pairs: &[(usize, &Charge<'_>)],
) -> Result<Guess, String> {
    let mut found = Vec::new();
    for column in view.columns().filter(|column| !entity.holds(column)) {
        for time in book.time_readings(view, column) {
            let values = view.values(column);
            let mut told = 0;
            let agree = pairs
                .iter()
                .filter(|(row, charge)| {
                    let Some(when) = values[*row].and_then(|text| book.time(view, column, time, text)) else {
                        return false;
                    };
                    told += 1;
                    match (when.instant(), book.zone) {
                        (Some(at), _) => (at - charge.created).abs() <= TimeDelta::minutes(5),
                        (None, Some(zone)) => {
                            when.date(zone) == charge.created.with_timezone(&zone).date_naive()
                        }
                        (None, None) => false,
                    }
                })
                .count();
            if carries(agree, told, 0.6) {
                found.push((agree, told, column, time));
            }
        }
    }
    pick_time(found, "times are the charge's")
}

/// The best of columns and readings; none where two are as good.
pub(super) fn pick_time(
    mut found: Vec<(usize, usize, &str, Option<crate::model::TimeAs>)>,
    what: &str,
) -> Result<Guess, String> {
    found.sort_by_key(|(agree, ..)| std::cmp::Reverse(*agree));
    // Where clocks show UTC for half of the year, only the other half tells the two apart.
    if let [first, second, rest @ ..] = found.as_slice()
        && first.2 == second.2
        && first.0 - second.0 >= usize::max(4, first.1 / 30)
        && rest.first().is_none_or(|third| first.0 * 9 >= third.0 * 10)
    {
        found.truncate(1);
    }
    match found.as_slice() {
        [] => Err("no column agrees with the sources often enough".to_owned()),
        [first, second, ..] if first.0 * 9 < second.0 * 10 => Err(if first.2 == second.2 {
            format!(
                "column {} agrees, but whether it is in local time or in UTC does not show: {} and {} agree",
                first.2, first.0, second.0
            )
        } else {
            format!("columns {} and {} agree alike", first.2, second.2)
        }),
        [(agree, of, column, time), ..] => Ok(Guess {
            column: (*column).to_owned(),
            time: *time,
            major: false,
            why: format!("{} {what}", share(*agree, *of)),
        }),
    }
}

/// The column of payments that names the booking.
pub(super) fn booking_of(book: &Book<'_>, payments: &str, bookings: &str) -> Result<Guess, String> {
    let view = book.view(payments).ok_or("its rows are not in the dump")?;
    let columns: Vec<String> = book
        .references(view)
        .into_iter()
        .filter(|(_, other)| other.name == bookings)
        .map(|(column, _)| column)
        .collect();
    match columns.as_slice() {
        [column] => Ok(Guess {
            column: column.clone(),
            time: None,
            major: false,
            why: "its values are keys of the bookings".to_owned(),
        }),
        [] => Err("no column refers to the bookings".to_owned()),
        many => Err(format!("columns {} refer to the bookings", many.join(" and "))),
    }
}
