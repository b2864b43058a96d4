//! One slot that stands several times in one record with different values: a message of a change that shows what was and
//! what is, one block under the other.
//!
//! Which of them holds is learned. Where it was not, each may, and a person is asked.

use super::Claims;
use super::length::Told;
use super::lex::{Found, Token};
use super::value::PartOf;
use super::{Line, Part, Rule, SlotType, Twice};
use crate::model::{Claim, FieldName, Value};
use crate::reading::SpanValue;
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
    drop_replaced(parts, out);
    let (unsettled, _) = doubled(parts);
    for rule in unsettled.into_iter().filter(|rule| choice(*rule).is_none()) {
        parts.retain(|(.., place, of)| *of != rule || !out.replaced.contains_key(place));
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

/// The values of a line from which an arrow leads, each with the one of its kind to which it does: of two ranges of hours start to
/// start, and end to end.
pub(super) fn arrows(line: &Line, text: &str) -> BTreeMap<usize, usize> {
    let mut arrows = BTreeMap::new();
    if !ARROWS.iter().any(|arrow| text.contains(arrow)) {
        return arrows;
    }
    let is_arrow = |old: usize, new: usize| {
        let between = line.tokens[old].1.end..line.tokens[new].1.start;
        text.get(between)
            .is_some_and(|between| ARROWS.contains(&between.trim()))
    };
    let mut ranges: Vec<Vec<usize>> = Vec::new();
    for (at, found) in &line.spans {
        let is_end = matches!(found, Found::Read(SpanValue::Moment(moment)) if moment.continues);
        match ranges.last_mut() {
            Some(range) if is_end && range.len() == 1 && !is_arrow(range[0], *at) => range.push(*at),
            _ => ranges.push(vec![*at]),
        }
    }
    for pair in ranges.windows(2) {
        let [old, new] = pair else { continue };
        let (last, first) = (old[old.len() - 1], new[0]);
        if line.tokens[last].0 == line.tokens[first].0 && is_arrow(last, first) {
            match (old.as_slice(), new.as_slice()) {
                ([_, end], [start]) => arrows.extend([(*end, *start)]),
                _ => arrows.extend(old.iter().copied().zip(new.iter().copied())),
            }
        }
    }
    arrows
}

/// The first of the amounts from which arrows lead to this one: what stands before that tells what they are. Of days an arrow may
/// be a range, and of what is booked a way.
pub(super) fn led_from(line: &Line, at: usize, arrows: &BTreeMap<usize, usize>) -> Option<usize> {
    let from = |at: usize| Some(*arrows.iter().find(|(_, new)| **new == at)?.0);
    let is_amount = matches!(line.tokens[at].0, Token::Span(SlotType::Amount));
    is_amount.then(|| std::iter::successors(from(at), |at| from(*at)).last())?
}

/// Drops what an arrow leads away from, where another rule reads the same of what it leads to.
fn drop_replaced(parts: &mut Vec<Read>, out: &Claims) {
    let read: BTreeSet<(FieldName, String, usize)> = parts
        .iter()
        .map(|(field, _, _, place, rule)| (*field, place.clone(), *rule))
        .collect();
    parts.retain(|(field, _, _, place, rule)| {
        let new = out.replaced.get(place);
        !new.is_some_and(|new| {
            let mut read = read.iter();
            read.any(|(other, place, by)| other == field && place == new && by != rule)
        })
    });
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
    let read = out.claims.iter().filter(|claim| claim.field == field);
    let read: BTreeMap<String, Option<usize>> =
        read.map(|claim| (claim.place.clone(), number(claim))).collect();
    out.claims.retain(|claim| {
        let of_rule = |rule: usize| {
            let new = out.replaced.get(&claim.place).map(|new| read.get(new));
            new.is_some_and(|other| unsettled(rule) || other.is_some_and(|other| *other != Some(rule)))
        };
        !number(claim).is_some_and(of_rule)
    });
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

    fn replaced(text: &str) -> Vec<Option<usize>> {
        let line = Line::cut(text);
        let arrows = arrows(&line, text);
        let spans: Vec<usize> = line.spans.iter().map(|(at, _)| *at).collect();
        let number = |at: &usize| spans.iter().position(|span| span == at);
        spans.iter().map(|at| number(arrows.get(at)?)).collect()
    }

    #[test]
    fn what_an_arrow_leads_away_from_is_replaced() {
        assert_eq!(replaced("Total 450.00 EUR -> 1350.00 EUR"), [Some(1), None]);
        assert_eq!(replaced("Total 450.00 EUR → 1350.00 EUR"), [Some(1), None]);
        assert_eq!(replaced("Total 450.00 EUR, deposit 135.00 EUR"), [None, None]);
        assert_eq!(replaced("5 May 2026 -> 135.00 EUR"), [None, None], "another kind");
    }

    #[test]
    fn of_two_ranges_start_leads_to_start_and_end_to_end() {
        let moved = "5 May 2026, 16:00–18:00 → 8 May 2026, 10:00–12:00";
        assert_eq!(replaced(moved), [Some(2), Some(3), None, None]);
        assert_eq!(
            replaced("5 May 2026, 16:00 → 8 May 2026, 10:00–12:00"),
            [Some(1), None, None]
        );
    }

    #[test]
    fn what_stands_before_the_first_amount_tells_what_an_arrow_leads_to() {
        let first = |text: &str| {
            let line = Line::cut(text);
            let (last, _) = *line.spans.last().expect("a value");
            let first = led_from(&line, last, &arrows(&line, text))?;
            Some(text[line.tokens[first].1.clone()].to_owned())
        };
        assert_eq!(first("Price: 75 EUR → 62 EUR").as_deref(), Some("75 EUR"));
        assert_eq!(
            first("Price: 75 EUR -> 62 EUR -> 50 EUR").as_deref(),
            Some("75 EUR")
        );
        assert_eq!(first("Price: 75 EUR, deposit 50 EUR"), None);
        assert_eq!(first("5 May 2026 → 8 May 2026"), None, "from when to when");
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
    fn what_was_gives_way_to_what_another_rule_reads_behind_the_arrow() {
        let (start, end) = (FieldName::StartsAt, FieldName::EndsAt);
        let old_and_new = [
            ("text:5[4..16]", "text:5[20..32]"),
            ("text:6[4..9]", "text:6[12..17]"),
        ];
        let places = old_and_new.map(|(old, new)| (old.to_owned(), new.to_owned()));
        let out = Claims {
            replaced: BTreeMap::from(places),
            ..Claims::default()
        };
        let mut parts = vec![
            part(start, 16, "text:5[4..16]", 0),
            part(start, 10, "text:5[20..32]", 1),
            part(start, 8, "text:6[4..9]", 0),
            part(end, 10, "text:6[12..17]", 1),
        ];
        drop_replaced(&mut parts, &out);
        let places: Vec<&str> = parts.iter().map(|(.., place, _)| place.as_str()).collect();
        assert_eq!(
            places,
            ["text:5[20..32]", "text:6[4..9]", "text:6[12..17]"],
            "from start to end is no change"
        );
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
