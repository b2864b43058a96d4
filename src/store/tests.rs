//! Staging by its promises: nothing received is lost or edited, results are replaced whole, decisions stay.

use super::*;
use crate::model::{
    Action, Answer, Basis, Booking, BookingId, Bookmark, Bucket, Candidate, Charge, Claim, Comparison,
    Conflict, ConflictId, ConflictKind, Currency, Customer, Draft, FieldName, Memory, Money, NextBest, Page,
    Part, Payment, Problem, Record, RecordId, Resource, SourceKind, Stage, Standing, State, Status, Step,
    Timing, Value, Waterfall, When,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

fn record(id: &str, kind: SourceKind, bytes: &str) -> Record {
    Record {
        id: RecordId(id.to_owned()),
        kind,
        object: "charge".to_owned(),
        container: "box".to_owned(),
        origin: "file.json at byte 7".to_owned(),
        bytes: bytes.as_bytes().to_vec(),
    }
}

fn staging() -> (tempfile::TempDir, Staging) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let staging = Staging::open(&folder.path().join("staging.db")).expect("a new staging");
    (folder, staging)
}

fn all_records(staging: &Staging, sources: &[&str]) -> Vec<Record> {
    let sources: Vec<String> = sources.iter().map(|&source| source.to_owned()).collect();
    let mut records = Vec::new();
    staging
        .read_records(&sources, 2, &mut |chunk| {
            assert!(chunk.len() <= 2);
            for packed in chunk {
                records.push(packed.unpack()?);
            }
            Ok::<(), StoreError>(())
        })
        .expect("readable records");
    records
}

fn bytes_of(staging: &Staging, id: &str) -> String {
    let record = staging
        .record(&RecordId(id.to_owned()))
        .expect("readable")
        .expect("is there");
    String::from_utf8(record.bytes).expect("is text")
}

fn moment(text: &str) -> DateTime<Utc> {
    crate::wire::decode_moment(text).expect("a moment")
}

#[test]
fn the_same_thing_twice_is_one_record() {
    let (_folder, mut staging) = staging();
    let batch = [
        record("s:2", SourceKind::Stripe, "two"),
        record("s:1", SourceKind::Stripe, "one"),
    ];
    let first = staging
        .put_records("s", SourceKind::Stripe, &batch, Some("page 1"))
        .expect("kept");
    let again = staging
        .put_records("s", SourceKind::Stripe, &batch, None)
        .expect("kept");
    assert_eq!(
        first,
        PutCount {
            new: 2,
            changed: 0,
            known: 0
        }
    );
    assert_eq!(
        again,
        PutCount {
            new: 0,
            changed: 0,
            known: 2
        }
    );
    assert_eq!(
        staging.cursor("s").expect("readable").as_deref(),
        Some("page 1"),
        "no cursor keeps the last"
    );
    let mut sorted = batch.to_vec();
    sorted.reverse();
    assert_eq!(all_records(&staging, &["s"]), sorted, "by id, byte for byte");
}

#[test]
fn a_changed_thing_is_a_new_revision_and_the_last_seen_is_current() {
    let (_folder, mut staging) = staging();
    let mut put = |bytes| {
        let count = staging.put_records(
            "s",
            SourceKind::Stripe,
            &[record("s:1", SourceKind::Stripe, bytes)],
            None,
        );
        (count.expect("kept"), bytes_of(&staging, "s:1"))
    };
    put("a");
    assert_eq!(
        put("b"),
        (
            PutCount {
                new: 0,
                changed: 1,
                known: 0
            },
            "b".to_owned()
        )
    );
    assert_eq!(
        put("a"),
        (
            PutCount {
                new: 0,
                changed: 0,
                known: 1
            },
            "a".to_owned()
        ),
        "it was changed back"
    );
    assert_eq!(
        staging
            .count_revisions(&RecordId("s:1".to_owned()))
            .expect("readable"),
        2
    );
}

#[test]
fn of_two_mails_under_one_message_id_the_first_stays() {
    let (_folder, mut staging) = staging();
    for bytes in ["true", "forged"] {
        let mail = record("m:id@x.example", SourceKind::Mail, bytes);
        staging
            .put_records("m", SourceKind::Mail, &[mail], None)
            .expect("kept");
    }
    assert_eq!(bytes_of(&staging, "m:id@x.example"), "true");
    assert_eq!(
        staging
            .count_revisions(&RecordId("m:id@x.example".to_owned()))
            .expect("readable"),
        2
    );
}

#[test]
fn records_of_other_sources_are_not_read() {
    let (_folder, mut staging) = staging();
    staging
        .put_records(
            "a",
            SourceKind::Stripe,
            &[record("a:1", SourceKind::Stripe, "x")],
            None,
        )
        .expect("kept");
    staging
        .put_records(
            "b",
            SourceKind::Mail,
            &[record("b:1", SourceKind::Mail, "y")],
            None,
        )
        .expect("kept");
    assert_eq!(all_records(&staging, &["b", "b", "never seen"]).len(), 1);
    assert_eq!(
        staging
            .count_records(&["a".to_owned(), "b".to_owned()])
            .expect("readable"),
        2
    );
}

#[test]
fn what_was_received_cannot_be_edited() {
    let (_folder, mut staging) = staging();
    staging
        .put_records(
            "s",
            SourceKind::Stripe,
            &[record("s:1", SourceKind::Stripe, "a")],
            None,
        )
        .expect("kept");
    assert!(
        staging
            .connection
            .execute("UPDATE revision SET size = 0", [])
            .is_err()
    );
}

#[test]
fn a_batch_that_was_cut_off_leaves_nothing_and_the_next_run_makes_it_whole() {
    let (folder, mut staging) = staging();
    let batch: Vec<Record> = (0..10)
        .map(|index| record(&format!("s:{index}"), SourceKind::Stripe, &index.to_string()))
        .collect();
    // The fault: the seventh revision cannot be written.
    staging
        .connection
        .execute_batch(
            "CREATE TEMP TRIGGER fault BEFORE INSERT ON main.revision WHEN (SELECT count(*) FROM revision) = 6
             BEGIN SELECT raise(ABORT, 'power cut'); END;",
        )
        .expect("a fault");
    assert!(
        staging
            .put_records("s", SourceKind::Stripe, &batch, Some("end"))
            .is_err()
    );
    drop(staging);
    let mut staging = Staging::open(&folder.path().join("staging.db")).expect("opens again");
    assert_eq!(staging.cursor("s").expect("readable"), None);
    assert!(all_records(&staging, &["s"]).is_empty());
    staging
        .put_records("s", SourceKind::Stripe, &batch, Some("end"))
        .expect("kept");
    assert_eq!(all_records(&staging, &["s"]), batch);
}

fn bare(id: &str) -> Booking {
    Booking::bare(BookingId(id.to_owned()), State::Clean, Action::Insert)
}

fn booking(id: &str) -> Booking {
    let euro = Currency::parse("eur").expect("a currency");
    let record = RecordId("mail:a@x.example".to_owned());
    let start = When::Instant(moment("2026-03-01T09:00:00.5Z"));
    let claim = |field, value| Claim {
        record: record.clone(),
        field,
        value,
        place: "text:7[9..29]".to_owned(),
        rule: "mail#3".to_owned(),
        standing: Standing::Business,
        said_at: Some(moment("2026-02-01T00:00:00Z")),
    };
    Booking {
        id: BookingId(id.to_owned()),
        state: State::Flagged,
        action: Action::Update,
        baseline_key: Some("1|2".to_owned()),
        tenant: Some("7".to_owned()),
        reference: Some("Q-É\"1".to_owned()),
        status: Some(Status::Cancelled),
        customer: Customer {
            name: Some("Zoë Example".to_owned()),
            first_name: Some("Zoë".to_owned()),
            last_name: Some("Example".to_owned()),
            email: Some("zoe@x.example".to_owned()),
            phone: Some("+41 00 000".to_owned()),
            baseline_key: Some("9".to_owned()),
        },
        resource: Resource {
            name: Some("Boat".to_owned()),
            key: Some("4".to_owned()),
        },
        starts_at: Some(start),
        ends_at: Some(When::Date("2026-03-04".parse().expect("a date"))),
        total: Some(Money::new(-5, euro)),
        created_at: Some(moment("2026-01-01T00:00:00Z")),
        payments: vec![
            Payment {
                id: format!("ch_{id}_1"),
                amount: Money::new(500, euro),
                refunded: Money::new(20, euro),
                paid_at: moment("2026-02-01T00:00:00Z"),
                baseline_refunded: Some(0),
            },
            Payment {
                id: format!("ch_{id}_0"),
                amount: Money::new(1, euro),
                refunded: Money::new(0, euro),
                paid_at: moment("2026-02-02T00:00:00Z"),
                baseline_refunded: None,
            },
        ],
        records: vec![record.clone(), RecordId("stripe:ch_1".to_owned())],
        conflicts: vec![Conflict {
            id: ConflictId("c_1".to_owned()),
            kind: ConflictKind::FieldContradicts,
            field: Some(FieldName::StartsAt),
            reason: "two times".to_owned(),
            candidates: vec![
                Candidate {
                    value: Some(Value::When(start)),
                    records: vec![record.clone()],
                    millibits: 7123,
                },
                Candidate {
                    value: None,
                    records: Vec::new(),
                    millibits: -1,
                },
            ],
            suggested: Some(0),
            evidence: "e1".to_owned(),
        }],
        claims: BTreeMap::from([
            (
                FieldName::StartsAt,
                vec![claim(FieldName::StartsAt, Value::When(start))],
            ),
            (
                FieldName::Total,
                vec![
                    claim(FieldName::Total, Value::Money(Money::new(-5, euro))),
                    claim(FieldName::Currency, Value::Text("eur".to_owned())),
                ],
            ),
        ]),
        links: vec![
            "mail:a@x.example reference (12.3 bits)".to_owned(),
            "b".to_owned(),
        ],
        waterfalls: vec![
            Waterfall {
                records: vec![RecordId("mail:a@x.example".to_owned())],
                is_linked: true,
                steps: vec![
                    Step {
                        comparison: Comparison::Prior,
                        millibits: -12_300,
                    },
                    Step {
                        comparison: Comparison::Name,
                        millibits: 20_001,
                    },
                ],
                next: Some(NextBest {
                    booking: Some(BookingId("b_2".to_owned())),
                    row: None,
                    record: Some(RecordId("stripe:ch_1".to_owned())),
                    steps: vec![Step {
                        comparison: Comparison::Times,
                        millibits: -7_000,
                    }],
                }),
            },
            Waterfall {
                records: vec![RecordId("calendar:e".to_owned())],
                is_linked: false,
                steps: Vec::new(),
                next: None,
            },
        ],
    }
}

/// As they are read together: a waterfall is read with its booking alone.
fn without_waterfalls(bookings: &[Booking]) -> Vec<Booking> {
    let bare = |booking: &Booking| Booking {
        waterfalls: Vec::new(),
        ..booking.clone()
    };
    bookings.iter().map(bare).collect()
}

#[test]
fn bookings_come_back_as_they_were_put() {
    let (_folder, mut staging) = staging();
    let charge = Charge {
        id: "ch_1".to_owned(),
        amount: Money::new(500, Currency::parse("eur").expect("a currency")),
        refunded: Money::new(1, Currency::parse("eur").expect("a currency")),
        paid_at: moment("2026-02-01T00:00:00Z"),
        bucket: Bucket::InConflict,
        booking: Some(BookingId("b_2".to_owned())),
        reason: "why".to_owned(),
    };
    let problem = Problem {
        source: "mail".to_owned(),
        place: "mail:a".to_owned(),
        message: "cut off".to_owned(),
        hint: "look".to_owned(),
    };
    let bookings = [booking("b_2"), bare("b_1")];
    for _ in 0..2 {
        staging
            .put_results(
                &bookings,
                std::slice::from_ref(&charge),
                std::slice::from_ref(&problem),
                &[("summary", "first".to_owned())],
            )
            .expect("kept");
        assert_eq!(
            staging.bookings().expect("readable"),
            without_waterfalls(&bookings)
        );
        assert_eq!(
            staging.charges().expect("readable"),
            std::slice::from_ref(&charge)
        );
        assert_eq!(
            staging.problems().expect("readable"),
            std::slice::from_ref(&problem)
        );
    }
    staging
        .put_results(&bookings[1..], &[], &[], &[("summary", "second".to_owned())])
        .expect("kept");
    assert_eq!(
        staging.bookings().expect("readable"),
        without_waterfalls(&bookings[1..])
    );
    assert_eq!(
        staging.fact("summary").expect("readable").as_deref(),
        Some("second")
    );
}

#[test]
fn results_that_were_cut_off_leave_the_last_ones() {
    let (_folder, mut staging) = staging();
    staging
        .put_results(&[booking("b_old")], &[], &[], &[])
        .expect("kept");
    // Two bookings of one id: the second is refused in the middle of writing.
    let doubled = [bare("b_new"), bare("b_new")];
    assert!(
        staging
            .put_results(&doubled, &[], &[], &[("summary", "x".to_owned())])
            .is_err()
    );
    assert_eq!(
        staging.bookings().expect("readable"),
        without_waterfalls(&[booking("b_old")])
    );
    assert_eq!(staging.fact("summary").expect("readable"), None);
}

#[test]
fn a_booking_is_found_by_whatever_a_person_holds() {
    let (_folder, mut staging) = staging();
    staging
        .put_results(&[bare("b_1"), booking("b_2")], &[], &[], &[])
        .expect("kept");
    for id in ["b_2", "Q-É\"1", "q-É\"1", "mail:a@x.example", "ch_b_2_1"] {
        assert_eq!(
            staging.find_bookings(id).expect("readable"),
            [booking("b_2")],
            "{id}"
        );
    }
    assert!(staging.find_bookings("b_").expect("readable").is_empty());
}

#[test]
fn decisions_are_append_only_and_survive_a_build() {
    let (folder, mut staging) = staging();
    let (id, conflict, at) = (
        BookingId("b_1".to_owned()),
        ConflictId("c_1".to_owned()),
        moment("2026-05-01T00:00:00Z"),
    );
    let answers = [
        Answer::Take(Some(Value::Text("x".to_owned()))),
        Answer::Take(None),
        Answer::Accept,
        Answer::Reject,
        Answer::Later("ask Jo".to_owned()),
    ];
    let draft = |answer: &Answer| Draft {
        booking: id.clone(),
        conflict: conflict.clone(),
        evidence: "e".to_owned(),
        answer: answer.clone(),
        basis: Basis {
            kind: Some(ConflictKind::MissingField),
            followed: Some(false),
            why: "typed".to_owned(),
        },
    };
    for (answer, seen) in answers.iter().zip(0..) {
        let kept = staging.keep_act(&[draft(answer)], seen, "jo", at).expect("kept");
        assert_eq!(kept.decisions[0].act, seen + 1);
    }
    let both = [draft(&Answer::Undo(4)), draft(&Answer::Undo(5))];
    let kept = staging.keep_act(&both, 5, "jo", at).expect("kept").decisions;
    let numbers: Vec<_> = kept.iter().map(|undo| (undo.seq, undo.act)).collect();
    assert_eq!(numbers, [(6, 6), (7, 6)]);
    assert_eq!(staging.decisions_since(5).expect("readable"), kept);
    assert!(
        staging
            .connection
            .execute("UPDATE decision SET who = ''", [])
            .is_err()
    );
    assert!(staging.connection.execute("DELETE FROM decision", []).is_err());
    staging.put_results(&[], &[], &[], &[]).expect("kept");
    drop(staging);
    let staging = Staging::open(&folder.path().join("staging.db")).expect("opens again");
    let kept = staging.decisions().expect("readable");
    assert_eq!(
        kept.iter().map(|decision| decision.seq).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7]
    );
    assert_eq!(
        kept.into_iter()
            .map(|decision| decision.answer)
            .take(5)
            .collect::<Vec<_>>(),
        answers
    );
}

#[test]
fn two_people_at_once_do_not_overwrite_each_other() {
    let (folder, mut ann) = staging();
    let mut bob = Staging::open(&folder.path().join("staging.db")).expect("opens twice");
    let at = moment("2026-05-01T00:00:00Z");
    let draft = |booking: &str| Draft {
        booking: BookingId(booking.to_owned()),
        conflict: ConflictId(format!("c_{booking}")),
        evidence: "e".to_owned(),
        answer: Answer::Accept,
        basis: Basis::default(),
    };
    let first = ann.keep_act(&[draft("b_1")], 0, "ann", at).expect("kept");
    let late = bob.keep_act(&[draft("b_1")], 0, "bob", at).expect("answered");
    assert_eq!((late.news, late.decisions.len()), (first.decisions.clone(), 0));
    let other = bob.keep_act(&[draft("b_2")], 0, "bob", at).expect("kept");
    assert_eq!((other.news, other.decisions.len()), (first.decisions, 1));
    let informed = bob.keep_act(&[draft("b_1")], 2, "bob", at).expect("kept");
    assert_eq!(informed.decisions.len(), 1);
    assert_eq!(ann.decisions().expect("readable").len(), 3);
}

#[test]
fn problems_of_a_scope_replace_those_before() {
    let (_folder, mut staging) = staging();
    let problem = |place: &str| Problem {
        source: "mail".to_owned(),
        place: place.to_owned(),
        message: String::new(),
        hint: String::new(),
    };
    staging
        .put_problems("pull mail", &[problem("1"), problem("2")])
        .expect("kept");
    staging
        .put_problems("pull stripe", &[problem("3")])
        .expect("kept");
    staging.put_problems("pull mail", &[problem("4")]).expect("kept");
    assert_eq!(
        staging.problems().expect("readable"),
        [problem("4"), problem("3")]
    );
}

#[test]
fn a_run_that_did_not_end_is_seen() {
    let (_folder, mut staging) = staging();
    let run = staging.begin_run("build", "1.0", "monday").expect("kept");
    assert_eq!(
        staging.last_run("build").expect("readable"),
        Some(("monday".to_owned(), None))
    );
    let timing = Timing {
        stage: Stage::Link,
        milliseconds: 5,
        items: 9,
    };
    staging.end_run(run, &[timing], "tuesday").expect("kept");
    assert_eq!(
        staging.last_run("build").expect("readable"),
        Some(("monday".to_owned(), Some("tuesday".to_owned())))
    );
    assert_eq!(staging.last_run("pull").expect("readable"), None);
}

#[cfg(unix)]
#[test]
fn staging_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("staging.db");
    std::fs::write(&path, "").expect("a file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("was open to all");
    let mut staging = Staging::open(&path).expect("a new staging");
    staging.set_fact("a", "b").expect("kept");
    for entry in std::fs::read_dir(folder.path()).expect("readable") {
        let entry = entry.expect("readable");
        let mode = entry.metadata().expect("readable").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

#[test]
fn somebody_elses_database_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("shop.db");
    Connection::open(&database)
        .and_then(|shop| shop.execute_batch("CREATE TABLE orders (id)"))
        .expect("a database");
    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "these are my notes, and they are longer than a header of a hundred bytes would be: ".repeat(9),
    )
    .expect("a file");
    for path in [database, text] {
        let seen = || {
            let mode = path.metadata().expect("readable").permissions();
            (std::fs::read(&path).expect("readable"), mode)
        };
        let before = seen();
        assert!(
            matches!(Staging::open(&path), Err(StoreError::Foreign { .. })),
            "{}",
            path.display()
        );
        assert_eq!(seen(), before);
    }
}

#[test]
fn an_older_layout_is_brought_up_to_date_once() {
    let mut connection = Connection::open_in_memory().expect("memory");
    let steps =
        ["CREATE TABLE a (x) STRICT_", "ALTER TABLE a ADD COLUMN y"].map(|sql| sql.replace(" STRICT_", ""));
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    assert!(migrations::apply(&mut connection, &steps[..1]).is_ok());
    connection
        .execute("INSERT INTO a VALUES (1)", [])
        .expect("the old layout");
    assert!(migrations::apply(&mut connection, &steps).is_ok());
    assert!(
        migrations::apply(&mut connection, &steps).is_ok(),
        "again changes nothing"
    );
    let row = connection.query_row("SELECT x, y FROM a", [], |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(
        row.expect("the new layout"),
        (1, None::<i64>),
        "and what it held is still there"
    );
    assert!(matches!(
        migrations::apply(&mut connection, &steps[..1]),
        Err(migrations::MigrationError::Newer { found: 2, known: 1 })
    ));
}

#[test]
fn a_step_that_fails_leaves_the_layout_before_it() {
    let mut connection = Connection::open_in_memory().expect("memory");
    let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
    assert!(migrations::apply(&mut connection, &steps).is_err());
    let version: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .expect("readable");
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .expect("readable");
    assert_eq!((version, tables), (1, 1));
}

#[test]
fn a_sqlite_backup_is_read_as_it_is_and_not_touched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("back up 100%?#.db");
    Connection::open(&path)
        .and_then(|backup| {
            backup.execute_batch(
                "CREATE TABLE \"Tri\"\"ps\" (id INTEGER PRIMARY KEY, name TEXT, price REAL, photo BLOB);
                 INSERT INTO \"Tri\"\"ps\" VALUES (2, 'Zoë', 1.5, x'00ff'), (1, NULL, 2, NULL);
                 CREATE TABLE other (x); INSERT INTO other VALUES (1);",
            )
        })
        .expect("a backup");
    let before = std::fs::read(&path).expect("readable");
    let (mut ddl, mut rows) = (Vec::new(), Vec::new());
    let tables = ["tri\"ps".to_owned(), "missing".to_owned()];
    sqlite_file::dump(&path, &tables, &mut |event| {
        match event {
            sqlite_file::Event::Ddl(sql) => ddl.push(sql),
            sqlite_file::Event::Row {
                table,
                columns,
                values,
            } => rows.push((table.to_owned(), columns.to_vec(), values)),
        }
        Ok::<(), StoreError>(())
    })
    .expect("readable");
    assert_eq!(ddl.len(), 2);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].0, "Tri\"ps");
    assert_eq!(rows[0].1, ["id", "name", "price", "photo"]);
    assert_eq!(
        rows[0].2,
        [Some("1"), None, Some("2"), None].map(|text| text.map(str::to_owned))
    );
    assert_eq!(
        rows[1].2,
        [Some("2"), Some("Zoë"), Some("1.5"), Some("00ff")].map(|text| text.map(str::to_owned))
    );
    assert!(sqlite_file::is_sqlite(&path).expect("readable"));
    assert_eq!(std::fs::read(&path).expect("readable"), before);
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("readable").count(),
        1,
        "no journal was made beside it"
    );
    std::fs::write(folder.path().join("back up 100%?#.db-wal"), "unsettled").expect("a journal");
    let refused = sqlite_file::dump(&path, &tables, &mut |_| Ok::<(), StoreError>(()));
    assert!(matches!(refused, Err(StoreError::NotSettled { .. })));
}

#[test]
fn a_pull_that_was_cut_short_is_gone_on_with_where_it_asks_for_the_same_and_is_young() {
    let (_folder, mut staging) = staging();
    let begin = |staging: &mut Staging, asked: &str, at: &str, oldest: &str| {
        staging
            .begin_pull("s", SourceKind::Stripe, asked, at, oldest)
            .expect("a pull begins")
    };
    let (pull, memory) = begin(
        &mut staging,
        "all",
        "2026-06-02T08:00:00Z",
        "2026-06-01T08:00:00Z",
    );
    assert_eq!(memory, Memory::default());
    let mut part = Part::new("charges", "created from …");
    part.count(1, ["2026-05-01T00:00:00Z"]);
    part.cursor = Some("ch_1".to_owned());
    let page = Page {
        part: part.clone(),
        records: vec![record("s:ch_1", SourceKind::Stripe, "{}")],
        problems: vec![Problem {
            source: "s".to_owned(),
            place: "p".to_owned(),
            message: "odd".to_owned(),
            hint: String::new(),
        }],
        bookmarks: vec![Bookmark {
            scope: "next".to_owned(),
            value: Some("7".to_owned()),
        }],
    };
    let count = staging.put_pages("s", pull, &[page.clone(), page]).expect("kept");
    assert_eq!((count.new, count.known), (1, 1));
    staging.end_pull(pull, "", Some("cut off")).expect("noted");
    let manifest = staging.manifests().expect("readable").remove(0);
    assert_eq!(manifest.failure.as_deref(), Some("cut off"));
    let again = ("2026-06-02T09:00:00Z", "2026-06-01T09:00:00Z");
    let (same, memory) = begin(&mut staging, "all", again.0, again.1);
    assert_eq!(same, pull);
    assert_eq!(
        (memory.part("charges"), memory.bookmark("next")),
        (Some(&part), Some("7"))
    );
    assert_eq!(staging.problems().expect("readable").len(), 2);
    let (other, memory) = begin(&mut staging, "less", again.0, again.1);
    assert_ne!(other, pull);
    assert_eq!((memory.parts.len(), memory.bookmark("next")), (0, Some("7")));
    assert!(staging.problems().expect("readable").is_empty());
    let (late, _) = begin(
        &mut staging,
        "less",
        "2026-06-09T09:00:00Z",
        "2026-06-08T09:00:00Z",
    );
    assert_ne!(late, other);
    staging
        .end_pull(late, "2026-06-09T10:00:00Z", None)
        .expect("noted");
    let (next, _) = begin(
        &mut staging,
        "less",
        "2026-06-09T11:00:00Z",
        "2026-06-08T11:00:00Z",
    );
    assert_ne!(next, late, "one that ended is not gone on with");
    assert_eq!(
        staging.sources().expect("readable")[0].2.as_deref(),
        Some("2026-06-09T10:00:00Z")
    );
}
