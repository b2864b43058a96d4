//! `rebook verify`: what stands of the reload in the target, what differs, what is missing. It only reads.

use super::desk::Desk;
use super::export::{Material, target_of};
use super::failure::{Done, Failure};
use super::screen::{self, Screen, one_line};
use super::summary::counted;
use crate::export::{Fate, Outcome};
use crate::model::EntityKind;
use crate::wire::VerifyAnswer;
use std::io::Write;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The database that was loaded into: a postgres:// or mysql:// URL, which is only read, a SQLite file, or a fresh
    /// dump.
    #[arg(long, value_name = "URL or FILE")]
    target: String,
}

pub(super) fn run(arguments: &Arguments, desk: &Desk, screen: &Screen) -> Result<Done, Failure> {
    let target = target_of(desk)?;
    desk.warn_of_stale(screen)?;
    let material = Material::gather(desk, &target, Some(&arguments.target))?;
    let options = material.options(desk)?;
    let reload = material.reload(&target, desk, &options)?;
    // A customer is no news: it stands where its bookings stand.
    let rows: Vec<&Fate> = reload
        .fates
        .iter()
        .filter(|fate| fate.entity != EntityKind::Customer)
        .collect();
    let of = |standing: Standing| rows.iter().filter(move |fate| standing_of(fate) == standing);
    let mut answer = screen::answer();
    if desk.json {
        for fate in &rows {
            let line = VerifyAnswer {
                reference: fate.reference.as_deref(),
                payment: fate.payment.as_deref(),
                reason: &fate.reason,
                key: fate.key.as_deref(),
                ..VerifyAnswer::of(
                    fate.entity.as_str(),
                    fate.booking.as_str(),
                    fate.outcome.as_str(),
                    standing_of(fate).in_words(),
                )
            };
            writeln!(answer, "{}", line.text())?;
        }
    } else {
        let place = options.live.as_deref().unwrap_or("the target");
        writeln!(
            answer,
            "Of what was rebuilt and is decided, in {}",
            one_line(place)
        )?;
        for standing in Standing::ALL {
            let count = of(standing).count() as u64;
            counted(&mut answer, count, standing.in_words(), standing.in_words())?;
        }
        for standing in [Standing::Differs, Standing::Missing, Standing::Held] {
            for fate in of(standing) {
                let what = fate
                    .payment
                    .as_deref()
                    .or(fate.reference.as_deref())
                    .unwrap_or("-");
                writeln!(
                    answer,
                    "  {}: {} {} ({}){}",
                    standing.in_words(),
                    fate.entity.as_str(),
                    one_line(what),
                    fate.booking,
                    if fate.reason.is_empty() {
                        String::new()
                    } else {
                        format!(": {}", one_line(&fate.reason))
                    }
                )?;
            }
        }
        if !reload.left_out.is_empty() {
            let count = reload.left_out.len() as u64;
            counted(
                &mut answer,
                count,
                "booking waits for your decision",
                "bookings wait for your decision",
            )?;
        }
    }
    answer.flush()?;
    Ok(Done::All)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Stands,
    Differs,
    Missing,
    Held,
}

impl Standing {
    const ALL: [Self; 4] = [Self::Stands, Self::Differs, Self::Missing, Self::Held];

    fn in_words(self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::Held => "held back",
        }
    }
}

fn standing_of(fate: &Fate) -> Standing {
    match fate.outcome {
        Outcome::Loaded => Standing::Stands,
        Outcome::Live => Standing::Differs,
        Outcome::Insert | Outcome::Update => Standing::Missing,
        // Its row is there, and somebody has changed it.
        Outcome::Held if fate.key.is_some() => Standing::Differs,
        Outcome::Held => Standing::Held,
    }
}
