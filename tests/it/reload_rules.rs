//! What a table's own rules refuse is found out before it is written, and moves that would end in a double booking are not made.

use crate::reload::{DIALECTS, rows, started};
use crate::reload_business::{
    baseline, booking, business, ddl, live, options, payment, standing, target, when, yen,
};
use rebook::export::{Outcome, Reload, Sides, export_beside};
use rebook::model::{Action, Baseline, Booking, Dialect, Status};

/// The backup of a business whose tables have more rules.
fn backup_with(dialect: Dialect, rules: &str) -> Baseline {
    let dump = format!("{}\n{rules}", ddl(dialect));
    let read = rebook::baseline::read(dump.as_bytes(), &target(dialect), &business());
    Baseline {
        schema: read.expect("a dump that can be read").schema,
        ..baseline(dialect)
    }
}

fn exported(dialect: Dialect, backup: &Baseline, live: Option<&Baseline>, bookings: &[Booking]) -> Reload {
    let sides = Sides {
        backup: Some(backup),
        live,
    };
    export_beside(bookings, &target(dialect), &business(), sides, &options()).expect("a reload")
}

fn reasons(reload: &Reload) -> Vec<(String, &str)> {
    let name = |held: &rebook::export::Held| held.payment.clone().unwrap_or(held.booking.to_string());
    reload
        .held
        .iter()
        .map(|held| (name(held), held.reason.as_str()))
        .collect()
}

#[test]
fn rules_of_every_table_are_held_against_its_rows() {
    let rules = "ALTER TABLE receipts ADD CONSTRAINT some_money CHECK (paid > 0);
                 ALTER TABLE guests ADD CONSTRAINT reachable CHECK (char_length(tel) > 3);";
    for dialect in DIALECTS {
        let mut free = booking("b_1", "KY-20", 21);
        free.payments = vec![payment("ch_20", 0)];
        let mut unreachable = booking("b_2", "KY-21", 22);
        unreachable.customer.phone = Some("110".to_owned());
        let reload = exported(dialect, &backup_with(dialect, rules), None, &[free, unreachable]);
        assert_eq!(
            reasons(&reload),
            [
                ("ch_20".to_owned(), "the table's rule some_money refuses it"),
                (
                    "b_2".to_owned(),
                    "its customer: the table's rule reachable refuses it"
                ),
            ],
            "{dialect:?}"
        );
    }
}

#[test]
fn what_is_unique_among_some_rows_is_held_among_those_alone() {
    let rule = "CREATE UNIQUE INDEX one_of_a_price ON trips (price) WHERE price > 8000;";
    // MySQL knows no such keys.
    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
        let Some(database) = started(dialect, "partial") else {
            continue;
        };
        database.query("UPDATE trips SET price = 9000 WHERE code = 'KY-6';");
        database.query(rule);
        let priced = |id: &str, code: &str, day, price| {
            let mut booking = booking(id, code, day);
            booking.total = Some(yen(price));
            booking
        };
        let bookings = [
            priced("b_1", "KY-20", 21, 9000),
            priced("b_2", "KY-21", 22, 5000),
            priced("b_3", "KY-22", 23, 9500),
            priced("b_4", "KY-23", 24, 9500),
        ];
        let reload = exported(dialect, &backup_with(dialect, rule), None, &bookings);
        let same = "another rebuilt booking has the same price";
        assert_eq!(
            reasons(&reload),
            [("b_3".to_owned(), same), ("b_4".to_owned(), same)],
            "{dialect:?}"
        );
        for _ in 0..2 {
            let ran = database.load(&reload.sql);
            assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
            assert!(
                ran.out.contains("price is taken by another live row"),
                "{dialect:?} {}",
                ran.out
            );
            let codes = database.query("SELECT code FROM trips WHERE no > 6 ORDER BY code;");
            assert_eq!(codes.trim_end(), "KY-21", "{dialect:?}");
        }
    }
}

#[test]
fn an_exclusion_constraint_is_kept_as_it_is_written() {
    let dialect = Dialect::Postgres;
    let Some(database) = started(dialect, "excluded") else {
        return;
    };
    // Cancelled ones count, and so does one that begins when the other ends.
    let rule = "ALTER TABLE trips ADD CONSTRAINT one_at_a_time EXCLUDE USING gist (int4range(boat, boat, '[]') WITH &&, tstzrange(\"from\", until, '[]') WITH &&);";
    database.query(rule);
    let (mut after, mut cancelled, mut free) = (
        booking("b_after", "KY-20", 20),
        booking("b_cancelled", "KY-21", 20),
        booking("b_free", "KY-22", 21),
    );
    for booking in [&mut after, &mut cancelled, &mut free] {
        booking.resource.key = Some("2".to_owned());
    }
    after.starts_at = Some(when("2026-05-20T04:00:00Z"));
    after.ends_at = Some(when("2026-05-20T07:00:00Z"));
    cancelled.status = Some(Status::Cancelled);
    cancelled.starts_at = Some(when("2026-05-20T02:00:00Z"));
    cancelled.ends_at = Some(when("2026-05-20T03:00:00Z"));
    let mut twice = free.clone();
    twice.id.0 = "b_twice".to_owned();
    twice.reference = Some("KY-23".to_owned());
    twice.customer.email = Some("twice@mail.example".to_owned());
    twice.status = Some(Status::Cancelled);
    twice.starts_at = Some(when("2026-05-25T01:00:00Z"));
    twice.ends_at = Some(when("2026-05-25T04:00:00Z"));
    let mut other = twice.clone();
    other.id.0 = "b_other".to_owned();
    other.reference = Some("KY-24".to_owned());
    other.customer.email = Some("other@mail.example".to_owned());
    let bookings = [after, cancelled, free, twice, other];
    let backup = backup_with(dialect, rule);
    let read = rebook::baseline::read(
        format!("{}\n{rule}", live(dialect)).as_bytes(),
        &target(dialect),
        &business(),
    );
    let now = read.expect("a dump that can be read");
    for live in [None, Some(&now)] {
        let reload = exported(dialect, &backup, live, &bookings);
        let ran = database.load(&reload.sql);
        assert!(ran.ok, "{}{}", ran.out, ran.err);
        let codes = database.query("SELECT code FROM trips WHERE no > 6 ORDER BY code;");
        assert_eq!(codes.trim_end(), "KY-22");
        assert_eq!(ran.out.matches("double booking").count(), 4, "{}", ran.out);
    }
}

#[test]
fn a_rehearsal_shows_what_the_database_would_refuse_at_the_end() {
    let Some(database) = started(Dialect::Postgres, "deferred") else {
        return;
    };
    // Made after the backup: only the server knows of it.
    database.query(
        "CREATE TABLE prices (yen integer PRIMARY KEY);
         INSERT INTO prices VALUES (5000);
         ALTER TABLE receipts ADD CONSTRAINT known_price FOREIGN KEY (paid) REFERENCES prices (yen) DEFERRABLE INITIALLY DEFERRED;",
    );
    let mut paid = booking("b_1", "KY-20", 21);
    paid.payments = vec![payment("ch_20", 6000)];
    let reload = exported(Dialect::Postgres, &baseline(Dialect::Postgres), None, &[paid]);
    let ran = database.rehearse(&reload.sql);
    assert!(
        !ran.ok && ran.err.contains("known_price"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn nothing_moves_to_where_another_booking_has_to_stay() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "chain") else {
            continue;
        };
        let before = rows(&database, dialect);
        let moved = |id: &str, no: u32, boat: &str, day: u32| {
            let mut booking = standing(id, no, Action::Update);
            booking.resource.key = Some(boat.to_owned());
            booking.starts_at = Some(when(&format!("2026-05-{day:02}T01:00:00Z")));
            booking.ends_at = Some(when(&format!("2026-05-{day:02}T04:00:00Z")));
            booking
        };
        // Each wants the place of the next one; the last one's is taken.
        let bookings = [
            moved("b_a", 1, "1", 5),
            moved("b_b", 2, "2", 9),
            moved("b_c", 4, "2", 20),
        ];
        let backup = baseline(dialect);
        let read = rebook::baseline::read(live(dialect).as_bytes(), &target(dialect), &business());
        let now = read.expect("a dump that can be read");
        for live in [None, Some(&now)] {
            let reload = exported(dialect, &backup, live, &bookings);
            let ran = database.load(&reload.sql);
            assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
            assert_eq!(rows(&database, dialect), before, "{dialect:?}");
            assert_eq!(
                ran.out.matches("double booking").count(),
                3,
                "{dialect:?} {}",
                ran.out
            );
            if live.is_some() {
                assert!(reload.fates.iter().all(|fate| fate.outcome == Outcome::Held));
            }
        }
    }
}

#[test]
fn two_changes_that_end_in_one_unique_value_are_both_held() {
    for dialect in DIALECTS {
        let rule = "ALTER TABLE trips ADD CONSTRAINT one_fare UNIQUE (boat, price);";
        let cheaper = |id: &str, no: u32| {
            let mut booking = standing(id, no, Action::Update);
            booking.total = Some(yen(4000));
            booking
        };
        // Both have boat 1.
        let bookings = [cheaper("b_1", 1), cheaper("b_2", 2), cheaper("b_3", 4)];
        let reload = exported(dialect, &backup_with(dialect, rule), None, &bookings);
        let same = "another rebuilt booking has the same boat and price";
        assert_eq!(
            reasons(&reload),
            [("b_1".to_owned(), same), ("b_2".to_owned(), same)],
            "{dialect:?}"
        );
    }
}

#[test]
fn a_text_that_was_garbled_on_its_way_loads_nothing() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "garbled") else {
            continue;
        };
        let before = rows(&database, dialect);
        let mut named = booking("b_1", "KY-20", 21);
        named.customer.name = Some("Zoë Novák".to_owned());
        let reload = exported(dialect, &baseline(dialect), None, &[named]);
        for garbled in ["Zo? Nov?k", "ZoÃ« NovÃ¡k", "Zoe Novak"] {
            let changed = reload.sql.replace("Zoë Novák", garbled);
            assert_ne!(changed, reload.sql);
            let ran = database.load(&changed);
            assert!(!ran.ok, "{dialect:?} {}", ran.out);
            let said = ran.err.replace('_', " ");
            assert!(said.contains("came through whole"), "{dialect:?} {said}");
            assert_eq!(rows(&database, dialect), before, "{dialect:?}");
        }
        assert!(database.load(&reload.sql).ok, "{dialect:?}");
    }
}
