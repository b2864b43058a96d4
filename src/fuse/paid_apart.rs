//! Payments that are always made when a booking begins, or ends, and one that was made on another day: the booking may have been
//! moved, and nobody wrote it down.

use super::question::Questions;
use super::{Context, Input, read};
use crate::mapping::Pattern;
use crate::model::{About, Booking, Cluster, ConflictKind, FieldName, Status, When};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// So many payments of a kind show when they are made, and one in so many may be made at another time.
const SHOWN: usize = 20;
const OTHERWISE_IN: usize = 50;
/// They lie within so many minutes; what is spread wider is paid at any time of the day.
const SPREAD: i64 = 180;
/// Less is no other day: somebody came late.
const APART: TimeDelta = TimeDelta::hours(18);

/// When payments of a kind are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    field: FieldName,
    /// In minutes since that.
    from: i64,
    to: i64,
}

#[derive(Debug, Default)]
pub struct PaidApart {
    kinds: BTreeMap<Pattern, Window>,
}

impl PaidApart {
    pub fn learn(input: &Input<'_>) -> Self {
        let mut seen: BTreeMap<&Pattern, (Vec<i64>, Vec<i64>)> = BTreeMap::new();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let row = &input.baseline.bookings[at];
            let (Some(When::Instant(start)), Some(When::Instant(end))) = (row.starts_at, row.ends_at) else {
                continue;
            };
            for (kind, _, paid) in taken(input, cluster).filter(|(.., paid)| *paid <= input.window.backup) {
                let (starts, ends) = seen.entry(kind).or_default();
                starts.push((paid - start).num_minutes());
                ends.push((paid - end).num_minutes());
            }
        }
        let kinds = seen.into_iter().filter_map(|(kind, (starts, ends))| {
            let at_start = Window::of(FieldName::StartsAt, starts);
            let window = at_start.or_else(|| Window::of(FieldName::EndsAt, ends))?;
            Some((kind.clone(), window))
        });
        Self {
            kinds: kinds.collect(),
        }
    }
}

impl Window {
    fn of(field: FieldName, mut minutes: Vec<i64>) -> Option<Self> {
        minutes.sort_unstable();
        let inside = minutes.len() - minutes.len() / OTHERWISE_IN;
        if minutes.len() < SHOWN {
            return None;
        }
        let spans = minutes
            .windows(inside)
            .map(|span| (span[inside - 1] - span[0], span[0]));
        let (spread, from) = spans.min()?;
        (spread <= SPREAD).then_some(Self {
            field,
            from,
            to: from + spread,
        })
    }
}

/// The charges of a cluster that took money, each with its kind; what has no words is no kind.
fn taken<'a>(
    input: &Input<'a>,
    cluster: &Cluster,
) -> impl Iterator<Item = (&'a Pattern, usize, DateTime<Utc>)> {
    let told = input.told;
    let members = cluster.members.clone();
    members.into_iter().filter_map(move |at| {
        let kind = told[at].claims.kind.as_ref().filter(|kind| !kind.0.is_empty())?;
        let is_taken = told[at].took_money() && told[at].document.flag("/refunded") != Some(true);
        is_taken.then_some((kind, at, told[at].document.said_at?))
    })
}

/// Asks about a booking that was paid for on another day than such payments are made on.
pub fn doubt(context: &Context<'_>, cluster: &Cluster, booking: &Booking, questions: &mut Questions) {
    let input = context.input;
    let (Some(When::Instant(start)), Some(When::Instant(end))) = (booking.starts_at, booking.ends_at) else {
        return;
    };
    if booking.status == Some(Status::Cancelled) || !cluster.shares.is_empty() {
        return;
    }
    for (kind, at, paid) in taken(input, cluster).filter(|(.., paid)| *paid > input.window.backup) {
        let Some(window) = context.paid_apart.kinds.get(kind) else {
            continue;
        };
        let (about, edge) = if window.field == FieldName::StartsAt {
            (start, "begins")
        } else {
            (end, "ends")
        };
        let (from, to) = (TimeDelta::minutes(window.from), TimeDelta::minutes(window.to));
        let is_there = (about + from - APART..=about + to + APART).contains(&paid);
        if is_there || questions.asks_about(window.field) {
            continue;
        }
        let day = paid.with_timezone(&input.business.zone).format("%Y-%m-%d %H:%M");
        let reason = format!(
            "Such payments are made when a booking {edge}; this one was made on {day}: was it moved?"
        );
        let there = read(input.told[at].document.record.clone());
        questions.ask(
            ConflictKind::UnexplainedEvidence,
            Some(window.field),
            reason,
            vec![there],
            None,
        );
    }
}
