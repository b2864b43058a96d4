//! Killed at any point and started again, a rebuild ends where an uninterrupted one ends.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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

/// What Ctrl-C sends.
#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.expect("kill can be started").success());
}

/// Ends as POSIX has it, and says on stderr how to go on. False where it had ended before it was asked to, or had not begun.
#[cfg(unix)]
fn stopped_with_a_word(child: std::process::Child, again: &str) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    let output = child.wait_with_output().expect("a child");
    // Before it listens, the signal ends it as it ends any program.
    if matches!(output.status.code(), Some(0 | 3)) || output.status.signal() == Some(2) {
        return false;
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    // It answers when all is done, and may be asked to stop while it does.
    if !output.stdout.is_empty() {
        return false;
    }
    assert!(said.contains("Stopped.") && said.contains("is kept"), "{said}");
    assert!(said.contains(&format!("To go on: {again}")), "{said}");
    true
}

/// A mailbox that never comes holds the pull up, while the other source is read and kept.
#[cfg(unix)]
#[test]
fn ctrl_c_in_mid_pull_keeps_what_was_read_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    write_world(folder);
    let config = CONFIG.replace("path = \"mail\"", "path = \"mail/sent.mbox\"");
    fs::write(folder.join("rebook.toml"), config).expect("a writable file");
    run_to_its_end(folder, "whole.db");
    let expected = answers(folder, "whole.db");
    let (mailbox, aside) = (folder.join("mail/sent.mbox"), folder.join("sent.mbox"));
    fs::rename(&mailbox, &aside).expect("the mailbox is put aside");
    let made = Command::new("mkfifo").arg(&mailbox).status();
    assert!(made.expect("mkfifo can be started").success());
    let child = command(folder, "stopped.db", &["pull"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let staged = || {
        let output = command(folder, "stopped.db", &["status", "--json"]).output();
        let answer = output.expect("the program can be started").stdout;
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap_or_default();
        answer["sources"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|source| source["records"].as_u64())
            .sum::<u64>()
    };
    let begun = Instant::now();
    while staged() < 2_000 {
        assert!(begun.elapsed().as_secs() < 120, "the other source is not read");
        std::thread::sleep(Duration::from_millis(50));
    }
    interrupt(&child);
    assert!(
        stopped_with_a_word(child, "rebook pull --staging stopped.db"),
        "nothing was stopped"
    );
    assert_eq!(staged(), 2_000, "what was read is kept");
    fs::remove_file(&mailbox).expect("the pipe");
    fs::rename(&aside, &mailbox).expect("the mailbox");
    run_to_its_end(folder, "stopped.db");
    let went_on = answers(folder, "stopped.db");
    assert!(went_on == expected, "it ends elsewhere: {went_on}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_in_mid_build_leaves_the_last_build_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    write_world(folder);
    run_to_its_end(folder, "stopped.db");
    let expected = answers(folder, "stopped.db");
    // What somebody took away has to be made again; else nothing is done that could be interrupted.
    let take_away = || fs::remove_file(folder.join("stopped.mappings/mail.toml")).unwrap_or_default();
    take_away();
    let (mut stopped, mut pause) = (0, Duration::from_millis(10));
    // Ever later, until it ends before it is asked to: how long a build takes depends on what else the machine does.
    loop {
        take_away();
        let mut child = command(folder, "stopped.db", &["build", "--quiet"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        std::thread::sleep(pause);
        if child.try_wait().expect("a child").is_some() {
            break;
        }
        interrupt(&child);
        stopped += usize::from(stopped_with_a_word(
            child,
            "rebook build --quiet --staging stopped.db",
        ));
        assert!(
            answers(folder, "stopped.db") == expected,
            "the last build is gone"
        );
        pause = pause * 3 / 2;
    }
    assert!(stopped > 0, "nothing was stopped: the world is too small");
    run_to_its_end(folder, "stopped.db");
    assert!(answers(folder, "stopped.db") == expected, "it ends elsewhere");
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
