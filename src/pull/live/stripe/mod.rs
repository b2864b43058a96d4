//! Stripe over its API: every object of the window, as Stripe sends it.
//!
//! Eight kinds of object are listed, for each account, in slices of time that are read side by side. A slice is a part of
//! the pull: its cursor is the id of the last object kept. What an object holds is not looked at further than its
//! id, its kind and when it was made, so nothing that Stripe adds or changes can lose one.

mod client;
mod key;
mod lists;

pub use client::Limits;

use super::http;
use super::retry::Patience;
use super::{Access, LiveError, LiveSource, Permit, Post, SecretSource};
use crate::model::{Memory, Page, Part, PartState, Problem, Record, RecordId, SourceKind};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use client::{Api, Failed};
use futures_util::StreamExt;
use key::{Mode, Power};
use lists::{List, PAGE_OBJECTS, Slice, moment, slices};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

const BASE_URL: &str = "https://api.stripe.com";
/// Slices of the window. A list answers about three pages a second one after the other, and is allowed 25.
const SLICES: u32 = 8;
/// Parts that are read at a time.
const PARTS_AT_A_TIME: usize = 24;

/// Whose objects are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accounts {
    /// The key's own.
    Own,
    /// Connected accounts by id; the key's own is not among them.
    Named(Vec<String>),
    /// The key's own and all that are connected to it.
    All,
}

pub struct StripeSource {
    pub name: String,
    pub key: SecretSource,
    pub accounts: Accounts,
    pub allow_full_key: bool,
    /// Another server, for tests; no pace is kept with it.
    pub base_url: Option<String>,
    pub learn_from: DateTime<Utc>,
    pub loss: DateTime<Utc>,
    pub patience: Patience,
}

impl LiveSource for StripeSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Stripe
    }

    fn asked(&self) -> String {
        let accounts = match &self.accounts {
            Accounts::Own => "the key's own account".to_owned(),
            Accounts::Named(names) => names.join(", "),
            Accounts::All => "all accounts".to_owned(),
        };
        let place = self.base_url.as_deref().unwrap_or(BASE_URL);
        format!(
            "{accounts} at {place}, created from {}, in {SLICES} slices to {}",
            moment(self.learn_from.timestamp()),
            moment(self.loss.timestamp())
        )
    }

    fn check(&self, post: &dyn Post) -> Result<Permit, LiveError> {
        http::run(self.find_out(post))
    }

    fn pull(&self, memory: &Memory, post: &dyn Post) -> Result<(), LiveError> {
        http::run(self.read(memory, post))
    }
}

impl StripeSource {
    fn open(&self) -> Result<(Api, key::Key), LiveError> {
        let base = http::base_url(self.base_url.as_deref().unwrap_or(BASE_URL))?;
        let secret = (self.key)()?;
        let key = key::judge(&secret, self.allow_full_key)?;
        let limits = match (&self.base_url, key.mode) {
            (Some(_), _) => Limits::default(),
            (None, Mode::Live) => Limits::LIVE,
            (None, Mode::Test) => Limits::SANDBOX,
        };
        Ok((Api::new(base, secret, self.patience, limits)?, key))
    }

    async fn read(&self, memory: &Memory, post: &dyn Post) -> Result<(), LiveError> {
        let (api, key) = self.open()?;
        if key.mode == Mode::Test {
            post.keep(self.said_of_test_mode())?;
        }
        let accounts = self.account_ids(&api, post).await?;
        let slices = slices(self.learn_from, self.loss, SLICES)?;
        let reading = Reading {
            source: self,
            api: &api,
            post,
            refused: Mutex::default(),
            is_over: AtomicBool::new(false),
            progress: Mutex::default(),
        };
        let mut parts = Vec::new();
        for account in &accounts {
            for slice in &slices {
                parts.extend(List::ALL.map(|list| (account.as_str(), list, *slice)));
            }
        }
        reading.begin(parts.len());
        let failed: Vec<LiveError> = futures_util::stream::iter(parts)
            .map(|(account, list, slice)| reading.part(account, list, slice, memory))
            .buffer_unordered(PARTS_AT_A_TIME)
            .filter_map(async |done| {
                let error = done.err()?;
                reading.is_over.store(true, Ordering::Relaxed);
                Some(error)
            })
            .collect()
            .await;
        reading.end(failed)
    }

    /// Accounts as they stand in records: "" is the key's own.
    async fn account_ids(&self, api: &Api, post: &dyn Post) -> Result<Vec<String>, LiveError> {
        match &self.accounts {
            Accounts::Own => return Ok(vec![String::new()]),
            Accounts::Named(names) => return Ok(names.clone()),
            Accounts::All => {}
        }
        let mut ids = vec![String::new()];
        loop {
            let after = ids.last().filter(|id| !id.is_empty()).cloned();
            let request = lists::accounts(after.as_deref());
            let (bytes, has_more) = api.page(request, "", post).await.map_err(|failed| match failed {
                Failed::Live(error) => error,
                Failed::NotPermitted(words) => LiveError::setup(
                    format!("the key may not list the connected accounts: {words}"),
                    "tick Read at Connect > Accounts, or name them: accounts = [\"acct_…\"]",
                ),
                Failed::CursorGone => LiveError::service("an account vanished while they were listed", AGAIN),
            })?;
            let page = ListPage::of(&bytes)?;
            let heads = page.data.iter().filter_map(|raw| Head::of(raw).id);
            let before = ids.len();
            ids.extend(heads.map(Cow::into_owned));
            if !has_more {
                return Ok(ids);
            }
            if ids.len() == before || after.as_ref() == ids.last() {
                return Err(no_progress("accounts"));
            }
        }
    }

    fn said_of_test_mode(&self) -> Page {
        let mut part = Part::new("key", "its mode");
        part.state = PartState::Whole;
        let problem = Problem {
            source: self.name.clone(),
            place: self.name.clone(),
            message: "the Stripe key is a test-mode key: it reads test data, not what was paid".to_owned(),
            hint: "make a restricted live key (rk_live_…) for the real thing".to_owned(),
        };
        Page {
            part,
            problems: vec![problem],
            ..Page::default()
        }
    }

    /// Asks for one page of each kind: Stripe does not tell in another way what a restricted key may read, nor how much
    /// there is. The newest hundred of a kind tell how close together they are.
    async fn find_out(&self, post: &dyn Post) -> Result<Permit, LiveError> {
        let (api, key) = self.open()?;
        let accounts = self.account_ids(&api, post).await?;
        let slice = Slice {
            from: self.learn_from.timestamp(),
            before: None,
        };
        let mut notes = Vec::new();
        if key.mode == Mode::Test {
            notes.push("it is a test-mode key: it reads test data, not what was paid".to_owned());
        }
        let first = accounts.first().map(String::as_str).unwrap_or_default();
        let (mut may, mut may_not) = (Vec::new(), Vec::new());
        let (mut records, mut is_exact) = (0, true);
        for list in List::ALL {
            match api.page(list.page(slice, None, PAGE_OBJECTS), first, post).await {
                Ok((bytes, has_more)) => {
                    may.push(list.name());
                    let heads: Vec<Head<'_>> = ListPage::of(&bytes)?.data.into_iter().map(Head::of).collect();
                    let made = || heads.iter().filter_map(|head| head.created);
                    records += match (made().min(), made().max()) {
                        (Some(oldest), Some(newest)) if has_more => {
                            extrapolated(heads.len(), slice.from, oldest, newest)
                        }
                        _ => heads.len() as u64,
                    };
                    is_exact &= !has_more;
                }
                Err(Failed::NotPermitted(_)) => may_not.push(list.permission()),
                Err(Failed::Live(error)) => return Err(error),
                Err(Failed::CursorGone) => return Err(LiveError::bug("a cursor that was not given is gone")),
            }
        }
        notes.push(format!("it may read: {}", may.join(", ")));
        if !may_not.is_empty() {
            may_not.dedup();
            notes.push(format!("tick Read for: {}", may_not.join(", ")));
        }
        if !is_exact {
            notes.push("how much there is was reckoned from the newest hundred of each kind".to_owned());
        }
        if accounts.len() > 1 {
            notes.push(format!(
                "{} accounts are read; how much there is was asked of the first, and taken so often",
                accounts.len()
            ));
            records = records.saturating_mul(accounts.len() as u64);
        }
        Ok(Permit {
            who: first.to_owned(),
            access: match key.power {
                Power::Full => Access::CanWrite,
                Power::Restricted => Access::NotTold,
            },
            notes,
            records: Some(records),
            // Of one list: what there is most of is read one list's limit fast.
            records_per_second: Limits::LIVE
                .each_list
                .map(|pages| f64::from(pages) * PAGE_OBJECTS as f64),
            server_time: api.server_time(),
            zones: Vec::new(),
        })
    }
}

/// How many there are since `from`, if all are as close together as the last `count`, from `oldest` to `newest`.
fn extrapolated(count: usize, from: i64, oldest: i64, newest: i64) -> u64 {
    let span = newest.saturating_sub(oldest).max(1) as f64;
    let whole = newest.saturating_sub(from).max(1) as f64;
    (count as f64 * (whole / span).max(1.0)) as u64
}

const AGAIN: &str = "run the command again; what was read before is kept";

fn no_progress(what: &str) -> LiveError {
    LiveError::service(
        format!("Stripe gives the same page of {what} again and again"),
        "see whether base_url leads to Stripe; run the command again later",
    )
}

/// A page, its objects untouched.
#[derive(Deserialize)]
struct ListPage<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

impl<'a> ListPage<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, LiveError> {
        serde_json::from_slice(bytes).map_err(|error| {
            LiveError::service(
                format!("Stripe answered with something that is no list ({error})"),
                "see whether base_url leads to Stripe; run the command again later",
            )
        })
    }
}

/// As much of an object as a record needs.
#[derive(Deserialize, Default)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    object: Option<Cow<'a, str>>,
    created: Option<i64>,
    #[serde(borrow)]
    line_items: Option<&'a RawValue>,
}

impl<'a> Head<'a> {
    fn of(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }
}

/// What all parts of one pull share.
struct Reading<'a> {
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

impl Reading<'_> {
    fn begin(&self, parts: usize) {
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
    async fn part(&self, account: &str, list: List, slice: Slice, memory: &Memory) -> Result<(), LiveError> {
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
    fn end(self, mut failed: Vec<LiveError>) -> Result<(), LiveError> {
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

const TICK: &str = "tick Read for Checkout Sessions where the key was made";
