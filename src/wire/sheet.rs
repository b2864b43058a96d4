//! What `rebook sheet --json` answers.

use super::answer::MoneyAnswer;
use super::to_text;
use schemars::JsonSchema;
use serde::Serialize;

/// One day: who comes, who leaves, what is booked twice, what is not sure.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SheetAnswer {
    pub version: u32,
    pub business: String,
    pub tenant: Option<String>,
    /// A plain date on the business's clock.
    pub day: String,
    pub made_at: String,
    /// What was not read yet, or must be known before trusting the sheet; a sentence each.
    pub cautions: Vec<String>,
    pub sources: Vec<PulledAnswer>,
    pub doubles: Vec<DoubleAnswer>,
    pub starts: Vec<SheetLine>,
    pub ends: Vec<SheetLine>,
    /// In question, and no day is known: may be on this one.
    pub undated: Vec<SheetLine>,
    pub cancelled: Vec<CancelledAnswer>,
    /// Bookings that began before the day and end after it.
    pub under_way: u64,
}

/// How far a source was read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PulledAnswer {
    pub source: String,
    pub kind: String,
    pub records: u64,
    /// Null until it was read to its end.
    pub finished_at: Option<String>,
    pub problems: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SheetLine {
    pub booking: String,
    pub reference: Option<String>,
    pub tenant: Option<String>,
    /// On the business's clock, `09:00`; null where no time is known.
    pub time: Option<String>,
    /// The day is only one of several candidates.
    pub perhaps: bool,
    /// When it ends, of a start; when it began, of an end.
    pub other_end: Option<String>,
    pub customer: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub resource: Option<String>,
    pub total: Option<MoneyAnswer>,
    pub paid: Option<MoneyAnswer>,
    pub due: Option<MoneyAnswer>,
    /// `certain`, `so_far` (not everything was read yet), `backup` (as the backup has it) or `confirm` (a question is open).
    pub sure: String,
    pub why: Vec<String>,
}

/// Two bookings of one thing at one time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DoubleAnswer {
    pub resource: String,
    pub bookings: [String; 2],
    pub references: [Option<String>; 2],
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CancelledAnswer {
    pub booking: String,
    pub reference: Option<String>,
    pub time: Option<String>,
    pub customer: Option<String>,
    pub resource: Option<String>,
}

impl SheetAnswer {
    pub fn text(&self) -> String {
        to_text(self)
    }
}

/// What `rebook report --json` answers: the pages that were written, the whole business first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReportAnswer {
    version: u32,
    pages: Vec<String>,
}

impl ReportAnswer {
    pub fn new(pages: Vec<String>) -> Self {
        Self {
            version: super::VERSION,
            pages,
        }
    }

    pub fn text(&self) -> String {
        to_text(self)
    }
}
