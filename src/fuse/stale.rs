//! What was last stated before something else was changed: it may have changed with it.

use super::Context;
use super::timeline::{AT_ONCE, Timeline};
use super::trial::{Change, Stale};
use crate::model::{Booking, FieldName, Value, When};

/// The fields that are stale, of those that a change of times may change too. What was booked is as stale behind a price that
/// is what it was before as behind another one: both show whether such messages leave it alone.
pub fn stale(timeline: &Timeline<'_>, booking: &Booking) -> Vec<Stale> {
    let fields = [FieldName::ResourceKey, FieldName::Total].into_iter();
    let mut stale: Vec<Stale> = fields
        .filter(|field| timeline.stale(*field))
        .map(|field| of(timeline, field, booking))
        .collect();
    let field = FieldName::ResourceKey;
    if stale.iter().all(|stale| stale.field != field) && timeline.is_priced_since(field) {
        stale.push(Stale {
            field,
            change: Change::Price,
        });
    }
    stale
}

/// Whether a field is stale, no entry shows that it was stated since, and the backtest did not show that it stays.
pub fn is_doubtful(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    field: FieldName,
    booking: &Booking,
) -> bool {
    timeline.stale(field)
        && !timeline.was_restated(field)
        && !context.input.trial.stays(of(timeline, field, booking))
}

/// What it is that is stale.
pub fn of(timeline: &Timeline<'_>, field: FieldName, booking: &Booking) -> Stale {
    let before = |field, now: Option<When>| match timeline.before(field) {
        Some(Value::When(when)) => Some(when),
        _ => now,
    };
    let length = |from: Option<When>, to: Option<When>| from?.until(to?);
    // An end that only the calendar moved, with the start that a message moved, was where messages had told it.
    let told = match timeline.stated(FieldName::EndsAt) {
        Some(Value::When(told)) if timeline.before(FieldName::StartsAt).is_some() => Some(told),
        _ => booking.ends_at,
    };
    let was = length(
        before(FieldName::StartsAt, booking.starts_at),
        before(FieldName::EndsAt, told),
    );
    let times = [FieldName::StartsAt, FieldName::EndsAt];
    // What was booked may have been named since it was moved.
    let is_moved = timeline.is_any_changed_since_told(field, times);
    let change =
        if field == FieldName::ResourceKey && !is_moved && timeline.before(FieldName::Total).is_some() {
            Change::Price
        } else if was != length(booking.starts_at, booking.ends_at) {
            Change::Length
        } else if field != FieldName::ResourceKey && timeline.before(FieldName::ResourceKey).is_some() {
            Change::Thing
        } else {
            Change::Time
        };
    Stale { field, change }
}

impl Timeline<'_> {
    /// Whether a message stated a price since what was booked was last named.
    fn is_priced_since(&self, field: FieldName) -> bool {
        let named = self.last_told(field);
        let mut priced = self
            .messages
            .iter()
            .filter(|spoken| spoken.best(FieldName::Total).is_some());
        named.is_some_and(|named| priced.any(|spoken| spoken.at.is_some_and(|at| at > named + AT_ONCE)))
    }
}
