//! Answers against golden lines; what staging keeps, there and back.

use super::*;
use crate::model::{
    Action, Answer, Backtest, Booking, BookingId, Business, Candidate, Conflict, ConflictId, ConflictKind,
    Currency, Customer, EvidenceTest, FieldName, FieldTest, Money, Payment, RecordId, Resource, State,
    Status, Summary, Value, When,
};
use std::collections::BTreeMap;

fn business() -> Business {
    Business {
        name: "Lake Boats".to_owned(),
        zone: "America/Denver".parse().expect("a zone"),
        country: "US".to_owned(),
        currency: Currency::parse("usd").expect("a currency"),
    }
}

fn instant(text: &str) -> When {
    When::Instant(decode_moment(text).expect("a moment"))
}

fn booking() -> Booking {
    let dollars = |minor| Money::new(minor, business().currency);
    let mail = RecordId("mail:1@x.example".to_owned());
    Booking {
        id: BookingId("b_0123456789ab".to_owned()),
        state: State::Flagged,
        action: Action::Insert,
        baseline_key: None,
        tenant: None,
        reference: Some("LB-1".to_owned()),
        status: Some(Status::Completed),
        customer: Customer {
            name: Some("Ann \"A\"".to_owned()),
            ..Customer::default()
        },
        resource: Resource {
            name: Some("Boat #5".to_owned()),
            key: Some("30".to_owned()),
        },
        starts_at: Some(instant("2026-02-20T15:00:00Z")),
        ends_at: Some(When::Date("2026-02-22".parse().expect("a date"))),
        total: Some(dollars(39700)),
        created_at: decode_moment("2026-07-01T15:00:00Z"),
        payments: vec![Payment {
            id: "ch_1".to_owned(),
            amount: dollars(39700),
            refunded: dollars(0),
            paid_at: decode_moment("2026-02-01T00:00:00Z").expect("a moment"),
            baseline_refunded: None,
        }],
        records: vec![mail.clone(), RecordId("stripe:ch_1".to_owned())],
        conflicts: vec![Conflict {
            id: ConflictId("c_1".to_owned()),
            kind: ConflictKind::FieldContradicts,
            field: Some(FieldName::StartsAt),
            reason: "two times".to_owned(),
            candidates: vec![
                Candidate {
                    value: Some(Value::When(instant("2026-02-20T15:00:00Z"))),
                    records: vec![mail],
                    millibits: 7_100,
                },
                Candidate {
                    value: Some(Value::Money(dollars(5))),
                    records: Vec::new(),
                    millibits: -2_001,
                },
                Candidate {
                    value: None,
                    records: Vec::new(),
                    millibits: 3_000,
                },
            ],
            suggested: None,
            evidence: "e".to_owned(),
        }],
        claims: BTreeMap::new(),
        links: Vec::new(),
        waterfalls: Vec::new(),
    }
}

#[test]
fn a_booking_is_answered_as_the_contract_says() {
    let line = booking_line(
        &booking(),
        Clockface {
            business: &business(),
            date_only: false,
        },
    );
    let golden = concat!(
        r#"{"id":"b_0123456789ab","state":"flagged","action":"insert","baseline_key":null,"tenant":null,"#,
        r#""reference":"LB-1","status":"completed","#,
        r#""customer":{"name":"Ann \"A\"","email":null,"phone":null,"baseline_key":null},"#,
        r#""resource":{"name":"Boat #5","key":"30"},"#,
        r#""starts_at":"2026-02-20T08:00:00-07:00","ends_at":"2026-02-22","#,
        r#""total":{"amount":39700,"currency":"usd"},"created_at":"2026-07-01T09:00:00-06:00","#,
        r#""payments":[{"id":"ch_1","amount":39700,"refunded":0,"paid_at":"2026-01-31T17:00:00-07:00"}],"#,
        r#""records":["mail:1@x.example","stripe:ch_1"],"#,
        r#""conflicts":[{"id":"c_1","kind":"field_contradicts","field":"starts_at","reason":"two times","#,
        r#""candidates":[{"value":"2026-02-20T08:00:00-07:00","records":["mail:1@x.example"],"weight":7.1},"#,
        r#"{"value":{"amount":5,"currency":"usd"},"records":[],"weight":-2.001},"#,
        r#"{"value":null,"records":[],"weight":3}],"suggested":null}],"version":1}"#,
    );
    assert_eq!(line, golden);
}

#[test]
fn a_target_that_stores_days_is_answered_in_days() {
    let line = booking_line(
        &booking(),
        Clockface {
            business: &business(),
            date_only: true,
        },
    );
    assert!(
        line.contains(r#""starts_at":"2026-02-20","ends_at":"2026-02-22","#),
        "{line}"
    );
    assert!(line.contains(r#""candidates":[{"value":"2026-02-20","#), "{line}");
    assert!(
        line.contains(r#""created_at":"2026-07-01T09:00:00-06:00""#),
        "{line}"
    );
}

#[test]
fn what_is_kept_comes_back_the_same() {
    let values = [
        Value::Text("\u{0}\"é\n{}".to_owned()),
        Value::When(instant("2026-02-20T15:00:00.123456789Z")),
        Value::When(When::Date("0001-01-01".parse().expect("a date"))),
        Value::Money(Money::new(i64::MIN, business().currency)),
        Value::Status(Status::Cancelled),
    ];
    for value in &values {
        assert_eq!(decode_value(&encode_value(value)).as_ref(), Some(value));
        for answer in [Answer::Take(Some(value.clone())), Answer::Undo(9)] {
            assert_eq!(decode_answer(&encode_answer(&answer)), Some(answer));
        }
    }
    let candidates = &booking().conflicts[0].candidates;
    assert_eq!(
        decode_candidates(&encode_candidates(candidates)).as_ref(),
        Some(candidates)
    );
    let summary = Summary {
        records: 1,
        money: vec![("usd".to_owned(), 3, 2, 1, 0)],
        backtest: Some(Backtest {
            hidden: 12,
            found: 11,
            clean: 10,
            right: 9,
            flagged: 1,
            fields: vec![FieldTest {
                field: "total".to_owned(),
                wrong: 1,
                missing: 2,
            }],
            evidence: vec![EvidenceTest {
                known_from: "messages+event".to_owned(),
                clean: 10,
                right: 9,
                flagged: 1,
            }],
        }),
        warnings: vec!["w".to_owned()],
        ..Summary::default()
    };
    assert_eq!(decode_summary(&encode_summary(&summary)), Some(summary));
}

#[test]
fn what_was_never_written_is_not_read() {
    for text in [
        "",
        "{}",
        "null",
        r#"{"money":[1,"nocurrency"]}"#,
        r#"{"when":"tomorrow"}"#,
        r#"{"status":"maybe"}"#,
    ] {
        assert_eq!(decode_value(text), None, "{text}");
    }
}
