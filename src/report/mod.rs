//! Pages for people: the sheet of one day, and the report on a rebuild.
//!
//! In: bookings with all decisions applied, charges, what is known of the sources. Out: what stands on a day, and
//! whole HTML pages and CSV as text. A page needs no network and no script, and forbids both; whatever text
//! comes from outside is written through [`html`], where it cannot become markup.

mod account;
mod chart;
mod coverage;
mod day;
mod html;
mod lists;
mod report_page;
pub mod rows;
mod sheet_page;
mod standing;
mod style;

pub use account::of_tenant;
pub use day::{Cancelled, Day, Double, Evidence, Line, Question, Side, Slot, Sureness, day};
pub use html::is_report;
pub use report_page::{Learned, Plan, Report, Words, grouped};
pub use sheet_page::{
    Heading, cancelled_words, claimant, due_words, pulled_words, sheet_csv, sheet_page, spoken, why,
};
pub use standing::standing;

use crate::model::SourceKind;
use chrono::{DateTime, Utc};

/// How far one source was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    pub source: String,
    pub kind: SourceKind,
    /// Somebody tried to read it.
    pub is_begun: bool,
    pub records: u64,
    /// None: not yet read to its end.
    pub finished_at: Option<DateTime<Utc>>,
    /// What was met and passed over.
    pub problems: u64,
}

impl Pulled {
    pub fn is_whole(&self) -> bool {
        self.finished_at.is_some()
    }
}
