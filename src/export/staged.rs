//! Bookings into rows to stage, in the order in which the bookings were made.
//!
//! What the target cannot hold, and what could not be found again or told apart afterwards, is held here
//! with its reason. Everything that depends on what is live now is left to the SQL.

use super::cell::Cell;
use super::check::unknown_label;
use super::clashes;
use super::contacts;
use super::customers::{CustomerRow, Customers};
use super::payments::{self, PaymentRow};
use super::relation::{Relation, Relations, Slot, Source};
use super::{Counts, ExportError, Held};
use crate::model::{
    Action, Baseline, BaselineBooking, BaselineCustomer, BaselineResource, Booking, BookingId, Business,
    State, Status, When,
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
    /// It is live already, and stands here for the parent of new payments alone.
    pub stands: bool,
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
    pub bookings: BTreeMap<&'a str, &'a BaselineBooking>,
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
    clashes::hold_back(&mut rows, &mut held, &stager);
    let refused: BTreeSet<&BookingId> = held.iter().map(|held| &held.booking).collect();
    let (payments, payments_held) = payments::stage(bookings, &rows, &refused, &stager, baseline);
    held.extend(payments_held);

    let needed: BTreeSet<usize> = rows.iter().filter_map(|row| row.customer).collect();
    customers.retain(|customer| needed.contains(&customer.no));
    let mut notes = parties.notes;
    notes.extend(contacts::notes(&clean, baseline));
    Ok(Staged {
        customers,
        bookings: rows,
        payments,
        held,
        notes,
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
            stands: false,
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
            "ends_at" => match slot.length_unit() {
                Some(unit) => {
                    let length = |ends| slot.length(unit, booking.starts_at, ends, zone);
                    booking.ends_at.map(length)
                }
                None => time(booking.ends_at),
            },
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
            // A later start leaves fewer minutes to the same end.
            let recounted = slot.length_unit().is_some() && changed("starts_at") && booking.ends_at.is_some();
            if let Source::Field(field, _) = slot.source
                && (changed(field) || recounted)
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
            stands: false,
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
            stands: false,
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

impl Staged<'_> {
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts {
            customers: self
                .customers
                .iter()
                .filter(|customer| !customer.known && !customer.stands)
                .count(),
            held: self.held.len(),
            ..Counts::default()
        };
        for row in self.bookings.iter().filter(|row| !row.stands) {
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
                let refunded = row.payment.refunded;
                *counts.refunded.entry(refunded.currency).or_default() +=
                    refunded.minor - row.payment.baseline_refunded.unwrap_or(0);
            }
        }
        counts
    }
}
