//! The log of decisions, and which of them stand.

use crate::model::{Answer, Conflict, ConflictId, Decision};
use std::collections::{BTreeMap, BTreeSet};

/// Decisions in the order in which they were taken. None is ever removed: an `Undo` voids an earlier one.
#[derive(Debug, Clone, Default)]
pub struct Log {
    decisions: Vec<Decision>,
    /// By conflict, then by the evidence it was about: the last decision that stands, as an index.
    standing: BTreeMap<ConflictId, BTreeMap<String, usize>>,
}

impl Log {
    pub fn new(mut decisions: Vec<Decision>) -> Self {
        decisions.sort_by_key(|decision| decision.seq);
        let mut log = Self {
            decisions,
            standing: BTreeMap::new(),
        };
        log.settle();
        log
    }

    /// Appends one decision, taken after all others.
    pub fn push(&mut self, decision: Decision) {
        let voids = matches!(decision.answer, Answer::Undo(_));
        self.decisions.push(decision);
        if voids {
            self.settle();
        } else {
            self.stand(self.decisions.len() - 1);
        }
    }

    /// The decision that holds for this question, on this very evidence.
    pub fn answer(&self, conflict: &Conflict) -> Option<&Decision> {
        let index = self.standing.get(&conflict.id)?.get(&conflict.evidence)?;
        Some(&self.decisions[*index])
    }

    /// The last decision on this question from before its evidence changed.
    pub fn outdated(&self, conflict: &Conflict) -> Option<&Decision> {
        let by_evidence = self.standing.get(&conflict.id)?;
        let last = by_evidence
            .iter()
            .filter(|(evidence, _)| **evidence != conflict.evidence)
            .map(|(_, index)| *index)
            .max()?;
        Some(&self.decisions[last])
    }

    /// The decisions that hold on some evidence, the last one taken first: what undo goes through.
    pub fn standing_last_first(&self) -> impl Iterator<Item = &Decision> {
        let standing: BTreeSet<usize> = self
            .standing
            .values()
            .flat_map(BTreeMap::values)
            .copied()
            .collect();
        standing.into_iter().rev().map(|index| &self.decisions[index])
    }

    /// Works out anew what stands. An undo may itself be undone, so the log is read from its end: whatever
    /// is void by then has no say.
    fn settle(&mut self) {
        let mut void = BTreeSet::new();
        let mut stands = Vec::new();
        for (index, decision) in self.decisions.iter().enumerate().rev() {
            match &decision.answer {
                _ if void.contains(&decision.seq) => {}
                Answer::Undo(seq) => {
                    void.insert(*seq);
                }
                _ => stands.push(index),
            }
        }
        self.standing.clear();
        for index in stands.into_iter().rev() {
            self.stand(index);
        }
    }

    fn stand(&mut self, index: usize) {
        let decision = &self.decisions[index];
        self.standing
            .entry(decision.conflict.clone())
            .or_default()
            .insert(decision.evidence.clone(), index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BookingId, ConflictKind};
    use chrono::DateTime;

    fn decision(seq: u64, evidence: &str, answer: Answer) -> Decision {
        Decision {
            seq,
            booking: BookingId("b_1".into()),
            conflict: ConflictId("c_1".into()),
            evidence: evidence.into(),
            answer,
            who: "ann".into(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    fn conflict(evidence: &str) -> Conflict {
        Conflict {
            id: ConflictId("c_1".into()),
            kind: ConflictKind::WeakEvidence,
            field: None,
            reason: String::new(),
            candidates: Vec::new(),
            suggested: None,
            evidence: evidence.into(),
        }
    }

    fn standing_seq(log: &Log, evidence: &str) -> Option<u64> {
        log.answer(&conflict(evidence)).map(|decision| decision.seq)
    }

    #[test]
    fn the_last_decision_wins_and_an_undo_brings_the_one_before_it_back() {
        let mut log = Log::new(vec![
            decision(2, "e", Answer::Accept),
            decision(1, "e", Answer::Later("call".into())),
        ]);
        assert_eq!(standing_seq(&log, "e"), Some(2));
        log.push(decision(3, "e", Answer::Undo(2)));
        assert_eq!(standing_seq(&log, "e"), Some(1));
        log.push(decision(4, "e", Answer::Undo(1)));
        assert_eq!(standing_seq(&log, "e"), None);
    }

    #[test]
    fn an_undo_can_be_undone() {
        let log = Log::new(vec![
            decision(1, "e", Answer::Accept),
            decision(2, "e", Answer::Undo(1)),
            decision(3, "e", Answer::Undo(2)),
        ]);
        assert_eq!(standing_seq(&log, "e"), Some(1));
    }

    #[test]
    fn a_decision_on_other_evidence_is_shown_but_does_not_hold() {
        let log = Log::new(vec![decision(1, "old", Answer::Accept)]);
        assert_eq!(standing_seq(&log, "new"), None);
        assert_eq!(log.outdated(&conflict("new")).map(|old| old.seq), Some(1));
        assert!(log.outdated(&conflict("old")).is_none());
    }

    #[test]
    fn undo_goes_back_through_what_stands() {
        let log = Log::new(vec![
            decision(1, "e", Answer::Accept),
            decision(2, "f", Answer::Accept),
            decision(3, "f", Answer::Undo(2)),
        ]);
        let seqs: Vec<u64> = log.standing_last_first().map(|decision| decision.seq).collect();
        assert_eq!(seqs, [1]);
    }
}
