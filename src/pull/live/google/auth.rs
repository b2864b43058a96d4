//! Tokens for Google: of a service account, of a login in the browser, or from wherever the configuration says.
//!
//! The tokens of a login are kept beside its client file, readable for their owner alone. They are the only thing that is
//! ever sent by POST, to the token endpoint that the key or client file names.

use super::super::guard::TokenEndpoint;
use super::super::http::{self, Connector};
use super::super::{LiveError, Secret, SecretSource};
use super::scopes::WANTED;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use yup_oauth2::HyperClientBuilder as _;
use yup_oauth2::authenticator::Authenticator;
use yup_oauth2::authenticator_delegate::InstalledFlowDelegate;
use yup_oauth2::{
    CustomHyperClientBuilder, InstalledFlowAuthenticator, InstalledFlowReturnMethod,
    ServiceAccountAuthenticator, parse_application_secret, parse_service_account_key,
};

/// Shows a person the address where to log in.
pub type Browser = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone)]
pub enum Credential {
    ServiceAccount {
        key: PathBuf,
        /// For whom it acts, by domain-wide delegation.
        subject: Option<String>,
    },
    Login {
        /// The OAuth client's file, as downloaded.
        client: PathBuf,
        browser: Browser,
        /// How long somebody may take to log in, from when the address is shown. None at all where nobody is there to see it.
        wait: Duration,
    },
    Token(SecretSource),
}

impl Credential {
    /// Whom it stands for, for what is asked of a pull.
    pub fn words(&self) -> String {
        match self {
            Self::ServiceAccount {
                subject: Some(subject),
                ..
            } => format!("as {subject}"),
            Self::ServiceAccount { .. } => "as a service account".to_owned(),
            Self::Login { .. } => "as whoever logged in".to_owned(),
            Self::Token(_) => "by token".to_owned(),
        }
    }
}

/// Gives tokens, new ones when they have run out.
pub enum Tokens {
    Flow(Box<Authenticator<Connector>>, Option<Login>),
    Given(SecretSource),
}

/// A login that a person is asked for: at first, and whenever Google takes the kept one no more.
pub struct Login {
    asked: Arc<Notify>,
    wait: Duration,
}

impl Login {
    /// Ends when somebody was asked and has taken too long.
    async fn is_given_up(&self) {
        self.asked.notified().await;
        tokio::time::sleep(self.wait).await;
    }

    fn nobody(&self) -> LiveError {
        let within = match self.wait.as_secs() {
            0 => String::new(),
            seconds @ ..60 => format!(" within {seconds} s"),
            seconds => format!(" within {} minutes", seconds / 60),
        };
        LiveError::setup(
            format!("a login to Google is needed, and nobody logged in{within}"),
            "run `rebook pull` at a terminal and log in at the address that it shows; where nobody can, use a service_account",
        )
    }
}

impl Tokens {
    pub async fn open(credential: &Credential) -> Result<Self, LiveError> {
        match credential {
            Credential::Token(source) => Ok(Self::Given(source.clone())),
            Credential::ServiceAccount { key, subject } => {
                let named = key.display();
                let key = parse_service_account_key(file(key)?.expose()).map_err(|_| no_key(&named))?;
                let client = client(&key.token_uri)?;
                let mut builder = ServiceAccountAuthenticator::with_client(key, client);
                if let Some(subject) = subject {
                    builder = builder.subject(subject);
                }
                let flow = builder.build().await.map_err(|_| no_key(&named))?;
                Ok(Self::Flow(Box::new(flow), None))
            }
            Credential::Login {
                client: path,
                browser,
                wait,
            } => {
                let secret = parse_application_secret(file(path)?.expose()).map_err(|_| {
                    LiveError::setup(
                        format!("{} is no OAuth client file", path.display()),
                        "make a client of type Desktop app in the Google Cloud console, and download its JSON",
                    )
                })?;
                let client = client(&secret.token_uri)?;
                let asked = Arc::new(Notify::new());
                let login = Login {
                    asked: asked.clone(),
                    wait: *wait,
                };
                let shown = Shown {
                    browser: browser.clone(),
                    asked,
                };
                let flow = InstalledFlowAuthenticator::with_client(
                    secret,
                    InstalledFlowReturnMethod::HTTPRedirect,
                    client,
                )
                .flow_delegate(Box::new(shown))
                .persist_tokens_to_disk(path.with_extension("tokens.json"))
                .build()
                .await
                .map_err(|error| {
                    LiveError::setup(
                        format!(
                            "the tokens kept beside {} cannot be read: {error}",
                            path.display()
                        ),
                        "delete the file that ends in .tokens.json, and log in again",
                    )
                })?;
                Ok(Self::Flow(Box::new(flow), Some(login)))
            }
        }
    }

    /// A token; a new one where the last did not do.
    pub async fn token(&self, is_new: bool) -> Result<Secret, LiveError> {
        match self {
            Self::Given(source) => source(),
            Self::Flow(flow, login) => {
                let token = async {
                    if is_new {
                        flow.force_refreshed_token(&WANTED).await
                    } else {
                        flow.token(&WANTED).await
                    }
                };
                let token = match login {
                    None => token.await,
                    Some(login) => tokio::select! {
                        token = token => token,
                        () = login.is_given_up() => return Err(login.nobody()),
                    },
                };
                let token = token.map_err(|error| denied(&error))?;
                token
                    .token()
                    .map(Secret::new)
                    .ok_or_else(|| LiveError::service("Google gave no token", "run the command again later"))
            }
        }
    }
}

/// The client that fetches tokens: it may POST to `token_uri`, and to nothing else.
fn client(token_uri: &str) -> Result<CustomHyperClientBuilder<Connector>, LiveError> {
    let endpoint = TokenEndpoint::of(token_uri).ok_or_else(|| {
        LiveError::setup(
            "the file names no token_uri to get tokens from",
            "download it again from the Google Cloud console",
        )
    })?;
    let client = CustomHyperClientBuilder::from(http::client::<String>(Some(endpoint))?);
    Ok(client.with_timeout(Duration::from_secs(http::PAGE_SECONDS)))
}

fn file(path: &Path) -> Result<Secret, LiveError> {
    std::fs::read_to_string(path)
        .map(|text| Secret::new(&text))
        .map_err(|error| {
            LiveError::setup(
                format!("cannot read {}: {error}", path.display()),
                "check the path, which is relative to rebook.toml, and who may read it",
            )
        })
}

fn no_key(path: &impl std::fmt::Display) -> LiveError {
    LiveError::setup(
        format!("{path} is no key of a service account"),
        "make a key of type JSON for the service account in the Google Cloud console",
    )
}

fn denied(error: &yup_oauth2::Error) -> LiveError {
    match error {
        yup_oauth2::Error::AuthError(told) => LiveError::setup(
            format!("Google gives no token: {}", without_long_words(&told.to_string())),
            "see docs/sources.md: the clock of this machine, the key, and for a subject the domain-wide delegation of both \
             scopes; for a login, delete the file that ends in .tokens.json and log in again",
        ),
        other => LiveError::service(
            format!(
                "no token could be fetched from Google: {}",
                http::no_answer(other).words
            ),
            "run the command again; what was read before is kept",
        ),
    }
}

/// What a server says of a token, without what it may repeat: codes, tokens, assertions and client secrets are all longer
/// than a word.
fn without_long_words(text: &str) -> String {
    const WORD_MAX: usize = 24;
    let is_apart =
        |char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '=' | ',' | ';' | '(' | ')');
    text.split_inclusive(is_apart)
        .map(|word| {
            let bare = word.trim_end_matches(is_apart);
            if bare.chars().count() > WORD_MAX {
                format!("…{}", &word[bare.len()..])
            } else {
                word.to_owned()
            }
        })
        .collect()
}

/// Passes the address on to a person.
struct Shown {
    browser: Browser,
    asked: Arc<Notify>,
}

impl InstalledFlowDelegate for Shown {
    fn present_user_url<'a>(
        &'a self,
        url: &'a str,
        _need_code: bool,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        (self.browser)(url);
        self.asked.notify_one();
        Box::pin(async { Ok(String::new()) })
    }
}

#[cfg(test)]
mod tests {
    use super::without_long_words;

    #[test]
    fn what_is_longer_than_a_word_is_not_repeated() {
        assert_eq!(
            without_long_words(
                "invalid_grant: no such token 1//0gHush-refresh-token-of-somebody (see \"GOCSPX-hush-client-secret-here\")"
            ),
            "invalid_grant: no such token … (see \"…\")"
        );
        assert_eq!(
            without_long_words("invalid_grant: Invalid JWT Signature."),
            "invalid_grant: Invalid JWT Signature."
        );
    }
}
