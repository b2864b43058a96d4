//! `rebook status`: where things stand in ten lines, and the next command.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, Screen, one_line};
use super::words::{count_of, grouped, wrapped};
use super::{pipeline, sheet, summary};
use crate::model::{Currency, Manifest, Money, Summary, When};
use crate::report::{Pulled, pulled_words};
use crate::wire::{self, ChangesAnswer};
use chrono_tz::Tz;
use std::io::{self, Write};

pub(super) fn run(desk: &Desk, screen: &Screen) -> Result<Done, Failure> {
    let pulled = desk.pulled()?;
    let is_built = desk.is_built()?;
    let summary = if is_built {
        pipeline::last_summary(desk)?
    } else {
        Summary::default()
    };
    let changes = pipeline::changes(desk)?;
    let decisions = desk.staging.decisions()?.len() as u64;
    let next = next(&pulled, is_built, &summary, desk)?;
    let mut answer = screen::answer();
    if desk.json {
        let sources = sheet::pulled_answers(&pulled, desk.config.business.zone);
        let line = wire::status_line(&summary, is_built, sources, decisions, changes, &next);
        writeln!(answer, "{line}")?;
        answer.flush()?;
        return Ok(Done::All);
    }
    let lines = Lines {
        desk,
        out: &mut answer,
    };
    lines.write(&pulled, is_built.then_some(&summary), changes.as_ref(), decisions)?;
    if screen.verbose {
        write_more(&summary, desk, &mut answer)?;
    }
    row(&mut answer, "next", &next)?;
    answer.flush()?;
    desk.warn_of_stale(screen)?;
    Ok(Done::All)
}

/// What to type next.
fn next(pulled: &[Pulled], is_built: bool, summary: &Summary, desk: &Desk) -> Result<String, Failure> {
    let flags = &desk.flags;
    Ok(if pulled.iter().any(|pulled| !pulled.is_whole()) {
        format!("rebook rebuild{flags}")
    } else if !is_built || desk.is_behind()? {
        format!("rebook build{flags}")
    } else {
        let next = summary::next(summary, flags);
        let first = next.lines().next().unwrap_or_default();
        first.trim_start_matches("Next: ").to_owned()
    })
}

struct Lines<'a, W: Write> {
    desk: &'a Desk,
    out: &'a mut W,
}

impl<W: Write> Lines<'_, W> {
    fn write(
        self,
        pulled: &[Pulled],
        summary: Option<&Summary>,
        changes: Option<&ChangesAnswer>,
        decisions: u64,
    ) -> Result<(), Failure> {
        let Self { desk, out } = self;
        let zone = desk.config.business.zone;
        writeln!(out, "{}", one_line(&desk.config.business.name))?;
        row(out, "read", &read(pulled, zone))?;
        let Some(summary) = summary else {
            return Ok(row(out, "rebuilt", "nothing yet")?);
        };
        let certain = summary.inserts + summary.updates;
        row(
            out,
            "rebuilt",
            &format!(
                "{} certain ({} new, {} changed), {} unchanged, {} in question",
                count_of(certain, "booking", "bookings"),
                grouped(&summary.inserts.to_string()),
                grouped(&summary.updates.to_string()),
                grouped(&summary.unchanged.to_string()),
                grouped(&summary.flagged.to_string()),
            ),
        )?;
        if let Some(changes) = changes {
            row(out, "changed", &changed(changes, desk))?;
        }
        let asked = match summary.open_conflicts {
            0 => "nothing to decide".to_owned(),
            open => format!(
                "{} about {} to decide",
                count_of(open, "question", "questions"),
                count_of(summary.flagged, "booking", "bookings")
            ),
        };
        row(
            out,
            "decided",
            &format!("{}; {asked}", count_of(decisions, "answer", "answers")),
        )?;
        for (currency, received, on_bookings, none, in_conflict) in &summary.money {
            if let Some(currency) = Currency::parse(currency) {
                let major = |minor: &i64| grouped(&Money::new(*minor, currency).major());
                row(
                    out,
                    "money",
                    &format!(
                        "{} {}: {} booked, {} in question, {} on no booking",
                        currency.as_str().to_uppercase(),
                        major(received),
                        major(on_bookings),
                        major(in_conflict),
                        major(none)
                    ),
                )?;
            }
        }
        row(out, "trust", &trust(summary))?;
        if !summary.warnings.is_empty() {
            let warnings = summary.warnings.len() as u64;
            let words = count_of(warnings, "thing to know", "things to know");
            row(
                out,
                "warnings",
                &format!("{words}: rebook status -v{}", desk.flags),
            )?;
        }
        Ok(())
    }
}

/// In one line where all were read to their ends; else each with how far.
fn read(pulled: &[Pulled], zone: Tz) -> String {
    let last = pulled.iter().filter_map(|pulled| pulled.finished_at).max();
    let all_read = pulled.iter().all(Pulled::is_whole);
    let (Some(last), true) = (last, all_read) else {
        let each: Vec<String> = pulled.iter().map(|pulled| pulled_words(pulled, zone)).collect();
        return if each.is_empty() {
            "no source is configured".to_owned()
        } else {
            each.join("; ")
        };
    };
    let counts: Vec<String> = pulled
        .iter()
        .map(|pulled| format!("{} ({})", pulled.source, grouped(&pulled.records.to_string())))
        .collect();
    let at = last.with_timezone(&zone).format("%-d %b %H:%M");
    format!("all of {} by {at}", counts.join(", "))
}

fn trust(summary: &Summary) -> String {
    match &summary.backtest {
        Some(test) if test.clean > 0 => {
            let (lower, _) = summary::wilson(test.right, test.clean);
            format!(
                "{} of {} right in the test on your backup: at least {:.1} %",
                grouped(&test.right.to_string()),
                grouped(&test.clean.to_string()),
                (lower * 1000.0).floor() / 10.0
            )
        }
        _ => "not tested: check some bookings by hand".to_owned(),
    }
}

/// How the last build differs from the one before.
fn changed(changes: &ChangesAnswer, desk: &Desk) -> String {
    let Some(since) = changes.since.as_deref().and_then(wire::decode_moment) else {
        return "this is the first build".to_owned();
    };
    let since = desk.clockface().brief(When::Instant(since));
    let parts: Vec<String> = [
        (changes.records, "record more", "records more"),
        (changes.new, "booking new", "bookings new"),
        (changes.changed, "changed", "changed"),
        (changes.gone, "gone", "gone"),
        (changes.opened, "newly in question", "newly in question"),
        (changes.closed, "no longer in question", "no longer in question"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| count_of(count, one, many))
    .collect();
    if parts.is_empty() {
        format!("nothing since the build of {since}")
    } else {
        format!("since the build of {since}: {}", parts.join(", "))
    }
}

/// Every warning, every problem.
fn write_more(summary: &Summary, desk: &Desk, out: &mut impl Write) -> Result<(), Failure> {
    for warning in &summary.warnings {
        row(out, "!", warning)?;
    }
    for problem in desk.staging.problems()? {
        row(out, "problem", &format!("{}: {}", problem.place, problem.message))?;
        if !problem.hint.is_empty() {
            row(out, "", &format!("hint: {}", problem.hint))?;
        }
    }
    for manifest in desk.staging.manifests()? {
        tell(&manifest, out)?;
    }
    Ok(())
}

/// The manifest of a pull: why it ended early, what was asked and what came, part by part.
fn tell(manifest: &Manifest, answer: &mut impl Write) -> io::Result<()> {
    if let Some(failure) = &manifest.failure {
        writeln!(answer, "{:>10}{}", "", one_line(failure))?;
    }
    writeln!(
        answer,
        "{:>10}{}, begun {}",
        "",
        one_line(&manifest.asked),
        manifest.begun_at
    )?;
    for part in &manifest.parts {
        let end = if part.is_whole() {
            ""
        } else {
            ", not read to its end"
        };
        let span = if part.first.is_empty() {
            String::new()
        } else {
            format!(", from {} to {}", part.first, part.last)
        };
        let of = part
            .expected
            .map_or_else(String::new, |expected| format!(" of {expected}"));
        // Where the name alone does not tell what was asked.
        let asked = if part.name.contains(&part.asked) {
            String::new()
        } else {
            format!("; {}", one_line(&part.asked))
        };
        writeln!(
            answer,
            "{:>10}{}: {}{of} in {}{span}{end}{asked}",
            "",
            one_line(&part.name),
            part.objects,
            count_of(part.pages, "page", "pages"),
        )?;
    }
    Ok(())
}

fn row(out: &mut impl Write, name: &str, text: &str) -> io::Result<()> {
    for (index, line) in wrapped(&one_line(text), 68).iter().enumerate() {
        writeln!(out, "{:<10} {line}", if index == 0 { name } else { "" })?;
    }
    Ok(())
}
