//! What commands answer in JSON.

use super::to_text;
use crate::model::{
    Answer, Bond, Booking, BookingId, Business, Candidate, Charge, Claim, Conflict, Decision, FieldName,
    Money, RecordId, Status, Step, Summary, Timing, Value, Waterfall, When, sum,
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of every answer's form. It grows when a key goes or changes its meaning; new keys may come at any time.
pub const VERSION: u32 = 1;

#[derive(Serialize, JsonSchema)]
pub(super) struct BookingAnswer<'a> {
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
    total: Option<MoneyAnswer>,
    created_at: Option<String>,
    payments: Vec<PaymentAnswer<'a>>,
    records: Vec<&'a str>,
    conflicts: Vec<ConflictAnswer<'a>>,
}

/// What `bookings --json` answers.
#[derive(Serialize, JsonSchema)]
pub(super) struct BookingLine<'a> {
    #[serde(flatten)]
    booking: BookingAnswer<'a>,
    version: u32,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CustomerAnswer<'a> {
    name: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    baseline_key: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ResourceAnswer<'a> {
    name: Option<&'a str>,
    key: Option<&'a str>,
}

/// An amount in minor units.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MoneyAnswer {
    pub amount: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
}

impl From<Money> for MoneyAnswer {
    fn from(money: Money) -> Self {
        Self {
            amount: money.minor,
            currency: money.currency.as_str().to_owned(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct PaymentAnswer<'a> {
    id: &'a str,
    amount: i64,
    refunded: i64,
    paid_at: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ConflictAnswer<'a> {
    id: &'a str,
    kind: &'static str,
    field: Option<&'static str>,
    reason: &'a str,
    candidates: Vec<CandidateAnswer<'a>>,
    suggested: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CandidateAnswer<'a> {
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
    to_text(&BookingLine {
        booking: booking_answer(booking, clockface),
        version: VERSION,
    })
}

/// One line of `bookings --json` as a JSON value.
pub fn booking_json(booking: &Booking, clockface: Clockface<'_>) -> serde_json::Value {
    serde_json::to_value(booking_answer(booking, clockface)).expect("plain data has a JSON form")
}

/// What `explain --json` answers: the booking, each field with its claims, why its records belong together.
#[derive(Serialize, JsonSchema)]
pub(super) struct Explanation<'a> {
    #[serde(flatten)]
    booking: BookingAnswer<'a>,
    version: u32,
    fields: Vec<FieldAnswer<'a>>,
    /// A reason each; a match weight stands at its end, in bits.
    links: &'a [String],
    /// What each comparison told for its records, and for records that may be its.
    waterfalls: Vec<WaterfallAnswer<'a>>,
    /// The records in the order in which they were said.
    timeline: Vec<RecordAnswer<'a>>,
    /// Everything that was ever decided about it, taken back or not.
    decisions: Vec<DecisionAnswer<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct WaterfallAnswer<'a> {
    /// The records that were weighed together: those that share a provider's id.
    records: Vec<&'a str>,
    /// They belong to the booking; otherwise they may.
    linked: bool,
    /// The steps' sum: posterior odds in bits.
    bits: f64,
    /// From the prior on; what is not stated weighs nothing and is left out.
    steps: Vec<StepAnswer>,
    /// Where else they might have gone, had this booking not been.
    next_best: Option<NextBestAnswer<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct NextBestAnswer<'a> {
    /// Null where nothing new is told of it.
    booking: Option<&'a str>,
    /// Its row in the backup.
    baseline_key: Option<&'a str>,
    /// A record that tells of it.
    record: Option<&'a str>,
    bits: f64,
    steps: Vec<StepAnswer>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct StepAnswer {
    /// `prior`, `reference`, `email`, `phone`, `name`, `times`, `resource`, `money`, `created`, `entry` or `kind`.
    comparison: &'static str,
    bits: f64,
}

fn steps(steps: &[Step]) -> Vec<StepAnswer> {
    let step = |step: &Step| StepAnswer {
        comparison: step.comparison.as_str(),
        bits: bits(step.millibits),
    };
    steps.iter().map(step).collect()
}

fn bits(millibits: i64) -> f64 {
    millibits as f64 / 1000.0
}

fn waterfall(waterfall: &Waterfall) -> WaterfallAnswer<'_> {
    WaterfallAnswer {
        records: waterfall.records.iter().map(RecordId::as_str).collect(),
        linked: waterfall.is_linked,
        bits: bits(sum(&waterfall.steps)),
        steps: steps(&waterfall.steps),
        next_best: waterfall.next.as_ref().map(|next| NextBestAnswer {
            booking: next.booking.as_ref().map(BookingId::as_str),
            baseline_key: next.row.as_deref(),
            record: next.record.as_ref().map(RecordId::as_str),
            bits: bits(sum(&next.steps)),
            steps: steps(&next.steps),
        }),
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FieldAnswer<'a> {
    field: &'static str,
    value: serde_json::Value,
    claims: Vec<ClaimAnswer<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ClaimAnswer<'a> {
    record: &'a str,
    /// The item's place in the record, and the bytes of the value in it.
    place: &'a str,
    /// What stands before the value in the record, the value as written, and what stands behind it.
    passage: Option<[String; 3]>,
    value: serde_json::Value,
    rule: &'a str,
    /// Whose word it is: `business`, `customer` or `nobody`.
    standing: &'static str,
    said_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct RecordAnswer<'a> {
    record: &'a str,
    /// What it is, in a few words.
    is: &'a str,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DecisionAnswer<'a> {
    seq: u64,
    conflict: &'a str,
    /// `take`, `accept`, `reject`, `later` or `undo`.
    answer: &'static str,
    /// The value that was taken; the number of the decision that was taken back; a note.
    value: serde_json::Value,
    who: &'a str,
    at: String,
}

/// One line of `explain --json`. `passage` gives the text of a record around a claim's value.
pub fn explanation_line<'a>(
    booking: &'a Booking,
    passage: &dyn Fn(&Claim) -> Option<[String; 3]>,
    timeline: &'a [(String, String)],
    decisions: &'a [Decision],
    clockface: Clockface<'_>,
) -> String {
    let claim = |claim: &'a Claim| ClaimAnswer {
        record: claim.record.as_str(),
        place: &claim.place,
        passage: passage(claim),
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
    let decision = |decision: &'a Decision| {
        let (answer, value) = match &decision.answer {
            Answer::Take(value) => (
                "take",
                value
                    .as_ref()
                    .map_or(serde_json::Value::Null, |value| clockface.value(value)),
            ),
            Answer::Accept => ("accept", serde_json::Value::Null),
            Answer::Reject => ("reject", serde_json::Value::Null),
            Answer::Later(note) => ("later", note.as_str().into()),
            Answer::Tie(tie) => {
                let word = match tie.bond {
                    Bond::Together => "together",
                    Bond::Apart => "apart",
                };
                let records: Vec<&str> = tie.records.iter().map(RecordId::as_str).collect();
                (word, records.into())
            }
            Answer::Undo(seq) => ("undo", (*seq).into()),
        };
        DecisionAnswer {
            seq: decision.seq,
            conflict: decision.conflict.as_str(),
            answer,
            value,
            who: &decision.who,
            at: clockface.moment(decision.at),
        }
    };
    to_text(&Explanation {
        booking: booking_answer(booking, clockface),
        version: VERSION,
        fields: booking.fields().into_iter().map(field).collect(),
        links: &booking.links,
        waterfalls: booking.waterfalls.iter().map(waterfall).collect(),
        timeline: timeline
            .iter()
            .map(|(record, is)| RecordAnswer { record, is })
            .collect(),
        decisions: decisions.iter().map(decision).collect(),
    })
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ChargeAnswer<'a> {
    version: u32,
    id: &'a str,
    amount: i64,
    refunded: i64,
    currency: &'a str,
    paid_at: String,
    bucket: &'static str,
    booking: Option<&'a str>,
    reason: &'a str,
}

/// One line of `money --json`.
pub fn charge_line(charge: &Charge, clockface: Clockface<'_>) -> String {
    to_text(&ChargeAnswer {
        version: VERSION,
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

#[derive(Serialize, JsonSchema)]
pub(super) struct PullAnswer<'a> {
    version: u32,
    source: &'a str,
    new: u64,
    changed: u64,
    known: u64,
    /// Read to its end: without it, what was not found may be there.
    whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
}

/// One line of `pull --json`.
pub fn pull_line(source: &str, new: u64, changed: u64, known: u64, failure: Option<&str>) -> String {
    to_text(&PullAnswer {
        version: VERSION,
        source,
        new,
        changed,
        known,
        whole: failure.is_none(),
        failure,
    })
}

#[derive(Serialize, JsonSchema)]
pub(super) struct SummaryAnswer<'a> {
    version: u32,
    records: u64,
    /// Of them, those that came or changed since the build before; null where this is the first.
    new_records: Option<u64>,
    /// The stages whose results are those of the build before.
    reused: Vec<&'static str>,
    problems: u64,
    inserts: u64,
    updates: u64,
    unchanged: u64,
    flagged: u64,
    rejected: u64,
    open_conflicts: u64,
    conflicts_by_kind: BTreeMap<&'a str, u64>,
    money: Vec<MoneyRow<'a>>,
    backtest: Option<BacktestAnswer<'a>>,
    warnings: &'a [String],
    milliseconds: BTreeMap<&'static str, u64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct MoneyRow<'a> {
    currency: &'a str,
    received: i64,
    on_bookings: i64,
    belongs_to_none: i64,
    in_conflict: i64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct BacktestAnswer<'a> {
    hidden: u64,
    found: u64,
    clean: u64,
    right: u64,
    flagged: u64,
    fields: Vec<FieldTestAnswer<'a>>,
    evidence: Vec<EvidenceTestAnswer<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FieldTestAnswer<'a> {
    field: &'a str,
    wrong: u64,
    missing: u64,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct EvidenceTestAnswer<'a> {
    known_from: &'a str,
    clean: u64,
    right: u64,
    flagged: u64,
}

/// The closing summary as one JSON line.
pub fn summary_line(summary: &Summary, timings: &[Timing]) -> String {
    to_text(&summary_answer(summary, timings))
}

pub(super) fn summary_answer<'a>(summary: &'a Summary, timings: &[Timing]) -> SummaryAnswer<'a> {
    SummaryAnswer {
        version: VERSION,
        records: summary.records,
        new_records: summary.new_records,
        reused: summary.reused.iter().map(|stage| stage.as_str()).collect(),
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
            hidden: test.hidden,
            found: test.found,
            clean: test.clean,
            right: test.right,
            flagged: test.flagged,
            fields: test
                .fields
                .iter()
                .map(|field| FieldTestAnswer {
                    field: &field.field,
                    wrong: field.wrong,
                    missing: field.missing,
                })
                .collect(),
            evidence: test
                .evidence
                .iter()
                .map(|one| EvidenceTestAnswer {
                    known_from: &one.known_from,
                    clean: one.clean,
                    right: one.right,
                    flagged: one.flagged,
                })
                .collect(),
        }),
        warnings: &summary.warnings,
        milliseconds: timings
            .iter()
            .map(|timing| (timing.stage.as_str(), timing.milliseconds))
            .collect(),
    }
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
        total: booking.total.map(MoneyAnswer::from),
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
