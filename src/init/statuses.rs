//! What the words of the status column mean: shown by what became of their bookings.

use super::links::{Doc, Links};
use super::rows::{Book, Entity, Guess, View};
use crate::model::Status;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct StatusGuess {
    pub value: String,
    /// None where it is not clear what it means.
    pub status: Option<Status>,
    pub why: String,
}

/// What the words of the status column mean: by what became of their rows.
pub(super) fn find(
    book: &Book<'_>,
    view: View<'_>,
    links: &Links<'_>,
    last_change: Option<DateTime<Utc>>,
    entity: &mut Entity,
    references: &[(String, View<'_>)],
) -> Vec<StatusGuess> {
    let (Some(ends), Some(now), Some(zone)) =
        (entity.columns.get("ends_at").cloned(), last_change, book.zone)
    else {
        entity.open.push((
            "status",
            "without the bookings' end nothing tells what a status means".to_owned(),
        ));
        return Vec::new();
    };
    let is_past: Vec<Option<bool>> = view
        .values(&ends.column)
        .into_iter()
        .map(|value| {
            let when = book.time(view, &ends.column, ends.time, value?)?;
            Some(
                when.instant()
                    .map_or(when.date(zone) < now.with_timezone(&zone).date_naive(), |at| {
                        at <= now
                    }),
            )
        })
        .collect();
    let mut found: Vec<(&str, Vec<StatusGuess>)> = Vec::new();
    let mut near: Vec<String> = Vec::new();
    for column in view.columns() {
        let is_reference = references.iter().any(|(reference, _)| reference == column);
        if entity.holds(column) || is_reference {
            continue;
        }
        let values = view.values(column);
        let distinct: BTreeSet<&str> = values.iter().flatten().copied().collect();
        if !(2..=8).contains(&distinct.len()) {
            continue;
        }
        let guesses = meanings(&values, &distinct, &is_past, links);
        if guesses.iter().filter(|guess| guess.status.is_some()).count() >= 2 {
            let told = guesses
                .iter()
                .map(|guess| format!("{:?}: {}", guess.value, guess.why));
            near.push(format!(
                "{column} may be it ({})",
                told.collect::<Vec<_>>().join("; ")
            ));
        }
        let has = |status| {
            guesses
                .iter()
                .filter(|guess| guess.status == Some(status))
                .count()
                == 1
        };
        if has(Status::Confirmed) && (has(Status::Cancelled) || has(Status::Completed)) {
            found.push((column, guesses));
        }
    }
    match found.len() {
        1 => {
            let (column, guesses) = found.remove(0);
            let why = "what its values mean shows in what became of their bookings".to_owned();
            entity.columns.insert(
                "status",
                Guess {
                    column: column.to_owned(),
                    time: None,
                    major: false,
                    why,
                },
            );
            guesses
        }
        0 => {
            near.insert(
                0,
                "no column's values go clearly with what became of the bookings".to_owned(),
            );
            entity.open.push(("status", near.join("; ")));
            Vec::new()
        }
        _ => {
            let names: Vec<&str> = found.iter().map(|(column, _)| *column).collect();
            entity.open.push((
                "status",
                format!(
                    "columns {} go with what became of the bookings alike",
                    names.join(", ")
                ),
            ));
            Vec::new()
        }
    }
}

fn meanings(
    values: &[Option<&str>],
    distinct: &BTreeSet<&str>,
    is_past: &[Option<bool>],
    links: &Links<'_>,
) -> Vec<StatusGuess> {
    let called_off = |row: usize| {
        links.of(row).any(|(doc, _)| match doc {
            Doc::Event(event) => event.cancelled,
            Doc::Charge(charge) => charge.refunded > 0 && charge.refunded == charge.taken(),
            Doc::Mail(_) => false,
        })
    };
    let has_event = |row: usize| {
        links
            .of(row)
            .any(|(doc, _)| matches!(doc, Doc::Event(event) if !event.cancelled))
    };
    let mut called = BTreeMap::new();
    let mut guesses: Vec<StatusGuess> = distinct
        .iter()
        .map(|value| {
            let rows: Vec<usize> = (0..values.len()).filter(|row| values[*row] == Some(value)).collect();
            let past = rows.iter().filter(|row| is_past[**row] == Some(true)).count();
            let linked: Vec<usize> = rows.iter().copied().filter(|row| !links.of_row[*row].is_empty()).collect();
            let off = linked.iter().filter(|row| called_off(**row)).count();
            let lone = linked.iter().filter(|row| !has_event(**row)).count();
            let (n, m) = (rows.len(), linked.len());
            let is_off = off >= 2 && off * 4 >= m || lone >= 3 && lone * 10 >= m * 8 && off >= 1;
            called.insert(*value, (off, m));
            let is_on = off * 10 <= m;
            let status = if is_off && m >= 2 {
                Some(Status::Cancelled)
            } else if is_on && n >= 3 && past * 100 >= n * 85 {
                Some(Status::Completed)
            } else if is_on && n >= 3 && past * 10 <= n * 2 {
                Some(Status::Confirmed)
            } else {
                None
            };
            StatusGuess {
                value: (*value).to_owned(),
                status,
                why: format!(
                    "{n} rows, {past} of them over by the backup; of {m} with records, {off} were called off or paid back whole"
                ),
            }
        })
        .collect();
    // What is left when the others are clear, and was called off where anything is known of it.
    let told: BTreeSet<Status> = guesses.iter().filter_map(|guess| guess.status).collect();
    let mut left: Vec<&mut StatusGuess> = guesses
        .iter_mut()
        .filter(|guess| guess.status.is_none())
        .collect();
    if let ([last], true) = (
        left.as_mut_slice(),
        told == BTreeSet::from([Status::Confirmed, Status::Completed]),
    ) && let Some((off, linked)) = called.get(last.value.as_str())
    {
        let all: usize = called.values().map(|(off, _)| off).sum();
        let others: usize = called.values().map(|(_, linked)| linked).sum::<usize>() - linked;
        let is_often = *off >= 3 && off * 10 >= *linked || *off >= 1 && off * 2 >= *linked;
        if is_often && (all - off) * 50 <= others {
            last.status = Some(Status::Cancelled);
        }
    }
    guesses
}
