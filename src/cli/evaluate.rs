//! `rebook evaluate`: how much was rebuilt, and how much of it is right, by a world's known truth or by the lost
//! database where it came back after all.

use super::Global;
use super::desk::Desk;
use super::failure::{Done, Failure};
use super::live;
use super::screen::{self, one_line};
use crate::config::Config;
use crate::evaluate::{self, EvaluateError, Measured, Restored, Score, Step, Tally, Truth, World, Wrong};
use crate::wire;
use crate::wire::{
    AccuracyAnswer, AloneAnswer, MistakenAnswer, RestoredAnswer, StepAnswer, VERSION, WorldScoreAnswer,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A folder with rebook.toml and truth/, as `rebook simulate` writes it.
    #[arg(long, value_name = "DIR", required_unless_present = "truth")]
    world: Option<PathBuf>,
    /// The lost database, restored after all: a dump, a SQLite file or a URL, which is only read.
    #[arg(long, value_name = "FILE or URL", conflicts_with_all = ["world", "bookings", "no_baseline"])]
    truth: Option<String>,
    /// With --truth: what production holds now; gives a plan for what it took in meanwhile.
    #[arg(long, value_name = "FILE or URL", requires = "truth")]
    live: Option<String>,
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
    if let Some(truth) = &arguments.truth {
        return restored(truth, arguments, global);
    }
    let Some(world) = &arguments.world else {
        return Err(Failure::usage(
            "nothing to measure by",
            "name a folder with --world, or a database with --truth",
        ));
    };
    let truth = read_truth(world)?;
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
    let rows = rows(world, &score);
    let mut answer = screen::answer();
    if global.json {
        let by_damage: Value = score
            .by_damage
            .iter()
            .map(|(kind, tally)| (kind.clone(), tally_object(tally)))
            .collect();
        let measures = rows.iter().map(|(row, value)| ((*row).to_owned(), value.clone()));
        let line = WorldScoreAnswer::new(measures.collect(), by_damage);
        writeln!(answer, "{}", line.text())?;
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

/// By the lost database itself.
fn restored(truth: &str, arguments: &Arguments, global: &Global) -> Result<Done, Failure> {
    let desk = Desk::open(global)?;
    let target = super::export::target_of(&desk)?;
    let bookings = desk.kept(desk.decided_bookings()?)?;
    let backup = desk.backup()?;
    let lost = live::read(truth, &desk.config, &target)?;
    let now = arguments
        .live
        .as_deref()
        .map(|place| live::read(place, &desk.config, &target))
        .transpose()?;
    let score = evaluate::against_restored(
        &bookings,
        &lost,
        backup.as_ref(),
        now.as_ref(),
        &desk.config.business,
    );
    let mut answer = screen::answer();
    if global.json {
        writeln!(answer, "{}", restored_answer(&score).text())?;
    } else {
        tell_restored(&score, now.is_some(), &desk, &mut answer)?;
    }
    answer.flush()?;
    Ok(Done::All)
}

fn restored_answer(score: &Restored) -> RestoredAnswer {
    let fields = |fields: &BTreeMap<evaluate::Field, evaluate::Accuracy>| {
        fields
            .iter()
            .map(|(field, found)| {
                let counts = AccuracyAnswer {
                    right: found.right,
                    wrong: found.wrong,
                    empty: found.empty,
                };
                (field.to_string(), counts)
            })
            .collect()
    };
    let alone = |alone: &[evaluate::Alone]| {
        alone
            .iter()
            .map(|alone| AloneAnswer {
                id: alone.id.clone(),
                reference: alone.reference.clone(),
                state: alone.state.map(crate::model::State::as_str),
            })
            .collect()
    };
    let mistaken = score.mistaken.iter().map(|found| MistakenAnswer {
        id: found.id.clone(),
        key: found.key.clone(),
        reference: found.reference.clone(),
        fields: found.fields.iter().map(|field| field.as_str()).collect(),
    });
    let plan = score.plan.iter().map(|line| StepAnswer {
        step: line.step.in_words(),
        key: line.key.clone(),
        reference: line.reference.clone(),
        meets: line.meets.clone(),
    });
    RestoredAnswer {
        version: VERSION,
        scope: score.scope,
        found_clean: score.found_clean,
        found_flagged: score.found_flagged,
        clean: fields(&score.clean),
        flagged: fields(&score.flagged),
        mistaken: mistaken.collect(),
        only_rebuilt: alone(&score.only_rebuilt),
        only_restored: alone(&score.only_restored),
        plan: plan.collect(),
    }
}

fn tell_restored(
    score: &Restored,
    planned: bool,
    desk: &Desk,
    answer: &mut impl Write,
) -> Result<(), Failure> {
    let zone = desk.config.business.zone;
    let line = |id: &str, reference: &Option<String>, starts: Option<crate::model::When>| {
        let starts = starts.map_or_else(String::new, |when| format!(", starts {}", when.render(zone)));
        one_line(&format!("{} ({id}){starts}", reference.as_deref().unwrap_or("-")))
    };
    writeln!(
        answer,
        "Since the backup {} bookings were made or changed; {} of them were rebuilt as certain, {} wait for a decision",
        score.scope, score.found_clean, score.found_flagged
    )?;
    for (title, fields) in [("certain", &score.clean), ("asked about", &score.flagged)] {
        if fields.is_empty() {
            continue;
        }
        writeln!(answer, "\nField by field, of those that were {title}")?;
        writeln!(answer, "{:>18}  {:>7} {:>7} {:>7}", "", "right", "wrong", "empty")?;
        for (field, found) in fields {
            let share = found
                .share()
                .map_or_else(String::new, |share| format!("{:8.2} %", share * 100.0));
            writeln!(
                answer,
                "{:>18}  {:>7} {:>7} {:>7}{share}",
                field.as_str(),
                found.right,
                found.wrong,
                found.empty
            )?;
        }
    }
    if !score.mistaken.is_empty() {
        writeln!(
            answer,
            "\nCertain, and not as the restored database has it: {}",
            score.mistaken.len()
        )?;
        for found in &score.mistaken {
            let fields: Vec<&str> = found.fields.iter().map(|field| field.as_str()).collect();
            writeln!(
                answer,
                "  {}: {}",
                line(&found.id, &found.reference, None),
                fields.join(", ")
            )?;
        }
    }
    for (title, alone) in [
        (
            "Only rebuilt: no restored booking is this one",
            &score.only_rebuilt,
        ),
        ("Only restored: nothing was rebuilt of it", &score.only_restored),
    ] {
        writeln!(answer, "\n{title}: {}", alone.len())?;
        for found in alone {
            writeln!(answer, "  {}", line(&found.id, &found.reference, found.starts_at))?;
        }
    }
    if planned {
        writeln!(
            answer,
            "\nWhat production took in or changed meanwhile: {}",
            score.plan.len()
        )?;
        for step in Step::ALL {
            let lines: Vec<&evaluate::Planned> = score.plan.iter().filter(|line| line.step == step).collect();
            if lines.is_empty() {
                continue;
            }
            writeln!(answer, "  {} {}", lines.len(), step.in_words())?;
            for found in lines.into_iter().filter(|_| step != Step::Nothing) {
                let meets = found
                    .meets
                    .as_ref()
                    .filter(|meets| **meets != found.key)
                    .map_or_else(String::new, |meets| format!(" meets {meets}"));
                writeln!(
                    answer,
                    "    {}{meets}",
                    line(&found.key, &found.reference, found.starts_at)
                )?;
            }
        }
    }
    Ok(())
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
        .kept(desk.decided_bookings()?)?
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
