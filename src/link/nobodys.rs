//! Numbers that are known to be no booking's: a shop's orders that count on with the same numbers.

use super::facts::Facts;
use super::hypothesis::Hypotheses;
use super::units::Unit;
use crate::model::SourceKind;
use std::collections::{BTreeMap, BTreeSet};

/// A number, and whose it may be; None where the record does not tell.
type Numbers = BTreeMap<String, BTreeSet<Option<String>>>;

/// Marks all records whose numbers only messages of such kinds state. What the backup has under a number, or any other
/// message or entry tells of, is a booking's.
pub fn mark(units: &[Unit], facts: &mut [Facts], hypotheses: &Hypotheses) {
    let mut nobodys = Numbers::new();
    for of in facts.iter().filter(|of| of.nobodys) {
        for (number, _) in &of.references {
            if hypotheses.numbered(number, of.tenant.as_deref()).is_empty() {
                let tenants = nobodys.entry(number.clone()).or_default();
                tenants.insert(of.tenant.clone());
            }
        }
    }
    for (unit, of) in units.iter().zip(facts.iter()) {
        if unit.kind != SourceKind::Stripe && !of.nobodys {
            let stated = of.references.iter().map(|(number, _)| number);
            for number in stated.chain(&of.codes) {
                if let Some(tenants) = nobodys.get_mut(number) {
                    tenants.retain(|tenant| !may_be(tenant.as_ref(), of.tenant.as_ref()));
                }
            }
        }
    }
    for of in facts {
        let is_nobodys = |(number, _): &(String, String)| {
            let tenants = nobodys.get(number);
            tenants.is_some_and(|tenants| {
                tenants
                    .iter()
                    .any(|tenant| may_be(tenant.as_ref(), of.tenant.as_ref()))
            })
        };
        of.nobodys = !of.references.is_empty() && of.references.iter().all(is_nobodys);
    }
}

/// Whether two records may be of one tenant.
fn may_be(a: Option<&String>, b: Option<&String>) -> bool {
    a.is_none() || b.is_none() || a == b
}
