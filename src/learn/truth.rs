//! A booking of the backup with everything that records may say of it, ready to compare.

use crate::mapping::{NameWords, squash};
use crate::model::{Baseline, BaselineBooking, BaselineCustomer, BaselineResource, FieldName, Money, When};
use crate::reading::phone_tail;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
pub struct Truth<'a> {
    pub booking: &'a BaselineBooking,
    pub customer: Option<&'a BaselineCustomer>,
    pub resource: Option<&'a BaselineResource>,
    pub reference: String,
    /// Squashed: as the backup has it, and with the halves the other way round.
    pub name: String,
    pub reversed: String,
    /// The customer's name, to look for its parts.
    pub words: NameWords,
    pub email: String,
    pub phone: String,
    /// What was given back of its payments, and what each of them took, in minor units.
    pub given_back: i64,
    pub paid: BTreeSet<i64>,
    /// Squashed too, each with the field that it is.
    others: Vec<(FieldName, String)>,
    zone: Tz,
}

/// All bookings of the backup.
pub fn truths(baseline: &Baseline, zone: Tz) -> Vec<Truth<'_>> {
    let customers: BTreeMap<&str, &BaselineCustomer> = baseline
        .customers
        .iter()
        .map(|row| (row.key.as_str(), row))
        .collect();
    let resources: BTreeMap<&str, &BaselineResource> = baseline
        .resources
        .iter()
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut payments: BTreeMap<&str, (i64, BTreeSet<i64>)> = BTreeMap::new();
    for payment in &baseline.payments {
        if let Some(booking) = &payment.booking {
            let (back, paid) = payments.entry(booking).or_default();
            *back += payment.refunded.minor;
            paid.insert(payment.amount.minor);
        }
    }
    let keys_are_numbers = keys_are_numbers(&baseline.bookings);
    baseline
        .bookings
        .iter()
        .map(|booking| {
            let customer = booking
                .customer
                .as_deref()
                .and_then(|key| customers.get(key))
                .copied();
            let resource = booking
                .resource
                .as_deref()
                .and_then(|key| resources.get(key))
                .copied();
            let name = customer.and_then(|row| row.name.clone()).unwrap_or_default();
            let (first, last) = customer.map_or((None, None), |row| {
                (row.first_name.clone(), row.last_name.clone())
            });
            let (first, last) = match (first, last) {
                (Some(first), Some(last)) => (first, last),
                _ => name
                    .split_once(' ')
                    .map(|(a, b)| (a.to_owned(), b.to_owned()))
                    .unwrap_or_default(),
            };
            let (given_back, paid) = payments.get(booking.key.as_str()).cloned().unwrap_or_default();
            let folded = |text: Option<&String>| text.map(|text| squash(text)).unwrap_or_default();
            let own = customer.into_iter().flat_map(BaselineCustomer::called);
            let own = own.map(|(_, number)| (FieldName::CustomerKey, squash(number)));
            let key = (!keys_are_numbers).then(|| (FieldName::BookingKey, squash(&booking.key)));
            let others = [
                (FieldName::ResourceKey, folded(booking.resource.as_ref())),
                (
                    FieldName::ResourceName,
                    folded(resource.and_then(|row| row.name.as_ref())),
                ),
                (
                    FieldName::ResourceCode,
                    folded(resource.and_then(|row| row.code.as_ref())),
                ),
            ];
            Truth {
                others: others.into_iter().chain(key).chain(own).collect(),
                booking,
                customer,
                resource,
                reference: booking.reference.as_deref().map(squash).unwrap_or_default(),
                words: NameWords::new(&name),
                name: squash(&name),
                reversed: squash(&if baseline.family_first {
                    format!("{first}{last}")
                } else {
                    format!("{last}{first}")
                }),
                email: customer
                    .and_then(|row| row.email.as_deref())
                    .unwrap_or_default()
                    .to_lowercase(),
                phone: customer
                    .and_then(|row| row.phone.as_deref())
                    .map(phone_tail)
                    .unwrap_or_default(),
                given_back,
                paid,
                zone,
            }
        })
        .collect()
}

/// Whether people are told the key itself: then it is the number, and no place of records is torn between the two.
fn keys_are_numbers(bookings: &[BaselineBooking]) -> bool {
    let mut numbered = bookings
        .iter()
        .filter_map(|row| Some((row, row.reference.as_deref()?)))
        .peekable();
    numbered.peek().is_some() && numbered.all(|(row, number)| squash(number) == squash(&row.key))
}

impl Truth<'_> {
    pub fn when(&self, field: FieldName) -> Option<When> {
        match field {
            FieldName::StartsAt => self.booking.starts_at,
            FieldName::EndsAt => self.booking.ends_at,
            FieldName::CreatedAt => self.booking.created_at.map(When::Instant),
            _ => None,
        }
    }

    pub fn instant(&self, field: FieldName) -> Option<DateTime<Utc>> {
        self.when(field)?.instant()
    }

    pub fn date(&self, field: FieldName) -> Option<NaiveDate> {
        Some(self.when(field)?.date(self.zone))
    }

    pub fn total(&self) -> Option<Money> {
        self.booking.total
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The fields whose text is this, squashed.
    pub fn fields_of_text(&self, text: &str) -> Vec<FieldName> {
        self.fields_of(&Said::new(text))
    }

    /// The fields whose text this is.
    pub fn fields_of(&self, said: &Said) -> Vec<FieldName> {
        let Said {
            squashed,
            phone,
            email,
        } = said;
        if squashed.is_empty() {
            return Vec::new();
        }
        let mut fields: Vec<FieldName> = Vec::new();
        fields.extend((self.reference == *squashed).then_some(FieldName::Reference));
        fields.extend((self.name == *squashed).then_some(FieldName::CustomerName));
        let others = self.others.iter().filter(|(_, value)| value == squashed);
        fields.extend(others.map(|(field, _)| *field));
        let is_phone = phone.len() >= 7 && *phone == self.phone;
        fields.extend(is_phone.then_some(FieldName::CustomerPhone));
        let is_email = !self.email.is_empty() && *email == self.email;
        fields.extend(is_email.then_some(FieldName::CustomerEmail));
        fields
    }
}

/// A text of a record, made ready to be compared with bookings.
pub struct Said {
    squashed: String,
    phone: String,
    email: String,
}

impl Said {
    pub fn new(text: &str) -> Self {
        Self {
            squashed: squash(text),
            phone: phone_tail(text),
            email: text.trim().to_lowercase(),
        }
    }
}
