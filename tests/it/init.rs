//! `rebook init` on the small worlds: what it drafts, that it guesses nothing that is not so, and that a rebuild runs on it.
//!
//! `tests/cases/init/<world>/expected/rebook.toml` is the draft; `UPDATE=1` writes it, for `git diff` to review.

use rebook::config::Config;
use rebook::model::{EntityKind, Target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const WORLDS: [&str; 3] = ["demo", "dentist", "flats"];

#[test]
fn drafts_are_as_expected_and_say_nothing_that_is_wrong() {
    for world in WORLDS {
        let folder = exports(world);
        succeeded(&rebook(folder.path(), &["init", ".", "--yes"]));
        let draft = fs::read_to_string(folder.path().join("rebook.toml")).expect("a draft");
        let expected = root().join(format!("tests/cases/init/{world}/expected/rebook.toml"));
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(expected.parent().expect("a folder")).expect("a writable checkout");
            fs::write(&expected, &draft).expect("a writable checkout");
        }
        let wanted = fs::read_to_string(&expected).expect("expected/rebook.toml; UPDATE=1 writes it");
        assert!(
            draft == wanted,
            "{world}: another draft; UPDATE=1 writes it. Now it is\n{draft}"
        );
        agrees(world, &draft);
    }
}

/// Every line of the draft is what the people of the world wrote; lines may be missing.
fn agrees(world: &str, draft: &str) {
    let read = |text: String| Config::parse(Path::new("rebook.toml"), text).expect("a whole configuration");
    let real =
        fs::read_to_string(root().join(format!("fixtures/{world}/rebook.toml"))).expect("the world's own");
    let (mine, real) = (read(draft.to_owned()), read(real));
    let (ours, theirs) = (&mine.business, &real.business);
    assert_eq!(
        (ours.zone, &ours.country, ours.currency),
        (theirs.zone, &theirs.country, theirs.currency),
        "{world}"
    );
    for source in &mine.sources {
        let other = real
            .sources
            .iter()
            .find(|other| other.kind == source.kind)
            .expect("the same kinds");
        assert_eq!(source.senders, other.senders, "{world}");
    }
    let (mine, real) = (mine.target.expect("a target"), real.target.expect("a target"));
    assert_eq!(mine.dialect, real.dialect, "{world}");
    for kind in EntityKind::ALL {
        same_entity(world, kind, &mine, &real);
    }
}

fn same_entity(world: &str, kind: EntityKind, mine: &Target, real: &Target) {
    let (Some(mine), Some(real)) = (mine.entity(kind), real.entity(kind)) else {
        return;
    };
    let of = |name: &str| format!("{world}, {} {name}", kind.as_str());
    assert_eq!(
        (&mine.table, &mine.key, mine.key_rule),
        (&real.table, &real.key, real.key_rule),
        "{}",
        of("")
    );
    for (field, map) in &mine.columns {
        assert_eq!(Some(map), real.columns.get(field), "{}", of(field));
    }
    for (status, value) in mine.values.get("status").into_iter().flatten() {
        assert_eq!(Some(value), real.values["status"].get(status), "{}", of(status));
    }
}

#[test]
fn a_rebuild_runs_on_the_draft() {
    let folder = exports("demo");
    succeeded(&rebook(folder.path(), &["init", ".", "--yes"]));
    let rebuilt = rebook(folder.path(), &["rebuild"]);
    assert!(matches!(rebuilt.status.code(), Some(0 | 3)), "{}", said(&rebuilt));
    let bookings = rebook(folder.path(), &["bookings", "--json"]);
    let inserted = String::from_utf8_lossy(&bookings.stdout)
        .lines()
        .filter(|line| line.contains("\"action\":\"insert\"") && line.contains("\"state\":\"clean\""))
        .count();
    assert!(
        inserted >= 10,
        "{inserted} clean new bookings: {}",
        said(&rebuilt)
    );
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let folder = exports("demo");
    fs::write(folder.path().join("rebook.toml"), "mine").expect("a file");
    let refused = rebook(folder.path(), &["init", ".", "--yes"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    let kept = fs::read_to_string(folder.path().join("rebook.toml")).expect("the file");
    assert_eq!(kept, "mine");
}

#[test]
fn what_a_person_says_needs_no_evidence_and_paths_may_be_named_one_by_one() {
    let folder = exports("demo");
    let line = "init --backup backup.sql --stripe stripe --mail mail --dir out --timezone Europe/Dublin --country IE --yes";
    succeeded(&rebook(folder.path(), &line.split(' ').collect::<Vec<_>>()));
    let draft = fs::read_to_string(folder.path().join("out/rebook.toml")).expect("a draft");
    assert!(
        draft.contains("timezone = \"Europe/Dublin\"  # as given"),
        "{draft}"
    );
    assert!(draft.contains("country = \"IE\"  # as given"), "{draft}");
    // Without a calendar nothing tells when a booking begins.
    assert!(draft.contains("# TODO starts_at"), "{draft}");
}

/// A copy of a world's files, without its configuration and its truth.
fn exports(world: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let from = root().join("fixtures").join(world);
    for part in ["backup.sql", "stripe", "calendar", "mail"] {
        copy(&from.join(part), &folder.path().join(part));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).expect("a copy");
        return;
    }
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a readable folder") {
        let path: PathBuf = entry.expect("an entry").path();
        copy(&path, &to.join(path.file_name().expect("a name")));
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rebook(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("rebook runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}
