//! Days and times that were read as nobody could have tested.

use super::Context;
use super::question::{Questions, candidate};
use crate::mapping::{instant, resolve};
use crate::model::{Booking, Claim, ConflictKind, Document, FieldName, RecordId, Scalar, Value, When};
use crate::reading::{self, SpanValue};
use chrono::{NaiveTime, TimeDelta};

/// Asks which day the column of the end holds, where it holds a day and no message of any booking states one: an entry of whole
/// days ends with the day after its last one, and which of them was kept no record shows.
pub fn doubt(context: &Context<'_>, booking: &Booking, questions: &mut Questions) {
    let Some(target) = context.input.target else {
        return;
    };
    let counted = target.booking.length_unit().is_some() || !target.booking.has("ends_at");
    let (Some(When::Date(start)), Some(When::Date(end)), false) =
        (booking.starts_at, booking.ends_at, counted)
    else {
        return;
    };
    if end <= start {
        return;
    }
    if context.states_ends {
        return;
    }
    let before = end - TimeDelta::days(1);
    let reason = format!(
        "It is over on {end}, and no backup shows whether ends are kept as that day or as the day before it, {before}."
    );
    let claims = booking.claims.get(&FieldName::EndsAt).into_iter().flatten();
    let records: Vec<RecordId> = claims.map(|claim| claim.record.clone()).collect();
    let candidates = vec![
        candidate(Value::When(When::Date(end)), records, 1000),
        candidate(Value::When(When::Date(before)), Vec::new(), 500),
    ];
    let field = Some(FieldName::EndsAt);
    questions.ask(ConflictKind::FieldContradicts, field, reason, candidates, Some(0));
}

/// Asks about a start or an end that was read out of a text which names another day, and about an end behind which a
/// later one follows: "Sunday, 13:00–16:00".
pub fn doubt_read(
    context: &Context<'_>,
    booking: &Booking,
    documents: &[&Document],
    questions: &mut Questions,
) {
    let zone = context.input.business.zone;
    for (field, value) in [
        (FieldName::StartsAt, booking.starts_at),
        (FieldName::EndsAt, booking.ends_at),
    ] {
        let Some(value) = value else { continue };
        let claims = booking.claims.get(&field).into_iter().flatten();
        for claim in claims.filter(|claim| claim.value == Value::When(value)) {
            let document = documents.iter().find(|document| document.record == claim.record);
            let Some((text, rest)) = document.and_then(|document| said(document, claim)) else {
                continue;
            };
            let record = || vec![claim.record.clone()];
            let follows = follows(rest).filter(|_| field == FieldName::EndsAt);
            if let (Some(time), When::Instant(_)) = (follows, value) {
                let later = instant(value.date(zone), time, None, zone);
                let reason = format!(
                    "{} says \"{text}{rest}\": which of these is its end?",
                    claim.record
                );
                let mut candidates = vec![candidate(Value::When(value), record(), 500)];
                candidates.extend(later.map(|at| candidate(Value::When(When::Instant(at)), Vec::new(), 500)));
                questions.ask(
                    ConflictKind::UnexplainedEvidence,
                    Some(field),
                    reason,
                    candidates,
                    None,
                );
            }
            let spans = reading::spans(text);
            let [span] = spans.as_slice() else { continue };
            let SpanValue::Moment(moment) = &span.value else {
                continue;
            };
            let dates: Vec<_> = resolve(moment, claim.said_at)
                .into_iter()
                .filter_map(|way| way.date)
                .collect();
            if !dates.is_empty() && !dates.contains(&value.date(zone)) {
                let reason = format!(
                    "{} says \"{text}\", which is another day: when is it?",
                    claim.record
                );
                let there = vec![candidate(Value::When(value), record(), 500)];
                questions.ask(
                    ConflictKind::UnexplainedEvidence,
                    Some(field),
                    reason,
                    there,
                    None,
                );
            }
        }
    }
}

/// The time of day that follows at once, behind a dash or the like.
fn follows(rest: &str) -> Option<(NaiveTime, bool)> {
    let spans = reading::spans(rest);
    let span = spans.first()?;
    let between = rest.get(..span.start)?.trim();
    let is_dash = between.chars().count() == 1 && between.chars().all(|char| !char.is_alphanumeric());
    let SpanValue::Moment(moment) = &span.value else {
        return None;
    };
    let [reading] = moment.readings.as_slice() else {
        return None;
    };
    let time = reading.time.filter(|_| is_dash && reading.date.is_none())?;
    Some((time, reading.next_day))
}

/// The text that a claim was read from, and what follows it in the line: a place is the item's name with the bytes in it.
fn said<'d>(document: &'d Document, claim: &Claim) -> Option<(&'d str, &'d str)> {
    let (name, range) = claim.place.strip_suffix(']')?.rsplit_once('[')?;
    let (from, to) = range.split_once("..")?;
    let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
    let item = document.items.iter().find(|item| item.named() == name)?;
    match &item.value {
        Scalar::Text(text) => text.get(from..to).zip(text.get(to..)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::follows;
    use chrono::NaiveTime;

    #[test]
    fn a_time_behind_a_dash_is_the_end_and_a_place_is_none() {
        let four = NaiveTime::from_hms_opt(16, 0, 0).map(|time| (time, false));
        assert_eq!(follows("–16:00 each day (2 days)"), four);
        assert_eq!(follows(" ~ 16:00"), four);
        assert_eq!(follows(", doors at 16:00"), None);
        assert_eq!(follows(" – platform 4"), None);
        assert_eq!(follows(""), None);
    }
}
