//! Which codes are found to be the bookings' numbers, of letters made up for it.

use super::*;

fn payment(place: &str, written: &str) -> Unit {
    let slot = Slot {
        place: place.to_owned(),
        left: Vec::new(),
        lettered: false,
    };
    Unit {
        kind: Some(SourceKind::Stripe),
        codes: vec![Code {
            slot,
            folded: crate::mapping::squash(written),
            written: written.to_owned(),
            may_be_phone: false,
        }],
        ..Unit::default()
    }
}

/// How the number 100 is written where payments hold these.
fn written(place: &str, payments: &[&str]) -> String {
    let units: Vec<Unit> = payments.iter().map(|text| payment(place, text)).collect();
    let mut references = References::default();
    for number in 100..110 {
        references.add(&Unit::default(), &number.to_string(), &number.to_string());
    }
    references.marks = references.marks_of_system(&units);
    references.written(None, "100").expect("it is known")
}

#[test]
fn a_mark_that_the_system_puts_before_every_number_is_of_the_number() {
    let marked = ["#100", "#101", "#102", "#103", "#104", "#105"];
    assert_eq!(written("/metadata/pass", &marked), "#100");
    assert_eq!(written("/metadata/pass", &marked[..5]), "100");
    let mixed = ["#100", "#101", "#102", "#103", "#104", "105"];
    assert_eq!(written("/metadata/pass", &mixed), "100");
    // A text may put it before any number.
    assert_eq!(written("/description", &marked), "100");
}

/// A letter to somebody, on that day, with codes behind these labels.
fn letter(to: &str, day: i64, codes: &[(&str, &str)]) -> Unit {
    let code = |(label, written): &(&str, &str)| Code {
        slot: Slot {
            place: format!("text {label}"),
            left: Vec::new(),
            lettered: false,
        },
        folded: crate::mapping::squash(written),
        written: (*written).to_owned(),
        may_be_phone: false,
    };
    Unit {
        kind: Some(SourceKind::Mail),
        said_at: DateTime::from_timestamp(1_780_000_000 + day * 86_400, 0),
        emails: [to.to_owned()].into(),
        codes: codes.iter().map(code).collect(),
        ..Unit::default()
    }
}

/// What numbers the letters and payments are found to state.
fn numbers(units: &[Unit]) -> Vec<String> {
    find(units).all_written()
}

/// Somebody books twice a month; each time a receipt and a reminder.
fn bookings(count: i64, codes: impl Fn(i64) -> [Unit; 2]) -> Vec<Unit> {
    (0..count).flat_map(codes).collect()
}

#[test]
fn the_number_by_which_a_booking_is_called_again_is_no_receipts() {
    let mut units = bookings(20, |at| {
        let (to, own) = (format!("guest{at}@mail.example"), format!("V{}", 300 + at));
        let order = format!("{}", 9100 + at);
        [
            letter(&to, at, &[("order", &order), ("booking", &own)]),
            letter(&to, at + 2, &[("booking", &own)]),
        ]
    });
    // The shop's own number stands with every payment, the booking's with none.
    units.extend((0..20).map(|at| payment("/description", &format!("{}", 9100 + at))));
    let found = numbers(&units);
    assert_eq!(found.len(), 20);
    assert!(found.iter().all(|number| number.starts_with('V')), "{found:?}");
}

#[test]
fn digits_that_stand_in_groups_are_no_number() {
    let units = bookings(20, |at| {
        let (to, own) = (format!("guest{at}@mail.example"), format!("V{}", 300 + at));
        let slip = |part: i64| format!("K{}", 50_000 + at * 7 + part * 1_000);
        let codes = [
            ("booking", own.as_str()),
            ("slip", &slip(1)),
            ("slip", &slip(2)),
            ("slip", &slip(3)),
        ];
        [letter(&to, at, &codes), letter(&to, at + 2, &codes)]
    });
    let found = numbers(&units);
    assert_eq!(found.len(), 20);
    assert!(found.iter().all(|number| number.starts_with('V')), "{found:?}");
}

#[test]
fn a_firm_and_its_bookkeepers_are_told_one_number() {
    let units = bookings(12, |at| {
        let own = format!("V{}", 300 + at);
        let [to, bill] = ["anna", "accounts"].map(|who| format!("{who}@firm{at}.example"));
        [
            letter(&to, at, &[("booking", &own)]),
            letter(&bill, at + 2, &[("booking", &own)]),
        ]
    });
    assert_eq!(numbers(&units).len(), 12);
}

#[test]
fn numbers_of_two_kinds_for_other_bookings_each_may_both_be_and_teach_neither() {
    let units = bookings(20, |at| {
        let to = format!("guest{at}@mail.example");
        let own = if at % 2 == 0 {
            format!("V{}", 300 + at)
        } else {
            format!("W-{}", 7000 + at)
        };
        let label = if at % 2 == 0 { "booking" } else { "order" };
        [
            letter(&to, at, &[(label, &own)]),
            letter(&to, at + 2, &[(label, &own)]),
        ]
    });
    let references = find(&units);
    assert_eq!(references.all_written().len(), 20);
    let first = HashMap::new();
    assert!(references.of_one_kind(&units, &first).is_empty());
}
