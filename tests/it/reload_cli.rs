//! The commands of a reload, as a person gives them, against real servers: plan against what is live, load, verify, and the
//! day on which the lost database comes back after all.

use crate::reload_servers::Database;
use rebook::model::Dialect;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const WORLDS: [(&str, Dialect); 3] = [
    ("demo", Dialect::Postgres),
    ("dentist", Dialect::Mysql),
    ("flats", Dialect::Sqlite),
];

/// A world of `fixtures` that was rebuilt, and production as it is now.
struct Case {
    world: PathBuf,
    own: TempDir,
    database: Database,
}

impl Case {
    fn open(name: &str, dialect: Dialect, database: &str) -> Option<Self> {
        let database = Database::create(dialect, database)?;
        let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        let case = Self {
            world,
            own: tempfile::tempdir().expect("a temporary folder"),
            database,
        };
        case.database.query(&case.truth("live.sql"));
        let rebuilt = case.run(&["rebuild", "--quiet"]);
        assert!(
            matches!(rebuilt.status.code(), Some(0 | 3)),
            "{}",
            String::from_utf8_lossy(&rebuilt.stderr)
        );
        Some(case)
    }

    fn truth(&self, file: &str) -> String {
        fs::read_to_string(self.world.join("truth").join(file)).expect("a file of the world")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rebook"));
        command
            .args(arguments)
            .args(["--staging", "staging.db", "--config"])
            .arg(self.world.join("rebook.toml"))
            .current_dir(self.own.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the program can be started")
    }

    /// What it answers; it must end well.
    fn answer(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        let words = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {words}");
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.own.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// How many rows stand, differ, are missing.
    fn verified(&self) -> BTreeMap<String, usize> {
        let answer = self.answer(&["verify", "--json", "--target", &self.database.url()]);
        let mut found = BTreeMap::new();
        for line in answer.lines() {
            let row: Value = serde_json::from_str(line).expect("JSON");
            let standing = row["standing"].as_str().expect("a standing").to_owned();
            *found.entry(standing).or_default() += 1;
        }
        found
    }

    /// The `[target]` entity's table and the column of a field.
    fn names(&self, entity: &str, field: &str) -> (String, String) {
        let config: toml::Table = fs::read_to_string(self.world.join("rebook.toml"))
            .expect("a configuration")
            .parse()
            .expect("TOML");
        let entity = &config["target"][entity];
        let column = &entity["columns"][field];
        let column = column.as_str().or_else(|| column.get("column")?.as_str());
        (
            entity["table"].as_str().expect("a table").to_owned(),
            column.expect("a column").to_owned(),
        )
    }
}

#[test]
fn a_reload_is_planned_loaded_and_verified_against_a_server() {
    for (name, dialect) in WORLDS {
        let Some(case) = Case::open(name, dialect, "cli") else {
            continue;
        };
        let url = case.database.url();
        assert!(case.answer(&["export", "--check"]).contains("fits the schema"));
        assert!(
            case.answer(&["export", "--check", "--live", &url])
                .contains("fits the schema")
        );
        let missing = case.verified();
        assert!(
            missing["missing"] > 5 && !missing.contains_key("stands"),
            "{name}: {missing:?}"
        );

        let export = [
            "export",
            "--skip-flagged",
            "--live",
            &url,
            "--out",
            "reload.sql",
            "--undo",
            "undo.sql",
            "--rows",
            "rows",
        ];
        case.answer(&export);
        let plan = case.file("reload.plan.txt");
        assert!(
            plan.contains("Every row ends in exactly one of five ways"),
            "{plan}"
        );
        assert!(
            case.file("reload.held.csv")
                .starts_with("what,booking,reference,payment,reason\n")
        );
        for kind in ["customers", "bookings", "payments"] {
            let csv = case.file(&format!("rows/{kind}.csv"));
            let lines = case.file(&format!("rows/{kind}.jsonl"));
            let mut rows = csv::Reader::from_reader(csv.as_bytes());
            let heads = rows.headers().expect("heads").clone();
            assert_eq!(&heads[0], "rebook_action");
            let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
            let objects: Vec<Value> = lines
                .lines()
                .map(|line| serde_json::from_str(line).expect("JSON"))
                .collect();
            assert!(!rows.is_empty(), "{name} {kind}");
            assert_eq!(rows.len(), objects.len(), "{name} {kind}");
            for (row, object) in rows.iter().zip(&objects) {
                for (head, cell) in heads.iter().zip(row) {
                    assert_eq!(
                        object[head].as_str().unwrap_or_default(),
                        cell,
                        "{name} {kind} {head}"
                    );
                }
            }
        }
        let before = case.database.query("SELECT 1;");
        assert_eq!(before.trim_end(), "1");
        let loaded = case.database.load(&case.file("reload.sql"));
        assert!(loaded.ok, "{name}: {}{}", loaded.out, loaded.err);
        let stands = case.verified();
        assert!(!stands.contains_key("missing"), "{name}: {stands:?}");
        let held = |found: &BTreeMap<String, usize>| found.get("held back").copied().unwrap_or_default();
        assert_eq!(
            stands["stands"],
            missing["missing"] - (held(&stands) - held(&missing)),
            "{name}: {missing:?} {stands:?}"
        );

        // Somebody edits one of the loaded rows, and a payment goes.
        let (bookings, total) = case.names("booking", "total");
        let (payments, charge) = case.names("payment", "provider_id");
        let rows = case.file("rows/bookings.jsonl");
        let row = rows
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
            .find(|row| row["rebook_action"] == "insert")
            .expect("a new booking");
        let (starts, resource) = (
            case.names("booking", "starts_at").1,
            case.names("booking", "resource").1,
        );
        let edit = format!(
            "UPDATE {bookings} SET {total} = 1 WHERE {starts} = '{}' AND {resource} = '{}';",
            row[&starts].as_str().expect("a time"),
            row[&resource].as_str().expect("a key")
        );
        case.database.query(&edit);
        let rows = case.file("rows/payments.jsonl");
        let gone = rows
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
            .find(|row| row["rebook_action"] == "insert")
            .expect("a new payment");
        let id = gone["rebook_id"].as_str().expect("an id");
        case.database
            .query(&format!("DELETE FROM {payments} WHERE {charge} = '{id}';"));
        let touched = case.verified();
        assert_eq!(
            touched.get("differs").copied(),
            Some(stands.get("differs").copied().unwrap_or(0) + 1),
            "{name}: {touched:?}"
        );
        assert_eq!(touched["missing"], 1, "{name}: {touched:?}");

        let undone = case.database.load(&case.file("undo.sql"));
        assert!(!undone.ok, "{name}: a loaded row was edited: {}", undone.out);
    }
}

#[test]
fn every_file_can_be_rehearsed_and_needs_no_journal() {
    for (name, dialect) in WORLDS {
        let Some(case) = Case::open(name, dialect, "rehearsed") else {
            continue;
        };
        let missing = case.verified();
        case.answer(&[
            "export",
            "--skip-flagged",
            "--rehearse",
            "--undo",
            "undo.sql",
            "--out",
            "rehearsal.sql",
        ]);
        let ran = case.database.rehearse(&case.file("rehearsal.sql"));
        assert!(
            ran.ok && ran.out.contains("rolled back"),
            "{name}: {}{}",
            ran.out,
            ran.err
        );
        assert_eq!(case.verified(), missing, "{name}");
        case.answer(&[
            "export",
            "--skip-flagged",
            "--journal",
            "none",
            "--out",
            "quiet.sql",
        ]);
        let quiet = case.file("quiet.sql");
        assert!(quiet.contains("It keeps no journal"), "{name}");
        let ran = case.database.load(&quiet);
        assert!(ran.ok, "{name}: {}{}", ran.out, ran.err);
        assert!(!case.verified().contains_key("missing"), "{name}");
        let both = case.run(&[
            "export",
            "--skip-flagged",
            "--journal",
            "none",
            "--undo",
            "undo.sql",
            "--out",
            "quiet.sql",
        ]);
        assert_eq!(both.status.code(), Some(2), "{name}");
    }
}

/// The session is read-only by the server's word: what would write in it is refused, whoever asks.
#[test]
fn a_url_is_read_in_a_session_that_cannot_write() {
    let writers = [
        (
            "demo",
            Dialect::Postgres,
            "pg_dump",
            "for a in \"$@\"; do case $a in --dbname=*) db=${a#--dbname=};; --username=*) user=${a#--username=};; esac; done\nexec psql -X -U \"$user\" -d \"$db\" -c 'CREATE TABLE written (a int)'",
            "read-only transaction",
        ),
        (
            "dentist",
            Dialect::Mysql,
            "mariadb",
            "PATH=$REAL exec mariadb \"$@\" --execute='CREATE TABLE written (a int)'",
            "READ ONLY",
        ),
    ];
    for (name, dialect, program, script, refusal) in writers {
        let Some(case) = Case::open(name, dialect, "readonly") else {
            continue;
        };
        let folder = case.own.path().join("bin");
        fs::create_dir(&folder).expect("a folder");
        let path = std::env::var("PATH").expect("a path");
        let script = format!("#!/bin/sh\nREAL='{path}'\nexport REAL\n{script}\n");
        let fake = folder.join(program);
        fs::write(&fake, script).expect("a program");
        fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).expect("it can be run");
        let ran = case
            .command(&["verify", "--target", &case.database.url()])
            .env("PATH", format!("{}:{path}", folder.display()))
            .output()
            .expect("the program can be started");
        let words = String::from_utf8_lossy(&ran.stderr);
        assert!(
            !ran.status.success() && words.contains(refusal),
            "{name}: {words}"
        );
        assert!(
            !case.database.load("SELECT * FROM written;").ok,
            "{name}: it was written"
        );
    }
}

#[test]
fn the_lost_database_that_comes_back_says_how_right_it_was_and_what_to_merge() {
    for (name, dialect) in WORLDS {
        let Some(case) = Case::open(name, dialect, "restored") else {
            continue;
        };
        let Some(lost) = Database::create(dialect, "lost") else {
            continue;
        };
        lost.query(&case.truth("truth.sql"));
        let file = case.world.join("truth/truth.sql").display().to_string();
        let by = |truth: &str| -> Value {
            let answer = case.answer(&[
                "evaluate",
                "--json",
                "--truth",
                truth,
                "--live",
                &case.database.url(),
            ]);
            serde_json::from_str(&answer).expect("JSON")
        };
        let (from_file, from_server) = (by(&file), by(&lost.url()));
        assert_eq!(
            from_file, from_server,
            "{name}: a dump and the server say the same"
        );
        assert!(from_file["found_clean"].as_u64() > Some(5), "{name}: {from_file}");
        // People change their addresses after they have booked; nothing else is wrong.
        for (field, counts) in from_file["clean"].as_object().expect("fields") {
            assert!(
                counts["wrong"] == 0 || field == "customer email",
                "{name} {field}: {counts}"
            );
        }
        for mistaken in from_file["mistaken"].as_array().expect("a list") {
            assert_eq!(
                mistaken["fields"],
                serde_json::json!(["customer email"]),
                "{name}"
            );
        }
        let plan = from_file["plan"].as_array().expect("a plan");
        assert!(!plan.is_empty(), "{name}: production has taken bookings since");
        let told = case.answer(&["evaluate", "--truth", &file, "--live", &lost.url()]);
        assert!(
            told.contains("What production took in or changed meanwhile"),
            "{name}: {told}"
        );
    }
}
