//! Which code is the booking's number: one that stands in messages at the same place, is never told to
//! two people, hardly ever repeats, and is known to another source or to a later message too.

use super::facts::{Slot, Stated, Unit};
use crate::model::{FieldName, SourceKind};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Fewer different numbers than this show nothing.
const ENOUGH: usize = 6;
/// A number that so many records hold is none.
const RECORDS_MAX: usize = 40;

/// What is known of a slot that may carry the number.
struct Seen<'a> {
    /// Value to the messages that state it there.
    values: BTreeMap<&'a str, Vec<usize>>,
    shared: usize,
    repeated: usize,
    /// People who were told several.
    several: usize,
    may_be_phone: bool,
}

/// The booking's number by unit, as written, where exactly one is told.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Folded to written.
    pub known: BTreeMap<String, String>,
}

/// Finds the numbers; none where nothing qualifies, or two kinds of number qualify alike.
pub(super) fn find(units: &[Unit]) -> References {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for unit in units {
        if let Some(Stated::Text(text)) = unit.stated.get(&FieldName::Reference) {
            known.insert(crate::mapping::squash(text), text.clone());
        }
    }
    let published = known.len() >= ENOUGH;
    let elsewhere = elsewhere(units);
    let mut slots: BTreeMap<&Slot, Seen<'_>> = BTreeMap::new();
    for (at, unit) in units
        .iter()
        .enumerate()
        .filter(|(_, unit)| unit.is(SourceKind::Mail))
    {
        for code in &unit.codes {
            let seen = slots.entry(&code.slot).or_insert_with(|| Seen {
                values: BTreeMap::new(),
                shared: 0,
                repeated: 0,
                several: 0,
                may_be_phone: false,
            });
            seen.may_be_phone |= code.may_be_phone;
            let messages = seen.values.entry(&code.folded).or_default();
            if messages.last() != Some(&at) {
                messages.push(at);
            }
        }
    }
    slots.retain(|_, seen| {
        seen.shared = seen
            .values
            .keys()
            .filter(|code| elsewhere.contains_key(**code))
            .count();
        seen.repeated = seen.values.values().filter(|messages| messages.len() > 1).count();
        seen.several = told_several(seen, units);
        is_number(seen, units)
    });
    let mut ranked: Vec<(&Slot, &Seen<'_>)> = slots.iter().map(|(slot, seen)| (*slot, seen)).collect();
    ranked.sort_by_key(|(slot, seen)| (std::cmp::Reverse((seen.shared, seen.values.len())), *slot));
    let family: BTreeSet<&Slot> = if published {
        let of_known = |seen: &Seen<'_>| {
            let hits = seen
                .values
                .keys()
                .filter(|code| known.contains_key(**code))
                .count();
            hits * 5 >= seen.values.len()
        };
        let known_ones = ranked.iter().filter(|(_, seen)| of_known(seen));
        let mut family: BTreeSet<&Slot> = known_ones.map(|(slot, _)| *slot).collect();
        family.retain(|slot| agrees_with_published(slot, units));
        family
    } else {
        one_family(&ranked, units)
    };
    for unit in units {
        for code in unit.codes.iter().filter(|_| unit.is(SourceKind::Mail)) {
            if family.contains(&code.slot) {
                known
                    .entry(code.folded.clone())
                    .or_insert_with(|| code.written.clone());
            }
        }
    }
    References { known }
}

/// Codes that calendar entries and payments hold.
fn elsewhere(units: &[Unit]) -> HashMap<&str, usize> {
    let mut elsewhere: HashMap<&str, usize> = HashMap::new();
    for unit in units.iter().filter(|unit| !unit.is(SourceKind::Mail)) {
        let codes: BTreeSet<&str> = unit.codes.iter().map(|code| code.folded.as_str()).collect();
        for code in codes {
            *elsewhere.entry(code).or_default() += 1;
        }
    }
    elsewhere.retain(|_, count| *count <= RECORDS_MAX);
    elsewhere
}

fn is_number(seen: &Seen<'_>, units: &[Unit]) -> bool {
    let values = seen.values.len();
    let messages: usize = seen.values.values().map(Vec::len).sum();
    if values < ENOUGH || messages > values * 5 {
        return false;
    }
    let one_person = seen
        .values
        .values()
        .filter(|messages| {
            let people: BTreeSet<&String> = messages.iter().flat_map(|at| &units[*at].emails).collect();
            people.len() <= 1
        })
        .count();
    let known_elsewhere = seen.shared * 2 >= values;
    let told_again = seen.repeated >= ENOUGH;
    // Who books twice has one telephone, and two numbers.
    let no_phone = !seen.may_be_phone || seen.several >= 2;
    one_person * 100 >= values * 96 && (known_elsewhere || told_again) && no_phone
}

fn told_several(seen: &Seen<'_>, units: &[Unit]) -> usize {
    let mut by: BTreeMap<&String, BTreeSet<&str>> = BTreeMap::new();
    for (code, messages) in &seen.values {
        for email in messages.iter().flat_map(|at| &units[*at].emails) {
            by.entry(email).or_default().insert(code);
        }
    }
    by.values().filter(|codes| codes.len() > 1).count()
}

/// Slots that carry the same number as the best one; another number that qualifies as well is a tie.
fn one_family<'a>(ranked: &[(&'a Slot, &Seen<'_>)], units: &[Unit]) -> BTreeSet<&'a Slot> {
    let Some((best, first)) = ranked.first() else {
        return BTreeSet::new();
    };
    let mut family = BTreeSet::from([*best]);
    for (slot, seen) in &ranked[1..] {
        let (same, both) = together(best, slot, units);
        if both == 0 {
            let hits = seen
                .values
                .keys()
                .filter(|code| first.values.contains_key(**code))
                .count();
            if hits * 5 >= seen.values.len() {
                family.insert(*slot);
            }
        } else if same * 100 >= both * 95 {
            family.insert(*slot);
        } else if same * 2 < both
            && seen.shared * 10 >= first.shared * 9
            && seen.values.len() * 10 >= first.values.len() * 9
            && (seen.several > 0 || first.several < 3)
        {
            return BTreeSet::new();
        }
    }
    family
}

/// In how many messages two slots both stand, and in how many with the same value.
fn together(a: &Slot, b: &Slot, units: &[Unit]) -> (usize, usize) {
    let (mut same, mut both) = (0, 0);
    for unit in units.iter().filter(|unit| unit.is(SourceKind::Mail)) {
        let of = |wanted: &Slot| -> BTreeSet<&str> {
            let codes = unit.codes.iter().filter(|code| code.slot == *wanted);
            codes.map(|code| code.folded.as_str()).collect()
        };
        let (a, b) = (of(a), of(b));
        if !a.is_empty() && !b.is_empty() {
            both += 1;
            same += usize::from(!a.is_disjoint(&b));
        }
    }
    (same, both)
}

fn agrees_with_published(wanted: &Slot, units: &[Unit]) -> bool {
    let (mut same, mut both) = (0, 0);
    for unit in units {
        let Some(Stated::Text(number)) = unit.stated.get(&FieldName::Reference) else {
            continue;
        };
        let number = crate::mapping::squash(number);
        let mut here = unit.codes.iter().filter(|code| code.slot == *wanted).peekable();
        if here.peek().is_some() {
            both += 1;
            same += usize::from(here.any(|code| code.folded == number));
        }
    }
    same * 100 >= both * 95
}

impl References {
    /// The one number that a unit tells; None where it tells none or several.
    pub fn of(&self, unit: &Unit) -> Option<&str> {
        let found: BTreeSet<&str> = unit
            .codes
            .iter()
            .map(|code| code.folded.clone())
            .chain(match unit.stated.get(&FieldName::Reference) {
                Some(Stated::Text(text)) => Some(crate::mapping::squash(text)),
                _ => None,
            })
            .filter_map(|code| self.known.get_key_value(&code).map(|(folded, _)| folded.as_str()))
            .collect();
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }
}
