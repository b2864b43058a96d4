//! The databases of all simulated businesses, those held out too, loaded into the servers that they are written for.
//!
//! The backup, production as restored, and the truth: each loads without an error, and holds as many bookings as it should.

use crate::reload_servers::Database;
use rebook::model::Dialect;
use rebook::simulate::{Damage, Kind, Options, World, simulate};
use serde_json::Value;
use toml::Table;

const WORDINGS: [u64; 2] = [1, 2];
const BOOKINGS: usize = 40;
/// What production takes after the loss.
const AT_THE_DESK: usize = 6;

#[test]
fn every_dump_for_postgres_loads() {
    load_all(Dialect::Postgres, "postgres");
}

#[test]
fn every_dump_for_mysql_loads() {
    load_all(Dialect::Mysql, "mysql");
}

#[test]
fn every_dump_for_sqlite_loads() {
    load_all(Dialect::Sqlite, "sqlite");
}

fn load_all(dialect: Dialect, name: &str) {
    // Says that it is skipped where there is no server.
    if Database::create(dialect, "dumps").is_none() {
        return;
    }
    let mut loaded = 0;
    for kind in Kind::ALL {
        for wording in WORDINGS {
            let mut damage = Damage::heavy();
            // References that return stand in a table that allows them.
            damage.set("reference-reused", if wording == 1 { 0.3 } else { 0.0 });
            let world = simulate(&Options {
                bookings: BOOKINGS,
                wording,
                damage,
                ..Options::new(kind)
            });
            let config: Table = text(&world, "rebook.toml").parse().expect("TOML");
            if config["target"]["dialect"].as_str() == Some(name) {
                load(&world, &config, dialect, &format!("{}_{wording}", kind.as_str()));
                loaded += 1;
            }
        }
    }
    assert!(loaded >= WORDINGS.len(), "no business uses {name}");
}

fn load(world: &World, config: &Table, dialect: Dialect, name: &str) {
    let truth: Vec<Value> = text(world, "truth/bookings.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let in_backup = truth
        .iter()
        .filter(|booking| booking["in_backup"] == true)
        .count();
    assert!(in_backup > 0 && in_backup < truth.len(), "{name}");
    for (file, bookings) in [
        ("backup.sql", in_backup),
        ("truth/live.sql", in_backup + AT_THE_DESK),
        ("truth/truth.sql", truth.len()),
    ] {
        let database = Database::create(dialect, name).expect("the server was there");
        let ran = database.load(&text(world, file));
        assert!(ran.ok && ran.err.is_empty(), "{name}, {file}: {}", ran.err);
        let table = config["target"]["booking"]["table"].as_str().expect("a table");
        let table = match dialect {
            Dialect::Postgres => format!("public.\"{table}\""),
            Dialect::Mysql => format!("`{table}`"),
            Dialect::Sqlite => format!("\"{table}\""),
        };
        let count = database.query(&format!("SELECT count(*) FROM {table};"));
        assert_eq!(count.trim(), bookings.to_string(), "{name}, {file}");
    }
}

fn text(world: &World, file: &str) -> String {
    String::from_utf8(world.files[file].clone()).expect("UTF-8")
}
