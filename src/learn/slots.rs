//! Which field stands in which slot.
//!
//! A slot is a place, a type and the words around it. Every value that stood in it is compared with
//! all fields of the booking that its record tells of; the field that agrees often enough, more often
//! than chance and by a margin over the next, is the label. Only the last record of a booking that has
//! the slot counts: earlier ones state what was true before a change.

use super::agreement::is_end;
use super::corrections::corrections;
use super::estimates::Estimate;
use super::kinds::Templates;
use super::occurrences::{Occurrence, Stands, occurrences, slots_of_item, slots_of_span};
use super::quick::{Map, Set};
use super::vocabulary::Vocabulary;
use super::{Lexed, Truth, unset};
use crate::mapping::{
    Anchor, Found, Gazetteer, Idle, Part, Pattern, Piece, Reading, Rule, SlotType, Token, ideograph, squash,
};
use crate::model::{Business, Fate, FieldName, Standing};
use crate::reading::{SpanValue, phone_tail};
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// One source's records of the overlap.
pub struct Study<'a> {
    pub documents: &'a [&'a Lexed<'a>],
    pub links: &'a [Option<&'a Truth<'a>>],
    pub truths: &'a [Truth<'a>],
    /// The bookings of the backup by their references.
    pub numbers: &'a BTreeMap<&'a str, &'a Truth<'a>>,
    pub vocabulary: &'a Vocabulary,
    pub business: &'a Business,
    pub gazetteer: &'a Gazetteer,
    /// When the backup was made.
    pub until: DateTime<Utc>,
}

/// Where a value stood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Slot<'a> {
    pub object: &'a str,
    pub place: &'a str,
    pub template: Option<&'a Pattern>,
    pub kind: SlotType,
    /// Hours without a day: they mean something else than a day does in the same place.
    pub hours: bool,
    pub anchor: Anchor,
}

pub(super) type Label = (FieldName, Reading);

#[derive(Debug, Default)]
struct Tally<'a> {
    seen: u32,
    /// Those that state a day with its time.
    timed: u32,
    /// Those that are the day on which the record says it.
    today: u32,
    agree: BTreeMap<Label, u32>,
    /// Those that a later message of the booking put right: they were true when they were said.
    superseded: Superseded,
    /// Agreement with another booking, drawn blindly.
    chance: BTreeMap<Label, u32>,
    samples: Vec<String>,
    /// Hours without a day, as they are written: how often each stood there, and how often it was the booking's.
    hours: BTreeMap<String, (u32, u32)>,
    /// What agreed with a key: one digit is the key of something everywhere.
    keys: BTreeMap<FieldName, BTreeSet<String>>,
    /// Those beside which the same record states the start.
    beside: u32,
    /// Those that are what was given back of the booking's payments.
    given_back: u32,
    /// Those that are what a payment took and not the price, by how many hundredths of it they are, and those that are the price and not what a payment took.
    part_payments: BTreeMap<Option<i64>, u32>,
    unpaid_prices: u32,
    /// What it was of bookings that were not over when the backup was made.
    estimate: Estimate,
    /// More specific forms of the slot.
    children: BTreeSet<Slot<'a>>,
}

/// How often a later message put right what a slot held, taken for the start, the end, or the price.
#[derive(Debug, Default)]
struct Superseded {
    starts: u32,
    ends: u32,
    totals: u32,
}

/// A span: its line, the line above, its place among the line's spans, the kind of record and the place.
type At<'a> = (usize, Option<usize>, usize, &'a str, &'a str);

/// Slots with what was counted in them, by number: a slot is compared with others once, however often it occurs.
#[derive(Default)]
struct Tallies<'a> {
    numbers: Map<Slot<'a>, usize>,
    /// The numbers of a span's slots.
    spans: Map<At<'a>, Rc<[usize]>>,
    all: Vec<Tally<'a>>,
    /// A slot and a more specific form of it.
    forms: Set<(usize, usize)>,
}

impl<'a> Tallies<'a> {
    fn number(&mut self, slot: Slot<'a>) -> usize {
        let next = self.all.len();
        let number = *self.numbers.entry(slot).or_insert(next);
        if number == next {
            self.all.push(Tally::default());
        }
        number
    }

    /// The slots of an occurrence, from general to specific. Records have most lines in common.
    fn slots(
        &mut self,
        study: &Study<'_>,
        lexed: &'a Lexed<'_>,
        template: Option<&'a Pattern>,
        stands: Stands<'a>,
    ) -> Rc<[usize]> {
        let (index, span) = match stands {
            Stands::Span { index, span, .. } => (index, span),
            Stands::Item { place, .. } => {
                let slots = slots_of_item(lexed, place, template);
                return slots.into_iter().map(|slot| self.number(slot)).collect();
            }
        };
        let key = (
            super::number(&lexed.lines[index].1),
            lexed.above(index).map(super::number),
            span,
            lexed.document.object.as_str(),
            lexed.place(index),
        );
        if let Some(slots) = self.spans.get(&key) {
            return Rc::clone(slots);
        }
        let slots = slots_of_span(study, lexed, (index, span));
        let slots: Rc<[usize]> = slots.into_iter().map(|slot| self.number(slot)).collect();
        self.spans.insert(key, Rc::clone(&slots));
        slots
    }

    fn in_order(self) -> BTreeMap<Slot<'a>, Tally<'a>> {
        let mut slots: Vec<Option<Slot<'a>>> = vec![None; self.all.len()];
        for (slot, number) in self.numbers {
            slots[number] = Some(slot);
        }
        let mut all = self.all;
        for (slot, child) in self.forms {
            all[slot].children.extend(slots[child].clone());
        }
        slots.into_iter().flatten().zip(all).collect()
    }
}

/// The least support; below ten, all must agree.
const SUPPORT: u32 = 4;

/// How often a slot must agree with the backup to be taken for a field. Fields that change after a
/// record was made agree less often however well they are read.
fn threshold(field: FieldName) -> f64 {
    match field {
        FieldName::Reference | FieldName::BookingKey => 0.95,
        FieldName::CustomerName
        | FieldName::CustomerCalled
        | FieldName::CustomerEmail
        | FieldName::CustomerPhone => 0.85,
        FieldName::CustomerKey | FieldName::ResourceKey => 0.88,
        _ => 0.86,
    }
}

pub(super) fn passes(field: FieldName, seen: u32, agree: u32) -> bool {
    passes_of(field, seen, seen, agree)
}

/// `counted`: those seen that can tell for or against it.
fn passes_of(field: FieldName, seen: u32, counted: u32, agree: u32) -> bool {
    agree >= SUPPORT
        && if seen < 10 {
            agree == counted
        } else {
            f64::from(agree) >= threshold(field) * f64::from(counted)
        }
}

/// So many records are compared with their bookings at a time, over all cores.
const CHUNK: usize = 2_048;

/// Learns the rules of typed slots.
pub fn learn(study: &Study<'_>, templates: &Templates) -> (Vec<Rule>, Vec<Idle>) {
    let shared = shared_addresses(study);
    let unset = unset::lengths(study);
    let mut tallies = Tallies::default();
    let mut order: Vec<usize> = (0..study.documents.len())
        .filter(|at| study.links[*at].is_some())
        .collect();
    // The last word of each booking first.
    order.sort_by_key(|at| (std::cmp::Reverse(study.documents[*at].document.said_at), *at));
    let corrected = corrections(study);
    let mut told: Set<(usize, usize)> = Set::default();
    let decoys = study.truths.len();
    let index: Map<&str, usize> = study
        .truths
        .iter()
        .enumerate()
        .map(|(at, truth)| (truth.booking.key.as_str(), at))
        .collect();
    order.retain(|at| study.documents[*at].document.standing == Standing::Business && templates.counts(*at));
    let booking = |at: usize| {
        let truth = study.links[at]?;
        Some((truth, *index.get(truth.booking.key.as_str())?))
    };
    let found = |at: &usize| {
        let (truth, number) = booking(*at)?;
        let decoy = &study.truths[(number + decoys / 2 + 1) % decoys];
        let lexed = study.documents[*at];
        let mut found = occurrences(study, lexed, truth, Some(decoy), &shared);
        unset::leave_out(&mut found, lexed, &unset);
        Some(found)
    };
    let read = order.chunks(CHUNK).flat_map(|chunk| {
        let found: Vec<_> = chunk.par_iter().map(found).collect();
        chunk.iter().copied().zip(found)
    });
    for (at, occurrences) in read {
        let lexed = study.documents[at];
        let (Some((truth, booking)), Some(occurrences)) = (booking(at), occurrences) else {
            continue;
        };
        let changed = corrected
            .get(truth.booking.key.as_str())
            .filter(|_| lexed.document.object == "message")
            .zip(lexed.document.said_at)
            .map(|(last, at)| last.after(at))
            .unwrap_or_default();
        let fate = Fate::of(truth.booking, study.until, truth.zone());
        let mut here: Vec<usize> = Vec::new();
        // What a message states twice in the same words counts once, and is right where one of the two is: the old time and
        // the new one, in two blocks.
        let mut counted: Set<usize> = Set::default();
        let mut agreed: BTreeSet<(usize, Label)> = BTreeSet::new();
        let mut chanced: BTreeSet<(usize, Label)> = BTreeSet::new();
        let is_start = |occurrence: &Occurrence<'_>| {
            let mut labels = occurrence.labels.iter();
            labels.any(|(field, _)| *field == FieldName::StartsAt)
        };
        let starts = occurrences
            .iter()
            .filter(|occurrence| is_start(occurrence))
            .count();
        for occurrence in occurrences {
            let beside = starts > usize::from(is_start(&occurrence));
            let Occurrence {
                stands,
                timed,
                is_hour,
                is_today,
                is_given_back,
                payment,
                labels,
                chance,
                sample,
            } = occurrence;
            let is_merged = lexed.document.object == "message"
                && matches!(stands.kind(), SlotType::Moment | SlotType::Amount);
            let slots = tallies.slots(study, lexed, templates.of(at), stands);
            for (level, slot) in slots.iter().enumerate() {
                if told.contains(&(booking, *slot)) {
                    continue;
                }
                here.push(*slot);
                tallies
                    .forms
                    .extend(slots.get(level + 1).map(|child| (*slot, *child)));
                let tally = &mut tallies.all[*slot];
                let once = is_merged && !counted.insert(*slot);
                if !once {
                    tally.seen += 1;
                    tally.timed += u32::from(timed);
                    tally.today += u32::from(is_today);
                    tally.beside += u32::from(beside);
                    tally.given_back += u32::from(is_given_back);
                    let is_price = labels.iter().any(|(field, _)| *field == FieldName::Total);
                    if let (Some(minor), false, false) = (payment, is_price, changed.totals) {
                        let percent = truth
                            .total()
                            .and_then(|total| (minor * 100).checked_div(total.minor));
                        *tally.part_payments.entry(percent).or_default() += 1;
                    }
                    tally.unpaid_prices += u32::from(is_price && payment.is_none());
                    let right = |of: FieldName| labels.iter().any(|(field, _)| *field == of);
                    let moved = changed.starts && !right(FieldName::StartsAt);
                    let longer = changed.ends && !right(FieldName::EndsAt);
                    tally.superseded.starts += u32::from(moved);
                    tally.superseded.ends += u32::from(moved || longer);
                    let repriced = changed.totals && !right(FieldName::Total);
                    tally.superseded.totals += u32::from(repriced);
                    tally.estimate.see(fate, repriced);
                }
                for label in &labels {
                    if is_merged && !agreed.insert((*slot, *label)) && once {
                        continue;
                    }
                    *tally.agree.entry(*label).or_default() += 1;
                    tally.estimate.agree(fate, *label);
                    if matches!(
                        label.0,
                        FieldName::ResourceKey | FieldName::CustomerKey | FieldName::BookingKey
                    ) {
                        tally.keys.entry(label.0).or_default().insert(sample.clone());
                    }
                }
                for label in &chance {
                    if is_merged && !chanced.insert((*slot, *label)) && once {
                        continue;
                    }
                    *tally.chance.entry(*label).or_default() += 1;
                }
                if tally.samples.len() < 3 && !tally.samples.contains(&sample) {
                    tally.samples.push(sample.clone());
                }
                if is_hour {
                    let (seen, right) = tally.hours.entry(squash(&sample)).or_default();
                    *seen += 1;
                    *right += u32::from(!labels.is_empty());
                }
            }
        }
        told.extend(here.into_iter().map(|slot| (booking, slot)));
    }
    let tallies = tallies.in_order();
    let wide = Wide::of(&tallies);
    let mut rules = Vec::new();
    let roots: Vec<&Slot<'_>> = {
        let children: BTreeSet<&Slot<'_>> = tallies.values().flat_map(|tally| &tally.children).collect();
        tallies.keys().filter(|slot| !children.contains(slot)).collect()
    };
    let mut done = BTreeSet::new();
    for root in roots {
        emit(root, (&tallies, &wide), &mut done, &mut rules);
    }
    for rule in &mut rules {
        if matches!(rule.field, FieldName::CustomerEmail | FieldName::CustomerPhone) {
            rule.except.clone_from(&shared);
        }
    }
    unset::except(study, &unset, &mut rules);
    rules.sort();
    (rules, idle(&tallies))
}

/// So many messages show that a day beside the start is another than that of the booking.
const BESIDE: u32 = 20;

/// Slots of messages whose days are neither the start nor the end of a booking, or whose amounts are not its price, as a rule. Beside a start that is stated
/// in its own words it may be either by chance, of short bookings: the day of the feast. And those whose resource mostly is
/// not what was booked.
fn idle(tallies: &BTreeMap<Slot<'_>, Tally<'_>>) -> Vec<Idle> {
    let most = |tally: &Tally<'_>, fields: &[FieldName]| {
        let counts = tally
            .agree
            .iter()
            .filter(|((field, _), _)| fields.contains(field));
        counts.map(|(_, agree)| *agree).max().unwrap_or_default()
    };
    let of_booking = |tally: &Tally<'_>| most(tally, &[FieldName::StartsAt, FieldName::EndsAt]);
    let booked = |tally: &Tally<'_>| most(tally, &[FieldName::ResourceKey]);
    let price = |tally: &Tally<'_>| most(tally, &[FieldName::Total]);
    let whole = |tally: &Tally<'_>| {
        let edges = |(field, reading): &Label| {
            matches!(field, FieldName::StartsAt | FieldName::EndsAt) && reading.part == Part::Whole
        };
        let counts = tally.agree.iter().filter(|(label, _)| edges(label));
        counts.map(|(_, agree)| *agree).max().unwrap_or_default()
    };
    tallies
        .iter()
        .filter(|(slot, _)| {
            let kinds = matches!(
                slot.kind,
                SlotType::Moment | SlotType::Resource | SlotType::Amount
            );
            kinds && slot.object == "message" && slot.anchor.right.is_none()
        })
        .filter(|(slot, tally)| {
            match slot.kind {
                SlotType::Resource => return tally.seen >= BESIDE && booked(tally) * 5 <= tally.seen,
                SlotType::Amount => {
                    let is_none = tally.seen >= SUPPORT && price(tally) * 5 <= tally.seen;
                    return is_none && estimated(tally, slot).is_none();
                }
                _ => {}
            }
            let aside = tally.seen >= BESIDE && tally.beside * 20 >= tally.seen * 19;
            let chance = if aside { 2 } else { 5 };
            // When it was paid may be the booking's day, and is never its hour.
            let timed = tally.seen >= BESIDE && tally.timed == tally.seen;
            let hour = timed && whole(tally) * 20 <= tally.seen;
            let today = tally.states_today() && of_booking(tally) * 4 <= tally.seen * 3;
            tally.seen >= SUPPORT && (hour || today || of_booking(tally) * chance <= tally.seen)
        })
        .map(|(slot, tally)| Idle {
            object: slot.object.to_owned(),
            place: slot.place.to_owned(),
            slot: slot.kind,
            left: slot.anchor.left.clone(),
            support: tally.seen,
        })
        .collect()
}

/// An address in the records of so many people, and of none of them, is the business's own, or a platform's.
const STRANGERS: usize = 5;

/// Addresses and phones that stand in many people's records and are nobody's, squashed.
fn shared_addresses<'a>(study: &'a Study<'_>) -> BTreeSet<String> {
    let addresses = |truth: &'a Truth<'_>| [truth.email.as_str(), truth.phone.as_str()];
    let customers: BTreeSet<&str> = study.truths.iter().flat_map(addresses).collect();
    let mut of: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (lexed, truth) in study.documents.iter().zip(study.links) {
        let Some(truth) = truth else { continue };
        for (index, (_, line)) in lexed.lines.iter().enumerate() {
            for (at, found) in &line.spans {
                let text = &lexed.text(index)[line.tokens[*at].1.clone()];
                let address = match found {
                    Found::Read(SpanValue::Email(_)) => text.to_lowercase(),
                    Found::Read(SpanValue::Phone(_)) => phone_tail(text),
                    _ => continue,
                };
                if !customers.contains(address.as_str()) {
                    of.entry(squash(text)).or_default().insert(&truth.name);
                }
            }
        }
    }
    of.into_iter()
        .filter(|(_, people)| people.len() >= STRANGERS)
        .map(|(address, _)| address)
        .collect()
}

/// An hour of so many bookings that begin and end at others is wording.
const STANDING: u32 = 5;

/// As many different words before the last one show that they do not matter.
const WIDE: usize = 3;

/// The most general form of a slot that is pure, else its more specific forms.
fn emit<'a>(
    slot: &Slot<'a>,
    (tallies, wide_of): (&BTreeMap<Slot<'a>, Tally<'a>>, &Wide<'_, 'a>),
    done: &mut BTreeSet<Slot<'a>>,
    rules: &mut Vec<Rule>,
) {
    if !done.insert(slot.clone()) {
        return;
    }
    let Some(tally) = tallies.get(slot) else { return };
    // Some of what was entered together may be one booking and some several: then it is not known which.
    let holds_together =
        |(_, agree): &(Label, u32)| !slot.place.starts_with("/series/") || agree * 20 >= tally.seen * 19;
    let found = label(tally, slot)
        .filter(|found| wide_of.holds(slot, tally, *found))
        .filter(holds_together)
        .map(|(label, agree)| (label, (tally.seen, agree), false));
    let estimated = || {
        let label = estimated(tally, slot)
            .filter(|label| wide_of.holds_of_estimate(slot, tally, *label))
            .filter(|_| !slot.place.starts_with("/series/"))?;
        Some((label, tally.estimate.counts(label), true))
    };
    if let Some((label, (support, agree), until_over)) = found.or_else(estimated) {
        let pure = tally
            .children
            .iter()
            .filter_map(|child| tallies.get(child))
            .all(|child| {
                if until_over {
                    child.bears_estimate(label)
                } else {
                    child.bears(label)
                }
            });
        // One piece is enough where different ones stand before it.
        let wide = !matches!(slot.anchor.left.as_slice(), [piece] if is_particle(piece))
            || tally.children.len() >= WIDE;
        if pure && wide {
            let (field, reading) = label;
            rules.push(Rule {
                object: slot.object.to_owned(),
                place: slot.place.to_owned(),
                template: slot.template.cloned(),
                slot: slot.kind,
                anchor: slot.anchor.clone(),
                field,
                reading,
                support,
                agree,
                samples: tally.samples.clone(),
                values: BTreeMap::new(),
                except: standing_hours(slot, tallies),
                unless: BTreeSet::new(),
                behind: false,
                until_over,
            });
            return;
        }
    }
    for child in &tally.children {
        emit(child, (tallies, wide_of), done, rules);
    }
}

/// Hours that stand where a slot's days do, the same ones with many bookings and hardly ever theirs: when the doors open
/// (`open daily 8:30–18:00`, where a stay is `15.–17. 3.`). They are wording, and no value that could not be read.
fn standing_hours<'a>(slot: &Slot<'a>, tallies: &BTreeMap<Slot<'a>, Tally<'a>>) -> BTreeSet<String> {
    if slot.kind != SlotType::Moment || slot.hours {
        return BTreeSet::new();
    }
    let of_hours = Slot {
        hours: true,
        ..slot.clone()
    };
    // With any word before the last one it reads what stands behind frequent words too.
    let reads = |other: &Slot<'a>| {
        let (own, left) = (&of_hours.anchor, other.anchor.left.as_slice());
        let wide = matches!((own.left.as_slice(), left), ([Piece::Any, last], [_, other]) if last == other);
        other.hours
            && (other.object, other.place) == (slot.object, slot.place)
            && (*other == of_hours || wide && (&own.right, &other.anchor.right) == (&None, &None))
    };
    let mut hours: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (text, (seen, right)) in tallies
        .iter()
        .filter(|(other, _)| reads(other))
        .flat_map(|(_, tally)| &tally.hours)
    {
        let of = hours.entry(text).or_default();
        *of = (of.0 + seen, of.1 + right);
    }
    let standing = hours
        .into_iter()
        .filter(|(_, (seen, right))| *seen >= STANDING && right * 20 <= *seen);
    standing.map(|(text, _)| text.to_owned()).collect()
}

/// The slots of known words without a label of their own, by what they would be with any word in the place of some.
struct Wide<'t, 'a>(Map<Slot<'a>, Vec<&'t Tally<'a>>>);

impl<'t, 'a> Wide<'t, 'a> {
    fn of(tallies: &'t BTreeMap<Slot<'a>, Tally<'a>>) -> Self {
        let mut alike: Map<Slot<'a>, Vec<&Tally<'a>>> = Map::default();
        for (slot, tally) in tallies {
            if slot.anchor.left.len() < 2 || slot.anchor.right.is_some() {
                continue;
            }
            let forms = wider(&slot.anchor.left).into_iter().map(|left| Slot {
                anchor: Anchor { left, right: None },
                ..slot.clone()
            });
            let learned: Vec<Slot<'a>> = forms.filter(|form| tallies.contains_key(form)).collect();
            if !learned.is_empty() && label(tally, slot).is_none() {
                for form in learned {
                    alike.entry(form).or_default().push(tally);
                }
            }
        }
        Self(alike)
    }

    /// Whether a slot with any word in some place holds in all that it would read: also where a frequent word stands
    /// there, of which no slot of its own was learned.
    fn holds(&self, slot: &Slot<'a>, own: &Tally<'_>, (label, _): (Label, u32)) -> bool {
        let agreeing = |tally: &Tally<'_>| tally.agree.get(&label).copied().unwrap_or(0);
        self.holds_by(slot, own, label.0, |tally| (tally.seen, agreeing(tally)))
    }

    fn holds_of_estimate(&self, slot: &Slot<'a>, own: &Tally<'_>, label: Label) -> bool {
        self.holds_by(slot, own, label.0, |tally| tally.estimate.counts(label))
    }

    /// `counts`: how many there are, and how many agree.
    fn holds_by(
        &self,
        slot: &Slot<'a>,
        own: &Tally<'_>,
        field: FieldName,
        counts: impl Fn(&Tally<'_>) -> (u32, u32),
    ) -> bool {
        let alike = self.0.get(slot).into_iter().flatten();
        let (seen, agree) = alike.fold((0, 0), |(seen, agree), tally| {
            let (more, agreeing) = counts(tally);
            (seen + more, agree + agreeing)
        });
        let own = counts(own);
        seen == 0 || passes(field, own.0 + seen, agree + own.1)
    }
}

/// The words before a slot with any word in the place of some of them; of two pieces also of a sign before a word.
fn wider(left: &[Piece]) -> BTreeSet<Vec<Piece>> {
    let is_word = |at: usize| match &left[at] {
        Piece::Is(Token::Word(_)) => true,
        Piece::Is(_) => at == 0 && left.len() == 2,
        _ => false,
    };
    let words: Vec<usize> = (0..left.len()).filter(|at| is_word(*at)).collect();
    let mut forms = BTreeSet::from([left.to_vec()]);
    for at in words {
        let masked: Vec<Vec<Piece>> = forms
            .iter()
            .map(|form| {
                let mut form = form.clone();
                form[at] = Piece::Any;
                form
            })
            .collect();
        forms.extend(masked);
    }
    forms.remove(left);
    forms
}

pub(super) fn is_particle(piece: &Piece) -> bool {
    matches!(piece, Piece::Is(Token::Word(word)) if word.chars().count() == 1 && word.chars().any(ideograph))
}

impl Tally<'_> {
    fn agreeing(&self, field: FieldName, reading: Reading, part: Part) -> u32 {
        let label = (field, Reading { part, ..reading });
        self.agree.get(&label).copied().unwrap_or(0)
    }

    /// Whether it states when the record was written, as a receipt does: of bookings made for tomorrow that is near the start.
    fn states_today(&self) -> bool {
        self.today * 50 >= self.seen * 49
    }

    /// Whether it states what was given back: as a rule that is the whole price, and is no word on it.
    fn is_of_refunds(&self) -> bool {
        self.given_back >= 3 && self.given_back * 5 >= self.seen * 4
    }

    /// Whether it states what a payment took: the whole price as a rule, but a deposit's part of it where there was one. Where
    /// the parts are all different, the price was changed after it was paid.
    fn is_of_payments(&self) -> bool {
        let parts: u32 = self.part_payments.values().sum();
        let usual = self.part_payments.values().max().copied().unwrap_or_default();
        parts >= 4 && usual * 2 >= parts && self.unpaid_prices * 2 <= parts
    }

    /// Whether this more specific form does not speak against the label of the general one.
    fn bears(&self, (field, reading): Label) -> bool {
        if field == FieldName::Total && (self.is_of_refunds() || self.is_of_payments()) {
            return false;
        }
        let half = |yes: u32, seen: u32| seen < 5 || yes * 2 >= seen;
        if reading.part == Part::Written {
            let days = half(self.agreeing(field, reading, Part::Date), self.seen);
            return days && half(self.agreeing(field, reading, Part::Whole), self.timed);
        }
        half(self.agreeing(field, reading, reading.part), self.seen)
    }

    fn bears_estimate(&self, label: Label) -> bool {
        !self.is_of_refunds() && !self.is_of_payments() && self.estimate.bears(label)
    }

    /// Of a slot that states a day, and in some records its time: the field that both agree with.
    fn written(&self, reading: Reading) -> Option<(Label, u32)> {
        if reading.part != Part::Date || reading.days != 0 {
            return None;
        }
        let [starts, ends] = [FieldName::StartsAt, FieldName::EndsAt].map(|field| {
            let whole = self.agreeing(field, reading, Part::Whole);
            let days = self.agreeing(field, reading, Part::Date);
            (whole, days, field)
        });
        let ((whole, days, field), (rival, ..)) = if starts >= ends {
            (starts, ends)
        } else {
            (ends, starts)
        };
        let plain = Reading {
            part: Part::Whole,
            ..reading
        };
        let chance = self.chance.get(&(field, plain)).copied().unwrap_or(0);
        let holds = passes(field, self.timed, whole)
            && passes(field, self.seen, days)
            && whole - rival >= (self.timed / 20).max(2)
            && f64::from(chance) <= 0.6 * f64::from(whole);
        let part = Part::Written;
        holds.then_some(((field, Reading { part, ..reading }), days))
    }
}

/// The label of a slot: enough support, lift over chance, a margin over the next field. A code that is always the
/// same names nothing.
fn label(tally: &Tally<'_>, slot: &Slot<'_>) -> Option<(Label, u32)> {
    let mut ranked: Vec<(u32, Label)> = tally
        .agree
        .iter()
        .map(|(label, agree)| (*agree, *label))
        .collect();
    // Among equals the simplest reading, and the start before the end: on one day they share their date.
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| rank(a.1).cmp(&rank(b.1))));
    let (mut agree, (mut field, mut reading)) = *ranked.first()?;
    // A day agrees a little more often than the day with its time: bookings move by hours. Where the
    // slot states both, both are read.
    let moment = |field| matches!(field, FieldName::StartsAt | FieldName::EndsAt);
    if reading.part != Part::Whole && moment(field) {
        let whole = ranked.iter().find(|(agree, (other, way))| {
            let counted = counted(tally, *other, *agree);
            moment(*other)
                && way.part == Part::Whole
                && way.days == 0
                && passes_of(*other, tally.seen, counted, *agree)
        });
        if let Some((whole_agree, (whole_field, way))) = whole {
            // Of a slot in which some records leave the time out, what these state is read as well.
            let days_alone = Reading {
                part: Part::Date,
                ..*way
            };
            let written = (tally.timed < tally.seen)
                .then(|| tally.written(days_alone))
                .flatten();
            if let Some(written) = written.filter(|((field, _), _)| field == whole_field) {
                return Some(written);
            }
            (agree, field, reading) = (*whole_agree, *whole_field, *way);
        }
    }
    let times = |field| matches!(field, FieldName::StartsAt | FieldName::EndsAt);
    let counted = counted(tally, field, agree);
    if !passes_of(field, tally.seen, counted, agree) {
        return None;
    }
    if times(field) && reading.part != Part::Whole && tally.states_today() && tally.today > agree {
        return None;
    }
    if field == FieldName::Total && (tally.is_of_refunds() || tally.is_of_payments()) {
        return None;
    }
    if slot.kind == SlotType::Code && tally.keys.get(&field).is_some_and(|keys| keys.len() < 2) {
        return None;
    }
    let chance = tally.chance.get(&(field, reading)).copied().unwrap_or(0);
    if f64::from(chance) > 0.6 * f64::from(agree) {
        return None;
    }
    let rival = ranked.iter().find(|(_, (other, way))| {
        // Start and end share their day: between two whole moments only whole ones are rivals.
        let same_part = way.part == reading.part || !times(field) || !times(*other);
        !kin(*other, field) && same_part
    });
    let margin = rival.map_or(agree, |(next, _)| agree.saturating_sub(*next));
    let needed = (tally.seen / 20).max(2);
    let tied_day = rival.filter(|(_, (other, way))| {
        reading.part == Part::Date
            && way.part == Part::Date
            && field == FieldName::StartsAt
            && *other == FieldName::EndsAt
    });
    // What ends by the format's own word is the end, where bookings are of one day.
    if let Some((agree, end)) = tied_day.filter(|_| margin < needed && is_end(slot.place)) {
        return Some((*end, *agree));
    }
    (margin >= needed || tied_day.is_some()).then(|| {
        let days_alone = ((field, reading), agree);
        tally.written(reading).unwrap_or(days_alone)
    })
}

/// The reading of a slot whose amount is the price until the booking is over.
fn estimated(tally: &Tally<'_>, slot: &Slot<'_>) -> Option<Label> {
    let label = tally
        .estimate
        .label()
        .filter(|_| slot.kind == SlotType::Amount && slot.object != "charge")?;
    let chance = tally.chance.get(&label).copied().unwrap_or(0);
    let (seen, agree) = tally.estimate.counts(label);
    // Other bookings were drawn for all records, also for those of bookings that are over.
    let by_chance = u64::from(chance) * u64::from(seen) * 10 <= u64::from(agree) * u64::from(tally.seen) * 6;
    (by_chance && !tally.is_of_refunds() && !tally.is_of_payments()).then_some(label)
}

/// How many of a slot's records count for a field. What a change put right since was as true, where most were not changed.
fn counted(tally: &Tally<'_>, field: FieldName, agree: u32) -> u32 {
    let superseded = match field {
        FieldName::StartsAt => tally.superseded.starts,
        FieldName::EndsAt => tally.superseded.ends,
        FieldName::Total => tally.superseded.totals,
        _ => 0,
    };
    if agree * 2 >= tally.seen {
        (tally.seen - superseded).max(agree)
    } else {
        tally.seen
    }
}

/// Two names for one thing are no rivals.
fn kin(a: FieldName, b: FieldName) -> bool {
    let class = |field| match field {
        FieldName::ResourceKey | FieldName::ResourceName | FieldName::ResourceCode => 1,
        FieldName::CustomerName
        | FieldName::CustomerFirstName
        | FieldName::CustomerLastName
        | FieldName::CustomerCalled => 2,
        _ => 0,
    };
    a == b || (class(a) != 0 && class(a) == class(b))
}

fn rank((field, reading): Label) -> (u8, FieldName, Reading) {
    let days = u8::from(reading.days != 0);
    (days, field, reading)
}

/// Words that vary from record to record are masked.
pub(super) fn masked(piece: &Piece, object: &str, vocabulary: &Vocabulary) -> Piece {
    match piece {
        Piece::Is(Token::Word(word)) if !vocabulary.knows(object, word) => Piece::Any,
        piece => piece.clone(),
    }
}
