//! Messages that say nothing of a booking, and are sent to those whose booking has just ended: thanks, a wish for a review. Which
//! of two bookings they belong to need not be known. The overlap may have too few of a kind, where hardly anybody leaves in
//! winter; what went out since shows it as well. In a language that few of the customers read, it is shown by the link that
//! those in the others have. What stands at the foot of letters to everybody, as the hours of a desk, says nothing of a booking
//! either. They may name what it was that has ended, as a question how the boat was does: then the kind is
//! the same whatever the name, and each of them is one only where just that thing's booking ended.
//!
//! Reminders are known in the same way: whoever gets one begins within days. They may say when, and what it is, again.

use super::Input;
use crate::mapping::{SlotType, Told, squash};
use crate::model::{
    About, Booking, Claim, Cluster, Document, FieldName, Scalar, SourceKind, Standing, Status, Value,
};
use crate::reading::{self, SpanValue};
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many people had one, and one in so many may have had it at another time.
const ENOUGH: usize = 8;
const ELSE_IN: usize = 10;
/// A line that so many people got word for word is the business's own.
const EVERYBODY: usize = 20;
/// It is sent within this of the end.
const AFTER: TimeDelta = TimeDelta::days(7);

/// A reminder is sent within this of the start.
const BEFORE: TimeDelta = TimeDelta::days(2);

/// What is known of them.
#[derive(Debug, Default)]
pub struct Pleasantries {
    /// The subjects of thanks, folded.
    thanks: BTreeSet<String>,
    /// The links that only thanks have.
    links: BTreeSet<String>,
    /// The subjects of reminders, folded.
    reminders: BTreeSet<String>,
    /// Lines with a number that stand in letters to everybody.
    feet: BTreeSet<String>,
    /// When bookings that stood began and ended, by the addresses of their customers.
    starts: Days,
    ends: Days,
}

/// Days by address, and within it by what was booked, where that is known.
type Days = BTreeMap<String, BTreeMap<Option<String>, BTreeSet<NaiveDate>>>;

/// Who got messages of a kind as a booking of theirs had just ended, shortly before one began, and at other times.
#[derive(Default)]
struct Readers<'a> {
    after: BTreeSet<&'a str>,
    before: BTreeSet<&'a str>,
    neither: BTreeSet<&'a str>,
}

impl<'a> Readers<'a> {
    fn add(&mut self, reader: &'a str, time: Time) {
        let of = match time {
            Time::After => &mut self.after,
            Time::Before => &mut self.before,
            Time::Neither => &mut self.neither,
        };
        of.insert(reader);
    }

    /// Whether hardly any was sent at another time.
    fn are(&self, time: Time) -> bool {
        let [after, before, neither] = [&self.after, &self.before, &self.neither].map(BTreeSet::len);
        let (then, others) = match time {
            Time::After => (after, before + neither),
            Time::Before => (before, after + neither),
            Time::Neither => (neither, after + before),
        };
        then >= ENOUGH && others * ELSE_IN <= then
    }
}

/// When a message was sent to somebody.
#[derive(Clone, Copy)]
enum Time {
    After,
    Before,
    Neither,
}

impl Time {
    fn of(told: &Told<'_>, reader: &str, said: NaiveDate, starts: &Days, ends: &Days) -> Self {
        if has_ended(ends, told, reader, said) {
            Self::After
        } else if begins(starts, reader, said) {
            Self::Before
        } else {
            Self::Neither
        }
    }
}

/// The subjects of messages that were sent at such a time.
fn subjects(kinds: &BTreeMap<String, Readers<'_>>, time: Time) -> BTreeSet<String> {
    let kinds = kinds.iter().filter(|(_, readers)| readers.are(time));
    kinds.map(|(subject, _)| subject.clone()).collect()
}

impl Pleasantries {
    pub fn learn(input: &Input<'_>) -> Self {
        let [starts, ends] = [FieldName::StartsAt, FieldName::EndsAt].map(|field| days(input, field));
        let mut kinds: BTreeMap<String, Readers<'_>> = BTreeMap::new();
        let mut links: BTreeMap<String, Readers<'_>> = BTreeMap::new();
        let (mut telling, mut linked) = (BTreeSet::new(), BTreeSet::new());
        let feet = feet(input);
        for one in input.told {
            let document = one.document;
            if !is_own(document) {
                continue;
            }
            // That the bookings of most who were thanked stood is no word on any of them.
            let is_empty = says_nothing(one, &feet) && one.claims.meaning != Some(Status::Cancelled);
            let subject = subject(one);
            if !is_empty || one.claims.meaning.is_some() {
                telling.extend(subject.clone());
            }
            if !is_empty {
                linked.extend(links_in(document));
            }
            let (Some(said), Some(reader)) = (document.said_at, document.recipient()) else {
                continue;
            };
            let said = said.with_timezone(&input.business.zone).date_naive();
            let time = Time::of(one, reader, said, &starts, &ends);
            if let Some(subject) = subject {
                kinds.entry(subject).or_default().add(reader, time);
            }
            for link in links_in(document).into_iter().filter(|_| is_empty) {
                links.entry(link).or_default().add(reader, time);
            }
        }
        let are_thanks =
            |(link, readers): &(String, Readers<'_>)| !linked.contains(link) && readers.are(Time::After);
        Self {
            thanks: &subjects(&kinds, Time::After) - &telling,
            reminders: subjects(&kinds, Time::Before),
            links: links
                .into_iter()
                .filter(are_thanks)
                .map(|(link, _)| link)
                .collect(),
            feet,
            starts,
            ends,
        }
    }

    /// Whether a message says nothing of any booking.
    pub fn has(&self, input: &Input<'_>, told: &Told<'_>) -> bool {
        let document = told.document;
        let is_after = || {
            let said = document
                .said_at
                .map(|at| at.with_timezone(&input.business.zone).date_naive());
            let reader = document.recipient();
            reader
                .zip(said)
                .is_some_and(|(reader, said)| has_ended(&self.ends, told, reader, said))
        };
        let is_known = || {
            let is_thanks = subject(told).is_some_and(|subject| self.thanks.contains(&subject));
            is_thanks && (things(told).is_empty() || is_after())
        };
        let is_linked = || {
            let links = links_in(document);
            let is_empty = says_nothing(told, &self.feet) && told.claims.meaning.is_none();
            is_after() && is_empty && links.iter().any(|link| self.links.contains(link))
        };
        is_known() || is_own(document) && is_linked()
    }

    /// Whether a message is of a kind that only reminds of what is booked.
    pub fn reminds(&self, told: &Told<'_>) -> bool {
        subject(told).is_some_and(|subject| self.reminders.contains(&subject))
    }

    /// Whether a reminder is of another booking of its reader: one begins within days, and never was this one to.
    pub fn reminds_of_another(
        &self,
        input: &Input<'_>,
        told: &Told<'_>,
        (cluster, booking): (&Cluster, &Booking),
    ) -> bool {
        let zone = input.business.zone;
        let members = cluster.members.iter().map(|at| &input.told[*at]);
        let stated = members.flat_map(|told| told.claims.of(FieldName::StartsAt));
        let stated = stated.filter_map(|claim| match claim.value {
            Value::When(when) => Some(when),
            _ => None,
        });
        let mut days = stated.chain(booking.starts_at).map(|when| when.date(zone));
        let said = told
            .document
            .said_at
            .map(|at| at.with_timezone(&zone).date_naive());
        let reader = told.document.recipient();
        reader.zip(said).is_some_and(|(reader, said)| {
            begins(&self.starts, reader, said) && !days.any(|day| is_near(day, said))
        })
    }
}

/// Whether a booking of this reader ended within days before: of what the message names, if it names anything.
fn has_ended(ends: &Days, told: &Told<'_>, reader: &str, said: NaiveDate) -> bool {
    let named = things(told);
    let ended = ends.get(&reader.to_lowercase()).into_iter().flatten();
    let of_it = ended
        .filter(|(thing, _)| named.is_empty() || thing.as_deref().is_some_and(|thing| named.contains(thing)));
    of_it
        .flat_map(|(_, days)| days)
        .any(|end| *end <= said && said - *end <= AFTER)
}

/// Whether a booking of this reader begins within days.
fn begins(starts: &Days, reader: &str, said: NaiveDate) -> bool {
    let starts = starts.get(&reader.to_lowercase()).into_iter().flatten();
    starts
        .flat_map(|(_, days)| days)
        .any(|start| is_near(*start, said))
}

/// The things that a message names.
fn things<'t>(told: &'t Told<'_>) -> BTreeSet<&'t str> {
    let stated = told.claims.of(FieldName::ResourceKey);
    let stated = stated.filter_map(|claim| match &claim.value {
        Value::Text(key) => Some(key.as_str()),
        _ => None,
    });
    let mentions = told.claims.mentions.iter().flatten().map(String::as_str);
    stated.chain(mentions).collect()
}

fn is_near(start: NaiveDate, said: NaiveDate) -> bool {
    said <= start && start - said <= BEFORE
}

/// The links of a message, each whole and without its last part, which may be another in each message; those to a host alone
/// tell nothing.
fn links_in(document: &Document) -> BTreeSet<String> {
    let texts = document.items.iter().filter_map(|item| match &item.value {
        Scalar::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let spans = texts.filter(|text| text.contains("://")).flat_map(reading::spans);
    let mut found = BTreeSet::new();
    for span in spans {
        let SpanValue::Url(link) = span.value else {
            continue;
        };
        let link = link.to_lowercase();
        let link = link.split_once("://").map_or(link.as_str(), |(_, link)| link);
        let path = link.split(['?', '#']).next().unwrap_or_default();
        let path = path.trim_end_matches('/');
        let parent = path.rsplit_once('/').map(|(parent, _)| parent);
        let both = [Some(path), parent].into_iter().flatten();
        found.extend(both.filter(|path| path.contains('/')).map(str::to_owned));
    }
    found
}

fn is_own(document: &Document) -> bool {
    document.kind == SourceKind::Mail && document.standing == Standing::Business
}

/// What a message of the business is headed with, whatever thing it names, without a number in it.
fn subject(told: &Told<'_>) -> Option<String> {
    let document = told.document;
    let mut subject = document.subject().filter(|_| is_own(document))?.to_owned();
    let mut names: Vec<&String> = told.claims.mentioned.iter().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in names {
        subject = subject.replace(name.as_str(), "*");
    }
    let is_plain = !subject.chars().any(char::is_numeric);
    let parts: Vec<String> = subject.split('*').map(squash).collect();
    let says_something = parts.iter().any(|part| !part.is_empty());
    (is_plain && says_something).then(|| parts.join("*"))
}

/// The lines with a number that stand in messages of the business to many people.
fn feet(input: &Input<'_>) -> BTreeSet<String> {
    let mut readers: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for document in input.told.iter().map(|told| told.document) {
        let Some(reader) = document.recipient().filter(|_| is_own(document)) else {
            continue;
        };
        for text in lines(document).filter(|text| text.chars().any(char::is_numeric)) {
            readers.entry(text).or_default().insert(reader);
        }
    }
    let feet = readers.into_iter().filter(|(_, of)| of.len() >= EVERYBODY);
    feet.map(|(text, _)| text.to_owned()).collect()
}

fn lines(document: &Document) -> impl Iterator<Item = &str> {
    document.items.iter().filter_map(|item| match &item.value {
        Scalar::Text(text) if ["text", "html"].contains(&item.place.as_str()) => Some(text.as_str()),
        _ => None,
    })
}

/// Whether a message states no time, no price and no number, but for what everybody is told. It may name a thing.
fn says_nothing(told: &Told<'_>, feet: &BTreeSet<String>) -> bool {
    let claims = &told.claims;
    // In a kind that the overlap knows, an amount that no rule reads is no price: a voucher's, say.
    let is_value = |slot: &SlotType| match slot {
        SlotType::Moment => true,
        SlotType::Amount => !claims.known,
        _ => false,
    };
    let is_at_foot = |value: &str| {
        let mut with_it = lines(told.document)
            .filter(|text| text.contains(value))
            .peekable();
        with_it.peek().is_some() && with_it.all(|text| feet.contains(text))
    };
    let mut values = claims.unexplained.iter().chain(&claims.unread);
    let is_telling = |claim: &Claim| !claim.field.is_of_customer() && claim.field != FieldName::ResourceKey;
    !claims.claims.iter().any(is_telling)
        && claims.strange.is_empty()
        && claims.hours.is_empty()
        && !claims.perhaps_off
        && !values.any(|(slot, said)| is_value(slot) && !is_at_foot(said))
}

/// When bookings that stood began or ended, by the addresses that their records state or that their messages went to.
fn days(input: &Input<'_>, field: FieldName) -> Days {
    let zone = input.business.zone;
    let customers = input.baseline.customers.iter();
    let emails: HashMap<&str, &str> = customers
        .filter_map(|row| Some((row.key.as_str(), row.email.as_deref()?)))
        .collect();
    let mut of: Days = BTreeMap::new();
    for cluster in &input.linked.clusters {
        let row = match cluster.about {
            About::Baseline(at) => Some(&input.baseline.bookings[at]),
            About::New => None,
        };
        if row.is_some_and(|row| row.status == Some(Status::Cancelled)) {
            continue;
        }
        let told = cluster.members.iter().map(|at| &input.told[*at]);
        let claims: Vec<&Claim> = told.flat_map(|told| &told.claims.claims).collect();
        let stated = claims.iter().filter_map(|claim| match claim.value {
            Value::When(when) if claim.field == field => Some(when),
            _ => None,
        });
        let days: BTreeSet<NaiveDate> = stated
            .chain(row.and_then(|row| match field {
                FieldName::EndsAt => row.ends_at,
                _ => row.starts_at,
            }))
            .map(|when| when.date(zone))
            .collect();
        let key = row.and_then(|row| row.customer.as_deref());
        let known = key.and_then(|key| emails.get(key).map(|&email| email.to_owned()));
        let addresses = claims.iter().filter_map(|claim| match &claim.value {
            Value::Text(text) if claim.field == FieldName::CustomerEmail => Some(text.clone()),
            _ => None,
        });
        let sent = cluster.members.iter().filter_map(|at| {
            let document = input.told[*at].document;
            document.recipient().filter(|_| is_own(document))
        });
        let addresses: BTreeSet<String> = addresses
            .chain(known)
            .chain(sent.map(str::to_owned))
            .map(|address| address.to_lowercase())
            .collect();
        let stated = claims.iter().filter_map(|claim| match &claim.value {
            Value::Text(key) if claim.field == FieldName::ResourceKey => Some(key.clone()),
            _ => None,
        });
        let mut things: BTreeSet<Option<String>> = stated
            .chain(row.and_then(|row| row.resource.clone()))
            .map(Some)
            .collect();
        if things.is_empty() {
            things.insert(None);
        }
        for address in addresses {
            let of_it = of.entry(address).or_default();
            for thing in &things {
                of_it.entry(thing.clone()).or_default().extend(&days);
            }
        }
    }
    of
}
