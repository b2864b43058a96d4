//! `rebook pull`: sources into staging.

use super::desk::{Desk, Stopwatch};
use super::failure::{Done, Failure};
use super::pipeline;
use super::screen::{self, Screen};
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
    let pulled = pipeline::pull(desk, &arguments.sources, screen, &mut stopwatch)?;
    desk.staging.end_run(run, &stopwatch.timings, &desk.timestamp())?;
    let mut answer = screen::answer();
    for (name, count) in &pulled {
        if desk.json {
            writeln!(
                answer,
                "{}",
                wire::pull_line(name, count.new, count.changed, count.known)
            )?;
        } else {
            writeln!(
                answer,
                "{name}: {} new, {} changed, {} known",
                count.new, count.changed, count.known
            )?;
        }
    }
    answer.flush()?;
    screen.say("Next: rebook build");
    Ok(Done::All)
}
