//! Records that state a booking's number, or its key.

use super::facts::Facts;
use super::hypothesis::{Hypotheses, Hypothesis};
use crate::model::About;
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// What marks the second booking of a number in the index of references.
const AGAIN: &str = "\u{0}again";

/// Joins a unit to the booking whose reference or key it states, and lets others find that by its key.
pub fn by_reference(at: usize, facts: &Facts, hypotheses: &mut Hypotheses, zone: Tz) -> Option<usize> {
    let home = by_number(at, facts, hypotheses, zone)?;
    if let Some(key) = only(&facts.keys)
        && hypotheses.all[home].about == About::New
    {
        hypotheses.by_key.entry(key.clone()).or_insert(home);
    }
    Some(home)
}

fn only(keys: &BTreeSet<String>) -> Option<&String> {
    keys.first().filter(|_| keys.len() == 1)
}

fn by_number(at: usize, facts: &Facts, hypotheses: &mut Hypotheses, zone: Tz) -> Option<usize> {
    let mut targets: BTreeSet<usize> = BTreeSet::new();
    for key in &facts.keys {
        targets.extend(hypotheses.by_key.get(key));
    }
    let tenant = facts.tenant.as_deref();
    for (reference, _) in &facts.references {
        targets.extend(hypotheses.numbered(reference, tenant));
    }
    if targets.len() > 1 && tenant.is_none() && facts.references.len() == 1 {
        // Several businesses count alike: whose it is, person or time must say, or else its amount.
        targets.retain(|to| hypotheses.all[*to].shares(facts, zone));
        if targets.is_empty() {
            return None;
        }
    }
    if facts.keys_listed && facts.references.is_empty() {
        // Whatever is known of the others: it is not this one's alone.
        return None;
    }
    let mut targets = targets.into_iter();
    let (found, None) = (targets.next(), targets.next()) else {
        // It names two bookings: a person must say.
        return None;
    };
    let Some(found) = found else {
        let number = facts.references.first().filter(|_| !facts.keyed);
        let Some((_, display)) = number else {
            // The system's own key is as good as a number in a message. A payment may be for something else.
            only(&facts.keys).filter(|_| facts.opens || facts.follows.is_some())?;
            return Some(hypotheses.add(Hypothesis::new(at, "the system's own key".to_owned())));
        };
        let made = hypotheses.add(Hypothesis::new(at, format!("reference {display}")));
        for (other, written) in &facts.references {
            hypotheses.number(other.clone(), made);
            hypotheses.add_to_group(written, made);
        }
        return Some(made);
    };
    let again = facts.references.iter().find_map(|(reference, _)| {
        let twice = hypotheses.numbered(&format!("{reference}{AGAIN}"), tenant);
        twice.into_iter().next()
    });
    let fits = |to: usize| hypotheses.all[to].shares(facts, zone);
    let home = match again {
        // The number was given out twice: whose it is, person or time must say.
        Some(again) => match (fits(found), fits(again)) {
            (true, false) => found,
            (false, true) => again,
            _ => return None,
        },
        None if hypotheses.all[found].contradicts(facts, zone) => {
            let (reference, _) = facts.references.first()?.clone();
            let other = if hypotheses.all[found].about == About::New {
                "a number that another booking has too"
            } else {
                "a reference that the backup gives to another booking"
            };
            let mut made = Hypothesis::new(at, other.to_owned());
            let number = format!("{reference}{AGAIN}");
            made.reused = Some(reference);
            let made = hypotheses.add(made);
            hypotheses.number(number, made);
            return Some(made);
        }
        None => found,
    };
    hypotheses.all[home].join(at, "the same reference".to_owned());
    Some(home)
}

/// Joins a unit that states no reference, but holds a code that is another record's.
pub fn by_code(at: usize, facts: &Facts, hypotheses: &mut Hypotheses, zone: Tz) -> Option<usize> {
    let tenant = facts.tenant.as_deref();
    let mut found: BTreeSet<usize> = facts
        .codes
        .iter()
        .flat_map(|code| hypotheses.numbered(code, tenant))
        .collect();
    if found.is_empty() {
        // All that is known of a group may be this one.
        found = facts.of_group(hypotheses);
    }
    let mut found = found.into_iter();
    let (Some(to), None) = (found.next(), found.next()) else {
        return None;
    };
    if !facts.references.is_empty() || hypotheses.all[to].contradicts(facts, zone) {
        return None;
    }
    hypotheses.all[to].join(at, "the booking's number stands in it".to_owned());
    Some(to)
}
