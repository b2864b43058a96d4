//! `rebook review`: the fronts over one machine. `plain` is lines, `full` is the whole screen.
//!
//! In: a queue and what a person types. Out: what is shown, and each act to a [`Keeper`] before the next case is
//! shown, so that nothing answered is ever lost.

mod facts;
mod full;
mod keys;
mod plain;
mod screen;

use super::terminal::safe;
use super::words::{count_of, label, question};
use crate::model::{Answer, Booking, BookingId, Decision, Document, Draft, Money, RecordId, When};
use crate::review::{Act, Alike, Queue, Same, Terms};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::HashMap;
use std::io;

pub use full::{Colors, Desktop, FullScreen, Stroke, Turn, run as run_full};
pub use plain::{farewell, run};

/// Acts that the history shows.
const ACTS_MAX: usize = 40;

/// Where decisions are kept. It must not return before they are safe.
pub trait Keeper {
    /// Keeps an act as a whole, unless somebody else has decided about one of its bookings since `seen`.
    fn keep(&mut self, drafts: &[Draft], seen: u64) -> Result<Kept, KeepError>;

    /// Whether the bookings were built anew since the sitting began; an error where one of them could not be read.
    fn is_replaced(&mut self) -> Result<bool, KeepError> {
        Ok(false)
    }

    /// What others decided since.
    fn news(&mut self, seen: u64) -> Result<Vec<Decision>, KeepError>;
}

/// What came of an act.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    pub news: Vec<Decision>,
    /// Empty where somebody else was first.
    pub decisions: Vec<Decision>,
}

/// Whatever the staging database says.
pub type KeepError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("the decision on {booking} was not kept: {source}")]
    Commit { booking: String, source: KeepError },
    #[error("what others decided cannot be read: {0}")]
    News(KeepError),
    #[error("the bookings cannot be read: {0}")]
    Unread(KeepError),
    #[error("the terminal cannot be read or written: {0}")]
    Terminal(#[from] io::Error),
}

/// How a sitting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Decisions taken in this sitting, those that took others back included.
    pub decisions: usize,
    /// Cases still open; with any, the exit code is 3.
    pub open: usize,
    /// Of these, put off with a note.
    pub waiting: usize,
    pub ending: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Over,
    /// What belongs together has changed: the bookings are to be fused again, and the sitting goes on.
    Refit,
}

/// What the screen needs beside the cases.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub now: DateTime<Utc>,
    /// Times are shown in it.
    pub zone: Tz,
    /// The backup's rows, to show a key by its name.
    pub terms: &'a Terms<'a>,
    /// Takes a staged record apart.
    pub document: &'a dyn Fn(&RecordId) -> Option<Document>,
    /// Everything that is known of a booking as built: its claims and links are read when it is shown.
    pub details: &'a dyn Fn(&Booking) -> Option<Booking>,
    /// What waits on each booking for an answer, as built: charges less what was given back.
    pub stakes: &'a HashMap<BookingId, Vec<Money>>,
}

/// What is said after an act.
struct Spoken {
    words: String,
    kept: usize,
    refit: bool,
}

/// Keeps an act, and hands it to the queue.
fn keep(
    queue: &mut Queue<'_>,
    act: &Act,
    keeper: &mut dyn Keeper,
    setting: Setting<'_>,
) -> Result<Spoken, ReviewError> {
    if keeper.is_replaced().map_err(ReviewError::Unread)? {
        return Ok(Spoken {
            words: format!("Not done: {REPLACED} Look at the case again."),
            kept: 0,
            refit: true,
        });
    }
    let ties = queue.ties();
    let field = queue.current().and_then(|view| view.conflict.field);
    let taken_back: Vec<Decision> = act
        .drafts
        .iter()
        .filter_map(|draft| match draft.answer {
            Answer::Undo(seq) => queue.log().get(seq).cloned(),
            _ => None,
        })
        .collect();
    let kept = keeper
        .keep(&act.drafts, queue.seen())
        .map_err(|source| ReviewError::Commit {
            booking: act
                .drafts
                .first()
                .map_or_else(String::new, |draft| draft.booking.to_string()),
            source,
        })?;
    if !kept.news.is_empty() {
        queue.absorb(kept.news.clone());
    }
    let count = kept.decisions.len();
    let mut words = match (kept.decisions.first(), taken_back.first()) {
        (None, _) => match kept
            .news
            .iter()
            .find(|other| act.drafts.iter().any(|draft| draft.booking == other.booking))
        {
            Some(other) => format!(
                "Not done: {} has decided about this booking in the meantime ({}).",
                safe(&other.who, 80),
                screen::answer(&other.answer, None, setting)
            ),
            None => "Not done.".to_owned(),
        },
        (Some(decision), Some(earlier)) => match &earlier.answer {
            Answer::Undo(seq) => format!("Decision {}: decision {seq} holds again.", decision.seq),
            _ if count > 1 => format!(
                "Decisions {}–{}: {count} decisions of one act are taken back.",
                decision.seq,
                decision.seq + count as u64 - 1
            ),
            _ => format!(
                "Decision {}: {}.",
                decision.seq,
                screen::taken_back(earlier, setting)
            ),
        },
        (Some(decision), None) if count > 1 => format!(
            "Decisions {}–{}: {count} cases answered alike. u takes all of them back.",
            decision.seq,
            decision.seq + count as u64 - 1
        ),
        (Some(decision), None) => format!(
            "Decision {}: {}.",
            decision.seq,
            screen::answer(&decision.answer, field, setting)
        ),
    };
    if count > 0 {
        for remark in &act.remarks {
            let remark = safe(remark, 240);
            words.push_str(" Note: ");
            words.push_str(remark.trim_end_matches('.'));
            words.push('.');
        }
    }
    queue.record(kept.decisions);
    let refit = queue.ties() != ties;
    if refit {
        words.push_str(" The bookings are fused again.");
    }
    Ok(Spoken {
        words,
        kept: count,
        refit,
    })
}

const REPLACED: &str = "another rebook has built the bookings anew.";

/// What others decided, taken in; None where there is no news.
fn hear(
    queue: &mut Queue<'_>,
    keeper: &mut dyn Keeper,
    setting: Setting<'_>,
) -> Result<Option<Spoken>, ReviewError> {
    if keeper.is_replaced().map_err(ReviewError::Unread)? {
        return Ok(Some(Spoken {
            words: format!("In the meantime {REPLACED}"),
            kept: 0,
            refit: true,
        }));
    }
    let news = keeper.news(queue.seen()).map_err(ReviewError::News)?;
    let Some(last) = news.last().cloned() else {
        return Ok(None);
    };
    let (ties, count) = (queue.ties(), news.len() as u64);
    queue.absorb(news);
    Ok(Some(Spoken {
        words: format!(
            "{} by others in the meantime, the last by {} ({}).",
            count_of(count, "decision", "decisions"),
            safe(&last.who, 80),
            screen::answer(&last.answer, None, setting)
        ),
        kept: 0,
        refit: queue.ties() != ties,
    }))
}

/// The acts so far, the last one first, a line each.
fn history(queue: &Queue<'_>, setting: Setting<'_>) -> Vec<String> {
    let log = queue.log();
    let mut lines = Vec::new();
    let mut last = None;
    for decision in log.decisions().iter().rev() {
        if last == Some(decision.act) {
            continue;
        }
        last = Some(decision.act);
        if lines.len() == ACTS_MAX {
            lines.push("  and earlier ones".to_owned());
            break;
        }
        let count = log.act(decision.act).count();
        let booking = queue.booking(&decision.booking);
        let name = booking
            .and_then(|booking| booking.reference.as_deref())
            .unwrap_or(decision.booking.as_str());
        let state = if log.stands(decision.seq) {
            ""
        } else {
            " · taken back"
        };
        let about = match count {
            1 => safe(name, 40),
            many => format!("{many} cases"),
        };
        lines.push(format!(
            "  {:>4}  {}  {}  {}: {}{state}",
            decision.act,
            screen::moment(When::Instant(decision.at), setting),
            safe(&decision.who, 20),
            about,
            screen::answer(&decision.answer, None, setting),
        ));
    }
    if lines.is_empty() {
        lines.push("  Nothing was decided yet.".to_owned());
    } else {
        lines.push("  u NUMBER takes that decision back, whoever took it.".to_owned());
    }
    lines
}

/// The cases that are alike: how many, what they have in common, and each of them.
fn alike(queue: &Queue<'_>, same: &Same, setting: Setting<'_>) -> Result<(usize, Vec<String>), String> {
    let Alike {
        kind,
        field,
        strength,
        sources,
        shape,
        cases,
        unfit,
    } = queue.alike(same)?;
    let answer = match same {
        Same::Accept => "the suggestion is taken",
        Same::Keep => "each is kept as it stands",
        Same::Later(_) => "each is put off",
    };
    let mut predicate = vec![question(kind).to_owned()];
    predicate.extend(field.map(|field| format!("about the {}", label(field))));
    predicate.extend(strength.map(|strength| format!("suggestion {}", strength.as_str())));
    if !sources.is_empty() {
        let sources: Vec<String> = sources.iter().map(|source| safe(source, 20)).collect();
        predicate.push(format!("said by {}", sources.join(" and ")));
    }
    if !queue.filtered().is_empty() {
        predicate.push(format!(
            "shown by the filter {}",
            safe(queue.filtered().as_str(), 60)
        ));
    }
    let mut lines = vec![
        format!(
            "All like this: {answer} in {}",
            count_of(cases.len() as u64, "case", "cases")
        ),
        format!("  which are: {}", predicate.join(" · ")),
        format!("  and ask:   {}", safe(&shape, 160)),
    ];
    if unfit > 0 {
        lines.push(format!(
            "  {unfit} more are like it, but the answer does not fit them"
        ));
    }
    for (booking, conflict, answer) in &cases {
        let mut parts = screen::who(booking);
        parts.push(screen::answer(answer, conflict.field, setting));
        lines.push(format!("  - {}", parts.join(" · ")));
    }
    Ok((cases.len(), lines))
}
