//! Where records say how long a booking takes, and in which unit.
//!
//! A number in a slot is a length where, times one unit, it comes to the time between start and end of the booking that
//! the record tells of: often enough, in one unit, and far more often than it would with bookings drawn blindly. Small numbers are everywhere, and where all bookings take as long nothing is shown.

use super::Lexed;
use super::kinds::Templates;
use super::slots::{Study, masked, passes};
use crate::mapping::{
    Anchor, Length, Piece, Reading, Rule, SlotType, Stated, Token, length_surroundings, lengths,
};
use crate::model::{FieldName, LengthUnit, Standing, When};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The unit, and the days that are added: three days may be counted with the last one.
const WAYS: [(LengthUnit, i8); 5] = [
    (LengthUnit::Minutes, 0),
    (LengthUnit::Hours, 0),
    (LengthUnit::Days, 0),
    (LengthUnit::Days, -1),
    (LengthUnit::Nights, 0),
];

/// How sure it must be that numbers and lengths do not meet by chance, in nats: one in ten thousand slots.
const SURE: f64 = 9.2;

/// How unlikely it must be that those of the slot alone meet by chance, in nats: one in twenty.
const LIKELY: f64 = 3.0;

/// As many different words before the last one show that they do not matter.
const WIDE: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Slot<'a> {
    object: &'a str,
    place: &'a str,
    kind: SlotType,
    anchor: Anchor,
}

/// How long a booking takes: in minutes, and in days of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Takes {
    minutes: i64,
    days: i64,
}

/// One number, and the booking that its record tells of.
#[derive(Debug, Clone, Copy)]
struct Meeting {
    length: Length,
    agrees: [bool; WAYS.len()],
    /// It is something else of the booking: its number, a resource's key.
    other: bool,
}

#[derive(Debug, Default)]
struct Tally<'a> {
    met: Vec<Meeting>,
    /// How long the bookings took that it met.
    took: Vec<Takes>,
    samples: Vec<String>,
    /// More specific forms of the slot.
    children: BTreeSet<Slot<'a>>,
}

/// Learns the rules of slots that hold lengths.
pub fn learn(study: &Study<'_>, templates: &Templates) -> Vec<Rule> {
    let mut order: Vec<usize> = (0..study.documents.len())
        .filter(|at| study.links[*at].is_some() && templates.counts(*at))
        .collect();
    // The last word of each booking first.
    order.sort_by_key(|at| (std::cmp::Reverse(study.documents[*at].document.said_at), *at));
    let mut tallies: BTreeMap<Slot<'_>, Tally<'_>> = BTreeMap::new();
    let mut told: BTreeMap<&str, HashSet<Slot<'_>>> = BTreeMap::new();
    for at in order {
        let (lexed, Some(truth)) = (study.documents[at], study.links[at]) else {
            continue;
        };
        let starts_ends = truth.booking.starts_at.zip(truth.booking.ends_at);
        let Some((start, end)) = starts_ends.filter(|_| lexed.document.standing == Standing::Business) else {
            continue;
        };
        let zone = truth.zone();
        let takes = takes(start, end, zone);
        let before = told.entry(&truth.booking.key).or_default();
        let mut here: Vec<Slot<'_>> = Vec::new();
        for (index, (_, line)) in lexed.lines.iter().enumerate() {
            let text = lexed.text(index);
            for stated in lengths(line) {
                let said = &text[line.tokens[stated.first].1.start..line.tokens[stated.last].1.end];
                let agrees = WAYS.map(|(unit, more)| match stated.length.end(unit, start, more, zone) {
                    Some(reckoned) if unit == LengthUnit::Nights => reckoned.date(zone) == end.date(zone),
                    Some(reckoned) => reckoned == end,
                    None => false,
                });
                let meeting = Meeting {
                    length: stated.length,
                    agrees,
                    other: !truth.fields_of_text(said).is_empty(),
                };
                let forms = forms(study, lexed, index, &stated);
                for (level, form) in forms.iter().enumerate() {
                    if before.contains(form) {
                        continue;
                    }
                    let tally = tallies.entry(form.clone()).or_default();
                    tally.met.push(meeting);
                    tally.took.push(takes);
                    tally.children.extend(forms.get(level + 1).cloned());
                    if tally.samples.len() < 3 && !tally.samples.iter().any(|sample| sample == said) {
                        tally.samples.push(said.to_owned());
                    }
                }
                here.extend(forms);
            }
        }
        before.extend(here);
    }
    let children: BTreeSet<&Slot<'_>> = tallies.values().flat_map(|tally| &tally.children).collect();
    let roots: Vec<&Slot<'_>> = tallies.keys().filter(|slot| !children.contains(slot)).collect();
    let all: BTreeMap<&str, Takes> = study
        .links
        .iter()
        .flatten()
        .filter_map(|truth| {
            let (start, end) = truth.booking.starts_at.zip(truth.booking.ends_at)?;
            Some((truth.booking.key.as_str(), takes(start, end, truth.zone())))
        })
        .collect();
    let all: Vec<Takes> = all.into_values().collect();
    let mut rules = Vec::new();
    let mut done = BTreeSet::new();
    for root in roots {
        emit(root, &tallies, &all, &mut done, &mut rules);
    }
    let more = singular(&rules, &tallies, &all);
    rules.extend(more);
    rules.sort();
    rules
}

/// Beside `2 hours` and `3 hours` stands `1 hour`, which is always the same: behind words behind which lengths stand, in
/// the same unit.
fn singular(proven: &[Rule], tallies: &BTreeMap<Slot<'_>, Tally<'_>>, all: &[Takes]) -> Vec<Rule> {
    let word = |right: Option<&Piece>| matches!(right, Some(Piece::Is(Token::Word(_))));
    let mut rules: Vec<Rule> = Vec::new();
    for (slot, tally) in tallies {
        let beside = |rule: &&Rule| {
            rule.object == slot.object
                && rule.place == slot.place
                && rule.slot == slot.kind
                && rule.anchor.left == slot.anchor.left
                && word(rule.anchor.right.as_ref())
        };
        let known = proven
            .iter()
            .any(|rule| beside(&rule) && rule.anchor == slot.anchor);
        if known || !word(slot.anchor.right.as_ref()) {
            continue;
        }
        let mut found = proven.iter().filter(beside).filter_map(|rule| {
            let way = (rule.reading.unit?, rule.reading.days);
            let way = WAYS.iter().position(|other| *other == way)?;
            Some((way, tally.holds(way, all)?))
        });
        if let Some((way, agree)) = found.next() {
            rules.push(rule(slot, tally, way, agree));
        }
    }
    rules
}

fn rule(slot: &Slot<'_>, tally: &Tally<'_>, way: usize, agree: u32) -> Rule {
    let (unit, days) = WAYS[way];
    Rule {
        object: slot.object.to_owned(),
        place: slot.place.to_owned(),
        template: None,
        slot: slot.kind,
        anchor: slot.anchor.clone(),
        field: FieldName::EndsAt,
        reading: Reading {
            unit: Some(unit),
            days,
            ..Reading::default()
        },
        support: u32::try_from(tally.met.len()).unwrap_or(u32::MAX),
        agree,
        samples: tally.samples.clone(),
        values: BTreeMap::new(),
        except: BTreeSet::new(),
        unless: BTreeSet::new(),
        behind: false,
        until_over: false,
    }
}

fn takes(start: When, end: When, zone: Tz) -> Takes {
    let days = (end.date(zone) - start.date(zone)).num_days();
    let minutes = start.until(end).map(|length| length.num_minutes());
    Takes {
        minutes: minutes.unwrap_or(days * 24 * 60),
        days,
    }
}

/// The slot of a length, from general to specific. The word behind it is always part of it, or the sign: beside the
/// same label 90 minutes stand, and 2 hours.
fn forms<'a>(study: &Study<'_>, lexed: &'a Lexed<'_>, index: usize, stated: &Stated) -> Vec<Slot<'a>> {
    let object = lexed.document.object.as_str();
    let (_, line) = &lexed.lines[index];
    let (left, right) = length_surroundings(line, stated, lexed.above(index));
    let known = |piece: &Piece| masked(piece, object, study.vocabulary);
    let left: Vec<Piece> = left.iter().map(known).collect();
    let right = known(&right);
    let word = |piece: Option<&Piece>| matches!(piece, Some(Piece::Is(Token::Word(_))));
    // Somewhere beside it the unit stands.
    if !word(left.last()) && !word(Some(&right)) && stated.kind != SlotType::Moment {
        let label = left.iter().any(|piece| word(Some(piece)));
        if !label {
            return Vec::new();
        }
    }
    let least = usize::from(left.last() == Some(&Piece::Any)) + 1;
    (least..=left.len())
        .map(|length| Slot {
            object,
            place: lexed.place(index),
            kind: stated.kind,
            anchor: Anchor {
                left: left[left.len() - length..].to_vec(),
                right: Some(right.clone()),
            },
        })
        .collect()
}

/// The most general form of a slot that is pure, else its more specific forms.
fn emit<'a>(
    slot: &Slot<'a>,
    tallies: &BTreeMap<Slot<'a>, Tally<'a>>,
    all: &[Takes],
    done: &mut BTreeSet<Slot<'a>>,
    rules: &mut Vec<Rule>,
) {
    if !done.insert(slot.clone()) {
        return;
    }
    let Some(tally) = tallies.get(slot) else { return };
    if let Some((way, agree)) = tally.way(all) {
        let mut forms = tally.children.iter().filter_map(|child| tallies.get(child));
        let pure = forms.all(|child| child.met.len() < 5 || child.agreeing(way) * 2 >= child.met.len());
        // One piece is enough where different ones stand before it.
        if pure && (slot.anchor.left.len() > 1 || tally.children.len() >= WIDE) {
            rules.push(rule(slot, tally, way, agree));
            return;
        }
    }
    for child in &tally.children {
        emit(child, tallies, all, done, rules);
    }
}

impl Tally<'_> {
    fn agreeing(&self, way: usize) -> usize {
        self.met.iter().filter(|meeting| meeting.agrees[way]).count()
    }

    /// In which of the ways it is a length, and how often.
    fn way(&self, all: &[Takes]) -> Option<(usize, u32)> {
        let ways = 0..WAYS.len();
        // Of two that agree alike, the first says more.
        let way = ways.max_by_key(|way| (self.agreeing(*way), std::cmp::Reverse(*way)))?;
        let agree = self.holds(way, all)?;
        (self.evidence(way, &self.took) >= LIKELY).then_some((way, agree))
    }

    /// How often it is a length in one of the ways, where that is often enough, and not by chance among others.
    fn holds(&self, way: usize, others: &[Takes]) -> Option<u32> {
        let seen = u32::try_from(self.met.len()).ok()?;
        let agree = u32::try_from(self.agreeing(way)).ok()?;
        let other = self.met.iter().filter(|meeting| meeting.other).count();
        let margin = self.agreeing(way).saturating_sub(other);
        let holds = passes(FieldName::EndsAt, seen, agree)
            && margin >= (self.met.len() / 20).max(2)
            && self.evidence(way, others) >= SURE;
        holds.then_some(agree)
    }

    /// How far it agrees beyond what it would with these bookings, in nats.
    #[allow(clippy::cast_precision_loss)] // counts of records
    fn evidence(&self, way: usize, others: &[Takes]) -> f64 {
        let seen = self.met.len() as f64;
        seen * divergence(self.agreeing(way) as f64 / seen, self.chance(way, others))
    }

    /// How often a number of the slot would agree with the booking of another record.
    fn chance(&self, way: usize, others: &[Takes]) -> f64 {
        let (unit, more) = WAYS[way];
        let mut lengths: BTreeMap<i64, usize> = BTreeMap::new();
        for takes in others {
            let minutes = if unit.is_of_days() {
                (takes.days - i64::from(more)) * 24 * 60
            } else {
                takes.minutes
            };
            *lengths.entry(minutes).or_default() += 1;
        }
        let of = |meeting: &Meeting| lengths.get(&meeting.length.minutes(unit)?).copied();
        let pairs: usize = self.met.iter().filter_map(of).sum();
        #[allow(clippy::cast_precision_loss)] // counts of records
        let share = pairs as f64 / (self.met.len() * others.len()) as f64;
        share
    }
}

/// How far one share lies above another, in nats for each record; the chance to see it is at most e to minus the sum of
/// them. Source: Chernoff's bound on a binomial's tail.
fn divergence(share: f64, chance: f64) -> f64 {
    if chance <= 0.0 || share <= chance {
        return if share > chance { f64::INFINITY } else { 0.0 };
    }
    let term = |share: f64, chance: f64| {
        if share <= 0.0 {
            0.0
        } else {
            share * (share / chance).ln()
        }
    };
    term(share, chance) + term(1.0 - share, 1.0 - chance)
}

#[cfg(test)]
mod tests {
    use super::divergence;

    #[test]
    fn what_always_agrees_by_chance_shows_nothing() {
        assert!(divergence(1.0, 1.0) < 1e-9);
        assert!(divergence(0.9, 0.95) < 1e-9);
    }

    #[test]
    fn the_rarer_the_chance_the_more_each_record_shows() {
        assert!((divergence(1.0, 0.5) - 2_f64.ln()).abs() < 1e-9);
        assert!(divergence(1.0, 0.25) > divergence(1.0, 0.5));
        assert!(divergence(0.9, 0.5) < divergence(1.0, 0.5));
    }
}
