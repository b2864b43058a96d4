//! What is counted as right, wrong and asked, on rows made by hand.

use super::*;
use chrono::{TimeZone, Utc};

const BOOKINGS: &str = r#"
{"id": 1, "reference": "K-1", "tenant": null, "customer": {"name": "José Núñez", "email": "jose@x.example", "old_email": "j@old.example", "phone": "+34 600 111 222"}, "resource": 7, "starts_at": "2026-03-01T09:00:00+00:00", "ends_at": "2026-03-02T09:00:00+00:00", "status": "confirmed", "total": 5000, "currency": "eur", "in_backup": false, "changed_since_backup": false, "evidence": ["mail"], "payments": [{"id": "ch_1", "at": "2026-02-10T00:00:00+00:00"}]}
{"id": 2, "reference": "K-2", "tenant": null, "customer": {"name": "Ana Gil", "email": "ana@x.example", "old_email": null, "phone": null}, "resource": 8, "starts_at": "2026-03-05T09:00:00+00:00", "ends_at": "2026-03-06T09:00:00+00:00", "status": "cancelled", "total": 6000, "currency": "eur", "in_backup": true, "changed_since_backup": true, "evidence": ["mail"], "payments": [{"id": "ch_2", "at": "2025-12-01T00:00:00+00:00"}]}
{"id": 3, "reference": "K-3", "tenant": null, "customer": {"name": "Luz Rey", "email": "luz@x.example", "old_email": null, "phone": null}, "resource": 8, "starts_at": "2026-03-07T09:00:00+00:00", "ends_at": "2026-03-08T09:00:00+00:00", "status": "confirmed", "total": 7000, "currency": "eur", "in_backup": false, "changed_since_backup": false, "evidence": [], "payments": []}
"#;
const RECORDS: &str = r#"
{"record": "mail:1", "booking": 1, "role": "confirmation"}
{"record": "mail:2", "booking": 2, "role": "cancellation"}
{"record": "stripe:ch_1", "booking": 1, "role": "payment"}
{"record": "stripe:ch_8", "booking": 1, "role": "incidental"}
{"record": "stripe:ch_9", "booking": 1, "role": "security hold"}
"#;
const FIRST: &str = r#"{"id": "b_1", "state": "clean", "action": "insert", "baseline_key": null, "reference": " k-1", "status": "confirmed", "customer": {"name": "JOSE  NUNEZ", "email": "J@old.example", "phone": "600111222"}, "resource": {"key": "7"}, "starts_at": "2026-03-01T10:00:00+01:00", "ends_at": "2026-03-02T10:00:00+01:00", "total": {"amount": 5000, "currency": "EUR"}, "payments": [{"id": "ch_1"}], "records": ["mail:1"]}"#;

fn truth() -> Truth {
    let world = World {
        zone: chrono_tz::Europe::Madrid,
        date_only: false,
        backup: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
    };
    Truth::parse(world, BOOKINGS, RECORDS, None).unwrap()
}

fn score(lines: &str) -> Score {
    evaluate(&truth(), &answers(lines).unwrap(), Measured::Everything)
}

/// The first answer with one thing changed, and what is then said to be wrong.
fn faults(from: &str, to: &str) -> Vec<String> {
    assert!(FIRST.contains(from), "{from}");
    let score = score(&FIRST.replace(from, to));
    assert_eq!(score.silent, score.wrong.len() as u64);
    score
        .wrong
        .iter()
        .flat_map(|wrong| &wrong.faults)
        .map(ToString::to_string)
        .collect()
}

#[test]
fn another_spelling_of_the_truth_is_right() {
    let score = score(FIRST);
    assert_eq!((score.scope, score.found), (2, 1), "nothing tells of the third");
    assert_eq!((score.clean, score.clean_right, score.silent), (1, 1, 0));
    assert_eq!(score.recall(), Some(0.5));
    assert_eq!(score.payments.own, 1);
}

#[test]
fn every_difference_of_a_clean_booking_is_a_silent_error() {
    assert_eq!(faults("2026-03-01T10:00", "2026-03-01T10:01"), ["starts_at"]);
    assert_eq!(faults("2026-03-02T10:00:00+01:00", "2026-03-02"), ["ends_at"]);
    assert_eq!(faults("confirmed", "cancelled"), ["status"]);
    assert_eq!(faults("JOSE", "Josefa"), ["customer name"]);
    assert_eq!(faults("J@old", "other"), ["customer email"]);
    assert_eq!(faults("600111222", "600111223"), ["customer phone"]);
    assert_eq!(faults("\"7\"", "\"8\""), ["resource"]);
    assert_eq!(faults("5000", "5001"), ["total"]);
    assert_eq!(faults("EUR", "usd"), ["currency"]);
    assert_eq!(faults("\" k-1\"", "\"K-2\""), ["reference"]);
    assert_eq!(faults("\" k-1\"", "null"), ["reference empty"]);
    let uncited = FIRST.replace("[\"mail:1\"]", "[]").replace(" k-1", "k-1");
    assert_eq!(
        score(&uncited).wrong[0].faults,
        [Fault::NoRecord],
        "the reference finds it"
    );
    assert_eq!(
        faults("\"baseline_key\": null", "\"baseline_key\": \"2\"").last(),
        Some(&"already in the backup".to_owned())
    );
    assert_eq!(
        faults("mail:1", "mail:2").last().unwrap(),
        "already in the backup"
    );
    assert!(faults("5000, \"", "null, \"").is_empty(), "optional");
}

#[test]
fn what_nothing_true_stands_behind_is_a_silent_error() {
    let invented = FIRST.replace("mail:1", "mail:7").replace(" k-1", "K-7");
    let score = score(&invented);
    assert_eq!(score.wrong[0].faults, [Fault::NoSuchBooking]);
    assert_eq!(score.payments.another, 1, "its payment is on nothing true");
}

#[test]
fn a_second_copy_is_wrong_and_spoils_the_first() {
    let score = score(&format!("{FIRST}\n{FIRST}"));
    assert_eq!(score.found, 0);
    assert_eq!(score.wrong_fields[&Fault::SecondCopy], 1);
}

#[test]
fn a_wrong_booking_that_is_asked_about_is_no_silent_error() {
    let flagged = FIRST.replace("clean", "flagged");
    assert_eq!(score(&flagged).suggested_right, 1);
    let wrong = score(&flagged.replace("5000", "1"));
    assert_eq!((wrong.silent, wrong.flagged, wrong.suggested_right), (0, 1, 0));
}

#[test]
fn only_payments_count_as_payments() {
    let paid = |id: &str| score(&FIRST.replace("ch_1", id)).payments;
    assert_eq!(
        paid("ch_9"),
        Payments {
            none: 1,
            not_a_payment: 1,
            ..Payments::default()
        }
    );
    assert_eq!(paid("ch_8").not_a_payment, 0, "incidentals are let pass");
    assert_eq!(paid("ch_2").own, 0, "paid before the backup: not measured");
}

#[test]
fn without_a_backup_only_what_was_made_since_is_measured() {
    let of = |lines: &str| evaluate(&truth(), &answers(lines).unwrap(), Measured::MadeInTheGap);
    assert_eq!(of(FIRST).scope, 1);
    assert_eq!(of(&FIRST.replace("\"7\"", "null")).missing_fields.len(), 0);
    assert_eq!(of(&FIRST.replace("mail:1", "mail:2")).rebuilt, 0);
}

#[test]
fn a_line_that_is_no_answer_is_named() {
    let error = answers("{\"state\": \"clean\"}\nnonsense")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("line 2 of the bookings"), "{error}");
}

#[test]
fn a_booking_counts_under_every_damage_that_befell_it() {
    let damage = r#"{"booking": 1, "damage": ["mail-lost", "hold"]}"#;
    let truth = Truth::parse(truth().world, BOOKINGS, RECORDS, Some(damage)).unwrap();
    let of = |lines: &str| evaluate(&truth, &answers(lines).unwrap(), Measured::Everything).by_damage;
    let right = of(FIRST);
    let all = Tally {
        scope: 1,
        found: 1,
        clean: 1,
        ..Tally::default()
    };
    assert_eq!((right["mail-lost"], right["hold"]), (all, all));
    assert_eq!(
        right[UNDAMAGED],
        Tally {
            scope: 1,
            ..Tally::default()
        }
    );
    assert_eq!(
        of(&FIRST.replace("5000", "1"))["hold"],
        Tally { silent: 1, ..all }
    );
    let flagged = of(&FIRST.replace("clean", "flagged"))["hold"];
    assert_eq!(
        (flagged.clean, flagged.flagged, flagged.suggested_right),
        (0, 1, 1)
    );
    let invented = of(&FIRST.replace("mail:1", "mail:7").replace(" k-1", "K-7"));
    assert_eq!(invented[NO_TRUE_BOOKING].silent, 1);
}

#[test]
fn without_a_list_of_the_damage_the_records_tell_of_some() {
    let score = score(FIRST).by_damage;
    let kinds: Vec<&str> = score.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["address-changed", "hold", "incidental", UNDAMAGED]);
}
