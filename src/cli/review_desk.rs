//! `rebook review`: what the prompt needs, and where its answers go.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::screen::Screen;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Lines in and lines out, for pipes and screen readers; the only way so far.
    #[arg(long)]
    plain: bool,
}

pub(super) fn run(_arguments: &Arguments, desk: &mut Desk, _screen: &mut Screen) -> Result<Done, Failure> {
    let open = desk
        .decided_bookings()?
        .iter()
        .map(|booking| booking.conflicts.len() as u64)
        .sum();
    Ok(Done::by(open))
}
