//! `rebook review --stats`: what was decided, by whom, how often the suggestion was taken, and the time left.

use super::failure::{Done, Failure};
use super::screen;
use super::terminal::safe;
use super::words::{count_of, question};
use crate::review::{Queue, Tally, pace};
use crate::wire::{StatsAnswer, TallyAnswer, VERSION};
use chrono::TimeDelta;
use std::io::Write;

pub(super) fn print(queue: &mut Queue<'_>, json: bool) -> Result<Done, Failure> {
    let pace = pace(queue.log());
    let counts = queue.counts();
    let to_do = (counts.open - counts.waiting) as u64;
    let left = pace
        .median
        .map(|median| median * i32::try_from(to_do).unwrap_or(i32::MAX));
    let mut answer = screen::answer();
    if json {
        let tally = |tally: &Tally| TallyAnswer {
            decided: tally.decided,
            put_off: tally.put_off,
            suggested: tally.suggested,
            suggestion_taken: tally.followed,
        };
        let all = StatsAnswer {
            version: VERSION,
            open: counts.open,
            put_off: counts.waiting,
            all: tally(&pace.all),
            by_kind: pace
                .by_kind
                .iter()
                .map(|(kind, found)| {
                    let kind = kind.map_or("unknown", |kind| kind.as_str());
                    (kind.to_owned(), tally(found))
                })
                .collect(),
            by_who: pace
                .by_who
                .iter()
                .map(|(who, found)| (who.clone(), tally(found)))
                .collect(),
            taken_back: pace.taken_back,
            seconds_each: pace.median.map(|median| median.num_seconds()),
            seconds_left: left.map(|left| left.num_seconds()),
        };
        writeln!(answer, "{}", all.text())?;
    } else {
        writeln!(
            answer,
            "{} open, {} put off; {} stand, {} taken back.",
            count_of(counts.open as u64, "case is", "cases are"),
            counts.waiting,
            count_of(pace.all.decided as u64, "decision", "decisions"),
            pace.taken_back
        )?;
        if pace.all.decided > 0 {
            writeln!(answer, "\nBy kind")?;
            for (kind, tally) in &pace.by_kind {
                let kind = kind.map_or("of an earlier version", question);
                writeln!(answer, "  {}", line(tally, kind))?;
            }
            writeln!(answer, "\nBy whom")?;
            for (who, tally) in &pace.by_who {
                writeln!(answer, "  {}", line(tally, &safe(who, 40)))?;
            }
        }
        match (left, pace.median) {
            (Some(left), Some(median)) if to_do > 0 => writeln!(
                answer,
                "\nA case takes {}; the {to_do} that are left, about {}.",
                span(median),
                span(left)
            )?,
            _ if to_do > 0 => writeln!(
                answer,
                "\nToo few decisions so far to say how long the rest takes."
            )?,
            _ => {}
        }
    }
    answer.flush()?;
    Ok(Done::by(counts.open as u64))
}

/// `12  records say different things (suggestion taken 9 of 10, 1 put off)`.
fn line(tally: &Tally, what: &str) -> String {
    let mut more = Vec::new();
    if tally.suggested > 0 {
        more.push(format!(
            "suggestion taken {} of {}",
            tally.followed, tally.suggested
        ));
    }
    if tally.put_off > 0 {
        more.push(format!("{} put off", tally.put_off));
    }
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(" ({})", more.join(", "))
    };
    format!("{:>5}  {what}{more}", tally.decided)
}

fn span(time: TimeDelta) -> String {
    match time.num_seconds() {
        seconds @ ..=119 => format!("{} s", seconds.max(1)),
        seconds @ 120..=5_399 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{}.{} h", seconds / 3600, seconds % 3600 / 360),
    }
}
