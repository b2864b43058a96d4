//! Whether an entry that was struck, or says that it is off, means that its booking was called off.
//!
//! Somebody may delete an entry by mistake, or to put it elsewhere. Where the backup has every one of many bookings as
//! cancelled whose entries were all struck, it means just that here: some of them with no message that said so, or one
//! was sent when the entry was struck.

use super::Input;
use crate::mapping::Told;
use crate::model::{About, Status};

/// So many bookings whose entries were all struck show what that means, so many of them without a message; or so many of
/// these alone.
const KNOWN: u32 = 15;
const UNSAID: u32 = 5;
/// As many, where a message that nobody knows was sent when the entry was struck.
const SAID: u32 = 10;

/// What the bookings of the backup were whose entries were all struck.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Struck {
    /// They all were off, as far as they were seen.
    off: u32,
    /// Of these no message said so.
    unsaid: u32,
    stood: u32,
    /// Bookings with an entry that was struck and one that stands for another time: somebody moves them so.
    moved: u32,
}

impl Struck {
    pub fn learn(input: &Input<'_>) -> Self {
        let is_told = |told: &Told<'_>| {
            told.document
                .said_at
                .is_some_and(|said| said < input.window.backup)
        };
        let mut learned = Self::default();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let members = || cluster.members.iter().map(|at| &input.told[*at]);
            let is_entry = |told: &&Told<'_>| told.document.object == "event" && !told.claims.aside;
            let is_off = |told: &Told<'_>| {
                told.document.text("/status") == Some("cancelled")
                    || told.claims.meaning == Some(Status::Cancelled)
            };
            let is_notice = |told: &Told<'_>| {
                told.document.object == "message" && told.claims.meaning == Some(Status::Cancelled)
            };
            let entries: Vec<&Told<'_>> = members().filter(is_entry).collect();
            let struck = entries
                .iter()
                .filter(|told| is_off(told) && is_told(told))
                .count();
            if struck == 0 {
                continue;
            }
            let is_off = input.baseline.bookings[at].status == Some(Status::Cancelled);
            if struck < entries.len() {
                learned.moved += u32::from(!is_off);
            } else if is_off {
                learned.off += 1;
                learned.unsaid += u32::from(!members().any(is_notice));
            } else {
                learned.stood += 1;
            }
        }
        learned
    }

    /// Whether bookings are moved by striking their entries and making others.
    pub fn moves(self) -> bool {
        self.moved > 0
    }

    /// Whether a struck entry alone means that its booking is off.
    pub fn means_off(self) -> bool {
        self.stood == 0 && self.off >= KNOWN && self.unsaid >= UNSAID
    }

    /// Whether it does so where a message that nobody knows was sent just then. It may have told of another time instead
    /// where bookings are moved by striking their entries.
    pub fn means_off_with_a_word(self) -> bool {
        self.stood == 0 && self.off >= SAID && self.moved * SAID <= self.off
    }
}

#[cfg(test)]
mod tests {
    use super::Struck;

    #[test]
    fn what_was_struck_was_off_where_it_always_was() {
        let struck = |off, unsaid, stood, moved| Struck {
            off,
            unsaid,
            stood,
            moved,
        };
        assert!(struck(15, 5, 0, 9).means_off());
        assert!(
            !struck(15, 4, 0, 0).means_off(),
            "too few that no message told of"
        );
        assert!(!struck(90, 40, 1, 0).means_off(), "one stood");
        assert!(struck(10, 0, 0, 1).means_off_with_a_word());
        assert!(!struck(9, 0, 0, 0).means_off_with_a_word());
        assert!(!struck(30, 9, 1, 0).means_off_with_a_word());
        assert!(!struck(30, 0, 0, 4).means_off_with_a_word(), "moved by striking");
    }
}
