//! Bookings that records may belong to: those of the backup, and those that records found.

use super::facts::{Facts, name_words};
use crate::mapping::squash;
use crate::model::{About, Baseline, Money, When};
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
    pub emails: BTreeSet<String>,
    pub phones: BTreeSet<String>,
    pub names: BTreeSet<String>,
    pub words: BTreeSet<String>,
    pub starts: BTreeSet<When>,
    pub ends: BTreeSet<When>,
    pub resources: BTreeSet<String>,
    pub totals: BTreeSet<Money>,
    /// Charges that are known to be for it, with their amounts in minor units.
    pub charges: BTreeMap<String, i64>,
    pub made_at: Option<DateTime<Utc>>,
    /// It has a calendar entry that stands.
    pub planned: bool,
    /// The backup has it, or a message that may be the first about it.
    pub opened: bool,
    /// What tells of it first is a message that follows another one.
    pub late: bool,
}

/// All hypotheses, and the indexes that find those which share something with a unit.
#[derive(Debug, Default)]
pub struct Hypotheses {
    pub all: Vec<Hypothesis>,
    pub by_charge: HashMap<String, usize>,
    pub by_key: HashMap<String, usize>,
    pub by_reference: HashMap<(Option<String>, String), usize>,
    /// Rare values to the hypotheses that have them.
    pub texts: HashMap<String, BTreeSet<usize>>,
    /// Names, addresses and phones of people, as the backup, messages and payments give them; a calendar's title may
    /// be anything.
    pub people: HashSet<String>,
    pub days: HashMap<(String, NaiveDate), BTreeSet<usize>>,
    pub starts: BTreeMap<When, BTreeSet<usize>>,
    /// When each was first told of.
    pub made: BTreeSet<(DateTime<Utc>, usize)>,
    pub ends: BTreeMap<When, BTreeSet<usize>>,
    pub totals: BTreeMap<Money, BTreeSet<usize>>,
}

impl Hypothesis {
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
            emails: BTreeSet::new(),
            phones: BTreeSet::new(),
            names: BTreeSet::new(),
            words: BTreeSet::new(),
            starts: BTreeSet::new(),
            ends: BTreeSet::new(),
            resources: BTreeSet::new(),
            totals: BTreeSet::new(),
            charges: BTreeMap::new(),
            made_at: None,
            planned: false,
            opened: about != About::New,
            late: false,
        }
    }

    pub fn join(&mut self, unit: usize, reason: String) {
        self.units.push(unit);
        self.reasons.push(reason);
    }

    /// What its charges took together.
    pub fn paid(&self) -> i64 {
        self.charges.values().sum()
    }

    /// Takes over what a unit that belongs here tells.
    pub fn learn(&mut self, facts: &Facts) {
        self.tenant = self.tenant.take().or_else(|| facts.tenant.clone());
        self.planned |= facts.planned;
        self.opened |= facts.opens;
        self.emails.extend(facts.emails.iter().cloned());
        self.phones.extend(facts.phones.iter().cloned());
        self.names.extend(facts.names.iter().cloned());
        if !facts.names.is_empty() {
            self.words.extend(facts.words.iter().cloned());
        }
        self.starts.extend(facts.starts.iter().copied());
        self.ends.extend(facts.ends.iter().copied());
        self.resources.extend(
            facts
                .resources
                .iter()
                .filter(|set| set.len() == 1)
                .map(|set| set[0].clone()),
        );
        self.totals.extend(facts.totals.iter().copied());
        self.charges
            .extend(facts.amounts.iter().map(|(id, money)| (id.clone(), money.minor)));
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

    fn same_person(&self, facts: &Facts) -> bool {
        facts.emails.intersection(&self.emails).next().is_some()
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
        let mut made = Self::default();
        let customers: BTreeMap<&str, _> = baseline
            .customers
            .iter()
            .map(|row| (row.key.as_str(), row))
            .collect();
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
            hypothesis.made_at = booking.created_at;
            if let Some(reference) = &booking.reference {
                let slot = (booking.tenant.clone(), squash(reference));
                made.by_reference.insert(slot, at);
            }
            made.by_key.insert(booking.key.clone(), at);
            made.all.push(hypothesis);
        }
        let by_key = made.by_key.clone();
        for payment in &baseline.payments {
            if let (Some(id), Some(at)) = (
                &payment.provider_id,
                payment.booking.as_ref().and_then(|key| by_key.get(key)),
            ) {
                made.by_charge.insert(id.clone(), *at);
                made.all[*at].charges.insert(id.clone(), payment.amount.minor);
            }
        }
        made
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
        {
            self.texts.entry(text.clone()).or_default().insert(at);
        }
        for start in &hypothesis.starts {
            self.starts.entry(*start).or_default().insert(at);
            for resource in &hypothesis.resources {
                self.days
                    .entry((resource.clone(), start.date(zone)))
                    .or_default()
                    .insert(at);
            }
        }
        for end in &hypothesis.ends {
            self.ends.entry(*end).or_default().insert(at);
        }
        self.made.extend(hypothesis.made_at.map(|made| (made, at)));
        for total in &hypothesis.totals {
            self.totals.entry(*total).or_default().insert(at);
        }
    }
}
