//! Which table holds the bookings, and what its columns hold.
//!
//! It is the one that payments refer to, or whose times are the calendar's. Its rows are linked to records by
//! values that both hold (a reference, an address, a number, a name); columns are then compared with the linked
//! records of the same row, and with those of another row to know what agrees by chance.

use super::Ground;
use super::evidence::Event;
use super::links::{Doc, Links, link, telling};
use super::payments::{self, Payments, pick_time};
use super::rows::{Book, Entity, Guess, View, carries, is_uuid, share};
use super::tenants;
use super::{party, prices, statuses};
use crate::baseline::minor_units;
use crate::model::{LengthUnit, TimeAs, When};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;

pub(super) struct Bookings<'a> {
    pub entity: Entity,
    pub customer: Option<Entity>,
    pub resource: Option<Entity>,
    pub statuses: Vec<statuses::StatusGuess>,
    pub tenants: tenants::Partition<'a>,
    pub last_change: Option<DateTime<Utc>>,
    pub customer_emails: BTreeSet<String>,
}

/// Finds the table of bookings, and with it those of customers and resources.
pub(super) fn find<'a>(
    book: &Book<'a>,
    ground: &Ground<'a>,
    paid: Option<&Payments<'a>>,
) -> Option<Bookings<'a>> {
    let (view, why) = table(book, ground, paid)?;
    let charges = charges_of_rows(book, ground, paid, view);
    let horizon = paid
        .iter()
        .flat_map(|paid| paid.charges.iter().flatten())
        .filter_map(|id| ground.facts.charges.get(id))
        .map(|charge| charge.created)
        .max();
    let links = link(book, ground, view, &charges, horizon);
    let mut entity = Entity {
        table: view.name.to_owned(),
        why,
        key: view.table.primary_key.clone(),
        ..Entity::default()
    };
    let references = book.references(view);
    times(book, view, &links, &mut entity);
    let created = created(book, view, &links, &entity);
    entity.join("created_at", created);
    let last_change = last_change(book, view, &entity, paid, horizon);
    let tenants = tenants::partition(view, &links, &mut entity);
    let references: Vec<_> = references
        .into_iter()
        .filter(|(column, _)| !entity.holds(column))
        .collect();
    let is_free = |entity: &Entity, column: &str| {
        !entity.holds(column) && !references.iter().any(|(reference, _)| reference == column)
    };
    let (customer, customer_emails) = party::customer(book, view, &links, &references, &mut entity);
    let resource = party::resource(book, view, &links, &references, &mut entity);
    let reference = reference(view, &links, &|column| is_free(&entity, column));
    entity.join("reference", reference);
    let total = prices::total(view, ground, &charges, &links, &|column| is_free(&entity, column));
    entity.join("total", total);
    let statuses = statuses::find(book, view, &links, last_change, &mut entity, &references);
    if let Some(guess) = prices::currency(view, &|column| is_free(&entity, column)) {
        entity.columns.insert("currency", guess);
    }
    Some(Bookings {
        entity,
        customer,
        resource: resource.map(|mut resource| {
            tenants::of_resource(book, view, &tenants, &mut resource);
            resource
        }),
        statuses,
        tenants,
        last_change,
        customer_emails,
    })
}

fn table<'a>(
    book: &Book<'a>,
    ground: &Ground<'a>,
    paid: Option<&Payments<'a>>,
) -> Option<(View<'a>, String)> {
    let time_columns = |view: View<'a>| -> Vec<(&'a str, Option<TimeAs>)> {
        view.columns()
            .flat_map(|column| {
                book.time_readings(view, column)
                    .into_iter()
                    .map(move |time| (column, time))
            })
            .collect()
    };
    let has_times = |view: View<'a>| {
        let columns: BTreeSet<&str> = time_columns(view).into_iter().map(|(column, _)| column).collect();
        columns.len() >= 2
    };
    let mut candidates: Vec<View<'a>> = match paid {
        Some(paid) => {
            let mut referred: Vec<View<'a>> = book
                .references(paid.view)
                .into_iter()
                .map(|(_, view)| view)
                .filter(|view| has_times(*view))
                .collect();
            referred.dedup_by_key(|view| view.name);
            referred
        }
        None => Vec::new(),
    };
    if candidates.is_empty() {
        candidates = book
            .views()
            .filter(|view| paid.is_none_or(|paid| paid.view.name != view.name) && has_times(*view))
            .collect();
    }
    let stays: BTreeSet<(When, When)> = ground
        .facts
        .events
        .iter()
        .filter_map(|event| Some((event.starts?, event.ends?)))
        .collect();
    let agreement = |view: View<'a>| {
        let columns = time_columns(view);
        let read: Vec<Vec<Option<When>>> = columns
            .iter()
            .map(|(column, time)| {
                let read = |value: Option<&str>| book.time(view, column, *time, value?);
                view.values(column).into_iter().map(read).collect()
            })
            .collect();
        let mut best = 0;
        for starts in &read {
            for ends in &read {
                let is_stay = |row: &usize| {
                    matches!((starts[*row], ends[*row]), (Some(start), Some(end))
                        if stays.contains(&(start, end)) || stays.contains(&(start, next_day(end))))
                };
                best = best.max((0..view.len()).filter(is_stay).count());
            }
        }
        best
    };
    let mut scored: Vec<(usize, View<'a>)> =
        candidates.iter().map(|view| (agreement(*view), *view)).collect();
    scored.sort_by_key(|(agree, _)| std::cmp::Reverse(*agree));
    let (agree, view) = *scored.first()?;
    let is_clear = scored
        .get(1)
        .is_none_or(|(second, _)| agree >= 4 && agree > 2 * second);
    let referred = paid.is_some_and(|paid| {
        book.references(paid.view)
            .iter()
            .any(|(_, other)| other.name == view.name)
    });
    if !is_clear || agree < 4 && !referred {
        return None;
    }
    let by_payments = if referred {
        "; the payments refer to it"
    } else {
        ""
    };
    Some((
        view,
        format!("{agree} of its rows begin and end as events of the calendar do{by_payments}"),
    ))
}

fn next_day(when: When) -> When {
    match when {
        When::Date(date) => When::Date(date.succ_opt().unwrap_or(date)),
        at @ When::Instant(_) => at,
    }
}

/// The charges of each booking, by the table of payments.
fn charges_of_rows<'a>(
    book: &Book<'a>,
    ground: &Ground<'a>,
    paid: Option<&Payments<'a>>,
    view: View<'a>,
) -> Vec<Vec<&'a str>> {
    let mut of_row = vec![Vec::new(); view.len()];
    let Some(paid) = paid else { return of_row };
    let Ok(guess) = payments::booking_of(book, paid.view.name, view.name) else {
        return of_row;
    };
    let by_key = view.by_key();
    for (booking, charge) in paid.view.values(&guess.column).into_iter().zip(&paid.charges) {
        if let (Some(row), Some(charge)) = (booking.and_then(|key| by_key.get(key)), charge)
            && ground.facts.charges.contains_key(charge)
        {
            of_row[*row].push(*charge);
        }
    }
    of_row
}

/// Columns that hold how long after the start the linked events end, and in which unit.
fn counted<'a>(
    book: &Book<'_>,
    view: View<'a>,
    starts: &Guess,
    entity: &Entity,
    with_event: &[(usize, Vec<&Event<'_>>)],
    is_end: &dyn Fn(When, &Event<'_>) -> bool,
) -> Vec<Agreeing<'a>> {
    let begin = view.values(&starts.column);
    let mut found = Vec::new();
    for column in view
        .columns()
        .filter(|column| !entity.holds(column) && *column != starts.column)
    {
        let values = view.values(column);
        // A night is kept as a day is.
        for unit in [LengthUnit::Minutes, LengthUnit::Hours, LengthUnit::Days] {
            let end = |row: usize| {
                let start = book.time(view, &starts.column, starts.time, begin[row]?)?;
                let length = minor_units(values[row]?, unit.decimals()).filter(|length| *length > 0)?;
                unit.end(start, length, book.zone.unwrap_or(Tz::UTC))
            };
            let agrees = |(row, events): &&(usize, Vec<&Event<'_>>)| {
                end(*row).is_some_and(|end| events.iter().any(|event| is_end(end, event)))
            };
            let agree = with_event.iter().filter(agrees).count();
            if carries(agree, with_event.len(), 0.5) {
                found.push((agree, with_event.len(), column, Some(TimeAs::Since(unit))));
            }
        }
    }
    found
}

/// `starts_at` and `ends_at`: the columns whose times the linked events have.
fn times(book: &Book<'_>, view: View<'_>, links: &Links<'_>, entity: &mut Entity) {
    let with_event: Vec<(usize, Vec<&Event<'_>>)> = links
        .rows()
        .into_iter()
        .map(|row| {
            let events = links.of(row).filter_map(|(doc, _)| match doc {
                Doc::Event(event) if !event.cancelled => Some(*event),
                _ => None,
            });
            (row, events.collect::<Vec<_>>())
        })
        .filter(|(_, events)| !events.is_empty())
        .collect();
    let score = |is_told: &dyn Fn(When, &Event<'_>) -> bool| {
        let mut found = Vec::new();
        for column in view.columns().filter(|column| !entity.holds(column)) {
            let values = view.values(column);
            for time in book.time_readings(view, column) {
                let agree = with_event
                    .iter()
                    .filter(|(row, events)| {
                        values[*row]
                            .and_then(|text| book.time(view, column, time, text))
                            .is_some_and(|when| events.iter().any(|event| is_told(when, event)))
                    })
                    .count();
                if carries(agree, with_event.len(), 0.5) {
                    found.push((agree, with_event.len(), column, time));
                }
            }
        }
        found
    };
    let same = |when: When, at: Option<When>| match (when, at, book.zone) {
        (When::Date(date), Some(at @ When::Instant(_)), Some(zone)) => at.date(zone) == date,
        (_, Some(at), _) => when == at,
        (_, None, _) => false,
    };
    let starts = score(&|when, event| same(when, event.starts));
    // All-day events end on the day behind; of two entries for one booking, the second tells the end.
    let is_end = |when: When, event: &Event<'_>| same(when, event.ends) || same(next_day(when), event.ends);
    let ends = score(&is_end);
    if ends.is_empty()
        && let Some((first, second)) = two_entries(book, view, &starts)
    {
        for (field, (agree, of, column, time)) in [("starts_at", first), ("ends_at", second)] {
            let found = pick_time(
                vec![(agree, of, column, time)],
                "are when one of the booking's two events begins",
            );
            entity.join(field, found);
        }
        return;
    }
    let starts = pick_time(starts, "begin as the booking's events do");
    let ends: Vec<_> = ends
        .into_iter()
        .filter(|(_, _, column, _)| starts.as_ref().is_ok_and(|starts| starts.column != **column))
        .collect();
    let ends = match (&starts, ends.is_empty()) {
        (Ok(starts), true) => counted(book, view, starts, entity, &with_event, &is_end),
        _ => ends,
    };
    entity.join("ends_at", pick_time(ends, "end as the booking's events do"));
    entity.join("starts_at", starts);
}

/// How often a column, read so, agrees; of how many.
type Agreeing<'a> = (usize, usize, &'a str, Option<TimeAs>);

/// Of two columns that both tell when an event begins, the one that is never the later begins the booking.
fn two_entries<'a>(
    book: &Book<'_>,
    view: View<'_>,
    found: &[Agreeing<'a>],
) -> Option<(Agreeing<'a>, Agreeing<'a>)> {
    let [one, two] = found else { return None };
    let times = |of: &Agreeing<'_>| book.instants(view, of.2, of.3);
    let (ones, twos) = (times(one), times(two));
    let both: Vec<_> = ones
        .iter()
        .zip(&twos)
        .filter_map(|(one, two)| Some(((*one)?, (*two)?)))
        .collect();
    if one.2 == two.2 || both.len() < 4 {
        None
    } else if both.iter().all(|(one, two)| one < two) {
        Some((*one, *two))
    } else if both.iter().all(|(one, two)| two < one) {
        Some((*two, *one))
    } else {
        None
    }
}

/// `created_at`: shortly before the first record of the booking.
fn created(book: &Book<'_>, view: View<'_>, links: &Links<'_>, entity: &Entity) -> Result<Guess, String> {
    let first: Vec<(usize, DateTime<Utc>)> = links
        .rows()
        .into_iter()
        .filter_map(|row| Some((row, links.of(row).filter_map(|(doc, _)| doc.made()).min()?)))
        .collect();
    let mut found = Vec::new();
    for column in view.columns().filter(|column| !entity.holds(column)) {
        for time in book.time_readings(view, column) {
            let instants = book.instants(view, column, time);
            let agree = first
                .iter()
                .filter(|(row, at)| {
                    instants[*row].is_some_and(|made| (*at - made).abs() <= TimeDelta::minutes(25))
                })
                .count();
            if carries(agree, first.len(), 0.4) {
                found.push((agree, first.len(), column, time));
            }
        }
    }
    pick_time(found, "were made within minutes of their first record")
}

/// When the last row was written that the backup holds, as far as its columns tell.
fn last_change(
    book: &Book<'_>,
    view: View<'_>,
    entity: &Entity,
    paid: Option<&Payments<'_>>,
    horizon: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let of = |view: View<'_>, guess: Option<&Guess>| {
        guess.and_then(|guess| {
            book.instants(view, &guess.column, guess.time)
                .into_iter()
                .flatten()
                .max()
        })
    };
    let made = of(view, entity.columns.get("created_at"));
    let paid = paid.and_then(|paid| of(paid.view, paid.entity.columns.get("paid_at")));
    made.max(paid).max(horizon)
}

fn reference(view: View<'_>, links: &Links<'_>, is_free: &dyn Fn(&str) -> bool) -> Result<Guess, String> {
    let mut found = Vec::new();
    for column in telling(view).filter(|column| is_free(column)) {
        let values = view.values(column);
        let distinct: BTreeSet<&str> = values.iter().flatten().copied().collect();
        let told = values.iter().flatten().count();
        if distinct.len() < 4
            || distinct.len() * 50 < told * 49
            || distinct.iter().any(|value| is_uuid(value))
        {
            continue;
        }
        let owned: Vec<Option<String>> = values.iter().map(|value| value.map(str::to_owned)).collect();
        let (agree, of, chance) = links.agreement(&owned);
        if carries(agree, of, 0.4) && agree > 4 * chance {
            found.push((agree, of, column));
        }
    }
    found.sort_by_key(|(agree, ..)| std::cmp::Reverse(*agree));
    match found.as_slice() {
        [] => Err("no column of words that differ in every row is found again in the records".to_owned()),
        [first, second, ..] if first.0 * 3 < second.0 * 4 => Err(format!(
            "columns {} and {} are found in the records alike",
            first.2, second.2
        )),
        [(agree, of, column), ..] => Ok(Guess {
            column: (*column).to_owned(),
            time: None,
            major: false,
            why: format!(
                "different in every row; {} rows with records have it in one",
                share(*agree, *of)
            ),
        }),
    }
}
