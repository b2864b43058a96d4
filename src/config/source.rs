//! `[[source]]`: which keys belong to which kind, and where its records come from.

use super::codes::nearest;
use super::error::Fault;
use super::file::{SecretTable, Several, Source, Text};
use crate::model::SourceKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceConfig {
    /// The first half of every record's id.
    pub name: String,
    pub kind: SourceKind,
    pub access: Access,
    /// The addresses that speak for the business, in lower case.
    pub senders: Vec<String>,
    /// Whose Authentication-Results count.
    pub authserv: Option<String>,
    /// Where `path` stands in the file, for messages.
    pub(super) path_span: Range<usize>,
}

/// Where the records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Files(PathBuf),
    Stripe {
        api_key: Secret,
        accounts: Selection,
        allow_full_key: bool,
        base_url: Option<String>,
    },
    GoogleCalendar {
        credential: GoogleCredential,
        calendars: Selection,
        base_url: Option<String>,
    },
    Imap {
        url: String,
        folders: Vec<String>,
        credential: ImapCredential,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoogleCredential {
    ServiceAccount {
        key: PathBuf,
        /// Whom it acts for.
        subject: Option<String>,
    },
    Login(PathBuf),
    Token(Secret),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImapCredential {
    Password(Secret),
    OauthToken(Secret),
}

/// Where a secret is found; never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    Command(Vec<String>),
    File(PathBuf),
    Keyring(String),
    Env(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The credential's own account or calendar.
    Own,
    All,
    Named(Vec<String>),
}

/// Turns one `[[source]]` into what the program works with; relative paths are joined to `folder`.
pub(super) fn check(source: Source, folder: &Path) -> Result<SourceConfig, Fault> {
    let kind = kind(&source.kind)?;
    let name = name(&source.name)?;
    reject_foreign_keys(kind, &source)?;
    let senders = source.senders.iter().flat_map(toml::Spanned::get_ref);
    let senders = senders.map(sender).collect::<Result<_, _>>()?;
    let authserv = source.authserv.as_ref().map(|id| id.get_ref().to_lowercase());
    let path_span = source.path.as_ref().map_or(0..0, Spanned::span);
    let access = match &source.path {
        Some(path) => Access::Files(folder.join(path.get_ref())),
        None => network_access(kind, source, folder)?,
    };
    Ok(SourceConfig {
        name,
        kind,
        access,
        senders,
        authserv,
        path_span,
    })
}

fn kind(kind: &Text) -> Result<SourceKind, Fault> {
    SourceKind::parse(kind.get_ref()).ok_or_else(|| {
        let known = ["stripe", "google-calendar", "mail"];
        let hint = nearest(kind.get_ref(), known).map_or_else(
            || "a source is a \"stripe\", a \"google-calendar\" or a \"mail\"".to_owned(),
            |known| format!("did you mean \"{known}\"?"),
        );
        Fault::new(
            kind.span(),
            format!("no kind of source is called \"{}\"", kind.get_ref()),
            hint,
        )
    })
}

fn name(name: &Text) -> Result<String, Fault> {
    let plain = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if name.get_ref().is_empty() || !name.get_ref().chars().all(plain) {
        return Err(Fault::new(
            name.span(),
            "a source's name is made of letters, digits, - and _",
            "it is the first half of every record's id, as in mail:…; write name = \"mail\"",
        ));
    }
    Ok(name.get_ref().clone())
}

/// An address that speaks for the business, in lower case.
pub(super) fn sender(address: &Text) -> Result<String, Fault> {
    let text = address.get_ref().trim();
    let well_formed = text
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if !well_formed || text.contains(|char: char| char.is_whitespace() || "<>,;*".contains(char)) {
        return Err(Fault::new(
            address.span(),
            format!("\"{text}\" is not one e-mail address"),
            "write the bare address alone, one text for each: senders = [\"bookings@business.example\"]",
        ));
    }
    Ok(text.to_lowercase())
}

/// A key that another kind of source takes is a mistake, not decoration.
fn reject_foreign_keys(kind: SourceKind, source: &Source) -> Result<(), Fault> {
    fn at<T>(value: Option<&Spanned<T>>) -> Option<Range<usize>> {
        value.map(Spanned::span)
    }
    let mail_only = [
        ("imap", at(source.imap.as_ref())),
        ("folders", at(source.folders.as_ref())),
        ("password", at(source.password.as_ref())),
        ("oauth_token", at(source.oauth_token.as_ref())),
        ("senders", at(source.senders.as_ref())),
        ("authserv", at(source.authserv.as_ref())),
    ];
    let calendar_only = [
        ("calendars", at(source.calendars.as_ref())),
        ("service_account", at(source.service_account.as_ref())),
        ("subject", at(source.subject.as_ref())),
        ("login", at(source.login.as_ref())),
        ("token", at(source.token.as_ref())),
    ];
    let stripe_only = [
        ("api_key", at(source.api_key.as_ref())),
        ("accounts", at(source.accounts.as_ref())),
        ("allow_full_key", at(source.allow_full_key.as_ref())),
    ];
    let sets = [
        (SourceKind::Mail, &mail_only[..]),
        (SourceKind::GoogleCalendar, &calendar_only[..]),
        (SourceKind::Stripe, &stripe_only[..]),
    ];
    for (owner, keys) in sets.into_iter().filter(|(owner, _)| *owner != kind) {
        for (key, span) in keys {
            if let Some(span) = span {
                return Err(Fault::new(
                    span.clone(),
                    format!("`{key}` says nothing to a source of kind \"{}\"", kind.as_str()),
                    format!(
                        "it belongs to kind = \"{}\": move it there, or take it out",
                        owner.as_str()
                    ),
                ));
            }
        }
    }
    if let (SourceKind::Mail, Some(span)) = (kind, at(source.base_url.as_ref())) {
        return Err(Fault::new(
            span,
            "`base_url` says nothing to a source of kind \"mail\"",
            "the server stands in imap = \"imaps://user@host:993\"",
        ));
    }
    Ok(())
}

fn network_access(kind: SourceKind, source: Source, folder: &Path) -> Result<Access, Fault> {
    let base_url = source.base_url.map(Spanned::into_inner);
    let missing = |hint: &str| {
        let message = format!("nothing says where `{}` comes from", source.name.get_ref());
        Fault::new(source.name.span(), message, hint)
    };
    match kind {
        SourceKind::Stripe => Ok(Access::Stripe {
            api_key: match source.api_key {
                Some(key) => secret(key, folder)?,
                None => {
                    return Err(missing(
                        "add path = \"stripe\" (a folder of exported files), or api_key",
                    ));
                }
            },
            accounts: selection(source.accounts),
            allow_full_key: source.allow_full_key.is_some_and(Spanned::into_inner),
            base_url,
        }),
        SourceKind::GoogleCalendar => Ok(Access::GoogleCalendar {
            credential: match (source.service_account, source.login, source.token) {
                (Some(key), None, None) => GoogleCredential::ServiceAccount {
                    key: folder.join(key.into_inner()),
                    subject: source.subject.map(Spanned::into_inner),
                },
                (None, Some(client), None) => GoogleCredential::Login(folder.join(client.into_inner())),
                (None, None, Some(token)) => GoogleCredential::Token(secret(token, folder)?),
                _ => {
                    return Err(missing(
                        "add path = \"calendar\" (exported files), or one of service_account, login and token",
                    ));
                }
            },
            calendars: selection(source.calendars),
            base_url,
        }),
        SourceKind::Mail => {
            let hint =
                "add path = \"mail\" (mbox, Maildir or .eml files), or imap with password or oauth_token";
            let Some(url) = source.imap else {
                return Err(missing(hint));
            };
            Ok(Access::Imap {
                url: url.into_inner(),
                folders: source
                    .folders
                    .map_or_else(Vec::new, |folders| folders.into_inner().0),
                credential: match (source.password, source.oauth_token) {
                    (Some(password), None) => ImapCredential::Password(secret(password, folder)?),
                    (None, Some(token)) => ImapCredential::OauthToken(secret(token, folder)?),
                    _ => return Err(missing("add one of password and oauth_token")),
                },
            })
        }
    }
}

fn selection(several: Option<Spanned<Several>>) -> Selection {
    match several.map(|several| several.into_inner().0) {
        None => Selection::Own,
        Some(names) if names == ["all"] => Selection::All,
        Some(names) => Selection::Named(names),
    }
}

fn secret(table: Spanned<SecretTable>, folder: &Path) -> Result<Secret, Fault> {
    let span = table.span();
    match table.into_inner() {
        SecretTable {
            command: Some(command),
            file: None,
            keyring: None,
            env: None,
        } if !command.is_empty() => Ok(Secret::Command(command)),
        SecretTable {
            command: None,
            file: Some(file),
            keyring: None,
            env: None,
        } => Ok(Secret::File(folder.join(file))),
        SecretTable {
            command: None,
            file: None,
            keyring: Some(entry),
            env: None,
        } => Ok(Secret::Keyring(entry)),
        SecretTable {
            command: None,
            file: None,
            keyring: None,
            env: Some(name),
        } => Ok(Secret::Env(name)),
        _ => Err(Fault::new(
            span,
            "a secret is found in exactly one place",
            "write one of { command = [\"pass\", \"…\"] }, { file = \"…\" }, { keyring = \"…\" }, { env = \"…\" }",
        )),
    }
}
