//! The documents name only what exists.

use std::fs;
use std::path::Path;

const DOCUMENTS: [&str; 8] = [
    "README.md",
    "CHANGELOG.md",
    "docs/ARCHITECTURE.md",
    "docs/configuration.md",
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
