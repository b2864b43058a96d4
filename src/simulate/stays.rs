//! When and on what a booking falls: opening hours, lengths, prices, and the diary that keeps a resource to one
//! booking at a time.

use super::business::{Business, Stay};
use super::life::{Resource, instant, local};
use super::random::Random;
use chrono::{DateTime, Duration, NaiveTime, Utc};
use std::collections::BTreeMap;

/// Draws a stay that begins some time after `earliest`.
pub fn draw_stay(
    business: &Business,
    earliest: DateTime<Utc>,
    random: &mut Random,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let trade = &business.trade;
    let today = local(business.zone, earliest);
    // Most book a few days ahead, some for months.
    let ahead = random.below(1000) as f64 / 1000.0;
    let days = (ahead * ahead * trade.lead_days_max as f64) as i64;
    let date = today.date() + Duration::days(days);
    let (starts, ends) = match &trade.stay {
        Stay::Timed {
            minutes,
            opens,
            closes,
            step,
        } => {
            let length = *random.weighted(minutes);
            let within = if length < 1440 { length as u32 } else { 0 };
            let slot = |random: &mut Random, within: u32| {
                let slots = (closes - opens).saturating_sub(within) / step;
                Duration::minutes(i64::from(opens + step * random.below(slots as usize + 1) as u32))
            };
            let mut starts = date.and_time(NaiveTime::MIN) + slot(random, within);
            if starts < today + Duration::hours(2) {
                starts += Duration::days(1);
            }
            let mut ends = starts + Duration::minutes(length);
            if length >= 1440 && random.chance(0.4) {
                ends = ends.date().and_time(NaiveTime::MIN) + slot(random, 0);
            }
            (starts, ends)
        }
        Stay::Nights { min, max } => {
            let starts = date.and_time(NaiveTime::MIN) + Duration::days(1);
            (starts, starts + Duration::days(random.between(*min, *max)))
        }
        Stay::Departures { times, minutes } => {
            let (hour, minute) = *random.pick(times);
            let mut starts = date.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(hour * 60 + minute));
            if starts < today + Duration::hours(2) {
                starts += Duration::days(1);
            }
            (starts, starts + Duration::minutes(*minutes))
        }
    };
    (instant(business.zone, starts), instant(business.zone, ends))
}

/// The agreed price in minor units.
pub fn price(
    business: &Business,
    resource: &Resource,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    seats: i64,
) -> i64 {
    if matches!(business.trade.stay, Stay::Departures { .. }) {
        return business.currency.chargeable(resource.rate * seats);
    }
    // By the clock on the wall: a night with a change of the clock costs no more than another.
    let minutes = (local(business.zone, ends_at) - local(business.zone, starts_at)).num_minutes();
    let unit = business.trade.rate_minutes;
    // A day costs as much as six hours.
    let units = if unit < 1440 && minutes >= 1440 {
        minutes / 1440 * 6 * 60 / unit
    } else {
        (minutes + unit - 1) / unit
    };
    // What cannot be charged is not asked for.
    business.currency.chargeable(resource.rate * units.max(1))
}

/// Who has what when.
pub struct Diary {
    /// By start, for each resource.
    entries: Vec<BTreeMap<DateTime<Utc>, Entry>>,
}

struct Entry {
    ends_at: DateTime<Utc>,
    freed_at: Option<DateTime<Utc>>,
}

impl Diary {
    pub fn new(resources: usize) -> Self {
        Self {
            entries: (0..resources).map(|_| BTreeMap::new()).collect(),
        }
    }

    /// Finds a stay and a resource that is free for it.
    pub fn find(
        &self,
        business: &Business,
        at: DateTime<Utc>,
        random: &mut Random,
    ) -> (DateTime<Utc>, DateTime<Utc>, usize) {
        let mut earliest = at;
        loop {
            for _ in 0..40 {
                let (starts_at, ends_at) = draw_stay(business, earliest, random);
                let resource = random.below(self.entries.len());
                if self.is_free(business, resource, starts_at, ends_at, at) {
                    return (starts_at, ends_at, resource);
                }
            }
            // All is taken: they come later.
            earliest += Duration::days(14);
        }
    }

    /// Whether nothing else stands there, as seen at a moment.
    pub fn is_free(
        &self,
        business: &Business,
        resource: usize,
        starts_at: DateTime<Utc>,
        ends_at: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> bool {
        if matches!(business.trade.stay, Stay::Departures { .. }) {
            return true;
        }
        self.entries[resource]
            .range(starts_at - Duration::days(60)..ends_at)
            .all(|(_, entry)| entry.ends_at <= starts_at || entry.freed_at.is_some_and(|freed| freed <= at))
    }

    /// Writes a stay down. What stood there and was given up, is overwritten.
    pub fn enter(&mut self, resource: usize, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) {
        self.entries[resource].insert(
            starts_at,
            Entry {
                ends_at,
                freed_at: None,
            },
        );
    }

    pub fn free(&mut self, resource: usize, starts_at: DateTime<Utc>, at: DateTime<Utc>) {
        if let Some(entry) = self.entries[resource].get_mut(&starts_at) {
            entry.freed_at = Some(at);
        }
    }
}
