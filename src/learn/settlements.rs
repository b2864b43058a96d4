//! What charges of which kinds come to together: a deposit and a balance are the price, a deposit alone is a part of it.

use super::kinds::Templates;
use super::{Lexed, Truth};
use crate::mapping::{Pattern, Settlement};
use crate::model::{Baseline, BaselinePayment, Status};
use std::collections::BTreeMap;

/// Counts, over the bookings of the backup that this source's charges paid, what each set of kinds came to.
pub fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    templates: &Templates,
    baseline: &Baseline,
) -> Vec<Settlement> {
    let mut sets: BTreeMap<Vec<Pattern>, Vec<(i64, i64)>> = BTreeMap::new();
    for (kinds, kept, price) in paid(documents, links, templates, baseline) {
        sets.entry(kinds).or_default().push((kept, price));
    }
    sets.into_iter()
        .map(|(kinds, sums)| {
            let mut parts: BTreeMap<i64, u32> = BTreeMap::new();
            for (kept, price) in &sums {
                *parts.entry((kept * 10_000 + price / 2) / price).or_default() += 1;
            }
            let usual = parts.into_iter().max_by_key(|(part, count)| (*count, *part));
            let (part, agree) = usual.unwrap_or_default();
            Settlement {
                kinds,
                support: sums.len() as u32,
                whole: sums.iter().filter(|(kept, price)| kept == price).count() as u32,
                part: u32::try_from(part).unwrap_or_default(),
                agree,
            }
        })
        .collect()
}

/// The kinds, what was kept, and the price, of each booking whose payments are all charges of this source.
fn paid(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    templates: &Templates,
    baseline: &Baseline,
) -> Vec<(Vec<Pattern>, i64, i64)> {
    let prices: BTreeMap<&str, i64> = baseline
        .bookings
        .iter()
        // What was paid back on a cancellation says nothing about the price.
        .filter(|row| row.status != Some(Status::Cancelled))
        .filter_map(|row| Some((row.key.as_str(), row.total.filter(|total| total.minor > 0)?.minor)))
        .collect();
    let charges: BTreeMap<&str, usize> = (0..documents.len())
        .filter(|at| documents[*at].document.object == "charge" && templates.counts(*at))
        .map(|at| (documents[at].document.record.native(), at))
        .collect();
    // A booking with a payment that is no charge of a known kind counts for nothing.
    let mut bookings: BTreeMap<&str, Option<(Vec<Pattern>, i64)>> = BTreeMap::new();
    let mut pay = |booking, charge: Option<&usize>, kept: Option<i64>| {
        let all = bookings.entry(booking).or_insert_with(|| Some((Vec::new(), 0)));
        let kind = charge.and_then(|at| templates.of(*at)).cloned();
        match (all.as_mut(), kind, kept) {
            (Some((kinds, sum)), Some(kind), Some(kept)) => {
                kinds.push(kind);
                *sum += kept;
            }
            _ => *all = None,
        }
    };
    let rows: Vec<(&str, &BaselinePayment)> = baseline
        .payments
        .iter()
        .filter_map(|row| Some((row.booking.as_deref()?, row)))
        .collect();
    if rows.is_empty() {
        for at in charges.values() {
            if let Some(truth) = links[*at] {
                pay(&truth.booking.key, Some(at), super::kinds::kept(documents[*at]));
            }
        }
    }
    for (booking, row) in rows {
        let charge = row.provider_id.as_deref().and_then(|id| charges.get(id));
        pay(booking, charge, Some(row.amount.minor - row.refunded.minor));
    }
    bookings
        .into_iter()
        .filter_map(|(booking, paid)| {
            let (mut kinds, kept) = paid?;
            kinds.sort();
            Some((kinds, kept, *prices.get(booking)?))
        })
        .collect()
}
