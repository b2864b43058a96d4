//! Takes messages apart that list several bookings by their days alone: the appointments of a prescription, the lessons of
//! a course.
//!
//! Lines that say the same but for the days that they name, or say it before the day, are such a list where the backup knows
//! it: those to whom messages with such lines went have bookings that start then, several of them. So are lines that begin
//! with the day, or with its number in the list, and then say something else each. The old time and the new one of a change
//! are no list: only one of them is ever a booking's.

use super::{resolve, squash};
use crate::model::{Baseline, Document, Item, Listed, Listing, Scalar, Standing, When};
use crate::reading::{self, SpanValue};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// As many messages show that lines are a list; and so many of a hundred of those that could.
const LISTS: usize = 4;
const RIGHT: usize = 50;
/// So many of a hundred lines, where nothing but the day at their beginning makes them alike: of what was and what is now, half.
const RIGHT_LINES: usize = 65;
/// Lines of one list are so many apart.
const APART: u32 = 2;
/// More lines than these are a list for somebody else: a plan of the day.
const LINES: usize = 20;

/// A line that names a day.
struct Row {
    place: String,
    line: u32,
    /// What it says but for its values, in which source.
    says: (String, String),
    /// The day and the hour as they are written.
    key: String,
    /// How many other values stand before the day.
    before: usize,
    /// As they may be meant.
    moments: Vec<(NaiveDate, Option<NaiveTime>)>,
}

impl Row {
    /// The same by what it says before the day alone: what is done may differ from line to line.
    fn begun(&self) -> Option<Self> {
        let (source, says) = &self.says;
        let cut = says.find('<').map(|at| says[..=at].to_owned())?;
        (self.before == 0).then(|| Self {
            place: self.place.clone(),
            line: self.line,
            says: (source.clone(), cut),
            key: self.key.clone(),
            before: self.before,
            moments: self.moments.clone(),
        })
    }
}

/// Replaces messages that list bookings by their days by one document for each.
pub fn take_apart(documents: &mut Vec<Document>, baseline: &Baseline, backup: DateTime<Utc>, zone: Tz) {
    let known = known(documents, baseline, backup, zone);
    if known.is_empty() {
        return;
    }
    *documents = std::mem::take(documents)
        .into_iter()
        .flat_map(|document| {
            let rows = listed(rows(&document), &known);
            match parts(&document, &rows, zone) {
                Some(parts) => parts,
                None => vec![document],
            }
        })
        .collect();
}

/// What lines of lists say, as the bookings of those to whom they went show. What was listed later than the backup was made it
/// cannot have.
fn known(
    documents: &[Document],
    baseline: &Baseline,
    backup: DateTime<Utc>,
    zone: Tz,
) -> BTreeSet<(String, String)> {
    let emails: BTreeMap<&str, String> = (baseline.customers.iter())
        .filter_map(|row| Some((row.key.as_str(), row.email.as_ref()?.trim().to_lowercase())))
        .collect();
    let mut starts: BTreeMap<&str, Vec<When>> = BTreeMap::new();
    for row in &baseline.bookings {
        let email = row.customer.as_deref().and_then(|key| emails.get(key));
        if let (Some(email), Some(start)) = (email, row.starts_at) {
            starts.entry(email).or_default().push(start);
        }
    }
    let begins = |row: &Row, starts: &[When]| {
        starts.iter().any(|start| {
            row.moments.iter().any(|(day, time)| {
                let local = start.instant().map(|at| at.with_timezone(&zone).time());
                start.date(zone) == *day && (time.is_none() || local.is_none() || *time == local)
            })
        })
    };
    let mut seen: BTreeMap<(String, String), Seen> = BTreeMap::new();
    let mut bare: BTreeMap<(String, String), Seen> = BTreeMap::new();
    let before = |document: &&Document| document.said_at.is_none_or(|said| said <= backup);
    for document in documents.iter().filter(before) {
        let to = document.text("header:to.email").map(str::to_lowercase);
        let Some(starts) = to.and_then(|to| starts.get(to.as_str())) else {
            continue;
        };
        let whole = rows(document);
        let begun: Vec<Row> = whole.iter().filter_map(Row::begun).collect();
        let whole = lists(&whole).into_iter().map(|list| (false, list));
        let begun = lists(&begun).into_iter().map(|list| (is_bare(&list.0.1), list));
        for (is_bare, (says, list)) in whole.chain(begun) {
            let found = list.iter().filter(|row| begins(row, starts)).count();
            let seen = if is_bare { &mut bare } else { &mut seen };
            seen.entry(says.clone()).or_default().add(found, list.len());
        }
    }
    seen.retain(|_, seen| seen.shows());
    bare.retain(|_, seen| seen.shows() && seen.shows_lines());
    seen.into_keys().chain(bare.into_keys()).collect()
}

/// How many lists were met that say the same, and how many of them list what the backup has.
#[derive(Default)]
struct Seen {
    right: usize,
    all: usize,
    right_lines: usize,
    all_lines: usize,
}

impl Seen {
    fn add(&mut self, found: usize, lines: usize) {
        self.all += 1;
        // One may have been moved since.
        self.right += usize::from(found > 1 && found * 2 > lines);
        self.all_lines += lines;
        self.right_lines += found;
    }

    fn shows(&self) -> bool {
        self.right >= LISTS && self.right * 100 >= self.all * RIGHT
    }

    fn shows_lines(&self) -> bool {
        self.right_lines * 100 >= self.all_lines * RIGHT_LINES
    }
}

/// Whether lines say nothing but that they begin with a day, or with marks before it.
fn is_bare(says: &str) -> bool {
    let words = says.split_once(':').map_or(says, |(_, words)| words);
    !words.chars().any(char::is_alphabetic)
}

/// The lines that are of known lists: one may say more than the others, right beside them.
fn listed(mut rows: Vec<Row>, known: &BTreeSet<(String, String)>) -> Vec<Row> {
    for row in &mut rows {
        let is_begun = |(source, says): &&(String, String)| {
            let is_first = row.before == 0 || says.matches('<').count() > 1;
            *source == row.says.0 && row.says.1.starts_with(says.as_str()) && is_first
        };
        let begun = known.iter().filter(is_begun).min_by_key(|(_, says)| says.len());
        row.says.1 = begun.map(|(_, says)| says.clone()).unwrap_or_default();
    }
    rows.retain(|row| !row.says.1.is_empty());
    let is_beside = |row: &Row, other: &Row| {
        other.says == row.says && other.line != row.line && other.line.abs_diff(row.line) <= APART
    };
    let beside: Vec<bool> = rows
        .iter()
        .map(|row| rows.iter().any(|other| is_beside(row, other)))
        .collect();
    let mut beside = beside.into_iter();
    rows.retain(|_| beside.next().unwrap_or_default());
    rows
}

/// Lines of one place that say the same of several days.
fn lists(rows: &[Row]) -> BTreeMap<&(String, String), Vec<&Row>> {
    let mut lists: BTreeMap<&(String, String), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let list = lists.entry(&row.says).or_default();
        if list
            .iter()
            .all(|other| other.place == row.place && other.key != row.key)
        {
            list.push(row);
        }
    }
    lists.retain(|_, list| (2..=LINES).contains(&list.len()));
    lists
}

/// The lines of the business's own text that name a day, once each.
fn rows(document: &Document) -> Vec<Row> {
    if document.object != "message"
        || document.standing != Standing::Business
        || document.listing != Listing::One
    {
        return Vec::new();
    }
    let rows = document.items.iter().filter_map(|item| row(document, item));
    rows.collect()
}

fn row(document: &Document, item: &Item) -> Option<Row> {
    let (Scalar::Text(text), "text" | "html") = (&item.value, item.place.as_str()) else {
        return None;
    };
    let spans = reading::spans(text);
    let mut dated = spans.iter().filter_map(|span| match &span.value {
        SpanValue::Moment(moment) => {
            let ways = resolve(moment, document.said_at);
            let moments = ways
                .iter()
                .filter_map(|way| Some((way.date?, way.time.map(|(time, _)| time))));
            let moments: Vec<_> = moments.collect();
            (!moments.is_empty()).then_some((span, moments))
        }
        _ => None,
    });
    let (span, moments) = dated.next()?;
    // From a day to a day is one booking.
    if dated.next().is_some() {
        return None;
    }
    // Numbers are left out with all digits: the lines of a list may be counted.
    let is_value = |span: &&reading::Span| !matches!(span.value, SpanValue::Number(_));
    let mut says = String::new();
    let mut at = 0;
    for span in spans.iter().filter(is_value) {
        says.push_str(&words(&text[at..span.start]));
        says.push('<');
        at = span.end;
    }
    says.push_str(&words(&text[at..]));
    Some(Row {
        place: item.place.clone(),
        line: item.line,
        says: (
            document.record.source().to_owned(),
            format!("{}:{says}", item.place),
        ),
        key: squash(&text[span.start..span.end]),
        before: (spans.iter().filter(is_value))
            .filter(|other| other.start < span.start)
            .count(),
        moments,
    })
}

/// The words and marks of a text.
fn words(text: &str) -> String {
    let plain = text
        .chars()
        .filter(|char| !char.is_whitespace() && !char.is_numeric());
    plain.collect::<String>().to_lowercase()
}

/// One document for each line of a list; None where there is no list.
fn parts(document: &Document, rows: &[Row], zone: Tz) -> Option<Vec<Document>> {
    let keys: BTreeSet<&str> = lists(rows)
        .into_values()
        .flatten()
        .map(|row| row.key.as_str())
        .collect();
    if keys.len() < 2 {
        return None;
    }
    let days = |key: &str| -> BTreeSet<NaiveDate> {
        let rows = rows.iter().filter(|row| row.key == key);
        rows.flat_map(|row| row.moments.iter().map(|(day, _)| *day))
            .collect()
    };
    let sets = sets(document, zone);
    let count = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    let part = |key: &&str| {
        let days = days(key);
        let mut part = document.clone();
        let own = rows.iter().filter(|row| row.key == **key);
        part.listing = Listing::Part(Listed {
            of: count,
            by_day: true,
            own: own
                .map(|row| (row.place.clone(), row.line..row.line + 1))
                .collect(),
            name: None,
        });
        part.made_at = part.said_at;
        part.items.retain_mut(|item| {
            if let Some((set, rest)) = set_of(&item.place)
                && let Some(day) = sets.get(set)
            {
                let is_own = days.contains(day);
                // The first event is the one that is read.
                item.place = format!("ics:{rest}");
                return is_own;
            }
            let of = rows
                .iter()
                .find(|row| row.place == item.place && row.line == item.line);
            of.is_none_or(|row| row.key == **key)
        });
        part
    };
    Some(keys.iter().map(part).collect())
}

/// The days on which the events of calendar parts begin.
fn sets(document: &Document, zone: Tz) -> BTreeMap<&str, NaiveDate> {
    let items = document.items.iter();
    let starts = items.filter_map(|item| match (set_of(&item.place)?, &item.value) {
        ((set, "/dtstart"), Scalar::Instant(at)) => Some((set, at.with_timezone(&zone).date_naive())),
        ((set, "/dtstart"), Scalar::Date(day)) => Some((set, *day)),
        _ => None,
    });
    starts.collect()
}

/// The event of a calendar part of which an item is, `ics:` or `ics:1`, and its name in it.
fn set_of(place: &str) -> Option<(&str, &str)> {
    let rest = place.strip_prefix("ics:")?;
    let name = rest.find('/')?;
    let numbered = rest[..name].chars().all(|char| char.is_ascii_digit());
    numbered.then(|| place.split_at("ics:".len() + name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BaselineBooking, BaselineCustomer};
    use chrono::TimeZone;

    const ZONE: Tz = chrono_tz::Europe::Berlin;

    fn mail(to: usize, lines: &[&str]) -> Document {
        let mut made = Document::message(&to.to_string())
            .saying("header:to.email", &format!("{to}@mail.example"))
            .with_lines("text", lines);
        made.said_at = Some(at(1));
        made
    }

    /// That day of March in the morning.
    fn at(day: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, day, 8, 0, 0)
            .single()
            .expect("a time")
    }

    /// Five customers with two bookings each, on 9 and 16 March at 18:20.
    fn backup() -> Baseline {
        let start = |day: u32| {
            Utc.with_ymd_and_hms(2026, 3, day, 17, 20, 0)
                .single()
                .map(When::Instant)
        };
        let customer = |key: usize| BaselineCustomer {
            key: key.to_string(),
            email: Some(format!("{key}@mail.example")),
            ..BaselineCustomer::default()
        };
        let booking = |key: usize, day: u32| BaselineBooking {
            key: format!("{key}-{day}"),
            customer: Some(key.to_string()),
            starts_at: start(day),
            ..BaselineBooking::default()
        };
        Baseline {
            customers: (0..5).map(customer).collect(),
            bookings: (0..5)
                .flat_map(|key| [booking(key, 9), booking(key, 16)])
                .collect(),
            ..Baseline::default()
        }
    }

    fn taken_apart(known: &[&str], asked: &[&str]) -> Vec<Vec<String>> {
        let mut documents: Vec<Document> = (0..5).map(|to| mail(to, known)).collect();
        documents.push(mail(9, asked));
        take_apart(&mut documents, &backup(), at(15), ZONE);
        let of_it = documents
            .iter()
            .filter(|document| document.record.native() == "9");
        let texts = |document: &Document| {
            let lines = document.items.iter().filter(|item| item.place == "text");
            lines
                .filter_map(|item| match &item.value {
                    Scalar::Text(text) => Some(text.clone()),
                    _ => None,
                })
                .collect()
        };
        of_it.map(texts).collect()
    }

    #[test]
    fn each_line_of_a_list_that_the_backup_knows_is_a_booking_of_its_own() {
        let parts = taken_apart(
            &["Your lessons:", "- 09.03.2026 18:20", "- 16.03.2026 18:20"],
            &[
                "Your lessons:",
                "- 04.05.2026 09:00",
                "- 11.05.2026 10:00 (room 2)",
                "- 18.05.2026 09:00",
            ],
        );
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[1], ["Your lessons:", "- 11.05.2026 10:00 (room 2)"]);
    }

    #[test]
    fn what_is_done_may_differ_from_line_to_line() {
        let parts = taken_apart(
            &[
                "1. visit: 09.03.2026 18:20 – filling",
                "2. visit: 16.03.2026 18:20 – crown (90 min)",
            ],
            &[
                "1. visit: 04.05.2026 09:00 – bridge",
                "2. visit: 11.05.2026 10:00 – root, 2nd part",
            ],
        );
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1], ["2. visit: 11.05.2026 10:00 – root, 2nd part"]);
    }

    #[test]
    fn lines_of_a_list_may_begin_with_the_day_and_say_something_else_each() {
        let asked = [
            "1. 04.05.2026 09:00 – root, 2nd part (90 min), 160.00 €",
            "2. 11.05.2026 10:00 – bridge (60 min), 320.00 €",
        ];
        let lesson = |day: &str, what: &str| format!("{day} 18:20 – {what}");
        let known = [
            format!("1. {}", lesson("09.03.2026", "filling (60 min), 75.00 €")),
            format!("2. {}", lesson("16.03.2026", "crown, free of charge")),
        ];
        let parts = taken_apart(&known.each_ref().map(String::as_str), &asked);
        assert_eq!(parts, asked.map(|line| vec![line.to_owned()]));
    }

    #[test]
    fn lists_that_the_backup_cannot_have_say_nothing_against_those_that_it_has() {
        let mut documents: Vec<Document> = (0..5)
            .map(|to| mail(to, &["1. 09.03.2026 18:20 – Ann", "2. 16.03.2026 18:20 – Bo"]))
            .collect();
        let later = (0..20).map(|next| {
            let list = ["1. 04.05.2026 09:00 – Cy", "2. 11.05.2026 10:00 – Dee"];
            let mut later = mail(next % 5, &list);
            later.said_at = Some(at(20));
            later
        });
        documents.extend(later);
        take_apart(&mut documents, &backup(), at(15), ZONE);
        assert_eq!(documents.len(), 50);
    }

    #[test]
    fn days_at_which_nothing_of_the_reader_begins_are_no_list() {
        let asked = ["04.05.2026 09:00 – open day", "11.05.2026 10:00 – closed"];
        let parts = taken_apart(
            &["02.03.2026 18:20 – open day", "16.03.2026 18:20 – closed"],
            &asked,
        );
        assert_eq!(parts, [asked]);
    }

    #[test]
    fn the_old_time_and_the_new_one_are_no_list() {
        let asked = ["- 04.05.2026 09:00", "- 11.05.2026 10:00"];
        let parts = taken_apart(&["- 02.03.2026 18:20", "- 09.03.2026 18:20"], &asked);
        assert_eq!(parts, [asked]);
    }
}
