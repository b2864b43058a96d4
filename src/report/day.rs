//! What stands on one day: who comes, who leaves, what is booked twice, what is not sure.
//!
//! In: bookings with all decisions applied, and bookings of the backup that nothing newer tells of. Out: lines by time. A
//! booking of which it is not sure that it is on this day stands on it, and says so: to be rung up once too often is
//! better than nobody at the counter.

use crate::model::{
    Booking, BookingId, ConflictKind, FieldName, Money, RecordId, SourceKind, State, Status, Value, When,
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// What a day is made of.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    pub bookings: &'a [Booking],
    /// Bookings of the backup that no record has told of since.
    pub standing: &'a [Booking],
    pub zone: Tz,
    /// The backup shows that one thing is never booked twice at one time.
    pub exclusive: bool,
    /// Every source was read to its end; where not, what is unread may change everything.
    pub is_whole: bool,
    /// This business alone, by its key.
    pub tenant: Option<&'a str>,
    pub kinds: &'a BTreeMap<String, SourceKind>,
}

/// One day as people at the counter need it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Day {
    pub doubles: Vec<Double>,
    pub starts: Vec<Line>,
    pub ends: Vec<Line>,
    /// Bookings in question of which no day is known: they may be on this one.
    pub undated: Vec<Line>,
    /// Certainly cancelled: nobody is expected.
    pub cancelled: Vec<Cancelled>,
    /// Began before this day and end after it.
    pub under_way: u64,
}

impl Day {
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.starts.iter().chain(&self.ends)
    }

    pub fn to_confirm(&self) -> usize {
        let ids: BTreeSet<&BookingId> = self
            .lines()
            .chain(&self.undated)
            .filter(|line| line.is_to_confirm())
            .map(|line| &line.id)
            .collect();
        ids.len()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Start,
    End,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// When on the day; what has no time comes first, so that nobody overlooks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    Unknown,
    At(NaiveTime),
}

impl Slot {
    pub fn text(self) -> String {
        match self {
            Self::Unknown => "?".to_owned(),
            Self::At(time) => time.format("%H:%M").to_string(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sureness {
    Certain,
    /// Nothing that was read speaks against it, and not everything was read.
    SoFar,
    /// As the backup has it; no record since tells of it.
    Backup,
    /// A question is open.
    Confirm,
}

impl Sureness {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::SoFar => "so_far",
            Self::Backup => "backup",
            Self::Confirm => "confirm",
        }
    }
}

/// An open question about a booking, for whoever rings the customer up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub kind: ConflictKind,
    pub field: Option<FieldName>,
    pub reason: String,
}

/// One booking at the time of day at which it begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub side: Side,
    pub slot: Slot,
    /// It may be on another day: this day is only one of the candidates.
    pub is_perhaps: bool,
    /// When it ends, of a start; when it began, of an end.
    pub other: Option<When>,
    pub id: BookingId,
    pub reference: Option<String>,
    pub tenant: Option<String>,
    pub customer: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub resource: Option<String>,
    pub total: Option<Money>,
    /// Less what was given back; None where it is in several currencies.
    pub paid: Option<Money>,
    /// None where it cannot be told.
    pub due: Option<Money>,
    pub sureness: Sureness,
    /// The kinds of source that tell of it.
    pub told_by: Vec<SourceKind>,
    /// A person has answered a question about it.
    pub is_decided: bool,
    pub questions: Vec<Question>,
}

impl Line {
    pub fn is_to_confirm(&self) -> bool {
        self.sureness == Sureness::Confirm
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    pub slot: Slot,
    pub id: BookingId,
    pub reference: Option<String>,
    pub customer: Option<String>,
    pub resource: Option<String>,
}

/// Two bookings of one thing at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Double {
    pub resource: String,
    pub first: Claimant,
    pub second: Claimant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    pub id: BookingId,
    pub reference: Option<String>,
    pub customer: Option<String>,
    pub phone: Option<String>,
    pub starts_at: Option<When>,
    pub ends_at: Option<When>,
}

/// Everything that stands on a day, or may.
pub fn day(date: NaiveDate, evidence: &Evidence<'_>) -> Day {
    let wanted = |booking: &&Booking| {
        booking.state != State::Rejected
            && evidence
                .tenant
                .is_none_or(|tenant| booking.tenant.as_deref() == Some(tenant))
    };
    let rebuilt = evidence
        .bookings
        .iter()
        .filter(wanted)
        .map(|booking| (booking, false));
    let standing = evidence
        .standing
        .iter()
        .filter(wanted)
        .map(|booking| (booking, true));
    let all: Vec<(&Booking, bool)> = rebuilt.chain(standing).collect();
    let mut found = Day::default();
    for (booking, is_standing) in &all {
        place(booking, *is_standing, date, evidence, &mut found);
    }
    let order = |line: &Line| {
        (
            line.slot,
            line.resource.clone(),
            line.customer.clone(),
            line.id.clone(),
        )
    };
    found.starts.sort_by_key(order);
    found.ends.sort_by_key(order);
    found.undated.sort_by_key(order);
    found
        .cancelled
        .sort_by_key(|cancelled| (cancelled.slot, cancelled.id.clone()));
    found.doubles = doubles(date, &all, evidence);
    found
}

fn place(booking: &Booking, is_standing: bool, date: NaiveDate, evidence: &Evidence<'_>, found: &mut Day) {
    let zone = evidence.zone;
    let line = |side, when, is_perhaps| line(booking, is_standing, side, when, is_perhaps, evidence);
    let starts = on_day(booking, FieldName::StartsAt, booking.starts_at, date, zone);
    let ends = on_day(booking, FieldName::EndsAt, booking.ends_at, date, zone);
    // In question, a cancelled one may come after all.
    if booking.status == Some(Status::Cancelled) && !asks_about(booking, FieldName::Status) {
        if let Some((when, false)) = starts {
            found.cancelled.push(Cancelled {
                slot: slot(when, zone),
                id: booking.id.clone(),
                reference: booking.reference.clone(),
                customer: booking.customer.name.clone(),
                resource: booking.resource.name.clone(),
            });
        }
        return;
    }
    if let Some((when, is_perhaps)) = starts {
        found.starts.push(line(Side::Start, when, is_perhaps));
    }
    if let Some((when, is_perhaps)) = ends {
        found.ends.push(line(Side::End, when, is_perhaps));
    }
    let (from, to) = (
        booking.starts_at.map(|when| when.date(zone)),
        booking.ends_at.map(|when| when.date(zone)),
    );
    if let (Some(from), Some(to)) = (from, to)
        && from < date
        && to > date
    {
        found.under_way += 1;
    }
    let is_over = to.is_some_and(|to| to < date);
    let has_candidates = booking
        .conflicts
        .iter()
        .any(|conflict| conflict.field == Some(FieldName::StartsAt) && !conflict.candidates.is_empty());
    if from.is_none() && starts.is_none() && !is_over && !has_candidates && booking.is_open() {
        let mut line = line(Side::Start, When::Date(date), true);
        line.slot = Slot::Unknown;
        found.undated.push(line);
    }
}

/// The moment that puts a booking on the day, and whether that is only one of the candidates.
fn on_day(
    booking: &Booking,
    field: FieldName,
    value: Option<When>,
    date: NaiveDate,
    zone: Tz,
) -> Option<(When, bool)> {
    let candidates = booking
        .conflicts
        .iter()
        .filter(|conflict| conflict.field == Some(field))
        .flat_map(|conflict| &conflict.candidates)
        .filter_map(|candidate| match candidate.value {
            Some(Value::When(when)) => Some(when),
            _ => None,
        });
    let others: Vec<When> = candidates.filter(|when| Some(*when) != value).collect();
    let is_settled = others.iter().all(|when| when.date(zone) == date);
    if let Some(when) = value.filter(|when| when.date(zone) == date) {
        return Some((when, !is_settled));
    }
    let when = others.into_iter().find(|when| when.date(zone) == date)?;
    Some((when, true))
}

fn asks_about(booking: &Booking, field: FieldName) -> bool {
    booking
        .conflicts
        .iter()
        .any(|conflict| conflict.field == Some(field))
}

fn slot(when: When, zone: Tz) -> Slot {
    match when {
        When::Instant(at) => Slot::At(at.with_timezone(&zone).time()),
        When::Date(_) => Slot::Unknown,
    }
}

fn line(
    booking: &Booking,
    is_standing: bool,
    side: Side,
    when: When,
    is_perhaps: bool,
    evidence: &Evidence<'_>,
) -> Line {
    let paid = paid(booking);
    let due = match (booking.total, paid) {
        (Some(total), Some(paid)) if total.currency == paid.currency => {
            Some(Money::new(total.minor - paid.minor, total.currency))
        }
        _ => None,
    };
    Line {
        side,
        slot: slot(when, evidence.zone),
        is_perhaps,
        other: match side {
            Side::Start => booking.ends_at,
            Side::End => booking.starts_at,
        },
        id: booking.id.clone(),
        reference: booking.reference.clone(),
        tenant: booking.tenant.clone(),
        customer: booking.customer.name.clone(),
        phone: booking.customer.phone.clone(),
        email: booking.customer.email.clone(),
        resource: booking.resource.name.clone(),
        total: booking.total,
        paid,
        due,
        sureness: match (booking.state, is_standing) {
            (State::Flagged, _) => Sureness::Confirm,
            (_, true) => Sureness::Backup,
            _ if evidence.is_whole => Sureness::Certain,
            _ => Sureness::SoFar,
        },
        told_by: told_by(&booking.records, evidence.kinds),
        is_decided: booking
            .claims
            .values()
            .flatten()
            .any(|claim| claim.record.source() == "decision"),
        questions: booking
            .conflicts
            .iter()
            .map(|conflict| Question {
                kind: conflict.kind,
                field: conflict.field,
                reason: conflict.reason.clone(),
            })
            .collect(),
    }
}

/// What was paid less what was given back; nothing paid is zero in the booking's currency.
fn paid(booking: &Booking) -> Option<Money> {
    let currency = match booking.payments.first() {
        Some(payment) => payment.amount.currency,
        None => booking.total?.currency,
    };
    let mut minor = 0;
    for payment in &booking.payments {
        if payment.amount.currency != currency || payment.refunded.currency != currency {
            return None;
        }
        minor += payment.amount.minor - payment.refunded.minor;
    }
    Some(Money::new(minor, currency))
}

fn told_by(records: &[RecordId], kinds: &BTreeMap<String, SourceKind>) -> Vec<SourceKind> {
    let found: BTreeSet<SourceKind> = records
        .iter()
        .filter_map(|record| kinds.get(record.source()).copied())
        .collect();
    found.into_iter().collect()
}

/// From, to, and whose.
type Held<'a> = (DateTime<Utc>, DateTime<Utc>, &'a Booking);

/// Pairs that claim one thing at one time on this day. Where the backup has such pairs as a matter of course, only
/// those that a question is open about.
fn doubles(date: NaiveDate, all: &[(&Booking, bool)], evidence: &Evidence<'_>) -> Vec<Double> {
    let zone = evidence.zone;
    let (from, to) = (
        noon(date, zone) - TimeDelta::hours(12),
        noon(date, zone) + TimeDelta::hours(12),
    );
    let mut by: BTreeMap<(Option<&str>, &str), Vec<Held<'_>>> = BTreeMap::new();
    for (booking, _) in all
        .iter()
        .filter(|(booking, _)| booking.status != Some(Status::Cancelled))
    {
        let asks = booking
            .conflicts
            .iter()
            .any(|conflict| conflict.kind == ConflictKind::DoubleBooked);
        let (Some(starts), Some(ends), Some(name)) =
            (booking.starts_at, booking.ends_at, &booking.resource.name)
        else {
            continue;
        };
        if evidence.exclusive || asks {
            let held = (moment(starts, zone), moment(ends, zone), *booking);
            by.entry((booking.tenant.as_deref(), name))
                .or_default()
                .push(held);
        }
    }
    let mut doubles = Vec::new();
    for ((_, resource), mut held) in by {
        held.sort_by_key(|(starts, ends, booking)| (*starts, *ends, booking.id.clone()));
        for (at, first) in held.iter().enumerate() {
            for second in held[at + 1..].iter().take_while(|second| second.0 < first.1) {
                let (begins, ends) = (second.0, first.1.min(second.1));
                if begins < to && ends > from {
                    doubles.push(Double {
                        resource: resource.to_owned(),
                        first: claimant(first.2),
                        second: claimant(second.2),
                    });
                }
            }
        }
    }
    doubles
}

fn claimant(booking: &Booking) -> Claimant {
    Claimant {
        id: booking.id.clone(),
        reference: booking.reference.clone(),
        customer: booking.customer.name.clone(),
        phone: booking.customer.phone.clone(),
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
    }
}

/// Days begin at noon, so that one guest may leave on the day on which the next arrives.
fn moment(when: When, zone: Tz) -> DateTime<Utc> {
    match when {
        When::Instant(at) => at,
        When::Date(date) => noon(date, zone),
    }
}

fn noon(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
    zone.from_local_datetime(&local)
        .earliest()
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}
