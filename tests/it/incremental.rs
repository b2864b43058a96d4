//! Records that come little by little make what they make at once, and what did not change is not done again.

use rebook::model::{Record, stable_hash};
use rebook::store::{Staging, StoreError};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// In how many portions records come before the last few.
const PORTIONS: u64 = 3;
/// So many come last.
const LAST: usize = 10;

#[test]
fn records_that_come_little_by_little_make_what_they_make_at_once() {
    for (seed, world) in worlds().iter().enumerate() {
        let name = world.display();
        let desk = Desk::of(world);
        desk.run("whole.db", &["rebuild", "--quiet"]);
        let whole = desk.answers("whole.db");
        let records = desk.records("whole.db");
        let mut portions: BTreeMap<u64, Vec<Record>> = BTreeMap::new();
        for (at, record) in shuffled(records, seed).into_iter().enumerate() {
            let portion = if at < LAST { PORTIONS } else { at as u64 % PORTIONS };
            portions.entry(portion).or_default().push(record);
        }
        for (portion, records) in portions {
            desk.receive("parts.db", &records);
            // Killed somewhere on the way, and done again.
            let mut child = desk
                .command("parts.db", &["build", "--quiet"])
                .stdout(Stdio::null())
                .spawn()
                .expect("the program can be started");
            std::thread::sleep(Duration::from_millis(150 * (portion + 1)));
            child.kill().expect("a child that is ours");
            child.wait().expect("a child");
            desk.build("parts.db");
        }
        assert!(desk.answers("parts.db") == whole, "{name}: ends elsewhere");
    }
}

#[test]
fn what_did_not_change_is_not_done_again() {
    let desk = Desk::of(&root().join("fixtures/dentist"));
    desk.run("whole.db", &["rebuild", "--quiet"]);
    let (records, whole) = (desk.records("whole.db"), desk.answers("whole.db"));
    // The payments that came last are of long after the backup.
    let (mut charges, mut rest): (Vec<Record>, Vec<Record>) =
        records.into_iter().partition(|record| record.object == "charge");
    charges.sort_by_key(created);
    rest.extend(charges.drain(..charges.len() - LAST));
    desk.receive("parts.db", &rest);
    let first = desk.build("parts.db");
    assert!(first["new_records"].is_null(), "{first}");
    assert_eq!(reused(&first), [""; 0]);
    assert!(
        desk.answers("parts.db") != whole,
        "the last payments tell nothing"
    );
    let again = desk.build("parts.db");
    assert_eq!(again["new_records"], 0, "{again}");
    assert_eq!(reused(&again), ["extract", "learn", "link", "backtest", "fuse"]);
    desk.receive("parts.db", &charges);
    let last = desk.build("parts.db");
    assert_eq!(last["new_records"], LAST, "{last}");
    assert_eq!(reused(&last), ["learn", "backtest"]);
    assert!(desk.answers("parts.db") == whole, "ends elsewhere");
    // A rule that a person changed is read with, and tried on the backup, anew.
    let file = desk.folder.path().join("parts.mappings/calendar.toml");
    let text = fs::read_to_string(&file).expect("a mapping file");
    fs::write(&file, format!("{text}\n# by hand\n")).expect("a writable file");
    assert_eq!(reused(&desk.build("parts.db")), ["learn"]);
}

/// When a charge was made, in seconds since 1970.
fn created(record: &Record) -> u64 {
    let charge: serde_json::Value = serde_json::from_slice(&record.bytes).expect("a charge in JSON");
    charge["created"].as_u64().expect("when it was made")
}

fn reused(summary: &serde_json::Value) -> Vec<&str> {
    let stages = summary["reused"].as_array().into_iter().flatten();
    stages.filter_map(serde_json::Value::as_str).collect()
}

/// A world in a folder of its own, and stagings beside it.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn of(world: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy_tree(world, &folder.path().join("world"));
        Self { folder }
    }

    fn staging(&self, name: &str) -> Staging {
        Staging::open(&self.folder.path().join(name)).expect("a staging database")
    }

    /// All that was received, by id.
    fn records(&self, staging: &str) -> Vec<Record> {
        let staging = self.staging(staging);
        let sources = staging.sources().expect("the sources of a pull");
        let names: Vec<String> = sources.into_iter().map(|(name, ..)| name).collect();
        let mut records = Vec::new();
        staging
            .read_records(&names, 100, &mut |chunk| {
                for packed in chunk {
                    records.push(packed.unpack()?);
                }
                Ok::<(), StoreError>(())
            })
            .expect("the records of a pull");
        records
    }

    fn receive(&self, staging: &str, records: &[Record]) {
        let mut staging = self.staging(staging);
        let mut by_source: BTreeMap<&str, Vec<Record>> = BTreeMap::new();
        for record in records {
            by_source
                .entry(record.id.source())
                .or_default()
                .push(record.clone());
        }
        for (source, records) in by_source {
            staging
                .put_records(source, records[0].kind, &records, None)
                .expect("a staging that takes records");
        }
    }

    /// Builds, and gives the summary.
    fn build(&self, staging: &str) -> serde_json::Value {
        let answer = self.run(staging, &["build", "--quiet", "--json"]);
        serde_json::from_str(&answer).expect("a summary in JSON")
    }

    /// Everything that stands after a build, with the mapping files.
    fn answers(&self, staging: &str) -> Vec<String> {
        let mut answers = vec![
            self.run(staging, &["bookings", "--json"]),
            self.run(staging, &["money", "--json"]),
        ];
        let folder = self.folder.path().join(staging).with_extension("mappings");
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .expect("a folder of mappings")
            .map(|entry| entry.expect("a readable folder").path())
            .collect();
        files.sort();
        answers.extend(
            files
                .iter()
                .map(|file| fs::read_to_string(file).expect("a mapping file")),
        );
        answers
    }

    fn command(&self, staging: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rebook"));
        command
            .args(arguments)
            .args(["--config", "world/rebook.toml", "--staging", staging])
            .current_dir(self.folder.path())
            .env_clear();
        command
    }

    fn run(&self, staging: &str, arguments: &[&str]) -> String {
        let output = self
            .command(staging, arguments)
            .output()
            .expect("the program can be started");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 3)),
            "{arguments:?}: {words}"
        );
        String::from_utf8(output.stdout).expect("answers are UTF-8")
    }
}

fn shuffled(mut records: Vec<Record>, seed: usize) -> Vec<Record> {
    records.sort_by_cached_key(|record| stable_hash(&[&seed.to_string(), record.id.as_str()]));
    records
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The worlds that have a truth, and so were made by `simulate`.
fn worlds() -> Vec<PathBuf> {
    let mut worlds: Vec<PathBuf> = fs::read_dir(root().join("fixtures"))
        .expect("the fixtures")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.join("truth").is_dir())
        .collect();
    worlds.sort();
    assert!(!worlds.is_empty(), "no world is found");
    worlds
}

/// Copies a world, but not what is true of it.
fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().expect("a name");
        if name == "truth" {
            continue;
        }
        if path.is_dir() {
            copy_tree(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).expect("a copy");
        }
    }
}
