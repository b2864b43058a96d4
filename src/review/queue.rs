//! The machine behind every front: what is asked, and what an input does to it.

use super::act::Step;
use super::book::Book;
use super::order::{Urgency, urgency};
use super::{Filter, Log, Shelf, Strength, Terms};
use crate::model::{
    Answer, Booking, BookingId, Conflict, ConflictId, ConflictKind, Decision, Heading, RecordId, Tie,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// The case to show.
#[derive(Debug)]
pub struct View<'q> {
    /// From 1.
    pub number: usize,
    pub of: usize,
    /// With the standing decisions applied.
    pub booking: &'q Booking,
    pub conflict: &'q Conflict,
    /// None where nothing is suggested; weak where the suggestion does not fit the target.
    pub strength: Option<Strength>,
    /// The note, where the case was put off before.
    pub put_off: Option<&'q str>,
    /// The last answer from before the evidence changed.
    pub outdated: Option<&'q Decision>,
}

/// How much there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub open: usize,
    /// Of these, put off with a note.
    pub waiting: usize,
    /// Of these, of bookings that start within a day.
    pub urgent: usize,
    /// What the filter shows.
    pub shown: usize,
}

/// The cases of one sitting.
pub struct Queue<'a> {
    pub(super) book: Book<'a>,
    pub(super) terms: &'a Terms<'a>,
    now: DateTime<Utc>,
    pub(super) who: String,
    filter: Filter,
    /// What is asked in this sitting, in order.
    pub(super) agenda: Vec<Case>,
    pub(super) at: usize,
    /// Skipped or put off in this sitting: not asked twice.
    pub(super) passed: BTreeSet<Case>,
    counts: Counts,
}

/// One question of one booking, by the booking's index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Case {
    pub booking: usize,
    pub conflict: ConflictId,
}

impl Case {
    fn of(heading: &Heading) -> Self {
        Self {
            booking: heading.place,
            conflict: heading.conflict.clone(),
        }
    }
}

/// Where a sitting stands, in ids that hold when everything was fused again.
#[derive(Debug, Clone, Default)]
pub struct Whereabouts {
    filter: Filter,
    passed: BTreeSet<(BookingId, ConflictId)>,
    /// The case shown, and those behind it.
    ahead: Vec<(BookingId, ConflictId)>,
}

impl<'a> Queue<'a> {
    /// Queues the open conflicts of bookings as fused: what starts soonest first, what was put off last. `who` is
    /// the person whose decisions an undo takes back.
    pub fn new(
        shelf: &'a dyn Shelf,
        decisions: Vec<Decision>,
        terms: &'a Terms<'a>,
        now: DateTime<Utc>,
        who: &str,
    ) -> Self {
        let mut queue = Self {
            book: Book::new(shelf, decisions, terms),
            terms,
            now,
            who: who.to_owned(),
            filter: Filter::default(),
            agenda: Vec::new(),
            at: 0,
            passed: BTreeSet::new(),
            counts: Counts::default(),
        };
        queue.plan();
        queue.count();
        queue
    }

    /// Shows only what the filter wants, from the first case on.
    pub fn filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.plan();
        self.count();
    }

    pub fn filtered(&self) -> &Filter {
        &self.filter
    }

    /// Where this sitting stands, for one that goes on with it.
    pub fn whereabouts(&self) -> Whereabouts {
        let key = |case: &Case| (self.book.id(case.booking).clone(), case.conflict.clone());
        Whereabouts {
            filter: self.filter.clone(),
            passed: self.passed.iter().map(key).collect(),
            ahead: self.agenda[self.at.min(self.agenda.len())..]
                .iter()
                .map(key)
                .collect(),
        }
    }

    /// Goes on where another sitting stood: what was passed there is passed here, and the same case is shown.
    pub fn resume(&mut self, before: &Whereabouts) {
        self.filter = before.filter.clone();
        self.plan();
        let places: BTreeMap<_, usize> = self
            .agenda
            .iter()
            .enumerate()
            .map(|(at, case)| ((self.book.id(case.booking).clone(), case.conflict.clone()), at))
            .collect();
        let passed = before.passed.iter().filter_map(|key| places.get(key));
        self.passed = passed.map(|at| self.agenda[*at].clone()).collect();
        // Where its case is gone, the booking's next one, or what followed.
        let found = before.ahead.iter().find_map(|wanted| {
            places.get(wanted).copied().or_else(|| {
                self.agenda
                    .iter()
                    .position(|case| *self.book.id(case.booking) == wanted.0)
            })
        });
        self.at = found.unwrap_or(0);
        self.advance();
        self.count();
    }

    /// Works out what is asked, in which order.
    fn plan(&mut self) {
        let zone = self.terms.business.zone;
        // The questions about one booking are asked one after the other.
        let mut soonest: BTreeMap<usize, Urgency> = BTreeMap::new();
        let mut wanted: Vec<&Heading> = Vec::new();
        for heading in self.book.questions() {
            if !self.filter.is_empty() && !self.book.is_wanted(heading, &self.filter) {
                continue;
            }
            let urgency = urgency(heading, self.now, zone);
            let known = soonest.entry(heading.place).or_insert(urgency);
            *known = urgency.min(*known);
            wanted.push(heading);
        }
        wanted.sort_by_cached_key(|heading| {
            let is_put_off = self.note(&heading.conflict, &heading.evidence).is_some();
            (
                is_put_off,
                soonest[&heading.place],
                heading.booking.clone(),
                heading.position,
            )
        });
        self.agenda = wanted.into_iter().map(Case::of).collect();
        self.at = 0;
    }

    /// The case to show; None when all were seen.
    pub fn current(&self) -> Option<View<'_>> {
        let case = self.agenda.get(self.at)?;
        let (booking, conflict) = self.question(case)?;
        Some(View {
            number: self.at + 1,
            of: self.agenda.len(),
            booking,
            conflict,
            strength: self.strength(case),
            put_off: self.put_off(conflict),
            outdated: self.book.log.outdated(conflict),
        })
    }

    /// How much there is to do.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    pub fn log(&self) -> &Log {
        &self.book.log
    }

    /// The number of the last decision that this queue knows of.
    pub fn seen(&self) -> u64 {
        self.book
            .log
            .decisions()
            .last()
            .map_or(0, |decision| decision.seq)
    }

    /// What people said of which records belong together.
    pub fn ties(&self) -> Vec<Tie> {
        self.book.log.ties().into_iter().cloned().collect()
    }

    /// The ids of the bookings with an open question, each as often as it has one.
    pub fn open_bookings(&self) -> impl Iterator<Item = &BookingId> {
        self.book.questions().map(|heading| &heading.booking)
    }

    /// The booking with this id, as it stands by now.
    pub fn booking(&self, id: &BookingId) -> Option<&Booking> {
        let place = self.book.places(id).first().copied()?;
        Some(self.book.get(place))
    }

    /// Other bookings that may be of the same customer.
    pub fn of_customer(&self, booking: &Booking) -> Vec<&Booking> {
        let mut found = self.book.of_customer(&booking.customer);
        found.retain(|other| other.id != booking.id && other.customer.is_like(&booking.customer));
        found
    }

    /// Bookings with this id or reference.
    pub fn called(&self, name: &str) -> Vec<&Booking> {
        self.book.called(name)
    }

    /// Bookings with a question of this kind that names the record.
    pub fn asking(&self, kind: ConflictKind, record: &RecordId) -> Vec<&Booking> {
        self.book.asking(kind, record)
    }

    /// Opens the bookings of every case at once, for whoever goes through all of them.
    pub fn open_all(&self) {
        self.book.open(self.agenda.iter().map(|case| case.booking));
    }

    /// Shows the case of this question, where it is open; for fronts that answer in an order of their own.
    pub fn go_to(&mut self, conflict: &ConflictId) -> bool {
        let Some(at) = self.agenda.iter().position(|case| case.conflict == *conflict) else {
            return false;
        };
        self.at = at;
        self.is_open(&self.agenda[at])
    }

    /// Takes in the decisions of an act that was committed, and moves on; an undo leads back to its case.
    pub fn record(&mut self, decisions: Vec<Decision>) {
        let shown = self.agenda.get(self.at).cloned();
        let first = decisions.first().cloned();
        self.take_in(decisions);
        match first.map(|decision| (decision.answer, decision.booking, decision.conflict)) {
            Some((Answer::Undo(_), id, conflict)) => {
                let places = self.book.places(&id);
                let of_it = |case: &Case| places.contains(&case.booking);
                let same = self
                    .agenda
                    .iter()
                    .position(|case| of_it(case) && case.conflict == conflict);
                if let Some(at) = same.or_else(|| self.agenda.iter().position(of_it)) {
                    self.passed.remove(&self.agenda[at].clone());
                    self.at = at;
                }
            }
            Some((Answer::Later(_), ..)) => self.passed.extend(shown),
            _ => {}
        }
        self.advance();
        self.count();
    }

    /// Takes in what others decided. The case shown stays, unless it was answered.
    pub fn absorb(&mut self, decisions: Vec<Decision>) {
        self.take_in(decisions);
        self.advance();
        self.count();
    }

    /// Questions that follow are asked next; those of one booking stand together.
    fn take_in(&mut self, decisions: Vec<Decision>) {
        let touched = self.book.record(decisions);
        let known: BTreeSet<&Case> = self.agenda.iter().collect();
        let mut new: Vec<Case> = Vec::new();
        for booking in touched {
            let questions = self.book.headings_of(booking).iter().map(Case::of);
            new.extend(questions.filter(|case| !known.contains(case)));
        }
        for case in new.into_iter().rev() {
            let same = self
                .agenda
                .iter()
                .rposition(|other| other.booking == case.booking);
            let at = same.map_or(self.at, |at| at.max(self.at)) + 1;
            self.agenda.insert(at.min(self.agenda.len()), case);
        }
    }

    /// Goes back to the last case before this one that is open.
    pub(super) fn back(&mut self) -> Step {
        let before = (0..self.at.min(self.agenda.len())).rev();
        let Some(at) = before.into_iter().find(|at| self.is_open(&self.agenda[*at])) else {
            return Step::Refused("no open case stands before this one".to_owned());
        };
        self.at = at;
        self.passed.remove(&self.agenda[at].clone());
        Step::Moved
    }

    /// Goes on to the next case that is open and was not passed, from where the queue stands.
    pub(super) fn advance(&mut self) {
        while let Some(case) = self.agenda.get(self.at) {
            if !self.passed.contains(case) && self.is_open(case) {
                break;
            }
            self.at += 1;
        }
    }

    fn count(&mut self) {
        let zone = self.terms.business.zone;
        let soon = self.now + TimeDelta::days(1);
        let mut counts = Counts::default();
        for heading in self.book.questions() {
            counts.open += 1;
            let is_put_off = self.note(&heading.conflict, &heading.evidence).is_some();
            counts.waiting += usize::from(is_put_off);
            let starts = urgency(heading, self.now, zone).starts_at();
            counts.urgent += usize::from(starts.is_some_and(|at| at < soon));
        }
        counts.shown = self.agenda.iter().filter(|case| self.is_open(case)).count();
        self.counts = counts;
    }

    /// The booking and its question, where it is open.
    pub(super) fn question(&self, case: &Case) -> Option<(&Booking, &Conflict)> {
        let booking = self.book.get(case.booking);
        let conflict = booking
            .conflicts
            .iter()
            .find(|conflict| conflict.id == case.conflict)?;
        Some((booking, conflict))
    }

    /// Whether the case's question is still asked.
    pub(super) fn is_open(&self, case: &Case) -> bool {
        self.heading(case).is_some()
    }

    pub(super) fn heading(&self, case: &Case) -> Option<&Heading> {
        let mut headings = self.book.headings_of(case.booking).iter();
        headings.find(|heading| heading.conflict == case.conflict)
    }

    pub(super) fn put_off(&self, conflict: &Conflict) -> Option<&str> {
        self.note(&conflict.id, &conflict.evidence)
    }

    /// The note with which a question was put off.
    pub(super) fn note(&self, conflict: &ConflictId, evidence: &str) -> Option<&str> {
        match &self.book.log.answer_to(conflict, evidence)?.answer {
            Answer::Later(note) => Some(note),
            _ => None,
        }
    }
}
