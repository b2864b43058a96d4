//! What stands beside the SQL: what is held, the plan in plain words, and all rows for other tools.

use super::cell::Cell;
use super::relation::Relation;
use super::relation::Relations;
use super::staged::{RowAction, Staged};
use super::{Fate, Outcome, Reload};
use crate::model::{Business, EntityKind};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How the first line of a list of held rows begins.
pub(super) const HELD_HEAD: &str = "what,booking,reference,payment,reason";

/// The rows of one table, as other tools may load them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// `booking`, `customer` or `payment`.
    pub kind: EntityKind,
    /// Ours first (`rebook_action`, `rebook_id`, `rebook_parent`), then the target's.
    pub columns: Vec<String>,
    /// None is NULL.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Rows {
    /// RFC 4180; NULL is nothing, an empty text is `""`, as PostgreSQL's COPY reads it.
    pub fn csv(&self) -> String {
        let mut out = String::new();
        let heads = self.columns.iter().map(|column| Some(column.clone()));
        line(&mut out, heads.collect::<Vec<_>>().iter());
        for row in &self.rows {
            line(&mut out, row.iter());
        }
        out
    }
}

fn line<'a>(out: &mut String, cells: impl Iterator<Item = &'a Option<String>>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        match cell.as_deref() {
            None => {}
            Some(text) if text.is_empty() || text.contains([',', '"', '\n', '\r']) || text.trim() != text => {
                out.push('"');
                out.push_str(&text.replace('"', "\"\""));
                out.push('"');
            }
            Some(text) => out.push_str(text),
        }
    }
    out.push('\n');
}

/// All staged rows. A new row's own key and its parent's are given by the database; `rebook_parent` names the parent's row.
pub(super) fn rows(relations: &Relations<'_>, staged: &Staged<'_>) -> Vec<Rows> {
    let mut tables = Vec::new();
    if let Some(relation) = &relations.customer {
        let rows = staged.customers.iter().filter_map(|row| {
            let action = if row.known { "known" } else { "insert" };
            Some((
                [
                    Some(action.to_owned()),
                    Some(format!("customer {}", row.no)),
                    None,
                ],
                row.cells.as_deref().ok()?,
            ))
        });
        tables.push(table(relation, rows));
    }
    let rows = staged.bookings.iter().map(|row| {
        let action = match row.action {
            RowAction::Insert => "insert",
            RowAction::Update => "update",
            RowAction::Keep => "keep",
        };
        let parent = row.customer.map(|no| format!("customer {no}"));
        (
            [Some(action.to_owned()), Some(row.booking.id.to_string()), parent],
            row.cells.as_slice(),
        )
    });
    tables.push(table(&relations.booking, rows));
    if let Some(relation) = &relations.payment {
        let rows = staged.payments.iter().map(|row| {
            let action = if row.booking.is_some() { "insert" } else { "update" };
            let parent = row.booking.map(|_| row.owner.id.to_string());
            (
                [Some(action.to_owned()), Some(row.payment.id.clone()), parent],
                row.cells.as_slice(),
            )
        });
        tables.push(table(relation, rows));
    }
    tables
}

fn table<'r>(relation: &Relation<'_>, rows: impl Iterator<Item = ([Option<String>; 3], &'r [Cell])>) -> Rows {
    let own = ["rebook_action", "rebook_id", "rebook_parent"].map(str::to_owned);
    Rows {
        kind: relation.kind,
        columns: own.into_iter().chain(relation.columns.iter().cloned()).collect(),
        rows: rows
            .map(|(own, cells)| own.into_iter().chain(cells.iter().map(shown)).collect())
            .collect(),
    }
}

fn shown(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Text(text) | Cell::Number(text) => Some(text.clone()),
        Cell::Bytes(bytes) => Some(bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })),
    }
}

impl Reload {
    /// What is not in the file and why, for a spreadsheet: held rows, then what waits for a decision.
    pub fn held_csv(&self) -> String {
        let mut out = format!("{HELD_HEAD}\n");
        for held in &self.held {
            let what = if held.payment.is_some() {
                "payment"
            } else {
                "booking"
            };
            safe_line(
                &mut out,
                [
                    what,
                    held.booking.as_str(),
                    held.reference.as_deref().unwrap_or(""),
                    held.payment.as_deref().unwrap_or(""),
                    &held.reason,
                ],
            );
        }
        for left in &self.left_out {
            safe_line(
                &mut out,
                [
                    "undecided",
                    left.booking.as_str(),
                    left.reference.as_deref().unwrap_or(""),
                    "",
                    &left.reason,
                ],
            );
        }
        out
    }

    /// The plan in plain words.
    pub fn plan_text(&self, business: &Business, live: Option<&str>) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{PLAN_HEAD}{}", one_line(&business.name));
        let _ = writeln!(out, "Batch {}.", self.batch);
        let _ = match live {
            Some(live) => writeln!(
                out,
                "Held against what is live in {live}. Every row ends in exactly one of five ways; the file looks once more \
                 when it runs, and what has moved by then it holds back and lists."
            ),
            None => writeln!(
                out,
                "Nothing is known of what is live now: what is already there, and what collides, the file finds out when it \
                 runs, and lists. With `--live` it is known before."
            ),
        };
        for (kind, title) in [
            (EntityKind::Customer, "Customers that new bookings need"),
            (EntityKind::Booking, "Bookings"),
            (EntityKind::Payment, "Payments and refunds"),
        ] {
            let fates: Vec<&Fate> = self.fates.iter().filter(|fate| fate.entity == kind).collect();
            if fates.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\n{title}: {}", fates.len());
            for outcome in Outcome::ALL {
                let count = fates.iter().filter(|fate| fate.outcome == outcome).count();
                if count > 0 {
                    let _ = writeln!(out, "  {count:>7}  {}", in_words(outcome));
                }
            }
        }
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for fate in self.fates.iter().filter(|fate| fate.outcome == Outcome::Held) {
            *reasons.entry(fate.reason.as_str()).or_default() += 1;
        }
        if !reasons.is_empty() {
            let _ = writeln!(out, "\nWhy rows are held");
            for (reason, count) in reasons {
                let _ = writeln!(out, "  {count:>7}  {}", one_line(reason));
            }
        }
        if !self.left_out.is_empty() {
            let _ = writeln!(
                out,
                "\nLeft out, for a decision is open: {} bookings",
                self.left_out.len()
            );
        }
        self.list(&mut out);
        out
    }

    /// Double bookings first: somebody stands at the counter.
    fn list(&self, out: &mut String) {
        let mut special: Vec<&Fate> = self
            .fates
            .iter()
            .filter(|fate| {
                fate.outcome == Outcome::Update || fate.outcome == Outcome::Held || !fate.reason.is_empty()
            })
            .collect();
        special.sort_by_key(|fate| {
            (
                !fate.reason.starts_with("double booking"),
                fate.outcome,
                fate.reference.clone(),
                fate.booking.clone(),
                fate.payment.clone(),
            )
        });
        if special.is_empty() {
            return;
        }
        let _ = writeln!(
            out,
            "\nRow by row, but for plain new ones and those that are already there"
        );
        for fate in special {
            let what = fate.payment.as_deref().or(fate.reference.as_deref());
            let reason = if fate.reason.is_empty() {
                String::new()
            } else {
                format!(": {}", one_line(&fate.reason))
            };
            let _ = writeln!(
                out,
                "  {} {} ({}) {}{reason}",
                fate.entity.as_str(),
                one_line(what.unwrap_or("-")),
                fate.booking,
                fate.outcome.as_str()
            );
        }
    }
}

/// How the first line of a plan begins.
pub(super) const PLAN_HEAD: &str = "The plan of the reload: ";

fn in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Insert => "are new and go in",
        Outcome::Update => "are changed, if the row still is as the backup had it",
        Outcome::Loaded => "are there already, just so",
        Outcome::Live => "are there already and stay as they are",
        Outcome::Held => "are held back, each with its reason",
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

/// A spreadsheet runs what begins with `=`, `+`, `-` or `@`: text that does is put behind an apostrophe.
fn safe_line(out: &mut String, cells: [&str; 5]) {
    let cells = cells.map(|cell| {
        let cell = one_line(cell);
        Some(if cell.starts_with(['=', '+', '-', '@']) {
            format!("'{cell}")
        } else {
            cell
        })
        .filter(|cell| !cell.is_empty())
    });
    line(out, cells.iter());
}
