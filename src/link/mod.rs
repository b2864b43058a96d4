//! Links records that tell of the same booking.
//!
//! Input: documents with their claims, and the backup's rows. Output: clusters, each for one booking of
//! the backup or a new one, and what could not be placed. Records that share a provider's id are one
//! unit. Units that state a reference, or a charge that stands in the backup's payments, go to that
//! booking. The rest is weighed against every booking that shares something rare with it: match weights
//! are log2 of m/u, so evidence adds; u is how common the shared value is among the bookings at hand. A
//! link needs posterior odds and a margin over the next best; what has some odds but not enough is a
//! question, never a link. Source: Fellegi & Sunter (1969).

mod ahead;
mod asks;
mod at_once;
mod behind;
mod bundles;
pub mod core;
mod counter;
mod day_month;
mod facts;
mod habits;
mod hypothesis;
mod inflected;
mod joint;
mod key_lists;
mod keyed;
mod mailings;
mod margin;
mod nobodys;
mod numbers;
mod pairs;
mod parties;
mod place;
mod receipts;
mod refunds;
mod rhythm;
mod row_prices;
mod rows;
mod scripts;
mod shared;
mod standing;
mod tails;
mod tie;
mod units;
mod waterfall;
mod weigh;

use crate::mapping::{Groups, Told};
use crate::model::{Baseline, Cluster, Linked, Money, Share, SourceKind, Tried, Weighing};
use ahead::{ahead, halves, mark_mailings};
use chrono_tz::Tz;
use counter::Counters;
use facts::Facts;
pub use habits::Habits;
use hypothesis::{Hypotheses, Hypothesis};
pub use margin::Margins;
use numbers::{by_code, by_reference};
use parties::Parties;
use place::Pass;
use rayon::prelude::*;
use refunds::Known;
use shared::{Shares, Usual};
use std::collections::{BTreeMap, BTreeSet};
pub use tie::tie;
use units::Unit;
use waterfall::{Kept, Scales};

/// Rounds over what is not placed yet; most end with the second.
const PASSES: usize = 4;

/// How customers pay, by what the backup says its payments are for.
pub fn habits(told: &[Told<'_>], baseline: &Baseline, zone: Tz) -> Habits {
    let people = facts::people(told);
    let hypotheses = Hypotheses::of_baseline(baseline);
    let units = units::units(told);
    let mut entries: Vec<Facts> = (units.iter())
        .filter(|unit| unit.kind == SourceKind::GoogleCalendar)
        .map(|unit| Facts::of(unit, told, &people))
        .collect();
    let inflections = inflected::learn(&entries.iter().collect::<Vec<_>>(), &hypotheses);
    for facts in &mut entries {
        inflections.resolve(facts, &hypotheses.people);
    }
    let facts: Vec<(Facts, Option<usize>)> = units
        .iter()
        .filter(|unit| unit.kind == SourceKind::Stripe)
        .map(|unit| Facts::of(unit, told, &people))
        .map(|facts| {
            let mut charges = facts.charges.iter();
            let stood = charges.find_map(|charge| hypotheses.by_charge.get(charge));
            let home = stood.and_then(|found| found.first().copied());
            (facts, home)
        })
        .collect();
    let paid = facts
        .iter()
        .filter_map(|(facts, at)| Some((facts, &hypotheses.all[(*at)?])));
    let others = facts.iter().filter(|(_, at)| at.is_none());
    let pairs = standing::pairs(entries.iter(), &hypotheses);
    let counters = Counters::learn(paid.clone(), some_are_unpriced(baseline));
    let day_months = day_month::learn(&paid, zone);
    let learned = Habits::of(paid, others.map(|(facts, _)| facts), zone);
    Habits {
        counters,
        day_months,
        together: pay_together(&hypotheses),
        groups: groups(baseline),
        key_lists: key_lists::learn(facts.iter().map(|(facts, _)| facts), &hypotheses),
        misnamed: standing::misnamed(&pairs, &hypotheses),
        standing: standing::own(&pairs, &entries.iter().collect::<Vec<_>>(), zone),
        pools: standing::pools(&hypotheses),
        tails: tails::learn(&pairs),
        inflections,
        ..learned
    }
}

fn groups(baseline: &Baseline) -> Groups {
    let rows = baseline.bookings.iter();
    Groups::new(rows.filter_map(|row| row.reference.as_deref()))
}

/// So many bookings of the backup have no price where some have none.
const UNPRICED: usize = 8;

fn some_are_unpriced(baseline: &Baseline) -> bool {
    let rows = baseline.bookings.iter().filter(|row| row.total.is_none());
    rows.count() >= UNPRICED
}

/// Fewer charges than this on several bookings of the backup show no habit.
const TOGETHER: usize = 3;

/// Whether the backup has charges that pay for several bookings.
fn pay_together(hypotheses: &Hypotheses) -> bool {
    let several = hypotheses.by_charge.values().filter(|of| of.len() > 1);
    several.count() >= TOGETHER
}

/// Puts every record where it belongs. A link by weight needs what `margins` say; `habits` are how customers pay, where
/// more is known of that than this backup tells.
pub fn link(
    told: &[Told<'_>],
    baseline: &Baseline,
    zone: Tz,
    margins: Margins,
    habits: Option<&Habits>,
) -> Linked {
    let people = facts::people(told);
    let tell = |units: &[Unit]| -> Vec<Facts> {
        let facts = units.par_iter().map(|unit| Facts::of(unit, told, &people));
        facts.collect()
    };
    let single = units::units(told);
    let of_single = tell(&single);
    let units = pairs::joined(single, &of_single, zone);
    let mut facts = if units.len() == of_single.len() {
        of_single
    } else {
        tell(&units)
    };
    facts::forget_common_codes(&mut facts);
    let mut hypotheses = Hypotheses::of_baseline(baseline);
    let known_groups = habits.map(|habits| habits.groups.clone());
    hypotheses.group(known_groups.unwrap_or_else(|| groups(baseline)), baseline);
    let together = habits.map_or_else(|| pay_together(&hypotheses), |habits| habits.together);
    for (unit, facts) in units.iter().zip(&facts) {
        if unit.kind != SourceKind::GoogleCalendar {
            hypotheses.meet(facts);
        }
    }
    scripts::part_address(&mut facts, &hypotheses.people);
    let is_entry = |at: usize| units[at].kind == SourceKind::GoogleCalendar;
    let inflections = habits.map_or_else(
        || {
            let entries = (0..units.len()).filter(|at| is_entry(*at));
            inflected::learn(&entries.map(|at| &facts[at]).collect::<Vec<_>>(), &hypotheses)
        },
        |habits| habits.inflections.clone(),
    );
    for (_, facts) in facts.iter_mut().enumerate().filter(|(at, _)| is_entry(*at)) {
        inflections.resolve(facts, &hypotheses.people);
    }
    let listed = habits.map_or_else(
        || key_lists::learn(facts.iter(), &hypotheses),
        |habits| habits.key_lists.clone(),
    );
    key_lists::read(&mut facts, &listed);
    let resources = baseline.resources.len().max(1);
    let mut home: Vec<Option<usize>> = vec![None; units.len()];

    // What the backup's payments and the references say outright.
    let mut shares = Shares::new();
    let mut known = Known::new();
    for (at, facts) in facts.iter().enumerate() {
        let stood = facts
            .charges
            .iter()
            .find_map(|charge| hypotheses.by_charge.get(charge));
        let Some(found) = stood.cloned() else { continue };
        home[at] = found.first().copied();
        if let ([(charge, amount)], true) = (facts.amounts.as_slice(), found.len() > 1) {
            let share = |to: &usize| {
                hypotheses.all[*to]
                    .charges
                    .get(charge)
                    .map_or(0, |taken| taken.minor)
            };
            let share = |to: &usize| (*to, Money::new(share(to), amount.currency));
            shares.insert(at, found.iter().map(share).collect());
            let back = |to: &usize| {
                hypotheses.all[*to]
                    .charges
                    .get(charge)
                    .map_or(0, |taken| taken.given_back)
            };
            known.insert(at, found.iter().map(back).collect());
        }
        for to in found {
            hypotheses.all[to].join(at, "the charge stands in the backup's payments".to_owned());
        }
    }
    let paid = home
        .iter()
        .enumerate()
        .filter_map(|(at, home)| Some((&facts[at], &hypotheses.all[(*home)?])));
    let others = (0..units.len())
        .filter(|at| home[*at].is_none() && units[*at].kind == SourceKind::Stripe)
        .map(|at| &facts[at]);
    let entries: Vec<&Facts> = (units.iter().zip(&facts))
        .filter(|(unit, _)| unit.kind == SourceKind::GoogleCalendar)
        .map(|(_, facts)| facts)
        .collect();
    let pairs = standing::pairs(entries.iter().copied(), &hypotheses);
    hypotheses.habits = habits.cloned().unwrap_or_else(|| Habits {
        misnamed: standing::misnamed(&pairs, &hypotheses),
        standing: standing::own(&pairs, &entries, zone),
        pools: standing::pools(&hypotheses),
        tails: tails::learn(&pairs),
        inflections,
        counters: Counters::learn(paid.clone(), some_are_unpriced(baseline)),
        day_months: day_month::learn(&paid, zone),
        ..Habits::of(paid, others, zone)
    });
    nobodys::mark(&units, &mut facts, &hypotheses);
    nobodys::mark_offers(&mut facts, &hypotheses, zone);
    nobodys::mark_lapsed(&units, &mut facts, &hypotheses);
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by(|a, b| {
        (facts[*a].made_at, &told[units[*a].first()].document.record)
            .cmp(&(facts[*b].made_at, &told[units[*b].first()].document.record))
    });
    // Messages first: they name the customer and the times by which a number that was given out twice is told apart.
    let is_mail = |at: &&usize| units[**at].kind == SourceKind::Mail;
    let (messages, others): (Vec<&usize>, Vec<&usize>) = order.iter().partition(is_mail);
    let mut sums = BTreeSet::new();
    for at in messages.into_iter().chain(others) {
        if home[*at].is_some() || facts[*at].nobodys {
            continue;
        }
        if units[*at].kind == SourceKind::Mail && shared::sums_up(&facts[*at], &hypotheses) {
            sums.insert(*at);
            continue;
        }
        home[*at] = by_reference(*at, &facts[*at], &mut hypotheses, zone);
        // At once: the payment after a message states the new times that the message states.
        if let Some(found) = home[*at].filter(|_| units[*at].kind == SourceKind::Mail) {
            hypotheses.all[found].learn(&facts[*at]);
        }
    }
    // A number that is made of a key founds nothing, and may have been told since.
    for at in order.iter().filter(|at| facts[**at].keyed) {
        if home[*at].is_none() && !facts[*at].nobodys {
            home[*at] = by_reference(*at, &facts[*at], &mut hypotheses, zone);
        }
    }
    for at in &order {
        if home[*at].is_none() && !facts[*at].nobodys && !sums.contains(at) {
            home[*at] = by_code(*at, &facts[*at], &mut hypotheses, zone);
        }
    }
    // Now that the messages have told what its bookings cost.
    hypotheses.bundles = bundles::Bundles::of(&hypotheses);
    let (mut asked, usual) = share_out(&order, &units, &facts, &mut hypotheses, &mut home, &mut shares);
    if together {
        let free = order.iter().copied().filter(|at| !asked.contains_key(at));
        let free: Vec<usize> = free.collect();
        pay_lists(
            (told, &units, &facts, zone),
            &free,
            &usual,
            &mut hypotheses,
            &mut home,
            &mut shares,
        );
    }
    for at in &order {
        let is_open = home[*at].is_none() && units[*at].kind == SourceKind::Mail && !facts[*at].nobodys;
        let of = facts[*at].of_group(&hypotheses);
        // A word about all of a group that is more than a receipt concerns each of them.
        if is_open && of.len() > 1 && facts[*at].is_word_of_change() {
            asked.insert(*at, of.into_iter().collect());
        }
    }
    for (at, found) in home.iter().enumerate() {
        if let Some(shares) = shares.get(&at) {
            for (to, share) in shares {
                hypotheses.all[*to].learn(&facts[at].with_share(*share));
            }
        } else if let Some(found) = found {
            hypotheses.all[*found].learn(&facts[at]);
        }
    }
    tails::add(&mut hypotheses);
    hypotheses.index(zone);
    hypotheses.habits.receipts = receipts::are_telling(&facts, &home, &hypotheses);
    mark_mailings(told, &units, &mut facts, &hypotheses, zone);

    // What one record tells lets another be placed: an entry brings the new time that a change was about.
    let (mut questions, mut loose) = (BTreeMap::new(), Vec::new());
    let mut kept = Kept {
        outright: (0..units.len()).filter(|at| home[*at].is_some()).collect(),
        ..Kept::default()
    };
    let mut cut = BTreeSet::new();
    let weighed: Vec<usize> = order
        .iter()
        .copied()
        .filter(|at| !asked.contains_key(at))
        .collect();
    // What needs less than usual comes last, when all that is surer has been said.
    let first = Margins::default();
    let lenient = (margins != first).then_some(margins);
    let passes = |margins| std::iter::repeat_n(margins, PASSES);
    let mut rest = passes(first)
        .chain(lenient.into_iter().flat_map(passes))
        .peekable();
    while let Some(margins) = rest.next() {
        hypotheses.count_dues();
        cut.clear();
        let mut pass = Pass {
            told,
            units: &units,
            facts: &facts,
            resources,
            zone,
            margins,
            hypotheses: &mut hypotheses,
            home: &mut home,
            questions: BTreeMap::new(),
            loose: Vec::new(),
            cut: &mut cut,
            kept: &mut kept,
        };
        pass.kept.doubted.clear();
        let mut placed = pass.run(&weighed);
        (questions, loose) = (pass.questions, pass.loose);
        // What the bookings of one charge cost may be known by now.
        let open: Vec<usize> = order
            .iter()
            .copied()
            .filter(|at| asked.contains_key(at))
            .collect();
        let (still, _) = share_out(&open, &units, &facts, &mut hypotheses, &mut home, &mut shares);
        let mut paid: Vec<usize> = open.into_iter().filter(|at| home[*at].is_some()).collect();
        for at in &paid {
            for (to, share) in &shares[at] {
                hypotheses.all[*to].learn(&facts[*at].with_share(*share));
            }
        }
        if together {
            // So may which bookings a list is of, where they have no numbers.
            paid.extend(pay_lists(
                (told, &units, &facts, zone),
                &weighed,
                &usual,
                &mut hypotheses,
                &mut home,
                &mut shares,
            ));
        }
        for at in paid {
            for (to, _) in &shares[&at] {
                hypotheses.add_to_index(*to, zone);
            }
            kept.outright.insert(at);
            asked.remove(&at);
            placed += 1;
        }
        asked.extend(still);
        if placed == 0 {
            while rest.next_if_eq(&margins).is_some() {}
        }
    }
    for (at, among) in &asked {
        for to in among {
            questions.entry(*to).or_insert_with(Vec::new).push((*at, 0.0));
        }
        loose.push(*at);
    }
    for at in &loose {
        if units[*at].kind == SourceKind::Stripe && !asked.contains_key(at) && !facts[*at].nobodys {
            // Money of somebody with a booking ahead that fits none of them: something was changed.
            let mut of = ahead(&facts[*at], &hypotheses, zone);
            let is_paid = |to: &usize| hypotheses.all[*to].is_paid_but_for(&facts[*at]);
            if !of.iter().all(is_paid) {
                of.retain(|to| !is_paid(to));
            }
            for to in of.into_iter().take(3) {
                let asked = questions.entry(to).or_insert_with(Vec::new);
                if !asked.iter().any(|(unit, _)| unit == at) {
                    asked.push((*at, 0.0));
                }
            }
        }
    }
    let doubted: BTreeSet<usize> = questions.values().flatten().map(|(at, _)| *at).collect();
    let keyed = keyed::found((&units, &facts), &loose, &doubted, &mut hypotheses, &mut home);
    loose.retain(|at| !keyed.contains(at));
    kept.outright.extend(keyed);
    // Both are asked about: whichever were certain would be a booking too many.
    for (whole, half) in halves(&hypotheses, &facts, zone) {
        for (at, other) in [(whole, half), (half, whole)] {
            let asked = questions.entry(at).or_insert_with(Vec::new);
            asked.extend(hypotheses.all[other].units.iter().map(|unit| (*unit, 0.0)));
        }
    }
    let scales = Scales {
        units: &units,
        facts: &facts,
        resources,
        zone,
    };
    let weighings = scales.weighings(&kept, &hypotheses, baseline);
    let tried = std::mem::take(&mut kept.tried);
    let scene = refunds::Scene {
        told,
        units: &units,
        hypotheses: &hypotheses,
        baseline,
    };
    let back: Known = shares
        .iter()
        .filter_map(|(unit, shares)| Some((*unit, scene.given_back(*unit, shares, known.get(unit))?)))
        .collect();
    let mut linked = gather(&units, &hypotheses, &questions, (loose, shares, back), weighings);
    linked.cut = cut
        .iter()
        .flat_map(|unit| units[*unit].members.iter().copied())
        .collect();
    linked.cut.sort_unstable();
    let mut cluster_of = BTreeMap::new();
    for (cluster, place) in gathered(&hypotheses, &questions).enumerate() {
        cluster_of.insert(place, cluster);
    }
    linked.tried = tried
        .into_iter()
        .map(|(unit, (to, bits))| Tried {
            record: units[unit].first(),
            cluster: cluster_of.get(&to).copied(),
            class: facts[unit].class(units[unit].kind),
            bits,
        })
        .collect();
    linked.tried.sort_by_key(|tried| tried.record);
    rows::part(&mut linked, told, baseline);
    linked
}

/// The hypotheses that records tell of, or may tell of: they become clusters, in this order.
fn gathered(
    hypotheses: &Hypotheses,
    questions: &BTreeMap<usize, Vec<(usize, f64)>>,
) -> impl Iterator<Item = usize> {
    let told = |at: &usize| !hypotheses.all[*at].units.is_empty() || questions.contains_key(at);
    (0..hypotheses.all.len()).filter(told)
}

/// Puts charges that name several bookings on each of them where it is sure what each one's share is. Out: those for
/// which it is not, with the bookings that they name; and what charges are of, as a rule.
fn share_out(
    order: &[usize],
    units: &[Unit],
    facts: &[Facts],
    hypotheses: &mut Hypotheses,
    home: &mut [Option<usize>],
    shares: &mut Shares,
) -> (BTreeMap<usize, Vec<usize>>, Usual) {
    let mut several: Vec<(usize, Vec<usize>)> = Vec::new();
    for at in order {
        if units[*at].kind == SourceKind::Stripe && !shares.contains_key(at) {
            let named = shared::named(&facts[*at], hypotheses);
            if named.len() > 1 || facts[*at].keys_listed && !named.is_empty() {
                several.push((*at, named.into_iter().collect()));
            }
        }
    }
    let of_several: BTreeSet<usize> = several.iter().map(|(at, _)| *at).collect();
    // What the backup has on several bookings is no part of the price of the first.
    let is_single = |at: &usize| !of_several.contains(at) && !shares.contains_key(at);
    let single = home.iter().enumerate().filter(|(at, _)| is_single(at));
    let usual = Usual::of(single.filter_map(|(at, home)| Some((&facts[at], &hypotheses.all[(*home)?]))));
    let mut asked = BTreeMap::new();
    for (at, mut named) in several {
        let [(_, amount)] = facts[at].amounts.as_slice() else {
            continue;
        };
        let bookings: Vec<&Hypothesis> = named.iter().map(|to| &hypotheses.all[*to]).collect();
        let split = if facts[at].keys_listed && facts[at].keys.len() > named.len() {
            shared::split_known(*amount, &bookings, hypotheses.bundles)
        } else {
            shared::split(*amount, &bookings, &usual, hypotheses.bundles)
        };
        match split {
            Some(split) => {
                let shared: Vec<(usize, i64)> = named
                    .into_iter()
                    .zip(split)
                    .filter(|(_, minor)| *minor > 0)
                    .collect();
                named = shared.iter().map(|(to, _)| *to).collect();
                for to in named.iter().filter(|to| home[at] != Some(**to)) {
                    hypotheses.all[*to].join(at, "a charge for several bookings that names it".to_owned());
                }
                home[at] = named.first().copied();
                for (to, minor) in &shared {
                    hypotheses.all[*to].learn(&facts[at].with_share(Money::new(*minor, amount.currency)));
                }
                let share = |(to, minor): (usize, i64)| (to, Money::new(minor, amount.currency));
                shares.insert(at, shared.into_iter().map(share).collect());
            }
            // What just one of them costs, or owes, is for that one, whatever else it names; and it is all that tells of
            // a booking of which nothing else does.
            None if home[at].is_some_and(|to| {
                let booking = &hypotheses.all[to];
                shared::fits(*amount, booking) || booking.is_told_by(at)
            }) => {}
            None => {
                if let Some(to) = home[at].take() {
                    hypotheses.all[to].leave(at);
                }
                asked.insert(at, named);
            }
        }
    }
    (asked, usual)
}

/// Puts charges that name no booking on those that one message lists, or that one person made at one time, where they come
/// to what these cost together. Out: the charges.
fn pay_lists(
    (told, units, facts, zone): (&[Told<'_>], &[Unit], &[Facts], Tz),
    free: &[usize],
    usual: &Usual,
    hypotheses: &mut Hypotheses,
    home: &mut [Option<usize>],
    shares: &mut Shares,
) -> Vec<usize> {
    let parties = Parties::find(told, units, home, (hypotheses, zone));
    let mut paid = Vec::new();
    let may_pay = |at: usize| {
        let mut members = units[at].members.iter();
        members.any(|member| told[*member].may_pay())
    };
    for at in free.iter().copied() {
        if home[at].is_some() || !may_pay(at) {
            continue;
        }
        let list = Some(&facts[at]).filter(|facts| facts.pays);
        let list = list.and_then(|of| parties.paid_by(of, facts, hypotheses, usual));
        let by_month = || parties.paid_monthly(Some(&facts[at]).filter(|facts| facts.pays)?, hypotheses);
        let (found, reason) = if let Some(found) = list {
            (found, "it comes to what the bookings of one list cost together")
        } else if let Some(found) = by_month() {
            (
                found,
                "it comes to what those of one list cost that begin in one month",
            )
        } else if let Some(found) = at_once::paid_by(&facts[at], hypotheses, usual) {
            (
                found,
                "it comes to what those cost together that were booked at one time",
            )
        } else {
            continue;
        };
        for (to, share) in &found {
            let booking = &mut hypotheses.all[*to];
            booking.join(at, reason.to_owned());
            // A second charge of the amount is for another list.
            booking.learn(&facts[at].with_share(*share));
        }
        home[at] = found.first().map(|(to, _)| *to);
        shares.insert(at, found);
        paid.push(at);
    }
    paid
}

fn gather(
    units: &[Unit],
    hypotheses: &Hypotheses,
    questions: &BTreeMap<usize, Vec<(usize, f64)>>,
    (loose, shares, back): (Vec<usize>, Shares, Known),
    mut weighings: Vec<Vec<Weighing>>,
) -> Linked {
    let mut linked = Linked::default();
    let mut shared: BTreeMap<usize, BTreeMap<usize, Share>> = BTreeMap::new();
    for (unit, shares) in shares {
        let mut before = 0;
        for (place, (to, amount)) in shares.into_iter().enumerate() {
            let share = Share {
                amount,
                before,
                given_back: back.get(&unit).map(|back| back[place]),
            };
            before += amount.minor;
            let members = units[unit].members.iter().map(|member| (*member, share));
            shared.entry(to).or_default().extend(members);
        }
    }
    for at in gathered(hypotheses, questions) {
        let (hypothesis, asked) = (&hypotheses.all[at], questions.get(&at));
        let mut members: Vec<usize> = hypothesis
            .units
            .iter()
            .flat_map(|unit| units[*unit].members.iter().copied())
            .collect();
        members.sort_unstable();
        let possible = asked
            .into_iter()
            .flatten()
            .flat_map(|(unit, bits)| units[*unit].members.iter().map(move |member| (*member, *bits)))
            .collect();
        linked.clusters.push(Cluster {
            about: hypothesis.about,
            members,
            possible,
            reused: hypothesis.reused.clone(),
            late: hypothesis.late,
            set_apart: None,
            row: None,
            links: hypothesis.reasons.clone(),
            weighings: std::mem::take(&mut weighings[at]),
            shares: shared.remove(&at).unwrap_or_default(),
        });
    }
    linked.loose = loose
        .into_iter()
        .flat_map(|unit| units[unit].members.iter().copied())
        .collect();
    linked.loose.sort_unstable();
    linked
}
