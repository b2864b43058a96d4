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
//! Sources: RFC 3501, RFC 6154, RFC 4314.

mod address;
mod folders;
mod guard;
mod session;
mod wire;

pub use session::Credential;

use super::{Access, LiveError, LiveSource, Permit, Post};
use crate::model::{Bookmark, Memory, Page, Part, PartState, Problem, Record, RecordId, SourceKind};
use crate::pull::mail;
use address::Address;
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use folders::{Folder, chosen};
use session::{Fault, Link, Mail, Opened};
use std::collections::BTreeMap;

/// More than this at a time is no faster. Measured on Dovecot: 8,000 mails a second at 100.
const BATCH_MAILS: usize = 100;
/// Mails of one batch are held in memory together.
const BATCH_BYTES: u64 = 16 << 20;
/// Mails whose sizes are asked at a time.
const SIZES: usize = 1_000;
/// Days that a mail's date and the server's may differ by, zones and all.
const MARGIN: Days = Days::new(2);
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
        })
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

    fn chosen(&self, link: &mut Link<'_>) -> Result<Vec<Folder>, LiveError> {
        let is_gmail = link.abilities().map_err(|fault| self.told(fault))?.is_gmail;
        let folders = link.folders().map_err(|fault| self.told(fault))?;
        chosen(folders, &self.folders, is_gmail)
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
        let mut link = Link::new(&self.address, &self.credential, post);
        let folders = self.chosen(&mut link)?;
        let tells_rights = link.abilities().map_err(|fault| self.told(fault))?.tells_rights;
        let mut permit = Permit {
            who: self.address.user.clone(),
            ..Permit::default()
        };
        let (mut mails, mut wanted, mut writable) = (0, 0, Vec::new());
        for folder in &folders {
            let opened = link.open(folder).map_err(|fault| self.told(fault))?;
            mails += u64::from(opened.mails);
            if opened.mails > 0 {
                for stretch in self.stretches() {
                    let found = link.search(&stretch.query(1));
                    wanted += found.map_err(|fault| self.told(fault))?.len() as u64;
                }
            }
            if tells_rights && link.can_write(folder).map_err(|fault| self.told(fault))? {
                writable.push(folder.name.as_str());
            }
        }
        permit.access = match (tells_rights, writable.is_empty()) {
            (false, _) => Access::NotTold,
            (true, true) => Access::ReadOnly,
            (true, false) => Access::CanWrite,
        };
        let names: Vec<&str> = folders.iter().map(|folder| folder.name.as_str()).collect();
        permit.notes.push(format!(
            "reads {}: {wanted} of {mails} mails, those since {}",
            names.join(", "),
            self.first_day()
        ));
        if !writable.is_empty() {
            permit.notes.push(format!(
                "the user may change {}; rebook opens folders for reading alone",
                writable.join(", ")
            ));
        }
        if link.abilities().map_err(|fault| self.told(fault))?.is_gmail {
            let note = "Gmail gives 2,500 MB a day over IMAP; what is more comes with a pull of the next day";
            permit.notes.push(note.to_owned());
        }
        permit.records = Some(wanted);
        Ok(permit)
    }

    fn pull(&self, memory: &Memory, post: &dyn Post) -> Result<(), LiveError> {
        let mut link = Link::new(&self.address, &self.credential, post);
        let mut failures = Vec::new();
        let folders = self.chosen(&mut link)?;
        for stretch in self.stretches() {
            for folder in &folders {
                let mut reading = Reading::new(self, folder, stretch, memory);
                if reading.part.is_whole() {
                    continue;
                }
                match reading.read(&mut link, post) {
                    Ok(()) => failures.extend(reading.failure()),
                    // One folder that does not open is no reason to leave the others unread.
                    Err(Fault::Refused(words)) => failures.push(format!("\"{}\": {words}", folder.name)),
                    Err(fault) => return Err(self.told(fault)),
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

/// A stretch of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    since: NaiveDate,
    /// None: to today.
    before: Option<NaiveDate>,
}

impl Stretch {
    /// What finds its mails from a UID on. Source: RFC 3501, 6.4.4.
    fn query(self, next: u32) -> String {
        let day = |date: NaiveDate| date.format("%-d-%b-%Y").to_string();
        let since = day(self.since);
        match self.before {
            // A mail that was moved or imported has a younger day on the server; one that was sent late an older one.
            Some(before) => format!(
                "UID {next}:* BEFORE {} OR SINCE {since} SENTSINCE {since}",
                day(before)
            ),
            None => format!("UID {next}:* SINCE {since}"),
        }
    }

    fn words(self) -> String {
        match self.before {
            Some(before) => format!("mails since {}, received before {before}", self.since),
            None => format!("mails received since {}", self.since),
        }
    }

    /// The part of the pull that it is, and its bookmark.
    fn name(self, folder: &Folder) -> String {
        match self.before {
            Some(_) => folder.name.clone(),
            None => format!("{} after the loss", folder.name),
        }
    }
}

/// How far a folder was read: kept in its part and, when it is whole, for later pulls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Mark {
    validity: u32,
    /// The first UID that was not asked for.
    next: u32,
    /// UIDs below it that did not come.
    missing: Vec<u32>,
    /// From when on mails were asked for.
    since: Option<NaiveDate>,
    /// Up to when; None: to today.
    before: Option<NaiveDate>,
}

impl Mark {
    fn text(&self) -> String {
        let missing: Vec<String> = self.missing.iter().map(u32::to_string).collect();
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        format!(
            "validity={} next={} missing={} since={} before={}",
            self.validity,
            self.next,
            missing.join(","),
            day(self.since),
            day(self.before)
        )
    }

    fn read(text: &str) -> Option<Self> {
        let fields: BTreeMap<&str, &str> = text
            .split(' ')
            .filter_map(|field| field.split_once('='))
            .collect();
        let missing = fields.get("missing")?.split(',').filter(|uid| !uid.is_empty());
        Some(Self {
            validity: fields.get("validity")?.parse().ok()?,
            next: fields.get("next")?.parse().ok()?,
            missing: missing.map(|uid| uid.parse().ok()).collect::<Option<_>>()?,
            since: fields.get("since")?.parse().ok(),
            before: fields.get("before").and_then(|day| day.parse().ok()),
        })
    }
}

/// One folder while it is read.
struct Reading<'a> {
    imap: &'a Imap,
    folder: &'a Folder,
    stretch: Stretch,
    part: Part,
    mark: Mark,
    /// Read to its end by an earlier pull.
    bookmark: Option<Mark>,
    problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    fn new(imap: &'a Imap, folder: &'a Folder, stretch: Stretch, memory: &Memory) -> Self {
        let name = stretch.name(folder);
        let fresh = || Part::new(&name, stretch.words());
        Self {
            imap,
            folder,
            stretch,
            part: memory.part(&name).cloned().unwrap_or_else(fresh),
            mark: Mark::default(),
            bookmark: memory.bookmark(&name).and_then(Mark::read),
            problems: Vec::new(),
        }
    }

    fn read(&mut self, link: &mut Link<'_>, post: &dyn Post) -> Result<(), Fault> {
        let opened = link.open(self.folder)?;
        self.begin(opened);
        let query = self.stretch.query(self.mark.next);
        let mut uids = std::mem::take(&mut self.mark.missing);
        let found = if opened.mails == 0 {
            Vec::new()
        } else {
            link.search(&query)?
        };
        // `n:*` holds the last mail even where its UID is below n.
        uids.extend(found.into_iter().filter(|uid| *uid >= self.mark.next));
        post.expect(uids.len() as u64);
        self.part.expected = Some(self.part.objects + uids.len() as u64);
        for chunk in uids.chunks(SIZES) {
            let sizes = link.sizes(chunk)?;
            for batch in batches(chunk, &sizes) {
                let mails = self.fetch(link, batch)?;
                let last = batch.last().copied().unwrap_or_default();
                self.mark.next = self.mark.next.max(last.saturating_add(1));
                self.keep(mails, false, post)?;
            }
        }
        // Mails that came while the folder was read get numbers from here on.
        if let Some(next) = opened.next {
            self.mark.next = self.mark.next.max(next);
        }
        self.keep(Vec::new(), true, post)
    }

    /// Goes on where this pull was cut short, or where an earlier one ended; else at the beginning.
    fn begin(&mut self, opened: Opened) {
        let Stretch { since, before } = self.stretch;
        let fits = |mark: &Mark| {
            mark.validity == opened.validity
                && mark.since.is_some_and(|known| known <= since)
                && mark.before == before
        };
        let cut_short = self
            .part
            .cursor
            .as_deref()
            .and_then(Mark::read)
            .filter(|mark| fits(mark));
        if cut_short.is_none() {
            self.part = Part::new(&self.part.name, &self.part.asked);
        }
        let known = cut_short.or_else(|| self.bookmark.clone().filter(|mark| fits(mark)));
        self.mark = known.unwrap_or(Mark {
            validity: opened.validity,
            next: 1,
            ..Mark::default()
        });
        (self.mark.since, self.mark.before) = (Some(since), before);
    }

    /// All mails of a batch that can be had; of the others it is told why.
    fn fetch(&mut self, link: &mut Link<'_>, uids: &[u32]) -> Result<Vec<Mail>, Fault> {
        let mut mails = match link.mails(uids, true) {
            Ok(mails) => mails,
            Err(Fault::Odd(_) | Fault::Refused(_)) if uids.len() > 1 => {
                let (first, second) = uids.split_at(uids.len() / 2);
                let mut mails = self.fetch(link, first)?;
                mails.extend(self.fetch(link, second)?);
                return Ok(mails);
            }
            // The oddity may be the date.
            Err(Fault::Odd(_) | Fault::Refused(_)) if uids.len() == 1 => match link.mails(uids, false) {
                Ok(mails) => mails,
                Err(Fault::Odd(words) | Fault::Refused(words)) => {
                    self.missing(uids[0], &words);
                    return Ok(Vec::new());
                }
                Err(fault) => return Err(fault),
            },
            Err(fault) => return Err(fault),
        };
        mails.retain(|mail| uids.binary_search(&mail.uid).is_ok());
        mails.sort_by_key(|mail| mail.uid);
        mails.dedup_by_key(|mail| mail.uid);
        let absent: Vec<u32> = uids
            .iter()
            .copied()
            .filter(|uid| mails.binary_search_by_key(uid, |mail| mail.uid).is_err())
            .collect();
        if !absent.is_empty() {
            mails.extend(self.look_again(link, &absent)?);
            mails.sort_by_key(|mail| mail.uid);
        }
        Ok(mails)
    }

    /// A server leaves out mails without a word where somebody removed them, and where it cannot read them.
    fn look_again(&mut self, link: &mut Link<'_>, absent: &[u32]) -> Result<Vec<Mail>, Fault> {
        let (first, last) = (absent[0], absent[absent.len() - 1]);
        let present = link.search(&format!("UID {first}:{last}"))?;
        let mut mails = Vec::new();
        for uid in absent {
            if present.binary_search(uid).is_err() {
                self.part.expected = self.part.expected.map(|expected| expected.saturating_sub(1));
                let message = "a mail was removed by somebody while the folder was being read";
                self.problem(
                    *uid,
                    message,
                    "if it mattered, look for it in the trash, and name that folder in `folders`",
                );
                continue;
            }
            match link.mails(&[*uid], true) {
                Ok(found) if found.iter().any(|mail| mail.uid == *uid) => {
                    mails.extend(found.into_iter().filter(|mail| mail.uid == *uid).take(1));
                }
                Ok(_) => self.missing(*uid, "the server gives no text for it"),
                Err(Fault::Odd(words) | Fault::Refused(words)) => self.missing(*uid, &words),
                Err(fault) => return Err(fault),
            }
        }
        Ok(mails)
    }

    fn missing(&mut self, uid: u32, words: &str) {
        self.mark.missing.push(uid);
        self.problem(uid, &format!("a mail could not be fetched: {words}"), HINT_AGAIN);
    }

    fn problem(&mut self, uid: u32, message: &str, hint: &str) {
        self.problems.push(Problem {
            source: self.imap.name.clone(),
            place: self.origin(uid),
            message: message.to_owned(),
            hint: hint.to_owned(),
        });
    }

    fn origin(&self, uid: u32) -> String {
        format!("{}, {}, UID {uid}", self.imap.address.shown(), self.folder.name)
    }

    fn keep(&mut self, mails: Vec<Mail>, is_last: bool, post: &dyn Post) -> Result<(), Fault> {
        let moments: Vec<String> = mails
            .iter()
            .filter_map(|mail| mail.received)
            .map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
            .collect();
        if !mails.is_empty() {
            self.part.count(mails.len(), moments.iter().map(String::as_str));
        }
        let mut records = Vec::with_capacity(mails.len());
        for mail in mails {
            if mail::is_truncated(&mail.bytes) {
                self.problem(
                    mail.uid,
                    "a mail ends before its last part does",
                    "open it in a mail program and compare",
                );
            }
            records.push(Record {
                id: RecordId::new(&self.imap.name, &mail::native_id(&mail.bytes)),
                kind: SourceKind::Mail,
                object: "message".to_owned(),
                container: self.folder.name.clone(),
                origin: self.origin(mail.uid),
                bytes: mail.bytes,
            });
        }
        self.part.cursor = Some(self.mark.text());
        let is_whole = is_last && self.mark.missing.is_empty();
        if is_whole {
            self.part.state = PartState::Whole;
        }
        let bookmark = Bookmark {
            scope: self.part.name.clone(),
            value: Some(self.mark.text()),
        };
        post.keep(Page {
            part: self.part.clone(),
            records,
            problems: std::mem::take(&mut self.problems),
            bookmarks: if is_whole { vec![bookmark] } else { Vec::new() },
        })?;
        Ok(())
    }

    /// What did not come, in words.
    fn failure(&self) -> Option<String> {
        let count = self.mark.missing.len();
        (count > 0).then(|| format!("{count} of folder \"{}\"", self.part.name))
    }
}

/// Stretches that are neither too many nor too large.
fn batches<'u>(uids: &'u [u32], sizes: &BTreeMap<u32, u64>) -> Vec<&'u [u32]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, uid) in uids.iter().enumerate() {
        let size = sizes.get(uid).copied().unwrap_or_default();
        if index > start && (index - start >= BATCH_MAILS || bytes + size > BATCH_BYTES) {
            batches.push(&uids[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += size;
    }
    if start < uids.len() {
        batches.push(&uids[start..]);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_bounded_in_number_and_in_size() {
        let uids: Vec<u32> = (1..=250).collect();
        let lengths = |sizes: &BTreeMap<u32, u64>| -> Vec<usize> {
            batches(&uids, sizes).iter().map(|batch| batch.len()).collect()
        };
        assert_eq!(lengths(&BTreeMap::new()), [100, 100, 50]);
        let sizes = BTreeMap::from([(2, BATCH_BYTES), (3, BATCH_BYTES * 2)]);
        assert_eq!(lengths(&sizes), [2, 1, 100, 100, 47]);
        assert!(batches(&[], &sizes).is_empty());
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark {
            validity: 7,
            next: 12,
            missing: vec![3, 9],
            since: "2026-01-01".parse().ok(),
            before: "2026-07-03".parse().ok(),
        };
        assert_eq!(Mark::read(&mark.text()), Some(mark));
        assert_eq!(Mark::read("something else"), None);
    }
}
