//! Why the records were put together, and what else the record in question may belong to.

use super::super::screen;
use super::TEXT_MAX;
use crate::cli::terminal::safe;
use crate::model::{Booking, ConflictKind, Waterfall};
use crate::review::{Queue, View};
use std::collections::BTreeMap;

/// Bits that fill a bar.
const BAR_BITS: usize = 20;

/// The links of the booking, then the next best place of a record in question. Where each comparison is known, its bits
/// are shown, those of the records in question first; otherwise one bar for all of a link.
pub(super) fn links(queue: &Queue<'_>, view: &View<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let weighed = &view.booking.waterfalls;
    for link in &view.booking.links {
        let link = safe(link, TEXT_MAX);
        let line = match bits(&link) {
            Some(_) if !weighed.is_empty() => continue,
            Some(bits) => format!("{} {link}", bar(bits)),
            None => link,
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let named = view.conflict.records();
    let asked = |waterfall: &&Waterfall| waterfall.records.iter().any(|record| named.contains(&record));
    let (first, rest): (Vec<&Waterfall>, Vec<&Waterfall>) = weighed.iter().partition(asked);
    for waterfall in first.into_iter().chain(rest) {
        // Of records that share an id one is enough.
        let record = waterfall.records.iter().find(|record| named.contains(record));
        let record = record.or(waterfall.records.first());
        let record = record.map_or_else(String::new, |record| safe(record.as_str(), TEXT_MAX));
        let known = crate::cli::waterfall::lines(waterfall, &record);
        // Each comparison matters where it is asked what belongs together; explain shows the others.
        let shown = if is_of_links(view.conflict.kind) {
            known.len()
        } else {
            1
        };
        lines.extend(known.into_iter().take(shown));
    }
    lines.extend(next_best(queue, view));
    lines
}

/// Whether a question is about what belongs together.
fn is_of_links(kind: ConflictKind) -> bool {
    matches!(kind, ConflictKind::UnlinkedRecord | ConflictKind::AmbiguousLink)
}

/// Other bookings that are asked about the same record, the likeliest first.
fn next_best(queue: &Queue<'_>, view: &View<'_>) -> Vec<String> {
    let kind = view.conflict.kind;
    if !is_of_links(kind) {
        return Vec::new();
    }
    let named = view.conflict.records();
    let mut others: BTreeMap<_, (i64, String)> = BTreeMap::new();
    for record in &named {
        for other in queue.asking(kind, record) {
            if other.id == view.booking.id {
                continue;
            }
            let weights = other
                .conflicts
                .iter()
                .filter(|conflict| conflict.kind == kind)
                .flat_map(|conflict| &conflict.candidates)
                .filter(|candidate| candidate.records.iter().any(|known| named.contains(&known)))
                .map(|candidate| candidate.millibits);
            if let Some(weight) = weights.max() {
                others.insert(&other.id, (weight, name(other)));
            }
        }
    }
    let mut others: Vec<(i64, String)> = others.into_values().collect();
    others.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let shown = others
        .into_iter()
        .map(|(weight, name)| format!("next best: {name} ({} bits)", screen::tenths(weight)));
    shown.collect()
}

/// A booking as people call it.
pub(super) fn name(booking: &Booking) -> String {
    let name = booking.reference.as_deref().unwrap_or(booking.id.as_str());
    safe(name, 40)
}

/// The weight at the end of a link's line: `12.3 bits`, `mail:… reference AW-1 (12.3 bits)`.
fn bits(link: &str) -> Option<f64> {
    let weight = link.trim_end_matches(')').strip_suffix(" bits")?;
    weight.rsplit([' ', '(']).next()?.parse().ok()
}

/// A bar as long as the evidence is strong: half a block is a bit.
fn bar(bits: f64) -> String {
    let halves = (1..=BAR_BITS).take_while(|at| *at as f64 <= bits).count();
    let bar = "█".repeat(halves / 2) + if halves % 2 == 1 { "▌" } else { "" };
    let width = BAR_BITS / 2;
    format!("{bar:<width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_the_evidence_is_strong() {
        assert_eq!(bits("mail:a reference RB-1 (12.3 bits)"), Some(12.3));
        assert_eq!(bits("12.3 bits"), Some(12.3));
        assert_eq!(bits("they share an id"), None);
        assert_eq!(bar(3.0), "█▌        ");
        assert_eq!(bar(-2.0).trim(), "");
        assert_eq!(bar(90.0), "█".repeat(10));
    }
}
