//! Google Calendar's read calls, written to its API reference: paging, sync tokens, deleted events, series, tokens.

use super::{Reply, Request, pairs};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const LIST: [&str; 7] = [
    "alt",
    "fields",
    "showDeleted",
    "maxResults",
    "pageToken",
    "syncToken",
    "singleEvents",
];
const INSTANCES: [&str; 6] = [
    "alt",
    "showDeleted",
    "maxResults",
    "pageToken",
    "timeMin",
    "timeMax",
];

#[derive(Debug, Clone)]
struct Event {
    id: String,
    json: String,
    is_deleted: bool,
    /// The change of the calendar that it is.
    version: usize,
}

#[derive(Default)]
struct Calendar {
    events: Vec<Event>,
    instances: BTreeMap<String, Vec<String>>,
    version: usize,
}

pub struct World {
    /// Token to its scopes.
    pub tokens: BTreeMap<String, String>,
    calendars: BTreeMap<String, Calendar>,
    /// The server's own limit for a page.
    pub page_max: usize,
    /// Sync tokens given before this change are too old.
    pub oldest_sync: usize,
    /// What the token endpoint gives for an assertion or a code.
    pub given: String,
}

#[derive(Clone)]
pub struct Google(pub Arc<Mutex<World>>);

pub const READ: &str = "https://www.googleapis.com/auth/calendar.events.readonly \
                        https://www.googleapis.com/auth/calendar.calendarlist.readonly";

impl Google {
    pub fn with_token(token: &str) -> Self {
        Self(Arc::new(Mutex::new(World {
            tokens: BTreeMap::from([(token.to_owned(), READ.to_owned())]),
            calendars: BTreeMap::new(),
            page_max: 2_500,
            oldest_sync: 0,
            given: token.to_owned(),
        })))
    }

    pub fn lock(&self) -> std::sync::MutexGuard<'_, World> {
        self.0.lock().expect("the world")
    }

    /// Adds or changes an event by what stands in it.
    pub fn put(&self, calendar: &str, json: &str) {
        #[derive(serde::Deserialize)]
        struct Head {
            id: String,
            status: Option<String>,
        }
        let head: Head = serde_json::from_str(json).expect("an event");
        let mut world = self.lock();
        let calendar = world.calendars.entry(calendar.to_owned()).or_default();
        calendar.version += 1;
        calendar.events.retain(|known| known.id != head.id);
        calendar.events.push(Event {
            id: head.id,
            json: json.to_owned(),
            is_deleted: head.status.as_deref() == Some("cancelled"),
            version: calendar.version,
        });
    }

    /// Adds an event that is not deleted, without a look for another of its id.
    pub fn put_quickly(&self, calendar: &str, id: &str, json: String) {
        let mut world = self.lock();
        let calendar = world.calendars.entry(calendar.to_owned()).or_default();
        calendar.version += 1;
        calendar.events.push(Event {
            id: id.to_owned(),
            json,
            is_deleted: false,
            version: calendar.version,
        });
    }

    /// The single dates of a series.
    pub fn dates(&self, calendar: &str, series: &str, dates: &[&str]) {
        let mut world = self.lock();
        let calendar = world.calendars.entry(calendar.to_owned()).or_default();
        let dates = dates.iter().map(|&date| date.to_owned()).collect();
        calendar.instances.insert(series.to_owned(), dates);
    }

    pub fn forget(&self, calendar: &str, id: &str) {
        if let Some(calendar) = self.lock().calendars.get_mut(calendar) {
            calendar.events.retain(|known| known.id != id);
        }
    }

    pub fn answer(&self, request: &Request) -> Reply {
        self.lock().answer(request).unwrap_or_else(|refused| refused)
    }
}

fn refused(code: u16, reason: &str, message: &str) -> Reply {
    let body = serde_json::json!({"error": {"code": code, "message": message,
        "errors": [{"domain": "global", "reason": reason, "message": message}]}});
    Reply::json(code, body.to_string())
}

impl World {
    fn answer(&self, request: &Request) -> Result<Reply, Reply> {
        if request.path == "/token" && request.method == "POST" {
            return Ok(self.token(request));
        }
        if request.method != "GET" {
            return Err(refused(405, "methodNotAllowed", "this server is only read"));
        }
        if request.path == "/tokeninfo" {
            let scopes = request
                .get("access_token")
                .and_then(|token| self.tokens.get(token));
            return Ok(match scopes {
                Some(scope) => {
                    let body = serde_json::json!({"scope": scope, "expires_in": "3599", "email": "desk@hire.example"});
                    Reply::json(200, body.to_string())
                }
                None => Reply::json(400, br#"{"error":"invalid_token"}"#.to_vec()),
            });
        }
        let token = request
            .header("authorization")
            .and_then(|text| text.strip_prefix("Bearer "));
        if !token.is_some_and(|token| self.tokens.contains_key(token)) {
            return Err(refused(401, "authError", "Invalid Credentials"));
        }
        let path = request.path.strip_prefix("/calendar/v3/").unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["users", "me", "calendarList"] => Ok(self.calendar_list()),
            ["users", "me", "calendarList", "primary"] => {
                let first = self.calendars.keys().next().cloned().unwrap_or_default();
                Ok(Reply::json(
                    200,
                    serde_json::json!({"kind": "calendar#calendarListEntry", "id": first}).to_string(),
                ))
            }
            ["calendars", id, "events"] => self.list(request, self.calendar(id)?),
            ["calendars", id, "events", series, "instances"] => {
                known_only(request, &INSTANCES)?;
                let calendar = self.calendar(id)?;
                let dates = calendar
                    .instances
                    .get(*series)
                    .ok_or_else(|| refused(404, "notFound", "Not Found"))?;
                let items: Vec<&str> = dates.iter().map(String::as_str).collect();
                self.dates_page(request, &items)
            }
            _ => Err(refused(404, "notFound", "Not Found")),
        }
    }

    fn calendar(&self, id: &str) -> Result<&Calendar, Reply> {
        self.calendars
            .get(id)
            .ok_or_else(|| refused(404, "notFound", "Not Found"))
    }

    fn calendar_list(&self) -> Reply {
        let items: Vec<_> = self
            .calendars
            .keys()
            .map(|id| serde_json::json!({"kind": "calendar#calendarListEntry", "id": id, "accessRole": "reader"}))
            .collect();
        Reply::json(
            200,
            serde_json::json!({"kind": "calendar#calendarList", "items": items}).to_string(),
        )
    }

    fn list(&self, request: &Request, calendar: &Calendar) -> Result<Reply, Reply> {
        known_only(request, &LIST)?;
        let since = match request.get("syncToken") {
            None => 0,
            Some(token) => {
                let since = token.strip_prefix("sync-").and_then(|text| text.parse().ok());
                let since: usize =
                    since.ok_or_else(|| refused(400, "invalid", "Invalid sync token value."))?;
                if since < self.oldest_sync {
                    return Err(refused(
                        410,
                        "fullSyncRequired",
                        "Sync token is no longer valid, a full sync is required.",
                    ));
                }
                since
            }
        };
        let shows_deleted = request.get("showDeleted") == Some("true") || since > 0;
        // A page begins behind a change, so what is changed meanwhile comes on a later one.
        let since = since.max(place(request)?);
        let limit = self.limit(request)?;
        let mut behind = calendar
            .events
            .iter()
            .filter(|event| event.version > since && (shows_deleted || !event.is_deleted));
        let shown: Vec<&Event> = behind.by_ref().take(limit).collect();
        let next = match (behind.next(), shown.last()) {
            (Some(_), Some(last)) => format!(r#","nextPageToken":"page-{}""#, last.version),
            _ => format!(r#","nextSyncToken":"sync-{}""#, calendar.version),
        };
        let items: Vec<&str> = shown.iter().map(|event| event.json.as_str()).collect();
        Ok(events(&items, &next))
    }

    fn limit(&self, request: &Request) -> Result<usize, Reply> {
        match request.get("maxResults").map(str::parse::<usize>) {
            None => Ok(250.min(self.page_max)),
            Some(Ok(limit @ 1..=2_500)) => Ok(limit.min(self.page_max)),
            Some(_) => Err(refused(400, "invalid", "maxResults")),
        }
    }

    /// A page of the dates of a series.
    fn dates_page(&self, request: &Request, items: &[&str]) -> Result<Reply, Reply> {
        let (start, limit) = (place(request)?, self.limit(request)?);
        let shown = &items[start.min(items.len())..items.len().min(start + limit)];
        let end = start + shown.len();
        let next = if end < items.len() {
            format!(r#","nextPageToken":"page-{end}""#)
        } else {
            String::new()
        };
        Ok(events(shown, &next))
    }

    /// The token endpoint: a signed assertion, a code or a refresh token for a token. Source: RFC 7523 and 6749.
    fn token(&self, request: &Request) -> Reply {
        let form = pairs(&String::from_utf8_lossy(&request.body));
        let has = |key: &str| {
            form.iter()
                .any(|(known, value)| known == key && !value.is_empty())
        };
        if !has("grant_type") || !(has("assertion") || has("code") || has("refresh_token")) {
            return Reply::json(400, br#"{"error":"invalid_request"}"#.to_vec());
        }
        let body = serde_json::json!({"access_token": self.given, "expires_in": 3599, "token_type": "Bearer",
            "refresh_token": "1//hush-refresh"});
        Reply::json(200, body.to_string())
    }
}

/// The number in a page token; 0 without one.
fn place(request: &Request) -> Result<usize, Reply> {
    let Some(token) = request.get("pageToken") else {
        return Ok(0);
    };
    let number = token.strip_prefix("page-").and_then(|text| text.parse().ok());
    number.ok_or_else(|| refused(400, "invalid", "Invalid page token value."))
}

fn events(items: &[&str], next: &str) -> Reply {
    let body = format!(
        "{{\n \"kind\": \"calendar#events\",\n \"timeZone\": \"Europe/London\",\n \"accessRole\": \"reader\",\n \"items\": [{}]{next}\n}}",
        items.join(",\n  ")
    );
    Reply::json(200, body)
}

fn known_only(request: &Request, known: &[&str]) -> Result<(), Reply> {
    match request
        .query
        .iter()
        .find(|(key, _)| !known.contains(&key.as_str()))
    {
        Some((key, _)) => Err(refused(
            400,
            "invalidParameter",
            &format!("unknown parameter {key}"),
        )),
        None => Ok(()),
    }
}

/// The events of a page of `events.list`, each as it stands there.
pub fn events_in(text: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        items: Vec<&'a RawValue>,
    }
    let page: Page<'_> = serde_json::from_str(text).expect("a page of events");
    page.items.iter().map(|raw| raw.get().to_owned()).collect()
}
