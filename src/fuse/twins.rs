//! Messages of kinds that are hardly known, beside one that is known and says the same at the same time: what goes to
//! the guest in a rare language, and to the owner in the usual one.

use super::spoken::Spoken;
use crate::mapping::{SlotType, squash};
use crate::model::{FieldName, Value};
use crate::reading::{self, SpanValue};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Both are sent within this.
const AT_ONCE: TimeDelta = TimeDelta::minutes(5);

impl Spoken<'_> {
    /// Whether another message of known meaning was sent with it under the same number, and names every day and every
    /// amount that it names.
    pub fn has_twin_in(&self, twin: &Spoken<'_>, zone: Tz) -> bool {
        let near = self
            .at
            .zip(twin.at)
            .is_some_and(|(a, b)| (a - b).abs() <= AT_ONCE);
        let claims = &twin.told.claims;
        let understood = claims.known && claims.meaning.is_some() && claims.unread.is_empty();
        let number = twin.best(FieldName::Reference);
        let numbered = number.is_some_and(|(claim, _)| match &claim.value {
            Value::Text(text) => self.holds(&squash(text)),
            _ => false,
        });
        let named = twin.amounts();
        let names = |amount: &BTreeSet<i64>| named.iter().any(|other| !other.is_disjoint(amount));
        near && understood
            && numbered
            && self.days(zone).is_subset(&twin.days(zone))
            && self.amounts().iter().all(names)
    }

    /// Whether it states a number, or holds it where no rule reads one.
    fn holds(&self, number: &str) -> bool {
        let claims = &self.told.claims;
        let stated = claims.of(FieldName::Reference).any(|claim| match &claim.value {
            Value::Text(text) => squash(text) == number,
            _ => false,
        });
        let mut loose = claims.unexplained.iter();
        stated || loose.any(|(slot, text)| *slot == SlotType::Code && squash(text) == number)
    }

    /// The days that it names, read or not; of one that can be read in several ways all.
    fn days(&self, zone: Tz) -> BTreeSet<NaiveDate> {
        let strange = &self.told.claims.strange;
        let strange = strange.iter().flat_map(|strange| strange.whens.iter().copied());
        let claimed = self
            .told
            .claims
            .claims
            .iter()
            .filter_map(|claim| match claim.value {
                Value::When(when) => Some(when),
                _ => None,
            });
        strange.chain(claimed).map(|when| when.date(zone)).collect()
    }

    /// The amounts that it names, each in all its readings, in thousandths: what marks the thousands differs from
    /// language to language.
    fn amounts(&self) -> Vec<BTreeSet<i64>> {
        let claims = &self.told.claims;
        let loose = claims.unexplained.iter().chain(&claims.unread);
        let loose = loose.filter(|(slot, _)| *slot == SlotType::Amount);
        let loose = loose.flat_map(|(_, text)| reading::spans(text));
        let loose = loose.filter_map(|span| match span.value {
            SpanValue::Amount(amount) => {
                Some(amount.readings.iter().filter_map(|read| read.minor(3)).collect())
            }
            _ => None,
        });
        let claimed = claims.claims.iter().filter_map(|claim| match claim.value {
            Value::Money(money) => {
                let places = 3_u32.saturating_sub(money.currency.decimals());
                Some(BTreeSet::from([money.minor * 10_i64.pow(places)]))
            }
            _ => None,
        });
        loose.chain(claimed).collect()
    }
}
