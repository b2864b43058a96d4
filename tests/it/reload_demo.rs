//! The demo as a person runs it, and what an export may write over.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn rebook(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("the program can be started")
}

/// A folder in which the demo has run.
fn demo() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ran = rebook(folder.path(), &["demo", "demo"]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    folder
}

#[test]
fn an_export_replaces_an_earlier_one_and_no_other_file() {
    let folder = demo();
    let folder = folder.path().join("demo");
    let written = fs::read(folder.join("reload.sql")).expect("the demo's export");
    let again = ["export", "--skip-flagged", "--out", "reload.sql"];
    let ran = rebook(&folder, &again);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(
        fs::read(folder.join("reload.sql")).expect("the export") == written,
        "same bookings, same bytes"
    );
    let ran = rebook(&folder, &["export", "--out", "strict.sql"]);
    assert_eq!(ran.status.code(), Some(3), "conflicts are open");
    assert!(!folder.join("strict.sql").exists());

    fs::write(folder.join("notes.sql"), "-- my notes on rebook\n").expect("a file");
    let ran = rebook(&folder, &["export", "--skip-flagged", "--out", "notes.sql"]);
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(
        fs::read_to_string(folder.join("notes.sql")).expect("a file"),
        "-- my notes on rebook\n"
    );
}
