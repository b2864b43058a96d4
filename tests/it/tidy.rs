//! Reads the sources and says where a layer is broken. See `docs/ARCHITECTURE.md`.
//!
//! It looks at text, not at meaning: comments and what stands below `#[cfg(test)]` are passed over.

use std::fs;
use std::path::{Path, PathBuf};

const STAGES: [&str; 9] = [
    "pull", "extract", "baseline", "learn", "link", "fuse", "review", "export", "report",
];
/// May call stages; no stage calls them.
const COMPOSITIONS: [&str; 5] = ["init", "rebuild", "backtest", "evaluate", "simulate"];

/// A word, and the only places that may say it. A place is a module or a file below `src`.
const HOMES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("mail_parser", &["extract/mail"]),
    ("scraper", &["extract"]),
    ("toml::", &["config", "mapping"]),
    ("calcard", &["pull/ics", "reading/series"]),
    ("compact_str", &["mapping"]),
    ("zip::", &["pull/archive"]),
    ("tar::", &["pull/archive"]),
    ("clap", &["cli"]),
    ("schemars", &["wire", "config/file.rs", "mapping/file.rs"]),
    ("ctrlc", &["cli/interrupt.rs"]),
    ("rustix", &["cli/doctor.rs"]),
    ("clap_complete", &["cli/generate.rs"]),
    ("clap_mangen", &["cli/generate.rs"]),
    ("csv::", &["cli/review_sheet", "pull/dashboard"]),
    ("ratatui", &["cli/review/full"]),
    ("crossterm", &["cli/review/full"]),
    ("indicatif", &["cli"]),
    ("flate2", &["store", "pull"]),
    ("std::process", &["cli", "main.rs"]),
    ("std::env", &["cli"]),
    ("std::net", &["pull/live"]),
    ("tokio", &["pull/live"]),
    ("hyper", &["pull/live"]),
    ("hyper_util", &["pull/live"]),
    ("rustls", &["pull/live"]),
    ("imap_proto", &["pull/live/imap"]),
    ("stripe_client_core", &["pull/live/stripe"]),
    ("google_calendar3", &["pull/live/google"]),
    ("yup_oauth2", &["pull/live/google"]),
    ("std::fs", &["cli", "config", "store", "pull", "simulate"]),
    ("Utc::now", &["cli"]),
    ("Local::now", &[]),
    ("SystemTime", &[]),
    // A limit to a wait is no reading of the time.
    ("Instant::now", &["cli", "pull/live/imap/wire.rs"]),
    ("print!", &["cli"]),
    ("println!", &["cli"]),
    ("eprint!", &["cli"]),
    ("eprintln!", &["cli"]),
    ("dbg!", &[]),
    ("todo!", &[]),
    ("unimplemented!", &[]),
    (".unwrap()", &[]),
    ("unsafe", &[]),
];
/// What a module must not say although others may.
const BANNED: &[(&str, &[&str])] = &[
    ("model", &["serde", "serde_json", "std::io", "std::fs", "toml::"]),
    (
        "reading",
        &["serde", "serde_json", "std::io", "std::fs", "toml::"],
    ),
];

const FILE_BYTES_MAX: usize = 40_000;
const FILE_LINES_MAX: usize = 900;

#[test]
fn every_layer_holds() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&source);
    assert!(
        files.len() > 20,
        "the sources were not found below {}",
        source.display()
    );
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a readable source");
        let place = file
            .strip_prefix(&source)
            .expect("below src")
            .to_string_lossy()
            .replace('\\', "/");
        wrong.extend(findings(&place, &text));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All `.rs` files below a folder, sorted.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// What is wrong with one file, a line each.
fn findings(place: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.len() > FILE_BYTES_MAX || text.lines().count() > FILE_LINES_MAX {
        wrong.push(format!("{place}: too long: split it by meaning"));
    }
    if !text.trim_start().starts_with("//!") {
        wrong.push(format!(
            "{place}:1: say in a module doc what goes in, what comes out, and why"
        ));
    }
    if is_test_file(place) {
        return wrong;
    }
    let module = module_of(place);
    for (index, line) in code_lines(text) {
        let at = format!("{place}:{}", index + 1);
        for (word, homes) in HOMES {
            if says(line, word) && !homes.iter().any(|home| is_within(place, home)) {
                let homes = if homes.is_empty() {
                    "nobody's".to_owned()
                } else {
                    homes.join("', ") + "'s"
                };
                wrong.push(format!("{at}: `{word}` is {homes} alone"));
            }
        }
        for (banned_in, words) in BANNED.iter().filter(|(banned_in, _)| *banned_in == module) {
            for word in words.iter().filter(|word| says(line, word)) {
                wrong.push(format!("{at}: {banned_in} never names `{word}`"));
            }
        }
        for named in named_modules(line) {
            if !may_name(module, named) {
                wrong.push(format!("{at}: {module} never names {named}"));
            }
        }
    }
    wrong
}

/// `cli → {compositions, stages, store} → {config, wire, mapping, reading, model}`.
fn may_name(module: &str, named: &str) -> bool {
    let is_stage = |name: &str| STAGES.contains(&name);
    let is_composition = |name: &str| COMPOSITIONS.contains(&name);
    if module == named || module == "cli" || named == "model" {
        return true;
    }
    match module {
        "main.rs" => named == "cli",
        "model" | "simulate" => false,
        "reading" => named == "model",
        "mapping" => matches!(named, "model" | "reading"),
        "store" | "config" | "wire" => matches!(named, "model" | "wire"),
        _ if is_stage(module) => matches!(named, "reading" | "mapping"),
        _ if is_composition(module) => {
            is_stage(named) || is_composition(named) || matches!(named, "reading" | "mapping")
        }
        _ => true,
    }
}

fn is_within(place: &str, home: &str) -> bool {
    place == home
        || place
            .strip_prefix(home)
            .is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
}

fn is_test_file(place: &str) -> bool {
    place.ends_with("/tests.rs") || place.contains("/tests/")
}

/// The first folder below src, or the file that stands there alone.
fn module_of(place: &str) -> &str {
    match place.split_once('/') {
        Some((folder, _)) => folder,
        None if place == "main.rs" => place,
        None => place.trim_end_matches(".rs"),
    }
}

/// Lines of code, from 0: no comments, nothing from the first unit test on.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"))
        .map(|(index, line)| (index, line.split("//").next().unwrap_or("")))
}

/// The word stands there, not as a part of a longer one.
fn says(line: &str, word: &str) -> bool {
    let part_of_word = |char: char| char.is_alphanumeric() || char == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + word.len()..].chars().next();
        let starts =
            !word.starts_with(part_of_word) || !before.is_some_and(|char| part_of_word(char) || char == '"');
        let ends = !word.ends_with(part_of_word) || !behind.is_some_and(part_of_word);
        starts && ends
    })
}

/// The modules of this crate that a line names: `crate::a`, `crate::{a, b}`.
fn named_modules(line: &str) -> Vec<&str> {
    let name_end = |text: &str| {
        text.find(|char: char| !char.is_alphanumeric() && char != '_')
            .unwrap_or(text.len())
    };
    line.match_indices("crate::")
        .flat_map(|(at, path)| {
            let rest = &line[at + path.len()..];
            match rest.strip_prefix('{') {
                Some(list) => list
                    .split(',')
                    .map(|item| item.trim_matches([' ', '{', '}', ';']))
                    .collect(),
                None => vec![rest],
            }
        })
        .map(|text: &str| &text[..name_end(text)])
        .filter(|name| !name.is_empty() && name.starts_with(char::is_lowercase))
        .collect()
}

#[test]
fn a_broken_layer_is_found() {
    let finds = |place: &str, code: &str| findings(place, &format!("//! Doc.\n{code}\n"));
    assert_eq!(finds("fuse/mod.rs", "use crate::model::Booking;"), [""; 0]);
    assert_eq!(
        finds("fuse/mod.rs", "use crate::link::Cluster;"),
        ["fuse/mod.rs:2: fuse never names link"]
    );
    assert_eq!(
        finds("fuse/mod.rs", "use crate::{model, store};"),
        ["fuse/mod.rs:2: fuse never names store"]
    );
    assert_eq!(
        finds("link/mod.rs", "use rusqlite::Row;"),
        ["link/mod.rs:2: `rusqlite` is store's alone"]
    );
    assert_eq!(finds("link/mod.rs", "let a = b.unwrap();").len(), 1);
    assert_eq!(
        finds(
            "link/mod.rs",
            "#[cfg(test)]\nmod tests { fn f() { b.unwrap(); } }"
        ),
        [""; 0]
    );
    assert_eq!(finds("link/mod.rs", "println!(\"\");").len(), 1);
    assert_eq!(finds("model/money.rs", "use serde::Serialize;").len(), 1);
    assert_eq!(finds("extract/html.rs", "use mail_parser::Message;").len(), 1);
    assert_eq!(finds("extract/mail/mod.rs", "use mail_parser::Message;"), [""; 0]);
    assert_eq!(finds("link/mod.rs", "// rusqlite is far from here"), [""; 0]);
    assert_eq!(findings("link/mod.rs", "fn f() {}\n").len(), 1, "no module doc");
    assert_eq!(finds("link/mod.rs", &"\n".repeat(2_000)).len(), 1, "too long");
}
