//! Help, manual, completions and JSON Schema: kept in `docs/generated` as the program writes them. `UPDATE=1` writes
//! them anew, for `git diff` to review.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/generated")
}

fn rebook(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .env_clear()
        .output()
        .expect("the program can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The commands, as the program itself lists them.
fn commands() -> Vec<String> {
    let help = rebook(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// What should stand in the folder: path to text.
fn wanted() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    files.insert("help/rebook.txt".to_owned(), rebook(&["--help"]));
    for command in commands() {
        files.insert(
            format!("help/rebook-{command}.txt"),
            rebook(&[&command, "--help"]),
        );
    }
    for (shell, file) in [
        ("bash", "rebook.bash"),
        ("zsh", "_rebook"),
        ("fish", "rebook.fish"),
    ] {
        files.insert(format!("completions/{file}"), rebook(&["completions", shell]));
    }
    files.insert("answers.schema.json".to_owned(), rebook(&["schema"]));
    for (format, name) in [("config", "rebook.toml"), ("mapping", "mapping")] {
        files.insert(format!("{name}.schema.json"), rebook(&["schema", format]));
        files.insert(format!("{name}.md"), rebook(&["schema", format, "--markdown"]));
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().to_string_lossy().into_owned();
    for path in rebook(&["man", "--out", &out]).lines() {
        let name = Path::new(path).file_name().expect("a name").to_string_lossy();
        files.insert(format!("man/{name}"), fs::read_to_string(path).expect("a page"));
    }
    files
}

#[test]
fn what_is_generated_is_what_stands_in_docs() {
    let wanted = wanted();
    if std::env::var_os("UPDATE").is_some() {
        let _ = fs::remove_dir_all(root());
        for (name, text) in &wanted {
            let path = root().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
            fs::write(&path, text).expect("a writable checkout");
        }
        return;
    }
    let differ: Vec<&String> = wanted
        .iter()
        .filter(|(name, text)| fs::read_to_string(root().join(name)).ok().as_ref() != Some(text))
        .map(|(name, _)| name)
        .collect();
    assert!(differ.is_empty(), "UPDATE=1 writes these anew: {differ:?}");
}

#[test]
fn every_command_begins_its_help_with_examples() {
    let commands = commands();
    assert!(commands.len() > 15, "{commands:?}");
    for command in &commands {
        let help = rebook(&[command, "--help"]);
        assert!(help.starts_with("Examples:\n  "), "{command}: {help}");
        let calls = help.lines().skip(1).take_while(|line| line.starts_with("  "));
        assert!(
            calls
                .clone()
                .any(|line| line.contains(&format!("rebook {command}"))),
            "{command}"
        );
    }
}

#[test]
fn a_mistyped_command_gets_a_suggestion() {
    let output = Command::new(env!("CARGO_BIN_EXE_rebook"))
        .arg("shet")
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("'sheet'"), "{said}");
}

/// Every answer in JSON has the keys that the schema requires, and no other.
#[test]
fn answers_keep_to_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(&rebook(&["schema"])).expect("JSON");
    let parent = tempfile::tempdir().expect("a temporary folder");
    let run = |folder: &Path, arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_rebook"))
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .env("TMPDIR", parent.path())
            .output()
            .expect("the program can be started");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run(parent.path(), &["demo", "d"]);
    let folder = parent.path().join("d");
    for line in [
        "pull",
        "build",
        "sheet --day 2026-04-18",
        "report",
        "bookings",
        "explain HB-4140",
        "money",
        "status",
        "doctor",
        "export --skip-flagged --out reload.sql",
        "learn",
        "rebuild",
        "forget --yes",
    ] {
        let mut arguments: Vec<&str> = line.split(' ').chain(["--quiet", "--json"]).collect();
        if line.starts_with("forget") {
            arguments.insert(2, "Harbour Bikes");
        }
        let answer = run(&folder, &arguments);
        assert!(!answer.is_empty(), "{line} answers nothing");
        let name = line.split(' ').next().expect("a command");
        let form = &schema["properties"][name];
        for row in answer.lines() {
            let row: serde_json::Value = serde_json::from_str(row).expect("a line of JSON");
            assert_eq!(row["version"], 1, "{line}");
            check(&row, form, &schema, line);
        }
    }
}

/// Follows references, and holds objects and lists against their form.
fn check(value: &serde_json::Value, form: &serde_json::Value, schema: &serde_json::Value, place: &str) {
    if let Some(name) = form["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return check(value, &schema["$defs"][name], schema, place);
    }
    if let Some(any) = form["anyOf"].as_array() {
        let form = any.iter().find(|form| form["type"] != "null").expect("a form");
        if !value.is_null() {
            check(value, form, schema, place);
        }
        return;
    }
    match value {
        serde_json::Value::Object(object) if form["properties"].is_object() => {
            for required in form["required"].as_array().into_iter().flatten() {
                let key = required.as_str().expect("a key");
                assert!(object.contains_key(key), "{place}: `{key}` is missing");
            }
            for (key, value) in object {
                let known = &form["properties"][key];
                assert!(!known.is_null(), "{place}: `{key}` is not in the schema");
                check(value, known, schema, &format!("{place}.{key}"));
            }
        }
        serde_json::Value::Array(items) => {
            for item in items {
                check(item, &form["items"], schema, place);
            }
        }
        _ => {}
    }
}
