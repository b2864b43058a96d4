//! Hides the backup's bookings, rebuilds them from the records of the overlap, and compares.
//!
//! A composition: it calls link and fuse with a backup that is as old as the overlap. What it finds is
//! how often a booking that would have been called clean was exactly right, and which patterns of
//! evidence were not: those become flags.

use crate::fuse::{Fused, Pattern, Trial};
use crate::link;
use crate::mapping::{Mapping, Told, squash};
use crate::model::{
    About, Baseline, BaselineBooking, BaselineCustomer, Business, Linked, State, Status, Window,
};
use crate::rebuild::{Evidence, fuse_with};
use std::collections::{BTreeMap, BTreeSet};

/// Runs the backtest.
pub fn run(evidence: &Evidence<'_>, mappings: &[Mapping], told: &[Told<'_>], linked: &Linked) -> Trial {
    let window = evidence.window;
    let hidden = hide(evidence.baseline, window);
    if hidden.bookings.len() == evidence.baseline.bookings.len() {
        return Trial::default();
    }
    let before: Vec<Told<'_>> = told
        .iter()
        .filter(|told| told.document.said_at.is_none_or(|at| at <= window.backup))
        .cloned()
        .collect();
    let owner = owners(evidence.baseline, told, linked);
    let relinked = link::link(&before, &hidden, evidence.business.zone);
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
    let fused = fuse_with(&trial, mappings, &before, &relinked, &BTreeSet::new(), None);
    judge(&fused, &owner, evidence.baseline, evidence.business)
}

/// The backup as it would have been when the overlap began.
fn hide(baseline: &Baseline, window: &Window) -> Baseline {
    let old = |booking: &BaselineBooking| booking.created_at.is_some_and(|at| at < window.learn_from);
    let bookings: Vec<BaselineBooking> = baseline
        .bookings
        .iter()
        .filter(|booking| old(booking))
        .cloned()
        .collect();
    let kept: BTreeSet<&str> = bookings.iter().map(|booking| booking.key.as_str()).collect();
    let payments = baseline
        .payments
        .iter()
        .filter(|payment| payment.booking.as_deref().is_some_and(|key| kept.contains(key)))
        .filter(|payment| payment.paid_at.is_some_and(|at| at < window.learn_from))
        .cloned()
        .collect();
    let customers = baseline
        .customers
        .iter()
        .filter(|customer| customer.created_at.is_some_and(|at| at < window.learn_from))
        .cloned()
        .collect();
    Baseline {
        schema: baseline.schema.clone(),
        customers,
        resources: baseline.resources.clone(),
        payments,
        problems: Vec::new(),
        bookings,
    }
}

/// Which booking of the backup each record tells of, as the run with the whole backup found.
fn owners<'a>(
    baseline: &'a Baseline,
    told: &[Told<'a>],
    linked: &Linked,
) -> BTreeMap<&'a str, &'a BaselineBooking> {
    let mut owners = BTreeMap::new();
    for cluster in &linked.clusters {
        if let About::Baseline(at) = cluster.about {
            for member in &cluster.members {
                owners.insert(told[*member].document.record.as_str(), &baseline.bookings[at]);
            }
        }
    }
    owners
}

/// A pattern that is surely wrong more often than this becomes a flag. One booking alone is no pattern: a change that
/// no record tells of can hit any.
const TOLERANCE: f64 = 0.01;
const TWICE: usize = 2;

/// The lower bound of a share, 95 %. Source: Wilson (1927).
fn at_least(hits: usize, all: usize) -> f64 {
    const Z: f64 = 1.96;
    if all == 0 {
        return 0.0;
    }
    let (n, share) = (all as f64, hits as f64 / all as f64);
    let middle = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    (middle - spread) / (1.0 + Z * Z / n)
}

fn judge(
    fused: &[Fused],
    owner: &BTreeMap<&str, &BaselineBooking>,
    baseline: &Baseline,
    business: &Business,
) -> Trial {
    let mut trial = Trial::default();
    let customers: BTreeMap<&str, &BaselineCustomer> = baseline
        .customers
        .iter()
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut patterns: BTreeMap<&Pattern, (usize, usize)> = BTreeMap::new();
    for fused in fused {
        let booking = &fused.booking;
        let truth = match &booking.baseline_key {
            // Bookings that were not hidden are no test of rebuilding.
            Some(_) => continue,
            None => vote(fused, owner),
        };
        if booking.state == State::Flagged {
            trial.backtest.flagged += 1;
            continue;
        }
        let wrong = truth.map_or(vec!["no such booking"], |truth| {
            let customer = truth
                .customer
                .as_deref()
                .and_then(|key| customers.get(key))
                .copied();
            differences(fused, truth, customer, business)
        });
        let right = wrong.is_empty();
        if !right {
            let key = truth.map_or_else(|| booking.id.to_string(), |truth| truth.key.clone());
            trial.errors.push((key, fused.pattern.clone(), wrong));
        }
        trial.backtest.clean += 1;
        trial.backtest.right += u64::from(right);
        let (seen, wrong) = patterns.entry(&fused.pattern).or_default();
        *seen += 1;
        *wrong += usize::from(!right);
    }
    trial.weak = patterns
        .into_iter()
        .filter(|(_, (seen, wrong))| *wrong >= TWICE && at_least(*wrong, *seen) > TOLERANCE)
        .map(|(pattern, _)| pattern.clone())
        .collect();
    trial
}

fn vote<'a>(fused: &Fused, owner: &BTreeMap<&str, &'a BaselineBooking>) -> Option<&'a BaselineBooking> {
    let mut votes: BTreeMap<&str, (usize, &BaselineBooking)> = BTreeMap::new();
    for record in &fused.booking.records {
        if let Some(row) = owner.get(record.as_str()) {
            votes.entry(&row.key).or_insert((0, row)).0 += 1;
        }
    }
    votes
        .into_values()
        .max_by_key(|(count, _)| *count)
        .map(|(_, row)| row)
}

/// The fields in which a rebuilt booking differs from the backup's row.
fn differences(
    fused: &Fused,
    truth: &BaselineBooking,
    customer: Option<&BaselineCustomer>,
    business: &Business,
) -> Vec<&'static str> {
    let booking = &fused.booking;
    let day = |when: Option<crate::model::When>| when.map(|when| when.render(business.zone));
    let off = |status: Option<Status>| status == Some(Status::Cancelled);
    let text = |text: Option<&String>| text.map(|text| squash(text));
    let mut differs = Vec::new();
    let mut check = |name: &'static str, same: bool| {
        if !same {
            differs.push(name);
        }
    };
    check(
        "reference",
        truth.reference.is_none() || text(booking.reference.as_ref()) == text(truth.reference.as_ref()),
    );
    check("starts_at", day(booking.starts_at) == day(truth.starts_at));
    check("ends_at", day(booking.ends_at) == day(truth.ends_at));
    check("status", off(booking.status) == off(truth.status));
    check(
        "resource",
        booking.resource.key.is_none() || booking.resource.key == truth.resource,
    );
    check(
        "total",
        booking.total.is_none() || truth.total.is_none() || booking.total == truth.total,
    );
    check(
        "customer",
        booking.customer.name.is_none()
            || text(booking.customer.name.as_ref()) == text(customer.and_then(|row| row.name.as_ref())),
    );
    differs
}
