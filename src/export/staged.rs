//! Bookings into rows to stage, in the order in which the bookings were made.
//!
//! What the target cannot hold, and what could not be found again or told apart afterwards, is held here
//! with its reason. Everything that depends on what is live now is left to the SQL.

use super::cell::Cell;
use super::check::unknown_label;
use super::checks::{self, Value, read_check};
use super::customers::{CustomerRow, Customers};
use super::doubles;
use super::payments::{self, PaymentRow};
use super::relation::{Absent, Relation, Relations, Slot, Source};
use super::{Counts, ExportError, Held};
use crate::model::{
    Action, Baseline, BaselineBooking, BaselineCustomer, BaselineResource, Booking, BookingId, Business,
    State, Status, TakenReference, When,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Staged<'a> {
    pub customers: Vec<CustomerRow>,
    pub bookings: Vec<BookingRow<'a>>,
    pub payments: Vec<PaymentRow<'a>>,
    pub held: Vec<Held>,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowAction {
    Insert,
    Update,
    /// Its row stays as it is; it has new payments.
    Keep,
}

pub(super) struct BookingRow<'a> {
    pub no: usize,
    pub booking: &'a Booking,
    pub action: RowAction,
    /// The staged customer of a new booking.
    pub customer: Option<usize>,
    /// Another booking has the same customer, start and resource, so these three do not name this one.
    pub twin: bool,
    pub cells: Vec<Cell>,
    /// The row as the backup had it.
    pub before: Option<Vec<Cell>>,
}

impl BookingRow<'_> {
    /// Whether an update changes the column of a field.
    pub(super) fn changes(&self, relation: &Relation<'_>, field: &str) -> bool {
        let at = relation
            .field(field)
            .and_then(|slot| relation.position(&slot.column));
        at.is_some_and(|at| {
            self.before
                .as_ref()
                .is_some_and(|before| before[at] != self.cells[at])
        })
    }
}

/// Reads bookings against the target, with the backup's rows by key.
pub(super) struct Stager<'a> {
    pub relations: &'a Relations<'a>,
    pub business: &'a Business,
    bookings: BTreeMap<&'a str, &'a BaselineBooking>,
    customers: BTreeMap<&'a str, &'a BaselineCustomer>,
    resources: BTreeMap<&'a str, &'a BaselineResource>,
}

/// Turns clean bookings into rows.
pub(super) fn stage<'a>(
    bookings: &'a [Booking],
    relations: &'a Relations<'a>,
    business: &'a Business,
    baseline: Option<&'a Baseline>,
) -> Result<Staged<'a>, ExportError> {
    let stager = Stager::new(relations, business, baseline);
    let mut clean: Vec<&Booking> = bookings
        .iter()
        .filter(|booking| booking.state == State::Clean)
        .collect();
    clean.sort_by_key(|booking| (booking.created_at, booking.starts_at, &booking.id));
    stager.check_words(&clean)?;

    let mut parties = Customers::new(relations.customer.as_ref());
    for (no, booking) in clean
        .iter()
        .enumerate()
        .filter(|(_, booking)| booking.action == Action::Insert)
    {
        parties.admit(no, booking);
    }
    let mut customers = match &relations.customer {
        Some(relation) => parties.rows(relation, baseline, business.zone),
        None => Vec::new(),
    };

    let mut rows = Vec::with_capacity(clean.len());
    let mut held = Vec::new();
    for (no, &booking) in clean.iter().enumerate() {
        let staged = match booking.action {
            Action::Insert => stager.insert(no, booking, parties.of(no), &customers).map(Some),
            Action::Update => stager.update(no, booking),
            Action::Unchanged => stager.keep(no, booking),
        };
        match staged {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => {}
            Err(reason) => held.push(hold(booking, reason)),
        }
    }
    hold_refused(&mut rows, &mut held, &stager);
    hold_doubles(&mut rows, &mut held, &stager);
    hold_overlaps(&mut rows, &mut held, &stager);
    let refused: BTreeSet<&BookingId> = held.iter().map(|held| &held.booking).collect();
    let (payments, payments_held) = payments::stage(bookings, &rows, &refused, &stager, baseline);
    held.extend(payments_held);

    let needed: BTreeSet<usize> = rows.iter().filter_map(|row| row.customer).collect();
    customers.retain(|customer| needed.contains(&customer.no));
    Ok(Staged {
        customers,
        bookings: rows,
        payments,
        held,
        notes: parties.notes,
    })
}

pub(super) fn hold(booking: &Booking, reason: String) -> Held {
    Held {
        booking: booking.id.clone(),
        reference: booking.reference.clone(),
        payment: None,
        reason,
    }
}

impl<'a> Stager<'a> {
    fn new(relations: &'a Relations<'a>, business: &'a Business, baseline: Option<&'a Baseline>) -> Self {
        let mut stager = Self {
            relations,
            business,
            bookings: BTreeMap::new(),
            customers: BTreeMap::new(),
            resources: BTreeMap::new(),
        };
        if let Some(baseline) = baseline {
            stager.bookings = baseline
                .bookings
                .iter()
                .map(|row| (row.key.as_str(), row))
                .collect();
            stager.customers = baseline
                .customers
                .iter()
                .map(|row| (row.key.as_str(), row))
                .collect();
            stager.resources = baseline
                .resources
                .iter()
                .map(|row| (row.key.as_str(), row))
                .collect();
        }
        stager
    }

    /// A status for which the target has no word is a gap in the configuration, not in one booking.
    fn check_words(&self, clean: &[&Booking]) -> Result<(), ExportError> {
        let relation = &self.relations.booking;
        let Some(slot) = relation.field("status").filter(|slot| !slot.labels.is_empty()) else {
            return Ok(());
        };
        let used: BTreeSet<Status> = clean.iter().filter_map(|booking| booking.status).collect();
        for status in used {
            let word = relation.word("status", status.as_str());
            if slot.labels.iter().all(|label| label != word) {
                return Err(unknown_label(
                    relation,
                    slot,
                    "values.status",
                    status.as_str(),
                    word,
                ));
            }
        }
        Ok(())
    }

    fn insert(
        &self,
        no: usize,
        booking: &'a Booking,
        customer: Option<usize>,
        customers: &[CustomerRow],
    ) -> Result<BookingRow<'a>, String> {
        let relation = &self.relations.booking;
        if let Some(Err(reason)) = customer.and_then(|at| customers.get(at)).map(|row| &row.cells) {
            return Err(reason.clone());
        }
        let mut cells = vec![Cell::Null; relation.columns.len()];
        for slot in &relation.slots {
            let cell = match slot.source {
                Source::Constant => slot.missing("constant")?,
                Source::Uuid => slot.uuid(&super::uuid::of("booking", booking.id.as_str())),
                // Found or made at run time.
                Source::Field("customer", _) if customer.is_some() => Cell::Null,
                Source::Field(field, _) => self.value(slot, field, booking)?,
            };
            if let Some(at) = relation.position(&slot.column) {
                cells[at] = cell;
            }
        }
        Ok(BookingRow {
            no,
            booking,
            action: RowAction::Insert,
            customer: customer.filter(|_| relation.field("customer").is_some()),
            twin: false,
            cells,
            before: None,
        })
    }

    fn value(&self, slot: &Slot<'_>, field: &str, booking: &Booking) -> Result<Cell, String> {
        let relation = &self.relations.booking;
        let zone = self.business.zone;
        let text = |text: Option<&str>| text.map(|text| slot.text(text));
        let time = |when: Option<When>| when.map(|when| slot.time(when, zone));
        let cell = match field {
            "reference" => text(booking.reference.as_deref()),
            "tenant" => text(booking.tenant.as_deref()),
            "resource" => self.resource(slot, booking).map(Ok),
            "customer" => self.customer(slot, booking).map(Ok),
            "starts_at" => time(booking.starts_at),
            "ends_at" => time(booking.ends_at),
            "created_at" => time(booking.created_at.map(When::Instant)),
            "status" => text(
                booking
                    .status
                    .map(|status| relation.word("status", status.as_str())),
            ),
            "total" => booking.total.map(|total| {
                if total.currency != self.business.currency && relation.field("currency").is_none() {
                    return Err(format!(
                        "its total is {total}, and the table has no column for a currency"
                    ));
                }
                slot.money(total)
            }),
            "currency" => booking
                .total
                .map(|total| currency(slot, relation.word("currency", total.currency.as_str()))),
            _ => None,
        };
        cell.unwrap_or_else(|| slot.missing(field))
    }

    fn resource(&self, slot: &Slot<'_>, booking: &Booking) -> Option<Cell> {
        let key = booking.resource.key.as_deref()?;
        let parent = self.relations.resource.as_ref()?;
        let column = self
            .relations
            .parent_column(&self.relations.booking, &slot.column, parent);
        let part = parent.key_parts(key).find(|(name, _)| *name == column);
        let raw = || self.resources.get(key)?.raw.get(&column)?.as_deref();
        part.map(|(_, part)| part)
            .or_else(raw)
            .map(|text| Cell::raw(Some(text)))
    }

    fn customer(&self, slot: &Slot<'_>, booking: &Booking) -> Option<Cell> {
        let key = booking.customer.baseline_key.as_deref()?;
        let parent = self.relations.customer.as_ref()?;
        let column = self
            .relations
            .parent_column(&self.relations.booking, &slot.column, parent);
        let part = parent.key_parts(key).find(|(name, _)| *name == column);
        let raw = || self.customers.get(key)?.raw.get(&column)?.as_deref();
        part.map(|(_, part)| part)
            .or_else(raw)
            .map(|text| Cell::raw(Some(text)))
    }

    /// The backup's row with the fields that changed. What a booking is named and when it was made do not change.
    fn update(&self, no: usize, booking: &'a Booking) -> Result<Option<BookingRow<'a>>, String> {
        let base = self.base(booking)?;
        let relation = &self.relations.booking;
        let before = self.raw_cells(base);
        let mut cells = before.clone();
        let changed = |field: &str| match field {
            "resource" => booking.resource.key.is_some() && booking.resource.key != base.resource,
            "customer" => {
                booking.customer.baseline_key.is_some() && booking.customer.baseline_key != base.customer
            }
            "starts_at" => booking.starts_at.is_some() && booking.starts_at != base.starts_at,
            "ends_at" => booking.ends_at.is_some() && booking.ends_at != base.ends_at,
            "status" => booking.status.is_some() && booking.status != base.status,
            "total" | "currency" => booking.total.is_some() && booking.total != base.total,
            _ => false,
        };
        for slot in &relation.slots {
            if let Source::Field(field, _) = slot.source
                && changed(field)
                && let Some(at) = relation.position(&slot.column)
            {
                cells[at] = self.value(slot, field, booking)?;
            }
        }
        if cells == before {
            return self.keep(no, booking);
        }
        for companion in &relation.entity.companions {
            let stale = relation.mapped().any(|field| {
                changed(field)
                    && companion
                        .columns
                        .values()
                        .any(|sql| sql.contains(&format!("{{{field}}}")))
            });
            if stale {
                return Err(format!(
                    "its rows in {} would have to change with it: change this one by hand",
                    companion.table
                ));
            }
        }
        Ok(Some(BookingRow {
            no,
            booking,
            action: RowAction::Update,
            customer: None,
            twin: false,
            cells,
            before: Some(before),
        }))
    }

    /// A row that only stands for the parent of new payments.
    fn keep(&self, no: usize, booking: &'a Booking) -> Result<Option<BookingRow<'a>>, String> {
        let paid = booking
            .payments
            .iter()
            .any(|payment| payment.baseline_refunded.is_none());
        if !paid || self.relations.payment.is_none() {
            return Ok(None);
        }
        let cells = self.raw_cells(self.base(booking)?);
        Ok(Some(BookingRow {
            no,
            booking,
            action: RowAction::Keep,
            customer: None,
            twin: false,
            before: Some(cells.clone()),
            cells,
        }))
    }

    fn base(&self, booking: &Booking) -> Result<&'a BaselineBooking, String> {
        booking
            .baseline_key
            .as_deref()
            .and_then(|key| self.bookings.get(key).copied())
            .ok_or_else(|| "its row in the backup is not known".to_owned())
    }

    fn raw_cells(&self, base: &BaselineBooking) -> Vec<Cell> {
        let relation = &self.relations.booking;
        let parts: BTreeMap<&str, &str> = relation.key_parts(&base.key).collect();
        relation
            .columns
            .iter()
            .map(|column| match base.raw.get(column) {
                Some(raw) => Cell::raw(raw.as_deref()),
                None => Cell::raw(parts.get(column.as_str()).copied()),
            })
            .collect()
    }

    /// How many rows of the backup have this customer, start and resource.
    fn backup_slots(&self) -> BTreeMap<NaturalKey, usize> {
        let mut slots = BTreeMap::new();
        for row in self.bookings.values() {
            let party = row.customer.clone().map(Party::Known);
            *slots
                .entry((party, row.starts_at, row.resource.clone()))
                .or_default() += 1;
        }
        slots
    }
}

pub(super) fn currency(slot: &Slot<'_>, code: &str) -> Result<Cell, String> {
    // A word that the configuration chose is kept as it is.
    let plain = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase());
    if plain && slot.upper {
        slot.text(&code.to_ascii_uppercase())
    } else {
        slot.text(code)
    }
}

/// Holds what a CHECK constraint of the table is sure to refuse.
fn hold_refused(rows: &mut Vec<BookingRow<'_>>, held: &mut Vec<Held>, stager: &Stager<'_>) {
    let relation = &stager.relations.booking;
    let checks: Vec<(String, String)> = relation
        .table
        .into_iter()
        .flat_map(|table| &table.checks)
        .filter_map(|check| read_check(check))
        .collect();
    if checks.is_empty() {
        return;
    }
    rows.retain(|row| {
        let refused = checks.iter().find(|(_, condition)| {
            row.action != RowAction::Keep
                && checks::refuses(condition, &|name| judged(relation, row, stager, name))
        });
        held.extend(
            refused.map(|(name, _)| hold(row.booking, format!("the table's rule {name} refuses it"))),
        );
        refused.is_none()
    });
}

/// A column's value as a condition sees it; of an update only what the update writes is known.
fn judged(relation: &Relation<'_>, row: &BookingRow<'_>, stager: &Stager<'_>, name: &str) -> Value {
    let slot = relation
        .slots
        .iter()
        .find(|slot| slot.column == name || slot.column.eq_ignore_ascii_case(name));
    let Some((slot, at)) = slot.and_then(|slot| Some((slot, relation.position(&slot.column)?))) else {
        return Value::Unknown;
    };
    let when = |when: Option<When>| match (when, stager.relations.days(slot)) {
        (Some(when), true) => Value::Day(when.date(stager.business.zone)),
        (Some(When::Instant(at)), false) => Value::Moment(at),
        _ => Value::Unknown,
    };
    match slot.source {
        Source::Field("starts_at", _) => when(row.booking.starts_at),
        Source::Field("ends_at", _) => when(row.booking.ends_at),
        Source::Field("created_at" | "customer" | "resource", _) => Value::Unknown,
        Source::Field("total", _) => match row.cells[at].text().and_then(|text| text.parse().ok()) {
            Some(number) => Value::Number(number),
            None => Value::Unknown,
        },
        _ => match &row.cells[at] {
            Cell::Null if slot.absent == Absent::Null => Value::Null,
            Cell::Text(text) if slot.kind.holds_text() || !slot.labels.is_empty() => {
                Value::Text(text.clone())
            }
            _ => Value::Unknown,
        },
    }
}

/// Where the database itself refuses two bookings of one resource at one time, no two of ours may go in.
fn hold_overlaps(rows: &mut Vec<BookingRow<'_>>, held: &mut Vec<Held>, stager: &Stager<'_>) {
    if !stager.relations.booking.excludes_overlaps() {
        return;
    }
    let mut spans: BTreeMap<&str, Vec<(When, When, usize)>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.action != RowAction::Keep) {
        if let (Some(resource), Some(starts), Some(ends)) = (
            &row.booking.resource.key,
            row.booking.starts_at,
            row.booking.ends_at,
        ) && row.booking.status != Some(Status::Cancelled)
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
                && starts < until
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

type NaturalKey = (Option<Party>, Option<When>, Option<String>);

/// Holds new bookings that would collide with each other, and marks those whose customer, start and
/// resource do not name them.
fn hold_doubles(rows: &mut Vec<BookingRow<'_>>, held: &mut Vec<Held>, stager: &Stager<'_>) {
    let relation = &stager.relations.booking;
    let mut reasons: BTreeMap<usize, String> = BTreeMap::new();

    let mut uniques: Vec<Vec<usize>> = relation
        .written_uniques()
        .iter()
        .map(|columns| {
            columns
                .iter()
                .filter_map(|column| relation.position(column))
                .collect()
        })
        .collect();
    let reference = relation
        .field("reference")
        .and_then(|slot| relation.position(&slot.column));
    let tenant = relation
        .field("tenant")
        .and_then(|slot| relation.position(&slot.column));
    uniques.extend(reference.map(|at| tenant.into_iter().chain([at]).collect()));
    let customer = relation
        .field("customer")
        .and_then(|slot| relation.position(&slot.column));
    for unique in &uniques {
        let inserts = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.action == RowAction::Insert)
            .map(|(at, row)| (at, row.cells.as_slice()));
        // A new customer has no key yet.
        let party = |at: usize, column: usize| {
            let no = rows[at].customer.filter(|_| Some(column) == customer)?;
            Some(format!("customer {no}"))
        };
        for at in doubles::find(inserts, unique, party).into_iter().flatten() {
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

    if let (TakenReference::Suffixed(suffix), Some(at)) = (&relation.entity.taken_reference, reference) {
        let given: BTreeSet<String> = rows.iter().filter_map(|row| row.cells[at].folded()).collect();
        for (place, row) in rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.action == RowAction::Insert)
        {
            let suffixed = row.cells[at].folded().map(|text| text + &suffix.to_lowercase());
            if suffixed.is_some_and(|suffixed| given.contains(&suffixed)) {
                reasons.insert(
                    place,
                    "another rebuilt booking has the reference that it would get with a suffix".to_owned(),
                );
            }
        }
    }

    let mut slots = stager.backup_slots();
    let natural = |row: &BookingRow<'_>| -> NaturalKey {
        let known = row.booking.customer.baseline_key.clone().map(Party::Known);
        (
            known.or(row.customer.map(Party::New)),
            row.booking.starts_at,
            row.booking.resource.key.clone(),
        )
    };
    let new = |row: &&mut BookingRow<'_>| row.action == RowAction::Insert;
    for row in rows.iter_mut().filter(new) {
        *slots.entry(natural(row)).or_default() += 1;
    }
    for (at, row) in rows
        .iter_mut()
        .enumerate()
        .filter(|(_, row)| row.action == RowAction::Insert)
    {
        row.twin = slots.get(&natural(row)).is_some_and(|count| *count > 1);
        let named = reference.is_some_and(|at| !row.cells[at].is_null());
        if row.twin && !named {
            reasons.insert(
                at,
                "another booking has the same customer, start and resource, and no reference tells them apart".to_owned(),
            );
        }
    }

    for (at, reason) in &reasons {
        held.push(hold(rows[*at].booking, reason.clone()));
    }
    let mut at = 0;
    rows.retain(|_| {
        at += 1;
        !reasons.contains_key(&(at - 1))
    });
}

impl Staged<'_> {
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts {
            customers: self.customers.iter().filter(|customer| !customer.known).count(),
            held: self.held.len(),
            ..Counts::default()
        };
        for row in &self.bookings {
            match row.action {
                RowAction::Insert => {
                    counts.inserts += 1;
                    if let Some(total) = row.booking.total {
                        *counts.booked.entry(total.currency).or_default() += total.minor;
                    }
                }
                RowAction::Update => counts.updates += 1,
                RowAction::Keep => {}
            }
        }
        for row in &self.payments {
            if row.booking.is_some() {
                counts.payments += 1;
                *counts.paid.entry(row.payment.amount.currency).or_default() += row.payment.amount.minor;
            } else {
                counts.refunds += 1;
            }
        }
        counts
    }
}
