//! `rebook status`: where things stand.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::{self, Screen, one_line};
use super::{pipeline, summary};
use std::io::Write;

pub(super) fn run(desk: &Desk, screen: &Screen) -> Result<Done, Failure> {
    let problems = desk.staging.problems()?;
    if !desk.json {
        let mut answer = screen::answer();
        writeln!(answer, "{}", desk.config.business.name)?;
        let sources = desk.staging.sources()?;
        for (name, records, finished_at) in &sources {
            let finished = finished_at.as_ref().map_or_else(
                || "not read to its end: run `rebook pull`".to_owned(),
                |at| format!("read to its end at {at}"),
            );
            writeln!(answer, "{records:>9}  records of {name}, {finished}")?;
        }
        for source in &desk.config.sources {
            if !sources.iter().any(|(name, ..)| *name == source.name) {
                writeln!(
                    answer,
                    "{:>9}  records of {}, never read: run `rebook pull`",
                    0, source.name
                )?;
            }
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
    desk.require_build()?;
    if desk.is_stale()? {
        screen.warn("the configuration has changed since the last build: run `rebook build`");
    }
    let result = pipeline::last_summary(desk)?;
    summary::print(&result, &[], desk, screen)?;
    Ok(Done::All)
}
