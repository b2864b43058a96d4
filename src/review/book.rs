//! The bookings as they stand: as fused, with what was decided, and with what follows from that.
//!
//! An answer may change when something is occupied and by whom, so it can raise or settle the question of another
//! booking. What is worked out after each decision is the same as what is worked out from the whole log. A booking is
//! opened when it is needed; its heading tells enough of it before.

mod double;

use super::answer::answer;
use super::heading;
use super::settle::{follow, money_of, settle, span_of};
use super::{Filter, Log, Shelf, Terms};
use crate::model::{
    Action, Answer, Booking, BookingId, Conflict, ConflictKind, Customer, Decision, Heading, RecordId, State,
    When, Wording, money_doubt,
};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Times that bookings of one thing may answer to one another before the last word is taken.
const ROUNDS_MAX: usize = 3;

/// From when to when something is taken.
pub type Span = (When, When);

/// The time that a booking takes its thing, where it takes any.
pub fn span(booking: &Booking) -> Option<Span> {
    span_of(booking).map(|(_, from, to)| (from, to))
}

pub(super) struct Book<'a> {
    shelf: &'a dyn Shelf,
    terms: &'a Terms<'a>,
    pub log: Log,
    /// As fused, by place; empty until it is opened.
    fused: Vec<OnceCell<Box<Booking>>>,
    /// Every question as fused, by place and position.
    headings: Vec<Heading>,
    wordings: OnceCell<Vec<Wording>>,
    /// Bookings that are no longer as they were fused.
    settled: BTreeMap<usize, Settled>,
    /// Bookings about which something was decided.
    decided: BTreeSet<usize>,
    things: RefCell<BTreeMap<String, Rc<Thing>>>,
}

struct Settled {
    booking: Booking,
    headings: Vec<Heading>,
    wordings: Vec<Wording>,
}

/// Who occupied a thing when the bookings were fused.
struct Thing {
    members: Vec<(usize, Option<Span>)>,
    /// Rows of the backup that no booking is about.
    rows: Vec<Span>,
}

/// Which thing is taken, from when to when.
type Place = (String, When, When);

/// Where a booking was when it was fused, and where it is by now.
struct Member {
    was: Option<Place>,
    is: Option<Place>,
}

impl<'a> Book<'a> {
    pub fn new(shelf: &'a dyn Shelf, decisions: Vec<Decision>, terms: &'a Terms<'a>) -> Self {
        let mut book = Self {
            shelf,
            terms,
            log: Log::new(decisions),
            fused: std::iter::repeat_with(OnceCell::new)
                .take(shelf.extent())
                .collect(),
            headings: shelf.headings(),
            wordings: OnceCell::new(),
            settled: BTreeMap::new(),
            decided: BTreeSet::new(),
            things: RefCell::new(BTreeMap::new()),
        };
        let about: BTreeSet<&BookingId> = book
            .log
            .decisions()
            .iter()
            .map(|decision| &decision.booking)
            .collect();
        let about: Vec<&BookingId> = about.into_iter().collect();
        book.decided = shelf.places(&about).into_iter().collect();
        book.resettle(&book.decided.clone());
        book
    }

    /// Opens several bookings at once, which is faster than one by one.
    pub fn open(&self, places: impl Iterator<Item = usize>) {
        let closed: BTreeSet<usize> = places.filter(|at| self.fused[*at].get().is_none()).collect();
        let closed: Vec<usize> = closed.into_iter().collect();
        if closed.len() > 1 {
            for (at, booking) in closed.iter().zip(self.shelf.bookings(&closed)) {
                let _ = self.fused[*at].set(Box::new(booking));
            }
        }
    }

    pub fn get(&self, at: usize) -> &Booking {
        match self.settled.get(&at) {
            Some(settled) => &settled.booking,
            None => self.fused(at),
        }
    }

    pub fn fused(&self, at: usize) -> &Booking {
        self.fused[at].get_or_init(|| {
            let unread = || Booking::bare(BookingId(String::new()), State::Clean, Action::Unchanged);
            Box::new(self.shelf.bookings(&[at]).pop().unwrap_or_else(unread))
        })
    }

    /// The id of the booking at a place.
    pub fn id(&self, at: usize) -> &BookingId {
        match self.headings_of(at) {
            [first, ..] => &first.booking,
            [] => &self.get(at).id,
        }
    }

    pub fn places(&self, id: &BookingId) -> Vec<usize> {
        self.shelf.places(&[id])
    }

    /// Bookings that may be of this customer; whoever asks looks again, for answers change customers.
    pub fn of_customer(&self, customer: &Customer) -> Vec<&Booking> {
        self.now(self.shelf.of_customer(customer))
    }

    /// Bookings with this id or reference.
    pub fn called(&self, name: &str) -> Vec<&Booking> {
        let mut found = self.now(self.shelf.called(name));
        found.retain(|booking| booking.is_called(name));
        found
    }

    /// Bookings that one of these records tells of.
    pub fn holding(&self, records: &[RecordId]) -> Vec<&Booking> {
        let places = records.iter().flat_map(|record| self.shelf.holding(record));
        let places: BTreeSet<usize> = places.collect();
        self.open(places.iter().copied());
        places.into_iter().map(|at| self.get(at)).collect()
    }

    /// Bookings with an open question of this kind that names the record.
    pub fn asking(&self, kind: ConflictKind, record: &RecordId) -> Vec<&Booking> {
        let mut found = self.now(self.shelf.asking(kind, record));
        found.retain(|booking| {
            let mut questions = booking.conflicts.iter();
            questions.any(|conflict| conflict.kind == kind && conflict.records().contains(&record))
        });
        found
    }

    /// These bookings, and those that answers have changed since they were fused.
    fn now(&self, mut places: Vec<usize>) -> Vec<&Booking> {
        places.extend(self.settled.keys());
        places.sort_unstable();
        places.dedup();
        self.open(places.iter().copied());
        places.into_iter().map(|at| self.get(at)).collect()
    }

    /// Every question by now, in no order.
    pub fn questions(&self) -> impl Iterator<Item = &Heading> {
        let fused = self.headings.iter();
        let fused = fused.filter(|heading| !self.settled.contains_key(&heading.place));
        fused.chain(self.settled.values().flat_map(|settled| &settled.headings))
    }

    /// The questions of one booking by now.
    pub fn headings_of(&self, at: usize) -> &[Heading] {
        if let Some(settled) = self.settled.get(&at) {
            return &settled.headings;
        }
        let from = self.headings.partition_point(|heading| heading.place < at);
        let count = self.headings[from..].partition_point(|heading| heading.place == at);
        &self.headings[from..from + count]
    }

    pub fn is_wanted(&self, heading: &Heading, filter: &Filter) -> bool {
        filter.wants(heading.kind, || {
            if let Some(settled) = self.settled.get(&heading.place) {
                return &settled.wordings[heading.position];
            }
            let key = |heading: &Heading| (heading.place, heading.position);
            let at = self.headings.partition_point(|other| key(other) < key(heading));
            &self.wordings.get_or_init(|| self.shelf.wordings())[at]
        })
    }

    /// The bookings that are no longer as they were fused, by their place.
    pub fn into_settled(self) -> BTreeMap<usize, Booking> {
        let settled = self.settled.into_iter();
        settled.map(|(at, settled)| (at, settled.booking)).collect()
    }

    /// Takes in decisions, and says which bookings they touched.
    pub fn record(&mut self, decisions: Vec<Decision>) -> BTreeSet<usize> {
        let about: BTreeSet<&BookingId> = decisions.iter().map(|decision| &decision.booking).collect();
        let about: Vec<&BookingId> = about.into_iter().collect();
        let touched: BTreeSet<usize> = self.shelf.places(&about).into_iter().collect();
        for decision in decisions {
            self.log.push(decision);
        }
        self.decided.extend(&touched);
        self.resettle(&touched)
    }

    /// What the booking would be with one more answer.
    pub fn foresee(&self, at: usize, conflict: &Conflict, given: &Answer) -> Booking {
        let mut booking = self.get(at).clone();
        if *given == Answer::Reject {
            booking.state = State::Rejected;
            booking.conflicts.clear();
            return booking;
        }
        if matches!(given, Answer::Later(_)) || answer(&mut booking, conflict, given, self.terms).is_err() {
            return booking;
        }
        booking
            .conflicts
            .retain(|other| other.id != conflict.id || other.evidence != conflict.evidence);
        let now = self.get(at);
        if money_of(&booking) != money_of(now) && conflict.kind != ConflictKind::MoneyDoesNotAddUp {
            let doubt = money_doubt(&booking, false);
            follow(&mut booking, ConflictKind::MoneyDoesNotAddUp, doubt);
        }
        if self.terms.exclusive && span_of(&booking) != span_of(now) {
            let doubt = self.double(at, &booking);
            follow(&mut booking, ConflictKind::DoubleBooked, doubt);
        }
        booking.state = if booking.conflicts.is_empty() {
            State::Clean
        } else {
            State::Flagged
        };
        booking
    }

    /// Settles these bookings anew, and those that share a thing with them; gives all whose questions may differ.
    fn resettle(&mut self, touched: &BTreeSet<usize>) -> BTreeSet<usize> {
        self.open(touched.iter().copied());
        let spans_before: Vec<_> = touched.iter().map(|at| span_of(self.get(*at))).collect();
        for at in touched {
            self.settle_alone(*at);
        }
        let has_moved = touched
            .iter()
            .zip(&spans_before)
            .any(|(at, before)| span_of(self.get(*at)) != *before || span_of(self.fused(*at)) != *before);
        if !self.terms.exclusive || !has_moved {
            return touched.clone();
        }
        let spans = touched
            .iter()
            .flat_map(|at| [span_of(self.get(*at)), span_of(self.fused(*at))]);
        let mut things: BTreeSet<String> = spans
            .chain(spans_before)
            .flatten()
            .map(|(thing, _, _)| thing)
            .collect();
        let mut concerned = BTreeSet::new();
        loop {
            concerned.extend(self.concerned(&things));
            self.open(concerned.iter().copied());
            for at in &concerned {
                self.settle_alone(*at);
            }
            for _ in 0..ROUNDS_MAX {
                let mut is_still = true;
                for at in &concerned {
                    let settled = settle(self.fused(*at), &self.log, self.terms, &|now| {
                        self.double(*at, now)
                    });
                    if settled != *self.get(*at) {
                        is_still = false;
                        self.put(*at, settled);
                    }
                }
                if is_still {
                    break;
                }
            }
            let reached = concerned.iter().filter_map(|at| span_of(self.get(*at)));
            let wider: BTreeSet<String> = reached.map(|(thing, _, _)| thing).collect();
            things.extend(wider);
            if self.concerned(&things).is_subset(&concerned) {
                return concerned.union(touched).copied().collect();
            }
        }
    }

    /// Of those that occupy one of these things, all whose questions may differ from what was fused: something was
    /// decided about them, they differ already, or somebody came to or went from their time.
    fn concerned(&self, things: &BTreeSet<String>) -> BTreeSet<usize> {
        let members = self.members(things);
        let moved: Vec<&Member> = members
            .values()
            .filter(|member| member.was != member.is)
            .collect();
        let is_met = |place: &Option<Place>| {
            let mut moved = moved.iter();
            moved.any(|other| {
                self.clash(place.as_ref(), other.was.as_ref())
                    || self.clash(place.as_ref(), other.is.as_ref())
            })
        };
        members
            .iter()
            .filter(|(at, member)| {
                self.settled.contains_key(at)
                    || self.decided.contains(at)
                    || is_met(&member.was)
                    || is_met(&member.is)
            })
            .map(|(at, _)| *at)
            .collect()
    }

    /// Settles one booking by its own answers, whatever others do.
    fn settle_alone(&mut self, at: usize) {
        let fused = self.fused(at);
        let asked = fused
            .conflicts
            .iter()
            .find(|conflict| conflict.kind == ConflictKind::DoubleBooked);
        let settled = settle(fused, &self.log, self.terms, &|_| asked.cloned());
        if settled == *fused {
            self.settled.remove(&at);
        } else {
            self.put(at, settled);
        }
    }

    fn put(&mut self, at: usize, booking: Booking) {
        let conflicts = booking.conflicts.iter();
        let settled = Settled {
            headings: heading::of_booking(at, &booking),
            wordings: conflicts
                .map(|conflict| heading::wording(&booking, conflict))
                .collect(),
            booking,
        };
        self.settled.insert(at, settled);
    }
}
