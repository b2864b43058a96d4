//! The demo's world from what a person can download by hand: the Dashboard's CSV and an `.ics` file in place of the
//! API's objects. The bookings must be the same.

use chrono::{DateTime, Utc};
use rebook::model::SourceKind;
use rebook::pull::{FileSource, read};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo")
}

/// The demo's folder with one part of it in other files.
fn world(without: &str, folder: &str, name: &str, text: &str) -> tempfile::TempDir {
    let world = tempfile::tempdir().expect("a temporary folder");
    for part in ["stripe", "calendar", "mail", ""] {
        fs::create_dir_all(world.path().join(part)).expect("a new folder");
        for entry in fs::read_dir(demo().join(part)).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_owned();
            if path.is_file() && name != without {
                fs::copy(&path, world.path().join(part).join(name)).expect("a copy");
            }
        }
    }
    if !name.is_empty() {
        fs::write(world.path().join(folder).join(name), text).expect("a new file");
    }
    world
}

fn bookings(folder: &Path) -> String {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_rebook"))
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .output()
            .expect("the program can be started")
    };
    let rebuilt = run(&["rebuild", "--quiet"]);
    let words = String::from_utf8_lossy(&rebuilt.stderr);
    assert!(matches!(rebuilt.status.code(), Some(0 | 3)), "{words}");
    let bookings = run(&["bookings", "--json"]);
    assert!(bookings.status.success());
    String::from_utf8_lossy(&bookings.stdout).into_owned()
}

fn items(path: &Path, key: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a readable file");
    let mut found = Vec::new();
    for page in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
        let page = page.expect("a page");
        found.extend(page[key].as_array().expect("a list").iter().cloned());
    }
    assert!(!found.is_empty());
    found
}

/// As the Dashboard writes it: in quotes, thousands apart, two decimals.
fn major(amount: &Value) -> String {
    let minor = amount.as_i64().expect("an amount");
    let whole = (minor / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{:02}", minor % 100)
}

fn dashboard(charges: &[Value]) -> String {
    let mut csv = "\u{feff}id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Description,Status,Card Name,\
         Customer ID,Customer Email,PaymentIntent ID,ref (metadata)\r\n"
        .to_owned();
    for charge in charges {
        let text = |value: &Value| value.as_str().unwrap_or_default().replace('"', "\"\"");
        let created =
            DateTime::from_timestamp(charge["created"].as_i64().expect("a time"), 0).expect("a time");
        let status = match (
            charge["status"].as_str(),
            charge["refunded"].as_bool(),
            charge["captured"].as_bool(),
        ) {
            (Some("failed"), ..) => "Failed",
            (_, Some(true), _) => "Refunded",
            (_, _, Some(false)) => "Uncaptured",
            _ => "Paid",
        };
        let cells = [
            text(&charge["id"]),
            created.format("%Y-%m-%d %H:%M:%S").to_string(),
            major(&charge["amount"]),
            major(&charge["amount_refunded"]),
            text(&charge["currency"]),
            charge["captured"].to_string(),
            text(&charge["description"]),
            status.to_owned(),
            text(&charge["billing_details"]["name"]),
            text(&charge["customer"]),
            text(&charge["billing_details"]["email"]),
            text(&charge["payment_intent"]),
            text(&charge["metadata"]["ref"]),
        ];
        writeln!(csv, "\"{}\"\r", cells.join("\",\"")).expect("writing to a text does not fail");
    }
    csv
}

fn export(events: &[Value], name: &str) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN".to_owned(),
        format!("X-WR-CALNAME:{name}"),
        "X-WR-TIMEZONE:Europe/London".to_owned(),
    ];
    let stamp = |value: &Value| {
        let at: DateTime<Utc> = value.as_str().expect("a time").parse().expect("a time");
        at.format("%Y%m%dT%H%M%SZ").to_string()
    };
    for event in events {
        let escaped = |key: &str| {
            let text = event[key].as_str().unwrap_or_default();
            text.replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace(',', "\\,")
                .replace(';', "\\;")
        };
        let time = |key: &str| match event[key]["date"].as_str() {
            Some(date) => format!(";VALUE=DATE:{}", date.replace('-', "")),
            None => format!(":{}", stamp(&event[key]["dateTime"])),
        };
        lines.push("BEGIN:VEVENT".to_owned());
        lines.push(format!("DTSTART{}", time("start")));
        lines.push(format!("DTEND{}", time("end")));
        lines.push(format!("UID:{}", event["iCalUID"].as_str().expect("an id")));
        lines.push(format!("CREATED:{}", stamp(&event["created"])));
        lines.push(format!("LAST-MODIFIED:{}", stamp(&event["updated"])));
        lines.push(format!(
            "STATUS:{}",
            event["status"].as_str().expect("a status").to_uppercase()
        ));
        for key in ["summary", "description", "location"] {
            if !escaped(key).is_empty() {
                lines.push(format!("{}:{}", key.to_uppercase(), escaped(key)));
            }
        }
        lines.push("END:VEVENT".to_owned());
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// Lines of sixty characters.
fn folded(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let parts: Vec<String> = chars.chunks(60).map(|part| part.iter().collect()).collect();
    parts.join("\r\n ") + "\r\n"
}

#[test]
fn what_is_downloaded_by_hand_gives_the_bookings_of_the_api() {
    let expected = bookings(world("", "", "", "").path());
    assert!(expected.lines().count() > 20);

    let charges = items(&demo().join("stripe/charges.json"), "data");
    let csv = world(
        "charges.json",
        "stripe",
        "unified_payments.csv",
        &dashboard(&charges),
    );
    assert!(
        bookings(csv.path()) == expected,
        "the Dashboard's export tells of other bookings"
    );

    let page = "bookings@harbourbikes.example.json";
    let events = items(&demo().join("calendar").join(page), "items");
    let told: Vec<Value> = events
        .into_iter()
        .filter(|event| !event["start"].is_null())
        .collect();
    let name = told[0]["organizer"]["displayName"]
        .as_str()
        .expect("a name")
        .to_owned();
    let file = format!("{name}_bookings@harbourbikes.example.ics");
    let ics = world(page, "calendar", &file, &export(&told, &name));
    assert!(
        bookings(ics.path()) == expected,
        "the calendar's export tells of other bookings"
    );
}

/// Bytes changed, cut out and doubled, the same in every run.
fn damaged(text: &str, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("a small number")
    };
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=next(8) {
        let at = next(bytes.len());
        match next(4) {
            0 => bytes[at] = u8::try_from(next(256)).expect("a byte"),
            1 => bytes[at] = b"0;=:,\"\n9"[next(8)],
            2 => drop(bytes.drain(at..(at + next(40)).min(bytes.len()))),
            _ => {
                let piece = bytes[at..(at + next(40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'B');
        }
    }
    bytes
}

#[test]
fn exports_that_are_damaged_in_any_way_are_read_to_their_end() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/extract");
    let samples = [
        (
            SourceKind::GoogleCalendar,
            "ics",
            cases.join("an_exported_calendar_gives_the_events_of_the_api/in"),
        ),
        (
            SourceKind::Stripe,
            "csv",
            cases.join("a_row_of_the_dashboard_is_the_object_of_the_api/in/acct_9"),
        ),
    ];
    for (kind, ending, folder) in samples {
        let damage = tempfile::tempdir().expect("a temporary folder");
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let text = fs::read_to_string(entry.expect("an entry").path()).expect("a readable file");
            for seed in 0..300 {
                let path = damage.path().join(format!("{seed}-{}.{ending}", text.len()));
                fs::write(path, damaged(&text, seed)).expect("a new file");
            }
        }
        let source = FileSource {
            name: "box".to_owned(),
            kind,
            path: damage.path().to_path_buf(),
        };
        let count = read(&source, &mut |_| Ok(())).expect("damage is no error");
        assert!(count.records > 300 && count.problems > 0, "{count:?}");
    }
}
