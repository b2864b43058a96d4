//! Where a booking begins and ends: the edges of calendar entries that messages tell of too.
//!
//! A booking may be one entry, or two (out, back); an all-day entry ends a day later than people say.
//! Which of an entry's edges are the booking's is what most messages agree with, far more often than
//! with the entry of another booking.

use super::facts::{Stated, Unit};
use super::groups::Group;
use crate::model::{Business, FieldName, When};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// Fewer agreements than this show nothing.
const SUPPORT: usize = 6;

/// One edge of the entries of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge {
    FirstStart,
    FirstEnd,
    LastStart,
    LastEnd,
    /// The day before an all-day entry's end.
    LastDay,
}

/// Which edges are the booking's, by how many entries it has and whether they have times.
#[derive(Debug, Default)]
pub(super) struct Edges {
    of: BTreeMap<Kind, (Edge, Option<Edge>)>,
    /// Begin and end that agreed, of how many that were looked at.
    pub agreed: usize,
    pub seen: usize,
}

type Kind = (usize, bool);

fn kind(group: &Group, units: &[Unit]) -> Option<Kind> {
    let first = units[*group.events.first()?].edges?;
    let timed = matches!(first.0, When::Instant(_));
    // An entry that was made twice is one.
    let mut different: Vec<_> = group.events.iter().map(|at| units[*at].edges).collect();
    different.dedup();
    (different.len() <= 2).then_some((different.len(), timed))
}

fn edge(group: &Group, units: &[Unit], edge: Edge) -> Option<When> {
    let first = units[*group.events.first()?].edges?;
    let last = units[*group.events.last()?].edges?;
    Some(match edge {
        Edge::FirstStart => first.0,
        Edge::FirstEnd => first.1,
        Edge::LastStart => last.0,
        Edge::LastEnd => last.1,
        Edge::LastDay => match last.1 {
            When::Date(date) => When::Date(date - TimeDelta::days(1)),
            When::Instant(_) => return None,
        },
    })
}

/// Counts which edges messages tell of.
pub(super) fn learn(groups: &[Group], units: &[Unit], business: &Business) -> Edges {
    let mut by: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        if let (Some(kind), false) = (kind(group, units), group.messages.is_empty()) {
            by.entry(kind).or_default().push(at);
        }
    }
    let mut edges = Edges::default();
    for (kind, of) in by {
        let told = |of: &[usize], candidates: &[Edge]| {
            let count = |edge_of: Edge, shift: usize| {
                of.iter()
                    .enumerate()
                    .filter(|(place, at)| {
                        let other = of[(place + shift) % of.len()];
                        edge(&groups[other], units, edge_of).is_some_and(|when| {
                            let mut messages = groups[**at].messages.iter().map(|at| &units[*at]);
                            messages.any(|message| message.tells(when, business))
                        })
                    })
                    .count()
            };
            let mut ranked: Vec<(usize, Edge)> = candidates
                .iter()
                .map(|edge| (count(*edge, 0), *edge))
                .filter(|(told, edge)| {
                    let chance = count(*edge, of.len() / 2);
                    *told >= SUPPORT && *told * 10 >= of.len() * 6 && chance * 2 <= *told
                })
                .collect();
            ranked.sort_by_key(|(told, edge)| (std::cmp::Reverse(*told), *edge));
            ranked
        };
        // Where both edges of the first entry are told, the booking begins with the earlier.
        let Some(start) = told(&of, &[Edge::FirstStart, Edge::FirstEnd])
            .into_iter()
            .map(|(_, edge)| edge)
            .min()
        else {
            continue;
        };
        let ends: &[Edge] = if kind.0 == 2 {
            &[Edge::LastStart, Edge::LastEnd, Edge::LastDay]
        } else {
            &[Edge::LastEnd, Edge::LastDay]
        };
        // Two ends that are told alike are no choice, unless they are the same: an entry of one whole day.
        let same = |a: Edge, b: Edge| {
            of.iter()
                .all(|at| edge(&groups[*at], units, a) == edge(&groups[*at], units, b))
        };
        let choose = |of: &[usize]| {
            let ranked = told(of, ends);
            let (a, first) = *ranked.first()?;
            let rival = ranked.iter().find(|(_, other)| !same(first, *other));
            rival.is_none_or(|(b, _)| a * 10 >= b * 11).then_some(first)
        };
        let mut end = choose(&of);
        if end.is_none() && kind == (1, true) {
            let speaking: Vec<usize> = of
                .iter()
                .copied()
                .filter(|at| speaks_of_later(&groups[*at], units, business))
                .collect();
            // Nothing but the entry tells when it ends, and an entry's end is what the format says it is; or messages of
            // some phrasings tell of it, and what those tell is the entry's end.
            end = if speaking.len() * 10 <= of.len() {
                Some(Edge::LastEnd)
            } else {
                choose(&speaking)
            };
        }
        edges.of.insert(kind, (start, end));
    }
    for group in groups {
        if kind(group, units).is_some() && !group.messages.is_empty() {
            edges.seen += 1;
            edges.agreed += usize::from(edges.span(group, units, business).is_some());
        }
    }
    edges
}

/// Whether a message that tells of the start tells of anything later.
fn speaks_of_later(group: &Group, units: &[Unit], business: &Business) -> bool {
    let Some(When::Instant(start)) = edge(group, units, Edge::FirstStart) else {
        return false;
    };
    let day = start.with_timezone(&business.zone).date_naive();
    let messages = group.messages.iter().map(|at| &units[*at]);
    messages
        .filter(|message| message.tells(When::Instant(start), business))
        .any(|message| {
            message.instants.iter().any(|at| *at > start) || message.dates.iter().any(|date| *date > day)
        })
}

impl Edges {
    /// Begin and end of a booking where its sources agree on them.
    pub fn span(&self, group: &Group, units: &[Unit], business: &Business) -> Option<(When, Option<When>)> {
        let stated = group.messages.iter().rev().find_map(|at| {
            let of = |field| match units[*at].stated.get(&field) {
                Some(Stated::When(when)) => Some(*when),
                _ => None,
            };
            Some((of(FieldName::StartsAt)?, of(FieldName::EndsAt)))
        });
        let Some((start, end)) = kind(group, units).and_then(|kind| self.of.get(&kind)) else {
            // A later message may have moved it in words alone.
            let last = group.messages.last().map(|at| &units[*at]);
            let holds =
                |(start, _): &(When, Option<When>)| last.is_some_and(|last| last.tells(*start, business));
            return stated.filter(|_| group.events.is_empty()).filter(holds);
        };
        let from = edge(group, units, *start)?;
        let to = match end {
            Some(end) => Some(edge(group, units, *end)?),
            None => None,
        };
        let message = group
            .messages
            .iter()
            .rev()
            .map(|at| &units[*at])
            .find(|message| message.tells(from, business))?;
        let told = to.is_none_or(|to| {
            message.tells(to, business)
                || *end == Some(Edge::LastEnd) && message.instants.iter().all(|at| When::Instant(*at) <= from)
        });
        if !told {
            return None;
        }
        let sharp = |when: When| match when {
            When::Date(date) => message.instant_on(date, business).map_or(when, When::Instant),
            When::Instant(_) => when,
        };
        Some((sharp(from), to.map(sharp)))
    }
}
