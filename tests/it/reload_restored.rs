//! The lost database came back: what becomes of the bookings that production took in or changed in between.

use crate::reload_business::{baseline, booking, business, live, standing, target, when, yen};
use rebook::evaluate::{Field, Restored, Step, against_restored};
use rebook::model::{Action, Baseline, Booking, Dialect, State, Status};
use std::collections::BTreeMap;

const DIALECT: Dialect = Dialect::Postgres;

/// Production: the backup, KY-3 made dearer at the desk, and a new KY-6 that is paid.
fn production() -> Baseline {
    rebook::baseline::read(live(DIALECT).as_bytes(), &target(DIALECT), &business())
        .expect("a dump that can be read")
}

/// What was restored: the backup and what else is done to it.
fn restored(change: impl Fn(&mut Baseline)) -> Baseline {
    let mut restored = production();
    restored.bookings.retain(|row| row.key != "6");
    restored.payments.retain(|row| row.key != "2");
    for row in &mut restored.bookings {
        row.total = Some(yen(5000));
    }
    change(&mut restored);
    restored
}

fn held_against(bookings: &[Booking], restored: &Baseline) -> Restored {
    let production = production();
    against_restored(
        bookings,
        restored,
        Some(&baseline(DIALECT)),
        Some(&production),
        &business(),
    )
}

/// The step for each live booking that is not as in the backup.
fn steps(change: impl Fn(&mut Baseline)) -> BTreeMap<String, Step> {
    let found = held_against(&[], &restored(change));
    let steps = found.plan.into_iter();
    steps
        .map(|line| (line.reference.expect("a reference"), line.step))
        .collect()
}

#[test]
fn what_production_took_in_and_changed_is_planned() {
    let expected =
        |six: Step, three: Step| BTreeMap::from([("KY-6".to_owned(), six), ("KY-3".to_owned(), three)]);
    let copy_of_six = |restored: &mut Baseline, change: &dyn Fn(&mut rebook::model::BaselineBooking)| {
        let mut six = production()
            .bookings
            .into_iter()
            .find(|row| row.key == "6")
            .expect("KY-6");
        six.key = "9".to_owned();
        change(&mut six);
        restored.bookings.push(six);
    };
    assert_eq!(
        steps(|_| {}),
        expected(Step::Add, Step::Change),
        "nobody else has touched either"
    );
    // Its reference is another booking's there, elsewhere and at another time.
    let reissued = steps(|restored| {
        copy_of_six(restored, &|six| {
            six.starts_at = Some(when("2026-05-25T01:00:00Z"));
            six.ends_at = Some(when("2026-05-25T04:00:00Z"));
        });
    });
    assert_eq!(reissued["KY-6"], Step::AddAnew);
    // So is its key.
    let rekeyed = steps(|restored| {
        copy_of_six(restored, &|six| {
            six.key = "6".to_owned();
            six.reference = Some("KY-77".to_owned());
            six.resource = Some("1".to_owned());
            six.starts_at = Some(when("2026-05-26T01:00:00Z"));
        });
    });
    assert_eq!(rekeyed["KY-6"], Step::AddAnew);
    // Somebody else has its boat at that time.
    let taken = steps(|restored| {
        copy_of_six(restored, &|six| {
            six.reference = Some("KY-78".to_owned());
            six.customer = Some("2".to_owned());
        });
    });
    assert_eq!(taken["KY-6"], Step::DoubleBooking);
    // It is there, by its payment: just so, or changed since.
    let paid = |restored: &mut Baseline| {
        let mut payments = production().payments;
        payments.retain(|row| row.key == "2");
        payments[0].booking = Some("9".to_owned());
        restored.payments.extend(payments);
    };
    let there = steps(|restored| {
        copy_of_six(restored, &|six| six.reference = Some("KY-79".to_owned()));
        paid(restored);
    });
    assert_eq!(there["KY-6"], Step::Nothing);
    let differs = steps(|restored| {
        copy_of_six(restored, &|six| six.total = Some(yen(4000)));
        paid(restored);
    });
    assert_eq!(differs["KY-6"], Step::Differs);
    let row = |restored: &mut Baseline, total| {
        let three = restored
            .bookings
            .iter_mut()
            .find(|row| row.key == "3")
            .expect("KY-3");
        three.total = Some(yen(total));
    };
    assert_eq!(steps(|restored| row(restored, 4000))["KY-3"], Step::BothChanged);
    assert_eq!(steps(|restored| row(restored, 7000))["KY-3"], Step::Nothing);
    let deleted = steps(|restored| restored.bookings.retain(|row| row.key != "3"));
    assert_eq!(deleted["KY-3"], Step::Add);
}

#[test]
fn fields_are_counted_and_what_only_one_side_has_is_listed() {
    let mut cancelled = standing("b_2", 2, Action::Update);
    cancelled.status = Some(Status::Cancelled);
    let mut wrong = standing("b_4", 4, Action::Update);
    wrong.total = Some(yen(1));
    let mut asked = booking("b_6", "KY-6", 20);
    asked.state = State::Flagged;
    asked.resource.key = Some("2".to_owned());
    asked.total = Some(yen(5000));
    let invented = booking("b_9", "KY-99", 28);
    let lost = restored(|restored| {
        for row in &mut restored.bookings {
            match row.key.as_str() {
                "2" => row.status = Some(Status::Cancelled),
                "4" => row.total = Some(yen(2)),
                "5" => row.ends_at = Some(when("2026-05-11T05:00:00Z")),
                _ => {}
            }
        }
        restored
            .bookings
            .extend(production().bookings.into_iter().filter(|row| row.key == "6"));
    });
    let found = held_against(&[cancelled, wrong, asked, invented], &lost);
    assert_eq!((found.scope, found.found_clean, found.found_flagged), (4, 2, 1));
    let total = found.clean[&Field::Total];
    assert_eq!((total.right, total.wrong), (1, 1));
    let mistaken: Vec<_> = found
        .mistaken
        .iter()
        .map(|found| (found.key.as_str(), found.fields.clone()))
        .collect();
    assert_eq!(mistaken, [("4", vec![Field::Total])]);
    let alone = |alone: &[rebook::evaluate::Alone]| -> Vec<String> {
        alone.iter().map(|alone| alone.id.clone()).collect()
    };
    assert_eq!(alone(&found.only_rebuilt), ["b_9"]);
    assert_eq!(alone(&found.only_restored), ["5"]);
}
