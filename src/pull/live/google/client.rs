//! Calls of google-calendar3 through the guard, each asked again where that helps; the answer is kept as it came.
//!
//! The crate's types lose a time's offset, and a page with one odd event is lost whole. So what is kept is the body, and the
//! page is cut by `serde_json` alone.

use super::super::guard::is_private;
use super::super::http::{self, Connector, USER_AGENT};
use super::super::retry::{Fault, Patience, retry_after, with_patience};
use super::super::{LiveError, Post, Secret};
use super::auth::Tokens;
use super::scopes;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use google_calendar3::common::{self, Body, Delegate, Response, Retry};
use google_calendar3::{CalendarHub, Error};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use serde::Deserialize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

const BASE_URL: &str = "https://www.googleapis.com";
const TOKENINFO: &str = "https://oauth2.googleapis.com/tokeninfo";
/// Google allows 600 requests a minute for each user.
pub const REQUESTS_PER_SECOND: u32 = 9;

pub type Hub = CalendarHub<Connector>;

pub struct Api {
    http: Client<Connector, Body>,
    plain: Client<Connector, Empty<Bytes>>,
    tokens: Tokens,
    token: tokio::sync::Mutex<Option<Secret>>,
    base: Option<String>,
    patience: Patience,
    pace: Option<tokio::sync::Mutex<Interval>>,
}

/// Why a call was not answered as it should be.
#[derive(Debug)]
pub enum Failed {
    Live(LiveError),
    /// The cursor is too old or not known; a full pull is needed. HTTP 410, or 400 with a cursor.
    CursorGone(String),
    /// No permission, or not there: in Google's words.
    NotThere(String),
}

impl From<LiveError> for Failed {
    fn from(error: LiveError) -> Self {
        Self::Live(error)
    }
}

impl Failed {
    pub fn into_live(self, what: &str) -> LiveError {
        match self {
            Self::Live(error) => error,
            Self::CursorGone(words) => LiveError::service(
                format!("Google does not give {what}: {words}"),
                "run the command again; what was read before is kept",
            ),
            Self::NotThere(words) => LiveError::setup(
                format!("{what} cannot be read: {words}"),
                "share the calendar with this account (See all event details), or correct `calendars`",
            ),
        }
    }
}

/// What is known of a token that can only read.
#[derive(Default)]
pub struct Known {
    pub who: String,
    /// None: the server does not tell.
    pub granted: Option<scopes::Granted>,
    pub server_time: Option<DateTime<Utc>>,
}

/// What Google says of a token.
pub enum TokenInfo {
    Told {
        scopes: String,
        email: String,
        server_time: Option<DateTime<Utc>>,
    },
    /// This server does not tell; Google's own always does.
    NotTold,
}

impl Api {
    /// Within the runtime alone.
    pub fn new(tokens: Tokens, base: Option<&str>, patience: Patience) -> Result<Self, LiveError> {
        let pace = base.is_none().then(|| {
            let mut ticks = interval(Duration::from_secs(1) / REQUESTS_PER_SECOND);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            tokio::sync::Mutex::new(ticks)
        });
        Ok(Self {
            http: http::client(None)?,
            plain: http::client(None)?,
            tokens,
            token: tokio::sync::Mutex::default(),
            base: base.map(http::base_url).transpose()?,
            patience,
            pace,
        })
    }

    async fn token(&self) -> Result<Secret, LiveError> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref() {
            return Ok(token.clone());
        }
        let token = self.tokens.token(false).await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    async fn renew(&self, spent: &Secret) -> Result<(), LiveError> {
        let mut kept = self.token.lock().await;
        // Somebody else may have renewed it meanwhile.
        if kept.as_ref().is_none_or(|token| token.expose() == spent.expose()) {
            *kept = Some(self.tokens.token(true).await?);
        }
        Ok(())
    }

    fn hub(&self, token: &Secret) -> Hub {
        let mut hub = CalendarHub::new(self.http.clone(), token.expose().to_owned());
        hub.user_agent(USER_AGENT.to_owned());
        let base = self.base.as_deref().unwrap_or(BASE_URL);
        hub.base_url(format!("{base}/calendar/v3/"));
        hub
    }

    /// One call, again and again while that helps; the body as it came. `what` completes "could not read …".
    pub async fn call(&self, what: &str, post: &dyn Post, ask: &impl Ask) -> Result<String, Failed> {
        let has_renewed = AtomicBool::new(false);
        let attempt = || async {
            if let Some(pace) = &self.pace {
                pace.lock().await.tick().await;
            }
            let token = self.token().await.map_err(|error| Fault::Lasting(error.into()))?;
            let hub = self.hub(&token);
            let heard = Mutex::default();
            let mut delegate = Listening { post, heard: &heard };
            let answer = timeout(self.patience.answer_wait, ask.send(&hub, &mut delegate)).await;
            let heard = heard.into_inner().unwrap_or_default();
            match answer {
                Err(_) => Err(Fault::passing(http::too_slow(self.patience.answer_wait))),
                Ok(Ok(body)) => Ok(body),
                Ok(Err(error)) => match judge(error, &heard) {
                    Judged::TokenSpent(words) => {
                        if has_renewed.swap(true, Ordering::Relaxed) {
                            return Err(Fault::Lasting(Failed::Live(refused(&token.redact(&words)))));
                        }
                        self.renew(&token)
                            .await
                            .map_err(|error| Fault::Lasting(error.into()))?;
                        Err(Fault::Passing {
                            words,
                            after: Some(Duration::ZERO),
                        })
                    }
                    Judged::Body(body) => Ok(body),
                    Judged::Fault(fault) => Err(fault),
                },
            }
        };
        with_patience(self.patience, post, what, attempt).await
    }

    /// Asks what the token may do.
    pub async fn token_info(&self, post: &dyn Post) -> Result<TokenInfo, LiveError> {
        #[derive(Deserialize)]
        struct Info {
            #[serde(default)]
            scope: String,
            #[serde(default)]
            email: String,
        }
        let token = self.token().await?;
        let place = self
            .base
            .as_ref()
            .map_or_else(|| TOKENINFO.to_owned(), |base| format!("{base}/tokeninfo"));
        let attempt = || async {
            let url: hyper::Uri = format!("{place}?access_token={}", escaped(token.expose()))
                .parse()
                .map_err(|_| Fault::Lasting(LiveError::bug("an address of tokeninfo that is none")))?;
            debug_assert!(is_private(&url), "the token goes through TLS");
            let request = Request::get(url)
                .body(Empty::new())
                .map_err(|_| Fault::Lasting(LiveError::bug("a request that is none")))?;
            let answer = http::get(&self.plain, request, self.patience.answer_wait).await?;
            match answer.status {
                StatusCode::OK => serde_json::from_slice::<Info>(&answer.body)
                    .map(|info| TokenInfo::Told {
                        scopes: info.scope,
                        email: info.email,
                        server_time: answer.time(),
                    })
                    .map_err(|error| {
                        Fault::passing(format!("what Google says of the token is not JSON: {error}"))
                    }),
                StatusCode::NOT_FOUND if self.base.is_some() => Ok(TokenInfo::NotTold),
                status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                    Err(Fault::Passing {
                        words: format!("HTTP {}", status.as_u16()),
                        after: retry_after(&answer.headers, post),
                    })
                }
                status => Err(Fault::Lasting(refused(&format!("HTTP {}", status.as_u16())))),
            }
        };
        with_patience(self.patience, post, "what Google says of the token", attempt).await
    }

    /// Refuses a token that can write; says whom it stands for and whether it may list calendars.
    pub async fn require_read_only(&self, post: &dyn Post) -> Result<Known, LiveError> {
        match self.token_info(post).await? {
            TokenInfo::Told {
                scopes,
                email,
                server_time,
            } => Ok(Known {
                who: email,
                granted: Some(scopes::judge(&scopes)?),
                server_time,
            }),
            TokenInfo::NotTold => Ok(Known::default()),
        }
    }
}

/// A call of the crate, made anew for each attempt.
pub trait Ask {
    fn send(
        &self,
        hub: &Hub,
        delegate: &mut dyn Delegate,
    ) -> impl Future<Output = Result<String, Error>> + Send;
}

/// The body of an answer, whatever the crate made of it.
pub async fn body<T>(answer: common::Result<(Response, T)>) -> Result<String, Error> {
    let (response, _) = answer?;
    let bytes = response
        .into_body()
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let text = bytes
        .ok()
        .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    // Unreachable: the body is in memory, and was text enough to be decoded.
    Ok(text.unwrap_or_default())
}

/// What the head of a failed answer said, which the crate's errors leave out.
#[derive(Default)]
struct Heard {
    status: u16,
    after: Option<Duration>,
}

/// Listens to what the crate passes by; it never lets the crate ask again by itself.
struct Listening<'a> {
    post: &'a dyn Post,
    heard: &'a Mutex<Heard>,
}

impl Delegate for Listening<'_> {
    fn http_failure(&mut self, response: &Response, _: Option<&serde_json::Value>) -> Retry {
        if let Ok(mut heard) = self.heard.lock() {
            *heard = Heard {
                status: response.status().as_u16(),
                after: retry_after(response.headers(), self.post),
            };
        }
        Retry::Abort
    }
}

enum Judged {
    Fault(Fault<Failed>),
    TokenSpent(String),
    /// The crate could not decode it, but it is an answer.
    Body(String),
}

fn judge(error: Error, heard: &Heard) -> Judged {
    let after = heard.after;
    let passing = |words: String| Judged::Fault(Fault::Passing { words, after });
    match error {
        Error::HttpError(error) => Judged::Fault(http::no_answer(&error).into()),
        Error::JsonDecodeError(text, error) => {
            if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() {
                return Judged::Body(text);
            }
            passing(format!("the answer is not whole JSON: {error}"))
        }
        Error::BadRequest(value) => {
            let told = &value["error"];
            let code = heard.status;
            let message = told["message"].as_str().unwrap_or("no reason given");
            let reason = told["errors"][0]["reason"].as_str().unwrap_or_default();
            by_status(code, reason, &format!("HTTP {code}, {message}"), after)
        }
        Error::Failure(response) => {
            let code = response.status().as_u16();
            by_status(code, "", &format!("HTTP {code}"), after)
        }
        Error::Io(error) => passing(error.to_string()),
        other => Judged::Fault(Fault::Lasting(Failed::Live(LiveError::bug(format!(
            "a call that Google's crate does not make: {}",
            match other {
                Error::FieldClash(field) => field,
                Error::Cancelled => "cancelled",
                _ => "no credential",
            }
        ))))),
    }
}

/// Source: Google's guide to handling errors of the Calendar API.
fn by_status(code: u16, reason: &str, words: &str, after: Option<Duration>) -> Judged {
    let is_limit = ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"].contains(&reason);
    match code {
        401 => Judged::TokenSpent(words.to_owned()),
        403 if is_limit => Judged::Fault(Fault::Passing {
            words: words.to_owned(),
            after,
        }),
        408 | 429 | 500.. => Judged::Fault(Fault::Passing {
            words: words.to_owned(),
            after,
        }),
        400 | 410 => Judged::Fault(Fault::Lasting(Failed::CursorGone(words.to_owned()))),
        403 | 404 => Judged::Fault(Fault::Lasting(Failed::NotThere(words.to_owned()))),
        _ => Judged::Fault(Fault::Lasting(Failed::Live(LiveError::service(
            format!("Google refused the request: {words}"),
            "run the command again later; what was read before is kept",
        )))),
    }
}

fn refused(words: &str) -> LiveError {
    LiveError::setup(
        format!("Google does not take the token: {words}"),
        "get a new one; a token lives for an hour, so name a command that prints a fresh one",
    )
}

/// For a place in a URL: everything but letters, digits and what is never special.
pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use google_calendar3::api::Event;
    use std::io::Read;
    use std::net::TcpListener;

    /// The crate can write. Told to, it gets an error, and the server not one byte.
    #[test]
    fn the_guard_stands_inside_the_crates_own_client() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut received = Vec::new();
            let _ = stream.read_to_end(&mut received);
            received
        });
        let outcome = http::run(async {
            let mut hub: Hub = CalendarHub::new(http::client(None)?, "ya29.hush".to_owned());
            hub.base_url(format!("{url}/calendar/v3/"));
            let call = hub
                .events()
                .insert(Event::default(), "desk@hire.example")
                .add_scope(scopes::EVENTS);
            Ok(call.doit().await.map(|_| ()))
        });
        let error = outcome.expect("it runs").expect_err("a write is refused");
        assert!(matches!(error, Error::HttpError(_)), "{error}");
        let Judged::Fault(Fault::Lasting(Failed::Live(bug))) = judge(error, &Heard::default()) else {
            panic!("it is worth no other attempt");
        };
        assert!(bug.to_string().contains("read-only guard"), "{bug}");
        assert_eq!(server.join().expect("the server"), b"");
    }
}
