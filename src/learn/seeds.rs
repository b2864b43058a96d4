//! Ties records of the overlap to bookings of the backup by rare exact atoms, no wording known.
//!
//! Each atom that a record shares with a booking adds log2(bookings / bookings that have it) bits, the
//! best of e-mail, phone and name counted once. A link needs a floor and a margin over the next
//! booking; what has neither is left out: seeds need precision, not coverage.

use super::{Lexed, PerLine, Truth, containers};
use crate::mapping::{After, Found, Line, Token, resolve, squash};
use crate::model::{Baseline, Document, FieldName, Item, Scalar, Standing};
use crate::reading::{SpanValue, is_word_char, phone_tail};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seed {
    /// Index into the truths.
    pub booking: usize,
    pub bits: f64,
}

/// Bits above the prior odds that a link needs, and bits that it needs over the runner-up.
const FLOOR: f64 = 3.0;
const MARGIN: f64 = 3.0;

/// What an atom is about; those of one group are one observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Group {
    Reference,
    Key,
    Charge,
    Person,
    Start,
    End,
    Resource,
    Created,
}

/// A record made so soon after a booking tells of it, other things being equal.
const SOON: TimeDelta = TimeDelta::minutes(60);
/// Clocks differ a little.
const EARLY: TimeDelta = TimeDelta::minutes(2);

/// How many days ahead a reminder names no day, but the time alone.
const DAYS_AHEAD: u8 = 2;

/// What a record states, and the bookings of which it is stated.
type Hit<'i> = (Group, &'i [usize]);

/// The times that stand without a day.
fn times_alone(
    found: &Found,
    said_at: Option<DateTime<Utc>>,
) -> Vec<((NaiveTime, bool), Option<FixedOffset>)> {
    match found {
        Found::Read(SpanValue::Moment(moment)) => resolve(moment, said_at)
            .into_iter()
            .filter(|way| way.date.is_none())
            .filter_map(|way| Some((way.time?, way.offset)))
            .collect(),
        Found::Read(SpanValue::Amount(amount)) => amount
            .time
            .into_iter()
            .map(|time| ((time, false), None))
            .collect(),
        _ => Vec::new(),
    }
}

struct Index {
    /// When each booking was made, rising.
    made: Vec<(DateTime<Utc>, usize)>,
    /// By what a text may be, and then by the text.
    texts: BTreeMap<Group, HashMap<String, Vec<usize>>>,
    instants: HashMap<(Group, DateTime<Utc>), Vec<usize>>,
    dates: HashMap<(Group, NaiveDate), Vec<usize>>,
    longest: usize,
}

/// Links documents by themselves; used where they are not cut up yet.
pub fn link(documents: &[&Document], truths: &[Truth<'_>], baseline: &Baseline) -> Vec<Option<Seed>> {
    let gazetteer = crate::mapping::Gazetteer::new(&baseline.resources);
    let lexer = crate::mapping::Lexer {
        gazetteer: &gazetteer,
    };
    let lexed: Vec<Lexed<'_>> = documents
        .iter()
        .map(|document| super::lex(document, &lexer))
        .collect();
    let lexed: Vec<&Lexed<'_>> = lexed.iter().collect();
    link_lexed(&lexed, truths, baseline)
}

pub(super) fn link_lexed(
    lexed: &[&Lexed<'_>],
    truths: &[Truth<'_>],
    baseline: &Baseline,
) -> Vec<Option<Seed>> {
    use rayon::prelude::*;
    let index = Index::new(truths, baseline);
    let lines = PerLine::of(lexed, |text, line| index.named_in(text, line));
    let mut seeds: Vec<Option<Seed>> = lexed
        .par_iter()
        .map(|lexed| index.best(lexed, truths, &lines, None))
        .collect();
    let known = containers::of_one_resource(lexed, &seeds, truths);
    if !known.is_empty() {
        // A booking has one entry there: what stands beside it is somebody else's who was struck, or nobody's.
        let entered = lexed.iter().zip(&seeds).filter_map(|(lexed, seed)| {
            containers::container(lexed.document)?;
            seed.map(|seed| seed.booking)
        });
        let entered: BTreeSet<usize> = entered.collect();
        let nameless = lexed
            .par_iter()
            .zip(&mut seeds)
            .filter(|(_, seed)| seed.is_none());
        nameless.for_each(|(lexed, seed)| {
            let resource = containers::container(lexed.document).and_then(|of| known.get(of));
            let found = resource.and_then(|resource| index.best(lexed, truths, &lines, Some(resource)));
            *seed = found.filter(|found| !entered.contains(&found.booking));
        });
    }
    // What the provider itself ties together tells of one booking.
    let at: HashMap<&str, usize> = lexed
        .iter()
        .enumerate()
        .map(|(at, lexed)| (lexed.document.record.as_str(), at))
        .collect();
    for (from, lexed) in lexed.iter().enumerate() {
        if lexed.document.standing != Standing::Business {
            seeds[from] = None;
            continue;
        }
        for kin in &lexed.document.kin {
            let Some(to) = at.get(kin.as_str()).copied() else {
                continue;
            };
            match (seeds[from], seeds[to]) {
                (Some(seed), None) => seeds[to] = Some(seed),
                (None, Some(seed)) => seeds[from] = Some(seed),
                _ => {}
            }
        }
    }
    seeds
}

/// Times alone name no booking: workshop and staff entries begin on the hour too.
fn names_it(groups: &[(usize, Group, f64)]) -> bool {
    let has = |group| groups.iter().any(|(_, other, _)| *other == group);
    [Group::Reference, Group::Key, Group::Charge, Group::Person]
        .into_iter()
        .any(has)
        || [Group::Start, Group::End, Group::Resource].into_iter().all(has)
}

/// The words of a customer's name, folded.
fn name_words(truth: &Truth<'_>) -> Vec<String> {
    let name = truth
        .customer
        .and_then(|row| row.name.as_deref())
        .unwrap_or_default();
    name.split(|char: char| !is_word_char(char)).map(squash).collect()
}

impl Index {
    fn new(truths: &[Truth<'_>], baseline: &Baseline) -> Self {
        let mut made: Vec<(DateTime<Utc>, usize)> = truths
            .iter()
            .enumerate()
            .filter_map(|(at, truth)| Some((truth.booking.created_at?, at)))
            .collect();
        made.sort_unstable();
        let mut index = Self {
            made,
            texts: BTreeMap::new(),
            instants: HashMap::new(),
            dates: HashMap::new(),
            longest: 0,
        };
        let mut by_key: HashMap<&str, usize> = HashMap::new();
        for (at, truth) in truths.iter().enumerate() {
            by_key.insert(&truth.booking.key, at);
            index.longest = index.longest.max(truth.name.len());
            let mut put = |group, text: &str, length| {
                if text.len() >= length {
                    // A name that is one word is put once.
                    let texts = index.texts.entry(group).or_default();
                    let bookings = texts.entry(text.to_owned()).or_default();
                    if bookings.last() != Some(&at) {
                        bookings.push(at);
                    }
                }
            };
            put(Group::Reference, &truth.reference, 3);
            // Short keys are small numbers: they stand everywhere.
            put(Group::Key, &squash(&truth.booking.key), 8);
            put(Group::Person, &truth.email, 5);
            put(Group::Person, &truth.phone, 7);
            put(Group::Person, &truth.name, 4);
            if truth.reversed != truth.name {
                put(Group::Person, &truth.reversed, 4);
            }
            for word in name_words(truth) {
                put(Group::Person, &word, 3);
            }
            if let Some(key) = &truth.booking.resource {
                let texts = index.texts.entry(Group::Resource).or_default();
                texts.entry(key.clone()).or_default().push(at);
            }
            for (group, field) in [
                (Group::Start, FieldName::StartsAt),
                (Group::End, FieldName::EndsAt),
                (Group::Created, FieldName::CreatedAt),
            ] {
                if let Some(instant) = truth.instant(field) {
                    index.instants.entry((group, instant)).or_default().push(at);
                }
                if let (Some(date), true) = (truth.date(field), group != Group::Created) {
                    index.dates.entry((group, date)).or_default().push(at);
                }
            }
        }
        for payment in &baseline.payments {
            let booking = payment.booking.as_deref().and_then(|key| by_key.get(key));
            if let (Some(id), Some(at)) = (&payment.provider_id, booking) {
                let texts = index.texts.entry(Group::Charge).or_default();
                texts.entry(squash(id)).or_default().push(*at);
            }
        }
        index
    }

    /// The bookings that a text names.
    fn named(&self, group: Group, text: &str) -> Option<Hit<'_>> {
        let bookings = self.texts.get(&group)?.get(text)?;
        Some((group, bookings))
    }

    /// The bookings that a line names, whatever record it stands in.
    fn named_in(&self, whole: &str, line: &Line) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        let mut text = |group: Group, value: &str| hits.extend(self.named(group, value));
        if whole.len() <= 120 {
            let squashed = squash(whole);
            text(Group::Reference, &squashed);
            text(Group::Key, &squashed);
            text(Group::Charge, &squashed);
            text(Group::Person, &squashed);
            let tail = phone_tail(whole);
            if tail.len() >= 7 && whole.len() <= 24 {
                text(Group::Person, &tail);
            }
        }
        for (at, found) in &line.spans {
            match found {
                Found::Read(SpanValue::Email(email)) => text(Group::Person, email),
                Found::Read(SpanValue::Phone(phone)) => text(Group::Person, &phone_tail(phone)),
                Found::Read(SpanValue::Code(_) | SpanValue::Number(_)) => {
                    let squashed = squash(&whole[line.tokens[*at].1.clone()]);
                    text(Group::Reference, &squashed);
                    text(Group::Key, &squashed);
                }
                Found::Resource(keys) => keys.iter().for_each(|key| text(Group::Resource, key)),
                Found::Read(_) => {}
            }
        }
        // Names: up to five words side by side.
        for start in 0..line.tokens.len() {
            let mut joined = String::new();
            for (token, _) in line.tokens[start..].iter().take(5) {
                let Token::Word(word) = token else { break };
                joined.push_str(word);
                if joined.len() > self.longest {
                    break;
                }
                text(Group::Person, &joined);
            }
        }
        hits
    }

    /// The booking that a record tells of. `only`: the resource of which alone it can be.
    fn best(
        &self,
        lexed: &Lexed<'_>,
        truths: &[Truth<'_>],
        lines: &PerLine<Vec<Hit<'_>>>,
        only: Option<&str>,
    ) -> Option<Seed> {
        let mut hits: Vec<Hit<'_>> = Vec::new();
        let near: Vec<usize> = match lexed.document.made_at.or(lexed.document.said_at) {
            Some(at) => {
                let from = self.made.partition_point(|(made, _)| *made < at - SOON);
                let to = self.made.partition_point(|(made, _)| *made <= at + EARLY);
                self.made[from..to].iter().map(|(_, booking)| *booking).collect()
            }
            None => Vec::new(),
        };
        hits.extend((!near.is_empty()).then_some((Group::Created, near.as_slice())));
        hits.extend(self.named(Group::Charge, &squash(lexed.document.record.native())));
        let told = lexed.lines.iter().filter_map(|(_, line)| lines.get(line));
        hits.extend(told.flatten());
        let zone = truths.first().map(Truth::zone);
        for found in lexed
            .lines
            .iter()
            .flat_map(|(_, line)| line.spans.iter().map(|(_, found)| found))
        {
            let weekday = match found {
                Found::Read(SpanValue::Moment(moment)) => moment.weekday,
                _ => None,
            };
            for (time, offset) in times_alone(found, lexed.document.said_at) {
                // Tomorrow at three: the day on which a reminder was sent tells which.
                let made = lexed.document.said_at.zip(zone);
                let made = made.map(|(at, zone)| at.with_timezone(&zone).date_naive());
                let days = (0..=DAYS_AHEAD)
                    .map(After::Days)
                    .chain(weekday.map(|_| After::Weekday))
                    .filter_map(|after| after.day(made?, weekday));
                for day in days {
                    let at = zone.and_then(|zone| crate::mapping::instant(day, time, offset, zone));
                    let bookings = at.and_then(|at| self.instants.get(&(Group::Start, at)));
                    hits.extend(bookings.map(|bookings| (Group::Start, bookings.as_slice())));
                }
            }
            let Found::Read(SpanValue::Moment(moment)) = found else {
                continue;
            };
            for way in resolve(moment, lexed.document.said_at) {
                let Some(date) = way.date else { continue };
                self.moment(date, &mut hits);
                let at = way.time.zip(zone);
                let at = at.and_then(|(time, zone)| crate::mapping::instant(date, time, way.offset, zone));
                if let Some(at) = at {
                    self.instant(at, &mut hits);
                }
            }
        }
        // What entries have in common that were made together is of none of them alone.
        let joined = lexed
            .document
            .items
            .iter()
            .any(|item| item.place.starts_with("/series/start/"));
        let own = |item: &&Item| !(joined && item.place.starts_with("/series/"));
        for item in lexed.document.items.iter().filter(own) {
            match &item.value {
                Scalar::Instant(at) => {
                    self.instant(*at, &mut hits);
                    if let Some(zone) = zone {
                        self.moment(at.with_timezone(&zone).date_naive(), &mut hits);
                    }
                }
                Scalar::Date(date) => self.moment(*date, &mut hits),
                _ => {}
            }
        }
        let mut ranked = ranked(hits, lexed, truths, only);
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let all = truths.len() as f64;
        let (bits, booking) = *ranked.first()?;
        let next = ranked.get(1).map_or(0.0, |(bits, _)| *bits);
        (bits >= all.log2() + FLOOR && bits - next >= MARGIN).then_some(Seed { booking, bits })
    }

    fn instant<'i>(&'i self, at: DateTime<Utc>, hits: &mut Vec<Hit<'i>>) {
        let groups = [Group::Start, Group::End, Group::Created].into_iter();
        let found = groups.filter_map(|group| Some((group, self.instants.get(&(group, at))?.as_slice())));
        hits.extend(found);
    }

    fn moment<'i>(&'i self, date: NaiveDate, hits: &mut Vec<Hit<'i>>) {
        let groups = [Group::Start, Group::End].into_iter();
        let found = groups.filter_map(|group| Some((group, self.dates.get(&(group, date))?.as_slice())));
        hits.extend(found);
    }
}

/// The bookings that a record may tell of by what it states, each with its bits.
fn ranked(
    mut hits: Vec<Hit<'_>>,
    lexed: &Lexed<'_>,
    truths: &[Truth<'_>],
    only: Option<&str>,
) -> Vec<(f64, usize)> {
    // What is stated twice is one atom.
    hits.sort_unstable_by_key(|(group, bookings)| (*group, bookings.as_ptr().addr()));
    hits.dedup_by_key(|(group, bookings)| (*group, bookings.as_ptr().addr()));
    let all = truths.len() as f64;
    // Two tenants may give out the same number.
    let whose = lexed.document.tenant.as_deref();
    let may_be = |at: &&usize| {
        let of = truths[**at].booking.tenant.as_deref();
        whose.is_none() || of.is_none() || of == whose
    };
    let mut scores: Vec<(usize, Group, f64)> = Vec::new();
    for (group, bookings) in hits {
        let count = bookings.iter().filter(may_be).count();
        // An atom that half of all bookings share tells nothing.
        if count * 2 > truths.len().max(4) {
            continue;
        }
        let bits = (all / count as f64).log2();
        let of = bookings.iter().filter(may_be);
        scores.extend(of.map(|booking| (*booking, group, bits)));
    }
    // The best atom of each group first.
    scores.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.total_cmp(&a.2)));
    scores.dedup_by_key(|(booking, group, _)| (*booking, *group));
    scores
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|groups| match only {
            Some(only) => {
                let has = |group| groups.iter().any(|(_, other, _)| *other == group);
                let of = truths[groups[0].0].booking.resource.as_deref();
                of == Some(only) && has(Group::Start) && has(Group::End)
            }
            None => names_it(groups),
        })
        .map(|groups| (groups.iter().map(|(.., bits)| bits).sum(), groups[0].0))
        .collect()
}
