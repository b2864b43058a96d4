//! An address under which several people stand who share no name is a broker's, a secretary's, a desk's: whether it is the
//! customer's too was not shown where no customer of the backup shares one so.

use super::{Fused, Input};
use crate::mapping::squash;
use crate::model::{Conflict, ConflictKind, FieldName};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer people are a household, and its friends.
const PEOPLE: usize = 5;

/// Asks whose an address is that is of far more people than any in the backup.
pub fn doubt(fused: &mut [Fused], input: &Input<'_>) {
    // Without a backup nothing shows whose addresses are kept.
    if input.untaught.is_some() {
        return;
    }
    let rows = input.baseline.customers.iter();
    let backup = People::at(rows.filter_map(|row| Some((row.name.as_deref()?, row.email.as_deref()?))));
    let usual = backup.values().map(People::count).max().unwrap_or_default();
    let customers = fused.iter().map(|fused| &fused.booking.customer);
    let people = People::at(customers.filter_map(|who| Some((who.name.as_deref()?, who.email.as_deref()?))));
    for fused in fused.iter_mut() {
        let booking = &mut fused.booking;
        let Some(email) = &booking.customer.email else {
            continue;
        };
        let found = people.get(&email.to_lowercase()).map_or(0, People::count);
        if found < PEOPLE || found <= usual * 2 || booking.customer.baseline_key.is_some() {
            continue;
        }
        let reason = format!("{found} people have the address {email}: is it the customer's?");
        let field = Some(FieldName::CustomerEmail);
        let kind = ConflictKind::WeakEvidence;
        let asked = Conflict::new(&booking.id, kind, field, reason, Vec::new(), None);
        if !booking.conflicts.iter().any(|other| other.id == asked.id) {
            booking.conflicts.push(asked);
        }
    }
}

/// The people of one address, by the words of their names: those who share one are one, or a family.
#[derive(Default)]
struct People(Vec<BTreeSet<String>>);

impl People {
    /// By address, of names with addresses.
    fn at<'a>(known: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, Self> {
        let mut at: BTreeMap<String, Self> = BTreeMap::new();
        for (name, email) in known {
            let words: BTreeSet<String> = name.split_whitespace().map(squash).collect();
            let people = at.entry(email.trim().to_lowercase()).or_default();
            if people.0.iter().all(|other| other.is_disjoint(&words)) {
                people.0.push(words);
            }
        }
        at
    }

    fn count(&self) -> usize {
        self.0.len()
    }
}
