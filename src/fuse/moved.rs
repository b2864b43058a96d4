//! Messages that name the time at which a booking stood, and one other: they move it there.
//!
//! That holds in any wording, and whichever of the two times stands where a rule reads the start: what was known when
//! the message was sent is the old one.

use super::spoken::Spoken;
use crate::mapping::Strange;
use crate::model::{Claim, FieldName, RecordId, Value, When};
use chrono::{DateTime, Utc};
use std::borrow::Cow;

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
        let other = start.and_then(|from| Some((from, spoken.other_start(from)?)));
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

impl<'a> Spoken<'a> {
    fn states(&self, field: FieldName) -> Option<When> {
        match self.best(field)?.0.value {
            Value::When(when) => Some(when),
            _ => None,
        }
    }

    /// The one time ahead that no rule reads, where the start that a rule reads is the one that was known before.
    fn other_start(&self, known: When) -> Option<(&'a Strange, When)> {
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
            (ahead && to != known).then_some((strange, to))
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
