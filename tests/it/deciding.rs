//! The examples in `docs/deciding.md` are what the program says of its demo. `UPDATE=1` writes them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const END: &str = "<!-- /explain -->";

#[test]
fn the_examples_are_what_the_program_says_of_its_demo() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/deciding.md");
    let page = fs::read_to_string(&path).expect("the page");
    let parent = tempfile::tempdir().expect("a temporary folder");
    let run = |folder: &Path, line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_rebook"))
            .args(line.split(' '))
            .current_dir(folder)
            .env_clear()
            .env("USER", "you")
            .output()
            .expect("the program can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run(parent.path(), "demo d");
    let folder = parent.path().join("d");
    let mut wanted = String::new();
    let mut rest = page.as_str();
    let mut examples = 0;
    while let Some(at) = rest.find("<!-- explain ") {
        let (before, from) = rest.split_at(at);
        let (mark, from) = from.split_once(" -->").expect("a closed mark");
        let id = mark.trim_start_matches("<!-- explain ");
        let said = run(&folder, &format!("explain {id}"));
        let lines: Vec<&str> = said.trim_end().lines().map(str::trim_end).collect();
        write!(
            wanted,
            "{before}{mark} -->\n```text\n$ rebook explain {id}\n\n{}\n```\n{END}",
            lines.join("\n")
        )
        .expect("writing to a text does not fail");
        let (_, after) = from.split_once(END).expect("the example's end");
        rest = after;
        examples += 1;
    }
    wanted.push_str(rest);
    assert!(examples >= 2, "only {examples} examples");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &wanted).expect("a writable checkout");
        return;
    }
    assert!(
        page == wanted,
        "UPDATE=1 writes docs/deciding.md anew. Now it would be\n{wanted}"
    );
}
