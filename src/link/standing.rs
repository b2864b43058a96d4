//! Entries that stand just where a booking does: how often they are its own, and how often they call its customer what no other
//! record does, by a nickname or as whoever telephoned.

use super::facts::Facts;
use super::habits::{KNOWN, against};
use super::hypothesis::{Hypotheses, Hypothesis};
use super::weigh::{ANOTHER_ENTRY, person};
use crate::model::{SourceKind, When};
use chrono::NaiveDate;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What it tells against a booking, in bits, that an entry names somebody else, where nothing is known of such entries.
pub const MISNAMED: f64 = -4.0;

/// At most this is told by where an entry stands, in bits, all else being equal.
const MOST: f64 = 8.0;

/// Entries with the one booking of the backup that has their hours and, where they tell one, their resource.
pub fn pairs<'a>(
    entries: impl Iterator<Item = &'a Facts>,
    all: &'a Hypotheses,
) -> Vec<(&'a Facts, &'a Hypothesis)> {
    let mut at: BTreeMap<(When, When), Vec<&Hypothesis>> = BTreeMap::new();
    for booking in all.all.iter().filter(|booking| !booking.off) {
        if let Some((start, end)) = booking.starts.first().zip(booking.ends.first()) {
            at.entry((*start, *end)).or_default().push(booking);
        }
    }
    let of = |facts: &'a Facts| {
        let (start, end) = facts.starts.first().zip(facts.ends.first())?;
        let resource = resource(facts);
        let is_its = |booking: &&&Hypothesis| match resource {
            Some(resource) => booking.resources.contains(resource),
            None => booking.same_person(facts),
        };
        let mut found = at.get(&(*start, *end))?.iter().filter(is_its);
        let only = found.next().filter(|_| found.next().is_none())?;
        Some((facts, *only))
    };
    entries
        .filter(|facts| facts.planned && !facts.party)
        .filter_map(of)
        .collect()
}

fn resource(facts: &Facts) -> Option<&String> {
    let set = facts.resources.iter().find(|set| set.len() == 1)?;
    set.first()
}

/// What it tells against a booking, in bits, that an entry names somebody else: as seldom as those do that stand at just the hours,
/// and for just the resource, of their one booking. None where too few are known.
pub fn misnamed(pairs: &[(&Facts, &Hypothesis)], all: &Hypotheses) -> Option<f64> {
    let (mut seen, mut other) = (0, 0);
    for (facts, booking) in pairs {
        if resource(facts).is_some() && !facts.words.is_empty() {
            let [(_, bits), _] = person(facts, SourceKind::GoogleCalendar, booking, all);
            seen += 1;
            other += u32::from(bits < 0.0);
        }
    }
    (seen >= KNOWN).then(|| against(other, seen, MISNAMED))
}

/// The odds in bits that an entry is the booking's own of which it has the hours and the resource, counted in the backup's: one that
/// names somebody else is not where another entry of that day names the customer. None where too few are known.
/// Source of the halves: Krichevsky & Trofimov (1981).
pub fn own(pairs: &[(&Facts, &Hypothesis)], entries: &[&Facts], zone: Tz) -> Option<f64> {
    let mut days: BTreeMap<NaiveDate, Vec<&Facts>> = BTreeMap::new();
    // One that stands where another booking does is that one's.
    let paired: HashSet<*const Facts> = pairs
        .iter()
        .map(|(facts, _)| std::ptr::from_ref(*facts))
        .collect();
    let is_loose = |facts: &&&Facts| !paired.contains(&std::ptr::from_ref(**facts));
    for facts in entries.iter().filter(is_loose) {
        for start in &facts.starts {
            days.entry(start.date(zone)).or_default().push(facts);
        }
    }
    let (mut seen, mut others) = (0u32, 0u32);
    for (facts, booking) in pairs.iter().filter(|(facts, _)| resource(facts).is_some()) {
        seen += 1;
        if !booking.same_person(facts) {
            let same_day = booking
                .starts
                .first()
                .and_then(|start| days.get(&start.date(zone)));
            others += u32::from(
                same_day
                    .into_iter()
                    .flatten()
                    .any(|other| booking.same_person(other)),
            );
        }
    }
    let odds = (f64::from(seen - others) + 0.5) / (f64::from(others) + 0.5);
    (seen >= KNOWN).then(|| odds.log2().min(MOST))
}

/// So many bookings of a thing that begin when another one of it does, and one in so many of all, show that there are several
/// of it.
const TOGETHER: usize = 3;
const TOGETHER_ONE_IN: usize = 10;

/// Things of which the backup has several bookings that begin at one time: boats of a kind, places in a class.
pub fn pools(all: &Hypotheses) -> BTreeSet<String> {
    let mut starts: BTreeMap<&String, BTreeMap<When, usize>> = BTreeMap::new();
    for booking in all.all.iter().filter(|booking| !booking.off) {
        if let (Some(resource), Some(start)) = (booking.resources.first(), booking.starts.first()) {
            *starts.entry(resource).or_default().entry(*start).or_default() += 1;
        }
    }
    let is_pool = |times: &BTreeMap<When, usize>| {
        let bookings: usize = times.values().sum();
        let together = bookings - times.len();
        together >= TOGETHER && together * TOGETHER_ONE_IN >= bookings
    };
    starts.retain(|_, times| is_pool(times));
    starts.into_keys().cloned().collect()
}

/// Whether an entry is for another one of a thing of which there are several: at a booking's time, and for somebody else, where
/// the booking has its own, or had one before it was called off.
fn is_for_another_of_it(facts: &Facts, booking: &Hypothesis, all: &Hypotheses) -> bool {
    let of_pool = || {
        let pools = &all.habits.pools;
        resource(facts)
            .is_some_and(|resource| pools.contains(resource) && booking.resources.contains(resource))
    };
    let names_another = || person(facts, SourceKind::GoogleCalendar, booking, all)[0].1 < 0.0;
    let has_own = booking.planned || booking.off;
    let is_second = facts.planned && !facts.aside && has_own && !facts.starts.is_disjoint(&booking.starts);
    is_second && of_pool() && names_another()
}

/// What it tells that an entry would be a booking's, in bits: at least so much that its place comes to what the backup's
/// entries show of such places. `place`: the odds as times and resource alone have them; `arity`: what it tells that the booking has
/// no other entry.
pub fn entry(facts: &Facts, booking: &Hypothesis, all: &Hypotheses, place: f64, arity: f64) -> f64 {
    if is_for_another_of_it(facts, booking, all) {
        return ANOTHER_ENTRY;
    }
    let stands = || {
        let starts = !facts.starts.is_disjoint(&booking.starts);
        let ends = facts.ends.is_empty() || booking.ends.is_empty() || !facts.ends.is_disjoint(&booking.ends);
        starts && ends && resource(facts).is_some_and(|resource| booking.resources.contains(resource))
    };
    match all.habits.standing {
        Some(own) if facts.planned && !facts.party && !booking.planned && !booking.off && stands() => {
            arity + (own - place - arity).max(0.0)
        }
        _ => arity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    fn hour(day: u32, hour: u32) -> When {
        When::Instant(Utc.with_ymd_and_hms(2026, 3, day, hour, 0, 0).unwrap())
    }

    /// What entries tell that stand where bookings do; every so many of them names nobody whom the backup knows.
    fn learned(count: u32, nicknames: u32) -> Option<f64> {
        let mut all = Hypotheses::default();
        let mut entries = Vec::new();
        for at in 0..count {
            let (day, chair) = (1 + at % 28, format!("{}", at / 28));
            let mut booking = Hypothesis::about_new();
            booking.words.insert(format!("guest{at}"));
            booking.starts.insert(hour(day, 10));
            booking.ends.insert(hour(day, 11));
            booking.resources.insert(chair.clone());
            all.add(booking);
            let mut facts = Facts {
                planned: true,
                resources: vec![vec![chair]],
                ..Facts::default()
            };
            facts.starts.insert(hour(day, 10));
            facts.ends.insert(hour(day, 11));
            let is_nickname = at % nicknames == 0;
            facts.words.insert(if is_nickname {
                "bibi".to_owned()
            } else {
                format!("guest{at}")
            });
            entries.push(facts);
        }
        let pairs = pairs(entries.iter(), &all);
        assert_eq!(pairs.len(), entries.len());
        misnamed(&pairs, &all)
    }

    #[test]
    fn another_name_tells_as_much_against_a_booking_as_entries_seldom_have_one() {
        let half = learned(40, 2).expect("enough were seen");
        assert!(half > -1.5, "{half}");
        let hardly = learned(80, 40).expect("enough were seen");
        assert!(hardly <= MISNAMED, "{hardly}");
        assert_eq!(learned(20, 2), None, "too few");
    }

    fn booked(thing: &str, day: u32, word: &str) -> Hypothesis {
        let mut booking = Hypothesis::about_new();
        booking.words.insert(word.to_owned());
        booking.starts.insert(hour(day, 10));
        booking.resources.insert(thing.to_owned());
        booking.planned = true;
        booking
    }

    #[test]
    fn a_second_entry_in_another_name_is_for_another_of_several_things() {
        let mut all = Hypotheses::default();
        for at in 0..8 {
            all.add(booked("canoes", 1 + at / 2, &format!("guest{at}")));
            all.add(booked("hut", 1 + at, &format!("host{at}")));
        }
        all.habits.pools = pools(&all);
        assert_eq!(all.habits.pools, BTreeSet::from(["canoes".to_owned()]));
        let told = |thing: &str, word: &str, off: bool| {
            let facts = Facts {
                planned: true,
                resources: vec![vec![thing.to_owned()]],
                starts: BTreeSet::from([hour(20, 10)]),
                words: BTreeSet::from([word.to_owned()]),
                ..Facts::default()
            };
            let booking = Hypothesis {
                off,
                planned: !off,
                ..booked(thing, 20, "guest")
            };
            entry(&facts, &booking, &all, 0.0, 0.0)
        };
        assert!((told("canoes", "stranger", false) - ANOTHER_ENTRY).abs() < f64::EPSILON);
        assert!((told("canoes", "stranger", true) - ANOTHER_ENTRY).abs() < f64::EPSILON);
        assert!(
            told("canoes", "guest", false).abs() < f64::EPSILON,
            "its own twice"
        );
        assert!(
            told("hut", "stranger", false).abs() < f64::EPSILON,
            "there is one"
        );
    }
}
