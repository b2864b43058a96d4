//! What staging keeps of values, candidates, answers and summaries.

use super::to_text;
use crate::model::{
    Action, Answer, Backtest, Bond, Booking, BookingId, Candidate, Comparison, Currency, EvidenceTest,
    FieldName, FieldTest, Money, NextBest, Payment, RecordId, State, Status, Step, Summary, Tie, Value,
    Waterfall, When,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

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
    Together(KeptTie),
    Apart(KeptTie),
    Undo(u64),
}

#[derive(Serialize, Deserialize)]
struct KeptTie {
    records: Vec<String>,
    with: Vec<String>,
    row: Option<String>,
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
    backtest: Option<KeptBacktest>,
    warnings: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptBacktest {
    hidden: u64,
    found: u64,
    clean: u64,
    right: u64,
    flagged: u64,
    /// Field, wrong, missing.
    fields: Vec<(String, u64, u64)>,
    /// What is known, clean, right, flagged.
    evidence: Vec<(String, u64, u64, u64)>,
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
        Value::When(when) => KeptValue::When(encode_when(when)),
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

pub fn encode_value(value: &Value) -> String {
    to_text(&keep(value))
}

/// Names as a list that SQLite reads too.
pub fn encode_names(names: &[&str]) -> String {
    to_text(&names)
}

/// A moment, or a bare date.
pub fn encode_when(when: &When) -> String {
    match when {
        When::Instant(moment) => encode_moment(*moment),
        When::Date(date) => date.to_string(),
    }
}

pub fn decode_value(text: &str) -> Option<Value> {
    // Nearly all values are plain text, and a review of many cases reads all of them at once.
    let plain = text
        .strip_prefix("{\"text\":\"")
        .and_then(|rest| rest.strip_suffix("\"}"));
    if let Some(plain) = plain.filter(|plain| !plain.contains(['\\', '"'])) {
        return Some(Value::Text(plain.to_owned()));
    }
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
        Answer::Tie(tie) => {
            let names = |records: &[RecordId]| records.iter().map(|id| id.0.clone()).collect();
            let kept = KeptTie {
                records: names(&tie.records),
                with: names(&tie.with),
                row: tie.row.clone(),
            };
            match tie.bond {
                Bond::Together => KeptAnswer::Together(kept),
                Bond::Apart => KeptAnswer::Apart(kept),
            }
        }
        Answer::Undo(seq) => KeptAnswer::Undo(*seq),
    })
}

/// Ties in one text, the same for the same ties.
pub fn encode_ties(ties: &[Tie]) -> String {
    let ties = ties.iter().cloned().map(Answer::Tie);
    ties.map(|tie| encode_answer(&tie)).collect::<Vec<_>>().join("\n")
}

pub fn decode_answer(text: &str) -> Option<Answer> {
    Some(match serde_json::from_str(text).ok()? {
        KeptAnswer::Take(None) => Answer::Take(None),
        KeptAnswer::Take(Some(value)) => Answer::Take(Some(give_back(value)?)),
        KeptAnswer::Accept => Answer::Accept,
        KeptAnswer::Reject => Answer::Reject,
        KeptAnswer::Later(note) => Answer::Later(note),
        KeptAnswer::Together(kept) => Answer::Tie(tie(Bond::Together, kept)),
        KeptAnswer::Apart(kept) => Answer::Tie(tie(Bond::Apart, kept)),
        KeptAnswer::Undo(seq) => Answer::Undo(seq),
    })
}

fn tie(bond: Bond, kept: KeptTie) -> Tie {
    Tie {
        bond,
        records: kept.records.into_iter().map(RecordId).collect(),
        with: kept.with.into_iter().map(RecordId).collect(),
        row: kept.row,
    }
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
        backtest: summary.backtest.as_ref().map(keep_backtest),
        warnings: summary.warnings.clone(),
    })
}

fn keep_backtest(test: &Backtest) -> KeptBacktest {
    KeptBacktest {
        hidden: test.hidden,
        found: test.found,
        clean: test.clean,
        right: test.right,
        flagged: test.flagged,
        fields: test
            .fields
            .iter()
            .map(|field| (field.field.clone(), field.wrong, field.missing))
            .collect(),
        evidence: test
            .evidence
            .iter()
            .map(|one| (one.known_from.clone(), one.clean, one.right, one.flagged))
            .collect(),
    }
}

pub fn encode_backtest(test: &Backtest) -> String {
    to_text(&keep_backtest(test))
}

pub fn decode_backtest(text: &str) -> Option<Backtest> {
    serde_json::from_str(text).ok().map(give_back_backtest)
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
        backtest: kept.backtest.map(give_back_backtest),
        warnings: kept.warnings,
        ..Summary::default()
    })
}

fn give_back_backtest(test: KeptBacktest) -> Backtest {
    Backtest {
        hidden: test.hidden,
        found: test.found,
        clean: test.clean,
        right: test.right,
        flagged: test.flagged,
        fields: test
            .fields
            .into_iter()
            .map(|(field, wrong, missing)| FieldTest {
                field,
                wrong,
                missing,
            })
            .collect(),
        evidence: test
            .evidence
            .into_iter()
            .map(|(known_from, clean, right, flagged)| EvidenceTest {
                known_from,
                clean,
                right,
                flagged,
            })
            .collect(),
    }
}

type KeptSteps = Vec<(String, i64)>;

/// Short names: there is one for every record of every booking.
#[derive(Serialize, Deserialize)]
struct KeptWaterfall {
    of: Vec<String>,
    linked: bool,
    steps: KeptSteps,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<KeptNext>,
}

/// Booking, row, record, steps.
#[derive(Serialize, Deserialize)]
struct KeptNext(Option<String>, Option<String>, Option<String>, KeptSteps);

pub fn encode_waterfall(waterfall: &Waterfall) -> String {
    let keep = |steps: &[Step]| -> KeptSteps {
        let steps = steps.iter();
        steps
            .map(|step| (step.comparison.as_str().to_owned(), step.millibits))
            .collect()
    };
    to_text(&KeptWaterfall {
        of: waterfall.records.iter().map(|id| id.0.clone()).collect(),
        linked: waterfall.is_linked,
        steps: keep(&waterfall.steps),
        next: waterfall.next.as_ref().map(|next| {
            KeptNext(
                next.booking.as_ref().map(|id| id.0.clone()),
                next.row.clone(),
                next.record.as_ref().map(|id| id.0.clone()),
                keep(&next.steps),
            )
        }),
    })
}

pub fn decode_waterfall(text: &str) -> Option<Waterfall> {
    let steps = |kept: KeptSteps| -> Option<Vec<Step>> {
        kept.into_iter()
            .map(|(word, millibits)| {
                Some(Step {
                    comparison: Comparison::parse(&word)?,
                    millibits,
                })
            })
            .collect()
    };
    let kept: KeptWaterfall = serde_json::from_str(text).ok()?;
    let next = match kept.next {
        Some(KeptNext(booking, row, record, told)) => Some(NextBest {
            booking: booking.map(BookingId),
            row,
            record: record.map(RecordId),
            steps: steps(told)?,
        }),
        None => None,
    };
    Some(Waterfall {
        records: kept.of.into_iter().map(RecordId).collect(),
        is_linked: kept.linked,
        steps: steps(kept.steps)?,
        next,
    })
}

/// A booking of the backup as far as a day sheet needs it.
#[derive(Serialize, Deserialize)]
struct KeptStanding {
    id: String,
    fields: Vec<(String, KeptValue)>,
    /// Charge, amount, refunded, currency, when.
    payments: Vec<(String, i64, i64, String, String)>,
}

pub fn encode_standing(booking: &Booking) -> String {
    let payment = |payment: &Payment| {
        (
            payment.id.clone(),
            payment.amount.minor,
            payment.refunded.minor,
            payment.amount.currency.as_str().to_owned(),
            encode_moment(payment.paid_at),
        )
    };
    to_text(&KeptStanding {
        id: booking.id.0.clone(),
        fields: booking
            .fields()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), keep(value)))
            .collect(),
        payments: booking.payments.iter().map(payment).collect(),
    })
}

pub fn decode_standing(text: &str) -> Option<Booking> {
    let kept: KeptStanding = serde_json::from_str(text).ok()?;
    let mut booking = Booking::bare(BookingId(kept.id), State::Clean, Action::Unchanged);
    for (name, value) in kept.fields {
        booking.set_field(FieldName::parse(&name)?, give_back(value)?);
    }
    for (id, amount, refunded, currency, paid_at) in kept.payments {
        let currency = Currency::parse(&currency)?;
        booking.payments.push(Payment {
            id,
            amount: Money::new(amount, currency),
            refunded: Money::new(refunded, currency),
            paid_at: decode_moment(&paid_at)?,
            baseline_refunded: Some(refunded),
        });
    }
    Some(booking)
}
