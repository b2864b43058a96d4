//! Runs `tests/cases/extract`: pulls what lies in a case's `in`, takes it apart, and compares with `expected`.
//!
//! `UPDATE=1` writes what came out, for `git diff` to review.

use rebook::extract::{Context, complete_dates, document};
use rebook::model::{Business, Currency, Document, Item, Scalar, SourceKind};
use rebook::pull::{FileSource, Pulled, read};
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const CASES: &str = "tests/cases/extract";
const EXPECTED: &str = "expected/documents.txt";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    shows: String,
    kind: String,
    #[serde(default)]
    senders: Vec<String>,
    authserv: Option<String>,
    zone: Option<String>,
}

#[test]
fn every_case_comes_out_as_expected() {
    let mut folders: Vec<PathBuf> = fs::read_dir(CASES)
        .expect("the cases lie there")
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "no case in {CASES}");
    let failed: Vec<String> = folders.iter().filter_map(|folder| run(folder).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

fn run(folder: &Path) -> Result<(), String> {
    let text = fs::read_to_string(folder.join("case.toml"))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let case: Case = toml::from_str(&text).map_err(|error| format!("{}: {error}", folder.display()))?;
    let found = render(&case, &folder.join("in"));
    let expected_path = folder.join(EXPECTED);
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(&expected_path, found).map_err(|error| error.to_string());
    }
    let expected = fs::read_to_string(&expected_path)
        .map_err(|error| format!("{}: {error}", expected_path.display()))?;
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "{}\n{}\n--- expected\n{expected}\n--- found\n{found}",
        folder.display(),
        case.shows
    ))
}

fn render(case: &Case, input: &Path) -> String {
    let context = Context {
        business: Business {
            name: "Atelier".to_owned(),
            zone: case.zone.as_deref().unwrap_or("UTC").parse().expect("a zone"),
            country: "JP".to_owned(),
            currency: Currency::parse("jpy").expect("a currency"),
        },
        tenants: Vec::new(),
        senders: case.senders.clone(),
        authserv: case.authserv.clone(),
    };
    let kind = SourceKind::parse(&case.kind).expect("a kind of source");
    let source = FileSource {
        name: "box".to_owned(),
        kind,
        path: input.to_owned(),
    };
    let mut documents = Vec::new();
    let mut problems = String::new();
    read(&source, &mut |pulled| {
        match pulled {
            Pulled::Record(record) => documents.push(document(&record, &context)),
            Pulled::Problem(problem) => {
                writeln!(problems, "problem at {}: {}\n", problem.place, problem.message).expect("a string");
            }
            Pulled::Progress { .. } => {}
        }
        Ok(())
    })
    .expect("the case can be pulled");
    complete_dates(&mut documents);
    let mut out = String::new();
    for document in &documents {
        show(document, &mut out);
    }
    out + &problems
}

fn show(document: &Document, out: &mut String) {
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let said = document.said_at.map_or("-".to_owned(), |at| at.to_rfc3339());
    let made = document.made_at.map_or("-".to_owned(), |at| at.to_rfc3339());
    line(format!(
        "{} ({} in {:?})",
        document.record, document.object, document.container
    ));
    line(format!(
        "  {}, said {said}, made {made}",
        document.standing.as_str()
    ));
    for kin in &document.kin {
        line(format!("  kin {kin}"));
    }
    for problem in &document.problems {
        line(format!("  problem: {problem}"));
    }
    for Item {
        place,
        line: number,
        value,
    } in &document.items
    {
        let value = match value {
            Scalar::Text(text) => format!("{text:?}"),
            Scalar::Number(digits) => format!("number {digits}"),
            Scalar::Flag(flag) => format!("flag {flag}"),
            Scalar::Money(money) => format!("money {money}"),
            Scalar::Instant(at) => format!("instant {}", at.to_rfc3339()),
            Scalar::Date(date) => format!("date {date}"),
        };
        line(format!("  {place}:{number} {value}"));
    }
    line(String::new());
}
