//! What the records of a timeline settle of one field.

use super::super::borne_out::Borne;
use super::super::question::candidate;
use super::super::spoken::Spoken;
use super::{AT_ONCE, CHANGES, Resolved, Timeline};
use crate::mapping::Strange;
use crate::model::{Claim, ConflictKind, FieldName, Value, When};

impl<'a> Timeline<'a> {
    /// Settles a field by the timeline.
    pub fn resolve(&self, field: FieldName) -> Resolved {
        let told = self.values(&self.messages, field);
        let planned = self.values(&self.events, field);
        let paid = self.values(&self.charges, field);
        let Some((last, said)) = told.last().map(|(value, spoken)| (value.clone(), *spoken)) else {
            return self.without_messages(field, &planned, &paid);
        };
        let earlier = told[..told.len() - 1]
            .iter()
            .rev()
            .map(|(value, _)| value.clone());
        let known: Vec<Value> = planned
            .iter()
            .map(|(value, _)| value.clone())
            .chain(earlier)
            .chain(self.stood(field))
            .collect();
        let last = self.sharpen(last, &known);
        let supporting = self.claims_for(field, &last);
        // A value that went away and came back: the last message may be stale.
        let before: Vec<&Value> = told[..told.len() - 1].iter().map(|(value, _)| value).collect();
        let stood = self.stood(field);
        let known_before: Vec<&Value> = stood.iter().chain(before.iter().copied()).collect();
        let returned = known_before
            .iter()
            .position(|value| self.same(value, &last))
            .is_some_and(|first| known_before[first..].iter().any(|value| !self.same(value, &last)));
        let superseded = self.was_superseded(field, &last);
        let returned = returned || superseded;
        let event = self.beside(field, &planned, &last);
        let before_it = before.iter().copied().chain(event.iter().map(|(value, _)| value));
        if let Some(asked) = self.two_at_once(field, &last, said, before_it) {
            return asked;
        }
        if let Some((value, spoken)) = &event
            && !self.same(value, &last)
        {
            let old = before.iter().any(|earlier| self.same(earlier, value));
            let later = spoken.at > said.at;
            // The calendar still shows what an earlier message said, or was not touched since: but what all messages said from
            // the first on it should have shown from the first.
            let opens = told.first().is_some_and(|(_, first)| first.opens());
            let ever = before.iter().all(|earlier| self.same(earlier, &last));
            let opened = opens && ever && self.stood(field).is_none();
            if !returned && !later && (old || spoken.untouched() && !opened) {
                return Resolved::Agreed(last, supporting);
            }
            let borne = self.bears_out(field, value, spoken);
            if let Some((_, claim)) = borne.filter(|_| !spoken.untouched() && !spoken.cancelled()) {
                return self.agreed_with(claim);
            }
            if field == FieldName::EndsAt && self.takes_as_long(&last, value, spoken) {
                return Resolved::Agreed(value.clone(), self.claims_for(field, value));
            }
            let kind = if later {
                ConflictKind::ChangedWithoutNotice
            } else {
                ConflictKind::FieldContradicts
            };
            let reason = if later {
                format!(
                    "The calendar was changed after the last message: it says {}, the message said {}.",
                    self.show(field, value),
                    self.show(field, &last)
                )
            } else {
                format!(
                    "The last message says {}, the calendar {}.",
                    self.show(field, &last),
                    self.show(field, value)
                )
            };
            let there = candidate(value.clone(), vec![spoken.document.record.clone()], 2000);
            let here = candidate(last, vec![said.document.record.clone()], 1000);
            // A message that takes a change back may be an old one, sent again.
            let candidates = if later || returned {
                vec![there, here]
            } else {
                vec![here, there]
            };
            return Resolved::Contradicted {
                kind,
                reason,
                candidates,
                suggested: Some(0),
                claims: supporting,
            };
        }
        // An entry from before the change says no more than that it was so once.
        let changed = told.iter().rev().find(|(value, _)| !self.same(value, &last));
        let outdated = event.as_ref().is_some_and(|(_, entry)| {
            changed.is_some_and(|(_, changed)| entry.at.is_some_and(|at| changed.at > Some(at + AT_ONCE)))
        });
        if !self.is_slip(field, &told, event.as_ref()) && (returned && event.is_none() || outdated) {
            let here = candidate(last.clone(), vec![said.document.record.clone()], 1000);
            let other = |(value, spoken): &(Value, &Spoken<'_>)| {
                let record = spoken.document.record.clone();
                candidate(value.clone(), vec![record], if outdated { 2000 } else { 500 })
            };
            let mut candidates: Vec<_> = changed.map(other).into_iter().chain([here]).collect();
            let stood = self.stood(field).filter(|_| superseded);
            candidates.extend(stood.map(|value| candidate(value, Vec::new(), 2000)));
            candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.millibits));
            let reason = format!(
                "The messages changed it and changed it back to {}.",
                self.show(field, &last)
            );
            return Resolved::Contradicted {
                kind: ConflictKind::FieldContradicts,
                reason,
                candidates,
                suggested: Some(0),
                claims: supporting,
            };
        }
        Resolved::Agreed(last, supporting)
    }

    /// What the calendar says, where the last message says `last`. Of entries for the same time that were made together the one
    /// that says the same holds: who is looked after by two stands in the calendars of both from the first.
    fn beside<'b>(
        &self,
        field: FieldName,
        planned: &'b [(Value, &'b Spoken<'a>)],
        last: &Value,
    ) -> Option<(Value, &'b Spoken<'a>)> {
        let (value, entry) = Self::event_value(planned)?;
        let times = [FieldName::StartsAt, FieldName::EndsAt];
        let value_of = |spoken: &Spoken<'a>, field| spoken.value(field, &|a, b| self.same(a, b));
        let together = |other: &Spoken<'a>| {
            let made = other.document.made_at.zip(entry.document.made_at);
            made.is_some_and(|(a, b)| (a - b).abs() <= AT_ONCE)
                && other.cancelled() == entry.cancelled()
                && times
                    .into_iter()
                    .all(|field| value_of(other, field) == value_of(entry, field))
        };
        if field == FieldName::ResourceKey && !self.same(&value, last) {
            let mut agreeing = planned.iter().filter(|(other, _)| self.same(other, last));
            if let Some((other, spoken)) = agreeing.find(|(_, spoken)| together(spoken)) {
                return Some((other.clone(), *spoken));
            }
        }
        Some((value, entry))
    }

    /// What an entry says and a message bears out.
    fn agreed_with(&self, claim: Claim) -> Resolved {
        let mut claims = self.claims_for(claim.field, &claim.value);
        let value = claim.value.clone();
        claims.push(claim);
        Resolved::Agreed(value, claims)
    }

    /// Whether one message among the last ones said what had been before, and the one after it says again what the entry says: a
    /// reminder that was made before the change. Had it been changed back and forth, it would be so too.
    fn is_slip(
        &self,
        field: FieldName,
        told: &[(Value, &Spoken<'a>)],
        event: Option<&(Value, &Spoken<'a>)>,
    ) -> bool {
        let [before @ .., (new, _), (slip, _), (last, _)] = told else {
            return false;
        };
        let stood = self.stood(field);
        let mut before = before.iter().map(|(value, _)| value).chain(&stood);
        let is_old = before.any(|value| self.same(value, slip));
        let planned = event.is_some_and(|(value, _)| self.same(value, last));
        planned && self.same(new, last) && !self.same(slip, last) && is_old
    }

    /// The question which of two things is booked, where the last message names both in places that tell it, and the other
    /// is what an entry or an earlier message says: a message that only tells what was and what is has lost the one.
    fn two_at_once<'b>(
        &self,
        field: FieldName,
        last: &Value,
        said: &Spoken<'a>,
        known: impl Iterator<Item = &'b Value>,
    ) -> Option<Resolved> {
        if field != FieldName::ResourceKey {
            return None;
        }
        let other = said.says_otherwise(field, last, &|a, b| self.same(a, b))?;
        let mut known = known.filter(|value| self.same(value, &other));
        known.next()?;
        let record = || vec![said.document.record.clone()];
        Some(Resolved::Contradicted {
            kind: ConflictKind::FieldContradicts,
            reason: format!(
                "A message names {} and {}.",
                self.show(field, last),
                self.show(field, &other)
            ),
            candidates: vec![
                candidate(other.clone(), record(), 2000),
                candidate(last.clone(), record(), 1000),
            ],
            suggested: Some(0),
            claims: self.claims_for(field, last),
        })
    }

    /// Whether an entry stands where a message moved the start to, and takes as long as it took before: then its end was
    /// moved with it, though no message tells the new one. The start may stand in words that no rule reads, as long as these
    /// name nothing else that could be an end.
    fn takes_as_long(&self, told: &Value, planned: &Value, entry: &Spoken<'a>) -> bool {
        let field = FieldName::StartsAt;
        let starts = self.values(&self.messages, field);
        let Some(begins) = entry.value(field, &|a, b| self.same(a, b)) else {
            return false;
        };
        let is_read = starts.last().is_some_and(|(moved, _)| self.same(&begins, moved));
        let before = if is_read {
            self.moved_unless_told()
        } else {
            self.borne_out(field)
                .and_then(|borne| self.before_it(&borne, &begins))
        };
        match (before, begins, told, planned) {
            (Some(before), Value::When(begins), Value::When(told), Value::When(planned)) => {
                begins.until(*planned).is_some() && begins.until(*planned) == before.until(*told)
            }
            _ => false,
        }
    }

    /// The start before a message that bears the new one out, where neither it nor a later one says anything of an end.
    fn before_it(&self, borne: &Borne<'_, 'a>, begins: &Value) -> Option<When> {
        let (Value::When(before), Value::When(begins)) = (&borne.before, begins) else {
            return None;
        };
        let starts = [before, begins].map(|start| [*start, When::Date(start.date(self.zone))]);
        let is_start = |strange: &Strange| {
            strange
                .whens
                .iter()
                .any(|when| starts.as_flattened().contains(when))
        };
        let is_silent = |spoken: &Spoken<'_>| {
            let claims = &spoken.told.claims;
            spoken.best(FieldName::EndsAt).is_none()
                && !claims.hours.iter().any(|hour| hour.field == FieldName::EndsAt)
                && claims.strange.iter().all(is_start)
        };
        let record = &borne.message.document.record;
        let mut since = self
            .messages
            .iter()
            .skip_while(|spoken| spoken.document.record != *record);
        since.all(is_silent).then_some(*before)
    }

    /// Whether an entry was struck when another was made in its stead, and a message told of it with the price: what it
    /// said is over.
    fn was_replaced(&self, struck: &Spoken<'_>, entry: &Spoken<'_>) -> bool {
        let (Some(off), Some(made)) = (struck.at, entry.document.made_at) else {
            return false;
        };
        let tells = |spoken: &Spoken<'_>| {
            spoken.best(FieldName::Total).is_some() && spoken.at.is_some_and(|at| at + AT_ONCE >= off)
        };
        struck.cancelled() && !entry.cancelled() && made + AT_ONCE >= off && self.messages.iter().any(tells)
    }

    fn without_messages(
        &self,
        field: FieldName,
        planned: &[(Value, &Spoken<'a>)],
        paid: &[(Value, &Spoken<'a>)],
    ) -> Resolved {
        if let Some((value, spoken)) = Self::event_value(planned) {
            let known: Vec<Value> = planned.iter().map(|(value, _)| value.clone()).collect();
            let value = self.sharpen(value, &known);
            if let Some(stood) = self.stood(field) {
                let borne = self.bears_out(field, &value, spoken);
                if let Some((_, claim)) = borne.filter(|_| !self.same(&stood, &value) && !spoken.cancelled())
                {
                    return self.agreed_with(claim);
                }
                return self.moved(field, &stood, &value, spoken);
            }
            let claims = self.claims_for(field, &value);
            let others: Vec<&(Value, &Spoken<'_>)> = planned
                .iter()
                .filter(|(other, entry)| !self.same(other, &value) && !self.was_replaced(entry, spoken))
                .collect();
            let moved = spoken.says_otherwise(field, &value, &|a, b| self.same(a, b));
            if others.is_empty() && moved.is_none() {
                return Resolved::Agreed(value, claims);
            }
            let mut candidates = vec![candidate(
                value.clone(),
                vec![spoken.document.record.clone()],
                2000,
            )];
            for (other, spoken) in others {
                candidates.push(candidate(
                    other.clone(),
                    vec![spoken.document.record.clone()],
                    1000,
                ));
            }
            candidates.extend(moved.map(|other| candidate(other, vec![spoken.document.record.clone()], 500)));
            let reason = format!(
                "The calendar's entries disagree: one says {}.",
                self.show(field, &value)
            );
            return Resolved::Contradicted {
                kind: ConflictKind::FieldContradicts,
                reason,
                candidates,
                suggested: Some(0),
                claims,
            };
        }
        let Some((value, spoken)) = paid.last() else {
            return Resolved::Silent;
        };
        // An invoice's line names the day of what the backup knows to the minute.
        let stood = self.stood(field);
        if stood.as_ref().is_some_and(|stood| self.same(stood, value)) {
            return Resolved::Silent;
        }
        if let Some(stood) = stood.filter(|_| CHANGES.contains(&field)) {
            return self.moved_by_payment(field, stood, value.clone(), spoken);
        }
        let claims = self.claims_for(field, value);
        let different = paid.iter().find(|(other, _)| !self.same(other, value));
        match different {
            None => Resolved::Agreed(value.clone(), claims),
            Some((other, earlier)) => Resolved::Contradicted {
                kind: ConflictKind::FieldContradicts,
                reason: format!(
                    "The payments disagree: {} or {}.",
                    self.show(field, value),
                    self.show(field, other)
                ),
                candidates: vec![
                    candidate(value.clone(), vec![spoken.document.record.clone()], 1000),
                    candidate(other.clone(), vec![earlier.document.record.clone()], 500),
                ],
                suggested: Some(0),
                claims,
            },
        }
    }

    /// Whether the backup's row had it otherwise when it was made, though a message had said so before.
    fn was_superseded(&self, field: FieldName, value: &Value) -> bool {
        let is_it = |(of, told): &(FieldName, &Value)| *of == field && self.same(told, value);
        self.stood(field).is_some_and(|stood| !self.same(&stood, value)) && self.superseded.iter().any(is_it)
    }
}
