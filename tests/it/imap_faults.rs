//! What a mailbox server can do wrong, played by a small one: nothing is lost without a word.

use chrono::{DateTime, Utc};
use rebook::model::{Memory, Page};
use rebook::pull::live::imap::{Credential, Imap};
use rebook::pull::live::{LiveError, LiveSource, Post, Secret};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What the server holds, and what is wrong with it.
#[derive(Default)]
struct Box {
    mails: BTreeMap<u32, String>,
    validity: u32,
    /// UIDs before which the connection is cut, once each.
    cuts: BTreeSet<u32>,
    /// Found by a search, and never given.
    silent: BTreeSet<u32>,
    /// Found by the first search alone.
    removed: BTreeSet<u32>,
    /// Given in words that nobody can read.
    garbled: BTreeSet<u32>,
    /// So many logins are turned away first, to come again later.
    busy: u32,
    searches: u32,
    /// Every command that was received.
    log: Vec<String>,
}

struct Server {
    state: Arc<Mutex<Box>>,
    host: IpAddr,
    port: u16,
    stopped: Arc<AtomicBool>,
}

impl Server {
    fn start(state: Box) -> Self {
        Self::start_at(IpAddr::V4(Ipv4Addr::LOCALHOST), state)
    }

    fn start_at(host: IpAddr, state: Box) -> Self {
        let listener = TcpListener::bind((host, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(state));
        let stopped = Arc::new(AtomicBool::new(false));
        let (shared, flag) = (Arc::clone(&state), Arc::clone(&stopped));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if flag.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&shared);
                // A client that hangs up ends its thread with an error, as it should.
                std::thread::spawn(move || stream.map(|stream| serve(&stream, &shared)));
            }
        });
        Self {
            state,
            host,
            port,
            stopped,
        }
    }

    fn log(&self) -> Vec<String> {
        self.state.lock().expect("a whole server").log.clone()
    }

    fn source(&self) -> Imap {
        let password = Arc::new(|| Ok(Secret::new("hush-word")));
        let since = "2026-01-01T00:00:00Z".parse().expect("a moment");
        let url = format!("imap://ann@{}:{}", self.host, self.port);
        Imap::new(
            "mail".to_owned(),
            &url,
            Credential::Password(password),
            &[],
            since,
        )
        .expect("an address")
    }

    fn pull(&self, memory: &Memory, tray: &Tray) -> Result<(), LiveError> {
        self.source().pull(memory, tray)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect((self.host, self.port));
    }
}

fn serve(stream: &TcpStream, state: &Mutex<Box>) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    out.write_all(b"* OK ready\r\n")?;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
        let mut state = state.lock().expect("a whole server");
        state.log.push(command.to_owned());
        let answer = match state.answer(command) {
            Ok(answer) => answer,
            Err(cut) => {
                out.write_all(cut.as_bytes())?;
                return stream.shutdown(std::net::Shutdown::Both);
            }
        };
        drop(state);
        for line in answer.0 {
            out.write_all(line.as_bytes())?;
        }
        out.write_all(format!("{tag} {}\r\n", answer.1).as_bytes())?;
    }
    Ok(())
}

impl Box {
    fn with_mails(count: u32) -> Self {
        let mail = |uid| format!("Message-ID: <{uid}@x.example>\r\nSubject: {uid}\r\n\r\nx\r\n");
        Self {
            mails: (1..=count).map(|uid| (uid, mail(uid))).collect(),
            validity: 7,
            ..Self::default()
        }
    }

    /// Untagged lines and the end; Err: what is sent before the connection is cut.
    fn answer(&mut self, command: &str) -> Result<(Vec<String>, &'static str), String> {
        let words: Vec<&str> = command.split(' ').collect();
        Ok(match words.as_slice() {
            ["CAPABILITY"] => (vec!["* CAPABILITY IMAP4rev1\r\n".to_owned()], "OK done"),
            ["LOGIN", ..] if self.busy > 0 => {
                self.busy -= 1;
                (Vec::new(), "NO [UNAVAILABLE] come again")
            }
            ["LOGIN", ..] => (Vec::new(), "OK in"),
            ["LIST", ..] => (vec!["* LIST () \"/\" INBOX\r\n".to_owned()], "OK done"),
            ["EXAMINE", _] => {
                let next = self.mails.last_key_value().map_or(1, |(uid, _)| uid + 1);
                let lines = [
                    format!("* {} EXISTS\r\n* 0 RECENT\r\n", self.mails.len()),
                    format!(
                        "* OK [UIDVALIDITY {}] valid\r\n* OK [UIDNEXT {next}] next\r\n",
                        self.validity
                    ),
                ];
                (lines.to_vec(), "OK [READ-ONLY] done")
            }
            ["UID", "SEARCH", "UID", set, ..] => {
                self.searches += 1;
                let later = self.searches > 1;
                let found: Vec<String> = self
                    .set(set)
                    .into_iter()
                    .filter(|uid| !(later && self.removed.contains(uid)))
                    .map(|uid| uid.to_string())
                    .collect();
                (vec![format!("* SEARCH {}\r\n", found.join(" "))], "OK done")
            }
            ["UID", "FETCH", set, ..] => {
                let sizes_only = !command.contains("BODY.PEEK[]");
                let mut lines = Vec::new();
                for uid in self.set(set) {
                    let mail = &self.mails[&uid];
                    if self.silent.contains(&uid) || self.removed.contains(&uid) {
                        continue;
                    }
                    if sizes_only {
                        lines.push(format!(
                            "* {uid} FETCH (UID {uid} RFC822.SIZE {})\r\n",
                            mail.len()
                        ));
                        continue;
                    }
                    let date = match (self.garbled.contains(&uid), command.contains("INTERNALDATE")) {
                        (true, _) => "INTERNALDATE yesterday ".to_owned(),
                        (false, true) => "INTERNALDATE \" 2-Mar-2026 10:00:00 +0100\" ".to_owned(),
                        (false, false) => String::new(),
                    };
                    let line = format!(
                        "* {uid} FETCH (UID {uid} {date}BODY[] {{{}}}\r\n{mail})\r\n",
                        mail.len()
                    );
                    if self.cuts.remove(&uid) {
                        lines.push(line[..line.len() / 2].to_owned());
                        return Err(lines.concat());
                    }
                    lines.push(line);
                }
                (lines, "OK done")
            }
            ["LOGOUT"] => (vec!["* BYE\r\n".to_owned()], "OK out"),
            _ => (Vec::new(), "BAD what"),
        })
    }

    fn set(&self, set: &str) -> Vec<u32> {
        let last = self.mails.last_key_value().map_or(0, |(uid, _)| *uid);
        let number = |text: &str| text.parse().unwrap_or(last);
        let mut uids = BTreeSet::new();
        for part in set.split(',') {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            let (from, to) = (number(from), number(to));
            uids.extend(self.mails.range(from.min(to)..=from.max(to)).map(|(uid, _)| *uid));
        }
        uids.into_iter().collect()
    }
}

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
            parts: pages
                .last()
                .filter(|_| !is_whole)
                .map(|page| vec![page.part.clone()])
                .unwrap_or_default(),
            bookmarks: pages.iter().flat_map(|page| page.bookmarks.clone()).collect(),
            ..Memory::default()
        }
    }

    fn is_whole(&self) -> bool {
        self.pages
            .lock()
            .expect("a whole tray")
            .last()
            .is_some_and(|page| page.part.is_whole())
    }
}

fn ids(uids: impl IntoIterator<Item = u32>) -> Vec<String> {
    uids.into_iter().map(|uid| format!("{uid}@x.example")).collect()
}

#[test]
fn a_cut_in_the_middle_of_a_mail_loses_and_repeats_nothing() {
    let server = Server::start(Box {
        cuts: BTreeSet::from([1, 150, 205]),
        busy: 1,
        ..Box::with_mails(205)
    });
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    assert_eq!(tray.ids(), ids(1..=205));
    assert!(tray.is_whole());
    let pages = tray.pages.lock().expect("a whole tray");
    let part = &pages.last().expect("a page").part;
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
    let server = Server::start(Box {
        silent: BTreeSet::from([5]),
        ..Box::with_mails(9)
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
    let server = Server::start(Box {
        removed: BTreeSet::from([4]),
        ..Box::with_mails(6)
    });
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    assert_eq!(tray.ids(), ids([1, 2, 3, 5, 6]));
    assert!(tray.is_whole());
    assert!(tray.problems()[0].contains("UID 4: a mail was removed"));
}

#[test]
fn what_cannot_be_read_costs_itself_alone() {
    let server = Server::start(Box {
        garbled: BTreeSet::from([3]),
        ..Box::with_mails(8)
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
    let server = Server::start(Box::with_mails(250));
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
    let server = Server::start(Box::with_mails(3));
    let tray = Tray::default();
    server.pull(&Memory::default(), &tray).expect("an end");
    let memory = tray.memory(true);
    server
        .state
        .lock()
        .expect("a whole server")
        .mails
        .extend(Box::with_mails(5).mails);
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
    let server = Server::start(Box::with_mails(0));
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
    let server = Server::start_at(host, Box::with_mails(1));
    let error = server
        .pull(&Memory::default(), &Tray::default())
        .expect_err("no encryption");
    assert!(error.to_string().contains("offers no encryption"), "{error}");
    assert_eq!(server.log(), ["CAPABILITY"]);
}
