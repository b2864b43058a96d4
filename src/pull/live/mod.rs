//! Sources that are read over the network: read-only, page by page, resumable.
//!
//! A live source is handed what staging remembers of it and a `Post`. Through the post it gives pages back:
//! records together with the part of the pull that they belong to and with the cursor behind them. Whoever
//! keeps a page keeps all of it or nothing, so that a pull that is killed at any point goes on where its last
//! kept page ended. Sources run on threads of their own and share nothing.

pub mod google;
pub mod guard;
pub mod http;
pub mod imap;
pub mod proxy;
pub mod retry;
pub mod secret;
pub mod stripe;
pub mod tls;

pub use secret::{Secret, SecretSource};

use crate::model::{Memory, Page, SourceKind};
use chrono::{DateTime, Utc};

/// A source over the network.
pub trait LiveSource: Send + Sync {
    /// The first half of every record's id.
    fn name(&self) -> &str;

    fn kind(&self) -> SourceKind;

    /// What a pull of this source is to read, in one line: a pull that was cut short is gone on with only
    /// where this is still the same. It names no secret.
    fn asked(&self) -> String;

    /// What the credential may do, without reading a record.
    fn check(&self, post: &dyn Post) -> Result<Permit, LiveError>;

    /// Reads what `memory` does not hold yet. Parts that `memory` calls whole are not asked for again.
    fn pull(&self, memory: &Memory, post: &dyn Post) -> Result<(), LiveError>;
}

/// Takes what a source gives, and knows what a source must not: the time, and chance. Shared by its threads.
pub trait Post: Send + Sync {
    /// Hands a page over to be kept. Pages are kept in the order in which they are handed over, and this waits
    /// while too many stand in line. An error means that nothing more is taken: give up.
    fn keep(&self, page: Page) -> Result<(), LiveError>;

    /// So many more records are to be expected; for the bar alone.
    fn expect(&self, records: u64);

    /// By what was read so far, so many records will have been read in the end; for the bar alone.
    fn estimate(&self, _records: u64) {}

    /// Whether the work is given up; asked before each request and each wait.
    fn is_cancelled(&self) -> bool;

    fn now(&self) -> DateTime<Utc>;

    /// From 0 to 1: for waits that do not all end at once.
    fn chance(&self) -> f64;
}

/// What a credential may do, as far as the provider tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Permit {
    /// Whom the credential stands for, where that is told: an account, an address.
    pub who: String,
    pub access: Access,
    /// A sentence each: what it may read, what a person should know or tick.
    pub notes: Vec<String>,
    /// How many records a pull would read, where the provider tells.
    pub records: Option<u64>,
    /// How long that takes; None: it cannot be told.
    pub length: Option<Length>,
    /// What the server's clock showed, where it tells.
    pub server_time: Option<DateTime<Utc>>,
    /// Calendars and their zones, where they are told.
    pub zones: Vec<(String, String)>,
}

/// About how long a pull takes, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Length {
    /// As fast as the provider allows.
    AtTheLimit(f64),
    /// As fast as the server was just seen to be, where the provider names no limit or is slower than that.
    AtThisPace(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// The provider says that it can only read.
    ReadOnly,
    /// It could write; the program does not.
    CanWrite,
    /// The provider does not tell.
    #[default]
    NotTold,
}

/// Why a source could not be read to its end, by who must act. No variant ever holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The person who set it up: a credential, a permission, the configuration.
    #[error("{message}")]
    Setup { message: String, hint: String },
    /// The service, or the way to it: it did not answer, or not so that it can be used.
    #[error("{message}")]
    Service { message: String, hint: String },
    /// The work is given up, because a page could not be kept or somebody asked for it.
    #[error("given up")]
    Cancelled,
    /// This program.
    #[error("{message}; this is a fault of rebook")]
    Bug { message: String },
}

impl LiveError {
    pub fn setup(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Setup {
            message: message.into(),
            hint: hint.into(),
        }
    }

    pub fn service(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Service {
            message: message.into(),
            hint: hint.into(),
        }
    }

    pub fn bug(message: impl Into<String>) -> Self {
        Self::Bug {
            message: message.into(),
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Setup { hint, .. } | Self::Service { hint, .. } => hint,
            Self::Cancelled => "",
            Self::Bug { .. } => "run the command again; what was read before is kept",
        }
    }
}
