//! What a mailbox server can do wrong, played by a small one: nothing is lost without a word.

use crate::fakes::imap::{Server, Store};
use chrono::{DateTime, Utc};
use rebook::model::{Memory, Page, Part};
use rebook::pull::live::{LiveError, Post};
use std::collections::{BTreeMap, BTreeSet};
use std::net::UdpSocket;
use std::sync::Mutex;

/// Takes pages, until it has enough.
#[derive(Default)]
pub struct Tray {
    pages: Mutex<Vec<Page>>,
    /// Nothing is kept after so many.
    pages_max: Option<usize>,
}

impl Post for Tray {
    fn keep(&self, page: Page) -> Result<(), LiveError> {
        let mut pages = self.pages.lock().expect("a whole tray");
        if self.pages_max == Some(pages.len()) {
            return Err(LiveError::Cancelled);
        }
        pages.push(page);
        Ok(())
    }

    fn expect(&self, _records: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }

    fn now(&self) -> DateTime<Utc> {
        "2026-05-01T00:00:00Z".parse().expect("a moment")
    }

    fn chance(&self) -> f64 {
        0.0
    }
}

impl Tray {
    fn ids(&self) -> Vec<String> {
        let pages = self.pages.lock().expect("a whole tray");
        let records = pages.iter().flat_map(|page| &page.records);
        records.map(|record| record.id.native().to_owned()).collect()
    }

    fn problems(&self) -> Vec<String> {
        let pages = self.pages.lock().expect("a whole tray");
        let problems = pages.iter().flat_map(|page| &page.problems);
        problems
            .map(|problem| format!("{}: {}", problem.place, problem.message))
            .collect()
    }

    /// What staging would remember. `is_whole`: the pull came to its end.
    fn memory(&self, is_whole: bool) -> Memory {
        let pages = self.pages.lock().expect("a whole tray");
        Memory {
            parts: if is_whole { Vec::new() } else { self::parts(&pages) },
            bookmarks: pages.iter().flat_map(|page| page.bookmarks.clone()).collect(),
            ..Memory::default()
        }
    }

    fn parts(&self) -> Vec<Part> {
        parts(&self.pages.lock().expect("a whole tray"))
    }

    fn is_whole(&self) -> bool {
        let parts = self.parts();
        !parts.is_empty() && parts.iter().all(Part::is_whole)
    }
}

/// The parts of a pull as they stood in the end.
fn parts(pages: &[Page]) -> Vec<Part> {
    let last = pages
        .iter()
        .map(|page| (page.part.name.clone(), page.part.clone()));
    last.collect::<BTreeMap<_, _>>().into_values().collect()
}

fn ids(uids: impl IntoIterator<Item = u32>) -> Vec<String> {
    uids.into_iter().map(|uid| format!("{uid}@x.example")).collect()
}

#[test]
fn a_cut_in_the_middle_of_a_mail_loses_and_repeats_nothing() {
    let server = Server::start(Store {
        cuts: BTreeSet::from([1, 150, 205]),
        busy: 1,
        ..Store::with_mails(205)
    });
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    assert_eq!(tray.ids(), ids(1..=205));
    assert!(tray.is_whole());
    let part = &tray.parts()[0];
    assert_eq!((part.objects, part.expected), (205, Some(205)));
    assert_eq!(part.first, "2026-03-02T09:00:00Z");
    let reads = [
        "CAPABILITY",
        "LOGIN",
        "LIST",
        "EXAMINE",
        "UID SEARCH",
        "UID FETCH",
        "LOGOUT",
    ];
    for command in server.log() {
        assert!(reads.iter().any(|read| command.starts_with(read)), "{command}");
        assert!(!command.contains("BODY[]"), "{command}");
    }
}

#[test]
fn a_mail_that_the_server_leaves_out_is_told_and_the_pull_is_not_whole() {
    let server = Server::start(Store {
        silent: BTreeSet::from([5]),
        ..Store::with_mails(9)
    });
    let tray = Tray::default();
    let error = server
        .pull(&Memory::default(), &tray)
        .expect_err("a mail is missing");
    assert!(error.to_string().contains("1 of folder \"INBOX\""), "{error}");
    assert_eq!(tray.ids(), ids([1, 2, 3, 4, 6, 7, 8, 9]));
    assert!(!tray.is_whole());
    assert!(tray.problems()[0].contains("UID 5: a mail could not be fetched"));
    // Once the server gives it, it is asked for alone.
    server.state.lock().expect("a whole server").silent.clear();
    let again = Tray::default();
    server.pull(&tray.memory(false), &again).expect("an end");
    assert_eq!(again.ids(), ids([5]));
    assert!(again.is_whole());
}

#[test]
fn a_mail_that_was_removed_meanwhile_is_told_and_is_no_failure() {
    let server = Server::start(Store {
        removed: BTreeSet::from([4]),
        ..Store::with_mails(6)
    });
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    assert_eq!(tray.ids(), ids([1, 2, 3, 5, 6]));
    assert!(tray.is_whole());
    assert!(tray.problems()[0].contains("UID 4: a mail was removed"));
}

#[test]
fn what_cannot_be_read_costs_itself_alone() {
    let server = Server::start(Store {
        garbled: BTreeSet::from([3]),
        ..Store::with_mails(8)
    });
    let tray = Tray::default();
    let error = server
        .pull(&Memory::default(), &tray)
        .expect_err("a mail is missing");
    assert!(error.to_string().contains("1 of folder"), "{error}");
    assert_eq!(tray.ids(), ids([1, 2, 4, 5, 6, 7, 8]));
}

#[test]
fn a_pull_goes_on_behind_what_was_kept() {
    let server = Server::start(Store::with_mails(250));
    let tray = Tray {
        pages_max: Some(1),
        ..Tray::default()
    };
    let stopped = server.pull(&Memory::default(), &tray);
    assert!(matches!(stopped, Err(LiveError::Cancelled)));
    let again = Tray::default();
    server.pull(&tray.memory(false), &again).expect("an end");
    assert_eq!([tray.ids(), again.ids()].concat(), ids(1..=250));
    // The same cursor twice gives the same.
    let twice = Tray::default();
    server.pull(&tray.memory(false), &twice).expect("an end");
    assert_eq!(twice.ids(), again.ids());
}

#[test]
fn a_later_pull_begins_behind_the_last_one_unless_the_mails_were_numbered_anew() {
    let server = Server::start(Store::with_mails(3));
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    let memory = tray.memory(true);
    server
        .state
        .lock()
        .expect("a whole server")
        .mails
        .extend(Store::with_mails(5).mails);
    let added = Tray::default();
    server.pull(&memory, &added).expect("an end");
    assert_eq!(added.ids(), ids([4, 5]));
    server.state.lock().expect("a whole server").validity = 8;
    let anew = Tray::default();
    server.pull(&memory, &anew).expect("an end");
    assert_eq!(anew.ids(), ids(1..=5));
}

#[test]
fn an_empty_folder_is_read_to_its_end_too() {
    let server = Server::start(Store::with_mails(0));
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    assert!(tray.ids().is_empty() && tray.is_whole());
}

#[test]
fn without_encryption_no_password_leaves_this_machine() {
    // The address that this machine has among others; nothing is sent to find it out.
    let own = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    let Some(host) = own
        .ok()
        .map(|address| address.ip())
        .filter(|host| !host.is_loopback())
    else {
        return;
    };
    let server = Server::start_at(host, Store::with_mails(1));
    let error = server
        .pull(&Memory::default(), &Tray::default())
        .expect_err("no encryption");
    assert!(error.to_string().contains("offers no encryption"), "{error}");
    assert_eq!(server.log(), ["CAPABILITY"]);
}

#[test]
fn what_came_after_the_loss_is_read_last_and_no_mail_falls_between() {
    let day = |text: &str| text.parse::<chrono::NaiveDate>().expect("a day");
    let server = Server::start(Store {
        received: BTreeMap::from([
            // Before the window, at the margin's first day, at the edge, and behind it.
            (1, day("2025-12-29")),
            (2, day("2025-12-30")),
            (3, day("2026-05-02")),
            (4, day("2026-05-03")),
            (5, day("2026-08-01")),
        ]),
        ..Store::with_mails(7)
    });
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    assert_eq!(tray.ids(), ids([2, 3, 6, 7, 4, 5]));
    let parts = tray.parts();
    let told: Vec<_> = parts
        .iter()
        .map(|part| (part.asked.as_str(), part.expected))
        .collect();
    assert_eq!(
        told,
        [
            ("mails since 2025-12-30, received before 2026-05-03", Some(4)),
            ("mails received since 2026-05-03", Some(2)),
        ]
    );
    // A mail that was put there later may be old: it is found by its number.
    {
        let mut state = server.state.lock().expect("a whole server");
        state.mails.extend(Store::with_mails(9).mails);
        state.received.insert(9, day("2026-09-01"));
    }
    let added = Tray::default();
    server.pull(&tray.memory(true), &added).expect("an end");
    assert_eq!(added.ids(), ids([8, 9]));
}
