//! What bookings are like of which nothing stands in the calendar.
//!
//! Few bookings of the overlap have no entry, too few to be tested. So all are rebuilt once more without their entries: as
//! often as those come out certain and wrong, a change can be lost of which no message is left.

use super::{TOLERANCE, TWICE};
use crate::fuse::Pattern;
use crate::model::EvidenceTest;
use std::collections::{BTreeMap, BTreeSet};

/// The patterns that were wrong too often. One message is told from several, which confirm each other; whether there was
/// a payment too makes no difference, since a change need not touch it. Rows of one overlap are too few to be sure of a
/// share of one in a hundred, so the share itself decides: what has no second witness is rather asked about.
pub fn weak(evidence: &[EvidenceTest]) -> BTreeSet<Pattern> {
    let mut alike: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for test in evidence {
        let (wrong, clean) = alike.entry(spoken(&test.known_from)).or_default();
        *wrong += test.clean - test.right;
        *clean += test.clean;
    }
    let is_weak = |test: &&EvidenceTest| {
        let (wrong, clean) = alike[spoken(&test.known_from)];
        wrong >= TWICE && wrong as f64 > TOLERANCE * clean as f64
    };
    let weak = evidence.iter().filter(is_weak);
    weak.map(|test| Pattern(test.known_from.clone())).collect()
}

/// The part of a pattern that tells of messages.
fn spoken(known_from: &str) -> &str {
    known_from.split('+').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(known_from: &str, clean: u64, right: u64) -> EvidenceTest {
        EvidenceTest {
            known_from: known_from.to_owned(),
            clean,
            right,
            flagged: 0,
        }
    }

    fn names(evidence: &[EvidenceTest]) -> Vec<String> {
        weak(evidence).into_iter().map(|pattern| pattern.0).collect()
    }

    #[test]
    fn what_was_often_wrong_without_entries_is_weak_whether_paid_or_not() {
        let evidence = [
            test("message", 20, 20),
            test("message+payment", 90, 88),
            test("messages+payment", 60, 60),
        ];
        assert_eq!(names(&evidence), ["message", "message+payment"]);
    }

    #[test]
    fn what_was_seldom_wrong_without_entries_is_not_weak() {
        assert!(names(&[test("message+payment", 250, 248)]).is_empty());
        assert!(names(&[test("message", 20, 19)]).is_empty());
    }
}
