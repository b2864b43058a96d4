//! Which field stands in which slot.
//!
//! A slot is a place, a type and the words around it. Every value that stood in it is compared with
//! all fields of the booking that its record tells of; the field that agrees often enough, more often
//! than chance and by a margin over the next, is the label. Only the last record of a booking that has
//! the slot counts: earlier ones state what was true before a change.

use super::corrections::corrections;
use super::kinds::Templates;
use super::vocabulary::Vocabulary;
use super::{Lexed, Truth};
use crate::mapping::{
    After, Anchor, Found, Gazetteer, Idle, Part, Pattern, Piece, Reading, Rule, SlotType, Token,
    amount_value, around, ideograph, instant, names_day, resolve, squash,
};
use crate::model::{Business, FieldName, Scalar, Standing, When};
use crate::reading::{DateOrder, DecimalMark, SpanValue, phone_tail};
use chrono::{NaiveTime, TimeDelta, Weekday};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// One source's records of the overlap.
pub struct Study<'a> {
    pub documents: &'a [&'a Lexed<'a>],
    pub links: &'a [Option<&'a Truth<'a>>],
    pub truths: &'a [Truth<'a>],
    pub vocabulary: &'a Vocabulary,
    pub business: &'a Business,
    pub gazetteer: &'a Gazetteer,
}

/// Where a value stood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Slot<'a> {
    object: &'a str,
    place: &'a str,
    template: Option<&'a Pattern>,
    kind: SlotType,
    /// Hours without a day: they mean something else than a day does in the same place.
    hours: bool,
    anchor: Anchor,
}

type Label = (FieldName, Reading);

#[derive(Debug, Default)]
struct Tally<'a> {
    seen: u32,
    /// Those that state a day with its time.
    timed: u32,
    agree: BTreeMap<Label, u32>,
    /// Those that a later message of the booking put right: they were true when they were said.
    superseded: Superseded,
    /// Agreement with another booking, drawn blindly.
    chance: BTreeMap<Label, u32>,
    samples: Vec<String>,
    /// What agreed with a key: one digit is the key of something everywhere.
    keys: BTreeMap<FieldName, BTreeSet<String>>,
    /// Those beside which the same record states the start.
    beside: u32,
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

/// Slots with what was counted in them, by number: a slot is compared with others once, however often it occurs.
#[derive(Default)]
struct Tallies<'a> {
    numbers: HashMap<Slot<'a>, usize>,
    all: Vec<Tally<'a>>,
    /// A slot and a more specific form of it.
    forms: HashSet<(usize, usize)>,
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
pub(super) fn threshold(field: FieldName) -> f64 {
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

/// Learns the rules of typed slots.
pub fn learn(study: &Study<'_>, templates: &Templates) -> (Vec<Rule>, Vec<Idle>) {
    let shared = shared_addresses(study);
    let mut tallies = Tallies::default();
    let mut order: Vec<usize> = (0..study.documents.len())
        .filter(|at| study.links[*at].is_some())
        .collect();
    // The last word of each booking first.
    order.sort_by_key(|at| (std::cmp::Reverse(study.documents[*at].document.said_at), *at));
    let corrected = corrections(study);
    let mut told: HashSet<(&str, usize)> = HashSet::new();
    let decoys = study.truths.len();
    let index: BTreeMap<&str, usize> = study
        .truths
        .iter()
        .enumerate()
        .map(|(at, truth)| (truth.booking.key.as_str(), at))
        .collect();
    for at in order {
        let lexed = study.documents[at];
        let Some(truth) = study.links[at] else { continue };
        if lexed.document.standing != Standing::Business || !templates.counts(at) {
            continue;
        }
        let decoy = index
            .get(truth.booking.key.as_str())
            .map(|index| &study.truths[(index + decoys / 2 + 1) % decoys]);
        let changed = corrected
            .get(truth.booking.key.as_str())
            .filter(|_| lexed.document.object == "message")
            .zip(lexed.document.said_at)
            .map(|(last, at)| last.after(at))
            .unwrap_or_default();
        let mut here: Vec<usize> = Vec::new();
        // What a message states twice in the same words counts once, and is right where one of the two is: the old time and
        // the new one, in two blocks.
        let mut counted: HashSet<usize> = HashSet::new();
        let mut agreed: BTreeSet<(usize, Label)> = BTreeSet::new();
        let mut chanced: BTreeSet<(usize, Label)> = BTreeSet::new();
        let occurrences = occurrences(study, lexed, truth, decoy, templates.of(at), &shared);
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
                slots,
                timed,
                labels,
                chance,
                sample,
            } = occurrence;
            let is_merged = lexed.document.object == "message"
                && slots
                    .first()
                    .is_some_and(|slot| matches!(slot.kind, SlotType::Moment | SlotType::Amount));
            let slots: Vec<usize> = slots.into_iter().map(|slot| tallies.number(slot)).collect();
            for (level, slot) in slots.iter().enumerate() {
                if told.contains(&(truth.booking.key.as_str(), *slot)) {
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
                    tally.beside += u32::from(beside);
                    let right = |of: FieldName| labels.iter().any(|(field, _)| *field == of);
                    let moved = changed.starts && !right(FieldName::StartsAt);
                    let longer = changed.ends && !right(FieldName::EndsAt);
                    tally.superseded.starts += u32::from(moved);
                    tally.superseded.ends += u32::from(moved || longer);
                    tally.superseded.totals += u32::from(changed.totals && !right(FieldName::Total));
                }
                for label in &labels {
                    if !agreed.insert((*slot, *label)) && once {
                        continue;
                    }
                    *tally.agree.entry(*label).or_default() += 1;
                    if matches!(
                        label.0,
                        FieldName::ResourceKey | FieldName::CustomerKey | FieldName::BookingKey
                    ) {
                        tally.keys.entry(label.0).or_default().insert(sample.clone());
                    }
                }
                for label in &chance {
                    if !chanced.insert((*slot, *label)) && once {
                        continue;
                    }
                    *tally.chance.entry(*label).or_default() += 1;
                }
                if tally.samples.len() < 3 && !tally.samples.contains(&sample) {
                    tally.samples.push(sample.clone());
                }
            }
        }
        told.extend(here.into_iter().map(|slot| (truth.booking.key.as_str(), slot)));
    }
    let tallies = tallies.in_order();
    let mut rules = Vec::new();
    let roots: Vec<&Slot<'_>> = {
        let children: BTreeSet<&Slot<'_>> = tallies.values().flat_map(|tally| &tally.children).collect();
        tallies.keys().filter(|slot| !children.contains(slot)).collect()
    };
    let mut done = BTreeSet::new();
    for root in roots {
        emit(root, &tallies, &mut done, &mut rules);
    }
    for rule in &mut rules {
        if matches!(rule.field, FieldName::CustomerEmail | FieldName::CustomerPhone) {
            rule.except.clone_from(&shared);
        }
    }
    rules.sort();
    (rules, idle(&tallies))
}

/// So many messages show that a day beside the start is another than that of the booking.
const BESIDE: u32 = 20;

/// Slots of messages whose days are neither the start nor the end of a booking, as a rule. Beside a start that is stated
/// in its own words it may be either by chance, of short bookings: the day of the feast.
fn idle(tallies: &BTreeMap<Slot<'_>, Tally<'_>>) -> Vec<Idle> {
    let of_booking = |tally: &Tally<'_>| {
        let times = |field| matches!(field, FieldName::StartsAt | FieldName::EndsAt);
        let counts = tally.agree.iter().filter(|((field, _), _)| times(*field));
        counts.map(|(_, agree)| *agree).max().unwrap_or_default()
    };
    tallies
        .iter()
        .filter(|(slot, _)| {
            slot.kind == SlotType::Moment && slot.object == "message" && slot.anchor.right.is_none()
        })
        .filter(|(_, tally)| {
            let aside = tally.seen >= BESIDE && tally.beside * 20 >= tally.seen * 19;
            let chance = if aside { 2 } else { 5 };
            tally.seen >= SUPPORT && of_booking(tally) * chance <= tally.seen
        })
        .map(|(slot, tally)| Idle {
            object: slot.object.to_owned(),
            place: slot.place.to_owned(),
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

/// As many different words before the last one show that they do not matter.
const WIDE: usize = 3;

/// The most general form of a slot that is pure, else its more specific forms.
fn emit<'a>(
    slot: &Slot<'a>,
    tallies: &BTreeMap<Slot<'a>, Tally<'a>>,
    done: &mut BTreeSet<Slot<'a>>,
    rules: &mut Vec<Rule>,
) {
    if !done.insert(slot.clone()) {
        return;
    }
    let Some(tally) = tallies.get(slot) else { return };
    if let Some(((field, reading), agree)) = label(tally, slot.kind == SlotType::Code) {
        let pure = tally
            .children
            .iter()
            .filter_map(|child| tallies.get(child))
            .all(|child| child.bears((field, reading)));
        // One piece is enough where different ones stand before it.
        let wide = !matches!(slot.anchor.left.as_slice(), [piece] if is_particle(piece))
            || tally.children.len() >= WIDE;
        if pure && wide {
            rules.push(Rule {
                object: slot.object.to_owned(),
                place: slot.place.to_owned(),
                template: slot.template.cloned(),
                slot: slot.kind,
                anchor: slot.anchor.clone(),
                field,
                reading,
                support: tally.seen,
                agree,
                samples: tally.samples.clone(),
                values: BTreeMap::new(),
                except: BTreeSet::new(),
                unless: BTreeSet::new(),
            });
            return;
        }
    }
    for child in &tally.children {
        emit(child, tallies, done, rules);
    }
}

fn is_particle(piece: &Piece) -> bool {
    matches!(piece, Piece::Is(Token::Word(word)) if word.chars().count() == 1 && word.chars().any(ideograph))
}

impl Tally<'_> {
    fn agreeing(&self, field: FieldName, reading: Reading, part: Part) -> u32 {
        let label = (field, Reading { part, ..reading });
        self.agree.get(&label).copied().unwrap_or(0)
    }

    /// Whether this more specific form does not speak against the label of the general one.
    fn bears(&self, (field, reading): Label) -> bool {
        let half = |yes: u32, seen: u32| seen < 5 || yes * 2 >= seen;
        if reading.part == Part::Written {
            let days = half(self.agreeing(field, reading, Part::Date), self.seen);
            return days && half(self.agreeing(field, reading, Part::Whole), self.timed);
        }
        half(self.agreeing(field, reading, reading.part), self.seen)
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
fn label(tally: &Tally<'_>, code: bool) -> Option<(Label, u32)> {
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
            moment(*other) && way.part == Part::Whole && way.days == 0 && passes(*other, tally.seen, *agree)
        });
        if let Some((whole_agree, (whole_field, way))) = whole {
            (agree, field, reading) = (*whole_agree, *whole_field, *way);
        }
    }
    // What a change put right since was as true, where most were not changed.
    let times = |field| matches!(field, FieldName::StartsAt | FieldName::EndsAt);
    let superseded = match field {
        FieldName::StartsAt => tally.superseded.starts,
        FieldName::EndsAt => tally.superseded.ends,
        FieldName::Total => tally.superseded.totals,
        _ => 0,
    };
    let counted = if agree * 2 >= tally.seen {
        (tally.seen - superseded).max(agree)
    } else {
        tally.seen
    };
    if !passes_of(field, tally.seen, counted, agree) {
        return None;
    }
    if code && tally.keys.get(&field).is_some_and(|keys| keys.len() < 2) {
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
    let tied_day = rival.is_some_and(|(_, (other, way))| {
        reading.part == Part::Date
            && way.part == Part::Date
            && field == FieldName::StartsAt
            && *other == FieldName::EndsAt
    });
    (margin >= needed || tied_day).then(|| {
        let days_alone = ((field, reading), agree);
        tally.written(reading).unwrap_or(days_alone)
    })
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

struct Occurrence<'a> {
    /// From general to specific.
    slots: Vec<Slot<'a>>,
    /// States a day with its time.
    timed: bool,
    labels: BTreeSet<Label>,
    /// The labels under which another booking agrees.
    chance: BTreeSet<Label>,
    sample: String,
}

/// Every typed value of a record, with its slot from general to specific.
fn occurrences<'a>(
    study: &Study<'_>,
    lexed: &'a Lexed<'_>,
    truth: &Truth<'_>,
    decoy: Option<&Truth<'_>>,
    template: Option<&'a Pattern>,
    shared: &BTreeSet<String>,
) -> Vec<Occurrence<'a>> {
    let object = lexed.document.object.as_str();
    // Where the day stands beside the hours, it tells it, not the day on which the record was made.
    let named = names_start(lexed, truth);
    let mut out = Vec::new();
    for (index, (_, line)) in lexed.lines.iter().enumerate() {
        let text = lexed.text(index);
        for (at, found) in &line.spans {
            let (Token::Span(slot), range) = &line.tokens[*at] else {
                continue;
            };
            let sample = text[range.clone()].to_owned();
            if matches!(slot, SlotType::Email | SlotType::Phone) && shared.contains(&squash(&sample)) {
                continue;
            }
            let hours = match found {
                Found::Read(SpanValue::Moment(moment)) => !names_day(moment),
                _ => false,
            };
            let labels = |truth: &Truth<'_>| {
                let mut labels = agreeing(study, lexed, found, &sample, truth);
                if named {
                    labels.retain(|(_, reading)| reading.after.is_none());
                }
                labels
            };
            // What all bookings of a list cost together is no word against a place of prices.
            let listed = lexed.document.listed();
            let of_all = listed.is_some_and(|listed| listed.is_of_all(lexed.item(index)));
            if of_all && *slot == SlotType::Amount && labels(truth).is_empty() {
                continue;
            }
            let (left, right) = around(line, *at, lexed.above(index));
            let known = |piece: &Piece| masked(piece, object, study.vocabulary);
            let left: Vec<Piece> = left.iter().map(known).collect();
            let right = known(&right);
            let tail = |length: usize| left[left.len().saturating_sub(length)..].to_vec();
            let make = |left: Vec<Piece>, right: Option<Piece>| Slot {
                object,
                place: lexed.place(index),
                template: None,
                kind: *slot,
                hours,
                anchor: Anchor { left, right },
            };
            // Rare words before the last one, a pet's name say, would make many slots out of one.
            let wide: Vec<Piece> = tail(2)
                .iter()
                .enumerate()
                .map(|(at, piece)| match piece {
                    Piece::Is(Token::Word(word))
                        if at == 0 && !study.vocabulary.is_frequent(object, word, 20) =>
                    {
                        Piece::Any
                    }
                    piece => piece.clone(),
                })
                .collect();
            let mut slots = Vec::new();
            if wide != tail(2) && wide.len() == 2 && matches!(wide[1], Piece::Is(Token::Word(_))) {
                slots.push(make(wide, None));
            }
            // A particle of a script without spaces says as much as a word, whatever sign stands before it.
            if left.len() > 1 && left.last().is_some_and(is_particle) {
                slots.push(make(tail(1), None));
            }
            slots.push(make(tail(2), None));
            if left.len() > 2 {
                slots.push(make(tail(3), None));
            }
            slots.push(make(left.clone(), Some(right)));
            out.push(Occurrence {
                slots,
                timed: is_timed(found, lexed),
                labels: labels(truth),
                chance: decoy.map(labels).unwrap_or_default(),
                sample: sample.clone(),
            });
        }
    }
    for item in &lexed.document.items {
        let compare = |truth: &Truth<'_>| {
            let mut labels = item_labels(&item.value, truth);
            // On the day on which a rest is due it is paid as a rule: that says nothing of the booking's day.
            if is_stamp(&item.value, lexed) {
                labels.retain(|(_, reading)| reading.part != Part::Date);
            }
            labels
        };
        if matches!(
            item.value,
            Scalar::Money(_) | Scalar::Instant(_) | Scalar::Date(_)
        ) {
            let make = |template: Option<&'a Pattern>| Slot {
                object,
                place: &item.place,
                template,
                kind: SlotType::Item,
                hours: false,
                anchor: Anchor::default(),
            };
            let mut slots = vec![make(None)];
            if let Some(template) = template {
                slots.push(make(Some(template)));
            }
            let sample = match &item.value {
                Scalar::Money(money) => money.to_string(),
                Scalar::Instant(at) => at.with_timezone(&study.business.zone).to_rfc3339(),
                Scalar::Date(date) => date.to_string(),
                _ => String::new(),
            };
            out.push(Occurrence {
                slots,
                timed: matches!(item.value, Scalar::Instant(_)),
                labels: compare(truth),
                chance: decoy.map(compare).unwrap_or_default(),
                sample,
            });
        }
    }
    out
}

/// Whether it is no more than when the record was made.
fn is_stamp(value: &Scalar, lexed: &Lexed<'_>) -> bool {
    let made = [lexed.document.made_at, lexed.document.said_at];
    matches!(value, Scalar::Instant(at) if made.contains(&Some(*at)))
}

fn is_timed(found: &Found, lexed: &Lexed<'_>) -> bool {
    let Found::Read(SpanValue::Moment(moment)) = found else {
        return false;
    };
    let mut ways = resolve(moment, lexed.document.said_at).into_iter();
    ways.any(|way| way.date.is_some() && way.time.is_some())
}

/// Words that vary from record to record are masked.
pub(super) fn masked(piece: &Piece, object: &str, vocabulary: &Vocabulary) -> Piece {
    match piece {
        Piece::Is(Token::Word(word)) if !vocabulary.knows(object, word) => Piece::Any,
        piece => piece.clone(),
    }
}

fn item_labels(value: &Scalar, truth: &Truth<'_>) -> BTreeSet<Label> {
    let mut labels = BTreeSet::new();
    let plain = Reading::default();
    match value {
        Scalar::Money(money) if truth.total() == Some(*money) && money.minor != 0 => {
            labels.insert((FieldName::Total, plain));
        }
        Scalar::Instant(at) => {
            for field in [FieldName::StartsAt, FieldName::EndsAt] {
                match truth.when(field) {
                    Some(When::Instant(true_at)) if true_at == *at => {
                        labels.insert((field, plain));
                    }
                    Some(When::Date(date)) if at.with_timezone(&truth.zone()).date_naive() == date => {
                        labels.insert((
                            field,
                            Reading {
                                part: Part::Date,
                                ..plain
                            },
                        ));
                    }
                    _ => {}
                }
            }
        }
        Scalar::Date(date) => dates(*date, None, truth, &mut labels),
        _ => {}
    }
    labels
}

/// The fields whose day this is, or is after exclusive ends are put right.
fn dates(date: chrono::NaiveDate, order: Option<DateOrder>, truth: &Truth<'_>, labels: &mut BTreeSet<Label>) {
    for field in [FieldName::StartsAt, FieldName::EndsAt] {
        for days in [0_i8, -1, 1] {
            if days != 0 && field == FieldName::StartsAt {
                continue;
            }
            if truth.date(field) == Some(date + TimeDelta::days(i64::from(days))) {
                labels.insert((
                    field,
                    Reading {
                        order,
                        days,
                        part: Part::Date,
                        ..Reading::default()
                    },
                ));
            }
        }
    }
}

/// The fields whose time of day this is.
fn times(time: NaiveTime, truth: &Truth<'_>, labels: &mut BTreeSet<Label>) {
    for field in [FieldName::StartsAt, FieldName::EndsAt] {
        let local = truth
            .instant(field)
            .map(|at| at.with_timezone(&truth.zone()).time());
        if local == Some(time) {
            let reading = Reading {
                part: Part::Time,
                ..Reading::default()
            };
            labels.insert((field, reading));
        }
    }
}

/// Whether a record names the day on which its booking starts.
fn names_start(lexed: &Lexed<'_>, truth: &Truth<'_>) -> bool {
    let Some(start) = truth.date(FieldName::StartsAt) else {
        return false;
    };
    let in_text = |found: &Found| match found {
        Found::Read(SpanValue::Moment(moment)) => resolve(moment, lexed.document.said_at)
            .iter()
            .any(|way| way.date == Some(start)),
        _ => false,
    };
    let typed = |value: &Scalar| match value {
        Scalar::Instant(at) => at.with_timezone(&truth.zone()).date_naive() == start,
        Scalar::Date(date) => *date == start,
        _ => false,
    };
    let mut spans = lexed.lines.iter().flat_map(|(_, line)| &line.spans);
    spans.any(|(_, found)| in_text(found)) || lexed.document.items.iter().any(|item| typed(&item.value))
}

/// A reminder is seldom sent earlier than this: a week.
const DAYS_AHEAD: u8 = 7;

/// The ways in which the day on which a record was made tells the day of a time: tomorrow, on Friday.
fn told_by_the_day(
    time: NaiveTime,
    weekday: Option<Weekday>,
    lexed: &Lexed<'_>,
    truth: &Truth<'_>,
    labels: &mut BTreeSet<Label>,
) {
    let Some(made) = lexed.document.said_at else {
        return;
    };
    let made = made.with_timezone(&truth.zone()).date_naive();
    let field = FieldName::StartsAt;
    let Some(start) = truth.instant(field) else { return };
    let ways = (0..=DAYS_AHEAD).map(After::Days).chain([After::Weekday]);
    for after in ways {
        let day = after.day(made, weekday);
        if day.and_then(|day| instant(day, (time, false), None, truth.zone())) == Some(start) {
            let reading = Reading {
                after: Some(after),
                ..Reading::default()
            };
            labels.insert((field, reading));
        }
    }
}

/// All fields that agree with a typed span, each with the reading under which it does.
fn agreeing(
    study: &Study<'_>,
    lexed: &Lexed<'_>,
    found: &Found,
    text: &str,
    truth: &Truth<'_>,
) -> BTreeSet<Label> {
    let mut labels = BTreeSet::new();
    let plain = Reading::default();
    match found {
        Found::Resource(keys) => {
            let theirs = study.gazetteer.within(keys, truth.booking.tenant.as_deref());
            if let ([key], Some(resource)) = (theirs.as_slice(), &truth.booking.resource)
                && *key == resource
            {
                labels.insert((FieldName::ResourceKey, plain));
            }
        }
        Found::Read(SpanValue::Moment(moment)) => {
            for way in resolve(moment, lexed.document.said_at) {
                // A certain date fits a slot of either order.
                let orders: &[Option<DateOrder>] = match way.order {
                    DateOrder::Certain | DateOrder::None => &[
                        None,
                        Some(DateOrder::DayMonth),
                        Some(DateOrder::MonthDay),
                        Some(DateOrder::YearMonthDay),
                    ],
                    order => &[Some(order)],
                };
                for order in orders {
                    if let Some(date) = way.date {
                        dates(date, *order, truth, &mut labels);
                        if let Some(at) = way
                            .time
                            .and_then(|time| instant(date, time, way.offset, study.business.zone))
                        {
                            for field in [FieldName::StartsAt, FieldName::EndsAt] {
                                if truth.instant(field) == Some(at) {
                                    labels.insert((
                                        field,
                                        Reading {
                                            order: *order,
                                            ..plain
                                        },
                                    ));
                                }
                            }
                        }
                    } else if let Some((time, _)) = way.time {
                        times(time, truth, &mut labels);
                        told_by_the_day(time, moment.weekday, lexed, truth, &mut labels);
                    }
                }
            }
        }
        Found::Read(SpanValue::Amount(amount)) => {
            for decimal in [DecimalMark::None, DecimalMark::Point, DecimalMark::Comma] {
                let reading = Reading {
                    decimal: Some(decimal),
                    ..plain
                };
                let value = amount_value(amount, reading, study.business.currency);
                if value.is_some() && value == truth.total() {
                    labels.insert((FieldName::Total, reading));
                }
            }
            if let Some(time) = amount.time {
                times(time, truth, &mut labels);
                told_by_the_day(time, None, lexed, truth, &mut labels);
            }
        }
        Found::Read(
            SpanValue::Email(_)
            | SpanValue::Phone(_)
            | SpanValue::Code(_)
            | SpanValue::Number(_)
            | SpanValue::Url(_),
        ) => {
            for field in truth.fields_of_text(text) {
                labels.insert((field, plain));
            }
        }
    }
    labels
}
