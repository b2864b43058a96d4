//! What must not hurt: `fixtures/hostile` holds files that are cut, broken or malicious.
//!
//! Every complete record comes out, every piece of damage is told, and nothing panics.

use rebook::extract::{Context, document};
use rebook::model::{Business, Currency, Document, Problem, Scalar, SourceKind};
use rebook::pull::{FileSource, PullError, Pulled, read};

struct Taken {
    documents: Vec<Document>,
    problems: Vec<Problem>,
}

impl Taken {
    fn natives(&self) -> Vec<&str> {
        self.documents
            .iter()
            .map(|document| document.record.native())
            .collect()
    }

    fn damaged_files(&self) -> Vec<&str> {
        self.problems
            .iter()
            .map(|problem| problem.place.split(", byte").next().unwrap_or_default())
            .collect()
    }

    fn find(&self, native: &str) -> &Document {
        self.documents
            .iter()
            .find(|document| document.record.native() == native)
            .expect("the record was pulled")
    }

    fn texts(&self, native: &str, place: &str) -> Vec<&str> {
        self.find(native)
            .items
            .iter()
            .filter(|item| item.place == place)
            .filter_map(|item| match &item.value {
                Scalar::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

fn take(folder: &str, kind: SourceKind) -> Taken {
    let context = Context {
        business: Business {
            name: "Shop".to_owned(),
            zone: chrono_tz::UTC,
            country: "FR".to_owned(),
            currency: Currency::parse("eur").expect("a currency"),
        },
        tenants: Vec::new(),
        senders: vec!["desk@shop.example".to_owned()],
        authserv: None,
    };
    let path = format!("fixtures/hostile/{folder}").into();
    let source = FileSource {
        name: folder.to_owned(),
        kind,
        path,
    };
    let mut taken = Taken {
        documents: Vec::new(),
        problems: Vec::new(),
    };
    let count = read(&source, &mut |pulled| {
        match pulled {
            Pulled::Record(record) => taken.documents.push(document(&record, &context)),
            Pulled::Problem(problem) => taken.problems.push(problem),
            Pulled::Progress {
                bytes_done,
                bytes_total,
            } => assert!(bytes_done <= bytes_total),
        }
        Ok(())
    })
    .expect("damage is no error");
    assert_eq!(count.records as usize, taken.documents.len());
    assert_eq!(count.problems as usize, taken.problems.len());
    taken
}

#[test]
fn complete_stripe_objects_come_out_of_broken_files() {
    let taken = take("stripe", SourceKind::Stripe);
    assert_eq!(
        taken.natives(),
        [
            "ch_1", "ch_3", "ch_6", "ch_11", "ch_12", "ch_21", "ch_23", "ch_31", "ch_41", "re_1"
        ]
    );
    assert_eq!(
        taken.damaged_files(),
        [
            "broken item.json",
            "broken item.json",
            "cut page.json",
            "nested without end.json",
            "nested without end.json",
            "not utf8.jsonl",
            "nul padded.json",
            "prose.txt",
        ]
    );
}

#[test]
fn complete_events_come_out_of_a_cut_page() {
    let taken = take("calendar", SourceKind::GoogleCalendar);
    assert_eq!(taken.natives(), ["e1", "e2", "e3", "e4"]);
    assert_eq!(taken.damaged_files(), ["team@shop.example.json"]);
    assert_eq!(taken.texts("e1", "/start/dateTime"), ["not a time"]);
    assert_eq!(taken.texts("e2", "/start/date"), ["2026-02-30"]);
}

#[test]
fn mails_come_out_of_a_mailbox_that_was_cut() {
    let taken = take("mail", SourceKind::Mail);
    assert_eq!(taken.documents.len(), 10);
    assert_eq!(
        taken.damaged_files(),
        ["cut.mbox", "cut.mbox", "cut.mbox", "notes.txt"]
    );
    assert_eq!(taken.texts("m1@shop.example", "text"), ["whole"]);
    assert_eq!(taken.texts("m3@shop.example", "text"), ["whole"]);
    // The line in which a mail was cut may be half a value.
    assert_eq!(taken.texts("m2@shop.example", "text"), ["first line"]);
    assert!(taken.texts("m4@shop.example", "text").is_empty());
    assert_eq!(taken.texts("m5@shop.example", "text")[1], "end");
    assert_eq!(taken.texts("m6@shop.example", "text"), ["ab", "Total: 5"]);
    assert_eq!(taken.texts("m7@shop.example", "html"), ["[2JTotal: 5"]);
    for native in ["m8@shop.example", "m9@shop.example", "m4@shop.example"] {
        assert!(!taken.find(native).problems.is_empty(), "{native}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let source = FileSource {
        name: "mail".to_owned(),
        kind: SourceKind::Mail,
        path: "fixtures/hostile/nowhere".into(),
    };
    let result = read(&source, &mut |_| Ok(()));
    assert!(matches!(result, Err(PullError::Missing { .. })));
}
