//! The machine behind every front: what is asked, and what an input does to it.

use super::apply::{answer, settle};
use super::order::{Urgency, urgency};
use super::typed;
use super::{Log, Strength, Terms, current, strength};
use crate::model::{
    Answer, Booking, BookingId, Candidate, Conflict, ConflictId, Decision, FieldName, Value, When,
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What a person asks for, whatever key or click it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The candidate at this index, from 0.
    Take(usize),
    /// A value typed in full; `-` leaves the field empty.
    Type(String),
    /// The suggestion.
    Accept,
    /// What stands is right, though nothing is suggested.
    Keep,
    /// This is no booking.
    Reject,
    /// Not now, with a note.
    Later(String),
    /// Takes back the last decision that stands.
    Undo,
    /// The next case, nothing decided.
    Skip,
}

/// What an input led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To be committed at once; the queue moves on when the decision comes back through [`Queue::record`].
    Commit(Draft),
    /// Moved on to the next case.
    Moved,
    /// Nothing happened, and why.
    Refused(String),
}

/// A decision that is not yet committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub booking: BookingId,
    pub conflict: ConflictId,
    pub evidence: String,
    pub answer: Answer,
}

/// The case to show.
#[derive(Debug)]
pub struct View<'q> {
    /// From 1.
    pub number: usize,
    pub of: usize,
    /// With the standing decisions applied.
    pub booking: Booking,
    pub conflict: &'q Conflict,
    /// None where nothing is suggested; weak where the suggestion does not fit the target.
    pub strength: Option<Strength>,
    /// The note, where the case was put off before.
    pub put_off: Option<&'q str>,
    /// The last answer from before the evidence changed.
    pub outdated: Option<&'q Decision>,
}

/// The cases of one sitting.
#[derive(Debug, Clone)]
pub struct Queue<'a> {
    bookings: &'a [Booking],
    terms: &'a Terms<'a>,
    log: Log,
    /// Every case by its conflict, those that are settled too: undo leads back to them.
    cases: BTreeMap<&'a ConflictId, Vec<Case>>,
    /// What is asked in this sitting, in order.
    agenda: Vec<Case>,
    at: usize,
    /// Skipped or put off in this sitting: not asked twice.
    passed: BTreeSet<Case>,
}

/// One conflict of one booking, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    booking: usize,
    conflict: usize,
}

impl<'a> Queue<'a> {
    /// Queues the open conflicts of bookings as fused: what starts soonest first, what was put off last.
    pub fn new(
        bookings: &'a [Booking],
        decisions: &[Decision],
        terms: &'a Terms<'a>,
        now: DateTime<Utc>,
    ) -> Self {
        let mut queue = Self {
            bookings,
            terms,
            log: Log::new(decisions.to_vec()),
            cases: BTreeMap::new(),
            agenda: Vec::new(),
            at: 0,
            passed: BTreeSet::new(),
        };
        for (booking, fused) in bookings.iter().enumerate() {
            for (conflict, question) in fused.conflicts.iter().enumerate() {
                let case = Case { booking, conflict };
                queue.cases.entry(&question.id).or_default().push(case);
            }
        }
        queue.agenda = queue.all_open().collect();
        let zone = terms.business.zone;
        let mut agenda = std::mem::take(&mut queue.agenda);
        // The questions about one booking are asked one after the other.
        let mut soonest: BTreeMap<usize, Urgency> = BTreeMap::new();
        for &case in &agenda {
            let (booking, conflict) = queue.question(case);
            let urgency = urgency(booking, conflict, now, zone);
            let known = soonest.entry(case.booking).or_insert(urgency);
            *known = urgency.min(*known);
        }
        agenda.sort_by_cached_key(|&case| {
            let (booking, conflict) = queue.question(case);
            let is_put_off = queue.put_off(conflict).is_some();
            (is_put_off, soonest[&case.booking], &booking.id, case.conflict)
        });
        queue.agenda = agenda;
        queue
    }

    /// The case to show; None when all were seen.
    pub fn current(&self) -> Option<View<'_>> {
        let case = *self.agenda.get(self.at)?;
        let (booking, conflict) = self.question(case);
        Some(View {
            number: self.at + 1,
            of: self.agenda.len(),
            booking: settle(booking.clone(), &self.log, self.terms),
            conflict,
            strength: self.strength(case),
            put_off: self.put_off(conflict),
            outdated: self.log.outdated(conflict),
        })
    }

    /// How many cases are open, those put off included.
    pub fn open(&self) -> usize {
        self.all_open().count()
    }

    /// How many of the open cases are put off.
    pub fn waiting(&self) -> usize {
        self.all_open()
            .filter(|&case| self.put_off(self.question(case).1).is_some())
            .count()
    }

    /// Works out what an input means for the case shown. Only `Skip` moves the queue by itself.
    pub fn step(&mut self, input: Input) -> Step {
        let Some(&case) = self.agenda.get(self.at) else {
            return match input {
                Input::Undo => self.undo(),
                _ => Step::Refused("no case is left to answer".to_owned()),
            };
        };
        let (booking, conflict) = self.question(case);
        let answer = match input {
            Input::Undo => return self.undo(),
            Input::Skip => {
                self.passed.insert(case);
                self.advance();
                return Step::Moved;
            }
            Input::Reject => Ok(Answer::Reject),
            Input::Later(note) => Ok(Answer::Later(note.trim().to_owned())),
            Input::Accept => match suggestion(conflict) {
                // The value itself is kept: what is suggested may be another one after the next build.
                Some(candidate) => self.checked(case, Answer::Take(candidate.value.clone())),
                None => Err("nothing is suggested here".to_owned()),
            },
            Input::Keep => self.checked(case, self.what_stands(case)),
            Input::Take(index) => match conflict.candidates.get(index) {
                Some(candidate) => self.checked(case, Answer::Take(candidate.value.clone())),
                None => Err(format!(
                    "there is no candidate {}; there are {}",
                    index + 1,
                    conflict.candidates.len()
                )),
            },
            Input::Type(text) => match conflict.field {
                Some(field) => typed::read(&text, field, booking, conflict, self.terms)
                    .map_err(|mistyped| mistyped.to_string())
                    .and_then(|value| self.checked(case, Answer::Take(value))),
                None => {
                    Err("this question is about the booking as a whole; there is no value to type".to_owned())
                }
            },
        };
        match answer {
            Ok(answer) => Step::Commit(draft(booking, conflict, answer)),
            Err(why) => Step::Refused(why),
        }
    }

    /// Takes in a decision that was committed, and moves on; an undo leads back to its case.
    pub fn record(&mut self, decision: Decision) {
        let about = self
            .cases
            .get(&decision.conflict)
            .into_iter()
            .flatten()
            .copied()
            .find(|&case| self.question(case).1.evidence == decision.evidence);
        let answer = decision.answer.clone();
        self.log.push(decision);
        match (about, answer) {
            (Some(case), Answer::Undo(_)) => {
                self.passed.remove(&case);
                match self.agenda.iter().position(|&other| other == case) {
                    Some(at) => self.at = at,
                    None => self.agenda.insert(self.at, case),
                }
            }
            (Some(case), Answer::Later(_)) => {
                self.passed.insert(case);
            }
            _ => {}
        }
        self.advance();
    }

    /// The decision that an undo takes back: the last one that holds for a case of these bookings.
    pub fn last(&self) -> Option<&Decision> {
        self.log.standing_last_first().find(|decision| {
            let mut cases = self.cases.get(&decision.conflict).into_iter().flatten();
            cases.any(|&case| self.question(case).1.evidence == decision.evidence)
        })
    }

    fn undo(&self) -> Step {
        match self.last() {
            Some(decision) => Step::Commit(Draft {
                booking: decision.booking.clone(),
                conflict: decision.conflict.clone(),
                evidence: decision.evidence.clone(),
                answer: Answer::Undo(decision.seq),
            }),
            None => Step::Refused("there is no decision to take back".to_owned()),
        }
    }

    /// Goes on to the next case that is open and was not passed, from where the queue stands.
    fn advance(&mut self) {
        while let Some(case) = self.agenda.get(self.at) {
            if !self.passed.contains(case) && self.is_open(*case) {
                break;
            }
            self.at += 1;
        }
    }

    fn question(&self, case: Case) -> (&'a Booking, &'a Conflict) {
        let booking = &self.bookings[case.booking];
        (booking, &booking.conflicts[case.conflict])
    }

    fn put_off(&self, conflict: &Conflict) -> Option<&str> {
        match &self.log.answer(conflict)?.answer {
            Answer::Later(note) => Some(note),
            _ => None,
        }
    }

    fn all_open(&self) -> impl Iterator<Item = Case> {
        self.bookings.iter().enumerate().flat_map(|(booking, fused)| {
            let cases = (0..fused.conflicts.len()).map(move |conflict| Case { booking, conflict });
            cases.filter(|&case| self.is_open(case))
        })
    }

    fn is_open(&self, case: Case) -> bool {
        let (booking, conflict) = self.question(case);
        let is_untouched = booking
            .conflicts
            .iter()
            .all(|question| self.log.answer(question).is_none());
        is_untouched
            || settle(booking.clone(), &self.log, self.terms)
                .conflicts
                .contains(conflict)
    }

    /// A suggestion that does not fit is weak, whatever speaks for it.
    fn strength(&self, case: Case) -> Option<Strength> {
        let (_, conflict) = self.question(case);
        let value = suggestion(conflict)?.value.clone();
        match self.checked(case, Answer::Take(value)) {
            Ok(_) => strength(conflict),
            Err(_) => Some(Strength::Weak),
        }
    }

    /// The answer that leaves the booking as it is.
    fn what_stands(&self, case: Case) -> Answer {
        let (booking, conflict) = self.question(case);
        let booking = settle(booking.clone(), &self.log, self.terms);
        conflict
            .field
            .map_or(Answer::Accept, |field| Answer::Take(current(&booking, field)))
    }

    /// Tries an answer on the booking as it stands, and says what is wrong with the outcome.
    fn checked(&self, case: Case, given: Answer) -> Result<Answer, String> {
        let (fused, conflict) = self.question(case);
        let mut booking = settle(fused.clone(), &self.log, self.terms);
        answer(&mut booking, conflict, &given, self.terms).map_err(|unfit| unfit.to_string())?;
        let Some(field) = conflict.field else {
            return Ok(given);
        };
        let value = current(&booking, field);
        match (field, value) {
            (FieldName::StartsAt | FieldName::Status, None) => {
                return Err(format!("a booking cannot go without {field}"));
            }
            (FieldName::StartsAt | FieldName::EndsAt, Some(Value::When(When::Date(date))))
                if !self.terms.date_only =>
            {
                return Err(format!(
                    "{date} has no time of day, and the target stores one: type both"
                ));
            }
            _ => {}
        }
        let other = match field {
            FieldName::StartsAt => FieldName::EndsAt,
            FieldName::EndsAt => FieldName::StartsAt,
            _ => return Ok(given),
        };
        // While the other end is in question too, it may be the one that is wrong.
        let is_other_open = booking
            .conflicts
            .iter()
            .any(|question| question.field == Some(other));
        if !is_other_open && ends_before_it_starts(&booking, self.terms) {
            return Err("with this the booking would end before it starts".to_owned());
        }
        Ok(given)
    }
}

fn suggestion(conflict: &Conflict) -> Option<&Candidate> {
    conflict.candidates.get(conflict.suggested?)
}

fn ends_before_it_starts(booking: &Booking, terms: &Terms<'_>) -> bool {
    let zone = terms.business.zone;
    match (booking.starts_at, booking.ends_at) {
        (Some(When::Instant(start)), Some(When::Instant(end))) => end < start,
        (Some(start), Some(end)) => end.date(zone) < start.date(zone),
        _ => false,
    }
}

fn draft(booking: &Booking, conflict: &Conflict, answer: Answer) -> Draft {
    Draft {
        booking: booking.id.clone(),
        conflict: conflict.id.clone(),
        evidence: conflict.evidence.clone(),
        answer,
    }
}
