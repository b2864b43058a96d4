//! Messages that name the time at which a booking stood, and one other: they move it there.
//!
//! That holds in any wording, and whichever of the two times stands where a rule reads the start: what was known when
//! the message was sent is the old one.

use super::spoken::Spoken;
use crate::mapping::Strange;
use crate::model::{Claim, FieldName, RecordId, Value, When};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The last message that moved the booking to a time which no rule reads.
pub struct Moved {
    pub record: RecordId,
    pub said_at: Option<DateTime<Utc>>,
    pub from: When,
    pub to: When,
}

/// Lets such messages state the new start. `messages` are in the order in which they were said; `stood` are start and
/// end as the backup has them.
pub fn put_right(messages: &mut [Spoken<'_>], stood: [Option<When>; 2]) -> Option<Moved> {
    let [mut start, mut end] = stood;
    let mut moved = None;
    for spoken in messages {
        let other = start.and_then(|from| Some((from, spoken.other_start(from, end)?)));
        if let Some((from, (strange, to))) = other {
            spoken.move_to(strange, to, end);
            let record = spoken.document.record.clone();
            moved = Some(Moved {
                record,
                said_at: spoken.at,
                from,
                to,
            });
        }
        start = spoken.states(FieldName::StartsAt).or(start);
        end = spoken.states(FieldName::EndsAt).or(end);
    }
    moved
}

/// What a message of a change states beside what was known before is new, in whichever words either stands: the line
/// that says how it was is taken away. `stood` is what the backup has.
pub fn drop_old(messages: &mut [Spoken<'_>], mut stood: BTreeMap<FieldName, Value>, zone: Tz) {
    // What stood beside the thing booked before is no news when it stands there again.
    let mut beside: Vec<Value> = Vec::new();
    for spoken in messages {
        let things: Vec<Value> = spoken.stated(FieldName::ResourceKey).cloned().collect();
        for field in CHANGES {
            let again = field == FieldName::ResourceKey && things.iter().any(|thing| beside.contains(thing));
            if let Some(known) = stood.get(&field).filter(|_| !again) {
                spoken.drop_known(field, known, zone);
            }
            if let Some((claim, _)) = spoken.best(field) {
                stood.insert(field, claim.value.clone());
            }
        }
        let booked = stood.get(&FieldName::ResourceKey);
        beside.extend(things.into_iter().filter(|thing| Some(thing) != booked));
    }
}

/// What changes of bookings state.
const CHANGES: [FieldName; 4] = [
    FieldName::StartsAt,
    FieldName::EndsAt,
    FieldName::ResourceKey,
    FieldName::Total,
];
/// What a rule that is right less often states beside what was known is no news by itself.
const RATHER: f64 = 0.9;

/// Whether two values are the same, a day alone and an hour of it.
fn is_same(a: &Value, b: &Value, zone: Tz) -> bool {
    match (a, b) {
        (Value::When(a), Value::When(b)) if a.instant().is_none() || b.instant().is_none() => {
            a.date(zone) == b.date(zone)
        }
        _ => a == b,
    }
}

impl<'a> Spoken<'a> {
    /// Takes away what was known, where it states one other value as well.
    fn drop_known(&mut self, field: FieldName, known: &Value, zone: Tz) {
        let of = |claim: &Claim| claim.field == field;
        let is_known = |claim: &Claim| is_same(&claim.value, known, zone);
        let stated = self.claims.iter().filter(|(claim, _)| of(claim));
        let mut others = stated.filter(|(claim, trust)| *trust >= RATHER && !is_known(claim));
        let Some((other, _)) = others.next() else {
            return;
        };
        if others.all(|(claim, _)| is_same(&claim.value, &other.value, zone)) {
            self.claims.retain(|(claim, _)| !of(claim) || !is_known(claim));
        }
    }

    fn stated(&self, field: FieldName) -> impl Iterator<Item = &Value> {
        let claims = self.claims.iter().map(|(claim, _)| claim);
        claims
            .filter(move |claim| claim.field == field)
            .map(|claim| &claim.value)
    }

    fn states(&self, field: FieldName) -> Option<When> {
        match self.best(field)?.0.value {
            Value::When(when) => Some(when),
            _ => None,
        }
    }

    /// The one time ahead that no rule reads, where the start that a rule reads is the one that was known before. The end
    /// that was known is no new start: a message may say from when to when it was.
    fn other_start(&self, known: When, end: Option<When>) -> Option<(&'a Strange, When)> {
        let said = self.at?;
        let mut starts = self
            .claims
            .iter()
            .filter(|(claim, _)| claim.field == FieldName::StartsAt)
            .peekable();
        starts.peek()?;
        if !starts.all(|(claim, _)| claim.value == Value::When(known)) {
            return None;
        }
        let told: &'a [Strange] = &self.told.claims.strange;
        let mut found = told.iter().filter_map(|strange| {
            let ahead = match (strange.whens.as_slice(), known) {
                ([When::Instant(at)], When::Instant(_)) => *at > said,
                ([When::Date(date)], When::Date(_)) => *date >= said.date_naive(),
                _ => false,
            };
            let to = *strange.whens.first()?;
            (ahead && to != known && Some(to) != end).then_some((strange, to))
        });
        let first = found.next()?;
        found.all(|(_, to)| to == first.1).then_some(first)
    }

    /// States the new start in the old one's place. An end that was known before, or that lies before the new start, is
    /// the old one's.
    fn move_to(&mut self, strange: &Strange, to: When, end: Option<When>) {
        let Some((_, trust)) = self.best(FieldName::StartsAt) else {
            return;
        };
        let claim = Claim {
            record: self.document.record.clone(),
            field: FieldName::StartsAt,
            value: Value::When(to),
            place: strange.place.clone(),
            rule: "moved".to_owned(),
            standing: self.document.standing,
            said_at: self.at,
        };
        let stated = (Cow::Owned(claim), *trust);
        self.claims
            .retain(|(claim, _)| match (claim.field, &claim.value) {
                (FieldName::StartsAt, _) => false,
                (FieldName::EndsAt, Value::When(when)) => Some(*when) != end && !super::is_before(*when, to),
                _ => true,
            });
        self.claims.insert(0, stated);
    }
}
