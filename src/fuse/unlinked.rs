//! Records that may belong to a booking, and could change it if they do.

use super::question::Questions;
use super::{Context, happened_since, nothing_new};
use crate::mapping::{ChargeRole, Told};
use crate::model::{Booking, Candidate, Claim, Cluster, ConflictKind, FieldName, Status, Value};

/// Asks whether such records belong to it, but for those that tell nothing new of it and those that are of something else.
pub fn doubt(context: &Context<'_>, cluster: &Cluster, booking: &Booking, questions: &mut Questions) {
    let input = context.input;
    // What was called off, and nobody asks whether it was, stays so, whoever else comes instead.
    let is_off = booking.status == Some(Status::Cancelled) && !questions.asks_about(FieldName::Status);
    let is_of_else = |told: &Told<'_>| is_off && told.document.object == "event";
    let since: Vec<_> = cluster
        .possible
        .iter()
        .filter(|(at, _)| happened_since(&input.told[*at], input.window.backup))
        .filter(|(at, _)| possible_matters(context, &input.told[*at], booking))
        .filter(|(at, _)| !context.pleasantries.has(input, &input.told[*at]) && !is_of_else(&input.told[*at]))
        .filter(|(at, _)| !context.receipts.has(*at))
        .filter(|(at, _)| !nothing_new::is_told(input, &input.told[*at], booking))
        .filter(|(at, _)| !reminds(context, &input.told[*at], cluster, booking))
        .filter(|(at, _)| !nothing_new::is_of_another(input, &input.told[*at], cluster))
        .filter(|(at, bits)| {
            *bits > 0.0 || !nothing_new::was_held_since(input, &input.told[*at], cluster, booking)
        })
        .filter(|(at, _)| !nothing_new::is_for_later(&input.told[*at], booking, input.business.zone))
        .collect();
    if let Some((_, bits)) = since.first() {
        let records: Vec<_> = since
            .iter()
            .map(|(at, _)| input.told[*at].document.record.clone())
            .collect();
        let reason = format!(
            "{} may belong to this booking; the records do not say so outright.",
            records[0]
        );
        let there = Candidate {
            value: None,
            records,
            millibits: (*bits * 1000.0) as i64,
        };
        questions.ask(ConflictKind::UnlinkedRecord, None, reason, vec![there], None);
    }
}

/// Whether a message only reminds, of just this booking or of another.
fn reminds(context: &Context<'_>, told: &Told<'_>, cluster: &Cluster, booking: &Booking) -> bool {
    let own_thing = |key: &String| booking.resource.key.as_ref() == Some(key);
    let mut mentions = told.claims.mentions.iter();
    let kinds = &context.pleasantries;
    kinds.reminds(told)
        && (kinds.reminds_of_another(context.input, told, (cluster, booking))
            || mentions.all(|keys| keys.iter().any(own_thing))
                && nothing_new::repeats(context.input, told, booking))
}

/// Stray records that could change a booking: events, and charges that may pay.
fn possible_matters(context: &Context<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    match told.document.object.as_str() {
        "event" | "message" => true,
        // Of a kind that is not known, those that state a booking's number, or its thing while it is away: it may be kept longer.
        "charge" => {
            let states = |claim: &Claim| claim.field == FieldName::Reference;
            let unknown = matches!(told.claims.charge, ChargeRole::Unknown);
            let says = || told.claims.claims.iter().any(states) || is_for_thing(context, told, booking);
            told.may_pay() && (!unknown || says())
        }
        _ => false,
    }
}

/// Whether a charge names what was booked, and was made while the booking lasts.
fn is_for_thing(context: &Context<'_>, told: &Told<'_>, booking: &Booking) -> bool {
    let zone = context.input.business.zone;
    let (Some(start), Some(end), Some(paid_at)) = (booking.starts_at, booking.ends_at, told.document.said_at)
    else {
        return false;
    };
    let day = paid_at.with_timezone(&zone).date_naive();
    let lasts = start.date(zone) <= day && day <= end.date(zone);
    let is_thing = |key: &String| {
        let mut claims = told.claims.of(FieldName::ResourceKey);
        let is_stated = claims.any(|claim| claim.value == Value::Text(key.clone()));
        is_stated
            || told
                .claims
                .mentions
                .iter()
                .any(|keys| keys.as_slice() == [key.clone()])
    };
    lasts && booking.resource.key.as_ref().is_some_and(is_thing)
}
