//! What an input means for the case shown, and whether the answer fits.

use super::act::{Act, Input, Step, commit, draft};
use super::answer::answer;
use super::queue::{Case, Queue};
use super::{Strength, Terms, current, strength, typed};
use crate::model::{Answer, Booking, FieldName, Value, When};

impl Queue<'_> {
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

    /// The answer that the suggestion is. The value itself is kept: what is suggested may be another one after the
    /// next build.
    pub(super) fn accepted(&self, case: &Case) -> Result<Answer, String> {
        let question = self
            .question(case)
            .and_then(|(_, conflict)| conflict.suggestion());
        match question {
            Some(candidate) => self.checked(case, Answer::Take(candidate.value.clone())),
            None => Err("nothing is suggested here; k keeps it as it stands, l puts it off".to_owned()),
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
