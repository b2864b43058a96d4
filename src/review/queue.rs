//! The machine behind every front: what is asked, and what an input does to it.

use super::apply::answer;
use super::book::Book;
use super::order::{Urgency, urgency};
use super::typed;
use super::{Filter, Log, Strength, Terms, current, strength};
use crate::model::{
    Answer, Basis, Booking, Conflict, ConflictId, Decision, Draft, FieldName, RecordId, Tie, Value, When,
};
use chrono::{DateTime, TimeDelta, Utc};
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
    /// These records belong to the booking; none: those that the question names.
    Attach(Vec<RecordId>),
    /// It is one booking with another, named by its reference or id.
    Merge(String),
    /// These records, by their place among the booking's from 0, tell of another booking.
    Part(Vec<usize>),
    /// The same answer to every case that is like this one; the number is what the person was shown.
    All(Same, usize),
    /// Takes back the last act of this person that stands.
    Undo,
    /// Brings back what was taken back last.
    Redo,
    /// Takes back the act with this number, whoever took it.
    Revoke(u64),
    /// The next case, nothing decided.
    Skip,
    /// The case before.
    Back,
}

/// An answer that can be given to many cases at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Same {
    Accept,
    Keep,
    Later(String),
}

/// What an input led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To be committed at once; the queue moves on when the decisions come back through [`Queue::record`].
    Commit(Act),
    /// Moved to another case.
    Moved,
    /// Nothing happened, and why.
    Refused(String),
}

/// Decisions that are committed together and undone together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub drafts: Vec<Draft>,
    /// What the person should know at once: what it goes against.
    pub remarks: Vec<String>,
}

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
#[derive(Debug, Clone)]
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
    passed: BTreeSet<Case>,
    counts: Counts,
}

/// One question of one booking, by the booking's index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Case {
    pub booking: usize,
    pub conflict: ConflictId,
}

impl<'a> Queue<'a> {
    /// Queues the open conflicts of bookings as fused: what starts soonest first, what was put off last. `who` is
    /// the person whose decisions an undo takes back.
    pub fn new(
        bookings: Vec<Booking>,
        decisions: Vec<Decision>,
        terms: &'a Terms<'a>,
        now: DateTime<Utc>,
        who: &str,
    ) -> Self {
        let mut queue = Self {
            book: Book::new(bookings, decisions, terms),
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

    /// Goes on where another sitting stood: what was passed there is passed here, and the same case is shown.
    pub fn resume(&mut self, before: &Queue<'_>) {
        let key = |queue: &Queue<'_>, case: &Case| {
            (queue.book.fused(case.booking).id.clone(), case.conflict.clone())
        };
        let passed: BTreeSet<_> = before.passed.iter().map(|case| key(before, case)).collect();
        self.filter = before.filter.clone();
        self.plan();
        self.passed = self
            .agenda
            .iter()
            .filter(|case| passed.contains(&key(self, case)))
            .cloned()
            .collect();
        // Where its case is gone, the booking's next one, or what followed.
        let ahead = before.agenda[before.at.min(before.agenda.len())..].iter();
        let found = ahead.map(|case| key(before, case)).find_map(|wanted| {
            let same = self.agenda.iter().position(|case| key(self, case) == wanted);
            same.or_else(|| {
                self.agenda
                    .iter()
                    .position(|case| self.book.fused(case.booking).id == wanted.0)
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
        let mut agenda = Vec::new();
        for at in 0..self.book.len() {
            let booking = self.book.get(at);
            for (place, conflict) in booking.conflicts.iter().enumerate() {
                if !self.filter.is_empty() && !self.filter.wants(booking, conflict) {
                    continue;
                }
                let urgency = urgency(booking, conflict, self.now, zone);
                let known = soonest.entry(at).or_insert(urgency);
                *known = urgency.min(*known);
                agenda.push((self.put_off(conflict).is_some(), at, place, &conflict.id));
            }
        }
        agenda.sort_by_cached_key(|(is_put_off, at, place, _)| {
            (*is_put_off, soonest[at], self.book.get(*at).id.clone(), *place)
        });
        self.agenda = agenda
            .into_iter()
            .map(|(_, booking, _, conflict)| Case {
                booking,
                conflict: conflict.clone(),
            })
            .collect();
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

    /// Every booking as it stands by now.
    pub fn bookings(&self) -> impl Iterator<Item = &Booking> {
        (0..self.book.len()).map(|at| self.book.get(at))
    }

    /// Shows the case of this question, where it is open; for fronts that answer in an order of their own.
    pub fn go_to(&mut self, conflict: &ConflictId) -> bool {
        let Some(at) = self.agenda.iter().position(|case| case.conflict == *conflict) else {
            return false;
        };
        self.at = at;
        self.question(&self.agenda[at]).is_some()
    }

    /// Works out what an input means for the case shown. Only `Skip` and `Back` move the queue by themselves.
    pub fn step(&mut self, input: Input) -> Step {
        match input {
            Input::Undo => return self.undo(),
            Input::Redo => return self.redo(),
            Input::Revoke(act) => return self.take_back(act),
            Input::Back => return self.back(),
            _ => {}
        }
        let Some(case) = self.agenda.get(self.at).cloned() else {
            return Step::Refused("no case is left to answer".to_owned());
        };
        let Some((booking, conflict)) = self.question(&case) else {
            return Step::Refused("it is not asked any more".to_owned());
        };
        let suggestion = conflict.suggestion().map(|candidate| candidate.value.clone());
        let answer = match input {
            Input::Skip => {
                self.passed.insert(case);
                self.advance();
                return Step::Moved;
            }
            Input::All(same, shown) => return self.decide_alike(&case, &same, shown),
            Input::Attach(records) => return commit(self.attach(&case, records)),
            Input::Merge(other) => return commit(self.merge(&case, &other)),
            Input::Part(places) => return commit(self.part(&case, &places)),
            Input::Undo | Input::Redo | Input::Revoke(_) | Input::Back => unreachable!("was answered above"),
            Input::Reject => Ok((Answer::Reject, "said to be no booking".to_owned())),
            Input::Later(note) => Ok((Answer::Later(note.trim().to_owned()), "put off".to_owned())),
            Input::Accept => self.accepted(&case).map(|answer| {
                let strength = self.strength(&case).map_or("", Strength::as_str);
                (answer, format!("the suggestion, {strength}"))
            }),
            Input::Keep => self
                .kept(&case)
                .map(|answer| (answer, "kept as it stood".to_owned())),
            Input::Take(index) => match conflict.offers().nth(index) {
                Some((_, candidate)) => self
                    .checked(&case, Answer::Take(candidate.value.clone()))
                    .map(|answer| (answer, format!("candidate {}", index + 1))),
                None => Err(match conflict.offers().count() {
                    0 => "there is no candidate to take".to_owned(),
                    1 => "there is one candidate: 1".to_owned(),
                    many => format!("there is no candidate {}; there are {many}", index + 1),
                }),
            },
            Input::Type(text) => match conflict.field {
                Some(field) => typed::read(&text, field, booking, conflict, self.terms)
                    .map_err(|mistyped| mistyped.to_string())
                    .and_then(|value| self.checked(&case, Answer::Take(value)))
                    .map(|answer| (answer, "typed".to_owned())),
                None => {
                    Err("this question is about the booking as a whole; there is no value to type".to_owned())
                }
            },
        };
        commit(answer.map(|(answer, why)| {
            let followed = suggestion.map(|value| match &answer {
                Answer::Take(taken) => *taken == value,
                Answer::Accept => true,
                _ => false,
            });
            Act {
                remarks: self.remarks(&case, &answer),
                drafts: vec![draft(booking, conflict, answer, followed, why)],
            }
        }))
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
            let questions = self.book.get(booking).conflicts.iter().map(|conflict| Case {
                booking,
                conflict: conflict.id.clone(),
            });
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

    /// The decisions that an undo takes back: those of this person's last act that holds.
    pub fn last(&self) -> Option<Vec<&Decision>> {
        let acts = self.book.log.ends(&self.who).undo;
        let act = acts.into_iter().rev().find(|act| self.is_about_these(*act))?;
        Some(self.book.log.act(act).collect())
    }

    /// Whether an act is about bookings as they are now: what was answered on other evidence is history.
    fn is_about_these(&self, act: u64) -> bool {
        self.book.log.act(act).any(|decision| {
            let questions = self.book.places(&decision.booking).iter().flat_map(|at| {
                let fused = &self.book.fused(*at).conflicts;
                fused.iter().chain(&self.book.get(*at).conflicts)
            });
            let mut same = questions
                .filter(|question| question.id == decision.conflict)
                .peekable();
            let is_tie = matches!(decision.answer, Answer::Tie(_));
            is_tie
                || same.peek().is_none() && !self.book.places(&decision.booking).is_empty()
                || same.any(|question| question.evidence == decision.evidence)
        })
    }

    fn undo(&self) -> Step {
        match self
            .last()
            .and_then(|decisions| decisions.first().map(|first| first.act))
        {
            Some(act) => self.take_back(act),
            None => Step::Refused("there is no decision of yours to take back".to_owned()),
        }
    }

    fn redo(&self) -> Step {
        match self.book.log.ends(&self.who).redo.last() {
            Some(act) => self.take_back(*act),
            None => Step::Refused("nothing was taken back that could be brought back".to_owned()),
        }
    }

    fn take_back(&self, act: u64) -> Step {
        let drafts: Vec<Draft> = self
            .book
            .log
            .act(act)
            .filter(|decision| self.book.log.stands(decision.seq))
            .map(|decision| Draft {
                booking: decision.booking.clone(),
                conflict: decision.conflict.clone(),
                evidence: decision.evidence.clone(),
                answer: Answer::Undo(decision.seq),
                basis: Basis {
                    kind: decision.basis.kind,
                    ..Basis::default()
                },
            })
            .collect();
        if drafts.is_empty() {
            return Step::Refused(format!(
                "decision {act} does not stand, so it cannot be taken back"
            ));
        }
        Step::Commit(Act {
            drafts,
            remarks: Vec::new(),
        })
    }

    /// Goes back to the last case before this one that is open.
    fn back(&mut self) -> Step {
        let before = (0..self.at.min(self.agenda.len())).rev();
        let Some(at) = before
            .into_iter()
            .find(|at| self.question(&self.agenda[*at]).is_some())
        else {
            return Step::Refused("no open case stands before this one".to_owned());
        };
        self.at = at;
        self.passed.remove(&self.agenda[at].clone());
        Step::Moved
    }

    /// Goes on to the next case that is open and was not passed, from where the queue stands.
    fn advance(&mut self) {
        while let Some(case) = self.agenda.get(self.at) {
            if !self.passed.contains(case) && self.question(case).is_some() {
                break;
            }
            self.at += 1;
        }
    }

    fn count(&mut self) {
        let zone = self.terms.business.zone;
        let soon = self.now + TimeDelta::days(1);
        let mut counts = Counts::default();
        for booking in self.bookings() {
            for conflict in &booking.conflicts {
                counts.open += 1;
                counts.waiting += usize::from(self.put_off(conflict).is_some());
                let starts = urgency(booking, conflict, self.now, zone).starts_at();
                counts.urgent += usize::from(starts.is_some_and(|at| at < soon));
            }
        }
        counts.shown = self
            .agenda
            .iter()
            .filter(|case| self.question(case).is_some())
            .count();
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

    pub(super) fn put_off(&self, conflict: &Conflict) -> Option<&str> {
        match &self.book.log.answer(conflict)?.answer {
            Answer::Later(note) => Some(note),
            _ => None,
        }
    }

    /// The answer that the suggestion is. The value itself is kept: what is suggested may be another one after the
    /// next build.
    pub(super) fn accepted(&self, case: &Case) -> Result<Answer, String> {
        let question = self
            .question(case)
            .and_then(|(_, conflict)| conflict.suggestion());
        match question {
            Some(candidate) => self.checked(case, Answer::Take(candidate.value.clone())),
            None => Err("nothing is suggested here".to_owned()),
        }
    }

    /// The answer that leaves the booking as it is.
    pub(super) fn kept(&self, case: &Case) -> Result<Answer, String> {
        let (booking, conflict) = self.question(case).ok_or("it is not asked any more")?;
        let stands = conflict
            .field
            .map_or(Answer::Accept, |field| Answer::Take(current(booking, field)));
        self.checked(case, stands)
    }

    /// What the answer would make of the booking.
    pub fn foresee(&self, answer: &Answer) -> Option<Booking> {
        let case = self.agenda.get(self.at)?;
        let (_, conflict) = self.question(case)?;
        Some(self.book.foresee(case.booking, conflict, answer))
    }

    /// Earlier decisions on the booking that an answer goes against.
    fn remarks(&self, case: &Case, given: &Answer) -> Vec<String> {
        let Some((booking, conflict)) = self.question(case) else {
            return Vec::new();
        };
        let fused = self.book.fused(case.booking);
        let (Some(field), Answer::Take(value)) = (conflict.field, given) else {
            return Vec::new();
        };
        let others = fused.conflicts.iter().filter(|other| {
            other.field == Some(field) && (other.id != conflict.id || other.evidence != conflict.evidence)
        });
        let mut remarks: Vec<String> = others
            .filter_map(|other| self.book.log.answer(other))
            .filter(|decision| match &decision.answer {
                Answer::Take(taken) => taken != value,
                _ => false,
            })
            .map(|decision| {
                format!(
                    "it goes against decision {} of {}, which set the same field; this one holds now",
                    decision.seq, decision.who
                )
            })
            .collect();
        let after = self.book.foresee(case.booking, conflict, given);
        let asked = |booking: &Booking| -> Vec<String> {
            booking
                .conflicts
                .iter()
                .map(|conflict| conflict.evidence.clone())
                .collect()
        };
        let before = asked(booking);
        let raised = after
            .conflicts
            .iter()
            .filter(|other| !before.contains(&other.evidence));
        remarks.extend(raised.map(|other| format!("this raises a question: {}", other.reason)));
        remarks
    }

    /// A suggestion that does not fit is weak, whatever speaks for it.
    pub(super) fn strength(&self, case: &Case) -> Option<Strength> {
        let (_, conflict) = self.question(case)?;
        let value = conflict.suggestion()?.value.clone();
        match self.checked(case, Answer::Take(value)) {
            Ok(_) => strength(conflict),
            Err(_) => Some(Strength::Weak),
        }
    }

    /// Tries an answer on the booking as it stands, and says what is wrong with the outcome.
    fn checked(&self, case: &Case, given: Answer) -> Result<Answer, String> {
        let (stands, conflict) = self.question(case).ok_or("it is not asked any more")?;
        let mut booking = stands.clone();
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

fn ends_before_it_starts(booking: &Booking, terms: &Terms<'_>) -> bool {
    let zone = terms.business.zone;
    match (booking.starts_at, booking.ends_at) {
        (Some(When::Instant(start)), Some(When::Instant(end))) => end < start,
        (Some(start), Some(end)) => end.date(zone) < start.date(zone),
        _ => false,
    }
}

fn commit(act: Result<Act, String>) -> Step {
    match act {
        Ok(act) => Step::Commit(act),
        Err(why) => Step::Refused(why),
    }
}

pub(super) fn draft(
    booking: &Booking,
    conflict: &Conflict,
    answer: Answer,
    followed: Option<bool>,
    why: String,
) -> Draft {
    Draft {
        booking: booking.id.clone(),
        conflict: conflict.id.clone(),
        evidence: conflict.evidence.clone(),
        answer,
        basis: Basis {
            kind: Some(conflict.kind),
            followed,
            why,
        },
    }
}
