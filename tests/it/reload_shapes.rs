//! Reloads into targets of another shape: no references, whole days, keys that the application makes, a
//! composite key with a tenant, names in halves, money in major units, no e-mail addresses.

use crate::reload_business::{at, booking, business, options, payment};
use crate::reload_servers::Database;
use rebook::export::{Reload, export};
use rebook::model::{
    Baseline, BaselineCustomer, Booking, Column, ColumnMap, Currency, Dialect, Entity, KeyRule, Money,
    Target, TimeAs, When,
};
use std::collections::BTreeMap;

const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

fn ddl(dialect: Dialect) -> String {
    let (key, schema, engine) = match dialect {
        Dialect::Postgres => ("uuid", "CREATE SCHEMA clinic; SET search_path = clinic;", ""),
        Dialect::Mysql => ("char(36)", "", " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"),
        Dialect::Sqlite => ("text", "", ""),
    };
    format!(
        "{schema}
         CREATE TABLE people (branch int NOT NULL, id {key} NOT NULL, given varchar(20) NOT NULL, family varchar(20) NOT NULL, tel varchar(20), PRIMARY KEY (branch, id)){engine};
         CREATE TABLE visits (id {key} NOT NULL PRIMARY KEY, branch int NOT NULL, person {key} NOT NULL, day date NOT NULL, last date NOT NULL, fee decimal(8,2), FOREIGN KEY (branch, person) REFERENCES people (branch, id)){engine};
         CREATE TABLE charges (id {key} NOT NULL PRIMARY KEY, visit {key} NOT NULL REFERENCES visits (id), pid varchar(60) NOT NULL, yen decimal(8,2) NOT NULL){engine};"
    )
}

fn column(name: &str, sql_type: &str, not_null: bool) -> Column {
    Column {
        name: name.to_owned(),
        sql_type: sql_type.to_owned(),
        not_null,
        ..Column::default()
    }
}

fn baseline(dialect: Dialect) -> Baseline {
    let read = rebook::baseline::read(ddl(dialect).as_bytes(), &target(dialect), &business());
    Baseline {
        schema: read.expect("a dump that can be read").schema,
        customers: vec![BaselineCustomer {
            first_name: Some("Hana".to_owned()),
            last_name: Some("Mori".to_owned()),
            ..BaselineCustomer::default()
        }],
        ..Baseline::default()
    }
}

fn entity(table: &str, key: &[&str], columns: &[(&str, &str)]) -> Entity {
    let map = |field: &str, column: &str| ColumnMap {
        column: column.to_owned(),
        time: field.ends_with("_at").then_some(TimeAs::Date),
        major: true,
    };
    Entity {
        table: table.to_owned(),
        key: key.iter().map(|&name| name.to_owned()).collect(),
        key_rule: KeyRule::Uuid,
        columns: columns
            .iter()
            .map(|(field, column)| ((*field).to_owned(), map(field, column)))
            .collect(),
        values: BTreeMap::new(),
        ..Entity::default()
    }
}

fn target(dialect: Dialect) -> Target {
    Target {
        dialect,
        booking: entity(
            "visits",
            &["id"],
            &[
                ("tenant", "branch"),
                ("customer", "person"),
                ("starts_at", "day"),
                ("ends_at", "last"),
                ("total", "fee"),
            ],
        ),
        customer: Some(entity(
            "people",
            &["branch", "id"],
            &[
                ("tenant", "branch"),
                ("first_name", "given"),
                ("last_name", "family"),
                ("phone", "tel"),
            ],
        )),
        resource: None,
        payment: Some(entity(
            "charges",
            &["id"],
            &[("booking", "visit"), ("provider_id", "pid"), ("amount", "yen")],
        )),
    }
}

fn visit(id: &str, name: &str, day: u32) -> Booking {
    let mut visit = booking(id, "", day);
    visit.reference = None;
    visit.tenant = Some("7".to_owned());
    visit.customer.name = Some(name.to_owned());
    visit.customer.phone = Some("06-1234-5678".to_owned());
    visit.customer.email = None;
    visit.resource.key = None;
    visit
}

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

fn load(database: &Database, reload: &Reload) -> String {
    let ran = database.load(&reload.sql);
    assert!(ran.ok, "{}{}\n{}", ran.out, ran.err, reload.sql);
    ran.out
}

#[test]
fn visits_without_references_are_loaded_once() {
    for dialect in DIALECTS {
        let Some(database) = Database::create(dialect, "shapes") else {
            continue;
        };
        database.query(&ddl(dialect));
        let table = |name: &str| {
            if dialect == Dialect::Postgres {
                format!("clinic.{name}")
            } else {
                name.to_owned()
            }
        };
        let mut first = visit("b_1", "森花", 12);
        first.customer.first_name = Some("花".to_owned());
        first.customer.last_name = Some("森".to_owned());
        first.payments = vec![payment("ch_1", 6000)];
        let reload = exported(
            dialect,
            &[
                first,
                visit("b_2", "Mori Kenji", 13),
                visit("b_3", "Mori Kenji", 14),
            ],
        );
        assert!(reload.held.is_empty(), "{:?}", reload.held);
        load(&database, &reload);
        let all = || {
            let (people, visits, charges) = (table("people"), table("visits"), table("charges"));
            database.query(&format!(
                "SELECT p.given, p.family, v.branch, v.day, v.fee, c.yen FROM {visits} AS v JOIN {people} AS p ON p.id = v.person AND p.branch = v.branch LEFT JOIN {charges} AS c ON c.visit = v.id ORDER BY v.day;"
            ))
        };
        let rows = all();
        let days: Vec<&str> = rows.lines().filter_map(|row| row.split('|').nth(3)).collect();
        assert_eq!(
            days,
            ["2026-05-12", "2026-05-13", "2026-05-14"],
            "{dialect:?}: {rows}"
        );
        assert!(rows.starts_with("花|森|7|"), "{dialect:?}: {rows}");
        assert_eq!(
            rows.matches("Kenji|Mori|").count(),
            2,
            "{dialect:?}: a name that the backup knows tells the order"
        );
        assert_eq!(
            database
                .query(&format!("SELECT count(*) FROM {};", table("people")))
                .trim_end(),
            "2"
        );

        load(&database, &reload);
        assert_eq!(all(), rows, "{dialect:?}: a second run changes nothing");

        // A loaded visit is moved by a person: it must not come back.
        database.query(&format!(
            "UPDATE {} SET day = '2026-06-01', last = '2026-06-01' WHERE day = '2026-05-13';",
            table("visits")
        ));
        let moved = all();
        let out = load(&database, &reload);
        assert_eq!(all(), moved, "{dialect:?}");
        assert!(
            out.contains("id is taken by another live row"),
            "{dialect:?}: {out}"
        );
    }
}

#[test]
fn two_bookings_that_nothing_tells_apart_are_held() {
    let reload = exported(
        Dialect::Sqlite,
        &[visit("b_1", "Mori Kenji", 12), visit("b_2", "Mori Kenji", 12)],
    );
    let reasons: Vec<&str> = reload.held.iter().map(|held| held.reason.as_str()).collect();
    assert_eq!(reasons.len(), 2);
    assert!(
        reasons[0].contains("no reference tells them apart"),
        "{reasons:?}"
    );
}

#[test]
fn what_a_column_cannot_hold_is_held_with_its_reason() {
    let mut long = visit("b_1", "K Mori", 12);
    long.customer.first_name = Some("K".repeat(21));
    long.customer.last_name = Some("Mori".to_owned());
    let mut nul = visit("b_2", "Kenji Mo\0ri", 13);
    nul.customer.phone = Some("06-0000-0001".to_owned());
    let unsplit = visit("b_3", "Ana Bela Costa", 14);
    let mut dear = visit("b_4", "Kenji Mori", 15);
    dear.total = Some(Money::new(100_000_000, business().currency));
    let mut undated = visit("b_5", "Kenji Mori", 16);
    undated.starts_at = None;
    let mut dinars = visit("b_6", "Kenji Mori", 17);
    dinars.total = Some(Money::new(4505, Currency::parse("kwd").expect("a currency")));
    let mut day_alone = visit("b_7", "Kenji Mori", 18);
    day_alone.starts_at = Some(When::Date(at("2026-05-18T00:00:00Z").date_naive()));
    let bookings = [long, nul, unsplit, dear, undated, dinars, day_alone];
    let reload = exported(Dialect::Postgres, &bookings);
    let held: Vec<String> = reload
        .held
        .iter()
        .map(|held| {
            format!(
                "{} {}",
                held.payment.as_deref().unwrap_or(held.booking.as_str()),
                held.reason
            )
        })
        .collect();
    let wanted = [
        "b_1 column given holds 20 characters, not 21",
        "b_2 column family cannot hold a NUL character",
        "b_3 nothing tells first and last name apart in `Ana Bela Costa`",
        "b_4 JPY 100000000 is too large for column fee",
        "b_5 no record tells its starts_at, and column day must be filled",
        "b_6 its total is KWD 4.505, and the table has no column for a currency",
    ];
    assert_eq!(held, wanted);
    assert_eq!(reload.counts.inserts, 1);
}

/// Two visits that one charge pays for, a part of it each.
fn sharing() -> [Booking; 2] {
    let mut first = visit("b_1", "Mori Kenji", 12);
    first.payments = vec![payment("ch_1", 6000)];
    let mut second = visit("b_2", "Mori Kenji", 13);
    second.payments = vec![payment("ch_1", 4500)];
    [first, second]
}

#[test]
fn a_charge_for_two_visits_is_a_row_for_each() {
    for dialect in DIALECTS {
        let Some(database) = Database::create(dialect, "shares") else {
            continue;
        };
        database.query(&ddl(dialect));
        let reload = exported(dialect, &sharing());
        assert!(reload.held.is_empty(), "{:?}", reload.held);
        let charges = || {
            let clinic = if dialect == Dialect::Postgres {
                "clinic."
            } else {
                ""
            };
            database.query(&format!(
                "SELECT v.day, c.pid, c.yen FROM {clinic}charges AS c JOIN {clinic}visits AS v ON v.id = c.visit ORDER BY v.day;"
            ))
        };
        load(&database, &reload);
        let rows = charges();
        let wanted = [("2026-05-12|ch_1|", 60), ("2026-05-13|ch_1|", 45)];
        assert_eq!(rows.lines().count(), 2, "{dialect:?}: {rows}");
        for (row, (start, yen)) in rows.lines().zip(wanted) {
            assert!(row.starts_with(start), "{dialect:?}: {rows}");
            let told = row[start.len()..].to_owned();
            assert!(told.starts_with(&yen.to_string()), "{dialect:?}: {rows}");
        }
        load(&database, &reload);
        assert_eq!(charges(), rows, "{dialect:?}: a second run changes nothing");
    }
}

#[test]
fn a_table_that_takes_a_charge_once_takes_no_shares() {
    let once = ddl(Dialect::Sqlite).replace("pid varchar(60) NOT NULL", "pid varchar(60) NOT NULL UNIQUE");
    let read = rebook::baseline::read(once.as_bytes(), &target(Dialect::Sqlite), &business());
    let baseline = Baseline {
        schema: read.expect("a dump that can be read").schema,
        ..baseline(Dialect::Sqlite)
    };
    let reload = export(
        &sharing(),
        &target(Dialect::Sqlite),
        &business(),
        Some(&baseline),
        &options(),
    )
    .expect("a reload");
    let reasons: Vec<&str> = reload.held.iter().map(|held| held.reason.as_str()).collect();
    let once = "it pays for several bookings, and the table takes a charge once";
    assert_eq!(reasons, [once, once]);
    assert_eq!(reload.counts.inserts, 2, "the visits go in without it");
}

#[test]
fn a_letter_that_a_column_lacks_holds_its_row_alone() {
    let Some(database) = Database::create(Dialect::Mysql, "letters") else {
        return;
    };
    database.query(&ddl(Dialect::Mysql).replace("utf8mb4", "latin1"));
    let mut kanji = visit("b_1", "森 花", 12);
    kanji.payments = vec![payment("ch_1", 6000)];
    let mut accents = visit("b_2", "Zoë Mori", 13);
    accents.customer.phone = Some("06-0000-0001".to_owned());
    let reload = exported(Dialect::Mysql, &[kanji, accents]);
    let out = load(&database, &reload);
    assert!(out.contains("cannot hold all its characters"), "{out}");
    assert_eq!(
        database.query("SELECT given, family FROM people;").trim_end(),
        "Zoë|Mori"
    );
    assert_eq!(database.query("SELECT count(*) FROM charges;").trim_end(), "0");
}

#[test]
fn a_target_that_can_take_no_row_is_refused_with_what_to_write() {
    let refused = |change: &dyn Fn(&mut Baseline, &mut Target)| {
        let (mut baseline, mut target) = (baseline(Dialect::Mysql), target(Dialect::Mysql));
        change(&mut baseline, &mut target);
        export(&[], &target, &business(), Some(&baseline), &options())
            .expect_err("a refusal")
            .to_string()
    };
    let filled = refused(&|baseline, _| {
        let table = baseline.schema.tables.get_mut("visits").expect("a table");
        table.columns.push(column("channel", "varchar(20)", true));
    });
    assert!(
        filled.contains("`channel` of `visits` must be filled"),
        "{filled}"
    );
    assert!(filled.contains("[target.booking.constants]"), "{filled}");
    let unknown = refused(&|_, target| {
        target
            .booking
            .constants
            .insert("nowhere".to_owned(), "x".to_owned());
    });
    assert!(unknown.contains("no column `nowhere`"), "{unknown}");
    let label = refused(&|baseline, target| {
        let table = baseline.schema.tables.get_mut("visits").expect("a table");
        let mut state = column("state", "enum('a','b')", true);
        state.labels = vec!["a".to_owned(), "b".to_owned()];
        table.columns.push(state);
        target
            .booking
            .constants
            .insert("state".to_owned(), "c".to_owned());
    });
    assert!(label.contains("takes one of a, b, not `c`"), "{label}");
    let lost = refused(&|baseline, target| {
        let table = baseline.schema.tables.get_mut("charges").expect("a table");
        table.columns.retain(|column| column.name != "pid");
        if let Some(payment) = &mut target.payment {
            payment.columns.remove("provider_id");
        }
    });
    assert!(lost.contains("no `provider_id`"), "{lost}");
}

/// A first name is anybody's: who has it, and nothing else, is not the customer of the backup any more.
#[test]
fn a_known_customer_must_still_be_the_same_person() {
    let key = "00000000-0000-5000-8000-00000000000a";
    let cells = [
        ("branch", "7"),
        ("id", key),
        ("given", "Hana"),
        ("family", "Mori"),
        ("tel", "06-1111-1111"),
    ];
    let raw = cells.map(|(column, text)| (column.to_owned(), Some(text.to_owned())));
    for dialect in DIALECTS {
        let Some(database) = Database::create(dialect, "person") else {
            continue;
        };
        database.query(&ddl(dialect));
        let table = |name: &str| match dialect {
            Dialect::Postgres => format!("clinic.{name}"),
            _ => name.to_owned(),
        };
        let mut backup = baseline(dialect);
        backup.customers[0].key = format!("7|{key}");
        backup.customers[0].raw = raw.clone().into_iter().collect();
        let mut known = visit("b_1", "Hana Mori", 12);
        known.customer.baseline_key = Some(format!("7|{key}"));
        let bookings = [known];
        let reload = export(
            &bookings,
            &target(dialect),
            &business(),
            Some(&backup),
            &options(),
        );
        let reload = reload.expect("a reload");
        for (given, family, tel, held) in [
            ("Hana", "Ueda", "06-2222-2222", true),
            ("Hana", "Sato", "06-1111-1111", false),
        ] {
            database.query(&format!("DELETE FROM {0} WHERE branch = 7;", table("people")));
            database.query(&format!(
                "INSERT INTO {} (branch, id, given, family, tel) VALUES (7, '{key}', '{given}', '{family}', '{tel}');",
                table("people")
            ));
            let out = load(&database, &reload);
            assert_eq!(
                out.contains("its customer is gone, or is somebody else now"),
                held,
                "{dialect:?} {out}"
            );
            let count = database.query(&format!("SELECT count(*) FROM {};", table("visits")));
            assert_eq!(count.trim_end(), if held { "0" } else { "1" }, "{dialect:?}");
        }
    }
}
