//! The mapping files of the project are of the format that the program reads and writes.

use rebook::mapping::{parse, render};
use std::fs;
use std::path::Path;

#[test]
fn every_example_is_read_and_written_without_loss() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let mut examples = 0;
    for entry in fs::read_dir(&folder).expect("mappings") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        examples += 1;
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).expect("a readable file");
        let mapping = parse(&name, &text).unwrap_or_else(|error| panic!("{error}"));
        assert!(!mapping.rules.is_empty(), "{name} holds no rule");
        let again = parse(&name, &render(&mapping)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again, mapping, "{name} is not what it becomes when it is written");
    }
    assert!(examples >= 2, "no example found in {}", folder.display());
}

#[test]
fn the_format_described_is_the_format_read() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/README.md");
    let text = fs::read_to_string(readme).expect("mappings/README.md");
    let (_, rest) = text.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("the example's end");
    let mapping = parse("mappings/README.md", example).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        (
            mapping.rules.len(),
            mapping.meanings.len(),
            mapping.charges.len(),
            mapping.events.len()
        ),
        (1, 1, 1, 1)
    );
}
