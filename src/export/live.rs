//! Live rows by what they are found by, and whether they are as ours are.
//!
//! In: a fresh dump of production in canonical terms, with each cell's own text beside. A dump may spell a moment
//! in another zone than ours and a sum with other zeros, so values are compared by meaning where both can be read,
//! and by text otherwise.

use super::Outcome;
use super::cell::{Cell, same_text};
use super::customers::{NAMES, SAME_PERSON, match_columns};
use super::merge::Verdict;
use super::payments::PaymentRow;
use super::relation::{Absent, Overlaps, Relation, Relations, Slot, Source, UniqueKey};
use super::staged::BookingRow;
use crate::model::{
    Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, Money, RawRow, Status, When,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Live<'a> {
    zone: Tz,
    bookings: BTreeMap<&'a str, &'a BaselineBooking>,
    references: BTreeMap<(String, Option<&'a str>), Vec<&'a BaselineBooking>>,
    by_customer: BTreeMap<&'a str, Vec<&'a BaselineBooking>>,
    by_resource: BTreeMap<&'a str, Vec<&'a BaselineBooking>>,
    resources: BTreeSet<&'a str>,
    customers: BTreeMap<&'a str, &'a BaselineCustomer>,
    people: BTreeMap<String, Vec<&'a str>>,
    charges: BTreeMap<&'a str, Vec<&'a BaselinePayment>>,
    payments: BTreeMap<&'a str, &'a BaselinePayment>,
    /// By table and unique columns, the values that are taken.
    taken: BTreeMap<(&'static str, Vec<String>), BTreeSet<Vec<String>>>,
}

/// What one booking says, in canonical terms.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    pub reference: Option<String>,
    pub tenant: Option<String>,
    /// The customer's key.
    pub customer: Option<String>,
    pub resource: Option<String>,
    pub starts_at: Option<When>,
    pub ends_at: Option<When>,
    pub status: Option<Status>,
    pub total: Option<Money>,
    pub created_at: Option<DateTime<Utc>>,
}

impl View {
    pub(super) fn of_row(row: &BookingRow<'_>) -> Self {
        let booking = row.booking;
        Self {
            reference: booking.reference.clone(),
            tenant: booking.tenant.clone(),
            customer: booking.customer.baseline_key.clone(),
            resource: booking.resource.key.clone(),
            starts_at: booking.starts_at,
            ends_at: booking.ends_at,
            status: booking.status,
            total: booking.total,
            created_at: booking.created_at,
        }
    }
}

impl<'a> Live<'a> {
    pub(super) fn new(relations: &Relations<'_>, live: &'a Baseline, zone: Tz) -> Self {
        let mut found = Self {
            zone,
            bookings: BTreeMap::new(),
            references: BTreeMap::new(),
            by_customer: BTreeMap::new(),
            by_resource: BTreeMap::new(),
            resources: live.resources.iter().map(|row| row.key.as_str()).collect(),
            customers: live.customers.iter().map(|row| (row.key.as_str(), row)).collect(),
            people: BTreeMap::new(),
            charges: BTreeMap::new(),
            payments: live.payments.iter().map(|row| (row.key.as_str(), row)).collect(),
            taken: BTreeMap::new(),
        };
        for row in &live.bookings {
            found.bookings.insert(&row.key, row);
            if let Some(reference) = &row.reference {
                let tenant = row.tenant.as_deref();
                let sign = (reference.trim_end().to_lowercase(), tenant);
                found.references.entry(sign).or_default().push(row);
            }
            for (map, key) in [
                (&mut found.by_customer, &row.customer),
                (&mut found.by_resource, &row.resource),
            ] {
                if let Some(key) = key {
                    map.entry(key.as_str()).or_default().push(row);
                }
            }
        }
        for payment in &live.payments {
            if let Some(id) = &payment.provider_id {
                found.charges.entry(id).or_default().push(payment);
            }
        }
        if let Some(relation) = &relations.customer {
            for row in &live.customers {
                let sign = person(relation, |column| row.raw.get(column)?.clone());
                found.people.entry(sign).or_default().push(&row.key);
            }
            let rows: Vec<&RawRow> = live.customers.iter().map(|row| &row.raw).collect();
            found.note_taken(relation, &rows);
        }
        let rows: Vec<&RawRow> = live.bookings.iter().map(|row| &row.raw).collect();
        found.note_taken(&relations.booking, &rows);
        found
    }

    fn note_taken(&mut self, relation: &Relation<'_>, rows: &[&RawRow]) {
        // What is unique among some rows only, the SQL judges.
        let whole = relation.written_uniques().into_iter();
        for UniqueKey { columns, .. } in whole.filter(|unique| unique.only.is_none()) {
            // Only texts are sure to be spelled alike; the SQL judges the others.
            let plain = columns.iter().all(|column| {
                relation.slots.iter().any(|slot| {
                    slot.column == *column
                        && match slot.source {
                            Source::Field(field, map) => {
                                map.time.is_none()
                                    && ["reference", "tenant", "email", "phone", "name", "provider_id"]
                                        .contains(&field)
                            }
                            Source::Constant | Source::Uuid => true,
                        }
                })
            });
            if !plain {
                continue;
            }
            let values = rows
                .iter()
                .filter_map(|raw| {
                    columns
                        .iter()
                        .map(|column| Some(raw.get(column)?.as_ref()?.trim_end().to_lowercase()))
                        .collect()
                })
                .collect();
            self.taken
                .insert((relation.kind.as_str(), columns.to_vec()), values);
        }
    }

    pub(super) fn booking(&self, key: &str) -> Option<&'a BaselineBooking> {
        self.bookings.get(key).copied()
    }

    pub(super) fn has_resource(&self, key: &str) -> bool {
        self.resources.contains(key)
    }

    pub(super) fn has_charge(&self, id: &str) -> bool {
        self.charges.contains_key(id)
    }

    /// The unique columns in which a live row has what ours would have.
    pub(super) fn taken(&self, relation: &Relation<'_>, cells: &[Cell]) -> Option<String> {
        self.taken
            .iter()
            .filter(|((kind, _), _)| *kind == relation.kind.as_str())
            .find(|((_, unique), values)| {
                let ours: Option<Vec<String>> = unique
                    .iter()
                    .map(|column| cells[relation.position(column)?].folded())
                    .collect();
                ours.is_some_and(|ours| values.contains(&ours))
            })
            .map(|((_, unique), _)| unique.join(" and "))
    }

    /// The live row of a customer of the backup, if it still is the same person.
    pub(super) fn known_customer(&self, relation: &Relation<'_>, cells: &[Cell]) -> Option<&'a str> {
        let key: Vec<&str> = relation
            .entity
            .key
            .iter()
            .filter_map(|column| cells[relation.position(column)?].text())
            .collect();
        let live = self.customers.get(key.join("|").as_str()).copied()?;
        let told = |field: &&str| {
            let slot = relation.field(field)?;
            let theirs = live.raw.get(&slot.column).and_then(|text| text.as_deref());
            Some((cells[relation.position(&slot.column)?].text(), theirs))
        };
        let mut groups = SAME_PERSON
            .iter()
            .map(|fields| fields.iter().filter_map(told).collect::<Vec<_>>());
        let alike = groups.clone().any(|pairs| {
            !pairs.is_empty()
                && pairs
                    .iter()
                    .all(|(ours, theirs)| ours.is_some() && ours == theirs)
        });
        let nameless = groups.all(|pairs| pairs.iter().all(|(ours, _)| ours.is_none()));
        (alike || nameless).then_some(live.key.as_str())
    }

    /// Live customers with the same e-mail address, or else names and phone.
    pub(super) fn customers_like(&self, relation: &Relation<'_>, cells: &[Cell]) -> Vec<&'a str> {
        let sign = person(relation, |column| {
            cells[relation.position(column)?].text().map(str::to_owned)
        });
        self.people.get(&sign).cloned().unwrap_or_default()
    }

    /// The live booking that has our reference, customer and start; and whether any has our reference.
    pub(super) fn by_reference(
        &self,
        relation: &Relation<'_>,
        ours: &View,
    ) -> (Option<&'a BaselineBooking>, bool) {
        let tenant = relation.field("tenant").and(ours.tenant.as_deref());
        let Some(reference) = ours
            .reference
            .as_deref()
            .filter(|_| relation.field("reference").is_some())
        else {
            return (None, false);
        };
        let sign = (reference.trim_end().to_lowercase(), tenant);
        let found = self.references.get(&sign).map_or(&[][..], Vec::as_slice);
        let same = found.iter().copied().find(|live| {
            ["customer", "starts_at"]
                .iter()
                .filter(|field| relation.field(field).is_some())
                .all(|field| self.same(relation, ours, live, field))
        });
        (same, !found.is_empty())
    }

    /// Live bookings of one customer, start and resource, at one tenant.
    pub(super) fn by_nature(&self, relation: &Relation<'_>, ours: &View) -> Vec<&'a BaselineBooking> {
        let near = if relation.field("customer").is_some() {
            let key = ours.customer.as_deref();
            key.and_then(|key| self.by_customer.get(key))
        } else {
            let key = ours.resource.as_deref();
            key.and_then(|key| self.by_resource.get(key))
        };
        near.into_iter()
            .flatten()
            .copied()
            .filter(|live| {
                ours.starts_at.is_some()
                    && ["starts_at", "resource", "tenant"]
                        .iter()
                        .filter(|field| relation.field(field).is_some())
                        .all(|field| self.same(relation, ours, live, field))
            })
            .collect()
    }

    /// A live booking has our resource while we need it. `own`: ourselves; `moved`: what the file moves away.
    pub(super) fn overlaps(
        &self,
        ours: &View,
        own: Option<&str>,
        moved: &BTreeSet<String>,
        rules: Overlaps,
    ) -> bool {
        let (Some(resource), Some(starts), Some(ends)) = (&ours.resource, ours.starts_at, ours.ends_at)
        else {
            return false;
        };
        let theirs = self.by_resource.get(resource.as_str());
        theirs.into_iter().flatten().any(|live| {
            let (Some(start), Some(end)) = (live.starts_at, live.ends_at) else {
                return false;
            };
            Some(live.key.as_str()) != own
                && !moved.contains(&live.key)
                && (rules.cancelled || live.status != Some(Status::Cancelled))
                && self.before(start, ends, rules.touching)
                && self.before(starts, end, rules.touching)
        })
    }

    fn before(&self, a: When, b: When, or_at: bool) -> bool {
        let order = match (a, b) {
            (When::Instant(a), When::Instant(b)) => a.cmp(&b),
            _ => a.date(self.zone).cmp(&b.date(self.zone)),
        };
        order.is_lt() || or_at && order.is_eq()
    }

    fn same_when(&self, ours: Option<When>, theirs: Option<When>, days: bool) -> bool {
        match (ours, theirs) {
            (None, None) => true,
            (Some(When::Instant(a)), Some(When::Instant(b))) if !days => a.timestamp() == b.timestamp(),
            (Some(a), Some(b)) => a.date(self.zone) == b.date(self.zone),
            _ => false,
        }
    }

    /// Whether one field of ours is as the live row has it.
    pub(super) fn same(
        &self,
        relation: &Relation<'_>,
        ours: &View,
        live: &BaselineBooking,
        field: &str,
    ) -> bool {
        let column = relation.field(field).map(|slot| slot.column.as_str());
        let raw = column.and_then(|column| live.raw.get(column)?.as_deref());
        let days = relation.field(field).is_some_and(Slot::is_day);
        match field {
            "reference" => same_text(ours.reference.as_deref(), raw),
            "tenant" => same_text(ours.tenant.as_deref(), raw),
            "customer" => same_text(ours.customer.as_deref(), live.customer.as_deref()),
            "resource" => same_text(ours.resource.as_deref(), live.resource.as_deref()),
            "starts_at" => self.same_when(ours.starts_at, live.starts_at, days),
            "ends_at" => self.same_when(ours.ends_at, live.ends_at, days),
            "status" => ours.status == live.status,
            "total" => ours.total.map(|total| total.minor) == live.total.map(|total| total.minor),
            "currency" => {
                let ours = ours.total.map(|total| total.currency.to_string());
                same_text(ours.as_deref(), raw.map(str::to_lowercase).as_deref())
                    || ours.as_deref().map(|ours| relation.word("currency", ours)) == raw
            }
            // A day alone in the target tells no instant.
            "created_at" => {
                live.created_at.is_none()
                    || self.same_when(
                        ours.created_at.map(When::Instant),
                        live.created_at.map(When::Instant),
                        days,
                    )
            }
            _ => true,
        }
    }

    /// The live payment of a new charge, and whether it is as ours: on our booking, with our amounts.
    pub(super) fn charge(&self, row: &PaymentRow<'_>, booking: Option<&str>) -> Option<(&'a str, bool)> {
        let found = self.charges.get(row.payment.id.as_str())?;
        let same = found.iter().find(|live| {
            live.booking.as_deref() == booking
                && booking.is_some()
                && live.amount.minor == row.payment.amount.minor
                && live.refunded.minor == row.payment.refunded.minor
        });
        match same {
            Some(live) => Some((live.key.as_str(), true)),
            None => found.first().map(|live| (live.key.as_str(), false)),
        }
    }

    /// A refund of a payment that stands in the backup.
    pub(super) fn refund(&self, row: &PaymentRow<'_>, backup: Option<&Baseline>) -> Verdict {
        const MOVED: &str = "the payment was changed or deleted since the backup";
        let base = backup.and_then(|backup| {
            backup
                .payments
                .iter()
                .find(|base| base.provider_id.as_deref() == Some(row.payment.id.as_str()))
        });
        let (Some(base), Some(live)) = (base, base.and_then(|base| self.payments.get(base.key.as_str())))
        else {
            return Verdict::held(MOVED);
        };
        let same = live.provider_id == base.provider_id
            && live.booking == base.booking
            && live.amount == base.amount
            && live.paid_at == base.paid_at;
        let (outcome, reason) = if same && live.refunded.minor == row.payment.refunded.minor {
            (Outcome::Loaded, "")
        } else if same && live.refunded == base.refunded {
            (Outcome::Update, "")
        } else {
            (Outcome::Held, MOVED)
        };
        Verdict {
            outcome,
            reason: reason.to_owned(),
            key: Some(live.key.clone()),
        }
    }
}

/// What a customer is found by: the e-mail address, with the name where households share one, else names and phone; of its
/// tenant.
fn person(relation: &Relation<'_>, value: impl Fn(&str) -> Option<String>) -> String {
    let of = |field: &str| relation.field(field).and_then(|slot| value(&slot.column));
    let parts: Vec<String> = match of("email").filter(|email| !email.is_empty()) {
        Some(email) => {
            let names = NAMES.iter().filter(|_| relation.households).map(|name| {
                let column = relation.field(name).map(|slot| slot.column.as_str());
                column.map(|column| value(column).unwrap_or_default())
            });
            std::iter::once(email)
                .chain(of("tenant"))
                .chain(names.flatten())
                .collect()
        }
        None => match_columns(relation)
            .into_iter()
            .map(|at| value(&relation.columns[at]).unwrap_or_default())
            .collect(),
    };
    parts.join("\n").to_lowercase()
}

/// A field of the backup is live as it was: the same text, or the same meaning in another spelling.
pub(super) fn base_is_live(
    relation: &Relation<'_>,
    base: &BaselineBooking,
    live: &BaselineBooking,
    field: &str,
) -> bool {
    let Some(slot) = relation.field(field) else {
        return true;
    };
    let raw = |row: &BaselineBooking| row.raw.get(&slot.column).cloned().flatten();
    if raw(base) == raw(live) {
        return true;
    }
    match field {
        "starts_at" => base.starts_at.is_some() && base.starts_at == live.starts_at,
        "ends_at" => base.ends_at.is_some() && base.ends_at == live.ends_at,
        "created_at" => base.created_at.is_some() && base.created_at == live.created_at,
        "total" => base.total.is_some() && base.total == live.total,
        _ => same_text(raw(base).as_deref(), raw(live).as_deref()),
    }
}

/// The columns in which a live booking is not as ours.
pub(super) fn differences(
    live: &Live<'_>,
    relation: &Relation<'_>,
    row: &BookingRow<'_>,
    ours: &View,
    theirs: &BaselineBooking,
) -> Vec<String> {
    relation
        .slots
        .iter()
        .filter(|slot| {
            let at = relation.position(&slot.column);
            let unknown = at.is_some_and(|at| row.cells[at].is_null());
            let raw = theirs.raw.get(&slot.column).and_then(|text| text.as_deref());
            let same = match slot.source {
                Source::Field(field, _) => live.same(relation, ours, theirs, field),
                Source::Constant => at
                    .and_then(|at| row.cells[at].text())
                    .is_none_or(|constant| same_text(Some(constant), raw)),
                Source::Uuid => true,
            };
            let given = matches!(slot.absent, Absent::Default(_))
                && unknown
                && !matches!(slot.source, Source::Field("customer", _));
            !same && !given
        })
        .map(|slot| slot.column.clone())
        .collect()
}
