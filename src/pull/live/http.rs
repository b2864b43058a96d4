//! The HTTP client behind the sources, the way to it, and the one runtime that all of them share.
//!
//! Connections are kept open and used again. Every client stands behind the guard; none follows redirects.

use super::guard::{Guarded, TokenEndpoint, is_private};
use super::proxy::Way;
use super::{LiveError, tls};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;
use hyper::header::{DATE, HeaderMap};
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

pub type Connector = Guarded<HttpsConnector<Way>>;

const CONNECT_SECONDS: u64 = 20;
/// From the first byte asked to the last byte received, of one page.
pub const PAGE_SECONDS: u64 = 90;
const IDLE_SECONDS: u64 = 60;
/// No page of any provider comes near.
const BODY_BYTES_MAX: usize = 128 << 20;

/// What the providers are told who asks.
pub const USER_AGENT: &str = concat!("rebook/", env!("CARGO_PKG_VERSION"), " (read-only)");

/// Runs what a source does on the shared runtime, from the source's own thread.
pub fn run<T>(work: impl Future<Output = Result<T, LiveError>>) -> Result<T, LiveError> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("network")
            .enable_all()
            .build()
            .ok()
    });
    match runtime {
        Some(runtime) => runtime.block_on(work),
        None => Err(LiveError::bug(
            "the runtime for network work could not be started",
        )),
    }
}

/// A client that can send GET, and POST to one token endpoint where it is given.
pub fn client<B>(post_to: Option<TokenEndpoint>) -> Result<Client<Connector, B>, LiveError>
where
    B: Body + Send,
    B::Data: Send,
{
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(Duration::from_secs(CONNECT_SECONDS)));
    let secured = HttpsConnector::from((Way::new(tcp), tls::client_config()?));
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
        .build(Guarded::new(secured, post_to)))
}

/// A base URL out of the configuration: TLS, or this machine; without the slash at its end.
pub fn base_url(text: &str) -> Result<String, LiveError> {
    let trimmed = text.trim_end_matches('/');
    let uri: Option<Uri> = trimmed.parse().ok();
    match uri {
        Some(uri) if is_private(&uri) && uri.query().is_none() => Ok(trimmed.to_owned()),
        Some(uri) if uri.scheme_str() == Some("http") => Err(LiveError::setup(
            format!("base_url \"{text}\" would send the credential without TLS"),
            "write https://…; plain http is for a server on this machine alone",
        )),
        _ => Err(LiveError::setup(
            format!("base_url \"{text}\" is no address of a server"),
            "write it as \"https://server.example\"",
        )),
    }
}

/// What a server answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// When the server says that it answered.
    pub fn time(&self) -> Option<DateTime<Utc>> {
        let text = self.headers.get(DATE)?.to_str().ok()?;
        Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc())
    }
}

/// Why there is no answer: the way to the server failed. Worth another attempt, except where the guard refused.
#[derive(Debug)]
pub struct NoAnswer {
    pub words: String,
    pub is_refused: bool,
}

/// Sends one GET and reads the answer to its end, within so much time.
pub async fn get<B>(
    client: &Client<Connector, B>,
    request: Request<B>,
    wait: Duration,
) -> Result<Answer, NoAnswer>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let whole = async {
        let response = client.request(request).await.map_err(|error| no_answer(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, BODY_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| no_answer(error.as_ref()))?;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
        })
    };
    match tokio::time::timeout(wait, whole).await {
        Ok(answer) => answer,
        Err(_) => Err(NoAnswer {
            words: too_slow(wait),
            is_refused: false,
        }),
    }
}

pub fn too_slow(wait: Duration) -> String {
    format!("no whole answer within {} s", wait.as_secs_f32())
}

/// An error with its causes: the outermost says next to nothing. URLs do not stand in them.
pub fn no_answer(error: &(dyn std::error::Error + 'static)) -> NoAnswer {
    let mut words = error.to_string();
    let mut is_refused = false;
    let mut cause = error.source();
    while let Some(error) = cause {
        is_refused |= error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied);
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    NoAnswer { words, is_refused }
}
