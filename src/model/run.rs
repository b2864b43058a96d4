//! What a run did, for the closing summary and for `status`.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Pull,
    Baseline,
    Extract,
    Learn,
    Link,
    Fuse,
    Backtest,
    Export,
}

impl Stage {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Baseline => "baseline",
            Self::Extract => "extract",
            Self::Learn => "learn",
            Self::Link => "link",
            Self::Fuse => "fuse",
            Self::Backtest => "backtest",
            Self::Export => "export",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    pub stage: Stage,
    pub milliseconds: u64,
    /// Records, bookings or rows that the stage handled.
    pub items: u64,
}

/// How often a clean booking was exactly right, on bookings of the backup that were hidden.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backtest {
    /// Bookings of the backup that were hidden, and those of them that were rebuilt.
    pub hidden: u64,
    pub found: u64,
    pub clean: u64,
    pub right: u64,
    pub flagged: u64,
    /// Of the clean ones, by field.
    pub fields: Vec<FieldTest>,
    /// By what bookings are known from.
    pub evidence: Vec<EvidenceTest>,
}

/// How often a field of clean bookings was wrong, and how often it was left open though the backup knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTest {
    pub field: String,
    pub wrong: u64,
    pub missing: u64,
}

/// How bookings came out of which only this is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceTest {
    pub known_from: String,
    pub clean: u64,
    pub right: u64,
    pub flagged: u64,
}

/// Three things for a frightened founder: what was rebuilt, what must be decided, how far to trust it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    pub records: u64,
    /// How many of them came or changed since the build before; None where this is the first, or nothing was built.
    pub new_records: Option<u64>,
    /// The stages whose results are those of the build before, since nothing that they rest on has changed.
    pub reused: Vec<Stage>,
    pub problems: u64,
    pub inserts: u64,
    pub updates: u64,
    pub unchanged: u64,
    pub flagged: u64,
    pub rejected: u64,
    pub open_conflicts: u64,
    pub conflicts_by_kind: Vec<(String, u64)>,
    /// Sums per currency in minor units: (currency, provider's total, on bookings, belongs to none, in conflict).
    pub money: Vec<(String, i64, i64, i64, i64)>,
    pub backtest: Option<Backtest>,
    /// What was not learned, what stopped matching; a sentence each.
    pub warnings: Vec<String>,
}
