//! `rebook bookings`: the rebuilt bookings, a line each.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, one_line};
use crate::model::{Action, Booking, State, Status, When};
use crate::wire;
use std::io::Write;

pub(super) fn run(desk: &Desk) -> Result<Done, Failure> {
    let mut bookings = desk.decided_bookings()?;
    let mut answer = screen::answer();
    if desk.json {
        // As the database keeps them: a script reads these.
        for booking in &desk.kept(bookings)? {
            writeln!(answer, "{}", wire::booking_line(booking, desk.clockface()))?;
        }
    } else {
        let zone = desk.config.business.zone;
        // A person looks for a day. What has no start may be tomorrow, and comes first.
        bookings.sort_by_key(|booking| {
            let start = booking.starts_at;
            (
                start.map(|when| when.date(zone)),
                start.and_then(|when| when.instant()),
            )
        });
        let rows: Vec<[String; 8]> = std::iter::once(HEAD.map(str::to_owned))
            .chain(bookings.iter().map(|booking| row(booking, desk)))
            .collect();
        let widths: [usize; 8] =
            std::array::from_fn(|column| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0));
        for row in &rows {
            writeln!(answer, "{}", line(row, &widths))?;
        }
    }
    answer.flush()?;
    Ok(Done::All)
}

const HEAD: [&str; 8] = [
    "start",
    "end",
    "reference",
    "is",
    "status",
    "total",
    "customer",
    "resource",
];
const TOTAL: usize = 5;

fn row(booking: &Booking, desk: &Desk) -> [String; 8] {
    let zone = desk.config.business.zone;
    let clockface = desk.clockface();
    let when = |when: Option<When>| when.map_or_else(|| "?".to_owned(), |when| clockface.brief(when));
    let text = |text: &Option<String>| one_line(text.as_deref().unwrap_or("?"));
    let end = when(booking.ends_at);
    let is_same_day =
        booking.starts_at.map(|when| when.date(zone)) == booking.ends_at.map(|when| when.date(zone));
    let is = match (booking.state, booking.action) {
        (State::Rejected, _) => "rejected",
        (State::Flagged, _) => "to decide",
        (State::Clean, Action::Insert) => "new",
        (State::Clean, Action::Update) => "changed",
        (State::Clean, Action::Unchanged) => "unchanged",
    };
    [
        when(booking.starts_at),
        // The same day is not written twice.
        match end.split_once(' ') {
            Some((_, time)) if is_same_day => time.to_owned(),
            _ => end,
        },
        one_line(booking.reference.as_deref().unwrap_or(booking.id.as_str())),
        is.to_owned(),
        booking.status.map_or("?", Status::as_str).to_owned(),
        booking
            .total
            .map_or_else(|| "?".to_owned(), |total| total.to_string()),
        text(&booking.customer.name),
        text(&booking.resource.name),
    ]
}

fn line(row: &[String; 8], widths: &[usize; 8]) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(column, (cell, width_max))| {
            let space = " ".repeat(width_max - width(cell));
            match column {
                TOTAL => format!("{space}{cell}"),
                _ => format!("{cell}{space}"),
            }
        })
        .collect();
    cells.join("  ").trim_end().to_owned()
}

/// Columns on a terminal: the scripts of East Asia are two wide. Source: Unicode Standard Annex 11.
fn width(text: &str) -> usize {
    let is_wide = |char: char| {
        matches!(char,
            '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}'
            | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
    };
    text.chars().map(|char| 1 + usize::from(is_wide(char))).sum()
}

#[cfg(test)]
mod tests {
    use super::width;

    #[test]
    fn a_character_of_east_asia_is_two_columns_wide() {
        assert_eq!(width("Zoë"), 3);
        assert_eq!(width("山田 太郎"), 9);
    }
}
