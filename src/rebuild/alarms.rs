//! What fell silent: a source that ends before the loss, and a field that messages stated until they were reworded.
//!
//! Both are told by rate. Events that come at a steady rate come `expected` times in a stretch, and none at all with a
//! chance of e^-expected (Poisson).

use crate::mapping::Told;
use crate::model::{FieldName, Window};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// So many that should have come and did not are no chance: e^-12 is one in 160,000.
const EXPECTED: f64 = 12.0;
/// A shorter silence is none, in seconds.
const DAY: i64 = 86_400;
/// Below this the rate before the backup is not known.
const SEEN: usize = 20;

/// A sentence for each thing that fell silent, in the order of sources and fields.
pub fn alarms(told: &[Told<'_>], window: &Window) -> Vec<String> {
    let mut sources: BTreeMap<&str, Vec<DateTime<Utc>>> = BTreeMap::new();
    let mut fields: BTreeMap<(&str, FieldName), Vec<DateTime<Utc>>> = BTreeMap::new();
    for told in told.iter().filter(|told| told.speaks()) {
        let Some(at) = told.document.said_at.filter(|at| *at <= window.loss) else {
            continue;
        };
        let source = told.document.record.source();
        sources.entry(source).or_default().push(at);
        if told.document.object == "message" {
            let mut stated: Vec<FieldName> = told.claims.claims.iter().map(|claim| claim.field).collect();
            stated.sort_unstable();
            stated.dedup();
            for field in stated {
                fields.entry((source, field)).or_default().push(at);
            }
        }
    }
    let mut out = Vec::new();
    for (source, times) in &sources {
        if let Some(last) = silent_since(times, window) {
            let days = (window.loss - last).num_days();
            out.push(format!(
                "nothing of `{source}` is newer than {}: what it would tell of the last {days} days is missing",
                last.format("%Y-%m-%d")
            ));
        }
    }
    let mut reworded: BTreeMap<(&str, DateTime<Utc>), Vec<FieldName>> = BTreeMap::new();
    for ((source, field), times) in &fields {
        let Some(last) = silent_since(times, window) else {
            continue;
        };
        let later = sources[source].iter().filter(|at| **at > last).count();
        if later >= SEEN / 2 {
            reworded.entry((source, last)).or_default().push(*field);
        }
    }
    for ((source, last), fields) in reworded {
        let names: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
        out.push(format!(
            "messages of `{source}` state no {} since {}: were they reworded? What they say since then is asked about",
            names.join(", "),
            last.format("%Y-%m-%d")
        ));
    }
    out
}

/// When the first of the rules for messages fell silent, which is when mail began to be worded anew; None where all go on.
pub fn reworded_since(told: &[Told<'_>], window: &Window) -> Option<DateTime<Utc>> {
    let mut rules: BTreeMap<&str, Vec<DateTime<Utc>>> = BTreeMap::new();
    for told in told.iter().filter(|told| told.document.object == "message") {
        let Some(at) = told.document.said_at.filter(|at| *at <= window.loss) else {
            continue;
        };
        let claims = &told.claims.claims;
        let given_way = told.claims.bookers.iter().filter(|claim| !claims.contains(claim));
        for claim in claims.iter().chain(given_way) {
            rules.entry(claim.rule.as_str()).or_default().push(at);
        }
    }
    let fallen = rules.values().filter_map(|times| silent_since(times, window));
    fallen.min()
}

/// The last of these moments, where too long a stretch before the loss has none.
fn silent_since(times: &[DateTime<Utc>], window: &Window) -> Option<DateTime<Utc>> {
    let before = times
        .iter()
        .filter(|at| **at > window.learn_from && **at <= window.backup)
        .count();
    let last = times.iter().max()?;
    let learned = (window.backup - window.learn_from).num_seconds();
    if before < SEEN || learned <= 0 {
        return None;
    }
    let quiet = (window.loss - *last).num_seconds();
    let expected = before as f64 * quiet as f64 / learned as f64;
    // Nights are quiet wherever there is much to do by day.
    (expected >= EXPECTED && quiet >= DAY).then_some(*last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn window() -> Window {
        let day = |day: i64| DateTime::UNIX_EPOCH + TimeDelta::days(day);
        Window {
            learn_from: day(0),
            backup: day(90),
            loss: day(180),
        }
    }

    fn daily(until: i64) -> Vec<DateTime<Utc>> {
        (1..=until)
            .map(|day| DateTime::UNIX_EPOCH + TimeDelta::days(day))
            .collect()
    }

    #[test]
    fn a_steady_source_that_ends_early_has_fallen_silent() {
        assert_eq!(silent_since(&daily(150), &window()), daily(150).last().copied());
    }

    #[test]
    fn a_quiet_week_is_chance() {
        assert_eq!(silent_since(&daily(173), &window()), None);
    }

    #[test]
    fn a_rate_that_nobody_knows_is_no_alarm() {
        let few: Vec<_> = daily(80).into_iter().step_by(5).collect();
        assert_eq!(silent_since(&few, &window()), None);
    }
}
