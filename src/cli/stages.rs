//! The seam between the command line and the stages: one thin function for each.
//!
//! The stages are written beside this file and land one by one; until one has, its function here gives nothing.

#![allow(clippy::unnecessary_wraps)] // until the stages land

use super::desk::Desk;
use super::failure::Failure;
use crate::model::{Baseline, Booking, Business, Decision, Document, Problem, Record, Target};
use std::path::Path;

/// What a source gives, in the order in which it is met.
#[allow(dead_code)]
pub(super) enum Pulled {
    Record(Record),
    Problem(Problem),
    Progress { bytes_done: u64, bytes_total: u64 },
}

/// Reads the files of a source into `sink`.
pub(super) fn pull(
    _source: &crate::config::SourceConfig,
    _path: &Path,
    _sink: &mut dyn FnMut(Pulled) -> Result<(), Failure>,
) -> Result<(), Failure> {
    Ok(())
}

/// Takes a record apart by its published format.
pub(super) fn extract(record: &Record, _desk: &Context) -> Document {
    Document {
        record: record.id.clone(),
        kind: record.kind,
        object: record.object.clone(),
        container: record.container.clone(),
        tenant: None,
        said_at: None,
        made_at: None,
        standing: crate::model::Standing::Business,
        items: Vec::new(),
        kin: Vec::new(),
        problems: Vec::new(),
    }
}

/// What extraction must know of the business.
pub(super) struct Context {
    _source: String,
}

impl Context {
    pub fn new(_config: &crate::config::Config, source: &str) -> Self {
        Self {
            _source: source.to_owned(),
        }
    }
}

/// Reads a dump or a SQLite file.
pub(super) fn read_baseline(
    _path: &Path,
    _target: &Target,
    _business: &Business,
) -> Result<Baseline, Failure> {
    Ok(Baseline::default())
}

/// Applies the decisions that stand.
pub(super) fn apply(
    bookings: Vec<Booking>,
    _decisions: &[Decision],
    _baseline: Option<&Baseline>,
    _desk: &Desk,
) -> Vec<Booking> {
    bookings
}
