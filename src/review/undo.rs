//! Undo and redo, by the history.

use super::act::{Act, Step};
use super::queue::Queue;
use crate::model::{Answer, Basis, Decision, Draft};

impl Queue<'_> {
    /// The decisions that an undo takes back: those of this person's last act that holds.
    pub fn last(&self) -> Option<Vec<&Decision>> {
        let acts = self.book.log.ends(&self.who).undo;
        let act = acts.into_iter().rev().find(|act| self.is_about_these(*act))?;
        Some(self.book.log.act(act).collect())
    }

    /// Whether an act is about bookings as they are now: what was answered on other evidence is history.
    fn is_about_these(&self, act: u64) -> bool {
        self.book.log.act(act).any(|decision| {
            let places = self.book.places(&decision.booking);
            let questions = places.iter().flat_map(|at| {
                let fused = &self.book.fused(*at).conflicts;
                fused.iter().chain(&self.book.get(*at).conflicts)
            });
            let mut same = questions
                .filter(|question| question.id == decision.conflict)
                .peekable();
            let is_tie = matches!(decision.answer, Answer::Tie(_));
            is_tie
                || same.peek().is_none() && !places.is_empty()
                || same.any(|question| question.evidence == decision.evidence)
        })
    }

    pub(super) fn undo(&self) -> Step {
        match self
            .last()
            .and_then(|decisions| decisions.first().map(|first| first.act))
        {
            Some(act) => self.take_back(act),
            None => Step::Refused("there is no decision of yours to take back".to_owned()),
        }
    }

    pub(super) fn redo(&self) -> Step {
        match self.book.log.ends(&self.who).redo.last() {
            Some(act) => self.take_back(*act),
            None => Step::Refused("nothing was taken back that could be brought back".to_owned()),
        }
    }

    pub(super) fn take_back(&self, act: u64) -> Step {
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
}
