//! One slot that stands several times in one record with different values: a message of a change that shows what was and
//! what is, one block under the other.
//!
//! Which of them holds is learned. Where it was not, each may, and a person is asked.

use super::Claims;
use super::length::Told;
use super::value::PartOf;
use super::{Line, Part, Rule, SlotType, Twice};
use crate::model::{Claim, FieldName, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A part of a moment as it was read: its field, what it is of it, where it stands, and by which rule.
pub(super) type Read = (FieldName, PartOf, Part, String, usize);

/// Keeps of each rule's values the one that holds. Where nobody knows which, all stand, and the record has something
/// that cannot be read. `rules` are the mapping's, `forced` is the choice that is tried.
pub(super) fn settle(
    rules: &[Rule],
    forced: Option<Twice>,
    parts: &mut Vec<Read>,
    lengths: &mut Vec<Told>,
    out: &mut Claims,
) {
    let choice = |rule: usize| forced.or(rules[rule].reading.twice);
    keep_behind_starts(parts);
    let (unsettled, _) = doubled(parts);
    for rule in unsettled.into_iter().filter(|rule| choice(*rule).is_none()) {
        parts.retain(|(.., place, of)| *of != rule || !out.replaced.contains(place));
        keep_beside_start(rule, parts);
    }
    let (doubled, last) = doubled(parts);
    // Where the start stands as it was and as it is, so does what hangs on it, also where the start stayed.
    let mut starts = parts.iter().filter(|(field, ..)| *field == FieldName::StartsAt);
    let of_record = match (starts.next(), starts.next()) {
        (Some((.., rule)), Some((.., other))) if rule == other => choice(*rule),
        _ => None,
    };
    let hanging = |rule: usize| choice(rule).or(of_record);
    settle_lengths(&hanging, lengths);
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut at = 0;
    parts.retain(|(_, _, _, place, rule)| {
        at += 1;
        if !doubled.contains(rule) {
            return true;
        }
        let is_first = seen.insert(*rule);
        match choice(*rule) {
            Some(Twice::First) => is_first,
            Some(Twice::Last) => last[rule] == at - 1,
            None => {
                if is_first {
                    out.doubled.push((SlotType::Moment, place.clone()));
                }
                true
            }
        }
    });
    settle_values(FieldName::Total, rules, &choice, out);
    settle_values(FieldName::ResourceKey, rules, &hanging, out);
    out.twice = !doubled.is_empty() || out.twice;
}

/// What leads from an old value to the new one, in any language.
const ARROWS: [&str; 8] = ["->", "-->", "=>", "→", "⇒", "⟶", "➔", "➜"];

/// Whether an arrow stands behind a value of a line, and leads to another of its kind.
pub(super) fn is_replaced(line: &Line, at: usize, text: &str) -> bool {
    let (token, range) = &line.tokens[at];
    let mut behind = line.spans.iter().map(|(next, _)| &line.tokens[*next]);
    let next = behind.find(|(_, next)| next.start >= range.end);
    next.is_some_and(|(other, next)| other == token && ARROWS.contains(&text[range.end..next.start].trim()))
}

/// The rules with different values, and where each rule read last.
fn doubled(parts: &[Read]) -> (BTreeSet<usize>, BTreeMap<usize, usize>) {
    let mut doubled: BTreeSet<usize> = BTreeSet::new();
    let mut last: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, (_, part, _, _, rule)) in parts.iter().enumerate() {
        if let Some(before) = last.insert(*rule, at)
            && differ(&parts[before].1, part)
        {
            doubled.insert(*rule);
        }
    }
    (doubled, last)
}

/// Where the start stands once, and ends stand in its line and in others, the one in its line holds: in `Until now: 1 June,
/// 16:00–18:00` and `From now on: 6 June, 8:00–10:00` the start is read by the words before it, and the end by the start.
fn keep_beside_start(rule: usize, parts: &mut Vec<Read>) {
    let line = |place: &str| place.split('[').next().unwrap_or_default().to_owned();
    // What a message says as text it may say as HTML too.
    let root = |place: &str| place.split(':').next().unwrap_or_default().to_owned();
    let is_end = |part: &&Read| part.0 == FieldName::EndsAt && part.4 == rule;
    let Some(own) = parts.iter().find(is_end).map(|(.., place, _)| root(place)) else {
        return;
    };
    let starts = parts.iter().filter(|(field, ..)| *field == FieldName::StartsAt);
    let starts = starts.filter(|(.., place, _)| root(place) == own);
    let lines: BTreeSet<String> = starts.map(|(.., place, _)| line(place)).collect();
    let beside: Vec<&Read> = parts
        .iter()
        .filter(is_end)
        .filter(|(.., place, _)| lines.contains(&line(place)))
        .collect();
    if lines.len() == 1 && beside.len() == 1 {
        parts.retain(|part| !is_end(&part) || lines.contains(&line(&part.3)));
    }
}

/// Where an end stands behind the start, ends behind other moments, which no rule takes for the start, are theirs: of
/// `Now 6 June, 8:00–10:00` and `It was: 5 June, 8:00–10:00` the words before it tell the one start, and the range sign both ends.
fn keep_behind_starts(parts: &mut Vec<Read>) {
    let line = |place: &str| place.split('[').next().unwrap_or_default().to_owned();
    let root = |place: &str| place.split(':').next().unwrap_or_default().to_owned();
    let starts = parts.iter().filter(|(field, ..)| *field == FieldName::StartsAt);
    let lines: BTreeSet<String> = starts.map(|(.., place, _)| line(place)).collect();
    let is_behind = |(field, part, ..): &Read| *field == FieldName::EndsAt && part.behind;
    let held = parts
        .iter()
        .filter(|part| is_behind(part) && lines.contains(&line(&part.3)));
    let told: BTreeSet<String> = held.map(|(.., place, _)| root(place)).collect();
    parts.retain(|part| !is_behind(part) || lines.contains(&line(&part.3)) || !told.contains(&root(&part.3)));
}

/// The same of lengths, where it is known which holds.
fn settle_lengths(choice: &dyn Fn(usize) -> Option<Twice>, lengths: &mut Vec<Told>) {
    let mut of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, told) in lengths.iter().enumerate() {
        of.entry(told.rule).or_default().push(at);
    }
    let mut kept: BTreeSet<usize> = (0..lengths.len()).collect();
    for (rule, places) in of.into_iter().filter(|(_, places)| places.len() > 1) {
        let holds = match choice(rule) {
            Some(Twice::First) => places.first(),
            Some(Twice::Last) => places.last(),
            None => None,
        };
        if let Some(holds) = holds {
            kept.retain(|at| at == holds || !places.contains(at));
        }
    }
    let mut at = 0;
    lengths.retain(|_| {
        at += 1;
        kept.contains(&(at - 1))
    });
}

/// The same of prices, and of what is booked.
fn settle_values(
    field: FieldName,
    rules: &[Rule],
    choice: &dyn Fn(usize) -> Option<Twice>,
    out: &mut Claims,
) {
    let number = |claim: &Claim| -> Option<usize> {
        let at = claim.rule_index()?;
        (claim.field == field && at < rules.len()).then_some(at)
    };
    let different = |claims: &[Claim]| {
        let mut values: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        for claim in claims {
            if let Some(rule) = number(claim) {
                values.entry(rule).or_default().push(claim.value.clone());
            }
        }
        values.retain(|_, values| values.iter().any(|value| *value != values[0]));
        values
    };
    let values = different(&out.claims);
    // What an arrow leads away from was the value.
    let unsettled = |rule: usize| values.contains_key(&rule) && choice(rule).is_none();
    out.claims
        .retain(|claim| !(out.replaced.contains(&claim.place) && number(claim).is_some_and(unsettled)));
    let mut values = different(&out.claims);
    // Of several things nobody knows whether they are one booking's.
    if field == FieldName::ResourceKey {
        values.retain(|rule, _| choice(*rule).is_some());
    }
    if values.is_empty() {
        return;
    }
    out.twice |= field == FieldName::Total;
    let mut asked: Vec<(SlotType, String)> = Vec::new();
    out.claims.retain(|claim| {
        let Some((rule, all)) = number(claim).and_then(|rule| Some((rule, values.get(&rule)?))) else {
            return true;
        };
        match choice(rule) {
            Some(Twice::First) => Some(&claim.value) == all.first(),
            Some(Twice::Last) => Some(&claim.value) == all.last(),
            None => {
                asked.push((SlotType::Amount, claim.place.clone()));
                true
            }
        }
    });
    asked.truncate(1);
    out.doubled.extend(asked);
}

/// Whether two parts cannot both be of one moment.
fn differ(a: &PartOf, b: &PartOf) -> bool {
    fn other<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
        a.zip(b).is_some_and(|(a, b)| a != b)
    }
    other(a.exact.as_ref(), b.exact.as_ref())
        || other(a.date.as_ref(), b.date.as_ref())
        || other(a.time.as_ref(), b.time.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str) -> Vec<bool> {
        let line = Line::cut(text);
        let spans = line.spans.iter();
        spans.map(|(at, _)| is_replaced(&line, *at, text)).collect()
    }

    #[test]
    fn what_an_arrow_leads_away_from_is_replaced() {
        assert_eq!(replaced("Total 450.00 EUR -> 1350.00 EUR"), [true, false]);
        assert_eq!(replaced("Total 450.00 EUR → 1350.00 EUR"), [true, false]);
        assert_eq!(replaced("Total 450.00 EUR, deposit 135.00 EUR"), [false, false]);
        assert_eq!(
            replaced("5 May 2026 -> 135.00 EUR"),
            [false, false],
            "another kind"
        );
    }

    fn part(field: FieldName, hour: u32, place: &str, rule: usize) -> Read {
        let time = chrono::NaiveTime::from_hms_opt(hour, 0, 0);
        let part = PartOf {
            time: time.map(|time| (time, false)),
            ..PartOf::default()
        };
        (field, part, Part::Time, place.to_owned(), rule)
    }

    #[test]
    fn an_end_behind_another_moment_than_the_start_is_no_end() {
        let behind = |mut read: Read| {
            read.1.behind = true;
            read
        };
        let (start, end) = (FieldName::StartsAt, FieldName::EndsAt);
        let mut parts = vec![
            part(start, 8, "text:5[4..16]", 0),
            behind(part(end, 10, "text:5[17..22]", 1)),
            behind(part(end, 10, "text:8[24..29]", 2)),
            part(end, 11, "text:9[10..15]", 3),
            behind(part(end, 10, "html:8[24..29]", 2)),
        ];
        keep_behind_starts(&mut parts);
        let places: Vec<&str> = parts.iter().map(|(.., place, _)| place.as_str()).collect();
        assert_eq!(
            places,
            [
                "text:5[4..16]",
                "text:5[17..22]",
                "text:9[10..15]",
                "html:8[24..29]"
            ],
            "an end of its own stands, and one where no start is read"
        );
    }

    #[test]
    fn the_end_in_the_line_of_the_one_start_holds() {
        let (start, end) = (FieldName::StartsAt, FieldName::EndsAt);
        let mut parts = vec![
            part(end, 18, "text:5[40..45]", 1),
            part(start, 8, "text:6[13..30]", 0),
            part(end, 10, "text:6[33..38]", 1),
        ];
        parts.extend([
            part(start, 8, "html:3[13..30]", 2),
            part(end, 10, "html:3[33..38]", 3),
        ]);
        keep_beside_start(1, &mut parts);
        let places: Vec<&str> = parts.iter().map(|(.., place, _)| place.as_str()).collect();
        assert_eq!(
            places,
            [
                "text:6[13..30]",
                "text:6[33..38]",
                "html:3[13..30]",
                "html:3[33..38]"
            ]
        );
    }
}
