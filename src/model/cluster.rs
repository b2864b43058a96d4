//! The records of one booking, before they are fused.

use super::{Claim, Money, Step};
use std::collections::BTreeMap;

/// What a cluster is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Index into the backup's bookings.
    Baseline(usize),
    /// A booking that the backup does not have.
    New,
}

/// The records that tell of one booking.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub about: About,
    /// Indices into the records, rising.
    pub members: Vec<usize>,
    /// Records that may belong, too weakly tied to decide: (index, bits).
    pub possible: Vec<(usize, f64)>,
    /// Its reference belongs to another booking of the backup.
    pub reused: Option<String>,
    /// The first message about it is missing: what is left follows it.
    pub late: bool,
    /// A person set it apart from another booking; true where both state one number.
    pub set_apart: Option<bool>,
    /// Several things were booked under its number, each of which is a row.
    pub row: Option<Row>,
    /// Why each record is here.
    pub links: Vec<String>,
    /// A charge among the records that pays for other bookings too, and its kin: what of its amount is for this one.
    pub shares: BTreeMap<usize, Share>,
    /// What each comparison told for records that are here, and for those that may be.
    pub weighings: Vec<Weighing>,
}

impl Cluster {
    /// Without a record yet.
    pub fn of(about: About) -> Self {
        Self {
            about,
            members: Vec::new(),
            possible: Vec::new(),
            reused: None,
            late: false,
            set_apart: None,
            row: None,
            links: Vec::new(),
            shares: BTreeMap::new(),
            weighings: Vec::new(),
        }
    }
}

/// One of several things that were booked under one number.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Its own entry, of a new booking.
    pub entry: Option<usize>,
    /// What all of them cost, where it is known what this one does.
    pub whole: Option<Money>,
    /// Where a message states what it costs.
    pub price: Option<Claim>,
}

/// A part of a charge, as it is cut up in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub amount: Money,
    /// What is for the bookings before this one, in minor units.
    pub before: i64,
    /// What of it was given back, in minor units, where that is known.
    pub given_back: Option<i64>,
}

impl Share {
    /// What of a refund falls to this share: what is known, else in proportion and to the cent, so that all shares' parts
    /// come to the refund.
    pub fn of_refund(&self, refunded: Money, whole: Money) -> Money {
        if let Some(minor) = self.given_back {
            return Money::new(minor, self.amount.currency);
        }
        let upto = |minor: i64| match whole.minor {
            0 => 0,
            whole => refunded.minor.saturating_mul(minor) / whole,
        };
        let part = upto(self.before + self.amount.minor) - upto(self.before);
        Money::new(part, self.amount.currency)
    }
}

/// What each comparison told for the place of some records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighing {
    /// Indices into the records, rising: those that share a provider's id.
    pub members: Vec<usize>,
    /// They belong to the cluster; otherwise they may.
    pub is_linked: bool,
    pub steps: Vec<Step>,
    pub next: Option<(Place, Vec<Step>)>,
}

/// Another booking that came into question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub about: About,
    /// A record that tells of it.
    pub record: Option<usize>,
}

/// Records whose places are judged alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Message,
    Entry,
    Payment,
    /// A payment that names nobody.
    Nameless,
}

/// The best place by weight of records that no number and no id places, linked or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// The first of the records.
    pub record: usize,
    /// Index into the clusters; None for a booking that nothing else tells of.
    pub cluster: Option<usize>,
    pub class: Class,
    /// What a link would have to need at most for this one to be made.
    pub bits: f64,
}

/// All clusters, and what belongs to none.
#[derive(Debug, Clone, Default)]
pub struct Linked {
    pub clusters: Vec<Cluster>,
    /// Records of the business that no cluster took, rising.
    pub loose: Vec<usize>,
    /// Records that were weighed with only a part of those that want the same bookings, since they were too many; rising.
    pub cut: Vec<usize>,
    /// In the order of the records.
    pub tried: Vec<Tried>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;

    #[test]
    fn parts_of_a_refund_come_to_the_refund() {
        let money = |minor| Money::new(minor, Currency::parse("usd").expect("a code"));
        let shares = [(0, 5400), (5400, 6200)].map(|(before, minor)| Share {
            amount: money(minor),
            before,
            given_back: None,
        });
        for (refund, parts) in [(5000, [2327, 2673]), (11_600, [5400, 6200]), (0, [0, 0])] {
            let found = shares.map(|share| share.of_refund(money(refund), money(11_600)).minor);
            assert_eq!(found, parts);
        }
    }
}
