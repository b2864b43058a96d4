//! `rebook review` as a person meets it: on a real terminal, killed in the middle, and over a file.
//!
//! The terminal is tmux's; `tests/run` installs it. By hand, a test without it says that it was skipped.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rebook");
const NOW: &str = "2026-04-18T09:30:00Z";

/// The demo's business, rebuilt, in a folder of its own.
fn rebuilt() -> tempfile::TempDir {
    rebuilt_with("")
}

/// The same with one mail more.
fn rebuilt_with(mail: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    copy(&fixture, folder.path());
    if !mail.is_empty() {
        fs::write(folder.path().join("mail/more.mbox"), mail).expect("a file");
    }
    let output = rebook(folder.path(), &["rebuild", "--quiet"]);
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            fs::create_dir(&target).expect("a new folder");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file");
        }
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(["--now", NOW])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("USER", "ann");
    command
}

fn rebook(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program can be started")
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn decided(folder: &Path) -> serde_json::Value {
    let output = rebook(folder, &["review", "--stats", "--json"]);
    serde_json::from_slice(&output.stdout).expect("figures")
}

/// A mail of a kind that was never seen: a person has to read it, and nothing is suggested.
const UNLIKE_ANY: &str = "From hello@harbourbikes.example Thu Apr  2 10:00:00 2026
From: Harbour Bikes <hello@harbourbikes.example>
To: Rhys Smith <smith.rhys@sky.example>
Date: Thu, 2 Apr 2026 10:00:00 +0100
Subject: A word with you on HB-4160
Message-ID: <word@harbourbikes.example>
Authentication-Results: mx.harbourbikes.example; dmarc=pass
Content-Type: text/plain; charset=utf-8

As we said on the telephone.
";

#[test]
fn yes_alone_ends_and_the_export_leaves_out_what_it_put_off() {
    let folder = rebuilt_with(UNLIKE_ANY);
    let mut child = command(folder.path(), &["review", "--plain"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut input = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || {
        // Ends when nobody reads any more.
        while input.write_all(b"y\n").is_ok() {}
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it ends");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    let shown = text(&output);
    let stats = decided(folder.path());
    assert_eq!(stats["open"], stats["put_off"], "{stats}");
    assert_eq!(
        stats["all"]["suggested"], stats["all"]["suggestion_taken"],
        "{stats}"
    );
    let put_off = shown.matches("It is put off.").count() as u64;
    assert_eq!(
        stats["put_off"], put_off,
        "every case that was put off was said:\n{shown}"
    );
    let output = rebook(
        folder.path(),
        &["export", "--skip-flagged", "--out", "reload.sql"],
    );
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn what_was_answered_survives_a_kill() {
    let folder = rebuilt();
    for round in 1..=3_u64 {
        let mut child = command(folder.path(), &["review", "--plain"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(b"l asked\n").expect("a pipe that is read");
        let mut shown = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
        // As soon as the decision is said, the process dies.
        let said = format!("Decision {round}:");
        let mut line = String::new();
        while !line.contains(&said) {
            line.clear();
            let read = std::io::BufRead::read_line(&mut shown, &mut line).expect("text");
            assert_ne!(read, 0, "it ended before {said}");
        }
        child.kill().expect("a child that is ours");
        child.wait().expect("a child");
        assert_eq!(decided(folder.path())["all"]["decided"], round);
    }
}

#[test]
fn a_file_goes_out_is_filled_in_and_comes_back_and_stale_rows_are_refused() {
    let folder = rebuilt();
    let output = rebook(folder.path(), &["review", "--export", "cases.csv"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    let sheet = fs::read_to_string(folder.path().join("cases.csv")).expect("a file");
    let lines: Vec<&str> = sheet.lines().collect();
    assert!(lines.len() > 3, "{sheet}");
    // Three columns to fill are the last ones: one row is put off, one says nonsense, the rest is left.
    let filled =
        |line: &str, fill: &str| format!("{}{fill}", line.strip_suffix(",,").expect("empty columns"));
    let file = [
        lines[0].to_owned(),
        filled(lines[1], "later,,ask Jo"),
        filled(lines[2], "perhaps,,"),
        lines[3].to_owned(),
    ];
    fs::write(folder.path().join("filled.csv"), file.join("\n")).expect("a file");
    let output = rebook(folder.path(), &["review", "--import", "filled.csv"]);
    let said = text(&output);
    assert!(
        said.contains("1 answer is kept, 1 refused, 1 not filled in."),
        "{said}"
    );
    assert!(said.contains("line 3: “perhaps” is no answer"), "{said}");
    // Answered for good, the first row is stale.
    let keep = format!("{}\n{}\n", lines[0], filled(lines[1], "reject,,"));
    fs::write(folder.path().join("again.csv"), keep).expect("a file");
    let first = text(&rebook(folder.path(), &["review", "--import", "again.csv"]));
    assert!(first.contains("1 answer is kept"), "{first}");
    let second = text(&rebook(folder.path(), &["review", "--import", "again.csv"]));
    assert!(second.contains("stale"), "{second}");
    assert_eq!(
        decided(folder.path())["all"]["decided"],
        1,
        "the note gave way to the answer"
    );
}

#[test]
fn who_sits_while_everything_is_built_anew_is_told_and_loses_nothing() {
    let folder = rebuilt();
    let mut child = command(folder.path(), &["review", "--plain"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut input = child.stdin.take().expect("a pipe");
    let mut shown = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    let mut until = |wanted: &str| {
        let mut line = String::new();
        while !line.contains(wanted) {
            line.clear();
            let read = std::io::BufRead::read_line(&mut shown, &mut line).expect("text");
            assert_ne!(read, 0, "it ended before {wanted}");
        }
    };
    input.write_all(b"l first\n").expect("a pipe that is read");
    until("Decision 1:");
    until("Case 2 of");
    // What is as it was is not built again.
    let config = folder.path().join("rebook.toml");
    let changed = std::fs::read_to_string(&config).expect("a configuration") + "# Looked through.\n";
    std::fs::write(&config, changed).expect("a writable file");
    let built = rebook(folder.path(), &["build", "--quiet"]);
    assert_eq!(built.status.code(), Some(3), "{}", text(&built));
    input.write_all(b"l second\n").expect("a pipe that is read");
    until("Not done: another rebook has built the bookings anew.");
    // The case that stood there is shown again, and can be answered.
    input.write_all(b"l second\n").expect("a pipe that is read");
    until("Decision 2:");
    drop(input);
    child.wait().expect("a child");
    assert_eq!(decided(folder.path())["all"]["decided"], 2);
}

#[test]
fn a_person_answers_on_a_real_terminal() {
    if Command::new("tmux").arg("-V").output().is_err() {
        assert!(std::env::var("CI").is_err(), "tmux is missing");
        eprintln!("skipped: there is no tmux; tests/run installs it");
        return;
    }
    let folder = rebuilt();
    let socket = folder.path().join("tmux");
    let tmux = |arguments: &[&str]| {
        let output = Command::new("tmux")
            .arg("-S")
            .arg(&socket)
            .args(["-f", "/dev/null"])
            .args(arguments)
            .env_remove("TMUX")
            .output()
            .expect("tmux");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let line = format!(
        "cd '{}' && USER=ann '{PROGRAM}' --now {NOW} review; echo left with $?; stty -a | grep -o ' echo '; sleep 60",
        folder.path().display()
    );
    tmux(&["new-session", "-d", "-x", "80", "-y", "24", &line]);
    let until = |wanted: &str| {
        let begun = Instant::now();
        loop {
            let screen = tmux(&["capture-pane", "-p"]);
            if screen.contains(wanted) {
                return screen;
            }
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "no {wanted:?} on\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    until("1 of ");
    tmux(&["send-keys", "l"]);
    until("A note for later");
    tmux(&["send-keys", "-l", "ring them"]);
    tmux(&["send-keys", "Enter"]);
    until("Decision 1: put off");
    tmux(&["resize-window", "-x", "120", "-y", "40"]);
    until("Why its records were put together");
    tmux(&["send-keys", "u"]);
    until("Decision 2: taken back");
    // A paste from a terminal that does not say so comes as keys all at once, and is none.
    tmux(&["set-buffer", "yyyy\nkkkk"]);
    tmux(&["paste-buffer"]);
    until("What is pasted here is no answer");
    tmux(&["send-keys", "q"]);
    let screen = until("left with 3");
    assert!(screen.contains("2 decisions are kept"), "{screen}");
    until(" echo");
    tmux(&["kill-server"]);
    assert_eq!(decided(folder.path())["taken_back"], 1);
}
