//! Simulated businesses from files to a loaded database: what goes in is the truth, what was live stays.
//!
//! Production was restored from the backup and takes bookings again; some references were given out anew.

use crate::reload_servers::Database;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rebook::model::Dialect;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
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

    /// What was rebuilt, and what `rebook` writes of it; with a look at what is live or without one.
    fn reload(&self, live: bool) -> Written {
        let own = tempfile::tempdir().expect("a temporary folder");
        let dump = self.folder.join("truth/live.sql").display().to_string();
        let run = |arguments: &[&str]| {
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
            String::from_utf8_lossy(&ran.stdout).into_owned()
        };
        run(&["rebuild", "--quiet"]);
        let bookings = run(&["bookings", "--json"]);
        let mut export = vec!["export", "--skip-flagged", "--out", "reload.sql"];
        if live {
            export.extend(["--live", &dump]);
        }
        run(&export);
        let read = |name: &str| fs::read_to_string(own.path().join(name)).expect("what was written");
        Written {
            sql: read("reload.sql"),
            held: read("reload.held.csv"),
            clean: bookings
                .lines()
                .map(|line| serde_json::from_str(line).expect("JSON"))
                .filter(|booking: &Value| booking["state"] == "clean")
                .collect(),
        }
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

    /// Bookings as they stand in the database: key, and the rest in the words of `told`.
    fn standing(&self, database: &Database) -> BTreeMap<String, String> {
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
        let found = database.query(&format!(
            "SELECT b.{}, {}, {}, {}, {}, {total}, {}, c.{} FROM {} AS b JOIN {} AS c ON c.{} = {};",
            self.key("booking"),
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
        ));
        found
            .lines()
            .filter_map(|line| line.split_once('|'))
            .map(|(key, told)| (key.to_owned(), told.to_owned()))
            .collect()
    }

    /// Payments as they stand: charge, what it is of how much and how much of it went back, the booking's key.
    fn paid(&self, database: &Database) -> BTreeMap<String, (String, String)> {
        let field = |field: &str| self.column("payment", field);
        let minor = |name: &str| {
            let column = field(name).map_or_else(|| "0".to_owned(), |column| format!("p.{column}"));
            match self.option("payment", name, "money") {
                Some("major") => format!("CAST(round({column} * 100) AS INTEGER)"),
                _ => column,
            }
        };
        let found = database.query(&format!(
            "SELECT p.{}, {}, {}, p.{} FROM {} AS p;",
            field("provider_id").expect("mapped"),
            minor("amount"),
            minor("refunded"),
            field("booking").expect("mapped"),
            self.table("payment")
        ));
        found
            .lines()
            .map(|line| {
                let cells: Vec<&str> = line.split('|').collect();
                let sums = format!("{} {}", cells[1], cells[2]);
                (cells[0].to_owned(), (sums, cells[3].to_owned()))
            })
            .collect()
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

/// What was rebuilt as certain, and the files.
struct Written {
    sql: String,
    held: String,
    clean: Vec<Value>,
}

impl Written {
    /// Whether a booking was held, by the list beside the file or by what the load said.
    fn holds(&self, booking: &Value, said: &str) -> bool {
        let id = booking["id"].as_str().expect("an id");
        let charges = booking["payments"].as_array().expect("payments");
        let of_payment = |line: &str| {
            charges
                .iter()
                .any(|charge| line.contains(charge["id"].as_str().expect("an id")))
        };
        self.held
            .lines()
            .chain(said.lines())
            .any(|line| line.contains(id) && !of_payment(line))
    }
}

/// Loads what was rebuilt into what is live, twice: with a look at it before, and without one.
fn reload(name: &str, dialect: Dialect, at_least: usize) {
    for live in [false, true] {
        let Some(database) = Database::create(dialect, name) else {
            return;
        };
        let world = World::open(name, dialect);
        database.query(&fs::read_to_string(world.folder.join("truth/live.sql")).expect("what is live"));
        let written = world.reload(live);
        load_twice(&world, &database, &written, at_least);
    }
}

fn load_twice(world: &World, database: &Database, written: &Written, at_least: usize) {
    let untouched = || {
        let mut rows = world.rows(database, "customer", &[]);
        rows.extend(world.rows(database, "payment", &["refunded"]));
        rows
    };
    let before = (untouched(), world.standing(database), world.paid(database));
    let first = database.load(&written.sql);
    assert!(first.ok, "{}{}", first.out, first.err);
    let after = (untouched(), world.standing(database), world.paid(database));
    let second = database.load(&written.sql);
    assert!(second.ok, "{}{}", second.out, second.err);
    let again = (untouched(), world.standing(database), world.paid(database));
    assert_eq!(again, after, "a second run changes nothing");

    let stand: BTreeSet<&String> = after.0.iter().collect();
    let gone = before.0.iter().filter(|row| !stand.contains(row));
    assert_eq!(gone.count(), 0, "no live customer or payment is changed");
    let truth: BTreeMap<String, (&Value, String)> = world
        .truth
        .iter()
        .map(|booking| {
            let id = booking["id"].to_string().replace('"', "");
            (id, (booking, world.told(booking)))
        })
        .collect();
    for (key, row) in &before.1 {
        let now = after.1.get(key).unwrap_or_else(|| panic!("deleted: {row}"));
        let changed = truth
            .get(key)
            .is_some_and(|(booking, told)| booking["changed_since_backup"] == true && told == now);
        assert!(now == row || changed, "overwritten: {row}: {now}");
    }

    let told: BTreeSet<&String> = truth.values().map(|(_, told)| told).collect();
    let new: Vec<&String> = after
        .1
        .iter()
        .filter(|(key, _)| !before.1.contains_key(*key))
        .map(|(_, row)| row)
        .collect();
    assert!(new.len() >= at_least, "only {} were loaded", new.len());
    for row in &new {
        assert!(told.contains(row), "not the truth: {row}");
    }
    let distinct: BTreeSet<&&String> = new.iter().collect();
    assert_eq!(distinct.len(), new.len(), "a booking stands twice");

    // What was certain is there, or listed with its reason.
    let certain = |action: &str| -> Vec<&Value> {
        written
            .clean
            .iter()
            .filter(|booking| booking["action"] == action)
            .collect()
    };
    let held = |booking: &&&Value| written.holds(booking, &first.out);
    let inserts = certain("insert");
    assert_eq!(new.len(), inserts.len() - inserts.iter().filter(held).count());
    for update in certain("update").iter().filter(|booking| !held(booking)) {
        let key = update["baseline_key"].as_str().expect("a key");
        assert_eq!(after.1[key], truth[key].1, "a certain change is not made");
    }

    // Every new payment is on its own booking, with its own sums.
    for (charge, (sums, booking)) in after
        .2
        .iter()
        .filter(|(charge, _)| !before.2.contains_key(*charge))
    {
        let on = &after.1[booking];
        // A row of the backup may tell a status that only time has changed.
        let mut owners = truth
            .iter()
            .filter(|(key, (_, told))| match before.1.get(booking) {
                Some(_) => *key == booking,
                None => told == on,
            });
        let right = owners.any(|(_, (booking, _))| {
            let payments = booking["payments"].as_array().expect("payments");
            payments.iter().any(|payment| {
                payment["id"] == charge.as_str()
                    && *sums == format!("{} {}", payment["amount"], payment["refunded"])
            })
        });
        assert!(right, "not its payment: {charge} {sums} on {on}");
    }
    if let Some(email) = world.column("customer", "email") {
        let twice = database.query(&format!(
            "SELECT lower({email}) FROM {} WHERE {email} IS NOT NULL GROUP BY lower({email}) HAVING count(*) > 1;",
            world.table("customer")
        ));
        assert_eq!(twice.trim(), "", "a customer stands twice");
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
