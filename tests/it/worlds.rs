//! Rebuilds every world in `fixtures/` through the program, and holds the bookings against what is true.
//!
//! A world is a folder with `truth/`. It is rebuilt on a copy without that, with staging elsewhere. What it must
//! reach stands in `tests/worlds.toml`.

use rebook::model::{Booking, FieldName, RecordId, State, Value, stable_hash};
use rebook::store::Staging;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const MEASURES: &str = "tests/worlds.toml";

/// What a world reaches at least.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measures {
    recall_min: f64,
    flagged_max: f64,
    payments_none_max: u64,
    /// Without the backup, and with records from after it alone; made and changed bookings of before do not count.
    untaught: Untaught,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Untaught {
    recall_min: f64,
    flagged_max: f64,
}

/// What `evaluate --json` answers, as far as it is looked at here.
#[derive(Debug, Deserialize)]
struct Score {
    recall: f64,
    clean: u64,
    silent: u64,
    flagged_rate: f64,
    payments: BTreeMap<String, u64>,
}

/// A world without its truth in a folder of its own, and its staging beside it.
struct Copy {
    folder: TempDir,
}

#[test]
fn every_world_is_rebuilt_as_well_as_was_measured() {
    for world in worlds() {
        let name = name_of(&world);
        let copy = Copy::of(&world);
        copy.rebuild();
        let bookings = copy.answer(&["bookings", "--json"]);
        assert!(
            bookings == copy.answer(&["bookings", "--json"]),
            "{name}: asked twice, answered differently"
        );
        let file = copy.folder.path().join("bookings.jsonl");
        fs::write(&file, bookings).expect("a writable folder");
        let world = world.to_str().expect("a plain path");
        let file = file.to_str().expect("a plain path");
        let answer = copy.answer(&[
            "evaluate",
            "--json",
            "--show",
            "9",
            "--world",
            world,
            "--bookings",
            file,
        ]);
        let mut lines = answer.lines();
        let score: Score = serde_json::from_str(lines.next().expect("a line")).expect("a score");
        let wrong: Vec<&str> = lines.collect();
        assert_eq!(score.silent, 0, "{name}: {}", wrong.join("\n"));
        assert!(score.clean > 0, "{name}: nothing is clean");
        assert_eq!(score.payments["another"], 0, "{name}: {score:?}");
        assert_eq!(score.payments["not a payment"], 0, "{name}: {score:?}");
        let measures = measures();
        let bounds = measures
            .get(&name)
            .unwrap_or_else(|| panic!("{name} is missing in {MEASURES}; it reaches {score:?}"));
        assert!(score.recall >= bounds.recall_min, "{name}: {score:?}");
        assert!(score.flagged_rate <= bounds.flagged_max, "{name}: {score:?}");
        assert!(
            score.payments["none"] <= bounds.payments_none_max,
            "{name}: {score:?}"
        );
    }
}

#[test]
fn every_world_is_rebuilt_without_a_backup_too() {
    for world in worlds() {
        let name = name_of(&world);
        let copy = Copy::of(&world);
        copy.forget_the_backup();
        copy.rebuild();
        let file = copy.folder.path().join("bookings.jsonl");
        fs::write(&file, copy.answer(&["bookings", "--json"])).expect("a writable folder");
        let world = world.to_str().expect("a plain path");
        let file = file.to_str().expect("a plain path");
        let answer = copy.answer(&[
            "evaluate",
            "--no-baseline",
            "--json",
            "--show",
            "9",
            "--world",
            world,
            "--bookings",
            file,
        ]);
        let mut lines = answer.lines();
        let score: Score = serde_json::from_str(lines.next().expect("a line")).expect("a score");
        let wrong: Vec<&str> = lines.collect();
        assert_eq!(score.silent, 0, "{name}: {}", wrong.join("\n"));
        let bounds = &measures()[&name].untaught;
        assert!(score.recall >= bounds.recall_min, "{name}: {score:?}");
        assert!(score.flagged_rate <= bounds.flagged_max, "{name}: {score:?}");
    }
}

#[test]
fn every_value_of_a_clean_booking_cites_a_record() {
    for world in worlds() {
        let copy = Copy::of(&world);
        copy.rebuild();
        let bookings = copy.staging().bookings().expect("the bookings of a build");
        let clean: Vec<&Booking> = bookings
            .iter()
            .filter(|booking| booking.state == State::Clean)
            .collect();
        assert!(!clean.is_empty(), "{}: nothing is clean", name_of(&world));
        let wrong: Vec<String> = clean.into_iter().flat_map(uncited).collect();
        assert!(wrong.is_empty(), "{}:\n{}", name_of(&world), wrong.join("\n"));
    }
}

#[test]
fn the_order_of_the_input_does_not_matter() {
    for world in worlds() {
        let (copy, shuffled) = (Copy::of(&world), Copy::of(&world));
        assert!(
            shuffle(&shuffled.world()) >= 3,
            "{}: nothing to shuffle",
            name_of(&world)
        );
        copy.rebuild();
        shuffled.rebuild();
        let ask = ["bookings", "--json"];
        assert_same(
            &copy.answer(&ask),
            &shuffled.answer(&ask),
            &format!("{} shuffled", name_of(&world)),
        );
    }
}

#[test]
fn a_second_rebuild_changes_nothing() {
    for world in worlds() {
        let copy = Copy::of(&world);
        let answers = || {
            [
                &["bookings", "--json"][..],
                &["money", "--json"],
                &["status", "--json"],
            ]
            .map(|ask| timeless(&copy.answer(ask)))
        };
        copy.rebuild();
        let first = answers();
        copy.rebuild();
        for (first, second) in first.iter().zip(&answers()) {
            assert_same(first, second, &format!("{} rebuilt twice", name_of(&world)));
        }
    }
}

#[test]
fn every_measure_is_of_a_world() {
    let names: BTreeSet<String> = worlds().iter().map(|world| name_of(world)).collect();
    let measured: BTreeSet<String> = measures().into_keys().collect();
    assert_eq!(names, measured, "worlds in fixtures/, and worlds in {MEASURES}");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn worlds() -> Vec<PathBuf> {
    let mut worlds: Vec<PathBuf> = fs::read_dir(root().join("fixtures"))
        .expect("the fixtures lie there")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.join("truth").is_dir())
        .collect();
    worlds.sort();
    assert!(!worlds.is_empty(), "no world in fixtures/");
    worlds
}

fn name_of(world: &Path) -> String {
    let name = world.file_name().expect("a folder has a name");
    name.to_string_lossy().into_owned()
}

fn measures() -> BTreeMap<String, Measures> {
    let text = fs::read_to_string(root().join(MEASURES)).expect("the measures lie there");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{MEASURES}: {error}"))
}

impl Copy {
    fn of(world: &Path) -> Self {
        let copy = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        fs::create_dir(copy.world()).expect("a new folder");
        copy_tree(world, &copy.world());
        copy
    }

    fn world(&self) -> PathBuf {
        self.folder.path().join("world")
    }

    fn staging(&self) -> Staging {
        Staging::open(&self.folder.path().join("staging.db")).expect("a staging database")
    }

    /// Takes the backup out of the configuration, and with it the months before.
    fn forget_the_backup(&self) {
        let path = self.world().join("rebook.toml");
        let text = fs::read_to_string(&path).expect("a configuration");
        let backup = text
            .lines()
            .find_map(|line| line.strip_prefix("backup = "))
            .expect("when the backup was taken");
        let mut kept: Vec<String> = Vec::new();
        let mut is_baseline = false;
        for line in text.lines() {
            if line.starts_with('[') {
                is_baseline = line == "[baseline]";
            }
            if line.starts_with("learn_from = ") {
                kept.push(format!("learn_from = {backup}"));
            } else if !is_baseline {
                kept.push(line.to_owned());
            }
        }
        fs::write(&path, kept.join("\n")).expect("a writable copy");
        fs::remove_file(self.world().join("backup.sql")).expect("a copy of the backup");
    }

    fn rebuild(&self) {
        self.run(&["rebuild", "--quiet"], &[0, 3]);
    }

    fn answer(&self, arguments: &[&str]) -> String {
        self.run(arguments, &[0])
    }

    fn run(&self, arguments: &[&str], exits: &[i32]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_rebook"))
            .args(arguments)
            .args(["--config", "world/rebook.toml", "--staging", "staging.db"])
            .current_dir(self.folder.path())
            .env_clear()
            .output()
            .expect("the program can be started");
        let words = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().expect("an exit code");
        assert!(exits.contains(&code), "{arguments:?} exits with {code}: {words}");
        String::from_utf8(output.stdout).expect("answers are UTF-8")
    }
}

/// Copies a world, but not what is true of it.
fn copy_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a readable folder") {
        let entry = entry.expect("a readable folder");
        let target = to.join(entry.file_name());
        if entry.file_name() == "truth" {
            continue;
        }
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a new folder");
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}

/// A fault: addresses and numbers of a rule that was right in less than 95 of 100 are kept without their claim.
/// To be emptied once fuse cites them.
const UNCITED_TODAY: [FieldName; 2] = [FieldName::CustomerEmail, FieldName::CustomerPhone];

/// The values of a booking that no record of it states, a line each.
fn uncited(booking: &Booking) -> Vec<String> {
    let records: BTreeSet<&RecordId> = booking.records.iter().collect();
    let mut wrong = Vec::new();
    if records.is_empty() {
        wrong.push(format!("{}: no record at all", booking.id));
    }
    for (field, value) in booking.fields() {
        let claims = booking.claims.get(&field).map_or(&[][..], Vec::as_slice);
        let cited = claims.iter().any(|claim| records.contains(&claim.record));
        if !cited && !follows_from_others(booking, field) && !UNCITED_TODAY.contains(&field) {
            wrong.push(format!("{}: {field} = {value:?}", booking.id));
        }
    }
    for payment in &booking.payments {
        if !records.iter().any(|record| record.native() == payment.id) {
            wrong.push(format!("{}: payment {}", booking.id, payment.id));
        }
    }
    wrong
}

/// Values that no record need spell out: those of a row in the backup that cited values led to; that a booking
/// stands unless a record says otherwise; and that it was made when its first record was.
fn follows_from_others(booking: &Booking, field: FieldName) -> bool {
    let customer = &booking.customer;
    match field {
        FieldName::Status => !booking
            .fields()
            .contains(&(field, Value::Status(rebook::model::Status::Cancelled))),
        FieldName::CreatedAt | FieldName::BookingKey | FieldName::CustomerKey => true,
        FieldName::ResourceName => {
            booking.claims.contains_key(&FieldName::ResourceKey) || booking.baseline_key.is_some()
        }
        FieldName::CustomerName
        | FieldName::CustomerFirstName
        | FieldName::CustomerLastName
        | FieldName::CustomerEmail
        | FieldName::CustomerPhone => customer.baseline_key.is_some() && booking.baseline_key.is_some(),
        _ => booking.baseline_key.is_some(),
    }
}

/// Renames files, and puts what they hold in another order; gives the number of files. Calendars keep their names:
/// a file is known as a calendar by its name.
fn shuffle(world: &Path) -> usize {
    let mut shuffled = 0;
    for (folder, renamed) in [("stripe", true), ("calendar", false), ("mail", true)] {
        let folder = world.join(folder);
        for entry in fs::read_dir(&folder).expect("a source's folder") {
            let path = entry.expect("a readable folder").path();
            let is_mail = path.extension().is_some_and(|end| end == "mbox");
            let bytes = fs::read(&path).expect("a readable file");
            let bytes = if is_mail {
                shuffle_mbox(&bytes)
            } else {
                shuffle_page(&bytes)
            };
            fs::remove_file(&path).expect("a file of the copy");
            let name = name_of(&path);
            let name = if renamed {
                format!("{}-{name}", stable_hash(&[&name]))
            } else {
                name
            };
            fs::write(folder.join(name), bytes).expect("a writable folder");
            shuffled += 1;
        }
    }
    shuffled
}

/// A page of a list with its entries, and its own members, in another order; each entry keeps its bytes.
fn shuffle_page(bytes: &[u8]) -> Vec<u8> {
    let page: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(bytes).expect("a page");
    let mut members = Vec::new();
    for (name, member) in page.iter().rev() {
        let member = match serde_json::from_str::<Vec<&RawValue>>(member.get()) {
            Ok(mut entries) => {
                entries.sort_by_key(|entry| stable_hash(&[entry.get()]));
                let entries: Vec<&str> = entries.iter().map(|entry| entry.get()).collect();
                format!("[{}]", entries.join(","))
            }
            Err(_) => member.get().to_owned(),
        };
        members.push(format!("{}:{member}", serde_json::json!(name)));
    }
    format!("{{{}}}", members.join(",")).into_bytes()
}

/// A mailbox with its messages in another order; each keeps its bytes.
fn shuffle_mbox(bytes: &[u8]) -> Vec<u8> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let begins = messages.last().is_none_or(|message| message.ends_with(b"\n\n"));
        if begins && line.starts_with(b"From ") {
            messages.push(Vec::new());
        }
        messages
            .last_mut()
            .expect("a mailbox begins with a message")
            .extend(line);
    }
    assert!(messages.len() > 1, "a mailbox with several messages");
    messages.sort_by_key(|message| stable_hash(&[&String::from_utf8_lossy(message)]));
    messages.concat()
}

/// Without when sources were read and what the last build changed, which a second one cannot repeat.
fn timeless(answer: &str) -> String {
    let mut out = String::new();
    for line in answer.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        if let Some(fields) = line.as_object_mut() {
            fields.remove("changes");
            fields.remove("sources");
        }
        out += &line.to_string();
        out.push('\n');
    }
    out
}

fn assert_same(one: &str, other: &str, what: &str) {
    let different = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    if let Some((one, other)) = different {
        panic!("{what}:\n{one}\n{other}");
    }
    assert_eq!(one, other, "{what}: one answer is longer");
}
