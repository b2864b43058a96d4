//! `rebook money`: every succeeded charge in one bucket; the sums add up.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, one_line};
use super::words::{count_of, grouped};
use crate::model::{Booking, BookingId, Bucket, Charge, Currency, Money, State, When};
use crate::report::rows;
use crate::wire;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Answer as CSV, amounts in major units.
    #[arg(long)]
    csv: bool,
}

pub(super) fn run(arguments: &Arguments, desk: &Desk) -> Result<Done, Failure> {
    let bookings = desk.decided_bookings()?;
    let charges = settle(desk.staging.charges()?, &bookings);
    let references: BTreeMap<&BookingId, &str> = bookings
        .iter()
        .filter_map(|booking| Some((&booking.id, booking.reference.as_deref()?)))
        .collect();
    let mut answer = screen::answer();
    if arguments.csv {
        writeln!(
            answer,
            "id,amount,refunded,currency,paid_at,bucket,booking,reference,reason"
        )?;
        for charge in &charges {
            writeln!(answer, "{}", csv_line(charge, &references, desk))?;
        }
    } else if desk.json {
        for charge in &charges {
            writeln!(answer, "{}", wire::charge_line(charge, desk.clockface()))?;
        }
    } else {
        for bucket in Bucket::ALL {
            let within: Vec<&Charge> = charges.iter().filter(|charge| charge.bucket == bucket).collect();
            write_bucket(bucket, &within, &references, desk, &mut answer)?;
        }
        writeln!(answer, "\nIn all: {}", totals(charges.iter()))?;
    }
    answer.flush()?;
    Ok(Done::All)
}

/// One bucket with its sum, as a bookkeeper ticks it off.
fn write_bucket(
    bucket: Bucket,
    charges: &[&Charge],
    references: &BTreeMap<&BookingId, &str>,
    desk: &Desk,
    out: &mut impl Write,
) -> io::Result<()> {
    let heading = match bucket {
        Bucket::OnBooking => "On bookings",
        Bucket::BelongsToNone => "On no booking",
        Bucket::InConflict => "Waiting for your decision",
    };
    writeln!(out, "\n{heading}: {}", totals(charges.iter().copied()))?;
    for charge in charges {
        let booking = charge.booking.as_ref();
        let booking = booking.map(|id| references.get(id).copied().unwrap_or(id.as_str()));
        let refunded = if charge.refunded.minor == 0 {
            String::new()
        } else {
            format!(", {} refunded", charge.refunded)
        };
        // On its booking there is nothing to explain.
        let reason = match bucket {
            Bucket::OnBooking => String::new(),
            _ => format!("  {}", one_line(&charge.reason)),
        };
        let paid_at = When::Instant(charge.paid_at);
        writeln!(
            out,
            "  {}  {:>12}  {}{}{reason}{refunded}",
            desk.clockface().brief(paid_at),
            charge.amount.to_string(),
            one_line(&charge.id),
            booking.map_or_else(String::new, |booking| format!("  {}", one_line(booking))),
        )?;
    }
    Ok(())
}

/// `3 payments, EUR 1,200.00, CHF 80.00`.
fn totals<'a>(charges: impl Iterator<Item = &'a Charge>) -> String {
    let mut count = 0;
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for charge in charges {
        count += 1;
        *sums.entry(charge.amount.currency).or_default() += charge.amount.minor;
    }
    let sums = sums.iter().map(|(currency, minor)| {
        let major = Money::new(*minor, *currency).major();
        format!(", {} {}", currency.as_str().to_uppercase(), grouped(&major))
    });
    format!(
        "{}{}",
        count_of(count, "payment", "payments"),
        sums.collect::<String>()
    )
}

/// Moves charges to where decisions have put them: an answered booking has its payments, a rejected one has none.
pub(super) fn settle(charges: Vec<Charge>, bookings: &[Booking]) -> Vec<Charge> {
    let mut states: BTreeMap<&str, (&BookingId, State)> = BTreeMap::new();
    for booking in bookings {
        for payment in &booking.payments {
            states.insert(&payment.id, (&booking.id, booking.state));
        }
    }
    charges
        .into_iter()
        .map(|charge| match (states.get(charge.id.as_str()), charge.bucket) {
            (Some((id, State::Rejected)), _) => Charge {
                bucket: Bucket::BelongsToNone,
                reason: format!("a person said that {id} is no booking"),
                booking: None,
                ..charge
            },
            (Some((id, State::Clean)), Bucket::InConflict | Bucket::BelongsToNone) => Charge {
                bucket: Bucket::OnBooking,
                reason: "a person decided".to_owned(),
                booking: Some((*id).clone()),
                ..charge
            },
            _ => charge,
        })
        .collect()
}

fn csv_line(charge: &Charge, references: &BTreeMap<&BookingId, &str>, desk: &Desk) -> String {
    let zone = desk.config.business.zone;
    let booking = charge.booking.as_ref();
    rows::line([
        charge.id.as_str(),
        &charge.amount.major(),
        &charge.refunded.major(),
        charge.amount.currency.as_str(),
        &crate::model::When::Instant(charge.paid_at).render(zone),
        charge.bucket.as_str(),
        booking.map_or("", BookingId::as_str),
        booking.and_then(|id| references.get(id).copied()).unwrap_or(""),
        &charge.reason,
    ])
}
