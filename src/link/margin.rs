//! How many bits a link needs: at first what is set, then what the backtest proved.
//!
//! Bits are a model's odds. Whether they hold for this business is seen where the truth is known: hidden bookings of the
//! backup are linked anew, and each place that was tried is compared with the true one. A class of records whose weaker
//! places were all right needs less. None needs more: that would ask about many right links for each wrong one, and what was
//! rebuilt wrongly is asked about anyway.

use crate::model::{Class, Tried};

/// Odds in bits that an automatic link needs at first, and by how much it must be ahead of the next best.
const ODDS: f64 = 5.0;
const MARGIN: f64 = 4.0;
/// However well it went, a link must be ahead by this.
const LEAST: f64 = 2.0;
/// What is needed falls to so far above the strongest wrong place, but not below the floor, where this many that are hardly
/// stronger were right.
const ABOVE: f64 = 1.0;
const FLOOR: f64 = 3.0;
const HARDLY: f64 = 4.0;
const ENOUGH: usize = 5;
/// The bits that each class of records needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margins([f64; 4]);

impl Default for Margins {
    fn default() -> Self {
        Self([ODDS; 4])
    }
}

impl Margins {
    /// What is needed according to places that were tried, each with whether it was right.
    pub fn proven(tried: &[(Tried, bool)]) -> Self {
        let of = |class: Class| {
            let of_class = tried.iter().filter(|(tried, _)| tried.class == class);
            let bits: Vec<(f64, bool)> = of_class.map(|(tried, right)| (tried.bits, *right)).collect();
            needed(&bits)
        };
        Self([Class::Message, Class::Entry, Class::Payment, Class::Nameless].map(of))
    }

    /// To be kept: text would not hold them exactly.
    pub fn to_bits(self) -> [u64; 4] {
        self.0.map(f64::to_bits)
    }

    pub fn from_bits(bits: [u64; 4]) -> Self {
        Self(bits.map(f64::from_bits))
    }

    pub fn needs(&self, class: Class) -> f64 {
        self.0[class as usize]
    }

    /// Whether a place with these bits, so far ahead of the next best, is a link.
    pub fn admits(&self, class: Class, (odds, ahead): (f64, f64)) -> bool {
        strength((odds, ahead)).is_some_and(|bits| bits >= self.needs(class))
    }
}

/// By which bits a link of these odds, so far ahead of the next best, would be just admitted; None where nothing admits it.
pub fn strength((odds, ahead): (f64, f64)) -> Option<f64> {
    let by_margin = if ahead >= MARGIN {
        f64::INFINITY
    } else {
        ahead + ODDS - MARGIN
    };
    (ahead >= LEAST).then_some(odds.min(by_margin))
}

fn needed(tried: &[(f64, bool)]) -> f64 {
    let wrong = tried.iter().filter(|(_, right)| !right).map(|(bits, _)| *bits);
    // Those that are links anyway say little of weaker places, but each asks for more that were right.
    let (strong, weak): (Vec<f64>, Vec<f64>) = wrong.partition(|bits| *bits >= ODDS);
    let worst = weak.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let least = FLOOR.max(worst + ABOVE);
    let hardly = |(bits, right): &&(f64, bool)| *right && (least..least + HARDLY).contains(bits);
    if tried.iter().filter(hardly).count() < ENOUGH * (strong.len() + 1) {
        return ODDS;
    }
    least.min(ODDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(bits: f64, right: bool) -> (Tried, bool) {
        let tried = Tried {
            record: 0,
            cluster: None,
            class: Class::Payment,
            bits,
        };
        (tried, right)
    }

    fn weak(count: usize) -> Vec<(Tried, bool)> {
        (0..count).map(|n| tried(3.0 + n as f64 / 10.0, true)).collect()
    }

    /// Whether that many bits are needed, to a thousandth.
    fn is_needed(tried: &[(Tried, bool)], class: Class, bits: f64) -> bool {
        (Margins::proven(tried).needs(class) - bits).abs() < 1e-3
    }

    #[test]
    fn weak_places_that_were_all_right_lower_what_is_needed() {
        assert!(is_needed(&weak(20), Class::Payment, 3.0));
        assert!(is_needed(&weak(20), Class::Entry, ODDS));
    }

    #[test]
    fn few_prove_nothing() {
        assert_eq!(Margins::proven(&weak(4)), Margins::default());
    }

    #[test]
    fn a_strong_one_that_is_wrong_asks_for_more_that_are_right() {
        let with = |count| [weak(count), vec![tried(9.0, false)]].concat();
        assert!(is_needed(&with(9), Class::Payment, ODDS));
        assert!(is_needed(&with(10), Class::Payment, 3.0));
    }

    #[test]
    fn nothing_as_weak_as_a_wrong_one_is_a_link() {
        let with = |bits| [weak(30), vec![tried(bits, false)]].concat();
        assert!(is_needed(&with(0.0), Class::Payment, 3.0));
        assert!(is_needed(&with(2.5), Class::Payment, 3.5));
        assert!(is_needed(&with(4.5), Class::Payment, ODDS));
    }

    #[test]
    fn a_tie_is_no_link_however_well_it_went() {
        let margins = Margins::proven(&weak(20));
        assert!(margins.admits(Class::Payment, (3.5, f64::INFINITY)));
        assert!(margins.admits(Class::Payment, (4.0, 2.5)));
        assert!(!margins.admits(Class::Payment, (20.0, 1.5)));
        assert!(!Margins::default().admits(Class::Payment, (20.0, 3.0)));
        assert!(Margins::default().admits(Class::Payment, (5.0, 4.0)));
    }
}
