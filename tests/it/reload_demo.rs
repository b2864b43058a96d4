//! The demo as a person runs it: what it exports loads into the restored production, and is the truth.

use crate::reload_servers::Database;
use rebook::model::Dialect;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const WORLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo");

fn rebook(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("the program can be started")
}

/// A folder in which the demo has run.
fn demo() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ran = rebook(folder.path(), &["demo", "demo"]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    folder
}

#[test]
fn an_export_replaces_an_earlier_one_and_no_other_file() {
    let folder = demo();
    let folder = folder.path().join("demo");
    let written = fs::read(folder.join("reload.sql")).expect("the demo's export");
    let again = ["export", "--skip-flagged", "--out", "reload.sql"];
    let ran = rebook(&folder, &again);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(
        fs::read(folder.join("reload.sql")).expect("the export") == written,
        "same bookings, same bytes"
    );
    let ran = rebook(&folder, &["export", "--out", "strict.sql"]);
    assert_eq!(ran.status.code(), Some(3), "conflicts are open");
    assert!(!folder.join("strict.sql").exists());

    fs::write(folder.join("notes.sql"), "-- my notes on rebook\n").expect("a file");
    let ran = rebook(&folder, &["export", "--skip-flagged", "--out", "notes.sql"]);
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(
        fs::read_to_string(folder.join("notes.sql")).expect("a file"),
        "-- my notes on rebook\n"
    );
}

/// What the truth says of a booking.
struct Told {
    /// As the query below says it.
    row: String,
    changed: bool,
}

fn truth() -> BTreeMap<String, Told> {
    let text = fs::read_to_string(format!("{WORLD}/truth/bookings.jsonl")).expect("the truth");
    text.lines()
        .map(|line| {
            let booking: Value = serde_json::from_str(line).expect("JSON");
            let word = |field: &str| booking[field].as_str().unwrap_or_default().to_owned();
            let status = match word("status").as_str() {
                "cancelled" => "called_off",
                "completed" => "returned",
                _ => "booked",
            };
            let row = format!(
                "{}|{}|{status}|{}|{}|{}",
                word("starts_at"),
                word("ends_at"),
                booking["total"],
                booking["resource"],
                booking["customer"]["name"].as_str().unwrap_or_default()
            );
            let changed = booking["changed_since_backup"] == true;
            (word("reference"), Told { row, changed })
        })
        .collect()
}

#[test]
fn what_the_demo_exports_is_the_truth_and_leaves_what_is_live_alone() {
    let Some(database) = Database::create(Dialect::Postgres, "demo") else {
        return;
    };
    let folder = demo();
    let live = fs::read_to_string(format!("{WORLD}/truth/live.sql")).expect("what is live");
    // A dump empties the search path for the rest of its session.
    database.query(&live);
    let rows = || {
        database.query(
            "SELECT 'reservation', r.* FROM public.reservations AS r ORDER BY id;
             SELECT 'hirer', h.* FROM public.hirers AS h ORDER BY id;
             SELECT 'payment', p.* FROM public.card_payments AS p ORDER BY id;",
        )
    };
    let before = rows();
    let reload = fs::read_to_string(folder.path().join("demo/reload.sql")).expect("the demo's export");
    let first = database.load(&reload);
    assert!(first.ok, "{}{}", first.out, first.err);
    let after = rows();
    let second = database.load(&reload);
    assert!(second.ok, "{}{}", second.out, second.err);
    assert_eq!(rows(), after, "a second run changes nothing");

    let truth = truth();
    for row in before.lines() {
        if after.lines().any(|other| other == row) {
            continue;
        }
        let mut cells = row.split('|').skip(2);
        match row.split('|').next() {
            // A refund that was made since the backup.
            Some("payment") => {}
            Some("reservation") => {
                let changed = cells.next().and_then(|reference| truth.get(reference));
                assert!(changed.is_some_and(|told| told.changed), "{row}");
            }
            _ => panic!("overwritten: {row}"),
        }
    }

    let moment =
        |column: &str| format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS+00:00')");
    let loaded = database.query(&format!(
        "SELECT r.reference, {}, {}, r.state, r.price_pence, r.item_id, h.name
         FROM public.reservations AS r JOIN public.hirers AS h ON h.id = r.customer_id
         WHERE r.channel = 'reconstructed' ORDER BY 1;",
        moment("r.out_at"),
        moment("r.ends_at")
    ));
    assert!(loaded.lines().count() >= 15, "{loaded}");
    for row in loaded.lines() {
        let (reference, told) = row.split_once('|').expect("columns");
        assert_eq!(
            truth.get(reference).map(|booking| booking.row.as_str()),
            Some(told),
            "{reference}"
        );
    }
}
