//! What a booking costs by what is booked for how long, where the backup's rows follow a list of prices.
//!
//! Several ways to reckon a price are tried on the backup's rows, each row reckoned from the others; the one that came
//! to most rows' prices is asked first. What is reckoned so is no record's word: it is suggested, or held against what
//! payments came to.

use super::Context;
use crate::model::{BaselineBooking, Booking, Currency, Money, When};
use chrono::TimeDelta;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;

/// A way is tried on the last rows, which cost what bookings cost now.
const TRIED: usize = 300;
/// What it came to in fewer rows says nothing; in as many more it is known well.
const ROWS: u32 = 10;
const KNOWN: u32 = 50;
/// The last rows that are alike tell the price.
const LATEST: usize = 8;
/// One row in so many may cost less, and one more, than the others do.
const OUTER: usize = 200;

/// How a length is counted for a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    /// Begun spans of 24 hours.
    Day,
    /// Midnights between start and end where the business is.
    Night,
}

/// How the price of a length is reckoned from those of others.
#[derive(Debug, Clone, Copy)]
enum Curve {
    /// As rows of the same length cost.
    Alike,
    /// As much for each unit as the nearest length costs.
    Rate,
    /// On the line through the two nearest lengths: with a fee that is the same for all.
    Line,
}

/// What is booked, where prices differ by it, and the currency.
type Key = (Option<String>, Currency);

/// Prices by length, each with the row's place among all.
type Points = BTreeMap<i64, Vec<(usize, i64)>>;

#[derive(Debug)]
struct Table {
    unit: Unit,
    /// Else all resources cost the same.
    by_resource: bool,
    points: HashMap<Key, Points>,
}

#[derive(Debug)]
struct Way {
    table: usize,
    curve: Curve,
    right: u32,
    tried: u32,
    /// What the rows cost, in thousandths of what this way came to, but for the outermost.
    least: i64,
    most: i64,
}

#[derive(Debug, Default)]
pub struct Prices {
    zone: Tz,
    tables: Vec<Table>,
    /// The best first.
    ways: Vec<Way>,
    rates: Option<Rates>,
    /// Nearly all prices are so many whole minor units.
    pub grain: i64,
}

/// Prices of a unit that the rows share, by what is booked.
#[derive(Debug)]
struct Rates {
    table: usize,
    of: HashMap<Key, BTreeSet<i64>>,
}

/// A price that was reckoned, and how often its way came to the price of the backup's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    pub money: Money,
    right: u32,
    tried: u32,
}

impl Price {
    /// Whether it is the price in one of so many.
    pub fn is_right_in_one_of(self, many: u32) -> bool {
        self.right * many >= self.tried
    }

    /// Whether most bookings cost what is reckoned so.
    pub fn is_mostly_right(self) -> bool {
        self.tried >= KNOWN && self.right * 4 >= self.tried * 3
    }

    /// Whether all but one booking in so many cost what is reckoned so.
    pub fn is_right_but_for_one_in(self, many: u32) -> bool {
        self.tried >= KNOWN && (self.tried - self.right) * many <= self.tried
    }

    /// Whether bookings cost just this, as far as rows can tell.
    pub fn is_sure(self) -> bool {
        self.is_right_but_for_one_in(50)
    }
}

/// What a booking costs by the backup's prices.
pub fn of(context: &Context<'_>, booking: &Booking) -> Option<Price> {
    context.prices.of(&booked(context, booking)?)
}

/// What it costs as it is now, at the price of a unit that it had as it was.
pub fn scaled(context: &Context<'_>, was: &Booking, booking: &Booking, total: Money) -> Option<Money> {
    let (was, now) = (booked(context, was)?, booked(context, booking)?);
    context.prices.scaled(&was, &now, total)
}

/// Whether bookings of the same thing cost this at another length, and none of this length.
pub fn is_of_other_length(context: &Context<'_>, booking: &Booking, total: Money) -> bool {
    booked(context, booking).is_some_and(|booked| context.prices.is_of_other_length(&booked, total))
}

/// From what to what it may cost, in minor units, as far as the backup's rows can tell.
pub fn range(context: &Context<'_>, booking: &Booking) -> Option<RangeInclusive<i64>> {
    context.prices.range(&booked(context, booking)?)
}

fn booked<'a>(context: &Context<'_>, booking: &'a Booking) -> Option<Booked<'a>> {
    let paid = booking.payments.first().map(|payment| payment.amount);
    let money = booking.total.or(paid);
    Some(Booked {
        resource: booking.resource.key.as_deref(),
        from: booking.starts_at?,
        to: booking.ends_at?,
        currency: money.map_or(context.input.business.currency, |money| money.currency),
    })
}

/// What is booked, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Booked<'a> {
    pub resource: Option<&'a str>,
    pub from: When,
    pub to: When,
    pub currency: Currency,
}

impl Prices {
    pub fn learn(bookings: &[BaselineBooking], zone: Tz) -> Self {
        let mut rows: Vec<(&BaselineBooking, Booked<'_>, i64)> = bookings
            .iter()
            .filter_map(|row| {
                let total = row.total.filter(|total| total.minor > 0)?;
                let booked = Booked {
                    resource: row.resource.as_deref(),
                    from: row.starts_at?,
                    to: row.ends_at?,
                    currency: total.currency,
                };
                Some((row, booked, total.minor))
            })
            .collect();
        rows.sort_by(|(a, ..), (b, ..)| (a.created_at, &a.key).cmp(&(b.created_at, &b.key)));
        let mut prices = Self {
            zone,
            ..Self::default()
        };
        for by_resource in [true, false] {
            for unit in [Unit::Minute, Unit::Day, Unit::Night] {
                let mut table = Table {
                    unit,
                    by_resource,
                    points: HashMap::new(),
                };
                for (at, (_, booked, minor)) in rows.iter().enumerate() {
                    if let Some(units) = units(booked, unit, zone) {
                        let points = table.points.entry(table.key(booked)).or_default();
                        points.entry(units).or_default().push((at, *minor));
                    }
                }
                prices.tables.push(table);
            }
        }
        for table in 0..prices.tables.len() {
            for curve in [Curve::Alike, Curve::Rate, Curve::Line] {
                let (mut right, mut tried) = (0, 0);
                let mut shares = Vec::new();
                for (at, (_, booked, minor)) in rows.iter().enumerate().rev().take(TRIED) {
                    if let Some(price) = prices.tables[table].reckon(booked, curve, zone, Some(at)) {
                        tried += 1;
                        right += u32::from(price == *minor);
                        shares.push(divide(minor * 1000, price));
                    }
                }
                shares.sort_unstable();
                let outer = shares.len() / OUTER;
                if tried >= ROWS {
                    prices.ways.push(Way {
                        table,
                        curve,
                        right,
                        tried,
                        least: shares[outer],
                        most: shares[shares.len() - 1 - outer],
                    });
                }
            }
        }
        prices.grain = grain(&rows.iter().map(|(_, _, minor)| *minor).collect::<Vec<_>>());
        // A day in most lines of business, a night in others; minutes where it is paid by the hour.
        prices.rates = [Unit::Day, Unit::Night, Unit::Minute]
            .into_iter()
            .find_map(|unit| {
                let table = prices
                    .tables
                    .iter()
                    .position(|table| table.by_resource && table.unit == unit)?;
                let of = prices.tables[table].rates()?.into_iter();
                let of = of.map(|(key, rates)| (key.clone(), rates)).collect();
                Some(Rates { table, of })
            });
        // Of few rows the share is held for less.
        let worth = |way: &Way| way.right * 1000 / (way.tried + 2 * ROWS);
        prices.ways.sort_by_key(|way| std::cmp::Reverse(worth(way)));
        prices
    }

    /// What this costs, by the best way that can tell.
    pub fn of(&self, booked: &Booked<'_>) -> Option<Price> {
        self.ways.iter().filter(|way| way.right > 0).find_map(|way| {
            let minor = self.tables[way.table].reckon(booked, way.curve, self.zone, None)?;
            Some(Price {
                money: Money::new(minor, booked.currency),
                right: way.right,
                tried: way.tried,
            })
        })
    }

    /// What this costs now, where it cost so much before and bookings are paid by the unit: as much for each as before,
    /// if the backup's rows of the same thing know that price of a unit.
    fn scaled(&self, was: &Booked<'_>, now: &Booked<'_>, total: Money) -> Option<Money> {
        let rates = self.rates.as_ref()?;
        let table = &self.tables[rates.table];
        let key = table.key(was);
        let units = |booked| units(booked, table.unit, self.zone).filter(|units| *units > 0);
        let (before, after) = (units(was)?, units(now)?);
        let rate = (total.minor % before == 0).then_some(total.minor / before)?;
        let is_known = key == table.key(now) && rates.of.get(&key)?.contains(&rate);
        (is_known && before != after).then(|| Money::new(rate * after, total.currency))
    }

    /// Whether rows of the same thing cost this at another length, and none of this length does.
    fn is_of_other_length(&self, booked: &Booked<'_>, total: Money) -> bool {
        let table = self
            .tables
            .iter()
            .find(|table| table.by_resource && table.unit == Unit::Minute);
        let Some(points) = table.and_then(|table| table.points.get(&table.key(booked))) else {
            return false;
        };
        let length = units(booked, Unit::Minute, self.zone);
        let has = |rows: &[(usize, i64)]| rows.iter().any(|(_, minor)| *minor == total.minor);
        let (own, other): (Vec<_>, Vec<_>) = points.iter().partition(|(units, _)| Some(**units) == length);
        !own.iter().any(|(_, rows)| has(rows)) && other.iter().any(|(_, rows)| has(rows))
    }

    /// From what to what this may cost, in minor units, as the way has it that came nearest to many rows' prices.
    fn range(&self, booked: &Booked<'_>) -> Option<RangeInclusive<i64>> {
        let known = self.ways.iter().filter(|way| way.tried >= KNOWN && way.least > 0);
        let ranges = known.filter_map(|way| {
            let minor = self.tables[way.table].reckon(booked, way.curve, self.zone, None)?;
            let range = divide(minor * way.least, 1000)..=divide(minor * way.most, 1000);
            Some((way.most * 1000 / way.least, range))
        });
        ranges.min_by_key(|(width, _)| *width).map(|(_, range)| range)
    }
}

impl Table {
    /// The rows' price of a unit that others of another length have too; one row in two at least must have such a one.
    fn rates(&self) -> Option<HashMap<&Key, BTreeSet<i64>>> {
        let (mut all, mut shared) = (0, 0);
        let mut rates: HashMap<_, BTreeSet<i64>> = HashMap::new();
        for (key, points) in &self.points {
            let mut lengths: BTreeMap<i64, (BTreeSet<i64>, u32)> = BTreeMap::new();
            let several = points.iter().filter(|(units, _)| **units > 0);
            for (units, minor) in
                several.flat_map(|(units, rows)| rows.iter().map(|(_, minor)| (*units, *minor)))
            {
                all += 1;
                if minor % units == 0 {
                    let (lengths, rows) = lengths.entry(minor / units).or_default();
                    lengths.insert(units);
                    *rows += 1;
                }
            }
            for (rate, (lengths, rows)) in lengths {
                if lengths.len() > 1 {
                    shared += rows;
                    rates.entry(key).or_default().insert(rate);
                }
            }
        }
        (all >= KNOWN && shared * 2 >= all).then_some(rates)
    }

    fn key(&self, booked: &Booked<'_>) -> Key {
        let resource = booked.resource.filter(|_| self.by_resource);
        (resource.map(str::to_owned), booked.currency)
    }

    fn reckon(&self, booked: &Booked<'_>, curve: Curve, zone: Tz, but: Option<usize>) -> Option<i64> {
        let points = self.points.get(&self.key(booked))?;
        let units = units(booked, self.unit, zone)?;
        let price = |rows: &[(usize, i64)]| most(rows, but);
        if let Curve::Alike = curve {
            return price(points.get(&units)?);
        }
        // A row is tried on other lengths than its own: of that, rows that are alike would tell.
        let nearest_below = if but.is_some() { units - 1 } else { units };
        let mut below = points.range(..=nearest_below).rev();
        let mut above = points.range(units + 1..);
        let mut next_below = || below.find_map(|(units, rows)| Some((*units, price(rows)?)));
        let mut next_above = || above.find_map(|(units, rows)| Some((*units, price(rows)?)));
        let (mut low, mut high) = (next_below(), next_above());
        // The nearest first; of two as near, the shorter.
        let mut nearest = || match (low, high) {
            (Some(near), far) if far.is_none_or(|far| units - near.0 <= far.0 - units) => {
                low = next_below();
                Some(near)
            }
            (_, near) => {
                high = next_above();
                near
            }
        };
        let first = nearest()?;
        let minor = if let Curve::Rate = curve {
            (first.0 > 0).then(|| divide(first.1 * units, first.0))
        } else {
            let second = nearest()?;
            let line = divide((second.1 - first.1) * (units - first.0), second.0 - first.0);
            Some(first.1 + line)
        };
        minor.filter(|minor| *minor > 0)
    }
}

/// The largest round number of minor units of which nearly all prices are multiples.
fn grain(prices: &[i64]) -> i64 {
    let divides = |grain: &i64| {
        let whole = prices.iter().filter(|minor| **minor % grain == 0).count();
        !prices.is_empty() && whole * 100 >= prices.len() * 98
    };
    [1000, 500, 100, 50, 10, 5].into_iter().find(divides).unwrap_or(1)
}

/// Rounded half up; a divisor below nought turns both round.
fn divide(a: i64, by: i64) -> i64 {
    let (a, by) = if by < 0 { (-a, -by) } else { (a, by) };
    (2 * a + by).div_euclid(2 * by)
}

/// How many units long it is; None where it has no length.
fn units(booked: &Booked<'_>, unit: Unit, zone: Tz) -> Option<i64> {
    let length = booked.from.until(booked.to)?;
    let units = match unit {
        Unit::Minute => length.num_minutes(),
        Unit::Day => (length.num_seconds() + 86_399).div_euclid(86_400),
        Unit::Night => (booked.to.date(zone) - booked.from.date(zone)).num_days(),
    };
    (length > TimeDelta::zero()).then_some(units)
}

/// The price that most of the last rows have.
fn most(rows: &[(usize, i64)], but: Option<usize>) -> Option<i64> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    let others = rows.iter().rev().filter(|(at, _)| Some(*at) != but);
    for (_, minor) in others.take(LATEST) {
        *counts.entry(*minor).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(minor, count)| (*count, *minor));
    most.map(|(minor, _)| minor)
}

#[cfg(test)]
mod tests {
    use super::{Booked, Prices, divide};
    use crate::model::{BaselineBooking, Currency, Money, When};
    use chrono::{DateTime, TimeDelta};
    use chrono_tz::Tz;
    use std::collections::BTreeMap;

    fn hour(hours: i64) -> When {
        When::Instant(DateTime::UNIX_EPOCH + TimeDelta::hours(hours))
    }

    fn eur() -> Currency {
        Currency::parse("eur").expect("a currency")
    }

    fn rows(prices: impl Iterator<Item = (i64, i64)>) -> Prices {
        let rows: Vec<BaselineBooking> = prices
            .enumerate()
            .map(|(at, (hours, minor))| BaselineBooking {
                key: format!("{at:03}"),
                tenant: None,
                reference: None,
                customer: None,
                resource: Some("1".to_owned()),
                starts_at: Some(hour(0)),
                ends_at: Some(hour(hours)),
                status: None,
                total: Some(Money::new(minor, eur())),
                created_at: None,
                raw: BTreeMap::new(),
            })
            .collect();
        Prices::learn(&rows, Tz::UTC)
    }

    fn price(prices: &Prices, hours: i64) -> Option<i64> {
        let booked = Booked {
            resource: Some("1"),
            from: hour(0),
            to: hour(hours),
            currency: eur(),
        };
        prices.of(&booked).map(|price| price.money.minor)
    }

    #[test]
    fn lengths_that_no_row_has_cost_by_the_unit() {
        let prices = rows((0..60).map(|at| (1 + at % 4, 1250 * (1 + at % 4))));
        assert_eq!(price(&prices, 7), Some(8750));
    }

    #[test]
    fn a_fee_that_is_the_same_for_all_is_counted_once() {
        let prices = rows((0..60).map(|at| (1 + at % 4, 500 + 1000 * (1 + at % 4))));
        assert_eq!(price(&prices, 6), Some(6500));
    }

    #[test]
    fn days_that_were_begun_are_paid() {
        let prices = rows((0..60).map(|at| (20 + 7 * (at % 9), 4000 * ((20 + 7 * (at % 9) + 23) / 24))));
        assert_eq!(price(&prices, 50), Some(12_000));
    }

    #[test]
    fn prices_that_follow_no_list_tell_nothing() {
        let prices = rows((0..60).map(|at| (1, 1000 + 37 * at)));
        assert_eq!(price(&prices, 1), None);
    }

    #[test]
    fn halves_are_rounded_up() {
        assert_eq!([divide(5, 2), divide(-5, 2), divide(5, -2)], [3, -2, -2]);
    }
}
