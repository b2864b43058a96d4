//! How customers pay, as the backup's payments show: seldom for somebody else, seldom before they book, and at the counter
//! when it begins, or when it ends.

use super::counter::Counters;
use super::day_month::Order;
use super::facts::Facts;
use super::hypothesis::Hypothesis;
use super::inflected::Inflections;
use super::key_lists;
use crate::mapping::Groups;
use crate::model::{Money, When};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// The windows in minutes in which a payment is near a moment.
pub const WINDOWS: [i64; 5] = [3, 10, 60, 1440, 10_080];
/// Within so many minutes something happens at once.
pub const MINUTES: i64 = 10;
/// Fewer payments than this tell nothing of how seldom something is.
pub const KNOWN: u32 = 30;
/// So many at the counter tell when such are made.
const ENOUGH: u32 = 12;

/// What is so once in so many times is seldom.
const SELDOM: u32 = 10;

/// A part of prices is usual where one payment in so many is it.
const USUAL: u32 = 20;

/// The part of a price that an amount is, in hundredths of a percent.
pub fn part_of(amount: i64, price: i64) -> i64 {
    (amount * 10_000 + price / 2) / price
}

/// What was learned of payments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Habits {
    /// What it tells against a booking, in bits, that a payment was made by somebody else, and that it was made before the
    /// booking: as seldom as the backup's payments do.
    pub strangers: f64,
    /// What it tells against a booking, in bits, that an entry names somebody else; None where too few are known.
    pub misnamed: Option<f64>,
    /// The odds in bits that an entry that stands where a booking does is its own; None where too few are known.
    pub standing: Option<f64>,
    /// Things of which several bookings begin at one time.
    pub pools: BTreeSet<String>,
    /// How many of the last digits of a booking's number entries state.
    pub tails: Option<usize>,
    /// How entries decline customers' names.
    pub inflections: Inflections,
    pub early: f64,
    /// When those that name nobody are made, and those that name somebody; None where too few are known.
    pub nameless: Option<Moments>,
    pub named: Option<Moments>,
    /// What it tells against a booking, in bits, that it is still ahead when somebody pays: much, where people pay after it.
    pub ahead: f64,
    /// How long after a booking's end people pay for it.
    pub over: Over,
    /// The parts of a price that payments usually are, in hundredths of a percent, each with its share of all payments.
    pub parts: Vec<(i64, f64)>,
    /// What it tells against a booking, in bits, that an amount is neither the price nor a usual part of it: nothing where
    /// deposits are fixed amounts.
    pub odd_parts: f64,
    /// Which of its numbers are a day, in what is written on a charge.
    pub day_months: Option<Order>,
    /// Kinds of charge that are made at the counter.
    pub counters: Counters,
    /// What was charged without a name, and for no booking of the backup.
    pub sales: Sales,
    /// Which numbers belong together.
    pub groups: Groups,
    /// Some charges pay for several bookings.
    pub together: bool,
    /// What was received is stated to who paid it.
    pub receipts: bool,
    /// Which places list the keys of several bookings.
    pub key_lists: key_lists::Places,
}

/// Amounts of charges that name nobody and pay for no booking.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sales {
    amounts: BTreeMap<Money, u32>,
    all: u32,
}

impl Sales {
    fn of<'a>(others: impl Iterator<Item = &'a Facts>) -> Self {
        let mut sales = Self::default();
        let amounts = others
            .filter(|facts| facts.is_nameless())
            .flat_map(|facts| &facts.amounts);
        for (_, amount) in amounts {
            *sales.amounts.entry(*amount).or_default() += 1;
            sales.all += 1;
        }
        sales
    }

    /// What it tells for a booking, in bits, that just its price was charged: sales seldom come to that.
    pub fn seldom(&self, amount: Money) -> f64 {
        let alike = self.amounts.get(&amount).copied().unwrap_or_default();
        let share = (f64::from(alike) + 0.5) / (f64::from(self.all) + 1.0);
        (MEANT / share).log2()
    }
}

/// So many of the payments at the counter are to the minor unit what is due.
const MEANT: f64 = 0.6;

/// Shares of payments by how near they are to each moment of their booking.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moments {
    pub made: Near,
    pub starts: Near,
    pub ends: Near,
}

/// How many payments are so near to a moment, of all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Near {
    /// Those in each window and in no narrower one: made before the moment, and since.
    windows: [[u32; 2]; WINDOWS.len()],
    /// Those on that day, where no more than the day is known.
    days: u32,
    all: u32,
}

impl Near {
    fn count(&mut self, paid: DateTime<Utc>, when: When, zone: Tz) {
        match when {
            When::Instant(at) => {
                let apart = (paid - at).num_minutes().abs();
                if let Some(window) = WINDOWS.iter().position(|minutes| apart <= *minutes) {
                    self.windows[window][usize::from(paid >= at)] += 1;
                }
            }
            When::Date(day) => self.days += u32::from(paid.with_timezone(&zone).date_naive() == day),
        }
    }

    fn share(&self, count: u32) -> f64 {
        // What was never seen is not impossible.
        (f64::from(count) + 0.2) / (f64::from(self.all) + 1.0)
    }

    /// The share of payments that fall into a window and into no narrower one, on one side of the moment.
    pub fn in_window(&self, window: usize, since: bool) -> f64 {
        self.share(self.windows[window][usize::from(since)])
    }

    /// Whether most payments are made within minutes of the moment.
    pub fn is_at_once(&self) -> bool {
        let windows = WINDOWS.iter().zip(&self.windows);
        let near = windows.filter(|(minutes, _)| **minutes <= MINUTES);
        near.flat_map(|(_, counts)| counts).sum::<u32>() * 2 > self.all
    }

    /// The share of payments that fall on the day.
    pub fn on_day(&self) -> f64 {
        self.share(self.days)
    }
}

/// What is so long over, in days, was not just put off with no record of it.
const LONG: i64 = 28;

/// How many payments were made after the last day of their booking, by how many days.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Over {
    days: BTreeMap<i64, u32>,
    all: u32,
}

impl Over {
    fn count(&mut self, paid: DateTime<Utc>, booking: &Hypothesis, zone: Tz) {
        if let Some(days) = days_since(paid, booking, zone) {
            *self.days.entry(days).or_default() += 1;
            self.all += 1;
        }
    }

    /// What it tells against a booking, in bits, that it was over so long when somebody paid.
    pub fn against(&self, paid: DateTime<Utc>, booking: &Hypothesis, zone: Tz) -> f64 {
        match days_since(paid, booking, zone) {
            Some(days) if days > LONG && self.all >= KNOWN => against(
                self.days.range(days..).map(|(_, count)| count).sum(),
                self.all,
                -8.0,
            ),
            _ => 0.0,
        }
    }
}

/// The days since a booking's last one.
fn days_since(moment: DateTime<Utc>, booking: &Hypothesis, zone: Tz) -> Option<i64> {
    let last = booking.ends.iter().map(|end| end.date(zone)).max()?;
    Some((moment.with_timezone(&zone).date_naive() - last).num_days())
}

impl Habits {
    /// Learns from payments of which the backup says what they are for, and from `others`, which it does not have.
    pub fn of<'a>(
        paid: impl Iterator<Item = (&'a Facts, &'a Hypothesis)>,
        others: impl Iterator<Item = &'a Facts>,
        zone: Tz,
    ) -> Self {
        let (mut all, mut strangers, mut timed, mut early) = (0u32, 0u32, 0u32, 0u32);
        let (mut nameless, mut named) = (Moments::default(), Moments::default());
        let (mut of_nobody, mut of_somebody) = (0u32, 0u32);
        let (mut begins, mut ahead) = (0u32, 0u32);
        let mut parts: BTreeMap<i64, u32> = BTreeMap::new();
        let mut priced = 0u32;
        let (mut last, mut over) = (None, Over::default());
        for (facts, booking) in paid {
            last = last.max(facts.made_at);
            if let ([(_, amount)], Some(price), 1) = (
                facts.amounts.as_slice(),
                booking.totals.first(),
                booking.totals.len(),
            ) && amount.currency == price.currency
                && price.minor > 0
            {
                priced += 1;
                *parts.entry(part_of(amount.minor, price.minor)).or_default() += 1;
            }
            let known = !facts.emails.is_empty() || !facts.names.is_empty();
            if known && !(booking.emails.is_empty() && booking.names.is_empty()) {
                all += 1;
                strangers += u32::from(!booking.same_person(facts));
            }
            let Some(made) = facts.made_at else { continue };
            if let Some(begun) = booking.begun {
                timed += 1;
                early += u32::from(made + TimeDelta::hours(1) < begun);
            }
            if facts.amounts.is_empty() {
                continue;
            }
            over.count(made, booking, zone);
            let moments = if facts.is_nameless() {
                of_nobody += 1;
                &mut nameless
            } else {
                of_somebody += 1;
                &mut named
            };
            if let Some(begun) = booking.begun {
                moments.made.count(made, When::Instant(begun), zone);
            }
            for when in &booking.starts {
                moments.starts.count(made, *when, zone);
            }
            for when in &booking.ends {
                moments.ends.count(made, *when, zone);
            }
            if !booking.starts.is_empty() {
                begins += 1;
                ahead += u32::from(booking.is_ahead_of(made, zone));
            }
        }
        for (moments, all) in [(&mut nameless, of_nobody), (&mut named, of_somebody)] {
            for near in [&mut moments.made, &mut moments.starts, &mut moments.ends] {
                near.all = all;
            }
        }
        let usual = |count: u32| count >= ENOUGH && count * USUAL >= priced;
        let odd: u32 = parts.values().copied().filter(|count| !usual(*count)).sum();
        let parts = parts
            .into_iter()
            .filter(|(part, count)| *part < 10_000 && usual(*count))
            .map(|(part, count)| (part, f64::from(count) / f64::from(priced)))
            .collect();
        Self {
            parts,
            over,
            // What was charged since the backup may be for a booking that it does not know.
            sales: Sales::of(others.filter(|facts| facts.made_at <= last)),
            strangers: against(strangers, all, -4.0),
            early: against(early, timed, -6.0),
            nameless: (of_nobody >= ENOUGH).then_some(nameless),
            named: (of_somebody >= KNOWN).then_some(named),
            odd_parts: if priced >= KNOWN && odd * SELDOM <= priced {
                against(odd, priced, -6.0)
            } else {
                0.0
            },
            ahead: if begins >= KNOWN && ahead * SELDOM <= begins {
                against(ahead, begins, -6.0)
            } else {
                0.0
            },
            ..Self::default()
        }
    }
}

/// What it tells against a booking, in bits, that something is so which was so `seen` times of `all`; `least` is what it
/// tells at the most.
/// Source of the half: Krichevsky & Trofimov (1981).
pub fn against(seen: u32, all: u32, least: f64) -> f64 {
    if all < KNOWN {
        return -3.0;
    }
    ((f64::from(seen) + 0.5) / (f64::from(all) + 1.0))
        .log2()
        .clamp(least, -0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;
    use chrono::{NaiveDate, TimeZone};

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, day, hour, 0, 0).unwrap()
    }

    #[test]
    fn who_pays_within_minutes_pays_at_once() {
        let near = |minutes: &[i64]| {
            let mut near = Near::default();
            for minutes in minutes {
                let paid = at(5, 10) + TimeDelta::minutes(*minutes);
                near.count(paid, When::Instant(at(5, 10)), chrono_tz::UTC);
            }
            near.all = minutes.len() as u32;
            near
        };
        assert!(near(&[1, -2, 9, 300]).is_at_once());
        assert!(!near(&[1, 9, 11, 300]).is_at_once());
    }

    /// Bookings of one day each, made long before, and what was paid for them at some hour of that day.
    fn paid_on_the_day(count: u32) -> Vec<(Facts, Hypothesis)> {
        (1..=count)
            .map(|day| {
                let mut booking = Hypothesis::about_new();
                booking.begun = Some(at(1, 0) - TimeDelta::days(60));
                let date = NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
                booking.starts.insert(When::Date(date));
                let money = Money::new(4000, Currency::parse("eur").unwrap());
                let facts = Facts {
                    made_at: Some(at(day, 8 + day % 9)),
                    amounts: vec![(format!("ch_{day}"), money)],
                    ..Facts::default()
                };
                (facts, booking)
            })
            .collect()
    }

    fn habits(count: u32) -> Habits {
        let paid = paid_on_the_day(count);
        Habits::of(
            paid.iter().map(|(facts, booking)| (facts, booking)),
            std::iter::empty(),
            Tz::UTC,
        )
    }

    #[test]
    fn what_is_paid_at_the_counter_is_paid_on_the_first_day_and_not_when_it_is_booked() {
        let moments = habits(ENOUGH).nameless.expect("enough were seen");
        assert!(moments.starts.on_day() > 0.9);
        assert!((0..WINDOWS.len()).all(|window| moments.made.in_window(window, true) < 0.05));
    }

    #[test]
    fn what_was_never_sold_for_a_price_tells_for_it_and_what_often_was_does_not() {
        let euros = |minor| Money::new(minor, Currency::parse("eur").unwrap());
        let sold = |minor| Facts {
            amounts: vec![("ch".to_owned(), euros(minor))],
            ..Facts::default()
        };
        let sales: Vec<Facts> = [300, 300, 500, 500, 500, 300, 300, 500].map(sold).into();
        let sales = Sales::of(sales.iter());
        assert!(sales.seldom(euros(9000)) > 3.0);
        assert!(sales.seldom(euros(500)) < 1.0);
        assert!(Sales::default().seldom(euros(9000)) < 1.0);
    }

    #[test]
    fn the_usual_parts_of_a_price_are_known() {
        let paid: Vec<(Facts, Hypothesis)> = paid_on_the_day(ENOUGH)
            .into_iter()
            .map(|(facts, mut booking)| {
                booking
                    .totals
                    .insert(Money::new(10_000, Currency::parse("eur").unwrap()));
                (facts, booking)
            })
            .collect();
        let of = paid.iter().map(|(facts, booking)| (facts, booking));
        assert_eq!(Habits::of(of, std::iter::empty(), Tz::UTC).parts, [(4000, 1.0)]);
    }

    #[test]
    fn who_says_who_they_are_and_pays_afterwards_never_pays_ahead() {
        let mut paid = paid_on_the_day(30);
        for (at, (facts, _)) in paid.iter_mut().enumerate() {
            facts.emails.insert(format!("guest{at}@mail.example"));
        }
        let of = |paid: &[(Facts, Hypothesis)]| {
            let of = paid.iter().map(|(facts, booking)| (facts, booking));
            Habits::of(of, std::iter::empty(), Tz::UTC)
        };
        let habits = of(&paid);
        assert!(habits.named.is_some() && habits.nameless.is_none());
        assert!(habits.ahead < -4.0, "{}", habits.ahead);
        for (facts, _) in paid.iter_mut().step_by(2) {
            facts.made_at = facts.made_at.map(|at| at - TimeDelta::days(40));
        }
        assert!(of(&paid).ahead.abs() < f64::EPSILON, "half of them pay before");
    }

    #[test]
    fn what_was_over_for_weeks_is_not_paid_for_where_nobody_ever_did() {
        let mut paid = paid_on_the_day(30);
        for (_, booking) in &mut paid {
            booking.ends.clone_from(&booking.starts);
        }
        let against = |paid: &[(Facts, Hypothesis)], days| {
            let of = paid.iter().map(|(facts, booking)| (facts, booking));
            let over = Habits::of(of, std::iter::empty(), Tz::UTC).over;
            over.against(at(1, 9) + TimeDelta::days(days), &paid[0].1, Tz::UTC)
        };
        assert!(against(&paid, 60) < -4.0);
        assert!(against(&paid, LONG).abs() < f64::EPSILON);
        assert!(against(&paid[1..], 60).abs() < f64::EPSILON, "too few");
        for (facts, _) in paid.iter_mut().step_by(2) {
            facts.made_at = facts.made_at.map(|at| at + TimeDelta::days(90));
        }
        assert!(against(&paid, 60) > -2.0, "half of them pay later");
    }

    #[test]
    fn an_amount_that_is_no_usual_part_tells_against_a_booking_where_parts_are_usual() {
        let euros = |minor| Money::new(minor, Currency::parse("eur").unwrap());
        let habits = |price: &dyn Fn(i64) -> i64| {
            let mut paid = paid_on_the_day(30);
            for (at, (_, booking)) in (0..).zip(&mut paid) {
                booking.totals.insert(euros(price(at)));
            }
            let of = paid.iter().map(|(facts, booking)| (facts, booking));
            Habits::of(of, std::iter::empty(), Tz::UTC)
        };
        assert!(habits(&|_| 10_000).odd_parts < -4.0);
        assert!(
            habits(&|at| 10_000 + 700 * at).odd_parts.abs() < f64::EPSILON,
            "fixed deposits"
        );
    }

    #[test]
    fn a_few_payments_tell_nothing_of_when() {
        assert_eq!(habits(ENOUGH - 1).nameless, None);
    }
}
