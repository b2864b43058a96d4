//! Whether a booking is on, off or over.

use super::question::{Questions, candidate};
use super::spoken::Spoken;
use super::struck::Struck;
use super::timeline::{self, Timeline};
use super::{Context, headings, over, undone, wording};
use crate::model::{BaselineBooking, Booking, ConflictKind, FieldName, Status, Value};

/// Settles the status, or asks for it.
pub fn settle(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let was = baseline.and_then(|row| row.status);
    let is_usual = |entry: &Spoken<'_>| {
        let title = entry
            .document
            .title()
            .filter(|_| entry.document.object == "event");
        let own = entry.claims.iter().filter_map(|(claim, _)| match &claim.value {
            Value::Text(text) if claim.field.is_of_customer() => Some(text.clone()),
            _ => None,
        });
        let names: Vec<String> = own
            .chain([wording::names_beside(context, timeline, entry, baseline)])
            .collect();
        title.is_some_and(|title| context.wording.is_usual_but_for_names(title, &names.join(" ")))
    };
    // Such an entry proves nothing.
    let is_remade = context.remade.may_stand_for(timeline);
    let struck = if is_remade {
        Struck::default()
    } else {
        context.struck
    };
    let known = (struck, &is_usual as &dyn Fn(&Spoken<'_>) -> bool);
    let verdict = timeline.status(&booking.payments, booking.total, known);
    let verdict = undone::doubt(context, timeline, booking, questions, verdict);
    let verdict = wording::doubt(context, timeline, baseline, verdict);
    let verdict = headings::doubt(context, timeline, booking, verdict);
    let off = match (&verdict, was) {
        (_, Some(Status::Cancelled)) => true,
        (timeline::Off::Yes(claims), _) => {
            booking.claims.insert(FieldName::Status, claims.clone());
            true
        }
        (
            timeline::Off::Perhaps {
                reason,
                records,
                likely,
            },
            _,
        ) => {
            let yes = candidate(Value::Status(Status::Cancelled), records.clone(), 3000);
            let no = candidate(Value::Status(over::status(context, booking)), Vec::new(), 0);
            let candidates = if *likely { vec![yes, no] } else { vec![no, yes] };
            questions.ask(
                ConflictKind::ChangedWithoutNotice,
                Some(FieldName::Status),
                reason.clone(),
                candidates,
                Some(0),
            );
            *likely
        }
        (timeline::Off::No, _) => false,
    };
    if !off && let Some(claims) = booking.claims.get(&FieldName::StartsAt) {
        // Whoever states when it starts speaks of it as standing.
        booking.claims.insert(FieldName::Status, claims.clone());
    }
    booking.status = Some(if off {
        Status::Cancelled
    } else {
        over::doubt(context, booking, questions);
        over::status(context, booking)
    });
}
