//! What stands around a case: the customer's other bookings, and the money.

use super::super::Setting;
use super::super::screen::{self, moment};
use super::links::name;
use crate::cli::terminal::safe;
use crate::model::{Booking, ConflictKind, Money, State, When};
use crate::review::{Queue, View};

/// Bookings of the customer that are shown.
const NEARBY_MAX: usize = 4;

/// The same customer's other bookings, those that start nearest first.
pub(super) fn nearby(queue: &Queue<'_>, booking: &Booking, setting: Setting<'_>) -> Vec<String> {
    let mut others = queue.of_customer(booking);
    let day = |booking: &Booking| booking.starts_at.map(|when| when.date(setting.zone));
    let distance = |other: &Booking| match (day(booking), day(other)) {
        (Some(one), Some(two)) => (two - one).num_days().abs(),
        _ => i64::MAX,
    };
    others.sort_by_key(|other| (distance(other), other.id.clone()));
    let more = others.len().saturating_sub(NEARBY_MAX);
    let shown = others.into_iter().take(NEARBY_MAX);
    let mut lines: Vec<String> = shown.map(|other| line(other, setting)).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// Other bookings with the same number, where that is asked.
pub(super) fn namesakes(queue: &Queue<'_>, view: &View<'_>, setting: Setting<'_>) -> Vec<String> {
    let booking = view.booking;
    let Some(reference) = booking.reference.as_deref() else {
        return Vec::new();
    };
    if view.conflict.kind != ConflictKind::ReferenceReused {
        return Vec::new();
    }
    let others = queue.called(reference).into_iter();
    others
        .filter(|other| other.id != booking.id)
        .take(NEARBY_MAX)
        .map(|other| {
            let person = other.customer.name.as_deref().map(|name| safe(name, 40));
            let parts: Vec<String> = person.into_iter().chain([line(other, setting)]).collect();
            parts.join(" · ")
        })
        .collect()
}

/// One other booking.
fn line(other: &Booking, setting: Setting<'_>) -> String {
    let open = match (other.state, other.conflicts.len()) {
        (State::Rejected, _) => vec!["not a booking".to_owned()],
        (_, 0) => Vec::new(),
        (_, open) => vec![format!("{open} open")],
    };
    let resource = other.resource.name.as_deref().map(|name| safe(name, 40));
    let parts: Vec<String> = [name(other)]
        .into_iter()
        .chain(resource)
        .chain(screen::what(other, setting))
        .chain(open)
        .collect();
    parts.join(" · ")
}

pub(super) fn money(booking: &Booking, setting: Setting<'_>) -> Vec<String> {
    let mut lines: Vec<String> = booking
        .payments
        .iter()
        .map(|payment| {
            let refunded = match payment.refunded.minor {
                0 => String::new(),
                _ => format!(", {} given back", payment.refunded),
            };
            format!(
                "{}  {}{refunded}  {}",
                moment(When::Instant(payment.paid_at), setting),
                payment.amount,
                safe(&payment.id, 40)
            )
        })
        .collect();
    if let (Some(total), Some(paid)) = (booking.total, screen::paid(booking))
        && total.currency == paid.currency
    {
        let left = Money::new(total.minor - paid.minor, total.currency);
        lines.push(match left.minor {
            0 => format!("paid in full: {paid}"),
            minor if minor > 0 => format!("price {total}, paid {paid}, {left} to pay"),
            minor => format!(
                "price {total}, paid {paid}, {} more than the price",
                Money::new(-minor, total.currency)
            ),
        });
    }
    lines
}
