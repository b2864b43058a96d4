//! Words for people: fields, kinds of question, counts, and what a record is about in one line.

use super::terminal::safe;
use crate::model::{Comparison, ConflictKind, Document, FieldName, SourceKind};
pub(super) use crate::report::grouped;
use crate::review::Terms;

/// Longest gist of a record.
const GIST_MAX: usize = 60;

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
        FieldName::CustomerCalled => "what the customer is called",
        FieldName::CustomerEmail => "customer's e-mail",
        FieldName::CustomerPhone => "customer's phone",
        FieldName::ResourceKey | FieldName::ResourceName => "resource",
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

/// What a person is asked, by kind; it follows a count of questions.
pub(super) fn question(kind: ConflictKind) -> &'static str {
    match kind {
        ConflictKind::FieldContradicts => "records say different things",
        ConflictKind::AmbiguousLink => "records fit more than one booking or customer",
        ConflictKind::MissingField => "no record says what is needed",
        ConflictKind::MoneyDoesNotAddUp => "payments do not add up to the total",
        ConflictKind::DoubleBooked => "one thing is booked twice at one time",
        ConflictKind::ChangedWithoutNotice => "something changed with no word from the business",
        ConflictKind::NoStanding => "nobody who speaks for the business says so",
        ConflictKind::UnexplainedEvidence => "a record holds something that nothing explains",
        ConflictKind::UnlinkedRecord => "a record may belong to the booking or not",
        ConflictKind::ReferenceReused => "one reference stands on two bookings",
        ConflictKind::WeakEvidence => "the evidence is weak",
    }
}

/// What is compared, before a bar.
pub(super) fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Prior => "at first",
        Comparison::Reference => "number, id",
        Comparison::Customer => "customer",
        Comparison::Email => "e-mail",
        Comparison::Phone => "phone",
        Comparison::Name => "name",
        Comparison::Times => "times",
        Comparison::Resource => "resource",
        Comparison::Money => "money",
        Comparison::Created => "made near",
        Comparison::Entry => "one entry",
        Comparison::Kind => "its kind",
    }
}

/// `1 booking`, `2 bookings`, `1,000 bookings`.
pub(super) fn count_of(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(&count.to_string()), plural(count, one, many))
}

/// A length of time, in the unit that says it best: `1 minute`, `3 hours`, `2 days`.
pub(super) fn lasting(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil().max(1.0) as u64;
    match minutes {
        0..100 => count_of(minutes, "minute", "minutes"),
        100..2_880 => count_of(minutes.div_ceil(60), "hour", "hours"),
        _ => count_of(minutes.div_ceil(60 * 24), "day", "days"),
    }
}

/// Names as far as they fit a line: `a, b, c and 4 more`.
pub(super) fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| safe(name, GIST_MAX))
        .collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

pub(super) fn plural<'w>(count: u64, one: &'w str, many: &'w str) -> &'w str {
    if count == 1 { one } else { many }
}

/// What a record is, and what it is about: a mail's subject, an event's title, a payment's amount.
pub(super) fn gist(document: &Document) -> String {
    let object = document.object.replace(['_', '.'], " ");
    let (kind, about) = match document.kind {
        SourceKind::Mail => ("mail".to_owned(), document.subject()),
        SourceKind::GoogleCalendar => {
            let is_cancelled = document.text("/status") == Some("cancelled");
            let kind = if is_cancelled { "cancelled event" } else { "event" };
            (kind.to_owned(), document.text("/summary"))
        }
        SourceKind::Stripe => {
            let amount = document.money("/amount").map(|amount| format!(" of {amount}"));
            (
                format!("{object}{}", amount.unwrap_or_default()),
                document.text("/description"),
            )
        }
    };
    let about = about.map(|about| format!(" “{}”", safe(about, GIST_MAX)));
    format!("{}{}", safe(&kind, GIST_MAX), about.unwrap_or_default())
}

/// A row of the backup by what people call it: a resource's name, a customer's name and address.
pub(super) fn row(field: Option<FieldName>, key: &str, terms: &Terms<'_>) -> Option<String> {
    match field? {
        FieldName::ResourceKey => {
            let resource = terms.resource_by_key(key)?;
            resource.name.clone().or_else(|| resource.code.clone())
        }
        FieldName::CustomerKey => {
            let customer = terms.customer_by_key(key)?;
            let email = customer.email.as_ref().map(|email| format!("<{email}>"));
            let words: Vec<String> = customer.name.clone().into_iter().chain(email).collect();
            (!words.is_empty()).then(|| words.join(" "))
        }
        _ => None,
    }
}

/// Text in lines of at most `width` characters, broken between words.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("starts with one");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups() {
        assert_eq!(grouped("-1234567.89"), "-1,234,567.89");
        assert_eq!(grouped("123"), "123");
        assert_eq!(grouped("1000"), "1,000");
    }

    #[test]
    fn a_length_of_time_has_a_unit_that_fits() {
        for (seconds, words) in [
            (0.2, "1 minute"),
            (61.0, "2 minutes"),
            (3_600.0 * 5.0, "5 hours"),
            (86_400.0 * 3.0, "3 days"),
        ] {
            assert_eq!(lasting(seconds), words);
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(count_of(1, "record", "records"), "1 record");
        assert_eq!(count_of(0, "record", "records"), "0 records");
        assert_eq!(count_of(2000, "record", "records"), "2,000 records");
    }
}
