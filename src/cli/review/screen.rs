//! What `rebook review` shows, as plain text of 80 columns.

use super::{Clock, Outcome};
use crate::cli::terminal::safe;
use crate::model::{Answer, Booking, Candidate, Conflict, Decision, FieldName, Money, RecordId, Value, When};
use crate::review::{Strength, View};
use chrono::Datelike;
use std::fmt::Write as _;

/// Longest foreign text that is shown.
const TEXT_MAX: usize = 160;
/// Records that are named for each candidate.
const RECORDS_MAX: usize = 5;

pub(super) const HELP: &str = "\
  1-9   take that candidate's value
  a     accept the suggestion (Enter does too, where it is strong)
  k     keep what stands, where nothing is suggested
  e     edit: type the value; `e 2026-11-21 09:00` at once; - leaves the field empty
  r     reject: this is no booking; asks once more
  l     later: put the case off with a note; `l call on Monday` at once
  u     undo the last decision; again for the one before it
  s     skip: next case, nothing decided
  y     yes: accept the suggestion; a case without one is put off
  q     quit; every decision is kept already";

pub(super) const LAST: &str = "
That was the last case. u takes the last decision back, Enter leaves.
";

/// One case, ending in the line of keys.
pub(super) fn case(view: &View<'_>, clock: Clock) -> String {
    let booking = &view.booking;
    let conflict = view.conflict;
    let starts = booking.starts_at.map_or_else(
        || "start unknown".to_owned(),
        |when| format!("starts {}", near(when, clock)),
    );
    let about = conflict.field.map_or_else(
        || conflict.kind.as_str().replace('_', " "),
        |field| label(field).to_owned(),
    );
    let mut text = format!(
        "\nCase {} of {} · {starts} · conflict: {about}\n",
        view.number, view.of
    );
    line(&mut text, &who(booking));
    line(&mut text, &what(booking, clock));
    let _ = write!(text, "\n{}\n\n", safe(&conflict.reason, 3 * TEXT_MAX));
    candidates(&mut text, view, clock);
    if let Some(old) = view.outdated {
        let _ = writeln!(
            text,
            "Answered before, on other evidence: {} (decision {}, {} by {}).",
            answer(&old.answer, clock),
            old.seq,
            moment(When::Instant(old.at), clock),
            safe(&old.who, TEXT_MAX)
        );
    }
    if let Some(note) = view.put_off {
        let _ = writeln!(text, "Put off before: {}", quoted(note));
    }
    let _ = writeln!(text, "{}", keys(conflict));
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

/// A field in a clerk's words.
pub(super) fn label(field: FieldName) -> &'static str {
    match field {
        FieldName::Reference => "reference",
        FieldName::BookingKey => "booking's row in the backup",
        FieldName::Tenant => "business",
        FieldName::CustomerKey => "customer's row in the backup",
        FieldName::CustomerName => "customer's name",
        FieldName::CustomerFirstName => "customer's first name",
        FieldName::CustomerLastName => "customer's last name",
        FieldName::CustomerEmail => "customer's e-mail",
        FieldName::CustomerPhone => "customer's phone",
        FieldName::ResourceKey => "resource's row in the backup",
        FieldName::ResourceName => "resource",
        FieldName::ResourceCode => "resource's code",
        FieldName::ResourceClass => "resource's class",
        FieldName::StartsAt => "start",
        FieldName::EndsAt => "end",
        FieldName::Status => "status",
        FieldName::Total => "total",
        FieldName::Currency => "currency",
        FieldName::CreatedAt => "made at",
    }
}

fn line(text: &mut String, parts: &[String]) {
    if !parts.is_empty() {
        text.push_str(&parts.join(" · "));
        text.push('\n');
    }
}

fn who(booking: &Booking) -> Vec<String> {
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

fn what(booking: &Booking, clock: Clock) -> Vec<String> {
    let start = booking.starts_at.map(|when| moment(when, clock));
    let end = booking.ends_at.map(|when| moment(when, clock));
    let span = match (start, end) {
        (Some(start), Some(end)) => Some(format!("{start} – {end}")),
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
fn paid(booking: &Booking) -> Option<Money> {
    let currency = booking.payments.first()?.amount.currency;
    let amounts = booking.payments.iter().map(|payment| {
        let is_same = payment.amount.currency == currency && payment.refunded.currency == currency;
        is_same.then_some(payment.amount.minor - payment.refunded.minor)
    });
    Some(Money::new(amounts.sum::<Option<i64>>()?, currency))
}

fn candidates(text: &mut String, view: &View<'_>, clock: Clock) {
    let conflict = view.conflict;
    for (index, candidate) in conflict.candidates.iter().enumerate() {
        let is_suggested = conflict.suggested == Some(index);
        let mark = if is_suggested { '*' } else { ' ' };
        let bits = tenths(candidate.millibits);
        let _ = write!(
            text,
            "  {mark} {}  {} · {bits} bits",
            index + 1,
            shown(candidate, clock)
        );
        match view.strength.filter(|_| is_suggested) {
            Some(Strength::Strong) => text.push_str(" · suggested, strong: Enter accepts"),
            Some(strength) => {
                let _ = write!(text, " · suggested, {}", strength.as_str());
            }
            None => {}
        }
        text.push('\n');
        for record in candidate.records.iter().take(RECORDS_MAX) {
            let _ = writeln!(text, "         {}", said(record, &view.booking, clock));
        }
        if candidate.records.len() > RECORDS_MAX {
            let _ = writeln!(
                text,
                "         and {} more",
                candidate.records.len() - RECORDS_MAX
            );
        }
    }
    if conflict.candidates.is_empty() {
        if conflict.field.is_none() {
            return;
        }
        text.push_str("  No record offers a value.\n");
    } else if conflict.suggested.is_none() {
        text.push_str("  None is suggested: the records do not tell which is right.\n");
    }
    text.push('\n');
}

fn shown(candidate: &Candidate, clock: Clock) -> String {
    candidate
        .value
        .as_ref()
        .map_or_else(|| "(leave it empty)".to_owned(), |stated| value(stated, clock))
}

/// A record, and when it was said where a claim tells.
fn said(record: &RecordId, booking: &Booking, clock: Clock) -> String {
    let mut claims = booking.claims.values().flatten();
    let at = claims
        .find(|claim| &claim.record == record)
        .and_then(|claim| claim.said_at);
    let name = safe(record.as_str(), TEXT_MAX);
    match at {
        Some(at) => format!("{name}, {}", moment(When::Instant(at), clock)),
        None => name,
    }
}

/// An answer in a few words.
pub(super) fn answer(answer: &Answer, clock: Clock) -> String {
    match answer {
        Answer::Take(Some(taken)) => format!("taken, {}", value(taken, clock)),
        Answer::Take(None) => "left empty".to_owned(),
        Answer::Accept => "kept as it stands".to_owned(),
        Answer::Reject => "not a booking".to_owned(),
        Answer::Later(note) if note.is_empty() => "put off".to_owned(),
        Answer::Later(note) => format!("put off, {}", quoted(note)),
        Answer::Undo(seq) => format!("decision {seq} is taken back"),
    }
}

/// What an undo takes back, and whose it was.
pub(super) fn taken_back(decision: &Decision, clock: Clock) -> String {
    format!(
        "taken back, decision {} by {} ({})",
        decision.seq,
        safe(&decision.who, TEXT_MAX),
        answer(&decision.answer, clock)
    )
}

fn value(value: &Value, clock: Clock) -> String {
    match value {
        Value::Text(text) => safe(text, TEXT_MAX),
        Value::When(when) => moment(*when, clock),
        Value::Money(money) => money.to_string(),
        Value::Status(status) => status.as_str().to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("“{}”", safe(text, TEXT_MAX))
}

/// A moment on the business's clock. The year is left out where it is this one.
fn moment(when: When, clock: Clock) -> String {
    let date = when.date(clock.zone);
    let this_year = clock.now.with_timezone(&clock.zone).year();
    let day = date.format(if date.year() == this_year {
        "%a %-d %b"
    } else {
        "%a %-d %b %Y"
    });
    match when {
        When::Date(_) => day.to_string(),
        When::Instant(at) => format!("{day} {}", at.with_timezone(&clock.zone).format("%H:%M")),
    }
}

/// The same, and how near it is where that is a day or less.
fn near(when: When, clock: Clock) -> String {
    let today = clock.now.with_timezone(&clock.zone).date_naive();
    let word = match (when.date(clock.zone) - today).num_days() {
        0 => " (today)",
        1 => " (tomorrow)",
        _ => "",
    };
    format!("{}{word}", moment(when, clock))
}

/// A match weight in bits, to a tenth.
fn tenths(millibits: i64) -> String {
    let sign = if millibits < 0 { "-" } else { "" };
    let tenths = (millibits.unsigned_abs() + 50) / 100;
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// The keys that fit this case, in one line.
fn keys(conflict: &Conflict) -> String {
    let mut keys = Vec::new();
    match conflict.candidates.len() {
        0 => {}
        1 => keys.push("1 take".to_owned()),
        many => keys.push(format!("1-{many} take")),
    }
    let yes = if conflict.suggested.is_some() {
        "a accept"
    } else {
        "k keep"
    };
    keys.push(yes.to_owned());
    if conflict.field.is_some() {
        keys.push("e edit".to_owned());
    }
    keys.extend(["r reject", "l later", "u undo", "s skip", "q quit", "?"].map(str::to_owned));
    keys.join(" · ")
}
