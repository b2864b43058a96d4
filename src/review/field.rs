//! Reads and sets one field of a booking, with what hangs on it: a resource has a row, so has a customer.

use super::Terms;
use crate::model::{Action, Booking, Currency, FieldName, Money, Value, When};

/// Why a value cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("{0} cannot take a value of this kind")]
    Kind(FieldName),
    #[error("this question is about the booking as a whole, so no single value answers it")]
    Whole,
    #[error("the backup has no single {what} “{text}”{hint}")]
    NoRow {
        what: &'static str,
        text: String,
        hint: String,
    },
}

/// The value that a field of the booking has now.
pub fn current(booking: &Booking, field: FieldName) -> Option<Value> {
    let text = |value: &Option<String>| value.clone().map(Value::Text);
    match field {
        FieldName::Reference => text(&booking.reference),
        FieldName::BookingKey => text(&booking.baseline_key),
        FieldName::Tenant => text(&booking.tenant),
        FieldName::CustomerKey => text(&booking.customer.baseline_key),
        FieldName::CustomerName => text(&booking.customer.name),
        FieldName::CustomerFirstName => text(&booking.customer.first_name),
        FieldName::CustomerLastName => text(&booking.customer.last_name),
        FieldName::CustomerEmail => text(&booking.customer.email),
        FieldName::CustomerPhone => text(&booking.customer.phone),
        FieldName::ResourceKey => text(&booking.resource.key),
        FieldName::ResourceName => text(&booking.resource.name),
        // A booking keeps its resource by name and row; code and class are the row's.
        FieldName::CustomerCalled | FieldName::ResourceCode | FieldName::ResourceClass => None,
        FieldName::StartsAt => booking.starts_at.map(Value::When),
        FieldName::EndsAt => booking.ends_at.map(Value::When),
        FieldName::Status => booking.status.map(Value::Status),
        FieldName::Total => booking.total.map(Value::Money),
        FieldName::Currency => booking
            .total
            .map(|total| Value::Text(total.currency.as_str().to_owned())),
        FieldName::CreatedAt => booking.created_at.map(|at| Value::When(When::Instant(at))),
    }
}

/// Sets a field; None leaves it empty. On an error the booking is as it was.
pub(super) fn set(
    booking: &mut Booking,
    field: FieldName,
    value: Option<&Value>,
    terms: &Terms<'_>,
) -> Result<(), Unfit> {
    match field {
        FieldName::StartsAt => booking.starts_at = moment(field, value)?,
        FieldName::EndsAt => booking.ends_at = moment(field, value)?,
        FieldName::CreatedAt => {
            booking.created_at = match moment(field, value)? {
                None => None,
                Some(When::Instant(at)) => Some(at),
                Some(When::Date(_)) => return Err(Unfit::Kind(field)),
            }
        }
        FieldName::Status => {
            booking.status = match value {
                None => None,
                Some(Value::Status(status)) => Some(*status),
                Some(_) => return Err(Unfit::Kind(field)),
            }
        }
        FieldName::Total => {
            booking.total = match value {
                None => None,
                Some(Value::Money(money)) => Some(*money),
                Some(_) => return Err(Unfit::Kind(field)),
            }
        }
        FieldName::Currency => {
            let currency = text(field, value)?.as_deref().and_then(Currency::parse);
            let (Some(currency), Some(total)) = (currency, booking.total) else {
                return Err(Unfit::Kind(field));
            };
            booking.total = Some(Money::new(total.minor, currency));
        }
        FieldName::ResourceName | FieldName::ResourceCode | FieldName::ResourceKey => {
            set_resource(booking, field, text(field, value)?, terms)?;
        }
        FieldName::ResourceClass | FieldName::CustomerCalled => return Err(Unfit::Kind(field)),
        FieldName::BookingKey => set_booking_key(booking, text(field, value)?, terms)?,
        FieldName::CustomerKey => set_customer_key(booking, text(field, value)?, terms)?,
        FieldName::Reference => booking.reference = text(field, value)?,
        FieldName::Tenant => booking.tenant = text(field, value)?,
        FieldName::CustomerName
        | FieldName::CustomerFirstName
        | FieldName::CustomerLastName
        | FieldName::CustomerEmail
        | FieldName::CustomerPhone => set_customer(booking, field, text(field, value)?, terms),
    }
    Ok(())
}

fn text(field: FieldName, value: Option<&Value>) -> Result<Option<String>, Unfit> {
    match value {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Unfit::Kind(field)),
    }
}

fn moment(field: FieldName, value: Option<&Value>) -> Result<Option<When>, Unfit> {
    match value {
        None => Ok(None),
        Some(Value::When(when)) => Ok(Some(*when)),
        Some(_) => Err(Unfit::Kind(field)),
    }
}

/// Name and row go together: a new name beside the old row would book the wrong thing.
fn set_resource(
    booking: &mut Booking,
    field: FieldName,
    text: Option<String>,
    terms: &Terms<'_>,
) -> Result<(), Unfit> {
    let Some(text) = text else {
        booking.resource.name = None;
        booking.resource.key = None;
        return Ok(());
    };
    let row = match field {
        // A person types a name where the question is about the row.
        FieldName::ResourceKey => terms
            .resource_by_key(&text)
            .or_else(|| terms.resource(&text, booking)),
        _ => terms.resource(&text, booking),
    };
    match row {
        Some(row) => {
            booking.resource.name = row.name.clone().or_else(|| row.code.clone());
            booking.resource.key = Some(row.key.clone());
        }
        None if terms.has_rows() => {
            let hint = listed(&terms.resource_names(booking));
            return Err(Unfit::NoRow {
                what: "resource",
                text,
                hint,
            });
        }
        None if field == FieldName::ResourceKey => booking.resource.key = Some(text),
        None => {
            booking.resource.name = Some(text);
            booking.resource.key = None;
        }
    }
    Ok(())
}

fn set_booking_key(booking: &mut Booking, key: Option<String>, terms: &Terms<'_>) -> Result<(), Unfit> {
    if let Some(text) = key.as_ref().filter(|key| !terms.is_booking_key(key)) {
        return Err(Unfit::NoRow {
            what: "booking with the key",
            text: text.clone(),
            hint: String::new(),
        });
    }
    booking.action = match key {
        None => Action::Insert,
        Some(_) => Action::Update,
    };
    booking.baseline_key = key;
    Ok(())
}

fn set_customer_key(booking: &mut Booking, key: Option<String>, terms: &Terms<'_>) -> Result<(), Unfit> {
    let row = key.as_deref().and_then(|key| terms.customer_by_key(key));
    match (&key, row) {
        (Some(key), None) if terms.has_rows() => {
            return Err(Unfit::NoRow {
                what: "customer with the key",
                text: key.clone(),
                hint: String::new(),
            });
        }
        (_, Some(row)) => {
            let row = &row;
            let customer = &mut booking.customer;
            for (field, stated) in [
                (&mut customer.name, &row.name),
                (&mut customer.first_name, &row.first_name),
                (&mut customer.last_name, &row.last_name),
                (&mut customer.email, &row.email),
                (&mut customer.phone, &row.phone),
            ] {
                if stated.is_some() {
                    field.clone_from(stated);
                }
            }
        }
        (_, None) => {}
    }
    booking.customer.baseline_key = key;
    Ok(())
}

fn set_customer(booking: &mut Booking, field: FieldName, text: Option<String>, terms: &Terms<'_>) {
    let customer = &mut booking.customer;
    match field {
        FieldName::CustomerEmail => customer.email = text,
        FieldName::CustomerPhone => customer.phone = text,
        FieldName::CustomerFirstName => customer.first_name = text,
        FieldName::CustomerLastName => customer.last_name = text,
        _ => {
            if customer.name != text {
                // The halves were those of the name before; nothing tells where the new one parts.
                customer.first_name = None;
                customer.last_name = None;
            }
            customer.name = text;
        }
    }
    let is_half = matches!(field, FieldName::CustomerFirstName | FieldName::CustomerLastName);
    if let (true, Some(first), Some(last)) = (is_half, &customer.first_name, &customer.last_name) {
        customer.name = Some(format!("{first} {last}"));
    }
    customer.baseline_key = terms.customer_row(customer);
}

/// The first few names to choose from, as the end of a sentence.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    if names.is_empty() {
        return String::new();
    }
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("; it has {}{more}", names[..names.len().min(SHOWN)].join(", "))
}
