//! From documents to bookings: the composition of learn, link and fuse that every command runs.

use crate::backtest;
use crate::fuse::{self, Fused, Pattern, Trial};
use crate::learn::{self, Learned};
use crate::link::{self, Linked, Told};
use crate::mapping::{Gazetteer, Mapping, Reader};
use crate::model::{Baseline, Booking, Business, Claim, Document, RecordId, Target, Window};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What goes in; nothing here reads a clock, a file or a database.
pub struct Evidence<'a> {
    pub documents: &'a [Document],
    pub baseline: &'a Baseline,
    pub window: &'a Window,
    pub business: &'a Business,
    pub target: Option<&'a Target>,
    /// Mappings that a person wrote or edited, by source: they win over what is learned.
    pub given: &'a [Mapping],
}

/// What comes out.
#[derive(Debug, Clone, Default)]
pub struct Rebuilt {
    /// In the order of their ids.
    pub bookings: Vec<Booking>,
    pub mappings: Vec<Mapping>,
    pub claims: Vec<Claim>,
    pub trial: Trial,
    pub money: Vec<MoneyTally>,
    /// Charges that belong to no booking, with the reason.
    pub without_booking: Vec<(RecordId, crate::model::Money, String)>,
    pub warnings: Vec<String>,
}

/// Where the money of the window ended up, in minor units of one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MoneyTally {
    pub currency: String,
    pub provider: i64,
    pub booked: i64,
    pub none: i64,
    pub asked: i64,
}

/// Learns, links and fuses; `progress` is told the name of each step.
pub fn rebuild(evidence: &Evidence<'_>, progress: &mut dyn FnMut(&'static str)) -> Rebuilt {
    progress("learn");
    let learned = learn::learn(
        evidence.documents,
        evidence.baseline,
        evidence.window,
        evidence.business,
    );
    let mappings = choose(learned.mappings.clone(), evidence.given);
    progress("extract");
    let gazetteer = Gazetteer::new(&evidence.baseline.resources);
    let told = tell(evidence.documents, &mappings, &gazetteer, evidence.business);
    progress("link");
    let linked = link::link(&told, evidence.baseline, evidence.business.zone);
    progress("backtest");
    let trial = backtest::run(evidence, &mappings, &told, &linked);
    progress("fuse");
    let fused = fuse_with(evidence, &mappings, &told, &linked, &trial.weak);
    finish(evidence, learned, mappings, &told, &linked, fused, trial)
}

fn choose(learned: Vec<Mapping>, given: &[Mapping]) -> Vec<Mapping> {
    let mut by: BTreeMap<String, Mapping> = learned
        .into_iter()
        .map(|mapping| (mapping.source.clone(), mapping))
        .collect();
    by.extend(
        given
            .iter()
            .map(|mapping| (mapping.source.clone(), mapping.clone())),
    );
    by.into_values().collect()
}

/// Reads every record's claims.
pub fn tell<'a>(
    documents: &'a [Document],
    mappings: &[Mapping],
    gazetteer: &Gazetteer,
    business: &Business,
) -> Vec<Told<'a>> {
    let empty = Mapping::default();
    let readers: BTreeMap<&str, Reader<'_>> = mappings
        .iter()
        .map(|mapping| (mapping.source.as_str(), Reader::new(mapping, gazetteer, business)))
        .collect();
    let fallback = Reader::new(&empty, gazetteer, business);
    documents
        .par_iter()
        .map(|document| {
            let reader = readers.get(document.record.source()).unwrap_or(&fallback);
            Told {
                document,
                claims: reader.read(document),
            }
        })
        .collect()
}

/// Fuses with what the backtest found.
pub(crate) fn fuse_with(
    evidence: &Evidence<'_>,
    mappings: &[Mapping],
    told: &[Told<'_>],
    linked: &Linked,
    weak: &BTreeSet<Pattern>,
) -> Vec<Fused> {
    fuse::fuse(&fuse::Input {
        told,
        linked,
        baseline: evidence.baseline,
        mappings,
        window: evidence.window,
        business: evidence.business,
        target: evidence.target,
        weak,
    })
}

fn finish(
    evidence: &Evidence<'_>,
    learned: Learned,
    mappings: Vec<Mapping>,
    told: &[Told<'_>],
    linked: &Linked,
    fused: Vec<Fused>,
    trial: Trial,
) -> Rebuilt {
    let mut warnings = learned.warnings;
    let strange: BTreeSet<&str> = told
        .iter()
        .filter(|told| told.document.object == "message" && link::speaks(told) && !told.claims.known)
        .filter(|told| {
            told.document
                .said_at
                .is_some_and(|at| at > evidence.window.backup)
        })
        .map(|told| told.document.record.source())
        .collect();
    for source in strange {
        let count = told
            .iter()
            .filter(|told| {
                told.document.record.source() == source && !told.claims.known && link::speaks(told)
            })
            .count();
        warnings.push(format!(
            "{count} messages of `{source}` are of kinds that were not seen before the backup"
        ));
    }
    let bookings: Vec<Booking> = fused.into_iter().map(|fused| fused.booking).collect();
    let (money, without_booking) = tally(evidence, told, linked, &bookings);
    Rebuilt {
        claims: told
            .iter()
            .flat_map(|told| told.claims.claims.iter().cloned())
            .collect(),
        bookings,
        mappings,
        trial,
        money,
        without_booking,
        warnings,
    }
}

/// Every captured charge since the backup in one bucket: on a booking, on none, or in a question.
fn tally(
    evidence: &Evidence<'_>,
    told: &[Told<'_>],
    linked: &Linked,
    bookings: &[Booking],
) -> (Vec<MoneyTally>, Vec<(RecordId, crate::model::Money, String)>) {
    let mut booked: BTreeSet<&str> = BTreeSet::new();
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    for booking in bookings {
        let open = booking.is_open();
        for payment in &booking.payments {
            if open {
                asked.insert(&payment.id)
            } else {
                booked.insert(&payment.id)
            };
        }
        for conflict in &booking.conflicts {
            for record in conflict
                .candidates
                .iter()
                .flat_map(|candidate| &candidate.records)
            {
                asked.insert(record.native());
            }
        }
    }
    let loose: BTreeSet<&RecordId> = linked.loose.iter().map(|at| &told[*at].document.record).collect();
    let mut sums: BTreeMap<String, MoneyTally> = BTreeMap::new();
    let mut without = Vec::new();
    for told in told.iter().filter(|told| link::captured(told.document)) {
        if told
            .document
            .said_at
            .is_none_or(|at| at <= evidence.window.backup)
        {
            continue;
        }
        let Some(amount) = told.document.money("/amount") else {
            continue;
        };
        let id = told.document.record.native();
        let sum = sums.entry(amount.currency.to_string()).or_default();
        sum.currency = amount.currency.to_string();
        sum.provider += amount.minor;
        if booked.contains(id) {
            sum.booked += amount.minor;
        } else if asked.contains(id) {
            sum.asked += amount.minor;
        } else {
            sum.none += amount.minor;
            let reason = if !link::may_pay(told) {
                "its kind never paid for a booking before the backup"
            } else if told.document.flag("/refunded") == Some(true) {
                "refunded whole"
            } else if loose.contains(&told.document.record) {
                "no booking fits it"
            } else {
                "its booking did not change"
            };
            without.push((told.document.record.clone(), amount, reason.to_owned()));
        }
    }
    without.sort();
    (sums.into_values().collect(), without)
}
