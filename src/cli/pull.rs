//! `rebook pull`: sources into staging.

use super::desk::{Desk, Stopwatch};
use super::failure::{Done, Failure};
use super::screen::{self, Screen};
use super::{pipeline, pulling};
use crate::wire;
use std::io::Write;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The sources to read, by name; all of them where none is named.
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    let run = desk
        .staging
        .begin_run("pull", super::VERSION, &desk.timestamp())?;
    let mut stopwatch = Stopwatch::default();
    let outcomes = pipeline::pull(desk, &arguments.sources, screen, &mut stopwatch)?;
    desk.staging.end_run(run, &stopwatch.timings, &desk.timestamp())?;
    let mut answer = screen::answer();
    for outcome in &outcomes {
        let (name, count) = (&outcome.source, outcome.count);
        let failure = outcome.failure.as_ref().map(|failure| failure.message.as_str());
        if desk.json {
            let line = wire::pull_line(name, count.new, count.changed, count.known, failure);
            writeln!(answer, "{line}")?;
        } else {
            let end = if failure.is_some() {
                ", not read to its end"
            } else {
                ""
            };
            writeln!(
                answer,
                "{name}: {} new, {} changed, {} known{end}",
                count.new, count.changed, count.known
            )?;
        }
    }
    answer.flush()?;
    if let Some(failure) = pulling::failure(outcomes, screen) {
        return Err(failure);
    }
    screen.say("Next: rebook build");
    Ok(Done::All)
}
