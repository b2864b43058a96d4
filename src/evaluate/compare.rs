//! Field by field: what differs from the truth, and what was left empty.

use super::rows::{Answer, Key, Row, Truth, World};
use super::{Fault, Field, Measured};
use crate::reading::{is_accent, is_word_char};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use unicode_normalization::UnicodeNormalization;

/// What one rebuilt booking and the true one do not share.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub faults: Vec<Fault>,
    /// Left empty although the truth has a value.
    pub missing: Vec<Field>,
}

/// Compares every field.
pub(super) fn compare(truth: &Truth, answer: &Answer, row: &Row, measured: Measured) -> Comparison {
    let mut found = Comparison::default();
    found.text(
        Field::Reference,
        answer.reference.as_ref(),
        row.reference.as_ref(),
        |a, b| a.trim().to_uppercase() == b.to_uppercase(),
    );
    let same_moment = |a: &str, b: &str| {
        let a = moment(a, truth.world);
        a.is_some() && a == moment(b, truth.world)
    };
    found.text(
        Field::StartsAt,
        answer.starts_at.as_ref(),
        row.starts_at.as_ref(),
        same_moment,
    );
    found.text(
        Field::EndsAt,
        answer.ends_at.as_ref(),
        row.ends_at.as_ref(),
        same_moment,
    );
    let same = |a: &str, b: &str| a == b;
    found.text(Field::Status, answer.status.as_ref(), row.status.as_ref(), same);
    found.customer(answer, row);
    if measured == Measured::Everything {
        found.key(
            Field::Resource,
            answer.resource.key.as_ref(),
            row.resource.as_ref(),
        );
    }
    match (answer.total.as_ref().and_then(|total| total.amount), row.total) {
        (None, Some(_)) => found.missing.push(Field::Total),
        (Some(amount), total) if Some(amount) != total => found.faults.push(Fault::Differs(Field::Total)),
        _ => {}
    }
    if let Some(total) = answer.total.as_ref().filter(|total| total.amount.is_some()) {
        let currency = total.currency.as_ref().map(|code| code.to_lowercase());
        found.text(Field::Currency, currency.as_ref(), Some(&row.currency), same);
    }
    if row.tenant.is_some() {
        found.key(Field::Tenant, answer.tenant.as_ref(), row.tenant.as_ref());
    }
    found
}

impl Comparison {
    fn text(
        &mut self,
        field: Field,
        got: Option<&String>,
        want: Option<&String>,
        same: impl Fn(&str, &str) -> bool,
    ) {
        let got = got.filter(|text| !text.is_empty());
        match (got, want) {
            (None, Some(want)) if !want.is_empty() => self.missing.push(field),
            (Some(got), want) if !want.is_some_and(|want| same(got, want)) => {
                self.faults.push(Fault::Differs(field));
            }
            _ => {}
        }
    }

    fn key(&mut self, field: Field, got: Option<&Key>, want: Option<&Key>) {
        match (got.filter(|key| !key.as_str().is_empty()), want) {
            (None, Some(_)) => self.missing.push(field),
            (Some(got), want) if Some(got) != want => self.faults.push(Fault::Differs(field)),
            _ => {}
        }
    }

    /// A customer is named by a name or an address; what is stated must be theirs.
    fn customer(&mut self, answer: &Answer, row: &Row) {
        let stated = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (name, email) = (stated(&answer.customer.name), stated(&answer.customer.email));
        let phone = stated(&answer.customer.phone);
        if name.is_none() && email.is_none() {
            return self.missing.push(Field::Customer);
        }
        let truth = &row.customer;
        let mut differs = |field, differs: bool| {
            if differs {
                self.faults.push(Fault::Differs(field));
            }
        };
        let letters_of_truth = letters(truth.name.as_deref().unwrap_or_default());
        differs(
            Field::CustomerName,
            name.is_some_and(|name| letters(&name) != letters_of_truth),
        );
        differs(
            Field::CustomerEmail,
            email.is_some_and(|email| {
                let email = Some(email.to_lowercase());
                email != truth.email && email != truth.old_email
            }),
        );
        let tail_of_truth = tail(truth.phone.as_deref().unwrap_or_default());
        differs(
            Field::CustomerPhone,
            phone.is_some_and(|phone| tail(&phone) != tail_of_truth),
        );
    }
}

/// Letters and digits without case and accents. Stricter than the pipeline's own folding, which would
/// forgive itself what it confuses.
pub(super) fn letters(text: &str) -> String {
    text.nfkd()
        .filter(|char| is_word_char(*char) && !is_accent(*char))
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .replace('ß', "ss")
        .replace('ς', "σ")
}

/// The last eight digits: numbers are written with and without the country's code.
pub(super) fn tail(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(8)..].to_owned()
}

#[derive(PartialEq, Eq)]
enum Moment {
    Instant(DateTime<Utc>),
    Date(NaiveDate),
}

/// An instant, or a local day where the world only knows days; None for what cannot be read.
fn moment(text: &str, world: World) -> Option<Moment> {
    if text.len() == 10 {
        let date = text.parse().ok()?;
        return world.date_only.then_some(Moment::Date(date));
    }
    let at = DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .ok()
        .or_else(|| {
            let local: NaiveDateTime = text.parse().ok()?;
            Some(
                world
                    .zone
                    .from_local_datetime(&local)
                    .earliest()?
                    .with_timezone(&Utc),
            )
        })?;
    Some(if world.date_only {
        Moment::Date(at.with_timezone(&world.zone).date_naive())
    } else {
        Moment::Instant(at)
    })
}
