//! Mailings of the overlap: one text that went to many people within a day or two. Where few of them can be tied to a
//! booking, those few are by chance, and teach nothing of what is written about bookings.

use super::{Lexed, Seed};
use crate::mapping::Found;
use crate::model::Document;
use crate::reading::SpanValue;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer people than this get the same words by chance.
const PEOPLE: usize = 4;
/// A mailing goes out within this.
const WITHIN: TimeDelta = TimeDelta::days(2);

/// Unties mailings of which few are tied.
pub(super) fn untie(lexed: &[&Lexed<'_>], seeds: &mut [Option<Seed>]) {
    let mut alike: BTreeMap<(&str, &str, BTreeSet<String>), Vec<usize>> = BTreeMap::new();
    for (at, lexed) in lexed.iter().enumerate() {
        let document = lexed.document;
        if document.object == "message" && document.said_at.is_some() {
            let subject = document.subject().unwrap_or_default();
            let key = (document.record.source(), subject, values(lexed));
            alike.entry(key).or_default().push(at);
        }
    }
    for mut group in alike.into_values().filter(|group| group.len() >= PEOPLE) {
        group.sort_by_key(|at| (lexed[*at].document.said_at, *at));
        let near = |first: usize, at: usize| {
            let said = |at: usize| lexed[at].document.said_at;
            said(at)
                .zip(said(first))
                .is_some_and(|(at, first)| at - first <= WITHIN)
        };
        let mut rest = group.as_slice();
        while let Some(first) = rest.first() {
            let run = rest.partition_point(|at| near(*first, *at)).max(1);
            let (mailing, later) = rest.split_at(run);
            rest = later;
            let to = |at: &usize| lexed[*at].document.recipient();
            let people: BTreeSet<&str> = mailing.iter().filter_map(to).collect();
            let tied = mailing.iter().filter(|at| seeds[**at].is_some()).count();
            if people.len() >= PEOPLE && tied * 2 < mailing.len() {
                for at in mailing {
                    seeds[*at] = None;
                }
            }
        }
    }
}

/// Every time, amount and code that stands in the subject or the text: in messages about bookings they differ.
fn values(lexed: &Lexed<'_>) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for (index, (_, line)) in lexed.lines.iter().enumerate() {
        if !matches!(lexed.place(index), Document::SUBJECT | "text" | "html") {
            continue;
        }
        for (at, found) in &line.spans {
            let told = matches!(
                found,
                Found::Read(
                    SpanValue::Moment(_) | SpanValue::Amount(_) | SpanValue::Code(_) | SpanValue::Number(_)
                )
            );
            if told {
                values.insert(lexed.text(index)[line.tokens[*at].1.clone()].to_owned());
            }
        }
    }
    values
}
