//! Whether a booking of which no record tells a number has one: who telephones may get none.

use super::Input;
use crate::model::{About, FieldName};

/// Bookings of the backup whose records tell no number, and how many of them have one all the same.
#[derive(Debug, Default, Clone, Copy)]
pub struct Unnumbered {
    all: u32,
    numbered: u32,
}

impl Unnumbered {
    /// Fewer prove nothing.
    const KNOWN: u32 = 12;

    pub fn learn(input: &Input<'_>) -> Self {
        let mut counted = Self::default();
        for cluster in &input.linked.clusters {
            let About::Baseline(at) = cluster.about else {
                continue;
            };
            let told = cluster.members.iter().map(|at| &input.told[*at]);
            let mut told = told.filter(|told| told.speaks()).peekable();
            let some = told.peek().is_some();
            let mut claims = told.flat_map(|told| &told.claims.claims);
            if some && !claims.any(|claim| claim.field == FieldName::Reference) {
                counted.all += 1;
                counted.numbered += u32::from(input.baseline.bookings[at].reference.is_some());
            }
        }
        counted
    }

    /// Whether hardly any of them has one.
    pub fn is_usual(self) -> bool {
        self.all >= Self::KNOWN && self.numbered * 50 <= self.all
    }
}
