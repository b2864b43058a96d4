//! Bookings of the backup that reach beyond it and that no record has told of since.
//!
//! They stand as they were, as far as anybody knows, and belong on the sheet of their day.

use crate::model::{
    Action, Baseline, BaselineBooking, BaselineCustomer, BaselineResource, Booking, BookingId, Customer,
    Payment, Resource, State, stable_hash,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Each with its first and last day. `rebuilt` have their own, newer word.
pub fn standing(
    baseline: &Baseline,
    rebuilt: &[Booking],
    backup: DateTime<Utc>,
    zone: Tz,
) -> Vec<(NaiveDate, NaiveDate, Booking)> {
    let told: BTreeSet<&str> = rebuilt
        .iter()
        .filter_map(|booking| booking.baseline_key.as_deref())
        .collect();
    let customers: BTreeMap<&str, &BaselineCustomer> = baseline
        .customers
        .iter()
        .map(|row| (row.key.as_str(), row))
        .collect();
    let resources: BTreeMap<&str, &BaselineResource> = baseline
        .resources
        .iter()
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut payments: BTreeMap<&str, Vec<Payment>> = BTreeMap::new();
    for row in &baseline.payments {
        if let Some(booking) = &row.booking {
            payments.entry(booking).or_default().push(Payment {
                id: row.provider_id.clone().unwrap_or_else(|| row.key.clone()),
                amount: row.amount,
                refunded: row.refunded,
                paid_at: row.paid_at.unwrap_or(backup),
                baseline_refunded: Some(row.refunded.minor),
            });
        }
    }
    let since = backup.with_timezone(&zone).date_naive();
    let mut standing = Vec::new();
    for row in baseline
        .bookings
        .iter()
        .filter(|row| !told.contains(row.key.as_str()))
    {
        let Some(first) = row.starts_at.or(row.ends_at).map(|when| when.date(zone)) else {
            continue;
        };
        let last = row.ends_at.map_or(first, |when| when.date(zone)).max(first);
        if last >= since {
            let mut booking = booking(row, &customers, &resources);
            booking.payments = payments.remove(row.key.as_str()).unwrap_or_default();
            standing.push((first, last, booking));
        }
    }
    standing.sort_by_key(|(first, last, booking)| (*first, *last, booking.id.clone()));
    standing
}

fn booking(
    row: &BaselineBooking,
    customers: &BTreeMap<&str, &BaselineCustomer>,
    resources: &BTreeMap<&str, &BaselineResource>,
) -> Booking {
    let id = BookingId(format!("b_{}", stable_hash(&["backup", &row.key])));
    let mut booking = Booking::bare(id, State::Clean, Action::Unchanged);
    booking.baseline_key = Some(row.key.clone());
    booking.tenant.clone_from(&row.tenant);
    booking.reference.clone_from(&row.reference);
    booking.status = row.status;
    booking.starts_at = row.starts_at;
    booking.ends_at = row.ends_at;
    booking.total = row.total;
    booking.created_at = row.created_at;
    if let Some(customer) = row.customer.as_deref().and_then(|key| customers.get(key)) {
        booking.customer = Customer {
            name: customer.name.clone(),
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            email: customer.email.clone(),
            phone: customer.phone.clone(),
            baseline_key: Some(customer.key.clone()),
        };
    }
    if let Some(key) = row.resource.as_deref() {
        let name = resources
            .get(key)
            .and_then(|row| row.name.clone().or_else(|| row.code.clone()));
        booking.resource = Resource {
            name,
            key: Some(key.to_owned()),
        };
    }
    booking
}
