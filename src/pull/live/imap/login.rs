//! Logging in: by password (PLAIN or LOGIN) or by token (XOAUTH2), and what to say to whoever is not let in.
//! Sources: RFC 4616; Google's description of XOAUTH2.

use super::super::proxy::base64;
use super::super::{LiveError, Secret, SecretSource};
use super::guard::Guard;
use super::session::{Abilities, Fault, Link};
use super::wire::{NoWire, Wire, connect};
use imap::{Authenticator, Client, Error, Session};
use std::cell::Cell;
use zeroize::Zeroizing;

/// How a user is told from others.
#[derive(Clone)]
pub enum Credential {
    Password(SecretSource),
    /// An access token, for XOAUTH2.
    OauthToken(SecretSource),
}

impl Link<'_> {
    /// A session of a user who was let in.
    pub(super) fn logged_in(&mut self) -> Result<Session<Guard<Wire>>, Fault> {
        let wire = connect(self.address, self.patience.answer_wait).map_err(|error| match error {
            NoWire::Passing(words) => Fault::Passing(words),
            NoWire::Lasting(error) => Fault::Lasting(error),
        })?;
        let mut client = Client::new(Guard::new(wire));
        let can = client.capabilities().map_err(|error| self.fault(error))?;
        let (secret, is_token) = match self.credential {
            Credential::Password(source) => (source()?, false),
            Credential::OauthToken(source) => (source()?, true),
        };
        let user = &self.address.user;
        let answer = if is_token {
            format!("user={user}\x01auth=Bearer {}\x01\x01", secret.expose())
        } else {
            format!("\0{user}\0{}", secret.expose())
        };
        self.secrets = forms(&secret, &answer);
        let entered = if is_token {
            client.authenticate("XOAUTH2", &Once::new(answer))
        } else if can.has_str("AUTH=PLAIN") {
            client.authenticate("PLAIN", &Once::new(answer))
        } else if can.has_str("LOGINDISABLED") {
            let message = format!("{} takes no passwords", self.address.shown());
            return Err(
                LiveError::setup(message, "use oauth_token = { command = […] } instead of password").into(),
            );
        } else {
            client.login(user, secret.expose())
        };
        let mut session = entered.map_err(|(error, _)| self.not_let_in(error, is_token))?;
        let can = session.capabilities().map_err(|error| self.fault(error))?;
        self.abilities = Abilities {
            is_gmail: can.has_str("X-GM-EXT-1"),
            tells_rights: can.has_str("ACL"),
            tells_uses: can.has_str("SPECIAL-USE") && can.has_str("LIST-EXTENDED"),
        };
        Ok(session)
    }

    fn not_let_in(&self, error: Error, is_token: bool) -> Fault {
        match self.fault(error) {
            Fault::Refused(words) => {
                let message = format!(
                    "{} does not let {} in: {words}",
                    self.address.shown(),
                    self.address.user
                );
                let hint = if is_token {
                    "see that the command gives a token that has not run out, for this user and with the right to read mail"
                } else {
                    "check user and password; many providers want a password made for this one program, or oauth_token"
                };
                LiveError::setup(message, hint).into()
            }
            fault => fault,
        }
    }
}

/// Each form in which a secret leaves, for a server may repeat it: as it is, quoted, and as the answer of a login.
fn forms(secret: &Secret, answer: &str) -> Vec<Secret> {
    let quoted = secret.expose().replace('\\', "\\\\").replace('"', "\\\"");
    let quoted = Zeroizing::new(quoted);
    let answer = Zeroizing::new(base64(answer.as_bytes()));
    vec![secret.clone(), Secret::new(&quoted), Secret::new(&answer)]
}

/// Answers the server's first question; a second one tells of a failure and wants an empty line.
struct Once {
    answer: Zeroizing<String>,
    is_said: Cell<bool>,
}

impl Once {
    fn new(answer: String) -> Self {
        Self {
            answer: Zeroizing::new(answer),
            is_said: Cell::new(false),
        }
    }
}

impl Authenticator for Once {
    type Response = String;

    fn process(&self, _challenge: &[u8]) -> String {
        if self.is_said.replace(true) {
            String::new()
        } else {
            self.answer.to_string()
        }
    }
}
