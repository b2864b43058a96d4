//! Calendar entries that were made together, one for each day of something: a course of three mornings, say.
//!
//! Whether they are one booking from the first to the last or one each is not known here. Each is given when the first
//! begins and the last ends, in places of their own, as an entry that repeats is; the overlap tells what holds.

use super::item;
use crate::model::{Document, Scalar, Standing};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Entries are made together where each follows the one before within this.
const TOGETHER: TimeDelta = TimeDelta::minutes(2);
/// More entries than this are a season's, not a booking's.
const DAYS_MAX: usize = 31;

/// An entry's own start and end, and where they are repeated for all of its series.
const SIDES: [[&str; 2]; 2] = [["/start/dateTime", "/end/dateTime"], ["/start/date", "/end/date"]];

/// What entries that were made together share.
type Alike = (Option<String>, String, String, String, usize);

/// Gives entries that were made together, of the same words, one after the other, the edges of them all.
pub fn join_days(documents: &mut [Document]) {
    let mut alike: BTreeMap<Alike, Vec<(DateTime<Utc>, usize)>> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        if let (Some(key), Some(made)) = (words(document), document.made_at) {
            alike.entry(key).or_default().push((made, at));
        }
    }
    for (key, mut entries) in alike {
        entries.sort_unstable();
        let side = SIDES[key.4];
        let mut rest = entries.as_slice();
        while !rest.is_empty() {
            // Whoever types them makes one after the other.
            let apart = rest.windows(2).position(|pair| pair[1].0 - pair[0].0 > TOGETHER);
            let (group, behind) = rest.split_at(apart.map_or(rest.len(), |at| at + 1));
            rest = behind;
            let group: Vec<usize> = group.iter().map(|(_, at)| *at).collect();
            if let Some(edges) = edges(documents, &group, side) {
                for at in group {
                    let items = side.iter().zip(&edges);
                    let items = items.map(|(place, value)| item(format!("/series{place}"), value.clone()));
                    documents[at].items.extend(items);
                }
            }
        }
    }
}

/// The words of an entry's title without its numbers, with all else that must be the same.
fn words(document: &Document) -> Option<Alike> {
    let stands = document.text("/status") != Some("cancelled");
    let single = !document
        .items
        .iter()
        .any(|item| item.place.starts_with("/recurrence"))
        && document.item("/recurringEventId").is_none();
    if document.object != "event" || document.standing != Standing::Business || !stands || !single {
        return None;
    }
    let side = SIDES
        .iter()
        .position(|side| side.iter().all(|place| document.item(place).is_some()))?;
    let title = document.text("/summary")?;
    let words: String = title.chars().filter(|char| !char.is_numeric()).collect();
    let creator = document.text("/creator/email").unwrap_or_default().to_owned();
    Some((
        document.tenant.clone(),
        document.container.clone(),
        words,
        creator,
        side,
    ))
}

/// When the first of several begins and the last ends; None where they are one, too many, or at the same time.
fn edges(documents: &[Document], group: &[usize], side: [&str; 2]) -> Option<[Scalar; 2]> {
    if !(2..=DAYS_MAX).contains(&group.len()) {
        return None;
    }
    let mut spans = Vec::new();
    for at in group {
        let [start, end] = side.map(|place| documents[*at].item(place));
        spans.push((order(start?)?, order(end?)?, *at));
    }
    spans.sort_unstable();
    if spans.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return None;
    }
    let first = documents[spans.first()?.2].item(side[0])?;
    let last = documents[spans.last()?.2].item(side[1])?;
    Some([first.clone(), last.clone()])
}

fn order(value: &Scalar) -> Option<i64> {
    match value {
        Scalar::Instant(at) => Some(at.timestamp()),
        Scalar::Date(day) => Some(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn entry(id: &str, title: &str, made: &str, from: &str, to: &str) -> Document {
        let blank = Document {
            said_at: Some(at(made)),
            made_at: Some(at(made)),
            ..Document::event(id)
        };
        blank
            .saying(Document::TITLE, title)
            .with("/start/dateTime", Scalar::Instant(at(from)))
            .with("/end/dateTime", Scalar::Instant(at(to)))
    }

    fn series(documents: &[Document]) -> Vec<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let instant = |document: &Document, place: &str| match document.item(place) {
            Some(Scalar::Instant(at)) => Some(*at),
            _ => None,
        };
        let edges = |document: &Document| {
            instant(document, "/series/start/dateTime").zip(instant(document, "/series/end/dateTime"))
        };
        documents.iter().map(edges).collect()
    }

    #[test]
    fn entries_of_several_days_that_were_made_together_know_the_first_and_the_last() {
        let (first, second) = (
            ("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z"),
            ("2026-03-03T09:00:00Z", "2026-03-03T12:00:00Z"),
        );
        let mut documents = [
            entry("b", "Baker (2/2)", "2026-02-01T10:00:05Z", second.0, second.1),
            entry("a", "Baker (1/2)", "2026-02-01T10:00:00Z", first.0, first.1),
            entry("c", "Baker (1/2)", "2026-02-08T10:00:00Z", first.0, first.1),
            entry("d", "Miller (1/2)", "2026-02-01T10:00:00Z", first.0, first.1),
        ];
        join_days(&mut documents);
        let both = Some((at(first.0), at(second.1)));
        assert_eq!(series(&documents), [both, both, None, None]);
    }

    #[test]
    fn entries_that_were_typed_one_after_the_other_are_together_however_many() {
        let mut documents: Vec<Document> = (1..=5)
            .map(|day| {
                entry(
                    &format!("e{day}"),
                    &format!("Baker ({day}/5)"),
                    &format!("2026-02-01T10:0{day}:30Z"),
                    &format!("2026-03-0{day}T09:00:00Z"),
                    &format!("2026-03-0{day}T12:00:00Z"),
                )
            })
            .collect();
        join_days(&mut documents);
        let all = Some((at("2026-03-01T09:00:00Z"), at("2026-03-05T12:00:00Z")));
        assert_eq!(series(&documents), [all; 5]);
    }

    #[test]
    fn what_takes_place_at_the_same_time_is_no_series() {
        let mut documents = [
            entry(
                "a",
                "Hall 1",
                "2026-02-01T10:00:00Z",
                "2026-03-02T09:00:00Z",
                "2026-03-02T12:00:00Z",
            ),
            entry(
                "b",
                "Hall 2",
                "2026-02-01T10:00:00Z",
                "2026-03-02T11:00:00Z",
                "2026-03-02T13:00:00Z",
            ),
        ];
        join_days(&mut documents);
        assert_eq!(series(&documents), [None, None]);
    }
}
