//! The cases as rows of a sheet, for people without a terminal: a row for each out, a filled row in.
//!
//! Whatever a row is filled with goes through [`Queue::step`] like any other answer.

use super::{Input, Queue, Terms, current};
use crate::model::{Booking, BookingId, Conflict, ConflictId, FieldName, RecordId, Value, When};
use chrono::SecondsFormat;

/// One case, as text that can be typed back as a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub case: ConflictId,
    pub evidence: String,
    pub booking: BookingId,
    pub reference: String,
    pub customer: String,
    pub contact: String,
    pub resource: String,
    pub starts_at: String,
    pub ends_at: String,
    pub total: String,
    /// The question, in a sentence.
    pub question: String,
    pub field: Option<FieldName>,
    pub stands: String,
    /// Candidates that can be taken by their number, the first is 1.
    pub candidates: Vec<String>,
    /// The number of the suggested one.
    pub suggested: Option<usize>,
    pub records: Vec<RecordId>,
    /// The note, where it was put off.
    pub put_off: Option<String>,
}

/// The open cases in the order of the queue.
pub fn rows(queue: &Queue<'_>) -> Vec<Row> {
    queue.open_all();
    let open = queue.agenda.iter().filter_map(|case| queue.question(case));
    open.map(|(booking, conflict)| row(queue, booking, conflict))
        .collect()
}

fn row(queue: &Queue<'_>, booking: &Booking, conflict: &Conflict) -> Row {
    let terms = queue.terms;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let when = |when: Option<When>| when.map_or_else(String::new, |when| shown(&Value::When(when), terms));
    let customer = &booking.customer;
    let contact: Vec<&str> = [&customer.email, &customer.phone]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let stands = conflict.field.and_then(|field| current(booking, field));
    let offers: Vec<_> = conflict.offers().collect();
    Row {
        case: conflict.id.clone(),
        evidence: conflict.evidence.clone(),
        booking: booking.id.clone(),
        reference: text(&booking.reference),
        customer: text(&customer.name),
        contact: contact.join(" "),
        resource: text(&booking.resource.name),
        starts_at: when(booking.starts_at),
        ends_at: when(booking.ends_at),
        total: booking.total.map_or_else(String::new, |total| total.to_string()),
        question: conflict.reason.clone(),
        field: conflict.field,
        stands: stands.map_or_else(String::new, |value| shown(&value, terms)),
        candidates: offers
            .iter()
            .map(|(_, candidate)| {
                candidate
                    .value
                    .as_ref()
                    .map_or_else(|| "-".to_owned(), |value| shown(value, terms))
            })
            .collect(),
        suggested: conflict.suggested.filter(|_| !offers.is_empty()).map(|at| at + 1),
        records: conflict.records().into_iter().cloned().collect(),
        put_off: queue.put_off(conflict).map(str::to_owned),
    }
}

/// A value as it can be typed.
fn shown(value: &Value, terms: &Terms<'_>) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::When(When::Date(date)) => date.to_string(),
        Value::When(When::Instant(at)) => {
            let local = at.with_timezone(&terms.business.zone).naive_local();
            let is_whole = local.format("%S").to_string() == "00";
            if is_whole {
                local.format("%Y-%m-%d %H:%M").to_string()
            } else {
                at.to_rfc3339_opts(SecondsFormat::Secs, true)
            }
        }
        Value::Money(money) => money.to_string(),
        Value::Status(status) => status.as_str().to_owned(),
    }
}

/// What a person wrote into one row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filled {
    pub case: String,
    pub evidence: String,
    /// A candidate's number, or a word.
    pub answer: String,
    /// A value of one's own, or the booking to merge with.
    pub value: String,
    pub note: String,
}

/// Shows the row's case in the queue and reads the answer to it; None where nothing was filled in. A row whose case
/// is answered, gone or on other evidence by now is stale, and the reason is said.
pub fn read_row(queue: &mut Queue<'_>, filled: &Filled) -> Result<Option<Input>, String> {
    let (answer, value) = (filled.answer.trim().to_lowercase(), filled.value.trim());
    let note = filled.note.trim();
    if answer.is_empty() && value.is_empty() && note.is_empty() {
        return Ok(None);
    }
    let id = ConflictId(filled.case.trim().to_owned());
    let evidence = filled.evidence.trim();
    if !queue.go_to(&id) {
        return Err(stale(queue, &id, evidence));
    }
    let Some(view) = queue.current() else {
        return Err(stale(queue, &id, evidence));
    };
    if view.conflict.evidence != evidence {
        return Err("stale: the records say something else by now; export again".to_owned());
    }
    let both = "answer and value are both filled: empty one of them";
    let input = match answer.as_str() {
        "" if value.is_empty() => Input::Later(note.to_owned()),
        "" => Input::Type(value.to_owned()),
        "merge" if value.is_empty() => return Err("merge needs the other booking in value".to_owned()),
        "merge" => Input::Merge(value.to_owned()),
        _ if !value.is_empty() => return Err(both.to_owned()),
        "accept" | "yes" => Input::Accept,
        "keep" => Input::Keep,
        "reject" => Input::Reject,
        "later" => Input::Later(note.to_owned()),
        "attach" => Input::Attach(Vec::new()),
        number => match number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1))
        {
            Some(index) => Input::Take(index),
            None => {
                return Err(format!(
                    "“{number}” is no answer: write a candidate's number, accept, keep, reject, attach, merge or \
                     later; a value of your own goes into value"
                ));
            }
        },
    };
    Ok(Some(input))
}

/// Why a row's case is not open.
fn stale(queue: &Queue<'_>, id: &ConflictId, evidence: &str) -> String {
    let decisions = queue.log().decisions().iter().rev();
    let answered = decisions
        .filter(|decision| decision.conflict == *id && decision.evidence == evidence)
        .find(|decision| queue.log().stands(decision.seq));
    match answered {
        Some(decision) => format!(
            "stale: {} answered it since (decision {})",
            decision.who, decision.seq
        ),
        None => "stale: it is not asked any more; export again".to_owned(),
    }
}
