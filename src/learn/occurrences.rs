//! Every typed value of a record: in which slots it stands, and with which fields of the booking it agrees.

use super::slots::{Label, Slot, Study, is_particle, masked};
use super::truth::Said;
use super::{Lexed, Truth};
use crate::mapping::{
    After, Anchor, Found, Part, Pattern, Piece, Reading, SlotType, Token, Way, amount_value, amounts, around,
    instant, names_day, resolve, squash,
};
use crate::model::{FieldName, Scalar, When};
use crate::reading::{DateOrder, DecimalMark, SpanValue};
use chrono::{NaiveTime, TimeDelta, Weekday};
use std::collections::BTreeSet;

pub(super) struct Occurrence<'a> {
    pub stands: Stands<'a>,
    /// States a day with its time.
    pub timed: bool,
    /// States the time alone, without its day.
    pub is_hour: bool,
    /// The day on which the record says it.
    pub is_today: bool,
    pub is_given_back: bool,
    /// What a payment of the booking took.
    pub payment: Option<i64>,
    pub labels: BTreeSet<Label>,
    /// The labels under which another booking agrees.
    pub chance: BTreeSet<Label>,
    pub sample: String,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stands<'a> {
    /// In a line, as one of its spans.
    Span {
        index: usize,
        span: usize,
        kind: SlotType,
    },
    /// As an item, of which there are kinds with a template.
    Item { place: &'a str, kind: SlotType },
}

impl Stands<'_> {
    pub fn kind(&self) -> SlotType {
        let (Self::Span { kind, .. } | Self::Item { kind, .. }) = self;
        *kind
    }
}

/// Whether a number is that of another booking of the same customer, in a record that states the booking's own too: a
/// message of two bookings can be tied to one of them, and says nothing against a place of numbers.
fn is_of_sibling(study: &Study<'_>, lexed: &Lexed<'_>, number: &str, truth: &Truth<'_>) -> bool {
    let is_sibling = |other: &&Truth<'_>| {
        other.booking.key != truth.booking.key
            && other.booking.customer.is_some()
            && other.booking.customer == truth.booking.customer
    };
    let states_own = || {
        lexed.lines.iter().enumerate().any(|(index, (_, line))| {
            let mut numbers = line
                .spans
                .iter()
                .filter(|(_, found)| matches!(found, Found::Read(SpanValue::Code(_) | SpanValue::Number(_))));
            numbers.any(|(at, _)| squash(&lexed.text(index)[line.tokens[*at].1.clone()]) == truth.reference)
        })
    };
    let other = study.numbers.get(squash(number).as_str());
    other.is_some_and(is_sibling) && states_own()
}

/// Every typed value of a record.
pub(super) fn occurrences<'a>(
    study: &Study<'_>,
    lexed: &'a Lexed<'_>,
    truth: &Truth<'_>,
    decoy: Option<&Truth<'_>>,
    shared: &BTreeSet<String>,
) -> Vec<Occurrence<'a>> {
    // Where the day stands beside the hours, it tells it, not the day on which the record was made.
    let named = names_start(lexed, truth);
    let said_at = lexed.document.said_at;
    let today = said_at.map(|at| at.with_timezone(&study.business.zone).date_naive());
    let mut out = Vec::new();
    for (index, (_, line)) in lexed.lines.iter().enumerate() {
        let text = lexed.text(index);
        for (span, (at, found)) in line.spans.iter().enumerate() {
            let (Token::Span(slot), range) = &line.tokens[*at] else {
                continue;
            };
            let sample = text[range.clone()].to_owned();
            if matches!(slot, SlotType::Email | SlotType::Phone) && shared.contains(&squash(&sample)) {
                continue;
            }
            let ways = match found {
                Found::Read(SpanValue::Moment(moment)) => resolve(moment, lexed.document.said_at),
                _ => Vec::new(),
            };
            let said = match found {
                Found::Resource(_) | Found::Read(SpanValue::Moment(_) | SpanValue::Amount(_)) => None,
                Found::Read(_) => Some(Said::new(&sample)),
            };
            let labels = |truth: &Truth<'_>| {
                let mut labels = agreeing(study, lexed, found, (&ways, said.as_ref()), truth);
                if named {
                    labels.retain(|(_, reading)| reading.after.is_none());
                }
                labels
            };
            let is_code_of_sibling =
                || *slot == SlotType::Code && is_of_sibling(study, lexed, &sample, truth);
            // What all bookings of a list cost together is no word against a place of prices.
            let listed = lexed.document.listed();
            let of_all = listed.is_some_and(|listed| listed.is_of_all(lexed.item(index)));
            let is_amount_of_all = of_all && *slot == SlotType::Amount;
            let of_own = labels(truth);
            if of_own.is_empty() && (is_amount_of_all || is_code_of_sibling()) {
                continue;
            }
            out.push(Occurrence {
                stands: Stands::Span {
                    index,
                    span,
                    kind: *slot,
                },
                timed: ways.iter().any(|way| way.date.is_some() && way.time.is_some()),
                is_hour: is_hour(found),
                is_today: today.is_some() && ways.iter().any(|way| way.date == today),
                is_given_back: amount(study, found, |minor| {
                    truth.given_back != 0 && minor == truth.given_back
                })
                .is_some(),
                payment: amount(study, found, |minor| truth.paid.contains(&minor)),
                labels: of_own,
                chance: decoy.map(labels).unwrap_or_default(),
                sample,
            });
        }
    }
    for item in &lexed.document.items {
        let compare = |truth: &Truth<'_>| {
            let mut labels = item_labels(&item.value, truth);
            // On the day on which a rest is due it is paid as a rule: that says nothing of the booking's day.
            if is_stamp(&item.value, lexed) {
                labels.retain(|(_, reading)| reading.part != Part::Date);
            }
            labels
        };
        if matches!(
            item.value,
            Scalar::Money(_) | Scalar::Instant(_) | Scalar::Date(_)
        ) {
            let sample = match &item.value {
                Scalar::Money(money) => money.to_string(),
                Scalar::Instant(at) => at.with_timezone(&study.business.zone).to_rfc3339(),
                Scalar::Date(date) => date.to_string(),
                _ => String::new(),
            };
            out.push(Occurrence {
                stands: Stands::Item {
                    place: &item.place,
                    kind: SlotType::Item,
                },
                timed: matches!(item.value, Scalar::Instant(_)),
                is_hour: false,
                is_today: false,
                is_given_back: false,
                payment: None,
                labels: compare(truth),
                chance: decoy.map(compare).unwrap_or_default(),
                sample,
            });
        }
    }
    out
}

/// A time without its day.
fn is_hour(found: &Found) -> bool {
    matches!(found, Found::Read(SpanValue::Moment(moment)) if !names_day(moment))
}

/// The slots of a span, from general to specific.
pub(super) fn slots_of_span<'a>(
    study: &Study<'_>,
    lexed: &'a Lexed<'_>,
    (index, span): (usize, usize),
) -> Vec<Slot<'a>> {
    let object = lexed.document.object.as_str();
    let (_, line) = &lexed.lines[index];
    let (at, found) = &line.spans[span];
    let Token::Span(slot) = &line.tokens[*at].0 else {
        return Vec::new();
    };
    let hours = is_hour(found);
    let (left, right) = around(line, *at, lexed.above(index));
    let known = |piece: &Piece| masked(piece, object, study.vocabulary);
    let left: Vec<Piece> = left.iter().map(known).collect();
    let right = known(&right);
    let tail = |length: usize| left[left.len().saturating_sub(length)..].to_vec();
    let make = |left: Vec<Piece>, right: Option<Piece>| Slot {
        object,
        place: lexed.place(index),
        template: None,
        kind: *slot,
        hours,
        anchor: Anchor { left, right },
    };
    // Rare words before the last one, a pet's name say, would make many slots out of one.
    let wide: Vec<Piece> = tail(2)
        .iter()
        .enumerate()
        .map(|(at, piece)| match piece {
            Piece::Is(Token::Word(word)) if at == 0 && !study.vocabulary.is_frequent(object, word, 20) => {
                Piece::Any
            }
            piece => piece.clone(),
        })
        .collect();
    let mut slots = Vec::new();
    if wide != tail(2) && wide.len() == 2 && matches!(wide[1], Piece::Is(Token::Word(_))) {
        slots.push(make(wide, None));
    }
    // A particle of a script without spaces says as much as a word, whatever sign stands before it.
    if left.len() > 1 && left.last().is_some_and(is_particle) {
        slots.push(make(tail(1), None));
    }
    slots.push(make(tail(2), None));
    if left.len() > 2 {
        slots.push(make(tail(3), None));
    }
    slots.push(make(left.clone(), Some(right)));
    slots
}

/// The slots of an item: in any record of its object, and in those of the record's template.
pub(super) fn slots_of_item<'a>(
    lexed: &'a Lexed<'_>,
    place: &'a str,
    template: Option<&'a Pattern>,
) -> Vec<Slot<'a>> {
    let make = |template| Slot {
        object: lexed.document.object.as_str(),
        place,
        template,
        kind: SlotType::Item,
        hours: false,
        anchor: Anchor::default(),
    };
    let of_it = template.map(|template| make(Some(template)));
    [make(None)].into_iter().chain(of_it).collect()
}

/// The ways in which an amount may be written.
const DECIMALS: [DecimalMark; 3] = [DecimalMark::None, DecimalMark::Point, DecimalMark::Comma];

/// The amount in minor units of which this holds, however it may be meant.
fn amount(study: &Study<'_>, found: &Found, holds: impl Fn(i64) -> bool) -> Option<i64> {
    let Found::Read(SpanValue::Amount(amount)) = found else {
        return None;
    };
    amounts(amount, study.business.currency).find(|minor| holds(*minor))
}

/// Whether it is no more than when the record was made.
fn is_stamp(value: &Scalar, lexed: &Lexed<'_>) -> bool {
    let made = [lexed.document.made_at, lexed.document.said_at];
    matches!(value, Scalar::Instant(at) if made.contains(&Some(*at)))
}

fn item_labels(value: &Scalar, truth: &Truth<'_>) -> BTreeSet<Label> {
    let mut labels = BTreeSet::new();
    let plain = Reading::default();
    match value {
        Scalar::Money(money) if truth.total() == Some(*money) && money.minor != 0 => {
            labels.insert((FieldName::Total, plain));
        }
        Scalar::Instant(at) => {
            for field in [FieldName::StartsAt, FieldName::EndsAt] {
                match truth.when(field) {
                    Some(When::Instant(true_at)) if true_at == *at => {
                        labels.insert((field, plain));
                    }
                    Some(When::Date(date)) if at.with_timezone(&truth.zone()).date_naive() == date => {
                        labels.insert((
                            field,
                            Reading {
                                part: Part::Date,
                                ..plain
                            },
                        ));
                    }
                    _ => {}
                }
            }
        }
        Scalar::Date(date) => dates(*date, None, truth, &mut labels),
        _ => {}
    }
    labels
}

/// The fields whose day this is, or is after exclusive ends are put right.
fn dates(date: chrono::NaiveDate, order: Option<DateOrder>, truth: &Truth<'_>, labels: &mut BTreeSet<Label>) {
    for field in [FieldName::StartsAt, FieldName::EndsAt] {
        for days in [0_i8, -1, 1] {
            if days != 0 && field == FieldName::StartsAt {
                continue;
            }
            if truth.date(field) == Some(date + TimeDelta::days(i64::from(days))) {
                labels.insert((
                    field,
                    Reading {
                        order,
                        days,
                        part: Part::Date,
                        ..Reading::default()
                    },
                ));
            }
        }
    }
}

/// The fields whose time of day this is.
fn times(time: NaiveTime, truth: &Truth<'_>, labels: &mut BTreeSet<Label>) {
    for field in [FieldName::StartsAt, FieldName::EndsAt] {
        let local = truth
            .instant(field)
            .map(|at| at.with_timezone(&truth.zone()).time());
        if local == Some(time) {
            let reading = Reading {
                part: Part::Time,
                ..Reading::default()
            };
            labels.insert((field, reading));
        }
    }
}

/// Whether a record names the day on which its booking starts.
fn names_start(lexed: &Lexed<'_>, truth: &Truth<'_>) -> bool {
    let Some(start) = truth.date(FieldName::StartsAt) else {
        return false;
    };
    let in_text = |found: &Found| match found {
        Found::Read(SpanValue::Moment(moment)) => resolve(moment, lexed.document.said_at)
            .iter()
            .any(|way| way.date == Some(start)),
        _ => false,
    };
    let typed = |value: &Scalar| match value {
        Scalar::Instant(at) => at.with_timezone(&truth.zone()).date_naive() == start,
        Scalar::Date(date) => *date == start,
        _ => false,
    };
    let mut spans = lexed.lines.iter().flat_map(|(_, line)| &line.spans);
    spans.any(|(_, found)| in_text(found)) || lexed.document.items.iter().any(|item| typed(&item.value))
}

/// A reminder is seldom sent earlier than this: a week.
const DAYS_AHEAD: u8 = 7;

/// The ways in which the day on which a record was made tells the day of a time: tomorrow, on Friday.
fn told_by_the_day(
    time: NaiveTime,
    weekday: Option<Weekday>,
    lexed: &Lexed<'_>,
    truth: &Truth<'_>,
    labels: &mut BTreeSet<Label>,
) {
    let Some(made) = lexed.document.said_at else {
        return;
    };
    let made = made.with_timezone(&truth.zone()).date_naive();
    let field = FieldName::StartsAt;
    let Some(start) = truth.instant(field) else { return };
    let ways = (0..=DAYS_AHEAD).map(After::Days).chain([After::Weekday]);
    for after in ways {
        let day = after.day(made, weekday);
        if day.and_then(|day| instant(day, (time, false), None, truth.zone())) == Some(start) {
            let reading = Reading {
                after: Some(after),
                ..Reading::default()
            };
            labels.insert((field, reading));
        }
    }
}

/// All fields that agree with a typed span, each with the reading under which it does.
fn agreeing(
    study: &Study<'_>,
    lexed: &Lexed<'_>,
    found: &Found,
    (ways, said): (&[Way], Option<&Said>),
    truth: &Truth<'_>,
) -> BTreeSet<Label> {
    let mut labels = BTreeSet::new();
    let plain = Reading::default();
    match found {
        Found::Resource(keys) => {
            let theirs = study.gazetteer.within(keys, truth.booking.tenant.as_deref());
            if let ([key], Some(resource)) = (theirs.as_slice(), &truth.booking.resource)
                && *key == resource
            {
                labels.insert((FieldName::ResourceKey, plain));
            }
        }
        Found::Read(SpanValue::Moment(moment)) => {
            for way in ways {
                // A certain date fits a slot of either order.
                let orders: &[Option<DateOrder>] = match way.order {
                    DateOrder::Certain | DateOrder::None => &[
                        None,
                        Some(DateOrder::DayMonth),
                        Some(DateOrder::MonthDay),
                        Some(DateOrder::YearMonthDay),
                    ],
                    order => &[Some(order)],
                };
                for order in orders {
                    if let Some(date) = way.date {
                        dates(date, *order, truth, &mut labels);
                        if let Some(at) = way
                            .time
                            .and_then(|time| instant(date, time, way.offset, study.business.zone))
                        {
                            for field in [FieldName::StartsAt, FieldName::EndsAt] {
                                if truth.instant(field) == Some(at) {
                                    labels.insert((
                                        field,
                                        Reading {
                                            order: *order,
                                            ..plain
                                        },
                                    ));
                                }
                            }
                        }
                    } else if let Some((time, _)) = way.time {
                        times(time, truth, &mut labels);
                        told_by_the_day(time, moment.weekday, lexed, truth, &mut labels);
                    }
                }
            }
        }
        Found::Read(SpanValue::Amount(amount)) => {
            for decimal in DECIMALS {
                let reading = Reading {
                    decimal: Some(decimal),
                    ..plain
                };
                let value = amount_value(amount, reading, study.business.currency);
                if value.is_some() && value == truth.total() {
                    labels.insert((FieldName::Total, reading));
                }
            }
            if let Some(time) = amount.time {
                times(time, truth, &mut labels);
                told_by_the_day(time, None, lexed, truth, &mut labels);
            }
        }
        Found::Read(
            SpanValue::Email(_)
            | SpanValue::Phone(_)
            | SpanValue::Code(_)
            | SpanValue::Number(_)
            | SpanValue::Url(_),
        ) => {
            for field in said.into_iter().flat_map(|said| truth.fields_of(said)) {
                labels.insert((field, plain));
            }
        }
    }
    labels
}
