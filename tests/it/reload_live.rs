//! The reload against a fresh dump: every row ends in exactly one way, and the file does what the plan said.

use crate::reload::{DIALECTS, rows, started};
use crate::reload_business::{
    at, baseline, booking, business, ddl, live, options, payment, standing, target, when, yen,
};
use crate::reload_servers::Database;
use rebook::export::{Outcome, Reload, Sides, export_beside};
use rebook::model::{
    Action, Baseline, Booking, BookingId, Companion, Dialect, EntityKind, Status, TakenReference, Target,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is live as a dump tells it.
fn dumped(dialect: Dialect, target: &Target) -> Baseline {
    rebook::baseline::read(live(dialect).as_bytes(), target, &business()).expect("a dump that can be read")
}

fn planned(dialect: Dialect, target: &Target, bookings: &[Booking]) -> Reload {
    let (backup, live) = (baseline(dialect), dumped(dialect, target));
    let sides = Sides {
        backup: Some(&backup),
        live: Some(&live),
    };
    let mut options = options();
    options.live = Some("live.sql".to_owned());
    export_beside(bookings, target, &business(), sides, &options).expect("a reload")
}

/// One booking for each way in which a row can end.
fn of_every_kind() -> Vec<Booking> {
    let mut paid = booking("b_new", "KY-20", 21);
    paid.payments = vec![payment("ch_20", 6000)];
    let mut reissued = booking("b_reissued", "KY-6", 22);
    reissued.payments = vec![payment("ch_21", 6000)];
    let mut double = booking("b_double", "KY-30", 20);
    double.resource.key = Some("2".to_owned());
    let mut moved = standing("b_moved", 2, Action::Update);
    moved.starts_at = Some(when("2026-05-06T01:00:00Z"));
    moved.ends_at = Some(when("2026-05-06T05:00:00Z"));
    let mut contested = standing("b_contested", 3, Action::Update);
    contested.status = Some(Status::Cancelled);
    contested.payments = vec![payment("ch_3", 700)];
    let mut gone = booking("b_gone", "KY-32", 26);
    gone.resource.key = Some("77".to_owned());
    let mut refunded = standing("b_refunded", 1, Action::Unchanged);
    refunded.payments = vec![payment("ch_1", 5000)];
    refunded.payments[0].refunded = yen(2000);
    refunded.payments[0].baseline_refunded = Some(0);
    vec![paid, reissued, double, moved, contested, gone, refunded]
}

fn ends(reload: &Reload) -> BTreeMap<String, (Outcome, String)> {
    reload
        .fates
        .iter()
        .filter(|fate| fate.entity != EntityKind::Customer)
        .map(|fate| {
            let name = fate.payment.clone().unwrap_or_else(|| fate.booking.to_string());
            (
                format!("{} {name}", fate.booking),
                (fate.outcome, fate.reason.clone()),
            )
        })
        .collect()
}

#[test]
fn every_row_ends_in_exactly_one_way_and_says_why() {
    for dialect in DIALECTS {
        let reload = planned(dialect, &target(dialect), &of_every_kind());
        let ends = ends(&reload);
        let is = |row: &str, outcome: Outcome, reason: &str| {
            let (found, why) = &ends[row];
            assert_eq!(*found, outcome, "{dialect:?} {row}: {why}");
            assert!(why.contains(reason), "{dialect:?} {row}: {why}");
        };
        is("b_new b_new", Outcome::Insert, "");
        is("b_new ch_20", Outcome::Insert, "");
        is(
            "b_reissued b_reissued",
            Outcome::Held,
            "its reference has been given",
        );
        is("b_reissued ch_21", Outcome::Held, "its booking is held");
        is("b_double b_double", Outcome::Held, "double booking");
        is("b_moved b_moved", Outcome::Update, "");
        is(
            "b_contested b_contested",
            Outcome::Held,
            "by somebody else too: total",
        );
        is("b_contested ch_3", Outcome::Held, "its booking is held");
        is("b_gone b_gone", Outcome::Held, "points at is not there any more");
        is("b_refunded ch_1", Outcome::Update, "");
        // Six bookings that are no mere parents of payments, and four payments.
        assert_eq!(ends.len(), 10, "{dialect:?}");
    }
}

#[test]
fn a_booking_that_is_live_already_is_known_by_its_reference_and_by_its_payment() {
    for dialect in DIALECTS {
        let mut there = booking("b_there", "KY-6", 20);
        there.customer.baseline_key = Some("1".to_owned());
        there.resource.key = Some("2".to_owned());
        there.total = Some(yen(5000));
        there.created_at = Some(at("2026-01-02T00:00:00Z"));
        there.payments = vec![payment("ch_6", 5000)];
        let reload = planned(dialect, &target(dialect), &[there]);
        let found = ends(&reload);
        // Only what a constant would have been tells it from ours.
        let (outcome, why) = &found["b_there b_there"];
        assert_eq!(
            (*outcome, why.contains("(via)")),
            (Outcome::Live, true),
            "{dialect:?} {why}"
        );
        assert_eq!(found["b_there ch_6"].0, Outcome::Loaded, "{dialect:?}");
        assert_eq!(
            (reload.counts.inserts, reload.counts.payments),
            (0, 0),
            "{dialect:?}"
        );

        let mut entered = booking("b_entered", "KY-31", 27);
        entered.payments = vec![payment("ch_6", 5000)];
        let found = ends(&planned(dialect, &target(dialect), &[entered]));
        let (outcome, why) = &found["b_entered b_entered"];
        assert_eq!(*outcome, Outcome::Held, "{dialect:?}");
        assert!(
            why.contains("its payment stands on another live booking"),
            "{dialect:?} {why}"
        );
    }
}

#[test]
fn an_original_number_is_kept_where_it_is_free_and_the_next_one_is_higher() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "kept") else {
            continue;
        };
        let mut keeping = target(dialect);
        keeping.booking.keep_ids = true;
        let (backup, mut options) = (baseline(dialect), options());
        for (id, number) in [("b_1", "900"), ("b_2", "6"), ("b_3", "no number")] {
            options
                .kept_ids
                .insert(BookingId(id.to_owned()), number.to_owned());
        }
        let sides = Sides {
            backup: Some(&backup),
            live: None,
        };
        let bookings = [
            booking("b_1", "KY-20", 21),
            booking("b_2", "KY-21", 22),
            booking("b_3", "KY-22", 23),
        ];
        let reload = export_beside(&bookings, &keeping, &business(), sides, &options).expect("a reload");
        for _ in 0..2 {
            let ran = database.load(&reload.sql);
            assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
            let numbers = database.query("SELECT code, no > 900 FROM trips WHERE code >= 'KY-20' AND code < 'KY-23' AND no <> 900 ORDER BY code;");
            let yes = if dialect == Dialect::Postgres { "t" } else { "1" };
            assert_eq!(
                numbers.trim_end(),
                format!("KY-21|{yes}\nKY-22|{yes}"),
                "{dialect:?}"
            );
            let kept = database.query("SELECT code FROM trips WHERE no = 900;");
            assert_eq!(kept.trim_end(), "KY-20", "{dialect:?}");
        }
    }
}

#[test]
fn the_file_does_what_the_plan_says_and_a_new_plan_finds_it_done() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "planned") else {
            continue;
        };
        let reload = planned(dialect, &target(dialect), &of_every_kind());
        let count = |entity, outcome| {
            reload
                .fates
                .iter()
                .filter(|fate| fate.entity == entity && fate.outcome == outcome)
                .count()
        };
        let before: BTreeSet<String> = rows(&database, dialect).into_iter().collect();
        let ran = database.load(&reload.sql);
        assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
        let after: BTreeSet<String> = rows(&database, dialect).into_iter().collect();
        let inserted = [EntityKind::Customer, EntityKind::Booking, EntityKind::Payment]
            .into_iter()
            .map(|entity| count(entity, Outcome::Insert))
            .sum::<usize>();
        let updated =
            count(EntityKind::Booking, Outcome::Update) + count(EntityKind::Payment, Outcome::Update);
        assert_eq!(after.len(), before.len() + inserted, "{dialect:?}");
        assert_eq!(before.difference(&after).count(), updated, "{dialect:?}");
    }
}

#[test]
fn a_reference_that_was_given_out_anew_gets_a_suffix_where_that_is_configured() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "suffixed") else {
            continue;
        };
        let mut suffixed = target(dialect);
        suffixed.booking.taken_reference = TakenReference::Suffixed("-R".to_owned());
        let bookings = [booking("b_1", "KY-6", 22), booking("b_2", "KY-20", 23)];
        let reload = planned(dialect, &suffixed, &bookings);
        let ends = ends(&reload);
        assert_eq!(ends["b_1 b_1"].0, Outcome::Insert);
        assert!(
            ends["b_1 b_1"].1.contains("it becomes KY-6-R"),
            "{}",
            ends["b_1 b_1"].1
        );
        for _ in 0..2 {
            let ran = database.load(&reload.sql);
            assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
            assert!(
                ran.out.contains("it becomes one with -R"),
                "{dialect:?} {}",
                ran.out
            );
            let codes = database.query("SELECT code FROM trips WHERE no > 5 ORDER BY code;");
            assert_eq!(
                codes.lines().collect::<Vec<_>>(),
                ["KY-20", "KY-6", "KY-6-R"],
                "{dialect:?}"
            );
        }
    }
}

#[test]
fn line_items_and_computed_columns_follow_a_new_booking() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "beside") else {
            continue;
        };
        let extra = match dialect {
            Dialect::Postgres => {
                "CREATE TABLE lines (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, trip bigint NOT NULL REFERENCES trips, what varchar(20) NOT NULL, yen integer NOT NULL);\nALTER TABLE trips ADD COLUMN tax integer;"
            }
            Dialect::Mysql => {
                "CREATE TABLE `lines` (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, trip int unsigned NOT NULL, what varchar(20) NOT NULL, yen int NOT NULL, FOREIGN KEY (trip) REFERENCES trips (no)) ENGINE=InnoDB;\nALTER TABLE trips ADD COLUMN tax int;"
            }
            Dialect::Sqlite => {
                "CREATE TABLE lines (id INTEGER PRIMARY KEY, trip INTEGER NOT NULL REFERENCES trips, what TEXT NOT NULL, yen INTEGER NOT NULL);\nALTER TABLE trips ADD COLUMN tax INTEGER;"
            }
        };
        database.query(extra);
        let mut wide = target(dialect);
        wide.booking
            .expressions
            .insert("tax".to_owned(), "{total} / 10".to_owned());
        for (what, yen) in [("'hire'", "{total}"), ("'deposit'", "0 - {total}")] {
            let columns = [("trip", "{key}"), ("what", what), ("yen", yen)];
            wide.booking.companions.push(Companion {
                table: "lines".to_owned(),
                columns: columns
                    .map(|(column, sql)| (column.to_owned(), sql.to_owned()))
                    .into_iter()
                    .collect(),
            });
        }
        let mut backup = baseline(dialect);
        let dump = format!("{}\n{extra}", ddl(dialect));
        backup.schema = rebook::baseline::read(dump.as_bytes(), &wide, &business())
            .expect("a dump that can be read")
            .schema;
        let sides = Sides {
            backup: Some(&backup),
            live: None,
        };
        let mut cheaper = standing("b_2", 2, Action::Update);
        cheaper.total = Some(yen(4000));
        let mut cancelled = standing("b_3", 4, Action::Update);
        cancelled.status = Some(Status::Cancelled);
        let bookings = [booking("b_1", "KY-20", 21), cheaper, cancelled];
        let reload = export_beside(&bookings, &wide, &business(), sides, &options()).expect("a reload");
        assert_eq!(reload.held.len(), 1, "{:?}", reload.held);
        assert!(
            reload.held[0].reason.contains("its rows in lines"),
            "{:?}",
            reload.held
        );
        for _ in 0..2 {
            let ran = database.load(&reload.sql);
            assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
            let quote = if dialect == Dialect::Mysql {
                "`lines`"
            } else {
                "lines"
            };
            let lines = database.query(&format!(
                "SELECT t.code, t.tax, l.what, l.yen FROM {quote} AS l JOIN trips AS t ON t.no = l.trip ORDER BY l.what;"
            ));
            assert_eq!(
                lines.trim_end(),
                "KY-20|600|deposit|-6000\nKY-20|600|hire|6000",
                "{dialect:?}"
            );
        }
        let ran = database.load(&reload.undo);
        assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
        assert_eq!(database.query("SELECT count(*) FROM trips;").trim_end(), "6");
    }
}

#[test]
fn undo_takes_back_the_batch_and_nothing_else() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "undone") else {
            continue;
        };
        let before = rows(&database, dialect);
        let reload = planned(dialect, &target(dialect), &of_every_kind());
        let nothing = database.load(&reload.undo);
        assert!(!nothing.ok, "{dialect:?}: there is nothing to undo yet");
        assert!(database.load(&reload.sql).ok);
        assert_ne!(rows(&database, dialect), before);
        let ran = database.load(&reload.undo);
        assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
        assert_eq!(rows(&database, dialect), before, "{dialect:?}");
        assert!(
            database.load(&reload.sql).ok,
            "{dialect:?}: and it can be loaded again"
        );
        assert!(database.load(&reload.undo).ok);
        assert_eq!(rows(&database, dialect), before, "{dialect:?}");
    }
}

#[test]
fn undo_refuses_where_somebody_has_been_at_a_loaded_row() {
    for dialect in DIALECTS {
        let quote = if dialect == Dialect::Mysql { '`' } else { '"' };
        let changes = [
            // A mapped column, one that nobody mapped, a payment on it, a booking of the new customer, a deleted row.
            "UPDATE trips SET price = 1 WHERE code = 'KY-20';".to_owned(),
            "UPDATE trips SET via = 'desk' WHERE code = 'KY-2';".to_owned(),
            format!(
                "INSERT INTO receipts (id, trip, charge, paid, back, paid_on) SELECT 99, no, 'ch_99', 1, 0, {quote}from{quote} FROM trips WHERE code = 'KY-20';"
            ),
            "DELETE FROM receipts WHERE charge = 'ch_20';".to_owned(),
        ];
        for (at, change) in changes.iter().enumerate() {
            let Some(database) = started(dialect, &format!("touched{at}")) else {
                continue;
            };
            let reload = planned(dialect, &target(dialect), &of_every_kind());
            assert!(database.load(&reload.sql).ok);
            database.query(change);
            let loaded = rows(&database, dialect);
            let ran = database.load(&reload.undo);
            assert!(!ran.ok, "{dialect:?} {change}");
            assert_eq!(rows(&database, dialect), loaded, "{dialect:?} {change}");
        }
    }
}

#[test]
fn without_a_journal_no_table_is_made() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "unjournaled") else {
            continue;
        };
        let (backup, mut quiet) = (baseline(dialect), options());
        quiet.journal = false;
        let sides = Sides {
            backup: Some(&backup),
            live: None,
        };
        let bookings = [booking("b_1", "KY-20", 21)];
        let reload =
            export_beside(&bookings, &target(dialect), &business(), sides, &quiet).expect("a reload");
        let ran = database.load(&reload.sql);
        assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
        let asked = database.load("SELECT count(*) FROM rebook_journal;");
        assert!(!asked.ok, "{dialect:?}: {}", asked.out);
    }
}

#[test]
fn the_journal_names_every_row_that_was_written() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "journal") else {
            continue;
        };
        let reload = planned(dialect, &target(dialect), &of_every_kind());
        assert!(database.load(&reload.sql).ok && database.load(&reload.sql).ok);
        let noted = database
            .query("SELECT what, id, action FROM rebook_journal WHERE what <> 'customer' ORDER BY what, id;");
        assert_eq!(
            noted.trim_end(),
            "booking|b_moved|update\nbooking|b_new|insert\npayment|ch_1|update\npayment|ch_20|insert",
            "{dialect:?}"
        );
        let batch = database.query("SELECT DISTINCT batch FROM rebook_journal;");
        assert_eq!(batch.trim_end(), reload.batch, "{dialect:?}");
    }
}

/// Two dumps of one state give the same plan whatever spelling they use.
#[test]
fn what_was_loaded_is_found_again_in_a_fresh_dump() {
    let Some(database) = started(Dialect::Sqlite, "again") else {
        return;
    };
    let target = target(Dialect::Sqlite);
    let bookings = of_every_kind();
    let reload = planned(Dialect::Sqlite, &target, &bookings);
    assert!(database.load(&reload.sql).ok);
    let dump = dump(&database);
    let (backup, live) = (
        baseline(Dialect::Sqlite),
        rebook::baseline::read(dump.as_bytes(), &target, &business()).expect("a dump"),
    );
    let sides = Sides {
        backup: Some(&backup),
        live: Some(&live),
    };
    let again = export_beside(&bookings, &target, &business(), sides, &options()).expect("a plan");
    let ends = ends(&again);
    for row in ["b_new b_new", "b_new ch_20", "b_moved b_moved", "b_refunded ch_1"] {
        assert_eq!(ends[row].0, Outcome::Loaded, "{row}: {}", ends[row].1);
    }
    assert_eq!(
        (again.counts.inserts, again.counts.updates, again.counts.payments),
        (0, 0, 0)
    );
}

fn dump(database: &Database) -> String {
    database.query(".dump")
}
