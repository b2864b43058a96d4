//! `rebook learn`: what the overlap with the backup teaches, alone.

use super::desk::{Desk, Stopwatch};
use super::failure::{Done, Failure};
use super::pipeline;
use super::screen::{self, Screen};
use crate::wire;
use std::io::Write;

pub(super) fn run(desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    let mut stopwatch = Stopwatch::default();
    let written = pipeline::learn(desk, screen, &mut stopwatch)?;
    let mut answer = screen::answer();
    if desk.json {
        let files = written.iter().map(|path| path.display().to_string()).collect();
        writeln!(answer, "{}", wire::files_line(files, Vec::new()))?;
    } else {
        for path in &written {
            writeln!(answer, "{}", path.display())?;
        }
    }
    answer.flush()?;
    screen.say("These files say how each source is read. Edit them, or delete one to have it learned anew.");
    screen.say("Next: rebook build");
    Ok(Done::All)
}
