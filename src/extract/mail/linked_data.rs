//! Reads the schema.org data that mails carry: JSON-LD, repaired where senders break it, and microdata.
//!
//! Strict first, then repaired, and each repair is told. Out: one set of items for each reservation,
//! `ld:/…` and `micro:/…`; those of a second reservation in one mail are `ld:1/…`. Names are freed of
//! `http://schema.org/`, and the older of two published names for one thing is read as the newer.

use super::super::html::Page;
use super::super::json::{Json, Leaf, Reading, items};
use crate::model::{Currency, Item, Money, Scalar};
use chrono::{DateTime, NaiveDate, Utc};
use std::borrow::Cow;

const DEPTH_MAX: usize = 32;
/// Published names that have been replaced, and by what.
const RENAMED: [(&str, &str); 4] = [
    ("reservationId", "reservationNumber"),
    ("price", "totalPrice"),
    ("checkinDate", "checkinTime"),
    ("checkoutDate", "checkoutTime"),
];
/// Wrappers whose own values (a price, an order's number) belong to the one reservation in them.
const PURCHASES: [&str; 2] = ["Order", "Invoice"];

/// All data embedded in a page, as items.
pub(super) fn embedded(page: &Page, html: &str, problems: &mut Vec<String>) -> Vec<Item> {
    let mut found = Vec::new();
    if contains_ignoring_case(html, b"ld+json") {
        let mut things = Vec::new();
        for script in page.linked_data() {
            match parse(&script, problems) {
                Ok(values) => things.extend(values),
                Err(error) => problems.push(format!("its JSON-LD could not be read: {error}")),
            }
        }
        found.extend(thing_items("ld:", &things, problems));
    }
    if contains_ignoring_case(html, b"itemscope") {
        found.extend(thing_items("micro:", &page.microdata(), problems));
    }
    found
}

fn contains_ignoring_case(text: &str, needle: &[u8]) -> bool {
    let (first, bytes) = (needle[0], text.as_bytes());
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), bytes).any(|at| {
        bytes
            .get(at..at + needle.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(needle))
    })
}

fn thing_items(prefix: &str, things: &[Json], problems: &mut Vec<String>) -> Vec<Item> {
    let mut reservations = Vec::new();
    for thing in things {
        collect_reservations(thing, 0, &mut reservations);
    }
    if reservations.is_empty() {
        reservations = things
            .iter()
            .filter(|thing| kind(thing).is_some())
            .cloned()
            .collect();
    }
    let mut found = Vec::new();
    for (index, reservation) in reservations.iter_mut().enumerate() {
        rename(reservation, problems);
        let place = if index == 0 {
            prefix.to_owned()
        } else {
            format!("{prefix}{index}")
        };
        found.extend(items(reservation, &place, &reading));
    }
    found
}

/// The local name of a thing's type.
fn kind(thing: &Json) -> Option<&str> {
    let stated = thing.get("@type")?;
    let first = match stated {
        Json::List(kinds) => kinds.first()?,
        single => single,
    };
    first.text().map(local_name)
}

/// A name without the vocabulary's address.
fn local_name(name: &str) -> &str {
    let name = name.trim();
    let bare = ["https://", "http://"]
        .iter()
        .find_map(|scheme| name.strip_prefix(scheme))
        .map_or(name, |rest| rest.strip_prefix("www.").unwrap_or(rest));
    bare.strip_prefix("schema.org/").unwrap_or(name).trim_matches('/')
}

/// Finds reservations through lists, graphs and wrappers.
fn collect_reservations(thing: &Json, depth: usize, found: &mut Vec<Json>) {
    if depth > DEPTH_MAX {
        return;
    }
    let is_reservation = kind(thing).is_some_and(|kind| kind.ends_with("Reservation"));
    if is_reservation {
        found.push(thing.clone());
        return;
    }
    let before = found.len();
    for child in thing.children() {
        collect_reservations(child, depth + 1, found);
    }
    let is_purchase = kind(thing).is_some_and(|kind| PURCHASES.contains(&kind));
    if is_purchase
        && found.len() == before + 1
        && let (Json::Map(outer), Some(Json::Map(inner))) = (thing, found.last_mut())
    {
        for (key, value) in outer {
            let is_scalar = !matches!(value, Json::List(_) | Json::Map(_));
            if is_scalar && !key.starts_with('@') && !inner.iter().any(|(name, _)| name == key) {
                inner.push((key.clone(), value.clone()));
            }
        }
    }
}

/// Frees all names of their address, and replaces the replaced ones at the top.
fn rename(thing: &mut Json, problems: &mut Vec<String>) {
    shorten(thing, 0);
    let Json::Map(entries) = thing else { return };
    for (old, new) in RENAMED {
        if !entries.iter().any(|(name, _)| name == new)
            && let Some((name, _)) = entries.iter_mut().find(|(name, _)| name == old)
        {
            new.clone_into(name);
            problems.push(format!("repaired schema.org data: {old} is read as {new}"));
        }
    }
}

fn shorten(json: &mut Json, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    match json {
        Json::Map(entries) => {
            for (name, value) in entries {
                if name.contains("://") {
                    *name = local_name(name).to_owned();
                }
                shorten(value, depth + 1);
            }
        }
        Json::List(values) => values.iter_mut().for_each(|value| shorten(value, depth + 1)),
        _ => {}
    }
}

fn reading(leaf: &Leaf<'_>) -> Reading {
    if leaf.key == "@context" {
        return Reading::Skip;
    }
    let is_price = leaf.key == "price" || leaf.key.ends_with("Price");
    if is_price && let Some(money) = money(leaf) {
        return Reading::As(Scalar::Money(money));
    }
    let Some(text) = leaf.value.text() else {
        return Reading::Plain;
    };
    let text = text.trim();
    if leaf.key == "reservationStatus" {
        return Reading::As(Scalar::Text(status(text)));
    }
    if let Some(at) = instant(text) {
        return Reading::As(Scalar::Instant(at));
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Reading::As(Scalar::Date(date));
    }
    let short = local_name(text);
    if short.len() < text.len() && !short.is_empty() {
        return Reading::As(Scalar::Text(short.to_owned()));
    }
    Reading::Plain
}

/// The published names of states begin with the word that some senders leave out.
fn status(text: &str) -> String {
    const STATES: [&str; 4] = ["Confirmed", "Cancelled", "Hold", "Pending"];
    let name = local_name(text);
    if STATES.contains(&name) {
        format!("Reservation{name}")
    } else {
        name.to_owned()
    }
}

/// A price in digits and a point, in the currency that stands beside it.
fn money(leaf: &Leaf<'_>) -> Option<Money> {
    let (Json::Text(text) | Json::Number(text)) = leaf.value else {
        return None;
    };
    let currency = leaf
        .nearest("priceCurrency")
        .and_then(Json::text)
        .and_then(Currency::parse)?;
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let decimals = currency.decimals() as usize;
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (kept, beyond) = fraction.split_at_checked(decimals).unwrap_or((fraction, ""));
    if whole.is_empty()
        || !is_digits(whole)
        || !is_digits(fraction)
        || beyond.bytes().any(|byte| byte != b'0')
    {
        return None;
    }
    let minor = format!("{whole}{kept:0<decimals$}").parse().ok()?;
    Some(Money::new(minor, currency))
}

/// A time with an offset; one without is left as text, for nothing here tells its zone.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    const FORMATS: [&str; 4] = [
        "%Y-%m-%dT%H:%M:%S%.f%z",
        "%Y-%m-%dT%H:%M%z",
        "%Y-%m-%d %H:%M:%S%z",
        "%Y-%m-%d %H:%M%z",
    ];
    let text: Cow<'_, str> = match text.strip_suffix(['Z', 'z']) {
        Some(local) => format!("{local}+00:00").into(),
        None => text.into(),
    };
    FORMATS
        .iter()
        .find_map(|format| DateTime::parse_from_str(&text, format).ok())
        .map(|at| at.with_timezone(&Utc))
}

/// Reads a script: strictly, else with the repairs that its text needs.
fn parse(script: &str, problems: &mut Vec<String>) -> Result<Vec<Json>, serde_json::Error> {
    let strict = serde_json::from_str(script);
    if let Ok(value) = strict {
        return Ok(vec![value]);
    }
    let mut repairs = Vec::new();
    let unwrapped = unwrap(script, &mut repairs);
    let mended = mend(&unwrapped, &mut repairs);
    let values: Vec<Json> = serde_json::Deserializer::from_str(&mended)
        .into_iter()
        .collect::<Result<_, _>>()?;
    if values.len() > 1 {
        repairs.push("several values in one script");
    }
    problems.extend(
        repairs
            .into_iter()
            .map(|repair| format!("repaired JSON-LD: {repair}")),
    );
    Ok(values)
}

/// Takes away what hides the JSON: comment and CDATA marks, entities instead of quotes.
fn unwrap(script: &str, repairs: &mut Vec<&'static str>) -> String {
    let mut text = script.trim();
    for (mark, repair) in [
        ("//", "a comment mark"),
        ("<!--", "an HTML comment"),
        ("/*", "a comment mark"),
        ("<![CDATA[", "CDATA"),
        ("*/", "a comment mark"),
    ] {
        if let Some(rest) = text.strip_prefix(mark) {
            text = rest.trim();
            repairs.push(repair);
        }
    }
    for mark in ["*/", "-->", "]]>", "/*", "//"] {
        text = text.strip_suffix(mark).unwrap_or(text).trim();
    }
    if text.contains('"') || !text.contains("&quot;") {
        return text.to_owned();
    }
    repairs.push("entities instead of quotes");
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Mends the grammar: raw line ends in strings, trailing commas, semicolons.
fn mend(text: &str, repairs: &mut Vec<&'static str>) -> String {
    let mut mended = String::with_capacity(text.len());
    let (mut is_string, mut is_escaped) = (false, false);
    let mut note = |repair| {
        if !repairs.contains(&repair) {
            repairs.push(repair);
        }
    };
    for (at, char) in text.char_indices() {
        if is_string {
            match char {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => is_string = false,
                _ => {}
            }
            if char < ' ' {
                note("line ends in a string");
                mended.push_str(if char == '\n' { "\\n" } else { " " });
            } else {
                mended.push(char);
            }
            continue;
        }
        match char {
            '"' => is_string = true,
            ';' => {
                note("a semicolon");
                continue;
            }
            ',' if is_before_end(&text[at + 1..]) => {
                note("a trailing comma");
                continue;
            }
            _ => {}
        }
        mended.push(char);
    }
    mended
}

/// A comma in front of this is one too many.
fn is_before_end(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|char: char| char.is_whitespace() || char == ',' || char == ';');
    rest.is_empty() || rest.starts_with(['}', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> (Vec<(String, Scalar)>, Vec<String>) {
        let html = format!("<script type=\"application/ld+json\">{script}</script>");
        let mut problems = Vec::new();
        let found = embedded(&Page::parse(&html), &html, &mut problems);
        (
            found.into_iter().map(|item| (item.place, item.value)).collect(),
            problems,
        )
    }

    fn text(value: &str) -> Scalar {
        Scalar::Text(value.to_owned())
    }

    #[test]
    fn a_reservation_is_found_in_graphs_messages_and_orders() {
        for script in [
            r#"{"@type":"Reservation","reservationNumber":"A-1"}"#,
            r#"[{"@type":"https://schema.org/LodgingReservation","reservationId":"A-1"}]"#,
            r#"{"@context":"x","@graph":[{"@type":"Organization"},{"@type":"TaxiReservation","reservationNumber":"A-1"}]}"#,
            r#"{"@type":"EmailMessage","about":{"@type":"EventReservation","http://schema.org/reservationNumber":"A-1"}}"#,
        ] {
            let (items, _) = read(script);
            assert!(
                items.contains(&("ld:/reservationNumber".to_owned(), text("A-1"))),
                "{script}: {items:?}"
            );
        }
        let order = r#"{"@type":"Order","price":"5.10","priceCurrency":"EUR","x":{"@type":"Reservation"}}"#;
        let euro = Currency::parse("eur").map(|currency| Scalar::Money(Money::new(510, currency)));
        assert_eq!(
            read(order)
                .0
                .into_iter()
                .find(|(place, _)| place == "ld:/totalPrice")
                .map(|(_, v)| v),
            euro
        );
    }

    #[test]
    fn broken_scripts_are_mended_and_it_is_told() {
        for (script, repair) in [
            (r#"<!-- {"@type":"Reservation","a":"b"} -->"#, "an HTML comment"),
            (
                r#"//<![CDATA[
{"@type":"Reservation","a":"b"}
//]]>"#,
                "CDATA",
            ),
            (r#"{"@type":"Reservation","a":"b",};"#, "a trailing comma"),
            (
                r#"{"@type":"Organization"}{"@type":"Reservation","a":"b"}"#,
                "several values",
            ),
            (
                "{&quot;@type&quot;:&quot;Reservation&quot;,&quot;a&quot;:&quot;b&quot;}",
                "entities",
            ),
        ] {
            let (items, problems) = read(script);
            assert!(
                items.contains(&("ld:/a".to_owned(), text("b"))),
                "{script}: {items:?}"
            );
            assert!(
                problems.iter().any(|problem| problem.contains(repair)),
                "{script}: {problems:?}"
            );
        }
        assert_eq!(read("{\"@type\":\"Reservation\",\"a\":\"b\nc\"}").0.len(), 3);
    }

    #[test]
    fn what_ends_in_the_middle_is_not_made_up() {
        let (items, problems) = read(r#"{"@type":"Reservation","totalPrice":"12"#);
        assert!(items.is_empty());
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn only_times_with_an_offset_are_instants() {
        assert!(instant("2026-04-22T17:00:00-06:00").is_some());
        assert!(instant("2026-04-22T17:00Z").is_some());
        assert!(instant("2026-04-22T17:00:00+0900").is_some());
        assert!(instant("2026-04-22T17:00:00").is_none());
        let (items, _) =
            read(r#"{"@type":"Reservation","startTime":"2026-04-22T17:00:00","endTime":"2026-04-23"}"#);
        assert_eq!(items[1].1, text("2026-04-22T17:00:00"));
        assert!(matches!(items[2].1, Scalar::Date(_)));
    }
}
