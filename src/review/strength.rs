//! How far a suggestion stands above its runner-up.

use crate::model::Conflict;

/// The gap from which one key may accept: the suggestion is at least 128 times as likely as the next.
const STRONG_GAP_MILLIBITS: i64 = 7_000;
/// At least eight times as likely.
const MEDIUM_GAP_MILLIBITS: i64 = 3_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    Weak,
    Medium,
    Strong,
}

impl Strength {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Medium => "medium",
            Self::Strong => "strong",
        }
    }
}

/// Measures the suggestion by its gap to the next best candidate; None where nothing is suggested.
pub fn strength(conflict: &Conflict) -> Option<Strength> {
    conflict.gap_millibits().map(of_gap)
}

/// What a gap in thousandths of a bit amounts to.
pub(super) fn of_gap(millibits: i64) -> Strength {
    match millibits {
        gap if gap >= STRONG_GAP_MILLIBITS => Strength::Strong,
        gap if gap >= MEDIUM_GAP_MILLIBITS => Strength::Medium,
        _ => Strength::Weak,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Candidate, ConflictId, ConflictKind};

    fn measured(weights: &[i64], suggested: Option<usize>) -> Option<Strength> {
        let candidates = weights
            .iter()
            .map(|&millibits| Candidate {
                value: None,
                records: Vec::new(),
                millibits,
            })
            .collect();
        strength(&Conflict {
            id: ConflictId("c_1".into()),
            kind: ConflictKind::FieldContradicts,
            field: None,
            reason: String::new(),
            candidates,
            suggested,
            evidence: String::new(),
        })
    }

    #[test]
    fn the_gap_counts_and_not_the_weight() {
        assert_eq!(measured(&[20_000, 19_000], Some(0)), Some(Strength::Weak));
        assert_eq!(measured(&[12_000, 5_000], Some(0)), Some(Strength::Strong));
        assert_eq!(measured(&[3_000, -9_000], Some(0)), Some(Strength::Medium));
    }

    #[test]
    fn nothing_suggested_has_no_strength() {
        assert_eq!(measured(&[20_000], None), None);
        assert_eq!(measured(&[], Some(0)), None);
    }
}
