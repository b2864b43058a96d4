//! What is left out of a record's claims: what another of them says better, or says already.

use super::{Claims, Rule, SlotType, length, squash};
use crate::model::{Claim, FieldName, Value, When};
use chrono::NaiveDate;
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Rules are as sure where they are as often right to such a part.
const SHARES: u64 = 50;

/// Who is named in full is not told by a part of the name as well.
pub(super) fn drop_parts(claims: &mut Vec<Claim>) {
    let texts = |field: FieldName| {
        let of = claims.iter().filter(move |claim| claim.field == field);
        of.filter_map(|claim| match &claim.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    };
    let names: Vec<String> = texts(FieldName::CustomerName).collect();
    let known = |value: &Value| match value {
        Value::Text(said) => names
            .iter()
            .any(|name| squash(said) == squash(name) || super::part_of_name(said, name).is_some()),
        _ => false,
    };
    claims.retain(|claim| claim.field != FieldName::CustomerCalled || !known(&claim.value));
    // Nor is a surname where it stands with an initial.
    let called: Vec<String> = claims
        .iter()
        .filter(|claim| claim.field == FieldName::CustomerCalled)
        .filter_map(|claim| match &claim.value {
            Value::Text(text) => super::abbreviated(text).map(|(rest, _)| squash(rest)),
            _ => None,
        })
        .collect();
    let is_half = |value: &Value| matches!(value, Value::Text(text) if called.contains(&squash(text)));
    claims.retain(|claim| claim.field != FieldName::CustomerCalled || !is_half(&claim.value));
}

/// A code that several resources share leaves nothing open where the record names one of them besides, nor does a day
/// where it states that day with its time.
pub(super) fn drop_told(out: &mut Claims, zone: Tz) {
    super::series::keep_edges(&mut out.claims);
    let days: BTreeSet<NaiveDate> = out
        .claims
        .iter()
        .filter_map(|claim| match claim.value {
            Value::When(when) => Some(when.date(zone)),
            _ => None,
        })
        .collect();
    let is_told = |text: &String| out.bare_days.get(text).is_some_and(|of| !of.is_disjoint(&days));
    let named = |keys: &[String]| {
        out.claims.iter().any(|claim| match &claim.value {
            Value::Text(key) => claim.field == FieldName::ResourceKey && keys.contains(key),
            _ => false,
        })
    };
    let told: BTreeSet<&str> = out
        .mentioned
        .iter()
        .zip(&out.mentions)
        .filter(|(_, keys)| named(keys))
        .map(|(text, _)| text.as_str())
        .collect();
    let open = |(slot, text): &(SlotType, String)| match slot {
        SlotType::Resource => !told.contains(text.as_str()),
        SlotType::Moment => !is_told(text),
        _ => true,
    };
    let unread: Vec<_> = out.unread.iter().filter(|unread| open(unread)).cloned().collect();
    out.unread = unread;
}

/// The same value of the same field said twice in one record is one claim. Of what tells of the customer it is that of the
/// surest rule: whom a message is sent to may be somebody else, what it says of them in words is theirs.
pub(super) fn dedup(rules: &[Rule], claims: &mut Vec<Claim>) {
    let surety = |claim: &Claim| {
        let rule = claim.rule_index().map(|at| &rules[at]);
        let rule = rule.filter(|rule| claim.field.is_of_customer() && rule.support > 0)?;
        let share = u64::from(rule.agree.min(rule.support)) * SHARES / u64::from(rule.support);
        Some((!rule.behind, share))
    };
    let mut kept: Vec<(String, Claim)> = Vec::new();
    for claim in claims.drain(..) {
        let value = match &claim.value {
            Value::Text(text) => squash(text),
            other => format!("{other:?}"),
        };
        let is_said = |(said, other): &&mut (String, Claim)| other.field == claim.field && *said == value;
        match kept.iter_mut().find(is_said) {
            Some((_, other)) if surety(&claim) > surety(other) && surety(other).is_some() => *other = claim,
            Some(_) => {}
            None => kept.push((value, claim)),
        }
    }
    claims.extend(kept.into_iter().map(|(_, claim)| claim));
}

/// Of several ends those that come before the one start are of something else: when it was to be before it was moved.
pub(super) fn drop_ends_before_start(claims: &mut Vec<Claim>, zone: Tz) {
    let Some(start) = length::only_start(claims, zone) else {
        return;
    };
    let is_before = |claim: &Claim| match (&claim.value, start) {
        (Value::When(When::Instant(end)), When::Instant(start)) => *end <= start,
        (Value::When(end), start) => end.date(zone) < start.date(zone),
        _ => false,
    };
    let is_end = |claim: &Claim| claim.field == FieldName::EndsAt;
    if claims.iter().any(|claim| is_end(claim) && !is_before(claim)) {
        claims.retain(|claim| !is_end(claim) || !is_before(claim));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Anchor, Piece, Reading};
    use super::*;
    use crate::model::{RecordId, Standing};
    use chrono::{DateTime, Utc};
    use std::collections::BTreeMap;

    fn claim(field: FieldName, at: &str) -> Claim {
        let at: DateTime<Utc> = at.parse().expect("a moment");
        Claim {
            record: RecordId::new("mail", "m1"),
            field,
            value: Value::When(When::Instant(at)),
            place: "text".to_owned(),
            rule: "mail#1".to_owned(),
            standing: Standing::Business,
            said_at: None,
        }
    }

    fn address(text: &str, rule: &str) -> Claim {
        Claim {
            field: FieldName::CustomerEmail,
            value: Value::Text(text.to_owned()),
            rule: rule.to_owned(),
            ..claim(FieldName::EndsAt, "2026-06-05T10:00:00Z")
        }
    }

    fn rule(place: &str, agree: u32) -> Rule {
        Rule {
            object: "message".to_owned(),
            place: place.to_owned(),
            template: None,
            slot: SlotType::Email,
            anchor: Anchor {
                left: vec![Piece::Start],
                right: None,
            },
            field: FieldName::CustomerEmail,
            reading: Reading::default(),
            support: 100,
            agree,
            samples: Vec::new(),
            values: BTreeMap::new(),
            except: BTreeSet::new(),
            unless: BTreeSet::new(),
            behind: false,
            until_over: false,
        }
    }

    #[test]
    fn what_a_record_says_of_the_customer_twice_is_the_claim_of_the_surer_rule() {
        let rules = [rule("header:to.email", 90), rule("text", 100)];
        let said = |other: &str| {
            let mut claims = vec![address("ann@a.example", "mail#1"), address(other, "mail#2")];
            dedup(&rules, &mut claims);
            claims.into_iter().map(|claim| claim.rule).collect::<Vec<_>>()
        };
        assert_eq!(said("Ann@a.example"), ["mail#2"]);
        assert_eq!(said("bob@a.example"), ["mail#1", "mail#2"]);
    }

    fn ends(mut claims: Vec<Claim>) -> usize {
        drop_ends_before_start(&mut claims, Tz::UTC);
        claims
            .iter()
            .filter(|claim| claim.field == FieldName::EndsAt)
            .count()
    }

    #[test]
    fn an_end_before_the_start_is_of_something_else_where_another_comes_after_it() {
        let start = claim(FieldName::StartsAt, "2026-06-06T08:00:00Z");
        let old = claim(FieldName::EndsAt, "2026-06-05T10:00:00Z");
        let new = claim(FieldName::EndsAt, "2026-06-06T10:00:00Z");
        assert_eq!(ends(vec![start.clone(), old.clone(), new]), 1);
        assert_eq!(ends(vec![start, old]), 1, "it is all that is stated");
    }
}
