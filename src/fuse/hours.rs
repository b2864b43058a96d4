//! Messages that tell an hour and no day: "we saw you leave at nine". The day is that of what was known when they were sent.

use super::Context;
use super::spoken::Spoken;
use crate::mapping::{Hour, Strange, instant, resolve};
use crate::model::{BaselineBooking, Claim, FieldName, Value, When};
use crate::reading::{self, SpanValue};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Gives such messages the moments that they mean. `messages` are in the order in which they were said.
pub(super) fn complete(
    context: &Context<'_>,
    row: Option<&BaselineBooking>,
    messages: &mut [Spoken<'_>],
    events: &[Spoken<'_>],
) {
    let zone = context.input.business.zone;
    let planned = |field| events.iter().rev().find_map(|entry| stated(entry, field));
    let stood = [row.and_then(|row| row.starts_at), row.and_then(|row| row.ends_at)];
    let fields = [FieldName::StartsAt, FieldName::EndsAt];
    let mut told = stood;
    let mut thing = row.and_then(|row| row.resource.clone());
    for spoken in messages {
        let before = told;
        if let Some((claim, _)) = spoken.best(FieldName::ResourceKey)
            && let Value::Text(key) = &claim.value
        {
            thing = Some(key.clone());
        }
        for (at, field) in fields.into_iter().enumerate() {
            let hours = || spoken.told.claims.hours.iter().filter(|hour| hour.field == field);
            let mut hour = hours();
            if let (Some(hour), None, None) = (hour.next(), hour.next(), stated(spoken, field)) {
                let known = [0, 1].map(|at| told[at].or_else(|| planned(fields[at])));
                let strange = &spoken.told.claims.strange;
                let of_another = |at: &DateTime<Utc>| {
                    names_other_day(spoken, *at, zone) || is_behind_other_day(&hour.place, strange, *at, zone)
                };
                if let Some(when) = moment(hour, known, zone).filter(|at| !of_another(at)) {
                    let claim = Claim {
                        record: spoken.document.record.clone(),
                        field,
                        value: Value::When(When::Instant(when)),
                        place: hour.place.clone(),
                        rule: hour.rule.clone(),
                        standing: spoken.document.standing,
                        said_at: spoken.at,
                    };
                    let trust = context.reliability(&claim.rule);
                    spoken.claims.push((Cow::Owned(claim), trust));
                }
            }
            if field == FieldName::EndsAt {
                // How long it takes is told by start and end of one source: an entry may have been moved since.
                let is_told = before.iter().all(Option::is_some);
                let known = if is_told { before } else { fields.map(planned) };
                let first = stated(spoken, FieldName::StartsAt);
                put_on_day(
                    spoken,
                    first.or(known[0]),
                    known,
                    context.usual.may_last(thing.as_deref()),
                    zone,
                );
            }
            told[at] = stated(spoken, field).or(told[at]);
        }
    }
}

/// Whether a text is an hour alone, and one of these.
pub(super) fn are(text: &str, hours: &BTreeSet<NaiveTime>) -> bool {
    let mut spans = reading::spans(text).into_iter();
    let (Some(span), None) = (spans.next(), spans.next()) else {
        return false;
    };
    let SpanValue::Moment(moment) = span.value else {
        return false;
    };
    let ways = resolve(&moment, None);
    let is_one = |time: NaiveTime| hours.contains(&time);
    !ways.is_empty()
        && ways
            .iter()
            .all(|way| way.date.is_none() && way.time.is_some_and(|(time, _)| is_one(time)))
}

/// Whether a message names a day of its own, though no rule reads it, or its kind names many that are none of a booking: its hours
/// are of that day then, and of no other.
fn names_other_day(spoken: &Spoken<'_>, at: DateTime<Utc>, zone: Tz) -> bool {
    let claims = &spoken.told.claims;
    let strange = claims.strange.iter().flat_map(|strange| &strange.whens);
    let said = spoken.at.map(|said| said.with_timezone(&zone).date_naive());
    let days = strange.chain(&claims.idle).map(|when| when.date(zone));
    let days: BTreeSet<NaiveDate> = days.filter(|day| Some(*day) >= said).collect();
    let day = at.with_timezone(&zone).date_naive();
    // What ends past midnight is of the evening's day.
    !days.is_empty() && !days.contains(&day) && day.pred_opt().is_none_or(|eve| !days.contains(&eve))
}

/// Whether the day before an hour in its line, which no rule reads, is another one, as in `instead of 5 June, 20:30, on 8 June from
/// 18:30 to 20:00`: the hour is of that day, whichever others the line names.
fn is_behind_other_day(hour: &str, strange: &[Strange], at: DateTime<Utc>, zone: Tz) -> bool {
    let Some((line, from)) = span_of(hour) else {
        return false;
    };
    let before = strange.iter().filter_map(|strange| {
        let (its_line, its_from) = span_of(&strange.place)?;
        (its_line == line && its_from < from).then_some((its_from, &strange.whens))
    });
    let Some((_, whens)) = before.max_by_key(|(from, _)| *from) else {
        return false;
    };
    let day = at.with_timezone(&zone).date_naive();
    !whens.iter().any(|when| match when {
        When::Instant(from) => (TimeDelta::zero()..TimeDelta::days(1)).contains(&(at - from)),
        When::Date(date) => *date == day || date.succ_opt() == Some(day),
    })
}

/// The line of a place, and where in it the place begins: `text:2[46..51]`.
fn span_of(place: &str) -> Option<(&str, usize)> {
    let (line, span) = place.split_once('[')?;
    Some((line, span.split("..").next()?.parse().ok()?))
}

/// Puts the end of which a message tells the hour alone on its day: what lasts for days ends as many days after it begins as
/// it was known to. Where that is not known, and bookings may last for days, the message does not tell the end.
fn put_on_day(
    spoken: &mut Spoken<'_>,
    start: Option<When>,
    [was, until]: [Option<When>; 2],
    may_last: bool,
    zone: Tz,
) {
    let field = FieldName::EndsAt;
    let hours = &spoken.told.claims.hours;
    let is_bare = |claim: &Claim| {
        let of_it = |hour: &&Hour| hour.field == field && hour.place == claim.place;
        claim.field == field && hours.iter().any(|hour| of_it(&hour))
    };
    let Some(at) = spoken.claims.iter().position(|(claim, _)| is_bare(claim)) else {
        return;
    };
    let hour = hours
        .iter()
        .find(|hour| hour.field == field && hour.place == spoken.claims[at].0.place);
    let (Some(start), Some(hour)) = (start, hour) else {
        return;
    };
    match was.zip(until) {
        Some(known) => {
            if let Some(end) = days_later(start, known, hour.time, zone) {
                spoken.claims[at].0.to_mut().value = Value::When(When::Instant(end));
            }
        }
        None if may_last => {
            spoken.claims.remove(at);
        }
        None => {}
    }
}

/// The hour on the day that is as many days after the start as the known end was after the known start; None where that was on
/// the same day. What went on past midnight for an hour or two need not do so at another time of day: where the hour on the
/// start's own day is nearer to how long it took, it is that.
fn days_later(
    start: When,
    (was, until): (When, When),
    time: (NaiveTime, bool),
    zone: Tz,
) -> Option<DateTime<Utc>> {
    let days = until.date(zone) - was.date(zone);
    if days < TimeDelta::days(1) {
        return None;
    }
    let behind = |end: &DateTime<Utc>| start.instant().is_none_or(|start| *end > start);
    let on = |days| instant(start.date(zone) + days, time, None, zone).filter(behind);
    let later = on(days);
    let off = |end: DateTime<Utc>| {
        let lasted = until.instant()? - was.instant()?;
        Some((end - start.instant()? - lasted).abs())
    };
    let sooner = on(TimeDelta::zero()).filter(|end| {
        let both = off(*end).zip(later.and_then(off));
        both.is_some_and(|(sooner, later)| sooner < later)
    });
    sooner.or(later)
}

fn stated(spoken: &Spoken<'_>, field: FieldName) -> Option<When> {
    match spoken.best(field)?.0.value {
        Value::When(when) => Some(when),
        _ => None,
    }
}

/// The hour on the day of the known start, or of the known end: what begins in the evening may end on the next day.
fn moment(hour: &Hour, [start, end]: [Option<When>; 2], zone: Tz) -> Option<DateTime<Utc>> {
    let known = match hour.field {
        FieldName::EndsAt => end.or(start),
        _ => start,
    };
    let day = known?.date(zone);
    let at = instant(day, hour.time, None, zone)?;
    match (hour.field, start?) {
        (FieldName::EndsAt, When::Instant(start)) if at <= start => {
            instant(day.succ_opt()?, hour.time, None, zone)
        }
        _ => Some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::{are, days_later, is_behind_other_day, moment};
    use crate::mapping::{Hour, Strange};
    use crate::model::{FieldName, When};
    use chrono::{DateTime, NaiveTime, Utc};
    use chrono_tz::Tz;
    use std::collections::BTreeSet;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn an_hour_is_of_the_day_that_was_known_or_of_the_next_where_it_would_end_before_it_began() {
        let hour = |hour: u32| Hour {
            field: FieldName::EndsAt,
            time: (NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour"), false),
            place: String::new(),
            rule: String::new(),
        };
        let start = Some(When::Instant(at("2026-02-28T22:00:00Z")));
        let end = Some(When::Instant(at("2026-03-01T08:00:00Z")));
        assert_eq!(
            moment(&hour(9), [start, end], Tz::UTC),
            Some(at("2026-03-01T09:00:00Z"))
        );
        assert_eq!(
            moment(&hour(2), [start, None], Tz::UTC),
            Some(at("2026-03-01T02:00:00Z"))
        );
        assert_eq!(moment(&hour(9), [None, None], Tz::UTC), None, "no day is known");
    }

    #[test]
    fn an_hour_alone_is_one_of_an_entrys() {
        let hours = [(9, 0), (17, 30)]
            .map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).expect("a time"));
        let hours = BTreeSet::from(hours);
        assert!(are("5:30 pm", &hours));
        assert!(are("17:30", &hours));
        assert!(!are("18:30", &hours));
        assert!(!are("Monday 8 June 2026, 17:30", &hours), "it names a day");
        assert!(!are("17:30 or 18:30", &hours));
    }

    #[test]
    fn what_went_on_past_midnight_need_not_do_so_at_another_time_of_day() {
        let when = |text: &str| When::Instant(at(text));
        let time = |hour: u32| (NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour"), false);
        let night = (when("2026-03-10T22:30:00Z"), when("2026-03-11T00:30:00Z"));
        let end = |start: &str, known, hour| days_later(when(start), known, time(hour), Tz::UTC);
        assert_eq!(
            end("2026-03-12T16:00:00Z", night, 18),
            Some(at("2026-03-12T18:00:00Z"))
        );
        assert_eq!(
            end("2026-03-12T23:00:00Z", night, 1),
            Some(at("2026-03-13T01:00:00Z"))
        );
        let weekend = (when("2026-03-06T09:00:00Z"), when("2026-03-08T18:00:00Z"));
        assert_eq!(
            end("2026-03-13T10:00:00Z", weekend, 17),
            Some(at("2026-03-15T17:00:00Z"))
        );
        let day = (when("2026-03-06T09:00:00Z"), when("2026-03-06T18:00:00Z"));
        assert_eq!(end("2026-03-13T10:00:00Z", day, 17), None);
    }

    #[test]
    fn an_hour_is_of_the_day_before_it_in_its_line() {
        let strange = |place: &str, text: &str| Strange {
            place: place.to_owned(),
            text: String::new(),
            whens: vec![When::Instant(at(text))],
            is_end: false,
        };
        // Instead of 5 June, 20:30, on 8 June from 18:30 to 20:00.
        let named = [
            strange("text:2[11..24]", "2026-06-05T20:30:00Z"),
            strange("text:2[29..46]", "2026-06-08T18:30:00Z"),
        ];
        let is_other = |text| is_behind_other_day("text:2[50..55]", &named, at(text), Tz::UTC);
        assert!(is_other("2026-06-06T20:00:00Z"), "the day after the old one");
        assert!(is_other("2026-06-09T20:00:00Z"), "more than a day later");
        assert!(!is_other("2026-06-08T20:00:00Z"));
        assert!(!is_behind_other_day(
            "text:4[0..5]",
            &named,
            at("2026-06-06T20:00:00Z"),
            Tz::UTC
        ));
    }
}
