//! What the backtest found, and what it makes doubtful.

use crate::model::{Backtest, FieldName};
use std::collections::{BTreeMap, BTreeSet};

/// Which kinds of record tell of a booking, and how they agree: `message+event+payment`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(pub String);

impl Pattern {
    /// The same where a message told shortly before when the booking begins.
    #[must_use]
    pub fn on_the_eve(&self) -> Self {
        Self(format!("{}+told on the eve", self.0))
    }
}

/// How a backtest went: bookings of the backup that were hidden and rebuilt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trial {
    pub backtest: Backtest,
    /// Patterns of evidence that were wrong too often.
    pub weak: BTreeSet<Pattern>,
    /// Patterns that were wrong too often when bookings were rebuilt without their calendar entries.
    pub unplanned: BTreeSet<Pattern>,
    /// Bookings that were called clean and were wrong: the backup's key, the pattern, the fields.
    pub errors: Vec<(String, Pattern, Vec<String>)>,
    /// How often what was stated before a change still held after it, and of how many.
    pub kept: BTreeMap<Stale, (u32, u32)>,
}

/// A field that was last stated before something else was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stale {
    pub field: FieldName,
    pub change: Change,
}

/// What was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Just the time.
    Time,
    /// What was booked, which takes as long as what was booked before.
    Thing,
    /// It takes longer or shorter.
    Length,
    /// Its price alone, as far as the records tell: a final invoice says what it came to.
    Price,
}

impl Change {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Thing => "thing",
            Self::Length => "length",
            Self::Price => "price",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Time, Self::Thing, Self::Length, Self::Price];
        all.into_iter().find(|change| change.as_str() == text)
    }
}

/// So many changes that all left a field as it was prove that they do.
const CHANGES: u32 = 8;
/// Of so many changes of the time alone, one in as many may have come with another price of which no record tells.
const MANY_CHANGES: u32 = 50;

impl Trial {
    /// Whether such a field stayed as it was whenever something else was changed.
    pub fn stays(&self, stale: Stale) -> bool {
        let of = |change| {
            let field = stale.field;
            self.kept
                .get(&Stale { field, change })
                .copied()
                .unwrap_or_default()
        };
        let always = |(kept, all): (u32, u32)| all >= CHANGES && kept == all;
        let (kept, all) = of(stale.change);
        if matches!(stale.change, Change::Time | Change::Price) {
            return always((kept, all)) || all >= MANY_CHANGES && (all - kept) * MANY_CHANGES <= all;
        }
        // Each of them is rare: what stays whatever else is booked, for however long, stays in either case.
        let (thing, length) = (of(Change::Thing), of(Change::Length));
        always((kept, all)) || always((thing.0 + length.0, thing.1 + length.1))
    }

    /// Whether such a field stayed as it was nearly whenever this was changed.
    pub fn mostly_stays(&self, stale: Stale) -> bool {
        let (kept, all) = self.kept.get(&stale).copied().unwrap_or_default();
        all >= CHANGES && kept * 10 >= all * 9
    }

    /// Whether no such field was seen to change with this, however seldom that was tried.
    pub fn never_changes(&self, stale: Stale) -> bool {
        self.kept.get(&stale).is_none_or(|(kept, all)| kept == all)
    }

    /// Why a new booking that stands in no calendar cannot be certain, where others were wrong without their entries: a
    /// change of which the message was lost shows nowhere else.
    pub fn doubt_unplanned(&self, pattern: &Pattern, on_the_eve: bool) -> Option<String> {
        let is_weak = if on_the_eve {
            self.unplanned.contains(&pattern.on_the_eve())
        } else {
            self.unplanned.contains(pattern)
        };
        is_weak.then(|| {
            let known = pattern.0.replace('+', ", ");
            format!(
                "Nothing in the calendar stands for it, and bookings of which only this was known ({known}) were rebuilt \
                 wrongly without their entries: please look at it."
            )
        })
    }

    /// Why a new booking of which no more than this is known cannot be certain.
    pub fn doubt(&self, pattern: &Pattern) -> Option<String> {
        let known = pattern.0.replace('+', ", ");
        if self.weak.contains(pattern) {
            return Some(format!(
                "Bookings of which only this is known ({known}) were rebuilt wrongly before: please look at it."
            ));
        }
        let parts = parts(&pattern.0);
        // Where nothing was tested, that is said of the whole run; sources that agree vouch for each other.
        if self.backtest.clean == 0 || parts.len() > 1 {
            return None;
        }
        // Who knows more than enough is no worse off.
        let tested = self
            .backtest
            .evidence
            .iter()
            .any(|test| test.clean > 0 && self::parts(&test.known_from).is_subset(&parts));
        (!tested).then(|| {
            format!(
                "No booking of which only this is known ({known}) could be tested on the backup: please look at it."
            )
        })
    }
}

/// The kinds of record; several of a kind tell no less than one.
fn parts(pattern: &str) -> BTreeSet<&str> {
    pattern
        .split('+')
        .map(|part| part.strip_suffix('s').unwrap_or(part))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Change, Pattern, Stale, Trial};
    use crate::model::{Backtest, EvidenceTest, FieldName};

    fn trial(known_from: &str, clean: u64) -> Trial {
        Trial {
            backtest: Backtest {
                clean: 100,
                evidence: vec![EvidenceTest {
                    known_from: known_from.to_owned(),
                    clean,
                    right: clean,
                    flagged: 0,
                }],
                ..Backtest::default()
            },
            ..Trial::default()
        }
    }

    fn is_doubted(trial: &Trial, pattern: &str) -> bool {
        trial.doubt(&Pattern(pattern.to_owned())).is_some()
    }

    #[test]
    fn what_was_tested_is_known() {
        assert!(!is_doubted(&trial("message", 1), "message"));
    }

    #[test]
    fn what_was_never_certain_in_the_test_is_asked() {
        assert!(is_doubted(&trial("message", 0), "message"));
    }

    #[test]
    fn several_of_a_kind_tell_no_less_than_one() {
        assert!(!is_doubted(&trial("message", 3), "messages"));
    }

    #[test]
    fn who_knows_less_was_not_tested() {
        assert!(is_doubted(&trial("message+event", 50), "message"));
    }

    #[test]
    fn two_sources_vouch_for_each_other() {
        assert!(!is_doubted(&trial("message+event", 50), "message+payment"));
    }

    #[test]
    fn what_was_wrong_without_entries_is_asked_where_there_is_none() {
        let pattern = Pattern("message+payment".to_owned());
        let trial = Trial {
            unplanned: [pattern.clone()].into(),
            ..Trial::default()
        };
        assert!(trial.doubt_unplanned(&pattern, false).is_some());
        assert!(trial.doubt_unplanned(&pattern, true).is_none());
        let other = Pattern("messages+payment".to_owned());
        assert!(trial.doubt_unplanned(&other, false).is_none());
    }

    #[test]
    fn what_every_change_left_alone_stays() {
        let stale = |change| Stale {
            field: FieldName::Total,
            change,
        };
        let with = |kept, all| Trial {
            kept: [(stale(Change::Time), (kept, all))].into(),
            ..Trial::default()
        };
        assert!(with(8, 8).stays(stale(Change::Time)));
        assert!(!with(8, 8).stays(stale(Change::Length)));
        assert!(!with(7, 7).stays(stale(Change::Time)));
        assert!(!with(8, 8).stays(stale(Change::Price)), "of other changes");
        let priced = Trial {
            kept: [(stale(Change::Price), (8, 8))].into(),
            ..Trial::default()
        };
        assert!(priced.stays(stale(Change::Price)));
        assert!(!with(19, 20).stays(stale(Change::Time)));
        assert!(with(99, 101).stays(stale(Change::Time)));
        let both = |thing, length| Trial {
            kept: [(stale(Change::Thing), thing), (stale(Change::Length), length)].into(),
            ..Trial::default()
        };
        assert!(both((5, 5), (4, 4)).stays(stale(Change::Thing)));
        assert!(both((8, 8), (1, 4)).stays(stale(Change::Thing)));
        assert!(!both((8, 8), (1, 4)).stays(stale(Change::Length)));
        assert!(!with(99, 101).stays(stale(Change::Length)));
        assert!(with(9, 10).mostly_stays(stale(Change::Time)));
        assert!(!with(8, 10).mostly_stays(stale(Change::Time)));
        assert!(!with(7, 7).mostly_stays(stale(Change::Time)), "too few");
        assert!(!with(9, 10).mostly_stays(stale(Change::Length)));
        assert!(with(7, 7).never_changes(stale(Change::Time)));
        assert!(!with(9, 10).never_changes(stale(Change::Time)));
    }

    #[test]
    fn where_nothing_was_tested_the_run_says_so() {
        assert!(!is_doubted(&Trial::default(), "message"));
    }
}
