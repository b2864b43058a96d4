//! A waterfall as lines of text: the bits of each comparison as bars, and those for the next best beside them.

use super::screen::one_line;
use super::words;
use crate::model::{Comparison, NextBest, Step, Waterfall, sum};

/// Where the next best begins, in characters.
const BESIDE: usize = 50;

/// `records` is how they are called where the lines are shown.
pub(super) fn lines(waterfall: &Waterfall, records: &str) -> Vec<String> {
    let verb = if waterfall.is_linked {
        "belongs to it"
    } else {
        "may belong to it"
    };
    let head = format!("{records} {verb}: {} bits", tenths(sum(&waterfall.steps)));
    let Some(next) = &waterfall.next else {
        let steps = waterfall.steps.iter().map(|step| format!("    {}", drawn(step)));
        return [head].into_iter().chain(steps).collect();
    };
    let best = format!("next best: {}: {} bits", name_of(next), tenths(sum(&next.steps)));
    let compared = Comparison::ALL.into_iter().filter_map(|comparison| {
        let of = |steps: &[Step]| {
            let step = steps.iter().find(|step| step.comparison == comparison);
            step.map_or_else(String::new, drawn)
        };
        let (here, there) = (of(&waterfall.steps), of(&next.steps));
        (!here.is_empty() || !there.is_empty()).then(|| beside(&format!("    {here}"), &there))
    });
    [beside(&head, &best)].into_iter().chain(compared).collect()
}

/// A bar of a character a bit, at most 24, lighter where it speaks against; each bit is a doubling of the odds.
pub(super) fn bar(millibits: i64) -> String {
    let length = ((millibits.abs() + 500) / 1000).min(24) as usize;
    let stroke = if millibits < 0 { "░" } else { "█" };
    stroke.repeat(length)
}

fn beside(here: &str, there: &str) -> String {
    format!("{here:<BESIDE$}  {there}").trim_end().to_owned()
}

fn drawn(step: &Step) -> String {
    let name = words::comparison(step.comparison);
    let line = format!("{name:<11}{:>6} {}", tenths(step.millibits), bar(step.millibits));
    line.trim_end().to_owned()
}

/// Bits to a tenth, with their sign.
fn tenths(millibits: i64) -> String {
    format!("{:+.1}", millibits as f64 / 1000.0)
}

/// The booking that was next best, as far as it is known.
fn name_of(next: &NextBest) -> String {
    let name = match (&next.booking, &next.row, &next.record) {
        (Some(booking), _, _) => booking.as_str().to_owned(),
        (None, Some(row), _) => format!("row {row} of the backup"),
        (None, None, Some(record)) => format!("that of {}", record.as_str()),
        (None, None, None) => "another".to_owned(),
    };
    one_line(&name)
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::model::{BookingId, Comparison, NextBest, RecordId, Step, Waterfall};

    #[test]
    fn the_next_best_stands_beside_comparison_by_comparison() {
        let step = |comparison, millibits| Step {
            comparison,
            millibits,
        };
        let waterfall = Waterfall {
            records: vec![RecordId("mail:1@x.example".to_owned())],
            is_linked: false,
            steps: vec![step(Comparison::Prior, -3_000), step(Comparison::Email, 4_200)],
            next: Some(NextBest {
                booking: Some(BookingId("b_2".to_owned())),
                row: None,
                record: None,
                steps: vec![step(Comparison::Prior, -3_000), step(Comparison::Times, -7_000)],
            }),
        };
        let wanted = [
            "[1] may belong to it: +1.2 bits                     next best: b_2: -10.0 bits",
            "    at first     -3.0 ░░░                           at first     -3.0 ░░░",
            "    e-mail       +4.2 ████",
            "                                                    times        -7.0 ░░░░░░░",
        ];
        assert_eq!(lines(&waterfall, "[1]"), wanted);
    }
}
