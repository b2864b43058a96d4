//! Holds rebuilt bookings against the truth of a world, and counts.
//!
//! In: what `rebook bookings --json` answered, the rows of the world's `truth/`, and three facts of its
//! configuration. Out: a [`Score`]. The one number that must be 0 is `silent`: a booking that nobody was
//! asked about and that is wrong. It measures, it does not judge. No file is opened here.
//!
//! - In scope are true bookings made in the gap that any surviving record tells of, and bookings of the
//!   backup that changed since. [`Measured::MadeInTheGap`]: the former alone, for a rebuild without a backup.
//! - Found: in scope, and exactly one rebuilt booking is it.
//! - A rebuilt booking is the true one that its `baseline_key` names, else the one that most of its records
//!   tell of, else the one of its reference.
//! - By kind of damage: a booking counts under every kind that befell it or its records.

mod compare;
mod restored;
mod rows;
mod score;

pub use restored::{Accuracy, Alone, Mistaken, Planned, Restored, Step, against_restored};
pub use rows::{Answer, EvaluateError, Truth, World, answers};
pub use score::{Fault, Field, NO_TRUE_BOOKING, Payments, Score, Tally, UNDAMAGED, Wrong};

use compare::Comparison;
use rows::{Row, State};
use std::collections::{BTreeMap, BTreeSet};

/// Which true bookings a rebuild is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// Those made in the gap, and those of the backup that changed since.
    Everything,
    /// Those made in the gap; what is rebuilt of older ones is not counted, nor are keys of resources.
    MadeInTheGap,
}

/// What stands for the true booking of a charge that was put on something untrue.
const NO_SUCH_BOOKING: &str = "no such booking";

/// Counts how many rebuilt bookings are right, wrong, or waiting for an answer.
pub fn evaluate(truth: &Truth, answers: &[Answer], measured: Measured) -> Score {
    let mut score = Score::default();
    let mut claimed: BTreeMap<&str, u64> = BTreeMap::new();
    let mut paid_to: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.state != State::Rejected) {
        let found = identify(truth, answer);
        for payment in &answer.payments {
            paid_to
                .entry(&payment.id)
                .or_default()
                .insert(found.map_or(NO_SUCH_BOOKING, |(key, _)| key));
        }
        if answer.is_unchanged() && answer.state == State::Clean {
            continue;
        }
        if measured == Measured::MadeInTheGap && found.is_some_and(|(_, row)| row.in_backup) {
            continue;
        }
        let copies = found.map_or(0, |(key, _)| {
            let copies = claimed.entry(key).or_default();
            *copies += 1;
            *copies
        });
        let comparison = found.map(|(_, row)| compare::compare(truth, answer, row, measured));
        let before = tally(&score);
        judge(answer, found, comparison.unwrap_or_default(), copies, &mut score);
        let after = tally(&score);
        for harm in harms(truth, found.map(|(key, _)| key)) {
            let tally = score.by_damage.entry(harm).or_default();
            tally.clean += after.clean - before.clean;
            tally.silent += after.silent - before.silent;
            tally.flagged += after.flagged - before.flagged;
            tally.suggested_right += after.suggested_right - before.suggested_right;
        }
    }
    for (key, row) in truth.bookings() {
        if is_in_scope(row, measured) {
            let found = u64::from(claimed.get(key) == Some(&1));
            score.scope += 1;
            score.found += found;
            for harm in harms(truth, Some(key)) {
                let tally = score.by_damage.entry(harm).or_default();
                tally.scope += 1;
                tally.found += found;
            }
        }
    }
    score.payments = follow_the_money(truth, &paid_to, measured);
    score
}

/// The counts of a score that are also kept by kind of damage.
fn tally(score: &Score) -> Tally {
    Tally {
        scope: score.scope,
        found: score.found,
        clean: score.clean,
        silent: score.silent,
        flagged: score.flagged,
        suggested_right: score.suggested_right,
    }
}

/// Under which kinds of damage a booking counts.
fn harms(truth: &Truth, key: Option<&str>) -> Vec<String> {
    let Some(key) = key else {
        return vec![NO_TRUE_BOOKING.to_owned()];
    };
    let harms: Vec<String> = truth.harms(key).map(str::to_owned).collect();
    if harms.is_empty() {
        vec![UNDAMAGED.to_owned()]
    } else {
        harms
    }
}

fn is_in_scope(row: &Row, measured: Measured) -> bool {
    let made_in_the_gap = !row.in_backup && row.is_told_of();
    made_in_the_gap || (row.changed_since_backup && measured == Measured::Everything)
}

/// The true booking that a rebuilt one is.
fn identify<'a>(truth: &'a Truth, answer: &Answer) -> Option<(&'a str, &'a Row)> {
    if let Some(found) = answer
        .baseline_key
        .as_ref()
        .and_then(|key| truth.booking(key.as_str()))
    {
        return Some(found);
    }
    let mut votes: Vec<(&str, u32)> = Vec::new();
    for record in &answer.records {
        let Some(owner) = truth.owner(record) else {
            continue;
        };
        match votes.iter_mut().find(|(key, _)| *key == owner) {
            Some((_, count)) => *count += 1,
            None => votes.push((owner, 1)),
        }
    }
    // Of several with as many votes the one that was named first.
    let most = votes.iter().map(|(_, count)| *count).max();
    match votes.iter().find(|(_, count)| Some(*count) == most) {
        Some((key, _)) => truth.booking(key),
        None => truth.by_reference(answer.reference.as_deref().unwrap_or_default()),
    }
}

/// Counts one rebuilt booking. `copies`: how many have been the same true booking so far, with this one.
fn judge(
    answer: &Answer,
    found: Option<(&str, &Row)>,
    comparison: Comparison,
    copies: u64,
    score: &mut Score,
) {
    let flagged = answer.state == State::Flagged;
    let Comparison {
        mut faults,
        mut missing,
    } = comparison;
    if found.is_none() {
        faults.push(Fault::NoSuchBooking);
    }
    if answer.records.is_empty() {
        faults.push(Fault::NoRecord);
    }
    if found.is_some_and(|(_, row)| row.in_backup) && answer.is_insert() {
        faults.push(Fault::AlreadyInTheBackup);
    }
    if copies > 1 {
        faults.push(Fault::SecondCopy);
    }
    score.rebuilt += 1;
    if flagged {
        score.flagged += 1;
        score.suggested_right += u64::from(faults.is_empty() && missing.is_empty());
        return;
    }
    score.clean += 1;
    faults.extend(
        missing
            .extract_if(.., |field| field.is_required())
            .map(Fault::Empty),
    );
    for field in missing {
        *score.missing_fields.entry(field).or_default() += 1;
    }
    if faults.is_empty() {
        score.clean_right += 1;
        return;
    }
    score.silent += 1;
    for fault in &faults {
        *score.wrong_fields.entry(*fault).or_default() += 1;
    }
    score.wrong.push(Wrong {
        id: answer.id.clone(),
        truth: found.map(|(key, _)| key.to_owned()),
        faults,
    });
}

/// Where each true payment since the backup ended up, and which charges are no payments at all.
fn follow_the_money(truth: &Truth, paid_to: &BTreeMap<&str, BTreeSet<&str>>, measured: Measured) -> Payments {
    let mut payers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (key, row) in truth.bookings() {
        let counts = row.is_told_of() && !(measured == Measured::MadeInTheGap && row.in_backup);
        for payment in &row.payments {
            known.insert(&payment.id);
            if counts && payment.at > truth.world.backup {
                payers.entry(&payment.id).or_default().insert(key);
            }
        }
    }
    let mut payments = Payments::default();
    for (charge, bookings) in &payers {
        match paid_to.get(charge) {
            None => payments.none += 1,
            Some(paid) if paid == bookings => payments.own += 1,
            Some(_) => payments.another += 1,
        }
    }
    payments.not_a_payment = paid_to
        .keys()
        .filter(|charge| !known.contains(*charge) && !truth.is_incidental(charge))
        .count() as u64;
    payments
}

#[cfg(test)]
mod tests;
