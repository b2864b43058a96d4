//! `rebook evaluate`: how much of a world with known truth was rebuilt, and how much of it is right.

use super::Global;
use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, one_line};
use crate::config::Config;
use crate::evaluate::{self, EvaluateError, Measured, Score, Tally, Truth, World, Wrong};
use crate::wire;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A folder with rebook.toml and truth/, as `rebook simulate` writes it.
    #[arg(long, value_name = "DIR")]
    world: PathBuf,
    /// What `bookings --json` answered. Default: the bookings of the last build.
    #[arg(long, value_name = "FILE")]
    bookings: Option<PathBuf>,
    /// Measure a rebuild that had no backup: bookings made since then alone, without keys of resources.
    #[arg(long)]
    no_baseline: bool,
    /// Show so many of the clean bookings that are wrong.
    #[arg(long, value_name = "N", default_value_t = 0)]
    show: usize,
}

pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Done, Failure> {
    let truth = read_truth(&arguments.world)?;
    let lines = match &arguments.bookings {
        Some(path) => read(path)?,
        None => last_build(global)?,
    };
    let answers = evaluate::answers(&lines)?;
    let measured = if arguments.no_baseline {
        Measured::MadeInTheGap
    } else {
        Measured::Everything
    };
    let score = evaluate::evaluate(&truth, &answers, measured);
    let rows = rows(&arguments.world, &score);
    let mut answer = screen::answer();
    if global.json {
        let mut members: Vec<String> = rows
            .iter()
            .map(|(row, value)| format!("{}: {value}", json!(row)))
            .collect();
        let by_damage: Value = score
            .by_damage
            .iter()
            .map(|(kind, tally)| (kind.clone(), tally_object(tally)))
            .collect();
        members.push(format!("\"by_damage\": {by_damage}"));
        writeln!(answer, "{{{}}}", members.join(", "))?;
    } else {
        for (row, value) in &rows {
            writeln!(answer, "{row:>22}  {}", one_line(&text(value)))?;
        }
        write!(answer, "{}", damage_table(&score.by_damage))?;
    }
    for wrong in score.wrong.iter().take(arguments.show) {
        writeln!(answer, "{}", one_line(&describe(wrong)))?;
    }
    answer.flush()?;
    Ok(Done::All)
}

fn read_truth(world: &Path) -> Result<Truth, Failure> {
    let config = Config::load(&world.join("rebook.toml"))?;
    let facts = World {
        zone: config.business.zone,
        date_only: config
            .target
            .as_ref()
            .is_some_and(crate::model::Target::date_only),
        backup: config.window.backup,
    };
    let truth = world.join("truth");
    let (bookings, records) = (
        read(&truth.join("bookings.jsonl"))?,
        read(&truth.join("records.jsonl"))?,
    );
    let damage = truth.join("damage.jsonl");
    let damage = damage.exists().then(|| read(&damage)).transpose()?;
    Ok(Truth::parse(facts, &bookings, &records, damage.as_deref())?)
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::file(path, "read", &error))
}

/// What `bookings --json` would answer now.
fn last_build(global: &Global) -> Result<String, Failure> {
    let desk = Desk::open(global)?;
    let lines = desk
        .decided_bookings()?
        .iter()
        .map(|booking| wire::booking_line(booking, desk.clockface()) + "\n")
        .collect();
    Ok(lines)
}

/// The rows of the answer, in the order of reading.
fn rows(world: &Path, score: &Score) -> Vec<(&'static str, Value)> {
    fn counts<K: ToString>(counts: &BTreeMap<K, u64>) -> Value {
        counts
            .iter()
            .map(|(what, count)| (what.to_string(), json!(count)))
            .collect()
    }
    let full = std::path::absolute(world).unwrap_or_else(|_| world.to_path_buf());
    let name = full
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let payments = &score.payments;
    vec![
        ("world", json!(name)),
        ("scope", json!(score.scope)),
        ("found", json!(score.found)),
        ("recall", json!(score.recall())),
        ("rebuilt", json!(score.rebuilt)),
        ("clean", json!(score.clean)),
        ("silent", json!(score.silent)),
        ("silent_rate", json!(score.silent_rate())),
        ("flagged", json!(score.flagged)),
        ("flagged_rate", json!(score.flagged_rate())),
        ("suggested_right", json!(score.suggested_right_share())),
        ("clean_right_of_scope", json!(score.clean_right_of_scope())),
        ("wrong_fields", counts(&score.wrong_fields)),
        ("missing_fields", counts(&score.missing_fields)),
        (
            "payments",
            json!({
                "own": payments.own,
                "another": payments.another,
                "none": payments.none,
                "not a payment": payments.not_a_payment,
            }),
        ),
    ]
}

fn tally_object(tally: &Tally) -> Value {
    json!({
        "scope": tally.scope, "found": tally.found, "recall": tally.recall(), "clean": tally.clean,
        "silent": tally.silent, "flagged": tally.flagged, "flagged_rate": tally.flagged_rate(),
        "suggested_right": tally.suggested_right_share(),
    })
}

/// What each kind of damage did, where any is known; a booking that several befell stands in each line.
fn damage_table(by_damage: &BTreeMap<String, Tally>) -> String {
    if by_damage.keys().all(|kind| kind == evaluate::UNDAMAGED) {
        return String::new();
    }
    let mut table = format!(
        "\n{:>22}  {:>8}  {:>7}  {:>7}  {:>6}  {:>7}  {:>15}\n",
        "by damage", "bookings", "recall", "clean", "silent", "flagged", "suggested_right"
    );
    let share = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| share.to_string());
    for (kind, tally) in by_damage {
        let line = format!(
            "{:>22}  {:>8}  {:>7}  {:>7}  {:>6}  {:>7}  {:>15}\n",
            one_line(kind),
            tally.scope,
            share(tally.recall()),
            tally.clean,
            tally.silent,
            tally.flagged,
            share(tally.suggested_right_share())
        );
        table.push_str(&line);
    }
    table
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(counts) if counts.is_empty() => "none".to_owned(),
        Value::Object(counts) => {
            let counts: Vec<String> = counts
                .iter()
                .map(|(what, count)| format!("{what} {count}"))
                .collect();
            counts.join(", ")
        }
        value => value.to_string(),
    }
}

fn describe(wrong: &Wrong) -> String {
    let faults: Vec<String> = wrong.faults.iter().map(ToString::to_string).collect();
    let truth = wrong
        .truth
        .as_ref()
        .map_or_else(String::new, |key| format!(", of true booking {key}"));
    format!("wrong: {}{truth}: {}", wrong.id, faults.join(", "))
}

impl From<EvaluateError> for Failure {
    fn from(error: EvaluateError) -> Self {
        Self::usage(
            error.to_string(),
            "give what `rebook bookings --json` answered, and a world whose truth/ is whole",
        )
    }
}
