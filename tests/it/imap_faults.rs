//! What a mailbox server can do wrong, played by a small one: nothing is lost without a word.

use crate::fakes::imap::{Server, Store};
use chrono::{DateTime, TimeDelta, Utc};
use rebook::model::{Memory, Page, Part};
use rebook::pull::live::retry::Patience;
use rebook::pull::live::{Length, LiveError, LiveSource as _, Post};
use std::collections::{BTreeMap, BTreeSet};
use std::net::UdpSocket;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// Takes pages, until it has enough.
#[derive(Default)]
pub struct Tray {
    pages: Mutex<Vec<Page>>,
    /// Nothing is kept after so many.
    pages_max: Option<usize>,
    /// Each look at the clock shows so many milliseconds more.
    tick: i64,
    looks: AtomicI64,
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
        let begun: DateTime<Utc> = "2026-05-01T00:00:00Z".parse().expect("a moment");
        begun + TimeDelta::milliseconds(self.tick * self.looks.fetch_add(1, Ordering::Relaxed))
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
        // Of each the last one stands.
        let bookmarks = pages.iter().flat_map(|page| page.bookmarks.clone());
        let bookmarks: BTreeMap<_, _> = bookmarks
            .map(|bookmark| (bookmark.scope.clone(), bookmark))
            .collect();
        Memory {
            parts: if is_whole { Vec::new() } else { self::parts(&pages) },
            bookmarks: bookmarks.into_values().collect(),
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
fn mails_that_come_in_meanwhile_are_of_the_next_pull() {
    let server = Server::start(Store {
        arriving: 7,
        ..Store::with_mails(150)
    });
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    assert_eq!(tray.ids(), ids(1..=150));
    assert!(tray.is_whole());
    let later = Tray::default();
    server.pull(&tray.memory(true), &later).expect("an end");
    assert_eq!(later.ids(), ids(151..=157));
}

#[test]
fn what_was_missing_stays_noted_until_it_is_asked_for_again() {
    // Two that are too large to be fetched together, and do not come.
    let mut store = Store {
        silent: BTreeSet::from([2, 4]),
        ..Store::with_mails(6)
    };
    for uid in [2, 4] {
        store.mails.entry(uid).or_default().push_str(&"x".repeat(9 << 20));
    }
    let server = Server::start(store);
    let tray = Tray::default();
    let error = server
        .pull(&Memory::default(), &tray)
        .expect_err("two mails are missing");
    assert!(error.to_string().contains("2 of folder"), "{error}");
    server.state.lock().expect("a whole server").silent.clear();
    // Cut behind the first of them, the second is not forgotten.
    let cut = Tray {
        pages_max: Some(1),
        ..Tray::default()
    };
    assert!(server.pull(&tray.memory(false), &cut).is_err());
    assert_eq!(cut.ids(), ids([2]));
    let again = Tray::default();
    server.pull(&cut.memory(false), &again).expect("an end");
    assert_eq!(again.ids(), ids([4]));
    assert!(again.is_whole());
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
    // Nor is it read again where the pull was cut short so long ago that another one is begun.
    let anew = Tray::default();
    server.pull(&tray.memory(true), &anew).expect("an end");
    assert_eq!(anew.ids(), again.ids());
    assert!(anew.is_whole());
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

/// Two answers that do not come, and it is given up.
const IMPATIENT: Patience = Patience {
    attempts_max: 3,
    first_wait: Duration::from_millis(2),
    wait_max: Duration::from_millis(20),
    answer_wait: Duration::from_millis(300),
};

#[test]
fn a_server_that_falls_silent_in_the_middle_of_a_mail_is_asked_again() {
    let server = Server::start(Store {
        hangs: BTreeSet::from([1, 150]),
        ..Store::with_mails(205)
    });
    let tray = Tray::default();
    let source = server.source().with_patience(IMPATIENT);
    source.pull(&Memory::default(), &tray).expect("an end");
    assert_eq!(tray.ids(), ids(1..=205));
    assert!(tray.is_whole());
}

#[test]
fn a_server_that_never_answers_or_drips_is_left_with_a_word_of_why() {
    let drip = Some(Duration::from_millis(40));
    for (store, words) in [
        (
            Store {
                is_dumb: true,
                ..Store::with_mails(3)
            },
            "could not be read, asked 3 times: no whole answer within 0.3 s",
        ),
        (
            Store {
                drip,
                ..Store::with_mails(3)
            },
            "could not be read, asked 3 times: no whole answer within 0.3 s",
        ),
    ] {
        let server = Server::start(store);
        let begun = Instant::now();
        let source = server.source().with_patience(IMPATIENT);
        let error = source
            .pull(&Memory::default(), &Tray::default())
            .expect_err("no answer");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().contains("it goes on where it stopped"), "{error}");
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it took too long to give up"
        );
    }
    // Where nobody listens there is nothing to wait for.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port that was free")
        .port();
    let source = rebook::pull::live::imap::Imap::new(
        "mail".to_owned(),
        &format!("imap://ann@127.0.0.1:{port}"),
        Server::credential(),
        &[],
        (
            "2026-01-01T00:00:00Z".parse().expect("a moment"),
            "2026-05-01T00:00:00Z".parse().expect("a moment"),
        ),
    );
    let source = source.expect("an address").with_patience(IMPATIENT);
    let error = source
        .pull(&Memory::default(), &Tray::default())
        .expect_err("nobody");
    assert!(error.to_string().contains("refused"), "{error}");
}

/// How often each mail was given, of a Gmail after a pull of these folders.
fn given(server: &Server) -> Vec<u32> {
    let state = server.state.lock().expect("a whole server");
    state.given.values().copied().collect()
}

#[test]
fn a_mail_with_several_labels_is_fetched_once() {
    let all = ids(1..=240);
    let sorted = |tray: &Tray| {
        let mut ids = tray.ids();
        ids.sort_by_key(|id| id.split('@').next().and_then(|number| number.parse::<u32>().ok()));
        ids
    };
    // Whatever is named: with the folder of all mails it alone is read, without it each label in its turn.
    for (has_all, named, opened) in [
        (true, &[][..], 1),
        (true, &["Kunden", "All", "INBOX"][..], 1),
        (true, &["INBOX", "Kunden", "Boote", "Sent"][..], 4),
        (false, &[][..], 4),
    ] {
        let server = Server::start(Store::labelled(240, has_all));
        let tray = Tray::default();
        let source = server.source_of(named);
        source.pull(&Memory::default(), &tray).expect("an end");
        assert_eq!(sorted(&tray), all, "{named:?}");
        assert_eq!(given(&server), [1; 240], "{named:?}");
        assert!(tray.is_whole());
        let examined: BTreeSet<String> = server
            .log()
            .into_iter()
            .filter(|command| command.starts_with("EXAMINE"))
            .collect();
        assert_eq!(examined.len(), opened, "{examined:?}");
        for part in tray.parts() {
            assert!(
                part.expected.is_none_or(|expected| expected == part.objects),
                "{part:?}"
            );
        }
        // A later pull fetches what is new, and that once.
        {
            let mut state = server.state.lock().expect("a whole server");
            state.mails.extend(Store::with_mails(241).mails);
            for folder in &mut state.folders {
                let next = folder.uids.last_key_value().map_or(1, |(uid, _)| uid + 1);
                folder.uids.insert(next, 241);
            }
        }
        let later = Tray::default();
        source.pull(&tray.memory(true), &later).expect("an end");
        assert_eq!(later.ids(), ids([241]), "{named:?}");
    }
}

#[test]
fn labels_are_known_again_when_a_pull_goes_on() {
    let server = Server::start(Store::labelled(600, false));
    let asked = Tray::default();
    server.pull(&Memory::default(), &asked).expect("an end");
    let elsewhere = asked
        .parts()
        .iter()
        .filter(|part| part.asked.contains("more were read in another folder"))
        .count();
    assert!(elsewhere >= 2, "{:?}", asked.parts());
    for pages in 1..8 {
        let server = Server::start(Store::labelled(600, false));
        let tray = Tray {
            pages_max: Some(pages),
            ..Tray::default()
        };
        let stopped = server.pull(&Memory::default(), &tray);
        assert!(matches!(stopped, Err(LiveError::Cancelled)));
        let again = Tray::default();
        server.pull(&tray.memory(false), &again).expect("an end");
        let mut all = [tray.ids(), again.ids()].concat();
        all.sort();
        let mut expected = ids(1..=600);
        expected.sort();
        assert_eq!(all, expected, "cut behind {pages}");
        // What was on its way when it was cut is fetched again, and nothing else.
        let twice = given(&server).iter().filter(|&&times| times > 1).count();
        assert!(
            twice <= 100,
            "{twice} mails were fetched again, cut behind {pages}"
        );
    }
}

#[test]
fn a_mail_that_one_label_does_not_give_is_taken_from_another() {
    let mut store = Store::labelled(30, false);
    // Of the inbox and of a customer. What the inbox does not give is asked for under the next label.
    store.garbled = BTreeSet::from([3]);
    let server = Server::start(store);
    let tray = Tray::default();
    let error = server
        .pull(&Memory::default(), &tray)
        .expect_err("a mail is missing");
    assert!(error.to_string().contains("1 of folder"), "{error}");
    server.state.lock().expect("a whole server").garbled.clear();
    let again = Tray::default();
    server.pull(&tray.memory(false), &again).expect("an end");
    assert_eq!(
        again.ids(),
        ids([3]),
        "once, although it is missing under two labels"
    );
    assert!(again.is_whole());
}

#[test]
fn how_long_a_mailbox_takes_is_seen_from_a_few_mails() {
    let server = Server::start(Store::with_mails(1_000));
    let tray = Tray {
        tick: 500,
        ..Tray::default()
    };
    let permit = server.source().check(&tray).expect("an answer");
    assert_eq!(permit.records, Some(1_000));
    // Half a second for a hundred of a thousand.
    let Some(Length::AtThisPace(seconds)) = permit.length else {
        panic!("{permit:?}");
    };
    assert!((4.9..5.2).contains(&seconds), "{seconds}");
    assert!(
        permit.notes[0].contains("reads INBOX: 1000 of 1000 mails"),
        "{permit:?}"
    );
    assert!(permit.notes[0].ends_with(", 48 KB"), "{permit:?}");
    // A few mails are no record of the pull, and each was fetched once.
    assert_eq!(given(&server), [1; 100]);
    // Gmail says how much it gives: a mail of several labels counts once.
    let mut store = Store::labelled(60, false);
    let large = "x".repeat(200_000);
    for mail in store.mails.values_mut() {
        mail.push_str(&large);
    }
    let server = Server::start(store);
    let permit = server.source().check(&tray).expect("an answer");
    assert_eq!(permit.records, Some(60));
    assert!(permit.notes[0].ends_with(", 13 MB"), "{permit:?}");
    assert!(
        permit.notes.iter().any(|note| note.contains("2,500 MB a day")),
        "{permit:?}"
    );
}
