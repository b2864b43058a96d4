//! `rebook export`: writes the SQL that reloads the bookings.

use super::desk::{Desk, Stopwatch};
use super::failure::{Done, Failure};
use super::screen::{self, Screen, one_line};
use super::summary::counted;
use super::words::count_of;
use super::{live, pipeline, private, stages, summary};
use crate::config::Config;
use crate::export::{self, Counts, ExportError, Options, Outcome, Reload, Sides};
use crate::fuse;
use crate::model::{Baseline, Booking, BookingId, Dialect, EntityKind, Stage, Summary, Target, stable_hash};
use crate::wire::{self, ExportAnswer, HeldAnswer};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file to write; an earlier export is replaced, any other file is not. The plan in plain words and the list
    /// of what is held stand beside it.
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    out: Option<PathBuf>,
    /// Leave out what waits for a decision, and list it.
    #[arg(long)]
    skip_flagged: bool,
    /// MySQL and SQLite: write the variant that rolls back. PostgreSQL's file always does, unless it is
    /// run with `psql -v commit=1`.
    #[arg(long)]
    rehearse: bool,
    /// The restored production, to plan against: a fresh dump, a SQLite file, or a postgres:// or mysql:// URL, which is
    /// only read.
    #[arg(long, value_name = "FILE or URL")]
    live: Option<String>,
    /// Write the file that takes the load back, where nobody has touched it since.
    #[arg(long, value_name = "FILE")]
    undo: Option<PathBuf>,
    /// Write all rows into this folder too, as CSV and JSON Lines, for other tools.
    #[arg(long, value_name = "DIR")]
    rows: Option<PathBuf>,
    /// Where the load notes what it wrote; `none` for those who may not create a table.
    #[arg(long, value_name = "WHERE", default_value = "table")]
    journal: Journal,
    /// Only hold [target] against the schema, of the backup or of --live, and write nothing.
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Journal {
    Table,
    None,
}

impl Arguments {
    /// What is certain, into one file.
    pub fn of_clean(out: PathBuf) -> Self {
        Self {
            out: Some(out),
            skip_flagged: true,
            rehearse: false,
            live: None,
            undo: None,
            rows: None,
            journal: Journal::Table,
            check: false,
        }
    }
}

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    let target = target_of(desk)?;
    if arguments.check {
        return check(arguments, desk, &target);
    }
    let Some(out) = &arguments.out else {
        return Err(Failure::usage("no file is named", "name one with --out"));
    };
    let beside = Beside::of(out);
    let files = [
        Some(out),
        Some(&beside.plan),
        Some(&beside.held),
        arguments.undo.as_ref(),
    ];
    files
        .into_iter()
        .flatten()
        .try_for_each(|path| refuse_foreign(path))?;
    if arguments.undo.is_some() && arguments.journal == Journal::None {
        return Err(Failure::usage(
            "without a journal nothing tells what to undo",
            "leave out --journal none, or --undo",
        ));
    }
    desk.warn_of_stale(screen)?;
    for missing in pipeline::missing(desk)? {
        screen.warn(&missing);
    }
    let run = desk
        .staging
        .begin_run("export", super::VERSION, &desk.timestamp())?;
    let mut stopwatch = Stopwatch::default();
    let material = Material::gather(desk, &target, arguments.live.as_deref())?;
    let options = Options {
        skip_flagged: arguments.skip_flagged,
        rehearse: arguments.rehearse,
        journal: arguments.journal == Journal::Table,
        rows: arguments.rows.is_some(),
        ..material.options(desk)?
    };
    let reload = stopwatch.time(Stage::Export, || {
        let reload = material.reload(&target, desk, &options)?;
        private::write_whole(out, &reload.sql)?;
        private::write_whole(
            &beside.plan,
            &reload.plan_text(&desk.config.business, options.live.as_deref()),
        )?;
        private::write_whole(&beside.held, &reload.held_csv())?;
        if let Some(undo) = &arguments.undo {
            private::write_whole(undo, &reload.undo)?;
        }
        if let Some(folder) = &arguments.rows {
            write_rows(folder, &reload)?;
        }
        Ok((reload, material.bookings.len() as u64))
    })?;
    desk.staging.end_run(run, &stopwatch.timings, &desk.timestamp())?;
    super::report::remember(super::report::EXPORTS, std::slice::from_ref(out), desk)?;
    if desk.json {
        let mut answer = screen::answer();
        writeln!(answer, "{}", answered(&reload, out).text())?;
        answer.flush()?;
    } else {
        report(&reload, out, screen)?;
    }
    screen.say(&how_to_load(target.dialect, arguments.rehearse, out));
    screen.say_more(&format!(
        "Beside it: {} (the plan in words), {} (what is held)",
        beside.plan.display(),
        beside.held.display()
    ));
    Ok(Done::All)
}

/// The target, or where to write one.
pub(super) fn target_of(desk: &Desk) -> Result<Target, Failure> {
    desk.config.target.clone().ok_or_else(|| {
        Failure::usage(
            "there is nothing to export into",
            "add [target] to rebook.toml: it says which table and column holds what",
        )
    })
}

/// All that an export is made of.
pub(super) struct Material {
    pub bookings: Vec<Booking>,
    pub backup: Option<Baseline>,
    pub live: Option<Baseline>,
    /// In words, without a password.
    place: Option<String>,
}

impl Material {
    pub fn gather(desk: &Desk, target: &Target, live: Option<&str>) -> Result<Self, Failure> {
        Ok(Self {
            bookings: desk.kept(desk.decided_values()?)?,
            backup: desk.backup()?,
            live: live
                .map(|place| live::read(place, &desk.config, target))
                .transpose()?,
            place: live.map(live::shown),
        })
    }

    /// As the configuration and staging say; a file that commits what is clean.
    pub fn options(&self, desk: &Desk) -> Result<Options, Failure> {
        let lines: Vec<String> = self
            .bookings
            .iter()
            .map(|booking| wire::booking_line(booking, desk.clockface()))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        Ok(Options {
            skip_flagged: true,
            rehearse: false,
            exclusive_resources: self.backup.as_ref().is_some_and(fuse::exclusive),
            loss: desk.config.window.loss,
            tool: format!("rebook {}", super::VERSION),
            config: desk.config.hash.clone(),
            staging: stable_hash(&lines),
            backtest: Some(pipeline::last_trust(desk)?),
            live: self.place.clone(),
            journal: true,
            rows: false,
            kept_ids: self.kept_ids(desk)?,
        })
    }

    /// The keys that new bookings had, where the configuration wants to keep them.
    fn kept_ids(&self, desk: &Desk) -> Result<BTreeMap<BookingId, String>, Failure> {
        let keeps = desk
            .config
            .target
            .as_ref()
            .is_some_and(|target| target.booking.keep_ids);
        match &self.backup {
            Some(backup) if keeps => stages::original_ids(&self.bookings, backup, desk),
            _ => Ok(BTreeMap::new()),
        }
    }

    pub fn reload(&self, target: &Target, desk: &Desk, options: &Options) -> Result<Reload, Failure> {
        let sides = Sides {
            backup: self.backup.as_ref(),
            live: self.live.as_ref(),
        };
        export::export_beside(&self.bookings, target, &desk.config.business, sides, options)
            .map_err(|error| refusal(&error, &desk.config))
    }
}

/// What stands beside the SQL, named after it.
struct Beside {
    plan: PathBuf,
    held: PathBuf,
}

impl Beside {
    fn of(out: &Path) -> Self {
        Self {
            plan: out.with_extension("plan.txt"),
            held: out.with_extension("held.csv"),
        }
    }
}

/// Holds the configured target against a schema, and says what every table will get.
fn check(arguments: &Arguments, desk: &Desk, target: &Target) -> Result<Done, Failure> {
    let schema = match &arguments.live {
        Some(place) => live::read(place, &desk.config, target)?,
        None => desk.backup()?.ok_or_else(|| {
            Failure::usage(
                "there is no schema to hold [target] against",
                "add [baseline], or name a dump of production with --live",
            )
        })?,
    };
    let lines = export::check_target(target, &schema).map_err(|error| refusal(&error, &desk.config))?;
    let mut answer = screen::answer();
    writeln!(answer, "[target] fits the schema")?;
    for line in lines {
        writeln!(answer, "  {}", one_line(&line))?;
    }
    answer.flush()?;
    Ok(Done::All)
}

fn write_rows(folder: &Path, reload: &Reload) -> Result<(), Failure> {
    private::make_folder(folder)?;
    for rows in &reload.rows {
        let name = rows.kind.as_str();
        private::write_whole(&folder.join(format!("{name}s.csv")), &rows.csv())?;
        let mut lines = String::new();
        for row in &rows.rows {
            let members = rows.columns.iter().zip(row);
            let members: Vec<String> = members
                .map(|(column, cell)| format!("{}: {}", json!(column), json!(cell)))
                .collect();
            let _ = writeln!(lines, "{{{}}}", members.join(", "));
        }
        private::write_whole(&folder.join(format!("{name}s.jsonl")), &lines)?;
    }
    Ok(())
}

/// The same as `report`, for programs.
fn answered(reload: &Reload, file: &Path) -> ExportAnswer {
    let counts = &reload.counts;
    let held = reload.held.iter().map(|held| HeldAnswer {
        booking: held.booking.to_string(),
        reference: held.reference.clone(),
        payment: held.payment.clone(),
        reason: held.reason.clone(),
    });
    let left_out = reload.left_out.iter().map(|left_out| HeldAnswer {
        booking: left_out.booking.to_string(),
        reference: left_out.reference.clone(),
        payment: None,
        reason: left_out.reason.clone(),
    });
    ExportAnswer {
        version: wire::VERSION,
        file: file.display().to_string(),
        batch: reload.batch.clone(),
        inserts: counts.inserts as u64,
        updates: counts.updates as u64,
        customers: counts.customers as u64,
        payments: counts.payments as u64,
        refunds: counts.refunds as u64,
        rejected: counts.rejected as u64,
        held: held.collect(),
        left_out: left_out.collect(),
        notes: reload.notes.clone(),
    }
}

/// What would be written of what is certain; why nothing can be, in a sentence.
pub(super) fn plan(
    bookings: &[Booking],
    target: &Target,
    baseline: Option<&Baseline>,
    summary: &Summary,
    desk: &Desk,
) -> Result<Reload, String> {
    let options = Options {
        skip_flagged: true,
        rehearse: false,
        exclusive_resources: baseline.is_some_and(fuse::exclusive),
        loss: desk.config.window.loss,
        tool: format!("rebook {}", super::VERSION),
        config: desk.config.hash.clone(),
        staging: String::new(),
        backtest: Some(summary::trust(summary.backtest.as_ref())),
        live: None,
        journal: true,
        rows: false,
        kept_ids: BTreeMap::new(),
    };
    let sides = Sides {
        backup: baseline,
        live: None,
    };
    export::export_beside(bookings, target, &desk.config.business, sides, &options)
        .map_err(|error| error.to_string())
}

/// What is in the file, what is not, and how it is loaded.
fn report(reload: &Reload, out: &Path, screen: &Screen) -> Result<(), Failure> {
    let Counts {
        customers,
        inserts,
        updates,
        payments,
        refunds,
        rejected,
        ..
    } = reload.counts;
    let mut answer = screen::answer();
    writeln!(answer, "{} holds", out.display())?;
    let there = reload
        .fates
        .iter()
        .filter(|fate| {
            fate.entity == EntityKind::Booking && matches!(fate.outcome, Outcome::Loaded | Outcome::Live)
        })
        .count() as u64;
    let held = reload.held.len() as u64;
    let left_out = reload.left_out.len() as u64;
    for (count, one, many) in [
        (inserts, "new booking", "new bookings"),
        (
            updates,
            "change of a booking that stands in the backup",
            "changes of bookings that stand in the backup",
        ),
        (customers, "new customer", "new customers"),
        (payments, "new payment", "new payments"),
        (
            refunds,
            "refund of a payment that stands in the backup",
            "refunds of payments that stand in the backup",
        ),
    ] {
        counted(&mut answer, count as u64, one, many)?;
    }
    if held + left_out + there + rejected as u64 > 0 {
        writeln!(answer, "and does not hold")?;
    }
    for (count, one, many) in [
        (
            there,
            "booking that is live already",
            "bookings that are live already",
        ),
        (held, "row that cannot be written", "rows that cannot be written"),
        (
            left_out,
            "booking that waits for your decision",
            "bookings that wait for your decision",
        ),
        (
            rejected as u64,
            "that you said is no booking",
            "that you said are no bookings",
        ),
    ] {
        if count > 0 {
            counted(&mut answer, count, one, many)?;
        }
    }
    for held in &reload.held {
        let what = held.payment.as_deref().or(held.reference.as_deref());
        let what = what.unwrap_or(held.booking.as_str());
        writeln!(
            answer,
            "  held: {} ({}): {}",
            one_line(what),
            held.booking,
            one_line(&held.reason)
        )?;
    }
    for left_out in reload.left_out.iter().filter(|_| screen.verbose) {
        let what = left_out.reference.as_deref().unwrap_or(left_out.booking.as_str());
        writeln!(
            answer,
            "  left out: {}: {}",
            one_line(what),
            one_line(&left_out.reason)
        )?;
    }
    for note in &reload.notes {
        writeln!(answer, "  {}", one_line(note))?;
    }
    answer.flush()?;
    Ok(())
}

fn how_to_load(dialect: Dialect, rehearse: bool, out: &Path) -> String {
    let file = out.display();
    match (dialect, rehearse) {
        (Dialect::Postgres, _) => format!(
            "Rehearse: psql -X -v ON_ERROR_STOP=1 -f {file} DATABASE\n\
             Load:     psql -X -v ON_ERROR_STOP=1 -v commit=1 -f {file} DATABASE"
        ),
        (Dialect::Mysql, true) => format!("Rehearse: mariadb -t DATABASE < {file}"),
        (Dialect::Sqlite, true) => format!("Rehearse: sqlite3 -bail DATABASE < {file}"),
        (Dialect::Mysql, false) => {
            format!("Load: mariadb -t DATABASE < {file}    (first with --rehearse: it rolls back)")
        }
        (Dialect::Sqlite, false) => {
            format!("Load: sqlite3 -bail DATABASE < {file}    (first with --rehearse: it rolls back)")
        }
    }
}

/// Why nothing was written; what is wrong in the configuration is shown there.
fn refusal(error: &ExportError, config: &Config) -> Failure {
    if let ExportError::Open { open } = error {
        return Failure::conflicts_open(
            format!(
                "{} for your decision; nothing was written",
                count_of(*open as u64, "booking waits", "bookings wait")
            ),
            "answer them with `rebook review`, or leave them out with --skip-flagged",
        );
    }
    let words = error.to_string();
    // What is wrong, and behind the colon what to write.
    let (message, hint) = words.split_once(": ").unwrap_or((&words, ""));
    match error.place() {
        Some((entity, name)) => config.contradicted(entity, name, message, hint).into(),
        None => Failure::usage(words, ""),
    }
}

/// A file that is no earlier export stays as it is.
fn refuse_foreign(path: &Path) -> Result<(), Failure> {
    let Ok(file) = File::open(path) else { return Ok(()) };
    let mut beginning = Vec::new();
    let read = file.take(200).read_to_end(&mut beginning);
    if read.is_ok() && (beginning.is_empty() || export::is_reload(&beginning)) {
        return Ok(());
    }
    Err(Failure::usage(
        format!("{} is there already, and is no export of rebook", path.display()),
        "name another file with --out",
    ))
}
