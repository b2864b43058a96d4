//! Dates of a series that were over when the series was changed: it was ended, or named anew, and nobody changed what had
//! taken place. The Calendar API gives every date that was not changed by itself the `updated` of its series (reference of the
//! Event resource, guide to recurring events): dates that share it were not.

use crate::model::{Document, Scalar, Standing};
use chrono::{DateTime, NaiveTime, Utc};
use std::collections::BTreeMap;

/// So many dates that were changed at one moment were changed with their series.
const WITH_IT: usize = 3;

/// Takes a change of a series for no word about its dates that were over by then.
pub fn leave_over_dates(documents: &mut [Document]) {
    let mut changed: BTreeMap<(&str, &str, DateTime<Utc>), Vec<usize>> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        let is_own = document.object == "event" && document.standing == Standing::Business;
        let series = document.text("/recurringEventId").filter(|_| is_own);
        if let (Some(series), Some(said)) = (series, document.said_at) {
            let key = (document.container.as_str(), series, said);
            changed.entry(key).or_default().push(at);
        }
    }
    let with_it = changed.into_values().filter(|dates| dates.len() >= WITH_IT);
    let over: Vec<usize> = with_it.flatten().filter(|at| was_over(&documents[*at])).collect();
    for at in over {
        documents[at].said_at = documents[at].made_at;
    }
}

/// Whether an entry that stands had ended when it was changed.
fn was_over(document: &Document) -> bool {
    let end = ["/end/dateTime", "/end/date"]
        .into_iter()
        .find_map(|place| document.item(place));
    let end = match end {
        Some(Scalar::Instant(at)) => *at,
        Some(Scalar::Date(day)) => day.and_time(NaiveTime::MIN).and_utc(),
        _ => return false,
    };
    let stands = document.text("/status") != Some("cancelled");
    stands && document.made_at.is_some() && document.said_at.is_some_and(|said| end <= said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    /// A date of a series on a day of June, changed at some moment.
    fn date(day: u32, changed: &str) -> Document {
        let mut document = Document::event(&format!("lesson_{day}"));
        document.standing = Standing::Business;
        document.made_at = Some(at("2026-01-10T10:00:00Z"));
        document.said_at = Some(at(changed));
        let end = at(&format!("2026-06-{day:02}T16:00:00Z"));
        document
            .with("/recurringEventId", Scalar::Text("lesson".to_owned()))
            .with("/end/dateTime", Scalar::Instant(end))
    }

    #[test]
    fn a_series_that_is_ended_says_nothing_of_dates_that_were_over() {
        let ended = "2026-06-16T09:00:00Z";
        let mut dates = vec![
            date(2, ended),
            date(9, ended),
            date(16, ended),
            date(3, "2026-06-20T09:00:00Z"),
        ];
        leave_over_dates(&mut dates);
        let made = at("2026-01-10T10:00:00Z");
        assert_eq!(dates[0].said_at, Some(made));
        assert_eq!(dates[1].said_at, Some(made));
        assert_eq!(dates[2].said_at, Some(at(ended)), "it was still to come");
        assert_eq!(
            dates[3].said_at,
            Some(at("2026-06-20T09:00:00Z")),
            "it was changed by itself"
        );
    }

    #[test]
    fn two_dates_that_were_changed_at_once_may_have_been_changed_by_themselves() {
        let changed = "2026-06-16T09:00:00Z";
        let mut dates = vec![date(2, changed), date(9, changed)];
        leave_over_dates(&mut dates);
        assert!(dates.iter().all(|date| date.said_at == Some(at(changed))));
    }
}
