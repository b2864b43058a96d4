//! `rebook bookings`: the rebuilt bookings, a line each.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, one_line};
use crate::model::Booking;
use crate::wire;
use std::io::Write;

pub(super) fn run(desk: &Desk) -> Result<Done, Failure> {
    let bookings = desk.decided_bookings()?;
    let mut answer = screen::answer();
    for booking in &bookings {
        if desk.json {
            writeln!(answer, "{}", wire::booking_line(booking, desk.clockface()))?;
        } else {
            writeln!(answer, "{}", line(booking, desk))?;
        }
    }
    answer.flush()?;
    Ok(Done::All)
}

/// State, action, reference, stay, status, total and customer, in columns.
fn line(booking: &Booking, desk: &Desk) -> String {
    let clockface = desk.clockface();
    let when =
        |when: Option<crate::model::When>| when.map_or_else(|| "?".to_owned(), |when| clockface.brief(when));
    let text = |text: &Option<String>| one_line(text.as_deref().unwrap_or("?"));
    format!(
        "{:<8} {:<9} {:<14} {:<16}  {:<16}  {:<9} {:>12}  {}",
        booking.state.as_str(),
        booking.action.as_str(),
        one_line(booking.reference.as_deref().unwrap_or(booking.id.as_str())),
        when(booking.starts_at),
        when(booking.ends_at),
        booking.status.map_or("?", crate::model::Status::as_str),
        booking
            .total
            .map_or_else(|| "?".to_owned(), |total| total.to_string()),
        text(&booking.customer.name),
    )
    .trim_end()
    .to_owned()
}
