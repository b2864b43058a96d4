//! Runs every case below `tests/cases` that says what to type: commands in, a transcript out.
//!
//! A case is a folder with `case.toml` (`shows`: the fact in a sentence; `run`: the commands), `in/` (the folder
//! it is run in) and `expected/transcript.txt`. `UPDATE=1` writes transcripts, for `git diff` to review. Cases
//! without `run` belong to their stage's own test, which must exist.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn every_case_ends_as_expected() {
    let wrong: Vec<String> = typed_cases()
        .iter()
        .filter_map(|(case, run)| check(case, run).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_is_whole_and_somebody_runs_it() {
    let mut wrong = Vec::new();
    let typed: Vec<PathBuf> = typed_cases().into_iter().map(|(case, _)| case).collect();
    for stage in folders(&root().join("tests/cases")) {
        let cases = folders(&stage);
        if cases.is_empty() {
            wrong.push(format!("{}: no case found", stage.display()));
        }
        for case in cases {
            let has_expected =
                fs::read_dir(case.join("expected")).is_ok_and(|mut found| found.next().is_some());
            if !case.join("case.toml").is_file() || !has_expected {
                wrong.push(format!("{}: case.toml or expected/ is missing", case.display()));
            }
            if !typed.contains(&case) && !is_named_by_a_test(&stage) {
                wrong.push(format!(
                    "{}: no `run` in case.toml, and no test names its stage",
                    case.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Cases with their commands.
fn typed_cases() -> Vec<(PathBuf, Vec<Vec<String>>)> {
    let mut cases = Vec::new();
    for case in folders(&root().join("tests/cases"))
        .iter()
        .flat_map(|stage| folders(stage))
    {
        let Ok(text) = fs::read_to_string(case.join("case.toml")) else {
            continue;
        };
        let table: toml::Table = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        assert!(
            table.contains_key("shows"),
            "{}: `shows` is missing in case.toml",
            case.display()
        );
        if let Some(run) = table.get("run") {
            let run = run
                .clone()
                .try_into()
                .unwrap_or_else(|error| panic!("{}: run: {error}", case.display()));
            cases.push((case, run));
        }
    }
    assert!(!cases.is_empty(), "no case with `run` found");
    cases
}

fn is_named_by_a_test(stage: &Path) -> bool {
    let name = format!("tests/cases/{}", stage.file_name().unwrap_or_default().display());
    super::tidy::rust_files(&root().join("src"))
        .into_iter()
        .chain(super::tidy::rust_files(&root().join("tests/it")))
        .any(|file| fs::read_to_string(file).is_ok_and(|text| text.contains(&name)))
}

fn check(case: &Path, run: &[Vec<String>]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&case.join("in"), folder.path());
    let transcript: String = run
        .iter()
        .map(|arguments| type_in(folder.path(), arguments))
        .collect();
    let expected = case.join("expected/transcript.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(case.join("expected")).expect("a writable checkout");
        fs::write(&expected, &transcript).expect("a writable checkout");
    }
    match fs::read_to_string(&expected) {
        Ok(text) if text == transcript => Ok(()),
        Ok(text) => Err(format!(
            "{}\n--- expected\n{text}--- got\n{transcript}",
            case.display()
        )),
        Err(error) => Err(format!("{}: {error}; got\n{transcript}", expected.display())),
    }
}

/// What a person would see: answers as they are, what went to stderr behind `! `, the exit code where it is not 0.
fn type_in(folder: &Path, arguments: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("the program can be started");
    let mut transcript = format!("$ rebook {}\n", arguments.join(" "));
    transcript.push_str(&String::from_utf8_lossy(&output.stdout));
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        transcript.push_str(format!("! {line}").trim_end());
        transcript.push('\n');
    }
    match output.status.code() {
        Some(0) => {}
        code => writeln!(
            transcript,
            "exit {}",
            code.map_or("by a signal".to_owned(), |code| code.to_string())
        )
        .expect("writing to a text does not fail"),
    }
    transcript.replace(&folder.display().to_string(), "$FOLDER")
}

fn copy(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    for entry in entries {
        let entry = entry.expect("a readable folder");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a new folder");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}
