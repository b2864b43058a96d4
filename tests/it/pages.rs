//! Pages in a real browser: no request, no word on its console, nothing foreign in them, readable by everybody, and
//! right on paper. `tests/run` brings the browser; without it these tests are skipped by name, and fail under CI.

use rebook::model::{
    Action, Booking, BookingId, Bucket, Charge, Comparison, Conflict, ConflictId, ConflictKind, Currency,
    FieldName, Money, SourceKind, State, Status, When, Window,
};
use rebook::report::{
    Evidence, Heading, Learned, Plan, Pulled, Report, Words, day as report_day, sheet_page,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NOW: &str = "2026-04-18T00:27:00Z";

/// The folder with the browser's driver; None where nobody brought one.
fn driver() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("REBOOK_TEST_BROWSER") {
        return Some(folder.into());
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "no browser: REBOOK_TEST_BROWSER is not set; tests/run sets it"
    );
    eprintln!("ignored: no browser; tests/run brings one");
    None
}

fn rebook(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rebook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("TMPDIR", folder)
        .output()
        .expect("the program can be started");
    let failed = !matches!(output.status.code(), Some(0 | 3));
    assert!(
        !failed,
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What the browser saw of each page.
fn look(driver: &Path, pages: &[PathBuf]) -> Vec<serde_json::Value> {
    let output = Command::new("node")
        .arg(driver.join("check.mjs"))
        .args(pages)
        .output()
        .expect("node can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let seen: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(seen.len(), pages.len());
    seen
}

/// What no page may ever do.
fn assert_calm(seen: &serde_json::Value) {
    let file = seen["file"].as_str().expect("a file");
    for nothing in [
        "requests",
        "words",
        "dialogs",
        "violations",
        "foreign",
        "handlers",
    ] {
        assert_eq!(seen[nothing], serde_json::json!([]), "{nothing} of {file}");
    }
    assert_eq!(seen["wide"], false, "{file} is wider than the window");
    assert_eq!(seen["owned"], serde_json::Value::Null, "a script ran in {file}");
    let policy = seen["policy"].as_str().expect("a policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    for paper in ["A4", "Letter"] {
        assert_eq!(
            seen["print"][paper]["right"], true,
            "{file} on {paper}: {}",
            seen["print"]
        );
    }
}

#[test]
fn the_demos_pages_are_calm_and_print() {
    let Some(driver) = driver() else { return };
    let parent = tempfile::tempdir().expect("a temporary folder");
    rebook(parent.path(), &["demo", "d"]);
    let folder = parent.path().join("d");
    rebook(&folder, &["report", "--out", "report", "--now", NOW]);
    rebook(
        &folder,
        &[
            "sheet",
            "--day",
            "2026-04-18",
            "--html",
            "sheet.html",
            "--now",
            NOW,
        ],
    );
    let seen = look(
        &driver,
        &[folder.join("report/index.html"), folder.join("sheet.html")],
    );
    seen.iter().for_each(assert_calm);
    let pages = |at: usize, paper: &str| seen[at]["print"][paper]["pages"].as_u64().expect("a count");
    for paper in ["A4", "Letter"] {
        assert_eq!(pages(1, paper), 1, "a day of four lines is one page");
        assert!(
            (3..=14).contains(&pages(0, paper)),
            "{} pages of report",
            pages(0, paper)
        );
    }
    let text = seen[0]["text"].as_str().expect("text");
    for heading in [
        "How much came back, day by day",
        "Where the money is",
        "What you are asked",
        "How far to trust it",
        "What was learned, and what was not",
        "Bookings without payment, payments without booking",
        "Customers to contact",
        "What the reload would do",
    ] {
        assert!(text.contains(heading), "{heading}");
    }
}

#[test]
fn markup_in_a_mail_is_shown_as_it_was_written_and_does_nothing() {
    let Some(driver) = driver() else { return };
    let parent = tempfile::tempdir().expect("a temporary folder");
    rebook(parent.path(), &["demo", "d"]);
    let folder = parent.path().join("d");
    // A customer who calls himself a script, wherever he is named.
    let hostile = "<script>owned=1</script><img src=x onerror=owned=2><style>*{display:none}</style>";
    let mut changed = 0;
    for name in [
        "mail/confirmations.mbox",
        "calendar/bookings@harbourbikes.example.json",
    ] {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).expect("a sample's file");
        changed += text.matches("Charlotte Wilson").count();
        fs::write(&path, text.replace("Charlotte Wilson", hostile)).expect("a writable file");
    }
    assert!(changed > 2, "the sample has no such customer any more");
    // A message that is known already stays as it is: begin anew.
    fs::remove_file(folder.join("staging.db")).expect("staging");
    rebook(&folder, &["rebuild", "--now", NOW]);
    rebook(&folder, &["report", "--out", "report", "--now", NOW]);
    let mut pages = vec![folder.join("report/index.html")];
    for day in ["2026-04-18", "2026-04-05"] {
        let page = format!("{day}.html");
        rebook(&folder, &["sheet", "--day", day, "--html", &page, "--now", NOW]);
        pages.push(folder.join(page));
    }
    let seen = look(&driver, &pages);
    seen.iter().for_each(assert_calm);
}

/// Every text that a page shows, written by somebody who means harm.
#[test]
fn no_text_of_any_kind_becomes_markup() {
    let Some(driver) = driver() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let hostile = |place: &str| {
        format!(
            "{place}</td></table></style></title><script>owned=1</script><img src=x onerror=owned=2>'\"&lt;"
        )
    };
    let day = "2026-07-02".parse().expect("a date");
    let starts: chrono::DateTime<chrono::Utc> = "2026-07-02T08:00:00Z".parse().expect("a moment");
    let currency = Currency::parse("eur").expect("a currency");
    let mut booking = Booking::bare(BookingId(hostile("id")), State::Flagged, Action::Insert);
    booking.reference = Some(hostile("reference"));
    booking.customer.name = Some(hostile("name"));
    booking.customer.phone = Some(hostile("phone"));
    booking.customer.email = Some(hostile("email"));
    booking.resource.name = Some(hostile("resource"));
    booking.starts_at = Some(When::Instant(starts));
    booking.ends_at = Some(When::Instant(starts + chrono::TimeDelta::hours(30)));
    booking.created_at = Some(starts - chrono::TimeDelta::days(9));
    booking.total = Some(Money::new(10_000, currency));
    booking.conflicts.push(Conflict {
        id: ConflictId("c_1".to_owned()),
        kind: ConflictKind::DoubleBooked,
        field: None,
        reason: hostile("reason"),
        candidates: Vec::new(),
        suggested: None,
        evidence: String::new(),
    });
    let mut second = booking.clone();
    second.id = BookingId("b_2".to_owned());
    let mut gone = booking.clone();
    gone.conflicts.clear();
    gone.state = State::Clean;
    gone.status = Some(Status::Cancelled);
    let bookings = [booking, second, gone];
    let charge = Charge {
        id: hostile("charge"),
        amount: Money::new(500, currency),
        refunded: Money::new(0, currency),
        paid_at: starts,
        bucket: Bucket::BelongsToNone,
        booking: None,
        reason: hostile("why"),
    };
    let pulled = [Pulled {
        source: hostile("source"),
        kind: SourceKind::Mail,
        is_begun: true,
        records: 3,
        finished_at: None,
        problems: 1,
    }];
    let evidence = Evidence {
        bookings: &bookings,
        standing: &[],
        zone: chrono_tz::UTC,
        exclusive: true,
        is_whole: false,
        tenant: None,
        kinds: &BTreeMap::new(),
    };
    let cautions = [hostile("caution")];
    let heading = Heading {
        business: &hostile("business"),
        tenant: None,
        day,
        nearness: "today",
        made_at: starts,
        zone: chrono_tz::UTC,
        pulled: &pulled,
        cautions: &cautions,
    };
    let sheet = folder.path().join("sheet.html");
    fs::write(&sheet, sheet_page(&report_day(day, &evidence), &heading)).expect("a new file");
    let window = Window {
        learn_from: starts - chrono::TimeDelta::days(90),
        backup: starts - chrono::TimeDelta::days(30),
        loss: starts,
    };
    let plan = Plan::Of {
        counts: vec![(1, "new bookings")],
        held: vec![(hostile("held"), hostile("held why"))],
        notes: vec![hostile("note")],
    };
    let learned = [Learned {
        source: hostile("learned"),
        by_hand: true,
        fields: vec![(FieldName::StartsAt, hostile("place"), 3, 3)],
        meanings: 1,
    }];
    let whole = Report {
        business: &hostile("business"),
        tenant: None,
        pages: &[("tenant-1.html".to_owned(), hostile("tenant"))],
        zone: chrono_tz::UTC,
        window: &window,
        made_at: starts,
        tool: "rebook",
        bookings: bookings.iter().collect(),
        charges: vec![&charge],
        pulled: &pulled,
        activity: &BTreeMap::new(),
        made_before: &[],
        backtest: None,
        trust: &hostile("trust"),
        interval: None,
        warnings: &[hostile("warning")],
        learned: &learned,
        plan: &plan,
        words: Words {
            label: FieldName::as_str,
            question: ConflictKind::as_str,
            comparison: Comparison::as_str,
        },
        next: &hostile("next"),
    };
    let page = folder.path().join("index.html");
    fs::write(&page, whole.page()).expect("a new file");
    let seen = look(&driver, &[sheet, page]);
    seen.iter().for_each(assert_calm);
    let on_sheet = "reference name phone resource reason source caution business";
    let on_report = "reference name phone email resource reason charge why source held note tenant trust warning next business";
    for (at, places) in [(0, on_sheet), (1, on_report)] {
        let text = seen[at]["text"].as_str().expect("text");
        for place in places.split(' ') {
            assert!(
                text.contains(&hostile(place)),
                "{place} is not shown as it was written on page {at}"
            );
        }
    }
}

#[test]
fn each_tenant_has_a_page_with_its_own_alone() {
    let Some(driver) = driver() else { return };
    let parent = tempfile::tempdir().expect("a temporary folder");
    let folder = parent.path().join("platform");
    let out = folder.to_string_lossy().into_owned();
    rebook(
        parent.path(),
        &[
            "simulate",
            "--business",
            "platform",
            "--out",
            &out,
            "--bookings",
            "120",
        ],
    );
    rebook(&folder, &["rebuild"]);
    let written = rebook(&folder, &["report", "--out", "report"]);
    let pages: Vec<PathBuf> = written.lines().map(|line| folder.join(line)).collect();
    assert!(pages.len() > 2, "{written}");
    let seen = look(&driver, &pages);
    seen.iter().for_each(assert_calm);
    let bookings = rebook(&folder, &["bookings", "--json"]);
    let bookings: Vec<serde_json::Value> = bookings
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let tenants: std::collections::BTreeSet<&str> = bookings
        .iter()
        .filter_map(|booking| booking["tenant"].as_str())
        .collect();
    assert!(tenants.len() > 1, "{tenants:?}");
    // A reference that is in question stands on its tenant's page and on no other's.
    for (at, page) in seen.iter().enumerate().skip(1) {
        let text = page["text"].as_str().expect("text");
        let others = bookings
            .iter()
            .filter(|booking| booking["state"] == "flagged")
            .filter(|booking| {
                booking["reference"]
                    .as_str()
                    .is_some_and(|reference| text.contains(reference))
            });
        let of: std::collections::BTreeSet<&str> =
            others.filter_map(|booking| booking["tenant"].as_str()).collect();
        assert!(of.len() <= 1, "page {at} holds questions of {of:?}");
    }
}
