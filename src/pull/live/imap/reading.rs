//! Reads one stretch of one folder: what a search finds is fetched, compared with what was found, and handed on page by page.

use super::super::Post;
use super::folders::Folder;
use super::session::{About, Fault, Link, Mail, Opened};
use super::stretch::{Mark, Stretch};
use super::{HINT_AGAIN, Imap};
use crate::model::{Bookmark, Memory, Page, Part, PartState, Problem, Record, RecordId, SourceKind};
use crate::pull::mail;
use chrono::SecondsFormat;
use std::collections::{BTreeMap, BTreeSet};

/// More than this at a time is no faster. Measured on Dovecot: 8,000 mails a second at 100.
const BATCH_MAILS: usize = 100;
/// Mails of one batch are held in memory together.
const BATCH_BYTES: u64 = 16 << 20;
/// Mails whose sizes are asked at a time.
pub const SIZES: usize = 1_000;

/// Gmail's numbers of the mails that this pull has read: one that has several labels stands in several folders under one
/// number, and is fetched once. No other server has such numbers. A Message-ID would not do: two mails may have the same
/// one and other bytes, which must be seen, and asking for it costs more than the few copies do.
#[derive(Default)]
pub struct Twins {
    /// None: the server tells no numbers, or one folder alone is read.
    known: Option<BTreeSet<u64>>,
}

impl Twins {
    pub fn of(is_told: bool) -> Self {
        Self {
            known: is_told.then(BTreeSet::new),
        }
    }

    pub fn are_told(&self) -> bool {
        self.known.is_some()
    }

    fn holds(&self, about: Option<&About>) -> bool {
        let number = about.and_then(|about| about.gmail);
        self.known
            .as_ref()
            .zip(number)
            .is_some_and(|(known, number)| known.contains(&number))
    }

    fn add(&mut self, about: Option<&About>) {
        if let Some(known) = &mut self.known {
            known.extend(about.and_then(|about| about.gmail));
        }
    }
}

/// One folder while it is read.
pub struct Reading<'a> {
    imap: &'a Imap,
    folder: &'a Folder,
    stretch: Stretch,
    pub part: Part,
    mark: Mark,
    /// How far an earlier pull came.
    bookmark: Option<Mark>,
    problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    pub fn new(imap: &'a Imap, folder: &'a Folder, stretch: Stretch, memory: &Memory) -> Self {
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

    pub fn read(&mut self, link: &mut Link<'_>, post: &dyn Post, twins: &mut Twins) -> Result<(), Fault> {
        self.recall(link, twins)?;
        let opened = link.open(self.folder)?;
        self.begin(opened);
        let query = self.stretch.query(self.mark.next);
        let found = if opened.mails == 0 {
            Vec::new()
        } else {
            link.search(&query)?
        };
        // What did not come before stays noted until it is asked for again. `n:*` holds the last mail even where its UID
        // is below n.
        let mut uids = self.mark.missing.clone();
        uids.extend(found.into_iter().filter(|uid| *uid >= self.mark.next));
        post.expect(uids.len() as u64);
        self.part.expected = Some(self.part.objects + uids.len() as u64);
        for chunk in uids.chunks(SIZES) {
            let about = link.about(chunk)?;
            let is_twin = |uid: &u32| twins.holds(about.get(uid));
            let (elsewhere, wanted): (Vec<u32>, Vec<u32>) = chunk.iter().copied().partition(is_twin);
            self.leave_out(&elsewhere);
            for batch in batches(&wanted, &about) {
                self.mark.missing.retain(|uid| !batch.contains(uid));
                let mails = self.fetch(link, batch)?;
                for mail in &mails {
                    twins.add(about.get(&mail.uid));
                }
                self.reach(batch);
                self.keep(mails, false, post)?;
            }
            self.reach(chunk);
        }
        // Mails that came while the folder was read get numbers from here on.
        if let Some(next) = opened.next {
            self.mark.next = self.mark.next.max(next);
        }
        self.keep(Vec::new(), true, post)
    }

    /// Learns again which mails this pull has read here before it was cut short.
    pub fn recall(&self, link: &mut Link<'_>, twins: &mut Twins) -> Result<(), Fault> {
        let mark = self.part.cursor.as_deref().and_then(Mark::read);
        let Some(mark) = mark.filter(|_| twins.are_told()) else {
            return Ok(());
        };
        let opened = link.open(self.folder)?;
        if opened.mails == 0 || opened.validity != mark.validity {
            return Ok(());
        }
        let mut uids = link.search(&self.stretch.query(1))?;
        uids.retain(|uid| *uid < mark.next && !mark.missing.contains(uid));
        for chunk in uids.chunks(SIZES) {
            for about in link.about(chunk)?.values() {
                twins.add(Some(about));
            }
        }
        Ok(())
    }

    /// Notes mails that another folder gave already.
    fn leave_out(&mut self, uids: &[u32]) {
        let count = uids.len() as u64;
        self.mark.missing.retain(|uid| !uids.contains(uid));
        self.mark.elsewhere += count;
        self.part.expected = self.part.expected.map(|expected| expected.saturating_sub(count));
    }

    fn reach(&mut self, uids: &[u32]) {
        let last = uids.last().copied().unwrap_or_default();
        self.mark.next = self.mark.next.max(last.saturating_add(1));
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
        let earlier = || {
            let mark = self.bookmark.clone().filter(|mark| fits(mark))?;
            Some(Mark { elsewhere: 0, ..mark })
        };
        let known = cut_short.or_else(earlier);
        self.mark = known.unwrap_or(Mark {
            validity: opened.validity,
            next: 1,
            ..Mark::default()
        });
        (self.mark.since, self.mark.before) = (Some(since), before);
        self.mark.missing.sort_unstable();
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
        self.part.asked = match self.mark.elsewhere {
            0 => self.stretch.words(),
            count => format!(
                "{}; {count} more were read in another folder",
                self.stretch.words()
            ),
        };
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
            // A mail never changes: what was read need not be read again, however long ago the pull was cut short.
            bookmarks: vec![bookmark],
        })?;
        Ok(())
    }

    /// What did not come, in words.
    pub fn failure(&self) -> Option<String> {
        let count = self.mark.missing.len();
        (count > 0).then(|| format!("{count} of folder \"{}\"", self.part.name))
    }
}

/// Stretches that are neither too many nor too large.
fn batches<'u>(uids: &'u [u32], about: &BTreeMap<u32, About>) -> Vec<&'u [u32]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, uid) in uids.iter().enumerate() {
        let size = about.get(uid).map_or(0, |about| about.bytes);
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
        let lengths = |about: &BTreeMap<u32, About>| -> Vec<usize> {
            batches(&uids, about).iter().map(|batch| batch.len()).collect()
        };
        let of = |bytes| About { bytes, gmail: None };
        assert_eq!(lengths(&BTreeMap::new()), [100, 100, 50]);
        let large = BTreeMap::from([(2, of(BATCH_BYTES)), (3, of(BATCH_BYTES * 2))]);
        assert_eq!(lengths(&large), [2, 1, 100, 100, 47]);
        assert!(batches(&[], &large).is_empty());
    }
}
