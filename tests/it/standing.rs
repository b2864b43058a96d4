//! `doctor`, `status` and `forget` on the demo's business.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn rebook(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("TMPDIR", folder)
        .output()
        .expect("the program can be started")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn demo() -> (tempfile::TempDir, std::path::PathBuf) {
    let parent = tempfile::tempdir().expect("a temporary folder");
    assert!(rebook(parent.path(), &["demo", "d"]).status.success());
    let folder = parent.path().join("d");
    (parent, folder)
}

fn checks(folder: &Path) -> Vec<(String, String, String)> {
    let answer = text(&rebook(folder, &["doctor", "--json", "--quiet"]));
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let word = |check: &Value, key: &str| check[key].as_str().expect("text").to_owned();
    let checks = answer["checks"].as_array().expect("checks").iter();
    checks
        .map(|check| (word(check, "what"), word(check, "state"), word(check, "found")))
        .collect()
}

#[test]
fn the_doctor_finds_nothing_wrong_with_what_works_and_names_what_does_not() {
    let (_parent, folder) = demo();
    let found = checks(&folder);
    assert!(found.iter().all(|(_, state, _)| state == "good"), "{found:?}");
    assert!(rebook(&folder, &["doctor"]).status.success());

    let config = fs::read_to_string(folder.join("rebook.toml")).expect("the configuration");
    fs::write(
        folder.join("rebook.toml"),
        config.replace("price_pence", "prize_pence"),
    )
    .expect("a writable file");
    fs::rename(folder.join("mail"), folder.join("post")).expect("moved");
    let found = checks(&folder);
    let bad: Vec<&(String, String, String)> = found.iter().filter(|(_, state, _)| state == "bad").collect();
    assert!(bad.iter().any(|(what, _, _)| what == "source mail"), "{found:?}");
    assert!(
        bad.iter().any(|(_, _, found)| found.contains("prize_pence")),
        "{found:?}"
    );
    assert_eq!(rebook(&folder, &["doctor"]).status.code(), Some(1));
}

#[test]
fn a_damaged_staging_is_found() {
    let (_parent, folder) = demo();
    let path = folder.join("staging.db");
    let mut bytes = fs::read(&path).expect("staging");
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 2048].fill(0xff);
    fs::write(&path, bytes).expect("a writable file");
    let output = rebook(&folder, &["doctor"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
}

#[test]
fn the_status_has_ten_lines_and_says_what_a_build_changed() {
    let (_parent, folder) = demo();
    let first = text(&rebook(&folder, &["status"]));
    assert!(first.lines().count() <= 10, "{first}");
    assert!(first.contains("this is the first build"), "{first}");
    assert!(
        first
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("next       rebook ")),
        "{first}"
    );
    rebook(&folder, &["build"]);
    assert!(text(&rebook(&folder, &["status"])).contains("nothing since the build of"));
    // A calendar that was lost in part: bookings change, and the status counts them.
    let path = folder.join("calendar/bookings@harbourbikes.example.json");
    let calendar = fs::read_to_string(&path).expect("the calendar");
    fs::write(&path, calendar.replace("Charlotte Wilson", "Charlotte Wilton")).expect("a writable file");
    rebook(&folder, &["rebuild"]);
    let status = text(&rebook(&folder, &["status"]));
    assert!(
        status.contains("records more") || status.contains("record more"),
        "{status}"
    );
}

#[test]
fn forgetting_leaves_no_copy_and_touches_nothing_else() {
    let (_parent, folder) = demo();
    rebook(&folder, &["report", "--out", "report"]);
    rebook(&folder, &["sheet", "--html", "sheet.html"]);
    let output = rebook(&folder, &["forget", "--yes", "Harbour Bikes"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("SSD") && said.contains("reload.sql"), "{said}");
    let mut left: Vec<String> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    left.sort();
    assert_eq!(
        left,
        [
            "backup.sql",
            "calendar",
            "mail",
            "rebook.toml",
            "reload.held.csv",
            "reload.plan.txt",
            "reload.sql",
            "report",
            "stripe"
        ]
    );
    assert_eq!(
        fs::read_dir(folder.join("report")).expect("the folder").count(),
        0
    );
}
