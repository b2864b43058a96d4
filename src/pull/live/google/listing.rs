//! What is asked of a calendar: its events page by page, the dates of its series, how much it has; and as much of the answers
//! as must be understood to go on.

use super::super::{LiveError, Post};
use super::client::{Api, Ask, Failed, Hub, body, escaped};
use super::{page, scopes};
use chrono::{DateTime, Utc};
use google_calendar3::{Delegate, Error};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The most that Google gives at once.
pub const PAGE_EVENTS: i32 = 2_500;
pub fn no_progress(what: &str) -> LiveError {
    LiveError::service(
        format!("Google gives the same page of {what} again and again"),
        "see whether base_url leads to Google; run the command again later",
    )
}

/// Where the listing of a calendar goes on, as it is kept in a part's cursor.
#[derive(Serialize, Deserialize, Default, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub page: Option<String>,
    /// Only what has changed since this token was given.
    pub sync: Option<String>,
}

/// A page of events, each as it came.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Events<'a> {
    #[serde(borrow, default)]
    pub items: Vec<&'a RawValue>,
    pub next_page_token: Option<String>,
    pub next_sync_token: Option<String>,
}

/// As much of an event as a record needs.
#[derive(Deserialize, Default)]
pub struct Head<'a> {
    #[serde(borrow)]
    pub id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub updated: Option<Cow<'a, str>>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    recurrence: Option<IgnoredAny>,
}

impl<'a> Head<'a> {
    pub fn of(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }

    pub fn is_series(&self) -> bool {
        self.recurrence.is_some() && self.status.as_deref() != Some("cancelled")
    }
}

/// All pages with the dates of one series.
pub async fn dates(
    api: &Api,
    post: &dyn Post,
    calendar: &str,
    event: &str,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<String>, LiveError> {
    let what = format!("the dates of series {event} of {calendar}");
    let mut pages = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let ask = Instances {
            calendar,
            event,
            page: token.as_deref(),
            from,
            to,
        };
        let text = match api.call(&what, post, &ask).await {
            Ok(text) => text,
            // Deleted since it was listed: the next pull tells so.
            Err(Failed::NotThere(_)) => return Ok(pages),
            Err(failed) => return Err(failed.into_live(&what)),
        };
        let next = page::<Events>(&text, "a page of the dates of a series")?.next_page_token;
        pages.push(text);
        match next {
            None => return Ok(pages),
            next if next == token => return Err(no_progress(&what)),
            next => token = next,
        }
    }
}

/// A listing of a calendar, from where it stands.
pub struct List<'a> {
    pub calendar: &'a str,
    pub cursor: &'a Cursor,
}

impl Ask for List<'_> {
    async fn send(&self, hub: &Hub, delegate: &mut dyn Delegate) -> Result<String, Error> {
        let events = hub.events();
        let mut call = events
            .list(&escaped(self.calendar))
            .show_deleted(true)
            .max_results(PAGE_EVENTS)
            .add_scope(scopes::EVENTS);
        if let Some(token) = &self.cursor.sync {
            call = call.sync_token(token);
        }
        if let Some(token) = &self.cursor.page {
            call = call.page_token(token);
        }
        body(call.delegate(delegate).doit().await).await
    }
}

struct Instances<'a> {
    calendar: &'a str,
    event: &'a str,
    page: Option<&'a str>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Ask for Instances<'_> {
    async fn send(&self, hub: &Hub, delegate: &mut dyn Delegate) -> Result<String, Error> {
        let events = hub.events();
        let mut call = events
            .instances(&escaped(self.calendar), &escaped(self.event))
            .show_deleted(true)
            .time_min(self.from)
            .time_max(self.to)
            .max_results(PAGE_EVENTS)
            .add_scope(scopes::EVENTS);
        if let Some(token) = self.page {
            call = call.page_token(token);
        }
        body(call.delegate(delegate).doit().await).await
    }
}

/// How much a calendar has.
#[derive(Default)]
pub struct Counted {
    pub events: u64,
    pub pages: u32,
    /// Events that repeat.
    pub series: u32,
    pub zone: Option<String>,
}

/// Counts the events of a calendar; fails where it cannot be read. Of an event no more is asked for than it takes.
pub async fn count(api: &Api, post: &dyn Post, calendar: &str) -> Result<Counted, LiveError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Heads<'a> {
        #[serde(borrow, default)]
        items: Vec<&'a RawValue>,
        next_page_token: Option<String>,
        time_zone: Option<String>,
    }
    let what = format!("calendar {calendar}");
    let mut counted = Counted::default();
    let mut token: Option<String> = None;
    loop {
        let ask = Count {
            calendar,
            page: token.as_deref(),
        };
        let text = api
            .call(&what, post, &ask)
            .await
            .map_err(|failed| failed.into_live(&what))?;
        let heads: Heads = page(&text, "a page of events")?;
        counted.events += heads.items.len() as u64;
        counted.pages += 1;
        let series = heads.items.iter().filter(|raw| Head::of(raw).is_series());
        counted.series += series.count() as u32;
        match heads.next_page_token {
            None => {
                counted.zone = heads.time_zone;
                return Ok(counted);
            }
            next if next == token => return Err(no_progress(&what)),
            next => token = next,
        }
    }
}

struct Count<'a> {
    calendar: &'a str,
    page: Option<&'a str>,
}

impl Ask for Count<'_> {
    async fn send(&self, hub: &Hub, delegate: &mut dyn Delegate) -> Result<String, Error> {
        let events = hub.events();
        let mut call = events
            .list(&escaped(self.calendar))
            .show_deleted(true)
            .max_results(PAGE_EVENTS)
            .param("fields", "timeZone,nextPageToken,items(id,status,recurrence)")
            .add_scope(scopes::EVENTS);
        if let Some(token) = self.page {
            call = call.page_token(token);
        }
        body(call.delegate(delegate).doit().await).await
    }
}
