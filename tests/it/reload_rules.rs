//! What a table's own rules refuse is found out before it is written, and moves that would end in a double booking are not made.

use crate::reload::{DIALECTS, rows, started};
use crate::reload_business::{
    baseline, booking, business, ddl, live, moment, options, payment, standing, target, when, yen,
};
use rebook::export::{Outcome, Reload, Sides, export_beside};
use rebook::model::{Action, Baseline, Booking, Dialect, LengthUnit, Status, TimeAs};

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

/// A key over expressions: whatever the case, one code is one code; and one price per day of those that are not cancelled.
#[test]
fn what_is_unique_by_an_expression_is_held_with_its_reason() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "expression") else {
            continue;
        };
        let rules = match dialect {
            Dialect::Postgres => {
                "CREATE UNIQUE INDEX one_code ON trips (lower(code));
                 CREATE UNIQUE INDEX one_price ON trips (((price / 1000)), COALESCE(boat, 0)) WHERE (state <> 'gone');"
            }
            Dialect::Sqlite => {
                "CREATE UNIQUE INDEX one_code ON trips (code COLLATE NOCASE);
                 CREATE UNIQUE INDEX one_price ON trips ((price / 1000), COALESCE(boat, 0)) WHERE (state <> 'gone');"
            }
            // MariaDB has no such keys; what stands in for them is a computed column.
            Dialect::Mysql => {
                "ALTER TABLE trips ADD COLUMN rate varchar(40) GENERATED ALWAYS AS (if(state <> 'gone', concat(floor(price / 1000), '/', ifnull(boat, 0)), NULL)) STORED, ADD UNIQUE KEY one_price (rate);"
            }
        };
        // Those of the backup would break the rule themselves.
        database.query("UPDATE trips SET price = no * 1000;");
        database.query(rules);
        let schema = match dialect {
            Dialect::Mysql => ddl(dialect).replace(
                "made datetime",
                "rate varchar(40) GENERATED ALWAYS AS (if(state <> 'gone', concat(floor(price / 1000), '/', ifnull(boat, 0)), NULL)) STORED, UNIQUE KEY one_price (rate), made datetime",
            ),
            _ => format!("{}\n{rules}", ddl(dialect)),
        };
        let read = rebook::baseline::read(schema.as_bytes(), &target(dialect), &business());
        let backup = Baseline {
            schema: read.expect("a dump that can be read").schema,
            ..baseline(dialect)
        };
        let priced = |id: &str, code: &str, day, price, boat: &str| {
            let mut booking = booking(id, code, day);
            booking.total = Some(yen(price));
            booking.resource.key = Some(boat.to_owned());
            booking
        };
        let mut cancelled = priced("b_5", "KY-34", 25, 20_400, "2");
        cancelled.status = Some(Status::Cancelled);
        let mut bookings = vec![
            // What a live one has: trip 6 is of boat 2.
            priced("b_1", "KY-30", 21, 6_300, "2"),
            // The same sum for the other boat.
            priced("b_2", "KY-31", 22, 6_300, "1"),
            // Two of ours; and a third, to which the key says nothing.
            priced("b_3", "KY-32", 23, 20_100, "2"),
            priced("b_4", "KY-33", 24, 20_900, "2"),
            cancelled,
        ];
        if dialect != Dialect::Mysql {
            bookings.push(priced("b_6", "ky-99", 26, 31_000, "1"));
            bookings.push(priced("b_7", "KY-99", 27, 32_000, "1"));
        }
        let reload = exported(dialect, &backup, None, &bookings);
        let same = "another rebuilt booking has the same code";
        let known: &[_] = if dialect == Dialect::Mysql {
            &[]
        } else {
            &[("b_6".to_owned(), same), ("b_7".to_owned(), same)]
        };
        assert_eq!(reasons(&reload), known, "{dialect:?}");
        for _ in 0..2 {
            let ran = database.load(&reload.sql);
            assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
            assert_eq!(
                ran.out.matches("is taken by another row").count(),
                3,
                "{dialect:?} {}",
                ran.out
            );
            let codes = database.query("SELECT code FROM trips WHERE no > 6 ORDER BY code;");
            assert_eq!(codes.trim_end(), "KY-31\nKY-34", "{dialect:?}");
        }
        let mut moved = standing("b_8", 2, Action::Update);
        moved.total = Some(yen(1_500));
        let mut base = baseline(dialect);
        base.schema = backup.schema.clone();
        for row in &mut base.bookings {
            let price = format!("{}000", row.key);
            row.total = price.parse().ok().map(yen);
            row.raw.insert("price".to_owned(), Some(price));
        }
        let ran = database.load(&exported(dialect, &base, None, &[moved]).sql);
        assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
        assert!(
            ran.out.contains("is taken by another row"),
            "{dialect:?} {}",
            ran.out
        );
        let price = database.query("SELECT price FROM trips WHERE no = 2;");
        assert_eq!(price.trim_end(), "2000", "{dialect:?}");
    }
}

/// A column that nobody mapped points at another table, and a constant fills it: what it points at must be there.
#[test]
fn a_foreign_key_from_a_constant_is_looked_at_too() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "constantkey") else {
            continue;
        };
        let engine = if dialect == Dialect::Mysql {
            " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"
        } else {
            ""
        };
        let desks = format!("CREATE TABLE desks (id varchar(12) NOT NULL PRIMARY KEY){engine};");
        let column = "via varchar(12) NOT NULL,";
        let schema = match dialect {
            Dialect::Postgres => ddl(dialect).replace(column, "via varchar(12) NOT NULL REFERENCES desks,"),
            Dialect::Mysql => ddl(dialect).replace(
                "FOREIGN KEY (guest)",
                "FOREIGN KEY (via) REFERENCES desks (id), FOREIGN KEY (guest)",
            ),
            Dialect::Sqlite => {
                ddl(dialect).replace("via TEXT NOT NULL", "via TEXT NOT NULL REFERENCES desks")
            }
        };
        let schema = format!("{desks}\n{schema}");
        let read = rebook::baseline::read(schema.as_bytes(), &target(dialect), &business());
        let backup = Baseline {
            schema: read.expect("a dump that can be read").schema,
            ..baseline(dialect)
        };
        database.query(&desks);
        let reload = exported(dialect, &backup, None, &[booking("b_1", "KY-20", 21)]);
        let ran = database.load(&reload.sql);
        assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
        assert!(
            ran.out.contains("what via points at is not there any more"),
            "{dialect:?} {}",
            ran.out
        );
        database.query("INSERT INTO desks VALUES ('rebuilt');");
        let ran = database.load(&reload.sql);
        assert!(
            ran.ok && !ran.out.contains("not there any more"),
            "{dialect:?} {}{}",
            ran.out,
            ran.err
        );
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

/// A salon keeps how long a visit takes: its end is reckoned, in the backup, in the plan, and in the file.
#[test]
fn an_end_may_be_kept_as_minutes_since_the_start() {
    for dialect in DIALECTS {
        let Some(database) = started(dialect, "minutes") else {
            continue;
        };
        let quote = if dialect == Dialect::Mysql { '`' } else { '"' };
        let ddl = match dialect {
            Dialect::Postgres => {
                "CREATE TABLE visits (no bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, code text NOT NULL UNIQUE, guest bigint NOT NULL REFERENCES guests, boat integer REFERENCES boats, \"from\" timestamptz NOT NULL, lasts smallint NOT NULL, state trip_state NOT NULL DEFAULT 'open', price integer NOT NULL, CONSTRAINT short CHECK (lasts <= 600));"
            }
            Dialect::Mysql => {
                "CREATE TABLE visits (no int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, code varchar(9) NOT NULL UNIQUE, guest int unsigned NOT NULL, boat int, `from` datetime NOT NULL, lasts smallint NOT NULL, state enum('open','gone','done') NOT NULL DEFAULT 'open', price int NOT NULL, CONSTRAINT short CHECK (lasts <= 600)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;"
            }
            Dialect::Sqlite => {
                "CREATE TABLE visits (no INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, guest INTEGER NOT NULL REFERENCES guests, boat INTEGER REFERENCES boats, \"from\" DATETIME NOT NULL, lasts INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'open', price INTEGER NOT NULL, CONSTRAINT short CHECK (lasts <= 600));"
            }
        };
        let visit = |no: u32, code: &str, from: &str, lasts: u32| {
            format!(
                "INSERT INTO visits (no, code, guest, boat, {quote}from{quote}, lasts, state, price) VALUES ({no}, '{code}', 1, 1, '{}', {lasts}, 'open', 5000);\n",
                moment(dialect, from)
            )
        };
        let old = format!("{ddl}\n{}", visit(1, "V-1", "2026-05-03 01:00:00", 90));
        let mut target = target(dialect);
        target.booking.table = "visits".to_owned();
        target.booking.constants.clear();
        target.booking.columns.remove("created_at");
        let end = target.booking.columns.get_mut("ends_at").expect("an end");
        (end.column, end.time) = ("lasts".to_owned(), Some(TimeAs::Since(LengthUnit::Minutes)));
        target.payment = None;
        let read = |more: &str| {
            let dump = format!("{}\n{old}{more}", live(dialect));
            rebook::baseline::read(dump.as_bytes(), &target, &business()).expect("a dump that can be read")
        };
        let backup = read("");
        assert_eq!(
            backup.bookings[0].ends_at,
            Some(when("2026-05-03T02:30:00Z")),
            "{dialect:?} {:?}",
            backup.problems
        );
        // Live is one from 3 to 4.30 on the 20th.
        let more = visit(2, "V-2", "2026-05-20 03:00:00", 90);
        database.query(&format!("{old}{more}"));
        if dialect == Dialect::Postgres {
            database.query("SELECT setval('visits_no_seq', 2);");
        }
        let timed = |id: &str, code: &str, from: &str, until: &str| {
            let mut booking = booking(id, code, 1);
            (booking.starts_at, booking.ends_at) = (Some(when(from)), Some(when(until)));
            booking
        };
        let mut moved = timed("b_3", "V-1", "2026-05-03T01:30:00Z", "2026-05-03T02:30:00Z");
        moved.action = Action::Update;
        moved.baseline_key = Some("1".to_owned());
        moved.customer.baseline_key = Some("1".to_owned());
        moved.total = Some(yen(5000));
        let bookings = [
            timed("b_1", "V-8", "2026-05-20T04:15:00Z", "2026-05-20T05:00:00Z"),
            timed("b_2", "V-9", "2026-05-20T04:30:00Z", "2026-05-20T05:15:00Z"),
            moved,
            timed("b_4", "V-10", "2026-05-21T04:30:00Z", "2026-05-21T05:15:30Z"),
            timed("b_5", "V-11", "2026-05-22T04:30:00Z", "2026-05-22T15:30:00Z"),
        ];
        let now = read(&more);
        for live in [None, Some(&now)] {
            let sides = Sides {
                backup: Some(&backup),
                live,
            };
            let reload = export_beside(&bookings, &target, &business(), sides, &options()).expect("a reload");
            let held: Vec<(&str, &str)> = reload
                .held
                .iter()
                .map(|held| (held.booking.as_str(), held.reason.as_str()))
                .filter(|(id, _)| *id != "b_1")
                .collect();
            assert_eq!(
                held,
                [
                    ("b_4", "column lasts holds whole minutes alone"),
                    ("b_5", "the table's rule short refuses it"),
                ],
                "{dialect:?}"
            );
            let ran = database.load(&reload.sql);
            assert!(ran.ok, "{dialect:?} {}{}", ran.out, ran.err);
            let told = format!("{}{:?}", ran.out, reload.held);
            assert!(
                told.contains("double booking: a live booking has its resource at that time"),
                "{dialect:?} {told}"
            );
            let rows = database.query("SELECT code, lasts FROM visits WHERE code <> 'V-2' ORDER BY code;");
            assert_eq!(rows.trim_end(), "V-1|60\nV-9|45", "{dialect:?} {}", ran.out);
        }
    }
}
