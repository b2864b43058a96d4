//! When a booking's messages last named what was true of it: what another one said before was put right since, and was
//! as true when it was said.

use super::slots::Study;
use crate::mapping::{Found, Reading, amount_value, instant, resolve};
use crate::model::{FieldName, Money, Standing, When};
use crate::reading::{Amount, DecimalMark, Moment, SpanValue};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// What is said again within this is one word.
const SOON: TimeDelta = TimeDelta::minutes(10);

/// When the last messages that name the true start, end and price of a booking were sent.
#[derive(Default)]
pub(super) struct Last {
    starts: Option<DateTime<Utc>>,
    ends: Option<DateTime<Utc>>,
    totals: Option<DateTime<Utc>>,
}

/// What was said again after a moment.
#[derive(Default)]
pub(super) struct Changed {
    pub starts: bool,
    pub ends: bool,
    pub totals: bool,
}

impl Last {
    pub fn after(&self, at: DateTime<Utc>) -> Changed {
        let later = |last: Option<DateTime<Utc>>| last.is_some_and(|last| last > at + SOON);
        Changed {
            starts: later(self.starts),
            ends: later(self.ends),
            totals: later(self.totals),
        }
    }
}

/// The last word of each booking, by its key.
pub(super) fn corrections<'a>(study: &Study<'a>) -> BTreeMap<&'a str, Last> {
    let mut all: BTreeMap<&str, Last> = BTreeMap::new();
    for (lexed, truth) in study.documents.iter().zip(study.links) {
        let (Some(truth), Some(at)) = (truth, lexed.document.said_at) else {
            continue;
        };
        if lexed.document.object != "message" || lexed.document.standing != Standing::Business {
            continue;
        }
        let is_edge = |moment: &Moment, field: FieldName| {
            let Some(edge) = truth.when(field) else {
                return false;
            };
            resolve(moment, Some(at)).iter().any(|way| match edge {
                When::Date(day) => way.date == Some(day),
                When::Instant(edge) => {
                    let named = way.date.zip(way.time);
                    named.and_then(|(date, time)| instant(date, time, way.offset, truth.zone())) == Some(edge)
                }
            })
        };
        let is_total = |amount: &Amount, total: Money| {
            let marks = [DecimalMark::None, DecimalMark::Point, DecimalMark::Comma];
            marks.into_iter().any(|decimal| {
                let reading = Reading {
                    decimal: Some(decimal),
                    ..Reading::default()
                };
                amount_value(amount, reading, total.currency) == Some(total)
            })
        };
        let last = all.entry(&truth.booking.key).or_default();
        let name = |said: bool, last: &mut Option<DateTime<Utc>>| {
            if said {
                *last = (*last).max(Some(at));
            }
        };
        for (_, found) in lexed.lines.iter().flat_map(|(_, line)| line.spans.iter()) {
            match found {
                Found::Read(SpanValue::Moment(moment)) => {
                    name(is_edge(moment, FieldName::StartsAt), &mut last.starts);
                    name(is_edge(moment, FieldName::EndsAt), &mut last.ends);
                }
                Found::Read(SpanValue::Amount(amount)) => {
                    let said = truth.total().is_some_and(|total| is_total(amount, total));
                    name(said, &mut last.totals);
                }
                _ => {}
            }
        }
    }
    all
}
