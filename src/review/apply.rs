//! Applies standing decisions to bookings as fused.

use super::book::Book;
use super::field::{self, Unfit};
use super::{Log, Terms, current};
use crate::model::{
    Action, Answer, Booking, Candidate, Claim, Conflict, ConflictKind, Decision, FieldName, RecordId,
    Standing, State, Status, Value, When, money_doubt,
};
use chrono::{DateTime, Utc};

/// Applies every decision that stands. A question that was answered on its present evidence is closed; one
/// that was put off, or whose evidence has changed since, stays open. What follows from an answer is asked.
pub fn apply(bookings: Vec<Booking>, decisions: &[Decision], terms: &Terms<'_>) -> Vec<Booking> {
    Book::new(bookings, decisions.to_vec(), terms).into_bookings()
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

/// Kinds of question, and fields, whose answer may make the price stale: to tell, the claims must be known.
pub const MAY_MAKE_STALE: (ConflictKind, [FieldName; 2]) = (
    ConflictKind::ChangedWithoutNotice,
    [FieldName::StartsAt, FieldName::EndsAt],
);

/// Where a person said that the times were changed with no word from the business, a price that was stated before the
/// change may have been changed with them.
fn stale_price<'f>(
    fused: &'f Booking,
    log: &Log,
    closed: &[&Conflict],
) -> Option<impl Fn(&Booking) -> Option<Conflict> + use<'f>> {
    let said = |record: &RecordId| {
        let claims = fused.claims.values().flatten();
        claims
            .filter(|claim| claim.record == *record)
            .filter_map(|claim| claim.said_at)
            .max()
    };
    let claims = fused.claims.get(&FieldName::Total).into_iter().flatten();
    let stated = match claims.filter_map(|claim| claim.said_at).max() {
        Some(stated) => stated,
        // The backup has it, and everything that is told of it now came later.
        None if fused.baseline_key.is_some() => DateTime::<Utc>::MIN_UTC,
        None => return None,
    };
    let is_about_price = |conflict: &Conflict| conflict.field == Some(FieldName::Total);
    // Who was asked about the price was asked.
    if fused.conflicts.iter().any(is_about_price) {
        return None;
    }
    let changed = closed.iter().find_map(|conflict| {
        let asked = conflict.kind == MAY_MAKE_STALE.0
            && conflict
                .field
                .is_some_and(|field| MAY_MAKE_STALE.1.contains(&field));
        let Answer::Take(taken) = &log.answer(conflict).filter(|_| asked)?.answer else {
            return None;
        };
        let candidate = conflict
            .candidates
            .iter()
            .find(|candidate| candidate.value == *taken)?;
        candidate
            .records
            .iter()
            .filter_map(said)
            .max()
            .filter(|at| *at > stated)
    })?;
    Some(move |now: &Booking| {
        let total = now.total.filter(|total| Some(*total) == fused.total)?;
        if now.status == Some(Status::Cancelled) {
            return None;
        }
        let date = changed.format("%Y-%m-%d");
        let reason = format!(
            "Its times were changed on {date}, after its price, {total}, was last stated: is that still the price?"
        );
        let same = Candidate {
            value: Some(Value::Money(total)),
            records: fused
                .claims
                .get(&FieldName::Total)
                .into_iter()
                .flatten()
                .map(|claim| claim.record.clone())
                .collect(),
            millibits: 0,
        };
        let (kind, field) = (ConflictKind::UnexplainedEvidence, Some(FieldName::Total));
        Some(Conflict::new(&now.id, kind, field, reason, vec![same], None))
    })
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

/// Puts one answer into the booking. On an error the booking is as it was, and the question stays open.
pub(super) fn answer(
    booking: &mut Booking,
    conflict: &Conflict,
    answer: &Answer,
    terms: &Terms<'_>,
) -> Result<(), Unfit> {
    let suggested = conflict
        .suggested
        .and_then(|index| conflict.candidates.get(index))
        .map(|candidate| &candidate.value);
    let (value, is_suggested) = match answer {
        Answer::Accept => match suggested {
            Some(value) => (value, true),
            None => return Ok(()),
        },
        Answer::Take(value) => (value, suggested == Some(value)),
        Answer::Reject | Answer::Later(_) | Answer::Tie(_) | Answer::Undo(_) => return Ok(()),
    };
    let Some(name) = conflict.field else {
        // A question about the booking as a whole: what is suggested stands already.
        return if is_suggested { Ok(()) } else { Err(Unfit::Whole) };
    };
    if holds(booking, name, value.as_ref(), terms) {
        return Ok(());
    }
    let before = row(booking);
    match field::set(booking, name, value.as_ref(), terms) {
        Ok(()) => {}
        // The value of a flagged booking is the suggested one already, as far as fusing could resolve it.
        Err(_) if is_suggested && is_filled(booking, name, terms) => {}
        Err(unfit) => return Err(unfit),
    }
    if booking.action == Action::Unchanged && row(booking) != before {
        booking.action = Action::Update;
    }
    Ok(())
}

/// The field has the value already, its row included.
fn holds(booking: &Booking, field: FieldName, value: Option<&Value>, terms: &Terms<'_>) -> bool {
    current(booking, field).as_ref() == value && (value.is_none() || is_filled(booking, field, terms))
}

/// The field has a value; a resource that the backup could tell has its row too.
fn is_filled(booking: &Booking, field: FieldName, terms: &Terms<'_>) -> bool {
    match field {
        FieldName::ResourceName
        | FieldName::ResourceCode
        | FieldName::ResourceClass
        | FieldName::ResourceKey
            if terms.has_rows() =>
        {
            booking.resource.key.is_some()
        }
        FieldName::ResourceCode | FieldName::ResourceClass => booking.resource.name.is_some(),
        _ => current(booking, field).is_some(),
    }
}

/// What the booking's own row in the target is made of.
fn row(booking: &Booking) -> impl PartialEq + use<> {
    (
        (booking.reference.clone(), booking.tenant.clone(), booking.status),
        booking.customer.baseline_key.clone(),
        booking.resource.clone(),
        (booking.starts_at, booking.ends_at, booking.created_at),
        booking.total,
    )
}

/// A value that a person gave cites the decision beside the records that say the same.
fn cite(booking: &mut Booking, conflict: &Conflict, decision: &Decision) {
    let (Some(field), Answer::Take(value)) = (conflict.field, &decision.answer) else {
        return;
    };
    let claims = booking.claims.entry(field).or_default();
    claims.retain(|claim| Some(&claim.value) == value.as_ref());
    if let Some(value) = value {
        claims.push(Claim {
            record: RecordId::new("decision", &decision.seq.to_string()),
            field,
            value: value.clone(),
            place: format!("by {}", decision.who),
            rule: "review".to_owned(),
            standing: Standing::Business,
            said_at: Some(decision.at),
        });
    } else {
        booking.claims.remove(&field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Baseline, BaselineCustomer, BaselineResource, Basis, BookingId, Business, ConflictId, Currency,
        Customer, Resource,
    };
    use std::collections::BTreeMap;

    fn taken(value: &str) -> Answer {
        Answer::Take(Some(Value::Text(value.to_owned())))
    }

    fn asked(field: FieldName, suggested: &str) -> Booking {
        let candidate = Candidate {
            value: Some(Value::Text(suggested.to_owned())),
            records: Vec::new(),
            millibits: 5_000,
        };
        Booking {
            id: BookingId("b_1".into()),
            state: State::Flagged,
            action: Action::Unchanged,
            baseline_key: Some("5".into()),
            tenant: None,
            reference: Some("RB-1".into()),
            status: Some(Status::Confirmed),
            customer: Customer {
                name: Some("Ann Example".into()),
                first_name: Some("Ann".into()),
                last_name: Some("Example".into()),
                email: Some("ann@guest.example".into()),
                phone: None,
                baseline_key: Some("1".into()),
            },
            resource: Resource {
                name: Some("Van 3".into()),
                key: Some("7".into()),
            },
            starts_at: None,
            ends_at: None,
            total: None,
            created_at: None,
            payments: Vec::new(),
            records: Vec::new(),
            conflicts: vec![Conflict {
                id: ConflictId("c_1".into()),
                kind: ConflictKind::FieldContradicts,
                field: Some(field),
                reason: String::new(),
                candidates: vec![candidate],
                suggested: Some(0),
                evidence: "e".into(),
            }],
            claims: BTreeMap::new(),
            links: Vec::new(),
            waterfalls: Vec::new(),
        }
    }

    fn baseline() -> Baseline {
        let customer = |key: &str, name: &str, email: &str| BaselineCustomer {
            key: key.into(),
            name: Some(name.into()),
            email: Some(email.into()),
            ..BaselineCustomer::default()
        };
        let resource = |key: &str, name: &str, code: &str| BaselineResource {
            key: key.into(),
            name: Some(name.into()),
            code: Some(code.into()),
            ..BaselineResource::default()
        };
        Baseline {
            customers: vec![
                customer("1", "Ann Example", "ann@guest.example"),
                customer("2", "Bob Sample", "bob@guest.example"),
            ],
            resources: vec![
                resource("7", "Van 3", "HR-3"),
                resource("8", "Van 4", "HR-4"),
                resource("9", "Camper", "HR-5"),
                resource("10", "Camper", "HR-6"),
            ],
            ..Baseline::default()
        }
    }

    fn decided(booking: Booking, answer: Answer) -> Booking {
        let business = Business {
            name: String::new(),
            zone: chrono_tz::UTC,
            country: "AT".into(),
            currency: Currency::parse("eur").expect("a currency"),
        };
        let baseline = baseline();
        let terms = Terms::new(&business, Some(&baseline), false);
        let decision = Decision {
            seq: 1,
            act: 1,
            basis: Basis::default(),
            booking: booking.id.clone(),
            conflict: booking.conflicts[0].id.clone(),
            evidence: booking.conflicts[0].evidence.clone(),
            answer,
            who: "ann".into(),
            at: DateTime::UNIX_EPOCH,
        };
        apply(vec![booking], &[decision], &terms).remove(0)
    }

    #[test]
    fn an_unchanged_row_that_a_person_changes_becomes_an_update() {
        let booking = decided(asked(FieldName::Reference, "RB-1"), taken("RB-2"));
        assert_eq!((booking.state, booking.action), (State::Clean, Action::Update));
        let booking = decided(asked(FieldName::Reference, "RB-1"), Answer::Accept);
        assert_eq!((booking.state, booking.action), (State::Clean, Action::Unchanged));
    }

    #[test]
    fn another_address_is_another_customer_unless_something_still_speaks_for_the_row() {
        let key = |field, value: &str| decided(asked(field, "?"), taken(value)).customer.baseline_key;
        assert_eq!(
            key(FieldName::CustomerEmail, "Bob@guest.example").as_deref(),
            Some("2")
        );
        assert_eq!(
            key(FieldName::CustomerEmail, "new@guest.example").as_deref(),
            Some("1")
        );
        let mut stranger = asked(FieldName::CustomerEmail, "?");
        stranger.customer.name = Some("Eve Other".into());
        let stranger = decided(stranger, taken("eve@guest.example"));
        assert_eq!(stranger.customer.baseline_key, None);
    }

    #[test]
    fn a_new_name_leaves_no_halves_of_the_old_one() {
        let booking = decided(asked(FieldName::CustomerName, "?"), taken("Ann B. Example"));
        assert_eq!(booking.customer.first_name, None);
        assert_eq!(booking.customer.last_name, None);
    }

    #[test]
    fn a_resource_that_the_backup_does_not_tell_leaves_the_question_open() {
        for unknown in ["Van 9", "Camper"] {
            let booking = decided(asked(FieldName::ResourceName, "Van 3"), taken(unknown));
            assert_eq!(booking.state, State::Flagged, "{unknown}");
            assert_eq!(booking.resource.key.as_deref(), Some("7"), "{unknown}");
        }
        let booking = decided(asked(FieldName::ResourceName, "Van 3"), taken("hr 6"));
        assert_eq!(booking.resource.key.as_deref(), Some("10"));
    }

    #[test]
    fn an_accepted_suggestion_in_a_records_own_words_keeps_the_row_that_fusing_found() {
        let booking = decided(asked(FieldName::ResourceName, "the red van"), Answer::Accept);
        assert_eq!(booking.state, State::Clean);
        assert_eq!(booking.resource.key.as_deref(), Some("7"));
        assert_eq!(booking.resource.name.as_deref(), Some("Van 3"));
    }

    #[test]
    fn a_value_of_another_kind_is_not_applied() {
        let booking = decided(asked(FieldName::StartsAt, "?"), taken("nine o'clock"));
        assert_eq!((booking.state, booking.starts_at), (State::Flagged, None));
    }
}
