//! The model's nouns as JSON: what `bookings --json` answers, and what staging keeps of a value.
//!
//! Two voices. Answers are for people's programs: `docs` and the contract fix their keys and order, and
//! times carry the business's offset. What staging keeps is lossless: `decode_x(encode_x(x)) == x`.

use crate::model::{
    Answer, Backtest, Booking, Business, Candidate, Conflict, Currency, FieldName, Money, RecordId, Status,
    Summary, Value, When,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

// ---------------------------------------------------------------- answers

#[derive(Serialize)]
struct BookingAnswer<'a> {
    id: &'a str,
    state: &'static str,
    action: &'static str,
    baseline_key: Option<&'a str>,
    tenant: Option<&'a str>,
    reference: Option<&'a str>,
    status: Option<&'static str>,
    customer: CustomerAnswer<'a>,
    resource: ResourceAnswer<'a>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    total: Option<MoneyAnswer<'a>>,
    created_at: Option<String>,
    payments: Vec<PaymentAnswer<'a>>,
    records: Vec<&'a str>,
    conflicts: Vec<ConflictAnswer<'a>>,
}

#[derive(Serialize)]
struct CustomerAnswer<'a> {
    name: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    baseline_key: Option<&'a str>,
}

#[derive(Serialize)]
struct ResourceAnswer<'a> {
    name: Option<&'a str>,
    key: Option<&'a str>,
}

#[derive(Serialize)]
struct MoneyAnswer<'a> {
    amount: i64,
    currency: &'a str,
}

#[derive(Serialize)]
struct PaymentAnswer<'a> {
    id: &'a str,
    amount: i64,
    refunded: i64,
    paid_at: String,
}

#[derive(Serialize)]
struct ConflictAnswer<'a> {
    id: &'a str,
    kind: &'static str,
    field: Option<&'static str>,
    reason: &'a str,
    candidates: Vec<CandidateAnswer<'a>>,
    suggested: Option<usize>,
}

#[derive(Serialize)]
struct CandidateAnswer<'a> {
    value: serde_json::Value,
    records: Vec<&'a str>,
    weight: serde_json::Number,
}

/// Writes times as the contract wants them for one business and target.
#[derive(Clone, Copy)]
pub struct Clockface<'a> {
    pub business: &'a Business,
    /// The target stores whole days.
    pub date_only: bool,
}

impl Clockface<'_> {
    fn moment(&self, moment: DateTime<Utc>) -> String {
        When::Instant(moment).render(self.business.zone)
    }

    fn when(&self, when: &When) -> String {
        if self.date_only {
            when.date(self.business.zone).to_string()
        } else {
            when.render(self.business.zone)
        }
    }

    fn value(&self, value: &Value) -> serde_json::Value {
        match value {
            Value::Text(text) => text.as_str().into(),
            Value::When(when) => self.when(when).into(),
            Value::Money(money) => serde_json::json!({
                "amount": money.minor,
                "currency": money.currency.as_str(),
            }),
            Value::Status(status) => status.as_str().into(),
        }
    }
}

/// One line of `bookings --json`, without the line's end.
pub fn booking_line(booking: &Booking, clockface: Clockface<'_>) -> String {
    serde_json::to_string(&booking_answer(booking, clockface)).expect("plain data has a JSON form")
}

/// One line of `bookings --json` as a JSON value.
pub fn booking_json(booking: &Booking, clockface: Clockface<'_>) -> serde_json::Value {
    serde_json::to_value(booking_answer(booking, clockface)).expect("plain data has a JSON form")
}

fn booking_answer<'a>(booking: &'a Booking, clockface: Clockface<'_>) -> BookingAnswer<'a> {
    BookingAnswer {
        id: booking.id.as_str(),
        state: booking.state.as_str(),
        action: booking.action.as_str(),
        baseline_key: booking.baseline_key.as_deref(),
        tenant: booking.tenant.as_deref(),
        reference: booking.reference.as_deref(),
        status: booking.status.map(Status::as_str),
        customer: CustomerAnswer {
            name: booking.customer.name.as_deref(),
            email: booking.customer.email.as_deref(),
            phone: booking.customer.phone.as_deref(),
            baseline_key: booking.customer.baseline_key.as_deref(),
        },
        resource: ResourceAnswer {
            name: booking.resource.name.as_deref(),
            key: booking.resource.key.as_deref(),
        },
        starts_at: booking.starts_at.as_ref().map(|when| clockface.when(when)),
        ends_at: booking.ends_at.as_ref().map(|when| clockface.when(when)),
        total: booking.total.as_ref().map(|total| MoneyAnswer {
            amount: total.minor,
            currency: total.currency.as_str(),
        }),
        created_at: booking.created_at.map(|moment| clockface.moment(moment)),
        payments: booking
            .payments
            .iter()
            .map(|payment| PaymentAnswer {
                id: &payment.id,
                amount: payment.amount.minor,
                refunded: payment.refunded.minor,
                paid_at: clockface.moment(payment.paid_at),
            })
            .collect(),
        records: booking.records.iter().map(RecordId::as_str).collect(),
        conflicts: booking
            .conflicts
            .iter()
            .map(|conflict| conflict_answer(conflict, clockface))
            .collect(),
    }
}

fn conflict_answer<'a>(conflict: &'a Conflict, clockface: Clockface<'_>) -> ConflictAnswer<'a> {
    let candidate = |candidate: &'a Candidate| CandidateAnswer {
        value: candidate
            .value
            .as_ref()
            .map_or(serde_json::Value::Null, |value| clockface.value(value)),
        records: candidate.records.iter().map(RecordId::as_str).collect(),
        weight: weight(candidate.millibits),
    };
    ConflictAnswer {
        id: conflict.id.as_str(),
        kind: conflict.kind.as_str(),
        field: conflict.field.map(FieldName::as_str),
        reason: &conflict.reason,
        candidates: conflict.candidates.iter().map(candidate).collect(),
        suggested: conflict.suggested,
    }
}

/// Bits with at most three decimals. The double nearest to n/1000 prints as n/1000.
fn weight(millibits: i64) -> serde_json::Number {
    if millibits % 1000 == 0 {
        return (millibits / 1000).into();
    }
    serde_json::Number::from_f64(millibits as f64 / 1000.0).expect("a quotient of integers is finite")
}

// ---------------------------------------------------------------- staging

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptValue {
    Text(String),
    When(String),
    Money(i64, String),
    Status(String),
}

#[derive(Serialize, Deserialize)]
struct KeptCandidate {
    value: Option<KeptValue>,
    records: Vec<String>,
    millibits: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptAnswer {
    Take(Option<KeptValue>),
    Accept,
    Reject,
    Later(String),
    Undo(u64),
}

#[derive(Serialize, Deserialize)]
struct KeptSummary {
    records: u64,
    problems: u64,
    inserts: u64,
    updates: u64,
    unchanged: u64,
    flagged: u64,
    rejected: u64,
    open_conflicts: u64,
    conflicts_by_kind: Vec<(String, u64)>,
    money: Vec<(String, i64, i64, i64, i64)>,
    /// Clean, right, flagged.
    backtest: Option<(u64, u64, u64)>,
    warnings: Vec<String>,
}

/// A moment to the nanosecond, in UTC.
pub fn encode_moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

pub fn decode_moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|moment| moment.with_timezone(&Utc))
}

fn keep(value: &Value) -> KeptValue {
    match value {
        Value::Text(text) => KeptValue::Text(text.clone()),
        Value::When(When::Instant(moment)) => KeptValue::When(encode_moment(*moment)),
        Value::When(When::Date(date)) => KeptValue::When(date.to_string()),
        Value::Money(money) => KeptValue::Money(money.minor, money.currency.as_str().to_owned()),
        Value::Status(status) => KeptValue::Status(status.as_str().to_owned()),
    }
}

fn give_back(value: KeptValue) -> Option<Value> {
    Some(match value {
        KeptValue::Text(text) => Value::Text(text),
        KeptValue::When(text) => Value::When(When::parse(&text)?),
        KeptValue::Money(minor, currency) => Value::Money(Money::new(minor, Currency::parse(&currency)?)),
        KeptValue::Status(text) => Value::Status(Status::parse(&text)?),
    })
}

fn to_text(kept: &impl Serialize) -> String {
    serde_json::to_string(kept).expect("plain data has a JSON form")
}

pub fn encode_value(value: &Value) -> String {
    to_text(&keep(value))
}

pub fn decode_value(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().and_then(give_back)
}

pub fn encode_candidates(candidates: &[Candidate]) -> String {
    let kept: Vec<KeptCandidate> = candidates
        .iter()
        .map(|candidate| KeptCandidate {
            value: candidate.value.as_ref().map(keep),
            records: candidate.records.iter().map(|id| id.0.clone()).collect(),
            millibits: candidate.millibits,
        })
        .collect();
    to_text(&kept)
}

pub fn decode_candidates(text: &str) -> Option<Vec<Candidate>> {
    let kept: Vec<KeptCandidate> = serde_json::from_str(text).ok()?;
    kept.into_iter()
        .map(|candidate| {
            Some(Candidate {
                value: match candidate.value {
                    Some(value) => Some(give_back(value)?),
                    None => None,
                },
                records: candidate.records.into_iter().map(RecordId).collect(),
                millibits: candidate.millibits,
            })
        })
        .collect()
}

pub fn encode_answer(answer: &Answer) -> String {
    to_text(&match answer {
        Answer::Take(value) => KeptAnswer::Take(value.as_ref().map(keep)),
        Answer::Accept => KeptAnswer::Accept,
        Answer::Reject => KeptAnswer::Reject,
        Answer::Later(note) => KeptAnswer::Later(note.clone()),
        Answer::Undo(seq) => KeptAnswer::Undo(*seq),
    })
}

pub fn decode_answer(text: &str) -> Option<Answer> {
    Some(match serde_json::from_str(text).ok()? {
        KeptAnswer::Take(None) => Answer::Take(None),
        KeptAnswer::Take(Some(value)) => Answer::Take(Some(give_back(value)?)),
        KeptAnswer::Accept => Answer::Accept,
        KeptAnswer::Reject => Answer::Reject,
        KeptAnswer::Later(note) => Answer::Later(note),
        KeptAnswer::Undo(seq) => Answer::Undo(seq),
    })
}

pub fn encode_summary(summary: &Summary) -> String {
    to_text(&KeptSummary {
        records: summary.records,
        problems: summary.problems,
        inserts: summary.inserts,
        updates: summary.updates,
        unchanged: summary.unchanged,
        flagged: summary.flagged,
        rejected: summary.rejected,
        open_conflicts: summary.open_conflicts,
        conflicts_by_kind: summary.conflicts_by_kind.clone(),
        money: summary.money.clone(),
        backtest: summary
            .backtest
            .as_ref()
            .map(|test| (test.clean, test.right, test.flagged)),
        warnings: summary.warnings.clone(),
    })
}

pub fn decode_summary(text: &str) -> Option<Summary> {
    let kept: KeptSummary = serde_json::from_str(text).ok()?;
    Some(Summary {
        records: kept.records,
        problems: kept.problems,
        inserts: kept.inserts,
        updates: kept.updates,
        unchanged: kept.unchanged,
        flagged: kept.flagged,
        rejected: kept.rejected,
        open_conflicts: kept.open_conflicts,
        conflicts_by_kind: kept.conflicts_by_kind,
        money: kept.money,
        backtest: kept.backtest.map(|(clean, right, flagged)| Backtest {
            clean,
            right,
            flagged,
        }),
        warnings: kept.warnings,
    })
}
