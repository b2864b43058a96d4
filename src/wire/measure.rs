//! What `explain` of a record alone, `verify`, `review --stats`, `evaluate`, `simulate` and `init` answer in JSON.

use super::{VERSION, to_text};
use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// One line of `verify --json`: a row of the reload, and how it stands in the target.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VerifyAnswer<'a> {
    pub version: u32,
    /// `booking` or `payment`.
    pub what: &'a str,
    pub booking: &'a str,
    pub reference: Option<&'a str>,
    /// The charge, of a payment.
    pub payment: Option<&'a str>,
    /// What the reload would do with it now.
    pub outcome: &'a str,
    /// Why it is held or left; empty where nothing is to be said.
    pub reason: &'a str,
    /// Its key in the target, where it is there.
    pub key: Option<&'a str>,
    /// `stands`, `differs`, `missing` or `held back`.
    pub standing: &'a str,
}

impl<'a> VerifyAnswer<'a> {
    pub fn of(what: &'a str, booking: &'a str, outcome: &'a str, standing: &'a str) -> Self {
        Self {
            version: VERSION,
            what,
            booking,
            reference: None,
            payment: None,
            outcome,
            reason: "",
            key: None,
            standing,
        }
    }

    pub fn text(&self) -> String {
        to_text(self)
    }
}

/// How often was decided, and how often as suggested.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TallyAnswer {
    pub decided: usize,
    pub put_off: usize,
    /// Decisions on cases that had a suggestion.
    pub suggested: usize,
    pub suggestion_taken: usize,
}

/// What `review --stats --json` answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StatsAnswer {
    pub version: u32,
    pub open: usize,
    pub put_off: usize,
    pub all: TallyAnswer,
    pub by_kind: BTreeMap<String, TallyAnswer>,
    pub by_who: BTreeMap<String, TallyAnswer>,
    pub taken_back: usize,
    /// The median of a case; null while too few were decided.
    pub seconds_each: Option<i64>,
    pub seconds_left: Option<i64>,
}

impl StatsAnswer {
    pub fn text(&self) -> String {
        to_text(self)
    }
}

/// What `evaluate --world --json` answers: one row for each measure, as its table has them.
#[derive(JsonSchema)]
pub struct WorldScoreAnswer {
    #[schemars(flatten)]
    pub measures: Measures,
    version: u32,
    /// For each kind of damage, how the bookings that it befell came out.
    by_damage: Value,
}

/// Measures by name, in the order in which they are shown.
#[derive(JsonSchema)]
pub struct Measures(#[schemars(with = "BTreeMap<String, Value>")] pub Vec<(String, Value)>);

impl WorldScoreAnswer {
    pub fn new(measures: Vec<(String, Value)>, by_damage: Value) -> Self {
        Self {
            measures: Measures(measures),
            version: VERSION,
            by_damage,
        }
    }

    pub fn text(&self) -> String {
        to_text(self)
    }
}

impl Serialize for WorldScoreAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.measures.0 {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("by_damage", &self.by_damage)?;
        map.serialize_entry("version", &self.version)?;
        map.end()
    }
}

/// How often a field was as the restored database has it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AccuracyAnswer {
    pub right: u64,
    pub wrong: u64,
    pub empty: u64,
}

/// A booking that only one side has.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AloneAnswer {
    pub id: String,
    pub reference: Option<String>,
    pub state: Option<&'static str>,
}

/// A certain booking that is not as the restored database has it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MistakenAnswer {
    pub id: String,
    pub key: String,
    pub reference: Option<String>,
    pub fields: Vec<&'static str>,
}

/// What to do about a row that production took in or changed meanwhile.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StepAnswer {
    #[serde(rename = "do")]
    pub step: &'static str,
    pub key: String,
    pub reference: Option<String>,
    /// The key of the restored row that it meets.
    pub meets: Option<String>,
}

/// What `evaluate --truth --json` answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RestoredAnswer {
    pub version: u32,
    /// Bookings that were made or changed since the backup.
    pub scope: u64,
    pub found_clean: u64,
    pub found_flagged: u64,
    /// By field, of bookings that were certain.
    pub clean: BTreeMap<String, AccuracyAnswer>,
    /// By field, of bookings that were asked about.
    pub flagged: BTreeMap<String, AccuracyAnswer>,
    pub mistaken: Vec<MistakenAnswer>,
    pub only_rebuilt: Vec<AloneAnswer>,
    pub only_restored: Vec<AloneAnswer>,
    pub plan: Vec<StepAnswer>,
}

impl RestoredAnswer {
    pub fn text(&self) -> String {
        to_text(self)
    }
}

/// What `evaluate --json` answers.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code)] // only its form is looked at
pub(super) enum EvaluateAnswer {
    World(WorldScoreAnswer),
    Restored(RestoredAnswer),
}

/// What `simulate --json` answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum SimulateAnswer<'a> {
    /// A world was written.
    Written {
        version: u32,
        folder: &'a str,
        /// The configuration of a rebuild of it.
        config: &'a str,
    },
    /// One line of `--list`.
    Business {
        version: u32,
        business: &'a str,
        about: &'a str,
        /// Not looked at by whoever tunes the pipeline.
        held_out: bool,
    },
    /// One line of `--list-damage`, with its rates.
    Damage {
        version: u32,
        damage: &'a str,
        about: &'a str,
        light: f64,
        heavy: f64,
    },
}

impl SimulateAnswer<'_> {
    pub fn text(&self) -> String {
        to_text(self)
    }
}

/// What `init --json` answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct InitAnswer<'a> {
    version: u32,
    file: &'a str,
    /// What is left to fill in or to confirm.
    open: &'a [String],
    /// Why it cannot be used before it is completed; null where it can.
    unusable: Option<&'a str>,
}

pub fn init_line(file: &str, open: &[String], unusable: Option<&str>) -> String {
    to_text(&InitAnswer {
        version: VERSION,
        file,
        open,
        unusable,
    })
}

/// A value that was read in a record.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LooseClaim {
    pub field: &'static str,
    /// The field in words.
    pub label: &'static str,
    pub value: String,
    /// Where in the record.
    pub place: String,
    /// The rule that read it: `mail#3` is the third rule of `mail.toml`.
    pub rule: String,
    pub passage: Option<String>,
}

/// What `explain --json` answers of a record that is on no booking.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LooseAnswer {
    pub version: u32,
    pub record: String,
    /// The kind of record: `charge`, `event`, `message`, …
    pub object: String,
    pub said_at: Option<String>,
    /// The file and byte, or the address, that it was read from.
    pub origin: String,
    /// Of a charge, where its money is counted.
    pub bucket: Option<&'static str>,
    /// Why it is on no booking, a sentence each.
    pub reasons: Vec<String>,
    pub claims: Vec<LooseClaim>,
    /// Bookings with a question about it.
    pub asked_on: Vec<String>,
    /// Bookings of the same customer or reference.
    pub near: Vec<String>,
}

impl LooseAnswer {
    pub fn text(&self) -> String {
        to_text(self)
    }
}

/// What `explain --json` answers: a booking, or a record that is on none.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code)] // only its form is looked at
pub(super) enum ExplainAnswer<'a> {
    Booking(Box<super::answer::Explanation<'a>>),
    Record(Box<LooseAnswer>),
}
