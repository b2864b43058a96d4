//! How the review goes: what was decided, by whom, how often the suggestion was taken, and how long the rest may take.

use super::Log;
use crate::model::{Answer, ConflictKind};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// A longer silence is a pause, and no thinking about a case.
const PAUSE: TimeDelta = TimeDelta::minutes(5);
/// Fewer gaps tell nothing of the pace.
const GAPS_MIN: usize = 5;

/// Decisions of one sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub decided: usize,
    /// Of these, put off.
    pub put_off: usize,
    /// Decided where something was suggested.
    pub suggested: usize,
    /// Of these, the suggestion was taken.
    pub followed: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pace {
    pub all: Tally,
    /// None stands for decisions of a log that did not keep the kind.
    pub by_kind: BTreeMap<Option<ConflictKind>, Tally>,
    pub by_who: BTreeMap<String, Tally>,
    /// Decisions that were taken back.
    pub taken_back: usize,
    /// Half of all cases took no longer, from one act of a person to the next.
    pub median: Option<TimeDelta>,
}

/// Counts what is in force.
pub fn pace(log: &Log) -> Pace {
    let mut pace = Pace::default();
    let mut gaps = Vec::new();
    let mut last = BTreeMap::new();
    for decision in log.decisions() {
        if let Some((act, at)) = last.insert(&decision.who, (decision.act, decision.at))
            && act != decision.act
        {
            gaps.push(decision.at - at);
        }
        if matches!(decision.answer, Answer::Undo(_)) {
            continue;
        }
        if !log.stands(decision.seq) {
            pace.taken_back += 1;
            continue;
        }
        if !log.holds(decision) {
            continue;
        }
        let tallies = [
            &mut pace.all,
            pace.by_kind.entry(decision.basis.kind).or_default(),
            pace.by_who.entry(decision.who.clone()).or_default(),
        ];
        for tally in tallies {
            tally.decided += 1;
            tally.put_off += usize::from(matches!(decision.answer, Answer::Later(_)));
            tally.suggested += usize::from(decision.basis.followed.is_some());
            tally.followed += usize::from(decision.basis.followed == Some(true));
        }
    }
    gaps.retain(|gap| *gap >= TimeDelta::zero() && *gap <= PAUSE);
    gaps.sort_unstable();
    if gaps.len() >= GAPS_MIN {
        pace.median = Some(gaps[gaps.len() / 2]);
    }
    pace
}
