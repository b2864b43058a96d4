//! What a person needs to see of one case, in words, the same for every front: the sources side by side, what each
//! answer does to the export, the evidence where it stands, why the records were put together, what is near by, the
//! money.
//!
//! All text that comes out has gone through `safe`: nothing foreign reaches a terminal or a file otherwise.

use super::Setting;
use super::screen::{self, moment, value};
use crate::cli::terminal::safe;
use crate::cli::words::{self, label, plural};
use crate::model::{
    Action, Answer, Booking, Claim, ConflictKind, Document, FieldName, Item, Money, RecordId, Scalar,
    SourceKind, State, Value, When,
};
use crate::review::{Queue, Strength, View, current};
use std::collections::BTreeMap;

/// Longest foreign text in one place.
const TEXT_MAX: usize = 160;
/// Records that are opened for one question.
const OPENED_MAX: usize = 4;
/// Lines of a record that are shown where no single one is known to matter.
const LINES_MAX: usize = 12;
/// Bookings of the customer that are shown.
const NEARBY_MAX: usize = 4;

/// Everything about one case.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub person: Vec<String>,
    pub booking: Vec<String>,
    pub reason: String,
    pub columns: Vec<String>,
    pub grid: Vec<GridRow>,
    pub offers: Vec<Offer>,
    pub notes: Vec<String>,
    pub evidence: Vec<Snippet>,
    pub links: Vec<String>,
    pub nearby: Vec<String>,
    pub money: Vec<String>,
    /// The booking's records, numbered from 1, for splitting.
    pub records: Vec<String>,
}

/// One field, as each source states it.
#[derive(Debug, Clone)]
pub(super) struct GridRow {
    pub field: &'static str,
    pub now: String,
    pub cells: Vec<String>,
    pub differs: bool,
    pub is_asked: bool,
}

/// One answer that can be given, and what it leads to.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub key: String,
    pub text: String,
    pub strength: Option<Strength>,
    pub is_suggested: bool,
    pub effect: String,
}

/// A place in a record, with what it says.
#[derive(Debug, Clone, Default)]
pub(super) struct Snippet {
    pub title: String,
    pub lines: Vec<Quote>,
}

/// A line of a record; `hit` is the value where it stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Quote {
    pub before: String,
    pub hit: String,
    pub after: String,
}

pub(super) fn facts(queue: &Queue<'_>, view: &View<'_>, setting: Setting<'_>) -> Facts {
    let detailed = detailed(view.booking, setting);
    let view = &View {
        booking: &detailed,
        ..*view
    };
    let mut opened = Opened {
        setting,
        documents: BTreeMap::new(),
    };
    Facts {
        person: screen::who(view.booking),
        booking: screen::what(view.booking, setting),
        reason: safe(&view.conflict.reason, 3 * TEXT_MAX),
        columns: columns(view),
        grid: grid(view, setting),
        offers: offers(queue, view, setting),
        notes: notes(view, setting),
        evidence: opened.evidence(view),
        links: links(queue, view),
        nearby: nearby(queue, view.booking, setting),
        money: money(view.booking, setting),
        records: view
            .booking
            .records
            .iter()
            .map(|record| opened.title(record, view.booking))
            .collect(),
    }
}

/// The booking with its claims and links, those that decisions gave included.
fn detailed(booking: &Booking, setting: Setting<'_>) -> Booking {
    let mut detailed = booking.clone();
    if let Some(known) = (setting.details)(booking) {
        detailed.links = known.links;
        detailed.waterfalls = known.waterfalls;
        for (field, claims) in known.claims {
            let entry = detailed.claims.entry(field).or_default();
            for claim in claims {
                if !entry.contains(&claim) {
                    entry.push(claim);
                }
            }
        }
    }
    detailed
}

/// The sources that tell of the booking.
fn columns(view: &View<'_>) -> Vec<String> {
    let named = view.conflict.records().into_iter().chain(&view.booking.records);
    let mut sources: Vec<String> = Vec::new();
    for record in named.filter(|record| record.source() != "decision") {
        let source = safe(record.source(), 20);
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources.sort();
    sources
}

/// Every person in the grid is the customer.
fn short(label: &'static str) -> &'static str {
    label.strip_prefix("customer's ").unwrap_or(label)
}

const GRID: [FieldName; 9] = [
    FieldName::StartsAt,
    FieldName::EndsAt,
    FieldName::ResourceKey,
    FieldName::Status,
    FieldName::Total,
    FieldName::CustomerName,
    FieldName::CustomerEmail,
    FieldName::CustomerPhone,
    FieldName::Reference,
];

fn grid(view: &View<'_>, setting: Setting<'_>) -> Vec<GridRow> {
    let columns = columns(view);
    let asked = view.conflict.field;
    let mut fields = GRID.to_vec();
    // What is asked comes first.
    fields.sort_by_key(|field| Some(*field) != asked);
    let mut rows = Vec::new();
    for field in fields {
        let is_asked = asked == Some(field);
        let now = match field {
            FieldName::ResourceKey => view
                .booking
                .resource
                .name
                .clone()
                .map(Value::Text)
                .or(current(view.booking, field)),
            _ => current(view.booking, field),
        };
        let now = now.map_or_else(String::new, |now| value(Some(field), &now, setting));
        let cells: Vec<String> = columns
            .iter()
            .map(|source| cell(view, field, source, setting))
            .collect();
        let mut stated: Vec<&str> = cells
            .iter()
            .map(|cell| bare(cell))
            .filter(|cell| !cell.is_empty())
            .collect();
        stated.sort_unstable();
        stated.dedup();
        let is_worth_a_row = !stated.is_empty() || is_asked && !now.is_empty();
        if !is_worth_a_row {
            continue;
        }
        rows.push(GridRow {
            field: short(label(field)),
            differs: stated.len() > 1
                || stated
                    .first()
                    .is_some_and(|stated| !now.is_empty() && *stated != now),
            now,
            cells,
            is_asked,
        });
    }
    rows
}

/// A cell without the number of its candidate.
pub(super) fn bare(cell: &str) -> &str {
    cell.rsplit_once(" [").map_or(cell, |(bare, _)| bare)
}

/// What one source last said of a field, with the candidate's number where it is asked.
fn cell(view: &View<'_>, field: FieldName, source: &str, setting: Setting<'_>) -> String {
    let offers = view.conflict.offers();
    let numbered = offers
        .filter(|_| view.conflict.field == Some(field))
        .filter_map(|(at, candidate)| {
            let is_theirs = candidate.records.iter().any(|record| record.source() == source);
            let stated = candidate.value.as_ref().filter(|_| is_theirs)?;
            Some(format!("{} [{}]", value(Some(field), stated, setting), at + 1))
        });
    let numbered: Vec<String> = numbered.collect();
    if !numbered.is_empty() {
        return numbered.join(", ");
    }
    let claims = view.booking.claims.get(&field).into_iter().flatten();
    let last = claims
        .filter(|claim| claim.record.source() == source && claim.field == field)
        .max_by_key(|claim| claim.said_at);
    last.map_or_else(String::new, |claim| value(Some(field), &claim.value, setting))
}

fn offers(queue: &Queue<'_>, view: &View<'_>, setting: Setting<'_>) -> Vec<Offer> {
    let conflict = view.conflict;
    let foreseen = |answer: &Answer| {
        let after = queue.foresee(answer);
        after.map_or_else(String::new, |after| effect(view.booking, &after))
    };
    let mut offers: Vec<Offer> = conflict
        .offers()
        .map(|(at, candidate)| {
            let is_suggested = conflict.suggested == Some(at);
            let shown = candidate.value.as_ref().map_or_else(
                || "(leave it empty)".to_owned(),
                |stated| value(conflict.field, stated, setting),
            );
            Offer {
                key: (at + 1).to_string(),
                text: format!("{shown} · {} bits", screen::tenths(candidate.millibits)),
                strength: view.strength.filter(|_| is_suggested),
                is_suggested,
                effect: foreseen(&Answer::Take(candidate.value.clone())),
            }
        })
        .collect();
    let plain = |key: &str, text: &str, effect: String| Offer {
        key: key.to_owned(),
        text: text.to_owned(),
        strength: None,
        is_suggested: false,
        effect,
    };
    if conflict.suggested.is_none() {
        let stands = conflict
            .field
            .map_or(Answer::Accept, |field| Answer::Take(current(view.booking, field)));
        let words = match &stands {
            Answer::Take(None) => "leave it empty",
            _ => "keep it as it stands",
        };
        offers.push(plain("k", words, foreseen(&stands)));
    }
    if conflict.kind == ConflictKind::UnlinkedRecord {
        offers.push(plain(
            "t",
            "the record belongs to this booking",
            "fused again with it".to_owned(),
        ));
    }
    offers.push(plain("r", "not a booking", foreseen(&Answer::Reject)));
    offers
}

/// What the export makes of the booking after an answer.
fn effect(before: &Booking, after: &Booking) -> String {
    let open = after.conflicts.len();
    let raised = after
        .conflicts
        .iter()
        .find(|conflict| !before.conflicts.contains(conflict));
    match (after.state, raised) {
        (State::Rejected, _) => match before.payments.len() {
            0 => "left out of the export".to_owned(),
            paid => format!(
                "left out of the export; {paid} {} on no booking",
                plural(paid as u64, "payment stands", "payments stand")
            ),
        },
        (State::Flagged, Some(raised)) => format!("raises a question: {}", safe(&raised.reason, TEXT_MAX)),
        (State::Flagged, None) => format!(
            "{open} {} of it {} open, so it stays out",
            plural(open as u64, "question", "questions"),
            plural(open as u64, "is", "are")
        ),
        (State::Clean, _) => match after.action {
            Action::Insert => "exported as a new booking".to_owned(),
            Action::Update => "exported as a change of its row".to_owned(),
            Action::Unchanged if after.payments.is_empty() => "stands in the backup as it is".to_owned(),
            Action::Unchanged => "its row stays; its payments are exported".to_owned(),
        },
    }
}

/// What was said about the case before.
fn notes(view: &View<'_>, setting: Setting<'_>) -> Vec<String> {
    let outdated = view.outdated.map(|old| {
        format!(
            "Answered before, on other evidence: {} (decision {}, {} by {}).",
            screen::answer(&old.answer, view.conflict.field, setting),
            old.seq,
            moment(When::Instant(old.at), setting),
            safe(&old.who, TEXT_MAX)
        )
    });
    let put_off = view.put_off.map(|note| match safe(note, TEXT_MAX) {
        note if note.is_empty() => "Put off before, with no note.".to_owned(),
        note => format!("Put off before: “{note}”"),
    });
    outdated.into_iter().chain(put_off).collect()
}

/// Records as they are opened for one case.
struct Opened<'a> {
    setting: Setting<'a>,
    documents: BTreeMap<RecordId, Option<Document>>,
}

impl Opened<'_> {
    fn document(&mut self, record: &RecordId) -> Option<&Document> {
        let open = self.setting.document;
        self.documents
            .entry(record.clone())
            .or_insert_with(|| open(record))
            .as_ref()
    }

    /// What the record is, and when it was said.
    fn title(&mut self, record: &RecordId, booking: &Booking) -> String {
        let setting = self.setting;
        let mut claims = booking.claims.values().flatten();
        let claimed = claims
            .find(|claim| claim.record == *record)
            .and_then(|claim| claim.said_at);
        let document = self.document(record);
        let at = claimed.or(document.and_then(|document| document.said_at));
        let at = at.map(|at| moment(When::Instant(at), setting));
        let gist = document.map_or_else(|| safe(record.as_str(), TEXT_MAX), words::gist);
        at.into_iter().chain([gist]).collect::<Vec<_>>().join("  ")
    }

    /// The records that the question names, each at the place that matters.
    fn evidence(&mut self, view: &View<'_>) -> Vec<Snippet> {
        let conflict = view.conflict;
        let mut snippets = Vec::new();
        for (at, candidate) in conflict.candidates.iter().enumerate() {
            for record in &candidate.records {
                if snippets.len() == OPENED_MAX {
                    return snippets;
                }
                let claims = view.booking.claims.values().flatten();
                let of_it = claims.filter(|claim| claim.record == *record);
                let claim = of_it
                    .filter(|claim| Some(claim.field) == conflict.field)
                    .find(|claim| candidate.value.as_ref().is_none_or(|value| *value == claim.value));
                let number = conflict.offers().any(|(offered, _)| offered == at);
                let number = if number {
                    format!("[{}] ", at + 1)
                } else {
                    String::new()
                };
                let title = format!("{number}{}", self.title(record, view.booking));
                let lines = self.quotes(record, claim, candidate.value.as_ref());
                snippets.push(Snippet { title, lines });
            }
        }
        if snippets.is_empty() {
            let first = view
                .booking
                .records
                .iter()
                .find(|record| record.source() != "decision");
            if let Some(record) = first {
                let title = self.title(record, view.booking);
                let lines = self.quotes(record, None, None);
                snippets.push(Snippet { title, lines });
            }
        }
        snippets
    }

    /// The line where a value stands with its neighbours, or how the record begins.
    fn quotes(&mut self, record: &RecordId, claim: Option<&Claim>, wanted: Option<&Value>) -> Vec<Quote> {
        let setting = self.setting;
        let Some(document) = self.document(record) else {
            return vec![Quote {
                before: "the record cannot be opened".to_owned(),
                ..Quote::default()
            }];
        };
        let shown: Vec<_> = screen::shown_items(document)
            .filter(|item| matters(item, document.kind))
            .collect();
        if let Some(claim) = claim {
            let place = Place::parse(&claim.place);
            let at = document
                .items
                .iter()
                .position(|item| item.place == place.item && item.line == place.line);
            if let Some(at) = at {
                let item = &document.items[at];
                let around = |at: Option<usize>| {
                    let item = document.items.get(at?)?;
                    (item.place == place.item && item.place.starts_with(['t', 'h']))
                        .then(|| plain(screen::stated(item, setting)))
                };
                let hit = match (&item.value, &place.range) {
                    (Scalar::Text(text), Some(range)) => marked(text, range.clone()),
                    _ => Quote {
                        before: format!("{} ", screen::place(item)),
                        hit: screen::stated(item, setting),
                        after: String::new(),
                    },
                };
                let before = around(at.checked_sub(1));
                return before
                    .into_iter()
                    .chain([hit])
                    .chain(around(Some(at + 1)))
                    .collect();
            }
        }
        shown
            .into_iter()
            .take(LINES_MAX)
            .map(|item| {
                let stated = screen::stated(item, setting);
                let place = match screen::place(item) {
                    place if place.is_empty() => place,
                    place => format!("{place} "),
                };
                let is_wanted = matches!((&item.value, wanted), (Scalar::Money(one), Some(Value::Money(two))) if one == two);
                if is_wanted {
                    return Quote {
                        before: place,
                        hit: stated,
                        after: String::new(),
                    };
                }
                plain(format!("{place}{stated}"))
            })
            .collect()
    }
}

/// What a person looks for in a record, by the published format of its kind; the rest is behind `v`.
fn matters(item: &Item, kind: SourceKind) -> bool {
    let place = item.place.as_str();
    match kind {
        SourceKind::Stripe => {
            [
                "/amount",
                "/amount_refunded",
                "/description",
                "/receipt_email",
                "/status",
                "/created",
            ]
            .contains(&place)
                || [
                    "/metadata/",
                    "/billing_details/name",
                    "/billing_details/email",
                    "/billing_details/phone",
                ]
                .iter()
                .any(|begin| place.starts_with(begin))
        }
        SourceKind::GoogleCalendar => {
            ["/summary", "/description", "/location", "/status", "/updated"].contains(&place)
                || place.starts_with("/start") && !place.ends_with("/timeZone")
                || place.starts_with("/end") && !place.ends_with("/timeZone")
        }
        SourceKind::Mail => {
            [
                "header:subject",
                "header:from.email",
                "header:to.email",
                "header:auth",
            ]
            .contains(&place)
                || !place.starts_with("header:")
        }
    }
}

fn plain(text: String) -> Quote {
    Quote {
        before: text,
        ..Quote::default()
    }
}

/// Each part is made safe by itself, so that no sequence can hide in the seam.
fn marked(text: &str, range: std::ops::Range<usize>) -> Quote {
    let spaced = |part: &str, safe: String| {
        let starts = part.starts_with(char::is_whitespace) && !safe.is_empty();
        let ends = part.ends_with(char::is_whitespace) && !safe.is_empty();
        format!(
            "{}{safe}{}",
            if starts { " " } else { "" },
            if ends { " " } else { "" }
        )
    };
    match (
        text.get(..range.start),
        text.get(range.clone()),
        text.get(range.end..),
    ) {
        (Some(before), Some(hit), Some(after)) => Quote {
            before: spaced(before, safe(before, TEXT_MAX)),
            hit: safe(hit, TEXT_MAX),
            after: spaced(after, safe(after, TEXT_MAX)),
        },
        _ => plain(safe(text, TEXT_MAX)),
    }
}

/// A claim's place, taken apart: `text:7[9..29]`, `/metadata/x`.
struct Place {
    item: String,
    /// From 0.
    line: u32,
    range: Option<std::ops::Range<usize>>,
}

impl Place {
    fn parse(text: &str) -> Self {
        let (rest, range) = match text.rsplit_once('[') {
            Some((rest, range)) => {
                let ends = range.trim_end_matches(']').split_once("..");
                let range = ends.and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
                (rest, range)
            }
            None => (text, None),
        };
        let (item, line) = match rest.rsplit_once(':') {
            Some((item, number)) => match number.parse::<u32>() {
                Ok(number) => (item, number.saturating_sub(1)),
                Err(_) => (rest, 0),
            },
            None => (rest, 0),
        };
        Self {
            item: item.to_owned(),
            line,
            range,
        }
    }
}

/// Why the records were put together, and what else the record in question may belong to.
fn links(queue: &Queue<'_>, view: &View<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for link in &view.booking.links {
        let link = safe(link, TEXT_MAX);
        if !lines.contains(&link) {
            lines.push(link);
        }
    }
    let named = view.conflict.records();
    if matches!(
        view.conflict.kind,
        ConflictKind::UnlinkedRecord | ConflictKind::AmbiguousLink
    ) && !named.is_empty()
    {
        let others = queue.bookings().filter(|other| other.id != view.booking.id);
        for other in others {
            for conflict in other
                .conflicts
                .iter()
                .filter(|conflict| conflict.kind == view.conflict.kind)
            {
                let shared = conflict
                    .candidates
                    .iter()
                    .find(|candidate| candidate.records.iter().any(|record| named.contains(&record)));
                if let Some(candidate) = shared {
                    lines.push(format!(
                        "next best: {} ({} bits)",
                        name(other),
                        screen::tenths(candidate.millibits)
                    ));
                }
            }
        }
    }
    lines
}

fn name(booking: &Booking) -> String {
    let name = booking.reference.as_deref().unwrap_or(booking.id.as_str());
    safe(name, 40)
}

/// The same customer's other bookings, those that start nearest first.
fn nearby(queue: &Queue<'_>, booking: &Booking, setting: Setting<'_>) -> Vec<String> {
    let same = |one: &Option<String>, two: &Option<String>| match (one, two) {
        (Some(one), Some(two)) => one.eq_ignore_ascii_case(two),
        _ => false,
    };
    let is_same = |other: &&Booking| {
        other.id != booking.id
            && (same(&other.customer.email, &booking.customer.email)
                || same(&other.customer.phone, &booking.customer.phone)
                || same(&other.customer.baseline_key, &booking.customer.baseline_key)
                || same(&other.customer.name, &booking.customer.name))
    };
    let mut others: Vec<&Booking> = queue.bookings().filter(is_same).collect();
    let day = |booking: &Booking| booking.starts_at.map(|when| when.date(setting.zone));
    let distance = |other: &Booking| match (day(booking), day(other)) {
        (Some(one), Some(two)) => (two - one).num_days().abs(),
        _ => i64::MAX,
    };
    others.sort_by_key(|other| (distance(other), other.id.clone()));
    let more = others.len().saturating_sub(NEARBY_MAX);
    let mut lines: Vec<String> = others
        .into_iter()
        .take(NEARBY_MAX)
        .map(|other| {
            let open = match (other.state, other.conflicts.len()) {
                (State::Rejected, _) => vec!["not a booking".to_owned()],
                (_, 0) => Vec::new(),
                (_, open) => vec![format!("{open} open")],
            };
            let resource = other.resource.name.as_deref().map(|name| safe(name, 40));
            let parts: Vec<String> = [name(other)]
                .into_iter()
                .chain(resource)
                .chain(screen::what(other, setting))
                .chain(open)
                .collect();
            parts.join(" · ")
        })
        .collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn money(booking: &Booking, setting: Setting<'_>) -> Vec<String> {
    let mut lines: Vec<String> = booking
        .payments
        .iter()
        .map(|payment| {
            let refunded = match payment.refunded.minor {
                0 => String::new(),
                _ => format!(", {} given back", payment.refunded),
            };
            format!(
                "{}  {}{refunded}  {}",
                moment(When::Instant(payment.paid_at), setting),
                payment.amount,
                safe(&payment.id, 40)
            )
        })
        .collect();
    if let (Some(total), Some(paid)) = (booking.total, screen::paid(booking))
        && total.currency == paid.currency
    {
        let left = Money::new(total.minor - paid.minor, total.currency);
        lines.push(match left.minor {
            0 => format!("paid in full: {paid}"),
            minor if minor > 0 => format!("price {total}, paid {paid}, {left} to pay"),
            minor => format!(
                "price {total}, paid {paid}, {} more than the price",
                Money::new(-minor, total.currency)
            ),
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_apart() {
        let read = |text: &str| {
            let place = Place::parse(text);
            (place.item, place.line, place.range)
        };
        assert_eq!(read("text:7[9..29]"), ("text".to_owned(), 6, Some(9..29)));
        assert_eq!(
            read("header:subject:1[0..3]"),
            ("header:subject".to_owned(), 0, Some(0..3))
        );
        assert_eq!(read("/start/dateTime"), ("/start/dateTime".to_owned(), 0, None));
        assert_eq!(read("/summary[0..4]"), ("/summary".to_owned(), 0, Some(0..4)));
    }

    #[test]
    fn what_stands_at_a_value_cannot_touch_the_terminal() {
        let quote = marked("at \u{1b}[2J09:00\u{202e} \u{7}now", 3..12);
        let text = format!("{}{}{}", quote.before, quote.hit, quote.after);
        assert!(
            !text.contains(|char: char| char.is_control() || char == '\u{202e}'),
            "{text:?}"
        );
        assert!(text.contains("09:00"));
        // A range that cuts a character in two is passed over.
        assert_eq!(marked("é", 1..2).before, "é");
    }
}
