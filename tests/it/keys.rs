//! docs/keys.md, which takes a frightened person by the hand: it shows what `doctor` prints, and what it may say instead is in
//! the program.

use crate::fakes::imap::{Server, Store};
use crate::fakes::never;
use crate::live_rebuild::{demo, run, servers, world};
use crate::tidy::rust_files;
use rebook::model::SourceKind;
use rebook::pull::{FileSource, Pulled, read};
use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- doctor -->\n";
const END: &str = "<!-- /doctor -->";
const WHO: &str = "hello@harbourbikes.example";

fn page() -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    let text = fs::read_to_string(&path).expect("docs/keys.md");
    (path, text)
}

/// The demo's mails on a server.
fn mailbox() -> Server {
    let mut store = Store::with_mails(0);
    let source = FileSource {
        name: "mail".to_owned(),
        kind: SourceKind::Mail,
        path: demo().join("mail"),
    };
    read(&source, &mut |pulled| {
        if let Pulled::Record(record) = pulled {
            let text = String::from_utf8_lossy(&record.bytes).into_owned();
            store.mails.insert(store.mails.len() as u32 + 1, text);
        }
        Ok(())
    })
    .expect("readable mails");
    Server::start(store)
}

/// Without what differs from machine to machine: the servers' clocks stand still here, and disks are of any size.
fn told(text: &str) -> String {
    let mut shown = String::new();
    let mut is_left_out = false;
    for line in text.lines() {
        if !line.starts_with(' ') {
            is_left_out = line.contains("the clock of this machine")
                || ["disk:", "staging "]
                    .iter()
                    .any(|start| line[4..].starts_with(start));
        }
        if !is_left_out {
            shown.push_str(line);
            shown.push('\n');
        }
    }
    shown
}

#[test]
fn the_page_shows_what_the_doctor_prints() {
    let (servers, mailbox) = (servers(never, never), mailbox());
    let folder = world(&servers);
    let path = folder.path().join("rebook.toml");
    let config = fs::read_to_string(&path).expect("the configuration");
    let url = mailbox.url().replace("ann@", &format!("{WHO}@"));
    fs::write(folder.path().join("mail.key"), "hush-word\n").expect("a new file");
    let place = format!("imap = \"{url}\"\npassword = {{ file = \"mail.key\" }}");
    fs::write(&path, config.replace("path = \"mail\"", &place)).expect("the configuration");
    let output = run(folder.path(), &["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout).replace("desk@hire.example", WHO);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let wanted = format!("```text\n{}```\n", told(&said));
    let (path, text) = page();
    let begin = text.find(BEGIN).expect("the doctor's begin") + BEGIN.len();
    let end = text.find(END).expect("the doctor's end");
    if std::env::var_os("UPDATE").is_some() {
        let updated = format!("{}{wanted}{}", &text[..begin], &text[end..]);
        fs::write(&path, updated).expect("a writable checkout");
        return;
    }
    assert!(
        text[begin..end] == wanted,
        "docs/keys.md shows something else; UPDATE=1 writes it anew. Now it prints\n{wanted}"
    );
}

#[test]
fn what_the_page_explains_is_what_the_program_says() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = ["pull/live", "cli"].map(|folder| rust_files(&source.join(folder)));
    let code: String = files
        .iter()
        .flatten()
        .map(|file| fs::read_to_string(file).expect("a readable source"))
        .collect();
    let code = code.replace("\\\"", "\"");
    let (_, text) = page();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    assert!(rows.len() > 10);
    for row in rows {
        let words = row.split('`').nth(1).expect("what is printed");
        // Keys begin with their letters and three dots, in the program too.
        let pieces = words.replace("(sk_…)", "\u{1}").replace("(pk_…)", "\u{2}");
        for piece in pieces.split('…') {
            let piece = piece.replace('\u{1}', "(sk_…)").replace('\u{2}', "(pk_…)");
            assert!(
                code.contains(piece.trim()),
                "nothing says \"{piece}\" of \"{words}\""
            );
        }
    }
}
