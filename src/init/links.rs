//! Which records tell of which row of the bookings: those that hold values of it that few rows hold.

use super::Ground;
use super::atoms::{self, Known};
use super::evidence::{Charge, Event, Mail};
use super::rows::{Book, View, atoms_of};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// An atom of more bookings than these links none.
const ROWS_OF_ATOM_MAX: usize = 20;
/// So many mails and events teach enough.
const DOCS_MAX: usize = 6_000;

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

    pub fn made(&self) -> Option<DateTime<Utc>> {
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

/// Links the rows of the bookings to the records that were there when the backup was made.
pub(super) fn link<'a>(
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
            if let Some(value) = value {
                note(row, value);
            }
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
pub(super) fn telling(view: View<'_>) -> impl Iterator<Item = &str> {
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
