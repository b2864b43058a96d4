//! Reads mailboxes over IMAP: every mail of the window, whole, and without leaving a trace.
//!
//! Folders are opened with EXAMINE and read with BODY.PEEK[]; a guard under the client lets nothing else
//! pass. What a search found is compared with what came: a mail that did not come is looked for again, alone, and
//! then told. A folder goes on behind its last kept mail (UIDVALIDITY and UID), and a later pull reads
//! what was added since. A mail is known by its Message-ID, so that its copies are one record.
//!
//! A folder is read in two stretches, first those of all folders up to the loss, then what came after it: a cancellation
//! may come late. The edge between them is by the day on which the server received a mail, which every mail has: each
//! stands on one side of it, whatever its own date says and whatever zone the server counts days in.
//!
//! On Gmail folders are labels: the folder of all mails is read alone where there is one, and of several labels each mail is
//! fetched from the first. Sources: RFC 3501, RFC 6154, RFC 4314; Google's IMAP extensions.

mod address;
mod folders;
mod guard;
mod login;
mod reading;
mod session;
mod stretch;
mod wire;

pub use login::Credential;

use super::retry::Patience;
use super::{Access, Length, LiveError, LiveSource, Permit, Post};
use crate::model::{Memory, SourceKind};
use address::Address;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use folders::{Folder, chosen};
use reading::{Reading, SIZES, Twins};
use session::{About, Fault, Link};
use std::collections::BTreeSet;
use std::time::Duration;
use stretch::Stretch;

/// Days that a mail's date and the server's may differ by, zones and all.
const MARGIN: Days = Days::new(2);
/// A server may think for a while before it answers a search of a large folder.
const ANSWER_WAIT: Duration = Duration::from_mins(2);
/// What is fetched to see how fast a server is: so many mails, and no more bytes than that.
const SAMPLE_MAILS: usize = 100;
const SAMPLE_BYTES: u64 = 4 << 20;
/// What Gmail gives over IMAP. Source: Google's limits of Gmail.
const GMAIL_BYTES_A_DAY: u64 = 2_500_000_000;
const HINT_AGAIN: &str = "run `rebook pull` again; it goes on where it stopped";

/// A mailbox on a server.
pub struct Imap {
    name: String,
    address: Address,
    credential: Credential,
    /// None named: all that hold a business's mails.
    folders: Vec<String>,
    since: DateTime<Utc>,
    loss: DateTime<Utc>,
    patience: Patience,
}

impl Imap {
    /// `since`: mails that were sent and received before are not asked for. `loss`: what was received later is read last.
    pub fn new(
        name: String,
        url: &str,
        credential: Credential,
        folders: &[String],
        (since, loss): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Self, LiveError> {
        Ok(Self {
            name,
            address: Address::parse(url)?,
            credential,
            folders: folders.to_vec(),
            since,
            loss,
            patience: Patience {
                answer_wait: ANSWER_WAIT,
                ..Patience::default()
            },
        })
    }

    /// How long to wait for an answer, and how often to ask again.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    fn link<'a>(&'a self, post: &'a dyn Post) -> Link<'a> {
        Link::new(&self.address, &self.credential, self.patience, post)
    }

    fn first_day(&self) -> NaiveDate {
        let day = self.since.date_naive();
        day.checked_sub_days(MARGIN).unwrap_or(day)
    }

    /// The first day that is wholly behind the loss, in any zone.
    fn day_after(&self) -> NaiveDate {
        let day = self.loss.date_naive();
        day.checked_add_days(MARGIN).unwrap_or(day)
    }

    fn stretches(&self) -> [Stretch; 2] {
        let (first, after) = (self.first_day(), self.day_after());
        [
            Stretch {
                since: first,
                before: Some(after),
            },
            Stretch {
                since: after.max(first),
                before: None,
            },
        ]
    }

    fn chosen(&self, link: &mut Link<'_>) -> Result<Vec<Folder>, Fault> {
        let is_gmail = link.abilities()?.is_gmail;
        let folders = link.folders()?;
        Ok(chosen(folders, &self.folders, is_gmail)?)
    }

    fn told(&self, fault: Fault) -> LiveError {
        let shown = self.address.shown();
        match fault {
            Fault::Lasting(error) => error,
            Fault::Passing(words) => {
                LiveError::service(format!("{shown} could not be read: {words}"), HINT_AGAIN)
            }
            Fault::Odd(words) => LiveError::service(format!("{shown} broke off: {words}"), HINT_AGAIN),
            Fault::Refused(words) => LiveError::service(format!("{shown} refuses: {words}"), HINT_AGAIN),
        }
    }
}

impl LiveSource for Imap {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Mail
    }

    fn asked(&self) -> String {
        let folders = if self.folders.is_empty() {
            "every folder".to_owned()
        } else {
            self.folders.join(", ")
        };
        let (shown, user) = (self.address.shown(), &self.address.user);
        let (first, after) = (self.first_day(), self.day_after());
        format!("{shown} {user}: {folders}, mails since {first}, first those before {after}")
    }

    fn check(&self, post: &dyn Post) -> Result<Permit, LiveError> {
        let mut link = self.link(post);
        self.find_out(&mut link, post).map_err(|fault| self.told(fault))
    }

    fn pull(&self, memory: &Memory, post: &dyn Post) -> Result<(), LiveError> {
        let mut link = self.link(post);
        let mut failures = Vec::new();
        let told = |fault| self.told(fault);
        let folders = self.chosen(&mut link).map_err(told)?;
        let is_gmail = link.abilities().map_err(told)?.is_gmail;
        let mut twins = Twins::of(is_gmail && folders.len() > 1);
        for stretch in self.stretches() {
            for folder in &folders {
                let mut reading = Reading::new(self, folder, stretch, memory);
                if reading.part.is_whole() {
                    reading.recall(&mut link, &mut twins).map_err(told)?;
                    continue;
                }
                match reading.read(&mut link, post, &mut twins) {
                    Ok(()) => failures.extend(reading.failure()),
                    // One folder that does not open is no reason to leave the others unread.
                    Err(Fault::Refused(words)) => failures.push(format!("\"{}\": {words}", folder.name)),
                    Err(fault) => return Err(told(fault)),
                }
            }
        }
        failures.dedup();
        if failures.is_empty() {
            return Ok(());
        }
        let message = format!("mails are missing: {}", failures.join("; "));
        Err(LiveError::service(message, HINT_AGAIN))
    }
}

/// What a check finds in the folders.
#[derive(Default)]
struct Found {
    /// In the folders, of whatever time.
    mails: u64,
    /// Those that a pull would fetch, and their bytes.
    wanted: u64,
    bytes: u64,
    /// Gmail's numbers of those.
    numbers: BTreeSet<u64>,
    /// The folder with the most of them, and the last of those.
    sample: (usize, Vec<(u32, About)>),
}

impl Found {
    /// What would be fetched of one stretch of a folder.
    fn add(&mut self, folder: usize, mails: Vec<(u32, About)>) {
        let mut own = Vec::with_capacity(mails.len());
        for (uid, about) in mails {
            if about.gmail.is_none_or(|number| self.numbers.insert(number)) {
                self.bytes += about.bytes;
                own.push((uid, about));
            }
        }
        self.wanted += own.len() as u64;
        if own.len() > self.sample.1.len() {
            self.sample = (folder, own);
        }
    }
}

impl Imap {
    fn find_out(&self, link: &mut Link<'_>, post: &dyn Post) -> Result<Permit, Fault> {
        let folders = self.chosen(link)?;
        let abilities = link.abilities()?;
        let mut permit = Permit {
            who: self.address.user.clone(),
            ..Permit::default()
        };
        let (mut found, mut writable) = (Found::default(), Vec::new());
        for (index, folder) in folders.iter().enumerate() {
            let opened = link.open(folder)?;
            found.mails += u64::from(opened.mails);
            for stretch in self.stretches().iter().filter(|_| opened.mails > 0) {
                let mut mails = Vec::new();
                for chunk in link.search(&stretch.query(1))?.chunks(SIZES) {
                    mails.extend(link.about(chunk)?);
                }
                found.add(index, mails);
            }
            if abilities.tells_rights && link.can_write(folder)? {
                writable.push(folder.name.as_str());
            }
        }
        permit.access = match (abilities.tells_rights, writable.is_empty()) {
            (false, _) => Access::NotTold,
            (true, true) => Access::ReadOnly,
            (true, false) => Access::CanWrite,
        };
        let names: Vec<&str> = folders.iter().map(|folder| folder.name.as_str()).collect();
        permit.notes.push(format!(
            "reads {}: {} of {} mails, those since {}, {}",
            names.join(", "),
            found.wanted,
            found.mails,
            self.first_day(),
            in_words(found.bytes)
        ));
        if !writable.is_empty() {
            permit.notes.push(format!(
                "the user may change {}; rebook opens folders for reading alone",
                writable.join(", ")
            ));
        }
        permit.records = Some(found.wanted);
        permit.length = length(link, post, &folders, &found)?;
        if abilities.is_gmail {
            let note = "Gmail gives 2,500 MB a day over IMAP; what is more comes with a pull of the next day";
            permit.notes.push(note.to_owned());
            // The first day's share comes as fast as the server is, every other a day later.
            let days = found.bytes.saturating_sub(1) / GMAIL_BYTES_A_DAY;
            if days > 0 {
                permit.length = Some(Length::AtTheLimit((days * 24 * 60 * 60) as f64));
            }
        }
        Ok(permit)
    }
}

/// How long all takes at the pace of a few, which are fetched for that and not kept: a server names no limit.
fn length(
    link: &mut Link<'_>,
    post: &dyn Post,
    folders: &[Folder],
    found: &Found,
) -> Result<Option<Length>, Fault> {
    let (folder, mails) = &found.sample;
    let Some(folder) = folders.get(*folder).filter(|_| !mails.is_empty()) else {
        return Ok(None);
    };
    let mut bytes = 0;
    let newest = mails.iter().rev().take(SAMPLE_MAILS).take_while(|(_, about)| {
        bytes += about.bytes;
        bytes <= SAMPLE_BYTES
    });
    let mut uids: Vec<u32> = newest.map(|(uid, _)| *uid).collect();
    uids.reverse();
    link.open(folder)?;
    let begun = post.now();
    let fetched = match link.mails(&uids, false) {
        Ok(fetched) => fetched,
        // A pull finds out which it is.
        Err(Fault::Odd(_) | Fault::Refused(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let taken = post.now() - begun;
    if fetched.is_empty() || taken <= TimeDelta::zero() {
        return Ok(None);
    }
    let bytes: usize = fetched.iter().map(|mail| mail.bytes.len()).sum();
    let times = (found.bytes as f64 / bytes.max(1) as f64).max(found.wanted as f64 / fetched.len() as f64);
    Ok(Some(Length::AtThisPace(taken.as_seconds_f64() * times)))
}

fn in_words(bytes: u64) -> String {
    match bytes.div_ceil(1_000_000) {
        0 | 1 => format!("{} KB", bytes.div_ceil(1_000)),
        megabytes => format!("{megabytes} MB"),
    }
}
