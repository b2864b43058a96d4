//! Customers of the backup of whom a booking's records state another address or number. Their rows are never updated: it is listed
//! for a person to write in, or not.

use crate::model::{Baseline, BaselineCustomer, Booking, Claim, FieldName, Value};
use crate::reading::phone_tail;
use std::collections::{BTreeMap, BTreeSet};

/// One line for each address or number that is another one than the row's.
pub(super) fn notes(bookings: &[&Booking], baseline: Option<&Baseline>) -> Vec<String> {
    let rows = baseline.into_iter().flat_map(|baseline| &baseline.customers);
    let rows: BTreeMap<&str, &BaselineCustomer> = rows.map(|row| (row.key.as_str(), row)).collect();
    let mut stated: BTreeMap<(&str, FieldName, String), BTreeSet<&str>> = BTreeMap::new();
    for booking in bookings {
        let key = booking.customer.baseline_key.as_deref();
        let Some(row) = key.and_then(|key| rows.get(key)) else {
            continue;
        };
        for field in [FieldName::CustomerEmail, FieldName::CustomerPhone] {
            let claims = booking.claims.get(&field).into_iter().flatten();
            for said in claims.filter_map(text).filter(|said| is_other(row, field, said)) {
                let name = booking.reference.as_deref().unwrap_or(&booking.id.0);
                let of = stated.entry((&row.key, field, said.to_owned())).or_default();
                of.insert(name);
            }
        }
    }
    let note = |((key, field, said), of): ((&str, FieldName, String), BTreeSet<&str>)| {
        let row = rows[key];
        let kept = kept(row, field).unwrap_or_default();
        let what = match field {
            FieldName::CustomerEmail => "e-mail address",
            _ => "phone number",
        };
        let of: Vec<&str> = of.into_iter().collect();
        let name = row.name.as_deref().unwrap_or_default();
        format!(
            "customer {key} of the backup, {name}, keeps the {what} `{kept}`; `{said}` is stated for {}",
            of.join(", ")
        )
    };
    stated.into_iter().map(note).collect()
}

fn text(claim: &Claim) -> Option<&str> {
    match &claim.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn kept(row: &BaselineCustomer, field: FieldName) -> Option<&str> {
    match field {
        FieldName::CustomerEmail => row.email.as_deref(),
        _ => row.phone.as_deref(),
    }
}

/// Whether a row has another one.
fn is_other(row: &BaselineCustomer, field: FieldName, said: &str) -> bool {
    kept(row, field).is_some_and(|kept| match field {
        FieldName::CustomerEmail => !kept.trim().eq_ignore_ascii_case(said.trim()),
        _ => phone_tail(kept) != phone_tail(said),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, BookingId, RecordId, Standing, State};

    #[test]
    fn an_address_that_the_row_does_not_have_is_listed_once() {
        let row = BaselineCustomer {
            key: "31".to_owned(),
            name: Some("Ann Lake".to_owned()),
            email: Some("ann@mail.example".to_owned()),
            phone: Some("(612) 555-0101".to_owned()),
            ..BaselineCustomer::default()
        };
        let baseline = Baseline {
            customers: vec![row],
            ..Baseline::default()
        };
        let claim = |field, said: &str| Claim {
            record: RecordId::new("mail", "m1"),
            field,
            value: Value::Text(said.to_owned()),
            place: "text:1".to_owned(),
            rule: "mail#1".to_owned(),
            standing: Standing::Business,
            said_at: None,
        };
        let booking = |reference: &str, email: &str, phone: &str| {
            let mut made = Booking::bare(BookingId(format!("b_{reference}")), State::Clean, Action::Insert);
            made.reference = Some(reference.to_owned());
            made.customer.baseline_key = Some("31".to_owned());
            for (field, said) in [
                (FieldName::CustomerEmail, email),
                (FieldName::CustomerPhone, phone),
            ] {
                made.claims.insert(field, vec![claim(field, said)]);
            }
            made
        };
        let same = booking("L1", "Ann@mail.example", "612 555 0101");
        let others = ["L2", "L3"].map(|number| booking(number, "ann@work.example", "612 555 0101"));
        let all: Vec<&Booking> = [&same].into_iter().chain(&others).collect();
        assert_eq!(
            notes(&all, Some(&baseline)),
            [
                "customer 31 of the backup, Ann Lake, keeps the e-mail address `ann@mail.example`; `ann@work.example` is stated for L2, L3"
            ]
        );
        assert!(notes(&[&same], Some(&baseline)).is_empty());
        assert!(notes(&all, None).is_empty());
    }
}
