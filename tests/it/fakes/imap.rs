//! A small mailbox server that keeps to what it knows of IMAP, and can be told what goes wrong. Source: RFC 3501.

use chrono::NaiveDate;
use rebook::model::Memory;
use rebook::pull::live::imap::{Credential, Imap};
use rebook::pull::live::{LiveError, LiveSource as _, Post, Secret};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What the server holds, and what is wrong with it.
#[derive(Default)]
pub struct Store {
    pub mails: BTreeMap<u32, String>,
    pub validity: u32,
    /// When mails were received, where that is not 2 March 2026.
    pub received: BTreeMap<u32, NaiveDate>,
    /// UIDs before which the connection is cut, once each.
    pub cuts: BTreeSet<u32>,
    /// Found by a search, and never given.
    pub silent: BTreeSet<u32>,
    /// Found by the first search alone.
    pub removed: BTreeSet<u32>,
    /// Given in words that nobody can read.
    pub garbled: BTreeSet<u32>,
    /// So many logins are turned away first, to come again later.
    pub busy: u32,
    pub searches: u32,
    /// Every command that was received.
    pub log: Vec<String>,
}

/// A running server on this machine.
pub struct Server {
    pub state: Arc<Mutex<Store>>,
    host: IpAddr,
    port: u16,
    stopped: Arc<AtomicBool>,
}

impl Server {
    pub fn start(state: Store) -> Self {
        Self::start_at(IpAddr::V4(Ipv4Addr::LOCALHOST), state)
    }

    pub fn start_at(host: IpAddr, state: Store) -> Self {
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

    pub fn log(&self) -> Vec<String> {
        self.state.lock().expect("a whole server").log.clone()
    }

    pub fn source(&self) -> Imap {
        let password = Arc::new(|| Ok(Secret::new("hush-word")));
        let moment = |text: &str| text.parse().expect("a moment");
        let window = (moment("2026-01-01T00:00:00Z"), moment("2026-05-01T00:00:00Z"));
        let url = format!("imap://ann@{}:{}", self.host, self.port);
        Imap::new(
            "mail".to_owned(),
            &url,
            Credential::Password(password),
            &[],
            window,
        )
        .expect("an address")
    }

    pub fn pull(&self, memory: &Memory, post: &dyn Post) -> Result<(), LiveError> {
        self.source().pull(memory, post)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect((self.host, self.port));
    }
}

fn serve(stream: &TcpStream, state: &Mutex<Store>) -> std::io::Result<()> {
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

impl Store {
    pub fn with_mails(count: u32) -> Self {
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
            ["UID", "SEARCH", keys @ ..] => {
                self.searches += 1;
                let later = self.searches > 1;
                let mut found = Vec::new();
                for uid in self
                    .mails
                    .keys()
                    .filter(|uid| !(later && self.removed.contains(uid)))
                {
                    let mut left = keys;
                    let mut is_found = true;
                    while !left.is_empty() {
                        match self.holds(*uid, &mut left) {
                            Some(holds) => is_found &= holds,
                            None => return Ok((Vec::new(), "BAD no such search key")),
                        }
                    }
                    found.extend(is_found.then(|| uid.to_string()));
                }
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
                        (false, true) => self
                            .received(uid)
                            .format("INTERNALDATE \"%e-%b-%Y 10:00:00 +0100\" ")
                            .to_string(),
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

    fn received(&self, uid: u32) -> NaiveDate {
        let known = self.received.get(&uid).copied();
        known.unwrap_or_else(|| "2026-03-02".parse().expect("a day"))
    }

    /// Whether the first key of a search holds for a mail; takes it away. None: it is none.
    fn holds(&self, uid: u32, keys: &mut &[&str]) -> Option<bool> {
        let (&key, mut rest) = keys.split_first()?;
        let mut argument = || {
            let (&argument, behind) = rest.split_first()?;
            rest = behind;
            Some(argument)
        };
        let holds = match key {
            "OR" => {
                let one = self.holds(uid, &mut rest)?;
                let other = self.holds(uid, &mut rest)?;
                *keys = rest;
                return Some(one || other);
            }
            "UID" => self.set(argument()?).contains(&uid),
            _ => {
                let day = NaiveDate::parse_from_str(argument()?, "%d-%b-%Y").ok()?;
                // No mail here tells its own date.
                match key {
                    "SINCE" => self.received(uid) >= day,
                    "BEFORE" => self.received(uid) < day,
                    "SENTSINCE" => false,
                    _ => return None,
                }
            }
        };
        *keys = rest;
        Some(holds)
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
