//! Which table holds the bookings, and what its columns hold.
//!
//! It is the one that payments refer to, or whose times are the calendar's. Its rows are linked to records by
//! values that both hold (a reference, an address, a number, a name); columns are then compared with the linked
//! records of the same row, and with those of another row to know what agrees by chance.

use super::Ground;
use super::atoms::{self, Known};
use super::evidence::{Charge, Event, Mail};
use super::party;
use super::payments::{self, Payments, pick_time};
use super::rows::{Book, Entity, Guess, View, amounts, atoms_of, carries, is_uuid, share};
use super::tenants;
use crate::model::{Status, TimeAs, When};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// An atom of more bookings than these links none.
const ROWS_OF_ATOM_MAX: usize = 20;
/// So many mails and events teach enough.
const DOCS_MAX: usize = 6_000;

pub(super) struct Bookings<'a> {
    pub entity: Entity,
    pub customer: Option<Entity>,
    pub resource: Option<Entity>,
    pub statuses: Vec<StatusGuess>,
    pub tenants: tenants::Partition<'a>,
    pub last_change: Option<DateTime<Utc>>,
    pub customer_emails: BTreeSet<String>,
}

pub(super) struct StatusGuess {
    pub value: String,
    /// None where it is not clear what it means.
    pub status: Option<Status>,
    pub why: String,
}

#[derive(Clone, Copy)]
pub(super) enum Doc<'a> {
    Event(&'a Event<'a>),
    Mail(&'a Mail<'a>),
    Charge(&'a Charge<'a>),
}

impl<'a> Doc<'a> {
    pub fn text(&self) -> &'a str {
        match self {
            Self::Event(event) => &event.text,
            Self::Mail(mail) => &mail.text,
            Self::Charge(charge) => &charge.text,
        }
    }

    fn made(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Event(event) => event.made,
            Self::Mail(mail) => mail.said,
            Self::Charge(charge) => Some(charge.created),
        }
    }
}

/// The records of each row of the bookings.
pub(super) struct Links<'a> {
    pub docs: Vec<(Doc<'a>, BTreeSet<String>)>,
    pub of_row: Vec<Vec<usize>>,
}

impl<'a> Links<'a> {
    pub fn of(&self, row: usize) -> impl Iterator<Item = &(Doc<'a>, BTreeSet<String>)> {
        self.of_row[row].iter().map(|at| &self.docs[*at])
    }

    /// Rows with at least one record.
    pub fn rows(&self) -> Vec<usize> {
        (0..self.of_row.len())
            .filter(|row| !self.of_row[*row].is_empty())
            .collect()
    }

    /// In how many rows the value is in the row's records; of how many; and how many of another row's by chance.
    pub fn agreement(&self, values: &[Option<String>]) -> (usize, usize, usize) {
        self.agreement_in(values, |_| true)
    }

    /// The same, looking at some records alone.
    pub fn agreement_in(
        &self,
        values: &[Option<String>],
        counts: impl Fn(&Doc<'a>) -> bool,
    ) -> (usize, usize, usize) {
        let rows: Vec<usize> = self
            .rows()
            .into_iter()
            .filter(|row| values[*row].is_some())
            .collect();
        let says = |value: &str, row: usize| {
            let atoms = atoms_of(value);
            self.of(row)
                .filter(|(doc, _)| counts(doc))
                .any(|(_, found)| atoms.iter().any(|atom| found.contains(atom)))
        };
        let (mut agree, mut chance) = (0, 0);
        for (at, row) in rows.iter().enumerate() {
            let Some(value) = &values[*row] else { continue };
            let other = rows[(at + rows.len() / 2) % rows.len()];
            agree += usize::from(says(value, *row));
            chance += usize::from(says(value, other));
        }
        (agree, rows.len(), chance)
    }
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
    let total = total(view, ground, &charges, &links, &|column| is_free(&entity, column));
    entity.join("total", total);
    let statuses = status(book, view, &links, last_change, &mut entity, &references);
    if let Some(guess) = currency(view, &charges, &|column| is_free(&entity, column)) {
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

fn link<'a>(
    book: &Book<'a>,
    ground: &Ground<'a>,
    view: View<'a>,
    charges: &[Vec<&'a str>],
    horizon: Option<DateTime<Utc>>,
) -> Links<'a> {
    let mut known = Known::default();
    let mut rows_of: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let references = book.references(view);
    let mut note = |row: usize, value: &str| {
        for atom in atoms_of(value) {
            known.add(&atom);
            rows_of.entry(atom).or_default().insert(row);
        }
    };
    for column in telling(view) {
        for (row, value) in view.values(column).into_iter().enumerate() {
            value.iter().for_each(|value| note(row, value));
        }
    }
    for (column, other) in &references {
        let by_key = other.by_key();
        let told: Vec<Vec<Option<&str>>> = telling(*other).map(|column| other.values(column)).collect();
        for (row, key) in view.values(column).into_iter().enumerate() {
            let Some(at) = key.and_then(|key| by_key.get(key)) else {
                continue;
            };
            told.iter()
                .filter_map(|values| values[*at])
                .for_each(|value| note(row, value));
            // First and last name are found together where they are two columns.
            for (one, first) in told.iter().enumerate() {
                for (two, last) in told.iter().enumerate().filter(|(two, _)| *two != one) {
                    if let (Some(first), Some(last), true) =
                        (first[*at], last[*at], told.len() <= 6 && one != two)
                    {
                        note(row, &format!("{first} {last}"));
                    }
                }
            }
        }
    }
    let is_known_then =
        |said: Option<DateTime<Utc>>| said.is_none_or(|said| horizon.is_none_or(|last| said <= last));
    let events = ground
        .facts
        .events
        .iter()
        .filter(|event| is_known_then(event.said))
        .map(Doc::Event);
    let mails = ground
        .facts
        .mails
        .iter()
        .filter(|mail| is_known_then(mail.said))
        .map(Doc::Mail);
    let mut links = Links {
        docs: Vec::new(),
        of_row: vec![Vec::new(); view.len()],
    };
    for doc in events.take(DOCS_MAX).chain(mails.take(DOCS_MAX)) {
        let found = atoms::found_in(doc.text(), &known);
        for row in rows_meant(&found, &rows_of) {
            links.of_row[row].push(links.docs.len());
        }
        links.docs.push((doc, found));
    }
    for (row, ids) in charges.iter().enumerate() {
        for charge in ids.iter().filter_map(|id| ground.facts.charges.get(id)) {
            links.of_row[row].push(links.docs.len());
            let found = atoms::found_in(&charge.text, &known);
            links.docs.push((Doc::Charge(charge), found));
        }
    }
    links
}

/// Columns of text: what people and programs write again elsewhere.
fn telling<'a>(view: View<'a>) -> impl Iterator<Item = &'a str> {
    let is_text = move |column: &&str| {
        let kind = view.sql_type(column);
        ["char", "text", "clob", "string"]
            .iter()
            .any(|text| kind.contains(text))
            || kind.is_empty()
    };
    view.columns().filter(is_text)
}

/// The rows of atoms that one row alone holds; else the one row for which most speaks.
fn rows_meant(found: &BTreeSet<String>, rows_of: &BTreeMap<String, BTreeSet<usize>>) -> Vec<usize> {
    let mut alone = BTreeSet::new();
    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for rows in found
        .iter()
        .filter_map(|atom| rows_of.get(atom))
        .filter(|rows| rows.len() <= ROWS_OF_ATOM_MAX)
    {
        if let (Some(only), 1) = (rows.first(), rows.len()) {
            alone.insert(*only);
        }
        for row in rows {
            *votes.entry(*row).or_default() += 1;
        }
    }
    let most = votes.values().copied().max().unwrap_or(0);
    let top: Vec<usize> = votes
        .iter()
        .filter(|(_, count)| **count == most)
        .map(|(row, _)| *row)
        .collect();
    match (top.as_slice(), alone.len()) {
        ([only], 0 | 1) => vec![*only],
        (_, 0) => Vec::new(),
        _ => alone.into_iter().collect(),
    }
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
    let ends = score(&|when, event| {
        // All-day events end on the day behind; of two entries for one booking, the second tells the end.
        same(when, event.ends) || same(next_day(when), event.ends)
    });
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

fn total(
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

fn currency(view: View<'_>, charges: &[Vec<&str>], is_free: &dyn Fn(&str) -> bool) -> Option<Guess> {
    let _ = charges;
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

/// What the words of the status column mean: by what became of their rows.
fn status(
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
            } else if is_on && n >= 3 && past * 100 >= n * 95 {
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
        && *off >= 1
        && off * 2 >= *linked
    {
        last.status = Some(Status::Cancelled);
    }
    guesses
}
