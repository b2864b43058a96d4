//! The contract of every source: one suite over files, strict fakes of the published APIs, fakes that somebody else wrote, and
//! a real mailbox server.
//!
//! Staging is the real one, so that what is resumed is what was committed, and no more. A server that is not there (`tests/run`
//! starts them) is said, and fails under CI.

use crate::fakes::imap::{Server, Store};
use crate::fakes::{Fault, Request, never};
use crate::live::{self, Bench, Shelf};
use crate::live_emulate;
use crate::mailbox::{Door, Mailbox, PASSWORD, mail};
use rebook::model::SourceKind;
use rebook::pull::FileSource;
use rebook::pull::live::imap::{Credential, Imap};
use rebook::pull::live::stripe::Accounts;
use rebook::pull::live::{LiveSource, Secret};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

enum Way {
    Live(Box<dyn LiveSource>),
    Files(FileSource),
}

/// One source, with all that the suite has to know of what it is read from.
struct Subject {
    what: &'static str,
    way: Way,
    /// How many there are, each counted once.
    records: usize,
    /// The id of one, and its bytes as they lie at the source: with fields that nobody knows, and odd spaces.
    sample: Option<(&'static str, Vec<u8>)>,
    /// Changes one thing that is there, and adds one. None: it cannot be changed from here.
    change: Option<Box<dyn Fn()>>,
    /// Makes every cursor that was given useless.
    forget_cursors: Box<dyn Fn()>,
    /// How often something was asked.
    asked: Box<dyn Fn() -> usize>,
    /// Fails where anything but reading was done.
    is_untouched: Box<dyn Fn()>,
}

impl Subject {
    fn pull(&self, bench: &mut Bench) {
        assert!(self.pull_some(bench, usize::MAX), "{}: a whole pull", self.what);
    }

    /// Pulls until so many pages (of files: records) were kept; whether it came to the end.
    fn pull_some(&self, bench: &mut Bench, count: usize) -> bool {
        match &self.way {
            Way::Files(files) => bench.pull_files(files, count),
            Way::Live(live) => match bench.pull_pages(live.as_ref(), count) {
                Ok(()) => true,
                Err(error) if count == usize::MAX => panic!("{}: {error}; {}", self.what, error.hint()),
                Err(_) => false,
            },
        }
    }

    /// Pages of a whole pull; of files: records.
    fn length(&self, bench: &Bench) -> usize {
        match &self.way {
            Way::Files(_) => self.records,
            Way::Live(_) => bench
                .manifest()
                .parts
                .iter()
                .map(|part| part.pages as usize)
                .sum(),
        }
    }
}

type HttpFault = fn(&Request) -> Option<Fault>;

/// The two strict fakes over HTTP.
fn over_http(fail: HttpFault) -> Vec<Subject> {
    let (_, stripe) = live::stripe(Box::new(fail));
    let (_, google) = live::google(Box::new(fail));
    let created = live::FROM - 400_000 + 166 * 36_000;
    let charge = live::charge(500, created, "").into_bytes();
    let event = live::event("v1", "").into_bytes();
    [
        ("a strict fake of Stripe", stripe, ("stripe:ch_0500", charge)),
        ("a strict fake of Google Calendar", google, ("calendar:v1", event)),
    ]
    .map(|(what, subject, sample)| {
        let fake = Rc::new(subject.fake);
        let (log, guarded) = (fake.clone(), fake);
        Subject {
            what,
            way: Way::Live(subject.source),
            records: subject.records,
            sample: Some(sample),
            change: Some(subject.change),
            forget_cursors: subject.forget_cursors,
            asked: Box::new(move || log.log().len()),
            is_untouched: Box::new(move || {
                guarded.assert_only_get(None);
                // Connections are kept open: how many there are depends on how many requests are under way at once.
                assert!(guarded.connections() < guarded.log().len());
            }),
        }
    })
    .into()
}

/// The small mailbox server, with what goes wrong in it.
fn over_imap(store: Store) -> Subject {
    const READS: [&str; 7] = [
        "CAPABILITY",
        "LOGIN ",
        "LIST ",
        "EXAMINE ",
        "UID SEARCH ",
        "UID FETCH ",
        "LOGOUT",
    ];
    let records = store.mails.len();
    let sample = store.mails[&1].clone().into_bytes();
    let what = if store.is_gmail {
        "a small Gmail"
    } else {
        "a small mailbox server"
    };
    let server = Rc::new(Server::start(store));
    let source = server.source();
    let (changing, forgetting, counting) = (server.clone(), server.clone(), server.clone());
    Subject {
        what,
        way: Way::Live(Box::new(source)),
        records,
        sample: Some(("mail:1@x.example", sample)),
        change: Some(Box::new(move || {
            let mut state = changing.state.lock().expect("a whole server");
            let next = state.mails.last_key_value().map_or(1, |(uid, _)| uid + 1);
            // A mail never changes; what has its id and other bytes is a copy, or forged.
            state.mails.insert(
                next,
                "Message-ID: <2@x.example>\r\nSubject: forged\r\n\r\nx\r\n".to_owned(),
            );
            state
                .mails
                .insert(next + 1, "Message-ID: <new@x.example>\r\n\r\nx\r\n".to_owned());
            for folder in &mut state.folders {
                let uid = folder.uids.last_key_value().map_or(1, |(uid, _)| uid + 1);
                folder.uids.extend([(uid, next), (uid + 1, next + 1)]);
            }
        })),
        forget_cursors: Box::new(move || forgetting.state.lock().expect("a whole server").validity += 1),
        // Which mails there are is asked again, the mails are not.
        asked: Box::new(move || {
            let log = counting.log();
            log.iter()
                .filter(|command| command.contains("BODY.PEEK[]"))
                .count()
        }),
        is_untouched: Box::new(move || {
            for command in server.log() {
                assert!(READS.iter().any(|read| command.starts_with(read)), "{command}");
                assert!(!command.contains("BODY[]"), "{command}");
            }
        }),
    }
}

/// A Dovecot; None where none was started.
fn dovecot() -> Option<Subject> {
    let mailbox = Mailbox::create("contract")?;
    mailbox.add_folder(".Sent");
    mailbox.add_folder(".Gel&APY-scht");
    let sample = mail("one", "the first");
    mailbox.add("", "0.a", &sample);
    for number in 0..460 {
        let folder = ["", ".Sent", ".Gel&APY-scht"][number % 3];
        mailbox.add(
            folder,
            &format!("{number}.b:2,S"),
            &mail(&number.to_string(), "of many"),
        );
        if number % 10 == 0 {
            mailbox.add(
                ".Sent",
                &format!("{number}.c:2,S"),
                &mail(&number.to_string(), "of many"),
            );
        }
    }
    let password = Arc::new(|| Ok(Secret::new(PASSWORD)));
    let window = (
        live::moment("2026-01-01T00:00:00Z"),
        live::moment("2026-05-01T09:30:00Z"),
    );
    let url = mailbox.url(Door::Plain);
    let source = Imap::new(
        "mail".to_owned(),
        &url,
        Credential::Password(password),
        &[],
        window,
    )
    .expect("an address");
    let before = Rc::new(std::cell::RefCell::new(mailbox.snapshot()));
    let mailbox = Rc::new(mailbox);
    let (changing, changed, forgetting) = (mailbox.clone(), before.clone(), mailbox.clone());
    Some(Subject {
        what: "Dovecot",
        way: Way::Live(Box::new(source)),
        records: 461,
        sample: Some((
            "mail:one@lakeboats.example",
            sample.iter().flat_map(|byte| crlf(*byte)).collect(),
        )),
        change: Some(Box::new(move || {
            changing.add("", "8000.a:2,S", &mail("7", "forged"));
            changing.add(".Sent", "8001.a:2,S", &mail("added", "Added"));
            *changed.borrow_mut() = changing.snapshot();
        })),
        forget_cursors: Box::new(move || {
            // The server numbers by the second.
            std::thread::sleep(std::time::Duration::from_millis(1_100));
            forgetting.renumber();
        }),
        // Its log does not tell.
        asked: Box::new(|| 0),
        is_untouched: Box::new(move || {
            assert!(mailbox.snapshot() == *before.borrow(), "a mailbox was changed");
        }),
    })
}

/// A line of a mail ends with two bytes on the wire.
fn crlf(byte: u8) -> Vec<u8> {
    if byte == b'\n' {
        b"\r\n".to_vec()
    } else {
        vec![byte]
    }
}

/// `emulate`, which somebody else wrote; nothing where it was not started.
fn emulated() -> Vec<Subject> {
    let Some((stripe, google)) = live_emulate::addresses() else {
        return Vec::new();
    };
    let (stripe, google) = (
        Rc::new(live_emulate::relay(&stripe)),
        Rc::new(live_emulate::relay(&google)),
    );
    let stripe_source = live::stripe_source(&stripe.url, "rk_live_hush", Accounts::Own);
    let google_source = live::google_source(&google.url, "ya29.hush");
    let subject = |what, source: Box<dyn LiveSource>, records, relay: Rc<crate::fakes::Fake>| {
        let log = relay.clone();
        Subject {
            what,
            way: Way::Live(source),
            records,
            sample: None,
            change: None,
            forget_cursors: Box::new(|| {}),
            asked: Box::new(move || log.log().len()),
            is_untouched: Box::new(move || relay.assert_only_get(None)),
        }
    };
    vec![
        subject(
            "emulate's Stripe",
            Box::new(stripe_source),
            231 + 110 + 110,
            stripe,
        ),
        subject("emulate's Google Calendar", Box::new(google_source), 620, google),
    ]
}

/// Exports of each kind, with things that stand in them twice.
fn files() -> Vec<Subject> {
    let charges: Vec<String> = (0..120)
        .map(|number| live::charge(number, live::FROM, ""))
        .collect();
    let list = |data: &[String]| {
        format!(
            r#"{{"object":"list","has_more":false,"data":[{}]}}"#,
            data.join(",")
        )
    };
    let events: Vec<String> = (0..90)
        .map(|number| live::event(&format!("e{number:03}"), ""))
        .collect();
    let calendar =
        |events: &[String]| format!(r#"{{"kind":"calendar#events","items":[{}]}}"#, events.join(","));
    let mails = |numbers: std::ops::Range<usize>| -> Vec<u8> {
        numbers
            .flat_map(|number| {
                let head = b"From desk@lakeboats.example Mon Mar  2 10:00:00 2026\n".to_vec();
                [head, mail(&number.to_string(), "of many"), b"\n".to_vec()].concat()
            })
            .collect()
    };
    let kinds = [
        (
            ("files of Stripe", "stripe", SourceKind::Stripe, 120),
            ("stripe:ch_0007", charges[7].clone().into_bytes()),
            vec![
                ("a/page1.json", list(&charges[..70]).into_bytes()),
                ("a/page2.json", list(&charges[60..]).into_bytes()),
            ],
            (
                "b/later.json",
                list(&[
                    live::charge(7, live::FROM, r#","refunded":true"#),
                    live::charge(900, live::FROM, ""),
                ])
                .into_bytes(),
            ),
        ),
        (
            ("files of a calendar", "calendar", SourceKind::GoogleCalendar, 90),
            ("calendar:e007", events[7].clone().into_bytes()),
            vec![(
                "desk@hire.example.json",
                [calendar(&events[..50]), calendar(&events[45..])]
                    .join("\n")
                    .into_bytes(),
            )],
            (
                "later/desk@hire.example.json",
                calendar(&[
                    live::event("e007", r#", "summary": "moved""#),
                    live::event("e900", ""),
                ])
                .into_bytes(),
            ),
        ),
        (
            ("files of mail", "mail", SourceKind::Mail, 110),
            ("mail:7@lakeboats.example", mail("7", "of many")),
            vec![("inbox.mbox", mails(0..80)), ("sent.mbox", mails(70..110))],
            ("later.mbox", {
                let head = b"From desk@lakeboats.example Mon Mar  2 10:00:00 2026\n".to_vec();
                [
                    head.clone(),
                    mail("7", "forged"),
                    b"\n".to_vec(),
                    head,
                    mail("added", "Added"),
                ]
                .concat()
            }),
        ),
    ];
    let subject = |((what, name, kind, records), sample, files, later): Exported| {
        let folder = Rc::new(tempfile::tempdir().expect("a temporary folder"));
        for (path, bytes) in &files {
            lay(folder.path(), path, bytes);
        }
        let source = FileSource {
            name: name.to_owned(),
            kind,
            path: folder.path().to_path_buf(),
        };
        let before = Rc::new(std::cell::RefCell::new(contents(folder.path())));
        let (changing, changed) = (folder.clone(), before.clone());
        Subject {
            what,
            way: Way::Files(source),
            records,
            sample: Some(sample),
            change: Some(Box::new(move || {
                lay(changing.path(), later.0, &later.1);
                *changed.borrow_mut() = contents(changing.path());
            })),
            forget_cursors: Box::new(|| {}),
            asked: Box::new(|| 0),
            is_untouched: Box::new(move || {
                assert!(contents(folder.path()) == *before.borrow(), "a file was changed");
            }),
        }
    };
    kinds.map(subject).into()
}

/// What it is, one record, the files, and a file that comes later.
type Exported = (
    (&'static str, &'static str, SourceKind, usize),
    (&'static str, Vec<u8>),
    Vec<(&'static str, Vec<u8>)>,
    (&'static str, Vec<u8>),
);

fn lay(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
    fs::write(path, bytes).expect("a new file");
}

fn contents(folder: &Path) -> BTreeSet<(String, Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            let modified = fs::metadata(&path)
                .and_then(|about| about.modified())
                .expect("a time");
            found.insert((
                path.display().to_string(),
                fs::read(&path).expect("a file"),
                modified,
            ));
        }
    }
    found
}

/// Every source that there is.
fn every() -> Vec<Subject> {
    let mut subjects = over_http(never);
    subjects.push(over_imap(Store::with_mails(430)));
    subjects.push(over_imap(Store::labelled(430, false)));
    subjects.extend(dovecot());
    subjects.extend(emulated());
    subjects.extend(files());
    subjects
}

#[test]
fn everything_is_read_once_as_it_is_and_nothing_but_reading_is_done() {
    for subject in every() {
        let mut bench = Bench::new();
        subject.pull(&mut bench);
        assert_eq!(bench.dump().len(), subject.records, "{}", subject.what);
        if let Some((id, bytes)) = &subject.sample {
            assert_eq!(
                String::from_utf8_lossy(&bench.bytes(id)),
                String::from_utf8_lossy(bytes),
                "{}",
                subject.what
            );
        }
        if let Way::Live(_) = subject.way {
            let manifest = bench.manifest();
            assert!(manifest.finished_at.is_some() && manifest.failure.is_none());
            let parts = &manifest.parts;
            assert!(
                !parts.is_empty()
                    && parts
                        .iter()
                        .all(|part| part.is_whole() && (part.pages > 0 || part.objects == 0))
            );
            for part in parts {
                assert!(
                    part.expected.is_none_or(|expected| expected == part.objects),
                    "{part:?}"
                );
                assert_eq!(part.first.is_empty(), part.objects == 0, "{part:?}");
            }
            // What lies in two folders is counted where it was met, and kept once.
            let objects: u64 = parts.iter().map(|part| part.objects).sum();
            assert!(objects >= subject.records as u64, "{}", subject.what);
        }
        (subject.is_untouched)();
    }
}

#[test]
fn cut_short_behind_any_page_it_goes_on_and_ends_the_same() {
    for subject in every() {
        let what = subject.what;
        let mut whole = Bench::new();
        subject.pull(&mut whole);
        let length = subject.length(&whole);
        assert!(length > 1, "{what} is too short to be cut");
        for cut in BTreeSet::from([1, length / 2, length - 1]) {
            let mut bench = Bench::new();
            assert!(
                !subject.pull_some(&mut bench, cut),
                "{what}: {length} pages, cut behind {cut}"
            );
            let before = (subject.asked)();
            subject.pull(&mut bench);
            assert!(bench.dump() == whole.dump(), "{what} cut behind {cut}");
            let asked = (subject.asked)() - before;
            assert!(
                asked < 2 * length + 16,
                "{what}: what was whole is not asked again"
            );
        }
        // Again and again, behind every single page.
        let mut bench = Bench::new();
        for _ in 0..7.min(length - 1) {
            assert!(!subject.pull_some(&mut bench, 1), "{what}");
        }
        subject.pull(&mut bench);
        assert!(bench.dump() == whole.dump(), "{what} cut behind every page");
        (subject.is_untouched)();
    }
}

#[test]
fn the_same_cursor_twice_gives_the_same() {
    for subject in every() {
        let Way::Live(live) = &subject.way else { continue };
        let mut bench = Bench::new();
        subject.pull_some(&mut bench, 2);
        let memory = bench.memory(live.as_ref());
        let ids = || {
            let shelf = Shelf::for_pages(usize::MAX);
            live.pull(&memory, &shelf).expect("an end");
            let pages = shelf.pages.into_inner().expect("pages");
            // Parts are read side by side: only their order may differ.
            let records = pages.into_iter().flat_map(|page| page.records);
            let mut ids: Vec<_> = records.map(|record| (record.id, record.bytes)).collect();
            ids.sort();
            ids
        };
        let first = ids();
        assert!(!first.is_empty() && first == ids(), "{}", subject.what);
    }
}

#[test]
fn a_second_pull_finds_what_has_changed() {
    for subject in every() {
        let what = subject.what;
        let mut bench = Bench::new();
        subject.pull(&mut bench);
        let before = bench.dump();
        subject.pull(&mut bench);
        assert!(bench.dump() == before, "{what}: nothing has changed");
        let Some(change) = &subject.change else { continue };
        change();
        subject.pull(&mut bench);
        assert_eq!(
            bench.dump().len(),
            before.len() + 2,
            "{what}: a revision and a record"
        );
        let changed = bench.dump();
        (subject.forget_cursors)();
        subject.pull(&mut bench);
        assert!(bench.dump() == changed, "{what}: read anew, and known");
        (subject.is_untouched)();
    }
}

#[test]
fn what_fails_in_passing_loses_nothing() {
    let faults: [HttpFault; 6] = [
        |request| (request.number % 3 == 1).then_some(Fault::Status(429, None)),
        |request| (request.number % 7 == 2).then_some(Fault::Status(429, Some("0".to_owned()))),
        |request| {
            (request.number % 3 == 0).then_some(Fault::Status(
                503,
                Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
            ))
        },
        |request| (request.number % 4 == 1).then_some(Fault::CutInBody),
        |request| (request.number % 4 == 1).then_some(Fault::HalfOfJson),
        |request| (request.number % 5 == 3).then_some(Fault::Hangup),
    ];
    let mut subjects: Vec<Subject> = faults.into_iter().flat_map(over_http).collect();
    subjects.push(over_imap(Store {
        cuts: BTreeSet::from([1, 150, 205]),
        busy: 1,
        ..Store::with_mails(205)
    }));
    for subject in subjects {
        let mut bench = Bench::new();
        subject.pull(&mut bench);
        assert_eq!(bench.dump().len(), subject.records, "{}", subject.what);
        (subject.is_untouched)();
    }
}

#[test]
fn what_fails_for_good_is_said_and_what_was_read_is_kept() {
    let mut subjects = over_http(|request| (request.number >= 9).then_some(Fault::Status(500, None)));
    subjects.push(over_imap(Store {
        silent: BTreeSet::from([5]),
        ..Store::with_mails(9)
    }));
    for subject in subjects {
        let Way::Live(live) = &subject.way else { continue };
        let mut bench = Bench::new();
        let words = bench.fails(live.as_ref());
        let told = ["HTTP 500", "1 of folder"]
            .iter()
            .any(|part| words.contains(part));
        assert!(told, "{}: {words}", subject.what);
        let manifest = bench.manifest();
        assert!(manifest.finished_at.is_none() && manifest.failure.is_some());
        assert!(
            !bench.dump().is_empty(),
            "{}: what was read is kept",
            subject.what
        );
    }
}
