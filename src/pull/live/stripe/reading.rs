//! Reads the parts of a pull, many side by side: each slice of each list to its end, page by page.

use super::super::{LiveError, Post};
use super::client::{Api, Failed};
use super::lists::{self, List, PAGE_OBJECTS, Slice, moment};
use super::objects::{Head, ListPage};
use super::{StripeSource, no_progress};
use crate::model::{Memory, Page, Part, PartState, Problem, Record, RecordId, SourceKind};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

const TICK: &str = "tick Read for Checkout Sessions where the key was made";

/// What all parts of one pull share.
pub struct Reading<'a> {
    source: &'a StripeSource,
    api: &'a Api,
    post: &'a dyn Post,
    /// Account and list that the key has no permission for, and what Stripe says: the others go on.
    refused: Mutex<BTreeMap<(String, List), String>>,
    /// One part failed for good: no other is begun, for it would fail as well.
    is_over: AtomicBool,
    progress: Mutex<Progress>,
}

/// How far the parts are, to tell how much there will be.
#[derive(Default)]
struct Progress {
    parts: usize,
    objects: u64,
    /// In parts: each counts up to one.
    done: f64,
}

impl<'a> Reading<'a> {
    pub fn new(source: &'a StripeSource, api: &'a Api, post: &'a dyn Post) -> Self {
        Self {
            source,
            api,
            post,
            refused: Mutex::default(),
            is_over: AtomicBool::new(false),
            progress: Mutex::default(),
        }
    }

    /// Nothing more is begun.
    pub fn give_up(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub fn begin(&self, parts: usize) {
        if let Ok(mut progress) = self.progress.lock() {
            progress.parts = parts;
        }
    }

    /// Notes objects and how much of a part they are, and says how many there will be.
    fn advance(&self, objects: u64, share: f64) {
        let Ok(mut progress) = self.progress.lock() else {
            return;
        };
        progress.objects += objects;
        progress.done += share;
        if progress.done > 0.0 {
            let share = (progress.done / progress.parts as f64).min(1.0);
            self.post
                .estimate((progress.objects as f64 / share).round() as u64);
        }
    }

    fn is_refused(&self, key: &(String, List)) -> bool {
        self.refused.lock().is_ok_and(|refused| refused.contains_key(key))
    }

    /// Reads one slice of one list to its end, from where it stands.
    pub async fn part(
        &self,
        account: &str,
        list: List,
        slice: Slice,
        memory: &Memory,
    ) -> Result<(), LiveError> {
        let of = (account.to_owned(), list);
        if self.is_refused(&of) {
            return Ok(());
        }
        let words = slice.words();
        let name = [account, list.name(), &words].join(" ").trim_start().to_owned();
        let mut part = memory
            .part(&name)
            .cloned()
            .unwrap_or_else(|| Part::new(&name, &words));
        if part.is_whole() {
            self.advance(part.objects, 1.0);
            return Ok(());
        }
        let mut share_done = 0.0;
        self.advance(part.objects, 0.0);
        while !part.is_whole() {
            if self.is_over.load(Ordering::Relaxed) {
                return Ok(());
            }
            let request = list.page(slice, part.cursor.as_deref(), PAGE_OBJECTS);
            let (bytes, has_more) = match self.api.page(request, account, self.post).await {
                Ok(page) => page,
                Err(Failed::Live(error)) => return Err(error),
                Err(Failed::NotPermitted(words)) => {
                    if let Ok(mut refused) = self.refused.lock() {
                        refused.insert(of, words);
                    }
                    return Ok(());
                }
                // The object was deleted since: the slice is read anew, and what is known already is known.
                Err(Failed::CursorGone) if part.cursor.is_some() => {
                    part = Part::new(&name, &words);
                    continue;
                }
                Err(Failed::CursorGone) => return Err(no_progress(list.name())),
            };
            let (records, problems, oldest) = self.cut(&bytes, account, list).await?;
            let last = ListPage::of(&bytes)?
                .data
                .last()
                .and_then(|raw| Head::of(raw).id.map(Cow::into_owned));
            if has_more && (last.is_none() || last == part.cursor) {
                return Err(no_progress(list.name()));
            }
            let moments: Vec<String> = oldest.iter().map(|created| moment(*created)).collect();
            part.count(records.len(), moments.iter().map(String::as_str));
            part.cursor = last.filter(|_| has_more);
            if !has_more {
                part.state = PartState::Whole;
            }
            let count = records.len() as u64;
            self.post.keep(Page {
                part: part.clone(),
                records,
                problems,
                bookmarks: Vec::new(),
            })?;
            let share = if has_more {
                self.share(slice, &oldest).max(share_done)
            } else {
                1.0
            };
            self.advance(count, share - share_done);
            share_done = share;
        }
        Ok(())
    }

    /// How much of a slice lies behind: lists come newest first.
    fn share(&self, slice: Slice, created: &[i64]) -> f64 {
        let end = slice.before.unwrap_or_else(|| self.post.now().timestamp());
        let length = end.saturating_sub(slice.from).max(1);
        let oldest = created.iter().min().copied().unwrap_or(end);
        (end.saturating_sub(oldest) as f64 / length as f64).clamp(0.0, 0.99)
    }

    /// Cuts a page into records; with them, when each was made.
    async fn cut(
        &self,
        bytes: &Bytes,
        account: &str,
        list: List,
    ) -> Result<(Vec<Record>, Vec<Problem>, Vec<i64>), LiveError> {
        let (mut records, mut problems, mut created) = (Vec::new(), Vec::new(), Vec::new());
        for raw in ListPage::of(bytes)?.data {
            let head = Head::of(raw);
            let (Some(id), Some(object)) = (&head.id, &head.object) else {
                problems.push(Problem {
                    source: self.source.name.clone(),
                    place: format!("{} of Stripe", list.name()),
                    message: "Stripe sent something without an id".to_owned(),
                    hint: String::new(),
                });
                continue;
            };
            created.extend(head.created);
            records.push(self.record(id, object, account, raw));
            if let Some(items) = head.line_items {
                records.extend(self.more_items(id, items, account).await?);
            }
        }
        Ok((records, problems, created))
    }

    fn record(&self, id: &str, object: &str, account: &str, raw: &RawValue) -> Record {
        Record {
            id: RecordId::new(&self.source.name, id),
            kind: SourceKind::Stripe,
            object: object.to_owned(),
            container: account.to_owned(),
            origin: format!("{object} {id} of the Stripe API"),
            bytes: raw.get().into(),
        }
    }

    /// A session tells ten of its items; the others are records of their own.
    async fn more_items(
        &self,
        session: &str,
        items: &RawValue,
        account: &str,
    ) -> Result<Vec<Record>, LiveError> {
        #[derive(Deserialize)]
        struct Items<'a> {
            #[serde(borrow)]
            data: Vec<&'a RawValue>,
            has_more: bool,
        }
        let mut records = Vec::new();
        let Ok(first) = serde_json::from_str::<Items<'_>>(items.get()) else {
            return Ok(records);
        };
        let mut has_more = first.has_more;
        let mut after = first
            .data
            .last()
            .and_then(|raw| Head::of(raw).id.map(Cow::into_owned));
        while has_more {
            let Some(cursor) = after.take() else {
                return Err(no_progress("line items"));
            };
            let request = lists::line_items(session, &cursor);
            let (bytes, more) = match self.api.page(request, account, self.post).await {
                Ok(page) => page,
                Err(Failed::Live(error)) => return Err(error),
                Err(Failed::NotPermitted(words)) => return Err(LiveError::setup(words, TICK)),
                Err(Failed::CursorGone) => return Err(no_progress("line items")),
            };
            for raw in ListPage::of(&bytes)?.data {
                let head = Head::of(raw);
                if let (Some(id), Some(object)) = (&head.id, &head.object) {
                    after = Some(id.clone().into_owned());
                    records.push(self.record(id, object, account, raw));
                }
            }
            has_more = more;
        }
        Ok(records)
    }

    /// What the failures of parts amount to.
    pub fn end(self, mut failed: Vec<LiveError>) -> Result<(), LiveError> {
        let refused = self.refused.into_inner().unwrap_or_default();
        if failed.is_empty() && !refused.is_empty() {
            let names: Vec<String> = refused
                .keys()
                .map(|(account, list)| {
                    let of = if account.is_empty() {
                        String::new()
                    } else {
                        format!(" of {account}")
                    };
                    format!("{}{of}", list.name())
                })
                .collect();
            let mut ticks: Vec<&str> = refused.keys().map(|(_, list)| list.permission()).collect();
            ticks.sort_unstable();
            ticks.dedup();
            let words = refused.values().next().map_or("", String::as_str);
            return Err(LiveError::setup(
                format!("the Stripe key may not read {}: {words}", names.join(", ")),
                format!(
                    "tick Read for {}; all else was read and is kept",
                    ticks.join(", ")
                ),
            ));
        }
        // What a person must act on is told before what passes.
        let first = failed
            .iter()
            .position(|error| matches!(error, LiveError::Setup { .. }))
            .unwrap_or(0);
        if failed.is_empty() {
            return Ok(());
        }
        Err(failed.swap_remove(first))
    }
}
