//! Where the bookings stand while they are reviewed: opened one by one, when they are needed.
//!
//! With ten thousand open cases a sitting must begin at once, so a queue is planned from headings alone. Places are
//! numbers of bookings, from 0, that hold for one sitting.

use super::book::{Span, span};
use super::heading::{self, headings};
use crate::model::{Booking, BookingId, ConflictKind, Customer, Heading, RecordId, Wording};
use std::collections::HashMap;

/// Bookings as fused, before any decision.
///
/// What cannot be read is left out of an answer; whoever keeps the shelf must say so before anything is decided.
pub trait Shelf {
    /// How many bookings there are.
    fn extent(&self) -> usize;

    /// Every question, by place and position.
    fn headings(&self) -> Vec<Heading>;

    /// What a filter looks for, in the same order.
    fn wordings(&self) -> Vec<Wording>;

    /// The bookings at these places, in their order. Claims are needed of those alone whose answers may make a
    /// price stale; links of none.
    fn bookings(&self, places: &[usize]) -> Vec<Booking>;

    /// Where bookings with these ids stand.
    fn places(&self, ids: &[&BookingId]) -> Vec<usize>;

    /// The bookings of a thing, by its key in the backup, each with the time that it takes, where it takes any.
    fn of_thing(&self, key: &str) -> Vec<(usize, Option<Span>)>;

    /// Bookings that share an address, a phone, a name or a row with this customer.
    fn of_customer(&self, customer: &Customer) -> Vec<usize>;

    /// Bookings with this id or reference, in either case.
    fn called(&self, name: &str) -> Vec<usize>;

    /// Bookings that this record tells of.
    fn holding(&self, record: &RecordId) -> Vec<usize>;

    /// Bookings with a question of this kind that names the record.
    fn asking(&self, kind: ConflictKind, record: &RecordId) -> Vec<usize>;

    /// Whether a booking is about this row of the backup.
    fn is_told(&self, row: &str) -> bool;
}

/// Bookings in memory.
#[derive(Debug)]
pub struct Pile {
    bookings: Vec<Booking>,
    by_id: HashMap<BookingId, Vec<usize>>,
}

impl Pile {
    pub fn new(bookings: Vec<Booking>) -> Self {
        let mut by_id: HashMap<BookingId, Vec<usize>> = HashMap::with_capacity(bookings.len());
        for (place, booking) in bookings.iter().enumerate() {
            by_id.entry(booking.id.clone()).or_default().push(place);
        }
        Self { bookings, by_id }
    }

    pub(super) fn into_bookings(self) -> Vec<Booking> {
        self.bookings
    }

    fn find(&self, wanted: impl Fn(&Booking) -> bool) -> Vec<usize> {
        let all = self.bookings.iter().enumerate();
        all.filter(|(_, booking)| wanted(booking))
            .map(|(place, _)| place)
            .collect()
    }
}

impl Shelf for Pile {
    fn extent(&self) -> usize {
        self.bookings.len()
    }

    fn headings(&self) -> Vec<Heading> {
        let all = self.bookings.iter().enumerate();
        all.flat_map(|(place, booking)| heading::of_booking(place, booking))
            .collect()
    }

    fn wordings(&self) -> Vec<Wording> {
        let all = headings(&self.bookings).into_iter();
        all.map(|(_, wording)| wording).collect()
    }

    fn bookings(&self, places: &[usize]) -> Vec<Booking> {
        places.iter().map(|place| self.bookings[*place].clone()).collect()
    }

    fn places(&self, ids: &[&BookingId]) -> Vec<usize> {
        let found = ids.iter().filter_map(|id| self.by_id.get(*id));
        found.flatten().copied().collect()
    }

    fn of_thing(&self, key: &str) -> Vec<(usize, Option<Span>)> {
        let places = self.find(|booking| booking.resource.key.as_deref() == Some(key));
        let spans = places
            .into_iter()
            .map(|place| (place, span(&self.bookings[place])));
        spans.collect()
    }

    fn of_customer(&self, customer: &Customer) -> Vec<usize> {
        self.find(|booking| customer.is_like(&booking.customer))
    }

    fn called(&self, name: &str) -> Vec<usize> {
        self.find(|booking| booking.is_called(name))
    }

    fn holding(&self, record: &RecordId) -> Vec<usize> {
        self.find(|booking| booking.records.contains(record))
    }

    fn asking(&self, kind: ConflictKind, record: &RecordId) -> Vec<usize> {
        self.find(|booking| {
            let mut questions = booking.conflicts.iter();
            questions.any(|conflict| conflict.kind == kind && conflict.records().contains(&record))
        })
    }

    fn is_told(&self, row: &str) -> bool {
        let mut all = self.bookings.iter();
        all.any(|booking| booking.baseline_key.as_deref() == Some(row))
    }
}
