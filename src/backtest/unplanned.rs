//! What bookings are like of which nothing stands in the calendar.
//!
//! Few bookings of the overlap have no entry, too few to be tested. So all are rebuilt once more without their entries: as
//! often as those come out certain and wrong, a change can be lost of which no message is left.

use super::{TOLERANCE, TWICE};
use crate::fuse::{Fused, Pattern};
use crate::model::EvidenceTest;
use std::collections::{BTreeMap, BTreeSet};

/// So many bookings that a message told of on the eve show whether these were right.
const TOLD: u64 = 50;

/// How many of those that came out certain were wrong.
#[derive(Debug, Clone, Copy, Default)]
struct Tested {
    wrong: u64,
    clean: u64,
}

impl Tested {
    fn is_weak(self) -> bool {
        self.wrong >= TWICE && self.wrong as f64 > TOLERANCE * self.clean as f64
    }
}

/// The patterns that were wrong too often. One message is told from several, which confirm each other; whether there was
/// a payment too makes no difference, since a change need not touch it. Rows of one overlap are too few to be sure of a
/// share of one in a hundred, so the share itself decides: what has no second witness is rather asked about. Those of
/// which a message told on the eve are patterns of their own, where enough of them were tested.
pub fn weak(fused: &[Fused], judge: impl Fn(&[Fused]) -> Vec<EvidenceTest>) -> BTreeSet<Pattern> {
    let told: Vec<Fused> = fused.iter().filter(|fused| fused.on_the_eve).cloned().collect();
    weak_of(&judge(fused), &judge(&told))
}

/// `told`: those of which a message told on the eve.
fn weak_of(evidence: &[EvidenceTest], told: &[EvidenceTest]) -> BTreeSet<Pattern> {
    let (alike, told) = (alike(evidence), alike(told));
    let mut weak = BTreeSet::new();
    for test in evidence {
        let spoken = spoken(&test.known_from);
        if alike[spoken].is_weak() {
            let pattern = Pattern(test.known_from.clone());
            let is_proven = |told: &Tested| told.clean >= TOLD && !told.is_weak();
            if !told.get(spoken).is_some_and(is_proven) {
                weak.insert(pattern.on_the_eve());
            }
            weak.insert(pattern);
        }
    }
    weak
}

fn alike(evidence: &[EvidenceTest]) -> BTreeMap<&str, Tested> {
    let mut alike: BTreeMap<&str, Tested> = BTreeMap::new();
    for test in evidence {
        let tested = alike.entry(spoken(&test.known_from)).or_default();
        tested.wrong += test.clean - test.right;
        tested.clean += test.clean;
    }
    alike
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
        let weak = weak_of(evidence, evidence).into_iter().map(|pattern| pattern.0);
        weak.filter(|name| !name.ends_with("eve")).collect()
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
    fn what_was_told_on_the_eve_is_not_weak_where_that_was_tested() {
        let evidence = [test("message+payment", 300, 290)];
        let is_weak = |told: &[EvidenceTest]| {
            let pattern = Pattern("message+payment".to_owned()).on_the_eve();
            weak_of(&evidence, told).contains(&pattern)
        };
        assert!(!is_weak(&[
            test("message", 60, 60),
            test("message+payment", 140, 139)
        ]));
        assert!(is_weak(&[test("message+payment", 200, 196)]), "wrong too");
        assert!(is_weak(&[test("message+payment", 49, 49)]), "too few");
        assert!(is_weak(&[test("messages", 200, 200)]), "others");
    }

    #[test]
    fn what_was_seldom_wrong_without_entries_is_not_weak() {
        assert!(names(&[test("message+payment", 250, 248)]).is_empty());
        assert!(names(&[test("message", 20, 19)]).is_empty());
    }
}
