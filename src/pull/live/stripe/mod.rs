//! Stripe over its API: every object of the window, as Stripe sends it.
//!
//! Eight kinds of object are listed, for each account, in slices of time that are read side by side. A slice is a part of
//! the pull: its cursor is the id of the last object kept. What an object holds is not looked at further than its
//! id, its kind and when it was made, so nothing that Stripe adds or changes can lose one.

mod client;
mod key;
mod lists;
mod objects;
mod reading;

pub use client::Limits;

use super::http;
use super::retry::Patience;
use super::{Access, Length, LiveError, LiveSource, Permit, Post, SecretSource};
use crate::model::{Memory, Page, Part, PartState, Problem, SourceKind};
use chrono::{DateTime, Utc};
use client::{Api, Failed};
use futures_util::StreamExt;
use key::{Mode, Power};
use lists::{List, PAGE_OBJECTS, Slice, moment, slices};
use objects::{Head, ListPage};
use reading::Reading;
use std::borrow::Cow;

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
        let reading = Reading::new(self, &api, post);
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
                reading.give_up();
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
        let (mut counts, mut is_exact) = (Vec::new(), true);
        for list in List::ALL {
            match api.page(list.page(slice, None, PAGE_OBJECTS), first, post).await {
                Ok((bytes, has_more)) => {
                    may.push(list.name());
                    let heads: Vec<Head<'_>> = ListPage::of(&bytes)?.data.into_iter().map(Head::of).collect();
                    let made = || heads.iter().filter_map(|head| head.created);
                    counts.push(match (made().min(), made().max()) {
                        (Some(oldest), Some(newest)) if has_more => {
                            extrapolated(heads.len(), slice.from, oldest, newest)
                        }
                        _ => heads.len() as u64,
                    });
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
        }
        for count in &mut counts {
            *count = count.saturating_mul(accounts.len() as u64);
        }
        Ok(Permit {
            who: first.to_owned(),
            access: match key.power {
                Power::Full => Access::CanWrite,
                Power::Restricted => Access::NotTold,
            },
            notes,
            records: Some(counts.iter().sum()),
            length: Some(Length::AtTheLimit(seconds(&counts))),
            server_time: api.server_time(),
            zones: Vec::new(),
        })
    }
}

/// How long so many objects of each kind take: each list has a limit of its own, and all together have one.
fn seconds(counts: &[u64]) -> f64 {
    let pages = || counts.iter().map(|count| count.div_ceil(PAGE_OBJECTS as u64));
    let taken = |pages: u64, limit: Option<u32>| limit.map_or(0.0, |limit| pages as f64 / f64::from(limit));
    let of_one = taken(pages().max().unwrap_or(0), Limits::LIVE.each_list);
    of_one.max(taken(pages().sum(), Limits::LIVE.all))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_takes_as_long_as_its_longest_list_or_as_all_lists_together() {
        // 100,000 of one kind are 1,000 pages at 20 a second.
        assert!((seconds(&[100_000, 0, 3]) - 50.0).abs() < 0.1);
        // Eight times as much are 8,000 at 80.
        assert!((seconds(&[100_000; 8]) - 100.0).abs() < 0.1);
        assert!(seconds(&[]) < 0.1);
    }
}
