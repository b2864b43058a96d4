//! Why the records were put together, and what else the record in question may belong to.

use super::super::screen;
use super::TEXT_MAX;
use crate::cli::terminal::safe;
use crate::model::{Booking, ConflictKind};
use crate::review::{Queue, View};
use std::collections::BTreeMap;

/// Bits that fill a bar.
const BAR_BITS: usize = 20;

/// The links of the booking, strongest last as they were made; then the next best place of a record in question.
pub(super) fn links(queue: &Queue<'_>, view: &View<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for link in &view.booking.links {
        let link = safe(link, TEXT_MAX);
        let line = match bits(&link) {
            Some(bits) => format!("{} {link}", bar(bits)),
            None => link,
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.extend(next_best(queue, view));
    lines
}

/// Other bookings that are asked about the same record, the likeliest first.
fn next_best(queue: &Queue<'_>, view: &View<'_>) -> Vec<String> {
    let kind = view.conflict.kind;
    if !matches!(kind, ConflictKind::UnlinkedRecord | ConflictKind::AmbiguousLink) {
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
