//! What `rebook review` shows, as plain text of 80 columns.

use super::facts::Facts;
use super::{Outcome, Setting};
use crate::cli::terminal::safe;
use crate::cli::words::{self, label, question};
use crate::model::{
    Answer, Bond, Booking, Conflict, ConflictKind, Decision, Document, FieldName, Item, Money, RecordId,
    Scalar, Value, When,
};
use crate::review::{Strength, View};
use chrono::Datelike;
use std::fmt::Write as _;

/// Longest foreign text that is shown.
const TEXT_MAX: usize = 160;
/// Records that are named for each candidate.
const RECORDS_MAX: usize = 3;
/// Columns of the screen.
const COLUMNS: usize = 80;
/// Lines of one record that are shown when it is opened.
const ITEMS_MAX: usize = 40;

pub(super) const HELP: &str = "  1-9   take that candidate's value
  a     accept the suggestion (Enter does too, where it is strong)
  k     keep the booking as it stands
  e     edit: type the value, or `e 2026-11-21 09:00` at once; - leaves it empty
  m     merge: it is one booking with another; `m RB-12` at once
  p     part: some of its records are of another booking; `p 2,3` at once
  t     this belongs: the record in question is of this booking; `t mail:…` names one
  r     reject: this is no booking; asks once more
  l     later: put the case off with a note; `l call on Monday` at once
  n, b  next case, nothing decided; back to the case before
  A     all like this: shows them, and asks for their number; `A k`, `A l note`
  u, U  undo your last decision, again for the one before it; redo
  h     history: every decision; `u 12` takes that one back
  /     show only some: `/kind:double`, `/customer:ann`, `/van 3`; / alone for all
  v     view: everything in the records that the case is about
  w     why: what each answer leads to, the links, the customer's bookings, the money
  y     yes: accept the suggestion; a case without one is put off
  q     quit; every decision is kept already";

pub(super) const LAST: &str = "
That was the last case. u takes the last decision back, Enter leaves.
";

pub(super) const LAST_FILTERED: &str = "
The filter shows no more cases. / shows all, u takes the last decision back, Enter leaves.
";

/// What `w` shows.
pub(super) fn why(facts: &Facts) -> String {
    let mut text = String::new();
    let mut section = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = writeln!(text, "{title}");
            for line in lines {
                for line in words::wrapped(line, COLUMNS - 4) {
                    let _ = writeln!(text, "    {line}");
                }
            }
        }
    };
    let leads: Vec<String> = facts
        .offers
        .iter()
        .map(|offer| format!("{}  {}: {}", offer.key, offer.text, offer.effect))
        .collect();
    section("  What each answer leads to", &leads);
    let sources: Vec<String> = facts
        .grid
        .iter()
        .map(|row| {
            let cells = row
                .cells
                .iter()
                .zip(&facts.columns)
                .filter(|(cell, _)| !cell.is_empty());
            let cells: Vec<String> = cells.map(|(cell, source)| format!("{source} {cell}")).collect();
            let mark = if row.differs { "≠ " } else { "" };
            let stands = if row.now.is_empty() { "nothing" } else { &row.now };
            format!("{mark}{}: {stands} ({})", row.field, cells.join("; "))
        })
        .collect();
    section("  What the sources say (≠ where they differ)", &sources);
    let quotes: Vec<String> = facts
        .evidence
        .iter()
        .flat_map(|snippet| {
            let lines = snippet.lines.iter().map(|quote| match quote.hit.as_str() {
                "" => quote.before.clone(),
                hit => format!("{}»{hit}«{}", quote.before, quote.after),
            });
            [snippet.title.clone()].into_iter().chain(lines)
        })
        .collect();
    section("  Where it stands", &quotes);
    section("  Why its records were put together", &facts.links);
    section("  Others with this number", &facts.namesakes);
    section("  The customer's other bookings", &facts.nearby);
    section("  Money", &facts.money);
    text.truncate(text.trim_end().len());
    text
}

/// One case, ending in the line of keys.
pub(super) fn case(view: &View<'_>, setting: Setting<'_>) -> String {
    let booking = &view.booking;
    let conflict = view.conflict;
    let starts = booking.starts_at.map_or_else(
        || "start unknown".to_owned(),
        |when| format!("starts {}", near(when, setting)),
    );
    let about = conflict.field.map_or_else(
        || question(conflict.kind).to_owned(),
        |field| format!("about the {}", label(field)),
    );
    let mut text = String::from("\n");
    let number = format!("Case {} of {}", view.number, view.of);
    line(&mut text, &[number, starts, about]);
    line(&mut text, &who(booking));
    line(&mut text, &what(booking, setting));
    text.push('\n');
    for line in words::wrapped(&safe(&conflict.reason, 3 * TEXT_MAX), COLUMNS) {
        line_of(&mut text, &line);
    }
    text.push('\n');
    candidates(&mut text, view, setting);
    if let Some(old) = view.outdated {
        let _ = writeln!(
            text,
            "Answered before, on other evidence: {} (decision {}, {} by {}).",
            answer(&old.answer, conflict.field, setting),
            old.seq,
            moment(When::Instant(old.at), setting),
            safe(&old.who, TEXT_MAX)
        );
    }
    if let Some(note) = view.put_off {
        let _ = writeln!(text, "Put off before: {}", quoted(note));
    }
    text.push_str(&keys(conflict));
    text
}

pub(super) fn farewell(outcome: Outcome) -> String {
    let decisions = match outcome.decisions {
        0 => "Nothing was decided".to_owned(),
        1 => "1 decision is kept".to_owned(),
        many => format!("{many} decisions are kept"),
    };
    let waiting = match outcome.waiting {
        0 => String::new(),
        waiting => format!(", {waiting} of them put off"),
    };
    match outcome.open {
        0 => format!("\n{decisions}; no case is open.\n"),
        1 => format!("\n{decisions}; 1 case is open{waiting}.\n"),
        open => format!("\n{decisions}; {open} cases are open{waiting}.\n"),
    }
}

/// Parts side by side, in as many lines as they need.
fn line(text: &mut String, parts: &[String]) {
    let mut line = String::new();
    for part in parts {
        if !line.is_empty() && line.chars().count() + 3 + part.chars().count() > COLUMNS {
            line_of(text, &std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push_str(" · ");
        }
        line.push_str(part);
    }
    if !line.is_empty() {
        line_of(text, &line);
    }
}

fn line_of(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

pub(super) fn who(booking: &Booking) -> Vec<String> {
    let customer = &booking.customer;
    let email = customer
        .email
        .as_deref()
        .map(|email| format!("<{}>", safe(email, TEXT_MAX)));
    let name = customer.name.as_deref().map(|name| safe(name, TEXT_MAX));
    let person: Vec<String> = name.into_iter().chain(email).collect();
    let person = Some(person.join(" ")).filter(|person| !person.is_empty());
    let safe = |text: &Option<String>| text.as_deref().map(|text| safe(text, TEXT_MAX));
    [
        Some(safe(&booking.reference).unwrap_or_else(|| booking.id.to_string())),
        person,
        safe(&customer.phone),
        safe(&booking.resource.name),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn what(booking: &Booking, setting: Setting<'_>) -> Vec<String> {
    let start = booking.starts_at.map(|when| moment(when, setting));
    let end = booking.ends_at.map(|when| moment(when, setting));
    let span = match (start, end) {
        (Some(start), Some(end)) => {
            let is_same_day = booking.starts_at.map(|when| when.date(setting.zone))
                == booking.ends_at.map(|when| when.date(setting.zone));
            let end = match booking.ends_at {
                Some(When::Instant(at)) if is_same_day => {
                    at.with_timezone(&setting.zone).format("%H:%M").to_string()
                }
                _ => end,
            };
            Some(format!("{start} – {end}"))
        }
        (start, end) => start.or(end.map(|end| format!("until {end}"))),
    };
    [
        span,
        booking.status.map(|status| status.as_str().to_owned()),
        booking.total.map(|total| total.to_string()),
        paid(booking).map(|paid| format!("paid {paid}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What was paid less what was refunded, where it is all in one currency.
pub(super) fn paid(booking: &Booking) -> Option<Money> {
    let currency = booking.payments.first()?.amount.currency;
    let amounts = booking.payments.iter().map(|payment| {
        let is_same = payment.amount.currency == currency && payment.refunded.currency == currency;
        is_same.then_some(payment.amount.minor - payment.refunded.minor)
    });
    Some(Money::new(amounts.sum::<Option<i64>>()?, currency))
}

fn candidates(text: &mut String, view: &View<'_>, setting: Setting<'_>) {
    let conflict = view.conflict;
    let Some(field) = conflict.field else {
        return concerned(text, view, setting);
    };
    if conflict.offers().next().is_none() && !conflict.candidates.is_empty() {
        return concerned(text, view, setting);
    }
    for (index, candidate) in conflict.offers() {
        let is_suggested = conflict.suggested == Some(index);
        let mark = if is_suggested { '*' } else { ' ' };
        let bits = tenths(candidate.millibits);
        let shown = candidate.value.as_ref().map_or_else(
            || "(leave it empty)".to_owned(),
            |stated| value(Some(field), stated, setting),
        );
        let _ = write!(text, "  {mark} {}  {shown} · {bits} bits", index + 1);
        match view.strength.filter(|_| is_suggested) {
            Some(Strength::Strong) => text.push_str(" · suggested, strong: Enter accepts"),
            Some(strength) => {
                let _ = write!(text, " · suggested, {}", strength.as_str());
            }
            None => {}
        }
        text.push('\n');
        records(text, &candidate.records, view.booking, setting);
    }
    if conflict.candidates.is_empty() {
        text.push_str("  No record offers a value.\n");
    } else if conflict.suggested.is_none() {
        text.push_str("  None is suggested: the records do not tell which is right.\n");
    }
    text.push('\n');
}

/// The records that a question about the booking as a whole is about.
fn concerned(text: &mut String, view: &View<'_>, setting: Setting<'_>) {
    let records_of: Vec<RecordId> = view.conflict.records().into_iter().cloned().collect();
    if !records_of.is_empty() {
        text.push_str("  It is about\n");
        records(text, &records_of, view.booking, setting);
        text.push('\n');
    }
}

fn records(text: &mut String, records: &[RecordId], booking: &Booking, setting: Setting<'_>) {
    for record in records.iter().take(RECORDS_MAX) {
        let words = said(record, booking, setting);
        let id = safe(record.as_str(), TEXT_MAX);
        if words.is_empty() {
            line_of(text, &format!("         {}", cut(&id, COLUMNS - 9)));
        } else {
            line_of(text, &format!("         {}", cut(&words, COLUMNS - 9)));
            line_of(text, &format!("           {}", cut(&id, COLUMNS - 11)));
        }
    }
    if records.len() > RECORDS_MAX {
        let _ = writeln!(text, "         and {} more", records.len() - RECORDS_MAX);
    }
}

/// What a record is about, and when it was said where a claim tells.
fn said(record: &RecordId, booking: &Booking, setting: Setting<'_>) -> String {
    let document = (setting.document)(record);
    let mut claims = booking.claims.values().flatten();
    let at = claims
        .find(|claim| &claim.record == record)
        .and_then(|claim| claim.said_at)
        .or(document.as_ref().and_then(|document| document.said_at));
    let at = at.map(|at| moment(When::Instant(at), setting));
    let words: Vec<String> = at.into_iter().chain(document.as_ref().map(words::gist)).collect();
    words.join("  ")
}

/// Every record that the case is about, opened: what stands in it, line by line.
pub(super) fn opened(view: &View<'_>, setting: Setting<'_>) -> String {
    let mut ids = view.conflict.records();
    if ids.is_empty() {
        ids = view.booking.records.iter().collect();
    }
    let mut text = String::new();
    for id in ids {
        let _ = writeln!(text, "\n{}", safe(id.as_str(), TEXT_MAX));
        match (setting.document)(id) {
            Some(document) => lines_of(&mut text, &document, setting),
            None => text.push_str("  cannot be read\n"),
        }
    }
    if text.is_empty() {
        text.push_str("No record speaks of it.\n");
    }
    text
}

fn lines_of(text: &mut String, document: &Document, setting: Setting<'_>) {
    let items: Vec<_> = shown_items(document).collect();
    for item in items.iter().take(ITEMS_MAX) {
        let _ = match place(item).as_str() {
            "" => writeln!(text, "  {}", stated(item, setting)),
            place => writeln!(text, "  {place} {}", stated(item, setting)),
        };
    }
    if items.len() > ITEMS_MAX {
        let _ = writeln!(text, "  and {} more", items.len() - ITEMS_MAX);
    }
}

/// What is worth showing of a record: the HTML of a mail says the same as its text.
pub(super) fn shown_items(document: &Document) -> impl Iterator<Item = &Item> {
    let has_text = document.items.iter().any(|item| item.place == "text");
    document
        .items
        .iter()
        .filter(move |item| !(has_text && item.place == "html"))
}

/// Where an item stands, for people; nothing for lines of text.
pub(super) fn place(item: &Item) -> String {
    match item.place.as_str() {
        "text" | "html" => String::new(),
        place => {
            let place = place.trim_start_matches("header:").trim_start_matches('/');
            format!("{}:", safe(place, TEXT_MAX))
        }
    }
}

pub(super) fn stated(item: &Item, setting: Setting<'_>) -> String {
    match &item.value {
        Scalar::Text(text) | Scalar::Number(text) => safe(text, TEXT_MAX),
        Scalar::Flag(flag) => flag.to_string(),
        Scalar::Money(money) => money.to_string(),
        Scalar::Instant(at) => moment(When::Instant(*at), setting),
        Scalar::Date(date) => moment(When::Date(*date), setting),
    }
}

fn cut(text: &str, max: usize) -> String {
    safe(text, max)
}

/// An answer in a few words.
pub(super) fn answer(answer: &Answer, field: Option<FieldName>, setting: Setting<'_>) -> String {
    match answer {
        Answer::Take(Some(taken)) => format!("taken, {}", value(field, taken, setting)),
        Answer::Take(None) => "left empty".to_owned(),
        Answer::Accept => "kept as it stands".to_owned(),
        Answer::Reject => "not a booking".to_owned(),
        Answer::Later(note) if note.is_empty() => "put off".to_owned(),
        Answer::Later(note) => format!("put off, {}", quoted(note)),
        Answer::Tie(tie) => {
            let records = words::count_of(tie.records.len() as u64, "record", "records");
            match tie.bond {
                Bond::Together => format!("{records} put to the booking"),
                Bond::Apart => format!("{records} set apart from the booking"),
            }
        }
        Answer::Undo(seq) => format!("decision {seq} is taken back"),
    }
}

/// What an undo takes back, and whose it was.
pub(super) fn taken_back(decision: &Decision, setting: Setting<'_>) -> String {
    format!(
        "taken back, decision {} by {} ({})",
        decision.seq,
        safe(&decision.who, TEXT_MAX),
        answer(&decision.answer, None, setting)
    )
}

pub(super) fn value(field: Option<FieldName>, value: &Value, setting: Setting<'_>) -> String {
    match value {
        Value::Text(text) => words::row(field, text, setting.terms)
            .map_or_else(|| safe(text, TEXT_MAX), |row| safe(&row, TEXT_MAX)),
        Value::When(when) => moment(*when, setting),
        Value::Money(money) => money.to_string(),
        Value::Status(status) => status.as_str().to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("“{}”", safe(text, TEXT_MAX))
}

/// A moment on the business's setting. The year is left out where it is this one.
pub(super) fn moment(when: When, setting: Setting<'_>) -> String {
    let date = when.date(setting.zone);
    let this_year = setting.now.with_timezone(&setting.zone).year();
    let day = date.format(if date.year() == this_year {
        "%a %-d %b"
    } else {
        "%a %-d %b %Y"
    });
    match when {
        When::Date(_) => day.to_string(),
        When::Instant(at) => format!("{day} {}", at.with_timezone(&setting.zone).format("%H:%M")),
    }
}

/// The same, and how near it is where that is a day or less.
pub(super) fn near(when: When, setting: Setting<'_>) -> String {
    let today = setting.now.with_timezone(&setting.zone).date_naive();
    let word = match (when.date(setting.zone) - today).num_days() {
        0 => " (today)",
        1 => " (tomorrow)",
        _ => "",
    };
    format!("{}{word}", moment(when, setting))
}

/// A match weight in bits, to a tenth.
pub(super) fn tenths(millibits: i64) -> String {
    let sign = if millibits < 0 { "-" } else { "" };
    let tenths = (millibits.unsigned_abs() + 50) / 100;
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// The keys that fit this case, the most used first.
fn keys(conflict: &Conflict) -> String {
    let offers = conflict.offers().count();
    let take = match offers {
        0 => String::new(),
        1 => "1 take, ".to_owned(),
        many => format!("1-{many} take, "),
    };
    let yes = if conflict.suggested.is_some() {
        "a accept, "
    } else {
        ""
    };
    let edit = if conflict.field.is_some() { "e edit, " } else { "" };
    let belongs = if conflict.kind == ConflictKind::UnlinkedRecord {
        "t this belongs, "
    } else {
        ""
    };
    format!(
        "{take}{yes}k keep, {edit}{belongs}r reject, l later, m merge, p part, v view\n\
         A all alike, n next, b back, u undo, U redo, h history, / filter, w why, q quit, ? help\n"
    )
}
