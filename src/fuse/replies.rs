//! What customers answer: "as agreed on the phone, we come on the 24th". A reply changes nothing by itself, and the business
//! need not have written anything down; so a day, an hour or a thing in it that is not the booking's is asked about, where
//! nothing that the business wrote or planned since says when the booking is.

use super::question::{Questions, candidate};
use super::strange::shifted;
use super::timeline::Timeline;
use super::{Context, Input, over, read};
use crate::mapping::{Told, instant, resolve};
use crate::model::{
    About, BaselineBooking, Booking, Claim, Cluster, ConflictKind, FieldName, RecordId, SourceKind, Standing,
    Status, Value, When,
};
use crate::reading::{self, SpanValue};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// So many replies named something else, and none was right: customers speak of their ferry, not of the booking.
const TALK: u32 = 5;

/// What a reply may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Day,
    Hour,
    Thing,
}

/// Customers' messages by who sent them, and what of theirs never came true.
#[derive(Debug, Default)]
pub(super) struct Replies<'a> {
    by_sender: BTreeMap<String, Vec<usize>>,
    by_kin: BTreeMap<&'a RecordId, Vec<usize>>,
    talk: BTreeSet<Kind>,
    /// Most of the days that were named came true.
    comes_true: bool,
}

/// A day that a reply names, with the hours beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Day {
    date: NaiveDate,
    /// There is one way to read it.
    is_sure: bool,
    hours: Vec<NaiveTime>,
}

/// What a reply names beside what is known.
#[derive(Debug, Default)]
struct Other {
    text: String,
    days: Vec<Day>,
    hours: Vec<NaiveTime>,
    /// Those of the hours that stand beside a day of the booking, and how they are written.
    on_its_days: Vec<(NaiveTime, String)>,
    things: Vec<String>,
}

impl Other {
    /// What a word of the business about the days alone leaves open: another hour on one of them.
    fn of_hours(self) -> Self {
        let mut left = Self::default();
        for (hour, said) in self.on_its_days {
            note(&mut left.text, &said);
            left.hours.push(hour);
        }
        left
    }
}

/// What is known of a booking.
#[derive(Debug, Default)]
struct Known {
    days: BTreeSet<NaiveDate>,
    hours: BTreeSet<NaiveTime>,
    things: BTreeSet<String>,
}

impl Known {
    fn add(&mut self, when: When, zone: Tz) {
        self.days.insert(when.date(zone));
        if let When::Instant(at) = when {
            self.hours.insert(at.with_timezone(&zone).time());
        }
    }

    /// From when to when it is. What ends past midnight is of the evening's day.
    fn span(&mut self, from: Option<When>, until: Option<When>, zone: Tz) {
        for when in [from, until].into_iter().flatten() {
            self.add(when, zone);
        }
        if let (Some(When::Instant(from)), Some(When::Instant(until))) = (from, until)
            && until - from < TimeDelta::days(1)
        {
            self.days = BTreeSet::from([from.with_timezone(&zone).date_naive()]);
        }
    }

    fn add_claim(&mut self, claim: &Claim, zone: Tz) {
        match (claim.field, &claim.value) {
            (FieldName::StartsAt | FieldName::EndsAt, Value::When(when)) => self.add(*when, zone),
            (FieldName::ResourceKey, Value::Text(key)) => {
                self.things.insert(key.clone());
            }
            _ => {}
        }
    }
}

impl<'a> Replies<'a> {
    pub fn learn(input: &Input<'a>) -> Self {
        let mut replies = Self::default();
        for (at, told) in input.told.iter().enumerate() {
            let document = told.document;
            if document.object != "message" || document.standing != Standing::Customer {
                continue;
            }
            let Some(sender) = document.text("header:from.email") else {
                continue;
            };
            replies
                .by_sender
                .entry(sender.to_lowercase())
                .or_default()
                .push(at);
            for kin in &document.kin {
                replies.by_kin.entry(kin).or_default().push(at);
            }
        }
        if !replies.by_sender.is_empty() {
            replies.learn_talk(input);
        }
        replies
    }

    /// What replies of the overlap named that had not been said before, and whether the backup has it.
    fn learn_talk(&mut self, input: &Input<'a>) {
        let zone = input.business.zone;
        let mut counts: BTreeMap<Kind, (u32, u32)> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(row) = cluster.about else {
                continue;
            };
            let row = &input.baseline.bookings[row];
            let mut came = Known::default();
            came.span(row.starts_at, row.ends_at, zone);
            came.things.extend(row.resource.clone());
            for at in self.of(input, cluster, row.reference.as_deref(), None) {
                let reply = &input.told[at];
                let mut known = Known::default();
                let before = cluster.members.iter().map(|member| &input.told[*member]);
                let before = before.filter(|told| {
                    told.document.kind == SourceKind::Mail && told.document.said_at < reply.document.said_at
                });
                for claim in before.flat_map(|told| &told.claims.claims) {
                    known.add_claim(claim, zone);
                }
                if known.days.is_empty() || reply.document.said_at > Some(input.window.backup) {
                    continue;
                }
                let other = other(reply, &known, zone);
                let mut count = |kind, named: bool, right: bool| {
                    let (seen, true_ones) = counts.entry(kind).or_default();
                    *seen += u32::from(named);
                    *true_ones += u32::from(named && right);
                };
                let is_day = other.days.iter().any(|day| came.days.contains(&day.date));
                count(Kind::Day, !other.days.is_empty(), is_day);
                let is_hour = other.hours.iter().any(|hour| came.hours.contains(hour));
                count(Kind::Hour, !other.hours.is_empty(), is_hour);
                let is_thing = other.things.iter().any(|key| came.things.contains(key));
                count(Kind::Thing, !other.things.is_empty(), is_thing);
            }
        }
        let never = counts
            .iter()
            .filter(|(_, (seen, came))| *seen >= TALK && *came == 0);
        self.talk = never.map(|(kind, _)| *kind).collect();
        self.comes_true = counts
            .get(&Kind::Day)
            .is_none_or(|(seen, came)| came * 2 >= *seen);
    }

    /// The messages in which whoever booked answers to this booking.
    fn of(
        &self,
        input: &Input<'_>,
        cluster: &Cluster,
        number: Option<&str>,
        email: Option<&str>,
    ) -> BTreeSet<usize> {
        let members = || cluster.members.iter().map(|at| &input.told[*at]);
        let messages = || members().filter(|told| told.document.kind == SourceKind::Mail && told.speaks());
        let answered = messages().filter_map(|told| self.by_kin.get(&told.document.record));
        let mut found: BTreeSet<usize> = answered.flatten().copied().collect();
        let readers = messages()
            .filter_map(|told| told.document.recipient())
            .chain(email);
        let readers: BTreeSet<String> = readers.map(str::to_lowercase).collect();
        let subjects: BTreeSet<&str> = messages().filter_map(|told| told.document.subject()).collect();
        for at in readers.iter().filter_map(|who| self.by_sender.get(who)).flatten() {
            let reply = input.told[*at].document;
            let subject = reply.subject().unwrap_or_default();
            let own = reply.items.iter().filter(|item| is_own(&item.place));
            let mut texts = own.filter_map(|item| match &item.value {
                crate::model::Scalar::Text(text) => Some(text.as_str()),
                _ => None,
            });
            let is_about = match number {
                Some(number) => names(subject, number) || texts.any(|text| names(text, number)),
                None => subjects
                    .iter()
                    .any(|of| subject.len() > of.len() && subject.ends_with(of)),
            };
            if is_about {
                found.insert(*at);
            }
        }
        found
    }

    /// Whether somebody answered to a booking since the backup.
    pub fn is_answered(&self, input: &Input<'_>, cluster: &Cluster, row: Option<&BaselineBooking>) -> bool {
        let number = row.and_then(|row| row.reference.as_deref());
        let mut replies = self.of(input, cluster, number, None).into_iter();
        replies.any(|at| super::happened_since(&input.told[at], input.window.backup))
    }
}

/// Asks where the last word is a customer's, and names another day, hour or thing than the booking has.
pub(super) fn doubt(
    context: &Context<'_>,
    cluster: &Cluster,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let (input, replies) = (context.input, &context.replies);
    if replies.by_sender.is_empty() || booking.status == Some(Status::Cancelled) {
        return;
    }
    let zone = input.business.zone;
    let mut known = Known::default();
    known.span(booking.starts_at, booking.ends_at, zone);
    known.things.extend(booking.resource.key.clone());
    let email = booking.customer.email.as_deref();
    for at in replies.of(input, cluster, booking.reference.as_deref(), email) {
        let reply = &input.told[at];
        let Some(said_at) = reply.document.said_at else {
            continue;
        };
        let is_old = baseline.is_some() && said_at <= input.window.backup;
        let since = timeline.says_when_since(said_at);
        if is_old || since == Some(Finest::Hour) {
            continue;
        }
        let mut other = other(reply, &known, zone);
        if since == Some(Finest::Day) {
            other = other.of_hours();
        }
        let may = |kind| !replies.talk.contains(&kind);
        other.days.retain(|_| may(Kind::Day));
        // What takes place on days alone has no hours.
        other.hours.retain(|_| may(Kind::Hour) && !known.hours.is_empty());
        other
            .things
            .retain(|_| may(Kind::Thing) && !known.things.is_empty());
        let record = &reply.document.record;
        if !other.days.is_empty() {
            ask_day(booking, questions, (&other, record), replies.comes_true, zone);
            booking.status = Some(over::status(context, booking));
        } else if let [key] = other.things.as_slice() {
            let reason = format!(
                "The customer wrote of \"{}\" ({record}), and nothing was written since: is it that now?",
                other.text
            );
            let there = candidate(Value::Text(key.clone()), vec![record.clone()], 500);
            let kept = known
                .things
                .iter()
                .map(|key| candidate(Value::Text(key.clone()), Vec::new(), 500));
            let candidates = std::iter::once(there).chain(kept).collect();
            let field = Some(FieldName::ResourceKey);
            questions.ask(ConflictKind::UnexplainedEvidence, field, reason, candidates, None);
        } else if !other.hours.is_empty() || !other.things.is_empty() {
            let reason = format!(
                "The customer wrote of \"{}\" ({record}), and nothing was written since: was it changed?",
                other.text
            );
            let there = read(record.clone());
            questions.ask(ConflictKind::UnexplainedEvidence, None, reason, vec![there], None);
        }
    }
}

fn ask_day(
    booking: &mut Booking,
    questions: &mut Questions,
    (other, record): (&Other, &RecordId),
    comes_true: bool,
    zone: Tz,
) {
    let reason = format!(
        "The customer wrote of \"{}\" ({record}), and nothing was written since: was it moved there?",
        other.text
    );
    let kept = booking
        .starts_at
        .map(|when| candidate(Value::When(when), Vec::new(), 500));
    let moved = moved(other, booking, zone);
    let there = moved.map(|(start, _)| candidate(Value::When(start), vec![record.clone()], 700));
    let is_likely = comes_true && moved.is_some();
    let candidates = there.into_iter().chain(kept).collect();
    let field = Some(FieldName::StartsAt);
    let suggested = is_likely.then_some(0);
    questions.ask(
        ConflictKind::UnexplainedEvidence,
        field,
        reason,
        candidates,
        suggested,
    );
    if let (Some((start, end)), true) = (moved, is_likely) {
        booking.ends_at = end.or_else(|| shifted(booking.starts_at, booking.ends_at, start));
        booking.starts_at = Some(start);
    }
}

/// When the booking would be: on the first of the days at the hour beside it, or at the one that it had, until the last day.
fn moved(other: &Other, booking: &Booking, zone: Tz) -> Option<(When, Option<When>)> {
    let (first, last) = (other.days.first()?, other.days.last()?);
    if !other.days.iter().all(|day| day.is_sure) {
        return None;
    }
    let at = |date: NaiveDate, hour: Option<&NaiveTime>, was: Option<When>| match was? {
        When::Date(_) => Some(When::Date(date)),
        When::Instant(at) => {
            let hour = hour.copied().unwrap_or(at.with_timezone(&zone).time());
            instant(date, (hour, false), None, zone).map(When::Instant)
        }
    };
    let start = at(first.date, first.hours.first(), booking.starts_at)?;
    let end = match (first.hours.as_slice(), first.date == last.date) {
        (_, false) => at(last.date, last.hours.first(), booking.ends_at),
        ([from, to, ..], true) => {
            let day = if to > from {
                Some(first.date)
            } else {
                first.date.succ_opt()
            };
            at(day?, Some(to), booking.ends_at)
        }
        _ => None,
    };
    Some((start, end))
}

/// What a reply's own words name that is not known: days still to come, hours, things.
fn other(reply: &Told<'_>, known: &Known, zone: Tz) -> Other {
    let mut other = Other::default();
    let document = reply.document;
    let Some(said_at) = document.said_at else {
        return other;
    };
    let said = said_at.with_timezone(&zone);
    let (today, now) = (said.date_naive(), said.time());
    for item in document.items.iter().filter(|item| is_own(&item.place)) {
        let crate::model::Scalar::Text(line) = &item.value else {
            continue;
        };
        let (mut days, mut hours, mut text) = (Vec::<Day>::new(), Vec::new(), String::new());
        let mut on_its_days = Vec::new();
        // When the quoted message was sent stands above it.
        let (mut is_past, mut is_today, mut is_ahead) = (false, false, false);
        for span in reading::spans(line) {
            let SpanValue::Moment(moment) = &span.value else {
                continue;
            };
            let ways = resolve(moment, Some(said_at));
            let dates: BTreeSet<NaiveDate> = ways.iter().filter_map(|way| way.date).collect();
            let times = ways.iter().filter_map(|way| way.time.map(|(time, _)| time));
            let times: BTreeSet<NaiveTime> = times.collect();
            let time = times.first().copied().filter(|_| times.len() == 1);
            is_past |= dates.first().is_some_and(|date| *date < today);
            is_today |= dates.contains(&today);
            is_ahead |= time.is_some_and(|time| time > now);
            match (dates.last(), days.last_mut()) {
                (Some(date), _) if dates.is_disjoint(&known.days) && *date > today => {
                    days.push(Day {
                        date: *date,
                        is_sure: dates.len() == 1,
                        hours: time.into_iter().collect(),
                    });
                    note(&mut text, &line[span.start..span.end]);
                }
                (None, Some(day)) => day.hours.extend(time),
                _ => {}
            }
            if let Some(time) = time.filter(|time| !known.hours.contains(time)) {
                hours.push((time, span.start..span.end));
                if !dates.is_empty() && dates.is_subset(&known.days) {
                    on_its_days.push((time, line[span.start..span.end].to_owned()));
                }
            }
        }
        if is_past || is_today && !is_ahead {
            continue;
        }
        for (_, range) in hours.iter().filter(|_| days.is_empty()) {
            note(&mut text, &line[range.clone()]);
        }
        note(&mut other.text, &text);
        other.days.extend(days);
        other.hours.extend(hours.into_iter().map(|(hour, _)| hour));
        other.on_its_days.extend(on_its_days);
    }
    other.days.sort_by_key(|day| day.date);
    let subject = document.subject().unwrap_or_default();
    for (text, keys) in reply.claims.mentioned.iter().zip(&reply.claims.mentions) {
        // What stands in the subject is quoted too.
        if subject.contains(text.as_str()) || keys.iter().any(|key| known.things.contains(key)) {
            continue;
        }
        note(&mut other.text, text);
        other.things.extend(keys.iter().cloned());
    }
    other.things.sort();
    other.things.dedup();
    other
}

fn note(text: &mut String, said: &str) {
    if !text.is_empty() && !said.is_empty() {
        text.push_str(", ");
    }
    text.push_str(said);
}

fn is_own(place: &str) -> bool {
    matches!(place, "text" | "html")
}

/// Whether a text names a number as one word.
fn names(text: &str, number: &str) -> bool {
    let (text, number) = (text.to_lowercase(), number.to_lowercase());
    let inside = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    let mut found = text.match_indices(&number);
    found.any(|(at, found)| {
        !inside(text[..at].chars().next_back()) && !inside(text[at + found.len()..].chars().next())
    })
}

/// How finely something was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Finest {
    Day,
    Hour,
}

impl Timeline<'_> {
    /// How finely the business wrote or planned since when it is, or that it is off: a receipt that names the days says nothing
    /// of the hours.
    fn says_when_since(&self, since: DateTime<Utc>) -> Option<Finest> {
        let all = self.messages.iter().chain(&self.events);
        let later = all.filter(|spoken| spoken.at.is_some_and(|at| at > since));
        let said = later.filter_map(|spoken| {
            let start = spoken.best(FieldName::StartsAt).map(|(claim, _)| &claim.value);
            match start {
                _ if spoken.cancelled() => Some(Finest::Hour),
                Some(Value::When(When::Date(_))) => Some(Finest::Day),
                start => start.map(|_| Finest::Hour),
            }
        });
        said.max()
    }
}
