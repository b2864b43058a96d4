//! Which code is the booking's number: one that stands in messages, is never told to two people, does not come back
//! for the same person's next booking, and is known to another source or to a later message too.
//!
//! A number stands at many places: in a subject, in a line, in a sentence of each phrasing. Places that state the same
//! codes, or codes of the same shape, and never two different ones in one message, are a family, and a family is
//! judged as a whole. A code of which one goes with several of another (a plate, a telephone, a customer's number) is
//! the coarser of the two, and not the booking's. Families that never meet in a message may all be numbers: businesses
//! that share a mailbox, or a platform, give out their own.

use super::facts::{Code, Slot, Stated, Unit};
use super::parties::Parties;
use crate::mapping::leading_marks;
use crate::model::{FieldName, SourceKind};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Fewer different numbers than this show nothing.
const ENOUGH: usize = 6;
/// A number that so many records hold is none.
const RECORDS_MAX: usize = 40;
/// Of so many numbers a share of 3 in 10 that another source knows is plenty; of fewer it takes half.
const MANY: usize = 20;
/// Messages of one kind about one booking are sent within this.
const APART: TimeDelta = TimeDelta::days(30);
/// Places or families meet in at least so many messages before that says anything.
const MET: usize = 3;
/// Of the steps from one number to the next in time, this share goes upwards where they are given out one by one.
const RISING_PERCENT: usize = 85;

/// A kind with less than one number for so many of another is a stray.
const FEW: usize = 10;

/// A code of a tenant, folded: two tenants may give out the same.
type Value<'a> = (Option<&'a str>, &'a str);

/// What is known of a place, or a family of places, that may carry the number.
#[derive(Default, Clone)]
struct Seen<'a> {
    /// Value to the messages that state it there.
    values: BTreeMap<Value<'a>, BTreeSet<usize>>,
    may_be_phone: bool,
}

/// Places that carry one kind of code.
struct Family<'a> {
    slots: BTreeSet<&'a Slot>,
    seen: Seen<'a>,
    shape: Option<String>,
    /// Values that another source knows.
    shared: usize,
    /// They run upwards with time.
    rises: bool,
}

/// A booking's number, and the tenant whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number<'a> {
    pub tenant: Option<&'a str>,
    pub folded: &'a str,
}

/// The bookings' numbers.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Folded, to the tenants that gave it out and how they write it.
    known: BTreeMap<String, BTreeMap<Option<String>, String>>,
    /// Where messages state them. One that stands elsewhere too may be something else: a postal code below every message.
    slots: BTreeSet<Slot>,
    /// The places of each kind of number, where more than one kind qualified.
    kinds: Vec<BTreeSet<Slot>>,
    /// The marks that all begin with, `#`, as the system itself writes them.
    marks: String,
}

/// Finds the numbers; none where nothing qualifies, or two kinds of number qualify alike.
pub(super) fn find(units: &[Unit]) -> References {
    let mut references = References::default();
    for unit in units {
        if let Some(Stated::Text(text)) = unit.stated.get(&FieldName::Reference) {
            references.add(unit, &crate::mapping::squash(text), text);
        }
    }
    let published = references.known.len() >= ENOUGH;
    let mut slots: BTreeMap<&Slot, Seen<'_>> = BTreeMap::new();
    for (at, unit) in messages(units) {
        for code in &unit.codes {
            let seen = slots.entry(&code.slot).or_default();
            seen.may_be_phone |= code.may_be_phone;
            let value = (unit.tenant.as_deref(), code.folded.as_str());
            seen.values.entry(value).or_default().insert(at);
        }
    }
    let parties = Parties::of(units);
    slots.retain(|_, seen| seen.may_be_number(units, &parties));
    let mut numbers: BTreeSet<&Slot> = BTreeSet::new();
    if published {
        let known = |seen: &Seen<'_>| {
            let values = seen.values.keys();
            let hits = values.filter(|(_, code)| references.known.contains_key(*code));
            hits.count() * 5 >= seen.values.len()
        };
        let of_known = slots.iter().filter(|(_, seen)| known(seen));
        numbers.extend(
            of_known
                .map(|(slot, _)| *slot)
                .filter(|slot| agrees_with_published(slot, units)),
        );
        // What stands beside a published number is none; messages that publish nothing may state others.
        let publishes = |at: &usize| units[*at].stated.contains_key(&FieldName::Reference);
        slots.retain(|slot, seen| {
            let beside = seen.values.values().flatten().filter(|at| publishes(at));
            !numbers.contains(slot) && beside.count() < MET
        });
    }
    let families = qualified(slots, units, &parties);
    let finest = finest(&families, units);
    if finest.len() + usize::from(published) > 1 {
        let slots = |family: &&Family<'_>| family.slots.iter().copied().cloned().collect();
        references.kinds = finest.iter().map(slots).collect();
        references.kinds.push(numbers.iter().copied().cloned().collect());
        references.kinds.retain(|slots| !slots.is_empty());
    }
    numbers.extend(finest.into_iter().flat_map(|family| family.slots.iter().copied()));
    for (_, unit) in messages(units) {
        for code in unit.codes.iter().filter(|code| numbers.contains(&code.slot)) {
            references.add(unit, &code.folded, &code.written);
        }
    }
    references.slots = numbers.into_iter().cloned().collect();
    references.marks = references.marks_of_system(units);
    references
}

fn messages(units: &[Unit]) -> impl Iterator<Item = (usize, &Unit)> {
    units
        .iter()
        .enumerate()
        .filter(|(_, unit)| unit.is(SourceKind::Mail))
}

/// Codes that calendar entries and payments hold, and the tenants of those.
fn elsewhere(units: &[Unit]) -> HashMap<&str, BTreeSet<Option<&str>>> {
    let mut elsewhere: HashMap<&str, (usize, BTreeSet<Option<&str>>)> = HashMap::new();
    for unit in units.iter().filter(|unit| !unit.is(SourceKind::Mail)) {
        let codes: BTreeSet<&str> = unit.codes.iter().map(|code| code.folded.as_str()).collect();
        for code in codes {
            let (count, tenants) = elsewhere.entry(code).or_default();
            *count += 1;
            tenants.insert(unit.tenant.as_deref());
        }
    }
    elsewhere
        .into_iter()
        .filter(|(_, (count, _))| *count <= RECORDS_MAX)
        .map(|(code, (_, tenants))| (code, tenants))
        .collect()
}

fn is_elsewhere(elsewhere: &HashMap<&str, BTreeSet<Option<&str>>>, (tenant, code): Value<'_>) -> bool {
    elsewhere
        .get(code)
        .is_some_and(|tenants| tenant.is_none() || tenants.contains(&None) || tenants.contains(&tenant))
}

impl<'a> Seen<'a> {
    /// Whether hardly any value is told to two parties, and none is a word of the template.
    fn may_be_number(&self, units: &[Unit], parties: &Parties) -> bool {
        let values = self.values.len();
        let told: usize = self.values.values().map(BTreeSet::len).sum();
        let one_person = self
            .values
            .values()
            .filter(|messages| parties.is_one(messages.iter().flat_map(|at| &units[*at].emails)));
        values >= ENOUGH && told <= values * 5 && one_person.count() * 100 >= values * 92
    }

    /// Whether a value of the two stands in both, and how often both stand in one message, with the same value.
    fn meets(&self, other: &Self) -> (usize, usize, usize) {
        let mut by: BTreeMap<usize, BTreeSet<Value<'_>>> = BTreeMap::new();
        for (value, messages) in &self.values {
            for at in messages {
                by.entry(*at).or_default().insert(*value);
            }
        }
        let (mut both, mut same): (BTreeSet<usize>, BTreeSet<usize>) = Default::default();
        for (value, messages) in &other.values {
            for at in messages {
                if let Some(here) = by.get(at) {
                    both.insert(*at);
                    if here.contains(value) {
                        same.insert(*at);
                    }
                }
            }
        }
        let hits = other
            .values
            .keys()
            .filter(|value| self.values.contains_key(*value))
            .count();
        (hits, both.len(), same.len())
    }

    /// How many values another source knows.
    fn shared(&self, elsewhere: &HashMap<&str, BTreeSet<Option<&str>>>) -> usize {
        let values = self.values.keys();
        values.filter(|value| is_elsewhere(elsewhere, **value)).count()
    }

    /// Whether messages as a rule state one value of it: a payment slip's digits come in groups.
    fn is_single(&self) -> bool {
        let mut of: BTreeMap<usize, usize> = BTreeMap::new();
        for at in self.values.values().flatten() {
            *of.entry(*at).or_default() += 1;
        }
        of.values().filter(|values| **values > 1).count() * 5 <= of.len()
    }

    /// Values that several messages state.
    fn told_again(&self) -> usize {
        let messages = self.values.values();
        messages.filter(|messages| messages.len() > 1).count()
    }

    fn merge(&mut self, other: Seen<'a>) {
        self.may_be_phone |= other.may_be_phone;
        for (value, messages) in other.values {
            self.values.entry(value).or_default().extend(messages);
        }
    }

    /// Whether the values run upwards with time, those that begin alike, as numbers do that are given out one by one; and
    /// are told of days ahead, as an account's is not.
    fn rises(&self, units: &[Unit]) -> bool {
        let mut runs: BTreeMap<_, Vec<(DateTime<Utc>, u128)>> = BTreeMap::new();
        let mut ahead = 0;
        for ((tenant, code), messages) in &self.values {
            let first = messages
                .iter()
                .map(|at| &units[*at])
                .min_by_key(|unit| unit.said_at);
            let Some((unit, said)) = first.and_then(|unit| Some((unit, unit.said_at?))) else {
                continue;
            };
            let (digits, letters): (String, String) = code.chars().partition(char::is_ascii_digit);
            if let Ok(number) = digits.parse() {
                runs.entry((*tenant, letters)).or_default().push((said, number));
            }
            ahead += usize::from(unit.dates.last().is_some_and(|date| *date >= said.date_naive()));
        }
        let (mut steps, mut up) = (0, 0);
        for run in runs.values_mut() {
            run.sort_unstable();
            steps += run.len() - 1;
            up += run.windows(2).filter(|pair| pair[0].1 < pair[1].1).count();
        }
        steps >= MANY && up * 100 >= steps * RISING_PERCENT && ahead * 10 >= self.values.len() * 6
    }

    /// What nearly all values look like, where that is no mere small number.
    fn shape(&self) -> Option<String> {
        let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
        for (_, code) in self.values.keys() {
            *shapes.entry(shape(code)).or_default() += 1;
        }
        let (shape, count) = shapes.into_iter().max_by_key(|(_, count)| *count)?;
        let telling = shape.contains('a') || shape.chars().count() >= 5;
        (telling && !self.may_be_phone && count * 10 >= self.values.len() * 9).then_some(shape)
    }
}

fn shape(code: &str) -> String {
    let class = |char: char| match char {
        char if char.is_numeric() => '9',
        char if char.is_alphabetic() => 'a',
        char => char,
    };
    code.chars().map(class).collect()
}

/// The families that may be the bookings' numbers.
fn qualified<'a>(slots: BTreeMap<&'a Slot, Seen<'a>>, units: &[Unit], parties: &Parties) -> Vec<Family<'a>> {
    let mut families = families(slots, units, parties);
    let elsewhere = elsewhere(units);
    for family in &mut families {
        family.shared = family.seen.shared(&elsewhere);
    }
    families.retain(|family| family.is_told() && family.is_number(units));
    families
}

/// Puts places together, the one of most values first.
fn families<'a>(slots: BTreeMap<&'a Slot, Seen<'a>>, units: &[Unit], parties: &Parties) -> Vec<Family<'a>> {
    let mut ranked: Vec<(&Slot, Seen<'_>)> = slots.into_iter().collect();
    ranked.sort_by_key(|(slot, seen)| (std::cmp::Reverse(seen.values.len()), *slot));
    let mut families: Vec<Family<'a>> = Vec::new();
    for (slot, seen) in ranked {
        let shape = seen.shape();
        let home = families.iter_mut().find(|family| {
            let (hits, both, same) = family.seen.meets(&seen);
            let alike = same >= MET
                || hits * 5 >= seen.values.len()
                || both == 0 && shape.is_some() && shape == family.shape;
            alike && same * 100 >= both * 95
        });
        match home {
            Some(family) => {
                family.seen.merge(seen);
                family.slots.insert(slot);
            }
            None => families.push(Family {
                slots: BTreeSet::from([slot]),
                seen,
                shape,
                shared: 0,
                rises: false,
            }),
        }
    }
    families.retain(|family| family.seen.may_be_number(units, parties));
    for family in &mut families {
        family.rises = family.seen.rises(units);
    }
    families
}

impl Family<'_> {
    /// Whether it stands where somebody reads it. A calendar part's own identifier is a machine's, made anew with every
    /// message by some: where nothing else tells it, no customer was ever told that number.
    fn is_told(&self) -> bool {
        let is_machines = |slot: &&Slot| slot.place.starts_with("ics:") && slot.place.contains("/uid");
        !self.slots.iter().all(is_machines)
    }

    fn is_number(&self, units: &[Unit]) -> bool {
        let values = self.seen.values.len();
        let known_elsewhere = if values >= MANY {
            self.shared * 10 >= values * 3
        } else {
            self.shared * 2 >= values
        };
        let told_again = self.seen.told_again();
        let back = self
            .seen
            .values
            .values()
            .filter(|messages| comes_back(messages, units))
            .count();
        // Who books twice has one telephone, and two numbers.
        let no_phone =
            self.rises || !self.seen.may_be_phone || told_several(&self.seen, units) >= 2.max(2 * back);
        (known_elsewhere || told_again >= ENOUGH || self.rises)
            && back * 10 < values
            && no_phone
            && self.seen.is_single()
    }
}

/// Whether a code was told twice in messages of one kind, long apart and of different days: it is the person's, or of
/// something that the person owns.
fn comes_back(messages: &BTreeSet<usize>, units: &[Unit]) -> bool {
    messages.iter().any(|a| {
        messages.range(a + 1..).any(|b| {
            let (a, b) = (&units[*a], &units[*b]);
            let apart = a
                .said_at
                .zip(b.said_at)
                .is_some_and(|(a, b)| (a - b).abs() > APART);
            apart && a.title == b.title && !b.dates.is_empty() && a.dates.is_disjoint(&b.dates)
        })
    })
}

/// People who were told several values.
fn told_several(seen: &Seen<'_>, units: &[Unit]) -> usize {
    let mut by: BTreeMap<&String, BTreeSet<Value<'_>>> = BTreeMap::new();
    for (value, messages) in &seen.values {
        for email in messages.iter().flat_map(|at| &units[*at].emails) {
            by.entry(email).or_default().insert(*value);
        }
    }
    by.values().filter(|codes| codes.len() > 1).count()
}

/// The families that no other one beats where they meet; two that are alike beat each other.
fn finest<'a, 'b>(families: &'b [Family<'a>], units: &[Unit]) -> Vec<&'b Family<'a>> {
    let beaten = |family: &Family<'_>| {
        families
            .iter()
            .any(|other| !std::ptr::eq(family, other) && loses(family, other, units))
    };
    families.iter().filter(|family| !beaten(family)).collect()
}

fn loses(family: &Family<'_>, other: &Family<'_>, units: &[Unit]) -> bool {
    let (_, both, same) = family.seen.meets(&other.seen);
    if both - same < MET {
        return false;
    }
    let (of_family, of_other) = (
        several_of(&family.seen, &other.seen),
        several_of(&other.seen, &family.seen),
    );
    if of_family >= MET && of_family >= 3 * of_other {
        return true;
    }
    if of_other >= MET && of_other >= 3 * of_family {
        return false;
    }
    // Whoever writes again about a booking calls it by its number, not by an order's or a receipt's.
    let [often, theirs] = [family, other].map(|family| {
        let (again, values) = (family.seen.told_again(), family.seen.values.len());
        (again * 5 >= values, again * 20 <= values)
    });
    match (often, theirs) {
        ((_, true), (true, _)) => return true,
        ((true, _), (_, true)) => return false,
        _ => {}
    }
    if family.rises != other.rises {
        return other.rises;
    }
    let (a, b) = (family, other);
    let (values, others) = (a.seen.values.len(), b.seen.values.len());
    if a.shared * 10 < b.shared * 9 {
        return true;
    }
    if b.shared * 10 < a.shared * 9 {
        return false;
    }
    if values * 10 < others * 9 || others * 10 < values * 9 {
        return values < others;
    }
    // Who books twice has two numbers; a code that nobody has two of is beaten by one that many have.
    let (several, theirs) = (told_several(&a.seen, units), told_several(&b.seen, units));
    !(theirs == 0 && several >= MET)
}

/// How many values of the first go with more than one of the second.
fn several_of(seen: &Seen<'_>, other: &Seen<'_>) -> usize {
    let mut by: BTreeMap<usize, BTreeSet<Value<'_>>> = BTreeMap::new();
    for (value, messages) in &other.values {
        for at in messages {
            by.entry(*at).or_default().insert(*value);
        }
    }
    let several = seen.values.values().filter(|messages| {
        let with: BTreeSet<Value<'_>> = messages
            .iter()
            .filter_map(|at| by.get(at))
            .flatten()
            .copied()
            .collect();
        with.len() > 1
    });
    several.count()
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
    fn add(&mut self, unit: &Unit, folded: &str, written: &str) {
        self.known
            .entry(folded.to_owned())
            .or_default()
            .entry(unit.tenant.clone())
            .or_insert_with(|| written.to_owned());
    }

    /// The one number that a unit tells; None where it tells none or several, or one of two tenants.
    pub fn of(&self, unit: &Unit) -> Option<Number<'_>> {
        let found = self.all_of(unit);
        found.first().copied().filter(|_| found.len() == 1)
    }

    /// Every number that a unit may tell.
    pub fn all_of(&self, unit: &Unit) -> BTreeSet<Number<'_>> {
        let stated = match unit.stated.get(&FieldName::Reference) {
            Some(Stated::Text(text)) => Some(crate::mapping::squash(text)),
            _ => None,
        };
        let at_home = |code: &Code| self.slots.contains(&code.slot);
        let any = !unit.codes.iter().any(at_home);
        let codes = unit.codes.iter().filter(|code| any || at_home(code));
        codes
            .map(|code| code.folded.as_str())
            .chain(stated.as_deref())
            .chain(unit.marks.iter().map(String::as_str))
            .filter_map(|code| self.known.get_key_value(code))
            .flat_map(|(folded, tenants)| {
                let tenants = tenants.keys().map(Option::as_deref);
                tenants.map(move |tenant| Number { tenant, folded })
            })
            .filter(|number| {
                unit.tenant.is_none() || number.tenant.is_none() || number.tenant == unit.tenant.as_deref()
            })
            .collect()
    }

    /// The numbers of the only kind that is left when all messages of a booking are taken for one; none where two are left.
    /// `first`: of messages, the first of their booking's.
    pub fn of_one_kind<'a>(&'a self, units: &[Unit], first: &HashMap<usize, usize>) -> BTreeSet<&'a str> {
        let all = self.known.keys().map(String::as_str);
        if self.kinds.is_empty() {
            return all.collect();
        }
        let mut families: Vec<Family<'_>> = Vec::new();
        for slots in &self.kinds {
            let mut seen = Seen::default();
            for (at, unit) in messages(units) {
                let of = *first.get(&at).unwrap_or(&at);
                for code in unit.codes.iter().filter(|code| slots.contains(&code.slot)) {
                    let value = (unit.tenant.as_deref(), code.folded.as_str());
                    seen.values.entry(value).or_default().insert(of);
                }
            }
            families.push(Family {
                slots: slots.iter().collect(),
                shape: None,
                shared: 0,
                rises: seen.rises(units),
                seen,
            });
        }
        let most = families.iter().map(|family| family.seen.values.len()).max();
        families.retain(|family| family.seen.values.len() * FEW >= most.unwrap_or_default());
        let elsewhere = elsewhere(units);
        for family in &mut families {
            family.shared = family.seen.shared(&elsewhere);
        }
        match finest(&families, units)[..] {
            [only] => {
                let of_it: BTreeSet<&str> = only.seen.values.keys().map(|(_, folded)| *folded).collect();
                all.filter(|number| of_it.contains(number)).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    /// What the system puts before every number where it writes nothing else beside a payment: `#7418` is its own word for
    /// the booking, while a text may put a mark before any number.
    fn marks_of_system(&self, units: &[Unit]) -> String {
        let payments = units.iter().filter(|unit| unit.is(SourceKind::Stripe));
        let own = payments.flat_map(|unit| &unit.codes).filter(|code| {
            let place = code.slot.place.as_str();
            (place.starts_with("/metadata/") || place == "/client_reference_id")
                && code.slot.left.is_empty()
                && self.known.contains_key(&code.folded)
        });
        let marks: Vec<&str> = own.map(|code| leading_marks(&code.written)).collect();
        let (first, is_one) = (marks.first(), marks.windows(2).all(|pair| pair[0] == pair[1]));
        match first {
            Some(first) if is_one && marks.len() >= ENOUGH => (*first).to_owned(),
            _ => String::new(),
        }
    }

    /// All numbers, as texts write them.
    pub fn all_written(&self) -> Vec<String> {
        self.known.values().flat_map(BTreeMap::values).cloned().collect()
    }

    /// How the system writes a number.
    pub fn written(&self, tenant: Option<&str>, folded: &str) -> Option<String> {
        let tenants = self.known.get(folded)?;
        let written = tenants
            .get(&tenant.map(str::to_owned))
            .or_else(|| tenants.values().next())?;
        Some(self.marked(written))
    }

    fn marked(&self, written: &str) -> String {
        let marks = if written.starts_with(self.marks.as_str()) {
            ""
        } else {
            self.marks.as_str()
        };
        format!("{marks}{written}")
    }
}

#[cfg(test)]
mod tests;
