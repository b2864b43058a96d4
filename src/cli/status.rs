//! `rebook status`: where things stand.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, Screen, one_line};
use super::words::{count_of, grouped, plural};
use super::{pipeline, summary};
use crate::config::Access;
use crate::model::Manifest;
use crate::wire;
use std::io::Write;

pub(super) fn run(desk: &Desk, screen: &Screen) -> Result<Done, Failure> {
    let problems = desk.staging.problems()?;
    if !desk.json {
        let mut answer = screen::answer();
        writeln!(answer, "{}", one_line(&desk.config.business.name))?;
        let sources = desk.staging.sources()?;
        let manifests = desk.staging.manifests()?;
        for source in &desk.config.sources {
            let name = &source.name;
            let known = sources.iter().find(|(known, ..)| known == name);
            let count = known.map_or(0, |(_, count, _)| *count);
            let manifest = manifests.iter().find(|manifest| manifest.source == *name);
            let is_open = manifest.is_some_and(|manifest| manifest.finished_at.is_none());
            let is_live = !matches!(source.access, Access::Files(_));
            let how = match known.map(|(.., finished_at)| finished_at.as_deref()) {
                Some(_) if is_live && is_open => format!("not read to its end: rebook pull{}", desk.flags),
                Some(Some(at)) => format!("read to its end at {}", local(at, desk)),
                Some(None) => format!("not read to its end: rebook pull{}", desk.flags),
                None => format!("never read: rebook pull{}", desk.flags),
            };
            writeln!(
                answer,
                "{:>9} {} of {name}, {how}",
                grouped(&count.to_string()),
                plural(count, "record", "records")
            )?;
            if let Some(manifest) = manifest.filter(|_| is_live) {
                tell(manifest, screen, &mut answer)?;
            }
        }
        let decisions = desk.staging.decisions()?.len() as u64;
        if decisions > 0 {
            writeln!(
                answer,
                "{:>9} {} in review",
                grouped(&decisions.to_string()),
                plural(decisions, "decision", "decisions")
            )?;
        }
        for problem in problems.iter().filter(|_| screen.verbose) {
            writeln!(
                answer,
                "problem in {}: {}",
                one_line(&problem.place),
                one_line(&problem.message)
            )?;
            if !problem.hint.is_empty() {
                writeln!(answer, "  hint: {}", one_line(&problem.hint))?;
            }
        }
        answer.flush()?;
    }
    if !desk.is_built()? {
        screen.say(&format!(
            "Nothing is rebuilt yet. Next: rebook rebuild{}",
            desk.flags
        ));
        return Ok(Done::All);
    }
    desk.warn_of_stale(screen)?;
    let result = pipeline::last_summary(desk)?;
    summary::print(&result, &[], desk, screen)?;
    Ok(Done::All)
}

/// The manifest of a pull: why it ended early, and with `-v` what was asked and what came, part by part.
fn tell(manifest: &Manifest, screen: &Screen, answer: &mut impl Write) -> std::io::Result<()> {
    if let Some(failure) = &manifest.failure {
        writeln!(answer, "{:>10}{}", "", one_line(failure))?;
    }
    if !screen.verbose {
        return Ok(());
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
        writeln!(
            answer,
            "{:>10}{}: {}{of} in {}{span}{end}",
            "",
            one_line(&part.name),
            part.objects,
            count_of(part.pages, "page", "pages"),
        )?;
    }
    Ok(())
}

/// A timestamp of staging on the business's clock.
fn local(at: &str, desk: &Desk) -> String {
    wire::decode_moment(at).map_or_else(
        || at.to_owned(),
        |moment| {
            moment
                .with_timezone(&desk.config.business.zone)
                .format("%Y-%m-%d %H:%M")
                .to_string()
        },
    )
}
