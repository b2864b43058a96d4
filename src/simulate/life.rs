//! What truly happened: the customers, the fleet, every booking with all its revisions, day by day until the loss.
//!
//! Payments are added by [`super::payments`]; what third parties hold of all this, by `mail`, `calendar` and `stripe`.

use super::business::{Business, ReferenceShape, Stay};
use super::damage::{Damage, Harm, Harms};
use super::payments::{self, Charge};
use super::people::Name;
use super::random::Random;
use super::stays::{Diary, draw_stay, price};
use chrono::{DateTime, Duration, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// The moments that divide a world's time.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub begins: DateTime<Utc>,
    pub learn_from: DateTime<Utc>,
    pub backup: DateTime<Utc>,
    pub loss: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub struct Life {
    pub window: Window,
    pub customers: Vec<Customer>,
    pub resources: Vec<Resource>,
    /// In the order in which they were made.
    pub bookings: Vec<Booking>,
    /// In the order in which they were made.
    pub charges: Vec<Charge>,
    /// The charges of each booking, as places in the list.
    pub accounts: Vec<Vec<usize>>,
}

impl Life {
    pub fn charges_of(&self, booking: usize) -> impl Iterator<Item = &Charge> {
        self.accounts[booking].iter().map(|&place| &self.charges[place])
    }

    /// What was paid and not given back until a moment.
    pub fn paid_by(&self, booking: usize, moment: DateTime<Utc>) -> i64 {
        self.charges_of(booking)
            .filter(|charge| charge.pays() && charge.created <= moment)
            .map(|charge| charge.amount - charge.refunded_by(moment))
            .sum()
    }
}

#[derive(Debug, Clone)]
pub struct Customer {
    pub key: String,
    pub name: Name,
    pub email: String,
    /// The address before, and when it changed.
    pub former: Option<(String, DateTime<Utc>)>,
    pub phone: String,
    pub created_at: DateTime<Utc>,
    /// The provider's customer, where there is one.
    pub provider_id: Option<String>,
    /// Another customer bears the same name on purpose.
    pub has_namesake: bool,
}

impl Customer {
    pub fn email_at(&self, at: DateTime<Utc>) -> &str {
        match &self.former {
            Some((old, changed)) if at < *changed => old,
            _ => &self.email,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Resource {
    pub key: String,
    pub name: String,
    pub class: String,
    pub code: String,
    pub rate: i64,
    pub tenant: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Booking {
    pub key: String,
    pub number: usize,
    pub reference: Option<String>,
    pub tenant: Option<usize>,
    pub customer: usize,
    pub created_at: DateTime<Utc>,
    pub seats: i64,
    /// The first is the booking as it was made; never empty.
    pub revisions: Vec<Revision>,
    pub cash: bool,
    /// What befell it in life; what befell its records stands in the ledger.
    pub harms: Harms,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    pub at: DateTime<Utc>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub cancelled: bool,
    pub resource: usize,
    pub total: i64,
    /// A letter told the customer.
    pub notified: bool,
    /// The calendar shows it.
    pub on_calendar: bool,
}

impl Booking {
    /// The booking as it stood at a moment; None before it was made.
    pub fn at(&self, moment: DateTime<Utc>) -> Option<&Revision> {
        self.revisions.iter().rev().find(|revision| revision.at <= moment)
    }

    pub fn last(&self) -> &Revision {
        &self.revisions[self.revisions.len() - 1]
    }

    /// Changed in what its row says, apart from being over.
    pub fn changed_since(&self, moment: DateTime<Utc>) -> bool {
        self.at(moment).is_some_and(|then| {
            let now = self.last();
            (
                then.starts_at,
                then.ends_at,
                then.cancelled,
                then.resource,
                then.total,
            ) != (now.starts_at, now.ends_at, now.cancelled, now.resource, now.total)
        })
    }
}

/// A local time as an instant; the earlier one where the clock is set back, an hour later where it is set forward.
pub fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    zone.from_local_datetime(&local)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(local + Duration::hours(1))).earliest())
        .map_or_else(|| Utc.from_utc_datetime(&local), |at| at.with_timezone(&Utc))
}

/// An instant as the clock on the wall shows it.
pub fn local(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// Lives through the whole time of a business.
pub fn live(business: &Business, window: Window, count: usize, damage: &Damage, seed: &Random) -> Life {
    let resources = found_fleet(business, window, count, seed);
    let mut life = Life {
        window,
        customers: Vec::new(),
        resources,
        bookings: Vec::new(),
        charges: Vec::new(),
        accounts: Vec::new(),
    };
    let mut diary = Diary::new(life.resources.len());
    let mut crowd = Crowd {
        taken: BTreeSet::new(),
        crowded: count > 1500,
    };
    let mut numbering = Numbering::default();
    for (number, created_at) in creation_times(business, window, count, seed)
        .into_iter()
        .enumerate()
    {
        let mut random = seed.fork_nth("booking", number);
        let customer = choose_customer(business, &mut life, &mut crowd, created_at, damage, &mut random);
        let booking = Booking {
            key: if business.schema.uuids {
                random.uuid()
            } else {
                (number + 1).to_string()
            },
            number: number + 1,
            reference: numbering.next(&business.reference, business.zone, created_at, &mut random),
            tenant: None,
            customer,
            created_at,
            seats: business
                .trade
                .seats
                .map_or(1, |(low, high)| random.between(low, high)),
            revisions: Vec::new(),
            cash: false,
            harms: Harms::default(),
        };
        let mut booking = book(business, booking, &life, &mut diary, damage, &mut random);
        reuse_reference(&mut booking, &mut life, damage, seed);
        life.bookings.push(booking);
    }
    payments::settle(business, &mut life, damage, seed);
    life
}

fn found_fleet(business: &Business, window: Window, count: usize, seed: &Random) -> Vec<Resource> {
    let trade = &business.trade;
    let mut random = seed.fork("fleet");
    let span = (window.loss - window.begins).num_minutes().max(1);
    let needed = match &trade.stay {
        Stay::Timed {
            minutes,
            opens,
            closes,
            ..
        } => {
            let weight: u32 = minutes.iter().map(|(weight, _)| weight).sum();
            let mean = minutes
                .iter()
                .map(|&(weight, length)| i64::from(weight) * length)
                .sum::<i64>()
                / i64::from(weight.max(1));
            // A short stay can only use the opening hours.
            let share = if mean < 1440 {
                f64::from(closes - opens) / 1440.0
            } else {
                1.0
            };
            (count as i64 * mean) as f64 / (span as f64 * share * 0.4)
        }
        Stay::Nights { min, max } => (count as i64 * (min + max) * 720) as f64 / (span as f64 * 0.45),
        Stay::Departures { times, .. } => count as f64 / (times.len() as f64 * span as f64 / 1440.0 * 3.0),
    };
    let size = (needed.ceil() as usize).max(trade.fleet_min);
    (0..size)
        .map(|i| {
            let class = &trade.classes[i % trade.classes.len()];
            let round = i / trade.classes.len();
            let name = if class.names.is_empty() {
                trade
                    .naming
                    .replace("{class}", &class.class)
                    .replace("{n}", &(round + 1).to_string())
            } else {
                let name = &class.names[round % class.names.len()];
                match round / class.names.len() {
                    0 => name.clone(),
                    again => format!("{name} {}", again + 1),
                }
            };
            Resource {
                key: (i + 1).to_string(),
                name,
                class: class.class.clone(),
                code: random.pattern(&class.code),
                rate: class.rate,
                tenant: (!business.tenants.is_empty())
                    .then(|| (i / trade.classes.len()) % business.tenants.len()),
            }
        })
        .collect()
}

/// Half before the backup, a seventh of it before the overlap; half after. People book by day.
fn creation_times(business: &Business, window: Window, count: usize, seed: &Random) -> Vec<DateTime<Utc>> {
    let mut random = seed.fork("creation");
    let before = count / 2;
    let early = if window.begins < window.learn_from {
        before / 7
    } else {
        0
    };
    let mut times = Vec::with_capacity(count);
    for (from, to, share) in [
        (window.begins, window.learn_from, early),
        (window.learn_from, window.backup, before - early),
        (window.backup, window.loss, count - before),
    ] {
        let seconds = (to - from).num_seconds().max(60);
        for _ in 0..share {
            let mut at = from + Duration::seconds(random.between(30, seconds - 30));
            for _ in 0..8 {
                if (7..23).contains(&local(business.zone, at).hour()) {
                    break;
                }
                at = from + Duration::seconds(random.between(30, seconds - 30));
            }
            times.push(at);
        }
    }
    times.sort_unstable();
    times
}

struct Crowd {
    taken: BTreeSet<String>,
    crowded: bool,
}

fn choose_customer(
    business: &Business,
    life: &mut Life,
    crowd: &mut Crowd,
    created_at: DateTime<Utc>,
    damage: &Damage,
    random: &mut Random,
) -> usize {
    if !life.customers.is_empty() && random.chance(business.trade.returning) {
        return random.below(life.customers.len());
    }
    let people = &business.people;
    let has_namesake = !life.customers.is_empty() && random.chance(damage.rate(Harm::Namesake));
    let name = if has_namesake {
        let place = random.below(life.customers.len());
        let other = &mut life.customers[place];
        other.has_namesake = true;
        other.name.clone()
    } else {
        people.name(random, crowd.crowded)
    };
    let email = people.address(random, &name, &mut crowd.taken);
    let mut customer = Customer {
        key: if business.schema.uuids {
            random.uuid()
        } else {
            (life.customers.len() + 1).to_string()
        },
        email,
        former: None,
        phone: people.phone(random),
        created_at,
        provider_id: random
            .chance(0.6)
            .then(|| format!("cus_{}", random.token(14, super::random::LETTERS_AND_DIGITS))),
        has_namesake,
        name,
    };
    let left = (life.window.loss - created_at).num_seconds();
    if random.chance(damage.rate(Harm::AddressChanged)) && left > 86_400 {
        let changed = created_at + Duration::seconds(random.between(3600, left - 3600));
        let new = people.address(random, &customer.name, &mut crowd.taken);
        customer.former = Some((std::mem::replace(&mut customer.email, new), changed));
    }
    life.customers.push(customer);
    life.customers.len() - 1
}

#[derive(Default)]
struct Numbering {
    taken: BTreeSet<String>,
    months: BTreeMap<String, usize>,
    count: usize,
}

impl Numbering {
    fn next(
        &mut self,
        shape: &ReferenceShape,
        zone: Tz,
        created_at: DateTime<Utc>,
        random: &mut Random,
    ) -> Option<String> {
        self.count += 1;
        match shape {
            ReferenceShape::None => None,
            ReferenceShape::Sequential { prefix, first } => {
                Some(format!("{prefix}{}", first + self.count - 1))
            }
            ReferenceShape::Code {
                prefix,
                length,
                alphabet,
            } => {
                let mut reference = format!("{prefix}{}", random.token(*length, alphabet));
                while !self.taken.insert(reference.clone()) {
                    reference = format!("{prefix}{}", random.token(*length, alphabet));
                }
                Some(reference)
            }
            ReferenceShape::Monthly { separator } => {
                let month = local(zone, created_at).format("%y%m").to_string();
                let number = self.months.entry(month.clone()).or_default();
                *number += 1;
                Some(format!("{month}{separator}{number:04}"))
            }
        }
    }
}

/// Numbers that are given out again: the new booking bears the reference of one that is over or was cancelled.
fn reuse_reference(booking: &mut Booking, life: &mut Life, damage: &Damage, seed: &Random) {
    let mut random = seed.fork_nth("reused", booking.number);
    if booking.reference.is_none() || !random.chance(damage.rate(Harm::ReferenceReused)) {
        return;
    }
    for _ in 0..20 {
        let place = random.below(life.bookings.len());
        let Some(other) = life.bookings.get_mut(place) else {
            return;
        };
        let last = other.last();
        let over = if last.cancelled { last.at } else { last.ends_at };
        if over < booking.created_at && other.tenant == booking.tenant {
            booking.reference.clone_from(&other.reference);
            booking.harms.insert(Harm::ReferenceReused);
            other.harms.insert(Harm::ReferenceReused);
            return;
        }
    }
}

/// Finds a place for a booking, and lives through its changes.
fn book(
    business: &Business,
    mut booking: Booking,
    life: &Life,
    diary: &mut Diary,
    damage: &Damage,
    random: &mut Random,
) -> Booking {
    let trade = &business.trade;
    let (starts_at, ends_at, resource) = diary.find(business, booking.created_at, random);
    booking.tenant = life.resources[resource].tenant;
    let total = price(
        business,
        &life.resources[resource],
        starts_at,
        ends_at,
        booking.seats,
    );
    booking.revisions.push(Revision {
        at: booking.created_at,
        starts_at,
        ends_at,
        cancelled: false,
        resource,
        total,
        notified: true,
        on_calendar: true,
    });
    diary.enter(resource, starts_at, ends_at);
    let in_backup = booking.created_at <= life.window.backup;
    let mut changes: Vec<DateTime<Utc>> = Vec::new();
    if random.chance(trade.changed) {
        changes.extend(between(random, booking.created_at, starts_at, 1));
    }
    // Changes in the gap of bookings that stand in the backup are few; these are sure to occur.
    if in_backup && starts_at > life.window.backup + Duration::hours(12) && random.chance(trade.changed) {
        changes.extend(between(random, life.window.backup, starts_at, 0));
    }
    changes.sort_unstable();
    for at in changes {
        change(business, &mut booking, at, life, diary, damage, random);
    }
    if random.chance(trade.cancelled) {
        let last = booking.last().clone();
        if let Some(at) = between(random, last.at, last.starts_at, 1) {
            let silent = random.chance(damage.rate(Harm::MovedSilently));
            booking.revisions.push(Revision {
                at,
                cancelled: true,
                notified: !silent,
                on_calendar: silent || !random.chance(damage.rate(Harm::EventStale)),
                ..last.clone()
            });
            diary.free(last.resource, last.starts_at, at);
        }
    }
    booking
        .revisions
        .retain(|revision| revision.at <= life.window.loss);
    booking
}

/// A moment between two, some hours from either.
fn between(random: &mut Random, from: DateTime<Utc>, to: DateTime<Utc>, hours: i64) -> Option<DateTime<Utc>> {
    let seconds = (to - from).num_seconds() - (hours + 4) * 3600;
    (seconds > 0).then(|| from + Duration::seconds(hours * 3600 + random.between(60, seconds)))
}

fn change(
    business: &Business,
    booking: &mut Booking,
    at: DateTime<Utc>,
    life: &Life,
    diary: &mut Diary,
    damage: &Damage,
    random: &mut Random,
) {
    let last = booking.last().clone();
    if last.starts_at <= at {
        return;
    }
    for _ in 0..8 {
        let (starts_at, ends_at, resource) = if random.chance(0.25) {
            (last.starts_at, last.ends_at, random.below(life.resources.len()))
        } else {
            let (start, end) = draw_stay(business, at, random);
            (start, end, last.resource)
        };
        let unchanged = (starts_at, ends_at, resource) == (last.starts_at, last.ends_at, last.resource);
        if unchanged
            || life.resources[resource].tenant != booking.tenant
            || !diary.is_free(business, resource, starts_at, ends_at, at)
        {
            continue;
        }
        let silent = random.chance(damage.rate(Harm::MovedSilently));
        booking.revisions.push(Revision {
            at,
            starts_at,
            ends_at,
            cancelled: false,
            resource,
            total: price(
                business,
                &life.resources[resource],
                starts_at,
                ends_at,
                booking.seats,
            ),
            notified: !silent,
            on_calendar: silent || !random.chance(damage.rate(Harm::EventStale)),
        });
        diary.enter(resource, starts_at, ends_at);
        return;
    }
}
