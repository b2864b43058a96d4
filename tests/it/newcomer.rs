//! A newcomer's path: the commands as README and the guide for an outage print them, in a folder with nothing but the
//! exports of a business, up to rows in a real database.
//!
//! The commands are read out of the documents, so that neither can drift. What a person has to fill in is filled in
//! here: the folder, the database, and answers.

use crate::reload_servers::Database;
use rebook::model::Dialect;
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// From nothing to the first sheet.
const FIRST_SHEET_MAX: Duration = Duration::from_mins(10);
/// Keeps every case as it stands; a sitting that has no more cases reads no more lines.
const ANSWERS: &str = "k\n";
const ANSWERS_MAX: usize = 400;

/// The commands in a document's blocks of `sh`, from one heading on up to another.
fn commands(document: &str, from: &str, to: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = fs::read_to_string(path).expect("a document");
    let begin = text.find(from).expect("the heading to begin at");
    let end = begin + text[begin..].find(to).expect("the heading to end at");
    let mut found = Vec::new();
    let mut is_shell = false;
    for line in text[begin..end].lines().map(str::trim) {
        match line {
            "```sh" => is_shell = true,
            "```" => is_shell = false,
            line if is_shell && !line.is_empty() => found.push(line.to_owned()),
            _ => {}
        }
    }
    found
}

/// A clean machine: a folder with the exports of a business, and the program on the path.
struct Newcomer {
    home: tempfile::TempDir,
    began: Instant,
}

impl Newcomer {
    fn with_exports_of(business: &str, bookings: u32) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let world = home.path().join("world");
        let made = Command::new(env!("CARGO_BIN_EXE_rebook"))
            .args(["simulate", "--quiet", "--business", business, "--bookings"])
            .arg(bookings.to_string())
            .arg("--out")
            .arg(&world)
            .output()
            .expect("rebook runs");
        assert!(made.status.success(), "{}", said(&made));
        let exports = home.path().join("exports");
        fs::create_dir(&exports).expect("a new folder");
        for part in ["backup.sql", "stripe", "calendar", "mail"] {
            fs::rename(world.join(part), exports.join(part)).expect("a part of the world");
        }
        fs::rename(world.join("truth"), home.path().join("truth")).expect("the world's truth");
        fs::remove_dir_all(&world).expect("the world, with its configuration");
        Self {
            home,
            began: Instant::now(),
        }
    }

    fn exports(&self) -> PathBuf {
        self.home.path().join("exports")
    }

    /// Types a line into a shell; `answers` is what is typed after it.
    fn types(&self, line: &str, folder: &Path, answers: &str) -> Output {
        let bin = Path::new(env!("CARGO_BIN_EXE_rebook"))
            .parent()
            .expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut child = Command::new("sh")
            .args(["-c", line])
            .current_dir(folder)
            .env_clear()
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("HOME", self.home.path())
            .env("USER", "newcomer")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut stdin = child.stdin.take().expect("a piped stdin");
        let answers = answers.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(answers.as_bytes()));
        let output = child.wait_with_output().expect("the command ends");
        // A command that asks nothing has closed its side.
        drop(writer.join());
        output
    }

    /// Types a line that must do its work.
    fn does(&self, line: &str) -> String {
        self.does_with(line, "")
    }

    fn does_with(&self, line: &str, answers: &str) -> String {
        let output = self.types(line, &self.exports(), answers);
        // 3: it did its work, and questions are open.
        assert!(
            matches!(output.status.code(), Some(0 | 3)),
            "{line}: {}",
            said(&output)
        );
        said(&output)
    }

    /// The day's sheet holds whoever truly comes on it.
    fn sheet_names_who_comes(&self) {
        let mut days = std::collections::BTreeMap::<String, Vec<String>>::new();
        for line in fs::read_to_string(self.home.path().join("truth/bookings.jsonl"))
            .expect("the truth")
            .lines()
        {
            let booking: Value = serde_json::from_str(line).expect("JSON");
            if booking["status"] == "confirmed"
                && let (Some(starts), Some(reference)) =
                    (booking["starts_at"].as_str(), booking["reference"].as_str())
            {
                days.entry(starts[..10].to_owned())
                    .or_default()
                    .push(reference.to_owned());
            }
        }
        let (day, references) = days
            .iter()
            .max_by_key(|(_, all)| all.len())
            .expect("somebody comes");
        let sheet = self.does(&format!("rebook sheet --day {day} --csv"));
        let found = references
            .iter()
            .filter(|reference| sheet.contains(reference.as_str()))
            .count();
        assert!(
            found * 10 >= references.len() * 8,
            "{found} of {} who come on {day} are on its sheet: {sheet}",
            references.len()
        );
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// What a client has to be told to reach the test's database, and its URL.
fn place(database: &Database, dialect: Dialect) -> (String, String) {
    let (name, place) = database.address();
    match dialect {
        Dialect::Postgres => {
            let folder = place
                .trim_start_matches("host=")
                .split(' ')
                .next()
                .unwrap_or_default();
            (
                format!("'{place} dbname={name}'"),
                format!("'postgres://rebook@/{name}?host={folder}'"),
            )
        }
        Dialect::Mysql => (
            format!("--user=root --socket={place} {name}"),
            format!("'mysql://root@/{name}?socket={place}'"),
        ),
        Dialect::Sqlite => (place.clone(), place),
    }
}

/// Restores the old backup, as a business does before it loads anything.
fn restored(newcomer: &Newcomer, business: &str, dialect: Dialect) -> Option<Database> {
    let database = Database::create(dialect, &format!("newcomer_{business}"))?;
    let backup = fs::read_to_string(newcomer.exports().join("backup.sql")).expect("the backup");
    let ran = database.load(&backup);
    assert!(ran.ok, "{}{}", ran.out, ran.err);
    Some(database)
}

/// How many bookings an export says that it adds.
fn inserted(said: &str) -> usize {
    let line = said
        .lines()
        .find_map(|line| line.trim().strip_suffix(" new bookings"))
        .unwrap_or_else(|| panic!("nothing new: {said}"));
    line.replace(',', "").parse().expect("a count")
}

/// Rows of the drafted table of bookings.
fn rows(newcomer: &Newcomer, database: &Database) -> usize {
    let draft: toml::Table = fs::read_to_string(newcomer.exports().join("rebook.toml"))
        .expect("a draft")
        .parse()
        .expect("TOML");
    let table = draft["target"]["booking"]["table"]
        .as_str()
        .expect("a table")
        .to_owned();
    let counted = database.query(&format!("SELECT count(*) FROM {table};"));
    counted.trim().parse().expect("a count")
}

#[test]
fn the_guide_for_an_outage_leads_from_exports_to_loaded_rows() {
    let newcomer = Newcomer::with_exports_of("hire", 160);
    let Some(database) = restored(&newcomer, "hire", Dialect::Postgres) else {
        return;
    };
    let (reached, url) = place(&database, Dialect::Postgres);
    let lines = commands(
        "docs/outage.md",
        "**1. Put what you have",
        "Something went wrong on the way?",
    );
    let verbs: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(
        verbs,
        [
            "init", "doctor", "pull", "sheet", "report", "review", "export", "-X", "-X", "verify", "forget"
        ],
        "another path than the test walks: {lines:?}"
    );
    let (mut before, mut loaded) = (0, 0);
    for line in &lines {
        let line = line.replace("DATABASE", &reached).replace("URL", &url);
        match line.split(' ').nth(1).unwrap_or_default() {
            "review" => drop(newcomer.does_with(&line, &ANSWERS.repeat(ANSWERS_MAX))),
            "export" => {
                let said = newcomer.does(&line);
                loaded = inserted(&said);
                assert!(loaded > 30, "{said}");
                before = rows(&newcomer, &database);
            }
            "verify" => {
                let said = newcomer.does(&line);
                assert_eq!(rows(&newcomer, &database), before + loaded, "{said}");
                assert!(!said.contains("missing:"), "{said}");
            }
            "forget" => {
                newcomer.does_with(&line, "Harbour Bikes\n");
                assert!(
                    !newcomer.exports().join("staging.db").exists(),
                    "people's data is left"
                );
                assert!(
                    newcomer.exports().join("backup.sql").exists(),
                    "the backup is gone"
                );
            }
            "sheet" => {
                newcomer.does(&line);
                assert!(
                    newcomer.began.elapsed() < FIRST_SHEET_MAX,
                    "{:?}",
                    newcomer.began.elapsed()
                );
                let page = fs::read_to_string(newcomer.exports().join("sheet.html")).expect("a page");
                assert!(page.contains("Harbour Bikes"), "{page}");
                newcomer.sheet_names_who_comes();
            }
            "-X" => {
                let rehearsed = !line.contains("commit=1");
                newcomer.does(&line);
                let now = rows(&newcomer, &database);
                assert_eq!(rehearsed, now == before, "{line}: {before} rows, then {now}");
            }
            _ => drop(newcomer.does(&line)),
        }
    }
}

/// The steps under "With your own data"; the commands that rehearse and load are those that the export prints.
fn by_the_readme(business: &str, bookings: u32, dialect: Dialect) {
    let newcomer = Newcomer::with_exports_of(business, bookings);
    let Some(database) = restored(&newcomer, business, dialect) else {
        return;
    };
    let (reached, url) = place(&database, dialect);
    let lines = commands(
        "README.md",
        "\n## With your own data",
        "\n## How each source is connected",
    );
    let verbs: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(verbs, ["init", "rebuild", "review", "export"], "{lines:?}");
    let first = lines[0].replace("FOLDER", "exports");
    let drafted = newcomer.types(&first, newcomer.home.path(), "");
    assert!(drafted.status.success(), "{}", said(&drafted));
    newcomer.does(&lines[1]);
    newcomer.does_with(&lines[2], &ANSWERS.repeat(ANSWERS_MAX));
    let rehearsal = newcomer.does(&format!(
        "{} --rehearse",
        lines[3].replace("reload.sql", "rehearsal.sql")
    ));
    let printed = |said: &str, word: &str| {
        let line = said
            .lines()
            .find_map(|line| line.trim().strip_prefix(word))
            .unwrap_or_else(|| panic!("no line begins with {word}: {said}"));
        let command = line.split("    (").next().unwrap_or(line).trim();
        command.replace("DATABASE", &reached)
    };
    let before = rows(&newcomer, &database);
    newcomer.does(&printed(&rehearsal, "Rehearse:"));
    assert_eq!(rows(&newcomer, &database), before, "a rehearsal leaves nothing");
    let exported = newcomer.does(&lines[3]);
    newcomer.does(&printed(&exported, "Load:"));
    let inserted = inserted(&exported);
    assert!(inserted > 20, "{inserted} bookings were rebuilt");
    assert_eq!(rows(&newcomer, &database), before + inserted);
    let verified = newcomer.does(&format!("rebook verify --target {url}"));
    assert!(!verified.contains("missing:"), "{verified}");
}

#[test]
fn the_readme_leads_a_business_on_sqlite_to_loaded_rows() {
    by_the_readme("flats", 240, Dialect::Sqlite);
}

#[test]
fn the_readme_leads_a_business_on_mysql_to_loaded_rows() {
    by_the_readme("boats", 200, Dialect::Mysql);
}
