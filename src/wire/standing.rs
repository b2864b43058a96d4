//! What `status`, `doctor`, `export`, `learn` and `forget` answer in JSON.

use super::answer::{SummaryAnswer, summary_answer};
use super::sheet::PulledAnswer;
use super::{VERSION, to_text};
use crate::model::Summary;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the last build differs from the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangesAnswer {
    /// When the build before was made; null where this is the first.
    pub since: Option<String>,
    /// When this build was made.
    pub at: String,
    /// Records received between the two, changed ones included.
    pub records: u64,
    pub new: u64,
    pub gone: u64,
    pub changed: u64,
    /// Newly in question.
    pub opened: u64,
    /// No longer in question.
    pub closed: u64,
}

impl ChangesAnswer {
    pub fn encode(&self) -> String {
        to_text(self)
    }

    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// What `status --json` answers: the summary of the last build, and where things stand.
#[derive(Serialize, JsonSchema)]
pub struct StatusAnswer<'a> {
    #[serde(flatten)]
    summary: SummaryAnswer<'a>,
    is_built: bool,
    sources: Vec<PulledAnswer>,
    decisions: u64,
    changes: Option<ChangesAnswer>,
    /// The next command, as it can be typed.
    next: &'a str,
}

pub fn status_line(
    summary: &Summary,
    is_built: bool,
    sources: Vec<PulledAnswer>,
    decisions: u64,
    changes: Option<ChangesAnswer>,
    next: &str,
) -> String {
    to_text(&StatusAnswer {
        summary: summary_answer(summary, &[]),
        is_built,
        sources,
        decisions,
        changes,
        next,
    })
}

/// One thing that `doctor` looked at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CheckAnswer {
    pub what: String,
    /// `good`, `doubtful` or `bad`.
    pub state: String,
    pub found: String,
    /// What to do about it; empty where nothing is to be done.
    pub hint: String,
}

/// What `doctor --json` answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DoctorAnswer {
    version: u32,
    checks: Vec<CheckAnswer>,
}

pub fn doctor_line(checks: Vec<CheckAnswer>) -> String {
    to_text(&DoctorAnswer {
        version: VERSION,
        checks,
    })
}

/// Files that a command wrote or removed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FilesAnswer {
    version: u32,
    files: Vec<String>,
    /// Files that hold people's data and were left.
    left: Vec<String>,
}

/// What `learn --json` and `forget --json` answer.
pub fn files_line(files: Vec<String>, left: Vec<String>) -> String {
    to_text(&FilesAnswer {
        version: VERSION,
        files,
        left,
    })
}

/// What `export --json` answers.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ExportAnswer {
    pub version: u32,
    pub file: String,
    /// The same rows give the same batch.
    pub batch: String,
    pub inserts: u64,
    pub updates: u64,
    pub customers: u64,
    pub payments: u64,
    pub refunds: u64,
    pub rejected: u64,
    /// What cannot be written, and why.
    pub held: Vec<HeldAnswer>,
    /// What waits for a decision.
    pub left_out: Vec<HeldAnswer>,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HeldAnswer {
    pub booking: String,
    pub reference: Option<String>,
    /// The charge, where only a payment is held.
    pub payment: Option<String>,
    pub reason: String,
}

impl ExportAnswer {
    pub fn text(&self) -> String {
        to_text(self)
    }
}
