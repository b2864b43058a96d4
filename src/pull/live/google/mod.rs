//! Google Calendar over its API: every event of each calendar, deleted ones too, and the single dates of series.
//!
//! The first pull lists a calendar whole; Google then gives a token by which later pulls ask for what has changed alone.
//! A token that is too old means a whole listing again. Calendars are read one after the other, in the order of their ids,
//! as their files would be: an event that stands in two belongs to the one in which it was met first.

mod auth;
mod client;
mod events;
mod listing;
mod scopes;

pub use auth::{Browser, Credential};

use super::http;
use super::retry::Patience;
use super::{Access, Length, LiveError, LiveSource, Permit, Post};
use crate::model::{Memory, SourceKind};
use auth::Tokens;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use client::{Api, Ask, Failed, Hub, body};
use events::Reading;
use google_calendar3::{Delegate, Error};
use serde::Deserialize;

/// Dates of endless series are read so far beyond the loss: nobody books further ahead.
const AHEAD_DAYS: i64 = 400;

/// Which calendars are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calendars {
    /// The credential's own.
    Own,
    Named(Vec<String>),
    /// Every one on the account's list that it may read.
    All,
}

pub struct GoogleSource {
    pub name: String,
    pub credential: Credential,
    pub calendars: Calendars,
    /// Another server, for tests; no pace is kept with it.
    pub base_url: Option<String>,
    pub learn_from: DateTime<Utc>,
    pub loss: DateTime<Utc>,
    pub patience: Patience,
}

impl LiveSource for GoogleSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> SourceKind {
        SourceKind::GoogleCalendar
    }

    fn asked(&self) -> String {
        let calendars = match &self.calendars {
            Calendars::Own => "the account's own calendar".to_owned(),
            Calendars::Named(names) => names.join(", "),
            Calendars::All => "all calendars".to_owned(),
        };
        let place = self.base_url.as_deref().unwrap_or("Google");
        format!(
            "{calendars} at {place} {}, {}",
            self.credential.words(),
            self.series_words()
        )
    }

    fn check(&self, post: &dyn Post) -> Result<Permit, LiveError> {
        http::run(self.find_out(post))
    }

    fn pull(&self, memory: &Memory, post: &dyn Post) -> Result<(), LiveError> {
        http::run(self.read(memory, post))
    }
}

impl GoogleSource {
    /// Between which moments the dates of series are read; what else is listed has no bounds.
    fn series(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.learn_from, self.loss + TimeDelta::days(AHEAD_DAYS))
    }

    fn series_words(&self) -> String {
        let (from, to) = self.series();
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!("series from {} to {}", text(from), text(to))
    }

    async fn open(&self) -> Result<Api, LiveError> {
        let tokens = Tokens::open(&self.credential).await?;
        Api::new(tokens, self.base_url.as_deref(), self.patience)
    }

    async fn read(&self, memory: &Memory, post: &dyn Post) -> Result<(), LiveError> {
        let api = self.open().await?;
        api.require_read_only(post).await?;
        let calendars = self.calendar_ids(&api, post).await?;
        let mut reading = Reading::new(self, &api, post, memory, &calendars);
        let mut failed = Vec::new();
        for calendar in &calendars {
            match reading.calendar(calendar).await {
                Ok(()) => {}
                // One that is not shared does not hide the others.
                Err(error @ LiveError::Setup { .. }) => failed.push(error),
                Err(other) => return Err(other),
            }
        }
        match failed.len() {
            0 => Ok(()),
            1 => Err(failed.remove(0)),
            several => Err(LiveError::setup(
                format!("{several} calendars cannot be read; the first: {}", failed[0]),
                failed[0].hint(),
            )),
        }
    }

    /// Sorted, as the files of an export are.
    async fn calendar_ids(&self, api: &Api, post: &dyn Post) -> Result<Vec<String>, LiveError> {
        let mut ids = match &self.calendars {
            Calendars::Named(names) => names.clone(),
            Calendars::All => listed(api, post)
                .await?
                .into_iter()
                .map(|listed| listed.id)
                .collect(),
            Calendars::Own => {
                if matches!(self.credential, Credential::ServiceAccount { subject: None, .. }) {
                    return Err(LiveError::setup(
                        "a service account's own calendar is empty",
                        "name the calendars that are shared with it: calendars = [\"…@group.calendar.google.com\"], or name \
                         whom it acts for: subject = \"somebody@business.example\"",
                    ));
                }
                let answer = api.call("the account's own calendar", post, &Primary).await;
                let text = answer.map_err(|failed| failed.into_live("the account's own calendar"))?;
                vec![page::<Listed>(&text, "its own calendar")?.id]
            }
        };
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    async fn find_out(&self, post: &dyn Post) -> Result<Permit, LiveError> {
        let api = self.open().await?;
        let client::Known {
            who,
            granted,
            server_time,
        } = api.require_read_only(post).await?;
        let mut notes = Vec::new();
        match granted {
            Some(granted) if granted.may_list => {
                let listed = listed(&api, post).await?;
                let names: Vec<&str> = listed.iter().map(|calendar| calendar.id.as_str()).collect();
                let calendars = if names.len() == 1 { "calendar" } else { "calendars" };
                notes.push(format!(
                    "it may read {} {calendars}: {}",
                    names.len(),
                    names.join(", ")
                ));
            }
            Some(_) => notes.push("it may not list calendars: name them in `calendars`".to_owned()),
            None => notes.push("this server does not tell what the token may do".to_owned()),
        }
        let (mut records, mut pages, mut series, mut zones) = (0, 0, 0, Vec::new());
        for calendar in self.calendar_ids(&api, post).await? {
            let counted = listing::count(&api, post, &calendar).await?;
            records += counted.events;
            pages += counted.pages;
            series += counted.series;
            zones.extend(counted.zone.map(|zone| (calendar, zone)));
        }
        if series > 0 {
            notes.push(format!(
                "{series} of the events repeat: their single dates are read besides"
            ));
        }
        Ok(Permit {
            who,
            access: if granted.is_some() {
                Access::ReadOnly
            } else {
                Access::NotTold
            },
            notes,
            records: Some(records),
            // A page of events takes Google about a second; the dates of each series are a request.
            length: Some(Length::AtTheLimit(
                f64::from(pages) + f64::from(series) / f64::from(client::REQUESTS_PER_SECOND),
            )),
            server_time,
            zones,
        })
    }
}

/// A calendar on the account's list.
#[derive(Deserialize)]
struct Listed {
    id: String,
}

fn page<'a, T: Deserialize<'a>>(text: &'a str, what: &str) -> Result<T, LiveError> {
    serde_json::from_str(text).map_err(|error| {
        LiveError::service(
            format!("Google answered with something that is not {what} ({error})"),
            "see whether base_url leads to Google; run the command again later",
        )
    })
}

async fn listed(api: &Api, post: &dyn Post) -> Result<Vec<Listed>, LiveError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Lists {
        #[serde(default)]
        items: Vec<Listed>,
        next_page_token: Option<String>,
    }
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let ask = CalendarList {
            page: token.as_deref(),
        };
        let text = api
            .call("the list of calendars", post, &ask)
            .await
            .map_err(|failed| match failed {
                Failed::NotThere(words) => LiveError::setup(
                    format!("the token may not list calendars: {words}"),
                    "give it calendar.calendarlist.readonly too, or name them: calendars = [\"…\"]",
                ),
                other => other.into_live("the list of calendars"),
            })?;
        let lists: Lists = page(&text, "a list of calendars")?;
        all.extend(lists.items);
        match lists.next_page_token {
            None => return Ok(all),
            next if next == token => return Err(listing::no_progress("the list of calendars")),
            next => token = next,
        }
    }
}

struct Primary;

impl Ask for Primary {
    async fn send(&self, hub: &Hub, delegate: &mut dyn Delegate) -> Result<String, Error> {
        let list = hub.calendar_list();
        let call = list.get("primary").add_scope(scopes::LIST);
        body(call.delegate(delegate).doit().await).await
    }
}

struct CalendarList<'a> {
    page: Option<&'a str>,
}

impl Ask for CalendarList<'_> {
    async fn send(&self, hub: &Hub, delegate: &mut dyn Delegate) -> Result<String, Error> {
        let list = hub.calendar_list();
        let mut call = list
            .list()
            .max_results(250)
            .min_access_role("reader")
            .show_hidden(true)
            .add_scope(scopes::LIST);
        if let Some(token) = self.page {
            call = call.page_token(token);
        }
        body(call.delegate(delegate).doit().await).await
    }
}
