//! Amounts that are the price until a booking is over: a confirmation estimates, and what it came to is told at the end.
//!
//! Of all bookings together such an amount is the price too seldom. So it is judged by those that the backup has as still
//! ahead. What it is of those that were called off must not speak against it.

use super::slots::Label;
use crate::model::{Fate, FieldName};
use std::collections::BTreeMap;

/// Fewer bookings that are ahead show nothing; below twice as many it must be the price of all.
const AHEAD: u32 = 6;
/// In so many of so many of them it is the price, where no later message put it right.
const PURE: (u32, u32) = (19, 20);

/// How often the amounts of a slot were the price of bookings that were not over yet.
#[derive(Debug, Default)]
pub(super) struct Estimate {
    ahead: Count,
    off: Count,
}

#[derive(Debug, Default)]
struct Count {
    seen: u32,
    /// Those that a later message put right.
    superseded: u32,
    agree: BTreeMap<Label, u32>,
}

impl Estimate {
    fn of(&mut self, fate: Fate) -> Option<&mut Count> {
        match fate {
            Fate::Ahead => Some(&mut self.ahead),
            Fate::Off => Some(&mut self.off),
            Fate::Over => None,
        }
    }

    pub fn see(&mut self, fate: Fate, is_superseded: bool) {
        if let Some(count) = self.of(fate) {
            count.seen += 1;
            count.superseded += u32::from(is_superseded);
        }
    }

    pub fn agree(&mut self, fate: Fate, label: Label) {
        if let (FieldName::Total, Some(count)) = (label.0, self.of(fate)) {
            *count.agree.entry(label).or_default() += 1;
        }
    }

    /// How many show what it is, and in how many of them it is the price as this reads it.
    pub fn counts(&self, label: Label) -> (u32, u32) {
        let counts = [&self.ahead, &self.off].map(|count| count.of(label));
        (counts[0].0 + counts[1].0, counts[0].1 + counts[1].1)
    }

    /// The reading under which it is the price of nearly all that are ahead, and of those that were called off.
    pub fn label(&self) -> Option<Label> {
        let mut best: Vec<(&Label, &u32)> = self.ahead.agree.iter().collect();
        best.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let label = *best.first()?.0;
        let (seen, agree) = self.ahead.of(label);
        let (off, kept) = self.off.of(label);
        // One may have been changed before it was called off.
        let is_kept = kept * 4 >= off * 3 && (off - kept <= 1 || kept * 8 >= off * 7);
        let is_pure = agree == seen || seen >= 2 * AHEAD && agree * PURE.1 >= seen * PURE.0;
        (seen >= AHEAD && is_pure && is_kept).then_some(label)
    }

    /// Whether this more specific form does not speak against the label of the general one.
    pub fn bears(&self, label: Label) -> bool {
        let (seen, agree) = self.ahead.of(label);
        seen < 5 || agree * PURE.1 >= seen * PURE.0
    }
}

impl Count {
    fn of(&self, label: Label) -> (u32, u32) {
        let agree = self.agree.get(&label).copied().unwrap_or_default();
        ((self.seen - self.superseded).max(agree), agree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Reading;

    fn price() -> Label {
        (FieldName::Total, Reading::default())
    }

    fn estimate(counts: &[(Fate, u32, u32)]) -> Option<Label> {
        let mut estimate = Estimate::default();
        for (fate, seen, agree) in counts {
            (0..*seen).for_each(|_| estimate.see(*fate, false));
            (0..*agree).for_each(|_| estimate.agree(*fate, price()));
        }
        estimate.label()
    }

    #[test]
    fn what_bookings_cost_that_are_ahead_is_the_price_whatever_those_came_to_that_are_over() {
        assert_eq!(estimate(&[(Fate::Ahead, 11, 10)]), None);
        assert_eq!(
            estimate(&[(Fate::Ahead, 12, 12), (Fate::Over, 90, 9)]),
            Some(price())
        );
    }

    #[test]
    fn few_that_are_ahead_show_nothing() {
        assert_eq!(estimate(&[(Fate::Ahead, 5, 5), (Fate::Over, 90, 9)]), None);
    }

    #[test]
    fn what_is_not_the_price_of_those_called_off_is_no_estimate() {
        assert_eq!(estimate(&[(Fate::Ahead, 40, 40), (Fate::Off, 6, 0)]), None);
        assert_eq!(
            estimate(&[(Fate::Ahead, 40, 40), (Fate::Off, 6, 6)]),
            Some(price())
        );
    }

    #[test]
    fn what_a_later_message_put_right_speaks_not_against_it() {
        let mut estimate = Estimate::default();
        for at in 0..30 {
            estimate.see(Fate::Ahead, at < 10);
        }
        (0..20).for_each(|_| estimate.agree(Fate::Ahead, price()));
        assert_eq!(estimate.label(), Some(price()));
        assert_eq!(estimate.counts(price()), (20, 20));
    }
}
