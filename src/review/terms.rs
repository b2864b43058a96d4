//! What answers are read, checked and applied against: the business, and the backup's rows by name and key.

use crate::model::{
    Baseline, BaselineBooking, BaselineCustomer, BaselineResource, Booking, Business, Customer,
};
use crate::reading::fold;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// The backup's rows, as far as a review asks for them.
pub trait Backup {
    fn resources(&self) -> Vec<BaselineResource>;

    fn customer(&self, key: &str) -> Option<BaselineCustomer>;

    /// Customers with this address, which is in lower case.
    fn customers_at(&self, email: &str) -> Vec<BaselineCustomer>;

    fn has_booking(&self, key: &str) -> bool;

    /// The bookings of a resource, by its key.
    fn bookings_of(&self, resource: &str) -> Vec<BaselineBooking>;
}

/// The terms on which an answer fits.
pub struct Terms<'a> {
    pub business: &'a Business,
    /// The target stores whole days.
    pub date_only: bool,
    /// Nothing is booked twice at one time, as the backup shows.
    pub exclusive: bool,
    /// None without a backup: then any resource and any key is taken as it is.
    backup: Option<Box<dyn Backup + 'a>>,
    resources: OnceCell<Resources>,
}

impl<'a> Terms<'a> {
    /// With the whole backup in memory.
    pub fn new(business: &'a Business, baseline: Option<&'a Baseline>, date_only: bool) -> Self {
        let backup = baseline.map(|baseline| Box::new(Rows::new(baseline)) as Box<dyn Backup + 'a>);
        Self::over(business, backup, date_only)
    }

    /// With a backup whose rows are read when they are asked for.
    pub fn over(business: &'a Business, backup: Option<Box<dyn Backup + 'a>>, date_only: bool) -> Self {
        Self {
            business,
            date_only,
            exclusive: false,
            backup,
            resources: OnceCell::new(),
        }
    }

    /// The same, where the backup shows that nothing is booked twice at one time.
    #[must_use]
    pub fn exclusive(mut self, is_so: bool) -> Self {
        self.exclusive = is_so;
        self
    }

    /// The backup's bookings of one resource.
    pub(super) fn bookings_of(&self, resource: &str) -> Vec<BaselineBooking> {
        let backup = self.backup.as_ref();
        backup.map_or_else(Vec::new, |backup| backup.bookings_of(resource))
    }

    pub(super) fn has_rows(&self) -> bool {
        self.backup.is_some()
    }

    /// The one resource of the booking's tenant that this name, code or key means.
    pub(super) fn resource(&self, text: &str, booking: &Booking) -> Option<&BaselineResource> {
        let resources = self.resources();
        let only = |found: Option<&Vec<usize>>, wanted: &dyn Fn(&BaselineResource) -> bool| {
            let rows = found.into_iter().flatten().map(|at| &resources.all[*at]);
            let mut of_tenant = rows.filter(|row| is_of_tenant(row, booking) && wanted(row));
            match (of_tenant.next(), of_tenant.next()) {
                (Some(row), None) => Some(row),
                _ => None,
            }
        };
        let as_written = resources.as_written.get(text.trim());
        // A name before a code before a key: where a name is also another row's key, a person means the name.
        only(as_written, &|row| row.name.as_deref() == Some(text.trim()))
            .or_else(|| only(as_written, &|row| row.code.as_deref() == Some(text.trim())))
            .or_else(|| only(as_written, &|row| row.key == text.trim()))
            .or_else(|| only(resources.folded.get(&fold(text)), &|_| true))
    }

    /// The backup's resource of this key.
    pub fn resource_by_key(&self, key: &str) -> Option<&BaselineResource> {
        let resources = self.resources();
        let mut found = resources
            .as_written
            .get(key)?
            .iter()
            .map(|at| &resources.all[*at]);
        found.find(|row| row.key == key)
    }

    /// The names that a person may type for the booking's resource, sorted.
    pub(super) fn resource_names(&self, booking: &Booking) -> Vec<&str> {
        let of_tenant = self
            .resources()
            .all
            .iter()
            .filter(|row| is_of_tenant(row, booking));
        let mut names: Vec<&str> = of_tenant
            .map(|row| row.name.as_deref().or(row.code.as_deref()).unwrap_or(&row.key))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The backup's customer of this key.
    pub fn customer_by_key(&self, key: &str) -> Option<BaselineCustomer> {
        self.backup.as_ref()?.customer(key)
    }

    pub(super) fn is_booking_key(&self, key: &str) -> bool {
        let backup = self.backup.as_ref();
        backup.is_none_or(|backup| backup.has_booking(key))
    }

    /// The customer's row after a person has said who the customer is: the one row with this address,
    /// or the row so far as long as something still speaks for it; else a new customer.
    pub(super) fn customer_row(&self, customer: &Customer) -> Option<String> {
        let Some(backup) = &self.backup else {
            return customer.baseline_key.clone();
        };
        let by_email = customer
            .email
            .as_deref()
            .map(|email| backup.customers_at(&email.to_lowercase()));
        if let Some([row]) = by_email.as_deref() {
            return Some(row.key.clone());
        }
        let so_far = backup.customer(customer.baseline_key.as_deref()?)?;
        let agrees = |said: &Option<String>, row: &Option<String>| match (said, row) {
            (Some(said), Some(row)) => fold(said) == fold(row),
            _ => false,
        };
        let stands = agrees(&customer.name, &so_far.name)
            || agrees(&customer.email, &so_far.email)
            || agrees(&customer.phone, &so_far.phone);
        stands.then_some(so_far.key)
    }

    fn resources(&self) -> &Resources {
        self.resources.get_or_init(|| {
            let backup = self.backup.as_ref();
            Resources::new(backup.map_or_else(Vec::new, |backup| backup.resources()))
        })
    }
}

/// The resources by what they are called: there are few of them, and a person may type any of their names.
#[derive(Debug, Default)]
struct Resources {
    all: Vec<BaselineResource>,
    /// Names, codes and keys as written.
    as_written: BTreeMap<String, Vec<usize>>,
    /// The same without case, accents and punctuation.
    folded: BTreeMap<String, Vec<usize>>,
}

impl Resources {
    fn new(all: Vec<BaselineResource>) -> Self {
        let mut resources = Self::default();
        for (at, row) in all.iter().enumerate() {
            let spellings = [row.name.as_deref(), row.code.as_deref(), Some(row.key.as_str())];
            let as_written: BTreeSet<&str> = spellings.into_iter().flatten().collect();
            // Keys are not folded: `1` and `#1` are one only where a person says so.
            let folded: BTreeSet<String> = spellings[..2].iter().flatten().map(|text| fold(text)).collect();
            for text in as_written {
                resources.as_written.entry(text.to_owned()).or_default().push(at);
            }
            for text in folded.into_iter().filter(|text| !text.is_empty()) {
                resources.folded.entry(text).or_default().push(at);
            }
        }
        resources.all = all;
        resources
    }
}

/// The backup in memory.
struct Rows<'a> {
    baseline: &'a Baseline,
    customers: BTreeMap<&'a str, &'a BaselineCustomer>,
    customers_by_email: BTreeMap<String, Vec<&'a BaselineCustomer>>,
    bookings: BTreeSet<&'a str>,
    bookings_by_resource: BTreeMap<&'a str, Vec<&'a BaselineBooking>>,
}

impl<'a> Rows<'a> {
    fn new(baseline: &'a Baseline) -> Self {
        let mut rows = Self {
            baseline,
            customers: BTreeMap::new(),
            customers_by_email: BTreeMap::new(),
            bookings: baseline.bookings.iter().map(|row| row.key.as_str()).collect(),
            bookings_by_resource: BTreeMap::new(),
        };
        for row in &baseline.customers {
            rows.customers.insert(&row.key, row);
            if let Some(email) = &row.email {
                rows.customers_by_email
                    .entry(email.to_lowercase())
                    .or_default()
                    .push(row);
            }
        }
        for row in &baseline.bookings {
            if let Some(resource) = &row.resource {
                rows.bookings_by_resource.entry(resource).or_default().push(row);
            }
        }
        rows
    }
}

impl Backup for Rows<'_> {
    fn resources(&self) -> Vec<BaselineResource> {
        self.baseline.resources.clone()
    }

    fn customer(&self, key: &str) -> Option<BaselineCustomer> {
        self.customers.get(key).map(|row| (*row).clone())
    }

    fn customers_at(&self, email: &str) -> Vec<BaselineCustomer> {
        let found = self.customers_by_email.get(email).into_iter().flatten();
        found.map(|row| (*row).clone()).collect()
    }

    fn has_booking(&self, key: &str) -> bool {
        self.bookings.contains(key)
    }

    fn bookings_of(&self, resource: &str) -> Vec<BaselineBooking> {
        let found = self.bookings_by_resource.get(resource).into_iter().flatten();
        found.map(|row| (*row).clone()).collect()
    }
}

fn is_of_tenant(row: &BaselineResource, booking: &Booking) -> bool {
    row.tenant.is_none() || booking.tenant.is_none() || row.tenant == booking.tenant
}
