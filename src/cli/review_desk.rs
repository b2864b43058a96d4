//! `rebook review`: what the prompt needs, and where its answers go.

use super::desk::Desk;
use super::failure::{Done, Failure};
use super::review::{self, ReviewError, Setting};
use super::screen::{self, Screen};
use super::stages;
use crate::model::RecordId;
use crate::review::{Queue, Terms};
use std::cell::RefCell;
use std::io::BufRead;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Lines in and lines out, for pipes and screen readers; the only way so far.
    #[arg(long)]
    plain: bool,
}

pub(super) fn run(_arguments: &Arguments, desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    desk.require_build()?;
    desk.warn_of_stale(screen)?;
    hold(desk, &mut std::io::stdin().lock())
}

/// Puts the open cases before whoever writes the lines of `input`.
pub(super) fn hold(desk: &mut Desk, input: &mut dyn BufRead) -> Result<Done, Failure> {
    let (bookings, decisions) = (desk.staging.bookings()?, desk.staging.decisions()?);
    let baseline = desk.baseline()?;
    let (who, time) = (who(), desk.clock);
    let terms = Terms::new(&desk.config.business, baseline.as_ref(), desk.date_only());
    let mut queue = Queue::new(&bookings, &decisions, &terms, time.now());
    let config = &desk.config;
    let staging = RefCell::new(&mut desk.staging);
    let document = |id: &RecordId| stages::document(&staging.borrow(), config, id);
    let setting = Setting {
        now: time.now(),
        zone: config.business.zone,
        terms: &terms,
        document: &document,
    };
    let outcome = review::run(&mut queue, setting, input, &mut screen::answer(), &mut |draft| {
        let kept = staging.borrow_mut().add_decision(
            &draft.booking,
            &draft.conflict,
            &draft.evidence,
            draft.answer,
            &who,
            time.now(),
        );
        Ok(kept?)
    })?;
    Ok(Done::by(outcome.open as u64))
}

/// Who is at the keyboard, as far as the system says.
fn who() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned())
}

impl From<ReviewError> for Failure {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Terminal(error) => error.into(),
            ReviewError::Commit { .. } => Self::new(
                error.to_string(),
                "the answers before it are kept; run `rebook review` again",
            ),
        }
    }
}
