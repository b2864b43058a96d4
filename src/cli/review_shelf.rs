//! The bookings of a sitting, opened out of staging when they are needed, and the backup's rows beside them.
//!
//! What cannot be read is noted and said before anything is decided. The bookings may be built anew while somebody
//! sits: from then on nothing of the old ones is read.

use crate::model::{
    BaselineBooking, BaselineCustomer, BaselineResource, Booking, BookingId, ConflictKind, Customer, Heading,
    RecordId, Wording,
};
use crate::review::{Backup, MAY_MAKE_STALE, Shelf, Span};
use crate::store::{Staging, StoreError};
use std::cell::{Cell, RefCell};

/// Staging, as the sitting and what it keeps share it.
pub(super) type Shared<'s> = RefCell<&'s mut Staging>;

pub(super) struct Stand<'s, 'd> {
    staging: &'s Shared<'d>,
    /// The build that the sitting is about.
    generation: i64,
    is_replaced: Cell<bool>,
    fault: RefCell<Option<StoreError>>,
}

impl<'s, 'd> Stand<'s, 'd> {
    pub fn new(staging: &'s Shared<'d>) -> Result<Self, StoreError> {
        let generation = staging.borrow().generation()?;
        Ok(Self {
            staging,
            generation,
            is_replaced: Cell::new(false),
            fault: RefCell::new(None),
        })
    }

    /// What went wrong since it was last asked.
    pub fn fault(&self) -> Option<StoreError> {
        self.fault.take()
    }

    /// Whether the bookings were built anew since.
    pub fn is_replaced(&self) -> bool {
        self.read(|_| Ok(()));
        self.is_replaced.get()
    }

    fn read<T: Default>(&self, read: impl Fn(&Staging) -> Result<T, StoreError>) -> T {
        let staging = self.staging.borrow();
        let found = staging.generation().and_then(|generation| {
            if generation == self.generation {
                return read(&staging);
            }
            self.is_replaced.set(true);
            Ok(T::default())
        });
        found.unwrap_or_else(|error| {
            self.fault.replace(Some(error));
            T::default()
        })
    }
}

impl Shelf for Stand<'_, '_> {
    fn extent(&self) -> usize {
        self.read(Staging::extent)
    }

    fn headings(&self) -> Vec<Heading> {
        self.read(Staging::headings)
    }

    fn wordings(&self) -> Vec<Wording> {
        self.read(Staging::wordings)
    }

    fn bookings(&self, places: &[usize]) -> Vec<Booking> {
        let (kind, fields) = MAY_MAKE_STALE;
        self.read(|staging| staging.bookings_at(places, &[kind], &fields))
    }

    fn places(&self, ids: &[&BookingId]) -> Vec<usize> {
        self.read(|staging| staging.places(ids))
    }

    fn of_thing(&self, key: &str) -> Vec<(usize, Option<Span>)> {
        self.read(|staging| staging.places_of_resource(key))
    }

    fn of_customer(&self, customer: &Customer) -> Vec<usize> {
        self.read(|staging| staging.places_of_customer(customer))
    }

    fn called(&self, name: &str) -> Vec<usize> {
        self.read(|staging| staging.places_called(name))
    }

    fn holding(&self, record: &RecordId) -> Vec<usize> {
        self.read(|staging| staging.places_of_record(record))
    }

    fn asking(&self, kind: ConflictKind, record: &RecordId) -> Vec<usize> {
        self.read(|staging| staging.places_asking(kind, record))
    }

    fn is_told(&self, row: &str) -> bool {
        self.read(|staging| staging.is_told(row))
    }
}

impl Backup for &Stand<'_, '_> {
    fn resources(&self) -> Vec<BaselineResource> {
        self.read(Staging::backup_resources)
    }

    fn customer(&self, key: &str) -> Option<BaselineCustomer> {
        self.read(|staging| staging.backup_customer(key))
    }

    fn customers_at(&self, email: &str) -> Vec<BaselineCustomer> {
        self.read(|staging| staging.backup_customers_at(email))
    }

    fn has_booking(&self, key: &str) -> bool {
        self.read(|staging| staging.has_backup_booking(key))
    }

    fn bookings_of(&self, resource: &str) -> Vec<BaselineBooking> {
        self.read(|staging| staging.backup_bookings_of(resource))
    }
}
