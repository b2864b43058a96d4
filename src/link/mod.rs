//! Links records that tell of the same booking.
//!
//! Input: documents with their claims, and the backup's rows. Output: clusters, each for one booking of
//! the backup or a new one, and what could not be placed. Records that share a provider's id are one
//! unit. Units that state a reference, or a charge that stands in the backup's payments, go to that
//! booking. The rest is weighed against every booking that shares something rare with it: match weights
//! are log2 of m/u, so evidence adds; u is how common the shared value is among the bookings at hand. A
//! link needs posterior odds and a margin over the next best; what has some odds but not enough is a
//! question, never a link. Source: Fellegi & Sunter (1969).

pub mod core;
mod facts;
mod hypothesis;
mod mailings;
mod tie;
mod units;
mod waterfall;
mod weigh;

use crate::mapping::Told;
use crate::model::{About, Baseline, Cluster, Linked, SourceKind, Weighing};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use facts::Facts;
use hypothesis::{Hypotheses, Hypothesis};
use std::collections::{BTreeMap, BTreeSet};
pub use tie::tie;
use units::Unit;
use waterfall::{Kept, Scales};

/// Posterior odds in bits for an automatic link, and the margin over the next best.
const ODDS: f64 = 5.0;
const MARGIN: f64 = 4.0;
/// Below these odds a record does not even raise a question.
const DOUBT: f64 = -2.0;

/// More bookings than this are not asked about one record.
const ASKED: usize = 3;

/// What marks the second booking of a number in the index of references.
const AGAIN: &str = "\u{0}again";

/// Rounds over what is not placed yet; most end with the second.
const PASSES: usize = 4;

/// Puts every record where it belongs.
pub fn link(told: &[Told<'_>], baseline: &Baseline, zone: Tz) -> Linked {
    let units = units::units(told);
    let people = facts::people(told);
    let mut facts: Vec<Facts> = units.iter().map(|unit| Facts::of(unit, told, &people)).collect();
    let mut hypotheses = Hypotheses::of_baseline(baseline);
    for (unit, facts) in units.iter().zip(&facts) {
        if unit.kind != SourceKind::GoogleCalendar {
            hypotheses.meet(facts);
        }
    }
    let resources = baseline.resources.len().max(1);
    let mut home: Vec<Option<usize>> = vec![None; units.len()];

    // What the backup's payments and the references say outright.
    for (at, facts) in facts.iter().enumerate() {
        if let Some(found) = facts
            .charges
            .iter()
            .find_map(|charge| hypotheses.by_charge.get(charge).copied())
        {
            home[at] = Some(found);
            hypotheses.all[found].join(at, "the charge stands in the backup's payments".to_owned());
        }
    }
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by(|a, b| {
        (facts[*a].made_at, &told[units[*a].first()].document.record)
            .cmp(&(facts[*b].made_at, &told[units[*b].first()].document.record))
    });
    // Messages first: they name the customer and the times by which a number that was given out twice is told apart.
    let is_mail = |at: &&usize| units[**at].kind == SourceKind::Mail;
    let (messages, others): (Vec<&usize>, Vec<&usize>) = order.iter().partition(is_mail);
    for at in messages.into_iter().chain(others) {
        if home[*at].is_some() {
            continue;
        }
        home[*at] = by_reference(*at, &facts[*at], &mut hypotheses, zone);
        // At once: the payment after a message states the new times that the message states.
        if let Some(found) = home[*at].filter(|_| units[*at].kind == SourceKind::Mail) {
            hypotheses.all[found].learn(&facts[*at]);
        }
    }
    for at in &order {
        if home[*at].is_none() {
            home[*at] = by_code(*at, &facts[*at], &mut hypotheses, zone);
        }
    }
    for (at, found) in home.iter().enumerate() {
        if let Some(found) = found {
            hypotheses.all[*found].learn(&facts[at]);
        }
    }
    hypotheses.index(zone);
    mark_mailings(told, &units, &mut facts, &hypotheses, zone);

    // What one record tells lets another be placed: an entry brings the new time that a change was about.
    let (mut questions, mut loose) = (BTreeMap::new(), Vec::new());
    let mut kept = Kept {
        outright: (0..units.len()).filter(|at| home[*at].is_some()).collect(),
        ..Kept::default()
    };
    for _ in 0..PASSES {
        let mut pass = Pass {
            told,
            units: &units,
            facts: &facts,
            resources,
            zone,
            hypotheses: &mut hypotheses,
            home: &mut home,
            questions: BTreeMap::new(),
            loose: Vec::new(),
            kept: &mut kept,
        };
        pass.kept.doubted.clear();
        let placed = pass.run(&order);
        (questions, loose) = (pass.questions, pass.loose);
        if placed == 0 {
            break;
        }
    }
    for at in &loose {
        if units[*at].kind == SourceKind::Stripe {
            // Money of somebody with a booking ahead that fits none of them: something was changed.
            for to in ahead(&facts[*at], &hypotheses, zone).into_iter().take(3) {
                let asked = questions.entry(to).or_insert_with(Vec::new);
                if !asked.iter().any(|(unit, _)| unit == at) {
                    asked.push((*at, 0.0));
                }
            }
        }
    }
    for (whole, half) in halves(&hypotheses, zone) {
        let asked = questions.entry(whole).or_insert_with(Vec::new);
        asked.extend(hypotheses.all[half].units.iter().map(|unit| (*unit, 0.0)));
    }
    let scales = Scales {
        units: &units,
        facts: &facts,
        resources,
        zone,
    };
    let weighings = scales.weighings(&kept, &hypotheses, baseline);
    gather(&units, &hypotheses, &questions, loose, weighings)
}

/// One round over the units that are not placed yet.
struct Pass<'a> {
    told: &'a [Told<'a>],
    units: &'a [Unit],
    facts: &'a [Facts],
    resources: usize,
    zone: Tz,
    hypotheses: &'a mut Hypotheses,
    home: &'a mut [Option<usize>],
    questions: BTreeMap<usize, Vec<(usize, f64)>>,
    loose: Vec<usize>,
    /// What each comparison told, for whoever asks why.
    kept: &'a mut Kept,
}

impl Pass<'_> {
    /// Places what can be placed by weight, and says how many: messages first, since they say most; then
    /// events; then payments.
    fn run(&mut self, order: &[usize]) -> usize {
        let mut placed = 0;
        for kind in [SourceKind::Mail, SourceKind::GoogleCalendar, SourceKind::Stripe] {
            for at in order.iter().copied() {
                if self.units[at].kind == kind && self.home[at].is_none() {
                    self.place(at, kind);
                    placed += usize::from(self.home[at].is_some());
                }
            }
        }
        placed
    }

    fn place(&mut self, at: usize, kind: SourceKind) {
        let facts = &self.facts[at];
        if facts.mailing {
            return self.loose.push(at);
        }
        // A message of a rare kind may be a change: it founds nothing beside a booking of the same person.
        if kind == SourceKind::Mail && facts.follows != Some(false) {
            match ahead(facts, self.hypotheses, self.zone).as_slice() {
                [] => {}
                [to] if facts.follows == Some(true) || same_start(facts, &self.hypotheses.all[*to]) => {
                    let reason = "a later message to the one customer with a booking ahead";
                    return self.join(at, *to, reason.to_owned());
                }
                several => {
                    for to in several.iter().take(4) {
                        self.questions.entry(*to).or_default().push((at, 0.0));
                    }
                    return self.loose.push(at);
                }
            }
        }
        let ranked = weigh::rank(facts, kind, self.hypotheses, self.resources, self.zone);
        match verdict(&ranked) {
            Verdict::Link(to, bits) => {
                let weighed = self.scales().weighed(at, to, &ranked, self.hypotheses);
                self.kept.placed.insert(at, weighed);
                self.join(at, to, format!("{bits:.1} bits"));
            }
            // Money that names nobody is listed as it is: asking every booking of that hour would drown the rest.
            Verdict::Doubt(_) if kind == SourceKind::Stripe && facts.is_nameless() => self.loose.push(at),
            // Nor is anybody asked where an entry belongs that tells nothing of a booking.
            Verdict::Doubt(_) if facts.aside => self.loose.push(at),
            Verdict::Doubt(among) => {
                // What pays for a booking, as a rule, is asked about at the likeliest, however many there are.
                let among = if among.is_empty() && facts.pays {
                    ranked.iter().copied().take(ASKED).collect()
                } else {
                    among
                };
                for (to, bits) in among {
                    let weighed = self.scales().weighed(at, to, &ranked, self.hypotheses);
                    self.kept.doubted.insert((to, at), weighed);
                    self.questions.entry(to).or_default().push((at, bits));
                }
                self.loose.push(at);
            }
            Verdict::Nowhere if founds(&self.units[at], facts, self.told, self.hypotheses) => {
                let mut made = Hypothesis::about_new();
                made.late = facts.follows == Some(true);
                if made.late {
                    for of in self.unsettled(facts) {
                        self.questions.entry(of).or_default().push((at, 0.0));
                    }
                }
                let made = self.hypotheses.add(made);
                self.join(at, made, "first to tell of it".to_owned());
            }
            Verdict::Nowhere => self.loose.push(at),
        }
    }

    /// Bookings of the same person that a message without a first one may be about: those for which no calendar
    /// entry stands.
    fn unsettled(&self, facts: &Facts) -> Vec<usize> {
        let people = facts.emails.iter().chain(&facts.phones);
        let of: BTreeSet<usize> = people
            .filter_map(|text| self.hypotheses.texts.get(text))
            .flatten()
            .copied()
            .collect();
        let near = |made: DateTime<Utc>| facts.made_at.is_some_and(|at| (at - made).num_days().abs() <= 60);
        of.into_iter()
            .filter(|at| {
                let booking = &self.hypotheses.all[*at];
                !booking.planned && booking.made_at.is_some_and(near)
            })
            .take(4)
            .collect()
    }

    fn scales(&self) -> Scales<'_> {
        Scales {
            units: self.units,
            facts: self.facts,
            resources: self.resources,
            zone: self.zone,
        }
    }

    fn join(&mut self, at: usize, to: usize, reason: String) {
        self.home[at] = Some(to);
        self.hypotheses.all[to].join(at, reason);
        self.hypotheses.all[to].learn(&self.facts[at]);
        self.hypotheses.add_to_index(to, self.zone);
    }
}

/// Joins a unit to the booking whose reference or key it states.
fn by_reference(at: usize, facts: &Facts, hypotheses: &mut Hypotheses, zone: Tz) -> Option<usize> {
    let mut targets: BTreeSet<usize> = BTreeSet::new();
    for key in &facts.keys {
        targets.extend(hypotheses.by_key.get(key));
    }
    let slot = |reference: &str, again: &str| (facts.tenant.clone(), format!("{reference}{again}"));
    for (reference, _) in &facts.references {
        targets.extend(hypotheses.by_reference.get(&slot(reference, "")));
    }
    let mut targets = targets.into_iter();
    let (found, None) = (targets.next(), targets.next()) else {
        // It names two bookings: a person must say.
        return None;
    };
    let Some(found) = found else {
        let (_, display) = facts.references.first()?;
        let made = hypotheses.add(Hypothesis::new(at, format!("reference {display}")));
        for (other, _) in &facts.references {
            hypotheses.by_reference.insert(slot(other, ""), made);
        }
        return Some(made);
    };
    let again = facts
        .references
        .iter()
        .find_map(|(reference, _)| hypotheses.by_reference.get(&slot(reference, AGAIN)).copied());
    let fits = |to: usize| hypotheses.all[to].shares(facts, zone);
    let home = match again {
        // The number was given out twice: whose it is, person or time must say.
        Some(again) => match (fits(found), fits(again)) {
            (true, false) => found,
            (false, true) => again,
            _ => return None,
        },
        None if hypotheses.all[found].contradicts(facts, zone) => {
            let (reference, _) = facts.references.first()?.clone();
            let other = if hypotheses.all[found].about == About::New {
                "a number that another booking has too"
            } else {
                "a reference that the backup gives to another booking"
            };
            let mut made = Hypothesis::new(at, other.to_owned());
            let key = slot(&reference, AGAIN);
            made.reused = Some(reference);
            let made = hypotheses.add(made);
            hypotheses.by_reference.insert(key, made);
            return Some(made);
        }
        None => found,
    };
    hypotheses.all[home].join(at, "the same reference".to_owned());
    Some(home)
}

/// Joins a unit that states no reference, but holds a code that is another record's.
fn by_code(at: usize, facts: &Facts, hypotheses: &mut Hypotheses, zone: Tz) -> Option<usize> {
    let mut found = facts
        .codes
        .iter()
        .filter_map(|code| hypotheses.by_reference.get(&(facts.tenant.clone(), code.clone())))
        .copied()
        .collect::<BTreeSet<usize>>()
        .into_iter();
    let (Some(to), None) = (found.next(), found.next()) else {
        return None;
    };
    if !facts.references.is_empty() || hypotheses.all[to].contradicts(facts, zone) {
        return None;
    }
    hypotheses.all[to].join(at, "the booking's number stands in it".to_owned());
    Some(to)
}

/// Bookings with no entry, each with one of the same person that was entered while it was ahead and that no first
/// message tells of: they may be two halves of one booking that was moved.
fn halves(hypotheses: &Hypotheses, zone: Tz) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (half, entered) in hypotheses.all.iter().enumerate() {
        let (true, false, Some(made)) = (entered.planned, entered.opened, entered.made_at) else {
            continue;
        };
        let day = made.with_timezone(&zone).date_naive();
        let people = entered.emails.iter().chain(&entered.phones).chain(&entered.names);
        let of: BTreeSet<usize> = people
            .filter_map(|text| hypotheses.texts.get(text))
            .flatten()
            .copied()
            .filter(|at| {
                let booking = &hypotheses.all[*at];
                let tenant =
                    booking.tenant.is_none() || entered.tenant.is_none() || booking.tenant == entered.tenant;
                tenant
                    && booking.opened
                    && !booking.planned
                    && booking.made_at.is_none_or(|at| at <= made)
                    && booking.starts.iter().any(|start| start.date(zone) >= day)
            })
            .collect();
        out.extend(of.into_iter().map(|whole| (whole, half)));
    }
    out
}

fn same_start(facts: &Facts, hypothesis: &Hypothesis) -> bool {
    hypothesis.starts.intersection(&facts.starts).next().is_some()
}

/// Marks what is a mailing. A text that goes to those above all who have a booking ahead is about their bookings.
fn mark_mailings(told: &[Told<'_>], units: &[Unit], facts: &mut [Facts], hypotheses: &Hypotheses, zone: Tz) {
    let unit_of: BTreeMap<usize, usize> = units
        .iter()
        .enumerate()
        .flat_map(|(at, unit)| unit.members.iter().map(move |member| (*member, at)))
        .collect();
    for group in mailings::find(told) {
        let of: Vec<usize> = group.iter().filter_map(|at| unit_of.get(at).copied()).collect();
        let concerned = of
            .iter()
            .filter(|at| !ahead(&facts[**at], hypotheses, zone).is_empty())
            .count();
        if concerned * 2 < of.len() {
            for at in of {
                facts[at].mailing = true;
            }
        }
    }
}

/// The bookings ahead of the person to whom a later message went; of several, those that start when it says.
fn ahead(facts: &Facts, hypotheses: &Hypotheses, zone: Tz) -> Vec<usize> {
    let Some(said) = facts.made_at else {
        return Vec::new();
    };
    let today = said.with_timezone(&zone).date_naive();
    let people = facts
        .emails
        .iter()
        .chain(&facts.phones)
        .filter_map(|text| hypotheses.texts.get(text));
    let mut found: BTreeSet<usize> = people.flatten().copied().collect();
    found.retain(|at| {
        let hypothesis = &hypotheses.all[*at];
        let known = hypothesis.made_at.is_none_or(|made| made <= said);
        let tenant =
            hypothesis.tenant.is_none() || facts.tenant.is_none() || hypothesis.tenant == facts.tenant;
        known && tenant && hypothesis.starts.iter().any(|start| start.date(zone) >= today)
    });
    let starting = |at: &&usize| {
        hypotheses.all[**at]
            .starts
            .intersection(&facts.starts)
            .next()
            .is_some()
    };
    let same: Vec<usize> = found.iter().filter(starting).copied().collect();
    if same.is_empty() {
        found.into_iter().collect()
    } else {
        same
    }
}

enum Verdict {
    Link(usize, f64),
    /// Several, or one that is not sure enough.
    Doubt(Vec<(usize, f64)>),
    Nowhere,
}

fn verdict(ranked: &[(usize, f64)]) -> Verdict {
    let Some((best, odds)) = ranked.first().copied() else {
        return Verdict::Nowhere;
    };
    let next = ranked.get(1).map_or(f64::NEG_INFINITY, |(_, odds)| *odds);
    if odds >= ODDS && odds - next >= MARGIN {
        return Verdict::Link(best, odds);
    }
    if odds < DOUBT {
        return Verdict::Nowhere;
    }
    // Four near-equals or more are nobody's: asking all of them would be asking nothing.
    let among: Vec<(usize, f64)> = ranked
        .iter()
        .copied()
        .filter(|(_, bits)| odds - bits < MARGIN && *bits >= DOUBT)
        .collect();
    Verdict::Doubt(if among.len() > ASKED { Vec::new() } else { among })
}

/// Entries of a kind need this many in the overlap before the kind alone tells what they are.
const SEEN_OFTEN: u32 = 8;

/// Whether a unit that fits nowhere tells of a booking of its own.
fn founds(unit: &Unit, facts: &Facts, told: &[Told<'_>], hypotheses: &Hypotheses) -> bool {
    if facts.starts.is_empty() || facts.aside {
        return false;
    }
    unit.members.iter().any(|member| {
        let told = &told[*member];
        match told.document.kind {
            SourceKind::Mail => !facts.names.is_empty() || !facts.emails.is_empty(),
            SourceKind::GoogleCalendar => match told.claims.booked {
                Some((booked, support)) if support >= SEEN_OFTEN => booked * 2 >= support,
                Some((booked, support)) if support >= 3 && booked * 2 < support => false,
                // A kind of entry never seen before, or hardly: only one that says what, and names somebody.
                _ => {
                    let mut words = facts.words.iter().chain(&facts.emails).chain(&facts.phones);
                    let person = words.any(|word| hypotheses.people.contains(word));
                    !told.claims.mentions.is_empty() && person
                }
            },
            SourceKind::Stripe => false,
        }
    })
}

fn gather(
    units: &[Unit],
    hypotheses: &Hypotheses,
    questions: &BTreeMap<usize, Vec<(usize, f64)>>,
    loose: Vec<usize>,
    weighings: Vec<Vec<Weighing>>,
) -> Linked {
    let mut linked = Linked::default();
    for ((at, hypothesis), weighings) in hypotheses.all.iter().enumerate().zip(weighings) {
        let asked = questions.get(&at);
        if hypothesis.units.is_empty() && asked.is_none() {
            continue;
        }
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
            links: hypothesis.reasons.clone(),
            weighings,
        });
    }
    linked.loose = loose
        .into_iter()
        .flat_map(|unit| units[unit].members.iter().copied())
        .collect();
    linked.loose.sort_unstable();
    linked
}
