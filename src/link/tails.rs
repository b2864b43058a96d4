//! The last digits of bookings' numbers, where whoever types an entry writes no more of them: `#0114` of `KL26-0114`.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use super::weigh::rarity;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// So many digits may be the end of a number: fewer are a price or an hour.
const DIGITS: RangeInclusive<usize> = 4..=6;
/// So many entries that state the end of their booking's number show that this is how it is done.
const KNOWN: u32 = 12;
/// What it tells that an entry states the end of another number.
const OTHER: f64 = -4.0;

/// How many digits of a number entries state; None where they state none, or too often others.
pub fn learn(pairs: &[(&Facts, &Hypothesis)]) -> Option<usize> {
    let of = |digits: usize| {
        let (mut all, mut own) = (0, 0);
        for (facts, booking) in pairs {
            let mut codes = facts.codes.iter().filter(|code| is_end(code, digits)).peekable();
            if codes.peek().is_some() {
                all += 1;
                own += u32::from(codes.any(|code| tails(booking, digits).any(|tail| tail == code)));
            }
        }
        (own >= KNOWN && own * 10 >= all * 9).then_some((own, digits))
    };
    DIGITS.filter_map(of).max().map(|(_, digits)| digits)
}

/// Lets the bookings be found by the ends of their numbers.
pub fn add(hypotheses: &mut Hypotheses) {
    let Some(digits) = hypotheses.habits.tails else {
        return;
    };
    for booking in &mut hypotheses.all {
        let own: Vec<String> = tails(booking, digits).map(str::to_owned).collect();
        booking.codes.extend(own);
    }
}

/// What a shared code tells at most: one car, one pet or one order comes back, and so does the end of a number.
const CODE: f64 = 5.0;

/// A code that is no field, and stands in the records of few bookings: a plate, an order's number.
pub fn code(facts: &Facts, booking: &Hypothesis, all: &Hypotheses) -> f64 {
    let shared = facts.codes.intersection(&booking.codes);
    let rare = shared.map(|code| rarity(all, all.codes.get(code).map_or(1, BTreeSet::len), 0.9));
    let rare = rare.fold(0.0, f64::max).min(CODE);
    against(facts, booking, all).unwrap_or(rare)
}

/// What it tells against a booking, in bits, that an entry states the end of another number than its own.
fn against(facts: &Facts, booking: &Hypothesis, all: &Hypotheses) -> Option<f64> {
    let digits = all.habits.tails?;
    let mut stated = facts.codes.iter().filter(|code| is_end(code, digits)).peekable();
    stated.peek()?;
    let mut own = tails(booking, digits).peekable();
    own.peek()?;
    (!own.any(|tail| facts.codes.contains(tail))).then_some(OTHER)
}

fn is_end(code: &str, digits: usize) -> bool {
    code.len() == digits && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last digits of a booking's numbers that have more to them.
fn tails(booking: &Hypothesis, digits: usize) -> impl Iterator<Item = &str> {
    booking.references.iter().filter_map(move |number| {
        let tail = number.get(number.len().checked_sub(digits)?..)?;
        (number.len() > digits && is_end(tail, digits)).then_some(tail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(number: usize, said: &str) -> (Facts, Hypothesis) {
        let mut booking = Hypothesis::about_new();
        booking.references.insert(format!("kl26{number:04}"));
        let mut facts = Facts::default();
        facts.codes.insert(said.to_owned());
        (facts, booking)
    }

    #[test]
    fn the_end_of_a_number_is_its_bookings_where_entries_state_no_more() {
        let of = |said: &dyn Fn(usize) -> String| {
            let pairs: Vec<(Facts, Hypothesis)> = (100..120).map(|at| pair(at, &said(at))).collect();
            let pairs: Vec<(&Facts, &Hypothesis)> = pairs.iter().map(|(facts, of)| (facts, of)).collect();
            learn(&pairs)
        };
        assert_eq!(of(&|at| format!("{at:04}")), Some(4));
        assert_eq!(of(&|at| format!("{:04}", at * 7)), None, "some other number");
        assert_eq!(
            of(&|_| "0110".to_owned()),
            None,
            "a door's code is one booking's by chance"
        );
        let mut all = Hypotheses::default();
        all.habits.tails = Some(4);
        for number in [114, 115] {
            all.add(pair(number, "").1);
        }
        add(&mut all);
        assert!(all.all[0].codes.contains("0114"));
        let entry = pair(114, "0114").0;
        assert_eq!(against(&entry, &all.all[0], &all), None);
        assert_eq!(against(&entry, &all.all[1], &all), Some(OTHER));
    }
}
