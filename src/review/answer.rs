//! One answer put into one booking.

use super::field::{self, Unfit};
use super::{Terms, current};
use crate::model::{
    Action, Answer, Booking, Claim, Conflict, Decision, FieldName, RecordId, Standing, Value,
};

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
pub(super) fn cite(booking: &mut Booking, conflict: &Conflict, decision: &Decision) {
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
        Baseline, BaselineCustomer, BaselineResource, Basis, BookingId, Business, Candidate, ConflictId,
        ConflictKind, Currency, Customer, Resource, State, Status,
    };
    use crate::review::apply;
    use chrono::DateTime;

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
            state: State::Flagged,
            action: Action::Unchanged,
            baseline_key: Some("5".into()),
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
            conflicts: vec![Conflict {
                id: ConflictId("c_1".into()),
                kind: ConflictKind::FieldContradicts,
                field: Some(field),
                reason: String::new(),
                candidates: vec![candidate],
                suggested: Some(0),
                evidence: "e".into(),
            }],
            ..Booking::bare(BookingId("b_1".into()), State::Clean, Action::Insert)
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
