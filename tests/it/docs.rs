//! The documents name only what exists.

use std::fs;
use std::path::Path;

const DOCUMENTS: [&str; 15] = [
    "README.md",
    "CHANGELOG.md",
    "docs/ARCHITECTURE.md",
    "docs/CONTRIBUTING.md",
    "docs/accuracy.md",
    "docs/configuration.md",
    "docs/deciding.md",
    "docs/keys.md",
    "docs/outage.md",
    "docs/recovery.md",
    "docs/review.md",
    "docs/reload.md",
    "docs/safety.md",
    "docs/sources.md",
    "mappings/README.md",
];

/// Folders whose files a document may name in full.
const NAMED: [&str; 5] = ["src/", "tests/", "docs/", "mappings/", "fixtures/"];

#[test]
fn every_file_that_a_document_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let mut found = 0;
    for document in DOCUMENTS {
        let path = root.join(document);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{document}: {error}"));
        let folder = path.parent().expect("a folder");
        let quoted = text.split('`').skip(1).step_by(2);
        let named = quoted.filter(|name| NAMED.iter().any(|start| name.starts_with(start)));
        let linked = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        let linked = linked.filter(|link| !link.is_empty() && !link.contains("://"));
        let places = named
            .map(|name| (name, root.join(name)))
            .chain(linked.map(|link| (link, folder.join(link))));
        for (name, place) in places.filter(|(name, _)| !name.contains(['<', ' ', '*', '…'])) {
            found += 1;
            if !place.exists() {
                wrong.push(format!("{document} names {name}, which is not there"));
            }
        }
    }
    assert!(found > 20, "only {found} names were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Errors that a person meets in the prompt alone, where the line itself says how a thing is written; and those of
/// making up worlds.
const SAID_IN_PLACE: [&str; 6] = [
    "review/typed.rs",
    "review/field.rs",
    "review/filter.rs",
    "cli/simulate.rs",
    "cli/demo.rs",
    "tests.rs",
];
/// Shorter pieces of a message tell nothing.
const PIECE_MIN: usize = 8;

/// Every error type's message, and every failure of a command, has its row in the guide to recovery.
#[test]
fn every_error_is_in_the_guide_to_recovery() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("docs/recovery.md")).expect("the guide");
    let guide = bare(&guide);
    let mut found = 0;
    let mut missing = Vec::new();
    for file in crate::tidy::rust_files(&root.join("src")) {
        let name = file
            .strip_prefix(root.join("src"))
            .expect("below src")
            .to_string_lossy()
            .into_owned();
        if SAID_IN_PLACE.iter().any(|place| name.ends_with(place)) || name.starts_with("simulate") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a source");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for message in messages(text) {
            let Some(piece) = longest_piece(&message) else {
                continue;
            };
            found += 1;
            if !guide.contains(&piece) {
                missing.push(format!("{name}: {piece}"));
            }
        }
    }
    assert!(found > 50, "only {found} messages were found");
    missing.sort();
    missing.dedup();
    assert!(
        missing.is_empty(),
        "docs/recovery.md does not speak of\n{}",
        missing.join("\n")
    );
}

/// The first text in `#[error(…)]`, `Failure::new(…)` and its like.
fn messages(text: &str) -> Vec<String> {
    let starts = [
        "#[error(",
        "Failure::new(",
        "Failure::usage(",
        "Failure::conflicts_open(",
    ];
    let mut found = Vec::new();
    for start in starts {
        for rest in text.split(start).skip(1) {
            let rest = rest.trim_start();
            let rest = rest.strip_prefix("format!(").unwrap_or(rest).trim_start();
            let Some(rest) = rest.strip_prefix('"') else {
                continue;
            };
            let mut message = String::new();
            let mut chars = rest.chars();
            while let Some(char) = chars.next() {
                match char {
                    '"' => break,
                    '\\' => match chars.next() {
                        Some('"') => message.push('"'),
                        Some('n') => message.push('\n'),
                        // A line that goes on.
                        _ => {}
                    },
                    char => message.push(char),
                }
            }
            found.push(message);
        }
    }
    found
}

/// The longest run of fixed words before the message turns to what to do.
fn longest_piece(message: &str) -> Option<String> {
    let mut pieces = Vec::new();
    for (index, part) in message.split('{').enumerate() {
        let part = if index == 0 {
            part
        } else {
            part.split_once('}').map_or("", |(_, rest)| rest)
        };
        let end = part.find([';', ':']);
        pieces.push(bare(&part[..end.unwrap_or(part.len())]));
        if end.is_some() && pieces.iter().any(|piece| piece.len() >= PIECE_MIN) {
            break;
        }
    }
    pieces
        .into_iter()
        .filter(|piece| piece.len() >= PIECE_MIN)
        .max_by_key(String::len)
}

/// Without marks and line breaks.
fn bare(text: &str) -> String {
    let text: String = text.chars().filter(|char| !matches!(char, '`' | '"')).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_matches([',', '.', '(', ' ', '|']).to_owned()
}

/// A promise without a test that would fail is only a promise.
#[test]
fn every_promise_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/safety.md")).expect("the promises");
    let rows = text.lines().filter(|line| {
        line.starts_with("| ") && !line.starts_with("| ---") && !line.starts_with("| promise")
    });
    let mut promises = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 3, "{row}");
        promises += 1;
        let named: Vec<&str> = cells[2].split('`').skip(1).step_by(2).collect();
        let tests = named.iter().filter(|name| {
            let path = root.join(name);
            if path.is_dir() {
                return name.starts_with("tests/cases/");
            }
            fs::read_to_string(&path).is_ok_and(|text| text.contains("#[test]"))
        });
        assert!(tests.count() > 0, "no test of its own: {row}");
    }
    assert!(promises > 25, "only {promises} promises were found");
}
