//! A client for the requests of async-stripe that can only GET, keeps connections open, and keeps what came.
//!
//! The crate's own client opens a connection for each request and does not hear Retry-After. And what it makes of a page
//! is all or nothing: one object of a shape it does not know loses a hundred. So the page is kept as it came, and of its
//! content no more is decoded than that it is a list.

use super::super::http::{self, Connector, USER_AGENT};
use super::super::retry::{Fault, Patience, retry_after, with_patience};
use super::super::{LiveError, Post, Secret};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::Empty;
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT as USER_AGENT_FIELD};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use serde::Deserialize;
use std::fmt::Display;
use std::sync::Mutex;
use std::time::Duration;
use stripe_client_core::{
    AccountId, CustomizedStripeRequest, RequestBuilder, StripeClient, StripeClientErr, StripeMethod, VERSION,
};
use tokio::time::{Interval, MissedTickBehavior, interval};

pub struct Api {
    http: Client<Connector, Empty<Bytes>>,
    /// Without the slash at its end.
    base: String,
    key: Secret,
    patience: Patience,
    pace: Pace,
    server_time: Mutex<Option<DateTime<Utc>>>,
}

/// Requests a second, by Stripe's documentation of its limits; None: as fast as it goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    pub each_list: Option<u32>,
    pub all: Option<u32>,
}

impl Limits {
    /// 25 a second for each endpoint and 100 in all, and somebody else may be using the account.
    pub const LIVE: Self = Self {
        each_list: Some(20),
        all: Some(80),
    };
    /// 25 a second in all.
    pub const SANDBOX: Self = Self {
        each_list: Some(20),
        all: Some(20),
    };
}

struct Pace {
    all: Option<tokio::sync::Mutex<Interval>>,
    each: Vec<(&'static str, tokio::sync::Mutex<Interval>)>,
}

/// The lists that have a limit of their own.
const PATHS: [&str; 8] = [
    "/charges",
    "/payment_intents",
    "/customers",
    "/checkout/sessions",
    "/refunds",
    "/invoices",
    "/balance_transactions",
    "/disputes",
];

impl Pace {
    fn new(limits: Limits) -> Self {
        let ticking = |per_second: u32| {
            let mut ticks = interval(Duration::from_secs(1) / per_second);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            tokio::sync::Mutex::new(ticks)
        };
        Self {
            all: limits.all.map(ticking),
            each: limits
                .each_list
                .into_iter()
                .flat_map(|limit| PATHS.map(|path| (path, ticking(limit))))
                .collect(),
        }
    }

    async fn turn(&self, path: &str) {
        if let Some((_, ticks)) = self.each.iter().find(|(known, _)| *known == path) {
            ticks.lock().await.tick().await;
        }
        if let Some(ticks) = &self.all {
            ticks.lock().await.tick().await;
        }
    }
}

/// Why a request was not answered as it should be.
#[derive(Debug)]
pub enum Failed {
    Live(LiveError),
    /// The key has no permission for it; in Stripe's words.
    NotPermitted(String),
    /// Stripe does not know the object that the page begins after.
    CursorGone,
}

impl From<LiveError> for Failed {
    fn from(error: LiveError) -> Self {
        Self::Live(error)
    }
}

impl StripeClientErr for Failed {
    fn deserialize_err(words: impl Display) -> Self {
        Self::Live(LiveError::service(
            format!("Stripe answered with something that is no list ({words})"),
            "see whether base_url leads to Stripe; run the command again later",
        ))
    }
}

/// As much of a page as must be right for it to be one.
#[derive(miniserde::Deserialize)]
struct Skim {
    has_more: bool,
}

impl Api {
    /// Within the runtime alone.
    pub fn new(base: String, key: Secret, patience: Patience, limits: Limits) -> Result<Self, LiveError> {
        Ok(Self {
            http: http::client(None)?,
            base,
            key,
            patience,
            pace: Pace::new(limits),
            server_time: Mutex::default(),
        })
    }

    /// What the server's clock showed last.
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        self.server_time.lock().ok().and_then(|time| *time)
    }

    /// The address of an object, for people.
    pub fn address(&self, path: &str) -> String {
        format!("{}/v1{path}", self.base)
    }

    /// One page as it came, and whether more stands behind it. `account` is a connected one, or "".
    pub async fn page(
        &self,
        request: RequestBuilder,
        account: &str,
        post: &dyn Post,
    ) -> Result<(Bytes, bool), Failed> {
        let call = Call {
            api: self,
            post,
            kept: Mutex::default(),
        };
        let mut request = request.customize::<Skim>();
        if !account.is_empty() {
            request = request.account_id(AccountId::from(account.to_owned()));
        }
        let skim = request.send(&call).await?;
        let kept = call.kept.into_inner().unwrap_or_default();
        Ok((kept, skim.has_more))
    }

    async fn attempt(&self, request: &Sent, post: &dyn Post) -> Result<Bytes, Fault<Failed>> {
        self.pace.turn(&request.path).await;
        let answer = http::get(
            &self.http,
            self.request(request)
                .map_err(|error| Fault::Lasting(error.into()))?,
            self.patience.answer_wait,
        )
        .await?;
        if let Ok(mut time) = self.server_time.lock() {
            *time = answer.time();
        }
        if answer.status == StatusCode::OK {
            // A page that was cut short is asked for again.
            return match serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body) {
                Ok(_) => Ok(answer.body),
                Err(error) => Err(Fault::passing(format!("the answer is not whole JSON: {error}"))),
            };
        }
        let told = Told::of(&answer.body);
        let words = self.key.redact(&told.words(answer.status));
        let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let passes = match header("stripe-should-retry") {
            Some("true") => true,
            Some("false") => false,
            _ => {
                answer.status.is_server_error()
                    || [
                        StatusCode::TOO_MANY_REQUESTS,
                        StatusCode::REQUEST_TIMEOUT,
                        StatusCode::CONFLICT,
                    ]
                    .contains(&answer.status)
            }
        };
        if passes {
            return Err(Fault::Passing {
                words,
                after: retry_after(&answer.headers, post),
            });
        }
        Err(Fault::Lasting(refusal(answer.status, &told, words)))
    }

    fn request(&self, request: &Sent) -> Result<Request<Empty<Bytes>>, LiveError> {
        let query = request.query.as_deref().unwrap_or_default();
        let url = format!("{}?{query}", self.address(&request.path));
        let not_a_header = || LiveError::setup("the Stripe key holds something that is no part of a key", "");
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", self.key.expose())).map_err(|_| not_a_header())?;
        bearer.set_sensitive(true);
        let mut sent = Request::get(url)
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT_FIELD, USER_AGENT)
            .header("stripe-version", VERSION.as_str());
        if let Some(account) = &request.account {
            sent = sent.header("stripe-account", account.as_str());
        }
        sent.body(Empty::new())
            .map_err(|error| LiveError::bug(format!("a request that is none: {error}")))
    }
}

/// What is needed to send a request, and to send it again.
struct Sent {
    path: String,
    query: Option<String>,
    account: Option<AccountId>,
}

/// One request through async-stripe, and what came.
struct Call<'a> {
    api: &'a Api,
    post: &'a dyn Post,
    kept: Mutex<Bytes>,
}

impl StripeClient for Call<'_> {
    type Err = Failed;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Failed> {
        let (request, overrides) = request.into_pieces();
        if !matches!(request.method, StripeMethod::Get) || request.body.is_some() {
            return Err(Failed::Live(LiveError::bug(
                "a request to Stripe that would write",
            )));
        }
        let sent = Sent {
            path: request.path,
            query: request.query,
            account: overrides.account_id,
        };
        let what = format!(
            "{} from Stripe",
            sent.path.trim_start_matches('/').replace('_', " ")
        );
        let attempt = || self.api.attempt(&sent, self.post);
        let bytes = with_patience(self.api.patience, self.post, &what, attempt).await?;
        if let Ok(mut kept) = self.kept.lock() {
            *kept = bytes.clone();
        }
        Ok(bytes)
    }
}

fn refusal(status: StatusCode, told: &Told, words: String) -> Failed {
    let is_gone = told.code == "resource_missing" && told.param == "starting_after";
    match status {
        _ if is_gone => Failed::CursorGone,
        StatusCode::UNAUTHORIZED => Failed::Live(LiveError::setup(
            format!("Stripe does not take the key: {words}"),
            "see whether it was revoked or has expired, and make a new restricted key",
        )),
        StatusCode::FORBIDDEN => Failed::NotPermitted(words),
        _ => Failed::Live(LiveError::service(
            format!("Stripe refused the request: {words}"),
            "see the account in the Dashboard; what was read before is kept",
        )),
    }
}

/// What Stripe says of a failure.
#[derive(Default)]
struct Told {
    message: String,
    code: String,
    param: String,
}

impl Told {
    fn of(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Envelope {
            error: Inner,
        }
        #[derive(Deserialize)]
        struct Inner {
            message: Option<String>,
            code: Option<String>,
            param: Option<String>,
        }
        serde_json::from_slice::<Envelope>(body).map_or_else(
            |_| Self::default(),
            |envelope| Self {
                message: envelope.error.message.unwrap_or_default(),
                code: envelope.error.code.unwrap_or_default(),
                param: envelope.error.param.unwrap_or_default(),
            },
        )
    }

    fn words(&self, status: StatusCode) -> String {
        if self.message.is_empty() {
            return format!("HTTP {}", status.as_u16());
        }
        format!("HTTP {}, {}", status.as_u16(), self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Page;
    use std::net::TcpListener;
    use std::time::Instant;
    use stripe_client_core::RequestBuilder;

    struct Nobody;

    impl Post for Nobody {
        fn keep(&self, _: Page) -> Result<(), LiveError> {
            Ok(())
        }

        fn expect(&self, _: u64) {}

        fn is_cancelled(&self) -> bool {
            false
        }

        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn chance(&self) -> f64 {
            0.0
        }
    }

    /// The crate can write. Told to, it gets an error, and the server not even a connection.
    #[test]
    fn a_request_that_would_write_is_not_sent() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a listener");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let outcome = http::run(async {
            let key = Secret::new("rk_live_hush");
            let api = Api::new(url, key, Patience::default(), Limits::default())?;
            let request = RequestBuilder::new(StripeMethod::Post, "/refunds");
            match api.page(request, "", &Nobody).await {
                Err(Failed::Live(error)) => Err(error),
                _ => Ok(()),
            }
        });
        let error = outcome.expect_err("a write is refused");
        assert!(error.to_string().contains("would write"), "{error}");
        assert!(listener.accept().is_err(), "somebody knocked");
    }

    #[test]
    fn no_more_is_asked_in_a_second_than_is_allowed() {
        let taken = |limits, paths: &[&'static str]| {
            let begun = http::run(async {
                let pace = Pace::new(limits);
                let begun = Instant::now();
                for path in paths {
                    pace.turn(path).await;
                }
                Ok(begun)
            });
            begun.expect("it runs").elapsed()
        };
        let limits = |each_list, all| Limits {
            each_list: Some(each_list),
            all: Some(all),
        };
        // The first turn is at once, and each other one a share of a second later.
        let of_one = taken(limits(50, 1_000), &["/charges"; 11]);
        assert!(of_one >= Duration::from_millis(200), "{of_one:?}");
        let of_all = taken(
            limits(1_000, 50),
            &["/charges", "/refunds", "/customers", "/invoices"],
        );
        assert!(of_all >= Duration::from_millis(60), "{of_all:?}");
    }
}
