//! What a person reads first in the file: what it will do, what it leaves out, how to try it, how to load it.

use super::quote::comment;
use super::{Options, Reload};
use crate::model::{Business, Currency, Dialect, Money};
use chrono::SecondsFormat;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Writes the header: comment lines only, whatever the texts in it hold.
pub(super) fn write(reload: &Reload, dialect: Dialect, business: &Business, options: &Options) -> String {
    let counts = &reload.counts;
    let mut lines = vec![
        format!("Reload of lost bookings: {}", business.name),
        format!(
            "batch {}; {}; configuration {}",
            reload.batch, options.tool, options.config
        ),
        format!(
            "data lost at {}",
            options.loss.to_rfc3339_opts(SecondsFormat::Secs, true)
        ),
        String::new(),
        format!("new bookings   {:>7}   {}", counts.inserts, sums(&counts.booked)),
        format!("changed        {:>7}", counts.updates),
        format!("new payments   {:>7}   {}", counts.payments, sums(&counts.paid)),
        format!("refunds        {:>7}", counts.refunds),
        format!(
            "new customers  {:>7}   at most: those who came back already are found",
            counts.customers
        ),
        format!(
            "held           {:>7}   not in this file; more may be held when it runs",
            counts.held
        ),
        format!("left out       {:>7}   conflicts are open", counts.left_out),
        format!("rejected       {:>7}", counts.rejected),
    ];
    if let Some(backtest) = &options.backtest {
        lines.push(String::new());
        lines.push(backtest.clone());
    }
    lines.push(String::new());
    lines.push(
        "Everything is one transaction. Nothing is deleted. A row of the backup is changed only where it"
            .into(),
    );
    lines.push("still is as the backup had it. Run again, the file changes nothing.".into());
    lines.push(String::new());
    lines.extend(running(dialect, options.rehearse).map(str::to_owned));
    for note in &reload.notes {
        lines.push(format!("note: {note}"));
    }
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
    let mut header = String::new();
    for line in lines {
        let line = comment(&line);
        let _ = writeln!(header, "{}", format!("-- {line}").trim_end());
    }
    header
}

fn section(lines: &mut Vec<String>, title: &str, entries: impl Iterator<Item = String>) {
    let mut entries = entries.peekable();
    if entries.peek().is_some() {
        lines.push(String::new());
        lines.push(title.to_owned());
        lines.extend(entries.map(|entry| format!("  {entry}")));
    }
}

fn running(dialect: Dialect, rehearse: bool) -> impl Iterator<Item = &'static str> {
    let lines: &[&str] = match (dialect, rehearse) {
        (Dialect::Postgres, _) => &[
            "rehearse:  psql -X -v ON_ERROR_STOP=1 -f FILE DATABASE                (rolls back)",
            "load:      psql -X -v ON_ERROR_STOP=1 -v commit=1 -f FILE DATABASE",
        ],
        (Dialect::Mysql, false) => &[
            "load:      mariadb DATABASE < FILE      (never with --force)",
            "rehearse:  write the file with --rehearse, and run it the same way",
        ],
        (Dialect::Sqlite, false) => &[
            "load:      sqlite3 -bail DATABASE < FILE",
            "rehearse:  write the file with --rehearse, and run it the same way",
        ],
        (Dialect::Mysql, true) => &["THIS FILE ROLLS BACK.  rehearse:  mariadb DATABASE < FILE"],
        (Dialect::Sqlite, true) => &["THIS FILE ROLLS BACK.  rehearse:  sqlite3 -bail DATABASE < FILE"],
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
