//! The demo, as a person meets it: what README.md shows is what it prints, and its bookings can be explained.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const BEGIN: &str = "<!-- demo -->\n";
const END: &str = "<!-- /demo -->";

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let transcript = demo(parent.path());
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&readme).expect("README.md");
    let begin = text.find(BEGIN).expect("the demo's begin") + BEGIN.len();
    let end = text.find(END).expect("the demo's end");
    let wanted = format!("```text\n{transcript}```\n");
    if std::env::var_os("UPDATE").is_some() {
        let updated = format!("{}{wanted}{}", &text[..begin], &text[end..]);
        fs::write(&readme, updated).expect("a writable checkout");
        return;
    }
    let shown = &text[begin..end];
    assert!(
        shown == wanted,
        "README.md shows another demo; UPDATE=1 writes it anew. Now it prints\n{transcript}"
    );
}

#[test]
fn a_booking_is_explained_by_any_of_its_names() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    demo(parent.path());
    let folder = parent.path().join("rebook-demo");
    let bookings = answer(&rebook(&folder, &["bookings", "--json"]));
    let booking: serde_json::Value = bookings
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .find(|booking: &serde_json::Value| {
            booking["reference"].is_string() && booking["payments"][0].is_object()
        })
        .expect("a booking with a reference and a payment");
    let id = booking["id"].as_str().expect("an id");
    let reference = booking["reference"].as_str().expect("a reference");
    let charge = booking["payments"][0]["id"].as_str().expect("a charge");
    let records = booking["records"].as_array().expect("records").iter();
    let records = records.map(|record| record.as_str().expect("a record's id"));
    let expected = answer(&rebook(&folder, &["explain", id]));
    assert!(expected.contains(reference), "{expected}");
    let mut names = vec![reference.to_owned(), reference.to_lowercase(), charge.to_owned()];
    for record in records {
        let (_, native) = record.split_once(':').expect("a source and an id");
        names.extend([record.to_owned(), native.to_owned()]);
    }
    for name in names {
        assert_eq!(
            answer(&rebook(&folder, &["explain", &name])),
            expected,
            "by {name}"
        );
    }
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let folder = parent.path().join("mine");
    fs::create_dir(&folder).expect("a new folder");
    fs::write(folder.join("notes.txt"), "mine").expect("a new file");
    let output = rebook(parent.path(), &["demo", "mine"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 1);
}

#[test]
fn the_demo_finds_a_new_folder_each_time() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    for expected in ["rebook-demo", "rebook-demo-2"] {
        demo(parent.path());
        assert!(
            parent.path().join(expected).join("reload.sql").is_file(),
            "{expected}"
        );
    }
}

/// Runs the demo with this folder for temporary files. What a terminal would show, but for how long it took.
fn demo(temporary: &Path) -> String {
    let screen: PathBuf = temporary.join("screen");
    let out = File::create(&screen).expect("a new file");
    let status = Command::new(env!("CARGO_BIN_EXE_rebook"))
        .arg("demo")
        .env_clear()
        .envs([("TMPDIR", temporary.as_os_str()), ("USER", "you".as_ref())])
        .stderr(out.try_clone().expect("a second handle"))
        .stdout(out)
        .status()
        .expect("the program can be started");
    let shown = fs::read_to_string(&screen).expect("what was shown");
    assert!(status.success(), "{shown}");
    let real = fs::canonicalize(temporary).expect("the folder");
    shown
        .lines()
        .filter(|line| !line.starts_with("Took "))
        .map(|line| format!("{}\n", line.replace(&*real.to_string_lossy(), "/tmp")))
        .collect()
}

fn rebook(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("the program can be started")
}

fn answer(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
