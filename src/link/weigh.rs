//! Match weights: how much each agreement between a unit and a booking tells, in bits.
//!
//! m, the chance of agreement where both tell of the same booking, is set per comparison; u, the chance
//! where they do not, is how many of the bookings at hand share the value. What is not stated weighs
//! nothing. A name, an address and a phone are one observation of a person: the best counts once.

use super::asks;
use super::day_month;
use super::facts::Facts;
use super::habits::{MINUTES, Near, WINDOWS, part_of};
use super::hypothesis::{Hypotheses, Hypothesis, Taken, hour};
use super::receipts;
use super::scripts;
use super::standing;
use super::tails;
use crate::mapping::ideograph;
use crate::model::{About, Comparison, Money, SourceKind, Step, When};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A value that more bookings share than this proposes no candidates.
const COMMON: usize = 60;
/// An entry or a payment follows its booking within this, as a rule; clocks differ a little.
const SOON: TimeDelta = TimeDelta::minutes(60);
const EARLY: TimeDelta = TimeDelta::minutes(10);

/// What it tells that a charge is of a kind that pays for bookings nearly always.
const PAYS: f64 = 3.0;
/// What it tells that a booking has no entry yet, and that it has one for another time.
const ONE_ENTRY: f64 = 3.0;
pub(super) const ANOTHER_ENTRY: f64 = -4.0;
/// What it tells that somebody of the same name has another address.
const OTHER_ADDRESS: f64 = -3.0;
/// What it tells that a record states another customer's number, or another booking's key.
const OTHER_NUMBER: f64 = -6.0;

/// All hypotheses that share something rare with a unit, by posterior odds in bits, best first.
pub fn rank(
    facts: &Facts,
    kind: SourceKind,
    hypotheses: &Hypotheses,
    resources: usize,
    zone: Tz,
) -> Vec<(usize, f64)> {
    let mut candidates: BTreeSet<usize> = BTreeSet::new();
    let texts = facts
        .emails
        .iter()
        .chain(&facts.phones)
        .chain(&facts.names)
        .chain(&facts.words)
        .chain(&facts.customers);
    for text in texts {
        if let Some(found) = hypotheses.texts.get(text).filter(|found| found.len() <= COMMON) {
            candidates.extend(found);
        }
    }
    for code in &facts.codes {
        if let Some(found) = hypotheses.codes.get(code).filter(|found| found.len() <= COMMON) {
            candidates.extend(found);
        }
    }
    if facts.starts.is_empty() {
        for end in &facts.ends {
            if let Some(found) = hypotheses.ends.get(end).filter(|found| found.len() <= COMMON) {
                candidates.extend(found);
            }
        }
    }
    for start in &facts.starts {
        if let Some(found) = hypotheses.starts.get(start).filter(|found| found.len() <= COMMON) {
            candidates.extend(found);
        }
        for resource in facts.resources.iter().flatten() {
            for days in -2..=2 {
                let day = start.date(zone) + TimeDelta::days(days);
                if let Some(found) = hypotheses.days.get(&(resource.clone(), day)) {
                    candidates.extend(found);
                }
            }
        }
    }
    // Entries and payments are made with the booking: where names are common this finds the right one.
    candidates.extend(day_month::near(facts, hypotheses, zone));
    let stated = receipts::stated(facts, hypotheses);
    candidates.extend(stated.map(|(at, _)| at));
    if let Some(made) = facts.made_at {
        let near = hypotheses.made.range((made - SOON, 0)..(made + EARLY, 0));
        candidates.extend(near.take(COMMON).map(|(_, at)| *at));
        if let Some(counter) = hypotheses.habits.counters.of(facts) {
            candidates.extend(counter.near(made, hypotheses));
        }
        if kind == SourceKind::Stripe {
            // What is paid at the counter names nobody, and is paid when the booking begins or ends.
            let about = When::Instant(made - SOON)..When::Instant(made + SOON);
            for edges in [&hypotheses.starts, &hypotheses.ends] {
                let near = edges.range(about.clone()).take(COMMON);
                candidates.extend(near.flat_map(|(_, found)| found));
                let day = edges.get(&When::Date(made.with_timezone(&zone).date_naive()));
                candidates.extend(day.filter(|found| found.len() <= COMMON).into_iter().flatten());
            }
        }
    }
    let prior = prior(hypotheses);
    let mut ranked: Vec<(usize, f64)> = candidates
        .into_iter()
        .filter(|at| {
            let tenant = &hypotheses.all[*at].tenant;
            tenant.is_none() || facts.tenant.is_none() || *tenant == facts.tenant
        })
        .filter(|at| !is_another_partys(facts, &hypotheses.all[*at], hypotheses))
        .map(|at| {
            let weight = weigh(facts, kind, &hypotheses.all[at], hypotheses, resources, zone);
            (at, weight.bits - prior)
        })
        .collect();
    if let Some((at, bits)) = stated {
        receipts::prefer((at, bits), &mut ranked);
    }
    if let Some(counter) = hypotheses.habits.counters.of(facts) {
        counter.prefer_alone(facts, &mut ranked, hypotheses);
    } else if facts.is_nameless() && !facts.amounts.is_empty() {
        yield_to_unpriced(&mut ranked, hypotheses);
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked
}

/// Of those who come together each has a line of their own: one with another phone, or that names somebody else, is not that
/// of a booking.
fn is_another_partys(facts: &Facts, booking: &Hypothesis, all: &Hypotheses) -> bool {
    if !facts.party {
        return false;
    }
    if booking.same_person(facts) {
        return is_of_the_family(facts, booking, all);
    }
    let has_phones = !facts.phones.is_empty() && !booking.phones.is_empty();
    has_phones || is_named_otherwise(facts, booking, all)
}

/// Whether a line has one word of the booking's name and another of somebody else's, and is for another time.
fn is_of_the_family(facts: &Facts, booking: &Hypothesis, all: &Hypotheses) -> bool {
    let others = facts.words.difference(&booking.words);
    facts.words.intersection(&booking.words).count() == 1
        && booking.words.len() > 1
        && others.filter(|word| all.people.contains(*word)).count() == 1
        && facts.words.len() == 2
        && facts.phones.is_disjoint(&booking.phones)
        && facts.emails.is_disjoint(&booking.emails)
        && facts.customers.is_disjoint(&booking.customers)
        && !facts.starts.is_empty()
        && !booking.starts.is_empty()
        && facts.starts.is_disjoint(&booking.starts)
}

/// Whether a line has words of people's names, and none that is alike one of the booking's: those may be misspelt, or short.
fn is_named_otherwise(facts: &Facts, booking: &Hypothesis, all: &Hypotheses) -> bool {
    let (said, own) = (&facts.words, &booking.words);
    let begin = |word: &String| -> String { word.chars().take(2).collect() };
    let begins: BTreeSet<String> = own.iter().map(begin).collect();
    !own.is_empty()
        && said.iter().any(|word| all.people.contains(word))
        && !said.iter().any(|word| begins.contains(&begin(word)))
        && addressed(said, own).is_empty()
        && scripts::alike(said, own).is_empty()
        && !scripts::are_apart(said, own)
}

/// What a booking of unknown price would be worth more to a payment, in bits, if it cost just that.
const UNPRICED: f64 = 5.0;
/// So much better a booking is that fits by its price than one that may fit as well.
const CLEARLY: f64 = 3.0;
/// What the bookings are worth to a payment of which nothing tells whose it is: less than that it is nobody's.
const UNSAID: f64 = -1.0;

/// A payment that names nobody, and fits a booking by its amount alone, is not placed where another booking of which nobody
/// knows the price may be the one as well.
fn yield_to_unpriced(ranked: &mut [(usize, f64)], hypotheses: &Hypotheses) {
    let is_open = |at: usize| hypotheses.all[at].totals.is_empty();
    let open = ranked
        .iter()
        .filter(|(at, _)| is_open(*at))
        .map(|(_, bits)| bits + UNPRICED);
    let open = open.fold(f64::NEG_INFINITY, f64::max);
    let best = ranked
        .iter()
        .filter(|(at, _)| !is_open(*at))
        .map(|(_, bits)| *bits);
    let best = best.fold(f64::NEG_INFINITY, f64::max);
    if best > 0.0 && open + CLEARLY > best {
        for (_, bits) in ranked {
            *bits = bits.min(UNSAID);
        }
    }
}

/// What no comparison knows: any booking is as likely as another.
fn prior(all: &Hypotheses) -> f64 {
    (all.all.len().max(2) as f64).log2()
}

/// What all comparisons tell together, without the prior, and what each tells.
#[derive(Debug, Clone, Copy)]
pub struct Weight {
    bits: f64,
    told: [(Comparison, f64); 9],
}

impl Weight {
    /// The steps from the prior on; a comparison that tells nothing is left out.
    pub fn steps(&self, all: &Hypotheses) -> Vec<Step> {
        let told = [(Comparison::Prior, -prior(all))].into_iter().chain(self.told);
        let steps = told.map(|(comparison, bits)| Step {
            comparison,
            millibits: (bits * 1000.0).round() as i64,
        });
        let mut steps: Vec<Step> = steps.filter(|step| step.millibits != 0).collect();
        steps.sort_by_key(|step| step.comparison);
        steps
    }
}

pub fn weigh(
    facts: &Facts,
    kind: SourceKind,
    hypothesis: &Hypothesis,
    all: &Hypotheses,
    resources: usize,
    zone: Tz,
) -> Weight {
    let [person, address] = person(facts, kind, hypothesis, all);
    let mut bits = person.1 + address.1;
    let apart = times(facts, hypothesis, all, zone)
        + day_month::bits(facts, hypothesis, all, zone).unwrap_or_default();
    // What was sent as a row of the backup was made is about it, though the row may have been changed since; and what was
    // sent as an entry was made that no message tells of yet.
    let is_known = matches!(hypothesis.about, About::Baseline(_)) || hypothesis.planned && !hypothesis.opened;
    let confirms = kind == SourceKind::Mail && facts.follows != Some(true) && is_known;
    let born = if confirms {
        made(facts.made_at, hypothesis.made_at)
    } else {
        0.0
    };
    let mut created = born.max(0.0);
    bits += created;
    // A change states new times: that they differ tells nothing.
    let apart = if facts.follows == Some(true) {
        apart.max(0.0)
    } else if facts.touched || born >= 5.0 {
        // An entry that was moved stands elsewhere than the booking of which nobody was told.
        apart.max(-3.0)
    } else {
        apart
    };
    bits += apart;
    let thing = resource(facts, hypothesis, resources);
    bits += thing;
    let is_other =
        !facts.keys.is_empty() && !hypothesis.keys.is_empty() && facts.keys.is_disjoint(&hypothesis.keys);
    let code = if is_other {
        OTHER_NUMBER
    } else {
        tails::code(facts, hypothesis, all)
    };
    bits += code;
    let (mut paid, mut of_kind, mut entry) = (0.0, 0.0, 0.0);
    if kind == SourceKind::Stripe {
        paid = money(facts, hypothesis, all, &hypothesis.taken());
        let near = if let Some(counter) = all.habits.counters.of(facts) {
            let against = counter.against(facts, hypothesis, &all.habits.parts);
            paid = if against < 0.0 {
                paid.min(0.0) + against
            } else {
                paid
            };
            counter.moment(facts, hypothesis, all)
        } else {
            moment(facts, hypothesis, all, (zone, paid > 0.0))
        };
        created += near;
        bits += paid + near;
        // That it pays for none of them is no longer as likely as not.
        of_kind = if facts.pays {
            PAYS
        } else {
            facts.mostly_pays.min(PAYS)
        };
        bits += of_kind;
    } else if kind == SourceKind::GoogleCalendar {
        let near = made(facts.made_at, hypothesis.made_at).max(0.0);
        entry = standing::entry(
            facts,
            hypothesis,
            all,
            apart + thing - prior(all),
            arity(facts, hypothesis),
        );
        created += near;
        bits += near + entry;
    }
    let told = [
        (Comparison::Reference, code),
        person,
        address,
        (Comparison::Times, apart),
        (Comparison::Resource, thing),
        (Comparison::Money, paid),
        (Comparison::Created, created),
        (Comparison::Entry, entry),
        (Comparison::Kind, of_kind),
    ];
    Weight { bits, told }
}

/// A booking has one calendar entry: one that has none yet is the likelier home of an entry, one that
/// has another the less likely. What stands beside bookings stands beside their entries.
fn arity(facts: &Facts, hypothesis: &Hypothesis) -> f64 {
    if facts.aside {
        return 0.0;
    }
    let same = facts.starts.intersection(&hypothesis.starts).next().is_some();
    match (hypothesis.planned, same) {
        (false, _) => ONE_ENTRY,
        (true, true) => 0.0,
        // One for the start and one for the end are the entries of one booking.
        (true, false) if facts.starts.is_empty() && !facts.ends.is_empty() => 0.0,
        (true, false) => ANOTHER_ENTRY,
    }
}

/// By how many bits two records are worth more at one booking together than each alone: two entries for different times
/// are of two bookings, two payments of which each is the whole price pay for two, and a part with the rest for one.
pub fn clash((a, b): (&Facts, &Facts), kind: SourceKind, hypothesis: &Hypothesis, all: &Hypotheses) -> f64 {
    match kind {
        SourceKind::Mail => 0.0,
        SourceKind::GoogleCalendar => {
            if !a.planned || !b.planned || hypothesis.planned {
                return 0.0;
            }
            let ends = |facts: &Facts| facts.starts.is_empty() && !facts.ends.is_empty();
            if a.starts.intersection(&b.starts).next().is_some() || ends(a) != ends(b) {
                -ONE_ENTRY
            } else {
                ANOTHER_ENTRY - ONE_ENTRY
            }
        }
        SourceKind::Stripe => {
            let is_twin = |(_, amount): &(String, Money)| {
                let taken = Taken {
                    minor: amount.minor,
                    made_at: a.made_at,
                    repaid: a.repaid,
                    given_back: 0,
                };
                taken.is_twin(b)
            };
            if a.amounts.iter().any(is_twin) && a.is_by_the_same(b) {
                return 0.0;
            }
            let paid = hypothesis.taken();
            let after = |first: &Facts, second: &Facts| {
                let mut with = paid.clone();
                with.extend(first.amounts.iter().map(|(_, money)| money.minor));
                money(second, hypothesis, all, &with) - money(second, hypothesis, all, &paid)
            };
            let (ab, ba) = (after(a, b), after(b, a));
            // Whichever came first: what speaks against it does.
            if ab.min(ba) < 0.0 { ab.min(ba) } else { ab.max(ba) }
        }
    }
}

pub fn rarity(all: &Hypotheses, count: usize, m: f64) -> f64 {
    (m * all.all.len() as f64 / count.max(1) as f64).log2()
}

/// What tells most of the person, and what another address tells against it.
pub fn person(
    facts: &Facts,
    kind: SourceKind,
    hypothesis: &Hypothesis,
    all: &Hypotheses,
) -> [(Comparison, f64); 2] {
    let count = |text: &String| all.texts.get(text).map_or(1, BTreeSet::len);
    let best = |mine: &BTreeSet<String>, theirs: &BTreeSet<String>, m: f64| {
        mine.intersection(theirs)
            .map(|text| rarity(all, count(text), m))
            .fold(f64::NEG_INFINITY, f64::max)
    };
    // A number is one person's alone, where an address is a family's.
    let number = best(&facts.customers, &hypothesis.customers, 0.9);
    let is_other = all.are_different_customers(&facts.customers, &hypothesis.customers);
    // Whoever pays may have a number too.
    if is_other && kind != SourceKind::Stripe {
        return [(Comparison::Customer, OTHER_NUMBER), (Comparison::Email, 0.0)];
    }
    let email = best(&facts.emails, &hypothesis.emails, 0.9);
    let phone = best(&facts.phones, &hypothesis.phones, 0.9);
    let name = best(&facts.names, &hypothesis.names, 0.9);
    // Two words of a name together are as good as the name; one is a surname, a nickname or chance.
    let mut shared: Vec<&String> = facts.words.intersection(&hypothesis.words).collect();
    if shared.is_empty() {
        shared = addressed(&facts.words, &hypothesis.words);
    }
    let is_entry = kind == SourceKind::GoogleCalendar;
    if shared.is_empty() && is_entry {
        shared = scripts::alike(&facts.words, &hypothesis.words);
    }
    let word = match shared.len() {
        0 => f64::NEG_INFINITY,
        1 => rarity(all, count(shared[0]), 0.4),
        _ => {
            let sets: Vec<&BTreeSet<usize>> = shared.iter().filter_map(|word| all.texts.get(*word)).collect();
            let least = sets.iter().min_by_key(|set| set.len());
            let both = least.map_or(1, |least| {
                least
                    .iter()
                    .filter(|at| sets.iter().all(|set| set.contains(at)))
                    .count()
            });
            rarity(all, both, 0.8)
        }
    };
    let address = email.max(phone).max(number);
    let best = address.max(name).max(word);
    if best.is_finite() {
        // A namesake pays with an address of their own, and is written to at one.
        let is_namesake = match kind {
            SourceKind::Stripe => true,
            SourceKind::Mail => shared.len() == 1 && !name.is_finite(),
            SourceKind::GoogleCalendar => false,
        };
        let other =
            is_namesake && !address.is_finite() && !facts.emails.is_empty() && !hypothesis.emails.is_empty();
        let by = if best <= number {
            Comparison::Customer
        } else if best <= email {
            Comparison::Email
        } else if best <= phone {
            Comparison::Phone
        } else {
            Comparison::Name
        };
        return [
            (by, best),
            (Comparison::Email, if other { OTHER_ADDRESS } else { 0.0 }),
        ];
    }
    // Whoever books for a firm stands in the calendar by their own name: it is as rare as the address that they are written to.
    let readers = || facts.words.intersection(&hypothesis.readers);
    if is_entry && readers().nth(1).is_some() {
        let known = hypothesis
            .emails
            .iter()
            .map(|email| rarity(all, count(email), 0.8));
        return [
            (Comparison::Name, known.fold(0.0, f64::max)),
            (Comparison::Email, 0.0),
        ];
    }
    let known = !facts.emails.is_empty() || !facts.names.is_empty() || !facts.words.is_empty();
    // A card in another script than the booking's may well be the same person's.
    let other_script = if is_entry {
        scripts::are_apart(&facts.words, &hypothesis.words)
    } else {
        (facts.emails.is_empty() || hypothesis.emails.is_empty())
            && scripts::differ(&facts.names, &hypothesis.names)
    };
    // Who left no address and no name is not another person.
    let addresses = !facts.emails.is_empty() && !hypothesis.emails.is_empty();
    let names = !facts.words.is_empty() && !hypothesis.words.is_empty();
    let told = kind == SourceKind::Stripe || addresses || names;
    let stranger = match (known && told && !other_script, kind) {
        (false, _) => 0.0,
        // Somebody else may pay, as often as before.
        (true, SourceKind::Stripe) => all.habits.strangers,
        (true, SourceKind::GoogleCalendar) => all.habits.misnamed.unwrap_or(standing::MISNAMED),
        (true, SourceKind::Mail) => -6.0,
    };
    [(Comparison::Name, stranger), (Comparison::Email, 0.0)]
}

/// The words of a name that others begin with, in scripts without spaces: how somebody is addressed is written to the name.
fn addressed<'a>(said: &BTreeSet<String>, names: &'a BTreeSet<String>) -> Vec<&'a String> {
    let unspaced = |word: &&String| word.chars().all(|char| ideograph(char) || hangul(char));
    let longer: Vec<&String> = said.iter().filter(unspaced).collect();
    let names = names.iter().filter(unspaced);
    names
        .filter(|name| longer.iter().any(|word| word.starts_with(name.as_str())))
        .collect()
}

fn hangul(char: char) -> bool {
    ('\u{ac00}'..='\u{d7a3}').contains(&char)
}

fn times(facts: &Facts, hypothesis: &Hypothesis, all: &Hypotheses, zone: Tz) -> f64 {
    if let Some(at) = facts.stands {
        // Where no rule reads which of the two an entry is for, that it stands at either tells as much.
        let mine = BTreeSet::from([at]);
        let start = edge((&mine, &hypothesis.starts), &all.starts, all, zone);
        let end = edge((&mine, &hypothesis.ends), &all.ends, all, zone);
        return start.max(end).max(0.0);
    }
    // One entry may tell when it starts and another when it ends: alone, an end tells as much as a start.
    if facts.starts.is_empty() {
        return edge((&facts.ends, &hypothesis.ends), &all.ends, all, zone);
    }
    let mut bits = edge((&facts.starts, &hypothesis.starts), &all.starts, all, zone);
    if !facts.ends.is_empty() && !hypothesis.ends.is_empty() {
        let same = common(&facts.ends, &hypothesis.ends, all.by_day, zone).is_some();
        // Where both ends agree, the second tells less: lengths repeat.
        bits += if same { 2.0 } else { -1.0 };
    }
    bits
}

/// How well one edge of a booking agrees: the fewer others have it at this moment, the more it tells.
fn edge(
    (mine, theirs): (&BTreeSet<When>, &BTreeSet<When>),
    edges: &BTreeMap<When, BTreeSet<usize>>,
    all: &Hypotheses,
    zone: Tz,
) -> f64 {
    if mine.is_empty() || theirs.is_empty() {
        return 0.0;
    }
    if let Some(common) = common(mine, theirs, all.by_day, zone) {
        return rarity(all, having(common, edges, zone), 0.85).min(8.0);
    }
    let day = |when: &When| when.date(zone);
    let apart = |a: &When, b: &When| (day(a) - day(b)).num_days().abs();
    let near = mine
        .iter()
        .flat_map(|a| theirs.iter().map(move |b| apart(a, b)))
        .min();
    match near {
        Some(0) => 3.0,
        Some(1..=2) => -3.0,
        _ => -7.0,
    }
}

/// What both state of an edge: the moment, or its day where no more is known of the booking. What states a day alone where
/// bookings have hours may be anything of that day.
fn common(mine: &BTreeSet<When>, theirs: &BTreeSet<When>, by_day: bool, zone: Tz) -> Option<When> {
    if let Some(exact) = mine.intersection(theirs).next() {
        return Some(*exact);
    }
    let is_timed = |edges: &BTreeSet<When>, day: NaiveDate| {
        let mut edges = edges.iter();
        edges.any(|edge| matches!(edge, When::Instant(_)) && edge.date(zone) == day)
    };
    let bare = |of: &BTreeSet<When>, other: &BTreeSet<When>| {
        let mut days = of.iter();
        let found =
            days.find(|edge| matches!(edge, When::Date(day) if !is_timed(of, *day) && is_timed(other, *day)));
        found.copied()
    };
    bare(theirs, mine).or_else(|| bare(mine, theirs).filter(|_| by_day))
}

/// How many have an edge at a moment, or on a day.
fn having(edge: When, edges: &BTreeMap<When, BTreeSet<usize>>, zone: Tz) -> usize {
    let at = edges.get(&edge);
    let When::Date(day) = edge else {
        return at.map_or(1, BTreeSet::len);
    };
    let midnight = day.and_time(NaiveTime::MIN).and_utc();
    let near = When::Instant(midnight - TimeDelta::days(1))..When::Instant(midnight + TimeDelta::days(2));
    let timed = edges.range(near).filter(|(when, _)| when.date(zone) == day);
    let found: BTreeSet<usize> = timed
        .flat_map(|(_, found)| found)
        .chain(at.into_iter().flatten())
        .copied()
        .collect();
    found.len().max(1)
}

fn resource(facts: &Facts, hypothesis: &Hypothesis, resources: usize) -> f64 {
    if facts.resources.is_empty() || hypothesis.resources.is_empty() {
        return 0.0;
    }
    let sets = facts
        .resources
        .iter()
        .filter(|set| set.iter().any(|key| hypothesis.resources.contains(key)));
    match sets.map(Vec::len).min() {
        Some(ways) => (resources as f64 / ways as f64).log2().clamp(0.0, 6.0),
        None => -6.0,
    }
}

/// Amounts: the price, what is still due of it after what was paid, or neither.
fn money(facts: &Facts, hypothesis: &Hypothesis, all: &Hypotheses, taken: &[i64]) -> f64 {
    let asked = facts.amounts.iter();
    let asked = asked.filter_map(|(_, amount)| asks::bits(facts, hypothesis, *amount, all));
    let asked = asked.fold(f64::NEG_INFINITY, f64::max);
    // Whoever has paid what they were asked for is not asked for it again.
    let again = facts
        .amounts
        .iter()
        .any(|(_, amount)| taken.contains(&amount.minor));
    let mut best = if again { f64::NEG_INFINITY } else { asked };
    if facts.amounts.is_empty() || hypothesis.totals.is_empty() {
        return best.max(0.0);
    }
    let paid: i64 = taken.iter().sum();
    for (_, amount) in &facts.amounts {
        for total in &hypothesis.totals {
            let weight = if amount == total {
                // Paid twice is seldom, but by a double click.
                let twin = hypothesis.charges.values().any(|taken| taken.is_twin(facts));
                // Nor is the whole price after a part of it, unless that was given back.
                let is_over = paid >= total.minor || paid > 0 && !hypothesis.repaid;
                let again = if is_over && !twin { -6.0 } else { 0.0 };
                let as_dear = rarity(all, all.totals.get(total).map_or(1, BTreeSet::len), 0.6);
                as_dear.max(no_sale(facts, all, *amount)) + again
            } else if !hypothesis.repaid && paid < total.minor && makes_up(total.minor - amount.minor, taken)
            {
                // Where prices are few, the rest of one is the rest of many.
                let as_much_due = rarity(all, all.dues.get(amount).copied().unwrap_or(1), 0.9);
                as_much_due.clamp(1.0, 7.0).max(no_sale(facts, all, *amount))
            } else if amount.minor < total.minor - paid {
                // A deposit is a round share of the price; another part is a fee or a fine.
                if let Some(bits) = usual_part(all, amount.minor, *total) {
                    bits
                } else if is_share(amount.minor, total.minor) {
                    2.0
                } else if facts.pays_part {
                    // Deposits of a fixed amount are no share of anything.
                    all.habits.odd_parts
                } else {
                    -6.0
                }
            } else {
                -6.0
            };
            best = best.max(weight);
        }
    }
    best
}

/// More charges than this are not tried in all ways.
const CHARGES: usize = 8;

/// Whether some of these amounts come to a sum above nothing: what else was charged is for something beside the price.
fn makes_up(sum: i64, amounts: &[i64]) -> bool {
    if sum <= 0 || amounts.len() > CHARGES {
        return sum > 0 && amounts.iter().sum::<i64>() == sum;
    }
    (1u32..1 << amounts.len()).any(|some| {
        let taken = amounts.iter().enumerate().filter(|(at, _)| some & (1 << at) != 0);
        taken.map(|(_, amount)| amount).sum::<i64>() == sum
    })
}

/// What it tells of a payment that names nobody, in bits, that what is sold beside bookings seldom costs as much.
fn no_sale(facts: &Facts, all: &Hypotheses, amount: Money) -> f64 {
    if facts.is_nameless() {
        all.habits.sales.seldom(amount).min(5.0)
    } else {
        f64::NEG_INFINITY
    }
}

/// What it tells, in bits, that an amount is to the minor unit a part of the price that payments usually are.
fn usual_part(all: &Hypotheses, amount: i64, total: Money) -> Option<f64> {
    let part = part_of(amount, total.minor.max(1));
    let share = all.habits.parts.iter().find(|(usual, _)| *usual == part)?.1;
    let as_dear = all.totals.get(&total).map_or(1, BTreeSet::len);
    Some(rarity(all, as_dear, share).clamp(2.0, 7.0))
}

/// Whether an amount is a whole percentage of a price, to the minor unit.
fn is_share(amount: i64, price: i64) -> bool {
    let percent = (amount * 100 + price / 2) / price.max(1);
    (percent * price / 100 - amount).abs() <= 1
}

/// Payments are made when a booking is made, when it begins, or when it ends. `fits`: the amount is what the booking costs.
fn moment(facts: &Facts, hypothesis: &Hypothesis, all: &Hypotheses, (zone, fits): (Tz, bool)) -> f64 {
    let Some(paid) = facts.made_at else { return 0.0 };
    if hypothesis.begun.is_some_and(|begun| paid + SOON < begun) {
        return all.habits.early;
    }
    // What is paid at the counter is not paid when it is booked, and the other way round.
    let nameless = facts.is_nameless();
    let of_such = if nameless {
        &all.habits.nameless
    } else {
        &all.habits.named
    };
    let known = of_such.as_ref();
    let [made_hours, start_hours, end_hours] = &all.hours;
    let edge = |edges: &BTreeMap<When, BTreeSet<usize>>, hours, known: Option<&Near>, when: &When| match when
    {
        When::Instant(at) => near(paid, *at, (all, hours, known, nameless), |from, to| {
            let about = When::Instant(from)..=When::Instant(to);
            edges.range(about).map(|(_, found)| found.len()).sum()
        }),
        When::Date(day) if paid.with_timezone(&zone).date_naive() == *day => {
            let others = edges.get(when).map_or(1, BTreeSet::len);
            let least = if nameless && known.is_some() {
                f64::NEG_INFINITY
            } else {
                3.0
            };
            known.map_or(3.0, |known| rarity(all, others, known.on_day()).max(least))
        }
        When::Date(_) => f64::NEG_INFINITY,
    };
    let made = hypothesis.made_at.map_or(0.0, |at| {
        let known = known.map(|known| &known.made);
        near(paid, at, (all, made_hours, known, nameless), |from, to| {
            all.made.range((from, 0)..(to, usize::MAX)).count()
        }) + match known {
            Some(known) if fits && known.is_at_once() => lonely(paid, at, all, made_hours),
            _ => 0.0,
        }
    });
    let [at_start, at_end] = [known.map(|known| &known.starts), known.map(|known| &known.ends)];
    let starts = hypothesis.starts.iter();
    let ends = hypothesis.ends.iter();
    let ahead = if hypothesis.is_ahead_of(paid, zone) {
        all.habits.ahead
    } else {
        all.habits.over.against(paid, hypothesis, zone)
    };
    ahead
        + starts
            .map(|start| edge(&all.starts, start_hours, at_start, start))
            .chain(ends.map(|end| edge(&all.ends, end_hours, at_end, end)))
            .fold(made, f64::max)
}

/// For each window the share of payments that fall into it and no narrower one, and the bits that it is worth at least,
/// where nothing is known of such payments.
const SHARES: [(f64, f64); WINDOWS.len()] = [(0.45, 8.0), (0.15, 8.0), (0.15, 5.0), (0.05, 2.0), (0.0, 0.0)];

/// So seldom at least a booking is taken to be made by chance.
const LONELY: f64 = 1.0 / 16.0;

/// How near a payment is to a moment of a booking, in bits: the fewer other bookings are as near, the more. Those of
/// minutes are counted one by one, those of a day by the hour, so that a busy day costs no more than a quiet one. What is
/// known of payments that name somebody can only add to what is assumed: their names tell the rest.
fn near(
    paid: DateTime<Utc>,
    at: DateTime<Utc>,
    (all, hours, known, nameless): (&Hypotheses, &HashMap<i64, usize>, Option<&Near>, bool),
    others: impl Fn(DateTime<Utc>, DateTime<Utc>) -> usize,
) -> f64 {
    let apart = (paid - at).num_minutes().abs();
    match WINDOWS.iter().position(|minutes| apart <= *minutes) {
        Some(window) => {
            let within = TimeDelta::minutes(WINDOWS[window]);
            // Where it is known on which side of the moment payments are, those on the other are no rivals.
            let since = paid >= at;
            let from = if known.is_some() && !since {
                paid
            } else {
                paid - within
            };
            let to = if known.is_some() && since {
                paid
            } else {
                paid + within
            };
            let count = if WINDOWS[window] <= 60 {
                others(from, to)
            } else {
                let about = hour(from)..=hour(to);
                about.filter_map(|hour| hours.get(&hour)).sum()
            };
            let (share, least) = SHARES[window];
            let learned = known.map(|known| rarity(all, count, known.in_window(window, since)));
            match learned {
                // Who names nobody and pays on another day may pay for anything.
                Some(_) if nameless && least == 0.0 => 0.0,
                Some(learned) if nameless => learned,
                Some(learned) => learned.max(least),
                None if least == 0.0 => 0.0,
                None => rarity(all, count, share).max(least),
            }
        }
        // Balances are paid weeks before or after as well.
        None => -1.5,
    }
}

/// How far around a moment it is seen how often bookings are made at such times, in hours.
const ABOUT: i64 = 3;

/// What it tells besides, in bits, that the only booking made within minutes of a payment is this one, where who books pays at
/// once, and bookings are made so seldom that by chance there would be none.
fn lonely(paid: DateTime<Utc>, at: DateTime<Utc>, all: &Hypotheses, hours: &HashMap<i64, usize>) -> f64 {
    let apart = (paid - at).num_minutes().abs();
    let Some(minutes) = WINDOWS
        .iter()
        .find(|minutes| apart <= **minutes && **minutes <= MINUTES)
    else {
        return 0.0;
    };
    let within = TimeDelta::minutes(*minutes);
    let others = all
        .made
        .range((paid - within, 0)..(paid + within, usize::MAX))
        .count();
    if others > 1 {
        return 0.0;
    }
    let about = hour(paid) - ABOUT..=hour(paid) + ABOUT;
    let made: usize = about.filter_map(|hour| hours.get(&hour)).sum();
    let chance = made as f64 * (2 * minutes) as f64 / ((2 * ABOUT + 1) * 60) as f64;
    -chance.clamp(LONELY, 1.0).log2()
}

/// How near two moments are, in bits.
fn made(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> f64 {
    let (Some(a), Some(b)) = (a, b) else { return 0.0 };
    match (a - b).num_minutes().abs() {
        0..=10 => 8.0,
        11..=60 => 5.0,
        61..=1440 => 2.0,
        1441..=10080 => 0.0,
        // Balances are paid weeks before or after as well.
        _ => -1.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_books_for_a_firm_is_known_by_whom_its_messages_went_to() {
        let set =
            |words: &[&str]| -> BTreeSet<String> { words.iter().map(|word| (*word).to_owned()).collect() };
        let mut all = Hypotheses::default();
        for number in 0..64 {
            let mut booking = Hypothesis::about_new();
            booking.names = set(&["lindenoptics"]);
            booking.words = set(&["linden", "optics"]);
            booking.emails = set(&[&format!("desk{number}@linden.example")]);
            booking.readers = set(&["ida", "moss"]);
            all.add(booking);
        }
        let name = |words: &[&str], kind| {
            let facts = Facts {
                words: set(words),
                ..Facts::default()
            };
            person(&facts, kind, &all.all[0], &all)[0].1
        };
        assert!(name(&["ida", "moss"], SourceKind::GoogleCalendar) > 0.0);
        assert!(name(&["ida", "reed"], SourceKind::GoogleCalendar) < 0.0);
        assert!(name(&["ida", "moss"], SourceKind::Mail) < 0.0);
    }

    #[test]
    fn a_day_alone_agrees_with_an_hour_of_it_where_no_more_is_known() {
        let day = NaiveDate::from_ymd_opt(2026, 7, 27).expect("a day");
        let at = |hour| When::Instant(day.and_hms_opt(hour, 0, 0).expect("an hour").and_utc());
        let set = |edges: &[When]| edges.iter().copied().collect::<BTreeSet<When>>();
        let common =
            |mine: &[When], theirs: &[When], by_day| common(&set(mine), &set(theirs), by_day, Tz::UTC);
        let bare = When::Date(day);
        assert_eq!(common(&[at(9)], &[bare], false), Some(bare));
        assert_eq!(
            common(&[at(9)], &[bare, at(11)], false),
            None,
            "another hour is known"
        );
        assert_eq!(
            common(&[bare], &[at(9)], false),
            None,
            "all of a day may be anything of it"
        );
        assert_eq!(common(&[bare], &[at(9)], true), Some(bare));
        assert_eq!(common(&[at(9)], &[at(9), bare], false), Some(at(9)));
        let edges = [
            (at(9), 1),
            (at(12), 2),
            (bare, 2),
            (When::Date(day.succ_opt().expect("a day")), 3),
        ];
        let edges = edges.map(|(when, of)| (when, BTreeSet::from([of])));
        assert_eq!(having(bare, &edges.into_iter().collect(), Tz::UTC), 2);
    }
}
