//! `rebook doctor`: looks at everything that a rebuild needs, before it is needed.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::pulling;
use super::screen::{self, one_line};
use super::stages::{self, Reader};
use super::words::{count_of, lasting, some_of, wrapped};
use crate::config::{Access, SourceConfig};
use crate::model::Baseline;
use crate::pull::live::{self, Length, LiveSource};
use crate::wire::{self, CheckAnswer};
use chrono::{DateTime, TimeDelta, Utc};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Free bytes that staging wants for each byte of the sources: what is received is kept compressed, and results come beside it.
const ROOM_FACTOR: u64 = 2;
/// Less than a month shows hardly each kind of message once.
const LEARNED_DAYS: i64 = 28;
/// Google allows a clock to be wrong by five.
const CLOCK_MINUTES: i64 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// It works, and something is to be known.
    Doubtful,
    /// A command will fail.
    Bad,
}

struct Check {
    what: String,
    state: State,
    found: String,
    hint: String,
}

impl Check {
    fn good(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            state: State::Good,
            found: found.into(),
            hint: String::new(),
        }
    }

    fn doubtful(what: impl Into<String>, found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            state: State::Doubtful,
            hint: hint.into(),
            ..Self::good(what, found)
        }
    }

    fn bad(what: impl Into<String>, found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            state: State::Bad,
            hint: hint.into(),
            ..Self::good(what, found)
        }
    }

    fn failed(what: impl Into<String>, failure: Failure) -> Self {
        Self::bad(what, failure.message, failure.hint)
    }
}

pub(super) fn run(desk: &Desk) -> Result<Done, Failure> {
    let mut checks = config(desk);
    for source in &desk.config.sources {
        checks.extend(check_source(source, desk));
    }
    checks.extend(backup(desk));
    checks.extend(staging(desk)?);
    checks.push(room(desk));
    let bad = checks.iter().filter(|check| check.state == State::Bad).count() as u64;
    let mut answer = screen::answer();
    if desk.json {
        writeln!(
            answer,
            "{}",
            wire::doctor_line(checks.into_iter().map(answered).collect())
        )?;
    } else {
        for check in &checks {
            write(check, &mut answer)?;
        }
    }
    answer.flush()?;
    if bad == 0 {
        return Ok(Done::All);
    }
    Err(Failure::new(
        format!("{} in the way", count_of(bad, "thing is", "things are")),
        "each says above what to do about it",
    ))
}

fn answered(check: Check) -> CheckAnswer {
    CheckAnswer {
        what: check.what,
        state: match check.state {
            State::Good => "good",
            State::Doubtful => "doubtful",
            State::Bad => "bad",
        }
        .to_owned(),
        found: check.found,
        hint: check.hint,
    }
}

fn write(check: &Check, out: &mut impl Write) -> std::io::Result<()> {
    let mark = match check.state {
        State::Good => "ok ",
        State::Doubtful => "?  ",
        State::Bad => "BAD",
    };
    let text = format!("{}: {}", one_line(&check.what), one_line(&check.found));
    for (index, line) in wrapped(&text, 74).iter().enumerate() {
        writeln!(out, "{} {line}", if index == 0 { mark } else { "   " })?;
    }
    for line in check.hint.lines().flat_map(|hint| wrapped(&one_line(hint), 70)) {
        writeln!(out, "      {line}")?;
    }
    Ok(())
}

fn config(desk: &Desk) -> Vec<Check> {
    let config = &desk.config;
    let found = format!(
        "{}, {}, {}",
        config.business.name,
        config.business.zone,
        count_of(config.sources.len() as u64, "source", "sources")
    );
    let mut checks = vec![Check::good("rebook.toml", found)];
    for warning in &config.warnings {
        checks.push(Check::doubtful(
            "rebook.toml",
            warning,
            "docs/configuration.md explains every key",
        ));
    }
    if config.window.loss > desk.clock.now() {
        checks.push(Check::doubtful(
            "[window]",
            "`loss` is in the future",
            "`loss` is when the data was lost; correct it in rebook.toml",
        ));
    }
    let learned = (config.window.backup - config.window.learn_from).num_days();
    if learned < LEARNED_DAYS {
        checks.push(Check::doubtful(
            "[window]",
            format!(
                "only {} lie between `learn_from` and `backup`: there is little to learn from",
                count_of(learned.max(0) as u64, "day", "days")
            ),
            "set `learn_from` some months before `backup`, as far back as the sources reach",
        ));
    }
    checks
}

/// Each way of reaching a source is checked in its own way; what has none yet says what pulling it would say.
fn check_source(source: &SourceConfig, desk: &Desk) -> Vec<Check> {
    let what = format!("source {}", source.name);
    match &source.access {
        Access::Files(path) => match desk.config.require_files(source) {
            Err(error) => vec![Check::failed(what, error.into())],
            Ok(()) => vec![check_files(what, path, &stages::passed_over(source))],
        },
        _ => match stages::reader(source, &desk.config) {
            Err(failure) => vec![Check::failed(what, failure)],
            Ok(Reader::Live(live)) => check_live(&what, live.as_ref(), desk),
            Ok(Reader::Files(_)) => Vec::new(),
        },
    }
}

/// Asks the provider what the credential may do; no record is read.
fn check_live(what: &str, live: &dyn LiveSource, desk: &Desk) -> Vec<Check> {
    let permit = match pulling::check(live, desk.clock) {
        Ok(permit) => permit,
        Err(error) => return vec![Check::bad(what, error.to_string(), error.hint())],
    };
    let who = if permit.who.is_empty() {
        "reached".to_owned()
    } else {
        format!("reached as {}", permit.who)
    };
    let much = permit.records.map_or_else(String::new, |records| {
        format!("; about {}", count_of(records, "record", "records"))
    });
    let long = match permit.length {
        Some(Length::AtTheLimit(seconds)) => format!(", some {} at the provider's limit", lasting(seconds)),
        Some(Length::AtThisPace(seconds)) => format!(", some {} at the pace just seen", lasting(seconds)),
        None => String::new(),
    };
    let much = much + &long;
    let reached = match permit.access {
        live::Access::ReadOnly => Check::good(what, format!("{who}, read-only as the provider says{much}")),
        live::Access::NotTold => Check::good(
            what,
            format!("{who}; the provider does not tell what it may do{much}"),
        ),
        live::Access::CanWrite => Check::doubtful(
            what,
            format!("{who}; it could write, though rebook never does{much}"),
            "give it a credential that can only read: docs/sources.md",
        ),
    };
    let mut checks = vec![reached];
    checks.extend(permit.notes.into_iter().map(|note| Check::good(what, note)));
    checks.extend(permit.server_time.and_then(|time| clock(what, time, desk)));
    checks.extend(permit.zones.iter().filter_map(|(calendar, zone)| {
        let own = desk.config.business.zone;
        (zone != own.name()).then(|| {
            Check::doubtful(
                what,
                format!("the calendar {calendar} is in the zone {zone}, the business in {own}"),
                "events tell their own offset; see whether `timezone` under [business] is right, for all that tells none",
            )
        })
    }));
    checks
}

/// Clocks that differ: tokens are signed with this one's time, and what is due is reckoned by it.
fn clock(what: &str, server: DateTime<Utc>, desk: &Desk) -> Option<Check> {
    let ahead = desk.clock.now() - server;
    (ahead.abs() > TimeDelta::minutes(CLOCK_MINUTES)).then(|| {
        let minutes = ahead.num_minutes().unsigned_abs();
        let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
        Check::doubtful(
            what,
            format!(
                "the clock of this machine is {} {side} the server's",
                count_of(minutes, "minute", "minutes")
            ),
            "set the clock right: Google refuses what was signed at another time, and `rebook sheet` says what is today",
        )
    })
}

fn check_files(what: String, path: &Path, others: &[String]) -> Check {
    let mut seen = Seen::default();
    seen.look(path);
    if let Some((path, error)) = seen.unreadable.first() {
        return Check::bad(
            what,
            format!("{} cannot be read: {error}", path.display()),
            "make it readable for yourself: chmod u+r",
        );
    }
    if seen.files == 0 {
        return Check::doubtful(
            what,
            format!("{} holds no file", path.display()),
            "put the exported files there, or correct `path`",
        );
    }
    let mut found = format!(
        "{}, {}",
        count_of(seen.files, "file", "files"),
        megabytes(seen.bytes)
    );
    if others.len() as u64 >= seen.files {
        return Check::bad(
            what,
            format!("{found}; none of them holds anything for it"),
            "put the exported files there, or correct `path`",
        );
    }
    if !others.is_empty() {
        found = format!(
            "{found}; passed over, since they hold something else: {}",
            some_of(others)
        );
    }
    Check::good(what, found)
}

/// What lies below a path.
#[derive(Default)]
struct Seen {
    files: u64,
    bytes: u64,
    unreadable: Vec<(PathBuf, std::io::Error)>,
}

impl Seen {
    fn look(&mut self, path: &Path) {
        if path.is_dir() {
            match fs::read_dir(path) {
                Ok(entries) => entries.flatten().for_each(|entry| self.look(&entry.path())),
                Err(error) => self.unreadable.push((path.to_path_buf(), error)),
            }
            return;
        }
        match fs::File::open(path).and_then(|file| file.metadata()) {
            Ok(metadata) => {
                self.files += 1;
                self.bytes += metadata.len();
            }
            Err(error) => self.unreadable.push((path.to_path_buf(), error)),
        }
    }
}

/// The backup is read whole, and the mapping is held against its schema.
fn backup(desk: &Desk) -> Vec<Check> {
    let baseline = match desk.backup() {
        Err(failure) => return vec![Check::failed("backup", failure)],
        Ok(None) => {
            return vec![Check::doubtful(
                "backup",
                "none is configured: nothing can be learned or tested, so more is asked",
                "add [baseline] with the path of a dump, and [target]",
            )];
        }
        Ok(Some(baseline)) => baseline,
    };
    let mut checks = vec![rows(&baseline)];
    for problem in baseline.problems.iter().take(3) {
        checks.push(Check::doubtful("backup", problem, "those rows are passed over"));
    }
    if let Some(target) = &desk.config.target {
        let nothing = crate::model::Summary::default();
        checks.push(
            match super::export::plan(&[], target, Some(&baseline), &nothing, desk) {
                Ok(_) => Check::good(
                    "[target]",
                    "every table and column that it names is in the backup",
                ),
                Err(error) => Check::bad("[target]", error, "docs/configuration.md explains [target]"),
            },
        );
    }
    checks
}

fn rows(baseline: &Baseline) -> Check {
    let found = format!(
        "{}, {}, {}, {}",
        count_of(baseline.bookings.len() as u64, "booking", "bookings"),
        count_of(baseline.customers.len() as u64, "customer", "customers"),
        count_of(baseline.resources.len() as u64, "resource", "resources"),
        count_of(baseline.payments.len() as u64, "payment", "payments"),
    );
    if baseline.bookings.is_empty() {
        Check::doubtful(
            "backup",
            found,
            "is `table` under [target.booking] right? Nothing is learned without bookings",
        )
    } else {
        Check::good("backup", found)
    }
}

fn staging(desk: &Desk) -> Result<Vec<Check>, Failure> {
    let path = desk.staging.path();
    let what = format!("staging {}", path.display());
    let faults = desk.staging.faults()?;
    if faults.is_empty() {
        let records: u64 = desk.staging.sources()?.iter().map(|(_, count, _)| count).sum();
        return Ok(vec![Check::good(
            what,
            format!("whole, {}", count_of(records, "record", "records")),
        )]);
    }
    Ok(faults
        .into_iter()
        .map(|fault| {
            Check::bad(
                what.clone(),
                fault,
                "keep the file, it holds your decisions; move it aside and run rebook rebuild. docs/recovery.md says more",
            )
        })
        .collect())
}

/// Whether the disk of staging has room for what the sources hold.
fn room(desk: &Desk) -> Check {
    let mut seen = Seen::default();
    for source in &desk.config.sources {
        if let Access::Files(path) = &source.access {
            seen.look(path);
        }
    }
    let wanted = seen.bytes * ROOM_FACTOR;
    let folder = desk
        .staging
        .path()
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    match free_bytes(folder.unwrap_or(Path::new("."))) {
        None => Check::doubtful("disk", "this system does not say how much room is left", ""),
        Some(free) if free < wanted => Check::bad(
            "disk",
            format!(
                "{} free where staging lies, and about {} may be needed",
                megabytes(free),
                megabytes(wanted)
            ),
            "make room, or choose another disk with --staging FILE",
        ),
        Some(free) => Check::good("disk", format!("{} free where staging lies", megabytes(free))),
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail * found.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

fn megabytes(bytes: u64) -> String {
    if bytes < 1 << 20 {
        format!("{} KB", bytes.div_ceil(1 << 10))
    } else {
        format!("{} MB", bytes >> 20)
    }
}
