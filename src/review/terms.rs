//! What answers are read, checked and applied against: the business, and the backup's rows by name and key.

use crate::model::{
    Baseline, BaselineBooking, BaselineCustomer, BaselineResource, Booking, Business, Customer,
};
use crate::reading::fold;
use std::collections::{BTreeMap, BTreeSet};

/// The terms on which an answer fits.
#[derive(Debug)]
pub struct Terms<'a> {
    pub business: &'a Business,
    /// The target stores whole days.
    pub date_only: bool,
    /// Nothing is booked twice at one time, as the backup shows.
    pub exclusive: bool,
    /// None without a backup: then any resource and any key is taken as it is.
    rows: Option<Rows<'a>>,
}

#[derive(Debug)]
struct Rows<'a> {
    all: &'a [BaselineBooking],
    resources: &'a [BaselineResource],
    /// Names, codes and keys as written.
    resources_as_written: BTreeMap<&'a str, Vec<&'a BaselineResource>>,
    /// The same without case, accents and punctuation.
    resources_folded: BTreeMap<String, Vec<&'a BaselineResource>>,
    customers: BTreeMap<&'a str, &'a BaselineCustomer>,
    customers_by_email: BTreeMap<String, Vec<&'a BaselineCustomer>>,
    bookings: BTreeSet<&'a str>,
}

impl<'a> Terms<'a> {
    pub fn new(business: &'a Business, baseline: Option<&'a Baseline>, date_only: bool) -> Self {
        Self {
            business,
            date_only,
            exclusive: false,
            rows: baseline.map(Rows::new),
        }
    }

    /// The same, where the backup shows that nothing is booked twice at one time.
    #[must_use]
    pub fn exclusive(mut self, is_so: bool) -> Self {
        self.exclusive = is_so;
        self
    }

    /// The backup's bookings.
    pub(super) fn baseline_bookings(&self) -> &'a [BaselineBooking] {
        self.rows.as_ref().map_or(&[], |rows| rows.all)
    }

    pub(super) fn has_rows(&self) -> bool {
        self.rows.is_some()
    }

    /// The one resource of the booking's tenant that this name, code or key means.
    pub(super) fn resource(&self, text: &str, booking: &Booking) -> Option<&'a BaselineResource> {
        let rows = self.rows.as_ref()?;
        let only = |found: Option<&Vec<&'a BaselineResource>>, wanted: &dyn Fn(&BaselineResource) -> bool| {
            let mut of_tenant = found
                .into_iter()
                .flatten()
                .filter(|row| is_of_tenant(row, booking) && wanted(row));
            match (of_tenant.next(), of_tenant.next()) {
                (Some(row), None) => Some(*row),
                _ => None,
            }
        };
        let as_written = rows.resources_as_written.get(text.trim());
        // A name before a code before a key: where a name is also another row's key, a person means the name.
        only(as_written, &|row| row.name.as_deref() == Some(text.trim()))
            .or_else(|| only(as_written, &|row| row.code.as_deref() == Some(text.trim())))
            .or_else(|| only(as_written, &|row| row.key == text.trim()))
            .or_else(|| only(rows.resources_folded.get(&fold(text)), &|_| true))
    }

    /// The backup's resource of this key.
    pub fn resource_by_key(&self, key: &str) -> Option<&'a BaselineResource> {
        let found = self.rows.as_ref()?.resources_as_written.get(key)?;
        found.iter().find(|row| row.key == key).copied()
    }

    /// The names that a person may type for the booking's resource, sorted.
    pub(super) fn resource_names(&self, booking: &Booking) -> Vec<&'a str> {
        let resources = self.rows.as_ref().map_or(&[][..], |rows| rows.resources);
        let mut names: Vec<&str> = resources
            .iter()
            .filter(|row| is_of_tenant(row, booking))
            .map(|row| row.name.as_deref().or(row.code.as_deref()).unwrap_or(&row.key))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The backup's customer of this key.
    pub fn customer_by_key(&self, key: &str) -> Option<&'a BaselineCustomer> {
        self.rows.as_ref()?.customers.get(key).copied()
    }

    pub(super) fn is_booking_key(&self, key: &str) -> bool {
        self.rows.as_ref().is_none_or(|rows| rows.bookings.contains(key))
    }

    /// The customer's row after a person has said who the customer is: the one row with this address,
    /// or the row so far as long as something still speaks for it; else a new customer.
    pub(super) fn customer_row(&self, customer: &Customer) -> Option<String> {
        let Some(rows) = &self.rows else {
            return customer.baseline_key.clone();
        };
        let by_email = customer
            .email
            .as_deref()
            .and_then(|email| rows.customers_by_email.get(&email.to_lowercase()));
        if let Some([row]) = by_email.map(Vec::as_slice) {
            return Some(row.key.clone());
        }
        let so_far = rows.customers.get(customer.baseline_key.as_deref()?)?;
        let agrees = |said: &Option<String>, row: &Option<String>| match (said, row) {
            (Some(said), Some(row)) => fold(said) == fold(row),
            _ => false,
        };
        let stands = agrees(&customer.name, &so_far.name)
            || agrees(&customer.email, &so_far.email)
            || agrees(&customer.phone, &so_far.phone);
        stands.then(|| so_far.key.clone())
    }
}

impl<'a> Rows<'a> {
    fn new(baseline: &'a Baseline) -> Self {
        let mut rows = Self {
            all: &baseline.bookings,
            resources: &baseline.resources,
            resources_as_written: BTreeMap::new(),
            resources_folded: BTreeMap::new(),
            customers: BTreeMap::new(),
            customers_by_email: BTreeMap::new(),
            bookings: baseline.bookings.iter().map(|row| row.key.as_str()).collect(),
        };
        for row in &baseline.resources {
            let spellings = [row.name.as_deref(), row.code.as_deref(), Some(row.key.as_str())];
            let as_written: BTreeSet<&str> = spellings.into_iter().flatten().collect();
            // Keys are not folded: `1` and `#1` are one only where a person says so.
            let folded: BTreeSet<String> = spellings[..2].iter().flatten().map(|text| fold(text)).collect();
            for text in as_written {
                rows.resources_as_written.entry(text).or_default().push(row);
            }
            for text in folded.into_iter().filter(|text| !text.is_empty()) {
                rows.resources_folded.entry(text).or_default().push(row);
            }
        }
        for row in &baseline.customers {
            rows.customers.insert(&row.key, row);
            if let Some(email) = &row.email {
                rows.customers_by_email
                    .entry(email.to_lowercase())
                    .or_default()
                    .push(row);
            }
        }
        rows
    }
}

fn is_of_tenant(row: &BaselineResource, booking: &Booking) -> bool {
    row.tenant.is_none() || booking.tenant.is_none() || row.tenant == booking.tenant
}
