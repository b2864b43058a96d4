//! One connection to a mailbox server that comes back by itself, and the few things that are asked over it.

use super::super::retry::{LOOK_EVERY, Patience};
use super::super::{LiveError, Post, Secret};
use super::address::Address;
use super::folders::{Folder, listed};
use super::guard::Guard;
use super::login::Credential;
use super::wire::Wire;
use chrono::{DateTime, Utc};
use imap::{Error, Session};
use imap_proto::AttributeValue;
use std::collections::BTreeMap;
use std::io;
use std::thread::sleep;

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

/// What is known of a mail before it is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    pub bytes: u64,
    /// Gmail's own number of it, the same in every folder. Source: Google's IMAP extensions.
    pub gmail: Option<u64>,
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
    pub tells_uses: bool,
}

pub struct Link<'a> {
    pub(super) address: &'a Address,
    pub(super) credential: &'a Credential,
    pub(super) patience: Patience,
    post: &'a dyn Post,
    session: Option<Session<Guard<Wire>>>,
    pub(super) abilities: Abilities,
    /// The folder that is opened again after a break.
    folder: Option<(String, u32)>,
    /// Of the last login, in each form, so that no message repeats them.
    pub(super) secrets: Vec<Secret>,
}

impl<'a> Link<'a> {
    pub fn new(
        address: &'a Address,
        credential: &'a Credential,
        patience: Patience,
        post: &'a dyn Post,
    ) -> Self {
        Self {
            address,
            credential,
            patience,
            post,
            session: None,
            abilities: Abilities::default(),
            folder: None,
            secrets: Vec::new(),
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

    /// Sizes, and on Gmail its numbers, by UID.
    pub fn about(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, About>, Fault> {
        let items = if self.abilities()?.is_gmail {
            "UID RFC822.SIZE X-GM-MSGID"
        } else {
            "UID RFC822.SIZE"
        };
        let command = format!("UID FETCH {} ({items})", uid_set(uids));
        // The crate keeps Gmail's numbers to itself.
        self.ask(|session| Ok(abouts(&session.run_command_and_read_response(&command)?)))?
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
                Fault::Passing(words) if attempts >= self.patience.attempts_max => {
                    let message = format!(
                        "{} could not be read, asked {attempts} times: {words}",
                        self.address.shown()
                    );
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
        let mut left = self.patience.wait(attempts, None, self.post.chance());
        while !left.is_zero() {
            if self.post.is_cancelled() {
                return Err(LiveError::Cancelled);
            }
            let step = left.min(LOOK_EVERY);
            sleep(step);
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

    pub(super) fn fault(&self, error: Error) -> Fault {
        let redacted = |text: String| {
            let forms = self.secrets.iter();
            forms.fold(text, |text: String, secret| secret.redact(&text))
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

/// What an answer to a fetch tells of mails, whatever else the server says beside it.
fn abouts(mut answer: &[u8]) -> Result<BTreeMap<u32, About>, Fault> {
    let mut found = BTreeMap::new();
    while !answer.is_empty() {
        let (rest, response) = imap_proto::Response::from_bytes(answer)
            .map_err(|_| Fault::Odd("an answer could not be read".to_owned()))?;
        answer = rest;
        let imap_proto::Response::Fetch(_, attributes) = response else {
            continue;
        };
        let (mut uid, mut about) = (
            None,
            About {
                bytes: 0,
                gmail: None,
            },
        );
        for attribute in attributes {
            match attribute {
                AttributeValue::Uid(number) => uid = Some(number),
                AttributeValue::Rfc822Size(bytes) => about.bytes = u64::from(bytes),
                AttributeValue::GmailMsgId(number) => about.gmail = Some(number),
                _ => {}
            }
        }
        found.extend(uid.map(|uid| (uid, about)));
    }
    Ok(found)
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
