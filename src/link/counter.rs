//! Kinds of charge that are made at the counter: within minutes of when a booking begins, or ends.
//!
//! The backup's payments of a kind show where in a booking's life they fall, and what they never were: another amount than was
//! due, for a booking of no price, or for one that was called off. Of such a charge nearness to anything else tells nothing,
//! and the only booking that it fits is the one that was paid for.

use super::facts::Facts;
use super::habits::part_of;
use super::hypothesis::{Hypotheses, Hypothesis};
use crate::mapping::Pattern;
use crate::model::{About, When};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer charges of a kind than this do not show where they fall; fewer do where they lie as close together.
const ENOUGH: u32 = 12;
const FEW: u32 = 4;
const CLOSE: i64 = 30;
/// So many in a hundred lie between the earliest and the latest; the others were paid at odd times.
const PERCENT: usize = 95;
/// What is spread over more minutes than this is made at any time.
const SPREAD: i64 = 180;
/// What comes after those that were seen is as near as this part of their spread, and a few minutes at least.
const TAIL: i64 = 4;
const LEAST: i64 = 5;
/// What was so once in so many times tells nothing.
const SELDOM: u32 = 10;
/// What a booking is worth that alone fits, in bits.
const ALONE: f64 = 7.0;
/// What it tells besides, in bits, that the first message of a booking states no price where some have none.
const UNSAID: f64 = -3.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

/// What is known of such charges of one kind; all is in bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Counter {
    edge: Edge,
    /// From when to when it is paid, in minutes since the edge, and how many of all are.
    from: i64,
    to: i64,
    share: f64,
    /// What it tells against a booking that it is paid at another time, that it is not what is due, that the booking has no
    /// price, and that it was called off.
    outside: f64,
    odd: f64,
    unpriced: f64,
    off: f64,
    /// The backup has bookings without a price.
    some_are_unpriced: bool,
}

/// The kinds that are made at the counter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counters(BTreeMap<Pattern, Counter>);

/// What was seen of a kind.
#[derive(Default)]
struct Seen {
    all: u32,
    starts: Vec<i64>,
    ends: Vec<i64>,
    priced: u32,
    odd: u32,
    off: u32,
}

impl Counters {
    /// Out of payments and what they are for; `some_are_unpriced`: the backup has bookings without a price.
    pub fn learn<'a>(
        paid: impl Iterator<Item = (&'a Facts, &'a Hypothesis)>,
        some_are_unpriced: bool,
    ) -> Self {
        let mut seen: BTreeMap<&Pattern, Seen> = BTreeMap::new();
        for (facts, booking) in paid {
            let (Some(kind), Some(made)) = (&facts.kind, facts.made_at) else {
                continue;
            };
            let of_kind = seen.entry(kind).or_default();
            of_kind.all += 1;
            of_kind.starts.extend(minutes(made, &booking.starts));
            of_kind.ends.extend(minutes(made, &booking.ends));
            of_kind.off += u32::from(booking.off);
            if !booking.totals.is_empty() {
                of_kind.priced += 1;
                of_kind.odd += u32::from(!is_due(facts, booking));
            }
        }
        let known = seen.into_iter().filter_map(|(kind, seen)| {
            let counter = Counter::of(&seen, some_are_unpriced)?;
            Some((kind.clone(), counter))
        });
        Self(known.collect())
    }

    /// What is known of a charge's kind.
    pub fn of(&self, facts: &Facts) -> Option<&Counter> {
        self.0.get(facts.kind.as_ref()?)
    }
}

impl Counter {
    fn of(seen: &Seen, some_are_unpriced: bool) -> Option<Self> {
        let most = match seen.all {
            ..FEW => return None,
            FEW..ENOUGH => CLOSE,
            ENOUGH.. => SPREAD,
        };
        let of = |edge: Edge, minutes: &[i64]| {
            let (from, to) = narrowest(minutes, (seen.all as usize * PERCENT).div_ceil(100))?;
            (to - from <= most).then_some((to - from, edge, from, to))
        };
        let (start, end) = (of(Edge::Start, &seen.starts), of(Edge::End, &seen.ends));
        let (spread, edge, from, to) = match (start, end) {
            (Some(start), Some(end)) if end.0 < start.0 => end,
            (start, end) => start.or(end)?,
        };
        let tail = (spread / TAIL).max(LEAST);
        let (from, to) = (from - tail, to + tail);
        let minutes = if edge == Edge::Start {
            &seen.starts
        } else {
            &seen.ends
        };
        let inside = minutes.iter().filter(|at| (from..=to).contains(*at)).count() as u32;
        Some(Self {
            edge,
            from,
            to,
            share: (f64::from(inside) + 0.2) / (f64::from(seen.all) + 1.0),
            outside: never(seen.all - inside.min(seen.all), seen.all),
            odd: never(seen.odd, seen.priced),
            unpriced: never(seen.all - seen.priced, seen.all),
            off: never(seen.off, seen.all),
            some_are_unpriced,
        })
    }

    fn edges<'a>(&self, booking: &'a Hypothesis) -> &'a BTreeSet<When> {
        match self.edge {
            Edge::Start => &booking.starts,
            Edge::End => &booking.ends,
        }
    }

    /// The bookings that begin, or end, where this is paid.
    pub fn near(&self, made: DateTime<Utc>, all: &Hypotheses) -> BTreeSet<usize> {
        let edges = match self.edge {
            Edge::Start => &all.starts,
            Edge::End => &all.ends,
        };
        let from = When::Instant(made - TimeDelta::minutes(self.to));
        let to = When::Instant(made - TimeDelta::minutes(self.from));
        let about = edges.range(from..=to);
        about.flat_map(|(_, found)| found).copied().collect()
    }

    /// Whether it is paid when a booking begins, or ends; None where nobody knows when that is.
    fn is_near(&self, facts: &Facts, booking: &Hypothesis) -> Option<bool> {
        let mut minutes = minutes(facts.made_at?, self.edges(booking)).peekable();
        minutes.peek()?;
        Some(minutes.any(|at| (self.from..=self.to).contains(&at)))
    }

    /// What its moment tells, in bits.
    pub fn moment(&self, facts: &Facts, booking: &Hypothesis, all: &Hypotheses) -> f64 {
        match (self.is_near(facts, booking), facts.made_at) {
            (Some(true), Some(made)) => {
                let others = self.near(made, all).len().max(1);
                (self.share * all.all.len() as f64 / others as f64).log2()
            }
            (Some(false), _) => self.outside,
            _ => 0.0,
        }
    }

    /// What tells against a booking, in bits: it owes something else, has no price, or was called off. `parts`: what parts of a
    /// price are usual, of which the others may just not be found.
    pub fn against(&self, facts: &Facts, booking: &Hypothesis, parts: &[(i64, f64)]) -> f64 {
        let price = if booking.totals.is_empty() {
            match booking.about {
                About::Baseline(_) => self.unpriced,
                // Its first message would have stated one.
                About::New if booking.opened && self.some_are_unpriced => self.unpriced + UNSAID,
                About::New => 0.0,
            }
        } else if is_due(facts, booking) || is_usual_part(facts, booking, parts) {
            0.0
        } else {
            self.odd
        };
        price + if booking.off { self.off } else { 0.0 }
    }

    /// Marks the only booking that it fits in all that is known, where no other may be it whose price nobody knows. Of what is
    /// hired out to one at a time, the booking of just the thing that it names may have no known price either.
    pub fn prefer_alone(&self, facts: &Facts, ranked: &mut [(usize, f64)], all: &Hypotheses) {
        if !facts.pays {
            return;
        }
        let may_be = |(at, _): &(usize, f64)| {
            let booking = &all.all[*at];
            self.is_near(facts, booking) == Some(true)
                && self.against(facts, booking, &all.habits.parts) == 0.0
                && !is_anothers(facts, booking, all)
        };
        let mut fitting = ranked.iter_mut().filter(|place| may_be(place));
        if let (Some((at, bits)), None) = (fitting.next(), fitting.next()) {
            let booking = &all.all[*at];
            let is_priced = !booking.totals.is_empty();
            if is_due(facts, booking) || !is_priced && is_of_its_thing(facts, booking) {
                *bits = bits.max(ALONE);
            }
        }
    }

    /// Whether a charge that names nobody names the very thing of a booking that begins, or ends, where such are made: what
    /// speaks against it there is worth a question.
    pub fn is_there(&self, facts: &Facts, booking: &Hypothesis) -> bool {
        self.is_near(facts, booking) == Some(true) && is_of_its_thing(facts, booking)
    }
}

fn is_of_its_thing(facts: &Facts, booking: &Hypothesis) -> bool {
    let mut named = facts.resources.iter().filter(|set| set.len() == 1).flatten();
    named.any(|key| booking.resources.contains(key))
}

/// Whether both say whose they are, and it is not the same person, or of another thing.
fn is_anothers(facts: &Facts, booking: &Hypothesis, all: &Hypotheses) -> bool {
    let apart = |mine: &BTreeSet<String>, theirs: &BTreeSet<String>| {
        !mine.is_empty() && !theirs.is_empty() && mine.is_disjoint(theirs)
    };
    let named = all.are_different_customers(&facts.customers, &booking.customers)
        || apart(&facts.emails, &booking.emails)
        || apart(&facts.names, &booking.names);
    let things: BTreeSet<String> = facts.resources.iter().flatten().cloned().collect();
    named && !booking.same_person(facts) || apart(&things, &booking.resources)
}

/// Whether a charge is just what a booking costs, or what is left of that.
fn is_due(facts: &Facts, booking: &Hypothesis) -> bool {
    let own = |id: &str| facts.amounts.iter().any(|(charge, _)| charge == id);
    let others = booking
        .charges
        .iter()
        .filter(|(id, taken)| !own(id) && !taken.repaid);
    let paid: i64 = others.map(|(_, taken)| taken.minor).sum();
    let of = |total: i64| {
        let mut amounts = facts.amounts.iter();
        amounts.any(|(_, amount)| amount.minor == total - paid)
    };
    booking.totals.iter().any(|total| of(total.minor))
}

/// Whether a charge is a usual part of the price of a booking of which nothing was paid, as far as it is known.
fn is_usual_part(facts: &Facts, booking: &Hypothesis, parts: &[(i64, f64)]) -> bool {
    let [(_, amount)] = facts.amounts.as_slice() else {
        return false;
    };
    let mut totals = booking.totals.iter().filter(|total| total.minor > 0);
    booking.charges.is_empty()
        && totals.any(|total| {
            let part = part_of(amount.minor, total.minor);
            parts.iter().any(|(usual, _)| *usual == part)
        })
}

fn minutes(made: DateTime<Utc>, edges: &BTreeSet<When>) -> impl Iterator<Item = i64> {
    edges.iter().filter_map(move |edge| match edge {
        When::Instant(at) => Some((made - *at).num_minutes()),
        When::Date(_) => None,
    })
}

/// The narrowest span that holds so many of them.
fn narrowest(minutes: &[i64], count: usize) -> Option<(i64, i64)> {
    let mut sorted = minutes.to_vec();
    sorted.sort_unstable();
    let spans = sorted.windows(count.max(1));
    let ends = spans.filter_map(|span| Some((*span.first()?, *span.last()?)));
    ends.min_by_key(|(from, to)| to - from)
}

/// What it tells against a booking, in bits, that something is so which hardly ever was.
/// Source of the half: Krichevsky & Trofimov (1981).
fn never(seen: u32, all: u32) -> f64 {
    if all < FEW || seen * SELDOM > all {
        return 0.0;
    }
    ((f64::from(seen) + 0.5) / (f64::from(all) + 1.0)).log2()
}

#[cfg(test)]
mod tests {
    use super::super::hypothesis::samples::{booking, money};
    use super::*;
    use crate::mapping::{Piece, Token};
    use chrono::TimeZone;

    fn at(minutes: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 5, 9, 0, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    /// A booking of this price, made two days before, from this minute on for an hour.
    fn from(minute: i64, total: i64) -> Hypothesis {
        let mut made = booking(total, 0);
        made.made_at = Some(at(minute) - TimeDelta::days(2));
        made.starts.insert(When::Instant(at(minute)));
        made.ends.insert(When::Instant(at(minute + 60 + minute % 50)));
        made
    }

    fn till(minute: i64, amount: i64) -> Facts {
        Facts {
            kind: Some(Pattern(vec![Piece::Is(Token::Word("till".into()))])),
            amounts: vec![(format!("ch_{minute}"), money(amount))],
            made_at: Some(at(minute)),
            pays: true,
            ..Facts::default()
        }
    }

    /// Bookings a day apart, each paid so many minutes after it began.
    fn paid(after: &[i64]) -> Vec<(Facts, Hypothesis)> {
        let days = (0..).map(|day| day * 1440);
        let of = days
            .zip(after)
            .map(|(day, after)| (till(day + after, 5000 + day), from(day, 5000 + day)));
        of.collect()
    }

    fn learned(after: &[i64]) -> Counters {
        let paid = paid(after);
        Counters::learn(paid.iter().map(|(facts, booking)| (facts, booking)), true)
    }

    /// What each booking is worth to a charge, out of nothing.
    fn preferred(facts: &Facts, bookings: Vec<Hypothesis>) -> Vec<f64> {
        let after: Vec<i64> = (0..20).map(|at| at % 8 + 2).collect();
        let counters = learned(&after);
        let counter = counters.of(facts).expect("a kind");
        let mut all = Hypotheses::default();
        for booking in bookings {
            all.add(booking);
        }
        all.index(chrono_tz::UTC);
        let mut ranked: Vec<(usize, f64)> = (0..all.all.len()).map(|at| (at, 0.0)).collect();
        counter.prefer_alone(facts, &mut ranked, &all);
        ranked.into_iter().map(|(_, bits)| bits).collect()
    }

    #[test]
    fn where_a_kind_is_paid_is_learned_with_its_tail() {
        let after: Vec<i64> = (0..20).map(|at| at * 3).collect();
        let counters = learned(&after);
        let counter = counters.of(&till(0, 5000)).expect("a kind");
        let near = |minutes| counter.is_near(&till(minutes, 5000), &from(0, 5000));
        assert_eq!(near(60), Some(true), "a little later than any that was seen");
        assert_eq!(near(120), Some(false));
        assert_eq!(
            near(-2 * 1440),
            Some(false),
            "that it was made then tells nothing"
        );
        let spread: Vec<i64> = (0..20).map(|at| at * 90).collect();
        assert!(learned(&spread).of(&till(0, 5000)).is_none(), "at any time");
        assert!(learned(&[5, 6, 7]).of(&till(0, 5000)).is_none(), "too few");
        assert!(
            learned(&[5, 6, 7, 9]).of(&till(0, 5000)).is_some(),
            "few, but close"
        );
    }

    #[test]
    fn the_only_booking_that_fits_in_all_was_paid_for() {
        let alone = |bookings| preferred(&till(5, 5000), bookings);
        assert_eq!(
            alone(vec![from(0, 5000), from(1, 9900), from(300, 5000)]),
            [ALONE, 0.0, 0.0]
        );
        assert_eq!(alone(vec![from(0, 5000), from(1, 5000)]), [0.0, 0.0], "either");
        let mut unknown = from(1, 1);
        unknown.totals.clear();
        assert_eq!(
            alone(vec![from(0, 5000), unknown.clone()]),
            [0.0, 0.0],
            "one may cost just that"
        );
        unknown.opened = true;
        assert_eq!(
            alone(vec![from(0, 5000), unknown]),
            [ALONE, 0.0],
            "its message states no price"
        );
        let mut off = from(1, 5000);
        off.off = true;
        assert_eq!(alone(vec![from(0, 5000), off]), [ALONE, 0.0], "it was called off");
    }

    #[test]
    fn what_is_left_of_the_price_is_due() {
        let mut part = booking(5000, 2000);
        assert!(is_due(&till(0, 3000), &part));
        assert!(!is_due(&till(0, 5000), &part));
        part.charges.values_mut().for_each(|taken| taken.repaid = true);
        assert!(is_due(&till(0, 5000), &part));
    }
}
