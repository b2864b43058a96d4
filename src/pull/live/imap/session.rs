//! One connection to a mailbox server that comes back by itself, and the few things that are asked over it.

use super::super::{LiveError, Post, Secret, SecretSource};
use super::address::Address;
use super::folders::{Folder, listed};
use super::guard::Guard;
use super::wire::{NoWire, Wire, connect};
use chrono::{DateTime, Utc};
use imap::{Authenticator, Client, Error, Session};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::thread::sleep;
use std::time::Duration;

/// How a user is told from others.
#[derive(Clone)]
pub enum Credential {
    Password(SecretSource),
    /// An access token, for XOAUTH2.
    OauthToken(SecretSource),
}

const ATTEMPTS_MAX: u32 = 8;
const FIRST_WAIT_MILLIS: u64 = 500;
const WAIT_MAX_MILLIS: u64 = 60_000;
/// Between two looks at whether the work is given up.
const LOOK_EVERY_MILLIS: u64 = 200;
/// Words of servers that want to be asked later. Source: RFC 5530, and what Gmail and Exchange say.
const LATER: [&str; 6] = [
    "[UNAVAILABLE]",
    "[INUSE]",
    "[LIMIT]",
    "[THROTTLED]",
    "[OVERQUOTA]",
    "TOO MANY SIMULTANEOUS",
];
const RIGHTS_TO_WRITE: [char; 8] = ['s', 'w', 'i', 'k', 'x', 't', 'e', 'a'];

/// Why something that was asked did not come.
#[derive(Debug)]
pub enum Fault {
    /// The connection, or the server's mood: worth another attempt.
    Passing(String),
    /// The answer could not be read, or the server hung up in the middle of it; asking for less may help.
    Odd(String),
    /// The server said no.
    Refused(String),
    Lasting(LiveError),
}

impl From<LiveError> for Fault {
    fn from(error: LiveError) -> Self {
        Self::Lasting(error)
    }
}

/// An opened folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub validity: u32,
    /// The UID that the next mail will get.
    pub next: Option<u32>,
    pub mails: u32,
}

/// One mail as it came.
pub struct Mail {
    pub uid: u32,
    pub received: Option<DateTime<Utc>>,
    pub bytes: Vec<u8>,
}

/// What a server can do, as far as it matters here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    pub is_gmail: bool,
    pub tells_rights: bool,
    tells_uses: bool,
}

pub struct Link<'a> {
    address: &'a Address,
    credential: &'a Credential,
    post: &'a dyn Post,
    session: Option<Session<Guard<Wire>>>,
    abilities: Abilities,
    /// The folder that is opened again after a break.
    folder: Option<(String, u32)>,
    /// Of the last login, so that no message repeats it.
    secret: Option<Secret>,
}

impl<'a> Link<'a> {
    pub fn new(address: &'a Address, credential: &'a Credential, post: &'a dyn Post) -> Self {
        Self {
            address,
            credential,
            post,
            session: None,
            abilities: Abilities::default(),
            folder: None,
            secret: None,
        }
    }

    pub fn abilities(&mut self) -> Result<Abilities, Fault> {
        self.ask(|_| Ok(()))?;
        Ok(self.abilities)
    }

    pub fn folders(&mut self) -> Result<Vec<Folder>, Fault> {
        let abilities = self.abilities()?;
        let pattern = if abilities.tells_uses {
            "\"*\" RETURN (SPECIAL-USE)"
        } else {
            "\"*\""
        };
        self.ask(|session| Ok(listed(&session.list(None, Some(pattern))?)))
    }

    /// Opens a folder for reading alone.
    pub fn open(&mut self, folder: &Folder) -> Result<Opened, Fault> {
        self.folder = None;
        let name = folder.wire_name.clone();
        let mailbox = self.ask(|session| session.examine(&name))?;
        let validity = mailbox.uid_validity.ok_or_else(|| {
            let message = format!(
                "the server gives the mails of \"{}\" no lasting numbers",
                folder.name
            );
            LiveError::service(
                message,
                "export this mailbox to files, and write path = \"…\" instead",
            )
        })?;
        self.folder = Some((name, validity));
        Ok(Opened {
            validity,
            next: mailbox.uid_next,
            mails: mailbox.exists,
        })
    }

    /// Whether the user may change a folder, by the server's word.
    pub fn can_write(&mut self, folder: &Folder) -> Result<bool, Fault> {
        let name = folder.wire_name.clone();
        self.ask(|session| {
            let answer = session.my_rights(&name)?;
            let rights = answer.parsed().rights();
            Ok(RIGHTS_TO_WRITE.iter().any(|right| rights.contains(*right)))
        })
    }

    /// The UIDs that a search finds, in order.
    pub fn search(&mut self, query: &str) -> Result<Vec<u32>, Fault> {
        let mut uids: Vec<u32> = self
            .ask(|session| session.uid_search(query))?
            .into_iter()
            .collect();
        uids.sort_unstable();
        Ok(uids)
    }

    /// Sizes in bytes, by UID.
    pub fn sizes(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, u64>, Fault> {
        let set = uid_set(uids);
        self.ask(|session| {
            let answer = session.uid_fetch(&set, "(UID RFC822.SIZE)")?;
            Ok(answer
                .iter()
                .filter_map(|fetch| Some((fetch.uid?, u64::from(fetch.size?))))
                .collect())
        })
    }

    /// Whole mails, without marking them as seen.
    pub fn mails(&mut self, uids: &[u32], with_date: bool) -> Result<Vec<Mail>, Fault> {
        let set = uid_set(uids);
        let items = if with_date {
            "(UID INTERNALDATE BODY.PEEK[])"
        } else {
            "(UID BODY.PEEK[])"
        };
        self.ask(|session| {
            let answer = session.uid_fetch(&set, items)?;
            Ok(answer
                .iter()
                .filter_map(|fetch| {
                    Some(Mail {
                        uid: fetch.uid?,
                        received: fetch.internal_date().map(|at| at.to_utc()),
                        bytes: fetch.body()?.to_vec(),
                    })
                })
                .collect())
        })
    }

    /// Asks, over a new connection where the old one is gone, until it is answered, refused or given up.
    fn ask<T>(
        &mut self,
        mut question: impl FnMut(&mut Session<Guard<Wire>>) -> imap::Result<T>,
    ) -> Result<T, Fault> {
        let mut attempts = 0;
        let mut was_odd = false;
        loop {
            if self.post.is_cancelled() {
                return Err(LiveError::Cancelled.into());
            }
            let fault = match self.connected() {
                Ok(session) => match question(session) {
                    Ok(answer) => return Ok(answer),
                    Err(error) => self.fault(error),
                },
                Err(fault) => fault,
            };
            attempts += 1;
            match fault {
                Fault::Passing(words) if attempts >= ATTEMPTS_MAX => {
                    let message = format!("{} could not be read: {words}", self.address.shown());
                    let hint =
                        "what was read before is kept; run the command again, it goes on where it stopped";
                    return Err(LiveError::service(message, hint).into());
                }
                Fault::Passing(_) => {}
                // A break looks like an answer that cannot be read: only the second one counts.
                Fault::Odd(_) if !was_odd => was_odd = true,
                Fault::Refused(words) => return Err(Fault::Refused(words)),
                fault => {
                    self.session = None;
                    return Err(fault);
                }
            }
            self.session = None;
            self.wait(attempts)?;
        }
    }

    fn wait(&self, attempts: u32) -> Result<(), LiveError> {
        let longest = (FIRST_WAIT_MILLIS << (attempts - 1).min(10)).min(WAIT_MAX_MILLIS);
        let mut left = (longest as f64 * (0.5 + self.post.chance() / 2.0)) as u64;
        while left > 0 {
            if self.post.is_cancelled() {
                return Err(LiveError::Cancelled);
            }
            let step = left.min(LOOK_EVERY_MILLIS);
            sleep(Duration::from_millis(step));
            left -= step;
        }
        Ok(())
    }

    fn connected(&mut self) -> Result<&mut Session<Guard<Wire>>, Fault> {
        if self.session.is_none() {
            let mut session = self.logged_in()?;
            if let Some((name, validity)) = self.folder.clone() {
                let mailbox = session.examine(&name).map_err(|error| self.fault(error))?;
                if mailbox.uid_validity != Some(validity) {
                    let message = "the server numbered a folder's mails anew while it was being read";
                    return Err(LiveError::service(message, "run the command again").into());
                }
            }
            self.session = Some(session);
        }
        self.session
            .as_mut()
            .ok_or_else(|| LiveError::bug("a connection went missing").into())
    }

    fn logged_in(&mut self) -> Result<Session<Guard<Wire>>, Fault> {
        let wire = connect(self.address).map_err(|error| match error {
            NoWire::Passing(words) => Fault::Passing(words),
            NoWire::Lasting(error) => Fault::Lasting(error),
        })?;
        let mut client = Client::new(Guard::new(wire));
        let can = client.capabilities().map_err(|error| self.fault(error))?;
        let (secret, is_token) = match self.credential {
            Credential::Password(source) => (source()?, false),
            Credential::OauthToken(source) => (source()?, true),
        };
        self.secret = Some(secret.clone());
        let user = &self.address.user;
        let entered = if is_token {
            let answer = format!("user={user}\x01auth=Bearer {}\x01\x01", secret.expose());
            client.authenticate("XOAUTH2", &Once::new(answer))
        } else if can.has_str("AUTH=PLAIN") {
            let answer = format!("\0{user}\0{}", secret.expose());
            client.authenticate("PLAIN", &Once::new(answer))
        } else if can.has_str("LOGINDISABLED") {
            let message = format!("{} takes no passwords", self.address.shown());
            return Err(
                LiveError::setup(message, "use oauth_token = { command = […] } instead of password").into(),
            );
        } else {
            client.login(user, secret.expose())
        };
        let mut session = entered.map_err(|(error, _)| self.not_let_in(error, is_token))?;
        let can = session.capabilities().map_err(|error| self.fault(error))?;
        self.abilities = Abilities {
            is_gmail: can.has_str("X-GM-EXT-1"),
            tells_rights: can.has_str("ACL"),
            tells_uses: can.has_str("SPECIAL-USE") && can.has_str("LIST-EXTENDED"),
        };
        Ok(session)
    }

    fn not_let_in(&self, error: Error, is_token: bool) -> Fault {
        match self.fault(error) {
            Fault::Refused(words) => {
                let message = format!(
                    "{} does not let {} in: {words}",
                    self.address.shown(),
                    self.address.user
                );
                let hint = if is_token {
                    "see that the command gives a token that has not run out, for this user and with the right to read mail"
                } else {
                    "check user and password; many providers want a password made for this one program, or oauth_token"
                };
                LiveError::setup(message, hint).into()
            }
            fault => fault,
        }
    }

    fn fault(&self, error: Error) -> Fault {
        let redacted = |text: String| match &self.secret {
            Some(secret) => secret.redact(&text),
            None => text,
        };
        match error {
            Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                LiveError::bug(redacted(error.to_string())).into()
            }
            Error::Io(error) => Fault::Passing(redacted(error.to_string())),
            Error::No(no) => {
                let words = redacted(no.information);
                let code = no.code.map(|code| format!("{code:?}")).unwrap_or_default();
                let upper = format!("{words} [{code}]").to_ascii_uppercase();
                if LATER.iter().any(|later| upper.contains(later)) {
                    Fault::Passing(words)
                } else {
                    Fault::Refused(words)
                }
            }
            Error::Bad(bad) => Fault::Refused(redacted(bad.information)),
            Error::Bye(bye) => Fault::Odd(redacted(bye.information)),
            Error::ConnectionLost => Fault::Odd("the server hung up".to_owned()),
            Error::Validate(_) => LiveError::setup(
                "a folder's name or the user's holds a character that cannot be sent",
                "correct it in the [[source]]",
            )
            .into(),
            // What came is not repeated: it is a mail, or worse.
            _ => Fault::Odd("an answer could not be read".to_owned()),
        }
    }
}

impl Drop for Link<'_> {
    fn drop(&mut self) {
        if let Some(mut session) = self.session.take() {
            // The work is done whether the server hears it or not.
            let _ = session.logout();
        }
    }
}

/// Answers the server's first question; a second one tells of a failure and wants an empty line.
struct Once {
    answer: String,
    is_said: Cell<bool>,
}

impl Once {
    fn new(answer: String) -> Self {
        Self {
            answer,
            is_said: Cell::new(false),
        }
    }
}

impl Authenticator for Once {
    type Response = String;

    fn process(&self, _challenge: &[u8]) -> String {
        if self.is_said.replace(true) {
            String::new()
        } else {
            self.answer.clone()
        }
    }
}

/// `3:7,9`, of numbers in order.
fn uid_set(uids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, end)) if *uid == end.saturating_add(1) => *end = *uid,
            _ => runs.push((*uid, *uid)),
        }
    }
    let texts: Vec<String> = runs
        .iter()
        .map(|(start, end)| {
            if start == end {
                start.to_string()
            } else {
                format!("{start}:{end}")
            }
        })
        .collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_written_as_runs() {
        assert_eq!(uid_set(&[3, 4, 5, 7, 9, 10]), "3:5,7,9:10");
        assert_eq!(uid_set(&[]), "");
        assert_eq!(uid_set(&[u32::MAX - 1, u32::MAX]), "4294967294:4294967295");
    }
}
