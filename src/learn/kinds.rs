//! Kinds of charge and of event, by the wording that they share.
//!
//! The backup's payments tell which kinds of charge pay for bookings and which are sales, tolls or
//! fees; its bookings tell which kinds of event stand for one and which are workshop or staff entries.

use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{ChargeKind, EventKind, Lexer, Mapping, Pattern, defining_line};
use crate::model::Baseline;
use std::collections::{BTreeMap, BTreeSet};

/// The template of each record of the overlap.
pub struct Templates {
    of: Vec<Option<Pattern>>,
    /// Whether a record's amounts count: attempts that failed and holds state no price.
    counts: Vec<bool>,
}

impl Templates {
    pub fn of(&self, at: usize) -> Option<&Pattern> {
        self.of[at].as_ref()
    }

    pub fn counts(&self, at: usize) -> bool {
        self.counts[at]
    }
}

/// Tells the template of each record, by the kinds that were learned.
pub fn templates(documents: &[&Lexed<'_>], mapping: &Mapping, lexer: &Lexer<'_>) -> Templates {
    let of = documents
        .iter()
        .map(|lexed| {
            let line = defining_line(lexed.document, lexer)?;
            let patterns: Vec<&Pattern> = if lexed.document.object == "charge" {
                mapping.charges.iter().map(|kind| &kind.template).collect()
            } else {
                mapping.events.iter().map(|kind| &kind.template).collect()
            };
            patterns
                .into_iter()
                .filter(|pattern| pattern.matches(&line))
                .max_by_key(|pattern| (pattern.weight(), *pattern))
                .cloned()
        })
        .collect();
    let counts = documents
        .iter()
        .map(|lexed| lexed.document.object != "charge" || is_payment(lexed))
        .collect();
    Templates { of, counts }
}

/// A charge that took money, as Stripe's published format says.
fn is_payment(lexed: &Lexed<'_>) -> bool {
    let document = lexed.document;
    document.text("/status") == Some("succeeded")
        && document.flag("/captured") != Some(false)
        && document.flag("/refunded") != Some(true)
}

/// Counts the kinds of charge of the overlap against the backup's payments.
pub fn charges(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    baseline: &Baseline,
    lexer: &Lexer<'_>,
    vocabulary: &Vocabulary,
) -> Vec<ChargeKind> {
    let paid: BTreeSet<&str> = baseline
        .payments
        .iter()
        .filter_map(|payment| payment.provider_id.as_deref())
        .collect();
    let mut kinds: BTreeMap<Pattern, ChargeKind> = BTreeMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        if lexed.document.object != "charge" || !is_payment(lexed) {
            continue;
        }
        let Some(line) = defining_line(lexed.document, lexer) else {
            continue;
        };
        let template = Pattern::mask(&line, &|word| vocabulary.knows("charge", word));
        let kind = kinds.entry(template.clone()).or_insert(ChargeKind {
            template,
            support: 0,
            pays: 0,
            whole: 0,
        });
        kind.support += 1;
        // Without payments in the backup, what could be tied to a booking pays for it.
        let pays = if paid.is_empty() {
            truth.is_some()
        } else {
            paid.contains(lexed.document.record.native())
        };
        if pays {
            kind.pays += 1;
            let amount = lexed.document.money("/amount");
            if amount.is_some() && truth.is_some_and(|truth| truth.total() == amount) {
                kind.whole += 1;
            }
        }
    }
    kinds.into_values().collect()
}

/// Counts the kinds of event of the overlap against the backup's bookings.
pub fn events(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    lexer: &Lexer<'_>,
    vocabulary: &Vocabulary,
) -> Vec<EventKind> {
    let mut kinds: BTreeMap<Pattern, EventKind> = BTreeMap::new();
    for (lexed, truth) in documents.iter().zip(links) {
        if lexed.document.object != "event" {
            continue;
        }
        let Some(line) = defining_line(lexed.document, lexer) else {
            continue;
        };
        let template = Pattern::mask(&line, &|word| vocabulary.knows("event", word));
        let kind = kinds.entry(template.clone()).or_insert(EventKind {
            template,
            support: 0,
            booked: 0,
        });
        kind.support += 1;
        kind.booked += u32::from(truth.is_some());
    }
    kinds.into_values().collect()
}
