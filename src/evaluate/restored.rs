//! Holds the rebuilt bookings against the lost database, where it came back after all.
//!
//! In: rebuilt bookings, the restored database and the backup in canonical terms; perhaps what production has taken in
//! meanwhile. Out: how right each field was, what only one side has, and what must become of the bookings that were
//! taken in between. Nothing is decided here: a plan says what to do, and what a person must look at.

use super::Field;
use super::compare::{letters, tail};
use crate::model::{Baseline, BaselineBooking, BaselineCustomer, Booking, Business, State, Status, When};
use std::collections::{BTreeMap, BTreeSet};

/// How right one field was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accuracy {
    pub right: u64,
    pub wrong: u64,
    /// Left empty although the restored row has a value.
    pub empty: u64,
}

impl Accuracy {
    /// Of the values that were given, the share that is right.
    pub fn share(self) -> Option<f64> {
        let given = self.right + self.wrong;
        (given > 0).then(|| self.right as f64 / given as f64)
    }
}

/// A rebuilt booking that is not as the restored one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistaken {
    pub id: String,
    pub key: String,
    pub reference: Option<String>,
    pub fields: Vec<Field>,
}

/// One booking that only one side has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// The rebuilt booking's id, or the restored row's key.
    pub id: String,
    pub reference: Option<String>,
    pub starts_at: Option<When>,
    pub state: Option<State>,
}

/// What becomes of a booking that production took in, or changed, after the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The restored database lacks it, and nothing is in its way.
    Add,
    /// Add it under a key or reference of its own: the restored database gave its own to another booking.
    AddAnew,
    /// Change the restored row as production did: nobody else has changed it.
    Change,
    /// It is there: it has the same payment, or the same reference, customer and start.
    Nothing,
    /// It is there, and not as production has it.
    Differs,
    /// A restored booking has the same resource at the same time.
    DoubleBooking,
    /// Both sides have changed the same row since the backup, and not in the same way.
    BothChanged,
}

impl Step {
    pub const ALL: [Self; 7] = [
        Self::DoubleBooking,
        Self::BothChanged,
        Self::Differs,
        Self::AddAnew,
        Self::Add,
        Self::Change,
        Self::Nothing,
    ];

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Add => "add to the restored database",
            Self::AddAnew => "add under a new key or reference: its own is another booking's there",
            Self::Change => "change there as production did",
            Self::Nothing => "there already",
            Self::Differs => "decide: there already, but not as production has it",
            Self::DoubleBooking => "decide: the restored database has that resource booked at that time",
            Self::BothChanged => "decide: changed on both sides",
        }
    }
}

/// One line of the merge plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub step: Step,
    /// The key in production.
    pub key: String,
    pub reference: Option<String>,
    pub starts_at: Option<When>,
    /// The key of the restored row that it meets.
    pub meets: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    /// Restored bookings that were made or changed since the backup.
    pub scope: u64,
    /// Of them, those that a clean rebuilt booking is.
    pub found_clean: u64,
    /// Of them, those that a flagged one is.
    pub found_flagged: u64,
    pub clean: BTreeMap<Field, Accuracy>,
    pub flagged: BTreeMap<Field, Accuracy>,
    /// Clean, and not as restored: what nobody was asked about.
    pub mistaken: Vec<Mistaken>,
    pub only_rebuilt: Vec<Alone>,
    pub only_restored: Vec<Alone>,
    pub plan: Vec<Planned>,
}

/// Compares the rebuilt with the restored; `live` is what production holds now.
pub fn against_restored(
    bookings: &[Booking],
    restored: &Baseline,
    backup: Option<&Baseline>,
    live: Option<&Baseline>,
    business: &Business,
) -> Restored {
    let index = Index::new(restored);
    let known: BTreeMap<&str, &BaselineBooking> = backup
        .into_iter()
        .flat_map(|backup| &backup.bookings)
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut score = Restored::default();
    let mut taken: BTreeMap<&str, State> = BTreeMap::new();
    for booking in bookings.iter().filter(|booking| booking.state != State::Rejected) {
        let Some(row) = index.find(booking, &taken) else {
            score.only_rebuilt.push(Alone {
                id: booking.id.to_string(),
                reference: booking.reference.clone(),
                starts_at: booking.starts_at,
                state: Some(booking.state),
            });
            continue;
        };
        taken.insert(&row.key, booking.state);
        let found = compare(booking, row, index.customer(row), business);
        let fields = match booking.state {
            State::Clean => &mut score.clean,
            _ => &mut score.flagged,
        };
        for (field, verdict) in &found {
            let accuracy = fields.entry(*field).or_default();
            match verdict {
                Verdict::Right => accuracy.right += 1,
                Verdict::Wrong => accuracy.wrong += 1,
                Verdict::Empty => accuracy.empty += 1,
            }
        }
        let wrong: Vec<Field> = found
            .iter()
            .filter(|(_, verdict)| *verdict == Verdict::Wrong)
            .map(|(field, _)| *field)
            .collect();
        if booking.state == State::Clean && !wrong.is_empty() {
            score.mistaken.push(Mistaken {
                id: booking.id.to_string(),
                key: row.key.clone(),
                reference: row.reference.clone(),
                fields: wrong,
            });
        }
    }
    for row in &restored.bookings {
        let changed = known
            .get(row.key.as_str())
            .is_none_or(|base| !same_row(base, row));
        if !changed {
            continue;
        }
        score.scope += 1;
        match taken.get(row.key.as_str()) {
            Some(State::Clean) => score.found_clean += 1,
            Some(_) => score.found_flagged += 1,
            None => score.only_restored.push(Alone {
                id: row.key.clone(),
                reference: row.reference.clone(),
                starts_at: row.starts_at,
                state: None,
            }),
        }
    }
    if let Some(live) = live {
        score.plan = plan(live, restored, &known, &index, business);
    }
    score
}

/// The restored rows by what they are found by.
struct Index<'a> {
    bookings: BTreeMap<&'a str, &'a BaselineBooking>,
    references: BTreeMap<String, Vec<&'a BaselineBooking>>,
    customers: BTreeMap<&'a str, &'a BaselineCustomer>,
    charges: BTreeMap<&'a str, BTreeSet<&'a str>>,
    resources: BTreeMap<&'a str, Vec<&'a BaselineBooking>>,
    starts: BTreeMap<When, Vec<&'a BaselineBooking>>,
}

impl<'a> Index<'a> {
    fn new(restored: &'a Baseline) -> Self {
        let mut index = Self {
            bookings: restored
                .bookings
                .iter()
                .map(|row| (row.key.as_str(), row))
                .collect(),
            references: BTreeMap::new(),
            customers: restored
                .customers
                .iter()
                .map(|row| (row.key.as_str(), row))
                .collect(),
            charges: BTreeMap::new(),
            resources: BTreeMap::new(),
            starts: BTreeMap::new(),
        };
        for row in &restored.bookings {
            if let Some(reference) = &row.reference {
                index
                    .references
                    .entry(reference.to_uppercase())
                    .or_default()
                    .push(row);
            }
            if let Some(resource) = &row.resource {
                index.resources.entry(resource).or_default().push(row);
            }
            if let Some(starts) = row.starts_at {
                index.starts.entry(starts).or_default().push(row);
            }
        }
        for payment in &restored.payments {
            if let (Some(id), Some(booking)) = (&payment.provider_id, &payment.booking) {
                index.charges.entry(id).or_default().insert(booking);
            }
        }
        index
    }

    fn customer(&self, row: &BaselineBooking) -> Option<&'a BaselineCustomer> {
        self.customers.get(row.customer.as_deref()?).copied()
    }

    /// The restored row that a rebuilt booking is: by its key, its payments, its reference, or who comes when.
    fn find(&self, booking: &Booking, taken: &BTreeMap<&str, State>) -> Option<&'a BaselineBooking> {
        let free = |row: &&&BaselineBooking| !taken.contains_key(row.key.as_str());
        if let Some(key) = &booking.baseline_key {
            return self.bookings.get(key.as_str()).filter(free).copied();
        }
        let paid: BTreeSet<&str> = booking
            .payments
            .iter()
            .filter_map(|payment| self.charges.get(payment.id.as_str()))
            .flatten()
            .copied()
            .collect();
        let references = booking
            .reference
            .as_ref()
            .and_then(|reference| self.references.get(&reference.to_uppercase()));
        let mut named: Vec<&&BaselineBooking> = references
            .into_iter()
            .flatten()
            .filter(free)
            .filter(|row| row.tenant.is_none() || booking.tenant.is_none() || row.tenant == booking.tenant)
            .collect();
        if named.len() > 1 {
            named.retain(|row| paid.contains(row.key.as_str()));
        }
        if let [only] = named.as_slice() {
            return Some(only);
        }
        let mut paid = paid.iter().filter_map(|key| self.bookings.get(key)).filter(free);
        if let (Some(only), None) = (paid.next(), paid.next()) {
            return Some(only);
        }
        let mut near = self
            .starts
            .get(&booking.starts_at?)
            .into_iter()
            .flatten()
            .filter(free)
            .filter(|row| {
                let person = self.customer(row);
                let email = booking.customer.email.as_deref().map(str::to_lowercase);
                let theirs = person
                    .and_then(|person| person.email.as_deref())
                    .map(str::to_lowercase);
                let same_name = || {
                    let ours = booking.customer.name.as_deref().map(letters);
                    let theirs = person.and_then(|person| person.name.as_deref()).map(letters);
                    ours.is_some() && ours == theirs
                };
                (email.is_some() && email == theirs) || same_name()
            });
        match (near.next(), near.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    Wrong,
    Empty,
}

fn compare(
    booking: &Booking,
    row: &BaselineBooking,
    person: Option<&BaselineCustomer>,
    business: &Business,
) -> Vec<(Field, Verdict)> {
    let mut found = Vec::new();
    let mut note = |field, ours: Option<String>, theirs: Option<String>| {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        match (filled(ours), filled(theirs)) {
            (None, None) => {}
            (None, Some(_)) => found.push((field, Verdict::Empty)),
            (ours, theirs) if ours == theirs => found.push((field, Verdict::Right)),
            _ => found.push((field, Verdict::Wrong)),
        }
    };
    let upper = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_uppercase());
    note(Field::Reference, upper(&booking.reference), upper(&row.reference));
    for (field, ours, theirs) in [
        (Field::StartsAt, booking.starts_at, row.starts_at),
        (Field::EndsAt, booking.ends_at, row.ends_at),
    ] {
        // A restored day tells no hour.
        let days = matches!(theirs, Some(When::Date(_)));
        let shown = |when: When| {
            if days {
                when.date(business.zone).to_string()
            } else {
                when.render(business.zone)
            }
        };
        note(field, ours.map(shown), theirs.map(shown));
    }
    let status = |status: Option<Status>| status.map(|status| status.as_str().to_owned());
    note(Field::Status, status(booking.status), status(row.status));
    let customer = &booking.customer;
    if let Some(person) = person {
        let name = |text: &Option<String>| text.as_deref().map(letters);
        if customer.name.is_some() {
            note(Field::CustomerName, name(&customer.name), name(&person.name));
        }
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        if customer.email.is_some() {
            note(Field::CustomerEmail, lower(&customer.email), lower(&person.email));
        }
        let phone = |text: &Option<String>| text.as_deref().map(tail);
        if customer.phone.is_some() {
            note(Field::CustomerPhone, phone(&customer.phone), phone(&person.phone));
        }
    }
    note(
        Field::Resource,
        booking.resource.key.clone(),
        row.resource.clone(),
    );
    let amount = |money: Option<crate::model::Money>| money.map(|money| money.to_string());
    note(Field::Total, amount(booking.total), amount(row.total));
    if row.tenant.is_some() {
        note(Field::Tenant, booking.tenant.clone(), row.tenant.clone());
    }
    found
}

/// Nothing has changed but that time has passed: what was confirmed is completed.
fn same_row(base: &BaselineBooking, row: &BaselineBooking) -> bool {
    let cancelled = |row: &BaselineBooking| row.status == Some(Status::Cancelled);
    let known = |row: &BaselineBooking| row.status.is_some();
    base.reference == row.reference
        && base.customer == row.customer
        && (cancelled(base), known(base)) == (cancelled(row), known(row))
        && same_stay(base, row)
}

/// What was agreed is the same; keys and references may have been given anew.
fn same_stay(there: &BaselineBooking, row: &BaselineBooking) -> bool {
    let cancelled = |row: &BaselineBooking| row.status == Some(Status::Cancelled);
    there.resource == row.resource
        && there.starts_at == row.starts_at
        && there.ends_at == row.ends_at
        && cancelled(there) == cancelled(row)
        && there.total == row.total
}

/// What production took in or changed since the backup, and what becomes of it.
fn plan(
    live: &Baseline,
    restored: &Baseline,
    known: &BTreeMap<&str, &BaselineBooking>,
    index: &Index<'_>,
    business: &Business,
) -> Vec<Planned> {
    let shared = is_shared(restored);
    let restored_charges: BTreeMap<&str, &str> = restored
        .payments
        .iter()
        .filter_map(|payment| Some((payment.provider_id.as_deref()?, payment.booking.as_deref()?)))
        .collect();
    let mut charges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for payment in &live.payments {
        if let (Some(id), Some(booking)) = (&payment.provider_id, &payment.booking) {
            charges.entry(booking).or_default().push(id);
        }
    }
    let emails: BTreeMap<&str, String> = live
        .customers
        .iter()
        .filter_map(|person| Some((person.key.as_str(), person.email.as_ref()?.to_lowercase())))
        .collect();
    let mut planned = Vec::new();
    for row in &live.bookings {
        // A key of the backup may have been given out anew, but not where the backup's row was restored with it.
        let base = known.get(row.key.as_str());
        if base.is_some_and(|base| same_row(base, row)) {
            continue;
        }
        let line = |step, meets: Option<&str>| Planned {
            step,
            key: row.key.clone(),
            reference: row.reference.clone(),
            starts_at: row.starts_at,
            meets: meets.map(str::to_owned),
        };
        if let Some(base) = base {
            let step = match index.bookings.get(row.key.as_str()) {
                Some(there) if same_row(there, row) => Step::Nothing,
                Some(there) if same_row(there, base) => Step::Change,
                Some(_) => Step::BothChanged,
                None => Step::Add,
            };
            planned.push(line(step, Some(&row.key)));
            continue;
        }
        let paid = charges
            .get(row.key.as_str())
            .into_iter()
            .flatten()
            .find_map(|id| restored_charges.get(id).copied());
        let named = row
            .reference
            .as_ref()
            .and_then(|reference| index.references.get(&reference.to_uppercase()));
        let mut named = named.into_iter().flatten();
        let same = named.clone().find(|there| {
            let email = row.customer.as_deref().and_then(|key| emails.get(key));
            let theirs = index.customer(there).and_then(|person| person.email.as_deref());
            there.starts_at == row.starts_at
                && email.is_some()
                && email.map(String::as_str) == theirs.map(str::to_lowercase).as_deref()
        });
        let paid = paid.and_then(|key| index.bookings.get(key).copied());
        if let Some(there) = paid.or(same.copied()) {
            let step = if same_stay(there, row) {
                Step::Nothing
            } else {
                Step::Differs
            };
            planned.push(line(step, Some(&there.key)));
        } else if let Some(there) = overlap(row, index, business).filter(|_| !shared) {
            planned.push(line(Step::DoubleBooking, Some(there)));
        } else if let Some(there) = named.next() {
            planned.push(line(Step::AddAnew, Some(&there.key)));
        } else if index.bookings.contains_key(row.key.as_str()) {
            planned.push(line(Step::AddAnew, Some(&row.key)));
        } else {
            planned.push(line(Step::Add, None));
        }
    }
    planned.sort_by_key(|line| {
        let order = Step::ALL.iter().position(|step| *step == line.step);
        (order, line.starts_at, line.key.clone())
    });
    planned
}

/// Bookings of one resource overlap here as a matter of course: seats of one boat. Where it hardly happens, or nothing tells,
/// a person decides.
fn is_shared(restored: &Baseline) -> bool {
    let mut spans: BTreeMap<&str, Vec<(When, When)>> = BTreeMap::new();
    for row in &restored.bookings {
        if let (Some(resource), Some(starts), Some(ends)) = (&row.resource, row.starts_at, row.ends_at)
            && row.status != Some(Status::Cancelled)
        {
            spans.entry(resource).or_default().push((starts, ends));
        }
    }
    let (mut pairs, mut overlaps) = (0usize, 0usize);
    for of_one in spans.values_mut() {
        of_one.sort();
        pairs += of_one.len() - 1;
        overlaps += of_one.windows(2).filter(|pair| pair[1].0 < pair[0].1).count();
    }
    overlaps * 50 > pairs
}

fn overlap<'a>(row: &BaselineBooking, index: &Index<'a>, business: &Business) -> Option<&'a str> {
    let (starts, ends) = (row.starts_at?, row.ends_at?);
    if row.status == Some(Status::Cancelled) {
        return None;
    }
    let before = |a: When, b: When| match (a, b) {
        (When::Instant(a), When::Instant(b)) => a < b,
        _ => a.date(business.zone) < b.date(business.zone),
    };
    index
        .resources
        .get(row.resource.as_deref()?)?
        .iter()
        .find(|there| {
            there.status != Some(Status::Cancelled)
                && there.starts_at.is_some_and(|start| before(start, ends))
                && there.ends_at.is_some_and(|end| before(starts, end))
        })
        .map(|there| there.key.as_str())
}
