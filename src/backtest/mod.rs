//! Hides the backup's bookings, rebuilds them from the records of the overlap with what the others taught, and
//! compares.
//!
//! A composition: it calls learn, link and fuse with a backup that is as old as the overlap. What it finds is
//! how often a booking that would have been called clean was exactly right, and which patterns of
//! evidence were not: those become flags.

mod unplanned;

use crate::fuse::{Fused, Pattern, Trial};
use crate::learn::Overlap;
use crate::link::{self, Margins};
use crate::mapping::{Mapping, Told, squash};
use crate::model::{
    About, Baseline, BaselineBooking, BaselineCustomer, BaselinePayment, Business, Document, EvidenceTest,
    FieldName, FieldTest, Linked, Money, SourceKind, State, Status, Tried, Window, stable_hash,
};
use crate::rebuild::{Evidence, Lens, choose, fuse_with};
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// In how many parts the overlap is hidden in turn: each is read with what the others taught.
const PARTS: u64 = 3;

/// Runs the backtest. Out: how it went, and what links need according to it. `mappings` are those of the run itself; a
/// record of a hidden booking is read with what the bookings of the other parts taught, so that nothing is tested on what it
/// was learned from. `truth` is what the run with the whole backup found.
pub(crate) fn run(
    evidence: &Evidence<'_>,
    overlap: &Overlap<'_>,
    lens: &Lens<'_>,
    mappings: &[Mapping],
    told: &[Told<'_>],
    truth: &Truth<'_>,
) -> (Trial, Margins) {
    let owner = &truth.owner;
    let window = evidence.window;
    let hidden = hide(evidence.baseline, window);
    if hidden.bookings.len() == evidence.baseline.bookings.len() {
        return (Trial::default(), Margins::default());
    }
    // The part of each booking that is hidden: it is asked of every record, several times.
    let number = |row: &BaselineBooking| std::ptr::from_ref(row).addr();
    let rows = evidence.baseline.bookings.iter();
    let parts: HashMap<usize, u64> = rows
        .filter(|row| !was_there(row.created_at, window.learn_from))
        .map(|row| (number(row), part(row)))
        .collect();
    let part_of = |document: &Document| {
        let row = owner.get(document.record.as_str())?.first()?;
        parts.get(&number(row)).copied()
    };
    let lessons: Vec<Vec<Mapping>> = (0..PARTS)
        .into_par_iter()
        .map(|lesson| {
            let rest = without(evidence.baseline, |row| parts.get(&number(row)) == Some(&lesson));
            let admits = |document: &Document| part_of(document) != Some(lesson);
            let learned = overlap.teach(&rest, window, evidence.business, &admits);
            choose(learned.mappings, evidence.given)
        })
        .collect();
    let mut before: Vec<(usize, Told<'_>)> = told
        .iter()
        .enumerate()
        .filter(|(_, told)| takes_part(told.document, window))
        .filter(|(_, told)| part_of(told.document).is_none())
        .map(|(at, told)| (at, told.clone()))
        .collect();
    let mut all = mappings.to_vec();
    for (lesson, learned) in (0..PARTS).zip(lessons) {
        let of: Vec<usize> = (0..told.len())
            .filter(|at| takes_part(told[*at].document, window))
            .filter(|at| part_of(told[*at].document) == Some(lesson))
            .collect();
        let read = lens.tell(of.par_iter().map(|at| (*at, told[*at].document)), &learned);
        // Rules are named after their source: those of a lesson are rules of their own.
        let name = |source: &str| format!("{source} (lesson {lesson})");
        for (at, mut told) in of.into_iter().zip(read) {
            for claim in &mut told.claims.claims {
                if let Some((source, number)) = claim.rule.rsplit_once('#') {
                    claim.rule = format!("{}#{number}", name(source));
                }
            }
            before.push((at, told));
        }
        all.extend(learned.into_iter().map(|mapping| Mapping {
            source: name(&mapping.source),
            ..mapping
        }));
    }
    before.sort_by_key(|(at, _)| *at);
    let before: Vec<Told<'_>> = before.into_iter().map(|(_, told)| told).collect();
    // What was paid for the hidden bookings is hidden, but not how customers pay.
    let habits = link::habits(told, evidence.baseline, evidence.business.zone);
    let relink = |margins| link::link(&before, &hidden, evidence.business.zone, margins, Some(&habits));
    let mut relinked = relink(Margins::default());
    let tried = tried(&relinked, &before, truth);
    let margins = Margins::proven(&tried);
    if margins != Margins::default() {
        relinked = relink(margins);
    }
    let window = Window {
        learn_from: window.learn_from,
        backup: window.learn_from,
        loss: window.backup,
    };
    let trial = Evidence {
        baseline: &hidden,
        window: &window,
        ..*evidence
    };
    let fused = |linked: &Linked| fuse_with(&trial, &all, &before, linked, &Trial::default(), None);
    let judged = |fused: &[Fused]| judge(fused, owner, evidence.baseline, evidence.business);
    let weak = |fused: &[Fused]| unplanned::weak(fused, |fused| judged(fused).backtest.evidence);
    let (mut trial, unplanned) = rayon::join(
        || judged(&fused(&relinked)),
        || without_entries(&relinked, &before).map(|unplanned| weak(&fused(&unplanned))),
    );
    trial.unplanned = unplanned.unwrap_or_default();
    trial.backtest.hidden = (evidence.baseline.bookings.len() - hidden.bookings.len()) as u64;
    (trial, margins)
}

/// The same bookings with no calendar entry at any; None where most have none anyway.
fn without_entries(linked: &Linked, told: &[Told<'_>]) -> Option<Linked> {
    let is_entry = |at: usize| told[at].document.kind == SourceKind::GoogleCalendar;
    let mut rest = linked.clone();
    let mut entered = 0;
    for cluster in &mut rest.clusters {
        entered += usize::from(cluster.members.iter().any(|at| is_entry(*at)));
        cluster.members.retain(|at| !is_entry(*at));
        cluster.possible.retain(|(at, _)| !is_entry(*at));
    }
    (entered * 2 > rest.clusters.len()).then_some(rest)
}

/// Where each record of the overlap belongs.
pub(crate) struct Truth<'a> {
    owner: Owners<'a>,
    /// Records that weights alone placed, and not by much: nothing is tested on them.
    unsure: BTreeSet<&'a str>,
    /// Whether the backup says which charges paid for bookings.
    knows_payments: bool,
}

/// A place by weight is the truth where the backup's row is known, and it is so far ahead.
const SURE: f64 = 8.0;

impl<'a> Truth<'a> {
    /// As the run with the whole backup found.
    pub fn new(baseline: &'a Baseline, told: &[Told<'a>], linked: &Linked) -> Self {
        let weak = linked.tried.iter().filter(|tried| tried.bits < SURE);
        Self {
            owner: owners(baseline, told, linked),
            unsure: weak
                .map(|tried| told[tried.record].document.record.as_str())
                .collect(),
            knows_payments: baseline
                .payments
                .iter()
                .any(|payment| payment.provider_id.is_some()),
        }
    }

    /// What is known of one record: the bookings of the backup that it tells of, and whether that is sure.
    pub fn of(&self, record: &str) -> (Vec<&str>, bool) {
        let rows = self.owner.get(record).into_iter().flatten();
        let keys = rows.map(|row| row.key.as_str()).collect();
        (keys, !self.unsure.contains(record))
    }

    /// Whether a record belongs to a booking; None where that is not known.
    fn is_of(&self, record: &str, kind: SourceKind, row: &str) -> Option<bool> {
        if let Some(rows) = self.owner.get(record) {
            return (!self.unsure.contains(record)).then(|| rows.iter().any(|owner| owner.key == row));
        }
        // What belongs to no booking of the backup was wrongly placed; money only where the backup tells of money.
        (kind != SourceKind::Stripe || self.knows_payments).then_some(false)
    }
}

/// The places that were tried by weight, each with whether it was the true one.
fn tried(relinked: &Linked, before: &[Told<'_>], truth: &Truth<'_>) -> Vec<(Tried, bool)> {
    let judged = relinked.tried.iter().filter_map(|tried| {
        let document = before[tried.record].document;
        if document.kind == SourceKind::Stripe && !before[tried.record].may_pay() {
            return None;
        }
        let others = &relinked.clusters[tried.cluster?].members;
        let others = others.iter().filter(|member| **member != tried.record);
        let records = others.map(|member| before[*member].document.record.as_str());
        let row = vote(records, None, &truth.owner)?;
        let right = truth.is_of(document.record.as_str(), document.kind, &row.key)?;
        Some((tried.clone(), right))
    });
    judged.collect()
}

/// The booking that most of these records tell of; of several, the one with this number.
fn vote<'a, 'r>(
    records: impl Iterator<Item = &'r str>,
    reference: Option<&str>,
    owner: &Owners<'a>,
) -> Option<&'a BaselineBooking> {
    let mut votes: BTreeMap<&str, (usize, &BaselineBooking)> = BTreeMap::new();
    for record in records {
        for row in owner.get(record).into_iter().flatten() {
            votes.entry(&row.key).or_insert((0, row)).0 += 1;
        }
    }
    let reference = reference.map(squash);
    let own =
        |row: &BaselineBooking| reference.is_some() && row.reference.as_deref().map(squash) == reference;
    votes
        .into_values()
        .max_by_key(|(count, row)| (own(row), *count))
        .map(|(_, row)| row)
}

/// Whether a record is one of those from which the hidden bookings are rebuilt.
pub(crate) fn takes_part(document: &Document, window: &Window) -> bool {
    document.said_at.is_none_or(|said| said <= window.backup)
}

/// Whether a row stood in the backup already when the overlap began.
fn was_there(created_at: Option<DateTime<Utc>>, learn_from: DateTime<Utc>) -> bool {
    created_at.is_some_and(|at| at < learn_from)
}

/// The part in which a booking is hidden; a customer's bookings are hidden together.
fn part(row: &BaselineBooking) -> u64 {
    let who = row.customer.as_deref().unwrap_or(&row.key);
    let digits = stable_hash(&["part", who]);
    u64::from_str_radix(&digits[..8], 16).unwrap_or_default() % PARTS
}

/// The backup as it would have been when the overlap began.
fn hide(baseline: &Baseline, window: &Window) -> Baseline {
    let old = |at: Option<DateTime<Utc>>| was_there(at, window.learn_from);
    let mut hidden = without(baseline, |row| !old(row.created_at));
    hidden
        .payments
        .retain(|payment| payment.booking.is_some() && old(payment.paid_at));
    hidden.customers.retain(|customer| old(customer.created_at));
    hidden
}

/// The backup without some bookings and what was paid for them.
fn without(baseline: &Baseline, gone: impl Fn(&BaselineBooking) -> bool) -> Baseline {
    let (gone, kept): (Vec<&BaselineBooking>, Vec<&BaselineBooking>) =
        baseline.bookings.iter().partition(|row| gone(row));
    let gone: BTreeSet<&str> = gone.into_iter().map(|row| row.key.as_str()).collect();
    let unpaid =
        |payment: &&BaselinePayment| payment.booking.as_deref().is_some_and(|key| gone.contains(key));
    Baseline {
        family_first: baseline.family_first,
        total_ratio: baseline.total_ratio,
        schema: baseline.schema.clone(),
        customers: baseline.customers.clone(),
        resources: baseline.resources.clone(),
        payments: baseline
            .payments
            .iter()
            .filter(|payment| !unpaid(payment))
            .cloned()
            .collect(),
        problems: Vec::new(),
        bookings: kept.into_iter().cloned().collect(),
    }
}

/// Records with the bookings of the backup that they tell of: one, as a rule.
type Owners<'a> = BTreeMap<&'a str, Vec<&'a BaselineBooking>>;

/// Which booking of the backup each record tells of, as the run with the whole backup found.
fn owners<'a>(baseline: &'a Baseline, told: &[Told<'a>], linked: &Linked) -> Owners<'a> {
    let mut owners: Owners<'a> = BTreeMap::new();
    for cluster in &linked.clusters {
        if let About::Baseline(at) = cluster.about {
            for member in &cluster.members {
                let rows = owners.entry(told[*member].document.record.as_str()).or_default();
                rows.push(&baseline.bookings[at]);
            }
        }
    }
    owners
}

/// A pattern that is surely wrong more often than this becomes a flag. One booking alone is no pattern: a change that
/// no record tells of can hit any.
const TOLERANCE: f64 = 0.01;
const TWICE: u64 = 2;

/// The lower bound of a share, 95 %. Source: Wilson (1927).
fn at_least(hits: u64, all: u64) -> f64 {
    const Z: f64 = 1.96;
    if all == 0 {
        return 0.0;
    }
    let (n, share) = (all as f64, hits as f64 / all as f64);
    let middle = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    (middle - spread) / (1.0 + Z * Z / n)
}

fn judge(fused: &[Fused], owner: &Owners<'_>, baseline: &Baseline, business: &Business) -> Trial {
    let mut trial = Trial::default();
    let customers: BTreeMap<&str, &BaselineCustomer> = baseline
        .customers
        .iter()
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut patterns: BTreeMap<&Pattern, EvidenceTest> = BTreeMap::new();
    let mut fields: BTreeMap<&str, FieldTest> = BTreeMap::new();
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for fused in fused {
        let booking = &fused.booking;
        // Bookings that were not hidden are no test of rebuilding.
        if booking.baseline_key.is_some() {
            continue;
        }
        let records = booking.records.iter().map(crate::model::RecordId::as_str);
        let truth = vote(records, booking.reference.as_deref(), owner);
        found.extend(truth.map(|truth| truth.key.as_str()));
        let test = patterns.entry(&fused.pattern).or_insert_with(|| EvidenceTest {
            known_from: fused.pattern.0.clone(),
            clean: 0,
            right: 0,
            flagged: 0,
        });
        for stale in &fused.stale {
            // What was never stated cannot have stayed.
            let kept = match (truth, stale.field) {
                (Some(truth), FieldName::Total) => fused.stated_total.map(|total| Some(total) == truth.total),
                (Some(truth), _) => {
                    let key = booking.resource.key.as_ref();
                    key.map(|key| Some(key) == truth.resource.as_ref())
                }
                (None, _) => None,
            };
            let Some(kept) = kept else { continue };
            let (right, all) = trial.kept.entry(*stale).or_default();
            *right += u32::from(kept);
            *all += 1;
        }
        if booking.state == State::Flagged {
            trial.backtest.flagged += 1;
            test.flagged += 1;
            continue;
        }
        let found = truth.map_or_else(
            || Differences {
                wrong: vec!["no such booking"],
                told: vec!["no such booking".to_owned()],
                missing: Vec::new(),
            },
            |truth| {
                let customer = truth
                    .customer
                    .as_deref()
                    .and_then(|key| customers.get(key))
                    .copied();
                differences(fused, truth, customer, business)
            },
        );
        let count = |field: &'static str| FieldTest {
            field: field.to_owned(),
            wrong: 0,
            missing: 0,
        };
        for field in &found.wrong {
            fields.entry(field).or_insert_with(|| count(field)).wrong += 1;
        }
        for field in &found.missing {
            fields.entry(field).or_insert_with(|| count(field)).missing += 1;
        }
        let right = found.wrong.is_empty();
        if !right {
            let key = truth.map_or_else(|| booking.id.to_string(), |truth| truth.key.clone());
            trial.errors.push((key, fused.pattern.clone(), found.told));
        }
        trial.backtest.clean += 1;
        trial.backtest.right += u64::from(right);
        test.clean += 1;
        test.right += u64::from(right);
    }
    trial.weak = patterns
        .iter()
        .filter(|(_, test)| {
            let wrong = test.clean - test.right;
            wrong >= TWICE && at_least(wrong, test.clean) > TOLERANCE
        })
        .map(|(pattern, _)| (*pattern).clone())
        .collect();
    trial.backtest.found = found.len() as u64;
    trial.backtest.fields = fields.into_values().collect();
    trial.backtest.evidence = patterns.into_values().collect();
    trial
}

/// The fields of a rebuilt booking that are not as in the backup's row, and those that only the row has.
struct Differences {
    wrong: Vec<&'static str>,
    /// The same with what was rebuilt and what the row has, to be read.
    told: Vec<String>,
    missing: Vec<&'static str>,
}

fn differences(
    fused: &Fused,
    truth: &BaselineBooking,
    customer: Option<&BaselineCustomer>,
    business: &Business,
) -> Differences {
    let booking = &fused.booking;
    let day = |when: Option<crate::model::When>| when.map(|when| when.render(business.zone));
    let off = |status: Option<Status>| status == Some(Status::Cancelled);
    let text = |text: Option<&String>| text.map(|text| squash(text));
    let mut wrong = Vec::new();
    let mut told = Vec::new();
    let mut check = |name: &'static str, same: bool, ours: Option<String>, theirs: Option<String>| {
        if !same {
            wrong.push(name);
            let shown = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
            told.push(format!(
                "{name} (rebuilt {}, the backup has {})",
                shown(ours),
                shown(theirs)
            ));
        }
    };
    check(
        "reference",
        truth.reference.is_none() || text(booking.reference.as_ref()) == text(truth.reference.as_ref()),
        booking.reference.clone(),
        truth.reference.clone(),
    );
    let starts = (day(booking.starts_at), day(truth.starts_at));
    check("starts_at", starts.0 == starts.1, starts.0, starts.1);
    let ends = (day(booking.ends_at), day(truth.ends_at));
    check("ends_at", ends.0 == ends.1, ends.0, ends.1);
    let status = |status: Option<Status>| status.map(|status| status.as_str().to_owned());
    check(
        "status",
        off(booking.status) == off(truth.status),
        status(booking.status),
        status(truth.status),
    );
    check(
        "resource",
        booking.resource.key.is_none() || booking.resource.key == truth.resource,
        booking.resource.key.clone(),
        truth.resource.clone(),
    );
    let money = |total: Option<Money>| total.map(|total| total.to_string());
    check(
        "total",
        booking.total.is_none() || truth.total.is_none() || booking.total == truth.total,
        money(booking.total),
        money(truth.total),
    );
    let named = customer.and_then(|row| row.name.as_ref());
    check(
        "customer",
        booking.customer.name.is_none() || text(booking.customer.name.as_ref()) == text(named),
        booking.customer.name.clone(),
        named.cloned(),
    );
    let open = [
        (
            "resource",
            booking.resource.key.is_none() && truth.resource.is_some(),
        ),
        ("total", booking.total.is_none() && truth.total.is_some()),
        (
            "customer",
            booking.customer.name.is_none() && customer.is_some_and(|row| row.name.is_some()),
        ),
    ];
    let missing = open
        .into_iter()
        .filter(|(_, open)| *open)
        .map(|(name, _)| name)
        .collect();
    Differences { wrong, told, missing }
}
