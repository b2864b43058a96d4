//! Runs `tests/cases/review`: bookings and typed lines in; the screen, the log and the bookings out.
//!
//! `UPDATE=1` writes what is expected, for `git diff` to review.

use chrono::{DateTime, TimeDelta, Utc};
use rebook::cli::review::{Setting, run};
use rebook::model::{
    Action, Answer, Baseline, BaselineResource, Booking, BookingId, Business, Candidate, Conflict,
    ConflictId, ConflictKind, Currency, Customer, Decision, FieldName, Money, RecordId, Resource, State,
    Status, Value, When,
};
use rebook::review::{Draft, Queue, Terms, apply};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The fact, in a sentence.
    shows: String,
    now: String,
    timezone: String,
    currency: String,
    #[serde(default)]
    date_only: bool,
    /// The same line again and again, as `yes` does, in place of in/answers.txt.
    forever: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    resource: Vec<GivenResource>,
    booking: Vec<GivenBooking>,
    #[serde(default)]
    decision: Vec<GivenDecision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenResource {
    key: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenBooking {
    id: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    conflict: Vec<GivenConflict>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenConflict {
    kind: String,
    field: Option<String>,
    reason: String,
    suggested: Option<usize>,
    #[serde(default)]
    candidate: Vec<GivenCandidate>,
    #[serde(default)]
    evidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenCandidate {
    value: Option<String>,
    #[serde(default)]
    records: Vec<String>,
    millibits: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenDecision {
    conflict: String,
    evidence: String,
    take: Option<String>,
    later: Option<String>,
}

#[test]
fn every_review_case_reads_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/review");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("tests/cases/review")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no case below {}", folder.display());
    let wrong: Vec<String> = cases.iter().flat_map(|case| run_case(case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs one case; what differs from the expected files, a line each.
fn run_case(folder: &Path) -> Vec<String> {
    let read = |name: &str| {
        fs::read_to_string(folder.join(name))
            .unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display()))
    };
    let case: Case = toml::from_str(&read("case.toml")).expect("case.toml");
    assert!(!case.shows.is_empty(), "{} says nothing", folder.display());
    let given: Given = toml::from_str(&read("in/bookings.toml")).expect("in/bookings.toml");

    let business = Business {
        name: "Example".to_owned(),
        zone: case.timezone.parse().expect("a time zone"),
        country: "US".to_owned(),
        currency: Currency::parse(&case.currency).expect("a currency"),
    };
    let now: DateTime<Utc> = case.now.parse().expect("now");
    let baseline = baseline(&given.resource);
    let bookings: Vec<Booking> = given
        .booking
        .iter()
        .map(|given| booking(given, business.currency))
        .collect();
    let terms = Terms::new(
        &business,
        Some(&baseline).filter(|baseline| !baseline.resources.is_empty()),
        case.date_only,
    );
    let mut log: Vec<Decision> = given
        .decision
        .iter()
        .zip(1..)
        .map(|(given, seq)| earlier(given, seq, &bookings, now))
        .collect();

    let answers = match &case.forever {
        Some(line) => format!("{line}\n").repeat(10_000),
        None => read("in/answers.txt"),
    };
    let mut input = answers.as_bytes();
    let mut screen = Vec::new();
    let mut queue = Queue::new(&bookings, &log, &terms, now);
    let setting = Setting {
        now,
        zone: business.zone,
        terms: &terms,
        document: &|_| None,
    };
    let outcome = run(
        &mut queue,
        setting,
        &mut input,
        &mut screen,
        &mut |draft: Draft| {
            let seq = log.len() as u64 + 1;
            let decision = Decision {
                seq,
                booking: draft.booking,
                conflict: draft.conflict,
                evidence: draft.evidence,
                answer: draft.answer,
                who: "ann".to_owned(),
                at: now + TimeDelta::seconds(seq as i64),
            };
            log.push(decision.clone());
            Ok(decision)
        },
    )
    .expect("a sitting in memory");
    assert!(
        case.forever.is_none() || !input.is_empty(),
        "the sitting read an endless input to its end"
    );

    let settled = apply(bookings, &log, &terms);
    let open: usize = settled.iter().map(|booking| booking.conflicts.len()).sum();
    assert_eq!(
        outcome.open, open,
        "what the sitting calls open is what stays open"
    );
    let shown = String::from_utf8(screen).expect("text");
    let decisions: String = log.iter().map(decision_line).collect();
    let bookings: String = settled
        .iter()
        .map(|booking| booking_lines(booking, &business))
        .collect();
    [
        ("screen.txt", shown),
        ("decisions.txt", decisions),
        ("bookings.txt", bookings),
    ]
    .into_iter()
    .filter_map(|(name, text)| differs(&folder.join("expected").join(name), &text))
    .collect()
}

fn differs(path: &Path, text: &str) -> Option<String> {
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder that can be made");
        fs::write(path, text).expect("a file that can be written");
        return None;
    }
    match fs::read_to_string(path) {
        Ok(expected) if expected == text => None,
        Ok(expected) => Some(format!("{}: expected\n{expected}\nfound\n{text}", path.display())),
        Err(error) => Some(format!("{}: {error}; UPDATE=1 writes it", path.display())),
    }
}

fn baseline(resources: &[GivenResource]) -> Baseline {
    let resources = resources.iter().map(|given| BaselineResource {
        key: given.key.clone(),
        name: Some(given.name.clone()),
        ..BaselineResource::default()
    });
    Baseline {
        resources: resources.collect(),
        ..Baseline::default()
    }
}

fn booking(given: &GivenBooking, currency: Currency) -> Booking {
    let text = |name: &str| given.fields.get(name).cloned();
    let when = |name: &str| text(name).map(|text| When::parse(&text).expect("a moment"));
    let conflicts: Vec<Conflict> = given
        .conflict
        .iter()
        .zip(1..)
        .map(|(question, number)| conflict(question, &given.id, number, currency))
        .collect();
    Booking {
        id: BookingId(given.id.clone()),
        state: if conflicts.is_empty() {
            State::Clean
        } else {
            State::Flagged
        },
        action: Action::Insert,
        baseline_key: None,
        tenant: None,
        reference: text("reference"),
        status: text("status").map(|text| Status::parse(&text).expect("a status")),
        customer: Customer {
            name: text("name"),
            email: text("email"),
            ..Customer::default()
        },
        resource: Resource {
            name: text("resource"),
            key: text("resource_key"),
        },
        starts_at: when("starts_at"),
        ends_at: when("ends_at"),
        total: text("total").map(|text| Money::new(text.parse().expect("minor units"), currency)),
        created_at: None,
        payments: Vec::new(),
        records: Vec::new(),
        conflicts,
        claims: BTreeMap::new(),
        links: Vec::new(),
    }
}

fn conflict(given: &GivenConflict, booking: &str, number: usize, currency: Currency) -> Conflict {
    let field = given
        .field
        .as_deref()
        .map(|name| FieldName::parse(name).expect("a field"));
    let candidates = given.candidate.iter().map(|candidate| Candidate {
        value: candidate
            .value
            .as_deref()
            .map(|text| value(field, text, currency)),
        records: candidate.records.iter().cloned().map(RecordId).collect(),
        millibits: candidate.millibits,
    });
    Conflict {
        id: ConflictId(format!("{booking}.{number}")),
        kind: ConflictKind::parse(&given.kind).expect("a kind"),
        field,
        reason: given.reason.clone(),
        candidates: candidates.collect(),
        suggested: given.suggested,
        evidence: given.evidence.clone(),
    }
}

fn value(field: Option<FieldName>, text: &str, currency: Currency) -> Value {
    match field {
        Some(FieldName::StartsAt | FieldName::EndsAt) => Value::When(When::parse(text).expect("a moment")),
        Some(FieldName::Total) => Value::Money(Money::new(text.parse().expect("minor units"), currency)),
        Some(FieldName::Status) => Value::Status(Status::parse(text).expect("a status")),
        _ => Value::Text(text.to_owned()),
    }
}

fn earlier(given: &GivenDecision, seq: u64, bookings: &[Booking], now: DateTime<Utc>) -> Decision {
    let id = ConflictId(given.conflict.clone());
    let (booking, question) = bookings
        .iter()
        .flat_map(|booking| booking.conflicts.iter().map(move |conflict| (booking, conflict)))
        .find(|(_, conflict)| conflict.id == id)
        .expect("the conflict that was decided");
    let answer = match (&given.take, &given.later) {
        (Some(text), _) => Answer::Take(Some(value(
            question.field,
            text,
            Currency::parse("eur").expect("a currency"),
        ))),
        (None, Some(note)) => Answer::Later(note.clone()),
        (None, None) => Answer::Accept,
    };
    Decision {
        seq,
        booking: booking.id.clone(),
        conflict: id,
        evidence: given.evidence.clone(),
        answer,
        who: "bob".to_owned(),
        at: now - TimeDelta::days(7),
    }
}

fn decision_line(decision: &Decision) -> String {
    let answer = match &decision.answer {
        Answer::Take(Some(Value::Text(text))) => format!("take {}", text.escape_debug()),
        Answer::Take(Some(Value::When(when))) => format!("take {}", when.render(chrono_tz::UTC)),
        Answer::Take(Some(Value::Money(money))) => format!("take {money}"),
        Answer::Take(Some(Value::Status(status))) => format!("take {}", status.as_str()),
        Answer::Take(None) => "take nothing".to_owned(),
        Answer::Accept => "accept".to_owned(),
        Answer::Reject => "reject".to_owned(),
        Answer::Later(note) => format!("later {note}"),
        Answer::Undo(seq) => format!("undo {seq}"),
    };
    format!("{} {} {answer}\n", decision.seq, decision.conflict)
}

fn booking_lines(booking: &Booking, business: &Business) -> String {
    let mut lines = format!(
        "{} {} {}\n",
        booking.id,
        booking.state.as_str(),
        booking.action.as_str()
    );
    let when = |when: Option<When>| when.map(|when| when.render(business.zone));
    for (name, value) in [
        ("reference", booking.reference.clone()),
        ("status", booking.status.map(|status| status.as_str().to_owned())),
        ("name", booking.customer.name.clone()),
        ("email", booking.customer.email.clone()),
        ("resource", booking.resource.name.clone()),
        ("resource_key", booking.resource.key.clone()),
        ("starts_at", when(booking.starts_at)),
        ("ends_at", when(booking.ends_at)),
        ("total", booking.total.map(|total| total.to_string())),
    ] {
        if let Some(value) = value {
            let _ = writeln!(lines, "  {name} {}", value.escape_debug());
        }
    }
    for conflict in &booking.conflicts {
        let _ = writeln!(lines, "  open {}", conflict.id);
    }
    for claim in booking.claims.values().flatten() {
        let _ = writeln!(lines, "  cites {} for {}", claim.record, claim.field);
    }
    lines
}
