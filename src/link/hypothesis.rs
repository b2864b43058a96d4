//! Bookings that records may belong to: those of the backup, and those that records found.

use super::asks::Asks;
use super::bundles::Bundles;
use super::facts::{Facts, customer_number, name_words};
use super::habits::Habits;
use crate::mapping::{Groups, squash};
use crate::model::{About, Baseline, Currency, Money, Status, When};
use crate::reading::phone_tail;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Debug, Clone)]
pub struct Hypothesis {
    pub about: About,
    pub units: Vec<usize>,
    pub reasons: Vec<String>,
    pub reused: Option<String>,
    pub tenant: Option<String>,
    /// Its numbers, folded.
    pub references: BTreeSet<String>,
    pub emails: BTreeSet<String>,
    pub phones: BTreeSet<String>,
    pub names: BTreeSet<String>,
    pub words: BTreeSet<String>,
    /// Words of the names of whom its messages were sent to.
    pub readers: BTreeSet<String>,
    /// Numbers of its customer.
    pub customers: BTreeSet<String>,
    /// What the system calls it.
    pub keys: BTreeSet<String>,
    /// Codes in its records that are no field: a plate, an order's number.
    pub codes: BTreeSet<String>,
    pub starts: BTreeSet<When>,
    pub ends: BTreeSet<When>,
    pub resources: BTreeSet<String>,
    pub totals: BTreeSet<Money>,
    /// What its messages ask for, each with when.
    pub asks: Asks,
    /// Charges that are known to be for it.
    pub charges: BTreeMap<String, Taken>,
    /// A charge for it was paid back whole.
    pub repaid: bool,
    pub made_at: Option<DateTime<Utc>>,
    /// When it was made, where the backup or its first message says so.
    pub begun: Option<DateTime<Utc>>,
    /// It was called off, as the backup or a message says.
    pub off: bool,
    /// It has a calendar entry that stands.
    pub planned: bool,
    /// The backup has it, or a message that may be the first about it.
    pub opened: bool,
    /// What tells of it first is a message that follows another one.
    pub late: bool,
}

/// What a charge took for one booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// In minor units.
    pub minor: i64,
    pub made_at: Option<DateTime<Utc>>,
    /// It was paid back whole.
    pub repaid: bool,
    /// What the backup knows to have been given back, in minor units.
    pub given_back: i64,
}

impl Taken {
    /// Whether a payment of this amount is the same one made twice, of which one went back: a double click.
    pub fn is_twin(&self, facts: &Facts) -> bool {
        let same = |(_, amount): &(String, Money)| amount.minor == self.minor;
        let near = |a: DateTime<Utc>, b: DateTime<Utc>| (a - b).abs() < TimeDelta::days(1);
        facts.amounts.iter().any(same)
            && self.repaid != facts.repaid
            && self.made_at.zip(facts.made_at).is_some_and(|(a, b)| near(a, b))
    }
}

/// All hypotheses, and the indexes that find those which share something with a unit.
#[derive(Debug, Default)]
pub struct Hypotheses {
    pub all: Vec<Hypothesis>,
    /// Several, where the backup has one charge on several bookings.
    pub by_charge: HashMap<String, Vec<usize>>,
    pub by_key: HashMap<String, usize>,
    by_reference: HashMap<String, Vec<usize>>,
    /// Numbers that several bookings share.
    by_group: HashMap<String, BTreeSet<usize>>,
    groups: Groups,
    /// Rare values to the hypotheses that have them.
    pub texts: HashMap<String, BTreeSet<usize>>,
    /// The backup's customers by their numbers: two numbers may be one person's. None where one's card has the number that is
    /// another's key.
    rows: HashMap<String, Option<String>>,
    /// Names, addresses and phones of people, as the backup, messages and payments give them; a calendar's title may
    /// be anything.
    pub people: HashSet<String>,
    pub codes: HashMap<String, BTreeSet<usize>>,
    pub days: HashMap<(String, NaiveDate), BTreeSet<usize>>,
    pub starts: BTreeMap<When, BTreeSet<usize>>,
    /// When each was first told of.
    pub made: BTreeSet<(DateTime<Utc>, usize)>,
    pub ends: BTreeMap<When, BTreeSet<usize>>,
    /// The backup keeps the days of bookings alone.
    pub by_day: bool,
    /// How many are made, start and end in each hour since 1970: days are counted by these.
    pub hours: [HashMap<i64, usize>; 3],
    pub totals: BTreeMap<Money, BTreeSet<usize>>,
    /// What is due where a part was paid, to how many bookings it is due of.
    pub dues: HashMap<Money, usize>,
    /// How customers pay, and for several bookings at once.
    pub habits: Habits,
    pub bundles: Bundles,
}

impl Hypothesis {
    /// Whether it is to begin on a later day, as far as it is known.
    pub fn is_ahead_of(&self, moment: DateTime<Utc>, zone: Tz) -> bool {
        let today = moment.with_timezone(&zone).date_naive();
        let first = self.starts.iter().map(|start| start.date(zone)).min();
        first.is_some_and(|first| first > today)
    }

    pub fn new(unit: usize, reason: String) -> Self {
        let mut made = Self::about(About::New);
        made.join(unit, reason);
        made
    }

    /// A booking that no record tells of yet.
    pub fn about_new() -> Self {
        Self::about(About::New)
    }

    fn about(about: About) -> Self {
        Self {
            about,
            units: Vec::new(),
            reasons: Vec::new(),
            reused: None,
            tenant: None,
            references: BTreeSet::new(),
            emails: BTreeSet::new(),
            phones: BTreeSet::new(),
            names: BTreeSet::new(),
            words: BTreeSet::new(),
            readers: BTreeSet::new(),
            customers: BTreeSet::new(),
            keys: BTreeSet::new(),
            codes: BTreeSet::new(),
            starts: BTreeSet::new(),
            ends: BTreeSet::new(),
            resources: BTreeSet::new(),
            totals: BTreeSet::new(),
            asks: Asks::default(),
            charges: BTreeMap::new(),
            repaid: false,
            made_at: None,
            begun: None,
            off: false,
            planned: false,
            opened: about != About::New,
            late: false,
        }
    }

    pub fn join(&mut self, unit: usize, reason: String) {
        self.units.push(unit);
        self.reasons.push(reason);
    }

    /// Whether this unit is all that tells of it.
    pub fn is_told_by(&self, unit: usize) -> bool {
        self.about == About::New && self.units == [unit]
    }

    /// Takes a unit out again of which nothing was learned yet.
    pub fn leave(&mut self, unit: usize) {
        if let Some(at) = self.units.iter().position(|other| *other == unit) {
            self.units.remove(at);
            self.reasons.remove(at);
        }
    }

    /// What its charges took together.
    pub fn paid(&self) -> i64 {
        self.charges.values().map(|taken| taken.minor).sum()
    }

    /// Its price in minor units, where one alone is known.
    pub fn price(&self, currency: Currency) -> Option<i64> {
        match (self.totals.len(), self.totals.first()) {
            (1, Some(total)) if total.currency == currency => Some(total.minor),
            _ => None,
        }
    }

    /// What is left to pay of its one known price.
    pub fn owes(&self, currency: Currency) -> Option<i64> {
        Some(self.price(currency)? - self.paid())
    }

    /// Whether what it costs was paid, and not given back: this payment is for something else, or for another one.
    pub fn is_paid_but_for(&self, facts: &Facts) -> bool {
        let most = self.totals.iter().map(|total| total.minor).max();
        let is_twin = self.charges.values().any(|taken| taken.is_twin(facts));
        !self.repaid && !is_twin && most.is_some_and(|most| most > 0 && self.paid() >= most)
    }

    /// What each of its charges took.
    pub fn taken(&self) -> Vec<i64> {
        self.charges.values().map(|taken| taken.minor).collect()
    }

    /// Takes over what a unit that belongs here tells.
    pub fn learn(&mut self, facts: &Facts) {
        self.tenant = self.tenant.take().or_else(|| facts.tenant.clone());
        self.off |= facts.calls_off;
        self.planned |= facts.planned;
        self.opened |= facts.opens;
        self.repaid |= facts.repaid;
        if facts.follows == Some(false) {
            self.begun = [self.begun, facts.made_at].into_iter().flatten().min();
        }
        let numbers = facts.references.iter().map(|(folded, _)| folded.clone());
        self.references.extend(numbers);
        self.emails.extend(facts.emails.iter().cloned());
        self.phones.extend(facts.phones.iter().cloned());
        self.names.extend(facts.names.iter().cloned());
        if !facts.names.is_empty() {
            self.words.extend(facts.words.iter().cloned());
        }
        self.readers.extend(facts.readers.iter().cloned());
        self.customers.extend(facts.customers.iter().cloned());
        self.keys.extend(facts.keys.iter().cloned());
        self.codes.extend(facts.codes.iter().cloned());
        self.starts.extend(facts.starts.iter().copied());
        self.starts.extend(facts.hints.iter().copied());
        self.ends.extend(facts.ends.iter().copied());
        self.resources.extend(
            facts
                .resources
                .iter()
                .filter(|set| set.len() == 1)
                .map(|set| set[0].clone()),
        );
        self.totals.extend(facts.totals.iter().copied());
        self.asks.add(facts);
        let took = facts.amounts.iter().map(|(id, money)| {
            let taken = Taken {
                minor: money.minor,
                made_at: facts.made_at,
                repaid: facts.repaid,
                given_back: 0,
            };
            (id.clone(), taken)
        });
        self.charges.extend(took);
        self.made_at = match (self.made_at, facts.made_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// Whether a unit with the same reference tells of somebody else at another time: the number was
    /// given out again.
    pub fn contradicts(&self, facts: &Facts, zone: Tz) -> bool {
        let person = !facts.emails.is_empty() && !self.emails.is_empty()
            || !facts.names.is_empty() && !self.names.is_empty();
        let times = !facts.starts.is_empty() && !self.starts.is_empty();
        let end = self.ends.iter().chain(&self.starts).map(|when| match when {
            When::Instant(at) => *at,
            When::Date(date) => date.and_time(NaiveTime::MIN).and_utc(),
        });
        let after = match (end.max(), facts.made_at) {
            (Some(end), Some(made)) => made - end,
            _ => TimeDelta::MIN,
        };
        let another_day = times && !self.same_day(facts, zone);
        // A first message that comes when the booking was over is about another one, whoever it is for.
        if facts.follows == Some(false) && another_day && after > TimeDelta::days(1) {
            return true;
        }
        // A payment states no time: one by somebody else, made when the old booking was over, is not for it.
        let over = facts.starts.is_empty() && after > TimeDelta::days(7);
        person && !self.same_person(facts) && (another_day || over)
    }

    /// Whether a unit names the same person or the same day.
    pub fn shares(&self, facts: &Facts, zone: Tz) -> bool {
        self.same_person(facts) || self.same_day(facts, zone)
    }

    /// Whether a unit states an address, a phone or the whole name of its customer.
    pub fn is_by(&self, facts: &Facts) -> bool {
        facts.emails.intersection(&self.emails).next().is_some()
            || facts.phones.intersection(&self.phones).next().is_some()
            || facts.names.intersection(&self.names).next().is_some()
    }

    pub fn same_person(&self, facts: &Facts) -> bool {
        facts.customers.intersection(&self.customers).next().is_some()
            || facts.emails.intersection(&self.emails).next().is_some()
            || facts.phones.intersection(&self.phones).next().is_some()
            || facts.words.intersection(&self.words).next().is_some()
    }

    /// To the day: some records state no more than that.
    fn same_day(&self, facts: &Facts, zone: Tz) -> bool {
        let days: BTreeSet<NaiveDate> = self.starts.iter().map(|start| start.date(zone)).collect();
        facts.starts.iter().any(|start| days.contains(&start.date(zone)))
    }
}

impl Hypotheses {
    pub fn of_baseline(baseline: &Baseline) -> Self {
        let starts = || baseline.bookings.iter().filter_map(|row| row.starts_at);
        let mut made = Self {
            by_day: starts().any(|when| matches!(when, When::Date(_))),
            ..Self::default()
        };
        let customers: BTreeMap<&str, _> = baseline
            .customers
            .iter()
            .map(|row| (row.key.as_str(), row))
            .collect();
        for row in &baseline.customers {
            for number in row.called().map(|(_, number)| customer_number(number)) {
                let of = made.rows.entry(number).or_insert_with(|| Some(row.key.clone()));
                of.take_if(|key| *key != row.key);
            }
        }
        for (at, booking) in baseline.bookings.iter().enumerate() {
            let mut hypothesis = Hypothesis::about(About::Baseline(at));
            hypothesis.tenant.clone_from(&booking.tenant);
            if let Some(customer) = booking.customer.as_deref().and_then(|key| customers.get(key)) {
                hypothesis
                    .emails
                    .extend(customer.email.iter().map(|email| email.trim().to_lowercase()));
                hypothesis
                    .phones
                    .extend(customer.phone.iter().map(|phone| phone_tail(phone)));
                let numbers = customer.called().map(|(_, number)| customer_number(number));
                let own = numbers.filter(|number| made.rows.get(number).is_some_and(Option::is_some));
                hypothesis.customers.extend(own);
                if let Some(name) = &customer.name {
                    hypothesis.names.insert(squash(name));
                    hypothesis.words.extend(name_words(name));
                }
            }
            made.people
                .extend(hypothesis.names.iter().chain(&hypothesis.words).cloned());
            made.people
                .extend(hypothesis.emails.iter().chain(&hypothesis.phones).cloned());
            hypothesis.starts.extend(booking.starts_at);
            hypothesis.ends.extend(booking.ends_at);
            hypothesis.resources.extend(booking.resource.clone());
            hypothesis.totals.extend(booking.total);
            hypothesis.off = booking.status == Some(Status::Cancelled);
            hypothesis.made_at = booking.created_at;
            hypothesis.begun = booking.created_at;
            if let Some(reference) = booking.reference.as_deref().map(squash) {
                hypothesis.references.insert(reference.clone());
                made.by_reference.entry(reference).or_default().push(at);
            }
            made.by_key.insert(booking.key.clone(), at);
            hypothesis.keys.insert(booking.key.clone());
            made.all.push(hypothesis);
        }
        let by_key = made.by_key.clone();
        for payment in &baseline.payments {
            if let (Some(id), Some(at)) = (
                &payment.provider_id,
                payment.booking.as_ref().and_then(|key| by_key.get(key)),
            ) {
                let homes = made.by_charge.entry(id.clone()).or_default();
                if !homes.contains(at) {
                    homes.push(*at);
                }
                let taken = made.all[*at].charges.entry(id.clone()).or_insert(Taken {
                    minor: 0,
                    made_at: payment.paid_at,
                    repaid: payment.refunded == payment.amount,
                    given_back: 0,
                });
                taken.minor += payment.amount.minor;
                taken.given_back += payment.refunded.minor;
            }
        }
        made
    }

    /// Knows from here on which numbers belong together.
    pub fn group(&mut self, groups: Groups, baseline: &Baseline) {
        self.groups = groups;
        for (at, booking) in baseline.bookings.iter().enumerate() {
            if let Some(number) = &booking.reference {
                self.add_to_group(number, at);
            }
        }
    }

    /// Enters a booking under what its number, as it is written, has in common with others.
    pub fn add_to_group(&mut self, number: &str, at: usize) {
        if let Some(group) = self.groups.of(number) {
            self.by_group.entry(group).or_default().insert(at);
        }
    }

    /// The bookings of each number that several share.
    pub fn groups(&self) -> impl Iterator<Item = &BTreeSet<usize>> {
        self.by_group.values()
    }

    /// The bookings that share a number, as far as they may be this tenant's.
    pub fn grouped(&self, number: &str, tenant: Option<&str>) -> Vec<usize> {
        let all = self.by_group.get(number).into_iter().flatten().copied();
        let of = |at: &usize| {
            let whose = self.all[*at].tenant.as_deref();
            whose.is_none() || tenant.is_none() || whose == tenant
        };
        all.filter(of).collect()
    }

    /// Whether numbers are of customers of the backup, and none of them is one and the same.
    pub fn are_different_customers(&self, one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
        let rows = |numbers: &BTreeSet<String>| -> BTreeSet<&String> {
            numbers
                .iter()
                .filter_map(|number| self.rows.get(number)?.as_ref())
                .collect()
        };
        let (one, other) = (rows(one), rows(other));
        !one.is_empty() && !other.is_empty() && one.is_disjoint(&other)
    }

    /// Counts what is due, anew.
    pub fn count_dues(&mut self) {
        self.dues.clear();
        for booking in &self.all {
            let paid = booking.paid();
            for total in booking
                .totals
                .iter()
                .filter(|total| (1..total.minor).contains(&paid))
            {
                let due = Money::new(total.minor - paid, total.currency);
                *self.dues.entry(due).or_default() += 1;
            }
        }
    }

    /// The bookings of a number that may be this tenant's: its own, else those of which nobody knows whose they are. Where
    /// the record does not tell whose it is, all.
    pub fn numbered(&self, number: &str, tenant: Option<&str>) -> Vec<usize> {
        let all = self.by_reference.get(number).map_or(&[][..], Vec::as_slice);
        let Some(tenant) = tenant else { return all.to_vec() };
        let of = |whose: Option<&str>| -> Vec<usize> {
            let is_theirs = |at: &&usize| self.all[**at].tenant.as_deref() == whose;
            all.iter().filter(is_theirs).copied().collect()
        };
        let own = of(Some(tenant));
        if own.is_empty() { of(None) } else { own }
    }

    /// Enters a booking under its number.
    pub fn number(&mut self, number: String, at: usize) {
        self.by_reference.entry(number).or_default().push(at);
    }

    pub fn add(&mut self, hypothesis: Hypothesis) -> usize {
        self.all.push(hypothesis);
        self.all.len() - 1
    }

    /// Takes over the people that messages and payments name.
    pub fn meet(&mut self, facts: &Facts) {
        let texts = facts
            .names
            .iter()
            .chain(&facts.words)
            .chain(&facts.emails)
            .chain(&facts.phones);
        self.people.extend(texts.cloned());
    }

    pub fn index(&mut self, zone: Tz) {
        for at in 0..self.all.len() {
            self.add_to_index(at, zone);
        }
    }

    /// Makes a hypothesis findable by all that is known of it now.
    pub fn add_to_index(&mut self, at: usize, zone: Tz) {
        let hypothesis = &self.all[at];
        for text in hypothesis
            .emails
            .iter()
            .chain(&hypothesis.phones)
            .chain(&hypothesis.names)
            .chain(&hypothesis.words)
            .chain(&hypothesis.customers)
        {
            self.texts.entry(text.clone()).or_default().insert(at);
        }
        for code in &hypothesis.codes {
            self.codes.entry(code.clone()).or_default().insert(at);
        }
        let [made, starts, ends] = &mut self.hours;
        for start in &hypothesis.starts {
            if self.starts.entry(*start).or_default().insert(at) {
                count_hour(starts, *start);
            }
            for resource in &hypothesis.resources {
                self.days
                    .entry((resource.clone(), start.date(zone)))
                    .or_default()
                    .insert(at);
            }
        }
        for end in &hypothesis.ends {
            if self.ends.entry(*end).or_default().insert(at) {
                count_hour(ends, *end);
            }
        }
        if let Some(first) = hypothesis.made_at
            && self.made.insert((first, at))
        {
            count_hour(made, When::Instant(first));
        }
        for total in &hypothesis.totals {
            self.totals.entry(*total).or_default().insert(at);
        }
    }
}

pub fn hour(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(3600)
}

/// Whole days have no hour.
fn count_hour(hours: &mut HashMap<i64, usize>, when: When) {
    if let When::Instant(at) = when {
        *hours.entry(hour(at)).or_default() += 1;
    }
}

#[cfg(test)]
pub mod samples {
    use super::*;

    pub fn money(minor: i64) -> Money {
        Money::new(minor, Currency::parse("eur").expect("a code"))
    }

    /// A booking of this price, of which so much was paid.
    pub fn booking(total: i64, paid: i64) -> Hypothesis {
        let mut made = Hypothesis::about_new();
        made.totals.insert(money(total));
        if paid > 0 {
            let taken = Taken {
                minor: paid,
                made_at: None,
                repaid: false,
                given_back: 0,
            };
            made.charges.insert("ch_before".to_owned(), taken);
        }
        made
    }
}
