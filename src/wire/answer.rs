//! What commands answer in JSON.

use super::to_text;
use crate::model::{
    Booking, BookingId, Business, Candidate, Charge, Claim, Conflict, FieldName, RecordId, Status, Summary,
    Timing, Value, When,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;

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

    /// For a person's eye: to the minute, without the offset.
    pub fn brief(&self, when: When) -> String {
        match when {
            When::Instant(moment) if !self.date_only => moment
                .with_timezone(&self.business.zone)
                .format("%Y-%m-%d %H:%M")
                .to_string(),
            when => self.when(&when),
        }
    }

    /// A value for a person's eye.
    pub fn text(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::When(when) => self.when(when),
            Value::Money(money) => money.to_string(),
            Value::Status(status) => status.as_str().to_owned(),
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
    to_text(&booking_answer(booking, clockface))
}

/// One line of `bookings --json` as a JSON value.
pub fn booking_json(booking: &Booking, clockface: Clockface<'_>) -> serde_json::Value {
    serde_json::to_value(booking_answer(booking, clockface)).expect("plain data has a JSON form")
}

/// One line of `explain --json`: the booking, each field with its claims, and why its records belong together.
pub fn explanation_line<'a>(booking: &'a Booking, clockface: Clockface<'_>) -> String {
    #[derive(Serialize)]
    struct Explanation<'a> {
        #[serde(flatten)]
        booking: BookingAnswer<'a>,
        fields: Vec<FieldAnswer<'a>>,
        links: &'a [String],
    }

    #[derive(Serialize)]
    struct FieldAnswer<'a> {
        field: &'static str,
        value: serde_json::Value,
        claims: Vec<ClaimAnswer<'a>>,
    }

    #[derive(Serialize)]
    struct ClaimAnswer<'a> {
        record: &'a str,
        place: &'a str,
        value: serde_json::Value,
        rule: &'a str,
        standing: &'static str,
        said_at: Option<String>,
    }

    let claim = |claim: &'a Claim| ClaimAnswer {
        record: claim.record.as_str(),
        place: &claim.place,
        value: clockface.value(&claim.value),
        rule: &claim.rule,
        standing: claim.standing.as_str(),
        said_at: claim.said_at.map(|at| clockface.moment(at)),
    };
    let field = |(name, value): (FieldName, Value)| FieldAnswer {
        field: name.as_str(),
        value: clockface.value(&value),
        claims: booking
            .claims
            .get(&name)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(claim)
            .collect(),
    };
    to_text(&Explanation {
        booking: booking_answer(booking, clockface),
        fields: booking.fields().into_iter().map(field).collect(),
        links: &booking.links,
    })
}

/// One line of `money --json`.
pub fn charge_line(charge: &Charge, clockface: Clockface<'_>) -> String {
    #[derive(Serialize)]
    struct ChargeAnswer<'a> {
        id: &'a str,
        amount: i64,
        refunded: i64,
        currency: &'a str,
        paid_at: String,
        bucket: &'static str,
        booking: Option<&'a str>,
        reason: &'a str,
    }

    to_text(&ChargeAnswer {
        id: &charge.id,
        amount: charge.amount.minor,
        refunded: charge.refunded.minor,
        currency: charge.amount.currency.as_str(),
        paid_at: clockface.moment(charge.paid_at),
        bucket: charge.bucket.as_str(),
        booking: charge.booking.as_ref().map(BookingId::as_str),
        reason: &charge.reason,
    })
}

/// One line of `pull --json`.
pub fn pull_line(source: &str, new: u64, changed: u64, known: u64, failure: Option<&str>) -> String {
    #[derive(Serialize)]
    struct PullAnswer<'a> {
        source: &'a str,
        new: u64,
        changed: u64,
        known: u64,
        /// Read to its end: without it, what was not found may be there.
        whole: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<&'a str>,
    }

    to_text(&PullAnswer {
        source,
        new,
        changed,
        known,
        whole: failure.is_none(),
        failure,
    })
}

/// The closing summary as one JSON line.
pub fn summary_line(summary: &Summary, timings: &[Timing]) -> String {
    #[derive(Serialize)]
    struct SummaryAnswer<'a> {
        version: u32,
        records: u64,
        problems: u64,
        inserts: u64,
        updates: u64,
        unchanged: u64,
        flagged: u64,
        rejected: u64,
        open_conflicts: u64,
        conflicts_by_kind: BTreeMap<&'a str, u64>,
        money: Vec<MoneyRow<'a>>,
        backtest: Option<BacktestAnswer>,
        warnings: &'a [String],
        milliseconds: BTreeMap<&'static str, u64>,
    }

    #[derive(Serialize)]
    struct MoneyRow<'a> {
        currency: &'a str,
        received: i64,
        on_bookings: i64,
        belongs_to_none: i64,
        in_conflict: i64,
    }

    #[derive(Serialize)]
    struct BacktestAnswer {
        clean: u64,
        right: u64,
        flagged: u64,
    }

    to_text(&SummaryAnswer {
        version: 1,
        records: summary.records,
        problems: summary.problems,
        inserts: summary.inserts,
        updates: summary.updates,
        unchanged: summary.unchanged,
        flagged: summary.flagged,
        rejected: summary.rejected,
        open_conflicts: summary.open_conflicts,
        conflicts_by_kind: summary
            .conflicts_by_kind
            .iter()
            .map(|(kind, count)| (kind.as_str(), *count))
            .collect(),
        money: summary
            .money
            .iter()
            .map(
                |(currency, received, on_bookings, belongs_to_none, in_conflict)| MoneyRow {
                    currency,
                    received: *received,
                    on_bookings: *on_bookings,
                    belongs_to_none: *belongs_to_none,
                    in_conflict: *in_conflict,
                },
            )
            .collect(),
        backtest: summary.backtest.as_ref().map(|test| BacktestAnswer {
            clean: test.clean,
            right: test.right,
            flagged: test.flagged,
        }),
        warnings: &summary.warnings,
        milliseconds: timings
            .iter()
            .map(|timing| (timing.stage.as_str(), timing.milliseconds))
            .collect(),
    })
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
