//! Hours after midnight that are counted to the evening before: what is booked for Friday at 1:30 am begins on Saturday.

use super::Mapping;
use crate::model::{FieldName, When};
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;

impl Mapping {
    /// The day of an hour, of which a record says that it is of another one. An end that would lie before its start is put
    /// right anyway.
    pub(super) fn day_of(
        &self,
        field: FieldName,
        stated: NaiveDate,
        (time, next_day): (NaiveTime, bool),
    ) -> NaiveDate {
        let is_late = |until| field == FieldName::StartsAt && !next_day && time < until;
        match stated.succ_opt() {
            Some(next) if self.late_until.is_some_and(is_late) => next,
            _ => stated,
        }
    }
}

/// The day to which records may count a moment, where that is not its own.
pub fn evening_before(mappings: &[Mapping], when: When, zone: Tz) -> Option<NaiveDate> {
    let local = when.instant()?.with_timezone(&zone);
    let mut late = mappings.iter().filter_map(|mapping| mapping.late_until);
    let is_late = late.any(|until| local.time() < until);
    is_late.then(|| local.date_naive().pred_opt()).flatten()
}
