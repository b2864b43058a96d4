//! The closing summary: what was rebuilt, what must be decided, how far to trust it.

use super::desk::Desk;
use super::failure::Failure;
use super::screen::{self, Screen, one_line};
use super::words::{count_of, grouped, plural, question, wrapped};
use crate::model::{
    Backtest, Booking, Bucket, Charge, ConflictKind, Currency, Money, Stage, State, Summary, Timing,
};
use crate::wire;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Where more than one in this many certain bookings was wrong, the summary warns.
const DOUBT_ONE_IN: u64 = 50;
/// Warnings that are shown where nobody asked for more.
const WARNINGS_MAX: usize = 5;

/// Counts bookings as they stand after all decisions: each is in exactly one of inserts, updates, unchanged,
/// flagged and rejected. What only the build knows is in `built`.
pub(super) fn summarise(bookings: &[Booking], charges: &[Charge], built: Summary) -> Summary {
    let mut summary = Summary {
        inserts: 0,
        updates: 0,
        unchanged: 0,
        flagged: 0,
        rejected: 0,
        ..built
    };
    let mut by_kind: BTreeMap<ConflictKind, u64> = BTreeMap::new();
    for booking in bookings {
        *match (booking.state, booking.action) {
            (State::Rejected, _) => &mut summary.rejected,
            (State::Flagged, _) => &mut summary.flagged,
            (State::Clean, crate::model::Action::Insert) => &mut summary.inserts,
            (State::Clean, crate::model::Action::Update) => &mut summary.updates,
            (State::Clean, crate::model::Action::Unchanged) => &mut summary.unchanged,
        } += 1;
        for conflict in &booking.conflicts {
            *by_kind.entry(conflict.kind).or_default() += 1;
        }
    }
    summary.open_conflicts = by_kind.values().sum();
    summary.conflicts_by_kind = by_kind
        .into_iter()
        .map(|(kind, count)| (kind.as_str().to_owned(), count))
        .collect();
    summary.money = sums(charges);
    summary
}

/// Per currency: all charges, and those of each bucket.
fn sums(charges: &[Charge]) -> Vec<(String, i64, i64, i64, i64)> {
    let mut sums: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
    for charge in charges {
        let buckets = sums.entry(charge.amount.currency.as_str()).or_default();
        let bucket = Bucket::ALL.iter().position(|bucket| *bucket == charge.bucket);
        buckets[bucket.expect("ALL holds every bucket")] += charge.amount.minor;
    }
    sums.into_iter()
        .map(|(currency, [on_bookings, none, in_conflict])| {
            let received = on_bookings + none + in_conflict;
            (currency.to_owned(), received, on_bookings, none, in_conflict)
        })
        .collect()
}

/// Prints the summary as the answer of a command.
pub(super) fn print(
    summary: &Summary,
    timings: &[Timing],
    desk: &Desk,
    screen: &Screen,
) -> Result<(), Failure> {
    let mut answer = screen::answer();
    if desk.json {
        writeln!(answer, "{}", wire::summary_line(summary, timings))?;
    } else {
        write(summary, screen.verbose, &mut answer)?;
    }
    answer.flush()?;
    if !timings.is_empty() {
        screen.say(&timing_line(timings));
    }
    for timing in timings {
        let (stage, items) = (timing.stage.as_str(), timing.items);
        screen.say_more(&format!("{:>9} ms  {stage}, {items} items", timing.milliseconds));
    }
    screen.say(&next(summary, &desk.flags));
    Ok(())
}

/// The next command, as it can be typed.
pub(super) fn next(summary: &Summary, flags: &str) -> String {
    if summary.open_conflicts > 0 {
        let without = if summary.inserts + summary.updates > 0 {
            format!("\nor, without what is open: rebook export --skip-flagged --out reload.sql{flags}")
        } else {
            String::new()
        };
        format!("Next: rebook review{flags}{without}")
    } else if summary.inserts + summary.updates > 0 {
        format!("Next: rebook export --out reload.sql{flags}")
    } else {
        format!("Nothing to load. What was read and what was passed over: rebook status -v{flags}")
    }
}

fn write(summary: &Summary, verbose: bool, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nRebuilt")?;
    let lines = [
        (summary.inserts, "new booking, certain", "new bookings, certain"),
        (
            summary.updates,
            "booking of the backup that has changed since, certain",
            "bookings of the backup that have changed since, certain",
        ),
        (
            summary.unchanged,
            "booking of the backup, unchanged",
            "bookings of the backup, unchanged",
        ),
        (
            summary.flagged,
            "booking that waits for your decision",
            "bookings that wait for your decision",
        ),
    ];
    for (count, one, many) in lines {
        counted(out, count, one, many)?;
    }
    if summary.rejected > 0 {
        counted(
            out,
            summary.rejected,
            "that you said is no booking",
            "that you said are no bookings",
        )?;
    }
    for (currency, received, on_bookings, none, in_conflict) in &summary.money {
        let Some(currency) = Currency::parse(currency) else {
            continue;
        };
        writeln!(
            out,
            "\nMoney since the backup, {}",
            currency.as_str().to_uppercase()
        )?;
        summed(out, *on_bookings, currency, "pays for bookings")?;
        summed(out, *in_conflict, currency, "waits for your decision")?;
        summed(out, *none, currency, "fits no booking: rebook money lists it")?;
        writeln!(out, "{:>16}", "─".repeat(13))?;
        summed(out, *received, currency, "received through Stripe")?;
        if on_bookings + none + in_conflict != *received {
            writeln!(out, "{:>16}  these sums do not add up: please report it", "!")?;
        }
    }
    writeln!(out, "\nTo decide")?;
    match summary.open_conflicts {
        0 => writeln!(out, "          nothing")?,
        open => writeln!(
            out,
            "{:>9} {} about {}:",
            grouped(&open.to_string()),
            plural(open, "question", "questions"),
            count_of(summary.flagged, "booking", "bookings")
        )?,
    }
    for (kind, count) in &summary.conflicts_by_kind {
        let asked = match ConflictKind::parse(kind) {
            Some(kind) => question(kind),
            None => kind.as_str(),
        };
        writeln!(out, "{:>9} × {asked}", grouped(&count.to_string()))?;
    }
    writeln!(out, "\nHow far to trust it")?;
    for line in wrapped(&trust(summary.backtest.as_ref()), 68) {
        writeln!(out, "          {line}")?;
    }
    counted(out, summary.records, "record was read", "records were read")?;
    if let Some(new) = summary.new_records {
        counted(
            out,
            new,
            &format!("of them is new since the build before; {}", taken_over(summary)),
            &format!("of them are new since the build before; {}", taken_over(summary)),
        )?;
    }
    if summary.problems > 0 {
        counted(
            out,
            summary.problems,
            "has a problem: rebook status -v shows it",
            "have a problem: rebook status -v lists them",
        )?;
    }
    let shown = if verbose { usize::MAX } else { WARNINGS_MAX };
    for warning in summary.warnings.iter().take(shown) {
        for (index, line) in wrapped(&one_line(warning), 68).iter().enumerate() {
            writeln!(out, "        {} {line}", if index == 0 { "!" } else { " " })?;
        }
    }
    if summary.warnings.len() > shown {
        let more = summary.warnings.len() - shown;
        writeln!(out, "        ! and {more} more: rebook status -v lists them")?;
    }
    writeln!(out)
}

/// What was not done again.
fn taken_over(summary: &Summary) -> &'static str {
    let is_reused = |stage| summary.reused.contains(&stage);
    match (is_reused(Stage::Learn), is_reused(Stage::Backtest)) {
        _ if is_reused(Stage::Fuse) => "all stands as it was",
        (true, true) => "what was learned and tested then still holds",
        (true, false) => "what was learned then still holds, the test was done again",
        (false, _) => "all was done again",
    }
}

/// A count and what it counts, in the columns of a summary.
pub(super) fn counted(out: &mut impl Write, count: u64, one: &str, many: &str) -> io::Result<()> {
    writeln!(
        out,
        "{:>9} {}",
        grouped(&count.to_string()),
        plural(count, one, many)
    )
}

fn summed(out: &mut impl Write, minor: i64, currency: Currency, what: &str) -> io::Result<()> {
    writeln!(
        out,
        "{:>16}  {what}",
        grouped(&Money::new(minor, currency).major())
    )
}

/// How far clean bookings can be trusted, in a sentence.
pub(super) fn trust(backtest: Option<&Backtest>) -> String {
    match backtest {
        None => "Not tested: there is no backup with bookings that the records tell of. What is called certain is \
                 what the records agree on, no more. Check some by hand before you load anything."
            .to_owned(),
        Some(Backtest { clean: 0, .. }) => {
            "Tested on your own backup: its bookings were hidden and rebuilt from the records, and none came out \
             as certain. Check every booking by hand."
                .to_owned()
        }
        Some(test) => {
            let right = if test.right == test.clean {
                "all of them exactly".to_owned()
            } else {
                format!("{} of them exactly", grouped(&test.right.to_string()))
            };
            // Rounded down: a bound must not be promised higher than it is.
            let bound = (wilson_lower(test.right, test.clean) * 1000.0).floor() / 10.0;
            let is_doubtful = test.right * DOUBT_ONE_IN < test.clean * (DOUBT_ONE_IN - 1);
            let doubt = if is_doubtful {
                " That is too little: find out why before you load anything."
            } else {
                ""
            };
            format!(
                "Tested on your own backup: its bookings were hidden and rebuilt from the records. {} came out as \
                 certain, {right} as the backup has them; {} would have been asked about. So at least {bound:.1} % \
                 of what is called certain is right (with 95 % confidence).{doubt}",
                grouped(&test.clean.to_string()),
                grouped(&test.flagged.to_string()),
            )
        }
    }
}

/// The lower end of the 95 % interval for a share.
fn wilson_lower(right: u64, of: u64) -> f64 {
    wilson(right, of).0
}

/// The 95 % interval for a share. Source: Wilson (1927), score interval.
pub(super) fn wilson(right: u64, of: u64) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let (n, share) = (of as f64, right as f64 / of as f64);
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    ((centre - spread) / scale, ((centre + spread) / scale).min(1.0))
}

/// Where the time went; what took no time to speak of is left out.
fn timing_line(timings: &[Timing]) -> String {
    let seconds = |milliseconds: u64| format!("{:.1}", milliseconds as f64 / 1000.0);
    let total = timings.iter().map(|timing| timing.milliseconds).sum();
    let stages: Vec<String> = timings
        .iter()
        .filter(|timing| timing.milliseconds >= 50)
        .map(|timing| format!("{} {}", timing.stage.as_str(), seconds(timing.milliseconds)))
        .collect();
    let stages = stages.join(", ");
    let colon = if stages.is_empty() { "" } else { ": " };
    format!("Took {} s{colon}{stages}", seconds(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_that_of_wilson() {
        // 95 of 100: (0.8882, 0.9785) in Newcombe (1998)'s way of reckoning.
        assert!(
            (wilson_lower(95, 100) - 0.8882).abs() < 0.0001,
            "{}",
            wilson_lower(95, 100)
        );
        assert!(
            (wilson_lower(10, 10) - 0.7225).abs() < 0.0001,
            "{}",
            wilson_lower(10, 10)
        );
        assert!(wilson_lower(0, 10).abs() < 1e-12);
    }

    #[test]
    fn the_sums_of_the_buckets_are_the_providers_total() {
        let currency = Currency::parse("jpy").expect("a currency");
        let charge = |id: &str, minor, bucket| Charge {
            id: id.to_owned(),
            amount: Money::new(minor, currency),
            refunded: Money::new(0, currency),
            paid_at: chrono::DateTime::UNIX_EPOCH,
            bucket,
            booking: None,
            reason: String::new(),
        };
        let charges = [
            charge("ch_1", 5, Bucket::OnBooking),
            charge("ch_2", 7, Bucket::BelongsToNone),
            charge("ch_3", 11, Bucket::InConflict),
            charge("ch_4", 13, Bucket::OnBooking),
        ];
        assert_eq!(sums(&charges), [("jpy".to_owned(), 36, 18, 7, 11)]);
    }
}
