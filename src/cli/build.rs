//! `rebook build`: staging into bookings, offline and repeatable.

use super::desk::{Desk, Stopwatch};
use super::failure::{Done, Failure};
use super::screen::Screen;
use super::{pipeline, summary};

pub(super) fn run(desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    let run = desk
        .staging
        .begin_run("build", super::VERSION, &desk.timestamp())?;
    let mut stopwatch = Stopwatch::default();
    let result = pipeline::build(desk, screen, &mut stopwatch)?;
    desk.staging.end_run(run, &stopwatch.timings, &desk.timestamp())?;
    summary::print(&result, &stopwatch.timings, desk, screen)?;
    Ok(Done::by(result.open_conflicts))
}
