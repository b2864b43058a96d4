//! Records that share a provider's id belong together before anything is weighed.

use crate::mapping::Told;
use crate::model::{SourceKind, Standing};
use std::collections::HashMap;

#[derive(Debug, Clone)]
pub struct Unit {
    pub kind: SourceKind,
    /// Indices into the records, rising.
    pub members: Vec<usize>,
}

impl Unit {
    pub fn first(&self) -> usize {
        self.members[0]
    }
}

/// Joins records through their published ids. Customer objects tell of people, not of bookings; mail
/// threads join nothing: people answer old mails about new bookings.
pub fn units(told: &[Told<'_>]) -> Vec<Unit> {
    let at: HashMap<&str, usize> = told
        .iter()
        .enumerate()
        .map(|(at, told)| (told.document.record.as_str(), at))
        .collect();
    let mut parent: Vec<usize> = (0..told.len()).collect();
    for (from, record) in told.iter().enumerate() {
        if record.document.kind != SourceKind::Stripe {
            continue;
        }
        for kin in &record.document.kin {
            if let Some(to) = at.get(kin.as_str()).copied() {
                let (a, b) = (root(&mut parent, from), root(&mut parent, to));
                parent[a.max(b)] = a.min(b);
            }
        }
    }
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, record) in told.iter().enumerate() {
        let takes_part =
            record.document.standing == Standing::Business && record.document.object != "customer";
        if takes_part {
            let root = root(&mut parent, index);
            members.entry(root).or_default().push(index);
        }
    }
    let mut units: Vec<Unit> = members
        .into_values()
        .map(|members| Unit {
            kind: told[members[0]].document.kind,
            members,
        })
        .collect();
    units.sort_by_key(Unit::first);
    units
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}
