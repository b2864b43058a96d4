//! What holds for the whole business: zone, currency, country, name, window, senders.

use super::evidence::Facts;
use super::rows::share;
use super::{Found, Input, zones};
use chrono::{DateTime, SecondsFormat, Utc};
use std::collections::BTreeMap;

/// One value with its evidence; without a value, what is known of it.
pub(super) struct Line {
    pub value: Option<String>,
    pub why: String,
}

impl Line {
    fn given(value: &str) -> Self {
        Self {
            value: Some(value.to_owned()),
            why: "as given".to_owned(),
        }
    }

    fn told(value: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            value: Some(value.into()),
            why: why.into(),
        }
    }

    fn open(why: impl Into<String>) -> Self {
        Self {
            value: None,
            why: why.into(),
        }
    }
}

fn top<K: Ord + Clone>(counts: &BTreeMap<K, usize>) -> Option<(K, usize, usize)> {
    let all = counts.values().sum();
    let (name, count) = counts.iter().max_by_key(|(_, count)| **count)?;
    Some((name.clone(), *count, all))
}

fn count<K: Ord>(values: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    values.fold(BTreeMap::new(), |mut counts, value| {
        *counts.entry(value).or_default() += 1;
        counts
    })
}

/// The zone that the calendars name.
pub(super) fn zone(input: &Input<'_>, facts: &Facts<'_>) -> Line {
    if let Some(given) = &input.given.timezone {
        return Line::given(given);
    }
    match top(input.zones) {
        Some((zone, pages, all)) if pages == all && is_place(&zone) => {
            return Line::told(zone, "the calendars' own zone");
        }
        _ => {}
    }
    let events = count(facts.events.iter().filter_map(|event| event.zone));
    match top(&events) {
        Some((zone, agree, all)) if agree * 10 >= all * 9 && is_place(zone) => {
            Line::told(zone, format!("{} events are in it", share(agree, all)))
        }
        Some((zone, agree, all)) => Line::open(format!("{} events are in {zone}", share(agree, all))),
        None => Line::open("no calendar names a zone"),
    }
}

/// UTC is what programs write that know no zone.
fn is_place(zone: &str) -> bool {
    zone.parse::<chrono_tz::Tz>().is_ok() && zone.contains('/') && !zone.starts_with("Etc/")
}

/// The charges' currency.
pub(super) fn currency(input: &Input<'_>, facts: &Facts<'_>) -> Line {
    if let Some(given) = &input.given.currency {
        return Line::given(given);
    }
    match top(&count(
        facts.charges.values().map(|charge| charge.amount.currency),
    )) {
        Some((currency, agree, all)) if agree * 10 >= all * 9 => Line::told(
            currency.as_str(),
            format!("{} charges are in it", share(agree, all)),
        ),
        Some((currency, agree, all)) => Line::open(format!(
            "charges are in several; {} in {currency}",
            share(agree, all)
        )),
        None => Line::open("there are no charges"),
    }
}

/// The zone's country.
pub(super) fn country(input: &Input<'_>, zone: &Line, facts: &Facts<'_>) -> Line {
    if let Some(given) = &input.given.country {
        return Line::given(given);
    }
    let cards = count(facts.charges.values().filter_map(|charge| charge.country));
    let of_cards = top(&cards).map_or(String::new(), |(country, agree, all)| {
        format!("; {} billing addresses are in {country}", share(agree, all))
    });
    match zone.value.as_deref().and_then(zones::country) {
        Some(country) => Line::told(country, format!("the zone's country{of_cards}")),
        None => Line::open(format!("no zone tells it{of_cards}")),
    }
}

/// Addresses that write about the backup's bookings to the backup's customers.
pub(super) fn senders(
    input: &Input<'_>,
    facts: &Facts<'_>,
    found: Option<&Found>,
) -> (Vec<(String, String)>, Vec<String>) {
    if !input.given.senders.is_empty() {
        let given = input
            .given
            .senders
            .iter()
            .map(|sender| (sender.clone(), "as given".to_owned()));
        return (given.collect(), Vec::new());
    }
    let Some(found) = found.filter(|found| !found.customer_emails.is_empty()) else {
        let written = count(facts.mails.iter().filter_map(|mail| mail.from));
        let open =
            top(&written).map(|(address, agree, all)| format!("{address} wrote {}", share(agree, all)));
        return (Vec::new(), open.into_iter().collect());
    };
    let writes_customer =
        |mail: &&super::evidence::Mail<'_>| mail.to.iter().any(|to| found.customer_emails.contains(*to));
    let matched = count(
        facts
            .mails
            .iter()
            .filter(writes_customer)
            .filter_map(|mail| mail.from),
    );
    let Some((first, most, all)) = top(&matched) else {
        return (
            Vec::new(),
            vec!["no mail goes to a customer of the backup".to_owned()],
        );
    };
    let host = |address: &str| address.split_once('@').map(|(_, host)| host.to_owned());
    let mut told = Vec::new();
    let mut open = Vec::new();
    for (address, agree) in &matched {
        let why = format!("wrote {} mails to customers of the backup", share(*agree, all));
        let is_tenant = found
            .tenants
            .iter()
            .any(|tenant| tenant.senders.iter().any(|sender| sender == address));
        let is_main = *address == first && most >= 4 && most * 2 > all;
        if is_main || is_tenant {
            told.push(((*address).to_owned(), why));
        } else if *agree >= 3 && (host(address) == host(first) || *agree * 20 >= most) {
            open.push(format!("{address} {why}"));
        }
    }
    if told.is_empty() && open.is_empty() {
        open.push(format!(
            "{first} wrote {} mails to customers of the backup",
            share(most, all)
        ));
    }
    (told, open)
}

/// The name under which the business writes.
pub(super) fn name(input: &Input<'_>, facts: &Facts<'_>, senders: &[(String, String)]) -> Line {
    if let Some(given) = &input.given.name {
        return Line::given(given);
    }
    let is_own = |from: &str| senders.iter().any(|(sender, _)| sender == from);
    let own = facts.mails.iter().filter(|mail| mail.from.is_some_and(is_own));
    match top(&count(own.filter_map(|mail| mail.from_name))) {
        Some((name, agree, all)) if agree * 10 >= all * 9 => Line::told(
            name,
            format!("{} mails of its own are signed so", share(agree, all)),
        ),
        _ => Line::told(
            "The business",
            "no mail tells it; it only stands in headings: write it as it is called",
        ),
    }
}

pub(super) struct WindowLines {
    pub learn_from: Line,
    pub backup: Line,
    pub loss: Line,
}

/// The stretch that the sources reach over, and the backup's last word in it.
pub(super) fn window(input: &Input<'_>, facts: &Facts<'_>, found: Option<&Found>) -> WindowLines {
    let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let span = facts.span();
    let given = |given: &Option<String>| given.as_deref().map(Line::given);
    let learn_from = given(&input.given.learn_from).unwrap_or_else(|| match span {
        Some((first, _)) => Line::told(stamp(first), "the first charge or mail in the files"),
        None => Line::open("no charge and no mail is in the files"),
    });
    let loss = given(&input.given.loss).unwrap_or_else(|| match facts.last_word() {
        Some(last) => Line::told(
            stamp(last + chrono::TimeDelta::seconds(1)),
            "the last word of the sources; write when the data was lost, if that was later",
        ),
        None => Line::open("the sources hold nothing with a time"),
    });
    let header = input
        .backup
        .and_then(|backup| backup.written_at.as_deref())
        .and_then(header_time);
    let last = found.and_then(|found| found.last_change);
    let backup = given(&input.given.backup).unwrap_or_else(|| match (header, last) {
        (Some(at), _) => Line::told(stamp(at), "the dump's first lines say so"),
        (None, Some(at)) => Line::told(
            stamp(at + chrono::TimeDelta::seconds(1)),
            "the last change that the backup holds; the backup was made then or later: write when, if you know",
        ),
        (None, None) => Line::open("nothing in the backup tells when it was made"),
    });
    WindowLines {
        learn_from,
        backup,
        loss,
    }
}

/// `2026-01-24 20:03:00 UTC`, `2026-01-24 20:03:00+00`: other zones' names tell nothing for certain.
fn header_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.replace(" UTC", "+00:00");
    DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%#z")
        .ok()
        .map(|at| at.with_timezone(&Utc))
}
