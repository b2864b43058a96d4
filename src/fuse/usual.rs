//! What bookings like this one were like in the backup: answers to suggest where no record tells.
//!
//! Never an answer by itself: the question stays open, and a person confirms it.

use super::Context;
use super::prices;
use super::question::{Questions, candidate};
use super::timeline::{Resolved, Timeline};
use crate::model::{BaselineBooking, Booking, Conflict, ConflictKind, FieldName, Money, Value, When};
use chrono::{NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;
use std::hash::Hash;

/// Rows that must be alike, and how many in a hundred of them, before their answer is suggested.
const ROWS: usize = 5;
const PERCENT: usize = 60;
/// More than one booking in so many goes on for days, or hardly any does.
const LONG_ONE_IN: usize = 50;
/// So many bookings of the same thing that all took as long show that it takes just that.
const MANY: usize = 20;

/// Lengths by price.
#[derive(Debug, Default)]
pub struct Usual {
    lengths: BTreeMap<Option<Money>, Vec<TimeDelta>>,
    by_resource: BTreeMap<String, Vec<TimeDelta>>,
    /// The hours at which bookings start and end.
    hours: BTreeMap<FieldName, Vec<NaiveTime>>,
    /// The same, of each thing and of whatever a tenant has.
    hours_of: BTreeMap<(FieldName, Of), BTreeMap<NaiveTime, usize>>,
}

/// Whose bookings they are.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Resource(String),
    Tenant(Option<String>),
}

impl Usual {
    pub fn new(bookings: &[BaselineBooking], zone: Tz) -> Self {
        let mut usual = Self::default();
        for booking in bookings {
            for (field, when) in [
                (FieldName::StartsAt, booking.starts_at),
                (FieldName::EndsAt, booking.ends_at),
            ] {
                let Some(When::Instant(at)) = when else {
                    continue;
                };
                let hour = at.with_timezone(&zone).time();
                usual.hours.entry(field).or_default().push(hour);
                let own = booking.resource.clone().map(Of::Resource);
                for of in own.into_iter().chain([Of::Tenant(booking.tenant.clone())]) {
                    let hours = usual.hours_of.entry((field, of)).or_default();
                    *hours.entry(hour).or_default() += 1;
                }
            }
            let ends = booking.starts_at.zip(booking.ends_at);
            let Some(length) = ends.and_then(|(from, to)| from.until(to)) else {
                continue;
            };
            usual.lengths.entry(None).or_default().push(length);
            if let Some(key) = &booking.resource {
                usual.by_resource.entry(key.clone()).or_default().push(length);
            }
            if let Some(total) = booking.total {
                usual.lengths.entry(Some(total)).or_default().push(length);
            }
        }
        usual
    }

    /// Whether bookings of a thing may go on for days; where too few were of it, or it is not known, whether any may.
    pub fn may_last(&self, resource: Option<&str>) -> bool {
        let all = self.lengths.get(&None).map_or(&[][..], Vec::as_slice);
        let own = resource.and_then(|key| self.by_resource.get(key));
        let of = own.filter(|rows| rows.len() >= MANY).map_or(all, Vec::as_slice);
        let long = of.iter().filter(|length| **length >= TimeDelta::days(1)).count();
        long * LONG_ONE_IN > of.len()
    }

    /// Whether all of many bookings of the same thing took just this long.
    pub fn is_only_length(&self, resource: Option<&str>, length: TimeDelta) -> bool {
        let rows = resource.and_then(|key| self.by_resource.get(key));
        rows.is_some_and(|rows| rows.len() >= MANY && rows.iter().all(|other| *other == length))
    }

    /// How long bookings take, in the middle.
    pub fn middle(&self) -> TimeDelta {
        let mut all = self.lengths.get(&None).cloned().unwrap_or_default();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    }

    /// The moment of a day at which most bookings start or end.
    pub fn moment(&self, field: FieldName, day: NaiveDate, zone: Tz) -> Option<When> {
        let hour = most(self.hours.get(&field)?)?;
        let at = day.and_time(hour).and_local_timezone(zone).single()?;
        Some(When::Instant(at.with_timezone(&Utc)))
    }

    /// The moment of a day at which all of many bookings of a thing start or end: of whatever its owner has, where it was
    /// booked seldom or is not known. Nobody has to be asked for what is the same for everybody.
    pub fn only_moment(
        &self,
        field: FieldName,
        day: NaiveDate,
        (resource, tenant): (Option<&str>, Option<&str>),
        zone: Tz,
    ) -> Option<When> {
        let of = |of: Of| self.hours_of.get(&(field, of));
        let own = resource.and_then(|key| of(Of::Resource(key.to_owned())));
        let many = own.filter(|hours| hours.values().sum::<usize>() >= MANY);
        let hours = many.or_else(|| of(Of::Tenant(tenant.map(str::to_owned))))?;
        let (hour, rows) = hours.iter().next().filter(|_| hours.len() == 1)?;
        let at = day.and_time(*hour).and_local_timezone(zone).single()?;
        (*rows >= MANY).then(|| When::Instant(at.with_timezone(&Utc)))
    }

    fn length(&self, total: Option<Money>) -> Option<TimeDelta> {
        self.lengths.get(&total).and_then(|lengths| most(lengths))
    }
}

/// The moment of a day at which all bookings of what was booked start or end.
pub fn only_moment(
    context: &Context<'_>,
    timeline: &Timeline<'_>,
    booking: &Booking,
    field: FieldName,
    day: NaiveDate,
) -> Option<When> {
    let resource = match timeline.resolve(FieldName::ResourceKey) {
        Resolved::Agreed(Value::Text(key), _) => Some(key),
        _ => None,
    };
    let of = (resource.as_deref(), booking.tenant.as_deref());
    context
        .usual
        .only_moment(field, day, of, context.input.business.zone)
}

/// Asks when a new booking ends and what it costs, where no record says so and the backup has an answer to suggest.
pub fn suggest(context: &Context<'_>, booking: &mut Booking, questions: &mut Questions) {
    let kind = ConflictKind::MissingField;
    if let (Some(starts_at), None) = (booking.starts_at, booking.ends_at)
        && let Some(length) = context.usual.length(booking.total)
    {
        let end = match starts_at {
            When::Instant(at) => When::Instant(at + length),
            When::Date(date) => When::Date(date + length),
        };
        let alike = if booking.total.is_some() {
            "most of the same price"
        } else {
            "most"
        };
        let reason = format!("No record tells when it ends; {alike} take this long.");
        let likely = candidate(Value::When(end), Vec::new(), 500);
        questions.ask(kind, Some(FieldName::EndsAt), reason, vec![likely], Some(0));
        booking.ends_at = Some(end);
    }
    if context.wants_total
        && booking.total.is_none()
        && booking.payments.is_empty()
        && let Some((asked, price)) = listed_price(context, booking)
    {
        questions.put(asked);
        booking.total = Some(price);
    }
}

/// Asks for a price that no record tells, with that of the backup's list.
pub fn listed_price(context: &Context<'_>, booking: &Booking) -> Option<(Conflict, Money)> {
    let price = prices::of(context, booking).filter(|price| price.is_right_in_one_of(2))?;
    let price = price.money;
    let asked = Conflict::new(
        &booking.id,
        ConflictKind::MissingField,
        Some(FieldName::Total),
        format!("No record tells the agreed price; by the backup's prices it is {price}."),
        vec![candidate(Value::Money(price), Vec::new(), 500)],
        Some(0),
    );
    Some((asked, price))
}

/// The value that most of a list are; None where they differ, or are too few.
fn most<T: Copy + Ord + Hash>(values: &[T]) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(*value).or_default() += 1;
    }
    let (value, count) = counts.into_iter().max_by_key(|(value, count)| (*count, *value))?;
    (values.len() >= ROWS && count * 100 >= values.len() * PERCENT).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::{MANY, Usual, most};
    use crate::model::{BaselineBooking, FieldName, When};
    use chrono::{DateTime, NaiveDate, TimeDelta};
    use chrono_tz::Tz;

    /// Bookings of one thing that take so many hours each.
    fn taking(hours: impl Iterator<Item = i64>) -> Usual {
        let start = DateTime::UNIX_EPOCH;
        let row = |hours| BaselineBooking {
            resource: Some("boat".to_owned()),
            starts_at: Some(When::Instant(start)),
            ends_at: Some(When::Instant(start + TimeDelta::hours(hours))),
            ..BaselineBooking::default()
        };
        Usual::new(&hours.map(row).collect::<Vec<_>>(), Tz::UTC)
    }

    #[test]
    fn a_thing_always_takes_as_long_where_each_of_many_bookings_of_it_did() {
        let is_only = |usual: &Usual| usual.is_only_length(Some("boat"), TimeDelta::hours(2));
        let alike = taking((0..MANY).map(|_| 2));
        assert!(is_only(&alike));
        assert!(!alike.is_only_length(Some("boat"), TimeDelta::hours(3)));
        assert!(!alike.is_only_length(Some("canoe"), TimeDelta::hours(2)));
        assert!(!alike.is_only_length(None, TimeDelta::hours(2)));
        assert!(!is_only(&taking((1..MANY).map(|_| 2))), "too few");
        assert!(
            !is_only(&taking((0..MANY).map(|_| 2).chain([3]))),
            "one took longer"
        );
    }

    #[test]
    fn the_hour_is_told_where_all_of_many_bookings_have_it() {
        let row = |resource: &str, tenant: &str, hour: u32| BaselineBooking {
            resource: Some(resource.to_owned()),
            tenant: Some(tenant.to_owned()),
            starts_at: NaiveDate::from_ymd_opt(2026, 5, 4)
                .and_then(|day| day.and_hms_opt(hour, 0, 0))
                .map(|at| When::Instant(at.and_utc())),
            ..BaselineBooking::default()
        };
        let many = |resource: &'static str, tenant: &'static str, hour: u32| {
            (0..MANY).map(move |_| row(resource, tenant, hour))
        };
        let mut rows: Vec<BaselineBooking> =
            many("villa", "inn", 16).chain(many("kayak", "quay", 9)).collect();
        let day = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap_or_default();
        let at = |hour| day.and_hms_opt(hour, 0, 0).map(|at| When::Instant(at.and_utc()));
        let only = |rows: &[BaselineBooking], resource, tenant| {
            Usual::new(rows, Tz::UTC).only_moment(FieldName::StartsAt, day, (resource, tenant), Tz::UTC)
        };
        assert_eq!(only(&rows, Some("villa"), Some("inn")), at(16));
        assert_eq!(
            only(&rows, Some("new"), Some("inn")),
            at(16),
            "as all of the tenant's"
        );
        assert_eq!(only(&rows, None, None), None, "nobody's");
        rows.push(row("canoe", "quay", 11));
        assert_eq!(only(&rows, Some("kayak"), Some("quay")), at(9));
        assert_eq!(only(&rows, Some("canoe"), Some("quay")), None, "either hour");
        rows.push(row("villa", "inn", 15));
        assert_eq!(only(&rows, Some("villa"), Some("inn")), None, "one began earlier");
    }

    #[test]
    fn a_thing_may_go_on_for_days_where_some_of_its_bookings_did() {
        let short = || (0..MANY).map(|_| 2);
        assert!(!taking(short()).may_last(Some("boat")));
        assert!(taking(short().chain([24])).may_last(Some("boat")));
        assert!(taking(short().chain([24])).may_last(Some("canoe")), "any may");
        let few = taking((0..3).map(|_| 48));
        assert!(few.may_last(None) && few.may_last(Some("boat")));
    }

    #[test]
    fn what_most_are_is_usual() {
        assert_eq!(most(&[30, 30, 30, 60, 30]), Some(30));
    }

    #[test]
    fn what_half_are_is_not() {
        assert_eq!(most(&[30, 30, 30, 60, 60, 60]), None);
    }

    #[test]
    fn few_rows_tell_nothing() {
        assert_eq!(most(&[30, 30, 30, 30]), None);
    }
}
