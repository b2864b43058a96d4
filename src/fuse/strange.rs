//! Days in messages that no rule reads: a change in words that the overlap did not teach.

use super::Context;
use super::inflected;
use super::question::{Questions, candidate};
use super::timeline::{Resolved, Timeline};
use crate::mapping::{Strange, evening_before};
use crate::model::{BaselineBooking, Booking, Claim, ConflictKind, FieldName, RecordId, Status, Value, When};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Asks where a message names a day that is none of those known of the booking: it may have been moved there.
pub fn doubt(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    if booking.status == Some(Status::Cancelled) {
        return;
    }
    if doubt_move(timeline, booking, questions) {
        return;
    }
    let zone = context.input.business.zone;
    let mut known: BTreeSet<NaiveDate> = timeline.days();
    let row = baseline.into_iter().flat_map(|row| [row.starts_at, row.ends_at]);
    known.extend(
        row.chain([booking.starts_at, booking.ends_at])
            .flatten()
            .map(|when| when.date(zone)),
    );
    known.extend(booking.created_at.map(|at| at.with_timezone(&zone).date_naive()));
    let evening = |when| evening_before(context.input.mappings, when, zone);
    known.extend(booking.starts_at.and_then(evening));
    let elsewhere = || {
        let starts = booking.starts_at?;
        let days = [Some(starts.date(zone)), evening(starts)];
        timeline.hours_elsewhere(&days.into_iter().flatten().collect())
    };
    let Some((record, text, whens)) = timeline.strange_moment(&known).or_else(elsewhere) else {
        return doubt_time(context, timeline, &known, baseline, booking, questions);
    };
    let reason = format!("{record} names \"{text}\", which no rule reads: was it moved there?");
    let here = booking.starts_at;
    let kept = here.map(|when| candidate(Value::When(when), Vec::new(), 500));
    // One way to read it, with its time: likely the new start.
    let moved = match (whens.as_slice(), here) {
        ([When::Instant(at)], Some(When::Instant(_)) | None) => Some(When::Instant(*at)),
        ([When::Date(date)], Some(When::Date(_))) => Some(When::Date(*date)),
        _ => None,
    };
    let there = moved.map(|when| candidate(Value::When(when), vec![record], 1000));
    let suggested = there.is_some().then_some(0);
    let candidates = there.into_iter().chain(kept).collect();
    let kind = ConflictKind::UnexplainedEvidence;
    questions.ask(kind, Some(FieldName::StartsAt), reason, candidates, suggested);
    if let Some(moved) = moved {
        booking.ends_at = shifted(here, booking.ends_at, moved);
        booking.starts_at = Some(moved);
    }
}

/// Asks where a message names another time of the same day, or another end, in words that no rule reads.
fn doubt_time(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    days: &BTreeSet<NaiveDate>,
    baseline: Option<&BaselineBooking>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let mut known = timeline.moments();
    let row = baseline.into_iter().flat_map(|row| [row.starts_at, row.ends_at]);
    known.extend(row.chain([booking.starts_at, booking.ends_at]).flatten());
    let made = booking
        .created_at
        .map(|at| at.with_timezone(&context.input.business.zone).date_naive());
    let days = days.iter().copied().filter(|day| Some(*day) != made).collect();
    let Some((record, strange, when)) = timeline.strange_time(&days, &known) else {
        return;
    };
    let (field, at, which) = if strange.is_end {
        (FieldName::EndsAt, &mut booking.ends_at, "end")
    } else {
        (FieldName::StartsAt, &mut booking.starts_at, "start")
    };
    let reason = format!(
        "{record} names \"{}\", which no rule reads: is that the {which} now?",
        strange.text
    );
    let kept = at.map(|when| candidate(Value::When(when), Vec::new(), 500));
    let there = candidate(Value::When(when), vec![record], 1000);
    let candidates = std::iter::once(there).chain(kept).collect();
    let kind = ConflictKind::UnexplainedEvidence;
    questions.ask(kind, Some(field), reason, candidates, Some(0));
    let before = at.replace(when);
    if field == FieldName::StartsAt {
        booking.ends_at = shifted(before, booking.ends_at, when);
    }
}

/// Asks where a later message names another thing in words that no rule reads: it may have been changed to that.
pub fn doubt_thing(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let field = FieldName::ResourceKey;
    let Some(known) = booking.resource.key.clone() else {
        return;
    };
    if questions.asks(ConflictKind::ChangedWithoutNotice, field)
        || questions.asks(ConflictKind::FieldContradicts, field)
    {
        return;
    }
    let Some((record, text, key)) = timeline.strange_thing(&known, &context.things) else {
        return;
    };
    let reason = format!("{record} names \"{text}\", which no rule reads: is it that now?");
    let there = candidate(Value::Text(key.clone()), vec![record], 1000);
    let kept = candidate(Value::Text(known), timeline.records(field), 500);
    let kind = ConflictKind::UnexplainedEvidence;
    questions.ask(kind, Some(field), reason, vec![there, kept], Some(0));
    let mut rows = context.input.baseline.resources.iter();
    booking.resource.name = rows.find(|row| row.key == key).and_then(|row| row.name.clone());
    booking.resource.key = Some(key);
}

impl<'a> Timeline<'a> {
    /// The only other thing that a message names which came after somebody named this one, and states none in words
    /// that are known.
    fn strange_thing(
        &self,
        known: &str,
        things: &inflected::Names<'_>,
    ) -> Option<(RecordId, String, String)> {
        let is_known = |claim: &Claim| {
            claim.field == FieldName::ResourceKey && matches!(&claim.value, Value::Text(key) if key == known)
        };
        let named = self
            .all()
            .filter(|spoken| spoken.told.claims.claims.iter().any(is_known));
        let first = named.filter_map(|spoken| spoken.at).min();
        self.messages.iter().rev().find_map(|spoken| {
            let claims = &spoken.told.claims;
            let states = claims.of(FieldName::ResourceKey).next().is_some();
            if states || claims.offers || claims.nobodys || first.is_none_or(|first| spoken.at <= Some(first))
            {
                return None;
            }
            let others = claims.mentions.iter().zip(&claims.mentioned);
            let others = others.filter(|(keys, _)| !keys.iter().any(|key| key == known));
            let others: BTreeMap<&Vec<String>, &String> = others.collect();
            if others.is_empty() {
                // Whoever writes freely bends names.
                let inflected = inflected::things(spoken.document, things);
                let mut other = inflected.iter().filter(|(key, _)| *key != known);
                let (key, text) = other.next().filter(|_| inflected.len() == 1)?;
                return Some((spoken.document.record.clone(), text.clone(), key.clone()));
            }
            match others.into_iter().collect::<Vec<_>>().as_slice() {
                [(keys, text)] if keys.len() == 1 => {
                    Some((spoken.document.record.clone(), (*text).clone(), keys[0].clone()))
                }
                _ => None,
            }
        })
    }

    /// All days that the records' rules read.
    pub fn days(&self) -> BTreeSet<NaiveDate> {
        self.moments().iter().map(|when| when.date(self.zone)).collect()
    }

    /// All moments that the records' rules read.
    pub fn moments(&self) -> BTreeSet<When> {
        let claims = self.all().flat_map(|spoken| &spoken.told.claims.claims);
        let whens = claims.filter_map(|claim| match &claim.value {
            Value::When(when) => Some(*when),
            _ => None,
        });
        whens.collect()
    }

    /// A time on a known day that nothing explains, in the last message that names one and does not state that field in
    /// words that are known, where it has not passed.
    pub fn strange_time(
        &self,
        days: &BTreeSet<NaiveDate>,
        known: &BTreeSet<When>,
    ) -> Option<(RecordId, &'a Strange, When)> {
        self.messages.iter().rev().find_map(|spoken| {
            let said = spoken.at?;
            spoken.told.claims.strange.iter().find_map(|strange| {
                let [when @ When::Instant(at)] = strange.whens.as_slice() else {
                    return None;
                };
                let field = if strange.is_end {
                    FieldName::EndsAt
                } else {
                    FieldName::StartsAt
                };
                let is_strange = spoken.best(field).is_none()
                    && *at > said
                    && days.contains(&when.date(self.zone))
                    && !known.contains(when);
                is_strange.then(|| (spoken.document.record.clone(), strange, *when))
            })
        })
    }

    /// The day that the last message names which tells at what hour it starts, where no rule reads that day, as where all of its
    /// kind are sent on the day itself, and it is none of these.
    fn hours_elsewhere(&self, starts: &BTreeSet<NaiveDate>) -> Option<(RecordId, String, Vec<When>)> {
        let field = FieldName::StartsAt;
        let unsaid = |spoken: &&super::spoken::Spoken<'_>| spoken.told.claims.of(field).next().is_none();
        let messages = self.messages.iter().rev().take_while(unsaid);
        let mut telling = messages.filter(|spoken| {
            let mut hours = spoken.told.claims.hours.iter();
            hours.any(|hour| hour.field == field)
        });
        let spoken = telling.next()?;
        let said = spoken.at?.with_timezone(&self.zone).date_naive();
        let claims = &spoken.told.claims;
        let strange = claims.strange.iter().flat_map(|strange| &strange.whens);
        let days = strange.chain(&claims.idle).map(|when| when.date(self.zone));
        let days: BTreeSet<NaiveDate> = days.filter(|day| *day >= said).collect();
        let day = days.first().filter(|_| days.is_disjoint(starts))?;
        Some((
            spoken.document.record.clone(),
            day.to_string(),
            vec![When::Date(*day)],
        ))
    }

    /// A day still ahead in the last message that names one which nothing explains: in none of its readings a known one.
    pub fn strange_moment(&self, known: &BTreeSet<NaiveDate>) -> Option<(RecordId, String, Vec<When>)> {
        self.messages.iter().rev().find_map(|spoken| {
            let said = spoken.at?.with_timezone(&self.zone).date_naive();
            let is_strange = |strange: &&Strange| {
                let days: Vec<NaiveDate> = strange.whens.iter().map(|when| when.date(self.zone)).collect();
                !days.iter().any(|day| known.contains(day)) && days.iter().any(|day| *day >= said)
            };
            let strange = spoken.told.claims.strange.iter().find(is_strange)?;
            Some((
                spoken.document.record.clone(),
                strange.text.clone(),
                strange.whens.clone(),
            ))
        })
    }
}

/// Whether a number may be a day, in the order in which days are written somewhere: `24.03` is the 24th of March as well.
pub fn is_day(text: &str, day: NaiveDate) -> bool {
    let numbers = text.split(|char: char| !char.is_ascii_digit());
    let numbers: Vec<u32> = numbers.filter_map(|number| number.parse().ok()).collect();
    let (day, month) = (day.day(), day.month());
    text.chars()
        .all(|char| char.is_ascii_digit() || char.is_ascii_punctuation())
        && (numbers == [day, month] || numbers == [month, day])
}

/// Asks whether it was moved where a message names the old start and one other time, and nothing else tells of that.
fn doubt_move(timeline: &Timeline<'_>, booking: &Booking, questions: &mut Questions) -> bool {
    let moved = timeline.moved.as_ref();
    let Some(moved) = moved.filter(|moved| booking.starts_at == Some(moved.to) && !timeline.confirms(moved))
    else {
        return false;
    };
    let reason = format!(
        "{} names the start as it was and one other time, which no rule reads: was it moved there?",
        moved.record
    );
    let there = candidate(Value::When(moved.to), vec![moved.record.clone()], 1000);
    let kept = candidate(Value::When(moved.from), Vec::new(), 500);
    let kind = ConflictKind::UnexplainedEvidence;
    questions.ask(
        kind,
        Some(FieldName::StartsAt),
        reason,
        vec![there, kept],
        Some(0),
    );
    true
}

/// Asks when a booking ends whose start a message moved without a word of the end: it takes as long as before, most like.
pub fn doubt_end(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    baseline: Option<&BaselineBooking>,
    booking: &mut Booking,
    questions: &mut Questions,
) {
    let (Some(before), Some(moved), Some(end)) = (timeline.moved_from(), booking.starts_at, booking.ends_at)
    else {
        return;
    };
    let before = timeline.start_with(end).unwrap_or(before);
    if before == moved {
        return;
    }
    let Some(likely) = shifted(Some(before), Some(end), moved) else {
        return;
    };
    let resource = match timeline.resolve(FieldName::ResourceKey) {
        Resolved::Agreed(Value::Text(key), _) => Some(key),
        Resolved::Silent => baseline.and_then(|row| row.resource.clone()),
        _ => None,
    };
    if moved
        .until(likely)
        .is_some_and(|length| context.usual.is_only_length(resource.as_deref(), length))
    {
        booking.ends_at = Some(likely);
        return;
    }
    let reason =
        "Its start was moved after its end was last told: does it take as long as before?".to_owned();
    let candidates = [(likely, 1000), (end, 0)].map(|(when, millibits)| {
        candidate(
            Value::When(when),
            timeline.records(FieldName::StartsAt),
            millibits,
        )
    });
    let kind = ConflictKind::UnexplainedEvidence;
    questions.ask(
        kind,
        Some(FieldName::EndsAt),
        reason,
        candidates.to_vec(),
        Some(0),
    );
    booking.ends_at = Some(likely);
}

/// The end of a booking that is moved and takes as long as before.
pub(super) fn shifted(start: Option<When>, end: Option<When>, moved: When) -> Option<When> {
    Some(match (start, end?, moved) {
        (Some(When::Instant(start)), When::Instant(end), When::Instant(moved)) => {
            When::Instant(moved + (end - start))
        }
        (Some(When::Date(start)), When::Date(end), When::Date(moved)) => When::Date(moved + (end - start)),
        (_, end, _) => end,
    })
}

#[cfg(test)]
mod tests {
    use super::is_day;
    use chrono::NaiveDate;

    #[test]
    fn a_number_that_is_a_booking_s_day_is_no_price() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 24).expect("a day");
        assert!(is_day("24.03", day) && is_day("3/24", day) && is_day("24.3.", day));
        assert!(!is_day("24.05", day) && !is_day("24", day) && !is_day("24.03 zł", day));
    }
}
