//! What a person reads first in the file: what it will do, what it leaves out, how to try it, how to load it.

use super::quote::comment;
use super::relation::Relations;
use super::script::{JOURNAL, LOCK_SECONDS, STATEMENT_MINUTES};
use super::{Options, Outcome, Reload};
use crate::model::{Business, Currency, Dialect, Money};
use chrono::SecondsFormat;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Characters of a line of prose.
const LINE: usize = 110;

/// How the first line of every file begins.
pub(super) const SIGNATURE: &str = "-- rebook reload: ";

/// How the first line of every undo file begins.
pub(super) const UNDO_SIGNATURE: &str = "-- rebook undo: ";

/// Writes the header: comment lines only, whatever the texts in it hold.
pub(super) fn write(
    reload: &Reload,
    relations: &Relations<'_>,
    business: &Business,
    options: &Options,
    dialect: Dialect,
) -> String {
    let counts = &reload.counts;
    let written = relations.all_written();
    let mut lines = vec![
        format!(
            "batch {}; {}; configuration {}; staging {}",
            reload.batch, options.tool, options.config, options.staging
        ),
        format!(
            "data lost at {}",
            options.loss.to_rfc3339_opts(SecondsFormat::Secs, true)
        ),
        match &options.live {
            Some(live) => format!("planned against what is live in {live}; sorted once more when it runs"),
            None => "planned without a look at what is live: it finds out when it runs".to_owned(),
        },
        String::new(),
        format!("new bookings   {:>7}   {}", counts.inserts, sums(&counts.booked)),
        format!("changed        {:>7}", counts.updates),
        format!("new payments   {:>7}   {}", counts.payments, sums(&counts.paid)),
        format!(
            "refunds        {:>7}   {}",
            counts.refunds,
            sums(&counts.refunded)
        ),
        format!(
            "new customers  {:>7}   {}",
            counts.customers,
            if options.live.is_some() {
                "fewer, where one came back since the look at what is live"
            } else {
                "at most: those who came back already are found when it runs"
            }
        ),
        format!(
            "held           {:>7}   not in this file; more may be held when it runs",
            counts.held
        ),
        format!("left out       {:>7}   conflicts are open", counts.left_out),
        format!("rejected       {:>7}", counts.rejected),
    ];
    if options.live.is_some() {
        let count = |outcome| reload.fates.iter().filter(|fate| fate.outcome == outcome).count();
        lines.push(format!(
            "already there  {:>7}   of them {} different now, and left as they are",
            count(Outcome::Loaded) + count(Outcome::Live),
            reload
                .fates
                .iter()
                .filter(|fate| fate.outcome == Outcome::Live && !fate.reason.is_empty())
                .count()
        ));
    }
    if let Some(backtest) = &options.backtest {
        lines.push(String::new());
        lines.extend(wrapped(backtest));
    }
    lines.push(String::new());
    lines.push(format!(
        "Adds rows to {}; nothing else is written.",
        written.join(", ")
    ));
    lines.push(
        "A booking or payment of the backup is changed only where its row still is as the backup had it."
            .into(),
    );
    lines.push(
        "Nothing is deleted. A new row that would collide with a live one is held and listed, not written."
            .into(),
    );
    lines.push(
        "All of it is one transaction: an error, a failed check or a lost connection leaves nothing behind."
            .into(),
    );
    lines.push("Run again, the file changes nothing.".into());
    lines.push(
        "It refuses tables with other columns than it was written for, and triggers that nobody allowed."
            .into(),
    );
    lines.extend(locking(dialect));
    let before = match dialect {
        Dialect::Mysql if options.journal && !options.rehearse => Some(
            "That table is made before the transaction begins, for making it would end one: a failed load leaves it empty.",
        ),
        _ => None,
    };
    lines.push(if options.journal {
        format!("It keeps a journal of what it wrote in {JOURNAL}, and needs CREATE for that; `--journal none` writes none.")
    } else {
        "It keeps no journal; so no undo file can take it back.".to_owned()
    });
    lines.extend(before.map(str::to_owned));
    lines.push(String::new());
    lines.extend(running(dialect, options.rehearse).map(str::to_owned));
    if !options.rehearse {
        lines.push(
            "5. Look:      rebook verify --target DATABASE-URL    (reads, and says what stands)".into(),
        );
        lines.push("6. Undo:      the file that `rebook export --undo FILE` wrote, run like this one".into());
    }
    section(&mut lines, "Note:", reload.notes.iter().cloned());
    section(
        &mut lines,
        "Held, with the reason:",
        reload.held.iter().map(|held| {
            let payment = held
                .payment
                .as_deref()
                .map_or(String::new(), |id| format!(" payment {id}"));
            format!(
                "{} {}{payment}: {}",
                held.booking,
                held.reference.as_deref().unwrap_or("-"),
                held.reason
            )
        }),
    );
    section(
        &mut lines,
        "Left out, for a conflict is open:",
        reload.left_out.iter().map(|left| {
            format!(
                "{} {}: {}",
                left.booking,
                left.reference.as_deref().unwrap_or("-"),
                left.reason
            )
        }),
    );
    let mut header = format!("{SIGNATURE}{}\n", comment(&business.name));
    for line in lines {
        let line = comment(&line);
        let _ = writeln!(header, "{}", format!("-- {line}").trim_end());
    }
    header
}

/// Writes the header of the undo file.
pub(super) fn write_undo(
    reload: &Reload,
    business: &Business,
    options: &Options,
    dialect: Dialect,
) -> String {
    let mut lines = vec![
        format!(
            "takes back batch {}; {}; configuration {}",
            reload.batch, options.tool, options.config
        ),
        String::new(),
        "What the batch inserted is deleted, what it changed gets back what it had: the rows that the journal".into(),
        format!("in {JOURNAL} names, and no others. It takes back all of it or nothing, and nothing where"),
        "a loaded row was edited or deleted since, or somebody has added to it.".into(),
        "A customer who was found live is left as found.".into(),
    ];
    lines.extend(locking(dialect));
    lines.push("It needs DELETE on these tables too.".into());
    lines.push(String::new());
    lines.push("Save first, then run it as the reload was run: it rehearses in the same way.".into());
    lines.extend(running(dialect, options.rehearse).map(str::to_owned));
    let mut header = format!("{UNDO_SIGNATURE}{}\n", comment(&business.name));
    for line in lines {
        let line = comment(&line);
        let _ = writeln!(header, "{}", format!("-- {line}").trim_end());
    }
    header
}

/// A sentence in lines that a terminal shows whole.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn section(lines: &mut Vec<String>, title: &str, entries: impl Iterator<Item = String>) {
    let mut entries = entries.peekable();
    if entries.peek().is_some() {
        lines.push(String::new());
        lines.push(title.to_owned());
        lines.extend(entries.map(|entry| format!("  {entry}")));
    }
}

/// What the load asks of the server, and of those who use it meanwhile.
fn locking(dialect: Dialect) -> Vec<String> {
    match dialect {
        Dialect::Postgres => vec![
            "While it sorts and writes, these tables can be read by others and not written: their writes wait.".into(),
            format!("It waits at most {LOCK_SECONDS} s for a lock; a statement runs at most {STATEMENT_MINUTES} min."),
            "Needs: SELECT, INSERT, UPDATE on these tables, SELECT on those they point at, USAGE on their sequences, TEMPORARY on the database.".into(),
        ],
        Dialect::Mysql => vec![
            "Every row that it reads stays locked against writes until the end: others' writes wait.".into(),
            format!("It waits at most {LOCK_SECONDS} s for a lock; in MariaDB a statement runs at most {STATEMENT_MINUTES} min."),
            "Needs: SELECT, INSERT, UPDATE on these tables, SELECT on those they point at, CREATE TEMPORARY TABLES.".into(),
        ],
        Dialect::Sqlite => vec![
            format!("While it runs nobody else can write. It waits at most {LOCK_SECONDS} s for another writer to end."),
        ],
    }
}

/// How to run the file, and what to do before and after.
fn running(dialect: Dialect, rehearse: bool) -> impl Iterator<Item = &'static str> {
    let lines: &[&str] = match (dialect, rehearse) {
        (Dialect::Postgres, _) => &[
            "1. Save:      pg_dump DATABASE > before.sql",
            "2. Rehearse:  psql -X -v ON_ERROR_STOP=1 -f FILE DATABASE                (does all of it, and rolls back)",
            "3. Read what it says: counts by state, and each row that it holds back, with the reason.",
            "4. Load:      psql -X -v ON_ERROR_STOP=1 -v commit=1 -f FILE DATABASE    (keep what it says)",
        ],
        (Dialect::Mysql, false) => &[
            "1. Save:      mariadb-dump --single-transaction DATABASE > before.sql",
            "2. Rehearse:  write a second file with `rebook export --rehearse`, and run it as below: it rolls back.",
            "3. Read what it says: counts by state, and each row that it holds back, with the reason.",
            "4. Load:      mariadb -t DATABASE < FILE    (or mysql; never with --force; keep what it says)",
        ],
        (Dialect::Sqlite, false) => &[
            "1. Save:      sqlite3 DATABASE '.backup before.db'",
            "2. Rehearse:  write a second file with `rebook export --rehearse`, and run it as below: it rolls back.",
            "3. Read what it says: counts by state, and each row that it holds back, with the reason.",
            "4. Load:      sqlite3 -bail DATABASE < FILE    (keep what it says)",
        ],
        (Dialect::Mysql, true) => &[
            "THIS FILE ROLLS BACK. It does all of it first, and says what the real one would do:",
            "              mariadb -t DATABASE < FILE    (or mysql; never with --force)",
        ],
        (Dialect::Sqlite, true) => &[
            "THIS FILE ROLLS BACK. It does all of it first, and says what the real one would do:",
            "              sqlite3 -bail DATABASE < FILE",
        ],
    };
    lines.iter().copied()
}

fn sums(sums: &BTreeMap<Currency, i64>) -> String {
    let sums: Vec<String> = sums
        .iter()
        .map(|(currency, minor)| Money::new(*minor, *currency).to_string())
        .collect();
    sums.join(", ")
}
