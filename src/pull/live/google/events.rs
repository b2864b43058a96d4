//! Reads the events of one calendar to their end, and the dates of the series among them.

use super::super::{LiveError, Post};
use super::client::{Api, Failed};
use super::listing::{Cursor, Events, Head, List, dates, no_progress};
use super::{GoogleSource, page};
use crate::model::{Bookmark, Memory, Page, Part, PartState, Problem, Record, RecordId, SourceKind};
use futures_util::StreamExt;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Series whose dates are asked for at a time.
const SERIES_AT_A_TIME: usize = 6;
/// Records of one page of ours: a calendar full of series is handed on in several.
const HANDED_ON: usize = 5_000;

/// What the calendars of one pull share.
pub struct Reading<'a> {
    source: &'a GoogleSource,
    api: &'a Api,
    post: &'a dyn Post,
    memory: &'a Memory,
    /// Calendars by number, and by its id's digest the one in which an event was met first, in this pull or an earlier one.
    calendars: Vec<String>,
    first_in: BTreeMap<Digest, u32>,
    /// The calendar that is read last.
    last: u32,
}

/// Stands for an event's id: a calendar may have very many.
type Digest = [u8; 16];

fn digest(id: &str) -> Digest {
    let whole: [u8; 32] = Sha256::digest(id.as_bytes()).into();
    let mut digest = Digest::default();
    digest.copy_from_slice(&whole[..16]);
    digest
}

impl<'a> Reading<'a> {
    /// `calendars`: those that are read, in their order.
    pub fn new(
        source: &'a GoogleSource,
        api: &'a Api,
        post: &'a dyn Post,
        memory: &'a Memory,
        calendars: &[String],
    ) -> Self {
        let mut reading = Self {
            source,
            api,
            post,
            memory,
            calendars: calendars.to_vec(),
            first_in: BTreeMap::new(),
            last: calendars.len().saturating_sub(1) as u32,
        };
        for (native, calendar) in &memory.containers {
            let number = reading.number(calendar);
            // Where one calendar alone is read, its own events are first met in it.
            if calendars.len() > 1 || number != reading.last {
                reading.first_in.entry(digest(native)).or_insert(number);
            }
        }
        reading
    }

    fn number(&mut self, calendar: &str) -> u32 {
        let known = self.calendars.iter().position(|known| known == calendar);
        let number = known.unwrap_or_else(|| {
            self.calendars.push(calendar.to_owned());
            self.calendars.len() - 1
        });
        number as u32
    }

    /// Notes where an event was met, unless it was met before; whether it was met first in this calendar. What is met in the
    /// last of them is met nowhere after it, and need not be noted.
    fn note(&mut self, id: Digest, calendar: &str) -> bool {
        let number = self.number(calendar);
        if let Some(first) = self.first_in.get(&id) {
            return *first == number;
        }
        if number != self.last {
            self.first_in.insert(id, number);
        }
        true
    }

    /// Reads one calendar from where it stands.
    pub async fn calendar(&mut self, calendar: &str) -> Result<(), LiveError> {
        let name = format!("events of {calendar}");
        // The dates of series that have not changed are not listed again, so other bounds need a whole listing.
        let scope = format!("{name}, {}", self.source.series_words());
        let mut part = match self.memory.part(&name) {
            Some(part) if part.is_whole() => return Ok(()),
            Some(part) => part.clone(),
            None => Part::new(&name, ""),
        };
        let kept: Option<Cursor> = part
            .cursor
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok());
        let is_resumed = kept.is_some();
        let mut cursor = kept.unwrap_or_else(|| Cursor {
            page: None,
            sync: self.memory.bookmark(&scope).map(str::to_owned),
        });
        let mut may_begin_anew = cursor != Cursor::default();
        // Only of what was read before can something be missing.
        let mut listed = self.is_known(calendar).then(BTreeSet::new);
        let mut is_from_the_start = !is_resumed;
        while !part.is_whole() {
            part.asked = asked(&cursor);
            let ask = List {
                calendar,
                cursor: &cursor,
            };
            let text = match self.api.call(&name, self.post, &ask).await {
                Ok(text) => text,
                // Too old, or of another listing: the whole calendar is read.
                Err(Failed::CursorGone(_)) if may_begin_anew => {
                    may_begin_anew = false;
                    is_from_the_start = true;
                    listed = listed.map(|_| BTreeSet::new());
                    part = Part::new(&name, "");
                    cursor = Cursor::default();
                    continue;
                }
                Err(failed) => return Err(failed.into_live(&name)),
            };
            let events: Events = page(&text, "a page of events")?;
            if events.next_page_token.is_some() && events.next_page_token == cursor.page {
                return Err(no_progress(&name));
            }
            let mut cut = self.cut(&events.items, calendar);
            if let Some(listed) = &mut listed {
                listed.append(&mut cut.ids);
            }
            let handed_on = self.series(calendar, &mut cut, &mut listed, &part).await?;
            part.count(
                handed_on + cut.records.len(),
                cut.moments.iter().map(String::as_str),
            );
            let mut bookmarks = Vec::new();
            if events.next_page_token.is_some() {
                cursor.page = events.next_page_token;
                part.cursor = serde_json::to_string(&cursor).ok();
            } else {
                part.cursor = None;
                part.state = PartState::Whole;
                bookmarks.push(Bookmark {
                    scope: scope.clone(),
                    value: events.next_sync_token,
                });
                let listed = listed
                    .as_ref()
                    .filter(|_| is_from_the_start && cursor.sync.is_none());
                cut.problems
                    .extend(listed.and_then(|listed| self.vanished(calendar, listed)));
            }
            self.post.keep(Page {
                part: part.clone(),
                records: cut.records,
                problems: cut.problems,
                bookmarks,
            })?;
        }
        Ok(())
    }

    /// Reads the dates of the series on a page. They are kept together with the page, or before it where they are many:
    /// the cursor moves on only behind all of them. Gives how many were handed on before it.
    async fn series(
        &mut self,
        calendar: &str,
        cut: &mut Cut,
        listed: &mut Option<BTreeSet<String>>,
        part: &Part,
    ) -> Result<usize, LiveError> {
        let mut handed_on = 0;
        let (api, post, bounds) = (self.api, self.post, self.source.series());
        let series = std::mem::take(&mut cut.series);
        let answers = futures_util::stream::iter(series)
            .map(|event| async move { dates(api, post, calendar, &event, bounds).await })
            .buffered(SERIES_AT_A_TIME);
        let mut answers = std::pin::pin!(answers);
        while let Some(pages) = answers.next().await {
            for text in pages? {
                let events: Events = page(&text, "a page of the dates of a series")?;
                let mut dates = self.cut(&events.items, calendar);
                if let Some(listed) = listed.as_mut() {
                    listed.append(&mut dates.ids);
                }
                cut.records.append(&mut dates.records);
                cut.problems.append(&mut dates.problems);
                cut.moments.append(&mut dates.moments);
            }
            if cut.records.len() > HANDED_ON {
                handed_on += cut.records.len();
                self.post.keep(Page {
                    part: part.clone(),
                    records: std::mem::take(&mut cut.records),
                    problems: std::mem::take(&mut cut.problems),
                    bookmarks: Vec::new(),
                })?;
            }
        }
        Ok(handed_on)
    }

    /// Cuts a page into records.
    fn cut(&mut self, items: &[&RawValue], calendar: &str) -> Cut {
        let mut cut = Cut::default();
        for raw in items {
            let head = Head::of(raw);
            let Some(id) = &head.id else {
                cut.problems
                    .push(self.problem(calendar, "Google sent an event without an id", ""));
                continue;
            };
            // As with files: the copy that is met second is known by its calendar too.
            let native = if self.note(digest(id), calendar) {
                id.clone().into_owned()
            } else {
                format!("{id}@{calendar}")
            };
            cut.moments.extend(head.updated.as_deref().map(str::to_owned));
            if head.is_series() {
                cut.series.push(id.clone().into_owned());
            }
            cut.records.push(Record {
                id: RecordId::new(&self.source.name, &native),
                kind: SourceKind::GoogleCalendar,
                object: "event".to_owned(),
                container: calendar.to_owned(),
                origin: format!("event {id} of {calendar}, of the Google Calendar API"),
                bytes: raw.get().into(),
            });
            cut.ids.insert(native);
        }
        cut
    }

    fn is_known(&self, calendar: &str) -> bool {
        let mut known = self.memory.containers.iter();
        known.any(|(_, container)| container == calendar)
    }

    /// Events that an earlier pull met and a whole listing tells no more of: Google forgets deleted ones after a while.
    fn vanished(&self, calendar: &str, listed: &BTreeSet<String>) -> Option<Problem> {
        let of_calendar = self
            .memory
            .containers
            .iter()
            .filter(|(_, container)| container == calendar);
        let gone: Vec<&str> = of_calendar
            .map(|(native, _)| native.as_str())
            .filter(|native| !listed.contains(*native))
            .collect();
        let first = gone.first()?;
        Some(self.problem(
            calendar,
            &format!(
                "{} events that were read before are no longer there; the first is {first}",
                gone.len()
            ),
            "they were deleted long ago: begin with a new --staging FILE to leave them out",
        ))
    }

    fn problem(&self, calendar: &str, message: &str, hint: &str) -> Problem {
        Problem {
            source: self.source.name.clone(),
            place: calendar.to_owned(),
            message: message.to_owned(),
            hint: hint.to_owned(),
        }
    }
}

fn asked(cursor: &Cursor) -> String {
    if cursor.sync.is_some() {
        "what has changed since the last pull".to_owned()
    } else {
        "every event, deleted ones too".to_owned()
    }
}

/// What a page was cut into.
#[derive(Default)]
struct Cut {
    records: Vec<Record>,
    problems: Vec<Problem>,
    moments: Vec<String>,
    ids: BTreeSet<String>,
    /// Ids of events that repeat.
    series: Vec<String>,
}
