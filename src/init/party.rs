//! Customers and resources: the tables that bookings refer to, and what their columns hold.

use super::atoms::is_phone;
use super::links::{Doc, Links};
use super::payments::pick_time;
use super::rows::{Book, Entity, Guess, View, carries, is_email, is_uuid, mostly, share};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// The row's values of another table's column, by the reference.
fn joined(view: View<'_>, reference: &str, other: View<'_>, column: &str) -> Vec<Option<String>> {
    let by_key = other.by_key();
    let values = other.values(column);
    let value =
        |key: Option<&str>| Some(values[*by_key.get(key?)?]?.to_owned()).filter(|value| !value.is_empty());
    view.values(reference).into_iter().map(value).collect()
}

fn words(other: View<'_>) -> Vec<String> {
    let is_text = |column: &&str| {
        let kind = other.sql_type(column);
        ["char", "text", "clob", "string", "enum"]
            .iter()
            .any(|text| kind.contains(text))
            || kind.is_empty()
    };
    let is_key = |column: &&str| other.table.primary_key.iter().any(|key| key == *column);
    other
        .columns()
        .filter(|column| is_text(column) && !is_key(column) && !mostly(other, column, is_uuid))
        .map(str::to_owned)
        .collect()
}

fn guess(column: &str, why: String) -> Guess {
    Guess {
        column: column.to_owned(),
        time: None,
        major: false,
        why,
    }
}

/// Finds the customers' table: the one with the addresses that the bookings' mails and payments name.
pub(super) fn customer(
    book: &Book<'_>,
    view: View<'_>,
    links: &Links<'_>,
    references: &[(String, View<'_>)],
    booking: &mut Entity,
) -> (Option<Entity>, BTreeSet<String>) {
    let mut found = Vec::new();
    for (reference, other) in references {
        for column in words(*other)
            .into_iter()
            .filter(|column| mostly(*other, column, is_email))
        {
            let (agree, of, chance) = links.agreement(&joined(view, reference, *other, &column));
            if carries(agree, of, 0.4) && agree > 2 * chance {
                found.push((agree, of, reference.clone(), *other, column));
            }
        }
    }
    found.sort_by_key(|(agree, ..)| std::cmp::Reverse(*agree));
    if let [first, second, ..] = found.as_slice()
        && first.0 * 2 < second.0 * 3
    {
        let why = format!(
            "columns {} and {} both lead to people whom the records name",
            first.2, second.2
        );
        booking.open.push(("customer", why));
        return (None, BTreeSet::new());
    }
    let Some((agree, of, reference, other, email)) = found.into_iter().next() else {
        booking.open.push((
            "customer",
            "no table that bookings refer to holds the records' addresses".to_owned(),
        ));
        return (None, BTreeSet::new());
    };
    let why = format!(
        "{} bookings with records lead to an address in one of them",
        share(agree, of)
    );
    booking.columns.insert("customer", guess(&reference, why.clone()));
    let mut entity = Entity {
        table: other.name.to_owned(),
        why: why.clone(),
        ..Entity::default()
    };
    entity.columns.insert("email", guess(&email, why));
    let emails = other
        .values(&email)
        .into_iter()
        .flatten()
        .map(str::to_lowercase)
        .collect();

    let phones: Vec<String> = words(other)
        .into_iter()
        .filter(|column| *column != email && mostly(other, column, is_phone))
        .collect();
    match phones.as_slice() {
        [] => entity
            .open
            .push(("phone", "no column holds numbers to call".to_owned())),
        many => {
            let mut told: Vec<(usize, usize, &String)> = many
                .iter()
                .map(|column| {
                    let (agree, of, _) = links.agreement(&joined(view, &reference, other, column));
                    (agree, of, column)
                })
                .collect();
            told.sort_by_key(|(agree, ..)| std::cmp::Reverse(*agree));
            if let [(agree, of, column), rest @ ..] = told.as_slice() {
                if rest.is_empty() || rest[0].0 * 2 < *agree {
                    let why = format!(
                        "numbers to call; {} bookings have theirs in a record",
                        share(*agree, *of)
                    );
                    entity.columns.insert("phone", guess(column, why));
                } else {
                    entity.open.push((
                        "phone",
                        format!("columns {} all hold numbers to call", many.join(", ")),
                    ));
                }
            }
        }
    }
    name(view, links, &reference, other, &mut entity);
    let made = made(book, view, &reference, other, booking, &entity);
    entity.join("created_at", made);
    (Some(entity), emails)
}

/// A name in one column or two.
fn name(view: View<'_>, links: &Links<'_>, reference: &str, other: View<'_>, entity: &mut Entity) {
    let free: Vec<String> = words(other)
        .into_iter()
        .filter(|column| !entity.holds(column))
        .collect();
    let mut single: Vec<(usize, usize, &String)> = free
        .iter()
        .filter_map(|column| {
            let (agree, of, chance) = links.agreement(&joined(view, reference, other, column));
            (carries(agree, of, 0.3) && agree > 2 * chance).then_some((agree, of, column))
        })
        .collect();
    single.sort_by_key(|(agree, ..)| std::cmp::Reverse(*agree));
    // Two columns whose words stand one behind the other are the halves of a name.
    let mut pairs = Vec::new();
    for first in &free {
        for last in free.iter().filter(|last| *last != first) {
            let firsts = joined(view, reference, other, first);
            let lasts = joined(view, reference, other, last);
            let both: Vec<Option<String>> = firsts
                .into_iter()
                .zip(lasts)
                .map(|(first, last)| Some(format!("{} {}", first?, last?)))
                .collect();
            // Calendars may turn a name round; who writes to a person or charges one does not.
            let (agree, of, chance) = links.agreement_in(&both, |doc| !matches!(doc, Doc::Event(_)));
            if carries(agree, of, 0.4) && agree > 4 * chance {
                pairs.push((agree, of, first, last));
            }
        }
    }
    pairs.sort_by_key(|(agree, ..)| std::cmp::Reverse(*agree));
    match (single.as_slice(), pairs.as_slice()) {
        (_, [(agree, of, first, last), rest @ ..])
            if rest.first().is_none_or(|second| second.0 * 2 < *agree) =>
        {
            let why = format!(
                "{} bookings have both, one behind the other, in a record",
                share(*agree, *of)
            );
            entity.columns.insert("first_name", guess(first, why.clone()));
            entity.columns.insert("last_name", guess(last, why));
        }
        (_, [first, ..]) => entity.open.push((
            "name",
            format!(
                "columns {} and {} may be first and last name, in either order",
                first.2, first.3
            ),
        )),
        ([(agree, of, column), rest @ ..], [])
            if rest.first().is_none_or(|second| second.0 * 3 < agree * 2) =>
        {
            let why = format!("{} bookings have theirs in a record", share(*agree, *of));
            entity.columns.insert("name", guess(column, why));
        }
        ([first, second, ..], []) => {
            entity.open.push((
                "name",
                format!(
                    "columns {} and {} are found in the records alike",
                    first.2, second.2
                ),
            ));
        }
        _ => entity.open.push((
            "name",
            "no column of words is found again in the records".to_owned(),
        )),
    }
}

/// A customer is made with the first booking, mostly; never after it.
fn made(
    book: &Book<'_>,
    view: View<'_>,
    reference: &str,
    other: View<'_>,
    booking: &Entity,
    entity: &Entity,
) -> Result<Guess, String> {
    let created = booking
        .columns
        .get("created_at")
        .ok_or("when bookings were made is not known")?;
    let by_key = other.by_key();
    let mut first = vec![None; other.len()];
    for (key, at) in
        view.values(reference)
            .into_iter()
            .zip(book.instants(view, &created.column, created.time))
    {
        if let (Some(row), Some(at)) = (key.and_then(|key| by_key.get(key)), at) {
            let earliest = first[*row].get_or_insert(at);
            *earliest = at.min(*earliest);
        }
    }
    let told: Vec<(usize, chrono::DateTime<chrono::Utc>)> = first
        .into_iter()
        .enumerate()
        .filter_map(|(row, at)| Some((row, at?)))
        .collect();
    let mut found = Vec::new();
    for column in other.columns().filter(|column| !entity.holds(column)) {
        for time in book.time_readings(other, column) {
            let instants = book.instants(other, column, time);
            let agree = told
                .iter()
                .filter(|(row, at)| {
                    instants[*row].is_some_and(|made| (*at - made).abs() <= TimeDelta::minutes(20))
                })
                .count();
            if carries(agree, told.len(), 0.3) {
                found.push((agree, told.len(), column, time));
            }
        }
    }
    pick_time(found, "were made within minutes of their first booking")
}

/// Finds the table of what is booked: its names stand in the bookings' records.
pub(super) fn resource(
    _book: &Book<'_>,
    view: View<'_>,
    links: &Links<'_>,
    references: &[(String, View<'_>)],
    booking: &mut Entity,
) -> Option<Entity> {
    let customer = booking.columns.get("customer").map(|guess| guess.column.clone());
    let mut found = Vec::new();
    for (reference, other) in references
        .iter()
        .filter(|(reference, _)| Some(reference) != customer.as_ref())
    {
        let people = words(*other)
            .iter()
            .any(|column| mostly(*other, column, is_email));
        if people || other.len() < 2 {
            continue;
        }
        for column in words(*other) {
            let (agree, of, chance) = links.agreement(&joined(view, reference, *other, &column));
            let distinct: BTreeSet<&str> = other.values(&column).into_iter().flatten().collect();
            if carries(agree, of, 0.3) && agree * 2 > chance * 3 {
                found.push((
                    agree,
                    of,
                    chance,
                    reference.clone(),
                    *other,
                    column,
                    distinct.len(),
                ));
            }
        }
    }
    if found.is_empty() {
        found.extend(by_calendar(view, links, references, customer.as_ref()));
    }
    let tables: BTreeSet<(&String, &str)> = found
        .iter()
        .map(|(_, _, _, reference, other, ..)| (reference, other.name))
        .collect();
    if tables.len() > 1 {
        let names: Vec<&str> = tables.iter().map(|(column, _)| column.as_str()).collect();
        booking.open.push((
            "resource",
            format!("columns {} all lead to what the records name", names.join(", ")),
        ));
        return None;
    }
    found.sort_by_key(|(agree, ..)| std::cmp::Reverse(*agree));
    let Some((_, _, _, reference, other, ..)) = found.first().cloned() else {
        booking.open.push((
            "resource",
            "no table that bookings refer to is named in their records".to_owned(),
        ));
        return None;
    };
    let rows = other.len();
    let why = |agree, of| format!("{} bookings have theirs in a record", share(agree, of));
    let mut entity = Entity {
        table: other.name.to_owned(),
        ..Entity::default()
    };
    // A code has no words; a name tells every row from the others, a class does not.
    let is_code = |column: &str| mostly(other, column, is_code);
    let names: Vec<_> = found
        .iter()
        .filter(|(.., column, distinct)| *distinct == rows && !is_code(column))
        .collect();
    let codes: Vec<_> = found
        .iter()
        .filter(|(.., column, distinct)| *distinct == rows && is_code(column))
        .collect();
    let classes: Vec<_> = found
        .iter()
        .filter(|(.., distinct)| *distinct < rows && *distinct > 1)
        .collect();
    for (field, told) in [("name", names), ("code", codes), ("class", classes)] {
        match told.as_slice() {
            [(agree, of, .., column, distinct)] => {
                let why = format!("{}; {distinct} values in {rows} rows", why(*agree, *of));
                entity.columns.insert(field, guess(column, why));
            }
            [] => {}
            many => {
                let names: Vec<&str> = many.iter().map(|(.., column, _)| column.as_str()).collect();
                entity
                    .open
                    .push((field, format!("columns {} may be it", names.join(", "))));
            }
        }
    }
    let rest: Vec<String> = words(other)
        .into_iter()
        .filter(|column| !entity.holds(column))
        .collect();
    for field in ["name", "code", "class"] {
        if !entity.columns.contains_key(field)
            && !entity.open.iter().any(|(open, _)| *open == field)
            && !rest.is_empty()
        {
            entity.open.push((
                field,
                format!("not found in the records; columns left: {}", rest.join(", ")),
            ));
        }
    }
    let (agree, of) = (found[0].0, found[0].1);
    entity.why = why(agree, of);
    booking
        .columns
        .insert("resource", guess(&reference, why(agree, of)));
    Some(entity)
}

/// Where every calendar is of one resource, the reference that goes with them, and the resource's sole name.
fn by_calendar<'a>(
    view: View<'_>,
    links: &Links<'_>,
    references: &[(String, View<'a>)],
    customer: Option<&String>,
) -> Vec<(usize, usize, usize, String, View<'a>, String, usize)> {
    let mut found = Vec::new();
    for (reference, other) in references
        .iter()
        .filter(|(reference, _)| Some(reference) != customer)
    {
        let keys = view.values(reference);
        let mut seen: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for row in links.rows() {
            for (doc, _) in links.of(row) {
                if let (Doc::Event(event), Some(key)) = (doc, keys[row]) {
                    *seen.entry(event.calendar).or_default().entry(key).or_default() += 1;
                }
            }
        }
        let all: usize = seen.values().flat_map(BTreeMap::values).sum();
        let main: Vec<(&str, usize)> = seen
            .values()
            .filter_map(|keys| {
                keys.iter()
                    .max_by_key(|(_, count)| **count)
                    .map(|(key, count)| (*key, *count))
            })
            .collect();
        let agree: usize = main.iter().map(|(_, count)| count).sum();
        let distinct: BTreeSet<&str> = main.iter().map(|(key, _)| *key).collect();
        if distinct.len() < 2 || distinct.len() != main.len() || !carries(agree, all, 0.85) {
            continue;
        }
        let unique = words(*other).into_iter().filter(|column| {
            let values: BTreeSet<&str> = other.values(column).into_iter().flatten().collect();
            values.len() == other.len() && !mostly(*other, column, is_code)
        });
        if let [only] = unique.collect::<Vec<_>>().as_slice() {
            found.push((
                agree,
                all,
                0,
                reference.clone(),
                *other,
                only.clone(),
                other.len(),
            ));
        }
    }
    found
}

/// Short, with digits, and without small letters: a plate, a tag.
fn is_code(value: &str) -> bool {
    value.len() <= 16
        && value.chars().any(|char| char.is_ascii_digit())
        && !value.chars().any(char::is_lowercase)
}

/// The mails of a row.
pub(super) fn mails<'a, 'b>(
    links: &'b Links<'a>,
    row: usize,
) -> impl Iterator<Item = &'a super::evidence::Mail<'a>> + 'b {
    links.of(row).filter_map(|(doc, _)| match doc {
        Doc::Mail(mail) => Some(*mail),
        _ => None,
    })
}
