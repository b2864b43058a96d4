//! The sources side by side: what each last said of each field.

use super::super::Setting;
use super::super::screen::value;
use crate::cli::terminal::safe;
use crate::cli::words::label;
use crate::model::{FieldName, Value};
use crate::review::{View, current};

/// One field, as each source states it.
#[derive(Debug, Clone)]
pub(in crate::cli::review) struct GridRow {
    pub field: &'static str,
    pub now: String,
    pub cells: Vec<String>,
    pub differs: bool,
    pub is_asked: bool,
}

/// The sources that tell of the booking.
pub(super) fn columns(view: &View<'_>) -> Vec<String> {
    let named = view.conflict.records().into_iter().chain(&view.booking.records);
    let mut sources: Vec<String> = Vec::new();
    for record in named.filter(|record| record.source() != "decision") {
        let source = safe(record.source(), 20);
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources.sort();
    sources
}

/// Every person in the grid is the customer.
fn short(label: &'static str) -> &'static str {
    label.strip_prefix("customer's ").unwrap_or(label)
}

const GRID: [FieldName; 9] = [
    FieldName::StartsAt,
    FieldName::EndsAt,
    FieldName::ResourceKey,
    FieldName::Status,
    FieldName::Total,
    FieldName::CustomerName,
    FieldName::CustomerEmail,
    FieldName::CustomerPhone,
    FieldName::Reference,
];

pub(super) fn grid(view: &View<'_>, setting: Setting<'_>) -> Vec<GridRow> {
    let columns = columns(view);
    let asked = view.conflict.field;
    let mut fields = GRID.to_vec();
    // What is asked comes first.
    fields.sort_by_key(|field| Some(*field) != asked);
    let mut rows = Vec::new();
    for field in fields {
        let is_asked = asked == Some(field);
        let now = match field {
            FieldName::ResourceKey => view
                .booking
                .resource
                .name
                .clone()
                .map(Value::Text)
                .or(current(view.booking, field)),
            _ => current(view.booking, field),
        };
        let now = now.map_or_else(String::new, |now| value(Some(field), &now, setting));
        let cells: Vec<String> = columns
            .iter()
            .map(|source| cell(view, field, source, setting))
            .collect();
        let mut stated: Vec<&str> = cells
            .iter()
            .map(|cell| bare(cell))
            .filter(|cell| !cell.is_empty())
            .collect();
        stated.sort_unstable();
        stated.dedup();
        let is_worth_a_row = !stated.is_empty() || is_asked && !now.is_empty();
        if !is_worth_a_row {
            continue;
        }
        rows.push(GridRow {
            field: short(label(field)),
            differs: stated.len() > 1
                || stated
                    .first()
                    .is_some_and(|stated| !now.is_empty() && *stated != now),
            now,
            cells,
            is_asked,
        });
    }
    rows
}

/// A cell without the number of its candidate.
pub(in crate::cli::review) fn bare(cell: &str) -> &str {
    cell.rsplit_once(" [").map_or(cell, |(bare, _)| bare)
}

/// What one source last said of a field, with the candidate's number where it is asked.
fn cell(view: &View<'_>, field: FieldName, source: &str, setting: Setting<'_>) -> String {
    let offers = view.conflict.offers();
    let numbered = offers
        .filter(|_| view.conflict.field == Some(field))
        .filter_map(|(at, candidate)| {
            let is_theirs = candidate.records.iter().any(|record| record.source() == source);
            let stated = candidate.value.as_ref().filter(|_| is_theirs)?;
            Some(format!("{} [{}]", value(Some(field), stated, setting), at + 1))
        });
    let numbered: Vec<String> = numbered.collect();
    if !numbered.is_empty() {
        return numbered.join(", ");
    }
    let claims = view.booking.claims.get(&field).into_iter().flatten();
    let last = claims
        .filter(|claim| claim.record.source() == source && claim.field == field)
        .max_by_key(|claim| claim.said_at);
    last.map_or_else(String::new, |claim| value(Some(field), &claim.value, setting))
}
