//! `rebook review`: what the fronts need, and where their answers go.

use super::desk::{Clock, Desk};
use super::failure::{Done, Failure};
use super::pipeline::{self, Workbench, Workshop};
use super::review::{
    self, Colors, Ending, FullScreen, KeepError, Keeper, Kept, Outcome, ReviewError, Setting,
};
use super::review_shelf::{Shared, Stand};
use super::screen::{self, Screen};
use super::{review_sheet, review_stats, stages};
use crate::model::{Booking, BookingId, Decision, Draft, Money, RecordId};
use crate::review::{Filter, Input, Queue, Whereabouts};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

#[derive(clap::Args, Default)]
pub(super) struct Arguments {
    /// Lines in and lines out, for pipes, screen readers and slow connections.
    #[arg(long)]
    plain: bool,
    /// Show only some cases: kind:, customer:, resource:, tenant:, or any words.
    #[arg(long, value_name = "WORDS", default_value = "")]
    filter: String,
    /// Who decides. Default: who is logged in.
    #[arg(long = "as", value_name = "NAME")]
    who: Option<String>,
    /// Write the open cases as CSV, with columns to fill in; - writes to stdout.
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["import", "stats"])]
    export: Option<PathBuf>,
    /// Take in answers from such a file; each row is checked.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "stats")]
    import: Option<PathBuf>,
    /// What was decided, by whom, how often the suggestion was taken, and the time that the rest may take.
    #[arg(long)]
    stats: bool,
}

pub(super) fn run(arguments: &Arguments, desk: &mut Desk, screen: &Screen) -> Result<Done, Failure> {
    desk.require_build()?;
    desk.warn_of_stale(screen)?;
    let filter = Filter::parse(&arguments.filter)
        .map_err(|error| Failure::usage(error.to_string(), "see `rebook review --help`"))?;
    let mut sitting = Sitting::new(screen);
    sitting.filter = filter;
    sitting.who = arguments.who.clone().unwrap_or_else(who);
    if let Some(path) = &arguments.export {
        return sitting.with_queue(desk, |queue, setting| {
            review_sheet::export(path, queue, setting, screen)
        });
    }
    if let Some(path) = &arguments.import {
        return sitting.import(desk, path);
    }
    if arguments.stats {
        let json = desk.json;
        return sitting.with_queue(desk, |queue, _| review_stats::print(queue, json));
    }
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    if arguments.plain || !is_terminal || is_dumb {
        sitting.hold_plain(desk, &mut std::io::stdin().lock())
    } else {
        sitting.hold_full(desk)
    }
}

/// How a case can be answered.
pub(super) enum Asked {
    WithSuggestion,
    /// Nothing is suggested, and no value is in question.
    OfTheWhole,
    OfAField,
}

/// The first cases, in the order in which they are asked.
pub(super) fn first_cases(desk: &mut Desk, screen: &Screen, count: usize) -> Result<Vec<Asked>, Failure> {
    Sitting::new(screen).with_queue(desk, |queue, _| {
        let mut cases = Vec::new();
        while let Some(view) = queue.current().filter(|_| cases.len() < count) {
            cases.push(match (view.conflict.suggested, view.conflict.field) {
                (Some(_), _) => Asked::WithSuggestion,
                (None, None) => Asked::OfTheWhole,
                (None, Some(_)) => Asked::OfAField,
            });
            queue.step(Input::Skip);
        }
        Ok(cases)
    })
}

/// Puts the open cases before whoever writes the lines of `input`.
pub(super) fn hold(desk: &mut Desk, screen: &Screen, input: &mut dyn BufRead) -> Result<Done, Failure> {
    Sitting::new(screen).hold_plain(desk, input)
}

/// One person's sitting: over several queues, where bookings are fused again in between.
struct Sitting<'s> {
    screen: &'s Screen,
    workshop: Workshop,
    filter: Filter,
    who: String,
}

/// A front, over one queue.
type Front<'f> = dyn FnMut(&mut Queue<'_>, Setting<'_>, &mut dyn Keeper) -> Result<Outcome, ReviewError> + 'f;

impl<'s> Sitting<'s> {
    fn new(screen: &'s Screen) -> Self {
        Self {
            screen,
            workshop: Workshop::default(),
            filter: Filter::default(),
            who: who(),
        }
    }

    fn hold_plain(&self, desk: &mut Desk, input: &mut dyn BufRead) -> Result<Done, Failure> {
        let outcome = self.hold(desk, &mut |queue, setting, keeper| {
            review::run(queue, setting, input, &mut screen::answer(), keeper)
        })?;
        review::farewell(outcome, &mut screen::answer())?;
        Ok(Done::by(outcome.open as u64))
    }

    fn hold_full(&self, desk: &mut Desk) -> Result<Done, Failure> {
        let colors = if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            Colors::None
        } else {
            Colors::Sixteen
        };
        let mut said = String::new();
        // Entered once: while bookings are fused again, the last case stays on the screen.
        let mut full = FullScreen::enter()?;
        let outcome = self.hold(desk, &mut |queue, setting, keeper| {
            let (outcome, words) = review::run_full(&mut full, queue, setting, keeper, colors, &said)?;
            said = words;
            Ok(outcome)
        });
        drop(full);
        let outcome = outcome?;
        review::farewell(outcome, &mut screen::answer())?;
        Ok(Done::by(outcome.open as u64))
    }

    /// Each row through the same machine; what belongs together is fused again at the end.
    fn import(&self, desk: &mut Desk, path: &std::path::Path) -> Result<Done, Failure> {
        let rows = review_sheet::read(path)?;
        let mut kept = None;
        let outcome = self.hold(desk, &mut |queue, setting, keeper| {
            // Fused again, the rows are not taken in twice.
            let outcome = if kept.is_none() {
                let (outcome, report) = review_sheet::import(&rows, queue, setting, keeper)?;
                kept = Some(report);
                outcome
            } else {
                review_sheet::outcome(queue, Ending::Over)
            };
            Ok(outcome)
        })?;
        review_sheet::report(&kept.unwrap_or_default(), outcome)?;
        Ok(Done::by(outcome.open as u64))
    }

    /// Runs a front until it is over; where what belongs together has changed, everything is fused again and it goes on
    /// at the same case.
    fn hold(&self, desk: &mut Desk, front: &mut Front<'_>) -> Result<Outcome, Failure> {
        let bench = Workbench::new();
        let mut before: Option<Whereabouts> = None;
        let mut decisions = 0;
        loop {
            let (outcome, at) = self.with_bench(&bench, desk, before.as_ref(), &mut *front)?;
            decisions += outcome.decisions;
            if outcome.ending == Ending::Over {
                return Ok(Outcome { decisions, ..outcome });
            }
            before = Some(at);
        }
    }

    /// The queue as it stands, for what only looks.
    fn with_queue<T>(
        &self,
        desk: &mut Desk,
        look: impl FnOnce(&mut Queue<'_>, Setting<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.ready(&Workbench::new(), desk)?;
        self.with_staging(desk, None, |queue, setting, _| look(queue, setting))
    }

    fn with_bench<'w>(
        &'w self,
        bench: &Workbench<'w>,
        desk: &mut Desk,
        before: Option<&Whereabouts>,
        front: &mut Front<'_>,
    ) -> Result<(Outcome, Whereabouts), Failure> {
        self.ready(bench, desk)?;
        self.with_staging(desk, before, |queue, setting, keeper| {
            let outcome = front(queue, setting, keeper)?;
            Ok((outcome, queue.whereabouts()))
        })
    }

    /// Fuses again where somebody said what belongs together, and writes headings where there are none.
    fn ready<'w>(&'w self, bench: &Workbench<'w>, desk: &mut Desk) -> Result<(), Failure> {
        if !desk.is_tied(&desk.staging.decisions()?)? {
            self.workshop.fuse(bench, desk, self.screen)?;
        }
        pipeline::head(desk)
    }

    fn with_staging<T>(
        &self,
        desk: &mut Desk,
        before: Option<&Whereabouts>,
        work: impl FnOnce(&mut Queue<'_>, Setting<'_>, &mut Bookkeeper<'_, '_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (config, clock) = (&desk.config, desk.clock);
        let now = clock.now();
        let decisions = desk.staging.decisions()?;
        let is_exclusive = desk.staging.fact(pipeline::EXCLUSIVE)?.as_deref() == Some("true");
        let mut stakes: HashMap<BookingId, Vec<Money>> = HashMap::new();
        for (booking, money) in desk.staging.at_stake()? {
            stakes.entry(booking).or_default().push(money);
        }
        let staging = RefCell::new(&mut desk.staging);
        let stand = Stand::new(&staging)?;
        let terms = stages::terms_of(config, &stand, is_exclusive);
        let mut queue = Queue::new(&stand, decisions, &terms, now, &self.who);
        match before {
            Some(before) => queue.resume(before),
            None if self.filter.is_empty() => {}
            None => queue.filter(self.filter.clone()),
        }
        let document = |id: &RecordId| stages::document(&staging.borrow(), config, id);
        let details = |booking: &Booking| staging.borrow().booking(&booking.id).ok().flatten();
        let setting = Setting {
            now,
            zone: config.business.zone,
            terms: &terms,
            document: &document,
            details: &details,
            stakes: &stakes,
        };
        let mut keeper = Bookkeeper {
            staging: &staging,
            stand: &stand,
            clock,
            who: &self.who,
        };
        let done = work(&mut queue, setting, &mut keeper)?;
        match stand.fault() {
            Some(error) => Err(error.into()),
            None => Ok(done),
        }
    }
}

/// Decisions go to staging, under a person's name.
struct Bookkeeper<'k, 'd> {
    staging: &'k Shared<'d>,
    stand: &'k Stand<'k, 'd>,
    clock: Clock,
    who: &'k str,
}

impl Keeper for Bookkeeper<'_, '_> {
    fn is_replaced(&mut self) -> Result<bool, KeepError> {
        let is_replaced = self.stand.is_replaced();
        match self.stand.fault() {
            Some(error) => Err(error.into()),
            None => Ok(is_replaced),
        }
    }

    fn keep(&mut self, drafts: &[Draft], seen: u64) -> Result<Kept, KeepError> {
        let mut staging = self.staging.borrow_mut();
        let kept = staging.keep_act(drafts, seen, self.who, self.clock.now())?;
        Ok(Kept {
            news: kept.news,
            decisions: kept.decisions,
        })
    }

    fn news(&mut self, seen: u64) -> Result<Vec<Decision>, KeepError> {
        Ok(self.staging.borrow().decisions_since(seen)?)
    }
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
            ReviewError::Commit { .. } | ReviewError::News(_) | ReviewError::Unread(_) => Self::new(
                error.to_string(),
                "the answers before it are kept; run `rebook review` again",
            ),
        }
    }
}
