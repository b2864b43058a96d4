//! Pulls records out of a source, byte for byte as received.
//!
//! In: a place where records lie (files today; an API or a mailbox server tomorrow). Out: a stream of
//! records, of problems (damage that was passed over) and of progress. Nothing is parsed further than it
//! takes to find where one record ends and what its own id is: what a record means is `extract`'s matter.
//! Order is that of sorted paths, so that two pulls of one folder give the same stream.

mod archive;
mod dashboard;
mod files;
mod google_calendar;
mod ics;
mod input;
mod instances;
mod json;
mod later;
pub mod live;
mod mail;
mod mbox;
mod sniff;
mod stripe;

pub use files::FileSource;
pub use input::unpacked;
pub use later::later;
pub use sniff::{Content, Place, sniff};

use crate::model::{Problem, Record};
use std::path::PathBuf;

/// What a source gives, in the order in which it is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pulled {
    Record(Record),
    /// Damage that was passed over; what stands before and after it was kept.
    Problem(Problem),
    /// So many of the source's bytes have been read.
    Progress {
        bytes_done: u64,
        bytes_total: u64,
    },
}

/// How much a source gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PullCount {
    pub records: u64,
    pub problems: u64,
}

/// Takes what a source gives; an error from it stops the pull.
pub type Sink<'a> = dyn FnMut(Pulled) -> Result<(), PullError> + 'a;

/// A place that records come from.
pub trait Source {
    /// The first half of every record's id.
    fn name(&self) -> &str;

    /// Streams everything that the source holds into `sink`.
    fn stream(&self, sink: &mut Sink<'_>) -> Result<(), PullError>;
}

/// Why a pull could not be done or finished. Damage in a record is no error, but a `Problem`.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("source \"{source_name}\": {} does not exist; correct its `path` in the configuration", path.display())]
    Missing { source_name: String, path: PathBuf },
    #[error("source \"{source_name}\": cannot read {}: {error}; check that it may be read", path.display())]
    Unreadable {
        source_name: String,
        path: PathBuf,
        #[source]
        error: std::io::Error,
    },
    /// Whoever takes the records could not keep one.
    #[error("what was pulled could not be kept: {0}")]
    NotKept(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Reads a whole source into `sink`.
pub fn read(source: &dyn Source, sink: &mut Sink<'_>) -> Result<PullCount, PullError> {
    let mut count = PullCount::default();
    source.stream(&mut |pulled| {
        match &pulled {
            Pulled::Record(_) => count.records += 1,
            Pulled::Problem(_) => count.problems += 1,
            Pulled::Progress { .. } => {}
        }
        sink(pulled)
    })?;
    Ok(count)
}
