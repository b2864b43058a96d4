//! Simulated businesses from files to a loaded database: what goes in is the truth, what was live stays.
//!
//! Production was restored from the backup and takes bookings again; some references were given out anew.

use crate::reload_servers::Database;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rebook::model::Dialect;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use toml::Table;

/// A world of `fixtures`, and how its tables are written.
struct World {
    folder: PathBuf,
    config: Table,
    zone: Tz,
    dialect: Dialect,
    truth: Vec<Value>,
}

impl World {
    fn open(name: &str, dialect: Dialect) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        let read = |file: &str| fs::read_to_string(folder.join(file)).expect("a file of the world");
        let config: Table = read("rebook.toml").parse().expect("TOML");
        let truth = read("truth/bookings.jsonl");
        Self {
            zone: config["business"]["timezone"]
                .as_str()
                .and_then(|zone| zone.parse().ok())
                .expect("a zone"),
            truth: truth
                .lines()
                .map(|line| serde_json::from_str(line).expect("JSON"))
                .collect(),
            folder,
            config,
            dialect,
        }
    }

    /// What `rebook` writes for it.
    fn reload(&self) -> String {
        let own = tempfile::tempdir().expect("a temporary folder");
        for arguments in [
            &["rebuild", "--quiet"][..],
            &["export", "--skip-flagged", "--out", "reload.sql"],
        ] {
            let ran = Command::new(env!("CARGO_BIN_EXE_rebook"))
                .args(arguments)
                .args(["--staging", "staging.db", "--config"])
                .arg(self.folder.join("rebook.toml"))
                .current_dir(own.path())
                .env_clear()
                .output()
                .expect("the program can be started");
            let words = String::from_utf8_lossy(&ran.stderr);
            assert!(matches!(ran.status.code(), Some(0 | 3)), "{words}");
        }
        fs::read_to_string(own.path().join("reload.sql")).expect("an export")
    }

    fn entity(&self, entity: &str) -> &toml::Value {
        &self.config["target"][entity]
    }

    fn quoted(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Mysql => format!("`{name}`"),
            _ => format!("\"{name}\""),
        }
    }

    fn table(&self, entity: &str) -> String {
        let name = self.entity(entity)["table"].as_str().expect("a table");
        match self.dialect {
            Dialect::Postgres => format!("public.{}", self.quoted(name)),
            _ => self.quoted(name),
        }
    }

    fn key(&self, entity: &str) -> String {
        self.quoted(self.entity(entity)["key"].as_str().expect("a key of one column"))
    }

    fn column(&self, entity: &str, field: &str) -> Option<String> {
        let map = self.entity(entity)["columns"].get(field)?;
        let name = map.as_str().or_else(|| map.get("column")?.as_str())?;
        Some(self.quoted(name))
    }

    fn option(&self, entity: &str, field: &str, option: &str) -> Option<&str> {
        self.entity(entity)["columns"].get(field)?.get(option)?.as_str()
    }

    /// Key and mapped columns of every row, without those that may be written to.
    fn rows(&self, database: &Database, entity: &str, without: &[&str]) -> Vec<String> {
        let fields = self.entity(entity)["columns"].as_table().expect("columns");
        let mut columns = vec![self.key(entity)];
        columns.extend(
            fields
                .keys()
                .filter(|field| !without.contains(&field.as_str()))
                .filter_map(|field| self.column(entity, field)),
        );
        let found = database.query(&format!(
            "SELECT {} FROM {} ORDER BY 1;",
            columns.join(", "),
            self.table(entity)
        ));
        found.lines().map(str::to_owned).collect()
    }

    /// The rebuilt bookings as they stand in the database, in the words of `told`.
    fn loaded(&self, database: &Database) -> Vec<String> {
        let field = |field: &str| self.column("booking", field).map(|column| format!("b.{column}"));
        let moment = |name: &str| {
            let column = field(name).expect("mapped");
            match self.dialect {
                Dialect::Postgres => {
                    format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')")
                }
                _ => column,
            }
        };
        let total = field("total").expect("mapped");
        let total = match self.option("booking", "total", "money") {
            Some("major") => format!("CAST(round({total} * 100) AS INTEGER)"),
            _ => total,
        };
        let constants = self.entity("booking")["constants"].as_table().expect("constants");
        let (mark, word) = constants.iter().next().expect("a constant");
        let found = database.query(&format!(
            "SELECT {}, {}, {}, {}, {total}, {}, c.{} FROM {} AS b JOIN {} AS c ON c.{} = {} WHERE b.{} = '{}';",
            field("reference").unwrap_or_else(|| "'-'".to_owned()),
            moment("starts_at"),
            moment("ends_at"),
            field("status").expect("mapped"),
            field("resource").expect("mapped"),
            self.column("customer", "name").expect("mapped"),
            self.table("booking"),
            self.table("customer"),
            self.key("customer"),
            field("customer").expect("mapped"),
            self.quoted(mark),
            word.as_str().expect("a text")
        ));
        found.lines().map(str::to_owned).collect()
    }

    /// What the truth says of a booking.
    fn told(&self, booking: &Value) -> String {
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let moment = |field: &str| {
            let at: DateTime<Utc> = word(&booking[field]).parse().expect("a moment");
            let local = at.with_timezone(&self.zone);
            match self.option("booking", field, "time") {
                Some("date") => local.format("%Y-%m-%d").to_string(),
                Some("local") => local.format("%Y-%m-%d %H:%M:%S").to_string(),
                _ => at.format("%Y-%m-%d %H:%M:%S").to_string(),
            }
        };
        let status = word(&booking["status"]);
        let reference = match self.column("booking", "reference") {
            Some(_) => word(&booking["reference"]),
            None => "-".to_owned(),
        };
        format!(
            "{reference}|{}|{}|{}|{}|{}|{}",
            moment("starts_at"),
            moment("ends_at"),
            self.status(&status),
            booking["total"],
            word(&booking["resource"]),
            word(&booking["customer"]["name"])
        )
    }

    fn status<'w>(&'w self, status: &'w str) -> &'w str {
        let values = &self.entity("booking")["values"]["status"];
        values[status].as_str().expect("a status")
    }
}

/// Loads what was rebuilt into what is live, twice.
fn reload(name: &str, dialect: Dialect, at_least: usize) {
    let Some(database) = Database::create(dialect, name) else {
        return;
    };
    let world = World::open(name, dialect);
    database.query(&fs::read_to_string(world.folder.join("truth/live.sql")).expect("what is live"));
    let untouched = |database: &Database| {
        let mut rows = world.rows(database, "customer", &[]);
        rows.extend(world.rows(database, "payment", &["refunded"]));
        rows
    };
    let before = (untouched(&database), world.rows(&database, "booking", &[]));
    let sql = world.reload();
    let first = database.load(&sql);
    assert!(first.ok, "{}{}", first.out, first.err);
    let after = (untouched(&database), world.rows(&database, "booking", &[]));
    let second = database.load(&sql);
    assert!(second.ok, "{}{}", second.out, second.err);
    let again = (untouched(&database), world.rows(&database, "booking", &[]));
    assert_eq!(again, after, "a second run changes nothing");

    let stand: BTreeSet<&String> = after.0.iter().collect();
    let gone = before.0.iter().filter(|row| !stand.contains(row));
    assert_eq!(gone.count(), 0, "no live customer or payment is changed");
    let stand: BTreeSet<&String> = after.1.iter().collect();
    let changed = world
        .truth
        .iter()
        .filter(|booking| booking["changed_since_backup"] == true)
        .map(|booking| booking["id"].to_string().replace('"', ""))
        .collect::<BTreeSet<String>>();
    for row in before.1.iter().filter(|row| !stand.contains(row)) {
        let key = row.split('|').next().unwrap_or_default();
        assert!(changed.contains(key), "overwritten: {row}");
        let prefix = format!("{key}|");
        assert!(
            after.1.iter().any(|row| row.starts_with(&prefix)),
            "deleted: {row}"
        );
    }

    let truth: BTreeSet<String> = world.truth.iter().map(|booking| world.told(booking)).collect();
    let loaded = world.loaded(&database);
    assert!(loaded.len() >= at_least, "only {} were loaded", loaded.len());
    let distinct: BTreeSet<&String> = loaded.iter().collect();
    assert_eq!(distinct.len(), loaded.len(), "a booking stands twice");
    for row in &loaded {
        assert!(truth.contains(row), "not the truth: {row}");
    }
}

#[test]
fn the_demo_is_reloaded_into_postgres() {
    reload("demo", Dialect::Postgres, 15);
}

#[test]
fn the_dentist_is_reloaded_into_mariadb() {
    reload("dentist", Dialect::Mysql, 12);
}

#[test]
fn the_flats_are_reloaded_into_sqlite() {
    reload("flats", Dialect::Sqlite, 6);
}
