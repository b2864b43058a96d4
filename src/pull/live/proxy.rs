//! The way to a server: straight, or through the proxy that the environment names.
//!
//! `HTTPS_PROXY` (else `ALL_PROXY`) names it, `NO_PROXY` what is reached without. The proxy is asked for a tunnel (CONNECT),
//! below TLS and below the guard: what goes through it is covered, and no more than what the guard lets pass. This machine
//! itself is never reached through a proxy.

use super::LiveError;
use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tower_service::Service;

static CHOSEN: OnceLock<Option<Arc<Proxy>>> = OnceLock::new();

/// Goes through what `look_up` names, a variable of the environment by its name, from now on and once for all.
pub fn choose(look_up: impl Fn(&str) -> Option<String>) -> Result<(), LiveError> {
    let proxy = Proxy::named(look_up)?;
    CHOSEN.get_or_init(|| proxy.map(Arc::new));
    Ok(())
}

/// A proxy, and what is reached without it.
#[derive(Clone)]
struct Proxy {
    /// Without user and password.
    place: Uri,
    login: Option<HeaderValue>,
    without: Vec<String>,
}

const HINT: &str = "write HTTPS_PROXY=http://proxy.example:3128; what is behind the proxy is reached through TLS all the same";

impl Proxy {
    fn named(look_up: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, LiveError> {
        let first = |names: &[&str]| {
            let found = names.iter().find_map(|name| look_up(name));
            found.filter(|text| !text.trim().is_empty())
        };
        let Some(text) = first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
            return Ok(None);
        };
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        if !scheme.eq_ignore_ascii_case("http") {
            // The value is not repeated: it may hold a password.
            return Err(LiveError::setup(
                format!("a proxy that is spoken to by {scheme}:// cannot be used"),
                HINT,
            ));
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (login, server) = match authority.rsplit_once('@') {
            Some((login, server)) => (Some(login), server),
            None => (None, authority),
        };
        let wrong = || LiveError::setup("HTTPS_PROXY is no address of a proxy", HINT);
        let place: Uri = format!("http://{server}/").parse().map_err(|_| wrong())?;
        if place.host().is_none_or(str::is_empty) {
            return Err(wrong());
        }
        let login = login.map(|login| {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            let pair = [decoded(user), b":".to_vec(), decoded(password)].concat();
            let mut header = HeaderValue::from_str(&format!("Basic {}", base64(&pair)))?;
            header.set_sensitive(true);
            Ok::<_, hyper::header::InvalidHeaderValue>(header)
        });
        let without = first(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
        Ok(Some(Self {
            place,
            login: login.transpose().map_err(|_| wrong())?,
            without: without
                .split(',')
                .map(|entry| entry.trim().to_lowercase())
                .filter(|entry| !entry.is_empty())
                .collect(),
        }))
    }

    fn is_for(&self, uri: &Uri) -> bool {
        let host = uri.host().unwrap_or_default().to_lowercase();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let ip: Option<IpAddr> = host.parse().ok();
        let is_own = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        let port = uri.port_u16().unwrap_or(443).to_string();
        !is_own && !self.without.iter().any(|entry| is_meant(entry, host, &port, ip))
    }
}

/// `*`; a name with all below it, with a port or without; an address; a net as `10.0.0.0/8`.
fn is_meant(entry: &str, host: &str, port: &str, ip: Option<IpAddr>) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some(ip) = ip {
        let (net, bits) = match entry.split_once('/') {
            Some((net, bits)) => (net, bits.parse().ok()),
            None => (entry, None),
        };
        return match (ip, net.parse()) {
            (IpAddr::V4(ip), Ok(IpAddr::V4(net))) => {
                let shift = 32_u32.saturating_sub(bits.unwrap_or(32));
                u64::from(ip.to_bits()) >> shift == u64::from(net.to_bits()) >> shift
            }
            (IpAddr::V6(ip), Ok(IpAddr::V6(net))) => match 128_u32.saturating_sub(bits.unwrap_or(128)) {
                128.. => true,
                shift => ip.to_bits() >> shift == net.to_bits() >> shift,
            },
            _ => false,
        };
    }
    let name = match entry.rsplit_once(':') {
        Some((name, wanted)) if wanted == port => name,
        Some(_) => return false,
        None => entry,
    };
    let name = name.trim_start_matches("*.").trim_start_matches('.');
    host == name || host.strip_suffix(name).is_some_and(|above| above.ends_with('.'))
}

/// `%40` is `@`.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| first == b'%');
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    bytes
}

/// Source: RFC 4648, section 4.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            if place <= three.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Connects to where a URI says, in the way that was chosen.
#[derive(Clone)]
pub struct Way {
    tcp: HttpConnector,
    proxy: Option<Arc<Proxy>>,
}

impl Way {
    pub fn new(tcp: HttpConnector) -> Self {
        Self {
            tcp,
            proxy: CHOSEN.get().cloned().flatten(),
        }
    }
}

impl Service<Uri> for Way {
    type Response = <HttpConnector as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Some(proxy) = self.proxy.as_ref().filter(|proxy| proxy.is_for(&uri)) else {
            let straight = self.tcp.call(uri);
            return Box::pin(async { straight.await.map_err(Into::into) });
        };
        let mut tunnel = Tunnel::new(proxy.place.clone(), self.tcp.clone());
        if let Some(login) = &proxy.login {
            tunnel = tunnel.with_auth(login.clone());
        }
        let shown = proxy
            .place
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default();
        let tunnelling = tunnel.call(uri);
        Box::pin(async move {
            tunnelling.await.map_err(|error| {
                let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
                format!(
                    "the proxy {shown} gives no way: {error}{}",
                    cause.unwrap_or_default()
                )
                .into()
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)]) -> Result<Option<Proxy>, LiveError> {
        Proxy::named(|name| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn what_is_named_is_reached_without() {
        let without = "localhost, .inside.example,other.example:8443,10.0.0.0/8,2001:db8::/32";
        let proxy = proxy(&[("https_proxy", "proxy.example:3128"), ("NO_PROXY", without)])
            .expect("a proxy")
            .expect("one is named");
        assert_eq!(proxy.place.to_string(), "http://proxy.example:3128/");
        let is_for = |uri: &str| proxy.is_for(&uri.parse().expect("a URI"));
        for through in [
            "https://api.stripe.example/v1",
            "https://notinside.example",
            "https://other.example",
            "https://192.0.2.1/",
        ] {
            assert!(is_for(through), "{through}");
        }
        for straight in [
            "http://127.0.0.1:4100/v1",
            "http://[::1]:4100/v1",
            "https://inside.example",
            "https://a.INSIDE.example",
            "https://other.example:8443",
            "https://10.1.2.3",
            "https://[2001:db8::7]/",
        ] {
            assert!(!is_for(straight), "{straight}");
        }
        assert!(
            self::proxy(&[("NO_PROXY", "*")])
                .expect("none is no error")
                .is_none()
        );
    }

    #[test]
    fn a_login_is_sent_and_never_told() {
        let named = proxy(&[("ALL_PROXY", "http://ann:hu%40sh@proxy.example:3128/")])
            .expect("a proxy")
            .expect("one is named");
        let login = named.login.expect("a login");
        assert_eq!(login.as_bytes(), b"Basic YW5uOmh1QHNo");
        assert!(!format!("{login:?}").contains("YW5u"));
        for wrong in [
            "socks5://ann:hush@proxy.example",
            "http://ann:hush@",
            "https://hush@p.example",
        ] {
            let error = proxy(&[("HTTPS_PROXY", wrong)]).err().expect("it is refused");
            assert!(!format!("{error} {}", error.hint()).contains("hush"), "{error}");
        }
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"foo"), "Zm9v");
    }
}
