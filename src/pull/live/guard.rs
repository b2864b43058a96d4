//! Read-only by construction: stands between every HTTP client and the wire, and lets nothing pass but GET.
//!
//! The clients of the provider crates could write. So the guard reads what they send, byte by byte, above TLS and
//! below HTTP: a request that is not a GET without a body breaks the connection before its head is whole, and a
//! server acts on nothing less. The one exception is POST to the token endpoint of an OAuth client, by host and
//! path. HTTP/2 is never offered, so that there is but one form to read. Nothing is sent without TLS except to
//! this machine itself.

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_service::Service;

/// A line of a head that is longer is no request of ours.
const LINE_BYTES_MAX: usize = 1 << 14;
/// Header fields by which servers can be asked to take a GET for something else.
const OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Where a POST may go, and nowhere else: an OAuth token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEndpoint {
    /// Host and port as they stand in the URL.
    authority: String,
    path: String,
}

impl TokenEndpoint {
    /// None where it is no URL with a host.
    pub fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        Some(Self {
            authority: uri.authority()?.as_str().to_lowercase(),
            path: uri.path().to_owned(),
        })
    }
}

/// A connector whose connections carry GET alone.
#[derive(Clone)]
pub struct Guarded<C> {
    inner: C,
    post_to: Option<Arc<TokenEndpoint>>,
}

impl<C> Guarded<C> {
    pub fn new(inner: C, post_to: Option<TokenEndpoint>) -> Self {
        Self {
            inner,
            post_to: post_to.map(Arc::new),
        }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<C> Service<Uri> for Guarded<C>
where
    C: Service<Uri>,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    type Response = GuardedStream<C::Response>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if !is_private(&uri) {
            return Box::pin(async {
                Err(refused("a connection without TLS that leaves this machine").into())
            });
        }
        let authority = uri.authority().map(|authority| authority.as_str().to_lowercase());
        let post_path = self
            .post_to
            .as_ref()
            .filter(|endpoint| Some(&endpoint.authority) == authority.as_ref())
            .map(|endpoint| endpoint.path.clone());
        let connecting = self.inner.call(uri);
        Box::pin(async move {
            Ok(GuardedStream {
                inner: connecting.await.map_err(Into::into)?,
                watch: Watch::new(post_path),
            })
        })
    }
}

/// TLS, or no further than this machine.
pub fn is_private(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_here)
}

fn refused(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("the read-only guard refused {what}"),
    )
}

/// A connection that is watched.
pub struct GuardedStream<S> {
    inner: S,
    watch: Watch,
}

impl<S: Read + Unpin> Read for GuardedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for GuardedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // All that is offered is read before any of it is sent.
        let mut ahead = self.watch.clone();
        if let Err(error) = ahead.pass(bytes) {
            return Poll::Ready(Err(error));
        }
        let written = match Pin::new(&mut self.inner).poll_write(context, bytes) {
            Poll::Ready(Ok(written)) => written,
            other => return other,
        };
        if written == bytes.len() {
            self.watch = ahead;
        } else {
            self.watch.pass(&bytes[..written])?;
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<S: Connection> Connection for GuardedStream<S> {
    fn connected(&self) -> Connected {
        self.inner.connected()
    }
}

/// Follows what is sent on one connection.
#[derive(Clone)]
struct Watch {
    /// The path that POST may go to on this host.
    post_path: Option<Arc<str>>,
    /// The line of a head that is not complete yet.
    line: Vec<u8>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    RequestLine,
    Head { is_post: bool, body_bytes: u64 },
    Body { bytes_left: u64 },
}

impl Watch {
    fn new(post_path: Option<String>) -> Self {
        Self {
            post_path: post_path.map(Into::into),
            line: Vec::new(),
            place: Place::RequestLine,
        }
    }

    /// Reads on; an error means that none of `bytes` may be sent.
    fn pass(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let Place::Body { bytes_left } = &mut self.place {
                let taken = (*bytes_left).min(bytes.len() as u64);
                *bytes_left -= taken;
                if *bytes_left == 0 {
                    self.place = Place::RequestLine;
                }
                bytes = &bytes[taken as usize..];
                continue;
            }
            bytes = rest;
            self.line.push(byte);
            if self.place == Place::RequestLine {
                self.check_method()?;
            }
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.line(&line)?;
            } else if self.line.len() > LINE_BYTES_MAX {
                return Err(refused("a line without end"));
            }
        }
        Ok(())
    }

    /// The first bytes of a request tell its method: not one byte of another one passes.
    fn check_method(&self) -> io::Result<()> {
        let begins = |method: &[u8]| {
            let length = self.line.len().min(method.len());
            self.line[..length] == method[..length]
        };
        if begins(b"GET ") || (self.post_path.is_some() && begins(b"POST ")) {
            return Ok(());
        }
        Err(refused("a request that is not a GET"))
    }

    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        let line = std::str::from_utf8(line)
            .map_err(|_| refused("a head that is not text"))?
            .trim_end_matches(['\r', '\n']);
        match &mut self.place {
            Place::RequestLine => {
                let words: Vec<&str> = line.split(' ').collect();
                let (["GET" | "POST", target, "HTTP/1.1"], is_post) = (words.as_slice(), words[0] == "POST")
                else {
                    return Err(refused("a request line of another form"));
                };
                let path = target.split('?').next();
                if is_post && path != self.post_path.as_deref() {
                    return Err(refused("a POST that does not go to the token endpoint"));
                }
                self.place = Place::Head {
                    is_post,
                    body_bytes: 0,
                };
            }
            Place::Head { body_bytes, .. } if line.is_empty() => {
                self.place = match *body_bytes {
                    0 => Place::RequestLine,
                    bytes_left => Place::Body { bytes_left },
                };
            }
            Place::Head { is_post, body_bytes } => {
                let (name, value) = line
                    .split_once(':')
                    .ok_or_else(|| refused("a head of another form"))?;
                let name = name.to_ascii_lowercase();
                let value = value.trim();
                if OVERRIDES.contains(&name.as_str()) {
                    return Err(refused("a request to take a GET for something else"));
                }
                if name == "transfer-encoding" || name == "upgrade" {
                    return Err(refused("a body of unknown length"));
                }
                if name == "content-length" {
                    let length: u64 = value.parse().map_err(|_| refused("a body of unknown length"))?;
                    if length > 0 && !*is_post {
                        return Err(refused("a GET with a body"));
                    }
                    *body_bytes = length;
                }
            }
            Place::Body { .. } => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "https://oauth2.example/token";

    fn passes(texts: &[&str], token: Option<&str>) -> Result<(), String> {
        let path = token.and_then(TokenEndpoint::of).map(|endpoint| endpoint.path);
        let mut watch = Watch::new(path);
        for text in texts {
            watch.pass(text.as_bytes()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    #[test]
    fn get_passes_one_after_the_other() {
        let get = "GET /v1/charges?limit=100 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(passes(&[get, get], None), Ok(()));
        // However it is cut.
        let letters: Vec<String> = get.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(passes(&letters, None), Ok(()));
    }

    #[test]
    fn nothing_else_passes() {
        for request in [
            "POST /v1/charges HTTP/1.1\r\n",
            "P",
            "DELETE /v1/customers/cus_1 HTTP/1.1\r\n",
            "PATCH /x HTTP/1.1\r\n",
            "get /x HTTP/1.1\r\n",
            "GET /x HTTP/1.0\r\n",
            "GET /x y HTTP/1.1\r\n",
            "GET /x HTTP/1.1\r\nContent-Length: 5\r\n",
            "GET /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
            "GET /x HTTP/1.1\r\nX-HTTP-Method-Override: DELETE\r\n",
            "GET /x HTTP/1.1\r\n\r\nDELETE /x HTTP/1.1\r\n",
        ] {
            assert!(passes(&[request], None).is_err(), "{request}");
        }
        assert!(passes(&[&"G".repeat(2)], None).is_err());
    }

    #[test]
    fn post_goes_to_the_token_endpoint_alone() {
        let post = |path: &str| format!("POST {path} HTTP/1.1\r\nContent-Length: 4\r\n\r\na=bc");
        let get = "GET /x HTTP/1.1\r\n\r\n";
        assert_eq!(
            passes(&[&post("/token"), get, &post("/token")], Some(TOKEN)),
            Ok(())
        );
        assert!(passes(&[&post("/calendar/v3/calendars")], Some(TOKEN)).is_err());
        assert!(passes(&[&post("/token")], None).is_err());
        // What stands behind the body is a request again.
        assert!(passes(&[&post("/token"), "DELETE /x"], Some(TOKEN)).is_err());
    }

    #[test]
    fn without_tls_nothing_leaves_this_machine() {
        let private = |uri: &str| is_private(&uri.parse().expect("a URI"));
        assert!(private("https://api.stripe.example/v1"));
        assert!(
            private("http://127.0.0.1:4100/v1")
                && private("http://[::1]:4100/")
                && private("http://localhost:1/")
        );
        assert!(!private("http://api.stripe.example/v1"));
        assert!(!private("http://localhost.evil.example/"));
        assert!(!private("ftp://127.0.0.1/"));
    }
}
