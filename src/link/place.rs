//! Places what no number and no id places: by weight, as a whole where records are in each other's way.

use super::ahead::{ahead, named, same_start};
use super::asks;
use super::behind::behind;
use super::facts::{Facts, SEEN_OFTEN};
use super::hypothesis::{Hypotheses, Hypothesis};
use super::joint::{self, Choice};
use super::margin::{Margins, strength};
use super::shared;
use super::units::Unit;
use super::waterfall::{Kept, Scales};
use super::weigh;
use crate::mapping::Told;
use crate::model::SourceKind;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Bookings so near the best are asked about too, in bits.
const NEAR: f64 = 4.0;
/// Below these odds a record does not even raise a question.
const DOUBT: f64 = -2.0;

/// More bookings than this are not asked about one record.
const ASKED: usize = 3;

/// What one placed record tells may place another, round by round; most end with the second.
const ROUNDS: usize = 6;

/// One round over the units that are not placed yet.
pub struct Pass<'a> {
    pub told: &'a [Told<'a>],
    pub units: &'a [Unit],
    pub facts: &'a [Facts],
    pub resources: usize,
    pub zone: Tz,
    pub margins: Margins,
    pub hypotheses: &'a mut Hypotheses,
    pub home: &'a mut [Option<usize>],
    pub questions: BTreeMap<usize, Vec<(usize, f64)>>,
    pub loose: Vec<usize>,
    /// Records whose block was too large to be solved whole.
    pub cut: &'a mut BTreeSet<usize>,
    /// What each comparison told, for whoever asks why.
    pub kept: &'a mut Kept,
}

impl Pass<'_> {
    /// Places what can be placed by weight, and says how many: messages first, since they say most; then
    /// events; then payments.
    pub fn run(&mut self, order: &[usize]) -> usize {
        let open = |home: &[Option<usize>]| home.iter().filter(|home| home.is_none()).count();
        let before = open(self.home);
        for kind in [SourceKind::Mail, SourceKind::GoogleCalendar, SourceKind::Stripe] {
            let of_kind = order.iter().copied();
            let mut of_kind: Vec<usize> = of_kind.filter(|at| self.units[*at].kind == kind).collect();
            of_kind.retain(|at| self.home[*at].is_none());
            let (mailings, rest): (Vec<usize>, Vec<usize>) =
                of_kind.into_iter().partition(|at| self.facts[*at].is_of_nobody());
            self.loose.extend(mailings);
            match kind {
                // Any number of messages is about one booking: none is in another's way.
                SourceKind::Mail => rest.into_iter().for_each(|at| self.place_message(at)),
                SourceKind::GoogleCalendar | SourceKind::Stripe => self.place_together(rest, kind),
            }
        }
        before - open(self.home)
    }

    fn place_message(&mut self, at: usize) {
        let facts = &self.facts[at];
        if shared::sums_up(facts, self.hypotheses) {
            return self.loose.push(at);
        }
        // A message of a rare kind may be a change: it founds nothing beside a booking of the same person.
        if facts.follows != Some(false) {
            if let [to] = named(facts, self.hypotheses).as_slice() {
                let reason = "a later message that names when this booking of the customer's was to start";
                return self.join(at, *to, reason.to_owned());
            }
            let mut ahead = ahead(facts, self.hypotheses, self.zone);
            if facts.listed {
                ahead.retain(|to| same_start(facts, &self.hypotheses.all[*to]));
            }
            if let Some(behind) = behind(facts, &ahead, self.hypotheses, self.zone) {
                match behind.as_slice() {
                    [of] => {
                        let reason = "a later message to the customer, about what began before it";
                        return self.join(at, *of, reason.to_owned());
                    }
                    [] if facts.totals.is_empty() && facts.follows == Some(true) => {
                        return self.loose.push(at);
                    }
                    _ => {}
                }
            }
            match ahead.as_slice() {
                [] => {}
                [to] if self.may_follow(at, *to) => {
                    let reason = "a later message to the one customer with a booking ahead";
                    return self.join(at, *to, reason.to_owned());
                }
                _ if facts.has_no_news => return self.loose.push(at),
                several => {
                    for to in several.iter().take(4) {
                        self.questions.entry(*to).or_default().push((at, 0.0));
                    }
                    return self.loose.push(at);
                }
            }
        }
        let ranked = self.rank(at, SourceKind::Mail);
        self.settle(at, SourceKind::Mail, &ranked);
    }

    /// Whether a later message is about the one booking ahead of somebody: it says when that starts, or nothing of it, or
    /// it may have moved it. What names another moment and another thing is about another booking.
    fn may_follow(&self, at: usize, to: usize) -> bool {
        let (facts, booking) = (&self.facts[at], &self.hypotheses.all[to]);
        let elsewhere = || {
            let named = facts.resources.iter().flatten();
            let moved = !facts.starts.is_empty() && !booking.starts.is_empty();
            moved
                && !facts.resources.is_empty()
                && !booking.resources.is_empty()
                && !named.into_iter().any(|key| booking.resources.contains(key))
        };
        same_start(facts, booking) || facts.follows == Some(true) && !elsewhere()
    }

    /// A booking has one entry, as a rule, and is paid once: what one record takes, another does not have.
    fn place_together(&mut self, mut open: Vec<usize>, kind: SourceKind) {
        let known = self.hypotheses.all.len();
        let mut places = BTreeMap::new();
        for _ in 0..ROUNDS {
            places = self.solve(&open, kind);
            let verdicts = open.iter().map(|at| (*at, self.verdict(*at, kind, &places[at])));
            let sure: Vec<(usize, usize, f64)> = verdicts
                .filter_map(|(at, verdict)| match verdict {
                    Verdict::Link(to, bits) => Some((at, to, bits)),
                    Verdict::Doubt(_) | Verdict::Nowhere => None,
                })
                .collect();
            for (at, to, bits) in &sure {
                self.link(*at, *to, *bits, &places[at]);
            }
            open.retain(|at| self.home[*at].is_none());
            if sure.is_empty() || open.is_empty() {
                break;
            }
        }
        for at in open {
            let mut ranked = places.remove(&at).unwrap_or_default();
            if self.hypotheses.all.len() > known {
                // Another entry may have founded the booking of this one.
                let fresh = self.rank(at, kind).into_iter().filter(|(to, _)| *to >= known);
                ranked.extend(fresh);
                ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            }
            self.settle(at, kind, &ranked);
        }
    }

    /// The places of each record by odds in context, best first.
    fn solve(&mut self, open: &[usize], kind: SourceKind) -> BTreeMap<usize, Vec<(usize, f64)>> {
        let mut far: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
        // What one record is worth where does not hang on the others: that is weighed on all cores.
        let this = &*self;
        let ranked = open.par_iter().map(|at| (*at, this.rank(*at, kind)));
        let ranked: Vec<(usize, Vec<(usize, f64)>)> = ranked.collect();
        let choices = ranked.into_iter().map(|(unit, mut places)| {
            let near = places.partition_point(|(_, odds)| *odds >= DOUBT);
            far.insert(unit, places.split_off(near));
            Choice { unit, places }
        });
        let choices = choices.collect();
        let clash = |a: usize, b: usize, to: usize| {
            weigh::clash(
                (&self.facts[a], &self.facts[b]),
                kind,
                &self.hypotheses.all[to],
                self.hypotheses,
            )
        };
        let solved = joint::solve(choices, &clash);
        self.cut.extend(solved.cut);
        let mut places = solved.places;
        for (at, far) in far {
            let near = places.entry(at).or_default();
            near.extend(far);
            near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        }
        places
    }

    fn rank(&self, at: usize, kind: SourceKind) -> Vec<(usize, f64)> {
        let facts = &self.facts[at];
        let mut ranked = weigh::rank(facts, kind, self.hypotheses, self.resources, self.zone);
        if facts.listed || facts.party {
            ranked.retain(|(to, _)| !self.has_sibling(at, *to));
        }
        ranked
    }

    /// Whether a booking has another line of the same list, or of those who come together: each is about one of its own.
    fn has_sibling(&self, at: usize, to: usize) -> bool {
        let record = |unit: usize| &self.told[self.units[unit].first()].document.record;
        let mut units = self.hypotheses.all[to].units.iter();
        units.any(|unit| *unit != at && record(*unit) == record(at))
    }

    fn link(&mut self, at: usize, to: usize, bits: f64, ranked: &[(usize, f64)]) {
        self.try_out(at, ranked);
        let weighed = self.scales().weighed(at, to, ranked, self.hypotheses);
        self.kept.placed.insert(at, weighed);
        self.join(at, to, format!("{bits:.1} bits"));
    }

    /// Keeps what the best place is worth, for whoever knows the true one.
    fn try_out(&mut self, at: usize, ranked: &[(usize, f64)]) {
        match ranked.first().zip(strength(best(ranked))) {
            Some(((to, _), bits)) => self.kept.tried.insert(at, (*to, bits)),
            None => self.kept.tried.remove(&at),
        };
    }

    fn verdict(&self, at: usize, kind: SourceKind, ranked: &[(usize, f64)]) -> Verdict {
        let Some((to, odds)) = ranked.first().copied() else {
            return Verdict::Nowhere;
        };
        if self.margins.admits(self.facts[at].class(kind), best(ranked)) {
            return if self.is_doubtful(at, to) {
                Verdict::Doubt(vec![(to, odds)])
            } else {
                Verdict::Link(to, odds)
            };
        }
        if odds < DOUBT {
            return Verdict::Nowhere;
        }
        // Four near-equals or more are nobody's: asking all of them would be asking nothing.
        let among: Vec<(usize, f64)> = ranked
            .iter()
            .copied()
            .filter(|(_, bits)| odds - bits < NEAR && *bits >= DOUBT)
            .collect();
        Verdict::Doubt(if among.len() > ASKED { Vec::new() } else { among })
    }

    /// Whether a charge lists several bookings, or is of a kind that never paid for one and the booking's messages did not ask
    /// for it.
    fn is_doubtful(&self, at: usize, to: usize) -> bool {
        let (facts, booking) = (&self.facts[at], &self.hypotheses.all[to]);
        let mut amounts = facts.amounts.iter();
        // What lists several bookings is never one's alone.
        facts.keys_listed
            || facts.never_paid && !amounts.any(|(_, amount)| asks::asked_for(facts, booking, *amount))
    }

    /// Puts a record where its odds say: to a booking, into a question, or to one of its own.
    fn settle(&mut self, at: usize, kind: SourceKind, ranked: &[(usize, f64)]) {
        let facts = &self.facts[at];
        self.try_out(at, ranked);
        match self.verdict(at, kind, ranked) {
            Verdict::Link(to, bits) => self.link(at, to, bits, ranked),
            // Money that names nobody is listed as it is: asking every booking of that hour would drown the rest.
            Verdict::Doubt(among)
                if kind == SourceKind::Stripe && facts.is_nameless() && !self.is_there(at, &among) =>
            {
                self.loose.push(at);
            }
            // Nor is anybody asked where an entry belongs that tells nothing of a booking.
            Verdict::Doubt(_) if facts.aside || facts.never_booked || facts.has_no_news => {
                self.loose.push(at);
            }
            Verdict::Doubt(mut among) => {
                if kind == SourceKind::Stripe {
                    self.leave_paid(at, &mut among);
                }
                // What pays for a booking, as a rule, is asked about at the likeliest, however many there are.
                let mut among = if among.is_empty() && facts.pays {
                    ranked.iter().copied().take(ASKED).collect()
                } else {
                    among
                };
                if kind == SourceKind::GoogleCalendar {
                    among.extend(self.waiting(at, &among, ranked));
                }
                for (to, bits) in among {
                    let weighed = self.scales().weighed(at, to, ranked, self.hypotheses);
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

    /// Leaves out bookings of which nothing is left to pay, where others may be meant.
    fn leave_paid(&self, at: usize, among: &mut Vec<(usize, f64)>) {
        let is_paid = |(to, _): &(usize, f64)| self.hypotheses.all[*to].is_paid_but_for(&self.facts[at]);
        if !among.iter().all(is_paid) {
            among.retain(|place| !is_paid(place));
        }
    }

    /// Whether the only booking in question is of the thing that money without a name was paid for, at its time.
    fn is_there(&self, at: usize, among: &[(usize, f64)]) -> bool {
        let facts = &self.facts[at];
        let counter = self.hypotheses.habits.counters.of(facts);
        let ([(to, _)], Some(counter)) = (among, counter) else {
            return false;
        };
        counter.is_there(facts, &self.hypotheses.all[*to])
    }

    /// Bookings of the same person that have no entry yet, beside those that fit an entry better: it may have been moved.
    fn waiting(&self, at: usize, among: &[(usize, f64)], ranked: &[(usize, f64)]) -> Vec<(usize, f64)> {
        let facts = &self.facts[at];
        let waits = |(to, bits): &&(usize, f64)| {
            let booking = &self.hypotheses.all[*to];
            *bits >= DOUBT && !booking.planned && booking.same_person(facts)
        };
        let is_asked = |(to, _): &&(usize, f64)| among.iter().any(|(other, _)| other == to);
        let waiting = ranked.iter().filter(waits).filter(|place| !is_asked(place));
        waiting.take(ASKED).copied().collect()
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

enum Verdict {
    Link(usize, f64),
    /// Several, or one that is not sure enough.
    Doubt(Vec<(usize, f64)>),
    Nowhere,
}

/// The odds of the first place, and how far it is ahead of the next.
fn best(ranked: &[(usize, f64)]) -> (f64, f64) {
    let odds = |at: usize| ranked.get(at).map_or(f64::NEG_INFINITY, |(_, odds)| *odds);
    (odds(0), odds(0) - odds(1))
}

/// So many entries of a kind that all were of bookings.
const SEVERAL: u32 = 5;

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
                // Of a kind of which every one of several was of a booking, too.
                Some((booked, support)) if support >= SEVERAL && booked == support => true,
                // A kind of entry never seen before: only one that says what, and for whom. Of one that was hardly seen,
                // and stood for bookings as a rule, for whom is enough: somebody is asked about it anyway.
                hardly => {
                    let mut words = facts.words.iter().chain(&facts.emails).chain(&facts.phones);
                    let mut is_known = || words.any(|word| hypotheses.people.contains(word));
                    let is_read =
                        !(facts.names.is_empty() && facts.emails.is_empty() && facts.phones.is_empty());
                    // What lists who comes stands for something, whatever it is called.
                    let says_what = facts.party
                        || !facts.resources.is_empty()
                        || !facts.totals.is_empty()
                        || !told.claims.mentions.is_empty();
                    let is_usual = hardly.is_some_and(|(_, support)| support >= 3);
                    (says_what || is_usual) && (is_read || is_known())
                }
            },
            SourceKind::Stripe => false,
        }
    })
}
