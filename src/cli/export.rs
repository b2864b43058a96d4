//! `rebook export`: writes the SQL that reloads the bookings.

use super::desk::{Desk, Stopwatch};
use super::failure::{Done, Failure};
use super::screen::{self, Screen, one_line};
use super::summary::counted;
use super::words::count_of;
use super::{pipeline, private, summary};
use crate::export::{self, Counts, ExportError, Options, Reload};
use crate::fuse;
use crate::model::{Dialect, Stage};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file to write; an earlier export is replaced, any other file is not.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Leave out what waits for a decision, and list it.
    #[arg(long)]
    skip_flagged: bool,
    /// MySQL and SQLite: write the variant that rolls back. PostgreSQL's file always does, unless it is
    /// run with `psql -v commit=1`.
    #[arg(long)]
    rehearse: bool,
    /// The restored production, to merge with: a dump, a SQLite file or a URL.
    #[arg(long, value_name = "FILE or URL")]
    live: Option<String>,
}

impl Arguments {
    /// What is certain, into one file.
    pub fn of_clean(out: PathBuf) -> Self {
        Self {
            out,
            skip_flagged: true,
            rehearse: false,
            live: None,
        }
    }
}

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    if arguments.live.is_some() {
        return Err(Failure::usage(
            "--live is not read by this version",
            "leave it out: the SQL itself looks at the live rows when it runs, and holds back what collides",
        ));
    }
    let target = desk.config.target.clone().ok_or_else(|| {
        Failure::usage(
            "there is nothing to export into",
            "add [target] to rebook.toml: it says which table and column holds what",
        )
    })?;
    refuse_foreign(&arguments.out)?;
    desk.warn_of_stale(screen)?;
    let run = desk
        .staging
        .begin_run("export", super::VERSION, &desk.timestamp())?;
    let mut stopwatch = Stopwatch::default();
    let bookings = desk.decided_bookings()?;
    let baseline = desk.baseline()?;
    let options = Options {
        skip_flagged: arguments.skip_flagged,
        rehearse: arguments.rehearse,
        exclusive_resources: baseline.as_ref().is_some_and(fuse::exclusive),
        loss: desk.config.window.loss,
        tool: format!("rebook {}", super::VERSION),
        config: desk.config.hash.clone(),
        staging: String::new(),
        live: None,
        journal: true,
        rows: false,
        backtest: Some(summary::trust(pipeline::last_summary(desk)?.backtest.as_ref())),
    };
    let reload = stopwatch.time(Stage::Export, || {
        let reload = export::export(
            &bookings,
            &target,
            &desk.config.business,
            baseline.as_ref(),
            &options,
        )?;
        private::write_whole(&arguments.out, &reload.sql)?;
        Ok((reload, bookings.len() as u64))
    })?;
    desk.staging.end_run(run, &stopwatch.timings, &desk.timestamp())?;
    report(&reload, arguments, target.dialect, screen)?;
    Ok(Done::All)
}

/// What is in the file, what is not, and how it is loaded.
fn report(reload: &Reload, arguments: &Arguments, dialect: Dialect, screen: &Screen) -> Result<(), Failure> {
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
    writeln!(answer, "{} holds", arguments.out.display())?;
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
    if held + left_out + rejected as u64 > 0 {
        writeln!(answer, "and does not hold")?;
    }
    for (count, one, many) in [
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
    screen.say(&how_to_load(dialect, arguments));
    Ok(())
}

fn how_to_load(dialect: Dialect, arguments: &Arguments) -> String {
    let file = arguments.out.display();
    match (dialect, arguments.rehearse) {
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

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Open { open } => Self::conflicts_open(
                format!(
                    "{} for your decision; nothing was written",
                    count_of(open as u64, "booking waits", "bookings wait")
                ),
                "answer them with `rebook review`, or leave them out with --skip-flagged",
            ),
            error => Self::usage(error.to_string(), ""),
        }
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
