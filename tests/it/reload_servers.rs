//! Runs SQL files in real databases, through the programs that people run them with.
//!
//! `tests/run` starts the servers and says where they are. Without one, a test says that it is skipped
//! when it is run by hand, and fails under CI.

use rebook::model::Dialect;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// One database of our own on a real server.
pub struct Database {
    dialect: Dialect,
    name: String,
    place: String,
    folder: TempDir,
}

/// What one run of a client gave.
pub struct Ran {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

impl Database {
    /// A new, empty database; None where its server is missing and the test is run by hand.
    pub fn create(dialect: Dialect, name: &str) -> Option<Self> {
        let variable = match dialect {
            Dialect::Postgres => "REBOOK_TEST_PG",
            Dialect::Mysql => "REBOOK_TEST_MARIADB",
            Dialect::Sqlite => "REBOOK_TEST_SQLITE",
        };
        let Ok(place) = std::env::var(variable) else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "{variable} is not set: run tests/run"
            );
            // Not through the macro, whose words the test harness keeps to itself.
            drop(writeln!(
                std::io::stderr(),
                "skipped: {name} on {dialect:?}, for {variable} is not set (run tests/run)"
            ));
            return None;
        };
        let database = Self {
            dialect,
            name: format!("rebook_{name}_{}", std::process::id()),
            place,
            folder: TempDir::new().expect("a temporary folder"),
        };
        let name = &database.name;
        match dialect {
            Dialect::Postgres => database.must("postgres", &format!("CREATE DATABASE {name};")),
            Dialect::Mysql => database.must("", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4;")),
            Dialect::Sqlite => String::new(),
        };
        Some(database)
    }

    /// Its name and where its server is; of SQLite, the file.
    pub fn address(&self) -> (String, String) {
        let place = match self.dialect {
            Dialect::Sqlite => self.folder.path().join("live.db").display().to_string(),
            _ => self.place.clone(),
        };
        (self.name.clone(), place)
    }

    /// Runs a file as a person would, and commits.
    pub fn load(&self, sql: &str) -> Ran {
        self.run(&self.name, sql, &["-v", "commit=1"])
    }

    /// Runs a PostgreSQL file without `commit`.
    pub fn rehearse(&self, sql: &str) -> Ran {
        self.run(&self.name, sql, &[])
    }

    /// Runs SQL beside another run.
    pub fn beside(&self, sql: &str) -> Ran {
        self.run_as("beside.sql", &self.name, sql, &[])
    }

    /// Runs SQL that must succeed, and returns its rows, cells divided by `|`.
    pub fn query(&self, sql: &str) -> String {
        self.must(&self.name, sql)
    }

    /// The database as `--live` and `--target` name it.
    pub fn url(&self) -> String {
        let name = &self.name;
        match self.dialect {
            Dialect::Postgres => {
                let option = |wanted: &str| {
                    let mut options = self.place.split_whitespace();
                    options
                        .find_map(|option| option.strip_prefix(wanted))
                        .unwrap_or_default()
                };
                format!("postgres://{}@/{name}?host={}", option("user="), option("host="))
            }
            Dialect::Mysql => format!("mysql://root@/{name}?socket={}", self.place),
            Dialect::Sqlite => self.folder.path().join("live.db").display().to_string(),
        }
    }

    fn must(&self, database: &str, sql: &str) -> String {
        let ran = self.run(database, sql, &["-A", "-t", "-q"]);
        assert!(ran.ok, "{sql}\n{}{}", ran.out, ran.err);
        match self.dialect {
            Dialect::Mysql => ran.out.replace('\t', "|"),
            _ => ran.out,
        }
    }

    fn run(&self, database: &str, sql: &str, psql: &[&str]) -> Ran {
        self.run_as("run.sql", database, sql, psql)
    }

    fn run_as(&self, file: &str, database: &str, sql: &str, psql: &[&str]) -> Ran {
        let mut command;
        match self.dialect {
            Dialect::Postgres => {
                let file = self.folder.path().join(file);
                std::fs::write(&file, sql).expect("a file in a temporary folder");
                command = Command::new("psql");
                command
                    .args(["-X", "-v", "ON_ERROR_STOP=1"])
                    .args(psql)
                    .args(["-d", &format!("{} dbname={database}", self.place), "-f"])
                    .arg(&file);
            }
            Dialect::Mysql => {
                command = Command::new("mariadb");
                command
                    .args([
                        "--no-defaults",
                        "-N",
                        "--default-character-set=utf8mb4",
                        "-u",
                        "root",
                        "-S",
                    ])
                    .arg(&self.place)
                    .args((!database.is_empty()).then_some(database));
            }
            Dialect::Sqlite => {
                command = Command::new("sqlite3");
                command.arg("-bail").arg(self.folder.path().join("live.db"));
            }
        }
        let piped = self.dialect != Dialect::Postgres;
        finish(command, piped.then_some(sql), self.folder.path())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = &self.name;
        match self.dialect {
            Dialect::Postgres => drop(self.run("postgres", &format!("DROP DATABASE {name};"), &[])),
            Dialect::Mysql => drop(self.run("", &format!("DROP DATABASE {name};"), &[])),
            Dialect::Sqlite => {}
        }
    }
}

fn finish(mut command: Command, input: Option<&str>, folder: &Path) -> Ran {
    let mut child = command
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the client is installed where its server is");
    let mut stdin = child.stdin.take().expect("a piped stdin");
    let input = input.unwrap_or("").to_owned();
    // In a thread of its own: a client that stops at an error closes its side early, or fills its output first.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("the client ends");
    drop(writer.join());
    Ran {
        ok: status.success(),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}
