//! The closing summary: what was rebuilt, what must be decided, how far to trust it.

use super::desk::Desk;
use super::failure::Failure;
use super::screen::{self, Screen, one_line};
use crate::model::{
    Backtest, Booking, Bucket, Charge, ConflictKind, Currency, Money, State, Summary, Timing,
};
use crate::wire;
use std::collections::BTreeMap;
use std::io::{self, Write};

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
        write(summary, &mut answer)?;
    }
    answer.flush()?;
    if !timings.is_empty() {
        screen.say(&timing_line(timings));
    }
    for timing in timings {
        let (stage, items) = (timing.stage.as_str(), timing.items);
        screen.say_more(&format!("{:>9} ms  {stage}, {items} items", timing.milliseconds));
    }
    screen.say(&format!("Next: {}", next_command(summary)));
    Ok(())
}

fn next_command(summary: &Summary) -> &'static str {
    if summary.open_conflicts > 0 {
        "rebook review    (or, without what is open: rebook export --skip-flagged --out reload.sql)"
    } else if summary.inserts + summary.updates > 0 {
        "rebook export --out reload.sql"
    } else {
        "rebook status -v    (nothing to load: it lists what was read and what was passed over)"
    }
}

fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nRebuilt")?;
    counted(out, summary.inserts, "new bookings, certain")?;
    counted(
        out,
        summary.updates,
        "bookings of the backup that have changed since, certain",
    )?;
    counted(out, summary.unchanged, "bookings of the backup, unchanged")?;
    counted(out, summary.flagged, "bookings that wait for a decision")?;
    if summary.rejected > 0 {
        counted(out, summary.rejected, "that you said are no bookings")?;
    }
    for (currency, received, on_bookings, none, in_conflict) in &summary.money {
        let Some(currency) = Currency::parse(currency) else {
            continue;
        };
        writeln!(out, "\nMoney, {}", currency.as_str().to_uppercase())?;
        summed(out, *on_bookings, currency, "on bookings")?;
        summed(
            out,
            *none,
            currency,
            "belong to no booking: rebook money lists them",
        )?;
        summed(out, *in_conflict, currency, "wait for a decision")?;
        summed(out, *received, currency, "received by the provider")?;
        if on_bookings + none + in_conflict != *received {
            writeln!(out, "{:>16}  these sums do not add up: please report it", "!")?;
        }
    }
    writeln!(out, "\nTo decide")?;
    if summary.open_conflicts == 0 {
        writeln!(out, "          nothing")?;
    }
    for (kind, count) in &summary.conflicts_by_kind {
        counted(
            out,
            *count,
            ConflictKind::parse(kind).map_or(kind, |kind| question(kind)),
        )?;
    }
    writeln!(out, "\nHow far to trust it")?;
    for line in wrapped(&trust(summary.backtest.as_ref()), 70) {
        writeln!(out, "          {line}")?;
    }
    counted(out, summary.records, "records were read")?;
    counted(
        out,
        summary.problems,
        "passed over with a problem: rebook status -v lists them",
    )?;
    for warning in &summary.warnings {
        for (index, line) in wrapped(&one_line(warning), 68).iter().enumerate() {
            writeln!(out, "        {} {line}", if index == 0 { "!" } else { " " })?;
        }
    }
    writeln!(out)
}

fn counted(out: &mut impl Write, count: u64, what: &str) -> io::Result<()> {
    writeln!(out, "{:>9} {what}", grouped(&count.to_string()))
}

fn summed(out: &mut impl Write, minor: i64, currency: Currency, what: &str) -> io::Result<()> {
    writeln!(
        out,
        "{:>16}  {what}",
        grouped(&Money::new(minor, currency).major())
    )
}

/// What a person is asked, by kind.
fn question(kind: ConflictKind) -> &'static str {
    match kind {
        ConflictKind::FieldContradicts => "records say different things",
        ConflictKind::AmbiguousLink => "records fit more than one booking",
        ConflictKind::MissingField => "no record says what is needed",
        ConflictKind::MoneyDoesNotAddUp => "payments do not add up to the total",
        ConflictKind::DoubleBooked => "two bookings of one thing at one time",
        ConflictKind::ChangedWithoutNotice => "changed with no word from the business",
        ConflictKind::NoStanding => "nobody who speaks for the business says so",
        ConflictKind::UnexplainedEvidence => "a record holds something that nothing explains",
        ConflictKind::UnlinkedRecord => "a record belongs to no booking yet",
        ConflictKind::ReferenceReused => "one reference stands on two bookings",
        ConflictKind::WeakEvidence => "the evidence is weak",
    }
}

/// How far clean bookings can be trusted, in a sentence.
pub(super) fn trust(backtest: Option<&Backtest>) -> String {
    match backtest {
        None => {
            "Not tested: no known truth to test against was found in a backup. Check some by hand.".to_owned()
        }
        Some(Backtest { clean: 0, .. }) => {
            "Not tested: none of the backup's bookings could be rebuilt cleanly. Check by hand.".to_owned()
        }
        Some(test) => format!(
            "Tested on bookings of your backup, hidden and rebuilt: {} came out clean, {} of them exactly right \
             (95 % sure: at least {:.1} % of clean bookings are); {} were flagged.",
            grouped(&test.clean.to_string()),
            if test.right == test.clean {
                "all".to_owned()
            } else {
                grouped(&test.right.to_string())
            },
            // Rounded down: a bound must not be promised higher than it is.
            (wilson_lower(test.right, test.clean) * 1000.0).floor() / 10.0,
            grouped(&test.flagged.to_string()),
        ),
    }
}

/// The lower end of the 95 % interval for a share. Source: Wilson (1927), score interval.
fn wilson_lower(right: u64, of: u64) -> f64 {
    const Z: f64 = 1.959_964;
    let (n, share) = (of as f64, right as f64 / of as f64);
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    (centre - spread) / (1.0 + Z * Z / n)
}

/// Digits in groups of three: `-12,345.60`.
fn grouped(number: &str) -> String {
    let (whole, fraction) = number
        .split_once('.')
        .map_or((number, None), |(whole, part)| (whole, Some(part)));
    let digits = whole.trim_start_matches('-');
    let mut text = String::from(if whole.starts_with('-') { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("starts with one");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn timing_line(timings: &[Timing]) -> String {
    let seconds = |milliseconds: u64| format!("{:.1} s", milliseconds as f64 / 1000.0);
    let total = timings.iter().map(|timing| timing.milliseconds).sum();
    let stages: Vec<String> = timings
        .iter()
        .map(|timing| format!("{} {}", timing.stage.as_str(), seconds(timing.milliseconds)))
        .collect();
    format!("Took {}: {}", seconds(total), stages.join(", "))
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
    fn digits_stand_in_groups() {
        assert_eq!(grouped("-1234567.89"), "-1,234,567.89");
        assert_eq!(grouped("123"), "123");
        assert_eq!(grouped("1000"), "1,000");
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
