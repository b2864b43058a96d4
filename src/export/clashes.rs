//! Rebuilt bookings that cannot all be loaded: by the table's rules, or because they are in each other's way.
//!
//! Everything here is told by the bookings and the schema alone; what is live is not looked at. Of two that clash, both
//! are held: which one is right is a person's business.

use super::Held;
use super::doubles;
use super::relation::{Overlaps, UniqueKey};
use super::rules::Rules;
use super::staged::{BookingRow, RowAction, Stager, hold};
use crate::model::{Status, TakenReference, When};
use std::collections::{BTreeMap, BTreeSet};

/// Takes out what cannot be loaded, and marks those whose customer, start and resource do not name them.
pub(super) fn hold_back(rows: &mut Vec<BookingRow<'_>>, held: &mut Vec<Held>, stager: &Stager<'_>) {
    let rules = Rules::of(&stager.relations.booking, stager.business.zone);
    hold_refused(rows, held, &rules);
    hold_doubles(rows, held, stager, &rules);
    hold_overlaps(rows, held, stager);
}

/// Holds what a CHECK constraint of the table is sure to refuse.
fn hold_refused(rows: &mut Vec<BookingRow<'_>>, held: &mut Vec<Held>, rules: &Rules<'_>) {
    rows.retain(|row| {
        let refusal = (row.action != RowAction::Keep)
            .then(|| rules.refusal(&row.cells, &moments(row)))
            .flatten();
        let keep = refusal.is_none();
        held.extend(refusal.map(|reason| hold(row.booking, reason)));
        keep
    });
}

/// The moments that a row's cells spell.
fn moments(row: &BookingRow<'_>) -> impl Fn(&str) -> Option<When> {
    let (starts, ends) = (row.booking.starts_at, row.booking.ends_at);
    move |field| match field {
        "starts_at" => starts,
        "ends_at" => ends,
        _ => None,
    }
}

/// Where the database itself refuses two bookings of one resource at one time, no two of ours may go in.
fn hold_overlaps(rows: &mut Vec<BookingRow<'_>>, held: &mut Vec<Held>, stager: &Stager<'_>) {
    let Some(Overlaps { cancelled, touching }) = stager.relations.booking.excluded_overlaps() else {
        return;
    };
    let mut spans: BTreeMap<&str, Vec<(When, When, usize)>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.action != RowAction::Keep) {
        if let (Some(resource), Some(starts), Some(ends)) = (
            &row.booking.resource.key,
            row.booking.starts_at,
            row.booking.ends_at,
        ) && (cancelled || row.booking.status != Some(Status::Cancelled))
        {
            spans.entry(resource).or_default().push((starts, ends, row.no));
        }
    }
    let mut refused = BTreeSet::new();
    for of_one in spans.values_mut() {
        of_one.sort();
        let mut last: Option<(When, usize)> = None;
        for &(starts, ends, no) in of_one.iter() {
            if let Some((until, other)) = last
                && (starts < until || touching && starts == until)
            {
                refused.extend([no, other]);
            }
            if last.is_none_or(|(until, _)| until < ends) {
                last = Some((ends, no));
            }
        }
    }
    rows.retain(|row| {
        let keep = !refused.contains(&row.no);
        if !keep {
            held.push(hold(
                row.booking,
                "double booking: another rebuilt booking has its resource at that time".to_owned(),
            ));
        }
        keep
    });
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Party {
    Known(String),
    New(usize),
}

/// Tenant, customer, start and resource.
type NaturalKey = (Option<String>, Option<Party>, Option<When>, Option<String>);

/// Why a row is held, by its place.
type Reasons = BTreeMap<usize, String>;

/// Holds bookings that would collide with each other, and marks those whose customer, start and resource do not name them.
fn hold_doubles(
    rows: &mut Vec<BookingRow<'_>>,
    held: &mut Vec<Held>,
    stager: &Stager<'_>,
    rules: &Rules<'_>,
) {
    let mut reasons = equal_where_none_may_be(rows, stager, rules);
    reasons.extend(taken_by_suffix(rows, stager));
    reasons.extend(mark_twins(rows, stager));
    held.extend(
        reasons
            .iter()
            .map(|(at, reason)| hold(rows[*at].booking, reason.clone())),
    );
    let mut at = 0;
    rows.retain(|_| {
        at += 1;
        !reasons.contains_key(&(at - 1))
    });
}

/// Rows that would have the same values in columns that no two rows may share; a reference is one, whatever the schema says.
fn equal_where_none_may_be(rows: &[BookingRow<'_>], stager: &Stager<'_>, rules: &Rules<'_>) -> Reasons {
    let relation = &stager.relations.booking;
    let position = |field: &str| relation.position(&relation.field(field)?.column);
    let (reference, tenant, customer) = (position("reference"), position("tenant"), position("customer"));
    let places = |columns: &[String]| -> Option<Vec<usize>> {
        columns.iter().map(|column| relation.position(column)).collect()
    };
    let mut uniques: Vec<(Vec<usize>, Option<&str>)> = relation
        .uniques()
        .into_iter()
        .filter_map(|UniqueKey { columns, only }| Some((places(columns)?, only)))
        .collect();
    uniques.extend(reference.map(|at| (tenant.into_iter().chain([at]).collect(), None)));
    let mut reasons = Reasons::new();
    for (unique, only) in &uniques {
        let written = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| match &row.before {
                None => row.action == RowAction::Insert,
                Some(before) => unique.iter().any(|&column| before[column] != row.cells[column]),
            })
            .filter(|(_, row)| only.is_none_or(|only| !rules.denies(only, &row.cells, &moments(row))))
            .map(|(at, row)| (at, row.cells.as_slice()));
        // A new customer has no key yet.
        let party = |at: usize, column: usize| {
            let no = rows[at].customer.filter(|_| Some(column) == customer)?;
            Some(format!("customer {no}"))
        };
        for at in doubles::find(written, unique, party).into_iter().flatten() {
            let columns: Vec<&str> = unique
                .iter()
                .map(|&column| relation.columns[column].as_str())
                .collect();
            reasons.insert(
                at,
                format!("another rebuilt booking has the same {}", columns.join(" and ")),
            );
        }
    }
    reasons
}

/// New bookings whose reference with the suffix is another one's own.
fn taken_by_suffix(rows: &[BookingRow<'_>], stager: &Stager<'_>) -> Reasons {
    let relation = &stager.relations.booking;
    let reference = relation
        .field("reference")
        .and_then(|slot| relation.position(&slot.column));
    let (TakenReference::Suffixed(suffix), Some(at)) = (&relation.entity.taken_reference, reference) else {
        return Reasons::new();
    };
    let given: BTreeSet<String> = rows.iter().filter_map(|row| row.cells[at].folded()).collect();
    rows.iter()
        .enumerate()
        .filter(|(_, row)| row.action == RowAction::Insert)
        .filter(|(_, row)| {
            let suffixed = row.cells[at].folded().map(|text| text + &suffix.to_lowercase());
            suffixed.is_some_and(|suffixed| given.contains(&suffixed))
        })
        .map(|(place, _)| {
            let reason = "another rebuilt booking has the reference that it would get with a suffix";
            (place, reason.to_owned())
        })
        .collect()
}

/// Marks new bookings of one customer, start and resource; of those, the ones that have no reference are held.
fn mark_twins(rows: &mut [BookingRow<'_>], stager: &Stager<'_>) -> Reasons {
    let relation = &stager.relations.booking;
    let reference = relation
        .field("reference")
        .and_then(|slot| relation.position(&slot.column));
    let natural = |row: &BookingRow<'_>| -> NaturalKey {
        let known = row.booking.customer.baseline_key.clone().map(Party::Known);
        (
            row.booking.tenant.clone(),
            known.or(row.customer.map(Party::New)),
            row.booking.starts_at,
            row.booking.resource.key.clone(),
        )
    };
    let is_new = |row: &BookingRow<'_>| row.action == RowAction::Insert;
    let mut slots = backup_slots(stager);
    for row in rows.iter().filter(|row| is_new(row)) {
        *slots.entry(natural(row)).or_default() += 1;
    }
    let mut reasons = Reasons::new();
    for (at, row) in rows.iter_mut().enumerate().filter(|(_, row)| is_new(row)) {
        row.twin = slots.get(&natural(row)).is_some_and(|count| *count > 1);
        let named = reference.is_some_and(|at| !row.cells[at].is_null());
        if row.twin && !named {
            let reason = "another booking has the same customer, start and resource, and no reference tells them apart";
            reasons.insert(at, reason.to_owned());
        }
    }
    reasons
}

/// How many rows of the backup have one customer, start and resource.
fn backup_slots(stager: &Stager<'_>) -> BTreeMap<NaturalKey, usize> {
    let mut slots = BTreeMap::new();
    for row in stager.bookings.values() {
        let party = row.customer.clone().map(Party::Known);
        *slots
            .entry((row.tenant.clone(), party, row.starts_at, row.resource.clone()))
            .or_default() += 1;
    }
    slots
}
