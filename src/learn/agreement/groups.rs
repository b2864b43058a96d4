//! Which records tell of one booking, as far as that is sure without knowing any wording.
//!
//! Records that hold the same number belong together. What has no number joins the one booking of the
//! same person at the same time; where there is more than one, it joins none. Teaching needs precision,
//! not coverage: what stays out is linked later, by what was learned of the rest.

use super::facts::Unit;
use super::reference::{Number, References};
use crate::mapping::Pattern;
use crate::model::{Business, Money, SourceKind, When};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A payment follows its booking within this, as a rule.
const SOON: TimeDelta = TimeDelta::minutes(60);
/// What is paid on the day is paid within this after the end.
const AFTERWARDS: TimeDelta = TimeDelta::hours(12);
/// A name or an address that more bookings share finds none.
const COMMON: usize = 40;
/// A shorter code is anybody's.
const CODE: usize = 4;

/// How many bookings begin with messages of a kind, and those that may go on from another: (from, to).
type Kind = (usize, Vec<(usize, usize)>);

/// A kind of message needs this many before it shows anything.
const KIND_SEEN: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Group {
    /// Folded.
    pub reference: Option<String>,
    pub tenant: Option<String>,
    /// Indices into the units; messages by when they were said.
    pub messages: Vec<usize>,
    pub events: Vec<usize>,
    pub payments: Vec<usize>,
}

/// What a group is looked for by.
#[derive(Default)]
struct Index {
    emails: HashMap<String, BTreeSet<usize>>,
    names: HashMap<String, BTreeSet<usize>>,
    words: HashMap<String, BTreeSet<usize>>,
    phones: HashMap<String, BTreeSet<usize>>,
    /// Codes that are no booking's number: a plate, a member's.
    codes: HashMap<String, BTreeSet<usize>>,
}

pub(super) fn groups(units: &[Unit], references: &References, business: &Business) -> Vec<Group> {
    let mut groups: BTreeMap<(Option<&str>, String), Group> = BTreeMap::new();
    let telling = |unit: &&Unit| unit.is(SourceKind::Mail) && !unit.dates.is_empty();
    let (numbered, all) = units
        .iter()
        .filter(telling)
        .fold((0, 0), |(numbered, all), unit| {
            (numbered + usize::from(references.of(unit).is_some()), all + 1)
        });
    let by_number = numbered * 2 > all;
    let mut rest: Vec<usize> = Vec::new();
    for (at, unit) in units.iter().enumerate() {
        let number = references.of(unit).filter(|_| by_number);
        // A payment may not tell whose it is; its number does.
        let tenant = unit.tenant.as_deref().or(number.and_then(|number| number.tenant));
        let key = match number {
            Some(number) => Some((tenant, number.folded.to_owned())),
            None if !by_number && unit.is(SourceKind::Mail) => {
                appointment(unit, business).map(|key| (tenant, key))
            }
            None => None,
        };
        let Some(key) = key else {
            rest.push(at);
            continue;
        };
        let group = groups.entry(key).or_insert_with(|| Group {
            reference: number.map(|number| number.folded.to_owned()),
            tenant: tenant.map(str::to_owned),
            ..Group::default()
        });
        group.take(at, unit);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    attach(&mut groups, &rest, units, references, business);
    if !by_number {
        rejoin(&mut groups, units, business);
        number(&mut groups, units, references);
    }
    for group in &mut groups {
        group.messages.sort_by_key(|at| (units[*at].said_at, *at));
        group.events.sort_by_key(|at| (units[*at].edges, *at));
    }
    groups
}

/// Who is told of which moment: what stands for a booking that has no number.
fn appointment(unit: &Unit, business: &Business) -> Option<String> {
    let email = unit.emails.first()?;
    let said = unit.said_at?;
    let ahead = unit.instants.iter().find(|at| **at >= said - TimeDelta::days(1));
    let when = if let Some(at) = ahead {
        at.to_rfc3339()
    } else {
        let today = said.with_timezone(&business.zone).date_naive();
        unit.dates.iter().find(|date| **date >= today)?.to_string()
    };
    Some(format!("{email} {when}"))
}

fn attach(
    groups: &mut [Group],
    rest: &[usize],
    units: &[Unit],
    references: &References,
    business: &Business,
) {
    let index = Index::new(groups, units);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for at in rest {
        let unit = &units[*at];
        let numbers = if groups.iter().any(|group| group.reference.is_some()) {
            references.all_of(unit)
        } else {
            BTreeSet::new()
        };
        // A number that two tenants gave out leaves the choice between them.
        let fits = |group: &Group, unit: &Unit| {
            let named = |number: &Number<'_>| group.reference.as_deref() == Some(number.folded);
            fits(group, unit) && (numbers.is_empty() || numbers.iter().any(named))
        };
        let home = match unit.kind {
            Some(SourceKind::GoogleCalendar) => only(index.people_of(unit).into_iter().filter(|group| {
                fits(&groups[*group], unit) && groups[*group].tells_of(unit, units, business)
            })),
            Some(SourceKind::Stripe) => {
                let of: Vec<usize> = index
                    .payers_of(unit)
                    .into_iter()
                    .filter(|group| fits(&groups[*group], unit) && groups[*group].names_amount(unit, units))
                    .collect();
                let mut promptly = of
                    .iter()
                    .copied()
                    .filter(|group| groups[*group].is_paid_promptly(unit, units))
                    .peekable();
                if promptly.peek().is_some() {
                    only(promptly)
                } else {
                    only(
                        of.into_iter()
                            .filter(|group| groups[*group].is_paid_on_the_day(unit, units)),
                    )
                }
            }
            _ => None,
        };
        found.extend(home.map(|home| (home, *at)));
    }
    for (home, at) in found {
        groups[home].take(at, &units[at]);
    }
}

/// Where most messages state no number, a booking has the one that its records state, if no other booking's do.
fn number(groups: &mut [Group], units: &[Unit], references: &References) {
    let mut first: HashMap<usize, usize> = HashMap::new();
    for group in groups.iter() {
        let of = group.messages.iter().min().copied().unwrap_or_default();
        first.extend(group.messages.iter().map(|at| (*at, of)));
    }
    let known = references.of_one_kind(units, &first);
    let stated = |group: &Group| -> BTreeSet<String> {
        let records = group.messages.iter().chain(&group.events).chain(&group.payments);
        let numbers = records.flat_map(|at| references.all_of(&units[*at]));
        let numbers = numbers.filter(|number| known.contains(number.folded));
        numbers.map(|number| number.folded.to_owned()).collect()
    };
    let all: Vec<BTreeSet<String>> = groups.iter().map(stated).collect();
    let mut times: BTreeMap<&String, usize> = BTreeMap::new();
    for number in all.iter().flatten() {
        *times.entry(number).or_default() += 1;
    }
    for (group, numbers) in groups.iter_mut().zip(&all) {
        group.reference = match (numbers.first(), numbers.len()) {
            (Some(number), 1) if times[number] == 1 => Some(number.clone()),
            _ => None,
        };
    }
}

/// What was moved is told of under two times. Where the calendar's entry was kept, it was made when the booking
/// was: a message of that moment to the same person, of which no entry is left, is about the same booking. Where
/// it was made anew, what the kind of message shows counts: if most of a kind go to people of whose coming
/// booking no entry is left, that is what they are about.
fn rejoin(groups: &mut [Group], units: &[Unit], business: &Business) {
    let mut orphans: HashMap<&String, Vec<usize>> = HashMap::new();
    for (at, group) in groups
        .iter()
        .enumerate()
        .filter(|(_, group)| group.events.is_empty())
    {
        for email in group.messages.iter().flat_map(|at| &units[*at].emails) {
            orphans.entry(email).or_default().push(at);
        }
    }
    let first = |group: &Group| {
        let messages = group.messages.iter().map(|at| &units[*at]);
        messages
            .filter(|unit| unit.said_at.is_some())
            .min_by_key(|unit| unit.said_at)
    };
    let mut moved: BTreeMap<usize, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<&Pattern, Kind> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        let Some((message, told)) = first(group).and_then(|unit| Some((unit, unit.said_at?))) else {
            continue;
        };
        let before: BTreeSet<usize> = message
            .emails
            .iter()
            .filter_map(|email| orphans.get(email))
            .flatten()
            .copied()
            .filter(|orphan| {
                *orphan != at && first(&groups[*orphan]).is_some_and(|unit| unit.said_at < Some(told))
            })
            .collect();
        let made = group.events.iter().filter_map(|at| units[*at].made_at).min();
        if let Some(made) = made.filter(|made| told - *made >= SOON) {
            let then = before.iter().copied().filter(|orphan| {
                let said = first(&groups[*orphan]).and_then(|unit| unit.said_at);
                said.is_some_and(|said| (said - made).abs() <= SOON)
            });
            moved.extend(only(then).map(|orphan| (orphan, at)));
        }
        let Some(title) = &message.title else { continue };
        let today = told.with_timezone(&business.zone).date_naive();
        let ahead = before.into_iter().filter(|orphan| {
            let mut messages = groups[*orphan].messages.iter().map(|at| &units[*at]);
            messages.any(|unit| unit.dates.last().is_some_and(|date| *date >= today))
        });
        let (seen, found) = kinds.entry(title).or_default();
        *seen += 1;
        found.extend(only(ahead).map(|orphan| (orphan, at)));
    }
    for (seen, found) in kinds.into_values() {
        if seen >= KIND_SEEN && found.len() * 2 >= seen {
            for (orphan, at) in found {
                moved.entry(orphan).or_insert(at);
            }
        }
    }
    for (from, to) in moved {
        let Group {
            messages, payments, ..
        } = std::mem::take(&mut groups[from]);
        groups[to].messages.extend(messages);
        groups[to].payments.extend(payments);
    }
}

fn only(mut found: impl Iterator<Item = usize>) -> Option<usize> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn fits(group: &Group, unit: &Unit) -> bool {
    group.tenant.is_none() || unit.tenant.is_none() || group.tenant == unit.tenant
}

impl Index {
    fn new(groups: &[Group], units: &[Unit]) -> Self {
        let mut made = Self::default();
        for (at, group) in groups.iter().enumerate() {
            for unit in group.messages.iter().chain(&group.payments).map(|at| &units[*at]) {
                let put = |map: &mut HashMap<String, BTreeSet<usize>>, text: &String| {
                    map.entry(text.clone()).or_default().insert(at);
                };
                unit.emails.iter().for_each(|text| put(&mut made.emails, text));
                unit.names.keys().for_each(|text| put(&mut made.names, text));
                unit.words.iter().for_each(|text| put(&mut made.words, text));
                unit.phones.iter().for_each(|text| put(&mut made.phones, text));
            }
        }
        for (at, group) in groups.iter().enumerate() {
            let own = |folded: &String| group.reference.as_ref() == Some(folded);
            for unit in group.messages.iter().chain(&group.events).map(|at| &units[*at]) {
                let codes = unit.codes.iter().map(|code| &code.folded);
                for code in codes.filter(|code| code.chars().count() >= CODE && !own(code)) {
                    made.codes.entry(code.clone()).or_default().insert(at);
                }
            }
        }
        for map in [
            &mut made.emails,
            &mut made.names,
            &mut made.phones,
            &mut made.codes,
        ] {
            map.retain(|_, groups| groups.len() <= COMMON);
        }
        made
    }

    fn payers_of(&self, unit: &Unit) -> BTreeSet<usize> {
        let emails = unit.emails.iter().filter_map(|text| self.emails.get(text));
        let names = unit.names.keys().filter_map(|text| self.names.get(text));
        let codes = unit.codes.iter().filter_map(|code| self.codes.get(&code.folded));
        emails.chain(names).chain(codes).flatten().copied().collect()
    }

    /// The bookings of the people whom a calendar entry may name.
    fn people_of(&self, unit: &Unit) -> BTreeSet<usize> {
        let emails = unit.emails.iter().filter_map(|text| self.emails.get(text));
        let phones = unit.phones.iter().filter_map(|text| self.phones.get(text));
        let words = unit.words.iter().filter_map(|text| self.words.get(text));
        // Titles may write the parts of a name as one word.
        let names = unit.words.iter().filter_map(|text| self.names.get(text));
        emails
            .chain(phones)
            .chain(words)
            .chain(names)
            .flatten()
            .copied()
            .collect()
    }
}

impl Group {
    fn take(&mut self, at: usize, unit: &Unit) {
        match unit.kind {
            Some(SourceKind::Mail) => self.messages.push(at),
            Some(SourceKind::GoogleCalendar) => self.events.push(at),
            _ => self.payments.push(at),
        }
    }

    fn tells_of(&self, event: &Unit, units: &[Unit], business: &Business) -> bool {
        let Some((from, to)) = event.edges else {
            return false;
        };
        self.messages
            .iter()
            .any(|at| units[*at].tells(from, business) || units[*at].tells(to, business))
    }

    /// Whether a message names what the payment took.
    fn names_amount(&self, payment: &Unit, units: &[Unit]) -> bool {
        let taken =
            |ways: &BTreeSet<Money>| payment.charges.iter().any(|(_, amount, _)| ways.contains(amount));
        let mut messages = self.messages.iter().map(|at| &units[*at]);
        messages.any(|message| message.amounts.iter().any(|(_, ways)| taken(ways)))
    }

    /// Made when the booking was.
    fn is_paid_promptly(&self, payment: &Unit, units: &[Unit]) -> bool {
        let mut messages = self.messages.iter().map(|at| &units[*at]);
        messages.any(|message| {
            let made = message.made_at.zip(payment.made_at);
            made.is_some_and(|(a, b)| (a - b).abs() <= SOON)
        })
    }

    /// Made when the people came, or had been there.
    fn is_paid_on_the_day(&self, payment: &Unit, units: &[Unit]) -> bool {
        let mut edges = self.events.iter().filter_map(|at| units[*at].edges);
        edges.any(|edges| match (edges, payment.made_at) {
            ((When::Instant(from), When::Instant(to)), Some(paid)) => {
                from - SOON <= paid && paid <= to + AFTERWARDS
            }
            _ => false,
        })
    }
}
