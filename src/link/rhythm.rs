//! Whoever pays for several bookings at once, week by week: how long after them it was paid for tells which week's a charge is.

use super::hypothesis::{Hypotheses, Hypothesis};
use crate::model::{Money, When};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// So many charges, each for several bookings of one person, show how long after them they are made.
const KNOWN: usize = 3;
/// The next one may be made so much sooner or later than all of them were.
const GIVE: TimeDelta = TimeDelta::hours(12);

/// Whether a charge for these bookings would be made as long after the last of them begins as those for several bookings of this
/// person were. `theirs`: their bookings.
pub fn is_in_step(
    paid: DateTime<Utc>,
    shares: &[(usize, Money)],
    theirs: &[(usize, &Hypothesis)],
    hypotheses: &Hypotheses,
) -> bool {
    let mut before: BTreeMap<&str, (DateTime<Utc>, Vec<&Hypothesis>)> = BTreeMap::new();
    for (_, booking) in theirs {
        for (charge, taken) in &booking.charges {
            if let Some(made) = taken.made_at {
                before.entry(charge).or_insert((made, Vec::new())).1.push(booking);
            }
        }
    }
    let several = before.into_values().filter(|(_, of)| of.len() > 1);
    let mut apart: Vec<TimeDelta> = several
        .filter_map(|(made, of)| Some(made - last_start(&of)?))
        .collect();
    apart.sort_unstable();
    let these: Vec<&Hypothesis> = shares.iter().map(|(to, _)| &hypotheses.all[*to]).collect();
    let (Some(least), Some(most), Some(last)) = (apart.first(), apart.last(), last_start(&these)) else {
        return false;
    };
    apart.len() >= KNOWN && (*least - GIVE..=*most + GIVE).contains(&(paid - last))
}

/// When the last of them begins, as far as one time is known of each.
fn last_start(bookings: &[&Hypothesis]) -> Option<DateTime<Utc>> {
    let begins = |booking: &&Hypothesis| match (booking.starts.first()?, booking.starts.len()) {
        (When::Instant(at), 1) => Some(*at),
        (When::Date(day), 1) => Some(day.and_time(NaiveTime::MIN).and_utc()),
        _ => None,
    };
    let starts: Option<Vec<DateTime<Utc>>> = bookings.iter().map(begins).collect();
    starts?.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::Taken;
    use super::super::hypothesis::samples::{booking, money};
    use super::*;

    fn hours(count: i64) -> DateTime<Utc> {
        DateTime::<Utc>::from_timestamp(1_780_000_000, 0).expect("a moment") + TimeDelta::hours(count)
    }

    /// A lesson that begins then, and the charge for it with when that was made.
    fn lesson(begins: i64, charge: Option<(&str, i64)>) -> Hypothesis {
        let mut made = booking(4000, 0);
        made.starts.insert(When::Instant(hours(begins)));
        if let Some((id, at)) = charge {
            let taken = Taken {
                minor: 4000,
                made_at: Some(hours(at)),
                repaid: false,
                given_back: 0,
            };
            made.charges.insert(id.to_owned(), taken);
        }
        made
    }

    /// Whether a charge of that hour is for the last two lessons, where each week's two were paid for so long after the second.
    fn is_for_last(known: &[(&str, i64)], paid: i64) -> bool {
        const WEEK: i64 = 168;
        let mut hypotheses = Hypotheses::default();
        let mut week = 0;
        for (id, after) in known {
            let charge = Some((*id, week + 48 + after));
            hypotheses.add(lesson(week, charge));
            hypotheses.add(lesson(week + 48, charge));
            week += WEEK;
        }
        let shares = [week, week + 48].map(|begins| (hypotheses.add(lesson(begins, None)), money(4000)));
        let theirs: Vec<(usize, &Hypothesis)> = hypotheses.all.iter().enumerate().collect();
        is_in_step(hours(week + 48 + paid), &shares, &theirs, &hypotheses)
    }

    #[test]
    fn a_weeks_charge_comes_as_soon_after_it_as_before() {
        let known = [("ch_1", 30), ("ch_2", 36), ("ch_3", 33)];
        assert!(is_for_last(&known, 34));
        assert!(is_for_last(&known, 44), "a little later");
        assert!(!is_for_last(&known, 34 + 168), "that is the next week's");
        assert!(!is_for_last(&known[..2], 34), "too few are known");
    }
}
