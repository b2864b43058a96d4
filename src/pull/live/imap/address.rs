//! Where a mailbox server is, and who reads there: `imaps://user@host:993`, `imap://user@host`.

use super::super::LiveError;

const HINT: &str = "write imap = \"imaps://user@host:993\"; the @ in a user's name may stand as it is";

/// How the connection is kept from listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// TLS from the first byte on.
    Implicit,
    /// The server is asked for TLS before anything else; without it only this machine itself is talked to.
    StartTls,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub cover: Cover,
    pub user: String,
    pub host: String,
    pub port: u16,
}

impl Address {
    pub fn parse(url: &str) -> Result<Self, LiveError> {
        let wrong = |message: String| LiveError::setup(message, HINT);
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| wrong(format!("`imap` is no address: \"{url}\"")))?;
        let (cover, port) = match scheme.to_ascii_lowercase().as_str() {
            "imaps" => (Cover::Implicit, 993),
            "imap" => (Cover::StartTls, 143),
            other => {
                return Err(wrong(format!(
                    "`imap` begins with imaps:// or imap://, not {other}://"
                )));
            }
        };
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, server) = rest
            .rsplit_once('@')
            .ok_or_else(|| wrong("`imap` does not tell whose mailbox it is".to_owned()))?;
        if user.contains(':') {
            // A password in the address would be written into the file; the message does not repeat it.
            return Err(LiveError::setup(
                "a user in `imap` holds no password",
                "write password = { command = [\"pass\", \"mail\"] } beside it, and imap = \"imaps://user@host:993\"",
            ));
        }
        let (host, port) = match server.rsplit_once(':') {
            Some((host, digits)) if !host.contains(':') || host.ends_with(']') => (
                host,
                digits
                    .parse()
                    .map_err(|_| wrong(format!("\"{digits}\" is no port")))?,
            ),
            _ => (server, port),
        };
        let user = decoded(user).ok_or_else(|| wrong(format!("\"{user}\" is no user's name")))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if user.is_empty() || host.is_empty() {
            return Err(wrong("`imap` tells no user or no host".to_owned()));
        }
        Ok(Self {
            cover,
            user,
            host,
            port,
        })
    }

    /// Without the user, for messages and for where a record comes from.
    pub fn shown(&self) -> String {
        let scheme = match self.cover {
            Cover::Implicit => "imaps",
            Cover::StartTls => "imap",
        };
        if self.host.contains(':') {
            format!("{scheme}://[{}]:{}", self.host, self.port)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
    }
}

/// `%40` is `@`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push((high * 16 + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_its_defaults() {
        let read = |url| Address::parse(url).expect("an address");
        let address = read("imaps://ann%40shop.example@mail.shop.example");
        assert_eq!(
            (
                address.user.as_str(),
                address.host.as_str(),
                address.port,
                address.cover
            ),
            ("ann@shop.example", "mail.shop.example", 993, Cover::Implicit)
        );
        let address = read("imap://ann@shop.example@[::1]:1143/INBOX");
        assert_eq!(
            (
                address.user.as_str(),
                address.host.as_str(),
                address.port,
                address.cover
            ),
            ("ann@shop.example", "::1", 1143, Cover::StartTls)
        );
        assert_eq!(address.shown(), "imap://[::1]:1143");
    }

    #[test]
    fn what_is_no_address_is_said_and_a_password_is_not_repeated() {
        for url in [
            "mail.shop.example",
            "https://ann@shop.example",
            "imaps://shop.example",
            "imaps://a@b:x",
        ] {
            assert!(Address::parse(url).is_err(), "{url}");
        }
        let error = Address::parse("imaps://ann:hush@shop.example").expect_err("a password");
        assert!(!format!("{error} {}", error.hint()).contains("hush"));
    }
}
