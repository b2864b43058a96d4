//! Applies standing decisions to bookings as fused.

use super::answer::{answer, cite};
use super::book::Book;
use super::stale::stale_price;
use super::{Log, Pile, Terms};
use crate::model::{Answer, Booking, Conflict, ConflictKind, Decision, State, Status, When, money_doubt};

/// Applies every decision that stands. A question that was answered on its present evidence is closed; one
/// that was put off, or whose evidence has changed since, stays open. What follows from an answer is asked.
pub fn apply(bookings: Vec<Booking>, decisions: &[Decision], terms: &Terms<'_>) -> Vec<Booking> {
    let pile = Pile::new(bookings);
    let mut settled = Book::new(&pile, decisions.to_vec(), terms).into_settled();
    let fused = pile.into_bookings().into_iter().enumerate();
    fused
        .map(|(at, booking)| settled.remove(&at).unwrap_or(booking))
        .collect()
}

/// The question that a booking raises with the values that it has by now, if any.
pub(super) type Doubt<'d> = dyn Fn(&Booking) -> Option<Conflict> + 'd;

/// Applies to one booking what stands in the log about it. `double` finds out what it is double booked with.
pub(super) fn settle(fused: &Booking, log: &Log, terms: &Terms<'_>, double: &Doubt<'_>) -> Booking {
    let mut booking = fused.clone();
    let mut answered: Vec<(&Conflict, &Decision)> = fused
        .conflicts
        .iter()
        .filter_map(|conflict| Some((conflict, log.answer(conflict)?)))
        .collect();
    if answered
        .iter()
        .any(|(_, decision)| decision.answer == Answer::Reject)
    {
        return rejected(booking);
    }
    answered.retain(|(conflict, _)| !follows(conflict.kind));
    answered.sort_by_key(|(_, decision)| decision.seq);
    let mut closed: Vec<&Conflict> = Vec::new();
    // When a person last changed what the money, or the place in time, hangs on.
    let (mut paid_since, mut moved_since) = (0, 0);
    for (conflict, decision) in answered {
        let before = (money_of(&booking), span_of(&booking));
        if answer(&mut booking, conflict, &decision.answer, terms).is_ok() {
            if !matches!(decision.answer, Answer::Later(_)) {
                closed.push(conflict);
            }
            cite(&mut booking, conflict, decision);
        }
        if before.0 != money_of(&booking) {
            paid_since = decision.seq;
        }
        if before.1 != span_of(&booking) {
            moved_since = decision.seq;
        }
    }
    let is_open = |conflict: &Conflict| !closed.contains(&conflict);
    booking.conflicts = fused
        .conflicts
        .iter()
        .filter(|conflict| is_open(conflict))
        .cloned()
        .collect();
    let asked = |kind: ConflictKind| {
        fused
            .conflicts
            .iter()
            .find(|conflict| conflict.kind == kind)
            .cloned()
    };
    let money = |now: &Booking| {
        if money_of(now) == money_of(fused) {
            asked(ConflictKind::MoneyDoesNotAddUp)
        } else {
            money_doubt(now, false)
        }
    };
    let price = stale_price(fused, log, &closed);
    if let Some(doubt) = &price {
        let Ok(open) = chain(&mut booking, log, terms, &|now| doubt(now), 0) else {
            return rejected(booking);
        };
        booking.conflicts.extend(open);
    }
    for (kind, doubt, since) in [
        (ConflictKind::MoneyDoesNotAddUp, &money as &Doubt<'_>, paid_since),
        (ConflictKind::DoubleBooked, double, moved_since),
    ] {
        let Ok(open) = chain(&mut booking, log, terms, doubt, since) else {
            return rejected(booking);
        };
        follow(&mut booking, kind, open);
    }
    booking.state = if booking.conflicts.is_empty() {
        State::Clean
    } else {
        State::Flagged
    };
    booking
}

/// It was answered that this is no booking.
struct NoBooking;

/// Most answers in a row that each raise the question anew.
const CHAIN_MAX: usize = 4;

/// Asks what follows from the values, applies what was answered to it, and asks again; the question that is open
/// in the end.
fn chain(
    booking: &mut Booking,
    log: &Log,
    terms: &Terms<'_>,
    doubt: &Doubt<'_>,
    since: u64,
) -> Result<Option<Conflict>, NoBooking> {
    for _ in 0..CHAIN_MAX {
        let Some(question) = doubt(booking) else {
            return Ok(None);
        };
        // Who answered before the values changed did not answer this.
        let Some(decision) = log.answer(&question).filter(|decision| decision.seq > since) else {
            return Ok(Some(question));
        };
        match &decision.answer {
            Answer::Reject => return Err(NoBooking),
            Answer::Later(_) => return Ok(Some(question)),
            given => {
                let before = (money_of(booking), span_of(booking));
                if answer(booking, &question, given, terms).is_err() {
                    return Ok(Some(question));
                }
                cite(booking, &question, decision);
                // Who answered about the money has settled it; another place in time may be taken too.
                let is_settled = question.kind != ConflictKind::DoubleBooked;
                if is_settled || before == (money_of(booking), span_of(booking)) {
                    return Ok(None);
                }
            }
        }
    }
    Ok(doubt(booking))
}

/// Puts the open question of a kind in the place of the one before it.
pub(super) fn follow(booking: &mut Booking, kind: ConflictKind, open: Option<Conflict>) {
    let at = booking
        .conflicts
        .iter()
        .position(|conflict| conflict.kind == kind);
    match (at, open) {
        (Some(at), Some(open)) => booking.conflicts[at] = open,
        (Some(at), None) => {
            booking.conflicts.remove(at);
        }
        (None, Some(open)) => booking.conflicts.push(open),
        (None, None) => {}
    }
}

/// Whether questions of this kind follow from a booking's values alone.
pub(super) fn follows(kind: ConflictKind) -> bool {
    matches!(kind, ConflictKind::MoneyDoesNotAddUp | ConflictKind::DoubleBooked)
}

fn rejected(mut booking: Booking) -> Booking {
    booking.state = State::Rejected;
    booking.conflicts.clear();
    booking
}

pub(super) fn money_of(booking: &Booking) -> impl PartialEq + use<> {
    (booking.total, booking.status == Some(Status::Cancelled))
}

/// What it occupies, and when.
pub(super) fn span_of(booking: &Booking) -> Option<(String, When, When)> {
    let is_off = booking.state == State::Rejected || booking.status == Some(Status::Cancelled);
    let key = booking.resource.key.clone().filter(|_| !is_off)?;
    Some((key, booking.starts_at?, booking.ends_at?))
}
