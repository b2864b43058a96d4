//! `rebook explain`: where every value of a booking comes from, and what speaks against it.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, one_line};
use crate::model::{Booking, Claim, Conflict, FieldName, State, Value};
use crate::wire;
use std::io::{self, Write};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A booking's id or reference, a record's id (`mail:…`, `stripe:ch_…`) or a charge's (`ch_…`).
    id: String,
}

pub(super) fn run(arguments: &Arguments, desk: &Desk) -> Result<Done, Failure> {
    desk.require_build()?;
    let bookings = desk.decide(desk.staging.find_bookings(&arguments.id)?)?;
    if bookings.is_empty() {
        return Err(not_found(&arguments.id, desk)?);
    }
    let mut answer = screen::answer();
    for booking in &bookings {
        if desk.json {
            writeln!(answer, "{}", wire::explanation_line(booking, desk.clockface()))?;
        } else {
            explain(booking, desk, &mut answer)?;
        }
    }
    answer.flush()?;
    Ok(Done::All)
}

/// A record that is staged and on no booking is worth its own words.
fn not_found(id: &str, desk: &Desk) -> Result<Failure, Failure> {
    let record = desk.staging.record(&crate::model::RecordId(id.to_owned()))?;
    Ok(match record {
        Some(record) => Failure::new(
            format!("{id} is on no booking"),
            format!(
                "it is staged, a {} from {}",
                one_line(&record.object),
                one_line(&record.origin)
            ),
        ),
        None => Failure::new(
            format!("nothing is known as \"{}\"", one_line(id)),
            "name a booking by its id or reference, or a record as in mail:… or stripe:ch_…; `rebook bookings` lists them",
        ),
    })
}

fn explain(booking: &Booking, desk: &Desk, out: &mut impl Write) -> io::Result<()> {
    let clockface = desk.clockface();
    let reference = booking
        .reference
        .as_deref()
        .map_or_else(String::new, |reference| format!(" {}", one_line(reference)));
    writeln!(
        out,
        "{}{reference}: {}, {}",
        booking.id,
        booking.state.as_str(),
        booking.action.as_str()
    )?;
    if let Some(key) = &booking.baseline_key {
        writeln!(out, "  stands in the backup as {}", one_line(key))?;
    }
    for (field, value) in booking.fields() {
        writeln!(out, "\n  {field}: {}", one_line(&clockface.text(&value)))?;
        let claims = booking.claims.get(&field).map_or(&[][..], Vec::as_slice);
        let (agreeing, others): (Vec<&Claim>, Vec<&Claim>) =
            claims.iter().partition(|claim| claim.value == value);
        for claim in agreeing.iter().chain(&others) {
            explain_claim(claim, &value, desk, out)?;
        }
        if claims.is_empty() {
            writeln!(
                out,
                "    {}",
                if is_of_backup(booking, field) {
                    "by the backup"
                } else {
                    "by no record alone"
                }
            )?;
        }
    }
    if !booking.payments.is_empty() {
        writeln!(out, "\n  payments")?;
    }
    for payment in &booking.payments {
        let refunded = if payment.refunded.minor == 0 {
            String::new()
        } else {
            format!(", {} refunded", payment.refunded)
        };
        let paid_at = clockface.brief(crate::model::When::Instant(payment.paid_at));
        writeln!(
            out,
            "    {paid_at}  {}{refunded}  {}",
            payment.amount,
            one_line(&payment.id)
        )?;
    }
    writeln!(out, "\n  why these records are one booking")?;
    for reason in &booking.links {
        writeln!(out, "    {}", one_line(reason))?;
    }
    for record in booking
        .records
        .iter()
        .filter(|record| !booking.links.iter().any(|link| link.contains(record.as_str())))
    {
        writeln!(out, "    {}", one_line(record.as_str()))?;
    }
    for conflict in &booking.conflicts {
        explain_conflict(conflict, desk, out)?;
    }
    if booking.state == State::Flagged {
        writeln!(
            out,
            "\n  Its values are suggestions until this is answered: rebook review"
        )?;
    }
    writeln!(out)
}

/// Whether the value is that of a row in the backup, which a record led to.
fn is_of_backup(booking: &Booking, field: FieldName) -> bool {
    match field {
        FieldName::BookingKey | FieldName::CustomerKey | FieldName::ResourceKey => true,
        FieldName::ResourceName => booking.resource.key.is_some(),
        FieldName::CustomerName | FieldName::CustomerFirstName | FieldName::CustomerLastName => {
            booking.customer.baseline_key.is_some()
        }
        _ => booking.baseline_key.is_some(),
    }
}

fn explain_claim(claim: &Claim, value: &Value, desk: &Desk, out: &mut impl Write) -> io::Result<()> {
    let said_at = claim.said_at.map_or_else(String::new, |at| {
        format!(
            ", said {}",
            desk.clockface().brief(crate::model::When::Instant(at))
        )
    });
    let stated = if claim.value == *value {
        String::new()
    } else {
        format!("says {}: ", one_line(&desk.clockface().text(&claim.value)))
    };
    writeln!(
        out,
        "    {stated}{} at {} by {} ({}{said_at})",
        one_line(claim.record.as_str()),
        one_line(&claim.place),
        one_line(&claim.rule),
        claim.standing.as_str(),
    )
}

fn explain_conflict(conflict: &Conflict, desk: &Desk, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "\n  open: {} ({})",
        one_line(&conflict.reason),
        conflict.kind.as_str()
    )?;
    for (index, candidate) in conflict.candidates.iter().enumerate() {
        let value = candidate.value.as_ref().map_or_else(
            || "leave it empty".to_owned(),
            |value| desk.clockface().text(value),
        );
        let mark = if conflict.suggested == Some(index) {
            ", suggested"
        } else {
            ""
        };
        let bits = candidate.millibits as f64 / 1000.0;
        writeln!(
            out,
            "    {}. {} ({bits:.1} bits{mark})",
            index + 1,
            one_line(&value)
        )?;
        for record in &candidate.records {
            writeln!(out, "       {}", one_line(record.as_str()))?;
        }
    }
    Ok(())
}
