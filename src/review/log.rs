//! The log of decisions, and which of them stand.

use crate::model::{Answer, Conflict, ConflictId, Decision, Tie};
use std::collections::{BTreeMap, BTreeSet};

/// Decisions in the order in which they were taken. None is ever removed: an `Undo` voids an earlier one.
#[derive(Debug, Clone, Default)]
pub struct Log {
    decisions: Vec<Decision>,
    void: BTreeSet<u64>,
    /// By conflict, then by the evidence it was about: the last decision that stands, as an index.
    standing: BTreeMap<ConflictId, BTreeMap<String, usize>>,
    /// Ties that stand, as indices. They answer no question, so none supersedes another here.
    ties: BTreeSet<usize>,
}

impl Log {
    pub fn new(mut decisions: Vec<Decision>) -> Self {
        decisions.sort_by_key(|decision| decision.seq);
        let mut log = Self {
            decisions,
            ..Self::default()
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

    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub fn get(&self, seq: u64) -> Option<&Decision> {
        let index = self.decisions.binary_search_by_key(&seq, |decision| decision.seq);
        index.ok().map(|index| &self.decisions[index])
    }

    /// Whether a decision has not been taken back.
    pub fn stands(&self, seq: u64) -> bool {
        !self.void.contains(&seq)
    }

    /// Whether a decision is in force: it stands, and no later answer to the same question has taken its place.
    pub fn holds(&self, decision: &Decision) -> bool {
        let by_evidence = self.standing.get(&decision.conflict);
        let last = by_evidence.and_then(|by| by.get(&decision.evidence)).copied();
        let is_last = |index: usize| self.decisions[index].seq == decision.seq;
        last.is_some_and(is_last) || self.ties.iter().copied().any(is_last)
    }

    /// The decision that holds for this question, on this very evidence.
    pub fn answer(&self, conflict: &Conflict) -> Option<&Decision> {
        self.answer_to(&conflict.id, &conflict.evidence)
    }

    /// The same, by the question's id and the hash of its evidence.
    pub fn answer_to(&self, conflict: &ConflictId, evidence: &str) -> Option<&Decision> {
        let index = self.standing.get(conflict)?.get(evidence)?;
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

    /// What people said of which records belong together, in the order in which they said it.
    pub fn ties(&self) -> Vec<&Tie> {
        let stands = self.ties.iter().map(|index| &self.decisions[*index].answer);
        let ties = stands.filter_map(|answer| match answer {
            Answer::Tie(tie) => Some(tie),
            _ => None,
        });
        ties.collect()
    }

    /// The act that an undo of this person takes back next, and the one that a redo brings back.
    pub fn ends(&self, who: &str) -> Ends {
        let mut ends = Ends::default();
        let mut done: Vec<u64> = Vec::new();
        // The act that was taken back, and the undo that did it.
        let mut undone: Vec<(u64, u64)> = Vec::new();
        let mut last = 0;
        for decision in self.decisions.iter().filter(|decision| decision.who == who) {
            if decision.act == last {
                continue;
            }
            last = decision.act;
            let Answer::Undo(seq) = decision.answer else {
                done.push(decision.act);
                undone.clear();
                continue;
            };
            let Some(target) = self.get(seq).map(|target| target.act) else {
                continue;
            };
            if let Some(at) = undone.iter().position(|(_, by)| *by == target) {
                done.push(undone.remove(at).0);
            } else {
                done.retain(|act| *act != target);
                undone.push((target, decision.act));
            }
        }
        let is_standing = |act: &u64| self.act(*act).any(|decision| self.stands(decision.seq));
        ends.undo = done.into_iter().filter(is_standing).collect();
        ends.redo = undone.into_iter().map(|(_, by)| by).filter(is_standing).collect();
        ends
    }

    /// The decisions of one act.
    pub fn act(&self, act: u64) -> impl Iterator<Item = &Decision> {
        let from = self.decisions.partition_point(|decision| decision.seq < act);
        self.decisions[from..]
            .iter()
            .take_while(move |decision| decision.act == act)
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
        self.void = void;
        self.standing.clear();
        self.ties.clear();
        for index in stands.into_iter().rev() {
            self.stand(index);
        }
    }

    fn stand(&mut self, index: usize) {
        let decision = &self.decisions[index];
        if matches!(decision.answer, Answer::Tie(_)) {
            self.ties.insert(index);
            return;
        }
        self.standing
            .entry(decision.conflict.clone())
            .or_default()
            .insert(decision.evidence.clone(), index);
    }
}

/// Acts that can be taken back and brought back, each by its number; the next one is the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ends {
    pub undo: Vec<u64>,
    /// The undo to take back.
    pub redo: Vec<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Basis, BookingId, ConflictKind};
    use chrono::DateTime;

    fn decision(seq: u64, evidence: &str, answer: Answer) -> Decision {
        Decision {
            seq,
            act: seq,
            basis: Basis::default(),
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
    fn undo_and_redo_go_back_and_forth_without_end() {
        let mut log = Log::new(vec![
            decision(1, "e", Answer::Accept),
            decision(2, "f", Answer::Accept),
        ]);
        for round in 0..5 {
            let seq = 3 + 2 * round;
            assert_eq!(log.ends("ann").undo, [1, 2]);
            log.push(decision(seq, "f", Answer::Undo(2)));
            assert_eq!((log.ends("ann").undo, log.ends("ann").redo), (vec![1], vec![seq]));
            log.push(decision(seq + 1, "f", Answer::Undo(seq)));
            assert!(log.ends("ann").redo.is_empty());
        }
    }

    #[test]
    fn a_new_decision_ends_what_could_be_brought_back() {
        let log = Log::new(vec![
            decision(1, "e", Answer::Accept),
            decision(2, "e", Answer::Undo(1)),
            decision(3, "f", Answer::Accept),
        ]);
        assert_eq!((log.ends("ann").undo, log.ends("ann").redo), (vec![3], vec![]));
    }

    #[test]
    fn undo_takes_back_ones_own_alone() {
        let mut others = decision(1, "e", Answer::Accept);
        others.who = "bob".into();
        let log = Log::new(vec![others, decision(2, "f", Answer::Accept)]);
        assert_eq!(log.ends("ann").undo, [2]);
        assert_eq!(log.ends("bob").undo, [1]);
    }

    #[test]
    fn what_was_decided_in_one_act_is_taken_back_in_one() {
        let mut both = [decision(1, "e", Answer::Accept), decision(2, "f", Answer::Accept)];
        both[1].act = 1;
        let log = Log::new(both.to_vec());
        assert_eq!(log.ends("ann").undo, [1]);
        assert_eq!(log.act(1).count(), 2);
    }
}
