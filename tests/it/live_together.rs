//! Several sources in one pull: they are read at once, and a person sees how far each is.

use crate::fakes::{Fault, Request};
use crate::live_rebuild::{TOKEN, run, servers, words, world};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static STRIPE_ASKED: AtomicBool = AtomicBool::new(false);
static GOOGLE_ASKED: AtomicBool = AtomicBool::new(false);

/// Answers only when the other server has been asked too.
fn waits_for(other: &AtomicBool) -> Option<Fault> {
    let begun = Instant::now();
    while !other.load(Ordering::SeqCst) {
        if begun.elapsed() > Duration::from_secs(30) {
            return Some(Fault::Status(400, None));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

#[test]
fn sources_are_read_at_once() {
    let servers = servers(
        |_| {
            STRIPE_ASKED.store(true, Ordering::SeqCst);
            waits_for(&GOOGLE_ASKED)
        },
        |_| {
            GOOGLE_ASKED.store(true, Ordering::SeqCst);
            waits_for(&STRIPE_ASKED)
        },
    );
    let folder = world(&servers);
    let output = run(folder.path(), &["pull"]);
    assert!(output.status.success(), "{}", words(&output));
}

#[test]
fn each_source_has_a_bar_with_its_rate_and_what_is_left() {
    if Command::new("tmux").arg("-V").output().is_err() {
        assert!(std::env::var("CI").is_err(), "tmux is missing");
        eprintln!("skipped: there is no tmux; tests/run installs it");
        return;
    }
    let slow: fn(&Request) -> Option<Fault> = |_| Some(Fault::Slow(Duration::from_millis(700)));
    let servers = servers(slow, slow);
    let folder = world(&servers);
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
    let program = env!("CARGO_BIN_EXE_rebook");
    let line = format!(
        "cd '{}' && CALENDAR_TOKEN={TOKEN} '{program}' pull; echo left with $?; sleep 60",
        folder.path().display()
    );
    tmux(&["new-session", "-d", "-x", "100", "-y", "24", &line]);
    let begun = Instant::now();
    let mut seen = false;
    loop {
        let screen = tmux(&["capture-pane", "-p"]);
        let has_bar = |source: &str| {
            let mut lines = screen.lines().map(str::trim_start);
            // `stripe [=====>    ] 120/230 80.1/s 2s`
            lines.any(|line| {
                let figures = line
                    .strip_prefix(source)
                    .and_then(|rest| rest.trim_start().split_once("] "));
                figures.is_some_and(|(bar, figures)| {
                    let figures: Vec<&str> = figures.split_whitespace().collect();
                    bar.starts_with('[')
                        && matches!(figures.as_slice(), [count, rate, left, ..]
                            if count.contains('/') && rate.ends_with("/s") && left.ends_with('s'))
                })
            })
        };
        seen |= has_bar("stripe") && has_bar("calendar");
        if screen.contains("left with") {
            assert!(screen.contains("left with 0"), "{screen}");
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{screen}");
        std::thread::sleep(Duration::from_millis(30));
    }
    tmux(&["kill-server"]);
    assert!(seen, "no bar of each source was seen");
}
