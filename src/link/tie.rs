//! Puts records together and apart as people said, after everything else was weighed.
//!
//! A tie names records, so it holds whatever the weights say in a later run. Ties are applied in the order in
//! which they were decided: the last word wins.

use super::units::units;
use crate::mapping::Told;
use crate::model::{About, Baseline, Bond, Cluster, FieldName, Linked, Listing, RecordId, Tie};
use std::collections::{BTreeMap, BTreeSet};

/// Applies the ties. Without any, what was linked stays as it is.
pub fn tie(mut linked: Linked, told: &[Told<'_>], baseline: &Baseline, ties: &[Tie]) -> Linked {
    if ties.is_empty() {
        return linked;
    }
    // A record that tells of several bookings stands there in parts.
    let mut places: BTreeMap<&RecordId, Vec<usize>> = BTreeMap::new();
    for (at, told) in told.iter().enumerate() {
        places.entry(&told.document.record).or_default().push(at);
    }
    // Records that share a provider's id go where one of them goes.
    let mut kin: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for unit in units(told) {
        for member in &unit.members {
            kin.insert(*member, unit.members.clone());
        }
    }
    let whole = |records: &[RecordId]| -> BTreeSet<usize> {
        let named = records.iter().filter_map(|record| places.get(record)).flatten();
        named
            .flat_map(|at| kin.get(at).cloned().unwrap_or_else(|| vec![*at]))
            .collect()
    };
    for tie in ties {
        let (moved, with) = (whole(&tie.records), whole(&tie.with));
        match tie.bond {
            Bond::Together => join(&mut linked, &moved, &with, tie.row.as_deref(), (told, baseline)),
            Bond::Apart => part(&mut linked, &moved, &with, tie.row.as_deref(), (told, baseline)),
        }
        linked
            .clusters
            .retain(|cluster| !cluster.members.is_empty() || !cluster.possible.is_empty());
    }
    linked
}

/// Moves records to the booking of the others.
fn join(
    linked: &mut Linked,
    moved: &BTreeSet<usize>,
    with: &BTreeSet<usize>,
    row: Option<&str>,
    (told, baseline): (&[Told<'_>], &Baseline),
) {
    // Where they stand in several by now, most of them say which is meant.
    let held = |cluster: &Cluster| {
        let held = cluster.members.iter().filter(|at| with.contains(at)).count();
        (is_of_row(cluster, row, baseline), held)
    };
    let target = (0..linked.clusters.len())
        .filter(|at| held(&linked.clusters[*at]) > (false, 0))
        .max_by_key(|at| (held(&linked.clusters[*at]), std::cmp::Reverse(*at)));
    let Some(target) = target else {
        // What they are to go to is not there any more.
        return;
    };
    let moved = &lines_of_one(linked, target, moved, told);
    take_out(linked, moved);
    let cluster = &mut linked.clusters[target];
    cluster.members.extend(moved);
    cluster.members.sort_unstable();
    cluster.members.dedup();
    cluster
        .links
        .push(format!("{}, by a decision", count(moved.len())));
    // Now that somebody has said what belongs to it, its first message is not missed.
    cluster.late = false;
}

/// Of an entry that lists who comes, the lines that were asked about at a booking, or else those that no other booking has: the
/// rest is not of this party.
fn lines_of_one(
    linked: &Linked,
    target: usize,
    moved: &BTreeSet<usize>,
    told: &[Told<'_>],
) -> BTreeSet<usize> {
    let is_party = |at: &usize| matches!(told[*at].document.listing, Listing::Party(_));
    let cluster = &linked.clusters[target];
    let is_here = |at: &usize| {
        let mut possible = cluster.possible.iter();
        cluster.members.contains(at) || possible.any(|(other, _)| other == at)
    };
    let lines = moved.iter().filter(|at| is_party(at) && is_here(at));
    let asked: BTreeSet<&RecordId> = lines.map(|at| &told[*at].document.record).collect();
    let is_anothers = |at: &usize| linked.clusters.iter().any(|other| other.members.contains(at));
    let goes = |at: &&usize| {
        if asked.contains(&told[**at].document.record) {
            is_here(at)
        } else {
            !is_party(at) || !is_anothers(at)
        }
    };
    moved.iter().filter(goes).copied().collect()
}

/// Moves records out of the booking of the others: to one of their own where they tell when it starts.
fn part(
    linked: &mut Linked,
    moved: &BTreeSet<usize>,
    with: &BTreeSet<usize>,
    row: Option<&str>,
    (told, baseline): (&[Told<'_>], &Baseline),
) {
    let is_left = |cluster: &Cluster| {
        is_of_row(cluster, row, baseline) || cluster.members.iter().any(|at| with.contains(at))
    };
    for cluster in &mut linked.clusters {
        if is_left(cluster) {
            cluster.possible.retain(|(at, _)| !moved.contains(at));
            cluster.weighings.retain(|weighing| {
                weighing.is_linked || !weighing.members.iter().any(|at| moved.contains(at))
            });
        }
    }
    let is_shared =
        |cluster: &Cluster| is_left(cluster) && cluster.members.iter().any(|at| moved.contains(at));
    let Some(from) = linked.clusters.iter().position(is_shared) else {
        return;
    };
    let out: BTreeSet<usize> = linked.clusters[from]
        .members
        .iter()
        .copied()
        .filter(|at| moved.contains(at))
        .collect();
    let out = leave_others(linked, from, out);
    take_out(linked, &out);
    let claims = |at: &usize| told[*at].claims.claims.iter();
    let starts = out
        .iter()
        .flat_map(claims)
        .any(|claim| claim.field == FieldName::StartsAt);
    if starts {
        // A number that stays behind on the other booking is one number on two bookings.
        let numbers = |members: &mut dyn Iterator<Item = &usize>| -> BTreeSet<String> {
            let stated = members.flat_map(claims);
            let stated = stated.filter(|claim| claim.field == FieldName::Reference);
            stated.map(|claim| format!("{:?}", claim.value)).collect()
        };
        let here = numbers(&mut out.iter());
        let there = numbers(&mut linked.clusters[from].members.iter());
        linked.clusters.push(Cluster {
            about: About::New,
            members: out.iter().copied().collect(),
            possible: Vec::new(),
            reused: None,
            late: false,
            set_apart: Some(here.intersection(&there).next().is_some()),
            row: None,
            links: vec![format!("{} set apart, by a decision", count(out.len()))],
            shares: BTreeMap::new(),
            weighings: Vec::new(),
        });
    } else {
        linked.loose.extend(&out);
        linked.loose.sort_unstable();
    }
}

/// Takes charges that pay for other bookings too out of this one alone; the rest is returned.
fn leave_others(linked: &mut Linked, from: usize, out: BTreeSet<usize>) -> BTreeSet<usize> {
    let others = |linked: &Linked, at: usize| {
        let there = |other: &usize| *other != from && linked.clusters[*other].members.contains(&at);
        (0..linked.clusters.len()).filter(there).collect::<Vec<usize>>()
    };
    let (shared, rest): (BTreeSet<usize>, BTreeSet<usize>) =
        out.into_iter().partition(|at| !others(linked, *at).is_empty());
    let cluster = &mut linked.clusters[from];
    cluster.members.retain(|at| !shared.contains(at));
    cluster.shares.retain(|at, _| !shared.contains(at));
    let told_of = |members: &[usize]| members.iter().any(|at| shared.contains(at));
    cluster.weighings.retain(|weighing| !told_of(&weighing.members));
    for at in &shared {
        // The only one that is left has all of it.
        if let [last] = others(linked, *at).as_slice() {
            linked.clusters[*last].shares.remove(at);
        }
    }
    rest
}

fn is_of_row(cluster: &Cluster, row: Option<&str>, baseline: &Baseline) -> bool {
    match cluster.about {
        About::Baseline(at) => row == Some(baseline.bookings[at].key.as_str()),
        About::New => false,
    }
}

/// Takes records out of wherever they are, or may be.
fn take_out(linked: &mut Linked, records: &BTreeSet<usize>) {
    for cluster in &mut linked.clusters {
        cluster.members.retain(|at| !records.contains(at));
        cluster.shares.retain(|at, _| !records.contains(at));
        cluster.possible.retain(|(at, _)| !records.contains(at));
        cluster
            .weighings
            .retain(|weighing| !weighing.members.iter().any(|at| records.contains(at)));
    }
    linked.loose.retain(|at| !records.contains(at));
}

fn count(records: usize) -> String {
    match records {
        1 => "1 record".to_owned(),
        many => format!("{many} records"),
    }
}
