//! A small mailbox server that keeps to what it knows of IMAP, and can be told what goes wrong. Source: RFC 3501.

use chrono::NaiveDate;
use rebook::model::Memory;
use rebook::pull::live::imap::{Credential, Imap};
use rebook::pull::live::retry::Patience;
use rebook::pull::live::{LiveError, LiveSource as _, Post, Secret};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A folder of several.
pub struct Folder {
    pub name: &'static str,
    /// What it is for, as the server tells: `\\All`; or "".
    pub attribute: &'static str,
    /// UID in this folder to the mail.
    pub uids: BTreeMap<u32, u32>,
}

/// What the server holds, and what is wrong with it.
#[derive(Default)]
pub struct Store {
    /// By number; their UIDs too where there is no folder but the inbox.
    pub mails: BTreeMap<u32, String>,
    /// Empty: the inbox alone, with every mail.
    pub folders: Vec<Folder>,
    /// It has Gmail's extensions: a mail stands in several folders under one number.
    pub is_gmail: bool,
    pub validity: u32,
    /// When mails were received, where that is not 2 March 2026.
    pub received: BTreeMap<u32, NaiveDate>,
    /// UIDs before which the connection is cut, once each.
    pub cuts: BTreeSet<u32>,
    /// UIDs in the middle of which the server falls silent, once each.
    pub hangs: BTreeSet<u32>,
    /// It accepts connections and says nothing at all.
    pub is_dumb: bool,
    /// Bodies come a byte at a time, each so much later.
    pub drip: Option<Duration>,
    /// It takes passwords by AUTHENTICATE too.
    pub has_plain: bool,
    /// Nobody else gets in by LOGIN.
    pub password: Option<String>,
    /// Nobody is let in, and what was said is repeated.
    pub is_parrot: bool,
    /// Found by a search, and never given.
    pub silent: BTreeSet<u32>,
    /// Found by the first search alone.
    pub removed: BTreeSet<u32>,
    /// So many come in while the first mails are given.
    pub arriving: u32,
    /// Given in words that nobody can read.
    pub garbled: BTreeSet<u32>,
    /// So many logins are turned away first, to come again later.
    pub busy: u32,
    pub searches: u32,
    /// How often each mail was given.
    pub given: BTreeMap<u32, u32>,
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

    pub fn url(&self) -> String {
        format!("imap://ann@{}:{}", self.host, self.port)
    }

    pub fn credential() -> Credential {
        Credential::Password(Arc::new(|| Ok(Secret::new("hush-word"))))
    }

    pub fn source(&self) -> Imap {
        self.source_of(&[])
    }

    pub fn source_of(&self, folders: &[&str]) -> Imap {
        let moment = |text: &str| text.parse().expect("a moment");
        let window = (moment("2026-01-01T00:00:00Z"), moment("2026-05-01T00:00:00Z"));
        let folders: Vec<String> = folders.iter().map(|&name| name.to_owned()).collect();
        let source = Imap::new(
            "mail".to_owned(),
            &self.url(),
            Self::credential(),
            &folders,
            window,
        );
        source.expect("an address").with_patience(Patience {
            attempts_max: 8,
            first_wait: Duration::from_millis(2),
            wait_max: Duration::from_millis(20),
            answer_wait: Duration::from_secs(90),
        })
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
    let mut reader = BufReader::new(stream);
    if state.lock().expect("a whole server").is_dumb {
        return until_hung_up(&mut reader);
    }
    out.write_all(b"* OK ready\r\n")?;
    let mut opened = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
        let mut command = command.to_owned();
        if command.starts_with("AUTHENTICATE ") {
            out.write_all(b"+ \r\n")?;
            command.push(' ');
            reader.read_line(&mut command)?;
            command.truncate(command.trim_end().len());
        }
        let mut state = state.lock().expect("a whole server");
        state.log.push(command.clone());
        let answer = state.answer(&command, &mut opened);
        let drip = state.drip.filter(|_| command.contains("BODY.PEEK[]"));
        drop(state);
        let (lines, end) = match answer {
            Ok(answer) => answer,
            Err(Broken::Cut(sent)) => {
                out.write_all(sent.as_bytes())?;
                return stream.shutdown(std::net::Shutdown::Both);
            }
            Err(Broken::Silent(sent)) => {
                out.write_all(sent.as_bytes())?;
                return until_hung_up(&mut reader);
            }
        };
        let answer = format!("{}{tag} {end}\r\n", lines.concat());
        match drip {
            None => out.write_all(answer.as_bytes())?,
            Some(wait) => {
                for byte in answer.bytes() {
                    out.write_all(&[byte])?;
                    std::thread::sleep(wait);
                }
            }
        }
    }
}

fn until_hung_up(reader: &mut impl Read) -> std::io::Result<()> {
    reader.read_to_end(&mut Vec::new()).map(drop)
}

/// What is sent before the server breaks off.
enum Broken {
    Cut(String),
    Silent(String),
}

/// Untagged lines, and the end.
type Answer = (Vec<String>, String);

impl Store {
    pub fn with_mails(count: u32) -> Self {
        let mail = |uid| format!("Message-ID: <{uid}@x.example>\r\nSubject: {uid}\r\n\r\nx\r\n");
        Self {
            mails: (1..=count).map(|uid| (uid, mail(uid))).collect(),
            validity: 7,
            ..Self::default()
        }
    }

    /// A Gmail: every third mail is of a customer, every fifth of a boat, all are in the inbox but every fourth.
    pub fn labelled(count: u32, has_all: bool) -> Self {
        let folder = |name, attribute, first: u32, is_in: &dyn Fn(u32) -> bool| {
            let numbers = (1..=count).filter(|number| is_in(*number));
            Folder {
                name,
                attribute,
                uids: (first..).zip(numbers).collect(),
            }
        };
        let mut folders = vec![
            folder("INBOX", "", 10, &|number| number % 4 != 0),
            folder("Kunden", "", 500, &|number| number % 3 == 0),
            folder("Boote", "", 70, &|number| number % 5 == 0),
            folder("[Gmail]/Gesendet", "\\Sent", 1, &|number| number % 4 == 0),
        ];
        if has_all {
            folders.push(folder("[Gmail]/Alle Nachrichten", "\\All", 3, &|_| true));
        }
        Self {
            folders,
            is_gmail: true,
            ..Self::with_mails(count)
        }
    }

    /// UID to mail, of the opened folder.
    fn uids(&self, opened: Option<usize>) -> BTreeMap<u32, u32> {
        match opened.and_then(|index| self.folders.get(index)) {
            Some(folder) => folder.uids.clone(),
            None => self.mails.keys().map(|uid| (*uid, *uid)).collect(),
        }
    }

    fn answer(&mut self, command: &str, opened: &mut Option<usize>) -> Result<Answer, Broken> {
        let words: Vec<&str> = command.split(' ').collect();
        let uids = self.uids(*opened);
        let said = |lines: Vec<String>, end: &str| Ok((lines, end.to_owned()));
        match words.as_slice() {
            ["CAPABILITY"] => {
                let gmail = if self.is_gmail {
                    " X-GM-EXT-1 SPECIAL-USE"
                } else {
                    ""
                };
                let plain = if self.has_plain {
                    " AUTH=PLAIN AUTH=XOAUTH2"
                } else {
                    ""
                };
                said(
                    vec![format!("* CAPABILITY IMAP4rev1{gmail}{plain}\r\n")],
                    "OK done",
                )
            }
            ["LOGIN" | "AUTHENTICATE", ..] if self.is_parrot => {
                Ok((Vec::new(), format!("NO cannot let in: {command}")))
            }
            ["LOGIN", ..] if self.busy > 0 => {
                self.busy -= 1;
                said(Vec::new(), "NO [UNAVAILABLE] come again")
            }
            ["LOGIN", ..] => {
                let quoted = |word: &str| word.replace('\\', "\\\\").replace('"', "\\\"");
                let is_right = self
                    .password
                    .as_deref()
                    .is_none_or(|word| command.ends_with(&format!("\"{}\"", quoted(word))));
                said(Vec::new(), if is_right { "OK in" } else { "NO who is there" })
            }
            ["LIST", ..] if self.folders.is_empty() => {
                said(vec!["* LIST () \"/\" INBOX\r\n".to_owned()], "OK done")
            }
            ["LIST", ..] => {
                let line =
                    |folder: &Folder| format!("* LIST ({}) \"/\" \"{}\"\r\n", folder.attribute, folder.name);
                said(self.folders.iter().map(line).collect(), "OK done")
            }
            ["EXAMINE", name @ ..] => {
                let name = name.join(" ");
                let found = self
                    .folders
                    .iter()
                    .position(|folder| folder.name == name.trim_matches('"'));
                if found.is_none() && !self.folders.is_empty() {
                    return said(Vec::new(), "NO no such folder");
                }
                *opened = found;
                let uids = self.uids(*opened);
                let next = uids.last_key_value().map_or(1, |(uid, _)| uid + 1);
                let lines = [
                    format!("* {} EXISTS\r\n* 0 RECENT\r\n", uids.len()),
                    format!(
                        "* OK [UIDVALIDITY {}] valid\r\n* OK [UIDNEXT {next}] next\r\n",
                        self.validity
                    ),
                ];
                said(lines.to_vec(), "OK [READ-ONLY] done")
            }
            ["UID", "SEARCH", keys @ ..] => {
                self.searches += 1;
                let later = self.searches > 1;
                let mut found = Vec::new();
                for (uid, number) in &uids {
                    if later && self.removed.contains(number) {
                        continue;
                    }
                    let mut left = keys;
                    let mut is_found = true;
                    while !left.is_empty() {
                        match self.holds((*uid, *number), &uids, &mut left) {
                            Some(holds) => is_found &= holds,
                            None => return said(Vec::new(), "BAD no such search key"),
                        }
                    }
                    found.extend(is_found.then(|| uid.to_string()));
                }
                said(vec![format!("* SEARCH {}\r\n", found.join(" "))], "OK done")
            }
            ["UID", "FETCH", set, ..] => self.fetch(command, &within(set, &uids)),
            ["LOGOUT"] => said(vec!["* BYE\r\n".to_owned()], "OK out"),
            _ => said(Vec::new(), "BAD what"),
        }
    }

    fn fetch(&mut self, command: &str, wanted: &[(u32, u32)]) -> Result<Answer, Broken> {
        let has = |item: &str| command.contains(item);
        if has("BODY.PEEK[]") && self.arriving > 0 {
            let last = self.mails.last_key_value().map_or(0, |(number, _)| *number);
            let more = Self::with_mails(last + std::mem::take(&mut self.arriving)).mails;
            self.mails
                .extend(more.into_iter().filter(|(number, _)| *number > last));
        }
        if has("X-GM-MSGID") && !self.is_gmail {
            return Ok((Vec::new(), "BAD no such item".to_owned()));
        }
        let mut lines = Vec::new();
        for &(uid, number) in wanted {
            let mail = &self.mails[&number];
            if self.silent.contains(&number) || self.removed.contains(&number) {
                continue;
            }
            if !has("BODY.PEEK[]") {
                let gmail = if has("X-GM-MSGID") {
                    format!(" X-GM-MSGID {}", 1_780_000_000_000_000_000 + u64::from(number))
                } else {
                    String::new()
                };
                lines.push(format!(
                    "* {uid} FETCH (UID {uid} RFC822.SIZE {}{gmail})\r\n",
                    mail.len()
                ));
                continue;
            }
            let date = match (self.garbled.contains(&number), has("INTERNALDATE")) {
                (true, _) => "INTERNALDATE yesterday ".to_owned(),
                (false, true) => self
                    .received(number)
                    .format("INTERNALDATE \"%e-%b-%Y 10:00:00 +0100\" ")
                    .to_string(),
                (false, false) => String::new(),
            };
            let line = format!(
                "* {uid} FETCH (UID {uid} {date}BODY[] {{{}}}\r\n{mail})\r\n",
                mail.len()
            );
            let half = |lines: &[String]| lines.concat() + &line[..line.len() / 2];
            if self.cuts.remove(&number) {
                return Err(Broken::Cut(half(&lines)));
            }
            if self.hangs.remove(&number) {
                return Err(Broken::Silent(half(&lines)));
            }
            *self.given.entry(number).or_default() += 1;
            lines.push(line);
        }
        Ok((lines, "OK done".to_owned()))
    }

    fn received(&self, number: u32) -> NaiveDate {
        let known = self.received.get(&number).copied();
        known.unwrap_or_else(|| "2026-03-02".parse().expect("a day"))
    }

    /// Whether the first key of a search holds for a mail; takes it away. None: it is none.
    fn holds(
        &self,
        (uid, number): (u32, u32),
        uids: &BTreeMap<u32, u32>,
        keys: &mut &[&str],
    ) -> Option<bool> {
        let (&key, mut rest) = keys.split_first()?;
        let mut argument = || {
            let (&argument, behind) = rest.split_first()?;
            rest = behind;
            Some(argument)
        };
        let holds = match key {
            "OR" => {
                let one = self.holds((uid, number), uids, &mut rest)?;
                let other = self.holds((uid, number), uids, &mut rest)?;
                *keys = rest;
                return Some(one || other);
            }
            "UID" => is_within(argument()?, uid, uids),
            _ => {
                let day = NaiveDate::parse_from_str(argument()?, "%d-%b-%Y").ok()?;
                // No mail here tells its own date.
                match key {
                    "SINCE" => self.received(number) >= day,
                    "BEFORE" => self.received(number) < day,
                    "SENTSINCE" => false,
                    _ => return None,
                }
            }
        };
        *keys = rest;
        Some(holds)
    }
}

/// Stretches of UIDs: `3:7,9,12:*`, where the star is the last UID that there is.
fn stretches(set: &str, uids: &BTreeMap<u32, u32>) -> Vec<(u32, u32)> {
    let last = uids.last_key_value().map_or(0, |(uid, _)| *uid);
    let number = |text: &str| text.parse().unwrap_or(last);
    let parts = set
        .split(',')
        .map(|part| part.split_once(':').unwrap_or((part, part)));
    parts
        .map(|(from, to)| (number(from), number(to)))
        .map(|(from, to)| (from.min(to), from.max(to)))
        .collect()
}

fn is_within(set: &str, uid: u32, uids: &BTreeMap<u32, u32>) -> bool {
    stretches(set, uids)
        .iter()
        .any(|(from, to)| (from..=to).contains(&&uid))
}

/// The mails of a set, with their UIDs in order.
fn within(set: &str, uids: &BTreeMap<u32, u32>) -> Vec<(u32, u32)> {
    let parts = stretches(set, uids);
    let found: BTreeSet<(u32, u32)> = parts
        .into_iter()
        .flat_map(|(from, to)| uids.range(from..=to).map(|(uid, number)| (*uid, *number)))
        .collect();
    found.into_iter().collect()
}
