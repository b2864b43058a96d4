//! The bookings as they stand: as fused, with what was decided, and with what follows from that.
//!
//! An answer may change when something is occupied and by whom, so it can raise or settle the question of another
//! booking. What is worked out after each decision is the same as what is worked out from the whole log.

use super::apply::{answer, follow, follows, money_of, settle, span_of};
use super::{Log, Terms};
use crate::model::{
    Answer, Booking, BookingId, Candidate, Conflict, ConflictKind, Decision, FieldName, RecordId, State,
    Status, When, money_doubt,
};
use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Times that bookings of one thing may answer to one another before the last word is taken.
const ROUNDS_MAX: usize = 3;

#[derive(Debug, Clone)]
pub(super) struct Book<'a> {
    fused: Vec<Booking>,
    terms: &'a Terms<'a>,
    pub log: Log,
    /// Bookings that are no longer as they were fused.
    settled: BTreeMap<usize, Booking>,
    by_id: HashMap<BookingId, Vec<usize>>,
    /// Bookings by the thing they occupied when they were fused.
    by_resource: BTreeMap<String, Vec<usize>>,
    /// Rows of the backup that no booking is about, by the thing they occupy.
    rows: BTreeMap<String, Vec<(When, When)>>,
}

impl<'a> Book<'a> {
    pub fn new(fused: Vec<Booking>, decisions: Vec<Decision>, terms: &'a Terms<'a>) -> Self {
        let mut by_id: HashMap<BookingId, Vec<usize>> = HashMap::with_capacity(fused.len());
        for (at, booking) in fused.iter().enumerate() {
            by_id.entry(booking.id.clone()).or_default().push(at);
        }
        let mut book = Self {
            fused,
            terms,
            log: Log::new(decisions),
            settled: BTreeMap::new(),
            by_id,
            by_resource: BTreeMap::new(),
            rows: BTreeMap::new(),
        };
        if terms.exclusive {
            book.index();
        }
        let decided: BTreeSet<usize> = book
            .log
            .decisions()
            .iter()
            .flat_map(|decision| book.places(&decision.booking).to_vec())
            .collect();
        book.resettle(&decided);
        book
    }

    pub fn len(&self) -> usize {
        self.fused.len()
    }

    pub fn get(&self, at: usize) -> &Booking {
        self.settled.get(&at).unwrap_or(&self.fused[at])
    }

    pub fn fused(&self, at: usize) -> &Booking {
        &self.fused[at]
    }

    pub fn places(&self, id: &BookingId) -> &[usize] {
        self.by_id.get(id).map_or(&[], Vec::as_slice)
    }

    pub fn into_bookings(mut self) -> Vec<Booking> {
        let mut settled = std::mem::take(&mut self.settled);
        let fused = self.fused.into_iter().enumerate();
        fused
            .map(|(at, booking)| settled.remove(&at).unwrap_or(booking))
            .collect()
    }

    /// Takes in decisions, and says which bookings they touched.
    pub fn record(&mut self, decisions: Vec<Decision>) -> BTreeSet<usize> {
        let mut touched = BTreeSet::new();
        for decision in decisions {
            touched.extend(self.places(&decision.booking));
            self.log.push(decision);
        }
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
        let spans_before: Vec<_> = touched.iter().map(|at| span_of(self.get(*at))).collect();
        for at in touched {
            self.settle_alone(*at);
        }
        let has_moved = touched
            .iter()
            .zip(&spans_before)
            .any(|(at, before)| span_of(self.get(*at)) != *before || span_of(&self.fused[*at]) != *before);
        if !self.terms.exclusive || !has_moved {
            return touched.clone();
        }
        let spans = touched
            .iter()
            .flat_map(|at| [span_of(self.get(*at)), span_of(&self.fused[*at])]);
        let mut things: BTreeSet<String> = spans
            .chain(spans_before)
            .flatten()
            .map(|(thing, _, _)| thing)
            .collect();
        loop {
            let members = self.members(&things);
            for at in &members {
                self.settle_alone(*at);
            }
            for _ in 0..ROUNDS_MAX {
                let mut is_still = true;
                for at in &members {
                    let settled = settle(&self.fused[*at], &self.log, self.terms, &|now| {
                        self.double(*at, now)
                    });
                    if settled != *self.get(*at) {
                        is_still = false;
                        self.settled.insert(*at, settled);
                    }
                }
                if is_still {
                    break;
                }
            }
            let reached = members.iter().filter_map(|at| span_of(self.get(*at)));
            let wider: BTreeSet<String> = reached.map(|(thing, _, _)| thing).collect();
            if wider.is_subset(&things) {
                return members.union(touched).copied().collect();
            }
            things.extend(wider);
        }
    }

    /// Settles one booking by its own answers, whatever others do.
    fn settle_alone(&mut self, at: usize) {
        let fused = &self.fused[at];
        let asked = fused
            .conflicts
            .iter()
            .find(|conflict| conflict.kind == ConflictKind::DoubleBooked);
        let settled = settle(fused, &self.log, self.terms, &|_| asked.cloned());
        if settled == *fused {
            self.settled.remove(&at);
        } else {
            self.settled.insert(at, settled);
        }
    }

    fn index(&mut self) {
        for (at, booking) in self.fused.iter().enumerate() {
            if let Some(key) = &booking.resource.key {
                self.by_resource.entry(key.clone()).or_default().push(at);
            }
        }
        let told: BTreeSet<&str> = self
            .fused
            .iter()
            .filter_map(|booking| booking.baseline_key.as_deref())
            .collect();
        for row in self.terms.baseline_bookings() {
            let stands = row.status != Some(Status::Cancelled) && !told.contains(row.key.as_str());
            if let (true, Some(key), Some(from), Some(to)) =
                (stands, &row.resource, row.starts_at, row.ends_at)
            {
                self.rows.entry(key.clone()).or_default().push((from, to));
            }
        }
    }

    /// All that occupy one of these things, as fused or by now.
    fn members(&self, things: &BTreeSet<String>) -> BTreeSet<usize> {
        let fused = things
            .iter()
            .filter_map(|thing| self.by_resource.get(thing))
            .flatten();
        let now = self.settled.iter().filter(|(_, booking)| {
            booking
                .resource
                .key
                .as_ref()
                .is_some_and(|key| things.contains(key))
        });
        fused.chain(now.map(|(at, _)| at)).copied().collect()
    }

    /// What a booking is double booked with: as fused, where nobody moved since.
    fn double(&self, at: usize, now: &Booking) -> Option<Conflict> {
        let fused = &self.fused[at];
        let has_moved = |other: usize| span_of(self.get(other)) != span_of(&self.fused[other]);
        let clash = |one: &Option<(String, When, When)>, two: &Option<(String, When, When)>| match (one, two)
        {
            (Some(one), Some(two)) => {
                one.0 == two.0
                    && self.moment(one.1) < self.moment(two.2)
                    && self.moment(two.1) < self.moment(one.2)
            }
            _ => false,
        };
        let (here, was) = (span_of(now), span_of(fused));
        let things: BTreeSet<String> = [&here, &was]
            .into_iter()
            .flatten()
            .map(|(thing, _, _)| thing.clone())
            .collect();
        let mut partners = Vec::new();
        let mut is_as_fused = here == was;
        for other in self.members(&things).into_iter().filter(|other| *other != at) {
            let is_partner = clash(&here, &span_of(self.get(other)));
            if is_partner {
                partners.push(other);
            }
            let was_partner = clash(&was, &span_of(&self.fused[other]));
            is_as_fused &= !(is_partner || was_partner) || !has_moved(other);
        }
        if is_as_fused {
            let asked = |conflict: &&Conflict| conflict.kind == ConflictKind::DoubleBooked;
            return fused.conflicts.iter().find(asked).cloned();
        }
        let (thing, from, to) = here?;
        let rows = self.rows.get(&thing).into_iter().flatten();
        let row = rows.copied().find(|row| {
            clash(
                &Some((thing.clone(), from, to)),
                &Some((thing.clone(), row.0, row.1)),
            )
        });
        let (name, span, records) = match (partners.first(), row) {
            (Some(other), _) => {
                let other = self.get(*other);
                let name = other.reference.clone().unwrap_or_else(|| other.id.to_string());
                (name, (other.starts_at?, other.ends_at?), other.records.clone())
            }
            (None, Some(span)) => ("a booking of the backup".to_owned(), span, Vec::new()),
            (None, None) => return None,
        };
        let zone = self.terms.business.zone;
        let shown = |when: When| match when {
            When::Instant(at) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
            When::Date(date) => date.to_string(),
        };
        Some(overlap(
            now,
            &name,
            &format!("{} to {}", shown(span.0), shown(span.1)),
            records,
        ))
    }

    /// Days begin at noon, so that one guest may leave on the day on which the next arrives.
    fn moment(&self, when: When) -> DateTime<Utc> {
        match when {
            When::Instant(at) => at,
            When::Date(date) => {
                let noon = date.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
                let local = self.terms.business.zone.from_local_datetime(&noon);
                local
                    .earliest()
                    .map_or_else(|| noon.and_utc(), |at| at.with_timezone(&Utc))
            }
        }
    }
}

/// That one thing is taken by another booking too.
fn overlap(booking: &Booking, name: &str, span: &str, records: Vec<RecordId>) -> Conflict {
    debug_assert!(follows(ConflictKind::DoubleBooked));
    let with = Candidate {
        value: None,
        records,
        millibits: 0,
    };
    Conflict::new(
        &booking.id,
        ConflictKind::DoubleBooked,
        Some(FieldName::ResourceKey),
        format!("With what was decided, the same thing is booked by {name} at the same time, {span}."),
        vec![with],
        None,
    )
}
