//! Killed at any point and started again, a rebuild ends where an uninterrupted one ends.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const CONFIG: &str = r#"
[business]
name = "Lake Boats"
timezone = "Europe/Zurich"
country = "CH"
currency = "chf"
[window]
learn_from = "2026-01-01T00:00:00Z"
backup = "2026-03-01T02:00:00Z"
loss = "2026-05-01T09:30:00Z"
[[source]]
name = "stripe"
kind = "stripe"
path = "stripe"
[[source]]
name = "mail"
kind = "mail"
path = "mail"
senders = ["desk@lakeboats.example"]
"#;

/// The configuration's `backup`.
const BACKUP_SECONDS: u64 = 1_772_330_400;

#[test]
fn a_rebuild_that_was_killed_ends_like_one_that_was_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_world(folder.path());
    let begun = Instant::now();
    run_to_its_end(folder.path(), "whole.db");
    let whole = begun.elapsed();
    let expected = answers(folder.path(), "whole.db");
    assert!(expected.contains("ch_01999"), "the world tells of something");
    let mut killed = 0;
    for step in 0..5 {
        let child = command(folder.path(), "killed.db", &["rebuild", "--quiet"])
            .stdout(Stdio::null())
            .spawn();
        let mut child = child.expect("the program can be started");
        std::thread::sleep(whole * (2 * step + 1) / 10);
        killed += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("a child that is ours");
        child.wait().expect("a child");
    }
    assert!(
        killed > 0,
        "nothing was killed: the world is too small to be interrupted"
    );
    run_to_its_end(folder.path(), "killed.db");
    assert!(
        answers(folder.path(), "killed.db") == expected,
        "it ends elsewhere"
    );
    run_to_its_end(folder.path(), "killed.db");
    assert!(
        answers(folder.path(), "killed.db") == expected,
        "a second run changes something"
    );
}

fn command(folder: &Path, staging: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rebook"));
    command
        .args(arguments)
        .args(["--staging", staging])
        .current_dir(folder)
        .env_clear();
    command
}

fn run_to_its_end(folder: &Path, staging: &str) {
    let output = command(folder, staging, &["rebuild", "--quiet"])
        .output()
        .expect("the program can be started");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{words}");
    assert!(output.stdout.starts_with(b"\nRebuilt"), "it says what it did");
}

/// Everything that a rebuild leaves and a person can ask for.
fn answers(folder: &Path, staging: &str) -> String {
    let mut answers = String::new();
    for arguments in [
        &["bookings", "--json"][..],
        &["money", "--json"],
        &["status", "--json"],
        &["pull", "--json"],
    ] {
        let output = command(folder, staging, arguments)
            .output()
            .expect("the program can be started");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        answers.push_str(&timeless(&String::from_utf8_lossy(&output.stdout)));
    }
    answers
}

/// Without when things were read and built, what a build changed, and the next command: they alone may differ.
fn timeless(answer: &str) -> String {
    let mut lines = String::new();
    for line in answer.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        if let Some(keys) = line.as_object_mut() {
            keys.remove("changes");
            keys.remove("sources");
            // It names the staging file.
            keys.remove("next");
        }
        writeln!(lines, "{line}").expect("writing to a text does not fail");
    }
    lines
}

fn write_world(folder: &Path) {
    fs::create_dir(folder.join("stripe")).expect("a new folder");
    fs::create_dir(folder.join("mail")).expect("a new folder");
    fs::write(folder.join("rebook.toml"), CONFIG).expect("a new file");
    let (mut charges, mut mails) = (String::new(), String::new());
    for index in 0..2_000_u64 {
        writeln!(
            charges,
            r#"{{"id":"ch_{index:05}","object":"charge","amount":{},"amount_captured":{0},"amount_refunded":0,"captured":true,"paid":true,"status":"succeeded","currency":"chf","created":{},"metadata":{{"trip":"LB-{index}"}}}}"#,
            5_000 + index,
            BACKUP_SECONDS + 60 * index,
        )
        .expect("writing to a text does not fail");
    }
    for index in 0..600 {
        write!(
            mails,
            "From desk@lakeboats.example Mon Mar  2 10:00:00 2026\nFrom: desk@lakeboats.example\n\
             To: guest{index}@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nMessage-ID: <{index}@lakeboats.example>\n\
             Subject: Your trip LB-{index}\n\nTrip: LB-{index}\nLeaves: 4 April 2026, 10:30\nPrice: CHF 50.00\n\n",
        )
        .expect("writing to a text does not fail");
    }
    fs::write(folder.join("stripe/charges.jsonl"), charges).expect("a new file");
    fs::write(folder.join("mail/sent.mbox"), mails).expect("a new file");
}
