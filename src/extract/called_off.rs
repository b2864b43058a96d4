//! Dates of a series that were called off. The Calendar API vouches for no more of them than which series they are of and
//! when they would have been (reference of the Event resource, `status`); whose they were, the series says.

use super::item;
use crate::model::{Document, Scalar};
use std::collections::BTreeMap;

/// What a date says of itself, whatever the series says.
const OWN: [&str; 6] = [
    "/id",
    "/iCalUID",
    "/status",
    "/updated",
    "/originalStartTime",
    "/recurringEventId",
];
/// When a date begins and ends, which another date does not tell, and what is of the series as a whole.
const TIMES: [&str; 4] = ["/start", "/end", "/recurrence", "/series"];

/// Gives dates that were called off the words of their series, and the times that they had.
pub fn complete_dates(documents: &mut [Document]) {
    let mut bare: Vec<(usize, String)> = Vec::new();
    let mut series: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        if document.object != "event" {
            continue;
        }
        let of = document.text("/recurringEventId");
        if document.title().is_some() {
            // The event that repeats knows best; else any of its dates that stands, the first by its id.
            let of = of.unwrap_or(document.record.native());
            let first = series.entry((&document.container, of)).or_insert(at);
            let order = |at: usize| (is_date(&documents[at]), &documents[at].record);
            if order(at) < order(*first) {
                *first = at;
            }
        } else if let Some(of) = of.filter(|_| document.text("/status") == Some("cancelled")) {
            bare.push((at, of.to_owned()));
        }
    }
    let found: Vec<_> = bare
        .iter()
        .filter_map(|(at, of)| {
            let from = series.get(&(documents[*at].container.as_str(), of.as_str()))?;
            Some((*at, *from))
        })
        .collect();
    for (at, from) in found {
        complete(at, from, documents);
    }
}

fn is_date(document: &Document) -> bool {
    document.item("/recurringEventId").is_some()
}

fn complete(at: usize, from: usize, documents: &mut [Document]) {
    let is_under = |place: &str, root: &&str| {
        let rest = place.strip_prefix(*root);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let not_its_own = |place: &str| {
        let mut own = OWN.iter().chain(&TIMES);
        own.any(|root| is_under(place, root)) || place == "/container"
    };
    let mut items: Vec<_> = documents[from].items.clone();
    items.retain(|item| !not_its_own(&item.place));
    items.retain(|item| documents[at].item(&item.place).is_none());
    for kind in ["dateTime", "date"] {
        let time = |document: &Document, side: &str| document.item(&format!("/{side}/{kind}")).cloned();
        let Some(begins) = time(&documents[at], "originalStartTime") else {
            continue;
        };
        let ends = time(&documents[from], "start")
            .zip(time(&documents[from], "end"))
            .and_then(|times| match (&begins, times) {
                (Scalar::Instant(begins), (Scalar::Instant(start), Scalar::Instant(end))) => {
                    Some(Scalar::Instant(*begins + (end - start)))
                }
                (Scalar::Date(begins), (Scalar::Date(start), Scalar::Date(end))) => {
                    Some(Scalar::Date(*begins + (end - start)))
                }
                _ => None,
            });
        items.push(item(format!("/start/{kind}"), begins));
        items.extend(ends.map(|ends| item(format!("/end/{kind}"), ends)));
    }
    let made = documents[from].made_at;
    let date = &mut documents[at];
    items.append(&mut date.items);
    date.items = items;
    date.made_at = made.or(date.made_at);
}
