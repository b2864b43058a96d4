//! What goes with a resource mostly, and is no name of it: a tour of which nearly all are made with the one boat.
//!
//! Of a trip with the other boat, the record names the tour and that boat from the first. A name stands beside another
//! thing's only where a booking was moved from the one to the other, and its first record names what it was alone.

use super::{Nickname, Record, Tried};
use std::collections::{BTreeMap, BTreeSet};

/// A name stands with at most one in so many people beside the true name of something else that they booked.
const ONE_IN: usize = 30;

/// Drops the phrases that stand beside the name of another resource from the first, the worst first: what it says of
/// the others goes with it.
pub(super) fn never_beside_others(
    mut proven: Vec<(&Tried, (Nickname, usize))>,
    records: &[Record<'_>],
) -> Vec<(Nickname, usize)> {
    loop {
        let named = named(&proven, records);
        let shares = proven.iter().enumerate().filter_map(|(at, (tried, found))| {
            let beside = beside(tried, &found.0.resource, records, &named);
            let of = people(tried, &found.0.resource, records);
            (beside * ONE_IN >= of).then_some((beside * 1000 / of.max(1), at))
        });
        let worst = shares.filter(|(share, _)| *share > 0).max();
        let Some((_, at)) = worst else { break };
        proven.remove(at);
    }
    proven.into_iter().map(|(_, found)| found).collect()
}

/// Which records name the resource that their booking is of.
fn named(proven: &[(&Tried, (Nickname, usize))], records: &[Record<'_>]) -> Vec<bool> {
    let mut named: Vec<bool> = records.iter().map(|record| record.names_it).collect();
    for (tried, (nickname, _)) in proven {
        for at in &tried.records {
            named[*at] |= records[*at].resource == nickname.resource;
        }
    }
    named
}

/// How many people with a phrase booked this resource.
fn people(tried: &Tried, resource: &str, records: &[Record<'_>]) -> usize {
    let with = tried.records.iter().map(|at| &records[*at]);
    let theirs = with.filter(|record| record.resource == resource);
    theirs.map(|record| record.who).collect::<BTreeSet<_>>().len()
}

/// How many people booked something else, which the first record with the phrase names as well.
fn beside(tried: &Tried, resource: &str, records: &[Record<'_>], named: &[bool]) -> usize {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for at in &tried.records {
        let earliest = first.entry(records[*at].booking).or_insert(*at);
        if records[*at].said_at < records[*earliest].said_at {
            *earliest = *at;
        }
    }
    let others = first
        .into_values()
        .filter(|at| records[*at].resource != resource && named[*at]);
    others.map(|at| records[at].who).collect::<BTreeSet<_>>().len()
}
