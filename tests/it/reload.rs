//! The reload in real servers: production was restored from the backup and takes bookings again.
//!
//! Every test runs in PostgreSQL, MariaDB and SQLite, through psql, mariadb and sqlite3.

use crate::reload_business::{
    HOSTILE, baseline, booking, business, live, moment, options, payment, standing, target, when, yen,
};
use crate::reload_servers::Database;
use rebook::export::{ExportError, Reload, export};
use rebook::model::{Action, Booking, Dialect, State, Status};
use std::fmt::Write as _;

pub const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

fn exported(dialect: Dialect, bookings: &[Booking]) -> Reload {
    let baseline = baseline(dialect);
    export(
        bookings,
        &target(dialect),
        &business(),
        Some(&baseline),
        &options(),
    )
    .expect("a reload")
}

pub fn started(dialect: Dialect, name: &str) -> Option<Database> {
    let database = Database::create(dialect, name)?;
    database.query(&live(dialect));
    Some(database)
}

/// Every row of the written tables, as text.
pub fn rows(database: &Database, dialect: Dialect) -> Vec<String> {
    let quote = if dialect == Dialect::Mysql { "`" } else { "\"" };
    let tables = [
        ("guests", "id, \"full\", mail, tel, since"),
        (
            "trips",
            "no, code, guest, boat, \"from\", until, state, price, via, made",
        ),
        ("receipts", "id, trip, charge, paid, back, paid_on"),
    ];
    tables
        .iter()
        .flat_map(|(table, columns)| {
            let columns = columns.replace('"', quote);
            let out = database.query(&format!("SELECT '{table}', {columns} FROM {table} ORDER BY 2;"));
            out.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// One cell of one trip.
fn trip(database: &Database, code: &str, column: &str) -> String {
    database
        .query(&format!(
            "SELECT {column} FROM trips AS t JOIN guests AS g ON g.id = t.guest WHERE t.code = '{code}';"
        ))
        .trim_end()
        .to_owned()
}

fn load_twice(database: &Database, dialect: Dialect, reload: &Reload) -> (Vec<String>, String) {
    let first = database.load(&reload.sql);
    assert!(
        first.ok,
        "{dialect:?}: {}{}\n{}",
        first.out, first.err, reload.sql
    );
    let after = rows(database, dialect);
    let second = database.load(&reload.sql);
    assert!(second.ok, "{dialect:?}: {}{}", second.out, second.err);
    assert_eq!(
        rows(database, dialect),
        after,
        "{dialect:?}: a second run changes nothing"
    );
    (after, first.out)
}

#[test]
fn new_bookings_go_in_beside_what_is_live_and_nothing_else_moves() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "inserts") else {
            continue;
        };
        let before = rows(&database, dialect);
        let mut shouted = booking("b_2", "KY-21", 22);
        shouted.customer.email = Some("B_1@MAIL.example".to_owned());
        shouted.payments = vec![payment("ch_21", 6000)];
        let mut known = booking("b_3", "KY-22", 23);
        known.customer.baseline_key = Some("2".to_owned());
        known.resource.key = None;
        known.created_at = None;
        known.status = Some(Status::Cancelled);
        let reload = exported(dialect, &[booking("b_1", "KY-20", 21), shouted, known]);
        assert_eq!(
            (
                reload.counts.inserts,
                reload.counts.customers,
                reload.counts.payments
            ),
            (3, 1, 1)
        );
        let (after, _) = load_twice(&database, dialect, &reload);
        assert!(
            before.iter().all(|row| after.contains(row)),
            "{dialect:?}: every live row stands as it was"
        );
        assert_eq!(
            after.len(),
            before.len() + 5,
            "{dialect:?}: one customer, three bookings, one payment"
        );
        assert_eq!(trip(&database, "KY-20", "g.id"), trip(&database, "KY-21", "g.id"));
        assert_eq!(trip(&database, "KY-22", "g.id"), "2");
        assert_eq!(trip(&database, "KY-22", "state"), "gone");
        assert_eq!(trip(&database, "KY-20", "via"), "rebuilt");
        let from = match dialect {
            Dialect::Postgres => "to_char(\"from\" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS+00')",
            Dialect::Mysql => "`from`",
            Dialect::Sqlite => "\"from\"",
        };
        assert_eq!(
            trip(&database, "KY-20", from),
            moment(dialect, "2026-05-21 01:00:00")
        );
        let paid = database.query("SELECT t.code, r.paid FROM receipts AS r JOIN trips AS t ON t.no = r.trip WHERE r.charge = 'ch_21';");
        assert_eq!(paid.trim_end(), "KY-21|6000");
    }
}

#[test]
fn hostile_text_comes_back_as_it_was() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "hostile") else {
            continue;
        };
        let mut strange = booking("b_1", "KY-\\'20", 21);
        strange.customer.name = Some(HOSTILE.to_owned());
        strange.customer.phone = Some("'; DROP TABLE boats; --\\".to_owned());
        let reload = exported(dialect, &[strange]);
        let (_, out) = load_twice(&database, dialect, &reload);
        assert!(
            !out.lines().any(|line| line == "pwned"),
            "{dialect:?}: a client's command was obeyed"
        );
        let hex = match dialect {
            Dialect::Postgres => "encode(convert_to(\"full\" || tel, 'UTF8'), 'hex')",
            Dialect::Mysql => "lower(hex(concat(full, tel)))",
            Dialect::Sqlite => "lower(hex(full || tel))",
        };
        let mut want = String::new();
        for byte in format!("{HOSTILE}'; DROP TABLE boats; --\\").bytes() {
            let _ = write!(want, "{byte:02x}");
        }
        let found = database.query(&format!(
            "SELECT {hex} FROM guests WHERE mail = 'b_1@mail.example';"
        ));
        assert_eq!(found.trim_end(), want, "{dialect:?}");
        let code = database.query("SELECT count(*) FROM trips AS t JOIN guests AS g ON g.id = t.guest WHERE g.mail = 'b_1@mail.example' AND length(t.code) = 7;");
        assert_eq!(code.trim_end(), "1", "{dialect:?}");
    }
}

#[test]
fn a_row_is_changed_only_where_it_still_is_as_the_backup_had_it() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "updates") else {
            continue;
        };
        let mut moved = standing("b_2", 2, Action::Update);
        moved.starts_at = Some(when("2026-05-06T01:00:00Z"));
        moved.ends_at = Some(when("2026-05-06T05:00:00Z"));
        moved.status = Some(Status::Cancelled);
        let mut contested = standing("b_3", 3, Action::Update);
        contested.status = Some(Status::Cancelled);
        contested.payments = vec![payment("ch_3", 700)];
        let mut paid = standing("b_4", 4, Action::Unchanged);
        paid.payments = vec![payment("ch_4", 900)];
        let mut refunded = standing("b_1", 1, Action::Unchanged);
        refunded.payments = vec![payment("ch_1", 5000)];
        refunded.payments[0].refunded = yen(2000);
        refunded.payments[0].baseline_refunded = Some(0);
        let reload = exported(dialect, &[moved, contested, paid, refunded]);
        assert_eq!(
            (
                reload.counts.updates,
                reload.counts.payments,
                reload.counts.refunds
            ),
            (2, 2, 1)
        );
        let before = rows(&database, dialect);
        let (after, out) = load_twice(&database, dialect, &reload);
        assert_eq!(after.len(), before.len() + 1, "{dialect:?}: one payment is new");
        assert_eq!(trip(&database, "KY-2", "state"), "gone", "{dialect:?}");
        assert_eq!(
            trip(&database, "KY-2", "made"),
            trip(&database, "KY-1", "made"),
            "{dialect:?}"
        );
        assert_eq!(
            trip(&database, "KY-3", "state"),
            "open",
            "{dialect:?}: the desk's change stands"
        );
        assert_eq!(trip(&database, "KY-3", "price"), "7000", "{dialect:?}");
        assert!(
            out.contains("changed since the backup"),
            "{dialect:?}: and is listed\n{out}"
        );
        let receipts = database.query("SELECT charge, trip, paid, back FROM receipts ORDER BY charge;");
        assert_eq!(
            receipts.trim_end(),
            "ch_1|1|5000|2000\nch_4|4|900|0\nch_6|6|5000|0",
            "{dialect:?}"
        );
    }
}

#[test]
fn a_reference_that_was_given_out_anew_is_held_with_its_payment() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "reissued") else {
            continue;
        };
        let before = rows(&database, dialect);
        let mut lost = booking("b_1", "KY-6", 21);
        lost.payments = vec![payment("ch_20", 6000)];
        let (after, out) = load_twice(&database, dialect, &exported(dialect, &[lost]));
        assert_eq!(after, before, "{dialect:?}: not even a customer is added");
        assert!(
            out.contains("its reference has been given to another booking"),
            "{dialect:?}: {out}"
        );
        assert!(out.contains("its booking is held"), "{dialect:?}: {out}");
    }
}

#[test]
fn a_double_booking_a_broken_rule_and_a_hand_entered_booking_are_held() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "collisions") else {
            continue;
        };
        let before = rows(&database, dialect);
        // Boat 2 is taken live on May 20.
        let mut double = booking("b_1", "KY-20", 20);
        double.resource.key = Some("2".to_owned());
        let mut backwards = booking("b_2", "KY-21", 25);
        std::mem::swap(&mut backwards.starts_at, &mut backwards.ends_at);
        let mut gone = booking("b_3", "KY-22", 26);
        gone.resource.key = Some("77".to_owned());
        let mut entered = booking("b_4", "KY-23", 20);
        entered.customer.baseline_key = Some("1".to_owned());
        entered.resource.key = Some("2".to_owned());
        entered.status = Some(Status::Cancelled);
        let mut paid = booking("b_5", "KY-24", 27);
        paid.payments = vec![payment("ch_6", 5000)];
        let reload = exported(dialect, &[double, backwards, gone, entered, paid]);
        let (after, out) = load_twice(&database, dialect, &reload);
        assert_eq!(after, before, "{dialect:?}");
        for reason in [
            "double booking",
            "rule later refuses it",
            "what boat points at is not there",
            "under another reference",
            "its payment stands on another live booking",
        ] {
            assert!(out.contains(reason), "{dialect:?}: {reason}\n{out}");
        }
    }
}

#[test]
fn what_this_file_moves_away_makes_room_for_what_it_adds() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "room") else {
            continue;
        };
        let mut cancelled = standing("b_1", 5, Action::Update);
        cancelled.status = Some(Status::Cancelled);
        let reload = exported(dialect, &[cancelled, booking("b_2", "KY-20", 11)]);
        load_twice(&database, dialect, &reload);
        assert_eq!(
            trip(&database, "KY-20", "g.mail"),
            "b_2@mail.example",
            "{dialect:?}"
        );
    }
}

#[test]
fn a_rehearsal_leaves_no_trace_and_says_so() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "rehearsal") else {
            continue;
        };
        let before = rows(&database, dialect);
        let mut rehearsed = options();
        rehearsed.rehearse = true;
        let bookings = [booking("b_1", "KY-20", 21)];
        let baseline = baseline(dialect);
        let reload = export(
            &bookings,
            &target(dialect),
            &business(),
            Some(&baseline),
            &rehearsed,
        )
        .expect("a reload");
        let ran = database.rehearse(&reload.sql);
        assert!(ran.ok, "{}{}", ran.out, ran.err);
        assert!(
            ran.out.contains("rehearsed and rolled back"),
            "{dialect:?}: {}",
            ran.out
        );
        assert_eq!(rows(&database, dialect), before, "{dialect:?}");
    }
}

#[test]
fn a_damaged_file_loads_nothing() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "damaged") else {
            continue;
        };
        let before = rows(&database, dialect);
        let mut second = booking("b_2", "KY-21", 22);
        second.total = Some(yen(6001));
        let reload = exported(dialect, &[booking("b_1", "KY-20", 21), second]);
        // Past the header, which states the sum.
        let (header, body) = reload.sql.split_at(reload.sql.find("INSERT INTO").expect("rows"));
        assert!(body.contains("6001"));
        let body = body.replacen("6001", "6002", 1);
        let ran = database.load(&format!("{header}{body}"));
        assert!(!ran.ok, "{dialect:?}: {}", ran.out);
        assert!(
            ran.err.replace('_', " ").contains("the totals add up"),
            "{dialect:?}: {}",
            ran.err
        );
        assert_eq!(rows(&database, dialect), before, "{dialect:?}");
    }
}

#[test]
fn open_questions_stop_the_export_unless_they_are_left_out() {
    let mut flagged = booking("b_1", "KY-20", 21);
    flagged.state = State::Flagged;
    let mut rejected = booking("b_2", "KY-21", 22);
    rejected.state = State::Rejected;
    let bookings = [flagged, rejected, booking("b_3", "KY-22", 23)];
    let baseline = baseline(Dialect::Postgres);
    let mut strict = options();
    strict.skip_flagged = false;
    let refused = export(
        &bookings,
        &target(Dialect::Postgres),
        &business(),
        Some(&baseline),
        &strict,
    );
    assert_eq!(refused, Err(ExportError::Open { open: 1 }));
    let reload = exported(Dialect::Postgres, &bookings);
    assert_eq!(reload.left_out.len(), 1);
    let (header, body) = reload.sql.split_once("\n\n").expect("a header");
    assert!(header.contains("b_1 KY-20"), "{header}");
    assert!(!body.contains("KY-20") && !body.contains("KY-21") && body.contains("KY-22"));
}

#[test]
fn the_same_bookings_in_any_order_give_the_same_bytes() {
    for dialect in DIALECTS {
        let mut bookings = vec![
            booking("b_1", "KY-20", 21),
            booking("b_2", "KY-21", 22),
            standing("b_3", 2, Action::Update),
        ];
        bookings[2].total = Some(yen(4000));
        let first = exported(dialect, &bookings);
        bookings.reverse();
        assert_eq!(exported(dialect, &bookings), first);
    }
}
