//! `rebook rebuild`, the main job: pull every source, then build.

use super::desk::{Desk, Stopwatch};
use super::failure::{Done, Failure};
use super::screen::Screen;
use super::{pipeline, pulling, summary};

pub(super) fn run(desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    // Asked before the long work, not after it.
    desk.config.require_baseline()?;
    let run = desk
        .staging
        .begin_run("rebuild", super::VERSION, &desk.timestamp())?;
    let mut stopwatch = Stopwatch::default();
    let outcomes = pipeline::pull(desk, &[], screen, &mut stopwatch)?;
    let result = pipeline::build(desk, screen, &mut stopwatch)?;
    desk.staging.end_run(run, &stopwatch.timings, &desk.timestamp())?;
    summary::print(&result, &stopwatch.timings, desk, screen)?;
    // What is there was built all the same: in an outage some bookings are better than none.
    if let Some(failure) = pulling::failure(outcomes, screen) {
        return Err(failure);
    }
    Ok(Done::by(result.open_conflicts))
}
