//! What charges of which kinds come to together: a deposit and a balance are the price, a deposit alone is a part of it.

use super::kinds::Templates;
use super::{Lexed, Truth};
use crate::mapping::{Instalment, Pattern, Settlement};
use crate::model::{Baseline, BaselinePayment, Status};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// One charge: when it was made, its kind, and what was kept of it in minor units.
type Charged = (Option<DateTime<Utc>>, Pattern, i64);

/// Counts, over the bookings of the backup that this source's charges paid, what each set of kinds came to, and which
/// part of the price was paid first.
pub fn learn(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    templates: &Templates,
    baseline: &Baseline,
) -> (Vec<Settlement>, Vec<Instalment>) {
    let paid = paid(documents, links, templates, baseline);
    (settlements(&paid), instalments(&paid))
}

/// The part of a price that a sum is, in hundredths of a percent.
fn part(sum: i64, price: i64) -> u32 {
    u32::try_from((sum * 10_000 + price / 2) / price).unwrap_or_default()
}

fn instalments(paid: &[(Vec<Charged>, i64)]) -> Vec<Instalment> {
    let mut parts: BTreeMap<u32, Instalment> = BTreeMap::new();
    for (charges, price) in paid {
        let kept: Vec<i64> = charges.iter().map(|charge| charge.2).collect();
        let part = part(kept[0], *price);
        let known = parts.entry(part).or_default();
        known.part = part;
        known.support += 1;
        known.followed += u32::from(kept.len() > 1);
        known.whole += u32::from(kept.len() > 1 && kept[0] + kept[1] == *price);
    }
    let of = paid.len() as u32;
    let usual = parts.into_values().filter(Instalment::is_usual);
    usual.map(|known| Instalment { of, ..known }).collect()
}

fn settlements(paid: &[(Vec<Charged>, i64)]) -> Vec<Settlement> {
    let mut sets: BTreeMap<Vec<&Pattern>, Vec<(i64, i64)>> = BTreeMap::new();
    for (charges, price) in paid {
        let mut kinds: Vec<&Pattern> = charges.iter().map(|charge| &charge.1).collect();
        kinds.sort();
        let kept = charges.iter().map(|charge| charge.2).sum();
        sets.entry(kinds).or_default().push((kept, *price));
    }
    sets.into_iter()
        .map(|(kinds, sums)| {
            let mut parts: BTreeMap<u32, u32> = BTreeMap::new();
            for (kept, price) in &sums {
                *parts.entry(part(*kept, *price)).or_default() += 1;
            }
            let usual = parts.into_iter().max_by_key(|(part, count)| (*count, *part));
            let (part, agree) = usual.unwrap_or_default();
            Settlement {
                kinds: kinds.into_iter().cloned().collect(),
                support: sums.len() as u32,
                whole: sums.iter().filter(|(kept, price)| kept == price).count() as u32,
                part,
                agree,
            }
        })
        .collect()
}

/// The charges in their order, and the price, of each booking whose payments are all charges of this source.
fn paid(
    documents: &[&Lexed<'_>],
    links: &[Option<&Truth<'_>>],
    templates: &Templates,
    baseline: &Baseline,
) -> Vec<(Vec<Charged>, i64)> {
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
    let mut bookings: BTreeMap<&str, Option<Vec<Charged>>> = BTreeMap::new();
    let mut pay = |booking, charge: Option<&usize>, kept: Option<i64>| {
        let all = bookings.entry(booking).or_insert_with(|| Some(Vec::new()));
        let made = charge.and_then(|at| Some((documents[*at].document.said_at, templates.of(*at)?.clone())));
        match (all.as_mut(), made, kept) {
            (Some(charges), Some((at, kind)), Some(kept)) => charges.push((at, kind, kept)),
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
            let mut charges = paid?;
            charges.sort();
            Some((charges, *prices.get(booking)?))
        })
        .collect()
}
